//! Standards of steps, measured on the turns of each case: what was met, what failed, what could not be measured.
//!
//! Turns differ from case to case, so this is found a case and not a distinct path, in parallel, and only where an SOP has
//! standards. A failed one is a deviation of its case ([`DeviationKind::BelowStandard`] or [`DeviationKind::Late`]) that
//! costs nothing in the alignment.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use serde::Serialize;

use super::align::{Event, MoveKind};
use super::meter::{Meter, Rule, Rules};
use super::path::{DeviationKind, NOWHERE, PathDeviation, Work};
use super::run::Inner;
use super::scenario::{Looked, Scenario};
use crate::error::Result;
use crate::progress::Progress;
use crate::sop::{Measure, Sop, Standard, Unit};

/// Cases measured together by one thread.
const CHUNK: usize = 256;

/// A standard and, of a case, what was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StandardResult {
    /// Its title, or its key where it has none.
    pub name: String,
    /// Its key within the step: the key of its measure, with `_2`, `_3`, … where the step has several of it.
    pub key: String,
    /// Key of the measure, such as `questions`.
    pub measure: &'static str,
    /// What was measured; `None` where the standard is spoken of in general.
    pub value: Option<f64>,
    /// Unit of the value and the bounds.
    pub unit: Unit,
    /// The value must not be less.
    pub at_least: Option<f64>,
    /// The value must not be more.
    pub at_most: Option<f64>,
    /// Title of the step a time limit counts from.
    pub after: Option<String>,
    /// The standard as it is written in the SOP, where hosts find it by its step and key.
    #[serde(skip)]
    pub standard: Standard,
}

/// What came of a standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Met,
    Failed,
    NotMeasured,
}

/// What one standard of one event came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Number of the event in its case.
    pub(crate) event: u32,
    /// Number of the standard in its SOP.
    pub(crate) rule: u32,
    pub(crate) state: State,
    /// The event performs the step, in its place or out of order; else it is only known for comparisons.
    pub(crate) performed: bool,
    pub(crate) unit: Unit,
    pub(crate) value: f64,
}

impl Measured {
    /// It is a deviation of its case.
    fn deviates(&self) -> bool {
        self.performed && self.state == State::Failed
    }
}

/// The standards of all cases.
pub(crate) struct Standards {
    /// By SOP of the playbook.
    pub(crate) rules: Vec<Rules>,
    /// Where the measurements of each case end.
    ends: Vec<usize>,
    list: Vec<Measured>,
    /// Failed ones of each case, and of these those nobody accepted.
    pub(super) failed: Vec<u32>,
    pub(super) unaccepted: Vec<u32>,
}

impl Standards {
    fn range(&self, case: usize) -> std::ops::Range<usize> {
        let from = if case == 0 { 0 } else { self.ends[case - 1] };
        from..self.ends[case]
    }

    /// All measurements of a case, in the order of its events.
    pub(crate) fn of(&self, case: usize) -> &[Measured] {
        &self.list[self.range(case)]
    }

    fn rule(&self, sop: u32, m: &Measured) -> &Rule {
        &self.rules[sop as usize].list[m.rule as usize]
    }
}

/// The events of each distinct path that perform a step with standards, in their order.
struct Performed {
    ends: Vec<usize>,
    events: Vec<u32>,
}

impl Inner {
    /// Measures the standards of all cases; `None` where no SOP has any.
    pub(super) fn measure_standards(&self, progress: &Progress<'_>) -> Result<Option<Standards>> {
        if self.playbook.sops().all(|sop| sop.steps().values().all(|step| step.standards.is_empty())) {
            return Ok(None);
        }
        let store = self.corpus.store();
        let rules = self.playbook.sops().map(|sop| Rules::of(sop, store)).collect::<Result<Vec<_>>>()?;
        let whens: Vec<Vec<Looked<'_>>> = rules.iter().map(|rules| rules.list.iter().map(|rule| Looked::of(&rule.standard.when, store)).collect()).collect();
        let performed = self.performed(&rules)?;
        let (done, total) = (AtomicU64::new(0), self.path_of.len() as u64);
        let parts: Vec<Result<(Vec<usize>, Vec<Measured>)>> = (0..self.path_of.len().div_ceil(CHUNK))
            .into_par_iter()
            .map_init(
                || rules.iter().zip(&whens).map(|(rules, whens)| Meter::new(store, &self.used, rules, whens)).collect::<Vec<_>>(),
                |meters, chunk| {
                    let cases = chunk * CHUNK..((chunk + 1) * CHUNK).min(self.path_of.len());
                    let (mut ends, mut list) = (Vec::with_capacity(cases.len()), Vec::new());
                    for case in cases.clone() {
                        if let Some(scenario) = self.scenario(case) {
                            let path = self.path_of[case] as usize;
                            let from = if path == 0 { 0 } else { performed.ends[path - 1] };
                            meters[scenario.sop as usize].case(case, scenario, &performed.events[from..performed.ends[path]], &mut list);
                        }
                        ends.push(list.len());
                    }
                    let n = cases.len() as u64;
                    progress.step("standards", done.fetch_add(n, Ordering::Relaxed) + n, total)?;
                    Ok((ends, list))
                },
            )
            .collect();
        let mut all = Standards { rules, ends: Vec::with_capacity(self.path_of.len()), list: Vec::new(), failed: Vec::new(), unaccepted: Vec::new() };
        for part in parts {
            let (ends, list) = part?;
            let base = all.list.len();
            all.ends.extend(ends.into_iter().map(|end| base + end));
            all.list.extend(list);
        }
        all.failed = (0..self.path_of.len()).map(|case| all.of(case).iter().filter(|m| m.deviates()).count() as u32).collect();
        all.unaccepted = (0..self.path_of.len())
            .map(|case| {
                let Some(scenario) = self.scenario(case).filter(|_| all.failed[case] > 0) else { return 0 };
                let sop = self.sop(scenario);
                if sop.accepted().is_empty() {
                    return all.failed[case];
                }
                all.of(case).iter().filter(|m| m.deviates() && !self.is_accepted(case, sop, &self.failure(case, &all, scenario, m))).count() as u32
            })
            .collect();
        Ok(Some(all))
    }

    /// Whether a standard of a step could be measured in a case, whichever of its events are there.
    pub(super) fn may_measure(&self, case: usize, scenario: &Scenario, step: u32) -> bool {
        let Some(standards) = &self.standards else { return false };
        let rules = &standards.rules[scenario.sop as usize];
        let store = self.corpus.store();
        let (turns, times) = (!store.turn_range(case).is_empty(), !store.at.is_empty());
        rules.of_step(step).any(|rule| match rules.list[rule].standard.measure {
            Measure::Requires(_) => true,
            Measure::After(_) | Measure::WithinMinutes(_) => turns || times,
            _ => turns,
        })
    }

    /// Which events of the distinct paths perform a step with standards.
    fn performed(&self, rules: &[Rules]) -> Result<Performed> {
        let parts: Vec<Result<Vec<Vec<u32>>>> = (0..self.figures.len().div_ceil(CHUNK))
            .into_par_iter()
            .map_init(Work::new, |work, chunk| {
                (chunk * CHUNK..((chunk + 1) * CHUNK).min(self.figures.len()))
                    .map(|path| {
                        let case = self.first_case[path] as usize;
                        let Some(scenario) = self.scenario(case) else { return Ok(Vec::new()) };
                        let (rules, nodes) = (&rules[scenario.sop as usize], self.sop(scenario).nodes());
                        let mut events = Vec::new();
                        let mut event = 0;
                        for m in self.moves(path) {
                            if m.kind() == MoveKind::Matched && !rules.of_step(nodes[m.node() as usize].step).is_empty() {
                                events.push(event);
                            }
                            event += u32::from(m.kind() != MoveKind::Skipped);
                        }
                        self.deviations(path, work)?;
                        let labels = self.path(case);
                        let moved = work.deviations.iter().filter(|d| d.kind == DeviationKind::OutOfOrder).filter(
                            |d| matches!(scenario.labels.events[labels[d.event as usize] as usize], Event::Planned(step) if !rules.of_step(step).is_empty()),
                        );
                        let matched = events.len();
                        events.extend(moved.map(|d| d.event));
                        if events.len() > matched {
                            events.sort_unstable();
                        }
                        Ok(events)
                    })
                    .collect()
            })
            .collect();
        let mut performed = Performed { ends: Vec::with_capacity(self.figures.len()), events: Vec::new() };
        for part in parts {
            for events in part? {
                performed.events.extend(events);
                performed.ends.push(performed.events.len());
            }
        }
        Ok(performed)
    }

    /// A failed standard as a deviation that does not know its place yet.
    fn failure(&self, case: usize, standards: &Standards, scenario: &Scenario, m: &Measured) -> PathDeviation {
        PathDeviation {
            kind: standards.rule(scenario.sop, m).kind(),
            label: self.path(case)[m.event as usize],
            node: NOWHERE,
            after: NOWHERE,
            event: m.event,
            due: NOWHERE,
            due_after: NOWHERE,
            cost: 0,
            disputed: false,
            standard: m.rule,
        }
    }

    /// All deviations of a case, in the order of its path, into `work.deviations`: those of its path, and its failed standards.
    pub(super) fn case_deviations(&self, case: usize, work: &mut Work) -> Result<()> {
        let path = self.path_of[case] as usize;
        self.deviations(path, work)?;
        let (Some(standards), Some(scenario)) = (self.standards.as_ref().filter(|standards| standards.failed[case] > 0), self.scenario(case)) else {
            return Ok(());
        };
        let of_path = std::mem::take(&mut work.deviations);
        let mut rest = of_path.iter().peekable();
        // Skips before an event come before it.
        let position = |d: &PathDeviation| if d.event == NOWHERE { d.due } else { d.event };
        let mut moves = self.moves(path).iter();
        let (mut event, mut after, mut node) = (0, NOWHERE, NOWHERE);
        for m in standards.of(case).iter().filter(|m| m.deviates()) {
            while let Some(&d) = rest.next_if(|d| position(d) <= m.event) {
                work.deviations.push(d);
            }
            // The place that was matched at the event, or that an event out of order stands for; and the one before it.
            while event <= m.event
                && let Some(step) = moves.next()
            {
                if step.kind() == MoveKind::Matched {
                    after = if node == NOWHERE { after } else { node };
                    node = step.node();
                } else if step.kind() != MoveKind::Skipped {
                    after = if node == NOWHERE { after } else { node };
                    node = NOWHERE;
                }
                event += u32::from(step.kind() != MoveKind::Skipped);
            }
            let moved = work.deviations.iter().rev().take_while(|d| position(d) == m.event).find(|d| d.kind == DeviationKind::OutOfOrder);
            let place = moved.map_or((node, after), |d| (d.node, d.after));
            work.deviations.push(PathDeviation { node: place.0, after: place.1, ..self.failure(case, standards, scenario, m) });
        }
        work.deviations.extend(rest);
        Ok(())
    }

    /// What was measured of a failed standard.
    pub(super) fn standard_result(&self, case: usize, d: &PathDeviation) -> Option<StandardResult> {
        let standards = self.standards.as_ref().filter(|_| d.standard != NOWHERE)?;
        let all = standards.of(case);
        let m = &all[all.binary_search_by_key(&(d.event, d.standard), |m| (m.event, m.rule)).ok()?];
        Some(StandardResult { value: Some(m.value), unit: m.unit, ..standards.rule(self.scenario(case)?.sop, m).result() })
    }

    /// Place in the SOP file of the standard a deviation is about.
    pub(super) fn standard_place(&self, case: usize, step: &str, d: &PathDeviation) -> Option<String> {
        let standards = self.standards.as_ref().filter(|_| d.standard != NOWHERE)?;
        let rule = &standards.rules[self.scenario(case)?.sop as usize].list[d.standard as usize];
        Some(format!("steps.{step}.standards[{}]", rule.number))
    }

    /// Number of deviations of a case, accepted ones included.
    pub(super) fn deviation_count(&self, case: usize) -> Option<u32> {
        let figures = self.figures.get(self.path_of[case] as usize)?;
        Some(figures.deviations + self.standards.as_ref().map_or(0, |standards| standards.failed[case]))
    }

    /// The standards of all SOPs in the order of the playbook: number of the SOP, the SOP, the standard, and its number there.
    pub(super) fn rules(&self) -> impl Iterator<Item = (usize, &Sop, &Rule, u32)> {
        let rules = self.standards.as_ref().map_or(&[][..], |standards| &standards.rules);
        let of_sop = rules.iter().zip(self.playbook.sops()).enumerate();
        of_sop.flat_map(|(number, (rules, sop))| rules.list.iter().enumerate().map(move |(i, rule)| (number, sop, rule, i as u32)))
    }

    /// Which of all standards one of an SOP is, in the order of [`Inner::rules`].
    pub(super) fn rule_number(&self, sop: u32, rule: u32) -> usize {
        let before = self.standards.as_ref().map_or(0, |standards| standards.rules[..sop as usize].iter().map(|rules| rules.list.len()).sum());
        before + rule as usize
    }

    /// Tells of each failed standard of a case: its number in the SOP, and whether that is accepted.
    pub(super) fn each_failure(&self, case: usize, mut tell: impl FnMut(u32, bool)) {
        let Some(standards) = self.standards.as_ref().filter(|standards| standards.failed[case] > 0) else { return };
        let Some(scenario) = self.scenario(case) else { return };
        let sop = self.sop(scenario);
        for m in standards.of(case).iter().filter(|m| m.deviates()) {
            tell(m.rule, !sop.accepted().is_empty() && self.is_accepted(case, sop, &self.failure(case, standards, scenario, m)));
        }
    }

    /// The first of the events at which a standard failed that nobody accepts; `NOWHERE` where there is none.
    pub(super) fn first_failure(&self, case: usize, events: &[u32]) -> u32 {
        let (Some(standards), Some(scenario)) = (self.standards.as_ref(), self.scenario(case)) else { return NOWHERE };
        let sop = self.sop(scenario);
        let failed = |m: &&Measured| {
            m.state == State::Failed
                && events.binary_search(&m.event).is_ok()
                && (sop.accepted().is_empty() || !self.is_accepted(case, sop, &self.failure(case, standards, scenario, m)))
        };
        standards.of(case).iter().find(failed).map_or(NOWHERE, |m| m.event)
    }
}
