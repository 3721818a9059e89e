//! Records as hosts hand them over: JSON texts in memory, with the faults other programs write into them.

use goldpath::Corpus;
use goldpath::corpus::{OnError, ReadOptions};
use goldpath::progress::Progress;

fn fault(text: &str) -> goldpath::Fault {
    Corpus::parse(text.as_bytes()).unwrap_err().faults()[0].clone()
}

#[test]
fn bare_words_in_json_are_named() {
    let found = fault("{\"id\": \"a\", \"steps\": []}\n{\"id\": \"b\", \"steps\": [], \"outcome\": {\"won\": -Infinity}}");
    assert_eq!((found.code, found.line, found.place.as_deref()), ("corpus.not_a_number", Some(2), Some("outcome.won")));
    assert!(found.message.contains("-Infinity"), "{found}");
    let found = fault("[{\"id\": \"a\", \"steps\": []},\n {\"id\": \"b\", \"attributes\": {\"size\": NaN}}]");
    assert_eq!((found.code, found.line), ("corpus.not_a_number", Some(2)));
    let found = fault("{\"id\": \"b\", \"outcome\": {\"won\": undefined}}");
    assert_eq!((found.code, found.place.as_deref()), ("corpus.json", Some("outcome.won")));
    assert!(found.message.contains("`undefined`"), "{found}");
    assert_eq!(fault("{\"id\": \"b\", }").code, "corpus.json");
}

#[test]
fn records_keep_their_numbers_and_none_is_lost() {
    let records: Vec<Vec<u8>> = (0..5000)
        .map(|i| match i {
            7 => b"{\"id\": \"7\", \"outcome\": {\"won\": NaN}}".to_vec(),
            4999 => b"{\"id\": \"0\"}".to_vec(),
            i => format!("{{\"id\": \"{i}\", \"startedAt\": \"2026-01-01\", \"steps\": [\"a\"]}}").into_bytes(),
        })
        .collect();
    let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    let options = ReadOptions { on_error: OnError::Collect, ..ReadOptions::default() };
    let corpus = Corpus::from_json_records(&records, options, &Progress::none()).unwrap();
    let places: Vec<_> = corpus.problems().iter().map(|fault| (fault.code, fault.place.as_deref().unwrap())).collect();
    assert_eq!(places, [("corpus.not_a_number", "[7].outcome.won"), ("corpus.duplicate_id", "[4999].id")]);
    assert_eq!(corpus.len(), 4998);
    assert_eq!(corpus.attributes().len(), 0, "startedAt is the start, not an attribute");
    assert!(corpus.conversation(0).started_at.is_some());
}
