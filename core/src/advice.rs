//! What to do next, now: a running conversation beside what a review found.
//!
//! In: the findings of a [`Review`] and a [`LiveSession`]. Out: [`Advice`]: the choices open at this point, those with the
//! best evidence first, what is better left alone, and what the SOP plans. Nothing is estimated here: every advice that says
//! more than the SOP rests on one [`Finding`] and carries it.
//!
//! ```
//! use goldpath::{Corpus, Lang, Sop, review};
//! let sop = Sop::parse("{format: goldpath/1, name: demo, steps: [open, need, close], flow: [open, need, close]}")?;
//! let corpus = Corpus::parse(br#"{"id": "c1", "steps": ["open", "need", "close"], "outcome": {"won": true}}"#)?;
//! let advisor = review(&corpus, &sop)?.advisor();
//! let mut session = sop.live(|_| None)?;
//! session.push("open")?;
//! let advice = advisor.advise(&session, |_| None);
//! assert_eq!(advice.next[0].step, "need");
//! assert_eq!(advice.next[0].sentence(Lang::En), "The SOP plans “need” next.");
//! # Ok::<(), goldpath::Error>(())
//! ```

use std::borrow::Cow;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::check::LiveSession;
use crate::evidence::{ChoiceKind, Finding, SegmentEffect, Verdict};
use crate::review::Review;
use crate::words::{self, Lang};

/// An effect that differs between the values of an attribute this surely is read within the value at hand.
const DIFFERS: f64 = 0.05;

/// What is advised of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Do the planned step.
    Do,
    /// Do it, and to its standard.
    DoWell,
    /// Add a step that is not planned here.
    Add,
    /// The planned step may be left out.
    MayLeaveOut,
    /// Better not.
    Avoid,
}

impl Action {
    /// The name, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Do => "do",
            Self::DoWell => "do_well",
            Self::Add => "add",
            Self::MayLeaveOut => "may_leave_out",
            Self::Avoid => "avoid",
        }
    }
}

/// One thing to do, or not to do, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommendation {
    /// What to do.
    pub action: Action,
    /// Id of the step.
    pub step: String,
    /// Its title.
    pub title: String,
    /// Whether the SOP plans it here.
    pub planned: bool,
    /// What it rests on; `None` where only the SOP says so.
    #[serde(serialize_with = "shared")]
    pub finding: Option<Arc<Finding>>,
    /// The effect in the segment of this conversation, where it differs between segments.
    pub segment: Option<SegmentEffect>,
}

#[allow(clippy::ref_option)] // what serde hands over
fn shared<S: serde::Serializer>(finding: &Option<Arc<Finding>>, s: S) -> Result<S::Ok, S::Error> {
    finding.as_deref().serialize(s)
}

impl Recommendation {
    /// What to do and why, in a sentence or two.
    pub fn sentence(&self, lang: Lang) -> String {
        words::recommendation(self, lang)
    }

    /// The end of the interval that is nearer to nothing: what the effect is worth at least.
    fn worth(&self) -> f64 {
        let interval = match (&self.segment, &self.finding) {
            (Some(segment), _) => Some((segment.ci_low, segment.ci_high)),
            (None, Some(finding)) => finding.ci_low.zip(finding.ci_high),
            (None, None) => None,
        };
        interval.map_or(0.0, |(low, high)| low.abs().min(high.abs()))
    }
}

/// What to do next in a running conversation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// Step last reached; `None` before the first.
    pub point: Option<String>,
    /// For the how-manieth time: 1, 2, or 3 for every further time.
    pub visit: u8,
    /// What to do, the best evidence first: by what the effect is worth at least. What only the SOP says comes last, in its
    /// order.
    pub next: Vec<Recommendation>,
    /// What is better left alone, the worst first.
    pub avoid: Vec<Recommendation>,
}

/// The findings of a review, ready to be asked. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Advisor {
    /// By SOP, title of the step last reached, and visit.
    points: Arc<FxHashMap<(String, Option<String>, u8), Vec<Arc<Finding>>>>,
}

impl Review {
    /// The findings with a verdict, to ask them what to do next.
    pub fn advisor(&self) -> Advisor {
        Advisor::of(self.findings())
    }
}

impl Advisor {
    /// Of findings of any origin.
    pub fn of(findings: &[Finding]) -> Self {
        let mut points: FxHashMap<_, Vec<Arc<Finding>>> = FxHashMap::default();
        for finding in findings.iter().filter(|f| matches!(f.verdict, Verdict::Helps | Verdict::Hurts)) {
            points.entry((finding.sop.clone(), finding.point.clone(), finding.visit)).or_default().push(Arc::new(finding.clone()));
        }
        Self { points: Arc::new(points) }
    }

    /// What to do next in a session; `attribute` gives what is known of the case, such as its segment.
    pub fn advise<'a>(&self, session: &LiveSession, attribute: impl Fn(&str) -> Option<Cow<'a, str>>) -> Advice {
        let sop = session.sop();
        let (point, visit) = (session.point().map(ToOwned::to_owned), session.visit());
        let planned = session.allowed();
        let since = session.since_point();
        let title = point.as_deref().map(|step| sop.title(step).to_owned());
        let (mut next, mut avoid) = (Vec::<Recommendation>::new(), Vec::new());
        for finding in self.points.get(&(sop.name().to_owned(), title, visit)).into_iter().flatten() {
            let Ok(segment) = within(finding, &attribute) else { continue };
            let step = finding.step();
            let is_planned = planned.contains(&step);
            let helps = finding.verdict == Verdict::Helps;
            let action = match (finding.what.kind, helps) {
                (ChoiceKind::Skip, false) if is_planned => Action::Do,
                (ChoiceKind::Skip, true) if is_planned => Action::MayLeaveOut,
                (ChoiceKind::Branch | ChoiceKind::Include, true) if is_planned => Action::Do,
                (ChoiceKind::Branch | ChoiceKind::Include, false) if is_planned => Action::Avoid,
                (ChoiceKind::Standard, false) if is_planned => Action::DoWell,
                // What was added here already need not be told.
                (ChoiceKind::Add | ChoiceKind::Repeat | ChoiceKind::OutOfOrder | ChoiceKind::CatchUp | ChoiceKind::Sequence, true)
                    if !since.contains(&step) =>
                {
                    Action::Add
                }
                (ChoiceKind::Add | ChoiceKind::Repeat | ChoiceKind::OutOfOrder | ChoiceKind::CatchUp | ChoiceKind::Sequence, false) => Action::Avoid,
                _ => continue,
            };
            let list = if action == Action::Avoid { &mut avoid } else { &mut next };
            let (step, title) = (step.to_owned(), finding.what.title.clone());
            list.push(Recommendation { action, step, title, planned: is_planned, finding: Some(Arc::clone(finding)), segment });
        }
        for list in [&mut next, &mut avoid] {
            list.sort_by(|a, b| b.worth().total_cmp(&a.worth()).then_with(|| a.step.cmp(&b.step)));
        }
        let told = |step: &str, list: &[Recommendation]| list.iter().any(|r| r.step == step && r.action != Action::Add);
        for step in planned {
            if !told(step, &next) && !told(step, &avoid) && sop.steps().get(step).is_some_and(|of| of.by == crate::sop::Actor::Agent) {
                let (step, title) = (step.to_owned(), sop.title(step).to_owned());
                next.push(Recommendation { action: Action::Do, step, title, planned: true, finding: None, segment: None });
            }
        }
        Advice { point, visit, next, avoid }
    }
}

/// The effect within the segment of the case, where the effect differs between segments; an error where it is not shown
/// there, or is the opposite.
fn within<'a>(finding: &Finding, attribute: &impl Fn(&str) -> Option<Cow<'a, str>>) -> Result<Option<SegmentEffect>, ()> {
    for differing in finding.heterogeneity.iter().filter(|h| h.p_value < DIFFERS) {
        let Some(value) = attribute(&differing.attribute) else { continue };
        let Some(own) = finding.segments.iter().find(|s| s.attribute == differing.attribute && s.value == value) else { continue };
        let same = finding.estimate.is_some_and(|pooled| pooled.signum() == own.estimate.signum());
        let shown = own.ci_low > 0.0 || own.ci_high < 0.0;
        return if same && shown { Ok(Some(own.clone())) } else { Err(()) };
    }
    Ok(None)
}
