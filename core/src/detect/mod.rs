//! From words to steps: detectors that find in a conversation what was done.
//!
//! In: a [`Corpus`] with turns, and a [`Detector`]: rules in a file, one that was learned from labelled turns, or the
//! host's own labels and scores ([`Corpus::tag_labels`], [`Corpus::tag_scores`]). Out: the corpus with step events, each
//! with its turns and, where the detector gives one, its probability; how good a detector is ([`Evaluation`]), and which
//! turns are most worth labelling next.
//!
//! ```
//! use goldpath::{Corpus, Detector};
//! let corpus = Corpus::parse(r#"{"id": "c1", "turns": [
//!     {"speaker": "agent", "text": "您好，请问预算大概多少？"},
//!     {"speaker": "customer", "text": "还没有预算"},
//!     {"speaker": "agent", "text": "So no budget yet. Shall we look at a trial?"}]}"#.replace('\n', "").as_bytes())?;
//! let detector = Detector::parse("
//! format: goldpath/detector/1
//! rules:
//!   - {step: budget, phrases: [预算, budget], question: true}
//!   - {step: trial, phrases: [trial], speaker: agent, negation: 4}
//! ")?;
//! let tagged = detector.tag(&corpus)?;
//! assert_eq!(tagged.conversation(0).turns[0].steps[0].step, "budget");
//! assert_eq!(tagged.steps().collect::<Vec<_>>(), ["budget", "trial"]);
//! # Ok::<(), goldpath::Error>(())
//! ```

mod calibrate;
mod compile;
mod evaluate;
mod features;
mod file;
mod host;
mod learned;
mod linear;
mod negation;
mod read;
mod rule;
mod tag;

use std::path::Path;

pub use evaluate::Evaluation;
pub use learned::{Example, FitOptions, Found, Learned};
pub use rule::{Before, Language, Position, Rule, RuleSet, Who};
pub use tag::TagOptions;

use crate::corpus::Corpus;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::sop::Raw;
use compile::Rules;

/// What finds steps in the words of conversations. Always valid: a faulty file is an [`Error::Detector`] that lists
/// every fault.
#[derive(Debug, Clone)]
pub struct Detector(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Rules(Box<Rules>),
    Learned(Box<Learned>),
}

impl Detector {
    /// Reads a file: rules in YAML or JSON, or what [`Detector::save`] wrote of a learned detector.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, [`Error::Detector`] with all faults if it does not hold together.
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let source = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| Error::io(path, error))?;
        let named = |error: Error| if let Error::Detector(faults) = error { read::failed(faults, Some(&source)) } else { error };
        if file::looks_like(&bytes) {
            return Learned::from_bytes(&bytes).map(Self::from).map_err(named);
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let message = format!("not UTF-8 text: byte {} is invalid", error.utf8_error().valid_up_to());
            named(Error::Detector(vec![crate::error::Fault::new("detector.not_utf8", message).help("save the file as UTF-8")]))
        })?;
        read::parse(&text).map_err(|faults| read::failed(faults, Some(&source))).and_then(Self::of_rules).map_err(named)
    }

    /// Reads rules as YAML or JSON text.
    ///
    /// # Errors
    /// [`Error::Detector`] with every fault, each with its line and place and how to mend it.
    pub fn parse(text: &str) -> Result<Self> {
        read::parse(text).map_err(|faults| read::failed(faults, None)).and_then(Self::of_rules)
    }

    /// Rules from a value in memory, such as a parsed JSON object.
    ///
    /// # Errors
    /// As [`Detector::parse`], without lines.
    pub fn from_value(value: serde_json::Value) -> Result<Self> {
        read::rule_set(&Raw::from_json(value)).map_err(|faults| read::failed(faults, None)).and_then(Self::of_rules)
    }

    fn of_rules(set: RuleSet) -> Result<Self> {
        Rules::new(set).map(|rules| Self(Kind::Rules(Box::new(rules))))
    }

    /// Reads what [`Detector::to_bytes`] gave.
    ///
    /// # Errors
    /// [`Error::Detector`] for bytes that are cut short, of a newer format, or no detector.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        if file::looks_like(bytes) {
            return Learned::from_bytes(bytes).map(Self::from);
        }
        Self::parse(&String::from_utf8_lossy(bytes))
    }

    /// Learns from the labelled turns of a corpus: each turn with its steps, and those without as examples of no step.
    /// Turns within an event that are not its first or last are of it where the same side speaks.
    ///
    /// # Errors
    /// [`Error::Detector`] where there is too little to learn from.
    pub fn fit(corpus: &Corpus, options: &FitOptions) -> Result<Self> {
        Self::fit_with(corpus, None, options, &Progress::none())
    }

    /// As [`Detector::fit`], with a vector for each turn of the corpus (all turns one after the other), progress and
    /// cancelling.
    pub fn fit_with(corpus: &Corpus, vectors: Option<Vectors<'_>>, options: &FitOptions, progress: &Progress<'_>) -> Result<Self> {
        tag::fit(corpus, vectors, options, progress).map(Self::from)
    }

    /// Learns from examples in memory.
    ///
    /// # Errors
    /// As [`Detector::fit`].
    pub fn fit_examples(examples: &[Example<'_>], options: &FitOptions, progress: &Progress<'_>) -> Result<Self> {
        Learned::fit(examples, options, progress).map(Self::from)
    }

    /// The corpus with the step events that are found; those that were there are replaced.
    ///
    /// # Errors
    /// [`Error::Detector`] where the detector asks for vectors, or conversations of deals are already joined.
    pub fn tag(&self, corpus: &Corpus) -> Result<Corpus> {
        self.tag_with(corpus, None, &TagOptions::default(), &Progress::none())
    }

    /// As [`Detector::tag`], with vectors, options, progress and cancelling.
    pub fn tag_with(&self, corpus: &Corpus, vectors: Option<Vectors<'_>>, options: &TagOptions, progress: &Progress<'_>) -> Result<Corpus> {
        tag::tag(self, corpus, vectors, options, progress)
    }

    /// The likeliest step of each text, its probability and how far it is ahead of the next; no step where there is none.
    /// Rules take each text for a conversation of one turn; they know no margin.
    ///
    /// # Errors
    /// [`Error::Detector`] where there is not one vector a text.
    pub fn find<S: AsRef<str>>(&self, texts: &[S], speaker: crate::corpus::Speaker, vectors: Option<Vectors<'_>>) -> Result<crate::Table> {
        evaluate::find(self, texts, speaker, vectors)
    }

    /// How well the detector finds what is labelled in a corpus. With `test_part` only conversations whose SHA-256 of the
    /// id is divided by 5 count, which [`FitOptions::train_part`] leaves out.
    ///
    /// # Errors
    /// [`Error::Detector`] where nothing is labelled.
    pub fn evaluate(&self, corpus: &Corpus, vectors: Option<Vectors<'_>>, test_part: bool) -> Result<Evaluation> {
        evaluate::evaluate(self, corpus, vectors, test_part)
    }

    /// The turns of a corpus of which a label would teach most: those whose likeliest step is least ahead of what comes
    /// next, equal texts once; at most so many. Of a detector of rules, the table is empty. Personal data is taken out of the
    /// texts; `case_id` and `turn` say where the whole one stands.
    ///
    /// # Errors
    /// As [`Detector::tag`].
    pub fn uncertain(&self, corpus: &Corpus, vectors: Option<Vectors<'_>>, most: usize) -> Result<crate::Table> {
        evaluate::uncertain(self, corpus, vectors, most)
    }

    /// Names of the steps it can find.
    pub fn steps(&self) -> Vec<&str> {
        match &self.0 {
            Kind::Rules(rules) => rules.steps.iter().map(String::as_str).collect(),
            Kind::Learned(learned) => learned.steps().collect(),
        }
    }

    /// The rules, where it is one of rules.
    pub fn rules(&self) -> Option<&RuleSet> {
        if let Kind::Rules(rules) = &self.0 { Some(&rules.set) } else { None }
    }

    /// What was learned, where it is learned.
    pub fn learned(&self) -> Option<&Learned> {
        if let Kind::Learned(learned) = &self.0 { Some(learned) } else { None }
    }

    /// The file of the detector: YAML of rules, packed numbers of what was learned. The same detector gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Kind::Rules(rules) => serde_saphyr::to_string(&rules.set).unwrap_or_default().into_bytes(),
            Kind::Learned(learned) => learned.to_bytes(),
        }
    }

    /// Writes the file that [`Detector::read`] reads.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        std::fs::write(&path, self.to_bytes()).map_err(|error| Error::io(path.as_ref(), error))
    }

    /// The JSON Schema of the file of rules, generated from the Rust types.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(RuleSet).to_value()
    }
}

impl From<Learned> for Detector {
    fn from(learned: Learned) -> Self {
        Self(Kind::Learned(Box::new(learned)))
    }
}

impl std::fmt::Display for Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Rules(rules) => write!(f, "Detector({} rules for {} steps)", rules.set.rules.len(), rules.steps.len()),
            Kind::Learned(learned) => write!(f, "Detector(learned from {} turns, {} steps)", learned.examples, learned.steps().count()),
        }
    }
}

/// The host's vectors: one a turn, behind each other.
#[derive(Debug, Clone, Copy)]
pub struct Vectors<'a> {
    numbers: &'a [f32],
    length: usize,
}

impl<'a> Vectors<'a> {
    /// Vectors of so many numbers each.
    ///
    /// # Errors
    /// [`Error::Detector`] where the numbers do not divide into whole vectors.
    pub fn new(numbers: &'a [f32], length: usize) -> Result<Self> {
        if length == 0 || !numbers.len().is_multiple_of(length) {
            let message = format!("{} numbers are no whole number of vectors of {length}", numbers.len());
            return Err(Error::Detector(vec![crate::error::Fault::new("detector.vector_length", message).at_place("vectors")]));
        }
        Ok(Self { numbers, length })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.numbers.len() / self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The vector of a number, from 0.
    pub fn of(&self, i: usize) -> &'a [f32] {
        &self.numbers[i * self.length..(i + 1) * self.length]
    }

    /// Refuses vectors that are not one a text or turn.
    ///
    /// # Errors
    /// [`Error::Detector`] with both numbers.
    pub fn for_texts(&self, texts: usize) -> Result<()> {
        if self.len() == texts {
            return Ok(());
        }
        let fault = crate::error::Fault::new("detector.vector_count", format!("there are {} vectors and {texts} texts", self.len())).at_place("vectors");
        Err(Error::Detector(vec![fault.help("one vector a text or turn, in their order")]))
    }
}
