//! `review`: the whole flow in one call.

use goldpath::{Lang, ReviewOptions};
use napi::bindgen_prelude::ClassInstance;
use napi::{Env, Result};
use napi_derive::napi;

use crate::check::{self, Check, CheckOptions};
use crate::corpus::Corpus;
use crate::errors::call;
use crate::model;
use crate::sop::{AnySop, playbook};
use crate::table::Table;
use crate::work::{Later, start};

/// The whole analysis (全量分析): preset path beside actual path, and what the partings go with.
#[napi]
pub struct Review(goldpath::Review);

/// Checks a corpus against its SOP or playbook and compares outcomes.
#[napi(ts_args_type = "corpus: Corpus, sop: Sop | Playbook, options?: CheckOptions", ts_return_type = "Promise<Review>")]
pub fn review(env: Env, corpus: ClassInstance<'_, Corpus>, sop: AnySop<'_>, options: Option<CheckOptions<'_>>) -> Result<Later<Review>> {
    let (corpus, playbook) = (corpus.0.clone(), playbook(&sop));
    let (options, signal, on_progress) = check::split(options)?;
    let options = ReviewOptions { outcome: options.outcome, unit: options.unit, threshold: options.threshold };
    start(env, signal, on_progress, move |progress| goldpath::Review::of(&corpus, playbook, &options, progress).map(Review))
}

pub(crate) fn language(lang: Option<String>) -> goldpath::Result<Lang> {
    lang.map_or(Ok(Lang::default()), |lang| lang.parse())
}

#[napi(object, object_to_js = false)]
pub struct SaveOptions {
    /// Language of the report; English where nothing is said.
    #[napi(ts_type = "Lang")]
    pub lang: Option<String>,
}

#[napi]
impl Review {
    /// The check behind the review.
    #[napi(getter)]
    pub fn check(&self) -> Check {
        Check(self.0.check().clone())
    }

    /// What goes with what, largest difference first.
    #[napi(getter, ts_return_type = "Array<Finding>")]
    pub fn findings(&self) -> String {
        model::findings(self.0.findings())
    }

    /// The findings as a table.
    #[napi]
    pub fn findings_table(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.findings_table())))
    }

    /// The figures the review opens with.
    #[napi(getter, ts_return_type = "Summary")]
    pub fn summary(&self) -> Result<String> {
        call(|| Ok(model::json(&self.0.summary())))
    }

    /// The review in a few sentences, the most important first.
    #[napi(ts_args_type = "lang?: Lang")]
    pub fn sentences(&self, lang: Option<String>) -> Result<Vec<String>> {
        call(|| Ok(self.0.sentences(language(lang)?)))
    }

    /// The report as one HTML page that loads nothing.
    #[napi(ts_args_type = "lang?: Lang", ts_return_type = "Promise<string>")]
    pub fn to_html(&self, env: Env, lang: Option<String>) -> Result<Later<String>> {
        let review = self.0.clone();
        start(env, None, None, move |_| review.to_html(language(lang)?))
    }

    /// Writes the report.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn save(&self, env: Env, path: String, options: Option<SaveOptions>) -> Result<Later<()>> {
        let review = self.0.clone();
        start(env, None, None, move |_| review.save(path, language(options.and_then(|options| options.lang))?))
    }

    #[napi(js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}
