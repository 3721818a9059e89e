//! Long work: the GIL is released, progress is reported, Ctrl-C cancels.
//!
//! The work runs on a thread of its own. The calling thread looks at it twenty times a second, lets Python handle
//! signals (only the main thread may) and calls `progress`; an exception from either cancels the work and is raised.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use goldpath::progress::{Progress, Update};
use pyo3::prelude::*;

use crate::errors::{Failure, Result};

const GLANCE: Duration = Duration::from_millis(50);

/// What is still to be told to `progress`: the latest figures of each stage.
#[derive(Default)]
struct News(Mutex<Vec<(String, u64, u64)>>);

impl News {
    fn hear(&self, update: Update<'_>) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match list.last_mut().filter(|(stage, _, _)| stage == update.stage) {
            // Threads may report out of order.
            Some((_, done, total)) => (*done, *total) = (update.done.max(*done), update.total),
            None => list.push((update.stage.to_owned(), update.done, update.total)),
        }
    }

    fn tell(&self, progress: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let list = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(progress) = progress else { return Ok(()) };
        list.into_iter().try_for_each(|news| progress.call1(news).map(drop))
    }
}

/// Runs `work` off the GIL, reports progress and lets signals cancel it.
pub(crate) fn run<T: Send>(py: Python<'_>, progress: Option<&Bound<'_, PyAny>>, work: impl FnOnce(&Progress<'_>) -> Result<T> + Send) -> Result<T> {
    let (news, cancel) = (News::default(), AtomicBool::new(false));
    let listener = |update: Update<'_>| {
        news.hear(update);
        true
    };
    thread::scope(|scope| {
        let (sender, mut receiver) = channel();
        let control = Progress::new(&listener).with_cancel(&cancel);
        let worker = scope.spawn(move || {
            let result = work(&control);
            // The receiver waits until here, whatever happened to it.
            let _ = sender.send(());
            result
        });
        let mut raised = None;
        loop {
            let (state, back) = py.detach(move || (receiver.recv_timeout(GLANCE), receiver));
            receiver = back;
            if raised.is_none()
                && let Err(exception) = py.check_signals().and_then(|()| news.tell(progress))
            {
                cancel.store(true, Relaxed);
                raised = Some(exception);
            }
            if state != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
        let result = py.detach(|| worker.join()).unwrap_or_else(|panic| Err(Failure::Panic(message(panic.as_ref()))));
        raised.map_or(result, |exception| Err(exception.into()))
    })
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a fault of goldpath itself, please report it: {}", text.unwrap_or("no message"))
}

/// Panics inside long work, for the test that a panic becomes an exception.
#[pyfunction]
pub(crate) fn _panic(py: Python<'_>) -> Result<()> {
    run(py, None, |_| panic!("on purpose"))
}
