//! Reading XES (IEEE 1849), the exchange format of process mining, trace by trace.
//!
//! Of a trace its name and attributes are kept, of an event its step, time, rep and transition. Extensions, globals,
//! classifiers and attributes of the log, nested attributes, lists and containers are passed over; what a trace or event has
//! beyond is counted in [`Corpus::unread_fields`](super::Corpus::unread_fields).

use std::borrow::Cow;
use std::path::Path;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::build::{Builder, MAX_EVENTS};
use super::columns::{self, CaseTable, EventTable, Role};
use super::gather::{Kind, Unread, Values, choose_transitions, name_outcomes};
use super::model::shorten;
use super::names::Coded;
use super::options::ReadOptions;
use super::source::{Source, empty};
use super::store::NO_TIME;
use crate::error::{Fault, Result};
use crate::progress::Progress;
use crate::xml::{Tag, XmlError, XmlEvent, XmlProblem, XmlReader};

/// Traces between two reports of progress.
const REPORT: usize = 256;

/// What the attributes are called.
struct Keys<'a> {
    case: &'a str,
    step: &'a str,
    time: &'a str,
    rep: &'a str,
    prob: Option<&'a str>,
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

struct Reading<'a> {
    keys: Keys<'a>,
    cases: Coded,
    case_of: Vec<u32>,
    /// Whether an event had a time.
    timed: bool,
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

/// Reads a `.xes` or `.xes.gz` file.
pub(super) fn read(path: &Path, options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    let source = Source::open(path)?;
    let name = source.name().to_owned();
    let mut builder = Builder::new(options.clone());
    let mut reading = Reading::new(&options);
    let mut xml = XmlReader::new(source);
    let (mut level, mut inner, mut reported) = (Level::Root, 0u32, 0);
    loop {
        let event = match xml.next() {
            Ok(event) => event,
            Err(error) => {
                let fault = error.fault(code).unwrap_or_else(|error| super::source::broken(&error, &format!("{} whole traces", reading.cases.codes.len())));
                builder.refuse(Fault { source: Some(name.clone()), ..fault })?;
                reading.forget_trace();
                break;
            }
        };
        match event {
            XmlEvent::Open(tag) if inner > 0 => {
                if level != Level::Log {
                    reading.count_nested(&tag);
                }
                inner += 1;
            }
            XmlEvent::Open(tag) => match (level, tag.local_name()) {
                (Level::Root, "log") => level = Level::Log,
                (Level::Root, other) => {
                    let fault = Fault::new("corpus.xml", format!("the root element is <{other}>, not <log>")).help("is this a XES file?");
                    return Err(Fault { source: Some(name), ..fault.at_line(tag.line) }.into());
                }
                (Level::Log, "trace") => {
                    level = Level::Trace;
                    reading.open_trace(tag.line);
                }
                (Level::Log, element) => {
                    if element == "event" {
                        reading.unread.count("event outside a trace");
                    }
                    inner = 1;
                }
                (Level::Trace, "event") => {
                    level = Level::Event;
                    reading.event = OpenEvent { line: tag.line, ..OpenEvent::default() };
                }
                (Level::Trace, _) => {
                    inner = 1;
                    reading.trace_attribute(&tag);
                }
                (Level::Event, _) => {
                    inner = 1;
                    reading.event_attribute(&tag);
                }
            },
            XmlEvent::Close if inner > 0 => inner -= 1,
            XmlEvent::Close => match level {
                Level::Event => {
                    level = Level::Trace;
                    reading.close_event();
                }
                Level::Trace => {
                    level = Level::Log;
                    if let Some(fault) = reading.close_trace() {
                        builder.refuse(Fault { source: Some(name.clone()), ..fault })?;
                    }
                    reported += 1;
                    if reported % REPORT == 0 {
                        xml.source().step(progress)?;
                    }
                }
                Level::Log | Level::Root => level = Level::Root,
            },
            XmlEvent::Text(_) | XmlEvent::Other => {}
            XmlEvent::End => break,
        }
    }
    xml.source().step(progress)?;
    if reading.cases.codes.is_empty() && builder.refused() == 0 {
        return Err(empty(&name, "trace", "a XES file has a <log> of <trace>s"));
    }
    reading.finish(builder, &options)
}

fn code(problem: XmlProblem) -> &'static str {
    match problem {
        XmlProblem::Syntax | XmlProblem::Entities => "corpus.xml",
        XmlProblem::Encoding => "corpus.not_utf8",
        XmlProblem::Limit => "corpus.too_large",
    }
}

impl<'a> Reading<'a> {
    fn new(options: &'a ReadOptions) -> Self {
        let key = |role, usual| options.column(role).unwrap_or(usual);
        let keys = Keys {
            case: key(Role::Case, "concept:name"),
            step: key(Role::Step, "concept:name"),
            time: key(Role::Time, "time:timestamp"),
            rep: key(Role::Rep, "org:resource"),
            prob: options.column(Role::Prob),
        };
        Self {
            keys,
            cases: Coded::default(),
            case_of: Vec::new(),
            timed: false,
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
    fn forget_trace(&mut self) {
        self.steps.codes.truncate(self.from);
        self.times.truncate(self.from);
        self.reps.codes.truncate(self.from);
        self.transitions.codes.truncate(self.from);
        self.probs.truncate(self.from);
        let row = self.cases.codes.len();
        self.attributes.values_mut().filter(|values| values.len() > row).for_each(|values| values.fill(row));
    }

    fn finish(self, mut builder: Builder, options: &ReadOptions) -> Result<Builder> {
        let rows = self.cases.codes.len();
        let column = |coded: Coded| (!coded.names.is_empty()).then_some(coded);
        let mut events = EventTable {
            case: Coded { codes: self.case_of, names: self.cases.names.clone() },
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
