//! The readable model of a conversation: what a line of the JSONL holds, typed.

use std::fmt;

use indexmap::IndexMap;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};

use super::time::parse_time;

/// Most seconds between two moments of a conversation: all that the calendar has from the year −9999 to 9999.
const MOST_SECONDS: f64 = 7e11;

/// Says what is wrong with a number that is none of seconds between two moments of a conversation.
pub(super) fn check_seconds(s: f64) -> Result<f64, String> {
    if s.abs() <= MOST_SECONDS { Ok(s) } else { Err(format!("{s} is no number of seconds in a conversation")) }
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, DeriveDeserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// Whoever speaks for the company.
    Agent,
    /// Whoever speaks for the customer.
    Customer,
    /// Neither: a notice, a tool, a knowledge base.
    System,
}

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Attribute {
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(#[schemars(with = "f64")] ordered_float::OrderedFloat<f64>),
    /// A text.
    Text(String),
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(b) => write!(f, "{b}"),
            Self::Number(n) => write!(f, "{n}"),
            Self::Text(t) => f.write_str(t),
        }
    }
}

/// A result of a conversation; `None` in its place means open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum OutcomeValue {
    /// Yes or no, such as won.
    Bool(bool),
    /// A number, such as the value of the order.
    Number(f64),
}

/// A moment: seconds since the conversation began, or a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Moment {
    /// Seconds since `started_at`.
    Seconds(f64),
    /// A point in time, RFC 3339.
    At(#[schemars(with = "String")] Timestamp),
}

/// One step event: a step that was performed. In a file it may be written as its name alone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct StepEvent {
    /// Step id, or any label: unknown ones are unplanned steps.
    pub step: String,
    /// How sure a detector is, 0 to 1; certain where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prob: Option<f64>,
    /// Who did it, where it is not the rep of the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rep: Option<String>,
    /// Number of the turn it happened in, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<u32>,
    /// When it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// Fields that were met and not understood, kept as names for a report.
    #[serde(skip)]
    pub unread: Vec<String>,
}

/// How a step may be written: as its name, or as an object.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)] // only its schema is used
enum StepSchema {
    Name(String),
    Event(StepEvent),
}

/// One turn of a conversation (轮次).
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Turn {
    /// Who speaks.
    pub speaker: Speaker,
    /// Name of the speaker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What was said or written.
    #[schemars(default)]
    pub text: String,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Moment>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Moment>,
    /// Steps performed in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default, with = "Vec<StepSchema>")]
    pub steps: Vec<StepEvent>,
    /// Fields that were met and not understood, kept as names for a report.
    #[serde(skip)]
    pub unread: Vec<String>,
}

/// One conversation (会话): a call, a meeting, a chat.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct Conversation {
    /// Unique id.
    pub id: String,
    /// Who is accountable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rep: Option<String>,
    /// Team of the rep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Deal (商机) the conversation belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal: Option<String>,
    /// Call, meeting, chat, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// When it began, RFC 3339; without a zone it is read as UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub started_at: Option<Timestamp>,
    /// What else is known of it beforehand.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(default)]
    pub attributes: IndexMap<String, Attribute>,
    /// What came of it; `null` is open.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(default)]
    pub outcome: IndexMap<String, Option<OutcomeValue>>,
    /// Its turns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub turns: Vec<Turn>,
    /// Its steps alone, where there are no words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default, with = "Vec<StepSchema>")]
    pub steps: Vec<StepEvent>,
    /// Fields that were met and not understood, kept as names for a report.
    #[serde(skip)]
    pub unread: Vec<String>,
}

pub(crate) fn shorten(text: &str) -> String {
    if text.chars().count() <= 60 { text.to_owned() } else { text.chars().take(60).chain(['…']).collect() }
}

/// Text, or a number or boolean taken as its text; `null` and absence are the same.
struct TextLike(Option<String>);

impl<'de> Deserialize<'de> for TextLike {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(match serde_json::Value::deserialize(d)? {
            serde_json::Value::Null => None,
            serde_json::Value::String(s) => Some(s),
            serde_json::Value::Number(n) => Some(n.to_string()),
            other => return Err(D::Error::custom(format!("expected a text, found {}", kind(&other)))),
        }))
    }
}

/// A point in time as text; `null` and absence are the same.
struct PointInTime(Option<Timestamp>);

impl<'de> Deserialize<'de> for PointInTime {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text: Option<String> = Deserialize::deserialize(d)?;
        text.map(|text| parse_time(&text)).transpose().map(Self).map_err(D::Error::custom)
    }
}

fn kind(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "true/false",
        serde_json::Value::Number(_) => "a number",
        serde_json::Value::String(_) => "a text",
        serde_json::Value::Array(_) => "a list",
        serde_json::Value::Object(_) => "an object",
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl Visitor<'_> for V {
            type Value = Moment;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since the start, or a time as text")
            }
            fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<Moment, E> {
                check_seconds(v).map(Moment::Seconds).map_err(E::custom)
            }
            fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<Moment, E> {
                self.visit_f64(v as f64)
            }
            fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<Moment, E> {
                self.visit_f64(v as f64)
            }
            fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Moment, E> {
                parse_time(v).map(Moment::At).map_err(E::custom)
            }
        }
        d.deserialize_any(V)
    }
}

impl<'de> Deserialize<'de> for Attribute {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(d)?;
        Self::try_from(value).map_err(D::Error::custom)
    }
}

impl TryFrom<serde_json::Value> for Attribute {
    type Error = &'static str;

    /// Lists and objects are kept as their JSON text; `null` is no value.
    fn try_from(value: serde_json::Value) -> Result<Self, &'static str> {
        match value {
            serde_json::Value::Bool(b) => Ok(Self::Bool(b)),
            serde_json::Value::Number(n) => n.as_f64().filter(|n| n.is_finite()).map(|n| Self::Number(n.into())).ok_or("the number is too large"),
            serde_json::Value::String(s) => Ok(Self::Text(s)),
            serde_json::Value::Null => Err("null is no value"),
            nested => Ok(Self::Text(nested.to_string())),
        }
    }
}

impl<'de> Deserialize<'de> for OutcomeValue {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl Visitor<'_> for V {
            type Value = OutcomeValue;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, a number, or null for open")
            }
            fn visit_bool<E>(self, v: bool) -> Result<OutcomeValue, E> {
                Ok(OutcomeValue::Bool(v))
            }
            fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<OutcomeValue, E> {
                if v.is_finite() { Ok(OutcomeValue::Number(v)) } else { Err(E::custom(format!("{v} is not a number; use null for open"))) }
            }
            fn visit_i64<E: serde::de::Error>(self, v: i64) -> Result<OutcomeValue, E> {
                self.visit_f64(v as f64)
            }
            fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<OutcomeValue, E> {
                self.visit_f64(v as f64)
            }
        }
        d.deserialize_any(V)
    }
}

/// A map visitor that hands each key to a closure-like step; what the closure does not know is passed over and named.
macro_rules! read_map {
    ($d:expr, $what:literal, $type:ty, |$map:ident, $key:ident, $made:ident| $body:block) => {{
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = $type;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($what)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut $map: A) -> Result<$type, A::Error> {
                let mut $made = <$type>::blank();
                while let Some($key) = $map.next_key::<String>()? {
                    $body
                }
                $made.finished().map_err(A::Error::custom)
            }
            fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<$type, E> {
                <$type>::from_text(v).ok_or_else(|| E::invalid_type(serde::de::Unexpected::Str(&shorten(v)), &self))
            }
        }
        $d.deserialize_any(V)
    }};
}

impl StepEvent {
    /// A certain step with nothing else known.
    pub fn new(step: impl Into<String>) -> Self {
        Self { step: step.into(), ..Self::default() }
    }

    fn blank() -> Self {
        Self::default()
    }

    #[allow(clippy::unnecessary_wraps)] // the shape `read_map!` expects
    fn from_text(text: &str) -> Option<Self> {
        Some(Self::new(text))
    }

    // Names and probabilities are checked where the conversation is taken in, for every door alike.
    #[allow(clippy::unnecessary_wraps)]
    fn finished(self) -> Result<Self, &'static str> {
        Ok(self)
    }
}

impl<'de> Deserialize<'de> for StepEvent {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        read_map!(d, "a step name or an object with `step`", StepEvent, |map, key, made| {
            match key.as_str() {
                "step" => made.step = map.next_value()?,
                "prob" => made.prob = map.next_value()?,
                "rep" => made.rep = map.next_value::<TextLike>()?.0,
                "turn" => made.turn = map.next_value()?,
                "at" => made.at = map.next_value()?,
                _ => {
                    map.next_value::<serde::de::IgnoredAny>()?;
                    made.unread.push(key);
                }
            }
        })
    }
}

impl Turn {
    /// A turn with its text and nothing else known.
    pub fn new(speaker: Speaker, text: impl Into<String>) -> Self {
        Self { speaker, name: None, text: text.into(), start: None, end: None, steps: Vec::new(), unread: Vec::new() }
    }
}

/// A turn whose speaker may still be missing.
struct OpenTurn {
    turn: Turn,
    speaker: bool,
}

impl OpenTurn {
    fn blank() -> Self {
        Self { turn: Turn::new(Speaker::System, ""), speaker: false }
    }

    fn from_text(_: &str) -> Option<Self> {
        None
    }

    fn finished(self) -> Result<Self, &'static str> {
        if self.speaker { Ok(self) } else { Err("the turn has no `speaker`; it is agent, customer or system") }
    }
}

impl<'de> Deserialize<'de> for Turn {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let open = read_map!(d, "a turn: an object with speaker and text", OpenTurn, |map, key, made| {
            match key.as_str() {
                "speaker" => {
                    made.turn.speaker = map.next_value()?;
                    made.speaker = true;
                }
                "name" => made.turn.name = map.next_value::<TextLike>()?.0,
                "text" => made.turn.text = map.next_value::<TextLike>()?.0.unwrap_or_default(),
                "start" => made.turn.start = map.next_value()?,
                "end" => made.turn.end = map.next_value()?,
                "steps" => made.turn.steps = map.next_value::<Option<Vec<StepEvent>>>()?.unwrap_or_default(),
                _ => {
                    map.next_value::<serde::de::IgnoredAny>()?;
                    made.turn.unread.push(key);
                }
            }
        })?;
        Ok(open.turn)
    }
}

impl Conversation {
    /// A conversation of bare steps.
    pub fn of_steps<S: Into<String>>(id: impl Into<String>, steps: impl IntoIterator<Item = S>) -> Self {
        Self { id: id.into(), steps: steps.into_iter().map(StepEvent::new).collect(), ..Self::default() }
    }

    fn blank() -> Self {
        Self::default()
    }

    fn from_text(_: &str) -> Option<Self> {
        None
    }

    fn finished(self) -> Result<Self, String> {
        if self.id.is_empty() { Err("the conversation has no `id`".into()) } else { Ok(self) }
    }
}

impl<'de> Deserialize<'de> for Conversation {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        read_map!(d, "a conversation: an object with id and turns or steps", Conversation, |map, key, made| {
            match key.as_str() {
                "id" => made.id = map.next_value::<TextLike>()?.0.unwrap_or_default(),
                "rep" => made.rep = map.next_value::<TextLike>()?.0,
                "team" => made.team = map.next_value::<TextLike>()?.0,
                "deal" => made.deal = map.next_value::<TextLike>()?.0,
                "channel" => made.channel = map.next_value::<TextLike>()?.0,
                // As hosts that write camelCase name it.
                "started_at" | "startedAt" => made.started_at = map.next_value::<PointInTime>()?.0,
                "attributes" => {
                    for (name, value) in map.next_value::<Option<IndexMap<String, Option<Attribute>>>>()?.unwrap_or_default() {
                        // A field of the same name outside gives way, and is reported.
                        if let Some(value) = value
                            && made.attributes.insert(name.clone(), value).is_some()
                        {
                            made.unread.push(name);
                        }
                    }
                }
                "outcome" => made.outcome = map.next_value::<Option<_>>()?.unwrap_or_default(),
                "turns" => made.turns = map.next_value::<Option<_>>()?.unwrap_or_default(),
                "steps" => made.steps = map.next_value::<Option<_>>()?.unwrap_or_default(),
                // A field of the host: kept as an attribute; one named in `attributes` too stands there.
                _ => match map.next_value::<Option<Attribute>>()? {
                    Some(value) if !made.attributes.contains_key(&key) => {
                        made.attributes.insert(key, value);
                    }
                    Some(_) => made.unread.push(key),
                    None => {}
                },
            }
        })
    }
}
