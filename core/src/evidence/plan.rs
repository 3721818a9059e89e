//! The plan: everything that is decided from all the data before an effect is looked at, frozen and hashed.

use std::collections::BTreeMap;

use ordered_float::OrderedFloat;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::choices::{ChoiceId, ChoiceKind, Known, WaitUnit};
use super::screen::{ScreenLedger, broken, renumbered};
use super::sums::{ByStratum, Sums};
use super::times::{self, TimePlan};
use crate::error::Result;
use crate::stats::{MantelHaenszel, TwoByTwo, chi2_sf};

/// An earlier choice is adjusted for if its smaller p-value is below this.
const SELECT: f64 = 0.05;
/// Most earlier choices adjusted for.
pub(super) const PRIORS: usize = 5;
/// Fewest who did it for a landmark.
const LANDMARK: u64 = 20;
/// Fewest uses of something unplanned, or of a wording, to be compared at all.
const USES: u64 = 10;
/// Most unplanned choices compared.
const UNPLANNED: usize = 1_000;
/// Attributes are coarsened until a stratum of reps and attributes has this many cases on average.
const PER_STRATUM: u64 = 5;
/// Levels an attribute may have, one after the other.
const LEVELS: [usize; 5] = [20, 10, 5, 3, 2];
/// What rare levels are called together.
const OTHER: &str = "(other)";

/// How the values of an attribute are put together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coarse {
    /// As they are.
    Keep,
    /// These as they are, all others together.
    Frequent(Vec<String>),
    /// Numbers by how many of these bounds they reach.
    Cuts(Vec<f64>),
}

impl Coarse {
    /// The level a value belongs to.
    pub fn level(&self, value: &str) -> String {
        match self {
            Self::Keep => value.to_owned(),
            Self::Frequent(keep) if keep.iter().any(|k| k == value) => value.to_owned(),
            Self::Frequent(_) => OTHER.to_owned(),
            Self::Cuts(cuts) => match value.parse::<f64>() {
                Ok(x) => {
                    let at = cuts.iter().filter(|cut| x >= **cut).count();
                    match (at.checked_sub(1).map(|i| cuts[i]), cuts.get(at)) {
                        (None, Some(high)) => format!("< {high}"),
                        (Some(low), None) => format!("≥ {low}"),
                        (Some(low), Some(high)) => format!("{low} to < {high}"),
                        (None, None) => value.to_owned(),
                    }
                }
                Err(_) => value.to_owned(),
            },
        }
    }
}

/// One comparison to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedChoice {
    /// The choice.
    pub choice: ChoiceId,
    /// Its risk set.
    pub(super) risk: String,
    /// Earlier choices and circumstances adjusted for, the strongest first.
    pub priors: Vec<Known>,
    /// Cases are compared that were alive this long after the point; who had done it by then has done it. `None` without
    /// a clock or with fewer than 20 who did it.
    pub landmark: Option<i64>,
    /// Where cases are made of conversations: it is judged in the one so many after its point, in which it is most often done (0:
    /// its own), among cases that had that one and had not made the choice before. `None` where cases are single conversations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<u32>,
    /// Where times are compared: the horizon, and what each time counts as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<TimePlan>,
}

/// The frozen plan of an analysis. Effect ledgers are keyed by its hash and add only to those of the same plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub(super) format: String,
    /// Outcome compared.
    pub outcome: String,
    pub(super) numeric: bool,
    /// Whether the time to the outcome is compared.
    #[serde(default)]
    pub(super) timed: bool,
    /// Attributes adjusted for, beside the rep.
    pub adjust_for: Vec<String>,
    /// How the values of each are put together.
    pub coarse: Vec<Coarse>,
    /// Unit of the landmarks.
    pub unit: Option<WaitUnit>,
    /// Last day, in days since 1970-01-01, of the earlier part: the earliest 60 % of decided cases by day. Cases without
    /// a day belong to it by SHA-256 of their id modulo 10 below 6.
    pub split: Option<i32>,
    /// Numeric outcomes are counted in units of ten to this power.
    pub resolution: i32,
    /// The comparisons, in the order of [`ChoiceId`].
    pub choices: Vec<PlannedChoice>,
    /// Unplanned choices too rare to be compared.
    pub too_rare: u64,
}

const FORMAT: &str = "goldpath/plan/1";

impl Plan {
    /// Settles what is compared with what.
    ///
    /// Earlier binaries by double selection: each is scored by the smaller of its Cochran–Mantel–Haenszel p-values with the
    /// choice and with the outcome, within rep × attributes; those below .05 are kept, at most five, smallest first, ties by
    /// name. Source of the idea: A. Belloni, V. Chernozhukov and C. Hansen, *Inference on treatment effects after selection
    /// among high-dimensional controls*, Review of Economic Studies 81 (2014) 608–650.
    ///
    /// What came at the same point is taken for earlier if it came first in two of three cases that have both. So is a step
    /// left out there, because it lengthens the stay; but not where most of those who left it out ended there, because
    /// whether a case goes on may be what the choice brings about.
    pub fn of(screen: &ScreenLedger) -> Self {
        let coarse = coarsen(screen);
        let totals = Totals::of(screen, &coarse);
        let (_, order) = renumbered(screen.choices.keys());
        let mut chosen: Vec<(u64, &ChoiceId)> = Vec::new();
        let (mut rare, mut unplanned) = (0, Vec::new());
        for id in order {
            let number = screen.choices.get_index_of(id).unwrap_or_default() as u32;
            let done: u64 = screen.done.get(&number).map_or(0, |strata| strata.iter().map(|(_, s)| s.n).sum());
            if !id.is_unplanned() && !matches!(id.kind, ChoiceKind::CatchUp | ChoiceKind::Wording) {
                chosen.push((done, id));
            } else if done >= USES {
                unplanned.push((done, id));
            } else if done > 0 {
                rare += 1;
            }
        }
        unplanned.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        rare += unplanned.len().saturating_sub(UNPLANNED) as u64;
        unplanned.truncate(UNPLANNED);
        chosen.extend(unplanned);
        chosen.sort_by(|a, b| a.1.cmp(b.1));
        let selected = totals.select(&chosen);
        let choices = (chosen.into_iter().zip(selected))
            .map(|((done, id), priors)| {
                let number = screen.choices.get_index_of(id).unwrap_or_default() as u32;
                let risk = screen.choices[id];
                let name = screen.risks.get_index(risk as usize).map(|(name, _)| name.clone()).unwrap_or_default();
                let (later, waits) = match most_often(screen, number).filter(|_| id.kind.needs_clock()) {
                    Some((later, waits)) => (Some(later), screen.unit.map(|_| waits)),
                    None => (None, screen.waits.get(&number)),
                };
                let landmark = waits.filter(|_| done >= LANDMARK && id.kind.needs_clock()).and_then(landmark);
                PlannedChoice { choice: id.clone(), risk: name, priors, landmark, later, times: screen.times.get(&risk).and_then(TimePlan::of) }
            })
            .collect();
        let largest = screen.largest;
        Self {
            format: FORMAT.to_owned(),
            outcome: screen.outcome.clone(),
            numeric: screen.numeric,
            timed: screen.timed,
            adjust_for: screen.attributes.clone(),
            coarse,
            unit: screen.unit,
            split: split(&screen.days),
            resolution: if screen.timed {
                times::RESOLUTION
            } else if screen.numeric && largest > 0.0 {
                largest.log10().floor() as i32 - 5
            } else {
                0
            },
            choices,
            too_rare: rare,
        }
    }

    /// Whether the time to the outcome is compared.
    pub(crate) fn is_timed(&self) -> bool {
        self.timed
    }

    /// The plan as JSON: the same plan gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what [`Plan::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) with code `evidence.ledger` if these are no bytes of a plan.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let plan: Self = serde_json::from_slice(bytes).map_err(|e| broken(&e.to_string()))?;
        let whole = plan.format == FORMAT && plan.coarse.len() == plan.adjust_for.len() && plan.choices.iter().all(|c| c.priors.len() <= PRIORS);
        if whole { Ok(plan) } else { Err(broken("it is no plan of this version")) }
    }

    /// SHA-256 of the bytes, in hexadecimal.
    pub fn hash(&self) -> String {
        crate::text::sha_hex(&[&self.to_bytes()])
    }

    /// The coarse values of a combination.
    pub(super) fn profile(&self, values: &[String]) -> Vec<String> {
        self.coarse.iter().zip(values).map(|(coarse, value)| coarse.level(value)).collect()
    }

    /// Whether a case belongs to the earlier part.
    pub(super) fn is_early(&self, day: Option<i32>, bucket: impl Fn() -> u8) -> bool {
        is_early(self.split, day, bucket)
    }
}

/// Whether a case belongs to the earlier part, of which `split` is the last day; one without a day, by its bucket.
pub(crate) fn is_early(split: Option<i32>, day: Option<i32>, bucket: impl Fn() -> u8) -> bool {
    match (day, split) {
        (Some(day), Some(last)) => day <= last,
        _ => bucket() < 6,
    }
}

/// The last day of the earliest 60 % of cases.
fn split(days: &BTreeMap<i32, u64>) -> Option<i32> {
    let total: u64 = days.values().sum();
    let mut seen = 0;
    days.iter()
        .find(|(_, n)| {
            seen += **n;
            seen * 10 >= total * 6
        })
        .map(|(&day, _)| day)
}

/// How many conversations after its point a choice is most often made (the earlier of two), with the waits in these.
fn most_often(screen: &ScreenLedger, choice: u32) -> Option<(u32, &BTreeMap<i64, u64>)> {
    let of = screen.later.iter().filter(|((of, _), _)| *of == choice).map(|((_, later), waits)| (*later, waits));
    of.max_by_key(|(later, waits)| (waits.values().sum::<u64>(), std::cmp::Reverse(*later)))
}

/// The ⌈0.95 n⌉-th smallest wait, if there are enough.
fn landmark(waits: &BTreeMap<i64, u64>) -> Option<i64> {
    let n: u64 = waits.values().sum();
    let mut seen = 0;
    (n >= LANDMARK)
        .then(|| {
            waits.iter().find(|(_, count)| {
                seen += **count;
                seen >= (n * 19).div_ceil(20)
            })
        })?
        .map(|(&wait, _)| wait)
}

/// Fewer and fewer levels until strata are not too thin.
fn coarsen(screen: &ScreenLedger) -> Vec<Coarse> {
    let decided = screen.decided();
    let counts: Vec<BTreeMap<&str, u64>> = (0..screen.attributes.len())
        .map(|at| {
            let mut counts = BTreeMap::new();
            for (&stratum, n) in &screen.cases {
                *counts.entry(screen.strata[stratum as usize].1[at].as_str()).or_default() += n;
            }
            counts
        })
        .collect();
    let mut coarse = Vec::new();
    for most in LEVELS {
        coarse = counts.iter().map(|counts| coarser(counts, most)).collect();
        let strata: FxHashSet<(Option<&str>, Vec<String>)> = (screen.cases.keys())
            .map(|&stratum| {
                let (rep, values) = &screen.strata[stratum as usize];
                (rep.as_deref(), coarse.iter().zip(values).map(|(c, v): (&Coarse, _)| c.level(v)).collect())
            })
            .collect();
        if decided >= PER_STRATUM * strata.len() as u64 {
            break;
        }
    }
    coarse
}

fn coarser(counts: &BTreeMap<&str, u64>, most: usize) -> Coarse {
    if counts.len() <= most {
        return Coarse::Keep;
    }
    let mut numbers: Vec<(OrderedFloat<f64>, u64)> = Vec::new();
    for (value, &n) in counts {
        match value.parse::<f64>() {
            Ok(x) if x.is_finite() => numbers.push((OrderedFloat(x), n)),
            _ if *value == "(none)" => {}
            _ => {
                let mut list: Vec<(&str, u64)> = counts.iter().map(|(v, n)| (*v, *n)).collect();
                list.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
                let mut keep: Vec<String> = list.into_iter().take(most - 1).map(|(v, _)| v.to_owned()).collect();
                keep.sort();
                return Coarse::Frequent(keep);
            }
        }
    }
    numbers.sort();
    let total: u64 = numbers.iter().map(|(_, n)| n).sum();
    let groups = most.min(5) as u64;
    let (mut cuts, mut seen, mut next) = (Vec::new(), 0, 1);
    for (x, n) in numbers {
        if seen > 0 && next < groups && seen * groups >= total * next {
            cuts.push(x.0);
            while next < groups && seen * groups >= total * next {
                next += 1;
            }
        }
        seen += n;
    }
    Coarse::Cuts(cuts)
}

/// The screen ledger by coarse strata.
struct Totals<'a> {
    screen: &'a ScreenLedger,
    /// Number of the coarse stratum of each stratum, by name, and how many there are.
    of: Vec<u32>,
    strata: usize,
    /// Things known in each risk set.
    known: FxHashMap<u32, Vec<(u32, &'a ByStratum)>>,
    /// Steps left out at a point, by the names of [`Known`], of which at least half went on: for the others, not having done
    /// the step says little more than that the case ended.
    told_apart: FxHashSet<(String, String)>,
}

impl<'a> Totals<'a> {
    fn of(screen: &'a ScreenLedger, coarse: &[Coarse]) -> Self {
        let name = |(rep, values): &'a (Option<String>, Vec<String>)| -> (Option<&str>, Vec<String>) {
            (rep.as_deref(), coarse.iter().zip(values).map(|(c, v)| c.level(v)).collect())
        };
        let names: Vec<(Option<&str>, Vec<String>)> = screen.strata.iter().map(name).collect();
        let mut distinct: Vec<&(Option<&str>, Vec<String>)> = names.iter().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let of = names.iter().map(|name| distinct.binary_search(&name).unwrap_or_default() as u32).collect();
        let told_apart = (screen.choices.iter())
            .filter(|(id, risk)| id.kind == ChoiceKind::Skip && screen.left_out.get(risk).is_some_and(|(n, on)| on * 2 >= *n))
            .map(|(id, _)| (format!("skip {}", id.step), id.at()))
            .collect();
        let mut known: FxHashMap<u32, Vec<(u32, &ByStratum)>> = FxHashMap::default();
        for (&(risk, thing), sums) in &screen.stands_known {
            known.entry(risk).or_default().push((thing, sums));
        }
        Self { screen, of, strata: distinct.len(), known, told_apart }
    }

    /// Sums by the number of the coarse stratum.
    fn coarse(&self, sums: Option<&ByStratum>) -> Vec<Sums> {
        let mut made = vec![Sums::default(); self.strata];
        for (stratum, sums) in sums.into_iter().flat_map(ByStratum::iter) {
            made[self.of[stratum as usize] as usize].add(sums);
        }
        made
    }

    /// The same for what is known of few.
    fn coarse_list(&self, sums: Option<&ByStratum>) -> ByStratum {
        sums.map(|sums| sums.renumbered(|stratum| self.of[stratum as usize])).unwrap_or_default()
    }

    /// What is adjusted for in each of some choices, of which is known how often they were made.
    fn select(&self, chosen: &[(u64, &ChoiceId)]) -> Vec<Vec<Known>> {
        let screen = self.screen;
        let mut by_risk: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
        for (at, (_, id)) in chosen.iter().enumerate().filter(|(_, (done, _))| *done > 0) {
            by_risk.entry(screen.choices[*id]).or_default().push(at);
        }
        let by_risk: Vec<(u32, Vec<usize>)> = by_risk.into_iter().collect();
        let found: Vec<(usize, Vec<Known>)> = (by_risk.into_par_iter().with_max_len(1))
            .flat_map_iter(|(risk, list)| {
                let ids: Vec<&ChoiceId> = list.iter().map(|&at| chosen[at].1).collect();
                list.into_iter().zip(self.select_in(risk, &ids))
            })
            .collect();
        let mut selected = vec![Vec::new(); chosen.len()];
        found.into_iter().for_each(|(at, priors)| selected[at] = priors);
        selected
    }

    /// The same for choices of one risk set.
    fn select_in(&self, risk: u32, ids: &[&ChoiceId]) -> Vec<Vec<Known>> {
        let screen = self.screen;
        let all = self.coarse(screen.stands.get(&risk));
        let number = |id: &ChoiceId| screen.choices.get_index_of(id).unwrap_or_default() as u32;
        let choices: Vec<(u32, Vec<Sums>)> = ids.iter().map(|id| (number(id), self.coarse(screen.done.get(&number(id))))).collect();
        let mut scored: Vec<Vec<(OrderedFloat<f64>, &Known)>> = vec![Vec::new(); ids.len()];
        for &(thing, with) in self.known.get(&risk).map_or(&[][..], Vec::as_slice) {
            let known = &screen.known[thing as usize];
            let (mut with_it, mut outcome) = (None, None);
            for ((id, (choice, done)), scored) in ids.iter().zip(&choices).zip(&mut scored) {
                if !self.is_before(id, *choice, known, thing) {
                    continue;
                }
                let with = with_it.get_or_insert_with(|| self.coarse_list(Some(with)));
                let outcome = *outcome.get_or_insert_with(|| p_with_outcome(&all, with, screen.numeric));
                let both = self.coarse_list(screen.done_known.get(&(*choice, thing)));
                let mut both = both.iter().peekable();
                let tables = with.iter().map(|(stratum, with)| {
                    let (all, done) = (all[stratum as usize].n, done[stratum as usize].n);
                    let both = both.next_if(|(of_both, _)| *of_both == stratum).map_or(0, |(_, both)| both.n);
                    let alone = done.saturating_sub(both);
                    TwoByTwo::new(both, with.n.saturating_sub(both), alone, all.saturating_sub(with.n).saturating_sub(alone))
                });
                let choice = p_of(tables);
                let p = choice.min(outcome);
                if p < SELECT {
                    scored.push((OrderedFloat(p), known));
                }
            }
        }
        let first = |mut scored: Vec<(OrderedFloat<f64>, &Known)>| {
            scored.sort();
            scored.into_iter().take(PRIORS).map(|(_, known)| known.clone()).collect()
        };
        scored.into_iter().map(first).collect()
    }

    /// Whether something known came before a choice, and says something else.
    fn is_before(&self, id: &ChoiceId, choice: u32, known: &Known, thing: u32) -> bool {
        if id.kind == ChoiceKind::Conforming || known.at != id.at() {
            return true;
        }
        if id.is_made_of(&known.what) {
            return false;
        }
        if known.what.starts_with("skip ") {
            return self.told_apart.contains(&(known.what.clone(), known.at.clone()));
        }
        let (first, both) = self.screen.orders.get(&(choice, thing)).copied().unwrap_or_default();
        if both == 0 { known.by_customer } else { first * 3 >= both * 2 }
    }
}

/// p-value of the test of Cochran, Mantel and Haenszel.
fn p_of(tables: impl Iterator<Item = TwoByTwo>) -> f64 {
    MantelHaenszel::test_of(tables).map_or(1.0, |test| test.p_value)
}

/// Test of Cochran, Mantel and Haenszel that the outcome does not go with something within strata; for numbers, that its
/// mean does not (the extended test with scores).
fn p_with_outcome(all: &[Sums], with: &ByStratum, numeric: bool) -> f64 {
    let strata = with.iter().map(|(stratum, with)| (with, all[stratum as usize].minus(with)));
    if !numeric {
        let table = |(with, without): (&Sums, Sums)| TwoByTwo::new(with.hits(), with.misses(), without.hits(), without.misses());
        return p_of(strata.map(table));
    }
    let (mut off, mut variance) = (0.0, 0.0);
    for (with, without) in strata {
        let (n1, n0) = (with.n as f64, without.n as f64);
        let n = n1 + n0;
        if n < 2.0 || n0 == 0.0 {
            continue;
        }
        let (sum, squares) = (with.sum as f64 + without.sum as f64, with.squares as f64 + without.squares as f64);
        off += with.sum as f64 - n1 * sum / n;
        variance += n1 * n0 / (n * (n - 1.0)) * (squares - sum * sum / n).max(0.0);
    }
    if variance > 0.0 { chi2_sf(off * off / variance, 1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn landmarks_and_splits() {
        let waits: BTreeMap<i64, u64> = (1..=20).map(|w| (w, 1)).collect();
        assert_eq!(landmark(&waits), Some(19));
        assert_eq!(landmark(&(1..=19).map(|w| (w, 1)).collect()), None);
        assert_eq!(split(&(1..=10).map(|d| (d, 1)).collect()), Some(6));
        assert_eq!(split(&BTreeMap::new()), None);
    }

    #[test]
    fn rare_levels_and_numbers_are_put_together() {
        let texts: BTreeMap<&str, u64> = [("a", 5), ("b", 9), ("c", 1), ("d", 1)].into();
        let coarse = coarser(&texts, 3);
        assert_eq!(coarse, Coarse::Frequent(vec!["a".into(), "b".into()]));
        assert_eq!((coarse.level("a"), coarse.level("d")), ("a".to_owned(), "(other)".to_owned()));
        let names: Vec<String> = (0..30).map(|i| i.to_string()).collect();
        let coarse = coarser(&names.iter().map(|n| (n.as_str(), 1)).collect(), 2);
        assert_eq!(coarse, Coarse::Cuts(vec![15.0]));
        assert_eq!((coarse.level("3"), coarse.level("20"), coarse.level("(none)")), ("< 15".into(), "≥ 15".into(), "(none)".into()));
    }
}
