//! A piece of a method: steps with what each needs and gives.

use std::path::Path;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{failed, read};
use crate::error::{Error, Fault, Result};
use crate::sop::{Block, Raw, Step, read_text};
use crate::words::Lang;

/// A piece of a method, such as SPIN: some steps, their order, what each needs and what it gives.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "goldpath Fragment")]
pub struct Fragment {
    /// Always `goldpath/1`.
    #[schemars(regex(pattern = "^goldpath/1$"))]
    pub(super) format: &'static str,
    /// Its id, by which rules name it; without a dot.
    pub(super) fragment: String,
    /// Its name, for people.
    pub(super) name: String,
    /// What it is good for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    /// Order of the sales stages its steps speak of; decides between steps that are free otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(super) stages: Vec<String>,
    /// Its steps by id.
    pub(super) steps: IndexMap<String, FragmentStep>,
    /// The way through them; one after the other where nothing is said.
    pub(super) flow: Vec<Block>,
}

/// A step of a fragment: all that a step of an SOP has, and how it hangs together with others.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct FragmentStep {
    /// What an SOP says of it.
    #[serde(flatten)]
    pub step: Step,
    /// What has to hold before it (preconditions), in names that fragments share.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// What holds after it (postconditions).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gives: Vec<String>,
    /// Steps of other fragments that it means the same as, such as `meddic.pain`, where they are part of a composition.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub same_as: Vec<String>,
    /// Steps or fragments that it contradicts: they cannot be in one SOP.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never_with: Vec<String>,
}

macro_rules! ready {
    ($($id:literal),*) => {
        /// Ids of the ready fragments.
        const READY: &[&str] = &[$($id),*];

        fn ready_text(id: &str, lang: Lang) -> Option<&'static str> {
            match (id, lang) {
                $(($id, Lang::Zh) => Some(include_str!(concat!("fragments/", $id, ".zh.yaml"))),
                ($id, Lang::En) => Some(include_str!(concat!("fragments/", $id, ".en.yaml"))),)*
                _ => None,
            }
        }
    };
}

ready!("pipeline", "funnel", "spin", "meddic", "bant", "challenger", "spiced", "follow_up");

impl Fragment {
    /// Ids of the ready fragments.
    pub fn ready_ids() -> &'static [&'static str] {
        READY
    }

    /// A ready fragment, in a language.
    ///
    /// # Errors
    /// [`Error::Argument`] for an id that none has.
    pub fn ready(id: &str, lang: Lang) -> Result<Self> {
        let text = ready_text(id, lang).ok_or_else(|| {
            Error::argument("id", format!("there is no ready fragment `{}`", crate::text::cut(id, 60)), format!("one of {}", READY.join(", ")))
        })?;
        Self::parse(text)
    }

    /// The file of a ready fragment, to be edited and read again.
    ///
    /// # Errors
    /// As [`Fragment::ready`].
    pub fn ready_yaml(id: &str, lang: Lang) -> Result<&'static str> {
        Self::ready(id, lang).map(|_| ready_text(id, lang).unwrap_or_default())
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, else as [`Fragment::parse`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let named = |faults: Vec<Fault>| {
            let source = path.display().to_string();
            failed(faults.into_iter().map(|fault| Fault { source: fault.source.clone().or_else(|| Some(source.clone())), ..fault }).collect())
        };
        match read_text(path).and_then(|text| Self::parse(&text)) {
            Err(Error::Sop(faults) | Error::Compose(faults)) => Err(named(faults)),
            other => other,
        }
    }

    /// Reads YAML or JSON text.
    ///
    /// # Errors
    /// [`Error::Compose`] with every fault, each with its line and place and how to mend it.
    pub fn parse(text: &str) -> Result<Self> {
        Raw::parse(text).map_err(|fault| vec![fault]).and_then(|raw| read::fragment(&raw)).map_err(failed)
    }

    /// Reads a value in memory, such as a parsed JSON object.
    ///
    /// # Errors
    /// As [`Fragment::parse`], without lines.
    pub fn from_value(value: serde_json::Value) -> Result<Self> {
        read::fragment(&Raw::from_json(value)).map_err(failed)
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.fragment
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is good for.
    pub fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// Order of the stages it speaks of.
    pub fn stages(&self) -> &[String] {
        &self.stages
    }

    /// Its steps by id.
    pub fn steps(&self) -> &IndexMap<String, FragmentStep> {
        &self.steps
    }

    /// The way through them.
    pub fn flow(&self) -> &[Block] {
        &self.flow
    }

    /// What has to hold before it: needs of its steps that none of its own gives.
    pub fn needs(&self) -> Vec<&str> {
        let given: Vec<&str> = self.gives();
        let mut needs = Vec::new();
        for need in self.steps.values().flat_map(|step| &step.needs) {
            if !given.contains(&need.as_str()) && !needs.contains(&need.as_str()) {
                needs.push(need.as_str());
            }
        }
        needs
    }

    /// What holds after it.
    pub fn gives(&self) -> Vec<&str> {
        let mut gives: Vec<&str> = Vec::new();
        for give in self.steps.values().flat_map(|step| &step.gives) {
            if !gives.contains(&give.as_str()) {
                gives.push(give);
            }
        }
        gives
    }

    /// The fragment as YAML text; reading it gives an equal one.
    pub fn to_yaml(&self) -> String {
        serde_saphyr::to_string(self).unwrap_or_default()
    }

    /// The fragment as JSON text; reading it gives an equal one.
    pub fn to_json(&self) -> String {
        crate::text::json(self)
    }

    /// The JSON Schema of the fragment file, generated from the Rust types.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }
}

impl<'de> Deserialize<'de> for Fragment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Self::from_value(serde_json::Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
