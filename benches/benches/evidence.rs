//! What findings cost, pass by pass, on one thread and on two: cases a second, how much faster two threads are, and what one
//! thread takes of its core (which other work on the machine does not change; Linux only).
//!
//! `cargo bench --workspace --bench evidence [-- conversations [distinct] [once]]`
//!
//! With `once` each pass runs once, on one thread, for a profiler. With `distinct` the conversations are those of `benches/peers/findings.py`: about 19 events, nearly every path another.

use std::time::Instant;

use goldpath::corpus::{Builder, CaseTable, Coded, EventTable, OutcomeColumnSpec, ReadOptions, ValueColumn};
use goldpath::evidence::{self, ChoiceTable, EvidenceOptions, Plan};
use goldpath::simulate::World;
use goldpath::{Corpus, Sop};
use goldpath_benches::Random;

const PASSES: [&str; 6] = ["check", "choices", "screen", "plan", "tally", "finish"];

/// The default world: about six events, paths that many have.
fn simulated(n: usize) -> (Sop, Corpus) {
    let world = World { words: false, ..World::default() };
    let mut builder = Builder::new(ReadOptions::default());
    for conversation in world.stream(9).take(n) {
        builder.push(conversation).expect("a conversation");
    }
    (world.sop(), builder.finish())
}

/// Ten planned steps, each left out by one in ten, one of ten ideas after each by one in ten, nine questions of customers
/// on the way.
fn distinct(n: usize) -> (Sop, Corpus) {
    let planned: Vec<String> = (0..10).map(|i| format!("step_{i:02}")).collect();
    let ideas: Vec<String> = (0..10).map(|i| format!("idea_{i:02}")).collect();
    let asked = ["asks_price", "asks_time", "asks_terms"];
    let plain: String = planned.iter().map(|step| format!("{step}: {{}}, ")).collect();
    let free: String = asked.iter().map(|step| format!("{step}: {{by: customer, unplanned: true}}, ")).collect();
    let flow = planned.join(", ");
    let sop = Sop::parse(&format!("{{format: goldpath/1, name: ten steps, steps: {{{plain}{free}}}, flow: [{flow}]}}")).expect("an SOP");
    let mut random = Random(1);
    let (mut case, mut step, mut time) = (Coded::default(), Coded::default(), Vec::new());
    let (mut id, mut rep, mut segment, mut won) = (Coded::default(), Coded::default(), Coded::default(), Vec::new());
    for number in 0..n {
        let name = format!("c{number}");
        let mut push = |of: &str| {
            case.push(Some(&name));
            step.push(Some(of));
            time.push(1_700_000_000_000 + number as i64 * 600_000 + (case.codes.len() % 1_000) as i64 * 1_000);
        };
        let mut chance = 0.4;
        for at in 0..planned.len() {
            if random.share() < 0.1 {
                chance -= if at == 5 { 0.1 } else { 0.0 };
            } else {
                push(&planned[at]);
            }
            if random.share() < 0.1 {
                chance += if at == 3 { 0.1 } else { 0.0 };
                push(&ideas[at]);
            }
            for _ in 0..2 {
                if random.share() < 0.45 {
                    push(asked[random.below(asked.len())]);
                }
            }
        }
        id.push(Some(&name));
        rep.push(Some(&format!("r{}", random.below(60))));
        segment.push(Some(["small", "middle", "large"][random.below(3)]));
        won.push(Some(random.share() < chance));
    }
    let columns = [("rep", ValueColumn::Text(rep)), ("segment", ValueColumn::Text(segment)), ("won", ValueColumn::Bool(won))];
    let columns: Vec<(String, ValueColumn)> = columns.map(|(name, column)| (name.to_owned(), column)).into();
    let cases = CaseTable { id, outcomes: OutcomeColumnSpec::usual(&columns), columns };
    let events = EventTable { case, step, time: Some(time), ..EventTable::default() };
    (sop, Corpus::from_tables(events, Some(cases), None, &ReadOptions::default()).expect("a corpus"))
}

/// Seconds that the threads of this process have been on a core.
fn core_seconds() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let of = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("schedstat")).ok());
    of.filter_map(|text| text.split(' ').next()?.parse::<f64>().ok()).sum::<f64>() / 1e9
}

/// FNV-1a: equal bytes have equal digests from run to run.
fn stable_hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn main() {
    // `cargo test --all-targets` only wants to know that it builds.
    let arguments: Vec<String> = std::env::args().collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let n = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(200_000);
    let once = arguments.iter().any(|argument| argument == "once");
    let (sop, corpus) = if arguments.iter().any(|argument| argument == "distinct") { distinct(n) } else { simulated(n) };
    println!("{n} conversations, {} events", corpus.events());
    let mut found = Vec::new();
    let mut rows = Vec::new();
    let mut busy = [f64::INFINITY; PASSES.len()];
    for threads in if once { 1..=1 } else { 1..=2 } {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let mut best = [f64::INFINITY; PASSES.len()];
        for round in 0..if once { 1 } else { 3 } {
            let (mut taken, mut used) = (Vec::new(), Vec::new());
            let mut last = (Instant::now(), core_seconds());
            let mut lap = || {
                let now = (Instant::now(), core_seconds());
                taken.push((now.0 - last.0).as_secs_f64());
                used.push(now.1 - last.1);
                last = now;
            };
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
                if round == 0 {
                    let told = serde_json::to_vec(&findings).expect("findings");
                    found.push((findings.len(), [screened.to_bytes(), plan.to_bytes(), ledger.to_bytes(), told].map(|bytes| stable_hash(&bytes))));
                }
            });
            best.iter_mut().zip(&taken).for_each(|(best, taken)| *best = best.min(*taken));
            if threads == 1 {
                busy.iter_mut().zip(&used).for_each(|(best, used)| *best = best.min(*used));
            }
        }
        rows.push(best);
    }
    if once {
        return;
    }
    assert!(found.windows(2).all(|pair| pair[0] == pair[1]), "the same, whatever the threads");
    println!("{} findings; screen, plan, ledger and findings: {:016x?}", found[0].0, found[0].1);
    println!("{:<10}{:>12}{:>12}{:>8}{:>14}", "pass", "1 thread s", "2 threads s", "ratio", "core µs a case");
    for ((pass, busy), (one, two)) in PASSES.iter().zip(busy).zip(rows[0].iter().zip(&rows[1])) {
        println!("{pass:<10}{one:>12.3}{two:>12.3}{:>8.2}{:>14.3}", one / two, busy * 1e6 / n as f64);
    }
    let (one, two): (f64, f64) = (rows[0].iter().sum(), rows[1].iter().sum());
    println!("{:<10}{one:>12.3}{two:>12.3}{:>8.2}   {:.0} cases a second on two", "all", one / two, n as f64 / two);
}
