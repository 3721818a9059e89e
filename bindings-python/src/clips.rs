//! `Store` and `ClipLibrary`: what people keep.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use goldpath::clips::{self, ClipChange, ClipQuery, NewClip, Playlist};
use goldpath::store;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use pythonize::pythonize;
use serde::de::DeserializeOwned;

use crate::corpus::Corpus;
use crate::errors::{Result, argument};
use crate::from_py;
use crate::kept::{self, KeptLog};
use crate::table::{Table, record, with_table};

/// One file that remembers: clips, SOP versions, the training loop. One process opens it at a time.
///
/// >>> import tempfile, os
/// >>> with Store.open(os.path.join(tempfile.mkdtemp(), "team.goldpath")) as store:
/// ...     library = store.clips()
/// ...     store.logs()
/// []
/// >>> library
/// ClipLibrary(0 clips, 0 playlists)
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Store(pub(crate) store::Store);

#[pymethods]
impl Store {
    /// Opens the file, and makes it where there is none.
    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf) -> Result<Self> {
        Ok(Self(py.detach(|| store::Store::open(path))?))
    }

    /// The file.
    #[getter]
    fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }

    /// Names of the logs in it.
    fn logs(&self) -> Result<Vec<String>> {
        Ok(self.0.logs()?)
    }

    /// Reads every entry and holds it against its hash; raises for the first that is not what was written.
    fn verify(&self, py: Python<'_>) -> Result<()> {
        Ok(py.detach(|| self.0.verify())?)
    }

    /// A log as JSON lines.
    fn export(&self, py: Python<'_>, log: &str) -> Result<String> {
        Ok(py.detach(|| self.0.export(log))?)
    }

    /// The clip library in it.
    fn clips(&self, py: Python<'_>) -> Result<ClipLibrary> {
        Ok(ClipLibrary(Arc::new(py.detach(|| clips::ClipLibrary::open(self.0.clone()))?)))
    }

    /// The loop of training in it: a log of events that add up to a `CoachingLog`.
    fn coaching(&self, py: Python<'_>) -> Result<KeptLog> {
        kept::coaching(py, self)
    }

    /// The alerts that were told, and what came of them (干预): a log of events that add up to an `AlertLog`.
    fn alerts(&self, py: Python<'_>) -> Result<KeptLog> {
        kept::alerts(py, self)
    }

    /// What was proposed and decided: a log that adds up to a `ProposalBook`.
    fn proposals(&self, py: Python<'_>) -> Result<KeptLog> {
        kept::proposals(py, self)
    }

    /// The versions of the SOPs: a log that adds up to a `SopArchive`.
    fn sops(&self, py: Python<'_>) -> Result<KeptLog> {
        kept::sops(py, self)
    }

    /// Closes the file; what is in the library can still be read, but nothing written.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, pyo3::types::PyTuple>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.0)
    }

    fn _repr_html_(&self, py: Python<'_>) -> Result<String> {
        Ok(with_table(&self.__repr__(), &py.detach(|| self.0.table())?))
    }
}

/// The clip library (剪辑库): moments of real conversations, kept by people and found again. `store.clips()` opens it.
///
/// >>> import tempfile, os
/// >>> corpus = Corpus.from_records([{"id": "c1", "rep": "Ann", "turns": [
/// ...     {"speaker": "customer", "text": "太贵了"}, {"speaker": "agent", "text": "我们来算一笔账"}]}])
/// >>> store = Store.open(os.path.join(tempfile.mkdtemp(), "team.goldpath"))
/// >>> library = store.clips()
/// >>> clip = library.add(corpus, "c1", (0, 1), "算账应对嫌贵", tags=["价格"], at=0)
/// >>> clip
/// Clip('clip-1', '算账应对嫌贵', 2 turns of 'c1')
/// >>> [(hit.clip.id, hit.clip.lines[1]["text"]) for hit in library.search("一笔账")]
/// [('clip-1', '我们来算一笔账')]
/// >>> library.set_playlist("new reps", [clip.id])
/// >>> [hit.clip.title for hit in library.search(playlist="new reps")]
/// ['算账应对嫌贵']
/// >>> store.close()
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct ClipLibrary(pub(crate) Arc<clips::ClipLibrary>);

/// Options by name, read by the rules of the core.
fn options<T: DeserializeOwned>(options: Option<&Bound<'_, PyDict>>, fixed: &Bound<'_, PyDict>) -> Result<T> {
    if let Some(options) = options {
        fixed.update(options.as_mapping())?;
    }
    from_py::read(fixed.as_any()).map_err(|error| argument("options", error.to_string(), ""))
}

/// Milliseconds since 1970 of a datetime or a number; now where nothing is said.
pub(crate) fn moment(at: Option<&Bound<'_, PyAny>>) -> Result<i64> {
    let Some(at) = at.filter(|at| !at.is_none()) else {
        return Ok(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64));
    };
    if let Ok(ms) = at.extract::<i64>() {
        return Ok(ms);
    }
    let seconds: f64 =
        at.call_method0("timestamp").and_then(|seconds| seconds.extract()).map_err(|_| argument("at", "expected a datetime or milliseconds since 1970", ""))?;
    Ok((seconds * 1000.0).round() as i64)
}

fn clip<'py>(py: Python<'py>, clip: &clips::Clip) -> Result<Bound<'py, PyAny>> {
    Ok(record(py, "Clip", pythonize(py, clip)?)?)
}

#[pymethods]
impl ClipLibrary {
    /// Makes a clip of turns of a conversation. Personal data is taken out of its words unless `redact=False`.
    #[pyo3(signature = (corpus, conversation, turns, title, *, at=None, **options))]
    #[allow(clippy::too_many_arguments)]
    fn add<'py>(
        &self,
        py: Python<'py>,
        corpus: &Bound<'py, Corpus>,
        conversation: &str,
        turns: (u32, u32),
        title: &str,
        at: Option<&Bound<'py, PyAny>>,
        options: Option<&Bound<'py, PyDict>>,
    ) -> Result<Bound<'py, PyAny>> {
        let fixed = PyDict::new(py);
        fixed.set_item("conversation", conversation)?;
        fixed.set_item("turns", turns)?;
        fixed.set_item("title", title)?;
        let new: NewClip = self::options(options, &fixed)?;
        let (at, corpus) = (moment(at)?, corpus.get().0.clone());
        clip(py, &py.detach(|| self.0.add(&corpus, new, at))?)
    }

    /// Changes title, note, tags, folder, kind, step or consent of a clip.
    #[pyo3(signature = (id, *, at=None, **options))]
    fn change<'py>(&self, py: Python<'py>, id: &str, at: Option<&Bound<'py, PyAny>>, options: Option<&Bound<'py, PyDict>>) -> Result<Bound<'py, PyAny>> {
        let (change, at): (ClipChange, i64) = (self::options(options, &PyDict::new(py))?, moment(at)?);
        clip(py, &py.detach(|| self.0.change(id, change, at))?)
    }

    /// Takes a clip out; the history keeps that it was there, and why it went.
    #[pyo3(signature = (id, reason, *, at=None))]
    fn remove(&self, py: Python<'_>, id: &str, reason: &str, at: Option<&Bound<'_, PyAny>>) -> Result<()> {
        let at = moment(at)?;
        Ok(py.detach(|| self.0.remove(id, reason, at))?)
    }

    /// Makes a playlist, or puts it in place of that of its name.
    #[pyo3(signature = (name, clips, *, note="", at=None))]
    fn set_playlist(&self, py: Python<'_>, name: String, clips: Vec<String>, note: &str, at: Option<&Bound<'_, PyAny>>) -> Result<()> {
        let at = moment(at)?;
        Ok(py.detach(|| self.0.set_playlist(Playlist { name, note: note.to_owned(), clips }, at))?)
    }

    /// Takes a playlist out; its clips stay.
    #[pyo3(signature = (name, *, at=None))]
    fn remove_playlist(&self, py: Python<'_>, name: &str, at: Option<&Bound<'_, PyAny>>) -> Result<()> {
        let at = moment(at)?;
        Ok(py.detach(|| self.0.remove_playlist(name, at))?)
    }

    /// Writes down that somebody watched a clip.
    #[pyo3(signature = (id, rep, *, at=None))]
    fn watched(&self, py: Python<'_>, id: &str, rep: &str, at: Option<&Bound<'_, PyAny>>) -> Result<()> {
        let at = moment(at)?;
        Ok(py.detach(|| self.0.watched(id, rep, at))?)
    }

    /// Who watched what: dicts of clip, rep and time.
    #[getter]
    fn watches<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.watches())?)
    }

    /// All playlists: dicts of name, note and ids of clips.
    #[getter]
    fn playlists<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.playlists())?)
    }

    /// One clip.
    fn get<'py>(&self, py: Python<'py>, id: &str) -> Result<Bound<'py, PyAny>> {
        clip(py, &self.0.get(id)?)
    }

    /// The clips that are asked for, by words and by `tag`, `step`, `rep`, `team`, `kind`, `folder`, `playlist`,
    /// `conversation`, `most`; those that fit the words best come first.
    #[pyo3(signature = (words=None, **options))]
    fn search<'py>(&self, py: Python<'py>, words: Option<&str>, options: Option<&Bound<'py, PyDict>>) -> Result<Bound<'py, PyList>> {
        let query = query(py, words, options)?;
        let found = py.detach(|| self.0.search(&query));
        let list = PyList::empty(py);
        for hit in found {
            let fields = PyDict::new(py);
            fields.set_item("clip", clip(py, &hit.clip)?)?;
            fields.set_item("score", hit.score)?;
            list.append(record(py, "ClipHit", fields.into_any())?)?;
        }
        Ok(list)
    }

    /// The clips as JSON lines, without personal data and without those whose speakers refused; options as `search`.
    #[pyo3(signature = (words=None, **options))]
    fn to_jsonl(&self, py: Python<'_>, words: Option<&str>, options: Option<&Bound<'_, PyDict>>) -> Result<String> {
        let query = query(py, words, options)?;
        Ok(py.detach(|| self.0.to_jsonl(&query)))
    }

    /// The clips to read, in Markdown; as `to_jsonl`.
    #[pyo3(signature = (words=None, *, lang="en", **options))]
    fn to_markdown(&self, py: Python<'_>, words: Option<&str>, lang: &str, options: Option<&Bound<'_, PyDict>>) -> Result<String> {
        let (query, lang) = (query(py, words, options)?, lang.parse::<goldpath::Lang>()?);
        Ok(py.detach(|| self.0.to_markdown(&query, lang)))
    }

    /// A list to cut media by, as CSV; as `to_jsonl`.
    #[pyo3(signature = (words=None, **options))]
    fn cut_list(&self, py: Python<'_>, words: Option<&str>, options: Option<&Bound<'_, PyDict>>) -> Result<String> {
        let query = query(py, words, options)?;
        Ok(py.detach(|| self.0.cut_list(&query))?)
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    /// The clips as a table, a row each.
    #[getter]
    fn table(&self) -> Table {
        self.0.table().into()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        with_table(&self.0, &self.0.table())
    }
}

fn query(py: Python<'_>, words: Option<&str>, options: Option<&Bound<'_, PyDict>>) -> Result<ClipQuery> {
    let fixed = PyDict::new(py);
    fixed.set_item("words", words)?;
    self::options(options, &fixed)
}

/// Suggestions of a score: what to hand to `add`, with the reason.
pub(crate) fn suggestions<'py>(py: Python<'py>, found: &[clips::ClipSuggestion]) -> Result<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for suggestion in found {
        list.append(record(py, "ClipSuggestion", pythonize(py, suggestion)?)?)?;
    }
    Ok(list)
}
