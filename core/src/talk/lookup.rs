//! The best answer now: from the customer's words, or a topic, to its tracks.
//!
//! Each topic is a vector of the terms that customers used where it came up, weighed by how well they tell it from the other
//! topics. Words are held against these by cosine; which topics hold a term is looked up, so that an answer costs what the words
//! cost and not what the corpus does.

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::knowledge::NextStep;
use super::tracks::TalkTracks;
use crate::text::{fold, terms};

/// Tracks of a topic, and steps that follow, that are given at most.
const MOST: usize = 5;
/// Shares of the cosine of the first below which a topic is not meant.
const NEAR: f32 = 0.5;
/// Characters of the words that are looked at.
const MOST_CHARACTERS: usize = 2_000;

/// A track as an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BestTrack {
    /// Its number, for [`TalkTracks::snippets`].
    pub track: usize,
    /// A real wording.
    pub text: String,
    /// How often it was used.
    pub uses: usize,
    /// By how many reps.
    pub reps: u32,
    /// The share by the criterion, with its 95 % interval.
    pub advance_rate: f64,
    /// Lower end.
    pub advance_low: f64,
    /// Upper end.
    pub advance_high: f64,
    /// It was compared like with like.
    pub adjusted: bool,
    /// It is the best of the topic with a probability of at least .9.
    pub clear_winner: bool,
    /// It holds a script of an expert.
    pub expert: bool,
}

/// What is known of a topic that the words may be about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// Id of the step, or what was asked where no step answers it.
    pub topic: String,
    /// Its title.
    pub title: String,
    /// `agent`, `customer` or `emerging`.
    pub kind: &'static str,
    /// How near the words are to it, 0 to 1; 1 where the topic was named.
    pub score: f64,
    /// How often it came up.
    pub came_up: usize,
    /// No step is planned after it and tracks are ranked by going on: there are no shares, only feedback and findings by the
    /// outcome. The shares of its tracks are those of any track.
    pub last: bool,
    /// The best tracks, by place.
    pub tracks: Vec<BestTrack>,
    /// What usually comes next.
    pub next: Vec<NextStep>,
}

/// Everything that is asked for at once, ready.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    answers: Vec<Answer>,
    /// By id and by folded title.
    named: FxHashMap<String, u32>,
    /// Topics by term, with the weight of the term; weights of a topic are of length 1.
    terms: FxHashMap<Box<str>, Vec<(u32, f32)>>,
}

impl Index {
    pub(super) fn of(talk: &TalkTracks) -> Self {
        let mut index = Self::default();
        let mut counts: FxHashMap<Box<str>, FxHashMap<u32, f32>> = FxHashMap::default();
        let mut total = 0.0f64;
        for (number, topic) in talk.topics.iter().enumerate() {
            let number = number as u32;
            let mut tracks: Vec<usize> = topic.tracks.clone().collect();
            tracks.sort_by_key(|&i| talk.ranking.tracks[i].place);
            let best = |&i: &usize| {
                let (track, ranked) = (&talk.tracks[i], &talk.ranking.tracks[i]);
                BestTrack {
                    track: i,
                    text: talk.shown(&track.text).into_string(),
                    uses: track.uses.len(),
                    reps: track.reps,
                    advance_rate: ranked.advance.estimate,
                    advance_low: ranked.advance.low,
                    advance_high: ranked.advance.high,
                    adjusted: talk.contest.adjusted[i].is_some(),
                    clear_winner: ranked.clear_winner,
                    expert: track.is_expert(),
                }
            };
            let mut next = talk.next_steps(topic);
            next.truncate(MOST);
            index.answers.push(Answer {
                topic: topic.key.clone(),
                title: topic.title.clone(),
                kind: topic.kind.name(),
                score: 0.0,
                came_up: topic.uses.len(),
                last: topic.last && talk.by_advance(),
                tracks: tracks.iter().take(MOST).map(best).collect(),
                next,
            });
            index.named.entry(fold(&topic.title)).or_insert(number);
            let mut count = |text: &str| {
                terms(text, &mut |term| {
                    total += 1.0;
                    match counts.get_mut(term) {
                        Some(of) => *of.entry(number).or_default() += 1.0,
                        None => drop(counts.insert(term.into(), [(number, 1.0)].into_iter().collect())),
                    }
                });
            };
            topic.uses.iter().filter_map(|&row| talk.uses.text(talk.uses.rows[row as usize].raised)).for_each(&mut count);
            // A topic is found by its title before anyone spoke of it.
            count(&topic.title);
        }
        // An id goes before the title of another topic.
        index.named.extend(talk.topics.iter().enumerate().map(|(number, topic)| (fold(&topic.key), number as u32)));
        let mean = (total / index.answers.len().max(1) as f64) as f32;
        let mut lengths = vec![0.0f64; index.answers.len()];
        let mut sorted: Vec<(Box<str>, Vec<(u32, f32)>)> = (counts.into_iter())
            .map(|(term, of)| {
                let all: f32 = of.values().sum();
                let mut of: Vec<(u32, f32)> = of.into_iter().map(|(topic, n)| (topic, (1.0 + n.ln()) * (1.0 + mean / all).ln())).collect();
                of.sort_unstable_by_key(|(topic, _)| *topic);
                (term, of)
            })
            .collect();
        sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (_, of) in &sorted {
            of.iter().for_each(|&(topic, weight)| lengths[topic as usize] += f64::from(weight * weight));
        }
        for (_, of) in &mut sorted {
            of.iter_mut().for_each(|(topic, weight)| *weight /= lengths[*topic as usize].sqrt() as f32);
        }
        index.terms = sorted.into_iter().collect();
        index
    }
}

impl TalkTracks {
    /// What is known of each topic, in the order of [`TalkTracks::coverage`]; their `score` says nothing.
    pub fn topics(&self) -> &[Answer] {
        &self.index.answers
    }

    /// The best tracks and the usual next steps for what a customer says, or for a topic by its id or title: the likeliest topic
    /// first, at most so many. Nothing where the words are about no topic.
    ///
    /// ```
    /// use goldpath::talk::{TalkOptions, TalkTracks};
    /// use goldpath::{Corpus, Sop};
    /// let sop = Sop::parse("{format: goldpath/1, name: d, steps: {open: {}, price: {title: 报价}}, flow: [open, price]}")?;
    /// let corpus = Corpus::parse(r#"{"id": "c1", "turns": [{"speaker": "agent", "text": "您好", "steps": ["open"]},
    ///   {"speaker": "customer", "text": "这个多少钱"}, {"speaker": "agent", "text": "每月一百", "steps": ["price"]}]}"#.replace('\n', "").as_bytes())?;
    /// let talk = TalkTracks::of(&corpus.check(&sop)?, &TalkOptions::default())?;
    /// let answers = talk.look_up("多少钱啊", 3);
    /// assert_eq!((answers[0].topic.as_str(), answers[0].tracks[0].text.as_str()), ("price", "每月一百"));
    /// assert_eq!(talk.look_up("报价", 3)[0].score, 1.0);
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    pub fn look_up(&self, words: &str, most: usize) -> Vec<Answer> {
        let words: String = words.chars().take(MOST_CHARACTERS).collect();
        if let Some(&topic) = self.index.named.get(&fold(words.trim())) {
            return self.index.answers.get(topic as usize).filter(|_| most > 0).map(|a| Answer { score: 1.0, ..a.clone() }).into_iter().collect();
        }
        let mut asked: Vec<Box<str>> = Vec::new();
        terms(&words, &mut |term| asked.push(term.into()));
        asked.sort_unstable();
        asked.dedup();
        let mut scores: Vec<f32> = vec![0.0; self.index.answers.len()];
        for &(topic, weight) in asked.iter().filter_map(|term| self.index.terms.get(term)).flatten() {
            scores[topic as usize] += weight;
        }
        let best = scores.iter().copied().fold(0.0, f32::max);
        let mut order: Vec<usize> = (0..scores.len()).filter(|&topic| scores[topic] > 0.0 && scores[topic] >= NEAR * best).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
        let score = |topic: usize| f64::from((scores[topic] / (asked.len() as f32).sqrt()).min(1.0));
        order.iter().take(most).map(|&topic| Answer { score: score(topic), ..self.index.answers[topic].clone() }).collect()
    }
}
