//! Where a case is a deal: whose it is, and which conversation its events and deviations come from.

use serde::Serialize;

use super::path::{NOWHERE, PathDeviation};
use super::run::{Inner, by_agent, reps};
use super::scenario::Scenario;
use super::used::Used;
use crate::corpus::{NONE, Store};
use crate::sop::Sop;

/// The conversation of a deal in which something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// Id of the conversation.
    pub conversation: String,
    /// First and last turn, counted in that conversation from 0.
    pub turns: Option<(u32, u32)>,
}

/// Rep and team of each case. A deal is that of the conversation with the last event of an agent; of whoever was named
/// last where there is none.
pub(super) fn people(store: &Store, used: &Used, scenarios: &[Scenario], scenario_of: &[u32], sops: &[&Sop]) -> (Vec<u32>, Vec<u32>) {
    let (mut rep, mut team) = (reps(store, used, scenarios, scenario_of, sops), store.team.clone());
    let Some(parts) = &store.parts else { return (rep, team) };
    for case in (0..store.len()).filter(|&case| parts.of(case).len() > 1) {
        let Some(scenario) = scenarios.get(scenario_of[case] as usize) else { continue };
        let sop = sops[scenario.sop as usize];
        let named = |event: &usize| parts.rep[parts.of_event(case, *event)] != NONE && used.takes_event(store, *event);
        if let Some(event) = store.events(case).rev().filter(named).find(|&event| by_agent(store, sop, store.step[event])) {
            let part = parts.of_event(case, event);
            rep[case] = if store.rep_from_events { store.event_rep(case, event) } else { parts.rep[part] };
            team[case] = parts.team[part];
        }
    }
    (rep, team)
}

impl Inner {
    /// Where an event of a case comes from, or what was due before an event.
    pub(super) fn origin(&self, case: usize, event: Option<u32>, due: Option<u32>) -> Option<Origin> {
        let store = self.corpus.store();
        let parts = store.parts.as_ref()?;
        let at = store.events(case).start + event.or(due)? as usize;
        let part = parts.of_event(case, at);
        let before = (parts.turns(part).start - store.turn_range(case).start) as u32;
        let turns = event.and_then(|_| store.turns_of(at)).map(|(first, last)| (first - before, last - before));
        Some(Origin { conversation: (*parts.ids[part]).to_owned(), turns })
    }

    /// When the conversation began in which a deviation happened; for a step that was left out, that of the next event.
    pub(super) fn started(&self, case: usize, d: &PathDeviation) -> i64 {
        let store = self.corpus.store();
        let event = if d.event == NOWHERE { d.due } else { d.event };
        match &store.parts {
            Some(parts) if event != NOWHERE => {
                let event = self.used.event(store, case, event) as usize;
                parts.started_at[parts.of_event(case, store.events(case).start + event)]
            }
            _ => store.started_at[case],
        }
    }

    /// When each conversation of a case began.
    pub(super) fn starts(&self, case: usize) -> &[i64] {
        let store = self.corpus.store();
        match &store.parts {
            Some(parts) => &parts.started_at[parts.of(case)],
            None => std::slice::from_ref(&store.started_at[case]),
        }
    }
}
