//! People and time: skills, declines, trainings, drift, alerts, and the loop of training.

use goldpath::Lang;
use goldpath::coaching::{self, AssessOptions, CoachingEvent, PeopleOptions, PlanSources, Training, TrainingOptions, WatchOptions, from_value};
use goldpath::monitor::{self, Alert, AlertEvent};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pythonize::pythonize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::clips::ClipLibrary;
use crate::errors::{Result, argument};
use crate::from_py;
use crate::table::{Table, record, with_table};
use crate::talk::TalkTracks;
use crate::work;

/// The people of a review: skills, gaps, declines, drift and alerts. What takes time is found when it is first asked for, and kept.
///
/// >>> people = review(example_corpus, example_sop).people()
/// >>> people.skills.name, len(people.alerts())
/// ('skills', 0)
#[pyclass(frozen, module = "goldpath")]
pub(crate) struct People(coaching::People);

/// A plain value of Python as JSON.
pub(crate) fn value(name: &str, object: Option<&Bound<'_, PyAny>>) -> Result<Value> {
    let Some(object) = object else { return Ok(Value::Object(serde_json::Map::new())) };
    from_py::read(object).map_err(|error| argument(name, error.to_string(), ""))
}

pub(crate) fn keywords(name: &str, given: Option<&Bound<'_, PyDict>>) -> Result<Value> {
    value(name, given.map(|dict| dict.as_any()))
}

/// A day as text, or anything that is written as one.
pub(crate) fn day<T: DeserializeOwned>(name: &str, text: &Bound<'_, PyAny>) -> Result<T> {
    Ok(from_value(name, Value::String(text.str()?.to_string()))?)
}

/// A record with its sentence in both languages.
fn said<'py>(py: Python<'py>, class: &str, item: &impl Serialize, sentence: impl Fn(Lang) -> String) -> Result<Bound<'py, PyAny>> {
    let fields = pythonize(py, item)?;
    fields.set_item("sentence_en", sentence(Lang::En))?;
    fields.set_item("sentence_zh", sentence(Lang::Zh))?;
    Ok(record(py, class, fields)?)
}

/// The arguments of `training_effect` and `for_whom`.
fn training_asked(
    training: &Bound<'_, PyAny>,
    also: Option<&Bound<'_, PyAny>>,
    options: Option<&Bound<'_, PyDict>>,
) -> Result<(Vec<Training>, Vec<Training>, TrainingOptions)> {
    Ok((trainings("training", Some(training))?, trainings("also", also)?, from_value("options", keywords("options", options)?)?))
}

/// A training, or the sessions of one.
fn trainings(name: &str, given: Option<&Bound<'_, PyAny>>) -> Result<Vec<Training>> {
    let Some(given) = given.filter(|given| !given.is_none()) else { return Ok(vec![]) };
    Ok(match value(name, Some(given))? {
        list @ Value::Array(_) => from_value(name, list)?,
        one => vec![from_value(name, one)?],
    })
}

fn plain<'py>(py: Python<'py>, class: &str, item: &impl Serialize) -> Result<Bound<'py, PyAny>> {
    Ok(record(py, class, pythonize(py, item)?)?)
}

impl People {
    /// Those of a review: as it has them, or anew with options.
    pub(crate) fn of_review(py: Python<'_>, review: &goldpath::Review, options: Option<&Bound<'_, PyDict>>) -> Result<Self> {
        if options.is_none_or(|dict| dict.is_empty()) {
            return work::run(py, None, |_| Ok(Self(review.people()?.clone())));
        }
        let options = PeopleOptions::from_value(keywords("options", options)?)?;
        work::run(py, None, |_| Ok(Self(review.people_with(&options)?)))
    }
}

#[pymethods]
impl People {
    /// Each skill of each rep with its interval and tier (分层), a row each.
    #[getter]
    fn skills(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_| Ok(self.0.skills().table().into()))
    }

    /// The skills of one rep.
    fn of_rep<'py>(&self, py: Python<'py>, rep: &str) -> Result<Vec<Bound<'py, PyAny>>> {
        self.0.skills().of_rep(rep)?.iter().map(|row| plain(py, "RepSkill", row)).collect()
    }

    /// The gaps of a rep (弱项), the most worthwhile first, with own turns and what top reps do.
    fn gaps<'py>(&self, py: Python<'py>, rep: &str) -> Result<Vec<Bound<'py, PyAny>>> {
        let gaps = work::run(py, None, |_| Ok(self.0.gaps(rep)?))?;
        gaps.iter().map(|gap| said(py, "SkillGap", gap, |lang| gap.sentence(lang))).collect()
    }

    /// A plan of the largest gaps of a rep, as a dict to be changed. `talk` (a `TalkTracks`) fills in the team's best talk tracks of
    /// each step with real snippets, `clips` (a `ClipLibrary`) what to watch.
    #[pyo3(signature = (rep, most=3, *, talk=None, clips=None))]
    fn plan<'py>(
        &self,
        py: Python<'py>,
        rep: &str,
        most: usize,
        talk: Option<&Bound<'py, TalkTracks>>,
        clips: Option<&Bound<'py, ClipLibrary>>,
    ) -> Result<Bound<'py, PyAny>> {
        let (talk, clips) = (talk.map(|talk| &*talk.get().0), clips.map(|clips| &*clips.get().0));
        let plan = work::run(py, None, |_| Ok(self.0.plan_with(rep, most, PlanSources { talk, clips })?))?;
        Ok(pythonize(py, &plan)?)
    }

    /// A rep's ability over time, with its band.
    fn ability<'py>(&self, py: Python<'py>, rep: &str, skill: &str) -> Result<Bound<'py, PyAny>> {
        let found = work::run(py, None, |_| Ok(self.0.skills().ability(rep, skill)?))?;
        plain(py, "Ability", &found)
    }

    /// How new hires come up to the team in a skill.
    fn ramp<'py>(&self, py: Python<'py>, skill: &str) -> Result<Bound<'py, PyAny>> {
        let found = work::run(py, None, |_| Ok(self.0.skills().ramp(skill)?))?;
        plain(py, "Ramp", &found)
    }

    /// Declines in the competences, the latest found first.
    fn declines<'py>(&self, py: Python<'py>) -> Result<Vec<Bound<'py, PyAny>>> {
        let found = work::run(py, None, |_| Ok(self.0.declines()?))?;
        found.iter().map(|decline| said(py, "Decline", decline, |lang| decline.sentence(lang))).collect()
    }

    /// The control chart of a rep in a skill; keywords as in `watch` of the options.
    #[pyo3(signature = (rep, skill, **options))]
    fn watch<'py>(&self, py: Python<'py>, rep: &str, skill: &str, options: Option<&Bound<'_, PyDict>>) -> Result<Bound<'py, PyAny>> {
        let options: WatchOptions = from_value("options", keywords("options", options)?)?;
        let found = work::run(py, None, |_| Ok(self.0.skills().watch(rep, skill, &options)?))?;
        plain(py, "WatchChart", &found)
    }

    /// The effect of a training (`{"id", "reps", "date"}`, or a list of its sessions, as of a clip that people watched on several
    /// days) on a skill, against comparable people who had none; `also` lists other trainings. Keywords: `before_weeks`, `after_weeks`, `least`, `level`, `same_team`.
    #[pyo3(signature = (training, skill, also=None, **options))]
    fn training_effect<'py>(
        &self,
        py: Python<'py>,
        training: &Bound<'_, PyAny>,
        skill: &str,
        also: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> Result<Bound<'py, PyAny>> {
        let (sessions, also, options) = training_asked(training, also, options)?;
        let found = work::run(py, None, |_| Ok(self.0.skills().sessions_effect(&sessions, skill, &also, &options)?))?;
        said(py, "TrainingEffect", &found, |lang| found.sentence(lang))
    }

    /// For whom a training works: its effect among those who stood low and high before, the new and the experienced, each team and
    /// kind of case, and whether these differ. Arguments as `training_effect`.
    #[pyo3(signature = (training, skill, also=None, **options))]
    fn for_whom<'py>(
        &self,
        py: Python<'py>,
        training: &Bound<'_, PyAny>,
        skill: &str,
        also: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> Result<Bound<'py, PyAny>> {
        let (sessions, also, options) = training_asked(training, also, options)?;
        let found = work::run(py, None, |_| Ok(self.0.skills().for_whom(&sessions, skill, &also, &options)?))?;
        let fields = pythonize(py, &found)?;
        let groups = found.groups.iter().map(|group| said(py, "GroupEffect", group, |lang| group.sentence(lang))).collect::<Result<Vec<_>>>()?;
        fields.set_item("groups", groups)?;
        fields.set_item("table", Py::new(py, Table::from(found.table()))?)?;
        fields.set_item("sentence_en", found.sentence(Lang::En))?;
        fields.set_item("sentence_zh", found.sentence(Lang::Zh))?;
        Ok(record(py, "ForWhom", fields)?)
    }

    /// Assesses a rep's skill on the whole weeks between two days against a pass line: `pass`, `fail` or `not_enough_data`.
    /// Keywords: `sure`, `least`.
    #[pyo3(signature = (rep, skill, start, end, pass_line, **options))]
    #[allow(clippy::too_many_arguments)] // keywords of the Python call
    fn assess<'py>(
        &self,
        py: Python<'py>,
        rep: &str,
        skill: &str,
        start: &Bound<'_, PyAny>,
        end: &Bound<'_, PyAny>,
        pass_line: f64,
        options: Option<&Bound<'_, PyDict>>,
    ) -> Result<Bound<'py, PyAny>> {
        let options: AssessOptions = from_value("options", keywords("options", options)?)?;
        let found = self.0.skills().assess(rep, skill, day("start", start)?, day("end", end)?, pass_line, &options)?;
        said(py, "Assessment", &found, |lang| found.sentence(lang))
    }

    /// Changes of what people choose and of what customers do; those that are named first.
    fn drift<'py>(&self, py: Python<'py>) -> Result<Vec<Bound<'py, PyAny>>> {
        let found = work::run(py, None, |_| Ok(self.0.drift()))?;
        found.iter().map(|drift| said(py, "Drift", drift, |lang| drift.sentence(lang))).collect()
    }

    /// Everything that changed and deserves a look, the latest first; the same cases give the same alerts.
    fn alerts<'py>(&self, py: Python<'py>) -> Result<Vec<Bound<'py, PyAny>>> {
        let alerts = work::run(py, None, |_| Ok(self.0.alerts()?))?;
        alerts.iter().map(|alert| said(py, "Alert", alert, |lang| alert.sentence(lang))).collect()
    }

    /// Adherence by week, of all, of each team and of each segment.
    #[getter]
    fn execution(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_| Ok(self.0.execution()?.table().into()))
    }

    /// Each deviation by week, of all, of each team and of each segment.
    #[getter]
    fn deviations_by_week(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_| Ok(self.0.execution()?.deviations_table().into()))
    }

    /// Measures of each rep's conversations (talk share, questions, patience, …), drawn together, a row each; no rows without turns.
    #[getter]
    fn measures(&self, py: Python<'_>) -> Result<Table> {
        work::run(py, None, |_| Ok(self.0.measures_table().into()))
    }

    /// Which conversations to look at, and why.
    #[pyo3(signature = (most=20))]
    fn look_at<'py>(&self, py: Python<'py>, most: usize) -> Result<Vec<Bound<'py, PyAny>>> {
        let list = work::run(py, None, |_| Ok(self.0.look_at(most)?))?;
        list.iter()
            .map(|look| {
                let fields = pythonize(py, look)?;
                for (name, lang) in [("reasons_en", Lang::En), ("reasons_zh", Lang::Zh)] {
                    fields.set_item(name, look.reasons.iter().map(|reason| reason.sentence(lang)).collect::<Vec<_>>())?;
                }
                Ok(record(py, "LookAt", fields)?)
            })
            .collect()
    }

    /// Who is below standard (未达标) by what was recorded and by what the cases show, and why.
    fn below_standard<'py>(&self, py: Python<'py>, log: &CoachingLog) -> Result<Vec<Bound<'py, PyAny>>> {
        let list = self.0.below_standard(&log.0);
        list.iter().map(|one| said(py, "BelowStandard", one, |lang| one.sentence(lang))).collect()
    }

    /// The debrief (复盘) of a rep, a team or a case, as Markdown; of all, where nothing is named.
    #[pyo3(signature = (*, rep=None, team=None, case=None, lang="en", html=false))]
    fn debrief(&self, py: Python<'_>, rep: Option<&str>, team: Option<&str>, case: Option<&str>, lang: &str, html: bool) -> Result<String> {
        let lang = lang.parse::<Lang>()?;
        let found = work::run(py, None, |_| {
            Ok(match (rep, case) {
                (Some(rep), _) => self.0.debrief_rep(rep, lang)?,
                (None, Some(case)) => self.0.debrief_case(case, lang)?,
                (None, None) => self.0.debrief_team(team, lang)?,
            })
        })?;
        Ok(if html { found.to_html() } else { found.to_markdown() })
    }

    /// The page of a rep as HTML that loads nothing.
    #[pyo3(signature = (rep, lang="en", log=None))]
    fn rep_page(&self, py: Python<'_>, rep: &str, lang: &str, log: Option<&CoachingLog>) -> Result<String> {
        let (lang, log) = (lang.parse::<Lang>()?, log.map(|log| &log.0));
        work::run(py, None, |_| Ok(self.0.rep_page(rep, log, lang)?))
    }

    /// The heat map of a team, or of all, as HTML that loads nothing.
    #[pyo3(signature = (team=None, lang="en"))]
    fn team_page(&self, py: Python<'_>, team: Option<&str>, lang: &str) -> Result<String> {
        let lang = lang.parse::<Lang>()?;
        work::run(py, None, |_| Ok(self.0.team_page(team, lang)?))
    }

    /// The monitor page as HTML that loads nothing.
    #[pyo3(signature = (lang="en"))]
    fn monitor_page(&self, py: Python<'_>, lang: &str) -> Result<String> {
        let lang = lang.parse::<Lang>()?;
        work::run(py, None, |_| Ok(self.0.monitor_page(lang)?))
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self, py: Python<'_>) -> String {
        py.detach(|| with_table(&self.0, &self.0.skills().table()))
    }
}

/// Where everybody stands in the loop of training (培训—考核—监测—再培训): what its events add up to.
///
/// >>> log = CoachingLog.replay([
/// ...     {"at": "2026-03-02", "event": "assigned", "rep": "ann", "skill": "step:need", "due": "2026-03-20", "goal": 0.7},
/// ...     {"at": "2026-03-10", "event": "trained", "rep": "ann", "skill": "step:need", "training": "t1"},
/// ... ])
/// >>> log.apply({"at": "2026-03-21", "event": "joined", "rep": "bob"}).tracks[0]["stage"]
/// 'trained'
#[pyclass(frozen, eq, module = "goldpath")]
#[derive(PartialEq)]
pub(crate) struct CoachingLog(pub(crate) coaching::CoachingLog);

#[pymethods]
impl CoachingLog {
    /// The state that a history gives.
    #[staticmethod]
    fn replay(events: &Bound<'_, PyAny>) -> Result<Self> {
        let events: Vec<CoachingEvent> = from_value("events", value("events", Some(events))?)?;
        Ok(Self(coaching::CoachingLog::replay(&events)?))
    }

    /// The state with one more event.
    fn apply(&self, event: &Bound<'_, PyAny>) -> Result<Self> {
        let event: CoachingEvent = from_value("event", value("event", Some(event))?)?;
        let mut log = self.0.clone();
        log.apply(&event)?;
        Ok(Self(log))
    }

    /// The same as a table, a row each.
    #[getter]
    fn table(&self) -> Table {
        self.0.table().into()
    }

    /// Where each rep stands with each skill, by rep, then skill.
    #[getter]
    fn tracks<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.all_tracks().collect::<Vec<_>>())?)
    }

    /// The sessions of a training or clip: dicts of `id`, `reps` and `date`, to be asked for their effect.
    fn sessions<'py>(&self, py: Python<'py>, id: &str) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.sessions(id))?)
    }

    /// All trainings and watched clips with who had them on which day.
    #[getter]
    fn trainings<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.trainings())?)
    }

    /// Who is below standard (未达标) on a day by what was recorded, and why.
    fn below_standard<'py>(&self, py: Python<'py>, on: &Bound<'_, PyAny>) -> Result<Vec<Bound<'py, PyAny>>> {
        let list = self.0.below_standard(day("on", on)?);
        list.iter().map(|one| said(py, "BelowStandard", one, |lang| one.sentence(lang))).collect()
    }

    /// The state as JSON text: equal for equal histories, in every language.
    fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        with_table(&self.0, &self.0.table())
    }
}

/// The alerts that were told, and what came of them: what their events add up to.
///
/// >>> log = AlertLog.replay([])
/// >>> log.news(review(example_corpus, example_sop).people().alerts())
/// []
#[pyclass(frozen, eq, module = "goldpath")]
#[derive(PartialEq)]
pub(crate) struct AlertLog(pub(crate) monitor::AlertLog);

#[pymethods]
impl AlertLog {
    /// The log that a history gives.
    #[staticmethod]
    fn replay(events: &Bound<'_, PyAny>) -> Result<Self> {
        let events: Vec<AlertEvent> = from_value("events", value("events", Some(events))?)?;
        Ok(Self(monitor::AlertLog::replay(&events)?))
    }

    /// The log with one more event.
    fn apply(&self, event: &Bound<'_, PyAny>) -> Result<Self> {
        let event: AlertEvent = from_value("event", value("event", Some(event))?)?;
        let mut log = self.0.clone();
        log.apply(&event)?;
        Ok(Self(log))
    }

    /// What is new in the alerts of a run, as events to be kept.
    fn news<'py>(&self, py: Python<'py>, alerts: &Bound<'_, PyAny>) -> Result<Bound<'py, PyAny>> {
        let mut given = vec![];
        for alert in alerts.try_iter()? {
            let alert = alert?;
            let dict = if alert.hasattr("to_dict")? { alert.call_method0("to_dict")? } else { alert };
            given.push(from_value::<Alert>("alerts", value("alerts", Some(&dict))?)?);
        }
        Ok(pythonize(py, &self.0.news(&given))?)
    }

    /// The alerts, with where they stand and what was done.
    #[getter]
    fn alerts<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyAny>> {
        Ok(pythonize(py, &self.0.alerts.values().collect::<Vec<_>>())?)
    }

    /// The same as a table, a row each, those begun last first.
    #[getter]
    fn table(&self) -> Table {
        self.0.table().into()
    }

    /// The log as JSON text: equal for equal histories, in every language.
    fn to_json(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    fn __repr__(&self) -> String {
        self.0.to_string()
    }

    fn _repr_html_(&self) -> String {
        with_table(&self.0, &self.0.table())
    }
}
