//! Reading, checking and reviewing simulated conversations.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
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

criterion_group!(benches, rooms);
criterion_main!(benches);
