//! Which of several wordings is best, from few data each: every track borrows from all of them.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::stats::{Beta, BetaPrior, Estimate, Interval, best, beta_prior, flip_weight, pareto_layers, shrink};
use crate::table::{Column, Table};

/// Probability of being the best from which a track is called the clear winner of its group.
pub const CLEAR: f64 = 0.9;
/// Tracks of a group that contend for being the best: those whose interval reaches highest.
const CONTENDERS: usize = 40;
/// Level of the intervals.
const LEVEL: f64 = 0.95;

/// Scores of customers: how many, their sum and the sum of their squares.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Feedback {
    /// Scores.
    pub n: f64,
    /// Their sum.
    pub sum: f64,
    /// The sum of their squares.
    pub squares: f64,
}

impl Feedback {
    /// Adds a score.
    pub fn add(&mut self, score: f64) {
        self.n += 1.0;
        self.sum += score;
        self.squares += score * score;
    }
}

/// What is known of one track.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Tracks of one group (a step, a knowledge point) compete with each other.
    pub group: u32,
    /// How often it went on to the next planned step; may be weighted.
    pub hits: f64,
    /// How often it was used.
    pub n: f64,
    /// What customers said of it.
    pub feedback: Feedback,
}

/// A track in its group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ranked {
    /// Share that goes on, drawn to what all tracks have in common, with its 95 % interval.
    pub advance: Interval,
    /// Mean feedback, drawn likewise; `None` where no track has any.
    pub feedback: Option<f64>,
    /// Probability of being the best of the group; 0 for those behind the 40 whose interval reaches highest.
    pub best: f64,
    /// What choosing it instead of the best loses on average, in shares.
    pub expected_loss: f64,
    /// Place in its group by the share that goes on, from 1; of equal ones by feedback.
    pub place: u32,
    /// Layer of its group over both criteria, from 1: nothing in a layer is behind another of it in both.
    pub layer: u32,
    /// Weight of the share that goes on (against feedback) below which this track overtakes the first of its group; `None`
    /// where no weight does. Feedback is taken in standard deviations between tracks, and so is the share.
    pub flip_weight: Option<f64>,
    /// It is the first of its group, and the best with a probability of at least [`CLEAR`].
    pub clear_winner: bool,
}

/// Ranked tracks, and what they have in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranking {
    /// What is expected of a track nothing is known of.
    pub prior: Beta,
    /// The tracks show no difference beyond chance.
    pub no_difference: bool,
    /// The tracks, in the order they were given.
    pub tracks: Vec<Ranked>,
}

/// Ranks tracks by empirical Bayes: the prior is the beta distribution under which the counts of all tracks, of all groups,
/// are likeliest; each track then is its own counts and the prior. Jeffreys' prior stands in where all ended alike.
///
/// ```
/// use goldpath::talk::{Feedback, Record, rank};
/// let record = |hits, n| Record { group: 0, hits, n, feedback: Feedback::default() };
/// let found = rank(&[record(1.0, 1.0), record(45.0, 100.0), record(20.0, 100.0)])?;
/// // One lucky use does not beat a hundred good ones by much, and nothing is clear.
/// assert!(found.tracks[0].advance.estimate < 0.6);
/// assert!(!found.tracks.iter().any(|track| track.clear_winner));
/// # Ok::<(), goldpath::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] where counts are negative, no numbers, or more hits than uses.
pub fn rank(records: &[Record]) -> Result<Ranking> {
    for (i, r) in records.iter().enumerate() {
        let fine = r.n >= 0.0
            && r.n.is_finite()
            && r.hits >= 0.0
            && r.hits <= r.n
            && r.feedback.n >= 0.0
            && r.feedback.sum.is_finite()
            && r.feedback.squares.is_finite();
        if !fine {
            return Err(Error::argument(&format!("records[{i}]"), format!("{} of {} is no count of a track", r.hits, r.n), "hits from 0 to n"));
        }
    }
    let counts: Vec<(f64, f64)> = records.iter().map(|r| (r.hits, r.n)).collect();
    let learned = beta_prior(&counts);
    let prior = learned.map_or(Beta::JEFFREYS, |found: BetaPrior| found.prior);
    let beliefs: Vec<Beta> = counts.iter().map(|&(hits, n)| prior.after(hits, n).unwrap_or(prior)).collect();
    let feedback = shrunk_feedback(records);
    let mut tracks: Vec<Ranked> = beliefs
        .iter()
        .zip(&feedback)
        .map(|(belief, &feedback)| {
            let plain = Interval { estimate: belief.mean(), low: 0.0, high: 1.0 };
            let advance = belief.interval(LEVEL).unwrap_or(plain);
            Ranked { advance, feedback, best: 0.0, expected_loss: 0.0, place: 0, layer: 1, flip_weight: None, clear_winner: false }
        })
        .collect();
    let mut groups: Vec<u32> = records.iter().map(|r| r.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let scales = (spread(tracks.iter().map(|t| t.advance.estimate)), spread(tracks.iter().filter_map(|t| t.feedback)));
    for group in groups {
        let members: Vec<usize> = (0..records.len()).filter(|&i| records[i].group == group).collect();
        place(&members, &beliefs, scales, &mut tracks);
    }
    Ok(Ranking { prior, no_difference: learned.is_some_and(|found| found.at_limit), tracks })
}

impl Ranking {
    /// One row a track, in the order they were given.
    pub fn table(&self) -> Table {
        let each = |f: fn(&Ranked) -> Option<f64>| Column::Float(self.tracks.iter().map(f).collect());
        let count = |f: fn(&Ranked) -> u32| Column::Int(self.tracks.iter().map(|t| Some(i64::from(f(t)))).collect());
        let mut table = Table::new("ranked_tracks");
        table.push("place", count(|t| t.place));
        table.push("advance_rate", each(|t| Some(t.advance.estimate)));
        table.push("advance_low", each(|t| Some(t.advance.low)));
        table.push("advance_high", each(|t| Some(t.advance.high)));
        table.push("best", each(|t| Some(t.best)));
        table.push("expected_loss", each(|t| Some(t.expected_loss)));
        table.push("feedback", each(|t| t.feedback));
        table.push("layer", count(|t| t.layer));
        table.push("flip_weight", each(|t| t.flip_weight));
        table.push("clear_winner", Column::Bool(self.tracks.iter().map(|t| Some(t.clear_winner)).collect()));
        table
    }
}

fn place(members: &[usize], beliefs: &[Beta], scales: (f64, f64), tracks: &mut [Ranked]) {
    // The work grows with the square of the tracks: those whose interval reaches highest contend.
    let mut contenders = members.to_vec();
    contenders.sort_by(|&a, &b| tracks[b].advance.high.total_cmp(&tracks[a].advance.high).then(a.cmp(&b)));
    contenders.truncate(CONTENDERS);
    let found = best(&contenders.iter().map(|&i| beliefs[i]).collect::<Vec<_>>());
    let largest = contenders.iter().zip(&found.expected_loss).map(|(&i, loss)| beliefs[i].mean() + loss).fold(0.0, f64::max);
    for &i in members {
        tracks[i].expected_loss = (largest - beliefs[i].mean()).max(0.0);
    }
    for (at, &i) in contenders.iter().enumerate() {
        tracks[i].best = found.probability[at];
    }
    let mut order = members.to_vec();
    // Of equal ones the one customers like better comes first.
    let liked = |i: usize| tracks[i].feedback.unwrap_or(f64::NEG_INFINITY);
    order.sort_by(|&a, &b| tracks[b].advance.estimate.total_cmp(&tracks[a].advance.estimate).then(liked(b).total_cmp(&liked(a))).then(a.cmp(&b)));
    for (at, &i) in order.iter().enumerate() {
        tracks[i].place = at as u32 + 1;
    }
    let Some(&first) = order.first() else { return };
    tracks[first].clear_winner = members.len() > 1 && tracks[first].best >= CLEAR;
    let point = |t: &Ranked| (t.advance.estimate / scales.0, t.feedback.map_or(0.0, |f| f / scales.1));
    let points: Vec<(f64, f64)> = members.iter().map(|&i| point(&tracks[i])).collect();
    if let Some(layers) = pareto_layers(&points) {
        members.iter().zip(layers).for_each(|(&i, layer)| tracks[i].layer = layer);
    }
    let top = point(&tracks[first]);
    for &i in members.iter().filter(|&&i| i != first) {
        tracks[i].flip_weight = flip_weight(top, point(&tracks[i]));
    }
}

/// Mean feedback of each track, drawn to the mean of all by as much as chance moves it; the mean of all where a track has none.
fn shrunk_feedback(records: &[Record]) -> Vec<Option<f64>> {
    let (mut n, mut within, mut with) = (0.0, 0.0, Vec::new());
    for (i, r) in records.iter().enumerate().filter(|(_, r)| r.feedback.n > 0.0) {
        n += r.feedback.n;
        within += r.feedback.squares - r.feedback.sum * r.feedback.sum / r.feedback.n;
        with.push(i);
    }
    if with.is_empty() {
        return vec![None; records.len()];
    }
    let spare = n - with.len() as f64;
    let variance = if spare > 0.0 { (within / spare).max(0.0) } else { 0.0 };
    let means: Vec<f64> = with.iter().map(|&i| records[i].feedback.sum / records[i].feedback.n).collect();
    let estimates: Vec<Estimate> =
        with.iter().zip(&means).map(|(&i, &estimate)| Estimate { estimate, se: (variance / records[i].feedback.n).sqrt() }).collect();
    let drawn: Vec<f64> = shrink(&estimates).map_or(means, |shrunk| shrunk.iter().map(|e| e.estimate).collect());
    let all = with.iter().map(|&i| records[i].feedback.sum).sum::<f64>() / n;
    let mut made = vec![Some(all); records.len()];
    with.iter().zip(drawn).for_each(|(&i, mean)| made[i] = Some(mean));
    made
}

/// Standard deviation between tracks; 1 where they do not differ.
fn spread(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len().max(1) as f64;
    if variance > 0.0 { variance.sqrt() } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranks_hold_together(counts in proptest::collection::vec((0u32..3, 0u32..20, 0u32..20, 0u32..5), 1..20)) {
            let records: Vec<Record> = counts.iter().map(|&(group, hits, miss, scores)| {
                let mut feedback = Feedback::default();
                (0..scores).for_each(|i| feedback.add(f64::from((i + hits) % 5)));
                Record { group, hits: f64::from(hits), n: f64::from(hits + miss), feedback }
            }).collect();
            let found = rank(&records).unwrap();
            for group in 0..3 {
                let members: Vec<&Ranked> = found.tracks.iter().zip(&records).filter(|(_, r)| r.group == group).map(|(t, _)| t).collect();
                if members.is_empty() { continue; }
                prop_assert!((members.iter().map(|t| t.best).sum::<f64>() - 1.0).abs() < 1e-9);
                let mut places: Vec<u32> = members.iter().map(|t| t.place).collect();
                places.sort_unstable();
                prop_assert_eq!(places, (1..=members.len() as u32).collect::<Vec<_>>());
                let first = members.iter().find(|t| t.place == 1).unwrap();
                prop_assert!(members.iter().all(|t| t.advance.estimate <= first.advance.estimate && t.expected_loss >= first.expected_loss - 1e-9));
                prop_assert_eq!(first.layer, 1);
            }
        }
    }

    #[test]
    fn of_equal_tracks_the_better_liked_is_first() {
        let track = |scores: &[f64]| {
            let mut feedback = Feedback::default();
            scores.iter().for_each(|&score| feedback.add(score));
            Record { group: 0, hits: 15.0, n: 28.0, feedback }
        };
        let found = rank(&[track(&[1.0, 2.0, 1.0]), track(&[4.0, 5.0, 4.0])]).unwrap();
        assert_eq!((found.tracks[0].place, found.tracks[1].place, found.tracks[1].layer), (2, 1, 1));
    }

    #[test]
    fn nothing_makes_no_winner() {
        assert!(rank(&[]).unwrap().tracks.is_empty());
        let none = Record { group: 0, hits: 0.0, n: 0.0, feedback: Feedback::default() };
        let found = rank(&[none, none]).unwrap();
        assert!((found.tracks[0].best - 0.5).abs() < 1e-9 && !found.tracks[0].clear_winner);
        assert_eq!(rank(&[Record { hits: 2.0, n: 1.0, ..none }]).unwrap_err().code(), "argument.invalid");
        assert_eq!(rank(&[Record { hits: f64::NAN, n: 1.0, ..none }]).unwrap_err().code(), "argument.invalid");
    }
}
