//! VanderWeele and Ding's E-value: how strong an unseen cause would have to be to explain a finding away.
//!
//! The E-value is the smallest risk ratio that an unmeasured confounder would need with both the choice and the outcome
//! (beyond what is adjusted for) to turn the estimate, or the end of its interval nearest to no effect, into no effect at
//! all: RR + √(RR(RR − 1)) for RR ≥ 1, of 1/RR below. It is at least 1; 1 says that nothing need be explained away.
//!
//! Source: T. J. VanderWeele and P. Ding, *Sensitivity analysis in observational research: introducing the E-value*, Annals
//! of Internal Medicine 167 (2017) 268–274, with its approximations for odds ratios, hazard ratios and differences of means.

use serde::Serialize;

use super::interval::{Estimate, Interval};
use super::special::level_z;

/// The E-value of an estimate and of its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EValue {
    /// Of the estimate.
    pub estimate: f64,
    /// Of the end of the interval that is nearer to no effect; 1 where the interval contains no effect.
    pub limit: f64,
}

fn of(ratio: f64) -> f64 {
    let ratio = if ratio < 1.0 { 1.0 / ratio } else { ratio };
    if ratio.is_infinite() { f64::INFINITY } else { ratio + (ratio * (ratio - 1.0)).sqrt() }
}

/// E-value of a risk ratio with its interval; `None` where these are no ratios (negative, not a number, out of order).
///
/// ```
/// use goldpath::stats::{Interval, e_value};
/// let e = e_value(Interval { estimate: 3.9, low: 1.8, high: 8.7 }).unwrap();
/// assert!((e.estimate - 7.26).abs() < 0.005 && (e.limit - 3.0).abs() < 1e-12);
/// ```
pub fn e_value(ratio: Interval) -> Option<EValue> {
    let Interval { estimate, low, high } = ratio;
    if !(low >= 0.0 && low <= estimate && estimate <= high) {
        return None;
    }
    let limit = if low > 1.0 {
        of(low)
    } else if high < 1.0 {
        of(high)
    } else {
        1.0
    };
    Some(EValue { estimate: of(estimate), limit })
}

fn mapped(ratio: Interval, to_risk_ratio: impl Fn(f64) -> f64) -> Option<EValue> {
    e_value(Interval { estimate: to_risk_ratio(ratio.estimate), low: to_risk_ratio(ratio.low), high: to_risk_ratio(ratio.high) })
}

/// E-value of an odds ratio of an outcome that is not rare: its square root stands for the risk ratio. (Of a rare outcome,
/// below 15 %, the odds ratio itself does: [`e_value`].)
///
/// ```
/// use goldpath::stats::{Interval, e_value_odds};
/// let e = e_value_odds(Interval { estimate: 4.0, low: 2.25, high: 9.0 }).unwrap();
/// assert!((e.estimate - 3.4142).abs() < 1e-4);
/// ```
pub fn e_value_odds(ratio: Interval) -> Option<EValue> {
    if ratio.low < 0.0 {
        return None;
    }
    mapped(ratio, f64::sqrt)
}

/// E-value of a hazard ratio of an outcome that is not rare: (1 − ½^√HR) ÷ (1 − ½^√(1/HR)) stands for the risk ratio.
///
/// ```
/// use goldpath::stats::{Interval, e_value_hazard};
/// let e = e_value_hazard(Interval { estimate: 0.56, low: 0.46, high: 0.69 }).unwrap();
/// assert!((e.estimate - 2.3495).abs() < 1e-4);
/// ```
pub fn e_value_hazard(ratio: Interval) -> Option<EValue> {
    if !(ratio.low > 0.0 && ratio.high.is_finite()) {
        return None;
    }
    mapped(ratio, |hr| (1.0 - 0.5f64.powf(hr.sqrt())) / (1.0 - 0.5f64.powf((1.0 / hr).sqrt())))
}

/// E-value of a difference of means in standard deviations: exp(0.91·d) stands for the risk ratio, with the interval
/// exp(0.91·d ± 1.78·se), which is about that of 95 %.
///
/// ```
/// use goldpath::stats::{Estimate, e_value_means};
/// let e = e_value_means(Estimate { estimate: 0.5, se: 0.25 }).unwrap();
/// assert!((e.estimate - 2.5291).abs() < 1e-4 && (e.limit - 1.1108).abs() < 1e-4);
/// ```
pub fn e_value_means(d: Estimate) -> Option<EValue> {
    let (middle, half) = (0.91 * d.estimate, 1.78 * d.se);
    e_value(Interval { estimate: middle, low: middle - half, high: middle + half }.exp())
}

/// E-value of a difference of two proportions with the share of hits of the control arm as base: the ratio
/// (base + difference) ÷ base stands for the risk ratio, of the estimate and of both ends. `None` where the base is not
/// between 0 and 1 or `level` neither.
///
/// ```
/// use goldpath::stats::{Estimate, e_value_difference};
/// let e = e_value_difference(Estimate { estimate: 0.1, se: 0.02 }, 0.2, 0.95).unwrap();
/// assert!((e.estimate - 2.3660).abs() < 1e-4 && e.limit > 1.0);
/// ```
pub fn e_value_difference(difference: Estimate, base: f64, level: f64) -> Option<EValue> {
    if !(base > 0.0 && base <= 1.0) {
        return None;
    }
    let half = level_z(level)? * difference.se;
    let ratio = |d: f64| ((base + d) / base).clamp(0.0, 1.0 / base);
    let d = difference.estimate;
    e_value(Interval { estimate: ratio(d), low: ratio(d - half), high: ratio(d + half) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn at_least_one_and_the_same_both_ways(log in -4.0f64..4.0, half in 0.0f64..3.0) {
            let i = Interval { estimate: log, low: log - half, high: log + half };
            let (e, f) = (e_value(i.exp()).unwrap(), e_value(i.negated().exp()).unwrap());
            prop_assert!(1.0 <= e.limit && e.limit <= e.estimate + 1e-12);
            prop_assert!((e.estimate - f.estimate).abs() < 1e-9 * e.estimate && (e.limit - f.limit).abs() < 1e-9 * e.limit);
            prop_assert_eq!(e.limit == 1.0, i.low <= 0.0 && i.high >= 0.0);
            prop_assert!(e_value_odds(i.exp()).unwrap().estimate <= e.estimate + 1e-12);
        }
    }

    #[test]
    fn no_ratio_no_value() {
        assert_eq!(e_value(Interval { estimate: 1.0, low: -0.5, high: 2.0 }), None);
        assert_eq!(e_value(Interval { estimate: f64::NAN, low: 1.0, high: 2.0 }), None);
        assert_eq!(e_value(Interval { estimate: f64::INFINITY, low: 2.0, high: f64::INFINITY }).unwrap().estimate, f64::INFINITY);
        assert_eq!(e_value_hazard(Interval { estimate: 1.0, low: 0.0, high: 2.0 }), None);
    }
}
