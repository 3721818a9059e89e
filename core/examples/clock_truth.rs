//! Holds the landmark rule against the truth: calls that end before the choice could be made, over many seeds, once with a
//! clock and once without.
//!
//! `cargo run --release -p goldpath --features simulate --example clock_truth [seeds] [calls]`

use goldpath::evidence::{ChoiceKind, Verdict};
use goldpath::simulate::{Clock, ClockChoice, ClockWorld};
use goldpath::{Corpus, review};

const CHOICES: [(&str, ClockChoice, ChoiceKind, &str); 3] = [
    ("skip need", ClockChoice::SkipNeed, ChoiceKind::Skip, "need"),
    ("story", ClockChoice::Story, ChoiceKind::Add, "story"),
    ("weather", ClockChoice::Weather, ChoiceKind::Add, "weather"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut asked = std::env::args().skip(1);
    let seeds: u64 = asked.next().map_or(Ok(20), |text| text.parse())?;
    let calls: usize = asked.next().map_or(Ok(10_000), |text| text.parse())?;
    println!("{:10} {:10} {:>9} {:>8} {:>8} {:>8} {:>9} {:>9}", "clock", "choice", "landmark", "truth", "mean", "width", "covered", "declared");
    for (clock, unit) in [(Clock::Turns, 1), (Clock::Times, 20_000), (Clock::None, 1)] {
        let world = ClockWorld { clock, ..ClockWorld::default() };
        let mut scores = [(0u32, 0.0, 0.0, 0.0, 0u32, 0u32, 0i64); 3];
        for seed in 1..=seeds {
            let review = review(&Corpus::from_conversations(world.simulate(calls, seed))?, &world.sop()?)?;
            for (score, (_, choice, kind, step)) in scores.iter_mut().zip(CHOICES) {
                let found = review
                    .findings()
                    .iter()
                    .find(|f| f.what.kind == kind && f.what.step == step && (kind == ChoiceKind::Skip || f.point.as_deref() == Some("need")));
                let Some((f, i)) = found.and_then(|f| Some((f, f.interval()?))) else { continue };
                // Without a clock the question is the same; the landmark of the others answers it.
                let wait = f.landmark.map_or(if choice == ClockChoice::SkipNeed { 14 } else { 13 }, |landmark| landmark.wait / unit);
                let truth = world.truth(choice, wait as u32, 40_000).effect;
                score.0 += 1;
                score.1 += truth;
                score.2 += i.estimate;
                score.3 += i.high - i.low;
                score.4 += u32::from(i.low <= truth && truth <= i.high);
                score.5 += u32::from(matches!(f.verdict, Verdict::Helps | Verdict::Hurts));
                score.6 += f.landmark.map_or(0, |landmark| landmark.wait);
            }
        }
        for (score, (name, ..)) in scores.iter().zip(CHOICES) {
            let n = f64::from(score.0.max(1));
            println!(
                "{:10} {name:10} {:9.1} {:+8.4} {:+8.4} {:8.4} {:>5}/{:<3} {:>5}/{:<3}",
                format!("{clock:?}"),
                score.6 as f64 / n,
                score.1 / n,
                score.2 / n,
                score.3 / n,
                score.4,
                score.0,
                score.5,
                score.0
            );
        }
    }
    Ok(())
}
