//! Rules of a detector beside the raw automaton: 1,000 phrases over generated turns, Chinese and English, on one thread.
//!
//! `cargo bench -p goldpath-benches --bench detect`; `MEGABYTES=1000` for more text.

use std::hint::black_box;
use std::time::Instant;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use goldpath::corpus::{Builder, Conversation, ReadOptions, Speaker, Turn};
use goldpath::{Corpus, Detector};
use goldpath_benches::Random;

const PHRASES: usize = 1000;
const ROUNDS: usize = 5;

fn main() {
    let megabytes: usize = std::env::var("MEGABYTES").ok().and_then(|n| n.parse().ok()).unwrap_or(100);
    let mut draw = Random(1);
    let characters: Vec<char> = (0..2000).filter_map(|i| char::from_u32(0x4e00 + i * 3)).collect();
    let words: Vec<String> = (0..20_000).map(|_| (0..3 + draw.below(7)).map(|_| char::from(b'a' + draw.below(26) as u8)).collect()).collect();
    let phrases: Vec<String> =
        (0..PHRASES).map(|i| if i % 2 == 0 { (0..2 + draw.below(3)).map(|_| draw.pick(&characters)).collect() } else { draw.pick(&words) }).collect();
    let (mut builder, mut turns, mut size) = (Builder::new(ReadOptions::default()), Vec::new(), 0);
    let mut number = 0;
    while size < megabytes << 20 {
        let text: String = if draw.below(2) == 0 {
            (0..12 + draw.below(30)).map(|_| draw.pick(&characters)).chain(['。']).collect()
        } else {
            (0..8 + draw.below(20)).map(|_| draw.pick(&words)).collect::<Vec<_>>().join(" ") + "."
        };
        size += text.len();
        turns.push(text);
        if turns.len() % 100 == 0 {
            let last = &turns[turns.len() - 100..];
            let turns = last.iter().map(|text| Turn::new(Speaker::Agent, text.as_str())).collect();
            builder.push(Conversation { id: number.to_string(), turns, ..Conversation::default() }).expect("a conversation");
            number += 1;
        }
    }
    let corpus: Corpus = builder.finish();
    let rules: Vec<_> = phrases.iter().enumerate().map(|(i, phrase)| serde_json::json!({"step": format!("s{i}"), "phrases": phrase})).collect();
    let detector = Detector::from_value(serde_json::json!({"format": "goldpath/detector/1", "rules": rules})).expect("a detector");
    let raw = AhoCorasick::new(&phrases).expect("an automaton");
    let dfa = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(&phrases).expect("an automaton");
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let scan = |automaton: &AhoCorasick| turns.iter().map(|turn| automaton.find_overlapping_iter(turn).count()).sum::<usize>();
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        let runs: [&dyn Fn() -> usize; 3] = [&|| scan(&raw), &|| scan(&dfa), &|| one.install(|| detector.tag(&corpus).expect("tags").events())];
        for (slot, run) in runs.into_iter().enumerate() {
            let began = Instant::now();
            black_box(run());
            times[slot].push(began.elapsed().as_secs_f64());
        }
    }
    let speed = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        size as f64 / 1e6 / times[ROUNDS / 2]
    });
    println!("{PHRASES} phrases over {} MB, MB/s: aho-corasick {:.0}, as a DFA {:.0}, Detector::tag {:.0}", size / 1_000_000, speed[0], speed[1], speed[2]);
    println!("share of aho-corasick {:.2}, of its DFA {:.2}", speed[2] / speed[0], speed[2] / speed[1]);
}
