//! What can go wrong, said so that the reader can mend it.
//!
//! Every fallible call of the library returns [`Error`]. Each error has a stable [`code`](Error::code) that is the
//! same in Rust, Python and Node, a plain message, and the place it speaks of: file, line, field or case.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// The result of every fallible call of the library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One thing that is wrong, where it stands, and what would mend it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Fault {
    /// Stable code, such as `sop.unknown_step`; the same in the three languages.
    pub code: &'static str,
    /// File (or other source) the fault stands in, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Line in the source, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Column in the line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// Field or place inside the record, such as `flow[2].any_order` or `turns[3].speaker`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Id of the conversation the fault belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
}

impl Fault {
    /// A fault with its code and message; the place is added by the `at_*` methods.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), ..Self::default() }
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Adds the field or place inside the record.
    #[must_use]
    pub fn at_place(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds the line, counted from 1.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// Adds the id of the conversation.
    #[must_use]
    pub fn of_case(mut self, case: impl Into<String>) -> Self {
        self.case = Some(case.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.source {
            write!(f, "{source}:")?;
        }
        if let Some(line) = self.line {
            if self.source.is_none() {
                f.write_str("line ")?;
            }
            write!(f, "{line}:")?;
            if let Some(column) = self.column {
                write!(f, "{column}:")?;
            }
        }
        if self.source.is_some() || self.line.is_some() {
            f.write_str(" ")?;
        }
        if let Some(case) = &self.case {
            write!(f, "conversation `{case}`: ")?;
        }
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)?;
        if !self.help.is_empty() {
            write!(f, " ({})", self.help)?;
        }
        Ok(())
    }
}

/// Any failure of the library.
///
/// ```
/// let error = goldpath::Sop::parse("format: goldpath/1\nname: x\nsteps: {a: {}}\nflow: [a, b]").unwrap_err();
/// assert_eq!(error.code(), "sop.unknown_step");
/// assert_eq!(error.faults()[0].line, Some(4));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An SOP or Playbook that does not hold together; all faults at once.
    #[error("{}", list_faults("the SOP", .0))]
    Sop(Vec<Fault>),
    /// A scorecard that does not hold together, or does not go with what is scored; all faults at once.
    #[error("{}", list_faults("the scorecard", .0))]
    Scorecard(Vec<Fault>),
    /// A patch that cannot be read, does not fit the SOP it is applied to, or would make an SOP that does not hold together;
    /// or a history whose versions do not follow from each other. All faults at once.
    #[error("{}", list_faults("the patch", .0))]
    Patch(Vec<Fault>),
    /// A fragment or rules that cannot be read, or a composition that cannot be met; all faults at once.
    #[error("{}", list_faults("the composition", .0))]
    Compose(Vec<Fault>),
    /// A detector that does not hold together, or does not go with what it is to read; all faults at once.
    #[error("{}", list_faults("the detector", .0))]
    Detector(Vec<Fault>),
    /// A record, line or table of conversations that cannot be taken in.
    #[error("{0}")]
    Corpus(Box<Fault>),
    /// An argument of a call that makes no sense.
    #[error("{0}")]
    Argument(Box<Fault>),
    /// A stated limit that would be passed.
    #[error("{0}")]
    Limit(Box<Fault>),
    /// A store that cannot be opened, read or written.
    #[error("{0}")]
    Store(Box<Fault>),
    /// A file that cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The caller stopped the work.
    #[error("stopped by the caller")]
    Cancelled,
}

impl Error {
    /// Stable code of the error, equal in the three languages; that of the first fault where there are several.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sop(faults) => faults.first().map_or("sop.invalid", |f| f.code),
            Self::Scorecard(faults) => faults.first().map_or("scorecard.invalid", |f| f.code),
            Self::Compose(faults) => faults.first().map_or("compose.invalid", |f| f.code),
            Self::Patch(faults) => faults.first().map_or("patch.invalid", |f| f.code),
            Self::Corpus(f) | Self::Argument(f) | Self::Limit(f) | Self::Store(f) => f.code,
            Self::Detector(faults) => faults.first().map_or("detector.invalid", |f| f.code),
            Self::Io { .. } => "io",
            Self::Cancelled => "cancelled",
        }
    }

    /// Everything that is wrong, in the order of the file; empty for [`Error::Io`] and [`Error::Cancelled`].
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::Sop(faults) | Self::Scorecard(faults) | Self::Patch(faults) | Self::Compose(faults) | Self::Detector(faults) => faults,
            Self::Corpus(f) | Self::Argument(f) | Self::Limit(f) | Self::Store(f) => std::slice::from_ref(f),
            Self::Io { .. } | Self::Cancelled => &[],
        }
    }

    pub(crate) fn argument(name: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Argument(Box::new(Fault::new("argument.invalid", message).at_place(name).help(help)))
    }

    pub(crate) fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Corpus(Box::new(fault))
    }
}

fn list_faults(what: &str, faults: &[Fault]) -> String {
    const SHOWN: usize = 20;
    match faults {
        [] => format!("{what} is not valid"),
        [one] => one.to_string(),
        many => {
            let mut text = format!("{what} has {} faults:", many.len());
            for fault in many.iter().take(SHOWN) {
                text.push_str("\n  - ");
                text.push_str(&fault.to_string());
            }
            if many.len() > SHOWN {
                text.push_str(&format!("\n  … and {} more", many.len() - SHOWN));
            }
            text
        }
    }
}
