//! `review`: the whole flow in one call.

use std::sync::OnceLock;

use goldpath::Lang;
use napi::bindgen_prelude::{ClassInstance, Function, Object, Unknown};
use napi::{Env, Result};
use napi_derive::napi;

use crate::check::{self, Check, CheckOptions};
use crate::corpus::Corpus;
use crate::errors::call;
use crate::improve::{self, BestPath, BestPathAsked};
use crate::model;
use crate::pilot::PilotPlan;
use crate::sop::{AnySop, playbook};
use crate::table::Table;
use crate::talk::TalkTracks;
use crate::work::{Later, ProgressUpdate, start};

/// The whole analysis (全量分析): preset path beside actual path, and what the partings go with.
#[napi]
pub struct Review(pub(crate) goldpath::Review, OnceLock<goldpath::advice::Advisor>);

/// Options of `review`.
#[napi(object, object_to_js = false)]
pub struct ReviewOptions<'env> {
    /// The outcome that is compared; `won`, else the first yes/no outcome, where nothing is said.
    /// `stage_advanced` is given by the check where the conversations carry none of this name.
    pub outcome: Option<String>,
    /// What a case is: each conversation (the default), or all conversations of a deal, as `byDeal` joins them.
    #[napi(ts_type = "'conversation' | 'deal'")]
    pub unit: Option<String>,
    /// Events whose probability is below this (0 to 1) are left out of the path; 0.5 where nothing is said.
    pub threshold: Option<f64>,
    /// Attributes (or `team`, `channel`) that were known beforehand and are adjusted for; where nothing is said, every attribute
    /// with 2 to 20 values that does not tell the outcome.
    pub adjust_for: Option<Vec<String>>,
    /// Steps that define the outcome and are not judged.
    pub never_choices: Option<Vec<String>>,
    /// Lower values of the outcome are the better ones.
    pub lower_is_better: Option<bool>,
    /// Compares how long it takes to the outcome: the name of a numeric outcome with the days until a case was won or lost (or
    /// for which it has been followed while open), or of an attribute with the time of the decision.
    pub time: Option<String>,
    /// Stops the work; the promise is then rejected with the reason of the signal.
    #[napi(ts_type = "AbortSignal")]
    pub signal: Option<Object<'env>>,
    /// Called now and then with how far the work has come.
    #[napi(ts_type = "(update: ProgressUpdate) => void")]
    pub on_progress: Option<Function<'env, ProgressUpdate, Unknown<'static>>>,
}

/// Checks a corpus against its SOP or playbook and says what each choice goes with.
#[napi(catch_unwind, ts_args_type = "corpus: Corpus, sop: Sop | Playbook, options?: ReviewOptions", ts_return_type = "Promise<Review>")]
pub fn review(env: Env, corpus: ClassInstance<'_, Corpus>, sop: AnySop<'_>, options: Option<ReviewOptions<'_>>) -> Result<Later<Review>> {
    let (corpus, playbook) = (corpus.0.clone(), playbook(&sop));
    let mut asked = goldpath::ReviewOptions::default();
    let (mut signal, mut on_progress) = (None, None);
    if let Some(o) = options {
        let (checked, given, listener) =
            check::split(Some(CheckOptions { outcome: o.outcome, unit: o.unit, threshold: o.threshold, signal: o.signal, on_progress: o.on_progress }))?;
        (signal, on_progress) = (given, listener);
        asked = goldpath::ReviewOptions {
            outcome: checked.outcome,
            unit: checked.unit,
            threshold: checked.threshold,
            adjust_for: o.adjust_for,
            never_choices: o.never_choices.unwrap_or_default(),
            lower_is_better: o.lower_is_better.unwrap_or(false),
            time: o.time,
        };
    }
    start(env, signal, on_progress, move |progress| goldpath::Review::of(&corpus, playbook, &asked, progress).map(|review| Review(review, OnceLock::new())))
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

/// Options of a back-test.
#[napi(object, object_to_js = false)]
#[derive(Default)]
pub struct BacktestOptions {
    /// The last day on which cases began that count.
    pub as_of: Option<String>,
    /// Number of the SOP in the playbook.
    pub entry: Option<u32>,
}

impl Review {
    pub(crate) fn core(&self) -> &goldpath::Review {
        &self.0
    }
}

#[napi]
impl Review {
    /// What is done outside the SOP that works (创新点), proven ones first.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Array<Innovation>>")]
    pub fn innovations(&self, env: Env) -> Result<Later<String>> {
        let review = self.0.clone();
        start(env, None, None, move |_| review.improvements().map(improve::innovations))
    }

    /// Who led the way to a proven innovation (创新者).
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Array<Innovator>>")]
    pub fn innovators(&self, env: Env) -> Result<Later<String>> {
        let review = self.0.clone();
        start(env, None, None, move |_| review.improvements().map(improve::innovators))
    }

    /// Edits of the SOP that the evidence asks for, the largest honest gain first; `patch` is JSON text.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Array<Proposal>>")]
    pub fn proposals(&self, env: Env) -> Result<Later<String>> {
        let review = self.0.clone();
        start(env, None, None, move |_| review.improvements().map(improve::proposals))
    }

    /// What has to be said before innovations are read, such as `no_dates`.
    #[napi(catch_unwind, ts_return_type = "Promise<Array<string>>")]
    pub fn improve_notes(&self, env: Env) -> Result<Later<Vec<String>>> {
        let review = self.0.clone();
        start(env, None, None, move |_| Ok(review.improvements()?.found.notes.iter().map(|note| note.name().to_owned()).collect()))
    }

    /// The innovations as a table.
    #[napi(catch_unwind, ts_return_type = "Promise<Table>")]
    pub fn innovations_table(&self, env: Env) -> Result<Later<Table>> {
        let review = self.0.clone();
        start(env, None, None, move |_| Ok(Table(review.improvements()?.found.table())))
    }

    /// The innovators as a table.
    #[napi(catch_unwind, ts_return_type = "Promise<Table>")]
    pub fn innovators_table(&self, env: Env) -> Result<Later<Table>> {
        let review = self.0.clone();
        start(env, None, None, move |_| Ok(Table(review.improvements()?.found.innovators_table())))
    }

    /// How the use of each innovation spread, a row an innovation and period.
    #[napi(catch_unwind, ts_return_type = "Promise<Table>")]
    pub fn adoption_table(&self, env: Env) -> Result<Later<Table>> {
        let review = self.0.clone();
        start(env, None, None, move |_| Ok(Table(review.improvements()?.found.adoption_table())))
    }

    /// Unplanned choices too rare to be compared: nothing is dropped.
    #[napi(catch_unwind, ts_return_type = "Promise<Table>")]
    pub fn rare_table(&self, env: Env) -> Result<Later<Table>> {
        let review = self.0.clone();
        start(env, None, None, move |_| Ok(Table(review.improvements()?.found.rare_table())))
    }

    /// The proposals as a table.
    #[napi(catch_unwind, ts_return_type = "Promise<Table>")]
    pub fn proposals_table(&self, env: Env) -> Result<Later<Table>> {
        let review = self.0.clone();
        start(env, None, None, move |_| Ok(Table(review.improvements()?.proposals_table())))
    }

    /// The best path that the evidence supports: the present SOP with what is proven to be better, under constraints.
    #[napi(catch_unwind, ts_args_type = "options?: BestPathAsked", ts_return_type = "Promise<BestPath>")]
    pub fn best_path(&self, env: Env, options: Option<BestPathAsked>) -> Result<Later<BestPath>> {
        let review = self.0.clone();
        start(env, None, None, move |_| BestPath::of(&review, &improve::best_path_options(options)?))
    }

    /// Holds another version of an SOP against the cases that began up to a day (such as `2026-12-31`): who would no longer conform,
    /// what the change would be expected to bring, and since when the data speak for it. Days are counted from 1970-01-01.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "sop: Sop, options?: BacktestOptions", ts_return_type = "Promise<Backtest>")]
    pub fn backtest(&self, env: Env, sop: ClassInstance<'_, crate::sop::Sop>, options: Option<BacktestOptions>) -> Result<Later<String>> {
        let (review, next) = (self.0.clone(), sop.0.clone());
        start(env, None, None, move |_| {
            let options = options.unwrap_or_default();
            let as_of = options.as_of.map(|text| crate::people::day("asOf", text)).transpose()?;
            let found = review.backtest(&next, options.entry.unwrap_or(0) as usize, as_of)?;
            Ok(model::with_both(&found, |lang| found.sentence(lang)))
        })
    }

    /// What reps do beside the steps (工作习惯): how soon contacts follow each other, through which channels, at what hour, how fast a
    /// customer is answered; each against those who do otherwise, clear ones first. `utcOffset` in minutes says where days begin.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Array<WorkHabit>>")]
    pub fn habits(&self, env: Env, utc_offset: Option<i32>) -> Result<Later<String>> {
        let review = self.0.clone();
        start(env, None, None, move |_| Ok(improve::habits(&review.habits(utc_offset.unwrap_or(0))?)))
    }

    /// The habits as a table.
    #[napi(catch_unwind, ts_return_type = "Promise<Table>")]
    pub fn habits_table(&self, env: Env, utc_offset: Option<i32>) -> Result<Later<Table>> {
        let review = self.0.clone();
        start(env, None, None, move |_| Ok(Table(review.habits(utc_offset.unwrap_or(0))?.table())))
    }

    /// Plans a pilot (试点) of an innovation's `choice`, or of `{step, after}`: draws who tries it and says how long it takes to
    /// show the smallest effect of interest.
    #[napi(
        catch_unwind,
        configurable = true,
        writable = true,
        ts_args_type = "choice: PilotChoice | ChoiceId, options: PilotOptions",
        ts_return_type = "Promise<PilotPlan>"
    )]
    pub fn plan_pilot(&self, env: Env, choice: String, options: String) -> Result<Later<PilotPlan>> {
        let review = self.0.clone();
        start(env, None, None, move |_| PilotPlan::of(&review, choice, options))
    }

    /// The check behind the review.
    #[napi(catch_unwind, getter)]
    pub fn check(&self) -> Check {
        Check(self.0.check().clone())
    }

    /// What is said in the conversations (话术), compared as the review compares. `TalkTracks.of` takes options.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<TalkTracks>")]
    pub fn talk_tracks(&self, env: Env) -> Result<Later<TalkTracks>> {
        let review = self.0.clone();
        start(env, None, None, move |_| review.talk_tracks().cloned().map(TalkTracks))
    }

    /// What is spoken of (知识点), with the best that is said of it, a row each.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Table>")]
    pub fn knowledge_points(&self, env: Env) -> Result<Later<Table>> {
        let review = self.0.clone();
        start(env, None, None, move |_| review.knowledge_points().map(Table))
    }

    /// What each choice goes with: clear ones first, then by size.
    #[napi(catch_unwind, getter, ts_return_type = "Array<Finding>")]
    pub fn findings(&self) -> String {
        model::findings(self.0.findings())
    }

    /// The findings as a table.
    #[napi(catch_unwind)]
    pub fn findings_table(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.findings_table())))
    }

    /// What to do next in a running conversation: the choices open at this point, those with the best evidence first, and
    /// what is better left alone. `attributes` is what is known of the case, such as its segment.
    #[napi(catch_unwind, ts_args_type = "session: LiveSession, attributes?: Record<string, string | number | boolean>", ts_return_type = "Advice")]
    pub fn advise(&self, session: &crate::live::LiveSession, attributes: Option<crate::live::Attributes>) -> Result<String> {
        let attributes = crate::live::texts(attributes);
        let advisor = self.1.get_or_init(|| self.0.advisor());
        call(|| Ok(model::advice(&advisor.advise(&session.0, |name| attributes.get(name).map(|text| text.as_str().into())))))
    }

    /// The figures the review opens with.
    #[napi(catch_unwind, getter, ts_return_type = "Summary")]
    pub fn summary(&self) -> Result<String> {
        call(|| Ok(model::json(&self.0.summary())))
    }

    /// The review in a few sentences, the most important first.
    #[napi(catch_unwind, ts_args_type = "lang?: Lang")]
    pub fn sentences(&self, lang: Option<String>) -> Result<Vec<String>> {
        call(|| Ok(self.0.sentences(language(lang)?)))
    }

    /// The report as one HTML page that loads nothing.
    #[napi(catch_unwind, ts_args_type = "lang?: Lang", ts_return_type = "Promise<string>")]
    pub fn to_html(&self, env: Env, lang: Option<String>) -> Result<Later<String>> {
        let review = self.0.clone();
        start(env, None, None, move |_| review.to_html(language(lang)?))
    }

    /// Writes the report.
    #[napi(catch_unwind, ts_return_type = "Promise<void>")]
    pub fn save(&self, env: Env, path: String, options: Option<SaveOptions>) -> Result<Later<()>> {
        let review = self.0.clone();
        start(env, None, None, move |_| review.save(path, language(options.and_then(|options| options.lang))?))
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}
