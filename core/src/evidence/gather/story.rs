//! The story of a path: where it stood, from when to when, what was known by then, and what became of each planned place.

use rustc_hash::{FxHashMap, FxHashSet};

use super::cases::OfCases;
use super::names::{Gather, Subject};
use crate::check::{Beginning, Choice, Chosen, NOWHERE, Point};
use crate::error::Result;
use crate::evidence::choices::{ChoiceKind, NEVER};
use crate::sop::{Actor, Sop};

/// A path as its choices tell it.
pub(super) struct Story<'a> {
    pub(super) path: usize,
    /// Number of the SOP in the playbook.
    pub(super) entry: u32,
    pub(super) sop: &'a Sop,
    pub(super) choices: &'a [Choice],
    pub(super) stays: Vec<Stay>,
    /// The first stay at each point: third and further times are one point, of which the first counts.
    pub(super) first: FxHashMap<Point, usize>,
    pub(super) dues: Vec<Due>,
    /// What was known, in the order in which it became known, and whether the customer brought it.
    pub(super) things: Vec<u32>,
    pub(super) by_customer: Vec<bool>,
    /// What was left out where it was due, or was not done by the time the path ended: it lengthens the stay at its point.
    pub(super) left_out: Vec<(u32, Point, u32)>,
}

/// From reaching a point to leaving it.
pub(super) struct Stay {
    pub(super) point: Point,
    pub(super) reached: u32,
    pub(super) left: u32,
    /// How much was known on arrival.
    pub(super) known: usize,
    /// What came unplanned, each label when it first did.
    pub(super) extras: Vec<Extra>,
    /// What the agent did there that is not planned, in order: label and event.
    pub(super) run: Vec<(u32, u32)>,
    /// Places left out before, and not done since.
    pub(super) open: Vec<u32>,
}

impl Stay {
    fn at(point: Point, reached: u32, known: usize, open: Vec<u32>) -> Self {
        Self { point, reached, left: NEVER, known, extras: Vec::new(), run: Vec::new(), open }
    }

    /// Whether a label came there unplanned.
    pub(super) fn had(&self, label: u32) -> bool {
        self.extras.iter().any(|extra| extra.label == label)
    }
}

/// Something unplanned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extra {
    pub(super) label: u32,
    pub(super) event: u32,
    pub(super) kind: ChoiceKind,
}

/// What became of a planned place.
#[allow(clippy::struct_excessive_bools)] // independent facts of one place
pub(super) struct Due {
    pub(super) node: u32,
    /// Where it was due.
    pub(super) point: Point,
    /// The event that did it, or showed that it was left out; `NEVER` where the path ended.
    pub(super) event: u32,
    pub(super) skipped: bool,
    pub(super) went_on: bool,
    /// How much was known by then.
    pub(super) known: usize,
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
    fn left_out(node: u32, point: Point, event: u32, known: usize) -> Self {
        Self { node, point, event, skipped: true, went_on: true, known, conforms: false, excuse: None, performs: false, asked: true, next: None }
    }
}

impl<'a> Gather<'a> {
    /// Follows the choices of a distinct path. Where only what was known is asked for, that is all there is.
    pub(super) fn story(&mut self, path: usize, work: &mut Beginning, of_cases: &mut OfCases) -> Result<Story<'a>> {
        let check = self.check;
        let (entry, sop) = check.sop_of_path(path);
        let walked = check.choices_of(path);
        let node_agent = |node: u32| sop.steps()[sop.nodes()[node as usize].step as usize].by == Actor::Agent;
        of_cases.performing = check.performing(path, walked.choices);
        let accepting = check.accepts_something(path);
        let start = Point { node: NOWHERE, visit: 1 };
        let mut story = Story {
            path,
            entry,
            sop,
            choices: walked.choices,
            stays: vec![Stay::at(start, NEVER, 0, Vec::new())],
            first: FxHashMap::default(),
            dues: Vec::new(),
            things: Vec::new(),
            by_customer: Vec::new(),
            left_out: Vec::new(),
        };
        story.first.insert(start, 0);
        let mut reached: FxHashMap<u32, u8> = FxHashMap::default();
        let mut done_steps: FxHashSet<u32> = FxHashSet::default();
        let mut ahead: FxHashSet<u32> = FxHashSet::default();
        let mut open: Vec<u32> = Vec::new();
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        let last_planned = walked.choices.iter().rposition(|c| matches!(c.chosen, Chosen::Done(_) | Chosen::DoneLate(_)));
        for (i, choice) in walked.choices.iter().enumerate() {
            let known = story.things.len();
            if self.asked.known_only {
                of_cases.before.push((choice.event, known as u32));
            }
            match choice.chosen {
                Chosen::Added(label) => {
                    let planned = self.step_of(entry, sop, label).filter(|&step| sop.nodes().iter().any(|n| n.step == step));
                    let kind = match planned {
                        Some(step) if done_steps.contains(&step) => ChoiceKind::Repeat,
                        Some(step) => {
                            ahead.insert(step);
                            ChoiceKind::OutOfOrder
                        }
                        None => ChoiceKind::Add,
                    };
                    let agent = self.by_agent(entry, sop, label);
                    let Some(stay) = story.stays.last_mut() else { continue };
                    if !self.asked.wanted.is_empty() && agent {
                        stay.run.push((label, choice.event));
                    }
                    if !stay.had(label) {
                        stay.extras.push(Extra { label, event: choice.event, kind });
                        let thing = self.known(entry, sop, Some(kind), Subject::Label(label), stay.point);
                        story.learn(thing, !agent);
                    }
                }
                Chosen::Skipped(node) => {
                    if node_agent(node) {
                        if seen.insert(node) {
                            let place = &sop.nodes()[node as usize];
                            let asked = !place.avoidable && !ahead.contains(&place.step);
                            story.dues.push(Due { asked, ..Due::left_out(node, choice.point, choice.event, known) });
                        }
                        open.push(node);
                        let thing = self.known(entry, sop, Some(ChoiceKind::Skip), Subject::Place(node), choice.point);
                        story.learn(thing, false);
                    }
                }
                Chosen::Done(node) | Chosen::DoneLate(node) => {
                    let late = matches!(choice.chosen, Chosen::DoneLate(_));
                    let place = &sop.nodes()[node as usize];
                    done_steps.insert(place.step);
                    if !late && node_agent(node) && seen.insert(node) {
                        let excuse = if accepting && choice.cost > 0 { check.excuse(path, choice.event, work)? } else { None };
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
                            performs: check.performs(path, choice),
                            asked: !place.avoidable,
                            next: Some(story.stays.len()),
                        });
                    }
                    open.retain(|&n| n != node);
                    if late || !node_agent(node) || place.avoidable {
                        let thing = self.known(entry, sop, late.then_some(ChoiceKind::CatchUp), Subject::Place(node), choice.point);
                        story.learn(thing, !node_agent(node));
                    }
                    let times = reached.entry(node).or_insert(0);
                    *times = (*times + 1).min(3);
                    let point = Point { node, visit: *times };
                    if let Some(stay) = story.stays.last_mut() {
                        stay.left = choice.event;
                    }
                    story.first.entry(point).or_insert(story.stays.len());
                    story.stays.push(Stay::at(point, choice.event, story.things.len(), open.clone()));
                }
            }
        }
        if self.asked.known_only {
            return Ok(story);
        }
        // The path ended here: what was planned next was not done.
        for &node in &walked.next {
            let place = &sop.nodes()[node as usize];
            if node_agent(node) && !place.avoidable && !ahead.contains(&place.step) && seen.insert(node) {
                let point = walked.end.filter(|(block, _)| place.any_order == Some(*block)).map_or(walked.point, |(_, point)| point);
                story.dues.push(Due { went_on: false, ..Due::left_out(node, point, NEVER, story.things.len()) });
            }
        }
        for due in story.dues.iter().filter(|due| due.skipped && due.asked) {
            let thing = self.known(entry, sop, Some(ChoiceKind::Skip), Subject::Place(due.node), due.point);
            story.left_out.push((due.node, due.point, thing));
        }
        Ok(story)
    }
}

impl Story<'_> {
    fn learn(&mut self, thing: u32, by_customer: bool) {
        self.things.push(thing);
        self.by_customer.push(by_customer);
    }
}
