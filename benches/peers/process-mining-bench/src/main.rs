//! Traces per second of the `process_mining` crate's exact alignments, log already in memory.
//!
//! ```text
//! process-mining-bench EVENTS.csv NET.pnml [--rounds N] [--door NAME] [--costs OUT.csv]
//! ```
//!
//! Three doors are timed one after the other in one process (`--door` picks one of them):
//!
//! * `align_log:variants`: the intended door, every distinct path aligned once;
//! * `align_log:cases`: the same call, the projection holding one entry per case,
//!   so that the figure is the rate of the search itself;
//! * `align_trace`: one call per case, which allocates a fresh search space each time.
//!
//! Each line of the table is tab-separated, for `alignments.py` to read.
//!
//! Reading files, grouping events into paths and interning names are outside the clock. The net
//! is handed over as the crate's own reader returns it. All doors return the moves.

use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use process_mining::conformance::alignments::cost::CostFunction;
use process_mining::conformance::alignments::{
    align_log, align_trace, AlignmentOptions, VariantAlignmentResult,
};
use process_mining::core::event_data::case_centric::utils::activity_projection::EventLogActivityProjection;
use process_mining::PetriNet;

const CASE: &str = "case:concept:name";
const STEP: &str = "concept:name";

struct Arguments {
    events: String,
    net: String,
    rounds: usize,
    door: Option<String>,
    costs: Option<String>,
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut places = Vec::new();
    let mut rounds = 3;
    let mut door = None;
    let mut costs = None;
    let mut rest = std::env::args().skip(1);
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--rounds" => rounds = rest.next().ok_or("--rounds needs a number")?.parse()?,
            "--door" => door = Some(rest.next().ok_or("--door needs a name")?),
            "--costs" => costs = Some(rest.next().ok_or("--costs needs a path")?),
            _ => places.push(word),
        }
    }
    match <[String; 2]>::try_from(places) {
        Ok([events, net]) => Ok(Arguments { events, net, rounds, door, costs }),
        Err(_) => Err("usage: process-mining-bench EVENTS.csv NET.pnml [--rounds N] [--door NAME] [--costs OUT.csv]".into()),
    }
}

/// The paths of the table, in order of first appearance; rows of a case are taken in file order.
struct Paths {
    cases: Vec<String>,
    names: Vec<String>,
    paths: Vec<Vec<usize>>,
}

fn read_paths(file: &str) -> Result<Paths, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(file)?;
    let header = reader.headers()?.clone();
    let column = |name: &str| {
        header
            .iter()
            .position(|h| h == name)
            .ok_or_else(|| format!("{file}: no column {name}"))
    };
    let (case_column, step_column) = (column(CASE)?, column(STEP)?);

    let mut log = Paths {
        cases: Vec::new(),
        names: Vec::new(),
        paths: Vec::new(),
    };
    let mut case_index: HashMap<String, usize> = HashMap::new();
    let mut name_index: HashMap<String, usize> = HashMap::new();
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row)? {
        let (case, step) = (&row[case_column], &row[step_column]);
        let case_at = match case_index.get(case) {
            Some(&at) => at,
            None => {
                case_index.insert(case.to_string(), log.cases.len());
                log.cases.push(case.to_string());
                log.paths.push(Vec::new());
                log.cases.len() - 1
            }
        };
        let step_at = match name_index.get(step) {
            Some(&at) => at,
            None => {
                name_index.insert(step.to_string(), log.names.len());
                log.names.push(step.to_string());
                log.names.len() - 1
            }
        };
        log.paths[case_at].push(step_at);
    }
    Ok(log)
}

fn projection(log: &Paths, merge: bool) -> EventLogActivityProjection {
    let mut traces: Vec<(Vec<usize>, u64)> = Vec::new();
    if merge {
        let mut seen: HashMap<&[usize], usize> = HashMap::new();
        for path in &log.paths {
            match seen.get(path.as_slice()) {
                Some(&at) => traces[at].1 += 1,
                None => {
                    seen.insert(path, traces.len());
                    traces.push((path.clone(), 1));
                }
            }
        }
        traces.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    } else {
        traces.extend(log.paths.iter().map(|path| (path.clone(), 1)));
    }
    EventLogActivityProjection {
        activities: log.names.clone(),
        act_to_index: log.names.iter().cloned().zip(0..).collect(),
        traces,
    }
}

fn total_cost(results: &[VariantAlignmentResult]) -> Result<u64, Box<dyn Error>> {
    let mut total = 0;
    for variant in results {
        let aligned = variant
            .result
            .as_ref()
            .map_err(|e| format!("no alignment: {e}"))?;
        total += variant.frequency * u64::from(aligned.cost);
    }
    Ok(total)
}

/// Runs `work` once unclocked, then `rounds` times; prints the median and the best round.
fn report(
    door: &str,
    cases: usize,
    rounds: usize,
    mut work: impl FnMut() -> Result<u64, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mut seconds = Vec::with_capacity(rounds);
    let cost = work()?;
    for _ in 0..rounds {
        let start = Instant::now();
        work()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    let (best, median) = (seconds[0], seconds[seconds.len() / 2]);
    println!(
        "{door}\t{cases}\t{median:.4}\t{:.0}\t{:.0}\t{:.4}",
        cases as f64 / median,
        cases as f64 / best,
        cost as f64 / cases as f64
    );
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let net = PetriNet::import_pnml(&arguments.net)?;
    let log = read_paths(&arguments.events)?;
    let cases = log.cases.len();
    let merged = projection(&log, true);
    let single = projection(&log, false);
    // No limit on visited states: the default stops a search at 100,000.
    let options = AlignmentOptions {
        cost_fn: CostFunction::standard(),
        max_states: None,
    };

    eprintln!(
        "{cases} cases, {} events, {} distinct paths, {} thread(s), {} round(s)",
        log.paths.iter().map(Vec::len).sum::<usize>(),
        merged.traces.len(),
        rayon::current_num_threads(),
        arguments.rounds
    );
    println!("door\tcases\tmedian s\tcases/s\tbest/s\tmean cost");
    let wanted = |door: &str| {
        arguments
            .door
            .as_deref()
            .is_none_or(|picked| picked == door)
    };
    for (door, log_of_door) in [
        ("align_log:variants", &merged),
        ("align_log:cases", &single),
    ] {
        if wanted(door) {
            report(door, cases, arguments.rounds, || {
                total_cost(&black_box(align_log(&net, log_of_door, &options)))
            })?;
        }
    }
    if wanted("align_trace") {
        let named: Vec<Vec<&str>> = log
            .paths
            .iter()
            .map(|path| path.iter().map(|&step| log.names[step].as_str()).collect())
            .collect();
        report("align_trace", cases, arguments.rounds, || {
            let mut total = 0;
            for path in &named {
                total += u64::from(black_box(align_trace(&net, path, &options)?).cost);
            }
            Ok(total)
        })?;
    }

    if let Some(file) = &arguments.costs {
        let mut out = csv::Writer::from_path(file)?;
        out.write_record([CASE, "cost"])?;
        for (case, variant) in log.cases.iter().zip(align_log(&net, &single, &options)) {
            let cost = variant.result?.cost.to_string();
            out.write_record([case.as_str(), cost.as_str()])?;
        }
        out.flush()?;
    }
    Ok(())
}
