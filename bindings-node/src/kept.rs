//! `KeptLog`: a log of a store and what it adds up to; `SopArchive`: the versions of all SOPs. What touches the disk is a promise.

use std::sync::Arc;

use goldpath::coaching::{self, from_value};
use goldpath::monitor;
use goldpath::store::{Fold, Kept};
use napi::bindgen_prelude::{ClassInstance, Either, Either4};
use napi::{Env, Result};
use napi_derive::napi;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::clips::now;
use crate::errors::call;
use crate::improve::ProposalBook;
use crate::methods::History;
use crate::model::json;
use crate::people::{AlertLog, CoachingLog};
use crate::table::Table;
use crate::work::{Later, start};

/// The states that a store keeps.
pub(crate) enum Log {
    Coaching(Kept<coaching::CoachingLog>),
    Alerts(Kept<monitor::AlertLog>),
    Proposals(Kept<goldpath::improve::ProposalBook>),
    Sops(Kept<goldpath::improve::SopArchive>),
}

/// A state as the class that shows it.
type State = Either4<CoachingLog, AlertLog, ProposalBook, SopArchive>;

/// The same done for each kind of log, the state put into its class.
macro_rules! each {
    ($log:expr, $kept:ident => $does:expr) => {
        match $log {
            Log::Coaching($kept) => $does.map(|state| Either4::A(CoachingLog(state))),
            Log::Alerts($kept) => $does.map(|state| Either4::B(AlertLog(state))),
            Log::Proposals($kept) => $does.map(|state| Either4::C(ProposalBook::of(state))),
            Log::Sops($kept) => $does.map(|state| Either4::D(SopArchive(state))),
        }
    };
}

fn add<S: Fold>(kept: &Kept<S>, events: Value, at: i64) -> goldpath::Result<S>
where
    S::Event: DeserializeOwned,
{
    let events: Vec<S::Event> = match events {
        Value::Array(_) => from_value("events", events)?,
        one => vec![from_value("event", one)?],
    };
    kept.add(at, &events)
}

fn history<S: Fold>(kept: &Kept<S>, from: u64) -> goldpath::Result<String>
where
    S::Event: Serialize,
{
    kept.history(from).map(|entries| json(&entries))
}

fn not_kept(name: &str) -> goldpath::Error {
    let fault = goldpath::Fault::new("argument.invalid", format!("`{name}` does not keep this")).at_place("thing");
    goldpath::Error::Argument(Box::new(fault.help("a ProposalBook in `proposals`, a History in `sops`, events by `add`")))
}

/// A log of a store and what its entries add up to. An entry that does not follow from those before it is refused, and nothing
/// is written; what was written is on the disk. Any number of these may be open on one store, in many threads.
#[napi]
pub struct KeptLog {
    name: &'static str,
    log: Arc<Log>,
}

impl KeptLog {
    pub(crate) fn of(name: &'static str, log: Log) -> Self {
        Self { name, log: Arc::new(log) }
    }
}

#[napi]
impl KeptLog {
    /// Name of the log: `coaching`, `alerts`, `proposals` or `sops`.
    #[napi(catch_unwind, getter)]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What the log adds up to.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<KeptState>")]
    pub fn state(&self, env: Env) -> Result<Later<State>> {
        let log = Arc::clone(&self.log);
        start(env, None, None, move |_| each!(&*log, kept => kept.state()))
    }

    /// What its first entries added up to: so it stood then.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<KeptState>")]
    pub fn state_after(&self, env: Env, entries: u32) -> Result<Later<State>> {
        let log = Arc::clone(&self.log);
        start(env, None, None, move |_| each!(&*log, kept => kept.state_after(u64::from(entries))))
    }

    /// Adds an event, or a list of events of which all are added or none; gives the state they lead to.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_args_type = "events: KeptEvent | Array<KeptEvent>, at?: number",
        ts_return_type = "Promise<KeptState>"
    )]
    pub fn add(&self, env: Env, events: String, at: Option<f64>) -> Result<Later<State>> {
        let (log, at) = (Arc::clone(&self.log), now(at));
        start(env, None, None, move |_| {
            let events: Value = serde_json::from_str(&events).unwrap_or_default();
            each!(&*log, kept => add(kept, events, at))
        })
    }

    /// Keeps what is new in a `ProposalBook`, or in the `History` of an SOP (under `name`; that of the SOP where nothing is
    /// said). What is kept is never rewritten: a book or history that does not go on from it is refused.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_args_type = "thing: ProposalBook | History, options?: { name?: string, at?: number }",
        ts_return_type = "Promise<KeptState>"
    )]
    pub fn save(
        &self,
        env: Env,
        thing: Either<ClassInstance<'_, ProposalBook>, ClassInstance<'_, History>>,
        options: Option<SaveOptions>,
    ) -> Result<Later<State>> {
        let (log, name, options) = (Arc::clone(&self.log), self.name, options.unwrap_or_default());
        let at = now(options.at);
        match thing {
            Either::A(book) => {
                let book = book.with(|book| book.clone());
                start(env, None, None, move |_| match &*log {
                    Log::Proposals(kept) => kept.add(at, &book.since(&kept.state()?)?).map(|state| Either4::C(ProposalBook::of(state))),
                    _ => Err(not_kept(name)),
                })
            }
            Either::B(history) => {
                let history = history.0.clone();
                let sop = options.name.unwrap_or_else(|| history.head().name().to_owned());
                start(env, None, None, move |_| match &*log {
                    Log::Sops(kept) => kept.add(at, &kept.state()?.since(&sop, &history)?).map(|state| Either4::D(SopArchive(state))),
                    _ => Err(not_kept(name)),
                })
            }
        }
    }

    /// The entries from a number on: their number, time (milliseconds since 1970) and record as it is written, which `add` takes.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Array<KeptEntry>>")]
    pub fn history(&self, env: Env, from: Option<u32>) -> Result<Later<String>> {
        let (log, from) = (Arc::clone(&self.log), u64::from(from.unwrap_or(0)));
        start(env, None, None, move |_| match &*log {
            Log::Coaching(kept) => history(kept, from),
            Log::Alerts(kept) => history(kept, from),
            Log::Proposals(kept) => history(kept, from),
            Log::Sops(kept) => history(kept, from),
        })
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        format!("KeptLog({})", self.name)
    }
}

/// How something is kept.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct SaveOptions {
    /// What the archive calls the SOP.
    pub name: Option<String>,
    /// Milliseconds since 1970; now where nothing is said.
    pub at: Option<f64>,
}

/// The SOPs of a company with their versions. `store.sops()` keeps it.
#[napi]
pub struct SopArchive(pub(crate) goldpath::improve::SopArchive);

#[napi]
impl SopArchive {
    /// Names of the SOPs, in the order in which they began.
    #[napi(catch_unwind, getter)]
    pub fn names(&self) -> Vec<String> {
        self.0.histories.keys().cloned().collect()
    }

    /// The versions of an SOP, to be gone on with.
    #[napi(catch_unwind)]
    pub fn history(&self, name: String) -> Result<History> {
        call(|| self.0.history(&name).map(|history| History(history.clone())))
    }

    /// The SOPs, a row each.
    #[napi(catch_unwind)]
    pub fn table(&self) -> Table {
        Table(self.0.table())
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}
