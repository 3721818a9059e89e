//! Which reader takes a file or folder, and what comes beside it.

use std::path::{Path, PathBuf};

use super::build::Builder;
use super::source::{Source, empty};
use super::{Corpus, OutcomeColumnSpec, ReadOptions, captions, convokit, csv, gather, gong, jsonl, xes_read};
use crate::error::{Error, Fault, Result};
use crate::progress::Progress;

/// Reads a file by its ending, or a folder by what it holds.
pub(super) fn read(path: &Path, options: ReadOptions, progress: &Progress<'_>) -> Result<Corpus> {
    let mut builder = if path.is_dir() { folder(path, options.clone(), progress)? } else { file(path, options.clone(), progress)? };
    if let Some(path) = &options.cases {
        join(&mut builder, path, &options)?;
    }
    builder.complete()
}

fn file(path: &Path, options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    match ending(path).as_str() {
        "json" => {
            let mut source = Source::open(path)?;
            if gong::looks_like(&mut source) { gong::read(source, options, progress) } else { jsonl::read_list(source, options, progress) }
        }
        "jsonl" | "ndjson" => jsonl::read(path, options, progress),
        "xes" => xes_read::read(path, options, progress),
        "csv" | "tsv" => csv::read(path, options, progress),
        "vtt" | "srt" => captions::read(path, options, progress),
        _ => {
            let fault = Fault { source: Some(path.display().to_string()), ..Fault::new("corpus.format", "the ending of the file names no known format") };
            Err(fault.help("known: .jsonl, .ndjson, .json, .xes, .csv, .tsv, .vtt, .srt, each also .gz; folders of captions or of ConvoKit").into())
        }
    }
}

fn folder(path: &Path, options: ReadOptions, progress: &Progress<'_>) -> Result<Builder> {
    if path.join(convokit::UTTERANCES).is_file() {
        return convokit::read(path, options, progress);
    }
    let entries = std::fs::read_dir(path).map_err(|e| Error::io(path, e))?;
    let mut files = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<PathBuf>, _>>().map_err(|e| Error::io(path, e))?;
    files.retain(|file| matches!(ending(file).as_str(), "vtt" | "srt"));
    files.sort();
    if files.is_empty() {
        let help = format!("a folder holds captions (.vtt, .srt), or a corpus of ConvoKit with {}", convokit::UTTERANCES);
        return Err(empty(&path.display().to_string(), "conversation", &help));
    }
    captions::read_folder(&files, options, progress)
}

/// Takes in a file of cases.
fn join(builder: &mut Builder, path: &Path, options: &ReadOptions) -> Result<()> {
    let mut table = csv::cases(path, options)?;
    let specs = options.outcomes.clone().unwrap_or_else(|| OutcomeColumnSpec::usual(&table.columns));
    for spec in specs {
        if table.columns.iter().any(|(name, _)| *name == spec.column) {
            table.outcomes.push(spec);
        } else if !builder.has_outcome(&spec.name) {
            return Err(gather::unknown_outcome(&spec, &table.columns));
        }
    }
    builder.join(&table)
}

/// The ending of a file in small letters, without `.gz`.
pub(super) fn ending(path: &Path) -> String {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().to_lowercase());
    let stem = name.strip_suffix(".gz").unwrap_or(&name);
    stem.rsplit_once('.').map_or_else(String::new, |(_, end)| end.to_owned())
}
