//! `Corpus`: conversations from files, records and tables.

use std::path::PathBuf;

use goldpath::corpus::{CaseTable, Conversation, EventTable, OnError, OutcomeColumnSpec, ReadOptions, Role, TurnTable, ValueColumn};
use goldpath::text::escape_html;
use goldpath::{CheckOptions, Error, Fault};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pythonize::pythonize;

use crate::check::Check;
use crate::errors::{Failure, Result, argument};
use crate::frame::{self, Frame};
use crate::from_py::Source;
use crate::table::Table;
use crate::{sop, work};

/// Many conversations; never changes once it is made.
///
/// >>> corpus = Corpus.from_records([
/// ...     {"id": "c1", "rep": "Ann", "steps": ["open", "need", "close"], "outcome": {"won": True}},
/// ...     {"id": "c2", "rep": "Bob", "steps": ["open", "close"], "outcome": {"won": False}},
/// ... ])
/// >>> corpus
/// Corpus(2 conversations, 5 step events, 0 turns)
/// >>> corpus.steps, corpus.outcomes
/// (['open', 'need', 'close'], ['won'])
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Corpus(pub(crate) goldpath::Corpus);

fn options(on_error: &str, merge_repeats: Option<bool>) -> Result<ReadOptions> {
    let on_error = match on_error {
        "raise" => OnError::Raise,
        "collect" => OnError::Collect,
        other => return Err(argument("on_error", format!("`{other}` is not a way to treat errors"), "\"raise\" or \"collect\"")),
    };
    Ok(ReadOptions { on_error, merge_repeats })
}

#[pymethods]
impl Corpus {
    /// Reads a file of conversations by its ending: .jsonl, .ndjson, .json, each also .gz.
    ///
    /// With `on_error="collect"` a bad record is left out and listed in `problems`.
    #[staticmethod]
    #[pyo3(signature = (path, on_error="raise", merge_repeats=None, progress=None))]
    fn read(py: Python<'_>, path: PathBuf, on_error: &str, merge_repeats: Option<bool>, progress: Option<&Bound<'_, PyAny>>) -> Result<Self> {
        let options = options(on_error, merge_repeats)?;
        work::run(py, progress, |progress| Ok(Self(goldpath::Corpus::read_with(path, options, progress)?)))
    }

    /// Conversations as dicts, of the shape of a line of the JSONL; datetimes may be datetime objects.
    #[staticmethod]
    #[pyo3(signature = (records, on_error="raise", merge_repeats=None))]
    fn from_records(records: &Bound<'_, PyAny>, on_error: &str, merge_repeats: Option<bool>) -> Result<Self> {
        let (options, mut broken) = (options(on_error, merge_repeats)?, None);
        let records = records.try_iter()?.enumerate().map_while(|(i, record)| {
            let alive = if i % 1024 == 0 { records.py().check_signals() } else { Ok(()) };
            match alive.and(record) {
                Ok(record) => Some(Conversation::read_from(|| Source::new(&record))),
                Err(error) => {
                    broken = Some(error);
                    None
                }
            }
        });
        let corpus = goldpath::Corpus::from_records(records, options);
        broken.map_or_else(|| Ok(Self(corpus?)), |error| Err(error.into()))
    }

    /// A corpus from a table of events: pandas, polars, pyarrow, duckdb, anything that speaks Arrow, or a list of dicts.
    ///
    /// Columns are found by their usual names, also those of pm4py, or named here. Columns called `case:…` hold one value
    /// a case. `cases` has a row for each case: its id, rep, team, deal, channel, started_at, outcomes and attributes.
    /// `outcomes` are columns, or a dict of name → column or name → (column, text that means yes); where nothing is said,
    /// a yes/no column `won` and columns called `outcome.…`. `turns` has case, speaker, text, name, start and end.
    ///
    /// >>> events = [{"case": "c1", "step": "open"}, {"case": "c1", "step": "close"}, {"case": "c2", "step": "open"}]
    /// >>> cases = [{"id": "c1", "stage": "signed", "rep": "Ann"}, {"id": "c2", "stage": "lost", "rep": "Bob"}]
    /// >>> Corpus.from_dataframe(events, cases=cases, outcomes={"won": ("stage", "signed")}).table["outcome.won"]
    /// [True, False]
    #[staticmethod]
    #[pyo3(signature = (events, case=None, step=None, time=None, rep=None, turn=None, prob=None, cases=None, turns=None, outcomes=None, on_error="raise", merge_repeats=None, progress=None))]
    #[allow(clippy::too_many_arguments)] // keywords of the Python call
    fn from_dataframe(
        events: &Bound<'_, PyAny>,
        case: Option<&str>,
        step: Option<&str>,
        time: Option<&str>,
        rep: Option<&str>,
        turn: Option<&str>,
        prob: Option<&str>,
        cases: Option<&Bound<'_, PyAny>>,
        turns: Option<&Bound<'_, PyAny>>,
        outcomes: Option<&Bound<'_, PyAny>>,
        on_error: &str,
        merge_repeats: Option<bool>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self> {
        let py = events.py();
        let options = options(on_error, merge_repeats)?;
        let outcomes = outcomes.map(frame::outcomes).transpose()?;
        let events = Frame::read(events, "events")?;
        let cases = cases.map(|table| Frame::read(table, "cases")).transpose()?;
        let turns = turns.map(|table| Frame::read(table, "turns")).transpose()?;
        let asked = [(Role::Case, case), (Role::Step, step), (Role::Time, time), (Role::Rep, rep), (Role::Turn, turn), (Role::Prob, prob)];
        work::run(py, progress, |progress| {
            progress.step("columns", 0, 1)?;
            let mut event_table = event_table(&events, &asked, outcomes.as_deref())?;
            let mut case_table = cases.as_ref().map(case_table).transpose()?;
            let turn_table = turns.as_ref().map(turn_table).transpose()?;
            let of_cases = case_table.as_ref().map_or(&[][..], |table| &table.columns);
            let (in_cases, in_events) = match outcomes {
                Some(specs) => OutcomeColumnSpec::share(specs, of_cases, &event_table.case_columns)?,
                None => (OutcomeColumnSpec::usual(of_cases), OutcomeColumnSpec::usual(&event_table.case_columns)),
            };
            event_table.outcomes = in_events;
            if let Some(table) = &mut case_table {
                table.outcomes = in_cases;
            }
            progress.step("columns", 1, 1)?;
            Ok(Self(goldpath::Corpus::from_tables(event_table, case_table, turn_table, &options)?))
        })
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    /// Ids in the order of reading.
    #[getter]
    fn ids(&self) -> Vec<&str> {
        self.0.ids().collect()
    }

    /// Distinct step labels in the order they were met.
    #[getter]
    fn steps(&self) -> Vec<&str> {
        self.0.steps().collect()
    }

    /// Names of the attributes.
    #[getter]
    fn attributes(&self) -> Vec<&str> {
        self.0.attributes().collect()
    }

    /// Names of the outcomes.
    #[getter]
    fn outcomes(&self) -> Vec<&str> {
        self.0.outcomes().collect()
    }

    /// One row a conversation.
    #[getter]
    fn table(&self) -> Table {
        self.0.table().into()
    }

    /// One row a conversation: turns, words, talk share, longest monologue, patience, questions and more; no value where
    /// there is nothing to measure it on.
    ///
    /// >>> turns = [{"speaker": "agent", "text": "How many people?", "start": 0, "end": 2}, {"speaker": "customer", "text": "Ten.", "start": 3, "end": 4}]
    /// >>> [row] = Corpus.from_records([{"id": "c1", "turns": turns}]).measures()
    /// >>> row.questions, row.words, row.patience, round(row.agent_talk_share, 2)
    /// (1, 4, None, 0.67)
    #[pyo3(signature = (progress=None))]
    fn measures(&self, py: Python<'_>, progress: Option<&Bound<'_, PyAny>>) -> Result<Table> {
        work::run(py, progress, |progress| Ok(self.0.measures_with(progress)?.into()))
    }

    /// One row a record that was left out.
    #[getter]
    fn problems(&self) -> Table {
        self.0.problems_table().into()
    }

    /// Fields and columns that were met and not kept, with how often.
    #[getter]
    fn unread_fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        self.0.unread_fields().iter().try_for_each(|(name, times)| fields.set_item(name, times))?;
        Ok(fields)
    }

    /// One conversation as a dict, of the shape of a line of the JSONL.
    fn conversation<'py>(&self, py: Python<'py>, id: &str) -> Result<Bound<'py, PyAny>> {
        let unknown = || Error::Argument(Box::new(Fault::new("check.unknown_case", format!("there is no conversation `{id}`")).at_place("id")));
        Ok(pythonize(py, &self.0.conversation(self.0.find(id).ok_or_else(unknown)?))?)
    }

    /// Lays every actual path beside the preset one.
    ///
    /// >>> example_corpus.check(example_sop).deviations["sentence_en"]
    /// ['“need” was skipped; it is due after “open”.']
    #[pyo3(signature = (sop, outcome=None, progress=None))]
    fn check(&self, sop: &Bound<'_, PyAny>, outcome: Option<String>, progress: Option<&Bound<'_, PyAny>>) -> Result<Check> {
        let playbook = sop::playbook(sop)?;
        let options = CheckOptions { outcome };
        work::run(sop.py(), progress, |progress| Ok(self.0.check_with(playbook, &options, progress)?.into()))
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        format!("<p>{}</p>{}", escape_html(&self.0.to_string()), self.0.table().to_html(10))
    }
}

fn event_table(frame: &Frame, asked: &[(Role, Option<&str>); 6], outcomes: Option<&[OutcomeColumnSpec]>) -> Result<EventTable> {
    let place = |i: usize| frame.place(asked[i].0, asked[i].1, i < 2);
    let places = [place(0)?, place(1)?, place(2)?, place(3)?, place(4)?, place(5)?];
    let [case, step, time, rep, turn, prob] = places;
    let texts = |column: Option<usize>| column.map(|column| frame.texts(column)).transpose();
    // The two long columns of texts are read beside each other.
    let ((case, time), (step, rep)) =
        rayon::join(|| (texts(case), time.map(|column| frame.as_role(column, ValueColumn::into_times)).transpose()), || (texts(step), texts(rep)));
    let mut table = EventTable { case: case?.unwrap_or_default(), step: step?.unwrap_or_default(), time: time?, rep: rep?, ..EventTable::default() };
    table.turn = turn.map(|column| frame.as_role(column, ValueColumn::into_turns)).transpose()?;
    let numbers = |column| frame.as_role(column, ValueColumn::into_numbers);
    table.prob = prob.map(|column| numbers(column).map(|list| list.into_iter().map(|x| x.unwrap_or(f64::NAN)).collect())).transpose()?;
    for (i, name) in frame.names().into_iter().enumerate().filter(|(i, _)| !places.contains(&Some(*i))) {
        let outcome = outcomes.map_or_else(|| OutcomeColumnSpec::is_usual(name), |specs| specs.iter().any(|spec| spec.column == name));
        if outcome || name.starts_with("case:") {
            table.case_columns.push((name.to_owned(), frame.values(i)?));
        } else if !name.starts_with("__index_level_") {
            table.unread.push(name.to_owned());
        }
    }
    Ok(table)
}

fn case_table(frame: &Frame) -> Result<CaseTable> {
    let id = frame.place(Role::Case, None, true)?;
    let columns = frame.names().into_iter().enumerate().filter(|(i, name)| Some(*i) != id && !name.starts_with("__index_level_"));
    let columns = columns.map(|(i, name)| Ok::<_, Failure>((name.to_owned(), frame.values(i)?))).collect::<Result<_>>()?;
    Ok(CaseTable { id: frame.texts(id.unwrap_or_default())?, columns, outcomes: Vec::new() })
}

fn turn_table(frame: &Frame) -> Result<TurnTable> {
    let texts = |role, needed| frame.place(role, None, needed)?.map(|column| frame.texts(column)).transpose();
    let offsets = |role| frame.place(role, None, false)?.map(|column| frame.as_role(column, ValueColumn::into_offsets)).transpose();
    Ok(TurnTable {
        case: texts(Role::Case, true)?.unwrap_or_default(),
        speaker: texts(Role::Speaker, true)?.unwrap_or_default(),
        text: texts(Role::Text, false)?,
        name: texts(Role::Name, false)?,
        start: offsets(Role::Start)?,
        end: offsets(Role::End)?,
    })
}
