//! Conversations with known truth, for examples and notebooks.

use goldpath::Lang;
use goldpath::simulate::{Language, World};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pythonize::pythonize;

use crate::corpus::Corpus;
use crate::errors::Result;
use crate::sop::Sop;
use crate::table::record;
use crate::work;

/// Simulated conversations of a sales organisation with their SOP: to try things out, and to see whether they find what is true.
/// The same `seed` gives the same bytes everywhere.
///
/// With `words` the conversations have turns; without, bare steps, which takes a fraction of the time. With `truth` the field
/// `truth` says the true effect of each planted choice, who found what, and how good each rep is; else it is `None`.
///
/// >>> made = simulate(100, words=False)
/// >>> made.corpus, made.sop
/// (Corpus(100 conversations, 608 step events, 0 turns), Sop("Enterprise software follow-up" v3, 18 steps, 13 places in the flow))
/// >>> review(made.corpus, made.sop).summary["cases"]
/// 100
#[pyfunction]
#[pyo3(signature = (n, lang="en", seed=7, *, words=true, truth=false))]
pub(crate) fn simulate<'py>(py: Python<'py>, n: usize, lang: &str, seed: u64, words: bool, truth: bool) -> Result<Bound<'py, PyAny>> {
    let language = match lang.parse::<Lang>()? {
        Lang::Zh => Language::Zh,
        Lang::En => Language::En,
    };
    let world = World { language, words, ..World::default() };
    let (corpus, truth) = work::run(py, None, |progress| Ok((world.corpus(n, seed, progress)?, truth.then(|| world.truth()))))?;
    let fields = PyDict::new(py);
    fields.set_item("sop", Py::new(py, Sop(world.sop()))?)?;
    fields.set_item("corpus", Py::new(py, Corpus(corpus))?)?;
    fields.set_item("truth", truth.map(|truth| pythonize(py, &truth)).transpose()?)?;
    Ok(record(py, "Simulated", fields.into_any())?)
}
