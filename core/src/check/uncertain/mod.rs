//! What a check can still say when detectors are not sure of its events.
//!
//! In: the paths of a check with the probability of each event. Out: for each case bounds of its fitness, the probability
//! that it conforms, and its uncertain events, those whose labels matter most first ([`Uncertainty`]). Every event is there
//! or not, independently of the others, with its probability.

mod chances;
mod fitness;

use ordered_float::OrderedFloat;
use rayon::prelude::*;
use serde::Serialize;

use self::chances::{Chances, Free, Set, chances, ends, start, step};
use self::fitness::{EXACT, spread};
use super::align::{Event, Move};
use super::path::{DeviationKind, Work, analyse, deviations, step_of};
use super::run::{Check, Inner};
use super::scenario::Scenario;
use crate::error::{Error, Fault, Result};
use crate::sop::{Automaton, Sop};
use crate::table::{Column, Table};

/// A probability, or the bounds between which it lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Chance {
    /// It is at least this.
    pub low: f64,
    /// It is at most this; equal to `low` where it is known exactly.
    pub high: f64,
}

impl Chance {
    /// The probability, where it is known exactly.
    pub fn exact(self) -> Option<f64> {
        (self.low == self.high).then_some(self.low)
    }
}

/// One event that a detector was not sure of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UncertainEvent {
    /// Number of the event in its conversation, from 0.
    pub event: u32,
    /// Step or label.
    pub step: String,
    /// Title of the step.
    pub title: String,
    /// How likely it is there.
    pub prob: f64,
    /// The check takes it: its probability is at or above the threshold.
    pub used: bool,
    /// First and last turn it rests on.
    pub turns: Option<(u32, u32)>,
    /// How far the probability that the case conforms so far differs between its being there and not; `None` where that is
    /// known within bounds only.
    pub influence: Option<f64>,
    /// The same for the expected fitness.
    pub fitness_influence: Option<f64>,
}

/// What can be said of a case whose events are not all certain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Uncertainty {
    /// Id of the case.
    pub case: String,
    /// Lowest fitness of all the ways its uncertain events may turn out, or a bound below it.
    pub fitness_low: f64,
    /// Highest fitness of all these ways, or a bound above it.
    pub fitness_high: f64,
    /// Expected fitness, where all ways could be gone through; then the bounds are reached too.
    pub fitness_expected: Option<f64>,
    /// That no deviation so far is one that is not accepted.
    pub conforms_so_far: Chance,
    /// The same for the case as a complete one.
    pub fully_conforms: Chance,
    /// Its uncertain events, the most influential first.
    pub events: Vec<UncertainEvent>,
}

/// An event that may be there.
pub(super) struct Item {
    event: Event,
    label: u32,
    /// Above 0.
    prob: f64,
    number: u32,
}

impl Item {
    /// Whether it matters that nobody knows.
    fn open(&self) -> bool {
        self.prob < 1.0 && self.event != Event::Anytime
    }

    /// What it costs as an extra.
    fn extra(&self, automaton: &Automaton) -> u32 {
        match self.event {
            Event::Planned(step) => u32::from(automaton.extra[step as usize]),
            Event::Unplanned(cost) => u32::from(cost),
            Event::Anytime => 0,
        }
    }
}

/// What is kept of a case.
pub(super) struct CaseUncertainty {
    fitness: (f64, f64),
    expected: Option<f64>,
    conforms: Chance,
    fully: Chance,
    /// Event, probability, influence on conforming and on fitness; the most influential first.
    events: Vec<(u32, f64, Option<f64>, Option<f64>)>,
}

impl Check {
    /// What can be said of a case whose events are not all certain.
    ///
    /// ```
    /// use goldpath::{Corpus, Sop};
    /// let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}")?;
    /// let corpus = Corpus::parse(br#"{"id": "c1", "steps": ["open", {"step": "need", "prob": 0.8}, "close"]}"#)?;
    /// let found = corpus.check(&sop)?.uncertainty("c1")?;
    /// assert_eq!(found.conforms_so_far.exact(), Some(0.8));
    /// assert_eq!((found.fitness_low, found.fitness_high), (0.8, 1.0));
    /// assert_eq!(found.events[0].influence, Some(1.0));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Argument`] if there is no such case, or no SOP takes it.
    pub fn uncertainty(&self, id: &str) -> Result<Uncertainty> {
        let unknown = |message: &str| Error::Argument(Box::new(Fault::new("check.unknown_case", format!("{message} `{id}`")).at_place("case_id")));
        let case = self.inner.corpus.find(id).ok_or_else(|| unknown("there is no conversation"))?;
        self.uncertainty_of(case).ok_or_else(|| unknown("no SOP of the playbook takes conversation"))
    }

    /// The same by the number of the case; `None` where no SOP takes it.
    pub fn uncertainty_of(&self, case: usize) -> Option<Uncertainty> {
        let inner = &*self.inner;
        let (store, sop, found) = (inner.corpus.store(), inner.sop(inner.scenario(case)?), inner.uncertainty(case)?);
        let events = found.events.iter().map(|&(number, prob, influence, fitness_influence)| {
            let event = store.events(case).start + number as usize;
            let step = store.steps.get(store.step[event]).unwrap_or_default();
            UncertainEvent {
                event: number,
                step: step.to_owned(),
                title: sop.title(step).to_owned(),
                prob,
                used: inner.used.takes(store.prob[event]),
                turns: store.turns_of(event),
                influence,
                fitness_influence,
            }
        });
        Some(Uncertainty {
            case: store.ids.get(case as u32).unwrap_or_default().to_owned(),
            fitness_low: found.fitness.0,
            fitness_high: found.fitness.1,
            fitness_expected: found.expected,
            conforms_so_far: found.conforms,
            fully_conforms: found.fully,
            events: events.collect(),
        })
    }

    /// One row an uncertain event of the corpus, those whose labels matter most first: by the influence on the probability
    /// that the case conforms so far, then on its expected fitness, then in the order of the corpus.
    pub fn uncertain(&self) -> Table {
        let inner = &*self.inner;
        let store = inner.corpus.store();
        let mut rows: Vec<(usize, i64, UncertainEvent)> = Vec::new();
        if !store.prob.is_empty() {
            for case in 0..self.len() {
                let events = self.uncertainty_of(case).map(|found| found.events).unwrap_or_default();
                rows.extend(events.into_iter().zip(1..).map(|(event, rank)| (case, rank, event)));
            }
        }
        rows.sort_by_key(|(case, _, event)| (weight(event.influence), weight(event.fitness_influence), *case, event.event));
        let text = |f: &dyn Fn(&UncertainEvent) -> &str| Column::Text(rows.iter().map(|(_, _, event)| Some(f(event).into())).collect());
        let float = |f: &dyn Fn(&UncertainEvent) -> Option<f64>| Column::Float(rows.iter().map(|(_, _, event)| f(event)).collect());
        let turns = |event: &UncertainEvent| event.turns.map_or_else(Vec::new, |(a, b)| (i64::from(a)..=i64::from(b)).collect());
        let mut table = Table::new("uncertain");
        table.push("case_id", Column::Text(rows.iter().map(|(case, ..)| store.ids.get(*case as u32).map(Into::into)).collect()));
        table.push("rep", Column::names(&rows.iter().map(|(case, ..)| inner.rep[*case]).collect::<Vec<_>>(), &store.reps));
        table.push("event", Column::Int(rows.iter().map(|(_, _, event)| Some(i64::from(event.event))).collect()));
        table.push("step", text(&|event| &event.step));
        table.push("title", text(&|event| &event.title));
        table.push("prob", float(&|event| Some(event.prob)));
        table.push("used", Column::Bool(rows.iter().map(|(_, _, event)| Some(event.used)).collect()));
        table.push("turns", Column::IntList(rows.iter().map(|(_, _, event)| turns(event)).collect()));
        table.push("influence", float(&|event| event.influence));
        table.push("fitness_influence", float(&|event| event.fitness_influence));
        table.push("rank", Column::Int(rows.iter().map(|(_, rank, _)| Some(*rank)).collect()));
        table
    }

    /// Columns of the cases that say what is uncertain; none where the corpus has no probabilities.
    pub(super) fn push_uncertainty(&self, table: &mut Table) {
        if self.inner.corpus.store().prob.is_empty() {
            return;
        }
        let found: Vec<Option<&CaseUncertainty>> = (0..self.len()).map(|case| self.inner.uncertainty(case)).collect();
        let float = |f: &dyn Fn(&CaseUncertainty) -> Option<f64>| Column::Float(found.iter().map(|found| found.and_then(f)).collect());
        table.push("uncertain_events", Column::Int(found.iter().map(|found| found.map(|found| found.events.len() as i64)).collect()));
        table.push("fitness_low", float(&|found| Some(found.fitness.0)));
        table.push("fitness_high", float(&|found| Some(found.fitness.1)));
        table.push("fitness_expected", float(&|found| found.expected));
        table.push("p_conforms", float(&|found| found.conforms.exact()));
        table.push("p_conforms_low", float(&|found| Some(found.conforms.low)));
        table.push("p_conforms_high", float(&|found| Some(found.conforms.high)));
        table.push("p_fully_conforms", float(&|found| found.fully.exact()));
    }
}

/// The larger first; what is not known last.
fn weight(influence: Option<f64>) -> OrderedFloat<f64> {
    OrderedFloat(influence.map_or(1.0, |x| -x))
}

impl Inner {
    /// What is uncertain in a case; found for all cases when first asked for.
    fn uncertainty(&self, case: usize) -> Option<&CaseUncertainty> {
        let all = self
            .uncertain
            .get_or_init(|| (0..self.path_of.len()).into_par_iter().map_init(Work::new, |work, case| self.find_uncertainty(case, work)).collect());
        all[case].as_ref()
    }

    fn find_uncertainty(&self, case: usize, work: &mut Work) -> Option<CaseUncertainty> {
        let scenario = self.scenario(case)?;
        let (store, events) = (self.corpus.store(), self.corpus.store().events(case));
        // What a person wrote as 0.9 is 0.9, not the nearest number of half the digits.
        let prob = |event: usize| store.prob.get(event).map_or(1.0, |prob| prob.to_string().parse().unwrap_or(f64::from(*prob)));
        let sure = events.clone().all(|event| store.prob.get(event).is_none_or(|&prob| prob == 1.0));
        if sure {
            let (figures, chance) =
                (&self.figures[self.path_of[case] as usize], |holds: bool| Chance { low: f64::from(u8::from(holds)), high: f64::from(u8::from(holds)) });
            return Some(CaseUncertainty {
                fitness: (figures.fitness(), figures.fitness()),
                expected: Some(figures.fitness()),
                conforms: chance(self.conforms_so_far(case) == Some(true)),
                fully: chance(self.fully_conforms(case) == Some(true)),
                events: Vec::new(),
            });
        }
        let items: Vec<Item> = (events.clone())
            .map(|event| {
                let label = store.step[event];
                Item { event: scenario.labels.events[label as usize], label, prob: prob(event), number: (event - events.start) as u32 }
            })
            .filter(|item| item.prob > 0.0)
            .collect();
        let spread = spread(&scenario.aligner, &items, &mut work.rows);
        let (mut conforms, mut fully, mut influence) = self.chances(case, scenario, &items, work);
        // Which turns a standard is measured on depends on which events are there: that it would be met is not known.
        let measured = |item: &Item| matches!(item.event, Event::Planned(step) if self.may_measure(case, scenario, step));
        if items.iter().any(measured) {
            (conforms.low, fully.low) = (0.0, 0.0);
            influence.clear();
        }
        let of = |list: &[f64], i: usize| list.get(i).copied();
        let mut events: Vec<_> = (items.iter().enumerate().filter(|(_, item)| item.prob < 1.0))
            .map(|(i, item)| (item.number, item.prob, of(&influence, i), of(&spread.influence, i)))
            .collect();
        events.sort_by_key(|&(event, _, influence, fitness)| (weight(influence), weight(fitness), event));
        Some(CaseUncertainty { fitness: (spread.low, spread.high), expected: spread.expected, conforms, fully, events })
    }

    /// The probabilities that a case conforms so far and to the end, and the influence of each event on the first.
    fn chances(&self, case: usize, scenario: &Scenario, items: &[Item], work: &mut Work) -> (Chance, Chance, Vec<f64>) {
        let (automaton, sop) = (&*scenario.aligner.automaton, self.sop(scenario));
        let strict =
            Free { extra: items.iter().map(|item| item.extra(automaton) == 0).collect(), skip: automaton.node_skip.iter().map(|&cost| cost == 0).collect() };
        let least = chances(automaton, items, &strict);
        let within = |p: f64, found: &Chances| Chance { low: p, high: (p + found.unknown).min(1.0) };
        let mut most = None;
        if !sop.accepted().is_empty() {
            // Whatever conforms has an explanation in which only what is accepted costs anything.
            let relaxed = self.relaxed(case, sop, items, &strict);
            if relaxed.extra != strict.extra || relaxed.skip != strict.skip {
                if items.iter().filter(|item| item.open()).count() <= DEEPEST
                    && let Some(found) = EachWay::go(self, case, scenario, items, [&strict, &relaxed], work)
                {
                    return found;
                }
                most = Some(chances(automaton, items, &relaxed));
            }
        }
        let bounds = |of: fn(&Chances) -> f64| {
            let low = within(of(&least), &least);
            most.as_ref().map_or(low, |most| Chance { low: low.low, high: within(of(most), most).high.max(low.low) })
        };
        let influence = if most.is_none() { least.influence.clone() } else { Vec::new() };
        (bounds(|found| found.so_far), bounds(|found| found.to_end), influence)
    }

    /// What costs nothing where all that may be accepted of a case does not.
    fn relaxed(&self, case: usize, sop: &Sop, items: &[Item], strict: &Free) -> Free {
        use DeviationKind::{Extra, OutOfOrder, Repeated, Skipped};
        let any = |kinds: &[DeviationKind], step: &str| kinds.iter().any(|&kind| self.may_accept(case, sop, kind, step));
        let label = |item: &Item| self.corpus.store().steps.get(item.label).unwrap_or_default();
        Free {
            extra: items.iter().zip(&strict.extra).map(|(item, &free)| free || any(&[Extra, Repeated, OutOfOrder], label(item))).collect(),
            skip: (strict.skip.iter().enumerate())
                .map(|(node, &free)| free || any(&[Skipped, OutOfOrder], step_of(sop, node as u32).unwrap_or_default()))
                .collect(),
        }
    }
}

/// Most ways that are looked at one by one: those of 16 events, or of more where most cannot conform early on.
const MOST_WAYS: u32 = 1 << EXACT;
/// Most uncertain events of which this is tried.
const DEEPEST: usize = 64;

/// All ways the events of a case may turn out, each checked as a path of its own where what costs nothing does not decide.
struct EachWay<'a> {
    inner: &'a Inner,
    case: usize,
    scenario: &'a Scenario,
    items: &'a [Item],
    free: [&'a Free; 2],
    work: &'a mut Work,
    moves: Vec<Move>,
    labels: Vec<u32>,
    influence: Vec<f64>,
    seen: u32,
}

impl<'a> EachWay<'a> {
    fn go(
        inner: &'a Inner,
        case: usize,
        scenario: &'a Scenario,
        items: &'a [Item],
        free: [&'a Free; 2],
        work: &'a mut Work,
    ) -> Option<(Chance, Chance, Vec<f64>)> {
        let influence = vec![0.0; items.len()];
        let mut ways = Self { inner, case, scenario, items, free, work, moves: Vec::new(), labels: Vec::new(), influence, seen: 0 };
        let sets = free.map(|free| start(&scenario.aligner.automaton, free));
        let (so_far, to_end) = ways.from(0, sets, 1.0)?;
        let chance = |p: f64| Chance { low: p.min(1.0), high: p.min(1.0) };
        Some((chance(so_far), chance(to_end), ways.influence.into_iter().map(f64::abs).collect()))
    }

    /// The probabilities to conform so far and to the end, given the events before, which have the probability `weight`;
    /// `None` past a limit.
    fn from(&mut self, mut i: usize, mut sets: [Set; 2], weight: f64) -> Option<(f64, f64)> {
        let (automaton, known) = (&*self.scenario.aligner.automaton, self.labels.len());
        while let Some(item) = self.items.get(i) {
            let with = [0, 1].map(|k| step(automaton, self.free[k], &sets[k], i, item));
            if item.open() {
                let without = self.from(i + 1, sets, weight * (1.0 - item.prob))?;
                self.labels.push(item.label);
                let with = self.from(i + 1, with, weight * item.prob)?;
                self.labels.truncate(known);
                self.influence[i] += weight * (with.0 - without.0);
                let mean = |a: f64, b: f64| if a == b { a } else { item.prob * a + (1.0 - item.prob) * b };
                return Some((mean(with.0, without.0), mean(with.1, without.1)));
            }
            self.labels.push(item.label);
            sets = with;
            i += 1;
            if sets[1].is_empty() {
                break;
            }
        }
        let found = self.decided(&sets);
        self.labels.truncate(known);
        found
    }

    fn decided(&mut self, [strict, relaxed]: &[Set; 2]) -> Option<(f64, f64)> {
        self.seen += 1;
        if self.seen > MOST_WAYS {
            return None;
        }
        let Self { inner, case, scenario, work, moves, labels, .. } = self;
        let automaton = &*scenario.aligner.automaton;
        let as_chance = |holds: bool| f64::from(u8::from(holds));
        let surely = (!strict.is_empty(), ends(automaton, strict));
        if surely == (!relaxed.is_empty(), ends(automaton, relaxed)) {
            return Some((as_chance(surely.0), as_chance(surely.1)));
        }
        moves.clear();
        let figures = analyse(scenario, labels, work, moves).ok()?;
        deviations(scenario, labels, moves, figures.disputed, work).ok()?;
        let sop = inner.sop(scenario);
        let unaccepted = work.deviations.iter().filter(|d| d.cost > 0 && !inner.is_accepted(*case, sop, d)).count() as u32;
        Some((as_chance(figures.conforms_so_far(unaccepted)), as_chance(figures.is_complete() && unaccepted == 0)))
    }
}
