//! Opening sessions, saving them, and opening them again.

use std::borrow::Cow;

use super::LiveSession;
use crate::error::{Error, Fault, Result};
use crate::sop::{Playbook, Sop};

/// The form in which a session is saved, with its version.
const FORMAT: &str = "goldpath-live/1";

/// What is saved of a session.
#[derive(serde::Serialize, serde::Deserialize)]
struct Saved<'a> {
    format: Cow<'a, str>,
    sop: Cow<'a, str>,
    #[serde(default)]
    attributes: indexmap::IndexMap<Cow<'a, str>, Cow<'a, str>>,
    steps: Vec<Cow<'a, str>>,
}

fn wrong(code: &'static str, place: &str, message: impl Into<String>, help: &str) -> Error {
    Error::Argument(Box::new(Fault::new(code, message).at_place(place).help(help)))
}

impl Saved<'_> {
    fn read(text: &str) -> Result<Self> {
        #[derive(serde::Deserialize)]
        struct Head {
            format: Option<String>,
        }
        let broken = |message: String| wrong("live.json", "session", message, "give the text that `to_json` gave");
        let head: Head = serde_json::from_str(text).map_err(|error| broken(error.to_string()))?;
        match head.format.as_deref() {
            Some(FORMAT) => serde_json::from_str(text).map_err(|error| broken(error.to_string())),
            Some(other) if other.starts_with("goldpath-live/") => {
                let message = format!("the session was saved as `{}`; this version reads `{FORMAT}`", crate::text::short(other, 40));
                Err(wrong("live.version", "format", message, "use the version of goldpath that saved it, or a newer one"))
            }
            _ => Err(broken("this is no saved session".to_owned())),
        }
    }

    fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attributes.get(name).map(|value| Cow::Borrowed(&**value))
    }

    fn replay(&self, mut session: LiveSession) -> Result<LiveSession> {
        if self.sop != fingerprint(&session.sop) {
            let message = format!("the session was saved with another SOP than “{}”, or with another version of it", session.sop.name());
            return Err(wrong("live.other_sop", "sop", message, "resume it with the SOP it was opened with"));
        }
        for step in &self.steps {
            session.push(step)?;
        }
        session.fresh.clear();
        Ok(session)
    }
}

fn fingerprint(sop: &Sop) -> String {
    format!("{:016x}", sop.fingerprint())
}

impl Sop {
    /// Opens a live session. `attribute` gives the attributes of the case as text, for `when` blocks and accepted
    /// deviations; `started_at` among them (a day or a moment) says which accepted deviations hold at that day.
    ///
    /// Thousands of sessions may be open at once: they share what the scenario needs.
    ///
    /// # Errors
    /// [`Error::Limit`] if the flow of this scenario compiles to more states than the stated limit, [`Error::Argument`]
    /// for a `started_at` that is no time.
    pub fn live<'a>(&self, attribute: impl Fn(&str) -> Option<Cow<'a, str>>) -> Result<LiveSession> {
        LiveSession::open(self, &[], attribute)
    }

    /// Opens a session again from what [`LiveSession::to_json`] gave; takes as long as pushing its steps again.
    ///
    /// # Errors
    /// [`Error::Argument`] with the code `live.json` for a text that is no saved session, `live.version` for one of
    /// another version, `live.other_sop` for one of another SOP.
    pub fn resume(&self, saved: &str) -> Result<LiveSession> {
        let saved = Saved::read(saved)?;
        saved.replay(self.live(|name| saved.attribute(name))?)
    }
}

impl Playbook {
    /// Opens a live session against the SOP that the attributes choose; otherwise as [`Sop::live`].
    ///
    /// ```
    /// use goldpath::{Playbook, Sop};
    /// let sop = |name: &str| Sop::parse(&format!("{{format: goldpath/1, name: {name}, steps: [open, close], flow: [open, close]}}"));
    /// let playbook = Playbook::by("segment", [("smb", sop("small")?), ("enterprise", sop("large")?)]);
    /// let session = playbook.live(|name| (name == "segment").then(|| "enterprise".into()))?;
    /// assert_eq!(session.sop().name(), "large");
    /// assert_eq!(playbook.live(|_| None).unwrap_err().code(), "live.no_sop");
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Sop::live`]; [`Error::Argument`] with the code `live.no_sop` where no SOP takes the attributes.
    pub fn live<'a>(&self, attribute: impl Fn(&str) -> Option<Cow<'a, str>>) -> Result<LiveSession> {
        let Some(number) = self.choose(&attribute) else {
            return Err(wrong("live.no_sop", "attributes", "no SOP of the playbook takes a case with these attributes", "give the attributes it chooses by"));
        };
        let asked: Vec<&str> = self.entries().iter().flat_map(|entry| entry.when.0.keys().map(String::as_str)).collect();
        LiveSession::open(&self.entries()[number].sop, &asked, attribute)
    }

    /// As [`Sop::resume`], against the SOP that the saved attributes choose.
    ///
    /// # Errors
    /// As [`Sop::resume`] and [`Playbook::live`].
    pub fn resume(&self, saved: &str) -> Result<LiveSession> {
        let saved = Saved::read(saved)?;
        saved.replay(self.live(|name| saved.attribute(name))?)
    }
}

impl LiveSession {
    /// The session as text, to go on with later ([`Sop::resume`], [`Playbook::resume`]): its steps, the attributes its SOP
    /// asks for, and a hash of all the SOP says.
    pub fn to_json(&self) -> String {
        let borrowed = |text: &'_ String| Cow::Owned(text.clone());
        let saved = Saved {
            format: FORMAT.into(),
            sop: fingerprint(&self.sop).into(),
            attributes: self.attributes.iter().map(|(name, value)| (borrowed(name), borrowed(value))).collect(),
            steps: self.history().map(Cow::Borrowed).collect(),
        };
        serde_json::to_string(&saved).unwrap_or_default()
    }
}
