//! Errors of the core as the exceptions of `goldpath._errors`: the code of the core chooses the class.
//!
//! The classes are written in Python, because under the stable ABI (abi3) before 3.12 a native class cannot extend
//! `Exception` with fields, nor have two bases.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use serde_json::{Map, Value, json};

/// Stand-in until the core has its `Error`: what an exception needs of it.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) place: Map<String, Value>,
}

impl Failure {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: Map::new() }
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        Python::attach(|py| exception(py, &failure).unwrap_or_else(|fault| fault))
    }
}

fn exception(py: Python<'_>, failure: &Failure) -> PyResult<PyErr> {
    static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let make = MAKE.import(py, "goldpath._errors", "_make")?;
    let place = pythonize::pythonize(py, &failure.place)?;
    Ok(PyErr::from_value(make.call1((failure.code, &failure.message, place))?))
}

/// Raises an error of the given code (for the tests of the skeleton).
#[pyfunction]
#[pyo3(signature = (code, r#where=None))]
pub(crate) fn fail(code: &str, r#where: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
    let place = match r#where {
        Some(fields) => pythonize::depythonize(fields)?,
        None => Map::from_iter([("line".to_owned(), json!(3))]),
    };
    let code = match code {
        "sop.unknown_step" => "sop.unknown_step",
        "corpus.bad_line" => "corpus.bad_line",
        "panic" => panic!("a panic of the core"),
        _ => "internal",
    };
    Err(Failure { place, ..Failure::new(code, format!("failed on purpose: {code}")) }.into())
}
