//! What is taken for feedback: indicators of the customer's next turn, each from 0 to 1.

use serde::{Deserialize, Serialize};

use super::reaction::reaction;
use crate::error::{Error, Result};

/// An indicator of how the customer takes what was said (客户反馈指标).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FeedbackIndicator {
    /// Words of assent 1, words of refusal 0, neither or both ½; 0 where the customer says nothing more.
    Words,
    /// 1 where the customer asks something.
    Asks,
    /// 0 where words of refusal are followed by words of refusal; 1 where they are not. Nothing where there were none before.
    ObjectsAgain,
    /// 1 where the customer says more characters than before, ½ for as many. Nothing where the customer said nothing before.
    TalksMore,
    /// 0 where the customer says nothing more.
    Leaves,
    /// The host's score. Nothing where there is none.
    Score,
}

impl FeedbackIndicator {
    /// The name of the indicator, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Asks => "asks",
            Self::ObjectsAgain => "objects_again",
            Self::TalksMore => "talks_more",
            Self::Leaves => "leaves",
            Self::Score => "score",
        }
    }

    /// The indicator of one use; `None` where it says nothing. `score` is not a number where the host gave none.
    pub(super) fn of(self, raised: Option<&str>, next: Option<&str>, score: f64) -> Option<f64> {
        let yes = |yes: bool| Some(f64::from(u8::from(yes)));
        match self {
            Self::Words => Some(reaction(next).score()),
            Self::Asks => yes(reaction(next).asks),
            Self::ObjectsAgain => raised.filter(|text| reaction(Some(text)).negative).and_then(|_| yes(!reaction(next).negative)),
            Self::TalksMore => raised.map(|raised| match next.map_or(0, |text| text.chars().count()).cmp(&raised.chars().count()) {
                std::cmp::Ordering::Less => 0.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Greater => 1.0,
            }),
            Self::Leaves => yes(next.is_some()),
            Self::Score => (!score.is_nan()).then_some(score),
        }
    }
}

impl std::str::FromStr for FeedbackIndicator {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let read = Self::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name));
        read.map_err(|_| Error::argument("feedback", format!("`{name}` is no indicator"), "words, asks, objects_again, talks_more, leaves or score"))
    }
}

/// How the customer stands by what they said: a circumstance of the answer. `None` where the words tell nothing.
pub(super) fn standing(text: &str) -> Option<&'static str> {
    let found = reaction(Some(text));
    match (found.negative, found.asks, found.positive) {
        (true, ..) => Some("customer objects"),
        (_, true, _) => Some("customer asks"),
        (_, _, true) => Some("customer agrees"),
        _ => None,
    }
}
