//! Effects of groups taken together, effects of a training, ratings, ranking by two criteria.

use goldpath::stats::regression::{Cell, Design, Errors, linear};
use goldpath::stats::{Estimate, Glicko, ancova, elo, given_selected, pareto_layers, pool, shrink, trueskill};
use serde_json::Value;

use super::{data, file, numbers};

fn csv(name: &str) -> Vec<Vec<f64>> {
    let path = data("vectors").expect("the folder").join("vectors").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().skip(1).filter(|l| !l.is_empty()).map(|l| l.split(',').map(|x| x.trim().parse().expect("a number")).collect()).collect()
}

#[test]
fn within_rep_json() {
    file("within_rep.json", |case| {
        let effects: Vec<Estimate> = if let Some(reps) = case.input["rep_rd_var"].as_array() {
            reps.iter().map(|r| Estimate { estimate: numbers(r)[1], se: numbers(r)[2].sqrt() }).collect()
        } else if case.input["eff"].is_array() {
            case.numbers("eff").into_iter().zip(case.numbers("var")).map(|(estimate, v)| Estimate { estimate, se: v.sqrt() }).collect()
        } else if case.output["se_cluster_CR0"].is_array() {
            // rep, seg, src, t, y, value: t and dummies of seg, reps absorbed.
            let mut design = Design::absorbing(3, 30);
            for r in csv("causal_3000.csv") {
                let row = [r[3], f64::from(u8::from(r[1] == 1.0)), f64::from(u8::from(r[1] == 2.0))];
                design.push(Cell::counts(&row, r[4] as u64, 1).level(r[0] as u32).cluster(r[0] as u32)).expect("a cell");
            }
            let fit = linear(&design).expect("a fit");
            case.list("coef", fit.coefficients());
            case.list("se_cluster_CR0", &fit.standard_errors(Errors::Cluster).expect("errors"));
            return true;
        } else {
            return false;
        };
        let pooled = pool(&effects).expect("effects");
        case.close("fixed", pooled.fixed.estimate);
        case.close("fixed_se", pooled.fixed.se);
        case.close("Q", pooled.q);
        case.close("tau2_paule_mandel", pooled.tau2_paule_mandel);
        // The reference goes on with variances below 0, which are none.
        let given = |name: &str| case.output[name].as_f64().expect("a number");
        assert!((pooled.tau2 - given("tau2_dl").max(0.0)).abs() < case.tolerance && (pooled.i2 - given("I2").max(0.0)).abs() < case.tolerance, "{}", case.name);
        if given("tau2_dl") > 0.0 {
            case.close("random_dl", pooled.random.estimate);
            case.close("random_dl_se", pooled.random.se);
            case.close("random_dl_hksj_se", pooled.random_se_adjusted.expect("groups"));
        }
        true
    });
}

#[test]
fn winners_curse_json() {
    file("winners_curse.json", |case| {
        if case.input["threshold"].is_number() {
            let effect = Estimate { estimate: case.number("estimate"), se: case.number("se") };
            let found = given_selected(effect, case.number("threshold"), 0.95).expect("an interval");
            case.close("median_unbiased", found.estimate);
            case.ends("ci95", found);
            return true;
        }
        let effects: Vec<Estimate> = case.numbers("est").into_iter().zip(case.numbers("se")).map(|(estimate, se)| Estimate { estimate, se }).collect();
        let (pooled, shrunk) = (pool(&effects).expect("effects"), shrink(&effects).expect("effects"));
        case.close("tau2", pooled.tau2);
        case.close("mu", pooled.random.estimate);
        case.list("posterior_mean", &shrunk.iter().map(|e| e.estimate).collect::<Vec<_>>());
        case.list("posterior_sd", &shrunk.iter().map(|e| e.se).collect::<Vec<_>>());
        true
    });
}

#[test]
fn training_effect_json() {
    file("training_effect.json", |case| {
        if case.output["ancova"].is_number() {
            // pre, treated, post.
            let persons: Vec<(bool, f64, f64)> = csv("rtm_800.csv").iter().map(|r| (r[1] == 1.0, r[0], r[2])).collect();
            let found = ancova(&persons).expect("an effect");
            case.close("ancova", found.estimate);
            case.close("ancova_se", found.se);
            return true;
        }
        if !case.output["se_ols"].is_array() {
            return false;
        }
        let from = case.number("break_index0");
        let mut design = Design::new(4);
        for (i, y) in case.numbers("y").into_iter().enumerate() {
            let t = i as f64;
            let after = f64::from(u8::from(t >= from));
            design.push(Cell::values(&[1.0, t, after, after * (t - from)], 1, y, y * y)).expect("a cell");
        }
        let fit = linear(&design).expect("a fit");
        case.list("coef", fit.coefficients());
        case.list("se_ols", &fit.standard_errors(Errors::Model).expect("errors"));
        true
    });
}

#[test]
fn ratings_json() {
    file("ratings.json", |case| {
        if case.input["k"].is_number() {
            let (a, b) = elo(case.number("a"), case.number("b"), case.number("score_a"), case.number("k"));
            case.list("new", &[a, b]);
        } else if case.input["rd"].is_number() {
            let before = Glicko { rating: case.number("r"), deviation: case.number("rd"), volatility: case.number("sigma") };
            let games = case.input["opponents_r_rd_score"].as_array().expect("games");
            let games: Vec<(f64, f64, f64)> = games.iter().map(|g| (numbers(g)[0], numbers(g)[1], numbers(g)[2])).collect();
            let after = before.after(&games, case.number("tau")).expect("a rating");
            case.list("r_rd_sigma", &[after.rating, after.deviation, after.volatility]);
        } else {
            let skill = |name: &str| (case.numbers(name)[0], case.numbers(name)[1]);
            let (a, b) = trueskill(skill("a"), skill("b"), 25.0 / 6.0, 25.0 / 300.0).expect("beliefs");
            case.list("a", &[a.0, a.1]);
            case.list("b", &[b.0, b.1]);
        }
        true
    });
}

#[test]
fn rank_combine_json() {
    file("rank_combine.json", |case| {
        let items = case.input["items_advance_feedback"].as_object().expect("items");
        let values: Vec<(f64, f64)> = items.values().map(|v| (numbers(v)[0], numbers(v)[1])).collect();
        let layers = pareto_layers(&values).expect("numbers");
        for (name, layer) in items.keys().zip(layers) {
            assert_eq!(case.output["pareto_layer"][name.as_str()], Value::from(layer), "{name}");
        }
        true
    });
}
