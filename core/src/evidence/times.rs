//! Times to an outcome: how long cases take to be won, where others are lost first and others are still open.
//!
//! Of a case is known after how many days it was won or lost, or how long it has been followed while open. Within a risk set
//! times run from the decision point, where its event has a time. What is compared is the restricted mean time to a win, ∫₀^τ (1 − F)
//! dt with F the cumulative incidence of winning: a case that is lost is never won, and counts as τ. Each case enters by its
//! pseudo-value, n times the estimate of all minus n − 1 times that without the case, so that the strata, guards and the cross-check are
//! those of numbers; without open cases the pseudo-value is the time itself.
//!
//! Sources: P. K. Andersen, M. G. Hansen and J. P. Klein, *Regression analysis of restricted mean survival time based on
//! pseudo-observations*, Lifetime Data Analysis 10 (2004) 335–350; with competing risks P. K. Andersen, Statistics in Medicine 32
//! (2013) 5278–5285.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::choices::{ChoiceTable, NEVER};
use super::finding::TimeEffect;
use super::ledger::Counts;
use crate::check::Check;
use crate::corpus::{DAY, NO_TIME, OutcomeValue};
use crate::error::{Error, Result};
use crate::stats::survival::{End, RiskTable, cumulative_incidence, log_rank};

/// Pseudo-values are counted in ten to this power of a day.
pub(super) const RESOLUTION: i32 = -6;
/// Fewest cases that are still followed at the horizon.
const FOLLOWED: u64 = 20;
/// Longest time, in days, that is told apart.
const LONGEST: i64 = 3_660;

/// Won, lost and still open cases of each day.
pub(super) type Days = BTreeMap<i64, [u64; 3]>;

/// How long cases took, beside their choices.
#[derive(Debug, Clone, Default)]
pub(super) struct Times {
    /// Days from the beginning of the case, and whether it was won (0), lost (1) or is open (2); `None` where nothing is known.
    of_case: Vec<Option<(i64, u8)>>,
    /// Days from the beginning of the case to each event; empty where events have no time.
    at: Vec<i64>,
    event_end: Vec<usize>,
}

impl Times {
    /// How long a case took from an event, and how that ended.
    pub(super) fn of(&self, case: usize, from: u32) -> Option<(i64, u8)> {
        let (days, end) = self.of_case[case]?;
        let first = if case == 0 { 0 } else { self.event_end.get(case - 1).copied().unwrap_or(0) };
        let since = if from == NEVER || self.at.is_empty() { 0 } else { self.at[first + from as usize] };
        Some(((days - since).clamp(0, LONGEST), end))
    }
}

impl ChoiceTable {
    /// The same choices with how long it took: findings then compare the time to a win. `name` is a numeric outcome, the days
    /// from the beginning of a case to its decision (or for which it has been followed while open), or an attribute with the time
    /// of the decision; cases without it that are open are then followed to the last time that any case has.
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no such outcome or attribute, the outcome of the check is not yes/no, a number is negative or
    /// a value no time.
    pub fn timed(mut self, check: &Check, name: &str) -> Result<Self> {
        if self.numeric {
            return Err(Error::argument("time", format!("`{}` is a number; times are those to a yes or no", self.outcome), "name a yes/no outcome beside it"));
        }
        let store = check.corpus().store();
        let of_case = if let Some(column) = store.outcomes.get(name) {
            let day = |case: usize| match column.get(case) {
                Some(OutcomeValue::Number(days)) if days >= 0.0 && days.is_finite() => Ok(Some(days.round() as i64)),
                Some(OutcomeValue::Number(days)) => Err(wrong(check, case, name, &format!("{days} is no number of days"))),
                Some(OutcomeValue::Bool(_)) => Err(wrong(check, case, name, "it is yes or no, not a number of days")),
                None => Ok(None),
            };
            (0..self.len()).map(|case| Ok(day(case)?.map(|days| (days, self.end(case))))).collect::<Result<Vec<_>>>()?
        } else if store.attributes.contains_key(name) {
            self.closed(check, name)?
        } else {
            let known = store.outcomes.keys().chain(store.attributes.keys()).map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(Error::argument("time", format!("no conversation has an outcome or attribute `{name}`"), format!("outcomes and attributes: {known}")));
        };
        let mut times = Times { of_case, ..Times::default() };
        if store.at.len() == store.step.len() && store.at.iter().all(|&at| at != NO_TIME) {
            for case in 0..self.len() {
                times.at.extend((0..check.path_len(case)).map(|event| store.at[check.event_of(case, event as u32)].max(0) / DAY));
                times.event_end.push(times.at.len());
            }
        }
        for (case, of_case) in times.of_case.iter().enumerate() {
            // For screening, a win is what counts; who is not followed is not known.
            self.value[case] = of_case.map_or(f64::NAN, |(_, end)| f64::from(u8::from(end == 0)));
        }
        self.numeric = true;
        self.times = Some(times);
        Ok(self)
    }

    fn end(&self, case: usize) -> u8 {
        let value = self.value[case];
        if value.is_nan() { 2 } else { u8::from(value == 0.0) }
    }

    /// Days from the beginning of each case to the time in an attribute.
    fn closed(&self, check: &Check, name: &str) -> Result<Vec<Option<(i64, u8)>>> {
        let store = check.corpus().store();
        let closed = (0..self.len())
            .map(|case| match store.attribute(case, name) {
                None => Ok(None),
                Some(text) => crate::corpus::parse_millis(&text).map(Some).map_err(|why| wrong(check, case, name, &why)),
            })
            .collect::<Result<Vec<Option<i64>>>>()?;
        let began = |case: usize| Some(store.started_at[case]).filter(|&at| at != NO_TIME);
        let last = closed.iter().copied().flatten().chain((0..self.len()).filter_map(began)).max();
        (0..self.len())
            .map(|case| {
                let (Some(from), end) = (began(case), self.end(case)) else { return Ok(None) };
                let Some(to) = closed[case].or(if end == 2 { last } else { None }) else { return Ok(None) };
                if to < from {
                    return Err(wrong(check, case, name, "it lies before the beginning of the case"));
                }
                Ok(Some(((to - from) / DAY, end)))
            })
            .collect()
    }
}

fn wrong(check: &Check, case: usize, name: &str, why: &str) -> Error {
    let id = check.corpus().store().ids.get(case as u32).unwrap_or_default();
    Error::argument("time", format!("`{name}` of case `{id}`: {why}"), "days that are not negative, or the time of the decision")
}

/// What the plan settles of a risk set: the horizon, and what each time and end counts as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TimePlan {
    pub(super) horizon: i64,
    /// By day: pseudo-values of won, lost and open cases.
    values: Vec<(i64, [i64; 3])>,
}

impl TimePlan {
    /// `None` where nobody was won.
    pub(super) fn of(days: &Days) -> Option<Self> {
        let won: u64 = days.values().map(|n| n[0]).sum();
        let mut seen = 0;
        // 95 % of the wins come by then, and enough cases are followed so far, unless all ended before.
        let late = days.iter().find(|(_, n)| {
            seen += n[0];
            won > 0 && seen * 20 >= won * 19
        })?;
        let mut left: u64 = 0;
        let followed = days.iter().rev().find(|(_, n)| {
            left += n.iter().sum::<u64>();
            left >= FOLLOWED
        });
        let decided = days.values().all(|n| n[2] == 0);
        let horizon = if decided { *late.0 } else { (*late.0).min(*followed?.0) }.max(1);
        let cases: u64 = days.values().flatten().sum();
        let whole = time_without_win(days, horizon, None);
        let unit = 10f64.powi(-RESOLUTION);
        let pseudo = |day: i64, end: usize| {
            let without = time_without_win(days, horizon, Some((day, end)));
            ((cases as f64 * whole - (cases - 1) as f64 * without) * unit).round() as i64
        };
        let values = days.iter().map(|(&day, n)| (day, std::array::from_fn(|end| if n[end] > 0 { pseudo(day, end) } else { 0 }))).collect();
        Some(Self { horizon, values })
    }

    pub(super) fn value(&self, day: i64, end: u8) -> i64 {
        self.values.binary_search_by_key(&day, |(day, _)| *day).map_or(0, |at| self.values[at].1[usize::from(end)])
    }
}

/// ∫₀^τ (1 − F(t)) dt of Aalen and Johansen's F, with or without one of the cases.
fn time_without_win(days: &Days, horizon: i64, without: Option<(i64, usize)>) -> f64 {
    let mut at_risk: u64 = days.values().flatten().sum::<u64>() - u64::from(without.is_some());
    let (mut waiting, mut won, mut area, mut last) = (1.0, 0.0, 0.0, 0);
    for (&day, n) in days.range(..=horizon) {
        area += (1.0 - won) * (day - last) as f64;
        last = day;
        let less = |end: usize| n[end] - u64::from(without == Some((day, end)));
        let (wins, losses, open) = (less(0), less(1), less(2));
        if at_risk == 0 {
            break;
        }
        let r = at_risk as f64;
        won += waiting * wins as f64 / r;
        waiting *= (r - wins as f64 - losses as f64) / r;
        at_risk -= wins + losses + open;
    }
    area + (1.0 - won) * (horizon - last) as f64
}

/// A time and how it ended as one number, for histograms.
pub(super) fn coded(day: i64, end: u8) -> i64 {
    day * 3 + i64::from(end)
}

/// Both sides unadjusted: shares won and lost by the horizon, and whether they take alike.
pub(super) fn effect(counts: &Counts, plan: &TimePlan) -> Option<TimeEffect> {
    let table = |arm: &BTreeMap<i64, u64>| {
        let end = |code: i64| [End::Event, End::Competing, End::Censored][code.rem_euclid(3) as usize];
        RiskTable::of(arm.iter().map(|(&code, &n)| (code.div_euclid(3) as f64, end(code), n)))
    };
    let (treated, control) = (table(&counts.values[0])?, table(&counts.values[1])?);
    let by = |table: &RiskTable| {
        let last = cumulative_incidence(table).into_iter().take_while(|row| row.time <= plan.horizon as f64).last();
        last.map_or((0.0, 0.0), |row| (row.event, row.competing))
    };
    let ((won, lost), (won_control, lost_control)) = (by(&treated), by(&control));
    Some(TimeEffect { horizon: plan.horizon, won: [won, won_control], lost: [lost, lost_control], log_rank: log_rank([(&treated, &control)]) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Without open cases a pseudo-value is the time itself, the horizon for who is lost or takes longer.
        #[test]
        fn without_open_cases_times_count_as_they_are(days in proptest::collection::btree_map(0i64..60, [0u64..5, 0u64..5, 0u64..1], 1..20)) {
            prop_assume!(days.values().map(|n| n[0]).sum::<u64>() > 1);
            let plan = TimePlan::of(&days).unwrap();
            for (&day, n) in &days {
                let close = |end: u8, want: i64| (plan.value(day, end) - want * 1_000_000).abs() <= 100;
                prop_assert!(n[0] == 0 || close(0, day.min(plan.horizon)), "{} {}", plan.value(day, 0), day);
                prop_assert!(n[1] == 0 || close(1, plan.horizon));
            }
        }

        /// Their mean is about the estimate of all, whoever is open.
        #[test]
        fn pseudo_values_average_to_the_estimate(days in proptest::collection::btree_map(0i64..60, [0u64..9, 0u64..9, 0u64..9], 10..30)) {
            prop_assume!(days.values().map(|n| n[0]).sum::<u64>() > 5 && days.values().flatten().sum::<u64>() > 60);
            let Some(plan) = TimePlan::of(&days) else { return Ok(()) };
            let n: u64 = days.values().flatten().sum();
            let sum: f64 = days.iter().flat_map(|(&day, n)| (0..3u8).map(move |end| (day, end, n[usize::from(end)]))).map(|(day, end, n)| plan.value(day, end) as f64 * n as f64).sum();
            let mean = sum / n as f64 / 1e6;
            prop_assert!((mean - time_without_win(&days, plan.horizon, None)).abs() < 0.05 * plan.horizon as f64);
        }
    }
}
