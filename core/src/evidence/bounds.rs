//! Another bound for a standard: what is compared to judge it.

/// Another bound for a standard of a step, beside the present one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BoundAt {
    /// Number of the SOP in the playbook.
    pub(crate) entry: u32,
    /// The step.
    pub(crate) step: String,
    /// Key of the standard.
    pub(crate) key: String,
    /// It is the lower bound; the upper one otherwise.
    pub(crate) least: bool,
    /// The bound there is.
    pub(crate) old: f64,
    /// The other one.
    pub(crate) new: f64,
}

impl BoundAt {
    /// Whether the other bound asks for more.
    pub(crate) fn stricter(&self) -> bool {
        (self.new > self.old) == self.least
    }

    /// The stricter of both.
    pub(super) fn strict(&self) -> f64 {
        if self.stricter() { self.new } else { self.old }
    }

    pub(super) fn meets_looser(&self, value: f64) -> bool {
        let loose = if self.stricter() { self.old } else { self.new };
        if self.least { value >= loose } else { value <= loose }
    }

    /// The side and both bounds, as a choice carries them.
    pub(super) fn names(&self) -> [String; 3] {
        [if self.least { "at_least" } else { "at_most" }.to_owned(), self.old.to_string(), self.new.to_string()]
    }
}
