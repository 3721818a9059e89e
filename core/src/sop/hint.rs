//! Hints: where something stands that is valid and hardly meant, and what it is. Sentences are made in `words`.

use serde::Serialize;

use super::Sop;
use super::read::join;

/// Something valid that is hardly meant, and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hint {
    /// Stable code, such as `lint.step_twice`; the same in the three languages.
    pub code: &'static str,
    /// Name of the SOP.
    pub sop: String,
    /// Place in the file, such as `flow[2].any_order[0]`.
    pub place: String,
    /// Line of the file, counted from 1, where it was read from one.
    pub line: Option<u64>,
    /// Column of the line, counted from 1.
    pub column: Option<u64>,
    /// The step it is about.
    pub step: Option<String>,
    #[serde(skip)]
    pub(crate) about: About,
}

/// What a hint says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum About {
    /// A part of the flow for cases there cannot be; the steps in it.
    Unreachable { condition: String, steps: Vec<String> },
    /// An entry of a playbook whose cases all go to earlier ones.
    Shadowed,
    /// A branch that says the same as an earlier one.
    SameBranch { first: String },
    /// Two steps in both orders, in parts that every full run goes through.
    ContradictingOrder { other: String, first: String },
    /// A step at several places of one run.
    StepTwice { first: String },
    /// An accepted deviation whose last day is over.
    AcceptedOver { until: String },
    /// An accepted deviation that cannot come about.
    AcceptedNever { why: Unmatched },
    /// A cost that nothing ever pays.
    UnusedCost { why: Unused },
    /// A name that is not known, and one that it resembles.
    Misspelt { meant: String },
    /// Labels of the corpus that resemble a step; how many more, and how many events they all have.
    MisspeltLabels { labels: Vec<String>, more: usize, events: u64 },
    /// An attribute that no case has.
    UnknownAttribute { name: String, meant: Option<String> },
    /// A value of an attribute that no case has.
    UnknownValue { name: String, value: String, meant: Option<String> },
    /// A step that no case of its SOP performs.
    NeverSeen,
    /// An entry of a playbook that no case takes.
    NoCase,
    /// A `when` block that holds for no case.
    WhenNoCase { condition: String },
    /// An accepted deviation that was never used.
    AcceptedUnused,
    /// Two standards of a step that nothing can meet at once.
    NeverAttainable { first: String, second: String },
    /// Two steps of a composition that look like one.
    Duplicate { other: String },
    /// A need of a composed step that nothing gives.
    NotGiven { need: String },
    /// An order of a fragment that another leaves open.
    OrderLost { first: String, fragment: String },
    /// A standard that was measured so often and never met.
    NeverMet { standard: String, measured: u64 },
}

/// Why an accepted deviation cannot come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unmatched {
    /// The flow does not plan the step.
    NotPlanned,
    /// The step is allowed at any time.
    Anytime,
    /// The deviation costs nothing, so that it is none.
    Free,
    /// No case of its condition meets the step.
    Condition,
    /// The step has no standard that could fail so.
    NoStandard,
}

/// Whose cost is never paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unused {
    /// A step allowed at any time.
    Anytime,
    /// Leaving out what the customer does.
    Customer,
    /// Leaving out what is not planned.
    Unplanned,
}

impl About {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "lint.unreachable",
            Self::Shadowed => "lint.shadowed",
            Self::SameBranch { .. } => "lint.same_branch",
            Self::ContradictingOrder { .. } => "lint.contradicting_order",
            Self::StepTwice { .. } => "lint.step_twice",
            Self::AcceptedOver { .. } => "lint.accepted_over",
            Self::AcceptedNever { .. } => "lint.accepted_never",
            Self::UnusedCost { .. } => "lint.unused_cost",
            Self::Misspelt { .. } | Self::MisspeltLabels { .. } => "lint.misspelt",
            Self::UnknownAttribute { .. } => "lint.unknown_attribute",
            Self::UnknownValue { .. } => "lint.unknown_value",
            Self::NeverSeen => "lint.never_seen",
            Self::NoCase => "lint.no_case",
            Self::WhenNoCase { .. } => "lint.when_no_case",
            Self::AcceptedUnused => "lint.accepted_unused",
            Self::NeverAttainable { .. } => "lint.never_attainable",
            Self::Duplicate { .. } => "lint.duplicate",
            Self::NotGiven { .. } => "lint.not_given",
            Self::OrderLost { .. } => "lint.order_lost",
            Self::NeverMet { .. } => "lint.never_met",
        }
    }
}

impl Hint {
    pub(crate) fn new(sop: &Sop, place: String, step: Option<&str>, about: About) -> Self {
        Self { code: about.code(), sop: sop.name().to_owned(), place, line: None, column: None, step: step.map(ToOwned::to_owned), about }
    }

    /// A hint at a place of an SOP, whose line is known there; `before` stands before it in a playbook.
    pub(crate) fn at(sop: &Sop, before: &str, place: &str, step: Option<&str>, about: About) -> Self {
        let mut hint = Self::new(sop, join(before, place), step, about);
        if let Some((line, column)) = sop.line_of(place) {
            (hint.line, hint.column) = (Some(line), Some(column));
        }
        hint
    }
}
