//! Conversations: a readable model in front, columns of numbers behind.
//!
//! In: conversation JSONL (plain or gzip), conversations in memory, or tables of events as columns. Out: [`Corpus`],
//! which every later room reads. A bad record is an error that names its line and field; with
//! [`OnError::Collect`] it is left out, counted and listed ([`Corpus::problems`]).

mod build;
mod captions;
mod columns;
mod convokit;
mod csv;
mod csv_rows;
mod cues;
mod deals;
mod dialogues;
mod gather;
mod gong;
mod join;
mod jsonl;
mod measures;
mod model;
mod names;
mod options;
mod read;
mod records;
mod retag;
mod settle;
mod source;
mod speakers;
mod store;
mod time;
mod xes;
mod xes_read;

use std::path::Path;
use std::sync::Arc;

pub use build::Builder;
pub use columns::{CaseTable, EventTable, OutcomeColumnSpec, Role, TurnTable, ValueColumn};
pub use deals::Unit;
pub(crate) use join::deal_order;
pub(crate) use measures::{Measurer, Measures, Side, Talk};
pub use model::{Attribute, Conversation, Moment, OutcomeValue, Speaker, StepEvent, Turn};
pub(crate) use names::NONE;
pub use names::{Coded, Names};
pub use options::{Agents, Lifecycle, OnError, OneOrMore, OutcomeSteps, ReadOptions, WrittenSteps};
pub(crate) use retag::Tag;
pub(crate) use store::{AttributeColumn, NO_TIME, OutcomeColumn, Store, day_of};
pub(crate) use time::{DAY, date_of_day, day_of_date, parse_millis};

use crate::error::{Fault, Result};
use crate::progress::Progress;
use crate::table::{Column, Table};

/// Many conversations. Cheap to clone; never changes once it is made.
#[derive(Debug, Clone)]
pub struct Corpus {
    store: Arc<Store>,
    problems: Arc<[Fault]>,
    unread: Arc<[(String, u64)]>,
    notes: Arc<[Fault]>,
}

impl From<Store> for Corpus {
    fn from(store: Store) -> Self {
        Self { store: Arc::new(store), problems: Arc::new([]), unread: Arc::new([]), notes: Arc::new([]) }
    }
}

impl Corpus {
    /// Reads a file by its ending: `.jsonl`, `.ndjson`, `.json`, `.xes`, each also `.gz`.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if it cannot be read, [`Error::Corpus`](crate::Error::Corpus) with line and field for the first bad record.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        Self::read_with(path, ReadOptions::default(), &Progress::none())
    }

    /// As [`Corpus::read`], with options, progress and cancelling.
    pub fn read_with(path: impl AsRef<Path>, options: ReadOptions, progress: &Progress<'_>) -> Result<Self> {
        read::read(path.as_ref(), options, progress)
    }

    /// Reads JSONL, or a JSON list of conversations, from memory.
    ///
    /// # Errors
    /// [`Error::Corpus`](crate::Error::Corpus) with line and field for the first bad record.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::parse_with(bytes, ReadOptions::default(), &Progress::none())
    }

    /// As [`Corpus::parse`], with options, progress and cancelling.
    pub fn parse_with(bytes: &[u8], options: ReadOptions, progress: &Progress<'_>) -> Result<Self> {
        jsonl::parse(bytes, options, progress)
    }

    /// Reads records in memory, each the JSON of one conversation; a fault names the number of its record, from 0.
    ///
    /// ```
    /// use goldpath::{Corpus, corpus::ReadOptions, progress::Progress};
    /// let records: [&[u8]; 2] = [br#"{"id": "c1", "steps": ["open"]}"#, br#"{"id": "c2", "steps": [], "outcome": {"won": NaN}}"#];
    /// let error = Corpus::from_json_records(&records, ReadOptions::default(), &Progress::none()).unwrap_err();
    /// assert_eq!((error.code(), error.faults()[0].place.as_deref()), ("corpus.not_a_number", Some("[1].outcome.won")));
    /// ```
    ///
    /// # Errors
    /// [`Error::Corpus`](crate::Error::Corpus) with record and field for the first bad record.
    pub fn from_json_records(records: &[&[u8]], options: ReadOptions, progress: &Progress<'_>) -> Result<Self> {
        jsonl::records(records, options, progress)
    }

    /// A corpus of conversations in memory.
    ///
    /// # Errors
    /// [`Error::Corpus`](crate::Error::Corpus) for the first conversation that does not hold together.
    pub fn from_conversations(conversations: impl IntoIterator<Item = Conversation>) -> Result<Self> {
        let mut builder = Builder::new(ReadOptions::default());
        for conversation in conversations {
            builder.push(conversation)?;
        }
        Ok(builder.finish())
    }

    /// A corpus from tables of columns: events, and optionally cases and turns.
    ///
    /// # Errors
    /// [`Error::Corpus`](crate::Error::Corpus) naming the table, column and row that cannot be taken.
    pub fn from_tables(events: EventTable, cases: Option<CaseTable>, turns: Option<TurnTable>, options: &ReadOptions) -> Result<Self> {
        columns::build(events, cases, turns, options)
    }

    /// Number of conversations.
    pub fn len(&self) -> usize {
        self.store.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of step events.
    pub fn events(&self) -> usize {
        self.store.step.len()
    }

    /// Number of turns.
    pub fn turns(&self) -> usize {
        self.store.turns.speaker.len()
    }

    /// Ids in the order of reading.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.store.ids.iter()
    }

    /// Number of a conversation, by its id.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.store.ids.find(id).map(|n| n as usize)
    }

    /// Distinct step labels in the order they were met.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &str> {
        self.store.steps.iter()
    }

    /// Names of the attributes.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.store.attributes.keys().map(String::as_str)
    }

    /// Names of the outcomes.
    pub fn outcomes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.store.outcomes.keys().map(String::as_str)
    }

    /// Records that were left out, with their place and reason; empty with [`OnError::Raise`].
    pub fn problems(&self) -> &[Fault] {
        &self.problems
    }

    /// Fields that were met and not kept, with how often.
    pub fn unread_fields(&self) -> &[(String, u64)] {
        &self.unread
    }

    /// What was decided where conversations of one deal say different things, each with how many deals and an example;
    /// empty where nothing was joined ([`Corpus::by_deal`]).
    pub fn notes(&self) -> &[Fault] {
        &self.notes
    }

    /// Bytes that the step events take at rest, beside text.
    pub fn event_bytes(&self) -> usize {
        self.store.event_bytes()
    }

    /// One conversation in its readable form, by its number.
    pub fn conversation(&self, case: usize) -> Conversation {
        self.store.conversation(case)
    }

    /// One row a conversation: id, rep, team, deal, channel, start, number of turns and steps, attributes and outcomes.
    pub fn table(&self) -> Table {
        let s = &*self.store;
        let names = |codes: &[u32], names: &Names| Column::names(codes, names);
        let mut table = Table::new("conversations");
        table.push("id", Column::Text(s.ids.iter().map(|id| Some(id.into())).collect()));
        table.push("rep", names(&s.rep, &s.reps));
        table.push("team", names(&s.team, &s.teams));
        table.push("deal", names(&s.deal, &s.deals));
        table.push("channel", names(&s.channel, &s.channels));
        table.push("started_at", Column::Time(s.started_at.iter().map(|&t| (t != NO_TIME).then_some(t)).collect()));
        let count = |range: std::ops::Range<usize>| Some(range.len() as i64);
        table.push("steps", Column::Int((0..s.len()).map(|c| count(s.events(c))).collect()));
        table.push("turns", Column::Int((0..s.len()).map(|c| count(s.turn_range(c))).collect()));
        if let Some(parts) = &s.parts {
            table.push("conversations", Column::Int((0..s.len()).map(|c| count(parts.of(c))).collect()));
        }
        for (name, column) in &s.attributes {
            table.push(name, column.to_column());
        }
        for (name, column) in &s.outcomes {
            table.push(format!("outcome.{name}"), column.to_column());
        }
        table
    }

    /// One row a record that was left out: source, line, case, place, code, message.
    pub fn problems_table(&self) -> Table {
        fault_table("problems", &self.problems)
    }

    /// One row a note, as [`Corpus::problems_table`].
    pub fn notes_table(&self) -> Table {
        fault_table("notes", &self.notes)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }
}

fn fault_table(name: &'static str, faults: &[Fault]) -> Table {
    let text = |f: fn(&Fault) -> Option<&str>| Column::Text(faults.iter().map(|x| f(x).map(Into::into)).collect());
    let mut table = Table::new(name);
    table.push("source", text(|f| f.source.as_deref()));
    table.push("line", Column::Int(faults.iter().map(|f| f.line.map(|l| l as i64)).collect()));
    table.push("case", text(|f| f.case.as_deref()));
    table.push("place", text(|f| f.place.as_deref()));
    table.push("code", text(|f| Some(f.code)));
    table.push("message", text(|f| Some(&f.message)));
    table
}

impl std::fmt::Display for Corpus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match &self.store.parts {
            Some(parts) => format!("{} cases of {} conversations", self.len(), parts.ids.len()),
            None => format!("{} conversations", self.len()),
        };
        write!(f, "Corpus({what}, {} step events, {} turns", self.events(), self.turns())?;
        if !self.problems.is_empty() {
            write!(f, ", {} records left out", self.problems.len())?;
        }
        f.write_str(")")
    }
}
