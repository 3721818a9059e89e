//! BPMN: our own files come back equal, whatever the SOP; diagrams of others give an SOP with the same runs, held to a
//! token game that knows nothing of blocks; what cannot be read is named.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;

use goldpath::corpus::Conversation;
use goldpath::simulate::{random_conversation, random_sop};
use goldpath::{Corpus, Sop};
use proptest::prelude::*;
use serde_json::{Value, json};

fn comes_back(sop: &Sop) -> Sop {
    let text = sop.to_bpmn();
    let back = Sop::from_bpmn(&text).unwrap_or_else(|e| panic!("{e}\n{}\n{text}", sop.to_yaml()));
    assert!(back == *sop, "{}\nbecame\n{}\n{text}", sop.to_yaml(), back.to_yaml());
    back
}

#[test]
fn any_sop_comes_back_equal() {
    for seed in 0..1_000 {
        comes_back(&random_sop(seed, 1 + seed as usize % 40));
    }
    for (seed, size) in [(1, 150), (2, 200), (3, 200)] {
        comes_back(&random_sop(seed, size));
    }
}

#[test]
fn a_thousand_paths_get_the_same_verdict() {
    for seed in 0..50 {
        let sop = random_sop(seed, 12);
        let back = comes_back(&sop);
        let conversations: Vec<Conversation> = (0..20).map(|i| random_conversation(&sop, seed * 20 + i, 0.3)).collect();
        let corpus = Corpus::from_conversations(conversations).expect("conversations");
        let (a, b) = (corpus.check(&sop).expect("a check"), corpus.check(&back).expect("a check"));
        for case in 0..20 {
            assert_eq!((a.cost(case), a.fully_conforms(case)), (b.cost(case), b.fully_conforms(case)));
        }
    }
}

fn block(depth: u32) -> BoxedStrategy<Value> {
    let step = (0..5).prop_map(|i| json!(format!("s{i}")));
    if depth == 0 {
        return step.boxed();
    }
    let members = || prop::collection::vec(block(depth - 1), 1..4);
    prop_oneof![
        3 => step,
        3 => members().prop_map(|m| json!(m)),
        2 => members().prop_map(|m| json!({"any_order": m})),
        2 => members().prop_map(|m| json!({"optional": m})),
        2 => members().prop_map(|m| json!({"one_of": m})),
        2 => members().prop_map(|m| json!({"when": {"segment": ["a", "b"], "größe": "1"}, "then": m})),
        2 => (members(), 0u32..3, prop::option::of(0u32..3)).prop_map(|(m, least, more)| match more {
            Some(more) => json!({"repeat": m, "at_least": least, "at_most": (least + more).max(1)}),
            None => json!({"repeat": m, "at_least": least}),
        }),
    ]
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_nesting_of_blocks_comes_back_equal(flow in prop::collection::vec(block(4), 1..4)) {
        let steps: serde_json::Map<String, Value> = (0..5).map(|i| (format!("s{i}"), json!({"by": "customer"}))).collect();
        // Where interleaving passes the limit there is no SOP to write.
        if let Ok(sop) = Sop::from_value(json!({"format": "goldpath/1", "name": "t", "steps": steps, "flow": flow})) {
            comes_back(&sop);
        }
    }

    #[test]
    fn any_text_comes_back_equal(texts in prop::collection::vec(".{0,12}", 6), awkward in prop::collection::vec(prop::sample::select(vec!["", " ", "\n", "\t", "\r\n", "\u{1}", "\u{fffe}\u{ffff}", "</x>", "&amp;", "]]>", "<script>alert(1)</script>", "价格", "1", "null", "Gateway_1", "\u{85}\u{2028}", "é-.:x"]), 6)) {
        let text = |i: usize| format!("{}{}", texts[i], awkward[i]);
        let id = format!("{}x", text(0));
        let step = json!({"title": text(1), "stage": text(2), "guidance": text(3), "standards": [{text(4): {"at_least": 3}}], "cost": {"skipped": 2}});
        let sop = json!({"format": "goldpath/1", "name": text(5), "version": text(1), "steps": {id.clone(): step, "other": {"title": ""}, "Gateway_1": {"title": "Gateway_1", "guidance": ""}},
            "flow": [id, {"one_of": ["other", [id]]}, {"when": {text(2): text(3)}, "then": ["Gateway_1"]}], "accepted": [{"extra": text(4), "reason": text(5)}]});
        if let Ok(sop) = Sop::from_value(sop) {
            comes_back(&sop);
        }
    }
}

/// A diagram without a word of ours.
#[derive(Debug, Default)]
struct Diagram {
    kinds: Vec<&'static str>,
    flows: Vec<(usize, usize)>,
}

impl Diagram {
    fn write(&self) -> String {
        let mut text = String::from("<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\"><bpmn:process id=\"p\">");
        for (i, kind) in self.kinds.iter().enumerate() {
            write!(text, "<bpmn:{kind} id=\"n{i}\"/>").expect("memory");
        }
        for (i, (a, b)) in self.flows.iter().enumerate() {
            write!(text, "<bpmn:sequenceFlow id=\"f{i}\" sourceRef=\"n{a}\" targetRef=\"n{b}\"/>").expect("memory");
        }
        text + "</bpmn:process></bpmn:definitions>"
    }

    /// Keeps what lies on a way from the start to an end.
    fn pruned(mut self) -> Self {
        let reach = |from: Vec<usize>, flows: &[(usize, usize)]| {
            let mut seen: BTreeSet<usize> = from.into_iter().collect();
            while let Some(&(_, b)) = flows.iter().find(|(a, b)| seen.contains(a) && !seen.contains(b)) {
                seen.insert(b);
            }
            seen
        };
        let of = |kind: &str| (0..self.kinds.len()).filter(|&i| self.kinds[i] == kind).collect();
        let back: Vec<(usize, usize)> = self.flows.iter().map(|&(a, b)| (b, a)).collect();
        let (ahead, leads) = (reach(of("startEvent"), &self.flows), reach(of("endEvent"), &back));
        let kept: Vec<usize> = ahead.intersection(&leads).copied().collect();
        let number = |node: &usize| kept.iter().position(|k| k == node);
        self.flows = self.flows.iter().filter_map(|(a, b)| Some((number(a)?, number(b)?))).collect();
        self.kinds = kept.iter().map(|&k| self.kinds[k]).collect();
        self
    }

    /// All words of full runs up to a length; `None` where tokens pile up.
    fn words(&self, length: usize) -> Option<HashSet<Vec<usize>>> {
        let ins = |node| (0..self.flows.len()).filter(move |&f| self.flows[f].1 == node);
        let outs = |node| (0..self.flows.len()).filter(move |&f| self.flows[f].0 == node);
        let start = self.kinds.iter().position(|&k| k == "startEvent")?;
        let mut first = vec![0u8; self.flows.len()];
        outs(start).for_each(|f| first[f] += 1);
        let (mut seen, mut open, mut words) = (HashSet::new(), vec![(first, Vec::new())], HashSet::new());
        while let Some(state) = open.pop() {
            if !seen.insert(state.clone()) {
                continue;
            }
            if seen.len() > 60_000 || state.0.iter().any(|&tokens| tokens > 2) {
                return None;
            }
            let (marking, word) = state;
            if marking.iter().all(|&tokens| tokens == 0) {
                words.insert(word.clone());
            }
            for (node, &kind) in self.kinds.iter().enumerate() {
                let mut ways: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
                match kind {
                    "startEvent" => {}
                    "parallelGateway" => ways.push((ins(node).collect(), outs(node).collect())),
                    "exclusiveGateway" => ways.extend(ins(node).flat_map(|i| outs(node).map(move |o| (vec![i], vec![o])))),
                    _ => ways.extend(ins(node).map(|i| (vec![i], outs(node).collect()))),
                }
                for (from, to) in ways.into_iter().filter(|(from, _)| from.iter().all(|&f| marking[f] > 0)) {
                    let (mut after, mut word) = (marking.clone(), word.clone());
                    from.iter().for_each(|&f| after[f] -= 1);
                    to.iter().for_each(|&f| after[f] += 1);
                    if kind.ends_with("ask") {
                        word.push(node);
                    }
                    if word.len() <= length {
                        open.push((after, word));
                    }
                }
            }
        }
        Some(words)
    }

    /// Whether the SOP has exactly these runs, up to a length; `None` if it was refused.
    fn compare(&self, length: usize) -> Option<Sop> {
        let text = self.write();
        let sop = match Sop::from_bpmn(&text) {
            Ok(sop) => sop,
            Err(error) => {
                let known = ["sop.unstructured", "sop.unsupported", "sop.empty_block", "sop.too_many_states"];
                assert!(error.faults().iter().all(|fault| known.contains(&fault.code) && fault.line.is_some()), "{error}\n{text}");
                return None;
            }
        };
        let words = self.words(length)?;
        let tasks: Vec<usize> = (0..self.kinds.len()).filter(|&i| self.kinds[i].ends_with("ask")).collect();
        let mut paths: Vec<Vec<usize>> = vec![Vec::new()];
        for at in 0.. {
            let Some(path) = paths.get(at).filter(|path| path.len() < length) else { break };
            let longer: Vec<Vec<usize>> = tasks.iter().map(|&task| [&path[..], &[task]].concat()).collect();
            paths.extend(longer);
        }
        let conversations = paths.iter().enumerate().map(|(i, path)| Conversation::of_steps(format!("c{i}"), path.iter().map(|n| format!("n{n}"))));
        let check = Corpus::from_conversations(conversations).expect("conversations").check(&sop).expect("a check");
        for (case, path) in paths.iter().enumerate() {
            assert_eq!(check.cost(case) == Some(0), words.contains(path), "{path:?} of\n{text}\n{}", sop.to_yaml());
        }
        comes_back(&sop);
        Some(sop)
    }
}

fn diagram(gates: Vec<&'static str>, tasks: usize, ends: usize, flows: Vec<(usize, usize)>) -> Diagram {
    let mut kinds = vec!["startEvent"];
    kinds.extend(vec!["task"; tasks]);
    kinds.extend(gates);
    kinds.extend(vec!["endEvent"; ends]);
    let count = kinds.len();
    let flows: BTreeSet<(usize, usize)> = flows.into_iter().map(|(a, b)| (a % (count - ends), 1 + b % (count - 1))).collect();
    Diagram { kinds, flows: flows.into_iter().collect() }.pruned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_exclusive_diagram_has_its_runs(gates in 1..5usize, tasks in 1..4usize, ends in 1..3usize, flows in prop::collection::vec((0..20usize, 0..20usize), 3..14)) {
        // A task that splits is parallel; here each has one way on.
        let mut diagram = diagram(vec!["exclusiveGateway"; gates], tasks, ends, flows);
        let mut seen = BTreeSet::new();
        diagram.flows.retain(|&(a, _)| diagram.kinds[a] == "exclusiveGateway" || seen.insert(a));
        let diagram = diagram.pruned();
        if !diagram.kinds.is_empty() {
            prop_assert!(diagram.compare(4).is_some() || diagram.kinds.iter().all(|k| *k != "task"), "{}", diagram.write());
        }
    }

    #[test]
    fn any_diagram_has_its_runs_or_is_refused(gates in prop::collection::vec(prop::bool::ANY, 1..6), tasks in 1..4usize, ends in 1..3usize, flows in prop::collection::vec((0..20usize, 0..20usize), 3..14)) {
        let gates = gates.into_iter().map(|parallel| if parallel { "parallelGateway" } else { "exclusiveGateway" }).collect();
        let diagram = diagram(gates, tasks, ends, flows);
        if !diagram.kinds.is_empty() {
            diagram.compare(4);
        }
    }
}
