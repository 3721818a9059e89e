//! goldpath finds the sales path that wins.
pub mod check;
pub mod corpus;
pub mod error;
pub mod progress;
pub mod sop;
pub mod table;
pub mod text;
pub mod words;

pub use check::{Alignment, Check, Deviation};
pub use corpus::Corpus;
pub use error::{Error, Fault, Result};
pub use sop::{Playbook, PlaybookEntry, Sop};
pub use table::Table;
pub use words::Lang;
