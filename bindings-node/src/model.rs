//! Results as plain objects: the core's own serde form as JSON text, which the facade parses and names in camelCase.
//! Their types stand in scripts/dts-header.d.ts.

use goldpath::advice::{Advice, Recommendation};
use goldpath::check::{Alignment, Deviation};
use goldpath::score::ScorePart;
use goldpath::sop::Hint;
use goldpath::{Finding, Lang, Score};
use serde::Serialize;
use serde_json::Value;

pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The object of a value with its sentence in both languages.
pub(crate) fn with_sentences(value: &impl Serialize, sentence: impl Fn(Lang) -> String) -> Value {
    let mut object = serde_json::to_value(value).unwrap_or_default();
    if let Value::Object(fields) = &mut object {
        fields.insert("sentence_en".to_owned(), sentence(Lang::En).into());
        fields.insert("sentence_zh".to_owned(), sentence(Lang::Zh).into());
    }
    object
}

/// The object of a value with its sentence in both languages, as text.
pub(crate) fn with_both(value: &impl Serialize, sentence: impl Fn(Lang) -> String) -> String {
    with_sentences(value, sentence).to_string()
}

pub(crate) fn findings(findings: &[Finding]) -> String {
    json(&findings.iter().map(|finding| with_sentences(finding, |lang| finding.sentence(lang))).collect::<Vec<_>>())
}

pub(crate) fn hints(hints: &[Hint]) -> String {
    let one = |hint: &Hint| {
        let mut object = with_sentences(hint, |lang| hint.sentence(lang));
        if let Value::Object(fields) = &mut object {
            fields.insert("help_en".to_owned(), hint.help(Lang::En).into());
            fields.insert("help_zh".to_owned(), hint.help(Lang::Zh).into());
        }
        object
    };
    json(&hints.iter().map(one).collect::<Vec<_>>())
}

/// Deviations with their sentences.
pub(crate) fn deviations(found: &[Deviation]) -> Value {
    found.iter().map(|deviation| with_sentences(deviation, |lang| deviation.sentence(lang))).collect()
}

/// The object of a value whose deviations get their sentences.
pub(crate) fn with_deviations(value: &impl Serialize, found: &[Deviation]) -> String {
    let mut object = serde_json::to_value(value).unwrap_or_default();
    if let Some(list) = object.get_mut("deviations") {
        *list = deviations(found);
    }
    object.to_string()
}

pub(crate) fn alignment(alignment: &Alignment) -> String {
    with_deviations(alignment, &alignment.deviations)
}

pub(crate) fn score(score: &Score) -> String {
    let part = |part: &ScorePart| with_sentences(part, |lang| part.sentence(lang));
    let mut object = serde_json::to_value(score).unwrap_or_default();
    if let Some(list) = object.get_mut("parts") {
        *list = score.parts.iter().map(part).collect();
    }
    object.to_string()
}

/// Advice with the sentences of its recommendations and of their findings.
pub(crate) fn advice(advice: &Advice) -> String {
    let list = |list: &[Recommendation]| -> Value {
        let one = |r: &Recommendation| {
            let mut object = with_sentences(r, |lang| r.sentence(lang));
            if let Some(finding) = &r.finding {
                object["finding"] = with_sentences(&**finding, |lang| finding.sentence(lang));
            }
            object
        };
        list.iter().map(one).collect()
    };
    let mut object = serde_json::to_value(advice).unwrap_or_default();
    object["next"] = list(&advice.next);
    object["avoid"] = list(&advice.avoid);
    object.to_string()
}
