//! Joining columns: which conversations make a case, in which order, and what of them the case keeps.

use std::sync::Arc;

use super::build::MAX_EVENTS;
use super::deals::{Parts, range};
use super::model::shorten;
use super::names::{NONE, Names};
use super::store::{AttributeColumn, NO_TIME, OutcomeColumn, Store, TurnColumns};
use crate::error::Fault;

/// Attributes that say whose deal it is: they cannot differ within one.
const CUSTOMER: [&str; 4] = ["customer", "customer_id", "account", "account_id"];

/// Conversations by deal, in the order in which [`Corpus::by_deal`] joins them, and where those of each deal end; a
/// conversation without a deal stands alone.
pub(crate) fn deal_order(s: &Store) -> (Vec<u32>, Vec<usize>) {
    let alone = || ((0..s.len() as u32).collect(), (1..=s.len()).collect());
    Groups::of(s).map_or_else(alone, |groups| (groups.order, groups.end))
}

/// Conversations grouped to cases, cases in the order in which their first conversation was read.
pub(super) struct Groups {
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
    pub(super) fn of(s: &Store) -> Option<Self> {
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
    pub(super) fn faults(&self, s: &Store) -> Vec<(usize, Fault)> {
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
        for &deal in self.deal.iter().filter(|&&deal| deal != NONE) {
            there[deal as usize] = true;
        }
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

    pub(super) fn leave_out(&mut self, refused: &[(usize, Fault)]) {
        if refused.is_empty() {
            return;
        }
        let mut keep = vec![true; self.len()];
        for (case, _) in refused {
            keep[*case] = false;
        }
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
    pub(super) fn join(self, s: &Store, notes: &mut Vec<Fault>) -> Store {
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
