//! Measuring the standards of one SOP on the events of a case.

use std::ops::Range;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::align::Event;
use super::path::DeviationKind;
use super::scenario::{Looked, Scenario};
use super::standards::{Measured, StandardResult, State};
use super::used::Used;
use crate::corpus::{Measurer, Measures, NONE, Side, Speaker, Store, Talk};
use crate::error::Result;
use crate::sop::{Bounds, Measure, Required, Sop, Standard, TimeUnit, Unit, standard_keys, standard_names};
use crate::text::{Phrases, folded_phrase};

/// A standard of an SOP, made ready to be measured.
pub(crate) struct Rule {
    pub(super) step: u32,
    /// Which standard of the step.
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) key: String,
    pub(super) standard: Standard,
    bounds: Bounds,
    /// Numbers of its phrases.
    phrases: Vec<u32>,
    /// The labels it asks for, as those of the corpus; `NONE` where no event has one.
    labels: Vec<u32>,
    /// The step a time limit counts from, as a label of the corpus; `NONE` where no event has it.
    after: u32,
    after_title: Option<String>,
}

impl Rule {
    pub(crate) fn result(&self) -> StandardResult {
        StandardResult {
            name: self.name.clone(),
            key: self.key.clone(),
            measure: self.standard.measure.key(),
            value: None,
            unit: self.standard.measure.unit(),
            at_least: self.bounds.at_least,
            at_most: self.bounds.at_most,
            after: self.after_title.clone(),
            standard: self.standard.clone(),
        }
    }

    pub(super) fn kind(&self) -> DeviationKind {
        if self.standard.measure.is_time_limit() { DeviationKind::Late } else { DeviationKind::BelowStandard }
    }
}

/// The standards of one SOP.
pub(crate) struct Rules {
    pub(crate) list: Vec<Rule>,
    /// Where the standards of each step end in the list.
    ends: Vec<u32>,
    /// Whether a standard of the step needs the words, by step.
    words: Vec<bool>,
    phrases: Option<Phrases>,
    /// Labels that standards ask for.
    labels: Vec<u32>,
    /// Labels that time limits count from.
    after: Vec<u32>,
    /// Whether a standard counts from the beginning of the conversation.
    clock: bool,
}

impl Rules {
    pub(super) fn of(sop: &Sop, store: &Store) -> Result<Self> {
        let mut rules = Self { list: Vec::new(), ends: Vec::new(), words: Vec::new(), phrases: None, labels: Vec::new(), after: Vec::new(), clock: false };
        let mut phrases: IndexSet<String, FxBuildHasher> = IndexSet::default();
        for (step, of_step) in sop.steps().values().enumerate() {
            let (names, keys) = (standard_names(&of_step.standards), standard_keys(&of_step.standards));
            let mut words = false;
            for (number, (standard, (name, key))) in of_step.standards.iter().zip(names.into_iter().zip(keys)).enumerate() {
                let mut rule = Rule {
                    step: step as u32,
                    number,
                    name,
                    key,
                    standard: standard.clone(),
                    bounds: standard.measure.bounds(),
                    phrases: Vec::new(),
                    labels: Vec::new(),
                    after: NONE,
                    after_title: None,
                };
                match &standard.measure {
                    Measure::AgentSays(said) | Measure::CustomerSays(said) => {
                        rule.phrases = said.phrases().iter().map(|phrase| phrases.insert_full(folded_phrase(phrase)).0 as u32).collect();
                    }
                    Measure::AgentDetected(said) | Measure::CustomerDetected(said) => {
                        rule.labels = said.phrases().iter().map(|label| store.steps.find(label).unwrap_or(NONE)).collect();
                        rules.labels.extend(&rule.labels);
                    }
                    Measure::After(after) => {
                        rule.after = store.steps.find(&after.step).unwrap_or(NONE);
                        rule.after_title = Some(sop.title(&after.step).to_owned());
                        rules.after.push(rule.after);
                    }
                    _ => {}
                }
                rules.clock |= matches!(standard.measure, Measure::WithinMinutes(_));
                words |= needs_words(&standard.measure);
                rules.list.push(rule);
            }
            rules.words.push(words);
            rules.ends.push(rules.list.len() as u32);
        }
        if !phrases.is_empty() {
            rules.phrases = Some(Phrases::new(&phrases)?);
        }
        for labels in [&mut rules.after, &mut rules.labels] {
            labels.sort_unstable();
            labels.dedup();
        }
        Ok(rules)
    }

    /// Numbers of the standards of a step.
    pub(crate) fn of_step(&self, step: u32) -> Range<usize> {
        let from = if step == 0 { 0 } else { self.ends[step as usize - 1] };
        from as usize..self.ends[step as usize] as usize
    }
}

fn needs_words(measure: &Measure) -> bool {
    match measure {
        Measure::AgentSays(_)
        | Measure::CustomerSays(_)
        | Measure::Questions(_)
        | Measure::CustomerQuestions(_)
        | Measure::Characters(_)
        | Measure::AgentCharacters(_)
        | Measure::Words(_)
        | Measure::AgentWords(_)
        | Measure::AgentTalkShare(_)
        | Measure::LongestMonologueWords(_) => true,
        Measure::AgentDetected(_)
        | Measure::CustomerDetected(_)
        | Measure::Turns(_)
        | Measure::AgentTurns(_)
        | Measure::LongestMonologue(_)
        | Measure::Interruptions(_)
        | Measure::Duration(_)
        | Measure::WithinTurns(_)
        | Measure::WithinMinutes(_)
        | Measure::After(_)
        | Measure::Requires(_) => false,
    }
}

/// Measures the standards of one SOP, case by case, in memory that is used again.
pub(super) struct Meter<'a> {
    store: &'a Store,
    used: &'a Used,
    rules: &'a Rules,
    whens: &'a [Looked<'a>],
    measurer: Measurer<'a>,
    /// First turns of the events of the case, sorted.
    firsts: Vec<u32>,
    /// Labels of the case that standards ask for, with the turns they stand on.
    detected: Vec<(u32, Range<usize>)>,
    /// The last event of each label that time limits count from.
    last: FxHashMap<u32, usize>,
}

impl<'a> Meter<'a> {
    pub(super) fn new(store: &'a Store, used: &'a Used, rules: &'a Rules, whens: &'a [Looked<'a>]) -> Self {
        Self {
            store,
            used,
            rules,
            whens,
            measurer: Measurer::new(store, rules.phrases.as_ref()),
            firsts: Vec::new(),
            detected: Vec::new(),
            last: FxHashMap::default(),
        }
    }

    /// Measures what stands in a case; `performed` are its events that perform a step with standards.
    pub(super) fn case(&mut self, case: usize, scenario: &Scenario, performed: &[u32], list: &mut Vec<Measured>) {
        if self.rules.list.is_empty() {
            return;
        }
        let (store, used) = (self.store, self.used);
        let first = store.events(case).start;
        let events = (0..used.path(store, case).len() as u32).map(|event| first + used.event(store, case, event) as usize);
        self.firsts.clear();
        self.detected.clear();
        let zero = store.turn_range(case).start;
        for event in events.clone() {
            let Some((first, last)) = store.turns_of(event) else { continue };
            let label = store.step[event];
            if self.rules.labels.binary_search(&label).is_ok() {
                // A label that a standard asks for stands inside of its step and does not end it.
                self.detected.push((label, zero + first as usize..zero + last as usize + 1));
            } else {
                self.firsts.push(first);
            }
        }
        self.firsts.sort_unstable();
        self.last.clear();
        // The conversation of the last event and its beginning.
        let mut at: Option<(Talk, Option<i64>)> = None;
        for (i, event) in events.enumerate() {
            let label = store.step[event];
            if let Event::Planned(step) = scenario.labels.events[label as usize] {
                let rules = self.rules.of_step(step);
                if !rules.is_empty() {
                    let talk = store.talk_of(case, event);
                    let (talk, beginning) = at.take().filter(|(have, _)| *have == talk).unwrap_or_else(|| {
                        let beginning = if self.rules.clock { store.first_moment(&talk) } else { None };
                        (talk, beginning)
                    });
                    let turns = store.step_turns(case, event, &talk, &self.firsts);
                    let measures = turns.clone().map(|turns| self.measurer.measure(talk.turns.start, turns, self.rules.words[step as usize]));
                    for rule in rules {
                        if self.whens[rule].holds(store, case) {
                            let found = self.value(case, event, rule, (turns.as_ref(), measures.as_ref()), (&talk, beginning));
                            let bounds = &self.rules.list[rule].bounds;
                            list.push(Measured {
                                event: i as u32,
                                rule: rule as u32,
                                state: match found {
                                    None => State::NotMeasured,
                                    Some((value, _)) if bounds.hold(value) => State::Met,
                                    Some(_) => State::Failed,
                                },
                                performed: performed.binary_search(&(i as u32)).is_ok(),
                                unit: found.map_or(Unit::Count, |(_, unit)| unit),
                                value: found.map_or(f64::NAN, |(value, _)| value),
                            });
                        }
                    }
                    at = Some((talk, beginning));
                }
            }
            if self.rules.after.binary_search(&label).is_ok() {
                self.last.insert(label, event);
            }
        }
    }

    /// What a standard measures on an event; `None` where it cannot be measured.
    fn value(
        &self,
        case: usize,
        event: usize,
        rule: usize,
        (turns, measures): (Option<&Range<usize>>, Option<&Measures>),
        (talk, beginning): (&Talk, Option<i64>),
    ) -> Option<(f64, Unit)> {
        let (store, rule) = (self.store, &self.rules.list[rule]);
        let count = |n: u64| Some((n as f64, Unit::Count));
        let time = |ms: i64, unit: TimeUnit| Some((ms as f64 / unit.milliseconds(), Unit::Time(unit)));
        let words = || measures.filter(|m| m.has_words());
        let times = || measures.and_then(|m| m.times);
        let said = |side: Side| {
            words()?;
            count(rule.phrases.iter().filter(|&&phrase| self.measurer.said(phrase, side)).count() as u64)
        };
        let detected = |speaker: Speaker| {
            let turns = turns?;
            let there = |label: u32| {
                let both = |of: &Range<usize>| of.start.max(turns.start)..of.end.min(turns.end);
                self.detected.iter().any(|(found, of)| *found == label && both(of).any(|turn| store.turns.speaker[turn] == speaker))
            };
            count(rule.labels.iter().filter(|&&label| there(label)).count() as u64)
        };
        match &rule.standard.measure {
            Measure::AgentDetected(_) => detected(Speaker::Agent),
            Measure::CustomerDetected(_) => detected(Speaker::Customer),
            Measure::AgentSays(_) => said(Side::Agent),
            Measure::CustomerSays(_) => said(Side::Customer),
            Measure::Questions(_) => count(words()?.questions[0]),
            Measure::CustomerQuestions(_) => count(words()?.questions[1]),
            Measure::Turns(_) => count(measures?.all_turns().into()),
            Measure::AgentTurns(_) => count(measures?.turns[0].into()),
            Measure::Characters(_) => words().and_then(|m| count(m.characters[0] + m.characters[1])),
            Measure::AgentCharacters(_) => count(words()?.characters[0]),
            Measure::Words(_) => words().and_then(|m| count(m.words[0] + m.words[1])),
            Measure::AgentWords(_) => count(words()?.words[0]),
            Measure::AgentTalkShare(_) => {
                measures?.agent_talk_share().map(|(share, by_time)| (share, if by_time { Unit::ShareOfTime } else { Unit::ShareOfWords }))
            }
            Measure::LongestMonologue(bounds) => time(times()?.longest[0], bounds.unit),
            Measure::LongestMonologueWords(_) => count(words()?.longest_words[0]),
            Measure::Interruptions(_) => count(times()?.interruptions.into()),
            Measure::Duration(bounds) => time(measures?.span?, bounds.unit),
            Measure::WithinTurns(_) => count(store.turn_number(case, event, talk)?),
            Measure::WithinMinutes(_) => time(store.began(case, event)? - beginning?, TimeUnit::Minutes),
            Measure::After(after) => {
                let from = store.ended(case, *self.last.get(&rule.after)?)?;
                time((store.began(case, event)? - from).max(0), after.within.length().1)
            }
            Measure::Requires(required) => {
                let there = match required {
                    Required::Present(name) => store.attribute(case, name).is_some_and(|value| !value.trim().is_empty()),
                    Required::OneOf(condition) => condition.holds(|name| store.attribute(case, name)),
                };
                count(there.into())
            }
        }
    }
}
