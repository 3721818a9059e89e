//! Reading CSV with named columns: a row an event, a row a turn, or a row a case.

use std::path::Path;

use rustc_hash::FxHashSet;

use super::build::Builder;
use super::columns::{self, CaseTable, EventTable, OutcomeColumnSpec, Role, ValueColumn};
use super::csv_rows::{Problem, Rows};
use super::dialogues;
use super::gather::{choose_transitions, name_outcomes, typed};
use super::model::shorten;
use super::names::{Coded, NONE};
use super::options::ReadOptions;
use super::source::empty;
use super::store::NO_TIME;
use crate::error::{Fault, Result};
use crate::progress::Progress;

/// Rows between two reports of progress.
const REPORT: u64 = 1 << 13;
/// A case whose value of a column is not known yet.
const UNSEEN: u32 = NONE - 1;

/// Reads a `.csv` or `.csv.gz` file.
pub(super) fn read(path: &Path, options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    let mut rows = Rows::open(path, options.delimiter)?;
    let spoken = rows.place(Role::Speaker, options.column(Role::Speaker), false)?.zip(rows.place(Role::Text, options.column(Role::Text), false)?);
    if let Some((speaker, text)) = spoken {
        return dialogues::of_rows(rows, speaker, text, options, progress);
    }
    let mut builder = Builder::new(options.clone());
    let mut reading = Reading::new(&rows, &options)?;
    each(&mut rows, &mut builder, progress, |rows, builder, bad| {
        let fault = match bad {
            Some(fault) => {
                // The cells may be shifted, but where the case can be told it is not whole any more.
                let case = rows.cell(reading.case).ok().flatten().map(ToOwned::to_owned);
                reading.refuse(case.as_deref());
                Some(fault)
            }
            None => reading.row(rows).err(),
        };
        fault.map_or(Ok(()), |fault| builder.refuse(fault))
    })?;
    if reading.events.case.codes.is_empty() && builder.refused() == 0 {
        return Err(empty(rows.source(), "row beside its header", "one row an event"));
    }
    let used = reading.used();
    let unread: Vec<String> = rows.names.iter().enumerate().filter(|(i, name)| !used.contains(i) && !name.is_empty()).map(|(_, name)| name.clone()).collect();
    builder.pass_over(&unread, rows.read);
    reading.finish(builder, &options)
}

/// Goes through all rows; a row of the wrong shape comes with its fault.
pub(super) fn each(
    rows: &mut Rows,
    builder: &mut Builder,
    progress: &Progress<'_>,
    mut take: impl FnMut(&Rows, &mut Builder, Option<Fault>) -> Result<()>,
) -> Result<()> {
    loop {
        match rows.next() {
            Ok(false) => break,
            Ok(true) => take(rows, builder, None)?,
            Err(Problem::Row(fault)) => take(rows, builder, Some(fault))?,
            Err(Problem::End(fault)) => {
                builder.refuse(fault)?;
                break;
            }
        }
        if rows.read.is_multiple_of(REPORT) {
            rows.step(progress)?;
        }
    }
    rows.step(progress)
}

/// Columns that hold one value a case, as texts by the number of the case.
pub(super) struct CaseColumns {
    columns: Vec<(usize, String, Coded)>,
}

impl CaseColumns {
    /// Columns called `case:…` and those of outcomes, but for the one that holds the id.
    pub(super) fn new(rows: &Rows, id: usize, options: &ReadOptions) -> Self {
        let outcome = |name: &str| {
            let is = |spec: &OutcomeColumnSpec| spec.column == name || spec.column.strip_prefix("case:") == Some(name);
            options.outcomes.as_ref().map_or_else(|| OutcomeColumnSpec::is_usual(name), |specs| specs.iter().any(is))
        };
        let wanted = rows.names.iter().enumerate().filter(|(i, name)| *i != id && (name.starts_with("case:") || outcome(name)));
        let columns = wanted.map(|(i, name)| (i, name.strip_prefix("case:").unwrap_or(name).to_owned(), Coded::default())).collect();
        Self { columns }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().map(|(at, ..)| *at)
    }

    /// Takes the values of a row; a value other than the one the case has is a fault.
    pub(super) fn row(&mut self, rows: &Rows, case: u32) -> std::result::Result<(), Fault> {
        for (at, name, coded) in &mut self.columns {
            if coded.codes.len() <= case as usize {
                coded.codes.resize(case as usize + 1, UNSEEN);
            }
            let known = coded.codes[case as usize];
            let bytes = rows.bytes(*at);
            if coded.names.get(known).is_some_and(|have| have.as_bytes() == bytes) || (known == NONE && bytes.is_empty()) {
                continue;
            }
            if known != UNSEEN {
                let fault = rows.fault("corpus.mixed_attribute", format!("column `{name}` has several values in one case"));
                return Err(rows.at(fault, *at).help("a column of a case has one value in all its rows"));
            }
            let code = rows.cell(*at)?.map_or(NONE, |text| coded.names.intern(text));
            coded.codes[case as usize] = code;
        }
        Ok(())
    }

    /// The table of the cases, but for those that were refused.
    pub(super) fn finish(self, ids: &super::Names, refused: &FxHashSet<u32>, options: &ReadOptions) -> Result<CaseTable> {
        let kept: Vec<u32> = (0..ids.len() as u32).filter(|case| !refused.contains(case)).collect();
        let mut table = CaseTable::default();
        kept.iter().for_each(|&case| table.id.push(ids.get(case)));
        let of_case = |coded: &Coded, case: u32| coded.codes.get(case as usize).copied().filter(|&code| code != UNSEEN).unwrap_or(NONE);
        for (_, name, coded) in self.columns {
            let codes = kept.iter().map(|&case| of_case(&coded, case)).collect();
            table.columns.push((name, typed(Coded::of(codes, coded.names))));
        }
        name_outcomes(&mut table, options)?;
        Ok(table)
    }
}

struct Reading {
    case: usize,
    step: usize,
    time: Option<usize>,
    rep: Option<usize>,
    turn: Option<usize>,
    prob: Option<usize>,
    transition: Option<usize>,
    events: EventTable,
    transitions: Coded,
    of_cases: CaseColumns,
    refused: FxHashSet<u32>,
    /// The last text of a time, and what it was.
    last_time: (Vec<u8>, i64),
}

impl Reading {
    fn new(rows: &Rows, options: &ReadOptions) -> Result<Self> {
        let place = |role, needed| rows.place(role, options.column(role), needed);
        let (case, step) = (place(Role::Case, true)?.unwrap_or_default(), place(Role::Step, true)?.unwrap_or_default());
        let (time, rep, turn, prob) = (place(Role::Time, false)?, place(Role::Rep, false)?, place(Role::Turn, false)?, place(Role::Prob, false)?);
        let events = EventTable {
            time: time.map(|_| Vec::new()),
            rep: rep.map(|_| Coded::default()),
            turn: turn.map(|_| Vec::new()),
            prob: prob.map(|_| Vec::new()),
            ..EventTable::default()
        };
        Ok(Self {
            case,
            step,
            time,
            rep,
            turn,
            prob,
            transition: rows.names.iter().position(|name| name == "lifecycle:transition"),
            events,
            transitions: Coded::default(),
            of_cases: CaseColumns::new(rows, case, options),
            refused: FxHashSet::default(),
            last_time: (Vec::new(), NO_TIME),
        })
    }

    fn used(&self) -> FxHashSet<usize> {
        let roles = [self.time, self.rep, self.turn, self.prob, self.transition].into_iter().flatten();
        roles.chain([self.case, self.step]).chain(self.of_cases.places()).collect()
    }

    /// Leaves a case out, with what was read of it and what is still to come.
    fn refuse(&mut self, case: Option<&str>) {
        if let Some(case) = case {
            let code = self.events.case.names.intern(case);
            self.refused.insert(code);
        }
    }

    fn row(&mut self, rows: &Rows) -> std::result::Result<(), Fault> {
        let Some(case) = rows.cell(self.case)? else {
            let fault = rows.at(rows.fault("corpus.missing_id", "the event has no case"), self.case);
            return Err(fault.help("each event needs the id of its case"));
        };
        let events = &mut self.events;
        events.case.push(Some(case));
        let code = events.case.codes[events.case.codes.len() - 1];
        if self.refused.contains(&code) {
            events.case.codes.pop();
            return Ok(());
        }
        self.cells(rows, code).map_err(|fault| {
            let before = self.events.case.codes.len() - 1;
            self.cut(before);
            self.refused.insert(code);
            fault.of_case(case)
        })
    }

    /// Takes the cells of a row; where it fails, some columns are longer than others.
    fn cells(&mut self, rows: &Rows, case: u32) -> std::result::Result<(), Fault> {
        let events = &mut self.events;
        let Some(step) = rows.cell(self.step)? else {
            let fault = rows.at(rows.fault("corpus.empty_step", "the event has no step"), self.step);
            return Err(fault.help("each event needs a step"));
        };
        events.step.push(Some(step));
        if let Some((at, times)) = self.time.zip(events.time.as_mut()) {
            let bytes = rows.bytes(at);
            if bytes.is_empty() || bytes != self.last_time.0 {
                let Some(time) = rows.time(at)? else {
                    let fault = rows.at(rows.fault("corpus.missing_time", "the event has no time"), at);
                    return Err(fault.help("give every event a time, or leave the column out to keep the order of the rows"));
                };
                self.last_time.0.clear();
                self.last_time.0.extend_from_slice(bytes);
                self.last_time.1 = time;
            }
            times.push(self.last_time.1);
        }
        if let Some((at, reps)) = self.rep.zip(events.rep.as_mut()) {
            reps.push(rows.cell(at)?);
        }
        if let Some((at, turns)) = self.turn.zip(events.turn.as_mut()) {
            let turn = ValueColumn::Number(vec![rows.number(at)?]).into_turns();
            turns.push(turn.map_err(|(_, message)| rows.at(rows.fault("corpus.wrong_type", message), at))?[0]);
        }
        if let Some((at, probs)) = self.prob.zip(events.prob.as_mut()) {
            let prob = rows.number(at)?;
            if let Some(prob) = prob.filter(|prob| !(0.0..=1.0).contains(prob)) {
                return Err(rows.at(rows.fault("corpus.wrong_prob", format!("the probability {prob} is not between 0 and 1")), at));
            }
            probs.push(prob.unwrap_or(f64::NAN));
        }
        if let Some(at) = self.transition {
            self.transitions.push(rows.cell(at)?);
        }
        self.of_cases.row(rows, case)
    }

    fn cut(&mut self, rows: usize) {
        let events = &mut self.events;
        events.case.codes.truncate(rows);
        events.step.codes.truncate(rows);
        self.transitions.codes.truncate(rows);
        if let Some(times) = &mut events.time {
            times.truncate(rows);
        }
        if let Some(reps) = &mut events.rep {
            reps.codes.truncate(rows);
        }
        if let Some(turns) = &mut events.turn {
            turns.truncate(rows);
        }
        if let Some(probs) = &mut events.prob {
            probs.truncate(rows);
        }
    }

    fn finish(mut self, mut builder: Builder, options: &ReadOptions) -> Result<Builder> {
        if !self.refused.is_empty() {
            let keep: Vec<bool> = self.events.case.codes.iter().map(|case| !self.refused.contains(case)).collect();
            self.events.retain(&keep);
            let mut row = 0..keep.len();
            self.transitions.codes.retain(|_| row.next().is_some_and(|row| keep[row]));
        }
        if self.transition.is_some() {
            for (transition, n) in choose_transitions(&mut self.events, &self.transitions, &options.lifecycle) {
                builder.pass_over(&[format!("lifecycle:transition={transition}")], n);
            }
        }
        // Every case that was met stands here, also one whose events were all left out.
        let cases = self.of_cases.finish(&self.events.case.names, &self.refused, options)?;
        columns::build_with(builder, self.events, Some(cases), None)
    }
}

/// Reads a file of cases, one a row.
pub(super) fn cases(path: &Path, options: &ReadOptions) -> Result<CaseTable> {
    // The delimiter that was given is that of the events.
    let mut rows = Rows::open(path, None)?;
    let asked = options.column(Role::Case).filter(|name| rows.names.iter().any(|have| have == name));
    let id = rows.place(Role::Case, asked, true)?.unwrap_or_default();
    let mut table = CaseTable::default();
    let mut columns: Vec<(usize, Coded)> = (0..rows.names.len()).filter(|&i| i != id && !rows.names[i].is_empty()).map(|i| (i, Coded::default())).collect();
    let mut builder = Builder::new(ReadOptions::default());
    each(&mut rows, &mut builder, &Progress::none(), |rows, _, bad| {
        if let Some(fault) = bad {
            return Err(fault.into());
        }
        table.id.push(rows.cell(id)?);
        columns.iter_mut().try_for_each(|(at, coded)| {
            coded.push(rows.cell(*at)?);
            Ok(())
        })
    })?;
    // A second column of one name would replace the first.
    for (at, coded) in columns {
        let name = rows.names[at].strip_prefix("case:").unwrap_or(&rows.names[at]).to_owned();
        if table.columns.iter().any(|(have, _)| *have == name) {
            let message = format!("the column `{}` stands twice", shorten(&name));
            return Err(Fault { line: Some(1), ..rows.fault("corpus.csv", message) }.help("rename one of them").into());
        }
        table.columns.push((name, typed(coded)));
    }
    Ok(table)
}
