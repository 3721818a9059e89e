//! `Patch`, `Diff`, `History`, and `Fragment`s with what comes of composing them.

use std::path::PathBuf;

use goldpath::Lang;
use goldpath::sop::{Mark, Note};
use pyo3::prelude::*;
use pythonize::pythonize;

use crate::check::hints;
use crate::errors::{Result, argument};
use crate::from_py;
use crate::review::Review;
use crate::sop::Sop;
use crate::table::{Table, paragraph, record, with_file, with_table};

fn value(object: &Bound<'_, PyAny>, failed: fn(Vec<goldpath::Fault>) -> goldpath::Error) -> Result<serde_json::Value> {
    Ok(from_py::read(object).map_err(|error| failed(vec![goldpath::Fault::new("patch.wrong_type", error.to_string())]))?)
}

fn changes<'py>(py: Python<'py>, changes: &[goldpath::sop::Change]) -> Result<Vec<Bound<'py, PyAny>>> {
    let one = |change: &goldpath::sop::Change| {
        let fields = pythonize(py, change)?;
        fields.set_item("sentence_en", change.sentence(Lang::En))?;
        fields.set_item("sentence_zh", change.sentence(Lang::Zh))?;
        Ok(record(py, "Change", fields)?)
    };
    changes.iter().map(one).collect()
}

/// Edits of an SOP as data. `Sop.diff` makes one, `Sop.apply` makes an SOP by one.
///
/// >>> patch = Patch.of([{"add_step": "story", "step": {"title": "ROI 故事"}}, {"insert": "story", "after": "need"}])
/// >>> list(example_sop.apply(patch).steps)
/// ['open', 'need', 'close', 'story']
/// >>> Patch.parse(patch.to_yaml()) == patch
/// True
#[pyclass(frozen, eq, module = "goldpath")]
#[derive(PartialEq)]
pub(crate) struct Patch(pub(crate) goldpath::sop::Patch);

#[pymethods]
impl Patch {
    /// A patch of these edits, dicts as they are written in a file, for any SOP they fit.
    #[staticmethod]
    fn of(edits: &Bound<'_, PyAny>) -> Result<Self> {
        let edits = value(edits, goldpath::Error::Patch)?;
        Ok(Self(goldpath::sop::Patch::from_value(serde_json::json!({"format": "goldpath/1", "edits": edits}))?))
    }

    /// Reads YAML or JSON text.
    #[staticmethod]
    fn parse(text: &str) -> Result<Self> {
        Ok(Self(goldpath::sop::Patch::parse(text)?))
    }

    /// A patch from a dict of the same shape as the file.
    #[staticmethod]
    fn from_dict(obj: &Bound<'_, PyAny>) -> Result<Self> {
        Ok(Self(goldpath::sop::Patch::from_value(value(obj, goldpath::Error::Patch)?)?))
    }

    /// The edits, in order.
    #[getter]
    fn edits<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, self.0.edits())?)
    }

    /// Name, version and hash of the SOP it was made for, if it is bound to one.
    #[getter]
    fn base<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.base())?)
    }

    /// The same edits, for this SOP alone.
    fn bound_to(&self, sop: &Sop) -> Self {
        Self(self.0.clone().bound_to(&sop.0))
    }

    /// The same edits, for every SOP they fit.
    fn unbound(&self) -> Self {
        Self(self.0.clone().unbound())
    }

    /// The edits of both, one after the other.
    fn then(&self, other: &Self) -> Self {
        Self(self.0.clone().then(&other.0))
    }

    /// What each edit means for an SOP, with a sentence.
    ///
    /// >>> [change.sentence_en for change in Patch.of([{"drop": "need"}]).changes(example_sop)]
    /// ['“need” is taken out.']
    fn changes<'py>(&self, py: Python<'py>, sop: &Sop) -> Result<Vec<Bound<'py, PyAny>>> {
        changes(py, &self.0.changes(&sop.0)?)
    }

    /// The patch as YAML text; reading it gives an equal patch.
    fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }

    /// The patch as JSON text; reading it gives an equal patch.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// JSON Schema of the patch file, for editors.
    #[staticmethod]
    fn json_schema(py: Python<'_>) -> Result<Bound<'_, PyAny>> {
        Ok(pythonize(py, &goldpath::sop::Patch::json_schema())?)
    }

    fn __len__(&self) -> usize {
        self.0.edits().len()
    }

    fn __repr__(&self) -> String {
        format!("Patch({} edits)", self.0.edits().len())
    }

    fn _repr_html_(&self) -> String {
        with_file(&self.__repr__(), &self.0.to_yaml())
    }
}

/// A patch from a `Patch` or a `Diff`.
pub(crate) fn patch(object: &Bound<'_, PyAny>) -> Result<goldpath::sop::Patch> {
    if let Ok(patch) = object.cast::<Patch>() {
        return Ok(patch.get().0.clone());
    }
    match object.cast::<Diff>() {
        Ok(diff) => Ok(diff.get().0.patch().clone()),
        Err(_) => {
            Err(argument("patch", format!("expected a Patch or a Diff, found {}", object.get_type().name()?), "make one with Patch.of([…]) or sop.diff(other)"))
        }
    }
}

/// What differs between two SOPs: the edits, what they mean, and a drawing.
///
/// >>> other = example_sop.apply(Patch.of([{"wrap": "need", "in": "optional"}]))
/// >>> diff = example_sop.diff(other)
/// >>> diff.sentences("zh")
/// ['“need”改为可选。']
/// >>> example_sop.apply(diff) == other
/// True
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Diff(pub(crate) goldpath::sop::Diff);

#[pymethods]
impl Diff {
    /// The edits that lead from the one SOP to the other, bound to the first.
    #[getter]
    fn patch(&self) -> Patch {
        Patch(self.0.patch().clone())
    }

    /// What each edit means, in order.
    #[getter]
    fn changes<'py>(&self, py: Python<'py>) -> Result<Vec<Bound<'py, PyAny>>> {
        changes(py, &self.0.changes())
    }

    /// What differs, each thing in one sentence; empty where nothing does.
    #[pyo3(signature = (lang="en"))]
    fn sentences(&self, lang: &str) -> Result<Vec<String>> {
        Ok(self.0.sentences(lang.parse::<Lang>()?))
    }

    /// Ids of the steps that were `added`, `dropped`, `moved` or `changed`, or stand as before (`same`).
    fn steps(&self, mark: &str) -> Result<Vec<&str>> {
        Ok(self.0.steps(mark.parse::<Mark>()?))
    }

    /// Both SOPs as one SVG drawing, with what became of each step.
    #[pyo3(signature = (lang="en"))]
    fn to_svg(&self, lang: &str) -> Result<String> {
        Ok(self.0.to_svg(lang.parse::<Lang>()?))
    }

    fn __len__(&self) -> usize {
        self.0.patch().edits().len()
    }

    fn __repr__(&self) -> String {
        format!("Diff({} edits)", self.0.patch().edits().len())
    }

    fn _repr_html_(&self) -> String {
        self.0.to_svg(Lang::default())
    }
}

fn note(date: Option<&Bound<'_, PyAny>>, reason: Option<String>, by: Option<String>) -> Result<Note> {
    let date = date.map(|date| Note::on(&date.to_string(), "")).transpose()?.and_then(|note| note.date);
    Ok(Note { date, reason, by })
}

/// The versions of an SOP, each made of the one before by a patch. Reading one makes every version again.
///
/// >>> history = History(example_sop, date="2026-01-01", reason="first")
/// >>> history.push(Patch.of([{"wrap": "need", "in": "optional"}]), date="2026-04-01", reason="skipping it costs nothing")
/// Sop("demo", 3 steps, 3 places in the flow)
/// >>> len(history), history.as_of("2026-02-01") == example_sop
/// (2, True)
/// >>> History.parse(history.to_yaml()) == history
/// True
#[pyclass(eq, module = "goldpath")]
#[derive(PartialEq)]
pub(crate) struct History(pub(crate) goldpath::sop::History);

#[pymethods]
impl History {
    #[new]
    #[pyo3(signature = (sop, *, date=None, reason=None, by=None))]
    fn new(sop: &Sop, date: Option<&Bound<'_, PyAny>>, reason: Option<String>, by: Option<String>) -> Result<Self> {
        Ok(Self(goldpath::sop::History::new(sop.0.clone(), note(date, reason, by)?)))
    }

    /// Reads a file.
    #[staticmethod]
    fn read(path: PathBuf) -> Result<Self> {
        Ok(Self(goldpath::sop::History::read(path)?))
    }

    /// Reads YAML or JSON text.
    #[staticmethod]
    fn parse(text: &str) -> Result<Self> {
        Ok(Self(goldpath::sop::History::parse(text)?))
    }

    /// A history from a dict of the same shape as the file.
    #[staticmethod]
    fn from_dict(obj: &Bound<'_, PyAny>) -> Result<Self> {
        Ok(Self(goldpath::sop::History::from_value(value(obj, goldpath::Error::Patch)?)?))
    }

    /// Adds the version that a patch makes of the last one, and gives it. Versions that are numbers are counted on.
    #[pyo3(signature = (patch, *, date=None, reason=None, by=None))]
    fn push(&mut self, patch: &Bound<'_, PyAny>, date: Option<&Bound<'_, PyAny>>, reason: Option<String>, by: Option<String>) -> Result<Sop> {
        let patch = self::patch(patch)?;
        Ok(Sop(self.0.push(&patch, note(date, reason, by)?)?.clone()))
    }

    /// Adds the next version as a whole SOP.
    #[pyo3(signature = (sop, *, date=None, reason=None, by=None))]
    fn push_sop(&mut self, sop: &Sop, date: Option<&Bound<'_, PyAny>>, reason: Option<String>, by: Option<String>) -> Result<Sop> {
        Ok(Sop(self.0.push_sop(&sop.0, note(date, reason, by)?)?.clone()))
    }

    /// The last version.
    #[getter]
    fn head(&self) -> Sop {
        Sop(self.0.head().clone())
    }

    /// All versions in order: number, version, date, reason, by, parent, hash and patch of each.
    #[getter]
    fn revisions<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, self.0.revisions())?)
    }

    /// The same as a table, a row each.
    #[getter]
    fn table(&self) -> Table {
        self.0.table().into()
    }

    /// A version by its number, counted from 1.
    fn sop(&self, number: u32) -> Option<Sop> {
        self.0.sop(number).cloned().map(Sop)
    }

    /// The version in force on a day.
    fn as_of(&self, day: &Bound<'_, PyAny>) -> Result<Option<Sop>> {
        let day = note(Some(day), None, None)?.date;
        Ok(day.and_then(|day| self.0.as_of(day)).cloned().map(Sop))
    }

    /// What differs between two versions, by their numbers.
    fn diff(&self, first: u32, second: u32) -> Result<Diff> {
        Ok(Diff(self.0.diff(first, second)?))
    }

    /// The history as YAML text; reading it gives an equal history.
    fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }

    /// The history as JSON text; reading it gives an equal history.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// JSON Schema of the history file, for editors.
    #[staticmethod]
    fn json_schema(py: Python<'_>) -> Result<Bound<'_, PyAny>> {
        Ok(pythonize(py, &goldpath::sop::History::json_schema())?)
    }

    fn __len__(&self) -> usize {
        self.0.revisions().len()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        with_table(&self.0, &self.0.table())
    }
}

/// A piece of a method, such as SPIN: steps with what each needs and gives.
///
/// >>> Fragment.ready_ids()
/// ['pipeline', 'funnel', 'spin', 'meddic', 'bant', 'challenger', 'spiced', 'follow_up']
/// >>> spin = Fragment.ready("spin", lang="zh")
/// >>> list(spin.steps), spin.needs
/// (['situation', 'problem', 'implication', 'need_payoff'], ['contact'])
#[pyclass(frozen, eq, module = "goldpath")]
#[derive(PartialEq)]
pub(crate) struct Fragment(goldpath::sop::Fragment);

#[pymethods]
impl Fragment {
    /// Ids of the ready fragments.
    #[staticmethod]
    fn ready_ids() -> Vec<&'static str> {
        goldpath::sop::Fragment::ready_ids().to_vec()
    }

    /// A ready fragment, in a language.
    #[staticmethod]
    #[pyo3(signature = (id, lang="en"))]
    fn ready(id: &str, lang: &str) -> Result<Self> {
        Ok(Self(goldpath::sop::Fragment::ready(id, lang.parse::<Lang>()?)?))
    }

    /// The file of a ready fragment, to be edited and read again.
    #[staticmethod]
    #[pyo3(signature = (id, lang="en"))]
    fn ready_yaml(id: &str, lang: &str) -> Result<&'static str> {
        Ok(goldpath::sop::Fragment::ready_yaml(id, lang.parse::<Lang>()?)?)
    }

    /// Reads a file.
    #[staticmethod]
    fn read(path: PathBuf) -> Result<Self> {
        Ok(Self(goldpath::sop::Fragment::read(path)?))
    }

    /// Reads YAML or JSON text.
    #[staticmethod]
    fn parse(text: &str) -> Result<Self> {
        Ok(Self(goldpath::sop::Fragment::parse(text)?))
    }

    /// A fragment from a dict of the same shape as the file.
    #[staticmethod]
    fn from_dict(obj: &Bound<'_, PyAny>) -> Result<Self> {
        Ok(Self(goldpath::sop::Fragment::from_value(value(obj, goldpath::Error::Compose)?)?))
    }

    /// Its id, by which rules name it.
    #[getter]
    fn id(&self) -> &str {
        self.0.id()
    }

    /// Its name, for people.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// What it is good for.
    #[getter]
    fn about(&self) -> Option<&str> {
        self.0.about()
    }

    /// Its steps by id.
    #[getter]
    fn steps<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, self.0.steps())?)
    }

    /// What has to hold before it.
    #[getter]
    fn needs(&self) -> Vec<&str> {
        self.0.needs()
    }

    /// What holds after it.
    #[getter]
    fn gives(&self) -> Vec<&str> {
        self.0.gives()
    }

    /// The fragment as YAML text; reading it gives an equal one.
    fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }

    /// The fragment as JSON text; reading it gives an equal one.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// JSON Schema of the fragment file, for editors.
    #[staticmethod]
    fn json_schema(py: Python<'_>) -> Result<Bound<'_, PyAny>> {
        Ok(pythonize(py, &goldpath::sop::Fragment::json_schema())?)
    }

    fn __repr__(&self) -> String {
        format!("Fragment({}, {} steps)", self.0.id(), self.0.steps().len())
    }

    fn _repr_html_(&self) -> String {
        with_file(&self.__repr__(), &self.0.to_yaml())
    }
}

/// What became of a composition: the SOP, where its steps came from, and hints.
///
/// >>> composed = compose("first call", [Fragment.ready("spin"), Fragment.ready("bant")])
/// >>> composed.sources[1]["of"]
/// [{'fragment': 'spin', 'step': 'problem'}, {'fragment': 'bant', 'step': 'need'}]
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Composed(goldpath::sop::Composed);

#[pymethods]
impl Composed {
    /// The SOP.
    #[getter]
    fn sop(&self) -> Sop {
        Sop(self.0.sop.clone())
    }

    /// Where each step came from.
    #[getter]
    fn sources<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.sources)?)
    }

    /// What is valid and yet hardly meant: duplicates, standards nobody can meet, needs that no step gives.
    #[getter]
    fn hints<'py>(&self, py: Python<'py>) -> Result<Vec<Bound<'py, PyAny>>> {
        hints(py, &self.0.hints)
    }

    /// Which steps of which fragment pay, in all cases and in each segment, by the findings of a review. `sop` is a later
    /// version, if the review was made with one.
    ///
    /// >>> composed = compose("first call", [Fragment.ready("spin")])
    /// >>> made = review(example_corpus, composed.sop)
    /// >>> composed.fit_map(made).columns[:3]
    /// ['fragment', 'fragment_step', 'step']
    #[pyo3(signature = (review, sop=None))]
    fn fit_map(&self, review: &Review, sop: Option<&Sop>) -> Table {
        goldpath::improve::fit_map(&self.0.sources, sop.map_or(&self.0.sop, |sop| &sop.0), review.findings_of()).into()
    }

    fn __repr__(&self) -> String {
        format!("Composed({}, {} hints)", self.0.sop, self.0.hints.len())
    }

    fn _repr_html_(&self) -> String {
        paragraph(&self.__repr__()) + &self.0.sop.to_svg(Lang::default())
    }
}

/// Fragments and the rules that join them, not yet an SOP. Putting compositions together is associative.
///
/// >>> one, other = Composition([Fragment.ready("pipeline")]), Composition([Fragment.ready("spin")])
/// >>> both = one.and_(other).with_rules({"place": [{"put": "spin", "inside": "pipeline.discovery"}]})
/// >>> list(both.compose("first call").sop.steps)[:2]
/// ['first_contact', 'situation']
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Composition(goldpath::sop::Composition);

#[pymethods]
impl Composition {
    #[new]
    #[pyo3(signature = (fragments, rules=None))]
    fn new(fragments: Vec<Bound<'_, Fragment>>, rules: Option<&Bound<'_, PyAny>>) -> Result<Self> {
        let made = goldpath::sop::Composition::new(fragments.iter().map(|fragment| fragment.get().0.clone()));
        Ok(Self(made.with_rules(&rules_of(rules)?)))
    }

    /// The same fragments with further rules.
    fn with_rules(&self, rules: &Bound<'_, PyAny>) -> Result<Self> {
        Ok(Self(self.0.clone().with_rules(&rules_of(Some(rules))?)))
    }

    /// Both, the fragments and rules of the other after those of this one.
    fn and_(&self, other: &Self) -> Self {
        Self(self.0.and(&other.0))
    }

    /// The fragments, in order.
    #[getter]
    fn fragments(&self) -> Vec<Fragment> {
        self.0.fragments().iter().cloned().map(Fragment).collect()
    }

    /// The rules as YAML.
    #[getter]
    fn rules(&self) -> String {
        self.0.rules().to_yaml()
    }

    /// Joins the fragments into an SOP of that name.
    fn compose(&self, name: &str) -> Result<Composed> {
        Ok(Composed(self.0.compose(name)?))
    }

    fn __repr__(&self) -> String {
        let ids: Vec<&str> = self.0.fragments().iter().map(goldpath::sop::Fragment::id).collect();
        format!("Composition({})", ids.join(", "))
    }
}

fn rules_of(rules: Option<&Bound<'_, PyAny>>) -> Result<goldpath::sop::Rules> {
    Ok(match rules {
        None => goldpath::sop::Rules::default(),
        Some(rules) => match rules.extract::<String>() {
            Ok(text) => goldpath::sop::Rules::parse(&text)?,
            Err(_) => goldpath::sop::Rules::from_value(value(rules, goldpath::Error::Compose)?)?,
        },
    })
}

/// Joins fragments into an SOP. `rules` is a dict, or YAML or JSON text: which steps are the same, what goes where.
///
/// >>> fragments = [Fragment.ready("pipeline"), Fragment.ready("spin")]
/// >>> made = compose("first call", fragments, {"place": [{"put": "spin", "inside": "pipeline.discovery"}]})
/// >>> list(made.sop.steps)[:5]
/// ['first_contact', 'situation', 'problem', 'implication', 'need_payoff']
#[pyfunction]
#[pyo3(signature = (name, fragments, rules=None))]
pub(crate) fn compose(name: &str, fragments: Vec<Bound<'_, Fragment>>, rules: Option<&Bound<'_, PyAny>>) -> Result<Composed> {
    Ok(Composed(goldpath::sop::compose(name, fragments.iter().map(|fragment| fragment.get().0.clone()), &rules_of(rules)?)?))
}
