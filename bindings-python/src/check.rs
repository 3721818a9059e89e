//! `Check`: what laying the actual paths beside the preset one found.

use goldpath::Lang;
use goldpath::text::escape_html;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use pythonize::pythonize;

use crate::effects;
use crate::errors::Result;
use crate::evidence::{EffectLedger, Plan, ScreenLedger};
use crate::score::{Scorecard, Scores};
use crate::table::{Table, record};
use crate::work;

/// What checking a corpus against an SOP found. The tables are made when they are first asked for.
///
/// >>> check = example_corpus.check(example_sop)
/// >>> check.alignment("c2").cost
/// 1
/// >>> [(row.step, row.skipped) for row in check.steps if row.skipped]
/// [('need', 1)]
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Check {
    pub(crate) check: goldpath::Check,
    tables: [PyOnceLock<Py<Table>>; 10],
}

impl From<goldpath::Check> for Check {
    fn from(check: goldpath::Check) -> Self {
        Self { check, tables: [const { PyOnceLock::new() }; 10] }
    }
}

impl Check {
    fn cached(&self, py: Python<'_>, slot: usize, make: fn(&goldpath::Check) -> goldpath::Result<goldpath::Table>) -> Result<Py<Table>> {
        let made = || Ok(Py::new(py, Table::from(py.detach(|| make(&self.check))?))?);
        Ok(self.tables[slot].get_or_try_init(py, made).map_err(|error: crate::errors::Failure| error)?.clone_ref(py))
    }
}

/// What the CRM claims against what the conversations show.
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct CrmTruth(goldpath::monitor::CrmTruth);

#[pymethods]
impl CrmTruth {
    /// Every claim with what the conversations show, a row each.
    #[getter]
    fn claims(&self) -> Table {
        self.0.table().into()
    }

    /// Shares by field, of all and of each rep, over the last claim of each case.
    #[getter]
    fn agreement(&self) -> Table {
        self.0.agreement_table().into()
    }

    /// What it comes to: each field, and the reps that claim ahead of the conversations more often than others.
    #[pyo3(signature = (lang="en"))]
    fn sentences(&self, lang: &str) -> Result<Vec<String>> {
        Ok(self.0.sentences(lang.parse()?))
    }

    fn __repr__(&self) -> String {
        self.0.sentences(Lang::En).join("\n")
    }
}

#[pymethods]
impl Check {
    /// Holds what the CRM claims against what the conversations show: `stage` names the attribute of the stage, `stages` the
    /// CRM's names of stages that the SOP calls otherwise, `fields` the fields with the steps that show them
    /// (`[{"field", "step", "standard"}]`), `claims` single claims with their days (`[{"case", "field", "value", "date"}]`; the
    /// field of a stage is `stage`) in place of attributes.
    ///
    /// >>> check = example_corpus.check(example_sop)
    /// >>> found = check.crm(fields=[{"field": "needs", "step": "need"}], claims=[{"case": "c2", "field": "needs", "value": "yes"}])
    /// >>> found.claims["verdict"]
    /// ['claimed_ahead']
    #[pyo3(signature = (**options))]
    fn crm(&self, py: Python<'_>, options: Option<&Bound<'_, PyDict>>) -> Result<CrmTruth> {
        let options = goldpath::coaching::from_value("options", crate::people::keywords("options", options)?)?;
        let check = &self.check;
        work::run(py, None, |_| Ok(CrmTruth(goldpath::monitor::CrmTruth::of(check, &options)?)))
    }

    /// One row a case: status, fitness, adherence, cost, where it stopped.
    #[getter]
    fn cases(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 0, |check| Ok(check.cases()))
    }

    /// One row a deviation, with a sentence in both languages.
    #[getter]
    fn deviations(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 1, goldpath::Check::deviations)
    }

    /// One row a distinct path, most frequent first.
    #[getter]
    fn variants(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 2, |check| Ok(check.variants()))
    }

    /// One row a step of the SOP.
    #[getter]
    fn steps(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 3, goldpath::Check::steps)
    }

    /// One row a rep.
    #[getter]
    fn reps(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 4, |check| Ok(check.reps()))
    }

    /// One row a team.
    #[getter]
    fn teams(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 5, |check| Ok(check.teams()))
    }

    /// One row a choice at a decision point.
    #[getter]
    fn choices(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 6, |check| Ok(check.choices()))
    }

    /// One row a conversation: the stage its deal had reached before, the furthest stage of the steps matched in it, and
    /// whether that is a later one.
    #[getter]
    fn stages(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 7, |check| Ok(check.stages()))
    }

    /// Hints that only the conversations show: names that do not meet, steps and parts of the SOP that no case comes to.
    ///
    /// >>> corpus = Corpus.from_records([{"id": "c1", "steps": ["open", "Need", "close"]}])
    /// >>> for hint in corpus.check(example_sop).lint():
    /// ...     print(hint.code, hint.sentence_en)
    /// lint.misspelt “Need” in the conversations looks like “need” (1 event counts as unplanned).
    /// lint.never_seen No case does “need”.
    fn lint<'py>(&self, py: Python<'py>) -> Result<Vec<Bound<'py, PyAny>>> {
        hints(py, &py.detach(|| self.check.lint())?)
    }

    /// One row an uncertain event, those whose labels matter most first.
    ///
    /// >>> corpus = Corpus.from_records([{"id": "c1", "steps": ["open", {"step": "need", "prob": 0.8}, "close"]}])
    /// >>> [(row.step, row.prob, row.influence) for row in corpus.check(example_sop).uncertain]
    /// [('need', 0.8, 1.0)]
    #[getter]
    fn uncertain(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 8, |check| Ok(check.uncertain()))
    }

    /// One row a standard of a step: how often it was measured and met, and whether it can be met at all.
    ///
    /// >>> sop = Sop.parse("{format: goldpath/1, name: x, steps: {need: {standards: [{questions: {at_least: 2}}]}}, flow: [need]}")
    /// >>> turns = [{"speaker": "agent", "text": "How many people?", "steps": ["need"]}]
    /// >>> check = Corpus.from_records([{"id": "c1", "turns": turns}]).check(sop)
    /// >>> [(row.step, row.standard, row.measured, row.met) for row in check.standards]
    /// [('need', 'questions', 1, 0)]
    /// >>> check.deviations["sentence_en"]
    /// ['“need” fell below standard: 1 question asked, expected at least 2.']
    #[getter]
    fn standards(&self, py: Python<'_>) -> Result<Py<Table>> {
        self.cached(py, 9, |check| Ok(check.standards()))
    }

    /// The outcome that says which cases are still open.
    #[getter]
    fn outcome(&self) -> Option<&str> {
        self.check.outcome()
    }

    /// The actual path of one case beside the preset one.
    ///
    /// >>> found = example_corpus.check(example_sop).alignment("c2")
    /// >>> [(move.kind, move.step) for move in found.moves]
    /// [('matched', 'open'), ('skipped', 'need'), ('matched', 'close')]
    /// >>> found.deviations[0].sentence_zh
    /// '跳过了“need”，这一步应在“open”之后。'
    fn alignment<'py>(&self, py: Python<'py>, case_id: &str) -> Result<Bound<'py, PyAny>> {
        let found = self.check.alignment(case_id)?;
        let fields = pythonize(py, &found)?;
        fields.set_item("deviations", deviations(py, &found.deviations)?)?;
        Ok(record(py, "Alignment", fields)?)
    }

    /// The path of a case, repaired so that it does some steps where they are planned, and the change of the outcome to be
    /// expected of it: the effect among comparable cases. Where there are none, `refusal` says why. All findings are made for it;
    /// ask a review where it is one of many.
    ///
    /// >>> what = example_corpus.check(example_sop).what_if("c2", do=["need"])
    /// >>> [(step.kind, step.step) for step in what.repair.steps]
    /// [('kept', 'open'), ('inserted', 'need'), ('kept', 'close')]
    /// >>> what.change, what.refusal
    /// (None, 'ended_there')
    #[pyo3(signature = (case_id, r#do))]
    fn what_if<'py>(&self, py: Python<'py>, case_id: &str, r#do: Vec<String>) -> Result<Bound<'py, PyAny>> {
        let found = py.detach(|| self.check.what_if(case_id, &r#do))?;
        effects::what_if(py, &found)
    }

    /// What can be said of a case whose events are not all certain: bounds of its fitness, the probability that it
    /// conforms, and its uncertain events, the most influential first.
    ///
    /// >>> corpus = Corpus.from_records([{"id": "c1", "steps": ["open", {"step": "need", "prob": 0.8}, "close"]}])
    /// >>> found = corpus.check(example_sop).uncertainty("c1")
    /// >>> found.conforms_so_far, found.fitness_low, found.fitness_high
    /// (Chance(low=0.8, high=0.8), 0.8, 1.0)
    fn uncertainty<'py>(&self, py: Python<'py>, case_id: &str) -> Result<Bound<'py, PyAny>> {
        let found = py.detach(|| self.check.uncertainty(case_id))?;
        Ok(record(py, "Uncertainty", pythonize(py, &found)?)?)
    }

    /// Weighs every case by a scorecard; `Scorecard.equal` of the SOP where none is given.
    ///
    /// >>> example_corpus.check(example_sop).score(Scorecard.parse("{format: goldpath/scorecard/1, steps: {need: 3, close: 1}}")).cases["score"]
    /// [100.0, 25.0]
    #[pyo3(signature = (scorecard=None, progress=None))]
    fn score(&self, py: Python<'_>, scorecard: Option<PyRef<'_, Scorecard>>, progress: Option<&Bound<'_, PyAny>>) -> Result<Scores> {
        let card = scorecard.map_or_else(|| goldpath::Scorecard::equal(self.check.playbook()), |card| card.0.clone());
        work::run(py, progress, |progress| Ok(self.check.score_with(&card, progress)?.into()))
    }

    /// First pass over the choices of this check, as one shard of many; all shards have to be given the same names.
    #[pyo3(signature = (adjust_for=None, never_choices=None))]
    fn screen(&self, py: Python<'_>, adjust_for: Option<Vec<String>>, never_choices: Option<Vec<String>>) -> Result<ScreenLedger> {
        let (adjust_for, never_choices) = (adjust_for.unwrap_or_default(), never_choices.unwrap_or_default());
        Ok(ScreenLedger(py.detach(|| self.check.screen(&adjust_for, &never_choices))?))
    }

    /// Second pass, under the plan of all shards.
    fn tally(&self, py: Python<'_>, plan: &Bound<'_, Plan>) -> Result<EffectLedger> {
        let plan = &plan.get().0;
        Ok(EffectLedger(py.detach(|| self.check.tally(plan))?))
    }

    fn __len__(&self) -> usize {
        self.check.len()
    }

    fn __repr__(&self) -> String {
        self.check.to_string()
    }

    fn _repr_html_(&self, py: Python<'_>) -> Result<String> {
        Ok(format!("<p>{}</p>{}", escape_html(&self.check.to_string()), self.cases(py)?.get().0.to_html(10)))
    }
}

/// Hints with their sentences.
pub(crate) fn hints<'py>(py: Python<'py>, hints: &[goldpath::sop::Hint]) -> Result<Vec<Bound<'py, PyAny>>> {
    let one = |hint: &goldpath::sop::Hint| {
        let fields = pythonize(py, hint)?;
        for (lang, sentence, help) in [(Lang::En, "sentence_en", "help_en"), (Lang::Zh, "sentence_zh", "help_zh")] {
            fields.set_item(sentence, hint.sentence(lang))?;
            fields.set_item(help, hint.help(lang))?;
        }
        Ok(record(py, "Hint", fields)?)
    };
    hints.iter().map(one).collect()
}

/// The fields of deviations, with their sentences.
pub(crate) fn deviations<'py>(py: Python<'py>, found: &[goldpath::Deviation]) -> Result<Vec<Bound<'py, PyAny>>> {
    let one = |deviation: &goldpath::Deviation| {
        let fields = pythonize(py, deviation)?;
        fields.set_item("sentence_en", deviation.sentence(Lang::En))?;
        fields.set_item("sentence_zh", deviation.sentence(Lang::Zh))?;
        Ok(fields)
    };
    found.iter().map(one).collect()
}

/// A finding with its kind, step and sentences beside its fields.
pub(crate) fn finding<'py>(py: Python<'py>, finding: &goldpath::Finding) -> Result<Bound<'py, PyAny>> {
    let fields = pythonize(py, finding)?;
    let more = PyDict::new(py);
    more.set_item("kind", finding.kind())?;
    more.set_item("step", finding.step())?;
    more.set_item("sentence_en", finding.sentence(Lang::En))?;
    more.set_item("sentence_zh", finding.sentence(Lang::Zh))?;
    fields.call_method1("update", (more,))?;
    Ok(record(py, "Finding", fields)?)
}
