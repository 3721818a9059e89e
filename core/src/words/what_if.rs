//! What a case could have been expected to bring, in one sentence; or why nothing can be said.

use super::{Lang, caveat, count, points};
use crate::evidence::{ExpectedChange, Refusal, WhatIf};
use crate::stats::Interval;

/// What a repaired path goes with among comparable cases.
pub(crate) fn what_if(w: &WhatIf, lang: Lang) -> String {
    let parts: Vec<String> = w.changes.iter().map(|change| one(w, change, lang)).collect();
    let (stop, between) = if lang == Lang::En { (".", " ") } else { ("。", "") };
    let mut text = match w.refusal {
        Some(refusal @ (Refusal::NothingToChange | Refusal::NoOutcome)) => format!("{}{stop}", why(refusal, lang)),
        _ => parts.join(between),
    };
    if let (Some(all), true) = (w.change, w.changes.len() > 1) {
        text.push_str(between);
        text.push_str(&match lang {
            Lang::En => format!("Together, if the differences add up, they {}.", size(w, all, lang)),
            Lang::Zh => format!("若各项差别可以相加，合计{}。", size(w, all, lang)),
        });
    }
    text
}

fn one(w: &WhatIf, c: &ExpectedChange, lang: Lang) -> String {
    let place = match (&c.after, lang) {
        (Some(after), Lang::En) => format!(" after “{after}”"),
        (None, Lang::En) => " at the start".to_owned(),
        (Some(after), Lang::Zh) => format!("在“{after}”之后"),
        (None, Lang::Zh) => "在开头".to_owned(),
    };
    let segment = match (&c.segment, lang) {
        (Some((attribute, value)), Lang::En) => format!(" with {attribute} “{value}”"),
        (Some((attribute, value)), Lang::Zh) => format!("（{attribute}为“{value}”）"),
        (None, _) => String::new(),
    };
    match (c.change, lang) {
        (Some(i), Lang::En) => {
            format!("“{}”{place}: among {} comparable cases{segment}, those that did it {}.", c.title, count(c.comparable), size(w, i, lang))
        }
        (Some(i), Lang::Zh) => format!("{place}做“{}”：{} 通可比会话{segment}中，做了的{}。", c.title, count(c.comparable), size(w, i, lang)),
        (None, Lang::En) => format!("What “{}”{place} goes with cannot be said: {}.", c.title, c.refusal.map_or("", |refusal| why(refusal, lang))),
        (None, Lang::Zh) => format!("{place}做“{}”会怎样，还不能说：{}。", c.title, c.refusal.map_or("", |refusal| why(refusal, lang))),
    }
}

/// Such as `won 8.1 points more (95 % 7.3 to 8.9)`.
fn size(w: &WhatIf, i: Interval, lang: Lang) -> String {
    let of = |x: f64| if w.numeric { format!("{:.2}", x.abs()) } else { format!("{:.1}", x.abs() * 100.0) };
    let end = |x: f64| if w.numeric { format!("{x:+.2}").replace('-', "−") } else { points(x) };
    let outcome = w.outcome.as_deref().unwrap_or_default();
    let less = i.estimate < 0.0;
    match (lang, w.numeric) {
        (Lang::En, false) => format!("won {} points {} (95 % {} to {})", of(i.estimate), if less { "less" } else { "more" }, end(i.low), end(i.high)),
        (Lang::En, true) => {
            format!("had a mean “{outcome}” {} {} (95 % {} to {})", of(i.estimate), if less { "lower" } else { "higher" }, end(i.low), end(i.high))
        }
        (Lang::Zh, false) => format!("赢率{} {} 个百分点（95% 区间 {} 至 {}）", if less { "低" } else { "高" }, of(i.estimate), end(i.low), end(i.high)),
        (Lang::Zh, true) => format!("“{outcome}”均值{} {}（95% 区间 {} 至 {}）", if less { "低" } else { "高" }, of(i.estimate), end(i.low), end(i.high)),
    }
}

/// Why there is no figure.
fn why(refusal: Refusal, lang: Lang) -> &'static str {
    let (en, zh) = match refusal {
        Refusal::Withheld(why) => return caveat(why, lang),
        Refusal::NothingToChange => ("The path does these steps where they are planned", "这些步骤在该会话中都已按计划做到"),
        Refusal::NoOutcome => ("The conversations carry no outcome, so nothing can be compared", "会话没有结果，无从比较"),
        Refusal::NotCompared => ("no two cases at this point chose differently", "此处没有选择不同的会话可比"),
        Refusal::NoComparableCases => ("there are no comparable cases like this one", "没有与这通会话同类的可比会话"),
    };
    if lang == Lang::En { en } else { zh }
}
