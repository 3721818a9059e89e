//! Small dense symmetric systems.

/// A pivot that loses all but this share of its diagonal to the earlier columns is taken as 0.
const COLLINEAR: f64 = 1e-11;

/// The lower triangle L of a symmetric positive definite matrix A = LLᵀ, row after row.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    n: usize,
    l: Vec<f64>,
}

impl Cholesky {
    /// Factors the `n`×`n` matrix given by its lower triangle (row-major); `None` where it is not positive definite, that is,
    /// where a column follows from the earlier ones.
    pub(crate) fn of(a: &[f64], n: usize) -> Option<Self> {
        let mut l = a.to_vec();
        for j in 0..n {
            for i in j..n {
                let dot: f64 = (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum();
                let rest = l[i * n + j] - dot;
                if i == j {
                    // Written so that not-a-number fails as well.
                    if !(rest > COLLINEAR * a[j * n + j]) {
                        return None;
                    }
                    l[j * n + j] = rest.sqrt();
                } else {
                    l[i * n + j] = rest / l[j * n + j];
                }
            }
        }
        Some(Self { n, l })
    }

    /// Turns `b` into L⁻¹b.
    pub(crate) fn forward(&self, b: &mut [f64]) {
        for i in 0..self.n {
            let dot: f64 = (0..i).map(|k| self.l[i * self.n + k] * b[k]).sum();
            b[i] = (b[i] - dot) / self.l[i * self.n + i];
        }
    }

    /// Turns `b` into A⁻¹b.
    pub(crate) fn solve(&self, b: &mut [f64]) {
        self.forward(b);
        for i in (0..self.n).rev() {
            let dot: f64 = (i + 1..self.n).map(|k| self.l[k * self.n + i] * b[k]).sum();
            b[i] = (b[i] - dot) / self.l[i * self.n + i];
        }
    }

    /// bᵀA⁻¹b; `b` is overwritten.
    pub(crate) fn quadratic(&self, b: &mut [f64]) -> f64 {
        self.forward(b);
        b.iter().map(|x| x * x).sum()
    }

    /// A⁻¹, row-major.
    pub(crate) fn inverse(&self) -> Vec<f64> {
        let mut inverse = vec![0.0; self.n * self.n];
        for j in 0..self.n {
            let row = &mut inverse[j * self.n..(j + 1) * self.n];
            row[j] = 1.0;
            self.solve(row);
        }
        inverse
    }

    /// ln |A|.
    pub(crate) fn ln_det(&self) -> f64 {
        2.0 * (0..self.n).map(|i| self.l[i * self.n + i].ln()).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn solves(n in 1usize..8, values in proptest::collection::vec(-3.0f64..3.0, 80)) {
            // A = MMᵀ + I is positive definite.
            let m = |i: usize, j: usize| values[i * 8 + j];
            let a: Vec<f64> = (0..n * n).map(|at| {
                let (i, j) = (at / n, at % n);
                (0..n).map(|k| m(i, k) * m(j, k)).sum::<f64>() + f64::from(u8::from(i == j))
            }).collect();
            let factor = Cholesky::of(&a, n).unwrap();
            let x: Vec<f64> = values[64..64 + n].to_vec();
            let times = |x: &[f64]| (0..n).map(|i| (0..n).map(|j| a[i * n + j] * x[j]).sum()).collect::<Vec<f64>>();
            let mut found = times(&x);
            factor.solve(&mut found);
            for i in 0..n {
                prop_assert!((found[i] - x[i]).abs() < 1e-8);
            }
            let inverse = factor.inverse();
            for j in 0..n {
                let column = times(&inverse[j * n..(j + 1) * n]);
                for i in 0..n {
                    prop_assert!((column[i] - f64::from(u8::from(i == j))).abs() < 1e-8);
                }
            }
        }
    }

    #[test]
    fn collinear_columns_are_refused() {
        assert!(Cholesky::of(&[1.0, 2.0, 2.0, 4.0], 2).is_none());
        assert!(Cholesky::of(&[f64::NAN], 1).is_none());
        assert!(Cholesky::of(&[4.0, 2.0, 2.0, 3.0], 2).is_some_and(|c| (c.ln_det() - 8f64.ln()).abs() < 1e-12));
    }
}
