//! The bootstrap over clusters, and intervals from its replicates.

use super::interval::Interval;
use super::rng::{Rng, key};
use super::special::{normal_cdf, normal_quantile};

/// What resampling says of an estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    estimate: f64,
    /// Ascending.
    replicates: Vec<f64>,
}

/// Resamples clusters with replacement. `statistic` is given how often each cluster was drawn (once each for the estimate), so
/// that it can add up sums kept by cluster; it may be `None` where it is undefined, and such replicates are left out. `None`
/// where the estimate or all replicates are undefined, or there is no cluster.
///
/// The draws depend on `seed` and the number of the replicate alone.
///
/// Source: B. Efron and R. J. Tibshirani, *An introduction to the bootstrap* (1993); clusters: A. C. Davison and D. V. Hinkley,
/// *Bootstrap methods and their application* (1997) 3.8.
///
/// ```
/// use goldpath::stats::cluster_bootstrap;
/// // Hits and cases of four reps.
/// let reps = [(8.0, 20.0), (3.0, 10.0), (12.0, 30.0), (2.0, 12.0)];
/// let rate = |times: &[u32]| {
///     let total = |of: fn(&(f64, f64)) -> f64| reps.iter().zip(times).map(|(r, &t)| of(r) * f64::from(t)).sum::<f64>();
///     Some(total(|r| r.0) / total(|r| r.1))
/// };
/// let found = cluster_bootstrap(reps.len(), 999, 1, rate).unwrap();
/// let i = found.percentile(0.9).unwrap();
/// assert!(i.low < i.estimate && i.estimate < i.high);
/// assert_eq!(found, cluster_bootstrap(reps.len(), 999, 1, rate).unwrap());
/// ```
pub fn cluster_bootstrap(clusters: usize, replicates: usize, seed: u64, statistic: impl Fn(&[u32]) -> Option<f64>) -> Option<Bootstrap> {
    let mut times = vec![1u32; clusters];
    let estimate = statistic(&times)?;
    let draw = |replicate: usize| {
        let mut rng = Rng::of(key(seed, replicate as u64), 0);
        times.fill(0);
        (0..clusters).for_each(|_| times[rng.below(clusters)] += 1);
        statistic(&times)
    };
    let found = (0..replicates).filter_map(draw).collect();
    if clusters == 0 { None } else { Bootstrap::new(estimate, found) }
}

impl Bootstrap {
    /// From an estimate and replicates made elsewhere; those not finite are left out. `None` if none is left or the estimate
    /// is not finite.
    pub fn new(estimate: f64, mut replicates: Vec<f64>) -> Option<Self> {
        replicates.retain(|x| x.is_finite());
        replicates.sort_by(f64::total_cmp);
        (estimate.is_finite() && !replicates.is_empty()).then_some(Self { estimate, replicates })
    }

    /// The replicates, ascending.
    pub fn replicates(&self) -> &[f64] {
        &self.replicates
    }

    /// Their standard deviation; `None` for one replicate.
    pub fn se(&self) -> Option<f64> {
        self.replicates.iter().copied().collect::<super::Moments>().variance().map(f64::sqrt)
    }

    /// The point `p` of the way through the replicates, between two of them by straight line.
    fn quantile(&self, p: f64) -> f64 {
        let at = p.clamp(0.0, 1.0) * (self.replicates.len() - 1) as f64;
        let (low, share) = (at.floor() as usize, at.fract());
        let next = self.replicates[(low + 1).min(self.replicates.len() - 1)];
        self.replicates[low] + share * (next - self.replicates[low])
    }

    /// The interval between the outer quantiles of the replicates; `None` where `level` is not between 0 and 1.
    pub fn percentile(&self, level: f64) -> Option<Interval> {
        let tail = tail(level)?;
        Some(Interval { estimate: self.estimate, low: self.quantile(tail), high: self.quantile(1.0 - tail) })
    }

    /// The same turned round the estimate: 2θ less the quantiles.
    pub fn basic(&self, level: f64) -> Option<Interval> {
        let i = self.percentile(level)?;
        Some(Interval { estimate: i.estimate, low: 2.0 * i.estimate - i.high, high: 2.0 * i.estimate - i.low })
    }

    /// How far the replicates lie to one side: z₀ = Φ⁻¹(share below the estimate, ties half). `None` where all lie on one.
    pub fn bias(&self) -> Option<f64> {
        let below = self.replicates.partition_point(|x| *x < self.estimate);
        let at_most = self.replicates.partition_point(|x| *x <= self.estimate);
        let share = (below + at_most) as f64 / (2 * self.replicates.len()) as f64;
        (share > 0.0 && share < 1.0).then(|| normal_quantile(share))
    }

    /// Efron's interval corrected for bias and acceleration: quantiles at Φ(z₀ + (z₀ ± z)/(1 − a(z₀ ± z))). `None` where all
    /// replicates lie on one side of the estimate or `level` is not between 0 and 1.
    ///
    /// Source: B. Efron, *Better bootstrap confidence intervals*, JASA 82 (1987) 171–185.
    pub fn corrected(&self, acceleration: f64, level: f64) -> Option<Interval> {
        let (bias, z) = (self.bias()?, normal_quantile(1.0 - tail(level)?));
        let end = |z: f64| {
            let moved = bias + z;
            self.quantile(normal_cdf(bias + moved / (1.0 - acceleration * moved)))
        };
        Some(Interval { estimate: self.estimate, low: end(-z), high: end(z) })
    }
}

fn tail(level: f64) -> Option<f64> {
    (level > 0.0 && level < 1.0).then_some((1.0 - level) / 2.0)
}

/// Efron's acceleration: Σd³ ÷ 6(Σd²)^1.5 of the influences d of the cases or clusters, such as the mean of the estimates
/// without one of them less that without this one. `None` where none has influence.
pub fn acceleration(influences: &[f64]) -> Option<f64> {
    let power = |k: i32| influences.iter().map(|d| d.powi(k)).sum::<f64>();
    let spread = power(2);
    (spread > 0.0).then(|| power(3) / (6.0 * spread.powf(1.5)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nested_and_mirrored(replicates in proptest::collection::vec(-5.0f64..5.0, 2..200), estimate in -1.0f64..1.0) {
            let b = Bootstrap::new(estimate, replicates.clone()).unwrap();
            let mirror = Bootstrap::new(-estimate, replicates.iter().map(|x| -x).collect()).unwrap();
            for (i, j) in [(b.percentile(0.9), mirror.percentile(0.9)), (b.basic(0.9), mirror.basic(0.9)), (b.corrected(0.1, 0.9), mirror.corrected(-0.1, 0.9))] {
                prop_assert_eq!(i.is_some(), j.is_some());
                if let Some((i, j)) = i.zip(j) {
                    prop_assert!(i.low <= i.high && (i.low + j.high).abs() < 1e-9 && (i.high + j.low).abs() < 1e-9);
                }
            }
            let (narrow, wide) = (b.percentile(0.5).unwrap(), b.percentile(0.95).unwrap());
            prop_assert!(wide.low <= narrow.low && narrow.high <= wide.high);
        }
    }

    #[test]
    fn spread_of_a_mean_of_clusters() {
        let values = [1.0, 2.0, 3.0, 4.0, 10.0];
        let mean = |times: &[u32]| Some(values.iter().zip(times).map(|(x, &t)| x * f64::from(t)).sum::<f64>() / 5.0);
        let found = cluster_bootstrap(5, 20_000, 7, mean).unwrap();
        // √(Σ(x − x̄)²/n²) = √(50/25).
        assert!((found.se().unwrap() - 2f64.sqrt()).abs() < 0.02);
        assert!(cluster_bootstrap(0, 10, 7, |_| Some(1.0)).is_none() && cluster_bootstrap(3, 10, 7, |_| None).is_none());
        assert_eq!(acceleration(&[0.0, 0.0]), None);
    }
}
