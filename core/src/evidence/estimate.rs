//! Numbers from the cells of one choice: what the strata say, and what the regressions say beside them.

use std::collections::BTreeMap;

use super::effects::LEVEL;
use super::finding::StepCount;
use super::ledger::{Cell, Counts, EffectLedger, LATER};
use super::plan::PRIORS;
use super::subset::Newly;
use super::sums::Sums;
use crate::stats::regression::Cell as Row;
use crate::stats::regression::{Design, Fit, Unfit, firth, linear, logistic};
use crate::stats::{Causal, CausalCell, Estimate, Histogram, Interval, MantelHaenszel, Moments, Outcomes, TwoByTwo, causal, cluster_bootstrap, hodges_lehmann};
use crate::stats::{stratified_mean, weighted_mean, welch};

/// Draws of a bootstrap over reps.
const DRAWS: usize = 1_000;
/// The same draws every time.
const SEED: u64 = 0x676f_6c64;
/// Reps below which the bootstrap over them says too little, and the variance within strata is used.
const CLUSTERS: usize = 10;
/// Cells up to which Firth's penalty is tried where hits and misses are separated.
const FIRTH_CELLS: usize = 2_000;
/// Propensities are drawn into this much from 0 and 1.
const CLIP: f64 = 0.01;

/// Both arms in one stratum.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stratum {
    pub(super) rep: u32,
    pub(super) profile: u32,
    pub(super) bits: u8,
    pub(super) treated: Sums,
    pub(super) control: Sums,
    /// Cases of each arm without an outcome.
    pub(super) missing: [u64; 2],
}

impl Stratum {
    /// n₁n₀/N over all cases of the stratum, also those without an outcome: within a stratum and arm those that have it stand in
    /// for the others, each weighing one over the share that has it.
    fn weight(&self) -> f64 {
        let (n1, n0) = ((self.treated.n + self.missing[0]) as f64, (self.control.n + self.missing[1]) as f64);
        n1 * n0 / (n1 + n0)
    }
}

/// Strata of a choice in a fixed order, both parts of the split together.
pub(super) fn strata(counts: &Counts, arms: impl Fn(&Cell) -> (Sums, Sums)) -> Vec<Stratum> {
    let mut found: BTreeMap<(u32, u32, u8), (Sums, Sums, [u64; 2])> = BTreeMap::new();
    for (&(rep, profile, bits), cell) in &counts.cells {
        let (treated, control) = arms(cell);
        let sums = found.entry((rep, profile, bits & !LATER)).or_default();
        sums.0.add(&treated);
        sums.1.add(&control);
        sums.2 = [sums.2[0] + cell.missing[0], sums.2[1] + cell.missing[1]];
    }
    found.into_iter().map(|((rep, profile, bits), (treated, control, missing))| Stratum { rep, profile, bits, treated, control, missing }).collect()
}

pub(super) fn table(stratum: &Stratum) -> TwoByTwo {
    TwoByTwo::new(stratum.treated.hits(), stratum.treated.misses(), stratum.control.hits(), stratum.control.misses())
}

/// What the outcomes of an arm add up to, in their own unit.
pub(super) fn moments(sums: &Sums, unit: f64) -> Moments {
    if sums.n == 0 {
        return Moments::default();
    }
    let n = sums.n as f64;
    // n·Σy² − (Σy)² is exact in whole numbers.
    let spread = i128::from(sums.n) * sums.squares - i128::from(sums.sum) * i128::from(sums.sum);
    Moments { n: sums.n, mean: sums.sum as f64 / n * unit, m2: spread as f64 / n * unit * unit }
}

/// The default estimate: Mantel–Haenszel with Sato's variance for yes/no, the stratified difference of means for numbers.
pub(super) fn stratified(strata: &[Stratum], numeric: bool, unit: f64) -> Option<Estimate> {
    if numeric { mean_difference(strata, unit) } else { strata.iter().map(table).collect::<MantelHaenszel>().risk_difference() }
}

/// Σw(ȳ₁ − ȳ₀)/Σw with w = n₁n₀/N, the numbers those of all cases where some have no outcome. Its standard error by a bootstrap over reps, whole reps drawn; with fewer than ten reps
/// from the variance within strata.
fn mean_difference(strata: &[Stratum], unit: f64) -> Option<Estimate> {
    let both =
        || strata.iter().map(|s| (s, moments(&s.treated, unit), moments(&s.control, unit))).filter(|(_, treated, control)| treated.n > 0 && control.n > 0);
    let within = weighted_mean(both().map(|(s, treated, control)| (treated, control, s.weight())))?;
    // The estimate is a ratio of two sums over reps.
    let mut by_rep: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for (s, treated, control) in both() {
        let w = s.weight();
        let sums = by_rep.entry(s.rep).or_default();
        *sums = (sums.0 + w * (treated.mean - control.mean), sums.1 + w);
    }
    if by_rep.len() < CLUSTERS {
        return Some(within);
    }
    let reps: Vec<(f64, f64)> = by_rep.into_values().collect();
    let ratio = |times: &[u32]| {
        let (top, weight) = reps.iter().zip(times).fold((0.0, 0.0), |sum, (rep, &t)| (sum.0 + f64::from(t) * rep.0, sum.1 + f64::from(t) * rep.1));
        (weight > 0.0).then(|| top / weight)
    };
    let se = cluster_bootstrap(reps.len(), DRAWS, SEED, ratio)?.se()?;
    Some(Estimate { se, ..within })
}

/// Both arms as they are, without strata, for skewed numbers: the ratio of their geometric means (Welch on logarithms, where all
/// values are positive), and Hodges and Lehmann's shift.
pub(super) fn skewed(counts: &Counts, unit: f64) -> (Option<Interval>, Option<Interval>) {
    let arm = |values: &BTreeMap<i64, u64>| Histogram::of(values.iter().map(|(&value, &n)| (value as f64 * unit, n)));
    let (Some(treated), Some(control)) = (arm(&counts.values[0]), arm(&counts.values[1])) else { return (None, None) };
    let positive = counts.values.iter().all(|arm| arm.keys().all(|&value| value > 0));
    let logs = |h: &Histogram| h.moments(f64::ln).filter(|m| positive && m.m2 > 0.0);
    let ratio = logs(&treated).zip(logs(&control)).and_then(|(a, b)| welch(a, b, LEVEL)).map(Interval::exp);
    (ratio, hodges_lehmann(&treated, &control, LEVEL))
}

/// What the number of steps says by itself: Σ(n₁ₛ/n₁ − n₀ₛ/n₀)ȳₛ over numbers of steps s, and the difference within these.
pub(super) fn step_count(counts: &Counts, numeric: bool, unit: f64) -> Option<StepCount> {
    let totals = counts.steps.values().fold([0u64; 2], |sum, arms| [sum[0] + arms[0].n, sum[1] + arms[1].n]);
    if totals.contains(&0) {
        return None;
    }
    let alone = (counts.steps.values())
        .map(|[treated, control]| {
            let both = treated.plus(control);
            (treated.n as f64 / totals[0] as f64 - control.n as f64 / totals[1] as f64) * moments(&both, unit).mean
        })
        .sum();
    let stratum = |(rep, [treated, control]): (u32, &[Sums; 2])| Stratum { rep, profile: 0, bits: 0, treated: *treated, control: *control, missing: [0; 2] };
    let strata: Vec<Stratum> = counts.steps.iter().map(|(&steps, arms)| stratum((steps, arms))).collect();
    let pooled = if numeric {
        stratified_mean(strata.iter().map(|s| (moments(&s.treated, unit), moments(&s.control, unit))))
    } else {
        stratified(&strata, numeric, unit)
    };
    Some(StepCount { alone, within: pooled.filter(|e| e.se > 0.0).and_then(|e| e.interval(LEVEL)) })
}

/// The cross-check: the doubly robust effect in the population of overlap, with a logistic regression of the choice and one of
/// the outcome on attributes and priors, each rep with an intercept of its own, errors clustered by rep. `None` where a
/// regression has no fit.
pub(super) fn overlap(ledger: &EffectLedger, strata: &[Stratum], numeric: bool, unit: f64) -> Option<Estimate> {
    let found = regressed(ledger, strata, numeric, unit)?.overlap.clustered();
    (found.estimate.is_finite() && found.se.is_finite() && found.se > 0.0).then_some(found)
}

/// By the same regressions, the effect among those who did not make the choice.
pub(super) fn newly(ledger: &EffectLedger, strata: &[Stratum], numeric: bool, unit: f64) -> Option<Newly> {
    let found = regressed(ledger, strata, numeric, unit)?;
    let effect = found.among_control?.clustered();
    let usable = effect.estimate.is_finite() && effect.se.is_finite() && effect.se > 0.0;
    usable.then(|| Newly { cases: strata.iter().map(|s| s.control.n).sum(), comparable: found.control, effect })
}

/// A logistic regression of the choice and one of the outcome, and what follows from them.
fn regressed(ledger: &EffectLedger, strata: &[Stratum], numeric: bool, unit: f64) -> Option<Causal> {
    let columns = columns(ledger, strata);
    let (reps, p) = (ledger.reps.len(), columns.len());
    let row = |s: &Stratum| columns.iter().map(|c| c.of(ledger, s)).collect::<Vec<f64>>();
    let rows: Vec<Vec<f64>> = strata.iter().map(row).collect();
    let mut choice = Design::absorbing(p, reps);
    let mut outcome = Design::absorbing(p + 1, reps);
    for (s, x) in strata.iter().zip(&rows) {
        choice.push(Row::counts(x, s.treated.n, s.treated.n + s.control.n).level(s.rep)).ok()?;
        for (arm, made) in [(&s.treated, 1.0), (&s.control, 0.0)] {
            let mut x = x.clone();
            x.push(made);
            let m = moments(arm, unit);
            let cell =
                if numeric { Row::values(&x, m.n, m.mean * m.n as f64, m.m2 + m.mean * m.mean * m.n as f64) } else { Row::counts(&x, arm.hits(), arm.n) };
            outcome.push(cell.level(s.rep)).ok()?;
        }
    }
    let propensity = fit(&choice)?;
    let expected = if numeric { linear(&outcome).ok()? } else { fit(&outcome)? };
    let cells: Vec<CausalCell> = (strata.iter().zip(&rows))
        .map(|(s, x)| {
            let mut with = x.clone();
            with.push(1.0);
            let mut without = x.clone();
            without.push(0.0);
            let arm = |sums: &Sums| {
                let m = moments(sums, unit);
                let (n, mean) = (m.n as f64, m.mean);
                if numeric { Outcomes { n: m.n, sum: mean * n, squares: m.m2 + mean * mean * n } } else { Outcomes::counts(sums.hits(), sums.n) }
            };
            CausalCell {
                treated: arm(&s.treated),
                control: arm(&s.control),
                // A rep who always or never makes the choice has nothing to compare.
                propensity: propensity.predict(x, s.rep).filter(|e| *e > 1e-12 && *e < 1.0 - 1e-12),
                expected_treated: expected.predict(&with, s.rep),
                expected_control: expected.predict(&without, s.rep),
                cluster: s.rep,
            }
        })
        .collect();
    causal(&cells, CLIP)
}

fn fit(design: &Design) -> Option<Fit<'_>> {
    match logistic(design) {
        Ok(fit) => Some(fit),
        Err(Unfit::Separated) if design.len() <= FIRTH_CELLS => firth(design).ok(),
        Err(_) => None,
    }
}

/// A column of the regressions.
enum Column {
    Level { attribute: usize, value: String },
    Prior(usize),
}

impl Column {
    fn of(&self, ledger: &EffectLedger, s: &Stratum) -> f64 {
        f64::from(u8::from(match self {
            Self::Level { attribute, value } => ledger.profiles[s.profile as usize][*attribute] == *value,
            Self::Prior(bit) => s.bits >> bit & 1 == 1,
        }))
    }
}

/// Levels of the attributes but the first of each, and the priors; those that vary within some rep.
fn columns(ledger: &EffectLedger, strata: &[Stratum]) -> Vec<Column> {
    let attributes = ledger.profiles.first().map_or(0, Vec::len);
    let mut columns = Vec::new();
    for attribute in 0..attributes {
        let levels: std::collections::BTreeSet<&String> = strata.iter().map(|s| &ledger.profiles[s.profile as usize][attribute]).collect();
        columns.extend(levels.into_iter().skip(1).map(|value| Column::Level { attribute, value: value.clone() }));
    }
    columns.extend((0..PRIORS).map(Column::Prior));
    columns.retain(|column| {
        let mut of_rep: BTreeMap<u32, (bool, bool)> = BTreeMap::new();
        strata.iter().any(|s| {
            let seen = of_rep.entry(s.rep).or_default();
            let one = column.of(ledger, s) == 1.0;
            *seen = (seen.0 || one, seen.1 || !one);
            seen.0 && seen.1
        })
    });
    columns
}
