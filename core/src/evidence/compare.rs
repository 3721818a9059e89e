//! The first comparisons: choices at one decision point, as they are, unadjusted.
//!
//! Facts are found once a distinct path; cases only add to sums. Skip against do is compared among cases that stood at
//! the same point with the step still to come; a case that ended there counts as not having done it. Conforming against
//! not is compared at each step among cases that reached it, never over whole paths: over whole paths the early hang-ups
//! decide the answer. Failing a standard is compared with meeting it among cases that did the step and could be measured.

use std::collections::BinaryHeap;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashSet};

use super::finding::{Arm, Caveat, Estimand, Finding, Verdict, What};
use crate::check::{Beginning, Check, Chosen, Excuse, NOWHERE};
use crate::corpus::OutcomeValue;
use crate::error::Result;
use crate::sop::Actor;
use crate::stats::{Interval, Moments, newcombe, welch};
use crate::text::stable_hash;

/// Level of all intervals.
pub(crate) const LEVEL: f64 = 0.95;
/// Cases named as examples of a finding.
const EXAMPLES: usize = 8;
/// An arm below this is called small.
const FEW: u64 = 20;

/// One comparison: of which SOP, at which place, from which point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    Skip { sop: u32, node: u32, after: u32 },
    Conforming { sop: u32, node: u32 },
    Standard { sop: u32, node: u32, rule: u32 },
}

/// What a path says to a comparison.
#[derive(Debug, Clone, Copy)]
struct Fact {
    comparison: u32,
    treated: bool,
    went_on: bool,
    /// For conforming: the event that reached the step, and which excuse may hold where something lies before it.
    event: u32,
    excuse: Option<usize>,
}

/// What a distinct path says, and what only its cases can say.
struct Facts {
    list: Vec<Fact>,
    excuses: Vec<Excuse>,
    /// Events that performed a step with standards, and the step's first place and event where standards are compared.
    performing: Vec<u32>,
    standards: Vec<(u32, u32)>,
}

#[derive(Default)]
struct Side {
    won: u64,
    lost: u64,
    values: Moments,
    reps: FxHashSet<u32>,
}

impl Side {
    fn add(&mut self, value: OutcomeValue, rep: u32) {
        match value {
            OutcomeValue::Bool(true) => self.won += 1,
            OutcomeValue::Bool(false) => self.lost += 1,
            OutcomeValue::Number(x) => self.values.push(x),
        }
        self.reps.insert(rep);
    }

    fn arm(&self) -> Arm {
        let decided = self.won + self.lost;
        let rate = if decided > 0 { Some(self.won as f64 / decided as f64) } else { (self.values.n > 0).then_some(self.values.mean) };
        Arm { n: decided + self.values.n, won: self.won, rate, reps: self.reps.len() as u64 }
    }
}

fn difference(treated: &Side, control: &Side) -> Option<Interval> {
    let rates = newcombe(treated.won, treated.won + treated.lost, control.won, control.won + control.lost, LEVEL);
    // Outcomes that never vary show nothing about how they vary.
    let varies = treated.values.m2 + control.values.m2 > 0.0;
    rates.or_else(|| welch(treated.values, control.values, LEVEL).filter(|_| varies))
}

#[derive(Default)]
struct Tally {
    treated: Side,
    control: Side,
    treated_on: Side,
    control_on: Side,
    /// The cases with the smallest hashes: a sample that does not depend on order.
    examples: BinaryHeap<(u64, u32)>,
}

impl Tally {
    fn add(&mut self, treated: bool, went_on: bool, value: OutcomeValue, rep: u32, example: Option<(u64, u32)>) {
        let (side, on) = if treated { (&mut self.treated, &mut self.treated_on) } else { (&mut self.control, &mut self.control_on) };
        side.add(value, rep);
        if went_on {
            on.add(value, rep);
        }
        if let Some(example) = example {
            self.examples.push(example);
            if self.examples.len() > EXAMPLES {
                self.examples.pop();
            }
        }
    }
}

/// All unadjusted comparisons of a check, largest difference first; empty where there is no outcome.
///
/// # Errors
/// As [`Corpus::check`](crate::Corpus::check).
pub(crate) fn unadjusted(check: &Check) -> Result<Vec<Finding>> {
    let Some(outcome) = check.outcome() else { return Ok(Vec::new()) };
    let store = check.corpus().store();
    let Some(column) = check.outcome_column() else { return Ok(Vec::new()) };
    let mut keys: IndexMap<Key, (), FxBuildHasher> = IndexMap::default();
    let mut work = Beginning::new();
    let facts: Vec<Facts> = (0..check.paths()).map(|path| facts(check, path, &mut keys, &mut work)).collect::<Result<_>>()?;
    let mut tallies: Vec<Tally> = keys.iter().map(|_| Tally::default()).collect();
    for case in 0..check.len() {
        let (Some(path), Some(value)) = (check.path_of(case), column.get(case)) else { continue };
        let rep = check.rep_of(case);
        let hash = || stable_hash(store.ids.get(case as u32).unwrap_or_default());
        let facts = &facts[path];
        let failed = check.first_failure(case, &facts.performing);
        for fact in &facts.list {
            let tally = &mut tallies[fact.comparison as usize];
            let Some((&(Key::Skip { node, .. } | Key::Conforming { node, .. }), ())) = keys.get_index(fact.comparison as usize) else { continue };
            if check.defines_outcome(case, node) {
                continue;
            }
            let conforming = matches!(keys.get_index(fact.comparison as usize), Some((Key::Conforming { .. }, ())));
            let treated = if conforming {
                // A standard failed before the step is a deviation from then on; what is accepted of the part before it is none.
                failed >= fact.event && (fact.treated || fact.excuse.is_some_and(|i| check.excuses(case, &facts.excuses[i])))
            } else {
                fact.treated
            };
            // Conforming is the rule; the cases to look at are those that do not.
            tally.add(treated, fact.went_on, value, rep, (treated != conforming).then(|| (hash(), case as u32)));
        }
        let sop = check.sop_of_path(path).0;
        for &(node, event) in &facts.standards {
            for (rule, failed) in check.standards_at(case, event) {
                let (number, _) = keys.insert_full(Key::Standard { sop, node, rule }, ());
                tallies.resize_with(keys.len(), Tally::default);
                tallies[number].add(failed, false, value, rep, failed.then(|| (hash(), case as u32)));
            }
        }
    }
    let mut findings: Vec<(Key, Finding)> = keys.keys().zip(&tallies).filter_map(|(&key, tally)| Some((key, finding(check, outcome, key, tally)?))).collect();
    findings.sort_by(|(a, x), (b, y)| {
        let size = |f: &Finding| ordered_float::OrderedFloat(f.estimate.map_or(-1.0, f64::abs));
        // Where nobody who left a step out went on, ending there and leaving it out are one: those come last.
        let one = |f: &Finding| matches!(f.what, What::Skip { .. }) && f.went_on.is_none();
        one(x).cmp(&one(y)).then(size(y).cmp(&size(x))).then(a.cmp(b))
    });
    Ok(findings.into_iter().map(|(_, finding)| finding).collect())
}

/// What a distinct path says to which comparisons.
fn facts(check: &Check, path: usize, keys: &mut IndexMap<Key, (), FxBuildHasher>, work: &mut Beginning) -> Result<Facts> {
    let (sop_number, sop) = check.sop_of_path(path);
    let walked = check.choices_of(path);
    let mut facts = Facts { list: Vec::new(), excuses: Vec::new(), performing: check.performing(path, walked.choices), standards: Vec::new() };
    let accepting = check.accepts_something(path);
    let mut number = |key: Key| keys.insert_full(key, ()).0 as u32;
    let agent = |node: u32| sop.steps()[sop.nodes()[node as usize].step as usize].by == Actor::Agent;
    // Skip against do is asked of places on the way of every full run; branches and optional parts are other choices.
    let asked = |node: u32| agent(node) && !sop.nodes()[node as usize].avoidable;
    let mut seen: FxHashSet<u32> = FxHashSet::default();
    // Steps done ahead of their place: leaving them out where they were due is no skip.
    let mut ahead: FxHashSet<u32> = FxHashSet::default();
    let last_planned = walked.choices.iter().rposition(|c| matches!(c.chosen, Chosen::Done(_) | Chosen::DoneLate(_)));
    for (i, choice) in walked.choices.iter().enumerate() {
        let (node, skipped) = match choice.chosen {
            Chosen::Done(node) => (node, false),
            Chosen::Skipped(node) => (node, true),
            Chosen::Added(label) => {
                ahead.extend(check.step_of_label(sop, label));
                continue;
            }
            Chosen::DoneLate(_) => continue,
        };
        // Only the first time: later rounds of a loop are other choices.
        if !seen.insert(node) || !agent(node) {
            continue;
        }
        let went_on = skipped || last_planned.is_some_and(|last| last > i);
        if asked(node) && !(skipped && ahead.contains(&sop.nodes()[node as usize].step)) {
            facts.list.push(Fact {
                comparison: number(Key::Skip { sop: sop_number, node, after: choice.point.node }),
                treated: skipped,
                went_on,
                event: choice.event,
                excuse: None,
            });
        }
        if !skipped {
            let excuse = if accepting && choice.cost > 0 { check.excuse(path, choice.event, work)? } else { None };
            let excuse = excuse.map(|excuse| {
                facts.excuses.push(excuse);
                facts.excuses.len() - 1
            });
            let comparison = number(Key::Conforming { sop: sop_number, node });
            facts.list.push(Fact { comparison, treated: choice.cost == 0, went_on, event: choice.event, excuse });
            if check.performs(path, choice) {
                facts.standards.push((node, choice.event));
            }
        }
    }
    // The path ended here: what was planned next was not done.
    for node in walked.next {
        if !seen.contains(&node) && asked(node) && !ahead.contains(&sop.nodes()[node as usize].step) {
            let after = walked.end.filter(|(block, _)| sop.nodes()[node as usize].any_order == Some(*block)).map_or(walked.point.node, |(_, point)| point.node);
            let comparison = number(Key::Skip { sop: sop_number, node, after });
            facts.list.push(Fact { comparison, treated: true, went_on: false, event: NOWHERE, excuse: None });
        }
    }
    Ok(facts)
}

fn finding(check: &Check, outcome: &str, key: Key, tally: &Tally) -> Option<Finding> {
    let (Key::Skip { sop: number, node, .. } | Key::Conforming { sop: number, node } | Key::Standard { sop: number, node, .. }) = key;
    let sop = &check.playbook().entries()[number as usize].sop;
    let title_of =
        |node: u32| sop.nodes().get(node as usize).and_then(|n| sop.steps().get_index(n.step as usize)).map(|(id, _)| (id.clone(), sop.title(id).to_owned()));
    let (step, title) = title_of(node)?;
    let (treated, control) = (tally.treated.arm(), tally.control.arm());
    if treated.n == 0 || control.n == 0 {
        return None;
    }
    let raw = difference(&tally.treated, &tally.control);
    let (what, point, no_clock) = match key {
        Key::Skip { after, .. } => (What::Skip { step, title }, if after == NOWHERE { None } else { title_of(after).map(|(_, title)| title) }, true),
        Key::Conforming { .. } => (What::Conforming { step, title: title.clone() }, Some(title), false),
        Key::Standard { rule, .. } => (What::Standard { step, title: title.clone(), standard: check.standard(number, rule)?.into() }, Some(title), false),
    };
    let went_on = no_clock.then(|| difference(&tally.treated_on, &tally.control_on)).flatten();
    let mut caveats = vec![Caveat::Unadjusted];
    if no_clock {
        caveats.push(Caveat::NoClock);
    }
    if let (Some(all), Some(on)) = (raw, went_on)
        && all.estimate * on.estimate < 0.0
    {
        caveats.push(Caveat::SignChangesAmongThoseWhoWentOn);
    }
    if treated.n.min(control.n) < FEW {
        caveats.push(Caveat::FewCases);
    }
    if treated.reps.min(control.reps) < 2 {
        caveats.push(Caveat::OneRep);
    }
    let numeric = tally.treated.values.n > 0;
    let store = check.corpus().store();
    let mut examples: Vec<(u64, u32)> = tally.examples.clone().into_vec();
    examples.sort_unstable();
    Some(Finding {
        what,
        sop: sop.name().to_owned(),
        point,
        outcome: outcome.to_owned(),
        estimand: if numeric { Estimand::RawMeanDifference } else { Estimand::RawDifference },
        estimate: raw.map(|i| i.estimate),
        ci_low: raw.map(|i| i.low),
        ci_high: raw.map(|i| i.high),
        p_value: None,
        q_value: None,
        treated,
        control,
        raw,
        went_on,
        method: if numeric { "welch" } else { "newcombe" },
        caveats,
        // A raw difference is not evidence of an effect.
        verdict: Verdict::NotEnoughEvidence,
        cases: examples.into_iter().filter_map(|(_, case)| store.ids.get(case).map(ToOwned::to_owned)).collect(),
    })
}
