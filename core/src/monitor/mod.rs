//! The watch over execution: who had which chance and took it, how that changes, what deserves a look,
//! and whether the CRM says what the conversations show.
//!
//! In: a [`Check`](crate::Check), or counts of the host. Out: [`Chances`], which skills are made of as well; [`Execution`], adherence
//! and each deviation by week, team and segment; [`Drift`] of choices and of customers' behaviour with its dates, [`Slip`]s of a
//! team's adherence; [`Alert`]s, the [`AlertLog`] that tells each once and keeps what came of it, and [`CrmTruth`]. Weeks begin on
//! Mondays; days are those of UTC, or of a stated offset from it.

mod alerts;
mod calendar;
mod chances;
mod crm;
mod drift;
mod execution;
mod gather;
mod slips;

pub use alerts::{Action, Alert, AlertEvent, AlertKind, AlertLog, AlertStatus, Intervention, KnownAlert};
pub(crate) use calendar::{day, first_week, monday, week, week_of_day};
pub use chances::{ChanceBuilder, ChanceId, ChanceKind, ChanceOptions, Chances};
pub(crate) use chances::{Inner, Row};
pub use crm::{Agreement, ClaimChecked, CrmClaim, CrmField, CrmOptions, CrmTruth, CrmVerdict};
pub(crate) use drift::table as drift_table;
pub use drift::{Drift, DriftOptions};
pub use execution::{Execution, Group, WeekOfDeviation, WeekOfExecution};
pub use slips::{Slip, SlipOf};
