//! Killed in the middle of writing, two hundred times: whatever was acknowledged is there, and the file opens.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use goldpath::Sop;
use goldpath::improve::SopArchive;
use goldpath::sop::{History, Note, Patch};
use goldpath::store::{Kept, Record, Store};
use serde::{Deserialize, Serialize};

const CHILD: &str = "GOLDPATH_TEST_STORE";
const KEEPER: &str = "GOLDPATH_TEST_KEEPER";
const ROUNDS: u64 = 200;

#[derive(Serialize, Deserialize)]
struct Line {
    text: String,
}

impl Record for Line {
    const LOG: &'static str = "lines";
    const VERSION: u32 = 1;
}

/// Not a test of its own: it writes until it is killed, where the other one asks for it.
#[test]
fn writer() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let store = Store::open(path).unwrap();
    let mut out = std::io::stdout().lock();
    for i in 0_u64.. {
        let text = format!("line {i} {}", "x".repeat(i as usize * 37 % 5_000));
        let number = store.append(i as i64, &Line { text }).unwrap();
        writeln!(out, "\nacknowledged {number}").unwrap();
        out.flush().unwrap();
    }
}

/// Runs one of the tests as a process of its own, kills it after a while, and gives the last number it acknowledged.
fn killed(test: &str, variable: &str, path: &Path, after: Duration) -> Option<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(variable, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        let mut last = None;
        for line in out.lines().map_while(Result::ok) {
            last = line.strip_prefix("acknowledged ").and_then(|n| n.parse::<u64>().ok()).or(last);
        }
        last
    });
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[test]
fn what_was_acknowledged_is_there() {
    let folder = std::env::temp_dir().join(format!("goldpath-kill-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("team.goldpath");
    let (mut kept, mut written) = (0, 0);
    for round in 0..ROUNDS {
        // From before it opens the file to well into the writing.
        let last = killed("writer", CHILD, &path, Duration::from_millis(round * 37 % 60));
        if let Some(last) = last {
            kept = last + 1;
        }
        let store = Store::open(&path).unwrap_or_else(|e| panic!("round {round}: {e}"));
        let there = store.count::<Line>().unwrap();
        assert!(there >= kept, "round {round}: {kept} acknowledged, {there} there");
        if round % 20 == 19 {
            store.verify().unwrap();
            assert!(store.entries::<Line>(0).unwrap().iter().enumerate().all(|(i, e)| e.number == i as u64));
        }
        written = there;
    }
    std::fs::remove_dir_all(&folder).unwrap();
    println!("{ROUNDS} rounds, {written} records, {kept} acknowledged");
    assert!(kept > 0);
}

/// Killed while the file is made: it is a store, or it is not there and the next one makes it.
#[test]
fn killed_while_it_is_made() {
    let folder = std::env::temp_dir().join(format!("goldpath-made-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for round in 0..60 {
        let path = folder.join(format!("{round}.goldpath"));
        killed("writer", CHILD, &path, Duration::from_micros(round * 400));
        let store = Store::open(&path).unwrap_or_else(|e| panic!("round {round}: {e}"));
        store.verify().unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// As `writer`: it makes versions of an SOP until it is killed.
#[test]
fn keeper() {
    let Some(path) = std::env::var_os(KEEPER) else { return };
    let kept: Kept<SopArchive> = Kept::open(Store::open(path).unwrap()).unwrap();
    let mut out = std::io::stdout().lock();
    loop {
        let archive = kept.state().unwrap();
        let mut history = archive.history("demo").cloned().unwrap_or_else(|_| {
            History::new(Sop::parse("{format: goldpath/1, name: demo, version: 1, steps: [open, need], flow: [open, need]}").unwrap(), Note::default())
        });
        let made = history.revisions().len();
        if archive.history("demo").is_ok() {
            let title = if made % 2 == 0 { "Need" } else { "需求" };
            history.push(&Patch::new().set_title("need", title), Note::default()).unwrap();
        }
        kept.add(0, &archive.since("demo", &history).unwrap()).unwrap();
        writeln!(out, "\nacknowledged {}", history.revisions().len()).unwrap();
        out.flush().unwrap();
    }
}

/// Versions of an SOP survive as well: the history replays, and no version that was acknowledged is gone.
#[test]
fn versions_that_were_acknowledged_are_there() {
    const ROUNDS: u64 = 30;
    let folder = std::env::temp_dir().join(format!("goldpath-keeper-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("team.goldpath");
    let mut kept = 0;
    for round in 0..ROUNDS {
        if let Some(last) = killed("keeper", KEEPER, &path, Duration::from_millis(round * 37 % 90)) {
            kept = last;
        }
        let store = Store::open(&path).unwrap_or_else(|e| panic!("round {round}: {e}"));
        let archive = Kept::<SopArchive>::open(store.clone()).unwrap().state().unwrap();
        let there = archive.history("demo").map_or(0, |history| history.revisions().len() as u64);
        assert!(there >= kept, "round {round}: {kept} acknowledged, {there} there");
        store.verify().unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(kept > 1, "{kept}");
}
