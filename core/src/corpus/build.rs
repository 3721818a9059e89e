//! From conversations to columns: checking and appending one conversation at a time.

use indexmap::IndexMap;
use jiff::Timestamp;
use rustc_hash::FxHashSet;

use super::model::{Attribute, Conversation, Moment, OutcomeValue, StepEvent, check_seconds};
use super::names::{NONE, Names};
use super::store::{AttributeColumn, NO_TIME, OutcomeColumn, Store};
use super::{Corpus, OnError, ReadOptions};
use crate::error::{Error, Fault, Result};

/// Most events and most turns of one conversation.
pub(crate) const MAX_EVENTS: usize = 10_000_000;

/// Takes conversations one by one and makes a [`Corpus`] of them.
///
/// ```
/// use goldpath::corpus::{Builder, Conversation, ReadOptions};
/// let mut builder = Builder::new(ReadOptions::default());
/// builder.push(Conversation::of_steps("c1", ["opening", "close"]))?;
/// assert_eq!(builder.finish().len(), 1);
/// # Ok::<(), goldpath::Error>(())
/// ```
pub struct Builder {
    store: Store,
    options: ReadOptions,
    problems: Vec<Fault>,
    /// Fields that were left out, with how often.
    unread: IndexMap<String, u64>,
}

impl Builder {
    /// An empty corpus to be.
    pub fn new(options: ReadOptions) -> Self {
        Self { store: Store::default(), options, problems: Vec::new(), unread: IndexMap::new() }
    }

    /// Adds a conversation.
    ///
    /// # Errors
    /// [`Error::Corpus`] if it does not hold together; with [`OnError::Collect`] it is left out and listed instead.
    pub fn push(&mut self, conversation: Conversation) -> Result<()> {
        self.push_at(conversation, |fault| fault)
    }

    /// Adds a conversation of which more is known should it be refused, such as its line.
    pub(crate) fn push_at(&mut self, conversation: Conversation, place: impl FnOnce(Fault) -> Fault) -> Result<()> {
        match self.check(&conversation) {
            Ok(()) => {
                self.append(conversation);
                Ok(())
            }
            Err(fault) if conversation.id.is_empty() => self.refuse(place(fault)),
            Err(fault) => self.refuse(place(fault.of_case(conversation.id))),
        }
    }

    /// Ids of the records that were refused.
    pub(crate) fn refused_ids(&self) -> FxHashSet<String> {
        self.problems.iter().filter_map(|fault| fault.case.clone()).collect()
    }

    /// Number of records that were refused.
    pub(crate) fn refused(&self) -> usize {
        self.problems.len()
    }

    /// How the conversations are read.
    pub(crate) fn options(&self) -> &ReadOptions {
        &self.options
    }

    /// Whether no conversation was taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.store.len() == 0
    }

    /// Whether the conversations have an outcome of this name.
    pub(crate) fn has_outcome(&self, name: &str) -> bool {
        self.store.outcomes.contains_key(name)
    }

    /// The conversations, as columns that were made elsewhere.
    pub(crate) fn set(&mut self, store: Store) {
        self.store = store;
        if !self.problems.is_empty() {
            self.store.forget_unused_steps();
        }
    }

    /// Reports a record that cannot be taken: an error, or one more on the list.
    pub(crate) fn refuse(&mut self, fault: Fault) -> Result<()> {
        match self.options.on_error {
            OnError::Raise => Err(Error::from(fault)),
            OnError::Collect => {
                self.problems.push(fault);
                Ok(())
            }
        }
    }

    /// Notes fields that are not kept.
    pub(crate) fn pass_over(&mut self, fields: &[String], times: u64) {
        for field in fields {
            *self.unread.entry(field.clone()).or_default() += times;
        }
    }

    /// The corpus of all conversations that were taken.
    pub fn finish(mut self) -> Corpus {
        let mut store = std::mem::take(&mut self.store);
        store.settle(&self.options.outcome_steps, &self.options.drop_steps);
        let mut corpus = Corpus::from(store);
        corpus.problems = self.problems.into();
        corpus.unread = self.unread.into_iter().collect();
        corpus
    }

    /// The corpus, or an error where the options ask for what it does not have.
    pub(crate) fn complete(self) -> Result<Corpus> {
        self.store.check_outcome_steps(&self.options.outcome_steps)?;
        Ok(self.finish())
    }

    /// Takes in columns of cases beside the conversations.
    pub(crate) fn join(&mut self, cases: &super::CaseTable) -> Result<()> {
        let mut store = std::mem::take(&mut self.store);
        super::columns::join(&mut store, cases, self)?;
        self.store = store;
        Ok(())
    }

    /// Everything is checked before a column changes, so that a refused conversation leaves no trace.
    fn check(&self, c: &Conversation) -> std::result::Result<(), Fault> {
        if c.id.is_empty() {
            return Err(Fault::new("corpus.missing_id", "the conversation has no id").at_place("id"));
        }
        if self.store.ids.find(&c.id).is_some() {
            let fault = Fault::new("corpus.duplicate_id", format!("the id `{}` stands twice", c.id)).at_place("id");
            return Err(fault.help("each conversation needs an id of its own"));
        }
        if c.turns.len() > MAX_EVENTS || c.steps.len() > MAX_EVENTS {
            return Err(Fault::new("corpus.too_large", format!("a conversation may have at most {MAX_EVENTS} turns or steps")));
        }
        for (name, value) in &c.outcome {
            self.check_outcome(name, *value)?;
        }
        for (name, value) in &c.attributes {
            if let Attribute::Number(n) = value
                && !n.is_finite()
            {
                return Err(Fault::new("corpus.not_a_number", format!("the value {n} is no number")).at_place(format!("attributes.{name}")));
            }
        }
        check_turns(c)?;
        check_steps(c)
    }

    fn append(&mut self, c: Conversation) {
        let events = Events::of(&c, self.options.merge_repeats);
        self.columns(&c);
        self.events(&events);
        self.turns(c);
    }

    fn check_outcome(&self, name: &str, value: Option<OutcomeValue>) -> std::result::Result<(), Fault> {
        let place = || format!("outcome.{name}");
        if let Some(OutcomeValue::Number(x)) = value
            && !x.is_finite()
        {
            let fault = Fault::new("corpus.not_a_number", format!("the value {x} is no number")).at_place(place());
            return Err(fault.help("leave it out or give null where the result is still open"));
        }
        let clash = match (self.store.outcomes.get(name), value) {
            (Some(OutcomeColumn::Bool(_)), Some(OutcomeValue::Number(_))) => Some("a number, where it was true/false before"),
            (Some(OutcomeColumn::Number(_)), Some(OutcomeValue::Bool(_))) => Some("true/false, where it was a number before"),
            _ => None,
        };
        clash.map_or(Ok(()), |what| {
            let fault = Fault::new("corpus.mixed_outcome", format!("the outcome `{name}` is {what}")).at_place(place());
            Err(fault.help("an outcome has one kind in all conversations"))
        })
    }

    fn columns(&mut self, c: &Conversation) {
        let store = &mut self.store;
        let before = store.len();
        store.ids.intern(&c.id);
        let code = |names: &mut Names, text: &Option<String>| text.as_deref().map_or(NONE, |text| names.intern(text));
        let rep = code(&mut store.reps, &c.rep);
        store.rep.push(rep);
        let team = code(&mut store.teams, &c.team);
        store.team.push(team);
        let deal = code(&mut store.deals, &c.deal);
        store.deal.push(deal);
        let channel = code(&mut store.channels, &c.channel);
        store.channel.push(channel);
        store.started_at.push(base(c).map_or(NO_TIME, Timestamp::as_millisecond));
        for (name, value) in &c.attributes {
            let column = store.attributes.entry(name.clone()).or_default();
            column.push(before, value.clone());
        }
        for column in store.attributes.values_mut() {
            column.codes.resize(before + 1, NONE);
        }
        for (name, value) in &c.outcome {
            store.outcomes.entry(name.clone()).or_insert(OutcomeColumn::Open(before)).push(*value);
        }
        for column in store.outcomes.values_mut().filter(|column| column.len() == before) {
            column.push(None);
        }
        let in_steps = c.steps.iter().chain(c.turns.iter().flat_map(|turn| &turn.steps)).flat_map(|step| &step.unread);
        let names = (c.unread.iter().cloned())
            .chain(c.turns.iter().flat_map(|turn| &turn.unread).map(|name| format!("turns.{name}")))
            .chain(in_steps.map(|name| format!("steps.{name}")));
        for name in names {
            *self.unread.entry(name).or_default() += 1;
        }
    }

    fn events(&mut self, events: &Events<'_>) {
        let store = &mut self.store;
        let before = store.step.len();
        for event in &events.list {
            store.step.push(store.steps.intern(event.step));
        }
        let column = |wanted: bool, length: usize| wanted || length > 0;
        if column(events.list.iter().any(|e| e.turns.is_some()), store.turns_of.len()) {
            store.turns_of.resize(before, (NONE, NONE));
            store.turns_of.extend(events.list.iter().map(|e| e.turns.unwrap_or((NONE, NONE))));
        }
        if column(events.list.iter().any(|e| e.at.is_some()), store.at.len()) {
            store.at.resize(before, NO_TIME);
            store.at.extend(events.list.iter().map(|e| e.at.unwrap_or(NO_TIME)));
        }
        if column(events.list.iter().any(|e| e.prob.is_some()), store.prob.len()) {
            store.prob.resize(before, 1.0);
            store.prob.extend(events.list.iter().map(|e| e.prob.map_or(1.0, |p| p as f32)));
        }
        if column(events.list.iter().any(|e| e.rep.is_some()), store.event_rep.len()) {
            store.event_rep.resize(before, NONE);
            for event in &events.list {
                store.event_rep.push(event.rep.map_or(NONE, |rep| store.reps.intern(rep)));
            }
        }
        store.event_end.push(store.step.len());
    }

    fn turns(&mut self, c: Conversation) {
        let store = &mut self.store;
        let zero = base(&c);
        for turn in c.turns {
            store.turns.speaker.push(turn.speaker);
            store.turns.name.push(turn.name.as_deref().map_or(NONE, |name| store.speakers.intern(name)));
            store.turns.start.push(turn.start.map_or(NO_TIME, |m| millis(m, zero)));
            store.turns.end.push(turn.end.map_or(NO_TIME, |m| millis(m, zero)));
            store.turns.text.push_str(&turn.text);
            store.turns.text_end.push(store.turns.text.len());
        }
        store.turn_end.push(store.turns.speaker.len());
    }
}

impl AttributeColumn {
    /// Sets the value of a case; cases passed over since the last one have none.
    pub(super) fn push(&mut self, case: usize, value: Attribute) {
        self.codes.resize(case, NONE);
        let code = self.values.insert_full(value).0 as u32;
        self.codes.push(code);
    }
}

/// What times of a conversation are counted from: its start, or the first point in time in it.
fn base(c: &Conversation) -> Option<Timestamp> {
    let point = |moment: Option<Moment>| if let Some(Moment::At(time)) = moment { Some(time) } else { None };
    c.started_at.or_else(|| c.turns.iter().find_map(|t| point(t.start))).or_else(|| c.steps.iter().find_map(|s| point(s.at)))
}

fn millis(moment: Moment, zero: Option<Timestamp>) -> i64 {
    match moment {
        Moment::Seconds(s) => (s * 1000.0).round() as i64,
        Moment::At(time) => time.as_millisecond() - zero.map_or(0, Timestamp::as_millisecond),
    }
}

struct Event<'a> {
    step: &'a str,
    turns: Option<(u32, u32)>,
    at: Option<i64>,
    prob: Option<f64>,
    rep: Option<&'a str>,
}

/// The step events of a conversation, from its turns or from its bare steps.
struct Events<'a> {
    list: Vec<Event<'a>>,
}

/// What can be wrong with the times of turns. They may overlap, lack, or lie before the start; they cannot run backwards.
fn check_turns(c: &Conversation) -> std::result::Result<(), Fault> {
    let zero = base(c);
    for (i, turn) in c.turns.iter().enumerate() {
        for (name, moment) in [("start", turn.start), ("end", turn.end)] {
            check_moment(moment).map_err(|fault| fault.at_place(format!("turns[{i}].{name}")))?;
        }
        if let Some((start, end)) = turn.start.zip(turn.end) {
            let length = millis(end, zero) - millis(start, zero);
            if length < 0 {
                return Err(reversed_turn(-length as f64 / 1000.0).at_place(format!("turns[{i}].end")));
            }
        }
    }
    Ok(())
}

/// A turn that ends some seconds before it begins.
pub(super) fn reversed_turn(seconds: f64) -> Fault {
    let fault = Fault::new("corpus.reversed_turn", format!("the turn ends {seconds} s before it begins"));
    fault.help("mend the times, or leave them out; both are counted from the same start")
}

/// As a file is read, for moments that no file was read for.
fn check_moment(moment: Option<Moment>) -> std::result::Result<(), Fault> {
    match moment {
        Some(Moment::Seconds(s)) => check_seconds(s).map(drop).map_err(|message| Fault::new("corpus.wrong_type", message)),
        _ => Ok(()),
    }
}

/// What can be wrong with the steps of a conversation.
fn check_steps(c: &Conversation) -> std::result::Result<(), Fault> {
    let bare = c.steps.iter().enumerate().map(|(i, event)| (event, format!("steps[{i}]")));
    if !c.steps.is_empty() && c.turns.iter().any(|turn| !turn.steps.is_empty()) {
        let fault = Fault::new("corpus.steps_twice", "steps stand both in `steps` and in turns").at_place("steps");
        return Err(fault.help("keep one of them; a bare step may name its `turn`"));
    }
    let in_turns = (c.turns.iter().enumerate()).flat_map(|(i, turn)| turn.steps.iter().enumerate().map(move |(j, event)| (event, i, j)));
    let check = |event: &StepEvent| {
        if event.step.is_empty() {
            return Err(Fault::new("corpus.empty_step", "the step has no name"));
        }
        check_moment(event.at)?;
        event.prob.filter(|p| !(0.0..=1.0).contains(p)).map_or(Ok(()), |p| Err(Fault::new("corpus.wrong_prob", format!("prob {p} is not between 0 and 1"))))
    };
    for (event, place) in bare {
        check(event).map_err(|fault| fault.at_place(&place))?;
        if let Some(turn) = event.turn.filter(|&turn| turn as usize >= c.turns.len() && !c.turns.is_empty()) {
            let fault = Fault::new("corpus.unknown_turn", format!("there is no turn {turn}")).at_place(format!("{place}.turn"));
            return Err(fault.help(format!("the conversation has {} turns, counted from 0", c.turns.len())));
        }
    }
    for (event, i, j) in in_turns {
        check(event).map_err(|fault| fault.at_place(format!("turns[{i}].steps[{j}]")))?;
    }
    Ok(())
}

impl<'a> Events<'a> {
    fn of(c: &'a Conversation, merge_repeats: Option<bool>) -> Self {
        let zero = base(c);
        let merge = merge_repeats.unwrap_or_else(|| c.turns.iter().any(|turn| !turn.steps.is_empty()));
        let mut made = Self { list: Vec::new() };
        for (i, turn) in c.turns.iter().enumerate() {
            for event in &turn.steps {
                made.push(event, Some(i as u32), zero, merge);
            }
        }
        for event in &c.steps {
            made.push(event, event.turn.filter(|_| !c.turns.is_empty()), zero, merge);
        }
        made
    }

    fn push(&mut self, event: &'a StepEvent, turn: Option<u32>, zero: Option<Timestamp>, merge: bool) {
        let rep = event.rep.as_deref();
        if merge && let Some(last) = self.list.last_mut().filter(|last| last.step == event.step && last.rep == rep) {
            if let (Some((begin, end)), Some(turn)) = (&mut last.turns, turn) {
                (*begin, *end) = (turn.min(*begin), turn.max(*end));
            }
            // The surest of the turns speaks for the event.
            last.prob = last.prob.zip(event.prob).map(|(a, b)| a.max(b));
            return;
        }
        let at = event.at.map(|moment| millis(moment, zero));
        self.list.push(Event { step: &event.step, turns: turn.map(|t| (t, t)), at, prob: event.prob, rep });
    }
}
