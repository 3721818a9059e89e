//! The loop (培训—考核—监测—再培训): assigned → trained → assessed → monitored → passed, or retraining, for each rep and skill.
//!
//! [`CoachingLog`] is a fold over [`CoachingEvent`]s: the same history gives the same state, in every language, and replaying it
//! rebuilds the state exactly. Where the events are kept is the host's choice; they are plain values.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::assess::{Assessment, AssessmentResult, Kpi};
use crate::error::{Error, Fault, Result};

/// What happened, when, and who says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoachingEvent {
    /// The day.
    pub at: Date,
    /// Who recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What.
    #[serde(flatten)]
    pub what: CoachingStep,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum CoachingStep {
    /// A rep joined.
    Joined {
        /// Who.
        rep: String,
    },
    /// A skill is to be trained.
    Assigned {
        /// Who.
        rep: String,
        /// Key of the skill, or name of an indicator.
        skill: String,
        /// Until when.
        due: Date,
        /// The pass line.
        #[serde(default)]
        goal: Option<f64>,
    },
    /// The assignment was changed.
    Edited {
        /// Who.
        rep: String,
        /// Which skill.
        skill: String,
        /// The new day, where it changed.
        #[serde(default)]
        due: Option<Date>,
        /// The new pass line, where it changed.
        #[serde(default)]
        goal: Option<f64>,
        /// Why.
        #[serde(default)]
        note: Option<String>,
    },
    /// A training was held, or a clip watched.
    Trained {
        /// Who.
        rep: String,
        /// Which skill.
        skill: String,
        /// Id of the training or clip.
        training: String,
    },
    /// The skill was assessed: after training, or while it is being watched.
    Assessed {
        /// What it came to.
        assessment: Assessment,
    },
    /// The time of watching is over: whether the rep kept it up.
    Monitored {
        /// Who.
        rep: String,
        /// Which skill.
        skill: String,
        /// Whether it held.
        kept: bool,
    },
    /// It is no longer wanted.
    Cancelled {
        /// Who.
        rep: String,
        /// Which skill.
        skill: String,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    },
    /// An indicator of the host was set or changed.
    KpiSet {
        /// The indicator.
        kpi: Kpi,
    },
    /// A value of an indicator.
    KpiMeasured {
        /// Who.
        rep: String,
        /// Name of the indicator.
        kpi: String,
        /// The value.
        value: f64,
    },
}

/// Where a rep stands with a skill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// To be trained.
    Assigned,
    /// Trained, to be assessed.
    Trained,
    /// Assessed, and the chances do not tell yet.
    Assessed,
    /// Passed the assessment; watched whether it lasts.
    Monitored,
    /// It lasted.
    Passed,
    /// Below standard: to be trained again.
    Retraining,
    /// No longer wanted.
    Cancelled,
}

impl Stage {
    /// The name, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Trained => "trained",
            Self::Assessed => "assessed",
            Self::Monitored => "monitored",
            Self::Passed => "passed",
            Self::Retraining => "retraining",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A rep's way with a skill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Who.
    pub rep: String,
    /// Which skill.
    pub skill: String,
    /// Where it stands.
    pub stage: Stage,
    /// Since when.
    pub since: Date,
    /// Until when the present stage is due.
    pub due: Option<Date>,
    /// The pass line.
    pub goal: Option<f64>,
    /// It was assessed or trained without ever having been assigned.
    pub unplanned: bool,
    /// How often it was trained.
    pub trainings: Vec<(Date, String)>,
    /// Assessments, in their order.
    pub assessments: Vec<Assessment>,
    /// Rounds: 1, and one more with each retraining.
    pub round: u32,
    /// What was noted, with the day.
    pub notes: Vec<(Date, String)>,
}

/// Why somebody is below standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The assessment was not passed.
    FailedAssessment,
    /// It was passed, and did not last.
    NotKept,
    /// An indicator is on the wrong side of its pass line.
    KpiMissed,
    /// The training is overdue.
    Overdue,
    /// The skill as such is in the lower third, almost surely.
    LowerThird,
}

/// Who needs training again, and why (未达标).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BelowStandard {
    /// Who.
    pub rep: String,
    /// In which skill or indicator.
    pub skill: String,
    /// Why.
    pub why: Why,
    /// Since when; `None` where no day can be named.
    pub since: Option<Date>,
    /// Rounds of training so far.
    pub rounds: u32,
}

impl BelowStandard {
    /// One sentence about it.
    pub fn sentence(&self, lang: crate::words::Lang) -> String {
        crate::words::people::below_standard(self, lang)
    }
}

/// Where everybody stands: a fold over [`CoachingEvent`]s.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CoachingLog {
    /// By rep, then skill.
    pub tracks: BTreeMap<String, BTreeMap<String, Track>>,
    /// The day each rep joined, where it was recorded.
    pub joined: BTreeMap<String, Date>,
    /// Indicators of the host, by name.
    pub kpis: BTreeMap<String, Kpi>,
    /// The last assessment of each rep and indicator.
    pub measured: BTreeMap<String, BTreeMap<String, Assessment>>,
    /// Events taken in.
    pub events: u64,
}

fn refused(code: &'static str, place: &str, message: String, help: &str) -> Error {
    Error::Argument(Box::new(Fault::new(code, message).at_place(place).help(help)))
}

impl CoachingLog {
    /// The state that a history gives.
    ///
    /// ```
    /// use goldpath::coaching::{CoachingEvent, CoachingLog, Stage};
    /// let history: Vec<CoachingEvent> = [
    ///     r#"{"at": "2026-03-02", "event": "assigned", "rep": "ann", "skill": "step:need", "due": "2026-03-20", "goal": 0.7}"#,
    ///     r#"{"at": "2026-03-10", "event": "trained", "rep": "ann", "skill": "step:need", "training": "t1"}"#,
    /// ].iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    /// let log = CoachingLog::replay(&history)?;
    /// assert_eq!(log.track("ann", "step:need").unwrap().stage, Stage::Trained);
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`CoachingLog::apply`], with the number of the event.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a CoachingEvent>) -> Result<Self> {
        let mut log = Self::default();
        for (number, event) in events.into_iter().enumerate() {
            log.apply(event).map_err(|error| match error {
                Error::Argument(fault) => {
                    let place = format!("events[{number}].{}", fault.place.as_deref().unwrap_or_default());
                    Error::Argument(Box::new(fault.at_place(place)))
                }
                other => other,
            })?;
        }
        Ok(log)
    }

    /// All ways, by rep, then skill.
    pub fn all_tracks(&self) -> impl Iterator<Item = &Track> {
        self.tracks.values().flat_map(BTreeMap::values)
    }

    /// Where a rep stands with a skill.
    pub fn track(&self, rep: &str, skill: &str) -> Option<&Track> {
        self.tracks.get(rep)?.get(skill)
    }

    /// Takes in one event; the state does not change where it is refused.
    ///
    /// # Errors
    /// [`Error::Argument`]: `coaching.not_assigned` where something is changed or watched that was never begun, `coaching.order`
    /// where it does not follow from where the rep stands, `coaching.before_joining` for what lies before the day a rep joined,
    /// `coaching.unknown_kpi`, `coaching.value` for a number that is none.
    pub fn apply(&mut self, event: &CoachingEvent) -> Result<()> {
        let at = event.at;
        let about = match &event.what {
            CoachingStep::Assigned { rep, .. } | CoachingStep::Trained { rep, .. } | CoachingStep::KpiMeasured { rep, .. } => Some(rep),
            CoachingStep::Assessed { assessment } => Some(&assessment.rep),
            _ => None,
        };
        if let Some((rep, joined)) = about.and_then(|rep| self.joined.get(rep).map(|day| (rep, *day)))
            && at < joined
        {
            let message = format!("{at} lies before the day `{rep}` joined, {joined}");
            return Err(refused("coaching.before_joining", "at", message, "check the day, or the name: two people of one name need ids of their own"));
        }
        let number = |place: &str, value: Option<f64>| match value {
            Some(v) if !v.is_finite() => Err(refused("coaching.value", place, format!("{v} is no number to hold against another"), "a finite number")),
            _ => Ok(()),
        };
        match &event.what {
            CoachingStep::Joined { rep } => {
                self.joined.insert(rep.clone(), at);
            }
            CoachingStep::Assigned { rep, skill, due, goal } => {
                number("goal", *goal)?;
                if *due < at {
                    return Err(refused("coaching.order", "due", format!("due on {due}, before it is assigned on {at}"), "a day after it is assigned"));
                }
                let track = self.begin(rep, skill, at);
                if track.stage == Stage::Retraining || matches!(track.stage, Stage::Passed | Stage::Cancelled) {
                    track.round += 1;
                }
                (track.stage, track.since, track.due, track.unplanned) = (Stage::Assigned, at, Some(*due), false);
                track.goal = goal.or(track.goal);
            }
            CoachingStep::Edited { rep, skill, due, goal, note } => {
                number("goal", *goal)?;
                let track = self.begun(rep, skill)?;
                track.due = due.or(track.due);
                track.goal = goal.or(track.goal);
                track.notes.extend(note.iter().map(|note| (at, note.clone())));
            }
            CoachingStep::Trained { rep, skill, training } => {
                let unknown = self.track(rep, skill).is_none();
                let track = self.begin(rep, skill, at);
                if track.stage == Stage::Retraining {
                    track.round += 1;
                }
                track.unplanned |= unknown;
                track.trainings.push((at, training.clone()));
                (track.stage, track.since, track.due) = (Stage::Trained, at, None);
            }
            CoachingStep::Assessed { assessment } => {
                number("assessment.value", assessment.value)?;
                let unknown = self.track(&assessment.rep, &assessment.skill).is_none();
                let track = self.begin(&assessment.rep, &assessment.skill, at);
                track.unplanned |= unknown;
                track.assessments.push(assessment.clone());
                let next = match (assessment.result, track.stage) {
                    // What is watched and fails did not last.
                    (AssessmentResult::Fail, _) => Stage::Retraining,
                    (AssessmentResult::Pass, Stage::Monitored | Stage::Passed) => track.stage,
                    (AssessmentResult::Pass, _) => Stage::Monitored,
                    (AssessmentResult::NotEnoughData, Stage::Monitored | Stage::Passed | Stage::Retraining) => track.stage,
                    (AssessmentResult::NotEnoughData, _) => Stage::Assessed,
                };
                if next != track.stage {
                    (track.stage, track.since, track.due) = (next, at, None);
                }
            }
            CoachingStep::Monitored { rep, skill, kept } => {
                let track = self.begun(rep, skill)?;
                if !matches!(track.stage, Stage::Monitored | Stage::Passed) {
                    let message = format!("`{skill}` of `{rep}` is {}, not monitored", track.stage.name());
                    return Err(refused("coaching.order", "event", message, "an assessment that is passed comes first"));
                }
                (track.stage, track.since, track.due) = (if *kept { Stage::Passed } else { Stage::Retraining }, at, None);
                if !kept {
                    track.notes.push((at, "not kept".to_owned()));
                }
            }
            CoachingStep::Cancelled { rep, skill, reason } => {
                let track = self.begun(rep, skill)?;
                (track.stage, track.since, track.due) = (Stage::Cancelled, at, None);
                track.notes.extend(reason.iter().map(|reason| (at, reason.clone())));
            }
            CoachingStep::KpiSet { kpi } => {
                number("kpi.pass_line", Some(kpi.pass_line))?;
                self.kpis.insert(kpi.name.clone(), kpi.clone());
            }
            CoachingStep::KpiMeasured { rep, kpi, value } => {
                number("value", Some(*value))?;
                let Some(asked) = self.kpis.get(kpi) else {
                    let message = format!("there is no indicator `{kpi}`");
                    return Err(refused("coaching.unknown_kpi", "kpi", message, "set it first (`kpi_set`)"));
                };
                let assessment = asked.assess(rep, at, Some(*value));
                self.measured.entry(rep.clone()).or_default().insert(kpi.clone(), assessment);
            }
        }
        self.events += 1;
        Ok(())
    }

    fn begin(&mut self, rep: &str, skill: &str, at: Date) -> &mut Track {
        self.tracks.entry(rep.to_owned()).or_default().entry(skill.to_owned()).or_insert_with(|| Track {
            rep: rep.to_owned(),
            skill: skill.to_owned(),
            stage: Stage::Assigned,
            since: at,
            due: None,
            goal: None,
            unplanned: false,
            trainings: vec![],
            assessments: vec![],
            round: 1,
            notes: vec![],
        })
    }

    fn begun(&mut self, rep: &str, skill: &str) -> Result<&mut Track> {
        let known = self.tracks.get_mut(rep).and_then(|skills| skills.get_mut(skill));
        known.ok_or_else(|| refused("coaching.not_assigned", "skill", format!("`{skill}` of `{rep}` was never assigned"), "assign it first (`assigned`)"))
    }

    /// Who is below standard on a day by what was recorded, and why: by rep, then skill.
    pub fn below_standard(&self, on: Date) -> Vec<BelowStandard> {
        let mut list = vec![];
        for track in self.tracks.values().flat_map(BTreeMap::values) {
            let failed = track.assessments.last().is_some_and(|a| a.result == AssessmentResult::Fail);
            let why = match track.stage {
                Stage::Retraining if failed => Why::FailedAssessment,
                Stage::Retraining => Why::NotKept,
                Stage::Assigned if track.due.is_some_and(|due| due < on) => Why::Overdue,
                _ => continue,
            };
            let since = if why == Why::Overdue { track.due } else { Some(track.since) };
            list.push(BelowStandard { rep: track.rep.clone(), skill: track.skill.clone(), why, since, rounds: track.round });
        }
        for a in self.measured.values().flat_map(BTreeMap::values).filter(|a| a.result == AssessmentResult::Fail) {
            list.push(BelowStandard { rep: a.rep.clone(), skill: a.skill.clone(), why: Why::KpiMissed, since: Some(a.to), rounds: 0 });
        }
        list.sort_by(|a, b| (&a.rep, &a.skill, a.why).cmp(&(&b.rep, &b.skill, b.why)));
        list
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(at: &str, json: &str) -> CoachingEvent {
        serde_json::from_str(&format!(r#"{{"at": "{at}", {json}}}"#)).unwrap()
    }

    fn assessed(result: &str) -> String {
        format!(
            r#""event": "assessed", "assessment": {{"rep": "r1", "skill": "step:need", "from": "2026-03-01", "to": "2026-04-01", "n": 40,
            "value": 0.5, "low": 0.4, "high": 0.6, "pass_line": 0.7, "p_above": 0.01, "result": "{result}"}}"#
        )
    }

    #[test]
    fn once_around_and_again() {
        let stage = |log: &CoachingLog| log.track("r1", "step:need").unwrap().stage;
        let mut log = CoachingLog::default();
        let steps = [
            (event("2026-03-01", r#""event": "joined", "rep": "r1""#), None),
            (event("2026-03-02", r#""event": "assigned", "rep": "r1", "skill": "step:need", "due": "2026-03-20", "goal": 0.7"#), Some(Stage::Assigned)),
            (event("2026-03-10", r#""event": "trained", "rep": "r1", "skill": "step:need", "training": "t1""#), Some(Stage::Trained)),
            (event("2026-03-20", &assessed("not_enough_data")), Some(Stage::Assessed)),
            (event("2026-04-01", &assessed("fail")), Some(Stage::Retraining)),
            (event("2026-04-05", r#""event": "trained", "rep": "r1", "skill": "step:need", "training": "t2""#), Some(Stage::Trained)),
            (event("2026-05-01", &assessed("pass")), Some(Stage::Monitored)),
            (event("2026-06-01", r#""event": "monitored", "rep": "r1", "skill": "step:need", "kept": true"#), Some(Stage::Passed)),
            (event("2026-09-01", &assessed("fail")), Some(Stage::Retraining)),
        ];
        for (step, expected) in &steps {
            log.apply(step).unwrap();
            if let Some(expected) = expected {
                assert_eq!(stage(&log), *expected);
            }
        }
        let day: Date = "2026-09-02".parse().unwrap();
        let below = log.below_standard(day);
        assert!(below.len() == 1 && below[0].why == Why::FailedAssessment && below[0].rounds == 2, "{below:?}");
        let text: Vec<String> = steps.iter().map(|(e, _)| serde_json::to_string(e).unwrap()).collect();
        let back: Vec<CoachingEvent> = text.iter().map(|t| serde_json::from_str(t).unwrap()).collect();
        assert_eq!(CoachingLog::replay(&back).unwrap(), log);
        let state: CoachingLog = serde_json::from_str(&serde_json::to_string(&log).unwrap()).unwrap();
        assert_eq!(state, log);
    }

    #[test]
    fn refused_and_taken() {
        let code = |log: &mut CoachingLog, e: CoachingEvent| {
            let before = log.clone();
            let code = log.apply(&e).map_err(|e| e.code()).err();
            assert!(code.is_none() || *log == before);
            code
        };
        let mut log = CoachingLog::default();
        let log = &mut log;
        assert_eq!(code(log, event("2026-03-01", r#""event": "joined", "rep": "r1""#)), None);
        assert_eq!(code(log, event("2026-02-01", r#""event": "trained", "rep": "r1", "skill": "s", "training": "t""#)), Some("coaching.before_joining"));
        assert_eq!(code(log, event("2026-04-01", r#""event": "monitored", "rep": "r1", "skill": "s", "kept": true"#)), Some("coaching.not_assigned"));
        assert_eq!(code(log, event("2026-04-01", r#""event": "edited", "rep": "r1", "skill": "s", "note": "x""#)), Some("coaching.not_assigned"));
        let late = r#""event": "assigned", "rep": "r1", "skill": "s", "due": "2026-03-20""#;
        assert_eq!(code(log, event("2026-04-01", late)), Some("coaching.order"));
        assert_eq!(code(log, event("2026-04-01", r#""event": "kpi_measured", "rep": "r1", "kpi": "test", "value": 3"#)), Some("coaching.unknown_kpi"));
        // An assessment without a plan is taken, and says so.
        assert_eq!(code(log, event("2026-04-01", &assessed("fail"))), None);
        assert!(log.track("r1", "step:need").unwrap().unplanned);
        assert_eq!(code(log, event("2026-03-05", late)), None);
        assert_eq!(code(log, event("2026-04-02", r#""event": "monitored", "rep": "r1", "skill": "s", "kept": true"#)), Some("coaching.order"));
        let kpi = r#""event": "kpi_set", "kpi": {"name": "complaints", "pass_line": 2, "lower_is_better": true}"#;
        assert_eq!(code(log, event("2026-04-02", kpi)), None);
        assert_eq!(code(log, event("2026-04-03", r#""event": "kpi_measured", "rep": "r1", "kpi": "complaints", "value": 2"#)), None);
        assert!(log.below_standard("2026-03-10".parse().unwrap()).iter().all(|b| b.why != Why::KpiMissed && b.why != Why::Overdue));
        assert_eq!(code(log, event("2026-04-03", r#""event": "kpi_measured", "rep": "r1", "kpi": "complaints", "value": 3"#)), None);
        let below = log.below_standard("2026-04-10".parse().unwrap());
        assert!(below.iter().any(|b| b.why == Why::KpiMissed) && below.iter().any(|b| b.why == Why::Overdue));
        let bad = CoachingLog::replay(&[event("2026-04-01", r#""event": "monitored", "rep": "a", "skill": "s", "kept": true"#)]).unwrap_err();
        assert_eq!(bad.faults()[0].place.as_deref(), Some("events[0].skill"));
    }

    proptest! {
        /// Whatever is recorded in whatever order: refused events change nothing, and the accepted ones rebuild the state.
        #[test]
        fn any_history_replays(choices in proptest::collection::vec((0usize..8, 0usize..2, 0i32..60), 0..40)) {
            let mut log = CoachingLog::default();
            let mut kept = vec![];
            for (what, skill, day) in choices {
                let (skill, at) = (["s", "step:need"][skill], crate::monitor::monday(2900).saturating_add(jiff::Span::new().days(day)));
                let json = match what {
                    0 => r#""event": "joined", "rep": "r1""#.to_owned(),
                    1 => format!(r#""event": "assigned", "rep": "r1", "skill": "{skill}", "due": "2025-09-01""#),
                    2 => format!(r#""event": "trained", "rep": "r1", "skill": "{skill}", "training": "t""#),
                    3 => assessed("fail"),
                    4 => assessed("pass"),
                    5 => format!(r#""event": "monitored", "rep": "r1", "skill": "{skill}", "kept": true"#),
                    6 => format!(r#""event": "cancelled", "rep": "r1", "skill": "{skill}""#),
                    _ => format!(r#""event": "edited", "rep": "r1", "skill": "{skill}", "note": "x""#),
                };
                let e = event(&at.to_string(), &json);
                let before = log.clone();
                match log.apply(&e) {
                    Ok(()) => kept.push(e),
                    Err(_) => prop_assert_eq!(&log, &before),
                }
            }
            prop_assert_eq!(CoachingLog::replay(&kept).unwrap(), log);
        }
    }
}
