//! What is done to the columns once all conversations stand in them: outcomes told by steps, and steps taken out.

use super::model::OutcomeValue;
use super::names::Names;
use super::options::OutcomeSteps;
use super::store::{OutcomeColumn, Store};
use crate::error::{Error, Result};

/// What a step says of an outcome.
const YES: u8 = 1;
const NO: u8 = 2;

impl Store {
    /// Refuses outcomes of steps that the corpus cannot tell.
    pub(super) fn check_outcome_steps(&self, outcomes: &[OutcomeSteps]) -> Result<()> {
        for outcome in outcomes {
            if self.outcomes.contains_key(&outcome.name) {
                let message = format!("the outcome `{}` stands in the file as well", outcome.name);
                return Err(Error::argument("outcome_steps", message, "give it another name"));
            }
            if let Some(step) = outcome.yes.iter().find(|step| outcome.no.contains(step)) {
                return Err(Error::argument("outcome_steps", format!("the step `{step}` means both yes and no for `{}`", outcome.name), ""));
            }
            let named = || outcome.yes.iter().chain(&outcome.no);
            if !self.step.is_empty() && !named().any(|step| self.steps.find(step).is_some()) {
                let names = named().map(String::as_str).collect::<Vec<_>>().join("`, `");
                let known = self.steps.iter().take(20).collect::<Vec<_>>().join(", ");
                let message = format!("no event is of the step `{names}`, which tells the outcome `{}`", outcome.name);
                return Err(Error::argument("outcome_steps", message, format!("steps of the events: {known}")));
            }
        }
        Ok(())
    }

    /// Makes outcomes of steps, and takes these and the steps to drop out of the paths.
    pub(super) fn settle(&mut self, outcomes: &[OutcomeSteps], drop: &[String]) {
        if outcomes.is_empty() && drop.is_empty() {
            return;
        }
        let mut out = vec![false; self.steps.len()];
        let mark = |names: &Names, steps: &[String], each: &mut dyn FnMut(usize)| {
            steps.iter().filter_map(|step| names.find(step)).for_each(|code| each(code as usize));
        };
        for outcome in outcomes {
            let mut says = vec![0; self.steps.len()];
            mark(&self.steps, &outcome.yes, &mut |code| says[code] = YES);
            mark(&self.steps, &outcome.no, &mut |code| says[code] = NO);
            let mut column = OutcomeColumn::Open(0);
            for case in 0..self.len() {
                let last = self.path(case).iter().rev().map(|&step| says[step as usize]).find(|&said| said != 0);
                column.push(match last {
                    Some(said) => Some(OutcomeValue::Bool(said == YES)),
                    None => outcome.no.is_empty().then_some(OutcomeValue::Bool(false)),
                });
            }
            self.outcomes.insert(outcome.name.clone(), column);
            says.iter().zip(&mut out).for_each(|(&said, out)| *out |= said != 0);
        }
        mark(&self.steps, drop, &mut |code| out[code] = true);
        let keep: Vec<bool> = self.step.iter().map(|&step| !out[step as usize]).collect();
        if keep.contains(&false) {
            self.retain_events(&keep);
        }
        self.forget_unused_steps();
    }

    /// Leaves names out that no event has, so that what was left out leaves no trace.
    pub(super) fn forget_unused_steps(&mut self) {
        let mut used = vec![false; self.steps.len()];
        self.step.iter().for_each(|&step| used[step as usize] = true);
        if !used.contains(&false) {
            return;
        }
        let mut names = Names::default();
        let renamed: Vec<u32> = self.steps.iter().zip(used).map(|(name, used)| if used { names.intern(name) } else { 0 }).collect();
        self.step.iter_mut().for_each(|step| *step = renamed[*step as usize]);
        self.steps = names;
    }
}
