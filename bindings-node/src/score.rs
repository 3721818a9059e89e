//! `Scorecard` and `Scores`: points for each conversation, and what they are made of.

use napi::{Env, Result};
use napi_derive::napi;

use crate::errors::call;
use crate::model;
use crate::sop::{AnySop, playbook};
use crate::table::Table;
use crate::work::{Later, start};

/// What steps, standards and feedback are worth, and what deviations take away. Always valid: it cannot be made otherwise.
#[napi]
pub struct Scorecard(pub(crate) goldpath::Scorecard);

#[napi]
impl Scorecard {
    /// Reads a YAML or JSON file; the error lists all faults, each with line, place and how to mend it.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Promise<Scorecard>")]
    pub fn read(env: Env, path: String) -> Result<Later<Scorecard>> {
        start(env, None, None, move |_| goldpath::Scorecard::read(path).map(Self))
    }

    /// Reads YAML or JSON text.
    #[napi(catch_unwind)]
    pub fn parse(text: String) -> Result<Self> {
        call(|| goldpath::Scorecard::parse(&text).map(Self))
    }

    /// Makes a scorecard of a plain object of the shape of the file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_args_type = "scorecard: object")]
    pub fn from_object(json: String) -> Result<Self> {
        call(|| serde_json::from_str(&json).map_or_else(|_| goldpath::Scorecard::parse(&json), goldpath::Scorecard::from_value).map(Self))
    }

    /// The one where nothing is said: a point for each agent's step of the flow and each of its standards.
    #[napi(catch_unwind, ts_args_type = "sop: Sop | Playbook")]
    pub fn equal(sop: AnySop<'_>) -> Result<Self> {
        call(|| Ok(Self(goldpath::Scorecard::equal(&playbook(&sop)))))
    }

    /// The JSON Schema of the scorecard file.
    #[napi(catch_unwind, configurable = true, writable = true, ts_return_type = "Record<string, unknown>")]
    pub fn json_schema() -> String {
        goldpath::Scorecard::json_schema().to_string()
    }

    /// YAML text; reading it gives an equal scorecard.
    #[napi(catch_unwind)]
    pub fn to_yaml(&self) -> String {
        self.0.to_yaml()
    }

    /// JSON text; reading it gives an equal scorecard.
    #[napi(catch_unwind)]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// Whether both say the same.
    #[napi(catch_unwind)]
    pub fn equals(&self, other: &Scorecard) -> bool {
        self.0 == other.0
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}

/// The points of all cases of a check, 0 to 100 each.
#[napi]
pub struct Scores(pub(crate) goldpath::Scores);

#[napi]
impl Scores {
    /// Number of cases.
    #[napi(catch_unwind, getter)]
    pub fn length(&self) -> u32 {
        self.0.len() as u32
    }

    /// One row a case: its score, and the points it is made of.
    #[napi(catch_unwind)]
    pub fn cases(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.cases())))
    }

    /// One row a rep: the mean score of their cases, and what loses them most.
    #[napi(catch_unwind)]
    pub fn reps(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.reps())))
    }

    /// One row a team: the mean score of its cases.
    #[napi(catch_unwind)]
    pub fn teams(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.teams())))
    }

    /// One row a part of the scorecard: how often it counted, and what it costs.
    #[napi(catch_unwind)]
    pub fn parts(&self) -> Result<Table> {
        call(|| Ok(Table(self.0.parts())))
    }

    /// The best conversations, at most so many (20 where nothing is said).
    #[napi(catch_unwind)]
    pub fn best(&self, most: Option<u32>) -> Result<Table> {
        call(|| Ok(Table(self.0.best(most.unwrap_or(20) as usize))))
    }

    /// Coaching opportunities (机会点): one row a rep and part that lost points, the most points first.
    #[napi(catch_unwind)]
    pub fn opportunities(&self) -> Result<Table> {
        call(|| self.0.opportunities().map(Table))
    }

    /// What would be worth clipping, at most so many of each kind (20): moments of the best conversations, and coaching
    /// opportunities (机会点), each with its reason. `library.add(corpus, suggestion.clip)` makes it a clip.
    #[napi(catch_unwind, ts_args_type = "most?: number, lang?: 'en' | 'zh'", ts_return_type = "Array<ClipSuggestion>")]
    pub fn clip_suggestions(&self, most: Option<u32>, lang: Option<String>) -> Result<String> {
        crate::clips::suggestions(&self.0, most, lang)
    }

    /// The score of one case, point by point.
    #[napi(catch_unwind, ts_return_type = "Score")]
    pub fn explain(&self, case_id: String) -> Result<String> {
        call(|| self.0.explain(&case_id)).map(|found| model::score(&found))
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}
