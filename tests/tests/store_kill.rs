//! Killed in the middle of writing, two hundred times: whatever was acknowledged is there, and the file opens.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use goldpath::store::{Record, Store};
use serde::{Deserialize, Serialize};

const CHILD: &str = "GOLDPATH_TEST_STORE";
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

#[test]
fn what_was_acknowledged_is_there() {
    let folder = std::env::temp_dir().join(format!("goldpath-kill-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("team.goldpath");
    let (mut kept, mut written) = (0, 0);
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["writer", "--exact", "--nocapture"])
            .env(CHILD, &path)
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
        // From before it opens the file to well into the writing.
        std::thread::sleep(Duration::from_millis(round * 37 % 60));
        child.kill().unwrap();
        child.wait().unwrap();
        if let Some(last) = reader.join().unwrap() {
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
