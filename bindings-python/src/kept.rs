//! `KeptLog`: a log of a store and what it adds up to; `SopArchive`: the versions of all SOPs.

use goldpath::coaching::{self, from_value};
use goldpath::monitor;
use goldpath::store::{Fold, Kept};
use pyo3::prelude::*;
use pythonize::pythonize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::clips::{Store, moment};
use crate::errors::{Result, argument};
use crate::from_py;
use crate::improve::ProposalBook;
use crate::methods::History;
use crate::people::{AlertLog, CoachingLog};
use crate::table::{Table, with_table};

/// The states that a store keeps.
enum Log {
    Coaching(Kept<coaching::CoachingLog>),
    Alerts(Kept<monitor::AlertLog>),
    Proposals(Kept<goldpath::improve::ProposalBook>),
    Sops(Kept<goldpath::improve::SopArchive>),
}

/// The same done for each kind of log.
macro_rules! each {
    ($log:expr, $kept:ident => $does:expr) => {
        match $log {
            Log::Coaching($kept) => $does,
            Log::Alerts($kept) => $does,
            Log::Proposals($kept) => $does,
            Log::Sops($kept) => $does,
        }
    };
}

/// A state as the class that shows it.
trait Shown: Fold + Send {
    fn shown(self, py: Python<'_>) -> PyResult<Py<PyAny>>;
}

macro_rules! shown {
    ($state:ty, $class:ident) => {
        impl Shown for $state {
            fn shown(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                Ok(Py::new(py, $class(self))?.into_any())
            }
        }
    };
}

shown!(coaching::CoachingLog, CoachingLog);
shown!(monitor::AlertLog, AlertLog);
shown!(goldpath::improve::ProposalBook, ProposalBook);
shown!(goldpath::improve::SopArchive, SopArchive);

fn add<S>(py: Python<'_>, kept: &Kept<S>, events: Value, at: i64) -> Result<Py<PyAny>>
where
    S: Shown + Sync,
    S::Event: DeserializeOwned + Send + Sync,
{
    let events: Vec<S::Event> = match events {
        Value::Array(_) => from_value("events", events)?,
        one => vec![from_value("event", one)?],
    };
    Ok(py.detach(|| kept.add(at, &events))?.shown(py)?)
}

fn history<S: Fold>(kept: &Kept<S>, start: u64) -> goldpath::Result<Vec<Value>>
where
    S::Event: Serialize,
{
    let entries = kept.history(start)?.into_iter().map(|entry| serde_json::to_value(entry).unwrap_or_default());
    Ok(entries.collect())
}

/// A log of a store and what its entries add up to. An entry that does not follow from those before it is refused, and nothing
/// is written; what was written is on the disk. Any number of these may be open on one store, in many threads.
///
/// >>> import tempfile, os
/// >>> store = Store.open(os.path.join(tempfile.mkdtemp(), "team.goldpath"))
/// >>> loop = store.coaching()
/// >>> loop.add({"at": "2026-03-02", "event": "assigned", "rep": "ann", "skill": "step:need", "due": "2026-03-20"}, at=0)
/// CoachingLog(1 events, 1 skills in training)
/// >>> loop.add({"at": "2026-03-10", "event": "trained", "rep": "ann", "skill": "step:need", "training": "t1"}, at=0).tracks[0]["stage"]
/// 'trained'
/// >>> loop.state_after(1).tracks[0]["stage"], len(loop)
/// ('assigned', 2)
/// >>> store.close()
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct KeptLog {
    name: &'static str,
    log: Log,
}

/// The logs of a store.
pub(crate) fn coaching(py: Python<'_>, store: &Store) -> Result<KeptLog> {
    Ok(KeptLog { name: "coaching", log: Log::Coaching(py.detach(|| Kept::open(store.0.clone()))?) })
}

pub(crate) fn alerts(py: Python<'_>, store: &Store) -> Result<KeptLog> {
    Ok(KeptLog { name: "alerts", log: Log::Alerts(py.detach(|| Kept::open(store.0.clone()))?) })
}

pub(crate) fn proposals(py: Python<'_>, store: &Store) -> Result<KeptLog> {
    Ok(KeptLog { name: "proposals", log: Log::Proposals(py.detach(|| Kept::open(store.0.clone()))?) })
}

pub(crate) fn sops(py: Python<'_>, store: &Store) -> Result<KeptLog> {
    Ok(KeptLog { name: "sops", log: Log::Sops(py.detach(|| Kept::open(store.0.clone()))?) })
}

#[pymethods]
impl KeptLog {
    /// Name of the log: `coaching`, `alerts`, `proposals` or `sops`.
    #[getter]
    fn name(&self) -> &'static str {
        self.name
    }

    /// What the log adds up to: a `CoachingLog`, `AlertLog`, `ProposalBook` or `SopArchive`.
    #[getter]
    fn state(&self, py: Python<'_>) -> Result<Py<PyAny>> {
        each!(&self.log, kept => Ok(py.detach(|| kept.state())?.shown(py)?))
    }

    /// What its first entries added up to: so it stood then.
    fn state_after(&self, py: Python<'_>, entries: u64) -> Result<Py<PyAny>> {
        each!(&self.log, kept => Ok(py.detach(|| kept.state_after(entries))?.shown(py)?))
    }

    /// Adds an event, or a list of events of which all are added or none; gives the state they lead to.
    #[pyo3(signature = (events, *, at=None))]
    fn add(&self, py: Python<'_>, events: &Bound<'_, PyAny>, at: Option<&Bound<'_, PyAny>>) -> Result<Py<PyAny>> {
        let at = moment(at)?;
        let events: Value = from_py::read(events).map_err(|error| argument("events", error.to_string(), ""))?;
        each!(&self.log, kept => add(py, kept, events, at))
    }

    /// Keeps what is new in a `ProposalBook`, or in the `History` of an SOP (under `name`; that of the SOP where nothing is
    /// said). What is kept is never rewritten: a book or history that does not go on from it is refused.
    #[pyo3(signature = (thing, *, name=None, at=None))]
    fn save(&self, py: Python<'_>, thing: &Bound<'_, PyAny>, name: Option<&str>, at: Option<&Bound<'_, PyAny>>) -> Result<Py<PyAny>> {
        let at = moment(at)?;
        match &self.log {
            Log::Proposals(kept) => {
                let book = thing.cast::<ProposalBook>().map_err(|_| argument("thing", "expected a ProposalBook", ""))?.borrow().0.clone();
                Ok(py.detach(|| kept.add(at, &book.since(&kept.state()?)?))?.shown(py)?)
            }
            Log::Sops(kept) => {
                let history = thing.cast::<History>().map_err(|_| argument("thing", "expected a History", ""))?.borrow().0.clone();
                let name = name.unwrap_or_else(|| history.head().name()).to_owned();
                Ok(py.detach(|| kept.add(at, &kept.state()?.since(&name, &history)?))?.shown(py)?)
            }
            _ => Err(argument("thing", format!("`{}` is made of events", self.name), "give them to `add`")),
        }
    }

    /// The entries from a number on: dicts of `number`, `at` (milliseconds since 1970) and `record`.
    #[pyo3(signature = (start=0))]
    fn history<'py>(&self, py: Python<'py>, start: u64) -> Result<Bound<'py, PyAny>> {
        let entries = each!(&self.log, kept => py.detach(|| history(kept, start)))?;
        Ok(pythonize(py, &entries)?)
    }

    fn __len__(&self, py: Python<'_>) -> Result<usize> {
        each!(&self.log, kept => Ok(py.detach(|| kept.len())?  as usize))
    }

    fn __repr__(&self, py: Python<'_>) -> Result<String> {
        Ok(format!("KeptLog({}, {} entries)", self.name, self.__len__(py)?))
    }

    fn _repr_html_(&self, py: Python<'_>) -> Result<String> {
        each!(&self.log, kept => Ok(with_table(&self.__repr__(py)?, &py.detach(|| kept.state())?.table())))
    }
}

/// The SOPs of a company with their versions. `store.sops()` keeps it.
///
/// >>> import tempfile, os
/// >>> store = Store.open(os.path.join(tempfile.mkdtemp(), "team.goldpath"))
/// >>> history = History(example_sop, date="2026-01-01", reason="first")
/// >>> archive = store.sops().save(history, at=0)
/// >>> archive
/// SopArchive(1 SOPs, 1 versions)
/// >>> archive.history("demo") == history
/// True
/// >>> store.close()
#[pyclass(frozen, eq, module = "goldpath")]
#[derive(PartialEq)]
pub(crate) struct SopArchive(goldpath::improve::SopArchive);

#[pymethods]
impl SopArchive {
    /// Names of the SOPs, in the order in which they began.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.0.histories.keys().cloned().collect()
    }

    /// The versions of an SOP, to be gone on with.
    fn history(&self, name: &str) -> Result<History> {
        Ok(History(self.0.history(name)?.clone()))
    }

    /// The SOPs, a row each.
    #[getter]
    fn table(&self) -> Table {
        self.0.table().into()
    }

    fn __len__(&self) -> usize {
        self.0.histories.len()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        with_table(&self.0, &self.0.table())
    }
}
