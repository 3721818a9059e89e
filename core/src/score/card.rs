//! The scorecard: what is worth how many points.

use std::path::Path;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::error::Result;
use crate::sop::{Actor, Playbook};

/// Weights of steps, standards and feedback, and what deviations take away.
///
/// ```
/// use goldpath::Scorecard;
/// let card = Scorecard::parse("
/// format: goldpath/scorecard/1
/// steps: {need: 20, budget: 10}
/// standards: {need: {questions: 5}}
/// feedback: {csat: {weight: 10, from: 1, to: 5}}
/// deviations: {extra: -1, out_of_order: -2}
/// ")?;
/// assert_eq!(Scorecard::parse(&card.to_yaml())?, card);
/// # Ok::<(), goldpath::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(title = "goldpath scorecard", rename = "Scorecard", description = "Weights of steps, standards and feedback, and what deviations take away.")]
#[non_exhaustive]
pub struct Scorecard {
    /// Always `goldpath/scorecard/1`.
    #[schemars(with = "String", regex(pattern = "^goldpath/scorecard/1$"))]
    format: Format,
    /// Name shown to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(default)]
    pub name: Option<String>,
    /// Points for doing a step when it is due, by id of the step.
    #[serde(skip_serializing_if = "IndexMap::is_empty", serialize_with = "plain_map")]
    #[schemars(default)]
    pub steps: IndexMap<String, f64>,
    /// Points for meeting a standard, by id of the step and then by key or title of the standard.
    #[serde(skip_serializing_if = "IndexMap::is_empty", serialize_with = "plain_maps")]
    #[schemars(default)]
    pub standards: IndexMap<String, IndexMap<String, f64>>,
    /// Points for what the customer says of it, by name of the outcome or attribute.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(default)]
    pub feedback: IndexMap<String, Feedback>,
    /// Points, 0 or negative, for each deviation that is not accepted, by its kind.
    #[serde(skip_serializing_if = "IndexMap::is_empty", serialize_with = "plain_map")]
    #[schemars(default)]
    pub deviations: IndexMap<String, f64>,
}

/// The format line of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Format;

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(FORMAT)
    }
}

pub(super) const FORMAT: &str = "goldpath/scorecard/1";

/// What a feedback is worth: the weight in full at `to`, nothing at `from`, in proportion between.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Feedback {
    /// Points for the best value.
    #[serde(serialize_with = "plain")]
    pub weight: f64,
    /// The value that earns nothing, 0 where nothing is said; yes/no counts as 1 and 0.
    #[serde(serialize_with = "plain")]
    #[schemars(default)]
    pub from: f64,
    /// The value that earns all, 1 where nothing is said; it may be the smaller one.
    #[serde(serialize_with = "plain")]
    #[schemars(default)]
    pub to: f64,
}

impl Scorecard {
    /// Reads a YAML or JSON file.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if it cannot be read, [`Error::Scorecard`](crate::Error::Scorecard) with all faults if it does not hold together.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        super::read::file(path.as_ref())
    }

    /// Reads YAML or JSON text.
    ///
    /// # Errors
    /// [`Error::Scorecard`](crate::Error::Scorecard) with every fault, each with its line and place and how to mend it.
    pub fn parse(text: &str) -> Result<Self> {
        super::read::text(text)
    }

    /// A scorecard from a value in memory, such as a parsed JSON object.
    ///
    /// # Errors
    /// As [`Scorecard::parse`], without lines.
    pub fn from_value(value: serde_json::Value) -> Result<Self> {
        super::read::value(value)
    }

    /// The scorecard where nothing is said: one point for each agent's step that the flow plans, and one for each of its
    /// standards. Nothing for feedback and deviations.
    pub fn equal(playbook: &Playbook) -> Self {
        let mut card = Self::default();
        for sop in playbook.sops() {
            for node in sop.nodes() {
                let Some((id, step)) = sop.steps().get_index(node.step as usize).filter(|(_, step)| step.by == Actor::Agent) else { continue };
                card.steps.insert(id.clone(), 1.0);
                if !step.standards.is_empty() {
                    let of_step = card.standards.entry(id.clone()).or_default();
                    of_step.extend(crate::sop::standard_keys(&step.standards).into_iter().map(|key| (key, 1.0)));
                }
            }
        }
        card
    }

    /// The scorecard as YAML text; reading it gives an equal one.
    pub fn to_yaml(&self) -> String {
        serde_saphyr::to_string(self).unwrap_or_default()
    }

    /// The scorecard as JSON text; reading it gives an equal one.
    pub fn to_json(&self) -> String {
        crate::text::json(self)
    }

    /// The JSON Schema of the scorecard file, generated from the Rust types.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }
}

impl std::fmt::Display for Scorecard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scorecard(")?;
        if let Some(name) = &self.name {
            write!(f, "{name:?}, ")?;
        }
        let standards: usize = self.standards.values().map(IndexMap::len).sum();
        write!(f, "{} steps, {standards} standards, {} feedback, {} kinds of deviation)", self.steps.len(), self.feedback.len(), self.deviations.len())
    }
}

/// A whole number without a point, as people write it.
fn plain<S: Serializer>(x: &f64, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    if x.fract() == 0.0 && x.abs() < 1e15 { serializer.serialize_i64(*x as i64) } else { serializer.serialize_f64(*x) }
}

struct Plain(f64);

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        plain(&self.0, serializer)
    }
}

fn plain_map<S: Serializer>(map: &IndexMap<String, f64>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_map(map.iter().map(|(name, x)| (name, Plain(*x))))
}

fn plain_maps<S: Serializer>(maps: &IndexMap<String, IndexMap<String, f64>>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_map(maps.iter().map(|(name, map)| (name, map.iter().map(|(name, x)| (name, Plain(*x))).collect::<IndexMap<_, _>>())))
}
