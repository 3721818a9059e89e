//! Seeded sales conversations, in Chinese and English, of which the truth is known.
//!
//! In: a [`World`] (who sells, what truly moves a deal) and a seed. Out: [`Simulated`], that is the preset SOP,
//! conversations with or without words, and the [`Truth`]: the effect of each planted choice, by simulating every deal
//! both ways. [`random_sop`] and [`random_conversation`] make arbitrary SOPs and noisy paths for property tests and
//! benches; [`write_jsonl`] writes conversations so that reading gives them back. The same seed gives the same bytes on
//! every platform.
//!
//! What is planted in the default world, and what makes it hard to see:
//! - leaving out `need` or `budget` and quoting early hurt; better reps leave out `need` more often, and smb customers,
//!   who are easier to win, are asked for a budget less;
//! - an unplanned `roi_story` helps: two innovators with middling skill and harder customers found it, a few follow later;
//! - `golf_talk` is what the best reps do and does nothing; neither do small talk, case studies or asides;
//! - customers leave along the way, fewer with better reps, so long conversations contain more of everything;
//! - recent deals are open.
//!
//! [`ClockWorld`] is a world apart for what only a clock can tell: calls that end before a choice could be made.
//!
//! ```
//! use goldpath::simulate::World;
//! let made = World { words: false, ..World::default() }.simulate(500, 7);
//! assert!(made.truth.effect("roi_story").is_some_and(|e| e.win_difference > 0.05));
//! assert_eq!(made.truth.effect("golf_talk").map(|e| e.win_difference), Some(0.0));
//! ```

mod clock;
mod deals;
mod names;
mod phrases;
mod phrases_en;
mod phrases_zh;
mod random_path;
mod random_sop;
mod rng;
mod staff;
mod steps;
#[cfg(test)]
mod tests;
mod truth;
mod walk;
mod words;
mod world;

use std::io::{self, Write};

pub use clock::{Clock, ClockChoice, ClockTruth, ClockWorld};
pub use deals::Stream;
pub use random_path::{random_conversation, random_path};
pub use random_sop::random_sop;
pub use truth::{PlantedEffect, RepTruth, Truth};
pub use world::{Deals, Effects, Language, Segment, World};

use crate::corpus::{Builder, Conversation, Corpus, ReadOptions};
use crate::error::Result;
use crate::progress::Progress;
use crate::sop::Sop;

/// What a simulation gives.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// The preset path.
    pub sop: Sop,
    /// The conversations, those of a deal one after the other.
    pub conversations: Vec<Conversation>,
    /// What is true.
    pub truth: Truth,
}

impl World {
    /// Simulates `n` conversations, with their SOP and the truth. The last deal may lack its last conversation.
    ///
    /// The truth takes as long as some 60 thousand conversations without words; set `truth_draws` to 0, or use
    /// [`World::stream`], where only conversations are wanted.
    pub fn simulate(&self, n: usize, seed: u64) -> Simulated {
        Simulated { sop: self.sop(), conversations: self.stream(seed).take(n).collect(), truth: self.truth() }
    }

    /// The first `n` conversations of [`World::stream`] as a corpus, with progress and cancelling.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled).
    pub fn corpus(&self, n: usize, seed: u64, progress: &Progress<'_>) -> Result<Corpus> {
        let mut builder = Builder::new(ReadOptions::default());
        for (made, conversation) in self.stream(seed).take(n).enumerate() {
            if made % 1024 == 0 {
                progress.step("simulate", made as u64, n as u64)?;
            }
            builder.push(conversation)?;
        }
        Ok(builder.finish())
    }
}

/// Simulates `n` conversations of a world: the same as [`World::simulate`].
pub fn simulate(world: &World, n: usize, seed: u64) -> Simulated {
    world.simulate(n, seed)
}

/// The text of the built-in SOP: the same ids in both languages, titles and guidance in the language asked for.
pub fn sop_text(language: Language) -> &'static str {
    match language {
        Language::Zh => include_str!("sop.zh.yaml"),
        Language::En => include_str!("sop.en.yaml"),
    }
}

/// Writes conversations as JSONL, one a line; reading the lines gives equal conversations.
///
/// ```
/// use goldpath::{Corpus, simulate::{World, write_jsonl}};
/// let made = World { truth_draws: 0, ..World::default() }.simulate(20, 7);
/// let mut text = Vec::new();
/// write_jsonl(&made.conversations, &mut text)?;
/// assert_eq!(Corpus::parse(&text)?.len(), 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// What the writer says.
pub fn write_jsonl(conversations: &[Conversation], mut writer: impl Write) -> io::Result<()> {
    for conversation in conversations {
        serde_json::to_writer(&mut writer, conversation)?;
        writer.write_all(b"\n")?;
    }
    writer.flush()
}
