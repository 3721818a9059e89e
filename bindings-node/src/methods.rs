//! `Patch`, `Diff`, `History`, and `Fragment`s with what comes of composing them.

use goldpath::sop::{Change, Mark, Note};
use napi::bindgen_prelude::{ClassInstance, Either};
use napi::{Env, Result};
use napi_derive::napi;

use crate::errors::call;
use crate::model::{hints, json, with_sentences};
use crate::review::{Review, language};
use crate::sop::Sop;
use crate::table::Table;
use crate::work::{Later, start};

fn changes(changes: &[Change]) -> String {
    json(&changes.iter().map(|change| with_sentences(change, |lang| change.sentence(lang))).collect::<Vec<_>>())
}

/// Edits of an SOP as data. `sop.diff(other)` makes one, `sop.apply(patch)` makes an SOP by one.
#[napi]
pub struct Patch(goldpath::sop::Patch);

#[napi]
impl Patch {
    /// A patch of these edits, objects as they are written in a file, for any SOP they fit.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "edits: Array<object>")]
    pub fn of(edits: String) -> Result<Self> {
        call(|| goldpath::sop::Patch::parse(&format!("{{\"format\": \"goldpath/1\", \"edits\": {edits}}}")).map(Self))
    }

    /// Reads YAML or JSON text.
    #[napi(catch_unwind)]
    pub fn parse(text: String) -> Result<Self> {
        call(|| goldpath::sop::Patch::parse(&text).map(Self))
    }

    /// Makes a patch of a plain object of the shape of the file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "patch: object")]
    pub fn from_object(json: String) -> Result<Self> {
        call(|| goldpath::sop::Patch::parse(&json).map(Self))
    }

    /// The JSON Schema of the patch file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Record<string, unknown>")]
    pub fn json_schema() -> String {
        goldpath::sop::Patch::json_schema().to_string()
    }

    /// The edits, in order, as they are written in a file.
    #[napi(catch_unwind, getter, ts_return_type = "Array<Record<string, unknown>>")]
    pub fn edits(&self) -> String {
        json(&self.0.edits())
    }

    /// Name, version and hash of the SOP it was made for, `null` if it is bound to none.
    #[napi(catch_unwind, getter, ts_return_type = "{ name: string, version?: number | string, hash: string } | null")]
    pub fn base(&self) -> String {
        json(&self.0.base())
    }

    /// The same edits, for this SOP alone.
    #[napi(catch_unwind)]
    pub fn bound_to(&self, sop: &Sop) -> Self {
        Self(self.0.clone().bound_to(&sop.0))
    }

    /// The same edits, for every SOP they fit.
    #[napi(catch_unwind)]
    pub fn unbound(&self) -> Self {
        Self(self.0.clone().unbound())
    }

    /// The edits of both, one after the other.
    #[napi(catch_unwind)]
    pub fn followed_by(&self, other: &Patch) -> Self {
        Self(self.0.clone().then(&other.0))
    }

    /// What each edit means for an SOP, with a sentence.
    #[napi(catch_unwind, ts_return_type = "Array<Change>")]
    pub fn changes(&self, sop: &Sop) -> Result<String> {
        call(|| self.0.changes(&sop.0)).map(|found| changes(&found))
    }

    /// YAML text; reading it gives an equal patch.
    #[napi(catch_unwind)]
    pub fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }

    /// JSON text; reading it gives an equal patch.
    #[napi(catch_unwind)]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// Whether both say the same.
    #[napi(catch_unwind)]
    pub fn equals(&self, other: &Patch) -> bool {
        self.0 == other.0
    }
}

pub(crate) type AnyPatch<'env> = Either<ClassInstance<'env, Patch>, ClassInstance<'env, Diff>>;

pub(crate) fn patch(patch: &AnyPatch<'_>) -> goldpath::sop::Patch {
    match patch {
        Either::A(patch) => patch.0.clone(),
        Either::B(diff) => diff.0.patch().clone(),
    }
}

/// What differs between two SOPs: the edits, what they mean, and a drawing.
#[napi]
pub struct Diff(pub(crate) goldpath::sop::Diff);

#[napi]
impl Diff {
    /// The edits that lead from the one SOP to the other, bound to the first.
    #[napi(catch_unwind, getter)]
    pub fn patch(&self) -> Patch {
        Patch(self.0.patch().clone())
    }

    /// What each edit means, in order.
    #[napi(catch_unwind, getter, ts_return_type = "Array<Change>")]
    pub fn changes(&self) -> String {
        changes(&self.0.changes())
    }

    /// What differs, each thing in one sentence; empty where nothing does.
    #[napi(catch_unwind, ts_args_type = "lang?: Lang")]
    pub fn sentences(&self, lang: Option<String>) -> Result<Vec<String>> {
        call(|| Ok(self.0.sentences(language(lang)?)))
    }

    /// Ids of the steps with this mark.
    #[napi(catch_unwind, ts_args_type = "mark: 'same' | 'added' | 'dropped' | 'moved' | 'changed'")]
    pub fn steps(&self, mark: String) -> Result<Vec<&str>> {
        call(|| Ok(self.0.steps(mark.parse::<Mark>()?)))
    }

    /// Both SOPs as one SVG drawing, with what became of each step.
    #[napi(catch_unwind, ts_args_type = "lang?: Lang")]
    pub fn to_svg(&self, lang: Option<String>) -> Result<String> {
        call(|| Ok(self.0.to_svg(language(lang)?)))
    }
}

/// When and why a version was made.
#[napi(object, object_to_js = false)]
pub struct NoteOptions {
    /// First day it is in force, such as `2026-03-01`.
    pub date: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Who decided.
    pub by: Option<String>,
}

fn note(options: Option<NoteOptions>) -> goldpath::Result<Note> {
    let Some(NoteOptions { date, reason, by }) = options else { return Ok(Note::default()) };
    let date = date.map(|date| Note::on(&date, "")).transpose()?.and_then(|note| note.date);
    Ok(Note { date, reason, by })
}

/// The versions of an SOP, each made of the one before by a patch. Reading one makes every version again.
#[napi]
pub struct History(pub(crate) goldpath::sop::History);

#[napi]
impl History {
    /// A history that begins with an SOP.
    #[napi(catch_unwind, constructor)]
    pub fn new(sop: &Sop, options: Option<NoteOptions>) -> Result<Self> {
        call(|| Ok(Self(goldpath::sop::History::new(sop.0.clone(), note(options)?))))
    }

    /// Reads a file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<History>")]
    pub fn read(env: Env, path: String) -> Result<Later<History>> {
        start(env, None, None, move |_| goldpath::sop::History::read(path).map(Self))
    }

    /// Reads YAML or JSON text.
    #[napi(catch_unwind)]
    pub fn parse(text: String) -> Result<Self> {
        call(|| goldpath::sop::History::parse(&text).map(Self))
    }

    /// Makes a history of a plain object of the shape of the file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "history: object")]
    pub fn from_object(json: String) -> Result<Self> {
        call(|| goldpath::sop::History::parse(&json).map(Self))
    }

    /// The JSON Schema of the history file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Record<string, unknown>")]
    pub fn json_schema() -> String {
        goldpath::sop::History::json_schema().to_string()
    }

    /// Adds the version that a patch makes of the last one, and gives it. Versions that are numbers are counted on.
    #[napi(catch_unwind, ts_args_type = "patch: Patch | Diff, options?: NoteOptions")]
    pub fn push(&mut self, edits: AnyPatch<'_>, options: Option<NoteOptions>) -> Result<Sop> {
        let edits = patch(&edits);
        call(|| self.0.push(&edits, note(options)?).cloned().map(Sop))
    }

    /// Adds the next version as a whole SOP.
    #[napi(catch_unwind)]
    pub fn push_sop(&mut self, sop: &Sop, options: Option<NoteOptions>) -> Result<Sop> {
        call(|| self.0.push_sop(&sop.0, note(options)?).cloned().map(Sop))
    }

    /// The last version.
    #[napi(catch_unwind, getter)]
    pub fn head(&self) -> Sop {
        Sop(self.0.head().clone())
    }

    /// Number of versions.
    #[napi(catch_unwind, getter)]
    pub fn length(&self) -> u32 {
        self.0.revisions().len() as u32
    }

    /// All versions in order.
    #[napi(catch_unwind, getter, ts_return_type = "Array<Revision>")]
    pub fn revisions(&self) -> String {
        json(&self.0.revisions())
    }

    /// A version by its number, counted from 1; `null` if there is none.
    #[napi(catch_unwind)]
    pub fn sop(&self, number: u32) -> Option<Sop> {
        self.0.sop(number).cloned().map(Sop)
    }

    /// The version in force on a day such as `2026-03-01`; `null` before the first.
    #[napi(catch_unwind)]
    pub fn as_of(&self, day: String) -> Result<Option<Sop>> {
        call(|| Ok(Note::on(&day, "")?.date.and_then(|day| self.0.as_of(day)).cloned().map(Sop)))
    }

    /// What differs between two versions, by their numbers.
    #[napi(catch_unwind)]
    pub fn diff(&self, first: u32, second: u32) -> Result<Diff> {
        call(|| self.0.diff(first, second).map(Diff))
    }

    /// YAML text; reading it gives an equal history.
    #[napi(catch_unwind)]
    pub fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }

    /// JSON text; reading it gives an equal history.
    #[napi(catch_unwind)]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// Whether both say the same.
    #[napi(catch_unwind)]
    pub fn equals(&self, other: &History) -> bool {
        self.0 == other.0
    }
}

/// A piece of a method, such as SPIN: steps with what each needs and gives.
#[napi]
pub struct Fragment(goldpath::sop::Fragment);

#[napi]
impl Fragment {
    /// Ids of the ready fragments.
    #[napi(catch_unwind)]
    pub fn ready_ids() -> Vec<&'static str> {
        goldpath::sop::Fragment::ready_ids().to_vec()
    }

    /// A ready fragment, in a language.
    #[napi(catch_unwind, ts_args_type = "id: string, lang?: Lang")]
    pub fn ready(id: String, lang: Option<String>) -> Result<Self> {
        call(|| goldpath::sop::Fragment::ready(&id, language(lang)?).map(Self))
    }

    /// The file of a ready fragment, to be edited and read again.
    #[napi(catch_unwind, ts_args_type = "id: string, lang?: Lang")]
    pub fn ready_yaml(id: String, lang: Option<String>) -> Result<&'static str> {
        call(|| goldpath::sop::Fragment::ready_yaml(&id, language(lang)?))
    }

    /// Reads a file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Fragment>")]
    pub fn read(env: Env, path: String) -> Result<Later<Fragment>> {
        start(env, None, None, move |_| goldpath::sop::Fragment::read(path).map(Self))
    }

    /// Reads YAML or JSON text.
    #[napi(catch_unwind)]
    pub fn parse(text: String) -> Result<Self> {
        call(|| goldpath::sop::Fragment::parse(&text).map(Self))
    }

    /// Makes a fragment of a plain object of the shape of the file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "fragment: object")]
    pub fn from_object(json: String) -> Result<Self> {
        call(|| goldpath::sop::Fragment::parse(&json).map(Self))
    }

    /// The JSON Schema of the fragment file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Record<string, unknown>")]
    pub fn json_schema() -> String {
        goldpath::sop::Fragment::json_schema().to_string()
    }

    /// Its id, by which rules name it.
    #[napi(catch_unwind, getter)]
    pub fn id(&self) -> &str {
        self.0.id()
    }

    /// Its name, for people.
    #[napi(catch_unwind, getter)]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// What it is good for.
    #[napi(catch_unwind, getter)]
    pub fn about(&self) -> Option<&str> {
        self.0.about()
    }

    /// Its steps by id, as they are written in a file.
    #[napi(catch_unwind, getter, ts_return_type = "Record<string, Record<string, unknown>>")]
    pub fn steps(&self) -> String {
        json(self.0.steps())
    }

    /// What has to hold before it.
    #[napi(catch_unwind, getter)]
    pub fn needs(&self) -> Vec<&str> {
        self.0.needs()
    }

    /// What holds after it.
    #[napi(catch_unwind, getter)]
    pub fn gives(&self) -> Vec<&str> {
        self.0.gives()
    }

    /// YAML text; reading it gives an equal fragment.
    #[napi(catch_unwind)]
    pub fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }

    /// JSON text; reading it gives an equal fragment.
    #[napi(catch_unwind)]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }
}

/// What became of a composition: the SOP, where its steps came from, and hints.
#[napi]
pub struct Composed(goldpath::sop::Composed);

#[napi]
impl Composed {
    /// The SOP.
    #[napi(catch_unwind, getter)]
    pub fn sop(&self) -> Sop {
        Sop(self.0.sop.clone())
    }

    /// Where each step came from.
    #[napi(catch_unwind, getter, ts_return_type = "Array<{ step: string, of: Array<{ fragment: string, step: string }> }>")]
    pub fn sources(&self) -> String {
        json(&self.0.sources)
    }

    /// What is valid and yet hardly meant: duplicates, standards nobody can meet, needs that no step gives.
    #[napi(catch_unwind, getter, ts_return_type = "Array<Hint>")]
    pub fn hints(&self) -> String {
        hints(&self.0.hints)
    }

    /// Which steps of which fragment pay, in all cases and in each segment, by the findings of a review. `sop` is a later
    /// version, if the review was made with one.
    #[napi(catch_unwind)]
    pub fn fit_map(&self, review: &Review, sop: Option<&Sop>) -> Table {
        Table(goldpath::improve::fit_map(&self.0.sources, sop.map_or(&self.0.sop, |sop| &sop.0), review.0.findings()))
    }
}

/// Fragments and the rules that join them, not yet an SOP. Putting compositions together is associative.
#[napi]
pub struct Composition(goldpath::sop::Composition);

#[napi]
impl Composition {
    /// These fragments, and the rules that join them.
    #[napi(catch_unwind, factory, configurable = true, writable = true, ts_args_type = "fragments: Array<Fragment>, rules?: object")]
    pub fn of(fragments: Vec<ClassInstance<'_, Fragment>>, rules: Option<String>) -> Result<Self> {
        call(|| {
            let made = goldpath::sop::Composition::new(fragments.iter().map(|fragment| fragment.0.clone()));
            Ok(Self(made.with_rules(&rules_of(rules)?)))
        })
    }

    /// The same fragments with further rules.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "rules: object")]
    pub fn with_rules(&self, rules: String) -> Result<Self> {
        call(|| Ok(Self(self.0.clone().with_rules(&rules_of(Some(rules))?))))
    }

    /// Both, the fragments and rules of the other after those of this one.
    #[napi(catch_unwind)]
    pub fn and(&self, other: &Composition) -> Self {
        Self(self.0.and(&other.0))
    }

    /// Ids of the fragments, in order.
    #[napi(catch_unwind, getter)]
    pub fn fragments(&self) -> Vec<&str> {
        self.0.fragments().iter().map(goldpath::sop::Fragment::id).collect()
    }

    /// The rules as YAML.
    #[napi(catch_unwind, getter)]
    pub fn rules(&self) -> String {
        self.0.rules().to_yaml()
    }

    /// Joins the fragments into an SOP of that name.
    #[napi(catch_unwind)]
    pub fn compose(&self, name: String) -> Result<Composed> {
        call(|| self.0.compose(&name).map(Composed))
    }
}

fn rules_of(rules: Option<String>) -> goldpath::Result<goldpath::sop::Rules> {
    rules.map_or_else(
        || Ok(goldpath::sop::Rules::default()),
        |text| match serde_json::from_str(&text) {
            Ok(value) => goldpath::sop::Rules::from_value(value),
            Err(_) => goldpath::sop::Rules::parse(&text),
        },
    )
}

/// Joins fragments into an SOP. The rules, an object, say which steps are the same and what goes where.
#[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "name: string, fragments: Array<Fragment>, rules?: object")]
pub fn compose(name: String, fragments: Vec<ClassInstance<'_, Fragment>>, rules: Option<String>) -> Result<Composed> {
    call(|| goldpath::sop::compose(&name, fragments.iter().map(|fragment| fragment.0.clone()), &rules_of(rules)?).map(Composed))
}
