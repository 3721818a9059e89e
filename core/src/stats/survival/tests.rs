//! What must always hold of times to an event.

use proptest::prelude::*;

use super::*;

type Cases = Vec<(f64, End, u64)>;

fn cases(ends: &'static [End]) -> impl Strategy<Value = Cases> {
    proptest::collection::vec((0u8..12, proptest::sample::select(ends), 1u64..4).prop_map(|(t, end, n)| (f64::from(t), end, n)), 1..40)
}

const ALL: &[End] = &[End::Event, End::Competing, End::Censored];
const PLAIN: &[End] = &[End::Event, End::Censored];

proptest! {
    #[test]
    fn without_censoring_the_curve_is_the_share(cases in cases(&[End::Event]), horizon in 1u8..14) {
        let table = RiskTable::of(cases.clone()).unwrap();
        let n = table.n() as f64;
        for row in kaplan_meier(&table, 0.95) {
            let after: u64 = cases.iter().filter(|c| c.0 > row.time).map(|c| c.2).sum();
            prop_assert!((row.survival - after as f64 / n).abs() < 1e-12);
            if let Some(se) = row.se {
                prop_assert!((se.powi(2) - row.survival * (1.0 - row.survival) / n).abs() < 1e-12);
            }
        }
        let h = f64::from(horizon);
        let mean = cases.iter().map(|c| c.0.min(h) * c.2 as f64).sum::<f64>() / n;
        let variance = cases.iter().map(|c| (c.0.min(h) - mean).powi(2) * c.2 as f64).sum::<f64>() / n;
        let found = restricted_mean(&table, h).unwrap();
        prop_assert!((found.estimate - mean).abs() < 1e-9 && (found.se.powi(2) - variance / n).abs() < 1e-9);
    }

    #[test]
    fn curves_fall_within_their_intervals(cases in cases(ALL)) {
        let table = RiskTable::of(cases).unwrap();
        let mut last = 1.0;
        for row in kaplan_meier(&table, 0.9) {
            prop_assert!(row.survival <= last && 0.0 <= row.low && row.low <= row.survival && row.survival <= row.high && row.high <= 1.0);
            last = row.survival;
        }
    }

    #[test]
    fn shares_of_all_ends_sum_to_one(cases in cases(ALL)) {
        let both = RiskTable::of(cases.iter().map(|&(t, end, n)| (t, if end == End::Competing { End::Event } else { end }, n))).unwrap();
        let table = RiskTable::of(cases).unwrap();
        for (all, row) in kaplan_meier(&both, 0.95).iter().zip(cumulative_incidence(&table)) {
            prop_assert!((row.event + row.competing + all.survival - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn without_competing_events_incidence_is_one_minus_survival(cases in cases(PLAIN)) {
        let table = RiskTable::of(cases).unwrap();
        for (row, at) in kaplan_meier(&table, 0.95).iter().zip(cumulative_incidence(&table)) {
            prop_assert!((row.survival + at.event - 1.0).abs() < 1e-12);
            if let Some(se) = row.se {
                prop_assert!((se.powi(2) - at.event_se.powi(2)).abs() < 1e-12, "{} {}", se, at.event_se);
            }
        }
    }

    #[test]
    fn without_censoring_incidence_is_the_share(cases in cases(&[End::Event, End::Competing])) {
        let table = RiskTable::of(cases.clone()).unwrap();
        let n = table.n() as f64;
        for at in cumulative_incidence(&table) {
            let by = cases.iter().filter(|c| c.0 <= at.time && c.1 == End::Event).map(|c| c.2).sum::<u64>() as f64 / n;
            prop_assert!((at.event - by).abs() < 1e-12 && (at.event_se.powi(2) - by * (1.0 - by) / n).abs() < 1e-12);
        }
    }

    #[test]
    fn groups_may_be_swapped_and_strata_reordered(a in cases(PLAIN), b in cases(PLAIN), c in cases(PLAIN)) {
        let [a, b, c] = [a, b, c].map(|cases| RiskTable::of(cases).unwrap());
        let same = |x: Option<crate::stats::Test>, y: Option<crate::stats::Test>| match (x, y) {
            (Some(x), Some(y)) => (x.statistic - y.statistic).abs() < 1e-9 * x.statistic.max(1.0),
            (x, y) => x.is_none() && y.is_none(),
        };
        prop_assert!(same(log_rank([(&a, &b), (&b, &c)]), log_rank([(&c, &b), (&b, &a)])));
        prop_assert!(log_rank([(&a, &a)]).is_none_or(|t| t.statistic < 1e-12));
    }
}

#[test]
fn corners() {
    assert_eq!(RiskTable::of([(-1.0, End::Event, 1)]), None);
    assert_eq!(RiskTable::of([(f64::NAN, End::Event, 1)]), None);
    let empty = RiskTable::default();
    assert!(kaplan_meier(&empty, 0.95).is_empty() && restricted_mean(&empty, 1.0).is_none() && log_rank([(&empty, &empty)]).is_none());
    let open = RiskTable::of([(2.0, End::Event, 1), (3.0, End::Censored, 1)]).unwrap();
    assert!(restricted_mean(&open, 4.0).is_none() && restricted_mean(&open, 3.0).is_some());
    assert_eq!((median(&open), kaplan_meier(&open, 1.5)), (Some(2.0), vec![]));
}
