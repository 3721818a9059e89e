//! What the kernels return: an interval, an estimate with its standard error, a test.

use serde::{Deserialize, Serialize};

use super::special::{level_z, normal_two_sided};

/// An estimate and the interval around it. An end is infinite where the data set no bound on that side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The estimate.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// The interval of the negated quantity: what swapping the two arms of a difference gives.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { estimate: -self.estimate, low: -self.high, high: -self.low }
    }

    /// Of the logarithm back to the quantity itself.
    pub(crate) fn exp(self) -> Self {
        Self { estimate: self.estimate.exp(), low: self.low.exp(), high: self.high.exp() }
    }
}

/// An estimate and its standard error, in the unit of what is estimated.
///
/// ```
/// use goldpath::stats::Estimate;
/// let effect = Estimate { estimate: -0.08, se: 0.02 };
/// let i = effect.interval(0.95).unwrap();
/// assert!((i.low + 0.1192).abs() < 1e-4 && (i.high + 0.0408).abs() < 1e-4);
/// assert!((effect.p_value().unwrap() - 6.334e-5).abs() < 1e-8);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
}

impl Estimate {
    /// `None` where either number is not finite or the variance is negative.
    pub(crate) fn of(estimate: f64, variance: f64) -> Option<Self> {
        (estimate.is_finite() && variance.is_finite() && variance >= 0.0).then(|| Self { estimate, se: variance.sqrt() })
    }

    /// The normal interval `estimate ± z·se`; `None` where `level` is not between 0 and 1.
    pub fn interval(self, level: f64) -> Option<Interval> {
        let half = level_z(level)? * self.se;
        Some(Interval { estimate: self.estimate, low: self.estimate - half, high: self.estimate + half })
    }

    /// Two-sided normal p-value of the hypothesis that the quantity is 0; `None` where the standard error is 0, because
    /// data that do not vary are no evidence.
    pub fn p_value(self) -> Option<f64> {
        (self.se > 0.0).then(|| normal_two_sided(self.estimate / self.se))
    }

    /// This minus an independent estimate of the same kind.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self { estimate: self.estimate - other.estimate, se: self.se.hypot(other.se) }
    }
}

/// A test of a hypothesis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Test {
    /// The test statistic.
    pub statistic: f64,
    /// Its degrees of freedom; infinite for a normal statistic.
    pub df: f64,
    /// Probability of a statistic at least this far out if the hypothesis holds.
    pub p_value: f64,
}
