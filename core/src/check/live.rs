//! A conversation that is still running: push steps, see where it stands.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use super::align::Aligner;
use super::path::NOWHERE;
use super::scenario::event;
use super::track::{Choice, Chosen, Tracker};
use crate::corpus::Names;
use crate::error::Result;
use crate::sop::{Actor, Sop};

/// A choice that was seen at a decision point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LiveChoice {
    /// Step last reached when the choice was made; `None` before the first.
    pub point: Option<String>,
    /// For the how-manieth time that step was reached: 1, 2, or 3 for every further time.
    pub visit: u8,
    /// `done`, `skipped`, `done_late` or `added`.
    pub chosen: &'static str,
    /// The step or label.
    pub step: String,
    /// Number of the event that showed it, from 0.
    pub event: u32,
}

/// One running conversation against an SOP. The same choices come out when the finished conversation is checked.
///
/// ```
/// use goldpath::Sop;
/// let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, price, close], flow: [open, need, price, close]}")?;
/// let mut session = sop.live(|_| None)?;
/// session.push("open")?;
/// assert_eq!(session.allowed(), ["need"]);
/// let choices = session.push("price")?;
/// assert_eq!((choices[0].chosen, choices[0].step.as_str()), ("skipped", "need"));
/// # Ok::<(), goldpath::Error>(())
/// ```
pub struct LiveSession {
    sop: Sop,
    tracker: Tracker,
    labels: Names,
    fresh: Vec<Choice>,
}

impl Sop {
    /// Starts a live session; `attribute` gives the attributes of the case as text, for `when` blocks.
    ///
    /// # Errors
    /// [`Error::Limit`](crate::Error::Limit) if the flow of this scenario compiles to more states than the stated limit.
    pub fn live<'a>(&self, attribute: impl Fn(&str) -> Option<Cow<'a, str>>) -> Result<LiveSession> {
        let whens: Vec<bool> = self.whens().iter().map(|when| when.holds(&attribute)).collect();
        let aligner = Arc::new(Aligner::new(self.automaton(&whens)?));
        Ok(LiveSession { sop: self.clone(), tracker: Tracker::new(aligner), labels: Names::default(), fresh: Vec::new() })
    }
}

impl LiveSession {
    /// Takes the next step; gives the choices it shows.
    ///
    /// # Errors
    /// [`Error::Limit`](crate::Error::Limit) if an SOP beyond the tabulated size needs more search than the stated limit.
    pub fn push(&mut self, step: &str) -> Result<Vec<LiveChoice>> {
        let label = self.labels.intern(step);
        let event = event(&self.sop, self.tracker.automaton(), step);
        self.fresh.clear();
        self.tracker.push(self.sop.nodes(), event, label, &mut self.fresh)?;
        Ok(self.fresh.iter().map(|choice| self.named(choice)).collect())
    }

    /// Steps the SOP plans next, in file order: those that follow without leaving anything out.
    pub fn allowed(&self) -> Vec<&str> {
        let automaton = self.tracker.automaton();
        let mut steps: Vec<u32> = Vec::new();
        let mut seen = vec![self.tracker.state];
        let mut next = 0;
        while next < seen.len() {
            for edge in automaton.edges(seen[next]) {
                steps.push(edge.node);
                let by_customer = self.sop.steps()[automaton.node_step[edge.node as usize] as usize].by == Actor::Customer;
                if by_customer && !seen.contains(&edge.to) {
                    seen.push(edge.to);
                }
            }
            next += 1;
        }
        steps.sort_unstable();
        let mut ids: Vec<&str> = Vec::new();
        for id in steps.into_iter().filter_map(|node| self.step(node)) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// Step last reached; `None` before the first.
    pub fn point(&self) -> Option<&str> {
        self.step(self.tracker.point.node)
    }

    /// Cost of the conversation so far as the beginning of a run; 0 while it conforms.
    pub fn cost(&self) -> u32 {
        self.tracker.cost
    }

    /// Whether the SOP may end here.
    pub fn may_end(&self) -> bool {
        self.tracker.automaton().accepting[self.tracker.state as usize]
    }

    fn step(&self, node: u32) -> Option<&str> {
        let node = self.sop.nodes().get(node as usize)?;
        self.sop.steps().get_index(node.step as usize).map(|(id, _)| id.as_str())
    }

    fn named(&self, choice: &Choice) -> LiveChoice {
        let (chosen, step) = match choice.chosen {
            Chosen::Done(node) => ("done", self.step(node)),
            Chosen::Skipped(node) => ("skipped", self.step(node)),
            Chosen::DoneLate(node) => ("done_late", self.step(node)),
            Chosen::Added(label) => ("added", self.labels.get(label)),
        };
        LiveChoice {
            point: if choice.point.node == NOWHERE { None } else { self.step(choice.point.node).map(ToOwned::to_owned) },
            visit: choice.point.visit,
            chosen,
            step: step.unwrap_or_default().to_owned(),
            event: choice.event,
        }
    }
}

impl std::fmt::Display for LiveSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LiveSession(after {}, cost {}, next: {})", self.point().unwrap_or("nothing"), self.cost(), self.allowed().join(" | "))
    }
}
