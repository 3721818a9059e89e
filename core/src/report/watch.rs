//! The monitor page: alerts, adherence over time, what changed with its dates, and what to look at.

use super::NAME;
use super::people::{Cell, Chart, Curve, Page, Section, axis_share, both, curve, render, weeks};
use crate::coaching::People;
use crate::error::Result;
use crate::monitor::{Alert, AlertKind, Execution, WeekOfExecution};
use crate::stats::{Interval, wilson};
use crate::text::short;
use crate::words::{Lang, count, people as say, share};

/// Rows of each part.
const ROWS: usize = 30;
/// Fewest cases of a week that is drawn.
const DRAWN: u64 = 10;

impl People {
    /// The monitor page as HTML that loads nothing.
    ///
    /// # Errors
    /// As [`People::alerts`] and [`People::execution`].
    pub fn monitor_page(&self, lang: Lang) -> Result<String> {
        let alerts = self.alerts()?;
        let chances = self.skills().chances();
        let mut page = Page { title: both(lang, "Monitor", "执行监测"), ..Page::default() };
        page.meta.extend(chances.as_of().map(|day| say::day(day, lang)));
        if chances.undated() > 0 {
            page.meta.push(both(lang, &format!("{} undated", count(chances.undated())), &format!("{} 通无日期", count(chances.undated()))));
        }
        if chances.future() > 0 {
            page.meta.push(both(
                lang,
                &format!("{} in the future, left out", count(chances.future())),
                &format!("{} 通日期在未来，未计入", count(chances.future())),
            ));
        }
        page.sections.push(Section {
            heading: both(lang, "Alerts", "提醒"),
            note: alerts.is_empty().then(|| both(lang, "Nothing that is more than chance.", "没有超出偶然的变化。")),
            lines: alerts.iter().filter(|a| a.until.is_none()).take(ROWS).map(|a| say::alert(a, lang)).collect(),
            ..Section::default()
        });
        page.sections.extend(over_time(self, &alerts, self.execution()?, lang));
        let look = self.look_at(ROWS)?;
        page.sections.push(Section {
            heading: both(lang, "Conversations to look at", "今天看哪些会话"),
            head: [("Conversation", "会话"), ("Rep", "销售"), ("Why", "为什么")].iter().map(|(en, zh)| both(lang, en, zh)).collect(),
            rows: (look.iter())
                .map(|l| {
                    let why: Vec<String> = l.reasons.iter().map(|r| say::look(r, lang)).collect();
                    let case = l.turns.map_or_else(|| l.case.clone(), |(a, _)| format!("{} [{a}]", l.case));
                    vec![
                        Cell::of(short(&case, NAME)),
                        Cell::of(l.rep.as_deref().map_or_else(|| "–".to_owned(), |rep| short(rep, 40))),
                        Cell { class: Some("l"), ..Cell::of(why.join(if lang == Lang::Zh { "；" } else { "; " })) },
                    ]
                })
                .collect(),
            ..Section::default()
        });
        render(&page, lang)
    }
}

/// How execution went week by week, and what changed.
pub(super) fn over_time(people: &People, alerts: &[Alert], execution: &Execution, lang: Lang) -> Vec<Section> {
    let mut sections = vec![];
    let all: Vec<&WeekOfExecution> = execution.weeks.iter().filter(|w| w.group.by == "all" && w.week.is_some() && w.cases >= DRAWN).collect();
    let changes: Vec<f64> = alerts.iter().filter(|a| a.kind != AlertKind::Decline).map(|a| weeks(a.since)).collect();
    let chart = |caption: String, of: &dyn Fn(&WeekOfExecution) -> Option<Interval>| {
        let list: Vec<_> = all.iter().filter_map(|w| Some((w.week?.to_string(), weeks(w.week?), of(w)?))).collect();
        (!list.is_empty())
            .then(|| Chart { svg: curve(&Curve { points: &list, level: None, marks: changes.clone(), write: axis_share, label: caption.clone() }), caption })
    };
    // Steps of one case are not independent: no band is drawn where none can be stood for.
    let adherence =
        |w: &WeekOfExecution| (w.due > 0).then(|| w.adhered as f64 / w.due as f64).map(|estimate| Interval { estimate, low: estimate, high: estimate });
    let conforming = |w: &WeekOfExecution| wilson(w.conforming, w.cases, 0.95);
    let charts = [
        chart(both(lang, "Adherence: steps done, of those due", "执行率：该做的步骤做到的占比"), &adherence),
        chart(both(lang, "Cases that keep to the SOP so far", "到目前为止符合 SOP 的占比"), &conforming),
    ];
    sections.push(Section {
        heading: both(lang, "Execution by week", "逐周执行"),
        note: Some(both(
            lang,
            "Weeks with at least 10 cases. Upright lines: weeks in which a share changed.",
            "只画至少 10 通会话的周。竖线：某项占比发生变化的那一周。",
        )),
        charts: charts.into_iter().flatten().collect(),
        ..Section::default()
    });
    let changed: Vec<_> = people.drift().iter().filter(|d| d.changed).collect();
    sections.push(Section {
        heading: both(lang, "What changed", "变化"),
        note: Some(both(
            lang,
            &format!("{} shares were looked at.", count(people.drift().len() as u64)),
            &format!("共考察 {} 项占比。", count(people.drift().len() as u64)),
        )),
        head: [("Share", "占比"), ("Since", "自"), ("Before", "之前"), ("After", "之后"), ("Chance alone", "偶然的可能")]
            .iter()
            .map(|(en, zh)| both(lang, en, zh))
            .collect(),
        rows: (changed.iter().take(ROWS))
            .map(|d| {
                let between = (d.since_low != d.since_high).then(|| format!("{} – {}", d.since_low, d.since_high));
                vec![
                    Cell::of(short(&say::chance(&d.chance, lang), NAME)),
                    Cell { small: between, ..Cell::of(d.since.to_string()) },
                    Cell { small: Some(format!("n {}", count(d.before.1))), ..Cell::of(share(d.share_before(), lang)) },
                    Cell { small: Some(format!("n {}", count(d.after.1))), ..Cell::of(share(d.share_after(), lang)) },
                    Cell::of(if d.p_value < 0.001 { "< 0.001".to_owned() } else { format!("{:.3}", d.p_value) }),
                ]
            })
            .collect(),
        ..Section::default()
    });
    sections
}
