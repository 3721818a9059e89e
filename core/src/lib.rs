//! goldpath finds the sales path that wins.
#![forbid(unsafe_code)]
pub mod check;
pub mod corpus;
pub mod error;
pub mod evidence;
pub mod progress;
mod report;
pub mod review;
#[cfg(feature = "simulate")]
pub mod simulate;
pub mod sop;
pub mod stats;
pub mod table;
pub mod text;
pub mod words;

pub use check::{Alignment, Check, CheckOptions, Deviation};
pub use corpus::Corpus;
pub use error::{Error, Fault, Result};
pub use evidence::Finding;
pub use review::{Review, ReviewOptions, review};
pub use sop::{Playbook, PlaybookEntry, Sop};
pub use table::Table;
pub use words::Lang;
