//! `TalkTracks`: wordings gathered, ranked and shown; and the same for a host's own texts and counts.

use goldpath::talk::{Feedback, Record, SIMILARITY, TalkOptions};
use napi::bindgen_prelude::Object;
use napi::{Env, Result};
use napi_derive::napi;

use crate::check::Check;
use crate::detect::{Rows, owned, vectors};
use crate::errors::{Failure, call};
use crate::model::json;
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
}

/// What is said at each step, gathered from real conversations, and what comes of each wording (话术).
#[napi]
pub struct TalkTracks(goldpath::talk::TalkTracks);

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
            if let Some(expert) = o.expert {
                for step in Object::keys(&expert)? {
                    let scripts = expert.get::<Vec<String>>(&step)?.unwrap_or_default();
                    made.expert.insert(step, scripts);
                }
            }
        }
        start(env, None, None, move |_| goldpath::talk::TalkTracks::of(&check, &made).map(Self))
    }

    /// Number of tracks.
    #[napi(catch_unwind, getter)]
    pub fn length(&self) -> u32 {
        self.0.len() as u32
    }

    /// One row a track, by step and place.
    #[napi(catch_unwind)]
    pub fn tracks(&self) -> Table {
        Table(self.0.tracks())
    }

    /// One row a step: how much is known of what is said there, and what is missing.
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
