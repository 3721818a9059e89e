//! People and time: skills, declines, trainings, drift, alerts, and the loop of training.

use goldpath::Lang;
use goldpath::coaching::{self, AssessOptions, CoachingEvent, PeopleOptions, PlanSources, Training, TrainingOptions, WatchOptions, from_value};
use goldpath::monitor::{self, Alert, AlertEvent};
use napi::bindgen_prelude::ClassInstance;
use napi::{Env, Result};
use napi_derive::napi;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::clips::ClipLibrary;
use crate::errors::call;
use crate::model::{json, with_sentences};
use crate::review::{Review, language};
use crate::table::Table;
use crate::talk::TalkTracks;
use crate::work::{Later, start};

/// The people of a review: skills, gaps, declines, drift and alerts. What takes time is found when it is first asked for, and kept.
#[napi]
pub struct People(coaching::People);

/// What the facade hands over as JSON.
pub(crate) fn read<T: DeserializeOwned>(name: &str, text: Option<String>) -> goldpath::Result<T> {
    let value = text.map_or_else(|| Value::Object(serde_json::Map::new()), |text| serde_json::from_str(&text).unwrap_or_default());
    from_value(name, value)
}

pub(crate) fn day<T: DeserializeOwned>(name: &str, text: String) -> goldpath::Result<T> {
    from_value(name, Value::String(text))
}

fn all<T: Serialize>(list: &[T], sentence: impl Fn(&T, Lang) -> String) -> String {
    json(&list.iter().map(|item| with_sentences(item, |lang| sentence(item, lang))).collect::<Vec<_>>())
}

/// A training or its sessions, other trainings, and how the effect is looked for.
fn sessions(training: String, options: Option<String>) -> goldpath::Result<(Vec<Training>, Vec<Training>, TrainingOptions)> {
    let sessions = match read("training", Some(training))? {
        list @ Value::Array(_) => from_value("training", list)?,
        one => vec![from_value("training", one)?],
    };
    let mut options: Value = read("options", options)?;
    let also = options.as_object_mut().and_then(|fields| fields.remove("also"));
    let also: Vec<Training> = also.map_or(Ok(vec![]), |also| from_value("options.also", also))?;
    Ok((sessions, also, from_value("options", options)?))
}

#[napi]
impl Review {
    /// The people of the review, found once and kept; with options, found anew.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "options?: PeopleOptions", ts_return_type = "Promise<People>")]
    pub fn people(&self, env: Env, options: Option<String>) -> Result<Later<People>> {
        let review = self.0.clone();
        start(env, None, None, move |_| match options {
            None => review.people().cloned().map(People),
            Some(text) => PeopleOptions::from_value(serde_json::from_str(&text).unwrap_or_default()).and_then(|o| review.people_with(&o)).map(People),
        })
    }

    /// Each skill of each rep with its interval and tier (分层), a row each.
    #[napi(catch_unwind)]
    pub fn reps(&self) -> Result<Table> {
        call(|| self.0.reps().map(Table))
    }

    /// Changes of what people choose and of what customers do, a row each; those that are named first.
    #[napi(catch_unwind)]
    pub fn drift(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.people()?.drift_table())))
    }
}

#[napi]
impl People {
    /// Each skill of each rep with its interval and tier (分层), a row each.
    #[napi(catch_unwind)]
    pub fn skills(&self) -> Table {
        Table(self.0.skills().table())
    }

    /// The skills of one rep.
    #[napi(catch_unwind, ts_return_type = "Array<RepSkill>")]
    pub fn of_rep(&self, rep: String) -> Result<String> {
        call(|| self.0.skills().of_rep(&rep).map(|rows| json(&rows)))
    }

    /// The gaps of a rep (弱项), the most worthwhile first, with own turns and what top reps do.
    #[napi(catch_unwind, ts_return_type = "Array<SkillGap>")]
    pub fn gaps(&self, rep: String) -> Result<String> {
        call(|| self.0.gaps(&rep).map(|gaps| all(&gaps, |gap, lang| gap.sentence(lang))))
    }

    /// A plan of the largest gaps of a rep, to be changed. `talk` fills in the team's best talk tracks of each step with real
    /// snippets, `clips` what to watch.
    #[napi(
        catch_unwind,
        ts_args_type = "rep: string, most?: number | null, talk?: TalkTracks | null, clips?: ClipLibrary | null",
        ts_return_type = "CoachingPlan"
    )]
    pub fn plan(
        &self,
        rep: String,
        most: Option<u32>,
        talk: Option<ClassInstance<'_, TalkTracks>>,
        clips: Option<ClassInstance<'_, ClipLibrary>>,
    ) -> Result<String> {
        let sources = PlanSources { talk: talk.as_ref().map(|talk| &*talk.0), clips: clips.as_ref().map(|clips| &*clips.0) };
        call(|| self.0.plan_with(&rep, most.unwrap_or(3) as usize, sources).map(|plan| json(&plan)))
    }

    /// A rep's ability over time, with its band.
    #[napi(catch_unwind, ts_return_type = "Ability")]
    pub fn ability(&self, rep: String, skill: String) -> Result<String> {
        call(|| self.0.skills().ability(&rep, &skill).map(|found| json(&found)))
    }

    /// How new hires come up to the team in a skill.
    #[napi(catch_unwind, ts_return_type = "Ramp")]
    pub fn ramp(&self, skill: String) -> Result<String> {
        call(|| self.0.skills().ramp(&skill).map(|found| json(&found)))
    }

    /// Declines in the competences, the latest found first.
    #[napi(catch_unwind, ts_return_type = "Array<Decline>")]
    pub fn declines(&self) -> Result<String> {
        call(|| self.0.declines().map(|list| all(list, |decline, lang| decline.sentence(lang))))
    }

    /// The control chart of a rep in a skill.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_args_type = "rep: string, skill: string, options?: WatchOptions",
        ts_return_type = "WatchChart"
    )]
    pub fn watch(&self, rep: String, skill: String, options: Option<String>) -> Result<String> {
        call(|| {
            let options: WatchOptions = read("options", options)?;
            self.0.skills().watch(&rep, &skill, &options).map(|chart| json(&chart))
        })
    }

    /// The effect of a training on a skill, against comparable people who had none of it nor of the trainings in `options.also`.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_args_type = "training: Training | Array<Training>, skill: string, options?: TrainingOptions",
        ts_return_type = "TrainingEffect"
    )]
    pub fn training_effect(&self, training: String, skill: String, options: Option<String>) -> Result<String> {
        call(|| {
            let (sessions, also, options) = sessions(training, options)?;
            let found = self.0.skills().sessions_effect(&sessions, &skill, &also, &options)?;
            Ok(with_sentences(&found, |lang| found.sentence(lang)).to_string())
        })
    }

    /// For whom a training works: its effect among those who stood low and high before, the new and the experienced, each team and
    /// kind of case, and whether these differ.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_args_type = "training: Training | Array<Training>, skill: string, options?: TrainingOptions",
        ts_return_type = "ForWhom"
    )]
    pub fn for_whom(&self, training: String, skill: String, options: Option<String>) -> Result<String> {
        call(|| {
            let (sessions, also, options) = sessions(training, options)?;
            let found = self.0.skills().for_whom(&sessions, &skill, &also, &options)?;
            let mut object = with_sentences(&found, |lang| found.sentence(lang));
            object["groups"] = found.groups.iter().map(|group| with_sentences(group, |lang| group.sentence(lang))).collect();
            Ok(object.to_string())
        })
    }

    /// Assesses a rep's skill on the whole weeks between two days against a pass line.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_args_type = "rep: string, skill: string, start: string, end: string, passLine: number, options?: { sure?: number, least?: number }",
        ts_return_type = "Assessment"
    )]
    pub fn assess(&self, rep: String, skill: String, start: String, end: String, pass_line: f64, options: Option<String>) -> Result<String> {
        call(|| {
            let options: AssessOptions = read("options", options)?;
            let found = self.0.skills().assess(&rep, &skill, day("start", start)?, day("end", end)?, pass_line, &options)?;
            Ok(with_sentences(&found, |lang| found.sentence(lang)).to_string())
        })
    }

    /// Changes of what people choose and of what customers do; those that are named first.
    #[napi(catch_unwind, ts_return_type = "Array<Drift>")]
    pub fn drift(&self) -> String {
        all(self.0.drift(), |drift, lang| drift.sentence(lang))
    }

    /// Everything that changed and deserves a look, the latest first; the same cases give the same alerts.
    #[napi(catch_unwind, ts_return_type = "Array<Alert>")]
    pub fn alerts(&self) -> Result<String> {
        call(|| self.0.alerts().map(|list| all(&list, |alert, lang| alert.sentence(lang))))
    }

    /// Adherence by week, of all, of each team and of each segment.
    #[napi(catch_unwind)]
    pub fn execution(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.execution()?.table())))
    }

    /// Each deviation by week, of all, of each team and of each segment.
    #[napi(catch_unwind)]
    pub fn deviations_by_week(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.execution()?.deviations_table())))
    }

    /// Measures of each rep's conversations (talk share, questions, patience, …), drawn together, a row each; no rows without turns.
    #[napi(catch_unwind)]
    pub fn measures(&self) -> Table {
        Table(self.0.measures_table())
    }

    /// Which conversations to look at, and why.
    #[napi(catch_unwind, ts_return_type = "Array<LookAt>")]
    pub fn look_at(&self, most: Option<u32>) -> Result<String> {
        let one = |look: &coaching::LookAt| {
            let mut object = serde_json::to_value(look).unwrap_or_default();
            if let Value::Object(fields) = &mut object {
                for (name, lang) in [("reasons_en", Lang::En), ("reasons_zh", Lang::Zh)] {
                    fields.insert(name.to_owned(), look.reasons.iter().map(|reason| Value::from(reason.sentence(lang))).collect());
                }
            }
            object
        };
        call(|| self.0.look_at(most.unwrap_or(20) as usize).map(|list| json(&list.iter().map(one).collect::<Vec<_>>())))
    }

    /// Who is below standard (未达标) by what was recorded and by what the cases show, and why.
    #[napi(catch_unwind, ts_return_type = "Array<BelowStandard>")]
    pub fn below_standard(&self, log: ClassInstance<'_, CoachingLog>) -> String {
        all(&self.0.below_standard(&log.0), |one, lang| one.sentence(lang))
    }

    /// The debrief (复盘) of a rep, a team or a case; of all, where nothing is named.
    #[napi(catch_unwind)]
    pub fn debrief(&self, options: Option<DebriefOptions>) -> Result<String> {
        let asked = options.unwrap_or_default();
        call(|| {
            let lang = language(asked.lang)?;
            let found = match (&asked.rep, &asked.case) {
                (Some(rep), _) => self.0.debrief_rep(rep, lang)?,
                (None, Some(case)) => self.0.debrief_case(case, lang)?,
                (None, None) => self.0.debrief_team(asked.team.as_deref(), lang)?,
            };
            Ok(if asked.html.unwrap_or(false) { found.to_html() } else { found.to_markdown() })
        })
    }

    /// The page of a rep as HTML that loads nothing.
    #[napi(catch_unwind, ts_args_type = "rep: string, lang?: Lang, log?: CoachingLog")]
    pub fn rep_page(&self, rep: String, lang: Option<String>, log: Option<ClassInstance<'_, CoachingLog>>) -> Result<String> {
        call(|| self.0.rep_page(&rep, log.as_ref().map(|log| &log.0), language(lang)?))
    }

    /// The heat map of a team, or of all, as HTML that loads nothing.
    #[napi(catch_unwind, ts_args_type = "team?: string | null, lang?: Lang")]
    pub fn team_page(&self, team: Option<String>, lang: Option<String>) -> Result<String> {
        call(|| self.0.team_page(team.as_deref(), language(lang)?))
    }

    /// The monitor page as HTML that loads nothing.
    #[napi(catch_unwind, ts_args_type = "lang?: Lang")]
    pub fn monitor_page(&self, lang: Option<String>) -> Result<String> {
        call(|| self.0.monitor_page(language(lang)?))
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

/// What a debrief is about.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct DebriefOptions {
    /// A rep.
    pub rep: Option<String>,
    /// Id of a conversation or deal.
    pub case: Option<String>,
    /// A team.
    pub team: Option<String>,
    /// HTML; else Markdown.
    pub html: Option<bool>,
    /// English where nothing is said.
    #[napi(ts_type = "Lang")]
    pub lang: Option<String>,
}

/// Where everybody stands in the loop of training (培训—考核—监测—再培训): what its events add up to.
#[napi]
pub struct CoachingLog(pub(crate) coaching::CoachingLog);

#[napi]
impl CoachingLog {
    /// The state that a history gives.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "events: Array<CoachingEvent>")]
    pub fn replay(events: String) -> Result<Self> {
        call(|| {
            let events: Vec<CoachingEvent> = read("events", Some(events))?;
            coaching::CoachingLog::replay(&events).map(Self)
        })
    }

    /// The state with one more event.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "event: CoachingEvent")]
    pub fn apply(&self, event: String) -> Result<CoachingLog> {
        call(|| {
            let event: CoachingEvent = read("event", Some(event))?;
            let mut log = self.0.clone();
            log.apply(&event)?;
            Ok(Self(log))
        })
    }

    /// Where each rep stands with each skill, by rep, then skill.
    #[napi(catch_unwind, getter, ts_return_type = "Array<CoachingTrack>")]
    pub fn tracks(&self) -> String {
        json(&self.0.all_tracks().collect::<Vec<_>>())
    }

    /// The sessions of a training or clip, to be asked for their effect.
    #[napi(catch_unwind, ts_return_type = "Array<Training>")]
    pub fn sessions(&self, id: String) -> String {
        json(&self.0.sessions(&id))
    }

    /// All trainings and watched clips with who had them on which day.
    #[napi(catch_unwind, getter, ts_return_type = "Array<Training>")]
    pub fn trainings(&self) -> String {
        json(&self.0.trainings())
    }

    /// Who is below standard (未达标) on a day by what was recorded, and why.
    #[napi(catch_unwind, ts_return_type = "Array<BelowStandard>")]
    pub fn below_standard(&self, on: String) -> Result<String> {
        call(|| Ok(all(&self.0.below_standard(day("on", on)?), |one, lang| one.sentence(lang))))
    }

    /// The same as a table, a row each.
    #[napi(catch_unwind)]
    pub fn table(&self) -> Table {
        Table(self.0.table())
    }

    /// The state as JSON text: equal for equal histories, in every language.
    #[napi(catch_unwind)]
    pub fn to_json(&self) -> String {
        json(&self.0)
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

/// The alerts that were told, and what came of them: what their events add up to.
#[napi]
pub struct AlertLog(pub(crate) monitor::AlertLog);

#[napi]
impl AlertLog {
    /// The log that a history gives.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "events: Array<AlertEvent>")]
    pub fn replay(events: String) -> Result<Self> {
        call(|| {
            let events: Vec<AlertEvent> = read("events", Some(events))?;
            monitor::AlertLog::replay(&events).map(Self)
        })
    }

    /// The log with one more event.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "event: AlertEvent")]
    pub fn apply(&self, event: String) -> Result<AlertLog> {
        call(|| {
            let event: AlertEvent = read("event", Some(event))?;
            let mut log = self.0.clone();
            log.apply(&event)?;
            Ok(Self(log))
        })
    }

    /// What is new in the alerts of a run, as events to be kept.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "alerts: Array<Alert>", ts_return_type = "Array<AlertEvent>")]
    pub fn news(&self, alerts: String) -> Result<String> {
        call(|| {
            let alerts: Vec<Alert> = read("alerts", Some(alerts))?;
            Ok(json(&self.0.news(&alerts)))
        })
    }

    /// The same as a table, a row each, those begun last first.
    #[napi(catch_unwind)]
    pub fn table(&self) -> Table {
        Table(self.0.table())
    }

    /// The log as JSON text: equal for equal histories, in every language.
    #[napi(catch_unwind)]
    pub fn to_json(&self) -> String {
        json(&self.0)
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }

    /// The alerts, with where they stand and what was done.
    #[napi(catch_unwind, getter, ts_return_type = "Array<KnownAlert>")]
    pub fn alerts(&self) -> String {
        json(&self.0.alerts.values().collect::<Vec<_>>())
    }
}
