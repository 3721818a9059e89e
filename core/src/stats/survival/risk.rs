//! The table every estimate starts from: at each time, who was at risk and what happened.

/// How following a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// What is waited for happened.
    Event,
    /// Something happened that rules it out.
    Competing,
    /// The case was lost from sight, or is still open.
    Censored,
}

/// One time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskRow {
    /// When.
    pub time: f64,
    /// Cases followed at least to here.
    pub at_risk: u64,
    /// Events here.
    pub events: u64,
    /// Competing events here.
    pub competing: u64,
    /// Cases lost from sight here.
    pub censored: u64,
}

/// Distinct times in ascending order with what happened at each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RiskTable {
    rows: Vec<RiskRow>,
}

impl RiskTable {
    /// From times, ends, and how many cases share them, in any order; `None` if a time is negative or not finite.
    ///
    /// ```
    /// use goldpath::stats::survival::{End, RiskTable};
    /// let table = RiskTable::of([(5.0, End::Event, 2), (3.0, End::Censored, 1), (5.0, End::Censored, 4)]).unwrap();
    /// assert_eq!(table.rows().iter().map(|r| (r.time, r.at_risk, r.events)).collect::<Vec<_>>(), [(3.0, 7, 0), (5.0, 6, 2)]);
    /// ```
    pub fn of(cases: impl IntoIterator<Item = (f64, End, u64)>) -> Option<Self> {
        let mut rows: Vec<RiskRow> = vec![];
        for (time, end, n) in cases {
            if !(time >= 0.0 && time.is_finite()) {
                return None;
            }
            let only = |which| if end == which { n } else { 0 };
            rows.push(RiskRow { time, at_risk: n, events: only(End::Event), competing: only(End::Competing), censored: only(End::Censored) });
        }
        rows.retain(|row| row.at_risk > 0);
        rows.sort_by(|a, b| a.time.total_cmp(&b.time));
        rows.dedup_by(|next, kept| {
            let same = next.time == kept.time;
            if same {
                kept.at_risk += next.at_risk;
                kept.events += next.events;
                kept.competing += next.competing;
                kept.censored += next.censored;
            }
            same
        });
        let mut left = 0;
        for row in rows.iter_mut().rev() {
            left += row.at_risk;
            row.at_risk = left;
        }
        Some(Self { rows })
    }

    /// The rows, by time.
    pub fn rows(&self) -> &[RiskRow] {
        &self.rows
    }

    /// How many cases.
    pub fn n(&self) -> u64 {
        self.rows.first().map_or(0, |row| row.at_risk)
    }
}
