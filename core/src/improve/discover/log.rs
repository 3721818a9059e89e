//! A log for mining: distinct sequences of small numbers with how many cases did each, and what directly follows what.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

/// Distinct sequences, behind each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    events: Vec<u16>,
    ends: Vec<u32>,
    pub(super) weights: Vec<u64>,
    known: HashTable<u32>,
}

impl Log {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn trace(&self, i: usize) -> &[u16] {
        let from = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.events[from..self.ends[i] as usize]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u16], u64)> {
        (0..self.len()).map(|i| (self.trace(i), self.weights[i]))
    }

    /// Adds cases that did this; equal sequences are one.
    pub(super) fn add(&mut self, trace: &[u16], weight: u64) {
        let hash = FxBuildHasher.hash_one(trace);
        let (events, ends) = (&self.events, &self.ends);
        let at = |i: u32| &events[if i == 0 { 0 } else { ends[i as usize - 1] as usize }..ends[i as usize] as usize];
        if let Some(&found) = self.known.find(hash, |&i| at(i) == trace) {
            self.weights[found as usize] += weight;
            return;
        }
        let number = self.ends.len() as u32;
        self.known.insert_unique(hash, number, |&i| FxBuildHasher.hash_one(at(i)));
        self.events.extend_from_slice(trace);
        self.ends.push(self.events.len() as u32);
        self.weights.push(weight);
    }

    /// Cases.
    pub(super) fn cases(&self) -> u64 {
        self.weights.iter().sum()
    }
}

/// What directly follows what in a log, by local numbers of its steps.
#[derive(Debug, Clone)]
pub(super) struct Follows {
    /// Global number of each local one, rising.
    pub(super) steps: Vec<u16>,
    /// Cases times; row: from, column: to.
    edges: Vec<u64>,
    pub(super) start: Vec<u64>,
    pub(super) end: Vec<u64>,
    /// Cases that did nothing.
    pub(super) empty: u64,
}

impl Follows {
    pub(super) fn of(log: &Log) -> Self {
        let mut seen = vec![false; log.events.iter().max().map_or(0, |&max| usize::from(max) + 1)];
        log.events.iter().for_each(|&e| seen[usize::from(e)] = true);
        let steps: Vec<u16> = (0..seen.len() as u32).filter(|&i| seen[i as usize]).map(|i| i as u16).collect();
        let mut local = vec![0usize; seen.len()];
        steps.iter().enumerate().for_each(|(i, &step)| local[usize::from(step)] = i);
        let k = steps.len();
        let mut of = Self { steps, edges: vec![0; k * k], start: vec![0; k], end: vec![0; k], empty: 0 };
        for (trace, weight) in log.iter() {
            let (Some(&first), Some(&last)) = (trace.first(), trace.last()) else {
                of.empty += weight;
                continue;
            };
            of.start[local[usize::from(first)]] += weight;
            of.end[local[usize::from(last)]] += weight;
            for pair in trace.windows(2) {
                of.edges[local[usize::from(pair[0])] * k + local[usize::from(pair[1])]] += weight;
            }
        }
        of
    }

    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    #[inline]
    pub(super) fn times(&self, from: usize, to: usize) -> u64 {
        self.edges[from * self.len() + to]
    }

    /// Whether one directly follows the other.
    #[inline]
    pub(super) fn has(&self, from: usize, to: usize) -> bool {
        self.times(from, to) > 0
    }

    /// Without what is rare: an edge, start or end below this share of the strongest way on from the same step (of the
    /// strongest start, end).
    pub(super) fn without_rare(&self, noise: f64) -> Self {
        let mut of = self.clone();
        let k = of.len();
        let rare = |n: u64, strongest: u64| (n as f64) < noise * strongest as f64;
        for from in 0..k {
            let row = from * k..(from + 1) * k;
            let strongest = self.edges[row.clone()].iter().copied().max().unwrap_or(0).max(self.end[from]);
            of.edges[row].iter_mut().filter(|n| rare(**n, strongest)).for_each(|n| *n = 0);
        }
        for list in [&mut of.start, &mut of.end] {
            let strongest = list.iter().copied().max().unwrap_or(0);
            list.iter_mut().filter(|n| rare(**n, strongest)).for_each(|n| *n = 0);
        }
        of
    }

    /// Which steps can be reached from which by one edge or more.
    pub(super) fn reach(&self) -> Vec<bool> {
        let k = self.len();
        let mut reach: Vec<bool> = self.edges.iter().map(|&n| n > 0).collect();
        for through in 0..k {
            for from in 0..k {
                if reach[from * k + through] {
                    for to in 0..k {
                        if reach[through * k + to] {
                            reach[from * k + to] = true;
                        }
                    }
                }
            }
        }
        reach
    }
}
