//! Whether a case had kept to its SOP when it reached a step: from what lies before that step, never from what came later.

use std::sync::Arc;

use super::align::{Aligner, Event, Goal, Move, Path};
use super::path::{PathDeviation, Work, deviations};
use super::run::Check;
use super::standards::{StandardResult, State};
use super::track::{Choice, Chosen, LookBack, Tracker};
use crate::error::Result;
use crate::sop::FlowNode;

/// Deviations of the beginning of a path, as the cheapest explanation of that beginning sees them.
pub(crate) struct Excuse(Vec<PathDeviation>);

impl Check {
    /// Whether an SOP accepts anything.
    pub(crate) fn accepts_something(&self, path: usize) -> bool {
        !self.sop_of_path(path).1.accepted().is_empty()
    }

    /// The deviations of a distinct path up to an event, if rules of the SOP could accept each of them in some case.
    pub(crate) fn excuse(&self, path: usize, event: u32, work: &mut Beginning) -> Result<Option<Excuse>> {
        let inner = &*self.inner;
        let case = inner.first_case[path] as usize;
        let Some(scenario) = inner.scenario(case) else { return Ok(None) };
        let begun = &inner.path(case)[..=event as usize];
        // The explanation the choices come from: the one that lands where the path stands after the event.
        let state = work.follow(path, &scenario.aligner, inner.sop(scenario).nodes(), begun, &scenario.labels.events)?;
        work.moves.clear();
        work.path.load(&scenario.aligner.automaton, &scenario.labels, begun);
        scenario.aligner.align(&work.path, Goal::Landing(state), &mut work.work.rows, &mut work.moves)?;
        deviations(scenario, begun, &work.moves, false, &mut work.work)?;
        work.work.deviations.retain(|d| d.cost > 0);
        let sop = inner.sop(scenario);
        let acceptable = |d: &PathDeviation| sop.accepted().iter().any(|rule| inner.is_about(rule, sop, d));
        Ok(work.work.deviations.iter().all(acceptable).then(|| Excuse(work.work.deviations.clone())))
    }

    /// Whether all deviations of a beginning are accepted in a case.
    pub(crate) fn excuses(&self, case: usize, excuse: &Excuse) -> bool {
        let inner = &*self.inner;
        inner.scenario(case).is_some_and(|scenario| {
            let sop = inner.sop(scenario);
            excuse.0.iter().all(|d| inner.is_accepted(case, sop, d))
        })
    }

    /// Events of a distinct path that performed a step with standards when they happened, in their order.
    pub(crate) fn performing(&self, path: usize, choices: &[Choice]) -> Vec<u32> {
        let inner = &*self.inner;
        if inner.standards.is_none() {
            return Vec::new();
        }
        let mut events: Vec<u32> = choices.iter().filter(|choice| self.performs(path, choice)).map(|choice| choice.event).collect();
        events.dedup();
        events
    }

    /// Whether the event that shows a choice is the one that performs its step, and that step has standards.
    pub(crate) fn performs(&self, path: usize, choice: &Choice) -> bool {
        let inner = &*self.inner;
        let (Chosen::Done(node) | Chosen::DoneLate(node)) = choice.chosen else { return false };
        if inner.standards.is_none() {
            return false;
        }
        let case = inner.first_case[path] as usize;
        let Some(scenario) = inner.scenario(case) else { return false };
        let sop = inner.sop(scenario);
        let step = sop.nodes()[node as usize].step;
        scenario.labels.events[inner.path(case)[choice.event as usize] as usize] == Event::Planned(step) && !sop.steps()[step as usize].standards.is_empty()
    }

    /// The first of the events at which a standard of the case failed that nobody accepts.
    pub(crate) fn first_failure(&self, case: usize, events: &[u32]) -> u32 {
        self.inner.first_failure(case, events)
    }

    /// What came of the standards of an event of a case: number of the standard in its SOP, and whether it failed; those
    /// that could not be measured are left out.
    pub(crate) fn standards_at(&self, case: usize, event: u32) -> impl Iterator<Item = (u32, bool, f64)> {
        let all = self.inner.standards.as_ref().map_or(&[][..], |standards| standards.of(case));
        let from = all.partition_point(|m| m.event < event);
        all[from..].iter().take_while(move |m| m.event == event).filter(|m| m.state != State::NotMeasured).map(|m| (m.rule, m.state == State::Failed, m.value))
    }

    /// Id of the step that a standard of an SOP belongs to.
    pub(crate) fn step_of_rule(&self, sop: u32, rule: u32) -> Option<String> {
        let step = self.inner.standards.as_ref()?.rules[sop as usize].list.get(rule as usize)?.step;
        let sop = self.inner.playbook.sops().nth(sop as usize)?;
        sop.steps().get_index(step as usize).map(|(id, _)| id.clone())
    }

    /// A standard of an SOP in general.
    pub(crate) fn standard(&self, sop: u32, rule: u32) -> Option<StandardResult> {
        Some(self.inner.standards.as_ref()?.rules[sop as usize].list[rule as usize].result())
    }
}

/// Memory for aligning beginnings, used again.
pub(crate) struct Beginning {
    work: Work,
    path: Path,
    moves: Vec<Move>,
    back: LookBack,
    /// Follows the distinct path at hand, so many events of it so far.
    following: Option<(usize, Tracker, usize)>,
}

impl Beginning {
    pub(crate) fn new() -> Self {
        Self { work: Work::new(), path: Path::default(), moves: Vec::new(), back: LookBack::new(), following: None }
    }

    /// Where a path stands after the events; those of one path are asked for in their order.
    fn follow(&mut self, path: usize, aligner: &Arc<Aligner>, nodes: &[FlowNode], labels: &[u32], of_label: &[Event]) -> Result<u32> {
        let current = self.following.take().filter(|(of, _, pushed)| *of == path && *pushed <= labels.len());
        let (_, mut tracker, pushed) = current.unwrap_or_else(|| (path, Tracker::new(aligner.clone()), 0));
        let mut choices = Vec::new();
        for &label in &labels[pushed..] {
            tracker.push(nodes, of_label[label as usize], label, &mut self.back, &mut choices)?;
        }
        let state = tracker.state;
        self.following = Some((path, tracker, labels.len()));
        Ok(state)
    }
}
