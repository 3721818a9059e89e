//! Options and records as plain values: what Python, Node and files give.

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Competence, PeopleOptions, SkillOptions, TierOptions, WatchOptions};
use crate::error::{Error, Result};
use crate::monitor::{ChanceOptions, DriftOptions};

/// Reads an option or record from a plain value.
///
/// ```
/// use goldpath::coaching::{CoachingEvent, from_value};
/// let event: CoachingEvent = from_value("event", serde_json::json!({"at": "2026-03-02", "event": "joined", "rep": "ann"}))?;
/// let wrong = from_value::<CoachingEvent>("event", serde_json::json!({"at": "2026-03-02", "event": "left"})).unwrap_err();
/// assert_eq!(wrong.code(), "argument.invalid");
/// # Ok::<(), goldpath::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] with the place for what it does not know or of another type.
pub fn from_value<T: DeserializeOwned>(name: &str, value: serde_json::Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." || path.is_empty() { name.to_owned() } else { format!("{name}.{path}") };
        Error::argument(&place, error.into_inner().to_string(), "")
    })
}

/// All options on one floor, as hosts write them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Given {
    adjust_for: Option<Vec<String>>,
    as_of: Option<Date>,
    utc_offset: i32,
    competences: Option<Vec<Competence>>,
    tiers: TierOptions,
    level: Option<f64>,
    watch: WatchOptions,
    drift: DriftOptions,
}

impl PeopleOptions {
    /// Options from a plain object with `adjust_for`, `as_of`, `utc_offset`, `competences`, `tiers`, `level`, `watch` and `drift`,
    /// each of which may be left out.
    ///
    /// # Errors
    /// As [`from_value`].
    pub fn from_value(value: serde_json::Value) -> Result<Self> {
        let given: Given = from_value("options", value)?;
        let usual = SkillOptions::default();
        Ok(Self {
            chances: ChanceOptions { adjust_for: given.adjust_for, as_of: given.as_of, utc_offset: given.utc_offset },
            skills: SkillOptions { competences: given.competences.unwrap_or(usual.competences), tiers: given.tiers, level: given.level.unwrap_or(usual.level) },
            watch: given.watch,
            drift: given.drift,
        })
    }
}
