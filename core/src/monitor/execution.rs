//! Adherence and each deviation, week by week: of all, of each team, of each segment.

use std::collections::BTreeMap;

use indexmap::IndexSet;
use jiff::civil::Date;
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, NO_WEEK, monday};
use super::chances::ChanceOptions;
use crate::check::{Account, Check, DeviationKind, NOWHERE};
use crate::corpus::NONE;
use crate::error::Result;
use crate::evidence;
use crate::table::{Column, Table};

/// Whose weeks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Group {
    /// `all`, `team`, or the name of an attribute.
    pub by: String,
    /// The team or the value; `None` for all, and where a case has none.
    pub value: Option<String>,
}

/// How a group kept to the SOP in a week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WeekOfExecution {
    /// Whose.
    pub group: Group,
    /// Monday of the week; `None` for cases without a date.
    pub week: Option<Date>,
    /// Cases.
    pub cases: u64,
    /// Of these, without a deviation so far that is not accepted.
    pub conforming: u64,
    /// Steps that were due.
    pub due: u64,
    /// Of these, done: adherence is the quotient.
    pub adhered: u64,
}

/// A deviation of a group in a week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WeekOfDeviation {
    /// Whose.
    pub group: Group,
    /// Monday of the week; `None` for cases without a date.
    pub week: Option<Date>,
    /// Kind of the deviation.
    pub kind: DeviationKind,
    /// Step or label.
    pub step: String,
    /// Its title.
    pub title: String,
    /// Name of the SOP.
    pub sop: String,
    /// Cases with it, where it is not accepted.
    pub cases: u64,
    /// Cases of the group in that week.
    pub of: u64,
}

/// Execution over time (监测).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Execution {
    /// Group by group, week by week.
    pub weeks: Vec<WeekOfExecution>,
    /// Deviation by deviation, group by group, week by week.
    pub deviations: Vec<WeekOfDeviation>,
    /// Cases dated after the day looked at: left out.
    pub future: u64,
}

/// Group, week.
type Key = (u32, i32);

impl Execution {
    /// Counts the cases of a check. Groups are all, each team, and each value of what is adjusted for.
    ///
    /// # Errors
    /// As [`Chances::of`](super::Chances::of).
    pub fn of(check: &Check, options: &ChanceOptions) -> Result<Self> {
        let store = check.corpus().store();
        let adjust_for = options.adjust_for.clone().unwrap_or_else(|| if check.outcome().is_some() { evidence::default_adjustment(check) } else { vec![] });
        let calendar = Calendar::of(&store.started_at, options.as_of, options.utc_offset)?;
        let mut texts = IndexSet::default();
        let profiles = evidence::profiles(store, &adjust_for, &mut texts)?;
        let mut groups: IndexSet<Group, FxBuildHasher> = IndexSet::default();
        groups.insert(Group { by: "all".into(), value: None });
        let of_profile: Vec<Vec<u32>> = (texts.iter())
            .map(|values| {
                (adjust_for.iter().zip(values))
                    .map(|(name, value)| groups.insert_full(Group { by: name.clone(), value: Some(value.clone()) }).0 as u32)
                    .collect()
            })
            .collect();
        let teams: Vec<u32> = store.teams.iter().map(|team| groups.insert_full(Group { by: "team".into(), value: Some(team.to_owned()) }).0 as u32).collect();
        let mut weeks: BTreeMap<Key, [u64; 4]> = BTreeMap::new();
        let mut what: IndexSet<(u32, DeviationKind, String), FxBuildHasher> = IndexSet::default();
        let mut deviations: BTreeMap<(u32, u32, i32), u64> = BTreeMap::new();
        let mut account = Account::default();
        let mut mine: Vec<u32> = vec![];
        for case in 0..check.len() {
            let (Some((adhered, due)), Some(week)) = (check.adhered(case), calendar.week(store.started_at[case])) else { continue };
            let Some(entry) = check.account(case, &mut account)? else { continue };
            let Some(sop) = check.sop_of(case) else { continue };
            mine.clear();
            for d in account.deviations.iter().filter(|d| !d.accepted) {
                let step = if d.step == NOWHERE {
                    check.label_at(case, d.event).unwrap_or_default()
                } else {
                    sop.steps().get_index(d.step as usize).map_or("", |(id, _)| id.as_str())
                };
                let number = match what.get_index_of(&(entry, d.kind, step.to_owned())) {
                    Some(number) => number,
                    None => what.insert_full((entry, d.kind, step.to_owned())).0,
                } as u32;
                if !mine.contains(&number) {
                    mine.push(number);
                }
            }
            let team = check.team_of(case);
            let of = std::iter::once(0).chain((team != NONE).then(|| teams[team as usize])).chain(of_profile[profiles[case] as usize].iter().copied());
            for group in of {
                let week_of = weeks.entry((group, week)).or_default();
                week_of[0] += 1;
                week_of[1] += u64::from(check.conforms_so_far(case) == Some(true));
                week_of[2] += u64::from(due);
                week_of[3] += u64::from(adhered);
                for &number in &mine {
                    *deviations.entry((number, group, week)).or_default() += 1;
                }
            }
        }
        let group = |number: u32| groups.get_index(number as usize).cloned().unwrap_or(Group { by: "all".into(), value: None });
        let day = |week: i32| (week != NO_WEEK).then(|| monday(week));
        let sops: Vec<_> = check.playbook().sops().collect();
        Ok(Self {
            weeks: (weeks.iter())
                .map(|(&(g, week), &[cases, conforming, due, adhered])| WeekOfExecution { group: group(g), week: day(week), cases, conforming, due, adhered })
                .collect(),
            deviations: (deviations.iter())
                .filter_map(|(&(number, g, week), &cases)| {
                    let (entry, kind, step) = what.get_index(number as usize)?;
                    let sop = sops.get(*entry as usize)?;
                    Some(WeekOfDeviation {
                        group: group(g),
                        week: day(week),
                        kind: *kind,
                        step: step.clone(),
                        title: sop.title(step).to_owned(),
                        sop: sop.name().to_owned(),
                        cases,
                        of: weeks.get(&(g, week)).map_or(0, |w| w[0]),
                    })
                })
                .collect(),
            future: calendar.future,
        })
    }

    /// The weeks as a table, a row each.
    pub fn table(&self) -> Table {
        let rows = &self.weeks;
        let int = |f: &dyn Fn(&WeekOfExecution) -> u64| Column::Int(rows.iter().map(|x| Some(f(x) as i64)).collect());
        let mut table = Table::new("execution");
        table.push("by", Column::Text(rows.iter().map(|r| Some(r.group.by.as_str().into())).collect()));
        table.push("value", Column::Text(rows.iter().map(|r| r.group.value.as_deref().map(Into::into)).collect()));
        table.push("week", Column::Text(rows.iter().map(|r| r.week.map(|d| d.to_string().into())).collect()));
        table.push("cases", int(&|r| r.cases));
        table.push("conforming", int(&|r| r.conforming));
        table.push("due", int(&|r| r.due));
        table.push("adhered", int(&|r| r.adhered));
        table.push("adherence", Column::Float(rows.iter().map(|r| (r.due > 0).then(|| r.adhered as f64 / r.due as f64)).collect()));
        table
    }

    /// The deviations as a table, a row each.
    pub fn deviations_table(&self) -> Table {
        let rows = &self.deviations;
        let text = |f: &dyn Fn(&WeekOfDeviation) -> Option<String>| Column::Text(rows.iter().map(|x| f(x).map(Into::into)).collect());
        let mut table = Table::new("deviations_by_week");
        table.push("by", text(&|r| Some(r.group.by.clone())));
        table.push("value", text(&|r| r.group.value.clone()));
        table.push("week", text(&|r| r.week.map(|d| d.to_string())));
        table.push("kind", text(&|r| Some(r.kind.name().into())));
        table.push("step", text(&|r| Some(r.step.clone())));
        table.push("sop", text(&|r| Some(r.sop.clone())));
        table.push("cases", Column::Int(rows.iter().map(|r| Some(r.cases as i64)).collect()));
        table.push("of", Column::Int(rows.iter().map(|r| Some(r.of as i64)).collect()));
        table
    }
}
