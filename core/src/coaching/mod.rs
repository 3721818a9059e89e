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
mod event;
mod fit;
mod for_whom;
mod gaps;
#[cfg(feature = "store")]
mod kept;
mod measures;
mod options;
mod people;
mod plan;
mod skills;
mod tiers;
mod track;
mod training;

pub use ability::{Ability, AbilityPoint, Hire, Ramp, RampPoint};
pub use assess::{AssessOptions, Assessment, AssessmentResult, Kpi};
pub use cycle::CoachingLog;
pub use debrief::{Debrief, DebriefPart, Saved};
pub use decline::{Decline, WatchChart, WatchOptions, WatchPoint};
pub use event::{CoachingEvent, CoachingStep};
pub use for_whom::{ForWhom, GroupEffect, GroupOf};
pub use gaps::{EffectFrom, Example, SkillGap, WorkPattern};
pub use measures::RepMeasure;
pub use options::from_value;
pub use people::{LookAt, LookReason, People, PeopleOptions};
pub use plan::{ClipToWatch, CoachingPlan, PlanItem, PlanSnippet, PlanSources, TrackToPractise};
pub use skills::{Competence, RepSkill, Skill, SkillOptions, Skills};
pub use tiers::{Tier, TierOptions};
pub use track::{BelowStandard, Stage, Track, Why};
pub use training::{StudyPoint, TrainedRep, Training, TrainingEffect, TrainingOptions, TrainingVerdict};

#[cfg(test)]
mod tests;
