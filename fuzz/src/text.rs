//! Files that people write, and words that are looked through.

use goldpath::corpus::Speaker;
use goldpath::sop::{Composition, Fragment, History, Patch, Rules};
use goldpath::{Detector, Lang, Playbook, Scorecard, Sop};

use crate::{base_check, base_corpus, base_sop, check};

/// An SOP that was read is written in every form, and what can be read back is the same.
fn whole(sop: &Sop) {
    let again = |text: &str, how: &str| Sop::parse(text).unwrap_or_else(|e| panic!("{how} cannot be read back: {e}\n{text}"));
    assert_eq!(again(&sop.to_yaml(), "its YAML").hash(), sop.hash(), "through YAML");
    assert_eq!(again(&sop.to_json(), "its JSON").hash(), sop.hash(), "through JSON");
    let bpmn = sop.to_bpmn();
    let back = Sop::from_bpmn(&bpmn).unwrap_or_else(|e| panic!("its BPMN cannot be read back: {e}\n{bpmn}"));
    assert_eq!(back.hash(), sop.hash(), "through BPMN");
    let _ = (sop.to_mermaid(), sop.to_dot(), sop.to_pnml(), sop.lint());
    let base = &base_sop().entries()[0].sop;
    let diff = base.diff(sop);
    let _ = (diff.changes(), diff.sentences(Lang::Zh));
    let _ = base.apply(diff.patch());
}

/// SOPs and playbooks.
pub fn sop(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(sop) = Sop::parse(text) {
        whole(&sop);
    }
    if let Ok(playbook) = Playbook::parse(text) {
        let _ = playbook.lint();
        if let Ok(check) = check(base_corpus(), &playbook) {
            let _ = (check.cases().len(), check.deviations().map(|table| table.len()), check.choices().len(), check.lint());
            let _ = check.score(&Scorecard::equal(&playbook));
        }
        if let Ok(mut session) = playbook.live(|name| (name == "segment").then(|| "enterprise".into())) {
            for step in ["a", "x", "b", "a", "c", "b"] {
                let _ = session.push(step).map(Iterator::count);
            }
            let saved = session.to_json();
            let state = serde_json::to_string(&session.state().expect("a state")).expect("JSON");
            let resumed = playbook.resume(&saved).expect("what was saved");
            assert_eq!(state, serde_json::to_string(&resumed.state().expect("a state")).expect("JSON"));
        }
    }
}

/// Diagrams in BPMN.
pub fn bpmn(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(sop) = Sop::from_bpmn(text) {
        whole(&sop);
    }
}

/// Rules of detectors, laid over conversations.
pub fn detector(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(detector) = Detector::parse(text) {
        let tagged = detector.tag(base_corpus());
        if let Ok(corpus) = &tagged {
            let _ = check(corpus, base_sop());
        }
        let _ = detector.find(&["", "太贵了吗？", "Is it not too expensive? I said no."], Speaker::Customer, None);
    }
}

/// Scorecards.
pub fn scorecard(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(card) = Scorecard::parse(text) {
        assert_eq!(Scorecard::parse(&card.to_yaml()).expect("its YAML").to_json(), card.to_json());
        if let Ok(scores) = base_check().score(&card) {
            for id in ["c1", "c2", "c3"] {
                let score = scores.explain(id).expect("a score");
                assert!(score.score.is_none_or(|score| (0.0..=100.0).contains(&score)), "{score:?}");
                score.parts.iter().for_each(|part| drop((part.sentence_en(), part.sentence_zh())));
            }
        }
    }
}

/// Patches, applied to an SOP, and histories.
pub fn patch(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let base = &base_sop().entries()[0].sop;
    if let Ok(patch) = Patch::parse(text) {
        assert_eq!(Patch::parse(&patch.to_yaml()).expect("its YAML").to_json(), patch.to_json());
        let _ = patch.changes(base);
        if let Ok(made) = base.apply(&patch) {
            whole(&made);
            assert_eq!(base.apply(base.diff(&made).patch()).expect("a diff can be applied").hash(), made.hash());
        }
    }
    if let Ok(history) = History::parse(text) {
        whole(history.head());
    }
}

/// Fragments and rules, and what they make together with ready ones.
pub fn fragment(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let spin = Fragment::ready("spin", Lang::En).expect("it is there");
    if let Ok(fragment) = Fragment::parse(text) {
        if let Ok(composed) = Composition::new([spin.clone(), fragment]).compose("both") {
            whole(&composed.sop);
        }
    }
    if let Ok(rules) = Rules::parse(text) {
        let bant = Fragment::ready("bant", Lang::Zh).expect("it is there");
        if let Ok(composed) = Composition::new([spin, bant]).with_rules(&rules).compose("both") {
            whole(&composed.sop);
        }
    }
}

/// Any words: without personal data, as HTML, gathered, as the answer of a customer.
pub fn words(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let names = ["Ann".to_owned()];
    let redacted = goldpath::text::redact(&text, &names);
    assert_eq!(goldpath::text::redact(&redacted, &names), redacted, "what is left has personal data");
    let html = goldpath::text::escape_html(&text);
    assert!(!html.contains(['<', '>', '"', '\'']));
    let _ = (goldpath::text::fold(&text), goldpath::text::count(&text), goldpath::text::cell(&text), goldpath::text::escape_markdown(&text));
    let _ = goldpath::text::cut(&text, 10);
    let texts: Vec<&str> = text.lines().collect();
    let clusters = goldpath::talk::cluster(&texts, goldpath::talk::SIMILARITY).expect("texts can be gathered");
    assert_eq!(clusters.of.len(), texts.len());
    let _ = goldpath::talk::reaction(Some(&text));
}
