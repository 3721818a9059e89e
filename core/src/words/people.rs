//! What is said of people, of what changed and of what to look at.

use jiff::civil::Date;

use super::{Lang, count, points, share};
use crate::coaching::{
    Assessment, AssessmentResult, BelowStandard, Decline, EffectFrom, LookReason, Skill, SkillGap, Stage, Tier, TrainingEffect, TrainingVerdict, Why,
};
use crate::monitor::{Action, Alert, AlertKind, ChanceId, ChanceKind, Drift};

/// A day as people write it.
pub(crate) fn day(date: Date, lang: Lang) -> String {
    match lang {
        Lang::En => date.to_string(),
        Lang::Zh => format!("{} 年 {} 月 {} 日", date.year(), date.month(), date.day()),
    }
}

/// The name of a tier.
pub(crate) fn tier(tier: Tier, lang: Lang) -> &'static str {
    let (en, zh) = match tier {
        Tier::Top => ("top", "优秀"),
        Tier::Solid => ("solid", "稳定"),
        Tier::Developing => ("developing", "提升中"),
        Tier::BelowStandard => ("below standard", "未达标"),
        Tier::Undetermined => ("undetermined", "暂不能判断"),
    };
    if lang == Lang::Zh { zh } else { en }
}

/// The name of a stage of the loop.
pub(crate) fn stage(stage: Stage, lang: Lang) -> &'static str {
    let (en, zh) = match stage {
        Stage::Assigned => ("assigned", "已布置"),
        Stage::Trained => ("trained", "已培训"),
        Stage::Assessed => ("assessed", "已考核，数据不足"),
        Stage::Monitored => ("monitored", "监测中"),
        Stage::Passed => ("passed", "已通过"),
        Stage::Retraining => ("retraining", "需再次培训"),
        Stage::Cancelled => ("cancelled", "已取消"),
    };
    if lang == Lang::Zh { zh } else { en }
}

/// What a chance is about.
pub(crate) fn chance(id: &ChanceId, lang: Lang) -> String {
    let title = &id.title;
    let standard = id.standard.as_deref().unwrap_or_default();
    match (id.kind, lang) {
        (ChanceKind::Step, Lang::En) => format!("doing “{title}” when due"),
        (ChanceKind::Step, Lang::Zh) => format!("该做时做到“{title}”"),
        (ChanceKind::Standard, Lang::En) => format!("“{title}” to standard ({standard})"),
        (ChanceKind::Standard, Lang::Zh) => format!("“{title}”达标（{standard}）"),
        (ChanceKind::Result, Lang::En) => format!("going on from “{title}”"),
        (ChanceKind::Result, Lang::Zh) => format!("做完“{title}”后推进下去"),
        (ChanceKind::Choice | ChanceKind::Customer | ChanceKind::Point, Lang::En) => match &id.point {
            Some(point) => format!("“{title}” after “{point}”"),
            None => format!("“{title}”"),
        },
        (ChanceKind::Choice | ChanceKind::Customer | ChanceKind::Point, Lang::Zh) => match &id.point {
            Some(point) => format!("“{point}”之后的“{title}”"),
            None => format!("“{title}”"),
        },
    }
}

/// What a skill is called.
pub(crate) fn skill(skill: &Skill, lang: Lang) -> String {
    if let Some(id) = &skill.chance {
        return chance(id, lang);
    }
    skill.title.clone().unwrap_or_else(|| skill_key(&skill.key, lang))
}

/// What a key is called where only the key is at hand.
pub(crate) fn skill_key(key: &str, lang: Lang) -> String {
    match (key, lang) {
        ("execution", Lang::Zh) => "流程执行".into(),
        ("standards", Lang::Zh) => "标准达成".into(),
        ("results", Lang::Zh) => "推进结果".into(),
        _ => key.into(),
    }
}

/// How likely something is chance.
fn likely(p: f64, lang: Lang) -> String {
    if p < 0.001 { if lang == Lang::Zh { "不到 0.1%".into() } else { "under 0.1\u{a0}%".into() } } else { share(p, lang) }
}

/// A decline.
pub(crate) fn decline(d: &Decline, lang: Lang) -> String {
    let (since, name, likely) = (day(d.since, lang), skill_key(&d.skill, lang), likely(d.chance_alone, lang));
    let (before, after) = (share(d.before, lang), share(d.after, lang));
    match lang {
        Lang::En => {
            let end = d.until.map_or_else(|| "; it lasts".to_owned(), |until| format!("; it was over in the week of {}", day(until, lang)));
            format!(
                "{}: {name} fell from {before} to {after} with like cases since the week of {since} (n {}){end}. Of stable reps {likely} come to such a figure within a year.",
                d.rep,
                count(d.n)
            )
        }
        Lang::Zh => {
            let end = d.until.map_or_else(|| "，仍在持续".to_owned(), |until| format!("，到{}当周恢复", day(until, lang)));
            format!(
                "{}：自{since}当周起，同类客户下的{name}由 {before} 降到 {after}（{} 次）{end}。表现平稳的人一年内出现这种读数的占 {likely}。",
                d.rep,
                count(d.n)
            )
        }
    }
}

/// A change of a share.
pub(crate) fn drift(d: &Drift, lang: Lang) -> String {
    let (before, after) = (share(d.share_before(), lang), share(d.share_after(), lang));
    let (n, m) = (count(d.before.1), count(d.after.1));
    let what = chance(&d.chance, lang);
    if !d.changed {
        return match lang {
            Lang::En => format!("No change of {what} is shown (the nearest to one: {before} to {after} from {} on).", day(d.since, lang)),
            Lang::Zh => format!("{what}没有显示变化（最接近的一处：自{}起由 {before} 到 {after}）。", day(d.since, lang)),
        };
    }
    let between = match (d.since_low == d.since_high, lang) {
        (true, _) => String::new(),
        (false, Lang::En) => format!(" (between {} and {})", d.since_low, d.since_high),
        (false, Lang::Zh) => format!("（在{}与{}之间）", day(d.since_low, lang), day(d.since_high, lang)),
    };
    let who = match (d.chance.kind, lang) {
        (ChanceKind::Customer, Lang::En) => "Customers: ",
        (ChanceKind::Customer, Lang::Zh) => "客户：",
        (_, Lang::En) => "Reps: ",
        (_, Lang::Zh) => "销售：",
    };
    let p = likely(d.p_value, lang);
    match lang {
        Lang::En => format!("{who}{what} went from {before} (n {n}) to {after} (n {m}) from the week of {}{between} on; chance alone: {p}.", d.since),
        Lang::Zh => format!("{who}{what}自{}当周起{between}由 {before}（{n} 次机会）变为 {after}（{m} 次机会）；纯属偶然的可能：{p}。", day(d.since, lang)),
    }
}

/// An alert, with what is suggested.
pub(crate) fn alert(a: &Alert, lang: Lang) -> String {
    let (before, after, since, p) = (share(a.before, lang), share(a.after, lang), day(a.since, lang), likely(a.chance_alone, lang));
    let title = if a.kind == AlertKind::Decline { skill_key(&a.title, lang) } else { a.title.clone() };
    let rep = a.rep.as_deref().unwrap_or_default();
    let what = match (a.kind, lang) {
        (AlertKind::Decline, Lang::En) => format!("{rep}: {title} from {before} to {after} since the week of {since}"),
        (AlertKind::Decline, Lang::Zh) => format!("{rep}：自{since}当周起，{title}由 {before} 降到 {after}"),
        (AlertKind::Choice, Lang::En) => format!("Reps do “{title}” in {after} of cases, before the week of {since} in {before}"),
        (AlertKind::Choice, Lang::Zh) => format!("销售做“{title}”的占比自{since}当周起由 {before} 变为 {after}"),
        (AlertKind::Customer, Lang::En) => format!("Customers bring up “{title}” in {after} of cases, before the week of {since} in {before}"),
        (AlertKind::Customer, Lang::Zh) => format!("客户提到“{title}”的占比自{since}当周起由 {before} 变为 {after}"),
    };
    let action = match (a.action, lang) {
        (Action::CoachRep, Lang::En) => "look at conversations with the rep, and train what is weak",
        (Action::CoachRep, Lang::Zh) => "和本人一起看会话，针对弱项辅导",
        (Action::RemindTeam, Lang::En) => "find out why, and remind the team",
        (Action::RemindTeam, Lang::Zh) => "弄清原因，提醒团队",
        (Action::JudgeChoice, Lang::En) => "see whether it is better, then take it into the SOP or stop it",
        (Action::JudgeChoice, Lang::Zh) => "看效果是否更好，再决定写进 SOP 还是叫停",
        (Action::PrepareAnswers, Lang::En) => "prepare answers",
        (Action::PrepareAnswers, Lang::Zh) => "准备好应对话术",
    };
    match lang {
        Lang::En => format!("{what}; chance alone: {p}. Suggested: {action}."),
        Lang::Zh => format!("{what}；纯属偶然的可能：{p}。建议：{action}。"),
    }
}

/// A gap.
pub(crate) fn gap(g: &SkillGap, lang: Lang) -> String {
    let (what, rate, average) = (chance(&g.chance, lang), share(g.rate.estimate, lang), share(g.average, lang));
    let (low, high) = (share(g.rate.low, lang), share(g.rate.high, lang));
    let mut text = match lang {
        Lang::En => format!("{what}: {rate} [{low}, {high}] with like cases, the average is {average}"),
        Lang::Zh => format!("{what}：同类客户下为 {rate}［{low}，{high}］，平均为 {average}"),
    };
    if let (Some(worth), Some(effect), Some(from)) = (g.worth, g.effect, g.effect_from) {
        let worth = format!("{worth:.1}");
        let effect = points(effect);
        text.push_str(&match (from, lang) {
            (EffectFrom::Finding, Lang::En) => format!("; doing it goes with {effect} points of win rate, in twelve weeks with about {worth} wins"),
            (EffectFrom::Finding, Lang::Zh) => format!("；做到它伴随赢率 {effect} 个百分点，十二周约合 {worth} 单"),
            (EffectFrom::LaterWins, Lang::En) => format!("; of those that go on some are won later, in twelve weeks about {worth}"),
            (EffectFrom::LaterWins, Lang::Zh) => format!("；推进下去的会话后来有一部分赢单，十二周约合 {worth} 单"),
        });
    }
    text + if lang == Lang::Zh { "。" } else { "." }
}

/// The effect of a training.
pub(crate) fn training(e: &TrainingEffect, lang: Lang) -> String {
    let (id, name) = (&e.training, skill_key(&e.skill, lang));
    let figures = e.points.map(|p| format!("{} [{}, {}]", points(p.estimate), points(p.low), points(p.high)));
    let naive = |lang: Lang| match (e.naive.map(|n| n.estimate > 0.0 && n.low > 0.0), e.verdict, lang) {
        (Some(true), TrainingVerdict::NoEffectShown, Lang::En) => " Before and after alone would show a gain: those who did badly do better afterwards anyway.",
        (Some(true), TrainingVerdict::NoEffectShown, Lang::Zh) => "只比前后会显得有提升：状态差的人之后本来就会回升。",
        _ => "",
    };
    let (n, m) = (e.trained, e.others);
    match (e.verdict, figures, lang) {
        (TrainingVerdict::NotEnoughData, _, Lang::En) | (_, None, Lang::En) => format!("{id}: too little is known to say what it did for {name}."),
        (TrainingVerdict::NotEnoughData, _, Lang::Zh) | (_, None, Lang::Zh) => format!("{id}：数据不足，无法判断它对{name}的作用。"),
        (TrainingVerdict::NoEffectShown, Some(f), Lang::En) => {
            format!("{id}: no effect on {name} is shown ({f} points; {n} trained, {m} others from the same starting point).{}", naive(lang))
        }
        (TrainingVerdict::NoEffectShown, Some(f), Lang::Zh) => {
            format!("{id}：未显示对{name}有作用（{f} 个百分点；受训 {n} 人，起点相当的其他人 {m} 人）。{}", naive(lang))
        }
        (verdict, Some(f), Lang::En) => {
            let word = if verdict == TrainingVerdict::Better { "better" } else { "worse" };
            format!("{id}: those trained did {word} in {name} than others from the same starting point, by {f} points ({n} trained, {m} others).")
        }
        (verdict, Some(f), Lang::Zh) => {
            let word = if verdict == TrainingVerdict::Better { "更好" } else { "更差" };
            format!("{id}：与起点相当的其他人相比，受训者的{name}{word}，相差 {f} 个百分点（受训 {n} 人，其他 {m} 人）。")
        }
    }
}

/// An assessment.
pub(crate) fn assessment(a: &Assessment, lang: Lang) -> String {
    let (name, result) = (skill_key(&a.skill, lang), a.result);
    let figure = |x: f64| if a.p_above.is_some() { share(x, lang) } else { format!("{x}") };
    let value = a.value.map_or_else(|| "–".to_owned(), figure);
    let line = figure(a.pass_line);
    match lang {
        Lang::En => {
            let word = match result {
                AssessmentResult::Pass => "passed",
                AssessmentResult::Fail => "not passed",
                AssessmentResult::NotEnoughData => "not enough data",
            };
            format!("{}, {name}: {word} ({value}, pass line {line}, n {}).", a.rep, count(a.n))
        }
        Lang::Zh => {
            let word = match result {
                AssessmentResult::Pass => "合格",
                AssessmentResult::Fail => "不合格",
                AssessmentResult::NotEnoughData => "数据不足",
            };
            format!("{}，{name}：{word}（{value}，合格线 {line}，{} 次）。", a.rep, count(a.n))
        }
    }
}

/// Why somebody is below standard.
pub(crate) fn below_standard(b: &BelowStandard, lang: Lang) -> String {
    let name = skill_key(&b.skill, lang);
    let why = match (b.why, lang) {
        (Why::FailedAssessment, Lang::En) => "the assessment was not passed",
        (Why::FailedAssessment, Lang::Zh) => "考核未合格",
        (Why::NotKept, Lang::En) => "it was passed and did not last",
        (Why::NotKept, Lang::Zh) => "合格后未能保持",
        (Why::KpiMissed, Lang::En) => "the indicator is on the wrong side of its pass line",
        (Why::KpiMissed, Lang::Zh) => "考核指标未达合格线",
        (Why::Overdue, Lang::En) => "the training is overdue",
        (Why::Overdue, Lang::Zh) => "培训已逾期",
        (Why::LowerThird, Lang::En) => "almost surely in the lower third",
        (Why::LowerThird, Lang::Zh) => "几乎可以确定在后三分之一",
    };
    match (b.since, lang) {
        (Some(since), Lang::En) => format!("{}, {name}: {why}, since {since}.", b.rep),
        (None, Lang::En) => format!("{}, {name}: {why}.", b.rep),
        (Some(since), Lang::Zh) => format!("{}，{name}：{why}（自{}）。", b.rep, day(since, lang)),
        (None, Lang::Zh) => format!("{}，{name}：{why}。", b.rep),
    }
}

/// Why a conversation deserves a look.
pub(crate) fn look(reason: &LookReason, lang: Lang) -> String {
    match (reason, lang) {
        (LookReason::HurtingSkip { step }, Lang::En) => format!("“{step}” was left out, which goes with worse results"),
        (LookReason::HurtingSkip { step }, Lang::Zh) => format!("跳过了“{step}”，而跳过它与更差的结果相伴"),
        (LookReason::RepDeclines { since }, Lang::En) => format!("the rep has done worse since the week of {since}"),
        (LookReason::RepDeclines { since }, Lang::Zh) => format!("这位销售自{}当周起表现下滑", day(*since, lang)),
        (LookReason::NewFromCustomers { step }, Lang::En) => format!("the customer brought up “{step}”, which customers do more often of late"),
        (LookReason::NewFromCustomers { step }, Lang::Zh) => format!("客户提到“{step}”，近来客户提得更多"),
        (LookReason::ManyDeviations { deviations }, Lang::En) => format!("{deviations} deviations"),
        (LookReason::ManyDeviations { deviations }, Lang::Zh) => format!("有 {deviations} 处偏差"),
    }
}
