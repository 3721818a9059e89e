//! Pieces of known methods put together into one SOP (理论碎片 → 系统).
//!
//! In: [`Fragment`]s (ready ones for SPIN, MEDDIC, BANT and others, or one's own files) and [`Rules`] that say which steps
//! mean the same and where things go. Out: an ordinary [`Sop`], where each step came from, and hints.
//!
//! Nothing is tried out: steps that mean the same are one, what a step needs has to be given by an earlier one, and what is
//! free is ordered by stage, then by fragment. Whatever cannot be met is named.
//!
//! ```
//! use goldpath::sop::{Composition, Fragment, Rules};
//! use goldpath::Lang;
//! let [spin, bant] = ["spin", "bant"].map(|id| Fragment::ready(id, Lang::Zh).expect("it is there"));
//! let rules = Rules::parse("{format: goldpath/1, same: {bant.need: spin.problem}}")?;
//! let composed = Composition::new([spin, bant]).with_rules(&rules).compose("新客户跟进")?;
//! assert!(composed.sop.steps().contains_key("budget"));
//! assert!(composed.sources.iter().any(|source| source.step == "problem" && source.of.len() == 2));
//! # Ok::<(), goldpath::Error>(())
//! ```

mod fragment;
mod merge;
mod order;
mod read;
mod rules;

use schemars::JsonSchema;
use serde::Serialize;

pub use fragment::{Fragment, FragmentStep};
pub use rules::{Placement, Rules, Target};

use super::{Hint, Sop};
use crate::error::{Error, Fault, Result};

/// Fragments and the rules that join them, not yet an SOP.
///
/// Putting compositions together is associative: `a.and(&b).and(&c)` and `a.and(&b.and(&c))` are the same composition, and
/// so give the same SOP. The order of the fragments matters where nothing else decides.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Composition {
    fragments: Vec<Fragment>,
    rules: Rules,
}

impl Composition {
    /// These fragments, without rules.
    pub fn new(fragments: impl IntoIterator<Item = Fragment>) -> Self {
        Self { fragments: fragments.into_iter().collect(), rules: Rules::default() }
    }

    /// Adds rules to those there are.
    #[must_use]
    pub fn with_rules(mut self, rules: &Rules) -> Self {
        self.rules = self.rules.and(rules);
        self
    }

    /// Both, the fragments and rules of the other after those of this one.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let fragments = self.fragments.iter().chain(&other.fragments).cloned().collect();
        Self { fragments, rules: self.rules.and(&other.rules) }
    }

    /// The fragments, in order.
    pub fn fragments(&self) -> &[Fragment] {
        &self.fragments
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Joins the fragments into an SOP of that name.
    ///
    /// # Errors
    /// [`Error::Compose`] with everything that cannot be met: equivalences in a circle, orders that contradict each other
    /// (who asks for which), needs that are only given too late, names that are not known.
    pub fn compose(&self, name: &str) -> Result<Composed> {
        merge::compose(self, name)
    }
}

/// Joins fragments into an SOP: [`Composition::compose`] in one call.
///
/// # Errors
/// As [`Composition::compose`].
pub fn compose(name: &str, fragments: impl IntoIterator<Item = Fragment>, rules: &Rules) -> Result<Composed> {
    Composition::new(fragments).with_rules(rules).compose(name)
}

/// What became of a composition.
#[derive(Debug, Clone, PartialEq)]
pub struct Composed {
    /// The SOP.
    pub sop: Sop,
    /// Where each step came from, in the order of the steps.
    pub sources: Vec<Source>,
    /// What is valid and yet hardly meant: duplicates, standards nobody can meet, needs that no step gives.
    pub hints: Vec<Hint>,
}

/// Where a step of a composed SOP came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Source {
    /// Id of the step in the SOP.
    pub step: String,
    /// The steps of fragments it was made of, the one it took its name from first.
    pub of: Vec<SourceStep>,
}

/// A step of a fragment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SourceStep {
    /// Id of the fragment.
    pub fragment: String,
    /// Id of the step in it.
    pub step: String,
}

fn failed(mut faults: Vec<Fault>) -> Error {
    for fault in &mut faults {
        fault.code = match fault.code {
            "sop.syntax" => "fragment.syntax",
            "sop.not_utf8" => "fragment.not_utf8",
            "sop.too_deep_or_large" | "sop.too_large" => "fragment.too_large",
            "sop.unknown_key" => "fragment.unknown_key",
            "sop.wrong_type" => "fragment.wrong_type",
            "sop.wrong_value" => "fragment.wrong_value",
            "sop.missing" => "fragment.missing",
            "sop.format" => "fragment.format",
            other => other,
        };
        fault.help = fault.help.replace("an SOP text", "a fragment");
    }
    Error::Compose(faults)
}
