//! What an edit of an SOP means, in one sentence.

use super::{Lang, requirement_of};
use crate::sop::{Accepted, AcceptedKind, Actor, Around, Beside, Change, ChangeAbout as About, Standard, StepChange};
use crate::text::short;
use crate::words::{fill, labels};

/// Titles named in a sentence; the rest are counted.
const NAMED: usize = 6;

impl Change {
    /// What the edit means, in one sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match lang {
            Lang::En => capital(&self.en()) + ".",
            Lang::Zh => self.zh() + "。",
        }
    }

    fn en(&self) -> String {
        let (what, many) = (list_en(&self.titles), self.titles.len() != 1);
        let is = if many { "are" } else { "is" };
        match &self.about {
            About::Insert(beside @ (Beside::AnyOrder(_) | Beside::OneOf(_))) => format!("{what} {is} put in, {}", beside_en(beside)),
            About::Insert(beside) => format!("{what} {is} put in {}", beside_en(beside)),
            About::Move(beside @ (Beside::AnyOrder(_) | Beside::OneOf(_))) => format!("{what} {is} moved, {}", beside_en(beside)),
            About::Drop => format!("{what} {is} taken out"),
            About::Move(beside) => format!("{what} {is} moved {}", beside_en(beside)),
            About::Replace { with } => format!("{} {} the place of {what}", list_en(with), if with.len() == 1 { "takes" } else { "take" }),
            About::Wrap(around) | About::Reshape { was: Around::Sequence, now: around } => match around {
                Around::Optional => format!("{what} {} optional", if many { "become" } else { "becomes" }),
                Around::AnyOrder => format!("{what} may come in any order"),
                Around::OneOf => format!("of {what} one is chosen"),
                Around::Repeat { at_least, at_most } => format!("{what} may be repeated ({})", labels(Lang::En).rounds(*at_least, *at_most)),
                Around::When(when) => format!("{what} {is} planned only if {}", short(&when.to_string(), 120)),
                Around::Sequence => format!("{what} {} one part, in this order", if many { "become" } else { "becomes" }),
            },
            About::Unwrap(around) | About::Reshape { was: around, now: Around::Sequence } => match around {
                Around::Optional => format!("{what} {is} no longer optional"),
                Around::AnyOrder => format!("{what} no longer come in any order"),
                Around::OneOf => format!("the choice of {what} is given up: all of them are planned"),
                Around::Repeat { .. } => format!("{what} {is} no longer repeated"),
                Around::When(when) => format!("{what} {is} planned for all cases, no longer only if {}", short(&when.to_string(), 120)),
                Around::Sequence => format!("{what} {is} no longer a part of {} own", if many { "their" } else { "its" }),
            },
            About::Reshape { was, now } => format!("{what}: {}, before: {}", around_en(now), around_en(was)),
            About::Split { cases } => {
                let parts = cases.iter().map(|(when, steps)| format!("{} if {}", list_en(steps), short(&when.to_string(), 120)));
                format!("what is planned depends on the case: {}", parts.collect::<Vec<_>>().join("; "))
            }
            About::Prefer { others, only: true } => {
                format!("only the branch with {what} stays; {} {} dropped", list_en(others), if others.len() == 1 { "is" } else { "are" })
            }
            About::Prefer { others, only: false } => format!("the branch with {what} becomes the first, before {}", list_en(others)),
            About::Flow { graph } => format!("the flow is written anew, as {}", if *graph { "a graph" } else { "blocks" }),
            About::AddEdge { from, to } => format!("{} may follow {}", quoted(to), quoted(from)),
            About::DropEdge { from, to } => format!("{} no longer follows {}", quoted(to), quoted(from)),
            About::Start => format!("the flow starts with {what}"),
            About::End => format!("the flow ends with {what}"),
            About::AddStep => format!("{what} becomes a known step"),
            About::RemoveStep => format!("{what} is no longer a known step"),
            About::Reorder { before: Some(before) } => format!("{what} is listed before {}", quoted(before)),
            About::Reorder { before: None } => format!("{what} is listed last"),
            About::Step { change, was } => format!("{what}: {}", step_en(change, was)),
            About::AddStandard(standard) => format!("{what} has a new standard: {}", standard_text(standard, Lang::En)),
            About::DropStandard(standard) => format!("{what} has one standard less: {}", standard_text(standard, Lang::En)),
            About::SetStandard { was, now } => {
                format!("the standard of {what} is now: {}; before: {}", standard_text(now, Lang::En), standard_text(was, Lang::En))
            }
            About::Name { was, now } => format!("the SOP is called {}, before: {}", quoted(now), quoted(was)),
            About::Version { was, now } => {
                let shown =
                    |version: &Option<crate::sop::Version>| version.as_ref().map_or_else(|| "none".to_owned(), |version| short(&version.to_string(), 60));
                format!("version {}, before: {}", shown(now), shown(was))
            }
            About::AddAnytime => format!("{what} is allowed at any time"),
            About::DropAnytime => format!("{what} is no longer allowed at any time"),
            About::AddAccepted(rule) => format!("accepted from now on: {}", accepted_en(rule, &what)),
            About::DropAccepted(rule) => format!("no longer accepted: {}", accepted_en(rule, &what)),
        }
    }

    fn zh(&self) -> String {
        let what = list_zh(&self.titles);
        match &self.about {
            About::Insert(beside @ (Beside::AnyOrder(_) | Beside::OneOf(_))) => format!("加入{what}，{}", beside_zh(beside)),
            About::Insert(beside) => format!("在{}加入{what}", beside_zh(beside)),
            About::Move(beside @ (Beside::AnyOrder(_) | Beside::OneOf(_))) => format!("{what}改为{}", beside_zh(beside)),
            About::Drop => format!("去掉{what}"),
            About::Move(beside) => format!("{what}移到{}", beside_zh(beside)),
            About::Replace { with } => format!("{what}改为{}", list_zh(with)),
            About::Wrap(around) | About::Reshape { was: Around::Sequence, now: around } => match around {
                Around::Optional => format!("{what}改为可选"),
                Around::AnyOrder => format!("{what}改为顺序不限"),
                Around::OneOf => format!("{what}改为择一"),
                Around::Repeat { at_least, at_most } => format!("{what}改为可重复（{}）", labels(Lang::Zh).rounds(*at_least, *at_most)),
                Around::When(when) => format!("{what}{}才做", fill(labels(Lang::Zh).only_when, &[&short(&when.to_string(), 120)])),
                Around::Sequence => format!("{what}合为一段，依次进行"),
            },
            About::Unwrap(around) | About::Reshape { was: around, now: Around::Sequence } => match around {
                Around::Optional => format!("{what}不再可选，必须做"),
                Around::AnyOrder => format!("{what}不再顺序不限，改为依次进行"),
                Around::OneOf => format!("{what}不再择一，都要做"),
                Around::Repeat { .. } => format!("{what}不再重复"),
                Around::When(when) => format!("{what}改为所有会话都做，不再限于 {}", short(&when.to_string(), 120)),
                Around::Sequence => format!("{what}不再单独成段"),
            },
            About::Reshape { was, now } => format!("{what}改为{}（原为{}）", around_zh(now), around_zh(was)),
            About::Split { cases } => {
                let parts = cases.iter().map(|(when, steps)| format!("{} 时做{}", short(&when.to_string(), 120), list_zh(steps)));
                format!("按会话情况分别安排：{}", parts.collect::<Vec<_>>().join("；"))
            }
            About::Prefer { others, only: true } => format!("只保留{what}这条分支，去掉{}", list_zh(others)),
            About::Prefer { others, only: false } => format!("{what}这条分支排到最前，先于{}", list_zh(others)),
            About::Flow { graph } => format!("流程整体改写为{}", if *graph { "图" } else { "分块写法" }),
            About::AddEdge { from, to } => format!("{}之后可以接{}", quoted(from), quoted(to)),
            About::DropEdge { from, to } => format!("{}之后不再接{}", quoted(from), quoted(to)),
            About::Start => format!("流程改从{what}开始"),
            About::End => format!("流程改到{what}结束"),
            About::AddStep => format!("新增已知步骤{what}"),
            About::RemoveStep => format!("{what}不再列为已知步骤"),
            About::Reorder { before: Some(before) } => format!("步骤清单里{what}排到{}之前", quoted(before)),
            About::Reorder { before: None } => format!("步骤清单里{what}排到最后"),
            About::Step { change, was } => format!("{what}：{}", step_zh(change, was)),
            About::AddStandard(standard) => format!("{what}新增标准：{}", standard_text(standard, Lang::Zh)),
            About::DropStandard(standard) => format!("{what}取消标准：{}", standard_text(standard, Lang::Zh)),
            About::SetStandard { was, now } => format!("{what}的标准改为：{}（原为：{}）", standard_text(now, Lang::Zh), standard_text(was, Lang::Zh)),
            About::Name { was, now } => format!("SOP 改名为{}（原为{}）", quoted(now), quoted(was)),
            About::Version { was, now } => {
                let shown = |version: &Option<crate::sop::Version>| version.as_ref().map_or_else(|| "无".to_owned(), |version| short(&version.to_string(), 60));
                format!("版本改为 {}（原为 {}）", shown(now), shown(was))
            }
            About::AddAnytime => format!("{what}改为随时可做"),
            About::DropAnytime => format!("{what}不再随时可做"),
            About::AddAccepted(rule) => format!("新增认可：{}", accepted_zh(rule, &what)),
            About::DropAccepted(rule) => format!("取消认可：{}", accepted_zh(rule, &what)),
        }
    }
}

fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

fn quoted(title: &str) -> String {
    format!("“{}”", short(title, 60))
}

fn list_en(titles: &[String]) -> String {
    let named: Vec<String> = titles.iter().take(NAMED).map(|title| quoted(title)).collect();
    match (&named[..], titles.len().saturating_sub(NAMED)) {
        ([], _) => "nothing".to_owned(),
        (named, 0) => match named.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => String::new(),
        },
        (named, more) => format!("{} and {more} more", named.join(", ")),
    }
}

fn list_zh(titles: &[String]) -> String {
    let named: Vec<String> = titles.iter().take(NAMED).map(|title| quoted(title)).collect();
    let more = titles.len().saturating_sub(NAMED);
    if titles.is_empty() { "空" } else { "" }.to_owned() + &named.join("、") + &if more > 0 { format!("等 {} 步", titles.len()) } else { String::new() }
}

fn beside_en(beside: &Beside) -> String {
    match beside {
        Beside::After(titles) => format!("after {}", list_en(titles)),
        Beside::Before(titles) => format!("before {}", list_en(titles)),
        Beside::AnyOrder(titles) => format!("in any order with {}", list_en(titles)),
        Beside::OneOf(titles) => format!("as another way beside {}", list_en(titles)),
        Beside::Place(place) => format!("at {place}"),
    }
}

fn beside_zh(beside: &Beside) -> String {
    match beside {
        Beside::After(titles) => format!("{}之后", list_zh(titles)),
        Beside::Before(titles) => format!("{}之前", list_zh(titles)),
        Beside::AnyOrder(titles) => format!("与{}顺序不限", list_zh(titles)),
        Beside::OneOf(titles) => format!("与{}择一", list_zh(titles)),
        Beside::Place(place) => format!(" {place} 处"),
    }
}

fn around_en(around: &Around) -> String {
    let labels = labels(Lang::En);
    match around {
        Around::Sequence => "one after the other".to_owned(),
        Around::AnyOrder => labels.any_order.to_owned(),
        Around::Optional => labels.optional.to_owned(),
        Around::OneOf => labels.one_of.to_owned(),
        Around::Repeat { at_least, at_most } => labels.rounds(*at_least, *at_most),
        Around::When(when) => fill(labels.only_when, &[&short(&when.to_string(), 120)]),
    }
}

fn around_zh(around: &Around) -> String {
    let labels = labels(Lang::Zh);
    match around {
        Around::Sequence => "依次进行".to_owned(),
        Around::AnyOrder => labels.any_order.to_owned(),
        Around::Optional => labels.optional.to_owned(),
        Around::OneOf => labels.one_of.to_owned(),
        Around::Repeat { at_least, at_most } => labels.rounds(*at_least, *at_most),
        Around::When(when) => fill(labels.only_when, &[&short(&when.to_string(), 120)]),
    }
}

/// What a standard asks for, with its title and the cases it holds for.
fn standard_text(standard: &Standard, lang: Lang) -> String {
    let asked = requirement_of(standard, lang);
    let titled = standard.title.as_deref().map_or_else(String::new, quoted);
    let only = if standard.when.0.is_empty() { String::new() } else { fill(labels(lang).only_when, &[&short(&standard.when.to_string(), 120)]) };
    match lang {
        Lang::En => [titled, asked, only].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
        Lang::Zh => [titled, asked, only].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("，"),
    }
}

fn step_en(change: &StepChange, was: &StepChange) -> String {
    let mut parts = Vec::new();
    for (name, new, old) in [("title", &change.title, &was.title), ("stage", &change.stage, &was.stage), ("guidance", &change.guidance, &was.guidance)] {
        let Some(new) = new else { continue };
        let old = old.as_ref().and_then(Option::as_deref).map_or_else(String::new, |old| format!(", before: {}", quoted(old)));
        parts.push(new.as_deref().map_or_else(|| format!("no {name} any more{old}"), |new| format!("{name} {}{old}", quoted(new))));
    }
    match change.by {
        Some(Actor::Agent) => parts.push("an act of the agent".to_owned()),
        Some(Actor::Customer) => parts.push("what the customer does".to_owned()),
        None => {}
    }
    if let (Some(new), Some(old)) = (change.cost, was.cost) {
        parts.push(format!("cost {} unplanned and {} left out, before: {} and {}", new.extra, new.skipped, old.extra, old.skipped));
    }
    match change.unplanned {
        Some(true) => parts.push("known, not planned".to_owned()),
        Some(false) => parts.push("no longer marked as unplanned".to_owned()),
        None => {}
    }
    if parts.is_empty() { "nothing changes".to_owned() } else { parts.join("; ") }
}

fn step_zh(change: &StepChange, was: &StepChange) -> String {
    let mut parts = Vec::new();
    for (name, new, old) in [("标题", &change.title, &was.title), ("阶段", &change.stage, &was.stage), ("指导", &change.guidance, &was.guidance)] {
        let Some(new) = new else { continue };
        let old = old.as_ref().and_then(Option::as_deref).map_or_else(String::new, |old| format!("（原为{}）", quoted(old)));
        parts.push(new.as_deref().map_or_else(|| format!("去掉{name}{old}"), |new| format!("{name}改为{}{old}", quoted(new))));
    }
    match change.by {
        Some(Actor::Agent) => parts.push("改为销售的动作".to_owned()),
        Some(Actor::Customer) => parts.push("改为客户的行为".to_owned()),
        None => {}
    }
    if let (Some(new), Some(old)) = (change.cost, was.cost) {
        parts.push(format!("代价改为计划外 {}、跳过 {}（原为 {}、{}）", new.extra, new.skipped, old.extra, old.skipped));
    }
    match change.unplanned {
        Some(true) => parts.push("改为计划外的已知步骤".to_owned()),
        Some(false) => parts.push("不再标为计划外".to_owned()),
        None => {}
    }
    if parts.is_empty() { "无变化".to_owned() } else { parts.join("；") }
}

fn accepted_en(rule: &Accepted, what: &str) -> String {
    let kind = match rule.kind {
        AcceptedKind::Skip => "leaving out",
        AcceptedKind::Extra => "unplanned",
        AcceptedKind::OutOfOrder => "out of order",
        AcceptedKind::Repeat => "repeating",
        AcceptedKind::BelowStandard => "below standard",
        AcceptedKind::Late => "late",
    };
    let mut text = format!("{kind} {what}");
    if !rule.when.0.is_empty() {
        text += &format!(", only if {}", short(&rule.when.to_string(), 120));
    }
    if let Some(reason) = &rule.reason {
        text += &format!(" ({})", short(reason, 120));
    }
    if let Some(from) = rule.from {
        text += &format!(", from {from}");
    }
    if let Some(until) = rule.until {
        text += &format!(", until {until}");
    }
    text
}

fn accepted_zh(rule: &Accepted, what: &str) -> String {
    let kind = match rule.kind {
        AcceptedKind::Skip => "跳过",
        AcceptedKind::Extra => "计划外做",
        AcceptedKind::OutOfOrder => "换序做",
        AcceptedKind::Repeat => "重复做",
        AcceptedKind::BelowStandard => "未达标：",
        AcceptedKind::Late => "做晚：",
    };
    let mut text = format!("{kind}{what}");
    if !rule.when.0.is_empty() {
        text += &format!("，{}", fill(labels(Lang::Zh).only_when, &[&short(&rule.when.to_string(), 120)]));
    }
    if let Some(reason) = &rule.reason {
        text += &format!("（{}）", short(reason, 120));
    }
    if let Some(from) = rule.from {
        text += &format!("，自 {from} 起");
    }
    if let Some(until) = rule.until {
        text += &format!("，至 {until}");
    }
    text
}
