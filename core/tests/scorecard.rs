//! Scorecards: read with all faults, points by hand, the best conversations and where points are lost.

use goldpath::check::DeviationKind;
use goldpath::score::{PartKind, PartState};
use goldpath::{Corpus, Error, Lang, Scorecard, Scores, Sop, Table};
use proptest::prelude::*;

const SOP: &str = "{format: goldpath/1, name: x, steps: {open: {}, need: {standards: [{requires: k}, {requires: k}, {turns: {at_least: 1}}]}, quote: {}, close: {}}, flow: [open, need, quote, close]}";

fn card(rest: &str) -> Scorecard {
    Scorecard::parse(&format!("{{format: goldpath/scorecard/1, {rest}}}")).unwrap_or_else(|e| panic!("{e}"))
}

fn scores(lines: &str, rest: &str) -> Scores {
    Corpus::parse(lines.as_bytes()).unwrap().check(Sop::parse(SOP).unwrap()).unwrap().score(&card(rest)).unwrap_or_else(|e| panic!("{e}"))
}

fn column(table: &Table, name: &str) -> Vec<String> {
    (0..table.len()).map(|row| table.get(row, name).to_string()).collect()
}

const CALLS: &str = r#"{"id":"a","rep":"Ann","team":"n","steps":["open","need","quote","close"],"attributes":{"k":1,"csat":5}}
{"id":"b","rep":"Ann","team":"n","steps":["open","quote","close"],"attributes":{"csat":1}}
{"id":"c","rep":"Bob","team":"s","steps":["open","need","quote","x","x","close"],"attributes":{"csat":3}}
{"id":"d","rep":"Bob","team":"s","steps":["open"],"attributes":{"k":1}}"#;

#[test]
fn points_by_hand() {
    let scores = scores(
        CALLS,
        "steps: {open: 10, need: 20, close: 10}, standards: {need: {requires: 10, turns: 5}}, feedback: {csat: {weight: 10, from: 1, to: 5}}, deviations: {extra: -3, skipped: -1}",
    );
    let cases = scores.cases();
    // a: 10 + 20 + 10 + 10 + 10 of the same; the standard of turns cannot be measured on bare steps.
    // b: 10 + 0 + 10 + 0 of 10 + 20 + 10 + 10, less 1. c: 10 + 20 + 10 + 0 + 5 of 60, less 6. d: 10 of 10.
    assert_eq!(column(&cases, "got"), ["60", "20", "45", "10"]);
    assert_eq!(column(&cases, "possible"), ["60", "50", "60", "10"]);
    assert_eq!(column(&cases, "penalty"), ["0", "-1", "-6", "0"]);
    assert_eq!(column(&cases, "score"), ["100", "38", "65", "100"]);
    assert_eq!(column(&cases, "counted"), ["5", "5", "7", "1"]);
    assert_eq!(column(&cases, "left_out"), ["1", "2", "1", "5"]);
    let reps = scores.reps();
    assert_eq!(column(&reps, "rep"), ["Ann", "Bob"]);
    assert_eq!((column(&reps, "score"), column(&reps, "lowest")), (vec!["69".to_owned(), "82.5".into()], vec!["38".to_owned(), "65".into()]));
    assert_eq!(column(&reps, "most_lost"), ["need", "need: requires"]);
    assert_eq!(column(&scores.teams(), "score"), ["69", "82.5"]);
    // d did everything that was due and is not among the best: what counted is 10 of 65.
    assert_eq!(column(&scores.best(9), "case_id"), ["a", "c", "b"]);
    assert_eq!(scores.best(1).len(), 1);
    let parts = scores.parts();
    assert_eq!(column(&parts, "name"), ["open", "need", "close", "requires", "turns", "csat", "skipped", "extra"]);
    assert_eq!(column(&parts, "counted"), ["4", "3", "3", "2", "0", "3", "1", "2"]);
    assert_eq!(column(&parts, "not_measured"), ["0", "0", "0", "0", "2", "1", "0", "0"]);
    assert_eq!(column(&parts, "earned_share"), ["1", "0.6667", "1", "0.5", "", "0.5", "", ""]);
    // b loses 20 of 50 by the step and 10 by the feedback; c 10, 5 and 6 of 60.
    let lost: Vec<f64> = column(&parts, "lost").iter().map(|x| x.parse().unwrap()).collect();
    assert_eq!(lost, [0.0, 40.0, 0.0, 16.6667, 0.0, 28.3333, 2.0, 10.0]);
    let opportunities = scores.opportunities().unwrap();
    assert_eq!(column(&opportunities, "rep"), ["Ann", "Ann", "Bob", "Bob", "Bob", "Ann"]);
    assert_eq!(column(&opportunities, "name"), ["need", "csat", "requires", "extra", "csat", "skipped"]);
    assert_eq!(column(&opportunities, "cases"), ["b", "b", "c", "c", "c", "b"]);
    assert_eq!(opportunities.get(0, "sentence_zh").to_string(), "“need”：0/20 分。跳过了“need”，这一步应在“open”之后。");
    assert_eq!(
        opportunities.get(2, "sentence_en").to_string(),
        "“need” (the field “k” filled in): 0 of 10 points. “need” fell below standard: the field “k” is not filled in."
    );
}

#[test]
fn every_point_is_explained() {
    let scores = scores(CALLS, "steps: {open: 10, need: 20}, standards: {need: {requires: 10}}, deviations: {extra: -30}");
    for case in 0..scores.len() {
        let score = scores.explain_of(case).unwrap().unwrap();
        let sum = |f: fn(&goldpath::score::ScorePart) -> Option<f64>| score.parts.iter().filter_map(f).sum::<f64>();
        assert_eq!(sum(|p| p.possible), score.possible);
        assert!((sum(|p| p.got) - score.got - score.penalty).abs() < 1e-9);
        let lost: f64 = score.parts.iter().map(|p| p.lost).sum();
        assert!(score.score.unwrap() >= 100.0 - lost - 1e-9, "what is lost explains what is missing of 100");
        assert!(score.parts.iter().all(|p| !p.sentence(Lang::Zh).is_empty() && !p.sentence(Lang::En).is_empty()));
        assert_eq!(scores.score(case), score.score);
    }
    let c = scores.explain("c").unwrap();
    assert_eq!(c.score, Some(0.0), "nothing goes below 0");
    assert_eq!(
        c.parts.iter().filter(|p| p.kind == PartKind::Deviation).map(|p| (p.got, p.event)).collect::<Vec<_>>(),
        [(Some(-30.0), Some(3)), (Some(-30.0), Some(4))]
    );
    assert_eq!(scores.explain("d").unwrap().parts[1].state, PartState::NotDue);
    assert_eq!(scores.explain("zz").unwrap_err().code(), "check.unknown_case");
}

#[test]
fn equal_weights_where_nothing_is_said() {
    let sop = Sop::parse("{format: goldpath/1, name: x, steps: {a: {standards: [{turns: {at_least: 1}}]}, b: {by: customer}, c: {}, free: {}}, flow: [a, b, c], anytime: [free]}").unwrap();
    let equal = Scorecard::equal(&sop.into());
    assert_eq!(equal.steps.keys().collect::<Vec<_>>(), ["a", "c"]);
    assert_eq!(equal.standards["a"]["turns"], 1.0);
    assert_eq!(Scorecard::parse(&equal.to_yaml()).unwrap(), equal);
    assert_eq!(Scorecard::parse(&equal.to_json()).unwrap(), equal);
}

#[test]
fn faults_have_codes_and_places() {
    let faults = |text: &str| -> Vec<(&'static str, String)> {
        let error = Scorecard::parse(text).unwrap_err();
        assert!(matches!(error, Error::Scorecard(_)));
        error.faults().iter().map(|f| (f.code, f.place.clone().unwrap_or_default())).collect()
    };
    let one = |rest: &str| {
        let list = faults(&format!("{{format: goldpath/scorecard/1, {rest}}}"));
        assert_eq!(list.len(), 1, "{list:?}");
        (list[0].0, list[0].1.clone())
    };
    assert_eq!(one("steps: {a: -1}"), ("scorecard.wrong_number", "steps.a".into()));
    assert_eq!(one("steps: {a: lots}"), ("scorecard.wrong_number", "steps.a".into()));
    assert_eq!(one("steps: {a: 1, a: 2}"), ("scorecard.duplicate_id", "steps.a".into()));
    assert_eq!(one("steps: [a]"), ("scorecard.wrong_type", "steps".into()));
    assert_eq!(one("steps: {a: 1}, weights: {}"), ("scorecard.unknown_key", "weights".into()));
    assert_eq!(one("standards: {a: 1}"), ("scorecard.wrong_type", "standards.a".into()));
    assert_eq!(one("feedback: {csat: 5}"), ("scorecard.wrong_type", "feedback.csat".into()));
    assert_eq!(one("feedback: {csat: {from: 1, to: 5}}"), ("scorecard.missing", "feedback.csat".into()));
    assert_eq!(one("feedback: {csat: {weight: 1, from: 5, to: 5}}"), ("scorecard.wrong_number", "feedback.csat".into()));
    assert_eq!(one("steps: {a: 1}, deviations: {extra: 1}"), ("scorecard.wrong_number", "deviations.extra".into()));
    assert_eq!(one("steps: {a: 1}, deviations: {unplanned: -1}"), ("scorecard.unknown_key", "deviations.unplanned".into()));
    assert_eq!(one("steps: {a: 0}").0, "scorecard.empty");
    assert_eq!(faults("{format: goldpath/1, steps: {a: 1}}")[0].0, "scorecard.format");
    assert_eq!(faults("a: b: c")[0].0, "scorecard.syntax");
    let check = Corpus::parse(CALLS.as_bytes()).unwrap().check(Sop::parse(SOP).unwrap()).unwrap();
    let error =
        check.score(&card("steps: {open: 1, zz: 1}, standards: {need: {requires_2: 1, nope: 1}, yy: {x: 1}}, feedback: {nps: {weight: 1}}")).unwrap_err();
    let found: Vec<_> = error.faults().iter().map(|f| (f.code, f.place.as_deref().unwrap_or_default())).collect();
    assert_eq!(
        found,
        [
            ("scorecard.unknown_step", "steps.zz"),
            ("scorecard.unknown_step", "standards.yy"),
            ("scorecard.unknown_standard", "standards.need.nope"),
            ("scorecard.unknown_feedback", "feedback.nps")
        ]
    );
    assert_eq!(Scorecard::read("/nowhere/card.yaml").unwrap_err().code(), "io");
    assert_eq!(DeviationKind::BelowStandard.name(), "below_standard");
}

proptest! {
    #[test]
    fn scores_lie_between_0_and_100(steps in prop::collection::vec(prop::sample::select(vec!["open", "need", "quote", "close", "x"]), 0..9), k in any::<bool>(), csat in -9.0f64..9.0, penalty in -9.0f64..0.0) {
        let line = serde_json::json!({"id": "c", "steps": steps, "attributes": if k { serde_json::json!({"k": 1, "csat": csat}) } else { serde_json::json!({"csat": csat}) }});
        let scores = scores(&line.to_string(), &format!("steps: {{open: 3, need: 2.5, quote: 0, close: 1}}, standards: {{need: {{requires: 4}}}}, feedback: {{csat: {{weight: 2, from: 5, to: 1}}}}, deviations: {{extra: {penalty:.3}, out_of_order: -1, repeated: -0.5, skipped: -1}}"));
        let score = scores.explain("c").unwrap();
        prop_assert!(score.score.is_some_and(|s| (0.0..=100.0).contains(&s)));
        prop_assert!(score.got <= score.possible && score.penalty <= 0.0);
    }
}
