//! Innovations and innovators in one sentence each.

use super::finding::choice_name;
use super::{Lang, count, points, share};
use crate::evidence::{ChoiceKind, Finding};
use crate::improve::{Backtest, BestPath, ImproveNote, Innovation, InnovationStatus, Innovator, Proposal};
use crate::sop::Sop;

fn change(f: &Finding, x: f64, lang: Lang) -> String {
    if f.numeric() {
        format!("{x:+.2}").replace('-', "−")
    } else if lang == Lang::En {
        format!("{} points", points(x))
    } else {
        format!("{} 个百分点", points(x))
    }
}

fn effect(f: &Finding, lang: Lang) -> Option<String> {
    let i = f.interval()?;
    let (e, low, high) = (change(f, i.estimate, lang), ends(f, i.low), ends(f, i.high));
    Some(if lang == Lang::En { format!("{e} (95 % {low} to {high})") } else { format!("{e}（95% 区间 {low} 至 {high}）") })
}

fn ends(f: &Finding, x: f64) -> String {
    if f.numeric() { format!("{x:+.2}").replace('-', "−") } else { points(x) }
}

fn place(i: &Innovation, lang: Lang) -> String {
    if i.choice.kind == ChoiceKind::Wording {
        let title = &i.choice.title;
        return if lang == Lang::En { format!("at “{title}”") } else { format!("在“{title}”这里") };
    }
    match (&i.choice.point_title, lang) {
        (Some(point), Lang::En) => format!("after “{point}”"),
        (None, Lang::En) => "at the start".to_owned(),
        (Some(point), Lang::Zh) => format!("在“{point}”之后"),
        (None, Lang::Zh) => "在开头".to_owned(),
    }
}

/// An innovation: what, how far shown, by how much, among whom.
pub(crate) fn innovation(i: &Innovation, lang: Lang) -> String {
    let name = choice_name(i.choice.kind, i.choice.done(), lang);
    let judged = i.later.as_ref().or(i.mined.as_ref()).unwrap_or(&i.finding);
    let by = effect(judged, lang).unwrap_or_else(|| "–".to_owned());
    let others = i.others.as_ref().and_then(|f| effect(f, lang));
    let (uses, users) = (count(i.uses), count(i.users));
    let at = place(i, lang);
    match (lang, i.status) {
        (Lang::En, InnovationStatus::Proven) => {
            let others = others.map_or_else(String::new, |e| format!(", and {e} among reps other than its first users"));
            format!("{name} {at} goes with better results: {by} on later cases it was not found on{others}; {uses} uses by {users} reps.")
        }
        (Lang::En, InnovationStatus::OneRepOnly) => {
            format!(
                "{name} {at} looks good ({by}), but one rep only does it enough ({uses} uses): the rep and the act cannot be told apart. Let others try it."
            )
        }
        (Lang::En, InnovationStatus::Refuted) => {
            format!("{name} {at} looked good on earlier cases, and later ones do not bear it out: {by}; {uses} uses by {users} reps.")
        }
        (Lang::En, InnovationStatus::Candidate) => {
            let part = if i.later.is_some() { "on later cases" } else { "so far" };
            format!("{name} {at} looks good, and is not proven: {by} {part}; {uses} uses by {users} reps.")
        }
        (Lang::Zh, InnovationStatus::Proven) => {
            let others = others.map_or_else(String::new, |e| format!("；在最早使用者以外的销售中为 {e}"));
            format!("{at}{name}，结果更好：在没有参与发现的较晚会话中，相差 {by}{others}；共 {users} 位销售用了 {uses} 次。")
        }
        (Lang::Zh, InnovationStatus::OneRepOnly) => {
            format!("{at}{name}看来不错（{by}），但只有一位销售用得多（{uses} 次），分不清是人好还是做法好，可以让别人也试试。")
        }
        (Lang::Zh, InnovationStatus::Refuted) => format!("{at}{name}在较早的会话中看来不错，较晚的会话没有印证：{by}；共 {users} 位销售用了 {uses} 次。"),
        (Lang::Zh, InnovationStatus::Candidate) => {
            let part = if i.later.is_some() { "在较晚的会话中相差" } else { "目前相差" };
            format!("{at}{name}看来不错，还没有得到证实：{part} {by}；共 {users} 位销售用了 {uses} 次。")
        }
    }
}

/// An innovator: how early, how much, and what came of it within the rep's own cases.
pub(crate) fn innovator(x: &Innovator, i: &Innovation, lang: Lang) -> String {
    let title = i.choice.done();
    let used = share(x.use_of_it.uses as f64 / x.use_of_it.chances.max(1) as f64, lang);
    let (uses, chances) = (count(x.use_of_it.uses), count(x.use_of_it.chances));
    let within = x.use_of_it.effect.map(|e| (change(&i.finding, e.estimate, lang), ends(&i.finding, e.low), ends(&i.finding, e.high)));
    if lang == Lang::En {
        let before = match x.days_before_others {
            Some(days) if days > 0 => format!(", {days} days before the median of the {} reps who followed", count(x.followers)),
            _ => String::new(),
        };
        let within = within.map_or_else(String::new, |(e, low, high)| format!("; within the rep's own cases {e} (95 % {low} to {high})"));
        format!(
            "{} led the way with “{title}”: done in {used} of {chances} chances ({uses} times){before}{within}. By results alone, {} of {} reps.",
            x.rep,
            ordinal(x.rate_place),
            x.reps
        )
    } else {
        let before = match x.days_before_others {
            Some(days) if days > 0 => format!("，比后来跟上的 {} 位销售的中位数早 {days} 天", count(x.followers)),
            _ => String::new(),
        };
        let within = within.map_or_else(String::new, |(e, low, high)| format!("；在本人会话之内相差 {e}（95% 区间 {low} 至 {high}）"));
        format!(
            "{}最先用起“{title}”：{chances} 次机会中用了 {uses} 次（{used}）{before}{within}。单看业绩，在 {} 位销售中排第 {}。",
            x.rep, x.reps, x.rate_place
        )
    }
}

fn ordinal(n: usize) -> String {
    let ending = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

/// What has to be said before innovations are read.
pub(crate) fn improve_note(note: ImproveNote, lang: Lang) -> &'static str {
    let (en, zh) = match note {
        ImproveNote::OneRep => ("There is one rep only: what works cannot be told from who does it.", "只有一位销售：分不清是做法好还是人好。"),
        ImproveNote::NoReps => ("The cases name no rep: nothing can be proven within reps.", "会话没有标明销售：无法在同一销售之内比较，什么也证实不了。"),
        ImproveNote::NoDates => (
            "The cases have no dates: instead of earlier and later ones, two random parts by id are held against each other, and nobody can be called first.",
            "会话没有日期：改为按编号随机分成两部分互相验证，也说不出谁最先使用。",
        ),
        ImproveNote::SomeUndated => ("Some cases have no date: they are split at random by id.", "部分会话没有日期：按编号随机归入较早或较晚的部分。"),
        ImproveNote::OneOutcome => ("All decided cases ended alike: nothing can be compared.", "已有结果的会话结果全都一样：无从比较。"),
    };
    if lang == Lang::En { en } else { zh }
}

/// The edit, and where it holds.
fn edit(p: &Proposal, lang: Lang) -> String {
    let en = lang == Lang::En;
    let mut text = if en { p.edit_en.clone() } else { p.edit_zh.clone() };
    if let Some((name, values)) = &p.segment {
        let values = values.join(if en { ", " } else { "、" });
        text.push_str(&if en { format!(" (where {name} is {values})") } else { format!("（{name} 为 {values} 时）") });
    }
    text
}

/// A proposal: the edit, whom it affects, what it would bring, what it costs in conformity.
pub(crate) fn proposal(p: &Proposal, lang: Lang) -> String {
    let f = &p.finding;
    let en = lang == Lang::En;
    let mut text = edit(p, lang);
    match p.gain {
        Some(g) => {
            let (affected, cases) = (count(g.affected), count(g.cases));
            let [[effect, effect_low, effect_high], [gain, gain_low, gain_high]] =
                [g.effect, g.gain].map(|i| [change(f, i.estimate, lang), ends(f, i.low), ends(f, i.high)]);
            text.push_str(&if en {
                format!(
                    " On later cases it was not found on, {affected} of {cases} would newly be affected; for them {effect} (95 % {effect_low} to {effect_high}), over all cases {gain} (95 % {gain_low} to {gain_high})."
                )
            } else {
                format!(
                    "在没有参与发现的 {cases} 通较晚会话中，有 {affected} 通会因此改变做法；对它们相差 {effect}（95% 区间 {effect_low} 至 {effect_high}），摊到全部会话相差 {gain}（95% 区间 {gain_low} 至 {gain_high}）。"
                )
            });
        }
        None => text.push_str(&without(p, lang)),
    }
    let c = p.conformity;
    text.push_str(&if en {
        format!(" Conforming cases: {} now, {} then, of {}.", count(c.before), count(c.after), count(c.cases))
    } else {
        format!("符合 SOP 的会话：现在 {} 通，改后 {} 通，共 {} 通。", count(c.before), count(c.after), count(c.cases))
    });
    text
}

/// What comes of asking for less.
fn without(p: &Proposal, lang: Lang) -> String {
    let Some(by) = effect(&p.finding, lang) else { return String::new() };
    let margin = p.margin.map_or_else(String::new, |margin| format!("{:.0}", margin * 100.0));
    match lang {
        Lang::En => format!(" Those who do without differ by {by}, which excludes a loss of {margin} points or more."),
        Lang::Zh => format!("没有做到的相差 {by}，排除了 {margin} 个百分点及以上的损失。"),
    }
}

/// A proposal in a sentence: the edit and what it would bring.
pub(crate) fn short_proposal(p: &Proposal, lang: Lang) -> String {
    let f = &p.finding;
    let Some(g) = p.gain else { return edit(p, lang) + &without(p, lang) };
    let (gain, low, high) = (change(f, g.gain.estimate, lang), ends(f, g.gain.low), ends(f, g.gain.high));
    let cases = count(g.cases);
    edit(p, lang)
        + &match lang {
            Lang::En => format!(" Over {cases} later cases it was not found on, {gain} (95 % {low} to {high})."),
            Lang::Zh => format!("在没有参与发现的 {cases} 通较晚会话中，摊到全部会话相差 {gain}（95% 区间 {low} 至 {high}）。"),
        }
}

/// A back-test: who would no longer conform, what it would bring, since when the data speak for it.
pub(crate) fn backtest(b: &Backtest, lang: Lang) -> String {
    let c = b.conformity;
    let [cases, before, after, lost] = [c.cases, c.before, c.after, c.lost].map(count);
    let most = b.reps.first().filter(|of| of.conformity.lost > 0 && of.rep.is_some());
    let since = b.support.iter().map(|s| (s.choice.done(), s.since.map(|day| crate::corpus::date_of_day(i64::from(day)))));
    // Of numbers there are no looks, and points would be no unit.
    let gain = b.expected.filter(|_| b.support.iter().any(|s| !s.looks.is_empty())).map(|g| [points(g.estimate), points(g.low), points(g.high)]);
    if lang == Lang::En {
        let mut text = format!("Of {cases} cases {before} conform now and {after} would; {lost} would no longer");
        if let Some((rep, of)) = most.and_then(|of| Some((of.rep.as_deref()?, of.conformity))) {
            text.push_str(&format!(", most of them of {rep} ({} of {})", count(of.lost), count(of.cases)));
        }
        text.push('.');
        if let Some([e, low, high]) = gain {
            text.push_str(&format!(" On later cases the change comes to {e} points of the outcome over all cases (95 % {low} to {high})."));
        }
        for (title, since) in since {
            text.push_str(&since.map_or_else(
                || format!(" The data do not speak for “{title}” clearly enough yet."),
                |day| format!(" The data speak for “{title}” since {day}."),
            ));
        }
        text
    } else {
        let mut text = format!("共 {cases} 通会话，现在符合的有 {before} 通，改后 {after} 通；{lost} 通不再符合");
        if let Some((rep, of)) = most.and_then(|of| Some((of.rep.as_deref()?, of.conformity))) {
            text.push_str(&format!("，其中{rep}最多（{} 通中有 {} 通）", count(of.cases), count(of.lost)));
        }
        text.push('。');
        if let Some([e, low, high]) = gain {
            text.push_str(&format!("在较晚的会话中，这一改动摊到全部会话合计相差 {e} 个百分点（95% 区间 {low} 至 {high}）。"));
        }
        for (title, since) in since {
            text.push_str(&since.map_or_else(|| format!("数据还不足以支持“{title}”。"), |day| format!("自 {day} 起，数据支持“{title}”。")));
        }
        text
    }
}

/// The best path: what changes and what it would bring, or that the present SOP stands.
pub(crate) fn best_path(best: &BestPath, present: &Sop, lang: Lang) -> String {
    let en = lang == Lang::En;
    let mut text = if best.changed {
        let changes = present.diff(&best.sop).sentences(lang).join(if en { " " } else { "" });
        let gain = best.gain.map_or_else(String::new, |g| {
            let (e, low, high) = (points(g.estimate), points(g.low), points(g.high));
            if en {
                format!(" On later cases this comes to {e} points of the outcome over all cases (95 % {low} to {high}).")
            } else {
                format!("在较晚的会话中，摊到全部会话合计相差 {e} 个百分点（95% 区间 {low} 至 {high}）。")
            }
        });
        if en { format!("The SOP can be better: {changes}{gain}") } else { format!("SOP 可以更好：{changes}{gain}") }
    } else if en {
        "Nothing is proven to be better: the present SOP stands.".to_owned()
    } else {
        "没有证实更好的做法：现行 SOP 维持不变。".to_owned()
    };
    for unmet in &best.unmet {
        let steps = unmet.steps.join(if en { ", " } else { "、" });
        text.push_str(&if en {
            format!(" Not met: {} ({steps}): {}.", unmet.constraint, unmet.why_en)
        } else {
            format!("未能满足的约束：{}（{steps}）：{}。", unmet.constraint, unmet.why_zh)
        });
    }
    text
}
