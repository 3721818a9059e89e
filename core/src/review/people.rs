//! The people of a review: found when they are first asked for, with what the review adjusts for.

use super::Review;
use crate::coaching::{People, PeopleOptions};
use crate::error::Result;
use crate::monitor::{ChanceOptions, Drift};
use crate::table::Table;

impl Review {
    /// The people of the review, as it adjusts for cases: skills, gaps, declines, drift and alerts. Found once and kept.
    ///
    /// # Errors
    /// As [`People::of`].
    pub fn people(&self) -> Result<&People> {
        if let Some(found) = self.people.get() {
            return Ok(found);
        }
        let found = self.people_with(&PeopleOptions::default())?;
        Ok(self.people.get_or_init(|| found))
    }

    /// As [`Review::people`], with options. What they say nothing of is as in the review.
    ///
    /// # Errors
    /// As [`People::of`].
    pub fn people_with(&self, options: &PeopleOptions) -> Result<People> {
        let adjust_for = options.chances.adjust_for.clone().or_else(|| self.plan().map(|plan| plan.adjust_for.clone()));
        let chances = ChanceOptions { adjust_for, ..options.chances.clone() };
        People::of(&self.check, self.findings.clone(), &PeopleOptions { chances, ..options.clone() })
    }

    /// Each skill of each rep with its interval and tier, a row each.
    ///
    /// # Errors
    /// As [`People::of`].
    pub fn reps(&self) -> Result<Table> {
        Ok(self.people()?.skills().table())
    }

    /// Changes of what people choose and of what customers do; those that are named first.
    ///
    /// # Errors
    /// As [`People::of`].
    pub fn drift(&self) -> Result<&[Drift]> {
        Ok(self.people()?.drift())
    }
}
