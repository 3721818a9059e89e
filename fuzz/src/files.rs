//! Readers of conversations.

use std::io::Write;
use std::path::{Path, PathBuf};

use arbitrary::{Arbitrary, Unstructured};
use flate2::{Compression, write::GzEncoder};
use goldpath::Corpus;
use goldpath::corpus::{Agents, CaseTable, Coded, EventTable, OnError, OutcomeColumnSpec, OutcomeSteps, ReadOptions, TurnTable, ValueColumn};
use goldpath::progress::Progress;

use crate::look;

/// A folder of this process, in memory where the machine has such a place.
pub(crate) fn folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let folder = base.join(format!("goldpath-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn collect(base: ReadOptions) -> ReadOptions {
    ReadOptions { on_error: OnError::Collect, ..base }
}

/// Reads bytes as a file of that name: strictly, and leaving out what is bad; then the same bytes as gzip and broken gzip.
fn read(name: &str, data: &[u8], options: &ReadOptions) {
    let folder = folder();
    let path = folder.join(name);
    std::fs::write(&path, data).expect("a file");
    let strict = Corpus::read_with(&path, options.clone(), &Progress::none());
    if let Ok(corpus) = &strict {
        look(corpus);
    }
    if let Ok(kept) = Corpus::read_with(&path, collect(options.clone()), &Progress::none()) {
        assert!(
            strict.is_err() || (kept.problems().is_empty() && strict.as_ref().is_ok_and(|all| all.len() == kept.len())),
            "nothing was bad, yet something is left out"
        );
        look(&kept);
    }
    if data.first().is_some_and(|first| first % 8 == 0) {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(data).expect("memory");
        let mut bytes = gzip.finish().expect("memory");
        let path = folder.join(format!("{name}.gz"));
        std::fs::write(&path, &bytes).expect("a file");
        assert_eq!(Corpus::read_with(&path, options.clone(), &Progress::none()).is_ok(), strict.is_ok(), "gzip reads otherwise");
        bytes.truncate(bytes.len() / 2);
        std::fs::write(&path, &bytes).expect("a file");
        let _ = Corpus::read_with(&path, collect(options.clone()), &Progress::none());
    }
}

/// Conversation JSONL, lists of JSON, and records in memory.
pub fn jsonl(data: &[u8]) {
    let strict = Corpus::parse(data);
    if let Ok(corpus) = &strict {
        look(corpus);
    }
    if let Ok(kept) = Corpus::parse_with(data, collect(ReadOptions::default()), &Progress::none()) {
        look(&kept);
    }
    let records: Vec<&[u8]> = data.split(|&b| b == b'\n').collect();
    let _ = Corpus::from_json_records(&records, ReadOptions::default(), &Progress::none());
    let outcome_steps = vec![OutcomeSteps { name: "told".into(), yes: vec!["c".into()], no: vec!["b".into()] }];
    let options = ReadOptions { outcome_steps, drop_steps: vec!["a".into()], merge_repeats: Some(true), ..ReadOptions::default() };
    if let Ok(corpus) = Corpus::parse_with(data, options, &Progress::none()) {
        look(&corpus);
    }
}

/// Tables in CSV: as events and turns, and as cases beside conversations.
pub fn csv(data: &[u8]) {
    read("table.csv", data, &ReadOptions::default());
    let path = folder().join("cases.csv");
    std::fs::write(&path, data).expect("a file");
    let events = folder().join("conversations.jsonl");
    std::fs::write(&events, crate::CONVERSATIONS).expect("a file");
    let options = ReadOptions { cases: Some(path), ..ReadOptions::default() };
    if let Ok(corpus) = Corpus::read_with(events, options, &Progress::none()) {
        look(&corpus);
    }
}

/// Event logs in XES.
pub fn xes(data: &[u8]) {
    read("log.xes", data, &ReadOptions::default());
}

/// WebVTT and SubRip, by the first byte.
pub fn captions(data: &[u8]) {
    let agents = Agents::Named(vec!["Ann".into(), "客服".into()]);
    let name = if data.starts_with(b"WEBVTT") { "call.vtt" } else { "call.srt" };
    read(name, data, &ReadOptions { agents, ..ReadOptions::default() });
}

/// A folder of ConvoKit: utterances, conversations and speakers, divided by a byte 0.
pub fn convokit(data: &[u8]) {
    let folder = folder().join("convokit");
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut parts = data.splitn(3, |&b| b == 0);
    for name in ["utterances.jsonl", "conversations.json", "speakers.json"] {
        let path = folder.join(name);
        match parts.next() {
            Some(part) => std::fs::write(path, part).expect("a file"),
            None => drop(std::fs::remove_file(path)),
        }
    }
    for agents in [Agents::Unsaid, Agents::Where { field: "role".into(), values: vec!["agent".into()] }] {
        let options = ReadOptions { agents, ..ReadOptions::default() };
        for options in [collect(options.clone()), options] {
            if let Ok(corpus) = Corpus::read_with(&folder, options, &Progress::none()) {
                look(&corpus);
            }
        }
    }
}

/// Transcripts of Gong, with the parties behind a byte 0.
pub fn gong(data: &[u8]) {
    let mut parts = data.splitn(2, |&b| b == 0);
    let calls = parts.next().unwrap_or_default();
    let parties = parts.next().map(|part| {
        let path = folder().join("parties.json");
        std::fs::write(&path, part).expect("a file");
        path
    });
    read("calls.json", calls, &ReadOptions { parties, ..ReadOptions::default() });
}

#[derive(Arbitrary, Debug)]
struct Columns<'a> {
    case: Vec<Option<u8>>,
    step: Vec<Option<&'a str>>,
    rep: Option<Vec<Option<u8>>>,
    time: Option<Vec<i64>>,
    turn: Option<Vec<u32>>,
    prob: Option<Vec<f64>>,
    values: Vec<(u8, Values<'a>)>,
    cases: Option<(Vec<Option<u8>>, Vec<(u8, Values<'a>)>)>,
    turns: Option<(Vec<Option<u8>>, Vec<u8>, Option<Vec<Option<&'a str>>>, Option<Vec<i64>>, Option<Vec<i64>>)>,
    collect: bool,
    fit: bool,
}

#[derive(Arbitrary, Debug)]
enum Values<'a> {
    Text(Vec<Option<&'a str>>),
    Bool(Vec<Option<bool>>),
    Number(Vec<Option<f64>>),
    Time(Vec<i64>),
}

fn coded<T: AsRef<str>>(texts: impl IntoIterator<Item = Option<T>>) -> Coded {
    let mut column = Coded::default();
    texts.into_iter().for_each(|text| column.push(text.as_ref().map(AsRef::as_ref)));
    column
}

fn ids(numbers: Vec<Option<u8>>) -> Coded {
    coded(numbers.into_iter().map(|id| id.map(|id| format!("c{}", id % 8))))
}

const NAMES: [&str; 9] = ["won", "case:segment", "rep", "team", "deal", "channel", "started_at", "value", "x"];

fn values(columns: Vec<(u8, Values<'_>)>, rows: Option<usize>) -> Vec<(String, ValueColumn)> {
    fn cut<T: Clone>(mut values: Vec<T>, rows: Option<usize>, empty: T) -> Vec<T> {
        values.resize(rows.unwrap_or(values.len()), empty);
        values
    }
    let one = |(name, column): (u8, Values<'_>)| {
        let column = match column {
            Values::Text(texts) => ValueColumn::Text(coded(cut(texts, rows, None))),
            Values::Bool(values) => ValueColumn::Bool(cut(values, rows, None)),
            Values::Number(values) => ValueColumn::Number(cut(values, rows, None)),
            Values::Time(values) => ValueColumn::Time(cut(values, rows, i64::MIN)),
        };
        (NAMES[usize::from(name) % NAMES.len()].to_owned(), column)
    };
    columns.into_iter().map(one).collect()
}

/// Tables of columns in memory, as Arrow and typed arrays come in; half of the time with columns of one length.
pub fn columns(data: &[u8]) {
    let Ok(c) = Columns::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let rows = c.fit.then_some(c.case.len());
    let fitted = |mut x: Vec<i64>| {
        x.resize(rows.unwrap_or(x.len()), i64::MIN);
        x
    };
    let mut step = c.step;
    step.resize(rows.unwrap_or(step.len()), Some("a"));
    let case_columns = values(c.values, rows);
    let outcomes = OutcomeColumnSpec::usual(&case_columns);
    let events = EventTable {
        case: ids(c.case),
        step: coded(step),
        time: c.time.map(fitted),
        rep: c.rep.map(|mut rep| {
            rep.resize(rows.unwrap_or(rep.len()), None);
            ids(rep)
        }),
        turn: c.turn.map(|mut turn| {
            turn.resize(rows.unwrap_or(turn.len()), u32::MAX);
            turn
        }),
        prob: c.prob.map(|mut prob| {
            prob.resize(rows.unwrap_or(prob.len()), f64::NAN);
            prob
        }),
        case_columns,
        outcomes,
        unread: Vec::new(),
    };
    let cases = c.cases.map(|(id, columns)| {
        let columns = values(columns, c.fit.then_some(id.len()));
        CaseTable { id: ids(id), outcomes: OutcomeColumnSpec::usual(&columns), columns }
    });
    let turns = c.turns.map(|(case, speakers, text, start, end)| {
        let rows = c.fit.then_some(case.len());
        let speaker = |n: u8| Some(["agent", "customer", "system", "Agent", "boss"][usize::from(n) % 5]);
        let mut speakers: Vec<_> = speakers.into_iter().map(speaker).collect();
        speakers.resize(rows.unwrap_or(speakers.len()), Some("agent"));
        let times = |mut x: Vec<i64>| {
            x.resize(rows.unwrap_or(x.len()), i64::MIN);
            x
        };
        let text = text.map(|mut text| {
            text.resize(rows.unwrap_or(text.len()), None);
            coded(text)
        });
        TurnTable { case: ids(case), speaker: coded(speakers), text, name: None, start: start.map(times), end: end.map(times) }
    });
    let options = if c.collect { collect(ReadOptions::default()) } else { ReadOptions::default() };
    if let Ok(corpus) = Corpus::from_tables(events, cases, turns, &options) {
        look(&corpus);
    }
}
