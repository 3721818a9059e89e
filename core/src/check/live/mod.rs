//! A conversation that is still running: push steps, see where it stands, take steps back, save it and go on later.
//!
//! Sessions of one SOP and scenario share its tables ([`Prepared`]), whoever opens them; a session itself holds two rows of
//! costs and what was pushed. What is said of a session comes from its steps so far by the same code that checks finished
//! conversations.

mod open;
mod said;
#[cfg(all(test, feature = "simulate"))]
mod tests;

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use jiff::civil::Date;

pub use said::{DistanceToEnd, LiveChoice, LiveChoices, LiveState};

use super::align::{Goal, Move};
use super::alignment::Deviation;
use super::path::{DeviationKind, PathDeviation, Work, lay_out, step_of};
use super::run::{accepts, day_of};
use super::scenario::{Prepared, UNKNOWN};
use super::track::{Choice, LookBack, Mark, Tracker};
use crate::corpus::Names;
use crate::error::{Error, Fault, Result};
use crate::sop::{Actor, Sop};

/// One running conversation against an SOP. The same choices come out when the finished conversation is checked.
///
/// ```
/// use goldpath::Sop;
/// let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, price, close], flow: [open, need, price, close]}")?;
/// let mut session = sop.live(|_| None)?;
/// session.push("open")?;
/// assert_eq!(session.allowed(), ["need"]);
/// let choices: Vec<_> = session.push("price")?.collect();
/// assert_eq!((choices[0].chosen, choices[0].step), ("skipped", "need"));
/// assert_eq!(session.deviations()?[0].sentence_en(), "“need” was skipped; it is due after “open” (as it stands now).");
/// assert_eq!(session.distance_to_end()?.steps, ["close"]);
///
/// let saved = session.to_json();
/// assert_eq!(session.undo(), Some("price".to_owned()));
/// assert_eq!(session.cost(), 0);
/// assert_eq!(sop.resume(&saved)?.cost(), 1);
/// # Ok::<(), goldpath::Error>(())
/// ```
pub struct LiveSession {
    sop: Sop,
    prepared: Arc<Prepared>,
    /// Attributes that the SOP or playbook asks for.
    attributes: Vec<(String, String)>,
    day: Option<Date>,
    tracker: Tracker,
    /// Labels that the SOP does not know, numbered behind its steps.
    labels: Names,
    /// Numbers of the labels pushed.
    history: Vec<u32>,
    fresh: Vec<Choice>,
    /// Where it stood on the way, ever closer together: made by taking back, so that taking back more is quick.
    marks: Vec<Mark>,
}

/// What sessions of one thread use in turn.
struct Tools {
    back: LookBack,
    work: Work,
    moves: Vec<Move>,
}

thread_local! {
    static TOOLS: RefCell<Tools> = RefCell::new(Tools { back: LookBack::new(), work: Work::new(), moves: Vec::new() });
}

impl LiveSession {
    /// Most steps of one session.
    pub const MOST_EVENTS: usize = 100_000;
    /// Longest label that the SOP does not know, in bytes.
    pub const LONGEST_LABEL: usize = 1_000;

    fn open<'a>(sop: &Sop, asked: &[&str], attribute: impl Fn(&str) -> Option<Cow<'a, str>>) -> Result<Self> {
        let whens: Vec<bool> = sop.whens().iter().map(|when| when.holds(&attribute)).collect();
        let prepared = Prepared::of(sop, &whens)?;
        let mut attributes: Vec<(String, String)> = Vec::new();
        let conditions = sop.whens().iter().chain(sop.accepted().iter().map(|rule| &rule.when));
        let names = asked.iter().copied().chain(conditions.flat_map(|when| when.0.keys().map(String::as_str))).chain(["started_at"]);
        for name in names {
            if let Some(value) = attribute(name)
                && attributes.iter().all(|(have, _)| have != name)
            {
                attributes.push((name.to_owned(), value.into_owned()));
            }
        }
        let day = attributes.iter().find(|(name, _)| name == "started_at").map(|(_, text)| day(text)).transpose()?;
        Ok(Self {
            sop: sop.clone(),
            attributes,
            day,
            tracker: Tracker::new(prepared.aligner.clone()),
            prepared,
            labels: Names::default(),
            history: Vec::new(),
            fresh: Vec::new(),
            marks: Vec::new(),
        })
    }

    /// Takes the next step; gives the choices it shows. A step that cannot be taken changes nothing.
    ///
    /// # Errors
    /// [`Error::Argument`] for a step without a name. [`Error::Limit`] past [`LiveSession::MOST_EVENTS`], for an unknown
    /// label past [`LiveSession::LONGEST_LABEL`], or if an SOP beyond the tabulated size needs more search than the stated
    /// limit.
    pub fn push(&mut self, step: &str) -> Result<LiveChoices<'_>> {
        if self.history.len() >= Self::MOST_EVENTS {
            let message = format!("a live session takes at most {} steps", Self::MOST_EVENTS);
            return Err(Error::Limit(Box::new(Fault::new("live.too_long", message).help("check the finished conversation instead"))));
        }
        let (label, event) = match self.sop.steps().get_index_of(step) {
            Some(known) => (known as u32, self.prepared.event_of_step(known)),
            None if step.is_empty() => return Err(Error::argument("step", "the step has no name", "name the step, or push none")),
            None if step.len() > Self::LONGEST_LABEL => {
                let message = format!("the label has {} bytes; a live session takes labels of up to {}", step.len(), Self::LONGEST_LABEL);
                return Err(Error::Limit(Box::new(Fault::new("live.long_label", message).at_place("step").help("push the name of a step, not a text"))));
            }
            None => (self.sop.steps().len() as u32 + self.labels.intern(step), UNKNOWN),
        };
        self.fresh.clear();
        let pushed = TOOLS.with_borrow_mut(|tools| self.tracker.push(self.sop.nodes(), event, label, &mut tools.back, &mut self.fresh));
        if let Err(error) = pushed {
            self.forget_label(label);
            return Err(error);
        }
        self.history.push(label);
        Ok(LiveChoices { session: self, list: self.fresh.iter() })
    }

    /// Takes the last step back; gives its label, `None` where there is none. The session is then as if it had never been
    /// pushed.
    pub fn undo(&mut self) -> Option<String> {
        /// Steps that are pushed again without marking the way.
        const FEW: usize = 32;
        let label = self.history.pop()?;
        let target = self.history.len();
        self.fresh.clear();
        while self.marks.last().is_some_and(|mark| mark.events > target) {
            self.marks.pop();
        }
        let marked = self.marks.last().map_or(0, |mark| mark.events);
        match self.marks.last() {
            Some(mark) => self.tracker.rewind(mark),
            None => self.tracker.restart(),
        }
        let mut latest = marked;
        TOOLS.with_borrow_mut(|tools| {
            for at in marked..target {
                // Halving the way each time keeps few marks, and few steps to push again for the next ones taken back.
                if target - latest > FEW && at == latest + (target - latest) / 2 {
                    self.marks.push(self.tracker.mark());
                    latest = at;
                }
                let number = self.history[at];
                let event = if (number as usize) < self.sop.steps().len() { self.prepared.event_of_step(number as usize) } else { UNKNOWN };
                // What was taken once is taken again.
                let again = self.tracker.push(self.sop.nodes(), event, number, &mut tools.back, &mut self.fresh);
                debug_assert!(again.is_ok(), "a step that was taken before");
                self.fresh.clear();
            }
        });
        let text = self.label(label).to_owned();
        self.forget_label(label);
        Some(text)
    }

    /// Forgets a label that no step carries any more.
    fn forget_label(&mut self, label: u32) {
        let last = self.labels.len() + self.sop.steps().len() == label as usize + 1;
        if last && label as usize >= self.sop.steps().len() && !self.history.contains(&label) {
            self.labels.pop();
        }
    }

    /// The SOP the conversation is held against.
    pub fn sop(&self) -> &Sop {
        &self.sop
    }

    /// The labels pushed so far.
    pub fn history(&self) -> impl ExactSizeIterator<Item = &str> {
        self.history.iter().map(|&label| self.label(label))
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
        for id in steps.into_iter().filter_map(|node| step_of(&self.sop, node)) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// Step last reached; `None` before the first.
    pub fn point(&self) -> Option<&str> {
        step_of(&self.sop, self.tracker.point.node)
    }

    /// For the how-manieth time the step last reached was reached: 1, 2, or 3 for every further time.
    pub(crate) fn visit(&self) -> u8 {
        self.tracker.point.visit
    }

    /// Labels pushed since the step last reached.
    pub(crate) fn since_point(&self) -> Vec<&str> {
        let point = self.point();
        let from = self.history.iter().rposition(|&label| Some(self.label(label)) == point).map_or(0, |at| at + 1);
        self.history[from..].iter().map(|&label| self.label(label)).collect()
    }

    /// Cost of the conversation so far as the beginning of a run; 0 while it conforms.
    pub fn cost(&self) -> u32 {
        self.tracker.cost
    }

    /// Whether the SOP may end here: nothing that costs anything is still to come.
    ///
    /// # Errors
    /// As [`LiveSession::push`], for SOPs beyond the tabulated size.
    pub fn may_end(&self) -> Result<bool> {
        Ok(self.distance_to_end()?.cost == 0)
    }

    /// The cheapest way from here to the end of the SOP: what is still to come.
    ///
    /// # Errors
    /// As [`LiveSession::push`], for SOPs beyond the tabulated size.
    pub fn distance_to_end(&self) -> Result<DistanceToEnd> {
        TOOLS.with_borrow_mut(|Tools { moves, .. }| {
            moves.clear();
            let cost = self.tracker.aligner().rest(self.tracker.state, moves)?;
            let steps = moves.iter().filter_map(|m| step_of(&self.sop, m.node())).map(ToOwned::to_owned).collect();
            Ok(DistanceToEnd { cost, steps })
        })
    }

    /// Deviations so far, in the order of the path, all provisional: what comes next may show them in another light.
    ///
    /// They are those of the canonical cheapest explanation that leads to where the conversation stands, found and paired
    /// by the rules of the check. [`Check::alignment`](super::Check::alignment) of the same steps finds the same ones,
    /// unless it sees the path differently as a whole. Standards are measured on finished conversations only.
    ///
    /// # Errors
    /// As [`LiveSession::push`], for SOPs beyond the tabulated size.
    pub fn deviations(&self) -> Result<Vec<Deviation>> {
        let named = |d: &PathDeviation| {
            let step = if d.kind == DeviationKind::Skipped { step_of(&self.sop, d.node).unwrap_or_default() } else { self.label(d.label) };
            let attribute = |name: &str| self.attributes.iter().find(|(have, _)| have == name).map(|(_, value)| Cow::Borrowed(value.as_str()));
            let accepted = self.sop.accepted().iter().any(|rule| accepts(rule, d.kind, step, self.day, attribute));
            Deviation { accepted, provisional: true, ..Deviation::of(&self.sop, d, step) }
        };
        if self.tracker.cost == 0 {
            return Ok(Vec::new());
        }
        TOOLS.with_borrow_mut(|tools| {
            self.explain(tools)?;
            Ok(tools.work.deviations.iter().filter(|d| d.cost > 0).map(named).collect())
        })
    }

    /// The moves and deviations of the explanation that holds now.
    fn explain(&self, Tools { work, moves, .. }: &mut Tools) -> Result<()> {
        let (aligner, path) = (self.tracker.aligner(), self.tracker.path());
        moves.clear();
        aligner.align(path, Goal::At(self.tracker.state), &mut work.rows, moves)?;
        lay_out(&aligner.automaton, path, &self.history, moves, None, &mut work.deviations);
        Ok(())
    }

    /// No deviation so far but accepted ones.
    ///
    /// # Errors
    /// As [`LiveSession::push`], for SOPs beyond the tabulated size.
    pub fn conforms_so_far(&self) -> Result<bool> {
        Ok(self.tracker.cost == 0 || (!self.sop.accepted().is_empty() && self.deviations()?.iter().all(|d| d.accepted)))
    }

    /// All that is known of the conversation, at once.
    ///
    /// # Errors
    /// As [`LiveSession::push`], for SOPs beyond the tabulated size.
    pub fn state(&self) -> Result<LiveState> {
        let distance_to_end = self.distance_to_end()?;
        Ok(LiveState {
            point: self.point().map(ToOwned::to_owned),
            visit: self.tracker.point.visit,
            events: self.history.len(),
            cost: self.cost(),
            conforms_so_far: self.conforms_so_far()?,
            may_end: distance_to_end.cost == 0,
            allowed: self.allowed().into_iter().map(ToOwned::to_owned).collect(),
            deviations: self.deviations()?,
            distance_to_end,
        })
    }

    /// Bytes of memory the session takes, beside what sessions of its scenario share: a few hundred, 32 for each step
    /// pushed, and the labels that the SOP does not know.
    pub fn bytes(&self) -> usize {
        let texts: usize = self.labels.iter().map(|label| label.len() + 48).sum();
        size_of::<Self>()
            + self.tracker.bytes()
            + self.history.capacity() * size_of::<u32>()
            + self.fresh.capacity() * size_of::<Choice>()
            + self.marks.iter().map(Mark::bytes).sum::<usize>()
            + self.attributes.iter().map(|(name, value)| name.len() + value.len() + size_of::<(String, String)>()).sum::<usize>()
            + texts
    }

    fn label(&self, label: u32) -> &str {
        let steps = self.sop.steps();
        let known = steps.get_index(label as usize).map(|(id, _)| id.as_str());
        known.or_else(|| self.labels.get(label - steps.len() as u32)).unwrap_or_default()
    }
}

/// A day, or the day of a moment.
fn day(text: &str) -> Result<Date> {
    let day = text.parse::<jiff::Timestamp>().map(day_of).or_else(|_| text.parse::<Date>());
    day.map_err(|error| {
        Error::argument("started_at", format!("`{}` is no time: {error}", crate::text::short(text, 40)), "such as 2026-05-04 or 2026-05-04T09:30:00Z")
    })
}

impl std::fmt::Display for LiveSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LiveSession(after {}, cost {}, next: {})", self.point().unwrap_or("nothing"), self.cost(), self.allowed().join(" | "))
    }
}

impl std::fmt::Debug for LiveSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
