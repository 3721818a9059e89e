//! Parts of a table: which cases stood at a choice and made it, by date and by rep; and what a choice would bring to those
//! who did otherwise.

use super::choices::{ChoiceId, ChoiceTable, NO_DAY, Stands, id_bucket};
use super::effects::{EvidenceOptions, LEVEL};
use super::estimate::{Stratum, newly, strata, stratified};
use super::ledger::{Cell, EffectLedger};
use super::plan::Plan;
use super::sums::Sums;
use crate::corpus::NONE;
use crate::error::Result;
use crate::stats::{Estimate, Interval};

/// A case that stood where a choice was open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Use {
    pub(crate) case: usize,
    /// Whether it made the choice, whenever.
    pub(crate) made: bool,
}

/// A choice within the cases of one rep.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OfRep {
    pub(crate) rep: Option<String>,
    /// Decided cases that made it, and that did not.
    pub(crate) cases: [u64; 2],
    /// The effect within the cases of the rep.
    pub(crate) effect: Option<Interval>,
}

/// What a choice would bring to the cases that did otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Newly {
    /// Cases that stood at the choice and did otherwise.
    pub(crate) cases: u64,
    /// Of those, the ones of which a comparison can tell.
    pub(crate) comparable: u64,
    /// The effect among these, errors clustered by rep.
    pub(crate) effect: Estimate,
}

impl ChoiceTable {
    /// Name of the rep of a case.
    pub(crate) fn rep_of(&self, case: usize) -> Option<&str> {
        Some(self.rep[case]).filter(|&rep| rep != NONE).and_then(|rep| self.reps.get(rep))
    }

    /// Day a case began, in days since 1970-01-01.
    pub(crate) fn day_of(&self, case: usize) -> Option<i32> {
        Some(self.day[case]).filter(|&day| day != NO_DAY)
    }

    /// The outcome of a case as a number; `None` while it is open.
    pub(crate) fn value_of(&self, case: usize) -> Option<f64> {
        Some(self.value[case]).filter(|value| !value.is_nan())
    }

    /// The value that a case has of an attribute that is adjusted for.
    pub(crate) fn attribute_of(&self, case: usize, name: &str) -> Option<&String> {
        let at = self.attributes.iter().position(|attribute| attribute == name)?;
        self.profiles.get_index(self.profile[case] as usize)?.get(at)
    }

    /// Id of a case.
    pub(crate) fn id_of(&self, case: usize) -> &str {
        self.ids.get(case)
    }

    /// Whether a case belongs to the earlier part.
    pub(crate) fn is_early(&self, plan: &Plan, case: usize) -> bool {
        plan.is_early(self.day_of(case), || id_bucket(self.ids.get(case)))
    }

    /// Number of the combination of attributes of a case.
    pub(crate) fn profile_of(&self, case: usize) -> u32 {
        self.profile[case]
    }

    /// Whether the outcome is a number.
    pub(crate) fn is_numeric(&self) -> bool {
        self.numeric
    }

    /// The choices that are asked for, each with the cases that made it, decided or not.
    pub(crate) fn tallied(&self, takes: impl Fn(&ChoiceId) -> bool) -> Vec<(&ChoiceId, Vec<usize>)> {
        let mut list: Vec<Option<(&ChoiceId, Vec<usize>)>> = self.choices.keys().map(|id| takes(id).then(|| (id, Vec::new()))).collect();
        for case in 0..self.len() {
            for row in self.counting(case) {
                for (choice, _) in row.done() {
                    if let Some((_, cases)) = list[choice as usize].as_mut() {
                        cases.push(case);
                    }
                }
            }
        }
        list.into_iter().flatten().collect()
    }

    /// The cases that stood where a choice was open, decided or not; where nobody ever added what the choice adds, none made it.
    pub(crate) fn uses(&self, choice: &ChoiceId) -> Vec<Use> {
        let Some((number, _, &risk)) = self.choices.get_full(choice) else {
            let place = if choice.point.is_some() { choice.point_place.as_str() } else { "start" };
            let name = format!("{} {} | at {place} {}", choice.entry, choice.sop, choice.visit);
            let Some(risk) = self.risks.get_index_of(&name).filter(|_| choice.is_unplanned()) else { return Vec::new() };
            let stood = |&case: &usize| self.counting(case).any(|row| row.risk as usize == risk);
            return (0..self.len()).filter(stood).map(|case| Use { case, made: false }).collect();
        };
        let not_done = self.risks[risk as usize].not_done;
        let stood = |case: usize| self.counting(case).find(|row| row.risk == risk);
        let made = |row: &Stands<'_>| row.done().any(|(choice, _)| choice as usize == number) != not_done;
        (0..self.len()).filter_map(|case| stood(case).map(|row| Use { case, made: made(&row) })).collect()
    }
}

impl Plan {
    /// The same plan for some of its choices.
    pub(crate) fn only(&self, takes: impl Fn(&ChoiceId) -> bool) -> Self {
        let choices = self.choices.iter().filter(|planned| takes(&planned.choice)).cloned().collect();
        Self { choices, ..self.clone() }
    }
}

impl EffectLedger {
    /// A choice of the plan, within the cases of each rep, by name.
    pub(crate) fn by_rep(&self, plan: &Plan, choice: &ChoiceId) -> Result<Vec<OfRep>> {
        self.check_plan(plan)?;
        let ledger = self.canonical();
        let Some(at) = plan.choices.iter().position(|planned| planned.choice == *choice) else { return Ok(Vec::new()) };
        let all = strata(&ledger.counts[at], |cell| (cell.treated, cell.control));
        let unit = 10f64.powi(plan.resolution);
        Ok((ledger.reps.iter().enumerate())
            .filter_map(|(number, rep)| {
                let own: Vec<Stratum> = all.iter().copied().filter(|s| s.rep as usize == number).collect();
                let cases = [own.iter().map(|s| s.treated.n).sum(), own.iter().map(|s| s.control.n).sum()];
                let effect = stratified(&own, plan.numeric, unit).filter(|e| e.se > 0.0).and_then(|e| e.interval(LEVEL));
                (cases != [0, 0]).then(|| OfRep { rep: rep.clone(), cases, effect })
            })
            .collect())
    }

    /// What a choice of the plan would bring to the cases that did otherwise: doubly robust, with the regressions of the
    /// cross-check. `None` where they have no fit, or nothing is comparable.
    pub(crate) fn newly(&self, plan: &Plan, choice: &ChoiceId) -> Result<Option<Newly>> {
        self.newly_of(plan, choice, |cell| (cell.treated, cell.control))
    }

    /// What leaving it would bring to the cases that made it, alike.
    pub(crate) fn newly_without(&self, plan: &Plan, choice: &ChoiceId) -> Result<Option<Newly>> {
        self.newly_of(plan, choice, |cell| (cell.control, cell.treated))
    }

    fn newly_of(&self, plan: &Plan, choice: &ChoiceId, arms: impl Fn(&Cell) -> (Sums, Sums)) -> Result<Option<Newly>> {
        self.check_plan(plan)?;
        let ledger = self.canonical();
        let Some(at) = plan.choices.iter().position(|planned| planned.choice == *choice) else { return Ok(None) };
        let all = strata(&ledger.counts[at], arms);
        Ok(newly(&ledger, &all, plan.numeric, 10f64.powi(plan.resolution)))
    }
}

/// The one finding of a plan of one choice, over some of the cases.
pub(crate) fn finding_of(table: &ChoiceTable, plan: &Plan, options: &EvidenceOptions, takes: impl Fn(usize) -> bool) -> Result<Option<super::Finding>> {
    Ok(super::finish_each(&super::tally_of(table, plan, takes)?, plan, options)?.pop().flatten())
}
