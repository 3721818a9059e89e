//! Human marks held against results.

use goldpath::Lang;
use goldpath::coaching::from_value;
use goldpath::talk::{Judging, Mark};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pythonize::pythonize;

use crate::check::{Check, finding};
use crate::errors::{Result, argument};
use crate::from_py;
use crate::table::{Table, record};
use crate::work;

/// What marks of judges are worth: whether what each calls good goes with results among like cases, how far judges agree, and who
/// is harsher or milder than others on the same cases. Marks are dicts of `judge`, `case`, `good` and, if wanted, `turns`.
///
/// >>> marks = [{"judge": "Li", "case": "c1", "good": True}, {"judge": "Li", "case": "c2", "good": False}]
/// >>> found = judge_marks(example_corpus.check(example_sop), marks)
/// >>> found.judges[0].judged, found.judges[0].lean
/// (2, 'not_enough_data')
#[pyfunction]
#[pyo3(signature = (check, marks, *, adjust_for=None))]
pub(crate) fn judge_marks<'py>(
    py: Python<'py>,
    check: &Bound<'py, Check>,
    marks: &Bound<'py, PyAny>,
    adjust_for: Option<Vec<String>>,
) -> Result<Bound<'py, PyAny>> {
    let given = from_py::read(marks).map_err(|error| argument("marks", error.to_string(), ""))?;
    let marks: Vec<Mark> = from_value("marks", given)?;
    let check = &check.get().check;
    let found = work::run(py, None, |_| Ok(Judging::of(check, &marks, adjust_for.as_deref())?))?;
    let said = |fields: &Bound<'py, PyAny>, sentence: &dyn Fn(Lang) -> String| -> PyResult<()> {
        fields.set_item("sentence_en", sentence(Lang::En))?;
        fields.set_item("sentence_zh", sentence(Lang::Zh))
    };
    let judges = found.judges.iter().map(|judge| {
        let fields = pythonize(py, judge)?;
        fields.set_item("finding", judge.finding.as_ref().map(|one| finding(py, one)).transpose()?)?;
        said(&fields, &|lang| judge.sentence(lang))?;
        Ok(record(py, "Judge", fields)?)
    });
    let agreements = found.agreements.iter().map(|agreement| {
        let fields = pythonize(py, agreement)?;
        said(&fields, &|lang| agreement.sentence(lang))?;
        Ok(record(py, "Agreement", fields)?)
    });
    let fields = PyDict::new(py);
    fields.set_item("judges", judges.collect::<Result<Vec<_>>>()?)?;
    fields.set_item("agreements", agreements.collect::<Result<Vec<_>>>()?)?;
    fields.set_item("table", Py::new(py, Table::from(found.table()))?)?;
    fields.set_item("agreements_table", Py::new(py, Table::from(found.agreements_table()))?)?;
    Ok(record(py, "Judging", fields.into_any())?)
}
