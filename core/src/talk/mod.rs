//! What is said and what comes of it: real wordings gathered, ranked by what customers did next, and found again.
//!
//! In: a [`Check`](crate::Check) of conversations with turns. Out: [`TalkTracks`]: under each step, and in answer to what
//! customers raise, the wordings that are nearly the same as one track (话术), represented by a real [`Snippet`] (片段),
//! compared like with like through [`evidence`](crate::evidence) and ranked with what all tracks teach; the knowledge points
//! (知识点) of a team, looked up in microseconds; where tracks are missing, and what customers ask that no step answers.
//! Beneath it, for hosts that bring their own counts and texts: [`cluster`], [`cluster_vectors`] and [`rank`].
//!
//! Whatever leaves this room as text has personal data taken out, unless the host says otherwise.

mod cluster;
mod contest;
mod feedback;
mod file;
mod judges;
mod keywords;
mod knowledge;
mod lookup;
mod options;
mod rank;
mod reaction;
mod snippet;
mod tracks;
mod uses;

pub use cluster::{Clusters, SIMILARITY, cluster, cluster_vectors};
pub(crate) use contest::{NAMED, WordingChoices};
pub use feedback::FeedbackIndicator;
pub use judges::{Agreement, Judge, Judging, Lean, Mark};
pub use knowledge::{By, NextStep};
pub use lookup::{Answer, BestTrack};
pub use options::{ADVANCE, SCORE, TalkOptions, UseScore};
pub use rank::{CLEAR, Feedback, Ranked, Ranking, Record, rank};
pub use reaction::{Reaction, reaction};
pub use snippet::Snippet;
pub use tracks::TalkTracks;
pub(crate) use uses::{is_spoken, is_topic};
