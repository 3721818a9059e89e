//! From a check to the table of choices: what each distinct path says.

use indexmap::{IndexMap, IndexSet};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::bounds::BoundAt;
use super::choices::{
    ChoiceId, ChoiceKind, ChoiceTable, Clock, Contacts, Known, LEVELS, NEVER, NO_DAY, Reading, StandardAsked, WaitUnit, as_number, at, combinations, level_of,
    too_many_levels,
};
use super::sequences::SequenceAt;
use crate::check::{Beginning, Check, Chosen, Excuse, NOWHERE, Point};
use crate::corpus::{NO_TIME, NONE, OutcomeColumn, Store};
use crate::error::{Error, Result};
use crate::sop::{Actor, Automaton, Sop};
use crate::words::{Lang, requirement};

/// A decision point of one SOP with what is open there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Risk {
    /// Something unplanned may be added.
    At { sop: u32, point: Point },
    /// A planned place may be done or left out; from which place it was.
    Due { sop: u32, node: u32, after: u32 },
    /// A place left out before may be caught up with.
    Open { sop: u32, node: u32, point: Point },
    /// An optional place may be entered.
    May { sop: u32, node: u32, point: Point },
    /// One of several places is entered.
    Fork { sop: u32, point: Point },
    /// A place was done.
    Conforming { sop: u32, node: u32 },
    /// A place was done, and a standard of its step measured.
    Standard { sop: u32, node: u32, rule: u32 },
    /// A standard was measured, and the looser of its present bound and another one met.
    Bound { sop: u32, node: u32, bound: u32 },
    /// Part of a sequence was done: it may be made whole.
    Part { sop: u32, point: Point, part: u32 },
}

/// What a path leaves to its cases to say.
#[derive(Default)]
struct OfCases {
    /// Risk sets of conforming, with the event that reached the place, whether the path conforms, and what may excuse it.
    conforming: Vec<(u32, u32, bool, Option<usize>)>,
    excuses: Vec<Excuse>,
    /// Events that performed a step with standards.
    performing: Vec<u32>,
    /// Places where standards are compared: place, event, and what was known.
    standards: Vec<(u32, u32, Vec<u32>)>,
    /// How much was known before each event that showed a choice, where that is all that is asked for; and all that became known.
    before: Vec<(u32, u32)>,
    things: Vec<u32>,
}

impl Risk {
    /// The SOP's number in the playbook.
    fn entry(self) -> u32 {
        match self {
            Self::At { sop, .. } | Self::Due { sop, .. } | Self::Open { sop, .. } | Self::May { sop, .. } | Self::Fork { sop, .. } => sop,
            Self::Conforming { sop, .. } | Self::Standard { sop, .. } | Self::Bound { sop, .. } | Self::Part { sop, .. } => sop,
        }
    }

    /// The planned place that is done or not.
    fn node(self) -> u32 {
        match self {
            Self::Due { node, .. }
            | Self::Open { node, .. }
            | Self::May { node, .. }
            | Self::Conforming { node, .. }
            | Self::Standard { node, .. }
            | Self::Bound { node, .. } => node,
            Self::At { .. } | Self::Fork { .. } | Self::Part { .. } => NOWHERE,
        }
    }
}

/// From reaching a point to leaving it.
struct Stay {
    point: Point,
    reached: u32,
    left: u32,
    /// How much was known on arrival.
    known: usize,
    /// Labels that came unplanned, first time each, with the event.
    extras: Vec<(u32, u32)>,
    /// What the agent did there that is not planned, in order: label and event.
    run: Vec<(u32, u32)>,
    /// Places left out before, and not done since.
    open: Vec<u32>,
}

struct Gather<'a> {
    check: &'a Check,
    /// Only what was known when is asked for, and no choices.
    known_only: bool,
    store: &'a Store,
    table: ChoiceTable,
    risks: IndexMap<Risk, (), FxBuildHasher>,
    /// Places that may follow a place, by scenario and place.
    follow: FxHashMap<(u32, u32), Vec<u32>>,
    excluded: FxHashSet<String>,
    /// Sequences looked for, by SOP and point; and their parts, which have risk sets of their own.
    wanted: FxHashMap<(u32, Point), Vec<Wanted>>,
    /// Other bounds of standards that are looked at.
    bounds: &'a [BoundAt],
    parts: IndexSet<Vec<u32>, FxBuildHasher>,
}

/// A sequence that is looked for at a point.
struct Wanted {
    labels: Vec<u32>,
    members: Vec<String>,
}

impl ChoiceTable {
    /// All choices of a check: what is skipped, added, repeated, done out of order or caught up with at each point, each branch
    /// and optional part, and conforming so far at each step.
    ///
    /// `adjust_for` names the attributes (or `team`, `channel`) that were known beforehand; steps in `never_choices` define
    /// the outcome and are not judged. What the customer does is never a choice.
    ///
    /// # Errors
    /// [`Error::Argument`] for a name that no case has, an attribute that names nearly every case, or a check without an
    /// outcome.
    pub fn of(check: &Check, adjust_for: &[String], never_choices: &[String]) -> Result<Self> {
        Self::with_sequences(check, adjust_for, never_choices, &[])
    }

    /// As [`ChoiceTable::of`], with sequences of unplanned steps as further choices: each against not doing it, and, as
    /// choices with [`given`](ChoiceId::given), among the cases that did a part of it. Shards have to be given the same
    /// sequences ([`SequenceCounts::closed`](super::SequenceCounts::closed)).
    ///
    /// # Errors
    /// As [`ChoiceTable::of`].
    pub fn with_sequences(check: &Check, adjust_for: &[String], never_choices: &[String], sequences: &[SequenceAt]) -> Result<Self> {
        Self::with_bounds(check, adjust_for, never_choices, sequences, &[])
    }

    /// The same, with other bounds of standards as further choices: among the cases that meet the looser of the present and the
    /// other bound, failing the stricter against meeting it.
    pub(crate) fn with_bounds(check: &Check, adjust_for: &[String], never_choices: &[String], sequences: &[SequenceAt], bounds: &[BoundAt]) -> Result<Self> {
        let store = check.corpus().store();
        let Some((outcome, column)) = check.outcome().zip(check.outcome_column()) else {
            return Err(Error::argument("outcome", "the conversations carry no outcome", "give each conversation a yes/no or numeric outcome"));
        };
        let mut gather = Gather::new(check);
        gather.table = Self {
            outcome: outcome.to_owned(),
            numeric: matches!(column, OutcomeColumn::Number(_)),
            attributes: adjust_for.to_vec(),
            reps: store.reps.clone(),
            clock: clock(check),
            contacts: contacts(check),
            ..Self::default()
        };
        gather.excluded = never_choices.iter().cloned().collect();
        gather.bounds = bounds;
        gather.look_for(sequences);
        let profiles = profiles(store, adjust_for, &mut gather.table.profiles)?;
        let mut work = Beginning::new();
        let of_cases: Vec<OfCases> = (0..check.paths()).map(|path| gather.path(path, &mut work)).collect::<Result<_>>()?;
        if of_cases.iter().any(|of| !of.excuses.is_empty() || !of.performing.is_empty()) {
            (0..check.len()).for_each(|case| gather.case(case, &of_cases));
        }
        let Gather { mut table, risks, .. } = gather;
        for case in 0..check.len() {
            let day = store.day(case).unwrap_or(NO_DAY);
            let story = check.path_of(case).map_or(NONE, |path| path as u32);
            let id = store.ids.get(case as u32).unwrap_or_default();
            table.push_case(id, check.rep_of(case), profiles[case], column.get(case).map(as_number), day, story);
            table.steps.push(check.path_len(case) as u32);
        }
        if check.gives_outcome() {
            // Doing what by itself is the outcome leads to nothing.
            let nodes: Vec<u32> = risks.keys().map(|risk| risk.node()).collect();
            for case in 0..table.len() {
                let rows: Vec<u32> = table.rows_of(case).iter().map(|row| row.risk).collect();
                let barred = rows.into_iter().filter(|&risk| nodes[risk as usize] != NOWHERE && check.defines_outcome(case, nodes[risk as usize]));
                table.barred.extend(barred.map(|risk| (case as u32, risk)).collect::<Vec<_>>());
            }
        }
        Ok(table)
    }
}

/// The combination of values of each case.
pub(crate) fn profiles(store: &Store, names: &[String], profiles: &mut IndexSet<Vec<String>, FxBuildHasher>) -> Result<Vec<u32>> {
    for (i, name) in names.iter().enumerate() {
        let known = store.attributes.contains_key(name) || matches!(name.as_str(), "team" | "channel");
        if !known || names[..i].contains(name) {
            let list = store.attributes.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let message = if known { format!("`{name}` stands twice") } else { format!("no conversation has an attribute `{name}`") };
            return Err(Error::argument("adjust_for", message, format!("attributes: {list}")));
        }
        if let Some(column) = store.attributes.get(name)
            && column.values.len() > LEVELS
        {
            return Err(too_many_levels(name, column.values.len()));
        }
    }
    let code = |at: usize, case: usize| match store.attributes.get(&names[at]) {
        Some(column) => column.codes[case],
        None if names[at] == "team" => store.team[case],
        None => store.channel[case],
    };
    Ok(combinations(store.len(), names.len(), code, |at, case| level_of(store.attribute(case, &names[at])), profiles))
}

/// Turns where every event knows its own, else times where every event has one, else nothing.
fn clock(check: &Check) -> Option<Clock> {
    let store = check.corpus().store();
    let events = store.step.len();
    let by_turn = events > 0 && store.turns_of.len() == events && store.turns_of.iter().all(|t| t.0 != NONE);
    let by_time = events > 0 && store.at.len() == events && store.at.iter().all(|&t| t != NO_TIME);
    if !by_turn && !by_time {
        return None;
    }
    let mut clock = Clock { unit: if by_turn { WaitUnit::Turns } else { WaitUnit::Milliseconds }, ..Clock::default() };
    for case in 0..store.len() {
        for event in (0..check.path_len(case)).map(|event| check.event_of(case, event as u32)) {
            clock.at.push(if by_turn { i64::from(store.turns_of[event].0) + 1 } else { store.at[event] });
        }
        clock.event_end.push(clock.at.len());
        let turns = store.turn_range(case);
        clock.end.push(if by_turn {
            turns.len() as i64
        } else {
            let spoken = turns.map(|t| store.turns.end[t].max(store.turns.start[t])).max();
            store.events(case).map(|e| store.at[e]).max().into_iter().chain(spoken).max().unwrap_or(0)
        });
    }
    Some(clock)
}

/// The conversations of each case, where those of deals are joined.
fn contacts(check: &Check) -> Option<Contacts> {
    let store = check.corpus().store();
    let parts = store.parts.as_ref()?;
    let clock = clock(check);
    let mut made = Contacts::default();
    for case in 0..store.len() {
        let of = parts.of(case);
        for event in 0..check.path_len(case) {
            made.of_event.push((parts.of_event(case, check.event_of(case, event as u32)) - of.start) as u32);
        }
        made.event_end.push(made.of_event.len());
        let Some(clock) = &clock else {
            made.end.push(made.end.last().copied().unwrap_or(0) + of.len());
            continue;
        };
        let first = store.turn_range(case).start;
        let mut reached = 0;
        for part in of {
            let turns = parts.turns(part);
            let (start, end) = if clock.unit == WaitUnit::Turns {
                ((turns.start - first) as i64, (turns.end - first) as i64)
            } else {
                let events = parts.events(part);
                let spoken = turns.clone().map(|t| store.turns.end[t].max(store.turns.start[t])).max();
                let start = events.clone().map(|e| store.at[e]).min().unwrap_or(reached);
                (start, events.map(|e| store.at[e]).max().into_iter().chain(spoken).max().unwrap_or(start))
            };
            reached = end;
            made.window.push((start, end));
        }
        made.end.push(made.window.len());
    }
    Some(made)
}

/// What was known before each event of the distinct paths of a check: circumstances and earlier choices.
pub(crate) struct KnownBefore {
    pub(crate) names: IndexSet<Known, FxBuildHasher>,
    paths: Vec<OfCases>,
}

impl KnownBefore {
    pub(crate) fn of(check: &Check) -> Result<Self> {
        let mut gather = Gather { known_only: true, ..Gather::new(check) };
        let mut work = Beginning::new();
        let paths = (0..check.paths()).map(|path| gather.path(path, &mut work)).collect::<Result<_>>()?;
        Ok(Self { names: gather.table.known_names, paths })
    }

    /// What was known before an event of a path, by the numbers of `names`; for an event beyond the end, all.
    pub(crate) fn before(&self, path: usize, event: u32) -> &[u32] {
        let of = &self.paths[path];
        let next = of.before.partition_point(|(at, _)| *at < event);
        // A step may be left out by the very event: the last of its choices knows of it.
        let same = of.before[next..].iter().take_while(|(at, _)| *at == event).last();
        let len = same.or_else(|| of.before.get(next)).map_or(of.things.len(), |(_, len)| *len as usize);
        &of.things[..len]
    }
}

impl<'a> Gather<'a> {
    fn new(check: &'a Check) -> Self {
        Self {
            check,
            known_only: false,
            store: check.corpus().store(),
            table: ChoiceTable::default(),
            risks: IndexMap::default(),
            follow: FxHashMap::default(),
            excluded: FxHashSet::default(),
            wanted: FxHashMap::default(),
            bounds: &[],
            parts: IndexSet::default(),
        }
    }
}

impl Gather<'_> {
    fn risk(&mut self, sop: &Sop, risk: Risk) -> u32 {
        let (number, _) = self.risks.insert_full(risk, ());
        if number == self.table.readings.len() {
            let place = |node: u32| sop.nodes().get(node as usize).map_or("start", |n| n.place.as_str());
            let name = match risk {
                Risk::At { point, .. } => format!("at {} {}", place(point.node), point.visit),
                Risk::Due { node, after, .. } => format!("due {} after {}", place(node), place(after)),
                Risk::Open { node, point, .. } => format!("open {} at {} {}", place(node), place(point.node), point.visit),
                Risk::May { node, point, .. } => format!("may {} at {} {}", place(node), place(point.node), point.visit),
                Risk::Fork { point, .. } => format!("fork at {} {}", place(point.node), point.visit),
                Risk::Conforming { node, .. } => format!("conforming {}", place(node)),
                Risk::Part { point, part, .. } => {
                    let labels = self.parts.get_index(part as usize).map_or(&[][..], Vec::as_slice);
                    let steps: Vec<&str> = labels.iter().map(|&label| self.store.steps.get(label).unwrap_or_default()).collect();
                    format!("part {steps:?} at {} {}", place(point.node), point.visit)
                }
                Risk::Bound { node, bound, .. } => {
                    let bound = &self.bounds[bound as usize];
                    format!("bound {} {} {} of {}", bound.key, bound.names().join(" "), bound.step, place(node))
                }
                Risk::Standard { sop, node, rule } => {
                    format!("standard {} of {}", self.check.standard(sop, rule).map(|s| s.key).unwrap_or_default(), place(node))
                }
            };
            self.table.risk_names.push(format!("{} {} | {name}", risk.entry(), sop.name()));
            self.table.readings.push(Reading { not_done: matches!(risk, Risk::Due { .. }), by_case: matches!(risk, Risk::Conforming { .. }) });
        }
        number as u32
    }

    fn id(entry: u32, sop: &Sop, kind: ChoiceKind, step: &str, node: u32, point: Point) -> ChoiceId {
        let place = |node: u32| sop.nodes().get(node as usize).map_or_else(String::new, |n| n.place.clone());
        let at = step_id(sop, point.node);
        ChoiceId {
            kind,
            sop: sop.name().to_owned(),
            entry,
            step: step.to_owned(),
            place: place(node),
            point: at.map(ToOwned::to_owned),
            point_place: place(point.node),
            visit: point.visit,
            standard: None,
            members: Vec::new(),
            given: Vec::new(),
            title: sop.title(step).to_owned(),
            point_title: at.map(|id| sop.title(id).to_owned()),
            wording: None,
        }
    }

    fn known(&mut self, by_customer: bool, (what, at): (String, String)) -> u32 {
        self.table.known_names.insert_full(Known { by_customer, what, at }).0 as u32
    }

    /// Everything a distinct path says.
    fn path(&mut self, path: usize, work: &mut Beginning) -> Result<OfCases> {
        let check = self.check;
        let (number, sop) = check.sop_of_path(path);
        let walked = check.choices_of(path);
        let by_agent = |step: u32| sop.steps()[step as usize].by == Actor::Agent;
        let node_agent = |node: u32| by_agent(sop.nodes()[node as usize].step);
        let mut of_cases = OfCases { performing: check.performing(path, walked.choices), ..OfCases::default() };
        let accepting = check.accepts_something(path);
        // What was known, in the order in which it became known.
        let mut things: Vec<u32> = Vec::new();
        let mut by_customer: Vec<bool> = Vec::new();
        let mut stays = vec![Stay {
            point: Point { node: NOWHERE, visit: 1 },
            reached: NEVER,
            left: NEVER,
            known: 0,
            extras: Vec::new(),
            run: Vec::new(),
            open: Vec::new(),
        }];
        let mut reached: FxHashMap<u32, u8> = FxHashMap::default();
        let mut done_steps: FxHashSet<u32> = FxHashSet::default();
        let mut ahead: FxHashSet<u32> = FxHashSet::default();
        let mut open: Vec<u32> = Vec::new();
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        let last_planned = walked.choices.iter().rposition(|c| matches!(c.chosen, Chosen::Done(_) | Chosen::DoneLate(_)));
        // What became of planned places, resolved after all stays are known.
        #[allow(clippy::struct_excessive_bools)] // independent facts of one place
        struct Due {
            node: u32,
            point: Point,
            event: u32,
            skipped: bool,
            went_on: bool,
            known: usize,
            conforms: bool,
            excuse: Option<usize>,
            performs: bool,
            asked: bool,
        }
        let mut dues: Vec<Due> = Vec::new();
        let mut repeats: Vec<(u32, u32, ChoiceKind)> = Vec::new();
        for (i, choice) in walked.choices.iter().enumerate() {
            if self.known_only {
                of_cases.before.push((choice.event, things.len() as u32));
            }
            match choice.chosen {
                Chosen::Added(label) => {
                    let planned = check.step_of_label(sop, label).filter(|&step| sop.nodes().iter().any(|n| n.step == step));
                    let kind = match planned {
                        Some(step) if done_steps.contains(&step) => ChoiceKind::Repeat,
                        Some(step) => {
                            ahead.insert(step);
                            ChoiceKind::OutOfOrder
                        }
                        None => ChoiceKind::Add,
                    };
                    let Some(stay) = stays.last_mut() else { continue };
                    if !self.wanted.is_empty() && check.step_of_label(sop, label).is_none_or(by_agent) {
                        stay.run.push((label, choice.event));
                    }
                    if !stay.extras.iter().any(|&(had, _)| had == label) {
                        stay.extras.push((label, choice.event));
                        repeats.push((label, choice.event, kind));
                        let step = self.store.steps.get(label).unwrap_or_default();
                        let customer = check.step_of_label(sop, label).is_some_and(|step| !by_agent(step));
                        let what = at_point(sop, kind.name(), step, stay.point);
                        things.push(self.known(customer, what));
                        by_customer.push(customer);
                    }
                }
                Chosen::Skipped(node) => {
                    if node_agent(node) {
                        if seen.insert(node) {
                            let early = ahead.contains(&sop.nodes()[node as usize].step);
                            let asked = !sop.nodes()[node as usize].avoidable && !early;
                            dues.push(Due {
                                node,
                                point: choice.point,
                                event: choice.event,
                                skipped: true,
                                went_on: true,
                                known: things.len(),
                                conforms: false,
                                excuse: None,
                                performs: false,
                                asked,
                            });
                        }
                        open.push(node);
                        let what = at_point(sop, "skip", step_id(sop, node).unwrap_or_default(), choice.point);
                        things.push(self.known(false, what));
                        by_customer.push(false);
                    }
                }
                Chosen::Done(node) | Chosen::DoneLate(node) => {
                    let late = matches!(choice.chosen, Chosen::DoneLate(_));
                    let step = sop.nodes()[node as usize].step;
                    done_steps.insert(step);
                    if !late && node_agent(node) && seen.insert(node) {
                        let went_on = last_planned.is_some_and(|last| last > i);
                        let asked = !sop.nodes()[node as usize].avoidable;
                        let excuse = if accepting && choice.cost > 0 { check.excuse(path, choice.event, work)? } else { None };
                        let excuse = excuse.map(|excuse| {
                            of_cases.excuses.push(excuse);
                            of_cases.excuses.len() - 1
                        });
                        dues.push(Due {
                            node,
                            point: choice.point,
                            event: choice.event,
                            skipped: false,
                            went_on,
                            known: things.len(),
                            conforms: choice.cost == 0,
                            excuse,
                            performs: check.performs(path, choice),
                            asked,
                        });
                    }
                    open.retain(|&n| n != node);
                    if late || !node_agent(node) || sop.nodes()[node as usize].avoidable {
                        let kind = if late { "catch_up" } else { "do" };
                        let what = at_point(sop, kind, step_id(sop, node).unwrap_or_default(), choice.point);
                        things.push(self.known(!node_agent(node), what));
                        by_customer.push(!node_agent(node));
                    }
                    let times = reached.entry(node).or_insert(0);
                    *times = (*times + 1).min(3);
                    let point = Point { node, visit: *times };
                    if let Some(stay) = stays.last_mut() {
                        stay.left = choice.event;
                    }
                    stays.push(Stay {
                        point,
                        reached: choice.event,
                        left: NEVER,
                        known: things.len(),
                        extras: Vec::new(),
                        run: Vec::new(),
                        open: open.clone(),
                    });
                }
            }
        }
        if self.known_only {
            of_cases.things = things;
            return Ok(of_cases);
        }
        // The path ended here: what was planned next was not done.
        for node in &walked.next {
            let place = &sop.nodes()[*node as usize];
            if node_agent(*node) && !place.avoidable && !ahead.contains(&place.step) && seen.insert(*node) {
                let point = walked.end.filter(|(block, _)| place.any_order == Some(*block)).map_or(walked.point, |(_, point)| point);
                dues.push(Due {
                    node: *node,
                    point,
                    event: NEVER,
                    skipped: true,
                    went_on: false,
                    known: things.len(),
                    conforms: false,
                    excuse: None,
                    performs: false,
                    asked: true,
                });
            }
        }

        // What was left out where it was due, or was not done by the time the path ended: it lengthens the stay at its point.
        let mut left_out: Vec<(u32, Point, u32)> = Vec::new();
        for due in dues.iter().filter(|due| due.skipped && due.asked) {
            let what = at_point(sop, "skip", step_id(sop, due.node).unwrap_or_default(), due.point);
            left_out.push((due.node, due.point, self.known(false, what)));
        }
        let stay_at = |point: Point| stays.iter().position(|stay| stay.point == point);
        let mut known = Vec::new();
        for due in &dues {
            let step = step_id(sop, due.node).unwrap_or_default();
            if self.excluded.contains(step) {
                continue;
            }
            if due.asked
                && let Some(at) = stay_at(due.point)
            {
                let stay = &stays[at];
                let risk = self.risk(sop, Risk::Due { sop: number, node: due.node, after: due.point.node });
                let id = Self::id(number, sop, ChoiceKind::Skip, step, due.node, Point { visit: 1, ..due.point });
                let choice = self.table.choice(id, risk);
                known.clear();
                known.extend_from_slice(&things[..stay.known]);
                // Beside it at the point: members of the same block that were left out, and what came there.
                let block = sop.nodes()[due.node as usize].any_order;
                for &(node, point, thing) in &left_out {
                    if node != due.node && point == due.point && block.is_some() && sop.nodes()[node as usize].any_order == block {
                        known.push(thing);
                    }
                }
                for &(label, event) in stay.extras.iter().filter(|extra| due.skipped || extra.1 < due.event) {
                    let thing = self.thing_of(sop, label, event, stay.point, &repeats);
                    known.push(thing);
                    if !due.skipped {
                        self.table.orders.push((choice, thing, true));
                    }
                }
                if !due.skipped
                    && let Some(next) = stays.iter().find(|next| next.reached == due.event && next.point.node == due.node)
                {
                    for &(label, event) in next.extras.iter().filter(|(label, _)| !stay.extras.iter().any(|(had, _)| had == label)) {
                        // It would have been seen at the point itself, had the step been left out.
                        let thing = self.thing_of(sop, label, event, stay.point, &repeats);
                        self.table.orders.push((choice, thing, false));
                    }
                }
                let done = [(choice, due.event)];
                self.table.push_row(risk, due.went_on, stay.reached, &mut known, if due.skipped { &[] } else { &done[..] });
            }
            if !due.skipped {
                let risk = self.risk(sop, Risk::Conforming { sop: number, node: due.node });
                let id = Self::id(number, sop, ChoiceKind::Conforming, step, due.node, Point { node: due.node, visit: 1 });
                let choice = self.table.choice(id, risk);
                known.clear();
                // Its own earlier choices are what conforming is made of; the customer's are not.
                known.extend(things[..due.known].iter().zip(&by_customer).filter(|(_, customer)| **customer).map(|(thing, _)| *thing));
                self.table.push_row(risk, true, due.event, &mut known, &[(choice, due.event)]);
                if let Some(row) = self.table.rows.last_mut() {
                    row.held = due.conforms;
                }
                of_cases.conforming.push((risk, due.event, due.conforms, due.excuse));
                if due.performs {
                    of_cases.standards.push((due.node, due.event, things[..due.known].to_vec()));
                }
            }
        }
        for (at, stay) in stays.iter().enumerate() {
            // Third and further times are one point, of which the first counts.
            if stay_at(stay.point) != Some(at) {
                continue;
            }
            let went_on = stay.left != NEVER;
            let here = left_out.iter().filter(|(_, point, _)| *point == stay.point).map(|(.., thing)| *thing);
            // Something unplanned, or not.
            let risk = self.risk(sop, Risk::At { sop: number, point: stay.point });
            known.clear();
            known.extend_from_slice(&things[..stay.known]);
            known.extend(here);
            let mut done = Vec::new();
            let mut listed = Vec::new();
            for &(label, event) in &stay.extras {
                let thing = self.thing_of(sop, label, event, stay.point, &repeats);
                known.push(thing);
                let step = self.store.steps.get(label).unwrap_or_default();
                let agent = check.step_of_label(sop, label).is_none_or(by_agent);
                if agent && !self.excluded.contains(step) {
                    let kind = kind_of(&repeats, label, event);
                    let id = Self::id(number, sop, kind, step, NOWHERE, stay.point);
                    let choice = self.table.choice(id, risk);
                    done.push((choice, event));
                    listed.push((choice, thing, event));
                } else {
                    listed.push((NEVER, thing, event));
                }
            }
            for &(choice, own, event) in listed.iter().filter(|(choice, ..)| *choice != NEVER) {
                for &(_, thing, first) in listed.iter().filter(|(_, thing, _)| *thing != own) {
                    self.table.orders.push((choice, thing, first < event));
                }
            }
            self.sequences(number, sop, stay, went_on, &mut known, &listed, &mut done);
            self.table.push_row(risk, went_on, stay.reached, &mut known, &done);
            // What was left out before, caught up with or not.
            let next = stays.get(at + 1).map(|next| next.point.node);
            for &node in &stay.open {
                let step = step_id(sop, node).unwrap_or_default();
                if self.excluded.contains(step) || !node_agent(node) {
                    continue;
                }
                let risk = self.risk(sop, Risk::Open { sop: number, node, point: stay.point });
                let id = Self::id(number, sop, ChoiceKind::CatchUp, step, node, stay.point);
                let choice = self.table.choice(id, risk);
                known.clear();
                known.extend_from_slice(&things[..stay.known]);
                let late = walked.choices.iter().any(|c| c.event == stay.left && c.chosen == Chosen::DoneLate(node));
                let on = went_on && (!late || stays.len() > at + 2);
                for &(_, thing, _) in &listed {
                    known.push(thing);
                    if late {
                        self.table.orders.push((choice, thing, true));
                    }
                }
                self.table.push_row(risk, on, stay.reached, &mut known, late.then_some((choice, stay.left)).as_slice());
            }
            self.forks(path, number, sop, stay, next, &things, &listed, stays.len() > at + 2);
        }
        self.table.end_story();
        Ok(of_cases)
    }

    /// Sequences in the numbers of the corpus, and their parts.
    fn look_for(&mut self, sequences: &[SequenceAt]) {
        for at in sequences {
            let Some(labels) = at.members.iter().map(|step| self.store.steps.find(step)).collect::<Option<Vec<u32>>>() else { continue };
            let Some((number, sop)) = self.check.playbook().sops().enumerate().find(|(number, _)| *number == at.entry as usize) else { continue };
            let node = match &at.place {
                None => NOWHERE,
                Some(place) => match sop.nodes().iter().position(|node| node.place == *place) {
                    Some(node) => node as u32,
                    None => continue,
                },
            };
            let wanted = self.wanted.entry((number as u32, Point { node, visit: at.visit })).or_default();
            wanted.push(Wanted { labels, members: at.members.clone() });
        }
    }

    /// The sequences of a stay: those done, and for each part done whether the whole was.
    #[allow(clippy::too_many_arguments)] // one stay, seen from all sides
    fn sequences(&mut self, number: u32, sop: &Sop, stay: &Stay, went_on: bool, known: &mut [u32], listed: &[(u32, u32, u32)], done: &mut Vec<(u32, u32)>) {
        let Some(wanted) = self.wanted.remove(&(number, stay.point)) else { return };
        let risk = self.risk(sop, Risk::At { sop: number, point: stay.point });
        let mut of_parts: IndexMap<u32, Vec<(u32, u32)>, FxBuildHasher> = IndexMap::default();
        let found = |labels: &[u32]| stay.run.windows(labels.len()).find(|window| window.iter().zip(labels).all(|(a, b)| a.0 == *b));
        for sequence in &wanted {
            let whole = found(&sequence.labels).map(|window| (window[0].1, window[window.len() - 1].1));
            let mut id = Self::id(number, sop, ChoiceKind::Sequence, &sequence.members.join(" → "), NOWHERE, stay.point);
            id.title = sequence.members.iter().map(|step| sop.title(step)).collect::<Vec<_>>().join(" → ");
            id.members.clone_from(&sequence.members);
            let orders = |table: &mut ChoiceTable, choice: u32, first: u32| {
                table.orders.extend(listed.iter().filter(|(.., event)| *event != first).map(|&(_, thing, event)| (choice, thing, event < first)));
            };
            let choice = self.table.choice(id.clone(), risk);
            if let Some((first, last)) = whole {
                done.push((choice, last));
                orders(&mut self.table, choice, first);
            }
            let n = sequence.labels.len();
            for (from, to) in [(0, n - 1), (1, n)] {
                let part = self.parts.insert_full(sequence.labels[from..to].to_vec()).0 as u32;
                let within = self.risk(sop, Risk::Part { sop: number, point: stay.point, part });
                id.given = sequence.members[from..to].to_vec();
                let choice = self.table.choice(id.clone(), within);
                if found(&sequence.labels[from..to]).is_none() {
                    continue;
                }
                let made = of_parts.entry(part).or_default();
                if let Some((first, last)) = whole {
                    made.push((choice, last));
                    orders(&mut self.table, choice, first);
                }
            }
        }
        for (part, made) in of_parts {
            let within = self.risk(sop, Risk::Part { sop: number, point: stay.point, part });
            let labels = self.parts.get_index(part as usize).cloned().unwrap_or_default();
            let from = found(&labels).map_or(NEVER, |window| window[window.len() - 1].1);
            self.table.push_row(within, went_on, from, &mut known.to_vec(), &made);
        }
        self.wanted.insert((number, stay.point), wanted);
    }

    /// What only a case can say: whether its deviations are accepted, and how it did on the standards.
    fn case(&mut self, case: usize, of_cases: &[OfCases]) {
        let check = self.check;
        if let Some(path) = check.path_of(case) {
            let of = &of_cases[path];
            let failed = check.first_failure(case, &of.performing);
            for &(risk, event, held, excuse) in &of.conforming {
                // A standard failed before the step is a deviation from then on; what is accepted of the part before it is none.
                let conforms = failed >= event && (held || excuse.is_some_and(|i| check.excuses(case, &of.excuses[i])));
                if conforms != held {
                    self.table.conforms.insert((case as u32, risk), conforms);
                }
            }
            let (number, sop) = check.sop_of_path(path);
            for (node, event, known) in &of.standards {
                for (rule, failed, value) in check.standards_at(case, *event) {
                    let Some(standard) = check.standard(number, rule) else { continue };
                    let risk = self.risk(sop, Risk::Standard { sop: number, node: *node, rule });
                    let mut id = Self::id(number, sop, ChoiceKind::Standard, step_id(sop, *node).unwrap_or_default(), *node, Point { node: *node, visit: 1 });
                    id.standard = Some(StandardAsked {
                        requirement_en: requirement(&standard, Lang::En),
                        requirement_zh: requirement(&standard, Lang::Zh),
                        time_limit: standard.standard.measure.is_time_limit(),
                        key: standard.key,
                        name: standard.name,
                    });
                    let choice = self.table.choice(id, risk);
                    let own = [(choice, NEVER)];
                    self.table.push_row(risk, true, *event, &mut known.clone(), if failed { &own } else { &[] });
                    let row = self.table.rows.pop();
                    self.table.case_rows.extend(row);
                    self.other_bounds(number, sop, *node, *event, rule, value, known);
                }
            }
        }
        self.table.case_row_end.push(self.table.case_rows.len() as u32);
    }

    /// The same standard with other bounds.
    fn other_bounds(&mut self, number: u32, sop: &Sop, node: u32, event: u32, rule: u32, value: f64, known: &[u32]) {
        let Some(standard) = self.check.standard(number, rule) else { return };
        let step = step_id(sop, node).unwrap_or_default();
        for (at, bound) in self.bounds.iter().enumerate().filter(|(_, bound)| bound.entry == number && bound.step == step && bound.key == standard.key) {
            if !bound.meets_looser(value) {
                continue;
            }
            let risk = self.risk(sop, Risk::Bound { sop: number, node, bound: at as u32 });
            let mut id = Self::id(number, sop, ChoiceKind::Standard, step, node, Point { node, visit: 1 });
            let mut asked = standard.clone();
            *(if bound.least { &mut asked.at_least } else { &mut asked.at_most }) = Some(bound.strict());
            id.standard = Some(StandardAsked {
                requirement_en: requirement(&asked, Lang::En),
                requirement_zh: requirement(&asked, Lang::Zh),
                time_limit: false,
                key: standard.key.clone(),
                name: standard.name.clone(),
            });
            id.given = bound.names().to_vec();
            let choice = self.table.choice(id, risk);
            let own = [(choice, NEVER)];
            let failed = if bound.least { value < bound.strict() } else { value > bound.strict() };
            self.table.push_row(risk, true, event, &mut known.to_vec(), if failed { &own } else { &[] });
            let row = self.table.rows.pop();
            self.table.case_rows.extend(row);
        }
    }

    /// Branches and optional parts that may be entered at a point.
    fn forks(&mut self, path: usize, number: u32, sop: &Sop, stay: &Stay, next: Option<u32>, things: &[u32], here: &[(u32, u32, u32)], on: bool) {
        let scenario = self.check.scenario_of_path(path);
        let follow = {
            let check = self.check;
            self.follow.entry((scenario, stay.point.node)).or_insert_with(|| following(check.automaton_of_path(path), stay.point.node)).clone()
        };
        let open = |node: u32| {
            let place = &sop.nodes()[node as usize];
            place.avoidable && place.any_order.is_none() && sop.steps()[place.step as usize].by == Actor::Agent
        };
        let may: Vec<u32> = follow.iter().copied().filter(|&node| open(node)).collect();
        if may.is_empty() {
            return;
        }
        let mut known = things[..stay.known].to_vec();
        known.extend(here.iter().map(|(_, thing, _)| *thing));
        let before = |table: &mut ChoiceTable, choice: u32| table.orders.extend(here.iter().map(|(_, thing, _)| (choice, *thing, true)));
        let fork = may.len() > 1 && may.len() == follow.len();
        if fork {
            let Some(taken) = next.filter(|node| may.contains(node)) else { return };
            let risk = self.risk(sop, Risk::Fork { sop: number, point: stay.point });
            let mut done = Vec::new();
            for &node in &may {
                let step = step_id(sop, node).unwrap_or_default();
                if self.excluded.contains(step) {
                    continue;
                }
                let id = Self::id(number, sop, ChoiceKind::Branch, step, node, stay.point);
                let choice = self.table.choice(id, risk);
                if node == taken {
                    done.push((choice, stay.left));
                    before(&mut self.table, choice);
                }
            }
            self.table.push_row(risk, true, stay.reached, &mut known, &done);
            return;
        }
        for &node in &may {
            let step = step_id(sop, node).unwrap_or_default();
            if self.excluded.contains(step) {
                continue;
            }
            let risk = self.risk(sop, Risk::May { sop: number, node, point: stay.point });
            let id = Self::id(number, sop, ChoiceKind::Include, step, node, stay.point);
            let choice = self.table.choice(id, risk);
            let taken = next == Some(node);
            let went_on = if taken { on } else { next.is_some() };
            if taken {
                before(&mut self.table, choice);
            }
            self.table.push_row(risk, went_on, stay.reached, &mut known.clone(), taken.then_some((choice, stay.left)).as_slice());
        }
    }

    /// The number of "this label came at that point".
    fn thing_of(&mut self, sop: &Sop, label: u32, event: u32, point: Point, kinds: &[(u32, u32, ChoiceKind)]) -> u32 {
        let customer = self.check.step_of_label(sop, label).is_some_and(|step| sop.steps()[step as usize].by == Actor::Customer);
        let what = at_point(sop, kind_of(kinds, label, event).name(), self.store.steps.get(label).unwrap_or_default(), point);
        self.known(customer, what)
    }
}

fn kind_of(kinds: &[(u32, u32, ChoiceKind)], label: u32, event: u32) -> ChoiceKind {
    kinds.iter().find(|(l, e, _)| (*l, *e) == (label, event)).map_or(ChoiceKind::Add, |k| k.2)
}

fn step_id(sop: &Sop, node: u32) -> Option<&str> {
    let node = sop.nodes().get(node as usize)?;
    sop.steps().get_index(node.step as usize).map(|(id, _)| id.as_str())
}

/// Such as `add chitchat` and `after greet`.
fn at_point(sop: &Sop, kind: &str, step: &str, point: Point) -> (String, String) {
    (format!("{kind} {step}"), at(step_id(sop, point.node), point.visit))
}

/// Places that may be performed right after a place, or at the start.
fn following(automaton: &Automaton, node: u32) -> Vec<u32> {
    let mut states: Vec<u32> = Vec::new();
    if node == NOWHERE {
        states.push(crate::sop::START);
    } else {
        for state in 0..automaton.len() as u32 {
            states.extend(automaton.edges(state).iter().filter(|edge| edge.node == node).map(|edge| edge.to));
        }
    }
    states.sort_unstable();
    states.dedup();
    let mut nodes: Vec<u32> = states.into_iter().flat_map(|state| automaton.edges(state).iter().map(|edge| edge.node)).collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Corpus, corpus::Conversation};

    #[test]
    fn what_a_path_says() {
        let sop = Sop::parse("{format: goldpath/1, name: d, steps: {a: {}, b: {}, c: {}, q: {by: customer, unplanned: true}}, flow: [a, b, c]}").unwrap();
        let paths: [&[&str]; 3] = [&["a", "q", "x", "c"], &["a", "b", "x", "c"], &["a"]];
        let corpus = Corpus::from_conversations(paths.iter().enumerate().map(|(i, steps)| {
            let mut c = Conversation::of_steps(i.to_string(), steps.iter().copied());
            c.outcome.insert("won".into(), Some(crate::corpus::OutcomeValue::Bool(i == 0)));
            c
        }))
        .unwrap();
        let table = ChoiceTable::of(&corpus.check(&sop).unwrap(), &[], &[]).unwrap();
        let rows = |kind: ChoiceKind, step: &str, point: Option<&str>| {
            let (choice, _, &risk) = (table.choices.iter().enumerate())
                .find(|(_, (id, _))| id.kind == kind && id.step == step && id.point.as_deref() == point)
                .map(|(n, (id, risk))| (n as u32, id, risk))
                .unwrap();
            (0..table.len())
                .map(|case| {
                    table.rows_of(case).iter().find(|row| row.risk == risk).map(|row| {
                        let done = table.done_of(case, row).iter().any(|(c, _)| *c == choice);
                        (done != table.readings[risk as usize].not_done, row.went_on)
                    })
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(rows(ChoiceKind::Skip, "b", Some("a")), [Some((true, true)), Some((false, true)), Some((true, false))]);
        assert_eq!(rows(ChoiceKind::Add, "x", Some("a")), [Some((true, true)), Some((false, true)), Some((false, false))]);
        assert_eq!(rows(ChoiceKind::Add, "x", Some("b")), [None, Some((true, true)), None]);
        assert!(table.choices().all(|id| id.step != "q"));
        assert!(table.known_names.contains(&Known { by_customer: true, what: "add q".into(), at: "after a".into() }));
    }
}
