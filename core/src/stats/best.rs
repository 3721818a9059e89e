//! Which of several unknown shares is the largest.

use serde::Serialize;

use super::beta::Beta;
use super::special::{beta_cdf, ln_beta};

/// What can be said of choosing one of several items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Best {
    /// Probability of being the largest, item by item; they sum to 1.
    pub probability: Vec<f64>,
    /// What is lost on average by choosing the item instead of the largest, in the unit of the shares.
    pub expected_loss: Vec<f64>,
}

/// Points at which a belief is cut: between them its density is smooth enough for the quadrature.
const CUTS: [f64; 15] = [1e-15, 1e-11, 1e-8, 1e-5, 1e-3, 0.02, 0.15, 0.5, 0.85, 0.98, 1.0 - 1e-3, 1.0 - 1e-5, 1.0 - 1e-8, 1.0 - 1e-11, 1.0 - 1e-15];
/// Nodes between two cuts.
const NODES: usize = 16;

/// Probability that each of several independent beta beliefs is the largest, and the expected loss of choosing it: ∫f ∏F of the
/// others, and E(max) − mean with E(max) = ∫(1 − ∏F). By Gauss–Legendre quadrature on the log-odds, between cuts at quantiles of
/// all beliefs; good to about nine digits. Cost grows with the square of their number. Empty for none.
///
/// ```
/// use goldpath::stats::{Beta, best};
/// let beliefs = [(12.0, 18.0), (10.0, 20.0), (15.0, 15.0), (3.0, 2.0)].map(|(a, b)| Beta::new(a, b).unwrap());
/// let found = best(&beliefs);
/// assert!((found.probability[3] - 0.651465).abs() < 1e-6);
/// assert!(found.expected_loss[3] < found.expected_loss[1]);
/// ```
pub fn best(beliefs: &[Beta]) -> Best {
    let k = beliefs.len();
    if k == 0 {
        return Best { probability: vec![], expected_loss: vec![] };
    }
    let rule = gauss_legendre(NODES);
    let mut cuts: Vec<f64> = beliefs.iter().flat_map(|belief| CUTS.map(|p| log_odds(*belief, p))).collect();
    cuts.sort_by(f64::total_cmp);
    let mut probability = vec![0.0; k];
    // ∫∏F over the cut range; below it ∏F is 0, above it 1.
    let mut below = 0.0;
    let scale: Vec<f64> = beliefs.iter().map(|belief| ln_beta(belief.a, belief.b)).collect();
    let (mut cdf, mut before) = (vec![0.0; k], vec![0.0; k + 1]);
    for pair in cuts.windows(2).filter(|pair| pair[1] > pair[0]) {
        let (middle, half) = (f64::midpoint(pair[0], pair[1]), (pair[1] - pair[0]) / 2.0);
        for &(node, weight) in &rule {
            let t = middle + half * node;
            // x and 1 − x without loss at either end.
            let (x, y) = (1.0 / (1.0 + (-t).exp()), 1.0 / (1.0 + t.exp()));
            for (cdf, belief) in cdf.iter_mut().zip(beliefs) {
                *cdf = beta_cdf(x, y, belief.a, belief.b);
            }
            before[0] = 1.0;
            for i in 0..k {
                before[i + 1] = before[i] * cdf[i];
            }
            below += weight * half * before[k] * x * y;
            let mut after = 1.0;
            for i in (0..k).rev() {
                let density = (beliefs[i].a * x.ln() + beliefs[i].b * y.ln() - scale[i]).exp();
                probability[i] += weight * half * density * before[i] * after;
                after *= cdf[i];
            }
        }
    }
    let sum: f64 = probability.iter().sum();
    if sum > 0.0 {
        for p in &mut probability {
            *p /= sum;
        }
    }
    let last = cuts.last().map_or(1.0, |t| 1.0 / (1.0 + (-t).exp()));
    let largest = last - below;
    let expected_loss = beliefs.iter().map(|belief| (largest - belief.mean()).max(0.0)).collect();
    Best { probability, expected_loss }
}

/// Log-odds of a quantile. Shares too close to an end for a number are cut where numbers end.
fn log_odds(belief: Beta, p: f64) -> f64 {
    // The upper half is found from the other end, where 1 − x keeps its digits.
    let (x, sign) = if p <= 0.5 { (belief.quantile(p), 1.0) } else { (Beta { a: belief.b, b: belief.a }.quantile(1.0 - p), -1.0) };
    sign * if x > 0.0 { x.ln() - (-x).ln_1p() } else { -700.0 }
}

/// Nodes and weights of the rule on [−1, 1], by Newton's method on the Legendre polynomial.
fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    let value = |x: f64| {
        let (mut previous, mut p) = (1.0, x);
        for k in 2..=n {
            (previous, p) = (p, ((2 * k - 1) as f64 * x * p - (k - 1) as f64 * previous) / k as f64);
        }
        (p, n as f64 * (x * p - previous) / (x * x - 1.0))
    };
    let node = |i: usize| {
        let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
        for _ in 0..50 {
            let (p, slope) = value(x);
            x -= p / slope;
        }
        let slope = value(x).1;
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..n).map(node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// For whole a: P(first > second) = Σ B(a₂ + i, b₁ + b₂) ÷ ((b₂ + i) …), Miller's closed form.
    fn closed(first: Beta, second: Beta) -> f64 {
        (0..first.a as u32)
            .map(|i| {
                let i = f64::from(i);
                (ln_beta(second.a + i, first.b + second.b) - ln_beta(1.0 + i, first.b) - ln_beta(second.a, second.b)).exp() / (first.b + i)
            })
            .sum()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn agrees_with_the_closed_form(a1 in 1u32..400, b1 in 0.3f64..400.0, a2 in 0.3f64..3000.0, b2 in 0.3f64..3000.0) {
            let (first, second) = (Beta::new(f64::from(a1), b1).unwrap(), Beta::new(a2, b2).unwrap());
            let found = best(&[first, second]);
            prop_assert!((found.probability[0] - closed(first, second)).abs() < 1e-8, "{:?} {}", found, closed(first, second));
            prop_assert!((found.probability[0] + found.probability[1] - 1.0).abs() < 1e-12);
            // What one choice loses more than the other is the difference of their means.
            let [x, y] = found.expected_loss[..] else { panic!() };
            prop_assert!(x == 0.0 || y == 0.0 || (y - x - (first.mean() - second.mean())).abs() < 1e-9);
        }

        #[test]
        fn order_does_not_matter(items in proptest::collection::vec((0.2f64..300.0, 0.2f64..300.0), 1..8)) {
            let mut beliefs: Vec<Beta> = items.iter().map(|&(a, b)| Beta { a, b }).collect();
            let found = best(&beliefs);
            beliefs.reverse();
            let back = best(&beliefs);
            for (p, q) in found.probability.iter().zip(back.probability.iter().rev()) {
                prop_assert!((p - q).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn one_and_none() {
        assert!(best(&[]).probability.is_empty());
        let alone = best(&[Beta::JEFFREYS]);
        assert!((alone.probability[0] - 1.0).abs() < 1e-12 && alone.expected_loss[0] < 1e-9);
        let same = best(&[Beta { a: 40.0, b: 60.0 }; 4]);
        assert!(same.probability.iter().all(|p| (p - 0.25).abs() < 1e-9));
    }
}
