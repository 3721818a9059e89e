//! Pooling over strata.

use goldpath::stats::{MantelHaenszel, TwoByTwo, breslow_day};

use super::{Case, file, numbers};

fn tables(case: &Case) -> Vec<TwoByTwo> {
    let table = |row| {
        let [a, b, c, d] = numbers(row)[..] else { panic!("four counts in {}", case.name) };
        TwoByTwo::new(a as u64, b as u64, c as u64, d as u64)
    };
    case.input["tables_a_b_c_d"].as_array().expect("tables").iter().map(table).collect()
}

#[test]
fn mantel_haenszel_json() {
    file("mantel_haenszel.json", |case| {
        let tables = tables(case);
        let pooled: MantelHaenszel = tables.iter().copied().collect();
        let difference = pooled.risk_difference().expect("a difference");
        case.close("rd_mh", difference.estimate);
        case.close("rd_var_sato", difference.se.powi(2));
        case.ends("rd_ci_sato", difference.interval(0.95).expect("an interval"));
        case.close("rd_crude", pooled.crude().expect("a difference"));
        case.close("rd_standardised_overlap_strata", pooled.standardised().expect("a difference"));
        case.close("rd_att_standardised", pooled.among_treated().expect("a difference"));
        case.close("informative_strata", pooled.comparable_strata() as f64);
        case.close("share_rows_in_informative_strata", pooled.comparable_share().expect("a share"));
        assert_eq!(case.output["simpson_sign_flip"].as_bool(), Some(pooled.flips()), "{}", case.name);
        case.test("cmh_chi2", "cmh_p", pooled.test().expect("a test"));
        // A pooled ratio of 0 has no interval.
        if let Some(found) = pooled.risk_ratio(0.95) {
            case.close("rr_mh", found.estimate);
            case.close("log_rr_var_gr", pooled.log_risk_ratio().expect("a ratio").se.powi(2));
            case.ends("rr_ci", found);
        }
        let odds = pooled.odds_ratio(0.95);
        assert_eq!(case.gives("or_ci"), odds.is_some(), "{}", case.name);
        let Some(odds) = odds else { return true };
        case.close("or_mh", odds.estimate);
        case.close("log_or_se_rbg", pooled.log_odds_ratio().expect("a ratio").se);
        case.ends("or_ci", odds);
        // With one stratum there is nothing to compare, whatever statistic is given for it.
        if case.gives("breslow_day_p") && pooled.comparable_strata() > 1 {
            let test = breslow_day(tables, odds.estimate).expect("a test");
            case.test("breslow_day", "breslow_day_p", test.plain);
            case.test("breslow_day_tarone", "breslow_day_tarone_p", test.tarone);
        }
        true
    });
}
