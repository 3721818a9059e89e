//! One file that remembers: logs of typed records that are only ever added to.
//!
//! In: records of the rooms above, each a type that implements [`Record`] (clips, SOP versions, the training loop). Out:
//! the same records in their order. What is appended is on the disk when the call returns: a process that is killed loses
//! nothing it was told is kept. State is never stored: it is what the records, read in order, add up to.
//!
//! One process opens the file; in it, any number of threads read while one writes. A second process gets the error
//! `store.in_use`. Each entry carries a hash over itself and all before it, so that [`Store::verify`] finds what was
//! changed from outside.
//!
//! ```
//! use goldpath::store::{Record, Store};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, Debug, PartialEq)]
//! struct Note { text: String }
//! impl Record for Note {
//!     const LOG: &'static str = "notes";
//!     const VERSION: u32 = 1;
//! }
//!
//! let folder = std::env::temp_dir().join(format!("goldpath-doc-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! let store = Store::open(folder.join("team.goldpath"))?;
//! store.append(1_772_000_000_000, &Note { text: "先问预算".into() })?;
//! let entries = store.entries::<Note>(0)?;
//! assert_eq!((entries[0].number, entries[0].record.text.as_str()), (0, "先问预算"));
//! # drop(store);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod entry;
mod faults;
mod kept;
mod make;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

pub use entry::{Entry, Record};
pub use kept::{Fold, Kept};
use redb::{Database, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition, TableHandle};

use crate::error::{Error, Result};
use crate::table::{Column, Table};
use entry::{CHAIN, Written};
use faults::Failed;

/// Largest entry, in bytes of its JSON.
pub const MOST_BYTES: usize = 64 << 20;
/// Version of the file: what is in it besides the records.
const FORMAT: u64 = 1;
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("goldpath");
/// Memory the file may be held in.
const CACHE: usize = 64 << 20;
/// The first bytes of every file of the database.
const MAGIC: &[u8] = b"redb\x1a\n\xa9\r\n";

/// One file of logs. Cheap to clone; all clones are one store.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    path: PathBuf,
    /// `None` once it is closed.
    database: RwLock<Option<Database>>,
}

impl Inner {
    /// The database writes once more as it goes, and panics where its file was changed meanwhile: what was appended is kept
    /// all the same, and there is nobody to tell.
    fn close(&self) {
        let database = self.database.write().unwrap_or_else(PoisonError::into_inner).take();
        let _ = Failed(&self.path).guard(|| {
            drop(database);
            Ok(())
        });
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

impl Store {
    /// Opens a store, and makes it where there is none.
    ///
    /// # Errors
    /// [`Error::Store`] with `store.in_use` where another process (or this one) has it open, `store.not_a_store` where the
    /// file is something else, `store.damaged` where it is cut off or was changed, `store.newer` where a later version of
    /// the library wrote it; [`Error::Io`] where the file cannot be reached.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        faults::is_store(path, MAGIC)?;
        make::make(path)?;
        let failed = Failed(path);
        let database = failed.guard(|| Database::builder().set_cache_size(CACHE).create(path).map_err(|e| failed.opening(e)))?;
        let store = Self(Arc::new(Inner { path: path.to_owned(), database: RwLock::new(Some(database)) }));
        store.check_pages()?;
        store.settle_format()?;
        Ok(store)
    }

    /// Holds every page against its checksum before anything is written: writing among pages that were changed from outside,
    /// the database may panic a second time while it unwinds, and that ends the process, which no guard can help.
    fn check_pages(&self) -> Result<()> {
        let failed = self.failed();
        let mut open = self.0.database.write().unwrap_or_else(PoisonError::into_inner);
        let database = open.as_mut().ok_or_else(|| failed.closed("the store was closed"))?;
        let sound = failed.guard(|| database.check_integrity().map_err(|e| failed.opening(e)))?;
        if sound { Ok(()) } else { Err(failed.damaged("some of its pages were changed")) }
    }

    fn settle_format(&self) -> Result<()> {
        self.with(|failed, database| {
            let write = failed.of(database.begin_write())?;
            let others = failed.of(write.list_tables())?.any(|table| table.name() != META.name());
            {
                let mut meta = failed.of(write.open_table(META))?;
                let found = failed.of(meta.get("format"))?.map(|value| value.value());
                match found {
                    Some(FORMAT) => return Ok(()),
                    Some(newer) => return Err(failed.newer(newer, FORMAT)),
                    None if others => return Err(failed.foreign()),
                    None => drop(failed.of(meta.insert("format", FORMAT))?),
                }
            }
            failed.of(write.commit())
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Adds one record, made at `at` (milliseconds since 1970, UTC); gives its number, from 0. It is on the disk when this
    /// returns.
    ///
    /// # Errors
    /// [`Error::Store`] if it cannot be written; then nothing was added.
    pub fn append<R: Record>(&self, at: i64, record: &R) -> Result<u64> {
        Ok(self.append_all(std::iter::once((at, record)))?.start)
    }

    /// Adds records together: all of them, or none.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn append_all<'r, R: Record + 'r>(&self, records: impl IntoIterator<Item = (i64, &'r R)>) -> Result<Range<u64>> {
        Ok(self.append_where(|_| true, records)?.unwrap_or_default())
    }

    /// Adds records together if the next number of the log is this one; `None`, and nothing is added, where others were added
    /// in the meantime.
    pub(super) fn append_at<'r, R: Record + 'r>(&self, next: u64, records: impl IntoIterator<Item = (i64, &'r R)>) -> Result<Option<Range<u64>>> {
        self.append_where(|first| first == next, records)
    }

    fn append_where<'r, R: Record + 'r>(&self, fits: impl FnOnce(u64) -> bool, records: impl IntoIterator<Item = (i64, &'r R)>) -> Result<Option<Range<u64>>> {
        self.with(|failed, database| {
            let write = failed.of(database.begin_write())?;
            let range = {
                let mut table = failed.of(write.open_table(table::<R>()))?;
                let last = failed.of(table.last())?.map(|(number, value)| (number.value(), value.value().to_vec()));
                let mut chain = last.as_ref().map_or(Ok(CHAIN), |(number, bytes)| failed.chain(R::LOG, *number, bytes))?;
                let first = last.map_or(0, |(number, _)| number + 1);
                if !fits(first) {
                    return Ok(None);
                }
                let mut next = first;
                for (at, record) in records {
                    let bytes = Written::bytes(&mut chain, at, record)?;
                    if bytes.len() > MOST_BYTES {
                        return Err(failed.too_large(R::LOG, bytes.len(), MOST_BYTES));
                    }
                    failed.of(table.insert(next, bytes.as_slice()))?;
                    next += 1;
                }
                first..next
            };
            failed.of(write.commit())?;
            Ok(Some(range))
        })
    }

    /// The records of a log from a number on, in their order.
    ///
    /// # Errors
    /// [`Error::Store`] with `store.record` for an entry that is not such a record, `store.newer_record` for one that a later
    /// version wrote.
    pub fn entries<R: Record>(&self, from: u64) -> Result<Vec<Entry<R>>> {
        self.walk(R::LOG, from, |number, bytes| Entry::read(number, bytes).map_err(|e| self.failed().record(R::LOG, number, &e)))
    }

    /// Number of records of a log.
    ///
    /// # Errors
    /// As [`Store::entries`].
    pub fn count<R: Record>(&self) -> Result<u64> {
        self.length(R::LOG)
    }

    fn length(&self, log: &str) -> Result<u64> {
        self.with(|failed, database| {
            let read = failed.of(database.begin_read())?;
            match read.open_table(TableDefinition::<u64, &[u8]>::new(log)) {
                Ok(table) => failed.of(table.len()),
                Err(redb::TableError::TableDoesNotExist(_)) => Ok(0),
                Err(error) => failed.of(Err(error)),
            }
        })
    }

    /// The logs with their number of entries, a row each, sorted by name.
    ///
    /// # Errors
    /// [`Error::Store`] if the file cannot be read.
    pub fn table(&self) -> Result<Table> {
        let logs = self.logs()?;
        let entries = logs.iter().map(|log| Ok(Some(self.length(log)? as i64))).collect::<Result<Vec<_>>>()?;
        let mut table = Table::new("store");
        table.push("log", Column::Text(logs.iter().map(|log| Some(log.as_str().into())).collect()));
        table.push("entries", Column::Int(entries));
        Ok(table)
    }

    /// Names of the logs, sorted.
    ///
    /// # Errors
    /// [`Error::Store`] if the file cannot be read.
    pub fn logs(&self) -> Result<Vec<String>> {
        self.with(|failed, database| {
            let read = failed.of(database.begin_read())?;
            let mut names: Vec<String> = failed.of(read.list_tables())?.map(|table| table.name().to_owned()).filter(|name| name != META.name()).collect();
            names.sort();
            Ok(names)
        })
    }

    /// Reads every entry of every log and holds it against its hash.
    ///
    /// # Errors
    /// [`Error::Store`] with `store.changed` naming the log and number of the first entry that is not what was written.
    pub fn verify(&self) -> Result<()> {
        for log in self.logs()? {
            let mut chain = CHAIN;
            self.walk(&log, 0, |number, bytes| chain.goes_on_with(bytes).map_err(|e| self.failed().changed(&log, number, &e)))?;
        }
        Ok(())
    }

    /// A log as JSON lines: `number`, `at`, `version`, `data`. For a copy in a form that any program reads.
    ///
    /// # Errors
    /// [`Error::Store`] if the file cannot be read or there is no such log.
    pub fn export(&self, log: &str) -> Result<String> {
        if !self.logs()?.iter().any(|name| name == log) {
            return Err(Error::argument("log", format!("there is no log `{}`", crate::text::short(log, 40)), "`logs` lists them"));
        }
        let lines = self.walk(log, 0, |number, bytes| Written::line(number, bytes).map_err(|e| self.failed().record(log, number, &e)))?;
        Ok(lines.concat())
    }

    fn walk<T>(&self, log: &str, from: u64, mut each: impl FnMut(u64, &[u8]) -> Result<T>) -> Result<Vec<T>> {
        self.with(|failed, database| {
            let read = failed.of(database.begin_read())?;
            let table = match read.open_table(TableDefinition::<u64, &[u8]>::new(log)) {
                Ok(table) => table,
                Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
                Err(error) => return failed.of(Err(error)),
            };
            let mut found = Vec::new();
            for entry in failed.of(table.range(from..))? {
                let (number, bytes) = failed.of(entry)?;
                found.push(each(number.value(), bytes.value())?);
            }
            Ok(found)
        })
    }

    /// Closes the file for all clones of this store; what they are asked afterwards is the error `store.closed`. Happens by
    /// itself when the last clone goes.
    pub fn close(&self) {
        self.0.close();
    }

    fn with<T>(&self, work: impl FnOnce(Failed<'_>, &Database) -> Result<T>) -> Result<T> {
        let failed = self.failed();
        let open = self.0.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = open.as_ref().ok_or_else(|| failed.closed("the store was closed"))?;
        failed.guard(|| work(failed, database))
    }

    pub(super) fn refused(&self, log: &str, number: u64, error: &Error) -> Error {
        self.failed().refused(log, number, error)
    }

    fn failed(&self) -> Failed<'_> {
        Failed(&self.0.path)
    }
}

fn table<R: Record>() -> TableDefinition<'static, u64, &'static [u8]> {
    TableDefinition::new(R::LOG)
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.0.path.display())
    }
}

#[cfg(test)]
mod tests;
