//! Tables coming in: anything with `__arrow_c_stream__`, or a list of dicts, as the columns of the core.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, new_null_array};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use goldpath::corpus::{Coded, OutcomeColumnSpec, Role, ValueColumn};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use pyo3_arrow::input::AnyRecordBatch;
use rayon::prelude::*;
use serde_json::{Map, Value};

use crate::errors::{Result, argument, corpus};
use crate::from_py;

const NO_NAME: u32 = u32::MAX;
const NO_TIME: i64 = i64::MIN;
/// A value of a dictionary that no row has asked for yet.
const UNSEEN: u32 = u32::MAX - 1;

/// A table that was handed over: its name for messages, and its columns in chunks.
pub(crate) struct Frame {
    what: &'static str,
    names: Vec<String>,
    chunks: Vec<Vec<ArrayRef>>,
}

impl Frame {
    pub(crate) fn read(object: &Bound<'_, PyAny>, what: &'static str) -> Result<Self> {
        if let Ok(rows) = object.cast::<PyList>() {
            return Self::of_rows(rows, what);
        }
        let py = object.py();
        let class = object.get_type();
        let pandas = class.module().is_ok_and(|module| module.to_string_lossy().starts_with("pandas"));
        let mut object = object.clone();
        if pandas {
            let arrow =
                py.import("pyarrow").map_err(|_| argument(what, "pandas hands its tables over by pyarrow, which is not installed", "pip install pyarrow"))?;
            let table = arrow.getattr("Table")?.call_method1("from_pandas", (object,));
            object = table.map_err(|error| corpus("corpus.wrong_type", error.value(py).to_string(), what, "give each column values of one type"))?;
        }
        if !object.hasattr("__arrow_c_stream__")? {
            let message = format!("a table was expected, found {}", class.name()?);
            return Err(argument(what, message, "give a table of pandas, polars, pyarrow or duckdb, or a list of dicts"));
        }
        let reader = object.extract::<AnyRecordBatch>()?.into_reader()?;
        let names = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
        let schema = reader.schema();
        let mut batches: Vec<RecordBatch> =
            py.detach(|| reader.collect::<Result<_, ArrowError>>()).map_err(|error| corpus("corpus.table", error.to_string(), what, ""))?;
        if batches.is_empty() {
            batches.push(RecordBatch::new_empty(schema));
        }
        let chunks = (0..batches[0].num_columns()).map(|i| batches.iter().map(|batch| batch.column(i).clone()).collect()).collect();
        Ok(Self { what, names, chunks })
    }

    fn of_rows(rows: &Bound<'_, PyList>, what: &'static str) -> Result<Self> {
        let mut columns: HashMap<String, Vec<Value>> = HashMap::new();
        let mut names = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            let row: Map<String, Value> = from_py::read(&row).map_err(|error| corpus("corpus.wrong_type", error.to_string(), format!("{what}[{i}]"), ""))?;
            for (name, value) in row {
                let column = columns.entry(name.clone()).or_insert_with(|| {
                    names.push(name);
                    Vec::new()
                });
                column.resize(i, Value::Null);
                column.push(value);
            }
        }
        let chunks = names.iter().map(|name| {
            let mut column = columns.remove(name).unwrap_or_default();
            column.resize(rows.len(), Value::Null);
            array(&column).map(|array| vec![array]).map_err(|row| {
                corpus("corpus.wrong_type", "the value is of another type than those before", format!("{what}[{row}].{name}"), "one type a column")
            })
        });
        let chunks = chunks.collect::<Result<_>>()?;
        Ok(Self { what, names, chunks })
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    pub(crate) fn place(&self, role: Role, asked: Option<&str>, needed: bool) -> Result<Option<usize>> {
        Ok(role.column(asked, &self.names(), needed)?)
    }

    fn fault(&self, column: usize, row: Option<usize>, message: impl Into<String>) -> crate::errors::Failure {
        let row = row.map_or_else(String::new, |row| format!(" row {row},"));
        corpus("corpus.wrong_type", message, format!("{}{row} column {}", self.what, self.names[column]), "")
    }

    /// A column as texts; numbers are written out. Each thread reads one stretch of rows.
    pub(crate) fn texts(&self, column: usize) -> Result<Coded> {
        let chunks = &self.chunks[column];
        let rows: usize = chunks.iter().map(|chunk| chunk.len()).sum();
        let share = rows.div_ceil(rayon::current_num_threads()).max(1 << 16);
        let stretch = |i: usize| {
            let (mut coded, mut before) = (Coded::default(), 0);
            coded.codes.reserve(share);
            for chunk in chunks {
                let from = (i * share).clamp(before, before + chunk.len());
                let to = ((i + 1) * share).clamp(before, before + chunk.len());
                push_texts(&mut coded, &chunk.slice(from - before, to - from))?;
                before += chunk.len();
            }
            Ok(coded)
        };
        let parts: Vec<Result<Coded, ArrowError>> = (0..rows.div_ceil(share)).into_par_iter().map(stretch).collect();
        let mut whole = Coded::default();
        for part in parts {
            whole.append(part.map_err(|error| self.fault(column, None, error.to_string()))?);
        }
        Ok(whole)
    }

    /// A column as what it is: texts, yes or no, numbers or times.
    pub(crate) fn values(&self, column: usize) -> Result<ValueColumn> {
        use DataType::{Boolean, Date32, Date64, Dictionary, LargeUtf8, Null, Timestamp, Utf8, Utf8View};
        let chunks = &self.chunks[column];
        let kind = chunks[0].data_type();
        let plain = if let Dictionary(_, values) = kind { values } else { kind };
        let wrong = |error: ArrowError| self.fault(column, None, error.to_string());
        let cast = |to: &DataType| chunks.iter().map(|chunk| arrow_cast::cast(chunk, to)).collect::<Result<Vec<_>, _>>().map_err(wrong);
        match plain {
            Utf8 | LargeUtf8 | Utf8View => self.texts(column).map(ValueColumn::Text),
            Null => Ok(ValueColumn::Bool(chunks.iter().flat_map(|chunk| std::iter::repeat_n(None, chunk.len())).collect())),
            Boolean => Ok(ValueColumn::Bool(cast(&Boolean)?.iter().flat_map(|chunk| chunk.as_boolean().iter()).collect())),
            Timestamp(..) | Date32 | Date64 => {
                let zone = if let Timestamp(_, zone) = plain { zone.clone() } else { None };
                let mut times = Vec::with_capacity(chunks.iter().map(|chunk| chunk.len()).sum());
                for chunk in cast(&Timestamp(TimeUnit::Millisecond, zone))? {
                    let chunk = chunk.as_primitive::<TimestampMillisecondType>();
                    match chunk.null_count() {
                        0 => times.extend_from_slice(chunk.values()),
                        _ => times.extend(chunk.iter().map(|time| time.unwrap_or(NO_TIME))),
                    }
                }
                Ok(ValueColumn::Time(times))
            }
            number if number.is_numeric() => {
                Ok(ValueColumn::Number(cast(&DataType::Float64)?.iter().flat_map(|chunk| chunk.as_primitive::<Float64Type>().iter()).collect()))
            }
            other => Err(self.fault(column, None, format!("values of type {other} cannot be read; give texts, numbers, yes/no or times"))),
        }
    }

    /// A column as what its role needs, by one of the readings of [`ValueColumn`].
    pub(crate) fn as_role<T>(&self, column: usize, reading: impl FnOnce(ValueColumn) -> Result<T, (usize, String)>) -> Result<T> {
        reading(self.values(column)?).map_err(|(row, message)| self.fault(column, Some(row), message))
    }
}

fn push_texts(coded: &mut Coded, array: &ArrayRef) -> Result<(), ArrowError> {
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().for_each(|text| coded.push(text)),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().for_each(|text| coded.push(text)),
        DataType::Utf8View => array.as_string_view().iter().for_each(|text| coded.push(text)),
        DataType::Null => (0..array.len()).for_each(|_| coded.push(None)),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let mut values = Coded::default();
            push_texts(&mut values, dictionary.values())?;
            // Named when a row first uses it: a dictionary may hold values that no row has.
            let mut names = vec![UNSEEN; values.codes.len()];
            let keys = if names.is_empty() { vec![0; array.len()] } else { dictionary.normalized_keys() };
            let nulls = dictionary.keys().logical_nulls();
            coded.codes.extend(keys.into_iter().enumerate().map(|(row, key)| {
                if names.is_empty() || nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
                    return NO_NAME;
                }
                if names[key] == UNSEEN {
                    names[key] = values.get(key).map_or(NO_NAME, |text| coded.names.intern(text));
                }
                names[key]
            }));
        }
        // An id that pandas made a float because of a missing value is written as the whole number it was.
        number if number.is_floating() => {
            arrow_cast::cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().iter().for_each(|x| coded.push(x.map(|x| x.to_string()).as_deref()));
        }
        number if number.is_numeric() || *number == DataType::Boolean => push_texts(coded, &arrow_cast::cast(array, &DataType::Utf8)?)?,
        other => return Err(ArrowError::CastError(format!("values of type {other} are not texts"))),
    }
    Ok(())
}

/// A column of plain values of one type; the row of the first that is of another.
fn array(column: &[Value]) -> Result<ArrayRef, usize> {
    let odd = |right: fn(&Value) -> bool| column.iter().position(|value| !value.is_null() && !right(value));
    let checked = |array: ArrayRef, right: fn(&Value) -> bool| odd(right).map_or(Ok(array), Err);
    match column.iter().find(|value| !value.is_null()) {
        None => Ok(new_null_array(&DataType::Null, column.len())),
        Some(Value::Bool(_)) => checked(Arc::new(column.iter().map(Value::as_bool).collect::<BooleanArray>()), Value::is_boolean),
        Some(Value::Number(_)) => checked(Arc::new(column.iter().map(Value::as_f64).collect::<Float64Array>()), Value::is_number),
        Some(_) => checked(Arc::new(column.iter().map(Value::as_str).collect::<StringArray>()), Value::is_string),
    }
}

/// Which columns are outcomes: a name, a list of names, or a dict of name → column or (column, text that means yes).
pub(crate) fn outcomes(object: &Bound<'_, PyAny>) -> Result<Vec<OutcomeColumnSpec>> {
    let wrong = |_| argument("outcomes", "not a list of columns", "give a list of columns, or a dict of name → column or name → (column, text that means yes)");
    if let Ok(column) = object.cast::<PyString>() {
        return Ok(vec![OutcomeColumnSpec::of_column(&column.to_string())]);
    }
    let Ok(dict) = object.cast::<PyDict>() else {
        return Ok(object.extract::<Vec<String>>().map_err(wrong)?.iter().map(|column| OutcomeColumnSpec::of_column(column)).collect());
    };
    let specs = dict.iter().map(|(name, column)| {
        let name = name.extract()?;
        if let Ok((column, yes)) = column.extract() {
            return Ok(OutcomeColumnSpec { name, column, yes: Some(yes) });
        }
        Ok(OutcomeColumnSpec { name, column: column.extract()?, yes: None })
    });
    specs.collect::<PyResult<_>>().map_err(wrong)
}
