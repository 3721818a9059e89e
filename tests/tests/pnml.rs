//! The exported net is held to the costs found here, by a token game that knows nothing of SOPs.

use std::collections::{HashMap, HashSet, VecDeque};

use goldpath::corpus::{Attribute, Conversation};
use goldpath::simulate::{random_conversation, random_sop};
use goldpath::{Corpus, Sop};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

/// A transition: its label, or `None` if it is silent, and the places it takes from and gives to.
#[derive(Default)]
struct Transition {
    label: Option<String>,
    from: Vec<usize>,
    to: Vec<usize>,
}

struct Net {
    transitions: Vec<Transition>,
    initial: Vec<u8>,
    last: Vec<u8>,
}

/// Reads what the library writes, as any reader of PNML would.
fn read(text: &str) -> Net {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut places, mut transitions) = (HashMap::new(), HashMap::new());
    let mut net = Net { transitions: Vec::new(), initial: Vec::new(), last: Vec::new() };
    let (mut stack, mut current, mut marked, mut content) = (Vec::<String>::new(), String::new(), String::new(), String::new());
    let mut arcs = Vec::new();
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(tag) => {
                let attributes: HashMap<String, String> = tag
                    .attributes()
                    .map(|a| a.expect("an attribute"))
                    .map(|a| (a.key.0.to_owned(), a.normalized_value(quick_xml::XmlVersion::Implicit1_0).expect("a value").into_owned()))
                    .collect();
                let name = tag.name().0.to_owned();
                match (name.as_str(), attributes.get("id")) {
                    ("place", Some(id)) => {
                        places.insert(id.clone(), places.len());
                        net.initial.push(0);
                        net.last.push(0);
                        current.clone_from(id);
                    }
                    ("place", None) => marked.clone_from(&attributes["idref"]),
                    ("transition", Some(id)) => {
                        transitions.insert(id.clone(), net.transitions.len());
                        net.transitions.push(Transition::default());
                        current.clone_from(id);
                    }
                    ("arc", _) => arcs.push((attributes["source"].clone(), attributes["target"].clone())),
                    ("toolspecific", _) if attributes.get("activity").is_some_and(|a| a == "$invisible$") => {
                        net.transitions[transitions[&current]].label = None;
                    }
                    _ => {}
                }
                stack.push(name);
                content.clear();
            }
            Event::Text(text) => content.push_str(&text),
            Event::GeneralRef(reference) => content.push_str(&quick_xml::escape::unescape(&format!("&{};", &*reference)).expect("an entity")),
            Event::End(_) => {
                let path: Vec<&str> = stack.iter().rev().take(3).map(String::as_str).collect();
                match path[..] {
                    ["text", "name", "transition"] => net.transitions[transitions[&current]].label = Some(content.clone()),
                    ["text", "initialMarking", _] => net.initial[places[&current]] = content.parse().expect("a count"),
                    ["text", "place", "marking"] => net.last[places[&marked]] = content.parse().expect("a count"),
                    _ => {}
                }
                stack.pop();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    for (source, target) in arcs {
        match transitions.get(&source) {
            Some(&t) => net.transitions[t].to.push(places[&target]),
            None => net.transitions[transitions[&target]].from.push(places[&source]),
        }
    }
    net
}

impl Net {
    fn fire(transition: &Transition, marking: &[u8]) -> Option<Vec<u8>> {
        let mut after = marking.to_vec();
        for &place in &transition.from {
            after[place] = after[place].checked_sub(1)?;
        }
        for &place in &transition.to {
            after[place] += 1;
            assert!(after[place] <= 1, "the net is safe");
        }
        Some(after)
    }

    /// Cost of the optimal alignment with the standard costs.
    fn cost(&self, path: &[String]) -> u32 {
        let mut done: HashSet<(Vec<u8>, usize)> = HashSet::new();
        let mut queue = VecDeque::from([(0, self.initial.clone(), 0)]);
        while let Some((cost, marking, at)) = queue.pop_front() {
            if !done.insert((marking.clone(), at)) {
                continue;
            }
            if at == path.len() && marking == self.last {
                return cost;
            }
            if at < path.len() {
                queue.push_back((cost + 1, marking.clone(), at + 1));
            }
            for transition in &self.transitions {
                let Some(after) = Self::fire(transition, &marking) else { continue };
                match &transition.label {
                    None => queue.push_front((cost, after, at)),
                    Some(label) => {
                        if path.get(at) == Some(label) {
                            queue.push_front((cost, after.clone(), at + 1));
                        }
                        queue.push_back((cost + 1, after, at));
                    }
                }
            }
        }
        panic!("the end can be reached");
    }
}

/// The SOP with the standard costs, which are all a net can say; `skipped: 0` it can.
fn with_standard_costs(sop: &Sop) -> Sop {
    let mut value: Value = serde_json::from_str(&sop.to_json()).expect("JSON");
    for step in value["steps"].as_object_mut().expect("steps").values_mut() {
        let free = step.pointer("/cost/skipped").is_some_and(|c| c == 0);
        let step = step.as_object_mut().expect("a step");
        step.remove("cost");
        if free {
            step.insert("cost".into(), serde_json::json!({"skipped": 0}));
        }
    }
    Sop::from_value(value).expect("a valid SOP")
}

fn compare(sop: &Sop, conversations: Vec<Conversation>) -> usize {
    let check = Corpus::from_conversations(conversations.clone()).expect("conversations").check(sop).expect("a check");
    let mut nets: HashMap<String, Net> = HashMap::new();
    for (case, conversation) in conversations.iter().enumerate() {
        let attribute = |name: &str| conversation.attributes.get(name).map(|value| value.to_string().into());
        let text = sop.to_pnml_for(attribute).expect("a net");
        let net = nets.entry(text).or_insert_with_key(|text| read(text));
        let path: Vec<String> = conversation.steps.iter().map(|event| event.step.clone()).collect();
        assert_eq!(check.cost(case), Some(net.cost(&path)), "{path:?} with {:?} on\n{}", conversation.attributes, sop.to_yaml());
    }
    conversations.len()
}

#[test]
fn any_path_costs_on_the_net_what_it_costs_here() {
    let mut pairs = 0;
    for seed in 0..120 {
        let sop = with_standard_costs(&random_sop(seed, 3 + seed as usize % 12));
        let conversations = (0..6).map(|i| Conversation { id: format!("c{i}"), ..random_conversation(&sop, seed * 100 + i, [0.0, 0.2, 0.6][i as usize % 3]) });
        pairs += compare(&sop, conversations.collect());
    }
    assert_eq!(pairs, 720);
}

#[test]
fn awkward_blocks_have_the_language_of_the_sop() {
    let flows = [
        "[{repeat: [{optional: [a]}, {optional: [b]}], at_least: 2, at_most: 3}]",
        "[{repeat: [{optional: [a]}], at_least: 3}, b]",
        "[{repeat: [{repeat: [a], at_least: 2, at_most: 2}, {repeat: [b]}], at_least: 2}]",
        "[{one_of: [{repeat: [a]}, {repeat: [b]}, {optional: [c]}]}]",
        "[{one_of: [{repeat: [a], at_least: 1}, [b, {repeat: [c]}]]}, {repeat: [a]}]",
        "[{repeat: [{one_of: [a, [{repeat: [b]}, c]]}]}]",
        "[{any_order: [{repeat: [a], at_most: 2}, {optional: [b]}, {any_order: [c, a]}]}]",
        "[{repeat: [{any_order: [a, b]}], at_least: 1, at_most: 2}]",
        "[{optional: [{when: {x: 1}, then: [a]}]}, {one_of: [{when: {x: 1}, then: [b]}, c]}]",
        "[{one_of: [{when: {x: 2}, then: [a]}, {when: {x: 3}, then: [b]}]}, c]",
        "[{repeat: [{when: {x: 2}, then: [a]}], at_least: 4}, b, c]",
        "[a, {repeat: [b, c], at_least: 1, at_most: 1}]",
    ];
    let attributes = indexmap::IndexMap::from([("x".to_owned(), Attribute::Number(1.0.into()))]);
    for flow in flows {
        for by in ["agent", "customer"] {
            let text = format!("format: goldpath/1\nname: x\nsteps: {{a: {{}}, b: {{by: {by}}}, c: {{by: customer}}, t: {{}}}}\nflow: {flow}\nanytime: [t]");
            let text = if by == "customer" || flow.contains('b') { text } else { text.replace("b: {by: agent}", "b: {unplanned: true}") };
            let sop = Sop::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
            let labels = ["a", "b", "c", "t"];
            // Every path of up to four events.
            let paths = (0..5u32).flat_map(|length| {
                (0..4usize.pow(length)).map(move |mut number| {
                    (0..length)
                        .map(|_| {
                            let label = labels[number % 4];
                            number /= 4;
                            label
                        })
                        .collect::<Vec<_>>()
                })
            });
            let conversations =
                paths.enumerate().map(|(i, path)| Conversation { attributes: attributes.clone(), ..Conversation::of_steps(format!("c{i}"), path) });
            compare(&sop, conversations.collect());
        }
    }
}

#[test]
fn what_a_net_cannot_say_is_noted() {
    let text = "format: goldpath/1\nname: a & b\nsteps: {a: {title: <i>, cost: {extra: 3}}, b: {by: customer}}\nflow: [a, b]";
    let pnml = Sop::parse(text).expect("an SOP").to_pnml().expect("a net");
    assert!(pnml.contains(r#"<toolspecific tool="goldpath" version="1" title="&lt;i&gt;" extra="3" skipped="1"/>"#), "{pnml}");
    assert_eq!(read(&pnml).transitions.iter().filter(|t| t.label.is_none()).count(), 1);
    let sop = Sop::parse("{format: goldpath/1, name: x, steps: [\"a\\u0001\"], flow: [\"a\\u0001\"]}").expect("an SOP");
    let error = sop.to_pnml().expect_err("XML has no such character");
    assert_eq!(error.code(), "argument.invalid");
}
