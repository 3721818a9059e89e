//! The log-rank test.

use super::risk::{RiskRow, RiskTable};
use crate::stats::interval::Test;
use crate::stats::special::chi2_sf;

/// Test that two groups wait alike, over pairs of tables, one for each stratum (one pair without strata); competing events
/// count as lost from sight. `None` where no event could tell.
///
/// (Σ(d₁ − r₁d/r))² ÷ Σ r₁r₂d(r − d)/(r²(r − 1)), chi-square with one degree of freedom.
///
/// Source: N. Mantel, *Evaluation of survival data and two new rank order statistics*, Cancer Chemotherapy Reports 50 (1966)
/// 163–170.
///
/// ```
/// use goldpath::stats::survival::{End, RiskTable, log_rank};
/// let of = |times: [f64; 4]| RiskTable::of(times.map(|t| (t, End::Event, 1))).unwrap();
/// let test = log_rank([(&of([1.0, 2.0, 3.0, 4.0]), &of([2.0, 3.0, 5.0, 8.0]))]).unwrap();
/// assert!((test.statistic - 1.8371).abs() < 1e-4);
/// ```
pub fn log_rank<'a>(strata: impl IntoIterator<Item = (&'a RiskTable, &'a RiskTable)>) -> Option<Test> {
    let (mut off, mut variance) = (0.0, 0.0);
    for (first, second) in strata {
        let (mut a, mut b) = (first.rows(), second.rows());
        while let (Some(x), Some(y)) = (a.first(), b.first()) {
            let time = x.time.min(y.time);
            let events = |rows: &mut &[RiskRow]| {
                let Some((row, rest)) = rows.split_first().filter(|(row, _)| row.time == time) else { return 0.0 };
                *rows = rest;
                row.events as f64
            };
            let (r1, r2) = (x.at_risk as f64, y.at_risk as f64);
            let d1 = events(&mut a);
            let d = d1 + events(&mut b);
            let r = r1 + r2;
            off += d1 - r1 * d / r;
            variance += r1 * r2 * d * (r - d) / (r * r * (r - 1.0));
        }
    }
    (variance > 0.0).then(|| {
        let statistic = off * off / variance;
        Test { statistic, df: 1.0, p_value: chi2_sf(statistic, 1.0) }
    })
}
