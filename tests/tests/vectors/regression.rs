//! Regression, and effects by weighting and doubly robust, on 3,000 rows and on small tables.

use goldpath::stats::regression::{Cell, Design, Errors, Fit, Unfit, firth, linear, logistic};
use goldpath::stats::{Causal, CausalCell, Outcomes, causal};
use serde_json::Value;

use super::{Case, data, file, numbers};

/// rep, seg, src, t, y, value.
type Record = [f64; 6];

fn records() -> Vec<Record> {
    let text = std::fs::read_to_string(data("vectors").expect("the folder").join("vectors/causal_3000.csv")).expect("causal_3000.csv");
    let record = |line: &str| -> Record {
        let fields: Vec<f64> = line.split(',').map(|x| x.trim().parse().expect("a number")).collect();
        fields.try_into().expect("six fields")
    };
    text.lines().skip(1).filter(|line| !line.is_empty()).map(record).collect()
}

const REP: usize = 0;
const T: usize = 3;
const Y: usize = 4;
const VALUE: usize = 5;

fn column(name: &str) -> usize {
    ["rep", "seg", "src", "t", "y", "value"].iter().position(|x| *x == name).expect("a column")
}

/// Intercept, the numbers of `plain`, dummies of `factors` with the lowest level as reference.
fn rows(records: &[Record], plain: &[usize], factors: &[usize]) -> Vec<Vec<f64>> {
    let most = |c: usize| records.iter().map(|r| r[c]).fold(0.0, f64::max) as u32;
    let row = |r: &Record| {
        let mut row = vec![1.0];
        row.extend(plain.iter().map(|&c| r[c]));
        for &c in factors {
            row.extend((1..=most(c)).map(|level| f64::from(u8::from(r[c] as u32 == level))));
        }
        row
    };
    records.iter().map(row).collect()
}

fn fill(mut design: Design, rows: &[Vec<f64>], records: &[Record], y: usize, keep: impl Fn(&Record) -> bool) -> Design {
    for (row, r) in rows.iter().zip(records) {
        let (n, y) = (u64::from(keep(r)), r[y]);
        design.push(Cell::values(row, n, y, y * y).cluster(r[REP] as u32).level(r[REP] as u32)).expect("a cell");
    }
    design
}

fn formula(case: &Case) -> (usize, Vec<usize>, Vec<usize>) {
    let text = case.input["formula"].as_str().expect("a formula");
    let (y, terms) = text.split_once('~').expect("a formula");
    let (mut plain, mut factors) = (vec![], vec![]);
    for term in terms.split('+').map(str::trim).filter(|t| !t.is_empty() && *t != "1") {
        match term.strip_prefix("C(") {
            Some(factor) => factors.push(column(factor.trim_end_matches(')'))),
            None => plain.push(column(term)),
        }
    }
    (column(y.trim()), plain, factors)
}

fn compare(case: &Case, fit: &Fit<'_>, treated: Option<usize>) {
    case.list("coef", fit.coefficients());
    case.close("llf", fit.log_likelihood());
    for (name, errors) in [("se_model", Errors::Model), ("se_HC0", Errors::Robust), ("se_cluster_CR0", Errors::Cluster)] {
        case.list(name, &fit.standard_errors(errors).expect("errors"));
    }
    let cr0 = fit.standard_errors(Errors::Cluster).expect("errors");
    let cr1 = fit.standard_errors(Errors::ClusterCorrected).expect("errors");
    case.close("cluster_factor_stata_logit_G/(G-1)", (cr1[0] / cr0[0]).powi(2));
    let p = cr0.len();
    case.list("vcov_cluster_CR0_row_t", &fit.covariance(Errors::Cluster).expect("errors")[p..2 * p]);
    let Some(t) = treated else { return };
    let model = fit.marginal(t, Errors::Model).expect("an effect");
    case.close("g_computation_rd", model.difference.estimate);
    case.close("g_computation_rr", model.log_ratio.expect("a ratio").estimate.exp());
    case.close("g_comp_rd_se_delta_model", model.difference.se);
    case.close("g_comp_rd_se_delta_cluster_CR0", fit.marginal(t, Errors::Cluster).expect("an effect").difference.se);
}

#[test]
fn logistic_json() {
    let Some(_) = data("vectors/logistic.json") else { return };
    let records = records();
    file("logistic.json", |case| {
        if case.input["csv"].is_string() {
            let (y, plain, factors) = formula(case);
            let rows = rows(&records, &plain, &factors);
            let design = fill(Design::new(rows[0].len()), &rows, &records, y, |_| true);
            let fit = logistic(&design).expect("a fit");
            let treated = (!plain.is_empty()).then_some(1);
            compare(case, &fit, treated);
            if factors.contains(&REP) {
                absorbed(case, &records, &fit, y, &plain, &factors, treated);
            }
            return true;
        }
        let xs: Vec<Vec<f64>> = case.input["X"].as_array().expect("rows").iter().map(numbers).collect();
        let mut design = Design::new(2);
        for (x, y) in xs.iter().zip(case.numbers("y")) {
            design.push(Cell::counts(x, y as u64, 1)).expect("a cell");
        }
        let maximum = logistic(&design);
        if case.gives("coef") {
            let fit = maximum.expect("a fit");
            case.list("coef", fit.coefficients());
            case.list("se_model", &fit.standard_errors(Errors::Model).expect("errors"));
            case.close("llf", fit.log_likelihood());
            return true;
        }
        match case.output["ml_converged"].as_bool() {
            Some(true) => case.list("ml_coef", maximum.expect("a fit").coefficients()),
            _ => assert_eq!(maximum.err(), Some(Unfit::Separated), "{}", case.name),
        }
        let fit = firth(&design).expect("a fit");
        case.list("firth_coef", fit.coefficients());
        case.list("firth_se", &fit.standard_errors(Errors::Model).expect("errors"));
        case.close("firth_penalised_ll", fit.log_likelihood());
        case.test("penalised_lr_chi2_x", "penalised_lr_p_x", fit.likelihood_ratio(1).expect("a test"));
        true
    });
}

/// Reps absorbed instead of as dummies: the same to 1e-8.
fn absorbed(case: &Case, records: &[Record], long: &Fit<'_>, y: usize, plain: &[usize], factors: &[usize], treated: Option<usize>) {
    let names: Vec<&str> = case.output["names"].as_array().expect("names").iter().filter_map(Value::as_str).collect();
    let others: Vec<usize> = factors.iter().copied().filter(|&f| f != REP).collect();
    let mut rows = rows(records, plain, &others);
    for row in &mut rows {
        row.remove(0);
    }
    let design = fill(Design::absorbing(rows[0].len(), 30), &rows, records, y, |_| true);
    let fit = logistic(&design).expect("a fit");
    let kept: Vec<usize> = (0..names.len()).filter(|&i| names[i] != "const" && !names[i].starts_with("rep_")).collect();
    let same = |short: &[f64], long: &[f64]| kept.iter().zip(short).for_each(|(&i, s)| assert!((s - long[i]).abs() < 1e-8, "{}: {s} {}", names[i], long[i]));
    same(fit.coefficients(), long.coefficients());
    for errors in [Errors::Model, Errors::Robust, Errors::Cluster] {
        same(&fit.standard_errors(errors).expect("errors"), &long.standard_errors(errors).expect("errors"));
    }
    if treated.is_some() {
        let found = fit.marginal(0, Errors::Cluster).expect("an effect");
        case.close("g_computation_rd", found.difference.estimate);
        case.close("g_comp_rd_se_delta_cluster_CR0", found.difference.se);
    }
}

/// Effects of t on a column, adjusted for factors. Expected outcomes are those of a fit for each arm, or of one fit of both
/// arms with t as a column.
fn effects(records: &[Record], factors: &[usize], y: usize, clip: f64, model: Model, joint: bool) -> Causal {
    let rows = rows(records, &[], factors);
    let empty = || Design::new(rows[0].len());
    let chosen = fill(empty(), &rows, records, T, |_| true);
    let propensity = logistic(&chosen).expect("a fit");
    let with = |row: &[f64], t: f64| row.iter().copied().chain([t]).collect::<Vec<f64>>();
    let both: Vec<Vec<f64>> = rows.iter().zip(records).map(|(row, r)| with(row, r[T])).collect();
    let together = fill(Design::new(both[0].len()), &both, records, y, |_| true);
    let together = model(&together).expect("a fit");
    let arms = [0.0, 1.0].map(|t| fill(empty(), &rows, records, y, move |r: &Record| r[T] == t));
    let arms = arms.each_ref().map(|arm| model(arm).expect("a fit"));
    let expected = |row: &[f64], arm: usize| if joint { together.predict(&with(row, arm as f64), 0) } else { arms[arm].predict(row, 0) };
    let cell = |(r, row): (&Record, &Vec<f64>)| {
        let one = Outcomes { n: 1, sum: r[y], squares: r[y] * r[y] };
        let (treated, control) = if r[T] == 1.0 { (one, Outcomes::default()) } else { (Outcomes::default(), one) };
        CausalCell {
            treated,
            control,
            propensity: propensity.predict(row, 0),
            expected_treated: expected(row, 1),
            expected_control: expected(row, 0),
            cluster: r[REP] as u32,
        }
    };
    let cells: Vec<CausalCell> = records.iter().zip(&rows).map(cell).collect();
    let found = causal(&cells, clip).expect("effects");
    assert_eq!((found.cases, found.left_out), (3000, 0));
    found
}

type Model = for<'a> fn(&'a Design) -> Result<Fit<'a>, Unfit>;

#[test]
fn aipw_json() {
    let Some(_) = data("vectors/aipw.json") else { return };
    let records = records();
    file("aipw.json", |case| {
        let known = |model: Model, joint| effects(&records, &[column("seg"), column("src")], Y, 0.0, model, joint);
        if case.output["aipw"].is_object() {
            let found = known(linear, false);
            case.close("own_aipw_ols", found.average.estimate);
            case.close("own_se_iid", found.average.se);
            case.close_to("aipw", found.average.estimate, &case.output["aipw"]["ate"], case.tolerance);
            case.close_to("ipw", found.weighted, &case.output["ipw"]["ate"], case.tolerance);
            return true;
        }
        if case.output["rd_se"].is_number() {
            let found = known(logistic, true);
            case.close("rd", found.average.estimate);
            case.close("rr", found.mean_treated / found.mean_control);
            // Theirs divides by n − 1.
            case.close("rd_se", found.average.se * (3000.0f64 / 2999.0).sqrt());
            return true;
        }
        let Some(covariates) = case.input["covariates_categorical"].as_array() else { return false };
        let factors: Vec<usize> = covariates.iter().filter_map(Value::as_str).map(column).collect();
        let y = column(case.input["outcome"].as_str().expect("an outcome"));
        let model: Model = if y == VALUE { linear } else { logistic };
        let found = effects(&records, &factors, y, case.input["propensity_clip"].as_f64().unwrap_or(0.0), model, false);
        let ratio = found.log_ratio.expect("a ratio");
        for (name, found) in [
            ("aipw_ate", found.average.estimate),
            ("se_iid", found.average.se),
            ("se_cluster_CR0", found.average.se_clustered.expect("clusters")),
            ("mu1", found.mean_treated),
            ("mu0", found.mean_control),
            ("log_rr", ratio.estimate),
            ("log_rr_se", ratio.se),
            ("ipw_ht", found.weighted_raw),
            ("ipw_hajek", found.weighted),
            ("ato_overlap", found.overlap_weighted),
            ("ipw_att_hajek", found.among_treated),
            ("ess_treated", found.effective_treated),
            ("ess_control", found.effective_control),
            ("e_min", found.propensity_low),
            ("e_max", found.propensity_high),
            ("share_e_outside_0_1_0_9", found.outside),
        ] {
            case.close(name, found);
        }
        true
    });
}
