//! `Scorecard` and `Scores`: points for each conversation, and what they are made of.

use std::path::PathBuf;

use goldpath::Lang;
use goldpath::text::escape_html;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pythonize::pythonize;

use crate::errors::Result;
use crate::table::{Table, record, with_file};
use crate::{from_py, sop};

/// What steps, standards and feedback are worth, and what deviations take away. Always valid: a faulty one is a
/// `ScorecardError` that lists every fault.
///
/// >>> card = Scorecard.parse("{format: goldpath/scorecard/1, steps: {open: 10, need: 30}, deviations: {extra: -2}}")
/// >>> card
/// Scorecard(2 steps, 0 standards, 0 feedback, 1 kinds of deviation)
/// >>> Scorecard.parse(card.to_yaml()) == card
/// True
#[pyclass(frozen, eq, module = "goldpath")]
#[derive(PartialEq)]
pub(crate) struct Scorecard(pub(crate) goldpath::Scorecard);

#[pymethods]
impl Scorecard {
    /// Reads a YAML or JSON file.
    #[staticmethod]
    fn read(path: PathBuf) -> Result<Self> {
        Ok(Self(goldpath::Scorecard::read(path)?))
    }

    /// Reads YAML or JSON text.
    #[staticmethod]
    fn parse(text: &str) -> Result<Self> {
        Ok(Self(goldpath::Scorecard::parse(text)?))
    }

    /// A scorecard from a dict of the same shape as the file.
    #[staticmethod]
    fn from_dict(obj: &Bound<'_, PyAny>) -> Result<Self> {
        let value = from_py::read(obj).map_err(|error| goldpath::Error::Scorecard(vec![goldpath::Fault::new("scorecard.wrong_type", error.to_string())]))?;
        Ok(Self(goldpath::Scorecard::from_value(value)?))
    }

    /// The one where nothing is said: a point for each agent's step of the flow and each of its standards.
    ///
    /// >>> Scorecard.equal(example_sop)
    /// Scorecard(3 steps, 0 standards, 0 feedback, 0 kinds of deviation)
    #[staticmethod]
    fn equal(sop: &Bound<'_, PyAny>) -> Result<Self> {
        Ok(Self(goldpath::Scorecard::equal(&sop::playbook(sop)?)))
    }

    /// The scorecard as YAML text; reading it gives an equal one.
    fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }

    /// The scorecard as JSON text; reading it gives an equal one.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// JSON Schema of the scorecard file, for editors.
    #[staticmethod]
    fn json_schema(py: Python<'_>) -> Result<Bound<'_, PyAny>> {
        Ok(pythonize(py, &goldpath::Scorecard::json_schema())?)
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        with_file(&self.0, &self.0.to_yaml())
    }
}

/// The points of all cases of a check, 0 to 100 each. The tables are made when they are first asked for.
///
/// >>> scores = example_corpus.check(example_sop).score()
/// >>> [(row.case_id, round(row.score, 1)) for row in scores.cases]
/// [('c1', 100.0), ('c2', 66.7)]
/// >>> [(row.rep, row.title, row.sentence_zh) for row in scores.opportunities]
/// [('Bob', 'need', '“need”：0/1 分。跳过了“need”，这一步应在“open”之后。')]
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Scores {
    scores: goldpath::Scores,
    tables: [PyOnceLock<Py<Table>>; 5],
}

impl From<goldpath::Scores> for Scores {
    fn from(scores: goldpath::Scores) -> Self {
        Self { scores, tables: [const { PyOnceLock::new() }; 5] }
    }
}

impl Scores {
    fn cached(&self, py: Python<'_>, slot: usize, make: fn(&goldpath::Scores) -> goldpath::Result<goldpath::Table>) -> Result<Py<Table>> {
        let made = || Ok(Py::new(py, Table::from(py.detach(|| make(&self.scores))?))?);
        Ok(self.tables[slot].get_or_try_init(py, made).map_err(|error: crate::errors::Failure| error)?.clone_ref(py))
    }
}

#[pymethods]
impl Scores {
    /// One row a case: its score, and the points it is made of.
    #[getter]
    fn cases(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 0, |scores| Ok(scores.cases()))
    }

    /// One row a rep: the mean score of their cases, and what loses them most.
    #[getter]
    fn reps(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 1, |scores| Ok(scores.reps()))
    }

    /// One row a team: the mean score of its cases.
    #[getter]
    fn teams(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 2, |scores| Ok(scores.teams()))
    }

    /// One row a part of the scorecard: how often it counted, and what it costs.
    #[getter]
    fn parts(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 3, |scores| Ok(scores.parts()))
    }

    /// Coaching opportunities (机会点): one row a rep and part that lost points, the most points first.
    #[getter]
    fn opportunities(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 4, goldpath::Scores::opportunities)
    }

    /// The best conversations, at most so many.
    ///
    /// >>> example_corpus.check(example_sop).score().best(1)["case_id"]
    /// ['c1']
    #[pyo3(signature = (most=20))]
    fn best(&self, py: Python<'_>, most: usize) -> Table {
        py.detach(|| self.scores.best(most)).into()
    }

    /// What would be worth clipping, at most so many of each kind: moments of the best conversations, and coaching
    /// opportunities (机会点), each with its reason. `library.add(corpus, **suggestion.clip)` makes it a clip.
    #[pyo3(signature = (most=20, lang="en"))]
    fn clip_suggestions<'py>(&self, py: Python<'py>, most: usize, lang: &str) -> Result<Bound<'py, pyo3::types::PyList>> {
        let lang = lang.parse::<Lang>()?;
        crate::clips::suggestions(py, &py.detach(|| self.scores.clip_suggestions(most, lang))?)
    }

    /// The score of one case, point by point.
    ///
    /// >>> score = example_corpus.check(example_sop).score().explain("c2")
    /// >>> (score.got, score.possible, [part.state for part in score.parts])
    /// (2.0, 3.0, ['full', 'lost', 'full'])
    /// >>> score.parts[0].sentence_en
    /// '“open”: 1 of 1 point, it was done.'
    fn explain<'py>(&self, py: Python<'py>, case_id: &str) -> Result<Bound<'py, PyAny>> {
        let found = self.scores.explain(case_id)?;
        let fields = pythonize(py, &found)?;
        for (part, of) in fields.get_item("parts")?.try_iter()?.zip(&found.parts) {
            let part = part?;
            part.set_item("sentence_en", of.sentence(Lang::En))?;
            part.set_item("sentence_zh", of.sentence(Lang::Zh))?;
        }
        Ok(record(py, "Score", fields)?)
    }

    fn __len__(&self) -> usize {
        self.scores.len()
    }

    fn __repr__(&self) -> String {
        self.scores.to_string()
    }

    fn _repr_html_(&self, py: Python<'_>) -> Result<String> {
        Ok(format!("<p>{}</p>{}", escape_html(&self.scores.to_string()), self.opportunities(py)?.get().0.to_html(10)))
    }
}
