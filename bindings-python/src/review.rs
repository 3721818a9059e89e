//! The whole flow in one call.

use std::path::PathBuf;

use goldpath::corpus::Unit;
use goldpath::progress::Progress;
use goldpath::text::escape_html;
use goldpath::{Lang, ReviewOptions};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use pythonize::pythonize;

use crate::check::{Check, finding};
use crate::corpus::Corpus;
use crate::effects;
use crate::errors::Result;
use crate::live::Attributes;
use crate::people::People;
use crate::pilot::PilotPlan;
use crate::table::{Table, record, time};
use crate::talk::TalkTracks;
use crate::{improve, sop, work};

/// The whole analysis (全量分析): preset path beside actual path, and what the partings go with.
///
/// >>> made = review(example_corpus, example_sop)
/// >>> made.summary["cases"], made.summary["fully_conforming"]
/// (2, 1)
/// >>> made.sentences("zh")[0]
/// '2 通会话中有 1 通（50.0%）到目前为止符合 SOP。'
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct Review {
    review: goldpath::Review,
    advisor: PyOnceLock<goldpath::advice::Advisor>,
    #[pyo3(get)]
    /// The check behind the review.
    check: Py<Check>,
}

/// Checks a corpus against its SOP or playbook and says what each choice goes with; with `unit="deal"` in its deals. The outcome
/// `stage_advanced` is given by the check where the conversations carry none of this name. Events whose probability is
/// below `threshold` are left out.
///
/// `adjust_for` names the attributes (or `team`, `channel`) that were known beforehand; where nothing is said, every attribute
/// with 2 to 20 values that does not tell the outcome. Steps in `never_choices` define the outcome and are not judged.
///
/// With `time` the findings compare how long it takes to the outcome: it names a numeric outcome with the days until a case was
/// won or lost (or for which it has been followed while open), or an attribute with the time of the decision.
///
/// >>> review(example_corpus, example_sop, outcome="won", adjust_for=[]).findings[0].verdict
/// 'not_enough_evidence'
#[pyfunction]
#[pyo3(signature = (corpus, sop, outcome=None, unit="conversation", progress=None, threshold=0.5, *, adjust_for=None, never_choices=None, lower_is_better=false, time=None))]
#[allow(clippy::too_many_arguments)] // keywords of the Python call
pub(crate) fn review(
    corpus: &Bound<'_, Corpus>,
    sop: &Bound<'_, PyAny>,
    outcome: Option<String>,
    unit: &str,
    progress: Option<&Bound<'_, PyAny>>,
    threshold: f64,
    adjust_for: Option<Vec<String>>,
    never_choices: Option<Vec<String>>,
    lower_is_better: bool,
    time: Option<String>,
) -> Result<Review> {
    let (py, playbook) = (sop.py(), sop::playbook(sop)?);
    let options =
        ReviewOptions { outcome, unit: unit.parse::<Unit>()?, threshold, adjust_for, never_choices: never_choices.unwrap_or_default(), lower_is_better, time };
    let corpus = &corpus.get().0;
    let review = work::run(py, progress, |progress| Ok(goldpath::Review::of(corpus, playbook, &options, progress)?))?;
    let check = Py::new(py, Check::from(review.check().clone()))?;
    Ok(Review { review, advisor: PyOnceLock::new(), check })
}

impl Review {
    pub(crate) fn findings_of(&self) -> &[goldpath::Finding] {
        self.review.findings()
    }

    pub(crate) fn core(&self) -> &goldpath::Review {
        &self.review
    }
}

#[pymethods]
impl Review {
    /// What is done outside the SOP that works (创新点), proven ones first.
    #[getter]
    fn innovations<'py>(&self, py: Python<'py>) -> Result<Vec<Bound<'py, PyAny>>> {
        let made = work::run(py, None, |_: &Progress<'_>| Ok(self.review.improvements()?))?;
        made.found.innovations.iter().map(|one| improve::innovation(py, one)).collect()
    }

    /// Who led the way to a proven innovation (创新者).
    #[getter]
    fn innovators<'py>(&self, py: Python<'py>) -> Result<Vec<Bound<'py, PyAny>>> {
        let made = work::run(py, None, |_: &Progress<'_>| Ok(self.review.improvements()?))?;
        made.found.innovators.iter().map(|one| improve::innovator(py, one, &made.found.innovations[one.innovation])).collect()
    }

    /// Edits of the SOP that the evidence asks for, the largest honest gain first.
    #[getter]
    fn proposals<'py>(&self, py: Python<'py>) -> Result<Vec<Bound<'py, PyAny>>> {
        let made = work::run(py, None, |_: &Progress<'_>| Ok(self.review.improvements()?))?;
        made.proposals.iter().map(|one| improve::proposal(py, one)).collect()
    }

    /// What has to be said before innovations are read, such as `no_dates`.
    #[getter]
    fn improve_notes(&self, py: Python<'_>) -> Result<Vec<&'static str>> {
        let made = work::run(py, None, |_: &Progress<'_>| Ok(self.review.improvements()?))?;
        Ok(made.found.notes.iter().map(|note| note.name()).collect())
    }

    /// The innovations as a table.
    #[getter]
    fn innovations_table(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_: &Progress<'_>| Ok(self.review.improvements()?.found.table().into()))
    }

    /// The innovators as a table.
    #[getter]
    fn innovators_table(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_: &Progress<'_>| Ok(self.review.improvements()?.found.innovators_table().into()))
    }

    /// How the use of each innovation spread, a row an innovation and period.
    #[getter]
    fn adoption_table(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_: &Progress<'_>| Ok(self.review.improvements()?.found.adoption_table().into()))
    }

    /// Unplanned choices too rare to be compared: nothing is dropped.
    #[getter]
    fn rare_table(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_: &Progress<'_>| Ok(self.review.improvements()?.found.rare_table().into()))
    }

    /// The proposals as a table.
    #[getter]
    fn proposals_table(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_: &Progress<'_>| Ok(self.review.improvements()?.proposals_table().into()))
    }

    /// The best path that the evidence supports: the present SOP with what is proven to be better, under constraints.
    ///
    /// >>> best = review(example_corpus, example_sop).best_path(must_contain=["close"])
    /// >>> best.changed, best.sop == example_sop, best.sentence_en
    /// (False, True, 'Nothing is proven to be better: the present SOP stands.')
    #[pyo3(signature = (*, entry=0, must_contain=None, must_precede=None, may_not_remove=None, penalty=0.002, noise=0.2))]
    #[allow(clippy::too_many_arguments)] // keywords of the Python call
    fn best_path<'py>(
        &self,
        py: Python<'py>,
        entry: usize,
        must_contain: Option<Vec<String>>,
        must_precede: Option<Vec<(String, String)>>,
        may_not_remove: Option<Vec<String>>,
        penalty: f64,
        noise: f64,
    ) -> Result<Bound<'py, PyAny>> {
        let constraints = improve::constraints(must_contain, must_precede, may_not_remove);
        improve::best_path(py, &self.review, &goldpath::improve::BestPathOptions { entry, constraints, penalty, noise })
    }

    /// Holds another version of an SOP against the cases that began up to a day: who would no longer conform (of each rep), what
    /// the change would be expected to bring, and since when the data speak for it. Days are counted from 1970-01-01.
    ///
    /// >>> review(example_corpus, example_sop).backtest(example_sop).conformity["lost"]
    /// 0
    #[pyo3(signature = (sop, as_of=None, entry=0))]
    fn backtest<'py>(&self, py: Python<'py>, sop: &sop::Sop, as_of: Option<&Bound<'py, PyAny>>, entry: usize) -> Result<Bound<'py, PyAny>> {
        improve::backtest(py, &self.review, sop, entry, as_of)
    }

    /// What reps do beside the steps (工作习惯): how soon contacts follow each other, through which channels, at what hour, how fast a
    /// customer is answered; each against those who do otherwise, clear ones first. `utc_offset` in minutes says where days begin.
    ///
    /// >>> len(review(example_corpus, example_sop).habits())
    /// 0
    #[pyo3(signature = (utc_offset=0))]
    fn habits<'py>(&self, py: Python<'py>, utc_offset: i32) -> Result<Vec<Bound<'py, PyAny>>> {
        let found = work::run(py, None, |_: &Progress<'_>| Ok(self.review.habits(utc_offset)?))?;
        found.habits.iter().map(|one| improve::habit(py, one)).collect()
    }

    /// The habits as a table.
    #[pyo3(signature = (utc_offset=0))]
    fn habits_table(&self, py: Python<'_>, utc_offset: i32) -> Result<Table> {
        work::run(py, None, |_: &Progress<'_>| Ok(self.review.habits(utc_offset)?.table().into()))
    }

    /// Plans a pilot (试点) of an innovation's `choice`, or of `{"step", "after"}`: draws who tries it and says how long it takes
    /// to show the smallest effect of interest. Options: `start` and `smallest_effect`, and `design` (`by_rep`, `staggered`,
    /// `by_case`), `alpha`, `power`, `seed`, `reps`, `waves`, `wave_days`, `baseline_days`, `max_days`, `adjust_for`, `lower_is_better`.
    #[pyo3(signature = (choice, **options))]
    fn plan_pilot(&self, py: Python<'_>, choice: &Bound<'_, PyAny>, options: Option<&Bound<'_, PyDict>>) -> Result<PilotPlan> {
        let none = PyDict::new(py);
        PilotPlan::of(py, &self.review, choice, options.unwrap_or(&none))
    }

    /// What each choice goes with: clear ones first, then by size.
    #[getter]
    fn findings<'py>(&self, py: Python<'py>) -> Result<Vec<Bound<'py, PyAny>>> {
        self.review.findings().iter().map(|one| finding(py, one)).collect()
    }

    /// The findings as a table.
    #[getter]
    fn findings_table(&self) -> Table {
        self.review.findings_table().into()
    }

    /// What to do next in a running conversation: the choices open at this point, those with the best evidence first, and
    /// what is better left alone. `attributes` is what is known of the case, such as its segment.
    ///
    /// >>> session = example_sop.live()
    /// >>> advice = review(example_corpus, example_sop).advise(session)
    /// >>> [(one.action, one.step, one.sentence_en) for one in advice.next]
    /// [('do', 'open', 'The SOP plans “open” next.')]
    #[pyo3(signature = (session, attributes=None))]
    fn advise<'py>(&self, py: Python<'py>, session: &crate::live::LiveSession, attributes: Option<&Bound<'py, PyDict>>) -> Result<Bound<'py, PyAny>> {
        let attributes = Attributes::read(attributes)?;
        let advisor = self.advisor.get_or_init(py, || self.review.advisor());
        let advice = advisor.advise(&session.0, |name| attributes.get(name));
        let fields = pythonize(py, &advice)?;
        for (list, of) in [("next", &advice.next), ("avoid", &advice.avoid)] {
            for (one, of) in fields.get_item(list)?.try_iter()?.zip(of) {
                let one = one?;
                one.set_item("finding", of.finding.as_ref().map(|f| finding(py, f)).transpose()?)?;
                one.set_item("sentence_en", of.sentence(Lang::En))?;
                one.set_item("sentence_zh", of.sentence(Lang::Zh))?;
            }
        }
        Ok(record(py, "Advice", fields)?)
    }

    /// What a case could have been expected to bring, had it done some steps where they are planned: the least-cost repaired
    /// path, and what comparable cases that did them brought, as the findings of this review say it.
    ///
    /// >>> review(example_corpus, example_sop).what_if("c2", do=["need"]).repair.cost_after
    /// 0
    #[pyo3(signature = (case_id, r#do))]
    fn what_if<'py>(&self, py: Python<'py>, case_id: &str, r#do: Vec<String>) -> Result<Bound<'py, PyAny>> {
        let found = py.detach(|| self.review.what_if(case_id, &r#do))?;
        effects::what_if(py, &found)
    }

    /// Where the gap in results comes from: of a `rep` or `team` to the top of its kind (or to the one named by `against`), or,
    /// where neither is named, of the complete cases with deviations to those without. Its parts sum to the gap exactly.
    ///
    /// >>> review(example_corpus, example_sop).gap().sentence("en")
    /// 'Between cases with deviations (0.0 %, 1 cases) and cases without (100.0 %, 1 cases) there are too few decided cases to split a gap.'
    #[pyo3(signature = (rep=None, team=None, against=None))]
    fn gap<'py>(&self, py: Python<'py>, rep: Option<String>, team: Option<String>, against: Option<&str>) -> Result<Bound<'py, PyAny>> {
        let of = effects::gap_of(rep, team)?;
        let found = py.detach(|| self.review.gap(&of, against))?;
        effects::gap(py, &found)
    }

    /// What reading `sample` of the decided conversations by hand would have concluded about these findings.
    ///
    /// >>> review(example_corpus, example_sop).sample_bias(1).cases
    /// 2
    fn sample_bias<'py>(&self, py: Python<'py>, sample: u64) -> Result<Bound<'py, PyAny>> {
        let found = py.detach(|| self.review.sample_bias(sample));
        effects::sample_bias(py, &found)
    }

    /// The figures the review opens with; `period` is the first and last day a case began.
    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        let summary = self.review.summary();
        let fields = pythonize(py, &summary)?;
        if let Some((first, last)) = summary.period {
            fields.set_item("period", (time(py, first)?, time(py, last)?))?;
        }
        Ok(fields)
    }

    /// The people of the review, found once and kept; with options, found anew: `adjust_for`, `as_of` (a day as text or date),
    /// `utc_offset` (minutes), `competences`, `tiers`, `level`, `watch`, `drift`.
    ///
    /// >>> review(example_corpus, example_sop).people(tiers={"least": 10}).skills.name
    /// 'skills'
    #[pyo3(signature = (**options))]
    fn people(&self, py: Python<'_>, options: Option<&Bound<'_, PyDict>>) -> Result<People> {
        People::of_review(py, &self.review, options)
    }

    /// What is said in the conversations (话术), compared as the review compares. `TalkTracks.of` takes options.
    #[getter]
    fn talk_tracks(&self, py: Python<'_>) -> Result<TalkTracks> {
        work::run(py, None, |_: &Progress<'_>| Ok(self.review.talk_tracks()?.clone().into()))
    }

    /// What is spoken of (知识点), with the best that is said of it, a row each.
    #[getter]
    fn knowledge_points(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_: &Progress<'_>| Ok(self.review.knowledge_points()?.into()))
    }

    /// Each skill of each rep with its interval and tier (分层), a row each.
    #[getter]
    fn reps(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_: &Progress<'_>| Ok(self.review.reps()?.into()))
    }

    /// Changes of what people choose and of what customers do, a row each; those that are named first.
    #[getter]
    fn drift(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_: &Progress<'_>| Ok(self.review.people()?.drift_table().into()))
    }

    /// The review in a few sentences, the most important first.
    #[pyo3(signature = (lang="en"))]
    fn sentences(&self, lang: &str) -> Result<Vec<String>> {
        Ok(self.review.sentences(lang.parse::<Lang>()?))
    }

    /// The report as one HTML page that loads nothing.
    #[pyo3(signature = (lang="en"))]
    fn to_html(&self, py: Python<'_>, lang: &str) -> Result<String> {
        let lang = lang.parse::<Lang>()?;
        work::run(py, None, |_: &Progress<'_>| Ok(self.review.to_html(lang)?))
    }

    /// Writes the report.
    #[pyo3(signature = (path, lang="en"))]
    fn save(&self, py: Python<'_>, path: PathBuf, lang: &str) -> Result<()> {
        let lang = lang.parse::<Lang>()?;
        work::run(py, None, |_: &Progress<'_>| Ok(self.review.save(path, lang)?))
    }

    fn __repr__(&self) -> String {
        self.review.to_string()
    }

    fn _repr_html_(&self) -> String {
        format!("<p>{}</p>", escape_html(&self.review.sentences(Lang::En).join("\n")).replace('\n', "</p><p>"))
    }
}
