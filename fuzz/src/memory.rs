//! What the library itself wrote, changed from outside.

use std::path::Path;
use std::sync::{Once, OnceLock};

use goldpath::clips::{ClipChange, ClipEvent, ClipLibrary, ClipQuery, NewClip, Playlist};
use goldpath::coaching::{CoachingEvent, CoachingLog};
use goldpath::evidence::{EffectLedger, Plan, ScreenLedger};
use goldpath::improve::ProposalBook;
use goldpath::monitor::{AlertEvent, AlertLog};
use goldpath::store::Store;
use goldpath::{Detector, Lang};

use crate::files::folder;
use crate::{base_check, base_corpus, base_sop};

/// The store turns panics of the database on a damaged file into errors: these are no findings, a panic that gets out is.
fn database_may_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let ours = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let of_database = info.location().is_some_and(|place| place.file().contains("/redb-"));
            if !of_database {
                ours(info);
            }
        }));
    });
}

fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}

fn events() -> Vec<ClipEvent> {
    let written = [
        r#"{"event": "unlisted", "name": "x"}"#,
        r#"{"event": "watched", "clip": "clip-1", "rep": "Ann"}"#,
        r#"{"event": "removed", "id": "clip-1", "reason": "old"}"#,
        r#"{"event": "listed", "playlist": {"name": "new here", "clips": ["clip-1"]}}"#,
    ];
    written.iter().map(|text| serde_json::from_str(text).expect("an event")).collect()
}

/// The bytes of a store with a few entries.
fn base_store() -> &'static [u8] {
    static BASE: OnceLock<Vec<u8>> = OnceLock::new();
    BASE.get_or_init(|| {
        let path = folder().join("base.goldpath");
        let store = Store::open(&path).expect("a store");
        let library = ClipLibrary::open(store.clone()).expect("a library");
        library.add(base_corpus(), NewClip::new("c1", 0, 2, "预算"), 1).expect("a clip");
        for event in events() {
            store.append(2, &event).expect("an entry");
        }
        drop(library);
        store.close();
        drop(store);
        let bytes = std::fs::read(&path).expect("the file");
        remove(&path);
        bytes
    })
}

/// Good bytes overwritten at places, each given as offset (3 bytes), length (1) and what is there now.
fn changed(good: &[u8], mut places: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    while let Some(([a, b, c, length], more)) = places.split_first_chunk::<4>() {
        let at = (usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c)) % bytes.len();
        let (new, more) = more.split_at(more.len().min(usize::from(*length)));
        let end = bytes.len().min(at + new.len());
        bytes[at..end].copy_from_slice(&new[..end - at]);
        places = more;
    }
    bytes
}

/// A store whose file is these bytes (first byte odd), or a good file that was changed.
pub fn store(data: &[u8]) {
    database_may_panic();
    let Some((&first, rest)) = data.split_first() else { return };
    let mut bytes = if first % 2 == 1 { rest.to_vec() } else { changed(base_store(), rest) };
    if first % 8 == 2 {
        bytes.truncate(bytes.len() * usize::from(first) / 256);
    }
    let path = folder().join("changed.goldpath");
    std::fs::write(&path, &bytes).expect("a file");
    if let Ok(store) = Store::open(&path) {
        if let Ok(logs) = store.logs() {
            for log in logs.iter().take(8) {
                let _ = store.export(log);
            }
        }
        let _ = (store.verify(), store.count::<ClipEvent>(), store.entries::<ClipEvent>(0));
        if let Ok(library) = ClipLibrary::open(store.clone()) {
            let _ = library.search(&ClipQuery { words: Some("预算".into()), ..ClipQuery::default() });
        }
        let _ = store.append(3, &events()[0]);
    }
    remove(&path);
}

/// A library of clips: each line is something to do, as JSON.
pub fn clips(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let path = folder().join("clips.goldpath");
    remove(&path);
    let library = ClipLibrary::open(Store::open(&path).expect("a store")).expect("a library");
    for line in text.lines().take(12) {
        let Some((what, json)) = line.split_once(' ') else { continue };
        match what {
            "add" => drop(serde_json::from_str::<NewClip>(json).map(|new| library.add(base_corpus(), new, 1))),
            "change" => drop(serde_json::from_str::<ClipChange>(json).map(|change| library.change("clip-1", change, 2))),
            "list" => drop(serde_json::from_str::<Playlist>(json).map(|list| library.set_playlist(list, 3))),
            "event" => drop(serde_json::from_str::<ClipEvent>(json).map(|event| library.store().append(4, &event))),
            "remove" => drop(library.remove("clip-1", json, 5)),
            "watch" => drop(library.watched("clip-1", json, 6)),
            _ => {
                let query = serde_json::from_str::<ClipQuery>(json).unwrap_or_default();
                let _ = (library.search(&query), library.to_jsonl(&query), library.to_markdown(&query, Lang::Zh), library.cut_list(&query));
            }
        }
    }
    let store = library.store().clone();
    store.verify().expect("nobody changed it");
    let again = ClipLibrary::open(store).expect("what was written can be read");
    let _ = again.search(&ClipQuery::default());
    drop((again, library));
    remove(&path);
}

/// Ledgers, plans, detectors, live sessions, books of proposals and logs, by the first byte; a large letter is good bytes changed.
pub fn saved(data: &[u8]) {
    let Some((&first, bytes)) = data.split_first() else { return };
    let good = match first {
        b'S' => Some(base_screen().to_bytes()),
        b'P' => Some(base_plan().to_bytes()),
        b'E' => Some(base_check().tally(base_plan()).expect("a ledger").to_bytes()),
        _ => None,
    };
    let made = good.map(|good| changed(&good, bytes));
    let bytes = made.as_deref().unwrap_or(bytes);
    let text = std::str::from_utf8(bytes);
    match first.to_ascii_lowercase() {
        b'd' => {
            if let Ok(detector) = Detector::from_bytes(bytes) {
                let _ = detector.tag(base_corpus());
                let _ = Detector::from_bytes(&detector.to_bytes()).expect("what was written");
            }
        }
        b's' => {
            if let Ok(ledger) = ScreenLedger::from_bytes(bytes) {
                let written = ledger.to_bytes();
                assert_eq!(ScreenLedger::from_bytes(&written).expect("what was written").to_bytes(), written);
                let mut both = ledger.clone();
                if both.merge(&ledger).is_ok() {
                    let _ = both.decided();
                }
                let plan = Plan::of(&ledger);
                let _ = base_check().tally(&plan);
            }
        }
        b'p' => {
            if let Ok(plan) = Plan::from_bytes(bytes) {
                if let Ok(ledger) = base_check().tally(&plan) {
                    let _ = goldpath::evidence::finish(&ledger, &plan, &goldpath::evidence::EvidenceOptions::default());
                }
            }
        }
        b'e' => {
            let plan = base_plan();
            if let Ok(ledger) = EffectLedger::from_bytes(bytes) {
                let mut both = ledger.clone();
                let _ = both.merge(&ledger);
                let _ = goldpath::evidence::finish(&ledger, plan, &goldpath::evidence::EvidenceOptions::default());
            }
        }
        b'l' => {
            if let Ok(session) = text.map(|text| base_sop().resume(text)) {
                let _ = session.map(|session| session.state().map(|state| state.deviations.len()));
            }
        }
        b'b' => {
            if let Ok(Ok(book)) = text.map(ProposalBook::from_json) {
                let written = book.to_json();
                assert_eq!(ProposalBook::from_json(&written).expect("what was written").to_json(), written);
                let _ = book.apply(&base_sop().entries()[0].sop);
            }
        }
        b'c' => {
            if let Ok(events) = serde_json::from_slice::<Vec<CoachingEvent>>(bytes) {
                let _ = CoachingLog::replay(&events);
            }
        }
        _ => {
            if let Ok(events) = serde_json::from_slice::<Vec<AlertEvent>>(bytes) {
                let _ = AlertLog::replay(&events);
            }
        }
    }
}

fn base_screen() -> &'static ScreenLedger {
    static BASE: OnceLock<ScreenLedger> = OnceLock::new();
    BASE.get_or_init(|| base_check().screen(&["segment".into()], &[]).expect("a ledger"))
}

fn base_plan() -> &'static Plan {
    static BASE: OnceLock<Plan> = OnceLock::new();
    BASE.get_or_init(|| Plan::of(base_screen()))
}
