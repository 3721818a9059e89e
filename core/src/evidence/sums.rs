//! Sums of outcomes: whole numbers only, so that they come out alike however the work is cut.

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::{Deserialize, Serialize};

/// Cases, the sum of their outcomes, and the sum of the squares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sums {
    pub(super) n: u64,
    pub(super) sum: i64,
    pub(super) squares: i128,
}

impl Sums {
    #[inline]
    pub(super) fn push(&mut self, y: i64) {
        self.n += 1;
        self.sum += y;
        self.squares += i128::from(y) * i128::from(y);
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.n += other.n;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.add(other);
        self
    }

    /// Of a yes/no outcome, those with a yes. Of a ledger that was changed from outside there may be more than cases.
    pub(super) fn hits(&self) -> u64 {
        (self.sum.max(0) as u64).min(self.n)
    }

    /// Those with a no.
    pub(super) fn misses(&self) -> u64 {
        self.n - self.hits()
    }

    /// Of a ledger that was changed from outside a part may be more than the whole: then nothing is left.
    pub(super) fn minus(&self, other: &Self) -> Self {
        Self { n: self.n.saturating_sub(other.n), sum: self.sum.saturating_sub(other.sum), squares: self.squares.saturating_sub(other.squares) }
    }
}

/// `[n, sum, "squares"]`: JSON has no integers beyond 64 bits.
#[derive(Serialize, Deserialize)]
pub(super) struct SumsFile(u64, i64, String);

impl From<&Sums> for SumsFile {
    fn from(s: &Sums) -> Self {
        Self(s.n, s.sum, s.squares.to_string())
    }
}

impl SumsFile {
    pub(super) fn read(&self) -> Option<Sums> {
        let sums = Sums { n: self.0, sum: self.1, squares: self.2.parse().ok()? };
        // Of a file that was changed from outside; what counts cases adds up far below.
        (sums.n < 1 << 48).then_some(sums)
    }
}

/// Something that outcomes are summed in while cases are gone through.
pub(super) trait Count: Copy + Default + PartialEq + Send + Sync {
    /// The sums of one case.
    fn of(y: i64) -> Self;
    fn add(&mut self, other: Self);
    fn sums(self) -> Sums;
}

impl Count for Sums {
    fn of(y: i64) -> Self {
        let mut sums = Self::default();
        sums.push(y);
        sums
    }

    #[inline]
    fn add(&mut self, other: Self) {
        Sums::add(self, &other);
    }

    fn sums(self) -> Sums {
        self
    }
}

/// Cases and wins, where outcomes are yes or no: one addition for both. There are fewer than 2³² cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wins(u64);

impl Count for Wins {
    #[inline]
    fn of(y: i64) -> Self {
        Self(1 << 32 | y as u64)
    }

    #[inline]
    fn add(&mut self, other: Self) {
        self.0 += other.0;
    }

    fn sums(self) -> Sums {
        let won = self.0 & u64::from(u32::MAX);
        Sums { n: self.0 >> 32, sum: won as i64, squares: i128::from(won) }
    }
}

/// Sums by a small number, of one group of cases after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots<C> {
    slots: Vec<C>,
    touched: Vec<u32>,
}

impl<C: Count> Slots<C> {
    #[inline]
    pub(super) fn add(&mut self, number: usize, count: C) {
        if number >= self.slots.len() {
            self.slots.resize(number + 1, C::default());
        }
        let slot = &mut self.slots[number];
        if *slot == C::default() {
            self.touched.push(number as u32);
        }
        slot.add(count);
    }

    /// Gives out what was counted, and begins anew.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (u32, C)> {
        let slots = &mut self.slots;
        self.touched.drain(..).map(|number| (number, std::mem::take(&mut slots[number as usize])))
    }
}

/// Sums by two numbers, likewise: in a matrix where that is not too large.
#[derive(Debug, Clone, Default)]
pub(super) struct Pairs<C> {
    /// Columns of the matrix; `None` where pairs are numbered as they come.
    width: Option<usize>,
    numbers: IndexSet<(u32, u32), FxBuildHasher>,
    slots: Slots<C>,
}

impl<C: Count> Pairs<C> {
    /// Most cells of a matrix.
    const CELLS: usize = 1 << 22;

    pub(super) fn of(rows: usize, columns: usize) -> Self {
        let width = rows.checked_mul(columns.max(1)).filter(|cells| *cells <= Self::CELLS).map(|_| columns.max(1));
        let mut slots = Slots::default();
        slots.slots.resize(width.map_or(0, |width| rows * width), C::default());
        Self { width, numbers: IndexSet::default(), slots }
    }

    #[inline]
    pub(super) fn add(&mut self, row: u32, column: u32, count: C) {
        let at = match self.width {
            Some(width) => row as usize * width + column as usize,
            None => self.numbers.insert_full((row, column)).0,
        };
        self.slots.add(at, count);
    }

    /// Adds the same to some columns of a row.
    #[inline]
    pub(super) fn add_to(&mut self, row: u32, columns: &[u32], count: C) {
        columns.iter().for_each(|&column| self.add(row, column, count));
    }

    /// Gives out what was counted, and begins anew.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = ((u32, u32), C)> {
        let (numbers, width) = (&self.numbers, self.width);
        self.slots.drain().map(move |(at, count)| match width {
            Some(width) => (((at as usize / width) as u32, (at as usize % width) as u32), count),
            None => (numbers[at as usize], count),
        })
    }
}

/// Sums by stratum, in the order of its number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ByStratum(Vec<(u32, Sums)>);

impl ByStratum {
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Sums)> {
        self.0.iter().map(|(stratum, sums)| (*stratum, sums))
    }

    /// Adds to a stratum; quick where they come in order.
    pub(super) fn add(&mut self, stratum: u32, sums: &Sums) {
        match self.0.last_mut() {
            Some((last, mine)) if *last == stratum => mine.add(sums),
            Some((last, _)) if *last > stratum => match self.0.binary_search_by_key(&stratum, |(stratum, _)| *stratum) {
                Ok(at) => self.0[at].1.add(sums),
                Err(at) => self.0.insert(at, (stratum, *sums)),
            },
            _ => self.0.push((stratum, *sums)),
        }
    }

    /// The same in other numbers of strata; several may become one.
    pub(super) fn renumbered(&self, to: impl Fn(u32) -> u32) -> Self {
        let mut list: Vec<(u32, Sums)> = self.iter().map(|(stratum, sums)| (to(stratum), *sums)).collect();
        list.sort_by_key(|(stratum, _)| *stratum);
        list.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1.add(&next.1);
            }
            same
        });
        Self(list)
    }

    /// Adds the sums of another in the numbers that strata have here.
    pub(super) fn merge(&mut self, other: &Self, to: impl Fn(u32) -> u32) {
        let Self(more) = other.renumbered(to);
        let behind = |last: &(u32, Sums)| more.first().is_none_or(|first| last.0 <= first.0);
        if self.0.last().is_none_or(behind) {
            more.iter().for_each(|(stratum, sums)| self.add(*stratum, sums));
            return;
        }
        let mine = std::mem::take(&mut self.0);
        self.0.reserve(mine.len() + more.len());
        let (mut mine, mut more) = (mine.into_iter().peekable(), more.into_iter().peekable());
        while let Some(next) = match (mine.peek(), more.peek()) {
            (Some(a), Some(b)) if b.0 < a.0 => more.next(),
            (None, _) => more.next(),
            _ => mine.next(),
        } {
            self.add(next.0, &next.1);
        }
    }
}

impl FromIterator<(u32, Sums)> for ByStratum {
    fn from_iter<I: IntoIterator<Item = (u32, Sums)>>(list: I) -> Self {
        let mut made = Self::default();
        list.into_iter().for_each(|(stratum, sums)| made.add(stratum, &sums));
        made
    }
}

/// How often something was met, where most of it is met again and again: the last of each kind is counted beside the map.
#[derive(Debug)]
pub(super) struct Often {
    recent: Vec<((u32, i64), u64)>,
    all: FxHashMap<(u32, i64), u64>,
}

impl Default for Often {
    fn default() -> Self {
        Self { recent: vec![((0, 0), 0); 1 << Self::POWER], all: FxHashMap::default() }
    }
}

impl Often {
    const POWER: u32 = 11;

    #[inline]
    pub(super) fn count(&mut self, what: u32, value: i64) {
        let mixed = (u64::from(what).rotate_left(40) ^ value as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let slot = &mut self.recent[(mixed >> (64 - Self::POWER)) as usize];
        if slot.0 != (what, value) {
            if slot.1 > 0 {
                *self.all.entry(slot.0).or_default() += slot.1;
            }
            *slot = ((what, value), 0);
        }
        slot.1 += 1;
    }

    pub(super) fn counts(mut self) -> FxHashMap<(u32, i64), u64> {
        for (key, n) in self.recent.into_iter().filter(|(_, n)| *n > 0) {
            *self.all.entry(key).or_default() += n;
        }
        self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wins_are_the_sums_of_ones_and_zeros() {
        let (mut wins, mut sums) = (Wins::default(), Sums::default());
        for y in [1, 0, 0, 1, 1] {
            wins.add(Wins::of(y));
            sums.push(y);
        }
        assert_eq!(wins.sums(), sums);
    }

    #[test]
    fn pairs_count_alike_in_a_matrix_and_without() {
        let mut found = Vec::new();
        for rows in [4, usize::MAX] {
            let mut pairs: Pairs<Sums> = Pairs::of(rows, 7);
            for round in 0..2 {
                for i in 0..50_u32 {
                    pairs.add(i % 4, i * i % 7, Sums::of(i64::from(i) + round));
                }
                let mut list: Vec<_> = pairs.drain().collect();
                list.sort_by_key(|(at, _)| *at);
                assert!(pairs.drain().next().is_none());
                found.push(list);
            }
        }
        assert_eq!((&found[0], &found[1]), (&found[2], &found[3]));
    }

    #[test]
    fn strata_are_merged_in_any_order() {
        let list = |of: &[u32]| of.iter().map(|&s| (s, Sums::of(i64::from(s)))).collect::<ByStratum>();
        let mut sums = list(&[5, 1, 5]);
        let mut other = ByStratum::default();
        for s in [0, 1, 2] {
            other.add(s, &Sums::of(6 - i64::from(s)));
        }
        sums.merge(&other, |s| 6 - s);
        let mut others = list(&[6, 4, 5]);
        others.merge(&list(&[1, 5, 5]), |s| s);
        assert_eq!(sums, others);
        assert_eq!(sums.iter().map(|(s, sums)| (s, sums.n)).collect::<Vec<_>>(), [(1, 1), (4, 1), (5, 3), (6, 1)]);
    }

    #[test]
    fn what_is_met_often_is_counted_once() {
        let (mut often, mut plain) = (Often::default(), FxHashMap::default());
        for i in 0..100_000_i64 {
            let (what, value) = ((i % 7) as u32, i * i % 5_000);
            often.count(what, value);
            *plain.entry((what, value)).or_default() += 1;
        }
        assert_eq!(often.counts(), plain);
    }
}
