//! `TalkTracks`: wordings gathered, ranked and shown; and the same for a host's own texts and counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use goldpath::talk::{By, Feedback, FeedbackIndicator, Record, TalkOptions, UseScore};
use goldpath::text::escape_html;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pythonize::{depythonize, pythonize};

use crate::check::{Check, finding};
use crate::detect::Matrix;
use crate::errors::{Result, argument};
use crate::table::Table;
use crate::work;

/// What is said at each step and in answer to what customers raise, gathered from real conversations, compared like with like,
/// and looked up (话术, 知识点).
///
/// >>> turns = [{"speaker": "agent", "text": "hello", "steps": ["open"]}, {"speaker": "customer", "text": "ok"}]
/// >>> corpus = Corpus.from_records([{"id": "c1", "turns": turns}, {"id": "c2", "turns": turns}])
/// >>> talk = TalkTracks.of(corpus.check(example_sop))
/// >>> talk
/// TalkTracks(1 tracks of 3 topics, 2 uses)
/// >>> talk.tracks["text"], talk.snippets(0)[0]["reaction"]
/// (['hello'], 'ok')
/// >>> TalkTracks.from_bytes(talk.to_bytes()).to_bytes() == talk.to_bytes()
/// True
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct TalkTracks(pub(crate) Arc<goldpath::talk::TalkTracks>);

/// Options of the Python call as those of the core.
#[allow(clippy::too_many_arguments)] // keywords of the Python call
fn options(
    steps: Option<Vec<String>>,
    similarity: f64,
    expert: Option<BTreeMap<String, Vec<String>>>,
    names: Option<Vec<String>>,
    redact: bool,
    emerging: u32,
    adjust_for: Option<Vec<String>>,
    criterion: Option<String>,
    scores: Option<&Bound<'_, PyAny>>,
    feedback: Option<Vec<String>>,
    old_after: u32,
) -> Result<TalkOptions> {
    let plain = TalkOptions::default();
    let feedback = feedback.map(|names| names.iter().map(|name| Ok(name.parse()?)).collect::<Result<Vec<FeedbackIndicator>>>()).transpose()?;
    Ok(TalkOptions {
        steps: steps.unwrap_or_default(),
        similarity,
        expert: expert.unwrap_or_default().into_iter().collect(),
        names: names.unwrap_or_default(),
        redact,
        emerging,
        adjust_for: adjust_for.unwrap_or_default(),
        criterion: criterion.unwrap_or(plain.criterion),
        scores: self::scores(scores)?,
        feedback: feedback.unwrap_or(plain.feedback),
        old_after,
    })
}

fn scores(scores: Option<&Bound<'_, PyAny>>) -> Result<Vec<UseScore>> {
    let wrong = |e: &dyn std::fmt::Display| argument("scores", e.to_string(), "a list of {\"conversation\": id, \"turn\": number or None, \"score\": 0 to 1}");
    scores.map_or(Ok(Vec::new()), |scores| depythonize(scores).map_err(|e| wrong(&e)))
}

#[pymethods]
impl TalkTracks {
    /// Gathers and ranks what was said at the steps of a check: of `steps`, or of all that the SOP plans for the agent and all of
    /// the customer. `expert` are scripts by step that compete; `names` are taken out of what is shown, with other personal data.
    /// Wordings are compared within reps, `adjust_for` and what was known before, by `criterion`: "advance", the name of an
    /// outcome, or "score" with `scores`. `feedback` names what is taken for it ("words", "asks", "objects_again",
    /// "talks_more", "leaves", "score").
    #[staticmethod]
    #[pyo3(signature = (check, *, steps=None, similarity=0.5, expert=None, names=None, redact=true, emerging=3, adjust_for=None, criterion=None, scores=None, feedback=None, old_after=90, progress=None))]
    #[allow(clippy::too_many_arguments)] // keywords of the Python call
    fn of(
        py: Python<'_>,
        check: &Check,
        steps: Option<Vec<String>>,
        similarity: f64,
        expert: Option<BTreeMap<String, Vec<String>>>,
        names: Option<Vec<String>>,
        redact: bool,
        emerging: u32,
        adjust_for: Option<Vec<String>>,
        criterion: Option<String>,
        scores: Option<&Bound<'_, PyAny>>,
        feedback: Option<Vec<String>>,
        old_after: u32,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self> {
        let options = options(steps, similarity, expert, names, redact, emerging, adjust_for, criterion, scores, feedback, old_after)?;
        work::run(py, progress, |_| Ok(Self(goldpath::talk::TalkTracks::of(&check.check, &options)?.into())))
    }

    /// Reads what `to_bytes` wrote.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: &[u8]) -> Result<Self> {
        Ok(Self(py.detach(|| goldpath::talk::TalkTracks::from_bytes(bytes))?.into()))
    }

    /// Everything the tracks are made of, as JSON, personal data included.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &py.detach(|| self.0.to_bytes()))
    }

    /// These tracks with other conversations, checked against the same SOP: the same as if all had been there from the start.
    #[pyo3(signature = (check, *, scores=None))]
    fn append(&self, py: Python<'_>, check: &Check, scores: Option<&Bound<'_, PyAny>>) -> Result<Self> {
        let scores = self::scores(scores)?;
        let sum = py.detach(|| {
            let mut sum = goldpath::talk::TalkTracks::clone(&self.0);
            sum.append(&check.check, &scores).map(|()| sum)
        });
        Ok(Self(sum?.into()))
    }

    /// One row a track, by topic and place.
    #[getter]
    fn tracks(&self) -> Table {
        self.0.tracks().into()
    }

    /// One row a topic: how much is known of what is said there, and what is missing.
    #[getter]
    fn coverage(&self) -> Table {
        self.0.coverage().into()
    }

    /// What customers ask and no step answers.
    #[getter]
    fn emerging(&self) -> Table {
        self.0.emerging().into()
    }

    /// One row a topic (知识点): the best that is said of it, and what usually comes next.
    #[getter]
    fn knowledge_points(&self) -> Table {
        self.0.knowledge_points().into()
    }

    /// The tracks of each team by themselves, as counted.
    #[getter]
    fn by_team(&self) -> Result<Table> {
        Ok(self.0.by(By::Team)?.into())
    }

    /// The tracks of each rep by themselves, as counted.
    #[getter]
    fn by_rep(&self) -> Result<Table> {
        Ok(self.0.by(By::Rep)?.into())
    }

    /// Each track with ten uses against the others of its topic: by the criterion, and by the outcome of the check.
    #[getter]
    fn findings<'py>(&self, py: Python<'py>) -> Result<Vec<Bound<'py, PyAny>>> {
        self.0.findings().iter().map(|one| finding(py, one)).collect()
    }

    /// The findings as a table.
    #[getter]
    fn findings_table(&self) -> Table {
        self.0.findings_table().into()
    }

    /// The best tracks and the usual next steps for what a customer says, or for a topic by its id or title: the likeliest topic
    /// first, at most so many.
    #[pyo3(signature = (words, most=3))]
    fn look_up<'py>(&self, py: Python<'py>, words: &str, most: usize) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.look_up(words, most))?)
    }

    /// Real snippets of a track, the one that stands for it first: what was raised, the answer, the reaction.
    #[pyo3(signature = (track, most=10))]
    fn snippets<'py>(&self, py: Python<'py>, track: usize, most: usize) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.snippets(track, most)?)?)
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        format!("<p>{}</p>{}", escape_html(&self.0.to_string()), self.0.tracks().to_html(20))
    }
}

impl From<Arc<goldpath::talk::TalkTracks>> for TalkTracks {
    fn from(talk: Arc<goldpath::talk::TalkTracks>) -> Self {
        Self(talk)
    }
}

/// The cluster of each text: wordings that are nearly the same have one number, the largest cluster 0.
///
/// >>> cluster(["we could split the price", "so, we could split the price?", "good morning"])
/// [0, 0, 1]
#[pyfunction]
#[pyo3(signature = (texts, similarity=0.5))]
pub(crate) fn cluster(py: Python<'_>, texts: Vec<String>, similarity: f64) -> Result<Vec<u32>> {
    Ok(py.detach(|| goldpath::talk::cluster(&texts, similarity))?.of)
}

/// The same by the host's vectors, a row a text: what means the same though it shares no words.
///
/// >>> cluster_vectors([[1.0, 0.1], [0.0, 1.0], [1.0, 0.0]], 0.9)
/// [0, 1, 0]
#[pyfunction]
pub(crate) fn cluster_vectors(py: Python<'_>, vectors: &Bound<'_, PyAny>, similarity: f64) -> Result<Vec<u32>> {
    let matrix = Matrix::of(vectors, "vectors")?;
    Ok(py.detach(|| goldpath::talk::cluster_vectors(matrix.vectors()?, similarity))?.of)
}

/// Ranks tracks by counts: of each its group, how often it went on, and how often it was used.
///
/// >>> table = rank_tracks([0, 0, 0], [1, 45, 20], [1, 100, 100])
/// >>> table["place"], table["clear_winner"]
/// ([2, 1, 3], [False, False, False])
#[pyfunction]
pub(crate) fn rank_tracks(groups: Vec<u32>, hits: Vec<f64>, uses: Vec<f64>) -> Result<Table> {
    if groups.len() != hits.len() || groups.len() != uses.len() {
        return Err(argument("hits", format!("{} groups, {} hits and {} uses", groups.len(), hits.len(), uses.len()), "one of each a track"));
    }
    let records: Vec<Record> = (0..groups.len()).map(|i| Record { group: groups[i], hits: hits[i], n: uses[i], feedback: Feedback::default() }).collect();
    Ok(goldpath::talk::rank(&records)?.table().into())
}
