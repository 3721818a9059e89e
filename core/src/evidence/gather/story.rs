//! The story of a path: where it stood, from when to when, what was known by then, and what became of each planned place.

use super::cases::OfCases;
use super::names::{Gather, Subject};
use crate::check::{Beginning, Choice, Chosen, NOWHERE, Point};
use crate::error::Result;
use crate::evidence::choices::{ChoiceKind, NEVER};
use crate::sop::{Actor, Sop};

/// A distinct path.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    pub(super) number: usize,
    /// Number of the SOP in the playbook.
    pub(super) entry: u32,
    pub(super) sop: &'a Sop,
    pub(super) choices: &'a [Choice],
}

/// A path as its choices tell it. Its memory is used again for the next.
#[derive(Default)]
pub(super) struct Story {
    pub(super) stays: Vec<Stay>,
    /// What came unplanned, and what the agent did there that is not planned (label and event): stretches of the stays.
    extras: Vec<Extra>,
    run: Vec<(u32, u32)>,
    /// Places left out and not done since: now, and on arrival at stays, one after the other.
    left_open: Vec<u32>,
    open: Vec<u32>,
    pub(super) dues: Vec<Due>,
    /// What was known, in the order in which it became known, each thing once.
    pub(super) things: Vec<u32>,
    /// What was left out where it was due, or was not done by the time the path ended: it lengthens the stay at its point.
    pub(super) left_out: Vec<(u32, Point, u32)>,
    /// The first stay at each point: third and further times are one point, of which the first counts.
    first: Marks<u32>,
    learned: Marks<u32>,
    reached: Marks<u8>,
    done_steps: Marks<()>,
    ahead: Marks<()>,
    seen: Marks<()>,
}

/// From reaching a point to leaving it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stay {
    pub(super) point: Point,
    pub(super) reached: u32,
    pub(super) left: u32,
    /// How much was known on arrival.
    pub(super) known: u32,
    /// What came unplanned, each label when it first did: where it begins and ends.
    extras: (u32, u32),
    /// What the agent did there that is not planned, in order.
    run: (u32, u32),
    /// Places left out before, and not done since.
    open: (u32, u32),
    /// Rows of planned places that were due there: the first and the last.
    pub(super) rows: Option<(u32, u32)>,
}

/// Something unplanned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extra {
    pub(super) label: u32,
    pub(super) event: u32,
    pub(super) kind: ChoiceKind,
    /// What is known by it.
    pub(super) thing: u32,
    pub(super) by_agent: bool,
}

/// What became of a planned place.
#[allow(clippy::struct_excessive_bools)] // independent facts of one place
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    pub(super) node: u32,
    /// Where it was due.
    pub(super) point: Point,
    /// The event that did it, or showed that it was left out; `NEVER` where the path ended.
    pub(super) event: u32,
    pub(super) skipped: bool,
    pub(super) went_on: bool,
    /// How much was known by then.
    pub(super) known: u32,
    pub(super) conforms: bool,
    pub(super) excuse: Option<usize>,
    /// The step has standards, which the event is measured by.
    pub(super) performs: bool,
    /// Whether leaving it out is a choice.
    pub(super) asked: bool,
    /// The stay that begins with it.
    pub(super) next: Option<usize>,
}

impl Due {
    fn left_out(node: u32, point: Point, event: u32, known: u32) -> Self {
        Self { node, point, event, skipped: true, went_on: true, known, conforms: false, excuse: None, performs: false, asked: true, next: None }
    }
}

/// Values by small numbers, forgotten all at once.
#[derive(Debug, Default)]
struct Marks<T> {
    now: u32,
    slots: Vec<(u32, T)>,
}

impl<T: Copy + Default> Marks<T> {
    fn forget(&mut self) {
        if self.now == u32::MAX {
            self.slots.clear();
            self.now = 0;
        }
        self.now += 1;
    }

    #[inline]
    fn get(&self, at: usize) -> Option<T> {
        self.slots.get(at).filter(|(when, _)| *when == self.now).map(|(_, value)| *value)
    }

    #[inline]
    fn set(&mut self, at: usize, value: T) {
        if at >= self.slots.len() {
            self.slots.resize(at + 1, (0, T::default()));
        }
        self.slots[at] = (self.now, value);
    }

    /// Sets what has no value yet; whether it had none.
    #[inline]
    fn first(&mut self, at: usize, value: T) -> bool {
        let new = self.get(at).is_none();
        if new {
            self.set(at, value);
        }
        new
    }
}

/// A small number for each point.
fn slot(point: Point) -> usize {
    point.node.wrapping_add(1) as usize * 3 + usize::from(point.visit.saturating_sub(1))
}

impl<'a> Gather<'a> {
    /// Follows the choices of a distinct path. Where only what was known is asked for, that is all there is.
    pub(super) fn story(&mut self, number: usize, story: &mut Story, work: &mut Beginning, of_cases: &mut OfCases) -> Result<Path<'a>> {
        let check = self.check;
        let (entry, sop) = check.sop_of_path(number);
        let walked = check.choices_of(number);
        let node_agent = |node: u32| sop.steps()[sop.nodes()[node as usize].step as usize].by == Actor::Agent;
        of_cases.performing = check.performing(number, walked.choices);
        let accepting = check.accepts_something(number);
        story.begin();
        let last_planned = walked.choices.iter().rposition(|c| matches!(c.chosen, Chosen::Done(_) | Chosen::DoneLate(_)));
        for (i, choice) in walked.choices.iter().enumerate() {
            let known = story.things.len() as u32;
            if self.asked.known_only {
                of_cases.before.push((choice.event, known));
            }
            match choice.chosen {
                Chosen::Added(label) => {
                    let facts = self.label(entry, sop, label);
                    let kind = match facts.planned {
                        Some(step) if story.done_steps.get(step as usize).is_some() => ChoiceKind::Repeat,
                        Some(step) => {
                            story.ahead.set(step as usize, ());
                            ChoiceKind::OutOfOrder
                        }
                        None => ChoiceKind::Add,
                    };
                    let Some(&stay) = story.stays.last() else { continue };
                    if !self.asked.wanted.is_empty() && facts.by_agent {
                        story.run.push((label, choice.event));
                    }
                    if !story.had(&stay, label) {
                        let thing = self.known(entry, sop, Some(kind), Subject::Label(label), stay.point);
                        story.extras.push(Extra { label, event: choice.event, kind, thing, by_agent: facts.by_agent });
                        story.learn(thing);
                    }
                    let (extras, run) = (story.extras.len() as u32, story.run.len() as u32);
                    if let Some(stay) = story.stays.last_mut() {
                        (stay.extras.1, stay.run.1) = (extras, run);
                    }
                }
                Chosen::Skipped(node) => {
                    if node_agent(node) {
                        if story.seen.first(node as usize, ()) {
                            let place = &sop.nodes()[node as usize];
                            let asked = !place.avoidable && story.ahead.get(place.step as usize).is_none();
                            story.dues.push(Due { asked, ..Due::left_out(node, choice.point, choice.event, known) });
                        }
                        story.left_open.push(node);
                        let thing = self.known(entry, sop, Some(ChoiceKind::Skip), Subject::Place(node), choice.point);
                        story.learn(thing);
                    }
                }
                Chosen::Done(node) | Chosen::DoneLate(node) => {
                    let late = matches!(choice.chosen, Chosen::DoneLate(_));
                    let place = &sop.nodes()[node as usize];
                    story.done_steps.set(place.step as usize, ());
                    if !late && node_agent(node) && story.seen.first(node as usize, ()) {
                        let excuse = if accepting && choice.cost > 0 { check.excuse(number, choice.event, work)? } else { None };
                        let excuse = excuse.map(|excuse| {
                            of_cases.excuses.push(excuse);
                            of_cases.excuses.len() - 1
                        });
                        story.dues.push(Due {
                            node,
                            point: choice.point,
                            event: choice.event,
                            skipped: false,
                            went_on: last_planned.is_some_and(|last| last > i),
                            known,
                            conforms: choice.cost == 0,
                            excuse,
                            performs: check.performs(number, choice),
                            asked: !place.avoidable,
                            next: Some(story.stays.len()),
                        });
                    }
                    story.left_open.retain(|&open| open != node);
                    if late || !node_agent(node) || place.avoidable {
                        let thing = self.known(entry, sop, late.then_some(ChoiceKind::CatchUp), Subject::Place(node), choice.point);
                        story.learn(thing);
                    }
                    let times = (story.reached.get(node as usize).unwrap_or(0) + 1).min(3);
                    story.reached.set(node as usize, times);
                    story.arrive(Point { node, visit: times }, choice.event);
                }
            }
        }
        let path = Path { number, entry, sop, choices: walked.choices };
        if self.asked.known_only {
            return Ok(path);
        }
        // The path ended here: what was planned next was not done.
        for node in walked.next() {
            let place = &sop.nodes()[node as usize];
            if node_agent(node) && !place.avoidable && story.ahead.get(place.step as usize).is_none() && story.seen.first(node as usize, ()) {
                let point = walked.end.filter(|(block, _)| place.any_order == Some(*block)).map_or(walked.point, |(_, point)| point);
                story.dues.push(Due { went_on: false, ..Due::left_out(node, point, NEVER, story.things.len() as u32) });
            }
        }
        for due in story.dues.iter().filter(|due| due.skipped && due.asked) {
            let thing = self.known(entry, sop, Some(ChoiceKind::Skip), Subject::Place(due.node), due.point);
            story.left_out.push((due.node, due.point, thing));
        }
        Ok(path)
    }
}

impl Story {
    fn begin(&mut self) {
        let Self { stays, extras, run, open, left_open, dues, things, left_out, first, learned, reached, done_steps, ahead, seen } = self;
        stays.clear();
        extras.clear();
        run.clear();
        open.clear();
        left_open.clear();
        dues.clear();
        things.clear();
        left_out.clear();
        first.forget();
        learned.forget();
        reached.forget();
        [done_steps, ahead, seen].into_iter().for_each(Marks::forget);
        self.arrive(Point { node: NOWHERE, visit: 1 }, NEVER);
    }

    fn arrive(&mut self, point: Point, event: u32) {
        if let Some(stay) = self.stays.last_mut() {
            stay.left = event;
        }
        // What is open is written down anew where it changed.
        let before = self.stays.last().map_or((0, 0), |stay| stay.open);
        let open = if self.left_open == self.open[before.0 as usize..before.1 as usize] {
            before
        } else {
            let from = self.open.len() as u32;
            self.open.extend_from_slice(&self.left_open);
            (from, self.open.len() as u32)
        };
        self.first.first(slot(point), self.stays.len() as u32);
        let (extras, run, known) = (self.extras.len() as u32, self.run.len() as u32, self.things.len() as u32);
        self.stays.push(Stay { point, reached: event, left: NEVER, known, extras: (extras, extras), run: (run, run), open, rows: None });
    }

    fn learn(&mut self, thing: u32) {
        if self.learned.first(thing as usize, self.things.len() as u32) {
            self.things.push(thing);
        }
    }

    /// Whether something was known on arrival at a stay.
    pub(super) fn knew(&self, stay: &Stay, thing: u32) -> bool {
        self.learned.get(thing as usize).is_some_and(|at| at < stay.known)
    }

    /// The first stay at a point.
    pub(super) fn first_at(&self, point: Point) -> Option<usize> {
        self.first.get(slot(point)).map(|stay| stay as usize)
    }

    pub(super) fn extras_of(&self, stay: &Stay) -> &[Extra] {
        &self.extras[stay.extras.0 as usize..stay.extras.1 as usize]
    }

    pub(super) fn run_of(&self, stay: &Stay) -> &[(u32, u32)] {
        &self.run[stay.run.0 as usize..stay.run.1 as usize]
    }

    pub(super) fn open_at(&self, stay: &Stay) -> &[u32] {
        &self.open[stay.open.0 as usize..stay.open.1 as usize]
    }

    /// Whether a label came unplanned at a stay.
    pub(super) fn had(&self, stay: &Stay, label: u32) -> bool {
        self.extras_of(stay).iter().any(|extra| extra.label == label)
    }
}

#[cfg(test)]
mod tests {
    use super::Marks;

    #[test]
    fn marks_are_forgotten_all_at_once() {
        let mut marks: Marks<u8> = Marks::default();
        marks.forget();
        assert!(marks.first(3, 7) && !marks.first(3, 8));
        assert_eq!((marks.get(3), marks.get(2), marks.get(9)), (Some(7), None, None));
        marks.now = u32::MAX;
        marks.forget();
        assert_eq!(marks.get(3), None);
    }
}
