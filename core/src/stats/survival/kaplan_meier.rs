//! Kaplan and Meier's survival curve and the restricted mean under it.

use super::risk::RiskTable;
use crate::stats::interval::Estimate;
use crate::stats::special::level_z;

/// The share still waiting just after a time.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Survival {
    /// When.
    pub time: f64,
    /// Estimated share for which the event has not happened.
    pub survival: f64,
    /// Greenwood's standard error; `None` where the curve has come down to 0.
    pub se: Option<f64>,
    /// Lower end of the interval: normal on ln(−ln S), so always within 0 and 1.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Kaplan and Meier's curve at every time of the table; competing events count as lost from sight. Empty where `level` is not
/// between 0 and 1.
///
/// S = ∏(1 − d/r), Greenwood's variance S²Σd/(r(r − d)).
///
/// Sources: E. L. Kaplan and P. Meier, *Nonparametric estimation from incomplete observations*, JASA 53 (1958) 457–481; the
/// interval: J. D. Kalbfleisch and R. L. Prentice, *The statistical analysis of failure time data* (1980) 1.3.
///
/// ```
/// use goldpath::stats::survival::{End, RiskTable, kaplan_meier};
/// let table = RiskTable::of([(1.0, End::Event, 1), (2.0, End::Censored, 1), (3.0, End::Event, 1)]).unwrap();
/// let curve = kaplan_meier(&table, 0.95);
/// assert!((curve[0].survival - 2.0 / 3.0).abs() < 1e-12 && curve[2].survival == 0.0);
/// ```
pub fn kaplan_meier(table: &RiskTable, level: f64) -> Vec<Survival> {
    let Some(z) = level_z(level) else { return vec![] };
    let (mut survival, mut sum) = (1.0, 0.0);
    let row = |row: &super::RiskRow| {
        let (d, r) = (row.events as f64, row.at_risk as f64);
        survival *= (r - d) / r;
        if row.events > 0 {
            sum += d / (r * (r - d));
        }
        let (low, high) = if survival == 0.0 || survival == 1.0 {
            (survival, survival)
        } else {
            let log = survival.ln();
            let factor = (z * sum.sqrt() / log.abs()).exp();
            (survival.powf(factor), survival.powf(1.0 / factor))
        };
        Survival { time: row.time, survival, se: (survival > 0.0).then(|| survival * sum.sqrt()), low, high }
    };
    table.rows().iter().map(row).collect()
}

/// The first time at which at most half are still waiting; `None` where more than half are to the end.
pub fn median(table: &RiskTable) -> Option<f64> {
    // A curve that should be one half may miss it by rounding.
    kaplan_meier(table, 0.95).into_iter().find(|row| row.survival <= 0.5 + 1e-12).map(|row| row.time)
}

/// Mean time waited up to `horizon`: the area under the survival curve, with its standard error √ΣA²d/(r(r − d)), A the area
/// from the time on. `None` where the data end before the horizon while some still wait, or the horizon is not positive.
///
/// Source: P. Royston and M. K. B. Parmar, *Restricted mean survival time*, BMC Medical Research Methodology 13 (2013) 152.
///
/// ```
/// use goldpath::stats::survival::{End, RiskTable, restricted_mean};
/// let table = RiskTable::of([(1.0, End::Event, 1), (2.0, End::Event, 1), (3.0, End::Event, 1), (4.0, End::Event, 1)]).unwrap();
/// let mean = restricted_mean(&table, 6.0).unwrap();
/// assert!((mean.estimate - 2.5).abs() < 1e-12 && (mean.se * mean.se - 0.3125).abs() < 1e-12);
/// ```
pub fn restricted_mean(table: &RiskTable, horizon: f64) -> Option<Estimate> {
    if !(horizon > 0.0 && horizon.is_finite()) {
        return None;
    }
    let curve = kaplan_meier(table, 0.95);
    let last = curve.last()?;
    if last.time < horizon && last.survival > 0.0 {
        return None;
    }
    // From the right: the area from each time to the horizon.
    let (mut area, mut variance, mut end) = (0.0, 0.0, horizon);
    for (row, at) in table.rows().iter().zip(&curve).rev().filter(|(row, _)| row.time <= horizon) {
        area += at.survival * (end - at.time);
        end = at.time;
        let (d, r) = (row.events as f64, row.at_risk as f64);
        if row.events > 0 && row.events < row.at_risk {
            variance += area * area * d / (r * (r - d));
        }
    }
    Estimate::of(area + end, variance)
}
