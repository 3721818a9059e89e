//! Innovations, innovators, proposals, the best path and the book of decisions.

use goldpath::improve::{BestPathOptions, Constraints, Innovation, Innovator, Proposal};
use goldpath::sop::Note;
use goldpath::{Finding, Lang};
use pyo3::prelude::*;
use pythonize::pythonize;

use crate::check::finding;
use crate::errors::Result;
use crate::methods::Patch;
use crate::people::day;
use crate::review::Review;
use crate::sop::Sop;
use crate::table::{Table, record, with_table};
use crate::work;

fn sentences(fields: &Bound<'_, PyAny>, sentence: impl Fn(Lang) -> String) -> Result<()> {
    fields.set_item("sentence_en", sentence(Lang::En))?;
    fields.set_item("sentence_zh", sentence(Lang::Zh))?;
    Ok(())
}

fn maybe<'py>(py: Python<'py>, found: Option<&Finding>) -> Result<Option<Bound<'py, PyAny>>> {
    found.map(|found| finding(py, found)).transpose()
}

pub(crate) fn innovation<'py>(py: Python<'py>, one: &Innovation) -> Result<Bound<'py, PyAny>> {
    let fields = pythonize(py, one)?;
    sentences(&fields, |lang| one.sentence(lang))?;
    fields.set_item("finding", finding(py, &one.finding)?)?;
    for (name, found) in [("mined", &one.mined), ("later", &one.later), ("others", &one.others)] {
        fields.set_item(name, maybe(py, found.as_ref())?)?;
    }
    let parts = one.against_parts.iter().map(|found| finding(py, found)).collect::<Result<Vec<_>>>()?;
    fields.set_item("against_parts", parts)?;
    fields.set_item("step", &one.choice.step)?;
    fields.set_item("kind", one.choice.kind.name())?;
    fields.set_item("point", &one.choice.point)?;
    Ok(record(py, "Innovation", fields)?)
}

pub(crate) fn innovator<'py>(py: Python<'py>, one: &Innovator, of: &Innovation) -> Result<Bound<'py, PyAny>> {
    let fields = pythonize(py, one)?;
    sentences(&fields, |lang| one.sentence(of, lang))?;
    fields.set_item("step", &of.choice.step)?;
    Ok(record(py, "Innovator", fields)?)
}

pub(crate) fn proposal<'py>(py: Python<'py>, one: &Proposal) -> Result<Bound<'py, PyAny>> {
    let fields = pythonize(py, one)?;
    sentences(&fields, |lang| one.sentence(lang))?;
    fields.set_item("finding", finding(py, &one.finding)?)?;
    fields.set_item("patch", Py::new(py, Patch(one.patch.clone()))?)?;
    Ok(record(py, "Proposal", fields)?)
}

/// The best path of a review as a record.
pub(crate) fn best_path<'py>(py: Python<'py>, review: &goldpath::Review, options: &BestPathOptions) -> Result<Bound<'py, PyAny>> {
    let found = work::run(py, None, |_| Ok(review.best_path(options)?))?;
    let fields = pyo3::types::PyDict::new(py);
    fields.set_item("changed", found.changed)?;
    fields.set_item("sop", Py::new(py, Sop(found.sop.clone()))?)?;
    fields.set_item("patch", Py::new(py, Patch(found.patch.clone()))?)?;
    fields.set_item("proposals", &found.proposals)?;
    fields.set_item("left_out", &found.left_out)?;
    fields.set_item("unmet", pythonize(py, &found.unmet)?)?;
    fields.set_item("gain", pythonize(py, &found.gain)?)?;
    fields.set_item("mined", found.mined.clone().map(|sop| Py::new(py, Sop(sop))).transpose()?)?;
    fields.set_item("fitness_of_winners", found.fitness_of_winners.to_vec())?;
    let present = review.check().playbook().entries().get(options.entry).map(|entry| entry.sop.clone());
    if let Some(present) = present {
        sentences(&fields, |lang| found.sentence(&present, lang))?;
    }
    Ok(record(py, "BestPath", fields.into_any())?)
}

pub(crate) fn habit<'py>(py: Python<'py>, one: &goldpath::improve::WorkHabit) -> Result<Bound<'py, PyAny>> {
    let fields = pythonize(py, one)?;
    sentences(&fields, |lang| one.sentence(lang))?;
    fields.set_item("habit", one.habit.name())?;
    fields.set_item("title_en", one.habit.title(Lang::En))?;
    fields.set_item("title_zh", one.habit.title(Lang::Zh))?;
    fields.set_item("finding", finding(py, &one.finding)?)?;
    Ok(record(py, "WorkHabit", fields)?)
}

/// A back-test of a review as a record; days as dates.
pub(crate) fn backtest<'py>(
    py: Python<'py>,
    review: &goldpath::Review,
    sop: &Sop,
    entry: usize,
    as_of: Option<&Bound<'py, PyAny>>,
) -> Result<Bound<'py, PyAny>> {
    let as_of = as_of.map(|date| day("as_of", date)).transpose()?;
    let found = work::run(py, None, |_| Ok(review.backtest(&sop.0, entry, as_of)?))?;
    let fields = pythonize(py, &found)?;
    fields.set_item("reps", Py::new(py, Table::from(found.reps_table()))?)?;
    sentences(&fields, |lang| found.sentence(lang))?;
    Ok(record(py, "Backtest", fields)?)
}

pub(crate) fn constraints(must_contain: Option<Vec<String>>, must_precede: Option<Vec<(String, String)>>, may_not_remove: Option<Vec<String>>) -> Constraints {
    Constraints {
        must_contain: must_contain.unwrap_or_default(),
        must_precede: must_precede.unwrap_or_default(),
        may_not_remove: may_not_remove.unwrap_or_default(),
    }
}

/// What was proposed, what was decided and why, and whether it held up in new conversations.
///
/// >>> book = ProposalBook()
/// >>> book.add(review(example_corpus, example_sop), date="2026-12-01")
/// []
/// >>> ProposalBook.from_json(book.to_json()).standing
/// []
#[pyclass(module = "goldpath")]
pub(crate) struct ProposalBook(pub(crate) goldpath::improve::ProposalBook);

fn note(reason: Option<String>, date: Option<&str>, by: Option<String>) -> Result<Note> {
    let mut note = date.map(|date| Note::on(date, String::new())).transpose()?.unwrap_or_default();
    (note.reason, note.by) = (reason, by);
    Ok(note)
}

#[pymethods]
impl ProposalBook {
    #[new]
    fn new() -> Self {
        Self(goldpath::improve::ProposalBook::default())
    }

    /// Reads what `to_json` wrote.
    #[staticmethod]
    fn from_json(text: &str) -> Result<Self> {
        Ok(Self(goldpath::improve::ProposalBook::from_json(text)?))
    }

    /// The book as JSON.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// The proposals of the book, in the order in which they were made.
    #[getter]
    fn standing<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.standing)?)
    }

    /// The same as a table, a row each.
    #[getter]
    fn table(&self) -> Table {
        self.0.table().into()
    }

    /// Adds the proposals of a review that the book does not have; gives their ids. `date` as `2026-12-31`.
    #[pyo3(signature = (review, date=None))]
    fn add(&mut self, py: Python<'_>, review: &Bound<'_, Review>, date: Option<&str>) -> Result<Vec<String>> {
        let day = note(None, date, None)?.date;
        let review = review.get().core();
        let proposals = work::run(py, None, |_| Ok(review.proposals()?.to_vec()))?;
        Ok(self.0.add(&proposals, day))
    }

    /// Accepts a proposal, with the reason.
    #[pyo3(signature = (id, reason=None, date=None, by=None))]
    fn accept(&mut self, id: &str, reason: Option<String>, date: Option<&str>, by: Option<String>) -> Result<()> {
        Ok(self.0.accept(id, note(reason, date, by)?)?)
    }

    /// Rejects a proposal, with the reason.
    #[pyo3(signature = (id, reason=None, date=None, by=None))]
    fn reject(&mut self, id: &str, reason: Option<String>, date: Option<&str>, by: Option<String>) -> Result<()> {
        Ok(self.0.reject(id, note(reason, date, by)?)?)
    }

    /// An SOP with everything that was accepted.
    fn apply(&self, sop: &Bound<'_, Sop>) -> Result<Sop> {
        Ok(Sop(self.0.apply(&sop.get().0)?))
    }

    /// Looks at every proposal again in a review of new conversations against the SOP the proposals were made for, and adds
    /// what is newly proposed: `{"seen_again": [(id, {"held", "effect", …})], "new": [id, …]}`.
    #[pyo3(signature = (review, date=None))]
    fn refresh<'py>(&mut self, py: Python<'py>, review: &Bound<'py, Review>, date: Option<&str>) -> Result<Bound<'py, PyAny>> {
        let day = note(None, date, None)?.date;
        let review = review.get().core();
        let book = &mut self.0;
        let seen = work::run(py, None, |_| Ok(book.refresh(review.check(), review.improve_options(), day)?))?;
        let fields = pyo3::types::PyDict::new(py);
        fields.set_item("seen_again", pythonize(py, &seen.seen_again)?)?;
        fields.set_item("new", &seen.new)?;
        Ok(fields.into_any())
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        with_table(&self.0, &self.0.table())
    }
}
