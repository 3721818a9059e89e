//! Conversations from the objects of a host language: any serde source, with the fault naming record and field.

use serde::de::{Deserialize, Deserializer};

use super::build::Builder;
use super::model::{Conversation, shorten};
use super::{Corpus, ReadOptions};
use crate::error::{Fault, Result};

impl Conversation {
    /// Reads a conversation from a source that can be asked twice: where it fails, the second time finds the field.
    ///
    /// ```
    /// use goldpath::corpus::Conversation;
    /// let bad = serde_json::json!({"id": "c1", "turns": [{"speaker": "nobody"}]});
    /// let fault = Conversation::read_from(|| &bad).unwrap_err();
    /// assert_eq!(fault.place.as_deref(), Some("turns[0].speaker"));
    /// ```
    ///
    /// # Errors
    /// The fault, with its field.
    pub fn read_from<'de, D: Deserializer<'de>>(source: impl Fn() -> D) -> Result<Self, Fault> {
        Self::deserialize(source()).or_else(|_| {
            serde_path_to_error::deserialize(source()).map_err(|error| {
                let path = error.path().to_string();
                let message = error.into_inner().to_string();
                let code = if message.contains("no `id`") { "corpus.missing_id" } else { "corpus.wrong_type" };
                let fault = Fault::new(code, message);
                if path.is_empty() || path == "." { fault } else { fault.at_place(shorten(&path)) }
            })
        })
    }
}

impl Corpus {
    /// A corpus of records that may have failed to be read; what goes wrong names the index of the record.
    ///
    /// ```
    /// use goldpath::corpus::{Conversation, ReadOptions};
    /// let twice = ["c1", "c1"].map(|id| Ok(Conversation::of_steps(id, ["open"])));
    /// let error = goldpath::Corpus::from_records(twice, ReadOptions::default()).unwrap_err();
    /// assert_eq!(error.faults()[0].place.as_deref(), Some("[1].id"));
    /// ```
    ///
    /// # Errors
    /// [`Error::Corpus`](crate::Error::Corpus) for the first bad record, unless they are collected.
    pub fn from_records(records: impl IntoIterator<Item = Result<Conversation, Fault>>, options: ReadOptions) -> Result<Self> {
        let mut builder = Builder::new(options);
        for (i, record) in records.into_iter().enumerate() {
            match record {
                Ok(conversation) => builder.push_at(conversation, |fault| of_record(fault, i))?,
                Err(fault) => builder.refuse(of_record(fault, i))?,
            }
        }
        builder.complete()
    }
}

/// The fault with the index of its record before its field.
pub(super) fn of_record(mut fault: Fault, i: usize) -> Fault {
    fault.place = Some(fault.place.map_or_else(|| format!("[{i}]"), |place| format!("[{i}].{place}")));
    fault
}
