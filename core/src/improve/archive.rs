//! The versions of all SOPs of a company as one history: each SOP begins once, and goes on by revisions.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Fault, Result};
use crate::sop::{History, Note, Revision, Sop};
use crate::table::{Column, Table};
use crate::text::short;

/// What happens to the SOPs of a company.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SopEvent {
    /// An SOP begins.
    Begun {
        /// What the archive calls it.
        name: String,
        /// The first version, whole.
        sop: Value,
        /// Its day, reason and hash.
        revision: Box<Revision>,
    },
    /// Its next version.
    Revised {
        /// What the archive calls it.
        name: String,
        /// The version, with the patch that made it.
        revision: Box<Revision>,
    },
}

/// The SOPs of a company with their versions, in the order in which they began: a fold over [`SopEvent`]s.
///
/// ```
/// use goldpath::improve::SopArchive;
/// use goldpath::sop::{History, Note, Patch};
/// let sop = goldpath::Sop::parse("{format: goldpath/1, name: demo, version: 1, steps: [open, need], flow: [open, need]}")?;
/// let mut history = History::new(sop, Note::on("2026-01-01", "first")?);
/// history.push(&Patch::new().make_optional("need"), Note::on("2026-04-01", "skipping it costs nothing")?)?;
/// let mut archive = SopArchive::default();
/// for event in archive.since("demo", &history)? {
///     archive.take(&event)?;
/// }
/// assert_eq!(archive.histories["demo"], history);
/// # Ok::<(), goldpath::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SopArchive {
    /// By what the archive calls them.
    pub histories: IndexMap<String, History>,
}

fn refused(code: &'static str, place: &str, message: String, help: &str) -> Error {
    Error::Argument(Box::new(Fault::new(code, message).at_place(place).help(help)))
}

impl SopArchive {
    /// Takes in one event; nothing changes where it is refused.
    ///
    /// # Errors
    /// [`Error::Argument`]: `archive.twice` for an SOP that began before, `archive.unknown` for a version of one that never did;
    /// [`Error::Sop`] or [`Error::Patch`]: as [`Sop::from_value`] and [`History::push_revision`].
    pub fn take(&mut self, event: &SopEvent) -> Result<()> {
        match event {
            SopEvent::Begun { name, sop, revision } => {
                if self.histories.contains_key(name) {
                    return Err(refused(
                        "archive.twice",
                        "name",
                        format!("the SOP `{}` began before", short(name, 60)),
                        "add its next version, or give it another name",
                    ));
                }
                let note = Note { date: revision.date, reason: revision.reason.clone(), by: revision.by.clone() };
                let history = History::new(Sop::from_value(sop.clone())?, note);
                if history.revisions() != [(**revision).clone()] {
                    let message = format!("the first version of `{}` is not what its hash or version says", short(name, 60));
                    return Err(refused("archive.first", "revision", message, "give the first version as its history has it"));
                }
                self.histories.insert(name.clone(), history);
            }
            SopEvent::Revised { name, revision } => {
                let history = self.histories.get_mut(name).ok_or_else(|| {
                    refused("archive.unknown", "name", format!("no SOP `{}` began", short(name, 60)), "begin it with its first version as a whole")
                })?;
                history.push_revision(revision)?;
            }
        }
        Ok(())
    }

    /// The versions of an SOP.
    ///
    /// # Errors
    /// [`Error::Argument`] with `archive.unknown` where none of this name began.
    pub fn history(&self, name: &str) -> Result<&History> {
        self.histories.get(name).ok_or_else(|| {
            let known = self.histories.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            refused("archive.unknown", "name", format!("no SOP `{}` began", short(name, 60)), &format!("SOPs: {known}"))
        })
    }

    /// The SOPs as a table, a row each.
    pub fn table(&self) -> Table {
        let last = |history: &History| history.revisions().last().cloned();
        let text =
            |f: &dyn Fn(&Revision) -> Option<String>| Column::Text(self.histories.values().map(|h| last(h).and_then(|r| f(&r)).map(Into::into)).collect());
        let mut table = Table::new("sops");
        table.push("sop", Column::Text(self.histories.keys().map(|name| Some(name.as_str().into())).collect()));
        table.push("versions", Column::Int(self.histories.values().map(|h| Some(h.revisions().len() as i64)).collect()));
        table.push("version", text(&|r| r.version.as_ref().map(ToString::to_string)));
        table.push("since", text(&|r| r.date.map(|day| day.to_string())));
        table.push("reason", text(&|r| r.reason.clone()));
        table.push("by", text(&|r| r.by.clone()));
        table
    }

    /// What a history has that the archive does not, as events.
    ///
    /// # Errors
    /// [`Error::Argument`] with `archive.rewritten` where the history does not go on from what is kept under this name.
    pub fn since(&self, name: &str, history: &History) -> Result<Vec<SopEvent>> {
        let kept = self.histories.get(name).map_or(&[][..], History::revisions);
        if kept.len() > history.revisions().len() || !kept.iter().zip(history.revisions()).all(|(kept, now)| kept == now) {
            let message = format!("the history does not go on from the {} versions of `{}` that are kept", kept.len(), short(name, 60));
            return Err(refused("archive.rewritten", "history", message, "begin with the history that is kept, and push to it"));
        }
        let name = || name.to_owned();
        let event = |revision: &Revision| match (revision.number, history.sop(1)) {
            (1, Some(first)) => {
                SopEvent::Begun { name: name(), sop: serde_json::from_str(&first.to_json()).unwrap_or_default(), revision: Box::new(revision.clone()) }
            }
            _ => SopEvent::Revised { name: name(), revision: Box::new(revision.clone()) },
        };
        Ok(history.revisions()[kept.len()..].iter().map(event).collect())
    }
}

impl std::fmt::Display for SopArchive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let versions: usize = self.histories.values().map(|history| history.revisions().len()).sum();
        write!(f, "SopArchive({} SOPs, {versions} versions)", self.histories.len())
    }
}

#[cfg(feature = "store")]
mod kept {
    use super::{Result, SopArchive, SopEvent};
    use crate::store::{Fold, Record};

    impl Record for SopEvent {
        const LOG: &'static str = "sops";
        const VERSION: u32 = 1;
    }

    impl Fold for SopArchive {
        type Event = SopEvent;

        fn take(&mut self, event: &SopEvent) -> Result<()> {
            Self::take(self, event)
        }
    }
}
