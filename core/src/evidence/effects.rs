//! From a ledger to findings: estimates, guards, multiplicity over everything tested, verdicts.

use std::collections::{BTreeMap, BTreeSet};

use ordered_float::OrderedFloat;
use rayon::prelude::*;

use super::choices::ChoiceKind;
use super::estimate::{Stratum, moments, overlap, skewed, step_count, strata, stratified};
use super::finding::{Arm, Caveat, Comparable, Estimand, Finding, Heterogeneity, Landmark, SegmentEffect, Verdict, What};
use super::ledger::{Counts, EffectLedger};
use super::plan::{Coarse, Plan, PlannedChoice};
use super::sums::Sums;
use crate::error::Result;
use crate::stats::{Estimate, Interval, benjamini_hochberg, cases_needed, chi2_sf, e_value_difference, e_value_means, newcombe, pool, welch};

/// Level of all intervals.
pub(crate) const LEVEL: f64 = 0.95;
/// Fewest comparable cases of an arm for a verdict.
const FEW: u64 = 20;
/// A finding counts below this, after allowing for all choices tested.
const ALPHA: f64 = 0.05;
/// Standard errors an effect must be away from nothing to be seen with 80 % power at the 5 % level: z₀.₉₇₅ + z₀.₈.
const POWER: f64 = 2.801_585_218;
/// An effect worth knowing: five points, or a fifth of a standard deviation.
const WORTH: f64 = 0.05;
const WORTH_SD: f64 = 0.2;

/// How findings are made from a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidenceOptions {
    /// Whether a higher outcome is the better one.
    pub higher_is_better: bool,
}

impl Default for EvidenceOptions {
    fn default() -> Self {
        Self { higher_is_better: true }
    }
}

/// All findings of a ledger under its plan: clear ones first, then by size.
///
/// # Errors
/// [`Error::Argument`](crate::Error::Argument) with code `evidence.other_plan` if the ledger was made under another plan.
pub fn finish(ledger: &EffectLedger, plan: &Plan, options: &EvidenceOptions) -> Result<Vec<Finding>> {
    let mut findings: Vec<Finding> = finish_each(ledger, plan, options)?.into_iter().flatten().collect();
    findings.sort_by_key(|f| {
        let size = OrderedFloat(-f.estimate.map_or(-1.0, f64::abs));
        let rank = match f.verdict {
            Verdict::Helps | Verdict::Hurts => 0,
            Verdict::NoClearEffect => 1,
            Verdict::NotEnoughEvidence if f.raw.is_none() => 4,
            Verdict::NotEnoughEvidence if f.has(Caveat::EndedThere) || f.has(Caveat::ClosesTheCase) => 3,
            Verdict::NotEnoughEvidence => 2,
        };
        (rank, size, f.what.kind, f.sop.clone(), f.what.step.clone(), f.point.clone(), f.visit)
    });
    Ok(findings)
}

/// The findings in the order of the plan; `None` where no case stood.
pub(crate) fn finish_each(ledger: &EffectLedger, plan: &Plan, options: &EvidenceOptions) -> Result<Vec<Option<Finding>>> {
    ledger.check_plan(plan)?;
    let ledger = ledger.canonical();
    let mut each: Vec<Option<Finding>> = (plan.choices.par_iter().zip(&ledger.counts))
        .map(|(planned, counts)| Some(Maker { ledger: &ledger, plan, planned, counts }).filter(|_| !counts.cells.is_empty()).map(|m| m.finding()))
        .collect();
    let mut findings: Vec<&mut Finding> = each.iter_mut().flatten().collect();
    // Everything with a p-value was tested, whatever becomes of its verdict; what only tells endings apart was not.
    let tested: Vec<usize> = (0..findings.len()).filter(|&i| findings[i].p_value.is_some()).collect();
    let p: Vec<f64> = tested.iter().filter_map(|&i| findings[i].p_value).collect();
    for (&i, q) in tested.iter().zip(benjamini_hochberg(&p).unwrap_or_default()) {
        findings[i].q_value = Some(q);
    }
    for finding in findings {
        judge(finding, options);
    }
    Ok(each)
}

/// The verdict, once the q-value is known.
fn judge(f: &mut Finding, options: &EvidenceOptions) {
    let withheld = f.caveats.iter().any(|c| c.withholds());
    // To take less time is better, whatever is said of the outcome.
    let higher_is_better = options.higher_is_better && f.estimand != Estimand::TimeDifferenceAmongChoosers;
    let better = f.estimate.map(|e| (e > 0.0) == higher_is_better);
    f.verdict = match (f.q_value, better) {
        _ if withheld => Verdict::NotEnoughEvidence,
        (Some(q), Some(better)) if q < ALPHA => {
            if better {
                Verdict::Helps
            } else {
                Verdict::Hurts
            }
        }
        (Some(_), _) if f.more_cases_needed.is_none() => Verdict::NoClearEffect,
        _ => Verdict::NotEnoughEvidence,
    };
    // Cases are what is missing only where nothing else is.
    if f.verdict != Verdict::NotEnoughEvidence || f.caveats.iter().any(|c| c.withholds() && *c != Caveat::FewCases) {
        f.more_cases_needed = None;
    }
}

struct Maker<'a> {
    ledger: &'a EffectLedger,
    plan: &'a Plan,
    planned: &'a PlannedChoice,
    counts: &'a Counts,
}

impl Maker<'_> {
    fn finding(&self) -> Finding {
        let (plan, id) = (self.plan, &self.planned.choice);
        let (numeric, unit) = (plan.numeric, 10f64.powi(plan.resolution));
        let all = strata(self.counts, |cell| (cell.treated, cell.control));
        let (treated, control) = (self.arm(&all, |s| s.treated), self.arm(&all, |s| s.control));
        let both: Vec<Stratum> = all.iter().copied().filter(|s| s.treated.n > 0 && s.control.n > 0).collect();
        let comparable = Comparable {
            treated: both.iter().map(|s| s.treated.n).sum(),
            control: both.iter().map(|s| s.control.n).sum(),
            share: (treated.n > 0).then(|| both.iter().map(|s| s.treated.n).sum::<u64>() as f64 / treated.n as f64),
        };
        let found = stratified(&both, numeric, unit);
        let interval = |e: Option<Estimate>| e.filter(|e| e.se > 0.0).and_then(|e| e.interval(LEVEL)).map(|i| clamp(i, numeric));
        let no_clock = id.kind.needs_clock() && self.planned.landmark.is_none();
        let on = strata(self.counts, |cell| (cell.treated_on, cell.control_on));
        let went_on = no_clock.then(|| stratified(&on, numeric, unit)).flatten();
        let on_treated: u64 = on.iter().map(|s| s.treated.n).sum();
        // Not doing what was planned next and ending there are one, unless enough of them went on.
        let ended = no_clock && id.kind == ChoiceKind::Skip && on_treated < FEW;
        // The same from the other side: what is added last tells nothing of the time that it would have had to work in.
        let on_control: u64 = on.iter().map(|s| s.control.n).sum();
        let closes = id.kind.adds() && on_treated * 10 < treated.n && on_control * treated.n > 3 * on_treated * control.n;
        let (segments, heterogeneity, disagree) = self.segments(&both);
        let (reps_treated, reps_control) = (reps(&both, |s| s.treated.n), reps(&both, |s| s.control.n));
        let raw = self.raw(&all);
        let sd = || {
            let m = moments(
                &all.iter().fold(Sums::default(), |mut sum, s| {
                    sum.add(&s.treated);
                    sum.add(&s.control);
                    sum
                }),
                unit,
            );
            m.variance().map(f64::sqrt).filter(|sd| *sd > 0.0)
        };
        let cross = found.filter(|_| comparable.treated.min(comparable.control) >= FEW).and_then(|_| overlap(self.ledger, &both, numeric, unit));

        let missing = all.iter().fold([0; 2], |sum, s| [sum[0] + s.missing[0], sum[1] + s.missing[1]]);
        let answered = (missing != [0; 2]).then(|| {
            let share = |n: u64, missing: u64| n as f64 / (n + missing).max(1) as f64;
            [share(treated.n, missing[0]), share(control.n, missing[1])]
        });
        let mut caveats = BTreeSet::new();
        let mut note = |caveat, holds: bool| {
            if holds {
                caveats.insert(caveat);
            }
        };
        let named = self.ledger.reps.iter().any(Option::is_some);
        note(Caveat::Unadjusted, !named && plan.adjust_for.is_empty() && self.planned.priors.is_empty());
        note(Caveat::NoClock, no_clock);
        note(Caveat::EndedThere, ended);
        note(Caveat::ClosesTheCase, closes);
        note(Caveat::SignChangesAmongThoseWhoWentOn, !ended && found.zip(went_on).is_some_and(|(a, b)| a.estimate * b.estimate < 0.0));
        note(Caveat::FewCases, comparable.treated.min(comparable.control) < FEW);
        note(Caveat::NoReps, !named);
        note(Caveat::OneRep, named && reps_treated.min(reps_control) < 2);
        note(Caveat::FewComparable, comparable.share.is_some_and(|share| share < 0.5));
        note(Caveat::Coarsened, plan.coarse.iter().any(|c| *c != Coarse::Keep));
        note(Caveat::SegmentsDisagree, disagree);
        note(Caveat::RawSignDiffers, found.zip(raw).is_some_and(|(a, b)| a.estimate * b.estimate < 0.0));
        let apart = |a: Interval, b: Interval| a.high < b.low || b.high < a.low;
        note(Caveat::CrossCheckDiffers, interval(found).zip(interval(cross)).is_some_and(|(a, b)| apart(a, b)));

        note(Caveat::Reweighted, answered.is_some());

        let ci = interval(found);
        let base = rate_of(&both, |s| s.control);
        let e_value = found.filter(|e| e.se > 0.0).and_then(|e| {
            let value = if numeric {
                sd().and_then(|sd| e_value_means(Estimate { estimate: e.estimate / sd, se: e.se / sd }))
            } else {
                base.and_then(|base| e_value_difference(e, base, LEVEL))
            };
            value.filter(|v| v.estimate.is_finite() && v.limit.is_finite())
        });
        let detectable = found.filter(|e| e.se > 0.0).map(|e| e.se * POWER);
        let worth = if numeric { sd().map(|sd| sd * WORTH_SD) } else { Some(WORTH) };
        let (ratio, shift) = if numeric && !plan.timed { skewed(self.counts, unit) } else { (None, None) };
        Finding {
            choice: id.clone(),
            what: What { kind: id.kind, step: id.step.clone(), title: id.title.clone(), standard: id.standard.clone(), wording: id.wording.clone() },
            sop: id.sop.clone(),
            point: id.point_title.clone(),
            visit: id.visit,
            outcome: plan.outcome.clone(),
            estimand: if plan.timed {
                Estimand::TimeDifferenceAmongChoosers
            } else if numeric {
                Estimand::MeanDifferenceAmongChoosers
            } else {
                Estimand::DifferenceAmongChoosers
            },
            estimate: found.map(|e| e.estimate),
            ci_low: ci.map(|i| i.low),
            ci_high: ci.map(|i| i.high),
            p_value: found.filter(|_| !ended && comparable.treated.min(comparable.control) > 1).and_then(Estimate::p_value),
            q_value: None,
            treated,
            control,
            comparable,
            raw,
            went_on: interval(went_on),
            cross_check: interval(cross),
            ratio,
            shift,
            step_count: step_count(self.counts, numeric, unit),
            time: self.planned.times.as_ref().and_then(|times| super::times::effect(self.counts, times)),
            answered,
            e_value,
            minimum_detectable: detectable,
            more_cases_needed: worth.and_then(|worth| needed(detectable, worth, &comparable, treated, control, numeric)),
            adjusted_for: self.adjusted_for(named),
            priors: self.planned.priors.len(),
            segments,
            heterogeneity,
            landmark: self.planned.landmark.zip(plan.unit).map(|(wait, unit)| Landmark { wait, unit }),
            later_conversation: self.planned.later,
            ended_before: self.counts.excluded,
            method: if plan.timed {
                "restricted_means"
            } else if numeric {
                "stratified_means"
            } else {
                "mantel_haenszel"
            },
            caveats: caveats.into_iter().collect(),
            verdict: Verdict::NotEnoughEvidence,
            cases: self.counts.examples.ids().cloned().collect(),
        }
    }

    fn adjusted_for(&self, reps: bool) -> Vec<String> {
        let rep = reps.then(|| "rep".to_owned());
        rep.into_iter().chain(self.plan.adjust_for.iter().cloned()).chain(self.planned.priors.iter().map(ToString::to_string)).collect()
    }

    fn arm(&self, all: &[Stratum], of: impl Fn(&Stratum) -> Sums) -> Arm {
        let sums = all.iter().fold(Sums::default(), |mut sum, s| {
            sum.add(&of(s));
            sum
        });
        let rate = (sums.n > 0).then(|| moments(&sums, 10f64.powi(self.plan.resolution)).mean);
        let named = |s: &&Stratum| self.ledger.reps.get_index(s.rep as usize).is_some_and(Option::is_some) && of(s).n > 0;
        let reps: BTreeSet<u32> = all.iter().filter(named).map(|s| s.rep).collect();
        Arm { n: sums.n, won: if self.plan.numeric { 0 } else { sums.hits() }, rate, reps: reps.len() as u64 }
    }

    /// The difference as it is: Newcombe's interval, or Welch's.
    fn raw(&self, all: &[Stratum]) -> Option<Interval> {
        let unit = 10f64.powi(self.plan.resolution);
        let (t, c) = all.iter().fold((Sums::default(), Sums::default()), |(mut t, mut c), s| {
            t.add(&s.treated);
            c.add(&s.control);
            (t, c)
        });
        if !self.plan.numeric {
            return newcombe(t.hits(), t.n, c.hits(), c.n, LEVEL);
        }
        let (t, c) = (moments(&t, unit), moments(&c, unit));
        // Outcomes that never vary show nothing about how they vary.
        welch(t, c, LEVEL).filter(|_| t.m2 + c.m2 > 0.0)
    }

    /// The effect by value of each attribute, whether it differs, and whether it clearly points both ways.
    fn segments(&self, both: &[Stratum]) -> (Vec<SegmentEffect>, Vec<Heterogeneity>, bool) {
        let (numeric, unit) = (self.plan.numeric, 10f64.powi(self.plan.resolution));
        let (mut segments, mut heterogeneity, mut disagree) = (Vec::new(), Vec::new(), false);
        for (at, attribute) in self.plan.adjust_for.iter().enumerate() {
            let mut by_value: BTreeMap<&str, Vec<Stratum>> = BTreeMap::new();
            for s in both {
                by_value.entry(&self.ledger.profiles[s.profile as usize][at]).or_default().push(*s);
            }
            let mut found: Vec<(Estimate, Interval, u64)> = Vec::new();
            for (value, strata) in by_value {
                let Some(e) = stratified(&strata, numeric, unit).filter(|e| e.se > 0.0) else { continue };
                let Some(i) = e.interval(LEVEL).map(|i| clamp(i, numeric)) else { continue };
                let (treated, control) = (strata.iter().map(|s| s.treated.n).sum::<u64>(), strata.iter().map(|s| s.control.n).sum::<u64>());
                segments.push(SegmentEffect {
                    attribute: attribute.clone(),
                    value: value.to_owned(),
                    estimate: e.estimate,
                    ci_low: i.low,
                    ci_high: i.high,
                    treated,
                    control,
                });
                found.push((e, i, treated.min(control)));
            }
            let effects: Vec<Estimate> = found.iter().map(|(e, ..)| *e).collect();
            if let Some(pooled) = pool(&effects).filter(|pooled| pooled.groups > 1) {
                let p_value = chi2_sf(pooled.q, (pooled.groups - 1) as f64);
                let clear = |sign: f64| found.iter().any(|(_, i, n)| *n >= FEW && i.low * sign > 0.0 && i.high * sign > 0.0);
                disagree |= p_value < ALPHA && clear(1.0) && clear(-1.0);
                heterogeneity.push(Heterogeneity { attribute: attribute.clone(), p_value });
            }
        }
        (segments, heterogeneity, disagree)
    }
}

fn reps(both: &[Stratum], n: impl Fn(&Stratum) -> u64) -> usize {
    both.iter().filter(|s| n(s) > 0).map(|s| s.rep).collect::<BTreeSet<_>>().len()
}

fn rate_of(both: &[Stratum], of: impl Fn(&Stratum) -> Sums) -> Option<f64> {
    let (n, hits) = both.iter().map(|s| (of(s).n, of(s).sum)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    (n > 0).then(|| hits as f64 / n as f64)
}

/// A difference of shares lies between −1 and 1.
fn clamp(i: Interval, numeric: bool) -> Interval {
    if numeric { i } else { Interval { low: i.low.max(-1.0), high: i.high.min(1.0), ..i } }
}

/// Cases to add until an effect worth knowing would be seen with 80 % power; `None` where there are enough, or where nothing
/// says how many it would take.
fn needed(detectable: Option<f64>, worth: f64, comparable: &Comparable, treated: Arm, control: Arm, numeric: bool) -> Option<u64> {
    let now = treated.n + control.n;
    let short = comparable.treated.min(comparable.control) < FEW;
    // The standard error falls with the root of the cases.
    let total = match detectable {
        Some(effect) if !short => now as f64 * (effect / worth).powi(2),
        _ => {
            if treated.n == 0 || control.n == 0 {
                return None;
            }
            let share = treated.n as f64 / now as f64;
            let per_arm = if numeric {
                2.0 * (POWER / WORTH_SD).powi(2)
            } else {
                let p = (treated.won + control.won) as f64 / now as f64;
                let q = if p < 0.5 { p + WORTH } else { p - WORTH };
                cases_needed(p, q, ALPHA, 0.8)?
            };
            per_arm / (2.0 * share * (1.0 - share))
        }
    };
    let more = (total - now as f64).ceil();
    if more >= 1.0 {
        Some(more as u64)
    } else if short {
        // Enough in all, too few side by side.
        Some(FEW)
    } else {
        None
    }
}
