//! What of a review leads to the next version of the SOP; made when it is first asked for.

use super::Review;
use crate::error::Result;
use crate::improve::{
    Backtest, BestPath, BestPathOptions, HabitOptions, ImproveOptions, Improvements, Innovation, Innovator, PilotChoice, PilotOptions, PilotPlan, Proposal,
    Rare, WorkHabits,
};
use crate::talk::is_spoken;

impl Review {
    /// Everything that may be improved: innovations, innovators, rare situations, proposals. Nothing without an outcome.
    ///
    /// # Errors
    /// As [`Improvements::of`].
    pub fn improvements(&self) -> Result<&Improvements> {
        if let Some(made) = self.improved.get() {
            return Ok(made);
        }
        if self.check.outcome().is_none() {
            return Ok(self.improved.get_or_init(Improvements::default));
        }
        let tracks = if is_spoken(&self.check) { Some(self.talk_tracks()?) } else { None };
        let made = Improvements::with_tracks(&self.check, &self.improve, tracks.map(AsRef::as_ref))?;
        Ok(self.improved.get_or_init(|| made))
    }

    /// What is done outside the SOP that works, proven ones first.
    ///
    /// # Errors
    /// As [`Improvements::of`].
    pub fn innovations(&self) -> Result<&[Innovation]> {
        Ok(&self.improvements()?.found.innovations)
    }

    /// Who led the way to a proven innovation.
    ///
    /// # Errors
    /// As [`Improvements::of`].
    pub fn innovators(&self) -> Result<&[Innovator]> {
        Ok(&self.improvements()?.found.innovators)
    }

    /// Unplanned choices too rare to be compared.
    ///
    /// # Errors
    /// As [`Improvements::of`].
    pub fn rare(&self) -> Result<&[Rare]> {
        Ok(&self.improvements()?.found.rare)
    }

    /// Edits of the SOP that the evidence asks for, the largest honest gain first.
    ///
    /// # Errors
    /// As [`Improvements::of`].
    pub fn proposals(&self) -> Result<&[Proposal]> {
        Ok(&self.improvements()?.proposals)
    }

    /// The best path that the evidence supports: [`BestPath::of`].
    ///
    /// # Errors
    /// As [`BestPath::of`].
    pub fn best_path(&self, options: &BestPathOptions) -> Result<BestPath> {
        BestPath::of(&self.check, self.improvements()?, options)
    }

    /// Another version of an SOP of the review held against the cases that began up to a day: [`Backtest::of_version`].
    ///
    /// # Errors
    /// As [`Backtest::of`].
    pub fn backtest(&self, next: &crate::sop::Sop, entry: usize, as_of: Option<jiff::civil::Date>) -> Result<Backtest> {
        let as_of = as_of.map(|date| crate::corpus::day_of_date(date) as i32);
        Backtest::of_version(&self.check, entry, next, as_of, &self.improve)
    }

    /// What reps do beside the steps: gaps between contacts, channels, hours, answers ([`WorkHabits::of`]). Attributes and what is
    /// better are those of the review; `utc_offset` in minutes says where the day begins.
    ///
    /// # Errors
    /// As [`WorkHabits::of`].
    pub fn habits(&self, utc_offset: i32) -> Result<WorkHabits> {
        let options = HabitOptions { adjust_for: self.improve.adjust_for.clone(), lower_is_better: self.improve.lower_is_better, utc_offset };
        WorkHabits::of(&self.check, &options)
    }

    /// Plans a pilot of a choice by the cases of this review: [`PilotPlan::of`]. Attributes are those of the review unless named.
    ///
    /// # Errors
    /// As [`PilotPlan::of`].
    pub fn plan_pilot(&self, choice: &PilotChoice, options: &PilotOptions) -> Result<PilotPlan> {
        let mut options = options.clone();
        options.adjust_for = options.adjust_for.or_else(|| self.improve.adjust_for.clone());
        PilotPlan::of(&self.check, choice, &options)
    }

    /// How improvements are looked for in this review.
    pub fn improve_options(&self) -> &ImproveOptions {
        &self.improve
    }
}
