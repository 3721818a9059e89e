//! Miettinen and Nurminen's score intervals for the difference, the ratio and the odds ratio of two proportions.
//!
//! For each candidate value δ of the quantity, the proportions are fitted under the condition that the quantity is δ (in
//! closed form), and δ belongs to the interval if the score statistic stays within z². The ends are found by halving, to
//! the last digit. The variance carries the factor N ÷ (N − 1).
//!
//! Source: O. Miettinen and M. Nurminen, *Comparative analysis of two rates*, Statistics in Medicine 4 (1985) 213–226;
//! closed form of the constrained proportions for differences: C. P. Farrington and G. Manning, Statistics in Medicine 9
//! (1990) 1447–1454.

use super::interval::Interval;
use super::special::{boundary, level_z};

/// Logarithms of ratios are searched between minus and plus this; beyond, an end is 0 or infinite.
const FAR: f64 = 40.0;

struct Arms {
    /// Hits and cases.
    a: f64,
    n: f64,
    b: f64,
    m: f64,
    /// z² with the factor of the variance.
    limit: f64,
}

impl Arms {
    fn new(a: u64, n: u64, b: u64, m: u64, level: f64) -> Option<Self> {
        if n == 0 || m == 0 || a > n || b > m {
            return None;
        }
        let z = level_z(level)?;
        let total = (n + m) as f64;
        Some(Self { a: a as f64, n: n as f64, b: b as f64, m: m as f64, limit: z * z * total / (total - 1.0) })
    }

    fn p(&self) -> f64 {
        self.a / self.n
    }

    fn q(&self) -> f64 {
        self.b / self.m
    }

    /// Whether a squared distance stays within the limit: where nothing varies only distance 0 does.
    fn within(&self, distance: f64, variance: f64) -> bool {
        distance * distance <= self.limit * variance.max(0.0)
    }

    /// First proportion fitted under p₁ − p₂ = δ: the root of the cubic of Farrington and Manning.
    fn under_difference(&self, delta: f64) -> f64 {
        let (p, q) = (self.p(), self.q());
        let theta = self.m / self.n;
        let a = 1.0 + theta;
        let b = -(1.0 + theta + p + theta * q + delta * (theta + 2.0));
        let c = delta * delta + delta * (2.0 * p + theta + 1.0) + p + theta * q;
        let d = -p * delta * (1.0 + delta);
        let third = b / (3.0 * a);
        let v = third * third * third - b * c / (6.0 * a * a) + d / (2.0 * a);
        let u = (third * third - c / (3.0 * a)).max(0.0).sqrt().copysign(v);
        let root = if u == 0.0 {
            -third
        } else {
            let w = (std::f64::consts::PI + (v / (u * u * u)).clamp(-1.0, 1.0).acos()) / 3.0;
            2.0 * u * w.cos() - third
        };
        root.clamp(delta.max(0.0), (1.0 + delta).min(1.0))
    }

    fn difference_holds(&self, delta: f64) -> bool {
        let p = self.under_difference(delta);
        let q = (p - delta).clamp(0.0, 1.0);
        self.within(self.p() - self.q() - delta, p * (1.0 - p) / self.n + q * (1.0 - q) / self.m)
    }

    fn ratio_holds(&self, phi: f64) -> bool {
        let (n, m, total) = (self.n, self.m, self.n + self.m);
        let b = n * phi + self.a + m + self.b * phi;
        let hits = self.a + self.b;
        let q = (2.0 * hits / (b + (b * b - 4.0 * total * phi * hits).max(0.0).sqrt())).min(1.0 / phi);
        let p = (phi * q).min(1.0);
        self.within(self.p() - phi * self.q(), p * (1.0 - p) / n + phi * phi * q * (1.0 - q) / m)
    }

    fn odds_hold(&self, psi: f64) -> bool {
        let (n, m, hits) = (self.n, self.m, self.a + self.b);
        let (a, b) = (m * (psi - 1.0), n * psi + m - hits * (psi - 1.0));
        let root = (b * b + 4.0 * a * hits).max(0.0).sqrt();
        // Of the two forms of the root the one without cancellation.
        let q = if b >= 0.0 { 2.0 * hits / (b + root) } else { (root - b) / (2.0 * a) };
        let p = q * psi / (1.0 + q * (psi - 1.0));
        let (vp, vq) = (n * p * (1.0 - p), m * q * (1.0 - q));
        // Multiplied through by the two variances, so that none is divided by.
        self.within((self.a - n * p) * (vp + vq).sqrt(), vp * vq)
    }

    /// The ends for a positive quantity, searched on its logarithm.
    fn on_logarithm(estimate: f64, holds: impl Fn(f64) -> bool) -> Interval {
        let from = estimate.ln().clamp(-FAR, FAR);
        let low = boundary(from, -FAR, |log| holds(log.exp()));
        let high = boundary(from, FAR, |log| holds(log.exp()));
        Interval { estimate, low: if low <= -FAR { 0.0 } else { low.exp() }, high: if high >= FAR { f64::INFINITY } else { high.exp() } }
    }
}

/// Miettinen and Nurminen's interval for the difference of two proportions, `a/n − b/m`; `None` if either has no case or
/// `level` is not between 0 and 1.
///
/// ```
/// let i = goldpath::stats::score_difference(56, 70, 48, 80, 0.95).unwrap();
/// assert!((i.low - 0.0528).abs() < 1e-4 && (i.high - 0.3382).abs() < 1e-4);
/// ```
pub fn score_difference(a: u64, n: u64, b: u64, m: u64, level: f64) -> Option<Interval> {
    let arms = Arms::new(a, n, b, m, level)?;
    let estimate = arms.p() - arms.q();
    let holds = |delta: f64| arms.difference_holds(delta);
    Some(Interval { estimate, low: boundary(estimate, -1.0, holds), high: boundary(estimate, 1.0, holds) })
}

/// Miettinen and Nurminen's interval for the ratio of two proportions, `(a/n) ÷ (b/m)`. The estimate and the upper end are
/// infinite where the second arm has no hit. `None` if either arm has no case, if neither has a hit, or where `level` is
/// not between 0 and 1.
///
/// ```
/// let i = goldpath::stats::score_ratio(56, 70, 48, 80, 0.95).unwrap();
/// assert!((i.low - 1.0790).abs() < 1e-4 && (i.high - 1.6721).abs() < 1e-4);
/// ```
pub fn score_ratio(a: u64, n: u64, b: u64, m: u64, level: f64) -> Option<Interval> {
    let arms = Arms::new(a, n, b, m, level)?;
    if a + b == 0 {
        return None;
    }
    let estimate = arms.p() / arms.q();
    Some(Arms::on_logarithm(estimate, |phi| arms.ratio_holds(phi)))
}

/// Miettinen and Nurminen's interval for the odds ratio of two proportions, the first to the second. Ends are 0 or infinite
/// where an arm has no hit or no miss. `None` if either arm has no case, if all cases ended alike, or where `level` is not
/// between 0 and 1.
///
/// ```
/// let i = goldpath::stats::score_odds_ratio(56, 70, 48, 80, 0.95).unwrap();
/// assert!((i.low - 1.2816).abs() < 1e-4 && (i.high - 5.5402).abs() < 1e-4);
/// ```
pub fn score_odds_ratio(a: u64, n: u64, b: u64, m: u64, level: f64) -> Option<Interval> {
    let arms = Arms::new(a, n, b, m, level)?;
    if a + b == 0 || a + b == n + m {
        return None;
    }
    let estimate = (arms.a * (arms.m - arms.b)) / (arms.b * (arms.n - arms.a));
    Some(Arms::on_logarithm(estimate, |psi| arms.odds_hold(psi)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn ordered_nested_and_antisymmetric(n in 1u64..3_000, m in 1u64..3_000, p in 0.0f64..=1.0, q in 0.0f64..=1.0) {
            let (a, b) = ((n as f64 * p).round() as u64, (m as f64 * q).round() as u64);
            let (i, j) = (score_difference(a, n, b, m, 0.95).unwrap(), score_difference(b, m, a, n, 0.95).unwrap());
            prop_assert!((i.low + j.high).abs() < 1e-7 && (i.high + j.low).abs() < 1e-7, "{i:?} {j:?}");
            prop_assert!(-1.0 <= i.low && i.low <= i.estimate && i.estimate <= i.high && i.high <= 1.0);
            let wide = score_difference(a, n, b, m, 0.99).unwrap();
            prop_assert!(wide.low <= i.low && wide.high >= i.high);
            for (i, j) in [(score_ratio(a, n, b, m, 0.95), score_ratio(b, m, a, n, 0.95)), (score_odds_ratio(a, n, b, m, 0.95), score_odds_ratio(b, m, a, n, 0.95))] {
                let (Some(i), Some(j)) = (i, j) else { continue };
                prop_assert!(0.0 <= i.low && i.low <= i.estimate && i.estimate <= i.high, "{i:?}");
                prop_assert!(i.low == 1.0 / j.high || (i.low * j.high - 1.0).abs() < 1e-6, "{i:?} {j:?}");
            }
        }

        /// The interval is the set of values that the test does not reject: 0 lies inside just where the test of 0 says so.
        #[test]
        fn zero_is_inside_where_the_test_says_so(n in 2u64..400, m in 2u64..400, p in 0.0f64..=1.0, q in 0.0f64..=1.0) {
            let (a, b) = ((n as f64 * p) as u64, (m as f64 * q) as u64);
            let Some(test) = super::super::equal_proportions(a, n, b, m) else { return Ok(()) };
            let total = (n + m) as f64;
            let chi = test.statistic * test.statistic * (total - 1.0) / total;
            let z = level_z(0.95).unwrap();
            prop_assume!((chi - z * z).abs() > 1e-6);
            let i = score_difference(a, n, b, m, 0.95).unwrap();
            prop_assert_eq!(i.low <= 0.0 && i.high >= 0.0, chi <= z * z);
        }
    }

    #[test]
    fn ends_of_the_range() {
        assert_eq!(score_difference(0, 0, 1, 2, 0.95), None);
        assert_eq!(score_difference(1, 2, 1, 2, 1.0), None);
        assert_eq!(score_ratio(0, 5, 0, 5, 0.95), None);
        let i = score_difference(10, 10, 0, 10, 0.95).unwrap();
        assert_eq!((i.estimate, i.high), (1.0, 1.0));
        assert_eq!(score_ratio(0, 5, 3, 5, 0.95).unwrap().low, 0.0);
        assert_eq!(score_ratio(3, 5, 0, 5, 0.95).unwrap().high, f64::INFINITY);
    }
}
