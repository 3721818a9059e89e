//! A detector at work on a corpus: turns in, step events out, and labelled turns as examples.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::compile::Reading;
use super::{Detector, Example, FitOptions, Kind, Learned, Vectors};
use crate::corpus::{Corpus, Speaker, Store, Tag};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::text::sha_rest;

/// Conversations that one thread takes at a time.
const BATCH: usize = 256;

/// How a corpus is tagged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TagOptions {
    /// Step events of less probability are not made. (A check takes those of 0.5 and above, and says what the others may
    /// change.)
    pub at_least: f64,
    /// Whether step events that are there stay, beside those that are found.
    pub keep: bool,
}

impl Default for TagOptions {
    fn default() -> Self {
        Self { at_least: 0.3, keep: false }
    }
}

impl TagOptions {
    pub(super) fn check(&self) -> Result<()> {
        if (0.0..=1.0).contains(&self.at_least) {
            return Ok(());
        }
        Err(Error::argument("at_least", format!("{} is no probability", self.at_least), "a number from 0 to 1, such as 0.3"))
    }
}

pub(super) fn tag(detector: &Detector, corpus: &Corpus, vectors: Option<Vectors<'_>>, options: &TagOptions, progress: &Progress<'_>) -> Result<Corpus> {
    options.check()?;
    let tags = tags(detector, corpus, vectors, options.at_least, progress)?;
    let steps = match &detector.0 {
        Kind::Rules(rules) => &rules.steps,
        Kind::Learned(learned) => &learned.classes,
    };
    corpus.with_tags(steps, tags, options.keep)
}

/// What a detector finds in each conversation.
pub(super) fn tags(detector: &Detector, corpus: &Corpus, vectors: Option<Vectors<'_>>, at_least: f64, progress: &Progress<'_>) -> Result<Vec<Vec<Tag>>> {
    let store = corpus.store();
    vectors.map_or(Ok(()), |vectors| vectors.for_texts(corpus.turns()))?;
    let cases: Vec<usize> = (0..store.len()).collect();
    let done = std::sync::atomic::AtomicU64::new(0);
    let tell = |n: usize| progress.step("tag", done.fetch_add(n as u64, std::sync::atomic::Ordering::Relaxed) + n as u64, store.len() as u64);
    let batches = cases.par_chunks(BATCH).map(|batch| {
        let tags = match &detector.0 {
            Kind::Rules(rules) => {
                let (mut reading, mut found) = (Reading::default(), Vec::new());
                let mut all = Vec::with_capacity(batch.len());
                for &case in batch {
                    rules.begin(&mut reading);
                    let turns = store.turn_range(case);
                    let mut tags = Vec::new();
                    for (number, turn) in turns.clone().enumerate() {
                        rules.turn(&mut reading, store.turns.text(turn), store.turns.speaker[turn], number as u32, turns.len() as u32, &mut found);
                        tags.extend(found.iter().filter(|(_, prob)| *prob >= at_least).map(|&(step, prob)| Tag {
                            turn: number as u32,
                            step,
                            prob: prob as f32,
                        }));
                    }
                    all.push(tags);
                }
                all
            }
            Kind::Learned(learned) => {
                let texts: Vec<_> = batch.iter().flat_map(|&case| store.turn_range(case)).map(|turn| said(store, vectors, turn)).collect();
                learned.check_vectors(&texts)?;
                let mut found = learned.read(&texts, |probs| learned.at_least(probs, at_least)).into_iter().zip(&texts);
                batch
                    .iter()
                    .map(|&case| {
                        let turns = 0..store.turn_range(case).len() as u32;
                        let of_turn = turns.zip(&mut found).filter(|(_, (_, (text, _, vector)))| vector.is_some() || !text.trim().is_empty());
                        of_turn.flat_map(|(turn, (steps, _))| steps.into_iter().map(move |(step, prob)| Tag { turn, step, prob })).collect()
                    })
                    .collect()
            }
        };
        tell(batch.len())?;
        Ok(tags)
    });
    Ok(batches.collect::<Result<Vec<_>>>()?.concat())
}

/// What a detector reads of a turn.
pub(super) fn said<'a>(store: &'a Store, vectors: Option<Vectors<'a>>, turn: usize) -> (&'a str, Speaker, Option<&'a [f32]>) {
    (store.turns.text(turn), store.turns.speaker[turn], vectors.map(|vectors| vectors.of(turn)))
}

impl Learned {
    /// The steps to make events of: all of at least so much probability where a turn may have several, else the likeliest.
    fn at_least(&self, probs: &[f64], least: f64) -> Vec<(u32, f32)> {
        if self.several() {
            let steps = (0..).zip(probs).zip(&self.classes).filter(|((_, prob), class)| **prob >= least && !class.is_empty());
            return steps.map(|((step, &prob), _)| (step, prob as f32)).collect();
        }
        let top = self.top(probs);
        top.step.filter(|_| top.prob >= least).map(|step| (step, top.prob as f32)).into_iter().collect()
    }
}

/// The steps of each turn of a conversation, in the order of their events.
pub(super) fn labels(store: &Store, case: usize) -> Vec<Vec<u32>> {
    let turns = store.turn_range(case);
    let mut labels = vec![Vec::new(); turns.len()];
    for event in store.events(case) {
        let Some((first, last)) = store.turns_of(event) else { continue };
        let speaker = |turn: u32| store.turns.speaker[turns.start + turn as usize];
        for turn in (first..=last).filter(|&turn| turn == last || speaker(turn) == speaker(first)) {
            if !labels[turn as usize].contains(&store.step[event]) {
                labels[turn as usize].push(store.step[event]);
            }
        }
    }
    labels
}

/// Whether a conversation is in the part that is kept for the test.
pub(super) fn is_test(store: &Store, case: usize) -> bool {
    sha_rest(store.ids.get(case as u32).unwrap_or_default(), 5) == 0
}

pub(super) fn fit(corpus: &Corpus, vectors: Option<Vectors<'_>>, options: &FitOptions, progress: &Progress<'_>) -> Result<Learned> {
    let store = corpus.store();
    vectors.map_or(Ok(()), |vectors| vectors.for_texts(corpus.turns()))?;
    let mut found: Vec<(usize, usize, Vec<&str>)> = Vec::new();
    for case in (0..store.len()).filter(|&case| !(options.train_part && is_test(store, case))) {
        for (turn, steps) in store.turn_range(case).zip(labels(store, case)) {
            if vectors.is_some() || !store.turns.text(turn).trim().is_empty() {
                found.push((case, turn, steps.iter().filter_map(|&step| store.steps.get(step)).collect()));
            }
        }
    }
    // A speaker of whom no turn is labelled is not what is to be learned: their turns would only be told apart by who speaks.
    let labelled =
        [Speaker::Agent, Speaker::Customer, Speaker::System].map(|s| found.iter().any(|(_, turn, steps)| !steps.is_empty() && store.turns.speaker[*turn] == s));
    let examples: Vec<Example<'_>> = found
        .iter()
        .filter(|(_, turn, _)| labelled[store.turns.speaker[*turn] as usize] || labelled == [false; 3])
        .map(|(case, turn, steps)| {
            let (text, speaker, vector) = said(store, vectors, *turn);
            Example { text, speaker, group: store.ids.get(*case as u32).unwrap_or_default(), steps, vector }
        })
        .collect();
    Learned::fit(&examples, options, progress)
}
