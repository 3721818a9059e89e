//! What an entry looks like in the file: JSON with its version, its time and the hash of all up to it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::text::sha_hex;

/// A kind of record: the log it stands in and the version of its shape.
pub trait Record: Serialize + DeserializeOwned {
    /// Name of the log. It never changes.
    const LOG: &'static str;
    /// Version of the shape, from 1. It goes up when old records would be read wrongly.
    const VERSION: u32;

    /// Brings a record of an earlier version to the shape of today.
    ///
    /// # Errors
    /// What cannot be brought, in words.
    fn upgrade(version: u32, record: Value) -> std::result::Result<Value, String> {
        let _ = record;
        Err(format!("version {version} cannot be read any more"))
    }
}

/// A record where it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry<R> {
    /// Its number in the log, from 0.
    pub number: u64,
    /// When it was made, in milliseconds since 1970, UTC.
    pub at: i64,
    /// The record.
    pub record: R,
}

/// The hash before the first entry.
pub(super) const CHAIN: Chain = Chain(String::new());

/// The hash of all entries up to one, in hexadecimal.
pub(super) struct Chain(String);

impl Chain {
    fn next(&self, version: u32, at: i64, data: &str) -> String {
        sha_hex(&[self.0.as_bytes(), b"\n", version.to_string().as_bytes(), b"\n", at.to_string().as_bytes(), b"\n", data.as_bytes()])
    }

    /// Goes on with an entry as it stands in the file.
    pub(super) fn goes_on_with(&mut self, bytes: &[u8]) -> std::result::Result<(), String> {
        let entry = Written::read(bytes)?;
        if self.next(entry.v, entry.at, entry.data.get()) != entry.hash {
            return Err("its hash is another".to_owned());
        }
        self.0 = entry.hash;
        Ok(())
    }

    /// That of an entry in the file.
    pub(super) fn of(bytes: &[u8]) -> std::result::Result<Self, String> {
        Written::read(bytes).map(|entry| Self(entry.hash))
    }
}

/// An entry as it stands in the file.
#[derive(Serialize, Deserialize)]
pub(super) struct Written<'a> {
    v: u32,
    at: i64,
    hash: String,
    #[serde(borrow)]
    data: &'a RawValue,
}

impl<'a> Written<'a> {
    pub(super) fn bytes<R: Record>(chain: &mut Chain, at: i64, record: &R) -> Result<Vec<u8>> {
        let failed = |e: serde_json::Error| Error::argument("record", format!("it cannot be written: {e}"), "numbers must be finite");
        let data = serde_json::value::to_raw_value(record).map_err(failed)?;
        chain.0 = chain.next(R::VERSION, at, data.get());
        serde_json::to_vec(&Written { v: R::VERSION, at, hash: chain.0.clone(), data: &data }).map_err(failed)
    }

    fn read(bytes: &'a [u8]) -> std::result::Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|e| e.to_string())
    }

    /// The entry as a line for other programs.
    pub(super) fn line(number: u64, bytes: &'a [u8]) -> std::result::Result<String, Unread> {
        let entry = Self::read(bytes)?;
        Ok(format!("{{\"number\":{number},\"at\":{},\"version\":{},\"data\":{}}}\n", entry.at, entry.v, entry.data.get()))
    }
}

/// Why an entry cannot be read.
pub(super) enum Unread {
    Newer(u32, u32),
    Other(String),
}

impl From<String> for Unread {
    fn from(text: String) -> Self {
        Self::Other(text)
    }
}

impl<R: Record> Entry<R> {
    pub(super) fn read(number: u64, bytes: &[u8]) -> std::result::Result<Self, Unread> {
        let entry = Written::read(bytes)?;
        let said = |e: serde_json::Error| Unread::Other(e.to_string());
        let record = match entry.v {
            v if v == R::VERSION => serde_json::from_str(entry.data.get()).map_err(said)?,
            v if v > R::VERSION => return Err(Unread::Newer(v, R::VERSION)),
            v => serde_json::from_value(R::upgrade(v, serde_json::from_str(entry.data.get()).map_err(said)?)?).map_err(said)?,
        };
        Ok(Self { number, at: entry.at, record })
    }
}
