//! p-values adjusted for how many hypotheses were tested. Each function takes the p-values of *all* tested hypotheses, shown
//! or not, and gives the adjusted ones in the same order; `None` if one is not between 0 and 1.

/// Orders of the p-values from the smallest; `None` if one is not between 0 and 1.
fn ranked(p: &[f64]) -> Option<Vec<usize>> {
    if p.iter().any(|x| !(0.0..=1.0).contains(x)) {
        return None;
    }
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&i, &j| p[i].total_cmp(&p[j]).then(i.cmp(&j)));
    Some(order)
}

/// `factor(rank)` times each p-value, made monotone from the largest down, at most 1.
fn step_up(p: &[f64], factor: impl Fn(f64) -> f64) -> Option<Vec<f64>> {
    let order = ranked(p)?;
    let mut adjusted = vec![0.0; p.len()];
    let mut least = 1.0f64;
    for (rank, &i) in order.iter().enumerate().rev() {
        least = least.min(p[i] * factor((rank + 1) as f64));
        adjusted[i] = least;
    }
    Some(adjusted)
}

/// Benjamini and Hochberg's adjusted p-values (q-values): the share of false findings expected among those at or below.
/// q₍ᵢ₎ = min over j ≥ i of p₍ⱼ₎·m/j.
///
/// Source: Y. Benjamini and Y. Hochberg, *Controlling the false discovery rate*, Journal of the Royal Statistical Society B
/// 57 (1995) 289–300.
///
/// ```
/// let q = goldpath::stats::benjamini_hochberg(&[0.9, 0.01, 0.5, 0.02, 0.03]).unwrap();
/// assert!((q[1] - 0.05).abs() < 1e-12 && (q[2] - 0.625).abs() < 1e-12);
/// ```
pub fn benjamini_hochberg(p: &[f64]) -> Option<Vec<f64>> {
    let m = p.len() as f64;
    step_up(p, |rank| m / rank)
}

/// Benjamini and Yekutieli's adjusted p-values: as [`benjamini_hochberg`], times Σ1/i, and right under any dependence.
///
/// Source: Y. Benjamini and D. Yekutieli, *The control of the false discovery rate in multiple testing under dependency*,
/// Annals of Statistics 29 (2001) 1165–1188.
///
/// ```
/// let q = goldpath::stats::benjamini_yekutieli(&[0.01, 0.01, 0.01, 0.04]).unwrap();
/// assert!((q[0] - 0.027777777).abs() < 1e-8);
/// ```
pub fn benjamini_yekutieli(p: &[f64]) -> Option<Vec<f64>> {
    let m = p.len() as f64;
    let harmonic: f64 = (1..=p.len()).map(|i| 1.0 / i as f64).sum();
    step_up(p, |rank| harmonic * m / rank)
}

/// The two-stage adjusted p-values of Benjamini, Krieger and Yekutieli at rate `alpha`: those of [`benjamini_hochberg`] times
/// (1 + α) and the share of hypotheses that a first stage at α/(1 + α) leaves standing. `None` also where `alpha` is not
/// between 0 and 1.
///
/// Source: Y. Benjamini, A. M. Krieger and D. Yekutieli, *Adaptive linear step-up procedures that control the false
/// discovery rate*, Biometrika 93 (2006) 491–507.
///
/// ```
/// let q = goldpath::stats::two_stage(&[0.0, 0.0, 0.5], 0.05).unwrap();
/// assert!((q[2] - 0.175).abs() < 1e-12);
/// ```
pub fn two_stage(p: &[f64], alpha: f64) -> Option<Vec<f64>> {
    if !(alpha > 0.0 && alpha < 1.0) {
        return None;
    }
    let q = benjamini_hochberg(p)?;
    let first = q.iter().filter(|&&q| q <= alpha / (1.0 + alpha)).count();
    let standing = if first == 0 || first == p.len() { 1.0 } else { (p.len() - first) as f64 / p.len() as f64 };
    Some(q.into_iter().map(|q| (q * standing * (1.0 + alpha)).min(1.0)).collect())
}

/// Holm's adjusted p-values, which bound the chance of even one false finding: max over j ≤ i of (m − j + 1)·p₍ⱼ₎, at most 1.
///
/// Source: S. Holm, *A simple sequentially rejective multiple test procedure*, Scandinavian Journal of Statistics 6 (1979)
/// 65–70.
///
/// ```
/// let p = goldpath::stats::holm(&[0.9, 0.01, 0.5, 0.02, 0.03]).unwrap();
/// assert!((p[1] - 0.05).abs() < 1e-12 && (p[3] - 0.08).abs() < 1e-12);
/// ```
pub fn holm(p: &[f64]) -> Option<Vec<f64>> {
    let mut adjusted = vec![0.0; p.len()];
    let mut most = 0.0f64;
    for (rank, i) in ranked(p)?.into_iter().enumerate() {
        most = most.max((p[i] * (p.len() - rank) as f64).min(1.0));
        adjusted[i] = most;
    }
    Some(adjusted)
}

/// Bonferroni's adjusted p-values: m·p, at most 1.
///
/// ```
/// assert_eq!(goldpath::stats::bonferroni(&[0.25, 0.9]), Some(vec![0.5, 1.0]));
/// ```
pub fn bonferroni(p: &[f64]) -> Option<Vec<f64>> {
    let m = p.len() as f64;
    ranked(p).map(|_| p.iter().map(|p| (p * m).min(1.0)).collect())
}

/// Which hypotheses may be rejected with e-values at false discovery rate `alpha`, right under any dependence and any
/// stopping: those among the k largest, for the largest k with e₍ₖ₎ ≥ m/(αk). `None` if an e-value is negative or not a
/// number, or `alpha` is not between 0 and 1.
///
/// Source: R. Wang and A. Ramdas, *False discovery rate control with e-values*, Journal of the Royal Statistical Society B
/// 84 (2022) 822–852.
///
/// ```
/// let reject = goldpath::stats::e_benjamini_hochberg(&[100.0, 3.0, 50.0, 0.5, 40.0, 1.0], 0.1).unwrap();
/// assert_eq!(reject, [true, false, true, false, true, false]);
/// ```
pub fn e_benjamini_hochberg(e: &[f64], alpha: f64) -> Option<Vec<bool>> {
    if !(alpha > 0.0 && alpha < 1.0) || e.iter().any(|x| !(*x >= 0.0)) {
        return None;
    }
    let mut sorted = e.to_vec();
    sorted.sort_by(|x, y| y.total_cmp(x));
    let m = e.len() as f64;
    let bar = sorted.iter().enumerate().rev().find(|(i, x)| **x >= m / (alpha * (i + 1) as f64)).map(|(_, x)| *x);
    Some(e.iter().map(|x| bar.is_some_and(|bar| *x >= bar)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn monotone_ordered_and_blind_to_order(p in proptest::collection::vec(0.0f64..=1.0, 1..60)) {
            let all = [benjamini_hochberg(&p), two_stage(&p, 0.1), benjamini_yekutieli(&p), holm(&p), bonferroni(&p)].map(Option::unwrap);
            for q in &all {
                for i in 0..p.len() {
                    prop_assert!((0.0..=1.0).contains(&q[i]));
                    for j in 0..p.len() {
                        prop_assert!(p[i] > p[j] || q[i] <= q[j]);
                    }
                }
            }
            let [bh, _, by, holm, bonferroni] = &all;
            for i in 0..p.len() {
                prop_assert!(p[i] <= bh[i] && bh[i] <= by[i] + 1e-15 && bh[i] <= holm[i] + 1e-15 && holm[i] <= bonferroni[i]);
            }
            let turned: Vec<f64> = p.iter().rev().copied().collect();
            let mut back = benjamini_hochberg(&turned).unwrap();
            back.reverse();
            prop_assert_eq!(bh, &back);
        }

        /// The procedure as it was first given: reject the k smallest for the largest k with p₍ₖ₎ ≤ αk/m.
        #[test]
        fn adjusted_values_are_the_procedure(p in proptest::collection::vec(0.0f64..=0.2, 1..40), alpha in 0.01f64..0.3) {
            let mut sorted = p.clone();
            sorted.sort_by(f64::total_cmp);
            let m = p.len() as f64;
            let close = |x: f64, k: usize| (x - alpha * k as f64 / m).abs() < 1e-12;
            prop_assume!(!sorted.iter().enumerate().any(|(i, &x)| close(x, i + 1)));
            let k = sorted.iter().enumerate().filter(|&(i, &x)| x <= alpha * (i + 1) as f64 / m).map(|(i, _)| i + 1).max().unwrap_or(0);
            prop_assert_eq!(benjamini_hochberg(&p).unwrap().iter().filter(|&&q| q <= alpha).count(), k);
        }
    }

    #[test]
    fn what_is_no_p_value_is_refused() {
        assert_eq!(benjamini_hochberg(&[0.1, f64::NAN]), None);
        assert_eq!(holm(&[1.1]), None);
        assert_eq!(benjamini_hochberg(&[]), Some(vec![]));
        assert_eq!(e_benjamini_hochberg(&[1.0, -1.0], 0.1), None);
    }
}
