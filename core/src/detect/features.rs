//! From a text to numbers: hashed runs of characters and of words, weighed by how rare they are.

use rustc_hash::FxHashMap;

use crate::corpus::Speaker;
use crate::stats::rng::mix;
use crate::text::{fold_into, in_word};

/// Longest run of characters.
const CHARACTERS: usize = 4;
/// Characters of a text that are looked at; of longer ones the beginning and the end, half each.
const MOST_CHARACTERS: usize = 4096;
/// Most features of a detector: the most frequent ones are kept.
pub(super) const MOST_FEATURES: usize = 1 << 18;

/// A sparse vector of length 1: features in rising order with their values.
#[derive(Debug, Clone, Default)]
pub(super) struct Sparse {
    pub(super) index: Vec<u32>,
    pub(super) value: Vec<f32>,
}

/// The features that a detector knows.
#[derive(Debug, Clone)]
pub(super) struct Features {
    /// Hash of each, in rising order.
    hashes: Vec<u32>,
    /// Weight of each: 1 + ln((1 + texts) ÷ (1 + texts with it)).
    weights: Vec<f32>,
    /// Numbers by hash, open addressing; `u32::MAX` is free.
    table: Vec<(u32, u32)>,
    mask: usize,
}

/// Memory that is used again from text to text.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    folded: String,
    characters: Vec<char>,
    counts: Vec<u16>,
    seen: Vec<u32>,
}

const FREE: u32 = u32::MAX;

impl Features {
    /// Learns the features of texts, each with how often it stands for. Those of one text only are kept too: names of
    /// products are rare. Beyond the limit the rarest are left out.
    pub(super) fn learn<'a>(texts: impl Iterator<Item = (&'a str, Speaker, u32)>) -> Self {
        let mut found: FxHashMap<u32, (u32, u32)> = FxHashMap::default();
        let (mut total, mut scratch) = (0u64, Scratch::default());
        for (number, (text, speaker, times)) in texts.enumerate() {
            total += u64::from(times);
            let stamp = number as u32 + 1;
            scratch.hashes(text, speaker, |hash| {
                let entry = found.entry(hash).or_default();
                if entry.0 != stamp {
                    *entry = (stamp, entry.1.saturating_add(times));
                }
            });
        }
        let mut list: Vec<(u32, u32)> = found.into_iter().map(|(hash, (_, texts))| (hash, texts)).collect();
        if list.len() > MOST_FEATURES {
            list.sort_unstable_by_key(|&(hash, texts)| (std::cmp::Reverse(texts), hash));
            list.truncate(MOST_FEATURES);
        }
        list.sort_unstable();
        let weight = |texts: u32| (1.0 + ((1.0 + total as f64) / (1.0 + f64::from(texts))).ln()) as f32;
        Self::of(list.iter().map(|&(hash, _)| hash).collect(), list.iter().map(|&(_, texts)| weight(texts)).collect())
    }

    /// Features by their hashes, in rising order, and weights.
    pub(super) fn of(hashes: Vec<u32>, weights: Vec<f32>) -> Self {
        let size = (hashes.len() * 2).next_power_of_two().max(16);
        let (mut table, mask) = (vec![(0, FREE); size], size - 1);
        for (number, &hash) in hashes.iter().enumerate() {
            let mut at = hash as usize & mask;
            while table[at].1 != FREE {
                at = (at + 1) & mask;
            }
            table[at] = (hash, number as u32);
        }
        Self { hashes, weights, table, mask }
    }

    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    pub(super) fn hashes(&self) -> &[u32] {
        &self.hashes
    }

    pub(super) fn weights(&self) -> &[f32] {
        &self.weights
    }

    #[inline]
    fn find(&self, hash: u32) -> u32 {
        let mut at = hash as usize & self.mask;
        loop {
            let (there, number) = self.table[at];
            if there == hash || number == FREE {
                return number;
            }
            at = (at + 1) & self.mask;
        }
    }

    /// The vector of a text; empty where it has no known feature.
    pub(super) fn vector(&self, text: &str, speaker: Speaker, scratch: &mut Scratch, into: &mut Sparse) {
        let (mut counts, mut seen) = (std::mem::take(&mut scratch.counts), std::mem::take(&mut scratch.seen));
        counts.resize(self.len(), 0);
        scratch.hashes(text, speaker, |hash| {
            let number = self.find(hash);
            if number != FREE {
                let count = &mut counts[number as usize];
                if *count == 0 {
                    seen.push(number);
                }
                *count = count.saturating_add(1);
            }
        });
        into.index.clear();
        into.value.clear();
        let mut squares = 0.0f32;
        for &number in &seen {
            let value = f32::from(std::mem::take(&mut counts[number as usize])) * self.weights[number as usize];
            squares += value * value;
            into.index.push(number);
            into.value.push(value);
        }
        let by = if squares > 0.0 { squares.sqrt().recip() } else { 0.0 };
        into.value.iter_mut().for_each(|value| *value *= by);
        seen.clear();
        (scratch.counts, scratch.seen) = (counts, seen);
    }
}

impl Scratch {
    /// Tells the hash of each run of one to four characters, of each word, each pair of words, and of the speaker. The
    /// text is folded, and a space stands before and after it.
    fn hashes(&mut self, text: &str, speaker: Speaker, mut tell: impl FnMut(u32)) {
        fold_into(text, &mut self.folded);
        self.characters.clear();
        self.characters.push(' ');
        self.characters.extend(self.folded.trim().chars());
        self.characters.push(' ');
        if self.characters.len() == 2 {
            return;
        }
        if self.characters.len() > MOST_CHARACTERS {
            let back = self.characters.len() - MOST_CHARACTERS / 2;
            self.characters.drain(MOST_CHARACTERS / 2..back);
        }
        let finish = |h: u64| (h ^ (h >> 32)) as u32;
        let characters = &self.characters[..];
        for at in 0..characters.len() {
            let mut hash = 0x51ed_270b_u64;
            for &c in characters[at..].iter().take(CHARACTERS) {
                hash = (hash ^ u64::from(u32::from(c))).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                hash ^= hash >> 29;
                tell(finish(hash));
            }
        }
        let (mut word, mut before) = (0u64, 0u64);
        for &c in characters {
            if in_word(c) {
                word = mix(word ^ u64::from(u32::from(c)) ^ 0xa076_1d64_78bd_642f);
            } else if word != 0 {
                tell(finish(word));
                if before != 0 {
                    tell(finish(mix(before.rotate_left(17) ^ word)));
                }
                (before, word) = (word, 0);
            }
        }
        tell(finish(mix(0x5b ^ speaker as u64)));
    }
}
