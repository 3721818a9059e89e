//! What could have been expected of a case, had it done some steps where they are planned.
//!
//! The least-cost repaired path comes from the check, the expected change from the findings about the choices that the repair turns
//! round: comparable cases that stood at the same point and did the step. Where there are none, no figure is given but the
//! reason.

use serde::Serialize;

use super::choices::{ChoiceKind, level_of};
use super::effects::EvidenceOptions;
use super::finding::{Caveat, Finding, SegmentEffect};
use super::plan::Plan;
use crate::check::{Check, Chosen, Inserted, NOWHERE, Repair, RepairKind};
use crate::error::Result;
use crate::stats::Interval;
use crate::words::{self, Lang};

/// An effect differs between segments below this.
const DIFFERS: f64 = 0.05;

/// Why no figure is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The path does these steps where they are planned.
    NothingToChange,
    /// The cases carry no outcome.
    NoOutcome,
    /// No two cases at this point made this choice differently.
    NotCompared,
    /// No comparable cases of this case's segment.
    NoComparableCases,
    /// There are comparable cases, but a guard withholds what they say.
    Withheld(Caveat),
}

impl Refusal {
    /// Its name, equal in the three languages; that of the guard where one withholds the figure.
    pub fn name(self) -> &'static str {
        match self {
            Self::NothingToChange => "nothing_to_change",
            Self::NoOutcome => "no_outcome",
            Self::NotCompared => "not_compared",
            Self::NoComparableCases => "no_comparable_cases",
            Self::Withheld(caveat) => caveat.name(),
        }
    }
}

impl Serialize for Refusal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What one step of a repaired path is expected to change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExpectedChange {
    /// Step that is put in or moved.
    pub step: String,
    /// Its title.
    pub title: String,
    /// Title of the step after which it comes; `None` at the very start.
    pub after: Option<String>,
    /// Expected change of the outcome with its 95 % interval: comparable cases that did it, minus those that did as this one.
    pub change: Option<Interval>,
    /// Why there is none.
    pub refusal: Option<Refusal>,
    /// Where the effect differs between the values of an attribute: the one of this case, for which the change holds.
    pub segment: Option<(String, String)>,
    /// Comparable cases behind it.
    pub comparable: u64,
}

/// What a case could have been expected to bring with some steps done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhatIf {
    /// The repaired path.
    pub repair: Repair,
    /// Outcome that is spoken of.
    pub outcome: Option<String>,
    /// Whether it is a number; a share won else.
    pub numeric: bool,
    /// What each new step is expected to change.
    pub changes: Vec<ExpectedChange>,
    /// All of them together: the sum, with the sum of the half-widths, which covers however the estimates hang together. `None`
    /// where one of them is refused.
    pub change: Option<Interval>,
    /// Why there is no figure for all.
    pub refusal: Option<Refusal>,
}

impl WhatIf {
    /// It in one sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        words::what_if(self, lang)
    }
}

impl Check {
    /// The path of a case, repaired so that it does some steps where they are planned ([`Check::repair`]), and the change of
    /// the outcome to be expected of it: the effect among comparable cases. All findings are made for it, adjusted for what
    /// [`default_adjustment`](super::default_adjustment) says; ask a [`Review`](crate::Review) where it is one of many.
    ///
    /// ```
    /// use goldpath::{Corpus, Sop, evidence::Refusal};
    /// let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}")?;
    /// let corpus = Corpus::parse(br#"{"id": "c1", "rep": "ann", "steps": ["open", "need", "close"], "outcome": {"won": true}}
    /// {"id": "c2", "rep": "ann", "steps": ["open", "close"], "outcome": {"won": false}}"#)?;
    /// let what = corpus.check(&sop)?.what_if("c2", &["need"])?;
    /// assert_eq!(what.repair.steps[1].step, "need");
    /// assert!(what.change.is_none() && matches!(what.refusal, Some(Refusal::Withheld(_))));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Check::repair`].
    pub fn what_if(&self, case_id: &str, steps: &[impl AsRef<str>]) -> Result<WhatIf> {
        let (findings, plan) = super::findings(self, None, &[], &EvidenceOptions::default())?;
        what_if(self, case_id, steps, &findings, plan.as_ref())
    }
}

/// As [`Check::what_if`], with findings that are there.
pub(crate) fn what_if(check: &Check, case_id: &str, steps: &[impl AsRef<str>], findings: &[Finding], plan: Option<&Plan>) -> Result<WhatIf> {
    let case = check.find(case_id)?;
    let (repair, inserted) = check.repair_of(case, steps)?;
    let asked = Asked { check, case, findings, plan };
    let new = repair.steps.iter().filter(|step| matches!(step.kind, RepairKind::Inserted | RepairKind::Moved));
    let changes: Vec<ExpectedChange> = new.zip(&inserted).map(|(step, at)| asked.change(&step.step, &step.title, *at)).collect();
    let first = |refusals: &mut dyn Iterator<Item = Refusal>| refusals.next();
    let refusal = match (plan, changes.is_empty()) {
        (None, _) => Some(Refusal::NoOutcome),
        (_, true) => Some(Refusal::NothingToChange),
        _ => first(&mut changes.iter().filter_map(|change| change.refusal)),
    };
    let change = if refusal.is_some() {
        None
    } else {
        let sum = |of: &dyn Fn(&Interval) -> f64| changes.iter().filter_map(|change| change.change.as_ref()).map(of).sum::<f64>();
        Some(Interval { estimate: sum(&|i| i.estimate), low: sum(&|i| i.low), high: sum(&|i| i.high) })
    };
    let numeric = plan.is_some_and(|plan| plan.numeric);
    let change = change.map(|i| if numeric { i } else { Interval { estimate: i.estimate.clamp(-1.0, 1.0), low: i.low.max(-1.0), high: i.high.min(1.0) } });
    Ok(WhatIf { repair, outcome: plan.map(|plan| plan.outcome.clone()), numeric, changes, change, refusal })
}

struct Asked<'a> {
    check: &'a Check,
    case: usize,
    findings: &'a [Finding],
    plan: Option<&'a Plan>,
}

impl Asked<'_> {
    fn change(&self, step: &str, title: &str, at: Inserted) -> ExpectedChange {
        let Some(path) = self.check.path_of(self.case) else { return refused(step, title, None, Refusal::NotCompared) };
        let (entry, sop) = self.check.sop_of_path(path);
        let place = |node: u32| sop.nodes().get(node as usize).map_or("", |node| node.place.as_str());
        let walked = self.check.choices_of(path);
        // Where the case itself stood when it left the step out, as the choices see it; else where the repaired path stands.
        let skip = walked.choices.iter().find(|choice| choice.chosen == Chosen::Skipped(at.node));
        // A path that ended in the middle of a block is judged from where it entered the block.
        let block = sop.nodes()[at.node as usize].any_order;
        let entered = walked.end.filter(|(entered, _)| block == Some(*entered)).map_or(walked.point, |(_, point)| point);
        let stopped_at = walked.next().any(|node| node == at.node).then_some(entered);
        let point = skip.map(|choice| choice.point).or(stopped_at);
        let after = place(point.map_or(at.after, |point| point.node));
        let after_title = sop.nodes().get(point.map_or(at.after, |point| point.node) as usize).and_then(|node| {
            let (id, _) = sop.steps().get_index(node.step as usize)?;
            Some(sop.title(id).to_owned())
        });
        let avoidable = sop.nodes()[at.node as usize].avoidable;
        // Done ahead of its place; what is made up for later was left out first.
        let ahead = at.moved.filter(|&event| skip.is_none_or(|skip| event < skip.event));
        let done_at = ahead.and_then(|event| walked.choices.iter().find(|choice| choice.event == event && matches!(choice.chosen, Chosen::Added(_))));
        let of = |kind: ChoiceKind, node: u32, point_place: &str| {
            self.findings.iter().find(|f| {
                let id = &f.choice;
                id.kind == kind && id.entry == entry && id.place == place(node) && id.point_place == point_place && id.step == step
            })
        };
        // What the case did, as the findings judge it, and whether the repair turns it round.
        let (found, turns) = match done_at {
            Some(choice) => (of(ChoiceKind::OutOfOrder, NOWHERE, place(choice.point.node)), -1.0),
            None if avoidable => (of(ChoiceKind::Include, at.node, after).or_else(|| of(ChoiceKind::Branch, at.node, after)), 1.0),
            None => (of(ChoiceKind::Skip, at.node, after), -1.0),
        };
        let (Some(found), Some(plan)) = (found, self.plan) else {
            return refused(step, title, after_title, if self.plan.is_none() { Refusal::NoOutcome } else { Refusal::NotCompared });
        };
        let refuse = |refusal| refused(step, title, after_title.clone(), refusal);
        if found.treated.n == 0 || found.control.n == 0 {
            return refuse(Refusal::NotCompared);
        }
        if let Some(caveat) = found.caveats.iter().copied().find(|caveat| caveat.withholds()) {
            // That segments disagree is no reason where the segment is known.
            if caveat != Caveat::SegmentsDisagree {
                return refuse(Refusal::Withheld(caveat));
            }
        }
        let Some(pooled) = found.interval() else { return refuse(Refusal::NotCompared) };
        let mut segment: Option<&SegmentEffect> = None;
        for (attribute, coarse) in plan.adjust_for.iter().zip(&plan.coarse) {
            let level = coarse.level(&level_of(self.check.corpus().store().attribute(self.case, attribute)));
            let Some(own) = found.segments.iter().find(|s| s.attribute == *attribute && s.value == level) else {
                return refuse(Refusal::NoComparableCases);
            };
            let differs = found.heterogeneity.iter().any(|h| h.attribute == *attribute && h.p_value < DIFFERS);
            // Of several that differ, the one with most behind it.
            if differs && segment.is_none_or(|had| had.treated + had.control < own.treated + own.control) {
                segment = Some(own);
            }
        }
        let i = segment.map_or(pooled, |s| Interval { estimate: s.estimate, low: s.ci_low, high: s.ci_high });
        ExpectedChange {
            step: step.to_owned(),
            title: title.to_owned(),
            after: after_title,
            change: Some(if turns < 0.0 { i.negated() } else { i }),
            refusal: None,
            segment: segment.map(|s| (s.attribute.clone(), s.value.clone())),
            comparable: segment.map_or(found.comparable.treated + found.comparable.control, |s| s.treated + s.control),
        }
    }
}

fn refused(step: &str, title: &str, after: Option<String>, refusal: Refusal) -> ExpectedChange {
    ExpectedChange { step: step.to_owned(), title: title.to_owned(), after, change: None, refusal: Some(refusal), segment: None, comparable: 0 }
}
