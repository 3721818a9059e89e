//! When things happened, and in which conversation.

use rayon::prelude::*;

use crate::check::Check;
use crate::corpus::{NO_TIME, NONE};
use crate::evidence::choices::{Clock, Contacts, WaitUnit};

/// Turns where every event knows its own, else times where every event has one, else nothing.
pub(super) fn clock(check: &Check) -> Option<Clock> {
    let store = check.corpus().store();
    let events = store.step.len();
    let by_turn = events > 0 && store.turns_of.len() == events && store.turns_of.par_iter().all(|t| t.0 != NONE);
    let by_time = || events > 0 && store.at.len() == events && store.at.par_iter().all(|&t| t != NO_TIME);
    let unit = if by_turn {
        WaitUnit::Turns
    } else if by_time() {
        WaitUnit::Milliseconds
    } else {
        return None;
    };
    let end = |case: usize| {
        let turns = store.turn_range(case);
        if by_turn {
            return turns.len() as i64;
        }
        let spoken = turns.map(|t| store.turns.end[t].max(store.turns.start[t])).max();
        store.events(case).map(|e| store.at[e]).max().into_iter().chain(spoken).max().unwrap_or(0)
    };
    Some(Clock { unit, check: check.clone(), end: (0..store.len()).into_par_iter().map(end).collect() })
}

/// The conversations of each case, where those of deals are joined.
pub(super) fn contacts(check: &Check, clock: Option<&Clock>) -> Option<Contacts> {
    let store = check.corpus().store();
    let parts = store.parts.as_ref()?;
    let mut made = Contacts::default();
    for case in 0..store.len() {
        let of = parts.of(case);
        for event in 0..check.path_len(case) {
            made.of_event.push((parts.of_event(case, check.event_of(case, event as u32)) - of.start) as u32);
        }
        made.event_end.push(made.of_event.len());
        let Some(clock) = clock else {
            made.end.push(made.end.last().copied().unwrap_or(0) + of.len());
            continue;
        };
        let first = store.turn_range(case).start;
        let mut reached = 0;
        for part in of {
            let turns = parts.turns(part);
            let (start, end) = if clock.unit == WaitUnit::Turns {
                ((turns.start - first) as i64, (turns.end - first) as i64)
            } else {
                let events = parts.events(part);
                let spoken = turns.clone().map(|t| store.turns.end[t].max(store.turns.start[t])).max();
                let start = events.clone().map(|e| store.at[e]).min().unwrap_or(reached);
                (start, events.map(|e| store.at[e]).max().into_iter().chain(spoken).max().unwrap_or(start))
            };
            reached = end;
            made.window.push((start, end));
        }
        made.end.push(made.window.len());
    }
    Some(made)
}
