//! What is said and what comes of it: real wordings gathered, ranked by what customers did next, and found again.
//!
//! In: a [`Check`](crate::Check) of conversations with turns. Out: [`TalkTracks`]: under each step the wordings that are
//! nearly the same as one track (话术), represented by a real [`Snippet`] (片段) and ranked with what all tracks teach;
//! where tracks are missing, and what customers ask that no step answers. Beneath it, for hosts that bring their own
//! counts and texts: [`cluster`], [`cluster_vectors`] and [`rank`].
//!
//! Whatever leaves this room as text has personal data taken out, unless the host says otherwise.

mod cluster;
mod rank;
mod reaction;
mod snippet;
mod tracks;

pub use cluster::{Clusters, SIMILARITY, cluster, cluster_vectors};
pub use rank::{CLEAR, Feedback, Ranked, Ranking, Record, rank};
pub use reaction::{Reaction, reaction};
pub use snippet::Snippet;
pub use tracks::{TalkOptions, TalkTracks};
