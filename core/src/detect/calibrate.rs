//! From scores to probabilities: right seven times in ten where 0.7 is said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::stats::regression::{Cell, Design, firth};

/// Whether a turn has one step at most, or may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    One,
    Several,
}

/// How scores become probabilities. Where a turn has one step: softmax of `scale` × score, mixed with the share `shift` of turns
/// that are labelled as if by chance. Where it may have several: a logistic curve with `scale` and `shift`, shared by all steps.
///
/// Source: J. C. Platt, *Probabilistic outputs for support vector machines* (1999); C. Guo, G. Pleiss, Y. Sun and K. Q.
/// Weinberger, *On calibration of modern neural networks*, ICML (2017).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Calibration {
    pub(super) mode: Mode,
    pub(super) scale: f64,
    pub(super) shift: f64,
}

/// The range in which the scale is looked for.
const LEAST: f64 = 0.05;
const MOST: f64 = 50.0;
/// Shares of turns labelled by chance that are tried.
const NOISE: [f64; 7] = [0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3];
/// Scores are counted in cells of this width for the logistic curve.
const CELL: f64 = 1.0 / 64.0;

impl Calibration {
    /// Fits to scores of texts that the machines had not seen.
    pub(super) fn fit(held: &[Held<'_>], mode: Mode) -> Self {
        let plain = Self { mode, scale: 2.0, shift: 0.0 };
        match mode {
            _ if held.is_empty() => plain,
            Mode::One => {
                let fits = NOISE.map(|noise| best_scale(held, noise));
                let best = fits.into_iter().reduce(|a, b| if b.0 > a.0 { b } else { a });
                best.map_or(plain, |(_, scale, noise)| Self { scale, shift: noise, ..plain })
            }
            Mode::Several => {
                let mut cells: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
                for text in held {
                    for (class, score) in text.scores.iter().enumerate() {
                        let cell = cells.entry((score / CELL).round() as i64).or_default();
                        cell.0 += text.classes.iter().filter(|(c, _)| *c == class as u32).map(|(_, n)| u64::from(*n)).sum::<u64>();
                        cell.1 += u64::from(text.times);
                    }
                }
                let mut design = Design::new(2);
                for (at, (hits, n)) in cells {
                    if design.push(Cell::counts(&[1.0, at as f64 * CELL], hits, n)).is_err() {
                        return plain;
                    }
                }
                firth(&design).map_or(plain, |fit| Self { scale: fit.coefficients()[1].clamp(LEAST, MOST), shift: fit.coefficients()[0], ..plain })
            }
        }
    }

    pub(super) fn probabilities(&self, scores: &[f32], into: &mut Vec<f64>) {
        into.clear();
        match self.mode {
            Mode::One => {
                let most = scores.iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b));
                let scale = self.scale as f32;
                let mut sum = 0.0;
                into.extend(scores.iter().map(|&s| {
                    let w = (scale * (s - most)).exp();
                    sum += w;
                    f64::from(w)
                }));
                let (by, rest) = ((1.0 - self.shift) / f64::from(sum), self.shift / scores.len() as f64);
                into.iter_mut().for_each(|p| *p = *p * by + rest);
            }
            Mode::Several => into.extend(scores.iter().map(|&s| 1.0 / (1.0 + (-(self.scale * f64::from(s) + self.shift)).exp()))),
        }
    }
}

/// A text that was held back, with its score for each class and how often it has each.
pub(super) struct Held<'a> {
    pub(super) scores: Vec<f64>,
    pub(super) classes: &'a [(u32, u32)],
    pub(super) times: u32,
}

/// The scale at which the labels are likeliest, with how likely they are: by thirds of its logarithm, for the likelihood has
/// one peak.
fn best_scale(held: &[Held<'_>], noise: f64) -> (f64, f64, f64) {
    let (mut low, mut high) = (LEAST.ln(), MOST.ln());
    for _ in 0..14 {
        let third = (high - low) / 3.0;
        if likelihood(held, (low + third).exp(), noise) < likelihood(held, (high - third).exp(), noise) {
            low += third;
        } else {
            high -= third;
        }
    }
    let scale = f64::midpoint(low, high).exp();
    (likelihood(held, scale, noise), scale, noise)
}

fn likelihood(held: &[Held<'_>], scale: f64, noise: f64) -> f64 {
    let mut sum = 0.0;
    for text in held {
        let most = text.scores.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        let weight = |s: f64| (scale * (s - most)).exp();
        let all: f64 = text.scores.iter().map(|&s| weight(s)).sum();
        for &(class, n) in text.classes {
            let prob = (1.0 - noise) * weight(text.scores[class as usize]) / all + noise / text.scores.len() as f64;
            sum += f64::from(n) * prob.max(f64::MIN_POSITIVE).ln();
        }
    }
    sum
}
