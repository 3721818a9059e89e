//! The cost pass for automata too large for tables of all pairs: a bucket search over places of the path and states,
//! which touches only what costs no more than the answer.

use rustc_hash::FxHashMap;

use super::align::{Event, Goal, Path, too_much_search};
use crate::error::Result;
use crate::sop::{Automaton, START};

/// Most search steps for one path.
pub(super) const MAX_STEPS: usize = 100_000_000;

/// Cost-to-go of every place and state that an optimal alignment may pass.
pub(super) struct ToGo {
    costs: FxHashMap<(u32, u32), u32>,
}

impl ToGo {
    pub(super) fn get(&self, i: usize, state: u32) -> u32 {
        self.costs.get(&(i as u32, state)).copied().unwrap_or(u32::MAX)
    }
}

/// A search by rising cost: buckets of what is to be looked at.
struct Buckets<T> {
    buckets: Vec<Vec<T>>,
    steps: usize,
}

impl<T> Buckets<T> {
    fn new() -> Self {
        Self { buckets: Vec::new(), steps: 0 }
    }

    fn push(&mut self, cost: u32, item: T) -> Result<()> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(too_much_search(MAX_STEPS));
        }
        if self.buckets.len() <= cost as usize {
            self.buckets.resize_with(cost as usize + 1, Vec::new);
        }
        self.buckets[cost as usize].push(item);
        Ok(())
    }
}

/// Searches from the end of the path backward until its beginning in a state is reached, and to the end of that level of
/// cost.
pub(super) fn cost_to_go(automaton: &Automaton, planned: &[u32], goal: Goal, from: u32) -> Result<ToGo> {
    let n = planned.len() as u32;
    let mut costs: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    let mut todo = Buckets::new();
    match goal {
        Goal::Landing(target) => {
            for edge in automaton.reverse(target) {
                if planned.last() == Some(&automaton.node_step[edge.node as usize]) {
                    todo.push(0, (n - 1, edge.to))?;
                }
            }
        }
        Goal::At(state) => todo.push(0, (n, state))?,
        Goal::End | Goal::Anywhere => {
            for s in (0..automaton.len() as u32).filter(|&s| goal == Goal::Anywhere || automaton.accepting[s as usize]) {
                todo.push(0, (n, s))?;
            }
        }
    }
    let mut level = 0;
    while level < todo.buckets.len() {
        let mut next = 0;
        while next < todo.buckets[level].len() {
            let (i, state) = todo.buckets[level][next];
            next += 1;
            let cost = level as u32;
            if costs.contains_key(&(i, state)) {
                continue;
            }
            costs.insert((i, state), cost);
            for edge in automaton.reverse(state) {
                let before = edge.to;
                if !costs.contains_key(&(i, before)) {
                    todo.push(cost + u32::from(edge.skip), (i, before))?;
                }
                if i > 0 && planned[i as usize - 1] == automaton.node_step[edge.node as usize] && !(matches!(goal, Goal::Landing(_)) && i == n) {
                    todo.push(cost, (i - 1, before))?;
                }
            }
            if i > 0 {
                let extra = u32::from(automaton.extra[planned[i as usize - 1] as usize]);
                todo.push(cost + extra, (i - 1, state))?;
            }
        }
        todo.buckets[level] = Vec::new();
        if costs.contains_key(&(0, from)) {
            break;
        }
        level += 1;
    }
    Ok(ToGo { costs })
}

/// Where a path stands after its last event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) cost: u32,
    pub(super) state: u32,
    pub(super) matched: bool,
}

/// The cheapest explanation of the path as the beginning of a run.
pub(super) fn prefix(automaton: &Automaton, path: &Path) -> Result<Standing> {
    // An item is (events taken, state, whether the last planned step reached was performed).
    let events: Vec<Event> = (0..path.len()).map(|i| path.event(i)).filter(|e| *e != Event::Anytime).collect();
    let n = events.len() as u32;
    let mut seen: FxHashMap<(u32, u32, bool), u32> = FxHashMap::default();
    let mut matched: rustc_hash::FxHashSet<u32> = rustc_hash::FxHashSet::default();
    let mut todo = Buckets::new();
    todo.push(0, (0, START, true))?;
    let mut level = 0;
    let mut found = Vec::new();
    while level < todo.buckets.len() && found.is_empty() {
        let mut next = 0;
        while next < todo.buckets[level].len() {
            let (i, state, landed) = todo.buckets[level][next];
            next += 1;
            let cost = level as u32;
            if seen.contains_key(&(i, state, landed)) {
                continue;
            }
            seen.insert((i, state, landed), cost);
            if i == n && landed {
                found.push(state);
            }
            for edge in automaton.edges(state) {
                if events.get(i as usize) == Some(&Event::Planned(automaton.node_step[edge.node as usize])) {
                    todo.push(cost, (i + 1, edge.to, true))?;
                    if i + 1 == n {
                        matched.insert(edge.to);
                    }
                }
                todo.push(cost + u32::from(edge.skip), (i, edge.to, false))?;
            }
            match events.get(i as usize) {
                Some(Event::Planned(step)) => todo.push(cost + u32::from(automaton.extra[*step as usize]), (i + 1, state, landed))?,
                Some(Event::Unplanned(extra)) => todo.push(cost + u32::from(*extra), (i + 1, state, landed))?,
                _ => {}
            }
        }
        todo.buckets[level] = Vec::new();
        level += 1;
    }
    let any_matched = found.iter().any(|s| matched.contains(s));
    let state = (found.iter().copied())
        .filter(|s| !any_matched || matched.contains(s))
        .max_by_key(|&s| (automaton.progress[s as usize], std::cmp::Reverse(s)))
        .unwrap_or(START);
    Ok(Standing { cost: level.saturating_sub(1) as u32, state, matched: any_matched })
}
