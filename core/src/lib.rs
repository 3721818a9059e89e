//! goldpath finds the sales path that wins.
pub mod error;
pub mod sop;

pub use error::{Error, Fault, Result};
pub use sop::{Playbook, PlaybookEntry, Sop};
