//! Reading transcripts of Gong as its public API gives them: `POST /v2/calls/transcript`, and beside it
//! `POST /v2/calls/extensive` for who the speakers are. Times of sentences are milliseconds since the call began.

use std::io::BufRead;
use std::path::Path;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::build::Builder;
use super::dialogues::only_agent;
use super::jsonl;
use super::model::{Attribute, Conversation, Moment, StepEvent, Turn};
use super::names::Names;
use super::options::{Agents, ReadOptions};
use super::source::{Source, empty};
use super::speakers::{add_words, by_label, decide};
use super::{Role, time};
use crate::error::{Error, Fault, Result};
use crate::progress::Progress;

/// What names the list of transcripts.
const TRANSCRIPTS: &str = "callTranscripts";
/// Bytes between two reports of progress.
const REPORT: usize = 1 << 20;
/// What is known of a call and no attribute of it.
const NO_ATTRIBUTES: [&str; 4] = ["id", "started", "url", "primaryUserId"];

/// What is known of a call beside its words.
#[derive(Deserialize, Default)]
struct Info {
    #[serde(rename = "metaData", default)]
    meta: Map<String, Value>,
    #[serde(default)]
    parties: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Call {
    #[serde(rename = "callId")]
    id: Value,
    transcript: Option<Vec<Monologue>>,
    #[serde(flatten)]
    info: Info,
}

#[derive(Deserialize)]
struct Monologue {
    #[serde(rename = "speakerId")]
    speaker: Option<Value>,
    topic: Option<String>,
    sentences: Option<Vec<Sentence>>,
}

#[derive(Deserialize)]
struct Sentence {
    start: Option<f64>,
    end: Option<f64>,
    text: Option<String>,
}

/// Whether a JSON file begins like an answer of the transcript API, or a list of such.
pub(super) fn looks_like(source: &mut Source) -> bool {
    let start = source.fill_buf().unwrap_or_default();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let inner = if start.starts_with(b"[") { start[1..].trim_ascii_start() } else { start };
    top_keys(inner).any(|key| key == TRANSCRIPTS.as_bytes())
}

/// Keys of the object that a text begins with, as far as the text goes.
fn top_keys(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut at, mut depth) = (0, 0u32);
    std::iter::from_fn(move || {
        while let Some(&byte) = text.get(at) {
            at += 1;
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => {
                    let from = at;
                    while let Some(&byte) = text.get(at).filter(|b| **b != b'"') {
                        at += if byte == b'\\' { 2 } else { 1 };
                    }
                    let end = at.min(text.len());
                    at += 1;
                    let colon = text.get(at..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"));
                    if depth == 1 && colon {
                        return Some(&text[from..end]);
                    }
                }
                _ => {}
            }
            if depth == 0 {
                return None;
            }
        }
        None
    })
}

/// Reads transcripts call by call.
pub(super) fn read(source: Source, options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    let name = source.name().to_owned();
    let infos = options.parties.as_deref().map(parties).transpose()?.unwrap_or_default();
    let mut taking = Taking { builder: Builder::new(options), infos, number: 0, source: &name, stopped: None };
    let mut reader = Stepping { source, progress, since: REPORT, stopped: None };
    let mut json = serde_json::Deserializer::from_reader(&mut reader);
    let done = Pages(&mut taking).deserialize(&mut json).and_then(|()| json.end());
    if let Some(error) = reader.stopped.or(taking.stopped.take()) {
        return Err(error);
    }
    if let Err(error) = done {
        let whole = format!("{} whole calls", taking.number);
        let fault = if error.is_io() { super::source::broken(&error.into(), &whole) } else { Fault { column: Some(error.column() as u64), ..Fault::new("corpus.json", jsonl::without_place(&error.to_string())).at_line(error.line() as u64) } };
        taking.builder.refuse(Fault { source: Some(name.clone()), ..fault })?;
    }
    if taking.number == 0 && taking.builder.refused() == 0 {
        return Err(empty(&name, "call", "the list callTranscripts is empty"));
    }
    Ok(taking.builder)
}

/// Tells progress while serde reads.
struct Stepping<'a> {
    source: Source,
    progress: &'a Progress<'a>,
    since: usize,
    stopped: Option<Error>,
}

impl std::io::Read for Stepping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.since >= REPORT {
            self.since = 0;
            if let Err(error) = self.source.step(self.progress) {
                self.stopped = Some(error);
                return Err(std::io::Error::other("stopped"));
            }
        }
        let n = self.source.read(buffer)?;
        self.since += n;
        Ok(n)
    }
}

struct Taking<'a> {
    builder: Builder,
    infos: FxHashMap<String, Info>,
    number: usize,
    source: &'a str,
    stopped: Option<Error>,
}

impl Taking<'_> {
    fn take(&mut self, raw: &str) -> Result<()> {
        let number = self.number;
        self.number += 1;
        let place = |fault: Fault| {
            let inner = fault.place.as_deref().map_or_else(String::new, |place| format!(".{place}"));
            Fault { source: Some(self.source.to_owned()), line: None, column: None, ..fault }.at_place(format!("{TRANSCRIPTS}[{number}]{inner}"))
        };
        let made = jsonl::object::<Call>(raw.as_bytes()).and_then(|call| conversation(call, &self.infos, self.builder.options()));
        match made {
            Ok((conversation, unread)) => {
                self.builder.pass_over(&["turns.topic".to_owned()], unread);
                self.builder.push_at(conversation, place)
            }
            Err(fault) => self.builder.refuse(place(fault)),
        }
    }
}

/// One answer of the API, or a list of them.
struct Pages<'a, 'b>(&'a mut Taking<'b>);

impl<'de> DeserializeSeed<'de> for Pages<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Pages<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "an object with {TRANSCRIPTS}, or a list of such")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pages: A) -> Result<(), A::Error> {
        while pages.next_element_seed(Pages(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == TRANSCRIPTS {
                map.next_value_seed(Calls(self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Calls<'a, 'b>(&'a mut Taking<'b>);

impl<'de> DeserializeSeed<'de> for Calls<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Calls<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of transcripts of calls")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut calls: A) -> Result<(), A::Error> {
        while let Some(raw) = calls.next_element::<Box<RawValue>>()? {
            if let Err(error) = self.0.take(raw.get()) {
                self.0.stopped = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn field(map: &Map<String, Value>, name: &str) -> Option<String> {
    map.get(name).and_then(text)
}

/// Reads an answer of `/v2/calls/extensive`: what it knows of each call, by the id of the call.
fn parties(path: &Path) -> Result<FxHashMap<String, Info>> {
    #[derive(Deserialize)]
    struct Extensive {
        calls: Vec<Info>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(Extensive),
        More(Vec<Extensive>),
    }
    let (source, json) = Source::read_text(path)?;
    let written: Written = serde_json::from_str(&json).map_err(|error| {
        let fault = if error.is_syntax() { jsonl::not_json(&error, &json) } else { Fault::new("corpus.wrong_type", "the file holds no `calls` with `metaData` and `parties`") };
        Error::from(source.place(fault.help("give the answer of /v2/calls/extensive")))
    })?;
    let calls = match written {
        Written::One(one) => one.calls,
        Written::More(more) => more.into_iter().flat_map(|one| one.calls).collect(),
    };
    Ok(calls.into_iter().filter_map(|call| Some((field(&call.meta, "id")?, call))).collect())
}

/// The conversation of a call, and how many topics it leaves out.
fn conversation(call: Call, infos: &FxHashMap<String, Info>, options: &ReadOptions) -> std::result::Result<(Conversation, u64), Fault> {
    let id = text(&call.id).ok_or_else(|| Fault::new("corpus.missing_id", "the call has no callId").at_place("callId"))?;
    let info = if call.info.parties.is_empty() { infos.get(&id).unwrap_or(&call.info) } else { &call.info };
    let made = spoken(call.transcript.unwrap_or_default(), info, options).map_err(|fault| fault.of_case(&id));
    let (turns, unread) = made?;
    let by = |name: &str, value: Option<String>| value.and_then(|value| info.parties.iter().find(|party| field(party, name).as_ref() == Some(&value)));
    let primary = by("userId", field(&info.meta, "primaryUserId")).and_then(|party| field(party, "name"));
    let started_at = field(&info.meta, "started").map(|text| time::parse_time(&text)).transpose();
    let attributes = info.meta.iter().filter(|(name, value)| !NO_ATTRIBUTES.contains(&name.as_str()) && !value.is_array() && !value.is_object());
    let conversation = Conversation {
        rep: primary.or_else(|| only_agent(&turns)),
        channel: Some("call".into()),
        started_at: started_at.map_err(|message| Fault::new("corpus.wrong_type", message).at_place("metaData.started").of_case(&id))?,
        attributes: attributes.filter_map(|(name, value)| Some((name.clone(), Attribute::try_from(value.clone()).ok()?))).collect(),
        turns,
        id,
        ..Conversation::default()
    };
    Ok((conversation, unread))
}

/// The turns of a call: a monologue is a turn.
fn spoken(transcript: Vec<Monologue>, info: &Info, options: &ReadOptions) -> std::result::Result<(Vec<Turn>, u64), Fault> {
    let by_party = Agents::Where { field: "affiliation".into(), values: vec!["Internal".into()] };
    let agents = if options.agents == Agents::Unsaid && !info.parties.is_empty() { &by_party } else { &options.agents };
    let party = |id: &str| info.parties.iter().find(|party| field(party, "speakerId").as_deref() == Some(id));
    let mut ids = Names::default();
    let mut codes = Vec::with_capacity(transcript.len());
    for (i, monologue) in transcript.iter().enumerate() {
        let id = monologue.speaker.as_ref().and_then(text).unwrap_or_default();
        if matches!(agents, Agents::Where { .. }) && party(&id).is_none() {
            let fault = Fault::new("corpus.unknown_speaker", format!("no party of the call has the speakerId `{id}`")).at_place(format!("transcript[{i}].speakerId"));
            return Err(fault.help("name the speakers that are agents: agents=[…]"));
        }
        codes.push(ids.intern(&id));
    }
    let known = |id: &str| match agents {
        Agents::Where { field: name, .. } => party(id).and_then(|party| field(party, name)).into_iter().collect(),
        _ => {
            let names = party(id).into_iter().flat_map(|party| ["name", "emailAddress"].into_iter().filter_map(|name| field(party, name)));
            names.chain([id.to_owned()]).collect()
        }
    };
    let speakers: Vec<&str> = ids.iter().collect();
    let roles = decide(agents, &speakers, known)?;
    let of_topic = options.column(Role::Step) == Some("topic");
    let mut unread = 0;
    let turns = transcript.into_iter().zip(codes).map(|(monologue, code)| {
        let id = speakers[code as usize];
        let name = party(id).and_then(|party| field(party, "name")).or_else(|| (by_label(id).is_none() && !id.is_empty()).then(|| id.to_owned()));
        let mut words = String::new();
        let sentences = monologue.sentences.unwrap_or_default();
        for sentence in &sentences {
            add_words(&mut words, sentence.text.as_deref().unwrap_or_default());
        }
        // A moment beyond the range of a call would be refused by no one later.
        let seconds = |ms: f64| (ms.abs() <= 1e14).then_some(Moment::Seconds(ms / 1000.0));
        let start = sentences.iter().filter_map(|s| s.start).reduce(f64::min).and_then(seconds);
        let end = sentences.iter().filter_map(|s| s.end).reduce(f64::max).and_then(seconds);
        let topic = monologue.topic.filter(|topic| !topic.is_empty());
        unread += u64::from(topic.is_some() && !of_topic);
        let steps = topic.filter(|_| of_topic).map(StepEvent::new).into_iter().collect();
        Turn { name, start, end, steps, ..Turn::new(roles[code as usize], words) }
    });
    let turns = turns.collect();
    Ok((turns, unread))
}
