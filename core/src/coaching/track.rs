//! Where a rep stands with a skill, and who is below standard.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::assess::Assessment;

/// Where a rep stands with a skill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// To be trained.
    Assigned,
    /// Trained, to be assessed.
    Trained,
    /// Assessed, and the chances do not tell yet.
    Assessed,
    /// Passed the assessment; watched whether it lasts.
    Monitored,
    /// It lasted.
    Passed,
    /// Below standard: to be trained again.
    Retraining,
    /// No longer wanted.
    Cancelled,
}

impl Stage {
    /// The name, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Trained => "trained",
            Self::Assessed => "assessed",
            Self::Monitored => "monitored",
            Self::Passed => "passed",
            Self::Retraining => "retraining",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A rep's way with a skill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Who.
    pub rep: String,
    /// Which skill.
    pub skill: String,
    /// Where it stands.
    pub stage: Stage,
    /// Since when.
    pub since: Date,
    /// Until when the present stage is due.
    pub due: Option<Date>,
    /// The pass line.
    pub goal: Option<f64>,
    /// It was assessed or trained without ever having been assigned.
    pub unplanned: bool,
    /// How often it was trained.
    pub trainings: Vec<(Date, String)>,
    /// Assessments, in their order.
    pub assessments: Vec<Assessment>,
    /// Rounds: 1, and one more with each retraining.
    pub round: u32,
    /// What was noted, with the day.
    pub notes: Vec<(Date, String)>,
}

/// Why somebody is below standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The assessment was not passed.
    FailedAssessment,
    /// It was passed, and did not last.
    NotKept,
    /// An indicator is on the wrong side of its pass line.
    KpiMissed,
    /// The training is overdue.
    Overdue,
    /// The skill as such is in the lower third, almost surely.
    LowerThird,
}

/// Who needs training again, and why (未达标).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BelowStandard {
    /// Who.
    pub rep: String,
    /// In which skill or indicator.
    pub skill: String,
    /// Why.
    pub why: Why,
    /// Since when; `None` where no day can be named.
    pub since: Option<Date>,
    /// Rounds of training so far.
    pub rounds: u32,
}

impl BelowStandard {
    /// One sentence about it.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::people::below_standard(self, lang)
    }
}
