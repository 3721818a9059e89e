//! Control charts: small lasting changes that no single value shows.

use super::interval::Interval;
use super::rng::{Rng, key};
use super::special::normal_quantile;

/// Upper and lower tabular CUSUM of a series, in standard deviations: C⁺ ← max(0, (x − μ)/σ − k + C⁺), C⁻ ← max(0, (μ − x)/σ − k + C⁻);
/// `k` is half the change to be found, and an alarm is usual above 4 or 5. Empty where `sd` is not positive.
///
/// Source: E. S. Page, Biometrika 41 (1954) 100–115; D. C. Montgomery, *Introduction to statistical quality control*, ch. 9.
///
/// ```
/// let both = goldpath::stats::cusum([11.0, 9.0, 12.0, 12.5], 10.0, 1.0, 0.5);
/// assert_eq!(both, [(0.5, 0.0), (0.0, 0.5), (1.5, 0.0), (3.5, 0.0)]);
/// ```
pub fn cusum(series: impl IntoIterator<Item = f64>, mean: f64, sd: f64, k: f64) -> Vec<(f64, f64)> {
    if !(sd > 0.0) {
        return vec![];
    }
    let step = |at: &mut (f64, f64), x: f64| {
        let z = (x - mean) / sd;
        *at = ((at.0 + z - k).max(0.0), (at.1 - z - k).max(0.0));
        Some(*at)
    };
    series.into_iter().scan((0.0, 0.0), step).collect()
}

/// Exponentially weighted moving average of a series with its limits: z ← λx + (1 − λ)z from the mean on, limits
/// μ ± L·σ√(λ/(2 − λ)·(1 − (1 − λ)^2i)). A value outside its limits is an alarm. Empty where `sd` is not positive or `lambda` not in
/// (0, 1].
///
/// Source: S. W. Roberts, *Control chart tests based on geometric moving averages*, Technometrics 1 (1959) 239–250.
///
/// ```
/// let chart = goldpath::stats::ewma([5.0], 0.0, 1.0, 0.2, 2.962);
/// assert!((chart[0].estimate - 1.0).abs() < 1e-12 && (chart[0].high - 0.5924).abs() < 1e-12);
/// ```
pub fn ewma(series: impl IntoIterator<Item = f64>, mean: f64, sd: f64, lambda: f64, limit: f64) -> Vec<Interval> {
    if !(sd > 0.0 && lambda > 0.0 && lambda <= 1.0) {
        return vec![];
    }
    let step = |(z, fade): &mut (f64, f64), x: f64| {
        *z = lambda * x + (1.0 - lambda) * *z;
        *fade *= (1.0 - lambda) * (1.0 - lambda);
        let half = limit * sd * (lambda / (2.0 - lambda) * (1.0 - *fade)).sqrt();
        Some(Interval { estimate: *z, low: mean - half, high: mean + half })
    };
    series.into_iter().scan((mean, 1.0), step).collect()
}

/// The weight of one outcome: ln of how much likelier it is with the odds multiplied.
fn weight(hit: bool, expected: f64, odds_ratio: f64) -> f64 {
    let rest = -(1.0 - expected + odds_ratio * expected).ln();
    if hit { odds_ratio.ln() + rest } else { rest }
}

/// Risk-adjusted CUSUM of yes/no outcomes, each with its expected probability, for a change of the odds by the factor
/// `odds_ratio` (below 1 looks for a decline): S ← max(0, S + y·ln R − ln(1 − p + Rp)). `None` where a probability is not in [0, 1] or
/// the factor not positive.
///
/// Source: S. H. Steiner, R. J. Cook, V. T. Farewell and T. Treasure, *Monitoring surgical performance using risk-adjusted
/// cumulative sum charts*, Biostatistics 1 (2000) 441–452.
///
/// ```
/// let s = goldpath::stats::risk_adjusted_cusum(&[(false, 0.1351), (false, 0.3961), (true, 0.4)], 0.5).unwrap();
/// assert!(s[1] > s[0] && s[2] < s[1]);
/// ```
pub fn risk_adjusted_cusum(outcomes: &[(bool, f64)], odds_ratio: f64) -> Option<Vec<f64>> {
    if !in_range(outcomes.iter().map(|o| o.1), odds_ratio) {
        return None;
    }
    let step = |s: &mut f64, &(hit, p): &(bool, f64)| {
        *s = (*s + weight(hit, p, odds_ratio)).max(0.0);
        Some(*s)
    };
    Some(outcomes.iter().scan(0.0, step).collect())
}

fn in_range(mut expected: impl Iterator<Item = f64>, odds_ratio: f64) -> bool {
    odds_ratio > 0.0 && odds_ratio.is_finite() && expected.all(|p| (0.0..=1.0).contains(&p))
}

/// The limit that [`risk_adjusted_cusum`] passes with probability `false_alarm` over outcomes with these expected
/// probabilities if nothing has changed: the quantile of the largest S of `runs` simulated series. `baseline_se` is the standard
/// error of the baseline on the log-odds: each run shifts all probabilities by a normal error of that size, so that a baseline
/// that was estimated too high does not pass for a decline. The draws depend on `seed` and the number of the run alone. `None`
/// where an argument is out of range or there is no outcome or run.
///
/// ```
/// use goldpath::stats::risk_adjusted_limit;
/// let expected = vec![0.3; 200];
/// let known = risk_adjusted_limit(&expected, 0.5, 0.0, 0.05, 2_000, 1).unwrap();
/// let estimated = risk_adjusted_limit(&expected, 0.5, 0.2, 0.05, 2_000, 1).unwrap();
/// assert!(known > 2.0 && estimated > known);
/// ```
pub fn risk_adjusted_limit(expected: &[f64], odds_ratio: f64, baseline_se: f64, false_alarm: f64, runs: usize, seed: u64) -> Option<f64> {
    let sized = !expected.is_empty() && runs > 0 && false_alarm > 0.0 && false_alarm < 1.0 && baseline_se >= 0.0 && baseline_se.is_finite();
    if !sized || !in_range(expected.iter().copied(), odds_ratio) {
        return None;
    }
    let run = |number: usize| {
        let mut rng = Rng::of(key(seed, number as u64), 0);
        let shift = (baseline_se * normal_quantile(rng.unit().clamp(1e-12, 1.0 - 1e-12))).exp();
        let (mut s, mut most) = (0.0f64, 0.0f64);
        for &p in expected {
            let hit = rng.unit() < p * shift / (1.0 - p + p * shift);
            s = (s + weight(hit, p, odds_ratio)).max(0.0);
            most = most.max(s);
        }
        most
    };
    let mut found: Vec<f64> = (0..runs).map(run).collect();
    found.sort_by(f64::total_cmp);
    // The smallest limit that at most the stated share of the runs passes.
    let rank = ((1.0 - false_alarm) * runs as f64).ceil() as usize;
    Some(found[rank.clamp(1, runs) - 1])
}

#[cfg(test)]
mod tests {
    use super::super::rng::Rng;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_below_zero_and_mirrored(series in proptest::collection::vec(-5.0f64..5.0, 1..50)) {
            let chart = cusum(series.iter().copied(), 0.0, 1.0, 0.5);
            let mirror = cusum(series.iter().map(|x| -x), 0.0, 1.0, 0.5);
            for (a, b) in chart.iter().zip(&mirror) {
                prop_assert!(a.0 >= 0.0 && a.1 >= 0.0 && a.0 == b.1 && a.1 == b.0);
            }
        }
    }

    #[test]
    fn the_limit_has_the_stated_false_alarm_rate() {
        let expected: Vec<f64> = (0..150).map(|i| 0.1 + 0.004 * f64::from(i)).collect();
        let limit = risk_adjusted_limit(&expected, 0.5, 0.0, 0.1, 4_000, 3).unwrap();
        let mut rng = Rng::of(key(99, 0), 0);
        let alarms = (0..4_000).filter(|_| {
            let outcomes: Vec<(bool, f64)> = expected.iter().map(|&p| (rng.unit() < p, p)).collect();
            risk_adjusted_cusum(&outcomes, 0.5).unwrap().iter().any(|s| *s > limit)
        });
        let rate = alarms.count() as f64 / 4_000.0;
        assert!((rate - 0.1).abs() < 0.02, "{rate}");
        assert_eq!(risk_adjusted_limit(&expected, 0.5, 0.0, 0.1, 50, 3), risk_adjusted_limit(&expected, 0.5, 0.0, 0.1, 50, 3));
    }

    #[test]
    fn refused() {
        assert!(cusum([1.0], 0.0, 0.0, 0.5).is_empty() && ewma([1.0], 0.0, 1.0, 0.0, 3.0).is_empty());
        assert_eq!(risk_adjusted_cusum(&[(true, 1.2)], 0.5), None);
        assert_eq!(risk_adjusted_limit(&[], 0.5, 0.0, 0.1, 10, 1), None);
        assert_eq!(risk_adjusted_limit(&[0.5], -1.0, 0.0, 0.1, 10, 1), None);
    }
}
