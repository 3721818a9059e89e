//! Random numbers that are the same everywhere: the stream of SplitMix64, made of exact operations only.
//!
//! Source: G. L. Steele, D. Lea and C. H. Flood, *Fast splittable pseudorandom number generators*, OOPSLA (2014) 453–472.

pub(crate) const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// The output function of SplitMix64.
pub(crate) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The key of the draws numbered `index` under `seed`.
pub(crate) fn key(seed: u64, index: u64) -> u64 {
    mix(mix(seed.wrapping_add(GAMMA)).wrapping_add(index.wrapping_mul(GAMMA)))
}

/// A number in [0, 1) from 64 random bits.
pub(crate) fn to_unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Rng {
    state: u64,
}

impl Rng {
    /// The stream `name` of the draws under a key.
    pub(crate) fn of(key: u64, name: u64) -> Self {
        Self { state: mix(key ^ mix(name.wrapping_add(GAMMA))) }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GAMMA);
        mix(self.state)
    }

    /// A number in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        to_unit(self.next())
    }

    /// A number below `n`; 0 where `n` is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
}
