//! Columns over the border: typed arrays and buffers, read in place.

use napi::Result;
use napi::bindgen_prelude::{Buffer, Float64Array, Uint32Array};
use napi_derive::napi;

use crate::errors::Failure;

/// Sums `values` by the dictionary-encoded `keys`: `names[keys[i]]` is the name of row i.
#[napi]
pub fn sum_by(keys: Uint32Array, names: Vec<String>, values: Float64Array) -> Result<Float64Array> {
    let mut sums = vec![0.0; names.len()];
    for (&key, value) in keys.iter().zip(values.iter()) {
        let Some(sum) = sums.get_mut(key as usize) else {
            return Err(Failure::new("corpus.bad_key", format!("key {key} has no name")).into());
        };
        *sum += value;
    }
    Ok(sums.into())
}

/// The number of lines in a buffer of JSON lines.
#[napi]
pub fn count_lines(json: Buffer) -> u32 {
    let lines = json.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    u32::try_from(lines.count()).unwrap_or(u32::MAX)
}
