//! What a measure (a training) did, by comparing those who had it with others who had stood where they stood.

use super::interval::{Interval, Test};
use super::regression::{Cell, Design, Errors, linear};
use super::special::{level_t, t_two_sided};

/// The effect of a measure by analysis of covariance.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Ancova {
    /// Difference after, at equal values before.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
    /// Residual degrees of freedom.
    pub df: f64,
    /// How much of a difference before is left after: below 1, regression to the mean.
    pub slope: f64,
}

impl Ancova {
    /// The t interval; `None` where `level` is not between 0 and 1.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let half = level_t(level, self.df)? * self.se;
        Some(Interval { estimate: self.estimate, low: self.estimate - half, high: self.estimate + half })
    }

    /// The t test of no effect; `None` where nothing varies.
    pub fn test(&self) -> Option<Test> {
        let statistic = self.estimate / self.se;
        (self.se > 0.0).then(|| Test { statistic, df: self.df, p_value: t_two_sided(statistic, self.df) })
    }
}

/// Least squares of the value after on the value before and the measure: (measure taken, before, after) for each person. Those
/// sent to a training because they did badly do better afterwards anyway; comparing before with after, or their gain with that of
/// the others, takes that for success. `None` where an arm is missing, the values before do not vary within the arms, there are
/// fewer than four persons, or a value is not finite.
///
/// Source: S. Senn, *Change from baseline and analysis of covariance revisited*, Statistics in Medicine 25 (2006) 4334–4344.
///
/// ```
/// use goldpath::stats::ancova;
/// let persons = [(true, 1.0, 2.6), (true, 2.0, 3.0), (true, 3.0, 3.6), (false, 4.0, 3.5), (false, 5.0, 4.1), (false, 6.0, 4.4)];
/// let found = ancova(&persons).unwrap();
/// assert!(found.estimate > 0.0 && found.slope < 1.0);
/// ```
pub fn ancova(persons: &[(bool, f64, f64)]) -> Option<Ancova> {
    // Around a value of their own the columns keep their digits.
    let middle = persons.iter().map(|p| p.1).sum::<f64>() / persons.len() as f64;
    let mut design = Design::new(3);
    for &(taken, before, after) in persons {
        let row = [1.0, f64::from(u8::from(taken)), before - middle];
        design.push(Cell::values(&row, 1, after, after * after)).ok()?;
    }
    let fit = linear(&design).ok()?;
    let [_, estimate, slope] = fit.coefficients() else { return None };
    let se = fit.standard_errors(Errors::Model)?[1];
    Some(Ancova { estimate: *estimate, se, df: (persons.len() - 3) as f64, slope: *slope })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Any planted line is found, wherever those who took part stood before.
        #[test]
        fn planted_effects_are_found(before in proptest::collection::vec(-9.0f64..9.0, 6..30), effect in -3.0f64..3.0, slope in -1.0f64..1.0) {
            let mut order = before.clone();
            order.sort_by(f64::total_cmp);
            let bar = order[order.len() / 2];
            let persons: Vec<(bool, f64, f64)> = before.iter().map(|&x| (x < bar, x, 2.0 + slope * x + if x < bar { effect } else { 0.0 })).collect();
            if let Some(found) = ancova(&persons) {
                prop_assert!((found.estimate - effect).abs() < 1e-6 && (found.slope - slope).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn refused() {
        assert_eq!(ancova(&[]), None);
        assert_eq!(ancova(&[(true, 1.0, 1.0), (true, 2.0, 1.0), (true, 3.0, 2.0), (true, 4.0, 2.0)]), None);
        assert_eq!(ancova(&[(true, 1.0, f64::NAN); 5]), None);
    }
}
