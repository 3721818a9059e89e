//! Human marks held against results.

use goldpath::coaching::from_value;
use goldpath::talk::{Judging, Mark};
use napi::bindgen_prelude::ClassInstance;
use napi::{Env, Result};
use napi_derive::napi;
use serde_json::{Value, json};

use crate::check::Check;
use crate::model::with_sentences;
use crate::work::{Later, start};

/// What marks of judges are worth: whether what each calls good goes with results among like cases, how far judges agree, and who
/// is harsher or milder than others on the same cases.
#[napi(catch_unwind, ts_args_type = "check: Check, marks: Array<Mark>, options?: { adjustFor?: Array<string> }", ts_return_type = "Promise<Judging>")]
pub fn judge_marks(env: Env, check: ClassInstance<'_, Check>, marks: String, options: Option<JudgingOptions>) -> Result<Later<String>> {
    let (check, adjust_for) = (check.0.clone(), options.and_then(|options| options.adjust_for));
    start(env, None, None, move |_| {
        let marks: Vec<Mark> = from_value("marks", serde_json::from_str(&marks).unwrap_or_default())?;
        let found = Judging::of(&check, &marks, adjust_for.as_deref())?;
        let judges: Vec<Value> = (found.judges.iter())
            .map(|judge| {
                let mut object = with_sentences(judge, |lang| judge.sentence(lang));
                if let Some(finding) = &judge.finding {
                    object["finding"] = with_sentences(finding, |lang| finding.sentence(lang));
                }
                object
            })
            .collect();
        let agreements: Vec<Value> = found.agreements.iter().map(|agreement| with_sentences(agreement, |lang| agreement.sentence(lang))).collect();
        Ok(json!({"judges": judges, "agreements": agreements}).to_string())
    })
}

/// How marks are held against results.
#[napi(object, object_to_js = false)]
pub struct JudgingOptions {
    /// What cases are alike in.
    pub adjust_for: Option<Vec<String>>,
}
