//! What a regression is fitted to.

/// One row of a design matrix and the cases that share it.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    x: &'a [f64],
    n: u64,
    sum: f64,
    squares: f64,
    level: u32,
    cluster: u32,
}

impl<'a> Cell<'a> {
    /// `n` cases of which `hits` have the outcome.
    pub fn counts(x: &'a [f64], hits: u64, n: u64) -> Self {
        Self { x, n, sum: hits as f64, squares: hits as f64, level: 0, cluster: 0 }
    }

    /// `n` cases with the sum of their values and of the squares of these.
    pub fn values(x: &'a [f64], n: u64, sum: f64, squares: f64) -> Self {
        Self { x, n, sum, squares, level: 0, cluster: 0 }
    }

    /// The level of the absorbed factor.
    #[must_use]
    pub fn level(self, level: u32) -> Self {
        Self { level, ..self }
    }

    /// The cluster whose cases may depend on each other.
    #[must_use]
    pub fn cluster(self, cluster: u32) -> Self {
        Self { cluster, ..self }
    }
}

/// Why there is no fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// A cell does not go with the design: a number of columns, a level or a count out of range, or a value not finite.
    #[error("cell {cell}: {what}")]
    BadCell {
        /// Which cell, from 0.
        cell: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// There are no cases, or none that says anything.
    #[error("no case says anything about the coefficients")]
    Empty,
    /// A column follows from the others or from the absorbed factor; leave it out.
    #[error("a column of the design follows from the others")]
    Collinear,
    /// Some combination of the columns tells hits from misses without error, so that the likelihood has no maximum; use
    /// [`firth`](super::firth).
    #[error("hits and misses are separated, so that there is no finite fit; Firth's penalty gives one")]
    Separated,
    /// The fit did not settle.
    #[error("the fit did not settle")]
    NotConverged,
}

/// A design matrix of cells. See the [module](super) for the absorbed factor.
///
/// ```
/// use goldpath::stats::regression::{Cell, Design, logistic};
/// let mut design = Design::new(2);
/// design.push(Cell::counts(&[1.0, 0.0], 30, 100))?;
/// design.push(Cell::counts(&[1.0, 1.0], 45, 100))?;
/// let fit = logistic(&design)?;
/// let odds_ratio: f64 = (45.0 / 55.0) / (30.0 / 70.0);
/// assert!((fit.coefficients()[1] - odds_ratio.ln()).abs() < 1e-10);
/// # Ok::<(), goldpath::stats::regression::Unfit>(())
/// ```
#[derive(Debug, Clone)]
pub struct Design {
    pub(super) columns: usize,
    /// Levels of the absorbed factor; 0 where there is none.
    pub(super) levels: usize,
    pub(super) x: Vec<f64>,
    pub(super) n: Vec<f64>,
    pub(super) sum: Vec<f64>,
    pub(super) squares: Vec<f64>,
    pub(super) level: Vec<u32>,
    pub(super) cluster: Vec<u32>,
}

impl Design {
    /// A design of this many columns. An intercept is a column of ones.
    pub fn new(columns: usize) -> Self {
        Self::absorbing(columns, 0)
    }

    /// A design of this many columns and an absorbed factor of this many levels, each with an intercept of its own: a column
    /// of ones would follow from them.
    pub fn absorbing(columns: usize, levels: usize) -> Self {
        Self { columns, levels, x: vec![], n: vec![], sum: vec![], squares: vec![], level: vec![], cluster: vec![] }
    }

    /// Adds a cell. One without cases is fine: it takes part in predictions only.
    pub fn push(&mut self, cell: Cell<'_>) -> Result<(), Unfit> {
        let bad = |what| Err(Unfit::BadCell { cell: self.n.len(), what });
        if cell.x.len() != self.columns {
            return bad("its row has another number of columns than the design");
        }
        if !cell.x.iter().chain([&cell.sum, &cell.squares]).all(|x| x.is_finite()) {
            return bad("a value is not finite");
        }
        if self.levels > 0 && cell.level as usize >= self.levels {
            return bad("its level is not below the number of levels");
        }
        self.x.extend_from_slice(cell.x);
        self.n.push(cell.n as f64);
        self.sum.push(if cell.n == 0 { 0.0 } else { cell.sum });
        self.squares.push(if cell.n == 0 { 0.0 } else { cell.squares });
        self.level.push(cell.level);
        self.cluster.push(cell.cluster);
        Ok(())
    }

    /// How many cells.
    pub fn len(&self) -> usize {
        self.n.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.n.is_empty()
    }

    /// How many cases.
    pub fn cases(&self) -> u64 {
        self.n.iter().sum::<f64>() as u64
    }

    pub(super) fn row(&self, cell: usize) -> &[f64] {
        &self.x[cell * self.columns..(cell + 1) * self.columns]
    }

    /// Cases and sum of each level of the absorbed factor.
    pub(super) fn level_sums(&self) -> Vec<(f64, f64)> {
        let mut sums = vec![(0.0, 0.0); self.levels];
        if self.levels > 0 {
            for cell in 0..self.len() {
                let level = &mut sums[self.level[cell] as usize];
                level.0 += self.n[cell];
                level.1 += self.sum[cell];
            }
        }
        sums
    }
}
