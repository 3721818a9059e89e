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

/// A person in one of several comparisons that are put together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AncovaRow {
    /// Number of the comparison, such as of a training that was held on several days.
    pub group: u32,
    /// Number of the person, who may take part in several.
    pub person: u32,
    /// Whether the measure was taken.
    pub taken: bool,
    /// Value before.
    pub before: f64,
    /// Value after.
    pub after: f64,
}

/// As [`ancova`] over several comparisons at once, each with an intercept of its own and a slope in common. A person who is
/// compared with in several counts as one: standard errors are clustered by person (times G ÷ (G − 1)), and the degrees of
/// freedom are those who took the measure, less one. Of one comparison it is [`ancova`], to the bit. `None` as there, and with
/// fewer than three who took the measure in several comparisons.
///
/// ```
/// use goldpath::stats::{AncovaRow, ancova, ancova_stacked};
/// let persons = [(true, 1.0, 2.6), (true, 2.0, 3.0), (true, 3.0, 3.6), (false, 4.0, 3.5), (false, 5.0, 4.1), (false, 6.0, 4.4)];
/// let rows: Vec<AncovaRow> = (0..).zip(persons).map(|(person, (taken, before, after))| AncovaRow { group: 0, person, taken, before, after }).collect();
/// assert_eq!(ancova_stacked(&rows), ancova(&persons));
/// ```
pub fn ancova_stacked(rows: &[AncovaRow]) -> Option<Ancova> {
    let numbers = |of: &dyn Fn(&AncovaRow) -> Option<u32>| rows.iter().filter_map(of).collect::<std::collections::BTreeSet<u32>>();
    let groups = numbers(&|row| Some(row.group));
    if groups.len() < 2 {
        return ancova(&rows.iter().map(|row| (row.taken, row.before, row.after)).collect::<Vec<_>>());
    }
    let took = numbers(&|row| row.taken.then_some(row.person)).len();
    let middle = rows.iter().map(|row| row.before).sum::<f64>() / rows.len() as f64;
    let place = |group: u32| groups.iter().position(|&have| have == group).unwrap_or(0) as u32;
    let mut design = Design::absorbing(2, groups.len());
    for row in rows {
        let x = [f64::from(u8::from(row.taken)), row.before - middle];
        design.push(Cell::values(&x, 1, row.after, row.after * row.after).level(place(row.group)).cluster(row.person)).ok()?;
    }
    let fit = linear(&design).ok()?;
    let [estimate, slope] = fit.coefficients() else { return None };
    let se = fit.standard_errors(Errors::ClusterCorrected)?[0];
    (took >= 3).then_some(Ancova { estimate: *estimate, se, df: (took - 1) as f64, slope: *slope })
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
