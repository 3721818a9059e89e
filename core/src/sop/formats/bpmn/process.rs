//! What a BPMN file says, element by element: the one process in it, its tasks, gateways, events and flows. Everything that
//! cannot be an SOP is named, all of it at once.

use indexmap::IndexMap;

use super::super::super::raw::{Raw, Value};
use super::element::{Element, Space};
use super::{LANGUAGE, OWN};
use crate::error::Fault;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    End,
    Task,
    Exclusive,
    Parallel,
    /// Named in a fault.
    Unsupported,
}

/// A task, gateway or event.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: String,
    pub(super) line: u64,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) guidance: String,
    pub(super) notes: IndexMap<String, Raw>,
    pub(super) lane: Option<String>,
}

/// A sequence flow.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) from: usize,
    pub(super) to: usize,
    /// A condition on attributes of the case.
    pub(super) when: Option<Raw>,
}

/// The process of a file.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) name: String,
    /// What it is called where it has no name: the name of its pool, or its id.
    pub(super) called: String,
    pub(super) line: u64,
    pub(super) notes: IndexMap<String, Raw>,
    pub(super) nodes: Vec<Node>,
    pub(super) flows: Vec<Flow>,
}

const TASKS: [&str; 9] = ["task", "userTask", "serviceTask", "manualTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask", "callActivity"];
/// What is of BPMN and says nothing about which step follows which.
const ASIDE: [&str; 19] = [
    "documentation",
    "extensionElements",
    "auditing",
    "monitoring",
    "property",
    "laneSet",
    "ioSpecification",
    "ioBinding",
    "dataObject",
    "dataObjectReference",
    "dataStoreReference",
    "textAnnotation",
    "association",
    "group",
    "resourceRole",
    "performer",
    "humanPerformer",
    "potentialOwner",
    "correlationSubscription",
];

/// Reads the process; every fault of the elements is put down.
pub(super) fn process(root: &Element, faults: &mut Vec<Fault>) -> Option<Process> {
    if !root.is("definitions") {
        let fault = Fault::new("sop.no_bpmn", format!("the root element <{}> is not <definitions> of BPMN", root.name)).at_line(root.line);
        faults.push(fault.help("is this a BPMN 2.0 file?"));
        return None;
    }
    let mut participants = Vec::new();
    for element in &root.children {
        match element.name.as_str() {
            "collaboration" => {
                for flow in element.all("messageFlow") {
                    faults.push(unsupported(flow, "messages between pools say nothing of the order of steps: remove them, or draw one process"));
                }
                participants.extend(element.all("participant"));
            }
            "choreography" | "globalConversation" | "conversation" if element.space == Space::Bpmn => {
                faults.push(unsupported(element, "an SOP is one process"));
            }
            _ => {}
        }
    }
    let mut found: Vec<&Element> = root.all("process").filter(|process| process.children.iter().any(is_flow_element)).collect();
    if found.is_empty() {
        let first = root.all("process").next();
        let (code, message) = match first {
            Some(_) => ("sop.empty_block", "the process is empty"),
            None => ("sop.no_bpmn", "the file holds no process"),
        };
        faults.push(Fault::new(code, message).at_line(first.unwrap_or(root).line).help("draw a start event, tasks and an end event"));
        return None;
    }
    for other in found.drain(1..) {
        faults.push(unsupported(other, "an SOP is one process: keep one, or give each a file of its own and make a Playbook of them"));
    }
    let element = found[0];
    let id = element.attribute("id").unwrap_or_default();
    let pool = participants.iter().find(|participant| participant.attribute("processRef") == Some(id)).and_then(|pool| pool.attribute("name"));
    let name = element.attribute("name").unwrap_or_default().to_owned();
    let called = [pool, Some(id)].into_iter().flatten().find(|name| !name.trim().is_empty()).unwrap_or_default().to_owned();
    let mut process = Process { name, called, line: element.line, notes: notes(element, faults), nodes: Vec::new(), flows: Vec::new() };
    elements(element, &mut process, faults);
    Some(process)
}

fn is_flow_element(element: &Element) -> bool {
    element.space == Space::Bpmn && !ASIDE.contains(&element.name.as_str())
}

/// What an element is called in a message: its kind, its id and its name.
fn called(element: &Element) -> String {
    let id = element.attribute("id").map_or_else(String::new, |id| format!(" `{id}`"));
    let name = element.attribute("name").filter(|name| !name.is_empty()).map_or_else(String::new, |name| format!(" “{}”", crate::text::short(name, 60)));
    format!("{}{id}{name}", element.name)
}

fn fault(code: &'static str, element: &Element, message: String, help: &str) -> Fault {
    let fault = Fault::new(code, message).at_line(element.line).help(help);
    match element.attribute("id") {
        Some(id) => fault.at_place(id),
        None => fault,
    }
}

fn unsupported(element: &Element, help: &str) -> Fault {
    fault("sop.unsupported", element, format!("{} cannot be part of an SOP", called(element)), help)
}

/// Our own notes by key.
fn notes(element: &Element, faults: &mut Vec<Fault>) -> IndexMap<String, Raw> {
    let mut read = IndexMap::new();
    for note in element.notes() {
        match serde_json::from_str(note.text.trim()) {
            Ok(value) => {
                read.insert(note.name.clone(), Raw::from_json(value).on_line(note.line));
            }
            Err(error) => {
                let message = format!("<{}> of {} is not JSON: {error}", note.name, called(element));
                faults
                    .push(fault("sop.extension", note, message, &format!("elements of {OWN} hold JSON")).at_place(element.attribute("id").unwrap_or_default()));
            }
        }
    }
    read
}

fn elements(element: &Element, process: &mut Process, faults: &mut Vec<Fault>) {
    let mut lines: IndexMap<&str, u64> = IndexMap::new();
    let mut places: IndexMap<&str, usize> = IndexMap::new();
    let lanes = lanes(element);
    let parallel = element.all("parallelGateway").next().is_some();
    for child in element.children.iter().filter(|child| is_flow_element(child)) {
        let Some(id) = child.attribute("id").filter(|id| !id.is_empty()) else {
            if child.name != "sequenceFlow" {
                faults.push(fault("sop.missing", child, format!("{} has no id", called(child)), "give it one: flows name the elements they connect"));
            }
            continue;
        };
        if let Some(first) = lines.get(id) {
            let message = format!("the id of {} stands twice, first on line {first}", called(child));
            faults.push(fault("sop.duplicate_id", child, message, "give each element its own id"));
            continue;
        }
        lines.insert(id, child.line);
        if child.name == "sequenceFlow" {
            continue;
        }
        places.insert(id, process.nodes.len());
        process.nodes.push(Node {
            id: id.to_owned(),
            line: child.line,
            kind: kind(child, parallel, faults),
            name: child.attribute("name").unwrap_or_default().to_owned(),
            guidance: child.all("documentation").map(|text| text.text.as_str()).collect::<Vec<_>>().join("\n\n"),
            notes: notes(child, faults),
            lane: lanes.get(id).map(|lane| (*lane).to_owned()),
        });
    }
    for flow in element.all("sequenceFlow") {
        let mut end = |attribute: &str| {
            let id = flow.attribute(attribute).unwrap_or_default();
            let found = places.get(id).copied();
            if found.is_none() {
                let message = if id.is_empty() {
                    format!("{} has no {attribute}", called(flow))
                } else {
                    format!("{} has `{id}` as its {attribute}, which is not there", called(flow))
                };
                faults.push(fault("sop.dangling_flow", flow, message, "connect both its ends, or remove it"));
            }
            found
        };
        let (from, to) = (end("sourceRef"), end("targetRef"));
        let when = condition(flow, faults);
        if let (Some(from), Some(to)) = (from, to) {
            process.flows.push(Flow { from, to, when: when.clone().filter(|_| process.nodes[from].kind == Kind::Exclusive) });
            let conditional = flow.all("conditionExpression").next().is_some();
            if conditional && process.nodes[from].kind == Kind::Task || when.is_some() && process.nodes[from].kind != Kind::Exclusive {
                faults.push(fault(
                    "sop.unsupported",
                    flow,
                    format!("the condition of {} does not leave an exclusive gateway", called(flow)),
                    "draw an exclusive gateway before it",
                ));
            }
        }
    }
    meet(process, faults);
}

/// Lanes by the elements in them, the innermost that has a name.
fn lanes(element: &Element) -> IndexMap<&str, &str> {
    let mut lanes = IndexMap::new();
    let mut open: Vec<&Element> = element.all("laneSet").collect();
    while let Some(set) = open.pop() {
        for lane in set.all("lane") {
            if let Some(name) = lane.attribute("name").filter(|name| !name.trim().is_empty()) {
                for node in lane.all("flowNodeRef") {
                    lanes.insert(node.text.trim(), name);
                }
            }
            // Inner lanes are looked at later and so win.
            open.splice(0..0, lane.all("childLaneSet"));
        }
    }
    lanes
}

fn kind(element: &Element, parallel: bool, faults: &mut Vec<Fault>) -> Kind {
    let name = element.name.as_str();
    if TASKS.contains(&name) {
        if let Some(again) = element.children.iter().find(|child| child.name.ends_with("LoopCharacteristics") && child.space == Space::Bpmn) {
            let message = format!("{} is repeated by a marker ({})", called(element), again.name);
            faults.push(fault("sop.unsupported", element, message, "draw the loop with two exclusive gateways"));
        }
        return Kind::Task;
    }
    let help = match name {
        "exclusiveGateway" => return Kind::Exclusive,
        "parallelGateway" => return Kind::Parallel,
        "startEvent" => return Kind::Start,
        "endEvent" => {
            let definition = element.children.iter().find(|child| child.space == Space::Bpmn && child.name.ends_with("EventDefinition"));
            match definition.map(|d| d.name.as_str()) {
                None | Some("messageEventDefinition" | "signalEventDefinition" | "escalationEventDefinition") => return Kind::End,
                Some("terminateEventDefinition") if !parallel => return Kind::End,
                Some("terminateEventDefinition") => "ending all parallel branches at once cannot be told by an SOP: join the branches before a plain end event",
                Some(_) => "make it a plain end event",
            }
        }
        "inclusiveGateway" | "complexGateway" => {
            "draw it with exclusive and parallel gateways: one parallel branch for each part, with an exclusive way around it"
        }
        "eventBasedGateway" => "draw an exclusive gateway, and what happens as tasks",
        "boundaryEvent" => "draw what it leads to as a branch behind an exclusive gateway",
        "intermediateCatchEvent" | "intermediateThrowEvent" => "draw it as a task if it is a step, or remove it",
        "subProcess" | "transaction" | "adHocSubProcess" => "draw its content in the process itself",
        _ => "tasks, exclusive and parallel gateways, start and end events can",
    };
    faults.push(unsupported(element, help));
    Kind::Unsupported
}

/// The condition of a flow in our language; conditions in others are data of other tools, and the choice stays open.
fn condition(flow: &Element, faults: &mut Vec<Fault>) -> Option<Raw> {
    let expression = flow.all("conditionExpression").find(|expression| expression.attribute("language") == Some(LANGUAGE))?;
    let written = expression.text.trim();
    // Written by us it is JSON; written by hand it may well be YAML.
    let raw = serde_json::from_str(written).map(Raw::from_json).or_else(|_| Raw::parse(written));
    match raw {
        Ok(raw) if matches!(raw.value, Value::Map(_)) => Some(raw.on_line(expression.line)),
        _ => {
            let message = format!("the condition of {} is not a map of attributes", called(flow));
            faults.push(fault("sop.extension", flow, message, "write it as {\"segment\": \"enterprise\"}"));
            None
        }
    }
}

/// Elements that stand at no way from a start to an end.
fn meet(process: &Process, faults: &mut Vec<Fault>) {
    let count = process.nodes.len();
    let (mut ahead, mut behind) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for flow in &process.flows {
        ahead[flow.from].push(flow.to);
        behind[flow.to].push(flow.from);
    }
    let of = |kind: Kind| (0..count).filter(move |&node| process.nodes[node].kind == kind);
    for (kind, code, what) in [(Kind::Start, "sop.no_start", "start"), (Kind::End, "sop.no_end", "end")] {
        if of(kind).next().is_none() {
            let fault = Fault::new(code, format!("the process has no {what} event")).at_line(process.line);
            faults.push(fault.help(format!("draw a {what} event and connect it")));
        }
    }
    // While an end of a flow is missing, what cannot be reached follows from that.
    if !faults.is_empty() {
        return;
    }
    let reach = |from: Kind, next: &[Vec<usize>]| {
        let mut seen = vec![false; count];
        let mut open: Vec<usize> = of(from).collect();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut seen[node], true) {
                open.extend(&next[node]);
            }
        }
        seen
    };
    let (reached, leads) = (reach(Kind::Start, &ahead), reach(Kind::End, &behind));
    for (node, element) in process.nodes.iter().enumerate() {
        let say = |code, what: &str, help: &str| Fault::new(code, format!("`{}` {what}", element.id)).at_line(element.line).at_place(&element.id).help(help);
        if element.kind == Kind::Start && !behind[node].is_empty() {
            faults.push(say("sop.unsupported", "is a start event with a flow into it", "let the flow lead to what follows the start event"));
        } else if element.kind == Kind::End && !ahead[node].is_empty() {
            faults.push(say("sop.unsupported", "is an end event with a flow out of it", "let the flow begin before the end event"));
        } else if !reached[node] {
            faults.push(say("sop.unreachable", "cannot be reached from a start event", "connect it, or remove it"));
        } else if !leads[node] {
            faults.push(say("sop.no_end", "leads to no end event", "connect it to what follows, or to an end event"));
        }
    }
}
