//! Sums that do not depend on the order of what is summed.

use serde::{Deserialize, Serialize};

/// 2 to the 60: the resolution is 8.7e-19, the range ±1.4e20.
const ONE: f64 = (1u64 << 60) as f64;
/// What fits an i64 after scaling takes the fast way.
const SMALL: f64 = (1u64 << 62) as f64;

/// A sum in fixed point: whatever the order and the split, the same bits. Each term is rounded to a multiple of 2⁻⁶⁰; the
/// sum has to stay within ±1.4e20 (beyond, it sticks to the end of the range); not-a-number counts as 0.
///
/// ```
/// use goldpath::stats::FixedSum;
/// let mut forth = FixedSum::default();
/// let mut back = FixedSum::default();
/// let terms = [0.1, 1e16, -1e16, 0.2];
/// terms.iter().for_each(|&x| forth.add(x));
/// terms.iter().rev().for_each(|&x| back.add(x));
/// assert_eq!(forth, back);
/// assert!((forth.value() - 0.3).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct FixedSum(i128);

impl FixedSum {
    /// Adds a term.
    #[inline]
    pub fn add(&mut self, term: f64) {
        let scaled = (term * ONE).round_ties_even();
        let term = if scaled.abs() < SMALL { i128::from(scaled as i64) } else { scaled as i128 };
        self.0 = self.0.saturating_add(term);
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }

    /// The sum as a number.
    pub fn value(self) -> f64 {
        self.0 as f64 / ONE
    }
}
