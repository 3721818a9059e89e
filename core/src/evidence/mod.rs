//! What a choice does to the result: one result type, one engine.
//!
//! In: the choices of a [`Check`] (or rows of the host) and the outcomes of the cases, as a [`ChoiceTable`]. Out:
//! [`Finding`]s, each with numbers of cases and reps, an interval, its method, its guards and a verdict. Two passes, both of
//! sums that shards can add: [`screen`] gives what [`Plan::of`] needs to settle what is compared with what; [`tally`] counts
//! outcomes under that plan; [`finish`] makes findings of the counts.
//!
//! ```
//! use goldpath::evidence::{self, ChoiceTable, EvidenceOptions, Plan};
//! use goldpath::{Corpus, Sop};
//! let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}")?;
//! let corpus = Corpus::parse(br#"{"id": "c1", "rep": "ann", "steps": ["open", "need", "close"], "outcome": {"won": true}}
//! {"id": "c2", "rep": "ann", "steps": ["open", "close"], "outcome": {"won": false}}"#)?;
//! let table = ChoiceTable::of(&corpus.check(&sop)?, &[], &[])?;
//! let plan = Plan::of(&evidence::screen(&table));
//! let ledger = evidence::tally(&table, &plan)?;
//! let findings = evidence::finish(&ledger, &plan, &EvidenceOptions::default())?;
//! assert!(findings.iter().all(|f| f.verdict.name() == "not_enough_evidence"));
//! # Ok::<(), goldpath::Error>(())
//! ```

mod bounds;
mod choices;
mod effects;
mod estimate;
mod finding;
mod gap;
mod gather;
mod grouped;
mod host;
mod ledger;
mod plan;
mod sample;
mod scenes;
mod screen;
mod sequences;
mod show;
mod subset;
mod sums;
mod times;
mod what_if;
mod wordings;

pub(crate) use bounds::BoundAt;
pub use choices::{ChoiceId, ChoiceKind, ChoiceTable, Known, StandardAsked, WaitUnit};
pub(crate) use choices::{NO_LEVEL, as_number, id_bucket};
pub(crate) use effects::finish_each;
pub use effects::{EvidenceOptions, finish};
pub(crate) use finding::table;
pub use finding::{Arm, Caveat, Comparable, Estimand, Finding, Heterogeneity, Landmark, SegmentEffect, StepCount, TimeEffect, Verdict, What};
pub use gap::{Gap, GapOf, GapPart, GapShare};
pub(crate) use gap::{TOP_CASES, gaps};
pub(crate) use gather::{KnownBefore, profiles};
pub use host::{ChoiceCase, ChoiceColumn, ChoiceColumns, ChoiceRow};
pub(crate) use ledger::tally_of;
pub use ledger::{EffectLedger, tally};
pub(crate) use plan::is_early;
pub use plan::{Coarse, Plan, PlannedChoice};
pub(crate) use sample::sample_bias;
pub use sample::{SampleBias, SampleReading};
pub(crate) use screen::screen_of;
pub use screen::{ScreenLedger, screen};
pub use sequences::{SequenceAt, SequenceCounts};
pub(crate) use subset::{OfRep, Use, finding_of};
pub(crate) use what_if::what_if;
pub use what_if::{ExpectedChange, Refusal, WhatIf};
pub(crate) use wordings::{ADVANCED, Adjusted, Said, wordings};

use crate::check::Check;
use crate::corpus::{NONE, OutcomeValue};
use crate::error::Result;
use crate::sop::Measure;

/// Most values an attribute may have to be adjusted for unasked.
const UNASKED: usize = 20;

/// The attributes that are adjusted for where nothing is said: those with 2 to 20 values, but none that tells the outcome
/// (each of its values always won or always lost), and none that a standard asks to be filled in.
pub fn default_adjustment(check: &Check) -> Vec<String> {
    let store = check.corpus().store();
    let outcome = check.outcome_column();
    let fits = |codes: &[u32]| {
        let mut won: std::collections::BTreeMap<u32, [u64; 2]> = std::collections::BTreeMap::new();
        for (case, &code) in codes.iter().enumerate() {
            let of = won.entry(code).or_default();
            match outcome.and_then(|column| column.get(case)) {
                Some(OutcomeValue::Bool(result)) => of[usize::from(result)] += 1,
                Some(OutcomeValue::Number(_)) | None => {}
            }
            if won.len() > UNASKED {
                return false;
            }
        }
        let (lost_only, won_only) = (won.values().any(|[_, w]| *w == 0), won.values().any(|[l, _]| *l == 0));
        let tells = lost_only && won_only && won.values().all(|[l, w]| *l == 0 || *w == 0);
        // A missing value is a level; a column of one value and gaps says something too.
        won.len() >= 2 && won.keys().any(|&code| code != NONE) && !tells
    };
    let steps = check.playbook().sops().flat_map(|sop| sop.steps().values());
    let filled_in: std::collections::BTreeSet<&str> = steps
        .flat_map(|step| &step.standards)
        .filter_map(|standard| if let Measure::Requires(required) = &standard.measure { Some(required.attribute()) } else { None })
        .collect();
    store.attributes.iter().filter(|(name, column)| !filled_in.contains(name.as_str()) && fits(&column.codes)).map(|(name, _)| name.clone()).collect()
}

impl Check {
    /// First pass over the choices of this check, as one shard of many: [`ChoiceTable::of`] and [`screen`]. Shards have to
    /// be given the same names; where nothing is said, no attribute is adjusted for.
    ///
    /// # Errors
    /// As [`ChoiceTable::of`].
    pub fn screen(&self, adjust_for: &[String], never_choices: &[String]) -> Result<ScreenLedger> {
        Ok(screen(&ChoiceTable::of(self, adjust_for, never_choices)?))
    }

    /// Second pass, under a plan of all shards: [`tally`].
    ///
    /// # Errors
    /// As [`ChoiceTable::of`] and [`tally`].
    pub fn tally(&self, plan: &Plan) -> Result<EffectLedger> {
        tally(&ChoiceTable::of(self, &plan.adjust_for, &[])?, plan)
    }
}

impl ChoiceTable {
    /// Both passes over this table alone, and its findings.
    ///
    /// # Errors
    /// As [`finish`].
    pub fn findings(&self, options: &EvidenceOptions) -> Result<(Vec<Finding>, Plan)> {
        let plan = Plan::of(&screen(self));
        let findings = finish(&tally(self, &plan)?, &plan, options)?;
        Ok((findings, plan))
    }
}

impl EffectLedger {
    /// What this ledger shows under its plan: [`finish`].
    ///
    /// # Errors
    /// As [`finish`].
    pub fn finish(&self, plan: &Plan, options: &EvidenceOptions) -> Result<Vec<Finding>> {
        finish(self, plan, options)
    }
}

/// The whole engine on one check: both passes and the findings; empty without an outcome.
pub(crate) fn findings(
    check: &Check,
    adjust_for: Option<&[String]>,
    never_choices: &[String],
    options: &EvidenceOptions,
) -> Result<(Vec<Finding>, Option<Plan>)> {
    findings_of_times(check, adjust_for, never_choices, options, None)
}

/// The same; with the name of a time, of how long it takes ([`ChoiceTable::timed`]).
pub(crate) fn findings_of_times(
    check: &Check,
    adjust_for: Option<&[String]>,
    never_choices: &[String],
    options: &EvidenceOptions,
    time: Option<&str>,
) -> Result<(Vec<Finding>, Option<Plan>)> {
    if check.outcome().is_none() {
        return Ok((Vec::new(), None));
    }
    let adjust_for = adjust_for.map_or_else(|| default_adjustment(check), <[String]>::to_vec);
    let mut table = ChoiceTable::of(check, &adjust_for, never_choices)?;
    if let Some(name) = time {
        table = table.timed(check, name)?;
    }
    let (findings, plan) = table.findings(options)?;
    Ok((findings, Some(plan)))
}
