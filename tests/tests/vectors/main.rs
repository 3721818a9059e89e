//! The statistical kernels against reference values computed elsewhere, in the folder that `GOLDPATH_DATA` names.
//!
//! One test a file. Each prints how many of its cases it checked, and fails where the file is missing or none was.

mod groups;
mod numeric;
mod proportions;
mod regression;
mod shares;
mod strata;
mod time;

use goldpath::stats::{Interval, Test};
use goldpath_tests::data;
use serde_json::Value;

/// One case of a file of vectors.
struct Case {
    input: Value,
    output: Value,
    name: String,
    tolerance: f64,
}

impl Case {
    fn number(&self, name: &str) -> f64 {
        self.input[name].as_f64().unwrap_or_else(|| panic!("{name} in {}", self.name))
    }

    fn count(&self, name: &str) -> u64 {
        self.input[name].as_u64().unwrap_or_else(|| panic!("{name} in {}", self.name))
    }

    fn numbers(&self, name: &str) -> Vec<f64> {
        numbers(&self.input[name])
    }

    /// Whether the reference has a value here: other programs give none, or not-a-number, for some corner cases.
    fn gives(&self, name: &str) -> bool {
        read(&self.output[name]).is_some() || self.output[name].as_array().is_some_and(|a| a.iter().all(|x| read(x).is_some()))
    }

    /// Compares one number of the output.
    fn close(&self, name: &str, found: f64) {
        self.close_to(name, found, &self.output[name], self.tolerance);
    }

    /// Compares both ends of an interval.
    fn ends(&self, name: &str, found: Interval) {
        self.close_to(name, found.low, &self.output[name][0], self.tolerance);
        self.close_to(name, found.high, &self.output[name][1], self.tolerance);
    }

    /// Compares a list of numbers.
    fn list(&self, name: &str, found: &[f64]) {
        let expected = self.output[name].as_array().unwrap_or_else(|| panic!("{name} in {}", self.name));
        assert_eq!(found.len(), expected.len(), "{name} of {}", self.name);
        found.iter().zip(expected).for_each(|(found, expected)| self.close_to(name, *found, expected, self.tolerance));
    }

    fn close_to(&self, name: &str, found: f64, expected: &Value, tolerance: f64) {
        let want = read(expected).unwrap_or_else(|| panic!("no {name} in {}", self.name));
        let same = found == want || (found - want).abs() <= tolerance * want.abs().max(1.0);
        assert!(same, "{name} of {}: {found} is not {want}", self.name);
    }

    fn test(&self, statistic: &str, p_value: &str, found: Test) {
        self.close(statistic, found.statistic);
        self.close(p_value, found.p_value);
    }
}

/// A number of the files; infinities are written as words.
fn read(value: &Value) -> Option<f64> {
    match value.as_str() {
        Some("inf") => Some(f64::INFINITY),
        Some("-inf") => Some(f64::NEG_INFINITY),
        _ => value.as_f64(),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|x| read(x).expect("a number")).collect()
}

/// Runs `check` over the cases of a file; it says whether the case belongs to a kernel.
fn file(name: &str, check: impl Fn(&Case) -> bool) {
    let Some(folder) = data(&format!("vectors/{name}")) else { return };
    let text = std::fs::read_to_string(folder.join("vectors").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let file: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
    let tolerance = file["tolerance"].as_f64().expect("a tolerance");
    let cases = file["cases"].as_array().expect("cases");
    let case = |(at, value): (usize, &Value)| Case {
        input: value["input"].clone(),
        output: value["output"].clone(),
        name: format!("{name}, case {at} {}", value["name"].as_str().unwrap_or_default()),
        tolerance,
    };
    let checked = cases.iter().enumerate().map(case).filter(|case| check(case)).count();
    println!("{name}: {checked} of {} cases checked", cases.len());
    assert!(checked > 0, "{name}: no case was checked");
}
