//! What the readers of logs and tables gather, event by event, until it is a table of events and one of cases.

use std::borrow::Cow;

use indexmap::IndexMap;

use super::columns::{CaseTable, EventTable, OutcomeColumnSpec, ValueColumn};
use super::names::{Coded, NONE};
use super::options::{Lifecycle, ReadOptions};
use super::store::NO_TIME;
use crate::error::{Error, Result};

/// Whole numbers above this are kept as texts: a column of numbers would round them.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What a value says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Bool,
    Time,
}

/// A column of values that takes the type of its first value, and becomes texts when one of another type comes.
#[derive(Debug, Default)]
pub(super) struct Values(Option<ValueColumn>);

impl Values {
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, ValueColumn::len)
    }

    /// Rows that were passed over have no value.
    pub(super) fn fill(&mut self, rows: usize) {
        match &mut self.0 {
            None => {}
            Some(ValueColumn::Text(c)) => c.codes.resize(rows, NONE),
            Some(ValueColumn::Bool(v)) => v.resize(rows, None),
            Some(ValueColumn::Number(v)) => v.resize(rows, None),
            Some(ValueColumn::Time(v)) => v.resize(rows, NO_TIME),
        }
    }

    /// Sets the value of a row at or behind the end.
    pub(super) fn push(&mut self, row: usize, kind: Kind, text: &str) {
        let read = Read::of(kind, text);
        if self.0.is_none() {
            self.0 = Some(match read {
                Read::Text => ValueColumn::Text(Coded::default()),
                Read::Bool(_) => ValueColumn::Bool(Vec::new()),
                Read::Number(_) => ValueColumn::Number(Vec::new()),
                Read::Time(_) => ValueColumn::Time(Vec::new()),
            });
        }
        self.fill(row);
        match (&mut self.0, read) {
            (Some(ValueColumn::Bool(v)), Read::Bool(x)) => v.push(Some(x)),
            (Some(ValueColumn::Number(v)), Read::Number(x)) => v.push(Some(x)),
            (Some(ValueColumn::Time(v)), Read::Time(x)) => v.push(x),
            (Some(ValueColumn::Text(c)), read) => c.push(Some(&read.text(text))),
            (Some(_), read) => {
                self.make_texts();
                if let Some(ValueColumn::Text(c)) = &mut self.0 {
                    c.push(Some(&read.text(text)));
                }
            }
            (None, _) => {}
        }
    }

    fn make_texts(&mut self) {
        if let Some(other) = self.0.take_if(|column| !matches!(column, ValueColumn::Text(_))) {
            let mut texts = Coded::default();
            for row in 0..other.len() {
                texts.push(other.attribute(row).map(|value| value.to_string()).as_deref());
            }
            self.0 = Some(ValueColumn::Text(texts));
        }
    }

    /// Adds the column of the rows that come behind `rows` others.
    pub(super) fn append(&mut self, rows: usize, mut other: Self) {
        let same = |a: &Option<ValueColumn>, b: &Option<ValueColumn>| a.as_ref().zip(b.as_ref()).is_none_or(|(a, b)| std::mem::discriminant(a) == std::mem::discriminant(b));
        if !same(&self.0, &other.0) {
            self.make_texts();
            other.make_texts();
        }
        if self.0.is_none() {
            self.0 = match &other.0 {
                None => return,
                Some(ValueColumn::Text(_)) => Some(ValueColumn::Text(Coded::default())),
                Some(ValueColumn::Bool(_)) => Some(ValueColumn::Bool(Vec::new())),
                Some(ValueColumn::Number(_)) => Some(ValueColumn::Number(Vec::new())),
                Some(ValueColumn::Time(_)) => Some(ValueColumn::Time(Vec::new())),
            };
        }
        self.fill(rows);
        match (&mut self.0, other.0) {
            (Some(ValueColumn::Text(a)), Some(ValueColumn::Text(b))) => a.append(b),
            (Some(ValueColumn::Bool(a)), Some(ValueColumn::Bool(b))) => a.extend(b),
            (Some(ValueColumn::Number(a)), Some(ValueColumn::Number(b))) => a.extend(b),
            (Some(ValueColumn::Time(a)), Some(ValueColumn::Time(b))) => a.extend(b),
            _ => {}
        }
    }

    /// The column over all rows; `None` where no row had a value.
    pub(super) fn finish(mut self, rows: usize) -> Option<ValueColumn> {
        self.fill(rows);
        self.0
    }
}

enum Read {
    Text,
    Bool(bool),
    Number(f64),
    Time(i64),
}

impl Read {
    /// As a text, so that a column of texts is the same whichever of its values came first.
    fn text<'t>(&self, written: &'t str) -> Cow<'t, str> {
        match *self {
            Self::Text => written.into(),
            Self::Bool(b) => b.to_string().into(),
            Self::Number(x) => x.to_string().into(),
            Self::Time(ms) => jiff::Timestamp::from_millisecond(ms).map_or_else(|_| written.into(), |time| time.to_string().into()),
        }
    }

    fn of(kind: Kind, text: &str) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Bool => match text {
                "true" | "1" => Self::Bool(true),
                "false" | "0" => Self::Bool(false),
                _ => Self::Text,
            },
            Kind::Number => text.parse().ok().filter(|x: &f64| x.is_finite() && x.abs() < EXACT).map_or(Self::Text, Self::Number),
            Kind::Time => super::time::parse_millis(text).map_or(Self::Text, Self::Time),
        }
    }
}

/// A column of texts as what all its texts are: true/false, numbers, or texts. A number with leading zeros is a name.
pub(super) fn typed(texts: Coded) -> ValueColumn {
    let number = |text: &str| {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let plain = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && !(digits.starts_with('0') && digits[1..].starts_with(|c: char| c.is_ascii_digit()));
        text.parse().ok().filter(|x: &f64| plain && x.is_finite() && x.abs() < EXACT)
    };
    let truth = |text: &str| match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    };
    if texts.names.is_empty() {
        return ValueColumn::Bool(vec![None; texts.codes.len()]);
    }
    if let Some(values) = texts.names.iter().map(truth).collect::<Option<Vec<_>>>() {
        return ValueColumn::Bool(texts.codes.iter().map(|&code| values.get(code as usize).copied()).collect());
    }
    if let Some(values) = texts.names.iter().map(number).collect::<Option<Vec<_>>>() {
        return ValueColumn::Number(texts.codes.iter().map(|&code| values.get(code as usize).copied()).collect());
    }
    ValueColumn::Text(texts)
}

impl EventTable {
    /// Keeps the rows that are marked.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        fn kept<T>(column: &mut Vec<T>, keep: &[bool]) {
            let mut row = 0..keep.len();
            column.retain(|_| row.next().is_some_and(|row| keep[row]));
        }
        kept(&mut self.case.codes, keep);
        kept(&mut self.step.codes, keep);
        if let Some(times) = &mut self.time {
            kept(times, keep);
        }
        if let Some(reps) = &mut self.rep {
            kept(&mut reps.codes, keep);
        }
        if let Some(turns) = &mut self.turn {
            kept(turns, keep);
        }
        if let Some(probs) = &mut self.prob {
            kept(probs, keep);
        }
    }
}

/// Leaves out events of transitions that are not asked for; gives back how many of each transition.
pub(super) fn choose_transitions(events: &mut EventTable, transitions: &Coded, lifecycle: &Lifecycle) -> Vec<(String, u64)> {
    let complete = transitions.names.iter().map(|name| name.eq_ignore_ascii_case("complete")).collect::<Vec<_>>();
    let is_complete = |code: u32| complete.get(code as usize).copied().unwrap_or(true);
    let keep: Vec<bool> = match lifecycle {
        Lifecycle::All => return Vec::new(),
        Lifecycle::Only(name) => {
            let wanted = transitions.names.iter().map(|found| found.eq_ignore_ascii_case(name)).collect::<Vec<_>>();
            transitions.codes.iter().map(|&code| wanted.get(code as usize).copied().unwrap_or(true)).collect()
        }
        Lifecycle::Completed => {
            let mut completed = vec![false; events.step.names.len()];
            for (&step, &transition) in events.step.codes.iter().zip(&transitions.codes) {
                completed[step as usize] |= is_complete(transition);
            }
            let both = |(&step, &transition): (&u32, &u32)| !completed[step as usize] || is_complete(transition);
            events.step.codes.iter().zip(&transitions.codes).map(both).collect()
        }
    };
    if !keep.contains(&false) {
        return Vec::new();
    }
    let mut left_out = vec![0; transitions.names.len()];
    transitions.codes.iter().zip(&keep).filter(|(_, keep)| !**keep).for_each(|(&code, _)| left_out[code as usize] += 1);
    events.retain(&keep);
    transitions.names.iter().map(ToOwned::to_owned).zip(left_out).filter(|(_, n)| *n > 0).collect()
}

/// Fields that are met and not kept, counted. Most records have the same fields in the same order: the next is guessed.
#[derive(Debug, Default)]
pub(super) struct Unread {
    counts: IndexMap<String, u64>,
    next: usize,
}

impl Unread {
    #[inline]
    pub(super) fn count(&mut self, field: &str) {
        let guess = self.counts.get_index_mut(self.next).filter(|(name, _)| *name == field).map(|(_, n)| *n += 1);
        if guess.is_none() {
            match self.counts.get_full_mut(field) {
                Some((at, _, n)) => {
                    *n += 1;
                    self.next = at;
                }
                None => self.next = self.counts.insert_full(field.to_owned(), 1).0,
            }
        }
        self.next += 1;
        if self.next >= self.counts.len() {
            self.next = 0;
        }
    }

    pub(super) fn count_many(&mut self, field: &str, times: u64) {
        *self.counts.entry(field.to_owned()).or_default() += times;
    }

    pub(super) fn into_counts(self) -> impl Iterator<Item = (String, u64)> {
        self.counts.into_iter()
    }
}

/// Says which columns of the cases are outcomes. Where a file of cases comes on top, an outcome may stand there instead.
pub(super) fn name_outcomes(cases: &mut CaseTable, options: &ReadOptions) -> Result<()> {
    let Some(specs) = &options.outcomes else {
        cases.outcomes = OutcomeColumnSpec::usual(&cases.columns);
        return Ok(());
    };
    let plain = |name: &str| name.strip_prefix("case:").unwrap_or(name).to_owned();
    for spec in specs {
        let column = plain(&spec.column);
        if cases.columns.iter().any(|(name, _)| *name == column) {
            cases.outcomes.push(OutcomeColumnSpec { column, ..spec.clone() });
        } else if options.cases.is_none() {
            return Err(unknown_outcome(spec, &cases.columns));
        }
    }
    Ok(())
}

/// An outcome whose column is not there.
pub(super) fn unknown_outcome(spec: &OutcomeColumnSpec, columns: &[(String, ValueColumn)]) -> Error {
    let known = columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    Error::argument("outcomes", format!("there is no column `{}`", spec.column), format!("columns of cases: {known}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_becomes_texts_when_its_values_differ_in_type() {
        let mut values = Values::default();
        values.push(1, Kind::Number, "5");
        values.push(2, Kind::Number, "0.5");
        assert!(matches!(&values.0, Some(ValueColumn::Number(v)) if *v == [None, Some(5.0), Some(0.5)]));
        values.push(3, Kind::Number, "12345678901234567890");
        let Some(ValueColumn::Text(texts)) = values.finish(5) else { panic!("texts") };
        assert_eq!((0..5).map(|row| texts.get(row)).collect::<Vec<_>>(), [None, Some("5"), Some("0.5"), Some("12345678901234567890"), None]);
    }

    #[test]
    fn columns_of_texts_get_their_type() {
        let column = |texts: &[&str]| {
            let mut coded = Coded::default();
            texts.iter().for_each(|text| coded.push((!text.is_empty()).then_some(text)));
            typed(coded)
        };
        assert!(matches!(column(&["1", "", "-2.5e1"]), ValueColumn::Number(v) if v == [Some(1.0), None, Some(-25.0)]));
        assert!(matches!(column(&["True", "false", ""]), ValueColumn::Bool(v) if v == [Some(true), Some(false), None]));
        for texts in [["007", "1"], ["nan", "1"], ["inf", "1"], ["true", "1"], ["是", "否"]] {
            assert!(matches!(column(&texts), ValueColumn::Text(_)), "{texts:?}");
        }
    }
}
