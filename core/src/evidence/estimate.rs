//! Numbers from the cells of one choice: what the strata say, and what the regressions say beside them.

use std::collections::BTreeMap;

use super::ledger::{Cell, Counts, EffectLedger, LATER};
use super::plan::PRIORS;
use super::screen::Sums;
use crate::stats::regression::Cell as Row;
use crate::stats::regression::{Design, Fit, Unfit, firth, linear, logistic};
use crate::stats::rng::{self, Rng};
use crate::stats::{CausalCell, Estimate, MantelHaenszel, Moments, Outcomes, TwoByTwo, causal};

/// Draws of a bootstrap over reps.
const DRAWS: usize = 1_000;
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
}

/// Strata of a choice in a fixed order, both parts of the split together.
pub(super) fn strata(counts: &Counts, arms: impl Fn(&Cell) -> (Sums, Sums)) -> Vec<Stratum> {
    let mut found: BTreeMap<(u32, u32, u8), (Sums, Sums)> = BTreeMap::new();
    for (&(rep, profile, bits), cell) in &counts.cells {
        let (treated, control) = arms(cell);
        let sums = found.entry((rep, profile, bits & !LATER)).or_default();
        sums.0.add(&treated);
        sums.1.add(&control);
    }
    found.into_iter().map(|((rep, profile, bits), (treated, control))| Stratum { rep, profile, bits, treated, control }).collect()
}

pub(super) fn table(stratum: &Stratum) -> TwoByTwo {
    let misses = |s: &Sums| s.n - s.sum as u64;
    TwoByTwo::new(stratum.treated.sum as u64, misses(&stratum.treated), stratum.control.sum as u64, misses(&stratum.control))
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

/// Σw(ȳ₁ − ȳ₀)/Σw with w = n₁n₀/N. Its standard error by a bootstrap over reps, whole reps drawn; with fewer than ten reps
/// from the variance within strata.
fn mean_difference(strata: &[Stratum], unit: f64) -> Option<Estimate> {
    let mut by_rep: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    let (mut spread, mut free) = ([0.0; 2], [0u64; 2]);
    let mut shares = [0.0; 2];
    for s in strata.iter().filter(|s| s.treated.n > 0 && s.control.n > 0) {
        let (t, c) = (moments(&s.treated, unit), moments(&s.control, unit));
        let (n1, n0) = (t.n as f64, c.n as f64);
        let w = n1 * n0 / (n1 + n0);
        let sums = by_rep.entry(s.rep).or_default();
        sums.0 += w * (t.mean - c.mean);
        sums.1 += w;
        for (arm, m, n) in [(0, t, n1), (1, c, n0)] {
            spread[arm] += m.m2;
            free[arm] += m.n - 1;
            shares[arm] += w * w / n;
        }
    }
    let (top, weight) = by_rep.values().fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
    if weight <= 0.0 {
        return None;
    }
    let estimate = top / weight;
    if by_rep.len() >= CLUSTERS {
        let reps: Vec<(f64, f64)> = by_rep.into_values().collect();
        let mut random = Rng::of(rng::key(0x626f_6f74, reps.len() as u64), strata.len() as u64);
        let mut drawn = Moments::default();
        for _ in 0..DRAWS {
            let (a, b) = (0..reps.len()).fold((0.0, 0.0), |sum, _| {
                let rep = reps[random.below(reps.len())];
                (sum.0 + rep.0, sum.1 + rep.1)
            });
            drawn.push(a / b);
        }
        return Some(Estimate { estimate, se: drawn.variance()?.sqrt() }).filter(|e| e.se.is_finite());
    }
    let variance = |arm: usize| (free[arm] > 0).then(|| spread[arm] / free[arm] as f64 * shares[arm]);
    // Where no stratum has two cases of an arm, the other arm's spread has to stand for both.
    let (one, none) = match (variance(0), variance(1)) {
        (Some(a), Some(b)) => (a, b),
        (Some(a), None) => (a, a / shares[0] * shares[1]),
        (None, Some(b)) => (b / shares[1] * shares[0], b),
        (None, None) => return None,
    };
    let se = (one + none).sqrt() / weight;
    se.is_finite().then_some(Estimate { estimate, se })
}

/// The cross-check: the doubly robust effect in the population of overlap, with a logistic regression of the choice and one of
/// the outcome on attributes and priors, each rep with an intercept of its own, errors clustered by rep. `None` where a
/// regression has no fit.
pub(super) fn overlap(ledger: &EffectLedger, strata: &[Stratum], numeric: bool, unit: f64) -> Option<Estimate> {
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
                if numeric { Row::values(&x, m.n, m.mean * m.n as f64, m.m2 + m.mean * m.mean * m.n as f64) } else { Row::counts(&x, arm.sum as u64, arm.n) };
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
                if numeric { Outcomes { n: m.n, sum: mean * n, squares: m.m2 + mean * mean * n } } else { Outcomes::counts(sums.sum as u64, sums.n) }
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
    let found = causal(&cells, CLIP)?.overlap.clustered();
    (found.estimate.is_finite() && found.se.is_finite() && found.se > 0.0).then_some(found)
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
            *seen = (seen.0 | one, seen.1 | !one);
            seen.0 && seen.1
        })
    });
    columns
}
