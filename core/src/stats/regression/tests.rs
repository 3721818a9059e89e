//! What must always hold of fits: absorbed or explicit, counted or repeated, separated or not.

use proptest::prelude::*;

use super::*;

/// A cell in the open: row, level, cluster, hits, cases.
type Row = (Vec<f64>, u32, u32, u64, u64);

const ALL: [Errors; 4] = [Errors::Model, Errors::Robust, Errors::Cluster, Errors::ClusterCorrected];

fn rows(levels: u32) -> impl Strategy<Value = Vec<Row>> {
    let row = (0u8..2, -2.0f64..2.0, 0..levels, 0u32..5, 0u64..12, 0u64..12);
    proptest::collection::vec(row, 12..50)
        .prop_map(|rows| rows.into_iter().map(|(t, x, level, cluster, a, b)| (vec![f64::from(t), x], level, cluster, a.min(b), a.max(b))).collect())
}

fn absorbed(rows: &[Row], levels: u32) -> Design {
    let mut design = Design::absorbing(2, levels as usize);
    for (x, level, cluster, hits, n) in rows {
        design.push(Cell::counts(x, *hits, *n).level(*level).cluster(*cluster)).unwrap();
    }
    design
}

/// The same with a dummy column for each level that has cases, and that varies where `varying` says so.
fn explicit(rows: &[Row], levels: u32, varying: bool) -> Design {
    let sum = |level: u32, of: fn(&Row) -> u64| rows.iter().filter(|r| r.1 == level).map(of).sum::<u64>();
    let kept: Vec<u32> = (0..levels)
        .filter(|&level| {
            let (hits, n) = (sum(level, |r| r.3), sum(level, |r| r.4));
            n > 0 && !(varying && (hits == 0 || hits == n))
        })
        .collect();
    let mut design = Design::new(2 + kept.len());
    for (x, level, cluster, hits, n) in rows {
        if kept.contains(level) {
            let dummies = kept.iter().map(|k| f64::from(u8::from(k == level)));
            let row: Vec<f64> = x.iter().copied().chain(dummies).collect();
            design.push(Cell::counts(&row, *hits, *n).cluster(*cluster)).unwrap();
        }
    }
    design
}

fn same(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance * b.abs().max(1.0))
}

fn agree(short: &Fit<'_>, long: &Fit<'_>, tolerance: f64) -> Result<(), TestCaseError> {
    prop_assert!(same(short.coefficients(), &long.coefficients()[..2], tolerance), "{:?} {:?}", short.coefficients(), long.coefficients());
    for errors in ALL {
        let (a, b) = (short.standard_errors(errors), long.standard_errors(errors));
        prop_assert_eq!(a.is_some(), b.is_some());
        if let (Some(a), Some(b)) = (a, b) {
            prop_assert!(same(&a, &b[..2], 10.0 * tolerance), "{:?}: {:?} {:?}", errors, a, b);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn absorbed_is_explicit(rows in rows(6)) {
        let (short, long) = (absorbed(&rows, 6), explicit(&rows, 6, true));
        match (logistic(&short), logistic(&long)) {
            (Ok(a), Ok(b)) => {
                agree(&a, &b, 1e-8)?;
                prop_assert!((a.log_likelihood() - b.log_likelihood()).abs() < 1e-8);
                // Effects are compared where no level is left out, because those left out count as unchanged.
                if a.used.iter().zip(&short.n).all(|(used, n)| *used || *n == 0.0) {
                    for errors in ALL {
                        let (x, y) = (a.marginal(0, errors), b.marginal(0, errors));
                        let pair = |m: Option<Marginal>| m.map(|m| [m.treated, m.control, m.difference.estimate, m.difference.se, m.log_ratio.unwrap().se]);
                        prop_assert!(pair(x).zip(pair(y)).is_none_or(|(x, y)| same(&x, &y, 1e-7)), "{:?} {:?}", x, y);
                    }
                }
            }
            (a, b) => prop_assert_eq!(a.err(), b.err()),
        }
        let long = explicit(&rows, 6, false);
        if let (Ok(a), Ok(b)) = (firth(&short), firth(&long)) {
            agree(&a, &b, 1e-7)?;
            prop_assert!((a.log_likelihood() - b.log_likelihood()).abs() < 1e-7);
        }
        if let (Ok(a), Ok(b)) = (linear(&short), linear(&long)) {
            agree(&a, &b, 1e-8)?;
        }
    }

    #[test]
    fn counts_are_repeated_rows(rows in rows(3)) {
        let mut single = Design::absorbing(2, 3);
        for (x, level, cluster, hits, n) in rows.iter().rev() {
            for case in 0..*n {
                single.push(Cell::counts(x, u64::from(case < *hits), 1).level(*level).cluster(*cluster)).unwrap();
            }
        }
        let counted = absorbed(&rows, 3);
        match (logistic(&counted), logistic(&single)) {
            (Ok(a), Ok(b)) => agree(&a, &b, 1e-8)?,
            (a, b) => prop_assert_eq!(a.err(), b.err()),
        }
        match (firth(&counted), firth(&single)) {
            (Ok(a), Ok(b)) => agree(&a, &b, 1e-7)?,
            (a, b) => prop_assert_eq!(a.err(), b.err()),
        }
    }

    /// With an intercept and one column the likelihood has a maximum just where hits and misses overlap.
    #[test]
    fn separation_is_seen(points in proptest::collection::vec((-4i8..5, any::<bool>()), 2..12)) {
        let mut design = Design::new(2);
        for &(x, hit) in &points {
            design.push(Cell::counts(&[1.0, f64::from(x)], u64::from(hit), 1)).unwrap();
        }
        let ends = |hit: bool| {
            let x = points.iter().filter(|p| p.1 == hit).map(|p| p.0);
            (x.clone().min(), x.max())
        };
        let constant = points.iter().all(|p| p.0 == points[0].0);
        let overlap = match (ends(true), ends(false)) {
            ((Some(low), Some(high)), (Some(first), Some(last))) => low < last && first < high,
            _ => false,
        };
        let found = logistic(&design).map(|fit| fit.steps()).map_err(|e| e.to_string());
        let expected = if constant { Some(Unfit::Collinear) } else if overlap { None } else { Some(Unfit::Separated) };
        match expected {
            Some(unfit) => prop_assert_eq!(found, Err(unfit.to_string())),
            None => prop_assert!(found.is_ok_and(|steps| steps < 30)),
        }
        if !constant {
            let fit = firth(&design).unwrap();
            prop_assert!(fit.coefficients().iter().all(|b| b.is_finite()));
            let test = fit.likelihood_ratio(1).unwrap();
            prop_assert!((0.0..=1.0).contains(&test.p_value));
        }
    }
}

#[test]
fn a_level_of_one_outcome_is_infinite_and_says_nothing() {
    let rows = |extra: bool| {
        let mut rows: Vec<Row> = vec![(vec![0.0, 0.3], 0, 0, 4, 9), (vec![1.0, 0.1], 0, 1, 5, 8), (vec![1.0, -0.4], 1, 2, 2, 7), (vec![0.0, 1.0], 1, 3, 3, 5)];
        if extra {
            rows.push((vec![1.0, 2.0], 2, 4, 6, 6));
        }
        rows
    };
    let (with, without) = (rows(true), rows(false));
    let (with, without) = (absorbed(&with, 4), absorbed(&without, 4));
    let (a, b) = (logistic(&with).unwrap(), logistic(&without).unwrap());
    assert!(same(a.coefficients(), b.coefficients(), 1e-12));
    assert_eq!((a.intercept(2), a.intercept(3), b.intercept(2)), (Some(f64::INFINITY), None, None));
    assert_eq!((a.predict(&[1.0, 2.0], 2), a.predict(&[1.0, 2.0], 3), a.predict(&[1.0], 0)), (Some(1.0), None, None));
}

#[test]
fn what_does_not_fit_is_said() {
    let mut design = Design::absorbing(1, 2);
    assert!(logistic(&design).is_err_and(|e| e == Unfit::Empty));
    assert!(matches!(design.push(Cell::counts(&[1.0, 2.0], 0, 1)), Err(Unfit::BadCell { cell: 0, .. })));
    assert!(matches!(design.push(Cell::counts(&[f64::NAN], 0, 1)), Err(Unfit::BadCell { .. })));
    assert!(matches!(design.push(Cell::counts(&[1.0], 0, 1).level(2)), Err(Unfit::BadCell { .. })));
    design.push(Cell::counts(&[1.0], 1, 2)).unwrap();
    design.push(Cell::counts(&[1.0], 1, 3).level(1)).unwrap();
    // A column of ones follows from the levels.
    assert_eq!(logistic(&design).err(), Some(Unfit::Collinear));
    assert_eq!(firth(&design).err(), Some(Unfit::Collinear));
    design.push(Cell::counts(&[0.0], 5, 3)).unwrap();
    assert!(matches!(logistic(&design).err(), Some(Unfit::BadCell { cell: 2, .. })));
}
