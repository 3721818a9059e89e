//! What another version of the SOP would have meant: who would no longer conform, and since when the data speak for it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::gain::Gain;
use super::innovation::ImproveOptions;
use super::mine::Mine;
use super::proposal::{Conformity, ProposalKind, conforming};
use crate::check::Check;
use crate::error::{Error, Result};
use crate::evidence::{ChoiceId, ChoiceKind, ChoiceTable, SequenceCounts, default_adjustment};
use crate::sop::Sop;
use crate::stats::{Interval, TwoByTwo, strata_evidence};
use crate::table::{Column, Table};
use crate::words::{self, Lang};

/// Log odds ratios of a gain that the test looks for.
const GRID: [f64; 6] = [0.1, 0.2, 0.35, 0.5, 0.75, 1.0];
/// Evidence from which the data speak for a change: 20 to 1, an always-valid p-value of .05.
const ENOUGH: f64 = 20.0;
/// Looks at the data: at most so many, at equal distances.
const LOOKS: i32 = 200;

/// How many cases of a rep conform under both versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RepConformity {
    /// The rep; `None` where the cases name none.
    pub rep: Option<String>,
    /// Of the rep's cases.
    pub conformity: Conformity,
}

/// The evidence for a choice on a day, by cases that began up to then.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EvidenceAt {
    /// The day, in days since 1970-01-01.
    pub day: i32,
    /// Decided cases compared so far.
    pub cases: u64,
    /// Logarithm of the e-value: the bet against "it does nothing" has multiplied its stake by so much.
    pub log_evidence: f64,
}

/// The evidence for one change over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Support {
    /// The choice the change rests on.
    pub choice: ChoiceId,
    /// First day on which the evidence was 20 to 1, by cases that began up to then; `None` if it never was.
    pub since: Option<i32>,
    /// The evidence at each look.
    pub looks: Vec<EvidenceAt>,
    /// What it would bring among those newly affected, by the later cases up to the day asked for; `None` where too little is
    /// comparable, or it was not asked for.
    pub gain: Option<Gain>,
}

/// A version of the SOP held against the cases there have been.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backtest {
    /// All cases that began up to the day asked for.
    pub conformity: Conformity,
    /// The same by rep, those who lose most first.
    pub reps: Vec<RepConformity>,
    /// Since when the data speak for each choice.
    pub support: Vec<Support>,
    /// Sum of the gains of the choices; its interval takes them for independent. `None` where none is known.
    pub expected: Option<Interval>,
}

impl Backtest {
    /// Holds another version of an SOP of the playbook against the cases that began up to a day (all where none is given;
    /// cases without a date count only then), and asks since when the data speak for the choices it rests on.
    ///
    /// The test may be looked at at any time: it is the exact e-value of a gain within rep × attributes given all margins
    /// ([`strata_evidence`]), and uses at each look only cases that began before. It compares yes/no outcomes; where a lower
    /// one is better, it asks for fewer.
    ///
    /// # Errors
    /// [`Error::Argument`] for an SOP that is not there, a numeric outcome with choices to judge, or as [`ChoiceTable::of`].
    pub fn of(check: &Check, entry: usize, next: &Sop, choices: &[ChoiceId], as_of: Option<i32>, lower_is_better: bool) -> Result<Self> {
        if entry >= check.playbook().entries().len() {
            return Err(Error::argument("entry", format!("there is no SOP number {entry}"), format!("a number below {}", check.playbook().entries().len())));
        }
        let store = check.corpus().store();
        let within = |case: usize| as_of.is_none_or(|last| store.day(case).is_some_and(|day| day <= last));
        let mut reps: BTreeMap<Option<String>, Conformity> = BTreeMap::new();
        for (case, before, after) in conforming(check, entry, next)? {
            if within(case) {
                let rep = store.reps.get(check.rep_of(case)).map(ToOwned::to_owned);
                reps.entry(rep).or_default().note(before, after);
            }
        }
        let mut conformity = Conformity::default();
        reps.values().for_each(|of| conformity.add(of));
        let mut reps: Vec<RepConformity> = reps.into_iter().map(|(rep, conformity)| RepConformity { rep, conformity }).collect();
        reps.sort_by(|a, b| b.conformity.lost.cmp(&a.conformity.lost).then_with(|| a.rep.cmp(&b.rep)));
        let support = if choices.is_empty() { Vec::new() } else { support(check, choices, as_of, lower_is_better)? };
        Ok(Self { conformity, reps, support, expected: None })
    }

    /// As [`Backtest::of`], for the choices that another version of an SOP turns into its plan: every choice whose edit alone is
    /// part of what differs between both versions. Each has its gain on the later cases; numbers have no test over time.
    ///
    /// # Errors
    /// As [`Backtest::of`].
    pub fn of_version(check: &Check, entry: usize, next: &Sop, as_of: Option<i32>, options: &ImproveOptions) -> Result<Self> {
        let mut made = Self::of(check, entry, next, &[], as_of, options.lower_is_better)?;
        if check.outcome().is_none() {
            return Ok(made);
        }
        let present = &check.playbook().entries()[entry].sop;
        let (sequences, _) = SequenceCounts::of(check, &options.never_choices).closed(options.min_uses);
        let mine = Mine::of_paths(check, options, &sequences)?;
        let mut choices: Vec<ChoiceId> = changed(present, next, entry, mine.table.choices());
        choices.sort();
        made.support = if mine.table.is_numeric() {
            choices.into_iter().map(|choice| Support { choice, since: None, looks: Vec::new(), gain: None }).collect()
        } else {
            choices.iter().map(|id| over_time(&mine.table, id, as_of, options.lower_is_better)).collect()
        };
        let within = |case: usize| as_of.is_none_or(|last| mine.table.day_of(case).is_some_and(|day| day <= last));
        for support in &mut made.support {
            support.gain = mine.gain_among(&support.choice, |_| true, within)?;
        }
        made.expected = together(made.support.iter().filter_map(|support| support.gain));
        Ok(made)
    }

    /// Who would no longer conform, what the change would be expected to bring, and since when the data speak for it.
    pub fn sentence(&self, lang: Lang) -> String {
        words::backtest(self, lang)
    }

    /// How many cases of each rep conform under both versions, a row each.
    pub fn reps_table(&self) -> Table {
        let int = |f: &dyn Fn(&Conformity) -> u64| Column::Int(self.reps.iter().map(|of| Some(f(&of.conformity) as i64)).collect());
        let mut table = Table::new("backtest_reps");
        table.push("rep", Column::Text(self.reps.iter().map(|of| of.rep.as_deref().map(Into::into)).collect()));
        table.push("cases", int(&|c| c.cases));
        table.push("conforming_before", int(&|c| c.before));
        table.push("conforming_after", int(&|c| c.after));
        table.push("lost", int(&|c| c.lost));
        table.push("won", int(&|c| c.won));
        table
    }
}

/// Gains one after the other; the interval takes them for independent.
pub(super) fn together(gains: impl Iterator<Item = Gain>) -> Option<Interval> {
    let (mut n, mut sum, mut squares) = (0, 0.0, 0.0);
    for Gain { gain, .. } in gains {
        (n, sum, squares) = (n + 1, sum + gain.estimate, squares + ((gain.high - gain.low) / 2.0).powi(2));
    }
    let half = f64::sqrt(squares);
    (n > 0).then_some(Interval { estimate: sum, low: sum - half, high: sum + half })
}

/// The choices whose edit is part of what leads from one version to another.
fn changed<'a>(present: &Sop, next: &Sop, entry: usize, choices: impl Iterator<Item = &'a ChoiceId>) -> Vec<ChoiceId> {
    let all = present.diff(next);
    let edits = all.patch().edits();
    if edits.is_empty() {
        return Vec::new();
    }
    let part = |id: &&ChoiceId| {
        let kind = match id.kind {
            ChoiceKind::Add | ChoiceKind::Sequence => ProposalKind::Insert,
            ChoiceKind::OutOfOrder => ProposalKind::Reorder,
            ChoiceKind::Skip => ProposalKind::Drop,
            ChoiceKind::Include => ProposalKind::MakeRequired,
            _ => return false,
        };
        let made = super::edits::edits(present, kind, id, None, None);
        made.is_some_and(|made| present.diff(&made.next).patch().edits().iter().all(|edit| edits.contains(edit)))
    };
    choices.filter(|id| id.entry as usize == entry && id.given.is_empty()).filter(part).cloned().collect()
}

fn support(check: &Check, choices: &[ChoiceId], as_of: Option<i32>, lower_is_better: bool) -> Result<Vec<Support>> {
    let sequences: Vec<_> = choices.iter().filter_map(|id| super::proposal::sequence_of(check, id)).collect();
    let table = ChoiceTable::with_sequences(check, &default_adjustment(check), &[], &sequences)?;
    if table.is_numeric() {
        return Err(Error::argument("choices", "the test over time compares yes/no outcomes; this one is a number", "leave the choices out"));
    }
    Ok(choices.iter().map(|id| over_time(&table, id, as_of, lower_is_better)).collect())
}

fn over_time(table: &ChoiceTable, id: &ChoiceId, as_of: Option<i32>, lower_is_better: bool) -> Support {
    let mut cases: Vec<(i32, usize, bool)> = (table.uses(id).into_iter())
        .filter(|used| table.value_of(used.case).is_some())
        .filter_map(|used| Some((table.day_of(used.case)?, used.case, used.made)))
        .filter(|(day, ..)| as_of.is_none_or(|last| *day <= last))
        .collect();
    cases.sort_unstable();
    let mut support = Support { choice: id.clone(), since: None, looks: Vec::new(), gain: None };
    let (Some(&(first, ..)), Some(&(last, ..))) = (cases.first(), cases.last()) else { return support };
    let apart = ((last - first) / LOOKS + 1).max(1);
    let grid: Vec<f64> = GRID.iter().map(|theta| if lower_is_better { -theta } else { *theta }).collect();
    let mut strata: BTreeMap<(Option<&str>, u32), [u64; 4]> = BTreeMap::new();
    let (mut at, mut look) = (0, first);
    while at < cases.len() {
        while let Some(&(_, case, made)) = cases.get(at).filter(|case| case.0 <= look) {
            let won = table.value_of(case) == Some(1.0);
            let of = strata.entry((table.rep_of(case), table.profile_of(case))).or_default();
            of[usize::from(!made) * 2 + usize::from(!won)] += 1;
            at += 1;
        }
        let tables = strata.values().map(|&[a, b, c, d]| TwoByTwo::new(a, b, c, d));
        let log_evidence = strata_evidence(tables, &grid).unwrap_or(0.0);
        support.looks.push(EvidenceAt { day: look, cases: at as u64, log_evidence });
        if support.since.is_none() && log_evidence >= ENOUGH.ln() {
            support.since = Some(look);
        }
        look += apart;
    }
    support
}
