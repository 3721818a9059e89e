//! The preset path: an SOP file becomes a checked model, one graph for drawing and one automaton for checking.
//!
//! In: YAML or JSON text (or the same as a value in memory). Out: [`Sop`], [`Playbook`], and for the floors above the
//! compiled automaton of a scenario. The flow may be written as blocks or as a graph over steps; behind both stands
//! the same `petgraph` graph ([`Sop::graph`]).
//!
//! ```
//! let sop = goldpath::Sop::parse("
//! format: goldpath/1
//! name: demo call
//! steps: {opening: {}, need: {title: Find the need}, demo: {}, close: {}}
//! flow: [opening, {any_order: [need, demo]}, close]
//! ")?;
//! assert_eq!(sop.steps().len(), 4);
//! assert_eq!(goldpath::Sop::parse(&sop.to_yaml())?, sop);
//! # Ok::<(), goldpath::Error>(())
//! ```

mod automaton;
mod compose;
mod formats;
mod graph;
mod hint;
mod history;
mod lint;
mod model;
mod patch;
mod playbook;
mod raw;
mod read;
mod read_standard;
mod region;
mod standard;
mod validate;

use std::any::Any;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, OnceLock, RwLock};

use indexmap::IndexMap;

pub(crate) use automaton::{Automaton, Edge, Performs, START};
pub use compose::{Composed, Composition, Fragment, FragmentStep, Placement, Rules, Source, SourceStep, Target, compose};
pub use graph::{Gateway, GraphNode, SopGraph};
pub use hint::Hint;
pub(crate) use hint::{About, Unmatched, Unused};
pub use history::{History, Note, Revision};
pub use lint::lint_day;
pub use model::{Accepted, AcceptedKind, Actor, Block, Condition, EdgeList, Flow, OneOrMany, Step, StepCost, Version};
pub(crate) use patch::{About as ChangeAbout, Beside};
pub use patch::{Around, At, Base, Change, Diff, EDITS, Edit, Mark, Patch, Split, StepChange, Where};
pub use playbook::{Playbook, PlaybookEntry};
pub use standard::{After, Bounds, Measure, Required, Said, Standard, TimeBounds, TimeUnit, Unit, Within};
pub(crate) use standard::{keys as standard_keys, names as standard_names};
pub(crate) use validate::FlowNode;

use crate::error::{Error, Fault, Result};
use model::{AcceptedFile, SopFile};
pub(crate) use raw::{Raw, Value};
pub(crate) use read::{Reader, join};

/// Limits that keep a hostile or mistaken file from hanging the host. Passing one is an error that names the block.
pub mod limits {
    /// Deepest nesting of blocks.
    pub const DEPTH: usize = 64;
    /// Most places of steps in a flow, or edges in a graph times eight.
    pub const NODES: usize = 2_000;
    /// Most states of the compiled flow.
    pub const STATES: usize = 65_536;
    /// Most edges of the compiled flow.
    pub const EDGES: usize = 4_000_000;
    /// Most characters of a phrase of a standard.
    pub const PHRASE: usize = 100;
    /// Most phrases of all standards.
    pub const PHRASES: usize = 20_000;
}

/// A sales SOP (销售跟进SOP): steps and the preset path through them. Always valid: it cannot be built otherwise.
///
/// Cheap to clone; two are equal when they say the same.
#[derive(Clone)]
pub struct Sop(Arc<Inner>);

struct Inner {
    name: String,
    version: Option<Version>,
    steps: IndexMap<String, Step>,
    body: Flow,
    anytime: Vec<String>,
    accepted: Vec<Accepted>,
    nodes: Vec<FlowNode>,
    whens: Vec<Condition>,
    /// Line and column of each place, where the SOP was read from a text.
    lines: IndexMap<String, (u64, u64)>,
    compiled: RwLock<HashMap<Vec<bool>, Arc<Compiled>>>,
    fingerprint: OnceLock<u64>,
}

/// A scenario that was compiled once, and what a floor above made of it.
struct Compiled {
    automaton: Arc<Automaton>,
    above: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Sop {
    /// Reads a file: BPMN where its name ends in `.bpmn`, YAML or JSON otherwise.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, [`Error::Sop`] with all faults if it does not hold together.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let (text, source) = (read_text(path)?, path.display().to_string());
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("bpmn")) {
            return Self::from_bpmn_named(&text, Some(&source));
        }
        Self::parse_named(&text, Some(&source))
    }

    /// Reads YAML or JSON text.
    ///
    /// # Errors
    /// [`Error::Sop`] with every fault, each with its line and place and how to mend it.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_named(text, None)
    }

    fn parse_named(text: &str, source: Option<&str>) -> Result<Self> {
        Raw::parse(text).map_err(|fault| vec![fault]).and_then(|raw| Self::from_raw(&raw)).map_err(|faults| named(faults, source))
    }

    /// Builds an SOP from a value in memory, such as a parsed JSON object.
    ///
    /// # Errors
    /// As [`Sop::parse`], without lines.
    pub fn from_value(value: serde_json::Value) -> Result<Self> {
        Self::from_raw(&Raw::from_json(value)).map_err(Error::Sop)
    }

    fn from_raw(raw: &Raw) -> std::result::Result<Self, Vec<Fault>> {
        let mut reader = Reader::default();
        let draft = reader.sop(raw);
        let (nodes, whens) = validate::validate(&draft, &mut reader);
        let body = match draft.body {
            Some(body) if reader.faults.is_empty() => body,
            _ => return Err(reader.into_faults()),
        };
        let sop = Self(Arc::new(Inner {
            name: draft.name,
            version: draft.version,
            steps: draft.steps,
            body,
            anytime: draft.anytime,
            accepted: draft.accepted,
            nodes,
            whens,
            lines: reader.lines(),
            compiled: RwLock::default(),
            fingerprint: OnceLock::new(),
        }));
        // The scenario in which every condition holds has the most places; the others are compiled when a case needs them.
        match Automaton::compile(&sop, &vec![true; sop.0.whens.len()]) {
            Ok(_) => Ok(sop),
            Err((place, message)) => {
                reader.fault(&place, "sop.too_many_states", message, "split the block, or order some of its members");
                Err(reader.into_faults())
            }
        }
    }

    /// Name of the SOP.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Version, if it has one.
    pub fn version(&self) -> Option<&Version> {
        self.0.version.as_ref()
    }

    /// All steps by id, in the order of the file.
    pub fn steps(&self) -> &IndexMap<String, Step> {
        &self.0.steps
    }

    /// The preset path as it is written.
    pub fn flow(&self) -> &Flow {
        &self.0.body
    }

    /// Steps allowed anywhere at no cost.
    pub fn anytime(&self) -> &[String] {
        &self.0.anytime
    }

    /// Deviations the company accepts.
    pub fn accepted(&self) -> &[Accepted] {
        &self.0.accepted
    }

    /// The title of a step, or the id itself where it has none or is not known.
    pub fn title<'a>(&'a self, step: &'a str) -> &'a str {
        self.0.steps.get(step).and_then(|s| s.title.as_deref()).unwrap_or(step)
    }

    /// The stages in the order of the steps.
    pub fn stages(&self) -> Vec<&str> {
        let mut stages: Vec<&str> = Vec::new();
        for stage in self.0.steps.values().filter_map(|step| step.stage.as_deref()) {
            if !stages.contains(&stage) {
                stages.push(stage);
            }
        }
        stages
    }

    /// The SOP as YAML text; reading it gives an equal SOP.
    pub fn to_yaml(&self) -> String {
        serde_saphyr::to_string(&self.file()).unwrap_or_default()
    }

    /// The SOP as JSON text; reading it gives an equal SOP.
    pub fn to_json(&self) -> String {
        crate::text::json(&self.file())
    }

    fn file(&self) -> SopFile {
        SopFile {
            format: "goldpath/1",
            name: self.0.name.clone(),
            version: self.0.version.clone(),
            steps: self.0.steps.clone(),
            body: self.0.body.clone(),
            anytime: self.0.anytime.clone(),
            accepted: self.0.accepted.iter().map(AcceptedFile::from).collect(),
        }
    }

    /// The JSON Schema of the SOP file, generated from the Rust types.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(SopFile).to_value()
    }

    /// The graph behind the SOP: start, end, steps and gateways.
    pub fn graph(&self) -> SopGraph {
        SopGraph::of(self)
    }

    /// Places of steps in the flow, in the order of the file.
    pub(crate) fn nodes(&self) -> &[FlowNode] {
        &self.0.nodes
    }

    /// Conditions of the `when` blocks, in the order of the file.
    pub(crate) fn whens(&self) -> &[Condition] {
        &self.0.whens
    }

    /// Line and column of a place of the file, where it was read from a text.
    pub(crate) fn line_of(&self, place: &str) -> Option<(u64, u64)> {
        self.0.lines.get(place).copied()
    }

    /// The automaton for the scenario in which exactly the flagged `when` blocks hold.
    pub(crate) fn automaton(&self, scenario: &[bool]) -> Result<Arc<Automaton>> {
        Ok(self.compiled(scenario)?.automaton.clone())
    }

    /// What a floor above makes of the automaton of a scenario: made once, kept as long as the SOP, shared by all who ask.
    /// What is made must not hold the SOP itself.
    ///
    /// # Errors
    /// [`Error::Limit`] in the rare case that leaving a conditional part out lets the compiled flow grow past the limit:
    /// then one place leads to many states at once, which the whole flow need not show.
    pub(crate) fn prepared<T: Any + Send + Sync>(&self, scenario: &[bool], make: impl Fn(Arc<Automaton>) -> T) -> Result<Arc<T>> {
        let compiled = self.compiled(scenario)?;
        let kept = compiled.above.get_or_init(|| Arc::new(make(compiled.automaton.clone()))).clone();
        Ok(kept.downcast().unwrap_or_else(|_| Arc::new(make(compiled.automaton.clone()))))
    }

    fn compiled(&self, scenario: &[bool]) -> Result<Arc<Compiled>> {
        if let Some(found) = self.0.compiled.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(scenario) {
            return Ok(found.clone());
        }
        let made = Automaton::compile(self, scenario).map_err(|(place, message)| {
            let fault = Fault::new("sop.too_many_states", message).at_place(place);
            Error::Limit(Box::new(fault.help("split the block, or order some of its members")))
        })?;
        let mut cache = self.0.compiled.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let made = || Arc::new(Compiled { automaton: Arc::new(made), above: OnceLock::new() });
        Ok(cache.entry(scenario.to_vec()).or_insert_with(made).clone())
    }

    /// A hash of all the SOP says, name and version included: SHA-256, 64 hexadecimal digits, the same on every machine and
    /// in every language. Equal SOPs have equal hashes, however their files were written.
    ///
    /// ```
    /// let a = goldpath::Sop::parse("{format: goldpath/1, name: demo, steps: [open], flow: [open]}")?;
    /// let b = goldpath::Sop::parse("name: demo\nformat: goldpath/1\nflow: [open]\nsteps: {open: {}}")?;
    /// assert_eq!(a.hash(), b.hash());
    /// assert_eq!(a.hash().len(), 64);
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    pub fn hash(&self) -> String {
        let mut value = serde_json::to_value(self.file()).unwrap_or_default();
        // The order of steps means something; that of other keys (the attributes of a condition) does not.
        let steps = match value.get_mut("steps").map(serde_json::Value::take) {
            Some(serde_json::Value::Object(steps)) => steps.into_iter().map(|(id, step)| serde_json::json!([id, step])).collect(),
            _ => serde_json::Value::Null,
        };
        value["steps"] = steps;
        value.sort_all_objects();
        crate::text::sha_hex(&[value.to_string().as_bytes()])
    }

    /// A hash of all the SOP says; equal SOPs have equal ones, on every machine.
    pub(crate) fn fingerprint(&self) -> u64 {
        *self.0.fingerprint.get_or_init(|| crate::text::stable_hash(&self.to_json()))
    }
}

/// Reads a text file within the stated size, naming bad UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
    String::from_utf8(bytes).map_err(|e| {
        let fault = Fault::new("sop.not_utf8", format!("not UTF-8 text: byte {} is invalid", e.utf8_error().valid_up_to()));
        Error::Sop(vec![Fault { source: Some(path.display().to_string()), ..fault.help("save the file as UTF-8") }])
    })
}

fn named(mut faults: Vec<Fault>, source: Option<&str>) -> Error {
    for fault in &mut faults {
        fault.source = fault.source.take().or_else(|| source.map(ToOwned::to_owned));
    }
    Error::Sop(faults)
}

impl PartialEq for Sop {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&*self.0, &*other.0);
        // Step order is part of the meaning: it breaks ties between alignments in a `graph`.
        a.name == b.name
            && a.version == b.version
            && a.steps.iter().eq(b.steps.iter())
            && a.body == b.body
            && a.anytime == b.anytime
            && a.accepted == b.accepted
    }
}

impl std::fmt::Debug for Sop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for Sop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sop({:?}", self.name())?;
        if let Some(version) = self.version() {
            write!(f, " v{version}")?;
        }
        write!(f, ", {} steps, {} places in the flow)", self.steps().len(), self.nodes().len())
    }
}
