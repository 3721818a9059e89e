//! Reading a detector file: every fault with its place and how to mend it.

use super::rule::{Before, FORMAT, Language, Position, Rule, RuleSet, Who};
use crate::error::{Error, Fault};
use crate::sop::{Raw, Reader, Value, join};
use crate::text::folded_phrase;

/// Most rules, and most phrases and expressions of all rules.
const MOST_RULES: usize = 20_000;
const MOST_PHRASES: usize = 200_000;
/// Farthest a rule may look, in turns and in words.
const MOST: u64 = 1_000_000;
const MOST_WORDS: u64 = 100;

pub(super) fn parse(text: &str) -> Result<RuleSet, Vec<Fault>> {
    Raw::parse(text).map_err(|fault| vec![fault]).and_then(|raw| rule_set(&raw))
}

/// The faults under the codes of a detector: the file is read as an SOP is.
pub(super) fn failed(mut faults: Vec<Fault>, source: Option<&str>) -> Error {
    for fault in &mut faults {
        fault.code = match fault.code {
            "sop.syntax" => "detector.syntax",
            "sop.not_utf8" => "detector.not_utf8",
            "sop.too_deep_or_large" | "sop.too_large" => "detector.too_large",
            "sop.unknown_key" => "detector.unknown_key",
            "sop.wrong_type" => "detector.wrong_type",
            "sop.wrong_number" => "detector.wrong_number",
            "sop.duplicate_id" => "detector.duplicate_key",
            other => other,
        };
        fault.help = fault.help.replace("an SOP text", "a detector file");
        fault.source = fault.source.take().or_else(|| source.map(ToOwned::to_owned));
    }
    Error::Detector(faults)
}

pub(super) fn rule_set(root: &Raw) -> Result<RuleSet, Vec<Fault>> {
    let mut reader = Reader::default();
    let mut set = RuleSet::default();
    if !matches!(root.value, Value::Map(_)) {
        reader.wrong_type("", root, "a map with format and rules");
        return Err(reader.into_faults());
    }
    let mut format = None;
    let mut given = false;
    for (key, raw) in reader.map("", root, "a map with format and rules") {
        match key.as_str() {
            "format" => format = reader.text("format", raw),
            "name" => set.name = reader.optional_text("name", raw),
            "negations" => set.negations = texts(&mut reader, "negations", raw),
            "rules" => {
                given = true;
                for (i, item) in reader.list("rules", raw, "a list of rules").iter().enumerate() {
                    let place = format!("rules[{i}]");
                    reader.note(&place, item);
                    set.rules.extend(rule(&mut reader, &place, item));
                }
            }
            _ => reader.unknown_key("", &key, &["format", "name", "negations", "rules"]),
        }
    }
    match format.as_deref() {
        Some(FORMAT) => {}
        Some(other) => reader.fault("format", "detector.format", format!("format `{other}` is not known"), format!("this version reads `{FORMAT}`")),
        None => reader.fault("format", "detector.format", format!("the line `format: {FORMAT}` is missing"), "add it as the first line"),
    }
    if reader.faults.is_empty() && set.rules.is_empty() {
        let help = "such as `- {step: budget, phrases: [预算, budget]}`";
        reader.fault("rules", "detector.empty", if given { "there is no rule" } else { "the file has no `rules`" }, help);
    }
    let phrases: usize = set.rules.iter().map(|r| r.phrases.len() + r.regex.len() + r.also.len() + r.unless.len()).sum();
    if set.rules.len() > MOST_RULES || phrases > MOST_PHRASES {
        let message = format!("{} rules with {phrases} phrases; the limits are {MOST_RULES} and {MOST_PHRASES}", set.rules.len());
        reader.fault("rules", "detector.too_large", message, "make several files of it");
    }
    if reader.faults.is_empty() { Ok(set) } else { Err(reader.into_faults()) }
}

fn rule(reader: &mut Reader, place: &str, raw: &Raw) -> Option<Rule> {
    const KEYS: [&str; 13] = ["step", "speaker", "phrases", "regex", "also", "unless", "question", "negation", "position", "after", "lang", "prob", "phrase"];
    let mut rule = Rule::default();
    let entries = reader.map(place, raw, "a map such as {step: budget, phrases: [预算, budget]}");
    if !matches!(raw.value, Value::Map(_)) {
        return None;
    }
    for (key, raw) in entries {
        let at = join(place, &key);
        match key.as_str() {
            "step" => {
                rule.step = reader.text(&at, raw).unwrap_or_default();
                if rule.step.trim().is_empty() && !reader.blamed(&at) {
                    reader.fault(&at, "detector.empty_step", "the step has no name", "name the step");
                }
            }
            "speaker" => rule.speaker = who(reader, &at, raw).unwrap_or_default(),
            "phrases" => rule.phrases = phrases(reader, &at, raw),
            "regex" => {
                rule.regex = texts(reader, &at, raw);
                for (i, pattern) in rule.regex.clone().into_iter().enumerate() {
                    if let Err(message) = super::compile::expression(&pattern) {
                        reader.fault(
                            &at,
                            "detector.regex",
                            format!("expression {i} cannot be used: {message}"),
                            "look-around and back references are not there: they cannot be matched in linear time",
                        );
                    }
                }
            }
            "also" => rule.also = phrases(reader, &at, raw),
            "unless" => rule.unless = phrases(reader, &at, raw),
            "question" => match raw.value {
                Value::Bool(b) => rule.question = Some(b),
                Value::Null => {}
                _ => reader.wrong_type(&at, raw, "true or false"),
            },
            "negation" => rule.negation = reader.number(&at, raw, MOST_WORDS).map(|n| n as u32),
            "position" => rule.position = position(reader, &at, raw),
            "after" => rule.after = before(reader, &at, raw),
            "lang" => {
                rule.lang = match reader.text(&at, raw).as_deref() {
                    Some("zh") => Some(Language::Zh),
                    Some("en") => Some(Language::En),
                    Some(other) => {
                        reader.fault(&at, "detector.wrong_value", format!("`{other}` is no language of a rule"), "`zh` or `en`");
                        None
                    }
                    None => None,
                }
            }
            "prob" => {
                rule.prob = if let Value::Number(n) = &raw.value { n.as_f64() } else { None }.filter(|p| *p > 0.0 && *p <= 1.0);
                if rule.prob.is_none() {
                    reader.fault(&at, "detector.wrong_number", "a probability is above 0 and at most 1", "");
                }
            }
            _ => reader.unknown_key(place, &key, &KEYS[..12]),
        }
    }
    if !raw_has(raw, "step") {
        reader.fault(place, "detector.empty_step", "the rule names no step", "add `step: …`");
    }
    let looks = !rule.phrases.is_empty()
        || !rule.regex.is_empty()
        || rule.question.is_some()
        || rule.position.is_some()
        || rule.after.is_some()
        || !rule.also.is_empty();
    if !looks && !reader.faults.iter().any(|f| f.place.as_deref().is_some_and(|p| p.starts_with(place))) {
        reader.fault(place, "detector.empty_rule", "the rule would find the step in every turn", "add `phrases`, `regex` or `question`");
    }
    Some(rule)
}

fn raw_has(raw: &Raw, key: &str) -> bool {
    if let Value::Map(entries) = &raw.value { entries.iter().any(|(k, _)| k.scalar().as_deref() == Some(key)) } else { false }
}

fn position(reader: &mut Reader, place: &str, raw: &Raw) -> Option<Position> {
    let mut position = Position::default();
    for (key, raw) in reader.map(place, raw, "a map such as {first: 3} or {last: 2}") {
        let at = join(place, &key);
        match key.as_str() {
            "first" => position.first = reader.number(&at, raw, MOST).map(|n| n as u32),
            "last" => position.last = reader.number(&at, raw, MOST).map(|n| n as u32),
            _ => reader.unknown_key(place, &key, &["first", "last"]),
        }
    }
    (position != Position::default()).then_some(position)
}

fn before(reader: &mut Reader, place: &str, raw: &Raw) -> Option<Before> {
    let mut before = Before::default();
    for (key, raw) in reader.map(place, raw, "a map such as {phrases: [太贵], speaker: customer, within: 1}") {
        let at = join(place, &key);
        match key.as_str() {
            "phrases" => before.phrases = phrases(reader, &at, raw),
            "steps" => before.steps = texts(reader, &at, raw),
            "speaker" => before.speaker = who(reader, &at, raw),
            "within" => before.within = reader.number(&at, raw, MOST).map(|n| n as u32),
            _ => reader.unknown_key(place, &key, &["phrases", "steps", "speaker", "within"]),
        }
    }
    if before.phrases.is_empty() && before.steps.is_empty() {
        if !reader.blamed(place) {
            reader.fault(place, "detector.empty_rule", "it is not said what must have come before", "add `phrases` or `steps`");
        }
        return None;
    }
    Some(before)
}

fn who(reader: &mut Reader, place: &str, raw: &Raw) -> Option<Who> {
    match reader.text(place, raw)?.as_str() {
        "agent" => Some(Who::Agent),
        "customer" => Some(Who::Customer),
        "any" => Some(Who::Any),
        other => {
            reader.fault(place, "detector.wrong_value", format!("`{other}` is no speaker of a rule"), "`agent`, `customer` or `any`");
            None
        }
    }
}

/// One text or a list of them.
fn texts(reader: &mut Reader, place: &str, raw: &Raw) -> Vec<String> {
    if !matches!(raw.value, Value::List(_) | Value::Map(_)) {
        return one_text(reader, place, raw).into_iter().collect();
    }
    let mut texts = Vec::new();
    for (i, item) in reader.list(place, raw, "a text or a list of texts").iter().enumerate() {
        let at = format!("{place}[{i}]");
        reader.note(&at, item);
        texts.extend(one_text(reader, &at, item));
    }
    texts
}

/// What was written as `yes` or `no` is not looked for as `true` or `false`.
fn one_text(reader: &mut Reader, place: &str, raw: &Raw) -> Option<String> {
    if matches!(raw.value, Value::Bool(_)) {
        reader.fault(place, "detector.wrong_type", "expected a text, found true/false", "put words such as yes, no, on and y in quotation marks");
        return None;
    }
    reader.text(place, raw)
}

fn phrases(reader: &mut Reader, place: &str, raw: &Raw) -> Vec<String> {
    let texts = texts(reader, place, raw);
    if let Some(empty) = texts.iter().find(|text| folded_phrase(text).is_empty()) {
        reader.fault(place, "detector.empty_phrase", format!("the phrase `{empty}` has nothing to look for"), "leave it out");
    } else if matches!(&raw.value, Value::List(items) if items.is_empty()) {
        reader.fault(place, "detector.empty_phrase", "the list is empty", "leave the key out");
    }
    texts
}
