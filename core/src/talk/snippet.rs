//! A piece of a real conversation: what the customer raised, what the agent said, how the customer took it.

use serde::Serialize;

use crate::corpus::{NO_TIME, Speaker, Store};
use crate::text::redact;

/// A snippet (片段) of a conversation around a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Snippet {
    /// Conversation.
    pub conversation: String,
    /// Step it performs.
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

/// A step done by the agent in words: where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) case: usize,
    pub(super) event: usize,
    /// Turns counted over all conversations.
    pub(super) raised: Option<usize>,
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) reaction: Option<usize>,
}

impl Place {
    /// The place of an event, where an agent speaks in its turns.
    pub(super) fn of(s: &Store, case: usize, event: usize) -> Option<Self> {
        let (first, last) = s.turns_of(event)?;
        let turns = s.turn_range(case);
        let (first, last) = (turns.start + first as usize, turns.start + last as usize);
        let says = |turn: &usize, who: Speaker| s.turns.speaker[*turn] == who && !s.turns.text(*turn).trim().is_empty();
        (first..=last).find(|turn| says(turn, Speaker::Agent))?;
        let raised = (turns.start..first).rev().take_while(|turn| s.turns.speaker[*turn] != Speaker::Agent).find(|turn| says(turn, Speaker::Customer));
        let reaction = (last + 1..turns.end).find(|turn| says(turn, Speaker::Customer));
        Some(Self { case, event, raised, first, last, reaction })
    }

    /// The agent's words, turn by turn.
    pub(super) fn answer(self, s: &Store) -> String {
        let said = (self.first..=self.last)
            .filter(|&turn| s.turns.speaker[turn] == Speaker::Agent)
            .map(|turn| s.turns.text(turn).trim())
            .filter(|text| !text.is_empty());
        said.collect::<Vec<_>>().join("\n")
    }

    pub(super) fn snippet(self, s: &Store, names: Option<&[String]>) -> Snippet {
        let clean = |text: &str| names.map_or_else(|| text.to_owned(), |names| redact(text, names));
        let turn = |turn: Option<usize>| turn.map(|turn| clean(s.turns.text(turn).trim()));
        let start = s.turn_range(self.case).start;
        let began = s.started_at[self.case];
        let since = s.turns.start[self.first];
        Snippet {
            conversation: s.ids.get(self.case as u32).unwrap_or_default().to_owned(),
            step: s.steps.get(s.step[self.event]).unwrap_or_default().to_owned(),
            turns: ((self.first - start) as u32, (self.last - start) as u32),
            raised: turn(self.raised),
            answer: clean(&self.answer(s)),
            reaction: turn(self.reaction),
            rep: s.reps.get(s.event_rep(self.case, self.event)).map(ToOwned::to_owned),
            team: s.teams.get(s.team[self.case]).map(ToOwned::to_owned),
            at: (began != NO_TIME).then(|| began + if since == NO_TIME { 0 } else { since }),
        }
    }
}
