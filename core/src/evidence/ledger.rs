//! The effect ledger, the second pass: outcomes of both arms of each planned choice by stratum.
//!
//! Keyed by its [`Plan`]: adding ledgers of different plans is an error. Shards add in any order to the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;
use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::{Deserialize, Serialize};

use super::choices::{ChoiceTable, NEVER, NO_DAY, Stands, id_bucket};
use super::grouped::{Grouped, runs};
use super::host::MadeColumn;
use super::plan::{PRIORS, Plan, PlannedChoice};
use super::scenes::{Row, Visit};
use super::screen::{broken, renumbered, sorted};
use super::sums::{Count, Often, Pairs, Slots, Sums, SumsFile, Wins};
use super::times::{self, TimePlan};
use crate::corpus::NONE;
use crate::error::{Error, Fault, Result};
use crate::text::stable_hash;

/// Cases named as examples of a finding.
const EXAMPLES: usize = 8;
/// The bit of a cell's key that says it is of the later part of the split.
pub(super) const LATER: u8 = 1 << 7;

/// Rep, coarse attributes, priors as bits.
pub(super) type Key = (u32, u32, u8);

/// Outcomes of both arms; `on` for those who went on to a later planned step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cell {
    pub(super) treated: Sums,
    pub(super) control: Sums,
    pub(super) treated_on: Sums,
    pub(super) control_on: Sums,
    /// Cases of each arm without an outcome; counted for numbers only.
    pub(super) missing: [u64; 2],
}

impl Cell {
    fn add(&mut self, other: &Self) {
        self.treated.add(&other.treated);
        self.control.add(&other.control);
        self.treated_on.add(&other.treated_on);
        self.control_on.add(&other.control_on);
        self.missing[0] += other.missing[0];
        self.missing[1] += other.missing[1];
    }
}

/// What is counted of one planned choice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) cells: FxHashMap<Key, Cell>,
    /// Cases that had ended before the landmark, or done it in an earlier conversation: treated and control.
    pub(super) excluded: [u64; 2],
    /// Cases of the arm to look at, those with the smallest hashes.
    pub(super) examples: Examples,
    /// Numeric outcomes of each arm, in units of the plan's resolution.
    pub(super) values: [BTreeMap<i64, u64>; 2],
    /// Outcomes of both arms by the number of steps of the case.
    pub(super) steps: BTreeMap<u32, [Sums; 2]>,
}

impl Counts {
    /// Adds what was counted of other cases, with cells under their key here.
    fn merge(&mut self, more: &Self, key: impl Fn(Key) -> Key) {
        for (&at, cell) in &more.cells {
            self.cells.entry(key(at)).or_default().add(cell);
        }
        for (arm, other) in self.values.iter_mut().zip(&more.values) {
            other.iter().for_each(|(&value, n)| *arm.entry(value).or_default() += n);
        }
        for (&steps, arms) in &more.steps {
            let sums = self.steps.entry(steps).or_default();
            sums[0].add(&arms[0]);
            sums[1].add(&arms[1]);
        }
        self.excluded[0] += more.excluded[0];
        self.excluded[1] += more.excluded[1];
        more.examples.0.iter().for_each(|(hash, id)| self.examples.keep(*hash, id));
    }
}

/// Cases named as examples: those whose ids have the smallest hashes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Examples(BTreeSet<(u64, String)>);

impl Examples {
    fn consider(&mut self, id: &str) {
        self.keep(stable_hash(id), id);
    }

    fn keep(&mut self, hash: u64, id: &str) {
        if self.0.len() < EXAMPLES || self.0.last().is_some_and(|last| (hash, id) < (last.0, &last.1)) {
            self.0.insert((hash, id.to_owned()));
            if self.0.len() > EXAMPLES {
                self.0.pop_last();
            }
        }
    }

    /// Their ids, by hash.
    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|(_, id)| id)
    }
}

/// What the second pass counted.
#[derive(Debug, Clone, Default)]
pub struct EffectLedger {
    pub(super) plan: String,
    pub(super) reps: IndexSet<Option<String>, FxBuildHasher>,
    pub(super) profiles: IndexSet<Vec<String>, FxBuildHasher>,
    /// In the order of the plan.
    pub(super) counts: Vec<Counts>,
}

/// Second pass over a table of choices, under a plan.
///
/// # Errors
/// [`Error::Argument`] with code `evidence.other_plan` if the table has another outcome or other attributes than the plan.
pub fn tally(table: &ChoiceTable, plan: &Plan) -> Result<EffectLedger> {
    tally_of(table, plan, |_| true)
}

/// Second pass over some of the cases of a table, by their numbers.
pub(crate) fn tally_of(table: &ChoiceTable, plan: &Plan, takes: impl Fn(usize) -> bool) -> Result<EffectLedger> {
    if (&table.outcome, &table.attributes, table.numeric, table.times.is_some()) != (&plan.outcome, &plan.adjust_for, plan.numeric, plan.timed) {
        let message =
            format!("the plan is about `{}` with {:?}, the table about `{}` with {:?}", plan.outcome, plan.adjust_for, table.outcome, table.attributes);
        return Err(other_plan(message));
    }
    let mut ledger = EffectLedger { plan: plan.hash(), counts: vec![Counts::default(); plan.choices.len()], ..EffectLedger::default() };
    let asked = Asks::of(table, plan);
    let unit = 10f64.powi(plan.resolution);
    // Rep, profile and part of the split as one number, and outcome, of each case.
    let mut groups: IndexSet<Key, FxBuildHasher> = IndexSet::default();
    let mut numbers: FxHashMap<(u32, u32), [u32; 2]> = FxHashMap::default();
    let mut group_of = vec![NONE; table.len()];
    let mut outcomes = vec![None; table.len()];
    for case in 0..table.len() {
        let value = table.value[case];
        // Of numbers, who gave none is counted, so that those who did can speak for them.
        if !takes(case) || (value.is_nan() && (!plan.numeric || plan.timed)) {
            continue;
        }
        let (rep, profile) = (table.rep[case], table.profile[case]);
        let day = Some(table.day[case]).filter(|&day| day != NO_DAY);
        let late = if plan.is_early(day, || id_bucket(table.ids.get(case))) { 0 } else { LATER };
        let number = &mut numbers.entry((rep, profile)).or_insert([NONE; 2])[usize::from(late != 0)];
        if *number == NONE {
            let rep = ledger.reps.insert_full(table.reps.get(rep).map(ToOwned::to_owned)).0 as u32;
            let profile = ledger.profiles.insert_full(plan.profile(&table.profiles[profile as usize])).0 as u32;
            *number = groups.insert_full((rep, profile, late)).0 as u32;
        }
        group_of[case] = *number;
        if !value.is_nan() {
            outcomes[case] = Some(if plan.numeric { (value / unit).round() as i64 } else { value as i64 });
        }
    }
    let work = Tally { table, plan, asked: &asked, rows: PlannedRows::of(table, &asked), groups: &groups, group_of: &group_of, outcomes: &outcomes };
    let grouped = Grouped::of(&group_of, groups.len());
    let counted = |piece: &[u32]| if plan.numeric { work.counts::<Sums>(piece) } else { work.counts::<Wins>(piece) };
    let pieces: Vec<Vec<Counts>> = grouped.pieces().into_par_iter().map(counted).collect();
    ledger.counts.par_iter_mut().enumerate().for_each(|(at, mine)| pieces.iter().for_each(|piece| mine.merge(&piece[at], |key| key)));
    if !table.columns.is_empty() {
        let groups_of: Vec<u32> = group_of.iter().zip(&outcomes).map(|(&group, y)| if y.is_some() { group } else { NONE }).collect();
        let open: Vec<(usize, u32)> =
            group_of.iter().zip(&outcomes).enumerate().filter(|(_, (g, y))| **g != NONE && y.is_none()).map(|(case, (&g, _))| (case, g)).collect();
        let outcomes: Vec<i64> = outcomes.iter().map(|y| y.unwrap_or_default()).collect();
        let hashes: Vec<u64> = (0..table.len()).map(|case| stable_hash(table.ids.get(case))).collect();
        let ranks = plan.numeric.then(|| Ranks::of(&outcomes, &groups_of));
        for column in &table.columns {
            for ask in asked.of_risk(column.risk) {
                let counts = &mut ledger.counts[ask.at];
                // What no case was known of has no column.
                let priors: Vec<Option<&Vec<bool>>> =
                    (ask.priors.iter()).map(|prior| column.known.iter().find(|(thing, _)| thing == prior).map(|(_, at)| &table.known_columns[*at])).collect();
                let bits = |case: usize| priors.iter().enumerate().fold(0, |bits, (i, known)| bits | u32::from(known.is_some_and(|k| k[case])) << i);
                let group = |case: usize| if groups_of[case] == NONE { NONE } else { groups_of[case] << priors.len() | bits(case) };
                for (at, [control, treated]) in column.sums(groups.len() << priors.len(), &outcomes, group).into_iter().enumerate() {
                    if control.n + treated.n > 0 {
                        let (rep, profile, late) = groups[at >> priors.len()];
                        let key = (rep, profile, late | (at & ((1 << priors.len()) - 1)) as u8);
                        counts.cells.entry(key).or_default().add(&Cell { treated, control, treated_on: treated, control_on: control, missing: [0; 2] });
                    }
                }
                for &(case, group) in &open {
                    if let Some(made) = column.made(case) {
                        let (rep, profile, late) = groups[group as usize];
                        counts.cells.entry((rep, profile, late | bits(case) as u8)).or_default().missing[usize::from(!made)] += 1;
                    }
                }
                column.makers().filter(|&case| groups_of[case] != NONE).for_each(|case| counts.examples.keep(hashes[case], table.ids.get(case)));
                if let Some(ranks) = &ranks {
                    ranks.count(column, &groups_of, &mut counts.values);
                }
            }
        }
    }
    Ok(ledger)
}

/// What the plan asks of a risk set, in the numbers of the table.
struct Asked<'a> {
    at: usize,
    choice: u32,
    priors: Vec<u32>,
    landmark: Option<i64>,
    later: Option<u32>,
    times: Option<&'a TimePlan>,
}

/// All that the plan asks, by risk set.
struct Asks<'a> {
    list: Vec<Asked<'a>>,
    /// Where what is asked of each risk set begins and ends.
    of_risk: Vec<(u32, u32)>,
    /// For each thing known, what is asked with it as a prior: its number in the list, and the bit.
    of_thing: Vec<Vec<(u32, u8)>>,
}

impl<'a> Asks<'a> {
    fn of(table: &ChoiceTable, plan: &'a Plan) -> Self {
        let mut by_name: FxHashMap<&str, Vec<Asked<'_>>> = FxHashMap::default();
        for (at, planned) in plan.choices.iter().enumerate() {
            let choice = table.choices.get_index_of(&planned.choice).map_or(NEVER, |n| n as u32);
            let priors = planned.priors.iter().map(|known| table.known_names.get_index_of(known).map_or(NEVER, |n| n as u32)).collect();
            let PlannedChoice { landmark, later, .. } = *planned;
            by_name.entry(&planned.risk).or_default().push(Asked { at, choice, priors, landmark, later, times: planned.times.as_ref() });
        }
        let mut made = Self { list: Vec::new(), of_risk: Vec::new(), of_thing: vec![Vec::new(); table.known_names.len()] };
        for (name, reading) in &table.risks {
            let from = made.list.len();
            made.list.extend(by_name.remove(name.as_str()).unwrap_or_default());
            made.of_risk.push((from as u32, made.list.len() as u32));
            for (number, ask) in made.list.iter().enumerate().skip(from) {
                for (bit, &thing) in ask.priors.iter().enumerate().filter(|(_, thing)| **thing != NEVER) {
                    // Of conforming, only what the customer brought is known.
                    if !reading.by_case || table.known_names[thing as usize].by_customer {
                        made.of_thing[thing as usize].push((number as u32, 1 << bit));
                    }
                }
            }
        }
        made
    }

    fn of_risk(&self, risk: u32) -> &[Asked<'a>] {
        let (from, to) = self.of_risk[risk as usize];
        &self.list[from as usize..to as usize]
    }
}

/// The rows of scenes of which the plan asks something.
struct PlannedRows<'a> {
    rows: Vec<PlannedRow<'a>>,
    /// Where the rows of each scene end.
    ends: Vec<usize>,
    /// Bits of priors that come with a row, for what is asked of it.
    beside: Vec<u8>,
}

struct PlannedRow<'a> {
    row: Row<'a>,
    asked: (u32, u32),
    beside: Option<usize>,
}

impl<'a> PlannedRows<'a> {
    fn of(table: &'a ChoiceTable, asked: &Asks<'_>) -> Self {
        let mut made = Self { rows: Vec::new(), ends: Vec::with_capacity(table.scenes.len()), beside: Vec::new() };
        for scene in table.scenes.iter() {
            for row in scene.rows() {
                let (from, to) = asked.of_risk[row.risk as usize];
                if from == to {
                    continue;
                }
                let beside = (!row.known.is_empty()).then_some(made.beside.len());
                if let Some(at) = beside {
                    made.beside.resize(at + (to - from) as usize, 0);
                    for &(number, bit) in row.known.iter().flat_map(|&thing| &asked.of_thing[thing as usize]) {
                        if (from..to).contains(&number) {
                            made.beside[at + (number - from) as usize] |= bit;
                        }
                    }
                }
                made.rows.push(PlannedRow { row, asked: (from, to), beside });
            }
            made.ends.push(made.rows.len());
        }
        made
    }

    #[inline]
    fn of_scene(&self, scene: u32) -> &[PlannedRow<'a>] {
        let from = if scene == 0 { 0 } else { self.ends[scene as usize - 1] };
        &self.rows[from..self.ends[scene as usize]]
    }
}

/// The second pass over rows.
struct Tally<'a> {
    table: &'a ChoiceTable,
    plan: &'a Plan,
    asked: &'a Asks<'a>,
    rows: PlannedRows<'a>,
    groups: &'a IndexSet<Key, FxBuildHasher>,
    group_of: &'a [u32],
    /// `None` where the outcome is not known.
    outcomes: &'a [Option<i64>],
}

/// What one thread counts, by the number of what is asked.
struct Counting<C> {
    /// Of the group at hand, by priors, arm and whether the case went on; and cases without an outcome by priors and arm.
    cells: Slots<C>,
    missing: Slots<Wins>,
    /// By number of steps and arm.
    steps: Pairs<C>,
    values: Often,
    excluded: Vec<[u64; 2]>,
    examples: Vec<Examples>,
}

impl Tally<'_> {
    /// What some cases add to each planned choice.
    fn counts<C: Count>(&self, cases: &[u32]) -> Vec<Counts> {
        let (table, asked) = (self.table, self.asked);
        let most_steps = cases.iter().filter_map(|&case| table.steps.get(case as usize)).max().map_or(0, |&most| most as usize + 1);
        let mut all = vec![Counts::default(); self.plan.choices.len()];
        let mut counting: Counting<C> = Counting {
            cells: Slots::default(),
            missing: Slots::default(),
            steps: Pairs::of(most_steps, 2 * asked.list.len()),
            values: Often::default(),
            excluded: vec![[0; 2]; asked.list.len()],
            examples: vec![Examples::default(); asked.list.len()],
        };
        // Priors known so far, as bits, of what is asked.
        let mut bits = vec![0_u8; asked.list.len()];
        for (group, run) in runs(cases, self.group_of) {
            for &case in run {
                for (visits, things) in table.visits_of(case as usize) {
                    if visits.is_empty() {
                        continue;
                    }
                    bits.fill(0);
                    let mut learned = 0;
                    for &visit in visits {
                        for &thing in things.get(learned..visit.known as usize).unwrap_or_default() {
                            asked.of_thing[thing as usize].iter().for_each(|&(number, bit)| bits[number as usize] |= bit);
                        }
                        learned = learned.max(visit.known as usize);
                        for planned in self.rows.of_scene(visit.scene) {
                            self.row(case as usize, visit, planned, &bits, &mut counting);
                        }
                    }
                }
            }
            let (rep, profile, late) = self.groups[group as usize];
            for (number, count) in counting.cells.drain() {
                let (ask, bits, control, on) = (number >> (PRIORS + 2), number as u8 >> 2 & ((1 << PRIORS) - 1), number & 2 != 0, number & 1 != 0);
                let cell = all[asked.list[ask as usize].at].cells.entry((rep, profile, late | bits)).or_default();
                let (arm, arm_on) = if control { (&mut cell.control, &mut cell.control_on) } else { (&mut cell.treated, &mut cell.treated_on) };
                arm.add(&count.sums());
                if on {
                    arm_on.add(&count.sums());
                }
            }
            for (number, count) in counting.missing.drain() {
                let (ask, bits) = (number >> (PRIORS + 1), number as u8 >> 1 & ((1 << PRIORS) - 1));
                let cell = all[asked.list[ask as usize].at].cells.entry((rep, profile, late | bits)).or_default();
                cell.missing[(number & 1) as usize] += count.sums().n;
            }
        }
        for ((steps, number), count) in counting.steps.drain() {
            all[asked.list[number as usize / 2].at].steps.entry(steps).or_default()[number as usize % 2] = count.sums();
        }
        for ((number, value), n) in counting.values.counts() {
            all[asked.list[number as usize / 2].at].values[number as usize % 2].insert(value, n);
        }
        for ((ask, excluded), examples) in asked.list.iter().zip(counting.excluded).zip(counting.examples) {
            (all[ask.at].excluded, all[ask.at].examples) = (excluded, examples);
        }
        all
    }

    /// What a row says to what is asked of it.
    #[inline]
    fn row<C: Count>(&self, case: usize, visit: Visit, planned: &PlannedRow<'_>, bits: &[u8], counting: &mut Counting<C>) {
        let (table, plan, row) = (self.table, self.plan, &planned.row);
        let special = table.is_special(case);
        if special && !table.counts(case, row.risk) {
            return;
        }
        let held = if special { table.holds(case, row) } else { row.held };
        let stands = Stands::of(visit, row, held);
        let reading = table.risks[row.risk as usize];
        let (known, y) = (self.outcomes[case].is_some(), self.outcomes[case].unwrap_or_default());
        let count = C::of(y);
        let rest = table.clock.as_ref().filter(|_| table.contacts.is_none()).map(|clock| clock.rest(case, stands.from));
        let (from, to) = (planned.asked.0 as usize, planned.asked.1 as usize);
        for (number, ask) in (from..).zip(&self.asked.list[from..to]) {
            // Who did nothing there, and lived long enough, did otherwise.
            let (treated, alive) = if stands.did_nothing() && table.contacts.is_none() {
                (reading.not_done, rest.zip(ask.landmark).is_none_or(|(rest, landmark)| rest >= landmark))
            } else {
                table.made(case, &stands, ask.choice, ask.landmark, ask.later)
            };
            let arm = usize::from(!treated);
            // A time counts as what it says of the restricted mean; who never was won says nothing of times.
            let (y, value) = match &table.times {
                None => (count, y),
                Some(times) => {
                    let Some(((day, end), counted)) = times.of(case, stands.from).zip(ask.times) else { continue };
                    (C::of(counted.value(day, end)), times::coded(day, end))
                }
            };
            if !alive {
                counting.excluded[number][arm] += u64::from(known);
                continue;
            }
            let bits = bits[number] | planned.beside.map_or(0, |at| self.rows.beside[at + number - from]);
            let at = number << PRIORS | usize::from(bits);
            if !known {
                counting.missing.add(at << 1 | arm, Wins::of(0));
                continue;
            }
            counting.cells.add(at << 2 | arm << 1 | usize::from(stands.went_on), y);
            if plan.numeric {
                counting.values.count((2 * number + arm) as u32, value);
            }
            if let Some(&n) = table.steps.get(case) {
                counting.steps.add(n, (2 * number + arm) as u32, y);
            }
            // Conforming is the rule; the cases to look at are those that do not.
            if treated != reading.by_case {
                counting.examples[number].consider(table.ids.get(case));
            }
        }
    }
}

/// Distinct outcomes in their order, so that arms are counted without looking anything up.
struct Ranks {
    values: Vec<i64>,
    of_case: Vec<u32>,
}

impl Ranks {
    fn of(outcomes: &[i64], groups: &[u32]) -> Self {
        let mut values: Vec<i64> = outcomes.iter().zip(groups).filter(|(_, group)| **group != NONE).map(|(y, _)| *y).collect();
        values.sort_unstable();
        values.dedup();
        let of_case = outcomes.iter().map(|y| values.binary_search(y).unwrap_or_default() as u32).collect();
        Self { values, of_case }
    }

    fn count(&self, column: &MadeColumn, groups: &[u32], arms: &mut [BTreeMap<i64, u64>; 2]) {
        let mut counts = [vec![0u64; self.values.len()], vec![0u64; self.values.len()]];
        for case in (0..groups.len()).filter(|&case| groups[case] != NONE) {
            if let Some(made) = column.made(case) {
                counts[usize::from(!made)][self.of_case[case] as usize] += 1;
            }
        }
        for (arm, counts) in arms.iter_mut().zip(counts) {
            self.values.iter().zip(counts).filter(|(_, n)| *n > 0).for_each(|(&value, n)| *arm.entry(value).or_default() += n);
        }
    }
}

fn other_plan(message: String) -> Error {
    let fault = Fault::new("evidence.other_plan", message).at_place("plan");
    Error::Argument(Box::new(fault.help("make every shard's ledger under the same plan")))
}

impl EffectLedger {
    /// Hash of the plan it was made under.
    pub fn plan(&self) -> &str {
        &self.plan
    }

    /// Adds what another shard counted.
    ///
    /// # Errors
    /// [`Error::Argument`] with code `evidence.other_plan` if it was made under another plan.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.plan != other.plan || self.counts.len() != other.counts.len() {
            return Err(other_plan(format!("one ledger was made under plan {}, the other under {}", self.plan, other.plan)));
        }
        let reps: Vec<u32> = other.reps.iter().map(|rep| self.reps.insert_full(rep.clone()).0 as u32).collect();
        let profiles: Vec<u32> = other.profiles.iter().map(|profile| self.profiles.insert_full(profile.clone()).0 as u32).collect();
        for (mine, more) in self.counts.iter_mut().zip(&other.counts) {
            mine.merge(more, |(rep, profile, bits)| (reps[rep as usize], profiles[profile as usize], bits));
        }
        Ok(())
    }

    /// The same ledger with reps and attributes numbered in the order of their names.
    pub(super) fn canonical(&self) -> Self {
        let (reps, rep_list) = renumbered(self.reps.iter());
        let (profiles, profile_list) = renumbered(self.profiles.iter());
        let counts = (self.counts.iter())
            .map(|counts| {
                let cells = counts.cells.iter().map(|(&(rep, profile, bits), cell)| ((reps[rep as usize], profiles[profile as usize], bits), *cell)).collect();
                Counts { cells, ..counts.clone() }
            })
            .collect();
        Self { plan: self.plan.clone(), reps: rep_list.into_iter().cloned().collect(), profiles: profile_list.into_iter().cloned().collect(), counts }
    }

    /// The ledger as JSON: the same sums give the same bytes, whatever the shards and their order.
    pub fn to_bytes(&self) -> Vec<u8> {
        let sums = |s: &Sums| SumsFile::from(s);
        let ledger = self.canonical();
        let file = LedgerFile {
            format: FORMAT.to_owned(),
            plan: ledger.plan,
            reps: ledger.reps.into_iter().collect(),
            profiles: ledger.profiles.into_iter().collect(),
            counts: (ledger.counts.into_iter())
                .map(|counts| CountsFile {
                    cells: sorted(
                        counts.cells.iter().map(|(&k, c)| (k, ([sums(&c.treated), sums(&c.control), sums(&c.treated_on), sums(&c.control_on)], c.missing))),
                    ),
                    excluded: counts.excluded,
                    examples: counts.examples.0.into_iter().collect(),
                    values: counts.values.map(|arm| arm.into_iter().collect()),
                    steps: counts.steps.iter().map(|(&steps, [treated, control])| (steps, sums(treated), sums(control))).collect(),
                })
                .collect(),
        };
        serde_json::to_vec(&file).unwrap_or_default()
    }

    /// Reads what [`EffectLedger::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Argument`] with code `evidence.ledger` if these are no bytes of an effect ledger.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let file: LedgerFile = serde_json::from_slice(bytes).map_err(|e| broken(&e.to_string()))?;
        if file.format != FORMAT {
            return Err(broken(&format!("its format is `{}`", file.format)));
        }
        let (reps, profiles) = (file.reps.len() as u32, file.profiles.len() as u32);
        let cell =
            |[a, b, c, d]: [SumsFile; 4], missing| Some(Cell { treated: a.read()?, control: b.read()?, treated_on: c.read()?, control_on: d.read()?, missing });
        let counts = (file.counts.into_iter())
            .map(|counts| {
                let cells = (counts.cells.into_iter())
                    .map(|(key, (sums, missing))| if key.0 < reps && key.1 < profiles { Some((key, cell(sums, missing)?)) } else { None })
                    .collect::<Option<_>>()?;
                let values = counts.values.map(|arm| arm.into_iter().collect());
                let steps = counts.steps.iter().map(|(steps, treated, control)| Some((*steps, [treated.read()?, control.read()?]))).collect::<Option<_>>()?;
                Some(Counts { cells, excluded: counts.excluded, examples: Examples(counts.examples.into_iter().collect()), values, steps })
            })
            .collect::<Option<_>>();
        let counts = counts.ok_or_else(|| broken("a number in it points nowhere"))?;
        Ok(Self { plan: file.plan, reps: file.reps.into_iter().collect(), profiles: file.profiles.into_iter().collect(), counts })
    }

    pub(super) fn check_plan(&self, plan: &Plan) -> Result<()> {
        let hash = plan.hash();
        if self.plan == hash && self.counts.len() == plan.choices.len() {
            return Ok(());
        }
        Err(other_plan(format!("the ledger was made under plan {}, this one is {hash}", self.plan)))
    }
}

const FORMAT: &str = "goldpath/effects/2";

#[derive(Serialize, Deserialize)]
struct LedgerFile {
    format: String,
    plan: String,
    reps: Vec<Option<String>>,
    profiles: Vec<Vec<String>>,
    counts: Vec<CountsFile>,
}

#[derive(Serialize, Deserialize)]
struct CountsFile {
    cells: Vec<(Key, ([SumsFile; 4], [u64; 2]))>,
    excluded: [u64; 2],
    examples: Vec<(u64, String)>,
    values: [Vec<(i64, u64)>; 2],
    steps: Vec<(u32, SumsFile, SumsFile)>,
}
