//! The live session: a conversation that is still running.

use std::borrow::Cow;
use std::collections::HashMap;

use goldpath::corpus::Attribute;
use goldpath::text::escape_html;
use goldpath::{Lang, check};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList};
use pythonize::pythonize;

use crate::check::deviations;
use crate::errors::{Result, argument};
use crate::from_py;
use crate::table::{paragraph, record};

/// Attributes of a case, as a host has them.
pub(crate) struct Attributes(HashMap<String, Attribute>);

impl Attributes {
    pub(crate) fn read(object: Option<&Bound<'_, PyDict>>) -> Result<Self> {
        let read = |object: &Bound<'_, PyDict>| from_py::read(object.as_any());
        let attributes = object.map_or(Ok(HashMap::new()), read).map_err(|error| argument("attributes", error.to_string(), "texts, numbers or yes/no"))?;
        Ok(Self(attributes))
    }

    pub(crate) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0.get(name).map(|value| Cow::Owned(value.to_string()))
    }
}

/// One running conversation against an SOP. What it says of deviations is provisional: later steps may show them in
/// another light.
///
/// >>> session = example_sop.live()
/// >>> for step in ["open", "close"]:
/// ...     choices = session.push(step)
/// >>> [(choice.chosen, choice.step) for choice in choices]
/// [('skipped', 'need'), ('done', 'close')]
/// >>> session.deviations[0].sentence_en
/// '“need” was skipped; it is due after “open” (as it stands now).'
/// >>> session.undo(), session.cost, session.distance_to_end.steps
/// ('close', 0, ['need', 'close'])
#[pyclass(module = "goldpath")]
pub(crate) struct LiveSession(pub(crate) check::LiveSession);

#[pymethods]
impl LiveSession {
    /// Takes the next step; gives the choices it shows.
    fn push<'py>(&mut self, py: Python<'py>, step: &str) -> Result<Bound<'py, PyList>> {
        static CHOICE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let class = CHOICE.import(py, "goldpath._records", "Choice")?;
        let choices = PyList::empty(py);
        for choice in self.0.push(step)? {
            choices.append(class.call1((pythonize(py, &choice)?,))?)?;
        }
        Ok(choices)
    }

    /// Takes the last step back; gives its label, None where there is none.
    fn undo(&mut self) -> Option<String> {
        self.0.undo()
    }

    /// The labels pushed so far.
    #[getter]
    fn history(&self) -> Vec<&str> {
        self.0.history().collect()
    }

    /// Name of the SOP the conversation is held against.
    #[getter]
    fn sop(&self) -> &str {
        self.0.sop().name()
    }

    /// Steps the SOP plans next.
    #[getter]
    fn allowed(&self) -> Vec<&str> {
        self.0.allowed()
    }

    /// Step last reached; None before the first.
    #[getter]
    fn point(&self) -> Option<&str> {
        self.0.point()
    }

    /// Cost so far as the beginning of a run; 0 while the conversation conforms.
    #[getter]
    fn cost(&self) -> u32 {
        self.0.cost()
    }

    /// Whether the SOP may end here.
    #[getter]
    fn may_end(&self) -> Result<bool> {
        Ok(self.0.may_end()?)
    }

    /// No deviation so far but accepted ones.
    #[getter]
    fn conforms_so_far(&self) -> Result<bool> {
        Ok(self.0.conforms_so_far()?)
    }

    /// Deviations so far, all provisional.
    #[getter]
    fn deviations<'py>(&self, py: Python<'py>) -> Result<Vec<Bound<'py, PyAny>>> {
        let found = self.0.deviations()?;
        deviations(py, &found)?.into_iter().map(|fields| Ok(record(py, "Deviation", fields)?)).collect()
    }

    /// The cheapest way from here to the end of the SOP: its cost and steps.
    #[getter]
    fn distance_to_end<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(record(py, "DistanceToEnd", pythonize(py, &self.0.distance_to_end()?)?)?)
    }

    /// All that is known of the conversation, at once.
    ///
    /// >>> state = example_sop.live().state
    /// >>> state.point, state.events, state.allowed, state.distance_to_end.cost
    /// (None, 0, ['open'], 3)
    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        let state = self.0.state()?;
        let fields = pythonize(py, &state)?;
        fields.set_item("deviations", deviations(py, &state.deviations)?)?;
        Ok(record(py, "LiveState", fields)?)
    }

    /// The session as text, to go on with later: `sop.resume(text)`.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// Bytes of memory the session takes, beside what all sessions share.
    #[getter]
    fn bytes(&self) -> usize {
        self.0.bytes()
    }

    fn __len__(&self) -> usize {
        self.0.history().len()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> Result<String> {
        let said = self.0.deviations()?.into_iter().map(|deviation| format!("<li>{}</li>", escape_html(&deviation.sentence(Lang::En))));
        Ok(format!("{}<ul>{}</ul>", paragraph(&self.0), said.collect::<String>()))
    }
}
