//! The best path in worlds with a better path that is planted, and in worlds without one.
//!
//! `cargo run --release -p goldpath --example best_path -- 100 12000`

use std::collections::BTreeSet;

use goldpath::corpus::{Attribute, Conversation, OutcomeValue};
use goldpath::{Corpus, Sop, review};

/// A stream of random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn flip(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }
}

const PRESENT: &str = "{format: goldpath/1, name: d, steps: [open, need, form, demo, close], flow: [open, need, form, demo, close]}";

/// Good reps tell the story more often; small talk and a leaflet come anywhere and do nothing; the form puts customers off and
/// the story wins them, if `planted`. Cases go on to the end in any case, the longer the better the customer was to begin with.
fn corpus(planted: bool, cases: usize, seed: u64) -> Corpus {
    let mut random = Random(seed);
    let size = if planted { 1.0 } else { 0.0 };
    let made = (0..cases).map(|i| {
        let rep = (random.unit() * 20.0) as usize;
        let skill = rep as f64 / 20.0;
        let (story, form, talk, leaflet) = (random.flip(0.1 + 0.3 * skill), random.flip(0.7), random.flip(0.3), random.flip(0.25));
        let hot = random.flip(0.4);
        let steps = [
            ("open", true),
            ("talk", talk),
            ("need", true),
            ("story", story),
            ("form", form),
            ("demo", random.flip(0.85)),
            ("leaflet", leaflet || (hot && random.flip(0.1))),
            ("close", true),
        ];
        let chance = 0.25 + 0.1 * skill + if hot { 0.1 } else { 0.0 } + size * (if story { 0.12 } else { 0.0 } - if form { 0.1 } else { 0.0 });
        let mut c = Conversation::of_steps(format!("c{i:06}"), steps.into_iter().filter(|(_, done)| *done).map(|(step, _)| step));
        c.rep = Some(format!("r{rep:02}"));
        c.attributes.insert("hot".into(), Attribute::Bool(hot));
        let day = (i * 330 / cases) as i64;
        c.started_at = jiff::Timestamp::from_second(1_767_225_600 + day * 86_400).ok();
        c.outcome.insert("won".into(), Some(OutcomeValue::Bool(random.flip(chance))));
        c
    });
    Corpus::from_conversations(made).expect("conversations")
}

fn flow(sop: &Sop) -> Vec<String> {
    let flow = serde_json::to_value(sop.flow()).unwrap_or_default();
    let list = flow["flow"].as_array().cloned().unwrap_or_default();
    list.iter().map(|member| member.as_str().map_or_else(|| member.to_string(), ToOwned::to_owned)).collect()
}

fn main() {
    let mut args = std::env::args().skip(1).filter_map(|n| n.parse().ok());
    let (runs, cases) = (args.next().unwrap_or(10), args.next().unwrap_or(8_000));
    let present = Sop::parse(PRESENT).expect("an SOP");
    let null: BTreeSet<&str> = ["talk", "leaflet"].into();
    for planted in [true, false] {
        let truth: Vec<&str> = if planted { vec!["open", "need", "story", "demo", "close"] } else { vec!["open", "need", "form", "demo", "close"] };
        let (mut same, mut but_null, mut stands, mut covered) = (0, 0, 0, 0);
        for seed in 0..runs as u64 {
            let made = review(&corpus(planted, cases, seed + 1), present.clone()).expect("a review");
            let best = made.best_path(&goldpath::improve::BestPathOptions::default()).expect("a best path");
            let found = flow(&best.sop);
            let without: Vec<&str> = found.iter().map(String::as_str).filter(|step| !null.contains(step)).collect();
            same += u32::from(found == truth);
            but_null += u32::from(without == truth && found != truth);
            stands += u32::from(!best.changed);
            // Planning it for all adds .12 where it was not told, and leaving the form out .1 where it was filled in.
            let gain = if planted { 0.12 * 0.7575 + 0.1 * 0.7 } else { 0.0 };
            covered += u32::from(best.gain.map_or(!planted, |g| g.low <= gain && gain <= g.high));
            if found != truth {
                println!("seed {seed}: {}", found.join(" "));
            }
        }
        println!(
            "planted {planted}: {runs} worlds of {cases} cases; exactly the planted path {same}, but for null steps {but_null}; the present one stands {stands}; gain covered {covered}"
        );
    }
}
