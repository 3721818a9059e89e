//! `TalkTracks`: wordings gathered, ranked and shown; and the same for a host's own texts and counts.

use std::sync::Arc;

use goldpath::talk::{By, Feedback, Record, SIMILARITY, TalkOptions, UseScore};
use napi::bindgen_prelude::{Buffer, Object};
use napi::{Env, Result};
use napi_derive::napi;

use crate::check::Check;
use crate::detect::{Rows, owned, vectors};
use crate::errors::{Failure, call};
use crate::model::{self, json};
use crate::table::Table;
use crate::work::{Later, start};

/// How talk tracks are made.
#[napi(object, object_to_js = false)]
pub struct TalkTrackOptions<'env> {
    /// Only tracks of these steps; all of the agent's planned steps where nothing is said.
    pub steps: Option<Vec<String>>,
    /// How like two wordings of one track are at least, 0 to 1; 0.5 where nothing is said.
    pub similarity: Option<f64>,
    /// Scripts written by experts, by step: they compete.
    #[napi(ts_type = "Record<string, string[]>")]
    pub expert: Option<Object<'env>>,
    /// Names that are taken out of what is shown.
    pub names: Option<Vec<String>>,
    /// Whether personal data is taken out of what is shown; yes where nothing is said.
    pub redact: Option<bool>,
    /// Fewest conversations that ask the same for an emerging topic; 3 where nothing is said.
    pub emerging: Option<u32>,
    /// Attributes (or `team`, `channel`) within which wordings are compared, beside the rep and what was known before.
    pub adjust_for: Option<Vec<String>>,
    /// What tracks are ranked by: `advance` where nothing is said, the name of an outcome, or `score` with `scores`.
    pub criterion: Option<String>,
    /// The host's own scores.
    pub scores: Option<Vec<TalkScore>>,
    /// What is taken for feedback; `words` where nothing is said.
    #[napi(ts_type = "Array<'words' | 'asks' | 'objects_again' | 'talks_more' | 'leaves' | 'score'>")]
    pub feedback: Option<Vec<String>>,
    /// A topic of which nothing was said for so many days is `old`; 90 where nothing is said.
    pub old_after: Option<u32>,
}

/// The host's score of what was said, from 0 to 1.
#[napi(object)]
pub struct TalkScore {
    /// Id of the conversation.
    pub conversation: String,
    /// A turn of what was said, from 0; all that was said in the conversation where nothing is said.
    pub turn: Option<u32>,
    pub score: f64,
}

fn scores(scores: Option<Vec<TalkScore>>) -> Vec<UseScore> {
    scores.unwrap_or_default().into_iter().map(|s| UseScore { conversation: s.conversation, turn: s.turn, score: s.score }).collect()
}

/// What is said at each step and in answer to what customers raise, gathered from real conversations, compared like with like, and
/// looked up (话术, 知识点).
#[napi]
pub struct TalkTracks(pub(crate) Arc<goldpath::talk::TalkTracks>);

#[napi]
impl TalkTracks {
    /// Gathers and ranks what was said at the steps of a check.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_args_type = "check: Check, options?: TalkTrackOptions",
        ts_return_type = "Promise<TalkTracks>"
    )]
    pub fn of(env: Env, check: &Check, options: Option<TalkTrackOptions<'_>>) -> Result<Later<TalkTracks>> {
        let (check, mut made) = (check.0.clone(), TalkOptions::default());
        if let Some(o) = options {
            made.steps = o.steps.unwrap_or_default();
            made.similarity = o.similarity.unwrap_or(made.similarity);
            made.names = o.names.unwrap_or_default();
            made.redact = o.redact.unwrap_or(made.redact);
            made.emerging = o.emerging.unwrap_or(made.emerging);
            made.adjust_for = o.adjust_for.unwrap_or_default();
            made.criterion = o.criterion.unwrap_or(made.criterion);
            made.scores = scores(o.scores);
            made.old_after = o.old_after.unwrap_or(made.old_after);
            if let Some(names) = o.feedback {
                made.feedback = call(|| names.iter().map(|name| name.parse()).collect::<goldpath::Result<Vec<_>>>())?;
            }
            if let Some(expert) = o.expert {
                for step in Object::keys(&expert)? {
                    let scripts = expert.get::<Vec<String>>(&step)?.unwrap_or_default();
                    made.expert.insert(step, scripts);
                }
            }
        }
        start(env, None, None, move |_| goldpath::talk::TalkTracks::of(&check, &made).map(|talk| Self(talk.into())))
    }

    /// Reads what `toBytes` wrote.
    #[napi(catch_unwind, factory)]
    pub fn from_bytes(bytes: Buffer) -> Result<Self> {
        call(|| goldpath::talk::TalkTracks::from_bytes(&bytes).map(|talk| Self(talk.into())))
    }

    /// Everything the tracks are made of, as JSON, personal data included.
    #[napi(catch_unwind)]
    pub fn to_bytes(&self) -> Buffer {
        self.0.to_bytes().into()
    }

    /// These tracks with other conversations, checked against the same SOP: the same as if all had been there from the start.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<TalkTracks>")]
    pub fn append(&self, env: Env, check: &Check, scores: Option<Vec<TalkScore>>) -> Result<Later<TalkTracks>> {
        let (talk, check, scores) = (self.0.clone(), check.0.clone(), self::scores(scores));
        start(env, None, None, move |_| {
            let mut sum = goldpath::talk::TalkTracks::clone(&talk);
            sum.append(&check, &scores).map(|()| Self(sum.into()))
        })
    }

    /// One row a topic (知识点): the best that is said of it, and what usually comes next.
    #[napi(catch_unwind)]
    pub fn knowledge_points(&self) -> Table {
        Table(self.0.knowledge_points())
    }

    /// The tracks of each team by themselves, as counted.
    #[napi(catch_unwind)]
    pub fn by_team(&self) -> Result<Table> {
        call(|| self.0.by(By::Team).map(Table))
    }

    /// The tracks of each rep by themselves, as counted.
    #[napi(catch_unwind)]
    pub fn by_rep(&self) -> Result<Table> {
        call(|| self.0.by(By::Rep).map(Table))
    }

    /// Each track with ten uses against the others of its topic: by the criterion, and by the outcome of the check.
    #[napi(catch_unwind, getter, ts_return_type = "Array<Finding>")]
    pub fn findings(&self) -> String {
        model::findings(self.0.findings())
    }

    /// The findings as a table.
    #[napi(catch_unwind)]
    pub fn findings_table(&self) -> Table {
        Table(self.0.findings_table())
    }

    /// The best tracks and the usual next steps for what a customer says, or for a topic by its id or title: the likeliest topic
    /// first, at most so many (3 where nothing is said).
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Array<TalkAnswer>")]
    pub fn look_up(&self, words: String, most: Option<u32>) -> String {
        json(&self.0.look_up(&words, most.unwrap_or(3) as usize))
    }

    /// Number of tracks.
    #[napi(catch_unwind, getter)]
    pub fn length(&self) -> u32 {
        self.0.len() as u32
    }

    /// One row a track, by topic and place.
    #[napi(catch_unwind)]
    pub fn tracks(&self) -> Table {
        Table(self.0.tracks())
    }

    /// One row a topic: how much is known of what is said there, and what is missing.
    #[napi(catch_unwind)]
    pub fn coverage(&self) -> Table {
        Table(self.0.coverage())
    }

    /// What customers ask and no step answers.
    #[napi(catch_unwind)]
    pub fn emerging(&self) -> Table {
        Table(self.0.emerging())
    }

    /// Real snippets of a track (10 where nothing is said), the one that stands for it first.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_return_type = "{ conversation: string; step: string; turns: [number, number]; raised: string | null; answer: string; reaction: string | null; rep: string | null; team: string | null; at: number | null }[]"
    )]
    pub fn snippets(&self, track: u32, most: Option<u32>) -> Result<String> {
        call(|| self.0.snippets(track as usize, most.unwrap_or(10) as usize)).map(|found| json(&found))
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

/// The cluster of each text: wordings that are nearly the same have one number, the largest cluster 0.
#[napi(catch_unwind)]
pub fn cluster(texts: Vec<String>, similarity: Option<f64>) -> Result<Vec<u32>> {
    call(|| Ok(goldpath::talk::cluster(&texts, similarity.unwrap_or(SIMILARITY))?.of))
}

/// The same by the host's vectors, a row a text.
#[napi(catch_unwind)]
pub fn cluster_vectors(rows: Rows, similarity: f64) -> Result<Vec<u32>> {
    let rows = owned(Some(rows));
    call(|| vectors(rows.as_ref())?.map_or_else(|| Ok(Vec::new()), |vectors| Ok(goldpath::talk::cluster_vectors(vectors, similarity)?.of)))
}

/// Ranks tracks by counts: of each its group, how often it went on, and how often it was used.
#[napi(catch_unwind)]
pub fn rank_tracks(groups: Vec<u32>, hits: Vec<f64>, uses: Vec<f64>) -> Result<Table> {
    if groups.len() != hits.len() || groups.len() != uses.len() {
        return Err(Failure::argument("hits", format!("{} groups, {} hits and {} uses", groups.len(), hits.len(), uses.len()), "one of each a track").into());
    }
    let records: Vec<Record> = (0..groups.len()).map(|i| Record { group: groups[i], hits: hits[i], n: uses[i], feedback: Feedback::default() }).collect();
    call(|| Ok(Table(goldpath::talk::rank(&records)?.table())))
}
