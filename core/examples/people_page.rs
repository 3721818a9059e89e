//! How long the page of a rep takes from a review whose people have been looked at once.
//!
//! ```text
//! cargo run --release --example people_page -- conversations.jsonl
//! ```

use std::time::{Duration, Instant};

use goldpath::{Corpus, Lang, Sop, review};

const SOP: &str = "{format: goldpath/1, name: sales,
  steps: {greet: {}, need: {}, qualify: {}, present: {}, price: {}, close: {},
    hard_objection: {by: customer, unplanned: true}, competitor_question: {by: customer, unplanned: true}},
  flow: [greet, need, qualify, present, price, close]}";
/// Pages of each rep.
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("a file of conversations")?;
    let review = review(&Corpus::read(&file)?, Sop::parse(SOP)?)?;
    let reps: Vec<String> = review.people()?.skills().chances().reps().map(ToOwned::to_owned).collect();
    let people = review.people()?;
    let first_rep = reps.first().ok_or("a conversation with a rep")?;
    let start = Instant::now();
    people.rep_page(first_rep, None, Lang::Zh)?;
    let first = start.elapsed();
    let mut times: Vec<(Duration, usize)> = vec![];
    for _ in 0..ROUNDS {
        for rep in &reps {
            let start = Instant::now();
            let page = people.rep_page(rep, None, Lang::Zh)?;
            times.push((start.elapsed(), page.len()));
        }
    }
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].0;
    let size = times.iter().map(|t| t.1).max().unwrap_or(0);
    println!("{} reps, {} conversations: the first page {first:.1?}", reps.len(), review.check().len());
    println!("{} pages after it: median {:.1?}, 95 of 100 {:.1?}, slowest {:.1?}, largest {size} bytes", times.len(), at(0.5), at(0.95), at(1.0));
    Ok(())
}
