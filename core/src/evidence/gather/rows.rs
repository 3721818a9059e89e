//! What was open at each point of a path, and what was chosen there: the rows of its story.

use std::sync::Arc;

use super::cases::OfCases;
use super::names::{Gather, Risk, Subject};
use super::step_id;
use super::story::{Stay, Story};
use crate::check::{Beginning, Chosen, NOWHERE, Point};
use crate::error::Result;
use crate::evidence::choices::{ChoiceKind, NEVER};
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
type Came = (u32, u32, u32);

impl Gather<'_> {
    /// Everything a distinct path says.
    pub(super) fn path(&mut self, path: usize, work: &mut Beginning) -> Result<OfCases> {
        let mut of_cases = OfCases::default();
        let story = self.story(path, work, &mut of_cases)?;
        if self.asked.known_only {
            of_cases.things = story.things;
            return Ok(of_cases);
        }
        self.dues(&story, &mut of_cases);
        for (at, stay) in story.stays.iter().enumerate() {
            if story.first[&stay.point] == at {
                let came = self.extras(&story, stay);
                self.catch_ups(&story, at, &came);
                self.forks(&story, at, &came);
            }
        }
        self.block.end();
        Ok(if of_cases.asks_cases() { of_cases } else { OfCases::default() })
    }

    /// Planned places: done or left out where they were due, and conforming so far where they were done.
    fn dues(&mut self, story: &Story<'_>, of_cases: &mut OfCases) {
        let (entry, sop) = (story.entry, story.sop);
        let mut known = Vec::new();
        for due in &story.dues {
            if self.asked.excluded.contains(step_id(sop, due.node).unwrap_or_default()) {
                continue;
            }
            if due.asked
                && let Some(&at) = story.first.get(&due.point)
            {
                let stay = &story.stays[at];
                let risk = self.risk(sop, Risk::Due { sop: entry, node: due.node, after: due.point.node });
                let choice = self.choice(entry, sop, ChoiceKind::Skip, Subject::Place(due.node), Point { visit: 1, ..due.point }, risk);
                known.clear();
                known.extend_from_slice(&story.things[..stay.known]);
                // Beside it at the point: members of the same block that were left out, and what came there.
                let block = sop.nodes()[due.node as usize].any_order;
                for &(node, point, thing) in &story.left_out {
                    if node != due.node && point == due.point && block.is_some() && sop.nodes()[node as usize].any_order == block {
                        known.push(thing);
                    }
                }
                for extra in stay.extras.iter().filter(|extra| due.skipped || extra.event < due.event) {
                    let thing = self.known(entry, sop, Some(extra.kind), Subject::Label(extra.label), stay.point);
                    known.push(thing);
                    if !due.skipped {
                        self.block.order(choice, thing, true);
                    }
                }
                let next = due.next.map_or(&[][..], |next| &story.stays[next].extras);
                for extra in next.iter().filter(|extra| !stay.had(extra.label)) {
                    // It would have been seen at the point itself, had the step been left out.
                    let thing = self.known(entry, sop, Some(extra.kind), Subject::Label(extra.label), stay.point);
                    self.block.order(choice, thing, false);
                }
                let done = [(choice, due.event)];
                self.block.push(risk, due.went_on, stay.reached, &mut known, if due.skipped { &[] } else { &done[..] });
            }
            if !due.skipped {
                let risk = self.risk(sop, Risk::Conforming { sop: entry, node: due.node });
                let choice = self.choice(entry, sop, ChoiceKind::Conforming, Subject::Place(due.node), Point { node: due.node, visit: 1 }, risk);
                known.clear();
                // Its own earlier choices are what conforming is made of; the customer's are not.
                known.extend(story.things[..due.known].iter().zip(&story.by_customer).filter(|(_, customer)| **customer).map(|(thing, _)| *thing));
                self.block.push(risk, true, due.event, &mut known, &[(choice, due.event)]);
                self.block.last_held(due.conforms);
                of_cases.conforming.push((risk, due.event, due.conforms, due.excuse));
                if due.performs {
                    of_cases.standards.push((due.node, due.event, story.things[..due.known].to_vec()));
                }
            }
        }
    }

    /// Something unplanned at a point, or not.
    fn extras(&mut self, story: &Story<'_>, stay: &Stay) -> Vec<Came> {
        let (entry, sop) = (story.entry, story.sop);
        let risk = self.risk(sop, Risk::At { sop: entry, point: stay.point });
        let mut known = story.things[..stay.known].to_vec();
        known.extend(story.left_out.iter().filter(|(_, point, _)| *point == stay.point).map(|(.., thing)| *thing));
        let (mut done, mut came) = (Vec::new(), Vec::new());
        for extra in &stay.extras {
            let thing = self.known(entry, sop, Some(extra.kind), Subject::Label(extra.label), stay.point);
            known.push(thing);
            let excluded = self.asked.excluded.contains(self.store.steps.get(extra.label).unwrap_or_default());
            if self.by_agent(entry, sop, extra.label) && !excluded {
                let choice = self.choice(entry, sop, extra.kind, Subject::Label(extra.label), stay.point, risk);
                done.push((choice, extra.event));
                came.push((choice, thing, extra.event));
            } else {
                came.push((NEVER, thing, extra.event));
            }
        }
        for &(choice, own, event) in came.iter().filter(|(choice, ..)| *choice != NEVER) {
            for &(_, thing, first) in came.iter().filter(|(_, thing, _)| *thing != own) {
                self.block.order(choice, thing, first < event);
            }
        }
        self.sequences(story, stay, &known, &came, &mut done);
        self.block.push(risk, stay.left != NEVER, stay.reached, &mut known, &done);
        came
    }

    /// The sequences of a stay: those done, and for each part done whether the whole was.
    fn sequences(&mut self, story: &Story<'_>, stay: &Stay, known: &[u32], came: &[Came], done: &mut Vec<(u32, u32)>) {
        let Some(wanted) = self.wanted(story, stay.point) else { return };
        let found = |labels: &[u32]| stay.run.windows(labels.len()).find(|window| window.iter().zip(labels).all(|(a, b)| a.0 == *b));
        // Of each risk set of a part: the event that ended the part, and what was made of it.
        let mut of_parts: Vec<(u32, u32, Vec<(u32, u32)>)> = Vec::new();
        for sequence in wanted.iter() {
            let whole = found(&sequence.labels).map(|window| (window[0].1, window[window.len() - 1].1));
            let mut made = |choice: u32, list: &mut Vec<(u32, u32)>| {
                let Some((first, last)) = whole else { return };
                list.push((choice, last));
                came.iter().filter(|(.., event)| *event != first).for_each(|&(_, thing, event)| self.block.order(choice, thing, event < first));
            };
            made(sequence.choice, done);
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
            self.block.push(risk, stay.left != NEVER, from, &mut known.to_vec(), &made);
        }
    }

    /// The sequences looked for at a point, in numbers.
    fn wanted(&mut self, story: &Story<'_>, point: Point) -> Option<Arc<Vec<Sequence>>> {
        let (entry, sop, asked) = (story.entry, story.sop, self.asked);
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
    fn catch_ups(&mut self, story: &Story<'_>, at: usize, came: &[Came]) {
        let (entry, sop, stay) = (story.entry, story.sop, &story.stays[at]);
        for &node in &stay.open {
            let step = step_id(sop, node).unwrap_or_default();
            if self.asked.excluded.contains(step) || sop.steps()[sop.nodes()[node as usize].step as usize].by != Actor::Agent {
                continue;
            }
            let risk = self.risk(sop, Risk::Open { sop: entry, node, point: stay.point });
            let choice = self.choice(entry, sop, ChoiceKind::CatchUp, Subject::Place(node), stay.point, risk);
            let late = story.choices.iter().any(|c| c.event == stay.left && c.chosen == Chosen::DoneLate(node));
            let on = stay.left != NEVER && (!late || story.stays.len() > at + 2);
            if late {
                came.iter().for_each(|&(_, thing, _)| self.block.order(choice, thing, true));
            }
            let mut known = story.known_with(stay, came);
            self.block.push(risk, on, stay.reached, &mut known, late.then_some((choice, stay.left)).as_slice());
        }
    }

    /// Branches and optional parts that may be entered at a point.
    fn forks(&mut self, story: &Story<'_>, at: usize, came: &[Came]) {
        let (entry, sop, stay) = (story.entry, story.sop, &story.stays[at]);
        let follow = self.follow(story.path, sop, stay.point.node);
        if follow.may.is_empty() {
            return;
        }
        let next = story.stays.get(at + 1).map(|next| next.point.node);
        let judged = |gather: &Self, node: u32| !gather.asked.excluded.contains(step_id(sop, node).unwrap_or_default());
        if follow.fork {
            let Some(taken) = next.filter(|node| follow.may.contains(node)) else { return };
            let risk = self.risk(sop, Risk::Fork { sop: entry, point: stay.point });
            let mut done = Vec::new();
            for &node in &follow.may {
                if !judged(self, node) {
                    continue;
                }
                let choice = self.choice(entry, sop, ChoiceKind::Branch, Subject::Place(node), stay.point, risk);
                if node == taken {
                    done.push((choice, stay.left));
                    came.iter().for_each(|&(_, thing, _)| self.block.order(choice, thing, true));
                }
            }
            self.block.push(risk, true, stay.reached, &mut story.known_with(stay, came), &done);
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
            if taken {
                came.iter().for_each(|&(_, thing, _)| self.block.order(choice, thing, true));
            }
            self.block.push(risk, went_on, stay.reached, &mut story.known_with(stay, came), taken.then_some((choice, stay.left)).as_slice());
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

impl Story<'_> {
    /// What was known at a point, with what came there.
    fn known_with(&self, stay: &Stay, came: &[Came]) -> Vec<u32> {
        self.things[..stay.known].iter().copied().chain(came.iter().map(|(_, thing, _)| *thing)).collect()
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
