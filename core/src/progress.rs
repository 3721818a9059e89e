//! Progress of long work, and the wish to stop it.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// What a caller is told while long work runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Update<'a> {
    /// What is being done, such as `read` or `check`.
    pub stage: &'a str,
    /// How much of it is done.
    pub done: u64,
    /// How much there is; 0 where that is not known.
    pub total: u64,
}

type Listener<'a> = dyn Fn(Update<'_>) -> bool + Sync + 'a;

/// Tells a listener how far long work has come, and stops the work when the listener or a flag says so.
///
/// ```
/// use goldpath::progress::Progress;
/// let progress = Progress::new(&|update: goldpath::progress::Update| update.done < 10);
/// assert!(progress.step("count", 9, 20).is_ok());
/// assert_eq!(progress.step("count", 10, 20).unwrap_err().code(), "cancelled");
/// ```
#[derive(Clone, Copy, Default)]
pub struct Progress<'a> {
    listener: Option<&'a Listener<'a>>,
    cancel: Option<&'a AtomicBool>,
}

impl<'a> Progress<'a> {
    /// Tells nobody and never stops.
    pub fn none() -> Self {
        Self::default()
    }

    /// Tells a listener, which returns whether to go on.
    pub fn new(listener: &'a (impl Fn(Update<'_>) -> bool + Sync + 'a)) -> Self {
        Self { listener: Some(listener), cancel: None }
    }

    /// Also stops as soon as the flag is set.
    #[must_use]
    pub fn with_cancel(self, flag: &'a AtomicBool) -> Self {
        Self { cancel: Some(flag), ..self }
    }

    /// Reports how far a stage has come.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the work is to stop.
    pub fn step(&self, stage: &str, done: u64, total: u64) -> Result<()> {
        let stopped = self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed));
        let go_on = !stopped && self.listener.is_none_or(|listen| listen(Update { stage, done, total }));
        if go_on { Ok(()) } else { Err(Error::Cancelled) }
    }
}
