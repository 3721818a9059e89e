//! Checking a corpus: group equal paths, align each once, fan the figures out to the cases.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use hashbrown::HashTable;
use jiff::civil::Date;
use rayon::prelude::*;
use rustc_hash::FxHasher;

use super::align::Move;
use super::alignment::Status;
use super::parts::people;
use super::path::{DeviationKind, PathDeviation, PathFigures, Work, analyse, deviations};
use super::scenario::{Scenario, Scenarios};
use super::stages::{STAGE_ADVANCED, Stages};
use super::standards::Standards;
use super::track::{Choice, LookBack, Point, Tracker};
use super::uncertain::CaseUncertainty;
use super::used::Used;
use crate::corpus::{Corpus, NO_TIME, NONE, OutcomeColumn, Store, Unit};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::sop::{Accepted, AcceptedKind, Actor, Automaton, Edge, Playbook, Sop};

/// How a corpus is checked.
#[derive(Debug, Clone)]
pub struct CheckOptions {
    /// The outcome that says which cases are still open; `won`, else the first yes/no outcome, where nothing is said.
    /// `stage_advanced` is derived from the check ([`Check::stages`]) where the conversations carry none of this name.
    pub outcome: Option<String>,
    /// What a case is; with [`Unit::Deal`] the conversations of each deal are joined first ([`Corpus::by_deal`]).
    pub unit: Unit,
    /// Events whose probability is below this (0 to 1) are left out of the path; 0.5 where nothing is said.
    pub threshold: f64,
}

impl CheckOptions {
    /// The threshold where nothing is said: an event is taken when it is as likely there as not.
    pub const THRESHOLD: f64 = 0.5;
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self { outcome: None, unit: Unit::default(), threshold: Self::THRESHOLD }
    }
}

/// Paths aligned together by one thread.
const CHUNK: usize = 512;

/// What checking a [`Corpus`] against a [`Playbook`] found. Cheap to clone; never changes once it is made.
#[derive(Clone)]
pub struct Check {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) corpus: Corpus,
    pub(super) playbook: Playbook,
    pub(super) outcome: Option<String>,
    pub(super) scenarios: Vec<Scenario>,
    pub(super) used: Used,
    /// Distinct paths: figures, and the first case that has each.
    pub(super) figures: Vec<PathFigures>,
    pub(super) first_case: Vec<u32>,
    pub(super) moves: Vec<Vec<Move>>,
    /// Path of each case, or `NONE` where no SOP takes the case.
    pub(super) path_of: Vec<u32>,
    pub(super) scenario_of: Vec<u32>,
    pub(super) rep: Vec<u32>,
    pub(super) team: Vec<u32>,
    /// Deviations that nobody accepted.
    pub(super) unaccepted: Vec<u32>,
    pub(super) status: Vec<Status>,
    /// The outcome, where the check itself gives it.
    pub(super) derived: Option<OutcomeColumn>,
    pub(super) stages: OnceLock<Stages>,
    /// What came of the standards; `None` where no SOP has any.
    pub(super) standards: Option<Standards>,
    choices: OnceLock<PathChoices>,
    pub(super) uncertain: OnceLock<Vec<Option<CaseUncertainty>>>,
}

/// Choices of all distinct paths, one path after the other, in chunks of [`CHUNK`] paths.
pub(super) struct PathChoices(Vec<(Vec<PathEnd>, Vec<Choice>)>);

/// Where the choices of a path end in the list, and where the path ended in the flow.
#[derive(Clone, Copy)]
struct PathEnd {
    choices: usize,
    state: u32,
    point: Point,
    entry: Option<(u32, Point)>,
}

impl PathChoices {
    pub(super) fn of(&self, path: usize) -> &[Choice] {
        let (ends, list) = &self.0[path / CHUNK];
        let at = path % CHUNK;
        let from = if at == 0 { 0 } else { ends[at - 1].choices };
        &list[from..ends[at].choices]
    }

    fn end(&self, path: usize) -> PathEnd {
        self.0[path / CHUNK].0[path % CHUNK]
    }
}

/// The choices of a distinct path and where it ended.
pub(crate) struct Walked<'a> {
    pub(crate) choices: &'a [Choice],
    /// Where the path stands.
    pub(crate) point: Point,
    /// The `any_order` block it stands in, and the point at which it entered.
    pub(crate) end: Option<(u32, Point)>,
    edges: &'a [Edge],
}

impl Walked<'_> {
    /// Places planned next.
    pub(crate) fn next(&self) -> impl Iterator<Item = u32> {
        self.edges.iter().map(|edge| edge.node)
    }
}

impl Check {
    /// The threshold of the check, as it is kept.
    pub(crate) fn threshold(&self) -> f64 {
        self.inner.used.threshold()
    }

    /// Number of distinct paths.
    pub(crate) fn paths(&self) -> usize {
        self.inner.figures.len()
    }

    /// Distinct path of a case.
    pub(crate) fn path_of(&self, case: usize) -> Option<usize> {
        let path = self.inner.path_of[case];
        (path != NONE).then_some(path as usize)
    }

    /// Fitness of a case; `None` where no SOP takes it.
    pub(crate) fn fitness_of(&self, case: usize) -> Option<f64> {
        self.path_of(case).map(|path| self.inner.figures[path].fitness())
    }

    /// Number of the rep of a case.
    pub(crate) fn rep_of(&self, case: usize) -> u32 {
        self.inner.rep[case]
    }

    /// The SOP a distinct path is held against, with its number in the playbook.
    pub(crate) fn sop_of_path(&self, path: usize) -> (u32, &Sop) {
        let scenario = &self.inner.scenarios[self.inner.scenario_of[self.inner.first_case[path] as usize] as usize];
        (scenario.sop, self.inner.sop(scenario))
    }

    /// The event of a case, by its number among those the path is made of; the end of the path is the end of the conversation.
    pub(crate) fn event_of(&self, case: usize, event: u32) -> usize {
        let store = self.inner.corpus.store();
        store.events(case).start + self.inner.used.event(store, case, event) as usize
    }

    /// How many events the path of a case is made of.
    pub(crate) fn path_len(&self, case: usize) -> usize {
        self.inner.path(case).len()
    }

    /// Which scenario a distinct path is held against.
    pub(crate) fn scenario_of_path(&self, path: usize) -> u32 {
        self.inner.scenario_of[self.inner.first_case[path] as usize]
    }

    /// The compiled flow a distinct path is held against.
    pub(crate) fn automaton_of_path(&self, path: usize) -> &Automaton {
        &self.inner.scenarios[self.scenario_of_path(path) as usize].aligner.automaton
    }

    /// The step of an SOP that a label of the corpus names.
    pub(crate) fn step_of_label(&self, sop: &Sop, label: u32) -> Option<u32> {
        let name = self.inner.corpus.store().steps.get(label)?;
        sop.steps().get_index_of(name).map(|step| step as u32)
    }

    /// The choices of a distinct path.
    pub(crate) fn choices_of(&self, path: usize) -> Walked<'_> {
        let all = self.inner.choices();
        let end = all.end(path);
        let scenario = &self.inner.scenarios[self.inner.scenario_of[self.inner.first_case[path] as usize] as usize];
        Walked { choices: all.of(path), point: end.point, end: end.entry, edges: scenario.aligner.automaton.edges(end.state) }
    }
}

impl Corpus {
    /// Lays every actual path beside the preset one.
    ///
    /// ```
    /// use goldpath::{Corpus, Sop, corpus::Conversation};
    /// let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, price, close], flow: [open, need, price, close]}")?;
    /// let corpus = Corpus::from_conversations([Conversation::of_steps("c1", ["open", "price", "close"])])?;
    /// let check = corpus.check(&sop)?;
    /// let found = check.alignment("c1")?;
    /// assert_eq!(found.deviations[0].sentence_en(), "“need” was skipped; it is due after “open”.");
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Limit`] for a path that would need more search than the stated limit.
    pub fn check(&self, playbook: impl Into<Playbook>) -> Result<Check> {
        self.check_with(playbook, &CheckOptions::default(), &Progress::none())
    }

    /// As [`Corpus::check`], with options, progress and cancelling.
    pub fn check_with(&self, playbook: impl Into<Playbook>, options: &CheckOptions, progress: &Progress<'_>) -> Result<Check> {
        Inner::run(self, playbook.into(), options, progress).map(|inner| Check { inner: Arc::new(inner) })
    }
}

impl Inner {
    fn run(corpus: &Corpus, playbook: Playbook, options: &CheckOptions, progress: &Progress<'_>) -> Result<Self> {
        let joined = if options.unit == Unit::Deal { Some(corpus.by_deal()?) } else { None };
        let corpus = joined.as_ref().unwrap_or(corpus);
        let store = corpus.store();
        let outcome = chosen_outcome(store, &playbook, options)?;
        if !(0.0..=1.0).contains(&options.threshold) {
            let message = format!("{} is no probability", options.threshold);
            return Err(Error::argument("threshold", message, "a number from 0 to 1"));
        }
        let used = Used::of(store, options.threshold);
        let Scenarios { list: scenarios, of_case: scenario_of } = Scenarios::of(&playbook, store)?;
        let (path_of, first_case) = group(store, &used, &scenario_of);
        let sops: Vec<&Sop> = playbook.sops().collect();
        let done = AtomicU64::new(0);
        let total = first_case.len() as u64;
        let parts: Vec<Result<(Vec<PathFigures>, Vec<Move>)>> = first_case
            .par_chunks(CHUNK)
            .map_init(Work::new, |work, cases| {
                let mut figures = Vec::with_capacity(cases.len());
                let events: usize = cases.iter().map(|&case| used.path(store, case as usize).len()).sum();
                let mut moves = Vec::with_capacity(events + 8 * cases.len());
                for &case in cases {
                    let scenario = &scenarios[scenario_of[case as usize] as usize];
                    let found = analyse(scenario, used.path(store, case as usize), work, &mut moves);
                    figures.push(found.map_err(|e| of_case(e, store, case))?);
                }
                progress.step("check", done.fetch_add(cases.len() as u64, Ordering::Relaxed) + cases.len() as u64, total)?;
                Ok((figures, moves))
            })
            .collect();
        let (mut figures, mut moves) = (Vec::with_capacity(first_case.len()), Vec::with_capacity(parts.len()));
        for part in parts {
            let (more, of_part) = part?;
            figures.extend(more);
            moves.push(of_part);
        }
        let (rep, team) = people(store, &used, &scenarios, &scenario_of, &sops);
        let mut inner = Self {
            corpus: corpus.clone(),
            rep,
            team,
            playbook: playbook.clone(),
            outcome,
            scenarios,
            used,
            figures,
            first_case,
            moves,
            path_of,
            scenario_of,
            unaccepted: Vec::new(),
            status: Vec::new(),
            derived: None,
            stages: OnceLock::new(),
            standards: None,
            choices: OnceLock::new(),
            uncertain: OnceLock::new(),
        };
        inner.unaccepted = inner.count_unaccepted()?;
        inner.derived = inner.derived_outcome();
        if let Some(standards) = inner.measure_standards(progress)? {
            inner.unaccepted.iter_mut().zip(&standards.unaccepted).for_each(|(all, of_standards)| *all += of_standards);
            inner.standards = Some(standards);
        }
        inner.status = inner.statuses();
        Ok(inner)
    }

    /// Moves of a distinct path.
    pub(super) fn moves(&self, path: usize) -> &[Move] {
        let (from, to) = self.figures[path].moves;
        &self.moves[path / CHUNK][from..to]
    }

    /// The steps of a case that the check takes.
    pub(super) fn path(&self, case: usize) -> &[u32] {
        self.used.path(self.corpus.store(), case)
    }

    pub(super) fn scenario(&self, case: usize) -> Option<&Scenario> {
        self.scenarios.get(self.scenario_of[case] as usize)
    }

    pub(super) fn sop(&self, scenario: &Scenario) -> &Sop {
        &self.playbook.entries()[scenario.sop as usize].sop
    }

    /// Deviations of a distinct path, without the standards of its cases, into `work.deviations`.
    pub(super) fn deviations(&self, path: usize, work: &mut Work) -> Result<()> {
        let figures = &self.figures[path];
        work.deviations.clear();
        if figures.deviations == 0 {
            return Ok(());
        }
        let case = self.first_case[path] as usize;
        let Some(scenario) = self.scenario(case) else { return Ok(()) };
        deviations(scenario, self.path(case), self.moves(path), figures.disputed, work)?;
        work.deviations.retain(|d| d.cost > 0);
        Ok(())
    }

    /// Whether a deviation of a case is accepted by its SOP.
    pub(super) fn is_accepted(&self, case: usize, sop: &Sop, d: &PathDeviation) -> bool {
        self.accepts(case, sop, d.kind, d.step(sop, &self.corpus.store().steps), self.started(case, d))
    }

    /// Whether a kind of deviation about a step is accepted of a case, whenever in it that was.
    pub(super) fn may_accept(&self, case: usize, sop: &Sop, kind: DeviationKind, step: &str) -> bool {
        self.starts(case).iter().any(|&started| self.accepts(case, sop, kind, step, started))
    }

    /// Whether a kind of deviation about a step is accepted in a conversation that began then.
    fn accepts(&self, case: usize, sop: &Sop, kind: DeviationKind, step: &str, started: i64) -> bool {
        let store = self.corpus.store();
        sop.accepted().iter().any(|rule| accepts(rule, kind, step, day_at(started), |name| store.attribute(case, name)))
    }

    /// Whether one rule accepts a deviation of a case.
    pub(super) fn rule_accepts(&self, rule: &Accepted, case: usize, sop: &Sop, d: &PathDeviation) -> bool {
        let store = self.corpus.store();
        accepts(rule, d.kind, d.step(sop, &store.steps), day_at(self.started(case, d)), |name| store.attribute(case, name))
    }

    /// Whether a rule speaks of the kind and the step of a deviation, in whatever cases.
    pub(super) fn is_about(&self, rule: &Accepted, sop: &Sop, d: &PathDeviation) -> bool {
        is_about(rule, d.kind, d.step(sop, &self.corpus.store().steps))
    }

    fn count_unaccepted(&self) -> Result<Vec<u32>> {
        let plain = self.playbook.sops().all(|sop| sop.accepted().is_empty());
        let all = |path: u32| self.figures.get(path as usize).map_or(0, |figures| figures.deviations);
        if plain {
            return Ok(self.path_of.iter().map(|&path| all(path)).collect());
        }
        let mut work = Work::new();
        (0..self.path_of.len())
            .map(|case| {
                let path = self.path_of[case];
                let Some(scenario) = self.scenario(case).filter(|_| all(path) > 0) else { return Ok(0) };
                let sop = self.sop(scenario);
                if sop.accepted().is_empty() {
                    return Ok(all(path));
                }
                self.deviations(path as usize, &mut work)?;
                Ok(work.deviations.iter().filter(|d| !self.is_accepted(case, sop, d)).count() as u32)
            })
            .collect()
    }

    fn statuses(&self) -> Vec<Status> {
        let column = self.outcome_column();
        let open = |case: usize| column.is_some_and(|column| column.get(case).is_none());
        (0..self.path_of.len())
            .map(|case| match self.figures.get(self.path_of[case] as usize) {
                None => Status::Unchecked,
                Some(figures) if figures.is_complete() => Status::Complete,
                Some(_) if open(case) => Status::Open,
                Some(_) => Status::Stopped,
            })
            .collect()
    }

    /// Choices of all distinct paths, found when they are first asked for.
    pub(super) fn choices(&self) -> &PathChoices {
        self.choices.get_or_init(|| {
            let parts: Vec<(Vec<PathEnd>, Vec<Choice>)> = self
                .first_case
                .par_chunks(CHUNK)
                .map(|cases| {
                    let mut trackers: Vec<Option<Tracker>> = self.scenarios.iter().map(|_| None).collect();
                    let events: usize = cases.iter().map(|&case| self.path(case as usize).len()).sum();
                    let (mut ends, mut list, mut back) = (Vec::with_capacity(cases.len()), Vec::with_capacity(events + 2 * cases.len()), LookBack::new());
                    for &case in cases {
                        let number = self.scenario_of[case as usize] as usize;
                        let scenario = &self.scenarios[number];
                        let nodes = self.sop(scenario).nodes();
                        let tracker = trackers[number].get_or_insert_with(|| Tracker::new(scenario.aligner.clone()));
                        tracker.restart();
                        for &label in self.path(case as usize) {
                            // A path over the limit was refused when it was aligned.
                            if tracker.push(nodes, scenario.labels.events[label as usize], label, &mut back, &mut list).is_err() {
                                break;
                            }
                        }
                        ends.push(PathEnd { choices: list.len(), state: tracker.state, point: tracker.point, entry: tracker.entry });
                    }
                    (ends, list)
                })
                .collect();
            PathChoices(parts)
        })
    }
}

/// Whether a rule accepts a deviation of a case, given its day and attributes.
pub(super) fn accepts<'a>(rule: &Accepted, kind: DeviationKind, step: &str, day: Option<Date>, attribute: impl Fn(&str) -> Option<Cow<'a, str>>) -> bool {
    is_about(rule, kind, step)
        && day.is_none_or(|day| rule.from.is_none_or(|from| from <= day) && rule.until.is_none_or(|until| day <= until))
        && rule.when.holds(attribute)
}

/// Whether a rule speaks of a kind of deviation about a step.
fn is_about(rule: &Accepted, kind: DeviationKind, step: &str) -> bool {
    let kind = match kind {
        DeviationKind::Skipped => AcceptedKind::Skip,
        DeviationKind::Extra => AcceptedKind::Extra,
        DeviationKind::OutOfOrder => AcceptedKind::OutOfOrder,
        DeviationKind::Repeated => AcceptedKind::Repeat,
        DeviationKind::BelowStandard => AcceptedKind::BelowStandard,
        DeviationKind::Late => AcceptedKind::Late,
    };
    rule.kind == kind && rule.step == step
}

/// The day of a moment in milliseconds since 1970, in UTC; `None` where it is not known.
fn day_at(moment: i64) -> Option<Date> {
    (moment != NO_TIME).then(|| jiff::Timestamp::from_millisecond(moment).ok()).flatten().map(day_of)
}

/// The day of a moment, in UTC.
pub(super) fn day_of(moment: jiff::Timestamp) -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(moment).date()
}

fn of_case(error: Error, store: &Store, case: u32) -> Error {
    match error {
        Error::Limit(fault) => Error::Limit(Box::new(fault.of_case(store.ids.get(case).unwrap_or_default()))),
        other => other,
    }
}

/// The outcome that was asked for, or `won`, or the first yes/no outcome, or the first.
fn chosen_outcome(store: &Store, playbook: &Playbook, options: &CheckOptions) -> Result<Option<String>> {
    if let Some(name) = &options.outcome {
        if store.outcomes.contains_key(name) {
            return Ok(Some(name.clone()));
        }
        if name == STAGE_ADVANCED {
            let staged = playbook.sops().any(|sop| !sop.stages().is_empty());
            return if staged { Ok(Some(name.clone())) } else { Err(Error::argument("outcome", "no step of the SOP has a stage", "give steps their `stage`")) };
        }
        let known = store.outcomes.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let help = if known.is_empty() { "the conversations carry no outcome".to_owned() } else { format!("outcomes: {known}") };
        return Err(Error::argument("outcome", format!("there is no outcome `{name}`"), help));
    }
    let yes_no = || store.outcomes.iter().find(|(_, column)| matches!(column, OutcomeColumn::Bool(_))).map(|(name, _)| name);
    let chosen = store.outcomes.get_key_value("won").map(|(name, _)| name).or_else(yes_no).or_else(|| store.outcomes.keys().next());
    Ok(chosen.cloned())
}

/// Numbers equal paths of one scenario alike: the path of each case, and the first case of each path.
fn group(store: &Store, used: &Used, scenario_of: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let hash = |case: usize| {
        let mut hasher = FxHasher::default();
        scenario_of[case].hash(&mut hasher);
        used.path(store, case).hash(&mut hasher);
        hasher.finish()
    };
    let mut table: HashTable<u32> = HashTable::with_capacity(store.len());
    let mut first_case: Vec<u32> = Vec::new();
    let mut path_of = Vec::with_capacity(store.len());
    for case in 0..store.len() {
        if scenario_of[case] == NONE {
            path_of.push(NONE);
            continue;
        }
        let same = |&path: &u32| {
            let other = first_case[path as usize] as usize;
            scenario_of[other] == scenario_of[case] && used.path(store, other) == used.path(store, case)
        };
        let code = hash(case);
        if let Some(&path) = table.find(code, same) {
            path_of.push(path);
            continue;
        }
        let path = first_case.len() as u32;
        table.insert_unique(code, path, |&path| hash(first_case[path as usize] as usize));
        first_case.push(case as u32);
        path_of.push(path);
    }
    (path_of, first_case)
}

/// Who a case belongs to: whoever was named, else the rep of its last event of an agent.
pub(super) fn reps(store: &Store, used: &Used, scenarios: &[Scenario], scenario_of: &[u32], sops: &[&Sop]) -> Vec<u32> {
    if !store.rep_from_events || store.event_rep.is_empty() {
        return store.rep.clone();
    }
    (0..store.len())
        .map(|case| {
            let Some(scenario) = scenarios.get(scenario_of[case] as usize) else { return store.rep[case] };
            let sop = sops[scenario.sop as usize];
            let last = used.path(store, case).iter().rposition(|&label| by_agent(store, sop, label));
            let event = |last: usize| store.events(case).start + used.event(store, case, last as u32) as usize;
            last.map_or(store.rep[case], |last| store.event_rep(case, event(last)))
        })
        .collect()
}

/// Whether a label is an act of the agent; labels the SOP does not know are.
pub(super) fn by_agent(store: &Store, sop: &Sop, label: u32) -> bool {
    let label = store.steps.get(label).unwrap_or_default();
    sop.steps().get(label).is_none_or(|step| step.by == Actor::Agent)
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
