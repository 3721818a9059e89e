//! The statistical kernels against reference values computed elsewhere, in the folder that `GOLDPATH_DATA` names.

use goldpath::stats::{Interval, Moments, newcombe, welch, wilson};
use goldpath_tests::data;
use serde_json::Value;

fn vectors(name: &str) -> Option<(Vec<Value>, f64)> {
    let text = std::fs::read_to_string(data("the reference values")?.join("vectors").join(name)).expect("the vectors can be read");
    let file: Value = serde_json::from_str(&text).expect("the vectors are JSON");
    Some((file["cases"].as_array().expect("cases").clone(), file["tolerance"].as_f64().expect("a tolerance")))
}

fn close(found: Option<Interval>, expected: &Value, tolerance: f64, case: &Value) {
    let found = found.unwrap_or_else(|| panic!("no interval for {case}"));
    for (have, want) in [(found.low, &expected[0]), (found.high, &expected[1])] {
        let want = want.as_f64().unwrap_or_else(|| panic!("{case}"));
        assert!((have - want).abs() <= tolerance * want.abs().max(1.0), "{have} is not {want} in {case}");
    }
}

#[test]
fn wilson_agrees() {
    let Some((cases, tolerance)) = vectors("wilson.json") else { return };
    for case in &cases {
        let input = |name: &str| &case["input"][name];
        let (k, n, alpha) = (input("k").as_u64().expect("k"), input("n").as_u64().expect("n"), input("alpha").as_f64().expect("alpha"));
        close(wilson(k, n, 1.0 - alpha), &case["output"]["wilson"], tolerance, case);
    }
}

#[test]
fn newcombe_agrees() {
    let Some((cases, tolerance)) = vectors("two_proportions.json") else { return };
    for case in &cases {
        let n = |name: &str| case["input"][name].as_u64().expect("a count");
        let alpha = case["input"]["alpha"].as_f64().expect("alpha");
        close(newcombe(n("k1"), n("n1"), n("k2"), n("n2"), 1.0 - alpha), &case["output"]["newcombe_diff"], tolerance, case);
    }
}

#[test]
fn welch_agrees() {
    let Some((cases, tolerance)) = vectors("two_sample_numeric.json") else { return };
    for case in &cases {
        let sample = |name: &str| {
            let mut moments = Moments::default();
            for x in case["input"][name].as_array().expect("a sample") {
                moments.push(x.as_f64().expect("a number"));
            }
            moments
        };
        let (found, expected) = (welch(sample("a"), sample("b"), 0.95), &case["output"]["welch_ci"]);
        // A sample of one value has no variance, here and there.
        if expected[0].is_number() {
            close(found, expected, tolerance, &case["name"]);
        } else {
            assert_eq!(found, None, "{}", case["name"]);
        }
    }
}
