//! goldpath finds the path that wins, and helps everyone walk it.
//!
//! A company has a preset way to follow up customers, its SOP, and thousands of real conversations. goldpath lays the
//! actual paths beside the preset one, says exactly where they part, and what those partings go with.
//!
//! # The flow
//!
//! ```text
//! sop.yaml ──► Sop, Playbook ─┐
//!                             ├─► Check ──► alignments, deviations, figures, choices ──► Findings ──► Review ──► report
//! calls.jsonl ──► Corpus ─────┘
//! ```
//!
//! 1. An SOP is read by [`Sop::read`] or [`Sop::parse`]: steps, and the path through them as blocks or as a graph.
//!    Several SOPs with the rule that says which case takes which are a [`Playbook`].
//! 2. Conversations are read by [`Corpus::read`], or built from memory or from columns ([`corpus`]).
//!    Steps that nobody labelled are found in the words by a [`Detector`] ([`detect`]).
//! 3. [`Corpus::check`] aligns every path with its SOP, optimally and in one canonical way ([`check`]).
//!    Where steps have standards they are measured, and [`Check::score`] weighs it all by a [`Scorecard`].
//! 4. [`review()`] does all of it and compares outcomes ([`evidence`]); [`Review::save`] writes the report.
//!
//! ```
//! use goldpath::{Corpus, Lang, Sop, review};
//!
//! let sop = Sop::parse("
//! format: goldpath/1
//! name: first call
//! steps: {opening: {}, need: {title: Find the need}, price: {title: Quote}, close: {}, thanks: {}}
//! flow: [opening, need, price, close]
//! anytime: [thanks]
//! ")?;
//! let corpus = Corpus::parse(br#"
//! {"id": "c1", "rep": "Ann", "steps": ["opening", "need", "thanks", "price", "close"], "outcome": {"won": true}}
//! {"id": "c2", "rep": "Bob", "steps": ["opening", "price", "close"], "outcome": {"won": false}}
//! "#)?;
//! let review = review(&corpus, &sop)?;
//! let c2 = review.check().alignment("c2")?;
//! assert_eq!(c2.deviations[0].sentence(Lang::En), "“Find the need” was skipped; it is due after “opening”.");
//! assert_eq!((c2.cost, c2.fully_conforms), (1, Some(false)));
//! # Ok::<(), goldpath::Error>(())
//! ```
//!
//! # What holds everywhere
//!
//! * The same input gives the same bytes, whatever the number of threads.
//! * Every error is an [`Error`] with a stable code and the place it speaks of; nothing is left out silently.
//! * Text from conversations is data: it is escaped wherever it is shown, and never executed.
//! * Long work takes a [`Progress`](progress::Progress), which reports and can stop it.
//!
//! # Features
//!
//! * `simulate`: seeded conversations in Chinese and English with planted truth ([`simulate`]), for docs, tests and benches.
//! * `store`: one file in which clips, SOP versions and the training loop are kept ([`store`], [`clips`]).
#![cfg_attr(not(feature = "simulate"), doc = "", doc = "[`simulate`]: crate#features")]
#![cfg_attr(not(feature = "store"), doc = "", doc = "[`store`]: crate#features", doc = "[`clips`]: crate#features")]
#![forbid(unsafe_code)]

pub mod advice;
pub mod check;
#[cfg(feature = "store")]
pub mod clips;
pub mod coaching;
pub mod corpus;
pub mod detect;
pub mod error;
pub mod evidence;
pub mod improve;
pub mod monitor;
pub mod progress;
mod report;
pub mod review;
pub mod score;
#[cfg(feature = "simulate")]
pub mod simulate;
pub mod sop;
pub mod stats;
#[cfg(feature = "store")]
pub mod store;
pub mod table;
pub mod talk;
pub mod text;
pub mod words;
mod xml;

pub use check::{Alignment, Check, CheckOptions, Deviation};
pub use corpus::Corpus;
pub use detect::Detector;
pub use error::{Error, Fault, Result};
pub use evidence::Finding;
pub use review::{Review, ReviewOptions, review};
pub use score::{Score, Scorecard, Scores};
pub use sop::{Playbook, PlaybookEntry, Sop};
pub use table::Table;
pub use words::Lang;
