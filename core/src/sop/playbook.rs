//! Several SOPs, and which case takes which.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use super::model::{Condition, OneOrMany, SopFile};
use super::raw::{Raw, Value};
use super::read::Reader;
use super::{Sop, named, read_text};
use crate::error::{Error, Fault, Result};

/// One SOP of a [`Playbook`] and the cases it is for.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaybookEntry {
    /// Which cases take it; all that no earlier entry took where the condition is empty.
    pub when: Condition,
    /// The SOP they are held against.
    pub sop: Sop,
}

/// Several SOPs with the attributes that say which case takes which: the first entry whose condition holds.
///
/// Everything that takes a [`Sop`] takes a `Playbook`; a single SOP is a playbook of one.
///
/// ```
/// # let (smb, large) = ("format: goldpath/1\nname: smb\nsteps: [a]\nflow: [a]", "format: goldpath/1\nname: large\nsteps: [a, b]\nflow: [a, b]");
/// use goldpath::{Playbook, Sop};
/// let playbook = Playbook::by("segment", [("smb", Sop::parse(smb)?), ("enterprise", Sop::parse(large)?)]);
/// assert_eq!(playbook.entries().len(), 2);
/// assert_eq!(Playbook::parse(&playbook.to_yaml())?, playbook);
/// # Ok::<(), goldpath::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Playbook {
    entries: Vec<PlaybookEntry>,
}

impl From<Sop> for Playbook {
    fn from(sop: Sop) -> Self {
        Self { entries: vec![PlaybookEntry { when: Condition::default(), sop }] }
    }
}

impl From<&Sop> for Playbook {
    fn from(sop: &Sop) -> Self {
        sop.clone().into()
    }
}

impl From<&Playbook> for Playbook {
    fn from(playbook: &Playbook) -> Self {
        playbook.clone()
    }
}

#[derive(serde::Serialize, schemars::JsonSchema)]
#[schemars(title = "goldpath Playbook", rename = "Playbook")]
struct PlaybookFile {
    #[schemars(regex(pattern = "^goldpath/1$"))]
    format: &'static str,
    playbook: Vec<EntryFile>,
}

#[derive(serde::Serialize, schemars::JsonSchema)]
struct EntryFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<Condition>,
    sop: SopFile,
}

impl Playbook {
    /// Entries in the order they are tried.
    pub fn new(entries: impl IntoIterator<Item = PlaybookEntry>) -> Self {
        Self { entries: entries.into_iter().collect() }
    }

    /// One SOP for each value of an attribute.
    pub fn by(attribute: &str, sops: impl IntoIterator<Item = (impl Into<String>, Sop)>) -> Self {
        let when = |value: String| Condition([(attribute.to_owned(), OneOrMany::One(value))].into_iter().collect());
        Self::new(sops.into_iter().map(|(value, sop)| PlaybookEntry { when: when(value.into()), sop }))
    }

    /// Reads a playbook file; `sop: other.yaml` names a file beside it. A plain SOP file is a playbook of one.
    ///
    /// # Errors
    /// [`Error::Io`] if a file cannot be read, [`Error::Sop`] with all faults of all its SOPs.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.display().to_string();
        Self::from_text(&read_text(path)?, Some(&name), path.parent())
    }

    /// Reads the text of a playbook whose SOPs all stand in it.
    ///
    /// # Errors
    /// [`Error::Sop`] with all faults of all its SOPs.
    pub fn parse(text: &str) -> Result<Self> {
        Self::from_text(text, None, None)
    }

    fn from_text(text: &str, source: Option<&str>, folder: Option<&Path>) -> Result<Self> {
        let fail = |faults| named(faults, source);
        let root = Raw::parse(text).map_err(|fault| fail(vec![fault]))?;
        let Value::Map(map) = &root.value else { return Ok(Sop::from_raw(&root).map_err(fail)?.into()) };
        let Some((_, list)) = map.iter().find(|(key, _)| key.scalar().as_deref() == Some("playbook")) else {
            return Ok(Sop::from_raw(&root).map_err(fail)?.into());
        };
        let mut reader = Reader::default();
        let mut entries = Vec::new();
        for (key, _) in reader.map("", &root, "a map with format and playbook") {
            if !["format", "playbook"].contains(&key.as_str()) {
                reader.unknown_key("", &key, &["format", "playbook"]);
            }
        }
        let format = map.iter().find(|(key, _)| key.scalar().as_deref() == Some("format")).and_then(|(_, raw)| raw.scalar());
        reader.check_format(format.as_deref());
        let Value::List(items) = &list.value else {
            reader.fault("playbook", "sop.wrong_type", format!("expected a list, found {}", list.kind()), "write `- {when: …, sop: …}`");
            return Err(fail(reader.faults));
        };
        for (i, item) in items.iter().enumerate() {
            let place = format!("playbook[{i}]");
            let get = |name: &str| match &item.value {
                Value::Map(map) => map.iter().find(|(key, _)| key.scalar().as_deref() == Some(name)).map(|(_, raw)| raw),
                _ => None,
            };
            for (key, _) in reader.map(&place, item, "a map with when and sop") {
                if !["when", "sop"].contains(&key.as_str()) {
                    reader.unknown_key(&place, &key, &["when", "sop"]);
                }
            }
            let when = get("when").map_or_else(Condition::default, |raw| reader.condition(&format!("{place}.when"), raw));
            let Some(raw) = get("sop") else {
                reader.fault(&place, "sop.missing", "the entry has no `sop`", "write `- {when: …, sop: …}`");
                continue;
            };
            let sop = match (&raw.value, folder) {
                (Value::Text(file), Some(folder)) => Sop::read(folder.join(file)),
                (Value::Text(file), None) => {
                    let message = format!("`{file}` names a file, but a playbook given as text has no folder");
                    Err(Error::Sop(vec![Fault::new("sop.no_folder", message).help("read the playbook from its file")]))
                }
                _ => Sop::from_raw(raw).map_err(Error::Sop),
            };
            match sop {
                Ok(sop) => entries.push(PlaybookEntry { when, sop }),
                Err(Error::Sop(faults)) => reader.faults.extend(faults.into_iter().map(|mut fault| {
                    fault.place = Some(fault.place.map_or_else(|| format!("{place}.sop"), |at| format!("{place}.sop.{at}")));
                    fault
                })),
                Err(other) => return Err(other),
            }
        }
        if items.is_empty() {
            reader.fault("playbook", "sop.missing", "the playbook is empty", "add at least one SOP");
        }
        if reader.faults.is_empty() { Ok(Self { entries }) } else { Err(fail(reader.into_faults())) }
    }

    /// The entries in the order they are tried.
    pub fn entries(&self) -> &[PlaybookEntry] {
        &self.entries
    }

    /// The SOPs in the order of the entries.
    pub fn sops(&self) -> impl ExactSizeIterator<Item = &Sop> {
        self.entries.iter().map(|entry| &entry.sop)
    }

    /// The number of the entry a case takes, given its attributes as text.
    pub fn choose<'a>(&self, attribute: impl Fn(&str) -> Option<Cow<'a, str>>) -> Option<usize> {
        self.entries.iter().position(|entry| entry.when.holds(&attribute))
    }

    /// The playbook as YAML text; reading it gives an equal playbook.
    pub fn to_yaml(&self) -> String {
        serde_saphyr::to_string(&self.file()).unwrap_or_default()
    }

    /// The playbook as JSON text; reading it gives an equal playbook.
    pub fn to_json(&self) -> String {
        crate::text::json(&self.file())
    }

    fn file(&self) -> PlaybookFile {
        let entry = |e: &PlaybookEntry| EntryFile { when: (!e.when.0.is_empty()).then(|| e.when.clone()), sop: e.sop.file() };
        PlaybookFile { format: "goldpath/1", playbook: self.entries.iter().map(entry).collect() }
    }

    /// The JSON Schema of the playbook file, generated from the Rust types.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(PlaybookFile).to_value()
    }
}

impl fmt::Debug for Playbook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Playbook({} SOPs: {})", self.entries.len(), self.sops().map(Sop::name).collect::<Vec<_>>().join(", "))
    }
}
