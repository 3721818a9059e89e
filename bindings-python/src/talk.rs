//! `TalkTracks`: wordings gathered, ranked and shown; and the same for a host's own texts and counts.

use std::collections::BTreeMap;

use goldpath::talk::{Feedback, Record, TalkOptions};
use goldpath::text::escape_html;
use pyo3::prelude::*;
use pythonize::pythonize;

use crate::check::Check;
use crate::detect::Matrix;
use crate::errors::{Result, argument};
use crate::table::Table;
use crate::work;

/// What is said at each step, gathered from real conversations, and what comes of each wording (话术).
///
/// >>> turns = [{"speaker": "agent", "text": "hello", "steps": ["open"]}, {"speaker": "customer", "text": "ok"}]
/// >>> corpus = Corpus.from_records([{"id": "c1", "turns": turns}, {"id": "c2", "turns": turns}])
/// >>> talk = TalkTracks.of(corpus.check(example_sop))
/// >>> talk
/// TalkTracks(1 tracks of 3 steps, 2 uses)
/// >>> talk.tracks["text"], talk.snippets(0)[0]["reaction"]
/// (['hello'], 'ok')
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct TalkTracks(goldpath::talk::TalkTracks);

#[pymethods]
impl TalkTracks {
    /// Gathers and ranks what was said at the steps of a check: of `steps`, or of all that the SOP plans for the agent.
    /// `expert` are scripts by step that compete; `names` are taken out of what is shown, with other personal data.
    #[staticmethod]
    #[pyo3(signature = (check, *, steps=None, similarity=0.5, expert=None, names=None, redact=true, emerging=3, progress=None))]
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
        progress: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self> {
        let options = TalkOptions {
            steps: steps.unwrap_or_default(),
            similarity,
            expert: expert.unwrap_or_default().into_iter().collect(),
            names: names.unwrap_or_default(),
            redact,
            emerging,
        };
        work::run(py, progress, |_| Ok(Self(goldpath::talk::TalkTracks::of(&check.check, &options)?)))
    }

    /// One row a track, by step and place.
    #[getter]
    fn tracks(&self) -> Table {
        self.0.tracks().into()
    }

    /// One row a step: how much is known of what is said there, and what is missing.
    #[getter]
    fn coverage(&self) -> Table {
        self.0.coverage().into()
    }

    /// What customers ask and no step answers.
    #[getter]
    fn emerging(&self) -> Table {
        self.0.emerging().into()
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
