//! Times to an event: survival, restricted means, the log-rank test, competing risks.
//!
//! In: how many cases were followed to which time and how that ended, as a [`RiskTable`]. Times have one unit, the caller's;
//! cases that end at the same time count together, events before those lost from sight.

mod incidence;
mod kaplan_meier;
mod log_rank;
mod risk;

pub use incidence::{Incidence, cumulative_incidence};
pub use kaplan_meier::{Survival, kaplan_meier, median, restricted_mean};
pub use log_rank::log_rank;
pub use risk::{End, RiskRow, RiskTable};

#[cfg(test)]
mod tests;
