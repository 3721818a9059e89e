//! Long work: the GIL is released, progress is reported, Ctrl-C cancels.
//!
//! The work runs on a thread of its own. The calling thread looks at it twenty times a second, lets Python handle
//! signals (only the main thread may) and calls `progress`; an exception from either cancels the work and is raised.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;

use crate::errors::Failure;

const GLANCE: Duration = Duration::from_millis(50);

/// Stand-in for the core's handle on long work: how far it is, and whether to stop.
#[derive(Default)]
pub(crate) struct Control {
    done: AtomicU64,
    total: AtomicU64,
    cancelled: AtomicBool,
}

/// Runs `work` off the GIL, reports progress and lets signals cancel it.
pub(crate) fn run<T: Send>(py: Python<'_>, progress: Option<&Bound<'_, PyAny>>, work: impl FnOnce(&Control) -> Result<T, Failure> + Send) -> PyResult<T> {
    let control = Control::default();
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        let control = &control;
        let worker = scope.spawn(move || {
            let result = work(control);
            // The receiver waits until here, whatever happened to it.
            let _ = sender.send(());
            result
        });
        let mut receiver = receiver;
        let mut raised = None;
        loop {
            let (state, back) = py.detach(move || (receiver.recv_timeout(GLANCE), receiver));
            receiver = back;
            if state != Err(RecvTimeoutError::Timeout) {
                break;
            }
            if raised.is_none()
                && let Err(exception) = attend(py, progress, control)
            {
                control.cancelled.store(true, Relaxed);
                raised = Some(exception);
            }
        }
        // A panic of the work goes on here and becomes pyo3's PanicException.
        let result = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        match raised {
            Some(exception) => Err(exception),
            None => Ok(result?),
        }
    })
}

fn attend(py: Python<'_>, progress: Option<&Bound<'_, PyAny>>, control: &Control) -> PyResult<()> {
    py.check_signals()?;
    if let Some(report) = progress {
        report.call1((control.done.load(Relaxed), control.total.load(Relaxed)))?;
    }
    Ok(())
}

/// Sleeps `steps` times 10 ms (for the tests of the skeleton).
#[pyfunction]
#[pyo3(signature = (steps, *, progress=None))]
pub(crate) fn long_work(py: Python<'_>, steps: u64, progress: Option<&Bound<'_, PyAny>>) -> PyResult<u64> {
    run(py, progress, |control| {
        control.total.store(steps, Relaxed);
        for step in 0..steps {
            if control.cancelled.load(Relaxed) {
                return Err(Failure::new("cancelled", "cancelled"));
            }
            thread::sleep(Duration::from_millis(10));
            control.done.store(step + 1, Relaxed);
        }
        Ok(steps)
    })
}
