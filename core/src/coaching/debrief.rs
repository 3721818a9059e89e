//! Debrief (复盘): one page about a deal, a rep or a team: what happened, against plan, what to do; and how much reading it saved.

use serde::Serialize;

use super::people::People;
use super::tiers::Tier;
use crate::check::Deviation;
use crate::corpus::NO_TIME;
use crate::error::{Error, Result};
use crate::text::{escape_html, escape_markdown};
use crate::words::{Lang, count, people as say, share};

/// Lines of a part.
const LINES: usize = 12;

/// Part of a debrief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DebriefPart {
    /// Its heading.
    pub heading: String,
    /// Its lines, as plain text.
    pub lines: Vec<String>,
}

/// How much reading was saved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Saved {
    /// Conversations that were gone through.
    pub conversations: u64,
    /// Minutes of talk in them, where turns have times; `None` where none has.
    pub minutes: Option<f64>,
    /// Of these conversations, those a reviewer would still look at.
    pub to_look_at: u64,
}

/// One page about a deal, a rep or a team.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Debrief {
    /// Its title.
    pub title: String,
    /// Its parts.
    pub parts: Vec<DebriefPart>,
    /// How much reading it saved.
    pub saved: Saved,
    #[serde(skip)]
    lang: Lang,
}

impl Debrief {
    /// The page in Markdown. Names and titles are escaped.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n", escape_markdown(&self.title));
        for part in &self.parts {
            text.push_str(&format!("\n## {}\n\n", escape_markdown(&part.heading)));
            part.lines.iter().for_each(|line| text.push_str(&format!("- {}\n", escape_markdown(line))));
        }
        text
    }

    /// The page as a piece of HTML; names and titles are escaped.
    pub fn to_html(&self) -> String {
        let part = |part: &DebriefPart| {
            let lines: String = part.lines.iter().map(|line| format!("<li>{}</li>", escape_html(line))).collect();
            format!("<section><h2>{}</h2><ul>{lines}</ul></section>", escape_html(&part.heading))
        };
        let lang = if self.lang == Lang::Zh { "zh-CN" } else { "en" };
        format!("<article lang=\"{lang}\"><h1>{}</h1>{}</article>", escape_html(&self.title), self.parts.iter().map(part).collect::<String>())
    }
}

fn both(lang: Lang, en: &str, zh: &str) -> String {
    if lang == Lang::Zh { zh.to_owned() } else { en.to_owned() }
}

impl People {
    /// A debrief of one case: a deal where cases are deals, else a conversation.
    ///
    /// # Errors
    /// [`Error::Argument`] with `check.unknown_case` for a case that is not there or that no SOP takes.
    pub fn debrief_case(&self, case: &str, lang: Lang) -> Result<Debrief> {
        let check = self.check();
        let found = check.alignment(case)?;
        let number = check.corpus().find(case);
        let rep = number.and_then(|n| check.corpus().store().reps.get(check.rep_of(n))).unwrap_or("–");
        let sop = number.and_then(|n| check.sop_of(n));
        let title = |id: &Option<String>| id.as_deref().map_or("–", |id| sop.map_or(id, |sop| sop.title(id))).to_owned();
        let done = found.moves.iter().filter(|m| m.kind == crate::check::MoveKind::Matched).count();
        let mut happened = vec![
            both(lang, &format!("Rep: {rep}"), &format!("销售：{rep}")),
            both(lang, &format!("{done} steps done in their place."), &format!("有 {done} 个步骤按 SOP 的位置做到。")),
        ];
        if found.stopped_at.is_some() {
            let at = title(&found.stopped_at);
            happened.push(both(lang, &format!("It stopped before “{at}”."), &format!("停在“{at}”之前。")));
        }
        let turns = |d: &Deviation| d.turns.map_or_else(String::new, |(a, b)| if a == b { format!(" [{a}]") } else { format!(" [{a}–{b}]") });
        let against: Vec<String> = found.deviations.iter().take(LINES).map(|d| d.sentence(lang) + &turns(d)).collect();
        let look = self.look_reasons(case)?;
        let todo = look.iter().map(|reason| say::look(reason, lang)).collect();
        Ok(self.debrief(
            both(lang, &format!("Debrief: {case}"), &format!("复盘：{case}")),
            [
                (both(lang, "What happened", "经过"), happened),
                (both(lang, "Against plan", "与 SOP 对照"), against),
                (both(lang, "What to look at", "看什么"), todo),
            ],
            number.into_iter().collect(),
            lang,
        ))
    }

    /// A debrief of a rep.
    ///
    /// # Errors
    /// [`Error::Argument`] for a rep that is not there.
    pub fn debrief_rep(&self, rep: &str, lang: Lang) -> Result<Debrief> {
        let skills = self.skills();
        let number = skills.rep(rep)?;
        let rows = skills.of_rep(rep)?;
        let name = |key: &str| skills.skills().iter().find(|s| s.key == key).map_or(key.to_owned(), |s| say::skill(s, lang));
        let stands = rows
            .iter()
            .filter(|row| row.tier != Tier::Undetermined)
            .take(LINES)
            .map(|row| {
                let (name, tier) = (name(&row.skill), say::tier(row.tier, lang));
                let (rate, n) = (share(row.rate.estimate, lang), count(row.n));
                both(lang, &format!("{name}: {tier} ({rate} with like cases, n {n})"), &format!("{name}：{tier}（同类客户下 {rate}，{n} 次）"))
            })
            .collect();
        let changed = self.declines()?.iter().filter(|d| d.rep == rep).map(|d| say::decline(d, lang)).collect();
        let todo = self.gaps(rep)?.iter().take(LINES).map(|g| say::gap(g, lang) + &examples(g.examples.iter().map(|e| e.case.as_str()), lang)).collect();
        let cases = self.cases_of(number).iter().map(|&case| case as usize).collect();
        Ok(self.debrief(
            both(lang, &format!("Debrief: {rep}"), &format!("复盘：{rep}")),
            [
                (both(lang, "Where the skills stand", "能力现状"), stands),
                (both(lang, "What changed", "变化"), changed),
                (both(lang, "What to do, the most worthwhile first", "做什么（按价值排序）"), todo),
            ],
            cases,
            lang,
        ))
    }

    /// A debrief of a team, or of all where no team is named.
    ///
    /// # Errors
    /// [`Error::Argument`] for a team that is not there.
    pub fn debrief_team(&self, team: Option<&str>, lang: Lang) -> Result<Debrief> {
        let (check, chances) = (self.check(), self.skills().chances());
        let store = check.corpus().store();
        let code = match team {
            Some(team) => Some(
                store
                    .teams
                    .find(team)
                    .ok_or_else(|| Error::argument("team", format!("no conversation is of a team `{team}`"), "a name as it stands in `team`"))?,
            ),
            None => None,
        };
        let cases: Vec<usize> = (0..check.len()).filter(|&case| code.is_none_or(|code| check.team_of(case) == code)).collect();
        let (mut adhered, mut due, mut conform, mut checked) = (0u64, 0u64, 0u64, 0u64);
        for &case in &cases {
            let Some((a, d)) = check.adhered(case) else { continue };
            (adhered, due, checked) = (adhered + u64::from(a), due + u64::from(d), checked + 1);
            conform += u64::from(check.conforms_so_far(case) == Some(true));
        }
        let part = |a: u64, b: u64| if b == 0 { "–".to_owned() } else { share(a as f64 / b as f64, lang) };
        let happened = vec![
            both(
                lang,
                &format!("{} cases, {} of the steps due were done.", count(checked), part(adhered, due)),
                &format!("共 {} 个案例，该做的步骤做到 {}。", count(checked), part(adhered, due)),
            ),
            both(
                lang,
                &format!("{} keep to the SOP as far as they got.", part(conform, checked)),
                &format!("到目前为止符合 SOP 的占 {}。", part(conform, checked)),
            ),
        ];
        let mine = |rep: &str| team.is_none() || chances.team_of(rep) == team;
        let mut changed: Vec<String> =
            self.declines()?.iter().filter(|d| mine(&d.rep) && d.until.is_none()).map(|d| say::decline(d, lang)).take(LINES).collect();
        changed.extend(self.drift().iter().filter(|d| d.changed).map(|d| say::drift(d, lang)).take(LINES));
        // The largest gap of each rep: those with a known worth first, then by size.
        let mut todo: Vec<(f64, f64, String)> = vec![];
        for rep in chances.reps().filter(|rep| mine(rep)) {
            let gaps = self.gaps_without_examples(rep)?;
            todo.extend(gaps.first().map(|g| (g.worth.unwrap_or(0.0), g.gap, format!("{rep}: {}", say::gap(g, lang)))));
        }
        todo.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then_with(|| a.2.cmp(&b.2)));
        let name = team.map_or_else(|| both(lang, "all teams", "全部团队"), ToOwned::to_owned);
        Ok(self.debrief(
            both(lang, &format!("Debrief: {name}"), &format!("复盘：{name}")),
            [
                (both(lang, "What happened", "经过"), happened),
                (both(lang, "What changed", "变化"), changed),
                (both(lang, "Whom to help first", "先帮谁"), todo.into_iter().take(LINES).map(|t| t.2).collect()),
            ],
            cases,
            lang,
        ))
    }

    fn debrief<const N: usize>(&self, title: String, parts: [(String, Vec<String>); N], cases: Vec<usize>, lang: Lang) -> Debrief {
        let store = self.check().corpus().store();
        let (mut minutes, mut timed, mut conversations) = (0.0, false, 0u64);
        let mut to_look_at = 0;
        for &case in &cases {
            conversations += store.parts.as_ref().map_or(1, |parts| parts.of(case).len() as u64);
            let spoken = store.turn_range(case).filter(|&t| store.turns.start[t] != NO_TIME && store.turns.end[t] != NO_TIME);
            for turn in spoken {
                timed = true;
                minutes += (store.turns.end[turn] - store.turns.start[turn]).max(0) as f64 / 60_000.0;
            }
            to_look_at += u64::from(self.check().conforms_so_far(case) == Some(false));
        }
        let saved = Saved { conversations, minutes: timed.then_some(minutes), to_look_at };
        let nothing = both(lang, "Nothing that stands out.", "没有特别之处。");
        let mut parts: Vec<DebriefPart> =
            parts.into_iter().map(|(heading, lines)| DebriefPart { heading, lines: if lines.is_empty() { vec![nothing.clone()] } else { lines } }).collect();
        let talk = saved.minutes.map_or_else(String::new, |m| both(lang, &format!(", {m:.0} minutes of talk"), &format!("、{m:.0} 分钟对话")));
        parts.push(DebriefPart {
            heading: both(lang, "Reading saved", "省下的阅读"),
            lines: vec![both(
                lang,
                &format!(
                    "Conversations gone through: {}{talk}; cases with a deviation that a reviewer would still look at: {}.",
                    count(conversations),
                    count(to_look_at)
                ),
                &format!("已通读 {} 通会话{talk}；其中 {} 个案例有偏差，仍值得人工看一看。", count(conversations), count(to_look_at)),
            )],
        });
        Debrief { title, parts, saved, lang }
    }
}

fn examples<'a>(cases: impl Iterator<Item = &'a str>, lang: Lang) -> String {
    let list: Vec<&str> = cases.collect();
    if list.is_empty() {
        return String::new();
    }
    match lang {
        Lang::En => format!(" See {}.", list.join(", ")),
        Lang::Zh => format!("见 {}。", list.join("、")),
    }
}
