//! Work habits (工作习惯) beside the steps: how soon after each other contacts follow, through which channels, at what time of the
//! day, how fast a customer is answered, and whether one rep stays with a deal.

use serde::{Deserialize, Serialize};

use crate::check::Check;
use crate::corpus::{Coded, DAY, NO_TIME, NONE, OutcomeColumn, Speaker, Store, ValueColumn};
use crate::error::{Error, Result};
use crate::evidence::{ChoiceColumn, ChoiceColumns, ChoiceKind, ChoiceTable, EvidenceOptions, Finding, default_adjustment};
use crate::table::{Column, Table};
use crate::words::{self, Lang};

/// Gaps between contacts that are told apart, in days.
const GAPS: [u32; 4] = [1, 3, 7, 14];
/// Times until a customer is answered that are told apart, in seconds.
const ANSWERS: [u32; 4] = [30, 60, 300, 3_600];
/// Contacts of a deal that are looked at.
const CONTACTS: u32 = 3;
/// Fewest cases with a habit, and without it, for a comparison.
const FEW: usize = 20;
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// A habit that cases of a deal show or do not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "habit")]
#[non_exhaustive]
pub enum Habit {
    /// The contact after the n-th comes within so many days, among deals that have it.
    Gap {
        /// The contact before, from 1.
        nth: u32,
        /// Days.
        days: u32,
    },
    /// The n-th contact goes through a channel, among deals that have it.
    Channel {
        /// The contact, from 1.
        nth: u32,
        /// The channel.
        channel: String,
    },
    /// The second contact goes through another channel than the first.
    OtherChannel,
    /// The second contact is that of the same rep as the first.
    SameRep,
    /// The first contact begins from an hour of the day on and before another.
    Hours {
        /// From this hour on.
        from: u32,
        /// Before this one.
        to: u32,
    },
    /// The first contact is on a Saturday or Sunday.
    Weekend,
    /// What the customer says first is answered within so many seconds, where turns have times.
    Answer {
        /// Seconds.
        seconds: u32,
    },
}

impl Habit {
    /// A short name, equal in the three languages.
    pub fn name(&self) -> String {
        match self {
            Self::Gap { nth, days } => format!("gap_{nth}_within_{days}_days"),
            Self::Channel { nth, channel } => format!("contact_{nth}_by_{channel}"),
            Self::OtherChannel => "other_channel".to_owned(),
            Self::SameRep => "same_rep".to_owned(),
            Self::Hours { from, to } => format!("hours_{from}_to_{to}"),
            Self::Weekend => "weekend".to_owned(),
            Self::Answer { seconds } => format!("answered_within_{seconds}_seconds"),
        }
    }

    /// What those who have it do.
    pub fn title(&self, lang: Lang) -> String {
        words::habit(self, lang)
    }

    /// Whether it is about the first contact: known before those that come later.
    fn first(&self) -> bool {
        matches!(self, Self::Channel { nth: 1, .. } | Self::Hours { .. } | Self::Weekend | Self::Answer { .. })
    }
}

/// How habits are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HabitOptions {
    /// As [`ImproveOptions::adjust_for`](super::ImproveOptions::adjust_for).
    pub adjust_for: Option<Vec<String>>,
    /// Lower values of the outcome are the better ones.
    pub lower_is_better: bool,
    /// Offset of the time of the day from UTC, in minutes.
    pub utc_offset: i32,
}

/// A habit and what it goes with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkHabit {
    /// The habit.
    pub habit: Habit,
    /// Those who have it against the others, within rep × attributes and the habits of the first contact.
    pub finding: Finding,
    /// Share of the cases of the best quarter of reps that show it.
    pub top_share: Option<f64>,
    /// Share of those of the others.
    pub other_share: Option<f64>,
}

impl WorkHabit {
    /// One sentence about it.
    pub fn sentence(&self, lang: Lang) -> String {
        words::work_habit(self, lang)
    }
}

/// The habits of a check, those with a verdict first.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct WorkHabits {
    /// The habits.
    pub habits: Vec<WorkHabit>,
    /// The best quarter of reps.
    pub top: Vec<String>,
}

/// A contact of a case.
struct Contact {
    started: i64,
    channel: u32,
    rep: u32,
}

impl WorkHabits {
    /// Looks for habits in the cases of a check; with deals as cases, over all their conversations.
    ///
    /// Each habit is a choice of the evidence engine among the cases that could show it: how soon the next contact comes is asked
    /// of deals that have one, never of those that ended before.
    ///
    /// ```
    /// use goldpath::improve::{HabitOptions, WorkHabits};
    /// let sop = goldpath::Sop::parse("{format: goldpath/1, name: demo, steps: [open, close], flow: [open, close]}")?;
    /// let corpus = goldpath::Corpus::parse(br#"{"id": "c1", "steps": ["open"], "outcome": {"won": true}}"#)?;
    /// assert!(WorkHabits::of(&corpus.check(&sop)?, &HabitOptions::default())?.habits.is_empty());
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a check without an outcome, an attribute that no case has, or an offset of more than 18 hours.
    pub fn of(check: &Check, options: &HabitOptions) -> Result<Self> {
        if options.utc_offset.abs() > 18 * 60 {
            return Err(Error::argument(
                "utc_offset",
                format!("{} minutes are no offset from UTC", options.utc_offset),
                "a number of minutes from -1080 to 1080",
            ));
        }
        let Some((outcome, column)) = check.outcome().zip(check.outcome_column()) else {
            return Err(Error::argument("outcome", "the conversations carry no outcome", "give each conversation a yes/no or numeric outcome"));
        };
        let store = check.corpus().store();
        let seen = habits(store, options.utc_offset);
        let attributes = options.adjust_for.clone().unwrap_or_else(|| default_adjustment(check));
        let mut given = Vec::with_capacity(attributes.len());
        for name in &attributes {
            // The channel is a habit here.
            if name == "channel" {
                continue;
            }
            if !store.attributes.contains_key(name) && name != "team" {
                let list = store.attributes.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                return Err(Error::argument("adjust_for", format!("no conversation has an attribute `{name}`"), format!("attributes: {list}")));
            }
            let mut coded = Coded::default();
            (0..check.len()).for_each(|case| coded.push(store.attribute(case, name).as_deref()));
            given.push((name.clone(), ValueColumn::Text(coded)));
        }
        let (mut ids, mut rep) = (Coded::default(), Coded::default());
        for case in 0..check.len() {
            ids.push(store.ids.get(case as u32));
            rep.push(store.reps.get(check.rep_of(case)));
        }
        let firsts: Vec<String> = seen.iter().filter(|(habit, _)| habit.first()).map(|(habit, _)| habit.name()).collect();
        let choices = (seen.iter())
            .map(|(habit, made)| {
                let known = if habit.first() { Vec::new() } else { firsts.clone() };
                (ChoiceColumn { name: habit.name(), kind: ChoiceKind::Branch, point: None, known }, ValueColumn::Bool(made.clone()))
            })
            .collect();
        let table = ChoiceTable::from_columns(ChoiceColumns {
            outcome: outcome.to_owned(),
            values: match column {
                OutcomeColumn::Bool(values) => ValueColumn::Bool(values.iter().map(|value| (*value != 2).then_some(*value == 1)).collect()),
                OutcomeColumn::Open(n) => ValueColumn::Bool(vec![None; *n]),
                OutcomeColumn::Number(values) => ValueColumn::Number(values.iter().map(|value| Some(*value).filter(|x| !x.is_nan())).collect()),
            },
            ids: Some(ids),
            rep: Some(rep),
            attributes: given,
            started_at: Some(store.started_at.clone()),
            known: seen.iter().filter(|(habit, _)| habit.first()).map(|(habit, made)| (habit.name(), ValueColumn::Bool(made.clone()))).collect(),
            choices,
        })?;
        let judged = EvidenceOptions { higher_is_better: !options.lower_is_better };
        let (findings, plan) = table.findings(&judged)?;
        let top = table.top_reps(&plan, judged.higher_is_better);
        let share = |made: &[Option<bool>], of_top: bool| {
            let cases = (0..check.len())
                .filter(|&case| check.rep_of(case) != NONE && table.rep_of(case).is_some_and(|rep| top.iter().any(|name| name == rep)) == of_top);
            let (n, yes) = cases.filter_map(|case| made[case]).fold((0u64, 0u64), |(n, yes), made| (n + 1, yes + u64::from(made)));
            (n > 0).then(|| yes as f64 / n as f64)
        };
        let habits = findings
            .into_iter()
            .filter_map(|finding| {
                let (habit, made) = seen.iter().find(|(habit, _)| habit.name() == finding.what.step)?;
                Some(WorkHabit { habit: habit.clone(), top_share: share(made, true), other_share: share(made, false), finding })
            })
            .collect();
        Ok(Self { habits, top })
    }

    /// The habits as a table, a row each.
    pub fn table(&self) -> Table {
        let all = &self.habits;
        let text = |f: &dyn Fn(&WorkHabit) -> String| Column::Text(all.iter().map(|x| Some(f(x).into())).collect());
        let float = |f: &dyn Fn(&WorkHabit) -> Option<f64>| Column::Float(all.iter().map(f).collect());
        let int = |f: &dyn Fn(&WorkHabit) -> u64| Column::Int(all.iter().map(|x| Some(f(x) as i64)).collect());
        let mut table = Table::new("work_habits");
        table.push("habit", text(&|h| h.habit.name()));
        table.push("title_en", text(&|h| h.habit.title(Lang::En)));
        table.push("title_zh", text(&|h| h.habit.title(Lang::Zh)));
        table.push("verdict", text(&|h| h.finding.verdict.name().to_owned()));
        table.push("estimate", float(&|h| h.finding.estimate));
        table.push("ci_low", float(&|h| h.finding.ci_low));
        table.push("ci_high", float(&|h| h.finding.ci_high));
        table.push("q_value", float(&|h| h.finding.q_value));
        table.push("n_treated", int(&|h| h.finding.treated.n));
        table.push("n_control", int(&|h| h.finding.control.n));
        table.push("top_share", float(&|h| h.top_share));
        table.push("other_share", float(&|h| h.other_share));
        table.push("sentence_en", text(&|h| h.sentence(Lang::En)));
        table.push("sentence_zh", text(&|h| h.sentence(Lang::Zh)));
        table
    }
}

/// The contacts of a case.
fn contacts(store: &Store, case: usize) -> Vec<Contact> {
    match &store.parts {
        Some(parts) => parts.of(case).map(|part| Contact { started: parts.started_at[part], channel: parts.channel(part), rep: parts.rep[part] }).collect(),
        None => vec![Contact { started: store.started_at[case], channel: store.channel[case], rep: store.rep[case] }],
    }
}

/// How long the customer's first words waited for an answer in the first conversation, in milliseconds.
fn answered(store: &Store, case: usize) -> Option<i64> {
    let turns = store.parts.as_ref().map_or_else(|| store.turn_range(case), |parts| parts.turns(parts.of(case).start));
    let t = &store.turns;
    let asked = turns.clone().find(|&turn| t.speaker[turn] == Speaker::Customer)?;
    let answer = (asked..turns.end).find(|&turn| t.speaker[turn] == Speaker::Agent)?;
    let said = if t.end[answer - 1] == NO_TIME { t.start[answer - 1] } else { t.end[answer - 1] };
    (t.start[answer] != NO_TIME && said != NO_TIME).then(|| (t.start[answer] - said).max(0))
}

/// Every habit that enough cases show and enough could and do not, with the cases.
fn habits(store: &Store, utc_offset: i32) -> Vec<(Habit, Vec<Option<bool>>)> {
    let cases: Vec<Vec<Contact>> = (0..store.len()).map(|case| contacts(store, case)).collect();
    let mut found: Vec<(Habit, Vec<Option<bool>>)> = Vec::new();
    let mut add = |habit: Habit, made: &dyn Fn(usize) -> Option<bool>| {
        let made: Vec<Option<bool>> = (0..cases.len()).map(made).collect();
        let count = |which: bool| made.iter().filter(|one| **one == Some(which)).count();
        if count(true) >= FEW && count(false) >= FEW {
            found.push((habit, made));
        }
    };
    let at = |case: usize, nth: u32| cases[case].get(nth as usize - 1);
    for nth in 1..CONTACTS {
        for days in GAPS {
            add(Habit::Gap { nth, days }, &|case| {
                let (before, after) = (at(case, nth)?, at(case, nth + 1)?);
                (before.started != NO_TIME && after.started != NO_TIME).then(|| after.started - before.started <= i64::from(days) * DAY)
            });
        }
    }
    for nth in 1..=CONTACTS {
        let mut channels: Vec<u32> = cases.iter().filter_map(|of| of.get(nth as usize - 1)).map(|contact| contact.channel).filter(|&c| c != NONE).collect();
        channels.sort_unstable();
        channels.dedup();
        let mut names: Vec<(&str, u32)> = channels.iter().filter_map(|&c| Some((store.channels.get(c)?, c))).collect();
        names.sort_unstable();
        for (name, channel) in names {
            add(Habit::Channel { nth, channel: name.to_owned() }, &|case| at(case, nth).filter(|c| c.channel != NONE).map(|c| c.channel == channel));
        }
    }
    let both = |case: usize| Some((at(case, 1)?, at(case, 2)?));
    add(Habit::OtherChannel, &|case| both(case).filter(|(a, b)| a.channel != NONE && b.channel != NONE).map(|(a, b)| a.channel != b.channel));
    add(Habit::SameRep, &|case| both(case).filter(|(a, b)| a.rep != NONE && b.rep != NONE).map(|(a, b)| a.rep == b.rep));
    let local = |case: usize| at(case, 1).map(|c| c.started).filter(|&t| t != NO_TIME).map(|t| t + i64::from(utc_offset) * 60_000);
    // Where no time of the day is given, all begin at midnight.
    let timed = (0..cases.len()).any(|case| local(case).is_some_and(|t| (t - i64::from(utc_offset) * 60_000).rem_euclid(DAY) != 0));
    for (from, to) in [(0, 9), (9, 12), (12, 14), (14, 18), (18, 24)] {
        add(Habit::Hours { from, to }, &|case| local(case).filter(|_| timed).map(|t| (i64::from(from)..i64::from(to)).contains(&(t.rem_euclid(DAY) / HOUR))));
    }
    // 1970-01-01 was a Thursday.
    add(Habit::Weekend, &|case| local(case).map(|t| (t.div_euclid(DAY) + 3).rem_euclid(7) >= 5));
    for seconds in ANSWERS {
        add(Habit::Answer { seconds }, &|case| answered(store, case).map(|wait| wait <= i64::from(seconds) * 1_000));
    }
    found
}
