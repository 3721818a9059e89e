//! The same conversations with other step events: what a detector found in their turns.

use std::sync::Arc;

use super::Corpus;
use super::names::{NONE, Names};
use super::store::{NO_TIME, Store};
use crate::error::{Error, Fault, Result};

/// A step found in a turn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tag {
    /// Turn, counted in its conversation from 0.
    pub(crate) turn: u32,
    /// Number into the names of the steps.
    pub(crate) step: u32,
    /// How sure that is.
    pub(crate) prob: f32,
}

/// One event to be.
struct Event {
    step: u32,
    turns: (u32, u32),
    at: i64,
    prob: f32,
    rep: u32,
}

impl Corpus {
    /// The conversations with the events of these tags, per conversation and in the order of turns; consecutive turns of one
    /// step are one event, of the probability of its surest turn. With `keep` the events that are there stay.
    pub(crate) fn with_tags(&self, steps: &[String], tags: Vec<Vec<Tag>>, keep: bool) -> Result<Self> {
        let old = self.store();
        if old.parts.is_some() {
            let fault = Fault::new("detector.joined", "the conversations of deals are already joined");
            return Err(Error::Detector(vec![fault.help("tag first, then join by deal")]));
        }
        if keep && (0..old.len()).any(|case| old.events(case).any(|event| old.turns_of(event).is_none())) {
            let fault = Fault::new("detector.no_turns", "there are step events that do not say in which turn they happened");
            return Err(Error::Detector(vec![fault.help("leave `keep` out, so that they are replaced")]));
        }
        let mut store = old.clone();
        (store.event_end, store.step, store.turns_of) = (Vec::new(), Vec::new(), Vec::new());
        (store.at, store.prob, store.event_rep) = (Vec::new(), Vec::new(), Vec::new());
        store.steps = if keep { old.steps.clone() } else { Names::default() };
        let mut numbers = vec![NONE; steps.len()];
        for (case, tags) in tags.into_iter().enumerate() {
            let mut events: Vec<Event> = Vec::new();
            let mut kept = if keep { old.events(case) } else { 0..0 }.peekable();
            let mut tags = tags.into_iter().peekable();
            loop {
                let of_kept = kept.peek().and_then(|&event| old.turns_of(event)).map(|turns| turns.0);
                let of_tag = tags.peek().map(|tag| tag.turn);
                let event = match (of_kept, of_tag) {
                    (None, None) => break,
                    (Some(first), tag) if tag.is_none_or(|tag| first <= tag) => {
                        let event = kept.next().unwrap_or_default();
                        Event {
                            step: old.step[event],
                            turns: old.turns_of(event).unwrap_or_default(),
                            at: old.at.get(event).copied().unwrap_or(NO_TIME),
                            prob: old.prob.get(event).copied().unwrap_or(1.0),
                            rep: old.event_rep.get(event).copied().unwrap_or(NONE),
                        }
                    }
                    _ => {
                        let Some(tag) = tags.next() else { break };
                        let number = &mut numbers[tag.step as usize];
                        if *number == NONE {
                            *number = store.steps.intern(&steps[tag.step as usize]);
                        }
                        Event { step: *number, turns: (tag.turn, tag.turn), at: NO_TIME, prob: tag.prob, rep: NONE }
                    }
                };
                match events.last_mut().filter(|last| last.step == event.step && last.rep == event.rep) {
                    Some(last) => {
                        last.turns = (last.turns.0.min(event.turns.0), last.turns.1.max(event.turns.1));
                        last.prob = last.prob.max(event.prob);
                    }
                    None => events.push(event),
                }
            }
            store.append_events(&events);
        }
        if store.prob.iter().all(|&p| p >= 1.0) {
            store.prob = Vec::new();
        }
        if store.at.iter().all(|&at| at == NO_TIME) {
            store.at = Vec::new();
        }
        if store.event_rep.iter().all(|&rep| rep == NONE) {
            store.event_rep = Vec::new();
        }
        Ok(Self { store: Arc::new(store), ..self.clone() })
    }
}

impl Store {
    fn append_events(&mut self, events: &[Event]) {
        self.step.extend(events.iter().map(|e| e.step));
        self.turns_of.extend(events.iter().map(|e| e.turns));
        self.at.extend(events.iter().map(|e| e.at));
        self.prob.extend(events.iter().map(|e| e.prob));
        self.event_rep.extend(events.iter().map(|e| e.rep));
        self.event_end.push(self.step.len());
    }
}
