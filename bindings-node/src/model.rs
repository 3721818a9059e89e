//! Results as plain objects: the core's own serde form as JSON text, which the facade parses and names in camelCase.
//! Their types stand in scripts/dts-header.d.ts.

use goldpath::check::{Alignment, Deviation};
use goldpath::score::ScorePart;
use goldpath::{Finding, Lang, Score};
use serde::Serialize;
use serde_json::Value;

pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The object of a value with its sentence in both languages.
fn with_sentences(value: &impl Serialize, sentence: impl Fn(Lang) -> String) -> Value {
    let mut object = serde_json::to_value(value).unwrap_or_default();
    if let Value::Object(fields) = &mut object {
        fields.insert("sentence_en".to_owned(), sentence(Lang::En).into());
        fields.insert("sentence_zh".to_owned(), sentence(Lang::Zh).into());
    }
    object
}

pub(crate) fn findings(findings: &[Finding]) -> String {
    json(&findings.iter().map(|finding| with_sentences(finding, |lang| finding.sentence(lang))).collect::<Vec<_>>())
}

pub(crate) fn alignment(alignment: &Alignment) -> String {
    let deviation = |deviation: &Deviation| with_sentences(deviation, |lang| deviation.sentence(lang));
    let mut object = serde_json::to_value(alignment).unwrap_or_default();
    if let Some(list) = object.get_mut("deviations") {
        *list = alignment.deviations.iter().map(deviation).collect();
    }
    object.to_string()
}

pub(crate) fn score(score: &Score) -> String {
    let part = |part: &ScorePart| with_sentences(part, |lang| part.sentence(lang));
    let mut object = serde_json::to_value(score).unwrap_or_default();
    if let Some(list) = object.get_mut("parts") {
        *list = score.parts.iter().map(part).collect();
    }
    object.to_string()
}
