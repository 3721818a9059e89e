//! What can go wrong with the file, said so that the reader can mend it.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::entry::{Chain, Unread};
use crate::error::{Error, Fault, Result};

/// Faults of one file.
#[derive(Clone, Copy)]
pub(super) struct Failed<'a>(pub(super) &'a Path);

impl Failed<'_> {
    fn fault(self, code: &'static str, message: impl Into<String>, help: &str) -> Error {
        let mut fault = Fault::new(code, message).help(help);
        fault.source = Some(self.0.display().to_string());
        Error::Store(Box::new(fault))
    }

    /// Runs work on the file. The database checks what it reads as it goes, and on a file that was changed from outside some
    /// of these checks panic: to the caller that is one more way to find the file damaged.
    pub(super) fn guard<T>(self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(self.damaged("its pages do not fit together")))
    }

    pub(super) fn of<T, E: Into<redb::Error>>(self, result: std::result::Result<T, E>) -> Result<T> {
        result.map_err(|error| match error.into() {
            redb::Error::Corrupted(what) => self.damaged(&what),
            redb::Error::Io(source) if source.kind() == std::io::ErrorKind::UnexpectedEof => self.damaged("it is cut off"),
            redb::Error::Io(source) => Error::io(self.0, source),
            redb::Error::PreviousIo => self.closed("an earlier write failed"),
            redb::Error::TableTypeMismatch { .. } | redb::Error::TypeDefinitionChanged { .. } => self.foreign(),
            other => self.damaged(&other.to_string()),
        })
    }

    pub(super) fn opening(self, error: redb::DatabaseError) -> Error {
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen => self.in_use(),
            redb::DatabaseError::UpgradeRequired(version) => self.fault(
                "store.newer",
                format!("the file is of version {version} of the database, which this library does not read"),
                "write it anew with `export`",
            ),
            redb::DatabaseError::Storage(redb::StorageError::Io(source)) if source.kind() == std::io::ErrorKind::InvalidData => {
                self.damaged(&source.to_string())
            }
            other => self.of::<(), _>(Err(other)).err().unwrap_or_else(|| self.damaged("it cannot be opened")),
        }
    }

    pub(super) fn closed(self, why: &str) -> Error {
        self.fault("store.closed", why, "open the store anew")
    }

    fn in_use(self) -> Error {
        self.fault(
            "store.in_use",
            "another process, or another part of this one, has the store open",
            "close it there; clones of one `Store` may be used by many threads",
        )
    }

    pub(super) fn damaged(self, what: &str) -> Error {
        self.fault("store.damaged", format!("the store is damaged: {what}"), "put a copy in its place")
    }

    pub(super) fn foreign(self) -> Error {
        self.fault("store.not_a_store", "the file is a database, but none of this library", "name another file")
    }

    pub(super) fn newer(self, found: u64, known: u64) -> Error {
        self.fault("store.newer", format!("the store is of format {found}; this version reads format {known}"), "use a newer version of the library")
    }

    pub(super) fn too_large(self, log: &str, bytes: usize, most: usize) -> Error {
        self.fault("store.too_large", format!("an entry of `{log}` takes {bytes} bytes; at most {most} are kept"), "make it smaller")
    }

    pub(super) fn record(self, log: &str, number: u64, why: &Unread) -> Error {
        match why {
            Unread::Newer(found, known) => self.fault(
                "store.newer_record",
                format!("entry {number} of `{log}` is of version {found}; this version reads {known}"),
                "use a newer version of the library",
            ),
            Unread::Other(why) => {
                self.fault("store.record", format!("entry {number} of `{log}` cannot be read: {why}"), "`verify` tells whether it was changed")
            }
        }
    }

    pub(super) fn refused(self, log: &str, number: u64, error: &Error) -> Error {
        self.fault(
            "store.refused",
            format!("entry {number} of `{log}` does not follow from those before it: {error}"),
            "it was written by other means; put a copy of the file in its place",
        )
    }

    pub(super) fn changed(self, log: &str, number: u64, why: &str) -> Error {
        self.fault("store.changed", format!("entry {number} of `{log}` is not what was written: {why}"), "put a copy of the file in its place")
    }

    pub(super) fn chain(self, log: &str, number: u64, bytes: &[u8]) -> Result<Chain> {
        Chain::of(bytes).map_err(|why| self.changed(log, number, &why))
    }
}

/// Whether a file that is there begins as a store does.
pub(super) fn is_store(path: &Path, magic: &[u8]) -> Result<()> {
    if path.is_dir() {
        return Err(Failed(path).fault("store.not_a_store", "this is a folder", "name a file"));
    }
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(path, error)),
    };
    let mut start = Vec::new();
    file.by_ref().take(magic.len() as u64).read_to_end(&mut start).map_err(|error| Error::io(path, error))?;
    if start.is_empty() || start == magic {
        Ok(())
    } else if magic.starts_with(&start) {
        Err(Failed(path).damaged("it is cut off"))
    } else {
        Err(Failed(path).fault("store.not_a_store", "the file is no store", "name another file; an existing one is never overwritten"))
    }
}
