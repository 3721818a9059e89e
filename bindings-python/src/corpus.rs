//! `Corpus`: conversations from files, records and tables.

use std::path::PathBuf;

use goldpath::corpus::{CaseTable, Conversation, EventTable, OnError, OutcomeColumnSpec, OutcomeSteps, ReadOptions, Role, TurnTable, Unit, ValueColumn};
use goldpath::text::escape_html;
use goldpath::{CheckOptions, Error, Fault};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pythonize::pythonize;

use crate::check::Check;
use crate::errors::{Failure, Result, argument};
use crate::frame::{self, Frame};
use crate::from_py::{self, Source};
use crate::table::Table;
use crate::{detect, sop, work};

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

fn on_error(name: &str) -> Result<OnError> {
    match name {
        "raise" => Ok(OnError::Raise),
        "collect" => Ok(OnError::Collect),
        other => Err(argument("on_error", format!("`{other}` is not a way to treat errors"), "\"raise\" or \"collect\"")),
    }
}

fn options(on_error: &str, merge_repeats: Option<bool>, outcome_steps: Option<&Bound<'_, PyAny>>, drop_steps: Option<Vec<String>>) -> Result<ReadOptions> {
    let on_error = self::on_error(on_error)?;
    let outcome_steps = outcome_steps.map(|written| -> Result<_> {
        let wrong = |_| argument("outcome_steps", "not a dict of name → step", "name → step or list of steps, or name → {\"yes\": steps, \"no\": steps}");
        Ok(OutcomeSteps::of_written(from_py::read(written).map_err(wrong)?)?)
    });
    let outcome_steps = outcome_steps.transpose()?.unwrap_or_default();
    Ok(ReadOptions { on_error, merge_repeats, outcome_steps, drop_steps: drop_steps.unwrap_or_default(), ..ReadOptions::default() })
}

#[pymethods]
impl Corpus {
    /// Reads a file of conversations by its ending: .jsonl, .ndjson, .json (also transcripts of Gong), .xes, .csv, .tsv,
    /// .vtt, .srt, each also .gz; a folder of captions; a folder of ConvoKit.
    ///
    /// With `on_error="collect"` a bad record is left out and listed in `problems`. `case` to `end` name columns of CSV,
    /// attributes of XES or fields of turns that do not have their usual name. `outcomes` are columns as in
    /// `from_dataframe`; `outcome_steps` are outcomes told by steps, which leave the paths, as `drop_steps` do. `agents` are
    /// the speakers who speak for the company, or a field of the speakers with its value for agents. `cases` is a CSV with
    /// a row a case, `parties` the answer of Gong that says who the speakers are. `lifecycle` is "completed", "all" or the
    /// name of a transition.
    ///
    /// >>> import pathlib, tempfile
    /// >>> path = pathlib.Path(tempfile.mkdtemp()) / "log.csv"
    /// >>> _ = path.write_text("deal;activity\nd1;call\nd1;signed\nd2;call\nd2;lost\n")
    /// >>> corpus = Corpus.read(path, case="deal", outcome_steps={"won": {"yes": "signed", "no": "lost"}})
    /// >>> corpus.steps, corpus.table["outcome.won"]
    /// (['call'], [True, False])
    #[staticmethod]
    #[pyo3(signature = (path, *, on_error="raise", merge_repeats=None, case=None, step=None, time=None, rep=None, turn=None, prob=None, speaker=None, text=None, name=None, start=None, end=None, cases=None, outcomes=None, outcome_steps=None, drop_steps=None, agents=None, parties=None, delimiter=None, lifecycle=None, progress=None))]
    #[allow(clippy::too_many_arguments)] // keywords of the Python call
    fn read(
        py: Python<'_>,
        path: PathBuf,
        on_error: &str,
        merge_repeats: Option<bool>,
        case: Option<String>,
        step: Option<String>,
        time: Option<String>,
        rep: Option<String>,
        turn: Option<String>,
        prob: Option<String>,
        speaker: Option<String>,
        text: Option<String>,
        name: Option<String>,
        start: Option<String>,
        end: Option<String>,
        cases: Option<PathBuf>,
        outcomes: Option<&Bound<'_, PyAny>>,
        outcome_steps: Option<&Bound<'_, PyAny>>,
        drop_steps: Option<Vec<String>>,
        agents: Option<&Bound<'_, PyAny>>,
        parties: Option<PathBuf>,
        delimiter: Option<&str>,
        lifecycle: Option<&str>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self> {
        let mut options = options(on_error, merge_repeats, outcome_steps, drop_steps)?;
        let named = [
            (Role::Case, case),
            (Role::Step, step),
            (Role::Time, time),
            (Role::Rep, rep),
            (Role::Turn, turn),
            (Role::Prob, prob),
            (Role::Speaker, speaker),
            (Role::Text, text),
            (Role::Name, name),
            (Role::Start, start),
            (Role::End, end),
        ];
        options.columns = named.into_iter().filter_map(|(role, name)| Some((role, name?))).collect();
        options.outcomes = outcomes.map(frame::outcomes).transpose()?;
        let wrong = |error: serde::de::value::Error| argument("agents", error.to_string(), "");
        options.agents = agents.map(from_py::read).transpose().map_err(wrong)?.unwrap_or_default();
        options.lifecycle = lifecycle.map_or_else(Default::default, Into::into);
        (options.cases, options.parties) = (cases, parties);
        delimiter.map_or(Ok(()), |delimiter| options.set_delimiter(delimiter))?;
        work::run(py, progress, |progress| Ok(Self(goldpath::Corpus::read_with(path, options, progress)?)))
    }

    /// Conversations as dicts, of the shape of a line of the JSONL; datetimes may be datetime objects.
    ///
    /// `outcome_steps` and `drop_steps` as in `read`.
    #[staticmethod]
    #[pyo3(signature = (records, on_error="raise", merge_repeats=None, outcome_steps=None, drop_steps=None))]
    fn from_records(
        records: &Bound<'_, PyAny>,
        on_error: &str,
        merge_repeats: Option<bool>,
        outcome_steps: Option<&Bound<'_, PyAny>>,
        drop_steps: Option<Vec<String>>,
    ) -> Result<Self> {
        let (options, mut broken) = (options(on_error, merge_repeats, outcome_steps, drop_steps)?, None);
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
    /// `outcome_steps` and `drop_steps` as in `read`.
    ///
    /// >>> events = [{"case": "c1", "step": "open"}, {"case": "c1", "step": "close"}, {"case": "c2", "step": "open"}]
    /// >>> cases = [{"id": "c1", "stage": "signed", "rep": "Ann"}, {"id": "c2", "stage": "lost", "rep": "Bob"}]
    /// >>> Corpus.from_dataframe(events, cases=cases, outcomes={"won": ("stage", "signed")}).table["outcome.won"]
    /// [True, False]
    #[staticmethod]
    #[pyo3(signature = (events, case=None, step=None, time=None, rep=None, turn=None, prob=None, cases=None, turns=None, outcomes=None, on_error="raise", merge_repeats=None, progress=None, outcome_steps=None, drop_steps=None))]
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
        outcome_steps: Option<&Bound<'_, PyAny>>,
        drop_steps: Option<Vec<String>>,
    ) -> Result<Self> {
        let py = events.py();
        let options = options(on_error, merge_repeats, outcome_steps, drop_steps)?;
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

    /// The corpus with the steps that the host names for each turn, all turns one after the other.
    ///
    /// >>> corpus = Corpus.from_records([{"id": "c1", "turns": [{"speaker": "agent", "text": "hello"}, {"speaker": "agent", "text": "bye"}]}])
    /// >>> corpus.tag_labels([["open"], []]).steps
    /// ['open']
    #[pyo3(signature = (labels, *, keep=false))]
    fn tag_labels(&self, labels: Vec<Vec<String>>, keep: bool) -> Result<Self> {
        detect::tag_labels(self, &labels, keep)
    }

    /// The corpus with the steps to which the host gives a probability of at least `at_least`: a row a turn, a column a step.
    ///
    /// >>> corpus = Corpus.from_records([{"id": "c1", "turns": [{"speaker": "agent", "text": "hello"}, {"speaker": "agent", "text": "bye"}]}])
    /// >>> corpus.tag_scores(["open", "close"], [[0.75, 0.125], [0.0, 1.0]]).conversation("c1")["turns"][0]["steps"]
    /// [{'step': 'open', 'prob': 0.75}]
    #[pyo3(signature = (steps, scores, *, at_least=0.3, keep=false))]
    fn tag_scores(&self, steps: Vec<String>, scores: &Bound<'_, PyAny>, at_least: f64, keep: bool) -> Result<Self> {
        detect::tag_scores(self, &steps, scores, at_least, keep)
    }

    /// The corpus whose cases are deals: the conversations of each deal joined in the order of time; those without a deal
    /// stay cases of their own. With `on_error="collect"` a deal of two customers is left out and listed in `problems`.
    ///
    /// >>> deals = Corpus.from_records([
    /// ...     {"id": "c2", "deal": "d1", "started_at": "2026-03-05", "steps": ["close"], "outcome": {"won": True}},
    /// ...     {"id": "c1", "deal": "d1", "started_at": "2026-03-02", "steps": ["open", "need"], "outcome": {"won": None}},
    /// ... ]).by_deal()
    /// >>> deals.conversation("d1")["steps"]
    /// [{'step': 'open'}, {'step': 'need'}, {'step': 'close'}]
    /// >>> [(part.conversation, part.gap_days) for part in deals.parts]
    /// [('c1', None), ('c2', 3.0)]
    #[pyo3(signature = (on_error="raise"))]
    fn by_deal(&self, py: Python<'_>, on_error: &str) -> Result<Self> {
        let on_error = self::on_error(on_error)?;
        Ok(Self(py.detach(|| self.0.by_deal_with(on_error))?))
    }

    /// What the cases are: `conversation`, or `deal` where those of a deal were joined.
    #[getter]
    fn unit(&self) -> &'static str {
        self.0.unit().name()
    }

    /// One row a conversation: its case and deal, its place in it, days since the one before, its events and turns in the
    /// case, and its own outcomes.
    #[getter]
    fn parts(&self) -> Table {
        self.0.parts().into()
    }

    /// What was decided where conversations of one deal say different things, each with an example.
    #[getter]
    fn notes(&self) -> Table {
        self.0.notes_table().into()
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

    /// Lays every actual path beside the preset one; with `unit="deal"` those of the deals, as `by_deal` joins them. Events
    /// whose probability is below `threshold` are left out.
    ///
    /// >>> example_corpus.check(example_sop).deviations["sentence_en"]
    /// ['“need” was skipped; it is due after “open”.']
    #[pyo3(signature = (sop, outcome=None, unit="conversation", progress=None, threshold=0.5))]
    fn check(&self, sop: &Bound<'_, PyAny>, outcome: Option<String>, unit: &str, progress: Option<&Bound<'_, PyAny>>, threshold: f64) -> Result<Check> {
        let playbook = sop::playbook(sop)?;
        let options = CheckOptions { outcome, unit: unit.parse::<Unit>()?, threshold };
        work::run(sop.py(), progress, |progress| Ok(self.0.check_with(playbook, &options, progress)?.into()))
    }

    /// Mines an SOP from the paths: what really happens, as blocks. What is rarer than `noise` times its strongest alternative
    /// may be left out; `won` takes only cases of which that outcome is yes.
    ///
    /// >>> example_corpus.discover(noise=0).to_yaml().count("optional")
    /// 1
    #[pyo3(signature = (*, name="discovered", noise=0.2, won=None, leave_out=None))]
    fn discover(&self, py: Python<'_>, name: &str, noise: f64, won: Option<String>, leave_out: Option<Vec<String>>) -> Result<sop::Sop> {
        let options = goldpath::improve::DiscoverOptions { name: name.to_owned(), noise, won, leave_out: leave_out.unwrap_or_default() };
        work::run(py, None, |_| Ok(sop::Sop(goldpath::improve::Discovery::of(&self.0, &options)?.sop)))
    }

    /// What directly follows what, a row a pair of steps.
    ///
    /// >>> len(example_corpus.directly_follows())
    /// 5
    fn directly_follows(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_| Ok(goldpath::improve::DirectlyFollows::of(&self.0).table().into()))
    }

    /// The map of what directly follows what as an SVG drawing: the most frequent edges that make up this share of all times.
    #[pyo3(signature = (share=0.8, lang="en"))]
    fn directly_follows_svg(&self, py: Python<'_>, share: f64, lang: &str) -> Result<String> {
        let lang = lang.parse::<goldpath::Lang>()?;
        work::run(py, None, |_| Ok(goldpath::improve::DirectlyFollows::of(&self.0).to_svg(lang, share)?))
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
