//! Exact kernels of statistics: each a small function with its source. Knows no word of sales.
//!
//! In: counts and numbers. Out: estimates with intervals. Every function is checked against independent reference
//! values and for what must always hold.

mod proportions;
mod two_sample;

pub use proportions::{Interval, newcombe, wilson};
pub use two_sample::{Moments, welch};

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// The point a standard normal variable stays below with probability `p`.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// The point a t variable with `df` degrees of freedom stays below with probability `p`.
pub(crate) fn t_quantile(p: f64, df: f64) -> f64 {
    StudentsT::new(0.0, 1.0, df).map_or(f64::NAN, |t| t.inverse_cdf(p))
}
