//! Knowledge points: what is spoken of, the best that is said of it, who says what, what usually follows, and what is missing.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use super::rank::{Feedback, Record, rank};
use super::tracks::{TalkTracks, Topic, TopicKind};
use crate::corpus::{NO_TIME, NONE, day_of};
use crate::error::Result;
use crate::table::{Column, Table};

/// Fewest uses of a topic that is no longer called `few`.
const FEW: usize = 10;

/// What the agent usually does next.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NextStep {
    /// Id of the step.
    pub step: String,
    /// Its title.
    pub title: String,
    /// Uses after which it came next.
    pub uses: u32,
    /// Share of the uses after which anything came.
    pub share: f64,
}

/// Whose talk tracks are ranked apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// Each team's.
    Team,
    /// Each rep's.
    Rep,
}

impl TalkTracks {
    /// Steps that came next after a topic, the most frequent first.
    pub(super) fn next_steps(&self, topic: &Topic) -> Vec<NextStep> {
        let mut counts: FxHashMap<u32, u32> = FxHashMap::default();
        for &row in &topic.uses {
            let next = self.uses.rows[row as usize].next;
            if next != NONE {
                *counts.entry(next).or_default() += 1;
            }
        }
        let total: u32 = counts.values().sum();
        let title = |step: &str| self.uses.steps.iter().find(|known| known.id == step).map_or_else(|| step.to_owned(), |known| known.title.clone());
        let mut next: Vec<NextStep> = (counts.into_iter())
            .filter_map(|(step, uses)| self.uses.text(step).map(|step| (step.to_owned(), uses)))
            .map(|(step, uses)| NextStep { title: title(&step), step, uses, share: f64::from(uses) / f64::from(total) })
            .collect();
        next.sort_by(|a, b| b.uses.cmp(&a.uses).then_with(|| a.step.cmp(&b.step)));
        next
    }

    /// The first of a topic's tracks.
    pub(super) fn first(&self, topic: &Topic) -> Option<usize> {
        topic.tracks.clone().find(|&i| self.ranking.tracks[i].place == 1)
    }

    /// It is a last step, and tracks are ranked by going on.
    fn nothing_follows(&self, topic: &Topic) -> bool {
        topic.last && self.by_advance()
    }

    pub(super) fn conversations(&self, topic: &Topic) -> usize {
        topic.uses.iter().map(|&row| self.uses.rows[row as usize].conversation).collect::<FxHashSet<u32>>().len()
    }

    /// When the topic last came up.
    fn last(&self, topic: &Topic) -> Option<i64> {
        topic.uses.iter().map(|&row| self.uses.rows[row as usize].started).filter(|&at| at != NO_TIME).max()
    }

    /// What is missing of a topic: `emerging` (no step answers it), `none` (nobody said anything), `few` (fewer than 10
    /// uses), `old` (nothing said in the last [`TalkOptions::old_after`](super::TalkOptions) days), `no_good` (even the best is likely below what
    /// any track brings; not of a step that nothing is planned after, where tracks are ranked by going on), or `no_clear_winner`.
    fn missing(&self, topic: &Topic, today: Option<i32>) -> Option<&'static str> {
        let said: usize = topic.tracks.clone().map(|i| self.tracks[i].uses.len()).sum();
        let age = today.zip(topic.tracks.clone().filter_map(|i| self.tracks[i].last).max().and_then(day_of)).map(|(today, last)| today - last);
        let best = self.first(topic).map(|i| &self.ranking.tracks[i]);
        match said {
            _ if topic.kind == TopicKind::Emerging => Some("emerging"),
            0 => Some("none"),
            n if n < FEW => Some("few"),
            _ if age.is_some_and(|age| i64::from(age) > i64::from(self.options.old_after)) => Some("old"),
            _ if !self.nothing_follows(topic) && best.is_some_and(|best| best.advance.high < self.ranking.prior.mean()) => Some("no_good"),
            _ if topic.tracks.len() > 1 && !topic.tracks.clone().any(|i| self.ranking.tracks[i].clear_winner) => Some("no_clear_winner"),
            _ => None,
        }
    }

    /// Coverage: one row a topic with how many tracks and uses it has, the best track, and what is missing: `none`, `few`
    /// (fewer than 10 uses), `old` (nothing said for a time), `no_good` (even the best is likely below the average of all tracks),
    /// `no_clear_winner`, `emerging` (no step answers it), or nothing.
    pub fn coverage(&self) -> Table {
        let today = self.uses.last_day();
        let text = |f: &dyn Fn(&Topic) -> Option<Box<str>>| Column::Text(self.topics.iter().map(f).collect());
        let count = |f: &dyn Fn(&Topic) -> Option<usize>| Column::Int(self.topics.iter().map(|topic| f(topic).map(|n| n as i64)).collect());
        let best = |topic: &Topic| self.first(topic).filter(|_| !self.nothing_follows(topic)).map(|i| &self.ranking.tracks[i]);
        let mut table = Table::new("talk_coverage");
        table.push("step", text(&|topic| Some(topic.key.as_str().into())));
        table.push("title", text(&|topic| Some(topic.title.as_str().into())));
        table.push("kind", text(&|topic| Some(topic.kind.name().into())));
        table.push("tracks", count(&|topic| Some(topic.tracks.len())));
        table.push("uses", count(&|topic| Some(topic.tracks.clone().map(|i| self.tracks[i].uses.len()).sum())));
        table.push("best_track", count(&|topic| self.first(topic)));
        table.push("best_rate", Column::Float(self.topics.iter().map(|topic| best(topic).map(|t| t.advance.estimate)).collect()));
        table.push("last_used", Column::Time(self.topics.iter().map(|topic| topic.tracks.clone().filter_map(|i| self.tracks[i].last).max()).collect()));
        table.push("missing", text(&|topic| self.missing(topic, today).map(Into::into)));
        table
    }

    /// The knowledge points (知识点): one row a topic with how often it came up, the best track with its interval, whether that is a
    /// clear winner, the step that usually comes next, and what is missing.
    pub fn knowledge_points(&self) -> Table {
        let today = self.uses.last_day();
        let rows: Vec<(&Topic, Option<usize>, Option<NextStep>)> =
            self.topics.iter().map(|topic| (topic, self.first(topic), self.next_steps(topic).into_iter().next())).collect();
        let text = |f: &dyn Fn(&(&Topic, Option<usize>, Option<NextStep>)) -> Option<Box<str>>| Column::Text(rows.iter().map(f).collect());
        let count = |f: &dyn Fn(&Topic) -> usize| Column::Int(rows.iter().map(|(topic, ..)| Some(f(topic) as i64)).collect());
        let best = |f: &dyn Fn(usize) -> f64| Column::Float(rows.iter().map(|(topic, best, _)| best.filter(|_| !self.nothing_follows(topic)).map(f)).collect());
        let mut table = Table::new("knowledge_points");
        table.push("topic", text(&|(topic, ..)| Some(topic.key.as_str().into())));
        table.push("title", text(&|(topic, ..)| Some(topic.title.as_str().into())));
        table.push("kind", text(&|(topic, ..)| Some(topic.kind.name().into())));
        table.push("came_up", count(&|topic| topic.uses.len()));
        table.push("conversations", count(&|topic| self.conversations(topic)));
        table.push("tracks", count(&|topic| topic.tracks.len()));
        table.push("best_track", Column::Int(rows.iter().map(|(_, best, _)| best.map(|i| i as i64)).collect()));
        table.push("best_text", text(&|(_, best, _)| best.map(|i| self.shown(&self.tracks[i].text))));
        table.push("best_rate", best(&|i| self.ranking.tracks[i].advance.estimate));
        table.push("best_low", best(&|i| self.ranking.tracks[i].advance.low));
        table.push("best_high", best(&|i| self.ranking.tracks[i].advance.high));
        table.push("adjusted", Column::Bool(rows.iter().map(|(_, best, _)| best.map(|i| self.contest.adjusted[i].is_some())).collect()));
        table.push("clear_winner", Column::Bool(rows.iter().map(|(_, best, _)| best.map(|i| self.ranking.tracks[i].clear_winner)).collect()));
        table.push("next_step", text(&|(.., next)| next.as_ref().map(|next| next.step.as_str().into())));
        table.push("next_share", Column::Float(rows.iter().map(|(.., next)| next.as_ref().map(|next| next.share)).collect()));
        table.push("last_came_up", Column::Time(rows.iter().map(|(topic, ..)| self.last(topic)).collect()));
        table.push("missing", text(&|(topic, ..)| self.missing(topic, today).map(Into::into)));
        table
    }

    /// The tracks of each team or rep by themselves: one row a topic, team or rep, and track, with the place of the track among
    /// what they say of the topic. Shares are as counted, drawn to what all of these have in common; nothing is adjusted for.
    ///
    /// # Errors
    /// None that the facts could bring about; as [`rank`].
    pub fn by(&self, by: By) -> Result<Table> {
        let mut counted: BTreeMap<(u32, &str, usize), (Record, i64)> = BTreeMap::new();
        for (number, track) in self.tracks.iter().enumerate() {
            for row in track.uses.iter().map(|&row| &self.uses.rows[row as usize]) {
                let Some(name) = self.uses.text(if by == By::Team { row.team } else { row.rep }) else { continue };
                let none = Record { group: 0, hits: 0.0, n: 0.0, feedback: Feedback::default() };
                let (record, uses) = counted.entry((track.topic, name, number)).or_insert((none, 0));
                *uses += 1;
                if let Some(value) = self.criterion(row) {
                    record.n += 1.0;
                    record.hits += value;
                }
            }
        }
        let mut before = None;
        let mut group = 0;
        for ((topic, name, _), (record, _)) in &mut counted {
            group += u32::from(before.is_some_and(|before| before != (*topic, *name)));
            before = Some((*topic, *name));
            record.group = group;
        }
        let (records, uses): (Vec<Record>, Vec<i64>) = counted.values().copied().unzip();
        let ranked = rank(&records)?.tracks;
        let keys: Vec<(u32, &str, usize)> = counted.into_keys().collect();
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by_key(|&i| (keys[i].0, keys[i].1, ranked[i].place));
        let text = |f: &dyn Fn(usize) -> Box<str>| Column::Text(order.iter().map(|&i| Some(f(i))).collect());
        let each = |f: &dyn Fn(usize) -> f64| Column::Float(order.iter().map(|&i| (records[i].n > 0.0).then(|| f(i))).collect());
        let count = |f: &dyn Fn(usize) -> i64| Column::Int(order.iter().map(|&i| Some(f(i))).collect());
        let mut table = Table::new(if by == By::Team { "talk_tracks_by_team" } else { "talk_tracks_by_rep" });
        table.push("topic", text(&|i| self.topics[keys[i].0 as usize].key.as_str().into()));
        table.push(if by == By::Team { "team" } else { "rep" }, text(&|i| keys[i].1.into()));
        table.push("place", count(&|i| i64::from(ranked[i].place)));
        table.push("track", count(&|i| keys[i].2 as i64));
        table.push("text", text(&|i| self.shown(&self.tracks[keys[i].2].text)));
        table.push("uses", count(&|i| uses[i]));
        table.push("raw_rate", each(&|i| records[i].hits / records[i].n));
        table.push("advance_rate", each(&|i| ranked[i].advance.estimate));
        table.push("advance_low", each(&|i| ranked[i].advance.low));
        table.push("advance_high", each(&|i| ranked[i].advance.high));
        Ok(table)
    }

    /// What customers ask and no step answers: one row a wording that several conversations hold, the most frequent first.
    pub fn emerging(&self) -> Table {
        let rows: Vec<&Topic> = self.topics.iter().filter(|topic| topic.kind == TopicKind::Emerging).collect();
        let mut table = Table::new("emerging_topics");
        table.push("text", Column::Text(rows.iter().map(|topic| Some(topic.key.as_str().into())).collect()));
        table.push("asked", Column::Int(rows.iter().map(|topic| Some(topic.uses.len() as i64)).collect()));
        table.push("conversations", Column::Int(rows.iter().map(|topic| Some(self.conversations(topic) as i64)).collect()));
        table.push("last_asked", Column::Time(rows.iter().map(|topic| self.last(topic)).collect()));
        table
    }
}
