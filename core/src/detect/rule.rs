//! The rules of a detector file, typed.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// Language of a turn: Chinese where it has at least as many Chinese characters as words of other scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Chinese.
    Zh,
    /// English, and whatever else puts spaces between words.
    En,
}

/// Whose turns a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Turns of whoever speaks for the company.
    #[default]
    Agent,
    /// Turns of the customer.
    Customer,
    /// Turns of both, and of the system.
    Any,
}

/// Where in the conversation a turn must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Position {
    /// Among the first so many turns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u32>,
    /// Among the last so many turns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<u32>,
}

/// What must have come before, in an earlier turn.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Before {
    /// One of these phrases was said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub phrases: Vec<String>,
    /// One of these steps was found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub steps: Vec<String>,
    /// Whose turns the phrases are looked for in; anyone's where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Who>,
    /// At most so many turns before; anywhere before where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<u32>,
}

/// One rule: a turn that fulfils all of it performs the step. Several rules of one step are alternatives.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Rule {
    /// The step.
    pub step: String,
    /// Whose turns are looked at; the agent's where nothing is said.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(default)]
    pub speaker: Who,
    /// One of these stands in the turn, or a match of `regex` does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub phrases: Vec<String>,
    /// Regular expressions over the folded text (small letters, half-width forms), matched in linear time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub regex: Vec<String>,
    /// One of these stands in the turn as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub also: Vec<String>,
    /// None of these stands in the turn.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub unless: Vec<String>,
    /// Whether the sentence in which it stands is a question; alone: whether the turn asks anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<bool>,
    /// What is denied does not count: no word of negation (不, 没, not, …) in so many words or characters before it, within
    /// the clause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negation: Option<u32>,
    /// Where the turn stands in the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// What came in an earlier turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Before>,
    /// Language of the turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<Language>,
    /// Probability of the step event; certain where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub prob: Option<f64>,
}

/// The content of a detector file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(title = "goldpath detector", rename = "Detector", description = "Rules that find steps in the words of conversations.")]
#[non_exhaustive]
pub struct RuleSet {
    /// Always `goldpath/detector/1`.
    #[schemars(with = "String", regex(pattern = "^goldpath/detector/1$"))]
    pub(super) format: Format,
    /// Name shown to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default)]
    pub name: Option<String>,
    /// Words of negation beside those known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub negations: Vec<String>,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// The format line of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Format;

pub(super) const FORMAT: &str = "goldpath/detector/1";

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(FORMAT)
    }
}

fn is_default(who: &Who) -> bool {
    *who == Who::default()
}
