//! The plan of a pilot: everything that is settled before its first case.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::day;
use crate::check::Check;
use crate::corpus::{date_of_day, day_of_date};
use crate::error::{Error, Fault, Result};
use crate::evidence::{ChoiceId, ChoiceKind, ChoiceTable, Use, default_adjustment};
use crate::sop::Sop;
use crate::stats::{Rng, UnitPeriod, information_needed, key, switch_effect, switch_information};
use crate::text::{cut, sha_hex, stable_hash};
use crate::words::{self, Lang};

const FORMAT: &str = "goldpath/pilot/1";
/// Fewest reps of a design by reps.
const REPS: usize = 4;
/// Longest pilot that is planned, in weeks.
const WEEKS: u32 = 156;
/// Pilots in the past by which the spread of reps over time is measured.
const PLACEBOS: u64 = 20;

/// Who is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PilotDesign {
    /// Half of the reps, in pairs of like results, from the start day on.
    #[default]
    ByRep,
    /// All reps, one wave after the other.
    Staggered,
    /// Half of the cases of every rep: the host asks [`PilotPlan::assigned`] when a case begins.
    ByCase,
}

impl PilotDesign {
    /// The name of the design, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::ByRep => "by_rep",
            Self::Staggered => "staggered",
            Self::ByCase => "by_case",
        }
    }
}

/// What is tried, and where. The choice of an [`Innovation`](crate::improve::Innovation), written as JSON, reads as one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct PilotChoice {
    /// Id of the step, or a label that the SOP does not know.
    pub step: String,
    /// Step after which it is done; `None` at the very start.
    #[serde(default, alias = "point")]
    pub after: Option<String>,
    /// What kind of choice; something added where nothing is said.
    #[serde(default)]
    pub kind: ChoiceKind,
    /// Number of the SOP in the playbook.
    #[serde(default)]
    pub entry: u32,
    /// For the how-manieth time the step before is reached; 0 counts as 1.
    #[serde(default)]
    pub visit: u8,
    /// Steps of a sequence.
    #[serde(default)]
    pub members: Vec<String>,
    /// Where the step before is planned in the file, if it is planned more than once.
    #[serde(default)]
    pub point_place: Option<String>,
}

impl From<&ChoiceId> for PilotChoice {
    fn from(id: &ChoiceId) -> Self {
        Self {
            step: id.step.clone(),
            after: id.point.clone(),
            kind: id.kind,
            entry: id.entry,
            visit: id.visit,
            members: id.members.clone(),
            point_place: Some(id.point_place.clone()),
        }
    }
}

impl PilotChoice {
    fn resolve(&self, check: &Check) -> Result<ChoiceId> {
        let Some(entry) = check.playbook().entries().get(self.entry as usize) else {
            let n = check.playbook().entries().len();
            return Err(Error::argument("choice.entry", format!("there is no SOP number {}", self.entry), format!("a number below {n}")));
        };
        if !matches!(self.kind, ChoiceKind::Add | ChoiceKind::Repeat | ChoiceKind::OutOfOrder | ChoiceKind::Sequence) {
            let message = format!("a pilot tries something that the SOP does not plan there; `{}` is not that", self.kind.name());
            return Err(Error::argument("choice.kind", message, "add, repeat, out_of_order or sequence"));
        }
        let sop = &entry.sop;
        let place_of = |step: &str| -> Option<&str> {
            let at = sop.steps().get_index_of(step)?;
            let mut nodes = sop.nodes().iter().filter(|node| node.step as usize == at).map(|node| node.place.as_str());
            match &self.point_place {
                Some(place) if !place.is_empty() => nodes.find(|node| node == place),
                _ => nodes.next(),
            }
        };
        let point_place = match &self.after {
            None => String::new(),
            Some(step) => place_of(step).map(ToOwned::to_owned).ok_or_else(|| {
                Error::argument("choice.after", format!("the SOP does not plan `{}`", cut(step, 60)), "a step of its flow, or nothing for the start")
            })?,
        };
        let name = if self.members.is_empty() { self.step.clone() } else { self.members.join(" → ") };
        if name.is_empty() {
            return Err(Error::argument("choice.step", "there is no step to try", "the id of a step, or a label"));
        }
        let title = if self.members.is_empty() {
            sop.title(&self.step).to_owned()
        } else {
            self.members.iter().map(|step| sop.title(step)).collect::<Vec<_>>().join(" → ")
        };
        Ok(ChoiceId {
            kind: self.kind,
            sop: sop.name().to_owned(),
            entry: self.entry,
            step: name,
            place: String::new(),
            point: self.after.clone(),
            point_place,
            visit: self.visit.clamp(1, 3),
            standard: None,
            members: self.members.clone(),
            given: Vec::new(),
            wording: None,
            title,
            point_title: self.after.as_deref().map(|step| sop.title(step).to_owned()),
        })
    }
}

/// What is settled by the one who plans.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PilotOptions {
    /// Who is drawn.
    #[serde(default)]
    pub design: PilotDesign,
    /// First day.
    pub start: Date,
    /// Smallest effect worth having, in the outcome's own unit (.05 is five points of a win rate).
    pub smallest_effect: f64,
    /// Chance of a false alarm, however often one looks.
    #[serde(default = "alpha")]
    pub alpha: f64,
    /// Chance to show the smallest effect by the planned end.
    #[serde(default = "power")]
    pub power: f64,
    /// Seed of the draw.
    #[serde(default)]
    pub seed: u64,
    /// Reps that take part; all with decided cases before the start where nothing is said.
    #[serde(default)]
    pub reps: Option<Vec<String>>,
    /// Waves of a staggered pilot.
    #[serde(default = "waves")]
    pub waves: u32,
    /// Days from one wave to the next.
    #[serde(default = "wave_days")]
    pub wave_days: u32,
    /// Days before the start that say what is usual.
    #[serde(default = "baseline_days")]
    pub baseline_days: u32,
    /// Longest duration in days; a quarter more than the planned one where nothing is said.
    #[serde(default)]
    pub max_days: Option<u32>,
    /// As [`ImproveOptions::adjust_for`](crate::improve::ImproveOptions::adjust_for).
    #[serde(default)]
    pub adjust_for: Option<Vec<String>>,
    /// Lower values of the outcome are the better ones.
    #[serde(default)]
    pub lower_is_better: bool,
}

fn alpha() -> f64 {
    0.05
}
fn power() -> f64 {
    0.8
}
fn waves() -> u32 {
    4
}
fn wave_days() -> u32 {
    14
}
fn baseline_days() -> u32 {
    182
}

impl PilotOptions {
    /// With a start day and a smallest effect, everything else as usual.
    pub fn new(start: Date, smallest_effect: f64) -> Self {
        Self {
            design: PilotDesign::default(),
            start,
            smallest_effect,
            alpha: alpha(),
            power: power(),
            seed: 0,
            reps: None,
            waves: waves(),
            wave_days: wave_days(),
            baseline_days: baseline_days(),
            max_days: None,
            adjust_for: None,
            lower_is_better: false,
        }
    }

    fn check(&self) -> Result<()> {
        let wrong = |place: &str, message: String, help: &str| Err(Error::argument(place, message, help));
        if !(self.smallest_effect > 0.0 && self.smallest_effect.is_finite()) {
            return wrong("smallest_effect", format!("{} is no size of an effect", self.smallest_effect), "a number above 0, such as 0.05 for five points");
        }
        if !(self.alpha > 0.0 && self.alpha <= 0.2) {
            return wrong("alpha", format!("{} is no chance of a false alarm to work with", self.alpha), "a number above 0, up to 0.2");
        }
        if !(self.power >= 0.5 && self.power <= 0.99) {
            return wrong("power", format!("{} is no power to plan with", self.power), "a number from 0.5 to 0.99");
        }
        if !(2..=20).contains(&self.waves) {
            return wrong("waves", format!("{} waves", self.waves), "a number from 2 to 20");
        }
        if !(7..=365).contains(&self.wave_days) {
            return wrong("wave_days", format!("{} days from wave to wave", self.wave_days), "a number from 7 to 365");
        }
        if !(14..=730).contains(&self.baseline_days) {
            return wrong("baseline_days", format!("{} days of the past", self.baseline_days), "a number from 14 to 730");
        }
        if self.max_days.is_some_and(|days| !(7..=3_650).contains(&days)) {
            return wrong("max_days", "it is no duration of a pilot".to_owned(), "a number from 7 to 3650");
        }
        Ok(())
    }
}

/// When a rep begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PilotStart {
    /// The rep.
    pub rep: String,
    /// Reps of like results before the start, drawn among each other.
    pub block: u32,
    /// From this day on; `None` where the rep goes on as usual.
    pub from: Option<Date>,
}

/// The plan of a pilot, frozen and hashed before its first case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PilotPlan {
    pub(super) format: String,
    /// What is tried, and where.
    pub choice: ChoiceId,
    /// Hash of the SOP it is held against.
    pub sop_hash: String,
    /// Outcome compared.
    pub outcome: String,
    /// What was asked for; the longest duration and the attributes adjusted for as they were settled.
    pub asked: PilotOptions,
    /// The draw; empty where cases are drawn.
    pub reps: Vec<PilotStart>,
    /// Last day on which a case may begin that counts.
    pub end: Date,
    /// Mean outcome in the past of the cases that stood at the point.
    pub base: f64,
    /// How many times wider than for independent cases the spread between reps over time makes the variance; at least 1.
    pub design_effect: f64,
    /// Cases at the point a week, over the reps that take part.
    pub cases_a_week: f64,
    /// Cases at the point, from the start on, by which the smallest effect is shown with the planned power.
    pub planned_cases: u64,
    /// Days that takes.
    pub planned_days: u32,
}

/// Decided cases that stood at the point, with what is needed of them.
pub(super) struct Stood {
    pub(super) table: ChoiceTable,
    pub(super) uses: Vec<Use>,
}

impl Stood {
    pub(super) fn of(check: &Check, id: &ChoiceId, adjust_for: &[String]) -> Result<Self> {
        let sequences: Vec<_> = crate::improve::proposal::sequence_of(check, id).into_iter().collect();
        let table = ChoiceTable::with_sequences(check, adjust_for, &[], &sequences)?;
        let uses = table.uses(id);
        Ok(Self { table, uses })
    }
}

/// To nine decimals: what is written reads back equal.
fn rounded(x: f64) -> f64 {
    (x * 1e9).round() / 1e9
}

/// The week of a day, counted from the start of a pilot.
pub(super) fn week(day: i32, start: i32) -> i32 {
    (day - start).div_euclid(7)
}

impl PilotPlan {
    /// Plans a pilot by the cases there have been: draws who tries, and finds how long it takes to show the smallest effect of
    /// interest.
    ///
    /// # Errors
    /// [`Error::Argument`] for options out of range, a choice that is not open in the SOP, reps or cases too few, or an effect
    /// too small to be shown within three years.
    pub fn of(check: &Check, choice: &PilotChoice, options: &PilotOptions) -> Result<Self> {
        options.check()?;
        let id = choice.resolve(check)?;
        let mut asked = options.clone();
        let adjust_for = asked.adjust_for.get_or_insert_with(|| default_adjustment(check)).clone();
        let stood = Stood::of(check, &id, &adjust_for)?;
        let past = Past::of(&stood, options)?;
        let information = information_needed(options.alpha, options.power).unwrap_or(f64::INFINITY) / options.smallest_effect.powi(2);
        let sop = &check.playbook().entries()[id.entry as usize].sop;
        let mut plan = Self {
            format: FORMAT.to_owned(),
            choice: id,
            sop_hash: sop.hash(),
            outcome: check.outcome().unwrap_or_default().to_owned(),
            reps: if options.design == PilotDesign::ByCase { Vec::new() } else { draw(&past, options, options.seed) },
            end: options.start,
            base: rounded(past.mean),
            design_effect: 1.0,
            cases_a_week: rounded(past.reps.iter().map(|rep| rep.a_week).sum()),
            planned_cases: 0,
            planned_days: 0,
            asked,
        };
        if options.design != PilotDesign::ByCase {
            plan.design_effect = rounded(past.design_effect(options));
        }
        let spread = past.variance * plan.design_effect;
        let least = if options.design == PilotDesign::Staggered { (options.waves - 1) * options.wave_days / 7 + 1 } else { 1 };
        let enough = |weeks: u32| past.information(&plan, options, weeks) >= information * spread;
        // More weeks tell more: the first that are enough lie between one that are not and one that are.
        let (mut few, mut weeks) = (least - 1, WEEKS);
        let reached = enough(WEEKS);
        while reached && weeks - few > 1 {
            let middle = u32::midpoint(few, weeks);
            if enough(middle) { weeks = middle } else { few = middle }
        }
        if !reached {
            let most = past.information(&plan, options, WEEKS);
            let needed = information_needed(options.alpha, options.power).unwrap_or(f64::INFINITY);
            let seen = if most > 0.0 { (needed * spread / most).sqrt() } else { f64::INFINITY };
            let message = format!("an effect of {} could not be shown within three years by these reps and cases", options.smallest_effect);
            let help = if seen.is_finite() { format!("one of {seen:.3} could") } else { "more reps, or the design by_case".to_owned() };
            let fault = Fault::new("improve.pilot_too_small", message).at_place("smallest_effect").help(help);
            return Err(Error::Argument(Box::new(fault)));
        }
        plan.planned_days = weeks * 7;
        plan.planned_cases = (plan.cases_a_week * f64::from(weeks)).round() as u64;
        let most = *plan.asked.max_days.get_or_insert(plan.planned_days + plan.planned_days.div_ceil(4));
        plan.end = date_of_day(day_of_date(options.start) + i64::from(most) - 1);
        Ok(plan)
    }

    /// Whether a case that begins on a day is to try it: by its rep, or by its id. `None` where it takes no part.
    pub fn assigned(&self, case_id: &str, rep: Option<&str>, date: Date) -> Option<bool> {
        (date >= self.asked.start && date <= self.end).then_some(())?;
        let named = || self.asked.reps.as_ref().is_none_or(|reps| rep.is_some_and(|rep| reps.iter().any(|name| name == rep)));
        if self.asked.design == PilotDesign::ByCase {
            return named().then(|| Rng::of(key(self.asked.seed, stable_hash(case_id)), 0).below(2) == 1);
        }
        let start = self.reps.iter().find(|start| Some(start.rep.as_str()) == rep)?;
        Some(start.from.is_some_and(|from| date >= from))
    }

    /// The SOP that the pilot is held against, of a check.
    pub(super) fn sop<'a>(&self, check: &'a Check) -> Option<&'a Sop> {
        check.playbook().entries().get(self.choice.entry as usize).map(|entry| &entry.sop).filter(|sop| sop.hash() == self.sop_hash)
    }

    /// The plan as JSON: the same plan gives the same text.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Reads what [`PilotPlan::to_json`] wrote.
    ///
    /// # Errors
    /// [`Error::Argument`] with code `improve.pilot` if this is no plan.
    pub fn from_json(text: &str) -> Result<Self> {
        let broken =
            |message: String| Error::Argument(Box::new(Fault::new("improve.pilot", message).at_place("from_json").help("give back what to_json gave")));
        let plan: Self = serde_json::from_str(text).map_err(|e| broken(format!("this is no plan of a pilot: {e}")))?;
        if plan.format == FORMAT { Ok(plan) } else { Err(broken(format!("its format is `{}`", cut(&plan.format, 40)))) }
    }

    /// SHA-256 of the plan, in hexadecimal: note it before the start.
    pub fn hash(&self) -> String {
        sha_hex(&[self.to_json().as_bytes()])
    }

    /// What is planned, in a few sentences.
    pub fn sentence(&self, lang: Lang) -> String {
        words::pilot_plan(self, lang)
    }
}

/// A rep before the start.
struct PastRep {
    name: String,
    a_week: f64,
    mean: f64,
}

/// What there was before the start.
struct Past {
    reps: Vec<PastRep>,
    mean: f64,
    variance: f64,
    /// Outcomes by rep and week before the start: number and sum.
    weeks: BTreeMap<(u32, i32), (u64, f64)>,
}

impl Past {
    fn of(stood: &Stood, options: &PilotOptions) -> Result<Self> {
        let start = day(options.start);
        let first = start - options.baseline_days as i32;
        let mut sums: BTreeMap<&str, (u64, f64)> = BTreeMap::new();
        let mut weeks: BTreeMap<(&str, i32), (u64, f64)> = BTreeMap::new();
        let (mut n, mut sum, mut squares) = (0u64, 0.0, 0.0);
        for used in &stood.uses {
            let table = &stood.table;
            let (Some(rep), Some(y), Some(day)) = (table.rep_of(used.case), table.value_of(used.case), table.day_of(used.case)) else { continue };
            let asked = options.reps.as_ref().is_none_or(|reps| reps.iter().any(|name| name == rep));
            if !asked || day < first || day >= start {
                continue;
            }
            for of in [sums.entry(rep).or_default(), weeks.entry((rep, week(day, start))).or_default()] {
                *of = (of.0 + 1, of.1 + y);
            }
            (n, sum, squares) = (n + 1, sum + y, squares + y * y);
        }
        if let Some(name) = options.reps.iter().flatten().find(|name| !sums.contains_key(name.as_str())) {
            let message = format!("rep `{}` has no decided case at the point in the {} days before the start", cut(name, 60), options.baseline_days);
            return Err(Error::argument("reps", message, "name reps with cases, or look further back with baseline_days"));
        }
        let least = if options.design == PilotDesign::ByCase { 1 } else { REPS };
        if sums.len() < least || n < 40 {
            let message = format!("{n} decided cases of {} reps stood at the point in the {} days before the start", sums.len(), options.baseline_days);
            let fault = Fault::new("improve.pilot_too_small", message).at_place("choice");
            return Err(Error::Argument(Box::new(fault.help(format!("it takes at least {least} reps and 40 cases to plan by")))));
        }
        let mean = sum / n as f64;
        let variance = squares / n as f64 - mean * mean;
        if variance <= 0.0 || variance.is_nan() {
            return Err(Error::argument("outcome", "all decided cases before the start ended alike", "an outcome that varies"));
        }
        let number: BTreeMap<&str, u32> = sums.keys().enumerate().map(|(i, rep)| (*rep, i as u32)).collect();
        let length = f64::from(options.baseline_days) / 7.0;
        Ok(Self {
            weeks: weeks.into_iter().map(|((rep, week), of)| ((number[rep], week), of)).collect(),
            reps: sums.into_iter().map(|(name, (n, sum))| PastRep { name: name.to_owned(), a_week: n as f64 / length, mean: sum / n as f64 }).collect(),
            mean,
            variance,
        })
    }

    /// Cells of the past and of some weeks to come, as they would be under a plan.
    fn information(&self, plan: &PilotPlan, options: &PilotOptions, weeks: u32) -> f64 {
        if options.design == PilotDesign::ByCase {
            let n = plan.cases_a_week * f64::from(weeks);
            return n / 4.0;
        }
        let cell = |unit: usize, week: i32, on| UnitPeriod { unit: unit as u32, period: (week + 1_000) as u32, on, n: self.reps[unit].a_week, mean: 0.0 };
        let before = -((options.baseline_days / 7) as i32);
        let mut cells = Vec::new();
        for (unit, rep) in self.reps.iter().enumerate() {
            let from = plan.reps.iter().find(|start| start.rep == rep.name).and_then(|start| start.from).map(|from| week(day(from), day(options.start)));
            cells.extend((before..weeks as i32).map(|week| cell(unit, week, from.is_some_and(|from| week >= from))));
        }
        switch_information(&cells).unwrap_or(0.0)
    }

    /// Pilots drawn anew and laid in the past, where nothing was tried: mean variance over reps ÷ that of independent cases.
    fn design_effect(&self, options: &PilotOptions) -> f64 {
        let first = self.weeks.keys().map(|(_, week)| *week).min().unwrap_or(0);
        let length = -first;
        let ratios: Vec<f64> = (1..=PLACEBOS)
            .filter_map(|again| {
                let drawn = draw(self, options, key(options.seed, again));
                let waves = i32::try_from(if options.design == PilotDesign::Staggered { options.waves } else { 1 }).unwrap_or(1);
                let from = |unit: u32| {
                    let start = drawn.iter().find(|start| start.rep == self.reps[unit as usize].name)?;
                    let wave = (day(start.from?) - day(options.start)) / (options.wave_days as i32);
                    Some(first + (wave + 1) * length / (waves + 1))
                };
                let cells: Vec<UnitPeriod> = (self.weeks.iter())
                    .map(|(&(unit, week), &(n, sum))| UnitPeriod {
                        unit,
                        period: (week - first) as u32,
                        on: from(unit).is_some_and(|from| week >= from),
                        n: n as f64,
                        mean: sum / n as f64,
                    })
                    .collect();
                let found = switch_effect(&cells)?;
                Some(found.effect.se.powi(2) * switch_information(&cells)? / self.variance)
            })
            .collect();
        if ratios.is_empty() { 1.0 } else { (ratios.iter().sum::<f64>() / ratios.len() as f64).max(1.0) }
    }
}

/// Draws who begins when: reps in the order of their results are cut into blocks, and the members of a block drawn one to each
/// wave (of two: one tries, one does not).
fn draw(past: &Past, options: &PilotOptions, seed: u64) -> Vec<PilotStart> {
    let staggered = options.design == PilotDesign::Staggered;
    let size = if staggered { options.waves as usize } else { 2 };
    let mut order: Vec<&PastRep> = past.reps.iter().collect();
    order.sort_by(|a, b| b.mean.total_cmp(&a.mean).then_with(|| a.name.cmp(&b.name)));
    let mut starts = Vec::with_capacity(order.len());
    for (block, members) in order.chunks(size).enumerate() {
        let mut random = Rng::of(key(seed, block as u64), 1);
        let mut slots: Vec<usize> = (0..size).collect();
        for rep in members {
            let slot = slots.swap_remove(random.below(slots.len()));
            let after = i64::from(options.wave_days) * slot as i64;
            let from = if staggered { Some(date_of_day(day_of_date(options.start) + after)) } else { (slot == 0).then_some(options.start) };
            starts.push(PilotStart { rep: rep.name.clone(), block: block as u32, from });
        }
    }
    starts.sort_by(|a, b| a.rep.cmp(&b.rep));
    starts
}
