//! The choices of many cases: who stood where, what was known by then, and which choice was made.
//!
//! A *risk set* is a decision point with the choice still open. A case stands in a risk set at most once; the row says what
//! was known before, what was made there, and whether the case went on to a later planned step. Rows belong to stories:
//! cases with the same path share one, so that facts are found once a path, and what happens at one point of many paths is
//! written once ([`scenes`](super::scenes)).

use std::borrow::Cow;

use indexmap::{IndexMap, IndexSet};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::host::MadeColumn;
use super::scenes::{Blocks, Numbers, Row, Scenes, Visit};
use super::times::Times;
use crate::check::Check;
use crate::corpus::{Names, OutcomeValue};
use crate::error::{Error, Fault, Result};

/// No event, or no time.
pub(super) const NEVER: u32 = u32::MAX;
/// No day.
pub(super) const NO_DAY: i32 = i32::MIN;
/// Most distinct values of an attribute that can be adjusted for.
pub(crate) const LEVELS: usize = 10_000;

/// What kind of choice is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChoiceKind {
    /// Leaving a planned step out, against doing it.
    Skip,
    /// Adding a step that is not planned there, against not adding it.
    #[default]
    Add,
    /// Doing a step again, against not.
    Repeat,
    /// Doing a planned step ahead of its place, against not.
    OutOfOrder,
    /// Doing a step after all that was left out before, against not.
    CatchUp,
    /// Taking a branch, against taking another.
    Branch,
    /// Doing an optional part, against leaving it out.
    Include,
    /// Doing several unplanned steps right after each other, against not.
    Sequence,
    /// Having kept to the SOP up to and at a step, against having deviated before.
    Conforming,
    /// Failing a standard of a step, against meeting it.
    Standard,
    /// Saying something in these words, against saying it in others.
    Wording,
}

impl ChoiceKind {
    /// The name of the kind, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Add => "add",
            Self::Repeat => "repeat",
            Self::OutOfOrder => "out_of_order",
            Self::CatchUp => "catch_up",
            Self::Branch => "branch",
            Self::Include => "include",
            Self::Sequence => "sequence",
            Self::Conforming => "conforming",
            Self::Standard => "standard",
            Self::Wording => "wording",
        }
    }

    /// Whether it adds something to the path.
    pub(super) fn adds(self) -> bool {
        matches!(self, Self::Add | Self::Repeat | Self::Sequence)
    }

    /// Whether a case that ended at the point counts as not having done it, where there is no clock.
    pub(super) fn needs_clock(self) -> bool {
        !matches!(self, Self::Branch | Self::Conforming | Self::Standard | Self::Wording)
    }
}

impl std::str::FromStr for ChoiceKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let read = Self::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name));
        read.map_err(|_| {
            Error::argument(
                "kind",
                format!("`{name}` is no kind of choice"),
                "skip, add, repeat, out_of_order, catch_up, branch, include, conforming, standard or wording",
            )
        })
    }
}

/// A standard of a step, in words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StandardAsked {
    /// Its key within the step.
    pub key: String,
    /// Its title, or its key where it has none.
    pub name: String,
    /// What it asks for.
    pub requirement_en: String,
    /// The same in Chinese.
    pub requirement_zh: String,
    /// It says by when the step has to come.
    #[serde(default)]
    pub time_limit: bool,
}

/// A choice at its decision point: what is compared. Equal in every shard of the same SOP.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChoiceId {
    /// What kind of choice.
    pub kind: ChoiceKind,
    /// Name of the SOP.
    pub sop: String,
    /// Its number in the playbook: several may have one name.
    pub entry: u32,
    /// Step or label it is about.
    pub step: String,
    /// Where the step is planned in the file; empty for what is not planned.
    pub place: String,
    /// Step last reached where it is made; `None` at the very start.
    pub point: Option<String>,
    /// Where that step is planned in the file.
    pub point_place: String,
    /// For the how-manieth time that step was reached: 1, 2, or 3 for every further time.
    pub visit: u8,
    /// The standard that is failed or met.
    pub standard: Option<StandardAsked>,
    /// The steps of a sequence; empty for what is no sequence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// The part of a sequence that all compared cases did; empty where all cases at the point are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<String>,
    /// Title of the step.
    pub title: String,
    /// Title of the step last reached.
    pub point_title: Option<String>,
    /// The words, for what is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wording: Option<String>,
}

impl ChoiceId {
    /// The point as [`Known`] names it.
    pub(super) fn at(&self) -> String {
        at(self.point.as_deref(), self.visit)
    }

    /// What is done, for people: the words of a wording, else the title of the step.
    pub(crate) fn done(&self) -> &str {
        self.wording.as_deref().unwrap_or(&self.title)
    }

    /// Whether it is something the SOP does not plan there.
    pub(crate) fn is_unplanned(&self) -> bool {
        matches!(self.kind, ChoiceKind::Add | ChoiceKind::Repeat | ChoiceKind::OutOfOrder | ChoiceKind::Sequence)
    }

    /// Whether something known is what the choice itself is made of.
    pub(super) fn is_made_of(&self, what: &str) -> bool {
        let step = || what.split_once(' ').map_or("", |(_, step)| step);
        if self.members.is_empty() {
            what.strip_prefix(self.kind.name()).and_then(|rest| rest.strip_prefix(' ')) == Some(&*self.step)
        } else {
            self.members.iter().any(|member| member == step())
        }
    }
}

/// Such as `after greet`.
pub(super) fn at(point: Option<&str>, visit: u8) -> String {
    match (point, visit) {
        (None, _) => "at the start".to_owned(),
        (Some(at), 0 | 1) => format!("after {at}"),
        (Some(at), visit) => format!("after {at} ({visit})"),
    }
}

/// Something that may be known of a case before a choice, beside its rep and attributes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Known {
    /// A circumstance that the customer brings, not a choice of the agent.
    pub by_customer: bool,
    /// What happened, such as `skip need`.
    pub what: String,
    /// Where, such as `after greet`.
    pub at: String,
}

impl std::fmt::Display for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.what, self.at)
    }
}

/// A case in a risk set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stands<'a> {
    pub(super) risk: u32,
    /// The case went on to a later planned step.
    pub(super) went_on: bool,
    /// Event that reached the point; `NEVER` at the very start.
    pub(super) from: u32,
    /// What was done there, with the event of the scene that did it.
    done: &'a [[u32; 2]],
    visit: Visit,
}

impl<'a> Stands<'a> {
    /// A row of a visit, with whether what was done holds.
    pub(super) fn of(visit: Visit, row: &Row<'a>, held: bool) -> Self {
        Self { risk: row.risk, went_on: row.went_on, from: visit.event(row.from), done: if held { row.done } else { &[] }, visit }
    }

    pub(super) fn did_nothing(&self) -> bool {
        self.done.is_empty()
    }

    /// What was done there: choices of the risk set with the event that did them.
    pub(super) fn done(&self) -> impl Iterator<Item = (u32, u32)> {
        self.done.iter().map(|&[choice, event]| (choice, self.visit.event(event)))
    }
}

/// How the choices of a risk set are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Reading {
    /// The choice is *not* to do it.
    pub(super) not_done: bool,
    /// The path says only half of it: what a case accepts or fails says the rest.
    pub(super) by_case: bool,
}

/// Choices of many cases, in columns.
#[derive(Debug, Clone, Default)]
pub struct ChoiceTable {
    pub(super) outcome: String,
    pub(super) numeric: bool,
    pub(super) attributes: Vec<String>,
    // Cases.
    pub(super) ids: Ids,
    pub(super) rep: Vec<u32>,
    pub(super) profile: Vec<u32>,
    pub(super) value: Vec<f64>,
    pub(super) day: Vec<i32>,
    /// Number of steps of each case; empty where it is not known.
    pub(super) steps: Vec<u32>,
    /// Cases that conform in a risk set though their path does not, or the other way round.
    pub(super) conforms: FxHashMap<(u32, u32), bool>,
    /// What single cases stand in beside their stories; empty where there is nothing.
    pub(super) of_cases: Blocks,
    /// Cases that do not count in a risk set, because its choice is their outcome.
    pub(super) barred: FxHashSet<(u32, u32)>,
    /// Cases of which `conforms` or `barred` says something; empty where there are none.
    pub(super) special: Vec<bool>,
    pub(super) story_of: Vec<u32>,
    pub(super) reps: Names,
    pub(super) profiles: IndexSet<Vec<String>, FxBuildHasher>,
    /// Time of each event and of the end of each case, where there is a clock.
    pub(super) clock: Option<Clock>,
    /// The conversations of each case, where those of a deal are joined.
    pub(super) contacts: Option<Contacts>,
    /// How long each case took, where times are compared.
    pub(super) times: Option<Times>,
    // What there is to know and to choose.
    pub(super) known_names: IndexSet<Known, FxBuildHasher>,
    pub(super) choices: IndexMap<ChoiceId, u32, FxBuildHasher>,
    /// Risk sets by what they are called, the same in every shard.
    pub(super) risks: IndexMap<String, Reading, FxBuildHasher>,
    pub(super) stories: Blocks,
    pub(super) scenes: Scenes,
    /// Risk sets of which a host gave a column each.
    pub(super) columns: Vec<MadeColumn>,
    /// What these name as known, by case.
    pub(super) known_columns: Vec<Vec<bool>>,
}

/// Texts of cases, one after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids {
    text: String,
    ends: Vec<usize>,
}

impl Ids {
    pub(super) fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    #[inline]
    pub(super) fn get(&self, case: usize) -> &str {
        &self.text[if case == 0 { 0 } else { self.ends[case - 1] }..self.ends[case]]
    }
}

/// When things happened in the cases of a check, in turns or milliseconds.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    pub(super) unit: WaitUnit,
    pub(super) check: Check,
    /// When each case ended.
    pub(super) end: Vec<i64>,
}

/// The conversations that cases are made of.
#[derive(Debug, Clone, Default)]
pub(super) struct Contacts {
    /// Where the events of each case end.
    pub(super) event_end: Vec<usize>,
    /// The conversation of each event, counted in its case from 0.
    pub(super) of_event: Vec<u32>,
    /// Where the conversations of each case end.
    pub(super) end: Vec<usize>,
    /// When each began and ended; empty where there is no clock.
    pub(super) window: Vec<(i64, i64)>,
}

impl Contacts {
    /// The conversation of an event; the first one before all events.
    pub(super) fn of(&self, case: usize, event: u32) -> u32 {
        let first = if case == 0 { 0 } else { self.event_end[case - 1] };
        if event == NEVER { 0 } else { self.of_event[first + event as usize] }
    }

    fn range(&self, case: usize) -> std::ops::Range<usize> {
        (if case == 0 { 0 } else { self.end[case - 1] })..self.end[case]
    }

    /// When a conversation began, but not before an event, and when it ended.
    fn window(&self, case: usize, contact: u32, from: i64) -> Option<(i64, i64)> {
        let (start, end) = *self.window.get(self.range(case).start + contact as usize)?;
        Some((start.max(from), end))
    }
}

/// Unit of waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitUnit {
    /// Turns of the conversation.
    #[default]
    Turns,
    /// Milliseconds.
    Milliseconds,
}

impl Clock {
    /// How long after `from` an event came.
    pub(super) fn wait(&self, case: usize, from: u32, event: u32) -> i64 {
        self.time(case, event) - self.time(case, from)
    }

    /// How long the case lived after `from`.
    pub(super) fn rest(&self, case: usize, from: u32) -> i64 {
        self.end[case] - self.time(case, from)
    }

    #[inline]
    fn time(&self, case: usize, event: u32) -> i64 {
        if event == NEVER {
            return 0;
        }
        let (store, event) = (self.check.corpus().store(), self.check.event_of(case, event));
        match self.unit {
            WaitUnit::Turns => i64::from(store.turns_of[event].0) + 1,
            WaitUnit::Milliseconds => store.at[event],
        }
    }
}

impl ChoiceTable {
    /// Cases.
    pub fn len(&self) -> usize {
        self.story_of.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The choices that can be compared.
    pub fn choices(&self) -> impl ExactSizeIterator<Item = &ChoiceId> {
        self.choices.keys()
    }

    /// Where a case stands by its story.
    pub(super) fn of_story(&self, case: usize) -> impl Iterator<Item = Stands<'_>> {
        self.stands(case, self.stories.of(self.story_of[case] as usize).0)
    }

    /// Where a case stands, as far as it counts there.
    pub(super) fn counting(&self, case: usize) -> impl Iterator<Item = Stands<'_>> {
        let own = self.stands(case, self.of_cases.of(case).0);
        self.of_story(case).chain(own).filter(move |row| !self.is_special(case) || self.counts(case, row.risk))
    }

    fn stands<'a>(&'a self, case: usize, visits: &'a [Visit]) -> impl Iterator<Item = Stands<'a>> {
        visits.iter().flat_map(move |&visit| {
            let held = move |row: &Row<'_>| if self.is_special(case) { self.holds(case, row) } else { row.held };
            self.scenes.get(visit.scene).rows().map(move |row| Stands::of(visit, &row, held(&row)))
        })
    }

    /// The visits of a case with what was learned in them, those of its story first.
    #[inline]
    pub(super) fn visits_of(&self, case: usize) -> [(&[Visit], &[u32]); 2] {
        [self.stories.of(self.story_of[case] as usize), self.of_cases.of(case)]
    }

    /// Whether more is to be said of a case than its story says.
    #[inline]
    pub(super) fn is_special(&self, case: usize) -> bool {
        self.special.get(case).is_some_and(|&special| special)
    }

    /// Whether a case counts in a risk set.
    pub(super) fn counts(&self, case: usize, risk: u32) -> bool {
        !self.barred.contains(&(case as u32, risk))
    }

    /// Whether what was done holds, for a case of which more is to be said.
    pub(super) fn holds(&self, case: usize, row: &Row<'_>) -> bool {
        if self.risks[row.risk as usize].by_case { self.conforms.get(&(case as u32, row.risk)).copied().unwrap_or(row.held) } else { row.held }
    }

    /// How many conversations after its point something was done, and how long after that conversation (or the point, in its own)
    /// began; the wait is 0 where there is no clock.
    pub(super) fn later(&self, case: usize, from: u32, event: u32) -> Option<(u32, i64)> {
        let contacts = self.contacts.as_ref().filter(|_| event != NEVER)?;
        let at = contacts.of(case, event);
        let wait = self.clock.as_ref().and_then(|clock| {
            let (start, _) = contacts.window(case, at, clock.time(case, from))?;
            Some(clock.time(case, event) - start)
        });
        Some((at.checked_sub(contacts.of(case, from))?, wait.unwrap_or(0)))
    }

    /// Whether a case made a choice in a risk set it stands in, given what it did there; under a landmark by then, and whether it
    /// was alive at that time. With `later`, in the conversation so many after the point, among cases that had it and had not made
    /// the choice before.
    #[inline]
    pub(super) fn made(&self, case: usize, row: &Stands<'_>, choice: u32, landmark: Option<i64>, later: Option<u32>) -> (bool, bool) {
        let event = row.done().find(|(did, _)| *did == choice).map(|(_, event)| event);
        let not_done = self.risks[row.risk as usize].not_done;
        if let (Some(later), Some(contacts)) = (later, &self.contacts) {
            let at = contacts.of(case, row.from) + later;
            let (mut did, mut alive) = (false, (at as usize) < contacts.range(case).len());
            if let Some(event) = event {
                let here = if event == NEVER { at } else { contacts.of(case, event) };
                (did, alive) = (here <= at, alive && here >= at);
            }
            if let (Some(w), Some(clock), true) = (landmark, &self.clock, alive) {
                let (start, end) = contacts.window(case, at, clock.time(case, row.from)).unwrap_or_default();
                alive = end - start >= w;
                did = did && event.is_some_and(|event| event == NEVER || clock.time(case, event) - start <= w);
            }
            return (did != not_done, alive);
        }
        let (mut did, mut alive) = (event.is_some(), true);
        if let (Some(w), Some(clock)) = (landmark, &self.clock) {
            alive = clock.rest(case, row.from) >= w;
            did = event.is_some_and(|event| event == NEVER || clock.wait(case, row.from, event) <= w);
        }
        (did != not_done, alive)
    }

    /// Takes over what another table names, and gives its numbers in this one.
    pub(super) fn take_names(&mut self, other: Self) -> Numbers {
        let risks: Vec<u32> = other.risks.into_iter().map(|(name, reading)| self.risks.insert_full(name, reading).0 as u32).collect();
        let known = other.known_names.into_iter().map(|known| self.known_names.insert_full(known).0 as u32).collect();
        let choices = other.choices.into_iter().map(|(id, risk)| self.choice(id, risks[risk as usize])).collect();
        Numbers { risks, known, choices, scenes: Vec::new() }
    }

    pub(super) fn choice(&mut self, id: ChoiceId, risk: u32) -> u32 {
        let entry = self.choices.entry(id);
        let number = entry.index() as u32;
        entry.or_insert(risk);
        number
    }

    pub(super) fn push_case(&mut self, id: &str, rep: u32, profile: u32, value: Option<f64>, day: i32, story: u32) {
        self.ids.push(id);
        self.rep.push(rep);
        self.profile.push(profile);
        self.value.push(value.unwrap_or(f64::NAN));
        self.day.push(day);
        self.story_of.push(story);
    }
}

/// SHA-256 of an id, modulo 10.
pub(crate) fn id_bucket(id: &str) -> u8 {
    crate::text::sha_rest(id, 10) as u8
}

/// An outcome as a number.
pub(crate) fn as_number(value: OutcomeValue) -> f64 {
    match value {
        OutcomeValue::Bool(won) => f64::from(u8::from(won)),
        OutcomeValue::Number(x) => x,
    }
}

/// Refuses an attribute that names nearly every case.
pub(super) fn too_many_levels(name: &str, levels: usize) -> Error {
    let message = format!("attribute `{name}` has {levels} distinct values; at most {LEVELS} can be adjusted for");
    let fault = Fault::new("evidence.too_many_levels", message).at_place("adjust_for");
    Error::Argument(Box::new(fault.help("leave it out, or group its values first")))
}

/// The mark of a missing value.
pub(crate) const NO_LEVEL: &str = "(none)";

/// Text of a value of a case, or a mark for none.
pub(super) fn level_of(value: Option<Cow<'_, str>>) -> String {
    value.map_or_else(|| NO_LEVEL.to_owned(), Cow::into_owned)
}

/// The combination of values of each of some columns, by case. By numbers first: the texts of a combination are made once.
pub(super) fn combinations(
    cases: usize,
    columns: usize,
    code: impl Fn(usize, usize) -> u32,
    text: impl Fn(usize, usize) -> String,
    profiles: &mut IndexSet<Vec<String>, FxBuildHasher>,
) -> Vec<u32> {
    let mut seen: FxHashMap<Vec<u32>, u32> = FxHashMap::default();
    let mut codes = Vec::with_capacity(columns);
    (0..cases)
        .map(|case| {
            codes.clear();
            codes.extend((0..columns).map(|column| code(column, case)));
            if let Some(&found) = seen.get(&codes) {
                return found;
            }
            let profile = profiles.insert_full((0..columns).map(|column| text(column, case)).collect()).0 as u32;
            seen.insert(codes.clone(), profile);
            profile
        })
        .collect()
}
