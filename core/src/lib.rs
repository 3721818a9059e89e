//! goldpath finds the sales path that wins.
pub mod corpus;
pub mod error;
pub mod progress;
#[cfg(feature = "simulate")]
pub mod simulate;
pub mod sop;
pub mod table;
pub mod text;

pub use corpus::Corpus;
pub use error::{Error, Fault, Result};
pub use sop::{Playbook, PlaybookEntry, Sop};
pub use table::Table;
