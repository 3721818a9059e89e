//! A pilot judged by the cases there are: at each look an interval that holds whenever one stops, and the rules of the plan.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::day;
use super::plan::{PilotDesign, PilotPlan, Stood, week};
use crate::check::Check;
use crate::corpus::date_of_day;
use crate::error::{Error, Fault, Result};
use crate::evidence::{ChoiceCase, ChoiceKind, ChoiceRow, ChoiceTable, EvidenceOptions, Finding, Plan, finding_of, screen_of};
use crate::stats::{Estimate, Interval, UnitPeriod, confidence_sequence, level_t, level_z, normal_two_sided, switch_effect};
use crate::words::{self, Lang};

/// Fewest decided cases of an arm for a look to say anything.
const FEW: u64 = 20;

/// Where a pilot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PilotState {
    /// Too few cases, or nothing that tells both arms apart.
    NotEnoughData,
    /// No rule to stop is met.
    Running,
    /// The interval lies on the side of a gain.
    Shown,
    /// The interval lies on the side of a loss.
    Harmful,
    /// The interval excludes the smallest effect of interest, or the longest duration is over.
    StoppedWithoutEffect,
}

impl PilotState {
    /// The name of the state, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotEnoughData => "not_enough_data",
            Self::Running => "running",
            Self::Shown => "shown",
            Self::Harmful => "harmful",
            Self::StoppedWithoutEffect => "stopped_without_effect",
        }
    }
}

/// The rule that stopped a pilot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopRule {
    /// The interval lies on the side of a gain.
    Benefit,
    /// The interval lies on the side of a loss.
    Harm,
    /// The interval excludes the smallest effect of interest; from half of the planned time on.
    Futility,
    /// The longest duration is over.
    Maximum,
}

/// One arm, by what was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct PilotArm {
    /// Decided cases that stood at the point.
    pub n: u64,
    /// Of those, won; of a numeric outcome 0.
    pub won: u64,
    /// Mean outcome.
    pub rate: Option<f64>,
    /// Cases at the point that are still open.
    pub open: u64,
    /// Reps with decided cases.
    pub reps: u64,
    /// Of the decided cases, those that did it.
    pub did: u64,
}

/// A look at a pilot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PilotLook {
    /// By cases that began up to this day.
    pub day: Date,
    /// Decided cases of both arms: those to try, and the others.
    pub cases: [u64; 2],
    /// The effect of being drawn to try, with an interval that holds at every look together.
    pub effect: Option<Interval>,
}

/// A pilot as it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pilot {
    /// Where it stands.
    pub state: PilotState,
    /// The rule that stopped it, and the day.
    pub stopped: Option<(StopRule, Date)>,
    /// Day up to which cases were looked at.
    pub as_of: Date,
    /// The effect of being drawn to try (intention to treat), as of that day; the interval may be looked at at any time.
    pub effect: Option<Interval>,
    /// Those drawn to try from their day on, and all others since the start.
    pub arms: [PilotArm; 2],
    /// What those who did it went with (as treated): who did it was not drawn, so it is a finding like any other.
    pub as_treated: Option<Finding>,
    /// Cases at the point by which the plan expected to show the smallest effect.
    pub planned_cases: u64,
    /// A look a week.
    pub looks: Vec<PilotLook>,
    /// Hash of the plan.
    pub plan_hash: String,
    title: String,
    outcome: String,
    numeric: bool,
    level: f64,
}

impl Pilot {
    /// What it says, in a few sentences.
    pub fn sentence(&self, lang: Lang) -> String {
        words::pilot(self, lang)
    }

    /// Title of what is tried.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Name of the outcome.
    pub fn outcome(&self) -> &str {
        &self.outcome
    }

    pub(crate) fn numeric(&self) -> bool {
        self.numeric
    }

    /// Level of the interval.
    pub(crate) fn level(&self) -> f64 {
        self.level
    }
}

/// A decided case at the point.
#[derive(Clone, Copy)]
struct Seen {
    case: usize,
    day: i32,
    y: f64,
    drawn: bool,
    made: bool,
}

impl PilotPlan {
    /// Judges the pilot by the cases of a check that began up to a day (the last there is where nothing is said).
    ///
    /// What counts is what was drawn, not what was done: the effect is that of being drawn to try, among decided cases that
    /// stood at the point. By cases it is the engine's estimate within rep × attributes; by reps that of a regression with a
    /// mean for each rep and each week, the weeks before the start included, with a standard error over reps
    /// ([`switch_effect`]). The interval is that of a mixture of effects as large as the smallest one of interest
    /// ([`confidence_sequence`]), so that one may look every week and stop.
    ///
    /// # Errors
    /// [`Error::Argument`] with code `improve.pilot_sop` if the check holds no SOP of the plan; for another outcome; as
    /// [`ChoiceTable::of`].
    pub fn judge(&self, check: &Check, as_of: Option<Date>) -> Result<Pilot> {
        if self.sop(check).is_none() {
            let message = format!("the cases are not checked against the SOP that the pilot was planned for (`{}`)", self.choice.sop);
            let fault = Fault::new("improve.pilot_sop", message).at_place("check");
            return Err(Error::Argument(Box::new(fault.help("check them against that version; the step that is tried stays unplanned while the pilot runs"))));
        }
        if check.outcome() != Some(self.outcome.as_str()) {
            let message = format!("the pilot compares `{}`, the check `{}`", self.outcome, check.outcome().unwrap_or_default());
            return Err(Error::argument("outcome", message, "check with the outcome of the plan"));
        }
        let stood = Stood::of(check, &self.choice, self.asked.adjust_for.as_deref().unwrap_or_default())?;
        let table = &stood.table;
        let (start, end) = (day(self.asked.start), day(self.end));
        let last = match as_of {
            Some(date) => day(date),
            None => stood.uses.iter().filter_map(|used| table.day_of(used.case)).max().unwrap_or(start),
        };
        let (mut before, mut seen, mut arms) = (Vec::new(), Vec::new(), [PilotArm::default(); 2]);
        let mut reps = [const { std::collections::BTreeSet::new() }; 2];
        let mut sums = [0.0; 2];
        for used in &stood.uses {
            let Some(on) = table.day_of(used.case).filter(|&on| on <= last.min(end) && on >= start - self.asked.baseline_days as i32) else { continue };
            let rep = table.rep_of(used.case);
            if on < start {
                if let (Some(rep), Some(y)) = (rep, table.value_of(used.case)) {
                    before.push((rep, on, y));
                }
                continue;
            }
            let Some(drawn) = self.assigned(table.id_of(used.case), rep, date_of_day(i64::from(on))) else { continue };
            let at = usize::from(!drawn);
            let arm = &mut arms[at];
            let Some(y) = table.value_of(used.case) else {
                arm.open += 1;
                continue;
            };
            arm.n += 1;
            arm.won += u64::from(!table.is_numeric() && y == 1.0);
            arm.did += u64::from(used.made);
            sums[at] += y;
            reps[at].extend(rep);
            seen.push(Seen { case: used.case, day: on, y, drawn, made: used.made });
        }
        for ((arm, sum), reps) in arms.iter_mut().zip(sums).zip(&reps) {
            arm.rate = (arm.n > 0).then(|| sum / arm.n as f64);
            arm.reps = reps.len() as u64;
        }
        seen.sort_by_key(|seen| (seen.day, seen.case));
        let mut pilot = Pilot {
            state: PilotState::NotEnoughData,
            stopped: None,
            as_of: date_of_day(i64::from(last)),
            effect: None,
            arms,
            as_treated: self.as_treated(table, &seen)?,
            planned_cases: self.planned_cases,
            looks: Vec::new(),
            plan_hash: self.hash(),
            title: self.choice.title.clone(),
            outcome: self.outcome.clone(),
            numeric: table.is_numeric(),
            level: 1.0 - self.asked.alpha,
        };
        let drawn = Drawn::of(self, table, &seen, &before)?;
        let mut look = start + 6;
        while look - 7 < last.min(end) {
            let until = look.min(last).min(end);
            let part = &seen[..seen.partition_point(|seen| seen.day <= until)];
            let cases = part.iter().fold([0, 0], |[a, b], seen| if seen.drawn { [a + 1, b] } else { [a, b + 1] });
            let effect = if cases[0].min(cases[1]) < FEW { None } else { drawn.effect(self, until)? };
            let date = date_of_day(i64::from(until));
            pilot.looks.push(PilotLook { day: date, cases, effect });
            pilot.effect = effect.or(pilot.effect);
            if pilot.stopped.is_none() {
                // Before half of the planned time a bad start is left to turn out harmful, or not.
                let half = look - start >= self.planned_days as i32 / 2;
                pilot.stopped = effect.and_then(|effect| self.rule(effect)).filter(|rule| half || *rule != StopRule::Futility).map(|rule| (rule, date));
            }
            look += 7;
        }
        if pilot.stopped.is_none() && last >= end {
            pilot.stopped = Some((StopRule::Maximum, self.end));
        }
        pilot.state = match pilot.stopped {
            _ if pilot.effect.is_none() => PilotState::NotEnoughData,
            None => PilotState::Running,
            Some((StopRule::Benefit, _)) => PilotState::Shown,
            Some((StopRule::Harm, _)) => PilotState::Harmful,
            Some((StopRule::Futility | StopRule::Maximum, _)) => PilotState::StoppedWithoutEffect,
        };
        Ok(pilot)
    }

    /// The rule that an interval meets.
    fn rule(&self, effect: Interval) -> Option<StopRule> {
        let i = if self.asked.lower_is_better { effect.negated() } else { effect };
        if i.low > 0.0 {
            Some(StopRule::Benefit)
        } else if i.high < 0.0 {
            Some(StopRule::Harm)
        } else if i.high < self.asked.smallest_effect {
            Some(StopRule::Futility)
        } else {
            None
        }
    }

    fn judged(&self) -> EvidenceOptions {
        EvidenceOptions { higher_is_better: !self.asked.lower_is_better }
    }

    /// Doing it against not, among the cases of the pilot.
    fn as_treated(&self, table: &ChoiceTable, seen: &[Seen]) -> Result<Option<Finding>> {
        let inside: std::collections::BTreeSet<usize> = seen.iter().map(|seen| seen.case).collect();
        if !seen.iter().any(|seen| seen.made) {
            return Ok(None);
        }
        let plan = Plan::of(&screen_of(table, |case| inside.contains(&case))).only(|id| *id == self.choice);
        if plan.choices.is_empty() { Ok(None) } else { finding_of(table, &plan, &self.judged(), |case| inside.contains(&case)) }
    }

    /// The interval of a mixture around an estimate; over few units by Student's t in place of the normal at the same tail.
    fn always_valid(&self, found: Estimate, df: Option<f64>) -> Option<Interval> {
        let interval = confidence_sequence(1, found.estimate, found.se * found.se, self.asked.smallest_effect.powi(2), 1.0 - self.asked.alpha)?;
        let Some(df) = df else { return Some(interval) };
        let reach = (interval.high - found.estimate) / found.se;
        let half = level_t(1.0 - normal_two_sided(reach), df)? * found.se;
        Some(Interval { estimate: found.estimate, low: found.estimate - half, high: found.estimate + half })
    }
}

/// What was drawn, ready to be looked at up to any day.
enum Drawn {
    /// Cases as rows of one choice, with their days.
    Cases(Box<ChoiceTable>, Vec<i32>),
    /// Outcomes by rep, week, and whether it was switched on, with the day.
    Reps(Vec<(i32, u32, i32, bool, f64)>),
}

impl Drawn {
    fn of(plan: &PilotPlan, table: &ChoiceTable, seen: &[Seen], before: &[(&str, i32, f64)]) -> Result<Self> {
        let start = day(plan.asked.start);
        if plan.asked.design == PilotDesign::ByCase {
            let names = plan.asked.adjust_for.clone().unwrap_or_default();
            let value = |case: usize, name: &String| table.attribute_of(case, name).cloned().unwrap_or_default();
            let cases: Vec<ChoiceCase> = (seen.iter())
                .map(|seen| ChoiceCase {
                    id: table.id_of(seen.case).to_owned(),
                    rep: table.rep_of(seen.case).map(ToOwned::to_owned),
                    attributes: names.iter().map(|name| value(seen.case, name)).collect(),
                    outcome: Some(seen.y),
                    day: Some(seen.day),
                })
                .collect();
            let rows: Vec<ChoiceRow> = (seen.iter().enumerate())
                .map(|(case, seen)| ChoiceRow {
                    case,
                    point: plan.choice.point.clone().unwrap_or_default(),
                    choice: plan.choice.step.clone(),
                    kind: ChoiceKind::Add,
                    made: seen.drawn,
                    ..ChoiceRow::default()
                })
                .collect();
            let made = ChoiceTable::from_rows(&plan.outcome, table.is_numeric(), &names, &cases, &rows)?;
            return Ok(Self::Cases(Box::new(made), seen.iter().map(|seen| seen.day).collect()));
        }
        let unit = |rep: Option<&str>| plan.reps.iter().position(|start| Some(start.rep.as_str()) == rep).map(|unit| unit as u32);
        let past = before.iter().filter_map(|&(rep, on, y)| Some((on, unit(Some(rep))?, week(on, start), false, y)));
        let since = seen.iter().filter_map(|seen| Some((seen.day, unit(table.rep_of(seen.case))?, week(seen.day, start), seen.drawn, seen.y)));
        Ok(Self::Reps(past.chain(since).collect()))
    }

    fn effect(&self, plan: &PilotPlan, until: i32) -> Result<Option<Interval>> {
        match self {
            Self::Cases(table, days) => {
                let drawn = Plan::of(&screen_of(table, |case| days[case] <= until));
                let found = finding_of(table, &drawn, &plan.judged(), |case| days[case] <= until)?;
                let estimate = found.and_then(|f| {
                    let i = f.interval()?;
                    // Ends are cut at the limits of a difference; the nearer one is not.
                    let half = (i.high - i.estimate).max(i.estimate - i.low);
                    Some(Estimate { estimate: i.estimate, se: half / level_z(0.95)? })
                });
                Ok(estimate.and_then(|estimate| plan.always_valid(estimate, None)))
            }
            Self::Reps(rows) => {
                let mut cells: BTreeMap<(u32, i32, bool), (u64, f64)> = BTreeMap::new();
                for &(_, unit, week, on, y) in rows.iter().filter(|row| row.0 <= until) {
                    let of = cells.entry((unit, week, on)).or_default();
                    *of = (of.0 + 1, of.1 + y);
                }
                let first = cells.keys().map(|(_, week, _)| *week).min().unwrap_or(0);
                let cells: Vec<UnitPeriod> = (cells.into_iter())
                    .map(|((unit, week, on), (n, sum))| UnitPeriod { unit, period: (week - first) as u32, on, n: n as f64, mean: sum / n as f64 })
                    .collect();
                Ok(switch_effect(&cells)
                    .filter(|found| found.effect.se > 0.0)
                    .and_then(|found| plan.always_valid(found.effect, Some((found.units - 1) as f64))))
            }
        }
    }
}
