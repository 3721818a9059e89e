//! The book of proposals: what was proposed, what was decided and why, and whether it held up.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::gain::Gain;
use super::innovation::ImproveOptions;
use super::mine::{Mines, tracks};
use super::proposal::{Improvements, Proposal};
use crate::check::Check;
use crate::error::{Error, Fault, Result};
use crate::evidence::{ChoiceId, ChoiceKind, Finding};
use crate::sop::{Edit, Note, Patch, Sop, Step};
use crate::stats::Interval;
use crate::table::{Column, Table};

/// What was decided of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Accepted, or rejected.
    pub accepted: bool,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub date: Option<Date>,
    /// By whom.
    pub by: Option<String>,
}

/// What new conversations say of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Held {
    /// The effect is there again: the interval of the new cases lies on the side of the gain.
    HeldUp,
    /// Too few new cases to tell.
    Open,
    /// The new cases show no effect, and exclude the one that was claimed.
    Faded,
    /// The new cases show the opposite.
    Reversed,
}

impl Held {
    /// The name, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::HeldUp => "held_up",
            Self::Open => "open",
            Self::Faded => "faded",
            Self::Reversed => "reversed",
        }
    }
}

/// A proposal looked at again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recheck {
    /// When.
    pub date: Option<Date>,
    /// What the new cases say.
    pub held: Held,
    /// The effect among the new cases.
    pub effect: Option<Interval>,
    /// New cases compared: those that made the choice, and the others.
    pub cases: [u64; 2],
}

/// A proposal in the book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Its id.
    pub id: String,
    /// The edit.
    pub patch: Patch,
    /// The choice it rests on.
    pub choice: ChoiceId,
    /// The effect on the later cases, as claimed.
    pub claimed: Option<Interval>,
    /// The gain, as claimed.
    pub gain: Option<Gain>,
    /// When it was proposed.
    pub date: Option<Date>,
    /// What was decided; `None` while it stands.
    pub decision: Option<Decision>,
    /// What became of it in new conversations, the oldest first.
    pub rechecks: Vec<Recheck>,
}

impl Standing {
    /// What a wording says.
    fn script(&self) -> Option<String> {
        let guidance = self.patch.edits().iter().find_map(|edit| match edit {
            Edit::SetStep { set_step, change } if self.choice.kind == ChoiceKind::Wording && *set_step == self.choice.step => change.guidance.clone(),
            _ => None,
        });
        let step = Step { guidance: guidance?, ..Step::default() };
        step.scripts().last().map(ToOwned::to_owned)
    }
}

/// What was proposed, decided and seen again. Written as JSON; reading it gives an equal book.
///
/// ```
/// use goldpath::improve::ProposalBook;
/// let book = ProposalBook::default();
/// assert_eq!(ProposalBook::from_json(&book.to_json())?, book);
/// # Ok::<(), goldpath::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProposalBook {
    /// The proposals, in the order in which they were made.
    pub standing: Vec<Standing>,
}

/// What a refresh found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refreshed {
    /// The proposals of the book that were looked at again, with what the new cases say.
    pub seen_again: Vec<(String, Recheck)>,
    /// Ids of proposals that are new.
    pub new: Vec<String>,
    /// What the new conversations come to.
    pub improved: Improvements,
}

impl ProposalBook {
    /// Adds proposals that the book does not have; gives their ids.
    pub fn add(&mut self, proposals: &[Proposal], date: Option<Date>) -> Vec<String> {
        let mut new = Vec::new();
        for p in proposals {
            if self.standing.iter().any(|s| s.id == p.id) {
                continue;
            }
            new.push(p.id.clone());
            self.standing.push(Standing {
                id: p.id.clone(),
                patch: p.patch.clone(),
                choice: p.choice.clone(),
                claimed: p.finding.interval().map(rounded),
                gain: p.gain.map(|g| Gain { effect: rounded(g.effect), gain: rounded(g.gain), ..g }),
                date,
                decision: None,
                rechecks: Vec::new(),
            });
        }
        new
    }

    /// Accepts a proposal.
    ///
    /// # Errors
    /// [`Error::Argument`] with code `improve.unknown_proposal`, or `improve.decided` where it was decided before.
    pub fn accept(&mut self, id: &str, note: Note) -> Result<()> {
        self.decide(id, Decision { accepted: true, reason: note.reason, date: note.date, by: note.by })
    }

    /// Rejects a proposal.
    ///
    /// # Errors
    /// As [`ProposalBook::accept`].
    pub fn reject(&mut self, id: &str, note: Note) -> Result<()> {
        self.decide(id, Decision { accepted: false, reason: note.reason, date: note.date, by: note.by })
    }

    pub(super) fn decide(&mut self, id: &str, decision: Decision) -> Result<()> {
        let standing = self.find(id)?;
        if let Some(before) = &standing.decision {
            let what = if before.accepted { "accepted" } else { "rejected" };
            let fault = Fault::new("improve.decided", format!("`{}` was {what} before", crate::text::cut(id, 60)));
            return Err(Error::Argument(Box::new(fault.at_place("id").help("a decision stands; propose anew what has changed"))));
        }
        standing.decision = Some(decision);
        Ok(())
    }

    pub(super) fn find(&mut self, id: &str) -> Result<&mut Standing> {
        let Some(at) = self.standing.iter().position(|have| have.id == id) else {
            let ids: Vec<&str> = self.standing.iter().map(|s| s.id.as_str()).collect();
            let fault = Fault::new("improve.unknown_proposal", format!("the book has no proposal `{}`", crate::text::cut(id, 60)));
            return Err(Error::Argument(Box::new(fault.at_place("id").help(format!("proposals: {}", ids.join(", "))))));
        };
        Ok(&mut self.standing[at])
    }

    /// An SOP with everything that was accepted, in the order of the book.
    ///
    /// # Errors
    /// [`Error::Patch`] where an accepted edit does not fit.
    pub fn apply(&self, sop: &Sop) -> Result<Sop> {
        let mut accepted = self.standing.iter().filter(|s| s.decision.as_ref().is_some_and(|d| d.accepted));
        accepted.try_fold(sop.clone(), |sop, s| sop.apply(&s.patch.clone().unbound()))
    }

    /// Looks at every proposal again, decided or not, in new conversations, and adds what is newly proposed.
    ///
    /// The check is of the new conversations against the SOP that the proposals were made for: only then are the choices
    /// the same, whatever was adopted since. Each refresh is another look: read a row of them, not the best one.
    ///
    /// # Errors
    /// As [`Improvements::of`].
    pub fn refresh(&mut self, check: &Check, options: &ImproveOptions, date: Option<Date>) -> Result<Refreshed> {
        let improved = Improvements::of(check, options)?;
        let members: Vec<_> = self.standing.iter().filter_map(|s| super::proposal::sequence_of(check, &s.choice)).collect();
        // What was said is known again by its words, whatever stands for it among the new conversations.
        let scripts: Vec<Option<String>> = self.standing.iter().map(Standing::script).collect();
        let said: Vec<(&str, &str)> = self.standing.iter().zip(&scripts).filter_map(|(s, script)| Some((&*s.choice.step, script.as_deref()?))).collect();
        let tracks = if said.is_empty() { None } else { tracks(check, options, &said)? };
        let mines = Mines::of(check, options, &members, tracks.as_ref())?;
        let mut seen_again = Vec::new();
        for (standing, script) in self.standing.iter_mut().zip(&scripts) {
            let found = match script {
                Some(script) => mines.words.as_ref().and_then(|words| words.mine.whole(words.of_script(&standing.choice, script)?)),
                None => mines.paths.whole(&standing.choice),
            };
            let recheck = Recheck {
                date,
                held: held(found, standing.claimed, options.lower_is_better),
                effect: found.and_then(Finding::interval).map(rounded),
                cases: found.map_or([0; 2], |f| [f.comparable.treated, f.comparable.control]),
            };
            seen_again.push((standing.id.clone(), recheck.clone()));
            standing.rechecks.push(recheck);
        }
        let new = self.add(&improved.proposals, date);
        Ok(Refreshed { seen_again, new, improved })
    }

    /// The book as a table, a row a proposal.
    pub fn table(&self) -> Table {
        let rows = &self.standing;
        let text = |f: &dyn Fn(&Standing) -> Option<String>| Column::Text(rows.iter().map(|x| f(x).map(Into::into)).collect());
        let decided = |s: &Standing| s.decision.as_ref().map(|d| if d.accepted { "accepted" } else { "rejected" });
        let mut table = Table::new("proposal_book");
        table.push("id", text(&|s| Some(s.id.clone())));
        table.push("kind", text(&|s| Some(s.choice.kind.name().into())));
        table.push("step", text(&|s| Some(s.choice.step.clone())));
        table.push("date", text(&|s| s.date.map(|day| day.to_string())));
        table.push("gain", Column::Float(rows.iter().map(|s| s.gain.map(|g| g.gain.estimate)).collect()));
        table.push("decision", text(&|s| decided(s).map(ToOwned::to_owned)));
        table.push("reason", text(&|s| s.decision.as_ref().and_then(|d| d.reason.clone())));
        table.push("by", text(&|s| s.decision.as_ref().and_then(|d| d.by.clone())));
        table.push("last_seen", text(&|s| s.rechecks.last().map(|r| r.held.name().to_owned())));
        table
    }

    /// The book as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Reads what [`ProposalBook::to_json`] wrote.
    ///
    /// # Errors
    /// [`Error::Argument`] with code `improve.book` if this is no book.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|e| {
            let fault = Fault::new("improve.book", format!("this is no book of proposals: {e}"));
            Error::Argument(Box::new(fault.at_place("from_json").help("give back what to_json gave")))
        })
    }
}

impl std::fmt::Display for ProposalBook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let decided = self.standing.iter().filter(|s| s.decision.is_some()).count();
        write!(f, "ProposalBook({} proposals, {decided} decided)", self.standing.len())
    }
}

/// To nine decimals: what is written reads back equal.
fn rounded(i: Interval) -> Interval {
    let round = |x: f64| (x * 1e9).round() / 1e9;
    Interval { estimate: round(i.estimate), low: round(i.low), high: round(i.high) }
}

fn held(found: Option<&Finding>, claimed: Option<Interval>, lower_is_better: bool) -> Held {
    let sign = if lower_is_better { -1.0 } else { 1.0 };
    let Some(i) = found.filter(|f| !f.caveats.iter().any(|c| c.withholds())).and_then(Finding::interval) else { return Held::Open };
    let (low, high) = if sign > 0.0 { (i.low, i.high) } else { (-i.high, -i.low) };
    let size = claimed.map(|c| c.estimate * sign);
    if low > 0.0 {
        Held::HeldUp
    } else if high < 0.0 {
        Held::Reversed
    } else if size.is_some_and(|size| high < size) {
        Held::Faded
    } else {
        Held::Open
    }
}
