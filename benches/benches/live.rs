//! Live sessions: a push on its own, and the spread of a million pushes over 10,000 open sessions.
//!
//! `cargo bench -p goldpath-benches --bench live`

use std::hint::black_box;
use std::time::Instant;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use goldpath::check::LiveSession;
use goldpath::simulate::{World, random_path, random_sop};
use goldpath::{Corpus, Sop};
use goldpath_benches::bare;

const OPEN: usize = 10_000;
const PUSHES: usize = 1_000_000;

fn steps(conversations: usize, seed: u64) -> Vec<Vec<String>> {
    bare(conversations, seed).into_iter().map(|c| c.steps.into_iter().map(|event| event.step).collect()).collect()
}

fn open(sop: &Sop) -> LiveSession {
    sop.live(|_| None).expect("a session")
}

fn rooms(c: &mut Criterion) {
    let sop = World::default().sop();
    let path: Vec<String> = steps(50, 3).concat();
    let mut group = c.benchmark_group("live");
    group.bench_function("open", |b| b.iter(|| open(black_box(&sop))));
    group.throughput(Throughput::Elements(path.len() as u64));
    let push = |mut session: LiveSession| {
        for step in &path {
            black_box(session.push(step).expect("a push"));
        }
        session
    };
    group.bench_function("push", |b| b.iter_batched(|| open(&sop), push, BatchSize::SmallInput));
    let pushed = || push(open(&sop));
    let undo = |mut session: LiveSession| {
        while black_box(session.undo()).is_some() {}
        session
    };
    group.bench_function("undo", |b| b.iter_batched(pushed, undo, BatchSize::SmallInput));
    let saved = pushed().to_json();
    group.bench_function("resume", |b| b.iter(|| sop.resume(black_box(&saved)).expect("a session")));
    group.throughput(Throughput::Elements(1));
    let mut session = open(&sop);
    for step in &steps(50, 3)[7] {
        session.push(step).expect("a push");
    }
    group.bench_function("state", |b| b.iter(|| black_box(&session).state().expect("a state")));
    group.finish();
}

/// A million pushes, each to the next of 10,000 open sessions; a session whose conversation is over begins a new one.
fn spread(name: &str, sop: &Sop, paths: &[Vec<String>]) {
    let mut sessions: Vec<LiveSession> = (0..OPEN).map(|_| open(sop)).collect();
    let mut took = Vec::with_capacity(PUSHES);
    for i in 0..PUSHES {
        let (slot, round) = (i % OPEN, i / OPEN);
        let path = &paths[slot % paths.len()];
        if round % path.len() == 0 {
            sessions[slot] = open(sop);
        }
        let step = &path[round % path.len()];
        let began = Instant::now();
        black_box(sessions[slot].push(step).expect("a push").count());
        took.push(began.elapsed().as_nanos() as u64);
    }
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize] as f64 / 1e3;
    let bytes = sessions.iter().map(LiveSession::bytes).sum::<usize>() / OPEN;
    println!("{name}: p50 {:.2} µs, p99 {:.2} µs, p99.9 {:.2} µs, {bytes} bytes a session", at(0.5), at(0.99), at(0.999));
}

fn spreads(_: &mut Criterion) {
    let named = |path: Vec<Vec<String>>| path.into_iter().filter(|path| !path.is_empty()).collect::<Vec<_>>();
    spread("the default world", &World::default().sop(), &named(steps(1_000, 3)));
    let sop = (0..1_000).map(|seed| random_sop(seed, 60)).find(|sop| sop.graph().graph.node_count() > 60).expect("a large SOP");
    spread("60 places, noisy paths", &sop, &named((0..500).map(|seed| random_path(&sop, seed, 0.3)).collect()));
    uncertain();
}

/// The check of conversations each with k uncertain events.
fn uncertain() {
    let sop = World::default().sop();
    for k in [4, 8, 16, 24] {
        let conversations = bare(2_000, 5).into_iter().zip(bare(2_000, 6)).zip(bare(2_000, 7)).zip(bare(2_000, 8)).map(|(((mut a, b), c), d)| {
            a.steps.extend(b.steps.into_iter().chain(c.steps).chain(d.steps));
            a.steps.iter_mut().take(k).enumerate().for_each(|(i, event)| event.prob = Some(0.1 + 0.03 * i as f64));
            a
        });
        let check = Corpus::from_conversations(conversations).expect("a corpus").check(&sop).expect("a check");
        let began = Instant::now();
        black_box(check.cases());
        println!("{k} uncertain events a case: {:.0} µs a case", began.elapsed().as_secs_f64() * 1e6 / check.len() as f64);
    }
}

criterion_group!(benches, rooms, spreads);
criterion_main!(benches);
