//! Drift: whether what people choose, and what customers do, has changed; when, and by how much.
//!
//! A share is followed week by week among those who could: of all cases that reached the point, in how many it happened. Where it
//! changed level is found exactly (PELT), whether that is more than chance by a G test of the weeks on either side, with the
//! weeks it was searched over and all the shares looked at allowed for.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::calendar::monday;
use super::chances::{ChanceId, ChanceKind, Chances};
use crate::stats::{benjamini_hochberg, changes, chi2_sf, g_test, jensen_shannon, wilson};
use crate::table::{Column, Table};

/// When a share counts as changed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DriftOptions {
    /// Largest expected share of false ones among those named.
    pub false_share: f64,
    /// Fewest times it happened, and fewest weeks with cases, to be looked at.
    pub least: u64,
    /// Weeks.
    pub weeks: usize,
    /// Fewest weeks of a level.
    pub shortest: usize,
}

impl Default for DriftOptions {
    fn default() -> Self {
        Self { false_share: 0.05, least: 20, weeks: 8, shortest: 3 }
    }
}

/// A share that changed, or the largest change of one that did not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drift {
    /// What.
    pub chance: ChanceId,
    /// Monday of the week from which on it was otherwise.
    pub since: Date,
    /// The change may as well have been this early…
    pub since_low: Date,
    /// …or this late (95 %).
    pub since_high: Date,
    /// Times it happened and could have, from the change before to this one.
    pub before: (u64, u64),
    /// And from this one to the next.
    pub after: (u64, u64),
    /// Probability of such a change by chance, the weeks searched over allowed for.
    pub p_value: f64,
    /// The same, all shares looked at allowed for.
    pub q_value: f64,
    /// Jensen and Shannon's divergence of before and after.
    pub divergence: f64,
    /// How many times more than chance weeks differ from the next: allowed for.
    pub dispersion: f64,
    /// It changed.
    pub changed: bool,
}

impl Drift {
    /// One sentence about it.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::people::drift(self, lang)
    }

    /// Share before.
    pub fn share_before(&self) -> f64 {
        self.before.0 as f64 / self.before.1 as f64
    }

    /// Share after.
    pub fn share_after(&self) -> f64 {
        self.after.0 as f64 / self.after.1 as f64
    }
}

/// Weeks of one share: (week, times, could have).
pub(super) type Series = Vec<(i32, u64, u64)>;

/// Where a share changed, or came nearest to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    pub(super) since: Date,
    pub(super) since_low: Date,
    pub(super) since_high: Date,
    pub(super) before: (u64, u64),
    pub(super) after: (u64, u64),
    pub(super) p_value: f64,
    pub(super) divergence: f64,
    pub(super) dispersion: f64,
    /// First week before, first week after, and the week it is over.
    pub(super) weeks: (i32, i32, i32),
}

impl Chances {
    /// Each change of each share; for one that did not change, the split at which it came nearest. Those that changed come first,
    /// the surest before the others.
    pub fn drift(&self, options: &DriftOptions) -> Vec<Drift> {
        let inner = &*self.0;
        let mut found: Vec<Drift> = vec![];
        for (number, id) in inner.ids.iter().enumerate().filter(|(_, id)| id.kind != ChanceKind::Point) {
            let series = self.series(number as u32);
            found.extend(splits(&series, options).into_iter().map(|s| Drift {
                chance: id.clone(),
                since: s.since,
                since_low: s.since_low,
                since_high: s.since_high,
                before: s.before,
                after: s.after,
                p_value: s.p_value,
                q_value: s.p_value,
                divergence: s.divergence,
                dispersion: s.dispersion,
                changed: false,
            }));
        }
        let p: Vec<f64> = found.iter().map(|d| d.p_value).collect();
        let q = benjamini_hochberg(&p).unwrap_or(p);
        for (drift, q) in found.iter_mut().zip(q) {
            drift.q_value = q;
            drift.changed = q <= options.false_share;
        }
        found.sort_by(|a, b| {
            (b.changed, a.p_value).partial_cmp(&(a.changed, b.p_value)).unwrap_or(std::cmp::Ordering::Equal).then_with(|| a.chance.cmp(&b.chance))
        });
        found
    }

    /// A share by week, all reps together.
    pub(super) fn series(&self, chance: u32) -> Series {
        let inner = &*self.0;
        let base = inner.base[chance as usize];
        let mut weeks: std::collections::BTreeMap<i32, (u64, u64)> = std::collections::BTreeMap::new();
        for row in inner.of(base).iter().filter(|row| row.week() != i32::MIN) {
            let of = weeks.entry(row.week()).or_default();
            of.1 += u64::from(row.n);
            if base == chance {
                of.0 += u64::from(row.hits);
            }
        }
        if base != chance {
            for row in inner.of(chance) {
                if let Some(of) = weeks.get_mut(&row.week()) {
                    of.0 += u64::from(row.hits);
                }
            }
        }
        weeks.into_iter().map(|(week, (hits, n))| (week, hits.min(n), n)).collect()
    }
}

/// How many times more than chance neighbouring weeks differ; a lasting change shows in one difference only.
fn dispersion(series: &Series, share: f64) -> f64 {
    let weeks: Vec<(f64, f64)> = series.iter().map(|&(_, k, n)| (k as f64, n as f64)).collect();
    let mut ratios: Vec<f64> = (weeks.windows(2))
        .map(|pair| {
            let ((k, n), (later, m)) = (pair[0], pair[1]);
            // Shares near what they are around here: a change of level is not more noise.
            let around = ((k + later + share) / (n + m + 1.0)).clamp(1e-9, 1.0 - 1e-9);
            (k / n - later / m).powi(2) / (around * (1.0 - around) * (1.0 / n + 1.0 / m))
        })
        .collect();
    if ratios.len() < 6 {
        return 1.0;
    }
    // The mean without the largest tenth, against what it is for chance alone (that of the lower nine tenths of a chi-square of one degree).
    ratios.sort_by(f64::total_cmp);
    let kept = ratios.len() - ratios.len().div_ceil(10);
    (ratios[..kept].iter().sum::<f64>() / kept as f64 / 0.623).max(1.0)
}

/// Each change of a share; of one that did not change, the split at which it came nearest. None where there is too little.
pub(super) fn splits(series: &Series, options: &DriftOptions) -> Vec<Split> {
    let sum = |part: &[(i32, u64, u64)]| part.iter().fold((0, 0), |s, w| (s.0 + w.1, s.1 + w.2));
    let (hits, n) = sum(series);
    if series.len() < options.weeks.max(2 * options.shortest) || hits.min(n - hits) < options.least {
        return vec![];
    }
    let share = hits as f64 / n as f64;
    let over = dispersion(series, share);
    let points: Vec<(f64, f64)> = series.iter().map(|&(_, k, n)| (k as f64 / n as f64, n as f64 / (share * (1.0 - share) * over))).collect();
    let ends = changes(&points, 2.0 * (series.len() as f64).ln(), options.shortest);
    let shortest = options.shortest.max(1);
    let cost = |at: usize, from: usize, to: usize| {
        let (a, b) = (sum(&series[from..at]), sum(&series[at..to]));
        let all = (a.0 + b.0) as f64 / (a.1 + b.1) as f64;
        let gap = |part: (u64, u64)| part.1 as f64 * (part.0 as f64 / part.1 as f64 - all).powi(2);
        (gap(a) + gap(b)) / (share * (1.0 - share) * over)
    };
    let mut borders: Vec<usize> = std::iter::once(0).chain(ends).collect();
    if borders.len() <= 2 {
        // Nothing changed: the split that comes nearest.
        let best = (shortest..=series.len() - shortest).max_by(|&a, &b| cost(a, 0, series.len()).total_cmp(&cost(b, 0, series.len())));
        borders = vec![0, best.unwrap_or(shortest), series.len()];
    }
    (1..borders.len() - 1)
        .filter_map(|i| {
            let (from, at, to) = (borders[i - 1], borders[i], borders[i + 1]);
            let (before, after) = (sum(&series[from..at]), sum(&series[at..to]));
            let rows = [[before.0, before.1 - before.0], [after.0, after.1 - after.0]];
            let test = g_test(&rows[0], &rows[1])?;
            // Any of the weeks could have been the one.
            let tries = (to - from).saturating_sub(2 * shortest) as f64 + 1.0;
            let p_value = (chi2_sf(test.statistic / over, 1.0) * tries).min(1.0);
            let here = cost(at, from, to);
            let near: Vec<usize> = (from + shortest..=to - shortest).filter(|&other| here - cost(other, from, to) <= 3.84).collect();
            let week = |split: usize| monday(series[split.min(series.len() - 1)].0);
            let end = series.get(to).map_or(i32::MAX, |w| w.0);
            Some(Split {
                since: week(at),
                since_low: week(near.first().copied().unwrap_or(at)),
                since_high: week(near.last().copied().unwrap_or(at)),
                before,
                after,
                p_value,
                divergence: jensen_shannon(&rows[0], &rows[1])?,
                dispersion: over,
                weeks: (series[from].0, series[at].0, end),
            })
        })
        .collect()
}

/// Drift as a table, a row each.
pub(crate) fn table(list: &[Drift]) -> Table {
    let text = |f: &dyn Fn(&Drift) -> Option<String>| Column::Text(list.iter().map(|x| f(x).map(Into::into)).collect());
    let float = |f: &dyn Fn(&Drift) -> Option<f64>| Column::Float(list.iter().map(f).collect());
    let int = |f: &dyn Fn(&Drift) -> u64| Column::Int(list.iter().map(|x| Some(f(x) as i64)).collect());
    let end = |part: (u64, u64), high: bool| wilson(part.0, part.1, 0.95).map(|i| if high { i.high } else { i.low });
    let mut table = Table::new("drift");
    table.push("kind", text(&|d| Some(d.chance.kind.name().into())));
    table.push("step", text(&|d| Some(d.chance.step.clone())));
    table.push("standard", text(&|d| d.chance.standard.clone()));
    table.push("point", text(&|d| d.chance.point.clone()));
    table.push("sop", text(&|d| Some(d.chance.sop.clone())));
    table.push("changed", Column::Bool(list.iter().map(|d| Some(d.changed)).collect()));
    table.push("since", text(&|d| Some(d.since.to_string())));
    table.push("since_low", text(&|d| Some(d.since_low.to_string())));
    table.push("since_high", text(&|d| Some(d.since_high.to_string())));
    table.push("share_before", float(&|d| Some(d.share_before())));
    table.push("share_before_low", float(&|d| end(d.before, false)));
    table.push("share_before_high", float(&|d| end(d.before, true)));
    table.push("n_before", int(&|d| d.before.1));
    table.push("share_after", float(&|d| Some(d.share_after())));
    table.push("share_after_low", float(&|d| end(d.after, false)));
    table.push("share_after_high", float(&|d| end(d.after, true)));
    table.push("n_after", int(&|d| d.after.1));
    table.push("p_value", float(&|d| Some(d.p_value)));
    table.push("q_value", float(&|d| Some(d.q_value)));
    table.push("divergence", float(&|d| Some(d.divergence)));
    table.push("dispersion", float(&|d| Some(d.dispersion)));
    table.push("sentence_en", text(&|d| Some(d.sentence(crate::words::Lang::En))));
    table.push("sentence_zh", text(&|d| Some(d.sentence(crate::words::Lang::Zh))));
    table
}
