//! Edits of an SOP as data: what a proposal asks for, what differs between two versions, what a history is made of.
//!
//! In: an [`Sop`] and a [`Patch`], or two SOPs. Out: the SOP the patch makes of it, or the patch that leads from one to
//! the other. Whatever comes out is checked as a file would be: a patch cannot make an SOP that is not valid.
//!
//! ```
//! use goldpath::sop::{Patch, Step};
//! let sop = goldpath::Sop::parse("{format: goldpath/1, name: demo, version: 3, steps: [open, need, price, close], flow: [open, need, price, close]}")?;
//! let patch = Patch::new().insert_after("roi_story", Step::titled("ROI story"), "need").make_optional("price");
//! let next = sop.apply(&patch)?;
//! assert_eq!(next.steps().len(), 5);
//! assert_eq!(sop.apply(sop.diff(&next).patch())?, next);
//! # Ok::<(), goldpath::Error>(())
//! ```

mod apply;
mod diff;
mod edit;
mod graph;
mod lists;
mod make;
mod read;
mod state;
mod tell;
mod tree;
mod walk;

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

pub use diff::{Diff, Mark};
pub use edit::{Around, At, Edit, Split, StepChange, Where};
pub(super) use read::{failed, read};
pub use tell::Change;
pub(crate) use tell::{About, Beside};

use super::{Raw, Sop, Version};
use crate::error::{Error, Result};

/// Most edits of a patch.
pub const EDITS: usize = 50_000;

/// Edits of an SOP, in order: each is about the SOP as the edits before it left it.
///
/// Made by [`Sop::diff`], by the constructors (`Patch::new().insert_after(…)`), or read from YAML or JSON.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Patch {
    base: Option<Base>,
    edits: Vec<Edit>,
}

/// The SOP a patch was made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Base {
    /// Its name.
    pub name: String,
    /// Its version, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Its hash, as [`Sop::hash`] gives it.
    pub hash: String,
}

impl Base {
    /// The base that an SOP is.
    pub fn of(sop: &Sop) -> Self {
        Self { name: sop.name().to_owned(), version: sop.version().cloned(), hash: sop.hash() }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.version.as_ref().map_or_else(String::new, |version| format!(" version {version}"));
        write!(f, "“{}”{version} ({})", crate::text::short(&self.name, 60), crate::text::cut(&self.hash, 12))
    }
}

/// The patch as it is written in a file.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "goldpath Patch", rename = "Patch")]
pub(crate) struct PatchFile<'a> {
    /// Always `goldpath/1`.
    #[schemars(regex(pattern = "^goldpath/1$"))]
    format: &'static str,
    /// The SOP it was made for; without it the patch goes with every SOP its edits fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<&'a Base>,
    /// The edits, in order.
    edits: &'a [Edit],
}

impl Patch {
    /// A patch without edits, for any SOP.
    pub fn new() -> Self {
        Self::default()
    }

    /// The edits, in order.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Whether there is nothing to edit.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The SOP it was made for, if it is bound to one.
    pub fn base(&self) -> Option<&Base> {
        self.base.as_ref()
    }

    /// Binds the patch to an SOP: it can then be applied to no other.
    #[must_use]
    pub fn bound_to(mut self, sop: &Sop) -> Self {
        self.base = Some(Base::of(sop));
        self
    }

    /// Lets the patch go with every SOP its edits fit.
    #[must_use]
    pub fn unbound(mut self) -> Self {
        self.base = None;
        self
    }

    /// Adds an edit.
    #[must_use]
    pub fn with(mut self, edit: Edit) -> Self {
        self.edits.push(edit);
        self
    }

    /// The edits of both, one after the other; bound to what the first is bound to.
    #[must_use]
    pub fn then(mut self, other: &Self) -> Self {
        self.edits.extend_from_slice(&other.edits);
        self
    }

    /// Reads YAML or JSON text.
    ///
    /// # Errors
    /// [`Error::Patch`] with every fault, each with its line and place and how to mend it.
    pub fn parse(text: &str) -> Result<Self> {
        Raw::parse(text).map_err(|fault| vec![fault]).and_then(|raw| read::patch(&raw)).map_err(failed)
    }

    /// Reads a value in memory, such as a parsed JSON object.
    ///
    /// # Errors
    /// As [`Patch::parse`], without lines.
    pub fn from_value(value: serde_json::Value) -> Result<Self> {
        read::patch(&Raw::from_json(value)).map_err(failed)
    }

    /// The patch as YAML text; reading it gives an equal patch.
    pub fn to_yaml(&self) -> String {
        serde_saphyr::to_string(&self.file()).unwrap_or_default()
    }

    /// The patch as JSON text; reading it gives an equal patch.
    pub fn to_json(&self) -> String {
        crate::text::json(&self.file())
    }

    /// The JSON Schema of the patch file, generated from the Rust types.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(PatchFile).to_value()
    }

    /// What each edit means for an SOP, in order: which steps it is about, and a sentence.
    ///
    /// # Errors
    /// As [`Sop::apply`], as far as the edits do not fit.
    pub fn changes(&self, base: &Sop) -> Result<Vec<Change>> {
        tell::changes(base, &self.edits)
    }

    fn file(&self) -> PatchFile<'_> {
        PatchFile { format: "goldpath/1", base: self.base.as_ref(), edits: &self.edits }
    }
}

impl Serialize for Patch {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.file().serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Patch {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Self::from_value(value).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Patch {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Patch".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        PatchFile::json_schema(generator)
    }
}

impl Sop {
    /// What differs between this SOP and another, as the edits that lead from this one to the other, with what they mean.
    ///
    /// For all SOPs `a.apply(a.diff(&b).patch())? == b`. Steps keep their identity by their id: a step that stands elsewhere
    /// in the other SOP was moved, not dropped and added.
    ///
    /// ```
    /// let a = goldpath::Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}")?;
    /// let b = goldpath::Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, {optional: [need]}, close]}")?;
    /// let diff = a.diff(&b);
    /// assert_eq!(diff.sentences(goldpath::Lang::En), ["“need” becomes optional."]);
    /// assert_eq!(a.apply(diff.patch())?, b);
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    #[must_use]
    pub fn diff(&self, other: &Self) -> Diff {
        diff::diff(self, other)
    }

    /// The SOP that a patch makes of this one.
    ///
    /// Each edit is about the SOP as the edits before it left it. After the last one, blocks left without members are
    /// taken out, and steps of the agent that stand nowhere any more stay known as `unplanned` (those that stand somewhere
    /// are no longer so). The result is checked as a file would be.
    ///
    /// # Errors
    /// [`Error::Patch`]: `patch.other_base` if the patch is bound to another SOP, every edit that does not fit, with its
    /// number; or what is wrong with the SOP that would come out.
    pub fn apply(&self, patch: &Patch) -> Result<Self> {
        apply::apply(self, patch)
    }

    /// Places where a step stands in the flow, such as `flow[2].any_order[0]`, in the order of the file. In a graph it is
    /// the first place of the file that names it.
    pub fn places_of(&self, step: &str) -> Vec<&str> {
        let Some(index) = self.steps().get_index_of(step) else { return Vec::new() };
        self.nodes().iter().filter(|node| node.step as usize == index).map(|node| node.place.as_str()).collect()
    }
}

fn error(faults: Vec<crate::Fault>) -> Error {
    Error::Patch(faults)
}
