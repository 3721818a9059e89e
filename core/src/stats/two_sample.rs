//! Comparing the means of two samples.

use super::interval::{Interval, Test};
use super::special::{level_t, t_two_sided};

/// Count, mean and sum of squared distances from the mean of a sample; samples can be joined.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Moments {
    /// How many values.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// Sum of squared distances from the mean.
    pub m2: f64,
}

impl Moments {
    /// Adds a value (Welford's update).
    pub fn push(&mut self, x: f64) {
        self.n += 1;
        let d = x - self.mean;
        self.mean += d / self.n as f64;
        self.m2 += d * (x - self.mean);
    }

    /// Sample variance; `None` below two values.
    pub fn variance(&self) -> Option<f64> {
        (self.n > 1).then(|| self.m2 / (self.n - 1) as f64)
    }
}

/// Difference of two means with its variance and Welch's degrees of freedom.
struct Difference {
    estimate: f64,
    variance: f64,
    df: f64,
}

fn difference(a: Moments, b: Moments) -> Option<Difference> {
    let (va, vb) = (a.variance()? / a.n as f64, b.variance()? / b.n as f64);
    let variance = va + vb;
    let df = variance * variance / (va * va / (a.n - 1) as f64 + vb * vb / (b.n - 1) as f64);
    Some(Difference { estimate: a.mean - b.mean, variance, df })
}

/// Welch's interval for the difference of two means, first minus second; `None` if either has fewer than two values or
/// `level` is not between 0 and 1. Where neither varies the interval has no width: it is then no evidence of anything.
///
/// On logarithms the ends are those of the logarithm of the ratio of geometric means.
///
/// Source: B. L. Welch, *The generalization of “Student’s” problem when several different population variances are
/// involved*, Biometrika 34 (1947) 28–35.
///
/// ```
/// use goldpath::stats::{Moments, welch};
/// let a: Moments = [3.0, 4.0, 6.0, 7.0].into_iter().collect();
/// let b: Moments = [1.0, 2.0, 2.0, 3.0].into_iter().collect();
/// let i = welch(a, b, 0.95).unwrap();
/// assert!(i.estimate == 3.0 && i.low > 0.0);
/// ```
pub fn welch(a: Moments, b: Moments, level: f64) -> Option<Interval> {
    let Difference { estimate, variance, df } = difference(a, b)?;
    if variance <= 0.0 {
        return level_t(level, 1.0).map(|_| Interval { estimate, low: estimate, high: estimate });
    }
    let half = level_t(level, df)? * variance.sqrt();
    Some(Interval { estimate, low: estimate - half, high: estimate + half })
}

/// Welch's test of equal means, two-sided; `None` if either has fewer than two values or none varies.
///
/// ```
/// use goldpath::stats::{Moments, welch_test};
/// let a: Moments = [3.0, 4.0, 6.0, 7.0].into_iter().collect();
/// let b: Moments = [1.0, 2.0, 2.0, 3.0].into_iter().collect();
/// assert!(welch_test(a, b).unwrap().p_value < 0.05);
/// ```
pub fn welch_test(a: Moments, b: Moments) -> Option<Test> {
    let Difference { estimate, variance, df } = difference(a, b)?;
    (variance > 0.0).then(|| {
        let statistic = estimate / variance.sqrt();
        Test { statistic, df, p_value: t_two_sided(statistic, df) }
    })
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut moments = Self::default();
        values.into_iter().for_each(|x| moments.push(x));
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Moments {
        values.iter().fold(Moments::default(), |mut m, &x| {
            m.push(x);
            m
        })
    }

    #[test]
    fn equal_samples_differ_by_nothing() {
        let a = of(&[1.0, 2.0, 4.0]);
        let i = welch(a, a, 0.95).unwrap();
        assert!(i.estimate.abs() < 1e-15 && (i.low + i.high).abs() < 1e-12);
        assert_eq!(welch(of(&[1.0]), a, 0.95), None);
        let i = welch(of(&[1.0, 1.0]), of(&[2.0, 2.0]), 0.95).unwrap();
        assert_eq!((i.low, i.high), (-1.0, -1.0));
    }
}
