//! How each rep's conversations go: talk share, questions, patience and the rest, drawn together, with intervals.

use serde::Serialize;

use super::people::People;
use crate::stats::{Estimate, Interval, level_z, shrink};
use crate::table::{Cell, Column, Table};

/// A measure of the conversations of a rep. Nothing is adjusted for: whoever has longer calls has more questions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RepMeasure {
    /// The rep.
    pub rep: String,
    /// Name of the measure, as in [`Corpus::measures`](crate::Corpus::measures).
    pub measure: String,
    /// Conversations in which it could be measured.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// The mean drawn to that of all reps by as much as chance is in it, with its interval.
    pub shown: Interval,
    /// The mean of all conversations.
    pub all: f64,
}

impl People {
    /// The measures of each rep's conversations, measure by measure; none where conversations have no turns.
    pub fn measures(&self) -> Vec<RepMeasure> {
        let check = self.check();
        let table = check.corpus().measures();
        let reps = &check.corpus().store().reps;
        let mut list = vec![];
        let numeric = table.columns().iter().filter(|(name, column)| matches!(column, Column::Float(_) | Column::Int(_)) && name != "untimed_turns");
        for (name, column) in numeric {
            let mut sums = vec![(0u64, 0.0, 0.0); reps.len()];
            for case in 0..column.len() {
                let value = match column.get(case) {
                    Cell::Float(x) if x.is_finite() => x,
                    Cell::Int(n) => n as f64,
                    _ => continue,
                };
                if let Some(sum) = sums.get_mut(check.rep_of(case) as usize) {
                    *sum = (sum.0 + 1, sum.1 + value, sum.2 + value * value);
                }
            }
            let (n, sum) = sums.iter().fold((0, 0.0), |all, s| (all.0 + s.0, all.1 + s.1));
            let there: Vec<usize> = (0..sums.len()).filter(|&rep| sums[rep].0 > 0).collect();
            // Conversations of one rep scatter alike whoever it is.
            let scatter: f64 = there.iter().map(|&rep| (sums[rep].2 - sums[rep].1 * sums[rep].1 / sums[rep].0 as f64).max(0.0)).sum();
            let spare = n.saturating_sub(there.len() as u64);
            if spare == 0 || scatter <= 0.0 {
                continue;
            }
            let variance = scatter / spare as f64;
            let own: Vec<Estimate> =
                there.iter().map(|&rep| Estimate { estimate: sums[rep].1 / sums[rep].0 as f64, se: (variance / sums[rep].0 as f64).sqrt() }).collect();
            let (Some(drawn), Some(z)) = (shrink(&own), level_z(0.95)) else { continue };
            for ((&rep, own), drawn) in there.iter().zip(&own).zip(drawn) {
                let half = z * drawn.se;
                list.push(RepMeasure {
                    rep: reps.get(rep as u32).unwrap_or_default().to_owned(),
                    measure: name.clone(),
                    n: sums[rep].0,
                    mean: own.estimate,
                    shown: Interval { estimate: drawn.estimate, low: drawn.estimate - half, high: drawn.estimate + half },
                    all: sum / n as f64,
                });
            }
        }
        list
    }

    /// The same as a table.
    pub fn measures_table(&self) -> Table {
        let rows = self.measures();
        let float = |f: &dyn Fn(&RepMeasure) -> f64| Column::Float(rows.iter().map(|x| Some(f(x))).collect());
        let mut table = Table::new("rep_measures");
        table.push("rep", Column::Text(rows.iter().map(|r| Some(r.rep.as_str().into())).collect()));
        table.push("measure", Column::Text(rows.iter().map(|r| Some(r.measure.as_str().into())).collect()));
        table.push("n", Column::Int(rows.iter().map(|r| Some(r.n as i64)).collect()));
        table.push("mean", float(&|r| r.mean));
        table.push("shown", float(&|r| r.shown.estimate));
        table.push("shown_low", float(&|r| r.shown.low));
        table.push("shown_high", float(&|r| r.shown.high));
        table.push("all", float(&|r| r.all));
        table
    }
}
