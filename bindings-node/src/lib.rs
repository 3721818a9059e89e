//! Node binding of `goldpath`: the list of what the addon exports. No logic lives here.

// napi exports what is `pub`, from private modules too, and calls it with owned arguments.
#![allow(unreachable_pub, missing_docs, clippy::needless_pass_by_value, clippy::unused_self, clippy::use_self)]

mod check;
mod clips;
mod corpus;
mod detect;
mod effects;
mod errors;
mod evidence;
mod improve;
mod input;
mod judges;
mod kept;
mod live;
mod methods;
mod model;
mod people;
mod pilot;
mod review;
mod score;
mod simulate;
mod sop;
mod table;
mod talk;
mod work;

use napi_derive::napi;

/// The version of the library.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
