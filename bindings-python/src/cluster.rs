//! What a frame of a cluster is asked before its rows are read.

use goldpath::corpus::Role;
use pyo3::prelude::*;

use crate::errors::{Result, argument};

/// The column of this role among `names`: the one asked for, else the first with a usual name.
#[pyfunction]
#[pyo3(signature = (role, names, asked=None, needed=false))]
pub(crate) fn _column(role: &str, names: Vec<String>, asked: Option<&str>, needed: bool) -> Result<Option<String>> {
    let role = match role {
        "case" => Role::Case,
        "step" => Role::Step,
        "time" => Role::Time,
        "rep" => Role::Rep,
        "turn" => Role::Turn,
        "prob" => Role::Prob,
        "speaker" => Role::Speaker,
        "text" => Role::Text,
        "name" => Role::Name,
        "start" => Role::Start,
        "end" => Role::End,
        other => return Err(argument("role", format!("`{other}` is no role of a column"), "")),
    };
    let list: Vec<&str> = names.iter().map(String::as_str).collect();
    Ok(role.column(asked, &list, needed)?.map(|place| names[place].clone()))
}
