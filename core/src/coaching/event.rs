//! What happens in the loop of training, as plain values: where they are kept is the host's choice.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::assess::{Assessment, Kpi};

/// What happened, when, and who says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoachingEvent {
    /// The day.
    pub at: Date,
    /// Who recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What.
    #[serde(flatten)]
    pub what: CoachingStep,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum CoachingStep {
    /// A rep joined.
    Joined {
        /// Who.
        rep: String,
    },
    /// A skill is to be trained.
    Assigned {
        /// Who.
        rep: String,
        /// Key of the skill, or name of an indicator.
        skill: String,
        /// Until when.
        due: Date,
        /// The pass line.
        #[serde(default)]
        goal: Option<f64>,
    },
    /// The assignment was changed.
    Edited {
        /// Who.
        rep: String,
        /// Which skill.
        skill: String,
        /// The new day, where it changed.
        #[serde(default)]
        due: Option<Date>,
        /// The new pass line, where it changed.
        #[serde(default)]
        goal: Option<f64>,
        /// Why.
        #[serde(default)]
        note: Option<String>,
    },
    /// A training was held, or a clip given to watch for a skill.
    Trained {
        /// Who.
        rep: String,
        /// Which skill.
        skill: String,
        /// Id of the training or clip.
        training: String,
    },
    /// A clip was watched, for whatever reason: it changes no stage, and may be asked for its effect.
    Watched {
        /// Who.
        rep: String,
        /// Id of the clip.
        clip: String,
    },
    /// The skill was assessed: after training, or while it is being watched.
    Assessed {
        /// What it came to.
        assessment: Assessment,
    },
    /// The time of watching is over: whether the rep kept it up.
    Monitored {
        /// Who.
        rep: String,
        /// Which skill.
        skill: String,
        /// Whether it held.
        kept: bool,
    },
    /// It is no longer wanted.
    Cancelled {
        /// Who.
        rep: String,
        /// Which skill.
        skill: String,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// An indicator of the host was set or changed.
    KpiSet {
        /// The indicator.
        kpi: Kpi,
    },
    /// A value of an indicator.
    KpiMeasured {
        /// Who.
        rep: String,
        /// Name of the indicator.
        kpi: String,
        /// The value.
        value: f64,
    },
}
