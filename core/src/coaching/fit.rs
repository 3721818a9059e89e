//! What every rep's doing is held against: how often an average rep would have taken these chances with these cases.

use rustc_hash::FxHashMap;

use crate::monitor::{Inner, Row};
use crate::stats::{Estimate, LevelCell, expit, levels};

/// Cases of a kind below which it is not told apart from the rest of its chance.
const THIN: u64 = 20;

/// A skill fitted over all reps.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    /// Chances it is made of.
    pub(crate) members: Vec<u32>,
    /// Log-odds of each kind of case for an average rep, and its share among all cases.
    kinds: Vec<f64>,
    mix: Vec<f64>,
    /// Kind of a case by member and profile.
    kind_of: Vec<u32>,
    profiles: usize,
    /// Each rep's level around that average, drawn to it; `None` without a case.
    pub(crate) levels: Vec<Option<Estimate>>,
    /// Standard deviation of the levels.
    pub(crate) spread: f64,
    /// Probability of such differences if all reps were alike.
    pub(crate) p_same: f64,
    /// Chances, taken ones and expected ones of each rep.
    pub(crate) counts: Vec<(u64, u64, f64)>,
    /// Reps who had a chance.
    pub(crate) there: usize,
}

/// What a rep did in a week, around their own level: observed minus expected, and its variance.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Weekly {
    pub(crate) week: i32,
    pub(crate) u: f64,
    pub(crate) v: f64,
    pub(crate) n: u32,
    pub(crate) hits: u32,
}

impl Fit {
    /// `None` where nobody had the chance.
    pub(crate) fn of(chances: &Inner, members: Vec<u32>) -> Option<Self> {
        let profiles = chances.profiles.len().max(1);
        let mut cells: FxHashMap<(u32, u32), (u64, u64)> = FxHashMap::default();
        let mut sizes = vec![0u64; members.len() * profiles];
        // Rows are in the order of chance, rep, week, profile: a rep's are added up first.
        let mut ordered: Vec<((u32, u32), (u64, u64))> = vec![];
        for (m, &member) in members.iter().enumerate() {
            let rows = chances.of(member);
            let mut at = 0;
            while at < rows.len() {
                let rep = rows[at].rep();
                while at < rows.len() && rows[at].rep() == rep {
                    let place = m * profiles + rows[at].profile() as usize;
                    sizes[place] += u64::from(rows[at].n);
                    let cell = cells.entry((rep, place as u32)).or_default();
                    (cell.0, cell.1) = (cell.0 + u64::from(rows[at].n), cell.1 + u64::from(rows[at].hits));
                    at += 1;
                }
                ordered.extend(cells.drain());
            }
        }
        ordered.sort_unstable_by_key(|cell| cell.0);
        // Kinds: each well-filled profile of a member, and one for the rest of it.
        let mut kind_of = vec![u32::MAX; sizes.len()];
        let mut kinds = 0;
        for m in 0..members.len() {
            let of = m * profiles..(m + 1) * profiles;
            let mut rest = u32::MAX;
            for place in of.filter(|&place| sizes[place] > 0) {
                let slot = if sizes[place] < THIN { &mut rest } else { &mut kind_of[place] };
                if *slot == u32::MAX {
                    *slot = kinds;
                    kinds += 1;
                }
                kind_of[place] = *slot;
            }
        }
        let known = |rep: u32| (rep as usize) < chances.reps.len();
        let cells: Vec<LevelCell> = (ordered.iter())
            .filter(|((rep, _), _)| known(*rep))
            .map(|&((rep, place), (n, hits))| LevelCell { level: rep, kind: kind_of[place as usize], n, hits })
            .collect();
        let found = levels(&cells, chances.reps.len(), kinds as usize)?;
        let mut counts = vec![(0, 0, 0.0); chances.reps.len()];
        let mut mix = vec![0.0; kinds as usize];
        for c in &cells {
            let of = &mut counts[c.level as usize];
            *of = (of.0 + c.n, of.1 + c.hits, of.2 + c.n as f64 * expit(found.kinds[c.kind as usize]));
            mix[c.kind as usize] += c.n as f64;
        }
        let there = counts.iter().filter(|c| c.0 > 0).count();
        let all: f64 = mix.iter().sum();
        mix.iter_mut().for_each(|share| *share /= all);
        Some(Self { members, kinds: found.kinds, mix, kind_of, profiles, levels: found.levels, spread: found.spread, p_same: found.p_same, there, counts })
    }

    /// The share a level would come to with the cases of all: comparable whatever cases a rep had.
    pub(crate) fn rate(&self, level: f64) -> f64 {
        self.kinds.iter().zip(&self.mix).map(|(kind, share)| share * expit(kind + level)).sum()
    }

    /// The level at which the cases of all would come to a share.
    pub(crate) fn level_of(&self, rate: f64) -> f64 {
        let (mut low, mut high) = (-30.0, 30.0);
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            if self.rate(middle) < rate { low = middle } else { high = middle }
        }
        f64::midpoint(low, high)
    }

    pub(crate) fn level(&self, rep: u32) -> f64 {
        self.levels[rep as usize].map_or(0.0, |l| l.estimate)
    }

    /// The log-odds of the case of a row for an average rep.
    fn log_odds(&self, member: usize, row: &Row) -> f64 {
        self.kinds[self.kind_of[member * self.profiles + row.profile() as usize] as usize]
    }

    /// A rep's weeks in their order, those without a case left out, around a level.
    pub(crate) fn weeks(&self, chances: &Inner, rep: u32, level: f64) -> Vec<Weekly> {
        let mut weeks: Vec<Weekly> = vec![];
        for (m, &member) in self.members.iter().enumerate() {
            for row in chances.of_rep(member, rep).iter().filter(|row| row.week() != i32::MIN) {
                let p = expit(self.log_odds(m, row) + level);
                let n = f64::from(row.n);
                let one = Weekly { week: row.week(), u: f64::from(row.hits) - n * p, v: n * p * (1.0 - p), n: row.n, hits: row.hits };
                match weeks.last_mut().filter(|last| last.week == one.week) {
                    Some(last) => last.add(&one),
                    None => weeks.push(one),
                }
            }
        }
        weeks.sort_by_key(|w| w.week);
        weeks.dedup_by(|next, kept| {
            let same = next.week == kept.week;
            if same {
                kept.add(next);
            }
            same
        });
        weeks
    }

    /// A rep's own level within weeks, not drawn to the others: log-odds with the standard error, and the chances it rests on.
    pub(crate) fn level_within(&self, chances: &Inner, rep: u32, from: i32, to: i32) -> Option<(Estimate, u64)> {
        self.level_where(chances, rep, from, to, |_| true)
    }

    /// The same over the cases of some profiles.
    pub(crate) fn level_where(&self, chances: &Inner, rep: u32, from: i32, to: i32, takes: impl Fn(u32) -> bool) -> Option<(Estimate, u64)> {
        let rows = |m: usize| chances.of_rep(self.members[m], rep).iter().filter(|row| (from..to).contains(&row.week()) && takes(row.profile()));
        let start = self.level(rep);
        // So weak a prior that only a window without a single hit or miss feels it.
        const PRIOR: f64 = 0.25;
        let (mut level, mut total, mut information) = (start, 0, PRIOR);
        for _ in 0..12 {
            let (mut u, mut v, mut n) = (-PRIOR * (level - start), PRIOR, 0);
            for m in 0..self.members.len() {
                for row in rows(m) {
                    let p = expit(self.log_odds(m, row) + level);
                    u += f64::from(row.hits) - f64::from(row.n) * p;
                    v += f64::from(row.n) * p * (1.0 - p);
                    n += u64::from(row.n);
                }
            }
            (total, information) = (n, v);
            let by = (u / v).clamp(-2.0, 2.0);
            level += by;
            if by.abs() < 1e-9 {
                break;
            }
        }
        (total > 0).then(|| (Estimate { estimate: level, se: (information - PRIOR).max(1e-9).sqrt().recip() }, total))
    }
}

impl Weekly {
    fn add(&mut self, other: &Self) {
        self.u += other.u;
        self.v += other.v;
        self.n += other.n;
        self.hits += other.hits;
    }
}
