//! The readers: each format as it should be, and as it should not.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};
use goldpath::corpus::{Agents, Lifecycle, OnError, OutcomeColumnSpec, OutcomeSteps, ReadOptions, Role, Speaker};
use goldpath::progress::Progress;
use goldpath::{Corpus, Error, Fault};

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("goldpath-readers-{}", std::process::id())).join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn file(name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder("files").join(name);
    std::fs::write(&path, bytes).expect("a file");
    path
}

fn gz(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes.as_ref()).expect("packed");
    packed.finish().expect("packed")
}

fn with(path: impl AsRef<Path>, options: ReadOptions) -> Result<Corpus, Error> {
    Corpus::read_with(path, options, &Progress::none())
}

fn collect(options: ReadOptions) -> ReadOptions {
    ReadOptions { on_error: OnError::Collect, ..options }
}

fn agents(names: &[&str]) -> ReadOptions {
    ReadOptions { agents: Agents::Named(names.iter().map(|&name| name.to_owned()).collect()), ..ReadOptions::default() }
}

fn fault(path: &Path, options: ReadOptions) -> Fault {
    with(path, options).expect_err("a fault").faults()[0].clone()
}

fn steps(corpus: &Corpus, case: usize) -> Vec<String> {
    corpus.conversation(case).steps.into_iter().map(|event| event.step).collect()
}

fn said(corpus: &Corpus, case: usize) -> Vec<(Speaker, Option<String>, String)> {
    corpus.conversation(case).turns.into_iter().map(|turn| (turn.speaker, turn.name, turn.text)).collect()
}

const XES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="__INVALID__"/></global>
  <classifier name="Activity" keys="concept:name"/>
  <string key="origin" value="crm"/>
  <trace>
    <string key="concept:name" value="c1"/><string key="segment" value="A &amp; B"/><int key="seats" value="20"/>
    <float key="value" value="12.5"/><boolean key="won" value="true"/><date key="due" value="2024-03-02"/><id key="uuid" value="x1"/>
    <list key="tags"><values><string key="tag" value="hot"/></values></list>
    <event><string key="concept:name" value="close"/><date key="time:timestamp" value="2024-03-01T12:00:00+08:00"/><string key="org:resource" value="Bob"/></event>
    <event><string key="concept:name" value="open"><string key="why" value="x"/></string><date key="time:timestamp" value="1969-12-31T23:59:59.5Z"/><string key="org:resource" value="Ann"/><string key="note" value="n"/></event>
  </trace>
  <trace><string key="concept:name" value="c2"/><boolean key="won" value="false"/></trace>
</log>
"#;

#[test]
fn xes_traces_are_cases() {
    for path in [file("a.xes", XES), file("a.xes.gz", gz(XES))] {
        let corpus = Corpus::read(&path).expect("a log");
        assert_eq!(corpus.ids().collect::<Vec<_>>(), ["c1", "c2"]);
        let c1 = corpus.conversation(0);
        assert_eq!(steps(&corpus, 0), ["open", "close"], "sorted by time, across zones and 1970");
        assert_eq!(c1.started_at.expect("a start").as_millisecond(), -500);
        assert_eq!(c1.rep.as_deref(), Some("Bob"));
        let attribute = |name: &str| c1.attributes[name].to_string();
        assert_eq!((attribute("segment"), attribute("seats"), attribute("value")), ("A & B".into(), "20".into(), "12.5".into()));
        assert_eq!((attribute("due"), attribute("uuid")), ("2024-03-02T00:00:00Z".into(), "x1".into()));
        assert_eq!(corpus.outcomes().collect::<Vec<_>>(), ["won"]);
        assert_eq!(steps(&corpus, 1), [""; 0]);
        let unread: Vec<&str> = corpus.unread_fields().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(unread, ["list", "nested tag", "nested why", "note"]);
    }
    // Other attributes, outcomes told by a text.
    let options = ReadOptions {
        columns: vec![(Role::Case, "uuid".into()), (Role::Step, "note".into()), (Role::Rep, "concept:name".into()), (Role::Time, "none".into())],
        outcomes: Some(vec![OutcomeColumnSpec { name: "big".into(), column: "case:segment".into(), yes: Some("A & B".into()) }]),
        ..ReadOptions::default()
    };
    let all = fault(&file("a.xes", XES), options.clone());
    assert_eq!((all.code, all.line, all.case.as_deref()), ("corpus.empty_step", Some(11), Some("x1")));
    let error = with(file("a.xes", XES), ReadOptions { columns: Vec::new(), outcomes: Some(vec![OutcomeColumnSpec::of_column("nothing")]), ..options });
    assert!(error.expect_err("no such column").to_string().contains("segment"));
}

fn log(traces: &str) -> String {
    format!("<?xml version=\"1.0\"?>\n<log>\n{traces}\n</log>\n")
}

fn trace(id: &str, events: &[(&str, &str)]) -> String {
    let event = |(step, more): &(&str, &str)| format!("<event><string key=\"concept:name\" value=\"{step}\"/>{more}</event>\n");
    format!("<trace><string key=\"concept:name\" value=\"{id}\"/>\n{}</trace>", events.iter().map(event).collect::<String>())
}

#[test]
fn bad_xes_names_its_line() {
    let of = |name: &str, text: &str| fault(&file(name, text), ReadOptions::default());
    let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE log [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n<log><trace><string key=\"concept:name\" value=\"&b;\"/></trace></log>";
    assert_eq!((of("bomb.xes", bomb).code, of("bomb.xes", bomb).line), ("corpus.xml", Some(2)));
    let outside = of("entity.xes", &log(&trace("&file;", &[])));
    assert_eq!((outside.code, outside.line), ("corpus.xml", Some(3)));
    let open = of("open.xes", "<log>\n<trace>\n<string key=\"concept:name\" value=\"a\"/>\n<event>\n");
    assert_eq!((open.code, open.line, open.message.as_str()), ("corpus.xml", Some(4), "<event> is never closed"));
    let crossed = of("crossed.xes", &log("<trace><event></trace>"));
    assert_eq!((crossed.code, crossed.line), ("corpus.xml", Some(3)));
    assert_eq!(of("other.xes", "<html></html>").code, "corpus.xml");
    assert_eq!(of("empty.xes", "").code, "corpus.xml");
    assert_eq!(of("none.xes", "<log/>").code, "corpus.empty");
    assert_eq!(of("utf16.xes", "<?xml version=\"1.0\" encoding=\"GBK\"?><log/>").code, "corpus.not_utf8");
    assert_eq!(of("deep.xes", &format!("<log><trace>{}", "<string key='a' value='b'>".repeat(10_000))).code, "corpus.too_large");
    let nameless = of("nameless.xes", &log("<trace>\n</trace>"));
    assert_eq!((nameless.code, nameless.line), ("corpus.missing_id", Some(3)));
    let twice = of("twice.xes", &log(&(trace("a", &[]) + "\n" + &trace("a", &[]))));
    assert_eq!((twice.code, twice.line, twice.case.as_deref()), ("corpus.duplicate_id", Some(5), Some("a")));
    let soon = of("soon.xes", &log(&trace("a", &[("x", "<date key=\"time:timestamp\" value=\"soon\"/>")])));
    assert_eq!((soon.code, soon.line, soon.place.as_deref()), ("corpus.wrong_type", Some(4), Some("time:timestamp")));
    let at = "<date key=\"time:timestamp\" value=\"2024-01-01\"/>";
    let missing = of("missing.xes", &log(&trace("a", &[("x", at), ("y", "")])));
    assert_eq!((missing.code, missing.line), ("corpus.missing_time", Some(5)));
    assert_eq!(of("first.xes", &log(&trace("a", &[("x", ""), ("y", at)]))).code, "corpus.missing_time");
    let untimed = Corpus::read(file("untimed.xes", log(&trace("a", &[("x", ""), ("y", "")])))).expect("no times at all are fine");
    assert_eq!(steps(&untimed, 0), ["x", "y"]);
}

#[test]
fn bad_traces_can_be_left_out() {
    let good = trace("a", &[("x", "")]);
    let traces = [&good, "<trace></trace>", &trace("b", &[("only in b", ""), ("", "")]), &good, &trace("c", &[("y", "")])].map(|t| t.to_owned()).join("\n");
    let corpus = with(file("some.xes", log(&traces)), collect(ReadOptions::default())).expect("the rest");
    assert_eq!(corpus.ids().collect::<Vec<_>>(), ["a", "c"]);
    assert_eq!(corpus.steps().collect::<Vec<_>>(), ["x", "y"]);
    let codes: Vec<_> = corpus.problems().iter().map(|fault| (fault.code, fault.line)).collect();
    assert_eq!(codes, [("corpus.missing_id", Some(6)), ("corpus.empty_step", Some(9)), ("corpus.duplicate_id", Some(11))]);
    // Cut off in the middle: what is whole is kept, the rest said.
    let long: String = (0..2_000).map(|i| trace(&format!("case {i}"), &[("x", ""), ("y", "")])).collect();
    let packed = gz(log(&long));
    let path = file("cut.xes.gz", &packed[..packed.len() / 2]);
    assert_eq!(fault(&path, ReadOptions::default()).code, "corpus.truncated");
    let kept = with(&path, collect(ReadOptions::default())).expect("the whole traces");
    assert!(kept.len() > 100 && kept.len() < 2_000);
    assert_eq!(kept.problems().last().map(|fault| fault.code), Some("corpus.truncated"));
}

#[test]
fn large_logs_read_the_same_whatever_stands_between_traces() {
    let many = |between: &str| -> String {
        let one = |i: usize| {
            let time = format!("<date key=\"time:timestamp\" value=\"2024-01-{:02}T00:00:00Z\"/><string key=\"note\" value=\"{}\"/>", i % 28 + 1, "x".repeat(400));
            trace(&format!("c{i}"), &[("a", &time), ("b", &time), (&format!("s{}", i % 97), &time)]).replacen("<event>", &format!("<int key=\"n\" value=\"{i}\"/><event>"), 1)
        };
        log(&(0..20_000).map(one).collect::<Vec<_>>().join(between))
    };
    let plain = Corpus::read(file("plain.xes", many("\n"))).expect("a log");
    let comments = Corpus::read(file("comments.xes", many("\n<!-- </trace> -->"))).expect("a log");
    assert_eq!((plain.len(), plain.events()), (20_000, 60_000));
    assert_eq!(format!("{:?}", plain.table()), format!("{:?}", comments.table()));
    assert_eq!(plain.unread_fields(), comments.unread_fields());
    let one_bad = many("\n").replace("key=\"concept:name\" value=\"c19000\"", "key=\"name\" value=\"c19000\"");
    let line = 1 + one_bad[..one_bad.find("value=\"c19000\"").expect("it is there")].matches('\n').count() as u64;
    let bad = fault(&file("bad.xes", &one_bad), ReadOptions::default());
    assert_eq!((bad.code, bad.line), ("corpus.missing_id", Some(line)));
    let rest = with(file("bad.xes", &one_bad), collect(ReadOptions::default())).expect("the rest");
    assert_eq!((rest.len(), rest.problems().len()), (19_999, 1));
    let error = Corpus::read_with(file("plain.xes", many("\n")), ReadOptions::default(), &Progress::new(&|update| update.done == 0)).expect_err("stopped");
    assert_eq!(error.code(), "cancelled");
}

#[test]
fn transitions_of_a_step_are_one_event() {
    let event = |step: &'static str, transition: &str| (step, format!("<string key=\"lifecycle:transition\" value=\"{transition}\"/>"));
    let events = [event("call", "start"), event("call", "complete"), event("visit", "start"), event("call", "complete")];
    let events: Vec<(&str, &str)> = events.iter().map(|(step, more)| (*step, more.as_str())).collect();
    let path = file("lifecycle.xes", log(&trace("a", &events)));
    let read = |lifecycle| with(&path, ReadOptions { lifecycle, ..ReadOptions::default() }).expect("a log");
    let completed = read(Lifecycle::default());
    assert_eq!(steps(&completed, 0), ["call", "visit", "call"]);
    assert_eq!(completed.unread_fields(), [("lifecycle:transition=start".to_owned(), 1)]);
    assert_eq!(steps(&read(Lifecycle::All), 0), ["call", "call", "visit", "call"]);
    assert_eq!(steps(&read("start".into()), 0), ["call", "visit"]);
}

#[test]
fn steps_tell_outcomes_and_leave_the_path() {
    let path = |id: &str, steps: &[&str]| format!("{{\"id\": \"{id}\", \"steps\": {steps:?}}}\n");
    let text = path("a", &["open", "offer", "signed"]) + &path("b", &["open", "signed", "lost"]) + &path("c", &["open", "note"]) + &path("d", &[]);
    let options = |no: &[&str]| ReadOptions {
        outcome_steps: vec![OutcomeSteps { name: "won".into(), yes: vec!["signed".into()], no: no.iter().map(|&s| s.to_owned()).collect() }],
        drop_steps: vec!["note".into()],
        ..ReadOptions::default()
    };
    let read = |no: &[&str]| Corpus::parse_with(text.as_bytes(), options(no), &Progress::none()).expect("a corpus");
    let won = |corpus: &Corpus| (0..4).map(|case| format!("{:?}", corpus.conversation(case).outcome["won"])).collect::<Vec<_>>();
    assert_eq!(won(&read(&["lost"])), ["Some(Bool(true))", "Some(Bool(false))", "None", "None"], "the last of them decides; neither is open");
    assert_eq!(won(&read(&[])), ["Some(Bool(true))", "Some(Bool(true))", "Some(Bool(false))", "Some(Bool(false))"]);
    assert_eq!(read(&["lost"]).steps().collect::<Vec<_>>(), ["open", "offer"]);
    let wrong = ReadOptions { outcome_steps: vec![OutcomeSteps { name: "won".into(), yes: vec!["sign".into()], no: vec![] }], ..ReadOptions::default() };
    let error = Corpus::parse_with(text.as_bytes(), wrong, &Progress::none()).expect_err("no such step");
    assert!(error.code() == "argument.invalid" && error.to_string().contains("signed"), "{error}");
}

const CSV: &str = "case_id,activity,timestamp,resource,case:segment,case:won,case:zip,note\n\
    c1,close,2024-03-01 10:00,Bob,smb,true,01234,\n\
    c2,open,2024/3/2 9:00,Ann,large,false,80331,\"a \"\"quoted\"\"\nnote\"\n\
    c1,open,2024-03-01T09:30:00+00:00,Ann,smb,true,01234,x\n";

#[test]
fn csv_rows_are_events() {
    let texts = [CSV.to_owned(), format!("\u{feff}{CSV}"), CSV.replace(',', ";"), CSV.replace(',', "\t"), CSV.replace(',', "|"), CSV.replace('\n', "\r\n")];
    for (i, text) in texts.iter().enumerate() {
        for path in [file(&format!("{i}.csv"), text), file(&format!("{i}.csv.gz"), gz(text))] {
            let corpus = Corpus::read(&path).expect("a table");
            assert_eq!(corpus.ids().collect::<Vec<_>>(), ["c1", "c2"]);
            let c1 = corpus.conversation(0);
            assert_eq!((steps(&corpus, 0), c1.rep.as_deref()), (vec!["open".to_owned(), "close".to_owned()], Some("Bob")));
            assert_eq!((c1.attributes["segment"].to_string(), c1.attributes["zip"].to_string()), ("smb".into(), "01234".into()));
            assert_eq!(format!("{:?}", c1.outcome["won"]), "Some(Bool(true))");
            assert_eq!(corpus.unread_fields(), [("note".to_owned(), 3)]);
        }
    }
}

#[test]
fn bad_csv_names_line_and_column() {
    let of = |name: &str, bytes: &[u8]| fault(&file(name, bytes), ReadOptions::default());
    let place = |fault: Fault| (fault.code, fault.line, fault.place.unwrap_or_default());
    let wrong = fault(&file("wrong.csv", "deal,what\na,b\n"), ReadOptions { columns: vec![(Role::Case, "deal".into())], ..ReadOptions::default() });
    assert!(wrong.code == "argument.invalid" && wrong.help.contains("deal, what"), "{wrong}");
    assert_eq!(place(of("time.csv", b"case,step,time\na,x,2024-01-01\na,y,soon\n")), ("corpus.wrong_type", Some(3), "column time".into()));
    assert_eq!(place(of("notime.csv", b"case,step,time\na,x,\n")), ("corpus.missing_time", Some(2), "column time".into()));
    assert_eq!(place(of("nostep.csv", b"case,step\n\na,\n")), ("corpus.empty_step", Some(3), "column step".into()));
    assert_eq!(place(of("crlf.csv", b"case,step\r\n\r\na,\"x\r\ny\"\r\na,")), ("corpus.empty_step", Some(5), "column step".into()));
    assert_eq!(place(of("nocase.csv", b"case,step\na,x\n,x\n")), ("corpus.missing_id", Some(3), "column case".into()));
    assert_eq!(place(of("prob.csv", b"case,step,prob\na,x,1.5\n")), ("corpus.wrong_prob", Some(2), "column prob".into()));
    assert_eq!(place(of("mixed.csv", b"case,step,case:size\na,x,1\na,y,2\n")), ("corpus.mixed_attribute", Some(3), "column case:size".into()));
    assert_eq!(place(of("short.csv", b"case,step\na,x\nb\n")), ("corpus.csv", Some(3), String::new()));
    let quote = of("quote.csv", b"case,step\na,x\nb,\"y\nc,z\nd,z\n");
    assert_eq!((quote.code, quote.line), ("corpus.csv", Some(3)));
    assert!(quote.message.contains("never closed"), "{quote}");
    let gbk = of("gbk.csv", b"case,step\na,\xb1\xa8\xbc\xdb\xb5\xa5\n");
    assert_eq!((gbk.code, gbk.line), ("corpus.not_utf8", Some(2)));
    assert!(gbk.help.contains("iconv -f GB18030 -t UTF-8"), "{gbk}");
    assert_eq!(of("header.csv", b"case,\xb2\xbd\xd6\xe8\na,x\n").line, Some(1));
    assert!(of("utf16.csv", b"\xff\xfec\0a\0").help.contains("UTF-16"));
    assert_eq!(of("empty.csv", b"").code, "corpus.empty");
    assert_eq!(of("head.csv", b"case,step\n").code, "corpus.empty");
    assert_eq!(of("double.csv", b"case,step,step\na,x,y\n").code, "corpus.csv");
    let packed = gz(format!("case,step\n{}", (0..50_000).map(|i| format!("case {i},x\n")).collect::<String>()));
    assert_eq!(of("cut.csv.gz", &packed[..packed.len() / 2]).code, "corpus.truncated");
    let long = format!("case,step\na,{}\n", "好".repeat(3_500_000));
    assert_eq!(Corpus::read(file("long.csv", long)).expect("a long cell").steps().next().map(str::len), Some(10_500_000));
}

#[test]
fn bad_rows_leave_their_case_out() {
    let text = "case,step,time,case:n\na,x,2024-01-01,1\nb,y,soon,2\n,x,2024-01-01,3\nb,z,2024-01-01,2\na,w,2024-01-02,1\nc,x\nd,x,2024-01-01,4\nd,x,2024-01-02,5\n";
    let corpus = with(file("rows.csv", text), collect(ReadOptions::default())).expect("the rest");
    assert_eq!((corpus.ids().collect::<Vec<_>>(), corpus.steps().collect::<Vec<_>>()), (vec!["a"], vec!["x", "w"]));
    let lines: Vec<_> = corpus.problems().iter().map(|fault| (fault.code, fault.line.unwrap_or(0))).collect();
    assert_eq!(lines, [("corpus.wrong_type", 3), ("corpus.missing_id", 4), ("corpus.csv", 7), ("corpus.mixed_attribute", 9)]);
}

#[test]
fn a_file_of_cases_comes_on_top() {
    let cases = file("cases.csv", "id,rep,stage,value\nc1,Zoe,signed,10\nc2,,lost,\nc9,Max,lost,1\n");
    let stage = OutcomeColumnSpec { name: "signed".into(), column: "stage".into(), yes: Some("signed".into()) };
    let options = ReadOptions { cases: Some(cases), outcomes: Some(vec![stage]), ..ReadOptions::default() };
    assert_eq!(fault(&file("0.csv", CSV), options.clone()).code, "corpus.unknown_case");
    let corpus = with(file("0.csv", CSV), collect(options)).expect("the known ones");
    let c1 = corpus.conversation(0);
    assert_eq!((c1.rep.as_deref(), format!("{:?}", c1.outcome["signed"])), (Some("Zoe"), "Some(Bool(true))".into()));
    assert_eq!((corpus.conversation(1).rep.as_deref(), c1.attributes["value"].to_string()), (Some("Ann"), "10".into()));
    assert_eq!(corpus.problems().len(), 1);
}

#[test]
fn csv_rows_can_be_turns() {
    let text = "conversation,speaker,text,timestamp,step\nc1,客服,您好,2024-01-01 09:00:00,opening\nc2,客服,喂,2024-01-01 10:00:00,\nc1,客户,太贵了,2024-01-01 09:00:05,\n";
    let corpus = Corpus::read(file("turns.csv", text)).expect("turns");
    assert_eq!(said(&corpus, 0), [(Speaker::Agent, None, "您好".into()), (Speaker::Customer, None, "太贵了".into())]);
    let turns = corpus.conversation(0).turns;
    assert_eq!((turns[0].steps[0].step.as_str(), format!("{:?}", turns[1].start)), ("opening", "Some(Seconds(5.0))".into()));
    let named = "case,speaker,text\nc1,Ann,hi\nc1,Bob,hello\n";
    assert_eq!(fault(&file("named.csv", named), ReadOptions::default()).code, "corpus.unknown_speaker");
    let corpus = with(file("named.csv", named), agents(&["Ann"])).expect("turns");
    assert_eq!((corpus.conversation(0).rep.as_deref(), said(&corpus, 0)[1].0), (Some("Ann"), Speaker::Customer));
}

const VTT: &str = "WEBVTT - call\n\nNOTE made by hand\n--> not a cue\n\n1\n00:00:01.000 --> 00:00:03.500 align:start\n<v Ann>Hello &amp; welcome\nto the call</v>\n\n\
    00:03.500 --> 00:05.000\n<v Ann><i>How</i> are you?\n\n00:00:04.000 --> 00:00:06.000\n<v Bob>Fine. <script>alert(1)</script>\n";

#[test]
fn captions_are_conversations() {
    let corpus = with(file("call 7.vtt", VTT), agents(&["Ann"])).expect("a call");
    assert_eq!(corpus.ids().collect::<Vec<_>>(), ["call 7"]);
    let ann = (Speaker::Agent, Some("Ann".to_owned()), "Hello & welcome to the call How are you?".to_owned());
    assert_eq!(said(&corpus, 0), [ann, (Speaker::Customer, Some("Bob".into()), "Fine. alert(1)".into())]);
    let call = corpus.conversation(0);
    assert_eq!((format!("{:?}{:?}", call.turns[0].start, call.turns[0].end), call.rep.as_deref()), ("Some(Seconds(1.0))Some(Seconds(5.0))".into(), Some("Ann")));
    let unsaid = fault(&file("call 7.vtt", VTT), ReadOptions::default());
    assert!(unsaid.code == "corpus.unknown_speaker" && unsaid.message.contains("Ann, Bob"), "{unsaid}");
    assert_eq!(fault(&file("call 7.vtt", VTT), agents(&["Zoe"])).code, "corpus.unknown_speaker");
    let srt = "\u{feff}1\r\n00:00:01,000 --> 00:00:02,000\r\n客服：您好\r\n\r\n2\r\n00:00:02,000 --> 00:00:04,000\r\n请问\r\n\r\n3\r\n00:00:03,000 --> 00:00:05,000\r\n客户：<b>太贵了</b>\r\n";
    let corpus = Corpus::read(file("a.srt", srt)).expect("a call");
    assert_eq!(said(&corpus, 0), [(Speaker::Agent, None, "您好请问".into()), (Speaker::Customer, None, "太贵了".into())]);
}

#[test]
fn bad_cues_name_their_line() {
    let cue = |times: &str, text: &str| format!("1\n{times}\nagent: {text}\n\n");
    let text = cue("00:00:05,000 --> 00:00:01,000", "ends first") + &cue("soon --> later", "no times") + "3\nagent: none at all\n\n" + &cue("00:00:07,000 --> 00:00:09,000", "late") + &cue("00:00:01,000 --> 00:00:08,000", "over it");
    let path = file("bad.srt", &text);
    let first = fault(&path, ReadOptions::default());
    assert_eq!((first.code, first.line), ("corpus.cue", Some(2)));
    let corpus = with(&path, collect(ReadOptions::default())).expect("the good cues");
    assert_eq!(corpus.problems().iter().map(|fault| fault.line).collect::<Vec<_>>(), [Some(2), Some(6), Some(9)]);
    assert_eq!(said(&corpus, 0), [(Speaker::Agent, None, "over it late".into())]);
    assert_eq!(fault(&file("nobody.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n"), ReadOptions::default()).code, "corpus.unknown_speaker");
    assert_eq!(fault(&file("empty.vtt", "WEBVTT\n"), ReadOptions::default()).code, "corpus.empty");
    assert_eq!(fault(&file("empty.srt", ""), ReadOptions::default()).code, "corpus.empty");
    let gbk = fault(&file("gbk.srt", b"1\n00:00:01,000 --> 00:00:02,000\n\xbf\xcd\xb7\xfe: \xc4\xfa\xba\xc3\n"), ReadOptions::default());
    assert!(gbk.code == "corpus.not_utf8" && gbk.line == Some(3) && gbk.help.contains("GB18030"), "{gbk}");
    assert_eq!(fault(&file("cut.srt.gz", &gz(text.repeat(500))[..60]), ReadOptions::default()).code, "corpus.truncated");
    let long = format!("WEBVTT\n\n00:01.000 --> 00:02.000\nagent: {}\n", "好".repeat(3_000_000));
    assert_eq!(said(&Corpus::read(file("long.vtt", long)).expect("a long cue"), 0)[0].2.len(), 9_000_000);
}

#[test]
fn a_folder_of_captions_is_a_corpus() {
    let calls = folder("calls");
    std::fs::write(calls.join("b.srt"), "1\n00:00:01,000 --> 00:00:02,000\nAnn: hi\n").expect("a file");
    std::fs::write(calls.join("a.vtt"), "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>hi\n").expect("a file");
    std::fs::write(calls.join("readme.txt"), "not a call").expect("a file");
    assert_eq!(with(&calls, agents(&["Ann"])).expect("calls").ids().collect::<Vec<_>>(), ["a", "b"]);
    std::fs::write(calls.join("c.vtt"), "WEBVTT\n\nnothing\n").expect("a file");
    assert_eq!(fault(&calls, agents(&["Ann"])).code, "corpus.cue");
    let rest = with(&calls, collect(agents(&["Ann"]))).expect("the others");
    assert_eq!((rest.len(), rest.problems().len()), (2, 1));
    assert_eq!(fault(&folder("nothing"), ReadOptions::default()).code, "corpus.empty");
}

#[test]
fn convokit_folders_are_read() {
    let corpus_at = folder("convokit");
    let write = |name: &str, text: &str| std::fs::write(corpus_at.join(name), text).expect("a file");
    let line = |conversation: &str, speaker: &str, timestamp: &str, text: &str, meta: &str| format!("{{\"id\": \"u\", \"conversation_id\": \"{conversation}\", \"speaker\": \"{speaker}\", \"reply_to\": null, \"timestamp\": {timestamp}, \"text\": \"{text}\", \"meta\": {meta}, \"vectors\": []}}\n");
    let utterances = line("k1", "s2", "1700000060", "hello", "{}") + &line("k2", "s1", "null", "alone", "{}") + &line("k1", "s1", "1700000000", "hi", "{\"act\": [\"greet\", \"ask\"], \"x\": 1}");
    write("utterances.jsonl", &utterances);
    write("speakers.json", r#"{"s1": {"meta": {"role": "persuader"}, "vectors": []}, "s2": {"meta": {"role": "persuadee"}}}"#);
    write("conversations.json", r#"{"k1": {"meta": {"won": true, "topic": "charity", "more": {"a": 1}}, "vectors": []}, "k2": {"meta": {"won": null}}}"#);
    write("index.json", "{}");
    let by_meta = ReadOptions { agents: Agents::Where { field: "role".into(), values: vec!["persuader".into()] }, columns: vec![(Role::Step, "act".into())], ..ReadOptions::default() };
    let corpus = with(&corpus_at, by_meta.clone()).expect("a corpus");
    assert_eq!(said(&corpus, 0), [(Speaker::Agent, Some("s1".into()), "hi".into()), (Speaker::Customer, Some("s2".into()), "hello".into())]);
    let k1 = corpus.conversation(0);
    assert_eq!((k1.turns[0].steps.len(), format!("{:?}", k1.turns[1].start), k1.started_at.map(|t| t.as_second())), (2, "Some(Seconds(60.0))".into(), Some(1_700_000_000)));
    assert_eq!((k1.attributes["topic"].to_string(), k1.attributes["more"].to_string(), format!("{:?}", k1.outcome["won"])), ("charity".into(), "{\"a\":1}".into(), "Some(Bool(true))".into()));
    assert_eq!(corpus.unread_fields(), [("meta.x".to_owned(), 1)]);
    assert_eq!(fault(&corpus_at, ReadOptions::default()).code, "corpus.unknown_speaker");
    assert_eq!(with(&corpus_at, agents(&["s1"])).expect("a corpus").len(), 2);
    write("utterances.jsonl", &(utterances.clone() + "{\"text\": \"lost\"}\n{broken\n"));
    let bad = fault(&corpus_at, by_meta.clone());
    assert_eq!((bad.code, bad.line), ("corpus.missing_id", Some(4)));
    assert_eq!(with(&corpus_at, collect(by_meta)).expect("the rest").problems().len(), 2);
    // As older versions wrote it.
    write("utterances.jsonl", "{\"id\": \"u\", \"root\": \"k1\", \"user\": \"s1\", \"timestamp\": \"3.5\", \"text\": \"hi\"}\n");
    write("conversations.json", r#"{"k1": {"topic": "old"}}"#);
    let old = with(&corpus_at, agents(&["s1"])).expect("a corpus");
    assert_eq!((format!("{:?}", old.conversation(0).turns[0].start), old.conversation(0).attributes["topic"].to_string()), ("Some(Seconds(3.5))".into(), "old".into()));
}

const CALLS: &str = r#"{"requestId": "r", "records": {"totalRecords": 2, "currentPageSize": 2, "currentPageNumber": 0},
 "callTranscripts": [
  {"callId": "7782342274025937895", "transcript": [
    {"speakerId": "11", "topic": "Intro", "sentences": [{"start": 460, "end": 1500, "text": "Hello."}, {"start": 1600, "end": 2400, "text": "How are you?"}]},
    {"speakerId": "22", "topic": null, "sentences": [{"start": 2500, "end": 3000, "text": "<script>alert(1)</script>"}]}]},
  {"callId": "8", "transcript": [{"speakerId": "99", "sentences": [{"start": 0, "end": 10, "text": "Hm."}]}]}]}"#;
const PARTIES: &str = r#"{"calls": [{"metaData": {"id": "7782342274025937895", "started": "2024-03-01T10:00:00-08:00", "title": "Intro call", "duration": 60, "primaryUserId": "u1", "url": "x"},
 "parties": [{"speakerId": "11", "name": "Ann", "userId": "u1", "affiliation": "Internal"}, {"speakerId": "22", "name": "Bob", "affiliation": "External"}]}]}"#;

#[test]
fn transcripts_of_gong_are_read() {
    let path = file("calls.json", CALLS);
    let parties = ReadOptions { parties: Some(file("parties.json", PARTIES)), ..ReadOptions::default() };
    let unknown = fault(&path, parties.clone());
    assert_eq!((unknown.code, unknown.case.as_deref(), unknown.place.as_deref()), ("corpus.unknown_speaker", Some("8"), Some("callTranscripts[1]")));
    let corpus = with(&path, collect(parties.clone())).expect("the known call");
    let call = corpus.conversation(0);
    assert_eq!(said(&corpus, 0), [(Speaker::Agent, Some("Ann".into()), "Hello. How are you?".into()), (Speaker::Customer, Some("Bob".into()), "<script>alert(1)</script>".into())]);
    assert_eq!(format!("{:?} {:?}", call.turns[0].start, call.turns[0].end), "Some(Seconds(0.46)) Some(Seconds(2.4))");
    assert_eq!((call.rep.as_deref(), call.channel.as_deref(), call.attributes["title"].to_string()), (Some("Ann"), Some("call"), "Intro call".into()));
    assert_eq!(call.started_at.map(|t| t.to_string()).as_deref(), Some("2024-03-01T18:00:00Z"));
    assert_eq!(corpus.unread_fields(), [("turns.topic".to_owned(), 1)]);
    let topics = with(&path, ReadOptions { columns: vec![(Role::Step, "topic".into())], ..agents(&["11", "99"]) }).expect("by id");
    assert_eq!((topics.len(), topics.steps().collect::<Vec<_>>()), (2, vec!["Intro"]));
    let pages = with(file("pages.json.gz", gz(format!("[{CALLS}]"))), agents(&["11", "99"])).expect("a list of answers");
    assert_eq!(pages.len(), 2);
    let cut = fault(&file("cut.json", &CALLS[..CALLS.len() - 30]), agents(&["11"]));
    assert_eq!((cut.code, cut.line), ("corpus.json", Some(6)));
    let wrong = CALLS.replace("\"start\": 460", "\"start\": \"early\"");
    let wrong = fault(&file("early.json", wrong), agents(&["11"]));
    assert_eq!((wrong.code, wrong.place.as_deref()), ("corpus.wrong_type", Some("callTranscripts[0].transcript[0].sentences[0].start")));
    assert_eq!(fault(&file("none.json", "{\"callTranscripts\": []}"), agents(&["11"])).code, "corpus.empty");
    assert_eq!(fault(&path, ReadOptions { parties: Some(file("bad.json", "{\"calls\": 1}")), ..ReadOptions::default() }).code, "corpus.wrong_type");
}

#[test]
fn tables_in_memory_collect_turns_and_mixed_columns() {
    use goldpath::corpus::{EventTable, TurnTable, ValueColumn};
    let column = |texts: &[&str]| {
        let mut coded = goldpath::corpus::Coded::default();
        texts.iter().for_each(|text| coded.push((!text.is_empty()).then_some(text)));
        coded
    };
    let events = EventTable {
        case: column(&["a", "b", "b", "c", "d"]),
        step: column(&["x", "x", "y", "x", "x"]),
        turn: Some(vec![0, 0, 0, 0, 7]),
        case_columns: vec![("size".into(), ValueColumn::Number(vec![Some(1.0), Some(1.0), Some(2.0), None, None]))],
        ..EventTable::default()
    };
    let turns = TurnTable { case: column(&["a", "b", "c", "d", "", "z"]), speaker: column(&["agent", "agent", "nobody", "agent", "agent", "agent"]), ..TurnTable::default() };
    let options = collect(ReadOptions::default());
    let corpus = Corpus::from_tables(events.clone(), None, Some(turns.clone()), &options).expect("the rest");
    assert_eq!((corpus.ids().collect::<Vec<_>>(), corpus.turns()), (vec!["a"], 1));
    let mut codes: Vec<_> = corpus.problems().iter().map(|fault| fault.code).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["corpus.missing_id", "corpus.mixed_attribute", "corpus.unknown_case", "corpus.unknown_turn", "corpus.wrong_type"]);
    assert_eq!(Corpus::from_tables(events, None, Some(turns), &ReadOptions::default()).expect_err("the first").code(), "corpus.mixed_attribute");
}
