//! How the time of a check grows from ten thousand to a million conversations. Prints each size and the fitted slope.
//!
//! `cargo bench -p goldpath-benches --bench scaling`

use std::time::Instant;

use goldpath::corpus::{Builder, ReadOptions};
use goldpath::simulate::World;
use goldpath_benches::slope;

fn main() {
    // `cargo test --all-targets` only wants to know that it builds.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let world = World { words: false, ..World::default() };
    let sop = world.sop();
    let mut points = Vec::new();
    for n in [10_000, 30_000, 100_000, 300_000, 1_000_000] {
        let mut builder = Builder::new(ReadOptions::default());
        for conversation in world.stream(9).take(n) {
            builder.push(conversation).expect("a conversation");
        }
        let corpus = builder.finish();
        let mut seconds: Vec<f64> = (0..3)
            .map(|_| {
                let start = Instant::now();
                let check = corpus.check(&sop).expect("a check");
                std::hint::black_box(&check);
                start.elapsed().as_secs_f64()
            })
            .collect();
        seconds.sort_by(f64::total_cmp);
        let each = corpus.event_bytes() as f64 / corpus.events() as f64;
        println!("{n:>9} conversations, {:>9} events: {:.3} s, {:.0} a second, {each:.1} bytes an event", corpus.events(), seconds[1], n as f64 / seconds[1]);
        points.push((n as f64, seconds[1]));
    }
    println!("slope of log time against log size: {:.3} (1 is linear)", slope(&points));
}
