//! Drift of shares, changes of level, control charts, levels that wander.

use goldpath::stats::{
    Beta, Estimate, PageHinkley, RunLength, changes, cusum, discounted, ewma, g_test, jensen_shannon, local_level, risk_adjusted_cusum, total_variation,
};
use serde_json::Value;

use super::{Case, file, numbers};

#[test]
fn drift_categorical_json() {
    file("drift_categorical.json", |case| {
        if !case.input["base"].is_array() {
            return false;
        }
        let counts = |name: &str| case.numbers(name).into_iter().map(|x| x as u64).collect::<Vec<u64>>();
        let (base, current) = (counts("base"), counts("current"));
        case.close("js_divergence_nat", jensen_shannon(&base, &current).expect("a distance"));
        case.close("tv", total_variation(&base, &current).expect("a distance"));
        let test = g_test(&base, &current);
        assert_eq!(case.gives("g"), test.is_some(), "{}", case.name);
        if let Some(test) = test {
            case.test("g", "g_p", test);
            case.close("df", test.df);
        }
        true
    });
}

fn indices(case: &Case, name: &str) -> Vec<usize> {
    numbers(&case.output[name]).into_iter().map(|x| x as usize).collect()
}

#[test]
fn drift_stream_json() {
    file("drift_stream.json", |case| {
        let x = case.numbers("x");
        if case.input["threshold"].is_number() {
            let mut detector = PageHinkley::new(case.number("delta"), case.number("threshold"), case.count("min_instances"), case.number("alpha"));
            let found: Vec<usize> = x.iter().enumerate().filter(|(_, x)| detector.push(**x)).map(|(i, _)| i).collect();
            assert_eq!(found, indices(case, "detections_index0"), "{}", case.name);
        } else if case.input["penalty"].is_number() {
            let series: Vec<(f64, f64)> = x.into_iter().map(|x| (x, 1.0)).collect();
            let found = changes(&series, case.number("penalty"), case.count("min_size") as usize);
            assert_eq!(found, indices(case, "breakpoints_end_exclusive"), "{}", case.name);
        } else if case.input["hazard"].is_number() {
            let start = ["hazard", "mu0", "kappa0", "alpha0", "beta0"].map(|name| case.number(name));
            let mut run = RunLength::new(start[0], start[1], start[2], start[3], start[4]);
            let mut likeliest = vec![];
            for x in x {
                run.push(x);
                likeliest.push(run.likeliest());
            }
            assert_eq!(likeliest, indices(case, "map_run_length"), "{}", case.name);
            case.list("final_posterior_first10", &run.probabilities()[..10]);
        } else {
            return false;
        }
        true
    });
}

#[test]
fn control_charts_json() {
    file("control_charts.json", |case| {
        if case.input["y"].is_array() {
            let outcomes: Vec<(bool, f64)> = case.numbers("y").into_iter().map(|y| y == 1.0).zip(case.numbers("p_expected")).collect();
            case.list("s", &risk_adjusted_cusum(&outcomes, case.number("odds_ratio")).expect("a chart"));
            return true;
        }
        let (x, mean, sd, h) = (case.numbers("x"), case.number("mu0"), case.number("sigma"), case.number("h"));
        let sums = cusum(x.iter().copied(), mean, sd, case.number("k"));
        case.list("cusum_hi", &sums.iter().map(|s| s.0).collect::<Vec<_>>());
        case.list("cusum_lo", &sums.iter().map(|s| s.1).collect::<Vec<_>>());
        let first = |at: Option<usize>| at.map_or(Value::Null, Value::from);
        assert_eq!(case.output["cusum_first_alarm_index0"], first(sums.iter().position(|s| s.0 > h || s.1 > h)), "{}", case.name);
        let chart = ewma(x, mean, sd, case.number("lambda"), case.number("L"));
        case.list("ewma", &chart.iter().map(|i| i.estimate).collect::<Vec<_>>());
        case.list("ewma_lcl", &chart.iter().map(|i| i.low).collect::<Vec<_>>());
        case.list("ewma_ucl", &chart.iter().map(|i| i.high).collect::<Vec<_>>());
        let alarm = chart.iter().position(|i| i.estimate < i.low || i.estimate > i.high);
        assert_eq!(case.output["ewma_first_alarm_index0"], first(alarm), "{}", case.name);
        true
    });
}

#[test]
fn state_space_json() {
    file("state_space.json", |case| {
        if case.input["delta"].is_number() {
            let periods: Vec<(f64, f64)> = case.numbers("k").into_iter().zip(case.numbers("n")).collect();
            let start = Beta::new(case.number("a0"), case.number("b0")).expect("a belief");
            let found = discounted(&periods, start, case.number("delta")).expect("beliefs");
            for (i, belief) in found.iter().enumerate() {
                for (j, x) in [belief.a, belief.b, belief.mean()].into_iter().enumerate() {
                    case.close_to("a_b_mean", x, &case.output["a_b_mean"][i][j], case.tolerance);
                }
            }
            return true;
        }
        let noise = case.number("var_obs");
        let seen: Vec<Option<(f64, f64)>> = case.input["y"].as_array().expect("a series").iter().map(|y| y.as_f64().map(|y| (y, noise))).collect();
        let start = Estimate { estimate: case.number("init_mean"), se: case.number("init_var").sqrt() };
        let found = local_level(&seen, case.number("var_level"), start).expect("levels");
        for (mean, variance, levels) in [("filtered", "filtered_var", &found.filtered), ("smoothed", "smoothed_var", &found.smoothed)] {
            case.list(mean, &levels.iter().map(|e| e.estimate).collect::<Vec<_>>());
            case.list(variance, &levels.iter().map(|e| e.se.powi(2)).collect::<Vec<_>>());
        }
        case.close("loglik", found.log_likelihood);
        true
    });
}
