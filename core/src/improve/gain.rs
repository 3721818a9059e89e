//! What would be gained if those who did otherwise made a choice too: the effect among the newly affected, times their share.

use serde::{Deserialize, Serialize};

use super::mine::Mine;
use crate::error::Result;
use crate::evidence::{ChoiceId, ChoiceKind, tally_of};
use crate::stats::Interval;

/// An honest gain: measured on the later cases, on which the choice was not looked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gain {
    /// Decided later cases that stood at the choice and did otherwise: those newly affected.
    pub affected: u64,
    /// Of those, the ones with comparable cases beside them; the effect is measured on them and taken to hold for all.
    pub comparable: u64,
    /// Decided later cases in all.
    pub cases: u64,
    /// The effect among the newly affected, doubly robust, errors clustered by rep.
    pub effect: Interval,
    /// That effect times the share of the newly affected: the change of the win rate (or mean outcome) over all cases.
    pub gain: Interval,
}

impl Mine {
    /// The gain of making a choice wherever it is open; `None` where too little is comparable.
    pub(super) fn gain(&self, id: &ChoiceId) -> Result<Option<Gain>> {
        self.gain_within(id, |_| true)
    }

    /// The gain of making it in some of the cases, over all of them.
    pub(super) fn gain_within(&self, id: &ChoiceId, takes: impl Fn(usize) -> bool) -> Result<Option<Gain>> {
        self.gain_among(id, takes, |_| true)
    }

    /// The gain of making it in some of the cases, as some cases show it, over these.
    pub(super) fn gain_among(&self, id: &ChoiceId, takes: impl Fn(usize) -> bool, among: impl Fn(usize) -> bool) -> Result<Option<Gain>> {
        let plan = self.plan.only(|choice| choice == id);
        if plan.choices.is_empty() {
            return Ok(None);
        }
        let ledger = tally_of(&self.table, &plan, |case| !self.is_early(case) && among(case) && takes(case))?;
        // Of what is said, a conversation has a row a step, one after the other.
        let mut last = None;
        let decided = (0..self.table.len()).filter(|&case| !self.is_early(case) && among(case) && self.table.value_of(case).is_some());
        let cases = decided.map(|case| Some(self.table.id_of(case))).filter(|&id| std::mem::replace(&mut last, id) != id).count() as u64;
        // Of a standard the choice is to miss it; what is gained is by meeting it.
        let newly = if id.kind == ChoiceKind::Standard { ledger.newly_without(&plan, id)? } else { ledger.newly(&plan, id)? };
        let Some((newly, effect)) = newly.and_then(|newly| Some((newly, newly.effect.interval(0.95)?))) else { return Ok(None) };
        let share = newly.cases as f64 / cases.max(1) as f64;
        let gain = Interval { estimate: effect.estimate * share, low: effect.low * share, high: effect.high * share };
        Ok(Some(Gain { affected: newly.cases, comparable: newly.comparable, cases, effect, gain }))
    }
}
