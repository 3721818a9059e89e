//! Tables over the border: Arrow streams in and out, by the PyCapsule interface.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, RecordBatchReader, StringArray, UInt32Array};
use arrow_array::{DictionaryArray, types::UInt32Type};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use pyo3_arrow::PyTable;
use pyo3_arrow::input::AnyRecordBatch;

use crate::errors::Failure;

/// Columns of one length, each with a name and a type.
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Table {
    batch: RecordBatch,
}

#[pymethods]
impl Table {
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.batch.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    /// Hands the columns over without a copy: `polars.DataFrame(table)`, `pyarrow.table(table)`.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(&self, py: Python<'py>, requested_schema: Option<Bound<'py, PyCapsule>>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = self.batch.schema();
        let table = PyTable::try_new(vec![self.batch.clone()], schema)?;
        stream(py, table, requested_schema)
    }
}

fn stream<'py>(py: Python<'py>, table: PyTable, requested_schema: Option<Bound<'py, PyCapsule>>) -> PyResult<Bound<'py, PyCapsule>> {
    use pyo3_arrow::ffi::{ArrayIterator, ArrayReader, to_stream_pycapsule};
    let (batches, schema) = table.into_inner();
    let field = arrow_schema::Field::new_struct("", schema.fields().clone(), false);
    let field = field.with_metadata(schema.metadata().clone());
    let arrays = batches.into_iter().map(|batch| Ok(Arc::new(arrow_array::StructArray::from(batch)) as ArrayRef));
    let reader: Box<dyn ArrayReader + Send> = Box::new(ArrayIterator::new(arrays, field.into()));
    Ok(to_stream_pycapsule(py, reader, requested_schema)?)
}

/// The number of rows and the names of the columns of anything with `__arrow_c_stream__`.
#[pyfunction]
pub(crate) fn describe(py: Python<'_>, table: AnyRecordBatch) -> PyResult<(usize, Vec<String>)> {
    let reader = table.into_reader()?;
    let names = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    let rows = py.detach(|| count_rows(reader)).map_err(|fault| Failure::new("corpus.bad_table", fault.to_string()))?;
    Ok((rows, names))
}

fn count_rows(reader: Box<dyn RecordBatchReader + Send>) -> Result<usize, arrow_schema::ArrowError> {
    reader.into_iter().try_fold(0, |sum, batch| Ok(sum + batch?.num_rows()))
}

/// A small table with each kind of column the library returns.
#[pyfunction]
pub(crate) fn example_table() -> PyResult<Table> {
    let step: DictionaryArray<UInt32Type> = DictionaryArray::new(UInt32Array::from(vec![0, 1, 0]), Arc::new(StringArray::from(vec!["need", "报价"])));
    let columns: [(&str, ArrayRef); 3] = [
        ("case", Arc::new(StringArray::from(vec!["a", "b", "c"]))),
        ("step", Arc::new(step)),
        ("effect", Arc::new(Float64Array::from(vec![Some(0.1), None, Some(-0.2)]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).map_err(|fault| Failure::new("internal", fault.to_string()))?;
    Ok(Table { batch })
}
