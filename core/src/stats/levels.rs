//! Shares of many levels (people), each with cases of several kinds: what is the level's doing and what is that of its cases.

use super::interval::Estimate;
use super::pooling::pool;
use super::special::chi2_sf;

/// Cases of one level and one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelCell {
    /// The level (who).
    pub level: u32,
    /// The kind of case.
    pub kind: u32,
    /// Cases.
    pub n: u64,
    /// Of these, hits.
    pub hits: u64,
}

/// Log-odds of kinds and of levels.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// Log-odds of each kind of case at a level of 0; that of all cases where a kind has none.
    pub kinds: Vec<f64>,
    /// What each level adds, drawn to 0 by as much as its own error is larger than the spread; `None` where it has no case.
    pub levels: Vec<Option<Estimate>>,
    /// Standard deviation of the levels; 0 where they differ no more than chance allows.
    pub spread: f64,
    /// Probability of differences so large if all levels were the same (Σ(observed − expected)²/variance, chi-square); 1 for one
    /// level.
    pub p_same: f64,
}

/// Rounds of the spread, and within each of the coefficients.
const ROUNDS: usize = 12;
const SWEEPS: usize = 60;
/// What weighs a kind to the share of all: next to nothing, but a kind that always hit stays finite.
const HOLD: f64 = 0.05;

/// The chance of a log-odds. Written with the exponential of a negative number, which cannot overflow.
pub fn expit(x: f64) -> f64 {
    if x >= 0.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() / (1.0 + x.exp()) }
}

/// Fits logit P(hit) = kind + level with levels drawn from a normal distribution around 0 (a random intercept): penalised
/// quasi-likelihood, the spread by Paule and Mandel's moments. A level with few cases is drawn to 0; one with many keeps what it
/// shows. Kinds are compared within levels, so that who had which cases is not taken for how hard they are. Cells of one level and
/// kind may be given in pieces. `None` without a case, or where a cell is out of range.
///
/// Source: N. E. Breslow and D. G. Clayton, *Approximate inference in generalized linear mixed models*, JASA 88 (1993) 9–25.
///
/// ```
/// use goldpath::stats::{LevelCell, levels};
/// // Whoever has the hard cases wins less often and is no worse.
/// let cell = |level, kind, hits| LevelCell { level, kind, n: 100, hits };
/// let found = levels(&[cell(0, 0, 60), cell(1, 1, 20), cell(2, 0, 60), cell(2, 1, 20)], 3, 2).unwrap();
/// assert!(found.spread < 0.05 && found.kinds[0] > found.kinds[1]);
/// ```
pub fn levels(cells: &[LevelCell], levels: usize, kinds: usize) -> Option<Levels> {
    let fine = |c: &LevelCell| c.hits <= c.n && (c.level as usize) < levels && (c.kind as usize) < kinds;
    let (n, hits) = cells.iter().fold((0, 0), |(n, h), c| (n + c.n, h + c.hits));
    if n == 0 || !cells.iter().all(fine) {
        return None;
    }
    let log_odds = |hits: f64, n: f64| ((hits + 0.5) / (n - hits + 0.5)).ln();
    let centre = log_odds(hits as f64, n as f64);
    let mut seen = vec![0u64; levels];
    let mut of_kind = vec![(0u64, 0u64); kinds];
    for c in cells {
        seen[c.level as usize] += c.n;
        of_kind[c.kind as usize].0 += c.n;
        of_kind[c.kind as usize].1 += c.hits;
    }
    let mut fit = Sweep {
        kinds: of_kind.iter().map(|&(n, h)| if n == 0 { centre } else { log_odds(h as f64, n as f64) }).collect(),
        levels: vec![0.0; levels],
        of_kinds: vec![(0.0, 0.0); kinds],
        of_levels: vec![(0.0, 0.0); levels],
        centre,
    };
    fit.settle(cells, &seen, 0.0);
    let score: f64 = fit.of_levels.iter().filter(|(_, v)| *v > 1e-9).map(|(u, v)| u * u / v).sum();
    let others = seen.iter().filter(|&&n| n > 0).count() - 1;
    let p_same = if others > 0 { chi2_sf(score, others as f64) } else { 1.0 };
    let mut variance = 0.1;
    for _ in 0..ROUNDS {
        fit.settle(cells, &seen, variance);
        // What each level would be on its own, one step from where it stands.
        let alone: Vec<Estimate> = (fit.levels.iter().zip(&fit.of_levels))
            .filter(|(_, (_, v))| *v > 1e-9)
            .map(|(at, (u, v))| Estimate { estimate: at + u / v, se: v.sqrt().recip() })
            .collect();
        let next = pool(&alone).map_or(0.0, |pooled| pooled.tau2_paule_mandel.min(25.0));
        let moved = (next - variance).abs();
        variance = next;
        if moved <= 1e-4 * variance || variance < 1e-6 {
            break;
        }
    }
    if variance < 1e-6 {
        variance = 0.0;
    }
    fit.settle(cells, &seen, variance);
    let level = |i: usize| {
        let (at, (_, v)) = (fit.levels[i], fit.of_levels[i]);
        let estimate = if variance > 0.0 { Estimate { estimate: at, se: (v + 1.0 / variance).sqrt().recip() } } else { Estimate { estimate: 0.0, se: 0.0 } };
        (seen[i] > 0).then_some(estimate)
    };
    Some(Levels { levels: (0..levels).map(level).collect(), spread: variance.sqrt(), p_same, kinds: fit.kinds })
}

/// The coefficients, with score and information of each.
struct Sweep {
    kinds: Vec<f64>,
    levels: Vec<f64>,
    of_kinds: Vec<(f64, f64)>,
    of_levels: Vec<(f64, f64)>,
    centre: f64,
}

impl Sweep {
    fn sums(&mut self, cells: &[LevelCell]) {
        self.of_kinds.fill((0.0, 0.0));
        self.of_levels.fill((0.0, 0.0));
        for c in cells {
            let p = expit(self.kinds[c.kind as usize] + self.levels[c.level as usize]);
            let (u, v) = (c.hits as f64 - c.n as f64 * p, c.n as f64 * p * (1.0 - p));
            let (k, l) = (&mut self.of_kinds[c.kind as usize], &mut self.of_levels[c.level as usize]);
            (k.0, k.1) = (k.0 + u, k.1 + v);
            (l.0, l.1) = (l.0 + u, l.1 + v);
        }
    }

    /// Kinds and levels in turn until neither moves.
    fn settle(&mut self, cells: &[LevelCell], seen: &[u64], variance: f64) {
        let step = |u: f64, v: f64| (u / v).clamp(-2.0, 2.0);
        let there = seen.iter().filter(|&&n| n > 0).count().max(1) as f64;
        if variance == 0.0 {
            self.levels.fill(0.0);
        }
        for _ in 0..SWEEPS {
            self.sums(cells);
            let mut most = 0.0f64;
            for (at, &(u, v)) in self.kinds.iter_mut().zip(&self.of_kinds) {
                let by = step(u - HOLD * (*at - self.centre), v + HOLD);
                *at += by;
                most = most.max(by.abs());
            }
            if variance > 0.0 {
                self.sums(cells);
                let mut sum = 0.0;
                for (at, &(u, v)) in self.levels.iter_mut().zip(&self.of_levels) {
                    let by = step(u - *at / variance, v + 1.0 / variance);
                    *at += by;
                    sum += *at;
                    most = most.max(by.abs());
                }
                // The mean of the levels belongs to the kinds.
                let mean = sum / there;
                self.levels.iter_mut().zip(seen).filter(|(_, n)| **n > 0).for_each(|(at, _)| *at -= mean);
                self.kinds.iter_mut().for_each(|at| *at += mean);
            }
            if most < 1e-8 {
                break;
            }
        }
        self.sums(cells);
    }
}

#[cfg(test)]
mod tests {
    use super::super::rng::{Rng, key};
    use super::super::special::normal_quantile;
    use super::*;

    /// Planted levels and kinds are found, whoever had which cases.
    #[test]
    fn planted_levels_are_found() {
        let mut rng = Rng::of(key(7, 0), 0);
        let truth: Vec<f64> = (0..300).map(|_| 0.5 * normal_quantile(rng.unit().clamp(1e-9, 1.0 - 1e-9))).collect();
        let kinds = [0.8, -0.2, -1.0];
        let mut cells = vec![];
        for (level, &theta) in truth.iter().enumerate() {
            for (kind, &hard) in kinds.iter().enumerate() {
                // The better ones get the harder cases.
                let n = if theta > 0.0 { 20 + 40 * kind } else { 100 - 40 * kind };
                let hits = (0..n).filter(|_| rng.unit() < expit(hard + theta)).count();
                cells.push(LevelCell { level: level as u32, kind: kind as u32, n: n as u64, hits: hits as u64 });
            }
        }
        let found = levels(&cells, 300, 3).unwrap();
        assert!((found.spread - 0.5).abs() < 0.06 && found.p_same < 1e-6, "{}", found.spread);
        assert!(((found.kinds[0] - found.kinds[2]) - 1.8).abs() < 0.1, "{:?}", found.kinds);
        let inside = truth.iter().zip(&found.levels).filter(|(t, l)| l.is_some_and(|l| (l.estimate - **t).abs() < 1.96 * l.se));
        let share = inside.count() as f64 / 300.0;
        assert!((0.91..=0.985).contains(&share), "{share}");
    }

    #[test]
    fn no_spread_and_refused() {
        let cell = |level, n, hits| LevelCell { level, kind: 0, n, hits };
        assert_eq!(levels(&[], 1, 1), None);
        assert_eq!(levels(&[cell(0, 1, 2)], 1, 1), None);
        assert_eq!(levels(&[cell(2, 3, 2)], 2, 1), None);
        let same = levels(&[cell(0, 100, 50), cell(1, 100, 50), cell(2, 10, 10)], 4, 1).unwrap();
        assert!(same.levels[3].is_none() && same.levels[2].unwrap().estimate >= 0.0);
        let always = levels(&[cell(0, 50, 50), cell(1, 50, 50)], 2, 1).unwrap();
        assert!(always.spread == 0.0 && always.kinds[0].is_finite());
        // In pieces as in one.
        let whole = levels(&[cell(0, 30, 10), cell(1, 30, 25)], 2, 1).unwrap();
        let pieces = levels(&[cell(0, 10, 4), cell(1, 30, 25), cell(0, 20, 6)], 2, 1).unwrap();
        assert!((whole.kinds[0] - pieces.kinds[0]).abs() < 1e-9);
    }
}
