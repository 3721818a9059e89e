//! Fitting: iteratively reweighted least squares, Firth's penalty, least squares.

use super::blocks::{Blocks, Vector};
use super::design::{Design, Unfit};
use crate::stats::expit;
use crate::stats::interval::Test;
use crate::stats::special::chi2_sf;

/// No cell's linear predictor may still move by more than this.
const SETTLED: f64 = 1e-10;
/// From this step on a direction that separates is looked for; before, the other directions are still on their way.
const SEPARATION_FROM: usize = 12;
const STEPS: usize = 200;
/// Firth's steps shrink by a constant factor, because the leverages move as well.
const FIRTH_STEPS: usize = 2_000;

/// A fitted regression.
pub struct Fit<'a> {
    pub(super) design: &'a Design,
    pub(super) coefficients: Vector,
    pub(super) blocks: Blocks,
    /// Expected value of a case of each cell.
    pub(super) expected: Vec<f64>,
    /// Whether the cell took part: it has cases, and its level does not have all ended alike.
    pub(super) used: Vec<bool>,
    /// Factor of the inverse information in the covariance of the model: 1, or the residual variance.
    pub(super) dispersion: f64,
    pub(super) link: Link,
    penalised: bool,
    log_likelihood: f64,
    steps: usize,
    level_known: Vec<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Logit,
    Identity,
}

impl Link {
    pub(super) fn mean(self, eta: f64) -> f64 {
        match self {
            Self::Logit => expit(eta),
            Self::Identity => eta,
        }
    }

    pub(super) fn slope(self, mean: f64) -> f64 {
        match self {
            Self::Logit => mean * (1.0 - mean),
            Self::Identity => 1.0,
        }
    }
}

impl Fit<'_> {
    /// Coefficients of the columns: log-odds, or units of the value.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients.columns
    }

    /// Intercept of a level of the absorbed factor: infinite where its cases all ended alike, `None` where it has no case.
    pub fn intercept(&self, level: u32) -> Option<f64> {
        let level = level as usize;
        self.level_known.get(level)?.then(|| self.coefficients.levels[level])
    }

    /// Probability of the outcome, or expected value, at a row and a level; `None` where the level has no case or the row
    /// has another number of columns.
    pub fn predict(&self, x: &[f64], level: u32) -> Option<f64> {
        if x.len() != self.design.columns || (self.design.levels > 0 && !*self.level_known.get(level as usize)?) {
            return None;
        }
        Some(self.link.mean(self.coefficients.of(x, level as usize)))
    }

    /// Logarithm of the likelihood of the cells that took part; with Firth's penalty included where it was used, and of a
    /// normal error for a linear fit.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// How many steps the fit took.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Penalised likelihood-ratio test that the coefficient of a column is 0, the test that goes with [`firth`]: twice what
    /// the penalised log-likelihood loses, chi-square with one degree of freedom. `None` for other fits, or where the fit
    /// without the column does not settle.
    pub fn likelihood_ratio(&self, column: usize) -> Option<Test> {
        if !self.penalised || column >= self.design.columns {
            return None;
        }
        let without = penalised(self.design, Some(column)).ok()?;
        let statistic = (2.0 * (self.log_likelihood - without.log_likelihood)).max(0.0);
        Some(Test { statistic, df: 1.0, p_value: chi2_sf(statistic, 1.0) })
    }
}

/// Sum·η − n·ln(1 + e^η) over the cells.
fn log_likelihood(design: &Design, used: &[bool], eta: &[f64]) -> f64 {
    let cell = |i: usize| {
        let e = eta[i];
        design.sum[i] * e - design.n[i] * (e.max(0.0) + (-e.abs()).exp().ln_1p())
    };
    (0..design.len()).filter(|&i| used[i]).map(cell).sum()
}

fn counts(design: &Design) -> Result<(), Unfit> {
    match (0..design.len()).find(|&i| !(0.0..=design.n[i]).contains(&design.sum[i])) {
        Some(cell) => Err(Unfit::BadCell { cell, what: "it has more hits than cases, or fewer than none" }),
        None => Ok(()),
    }
}

/// Where the fit stands: coefficients and what follows from them.
struct State {
    at: Vector,
    eta: Vec<f64>,
}

impl State {
    fn new(design: &Design, at: Vector) -> Self {
        let eta = (0..design.len()).map(|i| at.at(design, i)).collect();
        Self { at, eta }
    }

    fn stepped(&self, design: &Design, step: &Vector, by: f64) -> Self {
        let mut at = self.at.clone();
        at.add_scaled(step, by);
        Self::new(design, at)
    }

    fn weights(&self, design: &Design, used: &[bool]) -> Vec<f64> {
        (0..design.len()).map(|i| if used[i] { design.n[i] * Link::Logit.slope(Link::Logit.mean(self.eta[i])) } else { 0.0 }).collect()
    }
}

/// Intercepts to begin with: the log-odds of each level, drawn to the middle by half a case.
fn begin(design: &Design) -> Vector {
    let levels = design.level_sums().iter().map(|&(n, hits)| ((hits + 0.5) / (n - hits + 0.5)).ln()).collect();
    Vector { levels, columns: vec![0.0; design.columns] }
}

/// Logistic regression by maximum likelihood. Steps are Newton's, halved while the likelihood would fall; the fit has settled
/// when no linear predictor moves by more than 1e-10. Where hits and misses are separated some predictors move on by about 1
/// each step for ever: the direction of the step is then checked, cell by cell, to be one that never lowers the likelihood,
/// and that is certain proof ([`Unfit::Separated`]).
///
/// Sources: P. McCullagh and J. A. Nelder, *Generalized linear models*, 2nd ed. (1989) ch. 4; A. Albert and J. A. Anderson,
/// *On the existence of maximum likelihood estimates in logistic regression models*, Biometrika 71 (1984) 1–10.
///
/// ```
/// use goldpath::stats::regression::{Cell, Design, Errors, Unfit, firth, logistic};
/// // Two reps, absorbed; one column, whether the step was skipped.
/// let mut design = Design::absorbing(1, 2);
/// for (rep, skipped, won, n) in [(0, 0.0, 40, 100), (0, 1.0, 20, 80), (1, 0.0, 30, 50), (1, 1.0, 25, 60)] {
///     design.push(Cell::counts(&[skipped], won, n).level(rep).cluster(rep))?;
/// }
/// let fit = logistic(&design)?;
/// assert!(fit.coefficients()[0] < 0.0);
/// assert!(fit.standard_errors(Errors::Model).unwrap()[0] > 0.0);
/// // All treated hit, no control did: only the penalised fit is finite.
/// let mut design = Design::new(2);
/// design.push(Cell::counts(&[1.0, 0.0], 0, 5))?;
/// design.push(Cell::counts(&[1.0, 1.0], 5, 5))?;
/// assert_eq!(logistic(&design).err(), Some(Unfit::Separated));
/// assert!((firth(&design)?.coefficients()[1] - 2.0 * 11f64.ln()).abs() < 1e-8);
/// # Ok::<(), goldpath::stats::regression::Unfit>(())
/// ```
pub fn logistic(design: &Design) -> Result<Fit<'_>, Unfit> {
    counts(design)?;
    let sums = design.level_sums();
    let varies = |i: usize| sums.get(design.level[i] as usize).is_none_or(|&(n, hits)| hits > 0.0 && hits < n);
    let used: Vec<bool> = (0..design.len()).map(|i| design.n[i] > 0.0 && varies(i)).collect();
    if !used.contains(&true) {
        return Err(Unfit::Empty);
    }
    let mut state = State::new(design, begin(design));
    let mut likelihood = log_likelihood(design, &used, &state.eta);
    let mut last: Option<Vector> = None;
    for steps in 1..=STEPS {
        let Some(blocks) = Blocks::of(design, &state.weights(design, &used)) else {
            // Weights may also vanish because predictors ran away.
            let separated = last.is_some_and(|step| separates(design, &used, &step));
            return Err(if separated { Unfit::Separated } else { Unfit::Collinear });
        };
        let mut score = Vector::zero(design);
        for i in (0..design.len()).filter(|&i| used[i]) {
            score.add_row(design, i, design.sum[i] - design.n[i] * Link::Logit.mean(state.eta[i]));
        }
        let step = blocks.solve(&score, None).ok_or(Unfit::Collinear)?;
        let moved = (0..design.len()).filter(|&i| used[i]).map(|i| step.at(design, i).abs()).fold(0.0, f64::max);
        if !moved.is_finite() {
            return Err(Unfit::NotConverged);
        }
        if steps >= SEPARATION_FROM && moved > 0.1 && separates(design, &used, &step) {
            return Err(Unfit::Separated);
        }
        let mut by = 1.0;
        let next = loop {
            let next = state.stepped(design, &step, by);
            let found = log_likelihood(design, &used, &next.eta);
            if found >= likelihood - 1e-9 * likelihood.abs().max(1.0) || by < 1e-6 {
                likelihood = found;
                break next;
            }
            by /= 2.0;
        };
        state = next;
        if moved <= SETTLED {
            return finished(design, state, used, &sums, steps, likelihood, None);
        }
        last = Some(step);
    }
    Err(Unfit::NotConverged)
}

/// Whether following a direction for ever never lowers the likelihood of any cell: up where all cases hit, down where none
/// did, nowhere where both occur.
fn separates(design: &Design, used: &[bool], step: &Vector) -> bool {
    let moves: Vec<f64> = (0..design.len()).map(|i| step.at(design, i)).collect();
    let most = (0..design.len()).filter(|&i| used[i]).map(|i| moves[i].abs()).fold(0.0, f64::max);
    let slack = 1e-4 * most;
    most > 0.0
        && (0..design.len()).filter(|&i| used[i]).all(|i| {
            let (all, none) = (design.sum[i] == design.n[i], design.sum[i] == 0.0);
            (moves[i] <= slack || all) && (moves[i] >= -slack || none)
        })
}

/// Logistic regression with Firth's penalty, which takes away the first-order bias and is finite where hits and misses are
/// separated: the log-likelihood plus ½ ln |I|, with score Σ(y − nπ + h(½ − π))x, h the leverage of the cell. Standard errors
/// are those of the information at the estimate; the test of a coefficient is [`Fit::likelihood_ratio`].
///
/// Sources: D. Firth, *Bias reduction of maximum likelihood estimates*, Biometrika 80 (1993) 27–38; G. Heinze and M. Schemper,
/// *A solution to the problem of separation in logistic regression*, Statistics in Medicine 21 (2002) 2409–2419.
///
/// See [`logistic`] for an example.
pub fn firth(design: &Design) -> Result<Fit<'_>, Unfit> {
    penalised(design, None)
}

fn penalised(design: &Design, hold: Option<usize>) -> Result<Fit<'_>, Unfit> {
    counts(design)?;
    let used: Vec<bool> = design.n.iter().map(|n| *n > 0.0).collect();
    if !used.contains(&true) {
        return Err(Unfit::Empty);
    }
    let sums = design.level_sums();
    let mut scratch = vec![0.0; design.columns];
    let mut state = State::new(design, begin(design));
    let mut blocks = Blocks::of(design, &state.weights(design, &used)).ok_or(Unfit::Collinear)?;
    let mut likelihood = log_likelihood(design, &used, &state.eta) + 0.5 * blocks.ln_det();
    for steps in 1..=FIRTH_STEPS {
        let mut score = Vector::zero(design);
        let mut weights = vec![0.0; design.len()];
        for i in (0..design.len()).filter(|&i| used[i]) {
            let mean = Link::Logit.mean(state.eta[i]);
            let slope = Link::Logit.slope(mean);
            let h = design.n[i] * slope * blocks.leverage(design, i, &mut scratch);
            score.add_row(design, i, design.sum[i] - design.n[i] * mean + h * (0.5 - mean));
            weights[i] = (design.n[i] + h) * slope;
        }
        // With its leverage held fixed a cell acts like one of h more cases, half of them hits: the step is Newton's for these.
        let step = Blocks::of(design, &weights).and_then(|augmented| augmented.solve(&score, hold)).ok_or(Unfit::Collinear)?;
        let moved = (0..design.len()).filter(|&i| used[i]).map(|i| step.at(design, i).abs()).fold(0.0, f64::max);
        if !moved.is_finite() {
            return Err(Unfit::NotConverged);
        }
        // No predictor may leap by more than 5: there the quadratic picture of the likelihood does not hold.
        let mut by = (5.0 / moved).min(1.0);
        loop {
            let next = state.stepped(design, &step, by);
            if let Some(found) = Blocks::of(design, &next.weights(design, &used)) {
                let better = log_likelihood(design, &used, &next.eta) + 0.5 * found.ln_det();
                if better >= likelihood - 1e-10 * likelihood.abs().max(1.0) || by < 1e-6 {
                    (state, blocks, likelihood) = (next, found, better);
                    break;
                }
            } else if by < 1e-6 {
                return Err(Unfit::NotConverged);
            }
            by /= 2.0;
        }
        if moved <= SETTLED {
            return finished(design, state, used, &sums, steps, likelihood, Some(blocks));
        }
    }
    Err(Unfit::NotConverged)
}

/// `blocks` are given by the penalised fit, whose levels are never infinite.
fn finished<'a>(
    design: &'a Design,
    state: State,
    used: Vec<bool>,
    sums: &[(f64, f64)],
    steps: usize,
    log_likelihood: f64,
    blocks: Option<Blocks>,
) -> Result<Fit<'a>, Unfit> {
    let penalised = blocks.is_some();
    let State { mut at, .. } = state;
    if !penalised {
        for (level, &(n, hits)) in sums.iter().enumerate() {
            if hits == 0.0 || hits == n {
                at.levels[level] = if hits == 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
            }
        }
    }
    let state = State::new(design, at);
    let blocks = blocks.or_else(|| Blocks::of(design, &state.weights(design, &used))).ok_or(Unfit::Collinear)?;
    Ok(Fit {
        design,
        expected: state.eta.iter().map(|&eta| Link::Logit.mean(eta)).collect(),
        coefficients: state.at,
        blocks,
        used,
        dispersion: 1.0,
        link: Link::Logit,
        penalised,
        log_likelihood,
        steps,
        level_known: sums.iter().map(|&(n, _)| n > 0.0).collect(),
    })
}

/// Least squares, with each level of an absorbed factor its own intercept.
///
/// The variance of the model is the residual sum of squares over the cases less the coefficients; `Unfit::Empty` where there
/// are no more cases than coefficients.
///
/// ```
/// use goldpath::stats::regression::{Cell, Design, Errors, linear};
/// let mut design = Design::new(2);
/// for (x, y) in [(0.0, 1.0), (1.0, 3.0), (2.0, 4.0), (3.0, 8.0)] {
///     design.push(Cell::values(&[1.0, x], 1, y, y * y))?;
/// }
/// let fit = linear(&design)?;
/// assert!((fit.coefficients()[1] - 2.2).abs() < 1e-12);
/// # Ok::<(), goldpath::stats::regression::Unfit>(())
/// ```
pub fn linear(design: &Design) -> Result<Fit<'_>, Unfit> {
    let used: Vec<bool> = design.n.iter().map(|n| *n > 0.0).collect();
    let sums = design.level_sums();
    let cases: f64 = design.n.iter().sum();
    let free = cases - design.columns as f64 - sums.iter().filter(|(n, _)| *n > 0.0).count() as f64;
    if free <= 0.0 {
        return Err(Unfit::Empty);
    }
    let blocks = Blocks::of(design, &design.n).ok_or(Unfit::Collinear)?;
    let mut coefficients = Vector::zero(design);
    // A second round takes away the rounding of the first.
    for _ in 0..2 {
        let mut score = Vector::zero(design);
        for i in 0..design.len() {
            score.add_row(design, i, design.sum[i] - design.n[i] * coefficients.at(design, i));
        }
        let step = blocks.solve(&score, None).ok_or(Unfit::Collinear)?;
        coefficients.add_scaled(&step, 1.0);
    }
    let expected: Vec<f64> = (0..design.len()).map(|i| coefficients.at(design, i)).collect();
    let residual = |i: usize| (design.squares[i] - 2.0 * expected[i] * design.sum[i] + design.n[i] * expected[i] * expected[i]).max(0.0);
    let rss: f64 = (0..design.len()).map(residual).sum();
    let log_likelihood = -0.5 * cases * ((2.0 * std::f64::consts::PI * rss / cases).ln() + 1.0);
    Ok(Fit {
        design,
        coefficients,
        blocks,
        expected,
        used,
        dispersion: rss / free,
        link: Link::Identity,
        penalised: false,
        log_likelihood,
        steps: 1,
        level_known: sums.iter().map(|&(n, _)| n > 0.0).collect(),
    })
}
