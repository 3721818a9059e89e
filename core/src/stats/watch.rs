//! Watching a level for a decline, period by period, with a baseline that was itself estimated.

use super::rng::{Rng, key};
use super::special::normal_quantile;

/// How a level is watched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watch {
    /// The decline looked for, in log-odds, above 0: half of it goes unpunished.
    pub shift: f64,
    /// Periods from which the first baseline is learned.
    pub baseline: usize,
}

/// The chart after one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watched {
    /// The sum that is held against the limit; 0 within the baseline.
    pub sum: f64,
    /// The baseline this period was held against.
    pub baseline: f64,
    /// Period at which the present rise of the sum began.
    pub since: usize,
}

impl Watch {
    /// The chart of a series of (observed − expected, variance) per period; a period without cases is (0, 0) and changes nothing.
    ///
    /// Steiner's risk-adjusted weight y·ln R − ln(1 − p + Rp) to second order in δ = −ln R, summed over the cases of a period:
    /// S ← max(0, S − δ(U − mV) − δ²V/2). The baseline m is what the first periods show and grows by the periods behind the last
    /// time S was 0, so that it becomes surer as long as nothing happens, and a decline does not become its own baseline. S stops
    /// rising at `cap` (where an alarm is due anyway), so that a recovery is seen in as long a time as a decline.
    pub fn chart(&self, series: &[(f64, f64)], cap: f64) -> Vec<Watched> {
        let (mut base, mut pending, mut s, mut since) = ((0.0, 0.0), (0.0, 0.0), 0.0f64, 0);
        let mut out = Vec::with_capacity(series.len());
        for (t, &(u, v)) in series.iter().enumerate() {
            if t < self.baseline {
                base = (base.0 + u, base.1 + v);
                since = t + 1;
                out.push(Watched { sum: 0.0, baseline: level(base), since });
                continue;
            }
            let m = level(base);
            s = (s - self.shift * (u - m * v) - self.shift * self.shift * v / 2.0).min(cap);
            pending = (pending.0 + u, pending.1 + v);
            if s <= 0.0 {
                s = 0.0;
                base = (base.0 + pending.0, base.1 + pending.1);
                pending = (0.0, 0.0);
                since = t + 1;
            }
            out.push(Watched { sum: s, baseline: m, since: since.min(t) });
        }
        out
    }

    /// As [`Watch::chart`], only its largest sum.
    fn largest(&self, series: impl IntoIterator<Item = (f64, f64)>) -> f64 {
        let (mut base, mut pending, mut s, mut most) = ((0.0, 0.0), (0.0, 0.0), 0.0f64, 0.0f64);
        for (t, (u, v)) in series.into_iter().enumerate() {
            if t < self.baseline {
                base = (base.0 + u, base.1 + v);
                continue;
            }
            s -= self.shift * (u - level(base) * v) + self.shift * self.shift * v / 2.0;
            pending = (pending.0 + u, pending.1 + v);
            if s <= 0.0 {
                s = 0.0;
                base = (base.0 + pending.0, base.1 + pending.1);
                pending = (0.0, 0.0);
            }
            most = most.max(s);
        }
        most
    }
}

fn level((u, v): (f64, f64)) -> f64 {
    if v > 0.0 { u / v } else { 0.0 }
}

/// Limits of a [`Watch`] by simulation, for whatever information a period brings: simulated on a grid of two points an octave,
/// and read off in between.
#[derive(Debug, Clone)]
pub struct WatchLimits {
    watch: Watch,
    periods: usize,
    runs: usize,
    seed: u64,
    /// Standard normal draws, those of each run together: the same for every information.
    draws: Vec<f64>,
    grid: std::collections::BTreeMap<i32, Vec<f64>>,
}

impl WatchLimits {
    /// Limits such that a stated share of stable people passes them within `periods` periods, the baseline's own error included.
    ///
    /// ```
    /// use goldpath::stats::{Watch, WatchLimits};
    /// let mut limits = WatchLimits::new(Watch { shift: 0.5, baseline: 12 }, 52, 1_000, 1);
    /// let (some, much) = (limits.limit(4.0, 0.05), limits.limit(4.0, 0.01));
    /// assert!(much > some && limits.tail(4.0, some) <= 0.06);
    /// ```
    pub fn new(watch: Watch, periods: usize, runs: usize, seed: u64) -> Self {
        Self { watch, periods: periods.max(1), runs: runs.max(1), seed, draws: vec![], grid: std::collections::BTreeMap::new() }
    }

    /// The largest sums of stable series in which each period brings the information of a grid point, in rising order. Draws
    /// depend on the seed and the number of the run alone.
    fn at(&mut self, point: i32) -> &[f64] {
        let Self { watch, periods, runs, seed, draws, grid } = self;
        if draws.is_empty() {
            draws.reserve(*runs * *periods);
            for run in 0..*runs {
                let mut rng = Rng::of(key(*seed, run as u64), 0);
                draws.extend((0..*periods).map(|_| normal_quantile(rng.unit().clamp(1e-12, 1.0 - 1e-12))));
            }
        }
        grid.entry(point).or_insert_with(|| {
            let variance = (0.5 * f64::from(point)).exp2();
            let sd = variance.sqrt();
            let mut most: Vec<f64> = draws.chunks(*periods).map(|run| watch.largest(run.iter().map(|z| (sd * z, variance)))).collect();
            most.sort_by(f64::total_cmp);
            most
        })
    }

    /// Grid points around an information, and how far between them it lies.
    fn between(variance: f64) -> (i32, f64) {
        let at = 2.0 * variance.clamp(1e-3, 1e6).log2();
        (at.floor() as i32, at - at.floor())
    }

    /// The limit that the share `false_alarm` of stable people passes, where a period brings the information `variance`.
    pub fn limit(&mut self, variance: f64, false_alarm: f64) -> f64 {
        let (point, part) = Self::between(variance);
        let rank = |sorted: &[f64]| {
            let rank = ((1.0 - false_alarm.clamp(0.0, 1.0)) * sorted.len() as f64).ceil() as usize;
            sorted[rank.clamp(1, sorted.len()) - 1]
        };
        let (low, high) = (rank(self.at(point)), rank(self.at(point + 1)));
        low + part * (high - low)
    }

    /// The share of stable people whose sum comes to `sum` or more; never below one in the number of runs.
    pub fn tail(&mut self, variance: f64, sum: f64) -> f64 {
        let (point, part) = Self::between(variance);
        let share = |sorted: &[f64]| {
            let below = sorted.partition_point(|x| *x < sum);
            ((sorted.len() - below) as f64 / sorted.len() as f64).max(1.0 / sorted.len() as f64)
        };
        let (low, high) = (share(self.at(point)), share(self.at(point + 1)));
        low + part * (high - low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stated_share_of_stable_series_alarms_whatever_their_size() {
        let watch = Watch { shift: 0.5, baseline: 12 };
        let mut limits = WatchLimits::new(watch, 52, 4_000, 1);
        // Yes/no cases, not normal sums, and weeks of uneven size.
        for (size, seed) in [(3usize, 11u64), (12, 12), (40, 13)] {
            let (p, mut alarms) = (0.4, 0);
            let limit = limits.limit(size as f64 * p * (1.0 - p), 0.05);
            for run in 0..2_000 {
                let mut rng = Rng::of(key(seed, run), 0);
                let series: Vec<(f64, f64)> = (0..52)
                    .map(|_| {
                        let n = size / 2 + rng.below(size + 1);
                        let hits = (0..n).filter(|_| rng.unit() < p).count();
                        (hits as f64 - n as f64 * p, n as f64 * p * (1.0 - p))
                    })
                    .collect();
                alarms += usize::from(watch.chart(&series, f64::INFINITY).iter().any(|w| w.sum > limit));
            }
            let rate = alarms as f64 / 2_000.0;
            assert!((0.03..=0.075).contains(&rate), "{size}: {rate}");
        }
    }

    #[test]
    fn a_decline_is_dated_and_a_recovery_seen() {
        let watch = Watch { shift: 0.5, baseline: 10 };
        let series: Vec<(f64, f64)> = (0..60).map(|t| (if (20..35).contains(&t) { -6.0 } else { 0.0 }, 10.0)).collect();
        let chart = watch.chart(&series, 8.0);
        assert!(chart[19].sum == 0.0 && chart[25].sum > 5.0 && (19..=21).contains(&chart[25].since), "{:?}", chart[25]);
        assert!(chart[34].sum <= 8.0 && chart[50].sum == 0.0);
        assert!(chart[5].sum == 0.0 && watch.chart(&[], 1.0).is_empty());
        let most = chart.iter().map(|w| w.sum).fold(0.0, f64::max);
        assert!(watch.largest(series.iter().copied()) >= most);
    }
}
