//! What is said of people, of what changed and of what to look at.

use jiff::civil::Date;

use super::{Lang, count, points, share};
use crate::coaching::{
    Assessment, AssessmentResult, BelowStandard, Decline, EffectFrom, ForWhom, GroupEffect, LookReason, Skill, SkillGap, Stage, Tier, TrainingEffect,
    TrainingVerdict, Why,
};
use crate::monitor::{Action, Alert, AlertKind, ChanceId, ChanceKind, Drift, Group};

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

/// A team, a segment, or all.
pub(crate) fn group(group: Option<&Group>, lang: Lang) -> String {
    let Some((by, value)) = group.and_then(|g| Some((g.by.as_str(), g.value.as_deref()?))) else {
        return if lang == Lang::Zh { "全体".into() } else { "All".into() };
    };
    match (by, lang) {
        ("team", Lang::En) => format!("Team “{value}”"),
        ("team", Lang::Zh) => format!("“{value}”团队"),
        (by, Lang::En) => format!("Cases with {by} “{value}”"),
        (by, Lang::Zh) => format!("{by} 为“{value}”的案例"),
    }
}

/// What is done otherwise than planned, from the key of an alert such as `skipped:need`.
fn slip(what: &str, title: &str, lang: Lang) -> String {
    let kind = what.split_once(':').map_or(what, |(kind, _)| kind);
    match (kind, lang) {
        ("skipped", Lang::En) => format!("“{title}” is left out"),
        ("skipped", Lang::Zh) => format!("跳过“{title}”"),
        ("extra", Lang::En) => format!("“{title}” is added"),
        ("extra", Lang::Zh) => format!("计划外做“{title}”"),
        ("repeated", Lang::En) => format!("“{title}” is repeated"),
        ("repeated", Lang::Zh) => format!("重复做“{title}”"),
        ("out_of_order", Lang::En) => format!("“{title}” is out of its place"),
        ("out_of_order", Lang::Zh) => format!("“{title}”顺序不对"),
        ("below_standard", Lang::En) => format!("“{title}” is below standard"),
        ("below_standard", Lang::Zh) => format!("“{title}”未达标"),
        ("late", Lang::En) => format!("“{title}” is late"),
        ("late", Lang::Zh) => format!("“{title}”做得太晚"),
        (_, Lang::En) => format!("another deviation at “{title}”"),
        (_, Lang::Zh) => format!("“{title}”有其他偏差"),
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
        (AlertKind::Choice, Lang::En) => match a.what.split(':').next() {
            Some("result") => format!("Cases go on from “{title}” in {after}, before the week of {since} in {before}"),
            Some("standard") => format!("“{title}” is to standard in {after} of cases, before the week of {since} in {before}"),
            _ => format!("Reps do “{title}” in {after} of cases, before the week of {since} in {before}"),
        },
        (AlertKind::Choice, Lang::Zh) => match a.what.split(':').next() {
            Some("result") => format!("做完“{title}”后推进下去的占比自{since}当周起由 {before} 变为 {after}"),
            Some("standard") => format!("“{title}”达标的占比自{since}当周起由 {before} 变为 {after}"),
            _ => format!("销售做“{title}”的占比自{since}当周起由 {before} 变为 {after}"),
        },
        (AlertKind::Customer, Lang::En) => format!("Customers bring up “{title}” in {after} of cases, before the week of {since} in {before}"),
        (AlertKind::Customer, Lang::Zh) => format!("客户提到“{title}”的占比自{since}当周起由 {before} 变为 {after}"),
        (AlertKind::Adherence, Lang::En) => {
            format!("{}: {after} of the steps due are done, before the week of {since} {before}", group(a.group.as_ref(), lang))
        }
        (AlertKind::Adherence, Lang::Zh) => format!("{}：自{since}当周起，该做的步骤做到的占比由 {before} 降到 {after}", group(a.group.as_ref(), lang)),
        (AlertKind::Deviation, Lang::En) => {
            format!("{}: {} in {after} of cases, before the week of {since} in {before}", group(a.group.as_ref(), lang), slip(&a.what, &title, lang))
        }
        (AlertKind::Deviation, Lang::Zh) => {
            format!("{}：{}的案例占比自{since}当周起由 {before} 升到 {after}", group(a.group.as_ref(), lang), slip(&a.what, &title, lang))
        }
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
        (Action::KeepUp, Lang::En) => "see what did it, and keep it up",
        (Action::KeepUp, Lang::Zh) => "弄清是怎么做到的，保持下去",
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

/// Which people, or which cases, a group is.
fn group_of(g: &GroupEffect, lang: Lang) -> String {
    let value = &g.group.value;
    match (g.group.by.as_str(), value.as_str(), lang) {
        ("level", "lower", Lang::En) => "reps who stood low before".into(),
        ("level", "lower", Lang::Zh) => "原先水平较低的销售".into(),
        ("level", _, Lang::En) => "reps who stood high before".into(),
        ("level", _, Lang::Zh) => "原先水平较高的销售".into(),
        ("tenure", "new", Lang::En) => "new reps".into(),
        ("tenure", "new", Lang::Zh) => "新人".into(),
        ("tenure", _, Lang::En) => "experienced reps".into(),
        ("tenure", _, Lang::Zh) => "老员工".into(),
        ("team", _, Lang::En) => format!("team “{value}”"),
        ("team", _, Lang::Zh) => format!("“{value}”团队"),
        (by, _, Lang::En) => format!("cases with {by} “{value}”"),
        (by, _, Lang::Zh) => format!("{by} 为“{value}”的案例"),
    }
}

/// The effect of a training in a group.
pub(crate) fn group_effect(g: &GroupEffect, lang: Lang) -> String {
    let (who, n, m) = (group_of(g, lang), g.trained, g.others);
    let Some(p) = g.points else {
        return match lang {
            Lang::En => format!("For {who}: too little is known to say ({n} trained, {m} others)."),
            Lang::Zh => format!("{who}：数据不足，无法判断（受训 {n} 人，其他 {m} 人）。"),
        };
    };
    let figures = format!("{} [{}, {}]", points(p.estimate), points(p.low), points(p.high));
    let mut text = match (g.verdict, lang) {
        (TrainingVerdict::Better, Lang::En) => format!("For {who}: better by {figures} points ({n} trained, {m} others)"),
        (TrainingVerdict::Better, Lang::Zh) => format!("{who}：提高 {figures} 个百分点（受训 {n} 人，其他 {m} 人）"),
        (TrainingVerdict::Worse, Lang::En) => format!("For {who}: worse by {figures} points ({n} trained, {m} others)"),
        (TrainingVerdict::Worse, Lang::Zh) => format!("{who}：变差 {figures} 个百分点（受训 {n} 人，其他 {m} 人）"),
        (_, Lang::En) => format!("For {who}: no effect is shown ({figures} points; {n} trained, {m} others)"),
        (_, Lang::Zh) => format!("{who}：未显示有作用（{figures} 个百分点；受训 {n} 人，其他 {m} 人）"),
    };
    if let Some(d) = g.difference.filter(|_| g.differs) {
        text.push_str(match (d.estimate > 0.0, lang) {
            (true, Lang::En) => "; it works better here than elsewhere",
            (true, Lang::Zh) => "；作用好于其他人或其他案例",
            (false, Lang::En) => "; it works less here than elsewhere",
            (false, Lang::Zh) => "；作用不及其他人或其他案例",
        });
    }
    text + if lang == Lang::Zh { "。" } else { "." }
}

/// Whether a training works otherwise for some than for others.
pub(crate) fn for_whom(f: &ForWhom, lang: Lang) -> String {
    let (id, name) = (&f.training, skill_key(&f.skill, lang));
    let differ: Vec<String> = f.groups.iter().filter(|g| g.differs).map(|g| group_of(g, lang)).collect();
    let looked = f.groups.iter().filter(|g| g.difference.is_some()).count();
    match (looked, differ.is_empty(), lang) {
        (0, _, Lang::En) => format!("{id}: too little is known to say for whom it works in {name}."),
        (0, _, Lang::Zh) => format!("{id}：数据不足，无法判断它在{name}上对谁有效。"),
        (_, true, Lang::En) => format!("{id}: no difference is shown between groups in what it did for {name} ({looked} looked at)."),
        (_, true, Lang::Zh) => format!("{id}：未显示它对{name}的作用因人而异（共比较 {looked} 组）。"),
        (_, false, Lang::En) => format!("{id}: what it did for {name} is otherwise for {} ({looked} looked at).", differ.join(", ")),
        (_, false, Lang::Zh) => format!("{id}：它对{name}的作用在以下群体不同：{}（共比较 {looked} 组）。", differ.join("、")),
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
