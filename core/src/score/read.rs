//! Reading a scorecard: every fault with its place and how to mend it.

use std::path::Path;

use indexmap::IndexMap;

use super::card::{FORMAT, Feedback, Scorecard};
use crate::check::DeviationKind;
use crate::error::{Error, Fault, Result};
use crate::sop::{Raw, Reader, Value, join, read_text};

/// Most points of one weight.
const MOST: f64 = 1e6;

pub(super) fn file(path: &Path) -> Result<Scorecard> {
    let source = path.display().to_string();
    let named = |mut faults: Vec<Fault>| {
        for fault in &mut faults {
            fault.source = fault.source.take().or_else(|| Some(source.clone()));
        }
        faults
    };
    let text = read_text(path).map_err(|error| if let Error::Sop(faults) = error { failed(faults) } else { error })?;
    parse(&text).map_err(|faults| failed(named(faults)))
}

pub(super) fn text(text: &str) -> Result<Scorecard> {
    parse(text).map_err(failed)
}

pub(super) fn value(value: serde_json::Value) -> Result<Scorecard> {
    scorecard(&Raw::from_json(value)).map_err(failed)
}

fn parse(text: &str) -> std::result::Result<Scorecard, Vec<Fault>> {
    Raw::parse(text).map_err(|fault| vec![fault]).and_then(|raw| scorecard(&raw))
}

/// The faults under the codes of a scorecard: the file is read as an SOP is.
fn failed(mut faults: Vec<Fault>) -> Error {
    for fault in &mut faults {
        fault.code = match fault.code {
            "sop.syntax" => "scorecard.syntax",
            "sop.not_utf8" => "scorecard.not_utf8",
            "sop.too_deep_or_large" | "sop.too_large" => "scorecard.too_large",
            "sop.unknown_key" => "scorecard.unknown_key",
            "sop.wrong_type" => "scorecard.wrong_type",
            "sop.duplicate_id" => "scorecard.duplicate_id",
            other => other,
        };
        fault.help = fault.help.replace("an SOP text", "a scorecard");
    }
    Error::Scorecard(faults)
}

fn scorecard(root: &Raw) -> std::result::Result<Scorecard, Vec<Fault>> {
    const KEYS: [&str; 6] = ["format", "name", "steps", "standards", "feedback", "deviations"];
    let mut reader = Reader::default();
    let mut card = Scorecard::default();
    let mut format = None;
    for (key, raw) in reader.map("", root, "a map with format and steps") {
        match key.as_str() {
            "format" => format = reader.text("format", raw),
            "name" => card.name = reader.optional_text("name", raw),
            "steps" => card.steps = weights(&mut reader, "steps", raw),
            "standards" => {
                for (step, raw) in reader.map("standards", raw, "a map from step to standards") {
                    let at = join("standards", &step);
                    let of_step = weights(&mut reader, &at, raw);
                    card.standards.insert(step, of_step);
                }
            }
            "feedback" => {
                for (name, raw) in reader.map("feedback", raw, "a map from outcome or attribute to its weight") {
                    if let Some(one) = feedback(&mut reader, &join("feedback", &name), raw) {
                        card.feedback.insert(name, one);
                    }
                }
            }
            "deviations" => {
                let kinds: Vec<&str> = DeviationKind::ALL.iter().map(|kind| kind.name()).collect();
                for (kind, raw) in reader.map("deviations", raw, "a map from kind of deviation to points") {
                    if !kinds.contains(&kind.as_str()) {
                        reader.unknown_key("deviations", &kind, &kinds);
                    } else if let Some(points) = number(&mut reader, &join("deviations", &kind), raw, -MOST, 0.0, "points are taken away: write `-1`") {
                        card.deviations.insert(kind, points);
                    }
                }
            }
            _ => reader.unknown_key("", &key, &KEYS),
        }
    }
    match format.as_deref() {
        Some(FORMAT) => {}
        Some(other) => reader.fault("format", "scorecard.format", format!("format `{other}` is not known"), format!("this version reads `{FORMAT}`")),
        None => reader.fault("format", "scorecard.format", format!("the line `format: {FORMAT}` is missing"), "add it as the first line"),
    }
    let weights = card.steps.values().chain(card.standards.values().flat_map(IndexMap::values)).copied().chain(card.feedback.values().map(|f| f.weight));
    if reader.faults.is_empty() && weights.sum::<f64>() <= 0.0 {
        reader.fault("", "scorecard.empty", "the scorecard gives no points", "such as `steps: {need: 20}`");
    }
    if reader.faults.is_empty() { Ok(card) } else { Err(reader.into_faults()) }
}

fn weights(reader: &mut Reader, place: &str, raw: &Raw) -> IndexMap<String, f64> {
    let mut weights = IndexMap::new();
    for (name, raw) in reader.map(place, raw, "a map from name to points") {
        if let Some(points) = number(reader, &join(place, &name), raw, 0.0, MOST, "") {
            weights.insert(name, points);
        }
    }
    weights
}

fn feedback(reader: &mut Reader, place: &str, raw: &Raw) -> Option<Feedback> {
    let (mut weight, mut from, mut to) = (None, Some(0.0), Some(1.0));
    let mut named = false;
    for (key, raw) in reader.map(place, raw, "a map such as {weight: 10, from: 1, to: 5}") {
        let at = join(place, &key);
        match key.as_str() {
            "weight" => {
                named = true;
                weight = number(reader, &at, raw, 0.0, MOST, "");
            }
            "from" => from = number(reader, &at, raw, -1e12, 1e12, ""),
            "to" => to = number(reader, &at, raw, -1e12, 1e12, ""),
            _ => reader.unknown_key(place, &key, &["weight", "from", "to"]),
        }
    }
    if !matches!(raw.value, Value::Map(_)) {
        return None;
    }
    if !named {
        reader.fault(place, "scorecard.missing", "the feedback has no `weight`", "add `weight: 10`");
    }
    let one = Feedback { weight: weight?, from: from?, to: to? };
    if one.from == one.to {
        reader.fault(place, "scorecard.wrong_number", "`from` and `to` are equal", "say which value earns nothing, and which all");
    }
    Some(one)
}

fn number(reader: &mut Reader, place: &str, raw: &Raw, least: f64, most: f64, help: &str) -> Option<f64> {
    let number = if let Value::Number(n) = &raw.value { n.as_f64() } else { None }.filter(|x| (least..=most).contains(x));
    if number.is_none() {
        let found = raw.scalar().map_or_else(|| raw.kind().to_owned(), |text| format!("`{}`", crate::text::short(&text, 40)));
        reader.fault(place, "scorecard.wrong_number", format!("expected a number from {least} to {most}, found {found}"), help);
    }
    number
}
