//! Random numbers that are the same everywhere: SplitMix64 and an exponential made of exact operations only.
//!
//! A draw is a pure function of a key and a slot (SplitMix64 of Steele, Lea and Flood, 2014, jumped to a counter). So two
//! runs of one case that differ in one choice still share every other draw, which is what counterfactuals need, and no
//! order of work or number of threads can change a result. `f64::exp` differs between platforms in the last bit and is
//! not used; `+ − × ÷` do not.

use crate::stats::rng::{GAMMA, key, mix, to_unit};

pub(super) use crate::stats::rng::Rng;

/// The draws of one case, each named by a slot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draws {
    key: u64,
}

impl Draws {
    /// The draws of case `index` under `seed`.
    pub(super) fn new(seed: u64, index: u64) -> Self {
        Self { key: key(seed, index) }
    }

    /// A number in [0, 1), the same each time for one slot.
    #[inline]
    pub(super) fn at(self, slot: u64) -> f64 {
        to_unit(mix(self.key.wrapping_add(slot.wrapping_add(1).wrapping_mul(GAMMA))))
    }

    /// A stream of numbers that shares nothing with the slots.
    pub(super) fn stream(self, name: u64) -> Rng {
        Rng::of(self.key, name)
    }
}

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Draws::new(seed, 0).stream(0)
    }

    /// True with probability `p`.
    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// One of the items; `None` where there are none.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// About normal with mean 0 and variance 1: the sum of twelve.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// e to the x, for |x| ≤ 700: x = k ln 2 + r with |r| ≤ ½ ln 2, and eleven terms of the series of r.
pub(super) fn exp(x: f64) -> f64 {
    let x = x.clamp(-700.0, 700.0);
    let k = (x * std::f64::consts::LOG2_E + 0.5).floor();
    let r = x - k * std::f64::consts::LN_2;
    let series = (1..=12).rev().fold(1.0, |sum, n| 1.0 + sum * r / f64::from(n));
    series * f64::from_bits(((k as i64 + 1023) as u64) << 52)
}

/// The probability that has these log-odds.
pub(super) fn expit(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_agrees_with_the_platform() {
        for i in -600..=600 {
            let x = f64::from(i) / 20.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-12, "{x}");
        }
    }

    #[test]
    fn draws_are_even_and_repeatable() {
        let mean = (0..10_000).map(|i| Draws::new(7, i).at(3)).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        assert_eq!(Draws::new(7, 1).at(2).to_bits(), Draws::new(7, 1).at(2).to_bits());
        let mut rng = Rng::new(1);
        let variance = (0..10_000).map(|_| rng.normal()).map(|x| x * x).sum::<f64>() / 10_000.0;
        assert!((variance - 1.0).abs() < 0.05, "{variance}");
    }
}
