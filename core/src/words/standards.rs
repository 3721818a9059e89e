//! What a standard asks for, and what was found instead.

use super::Lang;
use crate::check::StandardResult;
use crate::sop::{Measure, Required, Said, Standard, TimeUnit, Unit};
use crate::text::short;

/// Phrases named in a sentence; the rest are counted.
const PHRASES: usize = 6;

/// What a standard asks for, as a part of a sentence.
pub(crate) fn requirement(s: &StandardResult, lang: Lang) -> String {
    let zh = lang == Lang::Zh;
    let most = || number(s.at_most.unwrap_or_default(), s.unit, s.at_most, lang);
    let after = || short(s.after.as_deref().unwrap_or_default(), 60);
    match (&s.standard.measure, zh) {
        (Measure::AgentDetected(said), true) => format!("识别到{}", asked_zh(said)),
        (Measure::CustomerDetected(said), true) => format!("识别到客户的{}", asked_zh(said)),
        (Measure::AgentDetected(said), false) => format!("to show {}", asked_en(said)),
        (Measure::CustomerDetected(said), false) => format!("the customer to show {}", asked_en(said)),
        (Measure::AgentSays(said), true) => format!("说到{}", asked_zh(said)),
        (Measure::CustomerSays(said), true) => format!("听到客户说{}", asked_zh(said)),
        (Measure::AgentSays(said), false) => format!("to say {}", asked_en(said)),
        (Measure::CustomerSays(said), false) => format!("the customer to say {}", asked_en(said)),
        (Measure::WithinTurns(1), true) => "在第一轮就开始".to_owned(),
        (Measure::WithinTurns(1), false) => "to begin in the first turn".to_owned(),
        (Measure::WithinTurns(n), true) => format!("在前 {n} 轮内开始"),
        (Measure::WithinTurns(n), false) => format!("to begin within the first {n} turns"),
        (Measure::WithinMinutes(_), true) => format!("在会话开始后 {}内开始", most()),
        (Measure::WithinMinutes(_), false) => format!("to begin within {} of the start", most()),
        (Measure::After(_), true) => format!("在“{}”之后 {}内开始", after(), most()),
        (Measure::After(_), false) => format!("to begin within {} after “{}”", most(), after()),
        (Measure::Requires(Required::Present(name)), true) => format!("填写字段“{}”", short(name, 40)),
        (Measure::Requires(Required::Present(name)), false) => format!("the field “{}” filled in", short(name, 40)),
        (Measure::Requires(required @ Required::OneOf(_)), true) => format!("字段“{}”为{}", short(required.attribute(), 40), values(required, "或")),
        (Measure::Requires(required @ Required::OneOf(_)), false) => {
            format!("the field “{}” to be {}", short(required.attribute(), 40), values(required, " or "))
        }
        (measure, _) => measured(measure, &bounds(s, lang), lang),
    }
}

/// What a standard of an SOP asks for, as a part of a sentence.
pub(crate) fn requirement_of(standard: &Standard, lang: Lang) -> String {
    let (measure, bounds) = (&standard.measure, standard.measure.bounds());
    let after = if let Measure::After(after) = measure { Some(after.step.clone()) } else { None };
    let spoken = StandardResult {
        name: String::new(),
        key: measure.key().to_owned(),
        measure: measure.key(),
        value: None,
        unit: measure.unit(),
        at_least: bounds.at_least,
        at_most: bounds.at_most,
        after,
        standard: standard.clone(),
    };
    requirement(&spoken, lang)
}

/// What was found where a standard failed, and what was asked for.
pub(crate) fn shortfall(s: &StandardResult, lang: Lang) -> String {
    let zh = lang == Lang::Zh;
    let value = s.value.unwrap_or_default();
    let bound = if s.at_least.is_some_and(|least| value < least) { s.at_least } else { s.at_most };
    let found = || number(value, s.unit, bound, lang);
    let most = || number(s.at_most.unwrap_or_default(), s.unit, s.at_most, lang);
    let after = || short(s.after.as_deref().unwrap_or_default(), 60);
    match (&s.standard.measure, zh) {
        (Measure::AgentDetected(said), true) => missing_zh(said, value as usize, "没有识别到", "识别到"),
        (Measure::CustomerDetected(said), true) => missing_zh(said, value as usize, "没有识别到客户的", "识别到客户的"),
        (Measure::AgentDetected(said), false) => missing_en(said, value as usize, "detected"),
        (Measure::CustomerDetected(said), false) => missing_en(said, value as usize, "detected with the customer"),
        (Measure::AgentSays(said), true) => missing_zh(said, value as usize, "没有说到", "说到"),
        (Measure::CustomerSays(said), true) => missing_zh(said, value as usize, "没有听到客户说", "听到客户说"),
        (Measure::AgentSays(said), false) => missing_en(said, value as usize, "said"),
        (Measure::CustomerSays(said), false) => missing_en(said, value as usize, "said by the customer"),
        (Measure::WithinTurns(1), true) => format!("第 {} 轮才开始，要求第一轮就开始", found()),
        (Measure::WithinTurns(1), false) => format!("it began in turn {}, expected in the first", found()),
        (Measure::WithinTurns(n), true) => format!("第 {} 轮才开始，要求在前 {n} 轮内", found()),
        (Measure::WithinTurns(n), false) => format!("it began in turn {}, expected within the first {n}", found()),
        (Measure::WithinMinutes(_), true) => format!("会话进行 {}后才开始，要求在 {}内", found(), most()),
        (Measure::WithinMinutes(_), false) => format!("it began {} into the conversation, expected within {}", found(), most()),
        (Measure::After(_), true) => format!("“{}”之后 {}才开始，要求在 {}内", after(), found(), most()),
        (Measure::After(_), false) => format!("it began {} after “{}”, expected within {}", found(), after(), most()),
        (Measure::Requires(Required::Present(name)), true) => format!("字段“{}”没有填写", short(name, 40)),
        (Measure::Requires(Required::Present(name)), false) => format!("the field “{}” is not filled in", short(name, 40)),
        (Measure::Requires(required @ Required::OneOf(_)), true) => format!("字段“{}”不是{}", short(required.attribute(), 40), values(required, "或")),
        (Measure::Requires(required @ Required::OneOf(_)), false) => {
            format!("the field “{}” is not {}", short(required.attribute(), 40), values(required, " or "))
        }
        (measure, true) => format!("{}，要求{}{}", measured(measure, &found(), lang), apart(&bounds(s, lang)), counter(measure)),
        (Measure::AgentTalkShare(_), false) => format!("the agent spoke {}, expected {}", found(), bounds(s, lang)),
        (measure, false) => {
            let expected = bounds(s, lang);
            format!("{}, expected {}", measured(measure, &found(), lang), if expected == "no" { "none" } else { &expected })
        }
    }
}

/// What is measured and how much of it. The counter of a thing stands behind its number, in both languages.
fn measured(measure: &Measure, amount: &str, lang: Lang) -> String {
    let many = |single: &str, plural: &str| format!("{amount} {}", if amount == "1" || amount.ends_with(" 1") { single } else { plural });
    if lang == Lang::Zh {
        let counted = format!("{amount}{}", counter(measure));
        let what = match measure {
            Measure::Questions(_) => "提问",
            Measure::CustomerQuestions(_) => "客户提问",
            Measure::Turns(_) => "对话",
            Measure::AgentTurns(_) => "销售发言",
            Measure::Characters(_) => "双方共说",
            Measure::AgentCharacters(_) => "销售共说",
            Measure::Words(_) => "双方共说",
            Measure::AgentWords(_) => "销售共说",
            Measure::AgentTalkShare(_) => "销售说话占比",
            Measure::LongestMonologue(_) => "销售一口气最长讲",
            Measure::LongestMonologueWords(_) => "销售一口气最长讲",
            Measure::Interruptions(_) => "打断客户",
            Measure::Duration(_) => "时长",
            _ => "",
        };
        return what.to_owned() + &apart(&counted);
    }
    match measure {
        Measure::Questions(_) => many("question asked", "questions asked"),
        Measure::CustomerQuestions(_) => many("question asked by the customer", "questions asked by the customer"),
        Measure::Turns(_) => many("turn", "turns"),
        Measure::AgentTurns(_) => many("turn of the agent", "turns of the agent"),
        Measure::Characters(_) => many("character said", "characters said"),
        Measure::AgentCharacters(_) => many("character said by the agent", "characters said by the agent"),
        Measure::Words(_) => many("word said", "words said"),
        Measure::AgentWords(_) => many("word said by the agent", "words said by the agent"),
        Measure::AgentTalkShare(_) => format!("{amount} of the talk by the agent"),
        Measure::LongestMonologue(_) => format!("longest monologue {amount}"),
        Measure::LongestMonologueWords(_) => format!("longest monologue {}", many("word", "words")),
        Measure::Interruptions(_) => many("interruption of the customer", "interruptions of the customer"),
        Measure::Duration(_) => format!("duration {amount}"),
        _ => amount.to_owned(),
    }
}

/// In Chinese a number stands apart from the words before it, a word does not.
fn apart(text: &str) -> String {
    if text.starts_with(|c: char| c.is_ascii_digit()) { format!(" {text}") } else { text.to_owned() }
}

/// The bounds, without what they are of.
fn bounds(s: &StandardResult, lang: Lang) -> String {
    let unit = s.standard.measure.unit();
    let shown = |x: f64| number(x, unit, None, lang);
    // The unit stands once, behind both.
    let bare = |x: f64| number(x, if unit == Unit::Share { unit } else { Unit::Count }, None, lang);
    match (s.at_least, s.at_most, lang) {
        (None | Some(0.0), Some(0.0), Lang::En) if unit == Unit::Count => "no".to_owned(),
        (None | Some(0.0), Some(0.0), Lang::Zh) if unit == Unit::Count => "0".to_owned(),
        (Some(least), Some(most), Lang::En) if least == most => format!("exactly {}", shown(least)),
        (Some(least), Some(most), Lang::Zh) if least == most => format!("正好 {}", shown(least)),
        (Some(least), Some(most), Lang::En) => format!("{} to {}", bare(least), shown(most)),
        (Some(least), Some(most), Lang::Zh) => format!("{} 至 {}", bare(least), shown(most)),
        (Some(least), None, Lang::En) => format!("at least {}", shown(least)),
        (Some(least), None, Lang::Zh) => format!("至少 {}", shown(least)),
        (None, Some(most), Lang::En) => format!("at most {}", shown(most)),
        (None, Some(most), Lang::Zh) => format!("不超过 {}", shown(most)),
        (None, None, _) => String::new(),
    }
}

/// The counter behind a number of things, in Chinese.
fn counter(measure: &Measure) -> &'static str {
    match measure {
        Measure::Questions(_) | Measure::CustomerQuestions(_) => " 个",
        Measure::Turns(_) => " 轮",
        Measure::AgentTurns(_) | Measure::Interruptions(_) => " 次",
        Measure::Characters(_) | Measure::AgentCharacters(_) => " 个字符",
        Measure::Words(_) | Measure::AgentWords(_) | Measure::LongestMonologueWords(_) => " 字",
        _ => "",
    }
}

/// A number with its unit, with as many decimals as it takes to look different from a bound it differs from.
fn number(x: f64, unit: Unit, bound: Option<f64>, lang: Lang) -> String {
    let share = matches!(unit, Unit::Share | Unit::ShareOfTime | Unit::ShareOfWords);
    let scale = if share { 100.0 } else { 1.0 };
    let written = |x: f64, decimals: usize| {
        let text = format!("{:.decimals$}", x * scale);
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    };
    let least = usize::from(unit != Unit::Count);
    // Without a bound beside it a number is shown as it was written.
    let decimals = bound.and_then(|bound| (least..9).find(|&n| bound == x || written(bound, n) != written(x, n))).unwrap_or(9);
    let text = written(x, decimals);
    let one = text == "1";
    let (en, zh) = match unit {
        Unit::Count => ("", ""),
        Unit::Share => (" %", "%"),
        Unit::ShareOfTime => (" % of the time", "%（按时长）"),
        Unit::ShareOfWords => (" % of the words", "%（按字数）"),
        Unit::Time(TimeUnit::Seconds) => (if one { " second" } else { " seconds" }, " 秒"),
        Unit::Time(TimeUnit::Minutes) => (if one { " minute" } else { " minutes" }, " 分钟"),
        Unit::Time(TimeUnit::Hours) => (if one { " hour" } else { " hours" }, " 小时"),
        Unit::Time(TimeUnit::Days) => (if one { " day" } else { " days" }, " 天"),
    };
    text + if lang == Lang::En { en } else { zh }
}

fn quoted(phrases: &[String]) -> Vec<String> {
    phrases.iter().take(PHRASES).map(|phrase| format!("“{}”", short(phrase, 40))).collect()
}

fn list_zh(phrases: &[String]) -> String {
    let more = if phrases.len() > PHRASES { format!("等 {} 个说法", phrases.len()) } else { String::new() };
    quoted(phrases).concat() + &more
}

fn list_en(phrases: &[String]) -> String {
    let more = if phrases.len() > PHRASES { format!(" and {} more", phrases.len() - PHRASES) } else { String::new() };
    quoted(phrases).join(", ") + &more
}

fn asked_zh(said: &Said) -> String {
    let (list, n, needed) = (list_zh(said.phrases()), said.phrases().len() as u32, said.needed());
    match needed {
        _ if n == 1 => list,
        1 => format!("{list}之一"),
        _ if needed == n => format!("全部 {n} 个说法：{list}"),
        _ => format!("{list}中的至少 {needed} 个"),
    }
}

fn asked_en(said: &Said) -> String {
    let (list, n, needed) = (list_en(said.phrases()), said.phrases().len() as u32, said.needed());
    match needed {
        _ if n == 1 => list,
        1 => format!("one of {list}"),
        _ if needed == n => format!("all of {list}"),
        _ => format!("at least {needed} of {list}"),
    }
}

fn missing_zh(said: &Said, found: usize, none: &str, some: &str) -> String {
    let (list, n, needed) = (list_zh(said.phrases()), said.phrases().len(), said.needed() as usize);
    match (found, needed) {
        (0, _) if n == 1 => format!("{none}{list}"),
        (0, 1) => format!("{none}{list}中的任何一个"),
        (found, needed) if needed == n => format!("{list}这 {n} 个说法只{some} {found} 个，要求全部{some}"),
        (found, needed) => format!("{list}中只{some} {found} 个，要求至少 {needed} 个"),
    }
}

fn missing_en(said: &Said, found: usize, verb: &str) -> String {
    let (list, n, needed) = (list_en(said.phrases()), said.phrases().len(), said.needed() as usize);
    let were = if found == 1 { "was" } else { "were" };
    match (found, needed) {
        (0, _) if n == 1 => format!("{list} was not {verb}"),
        (0, 1) => format!("none of {list} was {verb}"),
        (found, needed) if needed == n => format!("{found} of {list} {were} {verb}, expected all {n}"),
        (found, needed) => format!("{found} of {list} {were} {verb}, expected at least {needed}"),
    }
}

fn values(required: &Required, or: &str) -> String {
    let Required::OneOf(condition) = required else { return String::new() };
    let values = condition.0.get_index(0).map_or(&[][..], |(_, values)| values.as_slice());
    let more = if values.len() > PHRASES { "…" } else { "" };
    quoted(values).join(or) + more
}
