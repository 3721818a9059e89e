//! What is measured on the turns of a conversation: how much is said, by whom, how long, how fast.
//!
//! One function measures a range of turns; it serves the standards of a step and the table of whole conversations. What
//! each measure is, and its unit, stands in `docs/src/methods/measures.md`.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::model::Speaker;
use super::store::{NO_TIME, Store};
use super::{Corpus, Names};
use crate::error::Result;
use crate::progress::Progress;
use crate::table::{Column, Table};
use crate::text::{Phrases, count_folded, fold_into};

/// Cases measured together by one thread.
const CHUNK: usize = 256;

/// Who is heard: of the turns, those of the system are nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Agent = 0,
    Customer = 1,
}

/// What was measured on some turns, those of the system left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Measures {
    /// Turns of agent and customer.
    pub(crate) turns: [u32; 2],
    /// Times the word passed from one side to the other.
    pub(crate) switches: u32,
    pub(crate) characters: [u64; 2],
    pub(crate) words: [u64; 2],
    pub(crate) questions: [u64; 2],
    /// Most words of one side with nothing of the other in between.
    pub(crate) longest_words: [u64; 2],
    /// Turns that lack a beginning or an end.
    pub(crate) untimed: u32,
    /// Milliseconds from the first beginning to the last end (or beginning, where there is no end); `None` where a turn
    /// has no beginning, or nothing is known but one moment.
    pub(crate) span: Option<i64>,
    /// Known where there is a turn and every turn begins and ends at a known time.
    pub(crate) times: Option<Times>,
}

/// What is known where every turn has times, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Times {
    /// Time each side is heard; what overlaps within a side counts once.
    pub(crate) spoken: [i64; 2],
    /// Longest time one side is heard with nothing of the other in between.
    pub(crate) longest: [i64; 2],
    /// Turns of the agent that begin while an earlier turn of the customer goes on.
    pub(crate) interruptions: u32,
    /// Silence before the agent answers the customer: the sum, and how often.
    pub(crate) waited: i64,
    pub(crate) waits: u32,
}

impl Measures {
    pub(crate) fn all_turns(&self) -> u32 {
        self.turns[0] + self.turns[1]
    }

    /// Whether there are words at all: what is counted of them is known only then.
    pub(crate) fn has_words(&self) -> bool {
        self.characters[0] + self.characters[1] > 0
    }

    /// The agent's share of the time, or of the words where the times are not all known; and whether it is of the time.
    pub(crate) fn agent_talk_share(&self) -> Option<(f64, bool)> {
        let share = |agent: u64, customer: u64| (agent + customer > 0).then(|| agent as f64 / (agent + customer) as f64);
        (self.times.and_then(|times| share(times.spoken[0] as u64, times.spoken[1] as u64)).map(|x| (x, true)))
            .or_else(|| share(self.words[0], self.words[1]).map(|x| (x, false)))
    }

    /// What two conversations have together; what is known of one only is known of neither.
    fn and(&self, other: &Self) -> Self {
        let sum = |a: [u64; 2], b: [u64; 2]| [a[0] + b[0], a[1] + b[1]];
        let most = |a: [u64; 2], b: [u64; 2]| [a[0].max(b[0]), a[1].max(b[1])];
        // A conversation without turns has nothing to time.
        let empty = |m: &Self| m.all_turns() == 0;
        let both = |a: Times, b: Times| Times {
            spoken: [a.spoken[0] + b.spoken[0], a.spoken[1] + b.spoken[1]],
            longest: [a.longest[0].max(b.longest[0]), a.longest[1].max(b.longest[1])],
            interruptions: a.interruptions + b.interruptions,
            waited: a.waited + b.waited,
            waits: a.waits + b.waits,
        };
        Self {
            turns: [self.turns[0] + other.turns[0], self.turns[1] + other.turns[1]],
            switches: self.switches + other.switches,
            characters: sum(self.characters, other.characters),
            words: sum(self.words, other.words),
            questions: sum(self.questions, other.questions),
            longest_words: most(self.longest_words, other.longest_words),
            untimed: self.untimed + other.untimed,
            span: match (empty(self), empty(other)) {
                (true, _) => other.span,
                (_, true) => self.span,
                _ => self.span.zip(other.span).map(|(a, b)| a + b),
            },
            times: match (empty(self), empty(other)) {
                (true, _) => other.times,
                (_, true) => self.times,
                _ => self.times.zip(other.times).map(|(a, b)| both(a, b)),
            },
        }
    }

    /// Mean seconds between the end of the customer and the beginning of the agent.
    fn patience(&self) -> Option<f64> {
        self.times.filter(|times| times.waits > 0).map(|times| times.waited as f64 / 1e3 / f64::from(times.waits))
    }

    /// Switches of speaker a minute.
    fn interactivity(&self) -> Option<f64> {
        self.span.filter(|&span| span > 0).map(|span| f64::from(self.switches) / (span as f64 / 60e3))
    }

    /// Questions of the agent in a hundred of its turns.
    fn question_rate(&self) -> Option<f64> {
        (self.has_words() && self.turns[0] > 0).then(|| 100.0 * self.questions[0] as f64 / f64::from(self.turns[0]))
    }
}

/// Measures ranges of turns, one after the other, in memory that is used again.
pub(crate) struct Measurer<'a> {
    store: &'a Store,
    phrases: Option<&'a Phrases>,
    folded: String,
    /// Beginning, end and side of each turn.
    timed: Vec<(i64, i64, Side)>,
    /// For each phrase and side, the round in which it was last heard.
    heard: Vec<[u32; 2]>,
    round: u32,
}

impl<'a> Measurer<'a> {
    /// Also looks for phrases, where there are any.
    pub(crate) fn new(store: &'a Store, phrases: Option<&'a Phrases>) -> Self {
        let phrases = phrases.filter(|phrases| !phrases.is_empty());
        let heard = vec![[0; 2]; phrases.map_or(0, Phrases::len)];
        Self { store, phrases, folded: String::new(), timed: Vec::new(), heard, round: 0 }
    }

    /// Whether a side said a phrase in the turns measured last.
    pub(crate) fn said(&self, phrase: u32, side: Side) -> bool {
        self.heard[phrase as usize][side as usize] == self.round
    }

    /// Measures turns, numbered over all cases; their words only if wanted. The turns before them, from the first of the
    /// case, are looked at only to see whether the agent cuts a customer short with the first turn.
    pub(crate) fn measure(&mut self, first: usize, turns: Range<usize>, words: bool) -> Measures {
        if self.round == u32::MAX {
            self.heard.fill([0; 2]);
            self.round = 0;
        }
        self.round += 1;
        self.timed.clear();
        let before = (first..turns.start).rev().find(|&turn| side(self.store.turns.speaker[turn]).is_some());
        let mut m = Measures::default();
        let (mut last, mut run) = (None, 0);
        // First beginning and last moment, as long as every turn has a beginning.
        let (mut from, mut to, mut moments, mut begun) = (i64::MAX, i64::MIN, 0u32, true);
        for turn in turns {
            let Some(side) = side(self.store.turns.speaker[turn]) else { continue };
            m.turns[side as usize] += 1;
            if last.is_some_and(|last| last != side) {
                m.switches += 1;
                run = 0;
            }
            last = Some(side);
            let (start, spoken) = (self.store.turns.start[turn], self.spoken(turn));
            match spoken {
                Some((start, end)) => self.timed.push((start, end, side)),
                None => m.untimed += 1,
            }
            if start == NO_TIME {
                begun = false;
            } else {
                (from, to) = (from.min(start), to.max(spoken.map_or(start, |(_, end)| end)));
                moments += 1 + u32::from(spoken.is_some());
            }
            if words {
                run += self.read(turn, side, &mut m);
                m.longest_words[side as usize] = m.longest_words[side as usize].max(run);
            }
        }
        m.span = (begun && moments > 1).then(|| to - from);
        if m.untimed == 0 && m.all_turns() > 0 {
            let customer = before.filter(|&turn| self.store.turns.speaker[turn] == Speaker::Customer);
            let before = customer.and_then(|turn| self.spoken(turn));
            m.times = Some(times(&mut self.timed, before));
        }
        m
    }

    /// When a turn began and ended, where both are known; no reader takes a turn that ends before it begins.
    fn spoken(&self, turn: usize) -> Option<(i64, i64)> {
        let (start, end) = (self.store.turns.start[turn], self.store.turns.end[turn]);
        (start != NO_TIME && end != NO_TIME).then_some((start, end))
    }

    /// Measures a whole case; of a deal each of its conversations, added up.
    fn case(&mut self, case: usize) -> Measures {
        let Some(parts) = &self.store.parts else {
            let turns = self.store.turn_range(case);
            return self.measure(turns.start, turns, true);
        };
        let mut all: Option<Measures> = None;
        for part in parts.of(case) {
            let turns = self.store.talk(part).turns;
            let one = self.measure(turns.start, turns, true);
            all = Some(all.map_or(one, |all| all.and(&one)));
        }
        all.unwrap_or_default()
    }

    /// Reads the words of a turn; gives their number.
    fn read(&mut self, turn: usize, side: Side, m: &mut Measures) -> u64 {
        fold_into(self.store.turns.text(turn), &mut self.folded);
        let said = count_folded(&self.folded);
        m.characters[side as usize] += said.characters;
        m.words[side as usize] += said.words;
        m.questions[side as usize] += said.questions;
        if let Some(phrases) = self.phrases {
            let (heard, round) = (&mut self.heard, self.round);
            phrases.scan(&self.folded, |phrase| heard[phrase as usize][side as usize] = round);
        }
        said.words
    }
}

fn side(speaker: Speaker) -> Option<Side> {
    match speaker {
        Speaker::Agent => Some(Side::Agent),
        Speaker::Customer => Some(Side::Customer),
        Speaker::System => None,
    }
}

/// What beginnings and ends tell; `before` is the turn of the customer right before them. Turns are taken in the order of
/// their beginnings.
fn times(turns: &mut [(i64, i64, Side)], before: Option<(i64, i64)>) -> Times {
    if !turns.is_sorted_by_key(|turn| turn.0) {
        turns.sort_by_key(|turn| turn.0);
    }
    let mut t = Times::default();
    // Until when each side was heard so far, and within the run at hand.
    let mut until = [i64::MIN; 2];
    let (mut run, mut run_until, mut last) = (0, i64::MIN, None);
    // Until when the customer was heard in turns that began earlier than this one.
    let (mut open, mut begun) = (i64::MIN, i64::MIN);
    for &(start, end, side) in turns.iter() {
        if start > begun {
            (open, begun) = (until[Side::Customer as usize], start);
        }
        if side == Side::Agent {
            t.interruptions += u32::from(open > start || before.is_some_and(|(from, to)| from < start && start < to));
            let [agent, customer] = until;
            // Only an answer is waited with: the customer was heard last.
            if last == Some(Side::Customer) && customer > agent {
                t.waited += (start - customer).max(0);
                t.waits += 1;
            }
        }
        if last != Some(side) {
            (run, run_until) = (0, i64::MIN);
        }
        run += (end - start.max(run_until)).max(0);
        run_until = run_until.max(end);
        let i = side as usize;
        t.longest[i] = t.longest[i].max(run);
        t.spoken[i] += (end - start.max(until[i])).max(0);
        until[i] = until[i].max(end);
        last = Some(side);
    }
    t
}

/// A conversation of a case, by its turns and events numbered over all cases: the case itself, or one of a deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Talk {
    pub(crate) turns: Range<usize>,
    pub(crate) events: Range<usize>,
}

impl Store {
    /// The conversation in which an event stands.
    pub(crate) fn talk_of(&self, case: usize, event: usize) -> Talk {
        match &self.parts {
            Some(parts) => self.talk(parts.of_event(case, event)),
            None => Talk { turns: self.turn_range(case), events: self.events(case) },
        }
    }

    /// A conversation of a joined corpus.
    fn talk(&self, part: usize) -> Talk {
        self.parts.as_ref().map_or(Talk { turns: 0..0, events: 0..0 }, |parts| Talk { turns: parts.turns(part), events: parts.events(part) })
    }

    /// The turns of an event, numbered over all cases: its own, and those that directly answer it: of the customer, up to
    /// the next turn of an agent or of another event, or the end of the conversation. `firsts` are the first turns of the
    /// events of the case, sorted.
    pub(crate) fn step_turns(&self, case: usize, event: usize, talk: &Talk, firsts: &[u32]) -> Option<Range<usize>> {
        let (first, last) = self.turns_of(event)?;
        let zero = self.turn_range(case).start;
        let (from, mut to) = (zero + first as usize, zero + last as usize + 1);
        let next = firsts.get(firsts.partition_point(|&turn| turn <= last)).map_or(talk.turns.end, |&turn| talk.turns.end.min(zero + turn as usize));
        while to < next && self.turns.speaker[to] != Speaker::Agent {
            to += 1;
        }
        (from < to && to <= self.turns.speaker.len()).then_some(from..to)
    }

    /// The how-manieth turn of its conversation an event begins with, those of the system not counted, from 1.
    pub(crate) fn turn_number(&self, case: usize, event: usize, talk: &Talk) -> Option<u64> {
        let first = self.turn_range(case).start + self.turns_of(event)?.0 as usize;
        talk.turns
            .contains(&first)
            .then(|| 1 + self.turns.speaker[talk.turns.start..first].iter().filter(|&&speaker| speaker != Speaker::System).count() as u64)
    }

    /// When an event began: its own time, else the beginning of its first turn.
    pub(crate) fn began(&self, case: usize, event: usize) -> Option<i64> {
        let own = self.at.get(event).copied().filter(|&at| at != NO_TIME);
        own.or_else(|| self.turn_began(self.turn_range(case).start + self.turns_of(event)?.0 as usize))
    }

    /// When an event ended: the end of its last turn, else its beginning, else when the event began.
    pub(crate) fn ended(&self, case: usize, event: usize) -> Option<i64> {
        let last = self.turns_of(event).map(|(_, last)| self.turn_range(case).start + last as usize);
        let of_turn = last.and_then(|turn| Some(self.turns.end[turn]).filter(|&end| end != NO_TIME).or_else(|| self.turn_began(turn)));
        of_turn.max(self.began(case, event))
    }

    fn turn_began(&self, turn: usize) -> Option<i64> {
        Some(self.turns.start[turn]).filter(|&start| start != NO_TIME)
    }

    /// The first moment that is known of a conversation: of its turns (the system's too) and its events.
    pub(crate) fn first_moment(&self, talk: &Talk) -> Option<i64> {
        let turns = talk.turns.clone().filter_map(|turn| self.turn_began(turn)).min();
        let events = talk.events.clone().filter_map(|event| self.at.get(event).copied().filter(|&at| at != NO_TIME)).min();
        [turns, events].into_iter().flatten().min()
    }
}

impl Corpus {
    /// One row a case: how much is said and by whom, talk share, longest monologue, patience, questions and more. No value
    /// where there is nothing to measure it on. Of a deal its conversations are measured each and added up.
    ///
    /// ```
    /// let corpus = goldpath::Corpus::parse(r#"{"id": "c1", "turns": [
    ///     {"speaker": "agent", "text": "您的预算是多少？", "start": 0, "end": 3},
    ///     {"speaker": "customer", "text": "二十万。", "start": 5, "end": 6}]}"#.replace('\n', " ").as_bytes())?;
    /// let table = corpus.measures();
    /// assert_eq!(table.get(0, "agent_talk_share").to_string(), "0.75");
    /// assert_eq!(table.get(0, "questions").to_string(), "1");
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    pub fn measures(&self) -> Table {
        // Nothing but the wish of a listener can stop it.
        self.measures_with(&Progress::none()).unwrap_or_else(|_| Table::new("measures"))
    }

    /// As [`Corpus::measures`], with progress and cancelling.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled) if the work is to stop.
    pub fn measures_with(&self, progress: &Progress<'_>) -> Result<Table> {
        let store = self.store();
        let (done, total) = (AtomicU64::new(0), self.len() as u64);
        let mut all = vec![Measures::default(); self.len()];
        all.par_chunks_mut(CHUNK).enumerate().try_for_each_init(
            || Measurer::new(store, None),
            |measurer, (chunk, measures)| {
                for (i, m) in measures.iter_mut().enumerate() {
                    *m = measurer.case(chunk * CHUNK + i);
                }
                let n = measures.len() as u64;
                progress.step("measure", done.fetch_add(n, Ordering::Relaxed) + n, total)
            },
        )?;
        Ok(table(store, &all))
    }
}

fn table(store: &Store, all: &[Measures]) -> Table {
    let int = |f: &dyn Fn(&Measures) -> Option<u64>| Column::Int(all.iter().map(|m| f(m).map(|n| n as i64)).collect());
    let float = |f: &dyn Fn(&Measures) -> Option<f64>| Column::Float(all.iter().map(f).collect());
    let said = |f: &dyn Fn(&Measures) -> u64| int(&|m: &Measures| m.has_words().then(|| f(m)));
    let seconds = |f: &dyn Fn(&Times) -> i64| float(&|m: &Measures| m.times.as_ref().map(|times| f(times) as f64 / 1e3));
    let mut table = Table::new("measures");
    table.push("id", Column::Text(store.ids.iter().map(|id| Some(id.into())).collect()));
    table.push("turns", int(&|m| Some(m.all_turns().into())));
    table.push("agent_turns", int(&|m| Some(m.turns[0].into())));
    table.push("customer_turns", int(&|m| Some(m.turns[1].into())));
    table.push("characters", said(&|m| m.characters[0] + m.characters[1]));
    table.push("words", said(&|m| m.words[0] + m.words[1]));
    table.push("agent_words", said(&|m| m.words[0]));
    table.push("questions", said(&|m| m.questions[0]));
    table.push("customer_questions", said(&|m| m.questions[1]));
    table.push("question_rate", float(&Measures::question_rate));
    table.push("duration", float(&|m| m.span.map(|span| span as f64 / 1e3)));
    table.push("agent_talk_share", float(&|m| m.agent_talk_share().map(|(share, _)| share)));
    let mut kinds = Names::default();
    let (time, words) = (kinds.intern("time"), kinds.intern("words"));
    let of = |m: &Measures| m.agent_talk_share().map_or(super::NONE, |(_, by_time)| if by_time { time } else { words });
    table.push("talk_share_of", Column::names(&all.iter().map(of).collect::<Vec<_>>(), &kinds));
    table.push("longest_monologue", seconds(&|t| t.longest[0]));
    table.push("longest_monologue_words", said(&|m| m.longest_words[0]));
    table.push("longest_story", seconds(&|t| t.longest[1]));
    table.push("longest_story_words", said(&|m| m.longest_words[1]));
    table.push("patience", float(&Measures::patience));
    table.push("interruptions", int(&|m| m.times.map(|t| t.interruptions.into())));
    table.push("interactivity", float(&Measures::interactivity));
    table.push("untimed_turns", int(&|m| Some(m.untimed.into())));
    table
}

#[cfg(test)]
mod tests;
