//! Holds the findings against planted truth: over many seeds of a simulated sales organisation, how often the intervals
//! cover the true effect among those who made the choice, and how often something without effect is called effective.
//!
//! `cargo run --release -p goldpath --example planted_truth -- truth.json seed/conversations.jsonl …`
//!
//! Each file holds conversations as plain steps with `rep`, `segment`, `started_at` and the outcome `won`; `truth.json` has
//! `att_win_among_users` for each planted effect.

use std::collections::BTreeMap;

use goldpath::evidence::{ChoiceKind, Verdict};
use goldpath::{Corpus, Finding, Sop, review};

const SOP: &str = "{format: goldpath/1, name: sales,
  steps: {greet: {}, need: {}, qualify: {}, present: {}, price: {}, close: {},
    hard_objection: {by: customer, unplanned: true}, competitor_question: {by: customer, unplanned: true}},
  flow: [greet, need, qualify, present, price, close]}";

const PLANTED: [(&str, ChoiceKind, &str, &str); 5] = [
    ("skip_need", ChoiceKind::Skip, "need", "greet"),
    ("early_price", ChoiceKind::Add, "early_price", "qualify"),
    ("roi_story", ChoiceKind::Add, "roi_story", "present"),
    ("golf_talk", ChoiceKind::Add, "golf_talk", "present"),
    ("rescue_call", ChoiceKind::Add, "rescue_call", "price"),
];

#[derive(Default)]
struct Score {
    runs: u32,
    covered: u32,
    right: u32,
    declared: u32,
    crossed: u32,
    below: u32,
    estimate: f64,
    raw: f64,
    width: f64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files = std::env::args().skip(1);
    let truth: serde_json::Value = serde_json::from_slice(&std::fs::read(files.next().ok_or("truth.json, then conversations")?)?)?;
    let truth = truth.get("effects").unwrap_or(&truth);
    let true_effect = |name: &str| truth[name]["att_win_among_users"].as_f64().unwrap_or(0.0);
    let sop = Sop::parse(SOP)?;
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let verbose = std::env::var_os("VERBOSE").is_some();
    for file in files {
        let review = review(&Corpus::read(&file)?, &sop)?;
        let all = review.findings();
        let find = |kind: ChoiceKind, step: &str, point: &str| {
            all.iter().find(|f| f.what.kind == kind && f.what.step == step && f.point.as_deref() == Some(point) && f.visit == 1)
        };
        if verbose {
            for f in all.iter().filter(|f| !f.what.step.starts_with("filler")) {
                let show = |x: Option<f64>| x.map_or("    –  ".to_owned(), |x| format!("{x:+.4}"));
                println!(
                    "{:12} {:12} {:12} {:20} {} [{} {}] q {} raw {} on {} x {} n {}+{} {:?} {:?}",
                    f.kind(),
                    f.what.step,
                    f.point.as_deref().unwrap_or("-"),
                    f.verdict.name(),
                    show(f.estimate),
                    show(f.ci_low),
                    show(f.ci_high),
                    show(f.q_value),
                    show(f.raw.map(|i| i.estimate)),
                    show(f.went_on.map(|i| i.estimate)),
                    show(f.cross_check.map(|i| i.estimate)),
                    f.comparable.treated,
                    f.comparable.control,
                    f.adjusted_for,
                    f.caveats.iter().map(|c| c.name()).collect::<Vec<_>>()
                );
            }
            println!("{}", all[0].sentence(goldpath::Lang::En));
            println!("{}", all[0].sentence(goldpath::Lang::Zh));
        }
        for (name, kind, step, point) in PLANTED {
            note(scores.entry(name.to_owned()).or_default(), find(kind, step, point), true_effect(name));
        }
        for point in ["greet", "need", "qualify", "present", "price"] {
            note(scores.entry(format!("chitchat after {point}")).or_default(), find(ChoiceKind::Add, "chitchat", point), 0.0);
        }
        for filler in 0..20 {
            note(scores.entry("fillers".to_owned()).or_default(), find(ChoiceKind::Add, &format!("filler_{filler:02}"), "greet"), 0.0);
        }
        for f in all.iter().filter(|f| f.what.kind == ChoiceKind::Conforming) {
            note(scores.entry(format!("conforming at {}", f.what.step)).or_default(), Some(f), 0.0);
        }
    }
    println!(
        "{:24} {:>5} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9} {:>6} {:>6}",
        "choice", "runs", "truth", "naive", "mean", "width", "covered", "declared", "right", "p<.05"
    );
    for (name, s) in &scores {
        let n = f64::from(s.runs.max(1));
        println!(
            "{name:24} {:5} {:+8.4} {:+8.4} {:+8.4} {:8.4} {:8} {:9} {:6} {:6}  cross-check covers {}",
            s.runs,
            true_effect(name),
            s.raw / n,
            s.estimate / n,
            s.width / n,
            s.covered,
            s.declared,
            s.right,
            s.below,
            s.crossed
        );
    }
    Ok(())
}

fn note(score: &mut Score, finding: Option<&Finding>, truth: f64) {
    let Some(f) = finding else { return };
    let Some(i) = f.interval() else { return };
    score.runs += 1;
    score.covered += u32::from(i.low <= truth && truth <= i.high);
    score.crossed += u32::from(f.cross_check.is_some_and(|c| c.low <= truth && truth <= c.high));
    score.declared += u32::from(matches!(f.verdict, Verdict::Helps | Verdict::Hurts));
    score.right += u32::from(f.verdict == if truth > 0.0 { Verdict::Helps } else { Verdict::Hurts });
    score.below += u32::from(f.p_value.is_some_and(|p| p < 0.05));
    score.estimate += i.estimate;
    score.width += i.high - i.low;
    score.raw += f.raw.map_or(0.0, |raw| raw.estimate);
}
