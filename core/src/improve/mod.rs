//! The SOP that evolves: what some reps do outside the SOP that works, who found it, and the next version made of it.
//!
//! In: a [`Check`](crate::Check) with outcomes. Out: [`Innovations`] with their evidence and [`Innovator`]s. Every claim
//! goes through [`evidence`](crate::evidence); what is mined on the earlier part of the cases is judged on the later part.
//!
//! ```
//! use goldpath::improve::{ImproveOptions, Innovations};
//! use goldpath::{Corpus, Sop};
//! let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}")?;
//! let corpus = Corpus::parse(br#"{"id": "c1", "rep": "ann", "steps": ["open", "story", "need", "close"], "outcome": {"won": true}}
//! {"id": "c2", "rep": "bob", "steps": ["open", "close"], "outcome": {"won": false}}"#)?;
//! let found = Innovations::of(&corpus.check(&sop)?, &ImproveOptions::default())?;
//! assert!(found.innovations.is_empty());
//! assert_eq!(found.rare[0].choice.step, "story");
//! # Ok::<(), goldpath::Error>(())
//! ```

mod archive;
mod backtest;
mod best;
mod book;
mod book_events;
mod bounds;
mod discover;
mod edits;
mod first;
mod fit;
mod gain;
mod habits;
mod innovation;
mod innovator;
mod mine;
mod pilot;
mod proposal;
mod tables;

pub use archive::{SopArchive, SopEvent};
pub use backtest::{Backtest, EvidenceAt, RepConformity, Support};
pub use best::{BestPath, BestPathOptions, Constraints, Unmet};
pub use book::{Decision, Held, ProposalBook, Recheck, Refreshed, Standing};
pub use book_events::ProposalEvent;
pub use discover::{DirectlyFollows, DiscoverOptions, Discovery, DiscoverySize, FollowsEdge};
pub use fit::fit_map;
pub use gain::Gain;
pub use habits::{Habit, HabitOptions, WorkHabit, WorkHabits};
pub use innovation::{ImproveNote, ImproveOptions, Innovation, InnovationStatus, Innovations, Rare};
pub use innovator::{Adoption, Innovator, RepUse};
pub use pilot::{Pilot, PilotArm, PilotChoice, PilotDesign, PilotLook, PilotOptions, PilotPlan, PilotStart, PilotState, StopRule};
pub use proposal::{Conformity, Improvements, Proposal, ProposalKind};
