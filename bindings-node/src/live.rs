//! `LiveSession`: a conversation that is still running. Its calls take microseconds and stay on the JavaScript thread.

use std::collections::HashMap;

use goldpath::check;
use goldpath::corpus::Attribute;
use napi::Result;
use napi::bindgen_prelude::Either3;
use napi_derive::napi;

use crate::errors::call;
use crate::model::{self, json};

/// Attributes of a case, as a host has them.
pub(crate) type Attributes = HashMap<String, Either3<String, f64, bool>>;

pub(crate) fn texts(attributes: Option<Attributes>) -> HashMap<String, String> {
    let text = |value: Either3<String, f64, bool>| match value {
        Either3::A(text) => text,
        Either3::B(number) => Attribute::Number(number.into()).to_string(),
        Either3::C(flag) => Attribute::Bool(flag).to_string(),
    };
    attributes.into_iter().flatten().map(|(name, value)| (name, text(value))).collect()
}

/// A conversation that is still running: push steps, see where it stands. What it says of deviations is provisional:
/// later steps may show them in another light.
#[napi]
pub struct LiveSession(pub(crate) check::LiveSession);

#[napi]
impl LiveSession {
    /// Takes the next step; gives the choices it shows.
    #[napi(catch_unwind, ts_return_type = "Array<Choice>")]
    pub fn push(&mut self, step: String) -> Result<String> {
        call(|| self.0.push(&step).map(|choices| json(&choices.collect::<Vec<_>>())))
    }

    /// Takes the last step back; gives its label, `null` where there is none.
    #[napi(catch_unwind)]
    pub fn undo(&mut self) -> Option<String> {
        self.0.undo()
    }

    /// The labels pushed so far.
    #[napi(catch_unwind, getter)]
    pub fn history(&self) -> Vec<&str> {
        self.0.history().collect()
    }

    /// Name of the SOP the conversation is held against.
    #[napi(catch_unwind, getter)]
    pub fn sop(&self) -> &str {
        self.0.sop().name()
    }

    /// Steps the SOP plans next.
    #[napi(catch_unwind, getter)]
    pub fn allowed(&self) -> Vec<&str> {
        self.0.allowed()
    }

    /// Step last reached; `null` before the first.
    #[napi(catch_unwind, getter)]
    pub fn point(&self) -> Option<&str> {
        self.0.point()
    }

    /// Cost of the conversation so far as the beginning of a run; 0 while it conforms.
    #[napi(catch_unwind, getter)]
    pub fn cost(&self) -> u32 {
        self.0.cost()
    }

    /// Whether the SOP may end here.
    #[napi(catch_unwind, getter)]
    pub fn may_end(&self) -> Result<bool> {
        call(|| self.0.may_end())
    }

    /// No deviation so far but accepted ones.
    #[napi(catch_unwind, getter)]
    pub fn conforms_so_far(&self) -> Result<bool> {
        call(|| self.0.conforms_so_far())
    }

    /// Deviations so far, all provisional.
    #[napi(catch_unwind, getter, ts_return_type = "Array<Deviation>")]
    pub fn deviations(&self) -> Result<String> {
        call(|| self.0.deviations().map(|found| json(&model::deviations(&found))))
    }

    /// The cheapest way from here to the end of the SOP.
    #[napi(catch_unwind, getter, ts_return_type = "DistanceToEnd")]
    pub fn distance_to_end(&self) -> Result<String> {
        call(|| self.0.distance_to_end().map(|distance| json(&distance)))
    }

    /// All that is known of the conversation, at once.
    #[napi(catch_unwind, getter, ts_return_type = "LiveState")]
    pub fn state(&self) -> Result<String> {
        call(|| self.0.state().map(|state| model::with_deviations(&state, &state.deviations)))
    }

    /// The session as text, to go on with later: `sop.resume(text)`.
    #[napi(catch_unwind)]
    pub fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// Bytes of memory the session takes, beside what all sessions share.
    #[napi(catch_unwind, getter)]
    pub fn bytes(&self) -> f64 {
        self.0.bytes() as f64
    }

    #[napi(catch_unwind, js_name = "toString")]
    pub fn text(&self) -> String {
        self.0.to_string()
    }
}
