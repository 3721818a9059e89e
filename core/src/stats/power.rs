//! How large an effect a comparison of two proportions could have seen, and how many cases it would take.
//!
//! Normal approximation with the pooled variance under the hypothesis of no effect and the separate variances under the
//! effect: power = Φ̄(z·s₀/s₁ − |d|√n/s₁) + Φ(−z·s₀/s₁ − |d|√n/s₁), with d the difference, n the cases of the first arm, r the
//! second arm's cases for each of the first, s₀² = p̄(1 − p̄)(1 + 1/r), s₁² = p(1 − p) + q(1 − q)/r, p̄ the pooled proportion.
//!
//! Source: J. L. Fleiss, B. Levin and M. C. Paik, *Statistical methods for rates and proportions*, 3rd ed. (2003) ch. 4.

use super::special::{boundary, normal_cdf, normal_quantile};

fn shares(alpha: f64, power: f64) -> bool {
    alpha > 0.0 && alpha < 1.0 && power > 0.0 && power < 1.0
}

/// Standard deviations of one first-arm case, without and with the effect.
fn spreads(p: f64, q: f64, ratio: f64) -> (f64, f64) {
    let pooled = (p + ratio * q) / (1.0 + ratio);
    ((pooled * (1.0 - pooled) * (1.0 + 1.0 / ratio)).sqrt(), (p * (1.0 - p) + q * (1.0 - q) / ratio).sqrt())
}

/// Chance that a two-sided test at level `alpha` sees proportion `p` among `n` cases against `q` among `m`; `None` where a
/// proportion, `alpha` or a count is out of range.
///
/// ```
/// let power = goldpath::stats::power(0.25, 200, 0.2, 800, 0.05).unwrap();
/// assert!((power - 0.34912).abs() < 1e-5);
/// ```
pub fn power(p: f64, n: u64, q: f64, m: u64, alpha: f64) -> Option<f64> {
    if !((0.0..=1.0).contains(&p) && (0.0..=1.0).contains(&q) && shares(alpha, 0.5) && n > 0 && m > 0) {
        return None;
    }
    let (none, some) = spreads(p, q, m as f64 / n as f64);
    let far = (p - q).abs() * (n as f64).sqrt();
    let crit = -normal_quantile(alpha / 2.0) * none;
    if some == 0.0 {
        // Both proportions are 0 or 1: equal ones never differ, different ones always do.
        return Some(if far > crit { 1.0 } else { 0.0 });
    }
    Some(normal_cdf((far - crit) / some) + normal_cdf((-far - crit) / some))
}

/// The smallest increase over `base` that `n` cases against `m` at `base` would show with the given power at two-sided level
/// `alpha`; `None` where even a proportion of 1 would not be seen, or an argument is out of range. For a decrease, ask for
/// the increase over 1 − `base`.
///
/// ```
/// let effect = goldpath::stats::minimum_detectable(0.2, 200, 800, 0.05, 0.8).unwrap();
/// assert!((effect - 0.0937).abs() < 1e-4);
/// ```
pub fn minimum_detectable(base: f64, n: u64, m: u64, alpha: f64, power: f64) -> Option<f64> {
    if !(0.0..1.0).contains(&base) || !shares(alpha, power) {
        return None;
    }
    let seen = |d: f64| self::power((base + d).min(1.0), n, base, m, alpha).is_some_and(|x| x >= power);
    let most = 1.0 - base;
    seen(most).then(|| boundary(most, 0.0, seen))
}

/// Cases each arm needs to show proportions `p` and `q` apart with the given power at two-sided level `alpha`, before rounding
/// up; `None` where the proportions are equal or an argument is out of range.
///
/// ((z·s₀ + z_power·s₁) ÷ (p − q))² for arms of equal size.
///
/// ```
/// let n = goldpath::stats::cases_needed(0.25, 0.2, 0.05, 0.8).unwrap();
/// assert!((n - 1093.739).abs() < 1e-3);
/// ```
pub fn cases_needed(p: f64, q: f64, alpha: f64, power: f64) -> Option<f64> {
    if !((0.0..=1.0).contains(&p) && (0.0..=1.0).contains(&q)) || p == q || !shares(alpha, power) {
        return None;
    }
    let (none, some) = spreads(p, q, 1.0);
    let root = (-normal_quantile(alpha / 2.0) * none + normal_quantile(power) * some) / (p - q);
    Some(root * root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_detectable_effect_has_the_power(base in 0.0f64..0.95, n in 10u64..5_000, m in 10u64..5_000, want in 0.5f64..0.95) {
            if let Some(d) = minimum_detectable(base, n, m, 0.05, want) {
                prop_assert!(d > 0.0 && base + d <= 1.0);
                prop_assert!(power(base + d, n, base, m, 0.05).unwrap() >= want - 1e-9);
                prop_assert!(power(base + d * 0.99, n, base, m, 0.05).unwrap() <= want + 1e-9);
                let twice = minimum_detectable(base, 2 * n, 2 * m, 0.05, want).unwrap();
                prop_assert!(twice <= d);
            }
        }

        #[test]
        fn power_is_a_probability_and_the_same_for_misses(p in 0.0f64..=1.0, q in 0.0f64..=1.0, n in 1u64..1000, m in 1u64..1000) {
            let x = power(p, n, q, m, 0.05).unwrap();
            prop_assert!((0.0..=1.0).contains(&x));
            prop_assert!((x - power(1.0 - p, n, 1.0 - q, m, 0.05).unwrap()).abs() < 1e-9);
        }
    }

    #[test]
    fn out_of_range() {
        assert_eq!(power(1.2, 5, 0.1, 5, 0.05), None);
        assert_eq!(power(0.2, 0, 0.1, 5, 0.05), None);
        assert_eq!(minimum_detectable(0.9, 3, 3, 0.05, 0.8), None);
        assert_eq!(cases_needed(0.2, 0.2, 0.05, 0.8), None);
    }
}
