//! Optimal alignment of a path with the flow, canonical among the optimal ones.
//!
//! Cost-to-go is computed from the end of the path to its beginning ([`super::kernel`], or [`super::sparse`] for large
//! automata). Then one walk from the left takes at every place the least move that stays optimal, in the order
//! `matched < anytime < extra < skipped`, among several places of a step the first in the file. The walk is over places of
//! the flow, so the result is the lexicographically least optimal alignment, whatever way the costs were found.

use std::sync::OnceLock;

use super::kernel::{Cost, Kernel};
use super::registers::{Registers, Row, Table};
use super::sparse;
use super::sums::Sums;
use crate::error::{Error, Fault, Result};
use crate::sop::{Automaton, Performs, START};

/// How an event or a planned step is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveKind {
    /// The event performs a planned step (a synchronous move).
    Matched,
    /// The event is allowed anywhere.
    Anytime,
    /// The event is not planned where it stands (a log move).
    Extra,
    /// A planned step was left out (a model move).
    Skipped,
}

/// A move in four bytes: its kind, and the place of the flow for matched and skipped ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Move(u32);

impl Move {
    const NODE: u32 = (1 << 30) - 1;

    fn new(kind: MoveKind, node: u32) -> Self {
        Self((kind as u32) << 30 | node & Self::NODE)
    }

    pub(crate) fn kind(self) -> MoveKind {
        match self.0 >> 30 {
            0 => MoveKind::Matched,
            1 => MoveKind::Anytime,
            2 => MoveKind::Extra,
            _ => MoveKind::Skipped,
        }
    }

    /// Place of the flow; meaningless for `anytime` and `extra`.
    pub(crate) fn node(self) -> u32 {
        self.0 & Self::NODE
    }
}

/// What an event is to the flow of a scenario, beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// Its step is planned somewhere in the flow.
    Planned(u32),
    /// Its step is allowed anywhere.
    Anytime,
    /// Its step is not planned in this scenario; the cost of doing it all the same.
    Unplanned(u8),
}

/// The tables of one scenario, in the widths of cost that were needed.
pub(crate) struct Aligner {
    pub(crate) automaton: std::sync::Arc<Automaton>,
    narrow: OnceLock<Kernel<u8>>,
    /// The same for rows that stay in registers; `None` inside for wider ones.
    registers: OnceLock<Option<Registers>>,
    middle: OnceLock<Kernel<u16>>,
    wide: OnceLock<Kernel<u32>>,
    longest_end: u32,
    /// Whether tables of all pairs of states are used.
    pub(super) dense: bool,
    /// Memory that rows of one path may take before they are kept at marks only and made again from there.
    row_bytes: usize,
}

/// Rows that one thread uses again and again.
pub(crate) struct Scratch {
    narrow: Rows<u8>,
    middle: Rows<u16>,
    wide: Rows<u32>,
    /// Rows that stay in registers while they are made, one block after the other.
    blocks: Vec<[u8; 16]>,
    /// What the moves of the last walk add up to.
    pub(crate) sums: Sums,
}

struct Rows<C> {
    rows: Vec<C>,
    marks: Vec<C>,
    prefix: Vec<C>,
}

impl<C: Cost> Rows<C> {
    fn new() -> Self {
        Self { rows: Vec::new(), marks: Vec::new(), prefix: Vec::new() }
    }
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self { narrow: Rows::new(), middle: Rows::new(), wide: Rows::new(), blocks: Vec::new(), sums: Sums::default() }
    }
}

/// Where an alignment has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// At the end of the SOP: the whole path against a whole run.
    End,
    /// Anywhere: the path as the beginning of a run.
    Anywhere,
    /// In this state, by performing the last planned event of the path.
    Landing(u32),
    /// In this state, or in one from which it is reached for nothing.
    At(u32),
}

/// What the cheapest explanations of a path cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Costs {
    /// To the goal.
    pub(crate) whole: u32,
    /// As the beginning of a run.
    pub(crate) prefix: u32,
}

impl Aligner {
    pub(crate) fn new(automaton: std::sync::Arc<Automaton>) -> Self {
        let (dense, wide) = (automaton.is_dense(), OnceLock::new());
        // The longest way to the end says which width of cost a path needs; the tables it is read from are kept.
        let longest_end = if dense {
            let kernel: &Kernel<u32> = wide.get_or_init(|| Kernel::of(&automaton));
            kernel.to_end[..automaton.len()].iter().copied().max().unwrap_or(0)
        } else {
            0
        };
        Self { automaton, narrow: OnceLock::new(), registers: OnceLock::new(), middle: OnceLock::new(), wide, longest_end, dense, row_bytes: 32 << 20 }
    }

    /// Appends the canonical optimal moves for a path; gives their cost. What they add up to is in the scratch.
    pub(crate) fn align(&self, path: &Path, goal: Goal, scratch: &mut Scratch, moves: &mut Vec<Move>) -> Result<Costs> {
        let automaton = &*self.automaton;
        let Path { planned, unplanned, planned_extra, .. } = path;
        let Scratch { narrow, middle, wide, blocks, sums } = scratch;
        let most = self.longest_end.saturating_add(*planned_extra);
        let costs = if self.dense {
            // Rows of marks are made by the general code.
            if most < u32::from(u8::MAX) && self.row_bytes >= (planned.len() + 1) * automaton.len() {
                let kernel = || self.narrow.get_or_init(|| Kernel::of(automaton));
                match (goal, self.registers.get_or_init(|| Registers::of(automaton, kernel()))) {
                    (Goal::End, Some(Registers::One(table))) => short(table, automaton, path, blocks, sums, moves),
                    (Goal::End, Some(Registers::Two(table))) => short(table, automaton, path, blocks, sums, moves),
                    (Goal::End, Some(Registers::Three(table))) => short(table, automaton, path, blocks, sums, moves),
                    (Goal::End, Some(Registers::Four(table))) => short(table, automaton, path, blocks, sums, moves),
                    _ => dense(self.row_bytes, kernel(), automaton, path, goal, narrow, sums, moves),
                }
            } else if most < u32::from(u16::MAX) {
                dense(self.row_bytes, self.middle.get_or_init(|| Kernel::of(automaton)), automaton, path, goal, middle, sums, moves)
            } else {
                dense(self.row_bytes, self.wide(), automaton, path, goal, wide, sums, moves)
            }
        } else {
            let to_go = sparse::cost_to_go(automaton, planned, goal, START)?;
            Walk { automaton, goal, total: planned.len() }.run(START, path, 0, sums, moves, |i, s| to_go.get(i, s));
            let whole = to_go.get(0, START);
            let prefix = if goal == Goal::End { sparse::prefix(automaton, path)?.cost - unplanned } else { whole };
            Costs { whole, prefix }
        };
        Ok(Costs { whole: costs.whole + unplanned, prefix: costs.prefix + unplanned })
    }

    /// Appends the canonical cheapest way from a state to the end of the SOP, as places left out; gives its cost.
    pub(crate) fn rest(&self, state: u32, moves: &mut Vec<Move>) -> Result<u32> {
        let walk = Walk { automaton: &self.automaton, goal: Goal::End, total: 0 };
        let mut sums = Sums::default();
        if self.dense {
            let to_end = &self.wide().to_end;
            walk.run(state, &Path::default(), 0, &mut sums, moves, |_, s| to_end[s as usize]);
            return Ok(to_end[state as usize]);
        }
        let to_go = sparse::cost_to_go(&self.automaton, &[], Goal::End, state)?;
        walk.run(state, &Path::default(), 0, &mut sums, moves, |_, s| to_go.get(0, s));
        Ok(to_go.get(0, state))
    }

    /// The kernel with the widest costs, for sessions of unknown length.
    pub(super) fn wide(&self) -> &Kernel<u32> {
        self.wide.get_or_init(|| Kernel::of(&self.automaton))
    }
}

/// A path as the aligner needs it, made event by event or at once.
#[derive(Default)]
pub(crate) struct Path {
    /// What each event is; empty where every event is planned.
    events: Vec<Event>,
    /// Steps of the planned ones.
    planned: Vec<u32>,
    /// What all planned ones would cost as extras.
    planned_extra: u32,
    /// What the unplanned ones cost.
    unplanned: u32,
}

impl Path {
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.planned.clear();
        (self.planned_extra, self.unplanned) = (0, 0);
    }

    /// Number of events.
    pub(crate) fn len(&self) -> usize {
        self.events.len().max(self.planned.len())
    }

    /// What an event is.
    #[inline]
    pub(crate) fn event(&self, number: usize) -> Event {
        if self.events.is_empty() { Event::Planned(self.planned[number]) } else { self.events[number] }
    }

    #[inline]
    pub(crate) fn push(&mut self, automaton: &Automaton, event: Event) {
        if let Event::Planned(step) = event {
            if !self.events.is_empty() {
                self.events.push(event);
            }
            self.planned.push(step);
            self.planned_extra += u32::from(automaton.extra[step as usize]);
            return;
        }
        if self.events.is_empty() {
            self.events.extend(self.planned.iter().map(|&step| Event::Planned(step)));
        }
        self.events.push(event);
        if let Event::Unplanned(cost) = event {
            self.unplanned += u32::from(cost);
        }
    }

    /// Bytes of memory taken.
    pub(crate) fn bytes(&self) -> usize {
        self.events.capacity() * size_of::<Event>() + self.planned.capacity() * size_of::<u32>()
    }

    /// Takes back the last events.
    pub(crate) fn truncate(&mut self, automaton: &Automaton, events: usize) {
        while self.len() > events {
            let last = self.event(self.len() - 1);
            self.events.pop();
            match last {
                Event::Planned(step) => {
                    self.planned.pop();
                    self.planned_extra -= u32::from(automaton.extra[step as usize]);
                }
                Event::Unplanned(cost) => self.unplanned -= u32::from(cost),
                Event::Anytime => {}
            }
        }
    }

    /// Takes a whole path of labels.
    pub(crate) fn load(&mut self, automaton: &Automaton, labels: &Labels, path: &[u32]) {
        self.clear();
        let mut all = 0;
        self.planned.extend(path.iter().map(|&label| {
            let step = labels.planned[label as usize];
            all |= step;
            step
        }));
        if all > Labels::LAST {
            self.planned.retain(|&step| step != Labels::NOT_PLANNED);
            self.events.extend(path.iter().map(|&label| labels.events[label as usize]));
            self.unplanned = self.events.iter().map(|event| if let Event::Unplanned(cost) = *event { u32::from(cost) } else { 0 }).sum();
        }
        self.planned_extra =
            if automaton.unit_extra { self.planned.len() as u32 } else { self.planned.iter().map(|&step| u32::from(automaton.extra[step as usize])).sum() };
    }

    /// What the path would cost with every event an extra.
    pub(crate) fn all_extra(&self) -> u32 {
        self.planned_extra + self.unplanned
    }
}

/// What each label of the corpus is to the flow of a scenario, by its number.
pub(crate) struct Labels {
    pub(crate) events: Vec<Event>,
    /// Their steps, beside each other for speed.
    planned: Vec<u32>,
}

impl Labels {
    const NOT_PLANNED: u32 = u32::MAX;
    /// Numbers of steps stay far below.
    const LAST: u32 = u32::MAX >> 1;

    pub(crate) fn new(events: Vec<Event>) -> Self {
        let planned = events.iter().map(|event| if let Event::Planned(step) = *event { step } else { Self::NOT_PLANNED }).collect();
        Self { events, planned }
    }
}

/// The usual case, written for speed: a short path on a small automaton, with all rows in memory at once.
fn short<const N: usize>(table: &Table<N>, automaton: &Automaton, path: &Path, rows: &mut Vec<[u8; 16]>, sums: &mut Sums, moves: &mut Vec<Move>) -> Costs {
    let n = path.planned.len();
    if rows.len() < (n + 1) * N {
        rows.resize((n + 1) * N, [0; 16]);
    }
    let rows: &mut [Row<N>] = &mut rows.as_chunks_mut().0[..=n];
    let prefix = table.pass(&path.planned, rows);
    Walk { automaton, goal: Goal::End, total: n }.run(START, path, 0, sums, moves, |i, s| rows[i].as_flattened()[s as usize % (16 * N)]);
    Costs { whole: rows[0].as_flattened()[START as usize].get(), prefix: prefix.get() }
}

/// Cost-to-go for every place of the path from its end to its beginning, then the walk.
fn dense<C: Cost>(
    row_bytes: usize,
    kernel: &Kernel<C>,
    automaton: &Automaton,
    path: &Path,
    goal: Goal,
    scratch: &mut Rows<C>,
    sums: &mut Sums,
    moves: &mut Vec<Move>,
) -> Costs {
    let planned = &path.planned[..];
    let (w, n) = (kernel.width, planned.len());
    // Rows between two marks fit into memory; of a path of usual length all rows do.
    let block = (row_bytes / (w * size_of::<C>())).clamp(1, n.max(1));
    let blocks = n.div_ceil(block).max(1);
    let Rows { rows, marks, prefix } = scratch;
    for (buffer, length) in [(&mut *rows, (block + 1) * w), (&mut *marks, (blocks + 1) * w), (&mut *prefix, 2 * w)] {
        if buffer.len() < length {
            buffer.resize(length, C::NO_WAY);
        }
    }
    let (rows, marks) = (&mut rows[..], &mut marks[..]);
    let last = &mut marks[blocks * w..blocks * w + w];
    match goal {
        Goal::End => last.copy_from_slice(&kernel.to_end[..w]),
        Goal::Anywhere => last.fill(C::of(0)),
        Goal::Landing(_) => last.fill(C::NO_WAY),
        Goal::At(state) => last.copy_from_slice(kernel.towards(state)),
    }
    let (mut ahead, mut behind) = prefix[..2 * w].split_at_mut(w);
    behind.fill(C::of(0));
    let mut fill = |b: usize, rows: &mut [C], marks: &[C], first: bool| {
        let (from, to) = (b * block, ((b + 1) * block).min(n));
        rows[(to - from) * w..(to - from) * w + w].copy_from_slice(&marks[(b + 1) * w..(b + 1) * w + w]);
        for i in (from..to).rev() {
            let (before, after) = rows[(i - from) * w..].split_at_mut(w);
            match goal {
                Goal::Landing(target) if i + 1 == n => kernel.back_into(automaton, planned[i], target, before),
                _ => kernel.back(automaton, planned[i], after, before),
            }
            // The same pass without having to come to the end: the path as the beginning of a run.
            if first && goal == Goal::End {
                kernel.back(automaton, planned[i], behind, ahead);
                std::mem::swap(&mut ahead, &mut behind);
            }
        }
        behind[START as usize].get()
    };
    let mut as_prefix = 0;
    for b in (0..blocks).rev() {
        as_prefix = fill(b, rows, marks, true);
        marks[b * w..b * w + w].copy_from_slice(&rows[..w]);
    }
    let whole = rows[START as usize].get();
    let mut at = 0;
    Walk { automaton, goal, total: n }.run(START, path, 0, sums, moves, |i, s| {
        // The walk only goes forward: the rows of the next block are made when it gets there.
        if i > (at + 1) * block {
            at += 1;
            fill(at, rows, marks, false);
        }
        rows[(i - at * block) * w + s as usize]
    });
    Costs { whole, prefix: if goal == Goal::End { as_prefix } else { whole } }
}

/// The walk from the left along optimal moves.
pub(super) struct Walk<'a> {
    pub(super) automaton: &'a Automaton,
    pub(super) goal: Goal,
    /// Planned events of the path.
    pub(super) total: usize,
}

impl Walk<'_> {
    /// Walks from a state over the events of a path from one of them on.
    pub(super) fn run<C: Cost>(&self, start: u32, path: &Path, from: usize, sums: &mut Sums, moves: &mut Vec<Move>, to_go: impl FnMut(usize, u32) -> C) {
        if path.events.is_empty() {
            self.over(start, path.planned[from..].iter().map(|&step| Event::Planned(step)), sums, moves, to_go);
        } else {
            self.over(start, path.events[from..].iter().copied(), sums, moves, to_go);
        }
    }

    #[inline(always)]
    fn over<C: Cost>(&self, start: u32, events: impl Iterator<Item = Event>, sums: &mut Sums, moves: &mut Vec<Move>, mut to_go: impl FnMut(usize, u32) -> C) {
        sums.start();
        let automaton = self.automaton;
        let (mut state, mut row, mut i) = (start, automaton.row(start), 0);
        let mut here = to_go(0, start);
        for event in events {
            let step = match event {
                Event::Anytime => {
                    moves.push(Move::new(MoveKind::Anytime, 0));
                    continue;
                }
                Event::Unplanned(cost) => {
                    moves.push(Move::new(MoveKind::Extra, 0));
                    sums.deviations += u32::from(cost > 0);
                    continue;
                }
                Event::Planned(step) => step,
            };
            loop {
                let lands = |to: u32| matches!(self.goal, Goal::Landing(target) if i + 1 == self.total && to == target);
                let mut stays_optimal = |to: u32| to_go(i + 1, to) == here || lands(to);
                match automaton.performs(row, step) {
                    Performs::Nowhere => {}
                    Performs::Once(only) => {
                        if stays_optimal(only.to) {
                            moves.push(Move::new(MoveKind::Matched, only.node));
                            sums.performed += only.due;
                            sums.last = only.node;
                            (state, row) = (only.to, only.row);
                            break;
                        }
                    }
                    Performs::Unsaid => {
                        let mut edges = automaton.edges_of(state, step).iter();
                        if let Some(edge) = edges.find(|edge| edge.step == step && stays_optimal(edge.to)) {
                            moves.push(Move::new(MoveKind::Matched, edge.node));
                            sums.performed += u32::from(automaton.node_due[edge.node as usize]);
                            sums.last = edge.node;
                            (state, row) = (edge.to, automaton.row(edge.to));
                            break;
                        }
                    }
                }
                let (behind, extra) = (to_go(i + 1, state), automaton.extra[step as usize]);
                if behind.plus(C::of(u32::from(extra))) == here {
                    moves.push(Move::new(MoveKind::Extra, 0));
                    sums.extras.push(step);
                    sums.deviations += u32::from(extra > 0);
                    here = behind;
                    break;
                }
                let Some((node, to)) = self.skip(state, step, i, &mut to_go) else { return };
                moves.push(Move::new(MoveKind::Skipped, node));
                sums.skip(automaton, node);
                (state, row, here) = (to, automaton.row(to), to_go(i, to));
            }
            i += 1;
        }
        if self.goal == Goal::End {
            while !(automaton.accepting[state as usize] && to_go(i, state) == C::of(0)) {
                let Some((node, to)) = self.skip(state, u32::MAX, i, &mut to_go) else { return };
                moves.push(Move::new(MoveKind::Skipped, node));
                sums.stop(automaton, node);
                state = to;
            }
        }
    }

    /// The first place in the file that can be left out here at no loss.
    ///
    /// Places on a cycle of moves that are all free could be left out for ever. From a state on such a cycle the walk
    /// leaves it by the shortest way: a free move on the cycle is taken only towards the nearest state at which another
    /// move is optimal.
    fn skip<C: Cost>(&self, state: u32, step: u32, i: usize, to_go: &mut impl FnMut(usize, u32) -> C) -> Option<(u32, u32)> {
        let here = to_go(i, state);
        let edges = self.automaton.edges(state);
        let optimal = edges.iter().find(|e| !e.free_cycle && to_go(i, e.to).plus(C::of(u32::from(e.skip))) == here);
        if let Some(edge) = optimal {
            return Some((edge.node, edge.to));
        }
        // Breadth first over free moves of equal cost-to-go, in file order; each state remembers the first move to it.
        let mut queue: std::collections::VecDeque<(u32, (u32, u32))> =
            edges.iter().filter(|e| e.free_cycle && to_go(i, e.to) == here).map(|e| (e.to, (e.node, e.to))).collect();
        let mut seen = std::collections::HashSet::from([state]);
        while let Some((at, first)) = queue.pop_front() {
            if !seen.insert(at) {
                continue;
            }
            let leaves = self.automaton.edges(at).iter().any(|e| {
                let performs = step != u32::MAX
                    && e.step == step
                    && (to_go(i + 1, e.to) == here || matches!(self.goal, Goal::Landing(target) if i + 1 == self.total && e.to == target));
                performs || (!e.free_cycle && to_go(i, e.to).plus(C::of(u32::from(e.skip))) == here)
            });
            let ends = step == u32::MAX && self.automaton.accepting[at as usize] && here == C::of(0);
            let extra = step != u32::MAX && to_go(i + 1, at).plus(C::of(u32::from(self.automaton.extra[step as usize]))) == here;
            if leaves || ends || extra {
                return Some(first);
            }
            for e in self.automaton.edges(at).iter().filter(|e| e.free_cycle && to_go(i, e.to) == here) {
                queue.push_back((e.to, first));
            }
        }
        None
    }
}

/// The error for a path that would take more search than the stated limit.
pub(super) fn too_much_search(limit: usize) -> Error {
    let message = format!("the path and the SOP together need more than {limit} search steps");
    Error::Limit(Box::new(Fault::new("check.too_large", message).help("give the SOP smaller any_order blocks")))
}

#[cfg(all(test, feature = "simulate"))]
mod tests {
    use super::*;
    use crate::check::scenario::event;
    use crate::simulate::{random_path, random_sop};

    /// Every way to find the costs gives the same moves: rows in registers with and without what the processor has for
    /// them, rows kept at marks only, and search.
    #[test]
    fn all_ways_agree() {
        let mut scratch = Scratch::new();
        for seed in 0..600 {
            let sop = random_sop(seed, 4 + seed as usize % 12);
            let automaton = sop.automaton(&vec![true; sop.whens().len()]).expect("a small SOP");
            let usual = Aligner::new(automaton.clone());
            let search = Aligner { dense: false, ..Aligner::new(automaton.clone()) };
            let plain = Aligner::new(automaton.clone());
            plain.registers.get_or_init(|| Registers::plain(&automaton, &Kernel::of(&automaton)));
            let marks = Aligner { row_bytes: 4 * automaton.len().next_multiple_of(16), ..Aligner::new(automaton.clone()) };
            for round in 0..5 {
                let mut path = Path::default();
                for label in random_path(&sop, seed * 10 + round, 0.3) {
                    path.push(&automaton, event(&sop, &automaton, &label));
                }
                for goal in [Goal::End, Goal::Anywhere] {
                    let mut run = |aligner: &Aligner| {
                        let mut moves = Vec::new();
                        let costs = aligner.align(&path, goal, &mut scratch, &mut moves).expect("a small path");
                        let Sums { performed, left_out, last, deviations, extras, skips, rest, stopped_at } = &scratch.sums;
                        (costs, moves, [*performed, *left_out, *last, *deviations, *rest, *stopped_at], extras.clone(), skips.clone())
                    };
                    let expected = run(&usual);
                    assert_eq!(expected, run(&plain), "plain, seed {seed} round {round} {goal:?} {}", sop.to_yaml());
                    assert_eq!(expected, run(&search), "search, seed {seed} round {round} {goal:?} {}", sop.to_yaml());
                    assert_eq!(expected, run(&marks), "marks, seed {seed} round {round} {goal:?} {}", sop.to_yaml());
                }
            }
        }
    }
}
