//! Ratio and odds ratio of two proportions on the logarithm, and Fisher's exact test.

use super::interval::{Estimate, Interval, Test};
use super::special::ln_factorial;

/// Exact sums run over at most so many tables.
pub(super) const MOST_TABLES: u64 = 1_000_000;

/// Risk ratio `(a/n) ÷ (b/m)` with Katz's interval: normal on the logarithm with variance 1/a − 1/n + 1/b − 1/m. `None` where
/// an arm has no hit or no case, or `level` is not between 0 and 1; [`score_ratio`](super::score_ratio) has no such gap.
///
/// Source: D. Katz, J. Baptista, S. P. Azen and M. C. Pike, *Obtaining confidence intervals for the risk ratio in cohort
/// studies*, Biometrics 34 (1978) 469–474.
///
/// ```
/// let i = goldpath::stats::risk_ratio(56, 70, 48, 80, 0.95).unwrap();
/// assert!((i.low - 1.0766).abs() < 1e-4 && (i.high - 1.6512).abs() < 1e-4);
/// ```
pub fn risk_ratio(a: u64, n: u64, b: u64, m: u64, level: f64) -> Option<Interval> {
    if a == 0 || b == 0 || a > n || b > m {
        return None;
    }
    let (a, n, b, m) = (a as f64, n as f64, b as f64, m as f64);
    let log = Estimate::of((a / n / (b / m)).ln(), 1.0 / a - 1.0 / n + 1.0 / b - 1.0 / m)?;
    Some(log.interval(level)?.exp())
}

/// Odds ratio with Woolf's interval: normal on the logarithm with the variance the sum of one over each of the four counts.
/// `None` where one of the four is 0 or `level` is not between 0 and 1; [`score_odds_ratio`](super::score_odds_ratio) has no
/// such gap.
///
/// Source: B. Woolf, *On estimating the relation between blood group and disease*, Annals of Human Genetics 19 (1955)
/// 251–253.
///
/// ```
/// let i = goldpath::stats::odds_ratio(56, 70, 48, 80, 0.95).unwrap();
/// assert!((i.low - 1.2762).abs() < 1e-4 && (i.high - 5.5720).abs() < 1e-4);
/// ```
pub fn odds_ratio(a: u64, n: u64, b: u64, m: u64, level: f64) -> Option<Interval> {
    if a == 0 || b == 0 || a >= n || b >= m {
        return None;
    }
    let (a, c, b, d) = (a as f64, (n - a) as f64, b as f64, (m - b) as f64);
    let log = Estimate::of((a * d / (b * c)).ln(), 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d)?;
    Some(log.interval(level)?.exp())
}

/// Fisher's exact test of `a/n` against `b/m`, two-sided: the probability, given all margins, of tables no likelier than the
/// one seen. The statistic is the odds ratio. `None` if an arm has no case, or where more than a million tables have these
/// margins (then [`equal_proportions`](super::equal_proportions) says the same).
///
/// Source: R. A. Fisher, *The logic of inductive inference*, Journal of the Royal Statistical Society 98 (1935) 39–82.
///
/// ```
/// let t = goldpath::stats::fisher_exact(0, 10, 5, 10).unwrap();
/// assert!((t.p_value - 0.032508).abs() < 1e-6);
/// ```
pub fn fisher_exact(a: u64, n: u64, b: u64, m: u64) -> Option<Test> {
    if n == 0 || m == 0 || a > n || b > m {
        return None;
    }
    let hits = a + b;
    let weigh = |x: u64| -(ln_factorial(x) + ln_factorial(n - x) + ln_factorial(hits - x) + ln_factorial(m + x - hits));
    let (first, last) = (hits.saturating_sub(m), hits.min(n));
    if last - first >= MOST_TABLES {
        return None;
    }
    let seen = weigh(a);
    // Tables as likely as the one seen differ from it by rounding only.
    let slack = (seen.abs() * 1e-14).max(1e-9);
    let (mut all, mut out) = (0.0, 0.0);
    for x in first..=last {
        let log = weigh(x);
        let weight = (log - seen).exp();
        // Where the table seen is in a far tail its weight is nothing beside the middle; the quotient stays right.
        all += weight;
        if log <= seen + slack {
            out += weight;
        }
    }
    let statistic = a as f64 * (m - b) as f64 / (b as f64 * (n - a) as f64);
    let p_value = if all.is_finite() { (out / all).min(1.0) } else { 0.0 };
    Some(Test { statistic: if statistic.is_nan() { 1.0 } else { statistic }, df: f64::INFINITY, p_value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn swapping_arms_inverts(n in 1u64..500, m in 1u64..500, p in 0.0f64..=1.0, q in 0.0f64..=1.0) {
            let (a, b) = ((n as f64 * p) as u64, (m as f64 * q) as u64);
            for (i, j) in [(risk_ratio(a, n, b, m, 0.9), risk_ratio(b, m, a, n, 0.9)), (odds_ratio(a, n, b, m, 0.9), odds_ratio(b, m, a, n, 0.9))] {
                prop_assert_eq!(i.is_some(), j.is_some());
                if let (Some(i), Some(j)) = (i, j) {
                    prop_assert!((i.low * j.high - 1.0).abs() < 1e-9 && i.low <= i.estimate && i.estimate <= i.high);
                }
            }
            let (t, u) = (fisher_exact(a, n, b, m).unwrap(), fisher_exact(b, m, a, n).unwrap());
            prop_assert!((0.0..=1.0).contains(&t.p_value) && (t.p_value - u.p_value).abs() < 1e-9);
        }
    }

    #[test]
    fn gaps() {
        assert_eq!(risk_ratio(0, 5, 1, 5, 0.95), None);
        assert_eq!(odds_ratio(5, 5, 1, 5, 0.95), None);
        assert_eq!(fisher_exact(0, 0, 1, 5), None);
        assert_eq!(fisher_exact(0, 4, 0, 5).unwrap().p_value, 1.0);
    }
}
