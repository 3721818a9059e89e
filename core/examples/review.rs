//! The main job on simulated conversations: preset path beside actual path, in Chinese and in English.
//!
//! `cargo run --release --example review --features simulate [folder [conversations]]`

use goldpath::simulate::{Language, World};
use goldpath::{Corpus, Lang, Result, review};

fn main() -> Result<()> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/review".to_owned()));
    let cases = std::env::args().nth(2).and_then(|n| n.parse().ok()).unwrap_or(5_000);
    std::fs::create_dir_all(&folder).map_err(|source| goldpath::Error::Io { path: folder.clone(), source })?;
    for (language, lang, name) in [(Language::Zh, Lang::Zh, "review.zh.html"), (Language::En, Lang::En, "review.en.html")] {
        let made = World { language, innovators: 5, adopters: 10, ..World::default() }.simulate(cases, 7);
        let corpus = Corpus::from_conversations(made.conversations)?;
        let review = review(&corpus, &made.sop)?;
        let path = folder.join(name);
        review.save(&path, lang)?;
        println!("{}\n", made.sop.name());
        for sentence in review.sentences(lang) {
            println!("  {sentence}");
        }
        println!("\n  → {}\n", path.display());
    }
    Ok(())
}
