//! `Detector` and `Evaluation`: from words to steps.

use std::path::PathBuf;

use goldpath::corpus::Speaker;
use goldpath::detect::{Example, FitOptions, TagOptions, Vectors};
use goldpath::text::escape_html;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pythonize::pythonize;

use crate::corpus::Corpus;
use crate::errors::{Failure, Result, argument};
use crate::table::{Table, paragraph};
use crate::{from_py, work};

/// What finds steps in the words of conversations: rules in a file, or what was learned from labelled turns. Always valid:
/// a faulty file is a `DetectorError` that lists every fault.
///
/// >>> detector = Detector.parse("{format: goldpath/detector/1, rules: [{step: budget, phrases: [预算, budget], question: true}]}")
/// >>> detector
/// Detector(1 rules for 1 steps)
/// >>> corpus = Corpus.from_records([{"id": "c1", "turns": [{"speaker": "agent", "text": "请问预算大概多少？"}]}])
/// >>> detector.tag(corpus).conversation("c1")["turns"][0]["steps"]
/// [{'step': 'budget'}]
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Detector(goldpath::Detector);

/// Numbers of a host: rows of one length, one behind the other.
pub(crate) struct Matrix {
    pub(crate) numbers: Vec<f32>,
    pub(crate) length: usize,
}

impl Matrix {
    /// From anything with `astype` and `shape`, such as a numpy array, or from a list of lists.
    pub(crate) fn of(object: &Bound<'_, PyAny>, what: &str) -> Result<Self> {
        if object.hasattr("astype")? && object.hasattr("shape")? {
            let shape: Vec<usize> = object.getattr("shape")?.extract()?;
            let [_, length] = shape[..] else { return Err(argument(what, format!("{} dimensions, where 2 are expected", shape.len()), "a row a turn")) };
            let bytes = object.call_method1("astype", ("<f4",))?.call_method0("tobytes")?;
            let numbers =
                bytes.cast::<PyBytes>().map_err(PyErr::from)?.as_bytes().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            return Ok(Self { numbers, length });
        }
        let rows: Vec<Vec<f32>> = object.extract().map_err(|_| argument(what, "not rows of numbers", "a numpy array with a row a turn, or a list of lists"))?;
        let length = rows.first().map_or(0, Vec::len);
        if let Some(at) = rows.iter().position(|row| row.len() != length) {
            let fault = goldpath::Fault::new("detector.vector_length", format!("the row has {} numbers, where {length} are expected", rows[at].len()));
            return Err(goldpath::Error::Detector(vec![fault.at_place(format!("{what}[{at}]"))]).into());
        }
        Ok(Self { numbers: rows.concat(), length })
    }

    fn optional(object: Option<&Bound<'_, PyAny>>) -> Result<Option<Self>> {
        object.map(|object| Self::of(object, "vectors")).transpose()
    }

    pub(crate) fn vectors(&self) -> goldpath::Result<Vectors<'_>> {
        Vectors::new(&self.numbers, self.length)
    }
}

fn vectors(matrix: Option<&Matrix>) -> goldpath::Result<Option<Vectors<'_>>> {
    matrix.map(Matrix::vectors).transpose()
}

fn speaker(name: &str) -> Result<Speaker> {
    match name {
        "agent" => Ok(Speaker::Agent),
        "customer" => Ok(Speaker::Customer),
        "system" => Ok(Speaker::System),
        other => Err(argument("speaker", format!("`{other}` is no speaker"), "\"agent\", \"customer\" or \"system\"")),
    }
}

#[derive(FromPyObject)]
enum Label {
    One(String),
    Several(Vec<String>),
}

#[pymethods]
impl Detector {
    /// Reads a file: rules in YAML or JSON, or what `save` wrote.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> Result<Self> {
        Ok(Self(py.detach(|| goldpath::Detector::read(path))?))
    }

    /// Reads rules as YAML or JSON text.
    #[staticmethod]
    fn parse(text: &str) -> Result<Self> {
        Ok(Self(goldpath::Detector::parse(text)?))
    }

    /// Rules from a dict of the same shape as the file.
    #[staticmethod]
    fn from_dict(obj: &Bound<'_, PyAny>) -> Result<Self> {
        let value = from_py::read(obj).map_err(|error| goldpath::Error::Detector(vec![goldpath::Fault::new("detector.wrong_type", error.to_string())]))?;
        Ok(Self(goldpath::Detector::from_value(value)?))
    }

    /// Reads what `to_bytes` gave.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(Self(goldpath::Detector::from_bytes(bytes)?))
    }

    /// Learns from the labelled turns of a corpus; turns without a step are examples of none. `vectors` is a row of numbers
    /// for each turn. With `train_part` only conversations outside the test part (SHA-256 of the id mod 5 = 0) are used.
    ///
    /// >>> turns = [{"speaker": "agent", "text": t, "steps": [s]} for t, s in [("your budget?", "budget"), ("what budget", "budget"), ("hello there", "hello"), ("hello you", "hello")]]
    /// >>> Detector.fit(Corpus.from_records([{"id": "c1", "turns": turns}]), least_examples=2)
    /// Detector(learned from 4 turns, 2 steps)
    #[staticmethod]
    #[pyo3(signature = (corpus, *, vectors=None, least_examples=5, cost=1.0, train_part=false, progress=None))]
    fn fit(
        py: Python<'_>,
        corpus: &Corpus,
        vectors: Option<&Bound<'_, PyAny>>,
        least_examples: u32,
        cost: f32,
        train_part: bool,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self> {
        let (options, matrix) = (FitOptions { least_examples, cost, train_part }, Matrix::optional(vectors)?);
        work::run(py, progress, |progress| Ok(Self(goldpath::Detector::fit_with(&corpus.0, self::vectors(matrix.as_ref())?, &options, progress)?)))
    }

    /// Learns from texts and their steps: each a step, a list of steps, or None. Texts of one group (such as a conversation)
    /// never stand on both sides of a split.
    ///
    /// >>> Detector.fit_examples(["a b", "a c", "x y", "x z"], ["p", "p", "q", "q"], least_examples=2).find(["a d"])["step"]
    /// ['p']
    #[staticmethod]
    #[pyo3(signature = (texts, steps, *, groups=None, speaker="agent", vectors=None, least_examples=5, cost=1.0, progress=None))]
    #[allow(clippy::too_many_arguments)] // keywords of the Python call
    fn fit_examples(
        py: Python<'_>,
        texts: Vec<String>,
        steps: Vec<Option<Label>>,
        groups: Option<Vec<String>>,
        speaker: &str,
        vectors: Option<&Bound<'_, PyAny>>,
        least_examples: u32,
        cost: f32,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self> {
        let (speaker, matrix) = (self::speaker(speaker)?, Matrix::optional(vectors)?);
        if steps.len() != texts.len() || groups.as_ref().is_some_and(|groups| groups.len() != texts.len()) {
            return Err(argument("steps", format!("{} for {} texts", steps.len(), texts.len()), "one a text, and one group a text"));
        }
        let steps: Vec<Vec<&str>> = (steps.iter())
            .map(|label| match label {
                Some(Label::One(step)) => vec![step.as_str()],
                Some(Label::Several(steps)) => steps.iter().map(String::as_str).collect(),
                None => Vec::new(),
            })
            .collect();
        let options = FitOptions { least_examples, cost, train_part: false };
        work::run(py, progress, |progress| {
            let vectors = self::vectors(matrix.as_ref())?;
            vectors.map_or(Ok(()), |vectors| vectors.for_texts(texts.len()))?;
            let examples: Vec<Example<'_>> = (0..texts.len())
                .map(|i| Example {
                    text: &texts[i],
                    speaker,
                    group: groups.as_ref().map_or(&texts[i], |groups| &groups[i]),
                    steps: &steps[i],
                    vector: vectors.map(|vectors| vectors.of(i)),
                })
                .collect();
            Ok(Self(goldpath::Detector::fit_examples(&examples, &options, progress)?))
        })
    }

    /// The corpus with the step events that are found. Events of less probability than `at_least` are not made; with `keep`
    /// those that are there stay.
    #[pyo3(signature = (corpus, *, vectors=None, at_least=0.3, keep=false, progress=None))]
    fn tag(
        &self,
        py: Python<'_>,
        corpus: &Corpus,
        vectors: Option<&Bound<'_, PyAny>>,
        at_least: f64,
        keep: bool,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> Result<Corpus> {
        let matrix = Matrix::optional(vectors)?;
        work::run(py, progress, |progress| {
            let vectors = self::vectors(matrix.as_ref())?;
            Ok(Corpus(self.0.tag_with(&corpus.0, vectors, &TagOptions { at_least, keep }, progress)?))
        })
    }

    /// The likeliest step of each text, its probability, and how far it is ahead of the next; None for no step.
    #[pyo3(signature = (texts, *, speaker="agent", vectors=None))]
    fn find(&self, py: Python<'_>, texts: Vec<String>, speaker: &str, vectors: Option<&Bound<'_, PyAny>>) -> Result<Table> {
        let (speaker, matrix) = (self::speaker(speaker)?, Matrix::optional(vectors)?);
        let found = py.detach(|| self.0.find(&texts, speaker, self::vectors(matrix.as_ref())?))?;
        Ok(found.into())
    }

    /// How well the detector finds what is labelled; with `test_part` among conversations whose SHA-256 of the id is
    /// divided by 5 only.
    ///
    /// >>> corpus = Corpus.from_records([{"id": "c1", "turns": [{"speaker": "agent", "text": "hello", "steps": ["open"]}]}])
    /// >>> found = Detector.parse("{format: goldpath/detector/1, rules: [{step: open, phrases: hello}]}").evaluate(corpus)
    /// >>> found.accuracy, found.steps["recall"]
    /// (1.0, [1.0])
    #[pyo3(signature = (corpus, *, vectors=None, test_part=false))]
    fn evaluate(&self, py: Python<'_>, corpus: &Corpus, vectors: Option<&Bound<'_, PyAny>>, test_part: bool) -> Result<Evaluation> {
        let matrix = Matrix::optional(vectors)?;
        Ok(Evaluation(py.detach(|| self.0.evaluate(&corpus.0, self::vectors(matrix.as_ref())?, test_part))?))
    }

    /// The turns without a step of which a label would teach most, equal texts once.
    #[pyo3(signature = (corpus, most=50, *, vectors=None))]
    fn uncertain(&self, py: Python<'_>, corpus: &Corpus, most: usize, vectors: Option<&Bound<'_, PyAny>>) -> Result<Table> {
        let matrix = Matrix::optional(vectors)?;
        Ok(py.detach(|| self.0.uncertain(&corpus.0, self::vectors(matrix.as_ref())?, most))?.into())
    }

    /// Names of the steps it can find.
    #[getter]
    fn steps(&self) -> Vec<&str> {
        self.0.steps()
    }

    /// Steps that had too few distinct examples to be learned, with how many.
    #[getter]
    fn left_out(&self) -> Vec<(String, u32)> {
        self.0.learned().map_or_else(Vec::new, |learned| learned.left_out().to_vec())
    }

    /// Writes the file that `read` reads.
    fn save(&self, path: PathBuf) -> Result<()> {
        Ok(self.0.save(path)?)
    }

    /// The bytes of that file; the same detector gives the same bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &py.detach(|| self.0.to_bytes()))
    }

    /// JSON Schema of the file of rules, for editors.
    #[staticmethod]
    fn json_schema(py: Python<'_>) -> Result<Bound<'_, PyAny>> {
        Ok(pythonize(py, &goldpath::Detector::json_schema())?)
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        paragraph(&self.0)
    }
}

/// How well a detector finds what is labelled.
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Evaluation(goldpath::detect::Evaluation);

#[pymethods]
impl Evaluation {
    /// Turns that were compared.
    #[getter]
    fn turns(&self) -> u64 {
        self.0.turns
    }

    /// Conversations they are of.
    #[getter]
    fn conversations(&self) -> u64 {
        self.0.conversations
    }

    /// Share of turns of which exactly the labelled steps were found.
    #[getter]
    fn accuracy(&self) -> Option<f64> {
        self.0.accuracy.map(|i| i.estimate)
    }

    /// Its 95 % interval.
    #[getter]
    fn accuracy_interval(&self) -> Option<(f64, f64)> {
        self.0.accuracy.map(|i| (i.low, i.high))
    }

    /// Mean F1 of the labelled steps.
    #[getter]
    fn macro_f1(&self) -> Option<f64> {
        self.0.macro_f1
    }

    /// How far probabilities are from how often they are right, on average.
    #[getter]
    fn calibration_error(&self) -> Option<f64> {
        self.0.calibration_error
    }

    /// One row a step: precision, recall and F1 with their intervals.
    #[getter]
    fn steps(&self) -> Table {
        self.0.steps().into()
    }

    /// One row a pair of a labelled and a found step.
    #[getter]
    fn confusion(&self) -> Table {
        self.0.confusion().into()
    }

    /// One row a tenth of probability: mean probability, and how often it was right.
    #[getter]
    fn calibration(&self) -> Table {
        self.0.calibration().into()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        format!("<p>{}</p>{}", escape_html(&self.0.to_string()), self.0.steps().to_html(30))
    }
}

/// The corpus with the labels of the host.
pub(crate) fn tag_labels(corpus: &Corpus, labels: &[Vec<String>], keep: bool) -> Result<Corpus> {
    Ok(Corpus(corpus.0.tag_labels(labels, &TagOptions { keep, ..TagOptions::default() })?))
}

/// The corpus with the scores of the host.
pub(crate) fn tag_scores(corpus: &Corpus, steps: &[String], scores: &Bound<'_, PyAny>, at_least: f64, keep: bool) -> Result<Corpus, Failure> {
    let scores = Matrix::of(scores, "scores")?;
    Ok(Corpus(corpus.0.tag_scores(steps, &scores.numbers, &TagOptions { at_least, keep })?))
}
