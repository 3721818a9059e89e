//! The information matrix in blocks: a diagonal for the absorbed levels, the Schur complement for the columns.

use super::design::Design;
use crate::stats::cholesky::Cholesky;

/// Information of a design under weights of its cells.
pub(super) struct Blocks {
    p: usize,
    /// Σw of each level; 0 for levels without weight.
    pub(super) d: Vec<f64>,
    /// Mean row of each level.
    means: Vec<f64>,
    /// The Schur complement, lower triangle, and its factor.
    schur: Vec<f64>,
    pub(super) factor: Cholesky,
}

/// A score or a step: one number for each level, one for each column.
#[derive(Debug, Clone, Default)]
pub(super) struct Vector {
    pub(super) levels: Vec<f64>,
    pub(super) columns: Vec<f64>,
}

impl Vector {
    pub(super) fn zero(design: &Design) -> Self {
        Self { levels: vec![0.0; design.levels], columns: vec![0.0; design.columns] }
    }

    /// The linear predictor of a cell under these coefficients.
    pub(super) fn at(&self, design: &Design, cell: usize) -> f64 {
        self.of(design.row(cell), design.level[cell] as usize)
    }

    pub(super) fn of(&self, x: &[f64], level: usize) -> f64 {
        let sum: f64 = x.iter().zip(&self.columns).map(|(x, b)| x * b).sum();
        sum + self.levels.get(level).copied().unwrap_or(0.0)
    }

    /// Adds `weight` times the row of a cell.
    pub(super) fn add_row(&mut self, design: &Design, cell: usize, weight: f64) {
        if design.levels > 0 {
            self.levels[design.level[cell] as usize] += weight;
        }
        self.columns.iter_mut().zip(design.row(cell)).for_each(|(sum, x)| *sum += weight * x);
    }

    pub(super) fn dot(&self, other: &Self) -> f64 {
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        product(&self.levels, &other.levels) + product(&self.columns, &other.columns)
    }

    pub(super) fn add_scaled(&mut self, other: &Self, by: f64) {
        self.levels.iter_mut().zip(&other.levels).for_each(|(a, b)| *a += by * b);
        self.columns.iter_mut().zip(&other.columns).for_each(|(a, b)| *a += by * b);
    }
}

impl Blocks {
    /// `None` where a column follows from the others or from the levels.
    pub(super) fn of(design: &Design, weights: &[f64]) -> Option<Self> {
        let p = design.columns;
        let mut d = vec![0.0; design.levels];
        let mut means = vec![0.0; design.levels * p];
        if design.levels > 0 {
            for (cell, &w) in weights.iter().enumerate() {
                let level = design.level[cell] as usize;
                d[level] += w;
                means[level * p..(level + 1) * p].iter_mut().zip(design.row(cell)).for_each(|(m, x)| *m += w * x);
            }
            for (level, &d) in d.iter().enumerate() {
                if d > 0.0 {
                    means[level * p..(level + 1) * p].iter_mut().for_each(|m| *m /= d);
                }
            }
        }
        let mut schur = vec![0.0; p * p];
        let mut total = vec![0.0; p];
        let mut centred = vec![0.0; p];
        for (cell, &w) in weights.iter().enumerate() {
            if w == 0.0 {
                continue;
            }
            centre(design, &means, cell, &mut centred);
            for i in 0..p {
                let wx = w * centred[i];
                schur[i * p..=i * p + i].iter_mut().zip(&centred).for_each(|(s, x)| *s += wx * x);
                total[i] += w * design.x[cell * p + i] * design.x[cell * p + i];
            }
        }
        // A column that is constant within each level leaves nothing but rounding, of which no factor could tell.
        if (0..p).any(|i| !(schur[i * p + i] > 1e-12 * total[i])) {
            return None;
        }
        let factor = Cholesky::of(&schur, p)?;
        Some(Self { p, d, means, schur, factor })
    }

    /// I⁻¹s. A held column keeps its coefficient: the others are solved for as if it were not there.
    pub(super) fn solve(&self, score: &Vector, hold: Option<usize>) -> Option<Vector> {
        let p = self.p;
        let mut columns = score.columns.clone();
        for (level, &s) in score.levels.iter().enumerate() {
            columns.iter_mut().zip(&self.means[level * p..(level + 1) * p]).for_each(|(c, m)| *c -= m * s);
        }
        if let Some(held) = hold {
            let mut schur = self.schur.clone();
            for i in 0..p {
                schur[held * p + i] = 0.0;
                schur[i * p + held] = 0.0;
            }
            schur[held * p + held] = 1.0;
            columns[held] = 0.0;
            Cholesky::of(&schur, p)?.solve(&mut columns);
        } else {
            self.factor.solve(&mut columns);
        }
        let level = |(level, s): (usize, &f64)| {
            let shift: f64 = self.means[level * p..(level + 1) * p].iter().zip(&columns).map(|(m, c)| m * c).sum();
            if self.d[level] > 0.0 { s / self.d[level] - shift } else { 0.0 }
        };
        Some(Vector { levels: score.levels.iter().enumerate().map(level).collect(), columns })
    }

    /// The row of a cell less the mean row of its level.
    pub(super) fn centred(&self, design: &Design, cell: usize, into: &mut [f64]) {
        centre(design, &self.means, cell, into);
    }

    /// xᵀI⁻¹x of a cell, with `scratch` of the length of a row.
    pub(super) fn leverage(&self, design: &Design, cell: usize, scratch: &mut [f64]) -> f64 {
        self.centred(design, cell, scratch);
        let columns = self.factor.quadratic(scratch);
        let level = self.d.get(design.level[cell] as usize).map_or(0.0, |d| 1.0 / d);
        columns + level
    }

    /// ln |I|.
    pub(super) fn ln_det(&self) -> f64 {
        self.factor.ln_det() + self.d.iter().filter(|d| **d > 0.0).map(|d| d.ln()).sum::<f64>()
    }
}

fn centre(design: &Design, means: &[f64], cell: usize, into: &mut [f64]) {
    into.copy_from_slice(design.row(cell));
    if design.levels > 0 {
        let level = design.level[cell] as usize * design.columns;
        into.iter_mut().zip(&means[level..]).for_each(|(x, m)| *x -= m);
    }
}
