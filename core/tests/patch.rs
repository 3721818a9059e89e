//! What patches do, what they say, and what they refuse.

use goldpath::sop::{Around, At, Bounds, Condition, Edit, History, Mark, Note, OneOrMany, Patch, Split, Step, Where};
use goldpath::{Error, Lang, Sop};

const BASE: &str = "
format: goldpath/1
name: 企业软件跟进
version: 3
steps:
  opening: {title: 开场}
  need: {title: 需求挖掘, standards: [{questions: {at_least: 3}}, {questions: {at_most: 9}}]}
  budget: {title: 确认预算}
  demo: {title: 演示}
  trial: {title: 试用}
  review: {title: 试用复盘}
  price: {title: 报价}
  close: {title: 签约}
  roi: {title: ROI 故事, unplanned: true}
flow: [opening, {any_order: [need, budget]}, {one_of: [[demo], [trial, review]]}, price, close]
";

fn base() -> Sop {
    Sop::parse(BASE).expect("a valid SOP")
}

fn flow(sop: &Sop) -> String {
    serde_json::to_value(sop.flow()).expect("JSON")["flow"].to_string()
}

fn made(patch: &Patch) -> String {
    flow(&base().apply(patch).unwrap_or_else(|error| panic!("{error}")))
}

fn faults(result: goldpath::Result<Sop>) -> Vec<(&'static str, String)> {
    let Err(Error::Patch(faults)) = result else { panic!("{result:?}") };
    faults.iter().map(|fault| (fault.code, fault.place.clone().unwrap_or_default())).collect()
}

fn segment(value: &str) -> Condition {
    Condition([("segment".to_owned(), OneOrMany::One(value.to_owned()))].into_iter().collect())
}

#[test]
fn each_constructor_does_what_it_says() {
    let new = Patch::new();
    assert_eq!(
        made(&new.clone().place_after("roi", "price")),
        r#"["opening",{"any_order":["need","budget"]},{"one_of":[["demo"],["trial","review"]]},"price","roi","close"]"#
    );
    // Beside a member of `any_order` or `one_of`, “after” still means after.
    assert_eq!(
        made(&new.clone().place_after("roi", "need")),
        r#"["opening",{"any_order":[["need","roi"],"budget"]},{"one_of":[["demo"],["trial","review"]]},"price","close"]"#
    );
    assert_eq!(
        made(&new.clone().insert_before("greet", Step::titled("问候"), "opening")),
        r#"["greet","opening",{"any_order":["need","budget"]},{"one_of":[["demo"],["trial","review"]]},"price","close"]"#
    );
    assert_eq!(
        made(&new.clone().insert("roi", Where::At("flow[1].any_order[1]".into()))),
        r#"["opening",{"any_order":["need","roi","budget"]},{"one_of":[["demo"],["trial","review"]]},"price","close"]"#
    );
    assert_eq!(
        made(&new.clone().make_optional("budget")),
        r#"["opening",{"any_order":["need",{"optional":["budget"]}]},{"one_of":[["demo"],["trial","review"]]},"price","close"]"#
    );
    // A block that has lost all its members goes with them.
    assert_eq!(made(&new.clone().drop("demo").drop("trial").drop("review")), r#"["opening",{"any_order":["need","budget"]},"price","close"]"#);
    assert_eq!(
        made(&new.clone().move_before("price", "review")),
        r#"["opening",{"any_order":["need","budget"]},{"one_of":[["demo"],["trial","price","review"]]},"close"]"#
    );
    assert_eq!(made(&new.clone().only_branch("review")), r#"["opening",{"any_order":["need","budget"]},["trial","review"],"price","close"]"#);
    assert_eq!(
        made(&new.clone().prefer_branch("trial")),
        r#"["opening",{"any_order":["need","budget"]},{"one_of":[["trial","review"],["demo"]]},"price","close"]"#
    );
    assert_eq!(
        made(&new.clone().unwrap_block(At::place("flow[1]")).wrap_through("price", "close", Around::Repeat { at_least: 1, at_most: Some(2) })),
        r#"["opening","need","budget",{"one_of":[["demo"],["trial","review"]]},{"repeat":["price","close"],"at_least":1,"at_most":2}]"#
    );
    let split = [Split { when: segment("enterprise"), then: None }, Split { when: segment("smb"), then: Some(vec!["roi".into()]) }];
    assert_eq!(
        made(&new.clone().split_by("price", split)),
        r#"["opening",{"any_order":["need","budget"]},{"one_of":[["demo"],["trial","review"]]},{"when":{"segment":"enterprise"},"then":["price"]},{"when":{"segment":"smb"},"then":["roi"]},"close"]"#
    );
}

#[test]
fn steps_that_stand_nowhere_stay_known() {
    let made = base().apply(&Patch::new().drop("budget").place_after("roi", "need")).expect("it fits");
    assert!(made.steps()["budget"].unplanned && !made.steps()["roi"].unplanned);
    let gone = base().apply(&Patch::new().drop("budget").with(Edit::RemoveStep { remove_step: "budget".into() })).expect("it fits");
    assert!(!gone.steps().contains_key("budget"));
}

#[test]
fn standards_are_named_and_keep_their_order() {
    let bounds = Bounds { at_least: Some(4.0), at_most: None };
    let made =
        base().apply(&Patch::new().set_bounds("need", "questions_2", Bounds { at_least: None, at_most: Some(7.0) }).set_bounds("need", "questions", bounds));
    let diff = base().diff(&made.expect("it fits"));
    assert_eq!(
        diff.sentences(Lang::Zh),
        ["“需求挖掘”的标准改为：提问至少 4 个（原为：提问至少 3 个）。", "“需求挖掘”的标准改为：提问不超过 7 个（原为：提问不超过 9 个）。"]
    );
    assert_eq!(faults(base().apply(&Patch::new().drop_standard("need", "turns"))), [("patch.unknown_standard", "edits[0].drop_standard".to_owned())]);
}

#[test]
fn a_patch_for_another_sop_names_all_that_does_not_fit() {
    let patch = Patch::new().make_optional("budget").drop("nothing").drop(At::Place { place: "flow[3]".into(), step: Some("close".into()) }).bound_to(&base());
    let other = base().apply(&Patch::new().drop("budget")).expect("it fits");
    let found = other.apply(&patch).expect_err("it does not fit");
    let places: Vec<(&str, &str)> = found.faults().iter().map(|fault| (fault.code, fault.place.as_deref().unwrap_or_default())).collect();
    assert_eq!(
        places,
        [
            ("patch.other_base", "base"),
            ("patch.not_in_flow", "edits[0].wrap"),
            ("patch.not_in_flow", "edits[1].drop"),
            ("patch.other_content", "edits[2].drop")
        ]
    );
    assert!(found.to_string().contains("version 3") && found.to_string().contains("flow[3] is step `price`, not step `close`"), "{found}");
}

#[test]
fn what_would_not_be_an_sop_is_refused() {
    assert_eq!(faults(base().apply(&Patch::new().place_after("unknown", "need")))[0].0, "sop.unknown_step");
    assert_eq!(faults(base().apply(&Patch::new().place_after("need", "close").drop("need")))[0].0, "patch.several_places");
    assert_eq!(faults(base().apply(&Patch::new().wrap("need", Around::When(Condition::default()))))[0].0, "sop.empty_condition");
    assert_eq!(faults(base().apply(&Patch::new().insert("roi", Where::At("flow[9]".into()))))[0].0, "patch.no_place");
    assert_eq!(faults(base().apply(&Patch::new().insert("roi", Where::At("flow[1].one_of[0]".into()))))[0].0, "patch.no_place");
    assert_eq!(
        faults(base().apply(&Patch::new().with(Edit::Move { from: At::place("flow[1]"), to: Where::After("need".into()) })))[0].0,
        "patch.other_content"
    );
    let deep = (0..300).fold(Patch::new(), |patch, _| patch.make_optional("need"));
    assert_eq!(faults(base().apply(&deep))[0].0, "patch.too_large");
    let many = (0..70).fold(Patch::new(), |patch, _| patch.make_optional("need"));
    assert_eq!(faults(base().apply(&many))[0].0, "sop.too_deep");
}

#[test]
fn patches_work_on_graphs_too() {
    let sop =
        Sop::parse("{format: goldpath/1, name: g, steps: [a, b, c, d], graph: {start: a, end: d, edges: [[a, b], [b, c], [c, d], [a, c]]}}").expect("valid");
    let edges = |patch: &Patch| {
        let made = sop.apply(patch).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(sop.apply(sop.diff(&made).patch()).expect("it fits"), made);
        serde_json::to_value(made.flow()).expect("JSON")["graph"]["edges"].to_string()
    };
    assert_eq!(edges(&Patch::new().insert_after("x", Step::default(), "b")), r#"[["a","b"],["x","c"],["c","d"],["a","c"],["b","x"]]"#);
    assert_eq!(edges(&Patch::new().drop("b")), r#"[["c","d"],["a","c"]]"#);
    assert_eq!(edges(&Patch::new().make_optional("c")), r#"[["a","b"],["b","c"],["c","d"],["a","c"],["b","d"],["a","d"]]"#);
    assert_eq!(edges(&Patch::new().move_after("b", "c")), r#"[["b","d"],["a","c"],["c","b"]]"#);
    assert_eq!(faults(sop.apply(&Patch::new().wrap("b", Around::AnyOrder)))[0].0, "patch.graph");
    assert_eq!(faults(base().apply(&Patch::new().with(Edit::SetStart { set_start: "need".into() })))[0].0, "patch.no_graph");
}

#[test]
fn every_fault_of_a_file_is_named_with_its_line() {
    let text = "
format: goldpath/1
edits:
  - {drop: need, after: close}
  - {insert: roi}
  - {wrap: need, in: sometimes}
  - {drop: need, move: need}
  - {set_bounds: need, name: questions}
  - need
";
    let found = Patch::parse(text).expect_err("faulty");
    let lines: Vec<(&str, Option<u64>)> = found.faults().iter().map(|fault| (fault.code, fault.line)).collect();
    assert_eq!(
        lines,
        [
            ("patch.unknown_key", Some(4)),
            ("patch.missing", Some(5)),
            ("patch.wrong_value", Some(6)),
            ("patch.edit_kind", Some(7)),
            ("patch.missing", Some(8)),
            ("patch.wrong_type", Some(9))
        ],
        "{found}"
    );
}

#[test]
fn a_diff_says_what_became_of_each_step() {
    let other = base()
        .apply(&Patch::new().drop("budget").place_after("roi", "need").move_after("price", "opening").set_guidance("close", "约好签约时间"))
        .expect("it fits");
    let sop = base();
    let diff = sop.diff(&other);
    assert_eq!(diff.steps(Mark::Dropped), ["budget"]);
    assert_eq!(diff.steps(Mark::Added), ["roi"]);
    assert_eq!(diff.steps(Mark::Moved), ["price"]);
    assert_eq!(diff.steps(Mark::Changed), ["close"]);
    for lang in [Lang::En, Lang::Zh] {
        assert!(diff.to_svg(lang).contains("dropped") && diff.to_svg(lang).contains("changed"));
    }
}

fn history() -> History {
    let mut history = History::new(base(), Note::on("2026-01-01", "第一版").expect("a date"));
    history.push(&Patch::new().make_optional("budget"), Note::on("2026-03-01", "跳过无损").expect("a date")).expect("it fits");
    history.push(&Patch::new().place_after("roi", "price"), Note::on("2026-06-01", "ROI 故事有效").expect("a date")).expect("it fits");
    history
}

#[test]
fn a_history_replays_exactly() {
    let history = history();
    assert_eq!(History::parse(&history.to_yaml()).expect("its own text"), history);
    assert_eq!(History::from_value(serde_json::from_str(&history.to_json()).expect("JSON")).expect("its own text"), history);
    assert_eq!(history.sop(3).and_then(Sop::version).map(ToString::to_string).as_deref(), Some("5"));
    let day = |text: &str| text.parse().expect("a date");
    assert_eq!(history.as_of(day("2025-12-31")), None);
    assert_eq!(history.as_of(day("2026-03-01")), history.sop(2));
    assert_eq!(history.as_of(day("2027-01-01")), history.sop(3));
    assert_eq!(history.diff(1, 2).expect("both are there").sentences(Lang::Zh), ["“确认预算”改为可选。", "版本改为 4（原为 3）。"]);
}

#[test]
fn versions_out_of_order_are_refused() {
    let code = |result: goldpath::Result<History>| result.expect_err("refused").code();
    let mut late = history();
    assert_eq!(late.push(&Patch::new(), Note::on("2026-05-01", "x").expect("a date")).expect_err("refused").code(), "history.order");
    assert_eq!(late.push(&Patch::new().set_version(goldpath::sop::Version::Number(2)), Note::default()).expect_err("refused").code(), "history.order");
    assert_eq!(late, history());

    let value: serde_json::Value = serde_json::from_str(&history().to_json()).expect("JSON");
    let mut swapped = value.clone();
    swapped["history"].as_array_mut().expect("a list").swap(1, 2);
    assert_eq!(code(History::from_value(swapped.clone())), "history.order");
    for entry in swapped["history"].as_array_mut().expect("a list") {
        entry.as_object_mut().expect("a map").remove("number");
    }
    assert_eq!(code(History::from_value(swapped)), "history.parent");
    let mut missing = value.clone();
    missing["history"].as_array_mut().expect("a list").remove(1);
    missing["history"][1].as_object_mut().expect("a map").remove("number");
    assert_eq!(code(History::from_value(missing)), "history.parent");
    let mut changed = value;
    changed["history"][2]["patch"]["edits"][0]["after"] = "opening".into();
    assert_eq!(code(History::from_value(changed)), "history.hash");
}
