//! The cases that Rust, Python and Node all run, and tests that cross rooms. The cases are data: see `cases/README.md`.

use std::path::{Path, PathBuf};

use goldpath::{Corpus, Playbook, Result, Score, Scorecard};
use serde_json::{Value, json};

/// The folder of the shared cases.
pub fn cases_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

/// All shared cases with their file names, sorted.
pub fn cases() -> Vec<(String, Value)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(cases_folder())
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let read = |path: &Path| serde_json::from_str(&std::fs::read_to_string(path).expect("a case")).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    files.iter().map(|path| (name(path), read(path))).collect()
}

/// What a case gives: `cases` by id, or `error` with the codes of all faults.
pub fn run(case: &Value) -> Value {
    match check(case) {
        Ok(found) => json!({ "cases": found }),
        Err(error) => json!({ "error": error.faults().iter().map(|fault| fault.code).collect::<Vec<_>>() }),
    }
}

fn check(case: &Value) -> Result<Value> {
    let sop = match &case["sop"] {
        Value::String(text) => Playbook::parse(text)?,
        object => Playbook::parse(&object.to_string())?,
    };
    let lines: Vec<String> = match &case["conversations"] {
        Value::Array(list) => list.iter().map(|c| c.as_str().map_or_else(|| c.to_string(), ToOwned::to_owned)).collect(),
        _ => return Ok(json!({})),
    };
    let check = Corpus::parse(lines.join("\n").as_bytes())?.check(&sop)?;
    let scores = match &case["scorecard"] {
        Value::Null => None,
        Value::String(text) if text == "equal" => Some(check.score(&Scorecard::equal(&sop))?),
        Value::String(text) => Some(check.score(&Scorecard::parse(text)?)?),
        object => Some(check.score(&Scorecard::parse(&object.to_string())?)?),
    };
    let mut found = serde_json::Map::new();
    for (number, id) in check.corpus().ids().enumerate() {
        let Some(a) = check.alignment_of(number)? else {
            found.insert(id.to_owned(), json!({ "status": check.status(number).name() }));
            continue;
        };
        let moves: Vec<String> = a.moves.iter().map(|m| format!("{} {}", json!(m.kind).as_str().unwrap_or_default(), m.step)).collect();
        let deviations: Vec<Value> = (a.deviations.iter())
            .map(|d| json!({ "kind": d.kind, "step": d.step, "cost": d.cost, "accepted": d.accepted, "en": d.sentence_en(), "zh": d.sentence_zh() }))
            .collect();
        let table = check.choices();
        let choices: Vec<String> = (0..table.len())
            .filter(|&row| table.get(row, "case_id").to_string() == id)
            .map(|row| format!("{} {} after {} ({})", table.get(row, "chosen"), table.get(row, "step"), table.get(row, "point"), table.get(row, "visit")))
            .collect();
        found.insert(
            id.to_owned(),
            json!({
                "moves": moves, "deviations": deviations, "choices": choices,
                "cost": a.cost, "prefix_cost": a.prefix_cost, "prefix_stop": a.prefix_stop, "stopped_at": a.stopped_at, "status": a.status,
                "fitness": rounded(a.fitness), "adherence": a.adherence.map(rounded),
                "conforms_so_far": a.conforms_so_far, "fully_conforms": a.fully_conforms,
            }),
        );
        if let Some(scores) = &scores {
            found[id]["score"] = score(&scores.explain(id)?);
        }
    }
    Ok(Value::Object(found))
}

fn score(s: &Score) -> Value {
    let parts: Vec<Value> = s.parts.iter().map(|p| json!({ "kind": p.kind, "state": p.state, "en": p.sentence_en(), "zh": p.sentence_zh() })).collect();
    json!({ "score": s.score.map(rounded), "got": rounded(s.got), "possible": rounded(s.possible), "penalty": rounded(s.penalty), "parts": parts })
}

fn rounded(x: f64) -> f64 {
    (x * 1e6).round() / 1e6
}

/// The folder of real data and reference values, from `GOLDPATH_DATA`; says what is skipped where it is not set.
pub fn data(what: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("GOLDPATH_DATA").map(PathBuf::from).filter(|folder| folder.is_dir());
    if folder.is_none() {
        println!("skipped: GOLDPATH_DATA names no folder with {what}");
    }
    folder
}

/// The examples in README.md are run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
