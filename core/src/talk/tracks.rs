//! Talk tracks of all steps: gathered, counted, ranked, and shown by real snippets.

use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::cluster::{SIMILARITY, cluster};
use super::rank::{Feedback, Ranking, Record, rank};
use super::reaction::reaction;
use super::snippet::{Place, Snippet};
use crate::check::{Check, MoveKind};
use crate::corpus::{Corpus, NO_TIME, Speaker, Store};
use crate::error::{Error, Fault, Result};
use crate::sop::Actor;
use crate::table::{Column, Table};
use crate::text::{asks, fold, redact, terms};

/// How talk tracks are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TalkOptions {
    /// Only tracks of these steps; all of the agent's planned steps where nothing is said.
    pub steps: Vec<String>,
    /// How like two wordings of one track are at least, 0 to 1.
    pub similarity: f64,
    /// Scripts written by experts, by step: they compete as tracks, marked `expert`.
    pub expert: IndexMap<String, Vec<String>>,
    /// Names that are taken out of what is shown.
    pub names: Vec<String>,
    /// Whether personal data is taken out of what is shown.
    pub redact: bool,
    /// Fewest customers who ask the same for it to be called an emerging topic.
    pub emerging: u32,
}

impl Default for TalkOptions {
    fn default() -> Self {
        Self { steps: Vec::new(), similarity: SIMILARITY, expert: IndexMap::new(), names: Vec::new(), redact: true, emerging: 3 }
    }
}

/// One track.
#[derive(Debug, Clone)]
struct Track {
    step: u32,
    /// Its uses, the one that stands for it first.
    uses: Vec<u32>,
    /// The script, where it is an expert's; without uses it was never said.
    expert: Option<String>,
    text: String,
    keywords: Vec<String>,
    reps: u32,
    last: Option<i64>,
}

/// The talk tracks (话术) of a check.
#[derive(Debug, Clone)]
pub struct TalkTracks {
    corpus: Corpus,
    options: TalkOptions,
    steps: Vec<String>,
    places: Vec<Place>,
    tracks: Vec<Track>,
    records: Vec<Record>,
    ranking: Ranking,
    emerging: Vec<Emerging>,
    titles: Vec<String>,
}

#[derive(Debug, Clone)]
struct Emerging {
    text: String,
    asked: u32,
    cases: u32,
    last: Option<i64>,
}

/// Words a track is named by, at most.
const KEYWORDS: usize = 4;

impl TalkTracks {
    /// Gathers and ranks what was said at each step of a check.
    ///
    /// # Errors
    /// [`Error::Argument`] where a step is unknown, the similarity is none, or the conversations have no turns with steps.
    pub fn of(check: &Check, options: &TalkOptions) -> Result<Self> {
        let corpus = check.corpus();
        let store = corpus.store();
        let planned = planned(check);
        for step in options.steps.iter().chain(options.expert.keys()) {
            if !planned.contains_key(step) {
                let fault = Fault::new("talk.unknown_step", format!("`{step}` is no step of the agent that the SOP plans")).at_place("steps");
                return Err(Error::Argument(Box::new(
                    fault.help(format!("planned are {}", planned.keys().map(String::as_str).collect::<Vec<_>>().join(", "))),
                )));
            }
        }
        if store.turns_of.is_empty() {
            let fault = Fault::new("talk.no_turns", "no step event says in which turn it happened").at_place("check");
            return Err(Error::Argument(Box::new(fault.help("read conversations with steps in their turns, or tag them by a detector"))));
        }
        let wanted: Vec<(String, String)> = planned.into_iter().filter(|(step, _)| options.steps.is_empty() || options.steps.contains(step)).collect();
        let (places, advanced) = places(check, store, &wanted)?;
        let mut made = Self {
            corpus: corpus.clone(),
            options: options.clone(),
            titles: wanted.iter().map(|(_, title)| title.clone()).collect(),
            steps: wanted.into_iter().map(|(step, _)| step).collect(),
            tracks: Vec::new(),
            records: Vec::new(),
            ranking: rank(&[])?,
            emerging: Vec::new(),
            places: places.iter().map(|(_, place)| *place).collect(),
        };
        for step in 0..made.steps.len() as u32 {
            let uses: Vec<u32> = (0..places.len() as u32).filter(|&i| places[i as usize].0 == step).collect();
            made.gather(step, &uses, &advanced)?;
        }
        made.ranking = rank(&made.records)?;
        made.emerging = emerging(store, options)?;
        Ok(made)
    }

    fn gather(&mut self, step: u32, uses: &[u32], advanced: &[bool]) -> Result<()> {
        let store = self.corpus.store();
        let said: Vec<String> = uses.iter().map(|&i| self.places[i as usize].answer(store)).collect();
        let scripts = self.options.expert.get(&self.steps[step as usize]).cloned().unwrap_or_default();
        let texts: Vec<&str> = said.iter().chain(&scripts).map(String::as_str).collect();
        let found = cluster(&texts, self.options.similarity)?;
        let keywords = keywords(&texts, &found.of, found.size.len());
        for (number, keywords) in keywords.into_iter().enumerate() {
            let members = (0..texts.len()).filter(|&i| found.of[i] == number as u32);
            let (own, scripts_in): (Vec<usize>, Vec<usize>) = members.partition(|&i| i < said.len());
            // What stands for a track is real, where it was ever said.
            let shown = Some(found.representative[number]).filter(|i| *i < said.len()).or(own.first().copied());
            let mut track = Track {
                step,
                uses: shown.iter().chain(own.iter().filter(|i| Some(**i) != shown)).map(|&i| uses[i]).collect(),
                expert: scripts_in.first().map(|&i| texts[i].to_owned()),
                text: shown.map_or_else(|| texts[found.representative[number]].to_owned(), |i| texts[i].to_owned()),
                keywords,
                reps: 0,
                last: None,
            };
            let mut record = Record { group: step, hits: 0.0, n: own.len() as f64, feedback: Feedback::default() };
            let mut reps: Vec<u32> = Vec::new();
            for &i in &own {
                let use_ = uses[i] as usize;
                let place = self.places[use_];
                record.hits += f64::from(u8::from(advanced[use_]));
                record.feedback.add(reaction(place.reaction.map(|turn| store.turns.text(turn))).score());
                reps.push(store.event_rep(place.case, place.event));
                track.last = track.last.max(Some(store.started_at[place.case]).filter(|&at| at != NO_TIME));
            }
            reps.sort_unstable();
            reps.dedup();
            track.reps = reps.len() as u32;
            self.tracks.push(track);
            self.records.push(record);
        }
        Ok(())
    }

    /// Number of tracks.
    pub fn len(&self) -> usize {
        self.tracks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tracks.is_empty()
    }

    /// What the tracks have in common, and the place of each.
    pub fn ranking(&self) -> &Ranking {
        &self.ranking
    }

    fn shown(&self, text: &str) -> Box<str> {
        if self.options.redact { redact(text, &self.options.names).into() } else { text.into() }
    }

    /// Tracks by step, and within a step by their place.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.tracks.len()).collect();
        order.sort_by_key(|&i| (self.tracks[i].step, self.ranking.tracks[i].place));
        order
    }

    /// One row a track, by step and place: how often it was used and went on to another planned step, the share drawn to what all tracks have in
    /// common with its interval, the probability of being the best of its step, what customers said next, layer, and a real wording.
    pub fn tracks(&self) -> Table {
        let order = self.order();
        let mut table = Table::new("talk_tracks");
        let each = |f: &dyn Fn(usize) -> Option<f64>| Column::Float(order.iter().map(|&i| f(i)).collect());
        let count = |f: &dyn Fn(usize) -> i64| Column::Int(order.iter().map(|&i| Some(f(i))).collect());
        table.push("track", count(&|i| i as i64));
        table.push("step", Column::Text(order.iter().map(|&i| Some(self.steps[self.tracks[i].step as usize].as_str().into())).collect()));
        table.push("title", Column::Text(order.iter().map(|&i| Some(self.titles[self.tracks[i].step as usize].as_str().into())).collect()));
        table.push("place", count(&|i| i64::from(self.ranking.tracks[i].place)));
        table.push("text", Column::Text(order.iter().map(|&i| Some(self.shown(&self.tracks[i].text))).collect()));
        table.push("keywords", Column::TextList(order.iter().map(|&i| self.tracks[i].keywords.iter().map(|word| self.shown(word)).collect()).collect()));
        table.push("expert", Column::Bool(order.iter().map(|&i| Some(self.tracks[i].expert.is_some())).collect()));
        table.push("uses", count(&|i| self.tracks[i].uses.len() as i64));
        table.push("reps", count(&|i| i64::from(self.tracks[i].reps)));
        table.push("advanced", count(&|i| self.records[i].hits as i64));
        let ranked = |i: usize| &self.ranking.tracks[i];
        table.push("advance_rate", each(&|i| Some(ranked(i).advance.estimate)));
        table.push("advance_low", each(&|i| Some(ranked(i).advance.low)));
        table.push("advance_high", each(&|i| Some(ranked(i).advance.high)));
        table.push("best", each(&|i| Some(ranked(i).best)));
        table.push("expected_loss", each(&|i| Some(ranked(i).expected_loss)));
        table.push("feedback", each(&|i| ranked(i).feedback));
        table.push("layer", count(&|i| i64::from(ranked(i).layer)));
        table.push("flip_weight", each(&|i| ranked(i).flip_weight));
        table.push("clear_winner", Column::Bool(order.iter().map(|&i| Some(ranked(i).clear_winner)).collect()));
        table.push("last_used", Column::Time(order.iter().map(|&i| self.tracks[i].last).collect()));
        table
    }

    /// The real snippets of a track, the one that stands for it first, at most so many.
    ///
    /// # Errors
    /// [`Error::Argument`] where there is no such track.
    pub fn snippets(&self, track: usize, most: usize) -> Result<Vec<Snippet>> {
        let found = self.tracks.get(track).ok_or_else(|| {
            let fault = Fault::new("talk.unknown_track", format!("there is no track {track}")).at_place("track");
            Error::Argument(Box::new(fault.help(format!("tracks are numbered from 0 to {}", self.tracks.len().saturating_sub(1)))))
        })?;
        let names = self.options.redact.then_some(&self.options.names[..]);
        Ok(found.uses.iter().take(most).map(|&i| self.places[i as usize].snippet(self.corpus.store(), names)).collect())
    }

    /// Coverage: one row a step with how many tracks and uses it has, the best track, and what is missing: `none`, `few`
    /// (fewer than 10 uses), `no_clear_winner`, or nothing.
    pub fn coverage(&self) -> Table {
        let rows: Vec<(usize, Vec<usize>)> =
            (0..self.steps.len()).map(|step| (step, (0..self.tracks.len()).filter(|&i| self.tracks[i].step as usize == step).collect())).collect();
        let uses = |members: &[usize]| members.iter().map(|&i| self.tracks[i].uses.len()).sum::<usize>();
        let first = |members: &[usize]| members.iter().copied().find(|&i| self.ranking.tracks[i].place == 1);
        let missing = |members: &[usize]| match uses(members) {
            0 => Some("none".into()),
            n if n < 10 => Some("few".into()),
            _ if !members.iter().any(|&i| self.ranking.tracks[i].clear_winner) && members.len() > 1 => Some("no_clear_winner".into()),
            _ => None,
        };
        let mut table = Table::new("talk_coverage");
        table.push("step", Column::Text(rows.iter().map(|(step, _)| Some(self.steps[*step].as_str().into())).collect()));
        table.push("tracks", Column::Int(rows.iter().map(|(_, m)| Some(m.len() as i64)).collect()));
        table.push("uses", Column::Int(rows.iter().map(|(_, m)| Some(uses(m) as i64)).collect()));
        table.push("best_track", Column::Int(rows.iter().map(|(_, m)| first(m).map(|i| i as i64)).collect()));
        table.push("best_rate", Column::Float(rows.iter().map(|(_, m)| first(m).map(|i| self.ranking.tracks[i].advance.estimate)).collect()));
        table.push("last_used", Column::Time(rows.iter().map(|(_, m)| m.iter().filter_map(|&i| self.tracks[i].last).max()).collect()));
        table.push("missing", Column::Text(rows.iter().map(|(_, m)| missing(m)).collect()));
        table
    }

    /// What customers ask and no step answers: one row a wording that several conversations hold, the most frequent first.
    pub fn emerging(&self) -> Table {
        let mut table = Table::new("emerging_topics");
        table.push("text", Column::Text(self.emerging.iter().map(|e| Some(self.shown(&e.text))).collect()));
        table.push("asked", Column::Int(self.emerging.iter().map(|e| Some(i64::from(e.asked))).collect()));
        table.push("conversations", Column::Int(self.emerging.iter().map(|e| Some(i64::from(e.cases))).collect()));
        table.push("last_asked", Column::Time(self.emerging.iter().map(|e| e.last).collect()));
        table
    }
}

impl std::fmt::Display for TalkTracks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TalkTracks({} tracks of {} steps, {} uses)", self.tracks.len(), self.steps.len(), self.places.len())
    }
}

/// The agent's planned steps, with their titles.
fn planned(check: &Check) -> IndexMap<String, String> {
    let mut planned = IndexMap::new();
    for sop in check.playbook().sops() {
        for node in sop.nodes() {
            if let Some((id, step)) = sop.steps().get_index(node.step as usize).filter(|(_, step)| step.by == Actor::Agent) {
                planned.entry(id.clone()).or_insert_with(|| step.title.clone().unwrap_or_else(|| id.clone()));
            }
        }
    }
    planned
}

/// Where the wanted steps were said, each with its number, and whether a planned step was matched after it.
fn places(check: &Check, store: &Store, wanted: &[(String, String)]) -> Result<(Vec<(u32, Place)>, Vec<bool>)> {
    let numbers: FxHashMap<&str, u32> = wanted.iter().enumerate().map(|(i, (step, _))| (step.as_str(), i as u32)).collect();
    let (mut places, mut advanced) = (Vec::new(), Vec::new());
    for case in 0..store.len() {
        let Some(alignment) = check.alignment_of(case)? else { continue };
        let last = alignment.moves.iter().rposition(|m| m.kind == MoveKind::Matched);
        let first = store.events(case).start;
        for (at, one) in alignment.moves.iter().enumerate() {
            let (Some(event), Some(&step)) = (one.event, numbers.get(one.step.as_str())) else { continue };
            if let Some(place) = Place::of(store, case, first + event as usize) {
                places.push((step, place));
                advanced.push(last.is_some_and(|last| last > at));
            }
        }
    }
    Ok((places, advanced))
}

/// The terms that tell a track from the others of its step: how often they stand in it × ln(1 + mean terms of a track ÷ how often
/// they stand anywhere). Source: M. Grootendorst, *BERTopic* (2022), arXiv:2203.05794.
fn keywords(texts: &[&str], of: &[u32], clusters: usize) -> Vec<Vec<String>> {
    let mut all: FxHashMap<String, f64> = FxHashMap::default();
    let mut own: Vec<FxHashMap<String, f64>> = vec![FxHashMap::default(); clusters];
    let mut total = 0.0;
    for (text, &cluster) in texts.iter().zip(of) {
        terms(text, &mut |term: &str| {
            // Single characters say little; pairs and words are kept.
            if term.chars().nth(1).is_some() {
                *all.entry(term.to_owned()).or_default() += 1.0;
                *own[cluster as usize].entry(term.to_owned()).or_default() += 1.0;
                total += 1.0;
            }
        });
    }
    let mean = total / clusters.max(1) as f64;
    own.iter()
        .map(|terms| {
            let mut list: Vec<(f64, &String)> = terms.iter().map(|(term, n)| (n * (1.0 + mean / all[term]).ln(), term)).collect();
            list.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
            let mut kept: Vec<String> = Vec::new();
            for (_, term) in list {
                // A pair that overlaps one that is kept says the same.
                let overlaps = |one: &String| one.chars().next_back() == term.chars().next() || one.chars().next() == term.chars().next_back();
                if kept.len() < KEYWORDS && !(term.chars().count() == 2 && kept.iter().any(overlaps)) {
                    kept.push(term.clone());
                }
            }
            kept
        })
        .collect()
}

/// Questions of customers after which neither they nor the agent's next turn perform a step.
fn emerging(store: &Store, options: &TalkOptions) -> Result<Vec<Emerging>> {
    let mut open: Vec<(usize, usize)> = Vec::new();
    for case in 0..store.len() {
        let turns = store.turn_range(case);
        let mut stepped = vec![false; turns.len()];
        for (first, last) in store.events(case).filter_map(|event| store.turns_of(event)) {
            stepped[first as usize..=last as usize].fill(true);
        }
        for turn in turns.clone().filter(|&turn| store.turns.speaker[turn] == Speaker::Customer && asks(&fold(store.turns.text(turn)))) {
            let next = (turn..turns.end).find(|&next| store.turns.speaker[next] == Speaker::Agent);
            let answered = (turn..=next.unwrap_or(turn)).any(|turn| stepped[turn - turns.start]);
            if !answered {
                open.push((case, turn));
            }
        }
    }
    let texts: Vec<&str> = open.iter().map(|&(_, turn)| store.turns.text(turn)).collect();
    let found = cluster(&texts, options.similarity)?;
    let mut topics = Vec::new();
    for (number, &size) in found.size.iter().enumerate() {
        let mut cases: Vec<usize> = open.iter().zip(&found.of).filter(|(_, of)| **of == number as u32).map(|((case, _), _)| *case).collect();
        cases.dedup();
        if cases.len() >= options.emerging as usize {
            let last = cases.iter().map(|&case| store.started_at[case]).filter(|&at| at != NO_TIME).max();
            topics.push(Emerging { text: texts[found.representative[number]].trim().to_owned(), asked: size, cases: cases.len() as u32, last });
        }
    }
    Ok(topics)
}
