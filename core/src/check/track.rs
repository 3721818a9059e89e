//! Following one path event by event: where it stands, and which choice was made at which decision point.
//!
//! What is known after an event comes from the path up to that event only, so a live session and the analysis of a
//! finished case see the same choices. An event that is matched resolves the places passed since: those the cheapest
//! explanation performs are done, those it leaves out are skipped. An event that is not matched is an extra at the point
//! where the path stands.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::align::{Aligner, Event, Goal, Move, MoveKind, Path, Scratch, Walk};
use super::kernel::Forward;
use super::path::NOWHERE;
use super::sparse;
use crate::error::Result;
use crate::sop::{Automaton, Edge, FlowNode, START};

/// A decision point: the place of the flow last reached, and for the how-manieth time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Point {
    /// Place last reached; `NOWHERE` before the first.
    pub(crate) node: u32,
    /// 1, 2, or 3 for every further time.
    pub(crate) visit: u8,
}

/// What was chosen at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Chosen {
    /// A planned place was performed.
    Done(u32),
    /// A planned place was passed without performing it.
    Skipped(u32),
    /// A place that was resolved as skipped was performed after all.
    DoneLate(u32),
    /// An event that the flow does not plan there, or allows anywhere; by its label.
    Added(u32),
}

/// One choice of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) point: Point,
    pub(crate) chosen: Chosen,
    /// The event that showed it.
    pub(crate) event: u32,
    /// Cost of the path as the beginning of a run, with this event.
    pub(crate) cost: u32,
}

/// Where a path stands.
pub(crate) struct Tracker {
    aligner: Arc<Aligner>,
    rows: Forward<u32>,
    path: Path,
    pub(crate) state: u32,
    pub(crate) cost: u32,
    pub(crate) point: Point,
    /// The point at which the `any_order` block being worked on was entered.
    pub(crate) entry: Option<(u32, Point)>,
    /// For each place: for how many visits it was said what became of it, and whether the last one was skipped.
    resolved: FxHashMap<u32, (u32, bool)>,
    reached: FxHashMap<u32, u32>,
    /// Where the path stood after each event, and at what cost.
    stood: Vec<(u32, u32)>,
    /// Places behind the path in the explanation that holds now, with the event that showed them.
    run: Vec<(u32, u32)>,
    /// How often each place stands in that.
    visits: FxHashMap<u32, u32>,
    scratch: Scratch,
    rows_back: Vec<u32>,
    moves: Vec<Move>,
}

/// Events that are looked back over for where an explanation sets in.
const LOOK_BACK: usize = 256;

impl Tracker {
    pub(crate) fn new(aligner: Arc<Aligner>) -> Self {
        let mut rows = Forward::new();
        if aligner.dense {
            rows.start(aligner.wide());
        }
        Self {
            aligner,
            rows,
            path: Path::default(),
            state: START,
            cost: 0,
            point: Point { node: NOWHERE, visit: 1 },
            entry: None,
            resolved: FxHashMap::default(),
            reached: FxHashMap::default(),
            stood: Vec::new(),
            run: Vec::new(),
            visits: FxHashMap::default(),
            scratch: Scratch::new(),
            rows_back: Vec::new(),
            moves: Vec::new(),
        }
    }

    pub(crate) fn automaton(&self) -> &Automaton {
        &self.aligner.automaton
    }

    /// Forgets the path, keeps the memory.
    pub(crate) fn restart(&mut self) {
        if self.aligner.dense {
            self.rows.start(self.aligner.wide());
        }
        self.path.clear();
        self.resolved.clear();
        self.stood.clear();
        self.run.clear();
        self.visits.clear();
        self.reached.clear();
        (self.state, self.cost, self.entry) = (START, 0, None);
        self.point = Point { node: NOWHERE, visit: 1 };
    }

    /// Takes the next event; appends the choices it shows.
    pub(crate) fn push(&mut self, nodes: &[FlowNode], event: Event, label: u32, choices: &mut Vec<Choice>) -> Result<()> {
        let at = self.path.len() as u32;
        self.path.push(&self.aligner.automaton, event);
        let (before, cost_before) = (self.state, self.cost);
        let matched = self.advance(event)?;
        self.stood.push((self.state, self.cost));
        let Event::Planned(step) = event else {
            choices.push(Choice { point: self.point, chosen: Chosen::Added(label), event: at, cost: self.cost });
            return Ok(());
        };
        if !matched {
            choices.push(Choice { point: self.point, chosen: Chosen::Added(label), event: at, cost: self.cost });
            return Ok(());
        }
        let noted = choices.len();
        let mut note = |point, chosen, cost| choices.push(Choice { point, chosen, event: at, cost });
        // Usually the event performs a place that follows where the path stood, at no cost.
        if let Some(edge) = self.direct(before, step).filter(|edge| self.cost == cost_before && edge.to == self.state) {
            self.resolve(nodes, edge.node, at, true, false, &mut note);
            self.say_something(noted, at, label, choices);
            return Ok(());
        }
        // Otherwise the cheapest explanation that ends with this event tells what became of the places in between.
        let mut moves = std::mem::take(&mut self.moves);
        moves.clear();
        let anchor = self.explain(&mut moves)?;
        self.forget_after(anchor);
        let mut here = anchor;
        for m in &moves {
            here += u32::from(m.kind() != MoveKind::Skipped);
            match m.kind() {
                MoveKind::Matched => self.resolve(nodes, m.node(), here - 1, here - 1 == at, false, &mut note),
                MoveKind::Skipped => self.resolve(nodes, m.node(), here, false, true, &mut note),
                MoveKind::Anytime | MoveKind::Extra => {}
            }
        }
        self.moves = moves;
        self.say_something(noted, at, label, choices);
        Ok(())
    }

    /// An event that resolved nothing new could stand for one of the same step before it: it was done again.
    fn say_something(&self, noted: usize, event: u32, label: u32, choices: &mut Vec<Choice>) {
        if choices.len() == noted {
            choices.push(Choice { point: self.point, chosen: Chosen::Added(label), event, cost: self.cost });
        }
    }

    /// Moves of the canonical explanation that ends by performing the last event where the path now stands; gives the
    /// number of events before them: those up to the latest event at which what was said then lies on a cheapest
    /// explanation now.
    fn explain(&mut self, moves: &mut Vec<Move>) -> Result<u32> {
        let (aligner, goal, last) = (self.aligner.clone(), Goal::Landing(self.state), self.path.len() - 1);
        if !aligner.dense {
            aligner.align(&self.path, goal, &mut self.scratch, moves)?;
            return Ok(0);
        }
        let (kernel, automaton) = (aligner.wide(), &*aligner.automaton);
        let w = kernel.width;
        let Event::Planned(step) = self.path.event(last) else { return Ok(last as u32) };
        // Rows of cost-to-go, the one before the last planned event first.
        self.rows_back.resize(w, 0);
        kernel.back_into(automaton, step, self.state, &mut self.rows_back[..w]);
        let (mut rows, mut unplanned, mut best) = (1, 0u32, (u32::MAX, last, 1));
        for before in (0..=last).rev() {
            let (state, cost) = if before == 0 { (START, 0) } else { self.stood[before - 1] };
            let total = self.rows_back[(rows - 1) * w + state as usize].saturating_add(cost).saturating_add(unplanned);
            if total < best.0 {
                best = (total, before, rows);
            }
            if total == self.cost || before == 0 || last - before >= LOOK_BACK {
                break;
            }
            match self.path.event(before - 1) {
                Event::Planned(step) => {
                    self.rows_back.resize(self.rows_back.len().max((rows + 1) * w), 0);
                    let (behind, rest) = self.rows_back[(rows - 1) * w..].split_at_mut(w);
                    kernel.back(automaton, step, behind, &mut rest[..w]);
                    rows += 1;
                }
                Event::Unplanned(cost) => unplanned += u32::from(cost),
                Event::Anytime => {}
            }
        }
        let (_, from, rows) = best;
        let start = if from == 0 { START } else { self.stood[from - 1].0 };
        let walk = Walk { automaton, goal, total: rows };
        walk.run(start, &self.path, from, moves, |i, s| if i < rows { self.rows_back[(rows - 1 - i) * w + s as usize] } else { u32::MAX });
        Ok(from as u32)
    }

    /// Takes back what later events said of places, as far as visits are counted; what was said stays said.
    fn forget_after(&mut self, events: u32) {
        while let Some(&(event, node)) = self.run.last()
            && event >= events
        {
            self.run.pop();
            if let Some(count) = self.visits.get_mut(&node) {
                *count -= 1;
            }
        }
    }

    /// The edge that performs a step right where the path stood, the furthest along the flow where there are several.
    fn direct(&self, state: u32, step: u32) -> Option<Edge> {
        let automaton = &self.aligner.automaton;
        let edges = automaton.edges_of(state, step).iter().filter(|edge| edge.step == step);
        edges.max_by_key(|edge| automaton.progress[edge.to as usize]).copied()
    }

    /// Moves the rows on; whether the event is matched where the path now stands.
    ///
    /// That is at the cheapest state; among equals one in which the event is matched, of those one that follows where the
    /// path stood without leaving anything out, then the one furthest along the flow.
    fn advance(&mut self, event: Event) -> Result<bool> {
        if event == Event::Anytime {
            return Ok(false);
        }
        let (state, cost, matched) = if self.aligner.dense {
            match event {
                Event::Planned(step) => self.rows.push(self.aligner.wide(), &self.aligner.automaton, step),
                Event::Unplanned(cost) => self.rows.push_unplanned(&self.aligner.automaton, u32::from(cost)),
                Event::Anytime => {}
            }
            (self.rows.state, self.rows.cost, self.rows.matched)
        } else {
            let standing = sparse::prefix(&self.aligner.automaton, &self.path)?;
            (standing.state, standing.cost, standing.matched)
        };
        let direct = match event {
            Event::Planned(step) if matched && cost == self.cost => self.direct(self.state, step),
            _ => None,
        };
        (self.state, self.cost) = (direct.map_or(state, |edge| edge.to), cost);
        Ok(matched)
    }

    /// A place lies behind the path now: performed or skipped, seen at an event; by the last event or by one before.
    fn resolve(&mut self, nodes: &[FlowNode], node: u32, event: u32, by_last: bool, skipped: bool, note: &mut impl FnMut(Point, Chosen, u32)) {
        self.run.push((event, node));
        let visit = self.visits.entry(node).or_insert(0);
        *visit += 1;
        let (times, was_skipped) = self.resolved.get(&node).copied().unwrap_or((0, false));
        if *visit <= times {
            // It was resolved before; performing it after all is a second choice.
            if *visit == times && was_skipped && !skipped && by_last {
                self.resolved.insert(node, (times, false));
                note(self.point, Chosen::DoneLate(node), self.cost);
                self.reach(node);
            }
            return;
        }
        // Members of an `any_order` block are judged from the point at which the block was entered.
        let point = match (nodes[node as usize].any_order, self.entry) {
            (None, _) => {
                self.entry = None;
                self.point
            }
            (Some(block), Some((entered, point))) if entered == block && times == 0 => point,
            (Some(block), _) => {
                self.entry = Some((block, self.point));
                self.point
            }
        };
        self.resolved.insert(node, (times + 1, skipped));
        note(point, if skipped { Chosen::Skipped(node) } else { Chosen::Done(node) }, self.cost);
        if !skipped {
            self.reach(node);
        }
    }

    fn reach(&mut self, node: u32) {
        let times = self.reached.entry(node).or_insert(0);
        *times += 1;
        self.point = Point { node, visit: (*times).min(3) as u8 };
    }
}
