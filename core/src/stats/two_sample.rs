//! Comparing the means of two samples.

use super::proportions::Interval;
use super::t_quantile;

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

/// Welch's interval for the difference of two means, first minus second; `None` if either has fewer than two values. Where
/// neither varies the interval has no width: it is then no evidence of anything.
///
/// Source: B. L. Welch, *The generalization of “Student’s” problem when several different population variances are
/// involved*, Biometrika 34 (1947) 28–35.
pub fn welch(a: Moments, b: Moments, level: f64) -> Option<Interval> {
    let (va, vb) = (a.variance()? / a.n as f64, b.variance()? / b.n as f64);
    let variance = va + vb;
    let estimate = a.mean - b.mean;
    if variance <= 0.0 {
        return Some(Interval { estimate, low: estimate, high: estimate });
    }
    let df = variance * variance / (va * va / (a.n - 1) as f64 + vb * vb / (b.n - 1) as f64);
    let half = t_quantile(0.5 + level / 2.0, df) * variance.sqrt();
    Some(Interval { estimate, low: estimate - half, high: estimate + half })
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
