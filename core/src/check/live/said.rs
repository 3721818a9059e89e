//! What a session says: choices, state, distance.

use serde::Serialize;

use super::super::path::{NOWHERE, step_of};
use super::super::track::{Choice, Chosen};
use super::LiveSession;
use crate::check::Deviation;

/// A choice that was seen at a decision point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LiveChoice<'a> {
    /// Step last reached when the choice was made; `None` before the first.
    pub point: Option<&'a str>,
    /// For the how-manieth time that step was reached: 1, 2, or 3 for every further time.
    pub visit: u8,
    /// `done`, `skipped`, `done_late` or `added`.
    pub chosen: &'static str,
    /// The step or label.
    pub step: &'a str,
    /// Number of the event that showed it, from 0.
    pub event: u32,
}

/// The choices that one step showed, in their order; see [`LiveSession::push`].
#[derive(Clone)]
pub struct LiveChoices<'a> {
    pub(super) session: &'a LiveSession,
    pub(super) list: std::slice::Iter<'a, Choice>,
}

/// The cheapest way from where a conversation stands to the end of its SOP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DistanceToEnd {
    /// What leaving it all out would cost: with usual costs the number of steps of the agent still to come.
    pub cost: u32,
    /// The steps of that way; of equal ways the first in the file.
    pub steps: Vec<String>,
}

/// All that is known of a running conversation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LiveState {
    /// Step last reached; `None` before the first.
    pub point: Option<String>,
    /// For the how-manieth time it was reached: 1, 2, or 3 for every further time.
    pub visit: u8,
    /// Number of steps pushed.
    pub events: usize,
    /// Cost of the conversation so far as the beginning of a run.
    pub cost: u32,
    /// No deviation so far but accepted ones.
    pub conforms_so_far: bool,
    /// Whether the SOP may end here.
    pub may_end: bool,
    /// Steps the SOP plans next.
    pub allowed: Vec<String>,
    /// Deviations so far, all provisional.
    pub deviations: Vec<Deviation>,
    /// What is still to come.
    pub distance_to_end: DistanceToEnd,
}

impl LiveSession {
    fn named(&self, choice: &Choice) -> LiveChoice<'_> {
        let (chosen, step) = match choice.chosen {
            Chosen::Done(node) => ("done", step_of(&self.sop, node)),
            Chosen::Skipped(node) => ("skipped", step_of(&self.sop, node)),
            Chosen::DoneLate(node) => ("done_late", step_of(&self.sop, node)),
            Chosen::Added(label) => ("added", Some(self.label(label))),
        };
        let point = if choice.point.node == NOWHERE { None } else { step_of(&self.sop, choice.point.node) };
        LiveChoice { point, visit: choice.point.visit, chosen, step: step.unwrap_or_default(), event: choice.event }
    }
}

impl<'a> Iterator for LiveChoices<'a> {
    type Item = LiveChoice<'a>;

    fn next(&mut self) -> Option<LiveChoice<'a>> {
        self.list.next().map(|choice| self.session.named(choice))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.list.size_hint()
    }
}

impl ExactSizeIterator for LiveChoices<'_> {}

impl std::fmt::Debug for LiveChoices<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
