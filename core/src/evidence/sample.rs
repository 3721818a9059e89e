//! What a hand-reviewed sample would have concluded, beside the full volume.
//!
//! A reader of k conversations sees the plain difference between those in which a choice was made and the others at its point,
//! without adjusting for anything, and believes it where its 95 % interval (Newcombe's) leaves nothing out. How often a sample
//! would show a choice at all is exact (hypergeometric); what it would conclude is counted over seeded draws without replacement,
//! so that the same findings give the same figures.

use serde::Serialize;

use super::effects::LEVEL;
use super::finding::{Finding, Verdict};
use crate::stats::newcombe;
use crate::stats::rng::{Rng, key};
use crate::table::{Column, Table};
use crate::words::{self, Lang};

/// Samples drawn for each finding.
const DRAWS: u32 = 1_000;
/// Most conversations of a sample that are drawn.
const LARGEST: u64 = 2_000;
/// The same draws every time.
const SEED: u64 = 0x7361_6d70;

/// What samples would have said of one finding. Shares of all samples.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleReading {
    /// What kind of choice.
    pub kind: &'static str,
    /// Step it is about.
    pub step: String,
    /// Title of the step after which it is made.
    pub point: Option<String>,
    /// What the full volume says.
    pub verdict: Verdict,
    /// Its estimate.
    pub estimate: Option<f64>,
    /// The choice occurs in the sample at all: exact.
    pub seen: f64,
    /// The sample would have concluded that it goes with a higher outcome; `None` for numbers, of which a finding keeps too little.
    pub higher: Option<f64>,
    /// That it goes with a lower one.
    pub lower: Option<f64>,
    /// Both sides are there, and the plain difference has the other sign than the estimate.
    pub wrong_sign: Option<f64>,
}

/// What a hand-reviewed sample would have concluded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleBias {
    /// Conversations of the sample.
    pub sample: u64,
    /// Conversations with a decided outcome, of which it is drawn.
    pub cases: u64,
    /// Samples drawn for each finding.
    pub draws: u32,
    /// One reading for each finding with cases on both sides, in their order.
    pub readings: Vec<SampleReading>,
    /// Findings of the full volume with a verdict.
    pub clear: u64,
    /// How many of these a sample shows, on average.
    pub found: f64,
    /// For how many of these it concludes the opposite, on average.
    pub reversed: f64,
    /// For how many without an effect, or without enough evidence in the full volume, it concludes one, on average.
    pub false_alarms: f64,
}

impl SampleBias {
    /// It in one sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        words::sample_bias(self, lang)
    }

    /// The readings as a table, a row each.
    pub fn table(&self) -> Table {
        let text = |of: &dyn Fn(&SampleReading) -> Option<String>| Column::Text(self.readings.iter().map(|r| of(r).map(Into::into)).collect());
        let float = |of: fn(&SampleReading) -> Option<f64>| Column::Float(self.readings.iter().map(of).collect());
        let mut table = Table::new("sample_bias");
        table.push("kind", text(&|r| Some(r.kind.to_owned())));
        table.push("step", text(&|r| Some(r.step.clone())));
        table.push("point", text(&|r| r.point.clone()));
        table.push("verdict", text(&|r| Some(r.verdict.name().to_owned())));
        table.push("estimate", float(|r| r.estimate));
        table.push("seen", float(|r| Some(r.seen)));
        table.push("higher", float(|r| r.higher));
        table.push("lower", float(|r| r.lower));
        table.push("wrong_sign", float(|r| r.wrong_sign));
        table
    }
}

/// What samples of `sample` of `cases` decided cases would have concluded about these findings.
pub(crate) fn sample_bias(findings: &[Finding], cases: u64, sample: u64) -> SampleBias {
    let sample = sample.min(cases);
    let mut bias = SampleBias { sample, cases, draws: DRAWS, readings: Vec::new(), clear: 0, found: 0.0, reversed: 0.0, false_alarms: 0.0 };
    for (number, f) in findings.iter().enumerate().filter(|(_, f)| f.treated.n > 0 && f.control.n > 0) {
        let drawn = (!f.numeric() && sample <= LARGEST).then(|| draw(f, cases, sample, number as u64));
        let reading = SampleReading {
            kind: f.kind(),
            step: f.step().to_owned(),
            point: f.point.clone(),
            verdict: f.verdict,
            estimate: f.estimate,
            seen: seen(f.treated.n, cases, sample),
            higher: drawn.map(|d| d[0]),
            lower: drawn.map(|d| d[1]),
            wrong_sign: drawn.map(|d| d[2]),
        };
        let clear = matches!(f.verdict, Verdict::Helps | Verdict::Hurts);
        bias.clear += u64::from(clear);
        if let Some([higher, lower, _]) = drawn {
            let (same, other) = if f.estimate.is_some_and(|e| e > 0.0) { (higher, lower) } else { (lower, higher) };
            if clear {
                bias.found += same;
                bias.reversed += other;
            } else {
                bias.false_alarms += higher + lower;
            }
        }
        bias.readings.push(reading);
    }
    bias
}

/// Probability that at least one of `made` among `cases` is in a sample: 1 − C(cases − made, k)/C(cases, k).
fn seen(made: u64, cases: u64, sample: u64) -> f64 {
    let made = made.min(cases);
    if made + sample > cases {
        return 1.0;
    }
    let log: f64 = (0..sample).map(|i| ((cases - made - i) as f64 / (cases - i) as f64).ln()).sum();
    -log.exp_m1()
}

/// Shares of samples that conclude more, less, and of those whose plain difference has the wrong sign.
fn draw(f: &Finding, cases: u64, sample: u64, number: u64) -> [f64; 3] {
    let all = [f.treated.won, f.treated.n - f.treated.won, f.control.won, f.control.n - f.control.won];
    let mut rng = Rng::of(key(SEED, number), 0);
    let mut counts = [0u32; 3];
    for _ in 0..DRAWS {
        let (mut urn, mut left, mut got) = (all, cases.max(all.iter().sum()), [0u64; 4]);
        for _ in 0..sample {
            let mut at = (rng.unit() * left as f64) as u64;
            left -= 1;
            for (kind, n) in urn.iter_mut().enumerate() {
                if at < *n {
                    *n -= 1;
                    got[kind] += 1;
                    break;
                }
                at -= *n;
            }
        }
        let Some(i) = newcombe(got[0], got[0] + got[1], got[2], got[2] + got[3], LEVEL) else { continue };
        counts[0] += u32::from(i.low > 0.0);
        counts[1] += u32::from(i.high < 0.0);
        counts[2] += u32::from(f.estimate.is_some_and(|e| e * i.estimate < 0.0));
    }
    counts.map(|n| f64::from(n) / f64::from(DRAWS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_exact() {
        // One of four, a sample of two: half.
        assert!((seen(1, 4, 2) - 0.5).abs() < 1e-12);
        assert!((seen(2, 5, 2) - (1.0 - 3.0 / 10.0)).abs() < 1e-12);
        assert_eq!((seen(3, 4, 2), seen(0, 4, 2)), (1.0, 0.0));
    }
}
