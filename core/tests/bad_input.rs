//! Hostile and mistaken input: a clear error with its place, or a correct answer; nothing is lost silently.

use std::io::Write;
use std::path::PathBuf;

use flate2::{Compression, write::GzEncoder};
use goldpath::corpus::{CaseTable, Conversation, EventTable, OnError, OutcomeColumnSpec, OutcomeValue, ReadOptions, ValueColumn};
use goldpath::progress::Progress;
use goldpath::{Corpus, Lang, Sop, review};

fn sop(rest: &str) -> String {
    format!("format: goldpath/1\nname: x\n{rest}")
}

fn faults(rest: &str) -> Vec<(&'static str, Option<u64>, String)> {
    let error = Sop::parse(&sop(rest)).expect_err("not a valid SOP");
    error.faults().iter().map(|f| (f.code, f.line, f.place.clone().unwrap_or_default())).collect()
}

fn fault(rest: &str) -> (&'static str, Option<u64>, String) {
    let list = faults(rest);
    assert_eq!(list.len(), 1, "{list:?}");
    list.into_iter().next().expect("one fault")
}

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("goldpath-bad-input-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("a file");
    path
}

fn collect() -> ReadOptions {
    ReadOptions { on_error: OnError::Collect, ..ReadOptions::default() }
}

fn lines(n: usize) -> String {
    let line = |i| format!("{{\"id\": \"c{i}\", \"steps\": [\"a\", \"b\"], \"outcome\": {{\"won\": true}}}}\n");
    (1..=n).map(line).collect()
}

#[test]
fn an_sop_names_each_fault_with_its_place() {
    assert_eq!(fault("steps: [a]\nflow:\n  - a\n  - b"), ("sop.unknown_step", Some(6), "flow[1]".into()));
    assert_eq!(fault("steps: {a: {}, b: {}, a: {}}\nflow: [a, b]"), ("sop.duplicate_id", Some(3), "steps.a".into()));
    assert_eq!(fault("steps: [a]\nflow: [a, {one_of: []}]"), ("sop.empty_choice", Some(4), "flow[1].one_of".into()));
    assert_eq!(fault("steps: [a]\nflow: [{repeat: [a], at_least: 3, at_most: 2}]").0, "sop.reversed_bounds");
    assert_eq!(fault("steps: [a, b]\nflow: [a, {repeat: [b], at_most: 0}]").0, "sop.unreachable");
    assert_eq!(fault("steps: [a, b]\nflow: [a]").0, "sop.unreachable");
    assert_eq!(fault("steps: [a]\nflow: [a]\nanytime: [a]"), ("sop.flow_and_anytime", Some(5), "anytime[0]".into()));
    assert_eq!(fault("steps: [a, b, c]\ngraph: {start: a, end: b, edges: [[a, b], [c, b]]}").0, "sop.unreachable");
    assert_eq!(fault("steps: [a, b, c]\ngraph: {start: a, end: b, edges: [[a, b], [a, c], [c, c]]}").0, "sop.no_end");
    assert_eq!(fault("steps: [a]\nflow: a: b: c").0, "sop.syntax");
    assert_eq!(fault("steps: [a]\nflow: [a]\nsteps: [b]").0, "sop.duplicate_id");
    assert_eq!(fault("steps: {a: {cost: {extra: 101}}}\nflow: [a]").0, "sop.wrong_number");
    assert_eq!(fault("steps: {a: {titel: A}}\nflow: [a]").0, "sop.unknown_key");
    assert_eq!(faults("steps: 5\nflow: 7").len(), 2);
}

#[test]
fn all_faults_come_at_once() {
    let list = faults("steps: {a: {}, b: {}, a: {}}\nflow: [a, {one_of: []}, zz, {repat: [b]}, {repeat: [a], at_least: 3, at_most: 2}]\nanytime: [a]\ngraf: 1");
    let codes: Vec<_> = list.iter().map(|f| f.0).collect();
    for code in ["sop.duplicate_id", "sop.empty_choice", "sop.unknown_step", "sop.block_kind", "sop.reversed_bounds", "sop.flow_and_anytime", "sop.unknown_key"]
    {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    assert!(list.iter().any(|f| f.0 == "sop.reversed_bounds" && f.2 == "flow[4]"), "places stay true behind a member that cannot be read");
}

#[test]
fn bombs_and_depths_are_refused_quickly() {
    let levels = "abcdefgh";
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (a, b) in levels.chars().zip(levels.chars().skip(1)) {
        bomb += &format!("{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n");
    }
    assert_eq!(fault(&bomb).0, "sop.too_deep_or_large");
    for deep in ["[".repeat(10_000), "{a: ".repeat(10_000), "- ".repeat(10_000)] {
        let code = fault(&format!("steps: [a]\nflow: {deep}")).0;
        assert!(matches!(code, "sop.too_deep_or_large" | "sop.syntax"), "{code}");
    }
    assert_eq!(fault(&format!("steps: [a]\nflow: {}a{}", "[".repeat(70), "]".repeat(70))).0, "sop.too_deep");
    let thirty: Vec<String> = (0..30).map(|i| format!("s{i}")).collect();
    let thirty = thirty.join(", ");
    assert_eq!(fault(&format!("steps: [{thirty}]\nflow: [any_order: [{thirty}]]")), ("sop.too_many_states", Some(4), "flow[0].any_order".into()));
    assert_eq!(fault("steps: [a]\nflow: [{repeat: [a], at_least: 4000000000}]").0, "sop.too_many_states");
    let nested = "steps: [a, b]\nflow: [{repeat: [{repeat: [a, {repeat: [b], at_most: 1000}], at_most: 1000}], at_most: 1000}]";
    assert_eq!(fault(nested).0, "sop.too_many_states");
}

/// Leaving a conditional part out may let a flow grow: then the check is an error, not a crash.
#[test]
fn a_scenario_that_grows_is_an_error() {
    let text = sop("steps: [a, b, c]\nflow: [{repeat: [{optional: [a]}, {optional: [c]}, {when: {x: y}, then: [b]}], at_most: 400}]");
    let sop = Sop::parse(&text).expect("with the part it fits");
    let corpus = Corpus::from_conversations([Conversation::of_steps("c", ["a"])]).expect("a corpus");
    assert_eq!(corpus.check(&sop).expect_err("without it does not").code(), "sop.too_many_states");
}

#[test]
fn a_truncated_gzip_says_where() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(lines(5_000).as_bytes()).expect("memory");
    let whole = gzip.finish().expect("memory");
    let path = file("cut.jsonl.gz", &whole[..whole.len() / 2]);
    let error = Corpus::read(&path).expect_err("the file is cut");
    assert_eq!(error.code(), "corpus.truncated");
    assert!(error.faults()[0].source.as_ref().is_some_and(|s| s.ends_with("cut.jsonl.gz")) && error.faults()[0].line.is_some());
    let kept = Corpus::read_with(&path, collect(), &Progress::none()).expect("what is whole is kept");
    assert!(kept.len() > 100 && kept.len() < 5_000);
    assert_eq!(kept.problems()[0].code, "corpus.truncated");
    let path = file("whole.jsonl.gz", &whole);
    assert_eq!(Corpus::read(path).expect("the whole file").len(), 5_000);
}

#[test]
fn a_broken_line_is_named_by_its_number() {
    let mut text: Vec<String> = lines(100).lines().map(ToOwned::to_owned).collect();
    text[56] = "{\"id\": \"c57\", \"steps\": [\"a\"".into();
    let path = file("line57.jsonl", text.join("\n").as_bytes());
    let error = Corpus::read(&path).expect_err("line 57 is broken");
    assert_eq!((error.code(), error.faults()[0].line), ("corpus.json", Some(57)));
    let kept = Corpus::read_with(&path, collect(), &Progress::none()).expect("the rest");
    assert_eq!((kept.len(), kept.problems().len(), kept.problems_table().len()), (99, 1, 1));
}

#[test]
fn wrong_records_name_their_field() {
    let place = |line: &str| {
        let error = Corpus::parse(line.as_bytes()).expect_err(line);
        (error.code(), error.faults()[0].place.clone().unwrap_or_default())
    };
    assert_eq!(place(r#"{"steps": ["a"]}"#).0, "corpus.missing_id");
    assert_eq!(place(r#"{"id": ""}"#).0, "corpus.missing_id");
    assert_eq!(place(r#"{"id": "a", "turns": [{"speaker": "agent"}, {"speaker": "boss"}]}"#), ("corpus.wrong_type", "turns[1].speaker".into()));
    assert_eq!(place(r#"{"id": "a", "turns": [{"text": "hi"}]}"#).0, "corpus.wrong_type");
    assert_eq!(place(r#"{"id": "a", "steps": [1]}"#).0, "corpus.wrong_type");
    assert_eq!(place(r#"{"id": "a", "steps": [{"turn": 1}]}"#), ("corpus.empty_step", "steps[0]".into()));
    assert_eq!(place(r#"{"id": "a", "steps": [""]}"#), ("corpus.empty_step", "steps[0]".into()));
    assert_eq!(place(r#"{"id": "a", "outcome": {"won": "yes"}}"#), ("corpus.wrong_type", "outcome.won".into()));
    assert_eq!(place(r#"{"id": "a", "outcome": {"won": NaN}}"#).0, "corpus.not_a_number");
    assert_eq!(place(r#"{"id": "a", "outcome": {"won": 1e999}}"#).0, "corpus.json");
    assert_eq!(place(r#"{"id": "a", "started_at": "tomorrow"}"#).0, "corpus.wrong_type");
    assert_eq!(place(r#"{"id": "a", "steps": [{"step": "x", "prob": 1.5}]}"#), ("corpus.wrong_prob", "steps[0]".into()));
    assert_eq!(place(r#"{"id": "a", "steps": [{"step": "x", "turn": 3}], "turns": [{"speaker": "agent"}]}"#).0, "corpus.unknown_turn");
    assert_eq!(place("{\"id\": \"a\"}\n{\"id\": \"a\"}"), ("corpus.duplicate_id", "id".into()));
    assert_eq!(place(r#"[{"id": "a"}, {"id": 5, "steps": {}}]"#), ("corpus.wrong_type", "[1].steps".into()));
    let nan =
        Conversation { outcome: [("value".to_owned(), Some(OutcomeValue::Number(f64::NAN)))].into_iter().collect(), ..Conversation::of_steps("a", ["x"]) };
    assert_eq!(Corpus::from_conversations([nan]).expect_err("NaN").code(), "corpus.not_a_number");
}

#[test]
fn what_is_not_understood_is_kept_or_reported() {
    let line = r#"{"id": "a", "region": "north", "rank": 3, "more": {"x": [1]}, "attributes": {"rank": 4}, "turns": [{"speaker": "agent", "mood": 1, "steps": [{"step": "x", "why": 2}]}]}"#;
    let corpus = Corpus::parse(line.as_bytes()).expect("a corpus");
    let attributes = corpus.conversation(0).attributes;
    let text = |name: &str| attributes.get(name).map(ToString::to_string);
    assert_eq!((text("region"), text("rank"), text("more")), (Some("north".into()), Some("4".into()), Some("{\"x\":[1]}".into())));
    let unread: Vec<&str> = corpus.unread_fields().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(unread, ["rank", "turns.mood", "steps.why"]);
}

#[test]
fn odd_files_are_said_to_be_odd() {
    assert_eq!(Corpus::read(file("empty.jsonl", b"")).expect_err("empty").code(), "corpus.empty");
    assert_eq!(Corpus::read(file("blank.jsonl", b"\n\n  \n")).expect_err("blank").code(), "corpus.empty");
    assert_eq!(Corpus::read(file("notes.txt", b"hello")).expect_err("no known ending").code(), "corpus.format");
    assert_eq!(Corpus::read("no/such/file.jsonl").expect_err("no file").code(), "io");
    let error = Corpus::read(file("latin.jsonl", b"{\"id\": \"a\"}\n{\"id\": \"caf\xe9\"}\n")).expect_err("not UTF-8");
    assert_eq!((error.code(), error.faults()[0].line, error.faults()[0].column), ("corpus.not_utf8", Some(2), Some(12)));
    assert_eq!(Sop::read(file("latin.yaml", b"name: caf\xe9")).expect_err("not UTF-8").code(), "sop.not_utf8");
    let bom =
        Corpus::read(file("bom.jsonl", b"\xef\xbb\xbf{\"id\": \"a\"}\r\n{\"id\": \"b\"}\r\n")).expect("a mark of byte order and line ends of another system");
    assert_eq!(bom.ids().collect::<Vec<_>>(), ["a", "b"]);
    let deep = format!("{{\"id\": \"a\", \"x\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(Corpus::parse(deep.as_bytes()).expect_err("deep").code(), "corpus.json");
}

#[test]
fn a_line_of_ten_megabytes_is_read() {
    let long = format!("{{\"id\": \"a\", \"turns\": [{{\"speaker\": \"agent\", \"text\": \"{}\"}}]}}\n{{\"id\": \"b\"}}", "好".repeat(3_500_000));
    let corpus = Corpus::parse(long.as_bytes()).expect("a long line is a line");
    assert_eq!((corpus.len(), corpus.conversation(0).turns[0].text.len()), (2, 10_500_000));
}

#[test]
fn markup_stays_text() {
    let evil = "<script>alert(1)</script>\"'&";
    let name = |s: &str| serde_json::to_string(s).expect("a text");
    let text = format!("{{format: goldpath/1, name: {n}, steps: {{a: {{title: {n}, stage: {n}, guidance: {n}}}, b: {{}}}}, flow: [a, b]}}", n = name(evil));
    let sop = Sop::parse(&text).expect("a valid SOP");
    let line = |id: &str, won: bool| {
        format!(
            "{{\"id\": {}, \"rep\": {n}, \"team\": {n}, \"channel\": {n}, \"deal\": {n}, \"attributes\": {{{n}: {n}}}, \"outcome\": {{\"won\": {won}}}, \"turns\": [{{\"speaker\": \"agent\", \"name\": {n}, \"text\": {n}, \"steps\": [{n}, \"a\"]}}, {{\"speaker\": \"customer\", \"text\": {n}, \"steps\": [\"b\"]}}]}}\n",
            name(&format!("{id}{evil}")),
            n = name(evil)
        )
    };
    let corpus = Corpus::parse((line("1", true) + &line("2", false)).as_bytes()).expect("a corpus");
    let review = review(&corpus, &sop).expect("a review");
    for lang in [Lang::En, Lang::Zh] {
        let page = review.to_html(lang).expect("a page");
        assert!(!page.contains("<script>alert"), "{lang:?}");
    }
    assert!(!corpus.table().to_html(10).contains("<script>"));
    assert!(!sop.to_mermaid().contains("<script>"));
}

#[test]
fn short_and_long_paths() {
    let sop = Sop::parse(&sop("steps: [a, b, c]\nflow: [a, {repeat: [b]}, c]")).expect("an SOP");
    let long: Vec<&str> = std::iter::once("a").chain(std::iter::repeat_n("b", 99_998)).chain(["c"]).collect();
    let odd: Vec<&str> = (0..100_000).map(|i| ["b", "x", "a", "c"][i % 4]).collect();
    let corpus =
        Corpus::from_conversations([Conversation::of_steps("empty", [""; 0]), Conversation::of_steps("long", long), Conversation::of_steps("odd", odd)]);
    let check = corpus.expect("a corpus").check(&sop).expect("a check");
    assert_eq!((check.cost(0), check.cost(1)), (Some(2), Some(0)));
    let odd = check.alignment("odd").expect("an alignment");
    assert_eq!(odd.moves.iter().filter(|m| m.event.is_some()).count(), 100_000);
    assert_eq!(u64::from(odd.cost), odd.deviations.iter().map(|d| u64::from(d.cost)).sum::<u64>());
    assert!(check.choices().len() >= 200_000);
    let none = Corpus::from_conversations([]).expect("no conversation").check(&sop).expect("a check");
    assert_eq!((none.len(), none.cases().len(), none.steps().expect("steps").len()), (0, 0, 3));
}

#[test]
fn tables_of_columns_name_the_row() {
    let table = |rows: &[(&str, &str)]| {
        let mut events = EventTable::default();
        for (case, step) in rows {
            events.case.push((!case.is_empty()).then_some(case));
            events.step.push((!step.is_empty()).then_some(step));
        }
        events
    };
    let build = |events: EventTable, cases: Option<CaseTable>, options: &ReadOptions| Corpus::from_tables(events, cases, None, options);
    let options = ReadOptions::default();
    assert_eq!(build(table(&[("a", "x"), ("", "y")]), None, &options).expect_err("no case").code(), "corpus.missing_id");
    let error = build(table(&[("a", "x"), ("b", ""), ("b", "y")]), None, &options).expect_err("no step");
    assert_eq!((error.code(), error.faults()[0].case.as_deref()), ("corpus.empty_step", Some("b")));
    let kept = build(table(&[("a", "x"), ("b", ""), ("b", "y"), ("", "z")]), None, &collect()).expect("the rest");
    assert_eq!((kept.ids().collect::<Vec<_>>(), kept.problems().len()), (vec!["a"], 2));
    let timed = |times: &[i64]| EventTable { time: Some(times.to_vec()), ..table(&[("a", "x"), ("b", "p"), ("a", "y"), ("a", "z")]) };
    let sorted = build(timed(&[3, 9, 1, 2]), None, &options).expect("unsorted times are sorted");
    assert_eq!(sorted.conversation(0).steps.iter().map(|s| s.step.as_str()).collect::<Vec<_>>(), ["y", "z", "x"]);
    assert_eq!(build(timed(&[3, 9, i64::MIN, 2]), None, &options).expect_err("no time").code(), "corpus.missing_time");
    assert_eq!(build(EventTable { time: Some(vec![1]), ..table(&[("a", "x"), ("b", "y")]) }, None, &options).expect_err("lengths").code(), "argument.invalid");
    let mut cases = CaseTable { columns: vec![("won".into(), ValueColumn::Number(vec![Some(f64::INFINITY), None]))], ..CaseTable::default() };
    cases.id.push(Some("a"));
    cases.id.push(Some("more"));
    cases.outcomes = vec![OutcomeColumnSpec { name: "won".into(), column: "won".into(), yes: None }];
    assert_eq!(build(table(&[("a", "x")]), Some(cases.clone()), &options).expect_err("infinite").code(), "corpus.not_a_number");
    cases.columns = vec![("won".into(), ValueColumn::Bool(vec![Some(true), None]))];
    let corpus = build(table(&[("a", "x")]), Some(cases), &options).expect("a case without events is a case");
    assert_eq!((corpus.len(), corpus.conversation(1).steps.len()), (2, 0));
}

#[test]
fn long_work_can_be_stopped() {
    let text = lines(20_000);
    let error = Corpus::parse_with(text.as_bytes(), ReadOptions::default(), &Progress::new(&|_| false)).expect_err("stopped");
    assert_eq!(error.code(), "cancelled");
    let corpus = Corpus::parse(text.as_bytes()).expect("a corpus");
    let sop = Sop::parse(&sop("steps: [a, b]\nflow: [a, b]")).expect("an SOP");
    let error = corpus.check_with(&sop, &goldpath::CheckOptions::default(), &Progress::new(&|_| false)).expect_err("stopped");
    assert_eq!(error.code(), "cancelled");
}

#[test]
fn a_turn_cannot_end_before_it_begins() {
    let fault = |line: &str| Corpus::parse(line.as_bytes()).expect_err("reversed").faults()[0].clone();
    let found = fault(r#"{"id": "c1", "turns": [{"speaker": "agent", "start": 3, "end": 3}, {"speaker": "customer", "start": 9.5, "end": 9}]}"#);
    assert_eq!((found.code, found.place.as_deref(), found.case.as_deref()), ("corpus.reversed_turn", Some("turns[1].end"), Some("c1")));
    assert!(found.message.contains("0.5 s"), "{found}");
    // Moments of both kinds are counted from the start of the conversation, whatever their zones.
    let mixed = r#"{"id": "c1", "started_at": "2026-03-01T00:00:00Z", "turns": [{"speaker": "agent", "start": "2026-03-01T08:00:10+08:00", "end": 5}]}"#;
    assert_eq!(fault(mixed).code, "corpus.reversed_turn");
    let lines = format!(
        "{mixed}\n{}",
        r#"{"id": "c2", "turns": [{"speaker": "agent", "start": -5, "end": 60}, {"speaker": "agent", "start": 2}, {"speaker": "customer"}]}"#
    );
    let corpus = Corpus::parse_with(lines.as_bytes(), collect(), &Progress::none()).expect("one is left out");
    assert_eq!((corpus.len(), corpus.problems()[0].line), (1, Some(1)));
    // Turns that overlap, lie out of order, before the start, or have no times are kept as they are.
    let starts: Vec<_> = corpus.conversation(0).turns.iter().map(|turn| turn.start).collect();
    assert_eq!(starts, [Some(goldpath::corpus::Moment::Seconds(-5.0)), Some(goldpath::corpus::Moment::Seconds(2.0)), None]);
}

#[test]
fn turns_of_a_table_that_cannot_be_are_collected_by_case() {
    let coded = |list: &[&str]| {
        let mut column = goldpath::corpus::Coded::default();
        list.iter().for_each(|text| column.push(Some(text)));
        column
    };
    let table = || goldpath::corpus::TurnTable {
        case: coded(&["c1", "c2", "c3", "c3", "c4"]),
        speaker: coded(&["agent", "agent", "robot", "agent", "agent"]),
        start: Some(vec![0, 5_000, 0, 0, i64::MIN]),
        end: Some(vec![2_000, 4_000, 1_000, i64::MIN, 1_000]),
        ..Default::default()
    };
    let events = || EventTable { case: coded(&["c1", "c2", "c3", "c4"]), step: coded(&["a", "a", "a", ""]), ..EventTable::default() };
    let corpus = Corpus::from_tables(events(), None, Some(table()), &collect()).expect("three are left out");
    assert_eq!(corpus.ids().collect::<Vec<_>>(), ["c1"]);
    let problems: Vec<_> = corpus.problems().iter().map(|fault| (fault.code, fault.case.as_deref(), fault.place.as_deref())).collect();
    assert_eq!(
        problems,
        [
            ("corpus.empty_step", Some("c4"), Some("events row 3, column step")),
            ("corpus.reversed_turn", Some("c2"), Some("turns row 1, column end")),
            ("corpus.wrong_type", Some("c3"), Some("turns row 2, column speaker"))
        ]
    );
    // A case without events goes with its turns too.
    let cases = || CaseTable { id: coded(&["c1", "c2", "c5"]), ..CaseTable::default() };
    let turns = || goldpath::corpus::TurnTable { case: coded(&["c5"]), speaker: coded(&["robot"]), ..Default::default() };
    let events = EventTable { case: coded(&["c1"]), step: coded(&["a"]), ..EventTable::default() };
    let corpus = Corpus::from_tables(events, Some(cases()), Some(turns()), &collect()).expect("one is left out");
    assert_eq!(corpus.ids().collect::<Vec<_>>(), ["c1", "c2"]);
    let events = EventTable { case: coded(&["c1", "c2", "c3", "c4"]), step: coded(&["a", "a", "a", "a"]), ..EventTable::default() };
    let error = Corpus::from_tables(events, None, Some(table()), &ReadOptions::default()).expect_err("the first is raised");
    assert_eq!(error.code(), "corpus.reversed_turn");
}

#[test]
fn hostile_times_of_a_table_are_errors() {
    let mut one = goldpath::corpus::Coded::default();
    one.push(Some("a"));
    for time in [i64::MAX, i64::MIN + 1, i64::MAX / 2] {
        let events = || EventTable { case: one.clone(), step: one.clone(), time: Some(vec![time]), ..EventTable::default() };
        let error = Corpus::from_tables(events(), None, None, &ReadOptions::default()).expect_err("no date");
        assert_eq!((error.code(), error.faults()[0].place.as_deref()), ("corpus.wrong_type", Some("events row 0, column time")));
        assert_eq!(Corpus::from_tables(events(), None, None, &collect()).expect("left out").problems().len(), 1);
        let cases = CaseTable { id: one.clone(), columns: vec![("started_at".into(), ValueColumn::Time(vec![time]))], outcomes: Vec::new() };
        let plain = EventTable { case: one.clone(), step: one.clone(), time: Some(vec![0]), ..EventTable::default() };
        let error = Corpus::from_tables(plain, Some(cases), None, &ReadOptions::default()).expect_err("no date");
        assert_eq!(error.faults()[0].place.as_deref(), Some("cases row 0, column started_at"));
    }
    let seconds = |s: f64| {
        let turn = goldpath::corpus::Turn {
            speaker: goldpath::corpus::Speaker::Agent,
            name: None,
            text: String::new(),
            start: Some(goldpath::corpus::Moment::Seconds(s)),
            end: None,
            steps: Vec::new(),
            unread: Vec::new(),
        };
        Corpus::from_conversations([Conversation { id: "c1".into(), turns: vec![turn], ..Conversation::default() }])
    };
    for s in [f64::NAN, f64::INFINITY, 1e12, -1e300] {
        assert_eq!(seconds(s).expect_err("no number of seconds").faults()[0].place.as_deref(), Some("turns[0].start"));
    }
    assert!(seconds(-6e11).is_ok());
}

/// Moments thousands of years apart are written and read back; those beyond the calendar are refused in columns too.
#[test]
fn moments_that_are_far_apart() {
    let line = r#"{"id": "c1", "started_at": "0001-01-01T00:00:00Z", "steps": [{"step": "a", "at": "0001-01-01T00:00:00Z"}, {"step": "b", "at": "9999-01-01T00:00:00Z"}]}"#;
    let read = Corpus::parse(line.as_bytes()).expect("valid").conversation(0);
    let again = Corpus::parse(serde_json::to_string(&read).expect("JSON").as_bytes()).expect("its own text").conversation(0);
    assert_eq!(again, read);
    let coded = |text: &str| {
        let mut column = goldpath::corpus::Coded::default();
        column.push(Some(text));
        column
    };
    let table = goldpath::corpus::TurnTable { case: coded("c1"), speaker: coded("agent"), start: Some(vec![8_316_292_613_701_296_000]), ..Default::default() };
    let events = EventTable { case: coded("c1"), step: coded("a"), ..EventTable::default() };
    let error = Corpus::from_tables(events, None, Some(table), &ReadOptions::default()).expect_err("beyond the calendar");
    assert_eq!((error.code(), error.faults()[0].place.as_deref()), ("corpus.wrong_type", Some("turns row 0, column start")));
}

/// Characters that JSON has and YAML has not.
#[test]
fn odd_characters_in_json() {
    let sop = Sop::parse("{format: goldpath/1, name: \"a\\x7fb\\x80\\ufeff\", steps: [a], flow: [a]}").expect("valid");
    assert!(sop.to_json().contains("a\\u007fb\\u0080\\ufeff"), "{}", sop.to_json());
    assert_eq!(Sop::parse(&sop.to_json()).expect("its own text"), sop);
    assert_eq!(Sop::parse(&sop.to_yaml()).expect("its own text"), sop);
}

#[test]
fn the_first_moment_is_the_start_where_none_is_given() {
    let line = r#"{"id": "c1", "turns": [{"speaker": "agent", "start": "1969-12-31T23:59:58-01:00"}, {"speaker": "agent", "start": "1970-01-01T01:00:00Z"}]}"#;
    let read = Corpus::parse(line.as_bytes()).expect("valid").conversation(0);
    assert_eq!(read.started_at.map(|t| t.as_second()), Some(3598));
    assert_eq!(read.turns[1].start, Some(goldpath::corpus::Moment::Seconds(2.0)));
}
