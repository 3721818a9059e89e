//! What earned points and what lost them.

use super::{Lang, requirement};
use crate::score::{PartKind, PartState, ScorePart};
use crate::text::short;

/// A part of a score in one sentence, or two where points were lost: how many, and why.
pub(crate) fn score_part(part: &ScorePart, lang: Lang) -> String {
    let zh = lang == Lang::Zh;
    let what = subject(part, lang);
    let why = part.deviation.as_ref().map(|d| d.sentence(lang)).unwrap_or_default();
    if part.kind == PartKind::Deviation {
        let points = number(part.got.unwrap_or_default().abs());
        return if zh { format!("扣 {points} 分。{why}") } else { format!("{points} {} taken away. {why}", plural(&points, "point")) };
    }
    let weight = number(part.weight);
    let left_out = |en: &str, zh_text: &str| if zh { format!("{what}：不计分，{zh_text}。") } else { format!("{what}: not counted, {en}.") };
    match part.state {
        PartState::NotDue => left_out("it was not due", "本通未到这一步，或不需要这一步"),
        PartState::NotMeasured if part.kind == PartKind::Feedback => left_out("there is no value", "没有这项反馈"),
        PartState::NotMeasured => left_out("it could not be measured", "无法测量"),
        PartState::Accepted => left_out("what was missed is accepted", "这项偏差已获认可"),
        PartState::Full | PartState::Partial | PartState::Lost => {
            let got = number(part.got.unwrap_or_default());
            let (good, all) = part.times;
            let mut text = if zh { format!("{what}：{got}/{weight} 分") } else { format!("{what}: {got} of {weight} {}", plural(&weight, "point")) };
            match (part.kind, part.state) {
                (PartKind::Feedback, _) => {
                    let (value, from, to) = (part.value.unwrap_or_default(), part.feedback.map_or(0.0, |f| f.from), part.feedback.map_or(1.0, |f| f.to));
                    let (value, from, to) = (number(value), number(from), number(to));
                    text.push_str(&if zh {
                        format!("，反馈为 {value}（{from} 得零分，{to} 得满分）")
                    } else {
                        format!(", it is {value} ({from} earns nothing, {to} everything)")
                    });
                }
                (_, PartState::Partial) => {
                    text.push_str(&if zh { format!("，应有 {all} 次，做到 {good} 次") } else { format!(", in order {good} of {all} times") });
                }
                (PartKind::Step, PartState::Full) => text.push_str(if zh { "，做到了" } else { ", it was done" }),
                (_, PartState::Full) => text.push_str(if zh { "，达标" } else { ", met" }),
                _ => {}
            }
            text.push_str(if zh { "。" } else { "." });
            if !why.is_empty() {
                text.push_str(if zh { "" } else { " " });
                text.push_str(&why);
            }
            text
        }
    }
}

fn subject(part: &ScorePart, lang: Lang) -> String {
    let title = short(part.title.as_deref().unwrap_or_default(), 90);
    let name = short(&part.name, 60);
    let asked = || part.standard.as_ref().map(|s| s.standard.title.as_ref().map_or_else(|| requirement(s, lang), |title| short(title, 60))).unwrap_or_default();
    match (part.kind, lang) {
        (PartKind::Step | PartKind::Deviation, _) => format!("“{title}”"),
        (PartKind::Standard, Lang::En) => format!("“{title}” ({})", asked()),
        (PartKind::Standard, Lang::Zh) => format!("“{title}”（{}）", asked()),
        (PartKind::Feedback, Lang::En) => format!("Feedback “{name}”"),
        (PartKind::Feedback, Lang::Zh) => format!("客户反馈“{name}”"),
    }
}

fn plural(amount: &str, one: &str) -> String {
    if amount == "1" { one.to_owned() } else { format!("{one}s") }
}

/// A number of points, with up to two decimals.
fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
