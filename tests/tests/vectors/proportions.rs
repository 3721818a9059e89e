//! Proportions, multiple testing, E-values, power.

use goldpath::stats::{
    Estimate, Interval, benjamini_hochberg, benjamini_yekutieli, bonferroni, cases_needed, e_value, e_value_hazard, e_value_means, e_value_odds,
    equal_proportions, fisher_exact, holm, minimum_detectable, newcombe, odds_ratio, power, risk_ratio, score_difference, score_odds_ratio, score_ratio,
    two_stage, wilson,
};

use super::file;

#[test]
fn wilson_json() {
    file("wilson.json", |case| {
        let (k, n, alpha) = (case.count("k"), case.count("n"), case.number("alpha"));
        case.ends("wilson", wilson(k, n, 1.0 - alpha).expect("an interval"));
        case.close("wilson_one_sided_lower", wilson(k, n, 1.0 - 2.0 * alpha).expect("an interval").low);
        true
    });
}

#[test]
fn two_proportions_json() {
    file("two_proportions.json", |case| {
        let (a, n, b, m) = (case.count("k1"), case.count("n1"), case.count("k2"), case.count("n2"));
        let level = 1.0 - case.number("alpha");
        case.ends("newcombe_diff", newcombe(a, n, b, m, level).expect("an interval"));
        let difference = score_difference(a, n, b, m, level).expect("an interval");
        case.close("rd", difference.estimate);
        case.ends("mn_diff_exact_root", difference);
        // Where the estimate is 0/0 there is none; the reference gives everything from 0 to infinity.
        let all = Interval { estimate: 1.0, low: 0.0, high: f64::INFINITY };
        case.ends("mn_ratio_exact_root", score_ratio(a, n, b, m, level).unwrap_or(all));
        case.ends("mn_or_exact_root", score_odds_ratio(a, n, b, m, level).unwrap_or(all));
        for (name, found) in [("katz_log_ratio", risk_ratio(a, n, b, m, level)), ("logit_or", odds_ratio(a, n, b, m, level))] {
            assert_eq!(case.gives(name), found.is_some(), "{name} of {}", case.name);
            if let Some(found) = found {
                case.ends(name, found);
            }
        }
        let test = equal_proportions(a, n, b, m);
        assert_eq!(case.gives("z_pooled_p"), test.is_some(), "{}", case.name);
        if let Some(test) = test {
            case.test("z_pooled", "z_pooled_p", test);
        }
        if case.gives("fisher_p") {
            case.close("fisher_p", fisher_exact(a, n, b, m).expect("a test").p_value);
        }
        true
    });
}

#[test]
fn multiple_testing_json() {
    file("multiple_testing.json", |case| {
        let (p, alpha) = (case.numbers("p"), case.number("alpha"));
        let found = [
            ("fdr_bh", benjamini_hochberg(&p)),
            ("fdr_by", benjamini_yekutieli(&p)),
            ("holm", holm(&p)),
            ("bonferroni", bonferroni(&p)),
            ("fdr_tsbky", two_stage(&p, alpha)),
        ];
        for (name, adjusted) in found {
            let adjusted = adjusted.expect("p-values");
            let expected = &case.output[name];
            for (i, q) in adjusted.iter().enumerate() {
                case.close_to(name, *q, &expected["adjusted"][i], case.tolerance);
                // On the very edge the last digit decides.
                if (q - alpha).abs() > 1e-12 {
                    assert_eq!(Some(*q <= alpha), expected["reject"][i].as_bool(), "{name} of {}", case.name);
                }
            }
        }
        true
    });
}

#[test]
fn evalue_json() {
    file("evalue.json", |case| {
        let ratio = |name: &str| Interval { estimate: case.number(name), low: case.number("lo"), high: case.number("hi") };
        let found = if case.input["or"].is_number() {
            e_value_odds(ratio("or"))
        } else if case.input["hr"].is_number() {
            e_value_hazard(ratio("hr"))
        } else if case.input["d"].is_number() {
            e_value_means(Estimate { estimate: case.number("d"), se: case.number("se") })
        } else {
            e_value(ratio("rr"))
        };
        let found = found.expect("a ratio");
        case.close("evalue_point", found.estimate);
        case.close("evalue_ci", found.limit);
        true
    });
}

#[test]
fn power_mde_json() {
    file("power_mde.json", |case| {
        let (alpha, want) = (case.number("alpha"), case.number("power"));
        if case.input["p1"].is_number() {
            case.close("n_per_arm", cases_needed(case.number("p1"), case.number("p2"), alpha, want).expect("a number"));
            return true;
        }
        let (base, n, m) = (case.number("baseline"), case.count("n_exposed"), case.count("n_unexposed"));
        case.close("mde_rd_80", minimum_detectable(base, n, m, alpha, want).expect("an effect"));
        case.close("power_at_rd_0.05", power(base + 0.05, n, base, m, alpha).expect("a power"));
        true
    });
}
