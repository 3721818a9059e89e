//! Mines an SOP from the paths of a log, and says how long that took.
//!
//! `cargo run --release -p goldpath --example discover -- log.csv [noise] [rounds] [out.pnml]`

use std::time::Instant;

use goldpath::Corpus;
use goldpath::improve::{DiscoverOptions, Discovery};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let corpus = Corpus::read(arguments.next().ok_or("a log")?)?;
    let noise: f64 = arguments.next().map_or(Ok(0.2), |text| text.parse())?;
    let rounds: usize = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let out = arguments.next();
    let options = DiscoverOptions { noise, ..DiscoverOptions::default() };
    let mut seconds: Vec<f64> = Vec::new();
    let mut found = Discovery::of(&corpus, &options)?;
    for _ in 0..rounds {
        let begin = Instant::now();
        found = Discovery::of(&corpus, &options)?;
        seconds.push(begin.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let size = found.size();
    println!(
        "{{\"cases\": {}, \"events\": {}, \"paths\": {}, \"places\": {}, \"blocks\": {}, \"loosened\": {}, \"seconds\": {seconds:?}}}",
        found.cases,
        corpus.events(),
        found.paths,
        size.places,
        size.blocks,
        found.loosened
    );
    eprintln!("{}", found.sop.to_yaml());
    if let Some(out) = out {
        std::fs::write(out, found.sop.to_pnml()?)?;
    }
    Ok(())
}
