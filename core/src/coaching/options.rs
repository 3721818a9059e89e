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

#[cfg(feature = "store")]
impl crate::store::Record for super::CoachingEvent {
    const LOG: &'static str = "coaching";
    const VERSION: u32 = 1;
}

#[cfg(feature = "store")]
impl crate::store::Record for crate::monitor::AlertEvent {
    const LOG: &'static str = "alerts";
    const VERSION: u32 = 1;
}

#[cfg(all(test, feature = "store"))]
mod tests {
    use super::super::{CoachingEvent, CoachingLog};
    use super::*;
    use crate::store::Store;

    #[test]
    fn the_loop_is_kept_in_the_store_and_rebuilt() {
        let folder = std::env::temp_dir().join(format!("goldpath-coaching-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let store = Store::open(folder.join("team.goldpath")).unwrap();
        let mut log = CoachingLog::default();
        for json in [
            serde_json::json!({"at": "2026-03-02", "event": "assigned", "rep": "安", "skill": "step:need", "due": "2026-03-20", "goal": 0.7}),
            serde_json::json!({"at": "2026-03-10", "by": "Li", "event": "trained", "rep": "安", "skill": "step:need", "training": "t1"}),
        ] {
            let event: CoachingEvent = from_value("event", json).unwrap();
            log.apply(&event).unwrap();
            store.append(1_772_000_000_000, &event).unwrap();
        }
        let kept = store.entries::<CoachingEvent>(0).unwrap();
        assert_eq!(CoachingLog::replay(kept.iter().map(|entry| &entry.record)).unwrap(), log);
        drop(store);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
