//! `Check`: the actual paths laid beside the preset one.

use goldpath::check;
use goldpath::corpus::Unit;
use napi::bindgen_prelude::{ClassInstance, Function, Object, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::errors::call;
use crate::model;
use crate::score::{Scorecard, Scores};
use crate::table::Table;
use crate::work::{Later, OnProgress, ProgressUpdate, WorkOptions, start};

/// Options of `check`.
#[napi(object, object_to_js = false)]
pub struct CheckOptions<'env> {
    /// The outcome that says which cases are open and won; `won`, else the first yes/no outcome, where nothing is said.
    /// `stage_advanced` is given by the check where the conversations carry none of this name.
    pub outcome: Option<String>,
    /// What a case is: each conversation (the default), or all conversations of a deal, as `byDeal` joins them.
    #[napi(ts_type = "'conversation' | 'deal'")]
    pub unit: Option<String>,
    /// Events whose probability is below this (0 to 1) are left out of the path; 0.5 where nothing is said.
    pub threshold: Option<f64>,
    /// Stops the work; the promise is then rejected with the reason of the signal.
    #[napi(ts_type = "AbortSignal")]
    pub signal: Option<Object<'env>>,
    /// Called now and then with how far the work has come.
    #[napi(ts_type = "(update: ProgressUpdate) => void")]
    pub on_progress: Option<Function<'env, ProgressUpdate, Unknown<'static>>>,
}

type Split<'env> = (check::CheckOptions, Option<Object<'env>>, OnProgress<'env>);

pub(crate) fn split(options: Option<CheckOptions<'_>>) -> Result<Split<'_>> {
    let Some(options) = options else { return Ok((check::CheckOptions::default(), None, None)) };
    let unit = call(|| options.unit.as_deref().map_or(Ok(Unit::default()), str::parse))?;
    let threshold = options.threshold.unwrap_or(check::CheckOptions::THRESHOLD);
    Ok((check::CheckOptions { outcome: options.outcome, unit, threshold }, options.signal, options.on_progress))
}

/// What checking a `Corpus` against a `Sop` or `Playbook` found.
#[napi]
pub struct Check(pub(crate) goldpath::Check);

/// What the CRM claims against what the conversations show.
#[napi]
pub struct CrmTruth(goldpath::monitor::CrmTruth);

#[napi]
impl CrmTruth {
    /// Every claim with what the conversations show, a row each.
    #[napi(catch_unwind)]
    pub fn claims(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.table())))
    }

    /// Shares by field, of all and of each rep, over the last claim of each case.
    #[napi(catch_unwind)]
    pub fn agreement(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.agreement_table())))
    }

    /// What it comes to: each field, and the reps that claim ahead of the conversations more often than others.
    #[napi(catch_unwind, ts_args_type = "lang?: Lang")]
    pub fn sentences(&self, lang: Option<String>) -> Result<Vec<String>> {
        call(|| Ok(self.0.sentences(crate::review::language(lang)?)))
    }
}

#[napi]
impl Check {
    /// Number of cases.
    #[napi(catch_unwind, getter)]
    pub fn length(&self) -> u32 {
        self.0.len() as u32
    }

    /// The outcome that says which cases are open and won; `null` where the conversations carry none.
    #[napi(catch_unwind, getter)]
    pub fn outcome(&self) -> Option<&str> {
        self.0.outcome()
    }

    /// One row a case: figures, status, and the outcome.
    #[napi(catch_unwind)]
    pub fn cases(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.cases())))
    }

    /// One row a deviation, with its sentence in English and Chinese.
    #[napi(catch_unwind)]
    pub fn deviations(&self) -> Result<Table> {
        call(|| self.0.deviations().map(Table))
    }

    /// One row a distinct path, the most frequent first.
    #[napi(catch_unwind)]
    pub fn variants(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.variants())))
    }

    /// One row a step: how many cases reached it, did it, skipped it, …
    #[napi(catch_unwind)]
    pub fn steps(&self) -> Result<Table> {
        call(|| self.0.steps().map(Table))
    }

    /// One row a rep.
    #[napi(catch_unwind)]
    pub fn reps(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.reps())))
    }

    /// One row a team.
    #[napi(catch_unwind)]
    pub fn teams(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.teams())))
    }

    /// One row a choice at a decision point.
    #[napi(catch_unwind)]
    pub fn choices(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.choices())))
    }

    /// One row a conversation: the stage its deal had reached before, the furthest stage of the steps matched in it, and
    /// whether that is a later one.
    #[napi(catch_unwind)]
    pub fn stages(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.stages())))
    }

    /// Hints that only the conversations show: names that do not meet, steps and parts of the SOP that no case comes to.
    #[napi(catch_unwind, ts_return_type = "Array<Hint>")]
    pub fn lint(&self) -> Result<String> {
        call(|| self.0.lint()).map(|found| model::hints(&found))
    }

    /// One row an uncertain event, those whose labels matter most first.
    #[napi(catch_unwind)]
    pub fn uncertain(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.uncertain())))
    }

    /// What can be said of a case whose events are not all certain.
    #[napi(catch_unwind, ts_return_type = "Uncertainty")]
    pub fn uncertainty(&self, case_id: String) -> Result<String> {
        call(|| self.0.uncertainty(&case_id)).map(|found| model::json(&found))
    }

    /// Holds what the CRM claims against what the conversations show: stages and fields, case by case, with their days.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "options: CrmOptions", ts_return_type = "Promise<CrmTruth>")]
    pub fn crm(&self, env: Env, options: String) -> Result<Later<CrmTruth>> {
        let check = self.0.clone();
        start(env, None, None, move |_| {
            let options = crate::people::read("options", Some(options))?;
            goldpath::monitor::CrmTruth::of(&check, &options).map(CrmTruth)
        })
    }

    /// One row a standard of a step: how often it was measured and met, and whether it can be met at all.
    #[napi(catch_unwind)]
    pub fn standards(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.standards())))
    }

    /// The alignment of one case: its moves, deviations with their sentences, and figures.
    #[napi(catch_unwind, ts_return_type = "Alignment")]
    pub fn alignment(&self, case_id: String) -> Result<String> {
        call(|| self.0.alignment(&case_id)).map(|found| model::alignment(&found))
    }

    /// Weighs every case by a scorecard; `Scorecard.equal` of the SOP where none is given.
    #[napi(catch_unwind, ts_args_type = "scorecard?: Scorecard | null, options?: WorkOptions", ts_return_type = "Promise<Scores>")]
    pub fn score(&self, env: Env, scorecard: Option<ClassInstance<'_, Scorecard>>, options: Option<WorkOptions<'_>>) -> Result<Later<Scores>> {
        let check = self.0.clone();
        let card = scorecard.map_or_else(|| goldpath::Scorecard::equal(check.playbook()), |card| card.0.clone());
        let (signal, on_progress) = options.map_or((None, None), |o| (o.signal, o.on_progress));
        start(env, signal, on_progress, move |progress| check.score_with(&card, progress).map(Scores))
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}
