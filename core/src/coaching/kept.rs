//! The loop of training in a [`Store`](crate::store::Store): a log of its events.

use super::{CoachingEvent, CoachingLog};
use crate::error::Result;
use crate::store::{Fold, Record};

impl Record for CoachingEvent {
    const LOG: &'static str = "coaching";
    const VERSION: u32 = 1;
}

impl Fold for CoachingLog {
    type Event = CoachingEvent;

    fn take(&mut self, event: &CoachingEvent) -> Result<()> {
        self.apply(event)
    }
}
