//! Standards of a step (节点行为标准): what is measured on the turns of a step, and within which bounds it must lie.

use rustc_hash::{FxHashMap, FxHashSet};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::model::Condition;

/// One measurable criterion of doing a step well, as written in the file: a map with the measure as its key, such as
/// `questions: {at_least: 3}` or `agent_says: [预算, 费用区间]`, and beside it optionally `title` and `when`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Standard {
    /// What is measured, and the bounds.
    #[serde(flatten)]
    pub measure: Measure,
    /// Name shown to people; a description of the measure where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default)]
    pub title: Option<String>,
    /// For which cases it holds; all where empty.
    #[serde(skip_serializing_if = "is_empty")]
    #[schemars(default)]
    pub when: Condition,
}

fn is_empty(condition: &Condition) -> bool {
    condition.0.is_empty()
}

/// What is measured on a step. Turns of the company's side are the agent's, those of the customer's side the customer's;
/// system turns are never counted.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// Must say: phrases in the agent's turns.
    AgentSays(Said),
    /// Must hear: phrases in the customer's turns.
    CustomerSays(Said),
    /// Labels that a detector or the host gave to turns of the agent.
    AgentDetected(Said),
    /// Labels that a detector or the host gave to turns of the customer.
    CustomerDetected(Said),
    /// Questions the agent asks.
    Questions(Bounds),
    /// Questions the customer asks.
    CustomerQuestions(Bounds),
    /// Turns of agent and customer.
    Turns(Bounds),
    /// Turns of the agent.
    AgentTurns(Bounds),
    /// Length of what agent and customer say, in characters without white space.
    Characters(Bounds),
    /// Length of what the agent says, in characters without white space.
    AgentCharacters(Bounds),
    /// Length of what agent and customer say, in words; each Chinese character is one.
    Words(Bounds),
    /// Length of what the agent says, in words; each Chinese character is one.
    AgentWords(Bounds),
    /// The agent's share of what is said, 0 to 1: of the time where every turn has times, else of the words.
    AgentTalkShare(Bounds),
    /// The longest time the agent speaks without the customer, in the unit named (seconds where none is).
    LongestMonologue(TimeBounds),
    /// The longest the agent speaks without the customer, in words.
    LongestMonologueWords(Bounds),
    /// Turns of the agent that begin before the customer has ended.
    Interruptions(Bounds),
    /// From the beginning of the first turn to the end of the last, in the unit named (seconds where none is).
    Duration(TimeBounds),
    /// The step begins within so many turns from the beginning of the conversation.
    WithinTurns(u32),
    /// The step begins within so many minutes from the beginning of the conversation.
    WithinMinutes(#[serde(serialize_with = "plain")] f64),
    /// The step begins within some time after another step.
    After(After),
    /// An attribute of the case (a field of the CRM) is filled in, or has one of some values.
    Requires(Required),
}

/// Bounds of a measure, both included; at least one of them is given.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, JsonSchema)]
pub struct Bounds {
    /// Not less than this.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "plain_option")]
    #[schemars(range(min = 0.0))]
    pub at_least: Option<f64>,
    /// Not more than this.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "plain_option")]
    #[schemars(range(min = 0.0))]
    pub at_most: Option<f64>,
}

impl Bounds {
    /// Whether a value lies within.
    pub fn hold(&self, value: f64) -> bool {
        self.at_least.is_none_or(|least| value >= least) && self.at_most.is_none_or(|most| value <= most)
    }
}

/// Bounds of a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, JsonSchema)]
pub struct TimeBounds {
    /// Both bounds, in the unit.
    #[serde(flatten)]
    pub bounds: Bounds,
    /// Unit of both bounds.
    #[serde(skip_serializing_if = "TimeUnit::is_seconds")]
    #[schemars(default)]
    pub unit: TimeUnit,
}

/// Unit of a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeUnit {
    /// Seconds.
    #[default]
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days of 24 hours.
    Days,
}

impl TimeUnit {
    fn is_seconds(&self) -> bool {
        *self == Self::Seconds
    }

    /// How many milliseconds it has.
    pub(crate) fn milliseconds(self) -> f64 {
        match self {
            Self::Seconds => 1e3,
            Self::Minutes => 60e3,
            Self::Hours => 3_600e3,
            Self::Days => 86_400e3,
        }
    }

    /// The name of the unit, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
            Self::Days => "days",
        }
    }
}

/// Phrases that must be said, or labels that must be there, and how many of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Said {
    /// Any of them.
    Any(Vec<String>),
    /// Every one of them.
    All {
        /// The phrases.
        all: Vec<String>,
    },
    /// So many different ones.
    AtLeast {
        /// The phrases.
        any: Vec<String>,
        /// How many of them, 1 where nothing is said.
        #[schemars(default, range(min = 1))]
        at_least: u32,
    },
}

impl Said {
    /// The phrases.
    pub fn phrases(&self) -> &[String] {
        match self {
            Self::Any(phrases) | Self::All { all: phrases } | Self::AtLeast { any: phrases, .. } => phrases,
        }
    }

    /// How many different phrases must be said.
    pub fn needed(&self) -> u32 {
        match self {
            Self::Any(_) => 1,
            Self::All { all } => all.len() as u32,
            Self::AtLeast { at_least, .. } => *at_least,
        }
    }
}

/// A time after another step.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct After {
    /// The step the time counts from: the end of its last occurrence before.
    pub step: String,
    /// How long.
    #[serde(flatten)]
    pub within: Within,
}

/// A length of time with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// In minutes.
    WithinMinutes(#[serde(serialize_with = "plain")] f64),
    /// In hours.
    WithinHours(#[serde(serialize_with = "plain")] f64),
    /// In days of 24 hours.
    WithinDays(#[serde(serialize_with = "plain")] f64),
}

impl Within {
    /// The number and its unit.
    pub fn length(self) -> (f64, TimeUnit) {
        match self {
            Self::WithinMinutes(x) => (x, TimeUnit::Minutes),
            Self::WithinHours(x) => (x, TimeUnit::Hours),
            Self::WithinDays(x) => (x, TimeUnit::Days),
        }
    }
}

/// An attribute a case must have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Required {
    /// It is there and not blank.
    Present(String),
    /// It has one of these values.
    OneOf(Condition),
}

impl Required {
    /// Name of the attribute.
    pub fn attribute(&self) -> &str {
        match self {
            Self::Present(name) => name,
            Self::OneOf(condition) => condition.0.get_index(0).map_or("", |(name, _)| name),
        }
    }
}

/// What the number a standard measures is a number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// A number of things.
    Count,
    /// A share, 0 to 1.
    Share,
    /// A share of the time spoken, 0 to 1.
    ShareOfTime,
    /// A share of the words said, 0 to 1.
    ShareOfWords,
    /// A length of time.
    #[serde(untagged)]
    Time(TimeUnit),
}

impl Unit {
    /// The name of the unit, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Share => "share",
            Self::ShareOfTime => "share_of_time",
            Self::ShareOfWords => "share_of_words",
            Self::Time(unit) => unit.name(),
        }
    }
}

impl Measure {
    /// Keys of all measures, as they are written in the file.
    pub(crate) const KEYS: [&str; 21] = [
        "agent_says",
        "customer_says",
        "questions",
        "customer_questions",
        "turns",
        "agent_turns",
        "characters",
        "agent_characters",
        "words",
        "agent_words",
        "agent_talk_share",
        "longest_monologue",
        "longest_monologue_words",
        "interruptions",
        "duration",
        "within_turns",
        "within_minutes",
        "after",
        "requires",
        "agent_detected",
        "customer_detected",
    ];

    /// The key of the measure in the file, equal in the three languages.
    pub fn key(&self) -> &'static str {
        let number = match self {
            Self::AgentSays(_) => 0,
            Self::CustomerSays(_) => 1,
            Self::Questions(_) => 2,
            Self::CustomerQuestions(_) => 3,
            Self::Turns(_) => 4,
            Self::AgentTurns(_) => 5,
            Self::Characters(_) => 6,
            Self::AgentCharacters(_) => 7,
            Self::Words(_) => 8,
            Self::AgentWords(_) => 9,
            Self::AgentTalkShare(_) => 10,
            Self::LongestMonologue(_) => 11,
            Self::LongestMonologueWords(_) => 12,
            Self::Interruptions(_) => 13,
            Self::Duration(_) => 14,
            Self::WithinTurns(_) => 15,
            Self::WithinMinutes(_) => 16,
            Self::After(_) => 17,
            Self::Requires(_) => 18,
            Self::AgentDetected(_) => 19,
            Self::CustomerDetected(_) => 20,
        };
        Self::KEYS[number]
    }

    /// The unit of its bounds.
    pub fn unit(&self) -> Unit {
        match self {
            Self::AgentTalkShare(_) => Unit::Share,
            Self::LongestMonologue(TimeBounds { unit, .. }) | Self::Duration(TimeBounds { unit, .. }) => Unit::Time(*unit),
            Self::WithinMinutes(_) => Unit::Time(TimeUnit::Minutes),
            Self::After(after) => Unit::Time(after.within.length().1),
            _ => Unit::Count,
        }
    }

    /// Whether failing it is being late; else it is being below standard.
    pub fn is_time_limit(&self) -> bool {
        matches!(self, Self::WithinTurns(_) | Self::WithinMinutes(_) | Self::After(_))
    }

    /// The bounds within which the number measured must lie. `requires` measures 1 for filled in, 0 for not.
    pub fn bounds(&self) -> Bounds {
        let least = |n: f64| Bounds { at_least: Some(n), at_most: None };
        let most = |n: f64| Bounds { at_least: None, at_most: Some(n) };
        match self {
            Self::AgentSays(said) | Self::CustomerSays(said) | Self::AgentDetected(said) | Self::CustomerDetected(said) => least(f64::from(said.needed())),
            Self::Questions(bounds)
            | Self::CustomerQuestions(bounds)
            | Self::Turns(bounds)
            | Self::AgentTurns(bounds)
            | Self::Characters(bounds)
            | Self::AgentCharacters(bounds)
            | Self::Words(bounds)
            | Self::AgentWords(bounds)
            | Self::AgentTalkShare(bounds)
            | Self::LongestMonologueWords(bounds)
            | Self::Interruptions(bounds)
            | Self::LongestMonologue(TimeBounds { bounds, .. })
            | Self::Duration(TimeBounds { bounds, .. }) => *bounds,
            Self::WithinTurns(n) => most(f64::from(*n)),
            Self::WithinMinutes(x) => most(*x),
            Self::After(after) => most(after.within.length().0),
            Self::Requires(_) => least(1.0),
        }
    }
}

impl Measure {
    /// The same measure with other bounds, in its unit; `None` where it cannot have these: `requires` has none, a time
    /// limit has an upper one only, phrases a lower one.
    pub fn with_bounds(&self, bounds: Bounds) -> Option<Self> {
        let whole = |x: f64| (x.fract() == 0.0 && (1.0..=1e9).contains(&x)).then_some(x as u32);
        let most = if bounds.at_least.is_none() { bounds.at_most } else { None };
        let said = |said: &Said| {
            let needed = whole(bounds.at_least?).filter(|_| bounds.at_most.is_none())?;
            let any = said.phrases().to_vec();
            Some(match needed {
                1 => Said::Any(any),
                _ if matches!(said, Said::All { .. }) && needed as usize == any.len() => Said::All { all: any },
                at_least => Said::AtLeast { any, at_least },
            })
        };
        let mut made = self.clone();
        match &mut made {
            Self::AgentSays(of) | Self::CustomerSays(of) | Self::AgentDetected(of) | Self::CustomerDetected(of) => *of = said(of)?,
            Self::Questions(of)
            | Self::CustomerQuestions(of)
            | Self::Turns(of)
            | Self::AgentTurns(of)
            | Self::Characters(of)
            | Self::AgentCharacters(of)
            | Self::Words(of)
            | Self::AgentWords(of)
            | Self::AgentTalkShare(of)
            | Self::LongestMonologueWords(of)
            | Self::Interruptions(of)
            | Self::LongestMonologue(TimeBounds { bounds: of, .. })
            | Self::Duration(TimeBounds { bounds: of, .. }) => *of = bounds,
            Self::WithinTurns(of) => *of = whole(most?)?,
            Self::WithinMinutes(of) => *of = most?,
            Self::After(After { within: Within::WithinMinutes(of) | Within::WithinHours(of) | Within::WithinDays(of), .. }) => *of = most?,
            Self::Requires(_) => return None,
        }
        Some(made)
    }
}

impl Standard {
    /// A standard without title that holds for all cases.
    pub fn new(measure: Measure) -> Self {
        Self { measure, title: None, when: Condition::default() }
    }
}

/// Names of the standards of a step, each once: the title, else the key of the measure, with `_2`, `_3`, … where an
/// earlier standard of the step has it already.
pub(crate) fn names(standards: &[Standard]) -> Vec<String> {
    numbered(standards.iter().map(|standard| standard.title.as_deref().unwrap_or(standard.measure.key())))
}

/// Keys of the standards of a step, each once: the key of the measure, numbered as [`names`] are.
pub(crate) fn keys(standards: &[Standard]) -> Vec<String> {
    numbered(standards.iter().map(|standard| standard.measure.key()))
}

fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken: FxHashSet<String> = FxHashSet::default();
    let mut next: FxHashMap<&str, u32> = FxHashMap::default();
    names
        .map(|name| {
            let number = next.entry(name).or_insert(1);
            let mut given = name.to_owned();
            while !taken.insert(given.clone()) {
                *number += 1;
                given = format!("{name}_{number}");
            }
            given
        })
        .collect()
}

/// A whole number without a point, as people write it.
fn plain<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if x.fract() == 0.0 && x.abs() < 1e15 { serializer.serialize_i64(*x as i64) } else { serializer.serialize_f64(*x) }
}

#[allow(clippy::ref_option)] // the shape serde calls
fn plain_option<S: Serializer>(x: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match x {
        Some(x) => plain(x, serializer),
        None => serializer.serialize_none(),
    }
}
