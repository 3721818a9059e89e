//! The effect of something that is switched on for units one after the other, or for some of them, at a known time.

use super::interval::Estimate;

/// A column that loses all but this share of its weight to the earlier ones follows from them.
const COLLINEAR: f64 = 1e-9;

/// Cases of one unit in one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitPeriod {
    /// The unit, such as a rep.
    pub unit: u32,
    /// The period, such as a week.
    pub period: u32,
    /// Whether it was switched on for the unit in that period.
    pub on: bool,
    /// Cases.
    pub n: f64,
    /// Their mean outcome.
    pub mean: f64,
}

/// What [`switch_effect`] found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SwitchEffect {
    /// The effect with its standard error over units.
    pub effect: Estimate,
    /// Units with cases in more than one period.
    pub units: u64,
}

/// Normal equations of one unit, its own mean taken out: periods first, then the switch.
struct Equations {
    size: usize,
    a: Vec<f64>,
    b: Vec<f64>,
}

impl Equations {
    fn zero(size: usize) -> Self {
        Self { size, a: vec![0.0; size * size], b: vec![0.0; size] }
    }

    fn of(cells: &[(usize, &UnitPeriod)], size: usize) -> Self {
        let mut made = Self::zero(size);
        let n: f64 = cells.iter().map(|(_, cell)| cell.n).sum();
        let y: f64 = cells.iter().map(|(_, cell)| cell.n * cell.mean).sum::<f64>() / n;
        let mut x = vec![0.0; size];
        for (period, cell) in cells {
            x[*period] += cell.n / n;
            x[size - 1] += f64::from(u8::from(cell.on)) * cell.n / n;
        }
        let mut row = vec![0.0; size];
        for (period, cell) in cells {
            for (i, value) in row.iter_mut().enumerate() {
                let own = if i == size - 1 { cell.on } else { i == *period };
                *value = f64::from(u8::from(own)) - x[i];
            }
            for i in 0..size {
                let weighted = cell.n * row[i];
                made.b[i] += weighted * (cell.mean - y);
                for j in 0..=i {
                    made.a[i * size + j] += weighted * row[j];
                }
            }
        }
        made
    }

    fn add(&mut self, other: &Self, sign: f64) {
        self.a.iter_mut().zip(&other.a).for_each(|(mine, more)| *mine += sign * more);
        self.b.iter_mut().zip(&other.b).for_each(|(mine, more)| *mine += sign * more);
    }

    /// Weight and coefficient of the switch once the periods are taken out; `None` where it follows from them.
    fn last(&self) -> Option<(f64, f64)> {
        let n = self.size;
        let at = |i: usize, j: usize| if i >= j { i * n + j } else { j * n + i };
        let (mut a, mut b) = (self.a.clone(), self.b.clone());
        for k in 0..n - 1 {
            let pivot = a[at(k, k)];
            if !(pivot > COLLINEAR * self.a[at(k, k)]) {
                continue;
            }
            for i in k + 1..n {
                let share = a[at(i, k)] / pivot;
                if share != 0.0 {
                    b[i] -= share * b[k];
                    for j in k + 1..=i {
                        a[at(i, j)] -= share * a[at(j, k)];
                    }
                }
            }
        }
        let weight = a[at(n - 1, n - 1)];
        (weight > COLLINEAR * self.a[at(n - 1, n - 1)].max(1.0)).then(|| (weight, b[n - 1] / weight))
    }
}

fn by_unit(cells: &[UnitPeriod]) -> Vec<Equations> {
    let mut periods: Vec<u32> = cells.iter().map(|cell| cell.period).collect();
    periods.sort_unstable();
    periods.dedup();
    let size = periods.len() + 1;
    let mut sorted: Vec<(usize, &UnitPeriod)> =
        cells.iter().filter(|cell| cell.n > 0.0).filter_map(|cell| Some((periods.binary_search(&cell.period).ok()?, cell))).collect();
    sorted.sort_by_key(|(period, cell)| (cell.unit, *period, cell.on));
    sorted.chunk_by(|a, b| a.1.unit == b.1.unit).filter(|of| of.len() > 1).map(|of| Equations::of(of, size)).collect()
}

fn sum(units: &[Equations]) -> Equations {
    let mut all = Equations::zero(units.first().map_or(1, |unit| unit.size));
    units.iter().for_each(|unit| all.add(unit, 1.0));
    all
}

/// The effect of the switch in a regression with a mean for each unit and each period, cases counting alike; its standard error
/// is the jackknife over units, √((R − 1)/R · Σ(τ₋ᵣ − τ)²), which holds whatever goes on within a unit over time, and errs on
/// the wide side where units are few. Compare with Student's t of R − 1 degrees. `None` where the switch cannot be told from
/// units and periods, or from all units but one.
///
/// ```
/// use goldpath::stats::{UnitPeriod, switch_effect};
/// let cell = |unit, period, on, mean| UnitPeriod { unit, period, on, n: 100.0, mean };
/// let cells = [cell(0, 0, false, 0.2), cell(0, 1, true, 0.32), cell(1, 0, false, 0.3), cell(1, 1, true, 0.4),
///              cell(2, 0, false, 0.25), cell(2, 1, false, 0.26), cell(3, 0, false, 0.1), cell(3, 1, false, 0.1)];
/// let found = switch_effect(&cells).unwrap();
/// assert!((found.effect.estimate - 0.105).abs() < 1e-12 && found.units == 4);
/// ```
///
/// Sources: M. A. Hussey and J. P. Hughes, *Design and analysis of stepped wedge cluster randomized trials*, Contemporary
/// Clinical Trials 28 (2007) 182–191; J. G. MacKinnon, M. Ø. Nielsen and M. D. Webb, *Cluster-robust inference: a guide to
/// empirical practice*, Journal of Econometrics 232 (2023) 272–299.
pub fn switch_effect(cells: &[UnitPeriod]) -> Option<SwitchEffect> {
    let units = by_unit(cells);
    let mut all = sum(&units);
    let (_, estimate) = all.last()?;
    let mut squares = 0.0;
    for unit in &units {
        all.add(unit, -1.0);
        let (_, without) = all.last()?;
        all.add(unit, 1.0);
        squares += (without - estimate).powi(2);
    }
    let n = units.len() as f64;
    Some(SwitchEffect { effect: Estimate::of(estimate, squares * (n - 1.0) / n)?, units: units.len() as u64 })
}

/// What the cases would tell of the switch: the variance of one outcome divided by this is the variance of the effect, if cases
/// were independent given units and periods. `None` as in [`switch_effect`].
pub fn switch_information(cells: &[UnitPeriod]) -> Option<f64> {
    sum(&by_unit(cells)).last().map(|(weight, _)| weight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::rng::{Rng, key};

    /// Units and periods of any size leave the effect alone.
    #[test]
    fn exact_without_noise() {
        let mut random = Rng::of(key(3, 0), 0);
        let cells: Vec<UnitPeriod> = (0..12)
            .flat_map(|unit| (0..9).map(move |period| (unit, period, period >= 2 + unit / 2)))
            .map(|(unit, period, on)| UnitPeriod {
                unit,
                period,
                on,
                n: 1.0 + random.below(20) as f64,
                mean: f64::from(unit) * 0.03 - f64::from(period * period) * 0.01 + if on { 0.07 } else { 0.0 },
            })
            .collect();
        let found = switch_effect(&cells).unwrap();
        assert!((found.effect.estimate - 0.07).abs() < 1e-10 && found.effect.se < 1e-10);
        assert!(switch_information(&cells).unwrap() > 0.0);
    }

    #[test]
    fn what_cannot_be_told() {
        let cell = |unit, period, on| UnitPeriod { unit, period, on, n: 5.0, mean: 0.5 };
        assert_eq!(switch_effect(&[]), None);
        // Switched on for all at once: nothing but a period.
        assert_eq!(switch_effect(&[cell(0, 0, false), cell(0, 1, true), cell(1, 0, false), cell(1, 1, true)]), None);
        // One unit only has it: without that one nothing is left.
        assert_eq!(switch_effect(&[cell(0, 0, false), cell(0, 1, true), cell(1, 0, false), cell(1, 1, false)]), None);
    }
}
