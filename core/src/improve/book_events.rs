//! The book of proposals as a history: what was proposed, decided and seen again, event by event.

use serde::{Deserialize, Serialize};

use super::book::{Decision, ProposalBook, Recheck, Standing};
use crate::error::{Error, Fault, Result};
use crate::text::short;

/// What happens to proposals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProposalEvent {
    /// It was proposed.
    Proposed {
        /// The proposal, not decided yet.
        proposal: Box<Standing>,
    },
    /// It was accepted or rejected.
    Decided {
        /// The proposal's id.
        id: String,
        /// What was decided.
        decision: Decision,
    },
    /// It was looked at again in new conversations.
    SeenAgain {
        /// The proposal's id.
        id: String,
        /// What they say.
        recheck: Recheck,
    },
}

fn refused(code: &'static str, message: String, help: &str) -> Error {
    Error::Argument(Box::new(Fault::new(code, message).at_place("id").help(help)))
}

impl ProposalBook {
    /// Takes in one event; the book does not change where it is refused.
    ///
    /// # Errors
    /// [`Error::Argument`]: `improve.twice` for what was proposed before, `improve.unknown_proposal`, `improve.decided`.
    pub fn take(&mut self, event: &ProposalEvent) -> Result<()> {
        match event {
            ProposalEvent::Proposed { proposal } => {
                if self.standing.iter().any(|have| have.id == proposal.id) {
                    let message = format!("`{}` was proposed before", short(&proposal.id, 60));
                    return Err(refused("improve.twice", message, "what happens to it afterwards is `decided` or `seen_again`"));
                }
                self.standing.push((**proposal).clone());
            }
            ProposalEvent::Decided { id, decision } => self.decide(id, decision.clone())?,
            ProposalEvent::SeenAgain { id, recheck } => self.find(id)?.rechecks.push(recheck.clone()),
        }
        Ok(())
    }

    /// What happened to a book since it was as another, as events: taking them into the other one gives this one.
    ///
    /// # Errors
    /// [`Error::Argument`] with `improve.rewritten` where this one does not go on from the other: something in it was changed or is
    /// gone.
    pub fn since(&self, before: &Self) -> Result<Vec<ProposalEvent>> {
        let mut events = vec![];
        for (at, now) in self.standing.iter().enumerate() {
            let (decided, seen) = before.standing.get(at).map_or((false, 0), |then| (then.decision.is_some(), then.rechecks.len()));
            if at >= before.standing.len() {
                events.push(ProposalEvent::Proposed { proposal: Box::new(Standing { decision: None, rechecks: vec![], ..now.clone() }) });
            }
            events.extend(now.rechecks.iter().skip(seen).map(|recheck| ProposalEvent::SeenAgain { id: now.id.clone(), recheck: recheck.clone() }));
            if let Some(decision) = now.decision.as_ref().filter(|_| !decided) {
                events.push(ProposalEvent::Decided { id: now.id.clone(), decision: decision.clone() });
            }
        }
        let mut made = before.clone();
        events.iter().try_for_each(|event| made.take(event))?;
        if made == *self {
            return Ok(events);
        }
        let message = "the book does not go on from the one that is kept: something was changed or is gone".to_owned();
        Err(refused("improve.rewritten", message, "begin with the book that is kept, and add to it"))
    }
}

#[cfg(feature = "store")]
mod kept {
    use super::{ProposalBook, ProposalEvent, Result};
    use crate::store::{Fold, Record};

    impl Record for ProposalEvent {
        const LOG: &'static str = "proposals";
        const VERSION: u32 = 1;
    }

    impl Fold for ProposalBook {
        type Event = ProposalEvent;

        fn take(&mut self, event: &ProposalEvent) -> Result<()> {
            Self::take(self, event)
        }
    }
}
