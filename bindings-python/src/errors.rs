//! Errors of the core as the exceptions of `goldpath._errors`.
//!
//! The classes are written in Python, because under the stable ABI (abi3) before 3.12 a native class cannot extend
//! `Exception` with fields, nor have two bases.

use goldpath::{Error, Fault};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// What a call can end in: an error of the core, or an exception that Python raised on the way.
#[derive(Debug)]
pub(crate) enum Failure {
    Core(Error),
    Python(PyErr),
    Panic(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

impl From<pythonize::PythonizeError> for Failure {
    fn from(error: pythonize::PythonizeError) -> Self {
        Self::Python(error.into())
    }
}

/// A table that cannot be taken.
pub(crate) fn corpus(code: &'static str, message: impl Into<String>, place: impl Into<String>, help: &str) -> Failure {
    Error::from(Fault::new(code, message).at_place(place).help(help)).into()
}

/// An argument that makes no sense.
pub(crate) fn argument(name: &str, message: impl Into<String>, help: &str) -> Failure {
    Error::Argument(Box::new(Fault::new("argument.invalid", message).at_place(name).help(help))).into()
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Python(error) => error,
            Failure::Core(error) => Python::attach(|py| exception(py, &error).unwrap_or_else(|fault| fault)),
            Failure::Panic(message) => Python::attach(|py| make(py, ("internal", message, "internal", (), None::<()>)).unwrap_or_else(|fault| fault)),
        }
    }
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let (kind, file) = match error {
        Error::Sop(_) => ("sop", None),
        Error::Scorecard(_) => ("scorecard", None),
        Error::Patch(_) => ("patch", None),
        Error::Compose(_) => ("compose", None),
        Error::Detector(_) => ("detector", None),
        Error::Corpus(_) => ("corpus", None),
        Error::Argument(_) => ("argument", None),
        Error::Limit(_) => ("limit", None),
        Error::Store(_) => ("store", None),
        Error::Io { path, source } => ("io", Some((path, source.raw_os_error(), source.kind() == std::io::ErrorKind::NotFound))),
        Error::Cancelled => ("cancelled", None),
        _ => ("internal", None),
    };
    make(py, (kind, error.to_string(), error.code(), pythonize::pythonize(py, error.faults())?, file))
}

fn make<'py>(py: Python<'py>, arguments: impl pyo3::call::PyCallArgs<'py>) -> PyResult<PyErr> {
    static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    Ok(PyErr::from_value(MAKE.import(py, "goldpath._errors", "_make")?.call1(arguments)?))
}
