//! What a case did and where it deviates, in numbers: what points are counted from.

use super::align::MoveKind;
use super::parts::Origin;
use super::path::{DeviationKind, NOWHERE, Work};
use super::run::Check;
use super::standards::Measured;
use crate::error::Result;
use crate::sop::Sop;

/// A deviation of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) kind: DeviationKind,
    /// Index of the step in the SOP; `NOWHERE` for a label that it does not know.
    pub(crate) step: u32,
    pub(crate) event: u32,
    /// Number of the standard in the SOP; `NOWHERE` for other deviations.
    pub(crate) rule: u32,
    pub(crate) accepted: bool,
}

/// Steps performed, in their place or out of order, and deviations, in the order of [`Alignment`](super::Alignment).
#[derive(Default)]
pub(crate) struct Account {
    /// Index of the step, and the event.
    pub(crate) performed: Vec<(u32, u32)>,
    pub(crate) deviations: Vec<Counted>,
    work: Option<Work>,
}

impl Check {
    /// What a case did and where it deviates; gives the number of its SOP, `None` where none takes it.
    pub(crate) fn account(&self, case: usize, account: &mut Account) -> Result<Option<u32>> {
        let inner = &*self.inner;
        account.performed.clear();
        account.deviations.clear();
        let Some(scenario) = inner.scenario(case) else { return Ok(None) };
        let (sop, path) = (inner.sop(scenario), inner.path_of[case] as usize);
        let step_of = |node: u32| sop.nodes().get(node as usize).map_or(NOWHERE, |node| node.step);
        let mut event = 0;
        for m in inner.moves(path) {
            if m.kind() == MoveKind::Matched {
                account.performed.push((step_of(m.node()), event));
            }
            event += u32::from(m.kind() != MoveKind::Skipped);
        }
        let work = account.work.get_or_insert_with(Work::new);
        inner.case_deviations(case, work)?;
        for d in &work.deviations {
            let step = match d.kind {
                DeviationKind::Skipped | DeviationKind::OutOfOrder => step_of(d.node),
                _ => self.step_of_label(sop, d.label).unwrap_or(NOWHERE),
            };
            if d.kind == DeviationKind::OutOfOrder {
                account.performed.push((step, d.event));
            }
            account.deviations.push(Counted { kind: d.kind, step, event: d.event, rule: d.standard, accepted: inner.is_accepted(case, sop, d) });
        }
        Ok(Some(scenario.sop))
    }

    /// Whether each event of a case was matched by its alignment, in order; nothing where no SOP takes the case.
    pub(crate) fn matched_events(&self, case: usize) -> impl Iterator<Item = bool> {
        let path = self.path_of(case);
        let moves = path.map_or(&[][..], |path| self.inner.moves(path));
        moves.iter().filter(|m| m.kind() != MoveKind::Skipped).map(|m| m.kind() == MoveKind::Matched)
    }

    /// Number in its case of an event of the path, its turns, and where it comes from in a deal.
    pub(crate) fn event(&self, case: usize, event: u32) -> (u32, Option<(u32, u32)>, Option<Origin>) {
        let (inner, store) = (&*self.inner, self.inner.corpus.store());
        let event = inner.used.event(store, case, event);
        (event, store.turns_of(store.events(case).start + event as usize), inner.origin(case, Some(event), None))
    }

    /// What the standards of a case came to, where its steps were performed.
    pub(crate) fn measured(&self, case: usize) -> impl Iterator<Item = &Measured> {
        self.inner.standards.as_ref().map_or(&[][..], |standards| standards.of(case)).iter().filter(|m| m.performed)
    }

    /// The standards of an SOP, by number: index of the step, key and name.
    pub(crate) fn standards_of(&self, sop: u32) -> impl Iterator<Item = (u32, &str, &str)> {
        let rules = self.inner.standards.as_ref().map_or(&[][..], |standards| &standards.rules[sop as usize].list);
        rules.iter().map(|rule| (rule.step, rule.key.as_str(), rule.name.as_str()))
    }

    /// Whether a distinct path came to the end of the flow.
    pub(crate) fn ends_flow(&self, path: usize) -> bool {
        self.inner.figures[path].is_complete()
    }

    /// Of the steps that were due in a case, how many were done: what adherence is the quotient of.
    pub(crate) fn adhered(&self, case: usize) -> Option<(u32, u32)> {
        self.inner.figures.get(self.inner.path_of[case] as usize).map(|figures| (figures.adhered, figures.due))
    }

    /// The label at an event of the path of a case.
    pub(crate) fn label_at(&self, case: usize, event: u32) -> Option<&str> {
        self.inner.corpus.store().steps.get(*self.inner.path(case).get(event as usize)?)
    }

    /// Number of the team of a case.
    pub(crate) fn team_of(&self, case: usize) -> u32 {
        self.inner.team[case]
    }

    /// The SOP of a case.
    pub(crate) fn sop_of(&self, case: usize) -> Option<&Sop> {
        Some(self.inner.sop(self.inner.scenario(case)?))
    }
}
