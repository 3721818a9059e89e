//! What is said of judges: whether their marks go with results, and how far they agree.

use super::{Lang, count, points};
use crate::evidence::Verdict;
use crate::stats::Interval;
use crate::talk::{Agreement, Judge, Lean};

fn span(i: Interval) -> String {
    format!("{} [{}, {}]", points(i.estimate), points(i.low), points(i.high))
}

/// What a judge's marks are worth.
pub(crate) fn judge(j: &Judge, lang: Lang) -> String {
    let (name, judged, good) = (&j.judge, count(j.judged), count(j.good));
    let mut text = match lang {
        Lang::En => format!("{name} called {good} of {judged} cases good"),
        Lang::Zh => format!("{name}在 {judged} 个案例中标为“好”的有 {good} 个"),
    };
    // What holds among cases of one kind and rep; else the plain difference, and named as such.
    let adjusted = j.finding.as_ref().filter(|f| f.verdict != Verdict::NotEnoughEvidence).and_then(|f| Some((f.verdict, f.interval()?)));
    text.push_str(&match (adjusted, j.won_difference, lang) {
        (Some((Verdict::Helps, i)), _, Lang::En) => format!("; among like cases these do better, by {} points", span(i)),
        (Some((Verdict::Helps, i)), _, Lang::Zh) => format!("；同类案例中这些结果更好，相差 {} 个百分点", span(i)),
        (Some((Verdict::Hurts, i)), _, Lang::En) => format!("; among like cases these do worse, by {} points", span(i)),
        (Some((Verdict::Hurts, i)), _, Lang::Zh) => format!("；同类案例中这些结果反而更差，相差 {} 个百分点", span(i)),
        (Some((_, i)), _, Lang::En) => format!("; among like cases no difference in results is shown ({} points)", span(i)),
        (Some((_, i)), _, Lang::Zh) => format!("；同类案例中结果未显示差别（{} 个百分点）", span(i)),
        (None, Some(i), Lang::En) => format!("; too few like cases to say whether they do better (as they stand {} points)", span(i)),
        (None, Some(i), Lang::Zh) => format!("；可比案例太少，无法判断结果是否更好（未经调整为 {} 个百分点）", span(i)),
        (None, None, Lang::En) => "; nothing can be said of their results".into(),
        (None, None, Lang::Zh) => "；无法判断其结果".into(),
    });
    let by = j.lean_by.map(span).unwrap_or_default();
    text.push_str(&match (j.lean, lang) {
        (Lean::Harsher, Lang::En) => format!(". Harsher than others on the same cases, by {by} points (n {})", count(j.shared)),
        (Lean::Harsher, Lang::Zh) => format!("。对相同案例比其他人更严，相差 {by} 个百分点（{} 个案例）", count(j.shared)),
        (Lean::Milder, Lang::En) => format!(". Milder than others on the same cases, by {by} points (n {})", count(j.shared)),
        (Lean::Milder, Lang::Zh) => format!("。对相同案例比其他人更宽，相差 {by} 个百分点（{} 个案例）", count(j.shared)),
        (Lean::NoDifferenceShown, Lang::En) => {
            format!(". Neither harsher nor milder than others on the same cases, as far as is shown ({by} points, n {})", count(j.shared))
        }
        (Lean::NoDifferenceShown, Lang::Zh) => format!("。对相同案例未显示比其他人更严或更宽（{by} 个百分点，{} 个案例）", count(j.shared)),
        (Lean::NotEnoughData, _) => String::new(),
    });
    text + if lang == Lang::Zh { "。" } else { "." }
}

/// How far two judges agree.
pub(crate) fn agreement(a: &Agreement, lang: Lang) -> String {
    let (first, second) = (&a.judges.0, &a.judges.1);
    let (both, alike) = (count(a.both), count(a.alike));
    let kappa = a.kappa.map(|k| format!("{:.2} [{:.2}, {:.2}]", k.estimate, k.low, k.high));
    match (kappa, lang) {
        (Some(k), Lang::En) => format!("{first} and {second} judged {alike} of {both} cases alike; beyond chance (kappa) {k}."),
        (Some(k), Lang::Zh) => format!("{first}与{second}对 {both} 个案例中的 {alike} 个判断一致；扣除偶然后的一致性（kappa）为 {k}。"),
        (None, Lang::En) => {
            format!("{first} and {second} judged {alike} of {both} cases alike; as both said the same of all, this tells nothing of agreement beyond chance.")
        }
        (None, Lang::Zh) => format!("{first}与{second}对 {both} 个案例中的 {alike} 个判断一致；两人结论全同，看不出超出偶然的一致。"),
    }
}
