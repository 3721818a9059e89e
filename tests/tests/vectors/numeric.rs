//! Two samples of numbers, the bootstrap, times to an event.

use goldpath::stats::survival::{End, RiskTable, kaplan_meier, log_rank, median, restricted_mean};
use goldpath::stats::{Bootstrap, Histogram, Moments, acceleration, hodges_lehmann, mann_whitney, welch, welch_test};

use super::{Case, file, numbers, read};

#[test]
fn two_sample_numeric_json() {
    file("two_sample_numeric.json", |case| {
        let (a, b) = (case.numbers("a"), case.numbers("b"));
        let moments = |x: &[f64]| x.iter().copied().collect::<Moments>();
        let interval = welch(moments(&a), moments(&b), 0.95);
        // A sample of one value has no variance, here and there.
        assert_eq!(case.gives("welch_ci"), interval.is_some(), "{}", case.name);
        if let Some(interval) = interval {
            case.close("diff", interval.estimate);
            case.ends("welch_ci", interval);
        }
        let compared = |names: [&str; 3], a: &[f64], b: &[f64]| {
            let test = welch_test(moments(a), moments(b));
            assert_eq!(case.gives(names[0]), test.is_some(), "{}", case.name);
            if let Some(test) = test {
                case.test(names[0], names[2], test);
                if !names[1].is_empty() {
                    case.close(names[1], test.df);
                }
            }
        };
        compared(["welch_t", "welch_df", "welch_p"], &a, &b);
        if case.gives("log_welch_t") {
            let logs = |x: &[f64]| x.iter().map(|x| x.ln()).collect::<Vec<f64>>();
            compared(["log_welch_t", "", "log_welch_p"], &logs(&a), &logs(&b));
            let ratio = welch(moments(&logs(&a)), moments(&logs(&b)), 0.95).expect("an interval");
            case.close("geo_mean_ratio", ratio.estimate.exp());
        }
        let (a, b) = (Histogram::of_values(a).expect("numbers"), Histogram::of_values(b).expect("numbers"));
        let test = mann_whitney(&a, &b).expect("a test");
        case.close("mwu_U1", test.u);
        case.close("prob_superiority", test.superiority);
        case.close("mwu_p_asym_cc", test.p_normal.unwrap_or(1.0));
        assert_eq!(case.gives("mwu_p_exact"), test.p_exact.is_some(), "{}", case.name);
        if let Some(p) = test.p_exact {
            case.close("mwu_p_exact", p);
        }
        let shift = hodges_lehmann(&a, &b, 0.95).expect("a shift");
        case.close("hodges_lehmann", shift.estimate);
        case.ends("hl_ci_normal_order_stat", shift);
        true
    });
}

#[test]
fn bootstrap_json() {
    file("bootstrap.json", |case| {
        let (a, b) = (case.numbers("a"), case.numbers("b"));
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        let drawn = |x: &[f64], name: &str| -> Vec<f64> {
            let draw = |indices| mean(&numbers(indices).iter().map(|&i| x[i as usize]).collect::<Vec<f64>>());
            case.input[name].as_array().expect("draws").iter().map(draw).collect()
        };
        let theta = mean(&a) - mean(&b);
        let replicates = drawn(&a, "idx_a").iter().zip(drawn(&b, "idx_b")).map(|(a, b)| a - b).collect();
        let found = Bootstrap::new(theta, replicates).expect("replicates");
        case.close("theta", theta);
        case.close("se", found.se().expect("a deviation"));
        case.ends("percentile", found.percentile(0.95).expect("an interval"));
        case.ends("basic", found.basic(0.95).expect("an interval"));
        case.close("bca_z0", found.bias().expect("both sides"));
        // The reference weighs what a mean loses without a case by one over the size of its sample.
        let without = |x: &[f64], sign: f64| {
            let (n, middle) = (x.len() as f64, mean(x));
            x.iter().map(|x| sign * (x - middle) / (n * (n - 1.0))).collect::<Vec<f64>>()
        };
        let a = acceleration(&[without(&a, 1.0), without(&b, -1.0)].concat()).expect("influence");
        case.close("bca_a", a);
        case.ends("bca", found.corrected(a, 0.95).expect("an interval"));
        true
    });
}

fn table(case: &Case, times: &str, events: &str) -> RiskTable {
    let ends = case.numbers(events).into_iter().map(|e| if e == 1.0 { End::Event } else { End::Censored });
    RiskTable::of(case.numbers(times).into_iter().zip(ends).map(|(time, end)| (time, end, 1))).expect("times")
}

#[test]
fn survival_json() {
    file("survival.json", |case| {
        let tau = case.number("tau");
        let groups = [("a", table(case, "t1", "e1")), ("b", table(case, "t2", "e2"))];
        for (name, table) in &groups {
            let expected =
                Case { input: case.input.clone(), output: case.output[*name].clone(), name: format!("{} {name}", case.name), tolerance: case.tolerance };
            let mut curve = kaplan_meier(table, 0.95);
            let events = curve.iter().zip(table.rows()).filter(|(_, row)| row.events > 0).map(|(at, _)| *at);
            let given = &expected.output["surv_se_greenwood_statsmodels"];
            for (i, at) in events.enumerate() {
                expected.close_to("S", at.survival, &given["S"][i], case.tolerance);
                assert_eq!(read(&given["se"][i]).is_some(), at.se.is_some(), "{}", expected.name);
                if let Some(se) = at.se {
                    expected.close_to("se", se, &given["se"][i], case.tolerance);
                }
            }
            // The reference begins its curves at 0.
            if curve.first().is_none_or(|at| at.time > 0.0) {
                curve.insert(0, goldpath::stats::survival::Survival { time: 0.0, survival: 1.0, se: Some(0.0), low: 1.0, high: 1.0 });
            }
            expected.list("km_t", &curve.iter().map(|at| at.time).collect::<Vec<_>>());
            expected.list("km_S", &curve.iter().map(|at| at.survival).collect::<Vec<_>>());
            for (i, at) in curve.iter().enumerate() {
                expected.close_to("low", at.low, &expected.output["km_ci_loglog"]["lo"][i], case.tolerance);
                expected.close_to("high", at.high, &expected.output["km_ci_loglog"]["hi"][i], case.tolerance);
            }
            expected.close("median", median(table).unwrap_or(f64::INFINITY));
            let mean = restricted_mean(table, tau).expect("a mean");
            expected.close("rmst", mean.estimate);
            expected.close("rmst_var_greenwood", mean.se.powi(2));
        }
        let [a, b] = groups.map(|(_, table)| table);
        let difference = restricted_mean(&a, tau).expect("a mean").minus(restricted_mean(&b, tau).expect("a mean"));
        case.close("rmst_diff", difference.estimate);
        case.close("rmst_diff_se", difference.se);
        assert_eq!(case.gives("rmst_diff_p"), difference.p_value().is_some(), "{}", case.name);
        if let Some(p) = difference.p_value() {
            case.close("rmst_diff_p", p);
        }
        case.test("logrank_chi2", "logrank_p", log_rank([(&a, &b)]).expect("a test"));
        true
    });
}
