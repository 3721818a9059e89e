//! Detectors at the public face: rules, learning, what the host gives, and what goes wrong.

use goldpath::corpus::{Conversation, Speaker, Turn};
use goldpath::detect::{Example, FitOptions, TagOptions, Vectors};
use goldpath::progress::Progress;
use goldpath::{Corpus, Detector};

fn rules(text: &str) -> Detector {
    Detector::parse(&format!("format: goldpath/detector/1\nrules:\n{text}")).unwrap()
}

/// A conversation of turns written as `a: …` (agent) and `c: …` (customer).
fn corpus(turns: &[&str]) -> Corpus {
    let turn = |line: &&str| match line.split_once(": ") {
        Some(("c", text)) => Turn::new(Speaker::Customer, text),
        Some((_, text)) => Turn::new(Speaker::Agent, text),
        None => Turn::new(Speaker::System, *line),
    };
    Corpus::from_conversations([Conversation { id: "c1".into(), turns: turns.iter().map(turn).collect(), ..Conversation::default() }]).unwrap()
}

/// The steps of each turn.
fn found(detector: &Detector, turns: &[&str]) -> Vec<Vec<String>> {
    let tagged = detector.tag(&corpus(turns)).unwrap();
    tagged.conversation(0).turns.iter().map(|turn| turn.steps.iter().map(|step| step.step.clone()).collect()).collect()
}

fn code(text: &str) -> String {
    Detector::parse(text).unwrap_err().code().to_owned()
}

#[test]
fn each_condition_of_a_rule() {
    for (rule, yes, no) in [
        ("{step: s, phrases: [预算, budget]}", "a: Ｂｕｄｇｅｔ?", "c: budget"),
        ("{step: s, phrases: 预算, speaker: customer}", "c: 没预算", "a: 预算"),
        ("{step: s, phrases: 预算, speaker: any}", "系统预算", "a: 价格"),
        (r"{step: s, regex: '\d+ ?(万|k)'}", "a: 一共 20万", "a: 一共二十"),
        ("{step: s, phrases: 预算, question: true}", "a: 您好。预算多少？", "a: 您好吗？预算不多。"),
        ("{step: s, phrases: 预算, question: false}", "a: 您好吗？预算不多。", "a: 您好。预算多少？"),
        ("{step: s, question: true}", "a: do you agree", "a: I agree."),
        ("{step: s, phrases: [预算, budget], negation: 5}", "a: 有没有预算", "a: 没有谈到预算"),
        ("{step: s, phrases: [预算, budget], negation: 4}", "a: not only the budget", "a: we don't need the budget"),
        ("{step: s, phrases: 预算, also: [万, 元]}", "a: 预算20万", "a: 预算多少"),
        ("{step: s, phrases: 预算, unless: 预算表}", "a: 预算多少", "a: 发您预算表"),
        ("{step: s, phrases: hello, lang: zh}", "a: hello 您好吗", "a: hello there 好"),
        ("{step: s, regex: 'b+', negation: 3}", "a: no aaa, bbb", "a: not bbb"),
    ] {
        let detector = rules(&format!("  - {rule}"));
        assert_eq!(found(&detector, &[yes]), [["s"]], "{rule} {yes}");
        assert!(found(&detector, &[no])[0].is_empty(), "{rule} {no}");
    }
}

#[test]
fn position_and_what_came_before() {
    let detector = rules("  - {step: hi, phrases: hi, position: {first: 2}}\n  - {step: bye, phrases: hi, position: {last: 1}}");
    assert_eq!(found(&detector, &["a: hi", "a: hi", "a: hi", "a: hi"]), [vec!["hi"], vec!["hi"], vec![], vec!["bye"]]);
    let detector = rules(
        "  - {step: answer, phrases: 分期, after: {phrases: 太贵, speaker: customer, within: 2}}\n  - {step: close, phrases: 签, after: {steps: [answer]}}",
    );
    assert_eq!(
        found(&detector, &["a: 分期，签", "c: 太贵了", "a: 嗯", "a: 可以分期", "a: 分期也行", "a: 签吧"]),
        [vec![], vec![], vec![], vec!["answer"], vec![], vec!["close"]] as [Vec<&str>; 6]
    );
    // What comes before must be in an earlier turn, and in the same conversation.
    let detector = rules("  - {step: s, phrases: b, after: {phrases: a}}");
    assert!(found(&detector, &["a: a b"])[0].is_empty());
    let two = Corpus::parse(
        b"{\"id\": \"1\", \"turns\": [{\"speaker\": \"agent\", \"text\": \"a\"}]}\n{\"id\": \"2\", \"turns\": [{\"speaker\": \"agent\", \"text\": \"b\"}]}",
    )
    .unwrap();
    assert_eq!(detector.tag(&two).unwrap().events(), 0);
}

#[test]
fn turns_of_one_step_are_one_event() {
    let tagged = rules("  - {step: s, phrases: x, prob: 0.5}\n  - {step: s, phrases: 'y', prob: 0.9}\n  - {step: t, phrases: z}")
        .tag(&corpus(&["a: x", "c: no", "a: y x", "a: z", "a: x"]))
        .unwrap();
    assert_eq!((tagged.events(), tagged.steps().collect::<Vec<_>>()), (3, vec!["s", "t"]));
    let turns = tagged.conversation(0).turns;
    assert_eq!((turns[0].steps[0].prob, turns[2].steps[0].prob, turns[4].steps[0].prob), (Some(f64::from(0.9f32)), Some(f64::from(0.9f32)), Some(0.5)));
    // Those that are there stay with `keep`, and go without.
    let options = TagOptions { keep: true, ..TagOptions::default() };
    let more = rules("  - {step: u, phrases: 'no', speaker: any}").tag_with(&tagged, None, &options, &Progress::none()).unwrap();
    assert_eq!(more.steps().collect::<Vec<_>>(), ["s", "t", "u"]);
    assert_eq!(more.events(), 4);
    assert_eq!(rules("  - {step: u, phrases: nowhere}").tag(&tagged).unwrap().events(), 0);
}

#[test]
fn faults_name_their_place() {
    for (text, expected) in [
        ("rules: [{step: s, phrases: a}]", "detector.format"),
        ("format: goldpath/detector/2\nrules: [{step: s, phrases: a}]", "detector.format"),
        ("format: goldpath/detector/1", "detector.empty"),
        ("format: goldpath/detector/1\nrules: []", "detector.empty"),
        ("format: goldpath/detector/1\nrules: [{phrases: a}]", "detector.empty_step"),
        ("format: goldpath/detector/1\nrules: [{step: s}]", "detector.empty_rule"),
        ("format: goldpath/detector/1\nrules: [{step: s, phrases: []}]", "detector.empty_phrase"),
        ("format: goldpath/detector/1\nrules: [{step: s, phrases: [' ']}]", "detector.empty_phrase"),
        ("format: goldpath/detector/1\nrules: [{step: s, regex: '(a'}]", "detector.regex"),
        (r"{format: goldpath/detector/1, rules: [{step: s, regex: '(a)\1'}]}", "detector.regex"),
        ("format: goldpath/detector/1\nrules: [{step: s, regex: '(?=a)'}]", "detector.regex"),
        (r"{format: goldpath/detector/1, rules: [{step: s, regex: '\w{1000}{1000}'}]}", "detector.regex"),
        ("format: goldpath/detector/1\nrules: [{step: s, phrases: a, speaker: me}]", "detector.wrong_value"),
        ("format: goldpath/detector/1\nrules: [{step: s, phrases: a, prob: 1.5}]", "detector.wrong_number"),
        ("format: goldpath/detector/1\nrules: [{step: s, phrases: a, negation: -1}]", "detector.wrong_number"),
        ("format: goldpath/detector/1\nrules: [{step: s, phrases: [no]}]", "detector.wrong_type"),
        ("format: goldpath/detector/1\nrules: [{step: s, phrase: a}]", "detector.unknown_key"),
        ("format: goldpath/detector/1\nrules: [{step: s, phrases: a, after: {steps: [t]}}]", "detector.unknown_step"),
        ("format: goldpath/detector/1\nrules: [{step: s, phrases: a, after: {}}]", "detector.empty_rule"),
        ("format: [", "detector.syntax"),
        ("- a", "detector.wrong_type"),
    ] {
        assert_eq!(code(text), expected, "{text}");
    }
    let error = Detector::parse("format: goldpath/detector/1\nrules:\n  - step: s\n    phrases: a\n    lang: fr\n").unwrap_err();
    assert_eq!((error.faults()[0].line, error.faults()[0].place.as_deref()), (Some(5), Some("rules[0].lang")));
    let detector = rules("  - {step: s, phrases: a, negation: 3, after: {phrases: [b], within: 2}, lang: zh, prob: 0.5}");
    assert_eq!(Detector::from_bytes(&detector.to_bytes()).unwrap().rules(), detector.rules());
}

#[test]
fn a_pathological_expression_takes_linear_time() {
    let detector = rules("  - {step: s, regex: '(a+)+$'}");
    let began = std::time::Instant::now();
    assert!(found(&detector, &[&format!("a: {}!", "a".repeat(300_000))])[0].is_empty());
    assert!(began.elapsed().as_secs() < 60);
}

const PAIRS: [(&str, &str); 4] = [
    ("budget", "what budget do you have for this number"),
    ("hello", "hello and good morning dear number"),
    ("price", "这个价格可以分期付款 编号"),
    ("close", "我们签合同吧 编号"),
];

fn examples() -> Vec<(String, &'static str, String)> {
    (0..200).map(|i| (format!("{} {}", PAIRS[i % 4].1, i * 7 % 31), PAIRS[i % 4].0, format!("c{}", i / 8))).collect()
}

fn learn(list: &[(String, &str, String)], several: bool) -> Detector {
    let steps: Vec<Vec<&str>> =
        list.iter().enumerate().map(|(i, (_, step, _))| if several && i % 5 == 0 { vec![*step, "fifth"] } else { vec![*step] }).collect();
    let examples: Vec<Example<'_>> =
        list.iter().zip(&steps).map(|((text, _, group), steps)| Example { text, speaker: Speaker::Agent, group, steps, vector: None }).collect();
    Detector::fit_examples(&examples, &FitOptions::default(), &Progress::none()).unwrap()
}

#[test]
fn what_is_learned_is_found_and_the_same_whatever_the_order() {
    let mut list = examples();
    let detector = learn(&list, false);
    let bytes = detector.to_bytes();
    list.reverse();
    assert_eq!(learn(&list, false).to_bytes(), bytes, "the order of examples");
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(one.install(|| learn(&list, false)).to_bytes(), bytes, "the number of threads");
    let texts: Vec<&str> = list.iter().map(|(text, ..)| text.as_str()).collect();
    let again = Detector::from_bytes(&bytes).unwrap();
    let (a, b) = (detector.find(&texts, Speaker::Agent, None).unwrap(), again.find(&texts, Speaker::Agent, None).unwrap());
    assert_eq!(a, b, "a detector finds the same before and after it is saved");
    for (row, (_, step, _)) in list.iter().enumerate() {
        assert_eq!(a.get(row, "step").to_string(), *step);
    }
    assert_eq!(again.to_bytes(), bytes);
    assert_eq!(learn(&list, true).steps(), ["budget", "close", "fifth", "hello", "price"]);
}

#[test]
fn broken_files_of_learned_detectors() {
    let bytes = learn(&examples(), false).to_bytes();
    for cut in [0, 1, 2, 10, bytes.len() / 2, bytes.len() - 1] {
        assert!(Detector::from_bytes(&bytes[..cut]).is_err(), "{cut}");
    }
    for at in (0..bytes.len()).step_by(97) {
        let mut broken = bytes.clone();
        broken[at] ^= 0x55;
        // Whatever it is, it is no panic.
        let _ = Detector::from_bytes(&broken);
    }
}

#[test]
fn vectors_of_the_host() {
    // Words that say nothing, vectors that say all.
    let vectors: Vec<[f32; 3]> = (0..120).map(|i| if i % 2 == 0 { [1.0, 0.1, (i % 7) as f32 * 0.05] } else { [0.1, 1.0, (i % 5) as f32 * 0.05] }).collect();
    let texts: Vec<String> = (0..120).map(|i| format!("w{}", i / 2)).collect();
    let example = |i: usize| Example {
        text: &texts[i],
        speaker: Speaker::Agent,
        group: &texts[i],
        steps: if i.is_multiple_of(2) { &["even"] } else { &["odd"] },
        vector: Some(&vectors[i]),
    };
    let all: Vec<Example<'_>> = (0..120).map(example).collect();
    let fit = |examples: &[Example<'_>]| Detector::fit_examples(examples, &FitOptions::default(), &Progress::none());
    let detector = fit(&all).unwrap();
    let numbers = [1.0, 0.1, 0.2, 0.1, 1.0, 0.2];
    let found = detector.find(&["new", "new"], Speaker::Agent, Some(Vectors::new(&numbers, 3).unwrap())).unwrap();
    assert_eq!((found.get(0, "step").to_string(), found.get(1, "step").to_string()), ("even".into(), "odd".into()));
    let code = |found: goldpath::Result<goldpath::Table>| found.unwrap_err().code();
    assert_eq!(code(detector.find(&["new"], Speaker::Agent, None)), "detector.vector_length");
    assert_eq!(code(detector.find(&["new"], Speaker::Agent, Some(Vectors::new(&numbers, 3).unwrap()))), "detector.vector_count");
    assert_eq!(code(detector.find(&["new"], Speaker::Agent, Some(Vectors::new(&[1.0, f32::NAN, 0.0], 3).unwrap()))), "detector.vector_not_finite");
    assert_eq!(Vectors::new(&numbers, 4).unwrap_err().code(), "detector.vector_length");
    let short = [1.0f32];
    let mut broken = all.clone();
    broken[7].vector = Some(&short);
    let error = fit(&broken).unwrap_err();
    assert_eq!((error.code(), error.faults()[0].place.as_deref()), ("detector.vector_length", Some("vectors[7]")));
}

#[test]
fn what_the_host_says_is_checked() {
    let corpus = corpus(&["a: x", "c: y"]);
    let options = TagOptions::default();
    let steps = ["s".to_owned(), "t".to_owned()];
    let tagged = corpus.tag_scores(&steps, &[0.9, 0.1, 0.0, 0.4], &options).unwrap();
    assert_eq!((tagged.events(), tagged.steps().collect::<Vec<_>>()), (2, vec!["s", "t"]));
    for (scores, code) in [
        (&[0.9f32, 0.1][..], "detector.score_count"),
        (&[0.9], "detector.score_count"),
        (&[0.9, 0.1, 0.2, 1.5], "detector.wrong_score"),
        (&[0.9, 0.1, f32::NAN, 0.5], "detector.wrong_score"),
    ] {
        assert_eq!(corpus.tag_scores(&steps, scores, &options).unwrap_err().code(), code);
    }
    assert_eq!(corpus.tag_labels(&[vec!["s"]], &options).unwrap_err().code(), "detector.score_count");
    assert_eq!(corpus.tag_labels(&[vec!["s"], vec![""]], &options).unwrap_err().code(), "detector.empty_step");
    assert_eq!(corpus.tag_scores(&steps, &[], &TagOptions { at_least: 2.0, keep: false }).unwrap_err().code(), "argument.invalid");
}

#[test]
fn evaluation_counts() {
    let text = r#"{"id": "c1", "turns": [
        {"speaker": "agent", "text": "hello", "steps": ["open"]}, {"speaker": "agent", "text": "hello again", "steps": ["other"]},
        {"speaker": "agent", "text": "nothing"}, {"speaker": "agent", "text": "bye", "steps": ["close"]}, {"speaker": "customer", "text": "hello"}]}"#;
    let labelled = Corpus::parse(text.replace('\n', "").as_bytes()).unwrap();
    let detector = rules("  - {step: open, phrases: hello, speaker: any}\n  - {step: close, phrases: bye}");
    let found = detector.evaluate(&labelled, None, false).unwrap();
    assert_eq!((found.turns, found.accuracy.unwrap().estimate), (4, 0.75), "turns of a side that is never labelled do not count");
    let steps = found.steps();
    assert_eq!(steps.get(1, "step").to_string(), "open");
    assert_eq!(
        (steps.get(1, "labelled").to_string(), steps.get(1, "found").to_string(), steps.get(1, "precision").to_string()),
        ("1".into(), "2".into(), "0.5".into())
    );
    assert_eq!(found.confusion().len(), 4);
    assert_eq!(detector.evaluate(&corpus(&["a: x"]), None, false).unwrap_err().code(), "detector.no_labels");
    let learned = Detector::fit(&labelled, &FitOptions { least_examples: 1, ..FitOptions::default() }).unwrap();
    let unsure = learned.uncertain(&corpus(&["a: hello bye", "a: hello", "a: hello", "a: "]), None, 5).unwrap();
    assert_eq!((unsure.len(), unsure.get(0, "text").to_string()), (2, "hello bye".to_owned()));
    let few = Detector::fit(&labelled, &FitOptions::default()).unwrap_err();
    assert_eq!(few.code(), "detector.few_examples");
}

#[test]
fn hostile_turns() {
    let long = format!("a: {}", "很长的话 budget ".repeat(70_000));
    let turns = ["a: ", "a: 👍👍", "a: 預算 预算 ｂｕｄｇｅｔ", "a: \u{200b}", &long];
    let detector = rules("  - {step: s, phrases: [budget, 预算], negation: 5, question: false}");
    assert_eq!(found(&detector, &turns), [vec![], vec![], vec!["s"], vec![], vec!["s"]]);
    let learned = learn(&examples(), false);
    assert!(learned.tag(&corpus(&turns)).is_ok());
    let same: Vec<String> = (0..5000).map(|_| "a: what budget".to_owned()).collect();
    let tagged = learned.tag(&corpus(&same.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
    assert_eq!(tagged.events(), 1);
}
