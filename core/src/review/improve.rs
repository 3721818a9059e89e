//! What of a review leads to the next version of the SOP; made when it is first asked for.

use super::Review;
use crate::error::Result;
use crate::improve::{BestPath, BestPathOptions, ImproveOptions, Improvements, Innovation, Innovator, Proposal, Rare};

impl Review {
    /// Everything that may be improved: innovations, innovators, rare situations, proposals. Nothing without an outcome.
    ///
    /// # Errors
    /// As [`Improvements::of`].
    pub fn improvements(&self) -> Result<&Improvements> {
        if let Some(made) = self.improved.get() {
            return Ok(made);
        }
        let made = if self.check.outcome().is_none() { Improvements::default() } else { Improvements::of(&self.check, &self.improve)? };
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

    /// How improvements are looked for in this review.
    pub fn improve_options(&self) -> &ImproveOptions {
        &self.improve
    }
}
