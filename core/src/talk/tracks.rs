//! Talk tracks of all topics: gathered, counted, ranked, and shown by real snippets.

use rustc_hash::FxHashSet;

use super::cluster::cluster;
use super::contest::{Contest, unlike};
use super::keywords::keywords;
use super::lookup::Index;
use super::options::{ADVANCE, SCORE, TalkOptions, UseScore};
use super::rank::{Feedback, Ranking, Record, rank};
use super::snippet::Snippet;
use super::uses::{Use, Uses};
use crate::check::Check;
use crate::corpus::{NO_TIME, NONE};
use crate::error::{Error, Fault, Result};
use crate::evidence::{self, Finding, Verdict};
use crate::table::{Column, Table};
use crate::text::redact;

/// What a topic comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TopicKind {
    /// A step of the agent.
    Agent,
    /// A step of the customer, which the agent answers.
    Customer,
    /// What customers ask and no step answers.
    Emerging,
}

impl TopicKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Customer => "customer",
            Self::Emerging => "emerging",
        }
    }
}

/// What is spoken of.
#[derive(Debug, Clone)]
pub(super) struct Topic {
    /// Id of the step; what was asked where there is none.
    pub(super) key: String,
    pub(super) title: String,
    pub(super) kind: TopicKind,
    /// No step is planned after it.
    pub(super) last: bool,
    /// Its uses, also those without an answer.
    pub(super) uses: Vec<u32>,
    /// Its tracks.
    pub(super) tracks: std::ops::Range<usize>,
}

/// One track.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub(super) topic: u32,
    /// Its uses, the one that stands for it first.
    pub(super) uses: Vec<u32>,
    /// Scripts of experts that it holds; with some and without uses it was never said.
    pub(super) scripts: Vec<String>,
    pub(super) text: String,
    pub(super) keywords: Vec<String>,
    pub(super) reps: u32,
    pub(super) last: Option<i64>,
}

impl Track {
    /// Whether experts wrote it.
    pub(super) fn is_expert(&self) -> bool {
        !self.scripts.is_empty()
    }
}

/// The talk tracks (话术) of what is spoken of, and with them the knowledge points (知识点) of a team.
#[derive(Debug, Clone)]
pub struct TalkTracks {
    pub(super) options: TalkOptions,
    pub(super) uses: Uses,
    pub(super) topics: Vec<Topic>,
    pub(super) tracks: Vec<Track>,
    /// As counted, by the criterion.
    pub(super) raw: Vec<Record>,
    pub(super) contest: Contest,
    pub(super) ranking: Ranking,
    pub(super) index: Index,
}

impl TalkTracks {
    /// Gathers and ranks what was said at each step of a check, and in answer to what customers raise.
    ///
    /// # Errors
    /// [`Error::Argument`] where a step, a criterion or an attribute is unknown, the similarity is none, a score is not from 0 to 1, or the
    /// conversations have no turns with steps.
    pub fn of(check: &Check, options: &TalkOptions) -> Result<Self> {
        if options.criterion == SCORE && options.scores.is_empty() {
            return Err(Error::argument("criterion", "there are no scores to rank by", "give `scores`, or rank by `advance` or an outcome"));
        }
        Self::made_of(Uses::of(check, options, false)?, TalkOptions { scores: Vec::new(), ..options.clone() })
    }

    /// Adds other conversations, checked against the same SOP, with scores of the host where there are any: the same as if all
    /// had been there from the start.
    ///
    /// # Errors
    /// [`Error::Argument`] with code `talk.other_sop` or `talk.known_conversation`, and as [`TalkTracks::of`]; nothing is added then.
    pub fn append(&mut self, check: &Check, scores: &[UseScore]) -> Result<()> {
        let more = Uses::of(check, &TalkOptions { scores: scores.to_vec(), ..self.options.clone() }, true)?;
        let mut uses = self.uses.clone();
        uses.append(&more)?;
        *self = Self::made_of(uses, self.options.clone())?;
        Ok(())
    }

    pub(super) fn made_of(uses: Uses, options: TalkOptions) -> Result<Self> {
        let mut made = Self {
            topics: Vec::new(),
            tracks: Vec::new(),
            raw: Vec::new(),
            contest: Contest::default(),
            ranking: rank(&[])?,
            index: Index::default(),
            options,
            uses,
        };
        made.find_topics()?;
        for topic in 0..made.topics.len() as u32 {
            made.gather(topic)?;
        }
        made.contest = made.contest()?;
        let records: Vec<Record> = (made.raw.iter().zip(&made.contest.adjusted))
            .map(|(raw, adjusted)| adjusted.map_or(*raw, |a| Record { hits: (a.rate * a.n).clamp(0.0, a.n), n: a.n, ..*raw }))
            .collect();
        made.ranking = rank(&records)?;
        // Who used it with whom says nothing of the words: a winner has to be one like with like.
        for number in 0..made.tracks.len() {
            let helps = made.finding_of(number).is_some_and(|finding| finding.verdict == Verdict::Helps);
            made.ranking.tracks[number].clear_winner &= helps;
        }
        made.index = Index::of(&made);
        Ok(made)
    }

    /// The steps, and the questions that several conversations hold and no step answers.
    fn find_topics(&mut self) -> Result<()> {
        let wanted = |id: &String| self.options.steps.is_empty() || self.options.steps.contains(id);
        let mut by_step: Vec<Vec<u32>> = vec![Vec::new(); self.uses.steps.len()];
        let mut open: Vec<u32> = Vec::new();
        for (row, used) in self.uses.rows.iter().enumerate() {
            if used.step == NONE { &mut open } else { &mut by_step[used.step as usize] }.push(row as u32);
        }
        for (step, uses) in self.uses.steps.iter().zip(by_step) {
            if wanted(&step.id) {
                let kind = if step.by_customer { TopicKind::Customer } else { TopicKind::Agent };
                self.topics.push(Topic { key: step.id.clone(), title: step.title.clone(), kind, last: step.last, uses, tracks: 0..0 });
            }
        }
        let texts: Vec<&str> = open.iter().map(|&row| self.uses.text(self.uses.rows[row as usize].raised).unwrap_or_default()).collect();
        let found = cluster(&texts, self.options.similarity)?;
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); found.size.len()];
        open.iter().zip(&found.of).for_each(|(&row, &of)| members[of as usize].push(row));
        let mut keys: FxHashSet<String> = self.uses.steps.iter().map(|step| step.id.clone()).collect();
        for (uses, &shown) in members.into_iter().zip(&found.representative) {
            let conversations: FxHashSet<u32> = uses.iter().map(|&row| self.uses.rows[row as usize].conversation).collect();
            if conversations.len() >= self.options.emerging as usize {
                let title = self.shown(texts[shown]).into_string();
                let key = unlike(title.clone(), &mut |key| keys.insert(key.to_owned()));
                self.topics.push(Topic { title, key, kind: TopicKind::Emerging, last: false, uses, tracks: 0..0 });
            }
        }
        Ok(())
    }

    /// The tracks of a topic.
    fn gather(&mut self, topic: u32) -> Result<()> {
        let of = &self.topics[topic as usize];
        let answered: Vec<u32> = of.uses.iter().copied().filter(|&row| self.uses.rows[row as usize].answer != NONE).collect();
        let given = self.options.expert.get(&of.key).filter(|_| of.kind != TopicKind::Emerging).into_iter().flatten();
        let step = self.uses.steps.iter().find(|step| step.id == of.key && of.kind != TopicKind::Emerging);
        let scripts: Vec<&str> = given.chain(step.into_iter().flat_map(|step| &step.scripts)).map(String::as_str).collect();
        let said = answered.iter().map(|&row| self.uses.text(self.uses.rows[row as usize].answer).unwrap_or_default());
        let texts: Vec<&str> = said.chain(scripts).collect();
        let found = cluster(&texts, self.options.similarity)?;
        let keywords = keywords(&texts, &found.of, found.size.len());
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); found.size.len()];
        found.of.iter().enumerate().for_each(|(i, &of)| members[of as usize].push(i));
        let first = self.tracks.len();
        let (mut tracks, mut records) = (Vec::new(), Vec::new());
        for ((number, keywords), members) in keywords.into_iter().enumerate().zip(members) {
            let (own, scripts_in): (Vec<usize>, Vec<usize>) = members.into_iter().partition(|&i| i < answered.len());
            // What stands for a track is real, where it was ever said.
            let shown = Some(found.representative[number]).filter(|i| *i < answered.len()).or(own.first().copied());
            let mut record = Record { group: topic, hits: 0.0, n: 0.0, feedback: Feedback::default() };
            let mut reps: FxHashSet<u32> = FxHashSet::default();
            let mut last = None;
            for &i in &own {
                let row = &self.uses.rows[answered[i] as usize];
                if let Some(value) = self.criterion(row) {
                    record.n += 1.0;
                    record.hits += value;
                }
                if let Some(score) = self.feedback(row) {
                    record.feedback.add(score);
                }
                reps.insert(row.rep);
                last = last.max(Some(row.started).filter(|&at| at != NO_TIME));
            }
            tracks.push(Track {
                topic,
                uses: shown.iter().chain(own.iter().filter(|i| Some(**i) != shown)).map(|&i| answered[i]).collect(),
                scripts: scripts_in.iter().map(|&i| texts[i].to_owned()).collect(),
                text: texts[shown.unwrap_or(found.representative[number])].to_owned(),
                keywords,
                reps: reps.len() as u32,
                last,
            });
            records.push(record);
        }
        self.tracks.append(&mut tracks);
        self.raw.append(&mut records);
        self.topics[topic as usize].tracks = first..self.tracks.len();
        Ok(())
    }

    pub(super) fn by_advance(&self) -> bool {
        self.options.criterion == ADVANCE
    }

    /// What came of a use by the criterion; `None` where that is not known.
    pub(super) fn criterion(&self, row: &Use) -> Option<f64> {
        if !self.by_advance() {
            return Some(row.score).filter(|score| !score.is_nan());
        }
        // After a last step there is nothing to go on to.
        let last = self.uses.steps.get(row.step as usize).is_some_and(|step| step.last);
        (!last).then(|| f64::from(u8::from(row.advanced)))
    }

    /// The mean of the indicators that say something.
    fn feedback(&self, row: &Use) -> Option<f64> {
        let (raised, next) = (self.uses.text(row.raised), self.uses.text(row.reaction));
        let said = self.options.feedback.iter().filter_map(|indicator| indicator.of(raised, next, row.score));
        let (n, sum) = said.fold((0u32, 0.0), |(n, sum), score| (n + 1, sum + score));
        (n > 0).then(|| sum / f64::from(n))
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

    /// Each track with ten uses against the others of its topic: by the criterion, and by the outcome of the check.
    pub fn findings(&self) -> &[Finding] {
        &self.contest.findings
    }

    /// The finding of a track by the criterion, of a last step by the outcome; `None` where it has too few uses, or there is no
    /// such track.
    pub fn finding_of(&self, track: usize) -> Option<&Finding> {
        self.contest.finding_of.get(track).copied().flatten().and_then(|number| self.contest.findings.get(number))
    }

    /// The findings as a table.
    pub fn findings_table(&self) -> Table {
        evidence::table(&self.contest.findings)
    }

    pub(super) fn shown(&self, text: &str) -> Box<str> {
        if self.options.redact { redact(text, &self.options.names).into() } else { text.into() }
    }

    /// Tracks by topic, and within a topic by their place.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.tracks.len()).collect();
        order.sort_by_key(|&i| (self.tracks[i].topic, self.ranking.tracks[i].place));
        order
    }

    /// One row a track, by topic and place: how often it was used and went on to another planned step; whether it was compared
    /// like with like, and how many uses that is worth; the share by the criterion, drawn to what all tracks have in common, with its
    /// interval; the probability of being the best of its topic, what customers said next, layer, and a real wording.
    pub fn tracks(&self) -> Table {
        let order = self.order();
        let mut table = Table::new("talk_tracks");
        let each = |f: &dyn Fn(usize) -> Option<f64>| Column::Float(order.iter().map(|&i| f(i)).collect());
        let count = |f: &dyn Fn(usize) -> i64| Column::Int(order.iter().map(|&i| Some(f(i))).collect());
        let text = |f: &dyn Fn(usize) -> Box<str>| Column::Text(order.iter().map(|&i| Some(f(i))).collect());
        let topic = |i: usize| &self.topics[self.tracks[i].topic as usize];
        let adjusted = |i: usize| self.contest.adjusted[i];
        let ranked = |i: usize| &self.ranking.tracks[i];
        table.push("track", count(&|i| i as i64));
        table.push("step", text(&|i| topic(i).key.as_str().into()));
        table.push("title", text(&|i| topic(i).title.as_str().into()));
        table.push("kind", text(&|i| topic(i).kind.name().into()));
        table.push("place", count(&|i| i64::from(ranked(i).place)));
        table.push("text", text(&|i| self.shown(&self.tracks[i].text)));
        table.push("keywords", Column::TextList(order.iter().map(|&i| self.tracks[i].keywords.iter().map(|word| self.shown(word)).collect()).collect()));
        table.push("expert", Column::Bool(order.iter().map(|&i| Some(self.tracks[i].is_expert())).collect()));
        table.push("uses", count(&|i| self.tracks[i].uses.len() as i64));
        table.push("reps", count(&|i| i64::from(self.tracks[i].reps)));
        table.push("advanced", count(&|i| self.tracks[i].uses.iter().filter(|&&row| self.uses.rows[row as usize].advanced).count() as i64));
        table.push("raw_rate", each(&|i| Some(&self.raw[i]).filter(|raw| raw.n > 0.0).map(|raw| raw.hits / raw.n)));
        table.push("adjusted", Column::Bool(order.iter().map(|&i| Some(adjusted(i).is_some())).collect()));
        table.push("effective_uses", each(&|i| adjusted(i).map(|a| a.n)));
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
        let topic = &self.topics[found.topic as usize];
        let clean = |text: u32| self.uses.text(text).map(|text| self.shown(text).into_string());
        let plain = |text: u32| self.uses.text(text).map(ToOwned::to_owned);
        let snippet = |row: &Use| Snippet {
            conversation: plain(row.conversation).unwrap_or_default(),
            step: topic.key.clone(),
            turns: row.turns,
            raised: clean(row.raised),
            answer: clean(row.answer).unwrap_or_default(),
            reaction: clean(row.reaction),
            rep: plain(row.rep),
            team: plain(row.team),
            at: (row.at != NO_TIME).then_some(row.at),
        };
        Ok(found.uses.iter().take(most).map(|&row| snippet(&self.uses.rows[row as usize])).collect())
    }
}

impl std::fmt::Display for TalkTracks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let uses: usize = self.tracks.iter().map(|track| track.uses.len()).sum();
        write!(f, "TalkTracks({} tracks of {} topics, {uses} uses)", self.tracks.len(), self.topics.len())
    }
}
