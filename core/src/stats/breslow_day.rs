//! Breslow and Day's test that the odds ratio is the same in all strata, with Tarone's correction.

use super::interval::Test;
use super::mantel_haenszel::TwoByTwo;
use super::special::chi2_sf;

/// Breslow and Day's statistic: Σ(a − E)² ÷ Var over strata, with E the count of treated hits that the margins and the
/// common `odds_ratio` imply, and Var = (1/E + 1/…)⁻¹ of the four implied counts; Tarone's subtracts (Σa − ΣE)² ÷ ΣVar, which
/// makes it right for the Mantel–Haenszel odds ratio. Chi-square with one degree of freedom less than there are strata.
/// Strata with an empty margin say nothing and are left out. `None` with fewer than two others, or where `odds_ratio` is not
/// a positive number.
///
/// Sources: N. E. Breslow and N. E. Day, *Statistical methods in cancer research I*, IARC (1980) 142; R. E. Tarone, *On
/// heterogeneity tests based on efficient scores*, Biometrika 72 (1985) 91–95.
///
/// ```
/// use goldpath::stats::{MantelHaenszel, TwoByTwo, breslow_day};
/// let strata = [TwoByTwo::new(40, 10, 20, 30), TwoByTwo::new(10, 40, 20, 30), TwoByTwo::new(25, 25, 25, 25)];
/// let pooled: MantelHaenszel = strata.into_iter().collect();
/// let test = breslow_day(strata, pooled.odds_ratio(0.95).unwrap().estimate).unwrap();
/// assert!((test.tarone.statistic - 20.1118).abs() < 1e-4 && test.tarone.df == 2.0);
/// ```
pub fn breslow_day(strata: impl IntoIterator<Item = TwoByTwo>, odds_ratio: f64) -> Option<BreslowDay> {
    if !(odds_ratio > 0.0 && odds_ratio.is_finite()) {
        return None;
    }
    let (mut count, mut sum, mut off, mut spread) = (0u64, 0.0, 0.0, 0.0);
    for table in strata {
        let (n1, n0) = (table.treated() as f64, table.control() as f64);
        let hits = (table.treated_hits + table.control_hits) as f64;
        let misses = (table.treated_misses + table.control_misses) as f64;
        if n1 == 0.0 || n0 == 0.0 || hits == 0.0 || misses == 0.0 {
            continue;
        }
        let e = implied(n1, n0, hits, odds_ratio);
        let variance = 1.0 / (1.0 / e + 1.0 / (hits - e) + 1.0 / (n1 - e) + 1.0 / (n0 - hits + e));
        let miss = table.treated_hits as f64 - e;
        if !(variance > 0.0) {
            continue;
        }
        count += 1;
        sum += miss * miss / variance;
        off += miss;
        spread += variance;
    }
    if count < 2 {
        return None;
    }
    let df = (count - 1) as f64;
    let test = |statistic: f64| Test { statistic, df, p_value: chi2_sf(statistic, df) };
    Some(BreslowDay { plain: test(sum), tarone: test((sum - off * off / spread).max(0.0)) })
}

/// Both forms of the test.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct BreslowDay {
    /// As Breslow and Day gave it.
    pub plain: Test,
    /// With Tarone's correction: the one to use with the Mantel–Haenszel odds ratio.
    pub tarone: Test,
}

/// The count of treated hits with these margins and this odds ratio: the root of (1 − ψ)A² + (n₀ − m + ψ(m + n₁))A − ψmn₁.
fn implied(n1: f64, n0: f64, hits: f64, psi: f64) -> f64 {
    let (a, b, c) = (1.0 - psi, n0 - hits + psi * (hits + n1), psi * hits * n1);
    let root = (b * b + 4.0 * a * c).max(0.0).sqrt();
    // Of the two forms of the root the one without cancellation.
    let e = if b >= 0.0 { 2.0 * c / (b + root) } else { (root - b) / (2.0 * a) };
    e.clamp((hits - n0).max(0.0), hits.min(n1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn implied_counts_have_the_odds_ratio(n1 in 1u64..500, n0 in 1u64..500, share in 0.01f64..0.99, log in -4.0f64..4.0) {
            let hits = ((n1 + n0) as f64 * share).ceil().min((n1 + n0 - 1) as f64);
            let (n1, n0, psi) = (n1 as f64, n0 as f64, log.exp());
            let a = implied(n1, n0, hits, psi);
            let (b, c, d) = (n1 - a, hits - a, n0 - hits + a);
            prop_assert!(a >= 0.0 && b >= 0.0 && c >= 0.0 && d >= 0.0);
            prop_assert!((a * d - psi * b * c).abs() <= 1e-8 * (a * d + psi * b * c).max(1.0));
        }

        #[test]
        fn equal_odds_ratios_leave_nothing(k in 1u64..40, strata in 2usize..8) {
            let tables: Vec<TwoByTwo> = (1..=strata as u64).map(|i| TwoByTwo::new(6 * k * i, 2 * k * i, 3 * k * i, 4 * k * i)).collect();
            let test = breslow_day(tables, 4.0).unwrap();
            prop_assert!(test.plain.statistic < 1e-9 && test.plain.p_value > 0.999 && test.tarone.df == (strata - 1) as f64);
        }
    }

    #[test]
    fn too_little() {
        let t = TwoByTwo::new(1, 2, 3, 4);
        assert_eq!(breslow_day([t], 1.0), None);
        assert_eq!(breslow_day([t, TwoByTwo::new(1, 0, 3, 0)], 1.0), None);
        assert_eq!(breslow_day([t, t], f64::INFINITY), None);
        assert!(breslow_day([t, t], 1.0).unwrap().tarone.p_value > 0.9);
    }
}
