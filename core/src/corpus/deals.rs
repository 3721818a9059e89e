//! Deals (商机): the conversations of one deal joined to one case, in the order of time.
//!
//! Columns are joined by ranges (`join.rs`); the readable model is never made. What was joined stays known as [`Parts`].

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::Serialize;

use super::join::Groups;
use super::model::shorten;
use super::names::{NONE, Names};
use super::store::{NO_TIME, OutcomeColumn, Store};
use super::{Corpus, OnError};
use crate::error::{Error, Result};
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

/// The conversations that the cases of a joined corpus are made of, those of a case one after the other.
#[derive(Debug)]
pub(crate) struct Parts {
    /// Where the parts of each case end.
    pub(super) end: Vec<usize>,
    /// Whether the parts of each case stand in the order of time; in the order of reading otherwise.
    pub(super) timed: Vec<bool>,
    pub(crate) ids: Vec<Box<str>>,
    pub(crate) started_at: Vec<i64>,
    pub(crate) rep: Vec<u32>,
    pub(crate) team: Vec<u32>,
    pub(super) channel: Vec<u32>,
    /// Where the events and turns of each part end.
    pub(super) event_end: Vec<usize>,
    pub(super) turn_end: Vec<usize>,
    /// What each conversation itself said of its outcomes.
    pub(super) outcomes: IndexMap<String, OutcomeColumn>,
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

    /// Number of the channel of a part.
    pub(crate) fn channel(&self, part: usize) -> u32 {
        self.channel[part]
    }

    pub(crate) fn events(&self, part: usize) -> Range<usize> {
        range(&self.event_end, part)
    }

    pub(crate) fn turns(&self, part: usize) -> Range<usize> {
        range(&self.turn_end, part)
    }
}

pub(super) fn range(ends: &[usize], i: usize) -> Range<usize> {
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
        let parts = if let Some(parts) = &s.parts {
            &**parts
        } else {
            whole = Parts::whole(s);
            &whole
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
