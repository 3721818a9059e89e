//! What joins fragments: which steps mean the same, what goes where, which stages follow each other.

use std::path::Path;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::{failed, read};
use crate::error::{Error, Fault, Result};
use crate::sop::{Raw, read_text};

/// Rules of a composition. Steps are named with their fragment, such as `spin.problem`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[schemars(title = "goldpath Rules")]
pub struct Rules {
    /// Steps that are another one: `{bant.need: spin.problem}` makes the first part of the second.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(default)]
    pub same: IndexMap<String, String>,
    /// What goes where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub place: Vec<Placement>,
    /// Stages that follow each other strictly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub stages: Vec<String>,
    /// What holds from the beginning.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub given: Vec<String>,
    /// Steps that are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub drop: Vec<String>,
}

/// Says where something goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Placement {
    /// A step (`meddic.champion`) or a whole fragment (`meddic`).
    pub put: String,
    /// Where.
    #[serde(flatten)]
    pub target: Target,
}

/// Where something goes: beside or inside a step, a fragment, or a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Before all of it.
    Before(String),
    /// After all of it.
    After(String),
    /// Into a stage; or in the place of a step, which it fills.
    Inside(String),
}

impl Target {
    /// What it names.
    pub fn name(&self) -> &str {
        let (Self::Before(name) | Self::After(name) | Self::Inside(name)) = self;
        name
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(title = "goldpath Rules", rename = "Rules")]
struct RulesFile<'a> {
    /// Always `goldpath/1`.
    #[schemars(regex(pattern = "^goldpath/1$"))]
    format: &'static str,
    #[serde(flatten)]
    rules: &'a Rules,
}

impl Rules {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, else as [`Rules::parse`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        match read_text(path).and_then(|text| Self::parse(&text)) {
            Err(Error::Sop(faults) | Error::Compose(faults)) => {
                let source = path.display().to_string();
                Err(failed(faults.into_iter().map(|fault| Fault { source: fault.source.clone().or_else(|| Some(source.clone())), ..fault }).collect()))
            }
            other => other,
        }
    }

    /// Reads YAML or JSON text.
    ///
    /// # Errors
    /// [`Error::Compose`] with every fault, each with its line and place.
    pub fn parse(text: &str) -> Result<Self> {
        Raw::parse(text).map_err(|fault| vec![fault]).and_then(|raw| read::rules(&raw)).map_err(failed)
    }

    /// Reads a value in memory, such as a parsed JSON object; the `format` may be left out.
    ///
    /// # Errors
    /// As [`Rules::parse`], without lines.
    pub fn from_value(mut value: serde_json::Value) -> Result<Self> {
        if let Some(map) = value.as_object_mut() {
            map.entry("format").or_insert_with(|| "goldpath/1".into());
        }
        read::rules(&Raw::from_json(value)).map_err(failed)
    }

    /// Both, the rules of the other after these. Where both say of one step which it is, the first holds.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut made = self.clone();
        for (step, other) in &other.same {
            made.same.entry(step.clone()).or_insert_with(|| other.clone());
        }
        made.place.extend_from_slice(&other.place);
        for (list, more) in [(&mut made.stages, &other.stages), (&mut made.given, &other.given), (&mut made.drop, &other.drop)] {
            for entry in more {
                if !list.contains(entry) {
                    list.push(entry.clone());
                }
            }
        }
        made
    }

    /// The rules as YAML text; reading it gives equal rules.
    pub fn to_yaml(&self) -> String {
        serde_saphyr::to_string(&RulesFile { format: "goldpath/1", rules: self }).unwrap_or_default()
    }

    /// The rules as JSON text; reading it gives equal rules.
    pub fn to_json(&self) -> String {
        crate::text::json(&RulesFile { format: "goldpath/1", rules: self })
    }

    /// The JSON Schema of the rules file, generated from the Rust types.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(RulesFile).to_value()
    }
}
