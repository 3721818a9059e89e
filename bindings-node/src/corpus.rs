//! `Corpus`: conversations, from files, from records in memory, or from columns.

use goldpath::check;
use goldpath::corpus::OnError;
use napi::bindgen_prelude::{Buffer, Function, Object, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::check::{Check, CheckOptions};
use crate::errors::{Failure, call};
use crate::input::{self, EventColumns};
use crate::model::json;
use crate::sop::{AnySop, playbook};
use crate::table::Table;
use crate::work::{Later, OnProgress, ProgressUpdate, WorkOptions, start};

/// How conversations are read.
#[napi(object, object_to_js = false)]
pub struct ReadOptions<'env> {
    /// What to do with a record that cannot be taken in: `raise` (the default) or `collect`, which leaves it out and
    /// lists it in `problems()`.
    #[napi(ts_type = "'raise' | 'collect'")]
    pub on_error: Option<String>,
    /// Whether consecutive turns of one step make one event; where nothing is said, yes for steps in turns, no for bare steps.
    pub merge_repeats: Option<bool>,
    /// Stops the work; the promise is then rejected with the reason of the signal.
    #[napi(ts_type = "AbortSignal")]
    pub signal: Option<Object<'env>>,
    /// Called now and then with how far the work has come.
    #[napi(ts_type = "(update: ProgressUpdate) => void")]
    pub on_progress: Option<Function<'env, ProgressUpdate, Unknown<'static>>>,
}

type Split<'env> = (goldpath::corpus::ReadOptions, Option<Object<'env>>, OnProgress<'env>);

fn split(options: Option<ReadOptions<'_>>) -> Result<Split<'_>> {
    let Some(options) = options else { return Ok((goldpath::corpus::ReadOptions::default(), None, None)) };
    let on_error = match options.on_error.as_deref() {
        None | Some("raise") => OnError::Raise,
        Some("collect") => OnError::Collect,
        Some(other) => return Err(Failure::argument("onError", format!("`{other}` is not a way to treat bad records"), "`raise` or `collect`").into()),
    };
    Ok((goldpath::corpus::ReadOptions { on_error, merge_repeats: options.merge_repeats }, options.signal, options.on_progress))
}

/// Many conversations. Never changes once it is made.
#[napi]
pub struct Corpus(pub(crate) goldpath::Corpus);

#[napi]
impl Corpus {
    /// Reads a file by its ending: `.jsonl`, `.ndjson`, `.json`, each also `.gz`.
    #[napi(configurable = true, writable = true, ts_args_type = "path: string, options?: ReadOptions", ts_return_type = "Promise<Corpus>")]
    pub fn read(env: Env, path: String, options: Option<ReadOptions<'_>>) -> Result<Later<Corpus>> {
        let (options, signal, on_progress) = split(options)?;
        start(env, signal, on_progress, move |progress| goldpath::Corpus::read_with(path, options, progress).map(Self))
    }

    /// Conversations as plain objects, or the bytes or text of JSONL or of a JSON list of them. `NaN` or `undefined` for
    /// an outcome is an error, and never taken for an open one.
    #[napi(
        configurable = true,
        writable = true,
        ts_args_type = "records: ReadonlyArray<ConversationRecord> | Uint8Array | string, options?: ReadOptions",
        ts_return_type = "Promise<Corpus>"
    )]
    pub fn from_records(env: Env, json: Buffer, one_a_line: bool, options: Option<ReadOptions<'_>>) -> Result<Later<Corpus>> {
        let (options, signal, on_progress) = split(options)?;
        let bytes = json.to_vec();
        start(env, signal, on_progress, move |progress| {
            let corpus = if one_a_line {
                let records: Vec<&[u8]> = bytes.split(|&b| b == b'\n').filter(|record| !record.is_empty()).collect();
                goldpath::Corpus::from_json_records(&records, options, progress)
            } else {
                goldpath::Corpus::parse_with(&bytes, options, progress)
            };
            corpus.map(Self)
        })
    }

    /// Columns of events, one event a row, and optionally columns of cases and turns. They are copied before this returns.
    #[napi(configurable = true, writable = true, ts_args_type = "columns: EventColumns, options?: ReadOptions", ts_return_type = "Promise<Corpus>")]
    pub fn from_columns(env: Env, columns: EventColumns<'_>, options: Option<ReadOptions<'_>>) -> Result<Later<Corpus>> {
        let (options, signal, on_progress) = split(options)?;
        let (events, cases, turns) = input::tables(columns)?;
        start(env, signal, on_progress, move |_| goldpath::Corpus::from_tables(events, cases, turns, &options).map(Self))
    }

    /// Lays every actual path beside the preset one.
    #[napi(ts_args_type = "sop: Sop | Playbook, options?: CheckOptions", ts_return_type = "Promise<Check>")]
    pub fn check(&self, env: Env, sop: AnySop<'_>, options: Option<CheckOptions<'_>>) -> Result<Later<Check>> {
        let (corpus, playbook) = (self.0.clone(), playbook(&sop));
        let (outcome, signal, on_progress) = options.map_or((None, None, None), |o| (o.outcome, o.signal, o.on_progress));
        start(env, signal, on_progress, move |progress| corpus.check_with(playbook, &check::CheckOptions { outcome }, progress).map(Check))
    }

    /// Number of conversations.
    #[napi(getter)]
    pub fn length(&self) -> u32 {
        self.0.len() as u32
    }

    /// Number of step events.
    #[napi(getter)]
    pub fn events(&self) -> u32 {
        self.0.events() as u32
    }

    /// Ids in the order of reading.
    #[napi(getter)]
    pub fn ids(&self) -> Vec<&str> {
        self.0.ids().collect()
    }

    /// Distinct step labels in the order they were met.
    #[napi(getter)]
    pub fn steps(&self) -> Vec<&str> {
        self.0.steps().collect()
    }

    /// Names of the attributes.
    #[napi(getter)]
    pub fn attributes(&self) -> Vec<&str> {
        self.0.attributes().collect()
    }

    /// Names of the outcomes.
    #[napi(getter)]
    pub fn outcomes(&self) -> Vec<&str> {
        self.0.outcomes().collect()
    }

    /// Fields that were met and not kept, with how often.
    #[napi(getter, ts_return_type = "Array<[name: string, count: number]>")]
    pub fn unread_fields(&self) -> String {
        json(&self.0.unread_fields())
    }

    /// One row a conversation.
    #[napi]
    pub fn table(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.table())))
    }

    /// One row a conversation: turns, words, talk share, longest monologue, patience, questions and more; no value where
    /// there is nothing to measure it on.
    #[napi(ts_args_type = "options?: WorkOptions", ts_return_type = "Promise<Table>")]
    pub fn measures(&self, env: Env, options: Option<WorkOptions<'_>>) -> Result<Later<Table>> {
        let corpus = self.0.clone();
        let (signal, on_progress) = options.map_or((None, None), |o| (o.signal, o.on_progress));
        start(env, signal, on_progress, move |progress| corpus.measures_with(progress).map(Table))
    }

    /// Records that were left out with `onError: 'collect'`, with their place and reason.
    #[napi(ts_return_type = "Array<Fault>")]
    pub fn problems(&self) -> String {
        json(&self.0.problems())
    }

    /// The problems as a table.
    #[napi]
    pub fn problems_table(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.problems_table())))
    }

    /// One conversation in the form `fromRecords` takes; `null` where there is none of this id.
    #[napi(ts_return_type = "ConversationRecord | null")]
    pub fn conversation(&self, id: String) -> Result<Option<String>> {
        call(|| Ok(self.0.find(&id).map(|case| json(&self.0.conversation(case)))))
    }

    #[napi(js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}
