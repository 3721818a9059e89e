//! Columns on their way in: typed arrays are copied, short arrays of plain values are taken too.

use goldpath::corpus::{CaseTable, Coded, EventTable, OutcomeColumnSpec, TurnTable, ValueColumn};
use napi::bindgen_prelude::{Array, BigInt64Array, Either, Either4, Float64Array, JsObjectValue, Object, Uint32Array, Unknown};
use napi::{JsDate, Result, ValueType};
use napi_derive::napi;

use crate::errors::Failure;
use crate::table::CodedColumn;

pub(crate) type Texts = Either<Vec<Option<String>>, CodedColumn>;
pub(crate) type Times = Either<Float64Array, BigInt64Array>;

/// Events, one a row. Rows of a case need not stand together.
#[napi(object, object_to_js = false)]
pub struct EventColumns<'env> {
    /// Case each event belongs to.
    pub case: Texts,
    /// Step performed.
    pub step: Texts,
    /// When, in milliseconds since 1970 UTC; rows of a case are sorted by it.
    pub time: Option<Times>,
    /// Who did it.
    pub rep: Option<Texts>,
    /// Number of the turn in its conversation, from 0; `0xffffffff` for none.
    pub turn: Option<Uint32Array>,
    /// How sure a detector is, 0 to 1; NaN where nothing is said, which means certain.
    pub prob: Option<Float64Array>,
    /// Columns that hold one value a case.
    #[napi(ts_type = "Record<string, ColumnInput>")]
    pub columns: Option<Object<'env>>,
    /// Which of `columns` are outcomes; where nothing is said, `won` of true/false and `outcome.<name>`.
    pub outcomes: Option<Vec<Either<String, OutcomeInput>>>,
    pub cases: Option<CaseColumns<'env>>,
    pub turns: Option<TurnColumns>,
}

/// Cases, one a row.
#[napi(object, object_to_js = false)]
pub struct CaseColumns<'env> {
    pub id: Texts,
    /// `rep`, `team`, `deal`, `channel`, `started_at`, outcomes, and attributes.
    #[napi(ts_type = "Record<string, ColumnInput>")]
    pub columns: Option<Object<'env>>,
    /// Which of `columns` are outcomes; where nothing is said, `won` of true/false and `outcome.<name>`.
    pub outcomes: Option<Vec<Either<String, OutcomeInput>>>,
}

/// Turns, one a row, in their order within each case.
#[napi(object, object_to_js = false)]
pub struct TurnColumns {
    pub case: Texts,
    /// `agent`, `customer` or `system`.
    pub speaker: Texts,
    pub text: Option<Texts>,
    pub name: Option<Texts>,
    /// Begin and end, in seconds since the conversation began; NaN for no value.
    pub start: Option<Float64Array>,
    pub end: Option<Float64Array>,
}

/// An outcome and the column it stands in.
#[napi(object, object_to_js = false)]
pub struct OutcomeInput {
    pub name: String,
    /// The column; the name of the outcome where nothing is said.
    pub column: Option<String>,
    /// For a column of texts: the value that means yes; every other value means no, none means open.
    pub yes: Option<String>,
}

/// The tables of the core.
pub(crate) fn tables(columns: EventColumns<'_>) -> Result<(EventTable, Option<CaseTable>, Option<TurnTable>)> {
    let (case_columns, outcomes) = with_outcomes("columns", columns.columns, columns.outcomes)?;
    let events = EventTable {
        case: texts("case", columns.case)?,
        step: texts("step", columns.step)?,
        time: columns.time.map(times),
        rep: columns.rep.map(|column| texts("rep", column)).transpose()?,
        turn: columns.turn.map(|column| column.to_vec()),
        prob: columns.prob.map(|column| column.to_vec()),
        case_columns,
        outcomes,
        unread: Vec::new(),
    };
    let case_table = |c: CaseColumns<'_>| -> Result<CaseTable> {
        let (columns, outcomes) = with_outcomes("cases.columns", c.columns, c.outcomes)?;
        Ok(CaseTable { id: texts("cases.id", c.id)?, columns, outcomes })
    };
    let turn_table = |t: TurnColumns| -> Result<TurnTable> {
        Ok(TurnTable {
            case: texts("turns.case", t.case)?,
            speaker: texts("turns.speaker", t.speaker)?,
            text: t.text.map(|column| texts("turns.text", column)).transpose()?,
            name: t.name.map(|column| texts("turns.name", column)).transpose()?,
            start: t.start.map(|column| seconds("turns.start", &column)).transpose()?,
            end: t.end.map(|column| seconds("turns.end", &column)).transpose()?,
        })
    };
    Ok((events, columns.cases.map(case_table).transpose()?, columns.turns.map(turn_table).transpose()?))
}

pub(crate) fn texts(name: &str, column: Texts) -> Result<Coded> {
    match column {
        Either::A(list) => {
            let mut coded = Coded::default();
            for text in &list {
                coded.push(text.as_deref());
            }
            Ok(coded)
        }
        Either::B(column) => Coded::from_codes(column.codes.to_vec(), column.names.iter().map(Some)).map_err(|row| {
            let message = format!("the code in row {row} has no name; there are {} names", column.names.len());
            Failure::argument(name, message, "codes count from 0; 0xffffffff is no value").into()
        }),
    }
}

/// `i64::MIN` is the core's word for no time.
fn time(ms: f64) -> i64 {
    if ms.is_nan() { i64::MIN } else { ms as i64 }
}

pub(crate) fn times(column: Times) -> Vec<i64> {
    match column {
        Either::A(ms) => ms.iter().copied().map(time).collect(),
        Either::B(ms) => ms.to_vec(),
    }
}

fn seconds(name: &str, column: &Float64Array) -> Result<Vec<i64>> {
    let numbers = column.iter().map(|&x| (!x.is_nan()).then_some(x)).collect();
    ValueColumn::Number(numbers).into_offsets().map_err(|(row, message)| Failure::argument(name, format!("row {row}: {message}"), "").into())
}

type Columns = Vec<(String, ValueColumn)>;

fn with_outcomes(place: &str, columns: Option<Object<'_>>, outcomes: Option<Vec<Either<String, OutcomeInput>>>) -> Result<(Columns, Vec<OutcomeColumnSpec>)> {
    let columns = values(place, columns)?;
    let specs = outcomes.map_or_else(|| OutcomeColumnSpec::usual(&columns), self::outcomes);
    Ok((columns, specs))
}

/// Which columns are outcomes.
pub(crate) fn outcomes(list: Vec<Either<String, OutcomeInput>>) -> Vec<OutcomeColumnSpec> {
    let spec = |one: Either<String, OutcomeInput>| match one {
        Either::A(column) => OutcomeColumnSpec::of_column(&column),
        Either::B(OutcomeInput { name, column, yes }) => OutcomeColumnSpec { column: column.unwrap_or_else(|| name.clone()), name, yes },
    };
    list.into_iter().map(spec).collect()
}

pub(crate) fn values(place: &str, columns: Option<Object<'_>>) -> Result<Columns> {
    let Some(columns) = columns else { return Ok(Vec::new()) };
    let named = |name: String| -> Result<(String, ValueColumn)> {
        let place = format!("{place}.{name}");
        let wrong = |_| {
            Failure::argument(&place, "the column holds values of several kinds, or of no known one", "texts, booleans, numbers or Dates; null for no value")
        };
        let column = match columns.get_named_property::<Either4<Float64Array, BigInt64Array, Array<'_>, CodedColumn>>(&name).map_err(wrong)? {
            Either4::A(numbers) => ValueColumn::Number(numbers.iter().copied().map(Some).collect()),
            Either4::B(ms) => ValueColumn::Time(ms.to_vec()),
            Either4::C(list) => plain(&list).map_err(wrong)?,
            Either4::D(coded) => ValueColumn::Text(texts(&place, Either::B(coded))?),
        };
        Ok((name, column))
    };
    Object::keys(&columns)?.into_iter().map(named).collect()
}

/// A column of plain values; the first that is there says of which kind they all are.
fn plain(list: &Array<'_>) -> Result<ValueColumn> {
    fn all<T: napi::bindgen_prelude::FromNapiValue>(list: &Array<'_>) -> Result<Vec<Option<T>>> {
        (0..list.len()).map(|row| list.get::<Option<T>>(row).map(Option::flatten)).collect()
    }
    let mut kinds = (0..list.len()).map(|row| list.get::<Unknown<'_>>(row).and_then(|value| value.map_or(Ok(ValueType::Null), |value| value.get_type())));
    let kind = kinds.find(|kind| !matches!(kind, Ok(ValueType::Null | ValueType::Undefined))).transpose()?;
    Ok(match kind {
        Some(ValueType::Boolean) => ValueColumn::Bool(all(list)?),
        Some(ValueType::Number) => ValueColumn::Number(all(list)?),
        Some(ValueType::Object) => {
            let dates = all::<JsDate<'_>>(list)?;
            ValueColumn::Time(dates.iter().map(|date| date.as_ref().map_or(Ok(i64::MIN), |date| date.value_of().map(time))).collect::<Result<_>>()?)
        }
        _ => ValueColumn::Text(texts("", Either::A(all(list)?))?),
    })
}
