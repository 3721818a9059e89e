//! The heat map of a team: step by rep.

use super::NAME;
use super::people::{Cell, Page, Section, both, class_of, render};
use crate::coaching::People;
use crate::error::Result;
use crate::text::short;
use crate::words::{Lang, count, fill, people as say, share};

/// Reps and skills shown.
const REPS: usize = 200;
const SKILLS: usize = 40;

impl People {
    /// The heat map of a team (of all, where none is named): each rep's share in each skill with the cases of all, coloured where the
    /// interval lies to one side of the average.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) for a team that is not there.
    pub fn team_page(&self, team: Option<&str>, lang: Lang) -> Result<String> {
        let page = Page {
            title: team.map_or_else(|| both(lang, "All teams", "全部团队"), |team| short(team, NAME)),
            meta: self.skills().chances().as_of().map(|day| say::day(day, lang)).into_iter().collect(),
            lead: vec![],
            sections: vec![heat(self, team, REPS, lang)?],
        };
        render(&page, lang)
    }
}

/// The heat map as a part of a page, of so many reps.
pub(super) fn heat(people: &People, team: Option<&str>, most: usize, lang: Lang) -> Result<Section> {
    let skills = people.skills();
    let chances = skills.chances();
    let mut reps: Vec<&str> = chances.reps().filter(|rep| team.is_none() || chances.team_of(rep) == team).collect();
    if let Some(team) = team
        && reps.is_empty()
    {
        return Err(crate::Error::argument("team", format!("no rep was last in a team `{team}`"), "a name as it stands in `team`"));
    }
    reps.sort_unstable();
    let all = reps.len();
    // What is looked at together comes first.
    let (whole, single): (Vec<_>, Vec<_>) = skills.skills().iter().partition(|skill| skill.chance.is_none());
    let shown: Vec<_> = whole.into_iter().chain(single).take(SKILLS).collect();
    let rows = (reps.iter().take(most))
        .map(|rep| {
            let mine = skills.of_rep(rep)?;
            let cells = shown.iter().map(|skill| {
                let Some(r) = mine.iter().find(|r| r.skill == skill.key) else { return Cell { class: Some("unsure"), ..Cell::of("–") } };
                Cell { small: Some(format!("n {}", count(r.n))), class: Some(class_of(r.difference)), ..Cell::of(share(r.rate.estimate, lang)) }
            });
            Ok(std::iter::once(Cell::of(short(rep, NAME))).chain(cells).collect())
        })
        .collect::<Result<Vec<_>>>()?;
    let head = std::iter::once(both(lang, "Rep", "销售")).chain(shown.iter().map(|s| short(&say::skill(s, lang), 40))).collect();
    let more = (all > most).then(|| fill(crate::words::labels(lang).more_rows, &[&count((all - most) as u64), "skills"]));
    Ok(Section {
        heading: both(lang, "Skills by rep", "能力热力图"),
        note: Some(both(
            lang,
            "Share with the cases of all. Coloured: the 95 % interval lies above (green) or below (red) the average; grey: it cannot be told.",
            "换成全体的客户构成时会达到的占比。绿/红：95% 区间高于/低于平均；灰：暂不能判断。",
        )),
        head,
        rows,
        more,
        ..Section::default()
    })
}
