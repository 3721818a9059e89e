//! Reading, checking and reviewing simulated conversations, and a live session.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use goldpath::simulate::{World, write_jsonl};
use goldpath::{Corpus, review};
use goldpath_benches::bare;

const CASES: usize = 20_000;

fn rooms(c: &mut Criterion) {
    let sop = World::default().sop();
    let conversations = bare(CASES, 1);
    let mut jsonl = Vec::new();
    write_jsonl(&conversations, &mut jsonl).expect("memory");
    let corpus = Corpus::from_conversations(conversations).expect("a corpus");
    let mut group = c.benchmark_group("rooms");
    group.sample_size(20).throughput(Throughput::Elements(CASES as u64));
    group.bench_function("read_jsonl", |b| b.iter(|| Corpus::parse(black_box(&jsonl)).expect("a corpus")));
    group.bench_function("check", |b| b.iter(|| black_box(&corpus).check(&sop).expect("a check")));
    group.bench_function("review", |b| b.iter(|| review(black_box(&corpus), &sop).expect("a review")));
    group.finish();
}

fn live(c: &mut Criterion) {
    let sop = World::default().sop();
    let steps: Vec<String> = bare(1, 3).remove(0).steps.into_iter().map(|event| event.step).collect();
    let mut group = c.benchmark_group("live");
    group.throughput(Throughput::Elements(steps.len() as u64));
    group.bench_function("push_a_conversation", |b| {
        b.iter_batched(
            || sop.live(|_| None).expect("a session"),
            |mut session| {
                for step in &steps {
                    black_box(session.push(step).expect("a push"));
                }
                session
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, rooms, live);
criterion_main!(benches);
