//! The whole flow in one call: check, findings, and a report to look at.

mod improve;
mod people;
mod talk;

use std::path::Path;

use crate::check::{Check, CheckOptions, Status};
use crate::corpus::{Corpus, Unit};
use crate::error::{Error, Result};
use crate::evidence::{self, EvidenceOptions, Finding, Gap, GapOf, Plan, SampleBias, WhatIf};
use crate::improve::{ImproveOptions, Improvements};
use crate::progress::Progress;
use crate::sop::Playbook;
use crate::table::Table;
use crate::words::{self, Lang};

/// How a review is made.
#[derive(Debug, Clone)]
pub struct ReviewOptions {
    /// Outcome that is compared; `won`, else the first yes/no outcome, where nothing is said.
    pub outcome: Option<String>,
    /// What a case is.
    pub unit: Unit,
    /// As [`CheckOptions::threshold`].
    pub threshold: f64,
    /// Attributes (or `team`, `channel`) that were known beforehand and are adjusted for, beside the rep. Where nothing is
    /// said: every attribute with 2 to 20 values that does not tell the outcome
    /// ([`default_adjustment`](crate::evidence::default_adjustment)). An empty list: none.
    pub adjust_for: Option<Vec<String>>,
    /// Steps that define the outcome, such as a signature: never judged as choices.
    pub never_choices: Vec<String>,
    /// Lower values of the outcome are the better ones, as of days or complaints.
    pub lower_is_better: bool,
    /// Compares how long it takes to the outcome, which has to be yes/no: the name of a numeric outcome with the days until a case
    /// was won or lost, or for which it has been followed while open, or of an attribute with the time of the decision
    /// ([`ChoiceTable::timed`](crate::evidence::ChoiceTable::timed)).
    pub time: Option<String>,
}

impl Default for ReviewOptions {
    fn default() -> Self {
        Self {
            outcome: None,
            unit: Unit::default(),
            threshold: CheckOptions::THRESHOLD,
            adjust_for: None,
            never_choices: Vec::new(),
            lower_is_better: false,
            time: None,
        }
    }
}

/// The whole analysis (全量分析): preset path beside actual path, and what the partings go with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Review {
    check: Check,
    findings: std::sync::Arc<[Finding]>,
    plan: Option<std::sync::Arc<Plan>>,
    people: std::sync::Arc<std::sync::OnceLock<crate::coaching::People>>,
    /// As was asked; what it says of choices and of what is better holds for gaps too.
    improve: std::sync::Arc<ImproveOptions>,
    improved: std::sync::Arc<std::sync::OnceLock<Improvements>>,
    talk: std::sync::Arc<std::sync::OnceLock<std::sync::Arc<crate::talk::TalkTracks>>>,
}

/// The figures a review opens with.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Summary {
    /// Cases.
    pub cases: u64,
    /// Cases that no SOP takes.
    pub unchecked: u64,
    /// Cases that came to the end of the SOP.
    pub complete: u64,
    /// Of those, the ones without a deviation that is not accepted.
    pub fully_conforming: u64,
    /// Cases that ended before.
    pub stopped: u64,
    /// Cases that are still open.
    pub open: u64,
    /// Cases without a deviation so far that is not accepted.
    pub conforming_so_far: u64,
    /// Cases with a decided yes/no outcome.
    pub decided: u64,
    /// Of those, won.
    pub won: u64,
    /// Reps with at least one case.
    pub reps: u64,
    /// First and last day a case began, in milliseconds since 1970 UTC.
    pub period: Option<(i64, i64)>,
}

/// Checks a corpus against its SOP or playbook and compares outcomes.
///
/// ```
/// use goldpath::{Corpus, Sop, corpus::Conversation, review};
/// let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}")?;
/// let corpus = Corpus::parse(br#"{"id": "c1", "steps": ["open", "need", "close"], "outcome": {"won": true}}
/// {"id": "c2", "steps": ["open", "close"], "outcome": {"won": false}}"#)?;
/// let review = review(&corpus, &sop)?;
/// assert_eq!(review.summary().fully_conforming, 1);
/// # Ok::<(), goldpath::Error>(())
/// ```
///
/// # Errors
/// As [`Corpus::check`].
pub fn review(corpus: &Corpus, playbook: impl Into<Playbook>) -> Result<Review> {
    Review::of(corpus, playbook, &ReviewOptions::default(), &Progress::none())
}

impl Review {
    /// As [`review`], with options, progress and cancelling.
    pub fn of(corpus: &Corpus, playbook: impl Into<Playbook>, options: &ReviewOptions, progress: &Progress<'_>) -> Result<Self> {
        let check =
            corpus.check_with(playbook, &CheckOptions { outcome: options.outcome.clone(), unit: options.unit, threshold: options.threshold }, progress)?;
        progress.step("compare", 0, 1)?;
        let judged = EvidenceOptions { higher_is_better: !options.lower_is_better };
        let (findings, plan) = evidence::findings_of_times(&check, options.adjust_for.as_deref(), &options.never_choices, &judged, options.time.as_deref())?;
        progress.step("compare", 1, 1)?;
        let improve = ImproveOptions {
            adjust_for: options.adjust_for.clone(),
            never_choices: options.never_choices.clone(),
            lower_is_better: options.lower_is_better,
            ..ImproveOptions::default()
        };
        Ok(Self {
            check,
            findings: findings.into(),
            plan: plan.map(Into::into),
            people: std::sync::Arc::default(),
            improve: improve.into(),
            improved: std::sync::Arc::default(),
            talk: std::sync::Arc::default(),
        })
    }

    /// The check behind the review.
    pub fn check(&self) -> &Check {
        &self.check
    }

    /// What each choice goes with: clear ones first, then by size.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What was settled before effects were looked at; `None` without an outcome.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_deref()
    }

    /// The findings as a table.
    pub fn findings_table(&self) -> Table {
        evidence::table(&self.findings)
    }

    /// What a case could have been expected to bring, had it done some steps where they are planned: the least-cost repaired
    /// path, and what comparable cases that did them brought ([`Check::what_if`] with the findings of this review).
    ///
    /// # Errors
    /// As [`Check::repair`].
    pub fn what_if(&self, case_id: &str, steps: &[impl AsRef<str>]) -> Result<WhatIf> {
        evidence::what_if(&self.check, case_id, steps, &self.findings, self.plan())
    }

    /// Where the gap in results of a rep, a team or the cases with deviations comes from. Reps and teams are held against
    /// the top of their kind: the best quarter, of those with at least 30 decided cases, by the lower end of the 95 % interval
    /// of their results; or against the one that is named.
    ///
    /// # Errors
    /// [`Error::Argument`] for a rep or team that no case names, or a review without an outcome.
    pub fn gap(&self, of: &GapOf, against: Option<&str>) -> Result<Gap> {
        let Some(plan) = self.plan() else {
            return Err(Error::argument("outcome", "the conversations carry no outcome", "give each conversation a yes/no or numeric outcome"));
        };
        if plan.is_timed() {
            return Err(Error::argument("time", "the gap in a time is not split", "make a review of the outcome without `time`"));
        }
        let mut found = evidence::gaps(&self.check, &self.findings, plan, self.judged(), &[(of.clone(), against)])?;
        Ok(found.swap_remove(0))
    }

    /// Steps that are no choices, and whether higher outcomes are the better ones.
    fn judged(&self) -> (&[String], bool) {
        (&self.improve.never_choices, !self.improve.lower_is_better)
    }

    /// Several gaps, each to the top of its kind.
    pub(crate) fn gaps(&self, of: &[GapOf]) -> Result<Vec<Gap>> {
        let Some(plan) = self.plan().filter(|plan| !plan.is_timed()) else { return Ok(Vec::new()) };
        let asked: Vec<(GapOf, Option<&str>)> = of.iter().map(|of| (of.clone(), None)).collect();
        evidence::gaps(&self.check, &self.findings, plan, self.judged(), &asked)
    }

    /// The rep with the worst result of those with enough decided cases.
    pub(crate) fn lowest_rep(&self) -> Option<String> {
        let column = self.check.outcome_column()?;
        let mut sums: std::collections::BTreeMap<u32, (u64, f64)> = std::collections::BTreeMap::new();
        for case in 0..self.check.len() {
            if let Some(value) = column.get(case) {
                let of = sums.entry(self.check.rep_of(case)).or_default();
                *of = (of.0 + 1, of.1 + evidence::as_number(value));
            }
        }
        let reps = &self.check.corpus().store().reps;
        let enough = sums.iter().filter_map(|(&rep, &(n, sum))| Some((sum / n as f64, reps.get(rep)?)).filter(|_| n >= evidence::TOP_CASES));
        let worst = enough.min_by(|a, b| if self.improve.lower_is_better { b.0.total_cmp(&a.0) } else { a.0.total_cmp(&b.0) }.then(a.1.cmp(b.1)));
        worst.map(|(_, name)| name.to_owned())
    }

    /// What reading `sample` of the decided conversations by hand would have concluded about these findings.
    pub fn sample_bias(&self, sample: u64) -> SampleBias {
        let decided = self.check.outcome_column().map_or(0, |column| (0..self.check.len()).filter(|&case| column.get(case).is_some()).count());
        evidence::sample_bias(&self.findings, decided as u64, sample)
    }

    /// The figures the review opens with.
    pub fn summary(&self) -> Summary {
        let check = &self.check;
        let store = check.corpus().store();
        let count = |holds: &dyn Fn(usize) -> bool| (0..check.len()).filter(|&case| holds(case)).count() as u64;
        let status = |status: Status| count(&|case| check.status(case) == status);
        let outcome = check.outcome_column();
        let value = |case: usize| outcome.and_then(|column| column.get(case));
        let won = count(&|case| matches!(value(case), Some(crate::corpus::OutcomeValue::Bool(true))));
        let lost = count(&|case| matches!(value(case), Some(crate::corpus::OutcomeValue::Bool(false))));
        let days = || store.started_at.iter().copied().filter(|&t| t != crate::corpus::NO_TIME);
        let mut reps: Vec<u32> = (0..check.len()).map(|case| check.rep_of(case)).filter(|&rep| rep != crate::corpus::NONE).collect();
        reps.sort_unstable();
        reps.dedup();
        Summary {
            cases: check.len() as u64,
            unchecked: status(Status::Unchecked),
            complete: status(Status::Complete),
            fully_conforming: count(&|case| check.fully_conforms(case) == Some(true)),
            stopped: status(Status::Stopped),
            open: status(Status::Open),
            conforming_so_far: count(&|case| check.conforms_so_far(case) == Some(true)),
            decided: won + lost,
            won,
            reps: reps.len() as u64,
            period: days().min().zip(days().max()),
        }
    }

    /// The review in a few sentences, the most important first.
    pub fn sentences(&self, lang: Lang) -> Vec<String> {
        words::summary(self, lang)
    }

    /// The report as one HTML page that loads nothing.
    ///
    /// # Errors
    /// As [`Corpus::check`].
    pub fn to_html(&self, lang: Lang) -> Result<String> {
        crate::report::html(self, lang)
    }

    /// Writes the report.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>, lang: Lang) -> Result<()> {
        let path = path.as_ref();
        std::fs::write(path, self.to_html(lang)?).map_err(|e| Error::io(path, e))
    }
}

impl std::fmt::Display for Review {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for sentence in self.sentences(Lang::En) {
            writeln!(f, "{sentence}")?;
        }
        Ok(())
    }
}
