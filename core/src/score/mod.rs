//! Points: a check weighed by a scorecard, and every point explained.
//!
//! In: a [`Check`](crate::Check) and a [`Scorecard`] (what a step, a standard, a feedback and a deviation are worth). Out: [`Scores`]:
//! 0 to 100 for each conversation with the parts it is made of, the best conversations, and where points are lost
//! (机会点). What was not due or could not be measured is left out of what was possible, and said.
//!
//! ```
//! use goldpath::{Corpus, Scorecard, Sop};
//! let sop = Sop::parse("{format: goldpath/1, name: x, steps: [open, need, close], flow: [open, need, close]}")?;
//! let corpus = Corpus::parse(br#"{"id": "c1", "steps": ["open", "close"]}"#)?;
//! let card = Scorecard::parse("{format: goldpath/scorecard/1, steps: {open: 10, need: 30}}")?;
//! let scores = corpus.check(&sop)?.score(&card)?;
//! let score = scores.explain("c1")?;
//! assert_eq!((score.score, score.got, score.possible), (Some(25.0), 10.0, 40.0));
//! assert_eq!(score.parts[1].sentence_en(), "“need”: 0 of 30 points. “need” was skipped; it is due after “open”.");
//! # Ok::<(), goldpath::Error>(())
//! ```

mod card;
mod mark;
mod read;
mod scores;
mod tables;

pub use card::{Feedback, Scorecard};
pub use mark::{PartKind, PartState};
pub use scores::{Score, ScorePart, Scores};
