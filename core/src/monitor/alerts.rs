//! Alerts as data: what, since when, how sure, who, what to do; told once, and what came of them.
//!
//! An alert is found anew on every run. [`AlertLog`] keeps those that were told: it is a fold over its events, so that replaying
//! them gives it back exactly, and hosts keep the events wherever they like.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::execution::Group;
use crate::error::{Error, Fault, Result};
use crate::table::{Column, Table};

/// What kind of alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AlertKind {
    /// A rep does worse than they did.
    Decline,
    /// People choose otherwise than before.
    Choice,
    /// Customers do something more or less often than before.
    Customer,
    /// A team, a segment or all keep to the SOP less than before.
    Adherence,
    /// A team, a segment or all deviate in one place more than before.
    Deviation,
}

impl AlertKind {
    /// The name of the kind, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decline => "decline",
            Self::Choice => "choice",
            Self::Customer => "customer",
            Self::Adherence => "adherence",
            Self::Deviation => "deviation",
        }
    }
}

/// What is suggested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Look at conversations with the rep, and train what is weak.
    CoachRep,
    /// Find out why a planned step is left out more often, and remind.
    RemindTeam,
    /// See whether what people now do is better, and put it into the SOP or stop it.
    JudgeChoice,
    /// Prepare answers to what customers now bring up.
    PrepareAnswers,
    /// A planned step is done more often, or better: see what did it, and keep it up.
    KeepUp,
}

/// Something that changed and deserves to be looked at. Text is data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Stays the same from run to run, as long as it is the same matter.
    pub id: String,
    /// Kind.
    pub kind: AlertKind,
    /// The rep, where it is about one.
    pub rep: Option<String>,
    /// The team or segment, where it is about one; `all` where it is about the adherence of all.
    #[serde(default)]
    pub group: Option<Group>,
    /// What it is about: a skill's key, a share such as `customer:competitor_question@qualify`, `adherence`, or a deviation such as
    /// `skipped:need`.
    pub what: String,
    /// What people read of it.
    pub title: String,
    /// From when on.
    pub since: Date,
    /// When it was clear; of a share, the latest week in which it may have begun.
    pub found: Date,
    /// When it was over; `None` while it lasts.
    pub until: Option<Date>,
    /// How likely it is to be chance alone.
    pub chance_alone: f64,
    /// Share before.
    pub before: f64,
    /// And since.
    pub after: f64,
    /// Cases since.
    pub n: u64,
    /// What is suggested.
    pub action: Action,
}

impl Alert {
    /// One sentence about it, with what is suggested.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::people::alert(self, lang)
    }

    /// The id of a matter first told with this beginning.
    pub(crate) fn id_of(kind: AlertKind, rep: Option<&str>, what: &str, since: Date) -> String {
        let texts = [kind.name(), rep.unwrap_or_default(), what, &since.to_string()];
        let lengths = texts.map(|text| (text.len() as u64).to_le_bytes());
        let parts: Vec<&[u8]> = lengths.iter().zip(texts).flat_map(|(length, text)| [length.as_slice(), text.as_bytes()]).collect();
        crate::text::sha_hex(&parts)[..12].to_owned()
    }

    /// About the same matter: of the same kind, person and skill or share, and not over before the other began. As cases come in
    /// the beginning may move by some weeks.
    fn same(&self, other: &Self) -> bool {
        const MOVES: i64 = 42;
        let after = |alert: &Self, day: Date| alert.until.is_none_or(|until| super::calendar::day(until) + MOVES >= super::calendar::day(day));
        (self.kind, &self.rep, &self.group, &self.what) == (other.kind, &other.rep, &other.group, &other.what)
            && after(self, other.since)
            && after(other, self.since)
    }
}

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertStatus {
    /// Told, and nothing done yet.
    Open,
    /// Something was done about it (干预).
    ActedOn,
    /// It is over.
    Resolved,
    /// Somebody decided that it is nothing.
    Dismissed,
}

impl AlertStatus {
    /// The name, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::ActedOn => "acted_on",
            Self::Resolved => "resolved",
            Self::Dismissed => "dismissed",
        }
    }
}

/// What happens to alerts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AlertEvent {
    /// It was told for the first time.
    Raised {
        /// The alert.
        alert: Alert,
    },
    /// It lasts, and its figures changed.
    Updated {
        /// The alert, under the id it was told with.
        alert: Alert,
    },
    /// Something was done about it (干预).
    Intervened {
        /// The alert's id.
        id: String,
        /// The day.
        at: Date,
        /// Who.
        by: String,
        /// What was done.
        what: String,
    },
    /// What came of it.
    Concluded {
        /// The alert's id.
        id: String,
        /// The day.
        at: Date,
        /// What came of it.
        result: String,
        /// It is over; else it was nothing.
        resolved: bool,
    },
}

/// What was done about an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intervention {
    /// The day.
    pub at: Date,
    /// Who.
    pub by: String,
    /// What was done.
    pub what: String,
}

/// An alert that was told, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnownAlert {
    /// The alert as it is now.
    pub alert: Alert,
    /// Where it stands.
    pub status: AlertStatus,
    /// What was done (干预).
    pub interventions: Vec<Intervention>,
    /// What came of it, and on which day.
    pub result: Option<(Date, String)>,
}

/// The alerts that were told: a fold over [`AlertEvent`]s.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AlertLog {
    /// By id.
    pub alerts: BTreeMap<String, KnownAlert>,
}

fn unknown(id: &str) -> Error {
    Error::Argument(Box::new(Fault::new("alert.unknown", format!("there is no alert `{id}`")).at_place("id").help("an id of an alert that was told")))
}

impl AlertLog {
    /// The log that a history gives.
    ///
    /// # Errors
    /// As [`AlertLog::apply`].
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a AlertEvent>) -> Result<Self> {
        let mut log = Self::default();
        events.into_iter().try_for_each(|event| log.apply(event))?;
        Ok(log)
    }

    /// Takes in one event.
    ///
    /// # Errors
    /// [`Error::Argument`] with `alert.unknown` for an alert that was never told, and with `alert.twice` for one told twice.
    pub fn apply(&mut self, event: &AlertEvent) -> Result<()> {
        match event {
            AlertEvent::Raised { alert } => {
                if self.alerts.contains_key(&alert.id) {
                    let fault = Fault::new("alert.twice", format!("alert `{}` was told before", alert.id)).at_place("id");
                    return Err(Error::Argument(Box::new(fault.help("an alert that lasts is `updated`"))));
                }
                let status = if alert.until.is_some() { AlertStatus::Resolved } else { AlertStatus::Open };
                self.alerts.insert(alert.id.clone(), KnownAlert { alert: alert.clone(), status, interventions: vec![], result: None });
            }
            AlertEvent::Updated { alert } => {
                let known = self.known(&alert.id)?;
                if alert.until.is_some() && matches!(known.status, AlertStatus::Open | AlertStatus::ActedOn) {
                    known.status = AlertStatus::Resolved;
                }
                known.alert = alert.clone();
            }
            AlertEvent::Intervened { id, at, by, what } => {
                let known = self.known(id)?;
                known.interventions.push(Intervention { at: *at, by: by.clone(), what: what.clone() });
                if known.status == AlertStatus::Open {
                    known.status = AlertStatus::ActedOn;
                }
            }
            AlertEvent::Concluded { id, at, result, resolved } => {
                let known = self.known(id)?;
                known.status = if *resolved { AlertStatus::Resolved } else { AlertStatus::Dismissed };
                known.result = Some((*at, result.clone()));
            }
        }
        Ok(())
    }

    fn known(&mut self, id: &str) -> Result<&mut KnownAlert> {
        self.alerts.get_mut(id).ok_or_else(|| unknown(id))
    }

    /// The alerts as a table, a row each, those begun last first.
    pub fn table(&self) -> Table {
        let mut rows: Vec<&KnownAlert> = self.alerts.values().collect();
        rows.sort_by(|a, b| b.alert.since.cmp(&a.alert.since).then_with(|| a.alert.id.cmp(&b.alert.id)));
        let text = |f: &dyn Fn(&KnownAlert) -> Option<String>| Column::Text(rows.iter().map(|x| f(x).map(Into::into)).collect());
        let mut table = Table::new("alerts");
        table.push("id", text(&|k| Some(k.alert.id.clone())));
        table.push("kind", text(&|k| Some(k.alert.kind.name().into())));
        table.push("rep", text(&|k| k.alert.rep.clone()));
        table.push("what", text(&|k| Some(k.alert.what.clone())));
        table.push("status", text(&|k| Some(k.status.name().into())));
        table.push("since", text(&|k| Some(k.alert.since.to_string())));
        table.push("until", text(&|k| k.alert.until.map(|day| day.to_string())));
        table.push("interventions", Column::Int(rows.iter().map(|k| Some(k.interventions.len() as i64)).collect()));
        table.push("result", text(&|k| k.result.as_ref().map(|(_, result)| result.clone())));
        table.push("sentence_en", text(&|k| Some(k.alert.sentence(crate::words::Lang::En))));
        table.push("sentence_zh", text(&|k| Some(k.alert.sentence(crate::words::Lang::Zh))));
        table
    }

    /// What is new in the alerts of a run, as events to be kept: each matter is raised once, and told again under its id only
    /// where its figures changed. Applying them and comparing the same alerts again gives nothing.
    pub fn news(&self, found: &[Alert]) -> Vec<AlertEvent> {
        let mut taken: Vec<&str> = vec![];
        let mut events = vec![];
        for alert in found {
            let matter = self.alerts.values().find(|known| !taken.contains(&known.alert.id.as_str()) && known.alert.same(alert));
            let Some(known) = matter else {
                let raised = |e: &AlertEvent| matches!(e, AlertEvent::Raised { alert: other } if other.id == alert.id);
                if !self.alerts.contains_key(&alert.id) && !events.iter().any(raised) {
                    events.push(AlertEvent::Raised { alert: alert.clone() });
                }
                continue;
            };
            taken.push(&known.alert.id);
            let now = Alert { id: known.alert.id.clone(), ..alert.clone() };
            if now != known.alert {
                events.push(AlertEvent::Updated { alert: now });
            }
        }
        events
    }
}

impl std::fmt::Display for AlertLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let open = self.alerts.values().filter(|known| matches!(known.status, AlertStatus::Open | AlertStatus::ActedOn)).count();
        write!(f, "AlertLog({} alerts, {open} open)", self.alerts.len())
    }
}

#[cfg(feature = "store")]
mod kept {
    use super::{AlertEvent, AlertLog, Result};
    use crate::store::{Fold, Record};

    impl Record for AlertEvent {
        const LOG: &'static str = "alerts";
        const VERSION: u32 = 1;
    }

    impl Fold for AlertLog {
        type Event = AlertEvent;

        fn take(&mut self, event: &AlertEvent) -> Result<()> {
            self.apply(event)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(since: &str, until: Option<&str>, n: u64) -> Alert {
        let since: Date = since.parse().unwrap();
        Alert {
            id: Alert::id_of(AlertKind::Decline, Some("r07"), "results", since),
            kind: AlertKind::Decline,
            rep: Some("r07".into()),
            group: None,
            what: "results".into(),
            title: "results".into(),
            since,
            found: since,
            until: until.map(|u| u.parse().unwrap()),
            chance_alone: 0.01,
            before: 0.6,
            after: 0.5,
            n,
            action: Action::CoachRep,
        }
    }

    #[test]
    fn told_once_and_rebuilt_exactly() {
        let mut log = AlertLog::default();
        let mut history = vec![];
        let take = |log: &mut AlertLog, events: Vec<AlertEvent>, history: &mut Vec<AlertEvent>| {
            for event in events {
                log.apply(&event).unwrap();
                history.push(event);
            }
        };
        let first = log.news(&[alert("2024-04-01", None, 10)]);
        assert!(matches!(&first[..], [AlertEvent::Raised { .. }]));
        take(&mut log, first, &mut history);
        assert!(log.news(&[alert("2024-04-01", None, 10)]).is_empty());
        // A week on, with another beginning: the same matter under the same id.
        let id = alert("2024-04-01", None, 10).id;
        let second = log.news(&[alert("2024-04-08", None, 14)]);
        assert!(matches!(&second[..], [AlertEvent::Updated { alert }] if alert.id == id && alert.n == 14));
        take(&mut log, second, &mut history);
        let by_hand = vec![
            AlertEvent::Intervened { id: id.clone(), at: "2024-05-01".parse().unwrap(), by: "Li".into(), what: "辅导".into() },
            AlertEvent::Concluded { id: id.clone(), at: "2024-06-01".parse().unwrap(), result: "back".into(), resolved: true },
        ];
        take(&mut log, by_hand, &mut history);
        assert_eq!(log.alerts[&id].status, AlertStatus::Resolved);
        // Half a year after it was over it is another matter.
        let over = log.news(&[alert("2024-04-08", Some("2024-06-10"), 30)]);
        take(&mut log, over, &mut history);
        let again = log.news(&[alert("2024-12-02", None, 5)]);
        assert!(matches!(&again[..], [AlertEvent::Raised { .. }]));
        take(&mut log, again, &mut history);
        let text: Vec<String> = history.iter().map(|e| serde_json::to_string(e).unwrap()).collect();
        let back: Vec<AlertEvent> = text.iter().map(|t| serde_json::from_str(t).unwrap()).collect();
        assert_eq!(AlertLog::replay(&back).unwrap(), log);
    }

    #[test]
    fn refused() {
        let mut log = AlertLog::default();
        let event = AlertEvent::Concluded { id: "x".into(), at: "2024-06-01".parse().unwrap(), result: String::new(), resolved: true };
        assert_eq!(log.apply(&event).unwrap_err().code(), "alert.unknown");
        let raised = AlertEvent::Raised { alert: alert("2024-04-01", None, 1) };
        log.apply(&raised).unwrap();
        assert_eq!(log.apply(&raised).unwrap_err().code(), "alert.twice");
    }
}
