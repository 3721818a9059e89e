//! `Sop` and `Playbook`: the preset path.

use napi::bindgen_prelude::{ClassInstance, Either};
use napi::{Env, Result};
use napi_derive::napi;

use crate::errors::call;
use crate::live::{Attributes, LiveSession, texts};
use crate::methods::{AnyPatch, Diff, patch};
use crate::model::hints;
use crate::review::language;
use crate::work::{Later, start};

/// Everything that takes a `Sop` takes a `Playbook`.
pub(crate) type AnySop<'env> = Either<ClassInstance<'env, Sop>, ClassInstance<'env, Playbook>>;

pub(crate) fn playbook(sop: &AnySop<'_>) -> goldpath::Playbook {
    match sop {
        Either::A(sop) => sop.0.clone().into(),
        Either::B(playbook) => playbook.0.clone(),
    }
}

/// How hints are found.
#[napi(object, object_to_js = false)]
pub struct LintOptions {
    /// The day of which is asked whether an accepted deviation is over, such as `2026-05-01`; today in UTC where nothing is
    /// said.
    pub today: Option<String>,
}

/// A sales SOP (销售跟进SOP): steps and the preset path through them. Always valid: it cannot be made otherwise.
#[napi]
pub struct Sop(pub(crate) goldpath::Sop);

#[napi]
impl Sop {
    /// Reads a file, BPMN where its name ends in `.bpmn`, YAML or JSON otherwise; the error lists all faults, each with line, place and how to mend it.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Sop>")]
    pub fn read(env: Env, path: String) -> Result<Later<Sop>> {
        start(env, None, None, move |_| goldpath::Sop::read(path).map(Self))
    }

    /// Reads YAML or JSON text.
    #[napi(catch_unwind)]
    pub fn parse(text: String) -> Result<Self> {
        call(|| goldpath::Sop::parse(&text).map(Self))
    }

    /// Makes an SOP of a plain object of the shape of the file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "sop: object")]
    pub fn from_object(json: String) -> Result<Self> {
        // What JSON refuses (for its depth), the reader of SOP texts refuses with a reason.
        call(|| serde_json::from_str(&json).map_or_else(|_| goldpath::Sop::parse(&json), goldpath::Sop::from_value).map(Self))
    }

    /// Reads the text of a BPMN 2.0 file with one process; the error names all that cannot be part of an SOP.
    #[napi(catch_unwind)]
    pub fn from_bpmn(text: String) -> Result<Self> {
        call(|| goldpath::Sop::from_bpmn(&text).map(Self))
    }

    /// The JSON Schema of the SOP file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Record<string, unknown>")]
    pub fn json_schema() -> String {
        goldpath::Sop::json_schema().to_string()
    }

    #[napi(catch_unwind, getter)]
    pub fn name(&self) -> String {
        self.0.name().to_owned()
    }

    /// The version; a number where it is one, `null` where there is none.
    #[napi(catch_unwind, getter, ts_return_type = "number | string | null")]
    pub fn version(&self) -> Option<Either<f64, String>> {
        self.0.version().map(|version| match version {
            goldpath::sop::Version::Number(n) => Either::A(*n as f64),
            goldpath::sop::Version::Text(text) => Either::B(text.clone()),
        })
    }

    /// The steps in the order of the file, each with its id.
    #[napi(catch_unwind, getter, ts_return_type = "Array<Step>")]
    pub fn steps(&self) -> String {
        let steps = self.0.steps().iter().map(|(id, step)| {
            let mut object = serde_json::Map::from_iter([("id".to_owned(), id.as_str().into())]);
            if let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(step) {
                object.extend(fields);
            }
            serde_json::Value::Object(object)
        });
        steps.collect::<serde_json::Value>().to_string()
    }

    /// The stages in the order of the steps.
    #[napi(catch_unwind, getter)]
    pub fn stages(&self) -> Vec<&str> {
        self.0.stages()
    }

    /// Steps allowed anywhere at no cost.
    #[napi(catch_unwind, getter)]
    pub fn anytime(&self) -> Vec<String> {
        self.0.anytime().to_vec()
    }

    /// YAML text; reading it gives an equal SOP.
    #[napi(catch_unwind)]
    pub fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }

    /// JSON text; reading it gives an equal SOP.
    #[napi(catch_unwind)]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// The graph as a Mermaid flowchart.
    #[napi(catch_unwind)]
    pub fn to_mermaid(&self) -> String {
        self.0.to_mermaid()
    }

    /// Hints: what is valid and yet hardly meant, in the order of the file.
    #[napi(catch_unwind, ts_args_type = "options?: LintOptions", ts_return_type = "Array<Hint>")]
    pub fn lint(&self, options: Option<LintOptions>) -> Result<String> {
        let found = call(|| match options.and_then(|options| options.today) {
            Some(today) => Ok(self.0.lint_on(goldpath::sop::lint_day(&today)?)),
            None => Ok(self.0.lint()),
        });
        found.map(|found| hints(&found))
    }

    /// The graph as Graphviz DOT text.
    #[napi(catch_unwind)]
    pub fn to_dot(&self) -> String {
        self.0.to_dot()
    }

    /// BPMN 2.0 with a drawing, for Camunda Modeler, bpmn-js and others; `Sop.fromBpmn` gives an equal SOP.
    #[napi(catch_unwind)]
    pub fn to_bpmn(&self) -> String {
        self.0.to_bpmn()
    }

    /// A Petri net in PNML, on which any exact aligner finds the costs found here. Without attributes it is the whole flow,
    /// every `when` block included; with them it is the flow of a case that has these attributes, even if none.
    #[napi(catch_unwind, ts_args_type = "attributes?: Record<string, string | number | boolean>")]
    pub fn to_pnml(&self, attributes: Option<Attributes>) -> Result<String> {
        let Some(given) = attributes else { return call(|| self.0.to_pnml()) };
        let attributes = texts(Some(given));
        call(|| self.0.to_pnml_for(|name| attributes.get(name).map(|value| value.as_str().into())))
    }

    /// An SVG drawing that needs nothing beside it.
    #[napi(catch_unwind, ts_args_type = "lang?: Lang")]
    pub fn to_svg(&self, lang: Option<String>) -> Result<String> {
        call(|| Ok(self.0.to_svg(language(lang)?)))
    }

    /// Whether both say the same.
    #[napi(catch_unwind)]
    pub fn equals(&self, other: &Sop) -> bool {
        self.0 == other.0
    }

    /// A hash of all the SOP says, the same on every machine and in every language.
    #[napi(catch_unwind, getter)]
    pub fn hash(&self) -> String {
        self.0.hash()
    }

    /// Places where a step stands in the flow.
    #[napi(catch_unwind)]
    pub fn places_of(&self, step: String) -> Vec<&str> {
        self.0.places_of(&step)
    }

    /// What differs between this SOP and another: the edits that lead to the other, in words and drawn.
    #[napi(catch_unwind)]
    pub fn diff(&self, other: &Sop) -> Diff {
        Diff(self.0.diff(&other.0))
    }

    /// The SOP that a patch makes of this one; the error names all that does not fit.
    #[napi(catch_unwind, ts_args_type = "patch: Patch | Diff")]
    pub fn apply(&self, edits: AnyPatch<'_>) -> Result<Self> {
        let edits = patch(&edits);
        call(|| self.0.apply(&edits).map(Self))
    }

    /// Opens a live session; the attributes of the case choose among `when` blocks and accepted deviations, and
    /// `started_at` among them says at which day. Thousands may be open at once.
    #[napi(catch_unwind, ts_args_type = "attributes?: Record<string, string | number | boolean>")]
    pub fn live(&self, attributes: Option<Attributes>) -> Result<LiveSession> {
        let attributes = texts(attributes);
        call(|| self.0.live(|name| attributes.get(name).map(|value| value.as_str().into())).map(LiveSession))
    }

    /// Opens a session again from the text that its `toJson` gave; takes as long as pushing its steps again.
    #[napi(catch_unwind)]
    pub fn resume(&self, saved: String) -> Result<LiveSession> {
        call(|| self.0.resume(&saved).map(LiveSession))
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

/// Several SOPs with the attributes that say which case takes which.
#[napi]
pub struct Playbook(goldpath::Playbook);

#[napi]
impl Playbook {
    /// Reads a playbook file; `sop: other.yaml` names a file beside it.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Playbook>")]
    pub fn read(env: Env, path: String) -> Result<Later<Playbook>> {
        start(env, None, None, move |_| goldpath::Playbook::read(path).map(Self))
    }

    /// Reads the text of a playbook whose SOPs all stand in it.
    #[napi(catch_unwind)]
    pub fn parse(text: String) -> Result<Self> {
        call(|| goldpath::Playbook::parse(&text).map(Self))
    }

    /// One SOP for each value of an attribute.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "attribute: string, sops: Record<string, Sop> | Map<string, Sop>")]
    pub fn by(attribute: String, values: Vec<String>, sops: Vec<ClassInstance<'_, Sop>>) -> Self {
        Self(goldpath::Playbook::by(&attribute, values.into_iter().zip(sops.iter().map(|sop| sop.0.clone()))))
    }

    /// The JSON Schema of the playbook file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Record<string, unknown>")]
    pub fn json_schema() -> String {
        goldpath::Playbook::json_schema().to_string()
    }

    /// The SOPs in the order they are tried.
    #[napi(catch_unwind, getter)]
    pub fn sops(&self) -> Vec<Sop> {
        self.0.sops().cloned().map(Sop).collect()
    }

    /// Opens a live session against the SOP that the attributes choose.
    #[napi(catch_unwind, ts_args_type = "attributes?: Record<string, string | number | boolean>")]
    pub fn live(&self, attributes: Option<Attributes>) -> Result<LiveSession> {
        let attributes = texts(attributes);
        call(|| self.0.live(|name| attributes.get(name).map(|value| value.as_str().into())).map(LiveSession))
    }

    /// Opens a session again from the text that its `toJson` gave.
    #[napi(catch_unwind)]
    pub fn resume(&self, saved: String) -> Result<LiveSession> {
        call(|| self.0.resume(&saved).map(LiveSession))
    }

    /// YAML text; reading it gives an equal playbook.
    #[napi(catch_unwind)]
    pub fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }

    /// JSON text; reading it gives an equal playbook.
    #[napi(catch_unwind)]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// Hints of all its SOPs, and entries that earlier ones leave no case.
    #[napi(catch_unwind, ts_args_type = "options?: LintOptions", ts_return_type = "Array<Hint>")]
    pub fn lint(&self, options: Option<LintOptions>) -> Result<String> {
        let found = call(|| match options.and_then(|options| options.today) {
            Some(today) => Ok(self.0.lint_on(goldpath::sop::lint_day(&today)?)),
            None => Ok(self.0.lint()),
        });
        found.map(|found| hints(&found))
    }

    /// One SVG drawing of its SOPs, each under its name and the cases it is for.
    #[napi(catch_unwind, ts_args_type = "lang?: Lang")]
    pub fn to_svg(&self, lang: Option<String>) -> Result<String> {
        call(|| Ok(self.0.to_svg(language(lang)?)))
    }

    /// Whether both say the same.
    #[napi(catch_unwind)]
    pub fn equals(&self, other: &Playbook) -> bool {
        self.0 == other.0
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        format!("{:?}", self.0)
    }
}
