//! Which events a check takes: those whose probability is at or above its threshold.

use crate::corpus::Store;

/// The paths of a corpus as a check sees them.
pub(super) struct Used {
    threshold: f32,
    /// `None` where every event is taken.
    kept: Option<Kept>,
}

struct Kept {
    /// Where the path of each case ends.
    ends: Vec<usize>,
    steps: Vec<u32>,
    /// Number of each event in its conversation.
    events: Vec<u32>,
}

impl Used {
    pub(super) fn of(store: &Store, threshold: f64) -> Self {
        // Probabilities are kept as f32: 0.7 against a threshold of 0.7 must pass.
        let threshold = threshold as f32;
        if store.prob.iter().all(|&prob| prob >= threshold) {
            return Self { threshold, kept: None };
        }
        let mut kept = Kept { ends: Vec::with_capacity(store.len()), steps: Vec::new(), events: Vec::new() };
        for case in 0..store.len() {
            let events = store.events(case);
            for event in events.clone().filter(|&event| store.prob[event] >= threshold) {
                kept.steps.push(store.step[event]);
                kept.events.push((event - events.start) as u32);
            }
            kept.ends.push(kept.steps.len());
        }
        Self { threshold, kept: Some(kept) }
    }

    /// The threshold, as it is kept.
    pub(super) fn threshold(&self) -> f64 {
        f64::from(self.threshold)
    }

    /// Whether an event of this probability is taken.
    pub(super) fn takes(&self, prob: f32) -> bool {
        prob >= self.threshold
    }

    /// Whether an event is taken, by its number among all events.
    pub(super) fn takes_event(&self, store: &Store, event: usize) -> bool {
        store.prob.get(event).is_none_or(|&prob| self.takes(prob))
    }

    /// The path of a case.
    #[inline]
    pub(super) fn path<'a>(&'a self, store: &'a Store, case: usize) -> &'a [u32] {
        match &self.kept {
            None => store.path(case),
            Some(kept) => &kept.steps[kept.range(case)],
        }
    }

    /// Number in its conversation of an event of the path; the end of the path is the end of the conversation.
    pub(super) fn event(&self, store: &Store, case: usize, event: u32) -> u32 {
        match &self.kept {
            None => event,
            Some(kept) => kept.events[kept.range(case)].get(event as usize).copied().unwrap_or(store.events(case).len() as u32),
        }
    }
}

impl Kept {
    fn range(&self, case: usize) -> std::ops::Range<usize> {
        let from = if case == 0 { 0 } else { self.ends[case - 1] };
        from..self.ends[case]
    }
}
