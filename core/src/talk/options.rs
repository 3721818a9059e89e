//! How talk tracks are made.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::cluster::SIMILARITY;
use super::feedback::FeedbackIndicator;

/// The criterion by which tracks are ranked where nothing else is said: going on to another planned step.
pub const ADVANCE: &str = "advance";
/// The criterion of the host's own scores.
pub const SCORE: &str = "score";

/// How talk tracks are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TalkOptions {
    /// Only tracks of these steps; all of the agent's planned steps and all of the customer's where nothing is said.
    pub steps: Vec<String>,
    /// How like two wordings of one track are at least, 0 to 1.
    pub similarity: f64,
    /// Scripts written by experts, by step: they compete as tracks, marked `expert`.
    pub expert: IndexMap<String, Vec<String>>,
    /// Names that are taken out of what is shown.
    pub names: Vec<String>,
    /// Whether personal data is taken out of what is shown.
    pub redact: bool,
    /// Fewest conversations that ask the same for it to be called an emerging topic.
    pub emerging: u32,
    /// Attributes (or `team`, `channel`) within which wordings are compared, beside the rep and what was known before.
    pub adjust_for: Vec<String>,
    /// What tracks are ranked by: [`ADVANCE`], [`SCORE`], or the name of an outcome (yes/no, or numbers from 0 to 1).
    pub criterion: String,
    /// The host's own scores, for the criterion [`SCORE`] and the indicator of that name.
    pub scores: Vec<UseScore>,
    /// What is taken for feedback of the customer; the mean of these.
    pub feedback: Vec<FeedbackIndicator>,
    /// A step of which nothing was said for so many days before the last conversation is `old`.
    pub old_after: u32,
}

/// The host's score of what was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseScore {
    /// Conversation.
    pub conversation: String,
    /// A turn of what was said, from 0; all that was said in the conversation where nothing is said.
    #[serde(default)]
    pub turn: Option<u32>,
    /// From 0 to 1, higher is better.
    pub score: f64,
}

impl Default for TalkOptions {
    fn default() -> Self {
        Self {
            steps: Vec::new(),
            similarity: SIMILARITY,
            expert: IndexMap::new(),
            names: Vec::new(),
            redact: true,
            emerging: 3,
            adjust_for: Vec::new(),
            criterion: ADVANCE.to_owned(),
            scores: Vec::new(),
            feedback: vec![FeedbackIndicator::Words],
            old_after: 90,
        }
    }
}
