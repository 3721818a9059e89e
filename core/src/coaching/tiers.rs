//! Tiers (分层): what may be said of where a rep stands among the others, and `undetermined` where nothing may be said.

use serde::{Deserialize, Serialize};

use crate::stats::{Estimate, normal_cdf, normal_quantile};

/// Where a rep stands among all. A priority of looking, never a verdict on a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Almost surely in the upper third (or above the pass line by as much).
    Top,
    /// At or above the middle, and almost surely not in the lower third.
    Solid,
    /// Below the middle, and almost surely not in the upper third.
    Developing,
    /// Almost surely in the lower third, or below the pass line.
    BelowStandard,
    /// The cases do not tell.
    Undetermined,
}

impl Tier {
    /// The name of the tier, equal in the three languages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Top => "top",
            Self::Solid => "solid",
            Self::Developing => "developing",
            Self::BelowStandard => "below_standard",
            Self::Undetermined => "undetermined",
        }
    }
}

/// When a tier is named.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TierOptions {
    /// How probable it has to be.
    pub sure: f64,
    /// Fewest chances of the rep.
    pub least: u64,
    /// Fewest reps to stand among.
    pub reps: usize,
    /// Nobody is named where reps who are all alike would differ as much with more than this probability.
    pub alike: f64,
}

impl Default for TierOptions {
    fn default() -> Self {
        Self { sure: 0.9, least: 30, reps: 6, alike: 0.05 }
    }
}

/// Probabilities and what they allow to say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Standing {
    pub(crate) tier: Tier,
    pub(crate) upper: f64,
    pub(crate) lower: f64,
}

/// The tier of a level among levels that spread around 0 by `spread`: thirds of that distribution, by the posterior.
pub(crate) fn standing(level: Estimate, spread: f64, p_same: f64, n: u64, reps: usize, options: &TierOptions) -> Standing {
    // The point a third of a normal distribution lies above.
    let third = spread * normal_quantile(2.0 / 3.0);
    let above = |cut: f64| {
        if level.se > 0.0 {
            normal_cdf((level.estimate - cut) / level.se)
        } else if level.estimate == cut {
            0.5
        } else {
            f64::from(u8::from(level.estimate > cut))
        }
    };
    if spread <= 0.0 {
        return Standing { tier: Tier::Undetermined, upper: 1.0 / 3.0, lower: 1.0 / 3.0 };
    }
    let (upper, lower) = (above(third), 1.0 - above(-third));
    let sure = options.sure;
    let tier = if n < options.least || reps < options.reps || p_same > options.alike {
        Tier::Undetermined
    } else if upper >= sure {
        Tier::Top
    } else if lower >= sure {
        Tier::BelowStandard
    } else if level.estimate >= 0.0 && 1.0 - lower >= sure {
        Tier::Solid
    } else if level.estimate < 0.0 && 1.0 - upper >= sure {
        Tier::Developing
    } else {
        Tier::Undetermined
    };
    Standing { tier, upper, lower }
}
