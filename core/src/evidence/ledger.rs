//! The effect ledger, the second pass: outcomes of both arms of each planned choice by stratum.
//!
//! Keyed by its [`Plan`]: adding ledgers of different plans is an error. Shards add in any order to the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;
use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::{Deserialize, Serialize};

use super::choices::{ChoiceTable, NEVER, NO_DAY, id_bucket};
use super::grouped::{Grouped, Slots, runs};
use super::host::MadeColumn;
use super::plan::{PRIORS, Plan};
use super::screen::{Sums, SumsFile, broken, renumbered, sorted};
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
    pub(super) examples: BTreeSet<(u64, String)>,
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
        self.examples.extend(more.examples.iter().cloned());
        while self.examples.len() > EXAMPLES {
            self.examples.pop_last();
        }
    }

    /// Keeps a case as an example if its hash is among the smallest.
    fn example(&mut self, hash: u64, id: &str) {
        if self.examples.len() < EXAMPLES || self.examples.last().is_some_and(|last| (hash, id) < (last.0, &last.1)) {
            self.examples.insert((hash, id.to_owned()));
            if self.examples.len() > EXAMPLES {
                self.examples.pop_last();
            }
        }
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
    let mut by_name: FxHashMap<&str, Vec<Asked<'_>>> = FxHashMap::default();
    for (at, planned) in plan.choices.iter().enumerate() {
        let choice = table.choices.get_index_of(&planned.choice).map_or(NEVER, |n| n as u32);
        let priors = planned.priors.iter().map(|known| table.known_names.get_index_of(known).map_or(NEVER, |n| n as u32)).collect();
        by_name.entry(&planned.risk).or_default().push(Asked {
            at,
            choice,
            priors,
            landmark: planned.landmark,
            later: planned.later,
            times: planned.times.as_ref(),
        });
    }
    let by_risk: Vec<Vec<Asked<'_>>> = table.risks.keys().map(|name| by_name.remove(name.as_str()).unwrap_or_default()).collect();
    let mut reps: FxHashMap<u32, u32> = FxHashMap::default();
    let mut profiles: Vec<u32> = vec![NONE; table.profiles.len()];
    let unit = 10f64.powi(plan.resolution);
    // Rep, profile and part of the split as one number, and outcome, of each case.
    let mut groups: IndexSet<Key, FxBuildHasher> = IndexSet::default();
    let mut group_of = vec![NONE; table.len()];
    let mut outcomes = vec![None; table.len()];
    for case in 0..table.len() {
        let value = table.value[case];
        // Of numbers, who gave none is counted, so that those who did can speak for them.
        if !takes(case) || (value.is_nan() && (!plan.numeric || plan.timed)) {
            continue;
        }
        let rep = *reps.entry(table.rep[case]).or_insert_with(|| {
            let name = table.reps.get(table.rep[case]).map(ToOwned::to_owned);
            ledger.reps.insert_full(name).0 as u32
        });
        let profile = &mut profiles[table.profile[case] as usize];
        if *profile == NONE {
            *profile = ledger.profiles.insert_full(plan.profile(&table.profiles[table.profile[case] as usize])).0 as u32;
        }
        let day = Some(table.day[case]).filter(|&day| day != NO_DAY);
        let late = if plan.is_early(day, || id_bucket(&table.ids[case])) { 0 } else { LATER };
        group_of[case] = groups.insert_full((rep, *profile, late)).0 as u32;
        if !value.is_nan() {
            outcomes[case] = Some(if plan.numeric { (value / unit).round() as i64 } else { value as i64 });
        }
    }
    let work = Tally { table, plan, by_risk: &by_risk, groups: &groups, group_of: &group_of, outcomes: &outcomes };
    let grouped = Grouped::of(&group_of, groups.len());
    let pieces: Vec<Vec<Counts>> = grouped.pieces().into_par_iter().map(|piece| work.counts(piece)).collect();
    for piece in pieces {
        ledger.counts.iter_mut().zip(&piece).for_each(|(mine, more)| mine.merge(more, |key| key));
    }
    if !table.columns.is_empty() {
        let groups_of: Vec<u32> = group_of.iter().zip(&outcomes).map(|(&group, y)| if y.is_some() { group } else { NONE }).collect();
        let open: Vec<(usize, u32)> =
            group_of.iter().zip(&outcomes).enumerate().filter(|(_, (g, y))| **g != NONE && y.is_none()).map(|(case, (&g, _))| (case, g)).collect();
        let outcomes: Vec<i64> = outcomes.iter().map(|y| y.unwrap_or_default()).collect();
        let hashes: Vec<u64> = table.ids.iter().map(|id| stable_hash(id)).collect();
        let ranks = plan.numeric.then(|| Ranks::of(&outcomes, &groups_of));
        for column in &table.columns {
            for ask in &by_risk[column.risk as usize] {
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
                column.makers().filter(|&case| groups_of[case] != NONE).for_each(|case| counts.example(hashes[case], &table.ids[case]));
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

/// The second pass over rows.
struct Tally<'a> {
    table: &'a ChoiceTable,
    plan: &'a Plan,
    by_risk: &'a [Vec<Asked<'a>>],
    groups: &'a IndexSet<Key, FxBuildHasher>,
    group_of: &'a [u32],
    /// `None` where the outcome is not known.
    outcomes: &'a [Option<i64>],
}

impl Tally<'_> {
    /// What some cases add to each planned choice.
    fn counts(&self, cases: &[u32]) -> Vec<Counts> {
        let (table, plan) = (self.table, self.plan);
        let mut all = vec![Counts::default(); plan.choices.len()];
        // Cells of the group at hand, by choice and priors.
        let mut cells: Slots<Cell> = Slots::new();
        let mut steps: FxHashMap<(u32, u32), [Sums; 2]> = FxHashMap::default();
        let mut values: FxHashMap<(u32, usize, i64), u64> = FxHashMap::default();
        for (group, run) in runs(cases, self.group_of) {
            for &case in run {
                let case = case as usize;
                let known = self.outcomes[case].is_some();
                let y = self.outcomes[case].unwrap_or_default();
                let mut hash = None;
                for row in table.counting(case) {
                    for ask in &self.by_risk[row.risk as usize] {
                        let (treated, alive) = table.made(case, &row, ask.choice, ask.landmark, ask.later);
                        // A time counts as what it says of the restricted mean; who never was won says nothing of times.
                        let (y, value) = match &table.times {
                            None => (y, y),
                            Some(times) => {
                                let Some(((day, end), counted)) = times.of(case, row.from).zip(ask.times) else { continue };
                                (counted.value(day, end), times::coded(day, end))
                            }
                        };
                        if !alive {
                            all[ask.at].excluded[usize::from(!treated)] += u64::from(known);
                            continue;
                        }
                        let bits = ask.priors.iter().enumerate().fold(0, |bits, (i, prior)| bits | usize::from(row.known.binary_search(prior).is_ok()) << i);
                        let cell = cells.at(ask.at << PRIORS | bits);
                        if !known {
                            cell.missing[usize::from(!treated)] += 1;
                            continue;
                        }
                        let (arm, on) = if treated { (&mut cell.treated, &mut cell.treated_on) } else { (&mut cell.control, &mut cell.control_on) };
                        arm.push(y);
                        if row.went_on {
                            on.push(y);
                        }
                        let arm = usize::from(!treated);
                        if plan.numeric {
                            *values.entry((ask.at as u32, arm, value)).or_default() += 1;
                        }
                        if let Some(&n) = table.steps.get(case) {
                            steps.entry((ask.at as u32, n)).or_default()[arm].push(y);
                        }
                        // Conforming is the rule; the cases to look at are those that do not.
                        if treated != table.risks[row.risk as usize].by_case {
                            let hash = *hash.get_or_insert_with(|| stable_hash(&table.ids[case]));
                            all[ask.at].example(hash, &table.ids[case]);
                        }
                    }
                }
            }
            let (rep, profile, late) = self.groups[group as usize];
            for (number, cell) in cells.drain() {
                let (at, bits) = (number as usize >> PRIORS, number as u8 & ((1 << PRIORS) - 1));
                all[at].cells.entry((rep, profile, late | bits)).or_default().add(&cell);
            }
        }
        for ((at, arm, value), n) in values {
            all[at as usize].values[arm].insert(value, n);
        }
        for ((at, n), sums) in steps {
            all[at as usize].steps.insert(n, sums);
        }
        all
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
                    examples: counts.examples.into_iter().collect(),
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
                Some(Counts { cells, excluded: counts.excluded, examples: counts.examples.into_iter().collect(), values, steps })
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
