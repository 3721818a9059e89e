//! `Detector` and `Evaluation`: from words to steps.

use goldpath::corpus::Speaker;
use goldpath::detect::{FitOptions, TagOptions, Vectors};
use napi::bindgen_prelude::{Buffer, Float32Array, Function, Object, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::corpus::Corpus;
use crate::errors::{Failure, call};
use crate::table::Table;
use crate::work::{Later, ProgressUpdate, start};

/// Rows of numbers, one behind the other: a row a turn.
#[napi(object, object_to_js = false)]
pub struct Rows {
    /// All numbers.
    pub numbers: Float32Array,
    /// Numbers a row.
    pub length: u32,
}

/// How a detector learns.
#[napi(object, object_to_js = false)]
pub struct DetectorFitOptions<'env> {
    /// A vector for each turn of the corpus.
    pub vectors: Option<Rows>,
    /// Steps with fewer distinct examples are left out; 5 where nothing is said.
    pub least_examples: Option<u32>,
    /// How much an example that is not met costs against simple weights; 1 where nothing is said.
    pub cost: Option<f64>,
    /// Whether only conversations outside the test part (SHA-256 of the id mod 5 = 0) are learned from.
    pub train_part: Option<bool>,
    /// Stops the work; the promise is then rejected with the reason of the signal.
    #[napi(ts_type = "AbortSignal")]
    pub signal: Option<Object<'env>>,
    /// Called now and then with how far the work has come.
    #[napi(ts_type = "(update: ProgressUpdate) => void")]
    pub on_progress: Option<Function<'env, ProgressUpdate, Unknown<'static>>>,
}

/// How a corpus is tagged.
#[napi(object, object_to_js = false)]
pub struct DetectorTagOptions<'env> {
    /// A vector for each turn of the corpus.
    pub vectors: Option<Rows>,
    /// Step events of less probability are not made; 0.3 where nothing is said.
    pub at_least: Option<f64>,
    /// Whether step events that are there stay.
    pub keep: Option<bool>,
    /// Stops the work; the promise is then rejected with the reason of the signal.
    #[napi(ts_type = "AbortSignal")]
    pub signal: Option<Object<'env>>,
    /// Called now and then with how far the work has come.
    #[napi(ts_type = "(update: ProgressUpdate) => void")]
    pub on_progress: Option<Function<'env, ProgressUpdate, Unknown<'static>>>,
}

/// How a detector is evaluated, or asked for uncertain turns.
#[napi(object, object_to_js = false)]
pub struct DetectorLookOptions {
    /// A vector for each turn or text.
    pub vectors: Option<Rows>,
    /// Whether only conversations of the test part count.
    pub test_part: Option<bool>,
    /// Who says the texts: `agent` where nothing is said.
    #[napi(ts_type = "'agent' | 'customer' | 'system'")]
    pub speaker: Option<String>,
}

pub(crate) fn vectors(rows: Option<&(Vec<f32>, usize)>) -> goldpath::Result<Option<Vectors<'_>>> {
    rows.map(|(numbers, length)| Vectors::new(numbers, *length)).transpose()
}

pub(crate) fn owned(rows: Option<Rows>) -> Option<(Vec<f32>, usize)> {
    rows.map(|rows| (rows.numbers.to_vec(), rows.length as usize))
}

/// What finds steps in the words of conversations: rules in a file, or what was learned from labelled turns.
#[napi]
pub struct Detector(goldpath::Detector);

#[napi]
impl Detector {
    /// Reads a file: rules in YAML or JSON, or what `save` wrote.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Detector>")]
    pub fn read(env: Env, path: String) -> Result<Later<Detector>> {
        start(env, None, None, move |_| goldpath::Detector::read(path).map(Self))
    }

    /// Reads rules as YAML or JSON text.
    #[napi(catch_unwind)]
    pub fn parse(text: String) -> Result<Self> {
        call(|| goldpath::Detector::parse(&text).map(Self))
    }

    /// Makes a detector of a plain object of the shape of the file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "detector: object")]
    pub fn from_object(json: String) -> Result<Self> {
        call(|| serde_json::from_str(&json).map_or_else(|_| goldpath::Detector::parse(&json), goldpath::Detector::from_value).map(Self))
    }

    /// Reads what `toBytes` gave.
    #[napi(catch_unwind)]
    pub fn from_bytes(bytes: Buffer) -> Result<Self> {
        call(|| goldpath::Detector::from_bytes(&bytes).map(Self))
    }

    /// Learns from the labelled turns of a corpus; turns without a step are examples of none.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_args_type = "corpus: Corpus, options?: DetectorFitOptions",
        ts_return_type = "Promise<Detector>"
    )]
    pub fn fit(env: Env, corpus: &Corpus, options: Option<DetectorFitOptions<'_>>) -> Result<Later<Detector>> {
        let corpus = corpus.0.clone();
        let plain = FitOptions::default();
        let Some(o) = options else {
            return start(env, None, None, move |progress| goldpath::Detector::fit_with(&corpus, None, &plain, progress).map(Self));
        };
        let fit = FitOptions {
            least_examples: o.least_examples.unwrap_or(plain.least_examples),
            cost: o.cost.map_or(plain.cost, |cost| cost as f32),
            train_part: o.train_part.unwrap_or_default(),
        };
        let rows = owned(o.vectors);
        start(env, o.signal, o.on_progress, move |progress| goldpath::Detector::fit_with(&corpus, vectors(rows.as_ref())?, &fit, progress).map(Self))
    }

    /// The corpus with the step events that are found.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_args_type = "corpus: Corpus, options?: DetectorTagOptions",
        ts_return_type = "Promise<Corpus>"
    )]
    pub fn tag(&self, env: Env, corpus: &Corpus, options: Option<DetectorTagOptions<'_>>) -> Result<Later<Corpus>> {
        let (detector, corpus, plain) = (self.0.clone(), corpus.0.clone(), TagOptions::default());
        let Some(o) = options else {
            return start(env, None, None, move |progress| detector.tag_with(&corpus, None, &plain, progress).map(Corpus));
        };
        let tag = TagOptions { at_least: o.at_least.unwrap_or(plain.at_least), keep: o.keep.unwrap_or_default() };
        let rows = owned(o.vectors);
        start(env, o.signal, o.on_progress, move |progress| detector.tag_with(&corpus, vectors(rows.as_ref())?, &tag, progress).map(Corpus))
    }

    /// The likeliest step of each text, its probability, and how far it is ahead of the next.
    #[napi(catch_unwind)]
    pub fn find(&self, texts: Vec<String>, options: Option<DetectorLookOptions>) -> Result<Table> {
        let (rows, speaker) = options.map_or((None, None), |o| (owned(o.vectors), o.speaker));
        let speaker = match speaker.as_deref() {
            None | Some("agent") => Speaker::Agent,
            Some("customer") => Speaker::Customer,
            Some("system") => Speaker::System,
            Some(other) => return Err(Failure::argument("speaker", format!("`{other}` is no speaker"), "`agent`, `customer` or `system`").into()),
        };
        call(|| self.0.find(&texts, speaker, vectors(rows.as_ref())?).map(Table))
    }

    /// How well the detector finds what is labelled.
    #[napi(catch_unwind, ts_args_type = "corpus: Corpus, options?: DetectorLookOptions", ts_return_type = "Promise<Evaluation>")]
    pub fn evaluate(&self, env: Env, corpus: &Corpus, options: Option<DetectorLookOptions>) -> Result<Later<Evaluation>> {
        let (detector, corpus) = (self.0.clone(), corpus.0.clone());
        let (rows, test) = options.map_or((None, false), |o| (owned(o.vectors), o.test_part.unwrap_or_default()));
        start(env, None, None, move |_| detector.evaluate(&corpus, vectors(rows.as_ref())?, test).map(Evaluation))
    }

    /// The turns without a step of which a label would teach most, at most so many (50 where nothing is said).
    #[napi(catch_unwind)]
    pub fn uncertain(&self, corpus: &Corpus, most: Option<u32>, options: Option<DetectorLookOptions>) -> Result<Table> {
        let rows = options.and_then(|o| owned(o.vectors));
        call(|| self.0.uncertain(&corpus.0, vectors(rows.as_ref())?, most.unwrap_or(50) as usize).map(Table))
    }

    /// Names of the steps it can find.
    #[napi(catch_unwind, getter)]
    pub fn steps(&self) -> Vec<&str> {
        self.0.steps()
    }

    /// Steps that had too few distinct examples to be learned.
    #[napi(catch_unwind, getter)]
    pub fn left_out(&self) -> Vec<String> {
        self.0.learned().map_or_else(Vec::new, |learned| learned.left_out().iter().map(|(step, _)| step.clone()).collect())
    }

    /// Writes the file that `read` reads.
    #[napi(catch_unwind)]
    pub fn save(&self, path: String) -> Result<()> {
        call(|| self.0.save(path))
    }

    /// The bytes of that file; the same detector gives the same bytes.
    #[napi(catch_unwind)]
    pub fn to_bytes(&self) -> Buffer {
        self.0.to_bytes().into()
    }

    /// The JSON Schema of the file of rules.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Record<string, unknown>")]
    pub fn json_schema() -> String {
        goldpath::Detector::json_schema().to_string()
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

/// How well a detector finds what is labelled.
#[napi]
pub struct Evaluation(goldpath::detect::Evaluation);

#[napi]
impl Evaluation {
    /// Turns that were compared.
    #[napi(catch_unwind, getter)]
    pub fn turns(&self) -> f64 {
        self.0.turns as f64
    }

    /// Conversations they are of.
    #[napi(catch_unwind, getter)]
    pub fn conversations(&self) -> f64 {
        self.0.conversations as f64
    }

    /// Share of turns of which exactly the labelled steps were found.
    #[napi(catch_unwind, getter)]
    pub fn accuracy(&self) -> Option<f64> {
        self.0.accuracy.map(|i| i.estimate)
    }

    /// Its 95 % interval.
    #[napi(catch_unwind, getter, ts_return_type = "[number, number] | null")]
    pub fn accuracy_interval(&self) -> Option<Vec<f64>> {
        self.0.accuracy.map(|i| vec![i.low, i.high])
    }

    /// Mean F1 of the labelled steps.
    #[napi(catch_unwind, getter)]
    pub fn macro_f1(&self) -> Option<f64> {
        self.0.macro_f1
    }

    /// How far probabilities are from how often they are right, on average.
    #[napi(catch_unwind, getter)]
    pub fn calibration_error(&self) -> Option<f64> {
        self.0.calibration_error
    }

    /// One row a step: precision, recall and F1 with their intervals.
    #[napi(catch_unwind)]
    pub fn steps(&self) -> Table {
        Table(self.0.steps())
    }

    /// One row a pair of a labelled and a found step.
    #[napi(catch_unwind)]
    pub fn confusion(&self) -> Table {
        Table(self.0.confusion())
    }

    /// One row a tenth of probability: mean probability, and how often it was right.
    #[napi(catch_unwind)]
    pub fn calibration(&self) -> Table {
        Table(self.0.calibration())
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}
