//! Following one path event by event: where it stands, and which choice was made at which decision point.
//!
//! What is known after an event comes from the path up to that event only, so a live session and the analysis of a
//! finished case see the same choices. An event that is matched resolves the places passed since: those the cheapest
//! explanation performs are done, those it leaves out are skipped. An event that is not matched is an extra at the point
//! where the path stands.

use std::sync::Arc;

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
    /// What became of each place so far, up to the last one met.
    places: Vec<Place>,
    /// Where the path stood after each event, and at what cost.
    stood: Vec<(u32, u32)>,
    /// Places behind the path in the explanation that holds now, with the event that showed them.
    run: Vec<(u32, u32)>,
}

/// What became of a place so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Place {
    /// How often it stands in the explanation that holds now.
    visits: u32,
    /// For how many visits it was said what became of it.
    resolved: u32,
    /// The last of them was skipped.
    skipped: bool,
    /// How often it was reached: 1, 2, or 3 for every further time.
    reached: u8,
}

/// Where a path stood, to come back to.
pub(crate) struct Mark {
    pub(crate) events: usize,
    rows: Forward<u32>,
    state: u32,
    cost: u32,
    point: Point,
    entry: Option<(u32, Point)>,
    places: Vec<Place>,
    run: Vec<(u32, u32)>,
}

impl Mark {
    /// Bytes of memory taken.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.rows.bytes() + self.places.capacity() * size_of::<Place>() + self.run.capacity() * size_of::<(u32, u32)>()
    }
}

/// Memory for looking back over a path; any tracker may use it.
pub(crate) struct LookBack {
    scratch: Scratch,
    rows: Vec<u32>,
    moves: Vec<Move>,
}

impl LookBack {
    pub(crate) fn new() -> Self {
        Self { scratch: Scratch::new(), rows: Vec::new(), moves: Vec::new() }
    }
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
            places: Vec::new(),
            stood: Vec::new(),
            run: Vec::new(),
        }
    }

    pub(crate) fn automaton(&self) -> &Automaton {
        &self.aligner.automaton
    }

    pub(crate) fn aligner(&self) -> &Aligner {
        &self.aligner
    }

    /// The path so far.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Forgets the path, keeps the memory.
    pub(crate) fn restart(&mut self) {
        if self.aligner.dense {
            self.rows.start(self.aligner.wide());
        }
        self.path.clear();
        self.places.clear();
        self.stood.clear();
        self.run.clear();
        (self.state, self.cost, self.entry) = (START, 0, None);
        self.point = Point { node: NOWHERE, visit: 1 };
    }

    /// Where the path stands, to come back to.
    pub(crate) fn mark(&self) -> Mark {
        let Self { rows, state, cost, point, entry, places, run, .. } = self;
        let (state, cost, point, entry) = (*state, *cost, *point, *entry);
        Mark { events: self.path.len(), rows: rows.clone(), state, cost, point, entry, places: places.clone(), run: run.clone() }
    }

    /// Goes back to where the path stood; the events since are forgotten.
    pub(crate) fn rewind(&mut self, mark: &Mark) {
        self.path.truncate(&self.aligner.automaton, mark.events);
        self.stood.truncate(mark.events);
        self.rows.clone_from(&mark.rows);
        self.places.clone_from(&mark.places);
        self.run.clone_from(&mark.run);
        (self.state, self.cost, self.point, self.entry) = (mark.state, mark.cost, mark.point, mark.entry);
    }

    /// Bytes of memory taken.
    pub(crate) fn bytes(&self) -> usize {
        self.rows.bytes()
            + self.path.bytes()
            + self.places.capacity() * size_of::<Place>()
            + (self.stood.capacity() + self.run.capacity()) * size_of::<(u32, u32)>()
    }

    /// Takes the next event; appends the choices it shows. An event that cannot be taken changes nothing.
    pub(crate) fn push(&mut self, nodes: &[FlowNode], event: Event, label: u32, back: &mut LookBack, choices: &mut Vec<Choice>) -> Result<()> {
        let (state, cost, at) = (self.state, self.cost, self.path.len());
        self.path.push(&self.aligner.automaton, event);
        let taken = self.take(nodes, event, label, back, choices);
        if taken.is_err() {
            // Only a search can fail, and it comes before anything else is changed.
            (self.state, self.cost) = (state, cost);
            self.path.truncate(&self.aligner.automaton, at);
            self.stood.truncate(at);
        }
        taken
    }

    fn take(&mut self, nodes: &[FlowNode], event: Event, label: u32, back: &mut LookBack, choices: &mut Vec<Choice>) -> Result<()> {
        let at = self.path.len() as u32 - 1;
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
        back.moves.clear();
        let anchor = self.explain(back)?;
        self.forget_after(anchor);
        let mut here = anchor;
        for m in &back.moves {
            here += u32::from(m.kind() != MoveKind::Skipped);
            match m.kind() {
                MoveKind::Matched => self.resolve(nodes, m.node(), here - 1, here - 1 == at, false, &mut note),
                MoveKind::Skipped => self.resolve(nodes, m.node(), here, false, true, &mut note),
                MoveKind::Anytime | MoveKind::Extra => {}
            }
        }
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
    fn explain(&self, back: &mut LookBack) -> Result<u32> {
        let (aligner, goal, last) = (&*self.aligner, Goal::Landing(self.state), self.path.len() - 1);
        let LookBack { scratch, rows: rows_back, moves } = back;
        if !aligner.dense {
            aligner.align(&self.path, goal, scratch, moves)?;
            return Ok(0);
        }
        let (kernel, automaton) = (aligner.wide(), &*aligner.automaton);
        let w = kernel.width;
        let Event::Planned(step) = self.path.event(last) else { return Ok(last as u32) };
        // Rows of cost-to-go, the one before the last planned event first.
        rows_back.resize(rows_back.len().max(w), 0);
        kernel.back_into(automaton, step, self.state, &mut rows_back[..w]);
        let (mut rows, mut unplanned, mut best) = (1, 0u32, (u32::MAX, last, 1));
        for before in (0..=last).rev() {
            let (state, cost) = if before == 0 { (START, 0) } else { self.stood[before - 1] };
            let total = rows_back[(rows - 1) * w + state as usize].saturating_add(cost).saturating_add(unplanned);
            if total < best.0 {
                best = (total, before, rows);
            }
            if total == self.cost || before == 0 || last - before >= LOOK_BACK {
                break;
            }
            match self.path.event(before - 1) {
                Event::Planned(step) => {
                    rows_back.resize(rows_back.len().max((rows + 1) * w), 0);
                    let (behind, rest) = rows_back[(rows - 1) * w..].split_at_mut(w);
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
        walk.run(start, &self.path, from, &mut scratch.sums, moves, |i, s| if i < rows { rows_back[(rows - 1 - i) * w + s as usize] } else { u32::MAX });
        Ok(from as u32)
    }

    /// Takes back what later events said of places, as far as visits are counted; what was said stays said.
    fn forget_after(&mut self, events: u32) {
        while let Some(&(event, node)) = self.run.last()
            && event >= events
        {
            self.run.pop();
            self.places[node as usize].visits -= 1;
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

    fn place(&mut self, node: u32) -> &mut Place {
        if self.places.len() <= node as usize {
            self.places.resize(node as usize + 1, Place::default());
        }
        &mut self.places[node as usize]
    }

    /// A place lies behind the path now: performed or skipped, seen at an event; by the last event or by one before.
    fn resolve(&mut self, nodes: &[FlowNode], node: u32, event: u32, by_last: bool, skipped: bool, note: &mut impl FnMut(Point, Chosen, u32)) {
        self.run.push((event, node));
        let place = self.place(node);
        place.visits += 1;
        let times = place.resolved;
        if place.visits <= times {
            // It was resolved before; performing it after all is a second choice.
            if place.visits == times && place.skipped && !skipped && by_last {
                place.skipped = false;
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
        let place = self.place(node);
        (place.resolved, place.skipped) = (times + 1, skipped);
        note(point, if skipped { Chosen::Skipped(node) } else { Chosen::Done(node) }, self.cost);
        if !skipped {
            self.reach(node);
        }
    }

    fn reach(&mut self, node: u32) {
        let place = self.place(node);
        place.reached = (place.reached + 1).min(3);
        self.point = Point { node, visit: place.reached };
    }
}
