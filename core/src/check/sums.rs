//! What the moves of a walk add up to, counted while they are made: the figures of a path need no second look at them.

use super::path::NOWHERE;
use crate::sop::Automaton;

/// What the moves of a walk add up to, counted while they are made.
#[derive(Default)]
pub(crate) struct Sums {
    /// Places performed that count for adherence.
    pub(crate) performed: u32,
    /// Places left out on the way that count for adherence.
    pub(crate) left_out: u32,
    /// Place performed last, [`NOWHERE`] where none was.
    pub(crate) last: u32,
    /// Extra events and places of the agent left out on the way, without those that cost nothing.
    pub(crate) deviations: u32,
    /// Steps of the extra events that are planned somewhere.
    pub(crate) extras: Vec<u32>,
    /// Places of the agent left out on the way.
    pub(crate) skips: Vec<u32>,
    /// Cost of what was left out behind the last event.
    pub(crate) rest: u32,
    /// The first place of the agent among those that costs anything, [`NOWHERE`] where there is none.
    pub(crate) stopped_at: u32,
}

impl Sums {
    pub(super) fn start(&mut self) {
        let (mut extras, mut skips) = (std::mem::take(&mut self.extras), std::mem::take(&mut self.skips));
        extras.clear();
        skips.clear();
        *self = Self { extras, skips, last: NOWHERE, stopped_at: NOWHERE, ..Self::default() };
    }

    /// A place was left out on the way.
    pub(super) fn skip(&mut self, automaton: &Automaton, node: u32) {
        if automaton.node_agent[node as usize] {
            self.skips.push(node);
            self.left_out += u32::from(automaton.node_due[node as usize]);
            self.deviations += u32::from(automaton.node_skip[node as usize] > 0);
        }
    }

    /// A place was left out behind the last event.
    pub(super) fn stop(&mut self, automaton: &Automaton, node: u32) {
        let cost = u32::from(automaton.node_skip[node as usize]);
        self.rest += cost;
        if self.stopped_at == NOWHERE && automaton.node_agent[node as usize] && cost > 0 {
            self.stopped_at = node;
        }
    }
}
