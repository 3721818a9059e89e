//! Long work: it runs on libuv's pool, reports progress, and stops when its `AbortSignal` says so.
//!
//! napi's own `AbortSignal` can only take back work that has not begun and overwrites `signal.onabort`; so the signal is
//! listened to here and sets the flag the core looks at. The facade rejects the promise with the reason of the signal.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use goldpath::progress::{Progress, Update};
use napi::bindgen_prelude::{AsyncTask, FnArgs, Function, FunctionRef, JsObjectValue, Object, ObjectRef, ToNapiValue, TypeName, Unknown};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Error, Result, Status, Task};
use napi_derive::napi;

use crate::errors::Failure;

/// How far long work has come.
#[napi(object, object_from_js = false)]
pub struct ProgressUpdate {
    /// What is being done, such as `read` or `check`.
    pub stage: String,
    /// How much of it is done.
    pub done: f64,
    /// How much there is; 0 where that is not known.
    pub total: f64,
}

/// Options of long work.
#[napi(object, object_to_js = false)]
pub struct WorkOptions<'env> {
    /// Stops the work; the promise is then rejected with the reason of the signal.
    #[napi(ts_type = "AbortSignal")]
    pub signal: Option<Object<'env>>,
    /// Called now and then with how far the work has come.
    #[napi(ts_type = "(update: ProgressUpdate) => void")]
    pub on_progress: Option<Function<'env, ProgressUpdate, Unknown<'static>>>,
}

type Report = ThreadsafeFunction<ProgressUpdate, Unknown<'static>, ProgressUpdate, Status, false, true>;

/// The function of the caller that is told of progress.
pub(crate) type OnProgress<'env> = Option<Function<'env, ProgressUpdate, Unknown<'static>>>;

/// What both threads know of the work: whether to stop, and what was last reported.
#[derive(Default)]
struct Control {
    cancelled: AtomicBool,
    last: Mutex<(String, u64)>,
    report: Option<Report>,
}

impl Control {
    /// Reports at most a hundred times a stage, so that the queue of the event loop stays short.
    fn tell(&self, update: Update<'_>) -> bool {
        let Some(report) = &self.report else { return true };
        let reached = (update.done * 100).checked_div(update.total).unwrap_or(update.done);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.0 != update.stage || reached > last.1 {
            *last = (update.stage.to_owned(), reached);
            let update = ProgressUpdate { stage: update.stage.to_owned(), done: update.done as f64, total: update.total as f64 };
            report.call(update, ThreadsafeFunctionCallMode::NonBlocking);
        }
        true
    }
}

type Job<T> = Box<dyn FnOnce(&Progress<'_>) -> goldpath::Result<T> + Send>;

/// Work of the core as a promise. Its failure stays data until `resolve`, the first place on the JavaScript thread.
pub struct Work<T> {
    job: Option<Job<T>>,
    control: Arc<Control>,
    signal: Option<Listening>,
}

struct Listening {
    signal: ObjectRef,
    listener: FunctionRef<(), ()>,
}

/// What becomes a promise. (Not an alias with the `Result` in it: napi's macro must see that to throw.)
pub(crate) type Later<T> = AsyncTask<Work<T>>;

/// Makes the promise: `job` is the work, off the event loop.
pub(crate) fn start<T: ToNapiValue + TypeName + Send + 'static>(
    env: Env,
    signal: Option<Object<'_>>,
    on_progress: OnProgress<'_>,
    job: impl FnOnce(&Progress<'_>) -> goldpath::Result<T> + Send + 'static,
) -> Result<Later<T>> {
    let report = on_progress.map(|function| function.build_threadsafe_function().callee_handled::<false>().weak::<true>().build()).transpose()?;
    let control = Arc::new(Control { report, ..Control::default() });
    let signal = signal.map(|signal| listen(env, signal, &control)).transpose()?;
    Ok(AsyncTask::new(Work { job: Some(Box::new(job)), control, signal }))
}

/// `addEventListener` or `removeEventListener`.
type Listen<'env> = Function<'env, FnArgs<(String, Function<'env, (), ()>)>, Unknown<'static>>;

fn listen(env: Env, signal: Object<'_>, control: &Arc<Control>) -> Result<Listening> {
    if signal.get_named_property::<bool>("aborted")? {
        control.cancelled.store(true, Relaxed);
    }
    let flag = Arc::clone(control);
    let listener = env.create_function_from_closure::<(), (), _>("onAbort", move |_| {
        flag.cancelled.store(true, Relaxed);
        Ok(())
    })?;
    let add: Listen<'_> = signal.get_named_property("addEventListener")?;
    add.apply(signal, ("abort".to_owned(), listener).into())?;
    Ok(Listening { signal: signal.create_ref()?, listener: listener.create_ref()? })
}

impl<T: ToNapiValue + TypeName + Send + 'static> Task for Work<T> {
    type Output = std::result::Result<T, Failure>;
    type JsValue = T;

    fn compute(&mut self) -> Result<Self::Output> {
        let job = self.job.take().ok_or_else(|| Error::new(Status::GenericFailure, "the work has run"))?;
        let control = &*self.control;
        let tell = |update: Update<'_>| control.tell(update);
        let progress = Progress::new(&tell).with_cancel(&control.cancelled);
        // napi does not catch a panic here; it would end the process.
        Ok(Failure::catch(|| if control.cancelled.load(Relaxed) { Err(goldpath::Error::Cancelled) } else { job(&progress) }))
    }

    fn resolve(&mut self, _: Env, output: Self::Output) -> Result<T> {
        Ok(output?)
    }

    fn finally(self, env: Env) -> Result<()> {
        let Some(listening) = self.signal else {
            return Ok(());
        };
        let signal = listening.signal.get_value(&env)?;
        let remove: Listen<'_> = signal.get_named_property("removeEventListener")?;
        let listener = listening.listener.borrow_back(&env)?;
        remove.apply(signal, ("abort".to_owned(), listener).into())?;
        listening.signal.unref(&env)
    }
}

/// Panics, for the test that a panic becomes an error: at once, or inside long work.
#[napi(catch_unwind, skip_typescript, js_name = "_panic")]
pub fn panic_on_purpose(env: Env, later: bool) -> Result<Later<bool>> {
    assert!(later, "on purpose");
    start(env, None, None, |_| panic!("on purpose"))
}
