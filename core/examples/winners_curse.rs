//! How much of a claimed effect is there, over many worlds in which nearly everything unplanned does nothing.
//!
//! `cargo run --release -p goldpath --features simulate --example winners_curse -- [worlds] [conversations]`

use goldpath::evidence::ChoiceKind;
use goldpath::improve::{ImproveOptions, InnovationStatus, Innovations};
use goldpath::simulate::{Deals, Effects, World};
use goldpath::{Corpus, Finding};

#[derive(Default)]
struct Bias {
    claims: u32,
    excess: f64,
}

impl Bias {
    fn note(&mut self, claimed: Option<f64>, truth: f64) {
        if let Some(claimed) = claimed {
            self.claims += 1;
            self.excess += claimed - truth;
        }
    }

    fn mean(&self) -> f64 {
        self.excess / f64::from(self.claims.max(1))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let worlds: u64 = arguments.next().map_or(Ok(100), |n| n.parse())?;
    let conversations: usize = arguments.next().map_or(Ok(6_000), |n| n.parse())?;
    let (mut earlier, mut later, mut proven, mut proven_nulls) = (Bias::default(), Bias::default(), Bias::default(), 0);
    for seed in 1..=worlds {
        let world =
            World { words: false, asides: 60, deals: Deals::Single, staff_seed: seed, truth_draws: 10_000, effects: Effects::default(), ..World::default() };
        let made = world.simulate(conversations, seed);
        let check = Corpus::from_conversations(made.conversations)?.check(&made.sop)?;
        let found = Innovations::of(&check, &ImproveOptions::default())?;
        for i in found.innovations.iter().filter(|i| i.choice.kind == ChoiceKind::Add && i.later.is_some()) {
            let truth = if i.choice.step == "roi_story" { made.truth.effect("roi_story").map_or(0.0, |e| e.win_difference) } else { 0.0 };
            let of = |f: &Option<Finding>| f.as_ref().and_then(|f| f.estimate);
            earlier.note(of(&i.mined), truth);
            later.note(of(&i.later), truth);
            if i.status == InnovationStatus::Proven {
                proven.note(of(&i.later), truth);
                proven_nulls += u32::from(truth == 0.0);
            }
        }
    }
    println!("{worlds} worlds of {conversations} conversations; claims found on the earlier cases: {}", later.claims);
    println!("claimed less true, by the earlier cases they were found on: {:+.4}", earlier.mean());
    println!("claimed less true, by the later cases: {:+.4}", later.mean());
    println!("claimed less true, of the {} proven ones by the later cases: {:+.4}; {proven_nulls} of them do nothing", proven.claims, proven.mean());
    Ok(())
}
