//! Reading conversation JSONL, plain or gzip: lines are parsed in parallel, taken in order.

use std::io::{BufRead, Read};
use std::path::Path;

use rayon::prelude::*;
use serde::de::DeserializeOwned;

use super::build::Builder;
use super::model::{Conversation, shorten};
use super::records::of_record;
use super::source::{MAX_LINE, Source, empty};
use super::{Corpus, ReadOptions};
use crate::error::{Fault, Result};
use crate::progress::Progress;

/// Bytes of lines that are parsed together.
const BATCH: usize = 8 << 20;
/// Records in memory that are parsed together.
const RECORDS: usize = 4096;

/// Reads a `.jsonl` or `.jsonl.gz` file.
pub(super) fn read(path: &Path, options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    let mut source = Source::open(path)?;
    let name = source.name().to_owned();
    let builder = lines(&mut source, &name, options, &|source, _| source.step(progress))?;
    if builder.is_empty() && builder.refused() == 0 {
        return Err(empty(&name, "conversation", "a file of conversations has one JSON object a line"));
    }
    Ok(builder)
}

/// Reads a `.json` or `.json.gz` file: a list of conversations, or lines as in JSONL.
pub(super) fn read_list(mut source: Source, options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(|error| source.broken(&error, ""))?;
    of_bytes(&bytes, options, progress)
}

/// Reads JSONL, or a JSON list of conversations, from memory.
pub(super) fn parse(bytes: &[u8], options: ReadOptions, progress: &Progress<'_>) -> Result<Corpus> {
    of_bytes(bytes, options, progress)?.complete()
}

fn of_bytes(bytes: &[u8], options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    let first = bytes.iter().position(|b| !b.is_ascii_whitespace() && !matches!(b, 0xef | 0xbb | 0xbf));
    if first.is_some_and(|i| bytes[i] == b'[') {
        let list: Vec<&serde_json::value::RawValue> = serde_json::from_slice(bytes).map_err(|e| not_json(&e, &String::from_utf8_lossy(bytes)))?;
        return of_records(&list.iter().map(|raw| raw.get().as_bytes()).collect::<Vec<_>>(), options, progress);
    }
    let total = bytes.len() as u64;
    lines(&mut &*bytes, "", options, &|_, done| progress.step("read", done, total))
}

/// Reads records that each are the JSON of one conversation; a fault names the number of its record.
pub(super) fn records(list: &[&[u8]], options: ReadOptions, progress: &Progress<'_>) -> Result<Corpus> {
    of_records(list, options, progress)?.complete()
}

fn of_records(list: &[&[u8]], options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    let mut builder = Builder::new(options);
    for (batch, records) in list.chunks(RECORDS).enumerate() {
        let first = batch * RECORDS;
        let parsed: Vec<_> = records.par_iter().map(|record| conversation(record)).collect();
        for (i, one) in parsed.into_iter().enumerate() {
            match one {
                Ok(conversation) => builder.push_at(conversation, |fault| of_record(fault, first + i))?,
                Err(fault) => builder.refuse(of_record(fault, first + i))?,
            }
        }
        progress.step("read", (first + records.len()) as u64, list.len() as u64)?;
    }
    Ok(builder)
}

struct Line {
    number: u64,
    from: usize,
    to: usize,
}

/// `step` tells how far the reader has come, with the bytes of lines that were taken.
fn lines<R: BufRead>(reader: &mut R, source: &str, options: ReadOptions, step: &dyn Fn(&R, u64) -> Result<()>) -> Result<Builder> {
    let mut builder = Builder::new(options);
    let place = |fault: Fault, line: u64| {
        let fault = fault.at_line(line);
        if source.is_empty() { fault } else { Fault { source: Some(source.to_owned()), ..fault } }
    };
    each_line(reader, step, &conversation, &mut |line, one| match one {
        Ok(conversation) => builder.push_at(conversation, |fault| place(fault, line)),
        Err(fault) => builder.refuse(place(fault, line)),
    })?;
    Ok(builder)
}

/// Parses lines beside each other and hands them over in order; what cannot be read comes as a fault of its line.
pub(super) fn each_line<R: BufRead, T: Send>(
    reader: &mut R,
    step: &dyn Fn(&R, u64) -> Result<()>,
    parse: &(dyn Fn(&[u8]) -> Result<T, Fault> + Sync),
    take: &mut dyn FnMut(u64, Result<T, Fault>) -> Result<()>,
) -> Result<()> {
    let mut buffer = Vec::with_capacity(BATCH + (1 << 16));
    let (mut number, mut done, mut more) = (0u64, 0u64, true);
    while more {
        buffer.clear();
        let mut batch = Vec::new();
        let mut broken = None;
        while buffer.len() < BATCH {
            let from = buffer.len();
            let got = reader.take(MAX_LINE as u64 + 1).read_until(b'\n', &mut buffer);
            let length = buffer.len() - from;
            match got {
                Ok(0) => {
                    more = false;
                    break;
                }
                Ok(_) if length > MAX_LINE => {
                    number += 1;
                    broken = Some((number, Fault::new("corpus.line_too_long", format!("the line is longer than {MAX_LINE} bytes"))));
                    more = false;
                    break;
                }
                Ok(_) => {
                    number += 1;
                    batch.push(Line { number, from, to: buffer.len() });
                }
                Err(e) => {
                    // What stands before the break is whole lines; the started one is lost and said so.
                    broken = Some((number + 1, super::source::broken(&e, &format!("{number} whole lines"))));
                    more = false;
                    break;
                }
            }
        }
        let parsed: Vec<_> = batch
            .par_iter()
            .map(|line| {
                let bytes = &buffer[line.from..line.to];
                let bytes = if line.number == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes }.trim_ascii();
                (!bytes.is_empty()).then(|| (line.number, parse(bytes)))
            })
            .collect();
        for (line, one) in parsed.into_iter().flatten() {
            take(line, one)?;
        }
        if let Some((line, fault)) = broken {
            take(line, Err(fault))?;
        }
        done += buffer.len() as u64;
        step(reader, done)?;
    }
    Ok(())
}

/// Parses one conversation; the fault names the field.
pub(crate) fn conversation(bytes: &[u8]) -> Result<Conversation, Fault> {
    object(bytes)
}

/// Parses one object; the fault names the field.
pub(super) fn object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let fault = Fault {
            column: Some(e.valid_up_to() as u64 + 1),
            ..Fault::new("corpus.not_utf8", format!("not UTF-8: byte {} of the line is invalid", e.valid_up_to() + 1))
        };
        fault.help("save the file as UTF-8")
    })?;
    match serde_json::from_str(text) {
        Ok(object) => Ok(object),
        Err(_) => Err(explain::<T>(text)),
    }
}

/// Parses a second time, slowly, to say which field is wrong.
fn explain<T: DeserializeOwned>(text: &str) -> Fault {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut deserializer) else {
        return Fault::new("corpus.json", "something follows the object on its line").help("one JSON object a line");
    };
    let path = error.path().to_string();
    let inner = error.into_inner();
    if inner.is_syntax() {
        let mut fault = not_json(&inner, text);
        fault.line = None;
        fault.place = (path != "." && !path.is_empty()).then(|| shorten(&path));
        return fault;
    }
    let message = without_place(&inner.to_string());
    let code = match inner.classify() {
        serde_json::error::Category::Data if message.contains("no `id`") => "corpus.missing_id",
        serde_json::error::Category::Data => "corpus.wrong_type",
        _ => "corpus.json",
    };
    let mut fault = Fault::new(code, message);
    fault.column = Some(inner.column() as u64);
    if path != "." && !path.is_empty() {
        fault.place = Some(shorten(&path));
    }
    // The id helps to find the record, where it can be had.
    if let Ok(serde_json::Value::Object(map)) = serde_json::from_str(text) {
        fault.case = map.get("id").and_then(|id| id.as_str()).map(ToOwned::to_owned);
    }
    fault
}

/// What is wrong with a text that is no JSON. Some programs write NaN or other bare words into it: those are named.
pub(super) fn not_json(error: &serde_json::Error, text: &str) -> Fault {
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let part_of_word = |b: &u8| b.is_ascii_alphabetic() || *b == b'-';
    let at = error.column().saturating_sub(1).min(line.len());
    let from = at - line.as_bytes()[..at].iter().rev().take_while(|b| part_of_word(b)).count();
    let to = at + line.as_bytes()[at..].iter().take_while(|b| part_of_word(b)).count();
    let fault = match line.get(from..to) {
        Some(word @ ("NaN" | "nan" | "Infinity" | "-Infinity" | "inf" | "-inf")) => {
            Fault::new("corpus.not_a_number", format!("{word} is no number")).help("leave it out or give null where there is no value")
        }
        Some(word) if !word.is_empty() && !word.starts_with('-') && error.is_syntax() && !matches!(word, "true" | "false" | "null") => {
            Fault::new("corpus.json", format!("`{}` is no JSON value", shorten(word))).help("null stands for no value; texts stand in quotes")
        }
        _ => Fault::new("corpus.json", without_place(&error.to_string())),
    };
    Fault { column: Some(error.column() as u64), ..fault.at_line(error.line() as u64) }
}

pub(super) fn without_place(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}
