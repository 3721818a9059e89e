//! What findings cost, pass by pass, on one thread and on two: cases a second, and how much faster two threads are.
//!
//! `cargo bench -p goldpath-benches --bench evidence [-- conversations]`

use std::time::Instant;

use goldpath::corpus::{Builder, ReadOptions};
use goldpath::evidence::{self, ChoiceTable, EvidenceOptions, Plan};
use goldpath::simulate::World;

const PASSES: [&str; 6] = ["check", "choices", "screen", "plan", "tally", "finish"];

fn main() {
    // `cargo test --all-targets` only wants to know that it builds.
    let arguments: Vec<String> = std::env::args().collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let n = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(200_000);
    let world = World { words: false, ..World::default() };
    let sop = world.sop();
    let mut builder = Builder::new(ReadOptions::default());
    for conversation in world.stream(9).take(n) {
        builder.push(conversation).expect("a conversation");
    }
    let corpus = builder.finish();
    println!("{n} conversations, {} events", corpus.events());
    let mut found = Vec::new();
    let mut rows = Vec::new();
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let mut best = [f64::INFINITY; PASSES.len()];
        for _ in 0..3 {
            let mut taken = Vec::new();
            let mut last = Instant::now();
            let mut lap = || taken.push(std::mem::replace(&mut last, Instant::now()).elapsed().as_secs_f64());
            pool.install(|| {
                let check = corpus.check(&sop).expect("a check");
                lap();
                let table = ChoiceTable::of(&check, &evidence::default_adjustment(&check), &[]).expect("choices");
                lap();
                let screened = evidence::screen(&table);
                lap();
                let plan = Plan::of(&screened);
                lap();
                let ledger = evidence::tally(&table, &plan).expect("a ledger");
                lap();
                let findings = evidence::finish(&ledger, &plan, &EvidenceOptions::default()).expect("findings");
                lap();
                found.push((findings.len(), plan.hash(), ledger.to_bytes()));
            });
            best.iter_mut().zip(&taken).for_each(|(best, taken)| *best = best.min(*taken));
        }
        rows.push(best);
    }
    assert!(found.windows(2).all(|pair| pair[0] == pair[1]), "the same, whatever the threads");
    println!("{} findings", found[0].0);
    println!("{:<10}{:>12}{:>12}{:>8}", "pass", "1 thread s", "2 threads s", "ratio");
    for (pass, (one, two)) in PASSES.iter().zip(rows[0].iter().zip(&rows[1])) {
        println!("{pass:<10}{one:>12.3}{two:>12.3}{:>8.2}", one / two);
    }
    let (one, two): (f64, f64) = (rows[0].iter().sum(), rows[1].iter().sum());
    println!("{:<10}{one:>12.3}{two:>12.3}{:>8.2}   {:.0} cases a second on two", "all", one / two, n as f64 / two);
}
