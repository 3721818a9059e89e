//! What a choice does to the result: one result type, one engine.
//!
//! In: the choices of a [`Check`](crate::Check) and the outcomes of its cases. Out: [`Finding`]s, each with numbers of
//! cases and reps, an interval, its method, its caveats and a verdict. For now the comparisons are unadjusted, say so,
//! and withhold their verdict.

mod compare;
mod finding;

pub(crate) use compare::unadjusted;
pub(crate) use finding::table;
pub use finding::{Arm, Caveat, Estimand, Finding, Verdict, What};
