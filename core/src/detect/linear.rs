//! A linear machine for each step: L2-regularised squared hinge, by coordinate descent on the dual.
//!
//! Source: C.-J. Hsieh, K.-W. Chang, C.-J. Lin, S. S. Keerthi and S. Sundararajan, *A dual coordinate descent method for
//! large-scale linear SVM*, ICML (2008) 408–415. Two things differ. Equal texts are one row with
//! how often it is of the step and how often not, and one dual variable, solved exactly: texts that are labelled both ways
//! would else take thousands of passes. And the offset is drawn to −1 ("not this step") instead of 0, so that the many texts
//! that are clearly something else never take part.

use crate::stats::rng::Rng;

/// Examples as rows of one sparse matrix.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) index: Vec<u32>,
    pub(super) value: Vec<f32>,
    pub(super) end: Vec<usize>,
    /// Squared length of each with its offset.
    squares: Vec<f32>,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.end.len()
    }

    pub(super) fn push(&mut self, index: &[u32], value: &[f32]) {
        self.index.extend_from_slice(index);
        self.value.extend_from_slice(value);
        self.end.push(self.index.len());
        self.squares.push(1.0 + value.iter().map(|v| v * v).sum::<f32>());
    }

    pub(super) fn append(&mut self, other: Self) {
        let before = self.index.len();
        self.index.extend(other.index);
        self.value.extend(other.value);
        self.end.extend(other.end.into_iter().map(|end| before + end));
        self.squares.extend(other.squares);
    }

    fn row(&self, i: usize) -> (&[u32], &[f32]) {
        let from = if i == 0 { 0 } else { self.end[i - 1] };
        (&self.index[from..self.end[i]], &self.value[from..self.end[i]])
    }
}

/// Weights of one step and the offset.
#[derive(Debug, Clone, Default)]
pub(super) struct Machine {
    pub(super) weights: Vec<f32>,
    pub(super) offset: f32,
    /// How much of each row is in the weights: the dual variables, from which the next fit begins.
    dual: Vec<f32>,
}

/// How often a row is of the step, and how often not; neither where it does not take part.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Times {
    pub(super) yes: f32,
    pub(super) no: f32,
}

/// Most passes over all rows, and over those that still move between two of them.
const PASSES: usize = 40;
const QUICK: usize = 3;
/// A pass that changes no score by more is the last.
const TOLERANCE: f32 = 0.3;
/// A row whose score moved by less is still.
const STILL: f32 = 0.05;

impl Machine {
    fn add(&mut self, (index, value): (&[u32], &[f32]), by: f32) {
        if by != 0.0 {
            for (&j, &v) in index.iter().zip(value) {
                self.weights[j as usize] += by * v;
            }
            self.offset += by;
        }
    }

    /// How far a row is on the side of the step.
    pub(super) fn score(&self, rows: &Rows, i: usize) -> f32 {
        let (index, value) = rows.row(i);
        self.offset + dot(&self.weights, index, value)
    }

    /// Fits to rows; begins from what was fitted before, if anything. The same whatever else runs.
    pub(super) fn fit(&mut self, rows: &Rows, features: usize, times: &[Times], cost: f32, seed: u64) {
        let n = rows.len();
        if self.dual.is_empty() {
            self.dual = vec![0.0; n];
            self.weights = vec![0.0; features];
            self.offset = -1.0;
        }
        let takes_part = |i: &u32| times[*i as usize] != Times::default();
        // What no longer takes part is taken back.
        for i in (0..n as u32).filter(|i| !takes_part(i)) {
            let dual = std::mem::take(&mut self.dual[i as usize]);
            self.add(rows.row(i as usize), -dual);
        }
        let all: Vec<u32> = (0..n as u32).filter(takes_part).collect();
        let mut rng = Rng::of(seed, 0);
        let mut moving: Vec<u32> = Vec::with_capacity(all.len());
        for _ in 0..PASSES {
            moving.clear();
            moving.extend(&all);
            if self.pass(rows, times, cost, &mut rng, &mut moving) <= TOLERANCE {
                break;
            }
            // Most rows have found their place: between two passes over all, only those that still move are looked at.
            for _ in 0..QUICK {
                if moving.is_empty() || self.pass(rows, times, cost, &mut rng, &mut moving) <= TOLERANCE {
                    break;
                }
            }
        }
    }

    /// Solves one row after the other, in random order, and keeps those that moved; by how much the score of one moved most.
    fn pass(&mut self, rows: &Rows, times: &[Times], cost: f32, rng: &mut Rng, moving: &mut Vec<u32>) -> f32 {
        let (mut most, mut kept) = (0.0f32, 0);
        for at in 0..moving.len() {
            let other = at + rng.below(moving.len() - at);
            moving.swap(at, other);
            let number = moving[at];
            let i = number as usize;
            let (yes, no) = (2.0 * cost * times[i].yes, 2.0 * cost * times[i].no);
            let by = change(self.score(rows, i), self.dual[i], rows.squares[i], yes, no);
            let moved = by.abs() * rows.squares[i];
            if moved > 1e-6 {
                self.dual[i] += by;
                self.add(rows.row(i), by);
            }
            most = most.max(moved);
            if moved > STILL {
                moving[kept] = number;
                kept += 1;
            }
        }
        moving.truncate(kept);
        most
    }
}

/// By how much the dual variable of a row has to change so that it is what its score asks for, minus the slope of its loss:
/// yes·max(0, 1 − s) − no·max(0, 1 + s) with s = score + change × square. That falls with s in three straight pieces, so
/// one of them holds the answer.
#[inline]
fn change(score: f32, dual: f32, square: f32, yes: f32, no: f32) -> f32 {
    let piece = |at_zero: f32, slope: f32| (at_zero - slope * score - dual) / (1.0 + slope * square);
    let both = piece(yes - no, yes + no);
    let s = score + both * square;
    if s < -1.0 {
        piece(yes, yes)
    } else if s > 1.0 {
        piece(-no, no)
    } else {
        both
    }
}

/// Four sums at once: one alone waits for each addition before the next.
#[inline]
fn dot(weights: &[f32], index: &[u32], value: &[f32]) -> f32 {
    let mut sums = [0.0f32; 4];
    let (fours, values) = (index.chunks_exact(4), value.chunks_exact(4));
    let rest: f32 = fours.remainder().iter().zip(values.remainder()).map(|(&j, &v)| weights[j as usize] * v).sum();
    for (four, values) in fours.zip(values) {
        for k in 0..4 {
            sums[k] += weights[four[k] as usize] * values[k];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// After the change the dual variable is exactly what the new score asks for.
        #[test]
        fn one_row_is_solved(score in -3.0f32..3.0, dual in -4.0f32..4.0, square in 0.5f32..3.0, yes in 0.0f32..9.0, no in 0.0f32..9.0) {
            let by = change(score, dual, square, yes, no);
            let s = score + by * square;
            let asked = yes * (1.0 - s).max(0.0) - no * (1.0 + s).max(0.0);
            prop_assert!((dual + by - asked).abs() < 1e-3, "{} {}", dual + by, asked);
        }
    }
}
