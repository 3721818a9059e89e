//! The preset: `Sop` and `Playbook`.

use std::path::PathBuf;

use goldpath::text::escape_html;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pythonize::pythonize;

use crate::check::hints;
use crate::errors::{Result, argument};
use crate::from_py;
use crate::live::{Attributes, LiveSession};

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
    /// Reads a YAML or JSON file.
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

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        html(&self.0)
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

    fn _repr_html_(&self) -> String {
        self.0.sops().map(html).collect()
    }
}

fn html(sop: &goldpath::Sop) -> String {
    let item = |(id, step): (&String, &goldpath::sop::Step)| {
        let [title, id, guidance] = [sop.title(id), id, step.guidance.as_deref().unwrap_or_default()].map(escape_html);
        format!("<li><b>{title}</b> <code>{id}</code> {guidance}</li>")
    };
    let items: Vec<String> = sop.steps().iter().map(item).collect();
    format!("<h4>{}</h4><ol>{}</ol>", escape_html(sop.name()), items.concat())
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
