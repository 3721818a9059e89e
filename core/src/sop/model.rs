//! The model of an SOP: what its file says, typed.

use std::fmt;

use indexmap::IndexMap;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::standard::Standard;

/// Who performs a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// An act of the company's side: a choice that can be judged.
    #[default]
    Agent,
    /// A circumstance that the customer brings: adjusted for, never credited to the rep; leaving it out costs nothing.
    Customer,
}

/// Costs of a step's moves in the alignment, each 0 to 100; 1 where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(default)]
pub struct StepCost {
    /// Cost of doing the step where it is not planned (a log move).
    #[schemars(range(max = 100))]
    pub extra: u8,
    /// Cost of leaving the step out (a model move).
    #[schemars(range(max = 100))]
    pub skipped: u8,
}

impl Default for StepCost {
    fn default() -> Self {
        Self { extra: 1, skipped: 1 }
    }
}

impl StepCost {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// One key act of the SOP (关键节点).
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Step {
    /// Name shown to people; the id where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Sales stage the step belongs to (销售阶段).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// What to do (节点行为指导).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guidance: Option<String>,
    /// Who performs it.
    #[serde(skip_serializing_if = "is_agent")]
    pub by: Actor,
    /// Costs of its moves.
    #[serde(skip_serializing_if = "StepCost::is_default")]
    pub cost: StepCost,
    /// Criteria of doing it well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub standards: Vec<Standard>,
    /// A known step that the flow does not plan: it is listed for its title only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unplanned: bool,
}

impl Step {
    /// What the guidance gives word by word: its lines that stand in quotation marks (`“…”`, `"…"`, `「…」`), without them.
    ///
    /// ```
    /// let step = goldpath::sop::Step { guidance: Some("Ask for the need.\n“What made you call today?”".into()), ..Default::default() };
    /// assert_eq!(step.scripts().collect::<Vec<_>>(), ["What made you call today?"]);
    /// ```
    pub fn scripts(&self) -> impl Iterator<Item = &str> {
        let quoted = |line| QUOTES.iter().find_map(|&(open, close)| str::strip_prefix(line, open)?.strip_suffix(close));
        let lines = self.guidance.as_deref().unwrap_or_default().lines().map(str::trim);
        lines.filter_map(quoted).map(str::trim).filter(|line| !line.is_empty())
    }

    /// The guidance with something to say word by word as a further line.
    pub(crate) fn with_script(&self, words: &str) -> String {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let before = self.guidance.as_deref().map(|text| format!("{}\n", text.trim_end())).unwrap_or_default();
        format!("{before}“{words}”")
    }
}

/// Marks that a line of guidance stands in where it is to be said as it is.
const QUOTES: [(char, char); 4] = [('“', '”'), ('"', '"'), ('「', '」'), ('『', '』')];

fn is_agent(actor: &Actor) -> bool {
    *actor == Actor::Agent
}

/// Which cases something holds for: every attribute named must have one of the values listed.
///
/// Values are compared as text (`true`, `3`, `enterprise`); a case without the attribute does not match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Condition(pub IndexMap<String, OneOrMany>);

/// A value, or a list of values of which one must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// This value.
    One(#[schemars(with = "ScalarSchema")] String),
    /// Any of these values.
    Many(#[schemars(with = "Vec<ScalarSchema>")] Vec<String>),
}

/// How a value of a condition may be written.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)] // only its schema is used
enum ScalarSchema {
    Text(String),
    Number(f64),
    Bool(bool),
}

/// How steps may be written: by id, or as a plain list of ids.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)] // only its schema is used
enum StepsSchema {
    ById(IndexMap<String, Option<Step>>),
    Ids(Vec<String>),
}

impl OneOrMany {
    /// The values as a slice.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl Condition {
    /// Whether a case matches, given its attributes as text.
    pub fn holds<'a>(&self, attribute: impl Fn(&str) -> Option<std::borrow::Cow<'a, str>>) -> bool {
        self.0.iter().all(|(name, values)| attribute(name).is_some_and(|have| values.as_slice().iter().any(|v| *v == have)))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, values)) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{name} = {}", values.as_slice().join(" | "))?;
        }
        Ok(())
    }
}

/// A part of the flow. Members of a block are step ids or blocks, nested freely; a bare list is a sequence.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Block {
    /// One step, by its id.
    Step(String),
    /// Members one after the other.
    Sequence(Vec<Block>),
    /// All members, in any order, interleaved freely.
    AnyOrder {
        /// The members.
        any_order: Vec<Block>,
    },
    /// Members one after the other, or none of them.
    Optional {
        /// The members.
        optional: Vec<Block>,
    },
    /// Exactly one of the members.
    OneOf {
        /// The branches.
        one_of: Vec<Block>,
    },
    /// Members one after the other, several times.
    Repeat {
        /// The members.
        repeat: Vec<Block>,
        /// Fewest rounds; 0 where nothing is said.
        #[serde(skip_serializing_if = "is_zero")]
        #[schemars(default)]
        at_least: u32,
        /// Most rounds; unbounded where nothing is said.
        #[serde(skip_serializing_if = "Option::is_none")]
        at_most: Option<u32>,
    },
    /// Members one after the other, only for cases that meet the condition.
    When {
        /// Which cases.
        when: Condition,
        /// The members.
        then: Vec<Block>,
    },
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Block {
    /// The members of the block; empty for a step.
    pub fn members(&self) -> &[Block] {
        match self {
            Self::Step(_) => &[],
            Self::Sequence(m)
            | Self::AnyOrder { any_order: m }
            | Self::Optional { optional: m }
            | Self::OneOf { one_of: m }
            | Self::Repeat { repeat: m, .. }
            | Self::When { then: m, .. } => m,
        }
    }
}

/// The preset path: blocks, or an arbitrary directed graph over steps.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Blocks, one after the other.
    Flow(Vec<Block>),
    /// Edges over steps; cycles are fine.
    Graph(EdgeList),
}

/// A directed graph over steps.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EdgeList {
    /// The first step.
    pub start: String,
    /// The last step.
    pub end: String,
    /// From step to step.
    pub edges: Vec<(String, String)>,
}

/// Kind of a deviation that can be accepted beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AcceptedKind {
    /// Leaving a planned step out.
    Skip,
    /// Doing an unplanned step.
    Extra,
    /// Doing a step out of order.
    OutOfOrder,
    /// Doing a step again.
    Repeat,
    /// Failing a standard of a step.
    BelowStandard,
    /// Doing a step late, by a time standard of it.
    Late,
}

/// A deviation the company accepts: scoped, dated and with a reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// What is accepted.
    pub kind: AcceptedKind,
    /// Of which step.
    pub step: String,
    /// For which cases; all where empty.
    pub when: Condition,
    /// Why.
    pub reason: Option<String>,
    /// First day it holds.
    pub from: Option<Date>,
    /// Last day it holds.
    pub until: Option<Date>,
}

/// The shape of an accepted deviation in the file: `{skip: budget, when: {segment: smb}, reason: …, until: 2027-01-01}`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AcceptedFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    skip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    out_of_order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    below_standard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    late: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<Condition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

impl From<&Accepted> for AcceptedFile {
    fn from(a: &Accepted) -> Self {
        let of = |kind| (a.kind == kind).then(|| a.step.clone());
        Self {
            skip: of(AcceptedKind::Skip),
            extra: of(AcceptedKind::Extra),
            out_of_order: of(AcceptedKind::OutOfOrder),
            repeat: of(AcceptedKind::Repeat),
            below_standard: of(AcceptedKind::BelowStandard),
            late: of(AcceptedKind::Late),
            when: (!a.when.0.is_empty()).then(|| a.when.clone()),
            reason: a.reason.clone(),
            from: a.from.map(|d| d.to_string()),
            until: a.until.map(|d| d.to_string()),
        }
    }
}

/// The SOP file as a whole: what is written, and what the published JSON Schema describes.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "goldpath SOP", rename = "Sop")]
pub(crate) struct SopFile {
    /// Always `goldpath/1`.
    #[schemars(regex(pattern = "^goldpath/1$"))]
    pub(crate) format: &'static str,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<Version>,
    #[schemars(with = "StepsSchema")]
    pub(crate) steps: IndexMap<String, Step>,
    #[serde(flatten)]
    pub(crate) body: Flow,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(crate) anytime: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(crate) accepted: Vec<AcceptedFile>,
}

/// A version: a number where it is one, text otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Version {
    /// Such as `3`.
    Number(u64),
    /// Such as `2026-spring`.
    Text(String),
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::Text(t) => f.write_str(t),
        }
    }
}
