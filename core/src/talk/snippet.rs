//! A piece of a real conversation: what the customer raised, what the agent said, how the customer took it.

use std::ops::Range;

use serde::Serialize;

use crate::corpus::{Speaker, Store};

/// A snippet (片段) of a conversation around a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Snippet {
    /// Conversation.
    pub conversation: String,
    /// Step it performs or answers; what was asked, where no step answers it.
    pub step: String,
    /// First and last turn of the answer, from 0.
    pub turns: (u32, u32),
    /// What the customer said before; `None` where the agent begins.
    pub raised: Option<String>,
    /// What the agent said, turn by turn.
    pub answer: String,
    /// What the customer said next; `None` where nothing followed.
    pub reaction: Option<String>,
    /// Who said it.
    pub rep: Option<String>,
    /// Their team.
    pub team: Option<String>,
    /// When, in milliseconds since 1970: the begin of the turn, else of the conversation.
    pub at: Option<i64>,
}

/// Where something was answered. Turns are counted over all conversations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) raised: Option<usize>,
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) reaction: Option<usize>,
}

fn says(s: &Store, turn: usize, who: Speaker) -> bool {
    s.turns.speaker[turn] == who && !s.turns.text(turn).trim().is_empty()
}

impl Place {
    /// The agent performs a step in these turns of a conversation; `None` where no agent speaks in them.
    pub(super) fn of_agent(s: &Store, turns: Range<usize>, (first, last): (usize, usize)) -> Option<Self> {
        (first..=last).find(|&turn| says(s, turn, Speaker::Agent))?;
        let before = (turns.start..first).rev().take_while(|turn| s.turns.speaker[*turn] != Speaker::Agent);
        let raised = before.into_iter().find(|&turn| says(s, turn, Speaker::Customer));
        Some(Self { raised, first, last, reaction: (last + 1..turns.end).find(|&turn| says(s, turn, Speaker::Customer)) })
    }

    /// The customer raises something in these turns, and the agent answers before the customer speaks again.
    pub(super) fn of_customer(s: &Store, turns: Range<usize>, (first, last): (usize, usize)) -> Option<Self> {
        let raised = (first..=last).find(|&turn| says(s, turn, Speaker::Customer))?;
        let from = (last + 1..turns.end).find(|&turn| s.turns.speaker[turn] == Speaker::Agent)?;
        let to = (from..turns.end).find(|&turn| says(s, turn, Speaker::Customer)).unwrap_or(turns.end);
        let end = (from..to).rev().find(|&turn| says(s, turn, Speaker::Agent))?;
        Some(Self { raised: Some(raised), first: from, last: end, reaction: (to < turns.end).then_some(to) })
    }

    /// The agent's words, turn by turn.
    pub(super) fn answer(self, s: &Store) -> String {
        let said = (self.first..=self.last)
            .filter(|&turn| s.turns.speaker[turn] == Speaker::Agent)
            .map(|turn| s.turns.text(turn).trim())
            .filter(|text| !text.is_empty());
        said.collect::<Vec<_>>().join("\n")
    }
}
