//! Which SOP and which of its conditional parts a case is held against, and what each label is to them.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::align::{Aligner, Event, Labels};
use crate::corpus::Store;
use crate::error::Result;
use crate::sop::{Condition, Playbook, Sop};

/// One SOP with one way its `when` blocks turn out: what paths are aligned with.
pub(crate) struct Scenario {
    /// Number of the SOP in the playbook.
    pub(crate) sop: u32,
    /// Which of its `when` blocks hold.
    pub(crate) whens: Vec<bool>,
    pub(crate) aligner: Arc<Aligner>,
    /// What each label of the corpus is, by its number.
    pub(crate) labels: Labels,
}

/// The scenario of each case; `u32::MAX` where no SOP takes it.
pub(crate) struct Scenarios {
    pub(crate) list: Vec<Scenario>,
    pub(crate) of_case: Vec<u32>,
}

/// A condition with its attributes looked up once: for each, whether each distinct value passes.
pub(super) struct Looked<'a> {
    tests: Vec<(&'a [u32], Vec<bool>)>,
    never: bool,
    /// Fields of the conversation that are no attributes, tested as text.
    rest: Option<&'a Condition>,
}

impl<'a> Looked<'a> {
    pub(super) fn of(condition: &'a Condition, store: &'a Store) -> Self {
        let mut looked = Self { tests: Vec::new(), never: false, rest: None };
        for (name, values) in &condition.0 {
            if let Some(column) = store.attributes.get(name) {
                let passes = column.values.iter().map(|have| values.as_slice().contains(&have.to_string())).collect();
                looked.tests.push((&column.codes, passes));
            } else if matches!(name.as_str(), "rep" | "team" | "channel") {
                looked.rest = Some(condition);
            } else {
                looked.never = true;
            }
        }
        looked
    }

    pub(super) fn holds(&self, store: &Store, case: usize) -> bool {
        !self.never
            && self.tests.iter().all(|(codes, passes)| passes.get(codes[case] as usize).copied().unwrap_or(false))
            && self.rest.is_none_or(|condition| condition.holds(|name| store.attribute(case, name)))
    }
}

impl Scenarios {
    pub(crate) fn of(playbook: &Playbook, store: &Store) -> Result<Self> {
        let entries: Vec<(Looked<'_>, Vec<Looked<'_>>)> = (playbook.entries().iter())
            .map(|entry| (Looked::of(&entry.when, store), entry.sop.whens().iter().map(|when| Looked::of(when, store)).collect()))
            .collect();
        let mut numbers: FxHashMap<(usize, Vec<bool>), u32> = FxHashMap::default();
        let mut list = Vec::new();
        let mut flags = Vec::new();
        let mut of_case = Vec::with_capacity(store.len());
        let sops: Vec<&Sop> = playbook.sops().collect();
        // Most playbooks are one SOP for all cases, without conditions.
        if let [entry] = playbook.entries()
            && entry.when.0.is_empty()
            && entry.sop.whens().is_empty()
        {
            return Ok(Self { list: vec![Scenario::new(0, &entry.sop, &[], store.steps.iter())?], of_case: vec![0; store.len()] });
        }
        for case in 0..store.len() {
            let Some(entry) = entries.iter().position(|(when, _)| when.holds(store, case)) else {
                of_case.push(u32::MAX);
                continue;
            };
            flags.clear();
            flags.extend(entries[entry].1.iter().map(|when| when.holds(store, case)));
            let key = (entry, std::mem::take(&mut flags));
            let number = if let Some(&number) = numbers.get(&key) {
                number
            } else {
                list.push(Scenario::new(entry as u32, sops[entry], &key.1, store.steps.iter())?);
                numbers.insert((key.0, key.1.clone()), list.len() as u32 - 1);
                list.len() as u32 - 1
            };
            flags = key.1;
            of_case.push(number);
        }
        Ok(Self { list, of_case })
    }
}

impl Scenario {
    pub(crate) fn new<'a>(number: u32, sop: &Sop, whens: &[bool], labels: impl Iterator<Item = &'a str>) -> Result<Self> {
        let prepared = Prepared::of(sop, whens)?;
        let labels = Labels::new(labels.map(|label| prepared.event(sop, label)).collect());
        Ok(Self { sop: number, whens: whens.to_vec(), aligner: prepared.aligner.clone(), labels })
    }
}

/// What all checks and live sessions of one scenario share.
pub(crate) struct Prepared {
    pub(crate) aligner: Arc<Aligner>,
    /// What each step of the SOP is, by its number.
    events: Vec<Event>,
}

impl Prepared {
    pub(crate) fn of(sop: &Sop, whens: &[bool]) -> Result<Arc<Self>> {
        sop.prepared(whens, |automaton| {
            let events = sop.steps().keys().map(|label| event(sop, &automaton, label)).collect();
            Self { aligner: Arc::new(Aligner::new(automaton)), events }
        })
    }

    /// What a label is to the flow of the scenario.
    pub(crate) fn event(&self, sop: &Sop, label: &str) -> Event {
        sop.steps().get_index_of(label).map_or(UNKNOWN, |step| self.events[step])
    }

    /// What a step is, by its number.
    pub(crate) fn event_of_step(&self, step: usize) -> Event {
        self.events[step]
    }
}

/// A label that the SOP does not know.
pub(crate) const UNKNOWN: Event = Event::Unplanned(1);

/// What a label is to the flow of a scenario.
pub(crate) fn event(sop: &Sop, automaton: &crate::sop::Automaton, label: &str) -> Event {
    match sop.steps().get_full(label) {
        Some((step, ..)) if automaton.plans(step as u32) => Event::Planned(step as u32),
        Some(_) if sop.anytime().iter().any(|id| id == label) => Event::Anytime,
        Some((_, _, step)) => Event::Unplanned(step.cost.extra),
        None => UNKNOWN,
    }
}
