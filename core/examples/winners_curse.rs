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
    squares: f64,
}

impl Bias {
    fn note(&mut self, claimed: Option<f64>, truth: f64) {
        if let Some(claimed) = claimed {
            self.claims += 1;
            self.excess += claimed - truth;
            self.squares += (claimed - truth).powi(2);
        }
    }

    /// The mean excess and its standard error.
    fn tell(&self) -> String {
        let n = f64::from(self.claims.max(1));
        let mean = self.excess / n;
        format!("{mean:+.4} (standard error {:.4}, {} claims)", (self.squares / n - mean * mean).max(0.0).sqrt() / n.sqrt(), self.claims)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let worlds: u64 = arguments.next().map_or(Ok(100), |n| n.parse())?;
    let conversations: usize = arguments.next().map_or(Ok(6_000), |n| n.parse())?;
    let (mut earlier, mut later) = (Bias::default(), Bias::default());
    let (mut proven, mut gains, mut proven_nulls) = (Bias::default(), Bias::default(), 0);
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
                if let Some(gain) = i.gain {
                    gains.note(Some(gain.gain.estimate), truth * gain.affected as f64 / gain.cases.max(1) as f64);
                }
                proven_nulls += u32::from(truth == 0.0);
            }
        }
    }
    println!("{worlds} worlds of {conversations} conversations; claimed less true");
    println!("found: by the earlier cases they were found on {}", earlier.tell());
    println!("found: by the later cases {}", later.tell());
    println!("proven: by the later cases {}", proven.tell());
    println!("proven: gain over all cases, by the later ones {}", gains.tell());
    println!("proven ones that do nothing: {proven_nulls}");
    Ok(())
}
