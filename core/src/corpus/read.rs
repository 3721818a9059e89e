//! Which reader takes a file.

use std::path::Path;

use super::{Corpus, ReadOptions, jsonl, xes};
use crate::error::{Fault, Result};
use crate::progress::Progress;

/// Reads a file by its ending, and what comes beside it.
pub(super) fn read(path: &Path, options: ReadOptions, progress: &Progress<'_>) -> Result<Corpus> {
    let builder = match ending(path).as_str() {
        "json" => jsonl::read_list(path, options, progress),
        "jsonl" | "ndjson" => jsonl::read(path, options, progress),
        "xes" => xes::read(path, options, progress),
        _ => {
            let fault = Fault { source: Some(path.display().to_string()), ..Fault::new("corpus.format", "the ending of the file names no known format") };
            Err(fault.help("known: .jsonl, .ndjson, .json, .xes, each also .gz").into())
        }
    }?;
    builder.complete()
}

/// The ending of a file in small letters, without `.gz`.
pub(super) fn ending(path: &Path) -> String {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().to_lowercase());
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    stem.rsplit_once('.').map_or_else(String::new, |(_, end)| end.to_owned())
}
