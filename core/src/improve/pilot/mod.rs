//! Pilots (试点): an innovation tried on purpose, by cases or reps drawn at random, judged by a test that may be looked at at any
//! time.
//!
//! What is tried, by whom, how large an effect is of interest, how many cases that takes and when to stop is written down
//! before ([`PilotPlan`], hashed); [`PilotPlan::judge`] holds the cases there are against it ([`Pilot`]).

mod judge;
mod plan;

pub use judge::{Pilot, PilotArm, PilotLook, PilotState, StopRule};
pub use plan::{PilotChoice, PilotDesign, PilotOptions, PilotPlan, PilotStart};

use jiff::civil::Date;

use crate::corpus::day_of_date;

fn day(date: Date) -> i32 {
    day_of_date(date) as i32
}
