//! The difference of means of two arms over strata.

use super::interval::Estimate;
use super::two_sample::Moments;

/// Difference of means pooled over strata with the Mantel–Haenszel weights w = n₁n₀/(n₁ + n₀): Σw(ȳ₁ − ȳ₀) ÷ Σw, with variance
/// Σw²(s₁²/n₁ + s₀²/n₀) ÷ (Σw)². A stratum where an arm has one case has no variance of its own and takes that pooled over all
/// cells with more. `None` without a stratum that has both arms, or where no cell has two cases.
///
/// For a yes/no outcome the estimate is the Mantel–Haenszel risk difference. Where cases of a rep depend on each other, take
/// the spread from a [cluster bootstrap](super::cluster_bootstrap) of [`stratified_mean`] instead.
///
/// Source: W. G. Cochran, *Some methods for strengthening the common χ² tests*, Biometrics 10 (1954) 417–451.
///
/// ```
/// use goldpath::stats::{Moments, stratified_mean};
/// let of = |values: &[f64]| values.iter().copied().collect::<Moments>();
/// let strata = [(of(&[3.0, 5.0]), of(&[1.0, 3.0])), (of(&[10.0, 12.0]), of(&[10.0, 10.0]))];
/// let found = stratified_mean(strata).unwrap();
/// assert_eq!(found.estimate, 1.5);
/// ```
pub fn stratified_mean(strata: impl IntoIterator<Item = (Moments, Moments)>) -> Option<Estimate> {
    weighted_mean(strata.into_iter().map(|(treated, control)| {
        let (n1, n0) = (treated.n as f64, control.n as f64);
        (treated, control, n1 * n0 / (n1 + n0))
    }))
}

/// The same with weights of one's own, such as those of all cases of the stratum where only some have an outcome: within a stratum
/// and arm those then stand in for the others (weighting by the inverse probability of having one).
///
/// Source: R. J. A. Little and D. B. Rubin, *Statistical analysis with missing data*, 3rd ed. (2019) 3.3.
pub fn weighted_mean(strata: impl IntoIterator<Item = (Moments, Moments, f64)>) -> Option<Estimate> {
    let (mut weight, mut sum, mut variance) = (0.0, 0.0, 0.0);
    let (mut spread, mut free, mut alone) = (0.0, 0.0, 0.0);
    for (treated, control, w) in strata {
        if treated.n == 0 || control.n == 0 {
            continue;
        }
        weight += w;
        sum += w * (treated.mean - control.mean);
        for arm in [treated, control] {
            spread += arm.m2;
            free += (arm.n - 1) as f64;
            match arm.variance() {
                Some(s2) => variance += w * w * s2 / arm.n as f64,
                None => alone += w * w,
            }
        }
    }
    if !(weight > 0.0 && free > 0.0) {
        return None;
    }
    Estimate::of(sum / weight, (variance + alone * spread / free) / (weight * weight))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{MantelHaenszel, TwoByTwo, welch};
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Moments {
        values.iter().copied().collect()
    }

    proptest! {
        #[test]
        fn one_stratum_is_the_difference_of_means(a in proptest::collection::vec(-9.0f64..9.0, 2..20), b in proptest::collection::vec(-9.0f64..9.0, 2..20)) {
            let (a, b) = (of(&a), of(&b));
            let (found, plain) = (stratified_mean([(a, b)]).unwrap(), welch(a, b, 0.95).unwrap());
            prop_assert!((found.estimate - plain.estimate).abs() < 1e-12);
            let variance = a.variance().unwrap() / a.n as f64 + b.variance().unwrap() / b.n as f64;
            prop_assert!((found.se - variance.sqrt()).abs() < 1e-9);
        }

        #[test]
        fn of_yes_and_no_it_is_mantel_and_haenszels(tables in proptest::collection::vec((0u64..9, 0u64..9, 0u64..9, 0u64..9), 1..12)) {
            let arm = |hits: u64, misses: u64| (0..hits).map(|_| 1.0).chain((0..misses).map(|_| 0.0)).collect::<Moments>();
            let found = stratified_mean(tables.iter().map(|&(a, b, c, d)| (arm(a, b), arm(c, d))));
            let pooled: MantelHaenszel = tables.iter().map(|&(a, b, c, d)| TwoByTwo::new(a, b, c, d)).collect();
            if let Some(found) = found {
                prop_assert!((found.estimate - pooled.risk_difference().unwrap().estimate).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn nothing_to_compare() {
        assert_eq!(stratified_mean([(of(&[1.0, 2.0]), of(&[]))]), None);
        assert_eq!(stratified_mean([(of(&[1.0]), of(&[2.0]))]), None);
    }
}
