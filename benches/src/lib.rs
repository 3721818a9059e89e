//! Benchmarks of goldpath: criterion benches in `benches/`, side-by-side scripts against peers in `peers/`.

use goldpath::corpus::Conversation;
use goldpath::simulate::World;

/// Bare conversations of the default world: no words, about six events each.
pub fn bare(n: usize, seed: u64) -> Vec<Conversation> {
    World { words: false, ..World::default() }.stream(seed).take(n).collect()
}

/// A stream of random numbers from a seed (SplitMix64).
pub struct Random(pub u64);

impl Random {
    /// The next number.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number below another.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// One of a list.
    pub fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }
}

/// Slope of a straight line through the logarithms of the points: 1 is linear growth.
pub fn slope(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let n = logs.len() as f64;
    let (mx, my) = (logs.iter().map(|p| p.0).sum::<f64>() / n, logs.iter().map(|p| p.1).sum::<f64>() / n);
    logs.iter().map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / logs.iter().map(|(x, _)| (x - mx).powi(2)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_has_slope_one_and_a_square_two() {
        let points = |power: i32| (1..6).map(|i| (f64::from(i), f64::from(i).powi(power))).collect::<Vec<_>>();
        assert!((super::slope(&points(1)) - 1.0).abs() < 1e-12);
        assert!((super::slope(&points(2)) - 2.0).abs() < 1e-12);
    }
}
