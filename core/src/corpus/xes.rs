//! What is kept of a log in XES (IEEE 1849), the exchange format of process mining.
//!
//! Of a trace its name and attributes are kept, of an event its step, time, rep and transition. Extensions, globals,
//! classifiers and attributes of the log, nested attributes, lists and containers are passed over; what a trace or event has
//! beyond is counted in [`Corpus::unread_fields`](super::Corpus::unread_fields).

use std::borrow::Cow;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::build::{Builder, MAX_EVENTS};
use super::columns::{self, CaseTable, EventTable, Role};
use super::gather::{Kind, Unread, Values, choose_transitions, name_outcomes};
use super::model::shorten;
use super::names::Coded;
use super::options::ReadOptions;
use super::store::NO_TIME;
use crate::error::{self, Fault};
use crate::xml::{MAX_DEPTH, PartEvent, Tag, XmlError, XmlPart, XmlProblem};

/// What the attributes are called.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    case: &'a str,
    step: &'a str,
    time: &'a str,
    rep: &'a str,
    prob: Option<&'a str>,
}

/// What a part of a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Whole traces that can be taken.
    Whole,
    /// Whole traces, one of which is at fault.
    Faulty,
    /// Not whole, or with comments and the like.
    Odd,
}

/// Where in the document the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Log,
    Trace,
    Event,
}

/// An event until it ends.
#[derive(Default)]
struct OpenEvent {
    line: u64,
    step: bool,
    time: Option<i64>,
    rep: bool,
    transition: bool,
    prob: Option<f64>,
}

/// What was read of a log or a part of it, and where in it the reader stands.
pub(super) struct Reading<'a> {
    keys: Keys<'a>,
    level: Level,
    /// Open elements below the level that are passed over.
    inner: u32,
    cases: Coded,
    case_of: Vec<u32>,
    /// Whether an event had a time, and whether one had none.
    timed: bool,
    untimed: bool,
    steps: Coded,
    times: Vec<i64>,
    reps: Coded,
    transitions: Coded,
    probs: Vec<f64>,
    attributes: IndexMap<String, Values, FxBuildHasher>,
    /// Attribute that most likely comes next.
    next: usize,
    unread: Unread,
    id: Option<String>,
    trace_line: u64,
    /// Where the events of the trace begin.
    from: usize,
    event: OpenEvent,
    /// Why the trace cannot be taken.
    fault: Option<Fault>,
}

pub(super) fn code(problem: XmlProblem) -> &'static str {
    match problem {
        XmlProblem::Syntax | XmlProblem::Entities => "corpus.xml",
        XmlProblem::Encoding => "corpus.not_utf8",
        XmlProblem::Limit => "corpus.too_large",
    }
}

impl<'a> Keys<'a> {
    pub(super) fn new(options: &'a ReadOptions) -> Self {
        let key = |role, usual| options.column(role).unwrap_or(usual);
        Self {
            case: key(Role::Case, "concept:name"),
            step: key(Role::Step, "concept:name"),
            time: key(Role::Time, "time:timestamp"),
            rep: key(Role::Rep, "org:resource"),
            prob: options.column(Role::Prob),
        }
    }
}

impl<'a> Reading<'a> {
    /// Reads whole documents.
    pub(super) fn new(keys: Keys<'a>) -> Self {
        Self {
            keys,
            level: Level::Root,
            inner: 0,
            cases: Coded::default(),
            case_of: Vec::new(),
            timed: false,
            untimed: false,
            steps: Coded::default(),
            times: Vec::new(),
            reps: Coded::default(),
            transitions: Coded::default(),
            probs: Vec::new(),
            attributes: IndexMap::default(),
            next: 0,
            unread: Unread::default(),
            id: None,
            trace_line: 0,
            from: 0,
            event: OpenEvent::default(),
            fault: None,
        }
    }

    /// Begins another document, of which the columns go on.
    pub(super) fn restart(&mut self) {
        self.level = Level::Root;
        self.inner = 0;
    }

    /// Reads what stands inside of a `<log>`. Only of a whole part anything may be taken.
    pub(super) fn of_part(keys: Keys<'a>, text: &str) -> (Part, Self) {
        let mut reading = Self { level: Level::Log, ..Self::new(keys) };
        let mut xml = XmlPart::new(text);
        let mut part = Part::Whole;
        loop {
            let fault = match xml.next() {
                Some(PartEvent::Open(tag, empty)) => match (reading.open(&tag), empty) {
                    (Err(fault), _) => Some(fault),
                    (Ok(()), true) => reading.close(),
                    (Ok(()), false) => None,
                },
                Some(PartEvent::Close) if reading.between_traces() => return (Part::Odd, reading),
                Some(PartEvent::Close) => reading.close(),
                Some(PartEvent::End) if reading.between_traces() => return (part, reading),
                Some(PartEvent::End) | None => return (Part::Odd, reading),
            };
            if fault.is_some() {
                part = Part::Faulty;
            }
            if reading.inner as usize + 3 >= MAX_DEPTH {
                return (Part::Odd, reading);
            }
        }
    }

    fn between_traces(&self) -> bool {
        self.level == Level::Log && self.inner == 0
    }

    /// Adds what was read of the part behind; `false` and nothing is changed where that takes reading in order.
    pub(super) fn append(&mut self, part: Self) -> bool {
        if (self.timed && part.untimed) || part.cases.names.iter().any(|id| self.cases.names.find(id).is_some()) {
            return false;
        }
        let (rows, before) = (self.cases.codes.len(), self.case_of.len());
        self.cases.append(part.cases);
        self.case_of.extend(part.case_of.iter().map(|case| case + rows as u32));
        self.steps.append(part.steps);
        self.times.extend_from_slice(&part.times);
        self.reps.append(part.reps);
        self.transitions.append(part.transitions);
        self.probs.extend_from_slice(&part.probs);
        debug_assert_eq!(self.steps.codes.len(), before + part.case_of.len());
        for (name, values) in part.attributes {
            self.attributes.entry(name).or_default().append(rows, values);
        }
        for (field, n) in part.unread.into_counts() {
            self.unread.count_many(&field, n);
        }
        self.timed |= part.timed;
        self.untimed |= part.untimed;
        true
    }

    /// Number of traces that were taken.
    pub(super) fn traces(&self) -> usize {
        self.cases.codes.len()
    }

    /// Takes an opening tag.
    pub(super) fn open(&mut self, tag: &Tag<'_>) -> Result<(), Fault> {
        if self.inner > 0 {
            if self.level != Level::Log {
                self.count_nested(tag);
            }
            self.inner += 1;
            return Ok(());
        }
        match (self.level, tag.local_name()) {
            (Level::Root, "log") => self.level = Level::Log,
            (Level::Root, other) => {
                let fault = Fault::new("corpus.xml", format!("the root element is <{}>, not <log>", shorten(other)));
                return Err(fault.help("is this a XES file?").at_line(tag.line));
            }
            (Level::Log, "trace") => {
                self.level = Level::Trace;
                self.open_trace(tag.line);
            }
            (Level::Log, element) => {
                if element == "event" {
                    self.unread.count("event outside a trace");
                }
                self.inner = 1;
            }
            (Level::Trace, "event") => {
                self.level = Level::Event;
                self.event = OpenEvent { line: tag.line, ..OpenEvent::default() };
            }
            (Level::Trace, _) => {
                self.inner = 1;
                self.trace_attribute(tag);
            }
            (Level::Event, _) => {
                self.inner = 1;
                self.event_attribute(tag);
            }
        }
        Ok(())
    }

    /// Takes a closing tag; gives the fault of a trace that ends with it and cannot be taken.
    pub(super) fn close(&mut self) -> Option<Fault> {
        if self.inner > 0 {
            self.inner -= 1;
            return None;
        }
        match self.level {
            Level::Event => {
                self.level = Level::Trace;
                self.close_event();
                None
            }
            Level::Trace => {
                self.level = Level::Log;
                self.close_trace()
            }
            Level::Log | Level::Root => {
                self.level = Level::Root;
                None
            }
        }
    }

    /// Takes text between tags, where XES has none.
    pub(super) fn text(&mut self, text: &str) {
        if !text.trim_ascii().is_empty() {
            self.unread.count("text");
        }
    }

    fn open_trace(&mut self, line: u64) {
        self.trace_line = line;
        self.from = self.steps.codes.len();
        self.id = None;
        self.next = 0;
        self.fault = None;
    }

    /// The attribute of a tag: its type, key and value.
    fn attribute<'t>(&mut self, tag: &'t Tag<'_>) -> Option<(Kind, Cow<'t, str>, Cow<'t, str>)> {
        let kind = match tag.local_name() {
            "string" | "id" => Kind::Text,
            "date" => Kind::Time,
            "int" | "float" => Kind::Number,
            "boolean" => Kind::Bool,
            element => {
                self.unread.count(element);
                return None;
            }
        };
        match key_and_value(tag) {
            Ok(Some((key, value))) => Some((kind, key, value)),
            Ok(None) => {
                let fault = Fault::new("corpus.xml", format!("<{}> has no `key` or no `value`", tag.local_name()));
                self.fault.get_or_insert(fault.at_line(tag.line));
                None
            }
            Err(error) => {
                self.fault.get_or_insert(error.fault(code).unwrap_or_else(|error| super::source::broken(&error, "")));
                None
            }
        }
    }

    fn trace_attribute(&mut self, tag: &Tag<'_>) {
        let Some((kind, key, value)) = self.attribute(tag) else { return };
        if key == self.keys.case && self.id.is_none() {
            self.id = Some(value.into_owned());
            return;
        }
        let row = self.cases.codes.len();
        let at = match self.attributes.get_index(self.next) {
            Some((name, _)) if *name == key => self.next,
            _ => self.attributes.get_index_of(&*key).unwrap_or_else(|| self.attributes.insert_full(key.clone().into_owned(), Values::default()).0),
        };
        self.next = at + 1;
        let values = &mut self.attributes[at];
        if values.len() > row {
            // The same attribute a second time.
            self.unread.count(&key);
        } else {
            values.push(row, kind, &value);
        }
    }

    fn event_attribute(&mut self, tag: &Tag<'_>) {
        let Some((_, key, value)) = self.attribute(tag) else { return };
        let event = &mut self.event;
        if key == self.keys.step && !event.step {
            if !value.is_empty() {
                self.steps.push(Some(&value));
                event.step = true;
            }
        } else if key == self.keys.time && event.time.is_none() {
            match super::time::parse_millis(&value) {
                Ok(time) => event.time = Some(time),
                Err(message) => {
                    let fault = Fault::new("corpus.wrong_type", message).at_place(key).at_line(tag.line);
                    self.fault.get_or_insert(fault);
                }
            }
        } else if key == self.keys.rep && !event.rep {
            self.reps.push((!value.is_empty()).then_some(&*value));
            event.rep = true;
        } else if key == "lifecycle:transition" && !event.transition {
            self.transitions.push(Some(&value));
            event.transition = true;
        } else if self.keys.prob.is_some_and(|prob| prob == key) {
            event.prob = value.parse().ok();
            if event.prob.is_none() {
                let fault = Fault::new("corpus.wrong_prob", format!("`{}` is no probability", shorten(&value)));
                self.fault.get_or_insert(fault.at_place(key).at_line(tag.line));
            }
        } else {
            self.unread.count(&key);
        }
    }

    fn count_nested(&mut self, tag: &Tag<'_>) {
        // `<values>` of a list holds attributes, and is none.
        if let Ok(Some((key, _))) = key_and_value(tag) {
            self.unread.count(&format!("nested {key}"));
        }
    }

    fn close_event(&mut self) {
        let event = &self.event;
        if !event.step {
            self.steps.push(None);
            let fault = Fault::new("corpus.empty_step", format!("the event has no `{}`", self.keys.step));
            self.fault.get_or_insert(fault.at_line(event.line).help("name the attribute that holds the step, or mend the log"));
        }
        if event.time.is_none() && self.timed {
            let fault = Fault::new("corpus.missing_time", format!("the event has no `{}`, where others have", self.keys.time));
            self.fault.get_or_insert(fault.at_line(event.line).help("give every event a time"));
        }
        self.timed |= event.time.is_some();
        self.untimed |= event.time.is_none();
        self.times.push(event.time.unwrap_or(NO_TIME));
        if !event.rep {
            self.reps.push(None);
        }
        if !event.transition {
            self.transitions.push(None);
        }
        if self.keys.prob.is_some() {
            self.probs.push(event.prob.unwrap_or(f64::NAN));
        }
    }

    /// Takes the trace in, or gives back why not.
    fn close_trace(&mut self) -> Option<Fault> {
        let id = self.id.take().filter(|id| !id.is_empty());
        let fault = match (self.fault.take(), &id) {
            (Some(fault), _) => Some(fault),
            (None, None) => {
                let fault = Fault::new("corpus.missing_id", format!("the trace has no `{}`", self.keys.case)).at_line(self.trace_line);
                Some(fault.help("name the attribute that holds the id of the case"))
            }
            (None, Some(id)) if self.cases.names.find(id).is_some() => {
                let fault = Fault::new("corpus.duplicate_id", format!("the id `{}` stands twice", shorten(id))).at_line(self.trace_line);
                Some(fault.help("each trace needs a name of its own"))
            }
            (None, Some(id)) if self.steps.codes.len() - self.from > MAX_EVENTS => {
                let message = format!("the trace `{}` has more than {MAX_EVENTS} events", shorten(id));
                Some(Fault::new("corpus.too_large", message).at_line(self.trace_line))
            }
            (None, Some(_)) => None,
        };
        if let Some(fault) = fault {
            self.forget_trace();
            return Some(match id {
                Some(id) => fault.of_case(id),
                None => fault,
            });
        }
        self.cases.push(id.as_deref());
        let case = self.cases.codes.len() as u32 - 1;
        self.case_of.resize(self.steps.codes.len(), case);
        None
    }

    /// Takes back what the open trace has left in the columns.
    pub(super) fn forget_trace(&mut self) {
        self.steps.codes.truncate(self.from);
        self.times.truncate(self.from);
        self.reps.codes.truncate(self.from);
        self.transitions.codes.truncate(self.from);
        self.probs.truncate(self.from);
        let row = self.cases.codes.len();
        self.attributes.values_mut().filter(|values| values.len() > row).for_each(|values| values.fill(row));
    }

    pub(super) fn finish(self, mut builder: Builder, options: &ReadOptions) -> error::Result<Builder> {
        let rows = self.cases.codes.len();
        let column = |coded: Coded| (!coded.names.is_empty()).then_some(coded);
        let mut events = EventTable {
            case: Coded::of(self.case_of, self.cases.names.clone()),
            step: self.steps,
            time: self.times.iter().any(|&time| time != NO_TIME).then_some(self.times),
            rep: column(self.reps),
            prob: self.keys.prob.is_some().then_some(self.probs),
            ..EventTable::default()
        };
        if let Some(transitions) = column(self.transitions) {
            for (transition, n) in choose_transitions(&mut events, &transitions, &options.lifecycle) {
                builder.pass_over(&[format!("lifecycle:transition={transition}")], n);
            }
        }
        let columns = self.attributes.into_iter().filter_map(|(name, values)| Some((name, values.finish(rows)?))).collect();
        let mut cases = CaseTable { id: self.cases, columns, outcomes: Vec::new() };
        name_outcomes(&mut cases, options)?;
        for (field, n) in self.unread.into_counts() {
            builder.pass_over(&[field], n);
        }
        columns::build_with(builder, events, Some(cases), None)
    }
}

/// The `key` and `value` of a tag.
fn key_and_value<'t>(tag: &'t Tag<'_>) -> Result<Option<(Cow<'t, str>, Cow<'t, str>)>, XmlError> {
    if let Some((key, value)) = tag.plain_pair("key", "value") {
        return Ok(Some((key.into(), value.into())));
    }
    let (mut key, mut value) = (None, None);
    for attribute in tag.attributes() {
        match attribute? {
            ("key", text) => key = Some(text),
            ("value", text) => value = Some(text),
            _ => {}
        }
    }
    Ok(key.zip(value))
}
