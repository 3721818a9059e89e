//! The probability that a case conforms, with any number of uncertain events.
//!
//! A path conforms as long as there is a state that it may lead to at no cost. The set of all such states is determined by
//! the events that are there, so it is followed instead of the events: each uncertain event leads from a set to at most two,
//! and the probabilities of equal sets add up. One pass back then says what each event's being there changes.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::Item;
use crate::check::align::Event;
use crate::sop::{Automaton, START};

/// Sets of states that are told apart after each event; what would lead to more of them is counted as not known.
const MOST_SETS: usize = 1_024;
/// The same for all events of a case together.
const MOST_NODES: usize = 1 << 22;

/// What costs nothing in a case.
pub(super) struct Free {
    /// Doing the event where it is not planned, by its number.
    pub(super) extra: Vec<bool>,
    /// Leaving out a place of the flow.
    pub(super) skip: Vec<bool>,
}

/// States that the events so far may lead to for nothing, in rising order.
pub(super) type Set = Box<[u32]>;

/// What a case does with which probability.
pub(super) struct Chances {
    /// It conforms so far.
    pub(super) so_far: f64,
    /// It conforms to the end.
    pub(super) to_end: f64,
    /// It is not known.
    pub(super) unknown: f64,
    /// How far the probability to conform so far differs between the event's being there and not; empty where something is
    /// not known.
    pub(super) influence: Vec<f64>,
}

/// The sets after some events, by number: with which probability, and which follows with the next event and without it.
#[derive(Default)]
struct Layer {
    chance: Vec<f64>,
    with: Vec<u32>,
    without: Vec<u32>,
}

const DROPPED: u32 = u32::MAX;

pub(super) fn chances(automaton: &Automaton, items: &[Item], free: &Free) -> Chances {
    let mut sets = vec![start(automaton, free)];
    let mut layers = vec![Layer { chance: vec![1.0], ..Layer::default() }];
    let (mut unknown, mut nodes) = (0.0, 1);
    for (i, item) in items.iter().enumerate() {
        let mut next = Layer::default();
        let mut numbers: HashMap<Set, u32, FxBuildHasher> = HashMap::default();
        let mut after: Vec<Set> = Vec::new();
        let mut number = |set: Set, next: &mut Layer| {
            if let Some(&number) = numbers.get(&set) {
                return number;
            }
            if after.len() == MOST_SETS || nodes == MOST_NODES {
                return DROPPED;
            }
            nodes += 1;
            numbers.insert(set.clone(), after.len() as u32);
            after.push(set);
            next.chance.push(0.0);
            next.chance.len() as u32 - 1
        };
        let here = &mut layers[i];
        for (set, &chance) in sets.iter().zip(&here.chance) {
            let with = number(step(automaton, free, set, i, item), &mut next);
            let without = if item.prob < 1.0 { number(set.clone(), &mut next) } else { with };
            here.with.push(with);
            here.without.push(without);
            // What does not depend on the event is not split, so that nothing is lost in rounding.
            let parts = if with == without { [(with, chance), (with, 0.0)] } else { [(with, chance * item.prob), (without, chance * (1.0 - item.prob))] };
            for (to, part) in parts {
                match next.chance.get_mut(to as usize) {
                    Some(sum) => *sum += part,
                    None => unknown += part,
                }
            }
        }
        layers.push(next);
        sets = after;
    }
    let last = &layers[items.len()];
    let sum = |holds: &dyn Fn(&Set) -> bool| sets.iter().zip(&last.chance).filter(|(set, _)| holds(set)).fold(0.0, |sum, (_, chance)| sum + chance);
    let mut value: Vec<f64> = sets.iter().map(|set| f64::from(u8::from(!set.is_empty()))).collect();
    let mut influence = vec![0.0; if unknown > 0.0 { 0 } else { items.len() }];
    for (i, item) in items.iter().enumerate().rev().filter(|_| unknown == 0.0) {
        let layer = &layers[i];
        let ends = |d: usize| (value[layer.with[d] as usize], value[layer.without[d] as usize]);
        influence[i] = (0..layer.chance.len()).map(|d| layer.chance[d] * (ends(d).0 - ends(d).1)).sum::<f64>().abs();
        let before = |d: usize| if layer.with[d] == layer.without[d] { ends(d).0 } else { item.prob * ends(d).0 + (1.0 - item.prob) * ends(d).1 };
        value = (0..layer.chance.len()).map(before).collect();
    }
    let (so_far, to_end) = (sum(&|set| !set.is_empty()), sum(&|set| ends(automaton, set)));
    Chances { so_far: so_far.min(1.0), to_end: to_end.min(1.0), unknown: unknown.min(1.0), influence }
}

/// Where a path of no events may stand.
pub(super) fn start(automaton: &Automaton, free: &Free) -> Set {
    closed(automaton, free, vec![START])
}

/// Whether the SOP may end in one of the states.
pub(super) fn ends(automaton: &Automaton, set: &[u32]) -> bool {
    set.iter().any(|&state| automaton.accepting[state as usize])
}

/// Where an event, if it is there, leads from the states of a set.
pub(super) fn step(automaton: &Automaton, free: &Free, set: &Set, number: usize, item: &Item) -> Set {
    let mut to = if free.extra[number] { set.to_vec() } else { Vec::new() };
    match item.event {
        Event::Anytime => return set.clone(),
        Event::Unplanned(_) => {}
        Event::Planned(step) => {
            let performs = |&state: &u32| automaton.edges_of(state, step).iter().filter(|edge| edge.step == step).map(|edge| edge.to).collect::<Vec<_>>();
            to.extend(set.iter().flat_map(performs));
        }
    }
    closed(automaton, free, to)
}

/// The states and all that follow by leaving out what costs nothing.
fn closed(automaton: &Automaton, free: &Free, mut states: Vec<u32>) -> Set {
    states.sort_unstable();
    states.dedup();
    let mut seen: std::collections::BTreeSet<u32> = states.iter().copied().collect();
    while let Some(state) = states.pop() {
        for edge in automaton.edges(state).iter().filter(|edge| free.skip[edge.node as usize]) {
            if seen.insert(edge.to) {
                states.push(edge.to);
            }
        }
    }
    seen.into_iter().collect()
}
