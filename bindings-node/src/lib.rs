//! Node binding of `goldpath`: the list of what the addon exports. No logic lives here.

// napi exports what is `pub`, from private modules too, and calls it with owned arguments.
#![allow(unreachable_pub, clippy::needless_pass_by_value, clippy::type_complexity, clippy::unused_self)]

mod columns;
mod errors;
mod work;

use napi_derive::napi;

/// The version of the library.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
