//! For whom a training works: its effect in each group of reps and on each kind of case, and whether these differ.

use serde::Serialize;

use super::skills::Skills;
use super::training::{Person, Training, TrainingOptions, TrainingVerdict, Window, distinct, effect, points};
use crate::error::Result;
use crate::stats::{Ancova, AncovaRow, Interval, benjamini_hochberg};
use crate::table::{Column, Table};

/// Weeks after the first case within which somebody is new; and that the first case has to come after the first of all.
const NEW: i32 = 26;
const LATER: i32 = 8;
/// Most teams, and most values of an attribute, that are looked at: the largest.
const MOST: usize = 12;

/// What people or cases are told apart by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupOf {
    /// `level` (where people stood before), `tenure`, `team`, or the name of an attribute of cases.
    pub by: String,
    /// `lower` or `upper` (than the middle one of those trained); `new` or `experienced`; the team; the value.
    pub value: String,
}

/// The effect in one group, and how far it is from that elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupEffect {
    /// Which people, or which cases.
    pub group: GroupOf,
    /// People trained.
    pub trained: usize,
    /// Others.
    pub others: usize,
    /// Log-odds above others from the same starting point.
    pub effect: Option<Interval>,
    /// The same as a difference of shares, at where the trained ended.
    pub points: Option<Interval>,
    /// Probability of so large an effect by chance…
    pub p_value: Option<f64>,
    /// …all groups allowed for.
    pub q_value: Option<f64>,
    /// What may be said, all groups allowed for.
    pub verdict: TrainingVerdict,
    /// The effect here minus that elsewhere, in log-odds; `None` for the second of two groups, of which the first says it.
    pub difference: Option<Interval>,
    /// Probability of so large a difference by chance…
    pub difference_p: Option<f64>,
    /// …all that are looked at allowed for.
    pub difference_q: Option<f64>,
    /// It works otherwise here than elsewhere, all that are looked at allowed for.
    pub differs: bool,
}

/// For whom a training works.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForWhom {
    /// Id of the training.
    pub training: String,
    /// Key of the skill.
    pub skill: String,
    /// Group by group: where people stood before, tenure, teams, kinds of cases.
    pub groups: Vec<GroupEffect>,
}

impl GroupEffect {
    /// One sentence about it.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::people::group_effect(self, lang)
    }
}

impl ForWhom {
    /// Whether it works otherwise for some than for others, in one sentence.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::people::for_whom(self, lang)
    }

    /// The groups as a table, a row each.
    pub fn table(&self) -> Table {
        let rows = &self.groups;
        let float = |f: &dyn Fn(&GroupEffect) -> Option<f64>| Column::Float(rows.iter().map(f).collect());
        let int = |f: &dyn Fn(&GroupEffect) -> usize| Column::Int(rows.iter().map(|x| Some(f(x) as i64)).collect());
        let text = |f: &dyn Fn(&GroupEffect) -> String| Column::Text(rows.iter().map(|x| Some(f(x).into())).collect());
        let mut table = Table::new("for_whom");
        table.push("by", text(&|g| g.group.by.clone()));
        table.push("value", text(&|g| g.group.value.clone()));
        table.push("trained", int(&|g| g.trained));
        table.push("others", int(&|g| g.others));
        table.push("verdict", text(&|g| g.verdict.name().into()));
        table.push("points", float(&|g| g.points.map(|i| i.estimate)));
        table.push("points_low", float(&|g| g.points.map(|i| i.low)));
        table.push("points_high", float(&|g| g.points.map(|i| i.high)));
        table.push("effect", float(&|g| g.effect.map(|i| i.estimate)));
        table.push("effect_low", float(&|g| g.effect.map(|i| i.low)));
        table.push("effect_high", float(&|g| g.effect.map(|i| i.high)));
        table.push("p_value", float(&|g| g.p_value));
        table.push("q_value", float(&|g| g.q_value));
        table.push("difference", float(&|g| g.difference.map(|i| i.estimate)));
        table.push("difference_low", float(&|g| g.difference.map(|i| i.low)));
        table.push("difference_high", float(&|g| g.difference.map(|i| i.high)));
        table.push("difference_q", float(&|g| g.difference_q));
        table.push("differs", Column::Bool(rows.iter().map(|g| Some(g.differs)).collect()));
        table.push("sentence_en", text(&|g| g.sentence(crate::words::Lang::En)));
        table.push("sentence_zh", text(&|g| g.sentence(crate::words::Lang::Zh)));
        table
    }
}

/// A group before the others are allowed for.
struct Found {
    group: GroupOf,
    rows: Vec<AncovaRow>,
    here: Option<Ancova>,
    /// Its difference to elsewhere; `None` for the second of two.
    difference: Option<Ancova>,
}

impl Skills {
    /// The effect of a training (its sessions, as in [`Skills::sessions_effect`]) on a skill, among those who stood low and high
    /// before, the new and the experienced, each team, and on the cases of each value of what is adjusted for. Within each group
    /// trained people are held against others from the same starting point; the effect here minus that elsewhere has an interval
    /// of its own. The false discovery rate is held over all groups, and over all differences.
    ///
    /// # Errors
    /// As [`Skills::sessions_effect`].
    pub fn for_whom(&self, sessions: &[Training], skill: &str, also: &[Training], options: &TrainingOptions) -> Result<ForWhom> {
        let at = self.find(skill)?;
        let people = self.people_of(at, sessions, also, options)?;
        let mut found = by_level(&people);
        found.extend(self.by_tenure(&people));
        found.extend(self.by_team(&people));
        found.extend(self.by_case(at, sessions, also, options)?);
        found.retain(|f| f.rows.iter().any(|row| row.taken));
        let fit = &self.0.fits[at];
        let p = |of: &dyn Fn(&Found) -> Option<Ancova>| -> Vec<Option<f64>> { found.iter().map(|f| of(f).and_then(|a| a.test()).map(|t| t.p_value)).collect() };
        let (p_values, differences) = (p(&|f| f.here), p(&|f| f.difference));
        let (q_values, difference_q) = (allowed_for(&p_values), allowed_for(&differences));
        let sure = 1.0 - options.level;
        let groups = found.iter().enumerate().map(|(i, f)| {
            let interval = f.here.and_then(|a| a.interval(options.level));
            let verdict = match (interval, q_values[i]) {
                (Some(e), Some(q)) if q <= sure && e.estimate > 0.0 => TrainingVerdict::Better,
                (Some(_), Some(q)) if q <= sure => TrainingVerdict::Worse,
                (Some(_), _) => TrainingVerdict::NoEffectShown,
                (None, _) => TrainingVerdict::NotEnoughData,
            };
            GroupEffect {
                group: f.group.clone(),
                trained: distinct(f.rows.iter().filter(|row| row.taken).map(|row| row.person)),
                others: distinct(f.rows.iter().filter(|row| !row.taken).map(|row| row.person)),
                effect: interval,
                points: interval.and_then(|e| points(fit, &f.rows, e)),
                p_value: p_values[i],
                q_value: q_values[i],
                verdict,
                difference: f.difference.and_then(|a| a.interval(options.level)),
                difference_p: differences[i],
                difference_q: difference_q[i],
                differs: difference_q[i].is_some_and(|q| q <= sure),
            }
        });
        Ok(ForWhom { training: sessions.first().map_or_else(String::new, |s| s.id.clone()), skill: skill.to_owned(), groups: groups.collect() })
    }

    fn by_tenure(&self, people: &[Person]) -> Vec<Found> {
        let chances = &self.0.chances.0;
        let mut first: Vec<Option<i32>> = vec![None; chances.reps.len()];
        for row in chances.rows.iter().filter(|row| row.week() != i32::MIN) {
            if let Some(of) = first.get_mut(row.rep() as usize) {
                *of = Some(of.map_or(row.week(), |week| week.min(row.week())));
            }
        }
        let Some(start) = first.iter().flatten().min().copied() else { return vec![] };
        // Whoever was there when the data begin may have been there for long.
        let new = |p: &Person| first[p.rep as usize].map(|week| usize::from(!(week >= start + LATER && p.held - week < NEW)));
        split("tenure", people, &["new", "experienced"], new)
    }

    fn by_team(&self, people: &[Person]) -> Vec<Found> {
        let chances = &self.0.chances.0;
        // The team in the week of the session, else the last.
        let team = |p: &Person| -> Option<&str> {
            let then = chances.teams.get(p.rep as usize)?.iter().filter(|t| (t.1..=t.2).contains(&p.held)).max_by_key(|t| (t.1, t.2));
            then.map_or_else(|| self.0.chances.team_of(chances.reps.get(p.rep)?), |t| t.0.as_deref())
        };
        let mut names: Vec<&str> = people.iter().filter(|p| p.trained).filter_map(team).collect();
        names.sort_unstable();
        let mut sizes: Vec<(usize, &str)> = names.chunk_by(|a, b| a == b).map(|same| (same.len(), same[0])).collect();
        sizes.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        sizes.truncate(MOST);
        let names: Vec<&str> = sizes.into_iter().map(|(_, name)| name).collect();
        if people.iter().filter_map(team).any(|of| names.first() != Some(&of)) {
            split("team", people, &names, |p| names.iter().position(|name| team(p) == Some(name)))
        } else {
            vec![]
        }
    }

    /// Within each person: the cases of a value of an attribute against the others.
    fn by_case(&self, skill: usize, sessions: &[Training], also: &[Training], options: &TrainingOptions) -> Result<Vec<Found>> {
        let (fit, chances) = (&self.0.fits[skill], &self.0.chances.0);
        let mut found = vec![];
        for (number, attribute) in chances.attributes.iter().enumerate().filter(|(_, name)| *name != "team") {
            let mut sizes: Vec<(u64, &str)> = vec![];
            for row in fit.members.iter().flat_map(|&member| chances.of(member)) {
                let value = chances.profiles[row.profile() as usize][number].as_str();
                match sizes.iter_mut().find(|have| have.1 == value) {
                    Some(have) => have.0 += u64::from(row.n),
                    None => sizes.push((u64::from(row.n), value)),
                }
            }
            sizes.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
            let two = sizes.len() == 2;
            if sizes.len() < 2 {
                continue;
            }
            for (place, &(_, value)) in sizes.iter().take(MOST).enumerate() {
                let is = |profile: u32| chances.profiles[profile as usize][number] == value;
                let (mut rows, mut apart) = (vec![], vec![]);
                self.beside(sessions, also, options, |rep, group, taken, window: &Window| {
                    let enough = |level: Option<(crate::stats::Estimate, u64)>| level.filter(|l| l.1 >= options.least).map(|l| l.0.estimate);
                    let levels = |takes: &dyn Fn(u32) -> bool| {
                        let before = enough(fit.level_where(chances, rep, window.from, window.held, takes))?;
                        Some((before, enough(fit.level_where(chances, rep, window.held + 1, window.to, takes))?))
                    };
                    let Some((before, after)) = levels(&is) else { return };
                    rows.push(AncovaRow { group, person: rep, taken, before, after });
                    if let Some((other_before, other_after)) = levels(&|profile| !is(profile)) {
                        apart.push(AncovaRow { group, person: rep, taken, before: before - other_before, after: after - other_after });
                    }
                })?;
                let difference = if two && place == 1 { None } else { effect(&apart) };
                found.push(Found { group: GroupOf { by: attribute.clone(), value: value.to_owned() }, here: effect(&rows), rows, difference });
            }
        }
        Ok(found)
    }
}

/// Those who stood low and high before, by the middle one of those trained.
fn by_level(people: &[Person]) -> Vec<Found> {
    let mut stood: Vec<f64> = people.iter().filter(|p| p.trained).map(|p| p.before.0.estimate).collect();
    stood.sort_by(f64::total_cmp);
    let Some(&middle) = stood.get(stood.len() / 2) else { return vec![] };
    split("level", people, &["lower", "upper"], |p| Some(usize::from(p.before.0.estimate >= middle)))
}

/// People by groups; each against all others where there are more than two.
fn split(by: &str, people: &[Person], values: &[&str], of: impl Fn(&Person) -> Option<usize>) -> Vec<Found> {
    let rows = |takes: &dyn Fn(Option<usize>) -> bool| -> Vec<AncovaRow> { people.iter().filter(|p| takes(of(p))).map(Person::row).collect() };
    (values.iter().enumerate())
        .map(|(number, value)| {
            let (here, elsewhere) = (rows(&|group| group == Some(number)), rows(&|group| group != Some(number)));
            let found = effect(&here);
            let second = values.len() == 2 && number == 1 && people.iter().all(|p| of(p).is_some());
            let difference = if second { None } else { found.zip(effect(&elsewhere)).and_then(|(a, b)| apart(a, b)) };
            Found { group: GroupOf { by: by.to_owned(), value: (*value).to_owned() }, here: found, rows: here, difference }
        })
        .collect()
}

/// The difference of two effects of different people: Welch's degrees of freedom.
fn apart(a: Ancova, b: Ancova) -> Option<Ancova> {
    let (va, vb) = (a.se * a.se, b.se * b.se);
    let df = (va + vb).powi(2) / (va * va / a.df + vb * vb / b.df);
    (va + vb > 0.0).then(|| Ancova { estimate: a.estimate - b.estimate, se: (va + vb).sqrt(), df, slope: a.slope - b.slope })
}

/// What remains of p-values with all that are there allowed for (Benjamini and Hochberg).
fn allowed_for(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let there: Vec<f64> = p.iter().flatten().copied().collect();
    let mut q = benjamini_hochberg(&there).unwrap_or(there).into_iter();
    p.iter().map(|p| p.and_then(|_| q.next())).collect()
}
