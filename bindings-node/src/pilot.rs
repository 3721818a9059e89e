//! Pilots: planned, drawn, judged.

use std::sync::Arc;

use goldpath::Lang;
use goldpath::improve;
use napi::bindgen_prelude::ClassInstance;
use napi::{Env, Result};
use napi_derive::napi;

use crate::check::Check;
use crate::errors::call;
use crate::model::{self, with_sentences};
use crate::people::{day, read};
use crate::work::{Later, start};

/// The plan of a pilot (试点), settled before its first case: what is tried and where, by whom, how large an effect is of interest,
/// how many cases that takes, and when to stop. Made by `review.planPilot(…)`.
#[napi]
pub struct PilotPlan(Arc<improve::PilotPlan>);

impl PilotPlan {
    pub(crate) fn of(review: &goldpath::Review, choice: String, options: String) -> goldpath::Result<Self> {
        review.plan_pilot(&read("choice", Some(choice))?, &read("options", Some(options))?).map(|plan| Self(Arc::new(plan)))
    }
}

#[napi]
impl PilotPlan {
    /// Reads what `toJson` wrote.
    #[napi(catch_unwind, factory)]
    pub fn from_json(text: String) -> Result<Self> {
        call(|| improve::PilotPlan::from_json(&text).map(|plan| Self(Arc::new(plan))))
    }

    /// The plan as JSON: the same plan gives the same text.
    #[napi(catch_unwind)]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// SHA-256 of the plan: note it before the start.
    #[napi(catch_unwind, getter)]
    pub fn hash(&self) -> String {
        self.0.hash()
    }

    /// The plan as a plain object: who begins when, the planned size, the end.
    #[napi(catch_unwind, getter, configurable = true, ts_return_type = "PilotFields")]
    pub fn fields(&self) -> String {
        model::json(&*self.0)
    }

    /// Whether a case that begins on a day (such as `2026-12-31`) is to try it; `null` where it takes no part.
    #[napi(catch_unwind, ts_args_type = "caseId: string, rep: string | null, date: string")]
    pub fn assigned(&self, case_id: String, rep: Option<String>, date: String) -> Result<Option<bool>> {
        call(|| Ok(self.0.assigned(&case_id, rep.as_deref(), day("date", date)?)))
    }

    /// Judges the pilot by the cases of a check that began up to a day (the last there is where nothing is said). The interval
    /// holds whenever one looks.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "check: Check, asOf?: string", ts_return_type = "Promise<Pilot>")]
    pub fn judge(&self, env: Env, check: ClassInstance<'_, Check>, as_of: Option<String>) -> Result<Later<String>> {
        let (plan, check) = (Arc::clone(&self.0), check.0.clone());
        start(env, None, None, move |_| {
            let as_of = as_of.map(|text| day("asOf", text)).transpose()?;
            let pilot = plan.judge(&check, as_of)?;
            let mut object = with_sentences(&pilot, |lang| pilot.sentence(lang));
            if let Some(finding) = &pilot.as_treated {
                object["as_treated"] = with_sentences(finding, |lang| finding.sentence(lang));
            }
            Ok(object.to_string())
        })
    }

    /// What is planned, in a few sentences.
    #[napi(catch_unwind, ts_args_type = "lang?: Lang")]
    pub fn sentence(&self, lang: Option<String>) -> Result<String> {
        call(|| Ok(self.0.sentence(crate::review::language(lang)?)))
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.sentence(Lang::En)
    }
}
