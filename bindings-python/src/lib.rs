//! Python binding of `goldpath`: the list of what the extension module exports. No logic lives here.

mod errors;
mod table;
mod work;

use pyo3::prelude::*;

/// The native half of the Python package `goldpath`.
#[pymodule]
mod _goldpath {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::errors::fail;
    #[pymodule_export]
    use crate::table::{Table, describe, example_table};
    #[pymodule_export]
    use crate::version;
    #[pymodule_export]
    use crate::work::long_work;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

/// The version of the library.
#[pyfunction]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
