//! Hints: each kind shown once, sound SOPs without any, and what no case can come to held against all cases there can be.

use std::borrow::Cow;

use goldpath::sop::Hint;
use goldpath::{Corpus, Lang, Playbook, Sop};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::{Value, json};

const TODAY: Date = date(2026, 5, 1);

fn lint(rest: &str) -> Vec<Hint> {
    Sop::parse(&format!("format: goldpath/1\nname: x\n{rest}")).unwrap().lint_on(TODAY)
}

fn found(hints: &[Hint]) -> Vec<(&str, &str, Option<u64>)> {
    hints.iter().map(|hint| (hint.code, hint.place.as_str(), hint.line)).collect()
}

#[test]
fn a_sound_sop_gives_no_hint() {
    let sop = "
steps: {open: {stage: a}, need: {cost: {skipped: 3}}, demo: {}, trial: {}, ask: {by: customer}, safe: {}, close: {}, talk: {}, story: {unplanned: true}}
flow:
  - open
  - any_order: [need, ask]
  - one_of: [[demo, safe], [trial, safe]]
  - when: {segment: [smb, mid]}
    then: [{when: {segment: mid, region: north}, then: [close]}]
  - when: {segment: enterprise}
    then: [close]
anytime: [talk]
accepted:
  - {skip: need, when: {segment: smb}, until: 2026-05-01}
  - {extra: golf}
  - {repeat: demo}
";
    assert_eq!(found(&lint(sop)), []);
}

#[test]
fn parts_that_nobody_comes_to() {
    let hints = lint(
        "steps: [open, a, b, close]\nflow:\n  - open\n  - when: {segment: [smb, mid]}\n    then:\n      - when: {segment: enterprise}\n        then: [a, [b]]\n  - close",
    );
    assert_eq!(found(&hints), [("lint.unreachable", "flow[1].then[0]", Some(8))]);
    assert_eq!(hints[0].sentence(Lang::En), "No case can come to “a”, “b”: “segment = enterprise” cannot hold here.");
    assert_eq!(hints[0].sentence(Lang::Zh), "没有会话能走到“a”、“b”：条件“segment = enterprise”在此处不可能成立。");
    assert!(hints[0].to_string().starts_with("line 8: flow[1].then[0]: No case"), "{}", hints[0]);
    let same = lint("steps: [a, b]\nflow: [{one_of: [a, [b], [a], [[a]]]}]");
    assert_eq!(found(&same), [("lint.same_branch", "flow[0].one_of[2]", Some(4)), ("lint.same_branch", "flow[0].one_of[3]", Some(4))]);
}

#[test]
fn steps_in_two_places_and_two_orders() {
    let hints = lint("steps: [a, b, c]\nflow:\n  - [a, b]\n  - c\n  - sequence: [b, a]");
    assert_eq!(
        found(&hints),
        [("lint.step_twice", "flow[2][0]", Some(7)), ("lint.step_twice", "flow[2][1]", Some(7)), ("lint.contradicting_order", "flow[2][1]", Some(7))]
    );
    assert!(hints[2].sentence(Lang::En).contains("flow[0][1]"), "{}", hints[2]);
    // Alternatives are no contradiction, nor is what may be left out; coming back to a step is none either.
    for flow in ["[{one_of: [[a, b], [b, a]]}, c]", "[[a, b], {optional: [b, a]}, c]", "[[a, b], {repeat: [b, a]}, c]", "[a, b, c, a, b]"] {
        let codes: Vec<_> = lint(&format!("steps: [a, b, c]\nflow: {flow}")).into_iter().map(|hint| hint.code).collect();
        assert!(!codes.contains(&"lint.contradicting_order"), "{flow}: {codes:?}");
    }
    let orders = |flow: &str| lint(&format!("steps: [a, b, c]\nflow: {flow}")).iter().filter(|hint| hint.code == "lint.contradicting_order").count();
    assert_eq!(orders("[{any_order: [[a, b], [b, a]]}, c]"), 1);
    assert_eq!(orders("[[a, b], {when: {s: x}, then: [b, a]}, c]"), 1);
    assert_eq!(orders("[{when: {s: y}, then: [a, b]}, {when: {s: x}, then: [b, a]}, c]"), 0);
}

#[test]
fn accepted_rules_and_costs_that_come_to_nothing() {
    let hints = lint(
        "steps:
  need: {}
  ask: {by: customer, cost: {skipped: 4}}
  free: {cost: {extra: 0, skipped: 0}}
  talk: {cost: {extra: 2}}
  roi_story: {unplanned: true, cost: {skipped: 2, extra: 3}}
  safe: {}
flow: [need, ask, free, {when: {segment: enterprise}, then: [safe]}]
anytime: [talk]
accepted:
  - {skip: need, until: 2026-04-30}
  - {skip: ask}
  - {skip: roi_story}
  - {extra: talk}
  - {extra: free}
  - {skip: safe, when: {segment: smb}}
  - {extra: RoiStory}
  - {skip: need, until: 2026-05-01}",
    );
    let of = |code: &str| hints.iter().filter(|hint| hint.code == code).map(|hint| hint.place.as_str()).collect::<Vec<_>>();
    assert_eq!(of("lint.accepted_over"), ["accepted[0]"]);
    assert_eq!(of("lint.accepted_never"), ["accepted[1]", "accepted[2]", "accepted[3]", "accepted[4]", "accepted[5]"]);
    assert_eq!(of("lint.misspelt"), ["accepted[6]"]);
    assert_eq!(of("lint.unused_cost"), ["steps.ask.cost", "steps.talk.cost", "steps.roi_story.cost"]);
    assert_eq!(hints.len(), 10);
    assert!(hints.iter().all(|hint| hint.line.is_some() && !hint.help(Lang::Zh).is_empty()));
    // Without a text there are no lines.
    let sop = Sop::from_value(json!({"format": "goldpath/1", "name": "x", "steps": ["a"], "flow": ["a", "a"]})).unwrap();
    assert_eq!(found(&sop.lint()), [("lint.step_twice", "flow[1]", None)]);
    assert_eq!(found(&lint("steps: [a, b]\ngraph: {start: a, end: b, edges: [[a, b]]}\naccepted: [{skip: a}]")), []);
}

#[test]
fn entries_that_earlier_ones_leave_nothing() {
    let playbook = Playbook::parse(
        "
format: goldpath/1
playbook:
  - when: {segment: smb}
    sop: {format: goldpath/1, name: small, steps: [a], flow: [a]}
  - when: {segment: [mid, enterprise]}
    sop: {format: goldpath/1, name: large, steps: [a, b], flow: [a, {when: {segment: smb}, then: [b]}]}
  - when: {segment: [enterprise, smb], region: north}
    sop: {format: goldpath/1, name: north, steps: [a], flow: [a]}
  - sop: {format: goldpath/1, name: rest, steps: [a, b], flow: [a, {when: {segment: mid}, then: [b]}]}
  - when: {region: south}
    sop: {format: goldpath/1, name: south, steps: [a], flow: [a]}
",
    )
    .unwrap();
    let hints = playbook.lint_on(TODAY);
    assert_eq!(
        hints.iter().map(|hint| (hint.code, hint.sop.as_str(), hint.place.as_str())).collect::<Vec<_>>(),
        [
            ("lint.unreachable", "large", "playbook[1].sop.flow[1]"),
            ("lint.shadowed", "north", "playbook[2]"),
            ("lint.unreachable", "rest", "playbook[3].sop.flow[1]"),
            ("lint.shadowed", "south", "playbook[4]")
        ]
    );
}

#[test]
fn a_hostile_sop_is_linted_in_time() {
    // Thousands of places, all on the way, and conditions that multiply.
    let flow: Vec<Value> = (0..500).map(|i| json!([format!("s{}", i % 40), format!("s{}", (i * 7 + 3) % 40)])).collect();
    let steps: Vec<String> = (0..40).map(|i| format!("s{i}")).collect();
    let sop = Sop::from_value(json!({"format": "goldpath/1", "name": "x", "steps": steps, "flow": flow})).unwrap();
    assert!(sop.lint_on(TODAY).iter().any(|hint| hint.code == "lint.contradicting_order"));
    let when = |i: usize| json!({format!("a{}", i % 13): "x", format!("b{}", i % 11): "y", format!("c{}", i % 7): "z"});
    let entry = |i| json!({"when": when(i), "sop": {"format": "goldpath/1", "name": i.to_string(), "steps": ["a"], "flow": ["a"]}});
    let playbook = Playbook::parse(&json!({"format": "goldpath/1", "playbook": (0..200).map(entry).collect::<Vec<_>>()}).to_string()).unwrap();
    let start = std::time::Instant::now();
    let _ = playbook.lint_on(TODAY);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn conversations_show_names_that_do_not_meet() {
    let sop = Sop::parse(
        "
format: goldpath/1
name: x
steps: {open: {}, budget: {}, 确认预算金额: {}, safe: {}, rare: {}, close: {}, talk: {}}
flow:
  - open
  - budget
  - 确认预算金额
  - when: {segment: Enterprise}
    then: [safe, {when: {segment: smb}, then: [rare]}]
  - when: {size: large}
    then: [rare]
  - close
anytime: [talk]
accepted:
  - {skip: budget, when: {channel: call}}
  - {skip: budget, when: {channel: fax}}
  - {skip: open}
  - {skip: close, from: 2026-06-01}
",
    )
    .unwrap();
    let corpus = Corpus::parse(
        r#"
{"id": "c1", "channel": "call", "started_at": "2026-03-01", "attributes": {"segment": "enterprise", "Size": "large"}, "steps": ["open", "Budget ", "确认 预算金额", "close", "golf"]}
{"id": "c2", "channel": "chat", "attributes": {"segment": "smb"}, "steps": ["open", "bugdet", "确认预算金", "close"]}"#
            .as_bytes(),
    )
    .unwrap();
    let hints = corpus.check(&sop).unwrap().lint().unwrap();
    let expected = [
        ("lint.misspelt", "steps.budget"),
        ("lint.never_seen", "steps.budget"),
        ("lint.misspelt", "steps.确认预算金额"),
        ("lint.never_seen", "steps.确认预算金额"),
        ("lint.never_seen", "steps.talk"),
        ("lint.unknown_value", "flow[3].when.segment"),
        ("lint.unknown_attribute", "flow[4].when.size"),
        ("lint.unknown_value", "accepted[1].when.channel"),
        ("lint.accepted_unused", "accepted[2]"),
        ("lint.accepted_unused", "accepted[3]"),
    ];
    let mut got: Vec<_> = hints.iter().map(|hint| (hint.code, hint.place.as_str())).collect();
    got.sort_by_key(|one| expected.iter().position(|expected| expected == one));
    assert_eq!(got, expected, "{}", hints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    let sentence = |code: &str| hints.iter().find(|hint| hint.code == code).unwrap().sentence(Lang::En);
    assert_eq!(sentence("lint.misspelt"), "“Budget ”, “bugdet” in the conversations look like “budget” (2 events count as unplanned).");
    assert_eq!(sentence("lint.unknown_value"), "No case has “Enterprise” as its “segment”; there is “enterprise”.");
    assert_eq!(sentence("lint.unknown_attribute"), "No case has the attribute “size”; there is “Size”: the condition never holds.");
    assert!(hints.windows(2).all(|pair| pair[0].line <= pair[1].line));
}

#[test]
fn entries_and_parts_without_a_case_are_named() {
    let playbook = Playbook::parse(
        "
format: goldpath/1
playbook:
  - when: {segment: smb}
    sop: {format: goldpath/1, name: small, steps: [a, b], flow: [a, {when: {segment: smb, region: [north, south]}, then: [{when: {region: south}, then: [b]}]}]}
  - when: {segment: mid, region: south}
    sop: {format: goldpath/1, name: mid, steps: [a], flow: [a]}
",
    )
    .unwrap();
    let corpus = Corpus::parse(
        br#"
{"id": "c1", "segment": "smb", "region": "north", "steps": ["a"]}
{"id": "c2", "segment": "mid", "region": "north", "steps": ["a"]}
{"id": "c3", "segment": "large", "region": "south", "steps": ["a"]}"#,
    )
    .unwrap();
    let check = corpus.check(&playbook).unwrap();
    assert_eq!(
        check.lint().unwrap().iter().map(|hint| (hint.code, hint.place.as_str())).collect::<Vec<_>>(),
        [("lint.when_no_case", "playbook[0].sop.flow[1].then[0]"), ("lint.no_case", "playbook[1]")]
    );
    // Of nothing there is nothing to say but names.
    assert!(Corpus::from_conversations([]).unwrap().check(&playbook).unwrap().lint().unwrap().iter().all(|hint| hint.code == "lint.unknown_attribute"));
}

/// Values of an attribute in a condition; of a case, also none of them.
const VALUES: [&str; 3] = ["x", "y", "z"];

fn condition() -> impl Strategy<Value = Value> {
    prop::collection::vec((0..3usize, prop::collection::btree_set(0..3usize, 1..3)), 1..3).prop_map(|list| {
        let entry = |(attribute, values): (usize, std::collections::BTreeSet<usize>)| {
            (format!("a{attribute}"), values.into_iter().map(|value| VALUES[value].into()).collect::<Vec<Value>>().into())
        };
        Value::Object(list.into_iter().map(entry).collect())
    })
}

/// All cases: each attribute one of the values, another, or missing.
fn cases() -> impl Iterator<Item = [Option<&'static str>; 3]> {
    let value = |i: usize| VALUES.get(i).copied().or((i == 3).then_some("other"));
    (0..125).map(move |i| [value(i % 5), value(i / 5 % 5), value(i / 25)])
}

fn attribute<'a>(case: &'a [Option<&'static str>; 3]) -> impl Fn(&str) -> Option<Cow<'a, str>> {
    |name| case[name[1..].parse::<usize>().unwrap()].map(Cow::Borrowed)
}

proptest! {
    #[test]
    fn what_nobody_comes_to_is_what_no_case_comes_to(
        entries in prop::collection::vec((prop::option::weighted(0.9, condition()), prop::collection::vec(condition(), 0..3)), 1..6)
    ) {
        let sop = |i: usize, whens: &[Value]| {
            let flow = whens.iter().rev().fold(json!(["b"]), |inside, when| json!([{"when": when, "then": inside}]));
            json!({"format": "goldpath/1", "name": format!("s{i}"), "steps": ["b"], "flow": flow})
        };
        let entry = |(i, (when, whens)): (usize, &(Option<Value>, Vec<Value>))| {
            let mut entry = json!({"sop": sop(i, whens)});
            if let Some(when) = when {
                entry["when"] = when.clone();
            }
            entry
        };
        let text = json!({"format": "goldpath/1", "playbook": entries.iter().enumerate().map(entry).collect::<Vec<_>>()}).to_string();
        let playbook = Playbook::parse(&text).unwrap();
        let holds = |when: &Value, case: &[Option<&'static str>; 3]| {
            when.as_object().unwrap().iter().all(|(name, values)| attribute(case)(name).is_some_and(|have| values.as_array().unwrap().iter().any(|v| *v == *have)))
        };
        let hints = playbook.lint_on(TODAY);
        for (i, (_, whens)) in entries.iter().enumerate() {
            let mine = || cases().filter(|case| playbook.choose(attribute(case)) == Some(i));
            let shadowed = mine().next().is_none();
            let unreachable = !shadowed && !mine().any(|case| whens.iter().all(|when| holds(when, &case)));
            let said = |code: &str| hints.iter().any(|hint| hint.code == code && hint.sop == format!("s{i}"));
            prop_assert_eq!((said("lint.shadowed"), said("lint.unreachable")), (shadowed, unreachable), "{}", text);
        }
    }
}
