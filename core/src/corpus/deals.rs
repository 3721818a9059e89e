//! Deals (商机): the conversations of one deal joined to one case, in the order of time.
//!
//! Columns are joined by ranges; the readable model is never made. What was joined stays known as [`Parts`].

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::Serialize;

use super::build::MAX_EVENTS;
use super::model::shorten;
use super::names::{NONE, Names};
use super::store::{AttributeColumn, NO_TIME, OutcomeColumn, Store, TurnColumns};
use super::{Corpus, OnError};
use crate::error::{Error, Fault, Result};
use crate::table::{Column, Table};

/// What a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Each conversation is a case.
    #[default]
    Conversation,
    /// All conversations of a deal are one case, as [`Corpus::by_deal`] joins them.
    Deal,
}

impl Unit {
    /// The name of the unit, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Deal => "deal",
        }
    }
}

impl std::str::FromStr for Unit {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "conversation" => Ok(Self::Conversation),
            "deal" => Ok(Self::Deal),
            other => Err(Error::argument("unit", format!("`{}` is not a unit", shorten(other)), "`conversation` or `deal`")),
        }
    }
}

/// Attributes that say whose deal it is: they cannot differ within one.
const CUSTOMER: [&str; 4] = ["customer", "customer_id", "account", "account_id"];

/// The conversations that the cases of a joined corpus are made of, those of a case one after the other.
#[derive(Debug)]
pub(crate) struct Parts {
    /// Where the parts of each case end.
    end: Vec<usize>,
    /// Whether the parts of each case stand in the order of time; in the order of reading otherwise.
    timed: Vec<bool>,
    pub(crate) ids: Vec<Box<str>>,
    pub(crate) started_at: Vec<i64>,
    pub(crate) rep: Vec<u32>,
    pub(crate) team: Vec<u32>,
    channel: Vec<u32>,
    /// Where the events and turns of each part end.
    event_end: Vec<usize>,
    turn_end: Vec<usize>,
    /// What each conversation itself said of its outcomes.
    outcomes: IndexMap<String, OutcomeColumn>,
}

impl Parts {
    /// The parts of a case.
    pub(crate) fn of(&self, case: usize) -> Range<usize> {
        let from = if case == 0 { 0 } else { self.end[case - 1] };
        from..self.end[case]
    }

    /// The part of a case in which an event stands, by its number among all events.
    pub(crate) fn of_event(&self, case: usize, event: usize) -> usize {
        let parts = self.of(case);
        (parts.start + self.event_end[parts.clone()].partition_point(|&end| end <= event)).min(parts.end - 1)
    }

    pub(crate) fn events(&self, part: usize) -> Range<usize> {
        range(&self.event_end, part)
    }

    pub(crate) fn turns(&self, part: usize) -> Range<usize> {
        range(&self.turn_end, part)
    }
}

fn range(ends: &[usize], i: usize) -> Range<usize> {
    let from = if i == 0 { 0 } else { ends[i - 1] };
    from..ends[i]
}

impl Corpus {
    /// The corpus whose cases are deals: the conversations of each deal joined in the order of their starts (equal starts:
    /// in the order of reading). Conversations without a deal stay cases of their own. All that takes a corpus takes
    /// this one; [`CheckOptions::unit`](crate::CheckOptions) calls it.
    ///
    /// - The case has the id of the deal. Where it began is where its first conversation began; times of events and turns
    ///   are counted from there, numbers of turns from its first turn. Events are never merged across conversations.
    /// - If a conversation of a deal has no start, the order of reading is kept for the whole deal, it is noted, and times
    ///   behind the first conversation are not known.
    /// - Attributes and channel are those of the first conversation that gives one: what is learnt later was not known
    ///   beforehand. An outcome is that of the last conversation that states it; where none does, the deal is open.
    /// - Rep and team are those of the last conversation that names a rep; a check takes those of the last event of an agent.
    ///   Each event keeps the rep of its conversation.
    ///
    /// What differed between the conversations of a deal is in [`Corpus::notes`], which conversation each part came from in
    /// [`Corpus::parts`]. A corpus without deals, or one that is joined already, is given back as it is.
    ///
    /// ```
    /// let corpus = goldpath::Corpus::parse(br#"
    /// {"id": "c2", "deal": "d1", "started_at": "2026-03-05", "steps": ["demo", "close"], "outcome": {"won": true}}
    /// {"id": "c1", "deal": "d1", "started_at": "2026-03-02", "steps": ["open", "need"], "outcome": {"won": null}}
    /// {"id": "c3", "steps": ["open"]}
    /// "#)?;
    /// let deals = corpus.by_deal()?;
    /// assert_eq!(deals.ids().collect::<Vec<_>>(), ["d1", "c3"]);
    /// let steps: Vec<String> = deals.conversation(0).steps.into_iter().map(|event| event.step).collect();
    /// assert_eq!(steps, ["open", "need", "demo", "close"]);
    /// assert_eq!(deals.parts().get(1, "gap_days").to_string(), "3");
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Corpus`] with `corpus.deal_mixed` for a deal of two customers (the attributes `customer`, `customer_id`,
    /// `account`, `account_id`), `corpus.deal_id_taken` for a deal with the id of a conversation that has no deal, and
    /// `corpus.too_large` for a deal above the limit on one conversation.
    pub fn by_deal(&self) -> Result<Self> {
        self.by_deal_with(OnError::Raise)
    }

    /// As [`Corpus::by_deal`]; with [`OnError::Collect`] a deal of two customers, or a conversation whose id a deal has, is
    /// left out and listed in [`Corpus::problems`].
    pub fn by_deal_with(&self, on_error: OnError) -> Result<Self> {
        if self.unit() == Unit::Deal {
            return Ok(self.clone());
        }
        let Some(mut groups) = Groups::of(&self.store) else { return Ok(self.clone()) };
        let refused = groups.faults(&self.store);
        if let (OnError::Raise, Some((_, fault))) = (on_error, refused.first()) {
            return Err(fault.clone().into());
        }
        groups.leave_out(&refused);
        let mut notes = self.notes.to_vec();
        let store = groups.join(&self.store, &mut notes);
        let problems = self.problems.iter().cloned().chain(refused.into_iter().map(|(_, fault)| fault)).collect();
        Ok(Self { store: Arc::new(store), problems, unread: self.unread.clone(), notes: notes.into() })
    }

    /// What the cases are.
    pub fn unit(&self) -> Unit {
        if self.store.parts.is_some() { Unit::Deal } else { Unit::Conversation }
    }

    /// One row a conversation, by case and in the order in which they were joined: case, deal, conversation, its place in
    /// the deal from 1, whether that order is that of `time` or of `reading` (none for a single one), start, days since the
    /// start of the one before, rep, team, channel, first and last event and turn of it in the case, and its own outcomes.
    pub fn parts(&self) -> Table {
        let s = &*self.store;
        let whole;
        let parts = match &s.parts {
            Some(parts) => &**parts,
            None => {
                whole = Parts::whole(s);
                &whole
            }
        };
        let case_of: Vec<u32> = (0..s.len()).flat_map(|case| std::iter::repeat_n(case as u32, parts.of(case).len())).collect();
        let rows = || case_of.iter().enumerate().map(|(part, &case)| (part, case as usize));
        let first = |case: usize| parts.of(case).start;
        let mut table = Table::new("parts");
        table.push("case_id", Column::Text(case_of.iter().map(|&case| s.ids.get(case).map(Into::into)).collect()));
        table.push("deal", Column::names(&rows().map(|(_, case)| s.deal[case]).collect::<Vec<_>>(), &s.deals));
        table.push("conversation", Column::Text(parts.ids.iter().map(|id| Some(id.clone())).collect()));
        table.push("order", Column::Int(rows().map(|(part, case)| Some((part - first(case)) as i64 + 1)).collect()));
        let mut orders = Names::default();
        let [time, reading] = ["time", "reading"].map(|name| orders.intern(name));
        let order = |case: usize| if parts.of(case).len() < 2 { NONE } else { [reading, time][usize::from(parts.timed[case])] };
        table.push("order_of", Column::names(&rows().map(|(_, case)| order(case)).collect::<Vec<_>>(), &orders));
        table.push("started_at", Column::Time(parts.started_at.iter().map(|&t| (t != NO_TIME).then_some(t)).collect()));
        let gap = |(part, case): (usize, usize)| {
            let before = (part > first(case)).then(|| parts.started_at[part - 1])?;
            let known = before != NO_TIME && parts.started_at[part] != NO_TIME;
            known.then(|| parts.started_at[part].saturating_sub(before) as f64 / 86_400_000.0)
        };
        table.push("gap_days", Column::Float(rows().map(gap).collect()));
        table.push("rep", Column::names(&parts.rep, &s.reps));
        table.push("team", Column::names(&parts.team, &s.teams));
        table.push("channel", Column::names(&parts.channel, &s.channels));
        for (name, ends, in_case) in [("event", &parts.event_end, &s.event_end), ("turn", &parts.turn_end, &s.turn_end)] {
            let within = |(part, case): (usize, usize)| (range(ends, part), range(in_case, case).start);
            let from = |(own, start): (Range<usize>, usize)| (!own.is_empty()).then(|| (own.start - start) as i64);
            let to = |(own, start): (Range<usize>, usize)| (!own.is_empty()).then(|| (own.end - 1 - start) as i64);
            table.push(format!("first_{name}"), Column::Int(rows().map(|row| from(within(row))).collect()));
            table.push(format!("last_{name}"), Column::Int(rows().map(|row| to(within(row))).collect()));
        }
        for (name, column) in &parts.outcomes {
            table.push(format!("outcome.{name}"), column.to_column());
        }
        table
    }
}

impl Parts {
    /// The parts of a corpus that was not joined: each case is its own.
    fn whole(s: &Store) -> Self {
        Self {
            end: (1..=s.len()).collect(),
            timed: vec![true; s.len()],
            ids: s.ids.iter().map(Into::into).collect(),
            started_at: s.started_at.clone(),
            rep: s.rep.clone(),
            team: s.team.clone(),
            channel: s.channel.clone(),
            event_end: s.event_end.clone(),
            turn_end: s.turn_end.clone(),
            outcomes: s.outcomes.clone(),
        }
    }
}

/// Conversations by deal, in the order in which [`Corpus::by_deal`] joins them, and where those of each deal end; a
/// conversation without a deal stands alone.
pub(crate) fn deal_order(s: &Store) -> (Vec<u32>, Vec<usize>) {
    let alone = || ((0..s.len() as u32).collect(), (1..=s.len()).collect());
    Groups::of(s).map_or_else(alone, |groups| (groups.order, groups.end))
}

/// Conversations grouped to cases, cases in the order in which their first conversation was read.
struct Groups {
    /// Conversations, those of a case one after the other.
    order: Vec<u32>,
    /// Where the conversations of each case end.
    end: Vec<usize>,
    timed: Vec<bool>,
    /// Deal of each case, or `NONE`.
    deal: Vec<u32>,
}

impl Groups {
    /// `None` where no conversation has a deal. An empty id is none.
    fn of(s: &Store) -> Option<Self> {
        let blank: Vec<bool> = s.deals.iter().map(|id| id.trim().is_empty()).collect();
        let deal_of = |c: usize| blank.get(s.deal[c] as usize).is_some_and(|blank| !blank).then_some(s.deal[c]);
        let mut case_of_deal = vec![NONE; s.deals.len()];
        let (mut case_of, mut counts, mut deal) = (Vec::with_capacity(s.len()), Vec::new(), Vec::new());
        for c in 0..s.len() {
            let mut lone = NONE;
            let slot = deal_of(c).map_or(&mut lone, |deal| &mut case_of_deal[deal as usize]);
            if *slot == NONE {
                *slot = counts.len() as u32;
                counts.push(0);
                deal.push(deal_of(c).unwrap_or(NONE));
            }
            counts[*slot as usize] += 1;
            case_of.push(*slot);
        }
        if deal.iter().all(|&deal| deal == NONE) {
            return None;
        }
        let sum = |sum: &mut usize, count: usize| {
            *sum += count;
            Some(*sum)
        };
        let end: Vec<usize> = counts.into_iter().scan(0, sum).collect();
        let mut next: Vec<usize> = std::iter::once(0).chain(end.iter().copied()).collect();
        let mut order = vec![0; s.len()];
        for (c, &case) in case_of.iter().enumerate() {
            order[next[case as usize]] = c as u32;
            next[case as usize] += 1;
        }
        let timed = (0..end.len())
            .map(|case| {
                let conversations = &mut order[range(&end, case)];
                let timed = conversations.iter().all(|&c| s.started_at[c as usize] != NO_TIME);
                if timed {
                    conversations.sort_by_key(|&c| s.started_at[c as usize]);
                }
                timed
            })
            .collect();
        Some(Self { order, end, timed, deal })
    }

    fn len(&self) -> usize {
        self.end.len()
    }

    /// Conversations of a case, in their order.
    fn conversations(&self, case: usize) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator + Clone {
        self.order[range(&self.end, case)].iter().map(|&c| c as usize)
    }

    /// Cases that cannot be, each with what is wrong.
    fn faults(&self, s: &Store) -> Vec<(usize, Fault)> {
        let id = |c: usize| s.ids.get(c as u32).unwrap_or_default();
        let deal = |case: usize| s.deals.get(self.deal[case]).unwrap_or_default();
        let customers: Vec<(&str, &AttributeColumn)> = CUSTOMER.iter().filter_map(|&name| Some((name, s.attributes.get(name)?))).collect();
        let mixed = |case: usize| {
            customers.iter().find_map(|(name, column)| {
                let mut named = self.conversations(case).filter(|&c| column.codes[c] != NONE);
                let first = named.next()?;
                let other = named.find(|&c| column.codes[c] != column.codes[first])?;
                let value = |c: usize| column.values.get_index(column.codes[c] as usize).map_or_else(String::new, |v| shorten(&v.to_string()));
                let message = format!(
                    "the deal `{}` holds conversations of two customers: `{}` is of `{}`, this one of `{}`",
                    deal(case),
                    id(first),
                    value(first),
                    value(other)
                );
                let fault = Fault::new("corpus.deal_mixed", message).of_case(id(other)).at_place(format!("attributes.{name}"));
                Some(fault.help("mend the deal of one of them; with on_error=\"collect\" the deal is left out"))
            })
        };
        let large = |case: usize| {
            let sum = |f: &dyn Fn(usize) -> usize| self.conversations(case).map(f).sum::<usize>();
            let most = sum(&|c| s.events(c).len()).max(sum(&|c| s.turn_range(c).len()));
            (most > MAX_EVENTS)
                .then(|| Fault::new("corpus.too_large", format!("the deal `{}` has {most} turns or steps; a case may have {MAX_EVENTS}", deal(case))))
        };
        let of_deals = (0..self.len()).filter(|&case| self.conversations(case).len() > 1).filter_map(|case| Some((case, mixed(case).or_else(|| large(case))?)));
        let mut faults: Vec<(usize, Fault)> = of_deals.collect();
        let mut there = vec![false; s.deals.len()];
        (0..self.len()).filter(|&case| self.deal[case] != NONE).for_each(|case| there[self.deal[case] as usize] = true);
        for (case, _) in &faults {
            there[self.deal[*case] as usize] = false;
        }
        for case in (0..self.len()).filter(|&case| self.deal[case] == NONE) {
            let id = id(self.order[range(&self.end, case).start] as usize);
            if s.deals.find(id).is_some_and(|deal| there[deal as usize]) {
                let fault = Fault::new("corpus.deal_id_taken", format!("a deal has the id `{id}` too")).of_case(id).at_place("id");
                faults.push((case, fault.help("a case is named by its deal, or by its conversation where there is no deal: give one of them another id")));
            }
        }
        faults.sort_by_key(|(case, _)| *case);
        faults
    }

    fn leave_out(&mut self, refused: &[(usize, Fault)]) {
        if refused.is_empty() {
            return;
        }
        let mut keep = vec![true; self.len()];
        refused.iter().for_each(|(case, _)| keep[*case] = false);
        let mut left = Self { order: Vec::new(), end: Vec::new(), timed: Vec::new(), deal: Vec::new() };
        for case in (0..self.len()).filter(|&case| keep[case]) {
            left.order.extend(&self.order[range(&self.end, case)]);
            left.end.push(left.order.len());
            left.timed.push(self.timed[case]);
            left.deal.push(self.deal[case]);
        }
        *self = left;
    }

    /// The joined columns; adds what the reader should know to the notes.
    fn join(self, s: &Store, notes: &mut Vec<Fault>) -> Store {
        let mut ids = Names::default();
        for case in 0..self.len() {
            let own = || s.ids.get(self.order[range(&self.end, case).start]);
            ids.intern(s.deals.get(self.deal[case]).or_else(own).unwrap_or_default());
        }
        let mut differ = Differ { ids: &ids, notes };
        let unordered = (0..self.len()).filter(|&case| self.conversations(case).len() > 1 && !self.timed[case]);
        differ.note(unordered, "corpus.deal_order", "started_at", |n| {
            format!(
                "{n} deals have a conversation without a start: their conversations stand in the order of reading, and times behind the first are not known"
            )
        });
        // Whoever was named last answers for the deal.
        let lead = |case: usize| self.conversations(case).rev().find(|&c| s.rep[c] != NONE).or_else(|| self.conversations(case).next_back());
        let of_lead = |codes: &[u32]| (0..self.len()).map(|case| lead(case).map_or(NONE, |c| codes[c])).collect::<Vec<u32>>();
        let attributes = s.attributes.iter().map(|(name, column)| {
            let codes = self.first(&column.codes, &mut differ, name);
            (name.clone(), AttributeColumn { codes, values: column.values.clone() })
        });
        let attributes = attributes.collect();
        let channel = self.first(&s.channel, &mut differ, "channel");
        let outcomes = s.outcomes.iter().map(|(name, column)| {
            let stated = |case: usize| self.conversations(case).rev().find(|&c| column.get(c).is_some());
            let changed = (0..self.len()).filter(|&case| {
                let last = stated(case).and_then(|c| column.get(c));
                self.conversations(case).any(|c| column.get(c).is_some_and(|value| Some(value) != last))
            });
            differ.note(changed, "corpus.deal_outcome", &format!("outcome.{name}"), |n| {
                format!("the outcome `{}` changes between the conversations of {n} deals: the last that states it counts", shorten(name))
            });
            (name.clone(), column.select((0..self.len()).map(stated)))
        });
        let outcomes = outcomes.collect();
        let mut made = Store {
            rep: of_lead(&s.rep),
            team: of_lead(&s.team),
            deal: self.deal.clone(),
            channel,
            started_at: (0..self.len()).map(|case| s.started_at[self.order[range(&self.end, case).start] as usize]).collect(),
            attributes,
            outcomes,
            reps: s.reps.clone(),
            teams: s.teams.clone(),
            deals: s.deals.clone(),
            channels: s.channels.clone(),
            speakers: s.speakers.clone(),
            steps: s.steps.clone(),
            rep_from_events: s.rep_from_events,
            step: self.joined(&s.step, &s.event_end),
            turns_of: self.joined(&s.turns_of, &s.event_end),
            at: self.joined(&s.at, &s.event_end),
            prob: self.joined(&s.prob, &s.event_end),
            event_rep: self.joined(&s.event_rep, &s.event_end),
            turns: self.turns(s),
            ids,
            ..Store::default()
        };
        let part = |codes: &[u32]| self.order.iter().map(|&c| codes[c as usize]).collect::<Vec<u32>>();
        let ends = |ends: &[usize]| {
            let length = |sum: &mut usize, &c: &u32| {
                *sum += range(ends, c as usize).len();
                Some(*sum)
            };
            self.order.iter().scan(0, length).collect::<Vec<usize>>()
        };
        let parts = Parts {
            ids: self.order.iter().map(|&c| s.ids.get(c).unwrap_or_default().into()).collect(),
            started_at: self.order.iter().map(|&c| s.started_at[c as usize]).collect(),
            rep: part(&s.rep),
            team: part(&s.team),
            channel: part(&s.channel),
            event_end: ends(&s.event_end),
            turn_end: ends(&s.turn_end),
            outcomes: s.outcomes.iter().map(|(name, column)| (name.clone(), column.select(self.order.iter().map(|&c| Some(c as usize))))).collect(),
            end: self.end,
            timed: self.timed,
        };
        made.event_end = parts.end.iter().map(|&end| parts.event_end[end - 1]).collect();
        made.turn_end = parts.end.iter().map(|&end| parts.turn_end[end - 1]).collect();
        for case in (0..made.len()).filter(|&case| parts.of(case).len() > 1) {
            made.shift(case, &parts);
        }
        made.parts = Some(Arc::new(parts));
        made
    }

    /// For each case the code of its first conversation that has one.
    fn first(&self, codes: &[u32], differ: &mut Differ<'_>, name: &str) -> Vec<u32> {
        let given = |case: usize| self.conversations(case).map(|c| codes[c]).filter(|&code| code != NONE);
        let differs = (0..self.len()).filter(|&case| {
            let mut given = given(case);
            given.next().is_some_and(|first| given.any(|code| code != first))
        });
        differ.note(differs, "corpus.deal_attribute", name, |n| {
            format!("`{}` differs between the conversations of {n} deals: the first that gives it counts", shorten(name))
        });
        (0..self.len()).map(|case| given(case).next().unwrap_or(NONE)).collect()
    }

    fn joined<T: Copy>(&self, column: &[T], ends: &[usize]) -> Vec<T> {
        if column.is_empty() {
            return Vec::new();
        }
        let mut made = Vec::with_capacity(column.len());
        for &c in &self.order {
            made.extend_from_slice(&column[range(ends, c as usize)]);
        }
        made
    }

    fn turns(&self, s: &Store) -> TurnColumns {
        let (from, ends) = (&s.turns, &s.turn_end);
        let mut text = String::with_capacity(from.text.len());
        let mut text_end = Vec::with_capacity(from.text_end.len());
        for &c in &self.order {
            let turns = range(ends, c as usize);
            let Some(last) = turns.clone().next_back() else { continue };
            let begin = if turns.start == 0 { 0 } else { from.text_end[turns.start - 1] };
            let before = text.len();
            text.push_str(&from.text[begin..from.text_end[last]]);
            text_end.extend(turns.map(|turn| before + from.text_end[turn] - begin));
        }
        TurnColumns {
            speaker: self.joined(&from.speaker, ends),
            name: self.joined(&from.name, ends),
            start: self.joined(&from.start, ends),
            end: self.joined(&from.end, ends),
            text,
            text_end,
        }
    }
}

impl Store {
    /// Counts times and turns of a joined case from its beginning, and names the rep of each event.
    fn shift(&mut self, case: usize, parts: &Parts) {
        let of_case = parts.of(case);
        let (began, first_turn) = (parts.started_at[of_case.start], parts.turns(of_case.start).start);
        for part in of_case.clone() {
            let since = match (part == of_case.start, parts.timed[case]) {
                (true, _) => Some(0),
                (false, true) => Some(parts.started_at[part].saturating_sub(began)),
                (false, false) => None,
            };
            let shift = |times: &mut [i64]| {
                for time in times.iter_mut().filter(|time| **time != NO_TIME) {
                    *time = since.map_or(NO_TIME, |since| time.saturating_add(since));
                }
            };
            let (events, turns) = (parts.events(part), parts.turns(part));
            shift(self.at.get_mut(events.clone()).unwrap_or_default());
            shift(&mut self.turns.start[turns.clone()]);
            shift(&mut self.turns.end[turns.clone()]);
            let before = (turns.start - first_turn) as u32;
            for (first, last) in self.turns_of.get_mut(events.clone()).unwrap_or_default().iter_mut().filter(|(first, _)| *first != NONE) {
                (*first, *last) = (*first + before, *last + before);
            }
            let rep = parts.rep[part];
            if rep != NONE && rep != self.rep[case] && !events.is_empty() {
                self.event_rep.resize(self.step.len(), NONE);
                self.event_rep[events].iter_mut().filter(|own| **own == NONE).for_each(|own| *own = rep);
            }
        }
    }
}

impl OutcomeColumn {
    /// The values of some rows; open where there is none.
    fn select(&self, rows: impl Iterator<Item = Option<usize>>) -> Self {
        match self {
            Self::Open(_) => Self::Open(rows.count()),
            Self::Bool(v) => Self::Bool(rows.map(|row| row.map_or(2, |row| v[row])).collect()),
            Self::Number(v) => Self::Number(rows.map(|row| row.map_or(f64::NAN, |row| v[row])).collect()),
        }
    }
}

/// Collects what differs between the conversations of deals.
struct Differ<'a> {
    ids: &'a Names,
    notes: &'a mut Vec<Fault>,
}

impl Differ<'_> {
    /// One note for all deals of which something is true, with the first as its example.
    fn note(&mut self, mut cases: impl Iterator<Item = usize>, code: &'static str, place: &str, message: impl Fn(usize) -> String) {
        if let Some(first) = cases.next() {
            let fault = Fault::new(code, message(1 + cases.count())).at_place(place);
            self.notes.push(fault.of_case(self.ids.get(first as u32).unwrap_or_default()));
        }
    }
}
