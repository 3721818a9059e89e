//! Effects of several groups (reps, sites) taken together: pooled, drawn to each other, corrected for having been picked.

use serde::Serialize;

use super::interval::{Estimate, Interval};
use super::special::{level_t, level_z, ln_normal_sf};

/// Effects of groups pooled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pooled {
    /// As if all groups shared one effect: weights 1/se².
    pub fixed: Estimate,
    /// As if each group had its own: weights 1/(se² + τ²).
    pub random: Estimate,
    /// Standard error of `random` by Hartung, Knapp, Sidik and Jonkman, which is right for few groups with a t interval of
    /// one degree of freedom less than there are groups; `None` for one group.
    pub random_se_adjusted: Option<f64>,
    /// Variance between the effects of the groups, by DerSimonian and Laird; never below 0.
    pub tau2: f64,
    /// The same by Paule and Mandel.
    pub tau2_paule_mandel: f64,
    /// Cochran's Q: how far the groups are apart, chi-square with one degree of freedom less than there are groups if they
    /// share one effect.
    pub q: f64,
    /// Share of the spread that is not chance, 0 to 1.
    pub i2: f64,
    /// Groups.
    pub groups: usize,
}

impl Pooled {
    /// The interval of the random effect with the adjusted standard error; `None` for one group or where `level` is not
    /// between 0 and 1.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let half = level_t(level, (self.groups - 1) as f64)? * self.random_se_adjusted?;
        let estimate = self.random.estimate;
        Some(Interval { estimate, low: estimate - half, high: estimate + half })
    }
}

fn weighted(effects: &[Estimate], tau2: f64) -> Estimate {
    let (mut weight, mut sum) = (0.0, 0.0);
    for e in effects {
        let w = 1.0 / (e.se * e.se + tau2);
        weight += w;
        sum += w * e.estimate;
    }
    Estimate { estimate: sum / weight, se: (1.0 / weight).sqrt() }
}

fn scatter(effects: &[Estimate], tau2: f64) -> f64 {
    // One effect is its own mean, whatever rounding says.
    if effects.len() == 1 {
        return 0.0;
    }
    let mean = weighted(effects, tau2).estimate;
    effects.iter().map(|e| (e.estimate - mean).powi(2) / (e.se * e.se + tau2)).sum()
}

/// Pools independent effects; `None` without one, or where a standard error is not positive.
///
/// τ² = (Q − (k − 1)) ÷ (Σw − Σw²/Σw), w = 1/se², not below 0.
///
/// Sources: R. DerSimonian and N. Laird, Controlled Clinical Trials 7 (1986) 177–188; R. C. Paule and J. Mandel, Journal of
/// Research of the NBS 87 (1982) 377–385; J. Hartung and G. Knapp, Statistics in Medicine 20 (2001) 3875–3889.
///
/// ```
/// use goldpath::stats::{Estimate, pool};
/// let reps = [(0.5, 0.1), (-0.2, 0.14142136), (0.3, 0.1)].map(|(estimate, se)| Estimate { estimate, se });
/// let pooled = pool(&reps).unwrap();
/// assert!(pooled.tau2 > 0.0 && pooled.random.se > pooled.fixed.se);
/// ```
pub fn pool(effects: &[Estimate]) -> Option<Pooled> {
    if effects.is_empty() || effects.iter().any(|e| !(e.se > 0.0 && e.se.is_finite() && e.estimate.is_finite())) {
        return None;
    }
    let k = effects.len() as f64;
    let fixed = weighted(effects, 0.0);
    let q = scatter(effects, 0.0);
    let power = |p: i32| effects.iter().map(|e| e.se.powi(-2 * p)).sum::<f64>();
    let spare = power(1) - power(2) / power(1);
    let tau2 = if effects.len() > 1 { ((q - (k - 1.0)) / spare).max(0.0) } else { 0.0 };
    let random = weighted(effects, tau2);
    let random_se_adjusted = (effects.len() > 1).then(|| random.se * (scatter(effects, tau2) / (k - 1.0)).sqrt());
    // Q falls as τ² grows: the value at which it is what chance alone would leave.
    let too_far = |tau2: f64| scatter(effects, tau2) > k - 1.0;
    let mut most = 1.0;
    while too_far(most) {
        most *= 2.0;
    }
    let tau2_paule_mandel = if too_far(0.0) { super::special::boundary(0.0, most, too_far) } else { 0.0 };
    let i2 = if q > 0.0 { ((q - (k - 1.0)) / q).max(0.0) } else { 0.0 };
    Some(Pooled { fixed, random, random_se_adjusted, tau2, tau2_paule_mandel, q, i2, groups: effects.len() })
}

/// Each effect drawn to the mean of all by as much as its own error is larger than the spread between them: mean + B(x − mean)
/// with B = τ²/(τ² + se²), standard deviation se√B. The largest of many effects is mostly luck; this takes the luck out on
/// average. Where the groups show no spread beyond chance all are drawn to the mean wholly. `None` as for [`pool`].
///
/// Source: C. N. Morris, *Parametric empirical Bayes inference*, JASA 78 (1983) 47–55.
///
/// ```
/// use goldpath::stats::{Estimate, shrink};
/// let effects = [(0.1, 0.02), (0.02, 0.03), (-0.03, 0.02)].map(|(estimate, se)| Estimate { estimate, se });
/// let shrunk = shrink(&effects).unwrap();
/// assert!(shrunk[0].estimate < 0.1 && shrunk[2].estimate > -0.03);
/// ```
pub fn shrink(effects: &[Estimate]) -> Option<Vec<Estimate>> {
    let pooled = pool(effects)?;
    let (tau2, mean) = (pooled.tau2, pooled.random.estimate);
    let one = |e: &Estimate| {
        let b = tau2 / (tau2 + e.se * e.se);
        Estimate { estimate: mean + b * (e.estimate - mean), se: e.se * b.sqrt() }
    };
    Some(effects.iter().map(one).collect())
}

/// An effect reported only because its estimate was above `threshold`, corrected for that: the median-unbiased estimate and
/// interval of a normal estimate given that it passed. Just above the threshold the interval is very wide, and rightly so: there
/// estimate on data that did not pick. `None` unless the estimate is above the threshold, its standard error positive, and
/// `level` between 0 and 1.
///
/// The end for tail p solves Φ̄((x − θ)/s) ÷ Φ̄((c − θ)/s) = p.
///
/// Source: H. Zhong and R. L. Prentice, *Bias-reduced estimators and confidence intervals for odds ratios in genome-wide
/// association studies*, Biostatistics 9 (2008) 621–634.
///
/// ```
/// use goldpath::stats::{Estimate, given_selected};
/// let i = given_selected(Estimate { estimate: 0.05, se: 0.02 }, 0.0392, 0.95).unwrap();
/// assert!((i.estimate - 0.0308).abs() < 1e-4 && i.low < 0.0);
/// ```
pub fn given_selected(effect: Estimate, threshold: f64, level: f64) -> Option<Interval> {
    let Estimate { estimate: x, se } = effect;
    level_z(level)?;
    if !(x > threshold && se > 0.0 && x.is_finite() && se.is_finite() && threshold.is_finite()) {
        return None;
    }
    let tail = (1.0 - level) / 2.0;
    let end = |p: f64| {
        let below = |theta: f64| ln_normal_sf((x - theta) / se) - ln_normal_sf((threshold - theta) / se) < p.ln();
        // For θ far below, the ratio is about exp(−(x − c)(c − θ)/s²).
        let far = threshold - 2.0 * (se * se * -p.ln() / (x - threshold) + 10.0 * se);
        super::special::boundary(far, x + 50.0 * se, below)
    };
    Some(Interval { estimate: end(0.5), low: end(tail), high: end(1.0 - tail) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pooled_lies_among_the_effects(effects in proptest::collection::vec((-2.0f64..2.0, 0.05f64..1.0), 1..20)) {
            let effects: Vec<Estimate> = effects.into_iter().map(|(estimate, se)| Estimate { estimate, se }).collect();
            let p = pool(&effects).unwrap();
            let low = effects.iter().map(|e| e.estimate).fold(f64::INFINITY, f64::min);
            let high = effects.iter().map(|e| e.estimate).fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(low - 1e-12 <= p.fixed.estimate && p.random.estimate <= high + 1e-12 && p.random.se >= p.fixed.se - 1e-12);
            prop_assert!((0.0..=1.0).contains(&p.i2) && p.tau2 >= 0.0 && (p.tau2 == 0.0) == (p.q <= (p.groups - 1) as f64));
            for (before, after) in effects.iter().zip(shrink(&effects).unwrap()) {
                prop_assert!((after.estimate - p.random.estimate).abs() <= (before.estimate - p.random.estimate).abs() + 1e-12 && after.se <= before.se);
            }
        }

        #[test]
        fn selection_is_paid_for(x in 0.01f64..5.0, se in 0.05f64..1.0) {
            let effect = Estimate { estimate: 1.0 + x, se };
            let (found, plain) = (given_selected(effect, 1.0, 0.95).unwrap(), effect.interval(0.95).unwrap());
            prop_assert!(found.low <= found.estimate && found.estimate <= found.high);
            prop_assert!(found.estimate <= plain.estimate + 1e-9 && found.low <= plain.low + 1e-9 && found.high <= plain.high + 1e-9);
        }
    }

    #[test]
    fn refused() {
        assert_eq!(pool(&[]), None);
        assert_eq!(pool(&[Estimate { estimate: 1.0, se: 0.0 }]), None);
        assert_eq!(given_selected(Estimate { estimate: 1.0, se: 0.1 }, 1.0, 0.95), None);
        let one = pool(&[Estimate { estimate: 1.0, se: 0.5 }]).unwrap();
        assert_eq!((one.tau2, one.random.estimate, one.interval(0.95)), (0.0, 1.0, None));
    }
}
