//! The columns behind a corpus.

use std::borrow::Cow;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::model::{Attribute, OutcomeValue, Speaker};
use super::names::{NONE, Names};
use super::time::DAY;

/// The number that stands for no time.
pub(crate) const NO_TIME: i64 = i64::MIN;

/// An attribute of all cases: numbers into its distinct values.
#[derive(Debug, Clone, Default)]
pub(crate) struct AttributeColumn {
    pub(crate) codes: Vec<u32>,
    pub(crate) values: indexmap::IndexSet<Attribute, FxBuildHasher>,
}

/// An outcome of all cases; open where there is no value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OutcomeColumn {
    /// Every value met so far was open.
    Open(usize),
    /// 0, 1, or 2 for open.
    Bool(Vec<u8>),
    /// NaN for open.
    Number(Vec<f64>),
}

impl OutcomeColumn {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Open(n) => *n,
            Self::Bool(v) => v.len(),
            Self::Number(v) => v.len(),
        }
    }

    pub(crate) fn get(&self, case: usize) -> Option<OutcomeValue> {
        match self {
            Self::Open(_) => None,
            Self::Bool(v) => (v[case] < 2).then(|| OutcomeValue::Bool(v[case] == 1)),
            Self::Number(v) => (!v[case].is_nan()).then(|| OutcomeValue::Number(v[case])),
        }
    }

    /// Adds a case; `false` if the value is of the other kind than those before.
    pub(crate) fn push(&mut self, value: Option<OutcomeValue>) -> bool {
        match (&mut *self, value) {
            (Self::Open(n), None) => *n += 1,
            (Self::Open(n), Some(OutcomeValue::Bool(b))) => {
                let mut column = vec![2; *n];
                column.push(u8::from(b));
                *self = Self::Bool(column);
            }
            (Self::Open(n), Some(OutcomeValue::Number(x))) => {
                let mut column = vec![f64::NAN; *n];
                column.push(x);
                *self = Self::Number(column);
            }
            (Self::Bool(v), None) => v.push(2),
            (Self::Bool(v), Some(OutcomeValue::Bool(b))) => v.push(u8::from(b)),
            (Self::Number(v), None) => v.push(f64::NAN),
            (Self::Number(v), Some(OutcomeValue::Number(x))) => v.push(x),
            (Self::Bool(_) | Self::Number(_), Some(_)) => return false,
        }
        true
    }
}

/// Turns of all cases, one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct TurnColumns {
    pub(crate) speaker: Vec<Speaker>,
    pub(crate) name: Vec<u32>,
    /// Milliseconds since the case began.
    pub(crate) start: Vec<i64>,
    pub(crate) end: Vec<i64>,
    pub(crate) text: String,
    /// Where the text of each turn ends.
    pub(crate) text_end: Vec<usize>,
}

impl TurnColumns {
    pub(crate) fn text(&self, turn: usize) -> &str {
        let from = if turn == 0 { 0 } else { self.text_end[turn - 1] };
        &self.text[from..self.text_end[turn]]
    }
}

/// Everything a corpus holds. Columns that no conversation needed stay empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    pub(crate) ids: Names,
    pub(crate) rep: Vec<u32>,
    pub(crate) team: Vec<u32>,
    pub(crate) deal: Vec<u32>,
    pub(crate) channel: Vec<u32>,
    /// Milliseconds since 1970, UTC.
    pub(crate) started_at: Vec<i64>,
    pub(crate) attributes: IndexMap<String, AttributeColumn>,
    pub(crate) outcomes: IndexMap<String, OutcomeColumn>,
    pub(crate) reps: Names,
    pub(crate) teams: Names,
    pub(crate) deals: Names,
    pub(crate) channels: Names,
    pub(crate) speakers: Names,
    pub(crate) steps: Names,
    /// The rep of a case was taken from its events: the check takes it from the last event of an agent.
    pub(crate) rep_from_events: bool,
    /// Where the events of each case end.
    pub(crate) event_end: Vec<usize>,
    pub(crate) step: Vec<u32>,
    /// First and last turn of each event; empty where no event knows its turns.
    pub(crate) turns_of: Vec<(u32, u32)>,
    /// Milliseconds since the case began; empty where no event has a time of its own.
    pub(crate) at: Vec<i64>,
    /// Empty where every event is certain.
    pub(crate) prob: Vec<f32>,
    /// Empty where every event is its case's rep's.
    pub(crate) event_rep: Vec<u32>,
    /// Where the turns of each case end.
    pub(crate) turn_end: Vec<usize>,
    pub(crate) turns: TurnColumns,
    /// The conversations the cases are made of, where those of a deal were joined.
    pub(crate) parts: Option<std::sync::Arc<super::deals::Parts>>,
}

/// The day of a beginning, in days since 1970-01-01 UTC.
pub(crate) fn day_of(started_at: i64) -> Option<i32> {
    (started_at != NO_TIME).then(|| started_at.div_euclid(DAY) as i32)
}

impl Store {
    /// The day a case began.
    pub(crate) fn day(&self, case: usize) -> Option<i32> {
        day_of(self.started_at[case])
    }

    pub(crate) fn len(&self) -> usize {
        self.event_end.len()
    }

    pub(crate) fn events(&self, case: usize) -> std::ops::Range<usize> {
        range(&self.event_end, case)
    }

    pub(crate) fn turn_range(&self, case: usize) -> std::ops::Range<usize> {
        range(&self.turn_end, case)
    }

    /// The steps of a case, in the order of time.
    pub(crate) fn path(&self, case: usize) -> &[u32] {
        &self.step[self.events(case)]
    }

    pub(crate) fn event_rep(&self, case: usize, event: usize) -> u32 {
        self.event_rep.get(event).copied().filter(|&rep| rep != NONE).unwrap_or(self.rep[case])
    }

    /// Turns an event rests on, counted in its conversation from 0.
    pub(crate) fn turns_of(&self, event: usize) -> Option<(u32, u32)> {
        self.turns_of.get(event).copied().filter(|(first, _)| *first != NONE)
    }

    /// The text of an attribute, or of one of the named fields of a conversation.
    pub(crate) fn attribute(&self, case: usize, name: &str) -> Option<Cow<'_, str>> {
        if let Some(column) = self.attributes.get(name) {
            let value = column.values.get_index(column.codes[case] as usize)?;
            return Some(match value {
                Attribute::Text(text) => Cow::Borrowed(text.as_str()),
                other => Cow::Owned(other.to_string()),
            });
        }
        let text = match name {
            "rep" => self.reps.get(self.rep[case]),
            "team" => self.teams.get(self.team[case]),
            "channel" => self.channels.get(self.channel[case]),
            _ => None,
        };
        text.map(Cow::Borrowed)
    }

    /// Bytes of the event columns and of all text, as they stand.
    pub(crate) fn event_bytes(&self) -> usize {
        self.step.len() * 4 + self.turns_of.len() * 8 + self.at.len() * 8 + self.prob.len() * 4 + self.event_rep.len() * 4
    }
}

fn range(ends: &[usize], case: usize) -> std::ops::Range<usize> {
    let from = if case == 0 { 0 } else { ends[case - 1] };
    from..ends[case]
}

impl Store {
    /// One conversation in its readable form.
    pub(crate) fn conversation(&self, case: usize) -> super::Conversation {
        use super::{Conversation, Moment, StepEvent, Turn};
        let text = |names: &Names, code: u32| names.get(code).map(ToOwned::to_owned);
        let seconds = |ms: i64| (ms != NO_TIME).then_some(Moment::Seconds(ms as f64 / 1000.0));
        let mut turns: Vec<Turn> = self
            .turn_range(case)
            .map(|t| Turn {
                speaker: self.turns.speaker[t],
                name: text(&self.speakers, self.turns.name[t]),
                text: self.turns.text(t).to_owned(),
                start: seconds(self.turns.start[t]),
                end: seconds(self.turns.end[t]),
                steps: Vec::new(),
                unread: Vec::new(),
            })
            .collect();
        let mut steps = Vec::new();
        for event in self.events(case) {
            let own = StepEvent {
                step: self.steps.get(self.step[event]).unwrap_or_default().to_owned(),
                prob: self.prob.get(event).filter(|&&p| p < 1.0).map(|&p| f64::from(p)),
                rep: self.event_rep.get(event).and_then(|&rep| text(&self.reps, rep)),
                turn: None,
                at: self.at.get(event).and_then(|&at| seconds(at)),
                unread: Vec::new(),
            };
            match self.turns_of(event) {
                Some((first, last)) => (first..=last).step_by((last - first).max(1) as usize).for_each(|t| turns[t as usize].steps.push(own.clone())),
                None => steps.push(own),
            }
        }
        Conversation {
            id: self.ids.get(case as u32).unwrap_or_default().to_owned(),
            rep: text(&self.reps, self.rep[case]),
            team: text(&self.teams, self.team[case]),
            deal: text(&self.deals, self.deal[case]),
            channel: text(&self.channels, self.channel[case]),
            started_at: (self.started_at[case] != NO_TIME).then(|| jiff::Timestamp::from_millisecond(self.started_at[case]).ok()).flatten(),
            attributes: (self.attributes.iter())
                .filter_map(|(name, column)| Some((name.clone(), column.values.get_index(column.codes[case] as usize)?.clone())))
                .collect(),
            outcome: self.outcomes.iter().map(|(name, column)| (name.clone(), column.get(case))).collect(),
            turns,
            steps,
            unread: Vec::new(),
        }
    }

    /// Makes one event of consecutive events of one step by one rep.
    pub(crate) fn merge_repeats(&mut self) {
        let keep: Vec<bool> = (0..self.len())
            .flat_map(|case| {
                let events = self.events(case);
                let first = events.start;
                events.map(move |e| (case, e, first))
            })
            .map(|(case, e, first)| e == first || self.step[e] != self.step[e - 1] || self.event_rep(case, e) != self.event_rep(case, e - 1))
            .collect();
        for e in (1..keep.len()).rev().filter(|&e| !keep[e]) {
            if let (Some(later), Some(earlier)) = (self.turns_of(e), self.turns_of(e - 1)) {
                self.turns_of[e - 1] = (earlier.0.min(later.0), earlier.1.max(later.1));
            }
            if !self.prob.is_empty() {
                self.prob[e - 1] = self.prob[e - 1].max(self.prob[e]);
            }
        }
        self.retain_events(&keep);
    }

    /// Keeps the events that are marked.
    pub(crate) fn retain_events(&mut self, keep: &[bool]) {
        fn kept<T>(column: &mut Vec<T>, keep: &[bool]) {
            let mut row = 0..keep.len();
            column.retain(|_| row.next().is_some_and(|row| keep[row]));
        }
        let mut sum = 0;
        let mut before = 0;
        for end in &mut self.event_end {
            sum += keep[before..*end].iter().filter(|&&k| k).count();
            before = *end;
            *end = sum;
        }
        kept(&mut self.step, keep);
        kept(&mut self.turns_of, keep);
        kept(&mut self.at, keep);
        kept(&mut self.prob, keep);
        kept(&mut self.event_rep, keep);
    }
}

impl AttributeColumn {
    /// Texts, numbers or yes/no where all values are of one kind; texts otherwise.
    pub(crate) fn to_column(&self) -> crate::table::Column {
        use crate::table::Column;
        let value = |code: &u32| self.values.get_index(*code as usize);
        if self.values.iter().all(|v| matches!(v, Attribute::Bool(_))) {
            return Column::Bool(self.codes.iter().map(|c| if let Some(Attribute::Bool(b)) = value(c) { Some(*b) } else { None }).collect());
        }
        if self.values.iter().all(|v| matches!(v, Attribute::Number(_))) {
            return Column::Float(self.codes.iter().map(|c| if let Some(Attribute::Number(n)) = value(c) { Some(n.0) } else { None }).collect());
        }
        Column::Text(self.codes.iter().map(|c| value(c).map(|v| v.to_string().into())).collect())
    }
}

impl OutcomeColumn {
    /// The outcome as a column of a table.
    pub(crate) fn to_column(&self) -> crate::table::Column {
        use crate::table::Column;
        match self {
            Self::Open(n) => Column::Bool(vec![None; *n]),
            Self::Bool(v) => Column::Bool(v.iter().map(|&b| (b < 2).then_some(b == 1)).collect()),
            Self::Number(v) => Column::Float(v.iter().map(|&x| (!x.is_nan()).then_some(x)).collect()),
        }
    }
}
