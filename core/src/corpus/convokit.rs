//! Reading a corpus of ConvoKit: a folder with `utterances.jsonl`, `conversations.json` and `speakers.json`.

use std::path::Path;

use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::build::Builder;
use super::columns::{OutcomeColumnSpec, Role};
use super::dialogues::{Dialogues, Said};
use super::jsonl::{each_line, not_json, object};
use super::model::{Attribute, Conversation, Moment, OutcomeValue, shorten};
use super::options::{Agents, ReadOptions};
use super::source::{Source, empty};
use crate::error::{Error, Fault, Result};
use crate::progress::Progress;

/// The file that makes a folder a corpus.
pub(super) const UTTERANCES: &str = "utterances.jsonl";
/// A number above this is seconds since 1970, a smaller one seconds since the conversation began.
const UNIX: f64 = 1e8;

/// A line; `root` and `user` are what older versions wrote.
#[derive(Deserialize)]
struct Utterance {
    conversation_id: Option<Value>,
    root: Option<Value>,
    speaker: Option<Value>,
    user: Option<Value>,
    timestamp: Option<Value>,
    text: Option<String>,
    #[serde(default)]
    meta: Option<Map<String, Value>>,
}

/// Reads the folder.
pub(super) fn read(folder: &Path, options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    let mut builder = Builder::new(options.clone());
    let mut source = Source::open(&folder.join(UTTERANCES))?;
    let name = source.name().to_owned();
    let place = |fault: Fault| Fault { source: Some(name.clone()), ..fault };
    let mut dialogues = Dialogues::default();
    let mut unread: IndexMap<String, u64> = IndexMap::new();
    let step = options.column(Role::Step);
    each_line(&mut source, &|source, _| source.step(progress), &object::<Utterance>, &mut |line, utterance| {
        let taken = utterance.and_then(|utterance| take(utterance, &mut dialogues, step, &mut unread));
        taken.or_else(|fault| builder.refuse(place(fault.at_line(line))))
    })?;
    if dialogues.is_empty() && builder.refused() == 0 {
        return Err(empty(&name, "utterance", "one utterance a line"));
    }
    let mut metas = described(folder, &["conversations.json"])?;
    let wanted = if let Agents::Where { field, .. } = &options.agents { Some(field.clone()) } else { None };
    let speakers = match &wanted {
        Some(_) => described(folder, &["speakers.json", "users.json"])?,
        None => FxHashMap::default(),
    };
    let known = |id: &str| match &wanted {
        Some(field) => speakers.get(id).and_then(|meta| meta.get(field)).map(plain).into_iter().collect(),
        None => vec![id.to_owned()],
    };
    dialogues.finish(&mut builder, known, place, |conversation| {
        let meta = metas.remove(&conversation.id).unwrap_or_default();
        dress(conversation, meta, &options)
    })?;
    for (field, n) in unread {
        builder.pass_over(&[format!("meta.{field}")], n);
    }
    Ok(builder)
}

fn id(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        // Some versions wrote the whole speaker.
        Value::Object(speaker) => id(speaker.get("id")),
        _ => None,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn take(utterance: Utterance, dialogues: &mut Dialogues, step: Option<&str>, unread: &mut IndexMap<String, u64>) -> std::result::Result<(), Fault> {
    let conversation = id(utterance.conversation_id.as_ref().or(utterance.root.as_ref()));
    let conversation = conversation.ok_or_else(|| Fault::new("corpus.missing_id", "the utterance has no conversation_id").at_place("conversation_id"))?;
    let speaker = id(utterance.speaker.as_ref().or(utterance.user.as_ref()));
    let speaker = speaker.ok_or_else(|| Fault::new("corpus.unknown_speaker", "the utterance has no speaker").at_place("speaker").of_case(&conversation))?;
    let start = moment(utterance.timestamp.as_ref()).map_err(|message| Fault::new("corpus.wrong_type", message).at_place("timestamp").of_case(&conversation))?;
    let mut steps = Vec::new();
    for (field, value) in utterance.meta.unwrap_or_default() {
        if step == Some(field.as_str()) {
            steps = match value {
                Value::Null => Vec::new(),
                Value::Array(list) => list.iter().map(plain).collect(),
                one => vec![plain(&one)],
            };
        } else {
            *unread.entry(field).or_default() += 1;
        }
    }
    let speaker = dialogues.speakers.intern(&speaker);
    dialogues.push(&conversation, Said { speaker, name: None, text: utterance.text.unwrap_or_default(), start, end: None, steps });
    Ok(())
}

fn moment(value: Option<&Value>) -> std::result::Result<Option<Moment>, String> {
    let number = |x: f64| {
        if x.abs() < UNIX {
            return Ok(Some(Moment::Seconds(x)));
        }
        let time = jiff::Timestamp::from_millisecond((x * 1000.0) as i64).map_err(|_| format!("{x} is no time in seconds since 1970"))?;
        Ok(Some(Moment::At(time)))
    };
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(x)) => number(x.as_f64().unwrap_or_default()),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => text.trim().parse().map_or_else(|_| super::time::parse_time(text).map(|time| Some(Moment::At(time))), number),
        Some(other) => Err(format!("`{}` is no time", shorten(&other.to_string()))),
    }
}

/// What a file says of conversations or speakers, by id: the fields of `meta`, or of the whole object in older versions.
fn described(folder: &Path, files: &[&str]) -> Result<FxHashMap<String, Map<String, Value>>> {
    let Some(path) = files.iter().map(|file| folder.join(file)).find(|path| path.exists()) else {
        return Ok(FxHashMap::default());
    };
    let (source, json) = Source::read_text(&path)?;
    let mut made = FxHashMap::default();
    let entries = IndexMap::<String, Map<String, Value>>::deserialize(&mut serde_json::Deserializer::from_str(&json)).map_err(|error| {
        let fault = if error.is_syntax() { not_json(&error, &json) } else { Fault::new("corpus.wrong_type", "expected an object of id → object") };
        Error::from(source.place(fault))
    })?;
    for (id, mut entry) in entries {
        let meta = match entry.remove("meta") {
            Some(Value::Object(meta)) => meta,
            Some(other) => [("meta".to_owned(), other)].into_iter().collect(),
            None => entry,
        };
        made.insert(id, meta);
    }
    Ok(made)
}

/// Sets attributes and outcomes from what is known of a conversation.
fn dress(conversation: &mut Conversation, meta: Map<String, Value>, options: &ReadOptions) -> std::result::Result<(), Fault> {
    let usual = |field: &str, value: &Value| match (field, value) {
        ("won", Value::Bool(_) | Value::Null) => Some(OutcomeColumnSpec::of_column(field)),
        _ => field.starts_with("outcome.").then(|| OutcomeColumnSpec::of_column(field)),
    };
    for (field, value) in meta {
        let spec = match &options.outcomes {
            Some(specs) => specs.iter().find(|spec| spec.column == field).cloned(),
            None => usual(&field, &value),
        };
        let Some(spec) = spec else {
            if let Ok(value) = Attribute::try_from(value) {
                conversation.attributes.insert(field, value);
            }
            continue;
        };
        let outcome = match (&value, &spec.yes) {
            (Value::Null, _) => None,
            (Value::Bool(b), None) => Some(OutcomeValue::Bool(*b)),
            (Value::Number(x), None) => x.as_f64().map(OutcomeValue::Number),
            (Value::String(text), Some(yes)) => Some(OutcomeValue::Bool(text == yes)),
            _ => {
                let fault = Fault::new("corpus.wrong_type", format!("the outcome `{}` is `{}`", spec.name, shorten(&value.to_string()))).at_place(format!("meta.{field}"));
                return Err(fault.help("an outcome is true/false or a number; of a text, say which one means yes"));
            }
        };
        conversation.outcome.insert(spec.name, outcome);
    }
    Ok(())
}
