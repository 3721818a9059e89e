//! Intervals for proportions and for the difference of two.

use super::interval::{Interval, Test};
use super::special::{level_z, normal_two_sided};

/// Wilson's score interval for a proportion of `hits` in `n`; `None` for `n` = 0, or where
/// `level` is not between 0 and 1. The end of a one-sided interval of level 1 − α is that of the two-sided one of 1 − 2α.
///
/// Source: E. B. Wilson, *Probable inference, the law of succession, and statistical inference*, JASA 22 (1927) 209–212.
///
/// ```
/// let i = goldpath::stats::wilson(81, 263, 0.95).unwrap();
/// assert!((i.low - 0.2553).abs() < 1e-4 && (i.high - 0.3662).abs() < 1e-4);
/// ```
pub fn wilson(hits: u64, n: u64, level: f64) -> Option<Interval> {
    if n == 0 || hits > n {
        return None;
    }
    let (x, n) = (hits as f64, n as f64);
    let z = level_z(level)?;
    let p = x / n;
    let z2 = z * z;
    let centre = (x + z2 / 2.0) / (n + z2);
    let half = z / (n + z2) * (n * p * (1.0 - p) + z2 / 4.0).sqrt();
    // At the ends the bound is exact; rounding must not leave the unit interval.
    let low = if hits == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if x == n { 1.0 } else { (centre + half).min(1.0) };
    Some(Interval { estimate: p, low, high })
}

/// Newcombe's hybrid score interval for the difference of two proportions, `a/n − b/m`; `None` if either has no case.
///
/// Source: R. G. Newcombe, *Interval estimation for the difference between independent proportions*, Statistics in
/// Medicine 17 (1998) 873–890, method 10.
///
/// ```
/// let i = goldpath::stats::newcombe(56, 70, 48, 80, 0.95).unwrap();
/// assert!((i.low - 0.0524).abs() < 1e-4 && (i.high - 0.3339).abs() < 1e-4);
/// ```
pub fn newcombe(a: u64, n: u64, b: u64, m: u64, level: f64) -> Option<Interval> {
    let (first, second) = (wilson(a, n, level)?, wilson(b, m, level)?);
    let estimate = first.estimate - second.estimate;
    let low = estimate - (first.estimate - first.low).hypot(second.high - second.estimate);
    let high = estimate + (first.high - first.estimate).hypot(second.estimate - second.low);
    Some(Interval { estimate, low, high })
}

/// Test of equal proportions `a/n` and `b/m` with the pooled variance, two-sided normal; `None` if either has no case or all
/// cases ended alike.
///
/// z = (p₁ − p₂) ÷ √(p(1 − p)(1/n + 1/m)) with p = (a + b)/(n + m). Its square is Pearson's chi-square of the 2×2 table.
///
/// ```
/// let t = goldpath::stats::equal_proportions(56, 70, 48, 80).unwrap();
/// assert!((t.p_value - 0.008045).abs() < 1e-6);
/// ```
pub fn equal_proportions(a: u64, n: u64, b: u64, m: u64) -> Option<Test> {
    if n == 0 || m == 0 || a > n || b > m || a + b == 0 || a + b == n + m {
        return None;
    }
    let (x, y, n, m) = (a as f64, b as f64, n as f64, m as f64);
    let p = (x + y) / (n + m);
    let z = (x / n - y / m) / (p * (1.0 - p) * (1.0 / n + 1.0 / m)).sqrt();
    Some(Test { statistic: z, df: f64::INFINITY, p_value: normal_two_sided(z) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn wilson_contains_its_estimate(n in 1u64..10_000, share in 0.0f64..=1.0) {
            let hits = (n as f64 * share) as u64;
            let i = wilson(hits, n, 0.95).unwrap();
            prop_assert!(0.0 <= i.low && i.low <= i.estimate && i.estimate <= i.high && i.high <= 1.0);
            let other = wilson(n - hits, n, 0.95).unwrap();
            prop_assert!((i.low - (1.0 - other.high)).abs() < 1e-12);
        }

        #[test]
        fn newcombe_is_antisymmetric(n in 1u64..5_000, m in 1u64..5_000, p in 0.0f64..=1.0, q in 0.0f64..=1.0) {
            let (a, b) = ((n as f64 * p) as u64, (m as f64 * q) as u64);
            let (i, j) = (newcombe(a, n, b, m, 0.95).unwrap(), newcombe(b, m, a, n, 0.95).unwrap());
            prop_assert!((i.low + j.high).abs() < 1e-12 && (i.high + j.low).abs() < 1e-12);
            prop_assert!(-1.0 - 1e-12 <= i.low && i.low <= i.estimate && i.estimate <= i.high && i.high <= 1.0 + 1e-12);
            let wide = newcombe(a, n, b, m, 0.99).unwrap();
            prop_assert!(wide.low <= i.low && wide.high >= i.high);
        }
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(wilson(0, 0, 0.95), None);
        assert_eq!(wilson(2, 1, 0.95), None);
        assert_eq!(newcombe(0, 0, 1, 2, 0.95), None);
    }
}
