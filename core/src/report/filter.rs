//! What the page holds for filtering where there is no server: a few small columns, a row a case, and the lists to choose from.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, GzBuilder};
use rustc_hash::FxHashMap;
use serde::Serialize;

use super::{NAME, Source, tables};
use crate::check::{Check, Status};
use crate::corpus::{DAY, NONE, OutcomeValue};
use crate::text::{short, stable_hash};
use crate::words::{Lang, count, fill};

/// Rows kept; of more cases those with the smallest hash of their id.
const ROWS: usize = 100_000;
/// Reps and teams that can be chosen: those with most cases.
const NAMES: usize = 2_000;
/// Attributes that can be chosen, and how many values one may have.
const FIELDS: usize = 6;
const VALUES: usize = 20;
/// Stands for no name, no day.
const NOTHING: u16 = u16::MAX;

/// Bits of a row.
const CHECKED: u8 = 1;
const SO_FAR: u8 = 2;
const COMPLETE: u8 = 4;
const FULLY: u8 = 8;
const DECIDED: u8 = 16;
const WON: u8 = 32;

/// The columns, and the numbers under which cases are known in them.
pub(super) struct Columns {
    reps: Choice,
    teams: Choice,
    fields: Vec<Field>,
    /// First day and last, days since 1970.
    days: Option<(i32, i32)>,
    cases: usize,
    kept: Vec<usize>,
    rows: String,
}

/// What people read, in the order shown, and the numbers of the codes that stand for it in the corpus.
struct Choice {
    names: Vec<String>,
    number: FxHashMap<u32, u16>,
}

/// An attribute.
struct Field {
    name: String,
    /// Place among the attributes of the corpus.
    place: usize,
    values: Choice,
}

/// What the script reads first.
#[derive(Serialize)]
struct Head<'a> {
    rows: usize,
    day: i32,
    reps: &'a [String],
    deviations: usize,
    fields: usize,
    outcome: bool,
}

impl Choice {
    /// Texts with their codes, by text.
    fn new(mut list: Vec<(String, u32)>) -> Self {
        list.sort();
        Self { number: list.iter().enumerate().map(|(i, x)| (x.1, i as u16)).collect(), names: list.into_iter().map(|x| x.0).collect() }
    }

    /// Those with most cases.
    fn of(check: &Check, code: impl Fn(usize) -> u32, name: impl Fn(u32) -> Option<String>) -> Self {
        let mut cases: FxHashMap<u32, u64> = FxHashMap::default();
        (0..check.len()).map(code).filter(|&code| code != NONE).for_each(|code| *cases.entry(code).or_default() += 1);
        let mut list: Vec<(u64, String, u32)> = cases.into_iter().filter_map(|(code, n)| Some((n, name(code)?, code))).collect();
        list.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| (&a.1, a.2).cmp(&(&b.1, b.2))));
        list.truncate(NAMES);
        Self::new(list.into_iter().map(|x| (x.1, x.2)).collect())
    }

    fn number(&self, code: u32) -> u16 {
        self.number.get(&code).copied().unwrap_or(NOTHING)
    }
}

impl Columns {
    /// `found`: of each case the deviations that stand in the table of the page, by row.
    pub(super) fn of(check: &Check, found: &[u32]) -> Self {
        let store = check.corpus().store();
        let name = |names: &crate::corpus::Names, code: u32| names.get(code).map(|name| short(name, NAME));
        let reps = Choice::of(check, |case| check.rep_of(case), |code| name(&store.reps, code));
        let teams = Choice::of(check, |case| check.team_of(case), |code| name(&store.teams, code));
        let fields: Vec<Field> = (store.attributes.iter().enumerate())
            .filter(|(_, (_, column))| (2..=VALUES).contains(&column.values.len()))
            .take(FIELDS)
            .map(|(place, (name, column))| {
                let values = column.values.iter().enumerate().map(|(code, value)| (short(&value.to_string(), 40), code as u32));
                Field { name: short(name, 40), place, values: Choice::new(values.collect()) }
            })
            .collect();
        let mut kept: Vec<usize> = (0..check.len()).collect();
        if kept.len() > ROWS {
            kept.sort_by_cached_key(|&case| (stable_hash(store.ids.get(case as u32).unwrap_or_default()), case));
            kept.truncate(ROWS);
            kept.sort_unstable();
        }
        let days = (0..check.len())
            .filter_map(|case| store.day(case))
            .fold(None, |all: Option<(i32, i32)>, d| Some(all.map_or((d, d), |(a, b)| (a.min(d), b.max(d)))));
        let mut columns = Self { reps, teams, fields, days, cases: check.len(), kept, rows: String::new() };
        columns.rows = columns.packed(check, found);
        columns
    }

    /// Number of a case in each column that can be chosen by: rep, team, day, attributes.
    fn keys<'a>(&'a self, check: &'a Check, case: usize) -> impl Iterator<Item = u16> + 'a {
        let store = check.corpus().store();
        let day = self.days.zip(store.day(case)).map(|((first, _), day)| u16::try_from(day - first).unwrap_or(NOTHING - 1));
        let first = [self.reps.number(check.rep_of(case)), self.teams.number(check.team_of(case)), day.unwrap_or(NOTHING)];
        first.into_iter().chain(self.fields.iter().map(move |field| {
            let code = store.attributes[field.place].codes.get(case);
            code.map_or(NOTHING, |&code| field.values.number(code))
        }))
    }

    /// Column after column, little end first, packed.
    fn packed(&self, check: &Check, found: &[u32]) -> String {
        let outcome = check.outcome_column();
        let mut columns: Vec<Vec<u8>> = vec![Vec::new(); 3 + self.fields.len()];
        let (mut flags, mut deviations) = (Vec::new(), Vec::new());
        for &case in &self.kept {
            for (column, key) in columns.iter_mut().zip(self.keys(check, case)) {
                column.extend(key.to_le_bytes());
            }
            let is = |holds: bool, bit: u8| if holds { bit } else { 0 };
            let won = match outcome.and_then(|column| column.get(case)) {
                Some(OutcomeValue::Bool(won)) => DECIDED | is(won, WON),
                _ => 0,
            };
            flags.push(
                is(check.path_of(case).is_some(), CHECKED)
                    | is(check.conforms_so_far(case) == Some(true), SO_FAR)
                    | is(check.status(case) == Status::Complete, COMPLETE)
                    | is(check.fully_conforms(case) == Some(true), FULLY)
                    | won,
            );
            deviations.extend(found[case].to_le_bytes());
        }
        columns.extend([flags, deviations]);
        let mut packed = GzBuilder::new().write(Vec::new(), Compression::default());
        // Into memory: it does not fail.
        let _ = columns.iter().try_for_each(|column| packed.write_all(column));
        STANDARD.encode(packed.finish().unwrap_or_default())
    }

    pub(super) fn rows(&self) -> &str {
        &self.rows
    }

    /// The number of a rep in the columns.
    pub(super) fn rep(&self, check: &Check, name: &str) -> u16 {
        check.corpus().store().reps.find(name).map_or(NOTHING, |code| self.reps.number(code))
    }

    /// What the script has to know of the columns.
    pub(super) fn head(&self, outcome: bool) -> String {
        let head = Head {
            rows: self.kept.len(),
            day: self.days.map_or(0, |days| days.0),
            reps: &self.reps.names,
            deviations: tables::DEVIATIONS,
            fields: self.fields.len(),
            outcome,
        };
        serde_json::to_string(&head).unwrap_or_default()
    }

    /// The numbers of a case, as the script reads them off its place on the page.
    pub(super) fn keys_of(&self, check: &Check, case: usize) -> String {
        self.keys(check, case).map(|key| key.to_string()).collect::<Vec<_>>().join(",")
    }

    /// The bar of a language.
    pub(super) fn bar(&self, source: &Source<'_>) -> Bar {
        let t = source.labels;
        // As a field for a day takes it, whatever the language.
        let iso = |day: i32| super::day(i64::from(day) * DAY, Lang::En);
        Bar {
            reps: self.reps.names.clone(),
            teams: if self.teams.names.len() > 1 { self.teams.names.clone() } else { Vec::new() },
            fields: self.fields.iter().map(|field| (field.name.clone(), field.values.names.clone())).collect(),
            days: self.days.and_then(|(first, last)| Some([iso(first)?, iso(last)?])),
            rule: (self.kept.len() < self.cases).then(|| fill(t.filter_rule, &[&count(self.kept.len() as u64), &count(self.cases as u64)])),
        }
    }
}

/// What can be chosen.
#[derive(Serialize)]
pub(super) struct Bar {
    reps: Vec<String>,
    teams: Vec<String>,
    fields: Vec<(String, Vec<String>)>,
    days: Option<[String; 2]>,
    rule: Option<String>,
}
