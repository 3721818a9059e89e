//! Evidence that may be looked at after every case: e-values, always-valid p-values, confidence sequences.
//!
//! An e-value is a bet against the hypothesis: under it, the chance that the e-value ever reaches 1/α is at most α. So one may
//! stop whenever it is large enough; 1 ÷ the largest e-value so far is an always-valid p-value.

use super::beta::Beta;
use super::interval::Interval;
use super::mantel_haenszel::TwoByTwo;
use super::ratios::MOST_TABLES;
use super::special::{ln_beta, ln_factorial};

/// E-value of `n` values with this mean against the hypothesis of mean 0, as a mixture over normal effects of variance `tau2`:
/// √(σ²/(σ² + nτ²)) · exp(n²τ²x̄² ÷ 2σ²(σ² + nτ²)). `variance` is that of one value. 1 where it is not positive: what does not vary
/// shows nothing. `tau2` must not be negative.
///
/// Sources: H. Robbins, *Statistical methods related to the law of the iterated logarithm*, Annals of Mathematical Statistics 41
/// (1970) 1397–1409; R. Johari, P. Koomen, L. Pekelis and D. Walsh, *Always valid inference*, Operations Research 70 (2022)
/// 1806–1821.
///
/// ```
/// let e = goldpath::stats::mean_evidence(1000, 0.05, 0.25, 0.001);
/// assert!((e - 24.417).abs() < 1e-3);
/// ```
pub fn mean_evidence(n: u64, mean: f64, variance: f64, tau2: f64) -> f64 {
    if !(variance > 0.0 && tau2 >= 0.0) {
        return 1.0;
    }
    let n = n as f64;
    let total = variance + n * tau2;
    (variance / total).sqrt() * (n * n * tau2 * mean * mean / (2.0 * variance * total)).exp()
}

/// The confidence sequence that goes with [`mean_evidence`]: at every look, for ever, it contains the true mean with the given
/// level. `None` without a value, or where the variance or `tau2` is not positive or `level` not between 0 and 1.
///
/// x̄ ± √(σ²(σ² + nτ²) ÷ n²τ² · (2 ln(1/α) + ln((σ² + nτ²)/σ²))).
///
/// ```
/// let i = goldpath::stats::confidence_sequence(1000, 0.05, 0.25, 0.001, 0.95).unwrap();
/// assert!((i.high - i.low - 2.0 * 0.048737).abs() < 1e-6);
/// ```
pub fn confidence_sequence(n: u64, mean: f64, variance: f64, tau2: f64, level: f64) -> Option<Interval> {
    if n == 0 || !(variance > 0.0 && tau2 > 0.0 && level > 0.0 && level < 1.0) {
        return None;
    }
    let n = n as f64;
    let total = variance + n * tau2;
    let half = (variance * total / (n * n * tau2) * (-2.0 * (1.0 - level).ln() + (total / variance).ln())).sqrt();
    Some(Interval { estimate: mean, low: mean - half, high: mean + half })
}

/// E-value of `a` hits against `b` hits among `n` pairs, against equal shares, with the variance as estimated so far: valid for
/// many pairs, not for the first few. `None` where there are more hits than pairs.
///
/// ```
/// let e = goldpath::stats::pairs_evidence(1_200, 1_000, 4_000, 0.01).unwrap();
/// assert!(e > 20.0);
/// ```
pub fn pairs_evidence(a: u64, b: u64, n: u64, tau2: f64) -> Option<f64> {
    if a > n || b > n {
        return None;
    }
    if n == 0 {
        return Some(1.0);
    }
    let (p, q) = (a as f64 / n as f64, b as f64 / n as f64);
    Some(mean_evidence(n, p - q, p * (1.0 - p) + q * (1.0 - q), tau2))
}

/// Logarithm of the exact e-value of `hits` among `n` against a share of `share`, as a mixture over a beta belief:
/// B(a + k, b + n − k) ÷ B(a, b) ÷ share^k(1 − share)^(n − k). `None` where `hits` is above `n` or the share not between 0 and 1.
///
/// ```
/// use goldpath::stats::{Beta, share_evidence};
/// assert!((share_evidence(7, 10, 0.3, Beta::JEFFREYS).unwrap().exp() - 7.27199).abs() < 1e-5);
/// ```
pub fn share_evidence(hits: u64, n: u64, share: f64, belief: Beta) -> Option<f64> {
    if hits > n || !(share > 0.0 && share < 1.0) {
        return None;
    }
    let (k, m) = (hits as f64, (n - hits) as f64);
    Some(ln_beta(belief.a + k, belief.b + m) - ln_beta(belief.a, belief.b) - k * share.ln() - m * (-share).ln_1p())
}

/// Logarithm of the exact e-value of a choice over strata against the hypothesis that it does nothing in any of them, given all
/// margins: the mean over a grid of log odds ratios θ of ∏ P_θ(a)/P₀(a), P_θ Fisher's noncentral hypergeometric distribution. A
/// grid of positive θ asks for a gain only. `None` where the grid is empty or
/// not finite, or a stratum has more than a million tables of its margins. Adding a case to a stratum may be done
/// at any time if its table is looked at anew; the cost grows with the smallest margin of each stratum.
///
/// Source: as [`mean_evidence`]; the conditional likelihood: R. A. Fisher, JRSS 98 (1935) 39–82.
///
/// ```
/// use goldpath::stats::{TwoByTwo, strata_evidence};
/// let strata = [TwoByTwo::new(8, 2, 10, 10), TwoByTwo::new(12, 3, 20, 20)];
/// assert!(strata_evidence(strata, &[0.5, 1.0, 1.5]).unwrap() > 0.0);
/// ```
pub fn strata_evidence(strata: impl IntoIterator<Item = TwoByTwo>, grid: &[f64]) -> Option<f64> {
    if grid.is_empty() || grid.iter().any(|theta| !theta.is_finite()) {
        return None;
    }
    let mut logs = vec![0.0; grid.len()];
    for table in strata {
        let (n, m, a) = (table.treated(), table.control(), table.treated_hits);
        let hits = a + table.control_hits;
        let (first, last) = (hits.saturating_sub(m), hits.min(n));
        if last - first >= MOST_TABLES {
            return None;
        }
        let weight = |x: u64| -(ln_factorial(x) + ln_factorial(n - x) + ln_factorial(hits - x) + ln_factorial(m + x - hits));
        let weights: Vec<f64> = (first..=last).map(weight).collect();
        let none = log_sum(weights.iter().copied());
        for (log, theta) in logs.iter_mut().zip(grid) {
            let all = log_sum(weights.iter().enumerate().map(|(i, w)| w + theta * (first + i as u64) as f64));
            *log += theta * a as f64 - all + none;
        }
    }
    Some(log_sum(logs.into_iter()) - (grid.len() as f64).ln())
}

/// What a test that is looked at all the time has to gather: the (effect ÷ standard error)² at which the interval of
/// [`confidence_sequence`] with τ² = effect² has left 0 behind with the given power, at two-sided level `alpha`. `None` where
/// either is not between 0 and 1, or power is not above `alpha`.
///
/// The chance to have crossed the boundary by then is found by following the density of the sum of information, in steps of a
/// quarter of a unit.
///
/// ```
/// let needed = goldpath::stats::information_needed(0.05, 0.8).unwrap();
/// assert!(needed > 7.85 && needed < 15.0); // a single look at a planned time would need (1.96 + 0.84)²
/// ```
pub fn information_needed(alpha: f64, power: f64) -> Option<f64> {
    if !(alpha > 0.0 && alpha < 1.0 && power > alpha && power < 1.0) {
        return None;
    }
    const STEP: f64 = 0.25;
    const WIDTH: f64 = 0.1;
    let boundary = |u: f64| ((1.0 + u) * (-2.0 * alpha.ln() + u.ln_1p())).sqrt();
    let reach = (6.0 * STEP.sqrt() / WIDTH).ceil() as i64;
    let kernel: Vec<f64> = (-reach..=reach)
        .map(|d| {
            let off = d as f64 * WIDTH - STEP;
            (-off * off / (2.0 * STEP)).exp()
        })
        .collect();
    let total: f64 = kernel.iter().sum();
    // The sum of information at points `first`, `first + 1`, … times the width.
    let (mut first, mut mass, mut crossed, mut u) = (0i64, vec![1.0], 0.0, 0.0);
    while crossed < power {
        u += STEP;
        let mut next = vec![0.0; mass.len() + 2 * reach as usize];
        for (i, here) in mass.iter().enumerate() {
            kernel.iter().enumerate().for_each(|(j, weight)| next[i + j] += here * weight / total);
        }
        first -= reach;
        let edge = boundary(u);
        let at = |i: usize| (first + i as i64) as f64 * WIDTH;
        let (low, high) = ((0..next.len()).find(|&i| at(i) > -edge)?, (0..next.len()).rfind(|&i| at(i) < edge)?);
        crossed += next[..low].iter().chain(&next[high + 1..]).sum::<f64>();
        mass = next[low..=high].to_vec();
        first += low as i64;
    }
    Some(u)
}

/// ln Σ exp, without overflow.
fn log_sum(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    most + logs.map(|x| (x - most).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Zero lies outside the sequence just where the e-value has reached 1/α.
        #[test]
        fn sequence_and_evidence_say_the_same(n in 1u64..5_000, mean in -1.0f64..1.0, variance in 0.01f64..4.0, tau2 in 1e-4f64..1.0) {
            let i = confidence_sequence(n, mean, variance, tau2, 0.95).unwrap();
            let e = mean_evidence(n, mean, variance, tau2);
            prop_assume!((e * 0.05 - 1.0).abs() > 1e-9);
            prop_assert_eq!(e < 20.0, i.low < 0.0 && i.high > 0.0);
        }

        /// Under the hypothesis the e-value is 1 on average: exactly, over all outcomes.
        #[test]
        fn fair_bets(n in 1u64..30, share in 0.05f64..0.95, n1 in 1u64..9, n0 in 1u64..9, hits in 0u64..9, theta in -2.0f64..2.0) {
            let binomial = |k: u64| (ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k) + k as f64 * share.ln() + (n - k) as f64 * (1.0 - share).ln()).exp();
            let mean: f64 = (0..=n).map(|k| binomial(k) * share_evidence(k, n, share, Beta::JEFFREYS).unwrap().exp()).sum();
            prop_assert!((mean - 1.0).abs() < 1e-9);

            let hits = hits.min(n1 + n0);
            let tables: Vec<TwoByTwo> = (hits.saturating_sub(n0)..=hits.min(n1)).map(|a| TwoByTwo::new(a, n1 - a, hits - a, n0 + a - hits)).collect();
            let chance = |t: &TwoByTwo| (-(ln_factorial(t.treated_hits) + ln_factorial(t.treated_misses) + ln_factorial(t.control_hits) + ln_factorial(t.control_misses))).exp();
            let all: f64 = tables.iter().map(chance).sum();
            let mean: f64 = tables.iter().map(|t| chance(t) / all * strata_evidence([*t], &[theta, -theta]).unwrap().exp()).sum();
            prop_assert!((mean - 1.0).abs() < 1e-9);
        }
    }

    /// Paths of drift 1 and variance 1 a unit, looked at as often: as many have crossed.
    #[test]
    fn information_is_what_random_walks_need() {
        let (alpha, power) = (0.05, 0.8);
        let needed = information_needed(alpha, power).unwrap();
        let mut random = crate::stats::rng::Rng::of(crate::stats::rng::key(5, 1), 0);
        let crosses = |random: &mut crate::stats::rng::Rng| {
            let (mut sum, mut u) = (0.0, 0.0);
            while u < needed {
                u += 0.25;
                sum += 0.25 + 0.5 * crate::stats::normal_quantile(random.unit().max(1e-12));
                let i = confidence_sequence(1, sum / u, 1.0 / u, 1.0, 1.0 - alpha).unwrap();
                if i.low > 0.0 || i.high < 0.0 {
                    return true;
                }
            }
            false
        };
        let share = (0..4_000).filter(|_| crosses(&mut random)).count() as f64 / 4_000.0;
        assert!((share - power).abs() < 0.03, "{share}");
        assert_eq!((information_needed(0.05, 0.05), information_needed(0.0, 0.8)), (None, None));
    }

    #[test]
    fn nothing_seen_is_no_evidence() {
        assert_eq!(mean_evidence(5, 1.0, 0.0, 1.0), 1.0);
        assert_eq!((pairs_evidence(0, 0, 0, 0.1), pairs_evidence(2, 0, 1, 0.1)), (Some(1.0), None));
        assert_eq!(share_evidence(0, 0, 0.3, Beta::JEFFREYS), Some(0.0));
        assert_eq!(strata_evidence([], &[]), None);
        assert!(strata_evidence([], &[1.0]).unwrap().abs() < 1e-12);
    }
}
