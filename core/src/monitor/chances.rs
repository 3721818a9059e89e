//! Who had which chance, when, with which cases, and took it: the counts that skills, charts and drift are made of.
//!
//! A *chance* is a yes/no matter at a decision point: a planned step was due (done or skipped), a standard was asked (met or
//! not), a step was done (the case went on from there or not), a point was reached (something unplanned was added there, the
//! customer brought something up, or not). Counts add: shards and threads may be merged in any order.

use std::sync::Arc;

use indexmap::IndexSet;
use jiff::civil::Date;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::{Deserialize, Serialize};

use super::calendar::{self, Calendar, NO_WEEK};
use crate::corpus::{NONE, Names};
use crate::error::{Error, Result};

/// What kind of chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChanceKind {
    /// A planned step was due: it was done, or skipped.
    Step,
    /// A step was done and a standard of it measured: it was met, or not.
    Standard,
    /// A step was done: the case went on to a later planned step (after the last one: it was won), or not.
    Result,
    /// A point was reached: something was added there that is not planned, or not.
    Choice,
    /// A point was reached: the customer brought something up, or not.
    Customer,
    /// A point was reached, which it always is: what choices and customers' acts are shares of.
    Point,
}

impl ChanceKind {
    /// The name of the kind, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Standard => "standard",
            Self::Result => "result",
            Self::Choice => "choice",
            Self::Customer => "customer",
            Self::Point => "point",
        }
    }

    /// Whether it says something of the rep who had it, and is planned.
    pub fn is_skill(self) -> bool {
        matches!(self, Self::Step | Self::Standard | Self::Result)
    }
}

/// Which chance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChanceId {
    /// Its kind.
    pub kind: ChanceKind,
    /// Name of the SOP.
    pub sop: String,
    /// Its number in the playbook: several may have one name.
    pub entry: u32,
    /// Step or label it is about; for a point the step last reached, empty at the very start.
    pub step: String,
    /// Title of the step.
    pub title: String,
    /// Key of the standard.
    pub standard: Option<String>,
    /// Step last reached where a choice is made; `None` at the very start and for planned steps.
    pub point: Option<String>,
}

/// How chances are counted.
#[derive(Debug, Clone, Default)]
pub struct ChanceOptions {
    /// Attributes (or `team`, `channel`) by which cases differ and that people are not to be blamed or praised for. Where nothing
    /// is said: as [`default_adjustment`](crate::evidence::default_adjustment).
    pub adjust_for: Option<Vec<String>>,
    /// The day on which things are looked at: later cases are left out and counted. The last day there is where nothing is
    /// said, but for dates more than 400 days after all others.
    pub as_of: Option<Date>,
    /// Minutes that days differ from UTC, such as 480 for Shanghai.
    pub utc_offset: i32,
}

/// Counts of one chance, rep, week and kind of case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Chance, rep, week (shifted to be unsigned) and profile, the most significant first.
    key: u128,
    pub(crate) n: u32,
    pub(crate) hits: u32,
}

impl Row {
    pub(crate) fn chance(&self) -> u32 {
        (self.key >> 96) as u32
    }

    pub(crate) fn rep(&self) -> u32 {
        (self.key >> 64) as u32
    }

    pub(crate) fn week(&self) -> i32 {
        ((self.key >> 32) as u32 ^ (1 << 31)) as i32
    }

    pub(crate) fn profile(&self) -> u32 {
        self.key as u32
    }
}

fn key(chance: u32, rep: u32, week: i32, profile: u32) -> u128 {
    (u128::from(chance) << 96) | (u128::from(rep) << 64) | (u128::from(week as u32 ^ (1 << 31)) << 32) | u128::from(profile)
}

/// Chances of many cases. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Chances(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) ids: IndexSet<ChanceId, FxBuildHasher>,
    /// The chance whose cases are those of this one; itself for most.
    pub(crate) base: Vec<u32>,
    pub(crate) reps: Names,
    /// Teams each rep's dated cases were in, with the first and the last week.
    pub(crate) teams: Vec<Vec<(Option<String>, i32, i32)>>,
    pub(crate) attributes: Vec<String>,
    pub(crate) profiles: Vec<Vec<String>>,
    /// By chance, rep, week and profile.
    pub(crate) rows: Vec<Row>,
    ends: Vec<usize>,
    pub(crate) as_of: Option<i64>,
    pub(crate) undated: u64,
    pub(crate) future: u64,
}

impl Chances {
    /// The chances there are, in the order they were met.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &ChanceId> {
        self.0.ids.iter()
    }

    /// Reps by name, in the order they were met. Two people with one name are one rep: names are ids.
    pub fn reps(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.reps.iter()
    }

    /// The team a rep was in last; `None` where no case of theirs names one.
    pub fn team_of(&self, rep: &str) -> Option<&str> {
        let rep = self.0.reps.find(rep)?;
        self.0.teams.get(rep as usize)?.iter().max_by_key(|t| (t.2, t.1)).and_then(|t| t.0.as_deref())
    }

    /// The teams a rep was in, with the Mondays of the first and the last week of their cases there, the earliest first.
    pub fn teams_of(&self, rep: &str) -> Vec<(Option<String>, Date, Date)> {
        let Some(rep) = self.0.reps.find(rep) else { return vec![] };
        let mut teams = self.0.teams.get(rep as usize).cloned().unwrap_or_default();
        teams.sort_by(|a, b| (a.1, a.2, &a.0).cmp(&(b.1, b.2, &b.0)));
        teams.into_iter().map(|(team, from, to)| (team, calendar::monday(from), calendar::monday(to))).collect()
    }

    /// Chances of a kind that a rep had in the weeks that begin from a day up to before another: taken ones, and all. Nothing is
    /// adjusted for.
    pub fn taken(&self, rep: &str, kind: ChanceKind, from: Date, to: Date) -> (u64, u64) {
        let Some(rep) = self.0.reps.find(rep) else { return (0, 0) };
        let (first, last) = (calendar::first_week(from), calendar::first_week(to));
        let of_kind = self.0.ids.iter().enumerate().filter(|(_, id)| id.kind == kind);
        let rows = of_kind.flat_map(|(chance, _)| self.0.of_rep(chance as u32, rep)).filter(|row| (first..last).contains(&row.week()));
        rows.fold((0, 0), |(hits, n), row| (hits + u64::from(row.hits), n + u64::from(row.n)))
    }

    /// What was adjusted for.
    pub fn adjust_for(&self) -> &[String] {
        &self.0.attributes
    }

    /// The day on which things are looked at; `None` where nothing is dated.
    pub fn as_of(&self) -> Option<Date> {
        self.0.as_of.map(calendar::date)
    }

    /// Cases without a date: they count for skills, not for anything over time.
    pub fn undated(&self) -> u64 {
        self.0.undated
    }

    /// Cases dated after that day: left out.
    pub fn future(&self) -> u64 {
        self.0.future
    }
}

impl Inner {
    /// Rows of a chance, by rep, week and profile.
    pub(crate) fn of(&self, chance: u32) -> &[Row] {
        let from = if chance == 0 { 0 } else { self.ends[chance as usize - 1] };
        &self.rows[from..self.ends[chance as usize]]
    }

    /// Rows of a chance and rep, by week and profile.
    pub(crate) fn of_rep(&self, chance: u32, rep: u32) -> &[Row] {
        let rows = self.of(chance);
        let from = rows.partition_point(|row| row.rep() < rep);
        let to = from + rows[from..].partition_point(|row| row.rep() == rep);
        &rows[from..to]
    }
}

/// Builds [`Chances`] from counts, of a check or of the host.
///
/// ```
/// use goldpath::monitor::{ChanceBuilder, ChanceId, ChanceKind};
/// let mut builder = ChanceBuilder::new(&["segment"], None, 0)?;
/// let need = builder.chance(ChanceId { kind: ChanceKind::Step, sop: "s".into(), entry: 0, step: "need".into(), title: "Need".into(), standard: None, point: None });
/// builder.add(need, "ann", Some("2026-03-02".parse().unwrap()), &["smb"], 10, 7)?;
/// let chances = builder.build();
/// assert_eq!(chances.reps().collect::<Vec<_>>(), ["ann"]);
/// # Ok::<(), goldpath::Error>(())
/// ```
#[derive(Debug)]
pub struct ChanceBuilder {
    ids: IndexSet<ChanceId, FxBuildHasher>,
    base: Vec<u32>,
    pub(super) reps: Names,
    teams: Vec<FxHashMap<u32, (i32, i32)>>,
    team_names: Names,
    attributes: Vec<String>,
    profiles: IndexSet<Vec<String>, FxBuildHasher>,
    rows: Vec<Row>,
    sorted: usize,
    calendar: Calendar,
    last_week: i32,
}

impl std::fmt::Debug for Calendar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calendar").field("as_of", &self.as_of).finish_non_exhaustive()
    }
}

/// Rows that are added before they are put together.
const LOOSE: usize = 1 << 20;

impl ChanceBuilder {
    /// A builder for cases that differ by these attributes, looked at on a day (where nothing is said, the last there is).
    ///
    /// # Errors
    /// [`Error::Argument`] for an offset that is none.
    pub fn new(attributes: &[&str], as_of: Option<Date>, utc_offset: i32) -> Result<Self> {
        Ok(Self::with(attributes.iter().map(ToString::to_string).collect(), Calendar::of(&[], as_of, utc_offset)?))
    }

    pub(super) fn with(attributes: Vec<String>, calendar: Calendar) -> Self {
        Self {
            ids: IndexSet::default(),
            base: vec![],
            reps: Names::default(),
            teams: vec![],
            team_names: Names::default(),
            attributes,
            profiles: IndexSet::default(),
            rows: vec![],
            sorted: 0,
            calendar,
            last_week: NO_WEEK,
        }
    }

    /// The number of a chance.
    pub fn chance(&mut self, id: ChanceId) -> u32 {
        let (number, new) = self.ids.insert_full(id);
        if new {
            self.base.push(number as u32);
        }
        number as u32
    }

    /// The number of a chance whose cases are those of another, such as of a point.
    pub(super) fn share_of(&mut self, id: ChanceId, base: u32) -> u32 {
        let number = self.chance(id);
        self.base[number as usize] = base;
        number
    }

    pub(super) fn profile(&mut self, values: Vec<String>) -> u32 {
        self.profiles.insert_full(values).0 as u32
    }

    /// Counts `hits` among `n` chances of a rep on a day, with cases of these values of the attributes.
    ///
    /// # Errors
    /// [`Error::Argument`] for a chance that is not there, more hits than chances, or another number of values than attributes.
    pub fn add(&mut self, chance: u32, rep: &str, day: Option<Date>, values: &[&str], n: u32, hits: u32) -> Result<()> {
        if chance as usize >= self.ids.len() {
            return Err(Error::argument("chance", format!("there is no chance {chance}"), "a number that `chance` gave"));
        }
        if hits > n {
            return Err(Error::argument("hits", format!("{hits} of {n} chances were taken"), "at most as many as there were"));
        }
        if values.len() != self.attributes.len() {
            let message = format!("{} values for {} attributes", values.len(), self.attributes.len());
            return Err(Error::argument("values", message, "one for each attribute, in their order"));
        }
        let day = day.map(calendar::day);
        if let (Some(day), Some(last)) = (day, self.calendar.as_of)
            && day > last
        {
            self.calendar.future += u64::from(n);
            return Ok(());
        }
        let (rep, profile) = (self.reps.intern(rep), self.profile(values.iter().map(ToString::to_string).collect()));
        self.push(chance, rep, day.map_or(NO_WEEK, calendar::week_of_day), profile, n, hits);
        Ok(())
    }

    #[inline]
    pub(super) fn push(&mut self, chance: u32, rep: u32, week: i32, profile: u32, n: u32, hits: u32) {
        self.last_week = self.last_week.max(week);
        self.rows.push(Row { key: key(chance, rep, week, profile), n, hits });
        if self.rows.len() - self.sorted > LOOSE.max(self.sorted) {
            self.settle();
        }
    }

    /// Notes which team a rep's case was in.
    pub(super) fn in_team(&mut self, rep: u32, team: Option<&str>, week: i32) {
        if rep == NONE || week == NO_WEEK {
            return;
        }
        if self.teams.len() <= rep as usize {
            self.teams.resize_with(rep as usize + 1, FxHashMap::default);
        }
        let team = team.map_or(NONE, |team| self.team_names.intern(team));
        let weeks = self.teams[rep as usize].entry(team).or_insert((week, week));
        *weeks = (weeks.0.min(week), weeks.1.max(week));
    }

    /// Sorts the rows and puts equal ones together.
    fn settle(&mut self) {
        self.rows.sort_unstable_by_key(|row| row.key);
        self.rows.dedup_by(|next, kept| {
            let same = next.key == kept.key;
            if same {
                kept.n = kept.n.saturating_add(next.n);
                kept.hits = kept.hits.saturating_add(next.hits);
            }
            same
        });
        self.sorted = self.rows.len();
    }

    /// The chances counted.
    pub fn build(mut self) -> Chances {
        self.settle();
        let ends = (0..self.ids.len() as u32).map(|chance| self.rows.partition_point(|row| row.chance() <= chance)).collect();
        let teams = (self.teams.into_iter())
            .map(|of| {
                let mut list: Vec<(Option<String>, i32, i32)> =
                    of.into_iter().map(|(team, (from, to))| (self.team_names.get(team).map(ToOwned::to_owned), from, to)).collect();
                list.sort();
                list
            })
            .collect();
        let dated = self.last_week != NO_WEEK;
        let as_of = self.calendar.as_of.or_else(|| dated.then(|| calendar::first_day(self.last_week) + 6));
        Chances(Arc::new(Inner {
            ids: self.ids,
            base: self.base,
            reps: self.reps,
            teams,
            attributes: self.attributes,
            profiles: self.profiles.into_iter().collect(),
            rows: self.rows,
            ends,
            as_of,
            undated: self.calendar.undated,
            future: self.calendar.future,
        }))
    }
}
