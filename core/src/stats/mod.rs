//! Exact kernels of statistics: each a small function with its source. Knows no word of sales.
//!
//! In: counts and numbers. Out: estimates with intervals, tests, fits. Every function is checked against independent
//! reference values and for what must always hold. What is undefined is `None` or an error, never not-a-number. Kernels
//! over many cases take aggregated cells and sum in fixed point, so that no order of work can change a result.
// Formulas keep the letters of their papers; a comparison with not-a-number has to fail.
#![allow(clippy::many_single_char_names, clippy::neg_cmp_op_on_partial_ord, clippy::nonminimal_bool)]

mod agreement;
mod ancova;
mod best;
mod beta;
mod bootstrap;
mod breslow_day;
mod causal;
mod changes;
mod charts;
mod cholesky;
mod drift;
mod evalue;
mod fixed;
mod histogram;
mod interval;
mod level;
mod levels;
mod mantel_haenszel;
mod multiplicity;
mod pareto;
mod pooling;
mod power;
mod proportions;
mod ranks;
mod ratings;
mod ratios;
pub mod regression;
pub(crate) mod rng;
mod score;
mod sequential;
mod special;
mod stratified_mean;
pub mod survival;
mod switch;
mod two_sample;
mod watch;

pub use agreement::{cohen_kappa, matched_difference};
pub use ancova::{Ancova, AncovaRow, ancova, ancova_stacked};
pub use best::{Best, best};
pub use beta::{Beta, BetaPrior, beta_prior};
pub use bootstrap::{Bootstrap, acceleration, cluster_bootstrap};
pub use breslow_day::{BreslowDay, breslow_day};
pub use causal::{Causal, CausalCell, Influence, Outcomes, causal};
pub use changes::{PageHinkley, RunLength, changes};
pub use charts::{cusum, ewma, risk_adjusted_cusum, risk_adjusted_limit};
pub use drift::{g_test, jensen_shannon, total_variation};
pub use evalue::{EValue, e_value, e_value_difference, e_value_hazard, e_value_means, e_value_odds};
pub use fixed::FixedSum;
pub use histogram::Histogram;
pub use interval::{Estimate, Interval, Test};
pub use level::{LocalLevel, discounted, local_level};
pub use levels::{LevelCell, Levels, expit, levels};
pub use mantel_haenszel::{MantelHaenszel, TwoByTwo};
pub use multiplicity::{benjamini_hochberg, benjamini_yekutieli, bonferroni, e_benjamini_hochberg, holm, two_stage};
pub use pareto::{flip_weight, pareto_layers};
pub use pooling::{Pooled, given_selected, pool, shrink};
pub use power::{cases_needed, minimum_detectable, power};
pub use proportions::{equal_proportions, newcombe, wilson};
pub use ranks::{RankTest, hodges_lehmann, mann_whitney};
pub use ratings::{Glicko, elo, trueskill};
pub use ratios::{fisher_exact, odds_ratio, risk_ratio};
pub(crate) use rng::{Rng, key};
pub use score::{score_difference, score_odds_ratio, score_ratio};
pub use sequential::{confidence_sequence, information_needed, mean_evidence, pairs_evidence, share_evidence, strata_evidence};
pub(crate) use special::{chi2_sf, level_t, level_z, normal_cdf, normal_quantile, normal_two_sided, t_two_sided};
pub use stratified_mean::{stratified_mean, weighted_mean};
pub use switch::{SwitchEffect, UnitPeriod, switch_effect, switch_information};
pub use two_sample::{Moments, welch, welch_test};
pub use watch::{Watch, WatchLimits, Watched};
