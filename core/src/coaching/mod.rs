//! People: what each rep can do, where that stands, what changed, and what training did.
//!
//! In: [`Chances`](crate::monitor::Chances), the counts of who had which chance and took it. Out: [`Skills`] with intervals and
//! [`Tier`]s, [`Decline`]s, and the [effect of trainings](Skills::training_effect); [`Assessment`]s, and
//! the [`CoachingLog`] of the loop of training, assessment, monitoring and retraining. Everything is held against what an average rep
//! would have done with the same cases, and says how sure it is; a rep of whom the cases do not tell is `undetermined`.

mod ability;
mod assess;
mod cycle;
mod debrief;
mod decline;
mod fit;
mod gaps;
mod measures;
mod options;
mod people;
mod skills;
mod tiers;
mod training;

pub use ability::{Ability, AbilityPoint, Hire, Ramp, RampPoint};
pub use assess::{AssessOptions, Assessment, AssessmentResult, Kpi};
pub use cycle::{BelowStandard, CoachingEvent, CoachingLog, CoachingStep, Stage, Track, Why};
pub use debrief::{Debrief, DebriefPart, Saved};
pub use decline::{Decline, WatchChart, WatchOptions, WatchPoint};
pub use gaps::{CoachingPlan, EffectFrom, Example, PlanItem, SkillGap, WorkPattern};
pub use measures::RepMeasure;
pub use options::from_value;
pub use people::{LookAt, LookReason, People, PeopleOptions};
pub use skills::{Competence, RepSkill, Skill, SkillOptions, Skills};
pub use tiers::{Tier, TierOptions};
pub use training::{StudyPoint, TrainedRep, Training, TrainingEffect, TrainingOptions, TrainingVerdict};

#[cfg(test)]
mod tests;
