//! Standard errors of a fit.

use super::blocks::Vector;
use super::fit::Fit;

/// Where the spread of the estimates is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errors {
    /// The model's information: right if the model is.
    Model,
    /// Squared residuals of the cases, HC0: right also where the model's variance is not.
    Robust,
    /// Residuals summed over each cluster, CR0: right also where cases of a cluster depend on each other.
    Cluster,
    /// As `Cluster`, times G/(G − 1) for G clusters, CR1: what to use where clusters are few.
    ClusterCorrected,
}

impl Fit<'_> {
    /// Covariance of the coefficients of the columns, row-major; `None` with fewer than two clusters where these are asked
    /// for.
    ///
    /// I⁻¹ of the model, or the sandwich I⁻¹MI⁻¹ with M the sum over cases or clusters of uuᵀ, u the score.
    ///
    /// Sources: H. White, *Maximum likelihood estimation of misspecified models*, Econometrica 50 (1982) 1–25; K.-Y. Liang and
    /// S. L. Zeger, *Longitudinal data analysis using generalized linear models*, Biometrika 73 (1986) 13–22.
    pub fn covariance(&self, errors: Errors) -> Option<Vec<f64>> {
        let p = self.design.columns;
        if errors == Errors::Model {
            return Some(self.blocks.factor.inverse().into_iter().map(|x| x * self.dispersion).collect());
        }
        // Through S⁻¹ a row less the mean of its level becomes what a unit of residual moves the coefficients by.
        let mut meat = vec![0.0; p * p];
        let mut add = |u: &[f64], weight: f64| {
            for i in 0..p {
                for j in 0..p {
                    meat[i * p + j] += weight * u[i] * u[j];
                }
            }
        };
        let influence = |cell: usize, into: &mut [f64]| {
            self.blocks.centred(self.design, cell, into);
            self.blocks.factor.solve(into);
        };
        let mut u = vec![0.0; p];
        let mut scale = 1.0;
        if errors == Errors::Robust {
            for cell in self.cells() {
                influence(cell, &mut u);
                add(&u, self.squared_residuals(cell));
            }
        } else {
            scale = self.small_sample(errors)?;
            let mut sum = vec![0.0; p];
            for cluster in self.clusters() {
                sum.fill(0.0);
                for &cell in &cluster {
                    influence(cell, &mut u);
                    let residual = self.residual(cell);
                    sum.iter_mut().zip(&u).for_each(|(sum, u)| *sum += residual * u);
                }
                add(&sum, 1.0);
            }
        }
        Some(meat.into_iter().map(|x| x * scale).collect())
    }

    /// Standard errors of the coefficients of the columns.
    pub fn standard_errors(&self, errors: Errors) -> Option<Vec<f64>> {
        let p = self.design.columns;
        let covariance = self.covariance(errors)?;
        Some((0..p).map(|i| covariance[i * p + i].max(0.0).sqrt()).collect())
    }

    /// Variance of gᵀθ over all parameters, levels included.
    pub(super) fn variance_of(&self, gradient: &Vector, errors: Errors) -> Option<f64> {
        let c = self.blocks.solve(gradient, None)?;
        let along = |cell: usize| c.at(self.design, cell);
        Some(match errors {
            Errors::Model => self.dispersion * gradient.dot(&c),
            Errors::Robust => self.cells().map(|i| along(i) * along(i) * self.squared_residuals(i)).sum(),
            Errors::Cluster | Errors::ClusterCorrected => {
                let cluster = |cells: Vec<usize>| cells.into_iter().map(|i| along(i) * self.residual(i)).sum::<f64>().powi(2);
                self.clusters().into_iter().map(cluster).sum::<f64>() * self.small_sample(errors)?
            }
        })
    }

    fn cells(&self) -> impl Iterator<Item = usize> {
        (0..self.design.len()).filter(|&cell| self.used[cell])
    }

    /// Sum of the residuals of the cases of a cell.
    fn residual(&self, cell: usize) -> f64 {
        self.design.sum[cell] - self.design.n[cell] * self.expected[cell]
    }

    fn squared_residuals(&self, cell: usize) -> f64 {
        let (d, mean) = (self.design, self.expected[cell]);
        (d.squares[cell] - 2.0 * mean * d.sum[cell] + d.n[cell] * mean * mean).max(0.0)
    }

    /// The cells of each cluster, in order of the clusters' numbers.
    fn clusters(&self) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = self.cells().collect();
        order.sort_by_key(|&cell| (self.design.cluster[cell], cell));
        order.chunk_by(|&a, &b| self.design.cluster[a] == self.design.cluster[b]).map(<[usize]>::to_vec).collect()
    }

    fn small_sample(&self, errors: Errors) -> Option<f64> {
        let g = self.clusters().len() as f64;
        (g > 1.0).then(|| if errors == Errors::ClusterCorrected { g / (g - 1.0) } else { 1.0 })
    }
}
