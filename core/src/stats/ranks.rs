//! Comparing two samples by rank: Mann and Whitney's test, Hodges and Lehmann's shift.

use serde::Serialize;

use super::histogram::Histogram;
use super::interval::Interval;
use super::special::{level_z, normal_two_sided};

/// The exact distribution is worked out up to this product of the sizes.
const EXACT: u64 = 2_500;

/// Mann and Whitney's comparison of two samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RankTest {
    /// Pairs in which the first sample's value is larger, ties counted half.
    pub u: f64,
    /// The share of such pairs: the probability that a value of the first sample is larger. 0.5 is no difference.
    pub superiority: f64,
    /// Exact two-sided p-value; `None` with ties, or where the product of the sizes is above 2,500.
    pub p_exact: Option<f64>,
    /// Two-sided p-value of the normal approximation, corrected for ties and continuity; `None` where all values are equal.
    pub p_normal: Option<f64>,
}

impl RankTest {
    /// The exact p-value where there is one, else the approximate one.
    pub fn p_value(&self) -> Option<f64> {
        self.p_exact.or(self.p_normal)
    }
}

/// Mann and Whitney's test that no sample tends to larger values; `None` if either is empty.
///
/// z = (|U − nm/2| − ½)/σ with σ² = nm/12·(N + 1 − Σ(t³ − t)/(N(N − 1))), t the sizes of ties.
///
/// Source: H. B. Mann and D. R. Whitney, *On a test of whether one of two random variables is stochastically larger than the
/// other*, Annals of Mathematical Statistics 18 (1947) 50–60.
///
/// ```
/// use goldpath::stats::{Histogram, mann_whitney};
/// let a = Histogram::of_values([1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
/// let b = Histogram::of_values([10.0, 11.0, 12.0, 13.0]).unwrap();
/// let test = mann_whitney(&a, &b).unwrap();
/// assert_eq!((test.u, test.superiority), (0.0, 0.0));
/// assert!((test.p_value().unwrap() - 2.0 / 126.0).abs() < 1e-12);
/// ```
pub fn mann_whitney(a: &Histogram, b: &Histogram) -> Option<RankTest> {
    if a.n() == 0 || b.n() == 0 {
        return None;
    }
    let (n, m) = (a.n() as f64, b.n() as f64);
    let (xs, ys) = (a.values(), b.values());
    // Doubled, so that half pairs are whole.
    let (mut twice, mut below, mut ties) = (0u128, 0u64, 0.0);
    let mut tied = |t: u64| {
        let t = t as f64;
        ties += t * (t * t - 1.0);
    };
    let mut j = 0;
    for &(x, count) in xs {
        while j < ys.len() && ys[j].0 < x {
            below += ys[j].1;
            tied(ys[j].1);
            j += 1;
        }
        let equal = if j < ys.len() && ys[j].0 == x { ys[j].1 } else { 0 };
        twice += u128::from(count) * (2 * u128::from(below) + u128::from(equal));
        tied(count + equal);
        if equal > 0 {
            below += equal;
            j += 1;
        }
    }
    ys[j..].iter().for_each(|y| tied(y.1));
    let u = twice as f64 / 2.0;
    let total = n + m;
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    let off = ((u - n * m / 2.0).abs() - 0.5).max(0.0);
    let p_normal = (variance > 0.0).then(|| normal_two_sided(off / variance.sqrt()));
    let p_exact = (ties == 0.0 && a.n().saturating_mul(b.n()) <= EXACT).then(|| exact(a.n() as usize, b.n() as usize, u));
    Some(RankTest { u, superiority: u / (n * m), p_exact, p_normal })
}

/// Twice the probability of a statistic at least as far from the middle. The number of orders with statistic u obeys
/// N(n, m, u) = N(n, m − 1, u) + N(n − 1, m, u − m).
fn exact(n: usize, m: usize, u: f64) -> f64 {
    let most = n * m;
    let mut counts = vec![vec![0.0f64; most + 1]; n + 1];
    for row in &mut counts {
        row[0] = 1.0;
    }
    for m in 1..=m {
        for n in 1..=n {
            let (fewer, rows) = counts.split_at_mut(n);
            for u in m..=n * m {
                rows[0][u] += fewer[n - 1][u - m];
            }
        }
    }
    let far = u.max(most as f64 - u) as usize;
    let row = &counts[n];
    (2.0 * row[far..].iter().sum::<f64>() / row.iter().sum::<f64>()).min(1.0)
}

/// Hodges and Lehmann's shift between two samples, first minus second: the median of all differences of pairs, with the
/// distribution-free interval between the c-th smallest and the c-th largest of them, c = nm/2 − z√(nm(n + m + 1)/12) rounded
/// down (counted from 0). `None` if either is empty or `level` is not between 0 and 1. All pairs are never laid out.
///
/// Source: J. L. Hodges and E. L. Lehmann, *Estimates of location based on rank tests*, Annals of Mathematical Statistics 34
/// (1963) 598–611; the interval after M. Hollander and D. A. Wolfe, *Nonparametric statistical methods*, 2nd ed. (1999) 4.3.
///
/// ```
/// use goldpath::stats::{Histogram, hodges_lehmann};
/// let a = Histogram::of_values([3.0, 5.0]).unwrap();
/// let b = Histogram::of_values([1.0, 2.0, 9.0]).unwrap();
/// let shift = hodges_lehmann(&a, &b, 0.95).unwrap();
/// assert_eq!((shift.estimate, shift.low, shift.high), (1.5, -6.0, 4.0));
/// ```
pub fn hodges_lehmann(a: &Histogram, b: &Histogram, level: f64) -> Option<Interval> {
    let z = level_z(level)?;
    let pairs = u128::from(a.n()) * u128::from(b.n());
    if pairs == 0 {
        return None;
    }
    let (n, m) = (a.n() as f64, b.n() as f64);
    let c = (n * m / 2.0 - z * (n * m * (n + m + 1.0) / 12.0).sqrt()).max(0.0) as u128;
    let c = c.min((pairs - 1) / 2);
    let at = |rank: u128| nth_difference(a, b, rank);
    let middle = if pairs % 2 == 1 { at(pairs / 2) } else { f64::midpoint(at(pairs / 2 - 1), at(pairs / 2)) };
    Some(Interval { estimate: middle, low: at(c), high: at(pairs - 1 - c) })
}

/// The difference of rank `rank` from 0, found by halving over the order of floating-point numbers.
fn nth_difference(a: &Histogram, b: &Histogram, rank: u128) -> f64 {
    let (xs, ys) = (a.values(), b.values());
    let (Some(first), Some(last)) = (xs.first().zip(ys.last()), xs.last().zip(ys.first())) else { return 0.0 };
    let (mut low, mut high) = (ordinal(first.0.0 - first.1.0), ordinal(last.0.0 - last.1.0));
    // The smallest number that has more than `rank` differences at or below it is one of the differences.
    while low < high {
        let middle = low + (high - low) / 2;
        if at_most(xs, ys, b.n(), number(middle)) > rank {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    number(low)
}

/// How many differences are at most `x`.
fn at_most(xs: &[(f64, u64)], ys: &[(f64, u64)], all: u64, x: f64) -> u128 {
    let (mut j, mut count, mut rest) = (0, 0u128, all);
    for &(value, weight) in xs {
        while j < ys.len() && value - ys[j].0 > x {
            rest -= ys[j].1;
            j += 1;
        }
        count += u128::from(weight) * u128::from(rest);
    }
    count
}

/// Floating-point numbers in their order as integers.
fn ordinal(x: f64) -> u64 {
    let bits = x.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
}

fn number(ordinal: u64) -> f64 {
    f64::from_bits(if ordinal >> 63 == 1 { ordinal & !(1 << 63) } else { !ordinal })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[i32]) -> Histogram {
        Histogram::of_values(values.iter().map(|&x| f64::from(x) / 4.0)).unwrap()
    }

    proptest! {
        #[test]
        fn against_all_pairs(a in proptest::collection::vec(-20i32..20, 1..15), b in proptest::collection::vec(-20i32..20, 1..15)) {
            let pairs: Vec<f64> = a.iter().flat_map(|x| b.iter().map(move |y| f64::from(x - y) / 4.0)).collect();
            let test = mann_whitney(&of(&a), &of(&b)).unwrap();
            let u: f64 = pairs.iter().map(|d| if *d > 0.0 { 1.0 } else if *d == 0.0 { 0.5 } else { 0.0 }).sum();
            prop_assert_eq!(test.u, u);
            let swapped = mann_whitney(&of(&b), &of(&a)).unwrap();
            prop_assert!((test.superiority + swapped.superiority - 1.0).abs() < 1e-12);
            prop_assert_eq!((test.p_exact, test.p_normal), (swapped.p_exact, swapped.p_normal));
            prop_assert!(test.p_value().is_none_or(|p| (0.0..=1.0).contains(&p)));

            let mut sorted = pairs;
            sorted.sort_by(f64::total_cmp);
            for (rank, expected) in sorted.iter().enumerate() {
                prop_assert_eq!(nth_difference(&of(&a), &of(&b), rank as u128), *expected);
            }
            let (shift, back) = (hodges_lehmann(&of(&a), &of(&b), 0.9).unwrap(), hodges_lehmann(&of(&b), &of(&a), 0.9).unwrap());
            prop_assert!(shift.low <= shift.estimate && shift.estimate <= shift.high);
            prop_assert_eq!(shift, back.negated());
        }

        /// The exact p-value is that of all orders of the values.
        #[test]
        fn exact_against_all_orders(order in Just((0..7).collect::<Vec<i32>>()).prop_shuffle(), n in 1usize..7) {
            let (a, b) = order.split_at(n);
            let found = mann_whitney(&of(a), &of(b)).unwrap();
            let middle = (n * (7 - n)) as f64 / 2.0;
            let (mut far, mut all) = (0.0, 0.0);
            for chosen in (0u32..128).filter(|c| c.count_ones() as usize == n) {
                let (a, b): (Vec<i32>, Vec<i32>) = (0..7).partition(|i| chosen >> i & 1 == 1);
                let u = mann_whitney(&of(&a), &of(&b)).unwrap().u;
                all += 1.0;
                far += f64::from(u8::from((u - middle).abs() >= (found.u - middle).abs()));
            }
            prop_assert!((found.p_exact.unwrap() - far / all).abs() < 1e-12);
        }
    }

    #[test]
    fn corners() {
        let empty = Histogram::default();
        assert_eq!(mann_whitney(&empty, &of(&[1])), None);
        assert_eq!(hodges_lehmann(&of(&[1]), &empty, 0.95), None);
        assert_eq!(Histogram::of_values([f64::NAN]), None);
        let same = mann_whitney(&of(&[2, 2]), &of(&[2])).unwrap();
        assert_eq!((same.superiority, same.p_value()), (0.5, None));
        let big = Histogram::of([(0.0, 1 << 40), (1.0, 1 << 40)]).unwrap();
        assert_eq!(hodges_lehmann(&big, &big, 0.95).unwrap().estimate, 0.0);
    }
}
