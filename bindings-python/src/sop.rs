//! The preset: `Sop` and `Playbook`.

use std::path::PathBuf;

use goldpath::Lang;
use goldpath::text::escape_html;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pythonize::pythonize;

use crate::check::hints;
use crate::errors::{Result, argument};
use crate::from_py;
use crate::live::{Attributes, LiveSession};
use crate::methods::{self, Diff};

/// A sales SOP (销售跟进SOP): steps and the preset path through them. Always valid: a faulty one is a `SopError` that
/// lists every fault.
///
/// >>> sop = Sop.parse("{format: goldpath/1, name: demo, steps: {open: {title: 开场}, need: {}, close: {}}, flow: [open, need, close]}")
/// >>> sop
/// Sop("demo", 3 steps, 3 places in the flow)
/// >>> sop.steps["open"]["title"]
/// '开场'
/// >>> Sop.parse(sop.to_yaml()) == sop
/// True
#[pyclass(frozen, eq, module = "goldpath")]
#[derive(PartialEq)]
pub(crate) struct Sop(pub(crate) goldpath::Sop);

#[pymethods]
impl Sop {
    /// Reads a file: BPMN where its name ends in `.bpmn`, YAML or JSON otherwise.
    #[staticmethod]
    fn read(path: PathBuf) -> Result<Self> {
        Ok(Self(goldpath::Sop::read(path)?))
    }

    /// Reads YAML or JSON text.
    #[staticmethod]
    fn parse(text: &str) -> Result<Self> {
        Ok(Self(goldpath::Sop::parse(text)?))
    }

    /// Builds an SOP from a dict of the same shape as the file.
    ///
    /// >>> Sop.from_dict({"format": "goldpath/1", "name": "demo", "steps": ["open", "close"], "flow": ["open", "close"]})
    /// Sop("demo", 2 steps, 2 places in the flow)
    #[staticmethod]
    fn from_dict(obj: &Bound<'_, PyAny>) -> Result<Self> {
        let value = from_py::read(obj).map_err(|error| goldpath::Error::Sop(vec![goldpath::Fault::new("sop.wrong_type", error.to_string())]))?;
        Ok(Self(goldpath::Sop::from_value(value)?))
    }

    /// Reads the text of a BPMN 2.0 file with one process. What cannot be part of an SOP is named in a `SopError`.
    ///
    /// >>> sop = Sop.from_bpmn(example_sop.to_bpmn())
    /// >>> sop == example_sop
    /// True
    #[staticmethod]
    fn from_bpmn(py: Python<'_>, text: &str) -> Result<Self> {
        Ok(Self(py.detach(|| goldpath::Sop::from_bpmn(text))?))
    }

    /// Name of the SOP.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// Version, if it has one.
    #[getter]
    fn version<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.version())?)
    }

    /// All steps by id, in the order of the file.
    #[getter]
    fn steps<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, self.0.steps())?)
    }

    /// Stages in the order of the steps.
    #[getter]
    fn stages(&self) -> Vec<&str> {
        self.0.stages()
    }

    /// Steps allowed anywhere at no cost.
    #[getter]
    fn anytime(&self) -> Vec<&str> {
        self.0.anytime().iter().map(String::as_str).collect()
    }

    /// The SOP as YAML text; reading it gives an equal SOP.
    fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }

    /// The SOP as JSON text; reading it gives an equal SOP.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// The graph of the SOP as a Mermaid flowchart.
    fn to_mermaid(&self) -> String {
        self.0.to_mermaid()
    }

    /// The graph of the SOP as Graphviz DOT text.
    ///
    /// >>> print(example_sop.to_dot().splitlines()[0])
    /// digraph "demo" {
    fn to_dot(&self) -> String {
        self.0.to_dot()
    }

    /// The SOP as BPMN 2.0 with a drawing, for Camunda Modeler, bpmn-js and others; `Sop.from_bpmn` gives an equal SOP.
    fn to_bpmn(&self) -> String {
        self.0.to_bpmn()
    }

    /// A Petri net in PNML, on which any exact aligner finds the costs found here. Without `attributes` it is the whole
    /// flow, every `when` block included; with them it is the flow of a case that has these attributes, even if none.
    ///
    /// >>> "<text>need</text>" in example_sop.to_pnml()
    /// True
    #[pyo3(signature = (attributes=None))]
    fn to_pnml(&self, attributes: Option<&Bound<'_, PyDict>>) -> Result<String> {
        let Some(given) = attributes else { return Ok(self.0.to_pnml()?) };
        let attributes = Attributes::read(Some(given))?;
        Ok(self.0.to_pnml_for(|name| attributes.get(name))?)
    }

    /// The SOP as an SVG drawing that needs nothing beside it. It draws itself in a notebook.
    ///
    /// >>> example_sop.to_svg(lang="zh")[:4]
    /// '<svg'
    #[pyo3(signature = (lang="en"))]
    fn to_svg(&self, lang: &str) -> Result<String> {
        Ok(self.0.to_svg(lang.parse::<Lang>()?))
    }

    /// JSON Schema of the SOP file, for editors.
    #[staticmethod]
    fn json_schema(py: Python<'_>) -> Result<Bound<'_, PyAny>> {
        Ok(pythonize(py, &goldpath::Sop::json_schema())?)
    }

    /// Hints: what is valid and yet hardly meant, in the order of the file. Whether an accepted deviation is over is asked of
    /// `today` (a date or its ISO text), by default of today in UTC.
    ///
    /// >>> sop = Sop.parse("{format: goldpath/1, name: demo, steps: [open, close], flow: [open, close, open]}")
    /// >>> [(hint.code, hint.place, hint.line) for hint in sop.lint()]
    /// [('lint.step_twice', 'flow[2]', 1)]
    #[pyo3(signature = (today=None))]
    fn lint<'py>(&self, py: Python<'py>, today: Option<&Bound<'py, PyAny>>) -> Result<Vec<Bound<'py, PyAny>>> {
        hints(
            py,
            &match today {
                Some(today) => self.0.lint_on(goldpath::sop::lint_day(&today.to_string())?),
                None => self.0.lint(),
            },
        )
    }

    /// Opens a live session; `attributes` of the case decide which `when` blocks and accepted deviations hold, and
    /// `started_at` among them at which day. Thousands may be open at once.
    ///
    /// >>> session = example_sop.live()
    /// >>> session.push("open")
    /// [Choice(point=None, visit=1, chosen='done', step='open', event=0)]
    /// >>> session.allowed, session.point, session.cost, session.may_end
    /// (['need'], 'open', 0, False)
    #[pyo3(signature = (attributes=None))]
    fn live(&self, attributes: Option<&Bound<'_, PyDict>>) -> Result<LiveSession> {
        let attributes = Attributes::read(attributes)?;
        Ok(LiveSession(self.0.live(|name| attributes.get(name))?))
    }

    /// Opens a session again from the text that its `to_json` gave; takes as long as pushing its steps again.
    ///
    /// >>> session = example_sop.live()
    /// >>> choices = session.push("open")
    /// >>> example_sop.resume(session.to_json()).point
    /// 'open'
    fn resume(&self, saved: &str) -> Result<LiveSession> {
        Ok(LiveSession(self.0.resume(saved)?))
    }

    /// A hash of all the SOP says, the same on every machine and in every language.
    ///
    /// >>> example_sop.hash == Sop.parse(example_sop.to_yaml()).hash
    /// True
    #[getter]
    fn hash(&self) -> String {
        self.0.hash()
    }

    /// Places where a step stands in the flow.
    ///
    /// >>> example_sop.places_of("need")
    /// ['flow[1]']
    fn places_of(&self, step: &str) -> Vec<&str> {
        self.0.places_of(step)
    }

    /// What differs between this SOP and another: the edits that lead to the other, in words and drawn.
    fn diff(&self, other: &Self) -> Diff {
        Diff(self.0.diff(&other.0))
    }

    /// The SOP that a `Patch` (or a `Diff`) makes of this one. A patch that does not fit is a `PatchError` that names all
    /// that does not.
    fn apply(&self, patch: &Bound<'_, PyAny>) -> Result<Self> {
        Ok(Self(self.0.apply(&methods::patch(patch)?)?))
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        self.0.to_svg(Lang::default()) + &html(&self.0)
    }
}

/// Several SOPs, and the attribute that says which case takes which. Everything that takes a `Sop` takes a `Playbook`.
///
/// >>> playbook = Playbook.by("segment", {"smb": example_sop, "enterprise": example_sop})
/// >>> len(playbook.sops)
/// 2
#[pyclass(frozen, eq, module = "goldpath")]
#[derive(PartialEq)]
pub(crate) struct Playbook(pub(crate) goldpath::Playbook);

#[pymethods]
impl Playbook {
    /// Reads a playbook file; `sop: other.yaml` in it names a file beside it.
    #[staticmethod]
    fn read(path: PathBuf) -> Result<Self> {
        Ok(Self(goldpath::Playbook::read(path)?))
    }

    /// Reads the text of a playbook whose SOPs all stand in it.
    #[staticmethod]
    fn parse(text: &str) -> Result<Self> {
        Ok(Self(goldpath::Playbook::parse(text)?))
    }

    /// One SOP for each value of an attribute.
    #[staticmethod]
    fn by(attribute: &str, sops: &Bound<'_, PyDict>) -> Result<Self> {
        let entry = |(value, sop): (Bound<'_, PyAny>, Bound<'_, PyAny>)| Ok((value.to_string(), sop.cast::<Sop>().map_err(PyErr::from)?.get().0.clone()));
        Ok(Self(goldpath::Playbook::by(attribute, sops.iter().map(entry).collect::<PyResult<Vec<_>>>()?)))
    }

    /// The SOPs in the order they are tried.
    #[getter]
    fn sops(&self) -> Vec<Sop> {
        self.0.sops().cloned().map(Sop).collect()
    }

    /// Opens a live session against the SOP that the attributes choose.
    ///
    /// >>> playbook = Playbook.by("segment", {"smb": example_sop})
    /// >>> playbook.live({"segment": "smb"}).allowed
    /// ['open']
    #[pyo3(signature = (attributes=None))]
    fn live(&self, attributes: Option<&Bound<'_, PyDict>>) -> Result<LiveSession> {
        let attributes = Attributes::read(attributes)?;
        Ok(LiveSession(self.0.live(|name| attributes.get(name))?))
    }

    /// Opens a session again from the text that its `to_json` gave.
    fn resume(&self, saved: &str) -> Result<LiveSession> {
        Ok(LiveSession(self.0.resume(saved)?))
    }

    /// The playbook as YAML text; reading it gives an equal playbook.
    fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }

    /// The playbook as JSON text; reading it gives an equal playbook.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// JSON Schema of the playbook file, for editors.
    #[staticmethod]
    fn json_schema(py: Python<'_>) -> Result<Bound<'_, PyAny>> {
        Ok(pythonize(py, &goldpath::Playbook::json_schema())?)
    }

    /// Hints of all its SOPs, as `Sop.lint`, and entries that earlier ones leave no case.
    #[pyo3(signature = (today=None))]
    fn lint<'py>(&self, py: Python<'py>, today: Option<&Bound<'py, PyAny>>) -> Result<Vec<Bound<'py, PyAny>>> {
        hints(
            py,
            &match today {
                Some(today) => self.0.lint_on(goldpath::sop::lint_day(&today.to_string())?),
                None => self.0.lint(),
            },
        )
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }

    /// Its SOPs as one SVG drawing, each under its name and the cases it is for.
    #[pyo3(signature = (lang="en"))]
    fn to_svg(&self, lang: &str) -> Result<String> {
        Ok(self.0.to_svg(lang.parse::<Lang>()?))
    }

    fn _repr_html_(&self) -> String {
        self.0.to_svg(Lang::default()) + &self.0.sops().map(html).collect::<String>()
    }
}

/// The steps with their ids and guidance, folded up under the drawing.
fn html(sop: &goldpath::Sop) -> String {
    let item = |(id, step): (&String, &goldpath::sop::Step)| {
        let [title, id, guidance] = [sop.title(id), id, step.guidance.as_deref().unwrap_or_default()].map(escape_html);
        format!("<li><b>{title}</b> <code>{id}</code> {guidance}</li>")
    };
    let items: Vec<String> = sop.steps().iter().map(item).collect();
    format!("<details><summary>{}</summary><ol>{}</ol></details>", escape_html(&sop.to_string()), items.concat())
}

/// A playbook from a `Sop` or a `Playbook`.
pub(crate) fn playbook(object: &Bound<'_, PyAny>) -> Result<goldpath::Playbook> {
    if let Ok(sop) = object.cast::<Sop>() {
        return Ok((&sop.get().0).into());
    }
    match object.cast::<Playbook>() {
        Ok(playbook) => Ok(playbook.get().0.clone()),
        Err(_) => Err(argument("sop", format!("expected a Sop or a Playbook, found {}", object.get_type().name()?), "read one with Sop.read(path)")),
    }
}
