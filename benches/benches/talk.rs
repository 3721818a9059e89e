//! Talk tracks: gathering them from 5,000 simulated conversations, and the spread of 100,000 look-ups.
//!
//! `cargo bench -p goldpath-benches --bench talk`

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use goldpath::Corpus;
use goldpath::corpus::Speaker;
use goldpath::simulate::World;
use goldpath::talk::{TalkOptions, TalkTracks};

const LOOK_UPS: usize = 100_000;

fn rooms(c: &mut Criterion) {
    let made = World::default().simulate(5_000, 3);
    let asked: Vec<String> =
        (made.conversations.iter().flat_map(|c| &c.turns)).filter(|turn| turn.speaker == Speaker::Customer).map(|turn| turn.text.clone()).collect();
    let check = Corpus::from_conversations(made.conversations).expect("a corpus").check(&made.sop).expect("a check");
    let of = || TalkTracks::of(&check, &TalkOptions::default()).expect("talk tracks");
    let mut group = c.benchmark_group("talk");
    group.sample_size(10);
    group.bench_function("of 5,000 conversations", |b| b.iter(of));
    group.finish();
    let talk = of();
    let mut took: Vec<u64> = (0..LOOK_UPS)
        .map(|i| {
            let words = &asked[i * 7 % asked.len()];
            let began = Instant::now();
            black_box(talk.look_up(black_box(words), 3));
            began.elapsed().as_nanos() as u64
        })
        .collect();
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize] as f64 / 1e3;
    println!("{talk}: look up p50 {:.1} µs, p99 {:.1} µs, p99.9 {:.1} µs", at(0.5), at(0.99), at(0.999));
}

criterion_group!(benches, rooms);
criterion_main!(benches);
