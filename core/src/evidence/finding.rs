//! The one result type of every claim.

use serde::Serialize;

use super::choices::{ChoiceId, ChoiceKind, StandardAsked, WaitUnit};
use crate::stats::{EValue, Interval, Test};
use crate::table::{Column, Table};
use crate::words::{self, Lang};

/// Which choice is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct What {
    /// What kind of choice.
    pub kind: ChoiceKind,
    /// Id of the step, or the label.
    pub step: String,
    /// Its title.
    pub title: String,
    /// The standard that is failed or met.
    pub standard: Option<StandardAsked>,
    /// The words, for what is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wording: Option<String>,
}

/// What the estimate is an estimate of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Estimand {
    /// Difference of the shares won within strata, weighted by n₁n₀/N: close to the effect among those who made the choice,
    /// where they are few.
    DifferenceAmongChoosers,
    /// Difference of means, weighted alike.
    MeanDifferenceAmongChoosers,
    /// Difference of the restricted mean times to a win, weighted alike.
    TimeDifferenceAmongChoosers,
}

/// What a reader has to know before believing an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Caveat {
    /// Nothing was adjusted for: there are neither reps nor attributes nor earlier choices.
    Unadjusted,
    /// There is no clock: a case that ended at the point counts as not having made the choice.
    NoClock,
    /// The estimate among cases that went on has the other sign: no verdict.
    SignChangesAmongThoseWhoWentOn,
    /// Fewer than 20 of those who left it out went on: leaving it out and ending there cannot be told apart; no verdict.
    EndedThere,
    /// Fewer than one in ten of those who added it went on, against at least three times that share of the others: whether
    /// it ends cases, or is said because they end, cannot be told apart; no verdict.
    ClosesTheCase,
    /// An arm has fewer than 20 comparable cases: no verdict.
    FewCases,
    /// An arm has comparable cases of one rep only: no verdict.
    OneRep,
    /// The cases name no rep: who did it cannot be adjusted for; no verdict.
    NoReps,
    /// Less than half of those who made the choice have comparable cases beside them.
    FewComparable,
    /// Levels of an attribute were put together, because strata were too thin.
    Coarsened,
    /// The effect clearly points in opposite directions in different segments: no verdict for all together.
    SegmentsDisagree,
    /// The unadjusted difference has the other sign.
    RawSignDiffers,
    /// The regressions do not agree with the strata, beyond their intervals.
    CrossCheckDiffers,
    /// Not every case has the outcome: those that have it stand in for the others of their stratum and arm.
    Reweighted,
}

impl Caveat {
    /// The name of the caveat, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unadjusted => "unadjusted",
            Self::NoClock => "no_clock",
            Self::SignChangesAmongThoseWhoWentOn => "sign_changes_among_those_who_went_on",
            Self::EndedThere => "ended_there",
            Self::ClosesTheCase => "closes_the_case",
            Self::FewCases => "few_cases",
            Self::OneRep => "one_rep",
            Self::NoReps => "no_reps",
            Self::FewComparable => "few_comparable",
            Self::Coarsened => "coarsened",
            Self::SegmentsDisagree => "segments_disagree",
            Self::RawSignDiffers => "raw_sign_differs",
            Self::CrossCheckDiffers => "cross_check_differs",
            Self::Reweighted => "reweighted",
        }
    }

    /// Whether no verdict may be given with it.
    pub fn withholds(self) -> bool {
        use Caveat::{ClosesTheCase, EndedThere, FewCases, NoReps, OneRep, SegmentsDisagree, SignChangesAmongThoseWhoWentOn};
        matches!(self, ClosesTheCase | EndedThere | FewCases | NoReps | OneRep | SegmentsDisagree | SignChangesAmongThoseWhoWentOn)
    }
}

/// What the evidence allows to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The choice goes with better results.
    Helps,
    /// The choice goes with worse results.
    Hurts,
    /// Enough evidence, and no clear effect.
    NoClearEffect,
    /// Too little, or of too poor a kind, to say.
    NotEnoughEvidence,
}

impl Verdict {
    /// The name of the verdict, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Helps => "helps",
            Self::Hurts => "hurts",
            Self::NoClearEffect => "no_clear_effect",
            Self::NotEnoughEvidence => "not_enough_evidence",
        }
    }
}

/// One side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Arm {
    /// Cases with a decided outcome.
    pub n: u64,
    /// Of those, won; for numeric outcomes 0.
    pub won: u64,
    /// Win rate, or mean of a numeric outcome; `None` where `n` is 0.
    pub rate: Option<f64>,
    /// Reps with at least one case.
    pub reps: u64,
}

/// Cases that have others of the opposite choice in their stratum.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Comparable {
    /// Of those who made the choice.
    pub treated: u64,
    /// Of the others.
    pub control: u64,
    /// Share of those who made the choice; `None` without any.
    pub share: Option<f64>,
}

/// The effect in one segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentEffect {
    /// Attribute.
    pub attribute: String,
    /// Its value.
    pub value: String,
    /// The estimate within it, adjusted for everything else.
    pub estimate: f64,
    /// Lower end of the 95 % interval.
    pub ci_low: f64,
    /// Upper end.
    pub ci_high: f64,
    /// Comparable cases that made the choice.
    pub treated: u64,
    /// Comparable cases that did not.
    pub control: u64,
}

/// Whether an effect differs between the values of an attribute: Cochran's Q.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Heterogeneity {
    /// Attribute.
    pub attribute: String,
    /// Probability of differences so large by chance.
    pub p_value: f64,
}

/// Both sides over time, unadjusted; those who made the choice first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TimeEffect {
    /// Days up to which times count: a case that is not won by then counts as these.
    pub horizon: i64,
    /// Shares won by then; cases that are lost first can not be won any more.
    pub won: [f64; 2],
    /// Shares lost by then.
    pub lost: [f64; 2],
    /// Log-rank test that both sides are won alike.
    pub log_rank: Option<Test>,
}

/// What the number of steps of a path says by itself, without adjusting for anything: longer conversations contain more of
/// everything.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StepCount {
    /// The difference to be expected of both sides from nothing but how many steps their cases have.
    pub alone: f64,
    /// The difference that is left among cases with the same number of steps.
    pub within: Option<Interval>,
}

/// From when on cases are compared: those alive this long after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Landmark {
    /// How long.
    pub wait: i64,
    /// In what.
    pub unit: WaitUnit,
}

/// A claim with everything it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    #[serde(skip)]
    pub(crate) choice: ChoiceId,
    /// The choice.
    pub what: What,
    /// Name of the SOP.
    pub sop: String,
    /// Title of the step last reached where the choice is made; `None` at the very start.
    pub point: Option<String>,
    /// For the how-manieth time that step was reached: 1, 2, or 3 for every further time.
    pub visit: u8,
    /// Outcome compared.
    pub outcome: String,
    /// What the estimate is of.
    pub estimand: Estimand,
    /// Those who made the choice, minus comparable others.
    pub estimate: Option<f64>,
    /// Lower end of the 95 % interval.
    pub ci_low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub ci_high: Option<f64>,
    /// Probability of a difference so large by chance, by the same variance as the interval.
    pub p_value: Option<f64>,
    /// The same after allowing for all choices tested (Benjamini–Hochberg).
    pub q_value: Option<f64>,
    /// Those who made the choice.
    pub treated: Arm,
    /// Those who did not.
    pub control: Arm,
    /// Cases the estimate rests on.
    pub comparable: Comparable,
    /// The unadjusted comparison.
    pub raw: Option<Interval>,
    /// The comparison among cases that went on to a later planned step, both arms alike, where there is no clock.
    pub went_on: Option<Interval>,
    /// The same effect by regressions and overlap weights, clustered by rep.
    pub cross_check: Option<Interval>,
    /// For numbers, unadjusted: ratio of the geometric means of both sides, where all values are positive.
    pub ratio: Option<Interval>,
    /// For numbers, unadjusted: the shift between both sides (Hodges–Lehmann), on which a few large values have no hold.
    pub shift: Option<Interval>,
    /// What the number of steps says by itself; `None` where it is not known.
    pub step_count: Option<StepCount>,
    /// Where times are compared: both sides over time.
    pub time: Option<TimeEffect>,
    /// Of each side, the share of the cases that have the outcome, where not all have it and it is a number.
    pub answered: Option<[f64; 2]>,
    /// How strong an unseen cause would have to be to explain the estimate away.
    pub e_value: Option<EValue>,
    /// Smallest effect that these cases would show with 80 % power.
    pub minimum_detectable: Option<f64>,
    /// About how many more cases at this point it would take to see an effect worth knowing, where evidence is short.
    pub more_cases_needed: Option<u64>,
    /// What was adjusted for: `rep`, attributes, and at the end the earlier choices and circumstances.
    pub adjusted_for: Vec<String>,
    /// How many of these are earlier choices and circumstances.
    pub priors: usize,
    /// The effect in each segment.
    pub segments: Vec<SegmentEffect>,
    /// Whether it differs between segments.
    pub heterogeneity: Vec<Heterogeneity>,
    /// From when on cases are compared, where there is a clock.
    pub landmark: Option<Landmark>,
    /// Where cases are deals: how many conversations after the point it is judged, among deals that had that one and had not made
    /// the choice before; 0 for the conversation of the point itself.
    pub later_conversation: Option<u32>,
    /// Cases that had ended before that (or had made the choice in an earlier conversation): of those who made the choice by then,
    /// and of the others.
    pub ended_before: [u64; 2],
    /// Name of the method.
    pub method: &'static str,
    /// What a reader has to know.
    pub caveats: Vec<Caveat>,
    /// What may be said.
    pub verdict: Verdict,
    /// Some cases that made the choice, chosen by hash of their id; for conformity, cases that do not conform.
    pub cases: Vec<String>,
}

impl Finding {
    /// One sentence about it.
    pub fn sentence(&self, lang: Lang) -> String {
        words::finding(self, lang)
    }

    /// Id of the step the choice is about.
    pub fn step(&self) -> &str {
        &self.what.step
    }

    /// What kind of choice, such as `skip`.
    pub fn kind(&self) -> &'static str {
        self.what.kind.name()
    }

    /// Whether the outcome is a number.
    pub(crate) fn numeric(&self) -> bool {
        self.estimand != Estimand::DifferenceAmongChoosers
    }

    /// The estimate with its interval.
    pub fn interval(&self) -> Option<Interval> {
        Some(Interval { estimate: self.estimate?, low: self.ci_low?, high: self.ci_high? })
    }

    pub(crate) fn has(&self, caveat: Caveat) -> bool {
        self.caveats.contains(&caveat)
    }
}

/// Findings as a table, a row each.
pub(crate) fn table(findings: &[Finding]) -> Table {
    let text = |f: &dyn Fn(&Finding) -> Option<String>| Column::Text(findings.iter().map(|x| f(x).map(Into::into)).collect());
    let float = |f: &dyn Fn(&Finding) -> Option<f64>| Column::Float(findings.iter().map(f).collect());
    let int = |f: &dyn Fn(&Finding) -> Option<u64>| Column::Int(findings.iter().map(|x| f(x).map(|n| n as i64)).collect());
    let list = |f: &dyn Fn(&Finding) -> Vec<String>| Column::TextList(findings.iter().map(|x| f(x).into_iter().map(Into::into).collect()).collect());
    let mut table = Table::new("findings");
    table.push("kind", text(&|f| Some(f.kind().into())));
    table.push("step", text(&|f| Some(f.step().into())));
    table.push("standard", text(&|f| f.what.standard.as_ref().map(|s| s.name.clone())));
    table.push("wording", text(&|f| f.what.wording.clone()));
    table.push("sop", text(&|f| Some(f.sop.clone())));
    table.push("point", text(&|f| f.point.clone()));
    table.push("visit", int(&|f| Some(f.visit.into())));
    table.push("outcome", text(&|f| Some(f.outcome.clone())));
    table.push("verdict", text(&|f| Some(f.verdict.name().into())));
    table.push("estimate", float(&|f| f.estimate));
    table.push("ci_low", float(&|f| f.ci_low));
    table.push("ci_high", float(&|f| f.ci_high));
    table.push("p_value", float(&|f| f.p_value));
    table.push("q_value", float(&|f| f.q_value));
    table.push("n_treated", int(&|f| Some(f.treated.n)));
    table.push("n_control", int(&|f| Some(f.control.n)));
    table.push("rate_treated", float(&|f| f.treated.rate));
    table.push("rate_control", float(&|f| f.control.rate));
    table.push("reps_treated", int(&|f| Some(f.treated.reps)));
    table.push("reps_control", int(&|f| Some(f.control.reps)));
    table.push("comparable_treated", int(&|f| Some(f.comparable.treated)));
    table.push("comparable_control", int(&|f| Some(f.comparable.control)));
    table.push("raw_estimate", float(&|f| f.raw.map(|i| i.estimate)));
    table.push("went_on_estimate", float(&|f| f.went_on.map(|i| i.estimate)));
    table.push("cross_check_estimate", float(&|f| f.cross_check.map(|i| i.estimate)));
    table.push("horizon", int(&|f| f.time.map(|time| time.horizon as u64)));
    table.push("step_count_estimate", float(&|f| f.step_count.map(|s| s.alone)));
    table.push("e_value", float(&|f| f.e_value.map(|e| e.estimate)));
    table.push("minimum_detectable", float(&|f| f.minimum_detectable));
    table.push("more_cases_needed", int(&|f| f.more_cases_needed));
    table.push("adjusted_for", list(&|f| f.adjusted_for.clone()));
    table.push("method", text(&|f| Some(f.method.into())));
    table.push("caveats", list(&|f| f.caveats.iter().map(|c| c.name().to_owned()).collect()));
    table.push("cases", list(&|f| f.cases.clone()));
    table.push("sentence_en", text(&|f| Some(f.sentence(Lang::En))));
    table.push("sentence_zh", text(&|f| Some(f.sentence(Lang::Zh))));
    table
}
