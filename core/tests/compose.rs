//! Fragments, what comes of putting them together, and what is refused.

use goldpath::sop::{Composition, Fragment, Rules, compose};
use goldpath::{Error, Lang};

fn ready(ids: &[&str], lang: Lang) -> Vec<Fragment> {
    ids.iter().map(|id| Fragment::ready(id, lang).unwrap_or_else(|error| panic!("{id}: {error}"))).collect()
}

fn rules(text: &str) -> Rules {
    Rules::parse(&format!("format: goldpath/1\n{text}")).unwrap_or_else(|error| panic!("{error}"))
}

fn fragment(id: &str, rest: &str) -> Fragment {
    Fragment::parse(&format!("format: goldpath/1\nfragment: {id}\n{rest}")).unwrap_or_else(|error| panic!("{error}"))
}

fn flow(fragments: Vec<Fragment>, text: &str) -> String {
    let composed = compose("made", fragments, &rules(text)).unwrap_or_else(|error| panic!("{error}"));
    serde_json::to_value(composed.sop.flow()).expect("JSON")["flow"].to_string()
}

fn refused(fragments: Vec<Fragment>, text: &str) -> (&'static str, String) {
    match compose("made", fragments, &rules(text)) {
        Err(Error::Compose(faults)) => (faults[0].code, faults[0].message.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn ready_fragments_are_whole_in_both_languages() {
    for id in Fragment::ready_ids() {
        let [zh, en] = [Lang::Zh, Lang::En].map(|lang| Fragment::ready(id, lang).unwrap_or_else(|error| panic!("{id}: {error}")));
        assert_eq!(zh.id(), *id);
        assert_eq!(zh.flow(), en.flow());
        assert_eq!(zh.stages().len(), en.stages().len());
        assert!(zh.about().is_some() && en.about().is_some());
        for ((name, a), (other, b)) in zh.steps().iter().zip(en.steps()) {
            assert_eq!((name, &a.needs, &a.gives, &a.same_as, a.step.by), (other, &b.needs, &b.gives, &b.same_as, b.step.by), "{id}");
            let measures = |step: &goldpath::sop::Step| step.standards.iter().map(|standard| standard.measure.key()).collect::<Vec<_>>();
            assert_eq!(measures(&a.step), measures(&b.step), "{id}.{name}");
            let place = |fragment: &Fragment, stage: &Option<String>| fragment.stages().iter().position(|known| Some(known) == stage.as_ref());
            assert!(a.step.title.is_some() && a.step.guidance.is_some() && place(&zh, &a.step.stage).is_some(), "{id}.{name}");
            assert_eq!(place(&zh, &a.step.stage), place(&en, &b.step.stage), "{id}.{name}");
        }
        for one in [&zh, &en] {
            assert_eq!(Fragment::parse(&one.to_yaml()).expect("its own text"), *one);
            assert_eq!(serde_json::from_str::<Fragment>(&one.to_json()).expect("its own JSON"), *one);
        }
    }
    assert_eq!(Fragment::ready("none", Lang::En).expect_err("unknown").code(), "argument.invalid");
}

#[test]
fn any_ready_fragments_go_together() {
    let ids = Fragment::ready_ids();
    for lang in [Lang::Zh, Lang::En] {
        for mask in 1u32..1 << ids.len() {
            let chosen: Vec<&str> = ids.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1).map(|(_, id)| *id).collect();
            let composed = compose("all", ready(&chosen, lang), &Rules::default()).unwrap_or_else(|error| panic!("{chosen:?}: {error}"));
            let codes: Vec<&str> = composed.hints.iter().map(|hint| hint.code).collect();
            let odd = codes.iter().any(|code| !["lint.not_given", "lint.order_lost", "lint.duplicate", "lint.never_attainable"].contains(code));
            assert!(!odd, "{chosen:?}: {:?}", composed.hints);
            assert_eq!(composed.sources.len(), composed.sop.steps().len());
            let members: usize = composed.sources.iter().map(|source| source.of.len()).sum();
            assert_eq!(members, chosen.iter().map(|id| Fragment::ready(id, lang).expect("ready").steps().len()).sum::<usize>());
        }
    }
}

#[test]
fn needs_and_equivalences_put_fragments_together() {
    assert_eq!(
        flow(ready(&["meddic", "spin"], Lang::Zh), ""),
        r#"["situation","problem","implication","need_payoff","metrics",{"any_order":["buyer","criteria"]},"process","champion"]"#
    );
    let composed = compose("made", ready(&["pipeline", "spin", "bant"], Lang::Zh), &Rules::default()).expect("it goes together");
    let problem = &composed.sop.steps()["problem"];
    assert_eq!(problem.title.as_deref(), Some("难点提问"));
    assert!(problem.guidance.as_ref().is_some_and(|guidance| guidance.contains("为什么是现在")));
    let source = composed.sources.iter().find(|source| source.step == "problem").expect("it is there");
    assert_eq!(source.of.iter().map(|of| (of.fragment.as_str(), of.step.as_str())).collect::<Vec<_>>(), [("spin", "problem"), ("bant", "need")]);
}

#[test]
fn rules_say_where_things_go() {
    let pair = || vec![fragment("a", "steps: {x: {}, m: {}, z: {}}"), fragment("b", "steps: {p: {}, q: {}}")];
    assert_eq!(flow(pair(), ""), r#"["x","m","z","p","q"]"#);
    assert_eq!(flow(pair(), "place: [{put: b, before: a.m}]"), r#"["x","p","q","m","z"]"#);
    assert_eq!(flow(pair(), "place: [{put: b.q, after: a.z}, {put: b.p, before: a}]"), r#"["p","x","m","z","q"]"#);
    assert_eq!(flow(pair(), "place: [{put: b, inside: a.m}]"), r#"["x","p","q","z"]"#);
    assert_eq!(flow(pair(), "same: {b.p: a.m}"), r#"["x","m","z","q"]"#);
    assert_eq!(flow(pair(), "same: {b.p: a.m}\ndrop: [a.z]"), r#"["x","m","q"]"#);
    let nested = || {
        vec![
            fragment("a", "steps: {x: {}, m: {}, z: {}}"),
            fragment("b", "steps: {p: {}, q: {}}"),
            fragment("c", "steps: [u, v]".replace("[u, v]", "{u: {}, v: {}}").as_str()),
        ]
    };
    assert_eq!(flow(nested(), "place: [{put: b, inside: a.m}, {put: c, inside: b.p}]"), r#"["x","u","v","q","z"]"#);
    assert_eq!(flow(nested(), "place: [{put: c, inside: b.p}, {put: b, inside: a.m}]"), r#"["x","u","v","q","z"]"#);
    let staged = || vec![fragment("a", "steps: {x: {stage: one}, m: {stage: three}}"), fragment("b", "steps: {p: {stage: two}, q: {}}")];
    assert_eq!(flow(staged(), "stages: [one, two, three]\nplace: [{put: b.q, inside: one}]\ndrop: [b.p]"), r#"["x","q","m"]"#);
    assert_eq!(flow(staged(), "stages: [one, two, three]\nplace: [{put: b.q, after: three}]"), r#"["x","p","m","q"]"#);
}

#[test]
fn what_cannot_be_met_is_named() {
    let pair = || vec![fragment("a", "steps: {x: {}, m: {}}"), fragment("b", "steps: {p: {}, q: {}}")];
    let (code, says) = refused(pair(), "same: {a.x: b.q, a.m: b.p}");
    assert_eq!(code, "compose.contradicting_order");
    assert!(says.contains("the flow of `a`") && says.contains("the flow of `b`"), "{says}");
    let (code, says) = refused(pair(), "same: {a.x: b.p, b.p: a.x}");
    assert_eq!((code, says.as_str()), ("compose.circle", "the equivalences go in a circle: a.x is b.p is a.x"));
    assert_eq!(refused(pair(), "same: {a.x: b.p, a.m: b.p}").0, "compose.same_fragment");
    assert_eq!(refused(pair(), "same: {a.x: b.nothing}").0, "compose.unknown");
    let (code, says) = refused(pair(), "place: [{put: a, before: b}, {put: b.p, before: a.m}]");
    assert_eq!(code, "compose.contradicting_order");
    assert!(says.contains("place[0]") && says.contains("place[1]"), "{says}");
    assert_eq!(refused(vec![fragment("a", "steps: {x: {}}"), fragment("a", "steps: {m: {}}")], "").0, "compose.twice");
    assert_eq!(refused(Vec::new(), "").0, "compose.empty");

    let (code, says) = refused(vec![fragment("a", "steps: {x: {needs: gold, gives: ore}}"), fragment("b", "steps: {p: {needs: ore, gives: gold}}")], "");
    assert_eq!(
        (code, says.as_str()),
        ("compose.unmet", "what is needed is only given later: `a.x` needs `gold`, which `b.p` gives; `b.p` needs `ore`, which `a.x` gives")
    );
    assert_eq!(
        flow(vec![fragment("a", "steps: {x: {needs: gold, gives: ore}}"), fragment("b", "steps: {p: {needs: ore, gives: gold}}")], "given: [gold]"),
        r#"["x","p"]"#
    );

    assert_eq!(refused(vec![fragment("a", "steps: {x: {never_with: b}}"), fragment("b", "steps: {p: {}}")], "").0, "compose.contradiction");
    assert_eq!(refused(vec![fragment("a", "steps: {x: {by: customer}}"), fragment("b", "steps: {p: {same_as: a.x}}")], "").0, "compose.actor");
    let blocks = || {
        vec![fragment("a", "steps: {x: {}, m: {}}\nflow: [{one_of: [x, m]}]"), fragment("b", "steps: {p: {same_as: a.x}, q: {}}\nflow: [{any_order: [p, q]}]")]
    };
    assert_eq!(refused(blocks(), "").0, "compose.blocks");
}

#[test]
fn hints_name_what_is_hardly_meant() {
    let composed = compose(
        "made",
        [
            fragment("a", "steps: {x: {title: 确认预算, needs: gold, standards: [{questions: {at_least: 5}}]}, m: {same_as: b.q}}\nflow: [x, m]"),
            fragment("b", "steps: {p: {title: 确认预算}, q: {}, r: {same_as: a.x, standards: [{questions: {at_most: 2}}]}}\nflow: [p, {any_order: [r, q]}]"),
        ],
        &Rules::default(),
    )
    .expect("it goes together");
    let hints: Vec<(&str, &str)> = composed.hints.iter().map(|hint| (hint.code, hint.place.as_str())).collect();
    assert_eq!(
        hints,
        [("lint.duplicate", "steps.p"), ("lint.order_lost", "steps.q"), ("lint.not_given", "steps.x"), ("lint.never_attainable", "steps.x.standards[1]")]
    );
    for hint in &composed.hints {
        assert!(!hint.sentence(Lang::Zh).is_empty() && !hint.help(Lang::En).is_empty());
    }
}

#[test]
fn composing_is_associative() {
    let ids = Fragment::ready_ids();
    for (a, b, c) in (0..8).flat_map(|a| (0..8).flat_map(move |b| (0..8).map(move |c| (a, b, c)))).filter(|(a, b, c)| a != b && b != c && a != c) {
        let one = |i: usize, rule: &str| Composition::new([Fragment::ready(ids[i], Lang::En).expect("ready")]).with_rules(&rules(rule));
        let (a, b, c) = (one(a, "given: [contact]"), one(b, ""), one(c, "given: [problem]"));
        let (left, right) = (a.and(&b).and(&c), a.and(&b.and(&c)));
        assert_eq!(left, right);
        assert_eq!(left.compose("x").expect("it goes together"), right.compose("x").expect("it goes together"));
    }
}

#[test]
fn faults_of_a_file_have_their_lines() {
    let text = "format: goldpath/1\nfragment: a.b\nsteps:\n  x: {needs: {}, titel: y}\nflow: [x, z]\n";
    let found = Fragment::parse(text).expect_err("faulty");
    let lines: Vec<(&str, Option<u64>)> = found.faults().iter().map(|fault| (fault.code, fault.line)).collect();
    assert_eq!(lines, [("fragment.id", Some(2)), ("fragment.wrong_type", Some(4)), ("fragment.unknown_key", Some(4))], "{found}");
    let found = Rules::parse("format: goldpath/1\nplace: [{put: a}]\nsam: {}\n").expect_err("faulty");
    assert_eq!(found.faults().iter().map(|fault| fault.code).collect::<Vec<_>>(), ["fragment.missing", "fragment.unknown_key"]);
}
