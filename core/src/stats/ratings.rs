//! Ratings from who did better against whom; the opponent may be how hard a kind of case is.

use super::special::{normal_cdf, normal_pdf};

/// Elo's new ratings after `a` scored `score` (1 won, ½ drawn, 0 lost) against `b`; `k` is the most that can change.
///
/// Source: A. E. Elo, *The rating of chessplayers, past and present* (1978).
///
/// ```
/// assert_eq!(goldpath::stats::elo(1500.0, 1500.0, 1.0, 32.0), (1516.0, 1484.0));
/// ```
pub fn elo(a: f64, b: f64, score: f64, k: f64) -> (f64, f64) {
    let moved = k * (score - 1.0 / (1.0 + 10f64.powf((b - a) / 400.0)));
    (a + moved, b - moved)
}

/// A Glicko-2 rating.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Glicko {
    /// The rating, 1500 to begin with.
    pub rating: f64,
    /// How uncertain it is: a standard deviation, 350 to begin with.
    pub deviation: f64,
    /// How erratic the results are, 0.06 to begin with.
    pub volatility: f64,
}

impl Glicko {
    /// The rating after a period of games: (opponent's rating, opponent's deviation, score). Without games it only becomes less
    /// certain. `tau` says how much the volatility may change, 0.3 to 1.2. `None` where a deviation, the volatility or `tau` is
    /// not positive or a number not finite.
    ///
    /// Source: M. E. Glickman, *Example of the Glicko-2 system* (2013), with its scale and its iteration.
    ///
    /// ```
    /// use goldpath::stats::Glicko;
    /// let before = Glicko { rating: 1500.0, deviation: 200.0, volatility: 0.06 };
    /// let after = before.after(&[(1400.0, 30.0, 1.0), (1550.0, 100.0, 0.0), (1700.0, 300.0, 0.0)], 0.5).unwrap();
    /// assert!((after.rating - 1464.05).abs() < 0.01 && (after.deviation - 151.52).abs() < 0.01);
    /// ```
    pub fn after(self, games: &[(f64, f64, f64)], tau: f64) -> Option<Self> {
        const SCALE: f64 = 173.7178;
        let positive = |x: f64| x > 0.0 && x.is_finite();
        let fine = |g: &(f64, f64, f64)| g.0.is_finite() && positive(g.1) && (0.0..=1.0).contains(&g.2);
        if !(self.rating.is_finite() && positive(self.deviation) && positive(self.volatility) && positive(tau) && games.iter().all(fine)) {
            return None;
        }
        let (mu, phi, sigma) = ((self.rating - 1500.0) / SCALE, self.deviation / SCALE, self.volatility);
        if games.is_empty() {
            return Some(Self { deviation: phi.hypot(sigma) * SCALE, ..self });
        }
        let (mut information, mut off) = (0.0, 0.0);
        for &(rating, deviation, score) in games {
            let (other, spread) = ((rating - 1500.0) / SCALE, deviation / SCALE);
            let g = 1.0 / (1.0 + 3.0 * spread * spread / (std::f64::consts::PI * std::f64::consts::PI)).sqrt();
            let expected = 1.0 / (1.0 + (-g * (mu - other)).exp());
            information += g * g * expected * (1.0 - expected);
            off += g * (score - expected);
        }
        let v = 1.0 / information;
        let sigma = volatility(v * off, phi, v, sigma, tau);
        let before = phi * phi + sigma * sigma;
        let after = 1.0 / (1.0 / before + information);
        Some(Self { rating: (mu + after * off) * SCALE + 1500.0, deviation: after.sqrt() * SCALE, volatility: sigma })
    }
}

/// The new volatility: the root of Glickman's equation by the Illinois method.
fn volatility(delta: f64, phi: f64, v: f64, sigma: f64, tau: f64) -> f64 {
    let start = (sigma * sigma).ln();
    let f = |x: f64| {
        let e = x.exp();
        let total = phi * phi + v + e;
        e * (delta * delta - total) / (2.0 * total * total) - (x - start) / (tau * tau)
    };
    let (mut a, mut b) = (start, start - tau);
    if delta * delta > phi * phi + v {
        b = (delta * delta - phi * phi - v).ln();
    } else {
        while f(b) < 0.0 {
            b -= tau;
        }
    }
    let (mut fa, mut fb) = (f(a), f(b));
    for _ in 0..200 {
        if (b - a).abs() <= 1e-10 || fa == fb {
            break;
        }
        let c = a + (a - b) * fa / (fb - fa);
        let fc = f(c);
        if fc * fb <= 0.0 {
            (a, fa) = (b, fb);
        } else {
            fa /= 2.0;
        }
        (b, fb) = (c, fc);
    }
    (a / 2.0).exp()
}

/// TrueSkill's new beliefs (mean, standard deviation) after the first won against the second, without draws. `beta` is the
/// spread of a single performance, `tau` what skill may have changed since; half and a hundredth of the first deviation are usual.
/// `None` where a deviation or `beta` is not positive.
///
/// Source: R. Herbrich, T. Minka and T. Graepel, *TrueSkill: a Bayesian skill rating system*, NIPS 19 (2006) 569–576.
///
/// ```
/// let fresh = (25.0, 25.0 / 3.0);
/// let (winner, loser) = goldpath::stats::trueskill(fresh, fresh, 25.0 / 6.0, 25.0 / 300.0).unwrap();
/// assert!((winner.0 - 29.2055).abs() < 1e-4 && (winner.0 + loser.0 - 50.0).abs() < 1e-9);
/// ```
pub fn trueskill(winner: (f64, f64), loser: (f64, f64), beta: f64, tau: f64) -> Option<((f64, f64), (f64, f64))> {
    if !(winner.1 > 0.0 && loser.1 > 0.0 && beta > 0.0 && tau >= 0.0) {
        return None;
    }
    let variance = |skill: (f64, f64)| skill.1 * skill.1 + tau * tau;
    let (first, second) = (variance(winner), variance(loser));
    let total = 2.0 * beta * beta + first + second;
    let t = (winner.0 - loser.0) / total.sqrt();
    // φ/Φ tends to −t where the outcome was beyond belief.
    let v = if normal_cdf(t) > 1e-300 { normal_pdf(t) / normal_cdf(t) } else { -t };
    let w = (v * (v + t)).clamp(0.0, 1.0);
    let moved =
        |skill: (f64, f64), variance: f64, sign: f64| (skill.0 + sign * variance / total.sqrt() * v, (variance * (1.0 - variance / total * w)).max(0.0).sqrt());
    Some((moved(winner, first, 1.0), moved(loser, second, -1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn winning_never_lowers(a in 500.0f64..2500.0, b in 500.0f64..2500.0, s1 in 0.5f64..10.0, s2 in 0.5f64..10.0, d in 30.0f64..350.0) {
            let (x, y) = elo(a, b, 1.0, 32.0);
            prop_assert!(x >= a && (x + y - a - b).abs() < 1e-9);
            let (winner, loser) = trueskill((a / 50.0, s1), (b / 50.0, s2), 4.0, 0.0).unwrap();
            prop_assert!(winner.0 >= a / 50.0 && loser.0 <= b / 50.0 && winner.1 <= s1 + 1e-12 && loser.1 <= s2 + 1e-12);
            let glicko = Glicko { rating: a, deviation: d, volatility: 0.06 };
            let (won, lost) = (glicko.after(&[(b, d, 1.0)], 0.5).unwrap(), glicko.after(&[(b, d, 0.0)], 0.5).unwrap());
            prop_assert!(won.rating >= a && lost.rating <= a && won.volatility > 0.0);
        }
    }

    #[test]
    fn refused() {
        assert_eq!(trueskill((1.0, 0.0), (1.0, 1.0), 1.0, 0.0), None);
        assert_eq!(Glicko { rating: 1500.0, deviation: 0.0, volatility: 0.06 }.after(&[], 0.5), None);
    }
}
