//! Watching each rep's ability for a decline, so that a stated share of stable reps raises a false alarm in a stated time.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::fit::{Fit, Weekly};
use super::skills::{Skills, monday};
use crate::error::{Error, Result};
use crate::stats::{Watch, WatchLimits};

/// How reps are watched.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WatchOptions {
    /// Weeks with cases from which a rep's own baseline is first learned.
    pub baseline_weeks: usize,
    /// Fewest chances in the baseline: it is longer where this takes longer.
    pub baseline_chances: u64,
    /// The decline looked for: the odds of taking a chance times this.
    pub odds_ratio: f64,
    /// Share of stable reps that may raise an alarm…
    pub false_alarm: f64,
    /// …within this many weeks with cases, those of the baseline included.
    pub within_weeks: usize,
    /// Simulated stable reps from which limits are read off.
    pub runs: usize,
    /// Seed of that simulation.
    pub seed: u64,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self { baseline_weeks: 12, baseline_chances: 30, odds_ratio: 0.6, false_alarm: 0.05, within_weeks: 52, runs: 4_000, seed: 1 }
    }
}

/// Most weeks that are simulated.
const RUNS: usize = 10_000_000;

/// A week of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WatchPoint {
    /// Monday of the week.
    pub week: Date,
    /// Chances and taken ones.
    pub n: u32,
    /// Taken.
    pub hits: u32,
    /// The sum held against the limit.
    pub sum: f64,
}

/// A decline that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decline {
    /// The rep.
    pub rep: String,
    /// The skill's key.
    pub skill: String,
    /// Monday of the week from which on the rep did worse, as far as can be told.
    pub since: Date,
    /// Monday of the week at whose end it was clear.
    pub found: Date,
    /// Monday of the week in which the rep was back at the baseline; `None` where that has not been.
    pub until: Option<Date>,
    /// Share of stable reps that come to such a sum in the stated time: how likely the alarm is false.
    pub chance_alone: f64,
    /// Share the rep's level before stands for, with the cases of all.
    pub before: f64,
    /// And since.
    pub after: f64,
    /// Chances since.
    pub n: u64,
}

impl Decline {
    /// One sentence about it.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::people::decline(self, lang)
    }
}

/// The chart of a rep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WatchChart {
    /// The weeks with cases.
    pub points: Vec<WatchPoint>,
    /// The limit; `None` while the baseline is still being learned.
    pub limit: Option<f64>,
    /// Declines that were found.
    pub declines: Vec<Decline>,
}

/// Sums of all reps by week, from which each rep's peers are had.
struct Team {
    first: i32,
    sums: Vec<(f64, f64)>,
}

impl Team {
    fn of(all: &[Vec<Weekly>]) -> Self {
        let weeks = || all.iter().flatten().map(|w| w.week);
        let (Some(first), Some(last)) = (weeks().min(), weeks().max()) else { return Self { first: 0, sums: vec![] } };
        // Dates may lie apart by centuries: only weeks that are near each other are worth a place.
        let span = (i64::from(last) - i64::from(first) + 1).min(100_000) as usize;
        let mut sums = vec![(0.0, 0.0); span];
        for w in all.iter().flatten() {
            if let Some(sum) = sums.get_mut((i64::from(w.week) - i64::from(first)) as usize) {
                *sum = (sum.0 + w.u, sum.1 + w.v);
            }
        }
        Self { first, sums }
    }

    /// A rep's week relative to what the others did in that week: a bad month of the market is nobody's decline.
    fn relative(&self, w: &Weekly) -> (f64, f64) {
        let sum = self.sums.get((i64::from(w.week) - i64::from(self.first)) as usize).copied().unwrap_or((0.0, 0.0));
        let (u, v) = (sum.0 - w.u, sum.1 - w.v);
        if !(v > 1e-6 && w.v > 0.0) {
            return (w.u, w.v);
        }
        let information = 1.0 / (1.0 / w.v + 1.0 / v);
        (information * (w.u / w.v - u / v), information)
    }
}

impl Skills {
    /// Declines of all reps in a skill, the latest found first.
    ///
    /// # Errors
    /// [`Error::Argument`] for a skill that is not there or an option out of range.
    pub fn declines(&self, skill: &str, options: &WatchOptions) -> Result<Vec<Decline>> {
        let mut found: Vec<Decline> = self.charts(skill, options, |_| true)?.into_iter().flat_map(|chart| chart.declines).collect();
        found.sort_by(|a, b| b.found.cmp(&a.found).then_with(|| a.rep.cmp(&b.rep)));
        Ok(found)
    }

    /// The chart of one rep.
    ///
    /// # Errors
    /// As [`Skills::declines`], and for a rep that is not there.
    pub fn watch(&self, rep: &str, skill: &str, options: &WatchOptions) -> Result<WatchChart> {
        let rep = self.rep(rep)?;
        Ok(self.charts(skill, options, |one| one == rep)?.pop().unwrap_or(WatchChart { points: vec![], limit: None, declines: vec![] }))
    }

    fn charts(&self, skill: &str, options: &WatchOptions, wanted: impl Fn(u32) -> bool) -> Result<Vec<WatchChart>> {
        let in_range = options.odds_ratio > 0.0 && options.odds_ratio < 1.0 && options.false_alarm > 0.0 && options.false_alarm < 1.0;
        let runs = options.runs.saturating_mul(options.within_weeks);
        if !in_range || !(1..=RUNS).contains(&runs) {
            return Err(Error::argument(
                "watch",
                "an option is out of range",
                "odds_ratio and false_alarm between 0 and 1, runs times within_weeks from 1 to 10,000,000",
            ));
        }
        let fit = &self.0.fits[self.find(skill)?];
        let chances = &self.0.chances.0;
        let reps = chances.reps.len() as u32;
        let all: Vec<Vec<Weekly>> = (0..reps).map(|rep| fit.weeks(chances, rep, fit.level(rep))).collect();
        let team = Team::of(&all);
        let watch = Watch { shift: -options.odds_ratio.ln(), baseline: options.baseline_weeks };
        let mut limits = WatchLimits::new(watch, options.within_weeks, options.runs, options.seed);
        let charts = (0..reps).filter(|&rep| wanted(rep) && !all[rep as usize].is_empty());
        Ok(charts.map(|rep| self.chart(fit, skill, rep, &all[rep as usize], &team, watch, &mut limits, options)).collect())
    }

    fn chart(
        &self,
        fit: &Fit,
        skill: &str,
        rep: u32,
        weeks: &[Weekly],
        team: &Team,
        watch: Watch,
        limits: &mut WatchLimits,
        options: &WatchOptions,
    ) -> WatchChart {
        let series: Vec<(f64, f64)> = weeks.iter().map(|w| team.relative(w)).collect();
        let mut seen = 0;
        let enough = weeks.iter().position(|w| {
            seen += u64::from(w.n);
            seen >= options.baseline_chances
        });
        let baseline = enough.map_or(usize::MAX, |at| (at + 1).max(options.baseline_weeks));
        if baseline >= weeks.len() {
            let points = weeks.iter().map(|w| WatchPoint { week: monday(w.week), n: w.n, hits: w.hits, sum: 0.0 }).collect();
            return WatchChart { points, limit: None, declines: vec![] };
        }
        let watch = Watch { baseline, ..watch };
        // From the baseline alone: what comes later must not change the limit it is held against.
        let a_week = series[..baseline].iter().map(|s| s.1).sum::<f64>() / baseline as f64;
        let limit = limits.limit(a_week, options.false_alarm);
        // Held at the limit a recovery is seen in as long a time as a decline; how sure one is, is read off the sum that is not held.
        let (chart, free) = (watch.chart(&series, limit + 1e-9), watch.chart(&series, f64::INFINITY));
        let mut declines: Vec<Decline> = vec![];
        let mut on = false;
        for (t, at) in chart.iter().enumerate() {
            if !on && at.sum > limit {
                on = true;
                let since = at.since;
                let end = chart[t..].iter().position(|later| later.sum <= 0.0).map(|i| t + i);
                let part = &series[since..end.unwrap_or(series.len())];
                let (u, v) = part.iter().fold((0.0, 0.0), |sum, s| (sum.0 + s.0, sum.1 + s.1));
                let most = free[t..end.unwrap_or(free.len())].iter().map(|later| later.sum).fold(at.sum, f64::max);
                let level = fit.level(rep);
                declines.push(Decline {
                    rep: self.0.chances.0.reps.get(rep).unwrap_or_default().to_owned(),
                    skill: skill.to_owned(),
                    since: monday(weeks[since].week),
                    found: monday(weeks[t].week),
                    until: end.map(|end| monday(weeks[end].week)),
                    chance_alone: limits.tail(a_week, most),
                    before: fit.rate(level + at.baseline),
                    after: fit.rate(level + if v > 0.0 { u / v } else { 0.0 }),
                    n: weeks[since..end.unwrap_or(weeks.len())].iter().map(|w| u64::from(w.n)).sum(),
                });
            }
            on &= at.sum > 0.0;
        }
        let points = weeks.iter().zip(&chart).map(|(w, c)| WatchPoint { week: monday(w.week), n: w.n, hits: w.hits, sum: c.sum }).collect();
        WatchChart { points, limit: Some(limit), declines }
    }
}
