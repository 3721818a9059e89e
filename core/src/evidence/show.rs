//! What tables, ledgers and plans say of themselves in a line.

use std::fmt;

use super::{ChoiceTable, EffectLedger, Plan, ScreenLedger};

impl fmt::Display for ChoiceTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChoiceTable({} cases, {} choices, outcome {})", self.len(), self.choices.len(), self.outcome)
    }
}

impl fmt::Display for ScreenLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScreenLedger({} decided cases, {} choices, outcome {})", self.decided(), self.choices.len(), self.outcome)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.adjust_for.iter().map(|name| format!(", {name}")).collect::<String>();
        write!(f, "Plan({} comparisons, outcome {}, adjusted for rep{names}; {} choices too rare)", self.choices.len(), self.outcome, self.too_rare)
    }
}

impl fmt::Display for EffectLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EffectLedger({} comparisons, {} reps, plan {})", self.counts.len(), self.reps.len(), self.plan.get(..12).unwrap_or(&self.plan))
    }
}
