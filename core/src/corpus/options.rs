//! How conversations are read: one set of options for every door and every language.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::Deserialize;

use super::columns::{OutcomeColumnSpec, Role};
use crate::error::{Error, Result};

/// What to do with a record that cannot be taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnError {
    /// Stop with an error that names the record.
    #[default]
    Raise,
    /// Leave the record out, and list it in [`Corpus::problems`](super::Corpus::problems).
    Collect,
}

/// How conversations are read. Each reader takes the options that mean something to it.
///
/// ```
/// use goldpath::corpus::{OutcomeSteps, ReadOptions, Role};
/// let options = ReadOptions {
///     columns: vec![(Role::Rep, "resource".into())],
///     outcome_steps: vec![OutcomeSteps { name: "granted".into(), yes: vec!["Sign".into()], no: vec!["Deny".into()] }],
///     ..ReadOptions::default()
/// };
/// assert_eq!(options.column(Role::Rep), Some("resource"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// What to do with a record that cannot be taken in.
    pub on_error: OnError,
    /// Whether consecutive turns of one step make one event; `None` means yes where steps stand in turns, no for bare steps.
    pub merge_repeats: Option<bool>,
    /// Columns of CSV, attributes of XES, or fields of turns that do not have their usual name.
    pub columns: Vec<(Role, String)>,
    /// Which columns or attributes are outcomes; `None` means the [usual ones](OutcomeColumnSpec::usual).
    pub outcomes: Option<Vec<OutcomeColumnSpec>>,
    /// Outcomes that are told by steps. These steps are taken out of the paths: what defines a result is no choice.
    pub outcome_steps: Vec<OutcomeSteps>,
    /// Steps that are taken out of the paths.
    pub drop_steps: Vec<String>,
    /// Who of the speakers speaks for the company.
    pub agents: Agents,
    /// A CSV with a row a case: its id, rep, team, deal, channel, `started_at`, outcomes and attributes.
    pub cases: Option<PathBuf>,
    /// The parties of calls, beside a file of transcripts.
    pub parties: Option<PathBuf>,
    /// What stands between the columns of CSV; `None` means whichever of `,` `;` tab `|` the header has most of.
    pub delimiter: Option<u8>,
    /// Which transitions of a step are its events, where a log tells start and end of a step apart.
    pub lifecycle: Lifecycle,
}

impl ReadOptions {
    /// The name that was given for a column.
    pub fn column(&self, role: Role) -> Option<&str> {
        self.columns.iter().find(|(of, _)| *of == role).map(|(_, name)| name.as_str())
    }

    /// Sets the delimiter from text, as a host gives it.
    ///
    /// # Errors
    /// [`Error::Argument`] if it is not one character of ASCII.
    pub fn set_delimiter(&mut self, delimiter: &str) -> Result<()> {
        match delimiter.as_bytes() {
            &[byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => {
                self.delimiter = Some(byte);
                Ok(())
            }
            _ => Err(Error::argument("delimiter", format!("`{delimiter}` cannot stand between columns"), "one character, such as ; or a tab")),
        }
    }
}

/// An outcome that is told by steps: yes where the last of them is in `yes`, no where it is in `no`.
///
/// With `no` left empty every case without a step of `yes` is a no; with `no` given a case that has neither is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeSteps {
    /// Name of the outcome.
    pub name: String,
    /// Steps that mean yes.
    pub yes: Vec<String>,
    /// Steps that mean no.
    pub no: Vec<String>,
}

impl OutcomeSteps {
    /// Reads outcomes as they are written in a host language: name → step, list of steps, or `{yes, no}` of these.
    ///
    /// # Errors
    /// [`Error::Argument`] if an outcome names no step that means yes.
    pub fn of_written(written: IndexMap<String, WrittenSteps>) -> Result<Vec<Self>> {
        let made = written.into_iter().map(|(name, steps)| {
            let (yes, no) = match steps {
                WrittenSteps::Yes(yes) => (yes.into(), Vec::new()),
                WrittenSteps::Both { yes, no } => (yes.into(), no.map_or_else(Vec::new, Into::into)),
            };
            let made = Self { name, yes, no };
            if made.yes.is_empty() {
                let message = format!("the outcome `{}` names no step that means yes", made.name);
                return Err(Error::argument("outcome_steps", message, "name → step, or name → {yes: steps, no: steps}"));
            }
            Ok(made)
        });
        made.collect()
    }
}

/// One text, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    /// One.
    One(String),
    /// Several.
    More(Vec<String>),
}

impl From<OneOrMore> for Vec<String> {
    fn from(given: OneOrMore) -> Self {
        match given {
            OneOrMore::One(one) => vec![one],
            OneOrMore::More(more) => more,
        }
    }
}

/// Steps of an outcome as they are written in a host language.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum WrittenSteps {
    /// Steps that mean yes.
    Yes(OneOrMore),
    /// Steps that mean yes, and those that mean no.
    Both {
        /// Steps that mean yes.
        yes: OneOrMore,
        /// Steps that mean no.
        no: Option<OneOrMore>,
    },
}

/// Who of the speakers speaks for the company; all others are customers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Agents {
    /// Nothing was said: taken from the file where it says so, else an error that names the speakers.
    #[default]
    Unsaid,
    /// The speakers of these names or ids.
    Named(Vec<String>),
    /// The speakers whose description has one of these values in this field.
    Where {
        /// Field of what the file knows of a speaker.
        field: String,
        /// Its values for agents.
        values: Vec<String>,
    },
}

impl<'de> Deserialize<'de> for Agents {
    /// A name, a list of names, or `{field: value or values}`.
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Named(OneOrMore),
            Where(IndexMap<String, OneOrMore>),
        }
        let wrong = || serde::de::Error::custom("give the names of agents, or one field of the speakers with its value for agents");
        match Written::deserialize(d).map_err(|_: D::Error| wrong())? {
            Written::Named(names) => Ok(Self::Named(names.into())),
            Written::Where(fields) if fields.len() == 1 => {
                let (field, values) = fields.into_iter().next().ok_or_else(wrong)?;
                Ok(Self::Where { field, values: values.into() })
            }
            Written::Where(_) => Err(wrong()),
        }
    }
}

/// Which transitions of a step are its events (the lifecycle of XES).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Lifecycle {
    /// For each step that has events of the transition `complete`, these alone; for any other step all its events.
    #[default]
    Completed,
    /// Every event.
    All,
    /// Events of this transition, and those that name none.
    Only(String),
}

impl From<&str> for Lifecycle {
    /// `completed`, `all`, or the name of a transition.
    fn from(text: &str) -> Self {
        match text {
            "completed" => Self::Completed,
            "all" => Self::All,
            other => Self::Only(other.to_owned()),
        }
    }
}
