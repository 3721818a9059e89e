//! `Store` and `ClipLibrary`: what people keep. What writes to the disk is a promise.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use goldpath::clips::{self, ClipQuery};
use goldpath::store::Kept;
use goldpath::{Lang, store};
use napi::{Env, Result};
use napi_derive::napi;
use serde::de::DeserializeOwned;

use crate::corpus::Corpus;
use crate::errors::{Failure, call};
use crate::kept::{KeptLog, Log};
use crate::model::json;
use crate::table::Table;
use crate::work::{Later, start};

/// One file that remembers: clips, SOP versions, the training loop. One process opens it at a time.
#[napi]
pub struct Store(pub(crate) store::Store);

#[napi]
impl Store {
    /// Opens the file, and makes it where there is none.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Store>")]
    pub fn open(env: Env, path: String) -> Result<Later<Store>> {
        start(env, None, None, move |_| store::Store::open(path).map(Self))
    }

    /// The file.
    #[napi(catch_unwind, getter)]
    pub fn path(&self) -> String {
        self.0.path().display().to_string()
    }

    /// Names of the logs in it.
    #[napi(catch_unwind)]
    pub fn logs(&self) -> Result<Vec<String>> {
        call(|| self.0.logs())
    }

    /// Reads every entry and holds it against its hash; rejects for the first that is not what was written.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<void>")]
    pub fn verify(&self, env: Env) -> Result<Later<()>> {
        let store = self.0.clone();
        start(env, None, None, move |_| store.verify())
    }

    /// A log as JSON lines.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<string>")]
    pub fn export(&self, env: Env, log: String) -> Result<Later<String>> {
        let store = self.0.clone();
        start(env, None, None, move |_| store.export(&log))
    }

    /// The clip library in it.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<ClipLibrary>")]
    pub fn clips(&self, env: Env) -> Result<Later<ClipLibrary>> {
        let store = self.0.clone();
        start(env, None, None, move |_| clips::ClipLibrary::open(store).map(|library| ClipLibrary(Arc::new(library))))
    }

    /// The loop of training in it: a log of events that add up to a `CoachingLog`.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<KeptLogOf<CoachingLog>>")]
    pub fn coaching(&self, env: Env) -> Result<Later<KeptLog>> {
        let store = self.0.clone();
        start(env, None, None, move |_| Kept::open(store).map(|kept| KeptLog::of("coaching", Log::Coaching(kept))))
    }

    /// The alerts that were told, and what came of them (干预): a log of events that add up to an `AlertLog`.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<KeptLogOf<AlertLog>>")]
    pub fn alerts(&self, env: Env) -> Result<Later<KeptLog>> {
        let store = self.0.clone();
        start(env, None, None, move |_| Kept::open(store).map(|kept| KeptLog::of("alerts", Log::Alerts(kept))))
    }

    /// What was proposed and decided: a log that adds up to a `ProposalBook`.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<KeptLogOf<ProposalBook>>")]
    pub fn proposals(&self, env: Env) -> Result<Later<KeptLog>> {
        let store = self.0.clone();
        start(env, None, None, move |_| Kept::open(store).map(|kept| KeptLog::of("proposals", Log::Proposals(kept))))
    }

    /// The versions of the SOPs: a log that adds up to a `SopArchive`.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<KeptLogOf<SopArchive>>")]
    pub fn sops(&self, env: Env) -> Result<Later<KeptLog>> {
        let store = self.0.clone();
        start(env, None, None, move |_| Kept::open(store).map(|kept| KeptLog::of("sops", Log::Sops(kept))))
    }

    /// Closes the file; what is in the library can still be read, but nothing written.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.0.close();
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// The clip library (剪辑库): moments of real conversations, kept by people and found again. `store.clips()` opens it.
#[napi]
pub struct ClipLibrary(pub(crate) Arc<clips::ClipLibrary>);

/// Options as the facade hands them over.
fn read<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Failure::argument(name, error.to_string(), "").into())
}

pub(crate) fn now(at: Option<f64>) -> i64 {
    at.map_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64), |at| at.round() as i64)
}

fn lang(name: Option<String>) -> Result<Lang> {
    call(|| name.as_deref().unwrap_or("en").parse())
}

#[napi]
impl ClipLibrary {
    /// Number of clips.
    #[napi(catch_unwind, getter)]
    pub fn length(&self) -> u32 {
        self.0.len() as u32
    }

    /// Makes a clip of turns of a conversation. Personal data is taken out of its words unless `redact` is `false`.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "corpus: Corpus, clip: NewClip, at?: number", ts_return_type = "Promise<Clip>")]
    pub fn add(&self, env: Env, corpus: &Corpus, clip: String, at: Option<f64>) -> Result<Later<String>> {
        let (library, corpus, new, at) = (Arc::clone(&self.0), corpus.0.clone(), read("clip", &clip)?, now(at));
        start(env, None, None, move |_| library.add(&corpus, new, at).map(|clip| json(&clip)))
    }

    /// Changes title, note, tags, folder, kind, step or consent of a clip.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "id: string, change: ClipChange, at?: number", ts_return_type = "Promise<Clip>")]
    pub fn change(&self, env: Env, id: String, change: String, at: Option<f64>) -> Result<Later<String>> {
        let (library, change, at) = (Arc::clone(&self.0), read("change", &change)?, now(at));
        start(env, None, None, move |_| library.change(&id, change, at).map(|clip| json(&clip)))
    }

    /// Takes a clip out; the history keeps that it was there, and why it went.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<void>")]
    pub fn remove(&self, env: Env, id: String, reason: String, at: Option<f64>) -> Result<Later<()>> {
        let (library, at) = (Arc::clone(&self.0), now(at));
        start(env, None, None, move |_| library.remove(&id, &reason, at))
    }

    /// Makes a playlist, or puts it in place of that of its name.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "playlist: Playlist, at?: number", ts_return_type = "Promise<void>")]
    pub fn set_playlist(&self, env: Env, playlist: String, at: Option<f64>) -> Result<Later<()>> {
        let (library, playlist, at) = (Arc::clone(&self.0), read("playlist", &playlist)?, now(at));
        start(env, None, None, move |_| library.set_playlist(playlist, at))
    }

    /// Takes a playlist out; its clips stay.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<void>")]
    pub fn remove_playlist(&self, env: Env, name: String, at: Option<f64>) -> Result<Later<()>> {
        let (library, at) = (Arc::clone(&self.0), now(at));
        start(env, None, None, move |_| library.remove_playlist(&name, at))
    }

    /// Writes down that somebody watched a clip.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<void>")]
    pub fn watched(&self, env: Env, id: String, rep: String, at: Option<f64>) -> Result<Later<()>> {
        let (library, at) = (Arc::clone(&self.0), now(at));
        start(env, None, None, move |_| library.watched(&id, &rep, at))
    }

    /// Who watched what, in the order it was written down.
    #[napi(catch_unwind, ts_return_type = "Array<Watched>")]
    pub fn watches(&self) -> String {
        json(&self.0.watches())
    }

    /// All playlists, in the order they were made.
    #[napi(catch_unwind, ts_return_type = "Array<Playlist>")]
    pub fn playlists(&self) -> String {
        json(&self.0.playlists())
    }

    /// One clip.
    #[napi(catch_unwind, ts_return_type = "Clip")]
    pub fn get(&self, id: String) -> Result<String> {
        call(|| self.0.get(&id).map(|clip| json(&clip)))
    }

    /// The clips that are asked for; those that fit the words best come first.
    #[napi(catch_unwind, ts_args_type = "query?: ClipQuery", ts_return_type = "Array<ClipHit>")]
    pub fn search(&self, query: Option<String>) -> Result<String> {
        Ok(json(&self.0.search(&asked(query)?)))
    }

    /// The clips as JSON lines, without personal data and without those whose speakers refused.
    #[napi(catch_unwind, ts_args_type = "query?: ClipQuery")]
    pub fn to_jsonl(&self, query: Option<String>) -> Result<String> {
        Ok(self.0.to_jsonl(&asked(query)?))
    }

    /// The clips to read, in Markdown; as `toJsonl`.
    #[napi(catch_unwind, ts_args_type = "query?: ClipQuery, lang?: 'en' | 'zh'")]
    pub fn to_markdown(&self, query: Option<String>, lang: Option<String>) -> Result<String> {
        Ok(self.0.to_markdown(&asked(query)?, self::lang(lang)?))
    }

    /// A list to cut media by, as CSV; as `toJsonl`.
    #[napi(catch_unwind, ts_args_type = "query?: ClipQuery")]
    pub fn cut_list(&self, query: Option<String>) -> Result<String> {
        let query = asked(query)?;
        call(|| self.0.cut_list(&query))
    }

    /// The clips as a table, a row each.
    #[napi(catch_unwind)]
    pub fn table(&self) -> Table {
        Table(self.0.table())
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

fn asked(query: Option<String>) -> Result<ClipQuery> {
    query.map_or_else(|| Ok(ClipQuery::default()), |query| read("query", &query))
}

/// Suggestions of a score.
pub(crate) fn suggestions(scores: &goldpath::Scores, most: Option<u32>, lang: Option<String>) -> Result<String> {
    let lang = self::lang(lang)?;
    call(|| scores.clip_suggestions(most.unwrap_or(20) as usize, lang).map(|found| json(&found)))
}
