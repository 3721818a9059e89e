//! What was open at each point of a path, and what was chosen there: the rows of its story.

use std::sync::Arc;

use super::cases::OfCases;
use super::names::{Gather, Risk, Subject};
use super::step_id;
use super::story::{Due, Path, Stay, Story};
use crate::check::{Beginning, Chosen, NOWHERE, Point};
use crate::error::Result;
use crate::evidence::choices::{ChoiceKind, NEVER};
use crate::evidence::scenes::{Draft, Row, Visit};
use crate::sop::{Actor, Automaton, Sop};

/// What may follow a place.
pub(super) struct Follow {
    /// Places that may be entered or not.
    may: Vec<u32>,
    /// One of them is.
    fork: bool,
}

/// A sequence that is looked for at a point, in numbers.
pub(super) struct Sequence {
    labels: Vec<u32>,
    choice: u32,
    /// Without its last and without its first step: risk set of those who did that part, and the choice there.
    parts: [(u32, u32); 2],
}

impl Sequence {
    fn part(&self, at: usize) -> &[u32] {
        if at == 0 { &self.labels[..self.labels.len() - 1] } else { &self.labels[1..] }
    }
}

/// What came unplanned at a point: its choice (or `NEVER` for what is none), what is known by it, and the event.
pub(super) type Came = (u32, u32, u32);

/// Memory for the scenes of a path.
#[derive(Default)]
pub(super) struct Drafts {
    pub(super) scene: Draft,
    /// Rows of planned places, by the stay they belong to.
    dues: Vec<DueRow>,
    /// What these know beside the stay, and what came beside their choice and whether first.
    known: Vec<u32>,
    orders: Vec<(u32, bool)>,
    /// For the row at hand.
    beside: Vec<u32>,
    done: Vec<[u32; 2]>,
}

/// The row of a planned place.
struct DueRow {
    /// The next of the same stay.
    next: Option<u32>,
    risk: u32,
    choice: u32,
    /// The event that did it; `NEVER` where it was left out.
    done: Option<u32>,
    /// The event that reached it.
    from: u32,
    went_on: bool,
    held: bool,
    /// Conforming: what is known is what the customer brought.
    conforming: bool,
    known: (u32, u32),
    orders: (u32, u32),
}

impl Drafts {
    /// Adds the row of a planned place to a stay.
    fn due(&mut self, stay: &mut Stay, row: DueRow) {
        let number = self.dues.len() as u32;
        self.dues.push(row);
        match &mut stay.rows {
            Some((_, last)) => {
                self.dues[*last as usize].next = Some(number);
                *last = number;
            }
            None => stay.rows = Some((number, number)),
        }
    }

    /// Writes the rows of planned places of a stay into its scene.
    fn write_dues(&mut self, stay: &Stay) {
        let mut next = stay.rows.map(|(first, _)| first);
        while let Some(number) = next {
            let due = &self.dues[number as usize];
            let known = &self.known[due.known.0 as usize..due.known.1 as usize];
            let DueRow { risk, went_on, held, conforming: of_customer, .. } = *due;
            let done = due.done.map(|event| [due.choice, stay.count(event)]);
            self.scene.row(Row { risk, went_on, held, of_customer, from: stay.count(due.from), known, done: done.as_slice() });
            for &(thing, first) in &self.orders[due.orders.0 as usize..due.orders.1 as usize] {
                self.scene.order(due.choice, thing, first);
            }
            next = due.next;
        }
    }
}

impl Stay {
    /// The event its scene begins with.
    fn base(&self) -> u32 {
        if self.reached == NEVER { 0 } else { self.reached }
    }

    /// An event, counted from the one the scene begins with.
    fn count(&self, event: u32) -> u32 {
        if event == NEVER { NEVER } else { event.wrapping_sub(self.base()) }
    }
}

impl<'a> Gather<'a> {
    /// Everything a distinct path says; what its cases have to say beside, if they have.
    pub(super) fn path(&mut self, number: usize, work: &mut Beginning) -> Result<Option<Box<OfCases>>> {
        let mut story = std::mem::take(&mut self.story);
        let mut of_cases = OfCases::default();
        let told = self.story(number, &mut story, work, &mut of_cases);
        if let (Ok(path), false) = (&told, self.asked.known_only) {
            self.scenes_of(*path, &mut story, &mut of_cases);
        }
        if self.asked.known_only || !of_cases.standards.is_empty() {
            of_cases.things.clone_from(&story.things);
        }
        self.story = story;
        told?;
        Ok((self.asked.known_only || of_cases.asks_cases()).then(|| Box::new(of_cases)))
    }

    fn scenes_of(&mut self, path: Path<'a>, story: &mut Story, of_cases: &mut OfCases) {
        let mut drafts = std::mem::take(&mut self.drafts);
        let mut came = std::mem::take(&mut self.came);
        self.dues(path, story, &mut drafts, of_cases);
        for (at, stay) in story.stays.iter().enumerate() {
            drafts.scene.clear();
            drafts.write_dues(stay);
            if story.first_at(stay.point) == Some(at) {
                self.extras(path, story, stay, &mut drafts, &mut came);
                self.catch_ups(path, story, at, &mut drafts, &came);
                self.forks(path, story, at, &mut drafts, &came);
            }
            if !drafts.scene.is_empty() {
                let scene = self.scenes.number(&mut drafts.scene);
                self.stories.visit(Visit { scene, from: stay.base(), known: stay.known });
            }
        }
        self.stories.end(&story.things);
        (self.drafts, self.came) = (drafts, came);
    }

    /// Planned places: done or left out where they were due, and conforming so far where they were done.
    fn dues(&mut self, path: Path<'a>, story: &mut Story, drafts: &mut Drafts, of_cases: &mut OfCases) {
        let Path { entry, sop, .. } = path;
        drafts.dues.clear();
        drafts.known.clear();
        drafts.orders.clear();
        for number in 0..story.dues.len() {
            let due = story.dues[number];
            if self.asked.excluded.contains(step_id(sop, due.node).unwrap_or_default()) {
                continue;
            }
            if due.asked
                && let Some(at) = story.first_at(due.point)
            {
                let row = self.due(path, story, &story.stays[at], &due, drafts);
                drafts.due(&mut story.stays[at], row);
            }
            if let (false, Some(next)) = (due.skipped, due.next) {
                let risk = self.risk(sop, Risk::Conforming { sop: entry, node: due.node });
                let choice = self.choice(entry, sop, ChoiceKind::Conforming, Subject::Place(due.node), Point { node: due.node, visit: 1 }, risk);
                let (known, orders) = (drafts.known.len() as u32, drafts.orders.len() as u32);
                let (done, from, held) = (Some(due.event), due.event, due.conforms);
                // Its own earlier choices are what conforming is made of; the customer's are not. What it learned itself by the
                // event is its own.
                let row =
                    DueRow { next: None, risk, choice, done, from, went_on: true, held, conforming: true, known: (known, known), orders: (orders, orders) };
                drafts.due(&mut story.stays[next], row);
                of_cases.conforming.push((risk, due.event, due.conforms, due.excuse));
                if due.performs {
                    of_cases.standards.push((due.node, due.event, due.known));
                }
            }
        }
    }

    /// A planned place, done or left out where it was due.
    fn due(&mut self, path: Path<'a>, story: &Story, stay: &Stay, due: &Due, drafts: &mut Drafts) -> DueRow {
        let Path { entry, sop, .. } = path;
        let risk = self.risk(sop, Risk::Due { sop: entry, node: due.node, after: due.point.node });
        let choice = self.choice(entry, sop, ChoiceKind::Skip, Subject::Place(due.node), Point { visit: 1, ..due.point }, risk);
        let (known, orders) = (drafts.known.len() as u32, drafts.orders.len() as u32);
        // Beside it at the point: members of the same block that were left out, and what came there.
        let block = sop.nodes()[due.node as usize].any_order;
        for &(node, point, thing) in &story.left_out {
            if node != due.node && point == due.point && block.is_some() && sop.nodes()[node as usize].any_order == block {
                drafts.know(story, stay, thing);
            }
        }
        for extra in story.extras_of(stay).iter().filter(|extra| due.skipped || extra.event < due.event) {
            drafts.know(story, stay, extra.thing);
            if !due.skipped {
                drafts.orders.push((extra.thing, true));
            }
        }
        let next = due.next.map_or(&[][..], |next| story.extras_of(&story.stays[next]));
        for extra in next.iter().filter(|extra| !story.had(stay, extra.label)) {
            // It would have been seen at the point itself, had the step been left out.
            let thing = self.known(entry, sop, Some(extra.kind), Subject::Label(extra.label), stay.point);
            drafts.orders.push((thing, false));
        }
        DueRow {
            next: None,
            risk,
            choice,
            done: (!due.skipped).then_some(due.event),
            from: stay.reached,
            went_on: due.went_on,
            held: true,
            conforming: false,
            known: (known, drafts.known.len() as u32),
            orders: (orders, drafts.orders.len() as u32),
        }
    }

    /// Something unplanned at a point, or not.
    fn extras(&mut self, path: Path<'a>, story: &Story, stay: &Stay, drafts: &mut Drafts, came: &mut Vec<Came>) {
        let Path { entry, sop, .. } = path;
        let risk = self.risk(sop, Risk::At { sop: entry, point: stay.point });
        came.clear();
        drafts.beside.clear();
        drafts.done.clear();
        for &(_, _, thing) in story.left_out.iter().filter(|(_, point, _)| *point == stay.point) {
            drafts.beside(story, stay, thing);
        }
        for extra in story.extras_of(stay) {
            drafts.beside(story, stay, extra.thing);
            let excluded = || self.asked.excluded.contains(self.store.steps.get(extra.label).unwrap_or_default());
            if extra.by_agent && !excluded() {
                let choice = self.choice(entry, sop, extra.kind, Subject::Label(extra.label), stay.point, risk);
                drafts.done.push([choice, stay.count(extra.event)]);
                came.push((choice, extra.thing, extra.event));
            } else {
                came.push((NEVER, extra.thing, extra.event));
            }
        }
        for &(choice, own, event) in came.iter().filter(|(choice, ..)| *choice != NEVER) {
            for &(_, thing, first) in came.iter().filter(|(_, thing, _)| *thing != own) {
                drafts.scene.order(choice, thing, first < event);
            }
        }
        self.sequences(path, story, stay, came, drafts);
        drafts.push(stay, risk, stay.left != NEVER);
    }

    /// The sequences of a stay: those done, and for each part done whether the whole was.
    fn sequences(&mut self, path: Path<'a>, story: &Story, stay: &Stay, came: &[Came], drafts: &mut Drafts) {
        let Some(wanted) = self.wanted(path, stay.point) else { return };
        let run = story.run_of(stay);
        let found = |labels: &[u32]| run.windows(labels.len()).find(|window| window.iter().zip(labels).all(|(a, b)| a.0 == *b));
        // Of each risk set of a part: the event that ended the part, and what was made of it.
        let mut of_parts: Vec<(u32, u32, Vec<[u32; 2]>)> = Vec::new();
        for sequence in wanted.iter() {
            let whole = found(&sequence.labels).map(|window| (window[0].1, window[window.len() - 1].1));
            let scene = &mut drafts.scene;
            let mut made = |choice: u32, list: &mut Vec<[u32; 2]>| {
                let Some((first, last)) = whole else { return };
                list.push([choice, stay.count(last)]);
                came.iter().filter(|(.., event)| *event != first).for_each(|&(_, thing, event)| scene.order(choice, thing, event < first));
            };
            made(sequence.choice, &mut drafts.done);
            for (at, &(risk, choice)) in sequence.parts.iter().enumerate() {
                let Some(part) = found(sequence.part(at)) else { continue };
                let number = of_parts.iter().position(|of| of.0 == risk).unwrap_or_else(|| {
                    of_parts.push((risk, part[part.len() - 1].1, Vec::new()));
                    of_parts.len() - 1
                });
                made(choice, &mut of_parts[number].2);
            }
        }
        for (risk, from, made) in of_parts {
            let from = stay.count(from);
            drafts.scene.row(Row { risk, went_on: stay.left != NEVER, held: true, of_customer: false, from, known: &drafts.beside, done: &made });
        }
    }

    /// The sequences looked for at a point, in numbers.
    fn wanted(&mut self, path: Path<'a>, point: Point) -> Option<Arc<Vec<Sequence>>> {
        let Path { entry, sop, .. } = path;
        let asked = self.asked;
        let wanted = asked.wanted.get(&(entry, point))?;
        if let Some(found) = self.sequences.get(&(entry, point)) {
            return Some(Arc::clone(found));
        }
        let risk = self.risk(sop, Risk::At { sop: entry, point });
        let mut list = Vec::with_capacity(wanted.len());
        for sequence in wanted {
            let mut id = Self::id(entry, sop, ChoiceKind::Sequence, &sequence.members.join(" → "), NOWHERE, point);
            id.title = sequence.members.iter().map(|step| sop.title(step)).collect::<Vec<_>>().join(" → ");
            id.members.clone_from(&sequence.members);
            let choice = self.table.choice(id.clone(), risk);
            let n = sequence.labels.len();
            let parts = [(0, n - 1), (1, n)].map(|(from, to)| {
                let part = self.parts.insert_full(sequence.labels[from..to].to_vec()).0 as u32;
                let within = self.risk(sop, Risk::Part { sop: entry, point, part });
                id.given = sequence.members[from..to].to_vec();
                (within, self.table.choice(id.clone(), within))
            });
            list.push(Sequence { labels: sequence.labels.clone(), choice, parts });
        }
        let list = Arc::new(list);
        self.sequences.insert((entry, point), Arc::clone(&list));
        Some(list)
    }

    /// What was left out before a point, caught up with there or not.
    fn catch_ups(&mut self, path: Path<'a>, story: &Story, at: usize, drafts: &mut Drafts, came: &[Came]) {
        let Path { entry, sop, .. } = path;
        let stay = &story.stays[at];
        for &node in story.open_at(stay) {
            let step = step_id(sop, node).unwrap_or_default();
            if self.asked.excluded.contains(step) || sop.steps()[sop.nodes()[node as usize].step as usize].by != Actor::Agent {
                continue;
            }
            let risk = self.risk(sop, Risk::Open { sop: entry, node, point: stay.point });
            let choice = self.choice(entry, sop, ChoiceKind::CatchUp, Subject::Place(node), stay.point, risk);
            let late = path.choices.iter().any(|c| c.event == stay.left && c.chosen == Chosen::DoneLate(node));
            let on = stay.left != NEVER && (!late || story.stays.len() > at + 2);
            drafts.came(story, stay, came, late.then_some(choice));
            drafts.push(stay, risk, on);
        }
    }

    /// Branches and optional parts that may be entered at a point.
    fn forks(&mut self, path: Path<'a>, story: &Story, at: usize, drafts: &mut Drafts, came: &[Came]) {
        let Path { entry, sop, .. } = path;
        let stay = &story.stays[at];
        let follow = self.follow(path.number, sop, stay.point.node);
        if follow.may.is_empty() {
            return;
        }
        let next = story.stays.get(at + 1).map(|next| next.point.node);
        let judged = |gather: &Self, node: u32| !gather.asked.excluded.contains(step_id(sop, node).unwrap_or_default());
        if follow.fork {
            let Some(taken) = next.filter(|node| follow.may.contains(node)) else { return };
            let risk = self.risk(sop, Risk::Fork { sop: entry, point: stay.point });
            let mut done = None;
            for &node in &follow.may {
                if !judged(self, node) {
                    continue;
                }
                let choice = self.choice(entry, sop, ChoiceKind::Branch, Subject::Place(node), stay.point, risk);
                if node == taken {
                    done = Some(choice);
                }
            }
            drafts.came(story, stay, came, done);
            drafts.push(stay, risk, true);
            return;
        }
        for &node in &follow.may {
            if !judged(self, node) {
                continue;
            }
            let risk = self.risk(sop, Risk::May { sop: entry, node, point: stay.point });
            let choice = self.choice(entry, sop, ChoiceKind::Include, Subject::Place(node), stay.point, risk);
            let taken = next == Some(node);
            let went_on = if taken { story.stays.len() > at + 2 } else { next.is_some() };
            drafts.came(story, stay, came, taken.then_some(choice));
            drafts.push(stay, risk, went_on);
        }
    }

    /// What may be entered after a place.
    fn follow(&mut self, path: usize, sop: &Sop, node: u32) -> Arc<Follow> {
        let check = self.check;
        let open = |node: &u32| {
            let place = &sop.nodes()[*node as usize];
            place.avoidable && place.any_order.is_none() && sop.steps()[place.step as usize].by == Actor::Agent
        };
        let found = self.follow.entry((check.scenario_of_path(path), node)).or_insert_with(|| {
            let all = following(check.automaton_of_path(path), node);
            let may: Vec<u32> = all.iter().copied().filter(open).collect();
            Arc::new(Follow { fork: may.len() > 1 && may.len() == all.len(), may })
        });
        Arc::clone(found)
    }
}

impl Drafts {
    /// Something known beside what was known on arrival, for the row of a planned place.
    fn know(&mut self, story: &Story, stay: &Stay, thing: u32) {
        if !story.knew(stay, thing) {
            self.known.push(thing);
        }
    }

    /// The same for the row at hand.
    fn beside(&mut self, story: &Story, stay: &Stay, thing: u32) {
        if !story.knew(stay, thing) {
            self.beside.push(thing);
        }
    }

    /// A row of a stay that knows what came there, and in which the stay was left by a choice, if it was.
    fn came(&mut self, story: &Story, stay: &Stay, came: &[Came], made: Option<u32>) {
        self.beside.clear();
        self.done.clear();
        for &(_, thing, _) in came {
            self.beside(story, stay, thing);
            if let Some(choice) = made {
                self.scene.order(choice, thing, true);
            }
        }
        self.done.extend(made.map(|choice| [choice, stay.count(stay.left)]));
    }

    /// Writes the row at hand.
    fn push(&mut self, stay: &Stay, risk: u32, went_on: bool) {
        let from = stay.count(stay.reached);
        self.scene.row(Row { risk, went_on, held: true, of_customer: false, from, known: &self.beside, done: &self.done });
    }
}

/// Places that may be performed right after a place, or at the start.
fn following(automaton: &Automaton, node: u32) -> Vec<u32> {
    let mut states: Vec<u32> = Vec::new();
    if node == NOWHERE {
        states.push(crate::sop::START);
    } else {
        for state in 0..automaton.len() as u32 {
            states.extend(automaton.edges(state).iter().filter(|edge| edge.node == node).map(|edge| edge.to));
        }
    }
    states.sort_unstable();
    states.dedup();
    let mut nodes: Vec<u32> = states.into_iter().flat_map(|state| automaton.edges(state).iter().map(|edge| edge.node)).collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}
