//! What a clip is, and what can happen in a library.

use serde::{Deserialize, Serialize};

use crate::corpus::Speaker;
use crate::store::Record;

/// What a clip is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClipKind {
    /// How it is done well.
    #[default]
    BestPractice,
    /// What could go better.
    ToImprove,
}

impl ClipKind {
    /// The name, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::BestPractice => "best_practice",
            Self::ToImprove => "to_improve",
        }
    }
}

/// Whether those who speak agreed to be heard by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Consent {
    /// Nobody asked.
    #[default]
    Unknown,
    /// They agreed.
    Given,
    /// They did not: the clip is in no playlist and no export.
    Refused,
}

/// One turn of a clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClipLine {
    /// Number of the turn in its conversation, from 0.
    pub turn: u32,
    /// Who speaks.
    pub speaker: Speaker,
    /// Name of the speaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What was said.
    pub text: String,
    /// Milliseconds since the conversation began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<i64>,
    /// The same for its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<i64>,
}

/// A moment of a conversation that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clip {
    /// Id in the library, such as `clip-12`.
    pub id: String,
    /// Conversation it comes from.
    pub conversation: String,
    /// First and last turn, from 0.
    pub turns: (u32, u32),
    /// What it is called.
    pub title: String,
    /// What it is good for.
    #[serde(default)]
    pub note: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Folder, such as `嫌贵/算账`.
    #[serde(default)]
    pub folder: String,
    /// What it is kept for.
    #[serde(default)]
    pub kind: ClipKind,
    /// Step it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Rep of the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rep: Option<String>,
    /// Team of the rep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Deal of the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal: Option<String>,
    /// Recording it can be cut from, as the host names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
    /// Milliseconds into the recording where it begins and ends, where the turns have times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<(i64, i64)>,
    /// Its turns.
    pub lines: Vec<ClipLine>,
    /// Whether personal data was taken out of the words.
    pub redacted: bool,
    /// Whether those who speak agreed.
    #[serde(default)]
    pub consent: Consent,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why it was suggested, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was made, milliseconds since 1970, UTC.
    pub added_at: i64,
}

/// What is needed to make a clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewClip {
    /// Conversation it is taken from.
    pub conversation: String,
    /// First and last turn, from 0.
    pub turns: (u32, u32),
    /// What it is called.
    pub title: String,
    /// What it is good for.
    #[serde(default)]
    pub note: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Folder.
    #[serde(default)]
    pub folder: String,
    /// What it is kept for.
    #[serde(default)]
    pub kind: ClipKind,
    /// Step it shows.
    #[serde(default)]
    pub step: Option<String>,
    /// Recording it can be cut from.
    #[serde(default)]
    pub media: Option<String>,
    /// Take personal data out of the words; true where nothing is said.
    #[serde(default = "yes")]
    pub redact: bool,
    /// Names that are taken out too, such as that of the customer.
    #[serde(default)]
    pub names: Vec<String>,
    /// Whether those who speak agreed.
    #[serde(default)]
    pub consent: Consent,
    /// Who makes it.
    #[serde(default)]
    pub by: Option<String>,
    /// Why it was suggested.
    #[serde(default)]
    pub reason: Option<String>,
}

fn yes() -> bool {
    true
}

impl NewClip {
    /// A best practice from these turns of a conversation, its personal data taken out.
    pub fn new(conversation: impl Into<String>, first: u32, last: u32, title: impl Into<String>) -> Self {
        Self {
            conversation: conversation.into(),
            turns: (first, last),
            title: title.into(),
            note: String::new(),
            tags: Vec::new(),
            folder: String::new(),
            kind: ClipKind::default(),
            step: None,
            media: None,
            redact: true,
            names: Vec::new(),
            consent: Consent::default(),
            by: None,
            reason: None,
        }
    }
}

/// What is to be another in a clip; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipChange {
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Tags, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ClipKind>,
    /// Step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
}

/// Clips in an order, to be watched one after the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Playlist {
    /// Name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub note: String,
    /// Ids of clips.
    pub clips: Vec<String>,
}

/// A clip was watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// Id of the clip.
    pub clip: String,
    /// Who watched it.
    pub rep: String,
    /// When, milliseconds since 1970, UTC.
    pub at: i64,
}

/// What happened in a library: the history it is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
#[non_exhaustive]
pub enum ClipEvent {
    /// A clip was made.
    Added {
        /// The clip.
        clip: Box<Clip>,
    },
    /// A clip was changed.
    Changed {
        /// Its id.
        id: String,
        /// What is another now.
        change: ClipChange,
    },
    /// A clip was taken out; the history keeps that it was there.
    Removed {
        /// Its id.
        id: String,
        /// Why.
        reason: String,
    },
    /// A playlist was made, or is another now.
    Listed {
        /// The playlist.
        playlist: Playlist,
    },
    /// A playlist was taken out.
    Unlisted {
        /// Its name.
        name: String,
    },
    /// A clip was watched.
    Watched {
        /// Id of the clip.
        clip: String,
        /// Who watched it.
        rep: String,
    },
}

impl Record for ClipEvent {
    const LOG: &'static str = "clips";
    const VERSION: u32 = 1;
}
