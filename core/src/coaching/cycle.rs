//! The loop (培训—考核—监测—再培训): assigned → trained → assessed → monitored → passed, or retraining, for each rep and skill.
//!
//! [`CoachingLog`] is a fold over [`CoachingEvent`]s: the same history gives the same state, in every language, and replaying it
//! rebuilds the state exactly. Where the events are kept is the host's choice; they are plain values.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::assess::{Assessment, AssessmentResult, Kpi};
use super::event::{CoachingEvent, CoachingStep};
use super::track::{BelowStandard, Stage, Track, Why};
use super::training::Training;
use crate::error::{Error, Fault, Result};
use crate::table::{Column, Table};

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
    /// Who watched which clip, by clip in the order it was recorded.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub watched: BTreeMap<String, Vec<(Date, String)>>,
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
            CoachingStep::Assigned { rep, .. }
            | CoachingStep::Trained { rep, .. }
            | CoachingStep::Watched { rep, .. }
            | CoachingStep::KpiMeasured { rep, .. } => Some(rep),
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
            CoachingStep::Watched { rep, clip } => self.watched.entry(clip.clone()).or_default().push((at, rep.clone())),
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

    /// The sessions of a training or clip: who had it on which day, the earliest first. What
    /// [`Skills::sessions_effect`](super::Skills::sessions_effect) and [`Skills::for_whom`](super::Skills::for_whom) ask for.
    pub fn sessions(&self, id: &str) -> Vec<Training> {
        self.trainings().into_iter().filter(|training| training.id == id).collect()
    }

    /// All trainings and watched clips with who had them on which day, by day and id.
    pub fn trainings(&self) -> Vec<Training> {
        let trained = self.all_tracks().flat_map(|track| track.trainings.iter().map(|(day, id)| (*day, id, &track.rep)));
        let watched = self.watched.iter().flat_map(|(clip, watches)| watches.iter().map(move |(day, rep)| (*day, clip, rep)));
        let mut by_day: BTreeMap<(Date, &String), BTreeSet<&String>> = BTreeMap::new();
        for (day, id, rep) in trained.chain(watched) {
            by_day.entry((day, id)).or_default().insert(rep);
        }
        by_day.into_iter().map(|((date, id), reps)| Training { id: id.clone(), reps: reps.into_iter().cloned().collect(), date }).collect()
    }

    /// The tracks as a table, a row each.
    pub fn table(&self) -> Table {
        let rows: Vec<&Track> = self.all_tracks().collect();
        let text = |f: &dyn Fn(&Track) -> Option<String>| Column::Text(rows.iter().map(|x| f(x).map(Into::into)).collect());
        let int = |f: &dyn Fn(&Track) -> usize| Column::Int(rows.iter().map(|x| Some(f(x) as i64)).collect());
        let mut table = Table::new("coaching");
        table.push("rep", text(&|t| Some(t.rep.clone())));
        table.push("skill", text(&|t| Some(t.skill.clone())));
        table.push("stage", text(&|t| Some(t.stage.name().into())));
        table.push("since", text(&|t| Some(t.since.to_string())));
        table.push("due", text(&|t| t.due.map(|day| day.to_string())));
        table.push("goal", Column::Float(rows.iter().map(|t| t.goal).collect()));
        table.push("last_assessment", text(&|t| t.assessments.last().map(|a| a.result.name().into())));
        table.push("trainings", int(&|t| t.trainings.len()));
        table.push("round", int(&|t| t.round as usize));
        table.push("unplanned", Column::Bool(rows.iter().map(|t| Some(t.unplanned)).collect()));
        table
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

impl std::fmt::Display for CoachingLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CoachingLog({} events, {} skills in training)", self.events, self.all_tracks().count())
    }
}

#[cfg(test)]
#[path = "cycle_tests.rs"]
mod tests;
