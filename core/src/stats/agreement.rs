//! How far two judges agree on the same things, and which of them says yes more often.

use super::interval::Interval;
use super::special::level_z;

/// Cohen's kappa of two judges: agreement beyond that of chance, with its interval. The counts are by what the first and the second
/// said: `[[both yes, first only], [second only, both no]]`. `None` where nothing was judged by both, where both said the same of
/// everything (chance alone would agree as well), or a level that is none.
///
/// Sources: J. Cohen, *A coefficient of agreement for nominal scales*, Educational and Psychological Measurement 20 (1960) 37–46;
/// J. L. Fleiss, J. Cohen and B. S. Everitt, *Large sample standard errors of kappa and weighted kappa*, Psychological Bulletin 72
/// (1969) 323–327.
///
/// ```
/// use goldpath::stats::cohen_kappa;
/// let kappa = cohen_kappa([[20, 5], [10, 15]], 0.95).unwrap();
/// assert!((kappa.estimate - 0.4).abs() < 1e-12 && kappa.low > 0.14 && kappa.high < 0.66);
/// ```
pub fn cohen_kappa(counts: [[u64; 2]; 2], level: f64) -> Option<Interval> {
    let n = counts.iter().flatten().sum::<u64>() as f64;
    let z = level_z(level)?;
    if n == 0.0 {
        return None;
    }
    let p = counts.map(|row| row.map(|count| count as f64 / n));
    let first = [p[0][0] + p[0][1], p[1][0] + p[1][1]];
    let second = [p[0][0] + p[1][0], p[0][1] + p[1][1]];
    let chance = first[0] * second[0] + first[1] * second[1];
    if chance >= 1.0 {
        return None;
    }
    let kappa = (p[0][0] + p[1][1] - chance) / (1.0 - chance);
    let mut spread = -(kappa - chance * (1.0 - kappa)).powi(2);
    for i in 0..2 {
        for j in 0..2 {
            spread += if i == j {
                p[i][i] * (1.0 - (first[i] + second[i]) * (1.0 - kappa)).powi(2)
            } else {
                (1.0 - kappa).powi(2) * p[i][j] * (second[i] + first[j]).powi(2)
            };
        }
    }
    let half = z * (spread.max(0.0) / n).sqrt() / (1.0 - chance);
    Some(Interval { estimate: kappa, low: (kappa - half).max(-1.0), high: (kappa + half).min(1.0) })
}

/// The share of yes of the first judge minus that of the second on the same things, counts as in [`cohen_kappa`]: half a thing is added to
/// each of the four for the interval, which keeps its level where things are few.
///
/// Source: A. Agresti and Y. Min, *Simple improved confidence intervals for comparing matched proportions*, Statistics in Medicine 24
/// (2005) 729–740.
///
/// ```
/// use goldpath::stats::matched_difference;
/// let apart = matched_difference([[20, 5], [10, 15]], 0.95).unwrap();
/// assert!((apart.estimate + 0.1).abs() < 1e-12 && apart.low < -0.1 && apart.high > 0.0);
/// ```
pub fn matched_difference(counts: [[u64; 2]; 2], level: f64) -> Option<Interval> {
    let n = counts.iter().flatten().sum::<u64>() as f64;
    let z = level_z(level)?;
    if n == 0.0 {
        return None;
    }
    let (b, c) = (counts[0][1] as f64, counts[1][0] as f64);
    let (more, less, all) = (b + 0.5, c + 0.5, n + 2.0);
    let middle = (more - less) / all;
    let half = z * ((more + less) - (more - less).powi(2) / all).max(0.0).sqrt() / all;
    Some(Interval { estimate: (b - c) / n, low: (middle - half).max(-1.0), high: (middle + half).min(1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_nothing() {
        assert_eq!(cohen_kappa([[0, 0], [0, 0]], 0.95), None);
        assert_eq!(cohen_kappa([[9, 0], [0, 0]], 0.95), None);
        let same = cohen_kappa([[5, 0], [0, 5]], 0.95).unwrap();
        assert!((same.estimate - 1.0).abs() < 1e-12 && same.high <= 1.0);
        let never = cohen_kappa([[0, 5], [5, 0]], 0.95).unwrap();
        assert!((never.estimate + 1.0).abs() < 1e-12);
        assert_eq!(matched_difference([[0, 0], [0, 0]], 0.95), None);
        let one = matched_difference([[0, 1], [0, 0]], 0.95).unwrap();
        assert!(one.estimate == 1.0 && one.low < 0.5);
    }

    /// The standard error is that of the delta method: the slopes of kappa along the four shares, found by small steps.
    #[test]
    fn the_spread_is_that_of_the_delta_method() {
        let kappa = |p: [f64; 4]| {
            let chance = (p[0] + p[1]) * (p[0] + p[2]) + (p[2] + p[3]) * (p[1] + p[3]);
            (p[0] + p[3] - chance) / (1.0 - chance)
        };
        for counts in [[[45, 15], [25, 15]], [[20, 5], [10, 15]], [[3, 40], [2, 5]], [[60, 1], [2, 7]]] {
            let all: Vec<f64> = counts.iter().flatten().map(|&c| c as f64).collect();
            let n = all.iter().sum::<f64>();
            let p = [all[0] / n, all[1] / n, all[2] / n, all[3] / n];
            let slope = |i: usize| {
                let (mut up, mut down) = (p, p);
                (up[i], down[i]) = (p[i] + 1e-6, p[i] - 1e-6);
                (kappa(up) - kappa(down)) / 2e-6
            };
            let (mean, square) = (0..4).fold((0.0, 0.0), |s, i| (s.0 + p[i] * slope(i), s.1 + p[i] * slope(i).powi(2)));
            let se = ((square - mean * mean) / n).sqrt();
            let found = cohen_kappa(counts, 0.95).unwrap();
            assert!((found.estimate - kappa(p)).abs() < 1e-12);
            assert!((found.estimate - found.low - 1.959_963_985 * se).abs() < 1e-6, "{counts:?} {found:?} {se}");
        }
    }
}
