//! When a series changed its level: exact segmentation of the past, and detectors that run along with it.

/// Splits a series where its mean changes: the split with the least Σw(x − mean of the segment)² + `penalty` for each change,
/// over all splits into segments of at least `shortest` points. Points are (value, weight); weights must be positive. Gives the
/// ends (exclusive) of the segments, the last being the length; empty for an empty series or one that cannot be split so, a
/// value not finite, or a weight not positive. With weights 1/variance a penalty of 2 ln n asks that a change be more than chance.
///
/// Exact, with the pruning of PELT: a start that is already worse than a fresh one at t can never be better later.
///
/// Source: R. Killick, P. Fearnhead and I. A. Eckley, *Optimal detection of changepoints with a linear computational cost*, JASA
/// 107 (2012) 1590–1598.
///
/// ```
/// use goldpath::stats::changes;
/// let series = [1.0, 1.1, 0.9, 1.0, 3.0, 3.1, 2.9, 3.0].map(|x| (x, 1.0));
/// assert_eq!(changes(&series, 1.0, 1), [4, 8]);
/// ```
pub fn changes(series: &[(f64, f64)], penalty: f64, shortest: usize) -> Vec<usize> {
    let n = series.len();
    let shortest = shortest.max(1);
    let fine = series.iter().all(|(x, w)| x.is_finite() && *w > 0.0 && w.is_finite());
    if n < shortest || !fine || penalty.is_nan() {
        return vec![];
    }
    // Around the mean the sums of squares keep their digits.
    let weight: f64 = series.iter().map(|p| p.1).sum();
    let mean = series.iter().map(|(x, w)| x * w).sum::<f64>() / weight;
    let mut sums = Vec::with_capacity(n + 1);
    sums.push((0.0, 0.0, 0.0));
    let mut last = (0.0, 0.0, 0.0);
    for &(x, w) in series {
        let x = x - mean;
        last = (last.0 + w, last.1 + w * x, last.2 + w * x * x);
        sums.push(last);
    }
    let cost = |from: usize, to: usize| {
        let (w, x, xx) = (sums[to].0 - sums[from].0, sums[to].1 - sums[from].1, sums[to].2 - sums[from].2);
        (xx - x * x / w).max(0.0)
    };
    let mut best = vec![f64::INFINITY; n + 1];
    let mut from = vec![0; n + 1];
    best[0] = -penalty;
    // Starts still in the running, and the time from which a start is out of it.
    let mut starts: Vec<(usize, usize)> = vec![];
    for to in shortest..=n {
        starts.push((to - shortest, usize::MAX));
        starts.retain(|start| start.1 > to);
        for start in &starts {
            let found = best[start.0] + cost(start.0, to) + penalty;
            if found < best[to] {
                best[to] = found;
                from[to] = start.0;
            }
        }
        for start in &mut starts {
            // A fresh start here can be used once a whole segment fits behind it.
            if best[start.0] + cost(start.0, to) > best[to] {
                start.1 = start.1.min(to + shortest);
            }
        }
    }
    if best[n].is_infinite() {
        return vec![];
    }
    let mut ends = vec![];
    let mut at = n;
    while at > 0 {
        ends.push(at);
        at = from[at];
    }
    ends.reverse();
    ends
}

/// Page and Hinkley's detector of a change of level, up or down, fed one value at a time; it begins anew after each alarm.
///
/// Up: S ← αS + (x − x̄ − δ), alarm where S rises above its least by more than the threshold; down likewise.
///
/// Source: E. S. Page, *Continuous inspection schemes*, Biometrika 41 (1954) 100–115.
///
/// ```
/// use goldpath::stats::PageHinkley;
/// let mut detector = PageHinkley::new(0.005, 5.0, 30, 0.9999);
/// let alarms: Vec<usize> = (0..200).filter(|&i| detector.push(if i < 100 { 0.2 } else { 0.8 })).collect();
/// assert_eq!(alarms[0] / 10, 10);
/// ```
#[derive(Debug, Clone)]
pub struct PageHinkley {
    delta: f64,
    threshold: f64,
    least: u64,
    alpha: f64,
    n: u64,
    mean: f64,
    up: f64,
    down: f64,
    low: f64,
    high: f64,
}

impl PageHinkley {
    /// Ignores drifts up to `delta`, alarms above `threshold`, but not before `least` values; older values fade by `alpha`.
    pub fn new(delta: f64, threshold: f64, least: u64, alpha: f64) -> Self {
        Self { delta, threshold, least, alpha, n: 0, mean: 0.0, up: 0.0, down: 0.0, low: f64::INFINITY, high: f64::NEG_INFINITY }
    }

    /// Takes the next value; true where it raises an alarm. A value that is not finite is passed over.
    pub fn push(&mut self, x: f64) -> bool {
        if !x.is_finite() {
            return false;
        }
        self.n += 1;
        self.mean += (x - self.mean) / self.n as f64;
        let off = x - self.mean;
        self.up = self.alpha * self.up + off - self.delta;
        self.down = self.alpha * self.down + off + self.delta;
        self.low = self.low.min(self.up);
        self.high = self.high.max(self.down);
        let alarm = self.n >= self.least && (self.up - self.low > self.threshold || self.high - self.down > self.threshold);
        if alarm {
            *self = Self::new(self.delta, self.threshold, self.least, self.alpha);
        }
        alarm
    }
}

/// Probabilities of how many values ago a normal series last changed, with a constant chance of change at each value.
///
/// Source: R. P. Adams and D. J. C. MacKay, *Bayesian online changepoint detection*, arXiv:0710.3742 (2007); the belief in each
/// run is normal-gamma.
///
/// ```
/// use goldpath::stats::RunLength;
/// let mut run = RunLength::new(0.01, 0.0, 1.0, 1.0, 1.0);
/// (0..60).for_each(|i| run.push(if i < 40 { 0.1 } else { 8.0 } + f64::from(i % 3) * 0.1));
/// assert_eq!(run.likeliest(), 20);
/// ```
#[derive(Debug, Clone)]
pub struct RunLength {
    hazard: f64,
    prior: (f64, f64, f64, f64),
    probability: Vec<f64>,
    /// Mean, its weight, shape and rate of the precision, for each length.
    beliefs: Vec<(f64, f64, f64, f64)>,
}

impl RunLength {
    /// Chance of a change at each value; mean and its weight in values, shape and rate of the precision, before any value of
    /// a run. Those out of range are drawn into it: the chance into [0, 1], the others to be positive.
    pub fn new(hazard: f64, mean: f64, weight: f64, shape: f64, rate: f64) -> Self {
        let positive = |x: f64| x.max(f64::MIN_POSITIVE);
        let prior = (mean, positive(weight), positive(shape), positive(rate));
        Self { hazard: hazard.clamp(0.0, 1.0), prior, probability: vec![1.0], beliefs: vec![prior] }
    }

    /// Takes the next value; one that is not finite is passed over.
    pub fn push(&mut self, x: f64) {
        if !x.is_finite() {
            return;
        }
        let likely = |&(mean, weight, shape, rate): &(f64, f64, f64, f64)| {
            // Student's t with 2·shape degrees of freedom, on the logarithm.
            let spread = 2.0 * rate * (weight + 1.0) / weight;
            let off = (x - mean) / spread.sqrt();
            -super::special::ln_beta(shape, 0.5) - 0.5 * spread.ln() - (2.0 * shape + 1.0) * off.hypot(1.0).ln()
        };
        let logs: Vec<f64> = self.beliefs.iter().map(likely).collect();
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut next = vec![0.0];
        for (p, log) in self.probability.iter().zip(&logs) {
            let p = p * (log - most).exp();
            next[0] += p * self.hazard;
            next.push(p * (1.0 - self.hazard));
        }
        let sum: f64 = next.iter().sum();
        for p in &mut next {
            *p /= sum;
        }
        let learn = |&(mean, weight, shape, rate): &(f64, f64, f64, f64)| {
            let rate = rate + weight * (x - mean).powi(2) / (2.0 * (weight + 1.0));
            ((weight * mean + x) / (weight + 1.0), weight + 1.0, shape + 0.5, rate)
        };
        let mut beliefs = vec![self.prior];
        beliefs.extend(self.beliefs.iter().map(learn));
        (self.probability, self.beliefs) = (next, beliefs);
    }

    /// Probability of each run length, from 0.
    pub fn probabilities(&self) -> &[f64] {
        &self.probability
    }

    /// The likeliest run length; the shorter of two that are equally likely.
    pub fn likeliest(&self) -> usize {
        let better = |best: usize, i: usize| if self.probability[i] > self.probability[best] { i } else { best };
        (1..self.probability.len()).fold(0, better)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cost(segment: &[(f64, f64)]) -> f64 {
        let weight: f64 = segment.iter().map(|p| p.1).sum();
        let mean = segment.iter().map(|(x, w)| x * w).sum::<f64>() / weight;
        segment.iter().map(|(x, w)| w * (x - mean).powi(2)).sum()
    }

    fn total(series: &[(f64, f64)], ends: &[usize], penalty: f64) -> f64 {
        let mut from = 0;
        let mut sum = -penalty;
        for &end in ends {
            sum += cost(&series[from..end]) + penalty;
            from = end;
        }
        sum
    }

    proptest! {
        #[test]
        fn no_split_is_cheaper(series in proptest::collection::vec((-9i8..9, 1u8..4), 1..11), penalty in 0.0f64..40.0, shortest in 1usize..4) {
            let series: Vec<(f64, f64)> = series.into_iter().map(|(x, w)| (f64::from(x), f64::from(w))).collect();
            let n = series.len();
            let found = changes(&series, penalty, shortest);
            let mut least = f64::INFINITY;
            for mask in 0u32..1 << (n - 1) {
                let ends: Vec<usize> = (1..=n).filter(|&i| i == n || mask >> (i - 1) & 1 == 1).collect();
                let lengths = ends.iter().scan(0, |from, end| { let length = end - *from; *from = *end; Some(length) });
                if lengths.into_iter().all(|length| length >= shortest) {
                    least = least.min(total(&series, &ends, penalty));
                }
            }
            if found.is_empty() {
                prop_assert!(least.is_infinite());
            } else {
                prop_assert!((total(&series, &found, penalty) - least).abs() < 1e-9 * least.abs().max(1.0), "{:?}", found);
            }
        }
    }

    #[test]
    fn corners() {
        assert!(changes(&[], 1.0, 1).is_empty() && changes(&[(1.0, 1.0)], 1.0, 2).is_empty() && changes(&[(f64::NAN, 1.0)], 1.0, 1).is_empty());
        let mut run = RunLength::new(2.0, 0.0, -1.0, 1.0, 1.0);
        run.push(f64::NAN);
        run.push(1e300);
        assert!(run.probabilities().iter().all(|p| p.is_finite()));
    }
}
