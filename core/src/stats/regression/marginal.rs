//! Standardised effects: what a column does on the scale of the outcome, averaged over the cases.

use super::blocks::Vector;
use super::errors::Errors;
use super::fit::Fit;
use crate::stats::interval::Estimate;

/// The outcome if all cases had a column at 1, and if all had it at 0.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Marginal {
    /// Mean expected outcome with the column at 1.
    pub treated: f64,
    /// Mean expected outcome with the column at 0.
    pub control: f64,
    /// The first minus the second.
    pub difference: Estimate,
    /// Logarithm of the first over the second; `None` where one is not positive.
    pub log_ratio: Option<Estimate>,
}

impl Fit<'_> {
    /// Standardisation (g-computation) of a 0/1 column over all cases of the design, with standard errors by the delta method.
    /// The column must not be part of another one (an interaction). `None` where there is no such column, or fewer than two
    /// clusters where these are asked for.
    ///
    /// Source: J. Robins, *A new approach to causal inference in mortality studies with a sustained exposure period*,
    /// Mathematical Modelling 7 (1986) 1393–1512.
    ///
    /// ```
    /// use goldpath::stats::regression::{Cell, Design, Errors, logistic};
    /// let mut design = Design::new(2);
    /// design.push(Cell::counts(&[1.0, 0.0], 30, 100))?;
    /// design.push(Cell::counts(&[1.0, 1.0], 45, 100))?;
    /// let effect = logistic(&design)?.marginal(1, Errors::Model).unwrap().difference;
    /// assert!((effect.estimate - 0.15).abs() < 1e-9);
    /// # Ok::<(), goldpath::stats::regression::Unfit>(())
    /// ```
    pub fn marginal(&self, column: usize, errors: Errors) -> Option<Marginal> {
        let design = self.design;
        if column >= design.columns {
            return None;
        }
        let mut means = [0.0; 2];
        let mut gradients = [Vector::zero(design), Vector::zero(design)];
        let cases: f64 = design.n.iter().sum();
        for cell in (0..design.len()).filter(|&cell| design.n[cell] > 0.0) {
            let x = design.row(cell);
            let without = self.coefficients.of(x, design.level[cell] as usize) - x[column] * self.coefficients.columns[column];
            let share = design.n[cell] / cases;
            for (value, (mean, gradient)) in means.iter_mut().zip(&mut gradients).enumerate() {
                let expected = self.link.mean(without + value as f64 * self.coefficients.columns[column]);
                *mean += share * expected;
                // Where the intercept is infinite the slope is 0.
                let slope = share * self.link.slope(expected);
                gradient.add_row(design, cell, slope);
                gradient.columns[column] += slope * (value as f64 - x[column]);
            }
        }
        let [control, treated] = means;
        let [at0, at1] = gradients;
        let along = |by0: f64, by1: f64| {
            let mut gradient = Vector::zero(design);
            gradient.add_scaled(&at0, by0);
            gradient.add_scaled(&at1, by1);
            self.variance_of(&gradient, errors)
        };
        let difference = Estimate::of(treated - control, along(-1.0, 1.0)?)?;
        let log_ratio = if treated > 0.0 && control > 0.0 { Estimate::of((treated / control).ln(), along(-1.0 / control, 1.0 / treated)?) } else { None };
        Some(Marginal { treated, control, difference, log_ratio })
    }
}
