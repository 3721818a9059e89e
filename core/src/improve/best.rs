//! The best path: the present SOP with what is proven to be better, under the constraints of the people who own it.

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::backtest::together;
use super::discover::Discovery;
use super::proposal::{Improvements, Proposal, ProposalKind};
use crate::check::{Check, CheckOptions};
use crate::corpus::OutcomeValue;
use crate::error::{Error, Result};
use crate::evidence::{id_bucket, is_early};
use crate::progress::Progress;
use crate::sop::{At, Patch, START, Sop, Step};
use crate::stats::Interval;
use crate::words::{self, Lang};

/// What the best path has to keep to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Constraints {
    /// Steps that have to be planned.
    pub must_contain: Vec<String>,
    /// Pairs of steps of which the second may never come before the first.
    pub must_precede: Vec<(String, String)>,
    /// Steps that may not be taken out or left to the rep.
    pub may_not_remove: Vec<String>,
}

/// How the best path is chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct BestPathOptions {
    /// Number of the SOP in the playbook.
    pub entry: usize,
    /// What it has to keep to.
    pub constraints: Constraints,
    /// Gain (of the win rate, or of a numeric outcome) that each place added to the flow has to bring: a longer SOP is harder
    /// to keep to.
    pub penalty: f64,
    /// Share of what is rare that is left out of the SOP mined from winners.
    pub noise: f64,
}

impl Default for BestPathOptions {
    fn default() -> Self {
        Self { entry: 0, constraints: Constraints::default(), penalty: 0.002, noise: 0.2 }
    }
}

/// A constraint that cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmet {
    /// `must_contain`, `must_precede` or `may_not_remove`.
    pub constraint: &'static str,
    /// The steps it is about.
    pub steps: Vec<String>,
    /// Why, in English.
    pub why_en: String,
    /// Why, in Chinese.
    pub why_zh: String,
}

/// The best path that the evidence supports.
#[derive(Debug, Clone)]
pub struct BestPath {
    /// Whether it differs from the present SOP: where it does not, the present SOP stands.
    pub changed: bool,
    /// The SOP.
    pub sop: Sop,
    /// What leads to it from the present one.
    pub patch: Patch,
    /// Ids of the proposals it is made of, the largest gain first.
    pub proposals: Vec<String>,
    /// Ids of proposals that were left out for a constraint or because they bring too little for their length.
    pub left_out: Vec<String>,
    /// Constraints that cannot be met.
    pub unmet: Vec<Unmet>,
    /// Sum of the gains on the later cases; its interval takes them for independent. `None` without changes.
    pub gain: Option<Interval>,
    /// What winners do, mined from the earlier won cases: steps that are planned, or proven, alone. `None` where nobody won,
    /// or the outcome is not yes/no.
    pub mined: Option<Sop>,
    /// Mean fitness of the later won cases under the present SOP, under this one, and under the mined one.
    pub fitness_of_winners: [Option<f64>; 3],
}

impl BestPath {
    /// The best path of a check, from its improvements.
    ///
    /// Proposals are taken in the order of their gain on the later cases, as long as each brings more than the penalty for
    /// the places it adds and breaks no constraint that held before. Proposals that only leave a step to the rep are not
    /// taken: they bring nothing.
    ///
    /// # Errors
    /// [`Error::Argument`] for an SOP that is not there, or a penalty or share that is none.
    pub fn of(check: &Check, improved: &Improvements, options: &BestPathOptions) -> Result<Self> {
        let Some(entry) = check.playbook().entries().get(options.entry) else {
            let n = check.playbook().entries().len();
            return Err(Error::argument("entry", format!("there is no SOP number {}", options.entry), format!("a number below {n}")));
        };
        if !(options.penalty >= 0.0 && options.penalty.is_finite()) {
            return Err(Error::argument("penalty", format!("{} is no penalty", options.penalty), "a number from 0"));
        }
        let present = &entry.sop;
        let mut builder = Builder { present, sop: present.clone(), taken: Vec::new(), left_out: Vec::new(), constraints: &options.constraints };
        let mut gains = Vec::new();
        for proposal in improved.proposals.iter().filter(|p| p.entry as usize == options.entry && p.kind != ProposalKind::MakeOptional) {
            if builder.take(proposal, options.penalty) {
                gains.extend(proposal.gain);
            }
        }
        let unmet = builder.keep(check);
        let Builder { sop, taken, left_out, .. } = builder;
        let gain = together(gains.into_iter());
        let mined = mined(check, improved, &sop, options)?;
        let fitness_of_winners = [Some(present), Some(&sop), mined.as_ref()].map(|sop| sop.and_then(|sop| fitness(check, improved, sop)));
        Ok(Self {
            changed: sop != *present,
            patch: present.diff(&sop).patch().clone(),
            proposals: taken,
            left_out,
            unmet,
            gain,
            mined,
            fitness_of_winners,
            sop,
        })
    }

    /// What it comes to, in a sentence or two.
    pub fn sentence(&self, present: &Sop, lang: Lang) -> String {
        words::best_path(self, present, lang)
    }
}

struct Builder<'a> {
    present: &'a Sop,
    sop: Sop,
    taken: Vec<String>,
    left_out: Vec<String>,
    constraints: &'a Constraints,
}

impl Builder<'_> {
    fn take(&mut self, proposal: &Proposal, penalty: f64) -> bool {
        let next = self.sop.apply(&proposal.patch.clone().unbound()).ok().filter(|next| {
            let longer = next.nodes().len().saturating_sub(self.sop.nodes().len()) as f64;
            let worth = proposal.gain.is_some_and(|gain| gain.gain.estimate.abs() > penalty * longer);
            let removes = self.constraints.may_not_remove.iter().any(|step| required(&self.sop, step) && !required(next, step));
            let turns = self.constraints.must_precede.iter().any(|(a, b)| precedes(&self.sop, a, b) && !precedes(next, a, b));
            worth && !removes && !turns
        });
        match next {
            Some(next) => {
                self.sop = next;
                self.taken.push(proposal.id.clone());
                true
            }
            None => {
                self.left_out.push(proposal.id.clone());
                false
            }
        }
    }

    /// Puts in what has to be there, and names what cannot be met.
    fn keep(&mut self, check: &Check) -> Vec<Unmet> {
        let mut unmet = Vec::new();
        for step in &self.constraints.must_contain {
            if planned(&self.sop, step) {
                continue;
            }
            let next = place_of(check, &self.sop, step).and_then(|after| {
                let known = self.sop.steps().contains_key(step);
                let patch = if known { Patch::new() } else { Patch::new().add_step(step.clone(), Step::default()) };
                self.sop.apply(&patch.place_after(crate::sop::Block::Step(step.clone()), At::place(after))).ok()
            });
            match next {
                Some(next) => self.sop = next,
                None => unmet.push(Unmet {
                    constraint: "must_contain",
                    steps: vec![step.clone()],
                    why_en: format!("no won case does “{step}” after a planned step: where it belongs cannot be told"),
                    why_zh: format!("没有一通赢下的会话在计划节点之后做过“{step}”，看不出它该放在哪里"),
                }),
            }
        }
        for (a, b) in &self.constraints.must_precede {
            let why = if a == b || self.constraints.must_precede.contains(&(b.clone(), a.clone())) {
                Some(("the constraints contradict each other".to_owned(), "约束互相矛盾".to_owned()))
            } else if let Some(step) = [a, b].into_iter().find(|step| !planned(&self.sop, step)) {
                Some((format!("“{step}” is not planned"), format!("“{step}”不在计划之中")))
            } else if !precedes(&self.sop, a, b) {
                Some((format!("the SOP allows “{b}” before “{a}”"), format!("SOP 允许“{b}”在“{a}”之前")))
            } else {
                None
            };
            if let Some((why_en, why_zh)) = why {
                unmet.push(Unmet { constraint: "must_precede", steps: vec![a.clone(), b.clone()], why_en, why_zh });
            }
        }
        for step in self.constraints.may_not_remove.iter().filter(|step| !planned(self.present, step)) {
            unmet.push(Unmet {
                constraint: "may_not_remove",
                steps: vec![step.clone()],
                why_en: format!("the present SOP does not plan “{step}”"),
                why_zh: format!("现行 SOP 没有计划“{step}”"),
            });
        }
        unmet
    }
}

fn planned(sop: &Sop, step: &str) -> bool {
    sop.steps().get_index_of(step).is_some_and(|step| sop.nodes().iter().any(|node| node.step as usize == step))
}

/// Planned for every case.
fn required(sop: &Sop, step: &str) -> bool {
    sop.steps().get_index_of(step).is_some_and(|step| sop.nodes().iter().any(|node| node.step as usize == step && !node.avoidable))
}

/// Whether no run does the second step before the first.
fn precedes(sop: &Sop, first: &str, second: &str) -> bool {
    let step = |id: &str| sop.steps().get_index_of(id).map(|step| step as u32);
    let (Some(first), Some(second)) = (step(first), step(second)) else { return false };
    let Ok(automaton) = sop.automaton(&vec![true; sop.whens().len()]) else { return false };
    let (mut seen, mut open) = (vec![false; automaton.len()], vec![START]);
    while let Some(state) = open.pop() {
        if std::mem::replace(&mut seen[state as usize], true) {
            continue;
        }
        for edge in automaton.edges(state) {
            let does = sop.nodes()[edge.node as usize].step;
            if does == second {
                return false;
            }
            if does != first {
                open.push(edge.to);
            }
        }
    }
    true
}

/// Place of the planned step after which won cases most often do another one.
fn place_of(check: &Check, sop: &Sop, step: &str) -> Option<String> {
    let store = check.corpus().store();
    let wanted = store.steps.find(step)?;
    let places: FxHashMap<u32, &str> =
        (sop.nodes().iter().rev()).filter_map(|node| Some((store.steps.find(sop.steps().get_index(node.step as usize)?.0)?, node.place.as_str()))).collect();
    let mut times: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for case in (0..store.len()).filter(|&case| won(check, case)) {
        let path = store.path(case);
        if let Some(at) = path.iter().position(|&s| s == wanted)
            && let Some(place) = path[..at].iter().rev().find_map(|s| places.get(s))
        {
            *times.entry(place).or_default() += 1;
        }
    }
    times.into_iter().max_by_key(|(place, n)| (*n, std::cmp::Reverse(*place))).map(|(place, _)| place.to_owned())
}

fn won(check: &Check, case: usize) -> bool {
    check.outcome_column().and_then(|column| column.get(case)) == Some(OutcomeValue::Bool(true))
}

/// Whether a case belongs to the earlier part of the improvements.
fn early(check: &Check, improved: &Improvements, case: usize) -> bool {
    let store = check.corpus().store();
    is_early(improved.found.split, store.day(case), || id_bucket(store.ids.get(case as u32).unwrap_or_default()))
}

/// What winners do, of the steps that the SOP plans.
fn mined(check: &Check, improved: &Improvements, sop: &Sop, options: &BestPathOptions) -> Result<Option<Sop>> {
    let of_entry = |case: usize| check.path_of(case).is_some_and(|path| check.sop_of_path(path).0 as usize == options.entry);
    let takes = |case: usize| won(check, case) && of_entry(case) && early(check, improved, case);
    if !(0..check.len()).any(|case| takes(case) && !check.corpus().store().path(case).is_empty()) {
        return Ok(None);
    }
    let name = format!("{} (mined)", sop.name());
    match Discovery::mined(check.corpus(), &name, options.noise, takes, |step| !planned(sop, step)) {
        Ok(found) => Ok(Some(found.sop)),
        // None of the winners does a planned step.
        Err(Error::Argument(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Mean fitness of the later won cases.
fn fitness(check: &Check, improved: &Improvements, sop: &Sop) -> Option<f64> {
    let options = CheckOptions { threshold: check.threshold(), outcome: check.outcome().map(ToOwned::to_owned), ..CheckOptions::default() };
    let again = check.corpus().check_with(sop, &options, &Progress::none()).ok()?;
    let (sum, n) = (0..check.len())
        .filter(|&case| won(check, case) && !early(check, improved, case))
        .filter_map(|case| again.fitness_of(case))
        .fold((0.0, 0u64), |(sum, n), fitness| (sum + fitness, n + 1));
    (n > 0).then(|| sum / n as f64)
}
