//! What each target does with its bytes. A panic, a hang, too much memory, or an answer that contradicts itself is a finding.

mod files;
mod memory;
mod text;

pub use files::{captions, columns, convokit, csv, gong, jsonl, xes};
pub use memory::{clips, saved, store};
pub use text::{bpmn, detector, fragment, patch, scorecard, sop, words};

use std::sync::OnceLock;

use goldpath::evidence::{ChoiceTable, EvidenceOptions};
use goldpath::progress::Progress;
use goldpath::{Check, CheckOptions, Corpus, Playbook};

/// Conversations that files are laid beside: a few, with turns, attributes, times, outcomes and reps.
pub const CONVERSATIONS: &str = r#"
{"id": "c1", "rep": "Ann", "team": "north", "deal": "d1", "started_at": "2026-01-05T09:00:00Z", "attributes": {"segment": "smb", "size": 3}, "outcome": {"won": true, "value": 12.5}, "turns": [{"speaker": "agent", "text": "您好，我是小安，请问预算多少？", "start": 0, "end": 3, "steps": ["a"]}, {"speaker": "customer", "text": "It is too expensive for us.", "start": 3, "end": 6, "steps": ["b"]}, {"speaker": "agent", "text": "Let me show you. 电话 13800138000", "start": 6, "end": 9, "steps": ["c"]}]}
{"id": "c2", "rep": "Bob", "team": "north", "deal": "d1", "started_at": "2026-01-06", "attributes": {"segment": "enterprise"}, "outcome": {"won": false}, "turns": [{"speaker": "agent", "text": "Hello", "steps": ["a", {"step": "c", "prob": 0.7}]}, {"speaker": "customer", "text": "太贵了"}]}
{"id": "c3", "rep": "Ann", "attributes": {"segment": "smb"}, "outcome": {"won": null}, "steps": ["b", "a", "a", "x", "c"]}
"#;

/// The SOP they are held against.
pub const SOP: &str = "
format: goldpath/1
name: base
steps: {a: {title: Open, standards: [{questions: {at_least: 1}}]}, b: {by: customer}, c: {stage: End}, d: {}, t: {}}
flow: [a, {any_order: [b, c]}, {optional: [d]}, {when: {segment: enterprise}, then: [{repeat: [c], at_most: 3}]}]
anytime: [t]
accepted: [{skip: d}]
";

/// The SOP, read.
pub fn base_sop() -> &'static Playbook {
    static BASE: OnceLock<Playbook> = OnceLock::new();
    BASE.get_or_init(|| Playbook::parse(SOP).expect("the SOP"))
}

/// The conversations, read.
pub fn base_corpus() -> &'static Corpus {
    static BASE: OnceLock<Corpus> = OnceLock::new();
    BASE.get_or_init(|| Corpus::parse(CONVERSATIONS.as_bytes()).expect("the conversations"))
}

/// The conversations, checked.
pub fn base_check() -> &'static Check {
    static BASE: OnceLock<Check> = OnceLock::new();
    BASE.get_or_init(|| check(base_corpus(), base_sop()).expect("a check"))
}

fn check(corpus: &Corpus, sop: &Playbook) -> goldpath::Result<Check> {
    corpus.check_with(sop, &CheckOptions::default(), &Progress::none())
}

/// Looks at a corpus that was read as later rooms do.
fn look(corpus: &Corpus) {
    let _ = corpus.table().len() + corpus.problems_table().len();
    for case in 0..corpus.len().min(16) {
        let conversation = corpus.conversation(case);
        let json = serde_json::to_vec(&conversation).expect("what was read can be written");
        let again = Corpus::parse(&json).unwrap_or_else(|e| panic!("what was written cannot be read: {e}\n{}", String::from_utf8_lossy(&json)));
        assert_eq!(again.len(), 1);
    }
    let _ = corpus.by_deal();
    if let Ok(check) = check(corpus, base_sop()) {
        let _ = (check.deviations().map(|table| table.len()), check.choices().len());
        let _ = ChoiceTable::of(&check, &[], &[]).map(|choices| choices.findings(&EvidenceOptions::default()));
    }
}
