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
        let step = json!({"title": text(1), "stage": text(2), "guidance": text(3), "standards": [{"agent_says": [text(4)]}, {"questions": {"at_least": 3}}], "cost": {"skipped": 2}});
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
}

#[test]
fn any_diagram_has_its_runs_or_is_refused() {
    let (mut read, mut parallel, mut state) = (0, 0, 7_u64);
    let mut below = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for _ in 0..30_000 {
        let gates = (0..=below(5)).map(|_| if below(3) > 0 { "parallelGateway" } else { "exclusiveGateway" }).collect();
        let (tasks, ends) = (1 + below(3) as usize, 1 + below(2) as usize);
        let flows = (0..3 + below(10)).map(|_| (below(20) as usize, below(20) as usize)).collect();
        let diagram = diagram(gates, tasks, ends, flows);
        if let Some(sop) = (!diagram.kinds.is_empty()).then(|| diagram.compare(4)).flatten() {
            read += 1;
            parallel += usize::from(sop.to_yaml().contains("any_order"));
        }
    }
    println!("{read} read, {parallel} of them with any_order");
    assert!(read > 2_000 && parallel > 30, "{read} {parallel}");
}

/// A file as an editor writes it, with elements given as lines.
fn file(elements: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\">\n<process id=\"p\">\n{elements}\n</process>\n</definitions>"
    )
}

/// Flows along chains such as `s>a>g>b>e`.
fn flows(chains: &[&str]) -> String {
    let mut text = String::new();
    for (n, chain) in chains.iter().enumerate() {
        let names: Vec<&str> = chain.split('>').collect();
        for (m, pair) in names.windows(2).enumerate() {
            writeln!(text, "<sequenceFlow id=\"f{n}_{m}\" sourceRef=\"{}\" targetRef=\"{}\"/>", pair[0], pair[1]).expect("memory");
        }
    }
    text
}

/// The body read from chains: `s` is the start, `e`, `lost` and `other` are ends, `x`, `y`, `z` gateways, the rest tasks.
fn flow_of(gate: &str, chains: &[&str]) -> Value {
    let names: BTreeSet<&str> = chains.iter().flat_map(|chain| chain.split('>')).collect();
    let kind = |name: &str| match name {
        "s" => "startEvent".to_owned(),
        "e" | "lost" | "other" => "endEvent".to_owned(),
        "x" | "y" | "z" => format!("{gate}Gateway"),
        _ => "userTask".to_owned(),
    };
    let elements: String = names.iter().map(|name| format!("<{} id=\"{name}\"/>", kind(name))).collect();
    let sop = Sop::from_bpmn(&file(&(elements + &flows(chains)))).unwrap_or_else(|e| panic!("{e}"));
    let mut value: Value = serde_json::from_str(&sop.to_json()).expect("JSON");
    ["flow", "graph"].iter().map(|key| value[*key].take()).find(|body| !body.is_null()).expect("a body")
}

#[test]
fn blocks_are_found_again() {
    let exclusive = |chains: &[&str]| flow_of("exclusive", chains);
    let parallel = |chains: &[&str]| flow_of("parallel", chains);
    assert_eq!(exclusive(&["s>a>b>c>e"]), json!(["a", "b", "c"]));
    assert_eq!(exclusive(&["s>x>a>y>e", "x>b>c>y"]), json!([{"one_of": ["a", ["b", "c"]]}]));
    assert_eq!(exclusive(&["s>a>x>b>y>c>e", "x>y"]), json!(["a", {"optional": ["b"]}, "c"]));
    assert_eq!(exclusive(&["s>x>a>y>c>e", "x>b>y", "x>y"]), json!([{"optional": [{"one_of": ["a", "b"]}]}, "c"]));
    assert_eq!(exclusive(&["s>a>x>b>y>c>e", "y>x"]), json!(["a", {"repeat": ["b"], "at_least": 1}, "c"]));
    assert_eq!(exclusive(&["s>a>x>y>c>e", "y>b>x"]), json!(["a", {"repeat": ["b"]}, "c"]));
    // One gateway that joins and splits is a loop as well.
    assert_eq!(exclusive(&["s>a>x>c>e", "x>b>x"]), json!(["a", {"repeat": ["b"]}, "c"]));
    assert_eq!(exclusive(&["s>a>x>c>e", "x>b>x", "x>d>x"]), json!(["a", {"repeat": [{"one_of": ["b", "d"]}]}, "c"]));
    assert_eq!(parallel(&["s>x>a>y>e", "x>b>c>y"]), json!([{"any_order": ["a", ["b", "c"]]}]));
    // Flows that leave a task together are taken together; flows that meet at a task are a choice.
    assert_eq!(exclusive(&["s>x>a>c>e", "x>b>c"]), json!([{"one_of": ["a", "b"]}, "c"]));
    assert_eq!(parallel(&["s>a>b>y>e", "a>c>y", "a>x>y"]), json!(["a", {"any_order": ["b", "c"]}]));
    // Several ends: alternatives, or parallel branches that each end.
    assert_eq!(exclusive(&["s>a>x>b>e", "x>c>lost"]), json!(["a", {"one_of": ["b", "c"]}]));
    assert_eq!(parallel(&["s>x>a>e", "x>b>c>other"]), json!([{"any_order": ["a", ["b", "c"]]}]));
    // Splits that share a join are one choice.
    assert_eq!(exclusive(&["s>x>a>y>e", "x>z>b>y", "z>c>y"]), json!([{"one_of": ["a", "b", "c"]}]));
    // Rework: the way back has a step of its own, which a graph says without writing a step twice.
    assert_eq!(exclusive(&["s>x>a>y>c>e", "y>b>x"]), json!({"start": "a", "end": "c", "edges": [["a", "c"], ["a", "b"], ["b", "a"]]}));
    // With two last steps it is no graph, and the step is written twice.
    assert_eq!(exclusive(&["s>x>a>y>z>c>e", "y>b>x", "z>d>lost"]), json!(["a", {"repeat": ["b", "a"]}, {"one_of": ["c", "d"]}]));
    // Parallel branches that wait for each other in the middle: written out.
    let crossed = parallel(&["s>x>a>y>c>e", "x>b>z>d>other", "y>z"]);
    assert!(crossed.to_string().contains("one_of") && !crossed.to_string().contains("any_order"), "{crossed}");
}

#[test]
fn names_documentation_and_lanes_become_the_step() {
    let text = r#"<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
      <b:collaboration id="c"><b:participant id="q" name="跟进 SOP" processRef="p"/><b:participant id="customer" name="客户"/></b:collaboration>
      <b:process id="p">
        <b:laneSet id="l"><b:lane id="l1" name="初次接触"><b:flowNodeRef>open</b:flowNodeRef><b:childLaneSet><b:lane id="l2" name="需求"><b:flowNodeRef>need</b:flowNodeRef></b:lane></b:childLaneSet></b:lane></b:laneSet>
        <b:startEvent id="s"><b:outgoing>f1</b:outgoing></b:startEvent>
        <b:userTask id="open" name="开场" camunda:assignee="demo"><b:documentation>说明来意 &lt;b&gt;</b:documentation>
          <b:extensionElements><camunda:properties><camunda:property name="x" value="1"/></camunda:properties></b:extensionElements></b:userTask>
        <b:callActivity id="need" name="&lt;script&gt;alert(1)&lt;/script&gt;"/>
        <b:textAnnotation id="t"><b:text>note</b:text></b:textAnnotation><b:association id="a" sourceRef="need" targetRef="t"/>
        <b:endEvent id="e"/>
        <b:sequenceFlow id="f1" sourceRef="s" targetRef="open"/><b:sequenceFlow id="f2" sourceRef="open" targetRef="need"/><b:sequenceFlow id="f3" sourceRef="need" targetRef="e"/>
      </b:process></b:definitions>"#;
    let sop = Sop::from_bpmn(text).expect("an SOP");
    let (open, need) = (&sop.steps()["open"], &sop.steps()["need"]);
    assert_eq!(
        (sop.name(), open.title.as_deref(), open.stage.as_deref(), open.guidance.as_deref()),
        ("跟进 SOP", Some("开场"), Some("初次接触"), Some("说明来意 <b>"))
    );
    assert_eq!((need.title.as_deref(), need.stage.as_deref()), (Some("<script>alert(1)</script>"), Some("需求")));
    assert!(!sop.to_bpmn().contains("<script>") && !sop.to_dot().contains("&lt;script"));
}

const EDITED: &str = "
format: goldpath/1
name: demo
steps: {open: {title: Opening, cost: {extra: 4}}, need: {guidance: Ask}, budget: {}, demo: {by: customer}, close: {}, thanks: {}}
flow: [open, {any_order: [need, budget]}, {repeat: [demo], at_least: 1, at_most: 3}, {when: {segment: smb}, then: [close]}]
anytime: [thanks]
";

#[test]
fn an_edited_diagram_wins() {
    let sop = Sop::parse(EDITED).expect("an SOP");
    let text = sop.to_bpmn();
    let edit = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} in {text}");
        Sop::from_bpmn(&text.replace(from, to)).unwrap_or_else(|e| panic!("{e}"))
    };
    let same = |changed: &Sop, yaml: &str| assert_eq!(*changed, Sop::parse(yaml).expect("an SOP"), "{}", changed.to_yaml());
    same(&edit("name=\"Opening\"", "name=\"Hello\""), &EDITED.replace("title: Opening", "title: Hello"));
    same(&edit(">Ask<", ">Listen<"), &EDITED.replace("guidance: Ask", "guidance: Listen"));
    same(&edit("{&quot;segment&quot;:&quot;smb&quot;}", "{segment: [smb, mid]}"), &EDITED.replace("segment: smb", "segment: [smb, mid]"));
    // A task put on the flow between the start and the first task, at the end of the file as editors do.
    let inserted = text.replacen("targetRef=\"open\"", "targetRef=\"Activity_1\"", 1).replace(
        "</bpmn:process>",
        "<bpmn:task id=\"Activity_1\" name=\"Prepare\"/><bpmn:sequenceFlow id=\"new\" sourceRef=\"Activity_1\" targetRef=\"open\"/></bpmn:process>",
    );
    same(
        &Sop::from_bpmn(&inserted).expect("an SOP"),
        &EDITED.replace("flow: [open", "flow: [Activity_1, open").replace("thanks: {}", "thanks: {}, Activity_1: {title: Prepare}"),
    );
    // Parallel gateways made exclusive: what was noted of an any_order no longer fits.
    let choice = text.replace("parallelGateway", "exclusiveGateway");
    same(&Sop::from_bpmn(&choice).expect("an SOP"), &EDITED.replace("any_order", "one_of"));
    // A graph with a parallel gateway is a graph no more.
    let graph =
        Sop::parse("{format: goldpath/1, name: g, steps: [a, b, c, d], graph: {start: a, end: d, edges: [[a, b], [a, c], [b, d], [c, d]]}}").expect("an SOP");
    let split = Sop::from_bpmn(&graph.to_bpmn().replace("exclusiveGateway", "parallelGateway")).expect("an SOP");
    same(&split, "{format: goldpath/1, name: g, steps: [a, b, c, d], flow: [a, {any_order: [b, c]}, d]}");
}

fn faults(text: &str) -> Vec<(&'static str, Option<u64>)> {
    let error = Sop::from_bpmn(text).err().unwrap_or_else(|| panic!("not an SOP:\n{text}"));
    error.faults().iter().map(|fault| (fault.code, fault.line)).collect()
}

#[test]
fn what_cannot_be_read_is_named() {
    let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n<definitions>&b;</definitions>";
    assert_eq!(faults(bomb), [("sop.xml_entities", Some(2))]);
    assert_eq!(faults("<definitions>\n<process id=\"p\">\n<task id=\"a\">"), [("sop.xml", Some(3))]);
    assert_eq!(faults("<definitions>\n<process></definitions>"), [("sop.xml", Some(2))]);
    assert_eq!(faults("format: goldpath/1"), [("sop.xml", Some(1))]);
    assert_eq!(faults(""), [("sop.xml", Some(1))]);
    assert_eq!(faults("<html/>"), [("sop.no_bpmn", Some(1))]);
    assert_eq!(faults("<x:definitions/>"), [("sop.xml", Some(1))]);
    assert_eq!(faults("<definitions xmlns=\"urn:other\"/>"), [("sop.no_bpmn", Some(1))]);
    assert_eq!(faults("<definitions>\n</definitions>"), [("sop.no_bpmn", Some(1))]);
    assert_eq!(faults("<definitions>\n<process id=\"p\"/>\n</definitions>"), [("sop.empty_block", Some(2))]);
    assert_eq!(faults(&file("<task id=\"a\"/><endEvent id=\"e\"/><sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"e\"/>")), [("sop.no_start", Some(3))]);
    assert_eq!(faults(&file("<startEvent id=\"s\"/>\n<task id=\"a\"/>\n<sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"a\"/>")), [("sop.no_end", Some(3))]);
    assert_eq!(faults(&file(&format!("<startEvent id=\"s\"/><endEvent id=\"e\"/>{}", flows(&["s>e"])))), [("sop.empty_block", Some(3))]);
    let ends = "<startEvent id=\"s\"/><task id=\"a\"/><endEvent id=\"e\"/>";
    assert_eq!(
        faults(&file(&format!(
            "{ends}{}\n<sequenceFlow id=\"g\" sourceRef=\"a\"/>\n<sequenceFlow id=\"h\" sourceRef=\"a\" targetRef=\"gone\"/>",
            flows(&["s>a>e"])
        ))),
        [("sop.dangling_flow", Some(7)), ("sop.dangling_flow", Some(8))]
    );
    assert_eq!(faults(&file(&format!("{ends}\n<task id=\"a\"/>\n<task/>{}", flows(&["s>a>e"])))), [("sop.duplicate_id", Some(5)), ("sop.missing", Some(6))]);
    assert_eq!(
        faults(&file(&format!("{ends}\n<task id=\"b\"/>\n<task id=\"c\"/>{}", flows(&["s>a>e", "a>c", "b>a"])))),
        [("sop.unreachable", Some(5)), ("sop.no_end", Some(6))]
    );
    // Everything that is not supported at once, with its line and id.
    let kinds = [
        "inclusiveGateway",
        "complexGateway",
        "eventBasedGateway",
        "boundaryEvent",
        "intermediateCatchEvent",
        "subProcess",
        "adHocSubProcess",
        "transaction",
        "choreographyTask",
    ];
    let elements: Vec<String> = kinds.iter().enumerate().map(|(i, kind)| format!("<{kind} id=\"k{i}\"/>")).collect();
    let text = file(&format!(
        "{}\n<task id=\"m\"><multiInstanceLoopCharacteristics/></task>\n<endEvent id=\"e\"><errorEventDefinition/></endEvent>",
        elements.join("\n")
    ));
    let text = text.replace(
        "</definitions>",
        "<process id=\"q\"><task id=\"z\"/></process><collaboration id=\"c\"><messageFlow id=\"mf\"/></collaboration></definitions>",
    );
    let error = Sop::from_bpmn(&text).expect_err("not an SOP");
    let unsupported: Vec<&goldpath::Fault> = error.faults().iter().filter(|fault| fault.code == "sop.unsupported").collect();
    assert_eq!(unsupported.len(), kinds.len() + 4, "{error}");
    for (i, fault) in unsupported[..kinds.len()].iter().enumerate() {
        assert_eq!((fault.line, fault.place.clone()), (Some(4 + i as u64), Some(format!("k{i}"))));
        assert!(!fault.help.is_empty() && fault.message.contains(kinds[i]));
    }
    // A choice that meets at a parallel gateway waits for ever.
    let stuck = "<startEvent id=\"s\"/><task id=\"a\"/><task id=\"b\"/><endEvent id=\"e\"/>\n<exclusiveGateway id=\"x\"/>\n<parallelGateway id=\"y\"/>";
    assert_eq!(faults(&file(&format!("{stuck}{}", flows(&["s>x>a>y>e", "x>b>y"])))), [("sop.unstructured", Some(6))]);
    // A step that is drawn twice and says two things.
    let twice = Sop::parse("{format: goldpath/1, name: x, steps: [a, b], flow: [a, b, a]}").expect("an SOP").to_bpmn().replacen("name=\"a\"", "name=\"A\"", 1);
    assert_eq!(faults(&twice)[0].0, "sop.conflict");
    let broken = Sop::parse(EDITED).expect("an SOP").to_bpmn().replace("{&quot;extra&quot;:4", "{&quot;extra&quot;:400");
    assert_eq!(faults(&broken)[0].0, "sop.wrong_number");
    assert!(faults(&broken)[0].1.is_some());
    assert_eq!(faults(&broken.replace("{&quot;extra", "&quot;extra"))[0].0, "sop.extension");
}

#[test]
fn hostile_files_are_refused_quickly() {
    let deep = format!("<definitions>{}", "<process>".repeat(10_000));
    assert_eq!(faults(&deep), [("sop.too_deep_or_large", Some(1))]);
    let spaces: String = (0..5_000).map(|i| format!(" xmlns:p{i}=\"urn:{i}\"")).collect();
    assert_eq!(faults(&format!("<definitions{spaces}/>")), [("sop.too_deep_or_large", Some(1))]);
    // A ladder of gateways that all cross: no block, and too many ways to write out.
    let n = 30;
    let mut elements = String::from("<startEvent id=\"s\"/><endEvent id=\"e\"/>");
    let mut chains = vec!["s>x0".to_owned(), format!("x{}>e", n - 1)];
    for i in 0..n {
        elements += &format!("<exclusiveGateway id=\"x{i}\"/>");
        for j in 0..n {
            if i != j {
                elements += &format!("<task id=\"t{i}_{j}\"/>");
                chains.push(format!("x{i}>t{i}_{j}>x{j}"));
            }
        }
    }
    let chains: Vec<&str> = chains.iter().map(String::as_str).collect();
    let found: BTreeSet<&str> = faults(&file(&(elements + &flows(&chains)))).into_iter().map(|(code, _)| code).collect();
    assert_eq!(found, BTreeSet::from(["sop.unstructured"]));
    // Nested splits deeper than blocks may be.
    let mut elements = String::from("<startEvent id=\"s\"/><endEvent id=\"e\"/>");
    let mut chains = vec!["s>x0".to_owned(), "y0>e".to_owned()];
    for i in 0..100 {
        elements += &format!("<task id=\"a{i}\"/><parallelGateway id=\"x{i}\"/><parallelGateway id=\"y{i}\"/><task id=\"b{i}\"/>");
        chains.push(format!("x{i}>a{i}>y{i}"));
        chains.push(if i < 99 { format!("x{i}>x{}", i + 1) } else { format!("x{i}>b{i}>y{i}") });
        if i < 99 {
            chains.push(format!("y{}>b{i}>y{i}", i + 1));
        }
    }
    let chains: Vec<&str> = chains.iter().map(String::as_str).collect();
    assert_eq!(faults(&file(&(elements + &flows(&chains))))[0].0, "sop.too_deep");
}

/// Elements of a kind, `count` of them, named by a letter and a number.
fn many(kind: &str, letter: char, count: usize) -> String {
    (0..count).map(|i| format!("<{kind} id=\"{letter}{i}\"/>")).collect()
}

fn timed(elements: &str, chains: &[String]) -> Result<Sop, goldpath::Error> {
    let chains: Vec<&str> = chains.iter().map(String::as_str).collect();
    let lost = if chains.iter().any(|chain| chain.ends_with("lost")) { "<endEvent id=\"lost\"/>" } else { "" };
    let text = file(&format!("<startEvent id=\"s\"/><endEvent id=\"e\"/>{lost}{elements}{}", flows(&chains)));
    let begin = std::time::Instant::now();
    let found = Sop::from_bpmn(&text);
    let taken = begin.elapsed();
    println!("{taken:?}");
    assert!(taken < std::time::Duration::from_mins(1), "{taken:?}");
    found
}

#[test]
fn diagrams_that_would_grow_without_end_are_read_or_refused_in_time() {
    let code = |found: Result<Sop, goldpath::Error>| found.expect_err("refused").code();
    // Tokens that go around with nobody choosing.
    let around = ["s>a0>x0>p0>e".to_owned(), "p0>x0".to_owned(), "p0>a1>lost".to_owned()];
    let elements = "<task id=\"a0\"/><task id=\"a1\"/><exclusiveGateway id=\"x0\"/><parallelGateway id=\"p0\"/>";
    assert_eq!(code(timed(elements, &around)), "sop.unstructured");
    // Rework inside rework, each of which doubles what is inside.
    let n = 40;
    let mut chains: Vec<String> = (0..n).map(|i| format!("y{i}>r{i}>x{i}")).collect();
    chains.extend((1..n).flat_map(|i| [format!("x{i}>x{}", i - 1), format!("y{}>y{i}", i - 1)]));
    chains.extend([format!("s>x{}", n - 1), "x0>a0>y0".to_owned(), format!("y{}>a1>e", n - 1), format!("y{}>a2>lost", n - 1)]);
    let elements = many("task", 'a', 3) + &many("task", 'r', n) + &many("exclusiveGateway", 'x', n) + &many("exclusiveGateway", 'y', n);
    if let Err(error) = timed(&elements, &chains) {
        assert_eq!(error.code(), "sop.unstructured");
    }
    // Gateways without tasks that all cross.
    let n = 20_000;
    let mut chains: Vec<String> = (0..n).filter(|i| (i * 7_919 + 13) % n != *i).map(|i| format!("x{i}>x{}", (i * 7_919 + 13) % n)).collect();
    chains.extend((1..n).map(|i| format!("x{}>x{i}", i - 1)));
    chains.extend(["s>a0>x0".to_owned(), format!("x{}>a1>e", n - 1), "x5>a2>lost".to_owned()]);
    if let Err(error) = timed(&(many("task", 'a', 3) + &many("exclusiveGateway", 'x', n)), &chains) {
        assert_eq!(error.code(), "sop.unstructured");
    }
    // Splits that share one join, far from each other.
    let mut chains: Vec<String> = (1..n).flat_map(|i| [format!("x{}>x{i}", i - 1), format!("x{i}>y0")]).collect();
    chains.extend(["s>a0>x0".to_owned(), format!("x{}>a1>y0>e", n - 1)]);
    let shared = timed(&(many("task", 'a', 2) + &many("exclusiveGateway", 'x', n) + &many("exclusiveGateway", 'y', 1)), &chains).expect("an SOP");
    assert_eq!(shared.steps().len(), 2);
    // Very many flows between two gateways.
    let mut chains = vec!["x0>y0".to_owned(); 50_000];
    chains.push("s>x0>a0>y0>e".to_owned());
    let beside = timed(&(many("task", 'a', 1) + &many("exclusiveGateway", 'x', 1) + &many("exclusiveGateway", 'y', 1)), &chains).expect("an SOP");
    assert_eq!(beside, Sop::parse("{format: goldpath/1, name: p, steps: [a0], flow: [{optional: [a0]}]}").expect("an SOP"));
    // Parallel branches that wait for each other: few are written out, many are refused.
    for (n, read) in [(2, true), (12, false), (300, false)] {
        let mut chains = vec!["s>p0".to_owned(), "q0>e".to_owned()];
        for i in 0..n {
            chains.extend([format!("p0>a{i}>w{i}>b{i}>q0"), format!("w{i}>v{}", (i + 1) % n), format!("p0>v{i}>c{i}>q0")]);
        }
        let elements: String =
            ['a', 'b', 'c'].map(|letter| many("task", letter, n)).concat() + &['w', 'v'].map(|letter| many("parallelGateway", letter, n)).concat();
        let found = timed(&(elements + "<parallelGateway id=\"p0\"/><parallelGateway id=\"q0\"/>"), &chains);
        assert_eq!(found.is_ok(), read, "{n}: {:?}", found.map(|sop| sop.to_yaml().len()));
    }
    // As many steps as there may be come back.
    let steps: Vec<String> = (0..2_000).map(|i| format!("s{i}")).collect();
    let flow: Vec<Value> = steps.chunks(4).map(|four| json!({"optional": [four[0], {"one_of": [four[1], {"repeat": [four[2]]}]}, four[3]]})).collect();
    comes_back(&Sop::from_value(json!({"format": "goldpath/1", "name": "large", "steps": steps, "flow": flow})).expect("an SOP"));
}

#[test]
fn a_file_is_read_by_its_ending() {
    let folder = std::env::temp_dir().join(format!("goldpath-bpmn-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let sop = Sop::parse(EDITED).expect("an SOP");
    for (name, text) in [("a.bpmn", sop.to_bpmn()), ("b.BPMN", sop.to_bpmn()), ("c.yaml", sop.to_yaml()), ("d.json", sop.to_json())] {
        std::fs::write(folder.join(name), text).expect("a file");
        assert_eq!(Sop::read(folder.join(name)).expect("an SOP"), sop);
    }
    std::fs::write(folder.join("bad.bpmn"), b"<definitions>\xff</definitions>").expect("a file");
    let error = Sop::read(folder.join("bad.bpmn")).expect_err("not UTF-8");
    assert_eq!(error.code(), "sop.not_utf8");
    assert!(error.faults()[0].source.as_deref().is_some_and(|source| source.ends_with("bad.bpmn")));
    std::fs::remove_dir_all(folder).expect("the folder");
}
