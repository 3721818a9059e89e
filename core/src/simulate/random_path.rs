//! Noisy paths through any SOP.

use std::collections::VecDeque;

use indexmap::IndexMap;

use super::rng::Rng;
use crate::corpus::{Attribute, Conversation};
use crate::sop::{Block, Condition, EdgeList, Flow, Sop};

/// Most rounds of a repeat beyond its lower bound.
const ROUNDS: usize = 3;
/// Labels that no SOP plans.
const UNKNOWN: [&str; 4] = ["unheard_of", "闲聊", "x y", "ελ"];

/// A path through the SOP with `noise` (0 to 1) as the chance of each event to be disturbed: left out, doubled, swapped
/// with the next, or preceded by another step, known or not. See [`random_conversation`] for the conditions it meets.
///
/// ```
/// use goldpath::simulate::{random_path, random_sop};
/// let sop = random_sop(7, 12);
/// assert_eq!(random_path(&sop, 1, 0.2), random_path(&sop, 1, 0.2));
/// ```
pub fn random_path(sop: &Sop, seed: u64, noise: f64) -> Vec<String> {
    walk(sop, seed, noise).1
}

/// A conversation of bare steps with the path of [`random_path`] and the attributes that decide the `when` blocks it
/// met. Without noise it is a full run of the SOP for those attributes, with anytime steps in between.
pub fn random_conversation(sop: &Sop, seed: u64, noise: f64) -> Conversation {
    let (attributes, path) = walk(sop, seed, noise);
    let attributes = attributes.into_iter().map(|(name, value)| (name, Attribute::Text(value))).collect();
    Conversation { attributes, ..Conversation::of_steps(format!("r{seed:07}"), path) }
}

fn walk(sop: &Sop, seed: u64, noise: f64) -> (IndexMap<String, String>, Vec<String>) {
    let mut walker = Walker { rng: Rng::new(seed ^ 0x7061_7468), attributes: IndexMap::new() };
    let mut path = Vec::new();
    match sop.flow() {
        Flow::Flow(blocks) => {
            walker.choose_attributes(blocks);
            walker.sequence(blocks, &mut path);
        }
        Flow::Graph(edges) => walker.graph(edges, &mut path),
    }
    let mut path: Vec<String> = path.into_iter().map(ToOwned::to_owned).collect();
    walker.disturb(sop, noise, &mut path);
    if !sop.anytime().is_empty() {
        for _ in 0..walker.rng.below(3) {
            let at = walker.rng.below(path.len() + 1);
            path.splice(at..at, walker.rng.pick(sop.anytime()).cloned());
        }
    }
    (walker.attributes, path)
}

struct Walker {
    rng: Rng,
    attributes: IndexMap<String, String>,
}

impl Walker {
    /// Gives every attribute that a condition names one of the values named, or none of them.
    fn choose_attributes(&mut self, blocks: &[Block]) {
        let mut values: IndexMap<String, Vec<String>> = IndexMap::new();
        collect(blocks, &mut values);
        for (name, values) in values {
            let value = if self.rng.chance(0.3) { "other".to_owned() } else { self.rng.pick(&values).cloned().unwrap_or_default() };
            self.attributes.insert(name, value);
        }
    }

    fn holds(&self, when: &Condition) -> bool {
        when.holds(|name| self.attributes.get(name).map(|value| value.as_str().into()))
    }

    fn sequence<'a>(&mut self, blocks: &'a [Block], path: &mut Vec<&'a str>) {
        for block in blocks {
            self.block(block, path);
        }
    }

    fn block<'a>(&mut self, block: &'a Block, path: &mut Vec<&'a str>) {
        match block {
            Block::Step(step) => path.push(step),
            Block::Sequence(members) => self.sequence(members, path),
            Block::AnyOrder { any_order } => self.interleave(any_order, path),
            Block::Optional { optional } => {
                if self.rng.chance(0.6) {
                    self.sequence(optional, path);
                }
            }
            Block::OneOf { one_of } => {
                let open: Vec<&Block> = one_of.iter().filter(|branch| if let Block::When { when, .. } = branch { self.holds(when) } else { true }).collect();
                if let Some(branch) = self.rng.pick(&open) {
                    self.block(branch, path);
                }
            }
            Block::Repeat { repeat, at_least, at_most } => {
                let least = *at_least as usize;
                let most = at_most.map_or(least + ROUNDS, |most| (most as usize).min(least + ROUNDS)).max(least);
                for _ in 0..least + self.rng.below(most - least + 1) {
                    self.sequence(repeat, path);
                }
            }
            Block::When { when, then } => {
                if self.holds(when) {
                    self.sequence(then, path);
                }
            }
        }
    }

    fn interleave<'a>(&mut self, members: &'a [Block], path: &mut Vec<&'a str>) {
        let mut queues: Vec<VecDeque<&str>> = members
            .iter()
            .map(|member| {
                let mut own = Vec::new();
                self.block(member, &mut own);
                own.into()
            })
            .collect();
        queues.retain(|queue| !queue.is_empty());
        while !queues.is_empty() {
            let i = self.rng.below(queues.len());
            path.extend(queues[i].pop_front());
            if queues[i].is_empty() {
                queues.swap_remove(i);
            }
        }
    }

    /// Wanders for a while, then takes the shortest way to the end.
    fn graph<'a>(&mut self, list: &'a EdgeList, path: &mut Vec<&'a str>) {
        let mut ahead: IndexMap<&str, Vec<&str>> = IndexMap::new();
        let mut behind: IndexMap<&str, Vec<&str>> = IndexMap::new();
        for (a, b) in &list.edges {
            ahead.entry(a).or_default().push(b);
            behind.entry(b).or_default().push(a);
        }
        let mut distance: IndexMap<&str, usize> = IndexMap::from([(list.end.as_str(), 0)]);
        let mut queue = VecDeque::from([list.end.as_str()]);
        while let Some(step) = queue.pop_front() {
            let next = distance[step] + 1;
            for &from in behind.get(step).into_iter().flatten() {
                if !distance.contains_key(from) {
                    distance.insert(from, next);
                    queue.push_back(from);
                }
            }
        }
        let wander = self.rng.below(2 * distance.len() + 1);
        let mut at = list.start.as_str();
        loop {
            path.push(at);
            let tired = path.len() > wander;
            if at == list.end && (tired || self.rng.chance(0.5)) {
                return;
            }
            let empty = Vec::new();
            let next = ahead.get(at).unwrap_or(&empty);
            let closest = || next.iter().min_by_key(|step| distance.get(*step).copied().unwrap_or(usize::MAX));
            match if tired { closest() } else { self.rng.pick(next) } {
                Some(step) => at = step,
                None => return,
            }
        }
    }

    fn disturb(&mut self, sop: &Sop, noise: f64, path: &mut Vec<String>) {
        let known: Vec<&String> = sop.steps().keys().collect();
        let mut made = Vec::with_capacity(path.len() + 4);
        let mut rest: VecDeque<String> = path.drain(..).collect();
        while let Some(step) = rest.pop_front() {
            if !self.rng.chance(noise) {
                made.push(step);
                continue;
            }
            match self.rng.below(5) {
                0 => {}
                1 => made.extend([step.clone(), step]),
                2 => {
                    made.extend(rest.pop_front());
                    made.push(step);
                }
                3 => {
                    made.extend(self.rng.pick(&known).map(|step| (*step).clone()));
                    made.push(step);
                }
                _ => {
                    made.extend(self.rng.pick(&UNKNOWN).map(|label| (*label).to_owned()));
                    made.push(step);
                }
            }
        }
        *path = made;
    }
}

fn collect(blocks: &[Block], values: &mut IndexMap<String, Vec<String>>) {
    for block in blocks {
        if let Block::When { when, .. } = block {
            for (name, wanted) in &when.0 {
                values.entry(name.clone()).or_default().extend_from_slice(wanted.as_slice());
            }
        }
        collect(block.members(), values);
    }
}
