//! `cargo run -p goldpath-tests --example fuzz_seeds -- FOLDER`: small inputs for the targets of `fuzz/`, made of the shared
//! cases, the blocks of the docs and what the library writes itself; and a dictionary of the words its files know.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use goldpath::detect::FitOptions;
use goldpath::evidence::Plan;
use goldpath::simulate::{random_conversation, random_sop};
use goldpath::sop::{Fragment, History, Note, Patch, Rules};
use goldpath::{Corpus, Detector, Lang, Playbook, Scorecard, Sop};
use goldpath_tests::{cases, cases_folder};
use serde_json::Value;

const CSV: &str = "case_id,activity,timestamp,resource,case:segment,case:won,note\n\
    c1,close,2024-03-01 10:00,Bob,smb,true,\n\
    c2,open,2024/3/2 9:00,Ann,large,false,\"a \"\"quoted\"\"\nnote\"\n\
    c1,open,2024-03-01T09:30:00+00:00,Ann,smb,true,x\n";
const CASES: &str = "id;rep;started_at;won;value;segment\nc1;Ann;2026-01-05;true;1,5;smb\nc2;Bob;;;;\n";
const TURNS: &str = "conversation_id\tspeaker\ttext\tstart\tend\nc1\tagent\t您好\t0\t1.5\nc1\tcustomer\thello\t00:02\t00:03\n";
const XES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016"><extension name="Concept" prefix="concept" uri="x"/>
<global scope="event"><string key="concept:name" value="none"/></global><string key="origin" value="crm"/>
<trace><string key="concept:name" value="c1"/><string key="segment" value="A &amp; B"/><int key="seats" value="20"/><float key="value" value="12.5"/>
<boolean key="won" value="true"/><date key="due" value="2024-03-02"/><list key="tags"><values><string key="tag" value="hot"/></values></list>
<event><string key="concept:name" value="close"/><date key="time:timestamp" value="2024-03-01T12:00:00+08:00"/><string key="org:resource" value="Bob"/><string key="lifecycle:transition" value="complete"/></event>
<event><string key="concept:name" value="open"><string key="why" value="x"/></string><date key="time:timestamp" value="1969-12-31T23:59:59.5Z"/></event></trace>
<trace><string key="concept:name" value="c2"/><boolean key="won" value="false"/></trace></log>
"#;
const VTT: &str = "WEBVTT - call\n\nNOTE made by hand\n--> not a cue\n\n1\n00:00:01.000 --> 00:00:03.500 align:start\n<v Ann>Hello &amp; welcome\nto the call</v>\n\n\
    00:03.500 --> 00:05.000\n<v Ann><i>How</i> are you?\n\n00:00:04.000 --> 00:00:06.000\n<v Bob>Fine.\n";
const SRT: &str = "\u{feff}1\r\n00:00:01,000 --> 00:00:02,000\r\n客服：您好\r\n\r\n2\r\n00:00:03,000 --> 00:00:05,000\r\n客户：<b>太贵了</b>\r\n";
const CONVOKIT: &str = "{\"conversation_id\": \"k1\", \"speaker\": \"s2\", \"timestamp\": 1700000060, \"text\": \"hello\", \"meta\": {}}\n\
    {\"conversation_id\": \"k1\", \"speaker\": \"s1\", \"timestamp\": 1700000000, \"text\": \"hi\", \"meta\": {\"act\": [\"greet\"]}}\n\
    {\"root\": \"k2\", \"user\": \"s1\", \"timestamp\": \"3.5\", \"text\": \"hi\"}\n\0\
    {\"k1\": {\"meta\": {\"won\": true, \"more\": {\"a\": 1}}}, \"k2\": {\"won\": null}}\0{\"s1\": {\"meta\": {\"role\": \"agent\"}}, \"s2\": {\"meta\": {\"role\": \"user\"}}}";
const GONG: &str = r#"{"requestId": "r", "callTranscripts": [{"callId": "77", "transcript": [
 {"speakerId": "11", "topic": "Intro", "sentences": [{"start": 460, "end": 1500, "text": "Hello."}, {"start": 1600, "end": 2400, "text": "How are you?"}]},
 {"speakerId": "22", "topic": null, "sentences": [{"start": 2500, "end": 3000, "text": "Fine."}]}]}]}"#;
const PARTIES: &str = r#"{"calls": [{"metaData": {"id": "77", "started": "2024-03-01T10:00:00-08:00", "primaryUserId": "u1"},
 "parties": [{"speakerId": "11", "name": "Ann", "userId": "u1", "affiliation": "Internal"}, {"speakerId": "22", "name": "Bob", "affiliation": "External"}]}]}"#;
const CLIPS: &str = r#"add {"conversation": "c1", "turns": [0, 2], "title": "预算", "tags": ["a"], "folder": "x/y", "names": ["Ann"], "consent": "given"}
change {"title": "new", "tags": ["b", "c"], "kind": "objection"}
list {"name": "new here", "clips": ["clip-1"]}
watch Bob
find {"words": "预算 expensive", "folder": "x", "playlist": "new here", "most": 3}
event {"event": "watched", "clip": "clip-1", "rep": "Ann"}
remove old
"#;

struct Seeds(PathBuf);

impl Seeds {
    /// Written under a name that is its content, so that a folder that has grown keeps what it found.
    fn put(&self, target: &str, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let folder = self.0.join(target);
        std::fs::create_dir_all(&folder).expect("a folder");
        let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        std::fs::write(folder.join(format!("seed-{hash:016x}")), bytes).expect("a file");
    }
}

/// The blocks of a language in the pages of the docs.
fn blocks(folder: &Path, lang: &str, found: &mut Vec<String>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).expect("the docs").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            blocks(&path, lang, found);
        } else if path.extension().is_some_and(|end| end == "md") {
            let text = std::fs::read_to_string(&path).expect("a page");
            let opening = format!("\n```{lang}\n");
            let parts = text.split(&opening).skip(1).filter_map(|rest| rest.split("\n```").next());
            found.extend(parts.map(ToOwned::to_owned));
        }
    }
}

/// All keys of a JSON Schema, and the words its enums allow.
fn words(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                if let ("properties", Value::Object(properties)) = (key.as_str(), value) {
                    found.extend(properties.keys().cloned());
                }
                if let ("enum", Value::Array(list)) = (key.as_str(), value) {
                    found.extend(list.iter().filter_map(|word| word.as_str().map(ToOwned::to_owned)));
                }
                words(value, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| words(value, found)),
        _ => {}
    }
}

fn main() -> goldpath::Result<()> {
    let folder = std::env::args().nth(1).map_or_else(|| PathBuf::from("fuzz/corpus"), PathBuf::from);
    let seeds = Seeds(folder.clone());
    let repository = cases_folder().join("../..");
    let mut sops = Vec::new();

    for (_, case) in cases() {
        let written = case["sop"].as_str().map_or_else(|| case["sop"].to_string(), ToOwned::to_owned);
        seeds.put("sop", &written);
        if let Ok(sop) = Sop::parse(&written) {
            sops.push(sop);
        }
        let lines = case["conversations"].as_array().into_iter().flatten().take(4);
        let lines: Vec<String> = lines.map(|c| c.as_str().map_or_else(|| c.to_string(), ToOwned::to_owned)).collect();
        seeds.put("jsonl", lines.join("\n"));
        for turn in lines.iter().take(1) {
            seeds.put("words", turn);
        }
        if case["scorecard"].is_object() {
            seeds.put("scorecard", case["scorecard"].to_string());
        }
    }
    sops.extend((0..12).map(|seed| random_sop(seed, 3 + seed as usize)));
    for (sop, next) in sops.iter().zip(sops.iter().cycle().skip(1)) {
        seeds.put("sop", sop.to_yaml());
        seeds.put("bpmn", sop.to_bpmn());
        let diff = sop.diff(next);
        seeds.put("patch", diff.patch().clone().unbound().to_yaml());
        let mut history = History::new(sop.clone(), Note::on("2026-03-01", "first")?);
        // Two SOPs that have nothing to do with each other need not be versions of one.
        if history.push_sop(next, Note::on("2026-04-01", "next")?).is_ok() {
            seeds.put("patch", history.to_yaml());
        }
        seeds.put("scorecard", Scorecard::equal(&Playbook::from(sop.clone())).to_yaml());
    }

    let mut yaml = Vec::new();
    blocks(&repository.join("docs/src"), "yaml", &mut yaml);
    for block in &yaml {
        ["sop", "detector", "scorecard", "patch", "fragment"].iter().for_each(|target| seeds.put(target, block));
    }
    let mut json = Vec::new();
    blocks(&repository.join("docs/src"), "json", &mut json);
    json.iter().for_each(|block| seeds.put("jsonl", block));
    for id in Fragment::ready_ids() {
        for lang in [Lang::Zh, Lang::En] {
            seeds.put("fragment", Fragment::ready_yaml(id, lang)?);
        }
    }

    [CSV, CASES, TURNS].iter().for_each(|table| seeds.put("csv", table));
    seeds.put("xes", XES);
    [VTT, SRT].iter().for_each(|text| seeds.put("captions", text));
    [VTT, SRT, CLIPS, "我叫小安，微信 abc123，身份证 11010519491231002X\n请问预算多少？\n太贵了"].iter().for_each(|text| seeds.put("words", text));
    seeds.put("convokit", CONVOKIT);
    seeds.put("gong", GONG);
    seeds.put("gong", format!("{GONG}\0{PARTIES}"));
    seeds.put("clips", CLIPS);
    seeds.put("store", [0]);
    seeds.put("store", [0, 0, 0, 64, 4, 1, 2, 3, 4, 0, 16, 0, 2, 255, 255]);
    seeds.put("store", b"\x01redb\x1a\n\xa9\r\n");
    for seed in 0..8_u8 {
        seeds.put("columns", (0..200_u16).map(|i| (i as u8).wrapping_mul(seed).wrapping_add(seed)).collect::<Vec<_>>());
    }
    saved(&seeds, &repository)?;

    let mut dictionary = BTreeSet::new();
    for schema in [Sop::json_schema(), Playbook::json_schema(), Scorecard::json_schema(), Patch::json_schema(), History::json_schema()].into_iter().chain([
        Fragment::json_schema(),
        Rules::json_schema(),
        Detector::json_schema(),
    ]) {
        words(&schema, &mut dictionary);
    }
    let words = ["goldpath/1", "goldpath/detector/1", "WEBVTT", "-->", "bpmn:task", "sequenceFlow", "concept:name", "turns", "speaker", "agent", "customer"];
    dictionary.extend(words.map(ToOwned::to_owned));
    let lines: String = dictionary.iter().filter(|word| !word.contains(['"', '\\'])).map(|word| format!("\"{word}\"\n")).collect();
    std::fs::write(folder.join("words.dict"), lines).expect("a file");
    Ok(())
}

/// What the library saves: each with the letter by which the target tells it.
fn saved(seeds: &Seeds, repository: &Path) -> goldpath::Result<()> {
    let put = |letter: u8, bytes: &[u8]| seeds.put("saved", [&[letter], bytes].concat());
    let sop = random_sop(3, 6);
    let conversations = (0..30).map(|seed| {
        let mut conversation = random_conversation(&sop, seed, 0.3);
        conversation.rep = Some(if seed % 2 == 0 { "Ann".into() } else { "Bob".into() });
        conversation.outcome.insert("won".into(), Some(goldpath::corpus::OutcomeValue::Bool(seed % 3 == 0)));
        conversation
    });
    let check = Corpus::from_conversations(conversations)?.check(&sop)?;
    let ledger = check.screen(&[], &[])?;
    let plan = Plan::of(&ledger);
    let effects = check.tally(&plan)?;
    b"SPE".iter().for_each(|&letter| put(letter, &[0, 0, 40, 2, b'9', b'9', 0, 1, 0, 1, b'-']));
    put(b's', &ledger.to_bytes());
    put(b'p', &plan.to_bytes());
    put(b'e', &effects.to_bytes());
    let mut session = sop.live(|_| None)?;
    for step in sop.steps().keys().take(3) {
        let _ = session.push(step)?.count();
    }
    put(b'l', session.to_json().as_bytes());
    put(b'b', goldpath::improve::ProposalBook::default().to_json().as_bytes());
    let history: Value = serde_json::from_str(&std::fs::read_to_string(repository.join("tests/histories/coaching.json")).expect("a history")).expect("JSON");
    put(b'c', history["events"].to_string().as_bytes());
    put(b'a', br#"[{"event": "intervened", "id": "x", "at": "2026-01-05", "by": "Li", "what": "talked"}, {"event": "concluded", "id": "x", "at": "2026-02-05", "result": "fine", "resolved": true}]"#);
    let lines: String = (0..40)
        .map(|i| {
            let (step, text) = if i % 2 == 0 { ("budget", "what is your budget") } else { ("trial", "shall we try it together") };
            format!("{{\"id\": \"c{i}\", \"turns\": [{{\"speaker\": \"agent\", \"text\": \"{text} {i}\", \"steps\": [\"{step}\"]}}, {{\"speaker\": \"customer\", \"text\": \"yes {i}\"}}]}}\n")
        })
        .collect();
    let detector = Detector::fit(&Corpus::parse(lines.as_bytes())?, &FitOptions::default())?;
    put(b'd', &detector.to_bytes());
    Ok(())
}
