//! Choices that a host hands over, compared by the same engine.

use std::collections::HashSet;

use goldpath::Lang;
use goldpath::corpus::{OutcomeColumnSpec, Role, ValueColumn};
use goldpath::evidence::{ChoiceColumn, ChoiceColumns, EvidenceOptions, Gap, GapOf, SampleBias, WhatIf};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pythonize::pythonize;
use serde::Serialize;

use crate::check::finding;
use crate::errors::{Result, argument};
use crate::evidence::{EffectLedger, Plan, ScreenLedger};
use crate::frame::Frame;
use crate::table::{Table, paragraph, record};
use crate::{from_py, work};

/// Choices with what was known before them and what came of them: for choices that the library does not see itself.
///
/// >>> rows = [{"rep": "ann", "segment": "smb", "discount": i % 2 == 0, "won": i % 3 == 0} for i in range(60)]
/// >>> table = ChoiceTable.from_dataframe(rows, choices=["discount"], adjust_for=["segment"])
/// >>> [(finding.step, finding.verdict, finding.treated.n) for finding in table.findings()]
/// [('discount', 'not_enough_evidence', 30)]
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct ChoiceTable(goldpath::evidence::ChoiceTable);

fn choices(asked: &Bound<'_, PyAny>) -> Result<Vec<ChoiceColumn>> {
    let wrong = |message: String| argument("choices", message, "a list of columns, or a dict of column → {\"kind\", \"point\", \"known\"}");
    let Ok(dict) = asked.cast::<PyDict>() else {
        let names: Vec<String> = asked.extract().map_err(|_| wrong("not a list of columns".to_owned()))?;
        return Ok(names.into_iter().map(|name| ChoiceColumn { name, ..ChoiceColumn::default() }).collect());
    };
    dict.iter()
        .map(|(name, column)| {
            let column: ChoiceColumn = from_py::read(&column).map_err(|error| wrong(error.to_string()))?;
            Ok(ChoiceColumn { name: name.to_string(), ..column })
        })
        .collect()
}

#[pymethods]
impl ChoiceTable {
    /// A table from a table of cases (pandas, polars, pyarrow, duckdb, or a list of dicts): a row a case, a column of yes and
    /// no a choice, null where a case does not stand at its point.
    ///
    /// `choices` names the columns, or says of each its `kind` ("add" where nothing is said), its decision `point`, and which
    /// columns were `known` before it: earlier choices and circumstances, adjusted for where they matter. `adjust_for` names
    /// attributes. `outcome` is a column of yes and no or of numbers, null where a case is open.
    ///
    /// >>> rows = [{"eager": i % 3 == 0, "discount": i % 2 == 0, "won": i % 3 == 0} for i in range(60)]
    /// >>> table = ChoiceTable.from_dataframe(rows, choices={"discount": {"point": "price", "known": ["eager"]}})
    /// >>> plan = Plan.of(table.screen())
    /// >>> table.tally(plan).finish(plan)[0].point
    /// 'price'
    #[staticmethod]
    #[pyo3(signature = (cases, choices, outcome="won", *, case=None, rep=None, time=None, adjust_for=None, progress=None))]
    #[allow(clippy::too_many_arguments)] // keywords of the Python call
    fn from_dataframe(
        cases: &Bound<'_, PyAny>,
        choices: &Bound<'_, PyAny>,
        outcome: &str,
        case: Option<&str>,
        rep: Option<&str>,
        time: Option<&str>,
        adjust_for: Option<Vec<String>>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self> {
        let py = cases.py();
        let asked = self::choices(choices)?;
        let frame = Frame::read(cases, "cases")?;
        let outcome = OutcomeColumnSpec::of_column(outcome);
        work::run(py, progress, |progress| {
            progress.step("columns", 0, 1)?;
            let values = |role: &str, name: &str| -> Result<ValueColumn> {
                let place = frame.names().iter().position(|have| *have == name);
                let missing = || argument(role, format!("there is no column `{name}`"), &format!("columns: {}", frame.names().join(", ")));
                frame.values(place.ok_or_else(missing)?)
            };
            let named = |role: &str, names: &[String]| names.iter().map(|name| Ok((name.clone(), values(role, name)?))).collect::<Result<Vec<_>>>();
            let texts = |role: Role, asked: Option<&str>| frame.place(role, asked, false)?.map(|place| frame.texts(place)).transpose();
            let mut seen = HashSet::new();
            let known: Vec<String> = asked.iter().flat_map(|choice| choice.known.clone()).filter(|name| seen.insert(name.clone())).collect();
            let time = frame.place(Role::Time, time, false)?;
            let columns = ChoiceColumns {
                values: values("outcome", &outcome.column)?,
                outcome: outcome.name,
                ids: texts(Role::Case, case)?,
                rep: texts(Role::Rep, rep)?,
                attributes: named("adjust_for", &adjust_for.unwrap_or_default())?,
                started_at: time.map(|place| frame.as_role(place, ValueColumn::into_times)).transpose()?,
                known: named("known", &known)?,
                choices: asked
                    .into_iter()
                    .map(|choice| Ok((values("choices", &choice.name)?, choice)))
                    .map(|pair| pair.map(|(v, c)| (c, v)))
                    .collect::<Result<_>>()?,
            };
            progress.step("columns", 1, 1)?;
            Ok(Self(goldpath::evidence::ChoiceTable::from_columns(columns)?))
        })
    }

    /// First pass over this table, as one shard of many.
    fn screen(&self, py: Python<'_>) -> ScreenLedger {
        ScreenLedger(py.detach(|| goldpath::evidence::screen(&self.0)))
    }

    /// Second pass, under the plan of all shards.
    fn tally(&self, py: Python<'_>, plan: &Bound<'_, Plan>) -> Result<EffectLedger> {
        let plan = &plan.get().0;
        Ok(EffectLedger(py.detach(|| goldpath::evidence::tally(&self.0, plan))?))
    }

    /// Both passes over this table alone, and its findings.
    #[pyo3(signature = (lower_is_better=false))]
    fn findings<'py>(&self, py: Python<'py>, lower_is_better: bool) -> Result<Vec<Bound<'py, PyAny>>> {
        let (found, _) = py.detach(|| self.0.findings(&EvidenceOptions { higher_is_better: !lower_is_better }))?;
        found.iter().map(|one| finding(py, one)).collect()
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        paragraph(&self.0)
    }
}

/// A result with its sentence in both languages, and its table where it has one.
fn with_sentences<'py>(
    py: Python<'py>,
    class: &str,
    value: &impl Serialize,
    sentence: impl Fn(Lang) -> String,
    table: Option<goldpath::Table>,
) -> Result<Bound<'py, PyAny>> {
    let fields = pythonize(py, value)?;
    fields.set_item("sentence_en", sentence(Lang::En))?;
    fields.set_item("sentence_zh", sentence(Lang::Zh))?;
    if let Some(table) = table {
        fields.set_item("table", Py::new(py, Table::from(table))?)?;
    }
    Ok(record(py, class, fields)?)
}

pub(crate) fn what_if<'py>(py: Python<'py>, found: &WhatIf) -> Result<Bound<'py, PyAny>> {
    with_sentences(py, "WhatIf", found, |lang| found.sentence(lang), None)
}

pub(crate) fn gap<'py>(py: Python<'py>, found: &Gap) -> Result<Bound<'py, PyAny>> {
    with_sentences(py, "Gap", found, |lang| found.sentence(lang), Some(found.table()))
}

pub(crate) fn sample_bias<'py>(py: Python<'py>, found: &SampleBias) -> Result<Bound<'py, PyAny>> {
    with_sentences(py, "SampleBias", found, |lang| found.sentence(lang), Some(found.table()))
}

/// Whose gap: of a rep, of a team, or of the cases with deviations.
pub(crate) fn gap_of(rep: Option<String>, team: Option<String>) -> Result<GapOf> {
    match (rep, team) {
        (Some(rep), None) => Ok(GapOf::Rep(rep)),
        (None, Some(team)) => Ok(GapOf::Team(team)),
        (None, None) => Ok(GapOf::NotConforming),
        (Some(_), Some(_)) => Err(argument("team", "both a rep and a team are named", "name one of them")),
    }
}
