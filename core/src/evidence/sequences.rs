//! Short sequences of unplanned steps: how often each came, and which of them are worth a comparison.
//!
//! Counts are sums, so that shards add; only what is frequent in all of them together is looked for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::{Check, Chosen, NOWHERE, Point};
use crate::sop::Actor;

/// Longest sequence.
const LONGEST: usize = 3;
/// Most sequences that are looked for.
const MOST: usize = 200;

/// A sequence of unplanned steps at a decision point.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SequenceAt {
    /// Number of the SOP in the playbook.
    pub entry: u32,
    /// Where the step last reached is planned in the file; `None` at the very start.
    pub place: Option<String>,
    /// For the how-manieth time it was reached: 1, 2, or 3 for every further time.
    pub visit: u8,
    /// The steps, in order: two or three.
    pub members: Vec<String>,
}

/// How many cases did each sequence of two or three different unplanned steps of the agent right after each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceCounts(Vec<(SequenceAt, u64)>);

impl SequenceCounts {
    /// Counts the sequences of a check; steps in `never_choices` break a sequence.
    pub fn of(check: &Check, never_choices: &[String]) -> Self {
        let store = check.corpus().store();
        let mut cases = vec![0u64; check.paths()];
        (0..check.len()).filter_map(|case| check.path_of(case)).for_each(|path| cases[path] += 1);
        // By numbers first: names are made once a distinct sequence.
        let mut counts: rustc_hash::FxHashMap<(u32, Point, Vec<u32>), u64> = rustc_hash::FxHashMap::default();
        let mut seen: rustc_hash::FxHashSet<(Point, Vec<u32>)> = rustc_hash::FxHashSet::default();
        for (path, &n) in cases.iter().enumerate() {
            let (entry, sop) = check.sop_of_path(path);
            seen.clear();
            let mut run: Vec<u32> = Vec::new();
            let mut point = Point { node: NOWHERE, visit: 1 };
            for choice in check.choices_of(path).choices {
                let Chosen::Added(label) = choice.chosen else {
                    run.clear();
                    continue;
                };
                if choice.point != point {
                    run.clear();
                    point = choice.point;
                }
                let step = store.steps.get(label).unwrap_or_default();
                if never_choices.iter().any(|never| never == step) {
                    run.clear();
                    continue;
                }
                let agent = check.step_of_label(sop, label).is_none_or(|step| sop.steps()[step as usize].by == Actor::Agent);
                if !agent {
                    continue;
                }
                run.push(label);
                for n in 2..=LONGEST.min(run.len()) {
                    let tail = &run[run.len() - n..];
                    let different = tail.iter().enumerate().all(|(i, label)| !tail[..i].contains(label));
                    if different {
                        seen.insert((point, tail.to_vec()));
                    }
                }
            }
            for (point, labels) in seen.drain() {
                *counts.entry((entry, point, labels)).or_default() += n;
            }
        }
        let mut named = BTreeMap::new();
        for ((entry, point, labels), n) in counts {
            let sop = &check.playbook().entries()[entry as usize].sop;
            let place = sop.nodes().get(point.node as usize).map(|node| node.place.clone());
            let members = labels.iter().map(|&label| store.steps.get(label).unwrap_or_default().to_owned()).collect();
            *named.entry(SequenceAt { entry, place, visit: point.visit, members }).or_insert(0) += n;
        }
        Self(named.into_iter().collect())
    }

    /// Adds what another shard counted.
    pub fn merge(&mut self, other: &Self) {
        let mut sums: BTreeMap<SequenceAt, u64> = std::mem::take(&mut self.0).into_iter().collect();
        other.0.iter().for_each(|(at, n)| *sums.entry(at.clone()).or_insert(0) += n);
        self.0 = sums.into_iter().collect();
    }

    /// The sequences that came at least this often and are closed (no longer one at their point came as often), the most
    /// frequent first, at most 200; with how many of those that came so often were left out for that limit.
    pub fn closed(&self, at_least: u64) -> (Vec<SequenceAt>, usize) {
        let frequent: Vec<&(SequenceAt, u64)> = self.0.iter().filter(|(_, n)| *n >= at_least).collect();
        let contained = |(at, n): &(SequenceAt, u64)| {
            frequent.iter().any(|(longer, m)| {
                m == n
                    && longer.members.len() > at.members.len()
                    && (longer.entry, &longer.place, longer.visit) == (at.entry, &at.place, at.visit)
                    && longer.members.windows(at.members.len()).any(|window| window == at.members)
            })
        };
        let mut closed: Vec<&(SequenceAt, u64)> = frequent.iter().copied().filter(|of| !contained(of)).collect();
        closed.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let left_out = closed.len().saturating_sub(MOST);
        closed.truncate(MOST);
        (closed.into_iter().map(|(at, _)| at.clone()).collect(), left_out)
    }

    /// Sequences with how many cases did them, in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&SequenceAt, u64)> {
        self.0.iter().map(|(at, n)| (at, *n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Corpus, Sop, corpus::Conversation};

    #[test]
    fn closed_sequences_of_unplanned_steps() {
        let sop = Sop::parse("{format: goldpath/1, name: d, steps: {a: {}, b: {}, q: {by: customer, unplanned: true}}, flow: [a, b]}").unwrap();
        let paths: [&[&str]; 4] = [&["a", "x", "q", "y", "z", "b"], &["a", "x", "y", "z"], &["a", "x", "b", "y", "z"], &["a", "y", "z", "y"]];
        let corpus =
            Corpus::from_conversations(paths.iter().enumerate().map(|(i, steps)| Conversation::of_steps(i.to_string(), steps.iter().copied()))).unwrap();
        let check = corpus.check(&sop).unwrap();
        let counts = SequenceCounts::of(&check, &[]);
        let name = |at: &SequenceAt| format!("{} {}", at.place.as_deref().unwrap_or("-"), at.members.join(" "));
        let (closed, left_out) = counts.closed(2);
        assert_eq!(closed.iter().map(name).collect::<Vec<_>>(), ["flow[0] y z", "flow[0] x y z"]);
        assert_eq!(left_out, 0);
        let mut twice = counts.clone();
        twice.merge(&counts);
        assert!(twice.iter().zip(counts.iter()).all(|(a, b)| a.0 == b.0 && a.1 == 2 * b.1));
        assert!(SequenceCounts::of(&check, &["y".to_owned()]).iter().all(|(at, _)| !at.members.contains(&"y".to_owned())));
    }
}
