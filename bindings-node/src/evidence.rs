//! The ledgers of the evidence engine: what one shard of many has found, to be added.

use goldpath::evidence::EvidenceOptions;
use napi::Result;
use napi::bindgen_prelude::{Buffer, ClassInstance};
use napi_derive::napi;

use crate::check::Check;
use crate::errors::call;
use crate::model;

/// First pass over the choices of a check. Ledgers of shards add, in any order, to the same bytes.
#[napi]
pub struct ScreenLedger(pub(crate) goldpath::evidence::ScreenLedger);

#[napi]
impl ScreenLedger {
    /// Reads what `toBytes` wrote.
    #[napi(catch_unwind, factory)]
    pub fn from_bytes(bytes: Buffer) -> Result<Self> {
        call(|| goldpath::evidence::ScreenLedger::from_bytes(&bytes).map(Self))
    }

    /// The ledger as JSON.
    #[napi(catch_unwind)]
    pub fn to_bytes(&self) -> Buffer {
        self.0.to_bytes().into()
    }

    /// The sum of this ledger and another one of the same outcome and attributes.
    #[napi(catch_unwind)]
    pub fn merge(&self, other: ClassInstance<'_, ScreenLedger>) -> Result<ScreenLedger> {
        let mut sum = self.0.clone();
        call(|| sum.merge(&other.0))?;
        Ok(Self(sum))
    }

    /// Decided cases.
    #[napi(catch_unwind, getter)]
    pub fn decided(&self) -> f64 {
        self.0.decided() as f64
    }
}

/// What is settled before an effect is looked at: what is compared with what, and what is adjusted for.
#[napi]
pub struct Plan(pub(crate) goldpath::evidence::Plan);

#[napi]
impl Plan {
    /// The plan of all shards, from the sum of their screen ledgers.
    #[napi(catch_unwind, factory)]
    pub fn of(screen: ClassInstance<'_, ScreenLedger>) -> Self {
        Self(goldpath::evidence::Plan::of(&screen.0))
    }

    /// Reads what `toBytes` wrote.
    #[napi(catch_unwind, factory)]
    pub fn from_bytes(bytes: Buffer) -> Result<Self> {
        call(|| goldpath::evidence::Plan::from_bytes(&bytes).map(Self))
    }

    /// The plan as JSON.
    #[napi(catch_unwind)]
    pub fn to_bytes(&self) -> Buffer {
        self.0.to_bytes().into()
    }

    /// SHA-256 of the bytes, in hexadecimal.
    #[napi(catch_unwind, getter)]
    pub fn hash(&self) -> String {
        self.0.hash()
    }

    /// The outcome compared.
    #[napi(catch_unwind, getter)]
    pub fn outcome(&self) -> &str {
        &self.0.outcome
    }

    /// Attributes adjusted for, beside the rep.
    #[napi(catch_unwind, getter)]
    pub fn adjust_for(&self) -> Vec<String> {
        self.0.adjust_for.clone()
    }
}

/// Second pass over the choices of a check, under a plan. Ledgers of one plan add, in any order, to the same bytes.
#[napi]
pub struct EffectLedger(pub(crate) goldpath::evidence::EffectLedger);

/// How findings are made from a ledger.
#[napi(object, object_to_js = false)]
pub struct FinishOptions {
    /// Lower values of the outcome are the better ones.
    pub lower_is_better: Option<bool>,
}

#[napi]
impl EffectLedger {
    /// Reads what `toBytes` wrote.
    #[napi(catch_unwind, factory)]
    pub fn from_bytes(bytes: Buffer) -> Result<Self> {
        call(|| goldpath::evidence::EffectLedger::from_bytes(&bytes).map(Self))
    }

    /// The ledger as JSON.
    #[napi(catch_unwind)]
    pub fn to_bytes(&self) -> Buffer {
        self.0.to_bytes().into()
    }

    /// The sum of this ledger and another one of the same plan.
    #[napi(catch_unwind)]
    pub fn merge(&self, other: ClassInstance<'_, EffectLedger>) -> Result<EffectLedger> {
        let mut sum = self.0.clone();
        call(|| sum.merge(&other.0))?;
        Ok(Self(sum))
    }

    /// The findings under the plan.
    #[napi(catch_unwind, ts_return_type = "Array<Finding>")]
    pub fn finish(&self, plan: ClassInstance<'_, Plan>, options: Option<FinishOptions>) -> Result<String> {
        let higher_is_better = !options.and_then(|o| o.lower_is_better).unwrap_or(false);
        call(|| self.0.finish(&plan.0, &EvidenceOptions { higher_is_better })).map(|found| model::findings(&found))
    }
}

/// What a first pass is given; all shards have to be given the same.
#[napi(object, object_to_js = false)]
pub struct ScreenOptions {
    /// Attributes (or `team`, `channel`) that were known beforehand.
    pub adjust_for: Option<Vec<String>>,
    /// Steps that define the outcome and are not judged.
    pub never_choices: Option<Vec<String>>,
}

#[napi]
impl Check {
    /// First pass over the choices of this check, as one shard of many.
    #[napi(catch_unwind)]
    pub fn screen(&self, options: Option<ScreenOptions>) -> Result<ScreenLedger> {
        let (adjust_for, never_choices) = options.map_or_else(Default::default, |o| (o.adjust_for.unwrap_or_default(), o.never_choices.unwrap_or_default()));
        call(|| self.0.screen(&adjust_for, &never_choices)).map(ScreenLedger)
    }

    /// Second pass, under the plan of all shards.
    #[napi(catch_unwind)]
    pub fn tally(&self, plan: ClassInstance<'_, Plan>) -> Result<EffectLedger> {
        call(|| self.0.tally(&plan.0)).map(EffectLedger)
    }
}
