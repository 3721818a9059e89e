//! Pilots: planned, drawn, judged.

use goldpath::Lang;
use goldpath::coaching::from_value;
use goldpath::improve;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pythonize::pythonize;

use crate::check::{Check, finding};
use crate::errors::Result;
use crate::people::{day, keywords, value};
use crate::table::record;
use crate::work;

/// The plan of a pilot (试点), settled before its first case: what is tried and where, by whom, how large an effect is of interest,
/// how many cases that takes, and when to stop. Made by `review.plan_pilot(…)`.
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct PilotPlan(improve::PilotPlan);

impl PilotPlan {
    pub(crate) fn of(py: Python<'_>, review: &goldpath::Review, choice: &Bound<'_, PyAny>, options: &Bound<'_, PyDict>) -> Result<Self> {
        let choice = from_value("choice", value("choice", Some(choice))?)?;
        let options = from_value("options", keywords("options", Some(options))?)?;
        work::run(py, None, |_| Ok(Self(review.plan_pilot(&choice, &options)?)))
    }
}

#[pymethods]
impl PilotPlan {
    /// Reads what `to_json` wrote.
    #[staticmethod]
    fn from_json(text: &str) -> Result<Self> {
        Ok(Self(improve::PilotPlan::from_json(text)?))
    }

    /// The plan as JSON: the same plan gives the same text.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// SHA-256 of the plan: note it before the start.
    #[getter]
    fn hash(&self) -> String {
        self.0.hash()
    }

    /// The plan as a dict: `asked`, `reps` (who begins when), `end`, `planned_cases`, `planned_days`, `base`, `design_effect`, …
    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0)?)
    }

    /// Whether a case that begins on a day is to try it; `None` where it takes no part.
    #[pyo3(signature = (case_id, rep, date))]
    fn assigned(&self, case_id: &str, rep: Option<&str>, date: &Bound<'_, PyAny>) -> Result<Option<bool>> {
        Ok(self.0.assigned(case_id, rep, day("date", date)?))
    }

    /// Judges the pilot by the cases of a check that began up to a day (the last there is where nothing is said). The interval
    /// holds whenever one looks.
    #[pyo3(signature = (check, as_of=None))]
    fn judge<'py>(&self, py: Python<'py>, check: &Bound<'py, Check>, as_of: Option<&Bound<'py, PyAny>>) -> Result<Bound<'py, PyAny>> {
        let as_of = as_of.map(|date| day("as_of", date)).transpose()?;
        let check = &check.get().check;
        let pilot = work::run(py, None, |_| Ok(self.0.judge(check, as_of)?))?;
        let fields = pythonize(py, &pilot)?;
        fields.set_item("as_treated", pilot.as_treated.as_ref().map(|one| finding(py, one)).transpose()?)?;
        fields.set_item("sentence_en", pilot.sentence(Lang::En))?;
        fields.set_item("sentence_zh", pilot.sentence(Lang::Zh))?;
        Ok(record(py, "Pilot", fields)?)
    }

    /// What is planned, in a few sentences.
    #[pyo3(signature = (lang="en"))]
    fn sentence(&self, lang: &str) -> Result<String> {
        Ok(self.0.sentence(lang.parse()?))
    }

    fn __eq__(&self, other: &Bound<'_, Self>) -> bool {
        self.0 == other.get().0
    }

    fn __repr__(&self) -> String {
        self.0.sentence(Lang::En)
    }
}
