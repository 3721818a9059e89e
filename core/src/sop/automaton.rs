//! The flow of one scenario as an automaton over its places.
//!
//! States are what may still come; an edge performs one place of the flow ([`FlowNode`](super::FlowNode)), so the
//! automaton is deterministic over places even where a step is planned at several of them, and an alignment found on it
//! names places, not only steps. Blocks are put together without silent moves: each part is a small automaton whose
//! start is never a target, and joining parts copies the edges out of the start of the second onto the ends of the first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::sync::OnceLock;

use petgraph::graph::{DiGraph, NodeIndex};

use super::model::{Actor, Block, Flow};
use super::{Sop, limits};

/// The state before anything was done.
pub(crate) const START: u32 = 0;

/// Performing one place of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    /// Place performed.
    pub(crate) node: u32,
    /// Its step.
    pub(crate) step: u32,
    /// State reached.
    pub(crate) to: u32,
    /// Cost of leaving the step out instead.
    pub(crate) skip: u8,
    /// Lies on a cycle of moves that all cost nothing to leave out.
    pub(crate) free_cycle: bool,
}

/// An edge seen from its step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StepEdge {
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// The one edge out of a state that performs a step, with what a walk over it needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Only {
    pub(crate) node: u32,
    pub(crate) to: u32,
    /// [`Automaton::row`] of the state it leads to.
    pub(crate) row: u32,
    /// 1 where the place counts for adherence, else 0.
    pub(crate) due: u32,
}

impl Only {
    const NONE: Self = Self { node: u32::MAX, to: 0, row: 0, due: 0 };
    const SEVERAL: Self = Self { node: u32::MAX - 1, ..Self::NONE };
}

/// The edges out of a state that perform a step, as far as they are tabulated.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Performs {
    Nowhere,
    Once(Only),
    /// Several do, or it is not tabulated.
    Unsaid,
}

/// The compiled flow of one scenario.
pub(crate) struct Automaton {
    first: Vec<u32>,
    edges: Vec<Edge>,
    step_first: Vec<u32>,
    step_edges: Vec<StepEdge>,
    pub(crate) accepting: Vec<bool>,
    /// `[state * steps + step]`: the first edge that performs the step; empty for automata too large for it.
    first_of: Vec<u32>,
    /// The same for the edge that does, where it is the only one.
    only: Vec<Only>,
    /// Step of each place.
    pub(crate) node_step: Vec<u32>,
    /// Cost of leaving each place out.
    pub(crate) node_skip: Vec<u8>,
    /// Whether each place is an act of the agent.
    pub(crate) node_agent: Vec<bool>,
    /// Whether each place counts for adherence: an act of the agent outside `optional`.
    pub(crate) node_due: Vec<bool>,
    /// Cost of each step as an extra.
    pub(crate) extra: Vec<u8>,
    /// Every step costs 1 as an extra.
    pub(crate) unit_extra: bool,
    /// How far along the flow a state lies: the furthest place that leads to it, then the number of steps to it.
    pub(crate) progress: Vec<u64>,
    /// Cost of leaving out the cheapest full run.
    pub(crate) empty_run: u32,
    skips: OnceLock<Vec<u32>>,
    reverse: OnceLock<Vec<Vec<Edge>>>,
}

/// States up to which the distances of all pairs of states are kept.
pub(crate) const DENSE_STATES: usize = 512;

impl Automaton {
    /// Compiles the scenario; the error is the place of the block that grows too large, and what happened.
    pub(crate) fn compile(sop: &Sop, scenario: &[bool]) -> Result<Self, (String, String)> {
        let mut builder = Builder { scenario, node: 0, when: 0 };
        let part = match sop.flow() {
            Flow::Flow(blocks) => builder.sequence("flow", blocks)?,
            Flow::Graph(list) => graph_part(sop, list),
        };
        let part = part.determinised().map_err(|()| too_large("flow", limits::STATES + 1))?;
        Ok(Self::of(sop, &part.merged()))
    }

    fn of(sop: &Sop, part: &Part) -> Self {
        let node_step: Vec<u32> = sop.nodes().iter().map(|node| node.step).collect();
        let cost = |step: u32| {
            let step = &sop.steps()[step as usize];
            if step.by == Actor::Customer { 0 } else { step.cost.skipped }
        };
        let mut edges = Vec::new();
        let mut first = vec![0];
        let mut by_step: Vec<Vec<StepEdge>> = vec![Vec::new(); sop.steps().len()];
        for (from, outgoing) in part.edges.iter().enumerate() {
            let mut outgoing = outgoing.clone();
            outgoing.sort_unstable();
            for (node, to) in outgoing {
                let step = node_step[node as usize];
                edges.push(Edge { node, step, to, skip: cost(step), free_cycle: false });
                by_step[step as usize].push(StepEdge { from: from as u32, to });
            }
            first.push(edges.len() as u32);
        }
        let step_first = std::iter::once(0).chain(by_step.iter().scan(0, |sum, edges| {
            *sum += edges.len() as u32;
            Some(*sum)
        }));
        let agent = |step: u32| sop.steps()[step as usize].by == Actor::Agent;
        let node_due: Vec<bool> = sop.nodes().iter().map(|node| agent(node.step) && !node.optional).collect();
        let (mut first_of, mut only) = (Vec::new(), Vec::new());
        if part.edges.len() <= DENSE_STATES && part.edges.len() * sop.steps().len() <= 1 << 20 {
            first_of = vec![u32::MAX; part.edges.len() * sop.steps().len()];
            only = vec![Only::NONE; first_of.len()];
            for from in 0..part.edges.len() {
                for at in (first[from]..first[from + 1]).rev() {
                    let edge: &Edge = &edges[at as usize];
                    let place = from * sop.steps().len() + edge.step as usize;
                    only[place] = if first_of[place] == u32::MAX {
                        let due = u32::from(node_due[edge.node as usize]);
                        Only { node: edge.node, to: edge.to, row: edge.to * sop.steps().len() as u32, due }
                    } else {
                        Only::SEVERAL
                    };
                    first_of[place] = at;
                }
            }
        }
        let node_skip = node_step.iter().map(|&step| cost(step)).collect();
        let node_agent = node_step.iter().map(|&step| agent(step)).collect();
        let (step_first, step_edges) = (step_first.collect(), by_step.concat());
        let mut automaton = Self {
            first,
            edges,
            step_first,
            step_edges,
            accepting: part.accepting.clone(),
            first_of,
            only,
            node_step,
            node_skip,
            node_agent,
            node_due,
            unit_extra: sop.steps().values().all(|step| step.cost.extra == 1),
            extra: sop.steps().values().map(|step| step.cost.extra).collect(),
            progress: Vec::new(),
            empty_run: 0,
            skips: OnceLock::new(),
            reverse: OnceLock::new(),
        };
        automaton.mark_free_cycles();
        automaton.progress = automaton.measure_progress();
        let from_start = automaton.distances(START);
        automaton.empty_run = (0..automaton.len()).filter(|&s| automaton.accepting[s]).map(|s| from_start[s]).min().unwrap_or(0);
        automaton
    }

    /// The runs of this automaton that perform each of some steps at least once, as an automaton of their own: a state is one
    /// of this automaton with the steps that are still to come. `None` where that takes more states than may be.
    pub(crate) fn performing(&self, sop: &Sop, steps: &[u32]) -> Option<Self> {
        let bit = |step: u32| steps.iter().position(|&wanted| wanted == step).map_or(0, |at| 1u32 << at);
        let all = (1u32 << steps.len()) - 1;
        let mut states = indexmap::IndexSet::from([(START, all)]);
        let mut part = Part { edges: Vec::new(), accepting: Vec::new() };
        while let Some(&(state, left)) = states.get_index(part.edges.len()) {
            let edges = self.edges(state).iter().map(|edge| (edge.node, states.insert_full((edge.to, left & !bit(edge.step))).0 as u32)).collect();
            part.edges.push(edges);
            part.accepting.push(left == 0 && self.accepting[state as usize]);
            if states.len() > limits::STATES {
                return None;
            }
        }
        Some(Self::of(sop, &part))
    }

    /// Number of states.
    pub(crate) fn len(&self) -> usize {
        self.accepting.len()
    }

    /// Edges out of a state, in the order of the file.
    pub(crate) fn edges(&self, state: u32) -> &[Edge] {
        &self.edges[self.first[state as usize] as usize..self.first[state as usize + 1] as usize]
    }

    /// Edges out of a state from the first that performs a step on, in the order of the file; empty where none does.
    #[inline]
    pub(crate) fn edges_of(&self, state: u32, step: u32) -> &[Edge] {
        let end = self.first[state as usize + 1] as usize;
        let from = match self.first_of.get(state as usize * self.extra.len() + step as usize) {
            Some(&from) => from as usize,
            None => self.first[state as usize] as usize,
        };
        &self.edges[from.min(end)..end]
    }

    /// Where the steps of a state are tabulated for [`Automaton::performs`].
    #[inline]
    pub(crate) fn row(&self, state: u32) -> u32 {
        // Where states times steps do not fit, nothing is tabulated.
        state.wrapping_mul(self.extra.len() as u32)
    }

    /// What is tabulated of the edges that perform a step, by the [`Automaton::row`] of their state.
    #[inline(always)]
    pub(crate) fn performs(&self, row: u32, step: u32) -> Performs {
        match self.only.get(row as usize + step as usize) {
            Some(only) if only.node < Only::SEVERAL.node => Performs::Once(*only),
            Some(only) if only.node == Only::NONE.node => Performs::Nowhere,
            _ => Performs::Unsaid,
        }
    }

    /// Edges that perform a step.
    pub(crate) fn step_edges(&self, step: u32) -> &[StepEdge] {
        &self.step_edges[self.step_first[step as usize] as usize..self.step_first[step as usize + 1] as usize]
    }

    /// Whether the step stands in the flow of this scenario.
    pub(crate) fn plans(&self, step: u32) -> bool {
        !self.step_edges(step).is_empty()
    }

    /// Whether moves that cost nothing may go in a circle.
    #[cfg(test)]
    pub(crate) fn has_free_cycle(&self) -> bool {
        self.edges.iter().any(|edge| edge.free_cycle)
    }

    /// Whether all pairs of states are cheap enough to tabulate.
    pub(crate) fn is_dense(&self) -> bool {
        self.len() <= DENSE_STATES
    }

    /// Cheapest cost of leaving out everything between two states, `[from * len + to]`; `u32::MAX` where there is no way.
    pub(crate) fn skip_table(&self) -> &[u32] {
        self.skips.get_or_init(|| (0..self.len() as u32).flat_map(|s| self.distances(s)).collect())
    }

    /// Edges into each state; `to` is the state they come from.
    pub(crate) fn reverse(&self, state: u32) -> &[Edge] {
        let reverse = self.reverse.get_or_init(|| {
            let mut reverse = vec![Vec::new(); self.len()];
            for from in 0..self.len() as u32 {
                for edge in self.edges(from) {
                    reverse[edge.to as usize].push(Edge { to: from, ..*edge });
                }
            }
            reverse
        });
        &reverse[state as usize]
    }

    fn distances(&self, from: u32) -> Vec<u32> {
        let mut best = vec![u32::MAX; self.len()];
        let mut heap = BinaryHeap::from([Reverse((0u32, from))]);
        best[from as usize] = 0;
        while let Some(Reverse((cost, state))) = heap.pop() {
            if cost > best[state as usize] {
                continue;
            }
            for edge in self.edges(state) {
                let next = cost + u32::from(edge.skip);
                if next < best[edge.to as usize] {
                    best[edge.to as usize] = next;
                    heap.push(Reverse((next, edge.to)));
                }
            }
        }
        best
    }

    fn mark_free_cycles(&mut self) {
        if !self.edges.iter().any(|e| e.skip == 0) {
            return;
        }
        let mut graph = DiGraph::<(), ()>::with_capacity(self.len(), 0);
        for _ in 0..self.len() {
            graph.add_node(());
        }
        for from in 0..self.len() as u32 {
            for edge in self.edges(from).iter().filter(|e| e.skip == 0) {
                graph.add_edge(NodeIndex::new(from as usize), NodeIndex::new(edge.to as usize), ());
            }
        }
        let mut component = vec![0u32; self.len()];
        for (i, members) in petgraph::algo::tarjan_scc(&graph).iter().enumerate() {
            for member in members {
                component[member.index()] = i as u32;
            }
        }
        for from in 0..self.len() {
            for edge in &mut self.edges[self.first[from] as usize..self.first[from + 1] as usize] {
                edge.free_cycle = edge.skip == 0 && component[from] == component[edge.to as usize];
            }
        }
    }

    fn measure_progress(&self) -> Vec<u64> {
        let mut furthest = vec![0u64; self.len()];
        for edge in &self.edges {
            let place = &mut furthest[edge.to as usize];
            *place = (*place).max(u64::from(edge.node) + 1);
        }
        let mut steps = vec![u64::MAX; self.len()];
        steps[START as usize] = 0;
        let mut queue = std::collections::VecDeque::from([START]);
        while let Some(state) = queue.pop_front() {
            for edge in self.edges(state) {
                if steps[edge.to as usize] == u64::MAX {
                    steps[edge.to as usize] = steps[state as usize] + 1;
                    queue.push_back(edge.to);
                }
            }
        }
        furthest.iter().zip(steps).map(|(node, steps)| node << 32 | steps.min(u64::from(u32::MAX))).collect()
    }
}

/// A part of the flow; state 0 is its start and never a target.
#[derive(Clone)]
struct Part {
    edges: Vec<Vec<(u32, u32)>>,
    accepting: Vec<bool>,
}

impl Part {
    fn empty() -> Self {
        Self { edges: vec![Vec::new()], accepting: vec![true] }
    }

    fn step(node: u32) -> Self {
        Self { edges: vec![vec![(node, 1)], Vec::new()], accepting: vec![false, true] }
    }

    fn count_edges(&self) -> usize {
        self.edges.iter().map(Vec::len).sum()
    }

    /// Adds the states of `other` but its start; gives the edges out of that start, renumbered.
    fn absorb(&mut self, other: &Self) -> Vec<(u32, u32)> {
        let shift = self.edges.len() as u32 - 1;
        let moved = |edges: &[(u32, u32)]| edges.iter().map(|&(node, to)| (node, to + shift)).collect::<Vec<_>>();
        self.edges.extend(other.edges[1..].iter().map(|edges| moved(edges)));
        self.accepting.extend_from_slice(&other.accepting[1..]);
        moved(&other.edges[0])
    }

    fn then(mut self, next: &Self) -> Self {
        let ends: Vec<usize> = (0..self.accepting.len()).filter(|&s| self.accepting[s]).collect();
        let opening = self.absorb(next);
        for end in ends {
            self.edges[end].extend_from_slice(&opening);
            self.accepting[end] = next.accepting[0];
        }
        self
    }

    fn or(mut self, other: &Self) -> Self {
        let opening = self.absorb(other);
        self.edges[0].extend(opening);
        self.accepting[0] |= other.accepting[0];
        self
    }

    /// One or more rounds.
    fn looped(mut self) -> Self {
        let opening = self.edges[0].clone();
        for state in 1..self.edges.len() {
            if self.accepting[state] {
                let fresh: Vec<_> = opening.iter().filter(|edge| !self.edges[state].contains(edge)).copied().collect();
                self.edges[state].extend(fresh);
            }
        }
        self
    }

    fn optional(mut self) -> Self {
        self.accepting[0] = true;
        self
    }

    /// All interleavings of two parts.
    fn shuffle(&self, other: &Self) -> Self {
        let (n, m) = (self.edges.len() as u32, other.edges.len() as u32);
        let mut edges = Vec::with_capacity((n * m) as usize);
        let mut accepting = Vec::with_capacity((n * m) as usize);
        for a in 0..n {
            for b in 0..m {
                let left = self.edges[a as usize].iter().map(|&(node, to)| (node, to * m + b));
                let right = other.edges[b as usize].iter().map(|&(node, to)| (node, a * m + to));
                edges.push(left.chain(right).collect());
                accepting.push(self.accepting[a as usize] && other.accepting[b as usize]);
            }
        }
        Self { edges, accepting }
    }

    /// Makes one state of states with the same future, as far as looking one move ahead tells, again and again.
    fn merged(mut self) -> Self {
        while self.edges.len() <= DENSE_STATES * 4 {
            let mut names: HashMap<(bool, Vec<(u32, u32)>), u32> = HashMap::new();
            let mut kept = Vec::new();
            let renamed: Vec<u32> = (0..self.edges.len())
                .map(|state| {
                    let mut edges = self.edges[state].clone();
                    edges.sort_unstable();
                    // The start stays a state of its own: it is never a target.
                    let own = if state == 0 { vec![(u32::MAX, u32::MAX)] } else { edges };
                    *names.entry((self.accepting[state], own)).or_insert_with(|| {
                        kept.push(state);
                        kept.len() as u32 - 1
                    })
                })
                .collect();
            if kept.len() == self.edges.len() {
                break;
            }
            let edges = kept.iter().map(|&state| self.edges[state].iter().map(|&(node, to)| (node, renamed[to as usize])).collect()).collect();
            self = Self { edges, accepting: kept.iter().map(|&state| self.accepting[state]).collect() };
        }
        self
    }

    /// Makes every place lead to one state (subset construction), where bounded repeats of optional members did not.
    fn determinised(self) -> Result<Self, ()> {
        let ambiguous = self.edges.iter().any(|edges| {
            let mut nodes: Vec<u32> = edges.iter().map(|(node, _)| *node).collect();
            nodes.sort_unstable();
            nodes.windows(2).any(|pair| pair[0] == pair[1])
        });
        if !ambiguous {
            return Ok(self);
        }
        let mut names: HashMap<Vec<u32>, u32> = HashMap::from([(vec![0], 0)]);
        let mut sets = vec![vec![0u32]];
        let mut made = Self { edges: Vec::new(), accepting: Vec::new() };
        let mut next = 0;
        while next < sets.len() {
            let set = sets[next].clone();
            let mut targets: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
            for &state in &set {
                for &(node, to) in &self.edges[state as usize] {
                    targets.entry(node).or_default().push(to);
                }
            }
            let mut edges = Vec::with_capacity(targets.len());
            for (node, mut to) in targets {
                to.sort_unstable();
                to.dedup();
                let name = *names.entry(to.clone()).or_insert_with(|| {
                    sets.push(to);
                    sets.len() as u32 - 1
                });
                edges.push((node, name));
            }
            made.accepting.push(set.iter().any(|&s| self.accepting[s as usize]));
            made.edges.push(edges);
            if sets.len() > limits::STATES {
                return Err(());
            }
            next += 1;
        }
        Ok(made)
    }
}

type Built = Result<Part, (String, String)>;

/// Builds parts from blocks; numbers places and conditions in the order of the file, as validation does.
struct Builder<'a> {
    scenario: &'a [bool],
    node: u32,
    when: usize,
}

impl Builder<'_> {
    fn sequence(&mut self, place: &str, blocks: &[Block]) -> Built {
        let mut whole = Part::empty();
        for (i, block) in blocks.iter().enumerate() {
            let at = format!("{place}[{i}]");
            let part = self.block(&at, block)?;
            whole = fits(&at, whole.then(&part))?;
        }
        Ok(whole)
    }

    fn block(&mut self, place: &str, block: &Block) -> Built {
        let inside = |name: &str| format!("{place}.{name}");
        match block {
            Block::Step(_) => {
                self.node += 1;
                Ok(Part::step(self.node - 1))
            }
            Block::Sequence(members) => self.sequence(place, members),
            Block::Optional { optional } => Ok(self.sequence(&inside("optional"), optional)?.optional()),
            Block::AnyOrder { any_order } => {
                let at = inside("any_order");
                let parts = self.members(&at, any_order)?;
                // Known before it is built: the states are the product of those of the members.
                let states = parts.iter().map(|p| p.edges.len()).try_fold(1usize, usize::checked_mul).unwrap_or(usize::MAX);
                if states > limits::STATES {
                    return Err(too_large(&at, states));
                }
                let whole = parts.into_iter().reduce(|a, b| a.shuffle(&b)).unwrap_or_else(Part::empty);
                fits(&at, whole)
            }
            Block::OneOf { one_of } => {
                let at = inside("one_of");
                let mut branches = Vec::new();
                for (i, branch) in one_of.iter().enumerate() {
                    // A branch that is there for other cases only is no branch here.
                    let absent = matches!(branch, Block::When { .. }) && !self.scenario[self.when];
                    let part = self.block(&format!("{at}[{i}]"), branch)?;
                    if !absent {
                        branches.push(part);
                    }
                }
                fits(&at, branches.into_iter().reduce(|a, b| a.or(&b)).unwrap_or_else(Part::empty))
            }
            Block::Repeat { repeat, at_least, at_most } => {
                let at = inside("repeat");
                let body = self.sequence(&at, repeat)?;
                repeated(&at, body, *at_least, *at_most)
            }
            Block::When { then, .. } => {
                let holds = self.scenario[self.when];
                self.when += 1;
                let part = self.sequence(&inside("then"), then)?;
                Ok(if holds { part } else { Part::empty() })
            }
        }
    }

    fn members(&mut self, place: &str, blocks: &[Block]) -> Result<Vec<Part>, (String, String)> {
        blocks.iter().enumerate().map(|(i, block)| self.block(&format!("{place}[{i}]"), block)).collect()
    }
}

/// `body` between `at_least` and `at_most` times.
fn repeated(place: &str, mut body: Part, mut at_least: u32, at_most: Option<u32>) -> Built {
    if body.accepting[0] {
        // Rounds that do nothing count as rounds, so any lower bound is met; what remains are rounds that do something.
        body.accepting[0] = false;
        at_least = 0;
    }
    let copies = u64::from(at_most.unwrap_or(at_least)).max(1);
    let states = copies.saturating_mul(body.edges.len() as u64 - 1) + 1;
    if states > limits::STATES as u64 {
        return Err(too_large(place, usize::try_from(states).unwrap_or(usize::MAX)));
    }
    let whole = match at_most {
        None => {
            let mut whole = body.clone().looped();
            if at_least == 0 {
                whole = whole.optional();
            }
            for _ in 1..at_least {
                whole = fits(place, body.clone().then(&whole))?;
            }
            whole
        }
        Some(0) => Part::empty(),
        Some(most) => {
            // body (body (body)?)? from the inside out: a round begins only where the one before has ended.
            let mut whole = Part::empty();
            for left in (0..most).rev() {
                whole = body.clone().then(&whole);
                if left >= at_least {
                    whole = whole.optional();
                }
                whole = fits(place, whole)?;
            }
            whole
        }
    };
    Ok(whole)
}

fn fits(place: &str, part: Part) -> Built {
    if part.edges.len() > limits::STATES {
        return Err(too_large(place, part.edges.len()));
    }
    let edges = part.count_edges();
    if edges > limits::EDGES {
        return Err((place.to_owned(), format!("the block compiles to {edges} edges; the limit is {}", limits::EDGES)));
    }
    Ok(part)
}

fn too_large(place: &str, states: usize) -> (String, String) {
    let states = if states == usize::MAX { "far too many".to_owned() } else { format!("{states} or more") };
    (place.to_owned(), format!("the block compiles to {states} states; the limit is {}", limits::STATES))
}

fn graph_part(sop: &Sop, list: &super::EdgeList) -> Part {
    let place: HashMap<u32, u32> = sop.nodes().iter().enumerate().map(|(i, node)| (node.step, i as u32)).collect();
    let node = |id: &str| sop.steps().get_index_of(id).and_then(|step| place.get(&(step as u32))).copied().unwrap_or(0);
    let mut part = Part { edges: vec![Vec::new(); sop.nodes().len() + 1], accepting: vec![false; sop.nodes().len() + 1] };
    part.edges[0].push((node(&list.start), node(&list.start) + 1));
    for (a, b) in &list.edges {
        part.edges[node(a) as usize + 1].push((node(b), node(b) + 1));
    }
    part.accepting[node(&list.end) as usize + 1] = true;
    part
}
