//! The screen ledger, the first pass: what has to be seen of all the data before a comparison can be planned.
//!
//! Sums only, so that shards add in any order to the same bytes: cases and outcomes by stratum (rep × values of the
//! attributes) for each risk set, each thing known before, each choice, and both together; waits; days; largest value.

use std::collections::BTreeMap;

use indexmap::{IndexMap, IndexSet};
use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::{Deserialize, Serialize};

use super::choices::{ChoiceId, ChoiceTable, Known, NEVER, NO_DAY, Reading, WaitUnit};
use super::grouped::{Grouped, runs};
use super::scenes::Row;
use super::sums::{ByStratum, Count, Often, Pairs, Slots, Sums, SumsFile, Wins};
use super::times::Days;
use crate::corpus::NONE;
use crate::error::{Error, Fault, Result};

/// Values of numeric outcomes are screened as their inverse hyperbolic sine, in 2⁻²⁰: screening must not hang on a few
/// large ones.
const SCALE: f64 = (1 << 20) as f64;

/// Rep and values of the attributes.
pub(super) type Stratum = (Option<String>, Vec<String>);

/// What the first pass found. Adds to others of the same outcome and attributes, in any order.
#[derive(Debug, Clone, Default)]
pub struct ScreenLedger {
    pub(super) outcome: String,
    pub(super) numeric: bool,
    pub(super) attributes: Vec<String>,
    pub(super) unit: Option<WaitUnit>,
    pub(super) strata: IndexSet<Stratum, FxBuildHasher>,
    pub(super) known: IndexSet<Known, FxBuildHasher>,
    pub(super) risks: IndexMap<String, Reading, FxBuildHasher>,
    /// Choices with their risk set.
    pub(super) choices: IndexMap<ChoiceId, u32, FxBuildHasher>,
    /// Decided cases by stratum.
    pub(super) cases: FxHashMap<u32, u64>,
    /// By risk set, and by risk set and what was known.
    pub(super) stands: FxHashMap<u32, ByStratum>,
    pub(super) stands_known: FxHashMap<(u32, u32), ByStratum>,
    /// By choice, and by choice and what was known.
    pub(super) done: FxHashMap<u32, ByStratum>,
    pub(super) done_known: FxHashMap<(u32, u32), ByStratum>,
    /// How often something came before the choice at its point, and how often both came.
    pub(super) orders: FxHashMap<(u32, u32), (u64, u64)>,
    /// Risk sets of planned steps: cases that did not do the step, and those of them that went on.
    pub(super) left_out: FxHashMap<u32, (u64, u64)>,
    pub(super) waits: FxHashMap<u32, BTreeMap<i64, u64>>,
    /// Of cases that are made of conversations: waits by choice and how many conversations later.
    pub(super) later: FxHashMap<(u32, u32), BTreeMap<i64, u64>>,
    pub(super) days: BTreeMap<i32, u64>,
    pub(super) undated: u64,
    pub(super) largest: f64,
    /// Where times are compared: won, lost and open cases of each risk set by day.
    pub(super) timed: bool,
    pub(super) times: FxHashMap<u32, Days>,
}

/// First pass over a table of choices.
pub fn screen(table: &ChoiceTable) -> ScreenLedger {
    screen_of(table, |_| true)
}

/// First pass over some of the cases of a table, by their numbers.
pub(crate) fn screen_of(table: &ChoiceTable, takes: impl Fn(usize) -> bool) -> ScreenLedger {
    let mut ledger = ScreenLedger {
        outcome: table.outcome.clone(),
        numeric: table.numeric,
        attributes: table.attributes.clone(),
        unit: table.clock.as_ref().map(|clock| clock.unit),
        known: table.known_names.clone(),
        risks: table.risks.clone(),
        choices: table.choices.clone(),
        timed: table.times.is_some(),
        ..ScreenLedger::default()
    };
    let mut numbers: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    // Stratum and outcome of each case; `NONE` where it is open.
    let mut strata = vec![NONE; table.len()];
    let mut outcomes = vec![0; table.len()];
    let mut days = Often::default();
    for case in 0..table.len() {
        let value = table.value[case];
        if value.is_nan() || !takes(case) {
            continue;
        }
        let (rep, profile) = (table.rep[case], table.profile[case]);
        let stratum = *numbers.entry((rep, profile)).or_insert_with(|| {
            let key = (table.reps.get(rep).map(ToOwned::to_owned), table.profiles[profile as usize].clone());
            ledger.strata.insert_full(key).0 as u32
        });
        match table.day[case] {
            NO_DAY => ledger.undated += 1,
            day => days.count(0, i64::from(day)),
        }
        ledger.largest = ledger.largest.max(value.abs());
        strata[case] = stratum;
        outcomes[case] = if table.numeric { (value.asinh() * SCALE).round() as i64 } else { value as i64 };
    }
    ledger.days = days.counts().into_iter().map(|((_, day), n)| (day as i32, n)).collect();
    let grouped = Grouped::of(&strata, ledger.strata.len());
    for (stratum, cases) in grouped.pieces().into_iter().flat_map(|piece| runs(piece, &strata)) {
        *ledger.cases.entry(stratum).or_default() += cases.len() as u64;
    }
    let screen = Screen { table, strata: &strata, outcomes: &outcomes, shapes: Shapes::of(table), waits: Waits::of(table) };
    let pieces: Vec<Piece> =
        grouped.pieces().into_par_iter().map(|piece| if table.numeric { screen.piece::<Sums>(piece) } else { screen.piece::<Wins>(piece) }).collect();
    pieces.into_iter().for_each(|piece| piece.add_to(&mut ledger));
    for column in &table.columns {
        let sums = column.sums(ledger.strata.len(), &outcomes, |case| strata[case]);
        for (stratum, [not, made]) in (0u32..).zip(sums) {
            if not.n + made.n > 0 {
                ledger.stands.entry(column.risk).or_default().add(stratum, &not.plus(&made));
            }
            if made.n > 0 {
                ledger.done.entry(column.choice).or_default().add(stratum, &made);
            }
        }
        for &(thing, of_case) in &column.known {
            let known = &table.known_columns[of_case];
            let sums = column.sums(ledger.strata.len(), &outcomes, |case| if known[case] { strata[case] } else { NONE });
            for (stratum, [not, made]) in (0u32..).zip(sums).filter(|(_, [not, made])| not.n + made.n > 0) {
                ledger.stands_known.entry((column.risk, thing)).or_default().add(stratum, &not.plus(&made));
                if made.n > 0 {
                    ledger.done_known.entry((column.choice, thing)).or_default().add(stratum, &made);
                }
            }
        }
    }
    ledger
}

/// Scenes by their risk sets and choices: what was known before is counted once for all that have the same.
struct Shapes {
    of_scene: Vec<u32>,
    list: Vec<Shape>,
}

/// Risk sets and choices, each with whether only what the customer brought is known there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
struct Shape {
    risks: Vec<(u32, bool)>,
    choices: Vec<(u32, bool)>,
}

impl Shapes {
    fn of(table: &ChoiceTable) -> Self {
        let mut list: IndexSet<Shape, FxBuildHasher> = IndexSet::default();
        let of_scene = (table.scenes.iter())
            .map(|scene| {
                let mut shape = Shape::default();
                for row in scene.rows() {
                    shape.risks.push((row.risk, row.of_customer));
                    shape.choices.extend(made_in(&row).iter().map(|&[choice, _]| (choice, row.of_customer)));
                }
                list.insert_full(shape).0 as u32
            })
            .collect();
        Self { of_scene, list: list.into_iter().collect() }
    }
}

/// What was done, as far as the path says.
fn made_in<'a>(row: &Row<'a>) -> &'a [[u32; 2]] {
    if row.held { row.done } else { &[] }
}

/// Of each scene the choices whose waits differ from case to case, with the event that reached the point and the one that did it.
struct Waits {
    list: Vec<[u32; 3]>,
    ends: Vec<usize>,
}

impl Waits {
    fn of(table: &ChoiceTable) -> Self {
        let mut made = Self { list: Vec::new(), ends: Vec::new() };
        for scene in table.scenes.iter() {
            for row in scene.rows() {
                let differ = |event: u32| event != NEVER && (table.contacts.is_some() || (table.clock.is_some() && event != row.from));
                made.list.extend(made_in(&row).iter().filter(|[_, event]| differ(*event)).map(|&[choice, event]| [choice, row.from, event]));
            }
            made.ends.push(made.list.len());
        }
        made
    }

    #[inline]
    fn of_scene(&self, scene: u32) -> &[[u32; 3]] {
        let from = if scene == 0 { 0 } else { self.ends[scene as usize - 1] };
        &self.list[from..self.ends[scene as usize]]
    }
}

/// The first pass over rows.
struct Screen<'a> {
    table: &'a ChoiceTable,
    strata: &'a [u32],
    outcomes: &'a [i64],
    shapes: Shapes,
    waits: Waits,
}

/// Sums of a stratum, by numbers of risk sets, choices and things known.
struct OfStratum<C> {
    stands: Slots<C>,
    stands_known: Pairs<C>,
    done: Slots<C>,
    done_known: Pairs<C>,
}

impl<C: Count> OfStratum<C> {
    fn add(&mut self, row: &Row<'_>, done: &[[u32; 2]], known: &[u32], count: C) {
        self.stands_known.add_to(row.risk, known, count);
        done.iter().for_each(|&[choice, _]| self.done_known.add_to(choice, known, count));
    }

    fn stands(&mut self, row: &Row<'_>, done: &[[u32; 2]], count: C) {
        self.stands.add(row.risk as usize, count);
        done.iter().for_each(|&[choice, _]| self.done.add(choice as usize, count));
    }
}

impl Screen<'_> {
    fn piece<C: Count>(&self, cases: &[u32]) -> Piece {
        let table = self.table;
        let (things, risks, choices) = (table.known_names.len(), table.risks.len(), table.choices.len());
        let mut found = Piece::default();
        let mut of =
            OfStratum { stands: Slots::default(), stands_known: Pairs::of(risks, things), done: Slots::default(), done_known: Pairs::of(choices, things) };
        let mut scenes: Slots<C> = Slots::default();
        let mut shapes: Pairs<C> = Pairs::of(self.shapes.list.len(), things);
        // Cases of each scene, and those of them that are counted row by row.
        let (mut seen, mut special) = (vec![0; table.scenes.len()], vec![0; table.scenes.len()]);
        let (mut waits, mut own) = (Often::default(), Vec::new());
        for (stratum, run) in runs(cases, self.strata) {
            for &case in run {
                let case = case as usize;
                let y = C::of(self.outcomes[case]);
                if let Some(times) = &table.times {
                    for row in table.counting(case) {
                        if let Some((day, end)) = times.of(case, row.from) {
                            found.times.entry((row.risk, day)).or_default()[usize::from(end)] += 1;
                        }
                    }
                }
                if table.is_special(case) {
                    self.special(case, y, &mut of, &mut found, (&mut waits, &mut special, &mut own));
                    continue;
                }
                for (visits, things) in table.visits_of(case) {
                    for visit in visits {
                        scenes.add(visit.scene as usize, y);
                        shapes.add_to(self.shapes.of_scene[visit.scene as usize], &things[..visit.known as usize], y);
                        for &[choice, from, event] in self.waits.of_scene(visit.scene) {
                            self.wait(case, choice, visit.event(from), visit.event(event), &mut waits, &mut found);
                        }
                    }
                }
            }
            for (scene, count) in scenes.drain() {
                seen[scene as usize] += count.sums().n;
                for row in table.scenes.get(scene).rows() {
                    let done = made_in(&row);
                    of.stands(&row, done, count);
                    of.add(&row, done, row.known, count);
                }
            }
            for ((shape, thing), count) in shapes.drain() {
                let counts = |of_customer: bool| !of_customer || table.known_names[thing as usize].by_customer;
                let shape = &self.shapes.list[shape as usize];
                shape.risks.iter().filter(|(_, customer)| counts(*customer)).for_each(|(risk, _)| of.stands_known.add(*risk, thing, count));
                shape.choices.iter().filter(|(_, customer)| counts(*customer)).for_each(|(choice, _)| of.done_known.add(*choice, thing, count));
            }
            found.take(&mut of, stratum);
        }
        for (scene, (&seen, special)) in table.scenes.iter().zip(seen.iter().zip(special)).filter(|(_, (seen, special))| **seen + special > 0) {
            for (choice, thing, first) in scene.orders() {
                let order = found.orders.entry((choice, thing)).or_default();
                order.0 += if first { seen + special } else { 0 };
                order.1 += seen + special;
            }
            for row in scene.rows().filter(|_| seen > 0) {
                let done = made_in(&row);
                found.left_out(table, &row, done, seen);
                if table.clock.is_some() && table.contacts.is_none() {
                    let at_once = done.iter().filter(|[_, event]| *event == row.from && *event != NEVER);
                    at_once.for_each(|[choice, _]| *found.waits.entry((*choice, 0)).or_default() += seen);
                }
            }
        }
        for (key, n) in waits.counts() {
            *found.waits.entry(key).or_default() += n;
        }
        found
    }

    /// A case of which more is to be said than its story says: row by row.
    fn special<C: Count>(&self, case: usize, y: C, of: &mut OfStratum<C>, found: &mut Piece, (waits, special, known): (&mut Often, &mut [u64], &mut Vec<u32>)) {
        let table = self.table;
        for (visits, things) in table.visits_of(case) {
            for visit in visits {
                special[visit.scene as usize] += 1;
                for row in table.scenes.get(visit.scene).rows().filter(|row| table.counts(case, row.risk)) {
                    let done = if table.holds(case, &row) { row.done } else { &[] };
                    let before = &things[..visit.known as usize];
                    let counts = |thing: u32| !row.of_customer || table.known_names[thing as usize].by_customer;
                    known.clear();
                    known.extend(before.iter().copied().filter(|&thing| counts(thing)).chain(row.known.iter().copied()));
                    of.stands(&row, done, y);
                    of.add(&row, done, known, y);
                    found.left_out(table, &row, done, 1);
                    for &[choice, event] in done.iter().filter(|[_, event]| *event != NEVER) {
                        self.wait(case, choice, visit.event(row.from), visit.event(event), waits, found);
                    }
                }
            }
        }
    }

    #[inline]
    fn wait(&self, case: usize, choice: u32, from: u32, event: u32, waits: &mut Often, found: &mut Piece) {
        if self.table.contacts.is_some() {
            if let Some((later, wait)) = self.table.later(case, from, event) {
                *found.later.entry((choice, later, wait)).or_default() += 1;
            }
        } else if let Some(clock) = &self.table.clock {
            waits.count(choice, clock.wait(case, from, event));
        }
    }
}

/// What one thread screened.
#[derive(Default)]
struct Piece {
    stands: FxHashMap<u32, ByStratum>,
    stands_known: FxHashMap<(u32, u32), ByStratum>,
    done: FxHashMap<u32, ByStratum>,
    done_known: FxHashMap<(u32, u32), ByStratum>,
    orders: FxHashMap<(u32, u32), (u64, u64)>,
    left_out: FxHashMap<u32, (u64, u64)>,
    waits: FxHashMap<(u32, i64), u64>,
    later: FxHashMap<(u32, u32, i64), u64>,
    times: FxHashMap<(u32, i64), [u64; 3]>,
}

impl Piece {
    /// Takes the sums of a stratum.
    fn take<C: Count>(&mut self, of: &mut OfStratum<C>, stratum: u32) {
        of.stands.drain().for_each(|(risk, count)| self.stands.entry(risk).or_default().add(stratum, &count.sums()));
        of.stands_known.drain().for_each(|(pair, count)| self.stands_known.entry(pair).or_default().add(stratum, &count.sums()));
        of.done.drain().for_each(|(choice, count)| self.done.entry(choice).or_default().add(stratum, &count.sums()));
        of.done_known.drain().for_each(|(pair, count)| self.done_known.entry(pair).or_default().add(stratum, &count.sums()));
    }

    /// Cases that did not do a planned step.
    fn left_out(&mut self, table: &ChoiceTable, row: &Row<'_>, done: &[[u32; 2]], cases: u64) {
        if done.is_empty() && table.risks[row.risk as usize].not_done {
            let left_out = self.left_out.entry(row.risk).or_default();
            left_out.0 += cases;
            left_out.1 += if row.went_on { cases } else { 0 };
        }
    }

    fn add_to(self, ledger: &mut ScreenLedger) {
        fn add<K: std::hash::Hash + Eq>(map: &mut FxHashMap<K, ByStratum>, more: FxHashMap<K, ByStratum>) {
            if map.is_empty() {
                *map = more;
                return;
            }
            more.into_iter().for_each(|(key, sums)| map.entry(key).or_default().merge(&sums, |stratum| stratum));
        }
        add(&mut ledger.stands, self.stands);
        add(&mut ledger.done, self.done);
        add(&mut ledger.stands_known, self.stands_known);
        add(&mut ledger.done_known, self.done_known);
        for (key, (first, both)) in self.orders {
            let order = ledger.orders.entry(key).or_default();
            *order = (order.0 + first, order.1 + both);
        }
        for (risk, (n, on)) in self.left_out {
            let left_out = ledger.left_out.entry(risk).or_default();
            *left_out = (left_out.0 + n, left_out.1 + on);
        }
        for ((choice, wait), n) in self.waits {
            *ledger.waits.entry(choice).or_default().entry(wait).or_default() += n;
        }
        for ((choice, later, wait), n) in self.later {
            *ledger.later.entry((choice, later)).or_default().entry(wait).or_default() += n;
        }
        for ((risk, day), n) in self.times {
            let sum = ledger.times.entry(risk).or_default().entry(day).or_default();
            *sum = std::array::from_fn(|end| sum[end] + n[end]);
        }
    }
}

impl ScreenLedger {
    /// Adds what another shard found.
    ///
    /// # Errors
    /// [`Error::Argument`] with code `evidence.other_outcome` if the two compare different outcomes, attributes or units of time.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.cases.is_empty() && self.choices.is_empty() && self.outcome.is_empty() {
            *self = other.clone();
            return Ok(());
        }
        // A shard without decided cases says nothing of time.
        let unit = if self.choices.is_empty() { other.unit } else { self.unit };
        if (&self.outcome, self.numeric, self.timed, &self.attributes) != (&other.outcome, other.numeric, other.timed, &other.attributes)
            || (unit != other.unit && !other.choices.is_empty())
        {
            let fault = Fault::new("evidence.other_outcome", "the ledgers compare different outcomes, attributes or units of time");
            return Err(Error::Argument(Box::new(fault.at_place("merge").help("add ledgers of one outcome, with the same adjust_for"))));
        }
        self.unit = unit;
        let strata: Vec<u32> = other.strata.iter().map(|key| self.strata.insert_full(key.clone()).0 as u32).collect();
        let known: Vec<u32> = other.known.iter().map(|key| self.known.insert_full(key.clone()).0 as u32).collect();
        let risks: Vec<u32> = other.risks.iter().map(|(name, reading)| self.risks.insert_full(name.clone(), *reading).0 as u32).collect();
        let choices: Vec<u32> = (other.choices.iter())
            .map(|(id, &risk)| {
                let entry = self.choices.entry(id.clone());
                let number = entry.index() as u32;
                entry.or_insert(risks[risk as usize]);
                number
            })
            .collect();
        for (&stratum, n) in &other.cases {
            *self.cases.entry(strata[stratum as usize]).or_default() += n;
        }
        let stratum = |stratum: u32| strata[stratum as usize];
        for (&risk, sums) in &other.stands {
            self.stands.entry(risks[risk as usize]).or_default().merge(sums, stratum);
        }
        for (&(risk, thing), sums) in &other.stands_known {
            self.stands_known.entry((risks[risk as usize], known[thing as usize])).or_default().merge(sums, stratum);
        }
        for (&choice, sums) in &other.done {
            self.done.entry(choices[choice as usize]).or_default().merge(sums, stratum);
        }
        for (&(choice, thing), sums) in &other.done_known {
            self.done_known.entry((choices[choice as usize], known[thing as usize])).or_default().merge(sums, stratum);
        }
        for (&(choice, thing), &(first, both)) in &other.orders {
            let order = self.orders.entry((choices[choice as usize], known[thing as usize])).or_default();
            *order = (order.0 + first, order.1 + both);
        }
        for (&risk, &(n, on)) in &other.left_out {
            let left_out = self.left_out.entry(risks[risk as usize]).or_default();
            *left_out = (left_out.0 + n, left_out.1 + on);
        }
        for (&choice, waits) in &other.waits {
            let mine = self.waits.entry(choices[choice as usize]).or_default();
            waits.iter().for_each(|(&wait, n)| *mine.entry(wait).or_default() += n);
        }
        for (&(choice, later), waits) in &other.later {
            let mine = self.later.entry((choices[choice as usize], later)).or_default();
            waits.iter().for_each(|(&wait, n)| *mine.entry(wait).or_default() += n);
        }
        for (&risk, days) in &other.times {
            let mine = self.times.entry(risks[risk as usize]).or_default();
            for (&day, n) in days {
                let sum = mine.entry(day).or_default();
                *sum = std::array::from_fn(|end| sum[end] + n[end]);
            }
        }
        other.days.iter().for_each(|(&day, n)| *self.days.entry(day).or_default() += n);
        self.undated += other.undated;
        self.largest = self.largest.max(other.largest);
        Ok(())
    }

    /// Decided cases.
    pub fn decided(&self) -> u64 {
        self.cases.values().sum()
    }

    /// The ledger as JSON: the same sums give the same bytes, whatever the shards and their order.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (strata, stratum_list) = renumbered(self.strata.iter());
        let (known, known_list) = renumbered(self.known.iter());
        let (risks, risk_list) = renumbered(self.risks.keys());
        let (choices, choice_list) = renumbered(self.choices.keys());
        let one = |sums: &FxHashMap<u32, ByStratum>, first: &[u32], strata: &[u32]| {
            sorted(sums.iter().flat_map(|(&a, list)| list.iter().map(move |(s, x)| ((first[a as usize], strata[s as usize]), x.into()))))
        };
        let two = |sums: &FxHashMap<(u32, u32), ByStratum>, first: &[u32], second: &[u32], strata: &[u32]| {
            let flat = |(&(a, b), list): (&(u32, u32), &ByStratum)| -> Vec<_> {
                list.iter().map(|(s, x)| ((first[a as usize], second[b as usize], strata[s as usize]), x.into())).collect()
            };
            sorted(sums.iter().flat_map(flat))
        };
        let file = ScreenFile {
            format: FORMAT.to_owned(),
            outcome: self.outcome.clone(),
            numeric: self.numeric,
            attributes: self.attributes.clone(),
            unit: self.unit,
            strata: stratum_list.into_iter().cloned().collect(),
            known: known_list.into_iter().cloned().collect(),
            risks: risk_list.into_iter().map(|name| (name.clone(), self.risks[name].not_done, self.risks[name].by_case)).collect(),
            choices: choice_list.into_iter().map(|id| (id.clone(), risks[self.choices[id] as usize])).collect(),
            cases: self.cases.iter().map(|(&s, &n)| (strata[s as usize], n)).collect(),
            stands: one(&self.stands, &risks, &strata),
            stands_known: two(&self.stands_known, &risks, &known, &strata),
            done: one(&self.done, &choices, &strata),
            done_known: two(&self.done_known, &choices, &known, &strata),
            orders: sorted(self.orders.iter().map(|(&(c, k), &x)| ((choices[c as usize], known[k as usize]), x))),
            left_out: sorted(self.left_out.iter().map(|(&r, &x)| (risks[r as usize], x))),
            waits: sorted(self.waits.iter().map(|(&c, x)| (choices[c as usize], x.iter().map(|(&w, &n)| (w, n)).collect()))),
            later: sorted(self.later.iter().map(|(&(c, later), x)| ((choices[c as usize], later), x.iter().map(|(&w, &n)| (w, n)).collect()))),
            days: self.days.iter().map(|(&d, &n)| (d, n)).collect(),
            undated: self.undated,
            largest: self.largest,
            timed: self.timed,
            times: sorted(self.times.iter().map(|(&r, x)| (risks[r as usize], x.iter().map(|(&day, &n)| (day, n)).collect()))),
        };
        serde_json::to_vec(&file).unwrap_or_default()
    }

    /// Reads what [`ScreenLedger::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Argument`] with code `evidence.ledger` if these are no bytes of a screen ledger.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let file: ScreenFile = serde_json::from_slice(bytes).map_err(|e| broken(&e.to_string()))?;
        if file.format != FORMAT {
            return Err(broken(&format!("its format is `{}`", file.format)));
        }
        let (strata, known, risks, choices) = (file.strata.len() as u32, file.known.len() as u32, file.risks.len() as u32, file.choices.len() as u32);
        let inside = file.choices.iter().all(|c| c.1 < risks)
            && file.cases.iter().all(|c| *c.0 < strata)
            && file.stands.iter().all(|((r, s), _)| *r < risks && *s < strata)
            && file.stands_known.iter().all(|((r, k, s), _)| *r < risks && *k < known && *s < strata)
            && file.done.iter().all(|((c, s), _)| *c < choices && *s < strata)
            && file.done_known.iter().all(|((c, k, s), _)| *c < choices && *k < known && *s < strata)
            && file.orders.iter().all(|((c, k), _)| *c < choices && *k < known)
            && file.left_out.iter().all(|(r, _)| *r < risks)
            && file.waits.iter().all(|(c, _)| *c < choices)
            && file.later.iter().all(|((c, _), _)| *c < choices)
            && file.times.iter().all(|(r, _)| *r < risks);
        fn gather<K: std::hash::Hash + Eq>(list: impl Iterator<Item = (K, u32, SumsFile)>) -> Option<FxHashMap<K, ByStratum>> {
            let mut made: FxHashMap<K, ByStratum> = FxHashMap::default();
            for (key, stratum, sums) in list {
                made.entry(key).or_default().add(stratum, &sums.read()?);
            }
            Some(made)
        }
        let read = || {
            Some(Self {
                stands: gather(file.stands.into_iter().map(|((r, s), x)| (r, s, x)))?,
                stands_known: gather(file.stands_known.into_iter().map(|((r, k, s), x)| ((r, k), s, x)))?,
                done: gather(file.done.into_iter().map(|((c, s), x)| (c, s, x)))?,
                done_known: gather(file.done_known.into_iter().map(|((c, k, s), x)| ((c, k), s, x)))?,
                outcome: file.outcome,
                numeric: file.numeric,
                attributes: file.attributes,
                unit: file.unit,
                strata: file.strata.into_iter().collect(),
                known: file.known.into_iter().collect(),
                risks: file.risks.into_iter().map(|(name, not_done, by_case)| (name, Reading { not_done, by_case })).collect(),
                choices: file.choices.into_iter().collect(),
                cases: file.cases.into_iter().collect(),
                orders: file.orders.into_iter().collect(),
                left_out: file.left_out.into_iter().collect(),
                waits: file.waits.into_iter().map(|(c, x)| (c, x.into_iter().collect())).collect(),
                later: file.later.into_iter().map(|(k, x)| (k, x.into_iter().collect())).collect(),
                days: file.days.into_iter().collect(),
                undated: file.undated,
                largest: file.largest,
                timed: file.timed,
                times: file.times.into_iter().map(|(r, x)| (r, x.into_iter().collect())).collect(),
            })
        };
        if !inside {
            return Err(broken("a number in it points nowhere"));
        }
        read().ok_or_else(|| broken("a sum in it is no number"))
    }
}

const FORMAT: &str = "goldpath/screen/2";

#[derive(Serialize, Deserialize)]
struct ScreenFile {
    format: String,
    outcome: String,
    numeric: bool,
    attributes: Vec<String>,
    unit: Option<WaitUnit>,
    strata: Vec<Stratum>,
    known: Vec<Known>,
    risks: Vec<(String, bool, bool)>,
    choices: Vec<(ChoiceId, u32)>,
    cases: BTreeMap<u32, u64>,
    stands: Vec<((u32, u32), SumsFile)>,
    stands_known: Vec<((u32, u32, u32), SumsFile)>,
    done: Vec<((u32, u32), SumsFile)>,
    done_known: Vec<((u32, u32, u32), SumsFile)>,
    orders: Vec<((u32, u32), (u64, u64))>,
    left_out: Vec<(u32, (u64, u64))>,
    waits: Vec<(u32, Vec<(i64, u64)>)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    later: Vec<((u32, u32), Vec<(i64, u64)>)>,
    days: Vec<(i32, u64)>,
    undated: u64,
    largest: f64,
    timed: bool,
    times: Vec<(u32, Vec<(i64, [u64; 3])>)>,
}

/// The number each key has when they are sorted, and the keys in that order.
pub(super) fn renumbered<'a, K: Ord + ?Sized>(keys: impl Iterator<Item = &'a K>) -> (Vec<u32>, Vec<&'a K>) {
    let mut list: Vec<(usize, &K)> = keys.enumerate().collect();
    list.sort_by(|a, b| a.1.cmp(b.1));
    let mut numbers = vec![NONE; list.len()];
    for (new, (old, _)) in list.iter().enumerate() {
        numbers[*old] = new as u32;
    }
    (numbers, list.into_iter().map(|(_, key)| key).collect())
}

pub(super) fn sorted<K: Ord, V>(entries: impl Iterator<Item = (K, V)>) -> Vec<(K, V)> {
    let mut list: Vec<(K, V)> = entries.collect();
    list.sort_by(|a, b| a.0.cmp(&b.0));
    list
}

pub(super) fn broken(why: &str) -> Error {
    let fault = Fault::new("evidence.ledger", format!("these are not the bytes of a ledger: {why}"));
    Error::Argument(Box::new(fault.at_place("from_bytes").help("give back what to_bytes gave")))
}
