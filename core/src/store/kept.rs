//! What a log adds up to, kept beside it: a state that only changes by records that are on the disk.

use std::sync::{PoisonError, RwLock};

use super::{Entry, Record, Store};
use crate::error::{Error, Fault, Result};

/// A state that records add up to: the same records in the same order give the same state.
pub trait Fold: Default + Clone {
    /// What it is made of.
    type Event: Record + Clone;

    /// Takes in one record; the state does not change where it is refused.
    ///
    /// # Errors
    /// What does not follow from the state.
    fn take(&mut self, event: &Self::Event) -> Result<()>;
}

/// A state in a store. Any number of these may stand on one store, in many threads: each adds only what follows from all that
/// the others added before.
///
/// ```
/// use goldpath::coaching::{CoachingEvent, CoachingLog, Stage, from_value};
/// use goldpath::store::{Kept, Store};
/// let folder = std::env::temp_dir().join(format!("goldpath-kept-{}", std::process::id()));
/// std::fs::create_dir_all(&folder)?;
/// let kept: Kept<CoachingLog> = Kept::open(Store::open(folder.join("team.goldpath"))?)?;
/// let event: CoachingEvent = from_value("event", serde_json::json!(
///     {"at": "2026-03-02", "event": "assigned", "rep": "安", "skill": "step:need", "due": "2026-03-20"}))?;
/// let log = kept.add(1_772_000_000_000, &[event])?;
/// assert_eq!(log.track("安", "step:need").map(|track| track.stage), Some(Stage::Assigned));
/// assert_eq!(kept.state_after(0)?, CoachingLog::default());
/// # drop(kept);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Kept<S: Fold> {
    store: Store,
    /// The state, and how many entries it is made of.
    now: RwLock<(S, u64)>,
}

impl<S: Fold> Kept<S> {
    /// The state that a store's log adds up to.
    ///
    /// # Errors
    /// [`Error::Store`] if the log cannot be read; `store.refused` for an entry that does not follow from those before it.
    pub fn open(store: Store) -> Result<Self> {
        let kept = Self { store, now: RwLock::new((S::default(), 0)) };
        kept.state()?;
        Ok(kept)
    }

    /// The store it is kept in.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The state as it stands.
    ///
    /// # Errors
    /// As [`Kept::open`].
    pub fn state(&self) -> Result<S> {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        self.catch_up(&mut now)?;
        Ok(now.0.clone())
    }

    /// The state that the first entries gave: so it stood then.
    ///
    /// # Errors
    /// As [`Kept::open`].
    pub fn state_after(&self, entries: u64) -> Result<S> {
        let mut then = (S::default(), 0);
        let taken = self.history(0)?;
        self.take_all(&mut then, taken.iter().take_while(|entry| entry.number < entries))?;
        Ok(then.0)
    }

    /// Adds records made at `at` (milliseconds since 1970, UTC), all or none, and gives the state they lead to. They are on the
    /// disk when this returns.
    ///
    /// # Errors
    /// What the state refuses, with the number of the record where there are several; [`Error::Store`] if it cannot be written.
    pub fn add(&self, at: i64, events: &[S::Event]) -> Result<S> {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        loop {
            self.catch_up(&mut now)?;
            let mut next = now.0.clone();
            for (number, event) in events.iter().enumerate() {
                next.take(event).map_err(|error| if events.len() == 1 { error } else { placed(error, number) })?;
            }
            if events.is_empty() {
                return Ok(next);
            }
            if self.store.append_at(now.1, events.iter().map(|event| (at, event)))?.is_some() {
                // What is read back is what a replay gives, to the last digit.
                self.catch_up(&mut now)?;
                return Ok(now.0.clone());
            }
        }
    }

    /// The records from a number on, in their order.
    ///
    /// # Errors
    /// [`Error::Store`] if they cannot be read.
    pub fn history(&self, from: u64) -> Result<Vec<Entry<S::Event>>> {
        self.store.entries(from)
    }

    /// Number of records.
    ///
    /// # Errors
    /// [`Error::Store`] if they cannot be read.
    pub fn len(&self) -> Result<u64> {
        self.store.count::<S::Event>()
    }

    /// Whether there are none.
    ///
    /// # Errors
    /// As [`Kept::len`].
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Takes in what was added since by others.
    fn catch_up(&self, now: &mut (S, u64)) -> Result<()> {
        let new = self.history(now.1)?;
        self.take_all(now, &new)
    }

    fn take_all<'e>(&self, now: &mut (S, u64), entries: impl IntoIterator<Item = &'e Entry<S::Event>>) -> Result<()>
    where
        S::Event: 'e,
    {
        for entry in entries {
            now.0.take(&entry.record).map_err(|error| self.store.refused(S::Event::LOG, entry.number, &error))?;
            now.1 = entry.number + 1;
        }
        Ok(())
    }
}

impl<S: Fold> std::fmt::Debug for Kept<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let entries = self.now.read().unwrap_or_else(PoisonError::into_inner).1;
        write!(f, "Kept({} of {} entries)", S::Event::LOG, entries)
    }
}

/// An error of one of several records, with its number.
fn placed(error: Error, number: usize) -> Error {
    let inside = |fault: Fault| Fault { place: Some(format!("events[{number}].{}", fault.place.as_deref().unwrap_or_default())), ..fault };
    match error {
        Error::Argument(fault) => Error::Argument(Box::new(inside(*fault))),
        Error::Patch(faults) => Error::Patch(faults.into_iter().map(inside).collect()),
        other => other,
    }
}
