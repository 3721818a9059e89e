//! Ability over time: a level that wanders, seen through the noise of few cases; and how new hires come up to the team.

use jiff::civil::Date;
use serde::Serialize;

use super::fit::{Fit, Weekly};
use super::skills::{Skills, monday};
use crate::error::Result;
use crate::stats::{Estimate, Interval, level_z, local_level};

/// Standard deviations of a week's wander that are tried, in log-odds.
const WANDERS: [f64; 8] = [0.0, 0.01, 0.02, 0.035, 0.055, 0.08, 0.12, 0.2];
/// Reps from which the wander is learned.
const SAMPLE: usize = 200;
/// Weeks without a case beyond which nothing more is forgotten.
const LONGEST: i32 = 104;

/// A week of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AbilityPoint {
    /// Monday of the week.
    pub week: Date,
    /// Share the rep would come to with the cases of all, with its band.
    pub rate: Interval,
    /// Chances of that week.
    pub n: u32,
    /// Taken ones.
    pub hits: u32,
}

/// A rep's ability over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ability {
    /// The rep.
    pub rep: String,
    /// Key of the skill.
    pub skill: String,
    /// The weeks with cases.
    pub points: Vec<AbilityPoint>,
    /// What an average rep comes to.
    pub average: f64,
    /// Standard deviation of a week's wander in log-odds, as the team's curves have it.
    pub wander: f64,
}

/// How a new hire came up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hire {
    /// The rep.
    pub rep: String,
    /// Monday of the first week with cases.
    pub from: Date,
    /// Chances since.
    pub n: u64,
    /// Weeks until the curve reached the team's median; `None` where it has not.
    pub weeks_to_median: Option<u32>,
}

/// Four weeks of all new hires.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RampPoint {
    /// Weeks since the first conversation at which it begins.
    pub weeks: u32,
    /// New hires with cases.
    pub reps: usize,
    /// Chances.
    pub n: u64,
    /// Share at the cases of all.
    pub rate: Interval,
}

/// How new hires come up to the team in a skill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ramp {
    /// Key of the skill.
    pub skill: String,
    /// The median of the others.
    pub median: f64,
    /// Each new hire.
    pub hires: Vec<Hire>,
    /// All together.
    pub curve: Vec<RampPoint>,
}

fn observed(weeks: &[Weekly], level: f64) -> Vec<Option<(f64, f64)>> {
    let mut seen = vec![];
    let mut before: Option<i32> = None;
    for w in weeks {
        if let Some(before) = before {
            // Whole weeks without a case in between.
            let gap = w.week.saturating_sub(before).clamp(1, LONGEST) - 1;
            seen.extend(std::iter::repeat_n(None, gap as usize));
        }
        seen.push((w.v > 0.0).then(|| (level + w.u / w.v, 1.0 / w.v)));
        before = Some(w.week);
    }
    seen
}

/// The levels of the weeks with cases.
fn smoothed(weeks: &[Weekly], level: f64, wander: f64, spread: f64) -> Vec<Estimate> {
    let seen = observed(weeks, level);
    let found = local_level(&seen, wander * wander, start(spread));
    let Some(found) = found else { return vec![] };
    seen.iter().zip(found.smoothed).filter(|(seen, _)| seen.is_some()).map(|(_, level)| level).collect()
}

/// What is believed before the first case; somebody new may be far from the others.
fn start(spread: f64) -> Estimate {
    Estimate { estimate: 0.0, se: spread.max(0.3) }
}

impl Skills {
    fn wander(&self, skill: usize) -> f64 {
        *self.0.wander[skill].get_or_init(|| {
            let (fit, chances) = (&self.0.fits[skill], &self.0.chances.0);
            let there: Vec<u32> = (0..chances.reps.len() as u32).filter(|&rep| fit.counts[rep as usize].0 > 0).collect();
            let every = there.len().div_ceil(SAMPLE).max(1);
            let sample: Vec<Vec<Option<(f64, f64)>>> =
                there.iter().step_by(every).map(|&rep| observed(&fit.weeks(chances, rep, fit.level(rep)), fit.level(rep))).collect();
            let likelihood =
                |wander: f64| -> f64 { sample.iter().filter_map(|seen| local_level(seen, wander * wander, start(fit.spread))).map(|l| l.log_likelihood).sum() };
            let all: Vec<f64> = WANDERS.iter().map(|&w| likelihood(w)).collect();
            let best = (0..WANDERS.len()).fold(0, |best, i| if all[i] > all[best] + 1e-9 { i } else { best });
            WANDERS[best]
        })
    }

    /// A rep's ability over time: the smoothed level of a local level model whose wander is that under which the team's weeks
    /// are likeliest, with its band.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a rep or skill that is not there.
    pub fn ability(&self, rep: &str, skill: &str) -> Result<Ability> {
        let (number, at) = (self.rep(rep)?, self.find(skill)?);
        let (fit, wander) = (&self.0.fits[at], self.wander(at));
        let weeks = fit.weeks(&self.0.chances.0, number, fit.level(number));
        let z = level_z(self.0.options.level).unwrap_or(1.96);
        let levels = smoothed(&weeks, fit.level(number), wander, fit.spread);
        let points = (weeks.iter().filter(|w| w.v > 0.0).zip(levels))
            .map(|(w, l)| {
                let rate = |by: f64| fit.rate(l.estimate + by * l.se);
                AbilityPoint { week: monday(w.week), rate: Interval { estimate: rate(0.0), low: rate(-z), high: rate(z) }, n: w.n, hits: w.hits }
            })
            .collect();
        Ok(Ability { rep: rep.into(), skill: skill.into(), points, average: fit.rate(0.0), wander })
    }

    /// How new hires come up to the team. New is whoever has the first case at least eight weeks after the first case of all.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a skill that is not there.
    pub fn ramp(&self, skill: &str) -> Result<Ramp> {
        const NEW: i32 = 8;
        let at = self.find(skill)?;
        let (fit, chances) = (&self.0.fits[at], &self.0.chances.0);
        let all: Vec<Vec<Weekly>> = (0..chances.reps.len() as u32).map(|rep| fit.weeks(chances, rep, fit.level(rep))).collect();
        let first = all.iter().filter_map(|weeks| weeks.first()).map(|w| w.week).min().unwrap_or(0);
        let is_new = |weeks: &[Weekly]| weeks.first().is_some_and(|w| w.week.saturating_sub(first) >= NEW);
        let mut others: Vec<f64> =
            (all.iter().enumerate()).filter(|(_, weeks)| !weeks.is_empty() && !is_new(weeks)).map(|(rep, _)| fit.level(rep as u32)).collect();
        others.sort_by(f64::total_cmp);
        let median = if others.is_empty() { 0.0 } else { f64::midpoint(others[(others.len() - 1) / 2], others[others.len() / 2]) };
        let hires: Vec<u32> = (0..all.len() as u32).filter(|&rep| is_new(&all[rep as usize])).collect();
        let wander = self.wander(at);
        let list = (hires.iter())
            .map(|&rep| {
                let weeks = &all[rep as usize];
                let levels = smoothed(weeks, fit.level(rep), wander, fit.spread);
                let reached = levels.iter().position(|l| l.estimate >= median);
                Hire {
                    rep: chances.reps.get(rep).unwrap_or_default().to_owned(),
                    from: monday(weeks[0].week),
                    n: weeks.iter().map(|w| u64::from(w.n)).sum(),
                    weeks_to_median: reached.map(|i| weeks[i].week.saturating_sub(weeks[0].week) as u32),
                }
            })
            .collect();
        Ok(Ramp { skill: skill.into(), median: fit.rate(median), hires: list, curve: self.curve(fit, &hires, &all) })
    }

    fn curve(&self, fit: &Fit, hires: &[u32], all: &[Vec<Weekly>]) -> Vec<RampPoint> {
        const BLOCK: i32 = 4;
        const BLOCKS: i32 = 13;
        let z = level_z(self.0.options.level).unwrap_or(1.96);
        let mut curve = vec![];
        for block in 0..BLOCKS {
            let inside = |rep: u32, w: &Weekly| (block * BLOCK..(block + 1) * BLOCK).contains(&w.week.saturating_sub(all[rep as usize][0].week));
            let (mut level, mut information, mut n, mut reps) = (0.0, 0.0, 0, 0);
            // Few people, few steps: the level all new hires have in common in these weeks.
            for _ in 0..6 {
                let (mut u, mut v) = (0.0, 0.0);
                (n, reps) = (0, 0);
                for &rep in hires {
                    let weeks = fit.weeks(&self.0.chances.0, rep, level);
                    let mut there = false;
                    for w in weeks.iter().filter(|w| inside(rep, w)) {
                        (u, v, n, there) = (u + w.u, v + w.v, n + u64::from(w.n), true);
                    }
                    reps += usize::from(there);
                }
                information = v;
                if v <= 0.0 {
                    break;
                }
                level += (u / v).clamp(-2.0, 2.0);
            }
            if information > 0.0 {
                let se = information.sqrt().recip();
                let rate = |by: f64| fit.rate(level + by * se);
                curve.push(RampPoint { weeks: (block * BLOCK) as u32, reps, n, rate: Interval { estimate: rate(0.0), low: rate(-z), high: rate(z) } });
            }
        }
        curve
    }
}
