//! The ledgers of the evidence engine: what one shard of many has found, to be added.

use goldpath::evidence::EvidenceOptions;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::check::finding;
use crate::errors::Result;
use crate::table::paragraph;

/// First pass over the choices of a check. Ledgers of shards add, in any order, to the same bytes.
///
/// >>> check = example_corpus.check(example_sop)
/// >>> ledger = check.screen()
/// >>> ScreenLedger.from_bytes(ledger.to_bytes()).to_bytes() == ledger.to_bytes()
/// True
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct ScreenLedger(pub(crate) goldpath::evidence::ScreenLedger);

#[pymethods]
impl ScreenLedger {
    /// Reads what `to_bytes` wrote.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(Self(goldpath::evidence::ScreenLedger::from_bytes(bytes)?))
    }

    /// The ledger as JSON.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &py.detach(|| self.0.to_bytes()))
    }

    /// The sum of this ledger and another one of the same outcome and attributes.
    fn merge(&self, py: Python<'_>, other: &Bound<'_, Self>) -> Result<Self> {
        let other = &other.get().0;
        let sum = py.detach(|| {
            let mut sum = self.0.clone();
            sum.merge(other).map(|()| sum)
        });
        Ok(Self(sum?))
    }

    /// Decided cases.
    #[getter]
    fn decided(&self) -> u64 {
        self.0.decided()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        paragraph(&self.0)
    }
}

/// What is settled before an effect is looked at: what is compared with what, and what is adjusted for.
///
/// >>> plan = Plan.of(example_corpus.check(example_sop).screen())
/// >>> plan.hash == Plan.from_bytes(plan.to_bytes()).hash
/// True
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Plan(pub(crate) goldpath::evidence::Plan);

#[pymethods]
impl Plan {
    /// The plan of all shards, from the sum of their screen ledgers.
    #[staticmethod]
    fn of(py: Python<'_>, screen: &Bound<'_, ScreenLedger>) -> Self {
        let screen = &screen.get().0;
        Self(py.detach(|| goldpath::evidence::Plan::of(screen)))
    }

    /// Reads what `to_bytes` wrote.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(Self(goldpath::evidence::Plan::from_bytes(bytes)?))
    }

    /// The plan as JSON.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.to_bytes())
    }

    /// SHA-256 of the bytes, in hexadecimal.
    #[getter]
    fn hash(&self) -> String {
        self.0.hash()
    }

    /// The outcome compared.
    #[getter]
    fn outcome(&self) -> &str {
        &self.0.outcome
    }

    /// Attributes adjusted for, beside the rep.
    #[getter]
    fn adjust_for(&self) -> Vec<String> {
        self.0.adjust_for.clone()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        paragraph(&self.0)
    }
}

/// Second pass over the choices of a check, under a plan. Ledgers of one plan add, in any order, to the same bytes.
///
/// >>> check = example_corpus.check(example_sop)
/// >>> plan = Plan.of(check.screen())
/// >>> [finding.verdict for finding in check.tally(plan).finish(plan)][:1]
/// ['not_enough_evidence']
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct EffectLedger(pub(crate) goldpath::evidence::EffectLedger);

#[pymethods]
impl EffectLedger {
    /// Reads what `to_bytes` wrote.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(Self(goldpath::evidence::EffectLedger::from_bytes(bytes)?))
    }

    /// The ledger as JSON.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &py.detach(|| self.0.to_bytes()))
    }

    /// The sum of this ledger and another one of the same plan.
    fn merge(&self, py: Python<'_>, other: &Bound<'_, Self>) -> Result<Self> {
        let other = &other.get().0;
        let sum = py.detach(|| {
            let mut sum = self.0.clone();
            sum.merge(other).map(|()| sum)
        });
        Ok(Self(sum?))
    }

    /// The findings under the plan.
    #[pyo3(signature = (plan, lower_is_better=false))]
    fn finish<'py>(&self, py: Python<'py>, plan: &Bound<'py, Plan>, lower_is_better: bool) -> Result<Vec<Bound<'py, PyAny>>> {
        let plan = &plan.get().0;
        let found = py.detach(|| self.0.finish(plan, &EvidenceOptions { higher_is_better: !lower_is_better }))?;
        found.iter().map(|one| finding(py, one)).collect()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        paragraph(&self.0)
    }
}
