//! Errors of the core as the `GoldpathError` of the JavaScript facade, with the stable `code` of the core.
//!
//! The facade (index.js) owns the class and gives `onError` a function that makes one. An error made here is a real
//! JavaScript object that `napi::Error` only carries, so it arrives unchanged by `throw` and by rejection alike.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use goldpath::Fault;
use napi::bindgen_prelude::{FnArgs, Function, FunctionRef, Unknown};
use napi::{Env, Error, Result, Status};
use napi_derive::napi;

type Make = FunctionRef<FnArgs<(String, String, String)>, Unknown<'static>>;

thread_local! {
    // One per JavaScript thread: a worker loads the facade, and has its class, for itself.
    static MAKE: RefCell<Option<(Env, Make)>> = const { RefCell::new(None) };
}

/// Tells the addon how to make an error; called once by the facade.
#[napi(catch_unwind, skip_typescript)]
pub fn on_error(env: Env, make: Function<'_, FnArgs<(String, String, String)>, Unknown<'static>>) -> Result<()> {
    let make = make.create_ref()?;
    MAKE.with_borrow_mut(|slot| *slot = Some((env, make)));
    Ok(())
}

/// A failure as data: it becomes a JavaScript error where there is a JavaScript thread.
pub struct Failure {
    code: &'static str,
    message: String,
    faults: Vec<Fault>,
}

impl Failure {
    /// An argument that makes no sense.
    pub(crate) fn argument(name: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        goldpath::Error::Argument(Box::new(Fault::new("argument.invalid", message).at_place(name).help(help))).into()
    }

    /// Runs work of the core; a panic becomes a failure and never ends the process.
    pub(crate) fn catch<T>(work: impl FnOnce() -> goldpath::Result<T>) -> std::result::Result<T, Self> {
        let panicked = |panic: Box<dyn std::any::Any + Send>| {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let message = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned());
            Self { code: "internal", message, faults: Vec::new() }
        };
        catch_unwind(AssertUnwindSafe(work)).map_err(panicked)?.map_err(Self::from)
    }
}

/// Calls the core on the JavaScript thread.
pub(crate) fn call<T>(work: impl FnOnce() -> goldpath::Result<T>) -> Result<T> {
    Ok(Failure::catch(work)?)
}

impl From<goldpath::Error> for Failure {
    fn from(error: goldpath::Error) -> Self {
        Self { code: error.code(), message: error.to_string(), faults: error.faults().to_vec() }
    }
}

impl From<Failure> for Error {
    /// Call it on a JavaScript thread: in a `#[napi]` function, or in `Task::resolve` (never in `compute`).
    fn from(failure: Failure) -> Self {
        MAKE.with_borrow(|slot| {
            let Some((env, make)) = slot else {
                return Self::new(Status::GenericFailure, failure.message);
            };
            let faults = serde_json::to_string(&failure.faults).unwrap_or_default();
            make.borrow_back(env).and_then(|make| make.call((failure.code.to_owned(), failure.message, faults).into())).map_or_else(|fault| fault, Self::from)
        })
    }
}
