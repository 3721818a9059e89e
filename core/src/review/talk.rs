//! What is said in the conversations of a review: gathered when it is first asked for, compared as the review compares.

use std::sync::Arc;

use super::Review;
use crate::error::Result;
use crate::table::Table;
use crate::talk::{TalkOptions, TalkTracks};

impl Review {
    /// The talk tracks (话术) of the review, compared within the attributes that it adjusts for. Found once and kept.
    ///
    /// # Errors
    /// As [`TalkTracks::of`]: with code `talk.no_turns` where no step is known by its words.
    pub fn talk_tracks(&self) -> Result<&Arc<TalkTracks>> {
        if let Some(found) = self.talk.get() {
            return Ok(found);
        }
        let found = Arc::new(self.talk_tracks_with(&TalkOptions::default())?);
        Ok(self.talk.get_or_init(|| found))
    }

    /// As [`Review::talk_tracks`], with options. Where these name no attributes, those of the review are adjusted for.
    ///
    /// # Errors
    /// As [`TalkTracks::of`].
    pub fn talk_tracks_with(&self, options: &TalkOptions) -> Result<TalkTracks> {
        let named = Some(&options.adjust_for).filter(|names| !names.is_empty());
        let adjust_for = named.or_else(|| self.plan().map(|plan| &plan.adjust_for)).cloned().unwrap_or_default();
        TalkTracks::of(&self.check, &TalkOptions { adjust_for, ..options.clone() })
    }

    /// The knowledge points (知识点): what is spoken of, with the best that is said of it, a row each.
    ///
    /// # Errors
    /// As [`Review::talk_tracks`].
    pub fn knowledge_points(&self) -> Result<Table> {
        Ok(self.talk_tracks()?.knowledge_points())
    }
}
