//! Values with how often each occurs: what rank statistics need of a sample.

use serde::Serialize;

use super::two_sample::Moments;

/// Distinct values in ascending order, each with its count. Not-a-number and infinite values are never in it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Histogram {
    values: Vec<(f64, u64)>,
    n: u64,
}

impl Histogram {
    /// From values with their counts, in any order; `None` if a value is not finite.
    ///
    /// ```
    /// use goldpath::stats::Histogram;
    /// let h = Histogram::of([(2.0, 1), (1.0, 3), (2.0, 4)]).unwrap();
    /// assert_eq!((h.n(), h.values()), (8, &[(1.0, 3), (2.0, 5)][..]));
    /// ```
    pub fn of(values: impl IntoIterator<Item = (f64, u64)>) -> Option<Self> {
        let mut values: Vec<(f64, u64)> = values.into_iter().filter(|v| v.1 > 0).collect();
        if values.iter().any(|v| !v.0.is_finite()) {
            return None;
        }
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        values.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        let n = values.iter().map(|v| v.1).sum();
        Some(Self { values, n })
    }

    /// From single values; `None` if one is not finite.
    pub fn of_values(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        Self::of(values.into_iter().map(|x| (x, 1)))
    }

    /// How many values, each as often as it occurs.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The distinct values, ascending, with their counts.
    pub fn values(&self) -> &[(f64, u64)] {
        &self.values
    }

    /// Count, mean and spread of the values under a mapping, for the identity or a logarithm; `None` where it gives a number
    /// that is not finite.
    ///
    /// ```
    /// use goldpath::stats::Histogram;
    /// let prices = Histogram::of([(100.0, 2), (400.0, 2)]).unwrap();
    /// assert_eq!(prices.moments(|x| x).unwrap().mean, 250.0);
    /// assert!((prices.moments(f64::ln).unwrap().mean.exp() - 200.0).abs() < 1e-9);
    /// assert_eq!(prices.moments(|x| (x - 200.0).ln()), None);
    /// ```
    pub fn moments(&self, map: impl Fn(f64) -> f64) -> Option<Moments> {
        let mapped: Vec<(f64, f64)> = self.values.iter().map(|&(x, n)| (map(x), n as f64)).collect();
        let n = self.n as f64;
        if self.n == 0 {
            return Some(Moments::default());
        }
        let mean = mapped.iter().map(|(x, n)| x * n).sum::<f64>() / n;
        // The rest that rounding left in the mean is taken out of the squares again.
        let rest = mapped.iter().map(|(x, n)| (x - mean) * n).sum::<f64>();
        let m2 = mapped.iter().map(|(x, n)| (x - mean) * (x - mean) * n).sum::<f64>() - rest * rest / n;
        m2.is_finite().then_some(Moments { n: self.n, mean, m2: m2.max(0.0) })
    }
}
