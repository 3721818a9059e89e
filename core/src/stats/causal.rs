//! The effect of a choice on an outcome from propensities and expected outcomes: weighting, and doubly robust estimates.
//!
//! A cell is a group of cases that agree on all that is adjusted for and on the cluster. It carries what its treated and its
//! control cases add up to, the propensity e of the choice and the expected outcomes m₁, m₀ of both arms, which come from
//! fits of any kind ([`regression`](super::regression)). From cells, never from rows.

use serde::Serialize;

use super::interval::Estimate;

/// What the outcomes of some cases add up to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Outcomes {
    /// Cases.
    pub n: u64,
    /// Sum of their outcomes; for a yes/no outcome the hits.
    pub sum: f64,
    /// Sum of the squares; for a yes/no outcome the hits again.
    pub squares: f64,
}

impl Outcomes {
    /// Of `n` cases of which `hits` have the outcome.
    pub fn counts(hits: u64, n: u64) -> Self {
        Self { n, sum: hits as f64, squares: hits as f64 }
    }

    /// Σ(a + b·y)², over the cases.
    fn squared(&self, a: f64, b: f64) -> f64 {
        (a * a * self.n as f64 + 2.0 * a * b * self.sum + b * b * self.squares).max(0.0)
    }
}

/// Cases that agree on all that is adjusted for and on the cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CausalCell {
    /// Those that made the choice.
    pub treated: Outcomes,
    /// Those that did not.
    pub control: Outcomes,
    /// Probability of the choice; `None` where it cannot be told.
    pub propensity: Option<f64>,
    /// Expected outcome with the choice; `None` where it cannot be told.
    pub expected_treated: Option<f64>,
    /// Expected outcome without it.
    pub expected_control: Option<f64>,
    /// Cases of one cluster may depend on each other.
    pub cluster: u32,
}

/// An estimate with its standard error from the influence function, for independent cases and for clusters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Influence {
    /// The estimate.
    pub estimate: f64,
    /// Standard error if the cases are independent.
    pub se: f64,
    /// Standard error if only the clusters are (CR0); `None` with fewer than two.
    pub se_clustered: Option<f64>,
}

impl Influence {
    /// With the standard error for clusters where there is one, else for cases.
    pub fn clustered(&self) -> Estimate {
        Estimate { estimate: self.estimate, se: self.se_clustered.unwrap_or(self.se) }
    }
}

/// Effects of a choice, over the cells where it can be told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Causal {
    /// Cases the estimates are about.
    pub cases: u64,
    /// Cases left out because a propensity is 0, 1 or unknown, or an expected outcome unknown: not comparable.
    pub left_out: u64,
    /// Mean outcome if all made the choice, doubly robust.
    pub mean_treated: f64,
    /// Mean outcome if none did, doubly robust.
    pub mean_control: f64,
    /// Average effect, doubly robust (AIPW).
    pub average: Influence,
    /// Logarithm of the ratio of the two means; `None` where one is not positive.
    pub log_ratio: Option<Influence>,
    /// Effect in the population of overlap, where both choices are common, doubly robust: what to hold against a
    /// Mantel–Haenszel difference.
    pub overlap: Influence,
    /// The same by overlap weights alone.
    pub overlap_weighted: f64,
    /// Average effect by inverse probability weights that are normalised (Hájek).
    pub weighted: f64,
    /// The same with weights as they are (Horvitz–Thompson).
    pub weighted_raw: f64,
    /// Effect among those who made the choice, by weights.
    pub among_treated: f64,
    /// (Σw)²/Σw² of the inverse probability weights of those who made the choice.
    pub effective_treated: f64,
    /// The same of those who did not.
    pub effective_control: f64,
    /// Effect among those who did not make the choice, doubly robust; `None` without any.
    pub among_control: Option<Influence>,
    /// Cases that did not make the choice, of those the estimates are about.
    pub control: u64,
    /// Smallest propensity.
    pub propensity_low: f64,
    /// Largest propensity.
    pub propensity_high: f64,
    /// Share of cases with a propensity below 0.1 or above 0.9.
    pub outside: f64,
}

struct Known {
    treated: Outcomes,
    control: Outcomes,
    e: f64,
    m1: f64,
    m0: f64,
    cluster: u32,
}

/// Estimates the effects; propensities are first drawn into [clip, 1 − clip], 0 for as they are. `None` where no cell is
/// comparable, an arm has no case there, or `clip` is not in [0, ½).
///
/// With t the choice, y the outcome: AIPW averages m₁ − m₀ + t(y − m₁)/e − (1 − t)(y − m₀)/(1 − e); its standard error is
/// √Σ(ψ − ψ̄)²/n, clustered √Σ(Σψ − ψ̄)²/n. Overlap weights are 1 − e for the treated, e for the controls; the doubly robust form
/// solves Σ[t(1 − e)(y − m₁) − (1 − t)e(y − m₀) + (t − e)²(m₁ − m₀ − τ)] = 0, whose terms are the efficient influence function
/// of that effect with the propensity estimated. Among the controls: Σ[t(1 − e)/e·(y − m₁) + (1 − t)(m₁ − y)]/n₀.
///
/// Sources: J. M. Robins, A. Rotnitzky and L. P. Zhao, *Estimation of regression coefficients when some regressors are not
/// always observed*, JASA 89 (1994) 846–866; F. Li, K. L. Morgan and A. M. Zaslavsky, *Balancing covariates via propensity
/// score weighting*, JASA 113 (2018) 390–400; K. Hirano, G. W. Imbens and G. Ridder, Econometrica 71 (2003) 1161–1189.
///
/// ```
/// use goldpath::stats::{CausalCell, Outcomes, causal};
/// let cell = |won1, n1, won0, n0, cluster| CausalCell {
///     treated: Outcomes::counts(won1, n1),
///     control: Outcomes::counts(won0, n0),
///     propensity: Some(n1 as f64 / (n1 + n0) as f64),
///     expected_treated: Some(won1 as f64 / n1 as f64),
///     expected_control: Some(won0 as f64 / n0 as f64),
///     cluster,
/// };
/// let effects = causal(&[cell(30, 50, 20, 50, 0), cell(10, 40, 6, 60, 1)], 0.0).unwrap();
/// assert!((effects.average.estimate - (0.5 * 0.2 + 0.5 * 0.15)).abs() < 1e-12);
/// ```
pub fn causal(cells: &[CausalCell], clip: f64) -> Option<Causal> {
    if !(0.0..0.5).contains(&clip) {
        return None;
    }
    let mut left_out = 0;
    let mut known = Vec::with_capacity(cells.len());
    for cell in cells {
        let n = cell.treated.n + cell.control.n;
        let comparable = cell.propensity.map(|e| e.clamp(clip, 1.0 - clip)).filter(|e| *e > 0.0 && *e < 1.0);
        let finite = |m: Option<f64>| m.filter(|m| m.is_finite());
        match (comparable, finite(cell.expected_treated), finite(cell.expected_control)) {
            (Some(e), Some(m1), Some(m0)) if n > 0 => {
                known.push(Known { treated: cell.treated, control: cell.control, e, m1, m0, cluster: cell.cluster });
            }
            _ => left_out += n,
        }
    }
    let n = known.iter().map(|c| (c.treated.n + c.control.n) as f64).sum::<f64>();
    let sum = |of: &dyn Fn(&Known) -> f64| known.iter().map(of).sum::<f64>();
    // Sums and weights of both arms under the three ways to weight.
    let arm = |treated: &dyn Fn(f64) -> f64, control: &dyn Fn(f64) -> f64| {
        let one = (sum(&|c| treated(c.e) * c.treated.sum), sum(&|c| treated(c.e) * c.treated.n as f64));
        let none = (sum(&|c| control(c.e) * c.control.sum), sum(&|c| control(c.e) * c.control.n as f64));
        (one, none)
    };
    let (inverse1, inverse0) = arm(&|e| 1.0 / e, &|e| 1.0 / (1.0 - e));
    if !(inverse1.1 > 0.0 && inverse0.1 > 0.0) {
        return None;
    }
    let normalised = |(one, none): ((f64, f64), (f64, f64))| one.0 / one.1 - none.0 / none.1;
    let effective = |weight: f64, of: &dyn Fn(&Known) -> f64| weight * weight / sum(of);

    let mu1 = sum(&|c| (c.treated.n + c.control.n) as f64 * c.m1 + (c.treated.sum - c.treated.n as f64 * c.m1) / c.e) / n;
    let mu0 = sum(&|c| (c.treated.n + c.control.n) as f64 * c.m0 + (c.control.sum - c.control.n as f64 * c.m0) / (1.0 - c.e)) / n;
    // ψ of a case is linear in its outcome: one line for the treated of a cell, one for its controls.
    let lines1 = |c: &Known| [(c.m1 - c.m1 / c.e - mu1, 1.0 / c.e), (c.m1 - mu1, 0.0)];
    let lines0 = |c: &Known| [(c.m0 - mu0, 0.0), (c.m0 - c.m0 / (1.0 - c.e) - mu0, 1.0 / (1.0 - c.e))];
    let combined = |by1: f64, by0: f64| {
        influence(&known, n, |c| {
            let (one, none) = (lines1(c), lines0(c));
            [0, 1].map(|arm| (by1 * one[arm].0 - by0 * none[arm].0, by1 * one[arm].1 - by0 * none[arm].1))
        })
    };
    let (se, se_clustered) = combined(1.0, 1.0);
    let average = Influence { estimate: mu1 - mu0, se, se_clustered };
    let log_ratio = (mu1 > 0.0 && mu0 > 0.0).then(|| {
        let (se, se_clustered) = combined(1.0 / mu1, 1.0 / mu0);
        Influence { estimate: (mu1 / mu0).ln(), se, se_clustered }
    });

    let both = sum(&|c| c.treated.n as f64 * (1.0 - c.e).powi(2) + c.control.n as f64 * c.e * c.e);
    let tilted = sum(&|c| {
        let effect = c.m1 - c.m0;
        let one = (1.0 - c.e) * (c.treated.sum - c.treated.n as f64 * c.m1) + c.treated.n as f64 * (1.0 - c.e).powi(2) * effect;
        let none = c.e * (c.control.sum - c.control.n as f64 * c.m0) - c.control.n as f64 * c.e * c.e * effect;
        one - none
    });
    let tau = tilted / both;
    let (se, se_clustered) = influence(&known, both, |c| {
        let rest = c.m1 - c.m0 - tau;
        let one = ((1.0 - c.e) * ((1.0 - c.e) * rest - c.m1), 1.0 - c.e);
        let none = (c.e * (c.e * rest + c.m0), -c.e);
        [one, none]
    });
    let overlap = Influence { estimate: tau, se, se_clustered };

    // The treated stand for the controls by their odds of not having made the choice.
    let control = known.iter().map(|c| c.control.n).sum::<u64>();
    let among_control = (control > 0).then(|| {
        let odds = |c: &Known| (1.0 - c.e) / c.e;
        let of = |c: &Known| odds(c) * (c.treated.sum - c.treated.n as f64 * c.m1) + c.control.n as f64 * c.m1 - c.control.sum;
        let estimate = sum(&of) / control as f64;
        let (se, se_clustered) = influence(&known, control as f64, |c| [(-odds(c) * c.m1, odds(c)), (c.m1 - estimate, -1.0)]);
        Influence { estimate, se, se_clustered }
    });

    Some(Causal {
        cases: n as u64,
        among_control,
        control,
        left_out,
        mean_treated: mu1,
        mean_control: mu0,
        average,
        log_ratio,
        overlap,
        overlap_weighted: normalised(arm(&|e| 1.0 - e, &|e| e)),
        weighted: normalised((inverse1, inverse0)),
        weighted_raw: (inverse1.0 - inverse0.0) / n,
        among_treated: normalised(arm(&|_| 1.0, &|e| e / (1.0 - e))),
        effective_treated: effective(inverse1.1, &|c| c.treated.n as f64 / (c.e * c.e)),
        effective_control: effective(inverse0.1, &|c| c.control.n as f64 / (1.0 - c.e).powi(2)),
        propensity_low: known.iter().map(|c| c.e).fold(1.0, f64::min),
        propensity_high: known.iter().map(|c| c.e).fold(0.0, f64::max),
        outside: sum(&|c| if c.e < 0.1 || c.e > 0.9 { (c.treated.n + c.control.n) as f64 } else { 0.0 }) / n,
    })
}

/// Standard errors, by case and by cluster, of a mean over `n` whose terms are lines in the outcome.
fn influence(cells: &[Known], n: f64, lines: impl Fn(&Known) -> [(f64, f64); 2]) -> (f64, Option<f64>) {
    let mut squares = 0.0;
    let mut clusters: Vec<(u32, f64)> = Vec::with_capacity(cells.len());
    for cell in cells {
        let [one, none] = lines(cell);
        squares += cell.treated.squared(one.0, one.1) + cell.control.squared(none.0, none.1);
        let sum = |o: &Outcomes, line: (f64, f64)| line.0 * o.n as f64 + line.1 * o.sum;
        clusters.push((cell.cluster, sum(&cell.treated, one) + sum(&cell.control, none)));
    }
    clusters.sort_by_key(|c| c.0);
    let sums: Vec<f64> = clusters.chunk_by(|a, b| a.0 == b.0).map(|c| c.iter().map(|c| c.1).sum()).collect();
    let clustered = sums.iter().map(|s| s * s).sum::<f64>().sqrt() / n;
    (squares.sqrt() / n, (sums.len() > 1).then_some(clustered))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{MantelHaenszel, TwoByTwo};
    use proptest::prelude::*;

    fn saturated(tables: &[TwoByTwo]) -> Vec<CausalCell> {
        let cell = |(at, t): (usize, &TwoByTwo)| CausalCell {
            treated: Outcomes::counts(t.treated_hits, t.treated()),
            control: Outcomes::counts(t.control_hits, t.control()),
            propensity: Some(t.treated() as f64 / t.n() as f64),
            expected_treated: (t.treated() > 0).then(|| t.treated_hits as f64 / t.treated() as f64),
            expected_control: (t.control() > 0).then(|| t.control_hits as f64 / t.control() as f64),
            cluster: at as u32 % 5,
        };
        tables.iter().filter(|t| t.n() > 0).enumerate().map(cell).collect()
    }

    fn tables() -> impl Strategy<Value = Vec<TwoByTwo>> {
        let count = || 0u64..40;
        proptest::collection::vec((count(), count(), count(), count()).prop_map(|(a, b, c, d)| TwoByTwo::new(a, b, c, d)), 1..20)
    }

    proptest! {
        /// With a stratum of its own for each cell every way gives what the strata give.
        #[test]
        fn saturated_effects_are_stratified(tables in tables()) {
            let pooled: MantelHaenszel = tables.iter().copied().collect();
            let Some(found) = causal(&saturated(&tables), 0.0) else {
                prop_assert_eq!(pooled.comparable_strata(), 0);
                return Ok(());
            };
            let (mh, all, treated) = (pooled.risk_difference().unwrap().estimate, pooled.standardised().unwrap(), pooled.among_treated().unwrap());
            for (have, want) in [(found.overlap.estimate, mh), (found.overlap_weighted, mh), (found.average.estimate, all), (found.weighted, all),
                (found.weighted_raw, all), (found.among_treated, treated)] {
                prop_assert!((have - want).abs() < 1e-9, "{} {}", have, want);
            }
            prop_assert_eq!(found.cases, pooled.comparable().n());
            prop_assert_eq!(found.left_out, pooled.all().n() - found.cases);
            prop_assert!(found.average.se >= 0.0 && found.effective_treated <= pooled.comparable().treated() as f64 + 1e-6);
        }

        #[test]
        fn swapping_arms_negates(tables in tables()) {
            let cells = saturated(&tables);
            let swapped: Vec<CausalCell> = cells.iter().map(|c| CausalCell {
                treated: c.control, control: c.treated, propensity: c.propensity.map(|e| 1.0 - e),
                expected_treated: c.expected_control, expected_control: c.expected_treated, cluster: c.cluster,
            }).collect();
            match (causal(&cells, 0.0), causal(&swapped, 0.0)) {
                (Some(a), Some(b)) => for (x, y) in [(a.average, b.average), (a.overlap, b.overlap)] {
                    prop_assert!((x.estimate + y.estimate).abs() < 1e-9 && (x.se - y.se).abs() < 1e-9);
                    prop_assert!(x.se_clustered.zip(y.se_clustered).is_none_or(|(x, y)| (x - y).abs() < 1e-9));
                    prop_assert!((a.among_control.unwrap().estimate + b.among_treated).abs() < 1e-9);
                },
                (a, b) => prop_assert!(a.is_none() && b.is_none()),
            }
        }
    }

    /// Over simulated samples with known effects the standard errors are as large as the estimates spread.
    #[test]
    fn standard_errors_are_honest() {
        use crate::stats::regression::{Cell, Design, logistic};
        use crate::stats::rng::{Rng, key};
        use crate::stats::special::normal_quantile;
        let expit = |z: f64| 1.0 / (1.0 + (-z).exp());
        let (choice, with, without) = (|x: f64| expit(0.9 * x - 0.3), |x: f64| expit(0.9 * x - 0.2), |x: f64| expit(0.5 * x - 0.8));
        let normal = |rng: &mut Rng| normal_quantile(rng.unit().clamp(1e-12, 1.0 - 1e-12));
        let grid: Vec<f64> = (0..4_000).map(|i| normal_quantile((f64::from(i) + 0.5) / 4_000.0)).collect();
        let weighted = |weight: &dyn Fn(f64) -> f64| {
            let (sum, all) = grid.iter().fold((0.0, 0.0), |(s, a), &x| (s + weight(x) * (with(x) - without(x)), a + weight(x)));
            sum / all
        };
        let truths = [weighted(&|_| 1.0), weighted(&|x| choice(x) * (1.0 - choice(x)))];
        let (runs, mut inside) = (300, [0; 2]);
        for run in 0..runs {
            let mut rng = Rng::of(key(5, run), 0);
            let rows: Vec<(f64, bool, bool)> = (0..500)
                .map(|_| {
                    let x = normal(&mut rng);
                    let treated = rng.unit() < choice(x);
                    (x, treated, rng.unit() < if treated { with(x) } else { without(x) })
                })
                .collect();
            let fill = |keep: &dyn Fn(bool) -> bool, hit: &dyn Fn(&(f64, bool, bool)) -> bool| {
                let mut design = Design::new(2);
                for row in rows.iter().filter(|row| keep(row.1)) {
                    design.push(Cell::counts(&[1.0, row.0], u64::from(hit(row)), 1)).unwrap();
                }
                design
            };
            let designs = [fill(&|_| true, &|r| r.1), fill(&|t| t, &|r| r.2), fill(&|t| !t, &|r| r.2)];
            let fits = designs.each_ref().map(|design| logistic(design).unwrap());
            let cells: Vec<CausalCell> = rows
                .iter()
                .map(|&(x, treated, hit)| {
                    let (one, none) = (Outcomes::counts(u64::from(hit), 1), Outcomes::default());
                    let [e, m1, m0] = fits.each_ref().map(|fit| fit.predict(&[1.0, x], 0));
                    let (treated, control) = if treated { (one, none) } else { (none, one) };
                    CausalCell { treated, control, propensity: e, expected_treated: m1, expected_control: m0, cluster: 0 }
                })
                .collect();
            let found = causal(&cells, 0.0).unwrap();
            for (inside, (effect, truth)) in inside.iter_mut().zip([found.average, found.overlap].iter().zip(truths)) {
                *inside += u32::from((effect.estimate - truth).abs() < 1.96 * effect.se);
            }
        }
        let shares = inside.map(|n| f64::from(n) / runs as f64);
        assert!(shares.iter().all(|share| (0.92..0.98).contains(share)), "{shares:?}");
    }

    #[test]
    fn nothing_comparable() {
        assert_eq!(causal(&[], 0.0), None);
        assert_eq!(causal(&saturated(&[TwoByTwo::new(3, 4, 0, 0)]), 0.0), None);
        assert_eq!(causal(&saturated(&[TwoByTwo::new(3, 4, 1, 1)]), 0.5), None);
    }
}
