//! Holds innovations and innovators against planted truth, over many seeds of a simulated sales organisation.
//!
//! `cargo run --release -p goldpath --example innovations -- gain seed/conversations.jsonl …`, with the true gain of telling the
//! `roi_story` everywhere (the simulator forced to, less the simulator as it is).
//!
//! Each file holds conversations as plain steps with `rep`, `segment`, `started_at` and the outcome `won`, in which
//! `roi_story` and `rescue_call` help, and `golf_talk`, `chitchat` and `filler_…` do nothing.

use std::collections::BTreeMap;

use goldpath::improve::{ImproveOptions, InnovationStatus, Innovations};
use goldpath::{Corpus, Lang, Sop};

const SOP: &str = "{format: goldpath/1, name: sales,
  steps: {greet: {}, need: {}, qualify: {}, present: {}, price: {}, close: {},
    hard_objection: {by: customer, unplanned: true}, competitor_question: {by: customer, unplanned: true}},
  flow: [greet, need, qualify, present, price, close]}";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sop = Sop::parse(SOP)?;
    let verbose = std::env::var_os("VERBOSE").is_some();
    let mut counts: BTreeMap<(String, &'static str), u32> = BTreeMap::new();
    let (mut led, mut files) = (0, 0);
    let mut files_of = std::env::args().skip(1);
    let truth: f64 = files_of.next().ok_or("the true gain, then conversations")?.parse()?;
    let (mut covered, mut gained, mut width) = (0, 0.0, 0.0);
    for file in files_of {
        let corpus = Corpus::read(&file)?;
        let check = corpus.check(&sop)?;
        let found = Innovations::of(&check, &ImproveOptions::default())?;
        files += 1;
        for i in &found.innovations {
            let name = if i.choice.step.starts_with("filler") && i.choice.members.is_empty() {
                "fillers".to_owned()
            } else {
                format!("{} {} after {}", i.choice.kind.name(), i.choice.step, i.choice.point.as_deref().unwrap_or("-"))
            };
            *counts.entry((name, i.status.name())).or_default() += 1;
            if verbose {
                println!("{} {}\n{}", i.status.name(), i.sentence(Lang::En), i.sentence(Lang::Zh));
            }
        }
        let roi = found.innovations.iter().position(|i| i.choice.step == "roi_story" && i.status == InnovationStatus::Proven);
        if let Some(gain) = roi.and_then(|at| found.innovations[at].gain) {
            covered += u32::from(gain.gain.low <= truth && truth <= gain.gain.high);
            gained += gain.gain.estimate;
            width += gain.gain.high - gain.gain.low;
        }
        let of_roi: Vec<_> = found.innovators.iter().filter(|x| Some(x.innovation) == roi).collect();
        let mut first: Vec<&str> = of_roi.iter().take(2).map(|x| x.rep.as_str()).collect();
        first.sort_unstable();
        led += u32::from(first == ["r04", "r17"]);
        let places: Vec<String> = of_roi.iter().map(|x| format!("{} ({} of {})", x.rep, x.rate_place, x.reps)).collect();
        println!("{file}: compared {}, rare {}, innovators of roi_story {}", found.compared, found.rare.len(), places.join(", "));
        if verbose {
            for x in &found.innovators {
                let i = &found.innovations[x.innovation];
                println!("{}\n{}", x.sentence(i, Lang::En), x.sentence(i, Lang::Zh));
            }
        }
    }
    println!("gain of roi_story: true {truth:.4}, mean {:.4}, mean width {:.4}, covered in {covered}", gained / f64::from(files), width / f64::from(files));
    println!("r04 and r17 lead in {led} of {files}");
    for ((name, status), n) in counts {
        println!("{name:44} {status:14} {n:4}");
    }
    Ok(())
}
