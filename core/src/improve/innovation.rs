//! Unplanned choices that win, mined on the earlier cases, confirmed on the later ones and among other reps.

use std::collections::BTreeSet;

use serde::Serialize;

use super::first::{by_rep, first_users};
use super::gain::Gain;
use super::innovator::{Adoption, Innovator, RepUse, adoption, innovators, rep_uses};
use super::mine::{ALPHA, Mine, Mines, tracks};
use crate::check::Check;
use crate::error::{Error, Result};
use crate::evidence::{Caveat, ChoiceId, ChoiceTable, EvidenceOptions, Finding, Plan, SequenceCounts, Verdict, tally};
use crate::stats::{Estimate, Interval, pool};
use crate::talk::TalkTracks;
use crate::words::{self, Lang};

/// z of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// How innovations are looked for.
#[derive(Debug, Clone)]
pub struct ImproveOptions {
    /// As [`ReviewOptions::adjust_for`](crate::ReviewOptions::adjust_for).
    pub adjust_for: Option<Vec<String>>,
    /// Steps that define the outcome, such as a signature: never judged as choices.
    pub never_choices: Vec<String>,
    /// Lower values of the outcome are the better ones.
    pub lower_is_better: bool,
    /// Fewest decided cases that did it; what is rarer goes to the list of rare situations.
    pub min_uses: u64,
}

impl Default for ImproveOptions {
    fn default() -> Self {
        Self { adjust_for: None, never_choices: Vec::new(), lower_is_better: false, min_uses: 30 }
    }
}

/// How far an innovation has been shown to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InnovationStatus {
    /// Helps within reps over all cases, was found on the earlier ones, holds on the later ones and among reps other than
    /// the first users, and goes with more than unplanned steps there do anyway.
    Proven,
    /// Looks good, and something is still missing.
    Candidate,
    /// Looks good, and only one rep does it: the rep and the choice cannot be told apart.
    OneRepOnly,
    /// Looked good on the earlier cases; the later ones could have shown it and do not.
    Refuted,
}

impl InnovationStatus {
    /// The name of the status, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Candidate => "candidate",
            Self::OneRepOnly => "one_rep_only",
            Self::Refuted => "refuted",
        }
    }
}

/// An unplanned choice that looks or is good (创新点).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Innovation {
    /// The choice: a step, an order, or a sequence, at its decision point; or a wording at its step.
    pub choice: ChoiceId,
    /// How far it has been shown to work.
    pub status: InnovationStatus,
    /// Over all cases.
    pub finding: Finding,
    /// Over the earlier cases, on which it was looked for; `None` where it did not occur there.
    pub mined: Option<Finding>,
    /// Over the later cases, on which it was judged: the honest size of the effect.
    pub later: Option<Finding>,
    /// Among reps other than its first users, over all cases.
    pub others: Option<Finding>,
    /// What making it everywhere would bring, by the later cases.
    pub gain: Option<Gain>,
    /// A sequence against each of its parts alone; empty for what is no sequence.
    pub against_parts: Vec<Finding>,
    /// What other unplanned steps at the same point go with: more steps are a sign of cases that go well anyway. `None`
    /// where there is nothing else unplanned to compare with.
    pub baseline: Option<Interval>,
    /// Reps that used it first.
    pub first_users: Vec<String>,
    /// Day of the first use, in days since 1970-01-01.
    pub first_use: Option<i32>,
    /// Cases that did it, decided or not.
    pub uses: u64,
    /// Reps that did it.
    pub users: u64,
    /// What each rep made of it, by name.
    pub reps: Vec<RepUse>,
    /// How its use spread; empty without dates.
    pub adoption: Vec<Adoption>,
}

impl Innovation {
    /// One sentence about it.
    pub fn sentence(&self, lang: Lang) -> String {
        words::innovation(self, lang)
    }
}

/// Something unplanned that is too rare to be compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rare {
    /// The choice.
    pub choice: ChoiceId,
    /// Cases that did it, decided or not.
    pub uses: u64,
    /// Of the decided ones, those won; for a numeric outcome 0.
    pub won: u64,
    /// Decided cases that did it.
    pub decided: u64,
    /// Reps that did it.
    pub reps: u64,
    /// Some of the cases, the earliest in the corpus.
    pub cases: Vec<String>,
}

/// What has to be said before innovations are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ImproveNote {
    /// There is one rep only: what works cannot be told from who does it.
    OneRep,
    /// No case names a rep.
    NoReps,
    /// No case has a date: earlier and later part are a fixed random split by id, and nobody can be called first.
    NoDates,
    /// Some decided cases have no date: they are split at random by id.
    SomeUndated,
    /// All decided cases ended alike: nothing can be compared.
    OneOutcome,
}

impl ImproveNote {
    /// The name of the note, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneRep => "one_rep",
            Self::NoReps => "no_reps",
            Self::NoDates => "no_dates",
            Self::SomeUndated => "some_undated",
            Self::OneOutcome => "one_outcome",
        }
    }

    /// One sentence about it.
    pub fn sentence(self, lang: Lang) -> &'static str {
        words::improve_note(self, lang)
    }
}

/// What is done outside the SOP that works, and who found it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Innovations {
    /// Proven ones first, then by size of the effect on the later cases.
    pub innovations: Vec<Innovation>,
    /// Who led the way to a proven innovation.
    pub innovators: Vec<Innovator>,
    /// Unplanned choices too rare to be compared, the most frequent first. Nothing is dropped.
    pub rare: Vec<Rare>,
    /// Unplanned choices that were compared.
    pub compared: u64,
    /// Frequent sequences that were left out for the limit on their number.
    pub sequences_left_out: u64,
    /// Wordings of steps that are said too rarely to be named, fewer than ten times each: the talk tracks have them.
    pub wordings_left_out: u64,
    /// Last day of the earlier part, in days since 1970-01-01; `None` where cases have no dates.
    pub split: Option<i32>,
    /// What has to be said before.
    pub notes: Vec<ImproveNote>,
}

impl Innovations {
    /// Looks for innovations in the cases of a check.
    ///
    /// What is compared is settled and looked for on the earliest 60 % of decided cases by day (without dates: by
    /// SHA-256 of the id). Where conversations have turns, so is what is said at the steps of the SOP: each wording against the
    /// others of its step, but those that experts or the SOP give word by word. A choice that helps there (p < .05) is *found*. It is *proven* if it helps on the later cases
    /// (p < .05), among reps other than those who used it first (p < .05), and over all cases with Benjamini and
    /// Hochberg's allowance for everything compared: for acts and for wordings each.
    ///
    /// # Errors
    /// [`Error::Argument`] if the check has no outcome, or for a name in `adjust_for` that no case has.
    pub fn of(check: &Check, options: &ImproveOptions) -> Result<Self> {
        Ok(Self::mined(check, options, tracks(check, options, &[])?.as_ref())?.0)
    }

    pub(super) fn mined(check: &Check, options: &ImproveOptions, tracks: Option<&TalkTracks>) -> Result<(Self, Mines)> {
        if options.min_uses == 0 {
            return Err(Error::argument("min_uses", "0 uses are no evidence", "a number from 1"));
        }
        let (sequences, left_out) = SequenceCounts::of(check, &options.never_choices).closed(options.min_uses);
        let mines = Mines::of(check, options, &sequences, tracks)?;
        let paths = &mines.paths;
        let mut found = Self { sequences_left_out: left_out as u64, split: paths.whole.split, notes: notes(&paths.table), ..Self::default() };
        found.look(paths, options, |id| id.is_unplanned() && id.given.is_empty())?;
        found.rare = rare(paths, options.min_uses, |id| id.is_unplanned() && id.members.is_empty());
        if let Some(words) = &mines.words {
            found.look(&words.mine, options, |id| words.is_unplanned(id))?;
            let (rare, unnamed) = words.rare(options.min_uses);
            found.rare.extend(rare);
            found.wordings_left_out = unnamed;
        }
        found.rare.sort_by(|a, b| b.uses.cmp(&a.uses).then_with(|| a.choice.cmp(&b.choice)));
        let size = |i: &Innovation| -> f64 { i.later.as_ref().unwrap_or(&i.finding).estimate.map_or(0.0, f64::abs) };
        found.innovations.sort_by(|a, b| a.status.cmp(&b.status).then_with(|| size(b).total_cmp(&size(a))).then_with(|| a.choice.cmp(&b.choice)));
        found.innovators = innovators(&mines, &found.innovations);
        Ok((found, mines))
    }

    /// Looks among some choices.
    fn look(&mut self, mine: &Mine, options: &ImproveOptions, takes: impl Fn(&ChoiceId) -> bool) -> Result<()> {
        let mut candidates: Vec<(ChoiceId, Finding, Option<Finding>)> = Vec::new();
        for (planned, finding) in mine.whole.choices.iter().zip(&mine.all) {
            let (id, Some(finding)) = (&planned.choice, finding) else { continue };
            if !takes(id) || finding.treated.n < options.min_uses {
                continue;
            }
            self.compared += 1;
            let mined = mine.mined(id).cloned();
            let looks_good = mined.as_ref().is_some_and(|f| mine.good(f) && f.p_value.is_some_and(|p| p < ALPHA));
            if looks_good || finding.verdict == Verdict::Helps {
                candidates.push((id.clone(), finding.clone(), mined));
            }
        }
        for (id, finding, mined) in candidates {
            self.innovations.extend(judge(mine, id, finding, mined)?);
        }
        Ok(())
    }

    /// The proven ones.
    pub fn proven(&self) -> impl Iterator<Item = &Innovation> {
        self.innovations.iter().filter(|i| i.status == InnovationStatus::Proven)
    }
}

/// What is known of a choice that looks good; `None` for a sequence that only repeats the effect of one of its parts, which is
/// not worth a name of its own.
fn judge(mine: &Mine, id: ChoiceId, finding: Finding, mined: Option<Finding>) -> Result<Option<Innovation>> {
    let (table, whole, all) = (&mine.table, &mine.whole, &mine.all);
    let later = if mined.as_ref().is_some_and(|f| mine.clear(f)) { mine.later(&id)? } else { None };
    let confirmed = later.as_ref().is_some_and(|f| mine.clear(f));
    let uses = table.uses(&id);
    let (reps, _) = by_rep(table, &uses);
    let dated = reps.values().any(|of| !of.days.is_empty());
    let first = first_users(&reps, dated);
    let others = mine.over(&id, |case| table.rep_of(case).is_some_and(|rep| !first.iter().any(|name| name == rep)))?;
    let against_parts = if id.members.is_empty() { Vec::new() } else { against_parts(whole, all, &id) };
    if !id.members.is_empty() && against_parts.iter().any(|f| f.treated.n > 0 && f.control.n > 0 && !mine.clear(f)) {
        return Ok(None);
    }
    let baseline = baseline(whole, all, &id);
    let users = reps.values().filter(|of| of.uses > 0).count() as u64;
    let better = above(&finding, baseline, mine.options.higher_is_better);
    let few = |f: &Option<Finding>| f.as_ref().is_none_or(|f| f.has(Caveat::FewCases) || f.has(Caveat::OneRep));
    let status = if confirmed && finding.verdict == Verdict::Helps && mine.stands(&finding) && others.as_ref().is_some_and(|f| mine.clear(f)) && better {
        InnovationStatus::Proven
    } else if users <= 1 || finding.has(Caveat::OneRep) || (first.len() == 1 && few(&others)) {
        InnovationStatus::OneRepOnly
    } else if later.as_ref().zip(mined.as_ref()).is_some_and(|(later, mined)| refuted(later, mined, &mine.options)) {
        InnovationStatus::Refuted
    } else {
        InnovationStatus::Candidate
    };
    let ledger = {
        let only = whole.only(|choice| *choice == id);
        tally(table, &only)?.by_rep(&only, &id)?
    };
    Ok(Some(Innovation {
        reps: rep_uses(&reps, &ledger),
        adoption: adoption(table, &uses, &first),
        gain: mine.gain(&id)?,
        status,
        finding,
        mined,
        later,
        others,
        against_parts,
        baseline,
        first_use: reps.values().filter_map(|of| of.days.first().copied()).min(),
        first_users: first,
        uses: uses.iter().filter(|used| used.made).count() as u64,
        users,
        choice: id,
    }))
}

fn notes(table: &ChoiceTable) -> Vec<ImproveNote> {
    let decided = || (0..table.len()).filter(|&case| table.value_of(case).is_some());
    let reps: BTreeSet<&str> = (0..table.len()).filter_map(|case| table.rep_of(case)).collect();
    let (dated, undated) = decided().fold((0, 0), |(a, b), case| if table.day_of(case).is_some() { (a + 1, b) } else { (a, b + 1) });
    let first = decided().next().and_then(|case| table.value_of(case));
    let mut notes = Vec::new();
    match reps.len() {
        0 => notes.push(ImproveNote::NoReps),
        1 => notes.push(ImproveNote::OneRep),
        _ => {}
    }
    match (dated, undated) {
        (_, 0) => {}
        (0, _) => notes.push(ImproveNote::NoDates),
        _ => notes.push(ImproveNote::SomeUndated),
    }
    if decided().all(|case| table.value_of(case) == first) {
        notes.push(ImproveNote::OneOutcome);
    }
    notes
}

/// A sequence against each of its parts alone.
fn against_parts(plan: &Plan, all: &[Option<Finding>], id: &ChoiceId) -> Vec<Finding> {
    let part = |of: &ChoiceId| !of.given.is_empty() && ChoiceId { given: Vec::new(), ..of.clone() } == *id;
    plan.choices.iter().zip(all).filter(|(planned, _)| part(&planned.choice)).filter_map(|(_, finding)| finding.clone()).collect()
}

/// The pooled effect of the other unplanned single steps at the point, those aside that clearly help or hurt.
fn baseline(plan: &Plan, all: &[Option<Finding>], id: &ChoiceId) -> Option<Interval> {
    let beside = |of: &ChoiceId| {
        of.is_unplanned()
            && of.members.is_empty()
            && of.step != id.step
            && !id.members.contains(&of.step)
            && (of.entry, &of.point_place, of.visit) == (id.entry, &id.point_place, id.visit)
    };
    let effects: Vec<Estimate> = (plan.choices.iter().zip(all))
        .filter(|(planned, _)| beside(&planned.choice))
        .filter_map(|(_, finding)| finding.as_ref())
        .filter(|f| !matches!(f.verdict, Verdict::Helps | Verdict::Hurts) && !f.caveats.iter().any(|c| c.withholds()))
        .filter_map(|f| f.interval())
        .map(|i| Estimate { estimate: i.estimate, se: (i.high - i.low) / (2.0 * Z) })
        .filter(|e| e.se > 0.0)
        .collect();
    let pooled = pool(&effects)?;
    pooled.fixed.interval(0.95)
}

/// Whether an effect lies above the baseline by more than chance.
fn above(finding: &Finding, baseline: Option<Interval>, higher_is_better: bool) -> bool {
    let (Some(effect), Some(base)) = (finding.interval(), baseline) else { return true };
    let se = |i: Interval| (i.high - i.low) / (2.0 * Z);
    let apart = (effect.estimate - base.estimate) / se(effect).hypot(se(base));
    if higher_is_better { apart > Z } else { apart < -Z }
}

/// The later cases could have shown an effect of the size found, show none, and their interval excludes it.
fn refuted(later: &Finding, mined: &Finding, options: &EvidenceOptions) -> bool {
    let (Some(i), Some(size)) = (later.interval(), mined.estimate) else { return false };
    let better = (i.estimate > 0.0) == options.higher_is_better;
    let excluded = if options.higher_is_better { i.high < size } else { i.low > size };
    later.verdict == Verdict::Hurts || (!better && excluded)
}

/// Choices below the minimum.
pub(super) fn rare(mine: &Mine, min_uses: u64, takes: impl Fn(&ChoiceId) -> bool) -> Vec<Rare> {
    let table = &mine.table;
    let compared: BTreeSet<&ChoiceId> = mine.whole.choices.iter().map(|planned| &planned.choice).collect();
    (table.tallied(takes).into_iter())
        .filter_map(|(id, cases)| {
            let decided = cases.iter().filter(|&&case| table.value_of(case).is_some()).count() as u64;
            if cases.is_empty() || (decided >= min_uses && compared.contains(id)) {
                return None;
            }
            let won = if table.is_numeric() { 0 } else { cases.iter().filter(|&&case| table.value_of(case) == Some(1.0)).count() as u64 };
            let reps: BTreeSet<&str> = cases.iter().filter_map(|&case| table.rep_of(case)).collect();
            let names = cases.iter().take(8).map(|&case| table.id_of(case).to_owned()).collect();
            Some(Rare { choice: id.clone(), uses: cases.len() as u64, won, decided, reps: reps.len() as u64, cases: names })
        })
        .collect()
}
