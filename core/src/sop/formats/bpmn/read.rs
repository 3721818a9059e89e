//! From the text of a BPMN file to an [`Sop`]: the process gives a value of the shape of an SOP file, with the lines of the
//! XML, and that is read and checked as any other.

use indexmap::IndexMap;

use super::super::super::raw::{Raw, Value};
use super::super::super::{Sop, limits};
use super::element::parse;
use super::label::{Item, Mark, Nest};
use super::paths::paths;
use super::process::{Kind as NodeKind, Node, Process, process};
use super::unfold::{unfold, unstructured};
use super::web::{END, ENDS, Kind, START, Web};
use super::write::{shown, title_of};
use crate::error::Fault;
use crate::xml::clean;

/// Largest file, in bytes.
const MAX_TEXT: usize = 64 << 20;
/// Most elements of a process, and most flows.
const MAX_NODES: usize = 100_000;
const MAX_FLOWS: usize = 150_000;

pub(in super::super) fn read(text: &str) -> Result<Sop, Vec<Fault>> {
    if text.len() > MAX_TEXT {
        return Err(vec![Fault::new("sop.too_large", format!("the text has {} bytes; the limit is {MAX_TEXT}", text.len()))]);
    }
    let root = parse(text.as_bytes()).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let found = process(&root, &mut faults);
    let raw = found.and_then(|process| sop(process, &mut faults));
    match raw {
        Some(raw) if faults.is_empty() => Sop::from_raw(&raw),
        _ => {
            faults.sort_by_key(|fault| fault.line.unwrap_or(0));
            Err(faults)
        }
    }
}

fn text(value: &str, line: u64) -> Raw {
    Raw { value: Value::Text(value.to_owned()), line, column: 1 }
}

fn map(entries: impl IntoIterator<Item = (String, Raw)>, line: u64) -> Raw {
    let entries = entries.into_iter().map(|(key, value)| (text(&key, value.line), value)).collect();
    Raw { value: Value::Map(entries), line, column: 1 }
}

/// The note, if what is shown is still what was shown of it.
fn noted(notes: &mut IndexMap<String, Raw>, key: &str, fits: impl Fn(&str) -> bool) -> Option<Raw> {
    notes.shift_remove(key).filter(|raw| matches!(&raw.value, Value::Text(text) if fits(text)))
}

/// The SOP as a value of the shape of its file.
fn sop(mut process: Process, faults: &mut Vec<Fault>) -> Option<Raw> {
    let line = process.line;
    let mut top: IndexMap<String, Raw> = IndexMap::from([("format".into(), text("goldpath/1", line))]);
    let name = noted(&mut process.notes, "name", |name| clean(name) == process.name);
    let shown = if process.name.trim().is_empty() { &process.called } else { &process.name };
    top.insert("name".into(), name.unwrap_or_else(|| text(shown, line)));
    let graph = noted(&mut process.notes, "body", |body| body == "graph").is_some();
    let aside = process.notes.shift_remove("aside");
    let counts = (process.nodes.len(), process.flows.len());
    if counts.0 > MAX_NODES || counts.1 > MAX_FLOWS {
        let message = format!("the process has {} elements and {} flows; the limits are {MAX_NODES} and {MAX_FLOWS}", counts.0, counts.1);
        faults.push(Fault::new("sop.too_large", message).at_line(line));
    }
    let tasks = process.nodes.iter().filter(|node| node.kind == NodeKind::Task).count();
    if tasks == 0 {
        faults.push(Fault::new("sop.empty_block", "the process has no task").at_line(line).help("draw the steps as tasks"));
    }
    if tasks > limits::NODES {
        let message = format!("the process has {tasks} tasks; the limit is {}", limits::NODES);
        faults.push(Fault::new("sop.too_large", message).at_line(line).help("split it into several SOPs of a Playbook"));
    }
    let mut steps = Steps::default();
    let names: Vec<String> = process.nodes.iter_mut().map(|node| if node.kind == NodeKind::Task { steps.take(node, faults) } else { String::new() }).collect();
    let mut steps = steps.all;
    beside(aside, &mut steps, faults);
    top.insert("steps".into(), map(steps.into_iter().map(|(id, step)| (id, step.raw)), line));
    let web = web(&mut process, &names, faults);
    if !faults.is_empty() {
        return None;
    }
    let (key, body) = body(web, &names, graph, line).map_err(|fault| faults.push(fault)).ok()?;
    top.insert(key.into(), body);
    for (key, raw) in process.notes {
        top.entry(key).or_insert(raw);
    }
    Some(map(top, line))
}

struct StepRead {
    raw: Raw,
    task: String,
}

#[derive(Default)]
struct Steps {
    all: IndexMap<String, StepRead>,
}

impl Steps {
    /// Takes what a task says of its step; gives the id of the step.
    fn take(&mut self, node: &mut Node, faults: &mut Vec<Fault>) -> String {
        let mut notes: IndexMap<String, Raw> = std::mem::take(&mut node.notes);
        if let Some(list) = notes.shift_remove("list") {
            node.notes.insert("list".into(), list);
        }
        let id = match notes.shift_remove("id").map(|raw| raw.value) {
            Some(Value::Text(id)) => id,
            _ => node.id.clone(),
        };
        let title = noted(&mut notes, "title", |title| shown(Some(title), &id) == node.name);
        let title = title.or_else(|| title_of(&node.name, &id).map(|title| text(title, node.line)));
        let guidance = noted(&mut notes, "guidance", |guidance| clean(guidance) == node.guidance);
        let guidance = guidance.or_else(|| (!node.guidance.is_empty()).then(|| text(&node.guidance, node.line)));
        let stage = node.lane.as_deref().map(|lane| text(lane, node.line)).or(notes.shift_remove("stage"));
        notes.shift_remove("stage");
        let said = [("title", title), ("stage", stage), ("guidance", guidance)];
        let said = said.into_iter().filter_map(|(key, raw)| Some((key.to_owned(), raw?))).chain(notes);
        let raw = map(said, node.line);
        match self.all.get(&id) {
            Some(first) if first.raw.clone().on_line(0) != raw.clone().on_line(0) => {
                let message = format!("`{}` and `{}` are the same step `{id}` but do not say the same of it", first.task, node.id);
                let fault = Fault::new("sop.conflict", message).at_line(node.line).at_place(&node.id);
                faults.push(fault.help("give both the same name, documentation, lane and extensions, or remove <goldpath:id> to make a step of its own"));
            }
            Some(_) => {}
            None => {
                self.all.insert(id.clone(), StepRead { raw, task: node.id.clone() });
            }
        }
        id
    }
}

/// Steps that are not drawn, each put where it stood among the steps.
fn beside(aside: Option<Raw>, steps: &mut IndexMap<String, StepRead>, faults: &mut Vec<Fault>) {
    let Some(aside) = aside else { return };
    let line = aside.line;
    let Value::List(list) = aside.value else {
        faults.push(Fault::new("sop.extension", "<aside> is not a list of steps").at_line(line));
        return;
    };
    for item in list {
        let Value::Map(entries) = item.value else {
            faults.push(Fault::new("sop.extension", "a step of <aside> is not a map").at_line(line));
            continue;
        };
        let (mut id, mut at, mut step) = (None, usize::MAX, Raw { value: Value::Null, line, column: 1 });
        for (key, raw) in entries {
            match (key.scalar().as_deref(), &raw.value) {
                (Some("id"), Value::Text(name)) => id = Some(name.clone()),
                (Some("at"), Value::Number(n)) => at = n.as_u64().map_or(usize::MAX, |n| n as usize),
                (Some("step"), _) => step = raw,
                _ => {}
            }
        }
        match id {
            // A step that is drawn says all of itself.
            Some(id) if steps.contains_key(&id) => {}
            Some(id) => {
                steps.shift_insert(at.min(steps.len()), id, StepRead { raw: step, task: String::new() });
            }
            None => faults.push(Fault::new("sop.extension", "a step of <aside> has no id").at_line(line)),
        }
    }
}

fn nest(node: &mut Node, faults: &mut Vec<Fault>) -> Nest {
    let Some(list) = node.notes.shift_remove("list") else { return Nest::default() };
    let number = |name: &str| match &list.value {
        Value::Map(entries) => entries
            .iter()
            .find(|(key, _)| key.scalar().as_deref() == Some(name))
            .and_then(|(_, raw)| if let Value::Number(n) = &raw.value { n.as_u64() } else { None }),
        _ => None,
    };
    if let (Some(open), Some(close)) = (number("open"), number("close")) {
        return Nest { open: open.min(limits::DEPTH as u64) as usize, close: close.min(limits::DEPTH as u64) as usize };
    }
    let fault =
        Fault::new("sop.extension", format!("<list> of `{}` does not say how many lists open and close", node.id)).at_line(list.line).at_place(&node.id);
    faults.push(fault.help("write {\"open\": 1, \"close\": 0}"));
    Nest::default()
}

fn mark(node: &mut Node, faults: &mut Vec<Fault>) -> Option<Mark> {
    let block = node.notes.shift_remove("block")?;
    if let Value::Map(entries) = block.value {
        let mut bounds: IndexMap<String, Raw> = entries.into_iter().filter_map(|(key, raw)| Some((key.scalar()?, raw))).collect();
        if let Some(Value::Text(kind)) = bounds.shift_remove("kind").map(|raw| raw.value) {
            return Some(Mark { kind, bounds });
        }
    }
    let fault = Fault::new("sop.extension", format!("<block> of `{}` names no kind", node.id)).at_line(block.line).at_place(&node.id);
    faults.push(fault.help("write {\"kind\": \"one_of\"}, or remove it"));
    None
}

/// The web of a process. Every gateway in it either joins or splits; a task with several flows in waits for one of them,
/// one with several flows out takes them all, as BPMN has it.
fn web(process: &mut Process, names: &[String], faults: &mut Vec<Fault>) -> Web {
    let mut web = Web::new();
    let mut counts = vec![(0, 0); process.nodes.len()];
    for flow in &process.flows {
        counts[flow.from].1 += 1;
        counts[flow.to].0 += 1;
    }
    let starts = process.nodes.iter().filter(|node| node.kind == NodeKind::Start).count();
    let begin = if starts > 1 { web.spot(Kind::Exclusive, "", 0) } else { START };
    // Where flows enter and leave each element, and ways inside it.
    let (mut enter, mut leave, mut inner) = (Vec::new(), Vec::new(), Vec::new());
    for ((node, name), (ins, outs)) in process.nodes.iter_mut().zip(names).zip(counts) {
        let nest = nest(node, faults);
        let mark = mark(node, faults);
        let (id, line) = (node.id.clone(), node.line);
        let gate = |web: &mut Web, kind: Kind| web.spot(kind, &id, line);
        let (a, b) = match node.kind {
            NodeKind::Start if outs > 1 => {
                let split = gate(&mut web, Kind::Parallel);
                inner.push((begin, split));
                (begin, split)
            }
            NodeKind::Start => (begin, begin),
            NodeKind::End | NodeKind::Unsupported => (ENDS, ENDS),
            NodeKind::Task => {
                let task = gate(&mut web, Kind::Task(Item::step(name, line, nest)));
                let (mut a, mut b) = (task, task);
                if ins > 1 {
                    a = gate(&mut web, Kind::Exclusive);
                    inner.push((a, task));
                }
                if outs > 1 {
                    b = gate(&mut web, Kind::Parallel);
                    inner.push((task, b));
                }
                (a, b)
            }
            NodeKind::Exclusive | NodeKind::Parallel => {
                let kind = || if node.kind == NodeKind::Parallel { Kind::Parallel } else { Kind::Exclusive };
                let a = gate(&mut web, kind());
                let mut b = a;
                if ins > 1 && outs > 1 {
                    b = gate(&mut web, kind());
                    inner.push((a, b));
                    // A gateway that is both is the first of a block as a split, and of a repeat as a join.
                    let first = if mark.as_ref().is_some_and(|mark| mark.kind == "repeat") { a } else { b };
                    (web.spots[first].mark, web.spots[first].nest) = (mark, nest);
                } else {
                    (web.spots[a].mark, web.spots[a].nest) = (mark, nest);
                }
                (a, b)
            }
        };
        enter.push(a);
        leave.push(b);
    }
    if begin != START {
        web.way(START, begin, Vec::new(), None, (0, 0));
    }
    for (a, b) in inner {
        web.way(a, b, Vec::new(), None, (0, 0));
    }
    for (number, flow) in process.flows.iter_mut().enumerate() {
        web.way(leave[flow.from], enter[flow.to], Vec::new(), flow.when.take(), (number + 1, 0));
    }
    web.way(ENDS, END, Vec::new(), None, (process.flows.len() + 1, 0));
    web
}

/// The flow, or the graph where it was one or where ways cross.
fn body(web: Web, names: &[String], graph: bool, line: u64) -> Result<(&'static str, Raw), Fault> {
    if graph && let Some(edges) = edges(&web, names, line) {
        return Ok(("graph", edges));
    }
    let mut made = web.clone();
    made.blocks()?;
    if let Some(flow) = made.whole() {
        return Ok(("flow", flow?));
    }
    if let Some(edges) = edges(&web, names, line) {
        return Ok(("graph", edges));
    }
    if !made.only_exclusive() {
        made = unfold(&web)?;
        made.blocks()?;
    }
    let large = || unstructured(&web, &format!("the ways cross, and written as blocks they have more than {} places of steps", limits::NODES));
    made.one_by_one().map_err(|()| large())??;
    made.whole().ok_or_else(large)?.map(|flow| ("flow", flow))
}

/// The process as a graph over steps, if each task is a step of its own.
fn edges(web: &Web, names: &[String], line: u64) -> Option<Raw> {
    let mut seen = std::collections::HashSet::new();
    if !names.iter().filter(|name| !name.is_empty()).all(|name| seen.insert(name)) {
        return None;
    }
    let found = paths(web)?;
    let step = |spot: usize| match &web.spots[spot].kind {
        Kind::Task(item) => item.raw.clone(),
        _ => text("", 0),
    };
    let list = |items: Vec<Raw>| Raw { line: items.first().map_or(line, |raw| raw.line), value: Value::List(items), column: 1 };
    let edges = list(found.edges.iter().map(|&(a, b)| list(vec![step(a), step(b)])).collect());
    let entries = [("start", step(found.start)), ("end", step(found.end)), ("edges", edges)];
    Some(map(entries.map(|(key, raw)| (key.to_owned(), raw)), line))
}
