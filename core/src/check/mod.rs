//! The actual path laid beside the preset one: alignments, deviations, figures, and the choices at each decision point.
//!
//! In: a [`Corpus`](crate::Corpus) and a [`Sop`](crate::Sop) or [`Playbook`](crate::Playbook). Out: [`Check`], with tables of cases, deviations, variants,
//! steps, reps and teams. Distinct paths are aligned once, in parallel; the result does not depend on how many threads
//! there are.

mod account;
mod align;
mod alignment;
mod attain;
mod conform;
mod flow;
mod kernel;
mod lint;
mod live;
mod meter;
mod parts;
mod path;
mod registers;
mod repair;
mod run;
mod scenario;
mod sparse;
mod stages;
mod standards;
mod sums;
mod tables;
mod track;
mod uncertain;
mod used;

pub(crate) use account::Account;
pub use align::MoveKind;
pub use alignment::{Alignment, AlignmentMove, Deviation, Status};
pub(crate) use conform::{Beginning, Excuse};
pub use flow::{DeviationCount, FlowCounts};
pub use live::{DistanceToEnd, LiveChoice, LiveChoices, LiveSession, LiveState};
pub use parts::Origin;
pub use path::DeviationKind;
pub(crate) use path::NOWHERE;
pub(crate) use repair::Inserted;
pub use repair::{Repair, RepairKind, RepairStep};
pub use run::{Check, CheckOptions};
pub use standards::StandardResult;
pub(crate) use standards::State;
pub(crate) use track::{Choice, Chosen, Point};
pub use uncertain::{Chance, UncertainEvent, Uncertainty};
