//! The shape of the phrase books and the door to them.

use super::steps::Key;
use super::world::Language;
use super::{phrases_en, phrases_zh};

/// What is said in a step. `{rep}`, `{contact}`, `{company}`, `{phone}`, `{email}`, `{amount}` and `{product}` are filled in.
pub(super) struct Lines {
    /// First words of the agent; empty for a step of the customer.
    pub(super) agent: &'static [&'static str],
    /// The customer's reply, or the step itself where it is the customer's.
    pub(super) customer: &'static [&'static str],
    /// What the agent may add after the reply.
    pub(super) follow_up: &'static [&'static str],
}

/// What a conversation ends with where it is not a step of its own.
pub(super) struct Endings {
    /// The customer breaks off.
    pub(super) stop: &'static [&'static str],
    /// The customer puts off a first contact.
    pub(super) later: &'static [&'static str],
    /// The customer signs.
    pub(super) won: &'static [&'static str],
    /// The customer declines.
    pub(super) lost: &'static [&'static str],
}

pub(super) fn lines(language: Language, key: Key) -> Lines {
    match language {
        Language::Zh => phrases_zh::lines(key),
        Language::En => phrases_en::lines(key),
    }
}

pub(super) fn endings(language: Language) -> Endings {
    match language {
        Language::Zh => phrases_zh::ENDINGS,
        Language::En => phrases_en::ENDINGS,
    }
}
