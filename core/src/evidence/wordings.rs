//! Wordings as choices: everyone who spoke of a step, and in which words.
//!
//! A row is one use: its conversation spoke of the step, in this wording or in another. What is compared is the wording
//! against the others of its step, among uses of the same rep, attributes and earlier choices.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::choices::{ChoiceId, ChoiceKind, ChoiceTable, Known, NEVER, NO_DAY, Reading};
use super::effects::{EvidenceOptions, finish_each};
use super::estimate::strata;
use super::finding::Finding;
use super::ledger::{EffectLedger, tally};
use super::plan::Plan;
use super::scenes::{Blocks, Draft, Row, Stories, Visit};
use super::screen::screen;
use crate::corpus::NONE;
use crate::error::Result;

/// Name of the outcome "went on to another planned step".
pub(crate) const ADVANCED: &str = "advanced";

/// Something that was said: the first of its conversation about the step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) conversation: &'a str,
    pub(crate) rep: Option<&'a str>,
    pub(crate) profile: &'a [String],
    pub(crate) day: Option<i32>,
    /// What was known before, by number.
    pub(crate) known: &'a [u32],
    /// Number of its wording.
    pub(crate) wording: u32,
    /// What came of it.
    pub(crate) value: Option<f64>,
}

/// A wording as it would do among all who spoke of the step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Adjusted {
    /// Share, or mean, of the step and the adjusted difference of those who did otherwise.
    pub(crate) rate: f64,
    /// How many uses that is worth: Kish's number under overlap weights.
    pub(crate) n: f64,
}

impl ChoiceId {
    /// A wording of a step.
    pub(crate) fn of_wording(sop: &str, entry: u32, step: &str, title: &str, words: String) -> Self {
        let plain = Self::of_host(ChoiceKind::Wording, step, None);
        Self { sop: sop.to_owned(), entry, title: title.to_owned(), wording: Some(words), ..plain }
    }
}

/// Judges the wordings of a table: each with its finding and what it is worth, both passes of the engine over these uses.
/// Both are missing for those with fewer than ten uses.
pub(crate) fn wordings(table: &ChoiceTable, options: &EvidenceOptions) -> Result<Vec<(Option<Finding>, Option<Adjusted>)>> {
    let plan = Plan::of(&screen(table));
    let ledger = tally(table, &plan)?;
    let findings = finish_each(&ledger, &plan, options)?;
    let mut found = vec![(None, None); table.choices.len()];
    for ((planned, finding), n) in plan.choices.iter().zip(findings).zip(ledger.overlap_sizes()) {
        let Some(number) = table.choices.get_index_of(&planned.choice) else { continue };
        let adjusted = finding.as_ref().and_then(|f| adjusted(f, n?));
        found[number] = (finding, adjusted);
    }
    Ok(found)
}

/// The rate if all had said it so: that of all, and for the others the difference.
fn adjusted(f: &Finding, n: f64) -> Option<Adjusted> {
    let (treated, control) = (f.treated, f.control);
    let (n1, n0) = (treated.n as f64, control.n as f64);
    let sum = treated.rate? * n1 + control.rate? * n0;
    let rate = (sum + n0 * f.estimate?) / (n1 + n0);
    (!f.adjusted_for.is_empty()).then_some(Adjusted { rate, n })
}

impl ChoiceTable {
    /// The uses as rows; all wordings of a step are one decision. No two `choices` may be equal.
    pub(crate) fn of_wordings<'a>(
        outcome: &str,
        numeric: bool,
        attributes: &[String],
        known: &IndexSet<Known, FxBuildHasher>,
        choices: &[ChoiceId],
        uses: impl Iterator<Item = Said<'a>>,
    ) -> Self {
        let mut table = Self { outcome: outcome.to_owned(), numeric, attributes: attributes.to_vec(), known_names: known.clone(), ..Self::default() };
        for id in choices {
            let risk = table.risks.insert_full(format!("{} {} | wording of {}", id.entry, id.sop, id.step), Reading::default()).0;
            table.choice(id.clone(), risk as u32);
        }
        let (mut stories, mut draft) = (Stories::default(), Draft::default());
        for said in uses {
            let profile = table.profiles.insert_full(said.profile.to_vec()).0 as u32;
            let rep = said.rep.map_or(NONE, |rep| table.reps.intern(rep));
            table.push_case(said.conversation, rep, profile, said.value, said.day.unwrap_or(NO_DAY), NONE);
            let risk = table.choices[said.wording as usize];
            draft.clear();
            draft.row(Row { risk, went_on: true, held: true, of_customer: false, from: NEVER, known: said.known, done: &[[said.wording, NEVER]] });
            let scene = table.scenes.number(&mut draft);
            stories.visit(Visit { scene, from: 0, known: 0 });
            stories.end(&[]);
        }
        table.of_cases = Blocks::whole(stories);
        table
    }
}

impl EffectLedger {
    /// For each comparison of the plan, how many who made the choice it is worth: (Σw)² ÷ Σw² with the weight n₀/N of its
    /// stratum for each; `None` where nothing is comparable.
    fn overlap_sizes(&self) -> Vec<Option<f64>> {
        let size = |counts| {
            let weights = strata(counts, |cell| (cell.treated, cell.control)).into_iter().map(|s| {
                let (n1, n0) = (s.treated.n as f64, s.control.n as f64);
                if n1 > 0.0 { (n1, n0 / (n1 + n0)) } else { (0.0, 0.0) }
            });
            let (sum, squares) = weights.fold((0.0, 0.0), |(sum, squares), (n, w)| (sum + n * w, squares + n * w * w));
            (squares > 0.0).then(|| sum * sum / squares)
        };
        self.canonical().counts.iter().map(size).collect()
    }
}
