//! Distribution functions behind the kernels: `statrs` where it is exact to the last digits, our own where it is not.
//!
//! The continued fraction of the beta distribution in `statrs` stops after 141 terms, which is too few for parameters in
//! the tens of thousands (counts of cases); its logarithm of the beta function loses digits there; and its error function is
//! good to ten digits only.

use statrs::function::{erf::erfc_inv, gamma};

/// The complementary error function for x ≥ 0: up to 2 by the series without cancellation, beyond by the continued fraction
/// (NIST Digital Library of Mathematical Functions 7.6.2 and 7.9.1).
fn erfc(x: f64) -> f64 {
    let damp = (-x * x).exp();
    if x < 2.0 {
        let (mut term, mut sum, mut n) = (x, x, 0.0);
        while term > 1e-17 * sum {
            n += 1.0;
            term *= 2.0 * x * x / (2.0 * n + 1.0);
            sum += term;
        }
        return 1.0 - std::f64::consts::FRAC_2_SQRT_PI * damp * sum;
    }
    damp * std::f64::consts::FRAC_2_SQRT_PI / 2.0 / erfc_fraction(x)
}

fn erfc_fraction(x: f64) -> f64 {
    (1..=200).rev().fold(x, |tail, k| x + f64::from(k) / 2.0 / tail)
}

/// Natural logarithm of the probability that a standard normal variable is above `x`, however small that is.
pub(crate) fn ln_normal_sf(x: f64) -> f64 {
    let scaled = x / std::f64::consts::SQRT_2;
    if scaled < 2.0 {
        return normal_cdf(-x).ln();
    }
    -scaled * scaled - (std::f64::consts::PI.sqrt() * 2.0 * erfc_fraction(scaled)).ln()
}

/// The point a standard normal variable stays below with probability `p`, 0 ≤ p ≤ 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    let x = -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p);
    let density = normal_pdf(x);
    // One step of Newton's method from a first value of ten digits.
    if density > 0.0 { x - (normal_cdf(x) - p) / density } else { x }
}

/// Probability that a standard normal variable is at most `x`.
pub(crate) fn normal_cdf(x: f64) -> f64 {
    let tail = 0.5 * erfc(x.abs() / std::f64::consts::SQRT_2);
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// Density of the standard normal variable.
pub(crate) fn normal_pdf(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// Probability that a standard normal variable is at least as far from 0 as `z`.
pub(crate) fn normal_two_sided(z: f64) -> f64 {
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// How many standard errors a two-sided interval of this level reaches; `None` unless 0 < level < 1.
pub(crate) fn level_z(level: f64) -> Option<f64> {
    (level > 0.0 && level < 1.0).then(|| normal_quantile(0.5 + level / 2.0))
}

/// Probability that a chi-square variable is above `x`.
pub(crate) fn chi2_sf(x: f64, df: f64) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x.is_infinite() {
        0.0
    } else {
        gamma::gamma_ur(df / 2.0, x / 2.0)
    }
}

/// Probability that a t variable is at least as far from 0 as `t`.
pub(crate) fn t_two_sided(t: f64, df: f64) -> f64 {
    if df.is_infinite() {
        return normal_two_sided(t);
    }
    let t2 = t * t;
    if t2.is_infinite() {
        return 0.0;
    }
    beta_cdf(df / (df + t2), t2 / (df + t2), df / 2.0, 0.5)
}

/// How many standard errors a two-sided t interval of this level reaches; `None` unless 0 < level < 1 and df > 0.
pub(crate) fn level_t(level: f64, df: f64) -> Option<f64> {
    if !(level > 0.0 && level < 1.0 && df > 0.0) {
        return None;
    }
    if df.is_infinite() {
        return level_z(level);
    }
    let y = beta_quantile(level, 0.5, df / 2.0);
    Some((df * y / (1.0 - y)).sqrt())
}

/// What Stirling's formula leaves of ln Γ(x), x ≥ 10.
fn stirling_rest(x: f64) -> f64 {
    let r = 1.0 / (x * x);
    (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 - r * 691.0 / 360360.0))))) / x
}

/// Natural logarithm of Γ(x), x > 0.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    gamma::ln_gamma(x)
}

/// Natural logarithm of n!.
pub(crate) fn ln_factorial(n: u64) -> f64 {
    ln_gamma(n as f64 + 1.0)
}

/// Natural logarithm of the beta function, without the cancellation of three large ln Γ.
///
/// Source: A. R. DiDonato and A. H. Morris, *Algorithm 708*, ACM TOMS 18 (1992) 360–373.
pub(crate) fn ln_beta(a: f64, b: f64) -> f64 {
    let (a, b) = if a <= b { (a, b) } else { (b, a) };
    if b < 10.0 {
        ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
    } else if a < 10.0 {
        let rest = stirling_rest(b) - stirling_rest(a + b);
        ln_gamma(a) - (a + b - 0.5) * (a / b).ln_1p() - a * (b.ln() - 1.0) + rest
    } else {
        let rest = stirling_rest(a) + stirling_rest(b) - stirling_rest(a + b);
        let h = a / b;
        0.5 * (2.0 * std::f64::consts::PI).ln() - 0.5 * b.ln() + (a - 0.5) * (h / (1.0 + h)).ln() - b * h.ln_1p() + rest
    }
}

/// Probability that a Beta(a, b) variable is at most `x`; `y` is 1 − x, given apart so that neither loses digits.
///
/// Source: the continued fraction of NIST Digital Library of Mathematical Functions 8.17.22, by Lentz's method.
pub(crate) fn beta_cdf(x: f64, y: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_tail(y, x, b, a);
    }
    beta_tail(x, y, a, b)
}

fn beta_tail(x: f64, y: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let off_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let terms = 200 + 10 * (a.max(b).sqrt() as u64).min(1_000_000);
    let mut c = 1.0;
    let mut d = 1.0 / off_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..=terms {
        let m = m as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / off_zero(1.0 + even * d);
        c = off_zero(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / off_zero(1.0 + odd * d);
        c = off_zero(1.0 + odd / c);
        h *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    // The larger of x and y is 1 minus the smaller: its logarithm is taken from the smaller.
    let (lx, ly) = if x < y { (x.ln(), (-x).ln_1p()) } else { ((-y).ln_1p(), y.ln()) };
    (a * lx + b * ly - ln_beta(a, b)).exp() * h / a
}

/// The point a Beta(a, b) variable stays below with probability `p`, by Newton's method kept inside a bracket.
pub(crate) fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    let (mut low, mut high) = (0.0f64, 1.0f64);
    let mut x = a / (a + b);
    for _ in 0..200 {
        let miss = beta_cdf(x, 1.0 - x, a, b) - p;
        if miss < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let density = ((a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p() - ln_beta(a, b)).exp();
        let newton = x - miss / density;
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        if (next - x).abs() <= 1e-15 * x {
            return next;
        }
        x = next;
    }
    x
}

/// The last point from `inside` towards `outside` at which `holds` is true, to the last digit; `holds(inside)` is taken as true
/// and is expected to change once.
pub(crate) fn boundary(mut inside: f64, mut outside: f64, holds: impl Fn(f64) -> bool) -> f64 {
    if holds(outside) {
        return outside;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(inside, outside);
        if middle == inside || middle == outside {
            break;
        }
        if holds(middle) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!((found / expected - 1.0).abs() < tolerance, "{found} is not {expected}");
    }

    /// Expected: scipy 1.17.1 (`betainc`, `beta.ppf`, `t`, `chi2`, `norm`); logarithms of beta: mpmath with 40 digits.
    #[test]
    fn agrees_with_scipy() {
        near(beta_cdf(0.25, 0.75, 2.0, 3.0), 0.26171875, 1e-11);
        near(beta_cdf(0.1, 0.9, 0.5, 0.5), 0.20483276469913345, 1e-11);
        near(beta_cdf(0.29, 0.71, 30.0, 70.0), 0.42469061490966686, 1e-11);
        near(beta_cdf(0.3005, 0.6995, 30000.0, 70000.0), 0.635269481799762, 1e-11);
        near(beta_cdf(0.6667, 0.33330000000000004, 2000000.0, 1000000.0), 0.5486852950215124, 1e-9);
        near(beta_cdf(1e-06, 0.999999, 1.0, 1000000.0), 0.632120742768355, 1e-11);
        near(ln_beta(2.0, 3.0), -2.4849066497880004, 1e-13);
        near(ln_beta(0.3, 12.0), 0.35912243359971796, 1e-13);
        near(ln_beta(15.0, 200000.0), -157.9003934875269, 1e-13);
        near(ln_beta(1000000.0, 3000000.0), -2249346.42345085, 1e-13);
        near(beta_quantile(0.025, 2.0, 3.0), 0.06758598648854294, 1e-11);
        near(beta_quantile(0.975, 12.0, 31.0), 0.4203966871176082, 1e-11);
        near(beta_quantile(0.05, 30000.0, 70000.0), 0.2976186670390936, 1e-11);
        near(beta_quantile(0.025, 1.7, 40.0), 0.003863280692186108, 1e-11);
        near(t_two_sided(2.1, 5.0), 0.08975324988459879, 1e-10);
        near(t_two_sided(0.3, 1.5), 0.8004721968035851, 1e-10);
        near(t_two_sided(12.0, 4.0), 0.000276428548502973, 1e-10);
        near(t_two_sided(1.96, 10000000.0), 0.04999581802531423, 1e-9);
        near(level_t(0.95, 3.0).unwrap(), 3.1824463052837078, 1e-11);
        near(level_t(0.9, 1.2).unwrap(), 4.79580134680627, 1e-11);
        near(level_t(0.95, 889.6).unwrap(), 1.9626342264857148, 1e-11);
        near(level_t(0.99, 10000000.0).unwrap(), 2.5758297952037488, 1e-11);
        near(chi2_sf(3.84, 1.0), 0.05004352124870519, 1e-9);
        near(chi2_sf(20.1, 2.0), 4.3185749060341295e-05, 1e-9);
        near(chi2_sf(120.0, 100.0), 0.08440668109369177, 1e-9);
        near(chi2_sf(100300.0, 100000.0), 0.2509061081434188, 1e-9);
    }

    #[test]
    fn normal_agrees_with_mpmath() {
        near(normal_quantile(1e-12), -7.034483825301132, 1e-14);
        near(normal_quantile(0.025), -1.9599639845400543, 1e-14);
        near(normal_quantile(0.3), -0.5244005127080408, 1e-14);
        near(normal_quantile(0.975), 1.9599639845400538, 1e-14);
        near(normal_quantile(0.9999), 3.7190164854557084, 1e-14);
        near(normal_two_sided(0.5), 0.6170750774519738, 1e-13);
        near(normal_two_sided(1.96), 0.04999579029644087, 1e-13);
        near(normal_two_sided(2.82), 0.004802364948378506, 1e-13);
        near(normal_two_sided(2.83), 0.004654800413463108, 1e-13);
        near(normal_two_sided(6.0), 1.973175290075396e-09, 1e-13);
        near(normal_two_sided(12.0), 3.552964224155358e-33, 1e-13);
        near(normal_two_sided(35.0), 2.2498214129448125e-268, 1e-12);
    }

    #[test]
    fn quantile_undoes_probability() {
        for (a, b) in [(0.5, 0.5), (1.0, 30.0), (40.0, 7.0), (3e4, 7e4), (2e6, 1e6)] {
            for p in [1e-6, 0.025, 0.5, 0.975, 0.999_999] {
                let x = beta_quantile(p, a, b);
                near(beta_cdf(x, 1.0 - x, a, b), p, 1e-8);
            }
        }
    }

    #[test]
    fn boundary_is_the_last_point_that_holds() {
        assert_eq!(boundary(0.0, 10.0, |x| x <= 3.0), 3.0);
        assert_eq!(boundary(0.0, 2.0, |x| x <= 3.0), 2.0);
        assert_eq!(boundary(0.0, -8.0, |x| x >= -1.0), -1.0);
    }
}
