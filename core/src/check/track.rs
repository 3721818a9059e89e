//! Following one path event by event: where it stands, and which choice was made at which decision point.
//!
//! What is known after an event comes from the path up to that event only, so a live session and the analysis of a
//! finished case see the same choices. An event that is matched resolves the places passed since: those the cheapest
//! explanation performs are done, those it leaves out are skipped. An event that is not matched is an extra at the point
//! where the path stands.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::align::{Aligner, Event, Goal, Move, MoveKind, Path, Scratch};
use super::kernel::Forward;
use super::path::NOWHERE;
use super::sparse;
use crate::error::Result;
use crate::sop::{Automaton, FlowNode, START};

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
    /// For each place: how often it was resolved, and whether the last time by skipping it.
    resolved: FxHashMap<u32, (u32, bool)>,
    reached: FxHashMap<u32, u32>,
    scratch: Scratch,
    moves: Vec<Move>,
}

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
            scratch: Scratch::new(),
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
        self.reached.clear();
        (self.state, self.cost, self.entry) = (START, 0, None);
        self.point = Point { node: NOWHERE, visit: 1 };
    }

    /// Takes the next event; appends the choices it shows.
    pub(crate) fn push(&mut self, nodes: &[FlowNode], event: Event, label: u32, choices: &mut Vec<Choice>) -> Result<()> {
        let at = self.path.events.len() as u32;
        self.path.push(&self.aligner.automaton, event);
        let (before, cost_before) = (self.state, self.cost);
        let matched = self.advance(event)?;
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
        let automaton = self.aligner.automaton.clone();
        let direct = automaton.edges(before).iter().find(|e| e.to == self.state && automaton.node_step[e.node as usize] == step);
        if let Some(edge) = direct.filter(|_| self.cost == cost_before) {
            self.resolve(nodes, edge.node, false, &mut note);
            return Ok(());
        }
        // Otherwise the cheapest explanation that ends with this event tells what became of the places in between.
        self.moves.clear();
        let mut moves = std::mem::take(&mut self.moves);
        self.aligner.align(&self.path, Goal::Landing(self.state), &mut self.scratch, &mut moves)?;
        let mut visits: FxHashMap<u32, u32> = FxHashMap::default();
        let mut event_number = 0;
        for m in &moves {
            let here = event_number;
            event_number += u32::from(m.kind() != MoveKind::Skipped);
            let skipped = match m.kind() {
                MoveKind::Matched => false,
                MoveKind::Skipped => true,
                MoveKind::Anytime | MoveKind::Extra => continue,
            };
            let visit = visits.entry(m.node()).or_insert(0);
            *visit += 1;
            let (times, was_skipped) = self.resolved.get(&m.node()).copied().unwrap_or((0, false));
            if *visit > times {
                self.resolve(nodes, m.node(), skipped, &mut note);
            } else if *visit == times && was_skipped && !skipped && here == at {
                self.resolved.insert(m.node(), (times, false));
                note(self.point, Chosen::DoneLate(m.node()), self.cost);
                self.reach(m.node());
            }
        }
        self.moves = moves;
        if choices.len() == noted {
            // The event could stand for one of the same step before it: it was done again.
            choices.push(Choice { point: self.point, chosen: Chosen::Added(label), event: at, cost: self.cost });
        }
        Ok(())
    }

    /// Moves the rows on; whether the event is matched where the path now stands.
    fn advance(&mut self, event: Event) -> Result<bool> {
        if event == Event::Anytime {
            return Ok(false);
        }
        let automaton = &self.aligner.automaton;
        if !self.aligner.dense {
            let standing = sparse::prefix(automaton, &self.path.events)?;
            (self.state, self.cost) = (standing.state, standing.cost);
            return Ok(standing.matched);
        }
        match event {
            Event::Planned(step) => self.rows.push(self.aligner.wide(), automaton, step),
            Event::Unplanned(cost) => self.rows.push_unplanned(automaton, u32::from(cost)),
            Event::Anytime => {}
        }
        (self.state, self.cost) = (self.rows.state, self.rows.cost);
        Ok(self.rows.matched)
    }

    fn resolve(&mut self, nodes: &[FlowNode], node: u32, skipped: bool, note: &mut impl FnMut(Point, Chosen, u32)) {
        // Members of an `any_order` block are judged from the point at which the block was entered.
        let times = self.resolved.get(&node).map_or(0, |(times, _)| *times);
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
