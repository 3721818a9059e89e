//! Whether shares of several kinds have changed, and by how much.

use super::interval::Test;
use super::special::chi2_sf;

/// Likelihood-ratio (G) test that two rows of counts come from the same shares: 2Σ O ln(O/E), chi-square with one degree of
/// freedom less than there are kinds that occur. It asks whether a change is more than chance at these counts, which no fixed
/// threshold on a distance can. `None` where the rows differ in length, one is empty, or fewer than two kinds occur.
///
/// Source: B. Woolf, *The log likelihood ratio test (the G-test)*, Annals of Human Genetics 21 (1957) 397–409.
///
/// ```
/// let test = goldpath::stats::g_test(&[50, 30, 20], &[40, 35, 25]).unwrap();
/// assert!((test.statistic - 2.0551).abs() < 1e-4 && test.df == 2.0);
/// ```
pub fn g_test(base: &[u64], current: &[u64]) -> Option<Test> {
    let (n, m) = totals(base, current)?;
    let kinds = base.iter().zip(current).filter(|(a, b)| **a + **b > 0).count();
    if kinds < 2 {
        return None;
    }
    let term = |seen: u64, expected: f64| if seen == 0 { 0.0 } else { seen as f64 * (seen as f64 / expected).ln() };
    let both = |(&a, &b): (&u64, &u64)| {
        let share = (a + b) as f64 / (n + m);
        term(a, share * n) + term(b, share * m)
    };
    let statistic = (2.0 * base.iter().zip(current).map(both).sum::<f64>()).max(0.0);
    let df = (kinds - 1) as f64;
    Some(Test { statistic, df, p_value: chi2_sf(statistic, df) })
}

/// Jensen and Shannon's divergence between the shares of two rows of counts, in nats: 0 for equal shares, ln 2 for rows with
/// no kind in common. `None` where the rows differ in length or one is empty.
///
/// Source: J. Lin, *Divergence measures based on the Shannon entropy*, IEEE Transactions on Information Theory 37 (1991) 145–151.
///
/// ```
/// let d = goldpath::stats::jensen_shannon(&[50, 30, 20], &[40, 35, 25]).unwrap();
/// assert!((d - 0.0051378).abs() < 1e-7);
/// ```
pub fn jensen_shannon(base: &[u64], current: &[u64]) -> Option<f64> {
    let (n, m) = totals(base, current)?;
    let term = |p: f64, middle: f64| if p > 0.0 { p * (p / middle).ln() } else { 0.0 };
    let both = |(&a, &b): (&u64, &u64)| {
        let (p, q) = (a as f64 / n, b as f64 / m);
        let middle = f64::midpoint(p, q);
        f64::midpoint(term(p, middle), term(q, middle))
    };
    Some(base.iter().zip(current).map(both).sum::<f64>().clamp(0.0, std::f64::consts::LN_2))
}

/// The share of cases that would have to be of another kind for the two rows to have equal shares (total variation), 0 to 1.
/// `None` where the rows differ in length or one is empty.
///
/// ```
/// assert!((goldpath::stats::total_variation(&[50, 30, 20], &[40, 35, 25]).unwrap() - 0.1).abs() < 1e-12);
/// ```
pub fn total_variation(base: &[u64], current: &[u64]) -> Option<f64> {
    let (n, m) = totals(base, current)?;
    Some(base.iter().zip(current).map(|(&a, &b)| (a as f64 / n - b as f64 / m).abs()).sum::<f64>() / 2.0)
}

fn totals(base: &[u64], current: &[u64]) -> Option<(f64, f64)> {
    let (n, m) = (base.iter().sum::<u64>() as f64, current.iter().sum::<u64>() as f64);
    (base.len() == current.len() && n > 0.0 && m > 0.0).then_some((n, m))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn distances_are_bounded_and_the_same_both_ways(rows in proptest::collection::vec((0u64..500, 0u64..500), 1..12), times in 1u64..20) {
            let (a, b): (Vec<u64>, Vec<u64>) = rows.into_iter().unzip();
            let Some(d) = jensen_shannon(&a, &b) else { return Ok(()) };
            let v = total_variation(&a, &b).unwrap();
            prop_assert!(d <= std::f64::consts::LN_2 && (0.0..=1.0 + 1e-12).contains(&v));
            prop_assert!((d - jensen_shannon(&b, &a).unwrap()).abs() < 1e-12);
            let more: Vec<u64> = a.iter().map(|x| x * times).collect();
            prop_assert!(jensen_shannon(&a, &more).unwrap() < 1e-12 && total_variation(&a, &more).unwrap() < 1e-12);
            if let Some(g) = g_test(&a, &b) {
                prop_assert!((g.statistic - g_test(&b, &a).unwrap().statistic).abs() < 1e-9 * g.statistic.max(1.0));
                // With rows of one size the test is the divergence, times four times that size.
                let (n, m) = (a.iter().sum::<u64>(), b.iter().sum::<u64>());
                let (x, y): (Vec<u64>, Vec<u64>) = (a.iter().map(|x| x * m).collect(), b.iter().map(|x| x * n).collect());
                let g = g_test(&x, &y).unwrap().statistic;
                prop_assert!((g - 4.0 * (n * m) as f64 * d).abs() < 1e-6 * g.max(1.0));
            }
        }
    }

    #[test]
    fn refused() {
        assert_eq!((g_test(&[1], &[1, 2]), g_test(&[0, 0], &[1, 2]), g_test(&[3], &[4])), (None, None, None));
        assert_eq!(jensen_shannon(&[1, 0], &[0, 7]), Some(std::f64::consts::LN_2));
    }
}
