//! How good a detector is, and what it should be told next.

use std::collections::BTreeMap;

use super::compile::Reading;
use super::tag::{is_test, labels, said, tags};
use super::{Detector, Kind, Vectors};
use crate::corpus::{Corpus, NONE as NONE_CODE, Speaker};
use crate::error::{Error, Fault, Result};
use crate::progress::Progress;
use crate::stats::{Interval, wilson};
use crate::table::{Column, Table};

/// Bins of probability in which it is compared with how often it is right.
const BINS: usize = 10;
/// Level of the intervals.
const LEVEL: f64 = 0.95;
/// What stands for no step.
const NONE: &str = "(none)";

/// How well a detector finds what is labelled.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// Turns that were compared.
    pub turns: u64,
    /// Conversations they are of.
    pub conversations: u64,
    /// Share of turns of which exactly the labelled steps were found.
    pub accuracy: Option<Interval>,
    /// Mean F1 of the steps that are labelled.
    pub macro_f1: Option<f64>,
    /// How far probabilities are from how often they are right, on average, 0 to 1; `None` where the detector gives none.
    pub calibration_error: Option<f64>,
    steps: Vec<(String, Counts)>,
    confusion: BTreeMap<(String, String), u64>,
    bins: Vec<(u64, f64, u64)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    both: u64,
    found: u64,
    labelled: u64,
}

impl Counts {
    /// F1 = 2J ÷ (1 + J), where J = both ÷ (found or labelled) is a plain share: its Wilson interval carries over.
    fn f1(self) -> Option<Interval> {
        let i = wilson(self.both, self.found + self.labelled - self.both, LEVEL)?;
        let of = |j: f64| 2.0 * j / (1.0 + j);
        Some(Interval { estimate: of(i.estimate), low: of(i.low), high: of(i.high) })
    }
}

impl Evaluation {
    /// One row a step: precision, recall and F1, each with its 95 % interval, and the counts behind them. Turns of one
    /// conversation are taken as independent.
    pub fn steps(&self) -> Table {
        let mut table = Table::new("detector_steps");
        table.push("step", Column::Text(self.steps.iter().map(|(name, _)| Some(name.as_str().into())).collect()));
        let int = |f: fn(&Counts) -> u64| Column::Int(self.steps.iter().map(|(_, c)| Some(f(c) as i64)).collect());
        table.push("labelled", int(|c| c.labelled));
        table.push("found", int(|c| c.found));
        table.push("both", int(|c| c.both));
        let share: [(&str, fn(&Counts) -> Option<Interval>); 3] =
            [("precision", |c| wilson(c.both, c.found, LEVEL)), ("recall", |c| wilson(c.both, c.labelled, LEVEL)), ("f1", |c| c.f1())];
        for (name, of) in share {
            let all: Vec<Option<Interval>> = self.steps.iter().map(|(_, c)| of(c)).collect();
            table.push(name, Column::Float(all.iter().map(|i| i.map(|i| i.estimate)).collect()));
            table.push(format!("{name}_low"), Column::Float(all.iter().map(|i| i.map(|i| i.low)).collect()));
            table.push(format!("{name}_high"), Column::Float(all.iter().map(|i| i.map(|i| i.high)).collect()));
        }
        table
    }

    /// One row a pair of a labelled and a found step (`(none)` for neither), the most frequent first. Where a turn has
    /// several, the steps on which both agree are paired first, and the rest each with all that is left.
    pub fn confusion(&self) -> Table {
        let mut rows: Vec<(&(String, String), u64)> = self.confusion.iter().map(|(pair, &n)| (pair, n)).collect();
        rows.sort_by_key(|&(_, n)| std::cmp::Reverse(n));
        let mut table = Table::new("detector_confusion");
        table.push("labelled", Column::Text(rows.iter().map(|((truth, _), _)| Some(truth.as_str().into())).collect()));
        table.push("found", Column::Text(rows.iter().map(|((_, found), _)| Some(found.as_str().into())).collect()));
        table.push("turns", Column::Int(rows.iter().map(|&(_, n)| Some(n as i64)).collect()));
        table
    }

    /// One row a tenth of probability: how many steps were found with it, the mean probability, and how often it was right.
    pub fn calibration(&self) -> Table {
        let filled: Vec<(usize, &(u64, f64, u64))> = self.bins.iter().enumerate().filter(|(_, (n, ..))| *n > 0).collect();
        let mut table = Table::new("detector_calibration");
        table.push("from", Column::Float(filled.iter().map(|&(i, _)| Some(i as f64 / BINS as f64)).collect()));
        table.push("n", Column::Int(filled.iter().map(|(_, bin)| Some(bin.0 as i64)).collect()));
        table.push("prob", Column::Float(filled.iter().map(|(_, bin)| Some(bin.1 / bin.0 as f64)).collect()));
        table.push("right", Column::Float(filled.iter().map(|(_, bin)| Some(bin.2 as f64 / bin.0 as f64)).collect()));
        table
    }
}

impl std::fmt::Display for Evaluation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Evaluation({} turns of {} conversations", self.turns, self.conversations)?;
        if let Some(accuracy) = self.accuracy {
            write!(f, ", accuracy {:.3} ({:.3} to {:.3})", accuracy.estimate, accuracy.low, accuracy.high)?;
        }
        if let Some(f1) = self.macro_f1 {
            write!(f, ", macro F1 {f1:.3}")?;
        }
        if let Some(error) = self.calibration_error {
            write!(f, ", calibration error {error:.3}")?;
        }
        f.write_str(")")
    }
}

pub(super) fn evaluate(detector: &Detector, corpus: &Corpus, vectors: Option<Vectors<'_>>, test_part: bool) -> Result<Evaluation> {
    let store = corpus.store();
    if store.turns_of.is_empty() {
        let fault = Fault::new("detector.no_labels", "no turn of the corpus is labelled with a step");
        return Err(Error::Detector(vec![fault.help("read it with `steps` in its turns, or label it with tag_labels")]));
    }
    let names = detector.steps();
    let probable = matches!(detector.0, Kind::Learned(_));
    let found = tags(detector, corpus, vectors, 0.0, &Progress::none())?;
    let classes = match &detector.0 {
        Kind::Rules(rules) => &rules.steps,
        Kind::Learned(learned) => &learned.classes,
    };
    let several = detector.learned().is_none_or(super::Learned::several);
    let cases: Vec<usize> = (0..store.len()).filter(|&case| !test_part || is_test(store, case)).collect();
    let all: Vec<(usize, Vec<Vec<u32>>)> = cases.iter().map(|&case| (case, labels(store, case))).collect();
    // As in learning: turns of a side that is never labelled say nothing.
    let mut sides = [false; 3];
    for (case, labels) in &all {
        for (turn, _) in store.turn_range(*case).zip(labels).filter(|(_, steps)| !steps.is_empty()) {
            sides[store.turns.speaker[turn] as usize] = true;
        }
    }
    let mut counts: BTreeMap<String, Counts> = names.iter().map(|name| ((*name).to_owned(), Counts::default())).collect();
    let (mut exact, mut turns, mut bins) = (0, 0, vec![(0, 0.0, 0); BINS]);
    let mut confusion: BTreeMap<(String, String), u64> = BTreeMap::new();
    for (case, labels) in &all {
        let mut of_case = found[*case].iter().peekable();
        for ((number, turn), truth) in store.turn_range(*case).enumerate().zip(labels) {
            let mut here: Vec<(&str, f64)> = Vec::new();
            while let Some(tag) = of_case.next_if(|tag| tag.turn == number as u32) {
                here.push((classes[tag.step as usize].as_str(), f64::from(tag.prob)));
            }
            if !sides[store.turns.speaker[turn] as usize] || (vectors.is_none() && store.turns.text(turn).trim().is_empty()) {
                continue;
            }
            turns += 1;
            let truth: Vec<&str> = truth.iter().filter_map(|&step| store.steps.get(step)).collect();
            if probable {
                for &(step, prob) in &here {
                    let bin = &mut bins[((prob * BINS as f64) as usize).min(BINS - 1)];
                    *bin = (bin.0 + 1, bin.1 + prob, bin.2 + u64::from(truth.contains(&step)));
                }
            }
            if several {
                here.retain(|(_, prob)| *prob >= 0.5);
            }
            for step in &truth {
                counts.entry((*step).to_owned()).or_default().labelled += 1;
            }
            for (step, _) in &here {
                let count = counts.entry((*step).to_owned()).or_default();
                count.found += 1;
                count.both += u64::from(truth.contains(step));
            }
            exact += u64::from(here.len() == truth.len() && here.iter().all(|(step, _)| truth.contains(step)));
            pair(&truth, &here, &mut confusion);
        }
    }
    let steps: Vec<(String, Counts)> = counts.into_iter().filter(|(_, c)| c.found + c.labelled > 0).collect();
    let labelled: Vec<f64> = steps.iter().filter(|(_, c)| c.labelled > 0).filter_map(|(_, c)| c.f1()).map(|i| i.estimate).collect();
    let n: u64 = bins.iter().map(|bin| bin.0).sum();
    Ok(Evaluation {
        turns,
        conversations: cases.len() as u64,
        accuracy: wilson(exact, turns, LEVEL),
        macro_f1: (!labelled.is_empty()).then(|| labelled.iter().sum::<f64>() / labelled.len() as f64),
        calibration_error: (n > 0).then(|| bins.iter().map(|&(_, prob, right)| (prob - right as f64).abs()).sum::<f64>() / n as f64),
        steps,
        confusion,
        bins,
    })
}

fn pair(truth: &[&str], found: &[(&str, f64)], confusion: &mut BTreeMap<(String, String), u64>) {
    let mut add = |truth: &str, found: &str| *confusion.entry((truth.to_owned(), found.to_owned())).or_default() += 1;
    let found: Vec<&str> = found.iter().map(|(step, _)| *step).collect();
    truth.iter().filter(|step| found.contains(step)).for_each(|step| add(step, step));
    let missed: Vec<&str> = truth.iter().copied().filter(|step| !found.contains(step)).collect();
    let extra: Vec<&str> = found.iter().copied().filter(|step| !truth.contains(step)).collect();
    match (missed.is_empty(), extra.is_empty()) {
        (true, true) if truth.is_empty() => add(NONE, NONE),
        (true, true) => {}
        (true, false) => extra.iter().for_each(|step| add(NONE, step)),
        (false, true) => missed.iter().for_each(|step| add(step, NONE)),
        (false, false) => missed.iter().for_each(|truth| extra.iter().for_each(|found| add(truth, found))),
    }
}

pub(super) fn find<S: AsRef<str>>(detector: &Detector, texts: &[S], speaker: Speaker, vectors: Option<Vectors<'_>>) -> Result<Table> {
    vectors.map_or(Ok(()), |vectors| vectors.for_texts(texts.len()))?;
    let (mut steps, mut probs, mut margins) = (Vec::with_capacity(texts.len()), Vec::with_capacity(texts.len()), Vec::with_capacity(texts.len()));
    match &detector.0 {
        Kind::Rules(rules) => {
            let (mut reading, mut found) = (Reading::default(), Vec::new());
            for text in texts {
                rules.begin(&mut reading);
                rules.turn(&mut reading, text.as_ref(), speaker, 0, 1, &mut found);
                steps.push(found.first().map_or(NONE_CODE, |(step, _)| *step));
                probs.push(found.first().map(|(_, prob)| *prob));
                margins.push(None);
            }
        }
        Kind::Learned(learned) => {
            let said: Vec<_> = texts.iter().enumerate().map(|(i, text)| (text.as_ref(), speaker, vectors.map(|vectors| vectors.of(i)))).collect();
            for found in learned.find(&said)? {
                steps.push(found.step.unwrap_or(NONE_CODE));
                probs.push(Some(found.prob));
                margins.push(Some(found.margin));
            }
        }
    }
    let names = detector.steps().into_iter().map(Into::into).collect();
    let mut table = Table::new("detector_found");
    table.push("step", Column::Names { codes: steps, names });
    table.push("prob", Column::Float(probs));
    table.push("margin", Column::Float(margins));
    Ok(table)
}

pub(super) fn uncertain(detector: &Detector, corpus: &Corpus, vectors: Option<Vectors<'_>>, most: usize) -> Result<Table> {
    let store = corpus.store();
    vectors.map_or(Ok(()), |vectors| vectors.for_texts(corpus.turns()))?;
    let mut rows: Vec<(usize, usize, super::Found, u64)> = Vec::new();
    if let Kind::Learned(learned) = &detector.0 {
        let place: Vec<(usize, usize)> = (0..store.len()).flat_map(|case| store.turn_range(case).map(move |turn| (case, turn))).collect();
        let texts: Vec<_> = place.iter().map(|&(_, turn)| said(store, vectors, turn)).collect();
        let known: Vec<bool> = (0..store.len()).flat_map(|case| labels(store, case)).map(|steps| !steps.is_empty()).collect();
        let mut seen: indexmap::IndexMap<&str, usize> = indexmap::IndexMap::new();
        for (i, found) in learned.find(&texts)?.into_iter().enumerate() {
            let text = texts[i].0;
            if known[i] || text.trim().is_empty() {
                continue;
            }
            match seen.get(text) {
                Some(&row) => rows[row].3 += 1,
                None => {
                    seen.insert(text, rows.len());
                    rows.push((place[i].0, place[i].1, found, 1));
                }
            }
        }
        rows.sort_by(|a, b| a.2.margin.total_cmp(&b.2.margin).then(b.3.cmp(&a.3)).then(a.1.cmp(&b.1)));
        rows.truncate(most);
    }
    let mut table = Table::new("detector_uncertain");
    let step = |found: &super::Found| found.step.and_then(|step| detector.learned()?.classes.get(step as usize)).map(|name| name.as_str().into());
    table.push("case_id", Column::Text(rows.iter().map(|&(case, ..)| store.ids.get(case as u32).map(Into::into)).collect()));
    table.push("turn", Column::Int(rows.iter().map(|&(case, turn, ..)| Some((turn - store.turn_range(case).start) as i64)).collect()));
    table.push("text", Column::Text(rows.iter().map(|&(_, turn, ..)| Some(crate::text::redact(store.turns.text(turn), &[]).into())).collect()));
    table.push("step", Column::Text(rows.iter().map(|(_, _, found, _)| step(found)).collect()));
    table.push("prob", Column::Float(rows.iter().map(|(_, _, found, _)| Some(found.prob)).collect()));
    table.push("margin", Column::Float(rows.iter().map(|(_, _, found, _)| Some(found.margin)).collect()));
    table.push("equal_turns", Column::Int(rows.iter().map(|&(.., n)| Some(n as i64)).collect()));
    Ok(table)
}
