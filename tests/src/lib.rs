//! The cases that Rust, Python and Node all run, and tests that cross rooms. The cases are data: see `cases/README.md`.

mod dice;

use std::path::{Path, PathBuf};

use goldpath::check::{LiveState, Uncertainty};
use goldpath::corpus::{Conversation, Unit};
use goldpath::progress::Progress;
use goldpath::sop::{Hint, lint_day};
use goldpath::{CheckOptions, Corpus, Lang, Playbook, Result, Score, Scorecard};
use serde_json::{Value, json};

pub use dice::Dice;

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

/// What a case gives: `cases` by id, `hints` where it asks for them, or `error` with the codes of all faults.
pub fn run(case: &Value) -> Value {
    match check(case) {
        Ok(mut found) => {
            if case["saved"].is_array() {
                found["saved"] = saved(case);
            }
            found
        }
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
        _ => return Ok(json!({ "cases": {} })),
    };
    let unit = case["unit"].as_str().map_or(Ok(Unit::default()), str::parse)?;
    let threshold = case["threshold"].as_f64().unwrap_or(CheckOptions::THRESHOLD);
    let options = CheckOptions { unit, threshold, ..CheckOptions::default() };
    let check = Corpus::parse(lines.join("\n").as_bytes())?.check_with(&sop, &options, &Progress::none())?;
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
            .map(|d| {
                let mut one = json!({ "kind": d.kind, "step": d.step, "cost": d.cost, "accepted": d.accepted, "en": d.sentence_en(), "zh": d.sentence_zh() });
                if let Some(origin) = &d.origin {
                    one["conversation"] = json!(origin.conversation);
                }
                one
            })
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
        let of_case = &mut found[id];
        if case["live"] == true {
            of_case["live"] = live(&sop, &check.corpus().conversation(number))?;
        }
        if case["uncertain"] == true {
            of_case["uncertain"] = check.uncertainty_of(number).map_or(Value::Null, |found| uncertain(&found));
        }
        if let Some(scores) = &scores {
            of_case["score"] = score(&scores.explain(id)?);
        }
    }
    let mut found = json!({ "cases": found });
    if let Some(day) = case["lint"].as_str() {
        let hints = sop.lint_on(lint_day(day)?).into_iter().chain(check.lint()?);
        let one =
            |hint: Hint| json!({ "code": hint.code, "place": hint.place, "line": hint.line, "en": hint.sentence(Lang::En), "zh": hint.sentence(Lang::Zh) });
        found["hints"] = hints.map(one).collect();
    }
    Ok(found)
}

/// What a live session says at the end of a path, and again after taking half of it back, and after being saved.
fn live(playbook: &Playbook, conversation: &Conversation) -> Result<Value> {
    let attribute = |name: &str| match name {
        "started_at" => conversation.started_at.map(|moment| moment.to_string().into()),
        _ => conversation.attributes.get(name).map(|value| value.to_string().into()),
    };
    let mut session = playbook.live(attribute)?;
    for event in &conversation.steps {
        session.push(&event.step)?;
    }
    let whole = state(&playbook.resume(&session.to_json())?.state()?);
    for _ in 0..conversation.steps.len().div_ceil(2) {
        session.undo();
    }
    Ok(json!({ "end": whole, "half": state(&session.state()?) }))
}

fn state(s: &LiveState) -> Value {
    let deviations = s.deviations.iter().map(|d| json!({ "kind": d.kind, "accepted": d.accepted, "en": d.sentence_en(), "zh": d.sentence_zh() }));
    json!({
        "point": s.point, "visit": s.visit, "events": s.events, "cost": s.cost, "conforms_so_far": s.conforms_so_far, "may_end": s.may_end,
        "allowed": s.allowed, "deviations": deviations.collect::<Vec<_>>(), "left": s.distance_to_end.steps, "left_cost": s.distance_to_end.cost,
    })
}

fn uncertain(u: &Uncertainty) -> Value {
    let rounded = |x: Option<f64>| x.map(rounded);
    let events = u.events.iter().map(|e| json!([e.event, e.step, rounded(Some(e.prob)), e.used, rounded(e.influence), rounded(e.fitness_influence)]));
    let [low, high, conforms_low, conforms_high, fully_low, fully_high] =
        [u.fitness_low, u.fitness_high, u.conforms_so_far.low, u.conforms_so_far.high, u.fully_conforms.low, u.fully_conforms.high].map(|x| rounded(Some(x)));
    json!({
        "fitness": [low, high], "expected": rounded(u.fitness_expected), "conforms_so_far": [conforms_low, conforms_high],
        "fully_conforms": [fully_low, fully_high], "events": events.collect::<Vec<_>>(),
    })
}

/// The codes that saved sessions of all kinds are refused with.
fn saved(case: &Value) -> Value {
    let playbook = match &case["sop"] {
        Value::String(text) => Playbook::parse(text),
        object => Playbook::parse(&object.to_string()),
    };
    let playbook = playbook.expect("an SOP that was read before");
    let text = |one: &Value| one.as_str().map_or_else(|| one.to_string(), ToOwned::to_owned);
    let code = |one: &Value| playbook.resume(&text(one)).map_or_else(|error| error.code(), |_| "");
    case["saved"].as_array().into_iter().flatten().map(code).collect()
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
