//! The points of one case, in numbers.

use indexmap::IndexMap;
use serde::Serialize;

use super::card::{Feedback, Scorecard};
use crate::check::{Account, Check, DeviationKind, NOWHERE, State};
use crate::corpus::{Attribute, AttributeColumn, OutcomeColumn, OutcomeValue};
use crate::error::{Error, Fault, Result};
use crate::sop::{Sop, join};

/// What a part of a score is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PartKind {
    /// Doing a step.
    Step,
    /// Meeting a standard of a step.
    Standard,
    /// What the customer says of it.
    Feedback,
    /// A deviation that takes points away.
    Deviation,
}

impl PartKind {
    /// The name of the kind, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Standard => "standard",
            Self::Feedback => "feedback",
            Self::Deviation => "deviation",
        }
    }
}

/// What came of a part of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PartState {
    /// All its points were earned.
    Full,
    /// Some of its points were earned.
    Partial,
    /// None of its points were earned, or points were taken away.
    Lost,
    /// Left out: it was not due in this case.
    NotDue,
    /// Left out: it could not be measured.
    NotMeasured,
    /// Left out: what was missed is accepted.
    Accepted,
}

impl PartState {
    /// The name of the state, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Partial => "partial",
            Self::Lost => "lost",
            Self::NotDue => "not_due",
            Self::NotMeasured => "not_measured",
            Self::Accepted => "accepted",
        }
    }

    /// Whether the part counts.
    pub fn counts(self) -> bool {
        matches!(self, Self::Full | Self::Partial | Self::Lost)
    }
}

/// One thing that is worth points, in one SOP.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) kind: PartKind,
    /// Index of the step in the SOP.
    pub(super) step: u32,
    /// Key of the standard, name of the feedback, or kind of deviation.
    pub(super) key: String,
    /// The same for people.
    pub(super) name: String,
    /// Number of the standard in the SOP.
    pub(super) rule: u32,
    pub(super) weight: f64,
}

/// The scorecard as it stands for one SOP.
pub(super) struct Sheet {
    pub(super) parts: Vec<Part>,
    /// Part of each step and of each standard, `NOWHERE` where it is worth nothing.
    of_step: Vec<u32>,
    of_rule: Vec<u32>,
    /// First part that is a feedback.
    pub(super) feedback: usize,
    /// First part that is a deviation; there is one for each kind that takes points away.
    deviations: usize,
    of_kind: [u32; DeviationKind::ALL.len()],
    /// Points of a case in which everything counts.
    pub(super) total: f64,
}

/// A value of a case that is worth points.
pub(super) enum Told<'a> {
    Outcome(&'a OutcomeColumn),
    Attribute(&'a AttributeColumn),
}

impl Told<'_> {
    pub(super) fn value(&self, case: usize) -> Option<f64> {
        let yes = |b: bool| f64::from(u8::from(b));
        match self {
            Self::Outcome(column) => match column.get(case)? {
                OutcomeValue::Bool(b) => Some(yes(b)),
                OutcomeValue::Number(x) => Some(x),
            },
            Self::Attribute(column) => match column.values.get_index(column.codes[case] as usize)? {
                Attribute::Bool(b) => Some(yes(*b)),
                Attribute::Number(x) => Some(x.0),
                Attribute::Text(_) => None,
            },
        }
    }
}

/// A scorecard laid beside a check.
pub(super) struct Card<'a> {
    pub(super) sheets: Vec<Sheet>,
    feedback: Vec<(Feedback, Told<'a>)>,
}

impl<'a> Card<'a> {
    /// Finds everything the scorecard names.
    ///
    /// # Errors
    /// [`Error::Scorecard`] with every step, standard and feedback that is not there.
    pub(super) fn of(card: &Scorecard, check: &'a Check) -> Result<Self> {
        let mut faults = Vec::new();
        let sops: Vec<&Sop> = check.playbook().sops().collect();
        let known = |id: &str| sops.iter().any(|sop| sop.steps().contains_key(id));
        let mut unknown_step = |place: String, id: &str| {
            faults.push(Fault::new("scorecard.unknown_step", format!("step `{id}` is not known")).at_place(place).help("name a step of the SOP"));
        };
        for id in card.steps.keys().filter(|id| !known(id)) {
            unknown_step(join("steps", id), id);
        }
        for id in card.standards.keys().filter(|id| !known(id)) {
            unknown_step(join("standards", id), id);
        }
        let mut found: IndexMap<(&str, &str), bool> = IndexMap::new();
        for (id, of_step) in card.standards.iter().filter(|(id, _)| known(id)) {
            found.extend(of_step.keys().map(|name| ((id.as_str(), name.as_str()), false)));
        }
        let mut sheets = Vec::with_capacity(sops.len());
        for (number, sop) in sops.iter().enumerate() {
            sheets.push(Sheet::of(card, check, number as u32, sop, &mut found));
        }
        for ((id, name), _) in found.iter().filter(|(_, found)| !**found) {
            let keys = sops.iter().filter_map(|sop| sop.steps().get(*id)).flat_map(|step| crate::sop::standard_keys(&step.standards)).collect::<Vec<_>>();
            let fault = Fault::new("scorecard.unknown_standard", format!("step `{id}` has no standard `{name}`")).at_place(join(&join("standards", id), name));
            faults.push(fault.help(if keys.is_empty() { "it has none".to_owned() } else { format!("its standards: {}", keys.join(", ")) }));
        }
        let store = check.corpus().store();
        let mut feedback = Vec::with_capacity(card.feedback.len());
        for (name, one) in &card.feedback {
            let outcome = store.outcomes.get(name).map(Told::Outcome);
            let numeric = |column: &&AttributeColumn| !column.values.iter().all(|value| matches!(value, Attribute::Text(_)));
            match outcome.or_else(|| store.attributes.get(name).filter(numeric).map(Told::Attribute)) {
                Some(told) => feedback.push((*one, told)),
                None => {
                    let fault = Fault::new("scorecard.unknown_feedback", format!("no conversation has a number or yes/no `{name}`"));
                    faults.push(fault.at_place(join("feedback", name)).help("name an outcome or attribute of the corpus"));
                }
            }
        }
        if faults.is_empty() { Ok(Self { sheets, feedback }) } else { Err(Error::Scorecard(faults)) }
    }

    /// The value of a feedback in a case, and what it is worth.
    pub(super) fn told(&self, number: usize, case: usize) -> Option<(f64, Feedback)> {
        let (feedback, told) = &self.feedback[number];
        told.value(case).map(|value| (value, *feedback))
    }
}

impl Sheet {
    fn of<'b>(card: &'b Scorecard, check: &Check, number: u32, sop: &Sop, found: &mut IndexMap<(&'b str, &'b str), bool>) -> Self {
        let mut sheet = Self {
            parts: Vec::new(),
            of_step: vec![NOWHERE; sop.steps().len()],
            of_rule: Vec::new(),
            feedback: 0,
            deviations: 0,
            of_kind: [NOWHERE; DeviationKind::ALL.len()],
            total: 0.0,
        };
        for (step, id) in sop.steps().keys().enumerate() {
            if let Some(&weight) = card.steps.get(id) {
                sheet.of_step[step] = sheet.parts.len() as u32;
                sheet.parts.push(Part { kind: PartKind::Step, step: step as u32, key: String::new(), name: sop.title(id).to_owned(), rule: NOWHERE, weight });
            }
        }
        for (rule, (step, key, name)) in check.standards_of(number).enumerate() {
            let id = sop.steps().get_index(step as usize).map_or("", |(id, _)| id);
            // A standard is named by its key or by its title.
            let named = card.standards.get_key_value(id).and_then(|(id, of_step)| {
                let (name, weight) = of_step.get_key_value(key).or_else(|| of_step.get_key_value(name))?;
                Some((id.as_str(), name.as_str(), *weight))
            });
            if let Some((id, name, _)) = named {
                found.insert((id, name), true);
            }
            sheet.of_rule.push(if named.is_some() { sheet.parts.len() as u32 } else { NOWHERE });
            let part = |weight| Part { kind: PartKind::Standard, step, key: key.to_owned(), name: name.to_owned(), rule: rule as u32, weight };
            sheet.parts.extend(named.map(|(_, _, weight)| part(weight)));
        }
        sheet.feedback = sheet.parts.len();
        for (name, feedback) in &card.feedback {
            sheet.parts.push(Part { kind: PartKind::Feedback, step: NOWHERE, key: name.clone(), name: name.clone(), rule: NOWHERE, weight: feedback.weight });
        }
        sheet.total = sheet.parts.iter().map(|part| part.weight).sum();
        sheet.deviations = sheet.parts.len();
        for kind in DeviationKind::ALL {
            if let Some(&weight) = card.deviations.get(kind.name()).filter(|weight| **weight < 0.0) {
                sheet.of_kind[kind as usize] = sheet.parts.len() as u32;
                sheet.parts.push(Part {
                    kind: PartKind::Deviation,
                    step: NOWHERE,
                    key: kind.name().to_owned(),
                    name: kind.name().to_owned(),
                    rule: NOWHERE,
                    weight,
                });
            }
        }
        sheet
    }
}

/// What a case gets for a part; for deviations, for one of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mark {
    pub(super) part: u32,
    pub(super) state: PartState,
    pub(super) possible: f64,
    pub(super) got: f64,
    /// The deviation that says why, in the order of the alignment; `NOWHERE` where there is none.
    pub(super) deviation: u32,
    /// The event it rests on; `NOWHERE` where there is none.
    pub(super) event: u32,
    /// How often it was done or met, and how often it could have been.
    pub(super) times: (u32, u32),
}

impl Mark {
    /// Points lost.
    pub(super) fn lost(&self) -> f64 {
        self.possible - self.got
    }
}

/// The sums of a case.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Total {
    pub(super) possible: f64,
    pub(super) got: f64,
    /// What deviations take away, 0 or negative.
    pub(super) penalty: f64,
}

impl Total {
    /// 0 to 100; `None` where nothing counted.
    pub(super) fn score(&self) -> Option<f64> {
        (self.possible > 0.0).then(|| 100.0 * ((self.got + self.penalty) / self.possible).max(0.0))
    }

    /// Points of 100 that one point of this case is worth.
    pub(super) fn scale(&self) -> f64 {
        if self.possible > 0.0 { 100.0 / self.possible } else { 0.0 }
    }
}

/// How often something was in order in a case.
#[derive(Debug, Clone, Copy)]
struct Count {
    good: u32,
    bad: u32,
    accepted: u32,
    unmeasured: u32,
    event: u32,
    deviation: u32,
}

impl Default for Count {
    fn default() -> Self {
        Self { good: 0, bad: 0, accepted: 0, unmeasured: 0, event: NOWHERE, deviation: NOWHERE }
    }
}

/// Marks cases one after the other, in memory that is used again.
#[derive(Default)]
pub(super) struct Marker {
    account: Account,
    counts: Vec<Count>,
    pub(super) marks: Vec<Mark>,
    pub(super) total: Total,
}

impl Marker {
    /// Marks a case: all parts of its sheet in their order, then one mark for each deviation that takes points away.
    /// Gives the number of the SOP, `None` where none takes the case.
    pub(super) fn mark(&mut self, card: &Card<'_>, check: &Check, case: usize) -> Result<Option<u32>> {
        self.marks.clear();
        self.total = Total::default();
        let Some(sop) = check.account(case, &mut self.account)? else { return Ok(None) };
        let sheet = &card.sheets[sop as usize];
        self.count(sheet, check, case);
        for (i, part) in sheet.parts[..sheet.deviations].iter().enumerate() {
            let mark = if i < sheet.feedback { counted(i as u32, part, &self.counts[i]) } else { told(i as u32, part, card.told(i - sheet.feedback, case)) };
            self.total.possible += mark.possible;
            self.total.got += mark.got;
            self.marks.push(mark);
        }
        for (i, d) in self.account.deviations.iter().enumerate().filter(|(_, d)| !d.accepted) {
            let part = sheet.of_kind[d.kind as usize];
            if part != NOWHERE {
                let got = sheet.parts[part as usize].weight;
                self.total.penalty += got;
                self.marks.push(Mark { part, state: PartState::Lost, possible: 0.0, got, deviation: i as u32, event: d.event, times: (0, 1) });
            }
        }
        Ok(Some(sop))
    }

    fn count(&mut self, sheet: &Sheet, check: &Check, case: usize) {
        self.counts.clear();
        self.counts.resize(sheet.feedback, Count::default());
        let part = |of: &[u32], i: u32| of.get(i as usize).copied().filter(|&part| part != NOWHERE).map(|part| part as usize);
        for &(step, event) in &self.account.performed {
            if let Some(part) = part(&sheet.of_step, step) {
                let count = &mut self.counts[part];
                count.good += 1;
                count.event = count.event.min(event);
            }
        }
        for m in check.measured(case) {
            if let Some(part) = part(&sheet.of_rule, m.rule) {
                let count = &mut self.counts[part];
                count.good += u32::from(m.state == State::Met);
                count.unmeasured += u32::from(m.state == State::NotMeasured);
                count.event = count.event.min(m.event);
            }
        }
        for (i, d) in self.account.deviations.iter().enumerate() {
            let part = match d.kind {
                DeviationKind::Skipped => part(&sheet.of_step, d.step),
                DeviationKind::BelowStandard | DeviationKind::Late => part(&sheet.of_rule, d.rule),
                _ => None,
            };
            let Some(part) = part else { continue };
            let count = &mut self.counts[part];
            if d.accepted {
                count.accepted += 1;
            } else {
                count.bad += 1;
                if count.deviation == NOWHERE {
                    (count.deviation, count.event) = (i as u32, d.event);
                }
            }
        }
    }
}

/// The mark of a step or standard: the share of times it was in order.
fn counted(number: u32, part: &Part, count: &Count) -> Mark {
    let all = count.good + count.bad;
    let share = if all > 0 { f64::from(count.good) / f64::from(all) } else { 0.0 };
    let state = match (count.good, count.bad) {
        (0, 0) if count.unmeasured > 0 => PartState::NotMeasured,
        (0, 0) if count.accepted > 0 => PartState::Accepted,
        (0, 0) => PartState::NotDue,
        (_, 0) => PartState::Full,
        (0, _) => PartState::Lost,
        _ => PartState::Partial,
    };
    let possible = if all > 0 { part.weight } else { 0.0 };
    Mark { part: number, state, possible, got: possible * share, deviation: count.deviation, event: count.event, times: (count.good, all) }
}

fn told(number: u32, part: &Part, told: Option<(f64, Feedback)>) -> Mark {
    let share = told.map(|(value, feedback)| ((value - feedback.from) / (feedback.to - feedback.from)).clamp(0.0, 1.0));
    let state = match share {
        None => PartState::NotMeasured,
        Some(1.0) => PartState::Full,
        Some(0.0) => PartState::Lost,
        Some(_) => PartState::Partial,
    };
    let possible = if share.is_some() { part.weight } else { 0.0 };
    Mark { part: number, state, possible, got: possible * share.unwrap_or(0.0), deviation: NOWHERE, event: NOWHERE, times: (0, 0) }
}
