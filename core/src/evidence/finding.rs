//! The one result type of every claim.

use serde::Serialize;

use crate::check::StandardResult;
use crate::stats::Interval;
use crate::table::{Column, Table};
use crate::words::{self, Lang};

/// Which choice is judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// Leaving a planned step out, against doing it.
    Skip {
        /// Id of the step.
        step: String,
        /// Its title.
        title: String,
    },
    /// Conforming up to and at a step, against having deviated before it.
    Conforming {
        /// Id of the step.
        step: String,
        /// Its title.
        title: String,
    },
    /// Failing a standard of a step, against meeting it.
    Standard {
        /// Id of the step.
        step: String,
        /// Its title.
        title: String,
        /// The standard.
        standard: Box<StandardResult>,
    },
}

/// What the estimate is an estimate of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Estimand {
    /// Difference of rates as they are, not of effects.
    RawDifference,
    /// Difference of means as they are, not of effects.
    RawMeanDifference,
}

/// What a reader has to know before believing an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Caveat {
    /// Nothing was adjusted for: cases and reps of the arms may differ.
    Unadjusted,
    /// There is no clock: a case that ended at the point counts as not having made the choice.
    NoClock,
    /// The estimate among cases that went on has the other sign.
    SignChangesAmongThoseWhoWentOn,
    /// An arm has fewer than 20 cases.
    FewCases,
    /// An arm has cases of one rep only.
    OneRep,
}

impl Caveat {
    /// The name of the caveat, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unadjusted => "unadjusted",
            Self::NoClock => "no_clock",
            Self::SignChangesAmongThoseWhoWentOn => "sign_changes_among_those_who_went_on",
            Self::FewCases => "few_cases",
            Self::OneRep => "one_rep",
        }
    }
}

/// What the evidence allows to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
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

/// A claim with everything it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The choice.
    pub what: What,
    /// Name of the SOP.
    pub sop: String,
    /// Title of the step last reached where the choice is made; `None` at the very start.
    pub point: Option<String>,
    /// Outcome compared.
    pub outcome: String,
    /// What the estimate is of.
    pub estimand: Estimand,
    /// Those who made the choice, minus the others.
    pub estimate: Option<f64>,
    /// Lower end of the 95 % interval.
    pub ci_low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub ci_high: Option<f64>,
    /// Probability of a difference so large by chance, by the stated method.
    pub p_value: Option<f64>,
    /// The same after allowing for all choices tested.
    pub q_value: Option<f64>,
    /// Those who made the choice.
    pub treated: Arm,
    /// Those who did not.
    pub control: Arm,
    /// The unadjusted comparison.
    pub raw: Option<Interval>,
    /// The comparison among cases that went on to a later planned step, both arms alike, where there is no clock.
    pub went_on: Option<Interval>,
    /// Name of the method.
    pub method: &'static str,
    /// What a reader has to know.
    pub caveats: Vec<Caveat>,
    /// What may be said.
    pub verdict: Verdict,
    /// Some cases that made the choice, chosen by hash of their id.
    pub cases: Vec<String>,
}

impl Finding {
    /// One sentence about it.
    pub fn sentence(&self, lang: Lang) -> String {
        words::finding(self, lang)
    }

    /// Id of the step the choice is about.
    pub fn step(&self) -> &str {
        match &self.what {
            What::Skip { step, .. } | What::Conforming { step, .. } | What::Standard { step, .. } => step,
        }
    }

    /// `skip`, `conforming` or `standard`.
    pub fn kind(&self) -> &'static str {
        match self.what {
            What::Skip { .. } => "skip",
            What::Conforming { .. } => "conforming",
            What::Standard { .. } => "standard",
        }
    }
}

/// Findings as a table, a row each.
pub(crate) fn table(findings: &[Finding]) -> Table {
    let text = |f: &dyn Fn(&Finding) -> Option<String>| Column::Text(findings.iter().map(|x| f(x).map(Into::into)).collect());
    let float = |f: &dyn Fn(&Finding) -> Option<f64>| Column::Float(findings.iter().map(f).collect());
    let int = |f: &dyn Fn(&Finding) -> u64| Column::Int(findings.iter().map(|x| Some(f(x) as i64)).collect());
    let mut table = Table::new("findings");
    table.push("kind", text(&|f| Some(f.kind().into())));
    table.push("step", text(&|f| Some(f.step().into())));
    table.push("standard", text(&|f| if let What::Standard { standard, .. } = &f.what { Some(standard.name.clone()) } else { None }));
    table.push("sop", text(&|f| Some(f.sop.clone())));
    table.push("point", text(&|f| f.point.clone()));
    table.push("outcome", text(&|f| Some(f.outcome.clone())));
    table.push("estimate", float(&|f| f.estimate));
    table.push("ci_low", float(&|f| f.ci_low));
    table.push("ci_high", float(&|f| f.ci_high));
    table.push("p_value", float(&|f| f.p_value));
    table.push("q_value", float(&|f| f.q_value));
    table.push("n_treated", int(&|f| f.treated.n));
    table.push("n_control", int(&|f| f.control.n));
    table.push("rate_treated", float(&|f| f.treated.rate));
    table.push("rate_control", float(&|f| f.control.rate));
    table.push("reps_treated", int(&|f| f.treated.reps));
    table.push("reps_control", int(&|f| f.control.reps));
    table.push("went_on_estimate", float(&|f| f.went_on.map(|i| i.estimate)));
    table.push("method", text(&|f| Some(f.method.into())));
    table.push("verdict", text(&|f| Some(f.verdict.name().into())));
    table.push("caveats", Column::TextList(findings.iter().map(|f| f.caveats.iter().map(|c| c.name().into()).collect()).collect()));
    table.push("cases", Column::TextList(findings.iter().map(|f| f.cases.iter().map(|c| c.as_str().into()).collect()).collect()));
    table.push("sentence_en", text(&|f| Some(f.sentence(Lang::En))));
    table.push("sentence_zh", text(&|f| Some(f.sentence(Lang::Zh))));
    table
}
