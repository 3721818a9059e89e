//! A level that wanders slowly, seen through noise: filtered as it goes, smoothed afterwards.

use super::beta::Beta;
use super::interval::Estimate;

/// A series with its filtered and its smoothed level.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalLevel {
    /// The level at each time from what was seen up to it.
    pub filtered: Vec<Estimate>,
    /// The level at each time from all that was seen.
    pub smoothed: Vec<Estimate>,
    /// Logarithm of the likelihood of what was seen.
    pub log_likelihood: f64,
}

/// Kalman filter and smoother of the local level model: yₜ = μₜ + noise, μₜ₊₁ = μₜ + wander. Each observation is (value, variance of
/// its noise), or `None` for a time without one; `wander` is the variance of a step of the level, `start` the belief in the
/// first level. `None` where a variance is negative, a noise variance 0, or a number not finite.
///
/// Source: J. Durbin and S. J. Koopman, *Time series analysis by state space methods*, 2nd ed. (2012) ch. 2.
///
/// ```
/// use goldpath::stats::{Estimate, local_level};
/// let seen = [Some((1.0, 0.5)), None, Some((3.0, 0.5))];
/// let found = local_level(&seen, 0.2, Estimate { estimate: 0.0, se: 10.0 }).unwrap();
/// // What comes later moves the level in between.
/// assert!(found.smoothed[1].estimate > found.filtered[1].estimate);
/// ```
pub fn local_level(seen: &[Option<(f64, f64)>], wander: f64, start: Estimate) -> Option<LocalLevel> {
    let fine = |&(y, v): &(f64, f64)| y.is_finite() && v > 0.0 && v.is_finite();
    if !(wander >= 0.0 && wander.is_finite() && start.estimate.is_finite() && start.se >= 0.0 && start.se.is_finite()) || !seen.iter().flatten().all(fine) {
        return None;
    }
    let (mut mean, mut variance, mut log_likelihood) = (start.estimate, start.se * start.se, 0.0);
    let mut filtered = Vec::with_capacity(seen.len());
    for observation in seen {
        if let Some((y, noise)) = observation {
            let (off, spread) = (y - mean, variance + noise);
            log_likelihood -= 0.5 * ((2.0 * std::f64::consts::PI * spread).ln() + off * off / spread);
            mean += variance / spread * off;
            variance *= noise / spread;
        }
        filtered.push((mean, variance));
        variance += wander;
    }
    let mut smoothed = filtered.clone();
    for t in (0..smoothed.len().saturating_sub(1)).rev() {
        let (mean, variance) = filtered[t];
        let ahead = variance + wander;
        let gain = if ahead > 0.0 { variance / ahead } else { 1.0 };
        let next = smoothed[t + 1];
        smoothed[t] = (mean + gain * (next.0 - mean), variance + gain * gain * (next.1 - ahead));
    }
    let out = |levels: Vec<(f64, f64)>| levels.into_iter().map(|(estimate, v)| Estimate { estimate, se: v.max(0.0).sqrt() }).collect();
    Some(LocalLevel { filtered: out(filtered), smoothed: out(smoothed), log_likelihood })
}

/// The belief in a share that may drift, after the (hits, cases) of each period: what was known before counts `keep` times (0 to
/// 1), then the period is added. `None` where a count is out of range or `keep` not in (0, 1].
///
/// Source: M. West and J. Harrison, *Bayesian forecasting and dynamic models*, 2nd ed. (1997) ch. 14.
///
/// ```
/// use goldpath::stats::{Beta, discounted};
/// let found = discounted(&[(3.0, 10.0), (4.0, 10.0)], Beta::new(2.0, 6.0).unwrap(), 0.95).unwrap();
/// assert!((found[1].a - 8.655).abs() < 1e-12 && (found[1].b - 18.065).abs() < 1e-12);
/// ```
pub fn discounted(periods: &[(f64, f64)], start: Beta, keep: f64) -> Option<Vec<Beta>> {
    if !(keep > 0.0 && keep <= 1.0) {
        return None;
    }
    let mut belief = start;
    periods
        .iter()
        .map(|&(hits, n)| {
            belief = Beta::new(keep * belief.a, keep * belief.b)?.after(hits, n)?;
            Some(belief)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Without wander all times share one level: the precision-weighted mean.
        #[test]
        fn a_level_that_stays_is_a_mean(seen in proptest::collection::vec(proptest::option::of((-5.0f64..5.0, 0.1f64..3.0)), 1..20)) {
            let start = Estimate { estimate: 0.5, se: 2.0 };
            let found = local_level(&seen, 0.0, start).unwrap();
            let (mut weight, mut sum) = (0.25, 0.125);
            for (y, v) in seen.iter().flatten() {
                weight += 1.0 / v;
                sum += y / v;
            }
            for level in &found.smoothed {
                prop_assert!((level.estimate - sum / weight).abs() < 1e-9 && (level.se - (1.0 / weight).sqrt()).abs() < 1e-9);
            }
        }

        #[test]
        fn smoothing_never_knows_less(seen in proptest::collection::vec(proptest::option::of((-5.0f64..5.0, 0.1f64..3.0)), 1..20), wander in 0.0f64..2.0) {
            let found = local_level(&seen, wander, Estimate { estimate: 0.0, se: 3.0 }).unwrap();
            for (f, s) in found.filtered.iter().zip(&found.smoothed) {
                prop_assert!(s.se <= f.se + 1e-12);
            }
            prop_assert_eq!(found.filtered.last(), found.smoothed.last());
        }
    }

    #[test]
    fn refused() {
        let start = Estimate { estimate: 0.0, se: 1.0 };
        assert_eq!(local_level(&[Some((1.0, 0.0))], 0.1, start), None);
        assert_eq!(local_level(&[], -0.1, start), None);
        assert_eq!(discounted(&[(2.0, 1.0)], Beta::JEFFREYS, 0.9), None);
        assert_eq!(discounted(&[], Beta::JEFFREYS, 0.0), None);
    }
}
