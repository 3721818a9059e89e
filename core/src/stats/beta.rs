//! The beta distribution of an unknown share, and its empirical-Bayes prior.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::digamma;

use super::interval::Interval;
use super::special::{beta_cdf, beta_quantile, ln_beta};

/// What is believed of a share: hits + `a` and misses + `b`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Beta {
    /// Weight of hits, above 0.
    pub a: f64,
    /// Weight of misses, above 0.
    pub b: f64,
}

impl Beta {
    /// Jeffreys' prior, for where nothing can be learned from other items.
    pub const JEFFREYS: Self = Self { a: 0.5, b: 0.5 };

    /// `None` unless both weights are positive and finite.
    pub fn new(a: f64, b: f64) -> Option<Self> {
        (a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite()).then_some(Self { a, b })
    }

    /// The belief after `hits` among `n`; counts may be weighted. `None` where `hits` is not between 0 and `n`.
    ///
    /// ```
    /// use goldpath::stats::Beta;
    /// let after = Beta::JEFFREYS.after(3.0, 10.0).unwrap();
    /// assert!((after.mean() - 3.5 / 11.0).abs() < 1e-12);
    /// let i = after.interval(0.95).unwrap();
    /// assert!(i.low > 0.08 && i.high < 0.62);
    /// ```
    pub fn after(self, hits: f64, n: f64) -> Option<Self> {
        if hits >= 0.0 && hits <= n { Self::new(self.a + hits, self.b + (n - hits)) } else { None }
    }

    /// The expected share.
    pub fn mean(self) -> f64 {
        self.a / (self.a + self.b)
    }

    /// Probability that the share is at most `x`.
    pub fn cdf(self, x: f64) -> f64 {
        beta_cdf(x, 1.0 - x, self.a, self.b)
    }

    /// The share that is not exceeded with probability `p`; the ends for `p` out of range.
    pub fn quantile(self, p: f64) -> f64 {
        beta_quantile(p, self.a, self.b)
    }

    /// The central interval around the mean; `None` where `level` is not between 0 and 1.
    pub fn interval(self, level: f64) -> Option<Interval> {
        let tail = (1.0 - level) / 2.0;
        (level > 0.0 && level < 1.0).then(|| Interval { estimate: self.mean(), low: self.quantile(tail), high: self.quantile(1.0 - tail) })
    }
}

/// The box in which the logarithms of both weights are searched: beyond, the likelihood has no maximum or tells nothing.
const LOW: f64 = -5.0;
const HIGH: f64 = 9.0;

/// A prior learned from many items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BetaPrior {
    /// The prior.
    pub prior: Beta,
    /// Σ ln B(a + k, b + n − k) − ln B(a, b) at it.
    pub log_likelihood: f64,
    /// A weight lies at an end of the box: at the upper one the items show no difference beyond chance.
    pub at_limit: bool,
}

/// The beta prior under which the hits `k` among `n` of many items are likeliest, each item with a share of its own. Counts
/// may be weighted. Logarithms of the weights are searched in [−5, 9]. `None` where there is no item, a count is out of range,
/// or all cases of all items ended alike: [`Beta::JEFFREYS`] is for that.
///
/// Source: J. C. Kleinman, *Proportions with extraneous variance*, JASA 68 (1973) 46–54; B. Efron, *Large-scale inference* (2010)
/// ch. 1.
///
/// ```
/// use goldpath::stats::beta_prior;
/// let items = [(3.0, 10.0), (10.0, 20.0), (0.0, 4.0), (7.0, 12.0), (45.0, 100.0), (2.0, 9.0), (12.0, 40.0), (1.0, 1.0), (30.0, 55.0), (5.0, 25.0)];
/// let found = beta_prior(&items).unwrap();
/// assert!((found.prior.a - 9.722).abs() < 0.001 && (found.prior.b - 14.998).abs() < 0.001);
/// // An item with nothing but one hit is drawn to the others.
/// assert!((found.prior.after(1.0, 1.0).unwrap().mean() - 0.417).abs() < 0.001);
/// ```
pub fn beta_prior(items: &[(f64, f64)]) -> Option<BetaPrior> {
    let fine = |&(k, n): &(f64, f64)| k >= 0.0 && k <= n && n.is_finite();
    let (hits, all) = items.iter().fold((0.0, 0.0), |(k, n), item| (k + item.0, n + item.1));
    if !items.iter().all(fine) || !(hits > 0.0 && hits < all) {
        return None;
    }
    // Begins at the pooled share with the weight of ten cases, and at the likeliest point of a coarse grid: where a few items
    // decide, the surface has more than one top, some on the edge of the box.
    let share = hits / all;
    let pooled = [10.0 * share, 10.0 * (1.0 - share)].map(|w| w.ln().clamp(LOW, HIGH));
    let coarse = (0..64).map(|i| [LOW + 2.0 * f64::from(i / 8), LOW + 2.0 * f64::from(i % 8)]);
    let best = |a: ([f64; 2], f64), b: ([f64; 2], f64)| if b.1 > a.1 { b } else { a };
    let likeliest = coarse.map(|at| (at, likelihood(items, at))).reduce(best)?.0;
    let (at, value) = best(climb(items, pooled), climb(items, likeliest));
    let at_limit = at.iter().any(|x| *x <= LOW || *x >= HIGH);
    Some(BetaPrior { prior: Beta { a: at[0].exp(), b: at[1].exp() }, log_likelihood: value, at_limit })
}

/// The top that is reached from a point, and its likelihood.
fn climb(items: &[(f64, f64)], mut at: [f64; 2]) -> ([f64; 2], f64) {
    let mut value = likelihood(items, at);
    for _ in 0..500 {
        let (g, h) = slopes(items, at);
        let free = [0, 1].map(|i| !((at[i] <= LOW && g[i] <= 0.0) || (at[i] >= HIGH && g[i] >= 0.0)));
        if [0, 1].iter().all(|&i| !free[i] || g[i].abs() < 1e-10 * value.abs().max(1.0)) {
            break;
        }
        let step = newton(g, h, free);
        let mut by = 1.0;
        let moved = loop {
            let next = [0, 1].map(|i| (at[i] + by * step[i]).clamp(LOW, HIGH));
            let found = likelihood(items, next);
            if found > value {
                at = next;
                value = found;
                break true;
            }
            by /= 2.0;
            if by < 1e-12 {
                break false;
            }
        };
        if !moved {
            break;
        }
    }
    (at, value)
}

fn likelihood(items: &[(f64, f64)], at: [f64; 2]) -> f64 {
    let [a, b] = at.map(f64::exp);
    let base = ln_beta(a, b);
    items.iter().map(|&(k, n)| ln_beta(a + k, b + n - k) - base).sum()
}

/// Gradient and second derivatives (aa, ab, bb) on the logarithms of the weights.
fn slopes(items: &[(f64, f64)], at: [f64; 2]) -> ([f64; 2], [f64; 3]) {
    let [a, b] = at.map(f64::exp);
    let (mut first, mut second) = ([0.0; 2], [0.0; 3]);
    let (da, db, dab) = (digamma(a), digamma(b), digamma(a + b));
    let (ta, tb, tab) = (trigamma(a), trigamma(b), trigamma(a + b));
    for &(k, n) in items {
        let (total, spread) = (digamma(a + b + n) - dab, trigamma(a + b + n) - tab);
        first[0] += digamma(a + k) - da - total;
        first[1] += digamma(b + n - k) - db - total;
        second[0] += trigamma(a + k) - ta - spread;
        second[1] -= spread;
        second[2] += trigamma(b + n - k) - tb - spread;
    }
    let gradient = [first[0] * a, first[1] * b];
    (gradient, [second[0] * a * a + gradient[0], second[1] * a * b, second[2] * b * b + gradient[1]])
}

/// Newton's step over the free coordinates, or up the gradient where the surface does not curve down.
fn newton(g: [f64; 2], h: [f64; 3], free: [bool; 2]) -> [f64; 2] {
    let cap = |x: f64| x.clamp(-2.0, 2.0);
    let single = |g: f64, h: f64| if h < 0.0 { cap(-g / h) } else { g.signum() };
    match free {
        [true, true] => {
            let det = h[0] * h[2] - h[1] * h[1];
            if h[0] < 0.0 && det > 1e-12 * h[0] * h[2] {
                [cap((h[1] * g[1] - h[2] * g[0]) / det), cap((h[1] * g[0] - h[0] * g[1]) / det)]
            } else {
                let size = g[0].hypot(g[1]);
                [g[0] / size, g[1] / size]
            }
        }
        [true, false] => [single(g[0], h[0]), 0.0],
        [false, true] => [0.0, single(g[1], h[2])],
        [false, false] => [0.0, 0.0],
    }
}

/// The second derivative of ln Γ, x > 0: recurrence up to 12, then the asymptotic series.
fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 12.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    sum + 1.0 / x + r / 2.0 + r / x * (1.0 / 6.0 - r * (1.0 / 30.0 - r * (1.0 / 42.0 - r * (1.0 / 30.0 - r * 5.0 / 66.0))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// No point of a grid over the box is likelier, and swapping hits and misses swaps the weights.
        #[test]
        fn the_maximum_is_one(items in proptest::collection::vec((0u32..30, 0u32..30), 2..20)) {
            let items: Vec<(f64, f64)> = items.into_iter().map(|(k, m)| (f64::from(k), f64::from(k + m))).collect();
            let Some(found) = beta_prior(&items) else { return Ok(()) };
            for i in 0..=28 {
                for j in 0..=28 {
                    let there = likelihood(&items, [LOW + f64::from(i) / 2.0, LOW + f64::from(j) / 2.0]);
                    prop_assert!(there <= found.log_likelihood + 1e-7 * there.abs(), "{} {}", there, found.log_likelihood);
                }
            }
            let turned: Vec<(f64, f64)> = items.iter().map(|&(k, n)| (n - k, n)).collect();
            prop_assert!((beta_prior(&turned).unwrap().log_likelihood - found.log_likelihood).abs() < 1e-7 * found.log_likelihood.abs());
        }

        #[test]
        fn shrinks_towards_the_prior(k in 0u32..50, m in 0u32..50, a in 0.1f64..50.0, b in 0.1f64..50.0) {
            let prior = Beta::new(a, b).unwrap();
            prop_assume!(k + m > 0);
            let (k, n) = (f64::from(k), f64::from(k + m));
            let after = prior.after(k, n).unwrap();
            let (raw, mean) = (k / n, after.mean());
            prop_assert!(raw.min(prior.mean()) - 1e-12 <= mean && mean <= raw.max(prior.mean()) + 1e-12);
            let (i, j) = (after.interval(0.9).unwrap(), after.interval(0.5).unwrap());
            prop_assert!(i.low <= j.low && j.high <= i.high && (after.cdf(i.low) - 0.05).abs() < 1e-9);
        }
    }

    #[test]
    fn nothing_to_learn_from() {
        assert_eq!(beta_prior(&[]), None);
        assert_eq!(beta_prior(&[(0.0, 5.0), (0.0, 9.0)]), None);
        assert_eq!(beta_prior(&[(3.0, 2.0)]), None);
        assert_eq!((Beta::new(0.0, 1.0), Beta::JEFFREYS.after(2.0, 1.0), Beta::JEFFREYS.interval(1.0)), (None, None, None));
        let same = beta_prior(&[(5.0, 10.0); 6]).unwrap();
        assert!(same.at_limit && (same.prior.mean() - 0.5).abs() < 1e-9);
        // π²/6.
        assert!((trigamma(1.0) - std::f64::consts::PI.powi(2) / 6.0).abs() < 1e-14);
    }
}
