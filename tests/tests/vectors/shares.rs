//! Empirical Bayes, the best of several, evidence that may be looked at at any time.

use goldpath::stats::{
    Beta, TwoByTwo, best, beta_prior, confidence_sequence, e_benjamini_hochberg, mean_evidence, pairs_evidence, share_evidence, strata_evidence,
};
use serde_json::Value;

use super::{file, numbers};

#[test]
fn beta_binomial_eb_json() {
    file("beta_binomial_eb.json", |case| {
        let items: Vec<(f64, f64)> = case.numbers("k").into_iter().zip(case.numbers("n")).collect();
        let found = beta_prior(&items);
        if !case.gives("mle_loglik") {
            assert_eq!(found, None, "{}", case.name);
            return true;
        }
        let found = found.expect("a prior");
        if case.output["mle_note"].is_string() {
            // The reference runs off to a likelihood that does not exist; ours stops at the end of its box.
            assert!(found.at_limit && (found.prior.mean() - 0.5).abs() < 1e-9, "{}", case.name);
            return true;
        }
        case.close_to("mle_loglik", found.log_likelihood, &case.output["mle_loglik"], 1e-8);
        // One case for each item says nothing about how items differ: any weight is as likely.
        if items.iter().any(|item| item.1 > 1.0) {
            for (name, weight) in [("mle_alpha", found.prior.a), ("mle_beta", found.prior.b)] {
                case.close(name, weight);
            }
        }
        let prior = Beta::new(case.output["mle_alpha"].as_f64().expect("alpha"), case.output["mle_beta"].as_f64().expect("beta")).expect("a prior");
        for (i, &(k, n)) in items.iter().enumerate() {
            let after = prior.after(k, n).expect("a belief");
            let central = after.interval(0.95).expect("an interval");
            for (name, x) in [("post_mean", after.mean()), ("post_lo05", after.quantile(0.05)), ("post_q025", central.low), ("post_q975", central.high)] {
                case.close_to(name, x, &case.output[name][i], 1e-6);
            }
        }
        true
    });
}

#[test]
fn prob_best_json() {
    file("prob_best.json", |case| {
        let belief = |a: f64, b: f64| Beta::new(a, b).expect("a belief");
        if let Some(params) = case.input["params"].as_array() {
            let beliefs: Vec<Beta> = params.iter().map(|p| belief(numbers(p)[0], numbers(p)[1])).collect();
            case.list("p_best", &best(&beliefs).probability);
            return true;
        }
        let found = best(&[belief(case.number("a1"), case.number("b1")), belief(case.number("a2"), case.number("b2"))]);
        case.close("p1_gt_p2", found.probability[0]);
        case.close("expected_loss_choose_1", found.expected_loss[0]);
        true
    });
}

#[test]
fn sequential_json() {
    file("sequential.json", |case| {
        let p_value = |e: f64| (1.0 / e).min(1.0);
        if case.input["sigma2"].is_number() {
            let (n, mean, variance, tau2) = (case.count("n"), case.number("mean"), case.number("sigma2"), case.number("tau2"));
            let e = mean_evidence(n, mean, variance, tau2);
            case.close("Lambda", e);
            case.close("p_instant", p_value(e));
            let i = confidence_sequence(n, mean, variance, tau2, 1.0 - case.number("alpha")).expect("an interval");
            case.close("cs_radius", i.high - i.estimate);
        } else if case.input["p0"].is_number() {
            let belief = Beta::new(case.number("a"), case.number("b")).expect("a belief");
            let log = share_evidence(case.count("k"), case.count("n"), case.number("p0"), belief).expect("evidence");
            case.close("log_e", log);
            case.close("e", log.exp());
            case.close("p", p_value(log.exp()));
        } else if case.input["grid"].is_array() {
            let table = |t: &Value| {
                let [a, b, c, d] = numbers(t)[..] else { panic!("four counts") };
                TwoByTwo::new(a as u64, b as u64, c as u64, d as u64)
            };
            let tables: Vec<TwoByTwo> = case.input["tables_a_b_c_d"].as_array().expect("tables").iter().map(table).collect();
            let evidence = |grid: &[f64]| strata_evidence(tables.iter().copied(), grid).expect("evidence");
            let grid = case.numbers("grid");
            case.list("log_lr_per_grid", &grid.iter().map(|&theta| evidence(&[theta])).collect::<Vec<_>>());
            case.close("log_e_two_sided", evidence(&grid));
            case.close("log_e_positive_only", evidence(&grid.into_iter().filter(|t| *t > 0.0).collect::<Vec<_>>()));
        } else if case.input["e"].is_array() {
            let reject = e_benjamini_hochberg(&case.numbers("e"), case.number("alpha")).expect("e-values");
            let expected: Vec<bool> = case.output["reject"].as_array().expect("answers").iter().filter_map(Value::as_bool).collect();
            assert_eq!(reject, expected, "{}", case.name);
        } else {
            let (mut a, mut b, mut least) = (0, 0, 1.0f64);
            let (mut evidence, mut always) = (vec![], vec![]);
            for (i, (x, y)) in case.numbers("a").into_iter().zip(case.numbers("b")).enumerate() {
                a += x as u64;
                b += y as u64;
                let e = pairs_evidence(a, b, i as u64 + 1, case.number("tau2")).expect("evidence");
                least = least.min(p_value(e));
                evidence.push(e);
                always.push(least);
            }
            case.list("Lambda", &evidence);
            case.list("p_always_valid", &always);
        }
        true
    });
}
