//! Choices that a host hands over, for those that the library does not see itself: rows, or a column a choice.

use std::collections::HashMap;

use serde::Deserialize;

use super::choices::{ChoiceId, ChoiceKind, ChoiceTable, Known, LEVELS, NEVER, NO_DAY, Reading, combinations, level_of, too_many_levels};
use super::scenes::{Blocks, Draft, Row, Stories, Visit};
use super::sums::Sums;
use crate::corpus::{Coded, NO_TIME, NONE, ValueColumn, day_of};
use crate::error::{Error, Result};

/// The mark of a case that does not stand at the point of a choice.
const ABSENT: u8 = 2;

/// A risk set of which a column says what each case chose.
#[derive(Debug, Clone)]
pub(super) struct MadeColumn {
    pub(super) risk: u32,
    pub(super) choice: u32,
    /// By case: 1 made, 0 not, or [`ABSENT`].
    made: Vec<u8>,
    /// What was known before, and the column that says of whom.
    pub(super) known: Vec<(u32, usize)>,
}

impl MadeColumn {
    /// Outcomes by group of the cases, those that did not make the choice first: counted before anything is looked up. Cases
    /// without a group are left out.
    pub(super) fn sums(&self, groups: usize, outcomes: &[i64], group: impl Fn(usize) -> u32) -> Vec<[Sums; 2]> {
        let mut sums = vec![[Sums::default(); 2]; groups];
        for (case, &made) in self.made.iter().enumerate() {
            let group = group(case);
            if made != ABSENT && group != NONE {
                sums[group as usize][usize::from(made)].push(outcomes[case]);
            }
        }
        sums
    }

    /// The cases that made the choice.
    pub(super) fn makers(&self) -> impl Iterator<Item = usize> {
        self.made.iter().enumerate().filter(|(_, made)| **made == 1).map(|(case, _)| case)
    }

    /// What a case chose.
    pub(super) fn made(&self, case: usize) -> Option<bool> {
        (self.made[case] != ABSENT).then_some(self.made[case] == 1)
    }
}

impl ChoiceId {
    pub(super) fn of_host(kind: ChoiceKind, choice: &str, point: Option<&str>) -> Self {
        Self {
            kind,
            sop: String::new(),
            entry: 0,
            step: choice.to_owned(),
            place: String::new(),
            point: point.map(ToOwned::to_owned),
            point_place: String::new(),
            visit: 1,
            standard: None,
            members: Vec::new(),
            given: Vec::new(),
            title: choice.to_owned(),
            point_title: point.map(ToOwned::to_owned),
            wording: None,
        }
    }
}

/// Columns of [`ChoiceTable::from_columns`]: a row a case.
#[derive(Debug, Clone)]
pub struct ChoiceColumns {
    /// Name of the outcome.
    pub outcome: String,
    /// Its values: yes/no or numbers; none where the case is open.
    pub values: ValueColumn,
    /// Ids of the cases; their numbers where there are none.
    pub ids: Option<Coded>,
    /// Who is accountable.
    pub rep: Option<Coded>,
    /// Attributes that are adjusted for: texts, yes/no or numbers.
    pub attributes: Vec<(String, ValueColumn)>,
    /// When the case began, in milliseconds since 1970 UTC; `i64::MIN` where it is not known.
    pub started_at: Option<Vec<i64>>,
    /// Circumstances and earlier choices, yes/no, that [`ChoiceColumn::known`] may name.
    pub known: Vec<(String, ValueColumn)>,
    /// The choices with their columns: yes/no, none for cases that do not stand at the point.
    pub choices: Vec<(ChoiceColumn, ValueColumn)>,
}

/// A choice of [`ChoiceColumns`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceColumn {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// What kind of choice; something added where nothing is said.
    #[serde(default)]
    pub kind: ChoiceKind,
    /// The decision point.
    #[serde(default)]
    pub point: Option<String>,
    /// Which of the columns of [`ChoiceColumns::known`] were known before it.
    #[serde(default)]
    pub known: Vec<String>,
}

impl ChoiceTable {
    /// A table from rows of the host: one row a case and decision point. For choices that the library does not see
    /// itself.
    ///
    /// ```
    /// use goldpath::evidence::{ChoiceCase, ChoiceKind, ChoiceRow, ChoiceTable};
    /// let case = |id: &str, rep: &str, won| ChoiceCase { id: id.into(), rep: Some(rep.into()), outcome: Some(won), ..ChoiceCase::default() };
    /// let row = |case, made| ChoiceRow { case, point: "price".into(), choice: "discount".into(), kind: ChoiceKind::Add, made, ..ChoiceRow::default() };
    /// let table = ChoiceTable::from_rows("won", false, &[], &[case("1", "ann", 1.0), case("2", "ann", 0.0)], &[row(0, true), row(1, false)])?;
    /// assert_eq!(table.len(), 2);
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for a row of a case that is not there, a case twice at one choice, or attributes that do not match
    /// their names.
    pub fn from_rows(outcome: &str, numeric: bool, attributes: &[String], cases: &[ChoiceCase], rows: &[ChoiceRow]) -> Result<Self> {
        let mut table = Self { outcome: outcome.to_owned(), numeric, attributes: attributes.to_vec(), ..Self::default() };
        for (number, case) in cases.iter().enumerate() {
            if case.attributes.len() != attributes.len() {
                let message = format!("case `{}` has {} attributes; {} are named", case.id, case.attributes.len(), attributes.len());
                return Err(Error::argument(&format!("cases[{number}].attributes"), message, "give one value for each name"));
            }
            if case.outcome.is_some_and(|x| !x.is_finite() || (!numeric && x != 0.0 && x != 1.0)) {
                let message = format!("case `{}` has an outcome that is no {}", case.id, if numeric { "number" } else { "0 or 1" });
                return Err(Error::argument(&format!("cases[{number}].outcome"), message, "give null where it is open"));
            }
            let profile = table.profiles.insert_full(case.attributes.clone()).0 as u32;
            let rep = case.rep.as_deref().map_or(NONE, |rep| table.reps.intern(rep));
            table.push_case(&case.id, rep, profile, case.outcome, case.day.unwrap_or(NO_DAY), NONE);
        }
        let mut of_case: Vec<Vec<usize>> = vec![Vec::new(); cases.len()];
        for (number, row) in rows.iter().enumerate() {
            let Some(list) = of_case.get_mut(row.case) else {
                let message = format!("row {number} is of case {}, and there are {}", row.case, cases.len());
                return Err(Error::argument(&format!("rows[{number}].case"), message, "number the cases from 0"));
            };
            list.push(number);
        }
        let mut risks: HashMap<u32, u32> = HashMap::new();
        let (mut stories, mut draft) = (Stories::default(), Draft::default());
        for (case, list) in of_case.iter().enumerate().filter(|(_, list)| !list.is_empty()) {
            let mut seen = Vec::new();
            draft.clear();
            for &number in list {
                let row = &rows[number];
                let id = ChoiceId::of_host(row.kind, &row.choice, Some(&row.point));
                let next = table.risks.len() as u32;
                let name = format!("{} {:?} {:?}", row.kind.name(), row.choice, Some(&row.point));
                let choice = table.choice(id, next);
                let risk = *risks.entry(choice).or_insert(next);
                if risk == next {
                    table.risks.insert(name, Reading::default());
                }
                if seen.contains(&choice) {
                    let message = format!("case `{}` stands twice at `{}` after `{}`", table.ids.get(case), row.choice, row.point);
                    return Err(Error::argument(&format!("rows[{number}]"), message, "give one row a case and choice"));
                }
                seen.push(choice);
                let names: Vec<Known> = row.known.clone();
                let known: Vec<u32> = names.into_iter().map(|name| table.known_names.insert_full(name).0 as u32).collect();
                let done: &[[u32; 2]] = if row.made { &[[choice, NEVER]] } else { &[] };
                draft.row(Row { risk, went_on: row.went_on, held: true, of_customer: false, from: NEVER, known: &known, done });
            }
            let scene = table.scenes.number(&mut draft);
            stories.visit(Visit { scene, from: 0, known: 0 });
            table.story_of[case] = stories.len() as u32;
            stories.end(&[]);
        }
        table.stories = Blocks::whole(stories);
        Ok(table)
    }

    /// A table from columns of the host: a row a case, a column a choice. For many cases this is the quicker door, because
    /// every choice is counted by stratum in one pass over its column.
    ///
    /// ```
    /// use goldpath::corpus::{Coded, ValueColumn};
    /// use goldpath::evidence::{ChoiceColumn, ChoiceColumns, ChoiceTable};
    /// let yes_no = |values: [Option<bool>; 3]| ValueColumn::Bool(values.to_vec());
    /// let table = ChoiceTable::from_columns(ChoiceColumns {
    ///     outcome: "won".into(),
    ///     values: yes_no([Some(true), Some(false), None]),
    ///     ids: None,
    ///     rep: None,
    ///     attributes: vec![],
    ///     started_at: None,
    ///     known: vec![],
    ///     choices: vec![(ChoiceColumn { name: "discount".into(), ..ChoiceColumn::default() }, yes_no([Some(true), Some(false), None]))],
    /// })?;
    /// assert_eq!((table.len(), table.choices().len()), (3, 1));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] for columns of different lengths, values of another kind than asked for, a number that is not
    /// finite, a case or a choice twice, or an attribute that names nearly every case.
    pub fn from_columns(columns: ChoiceColumns) -> Result<Self> {
        let n = columns.values.len();
        let numeric = !matches!(columns.values, ValueColumn::Bool(_));
        let mut table = Self { outcome: columns.outcome.clone(), numeric, ..Self::default() };
        let same = |place: String, len: usize| {
            let message = format!("the column has {len} rows, the outcome `{}` has {n}", columns.outcome);
            if len == n { Ok(()) } else { Err(Error::argument(&place, message, "give every column a row a case")) }
        };
        for (place, column) in [("ids", &columns.ids), ("rep", &columns.rep)] {
            column.as_ref().map_or(Ok(()), |column| same(place.to_owned(), column.codes.len()))?;
        }
        columns.started_at.as_ref().map_or(Ok(()), |column| same("started_at".to_owned(), column.len()))?;
        let mut levels = Vec::new();
        for (name, column) in &columns.attributes {
            same(format!("attributes.{name}"), column.len())?;
            if table.attributes.contains(name) {
                return Err(Error::argument("attributes", format!("`{name}` stands twice"), "name each attribute once"));
            }
            let coded = as_levels(name, column)?;
            if coded.names.len() > LEVELS {
                return Err(too_many_levels(name, coded.names.len()));
            }
            levels.push(coded);
            table.attributes.push(name.clone());
        }
        let values = outcomes(&columns.outcome, columns.values)?;
        let text = |at: usize, case: usize| level_of(levels[at].get(case).map(Into::into));
        let profiles = combinations(n, levels.len(), |at, case| levels[at].codes[case], text, &mut table.profiles);
        for case in 0..n {
            match &columns.ids {
                None => table.ids.push(&case.to_string()),
                Some(ids) => {
                    let missing = || Error::argument("ids", format!("row {case} has no id"), "give each case an id, or none at all");
                    table.ids.push(ids.get(case).ok_or_else(missing)?);
                }
            }
            table.profile.push(profiles[case]);
            table.value.push(values[case].unwrap_or(f64::NAN));
            let started = columns.started_at.as_ref().map_or(NO_TIME, |at| at[case]);
            table.day.push(day_of(started).unwrap_or(NO_DAY));
            table.story_of.push(NONE);
        }
        if let Some(ids) = &columns.ids
            && ids.names.len() < n
        {
            let mut seen = vec![false; ids.names.len()];
            let twice = ids.codes.iter().find(|code| std::mem::replace(&mut seen[**code as usize], true)).and_then(|code| ids.names.get(*code));
            return Err(Error::argument("ids", format!("case `{}` stands twice", twice.unwrap_or_default()), "give one row a case"));
        }
        match columns.rep {
            Some(rep) => (table.rep, table.reps) = (rep.codes, rep.names),
            None => table.rep = vec![NONE; n],
        }
        let mut places: HashMap<&str, (u32, usize)> = HashMap::new();
        for (name, column) in &columns.known {
            same(format!("known.{name}"), column.len())?;
            let known = Known { by_customer: true, what: name.clone(), at: "before".to_owned() };
            let thing = table.known_names.insert_full(known).0 as u32;
            let column = yes_no(&format!("known.{name}"), column)?;
            places.insert(name, (thing, table.known_columns.len()));
            table.known_columns.push(column.into_iter().map(|known| known == 1).collect());
        }
        for (asked, column) in &columns.choices {
            let place = format!("choices.{}", asked.name);
            same(place.clone(), column.len())?;
            let known = (asked.known.iter())
                .map(|name| {
                    let unknown = || Error::argument(&format!("{place}.known"), format!("there is no column `{name}`"), "name one of the columns of `known`");
                    places.get(name.as_str()).copied().ok_or_else(unknown)
                })
                .collect::<Result<Vec<_>>>()?;
            let risk = table.risks.len() as u32;
            let id = ChoiceId::of_host(asked.kind, &asked.name, asked.point.as_deref());
            let choice = table.choice(id, risk);
            if (choice as usize) < table.columns.len() {
                return Err(Error::argument(&place, "the choice stands twice".to_owned(), "give one column a choice and point"));
            }
            table.risks.insert(format!("{} {:?} {:?}", asked.kind.name(), asked.name, asked.point), Reading::default());
            table.columns.push(MadeColumn { risk, choice, made: yes_no(&place, column)?, known });
        }
        Ok(table)
    }
}

/// An outcome as numbers.
fn outcomes(name: &str, values: ValueColumn) -> Result<Vec<Option<f64>>> {
    let wrong = |row: usize, message: String| {
        Error::argument(&format!("outcome.{name}"), format!("row {row}: {message}"), "yes/no or finite numbers; null where a case is open")
    };
    match values {
        ValueColumn::Bool(values) => Ok(values.into_iter().map(|won| won.map(|won| f64::from(u8::from(won)))).collect()),
        other => {
            let values = other.into_numbers().map_err(|(row, message)| wrong(row, message))?;
            match values.iter().position(|x| x.is_some_and(|x| !x.is_finite())) {
                Some(row) => Err(wrong(row, format!("{} is not a finite number", values[row].unwrap_or(f64::NAN)))),
                None => Ok(values),
            }
        }
    }
}

/// A column of yes and no: 1, 0, or [`ABSENT`]. Numbers 0 and 1 are taken too.
fn yes_no(place: &str, column: &ValueColumn) -> Result<Vec<u8>> {
    let wrong = |row: usize| Error::argument(place, format!("row {row} is neither yes nor no"), "true, false or null");
    match column {
        ValueColumn::Bool(values) => Ok(values.iter().map(|value| value.map_or(ABSENT, u8::from)).collect()),
        ValueColumn::Number(values) => {
            let one = |(row, value): (usize, &Option<f64>)| match value {
                None => Ok(ABSENT),
                Some(x) if *x == 0.0 => Ok(0),
                Some(x) if *x == 1.0 => Ok(1),
                Some(_) => Err(wrong(row)),
            };
            values.iter().enumerate().map(one).collect()
        }
        ValueColumn::Text(_) | ValueColumn::Time(_) => Err(wrong(0)),
    }
}

/// The levels of an attribute.
fn as_levels(name: &str, column: &ValueColumn) -> Result<Coded> {
    let mut coded = Coded::default();
    match column {
        ValueColumn::Text(texts) => return Ok(texts.clone()),
        ValueColumn::Bool(values) => values.iter().for_each(|value| coded.push(value.map(|yes| if yes { "true" } else { "false" }))),
        ValueColumn::Number(values) => values.iter().for_each(|value| coded.push(value.map(|x| x.to_string()).as_deref())),
        ValueColumn::Time(_) => {
            let help = "group times first, such as by month";
            return Err(Error::argument(&format!("attributes.{name}"), "points in time cannot be adjusted for as they are".to_owned(), help));
        }
    }
    Ok(coded)
}

/// A case of [`ChoiceTable::from_rows`].
#[derive(Debug, Clone, Default)]
pub struct ChoiceCase {
    /// Its id.
    pub id: String,
    /// Who is accountable.
    pub rep: Option<String>,
    /// Values of the named attributes, in their order.
    pub attributes: Vec<String>,
    /// 1 for won, 0 for lost, or the number; `None` while it is open.
    pub outcome: Option<f64>,
    /// Day it began, in days since 1970-01-01.
    pub day: Option<i32>,
}

/// A row of [`ChoiceTable::from_rows`]: a case at a decision point.
#[derive(Debug, Clone)]
pub struct ChoiceRow {
    /// Number of the case.
    pub case: usize,
    /// The decision point.
    pub point: String,
    /// The choice.
    pub choice: String,
    /// What kind of choice.
    pub kind: ChoiceKind,
    /// Whether the case made it.
    pub made: bool,
    /// Whether the case went on afterwards.
    pub went_on: bool,
    /// What was known before.
    pub known: Vec<Known>,
}

impl Default for ChoiceRow {
    fn default() -> Self {
        Self { case: 0, point: String::new(), choice: String::new(), kind: ChoiceKind::Add, made: false, went_on: true, known: Vec::new() }
    }
}
