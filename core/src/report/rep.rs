//! The page of a rep: skills with bands, gaps with own turns, the plan, and what changed.

use super::NAME;
use super::people::{Cell, Chart, Curve, Page, Section, axis_share, both, class_of, curve, render, weeks};
use crate::coaching::{CoachingLog, People, Tier};
use crate::error::Result;
use crate::text::short;
use crate::words::{Lang, count, people as say, points, share};

/// Curves drawn.
const CURVES: usize = 6;

impl People {
    /// The page of a rep as HTML that loads nothing; with a log, where the rep stands in the loop of training.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a rep that is not there.
    pub fn rep_page(&self, rep: &str, log: Option<&CoachingLog>, lang: Lang) -> Result<String> {
        let skills = self.skills();
        let rows = skills.of_rep(rep)?;
        let gaps = self.gaps(rep)?;
        let name = |key: &str| {
            let found = skills.skills().iter().find(|s| s.key == key);
            short(&found.map_or_else(|| say::skill_key(key, lang), |s| say::skill(s, lang)), NAME)
        };
        let mut page = Page { title: short(rep, NAME), ..Page::default() };
        page.meta.extend(skills.chances().team_of(rep).map(|team| short(team, NAME)));
        page.meta.extend(skills.chances().as_of().map(|day| say::day(day, lang)));
        page.lead.push(both(
            lang,
            "Priorities of looking, held against what an average rep would have done with the same cases; not a verdict on a person.",
            "以下以“同样的客户、平均水平的销售会怎样”为参照，用于决定先看什么，不是对人的评判。",
        ));
        let mine = self.declines()?.iter().filter(|d| d.rep == rep);
        let changed: Vec<String> = mine.clone().map(|d| say::decline(d, lang)).collect();
        if !changed.is_empty() {
            page.sections.push(Section { heading: both(lang, "What changed", "变化"), lines: changed, ..Section::default() });
        }
        let charts = (skills.skills().iter())
            .filter(|s| s.chance.is_none())
            .take(CURVES)
            .filter_map(|s| {
                let ability = skills.ability(rep, &s.key).ok().filter(|a| !a.points.is_empty())?;
                let list: Vec<_> = ability.points.iter().map(|p| (p.week.to_string(), weeks(p.week), p.rate)).collect();
                let marks = mine.clone().filter(|d| d.skill == s.key).map(|d| weeks(d.since)).collect();
                let label = say::skill(s, lang);
                let svg = curve(&Curve { points: &list, level: Some((ability.average, "average")), marks, write: axis_share, label: label.clone() });
                Some(Chart { caption: label, svg })
            })
            .collect();
        page.sections.push(Section {
            heading: both(lang, "Ability over time", "能力走势"),
            note: Some(both(
                lang,
                "The share this rep would come to with the cases of all, with its 95 % band; dashed: an average rep; upright lines: where a decline began.",
                "换成全体的客户构成时会达到的占比与 95% 区间；虚线为平均水平；竖线为下滑的起点。",
            )),
            charts,
            ..Section::default()
        });
        page.sections.push(Section {
            heading: both(lang, "Gaps, the most worthwhile first", "弱项（按价值排序）"),
            lines: gaps.iter().take(8).map(|g| say::gap(g, lang)).collect(),
            more: gaps.is_empty().then(|| both(lang, "None that the cases show.", "现有会话没有显示弱项。")),
            head: vec![both(lang, "Gap", "弱项"), both(lang, "Own turns", "本人的片段"), both(lang, "Top reps do next", "优秀者接下来会做")],
            rows: gaps
                .iter()
                .take(8)
                .map(|g| {
                    let turn = |e: &crate::coaching::Example| {
                        e.turns.map_or_else(|| e.case.clone(), |(a, b)| if a == b { format!("{} [{a}]", e.case) } else { format!("{} [{a}–{b}]", e.case) })
                    };
                    let own: Vec<String> = g.examples.iter().map(|e| short(&turn(e), 40)).collect();
                    let part = |(k, n): (u64, u64)| if n == 0 { "–".to_owned() } else { share(k as f64 / n as f64, lang) };
                    let top: Vec<String> = g.patterns.iter().map(|p| format!("{} ({} / {})", short(&p.title, 40), part(p.top), part(p.own))).collect();
                    let list = |items: Vec<String>| if items.is_empty() { "–".to_owned() } else { items.join(if lang == Lang::Zh { "、" } else { ", " }) };
                    vec![
                        Cell::of(short(&say::chance(&g.chance, lang), NAME)),
                        Cell { class: Some("l"), ..Cell::of(list(own)) },
                        Cell { class: Some("l"), ..Cell::of(list(top)) },
                    ]
                })
                .collect(),
            ..Section::default()
        });
        if let Some(tracks) = log.and_then(|log| log.tracks.get(rep)) {
            page.sections.push(Section {
                heading: both(lang, "Training", "培训与考核"),
                head: [("Skill", "能力"), ("Stage", "阶段"), ("Since", "自"), ("Due", "截止"), ("Trained", "已培训"), ("Last assessment", "最近考核")]
                    .iter()
                    .map(|(en, zh)| both(lang, en, zh))
                    .collect(),
                rows: (tracks.values())
                    .map(|t| {
                        let last = t.assessments.last().map_or_else(|| "–".to_owned(), |a| say::assessment(a, lang));
                        vec![
                            Cell::of(name(&t.skill)),
                            Cell::of(say::stage(t.stage, lang)),
                            Cell::of(t.since.to_string()),
                            Cell::of(t.due.map_or_else(|| "–".to_owned(), |d| d.to_string())),
                            Cell::of(count(t.trainings.len() as u64)),
                            Cell { class: Some("l"), ..Cell::of(last) },
                        ]
                    })
                    .collect(),
                ..Section::default()
            });
        }
        page.sections.push(Section {
            heading: both(lang, "Skills", "能力明细"),
            head: [
                ("Skill", "能力"),
                ("Tier", "分层"),
                ("With like cases", "同类客户下"),
                ("Against average", "与平均相比"),
                ("Observed", "实际"),
                ("Expected", "预期"),
                ("n", "次数"),
            ]
            .iter()
            .map(|(en, zh)| both(lang, en, zh))
            .collect(),
            rows: (rows.iter())
                .map(|r| {
                    vec![
                        Cell::of(name(&r.skill)),
                        Cell { class: (r.tier == Tier::Undetermined).then_some("unsure"), ..Cell::of(say::tier(r.tier, lang)) },
                        Cell { small: Some(format!("[{}, {}]", share(r.rate.low, lang), share(r.rate.high, lang))), ..Cell::of(share(r.rate.estimate, lang)) },
                        Cell { class: Some(class_of(r.difference)), ..Cell::of(points(r.difference.estimate)) },
                        Cell::of(share(r.observed, lang)),
                        Cell::of(share(r.expected, lang)),
                        Cell::of(count(r.n)),
                    ]
                })
                .collect(),
            ..Section::default()
        });
        render(&page, lang)
    }
}
