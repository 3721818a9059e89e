//! Finding clips by words: an index of words and pairs of Chinese characters, ranked by BM25.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::model::{Clip, ClipKind, Consent};
use crate::text::{terms, unspaced};

/// How much a word in a title or tag counts, and in a note; one in the turns counts once.
const TITLE: f64 = 4.0;
const NOTE: f64 = 2.0;
/// Constants of BM25 as they are usually set. Source: S. Robertson and H. Zaragoza, *The Probabilistic Relevance Framework:
/// BM25 and Beyond*, Foundations and Trends in Information Retrieval 3 (2009) 333–389.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Which clips are asked for; what is `None` leaves nothing out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClipQuery {
    /// Words in the title, tags, note or turns; all need not be there, more are better.
    pub words: Option<String>,
    /// A tag.
    pub tag: Option<String>,
    /// A step.
    pub step: Option<String>,
    /// A rep.
    pub rep: Option<String>,
    /// A team.
    pub team: Option<String>,
    /// A kind.
    pub kind: Option<ClipKind>,
    /// A folder, with those inside of it.
    pub folder: Option<String>,
    /// A playlist, in its order.
    pub playlist: Option<String>,
    /// A conversation.
    pub conversation: Option<String>,
    /// At most so many; all where nothing is said.
    pub most: Option<usize>,
}

impl ClipQuery {
    /// Whether a clip is asked for, but for the words and the playlist.
    pub(super) fn takes(&self, clip: &Clip) -> bool {
        fn same(asked: Option<&String>, found: Option<&String>) -> bool {
            asked.is_none_or(|asked| found == Some(asked))
        }
        same(self.step.as_ref(), clip.step.as_ref())
            && same(self.rep.as_ref(), clip.rep.as_ref())
            && same(self.team.as_ref(), clip.team.as_ref())
            && same(self.conversation.as_ref(), Some(&clip.conversation))
            && self.kind.is_none_or(|kind| kind == clip.kind)
            && self.tag.as_ref().is_none_or(|tag| clip.tags.contains(tag))
            && self.folder.as_ref().is_none_or(|folder| clip.folder.strip_prefix(folder.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}

/// A clip that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClipHit {
    /// The clip.
    pub clip: Clip,
    /// How well it fits the words; 0 where none were asked for.
    pub score: f64,
}

/// Where which word stands.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By word, the clips with how often it stands there.
    found: FxHashMap<Box<str>, BTreeMap<Box<str>, f64>>,
    /// By clip, its words and how many there are.
    clips: FxHashMap<Box<str>, (Vec<Box<str>>, f64)>,
    length: f64,
}

impl Index {
    /// Puts a clip in, in place of what stood there under its id.
    pub(super) fn put(&mut self, clip: &Clip) {
        self.take(&clip.id);
        let mut words: BTreeMap<Box<str>, f64> = BTreeMap::new();
        let mut add = |text: &str, weight: f64| terms(text, &mut |term| *words.entry(term.into()).or_default() += weight);
        add(&clip.title, TITLE);
        clip.tags.iter().for_each(|tag| add(tag, TITLE));
        add(&clip.note, NOTE);
        clip.lines.iter().for_each(|line| add(&line.text, 1.0));
        let length = words.values().sum::<f64>();
        self.length += length;
        for (word, n) in &words {
            self.found.entry(word.clone()).or_default().insert(clip.id.as_str().into(), *n);
        }
        self.clips.insert(clip.id.as_str().into(), (words.into_keys().collect(), length));
    }

    /// Takes a clip out.
    pub(super) fn take(&mut self, id: &str) {
        let Some((words, length)) = self.clips.remove(id) else { return };
        self.length -= length;
        for word in words {
            if let Some(clips) = self.found.get_mut(&word) {
                clips.remove(id);
                if clips.is_empty() {
                    self.found.remove(&word);
                }
            }
        }
    }

    /// The clips with any of the words, and how well they fit.
    pub(super) fn find(&self, words: &str) -> FxHashMap<&str, f64> {
        let mut asked: BTreeSet<Box<str>> = BTreeSet::new();
        terms(words, &mut |term| {
            asked.insert(term.into());
        });
        // A character alone says little beside a pair it stands in.
        let pairs: Vec<Box<str>> = asked.iter().filter(|term| pair(term)).cloned().collect();
        asked.retain(|term| term.chars().count() > 1 || !pairs.iter().any(|pair| pair.contains(&**term)));
        let n = self.clips.len() as f64;
        let mean = self.length / n.max(1.0);
        let mut scores: FxHashMap<&str, f64> = FxHashMap::default();
        for word in &asked {
            let Some(clips) = self.found.get(word) else { continue };
            let with = clips.len() as f64;
            let rare = (1.0 + (n - with + 0.5) / (with + 0.5)).ln();
            for (id, often) in clips {
                let length = self.clips.get(id).map_or(0.0, |(_, length)| *length);
                *scores.entry(id).or_default() += rare * often * (K1 + 1.0) / (often + K1 * (1.0 - B + B * length / mean.max(1e-9)));
            }
        }
        scores
    }
}

fn pair(term: &str) -> bool {
    let mut letters = term.chars();
    letters.next().is_some_and(unspaced) && letters.next().is_some_and(unspaced)
}

/// Whether a clip may leave the library.
pub(super) fn may_leave(clip: &Clip) -> bool {
    clip.consent != Consent::Refused
}
