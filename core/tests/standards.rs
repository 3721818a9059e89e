//! Standards of steps: read with all faults, measured by hand-computed values, deviations of their case.

use goldpath::check::DeviationKind;
use goldpath::corpus::Conversation;
use goldpath::{Check, Corpus, Sop, review};
use proptest::prelude::*;
use serde_json::{Value, json};

/// An SOP of a flow `open, need, quote`, with standards of `need`.
fn sop(standards: &str) -> String {
    format!("format: goldpath/1\nname: x\nsteps: {{open: {{}}, need: {{title: 需求, standards: {standards}}}, quote: {{}}}}\nflow: [open, need, quote]")
}

fn faults(standards: &str) -> Vec<(&'static str, String)> {
    let error = Sop::parse(&sop(standards)).expect_err("not valid");
    error.faults().iter().map(|f| (f.code, f.place.clone().unwrap_or_default())).collect()
}

fn fault(standards: &str) -> &'static str {
    let list = faults(standards);
    assert_eq!(list.len(), 1, "{standards}: {list:?}");
    list[0].0
}

fn check(standards: &str, conversation: &Value) -> Check {
    let sop = Sop::parse(&sop(standards)).unwrap_or_else(|e| panic!("{e}"));
    Corpus::parse(conversation.to_string().as_bytes()).expect("a corpus").check(&sop).expect("a check")
}

/// What one standard came to: the value of a failed one, or `met`, or `not measured`, or `not due`.
fn came_to(standard: &str, conversation: &Value) -> String {
    let check = check(&format!("[{standard}]"), conversation);
    let table = check.standards();
    let failed: Vec<String> = (check.alignment("c").expect("the case").deviations.iter())
        .filter_map(|d| d.standard.as_ref())
        .map(|s| format!("{} {}", (s.value.expect("a value") * 1e6).round() / 1e6, s.unit.name()))
        .collect();
    assert_eq!(table.get(0, "failed").to_string(), failed.len().to_string());
    match (failed.first(), table.get(0, "met").to_string().as_str(), table.get(0, "not_measured").to_string().as_str()) {
        (Some(value), ..) => value.clone(),
        (None, "0", "0") => "not due".into(),
        (None, "0", _) => "not measured".into(),
        _ => "met".into(),
    }
}

fn turn(speaker: &str, text: &str, step: Option<&str>, start: f64, end: f64) -> Value {
    json!({"speaker": speaker, "text": text, "steps": step.into_iter().collect::<Vec<_>>(), "start": start, "end": end})
}

fn call() -> Value {
    json!({"id": "c", "attributes": {"segment": "smb", "crm_budget": "20万", "blank": " "}, "turns": [
        turn("agent", "您好，方便吗？", Some("open"), 0.0, 2.0),
        turn("customer", "方便。", None, 2.0, 3.0),
        turn("agent", "贵公司的预算大概是多少？谁来拍板呢", Some("need"), 4.0, 8.0),
        turn("customer", "二十万，老板定。你们能私有化部署吗？", None, 9.0, 14.0),
        turn("system", "对方正在录音", None, 14.0, 14.0),
        turn("agent", "可以的。我们用ＣＲＭ系统对接", Some("need"), 13.0, 16.0),
        turn("agent", "下周给您方案。", Some("need"), 16.0, 17.5),
        turn("customer", "好。", None, 18.0, 18.5),
        turn("agent", "报价是十八万。", Some("quote"), 20.0, 22.0),
    ]})
}

#[test]
fn each_measure_by_hand() {
    // The turns of `need`: the agent's three, the customer's answer between them and the one behind. Spoken: the agent
    // 4 + 3 + 1.5 s, the customer 5 + 0.5 s. Questions: 多少？ and 谁来拍板呢; of the customer 吗？
    for (standard, value) in [
        ("agent_says: [预算]", "met"),
        ("agent_says: 预算", "met"),
        ("agent_says: [立项, 费用区间]", "0 count"),
        ("agent_says: {all: [预算, CRM, 折扣]}", "2 count"),
        ("agent_says: {any: [预算, crm系统, 折扣], at_least: 2}", "met"),
        ("agent_says: [二十万]", "0 count"),
        ("customer_says: [二十万]", "met"),
        ("customer_says: [不考虑]", "0 count"),
        ("questions: {at_least: 3}", "2 count"),
        ("questions: {at_least: 2, at_most: 2}", "met"),
        ("customer_questions: {at_least: 2}", "1 count"),
        ("turns: {at_most: 4}", "5 count"),
        ("agent_turns: {at_most: 2}", "3 count"),
        // 17 + 18 + 14 + 7 + 2 characters with their marks.
        ("characters: {at_most: 10}", "58 count"),
        ("agent_characters: {at_most: 10}", "38 count"),
        // Without marks 16 + 15 + 11 + 6 + 1; CRM is one word.
        ("words: {at_most: 10}", "49 count"),
        ("agent_words: {at_most: 10}", "33 count"),
        ("agent_talk_share: {at_most: 0.6}", "0.607143 share_of_time"),
        ("longest_monologue: {at_most: 4}", "4.5 seconds"),
        ("longest_monologue: {at_most: 0.05, unit: minutes}", "0.075 minutes"),
        ("longest_monologue_words: {at_most: 16}", "17 count"),
        ("interruptions: {at_most: 0}", "1 count"),
        ("duration: {at_most: 14}", "14.5 seconds"),
        ("duration: {at_least: 1, unit: minutes}", "0.241667 minutes"),
        ("within_turns: 2", "3 count"),
        ("within_turns: 3", "met"),
        ("within_minutes: 0.05", "0.066667 minutes"),
        ("within_minutes: 1", "met"),
        ("after: {step: open, within_minutes: 0.02}", "0.033333 minutes"),
        ("after: {step: open, within_days: 1}", "met"),
        ("after: {step: quote, within_hours: 1}", "not measured"),
        ("requires: crm_budget", "met"),
        ("requires: crm_stage", "0 count"),
        ("requires: blank", "0 count"),
        ("requires: {segment: [smb, mid]}", "met"),
        ("requires: {segment: enterprise}", "0 count"),
        ("questions: {at_least: 9}, when: {segment: enterprise}", "not due"),
        ("questions: {at_least: 9}, when: {segment: [smb]}", "2 count"),
    ] {
        assert_eq!(came_to(&format!("{{{standard}}}"), &call()), value, "{standard}");
    }
}

#[test]
fn english_by_hand() {
    let call = json!({"id": "c", "turns": [
        turn("agent", "Hi there", Some("open"), 0.0, 1.0),
        turn("agent", "What's your BUDGET? And what does the airplane plan cost", Some("need"), 60.0, 66.0),
        turn("customer", "We don't know yet.", None, 67.0, 69.0),
        turn("agent", "Okay.", Some("quote"), 70.0, 71.0),
    ]});
    for (standard, value) in [
        ("agent_says: [budget]", "met"),
        ("agent_says: [plane]", "0 count"),
        ("agent_says: {all: [plan, cost]}", "met"),
        ("customer_says: [do]", "0 count"),
        ("questions: {at_least: 3}", "2 count"),
        ("words: {at_most: 3}", "14 count"),
        ("agent_words: {at_most: 3}", "10 count"),
        ("agent_talk_share: {at_most: 0.75}", "met"),
        ("within_minutes: 1", "met"),
        ("after: {step: open, within_minutes: 0.9}", "0.983333 minutes"),
    ] {
        assert_eq!(came_to(&format!("{{{standard}}}"), &call), value, "{standard}");
    }
}

#[test]
fn what_cannot_be_measured_is_no_failure() {
    let measures = [
        "agent_says: [x]",
        "questions: {at_least: 3}",
        "turns: {at_least: 99}",
        "agent_talk_share: {at_most: 0}",
        "longest_monologue: {at_most: 0}",
        "interruptions: {at_least: 9}",
        "duration: {at_least: 9}",
        "within_turns: 1",
        "within_minutes: 0.001",
        "after: {step: open, within_minutes: 0.001}",
    ];
    let bare = json!({"id": "c", "steps": ["open", "need", "quote"]});
    let untimed = json!({"id": "c", "turns": [{"speaker": "agent", "text": "喂", "steps": ["open"]}, {"speaker": "agent", "text": "", "steps": ["need"]}]});
    for standard in measures {
        assert_eq!(came_to(&format!("{{{standard}}}"), &bare), "not measured", "{standard}");
        let expected = if standard.starts_with("turns") {
            "1 count"
        } else if standard == "within_turns: 1" {
            "2 count"
        } else {
            "not measured"
        };
        assert_eq!(came_to(&format!("{{{standard}}}"), &untimed), expected, "{standard}");
    }
    let done = check("[{questions: {at_least: 3}}]", &bare);
    assert_eq!((done.conforms_so_far(0), done.fully_conforms(0)), (Some(true), Some(true)));
    assert_eq!(done.steps().unwrap().get(1, "standards_not_measured").to_string(), "1");
    assert_eq!(came_to("{requires: crm}", &bare), "0 count", "a field that is missing is the failure");
    // A step that was skipped, or only done elsewhere as an extra, is not held to its standards.
    assert_eq!(came_to("{requires: crm}", &json!({"id": "c", "steps": ["open", "quote"]})), "not due");
    // Events of bare steps with times of their own.
    let dated = json!({"id": "c", "started_at": "2026-03-01T00:00:00Z", "steps": [{"step": "open", "at": "2026-03-01T00:00:00Z"}, {"step": "need", "at": "2026-03-03T12:00:00Z"}]});
    assert_eq!(came_to("{after: {step: open, within_days: 2}}", &dated), "2.5 days");
    assert_eq!(came_to("{after: {step: open, within_hours: 60}}", &dated), "met");
}

#[test]
fn turns_that_overlap_or_have_no_end() {
    let call = |start: f64, end: f64| json!({"id": "c", "turns": [turn("agent", "a", Some("open"), 0.0, 1.0), turn("agent", "一二三", Some("need"), start, end), turn("customer", "一", None, 5.0, 9.0)]});
    let mut open = call(4.0, 4.0);
    open["turns"][1]["end"] = Value::Null;
    assert_eq!(came_to("{agent_talk_share: {at_most: 0.1}}", &open), "0.75 share_of_words");
    assert_eq!(came_to("{longest_monologue: {at_least: 100}}", &open), "not measured");
    assert_eq!(came_to("{duration: {at_least: 100}}", &open), "5 seconds");
    let error = Corpus::parse(call(4.0, 2.0).to_string().as_bytes()).unwrap_err();
    assert_eq!(error.code(), "corpus.reversed_turn", "no reader takes a turn that ends before it begins");
    assert_eq!(came_to("{agent_talk_share: {at_least: 1}}", &call(4.0, 8.0)), "0.5 share_of_time");
    assert_eq!(came_to("{duration: {at_least: 100}}", &call(7.0, 7.0)), "4 seconds");
    assert_eq!(came_to("{after: {step: open, within_minutes: 1}}", &call(0.5, 2.0)), "met", "an overlap is no time at all");
}

#[test]
fn a_failed_standard_is_a_deviation_of_its_case() {
    let done = check("[{questions: {at_least: 3}}, {within_turns: 2, title: 早问}]", &call());
    let found = done.alignment("c").unwrap();
    let said: Vec<_> = found.deviations.iter().map(|d| (d.kind, d.place.as_deref(), d.event, d.turns, d.cost)).collect();
    assert_eq!(
        said,
        [
            (DeviationKind::BelowStandard, Some("steps.need.standards[0]"), Some(1), Some((2, 6)), 0),
            (DeviationKind::Late, Some("steps.need.standards[1]"), Some(1), Some((2, 6)), 0)
        ]
    );
    assert_eq!(found.deviations[0].sentence_zh(), "“需求”未达标：提问 2 个，要求至少 3 个。");
    assert_eq!(found.deviations[0].sentence_en(), "“需求” fell below standard: 2 questions asked, expected at least 3.");
    assert_eq!(found.deviations[1].sentence_zh(), "“需求”做晚了（早问）：第 3 轮才开始，要求在前 2 轮内。");
    assert_eq!((found.cost, found.fitness, found.conforms_so_far, found.fully_conforms), (0, 1.0, false, Some(false)));
    let (cases, table) = (done.cases(), done.deviations().unwrap());
    for (column, n) in [("deviations", "2"), ("accepted", "0"), ("below_standard", "1"), ("late", "1")] {
        assert_eq!(cases.get(0, column).to_string(), n, "{column}");
    }
    assert_eq!((table.len(), table.get(1, "standard").to_string(), table.get(1, "at_most").to_string()), (2, "早问".into(), "2".into()));
    let steps = done.steps().unwrap();
    assert_eq!((steps.get(1, "standards_failed").to_string(), steps.get(0, "standards_failed").to_string()), ("1".into(), String::new()));
    let counts = done.deviation_counts().unwrap();
    assert_eq!(counts.iter().map(|d| (d.kind, d.cases, d.times)).collect::<Vec<_>>(), [(DeviationKind::BelowStandard, 1, 1), (DeviationKind::Late, 1, 1)]);
}

#[test]
fn accepted_standards_do_not_break_conformity() {
    let text = sop("[{questions: {at_least: 3}}, {within_turns: 2}]");
    for (accepted, conforms) in [
        ("[{below_standard: need}]", false),
        ("[{below_standard: need}, {late: need}]", true),
        ("[{below_standard: need}, {late: need, when: {segment: large}}]", false),
        ("[{below_standard: open}, {late: quote}]", false),
    ] {
        let sop = Sop::parse(&format!("{text}\naccepted: {accepted}")).unwrap();
        assert_eq!(Sop::parse(&sop.to_yaml()).unwrap(), sop);
        let check = Corpus::parse(call().to_string().as_bytes()).unwrap().check(&sop).unwrap();
        assert_eq!((check.conforms_so_far(0), check.fully_conforms(0)), (Some(conforms), Some(conforms)), "{accepted}");
        let accepted = check.alignment("c").unwrap().deviations.iter().filter(|d| d.accepted).count();
        assert_eq!(check.cases().get(0, "accepted").to_string(), accepted.to_string());
        let counts = check.deviation_counts().unwrap();
        assert_eq!(counts.iter().map(|d| d.accepted).sum::<u64>(), accepted as u64);
    }
}

#[test]
fn deviations_stand_in_the_order_of_the_path() {
    let sop = Sop::parse(
        "{format: goldpath/1, name: x, steps: {a: {standards: [{requires: k}]}, b: {}, c: {standards: [{requires: k}]}, d: {standards: [{requires: k}]}}, flow: [a, b, c, d]}",
    )
    .unwrap();
    let check = Corpus::from_conversations([Conversation::of_steps("c", ["a", "x", "d", "c", "d"]), Conversation::of_steps("late", ["a", "d", "b", "c", "d"])])
        .unwrap()
        .check(&sop)
        .unwrap();
    let of = |id: &str| -> Vec<String> {
        let found = check.alignment(id).unwrap();
        found
            .deviations
            .iter()
            .map(|d| format!("{} {} after {} @{}", d.kind.name(), d.step, d.after.as_deref().unwrap_or("-"), d.event.map_or("-".into(), |e| e.to_string())))
            .collect()
    };
    assert_eq!(
        of("c"),
        [
            "below_standard a after - @0",
            "extra x after a @1",
            "extra d after a @2",
            "skipped b after a @-",
            "below_standard c after a @3",
            "below_standard d after c @4"
        ]
    );
    let moved = Corpus::from_conversations([Conversation::of_steps("m", ["c", "a", "b", "d"])]).unwrap().check(&sop).unwrap();
    let found = moved.alignment("m").unwrap();
    let kinds: Vec<_> = found.deviations.iter().map(|d| (d.kind.name(), d.step.as_str(), d.after.as_deref())).collect();
    assert_eq!(kinds, [("out_of_order", "c", None), ("below_standard", "c", None), ("below_standard", "a", None), ("below_standard", "d", Some("b"))]);
}

#[test]
fn conformity_at_a_step_knows_only_what_lies_before_it() {
    // Cases 0..40: a standard of `need` fails in every second; half of them are won.
    let sop = |accepted: &str| {
        let text = "format: goldpath/1\nname: x\nsteps: {open: {}, need: {standards: [{requires: k}]}, quote: {}, close: {}}\nflow: [open, need, quote, close]\naccepted: ";
        Sop::parse(&format!("{text}{accepted}")).unwrap()
    };
    let lines = |steps: &dyn Fn(usize) -> &'static str| -> Corpus {
        let line = |i: usize| {
            format!(
                "{{\"id\":\"c{i}\",\"rep\":\"r{}\",\"steps\":[{}],\"attributes\":{},\"outcome\":{{\"won\":{}}}}}",
                i % 3,
                steps(i),
                if i.is_multiple_of(2) { "{\"k\":1}" } else { "{}" },
                i % 4 < 2
            )
        };
        Corpus::parse((0..40).map(line).collect::<Vec<_>>().join("\n").as_bytes()).unwrap()
    };
    let arms = |corpus: &Corpus, sop: &Sop, kind: &str, step: &str| {
        let review = review(corpus, sop).unwrap();
        let found = review.findings().iter().find(|f| f.kind() == kind && f.step() == step);
        found.map(|f| (f.treated.n, f.control.n)).filter(|arms| arms.0 > 0 && arms.1 > 0)
    };
    let full = lines(&|_| "\"open\",\"need\",\"quote\",\"close\"");
    // The standard is a deviation from the next step on, not at its own step.
    assert_eq!(arms(&full, &sop("[]"), "conforming", "need"), None);
    assert_eq!(arms(&full, &sop("[]"), "conforming", "quote"), Some((20, 20)));
    assert_eq!(arms(&full, &sop("[{below_standard: need}]"), "conforming", "quote"), None);
    assert_eq!(arms(&full, &sop("[]"), "standard", "need"), Some((20, 20)));
    assert_eq!(arms(&full, &sop("[{below_standard: need}]"), "standard", "need"), Some((20, 20)), "failing is failing, accepted or not");
    // A skip that is accepted before the step does not count there, whatever comes after.
    let skipping = lines(&|i| if i.is_multiple_of(2) { "\"open\",\"quote\",\"x\",\"close\"" } else { "\"open\",\"z\",\"quote\",\"close\"" });
    assert_eq!(arms(&skipping, &sop("[{skip: need}]"), "conforming", "quote"), Some((20, 20)));
    assert_eq!(arms(&skipping, &sop("[]"), "conforming", "quote"), None);
    assert_eq!(arms(&skipping, &sop("[{skip: need}, {extra: x}]"), "conforming", "close"), Some((20, 20)));
    assert_eq!(arms(&skipping, &sop("[{skip: need}]"), "conforming", "close"), None);
    let sentence = review(&full, sop("[]")).unwrap().findings().iter().find(|f| f.kind() == "standard").unwrap().sentence(goldpath::Lang::Zh);
    assert!(sentence.starts_with("在测得“need”标准（填写字段“k”）的会话中，20 通未达标，赢率 50.0%；20 通达标"), "{sentence}");
}

#[test]
fn the_best_tenth_and_what_nobody_meets() {
    // 11 reps; rep i meets the standard in i of 10 cases; a twelfth has too few cases.
    let line = |rep: usize, i: usize| {
        format!("{{\"id\":\"{rep}-{i}\",\"rep\":\"r{rep}\",\"steps\":[\"need\"],\"attributes\":{}}}", if i < rep { "{\"k\":1}" } else { "{}" })
    };
    let mut all: Vec<String> = (0..11).flat_map(|rep| (0..10).map(move |i| line(rep, i))).collect();
    all.extend((0..9).map(|i| line(12, i)));
    let sop = Sop::parse("{format: goldpath/1, name: x, steps: {need: {standards: [{requires: k}, {requires: nothing}]}}, flow: [need]}").unwrap();
    let table = Corpus::parse(all.join("\n").as_bytes()).unwrap().check(&sop).unwrap().standards();
    let cell = |row: usize, column: &str| table.get(row, column).to_string();
    assert_eq!((cell(0, "key"), cell(1, "key")), ("requires".into(), "requires_2".into()));
    assert_eq!((cell(0, "measured"), cell(0, "met"), cell(0, "met_share")), ("119".into(), "64".into(), "0.5378".into()));
    // Two of the eleven with 10 measurements: 10 of 10 and 9 of 10.
    assert_eq!((cell(0, "best_tenth_share"), cell(0, "best_tenth_reps"), cell(0, "never_met")), ("0.95".into(), "2".into(), "false".into()));
    assert_eq!((cell(1, "met_share"), cell(1, "ci_low"), cell(1, "never_met")), ("0".into(), "0".into(), "true".into()));
}

#[test]
fn faults_of_standards_have_places() {
    assert_eq!(faults("[{questions: {at_least: 3}}, {questoins: {at_least: 1}}]"), [("sop.unknown_key", "steps.need.standards[1].questoins".to_owned())]);
    for (standard, code) in [
        ("{}", "sop.empty_standard"),
        ("{title: x}", "sop.empty_standard"),
        ("5", "sop.wrong_type"),
        ("{questions: 3}", "sop.wrong_type"),
        ("{questions: {}}", "sop.missing"),
        ("{questions: {at_least: -1}}", "sop.wrong_number"),
        ("{questions: {at_least: 1.5}}", "sop.wrong_number"),
        ("{questions: {at_least: NaN}}", "sop.wrong_number"),
        ("{questions: {at_least: .nan}}", "sop.syntax"),
        ("{questions: {at_least: many}}", "sop.wrong_number"),
        ("{questions: {at_least: 1e300}}", "sop.wrong_number"),
        ("{questions: {at_least: 5, at_most: 3}}", "sop.reversed_bounds"),
        ("{questions: {atleast: 5}}", "sop.unknown_key"),
        ("{questions: {at_least: 1}, turns: {at_least: 1}}", "sop.several_measures"),
        ("{agent_talk_share: {at_most: 60}}", "sop.wrong_number"),
        ("{agent_talk_share: {at_most: 0.6, unit: minutes}}", "sop.unknown_key"),
        ("{duration: {at_most: 5, unit: years}}", "sop.wrong_value"),
        ("{within_turns: 0}", "sop.wrong_number"),
        ("{within_turns: {at_most: 3}}", "sop.wrong_number"),
        ("{within_minutes: -2}", "sop.wrong_number"),
        ("{agent_says: []}", "sop.wrong_phrase"),
        ("{agent_says: ['']}", "sop.wrong_phrase"),
        ("{agent_says: [CRM, ｃｒｍ]}", "sop.wrong_phrase"),
        ("{agent_says: {any: [a], at_least: 2}}", "sop.wrong_number"),
        ("{agent_says: {any: [a], all: [b]}}", "sop.wrong_value"),
        ("{agent_says: {}}", "sop.wrong_value"),
        ("{agent_says: {all: x}}", "sop.wrong_type"),
        ("{after: {step: nowhere, within_hours: 1}}", "sop.unknown_step"),
        ("{after: {step: open}}", "sop.missing"),
        ("{after: {within_hours: 1}}", "sop.missing"),
        ("{after: {step: open, within_hours: 1, within_days: 1}}", "sop.missing"),
        ("{after: open}", "sop.wrong_type"),
        ("{requires: ''}", "sop.empty_condition"),
        ("{requires: {a: b, c: d}}", "sop.several_measures"),
        ("{requires: {a: []}}", "sop.empty_condition"),
        ("{questions: {at_least: 1}, when: {}}", "sop.empty_condition"),
        ("{questions: {at_least: 1}, title: ''}", "sop.empty_id"),
    ] {
        assert_eq!(fault(&format!("[{standard}]")), code, "{standard}");
    }
    assert_eq!(fault(&format!("[{{agent_says: ['{}']}}]", "长".repeat(101))), "sop.wrong_phrase");
    assert_eq!(fault("[{questions: {at_least: 1}, title: x}, {turns: {at_least: 1}, title: x}]"), "sop.duplicate_id");
    assert_eq!(faults("[{questions: 3}, {agent_says: []}, {after: {step: zz, within_days: 1}}, {agent_talk_share: {at_most: 2}}]").len(), 4, "all at once");
    let error = Sop::parse(&sop("[{questions: 3}]")).unwrap_err();
    assert_eq!((error.faults()[0].line, error.faults()[0].help.as_str()), (Some(3), "write `{at_least: 3}` or `{at_most: 3}`"));
    assert_eq!(Sop::parse(&format!("{}\naccepted: [{{late: zz}}]", sop("[]"))).unwrap_err().code(), "sop.unknown_step");
}

const MEASURES: [&str; 26] = [
    "agent_says: [预算, 'on: off']",
    "agent_says: {all: [a, b]}",
    "customer_says: {any: [a, b, 好], at_least: 2}",
    "questions: {at_least: 3}",
    "customer_questions: {at_most: 3}",
    "turns: {at_least: 1, at_most: 9}",
    "agent_turns: {at_least: 1}",
    "characters: {at_most: 100000}",
    "agent_characters: {at_most: 5}",
    "words: {at_least: 0}",
    "agent_words: {at_most: 5}",
    "agent_talk_share: {at_least: 0.1, at_most: 0.6}",
    "longest_monologue: {at_most: 90.5}",
    "longest_monologue: {at_most: 1.5, unit: minutes}",
    "longest_monologue_words: {at_most: 300}",
    "interruptions: {at_most: 0}",
    "duration: {at_least: 30, unit: seconds}",
    "duration: {at_least: 2, unit: minutes}",
    "within_turns: 5",
    "within_minutes: 2.5",
    "after: {step: open, within_minutes: 5}",
    "after: {step: need, within_hours: 0.5}",
    "after: {step: quote, within_days: 2}",
    "requires: crm_budget",
    "requires: {stage: [a, 3, true]}",
    "requires: {stage: won}",
];

#[test]
fn what_is_written_is_read_back() {
    let schema = Sop::json_schema().to_string();
    for measure in MEASURES {
        for more in ["", ", title: 'a: b'", ", when: {segment: [smb, 3]}", ", title: 题, when: {a: b}"] {
            let sop = Sop::parse(&sop(&format!("[{{{measure}{more}}}, {{{measure}}}]"))).unwrap_or_else(|e| panic!("{measure}: {e}"));
            assert_eq!(Sop::parse(&sop.to_yaml()).unwrap(), sop, "{}", sop.to_yaml());
            assert_eq!(Sop::parse(&sop.to_json()).unwrap(), sop, "{}", sop.to_json());
            let key = measure.split(':').next().unwrap();
            assert!(schema.contains(&format!("\"{key}\"")), "{key} in the schema");
        }
    }
    let sop = Sop::parse(&sop("[{questions: {at_least: 3}}, {agent_says: {any: [预算], at_least: 1}}]")).unwrap();
    let written: Value = serde_json::from_str(&sop.to_json()).unwrap();
    assert_eq!(written["steps"]["need"]["standards"], json!([{"questions": {"at_least": 3}}, {"agent_says": ["预算"]}]));
}

fn conversation() -> impl Strategy<Value = Value> {
    let step = prop::sample::select(vec!["open", "need", "quote", "x"]);
    let speaker = prop::sample::select(vec!["agent", "customer", "system"]);
    let turn = (speaker, prop::option::of(step), "[预算吗？a b!👍]{0,8}", prop::option::of(0u32..60), prop::option::of(0u32..20));
    prop::collection::vec(turn, 0..12).prop_map(|turns| {
        let turns: Vec<Value> = turns
            .into_iter()
            .map(|(speaker, step, text, start, end)| json!({"speaker": speaker, "text": text, "steps": step.into_iter().collect::<Vec<_>>(), "start": start, "end": end.map(|length| start.unwrap_or(0) + length)}))
            .collect();
        json!({"id": "c", "turns": turns, "attributes": {"segment": "smb"}})
    })
}

proptest! {
    #[test]
    fn standards_change_no_alignment(conversation in conversation(), chosen in prop::collection::vec(0usize..MEASURES.len(), 1..6)) {
        let standards: Vec<String> = chosen.iter().map(|&i| format!("{{{}}}", MEASURES[i])).collect();
        let (with, without) = (check(&format!("[{}]", standards.join(", ")), &conversation), check("[]", &conversation));
        let (with, without) = (with.alignment("c").unwrap(), without.alignment("c").unwrap());
        prop_assert_eq!((with.cost, with.prefix_cost, with.fitness, with.adherence, with.status), (without.cost, without.prefix_cost, without.fitness, without.adherence, without.status));
        prop_assert_eq!(&with.moves, &without.moves);
        let rest: Vec<_> = with.deviations.iter().filter(|d| d.standard.is_none()).cloned().collect();
        prop_assert_eq!(rest, without.deviations);
        prop_assert!(!with.conforms_so_far || without.conforms_so_far);
        for d in with.deviations.iter().filter(|d| d.standard.is_some()) {
            let s = d.standard.as_ref().unwrap();
            let value = s.value.unwrap();
            prop_assert!(value >= 0.0 && value.is_finite());
            prop_assert!(s.at_least.is_some_and(|least| value < least) || s.at_most.is_some_and(|most| value > most));
            prop_assert!(d.sentence_en().len() > 20 && d.sentence_zh().len() > 20);
        }
    }
}

#[test]
fn each_conversation_of_a_deal_has_a_beginning_of_its_own() {
    let sop = Sop::parse(&sop(
        "[{within_turns: 1}, {within_minutes: 1}, {customer_says: [好]}, {after: {step: open, within_days: 2}}, {interruptions: {at_most: 0}}]",
    ))
    .unwrap();
    let first = json!({"id": "c1", "deal": "d", "rep": "Ann", "started_at": "2026-03-01T09:00:00Z", "turns": [turn("agent", "您好", Some("open"), 0.0, 2.0), turn("customer", "下次再说", None, 2.0, 9.0)]});
    let second =
        json!({"id": "c2", "deal": "d", "rep": "Bob", "started_at": "2026-03-04T09:00:00Z", "turns": [turn("agent", "几个人用", Some("need"), 1.0, 3.0)]});
    let third = json!({"id": "c3", "deal": "d", "rep": "Bob", "started_at": "2026-03-05T09:00:00Z", "turns": [turn("customer", "好", None, 0.0, 1.0), turn("agent", "报价", Some("quote"), 2.0, 3.0)]});
    let corpus = Corpus::parse(format!("{first}\n{second}\n{third}").as_bytes()).unwrap().by_deal().unwrap();
    let found = corpus.check(&sop).unwrap().alignment("d").unwrap();
    let failed: Vec<_> =
        found.deviations.iter().map(|d| (d.standard.as_ref().unwrap().key.as_str(), d.origin.as_ref().unwrap().conversation.as_str())).collect();
    // In its own conversation the step is the first turn and begins at once; the answer is not in the next conversation.
    assert_eq!(failed, [("customer_says", "c2"), ("after", "c2")]);
    let measures = corpus.measures();
    // Of the three: 9 + 2 + 3 seconds; nobody waits for days.
    let cell = |name: &str| measures.get(0, name).to_string();
    assert_eq!((cell("duration"), cell("patience"), cell("turns"), cell("longest_story")), ("14".into(), "1".into(), "5".into(), "7".into()));
}

#[test]
fn events_below_the_threshold_do_not_shift_the_others() {
    let line = json!({"id": "c", "rep": "Ann", "turns": [
        {"speaker": "agent", "text": "a", "steps": [{"step": "x", "prob": 0.1, "rep": "Bob"}]},
        {"speaker": "agent", "text": "b", "steps": ["open"]},
        {"speaker": "agent", "text": "几个人用？", "steps": [{"step": "need", "prob": 0.9, "rep": "Cid"}]}]});
    let check = check("[{questions: {at_least: 2}}]", &line);
    let found = check.alignment("c").unwrap();
    let failed: Vec<_> = found.deviations.iter().filter(|d| d.standard.is_some()).map(|d| (d.event, d.turns, d.standard.as_ref().unwrap().value)).collect();
    assert_eq!(failed, [(Some(2), Some((2, 2)), Some(1.0))]);
    let card = goldpath::Scorecard::parse("{format: goldpath/scorecard/1, steps: {open: 1}, standards: {need: {questions: 1}}}").unwrap();
    let score = check.score(&card).unwrap().explain("c").unwrap();
    assert_eq!(score.parts.iter().map(|p| (p.event, p.turns)).collect::<Vec<_>>(), [(Some(1), Some((1, 1))), (Some(2), Some((2, 2)))]);
}

#[test]
fn labels_of_a_detector_stand_inside_of_their_step() {
    let mut call = call();
    call["turns"][2]["steps"] = json!(["need", "asks_budget"]);
    call["turns"][3]["steps"] = json!(["names_budget"]);
    for (standard, came) in [
        ("agent_detected: [asks_budget]", "met"),
        ("agent_detected: [names_budget]", "0 count"),
        ("customer_detected: [names_budget]", "met"),
        ("customer_detected: {all: [names_budget, never]}", "1 count"),
        ("agent_detected: {any: [asks_budget, other], at_least: 2}", "1 count"),
        // The label of the customer's turn does not cut the answer off from the step.
        ("customer_says: [老板]", "met"),
    ] {
        let asked = if standard.starts_with("customer_says") { "customer_says: [老板]}, {customer_detected: [names_budget]" } else { standard };
        let sop = Sop::parse(
            &sop(&format!("[{{{asked}}}]"))
                .replace("flow:", "anytime: [asks_budget, names_budget]\nflow:")
                .replace("quote: {}}", "quote: {}, asks_budget: {}, names_budget: {by: customer}}"),
        );
        let check = Corpus::parse(call.to_string().as_bytes()).unwrap().check(sop.unwrap()).unwrap();
        let failed: Vec<String> = check
            .alignment("c")
            .unwrap()
            .deviations
            .iter()
            .filter_map(|d| d.standard.as_ref())
            .map(|s| format!("{} {}", s.value.unwrap(), s.unit.name()))
            .collect();
        assert_eq!(failed.first().map_or("met", String::as_str), came, "{standard}");
    }
    let sop = Sop::parse(&sop("[{agent_detected: [offers_discount]}]")).unwrap();
    let check = Corpus::parse(call.to_string().as_bytes()).unwrap().check(&sop).unwrap();
    let failed = check.alignment("c").unwrap().deviations.into_iter().find(|d| d.kind == DeviationKind::BelowStandard).unwrap();
    assert_eq!(failed.sentence_zh(), "“需求”未达标：没有识别到“offers_discount”。");
    assert_eq!(failed.sentence_en(), "“需求” fell below standard: “offers_discount” was not detected.");
    // Bare steps have no turns.
    let bare = Corpus::parse(br#"{"id": "c", "steps": ["open", "need", "quote"]}"#).unwrap().check(&sop).unwrap();
    assert_eq!(bare.standards().get(0, "not_measured").to_string(), "1");
}
