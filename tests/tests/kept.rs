//! What a store keeps: the loop of training, alerts, proposals and the versions of SOPs, rebuilt exactly.

use goldpath::Sop;
use goldpath::coaching::{CoachingEvent, CoachingLog, from_value};
use goldpath::improve::{ProposalBook, SopArchive};
use goldpath::monitor::AlertLog;
use goldpath::sop::{History, Note, Patch};
use goldpath::store::{Fold, Kept, Store};
use serde_json::Value;

fn shared() -> Value {
    serde_json::from_str(include_str!("../histories/store.json")).unwrap()
}

struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("goldpath-kept-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn store(&self) -> Store {
        Store::open(self.0.join("team.goldpath")).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Keeps a history event by event, closes the file, and holds what is rebuilt against a fold in memory.
fn kept<S: Fold + PartialEq + std::fmt::Debug>(name: &str, events: &[S::Event]) -> S {
    let folder = Folder::new(name);
    let kept: Kept<S> = Kept::open(folder.store()).unwrap();
    for (at, event) in events.iter().enumerate() {
        kept.add(at as i64, std::slice::from_ref(event)).unwrap();
    }
    let state = kept.state().unwrap();
    let mut folded = S::default();
    for (n, event) in events.iter().enumerate() {
        assert_eq!(kept.state_after(n as u64).unwrap(), folded, "after {n}");
        folded.take(event).unwrap();
    }
    assert_eq!(state, folded);
    drop(kept);
    let again: Kept<S> = Kept::open(folder.store()).unwrap();
    assert_eq!((again.state().unwrap(), again.len().unwrap()), (state.clone(), events.len() as u64));
    again.store().verify().unwrap();
    // Together they are added as one.
    let other = Folder::new(&format!("{name}-2"));
    assert_eq!(Kept::<S>::open(other.store()).unwrap().add(0, events).unwrap(), state);
    state
}

#[test]
fn the_shared_histories() {
    let mut shared = shared();
    let alerts = kept::<AlertLog>("alerts", &from_value::<Vec<_>>("events", shared["alerts"]["events"].clone()).unwrap());
    let statuses: Vec<Value> = alerts.alerts.values().map(|known| known.status.name().into()).collect();
    assert_eq!(Value::Array(statuses), shared["alerts"]["expect"]["statuses"]);
    let book = kept::<ProposalBook>("proposals", &from_value::<Vec<_>>("events", shared["proposals"]["events"].clone()).unwrap());
    let coaching: Value = serde_json::from_str(include_str!("../histories/coaching.json")).unwrap();
    let log = kept::<CoachingLog>("coaching", &from_value::<Vec<_>>("events", coaching["events"].clone()).unwrap());
    assert_eq!(serde_json::to_string(&log).unwrap(), coaching["expect"]["state"]);
    let states = [("alerts", serde_json::to_string(&alerts).unwrap()), ("proposals", serde_json::to_string(&book).unwrap())];
    if std::env::var_os("GOLDPATH_BLESS").is_some() {
        for (name, state) in states {
            shared[name]["expect"]["state"] = state.into();
        }
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/histories/store.json"), serde_json::to_string_pretty(&shared).unwrap() + "\n").unwrap();
    } else {
        for (name, state) in states {
            assert_eq!(state, shared[name]["expect"]["state"], "{name}");
        }
    }
}

#[test]
fn what_is_refused_is_not_written() {
    let (shared, folder) = (shared(), Folder::new("refused"));
    let store = folder.store();
    let (alerts, book): (Kept<AlertLog>, Kept<ProposalBook>) = (Kept::open(store.clone()).unwrap(), Kept::open(store.clone()).unwrap());
    alerts.add(0, &from_value::<Vec<_>>("events", shared["alerts"]["events"].clone()).unwrap()).unwrap();
    book.add(0, &from_value::<Vec<_>>("events", shared["proposals"]["events"].clone()).unwrap()).unwrap();
    for refused in shared["alerts"]["refused"].as_array().unwrap() {
        let event = from_value("event", refused["event"].clone()).unwrap();
        assert_eq!(alerts.add(1, &[event]).unwrap_err().code(), refused["code"].as_str().unwrap());
    }
    for refused in shared["proposals"]["refused"].as_array().unwrap() {
        let event = from_value("event", refused["event"].clone()).unwrap();
        assert_eq!(book.add(1, &[event]).unwrap_err().code(), refused["code"].as_str().unwrap());
    }
    // Of several events none is written where one is refused, and the error says which.
    let before = alerts.state().unwrap();
    let events: Vec<_> = [&shared["alerts"]["events"][1], &shared["alerts"]["refused"][0]["event"]].map(|e| from_value("event", e.clone()).unwrap()).into();
    assert_eq!(alerts.add(1, &events).unwrap_err().faults()[0].place.as_deref(), Some("events[1].id"));
    assert_eq!((alerts.state().unwrap(), alerts.len().unwrap(), book.len().unwrap()), (before, 5, 3));
    // A book that was changed behind is not kept; one that goes on is.
    let mut other = book.state().unwrap();
    other.standing[0].claimed = None;
    assert_eq!(other.since(&book.state().unwrap()).unwrap_err().code(), "improve.rewritten");
    assert_eq!(ProposalBook::default().since(&book.state().unwrap()).unwrap_err().code(), "improve.rewritten");
    assert!(book.state().unwrap().since(&book.state().unwrap()).unwrap().is_empty());
    // What was written by other means and does not follow is said when the log is read.
    store.append(2, &from_value::<goldpath::monitor::AlertEvent>("event", shared["alerts"]["refused"][0]["event"].clone()).unwrap()).unwrap();
    let error = alerts.state().unwrap_err();
    assert!(error.code() == "store.refused" && error.to_string().contains("entry 5"), "{error}");
    assert_eq!(alerts.state_after(5).unwrap().alerts.len(), 2);
}

#[test]
fn versions_of_sops_are_kept_and_rebuilt() {
    let sop =
        Sop::parse("{format: goldpath/1, name: 电话销售, version: 1, steps: {open: {}, needA: {title: 需求}, close: {}}, flow: [open, needA, close]}").unwrap();
    let mut history = History::new(sop, Note::on("2026-01-01", "first").unwrap());
    history.push(&Patch::new().make_optional("needA"), Note::on("2026-04-01", "skipping it costs nothing").unwrap()).unwrap();
    let folder = Folder::new("sops");
    let kept: Kept<SopArchive> = Kept::open(folder.store()).unwrap();
    let save = |kept: &Kept<SopArchive>, history: &History| kept.state().unwrap().since("phone", history).and_then(|events| kept.add(0, &events));
    assert_eq!(save(&kept, &history).unwrap().history("phone").unwrap(), &history);
    let whole = Sop::parse("{format: goldpath/1, name: 电话销售, version: 3, steps: {open: {}, close: {}}, flow: [open, close]}").unwrap();
    history.push_sop(&whole, Note::default()).unwrap();
    assert_eq!(save(&kept, &history).unwrap().history("phone").unwrap(), &history);
    assert_eq!((save(&kept, &history).unwrap().histories.len(), kept.len().unwrap()), (1, 3));
    drop(kept);
    let kept: Kept<SopArchive> = Kept::open(folder.store()).unwrap();
    assert_eq!(kept.state().unwrap().history("phone").unwrap(), &history);
    assert_eq!(kept.state_after(2).unwrap().history("phone").unwrap().head(), history.sop(2).unwrap());
    // Another history under the same name would rewrite it.
    let other = History::new(whole, Note::default());
    assert_eq!(save(&kept, &other).unwrap_err().code(), "archive.rewritten");
    assert_eq!(kept.state().unwrap().history("letters").unwrap_err().code(), "archive.unknown");
    let second = kept.history(1).unwrap().remove(0).record;
    assert_eq!(kept.add(0, &[second]).unwrap_err().code(), "history.parent");
    let first = kept.history(0).unwrap().remove(0).record;
    assert_eq!(kept.add(0, &[first]).unwrap_err().code(), "archive.twice");
}

/// Many threads on one store, each with a state of its own: nothing is lost, and all end in the state a replay gives.
#[test]
fn many_writers() {
    let folder = Folder::new("threads");
    let store = folder.store();
    let event = |rep: usize, n: usize| -> CoachingEvent {
        let value = serde_json::json!({"at": "2026-03-02", "event": "assigned", "rep": format!("r{rep}"), "skill": format!("s{n}"), "due": "2026-03-20"});
        from_value("event", value).unwrap()
    };
    std::thread::scope(|scope| {
        for rep in 0..4 {
            let kept: Kept<CoachingLog> = Kept::open(store.clone()).unwrap();
            scope.spawn(move || (0..10).for_each(|n| drop(kept.add(0, &[event(rep, n)]).unwrap())));
        }
    });
    let kept: Kept<CoachingLog> = Kept::open(store).unwrap();
    let history = kept.history(0).unwrap();
    assert_eq!(history.len(), 40);
    assert_eq!(CoachingLog::replay(history.iter().map(|entry| &entry.record)).unwrap(), kept.state().unwrap());
    kept.store().verify().unwrap();
}
