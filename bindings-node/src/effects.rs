//! Choices that a host hands over, compared by the same engine.

use std::collections::BTreeMap;

use goldpath::corpus::ValueColumn;
use goldpath::evidence::{ChoiceColumn, ChoiceColumns, EvidenceOptions, GapOf};
use napi::bindgen_prelude::{ClassInstance, JsObjectValue, Object};
use napi::{Env, Result};
use napi_derive::napi;

use crate::check::Check;
use crate::errors::{Failure, call};
use crate::evidence::{EffectLedger, FinishOptions, Plan, ScreenLedger};
use crate::input::{self, Texts, Times};
use crate::model;
use crate::review::Review;
use crate::table::Table;
use crate::work::{Later, start};

/// Cases with their choices, a row a case.
#[napi(object, object_to_js = false)]
pub struct ChoiceInput<'env> {
    /// Name of the outcome; its values stand in `columns`. `won` where nothing is said.
    pub outcome: Option<String>,
    /// Ids of the cases; their numbers where there are none.
    pub id: Option<Texts>,
    /// Who is accountable.
    pub rep: Option<Texts>,
    /// When the case began, in milliseconds since 1970 UTC.
    pub time: Option<Times>,
    /// All other columns: the outcome (yes/no or numbers, `null` while open), attributes, and yes/no columns of choices (`null`
    /// where a case does not stand at the point) and of what was known before.
    #[napi(ts_type = "Record<string, ColumnInput>")]
    pub columns: Object<'env>,
    /// The columns that are choices, with what there is to say of each.
    #[napi(ts_type = "Record<string, ChoiceOfColumn>")]
    pub choices: Object<'env>,
    /// Attributes that are adjusted for.
    pub adjust_for: Option<Vec<String>>,
}

/// What there is to say of a column of choices.
#[napi(object, object_to_js = false)]
pub struct ChoiceOfColumn {
    /// What kind of choice, such as `skip`; `add` where nothing is said.
    pub kind: Option<String>,
    /// The decision point.
    pub point: Option<String>,
    /// Columns that were known before it: earlier choices and circumstances, adjusted for where they matter.
    pub known: Option<Vec<String>>,
}

/// Choices with what was known before them and what came of them: for choices that the library does not see itself.
#[napi]
pub struct ChoiceTable(goldpath::evidence::ChoiceTable);

#[napi]
impl ChoiceTable {
    /// A table from columns. They are copied before this returns.
    #[napi(catch_unwind, ts_args_type = "columns: ChoiceInput", ts_return_type = "Promise<ChoiceTable>")]
    pub fn from_columns(env: Env, columns: ChoiceInput<'_>) -> Result<Later<ChoiceTable>> {
        let mut given: BTreeMap<String, ValueColumn> = input::values("columns", Some(columns.columns))?.into_iter().collect();
        let names = given.keys().cloned().collect::<Vec<_>>().join(", ");
        let column = |given: &BTreeMap<String, ValueColumn>, role: &str, name: &str| -> Result<ValueColumn> {
            let missing = || Failure::argument(role, format!("there is no column `{name}`"), format!("columns: {names}"));
            Ok(given.get(name).cloned().ok_or_else(missing)?)
        };
        let named = |given: &BTreeMap<String, ValueColumn>, role: &str, names: &[String]| {
            names.iter().map(|name| Ok((name.clone(), column(given, role, name)?))).collect::<Result<Vec<_>>>()
        };
        let outcome = columns.outcome.unwrap_or_else(|| "won".to_owned());
        let values = column(&given, "outcome", &outcome)?;
        let attributes = named(&given, "adjustFor", &columns.adjust_for.unwrap_or_default())?;
        let mut asked = Vec::new();
        for name in Object::keys(&columns.choices)? {
            let of = columns.choices.get_named_property::<ChoiceOfColumn>(&name)?;
            let kind = of.kind.map(|kind| call(|| kind.parse())).transpose()?.unwrap_or_default();
            asked.push(ChoiceColumn { name, kind, point: of.point, known: of.known.unwrap_or_default() });
        }
        let mut known: Vec<String> = Vec::new();
        asked.iter().flat_map(|choice| &choice.known).for_each(|name| {
            if !known.contains(name) {
                known.push(name.clone());
            }
        });
        let known = named(&given, "known", &known)?;
        let choices = asked
            .into_iter()
            .map(|choice| {
                let missing = || Failure::argument("choices", format!("there is no column `{}`", choice.name), format!("columns: {names}"));
                let values = given.remove(&choice.name).ok_or_else(missing)?;
                Ok((choice, values))
            })
            .collect::<Result<_>>()?;
        let columns = ChoiceColumns {
            outcome,
            values,
            ids: columns.id.map(|ids| input::texts("id", ids)).transpose()?,
            rep: columns.rep.map(|rep| input::texts("rep", rep)).transpose()?,
            attributes,
            started_at: columns.time.map(input::times),
            known,
            choices,
        };
        start(env, None, None, move |_| goldpath::evidence::ChoiceTable::from_columns(columns).map(Self))
    }

    /// First pass over this table, as one shard of many.
    #[napi(catch_unwind)]
    pub fn screen(&self) -> ScreenLedger {
        ScreenLedger(goldpath::evidence::screen(&self.0))
    }

    /// Second pass, under the plan of all shards.
    #[napi(catch_unwind)]
    pub fn tally(&self, plan: ClassInstance<'_, Plan>) -> Result<EffectLedger> {
        call(|| goldpath::evidence::tally(&self.0, &plan.0)).map(EffectLedger)
    }

    /// Both passes over this table alone, and its findings.
    #[napi(catch_unwind, ts_return_type = "Array<Finding>")]
    pub fn findings(&self, options: Option<FinishOptions>) -> Result<String> {
        let higher_is_better = !options.and_then(|o| o.lower_is_better).unwrap_or(false);
        call(|| self.0.findings(&EvidenceOptions { higher_is_better })).map(|(found, _)| model::findings(&found))
    }

    /// Number of cases.
    #[napi(catch_unwind, getter)]
    pub fn length(&self) -> u32 {
        self.0.len() as u32
    }
}

/// Whose gap is asked for; where neither a rep nor a team is named, that of the complete cases with deviations.
#[napi(object, object_to_js = false)]
pub struct GapOptions {
    pub rep: Option<String>,
    pub team: Option<String>,
    /// A rep or team to be held against, instead of the top of its kind.
    pub against: Option<String>,
}

fn gap_of(options: &GapOptions) -> Result<GapOf> {
    match (&options.rep, &options.team) {
        (Some(rep), None) => Ok(GapOf::Rep(rep.clone())),
        (None, Some(team)) => Ok(GapOf::Team(team.clone())),
        (None, None) => Ok(GapOf::NotConforming),
        (Some(_), Some(_)) => Err(Failure::argument("team", "both a rep and a team are named", "name one of them").into()),
    }
}

#[napi]
impl Check {
    /// The path of a case, repaired so that it does some steps where they are planned, and the change of the outcome to be
    /// expected of it: the effect among comparable cases. Where there are none, `refusal` says why. All findings are made for it;
    /// ask a review where it is one of many.
    #[napi(catch_unwind, ts_args_type = "caseId: string, steps: string[]", ts_return_type = "WhatIf")]
    pub fn what_if(&self, case_id: String, steps: Vec<String>) -> Result<String> {
        call(|| self.0.what_if(&case_id, &steps)).map(|found| model::with_both(&found, |lang| found.sentence(lang)))
    }
}

#[napi]
impl Review {
    /// What a case could have been expected to bring, had it done some steps where they are planned: the least-cost repaired
    /// path, and what comparable cases that did them brought, as the findings of this review say it.
    #[napi(catch_unwind, ts_args_type = "caseId: string, steps: string[]", ts_return_type = "WhatIf")]
    pub fn what_if(&self, case_id: String, steps: Vec<String>) -> Result<String> {
        call(|| self.0.what_if(&case_id, &steps)).map(|found| model::with_both(&found, |lang| found.sentence(lang)))
    }

    /// Where the gap in results of a rep, a team or the cases with deviations comes from. Its parts sum to the gap exactly.
    #[napi(catch_unwind, ts_return_type = "Gap")]
    pub fn gap(&self, options: Option<GapOptions>) -> Result<String> {
        let options = options.unwrap_or(GapOptions { rep: None, team: None, against: None });
        let of = gap_of(&options)?;
        call(|| self.0.gap(&of, options.against.as_deref())).map(|found| model::with_both(&found, |lang| found.sentence(lang)))
    }

    /// The parts of a gap as a table.
    #[napi(catch_unwind)]
    pub fn gap_table(&self, options: Option<GapOptions>) -> Result<Table> {
        let options = options.unwrap_or(GapOptions { rep: None, team: None, against: None });
        let of = gap_of(&options)?;
        call(|| self.0.gap(&of, options.against.as_deref())).map(|found| Table(found.table()))
    }

    /// What reading `sample` of the decided conversations by hand would have concluded about these findings.
    #[napi(catch_unwind, ts_return_type = "SampleBias")]
    pub fn sample_bias(&self, sample: u32) -> String {
        let found = self.0.sample_bias(u64::from(sample));
        model::with_both(&found, |lang| found.sentence(lang))
    }

    /// The same as a table, a row a finding.
    #[napi(catch_unwind)]
    pub fn sample_bias_table(&self, sample: u32) -> Table {
        Table(self.0.sample_bias(u64::from(sample)).table())
    }
}
