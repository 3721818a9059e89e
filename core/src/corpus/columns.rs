//! From tables of columns to a corpus: an event a row, any order of rows, grouped and sorted here.

use indexmap::IndexMap;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::build::{Builder, reversed_turn};
use super::model::{Attribute, OutcomeValue, Speaker, check_seconds};
use super::names::{Coded, NONE, Names};
use super::store::{AttributeColumn, NO_TIME, OutcomeColumn, Store};
use super::{Corpus, ReadOptions};
use crate::error::{Error, Fault, Result};

/// Events, one a row. Rows of a case need not stand together; within a case they are sorted by time, and keep their
/// order where times are equal or there are none.
#[derive(Debug, Clone, Default)]
pub struct EventTable {
    /// Case each event belongs to.
    pub case: Coded,
    /// Step performed.
    pub step: Coded,
    /// When, in milliseconds since 1970 UTC; `i64::MIN` where there is no value.
    pub time: Option<Vec<i64>>,
    /// Who did it.
    pub rep: Option<Coded>,
    /// Number of the turn in its conversation, from 0; `u32::MAX` where there is no value.
    pub turn: Option<Vec<u32>>,
    /// How sure a detector is, 0 to 1; NaN where there is no value, which means certain.
    pub prob: Option<Vec<f64>>,
    /// Columns that hold one value a case, such as `case:segment`.
    pub case_columns: Vec<(String, ValueColumn)>,
    /// Which of those are outcomes.
    pub outcomes: Vec<OutcomeColumnSpec>,
    /// Names of columns that were there and are not used, for [`Corpus::unread_fields`].
    pub unread: Vec<String>,
}

/// Cases, one a row.
#[derive(Debug, Clone, Default)]
pub struct CaseTable {
    /// Id of the case.
    pub id: Coded,
    /// Its other columns: `rep`, `team`, `deal`, `channel`, `started_at`, outcomes, and attributes.
    pub columns: Vec<(String, ValueColumn)>,
    /// Which of those are outcomes.
    pub outcomes: Vec<OutcomeColumnSpec>,
}

/// Turns, one a row, in their order within each case.
#[derive(Debug, Clone, Default)]
pub struct TurnTable {
    /// Case each turn belongs to.
    pub case: Coded,
    /// `agent`, `customer` or `system`.
    pub speaker: Coded,
    /// What was said.
    pub text: Option<Coded>,
    /// Name of the speaker.
    pub name: Option<Coded>,
    /// Begin, in milliseconds since the conversation began; `i64::MIN` where there is no value.
    pub start: Option<Vec<i64>>,
    /// End, likewise.
    pub end: Option<Vec<i64>>,
}

/// A column that is an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeColumnSpec {
    /// Name of the outcome.
    pub name: String,
    /// Column it stands in.
    pub column: String,
    /// For a column of texts: the value that means yes; every other value means no, none means open.
    pub yes: Option<String>,
}

/// A column of values.
#[derive(Debug, Clone)]
pub enum ValueColumn {
    /// Texts.
    Text(Coded),
    /// Yes or no.
    Bool(Vec<Option<bool>>),
    /// Numbers; `None` where there is no value.
    Number(Vec<Option<f64>>),
    /// Milliseconds since 1970 UTC; `i64::MIN` where there is no value.
    Time(Vec<i64>),
}

impl ValueColumn {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(c) => c.codes.len(),
            Self::Bool(v) => v.len(),
            Self::Number(v) => v.len(),
            Self::Time(v) => v.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The column as points in time; texts are read as RFC 3339, without a zone as UTC.
    ///
    /// # Errors
    /// The row that holds no time, or the first row of a column that cannot, with the reason.
    pub fn into_times(self) -> std::result::Result<Vec<i64>, (usize, String)> {
        match self {
            Self::Time(times) => Ok(times),
            Self::Text(texts) => {
                let times: Vec<_> = texts.names.iter().map(super::time::parse_millis).collect();
                let time = |(row, &code): (usize, &u32)| match times.get(code as usize) {
                    None => Ok(NO_TIME),
                    Some(time) => time.clone().map_err(|message| (row, message)),
                };
                texts.codes.iter().enumerate().map(time).collect()
            }
            other if other.is_blank() => Ok(vec![NO_TIME; other.len()]),
            _ => Err((0, "a time is a timestamp, a date or RFC 3339 text, not a number".to_owned())),
        }
    }

    /// The column as numbers of turns.
    ///
    /// # Errors
    /// The row that holds none, with the reason.
    pub fn into_turns(self) -> std::result::Result<Vec<u32>, (usize, String)> {
        let turn = |(row, x): (usize, Option<f64>)| match x {
            None => Ok(NONE),
            Some(x) if x >= 0.0 && x < f64::from(NONE) && x.fract() == 0.0 => Ok(x as u32),
            Some(x) => Err((row, format!("{x} is not the number of a turn; turns are counted from 0"))),
        };
        self.into_numbers()?.into_iter().enumerate().map(turn).collect()
    }

    /// The column as milliseconds, from numbers of seconds.
    ///
    /// # Errors
    /// The row that holds none, with the reason.
    pub fn into_offsets(self) -> std::result::Result<Vec<i64>, (usize, String)> {
        let offset = |(row, x): (usize, Option<f64>)| match x {
            None => Ok(NO_TIME),
            Some(x) => check_seconds(x).map(|x| (x * 1000.0).round() as i64).map_err(|message| (row, message)),
        };
        self.into_numbers()?.into_iter().enumerate().map(offset).collect()
    }

    /// The column as numbers.
    ///
    /// # Errors
    /// The first row of a column that holds something else, with the reason.
    pub fn into_numbers(self) -> std::result::Result<Vec<Option<f64>>, (usize, String)> {
        match self {
            Self::Number(v) => Ok(v),
            other if other.is_blank() => Ok(vec![None; other.len()]),
            _ => Err((0, "the column does not hold numbers".to_owned())),
        }
    }

    /// Whether two rows have the same value.
    fn same(&self, a: usize, b: usize) -> bool {
        match self {
            Self::Text(c) => c.codes[a] == c.codes[b],
            Self::Bool(v) => v[a] == v[b],
            Self::Number(v) => v[a] == v[b],
            Self::Time(v) => v[a] == v[b],
        }
    }

    fn is_blank(&self) -> bool {
        match self {
            Self::Text(c) => c.codes.iter().all(|&code| code == NONE),
            Self::Bool(v) => v.iter().all(Option::is_none),
            Self::Number(v) => v.iter().all(Option::is_none),
            Self::Time(v) => v.iter().all(|&time| time == NO_TIME),
        }
    }

    pub(super) fn attribute(&self, row: usize) -> Option<Attribute> {
        match self {
            Self::Text(c) => c.get(row).map(|t| Attribute::Text(t.to_owned())),
            Self::Bool(v) => v[row].map(Attribute::Bool),
            Self::Number(v) => v[row].map(|n| Attribute::Number(n.into())),
            Self::Time(v) => (v[row] != NO_TIME)
                .then(|| jiff::Timestamp::from_millisecond(v[row]).map_or_else(|_| v[row].to_string(), |t| t.to_string()))
                .map(Attribute::Text),
        }
    }
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Id of the case.
    Case,
    /// Step performed.
    Step,
    /// When.
    Time,
    /// Who did it.
    Rep,
    /// Number of the turn.
    Turn,
    /// How sure a detector is.
    Prob,
    /// Who speaks: `agent`, `customer` or `system`.
    Speaker,
    /// What was said.
    Text,
    /// Name of the speaker.
    Name,
    /// When a turn begins.
    Start,
    /// When a turn ends.
    End,
}

impl Role {
    /// The names a column of this role usually has, best first: ours, then those of pm4py and XES.
    pub fn usual_names(self) -> &'static [&'static str] {
        match self {
            Self::Case => &["case_id", "case", "case:concept:name", "conversation_id", "conversation", "id"],
            Self::Step => &["step", "activity", "concept:name", "event", "label"],
            Self::Time => &["time", "timestamp", "time:timestamp", "at", "datetime"],
            Self::Rep => &["rep", "org:resource", "resource", "agent"],
            Self::Turn => &["turn"],
            Self::Prob => &["prob", "probability"],
            Self::Speaker => &["speaker", "role"],
            Self::Text => &["text", "content"],
            Self::Name => &["name", "speaker_name"],
            Self::Start => &["start"],
            Self::End => &["end"],
        }
    }

    /// The first of the usual names that is there.
    pub fn find<'a>(self, names: &[&'a str]) -> Option<&'a str> {
        self.usual_names().iter().find_map(|usual| names.iter().find(|name| *name == usual).copied())
    }

    /// The place of the column of this role: the one that is asked for, else the first with a usual name.
    ///
    /// # Errors
    /// [`Error::Argument`] where the column asked for is not there, or none has the role and the table needs it.
    pub fn column(self, asked: Option<&str>, names: &[&str], needed: bool) -> Result<Option<usize>> {
        let place = |name: &str| names.iter().position(|have| *have == name);
        let found = asked.map_or_else(|| self.find(names).and_then(place), place);
        if found.is_some() || (asked.is_none() && !needed) {
            return Ok(found);
        }
        let message = match asked {
            Some(name) => format!("there is no column `{name}`"),
            None => format!("no column is called {}", self.usual_names().join(", ")),
        };
        Err(Error::argument(self.usual_names()[0], message, format!("name one of the columns: {}", names.join(", "))))
    }
}

impl OutcomeColumnSpec {
    /// What is an outcome where nothing is said: a column `won` of true/false, and columns called `outcome.<name>`.
    pub fn usual(columns: &[(String, ValueColumn)]) -> Vec<Self> {
        let spec = |name: &str, column: &str| Self { name: name.to_owned(), column: column.to_owned(), yes: None };
        (columns.iter())
            .filter_map(|(column, values)| match column.strip_prefix("case:").unwrap_or(column) {
                "won" if matches!(values, ValueColumn::Bool(_)) => Some(spec("won", column)),
                plain => plain.strip_prefix("outcome.").map(|name| spec(name, column)),
            })
            .collect()
    }

    /// The outcome a column stands for, named after it: `outcome.value` and `case:value` are the outcome `value`.
    pub fn of_column(column: &str) -> Self {
        let plain = column.strip_prefix("case:").unwrap_or(column);
        Self { name: plain.strip_prefix("outcome.").unwrap_or(plain).to_owned(), column: column.to_owned(), yes: None }
    }

    /// The outcomes that stand in the table of cases, and those that stand in the events.
    ///
    /// # Errors
    /// [`Error::Argument`] for a column that is in neither.
    pub fn share(specs: Vec<Self>, cases: &[(String, ValueColumn)], events: &[(String, ValueColumn)]) -> Result<(Vec<Self>, Vec<Self>)> {
        let has = |columns: &[(String, ValueColumn)], spec: &Self| columns.iter().any(|(name, _)| *name == spec.column);
        if let Some(lost) = specs.iter().find(|spec| !has(cases, spec) && !has(events, spec)) {
            let known = cases.iter().chain(events).map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Error::argument("outcomes", format!("there is no column `{}`", lost.column), format!("columns of cases: {known}")));
        }
        Ok(specs.into_iter().partition(|spec| has(cases, spec)))
    }

    /// Whether a column of this name may be an outcome where nothing is said.
    pub fn is_usual(column: &str) -> bool {
        column == "won" || column.starts_with("outcome.")
    }
}

fn same_length(table: &'static str, n: usize, columns: &[(&str, Option<usize>)]) -> Result<()> {
    for (name, length) in columns {
        if let Some(length) = length.filter(|length| *length != n) {
            let message = format!("column `{name}` of the {table} has {length} rows, the others have {n}");
            return Err(Error::argument(name, message, "give columns of one length"));
        }
    }
    Ok(())
}

pub(super) fn build(events: EventTable, cases: Option<CaseTable>, turns: Option<TurnTable>, options: &ReadOptions) -> Result<Corpus> {
    build_with(Builder::new(options.clone()), events, cases, turns)?.complete()
}

/// As [`build`], where a reader has refused records already; what it refused is in no table.
pub(super) fn build_with(mut builder: Builder, events: EventTable, cases: Option<CaseTable>, turns: Option<TurnTable>) -> Result<Builder> {
    let n = events.case.codes.len();
    let lengths = [
        ("step", Some(events.step.codes.len())),
        ("time", events.time.as_ref().map(Vec::len)),
        ("rep", events.rep.as_ref().map(|c| c.codes.len())),
        ("turn", events.turn.as_ref().map(Vec::len)),
        ("prob", events.prob.as_ref().map(Vec::len)),
    ];
    same_length("events", n, &lengths)?;
    for (name, column) in &events.case_columns {
        same_length("events", n, &[(name, Some(column.len()))])?;
    }
    builder.pass_over(&events.unread, n as u64);
    let mut refused = refused_cases(&events, &mut builder)?;
    if let Some(table) = &turns {
        refuse_turns(table, &events, &mut refused, &mut builder)?;
    }
    let mut grouping = Grouping::of(&events, &refused);
    let mut store = Store { steps: events.step.names, reps: Names::default(), ..Store::default() };
    if let Some(table) = &cases {
        for (name, column) in &table.columns {
            same_length("cases", table.id.codes.len(), &[(name, Some(column.len()))])?;
        }
        grouping.add_cases(table, &mut builder)?;
    }
    let k = grouping.ids.len();
    store.event_end.clone_from(&grouping.ends);
    for column in [&mut store.rep, &mut store.team, &mut store.deal, &mut store.channel] {
        column.resize(k, NONE);
    }
    store.started_at.resize(k, NO_TIME);
    let table_rows = grouping.table_rows.take();
    if let (Some(table), Some(rows)) = (&cases, &table_rows) {
        case_columns(&mut store, &table.columns, &table.outcomes, rows)?;
    }
    let order = grouping.order(events.time.as_deref());
    if let Some(times) = &events.time {
        set_times(&mut store, times, order.as_deref());
    }
    store.step = permuted(events.step.codes, order.as_deref());
    if let Some(probs) = events.prob {
        let probs: Vec<f32> = permuted(probs, order.as_deref()).into_iter().map(|p| if p.is_nan() { 1.0 } else { p as f32 }).collect();
        if probs.iter().any(|&p| p < 1.0) {
            store.prob = probs;
        }
    }
    if let Some(rep) = events.rep {
        set_reps(&mut store, rep, order.as_deref());
    }
    if !events.case_columns.is_empty() {
        let rows = constant_rows(&store, order.as_deref());
        let first: Vec<Option<usize>> = rows.iter().map(|rows| rows.first().copied()).collect();
        let columns: Vec<_> = events.case_columns.iter().map(|(name, c)| (name.strip_prefix("case:").unwrap_or(name).to_owned(), c.clone())).collect();
        let outcomes: Vec<_> = (events.outcomes.iter().cloned())
            .map(|mut o| {
                o.column = o.column.strip_prefix("case:").unwrap_or(&o.column).to_owned();
                o
            })
            .collect();
        let firsts: Vec<(usize, Option<usize>)> = first.into_iter().enumerate().collect();
        case_columns(&mut store, &columns, &outcomes, &firsts)?;
    }
    store.ids = grouping.ids;
    match turns {
        Some(table) => add_turns(&mut store, &table, &mut builder)?,
        None => store.turn_end = vec![0; k],
    }
    if let Some(turns_of) = events.turn {
        let turns_of = permuted(turns_of, order.as_deref());
        // Without a table of turns the numbers point at nothing.
        if !store.turns.speaker.is_empty() {
            store.turns_of = turns_of.into_iter().map(|t| (t, t)).collect();
        }
    }
    if builder.options().merge_repeats == Some(true) {
        store.merge_repeats();
    }
    builder.set(store);
    Ok(builder)
}

/// Numbers of the cases that hold a row which cannot be taken.
fn refused_cases(events: &EventTable, builder: &mut Builder) -> Result<FxHashSet<u32>> {
    let mut refused = FxHashSet::default();
    let row_fault = |code, row: usize, column: &str, message: &str| {
        let case = events.case.get(row).map(ToOwned::to_owned);
        Fault { case, ..Fault::new(code, message).at_place(format!("events row {row}, column {column}")) }
    };
    if events.case.codes.contains(&NONE) {
        for row in (0..events.case.codes.len()).filter(|&row| events.case.codes[row] == NONE) {
            builder.refuse(row_fault("corpus.missing_id", row, "case", "the event has no case").help("each event needs the id of its case"))?;
        }
    }
    let mut check = |bad: &mut dyn FnMut(usize) -> Option<Fault>| -> Result<()> {
        for row in 0..events.case.codes.len() {
            if let Some(fault) = bad(row)
                && refused.insert(events.case.codes[row])
            {
                builder.refuse(fault)?;
            }
        }
        Ok(())
    };
    let empty_step = events.step.names.find("").unwrap_or(NONE);
    if events.step.codes.iter().any(|&s| s == NONE || s == empty_step) {
        check(&mut |row| {
            let bad = events.step.codes[row] == NONE || events.step.codes[row] == empty_step;
            bad.then(|| row_fault("corpus.empty_step", row, "step", "the event has no step").help("each event needs a step"))
        })?;
    }
    if let Some(times) = events.time.as_ref().filter(|times| times.iter().any(|&time| !is_time(time))) {
        check(&mut |row| match times[row] {
            NO_TIME => {
                let fault = row_fault("corpus.missing_time", row, "time", "the event has no time");
                Some(fault.help("give every event a time, or leave the column out to keep the order of the rows"))
            }
            time => (!is_time(time)).then(|| row_fault("corpus.wrong_type", row, "time", "the time is beyond the year 9999 or before −9999")),
        })?;
    }
    if let Some(probs) = events.prob.as_ref().filter(|probs| probs.iter().any(|p| !(p.is_nan() || (0.0..=1.0).contains(p)))) {
        check(&mut |row| {
            let bad = !(probs[row].is_nan() || (0.0..=1.0).contains(&probs[row]));
            bad.then(|| row_fault("corpus.wrong_prob", row, "prob", "the probability is not between 0 and 1"))
        })?;
    }
    for (name, column) in &events.case_columns {
        let mut first = vec![usize::MAX; events.case.names.len()];
        check(&mut |row| {
            let first = first.get_mut(events.case.codes[row] as usize)?;
            if *first == usize::MAX {
                *first = row;
            }
            (!column.same(*first, row)).then(|| {
                let fault = Fault::new("corpus.mixed_attribute", format!("column `{name}` has several values in one case")).at_place(name.as_str());
                fault.of_case(events.case.get(row).unwrap_or_default()).help("a column of a case has one value in all its rows")
            })
        })?;
    }
    refused.insert(NONE);
    Ok(refused)
}

/// Whether milliseconds since 1970 are a moment that can be written as a date.
fn is_time(ms: i64) -> bool {
    (jiff::Timestamp::MIN.as_millisecond()..=jiff::Timestamp::MAX.as_millisecond()).contains(&ms)
}

/// Refuses the cases that have a turn which cannot be taken, or an event of a turn that is not there.
fn refuse_turns(table: &TurnTable, events: &EventTable, refused: &mut FxHashSet<u32>, builder: &mut Builder) -> Result<()> {
    let n = table.case.codes.len();
    let lengths = [
        ("speaker", Some(table.speaker.codes.len())),
        ("text", table.text.as_ref().map(|c| c.codes.len())),
        ("name", table.name.as_ref().map(|c| c.codes.len())),
        ("start", table.start.as_ref().map(Vec::len)),
        ("end", table.end.as_ref().map(Vec::len)),
    ];
    same_length("turns", n, &lengths)?;
    let mut counts = vec![0u32; table.case.names.len()];
    let mut bad = FxHashSet::default();
    let mut refuse = |row: usize, id: &str, column: &str, fault: Fault, builder: &mut Builder| {
        if !bad.insert(table.case.codes[row]) {
            return Ok(());
        }
        refused.extend(events.case.names.find(id));
        builder.refuse(fault.of_case(id).at_place(format!("turns row {row}, column {column}")))
    };
    for row in 0..n {
        let Some(id) = table.case.get(row) else {
            let fault = Fault::new("corpus.missing_id", "the turn has no case").at_place(format!("turns row {row}, column case"));
            builder.refuse(fault.help("each turn needs the id of its case"))?;
            continue;
        };
        counts[table.case.codes[row] as usize] += 1;
        if speaker(table, row).is_none() {
            let message = format!("speaker `{}` is not agent, customer or system", table.speaker.get(row).unwrap_or("null"));
            refuse(row, id, "speaker", Fault::new("corpus.wrong_type", message), builder)?;
        }
        for (column, times) in [("start", &table.start), ("end", &table.end)] {
            let ms = times.as_ref().map(|times| times[row]).filter(|&ms| ms != NO_TIME);
            if let Some(Err(message)) = ms.map(|ms| check_seconds(ms as f64 / 1000.0)) {
                refuse(row, id, column, Fault::new("corpus.wrong_type", message), builder)?;
            }
        }
        if let (Some(start), Some(end)) = (&table.start, &table.end)
            && end[row] != NO_TIME
            && end[row] < start[row]
        {
            refuse(row, id, "end", reversed_turn((start[row] - end[row]) as f64 / 1000.0), builder)?;
        }
    }
    let Some(turn_of) = &events.turn else { return Ok(()) };
    let have: Vec<u32> = events.case.names.iter().map(|id| table.case.names.find(id).map_or(0, |code| counts[code as usize])).collect();
    for (row, &turn) in turn_of.iter().enumerate().filter(|(_, turn)| **turn != NONE) {
        let case = events.case.codes[row];
        let have = have.get(case as usize).copied().unwrap_or_default();
        if have > 0 && turn >= have && refused.insert(case) {
            let fault =
                Fault::new("corpus.unknown_turn", format!("there is no turn {turn}")).of_case(events.case.get(row).unwrap_or_default()).at_place("turn");
            builder.refuse(fault.help(format!("the conversation has {have} turns, counted from 0")))?;
        }
    }
    Ok(())
}

fn speaker(table: &TurnTable, row: usize) -> Option<Speaker> {
    match table.speaker.get(row)? {
        "agent" => Some(Speaker::Agent),
        "customer" => Some(Speaker::Customer),
        "system" => Some(Speaker::System),
        _ => None,
    }
}

/// Which rows belong to which case, cases in the order they are first met.
struct Grouping {
    ids: Names,
    ends: Vec<usize>,
    /// Case of each row, or `NONE`.
    case_of: Vec<u32>,
    grouped: bool,
    /// For each case its row in the table of cases.
    table_rows: Option<Vec<(usize, Option<usize>)>>,
}

impl Grouping {
    fn of(events: &EventTable, refused: &FxHashSet<u32>) -> Self {
        let mut number = vec![NONE; events.case.names.len()];
        let mut counts: Vec<usize> = Vec::new();
        let mut seen: Vec<u32> = Vec::new();
        let mut case_of = Vec::with_capacity(events.case.codes.len());
        let (mut grouped, mut last) = (true, 0);
        let clean = refused.len() == 1 && !events.case.codes.contains(&NONE);
        for &code in &events.case.codes {
            if !clean && refused.contains(&code) {
                case_of.push(NONE);
                grouped = false;
                continue;
            }
            let slot = &mut number[code as usize];
            if *slot == NONE {
                *slot = counts.len() as u32;
                counts.push(0);
                seen.push(code);
            }
            grouped &= *slot >= last;
            last = *slot;
            counts[*slot as usize] += 1;
            case_of.push(*slot);
        }
        let in_order = seen.len() == events.case.names.len() && seen.iter().enumerate().all(|(i, &code)| i as u32 == code);
        let ids = if in_order {
            events.case.names.clone()
        } else {
            let mut ids = Names::default();
            for code in seen {
                ids.intern(events.case.names.get(code).unwrap_or_default());
            }
            ids
        };
        let ends = counts
            .iter()
            .scan(0, |sum, count| {
                *sum += count;
                Some(*sum)
            })
            .collect();
        Self { ids, ends, case_of, grouped, table_rows: None }
    }

    fn add_cases(&mut self, table: &CaseTable, builder: &mut Builder) -> Result<()> {
        let mut rows: IndexMap<u32, usize> = IndexMap::new();
        let refused_ids = if builder.refused() > 0 { builder.refused_ids() } else { FxHashSet::default() };
        for row in 0..table.id.codes.len() {
            let Some(id) = table.id.get(row).filter(|id| !id.is_empty()) else {
                let fault = Fault::new("corpus.missing_id", "the case has no id").at_place(format!("cases row {row}"));
                builder.refuse(fault)?;
                continue;
            };
            if refused_ids.contains(id) && self.ids.find(id).is_none() {
                continue;
            }
            let case = self.ids.intern(id);
            if case as usize == self.ends.len() {
                // A case without events is a case: its path is empty.
                self.ends.push(self.ends.last().copied().unwrap_or(0));
            }
            if *rows.entry(case).or_insert(row) != row {
                let fault = Fault::new("corpus.duplicate_id", format!("the id `{id}` stands twice")).at_place(format!("cases row {row}"));
                builder.refuse(fault.of_case(id).help("one row a case"))?;
            }
        }
        self.table_rows = Some((0..self.ids.len()).map(|case| (case, rows.get(&(case as u32)).copied())).collect());
        Ok(())
    }

    /// The rows in the order of case and time; `None` where they stand so already.
    fn order(&self, times: Option<&[i64]>) -> Option<Vec<u32>> {
        let n = self.ends.last().copied().unwrap_or(0);
        let whole = self.grouped && n == self.case_of.len();
        let starts = || std::iter::once(0).chain(self.ends.iter().copied());
        if whole && times.is_none_or(|times| starts().zip(&self.ends).all(|(from, &to)| times[from..to].is_sorted())) {
            return None;
        }
        let mut next: Vec<usize> = starts().collect();
        let mut order = vec![0u32; n];
        for (row, &case) in self.case_of.iter().enumerate() {
            if case != NONE {
                order[next[case as usize]] = row as u32;
                next[case as usize] += 1;
            }
        }
        if let Some(times) = times {
            let (mut rest, mut from) = (&mut order[..], 0);
            let mut cases = Vec::with_capacity(self.ends.len());
            for &to in &self.ends {
                let (rows, behind) = rest.split_at_mut(to - from);
                cases.push(rows);
                (rest, from) = (behind, to);
            }
            cases.into_par_iter().with_min_len(1024).for_each(|rows| {
                if !rows.is_sorted_by_key(|&row| times[row as usize]) {
                    rows.sort_by_key(|&row| times[row as usize]);
                }
            });
        }
        Some(order)
    }
}

fn permuted<T: Copy>(column: Vec<T>, order: Option<&[u32]>) -> Vec<T> {
    match order {
        None => column,
        Some(order) => order.iter().map(|&row| column[row as usize]).collect(),
    }
}

fn set_times(store: &mut Store, times: &[i64], order: Option<&[u32]>) {
    let mut at = Vec::with_capacity(times.len());
    for case in 0..store.len() {
        let events = store.events(case);
        let time = |i: usize| times[order.map_or(i, |order| order[i] as usize)];
        if store.started_at[case] == NO_TIME && !events.is_empty() {
            store.started_at[case] = time(events.start);
        }
        at.extend(events.map(|i| time(i) - store.started_at[case]));
    }
    store.at = at;
}

fn set_reps(store: &mut Store, rep: Coded, order: Option<&[u32]>) {
    let explicit = store.rep.iter().any(|&rep| rep != NONE);
    let codes: Vec<u32> = if store.reps.is_empty() {
        store.reps = rep.names;
        rep.codes
    } else {
        let renamed: Vec<u32> = rep.names.iter().map(|name| store.reps.intern(name)).collect();
        rep.codes.iter().map(|&code| renamed.get(code as usize).copied().unwrap_or(NONE)).collect()
    };
    let codes = permuted(codes, order);
    let mut mixed = false;
    for case in 0..store.len() {
        let events = &codes[store.events(case)];
        if store.rep[case] == NONE {
            store.rep[case] = events.iter().rev().copied().find(|&rep| rep != NONE).unwrap_or(NONE);
        }
        mixed |= events.iter().any(|&rep| rep != NONE && rep != store.rep[case]);
    }
    if mixed {
        store.event_rep = codes;
    }
    store.rep_from_events = !explicit;
}

/// For each case the rows of its events.
fn constant_rows(store: &Store, order: Option<&[u32]>) -> Vec<Vec<usize>> {
    (0..store.len()).map(|case| store.events(case).map(|i| order.map_or(i, |order| order[i] as usize)).collect()).collect()
}

/// Sets fields, outcomes and attributes of cases from a table: `rows` says which row speaks for which case.
fn case_columns(store: &mut Store, columns: &[(String, ValueColumn)], outcomes: &[OutcomeColumnSpec], rows: &[(usize, Option<usize>)]) -> Result<()> {
    for spec in outcomes {
        let Some((_, column)) = columns.iter().find(|(name, _)| *name == spec.column) else {
            let known = columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Error::argument("outcomes", format!("there is no column `{}`", spec.column), format!("columns: {known}")));
        };
        let mut made = OutcomeColumn::Open(0);
        for &(_, row) in rows {
            made.push(row.map(|row| outcome(column, row, spec)).transpose()?.flatten());
        }
        store.outcomes.insert(spec.name.clone(), made);
    }
    for (name, column) in columns.iter().filter(|(name, _)| !outcomes.iter().any(|spec| spec.column == *name)) {
        let field = |codes: &mut Vec<u32>, names: &mut Names| {
            for &(case, row) in rows {
                if let Some(value) = row.and_then(|row| column.attribute(row)) {
                    codes[case] = names.intern(&value.to_string());
                }
            }
        };
        match (name.as_str(), column) {
            ("rep", _) => field(&mut store.rep, &mut store.reps),
            ("team", _) => field(&mut store.team, &mut store.teams),
            ("deal", _) => field(&mut store.deal, &mut store.deals),
            ("channel", _) => field(&mut store.channel, &mut store.channels),
            ("started_at", ValueColumn::Time(times)) => {
                for &(case, row) in rows {
                    store.started_at[case] = row.map_or(NO_TIME, |row| times[row]);
                    if store.started_at[case] != NO_TIME && !is_time(store.started_at[case]) {
                        let place = format!("cases row {}, column started_at", row.unwrap_or(0));
                        return Err(Fault::new("corpus.wrong_type", "the time is beyond the year 9999 or before −9999").at_place(place).into());
                    }
                }
            }
            ("started_at", ValueColumn::Text(texts)) => {
                for &(case, row) in rows {
                    if let Some(text) = row.and_then(|row| texts.get(row)) {
                        let time = super::time::parse_time(text)
                            .map_err(|m| Fault::new("corpus.wrong_type", m).at_place(format!("cases row {}, column started_at", row.unwrap_or(0))))?;
                        store.started_at[case] = time.as_millisecond();
                    }
                }
            }
            _ => {
                let mut made = AttributeColumn::default();
                for &(case, row) in rows {
                    if let Some(value) = row.and_then(|row| column.attribute(row)) {
                        if matches!(&value, Attribute::Number(n) if !n.is_finite()) {
                            let place = format!("column {name}, row {}", row.unwrap_or(0));
                            return Err(Fault::new("corpus.not_a_number", "the value is no finite number")
                                .at_place(place)
                                .help("use null where there is no value")
                                .into());
                        }
                        made.push(case, value);
                    }
                }
                made.codes.resize(rows.len(), NONE);
                store.attributes.insert(name.clone(), made);
            }
        }
    }
    Ok(())
}

/// Takes in columns of cases beside conversations that are there already: what they say replaces what is there, but for
/// the start, from which the times of events and turns are counted.
pub(super) fn join(store: &mut Store, table: &CaseTable, builder: &mut Builder) -> Result<()> {
    let mut row_of: Vec<Option<usize>> = vec![None; store.len()];
    let refused_ids = builder.refused_ids();
    for row in 0..table.id.codes.len() {
        let place = format!("cases row {row}");
        let fault = match table.id.get(row).filter(|id| !id.is_empty()) {
            None => Fault::new("corpus.missing_id", "the case has no id"),
            Some(id) => match store.ids.find(id) {
                Some(case) if row_of[case as usize].replace(row).is_none() => continue,
                Some(_) => Fault::new("corpus.duplicate_id", format!("the id `{id}` stands twice")).of_case(id).help("one row a case"),
                None if refused_ids.contains(id) => continue,
                None => Fault::new("corpus.unknown_case", "no conversation has this id").of_case(id),
            },
        };
        builder.refuse(fault.at_place(place))?;
    }
    let starts = store.started_at.clone();
    let rows: Vec<(usize, Option<usize>)> = row_of.into_iter().enumerate().collect();
    case_columns(store, &table.columns, &table.outcomes, &rows)?;
    for (now, before) in store.started_at.iter_mut().zip(starts).filter(|(_, before)| *before != NO_TIME) {
        *now = before;
    }
    Ok(())
}

fn outcome(column: &ValueColumn, row: usize, spec: &OutcomeColumnSpec) -> Result<Option<OutcomeValue>> {
    Ok(match (column, &spec.yes) {
        (ValueColumn::Text(c), Some(yes)) => c.get(row).map(|text| OutcomeValue::Bool(text == yes)),
        (ValueColumn::Bool(v), None) => v[row].map(OutcomeValue::Bool),
        (ValueColumn::Number(v), None) => match v[row] {
            Some(x) if !x.is_finite() => {
                let place = format!("column {}, row {row}", spec.column);
                let fault = Fault::new("corpus.not_a_number", format!("the outcome is {x}, which is no number")).at_place(place);
                return Err(fault.help("use null where the result is still open").into());
            }
            x => x.map(OutcomeValue::Number),
        },
        (ValueColumn::Text(_), None) => {
            let message = format!("column `{}` holds texts; an outcome is true/false or a number", spec.column);
            return Err(Error::argument("outcomes", message, "say which text means yes"));
        }
        (_, Some(_)) | (ValueColumn::Time(_), _) => {
            let message = format!("column `{}` does not hold texts", spec.column);
            return Err(Error::argument("outcomes", message, "name a text column, or leave the value that means yes out"));
        }
    })
}

fn add_turns(store: &mut Store, table: &TurnTable, builder: &mut Builder) -> Result<()> {
    let n = table.case.codes.len();
    let refused_ids = builder.refused_ids();
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); store.len()];
    for row in 0..n {
        let Some(id) = table.case.get(row) else { continue };
        match store.ids.find(id) {
            Some(case) => rows[case as usize].push(row),
            None if refused_ids.contains(id) => {}
            None => {
                let fault = Fault::new("corpus.unknown_case", format!("no event or case has the id `{id}`"));
                builder.refuse(fault.at_place(format!("turns row {row}, column case")))?;
            }
        }
    }
    for row in rows.iter().flat_map(|rows| rows.iter().copied().map(Some).chain([None])) {
        let Some(row) = row else {
            store.turn_end.push(store.turns.speaker.len());
            continue;
        };
        // Cases with a turn of anybody else were refused.
        let speaker = speaker(table, row).unwrap_or(Speaker::System);
        let turns = &mut store.turns;
        turns.speaker.push(speaker);
        let name = table.name.as_ref().and_then(|c| c.get(row));
        turns.name.push(name.map_or(NONE, |name| store.speakers.intern(name)));
        turns.start.push(table.start.as_ref().map_or(NO_TIME, |v| v[row]));
        turns.end.push(table.end.as_ref().map_or(NO_TIME, |v| v[row]));
        turns.text.push_str(table.text.as_ref().and_then(|c| c.get(row)).unwrap_or_default());
        turns.text_end.push(turns.text.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[Option<&str>]) -> ValueColumn {
        let mut column = Coded::default();
        for text in list {
            column.push(*text);
        }
        ValueColumn::Text(column)
    }

    #[test]
    fn usual_outcomes_are_won_and_those_that_say_so() {
        let columns: Vec<(String, ValueColumn)> =
            [("won", ValueColumn::Bool(vec![])), ("outcome.value", ValueColumn::Number(vec![])), ("case:won", texts(&[])), ("size", texts(&[]))]
                .map(|(name, values)| (name.to_owned(), values))
                .into();
        let found: Vec<_> = OutcomeColumnSpec::usual(&columns).into_iter().map(|spec| (spec.name, spec.column)).collect();
        assert_eq!(found, [("won".into(), "won".into()), ("value".into(), "outcome.value".into())]);
    }

    #[test]
    fn columns_are_found_by_what_they_are_for() {
        assert_eq!(Role::Case.column(None, &["x", "case:concept:name"], true).unwrap(), Some(1));
        assert_eq!(Role::Case.column(Some("x"), &["x", "case"], true).unwrap(), Some(0));
        assert_eq!(Role::Rep.column(None, &["x"], false).unwrap(), None);
        assert!(Role::Step.column(None, &["x"], true).unwrap_err().to_string().contains("activity"));
        assert!(Role::Rep.column(Some("y"), &["x"], false).unwrap_err().to_string().contains("`y`"));
    }

    #[test]
    fn an_outcome_of_no_table_is_an_error() {
        let cases = vec![("won".to_owned(), ValueColumn::Bool(vec![]))];
        let events = vec![("outcome.value".to_owned(), ValueColumn::Number(vec![]))];
        let specs = |names: &[&str]| names.iter().map(|name| OutcomeColumnSpec::of_column(name)).collect();
        let (of_cases, of_events) = OutcomeColumnSpec::share(specs(&["outcome.value", "won"]), &cases, &events).unwrap();
        assert_eq!((of_cases[0].name.as_str(), of_events[0].name.as_str()), ("won", "value"));
        assert!(OutcomeColumnSpec::share(specs(&["lost"]), &cases, &events).is_err());
    }

    #[test]
    fn numbers_are_turns_and_seconds() {
        let numbers = || ValueColumn::Number(vec![Some(1.5), None]);
        assert_eq!(numbers().into_offsets(), Ok(vec![1_500, NO_TIME]));
        assert_eq!(numbers().into_turns().unwrap_err().0, 0);
        assert_eq!(ValueColumn::Bool(vec![None]).into_turns(), Ok(vec![NONE]));
    }

    #[test]
    fn texts_are_times() {
        assert_eq!(texts(&[Some("1970-01-01T00:00:01Z"), None, Some("1970-01-02")]).into_times(), Ok(vec![1_000, NO_TIME, 86_400_000]));
        assert_eq!(texts(&[Some("1970-01-02"), Some("soon")]).into_times().unwrap_err().0, 1);
        assert!(ValueColumn::Number(vec![Some(1.0)]).into_times().is_err());
    }

    #[test]
    fn unread_columns_are_reported() {
        let mut one = Coded::default();
        one.push(Some("a"));
        let events = EventTable { case: one.clone(), step: one, unread: vec!["note".into()], ..EventTable::default() };
        let corpus = build(events, None, None, &ReadOptions::default()).unwrap();
        assert_eq!(corpus.unread_fields(), [("note".to_owned(), 1)]);
    }
}
