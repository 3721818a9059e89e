//! Mantel and Haenszel's pooled difference, ratio and odds ratio of two arms over strata, and their test.
//!
//! A stratum is a 2×2 table. All that is kept of it are fixed-point sums, so a million strata need no memory, parts can be
//! summed apart and merged, and no order of strata can change a bit. Strata where one arm is empty say nothing about the
//! choice: they are counted, never silently dropped.

use serde::{Deserialize, Serialize};

use super::fixed::FixedSum;
use super::interval::{Estimate, Interval, Test};
use super::special::chi2_sf;

/// Outcomes of two arms in one stratum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TwoByTwo {
    /// Treated cases with the outcome.
    pub treated_hits: u64,
    /// Treated cases without it.
    pub treated_misses: u64,
    /// Control cases with the outcome.
    pub control_hits: u64,
    /// Control cases without it.
    pub control_misses: u64,
}

impl TwoByTwo {
    /// From the four counts, treated first, hits before misses.
    pub fn new(treated_hits: u64, treated_misses: u64, control_hits: u64, control_misses: u64) -> Self {
        Self { treated_hits, treated_misses, control_hits, control_misses }
    }

    /// Treated cases.
    pub fn treated(&self) -> u64 {
        self.treated_hits + self.treated_misses
    }

    /// Control cases.
    pub fn control(&self) -> u64 {
        self.control_hits + self.control_misses
    }

    /// All cases.
    pub fn n(&self) -> u64 {
        self.treated() + self.control()
    }

    /// Share of hits among the treated minus that among the controls; `None` if either has no case.
    pub fn difference(&self) -> Option<f64> {
        let (n, m) = (self.treated(), self.control());
        (n > 0 && m > 0).then(|| self.treated_hits as f64 / n as f64 - self.control_hits as f64 / m as f64)
    }

    /// Mean and variance of the treated hits, given all margins.
    fn hypergeometric(&self) -> (f64, f64) {
        let (n1, n0) = (self.treated() as f64, self.control() as f64);
        let (m1, m0) = ((self.treated_hits + self.control_hits) as f64, (self.treated_misses + self.control_misses) as f64);
        let n = n1 + n0;
        (n1 * m1 / n, n1 / n * (n0 / n) * m1 * (m0 / (n - 1.0)))
    }

    /// Adds the counts of another table.
    pub fn add(&mut self, other: &Self) {
        self.treated_hits += other.treated_hits;
        self.treated_misses += other.treated_misses;
        self.control_hits += other.control_hits;
        self.control_misses += other.control_misses;
    }
}

/// The sums over strata from which all pooled estimates follow. Counts have to stay below 2⁵³.
///
/// ```
/// use goldpath::stats::{MantelHaenszel, TwoByTwo};
/// // Kidney stones: open surgery against the needle, by size of the stone (Charig and others, BMJ 292 (1986) 879–882).
/// let small = TwoByTwo::new(81, 6, 234, 36);
/// let large = TwoByTwo::new(192, 71, 55, 25);
/// let pooled: MantelHaenszel = [small, large].into_iter().collect();
/// assert!(pooled.crude().unwrap() < 0.0);
/// let difference = pooled.risk_difference().unwrap();
/// assert!((difference.estimate - 0.0538).abs() < 1e-4 && (difference.se - 0.0336).abs() < 1e-4);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MantelHaenszel {
    all: TwoByTwo,
    comparable: TwoByTwo,
    strata: u64,
    comparable_strata: u64,
    /// n₁n₀/N: the weights of the difference.
    weight: FixedSum,
    /// a·n₀/N and c·n₁/N: the sums of the ratio; their difference is the numerator of the difference.
    treated_risk: FixedSum,
    control_risk: FixedSum,
    sato_p: FixedSum,
    sato_q: FixedSum,
    /// (n₁n₀(a + c) − a·c·N)/N².
    ratio_variance: FixedSum,
    /// n₁(a + c)/N and the hypergeometric variance.
    expected: FixedSum,
    variance: FixedSum,
    /// a·d/N and b·c/N, and their products with (a + d)/N and (b + c)/N.
    concordant: FixedSum,
    discordant: FixedSum,
    pr: FixedSum,
    ps_qr: FixedSum,
    qs: FixedSum,
    /// (p₁ − p₀) times all cases, and times the treated ones.
    by_all: FixedSum,
    by_treated: FixedSum,
}

impl MantelHaenszel {
    /// Adds a stratum.
    pub fn push(&mut self, table: TwoByTwo) {
        if table.n() == 0 {
            return;
        }
        self.strata += 1;
        self.all.add(&table);
        if table.treated() == 0 || table.control() == 0 {
            return;
        }
        self.comparable_strata += 1;
        self.comparable.add(&table);
        let (a, b) = (table.treated_hits as f64, table.treated_misses as f64);
        let (c, d) = (table.control_hits as f64, table.control_misses as f64);
        let (n1, n0, m1) = (a + b, c + d, a + c);
        let n = n1 + n0;
        self.weight.add(n1 * n0 / n);
        self.treated_risk.add(a * n0 / n);
        self.control_risk.add(c * n1 / n);
        self.sato_p.add((n1 * n1 * c - n0 * n0 * a + n1 * n0 * (n0 - n1) / 2.0) / (n * n));
        self.sato_q.add((a * (n0 - c) + c * (n1 - a)) / (2.0 * n));
        self.ratio_variance.add((n1 * n0 * m1 / n - a * c) / n);
        let (expected, variance) = table.hypergeometric();
        self.expected.add(expected);
        self.variance.add(variance);
        let (r, s, p, q) = (a * d / n, b * c / n, (a + d) / n, (b + c) / n);
        self.concordant.add(r);
        self.discordant.add(s);
        self.pr.add(p * r);
        self.ps_qr.add(p * s + q * r);
        self.qs.add(q * s);
        let difference = a / n1 - c / n0;
        self.by_all.add(difference * n);
        self.by_treated.add(difference * n1);
    }

    /// Adds the strata of another part.
    pub fn merge(&mut self, other: &Self) {
        self.all.add(&other.all);
        self.comparable.add(&other.comparable);
        self.strata += other.strata;
        self.comparable_strata += other.comparable_strata;
        let mine = [
            &mut self.weight,
            &mut self.treated_risk,
            &mut self.control_risk,
            &mut self.sato_p,
            &mut self.sato_q,
            &mut self.ratio_variance,
            &mut self.expected,
            &mut self.variance,
            &mut self.concordant,
            &mut self.discordant,
            &mut self.pr,
            &mut self.ps_qr,
            &mut self.qs,
            &mut self.by_all,
            &mut self.by_treated,
        ];
        let others = [
            other.weight,
            other.treated_risk,
            other.control_risk,
            other.sato_p,
            other.sato_q,
            other.ratio_variance,
            other.expected,
            other.variance,
            other.concordant,
            other.discordant,
            other.pr,
            other.ps_qr,
            other.qs,
            other.by_all,
            other.by_treated,
        ];
        mine.into_iter().zip(others).for_each(|(sum, more)| sum.merge(more));
    }

    /// All strata summed to one table.
    pub fn all(&self) -> TwoByTwo {
        self.all
    }

    /// The strata with cases in both arms summed to one table.
    pub fn comparable(&self) -> TwoByTwo {
        self.comparable
    }

    /// Strata with at least one case.
    pub fn strata(&self) -> u64 {
        self.strata
    }

    /// Strata with cases in both arms.
    pub fn comparable_strata(&self) -> u64 {
        self.comparable_strata
    }

    /// Share of the cases that lie in strata with cases in both arms; `None` without cases.
    pub fn comparable_share(&self) -> Option<f64> {
        (self.all.n() > 0).then(|| self.comparable.n() as f64 / self.all.n() as f64)
    }

    /// The difference without strata: what a naive reading sees. `None` if an arm has no case.
    pub fn crude(&self) -> Option<f64> {
        self.all.difference()
    }

    /// Whether the crude difference and the pooled one point in opposite directions (Simpson's paradox).
    pub fn flips(&self) -> bool {
        self.crude().zip(self.risk_difference()).is_some_and(|(crude, pooled)| crude * pooled.estimate < 0.0)
    }

    /// Pooled risk difference Σ(a·n₀ − c·n₁)/N ÷ Σn₁n₀/N with Sato's variance (d·ΣP + ΣQ) ÷ (Σn₁n₀/N)², which holds for few
    /// large strata as for many thin ones; P = (n₁²c − n₀²a + n₁n₀(n₀ − n₁)/2)/N², Q = (a(n₀ − c) + c(n₁ − a))/2N. `None`
    /// without a comparable stratum.
    ///
    /// Source: T. Sato, *On the variance estimator for the Mantel–Haenszel risk difference*, Biometrics 45 (1989)
    /// 1323–1324.
    pub fn risk_difference(&self) -> Option<Estimate> {
        let weight = self.weight.value();
        let estimate = (self.treated_risk.value() - self.control_risk.value()) / weight;
        Estimate::of(estimate, ((estimate * self.sato_p.value() + self.sato_q.value()) / (weight * weight)).max(0.0))
    }

    /// Pooled risk ratio with its interval; `None` where an arm has no hit in any comparable stratum or `level` is not
    /// between 0 and 1.
    ///
    /// Source: S. Greenland and J. M. Robins, *Estimation of a common effect parameter from sparse follow-up data*,
    /// Biometrics 41 (1985) 55–68.
    pub fn risk_ratio(&self, level: f64) -> Option<Interval> {
        Some(self.log_risk_ratio()?.interval(level)?.exp())
    }

    /// Logarithm of the pooled risk ratio.
    pub fn log_risk_ratio(&self) -> Option<Estimate> {
        let (r, s) = (self.treated_risk.value(), self.control_risk.value());
        Estimate::of((r / s).ln(), (self.ratio_variance.value() / (r * s)).max(0.0))
    }

    /// Pooled odds ratio with its interval; `None` where Σad/N or Σbc/N is 0 or `level` is not between 0 and 1.
    ///
    /// Source: J. Robins, N. Breslow and S. Greenland, *Estimators of the Mantel–Haenszel variance consistent in both
    /// sparse data and large-strata limiting models*, Biometrics 42 (1986) 311–323.
    pub fn odds_ratio(&self, level: f64) -> Option<Interval> {
        Some(self.log_odds_ratio()?.interval(level)?.exp())
    }

    /// Logarithm of the pooled odds ratio.
    pub fn log_odds_ratio(&self) -> Option<Estimate> {
        let (r, s) = (self.concordant.value(), self.discordant.value());
        let variance = self.pr.value() / (2.0 * r * r) + self.ps_qr.value() / (2.0 * r * s) + self.qs.value() / (2.0 * s * s);
        Estimate::of((r / s).ln(), variance)
    }

    /// The test of Cochran, Mantel and Haenszel that the choice does nothing in any stratum, without continuity correction:
    /// (Σa − ΣE(a))² ÷ ΣVar(a), chi-square with one degree of freedom. `None` where nothing can vary.
    ///
    /// Source: N. Mantel and W. Haenszel, *Statistical aspects of the analysis of data from retrospective studies of
    /// disease*, Journal of the National Cancer Institute 22 (1959) 719–748.
    pub fn test(&self) -> Option<Test> {
        test(self.comparable.treated_hits, self.expected, self.variance)
    }

    /// As [`MantelHaenszel::test`], where nothing else is asked of the tables.
    pub(crate) fn test_of(tables: impl Iterator<Item = TwoByTwo>) -> Option<Test> {
        let (mut hits, mut expected, mut variance) = (0, FixedSum::default(), FixedSum::default());
        for table in tables.filter(|table| table.treated() > 0 && table.control() > 0) {
            let of = table.hypergeometric();
            hits += table.treated_hits;
            expected.add(of.0);
            variance.add(of.1);
        }
        test(hits, expected, variance)
    }

    /// Mean of the differences of the comparable strata, weighted by all their cases: the effect if the whole comparable
    /// population went from control to treated.
    pub fn standardised(&self) -> Option<f64> {
        let n = self.comparable.n();
        (n > 0).then(|| self.by_all.value() / n as f64)
    }

    /// Mean of the differences of the comparable strata, weighted by their treated cases: the effect among the treated.
    pub fn among_treated(&self) -> Option<f64> {
        let n = self.comparable.treated();
        (n > 0).then(|| self.by_treated.value() / n as f64)
    }
}

/// How far hits lie from what is expected of them.
fn test(hits: u64, expected: FixedSum, variance: FixedSum) -> Option<Test> {
    let variance = variance.value();
    let off = hits as f64 - expected.value();
    (variance > 0.0).then(|| {
        let statistic = off * off / variance;
        Test { statistic, df: 1.0, p_value: chi2_sf(statistic, 1.0) }
    })
}

impl FromIterator<TwoByTwo> for MantelHaenszel {
    fn from_iter<I: IntoIterator<Item = TwoByTwo>>(tables: I) -> Self {
        let mut sums = Self::default();
        tables.into_iter().for_each(|table| sums.push(table));
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(super) fn tables(most: usize) -> impl Strategy<Value = Vec<TwoByTwo>> {
        let count = || prop_oneof![Just(0u64), 0u64..6, 0u64..300];
        proptest::collection::vec((count(), count(), count(), count()).prop_map(|(a, b, c, d)| TwoByTwo::new(a, b, c, d)), 0..most)
    }

    fn pooled(tables: &[TwoByTwo]) -> MantelHaenszel {
        tables.iter().copied().collect()
    }

    proptest! {
        #[test]
        fn no_order_and_no_split_changes_a_bit(mut tables in tables(40), at in 0usize..40) {
            let whole = pooled(&tables);
            let (first, second) = tables.split_at(at.min(tables.len()));
            let (mut parts, rest) = (pooled(second), pooled(first));
            parts.merge(&rest);
            prop_assert_eq!(&whole, &parts);
            tables.reverse();
            prop_assert_eq!(&whole, &pooled(&tables));
            prop_assert_eq!(whole.test(), MantelHaenszel::test_of(tables.into_iter()));
        }

        #[test]
        fn swapping_arms_negates(tables in tables(30)) {
            let swapped: Vec<TwoByTwo> = tables.iter().map(|t| TwoByTwo::new(t.control_hits, t.control_misses, t.treated_hits, t.treated_misses)).collect();
            let (m, w) = (pooled(&tables), pooled(&swapped));
            let same = |x: Option<Estimate>, y: Option<Estimate>| match (x, y) {
                (Some(x), Some(y)) => (x.estimate + y.estimate).abs() < 1e-9 && (x.se - y.se).abs() < 1e-7,
                (x, y) => x.is_none() && y.is_none(),
            };
            prop_assert!(same(m.risk_difference(), w.risk_difference()));
            prop_assert!(same(m.log_risk_ratio(), w.log_risk_ratio()));
            prop_assert!(same(m.log_odds_ratio(), w.log_odds_ratio()));
            match (m.test(), w.test()) {
                (Some(x), Some(y)) => prop_assert!((x.statistic - y.statistic).abs() < 1e-9 * x.statistic.max(1.0)),
                (x, y) => prop_assert!(x.is_none() && y.is_none()),
            }
        }

        #[test]
        fn one_stratum_is_the_crude_difference(a in 0u64..200, b in 0u64..200, c in 0u64..200, d in 0u64..200) {
            prop_assume!(a + b > 0 && c + d > 0);
            let m = pooled(&[TwoByTwo::new(a, b, c, d)]);
            let (crude, pooled) = (m.crude().unwrap(), m.risk_difference().unwrap());
            prop_assert!((crude - pooled.estimate).abs() < 1e-12 && !m.flips());
            prop_assert!((m.standardised().unwrap() - crude).abs() < 1e-12 && (m.among_treated().unwrap() - crude).abs() < 1e-12);
            // With one stratum Sato's variance is the usual one of a difference.
            let (p, q, n, k) = (a as f64 / (a + b) as f64, c as f64 / (c + d) as f64, (a + b) as f64, (c + d) as f64);
            prop_assert!((pooled.se.powi(2) - p * (1.0 - p) / n - q * (1.0 - q) / k).abs() < 1e-10);
        }

        #[test]
        fn the_pooled_difference_lies_among_those_of_the_strata(tables in tables(30)) {
            let differences: Vec<f64> = tables.iter().filter_map(TwoByTwo::difference).collect();
            let m = pooled(&tables);
            prop_assert_eq!(m.comparable_strata() as usize, differences.len());
            if let Some(pooled) = m.risk_difference() {
                let low = differences.iter().copied().fold(f64::INFINITY, f64::min);
                let high = differences.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                prop_assert!(low - 1e-12 <= pooled.estimate && pooled.estimate <= high + 1e-12);
            } else {
                prop_assert!(differences.is_empty());
            }
        }
    }

    #[test]
    fn nothing_to_compare() {
        let m = pooled(&[TwoByTwo::new(3, 4, 0, 0), TwoByTwo::default()]);
        assert_eq!((m.strata(), m.comparable_strata(), m.comparable_share()), (1, 0, Some(0.0)));
        assert!(m.risk_difference().is_none() && m.test().is_none() && m.odds_ratio(0.95).is_none() && m.crude().is_none());
        assert_eq!(pooled(&[]).comparable_share(), None);
    }
}
