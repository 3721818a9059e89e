//! Tables going out: Arrow, pandas, polars, or typed rows.

use std::sync::Arc;

use arrow_array::builder::{Int64Builder, LargeStringBuilder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, TimestampMillisecondArray};
use goldpath::table::{Cell, Column};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCapsule, PyDict, PyList};
use pyo3_arrow::PyTable;

/// A result with named columns of one length.
///
/// Iterating gives rows with attributes; `table["cost"]` gives a column as a list; pandas, polars, pyarrow and duckdb
/// take a table as it is, for it speaks Arrow.
///
/// >>> table = example_corpus.check(example_sop).cases
/// >>> len(table), table.columns[:3]
/// (2, ['case_id', 'rep', 'team'])
/// >>> [row.case_id for row in table if row.cost]
/// ['c2']
/// >>> table["status"]
/// ['complete', 'complete']
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Table(pub(crate) Arc<goldpath::Table>);

impl From<goldpath::Table> for Table {
    fn from(table: goldpath::Table) -> Self {
        Self(Arc::new(table))
    }
}

#[pymethods]
impl Table {
    /// What the table is, such as `cases`.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// Names of the columns.
    #[getter]
    fn columns(&self) -> Vec<&str> {
        self.0.columns().iter().map(|(name, _)| name.as_str()).collect()
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __iter__(&self) -> Rows {
        Rows { table: self.0.clone(), next: 0 }
    }

    fn __getitem__<'py>(&self, py: Python<'py>, column: &str) -> PyResult<Bound<'py, PyList>> {
        let found = self.0.column(column).ok_or_else(|| PyKeyError::new_err(format!("{column}; columns: {}", self.columns().join(", "))))?;
        PyList::new(py, (0..found.len()).map(|row| value(py, found.get(row))).collect::<PyResult<Vec<_>>>()?)
    }

    /// The table as a pandas DataFrame; needs pandas and pyarrow.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        Self::to_arrow(slf)?.call_method0("to_pandas")
    }

    /// The table as a polars DataFrame; needs polars.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("polars")?.call_method1("DataFrame", (slf,))
    }

    /// The table as a pyarrow Table; needs pyarrow.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("pyarrow")?.call_method1("table", (slf,))
    }

    /// Hands the columns over by Arrow's PyCapsule interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(&self, py: Python<'py>, requested_schema: Option<Bound<'py, PyCapsule>>) -> PyResult<Bound<'py, PyCapsule>> {
        use pyo3_arrow::ffi::{ArrayIterator, ArrayReader, to_stream_pycapsule};
        let batch = py.detach(|| RecordBatch::try_from_iter_with_nullable(self.0.columns().iter().map(|(name, column)| (name, array(column), true))));
        let batch = batch.map_err(pyo3_arrow::error::PyArrowError::from)?;
        let (batches, schema) = PyTable::try_new(vec![batch.clone()], batch.schema())?.into_inner();
        let field = arrow_schema::Field::new_struct("", schema.fields().clone(), false);
        let arrays = batches.into_iter().map(|batch| Ok(Arc::new(arrow_array::StructArray::from(batch)) as ArrayRef));
        let reader: Box<dyn ArrayReader + Send> = Box::new(ArrayIterator::new(arrays, field.into()));
        Ok(to_stream_pycapsule(py, reader, requested_schema)?)
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        self.0.to_html(50)
    }
}

/// Iterator over the rows of a table.
#[pyclass]
pub(crate) struct Rows {
    table: Arc<goldpath::Table>,
    next: usize,
}

#[pymethods]
impl Rows {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        if self.next == self.table.len() {
            return Ok(None);
        }
        let row = PyDict::new(py);
        for (name, column) in self.table.columns() {
            row.set_item(name, value(py, column.get(self.next))?)?;
        }
        self.next += 1;
        record(py, "Row", row.into_any()).map(Some)
    }
}

/// What an object says of itself, for a notebook.
pub(crate) fn paragraph(shown: &impl std::fmt::Display) -> String {
    format!("<p>{}</p>", goldpath::text::escape_html(&shown.to_string()))
}

/// The same with its table below.
pub(crate) fn with_table(shown: &impl std::fmt::Display, table: &goldpath::Table) -> String {
    const ROWS: usize = 20;
    paragraph(shown) + &table.to_html(ROWS)
}

/// The same with its file below.
pub(crate) fn with_file(shown: &impl std::fmt::Display, file: &str) -> String {
    format!("{}<pre>{}</pre>", paragraph(shown), goldpath::text::escape_html(file))
}

/// A record class of `goldpath._records` made from its fields.
pub(crate) fn record<'py>(py: Python<'py>, class: &str, fields: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    py.import("goldpath._records")?.getattr(class)?.call1((fields,))
}

/// Milliseconds since 1970 as an aware datetime.
pub(crate) fn time(py: Python<'_>, ms: i64) -> PyResult<Bound<'_, PyAny>> {
    static TIME: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    TIME.import(py, "goldpath._records", "_time")?.call1((ms,))
}

fn value<'py>(py: Python<'py>, cell: Cell<'_>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match cell {
        Cell::Bool(b) => b.into_pyobject(py)?.to_owned().into_any(),
        Cell::Int(n) => n.into_pyobject(py)?.into_any(),
        Cell::Float(x) => x.into_pyobject(py)?.into_any(),
        Cell::Time(ms) => time(py, ms)?,
        Cell::Text(text) => text.into_pyobject(py)?.into_any(),
        Cell::IntList(list) => list.into_pyobject(py)?,
        Cell::TextList(list) => list.iter().map(AsRef::as_ref).collect::<Vec<&str>>().into_pyobject(py)?,
        _ => py.None().into_bound(py),
    })
}

/// Plain texts, not dictionaries, so that tables can be joined with others.
fn texts<'a>(list: impl Iterator<Item = Option<&'a str>> + Clone) -> ArrayRef {
    let bytes: usize = list.clone().flatten().map(str::len).sum();
    if i32::try_from(bytes).is_ok() {
        let mut made = StringBuilder::new();
        list.for_each(|text| made.append_option(text));
        return Arc::new(made.finish());
    }
    let mut made = LargeStringBuilder::new();
    list.for_each(|text| made.append_option(text));
    Arc::new(made.finish())
}

fn array(column: &Column) -> ArrayRef {
    match column {
        Column::Bool(v) => Arc::new(BooleanArray::from(v.clone())),
        Column::Int(v) => Arc::new(Int64Array::from(v.clone())),
        Column::Float(v) => Arc::new(Float64Array::from(v.clone())),
        Column::Time(v) => Arc::new(TimestampMillisecondArray::from(v.clone()).with_timezone("UTC")),
        Column::Text(v) => texts(v.iter().map(Option::as_deref)),
        Column::Names { codes, names } => texts(codes.iter().map(|&code| names.get(code as usize).map(AsRef::as_ref))),
        Column::IntList(v) => {
            let mut made = ListBuilder::new(Int64Builder::new());
            for list in v {
                made.append_value(list.iter().copied().map(Some));
            }
            Arc::new(made.finish())
        }
        Column::TextList(v) => {
            let mut made = ListBuilder::new(StringBuilder::new());
            for list in v {
                made.append_value(list.iter().map(Some));
            }
            Arc::new(made.finish())
        }
        _ => unreachable!("a kind of column the binding does not know"),
    }
}
