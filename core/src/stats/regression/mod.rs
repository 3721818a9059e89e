//! Logistic and linear regression on aggregated cells, with one factor of many levels absorbed.
//!
//! In: a [`Design`] of [`Cell`]s, each a row of the design matrix with how many cases share it and what they add up to. Out:
//! a [`Fit`] with coefficients, standard errors (of the model, robust, or clustered), predictions and standardised effects.
//! A weight is a count: a cell of ten cases is the same as ten equal cells of one.
//!
//! # Absorbing a factor
//!
//! Adjusting for 200 reps by 200 dummy columns would make every step of the fit solve a system of 200 unknowns. A design may
//! instead have one *absorbed* factor: each of its levels has its own intercept, which takes no column. With w the weight
//! of a cell, D the weights of the levels summed (a diagonal), b the mean row of each level, the information matrix of the
//! columns given the levels is its Schur complement
//!
//! > S = Σ w (x − b)(x − b)ᵀ,
//!
//! and the step is S·Δβ = s − Σ b·s(level), Δα = s(level)/D − b·Δβ. Every quantity a dense fit would have follows from D, b
//! and S alone: leverages, w(1/D + (x − b)ᵀS⁻¹(x − b)); the determinant, |S|·∏D; covariances of the columns, S⁻¹ and
//! S⁻¹(Σ uuᵀ)S⁻¹ with u the scores over x − b. The result is that of explicit dummies; the cost is that of the columns.
//! (For linear models: R. Frisch and F. V. Waugh, Econometrica 1 (1933) 387–401.)
//!
//! A level whose cases all ended alike has an infinite intercept and says nothing about the columns. It is left out of the
//! likelihood, and predicts 0 or 1.

mod blocks;
mod design;
mod errors;
mod fit;
mod marginal;

pub use design::{Cell, Design, Unfit};
pub use errors::Errors;
pub use fit::{Fit, firth, linear, logistic};
pub use marginal::Marginal;

#[cfg(test)]
mod tests;
