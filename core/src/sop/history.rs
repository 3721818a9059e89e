//! The versions of an SOP, each with the patch that made it: a chain that replays exactly.

use std::path::Path;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{SopFile, Version};
use super::patch::{self, Diff, Patch};
use super::raw::{Raw, Value};
use super::read::{Reader, join};
use super::{Sop, lint_day, read_text};
use crate::error::{Error, Fault, Result};
use crate::table::{Column, Table};
use crate::text::cut;

/// When and why a version was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    /// First day it is in force.
    pub date: Option<Date>,
    /// Why.
    pub reason: Option<String>,
    /// Who decided.
    pub by: Option<String>,
}

impl Note {
    /// A note with its day, such as `2026-03-01`, and its reason.
    ///
    /// # Errors
    /// [`Error::Argument`] for a text that is no date.
    pub fn on(date: &str, reason: impl Into<String>) -> Result<Self> {
        let date = lint_day(date).map_err(|_| Error::argument("date", format!("`{}` is no date", cut(date, 60)), "write it as 2027-01-31"))?;
        Ok(Self { date: Some(date), reason: Some(reason.into()), by: None })
    }
}

/// One version in a [`History`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Revision {
    /// Its number: 1, 2, 3, …
    pub number: u32,
    /// Version that the SOP itself states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// First day it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub date: Option<Date>,
    /// Why it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Hash of the version before; none for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Hash of this version ([`Sop::hash`]).
    pub hash: String,
    /// What made it of the version before; none for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<Patch>,
}

/// The versions of an SOP in their order, each made of the one before by a patch.
///
/// ```
/// use goldpath::sop::{History, Note, Patch};
/// let sop = goldpath::Sop::parse("{format: goldpath/1, name: demo, version: 1, steps: [open, need, close], flow: [open, need, close]}")?;
/// let mut history = History::new(sop, Note::on("2026-01-01", "first")?);
/// history.push(&Patch::new().make_optional("need"), Note::on("2026-04-01", "skipping it costs nothing")?)?;
/// assert_eq!(history.head().version().map(ToString::to_string).as_deref(), Some("2"));
/// assert_eq!(history.as_of("2026-03-31".parse().expect("a date")), history.sop(1));
/// assert_eq!(History::parse(&history.to_yaml())?, history);
/// # Ok::<(), goldpath::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    revisions: Vec<Revision>,
    sops: Vec<Sop>,
}

/// The history as it is written in a file.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "goldpath History", rename = "History")]
struct HistoryFile<'a> {
    /// Always `goldpath/1`.
    #[schemars(regex(pattern = "^goldpath/1$"))]
    format: &'static str,
    /// The first version, whole.
    first: SopFile,
    /// All versions, the first included.
    history: &'a [Revision],
}

fn wrong(code: &'static str, place: &str, message: String, help: &str) -> Fault {
    Fault::new(code, message).at_place(place).help(help)
}

impl History {
    /// A history that begins with an SOP.
    pub fn new(sop: Sop, note: Note) -> Self {
        let Note { date, reason, by } = note;
        let revision = Revision { number: 1, version: sop.version().cloned(), date, reason, by, parent: None, hash: sop.hash(), patch: None };
        Self { revisions: vec![revision], sops: vec![sop] }
    }

    /// Adds the version that a patch makes of the last one. Where the last has a number as its version and the patch leaves it,
    /// the new one gets the next number.
    ///
    /// # Errors
    /// [`Error::Patch`]: as [`Sop::apply`]; `history.order` if the day is before that of the last version, or the number of the
    /// version not above its number; `history.same_version` if it keeps a version that is a text.
    pub fn push(&mut self, patch: &Patch, note: Note) -> Result<&Sop> {
        let head = self.head();
        let mut made = head.apply(patch)?;
        let mut patch = patch.clone();
        if let (Some(Version::Number(n)), true) = (head.version(), made.version() == head.version()) {
            patch = patch.set_version(Version::Number(n.saturating_add(1)));
            made = head.apply(&patch)?;
        }
        let patch = patch.bound_to(head);
        self.follow(made, patch, note).map_err(|fault| Error::Patch(vec![fault]))?;
        Ok(self.head())
    }

    /// Adds the next version as a whole SOP; the patch is the difference to the last one.
    ///
    /// # Errors
    /// As [`History::push`].
    pub fn push_sop(&mut self, sop: &Sop, note: Note) -> Result<&Sop> {
        let patch = self.head().diff(sop).patch().clone();
        self.follow(sop.clone(), patch, note).map_err(|fault| Error::Patch(vec![fault]))?;
        Ok(self.head())
    }

    /// Adds a version as another history of the same SOP has it.
    ///
    /// # Errors
    /// [`Error::Patch`]: as [`History::push`]; `history.parent` where it does not follow the last version, `history.hash` where
    /// its patch makes another one.
    pub fn push_revision(&mut self, revision: &Revision) -> Result<&Sop> {
        let place = format!("history[{}]", self.sops.len());
        let last = self.revisions.last().map(|last| last.hash.as_str());
        if revision.number as usize != self.sops.len() + 1 || revision.parent.as_deref() != last {
            let message =
                format!("version number {} follows {}, which is not the last one", revision.number, twelve(revision.parent.as_deref().unwrap_or("–")));
            return Err(Error::Patch(vec![wrong("history.parent", &place, message, "a version is missing, or they are out of order")]));
        }
        let patch = revision.patch.clone().unwrap_or_default();
        let made = self.head().apply(&patch)?;
        if made.hash() != revision.hash {
            let message = format!("the version is {} by its hash, but {} is what comes out", twelve(&revision.hash), twelve(&made.hash()));
            return Err(Error::Patch(vec![wrong("history.hash", &place, message, "give the patch that made it")]));
        }
        let note = Note { date: revision.date, reason: revision.reason.clone(), by: revision.by.clone() };
        self.follow(made, patch, note).map_err(|fault| Error::Patch(vec![fault]))?;
        Ok(self.head())
    }

    fn follow(&mut self, sop: Sop, patch: Patch, note: Note) -> std::result::Result<(), Fault> {
        let Note { date, reason, by } = note;
        let last = self.revisions.len();
        let place = format!("history[{last}]");
        let before = self.revisions.iter().rev().find_map(|revision| revision.date);
        if let (Some(before), Some(date)) = (before, date)
            && date < before
        {
            let message = format!("version {} is dated {date}, before the one it follows ({before})", last + 1);
            return Err(wrong("history.order", &place, message, "put the versions in the order of their days"));
        }
        match (self.head().version(), sop.version()) {
            (Some(Version::Number(a)), Some(Version::Number(b))) if b <= a => {
                let message = format!("version {b} follows version {a}");
                return Err(wrong("history.order", &place, message, "number versions upwards"));
            }
            (Some(a @ Version::Text(_)), Some(b)) if a == b => {
                let message = format!("two versions in a row are called {}", crate::text::short(&a.to_string(), 60));
                return Err(wrong("history.same_version", &place, message, "give the new one its own: `set_version`"));
            }
            _ => {}
        }
        let parent = self.revisions.last().map(|revision| revision.hash.clone());
        let number = last as u32 + 1;
        self.revisions.push(Revision { number, version: sop.version().cloned(), date, reason, by, parent, hash: sop.hash(), patch: Some(patch) });
        self.sops.push(sop);
        Ok(())
    }

    /// The versions in their order.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// The versions as a table, a row each.
    pub fn table(&self) -> Table {
        let rows = &self.revisions;
        let text = |f: &dyn Fn(&Revision) -> Option<String>| Column::Text(rows.iter().map(|x| f(x).map(Into::into)).collect());
        let mut table = Table::new("history");
        table.push("number", Column::Int(rows.iter().map(|r| Some(i64::from(r.number))).collect()));
        table.push("version", text(&|r| r.version.as_ref().map(ToString::to_string)));
        table.push("date", text(&|r| r.date.map(|day| day.to_string())));
        table.push("reason", text(&|r| r.reason.clone()));
        table.push("by", text(&|r| r.by.clone()));
        table.push("edits", Column::Int(rows.iter().map(|r| r.patch.as_ref().map(|patch| patch.edits().len() as i64)).collect()));
        table.push("hash", text(&|r| Some(twelve(&r.hash))));
        table
    }

    /// The last version.
    pub fn head(&self) -> &Sop {
        &self.sops[self.sops.len() - 1]
    }

    /// A version by its number, counted from 1.
    pub fn sop(&self, number: u32) -> Option<&Sop> {
        self.sops.get((number as usize).checked_sub(1)?)
    }

    /// The version in force on a day: the last whose day is not after it. Versions without a day are in force from that of
    /// the one before, the first without one always.
    pub fn as_of(&self, day: Date) -> Option<&Sop> {
        let started = self.revisions.iter().take_while(|revision| revision.date.is_none_or(|date| date <= day)).count();
        self.sop(started as u32)
    }

    /// What differs between two versions, by their numbers.
    ///
    /// # Errors
    /// [`Error::Argument`] for a number that no version has.
    pub fn diff(&self, from: u32, to: u32) -> Result<Diff> {
        let find = |name: &str, number: u32| {
            self.sop(number).ok_or_else(|| Error::argument(name, format!("there is no version number {number}"), format!("1 to {}", self.sops.len())))
        };
        Ok(find("from", from)?.diff(find("to", to)?))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, else as [`History::parse`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let named = |error: Error| match error {
            Error::Sop(faults) | Error::Patch(faults) => {
                let source = path.display().to_string();
                Error::Patch(faults.into_iter().map(|fault| Fault { source: fault.source.clone().or_else(|| Some(source.clone())), ..fault }).collect())
            }
            other => other,
        };
        read_text(path).and_then(|text| Self::parse(&text)).map_err(named)
    }

    /// Reads YAML or JSON text. Every version is made again by its patch, and has to be what its hash says.
    ///
    /// # Errors
    /// [`Error::Patch`]: faults of form, each with its line; `history.order` for versions out of order, `history.parent` for
    /// one that does not follow the one before it, `history.hash` for one that its patch does not make.
    pub fn parse(text: &str) -> Result<Self> {
        Raw::parse(text).map_err(|fault| patch::failed(vec![fault])).and_then(|raw| Self::from_raw(&raw))
    }

    /// Reads a value in memory, such as a parsed JSON object.
    ///
    /// # Errors
    /// As [`History::parse`], without lines.
    pub fn from_value(value: serde_json::Value) -> Result<Self> {
        Self::from_raw(&Raw::from_json(value))
    }

    fn from_raw(root: &Raw) -> Result<Self> {
        let mut reader = Reader::default();
        let (mut format, mut first, mut links) = (None, None, None);
        for (key, raw) in reader.map("", root, "a map with format, first and history") {
            match key.as_str() {
                "format" => format = reader.text("format", raw),
                "first" => first = Some(raw),
                "history" => links = Some(reader.list("history", raw, "a list of versions")),
                _ => reader.unknown_key("", &key, &["format", "first", "history"]),
            }
        }
        reader.check_format(format.as_deref());
        for (there, name) in [(first.is_some(), "first"), (links.is_some(), "history")] {
            if !there {
                reader.fault("", "sop.missing", format!("the history has no `{name}`"), "give the first version whole, and the list of all");
            }
        }
        let links: Vec<Link> = links.unwrap_or_default().iter().enumerate().map(|(i, item)| Link::read(&mut reader, &format!("history[{i}]"), item)).collect();
        if links.is_empty() && reader.faults.is_empty() {
            reader.fault("history", "sop.missing", "the history is empty", "it lists the first version too");
        }
        let Some(first) = first.filter(|_| reader.faults.is_empty()) else { return Err(patch::failed(reader.into_faults())) };
        let sop = Sop::from_raw(first).map_err(|faults| {
            let inside =
                |fault: Fault| Fault { place: Some(fault.place.clone().map_or_else(|| "first".to_owned(), |place| format!("first.{place}"))), ..fault };
            patch::failed(faults.into_iter().map(inside).collect())
        })?;
        let mut links = links.into_iter();
        let Some(link) = links.next() else { return Err(patch::failed(reader.into_faults())) };
        let mut history = Self::new(sop, link.note.clone());
        if link.patch.as_ref().is_some_and(|patch| !patch.is_empty()) {
            let message = "the first version has a patch, but nothing comes before it".to_owned();
            let fault = wrong("history.order", &link.place, message, "`first` is the first version as a whole: remove the patch");
            return Err(Error::Patch(vec![link.located(fault, &reader)]));
        }
        link.follows(1, None, &reader)?;
        link.is(&history, &reader)?;
        for link in links {
            link.follows(history.sops.len() + 1, history.revisions.last().map(|before| before.hash.as_str()), &reader)?;
            let patch = link.patch.clone().unwrap_or_default();
            let made = history.head().apply(&patch).map_err(|error| link.inside(error, &reader))?;
            history.follow(made, patch, link.note.clone()).map_err(|fault| Error::Patch(vec![link.located(fault, &reader)]))?;
            link.is(&history, &reader)?;
        }
        Ok(history)
    }

    /// The history as YAML text; reading it gives an equal history.
    pub fn to_yaml(&self) -> String {
        serde_saphyr::to_string(&self.file()).unwrap_or_default()
    }

    /// The history as JSON text; reading it gives an equal history.
    pub fn to_json(&self) -> String {
        crate::text::json(&self.file())
    }

    fn file(&self) -> HistoryFile<'_> {
        HistoryFile { format: "goldpath/1", first: self.sops[0].file(), history: &self.revisions }
    }

    /// The JSON Schema of the history file, generated from the Rust types.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(HistoryFile).to_value()
    }
}

impl std::fmt::Display for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "History({} versions of {})", self.revisions.len(), self.head().name())
    }
}

/// A version as its file says it.
struct Link {
    place: String,
    number: Option<usize>,
    version: Option<Version>,
    parent: Option<String>,
    hash: Option<String>,
    note: Note,
    patch: Option<Patch>,
}

impl Link {
    fn read(reader: &mut Reader, place: &str, raw: &Raw) -> Self {
        const KEYS: [&str; 8] = ["number", "version", "date", "reason", "by", "parent", "hash", "patch"];
        reader.note(place, raw);
        let mut link = Self { place: place.to_owned(), number: None, version: None, parent: None, hash: None, note: Note::default(), patch: None };
        for (key, raw) in reader.map(place, raw, "a map with number, date, reason, parent, hash and patch") {
            let at = join(place, &key);
            match key.as_str() {
                "number" => link.number = reader.number(&at, raw, u64::from(u32::MAX)).map(|n| n as usize),
                "version" => link.version = reader.version(&at, raw),
                "date" => link.note.date = if raw.value == Value::Null { None } else { reader.date(&at, raw) },
                "reason" => link.note.reason = reader.optional_text(&at, raw),
                "by" => link.note.by = reader.optional_text(&at, raw),
                "parent" => link.parent = reader.optional_text(&at, raw),
                "hash" => link.hash = reader.text(&at, raw),
                "patch" => link.patch = Some(patch::read(reader, &at, raw)),
                _ => reader.unknown_key(place, &key, &KEYS),
            }
        }
        link
    }

    fn located(&self, fault: Fault, reader: &Reader) -> Fault {
        let (line, column) = reader.line_of(&self.place).unzip();
        Fault { line: fault.line.or(line), column: fault.column.or(column), ..fault }
    }

    fn inside(&self, error: Error, reader: &Reader) -> Error {
        let Error::Patch(faults) = error else { return error };
        let inside = |fault: Fault| {
            let place = format!("{}.patch", self.place);
            self.located(Fault { place: Some(fault.place.clone().map_or_else(|| place.clone(), |at| format!("{place}.{at}"))), ..fault }, reader)
        };
        Error::Patch(faults.into_iter().map(inside).collect())
    }

    fn fail<T>(&self, code: &'static str, message: String, help: &str, reader: &Reader) -> Result<T> {
        Err(Error::Patch(vec![self.located(wrong(code, &self.place, message, help), reader)]))
    }

    /// Whether it comes after the version before it.
    fn follows(&self, number: usize, before: Option<&str>, reader: &Reader) -> Result<()> {
        if let Some(found) = self.number.filter(|&found| found != number) {
            let message = format!("version number {found} stands where {number} is expected");
            return self.fail("history.order", message, "versions are listed in their order: 1, 2, 3, …", reader);
        }
        match &self.parent {
            Some(parent) if Some(parent.as_str()) != before => {
                let before = before.map_or_else(|| "nothing comes before it".to_owned(), |hash| format!("the version before it is {}", twelve(hash)));
                let message = format!("the version follows {}, but {before}", twelve(parent));
                self.fail("history.parent", message, "a version is missing, or they are out of order", reader)
            }
            _ => Ok(()),
        }
    }

    /// Whether the version that came out is the one the file speaks of.
    fn is(&self, history: &History, reader: &Reader) -> Result<()> {
        let Some(made) = history.revisions.last() else { return Ok(()) };
        if let Some(hash) = self.hash.as_ref().filter(|hash| **hash != made.hash) {
            let message = format!("the version is {} by its hash, but {} is what comes out", twelve(hash), twelve(&made.hash));
            return self.fail("history.hash", message, "the file was changed by hand; remove the hashes from here on if that was meant", reader);
        }
        match &self.version {
            Some(version) if made.version.as_ref() != Some(version) => {
                let made = made.version.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
                let message = format!("the version is said to be {}, but the SOP says {}", cut(&version.to_string(), 60), cut(&made, 60));
                self.fail("history.order", message, "mend the one or the other", reader)
            }
            _ => Ok(()),
        }
    }
}

/// The beginning of a hash, which is enough to tell it from others.
fn twelve(hash: &str) -> String {
    cut(hash, 12)
}
