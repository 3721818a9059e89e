//! Steps recognised by example: a linear machine a step, and scores made into probabilities.

use indexmap::IndexMap;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use std::sync::atomic::{AtomicU64, Ordering};

use super::calibrate::{Calibration, Held, Mode};
use super::features::{Features, Scratch, Sparse};
use super::linear::{Machine, Rows, Times};
use crate::corpus::Speaker;
use crate::error::{Error, Fault, Result};
use crate::progress::Progress;
use crate::text::stable_hash;

/// Columns of weights come in groups of so many, one register wide.
const GROUP: usize = 8;
/// Most weights of a detector: features × steps.
const MOST_WEIGHTS: usize = 1 << 28;
/// Up to so many examples calibration takes every fold in turn, each left out once; above, one fold is enough.
const SMALL: usize = 3000;
const FOLDS: u64 = 4;

/// One labelled text.
#[derive(Debug, Clone, Copy)]
pub struct Example<'a> {
    /// What was said.
    pub text: &'a str,
    /// Who said it.
    pub speaker: Speaker,
    /// Conversation it is of: examples of one conversation are never on both sides of a split.
    pub group: &'a str,
    /// Its steps; empty where it is none.
    pub steps: &'a [&'a str],
    /// Its vector, where the host has one.
    pub vector: Option<&'a [f32]>,
}

/// How a detector learns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitOptions {
    /// Steps with fewer distinct examples are left out (and named in [`Learned::left_out`]).
    pub least_examples: u32,
    /// How much an example that is not met costs against simple weights: larger fits closer.
    pub cost: f32,
    /// Whether only the conversations outside the test part (SHA-256 of the id mod 5 = 0) are learned from.
    pub train_part: bool,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self { least_examples: 5, cost: 1.0, train_part: false }
    }
}

/// What a learned detector finds in one text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Number of the likeliest step, `None` where that is no step.
    pub step: Option<u32>,
    /// Its probability.
    pub prob: f64,
    /// How much likelier it is than what comes next, 0 to 1.
    pub margin: f64,
}

/// A detector that was learned.
#[derive(Debug, Clone)]
pub struct Learned {
    /// Steps in the order of their names; the last may be the empty name, for no step.
    pub(super) classes: Vec<String>,
    pub(super) features: Features,
    /// Numbers of a host's vector, 0 where there is none.
    pub(super) vector: usize,
    /// A row a feature, then one a number of the vector; a column a class, rounded up to whole groups.
    pub(super) weights: Vec<f32>,
    pub(super) offsets: Vec<f32>,
    pub(super) calibration: Calibration,
    pub(super) examples: u64,
    pub(super) left_out: Vec<(String, u32)>,
}

/// A distinct text of a fold, with how often it has each class.
struct Distinct<'a> {
    text: &'a str,
    speaker: Speaker,
    vector: Option<&'a [f32]>,
    classes: Vec<(u32, u32)>,
    times: u32,
    fold: u64,
}

impl Distinct<'_> {
    fn times(&self, class: u32) -> Times {
        let yes = self.classes.iter().find(|(c, _)| *c == class).map_or(0, |(_, n)| *n);
        Times { yes: yes as f32, no: (self.times - yes) as f32 }
    }
}

impl Learned {
    /// Learns from examples. The same examples, in whatever order, give the same bytes, whatever the number of threads.
    pub fn fit(examples: &[Example<'_>], options: &FitOptions, progress: &Progress<'_>) -> Result<Self> {
        if !(options.cost > 0.0 && options.cost.is_finite()) {
            return Err(Error::argument("cost", format!("{} is no cost", options.cost), "a number above 0, such as 1"));
        }
        let vector = vector_length(examples)?;
        let (classes, left_out) = classes(examples, options.least_examples);
        if classes.iter().filter(|class| !class.is_empty()).count() < 1 || classes.len() < 2 {
            let fault = Fault::new("detector.few_examples", "there are too few labelled turns to learn from");
            return Err(Error::Detector(vec![
                fault.help(format!("two steps, or one step and turns without, with {} distinct examples each", options.least_examples)),
            ]));
        }
        let (distinct, several) = distinct(examples, &classes);
        let features = Features::learn(distinct.iter().map(|d| (d.text, d.speaker, d.times)));
        progress.step("fit", 0, classes.len() as u64)?;
        let total = features.len() + vector;
        let width = classes.len().next_multiple_of(GROUP);
        if total.saturating_mul(width) > MOST_WEIGHTS {
            let message = format!("{total} features × {} steps are more weights than {MOST_WEIGHTS}", classes.len());
            return Err(Error::Limit(Box::new(Fault::new("detector.too_large", message).help("learn fewer steps at once"))));
        }
        let rows = rows(&distinct, &features);
        let done = AtomicU64::new(0);
        let fitted = (0..classes.len() as u32)
            .into_par_iter()
            .map(|class| {
                let times: Vec<Times> = distinct.iter().map(|d| d.times(class)).collect();
                let (mut machine, mut scores) = (Machine::default(), vec![f32::NAN; distinct.len()]);
                for fold in 0..if examples.len() > SMALL { 1 } else { FOLDS } {
                    let part: Vec<Times> = distinct.iter().zip(&times).map(|(d, &t)| if d.fold == fold { Times::default() } else { t }).collect();
                    machine.fit(&rows, total, &part, options.cost, u64::from(class));
                    for i in (0..distinct.len()).filter(|&i| distinct[i].fold == fold) {
                        scores[i] = machine.score(&rows, i);
                    }
                }
                machine.fit(&rows, total, &times, options.cost, u64::from(class));
                progress.step("fit", 1 + done.fetch_add(1, Ordering::Relaxed), classes.len() as u64)?;
                Ok((machine, scores))
            })
            .collect::<Result<Vec<_>>>()?;
        let held = (0..distinct.len()).filter(|&i| !fitted[0].1[i].is_nan()).map(|i| Held {
            scores: fitted.iter().map(|(_, scores)| f64::from(scores[i])).collect(),
            classes: &distinct[i].classes,
            times: distinct[i].times,
        });
        let calibration = Calibration::fit(&held.collect::<Vec<_>>(), if several { Mode::Several } else { Mode::One });
        let mut weights = vec![0.0; total * width];
        for (class, (machine, _)) in fitted.iter().enumerate() {
            for (feature, &weight) in machine.weights.iter().enumerate() {
                weights[feature * width + class] = weight;
            }
        }
        let offsets = fitted.iter().map(|(machine, _)| machine.offset).collect();
        let mut made = Self { classes, features, vector, weights, offsets, calibration, examples: examples.len() as u64, left_out };
        made.round();
        Ok(made)
    }

    /// Rounds weights to what the file holds, so that a detector finds the same before it is saved and after.
    fn round(&mut self) {
        let width = self.width();
        for row in self.weights.chunks_exact_mut(width) {
            let step = super::file::step(row);
            row.iter_mut().for_each(|w| *w = super::file::whole(*w, step) * step);
        }
    }

    /// Names of the steps it knows, in order.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.classes.iter().map(String::as_str).filter(|class| !class.is_empty())
    }

    /// Steps that had too few distinct examples, with how many.
    pub fn left_out(&self) -> &[(String, u32)] {
        &self.left_out
    }

    /// Whether a turn may have several steps, because some examples had.
    pub fn several(&self) -> bool {
        self.calibration.mode == Mode::Several
    }

    /// Columns of the weights.
    pub(super) fn width(&self) -> usize {
        self.classes.len().next_multiple_of(GROUP)
    }

    fn scores(&self, text: &str, speaker: Speaker, vector: Option<&[f32]>, scratch: &mut Scratch, sparse: &mut Sparse, into: &mut Vec<f32>) {
        let width = self.width();
        into.clear();
        into.resize(width, 0.0);
        let add = |into: &mut [f32], row: usize, value: f32| {
            for (sums, weights) in into.chunks_exact_mut(GROUP).zip(self.weights[row * width..(row + 1) * width].chunks_exact(GROUP)) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += value * weight;
                }
            }
        };
        self.features.vector(text, speaker, scratch, sparse);
        for (&row, &value) in sparse.index.iter().zip(&sparse.value) {
            add(into, row as usize, value);
        }
        if let Some(vector) = vector {
            for (i, value) in unit(vector).enumerate() {
                add(into, self.features.len() + i, value);
            }
        }
        into.truncate(self.classes.len());
        into.iter_mut().zip(&self.offsets).for_each(|(score, offset)| *score += offset);
    }

    /// What stands in one text after another: equal texts are looked at once. Each with all steps of at least so much
    /// probability where a turn may have several, else with the likeliest.
    pub(super) fn read<T: Send + Clone>(&self, texts: &[(&str, Speaker, Option<&[f32]>)], tell: impl Fn(&[f64]) -> T + Sync) -> Vec<T> {
        let mut numbers: FxHashMap<(&str, u8), u32> = FxHashMap::default();
        let mut list: Vec<usize> = Vec::new();
        let of: Vec<u32> = (texts.iter().enumerate())
            .map(|(i, (text, speaker, vector))| {
                let new = list.len() as u32;
                let number = if vector.is_some() { new } else { *numbers.entry((text, *speaker as u8)).or_insert(new) };
                if number == new {
                    list.push(i);
                }
                number
            })
            .collect();
        let told: Vec<T> = list
            .par_chunks(256)
            .flat_map_iter(|chunk| {
                let (mut scratch, mut sparse, mut scores, mut probs) = (Scratch::default(), Sparse::default(), Vec::new(), Vec::new());
                let mut told = Vec::with_capacity(chunk.len());
                for &i in chunk {
                    let (text, speaker, vector) = texts[i];
                    self.scores(text, speaker, vector, &mut scratch, &mut sparse, &mut scores);
                    self.calibration.probabilities(&scores, &mut probs);
                    told.push(tell(&probs));
                }
                told
            })
            .collect();
        if list.len() == texts.len() { told } else { of.iter().map(|&number| told[number as usize].clone()).collect() }
    }

    /// The likeliest step of each text.
    pub fn find(&self, texts: &[(&str, Speaker, Option<&[f32]>)]) -> Result<Vec<Found>> {
        self.check_vectors(texts)?;
        Ok(self.read(texts, |probs| self.top(probs)))
    }

    pub(super) fn check_vectors(&self, texts: &[(&str, Speaker, Option<&[f32]>)]) -> Result<()> {
        for (i, (_, _, vector)) in texts.iter().enumerate() {
            check_vector(i, vector.map_or(0, <[f32]>::len), self.vector, *vector)?;
        }
        Ok(())
    }

    pub(super) fn top(&self, probs: &[f64]) -> Found {
        let mut best = (0, f64::NEG_INFINITY);
        let mut second = f64::NEG_INFINITY;
        for (class, &prob) in probs.iter().enumerate() {
            if prob > best.1 {
                second = best.1;
                best = (class, prob);
            } else if prob > second {
                second = prob;
            }
        }
        let none = self.classes[best.0].is_empty();
        // Where steps go by themselves, the next likeliest answer to a sure step is its absence.
        let margin = if self.several() { (2.0 * best.1 - 1.0).abs() } else { best.1 - second };
        Found { step: (!none).then_some(best.0 as u32), prob: best.1, margin }
    }
}

/// A vector brought to length 1.
fn unit(vector: &[f32]) -> impl Iterator<Item = f32> + '_ {
    let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    let by = if length > 0.0 { length.recip() } else { 0.0 };
    vector.iter().map(move |v| v * by)
}

fn check_vector(i: usize, found: usize, expected: usize, vector: Option<&[f32]>) -> Result<()> {
    if found != expected {
        let fault =
            Fault::new("detector.vector_length", format!("the vector has {found} numbers, where {expected} are expected")).at_place(format!("vectors[{i}]"));
        return Err(Error::Detector(vec![fault.help("one vector a turn, all of one length, as the detector was fitted with")]));
    }
    if vector.is_some_and(|v| v.iter().any(|x| !x.is_finite())) {
        let fault = Fault::new("detector.vector_not_finite", "the vector holds a value that is no number").at_place(format!("vectors[{i}]"));
        return Err(Error::Detector(vec![fault.help("leave turns without a vector out, or give zeros")]));
    }
    Ok(())
}

fn vector_length(examples: &[Example<'_>]) -> Result<usize> {
    let length = examples.first().and_then(|e| e.vector).map_or(0, <[f32]>::len);
    for (i, example) in examples.iter().enumerate() {
        check_vector(i, example.vector.map_or(0, <[f32]>::len), length, example.vector)?;
    }
    Ok(length)
}

/// The classes in the order of their names, and those that have too few distinct texts.
fn classes(examples: &[Example<'_>], least: u32) -> (Vec<String>, Vec<(String, u32)>) {
    let mut texts: IndexMap<&str, rustc_hash::FxHashSet<&str>> = IndexMap::new();
    for example in examples {
        if example.steps.is_empty() {
            texts.entry("").or_default().insert(example.text);
        }
        for step in example.steps {
            texts.entry(step).or_default().insert(example.text);
        }
    }
    texts.sort_unstable_keys();
    // No step stands last.
    if let Some(none) = texts.shift_remove("") {
        texts.insert("", none);
    }
    let (kept, few): (Vec<_>, Vec<_>) = texts.into_iter().partition(|(_, texts)| texts.len() >= least as usize);
    (
        kept.into_iter().map(|(name, _)| name.to_owned()).collect(),
        few.into_iter().filter(|(name, _)| !name.is_empty()).map(|(name, texts)| (name.to_owned(), texts.len() as u32)).collect(),
    )
}

/// The examples as distinct texts per fold, in an order of their own, and whether one of them has several classes.
fn distinct<'a>(examples: &[Example<'a>], classes: &[String]) -> (Vec<Distinct<'a>>, bool) {
    let numbers: FxHashMap<&str, u32> = classes.iter().enumerate().map(|(i, name)| (name.as_str(), i as u32)).collect();
    let mut several = false;
    let fold = |group: &str| {
        let fold = stable_hash(group) % FOLDS;
        if examples.len() > SMALL { fold.min(1) } else { fold }
    };
    let mut list: Vec<Distinct<'a>> = examples
        .iter()
        .filter_map(|e| {
            let named = if e.steps.is_empty() { &[""][..] } else { e.steps };
            let mut own: Vec<(u32, u32)> = named.iter().filter_map(|step| Some((*numbers.get(step)?, 1))).collect();
            own.sort_unstable();
            own.dedup();
            several |= own.len() > 1;
            // An example whose only steps are too rare says nothing of the others: it is left out.
            (!own.is_empty()).then(|| Distinct { text: e.text, speaker: e.speaker, vector: e.vector, classes: own, times: 1, fold: fold(e.group) })
        })
        .collect();
    let same = |a: &Distinct<'_>, b: &Distinct<'_>| {
        (a.text, a.speaker as u8, a.fold).cmp(&(b.text, b.speaker as u8, b.fold)).then_with(|| {
            let bits = |d: &Distinct<'_>| d.vector.unwrap_or_default().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            bits(a).cmp(&bits(b))
        })
    };
    list.sort_by(same);
    list.dedup_by(|later, kept| {
        let equal = same(later, kept).is_eq();
        if equal {
            kept.times += later.times;
            for &(class, n) in &later.classes {
                match kept.classes.iter_mut().find(|(there, _)| *there == class) {
                    Some((_, times)) => *times += n,
                    None => kept.classes.push((class, n)),
                }
            }
        }
        equal
    });
    list.iter_mut().for_each(|d| d.classes.sort_unstable());
    (list, several)
}

fn rows(distinct: &[Distinct<'_>], features: &Features) -> Rows {
    let parts: Vec<Rows> = distinct
        .par_chunks(512)
        .map(|chunk| {
            let (mut scratch, mut sparse, mut rows) = (Scratch::default(), Sparse::default(), Rows::default());
            for d in chunk {
                features.vector(d.text, d.speaker, &mut scratch, &mut sparse);
                if let Some(vector) = d.vector {
                    sparse.index.extend((0..vector.len()).map(|i| (features.len() + i) as u32));
                    sparse.value.extend(unit(vector));
                }
                rows.push(&sparse.index, &sparse.value);
            }
            rows
        })
        .collect();
    let mut all = Rows::default();
    for part in parts {
        all.append(part);
    }
    all
}
