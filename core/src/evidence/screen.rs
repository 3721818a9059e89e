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
use super::grouped::{Grouped, Slots, runs};
use super::times::Days;
use crate::corpus::NONE;
use crate::error::{Error, Fault, Result};

/// Values of numeric outcomes are screened as their inverse hyperbolic sine, in 2⁻²⁰: screening must not hang on a few
/// large ones.
const SCALE: f64 = (1 << 20) as f64;

/// Cases, the sum of their outcomes, and the sum of the squares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sums {
    pub(super) n: u64,
    pub(super) sum: i64,
    pub(super) squares: i128,
}

impl Sums {
    #[inline]
    pub(super) fn push(&mut self, y: i64) {
        self.n += 1;
        self.sum += y;
        self.squares += i128::from(y) * i128::from(y);
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.n += other.n;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.add(other);
        self
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        Self { n: self.n - other.n, sum: self.sum - other.sum, squares: self.squares - other.squares }
    }
}

/// `[n, sum, "squares"]`: JSON has no integers beyond 64 bits.
#[derive(Serialize, Deserialize)]
pub(super) struct SumsFile(u64, i64, String);

impl From<&Sums> for SumsFile {
    fn from(s: &Sums) -> Self {
        Self(s.n, s.sum, s.squares.to_string())
    }
}

impl SumsFile {
    pub(super) fn read(&self) -> Option<Sums> {
        Some(Sums { n: self.0, sum: self.1, squares: self.2.parse().ok()? })
    }
}

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
    pub(super) stands: FxHashMap<(u32, u32), Sums>,
    pub(super) stands_known: FxHashMap<(u32, u32, u32), Sums>,
    pub(super) done: FxHashMap<(u32, u32), Sums>,
    pub(super) done_known: FxHashMap<(u32, u32, u32), Sums>,
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
        *ledger.cases.entry(stratum).or_default() += 1;
        match table.day[case] {
            NO_DAY => ledger.undated += 1,
            day => *ledger.days.entry(day).or_default() += 1,
        }
        ledger.largest = ledger.largest.max(value.abs());
        strata[case] = stratum;
        outcomes[case] = if table.numeric { (value.asinh() * SCALE).round() as i64 } else { value as i64 };
    }
    let grouped = Grouped::of(&strata, ledger.strata.len());
    let pieces: Vec<Piece> = grouped.pieces().into_par_iter().map(|piece| Piece::of(table, piece, &strata, &outcomes)).collect();
    pieces.into_iter().for_each(|piece| piece.add_to(&mut ledger));
    for column in &table.columns {
        let sums = column.sums(ledger.strata.len(), &outcomes, |case| strata[case]);
        let add = |map: &mut FxHashMap<(u32, u32), Sums>, key, sums: Sums| {
            if sums.n > 0 {
                map.entry(key).or_default().add(&sums);
            }
        };
        for (stratum, [not, made]) in (0u32..).zip(sums) {
            add(&mut ledger.stands, (column.risk, stratum), not.plus(&made));
            add(&mut ledger.done, (column.choice, stratum), made);
        }
        for &(thing, of_case) in &column.known {
            let known = &table.known_columns[of_case];
            let sums = column.sums(ledger.strata.len(), &outcomes, |case| if known[case] { strata[case] } else { NONE });
            for (stratum, [not, made]) in (0u32..).zip(sums).filter(|(_, [not, made])| not.n + made.n > 0) {
                ledger.stands_known.entry((column.risk, thing, stratum)).or_default().add(&not.plus(&made));
                if made.n > 0 {
                    ledger.done_known.entry((column.choice, thing, stratum)).or_default().add(&made);
                }
            }
        }
    }
    ledger
}

/// What one thread screened.
#[derive(Default)]
struct Piece {
    stands: Vec<((u32, u32), Sums)>,
    stands_known: Vec<((u32, u32, u32), Sums)>,
    done: Vec<((u32, u32), Sums)>,
    done_known: Vec<((u32, u32, u32), Sums)>,
    orders: FxHashMap<(u32, u32), (u64, u64)>,
    left_out: FxHashMap<u32, (u64, u64)>,
    waits: FxHashMap<(u32, i64), u64>,
    later: FxHashMap<(u32, u32, i64), u64>,
    times: FxHashMap<(u32, i64), [u64; 3]>,
}

impl Piece {
    fn of(table: &ChoiceTable, cases: &[u32], strata: &[u32], outcomes: &[i64]) -> Self {
        let mut found = Self::default();
        // Sums of the stratum at hand. What is known beside something is numbered by both.
        let (mut stands, mut done, mut stands_known, mut done_known) = (Slots::<Sums>::new(), Slots::<Sums>::new(), Slots::<Sums>::new(), Slots::<Sums>::new());
        let (mut of_risk, mut of_choice) = (Pairs::default(), Pairs::default());
        for (stratum, run) in runs(cases, strata) {
            for &case in run {
                let case = case as usize;
                let y = outcomes[case];
                for row in table.counting(case) {
                    if let Some((day, end)) = table.times.as_ref().and_then(|times| times.of(case, row.from)) {
                        found.times.entry((row.risk, day)).or_default()[usize::from(end)] += 1;
                    }
                    stands.at(row.risk as usize).push(y);
                    for &thing in row.known {
                        stands_known.at(of_risk.number(row.risk, thing)).push(y);
                    }
                    if row.done.is_empty() && table.risks[row.risk as usize].not_done {
                        let left_out = found.left_out.entry(row.risk).or_default();
                        left_out.0 += 1;
                        left_out.1 += u64::from(row.went_on);
                    }
                    for &(choice, event) in row.done {
                        done.at(choice as usize).push(y);
                        for &thing in row.known {
                            done_known.at(of_choice.number(choice, thing)).push(y);
                        }
                        if table.contacts.is_some() {
                            if let Some((later, wait)) = table.later(case, &row, event) {
                                *found.later.entry((choice, later, wait)).or_default() += 1;
                            }
                        } else if let Some(clock) = table.clock.as_ref().filter(|_| event != NEVER) {
                            *found.waits.entry((choice, clock.wait(case, row.from, event))).or_default() += 1;
                        }
                    }
                }
                for &(choice, thing, first) in table.orders_of(case) {
                    let order = found.orders.entry((choice, thing)).or_default();
                    order.0 += u64::from(first);
                    order.1 += 1;
                }
            }
            found.stands.extend(stands.drain().map(|(risk, sums)| ((risk, stratum), sums)));
            found.done.extend(done.drain().map(|(choice, sums)| ((choice, stratum), sums)));
            found.stands_known.extend(stands_known.drain().map(|(number, sums)| {
                let (risk, thing) = of_risk.0[number as usize];
                ((risk, thing, stratum), sums)
            }));
            found.done_known.extend(done_known.drain().map(|(number, sums)| {
                let (choice, thing) = of_choice.0[number as usize];
                ((choice, thing, stratum), sums)
            }));
        }
        found
    }

    fn add_to(self, ledger: &mut ScreenLedger) {
        fn add<K: std::hash::Hash + Eq>(map: &mut FxHashMap<K, Sums>, list: Vec<(K, Sums)>) {
            list.into_iter().for_each(|(key, sums)| map.entry(key).or_default().add(&sums));
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

/// Numbers of pairs, as they come.
#[derive(Default)]
struct Pairs(IndexSet<(u32, u32), FxBuildHasher>);

impl Pairs {
    #[inline]
    fn number(&mut self, first: u32, second: u32) -> usize {
        self.0.insert_full((first, second)).0
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
        for (&(risk, stratum), sums) in &other.stands {
            self.stands.entry((risks[risk as usize], strata[stratum as usize])).or_default().add(sums);
        }
        for (&(risk, thing, stratum), sums) in &other.stands_known {
            self.stands_known.entry((risks[risk as usize], known[thing as usize], strata[stratum as usize])).or_default().add(sums);
        }
        for (&(choice, stratum), sums) in &other.done {
            self.done.entry((choices[choice as usize], strata[stratum as usize])).or_default().add(sums);
        }
        for (&(choice, thing, stratum), sums) in &other.done_known {
            self.done_known.entry((choices[choice as usize], known[thing as usize], strata[stratum as usize])).or_default().add(sums);
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
            stands: sorted(self.stands.iter().map(|(&(r, s), x)| ((risks[r as usize], strata[s as usize]), x.into()))),
            stands_known: sorted(self.stands_known.iter().map(|(&(r, k, s), x)| ((risks[r as usize], known[k as usize], strata[s as usize]), x.into()))),
            done: sorted(self.done.iter().map(|(&(c, s), x)| ((choices[c as usize], strata[s as usize]), x.into()))),
            done_known: sorted(self.done_known.iter().map(|(&(c, k, s), x)| ((choices[c as usize], known[k as usize], strata[s as usize]), x.into()))),
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
        let sums = |s: SumsFile| s.read();
        let read = || {
            Some(Self {
                stands: file.stands.into_iter().map(|(k, s)| Some((k, sums(s)?))).collect::<Option<_>>()?,
                stands_known: file.stands_known.into_iter().map(|(k, s)| Some((k, sums(s)?))).collect::<Option<_>>()?,
                done: file.done.into_iter().map(|(k, s)| Some((k, sums(s)?))).collect::<Option<_>>()?,
                done_known: file.done_known.into_iter().map(|(k, s)| Some((k, sums(s)?))).collect::<Option<_>>()?,
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
