//! The map of what directly follows what: counts, win rates, a drawing.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::corpus::{Corpus, OutcomeColumn, OutcomeValue};
use crate::error::Result;
use crate::sop::Sop;
use crate::table::{Column, Table};

/// One step directly after another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FollowsEdge {
    /// The step before; `None` for the beginning of the case.
    pub from: Option<String>,
    /// The step after; `None` for the end of the case.
    pub to: Option<String>,
    /// How often.
    pub times: u64,
    /// In how many cases.
    pub cases: u64,
    /// Of these, decided by the yes/no outcome `won` (else the first yes/no outcome).
    pub decided: u64,
    /// Of these, won.
    pub won: u64,
}

/// What directly follows what in the cases of a corpus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DirectlyFollows {
    /// The most frequent first.
    pub edges: Vec<FollowsEdge>,
    /// Cases.
    pub cases: u64,
}

impl DirectlyFollows {
    /// Counts what directly follows what.
    ///
    /// ```
    /// use goldpath::{Corpus, corpus::Conversation, improve::DirectlyFollows};
    /// let corpus = Corpus::from_conversations([Conversation::of_steps("1", ["open", "close"])])?;
    /// let map = DirectlyFollows::of(&corpus);
    /// assert_eq!(map.edges.len(), 3); // begin → open → close → end
    /// assert!(map.to_svg(goldpath::Lang::En, 1.0)?.starts_with("<svg"));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    pub fn of(corpus: &Corpus) -> Self {
        const NONE: u32 = u32::MAX;
        let store = corpus.store();
        let yes_no = |column: &&OutcomeColumn| matches!(column, OutcomeColumn::Bool(_));
        let outcome = store.outcomes.get("won").filter(yes_no).or_else(|| store.outcomes.values().find(yes_no));
        // Times, cases, decided, won, and the last case that was counted.
        let mut counts: FxHashMap<(u32, u32), ([u64; 4], usize)> = FxHashMap::default();
        for case in 0..store.len() {
            let path = store.path(case);
            let won = outcome.and_then(|column| column.get(case)).map(|value| value == OutcomeValue::Bool(true));
            let before = std::iter::once(NONE).chain(path.iter().copied());
            let after = path.iter().copied().chain([NONE]);
            for pair in before.zip(after) {
                let (sums, last) = counts.entry(pair).or_insert(([0; 4], usize::MAX));
                sums[0] += 1;
                if *last != case {
                    *last = case;
                    sums[1] += 1;
                    sums[2] += u64::from(won.is_some());
                    sums[3] += u64::from(won == Some(true));
                }
            }
        }
        let name = |step: u32| store.steps.get(step).map(ToOwned::to_owned);
        let mut edges: Vec<FollowsEdge> = (counts.into_iter())
            .map(|((from, to), ([times, cases, decided, won], _))| FollowsEdge { from: name(from), to: name(to), times, cases, decided, won })
            .collect();
        edges.sort_by(|a, b| b.times.cmp(&a.times).then_with(|| (&a.from, &a.to).cmp(&(&b.from, &b.to))));
        Self { edges, cases: store.len() as u64 }
    }

    /// A row a pair of steps.
    pub fn table(&self) -> Table {
        let int = |f: fn(&FollowsEdge) -> u64| Column::Int(self.edges.iter().map(|e| Some(f(e) as i64)).collect());
        let mut table = Table::new("directly_follows");
        table.push("from", Column::Text(self.edges.iter().map(|e| e.from.as_deref().map(Into::into)).collect()));
        table.push("to", Column::Text(self.edges.iter().map(|e| e.to.as_deref().map(Into::into)).collect()));
        table.push("times", int(|e| e.times));
        table.push("cases", int(|e| e.cases));
        table.push("decided", int(|e| e.decided));
        table.push("won", int(|e| e.won));
        table.push("win_rate", Column::Float(self.edges.iter().map(|e| (e.decided > 0).then(|| e.won as f64 / e.decided as f64)).collect()));
        table
    }

    /// The map as a graph over steps that can be drawn and checked: of all edges the most frequent that make up this share
    /// (0 to 1) of all times, and those that connect every step with the beginning and the end.
    ///
    /// # Errors
    /// [`Error::Sop`](crate::Error::Sop) where there are no steps, or more edges than an SOP may have.
    pub fn to_sop(&self, share: f64) -> Result<Sop> {
        let ids: BTreeSet<&str> = self.edges.iter().flat_map(|e| [e.from.as_deref(), e.to.as_deref()]).flatten().collect();
        let free = |name: &str| {
            let mut name = name.to_owned();
            while ids.contains(name.as_str()) {
                name.push('_');
            }
            name
        };
        let (begin, end) = (free("begin"), free("end"));
        let (from, to) = (|e: &FollowsEdge| e.from.clone().unwrap_or_else(|| begin.clone()), |e: &FollowsEdge| e.to.clone().unwrap_or_else(|| end.clone()));
        let all: u64 = self.edges.iter().map(|e| e.times).sum();
        let mut kept: BTreeSet<usize> = BTreeSet::new();
        let mut seen = 0;
        for (i, edge) in self.edges.iter().enumerate() {
            if seen as f64 >= share * all as f64 {
                break;
            }
            seen += edge.times;
            kept.insert(i);
        }
        // The strongest way to each step from the beginning, and from each to the end.
        for (root, forward) in [(&begin, true), (&end, false)] {
            let mut reached: BTreeSet<String> = [root.clone()].into();
            let near = |e: &FollowsEdge| if forward { from(e) } else { to(e) };
            let far = |e: &FollowsEdge| if forward { to(e) } else { from(e) };
            while let Some((i, edge)) = self.edges.iter().enumerate().find(|(_, e)| reached.contains(&near(e)) && !reached.contains(&far(e))) {
                reached.insert(far(edge));
                kept.insert(i);
            }
        }
        let edges: Vec<(String, String)> =
            kept.into_iter().map(|i| &self.edges[i]).filter(|e| e.from.is_some() || e.to.is_some()).map(|e| (from(e), to(e))).collect();
        let steps: Vec<&str> = std::iter::once(begin.as_str()).chain(ids.iter().copied()).chain([end.as_str()]).collect();
        Sop::from_value(
            serde_json::json!({ "format": "goldpath/1", "name": "directly follows", "steps": steps, "graph": { "start": begin, "end": end, "edges": edges } }),
        )
    }

    /// The map as an SVG drawing; `share` as in [`DirectlyFollows::to_sop`].
    ///
    /// # Errors
    /// As [`DirectlyFollows::to_sop`].
    pub fn to_svg(&self, lang: crate::Lang, share: f64) -> Result<String> {
        Ok(self.to_sop(share)?.to_svg(lang))
    }
}
