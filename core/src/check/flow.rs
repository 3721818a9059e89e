//! How the cases of a check went through the flow: what each edge of the graph and each place of a step saw, and which
//! deviations were how frequent. Counted once a distinct path.

use std::collections::{BinaryHeap, VecDeque};

use indexmap::IndexMap;
use petgraph::graph::{EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef;
use petgraph::{Direction, Graph};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::align::MoveKind;
use super::path::{DeviationKind, NOWHERE, Work};
use super::run::Check;
use super::standards::StandardResult;
use crate::corpus::NONE;
use crate::error::Result;
use crate::sop::{Actor, Gateway, GraphNode, Sop};

/// How the cases of one SOP went through its flow. Every count is of cases, however often one of them passed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlowCounts {
    /// Cases held against the SOP.
    pub cases: u64,
    /// Cases that took each edge of [`Sop::graph`], by its number, from a step done to the next step done.
    pub edges: Vec<u64>,
    /// Cases that did the step, by place.
    pub done: Vec<u64>,
    /// Cases that left the step out and went on, by place; accepted or not.
    pub skipped: Vec<u64>,
    /// Cases that did the step out of its place, by place.
    pub moved: Vec<u64>,
    /// Cases that stopped right before the step, by place; open ones are not among them.
    pub stopped: Vec<u64>,
}

/// One kind of deviation about one step, over all cases.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviationCount {
    /// Number of the SOP in the playbook.
    pub sop: usize,
    /// What kind it is.
    pub kind: DeviationKind,
    /// Step or label.
    pub step: String,
    /// Title of the step.
    pub title: String,
    /// The standard that failed, for `below_standard` and `late`.
    pub standard: Option<StandardResult>,
    /// Cases with at least one.
    pub cases: u64,
    /// Of those, the ones where all of them are accepted.
    pub accepted: u64,
    /// How often it happened, several times in one case included.
    pub times: u64,
    /// Numbers of some cases: those with the smallest hash of their id.
    pub examples: Vec<usize>,
}

/// Cases named as examples of a deviation.
const EXAMPLES: usize = 8;

impl Check {
    /// How the cases went through the flow of each SOP, in the order of the playbook.
    ///
    /// ```
    /// use goldpath::{Corpus, Sop};
    /// let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}")?;
    /// let corpus = Corpus::parse(br#"{"id": "c1", "steps": ["open", "need", "close"]}
    /// {"id": "c2", "steps": ["open", "close"]}"#)?;
    /// let counts = &corpus.check(&sop)?.flow_counts()?[0];
    /// assert_eq!((counts.done.as_slice(), counts.skipped.as_slice()), ([2, 1, 2].as_slice(), [0, 1, 0].as_slice()));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Corpus::check`](crate::Corpus::check).
    pub fn flow_counts(&self) -> Result<Vec<FlowCounts>> {
        let inner = &*self.inner;
        let mut routes: Vec<Routes> = inner.playbook.sops().map(Routes::of).collect();
        let mut counts: Vec<FlowCounts> = (inner.playbook.sops().zip(&routes))
            .map(|(sop, routes)| {
                let none = vec![0; sop.nodes().len()];
                FlowCounts {
                    cases: 0,
                    edges: vec![0; routes.graph.edge_count()],
                    done: none.clone(),
                    skipped: none.clone(),
                    moved: none.clone(),
                    stopped: none,
                }
            })
            .collect();
        let (mut cases, mut stops) = (vec![0u64; inner.figures.len()], vec![0u64; inner.figures.len()]);
        for (case, &path) in inner.path_of.iter().enumerate().filter(|&(_, &path)| path != NONE) {
            cases[path as usize] += 1;
            stops[path as usize] += u64::from(inner.status[case] == super::Status::Stopped);
        }
        let (mut seen, mut edges) = (FxHashSet::default(), FxHashSet::default());
        let mut work = Work::new();
        for path in 0..inner.figures.len() {
            let (number, sop) = self.sop_of_path(path);
            let (count, n) = (&mut counts[number as usize], cases[path]);
            count.cases += n;
            seen.clear();
            edges.clear();
            let mut at = Some(NOWHERE);
            for m in inner.moves(path) {
                match m.kind() {
                    MoveKind::Matched => {
                        if let Some(from) = at {
                            edges.insert((from, m.node()));
                        }
                        if seen.insert((m.node(), DeviationKind::Extra)) {
                            count.done[m.node() as usize] += n;
                        }
                        at = Some(m.node());
                    }
                    MoveKind::Skipped if inner.figures[path].stopped_at == m.node() => {
                        at = None;
                        break;
                    }
                    // What a customer did not bring up is passed, not left out.
                    MoveKind::Skipped if sop.steps()[sop.nodes()[m.node() as usize].step as usize].by == Actor::Customer => {
                        if let Some(from) = at {
                            edges.insert((from, m.node()));
                        }
                        at = at.map(|_| m.node());
                    }
                    MoveKind::Skipped => at = None,
                    MoveKind::Anytime | MoveKind::Extra => {}
                }
            }
            inner.deviations(path, &mut work)?;
            for d in &work.deviations {
                let column = match d.kind {
                    DeviationKind::Skipped => &mut count.skipped,
                    DeviationKind::OutOfOrder => &mut count.moved,
                    DeviationKind::Extra | DeviationKind::Repeated | DeviationKind::BelowStandard | DeviationKind::Late => continue,
                };
                if seen.insert((d.node, d.kind)) {
                    column[d.node as usize] += n;
                }
            }
            let stopped_at = inner.figures[path].stopped_at;
            if stopped_at != NOWHERE {
                count.stopped[stopped_at as usize] += stops[path];
            } else if let Some(from) = at {
                edges.insert((from, END));
            }
            let mut taken: FxHashSet<EdgeIndex> = FxHashSet::default();
            for &(from, to) in &edges {
                taken.extend(routes[number as usize].between(from, to));
            }
            for edge in taken {
                count.edges[edge.index()] += n;
            }
        }
        Ok(counts)
    }

    /// Deviations by SOP, kind and step, the one with the most cases first.
    ///
    /// # Errors
    /// As [`Corpus::check`](crate::Corpus::check).
    pub fn deviation_counts(&self) -> Result<Vec<DeviationCount>> {
        Ok(self.deviations_by_case(|_, _| {})?.0)
    }

    /// The same, and on the way for each case each deviation that is not accepted there: by a number, of which the second list
    /// gives the place in the counts.
    pub(crate) fn deviations_by_case(&self, mut found: impl FnMut(usize, usize)) -> Result<(Vec<DeviationCount>, Vec<Option<usize>>)> {
        let inner = &*self.inner;
        let store = inner.corpus.store();
        // By SOP, kind, step or label, and number of the standard.
        let mut keys: IndexMap<(u32, DeviationKind, String, u32), DeviationCount, FxBuildHasher> = IndexMap::default();
        let mut work = Work::new();
        // Of each path: which kinds, each how often.
        let mut of_path: Vec<Vec<(usize, u64)>> = Vec::with_capacity(inner.figures.len());
        for path in 0..inner.figures.len() {
            inner.deviations(path, &mut work)?;
            let (number, sop) = self.sop_of_path(path);
            let mut mine: Vec<(usize, u64)> = Vec::new();
            for d in &work.deviations {
                let step = d.step(sop, &store.steps);
                let entry = keys.entry((number, d.kind, step.to_owned(), NOWHERE));
                let index = entry.index();
                entry.or_insert_with(|| DeviationCount {
                    sop: number as usize,
                    kind: d.kind,
                    step: step.to_owned(),
                    title: sop.title(step).to_owned(),
                    standard: None,
                    cases: 0,
                    accepted: 0,
                    times: 0,
                    examples: Vec::new(),
                });
                match mine.iter_mut().find(|(have, _)| *have == index) {
                    Some((_, times)) => *times += 1,
                    None => mine.push((index, 1)),
                }
            }
            of_path.push(mine);
        }
        // Standards differ from case to case: which failed in which, and how often.
        let of_standards: Vec<usize> = self.standards_counted(&mut keys);
        let mut failed: FxHashMap<usize, (u64, bool)> = FxHashMap::default();
        let mut examples: Vec<BinaryHeap<(u64, usize)>> = keys.iter().map(|_| BinaryHeap::new()).collect();
        let mut open: FxHashSet<usize> = FxHashSet::default();
        for (case, &path) in inner.path_of.iter().enumerate().filter(|&(_, &path)| path != NONE) {
            let mine = &of_path[path as usize];
            let Some(scenario) = inner.scenario(case) else { continue };
            failed.clear();
            inner.each_failure(case, |rule, accepted| {
                let (times, all) = failed.entry(of_standards[inner.rule_number(scenario.sop, rule)]).or_insert((0, true));
                (*times, *all) = (*times + 1, *all && accepted);
            });
            if mine.is_empty() && failed.is_empty() {
                continue;
            }
            let sop = inner.sop(scenario);
            let hash = crate::text::stable_hash(store.ids.get(case as u32).unwrap_or_default());
            open.clear();
            if !sop.accepted().is_empty() {
                inner.deviations(path as usize, &mut work)?;
                for d in work.deviations.iter().filter(|d| !inner.is_accepted(case, sop, d)) {
                    let step = d.step(sop, &store.steps);
                    open.extend(keys.get_index_of(&(scenario.sop, d.kind, step.to_owned(), NOWHERE)));
                }
            }
            let of_path = mine.iter().map(|&(index, times)| (index, times, !sop.accepted().is_empty() && !open.contains(&index)));
            for (index, times, accepted) in of_path.chain(failed.iter().map(|(&index, &(times, accepted))| (index, times, accepted))) {
                let count = &mut keys[index];
                count.cases += 1;
                count.times += times;
                count.accepted += u64::from(accepted);
                if !accepted {
                    found(case, index);
                    examples[index].push((hash, case));
                    if examples[index].len() > EXAMPLES {
                        examples[index].pop();
                    }
                }
            }
        }
        let mut places = vec![None; keys.len()];
        let mut counts: Vec<(usize, DeviationCount)> = (keys.into_values().zip(examples))
            .map(|(count, examples)| DeviationCount { examples: examples.into_sorted_vec().into_iter().map(|(_, case)| case).collect(), ..count })
            .enumerate()
            .filter(|(_, count)| count.cases > 0)
            .collect();
        counts.sort_by(|(_, a), (_, b)| (b.cases - b.accepted, b.times, a.sop, a.kind, &a.step).cmp(&(a.cases - a.accepted, a.times, b.sop, b.kind, &b.step)));
        counts.iter().enumerate().for_each(|(place, &(number, _))| places[number] = Some(place));
        Ok((counts.into_iter().map(|(_, count)| count).collect(), places))
    }
}

impl Check {
    /// An empty count for each standard of each SOP; gives their places in the list, standards in the order of the playbook.
    fn standards_counted(&self, keys: &mut IndexMap<(u32, DeviationKind, String, u32), DeviationCount, FxBuildHasher>) -> Vec<usize> {
        let mut places = Vec::new();
        for (number, sop, rule, of_sop) in self.inner.rules() {
            let Some((step, _)) = sop.steps().get_index(rule.step as usize) else { continue };
            places.push(keys.len());
            let count = DeviationCount {
                sop: number,
                kind: rule.kind(),
                step: step.clone(),
                title: sop.title(step).to_owned(),
                standard: Some(rule.result()),
                cases: 0,
                accepted: 0,
                times: 0,
                examples: Vec::new(),
            };
            keys.insert((number as u32, rule.kind(), step.clone(), of_sop), count);
        }
        places
    }
}

/// Stands for the end of the flow, as `NOWHERE` stands for its start.
const END: u32 = NOWHERE - 1;

/// Ways between places of steps that lead through gateways only.
struct Routes {
    graph: Graph<GraphNode, Option<String>>,
    start: NodeIndex,
    end: NodeIndex,
    at: Vec<NodeIndex>,
    known: FxHashMap<(u32, u32), Vec<EdgeIndex>>,
}

impl Routes {
    fn of(sop: &Sop) -> Self {
        let drawn = sop.graph();
        let mut at = vec![drawn.start; sop.nodes().len()];
        for index in drawn.graph.node_indices() {
            if let GraphNode::Step { node, .. } = &drawn.graph[index] {
                at[*node as usize] = index;
            }
        }
        Self { graph: drawn.graph, start: drawn.start, end: drawn.end, at, known: FxHashMap::default() }
    }

    fn between(&mut self, from: u32, to: u32) -> Vec<EdgeIndex> {
        if let Some(found) = self.known.get(&(from, to)) {
            return found.clone();
        }
        let index = |place: u32| match place {
            NOWHERE => self.start,
            END => self.end,
            place => self.at[place as usize],
        };
        let (a, b) = (index(from), index(to));
        let direct = self.walk(a, Direction::Outgoing, |node| node == b);
        // Members of an `any_order` block follow one another without an edge: each hangs between its split and its join.
        let found = direct.unwrap_or_else(|| {
            let parallel = |split: bool| {
                let graph = &self.graph;
                move |node: NodeIndex| graph[node] == if split { GraphNode::Split(Gateway::Parallel) } else { GraphNode::Join(Gateway::Parallel) }
            };
            let mut edges = self.walk(a, Direction::Outgoing, parallel(false)).unwrap_or_default();
            edges.extend(self.walk(b, Direction::Incoming, parallel(true)).unwrap_or_default());
            edges
        });
        self.known.insert((from, to), found.clone());
        found
    }

    /// The shortest way through gateways to a node that is wanted.
    fn walk(&self, from: NodeIndex, way: Direction, wanted: impl Fn(NodeIndex) -> bool) -> Option<Vec<EdgeIndex>> {
        let mut came: FxHashMap<NodeIndex, (NodeIndex, EdgeIndex)> = FxHashMap::default();
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            let mut next: Vec<_> = self.graph.edges_directed(node, way).collect();
            next.sort_by_key(EdgeRef::id);
            for edge in next {
                let other = if way == Direction::Outgoing { edge.target() } else { edge.source() };
                if other != from && came.contains_key(&other) {
                    continue;
                }
                if wanted(other) {
                    let mut edges = vec![edge.id()];
                    let mut back = node;
                    while back != from {
                        let (before, edge) = came[&back];
                        edges.push(edge);
                        back = before;
                    }
                    return Some(edges);
                }
                if other != from && matches!(self.graph[other], GraphNode::Split(_) | GraphNode::Join(_)) {
                    came.insert(other, (node, edge.id()));
                    queue.push_back(other);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::{Corpus, Sop, corpus::Conversation};

    #[test]
    fn members_in_any_order_keep_their_edges() {
        let sop = Sop::parse("format: goldpath/1\nname: x\nsteps: [a, b, c, d]\nflow: [a, {any_order: [b, c]}, {optional: [d]}]").unwrap();
        let corpus = Corpus::from_conversations([Conversation::of_steps("1", ["a", "c", "b"]), Conversation::of_steps("2", ["a", "b", "c", "d"])]).unwrap();
        let check = corpus.check(&sop).unwrap();
        let counts = &check.flow_counts().unwrap()[0];
        assert_eq!(counts.done, [2, 2, 2, 1]);
        // start-a, a-split, into b, into c, out of b, out of c are all taken by both.
        assert_eq!(counts.edges[..6], [2; 6]);
        assert_eq!(counts.edges.iter().sum::<u64>(), 12 + 2 + 1 + 1 + 1 + 2, "{:?}", counts.edges);
    }

    #[test]
    fn deviations_are_counted_by_case_and_by_time() {
        let sop = Sop::parse("format: goldpath/1\nname: x\nsteps: [a, b, c]\nflow: [a, b, c]\naccepted: [{skip: b, when: {k: v}}]").unwrap();
        let corpus = Corpus::parse(
            br#"{"id":"1","steps":["a","c","x","x"]}
{"id":"2","steps":["a","c"],"attributes":{"k":"v"}}"#,
        )
        .unwrap();
        let counts = corpus.check(&sop).unwrap().deviation_counts().unwrap();
        let skip = counts.iter().find(|d| d.step == "b").unwrap();
        assert_eq!((skip.cases, skip.accepted, skip.times, skip.examples.as_slice()), (2, 1, 2, [0].as_slice()));
        let extra = counts.iter().find(|d| d.step == "x").unwrap();
        assert_eq!((extra.cases, extra.times), (1, 2));
    }
}
