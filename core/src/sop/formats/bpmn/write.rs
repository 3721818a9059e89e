//! From an [`Sop`] to the XML of a BPMN file.

use std::collections::{HashMap, HashSet};
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::{Map, Value, json};

use super::super::super::model::{Actor, Flow};
use super::super::super::{Sop, Step};
use super::draw::{Arrow, Drawing, Kind, Mark, Node, draw};
use super::{LANGUAGE, MODEL, OWN};
use crate::xml::clean;

type Xml = Writer<Vec<u8>>;

/// What BPMN has no words for, by key.
pub(super) type Notes = Map<String, Value>;

/// The name of a task: the title as far as XML can hold it, or the id.
pub(super) fn shown(title: Option<&str>, id: &str) -> String {
    clean(title.unwrap_or(id)).into_owned()
}

/// The title that a name says by itself.
pub(super) fn title_of<'a>(name: &'a str, id: &str) -> Option<&'a str> {
    (!name.is_empty() && name != clean(id)).then_some(name)
}

pub(in super::super) fn write(sop: &Sop) -> String {
    let drawing = draw(sop);
    let mut ends = vec![(Vec::new(), Vec::new()); drawing.nodes.len()];
    for (at, arrow) in drawing.arrows.iter().enumerate() {
        ends[arrow.to].0.push(at);
        ends[arrow.from].1.push(at);
    }
    let document = Document { sop, ids: Ids::of(sop, &drawing), drawing, ends };
    document.write().unwrap_or_default()
}

/// Ids that XML takes for ids, each once.
struct Ids {
    process: String,
    nodes: Vec<String>,
    arrows: Vec<String>,
}

impl Ids {
    fn of(sop: &Sop, drawing: &Drawing) -> Self {
        let mut taken: HashSet<String> = HashSet::new();
        let mut last: HashMap<String, usize> = HashMap::new();
        let mut fresh = |wanted: &str| {
            let mut id = wanted.to_owned();
            let count = last.entry(id.clone()).or_insert(1);
            while !taken.insert(id.clone()) {
                *count += 1;
                id = format!("{wanted}_{count}");
            }
            id
        };
        let mut nodes = vec![String::new(); drawing.nodes.len()];
        // Steps first: a task has the id of its step wherever it can.
        for (exact, again) in [(true, false), (false, false), (false, true)] {
            let mut seen = HashSet::new();
            for (node, id) in drawing.nodes.iter().zip(&mut nodes) {
                if let Kind::Task(step) = node.kind
                    && seen.insert(step) != again
                    && id.is_empty()
                    && let Some((step, _)) = sop.steps().get_index(step)
                {
                    let wanted = id_of(step);
                    if !exact || wanted == *step {
                        *id = fresh(&wanted);
                    }
                }
            }
        }
        for (node, id) in drawing.nodes.iter().zip(&mut nodes).filter(|(_, id)| id.is_empty()) {
            *id = fresh(match node.kind {
                Kind::Start => "StartEvent",
                Kind::End => "EndEvent",
                Kind::Task(_) => "Task",
                Kind::Exclusive | Kind::Parallel => "Gateway_1",
            });
        }
        let arrows = drawing.arrows.iter().map(|_| fresh("Flow_1")).collect();
        Self { process: fresh("Process_1"), nodes, arrows }
    }
}

/// The nearest id that XML takes: letters, digits, `_`, `-` and `.`, not beginning with a digit.
fn id_of(step: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{4e00}'..='\u{9fa5}');
    let mut id: String = step.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    if !id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c >= '\u{4e00}') {
        id.insert(0, '_');
    }
    id
}

struct Document<'a> {
    sop: &'a Sop,
    drawing: Drawing,
    ids: Ids,
    /// Flows into and out of each element.
    ends: Vec<(Vec<usize>, Vec<usize>)>,
}

impl Document<'_> {
    fn write(&self) -> io::Result<String> {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let spaces = [
            ("xmlns:bpmn", MODEL),
            ("xmlns:bpmndi", "http://www.omg.org/spec/BPMN/20100524/DI"),
            ("xmlns:dc", "http://www.omg.org/spec/DD/20100524/DC"),
            ("xmlns:di", "http://www.omg.org/spec/DD/20100524/DI"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("xmlns:goldpath", OWN),
            ("id", "Definitions"),
            ("targetNamespace", "http://bpmn.io/schema/bpmn"),
            ("exporter", "goldpath"),
            ("exporterVersion", env!("CARGO_PKG_VERSION")),
        ];
        writer.create_element("bpmn:definitions").with_attributes(spaces).write_inner_content(|w| {
            let name = clean(self.sop.name());
            let process = [("id", self.ids.process.as_str()), ("name", name.as_ref()), ("isExecutable", "false")];
            w.create_element("bpmn:process").with_attributes(process).write_inner_content(|w| self.process(w))?;
            self.diagram(w)
        })?;
        Ok(String::from_utf8(writer.into_inner()).unwrap_or_default())
    }

    fn process(&self, w: &mut Xml) -> io::Result<()> {
        notes(w, &self.of_process())?;
        // Tasks in the order of the steps, since that order is part of the SOP.
        let mut order: Vec<usize> = (0..self.drawing.nodes.len()).collect();
        order.sort_by_key(|&node| match self.drawing.nodes[node].kind {
            Kind::Start => (0, 0, node),
            Kind::Task(step) => (1, step, node),
            Kind::Exclusive | Kind::Parallel => (2, 0, node),
            Kind::End => (3, 0, node),
        });
        for node in order {
            self.node(w, node)?;
        }
        for (arrow, id) in self.drawing.arrows.iter().zip(&self.ids.arrows) {
            self.arrow(w, arrow, id)?;
        }
        Ok(())
    }

    /// What is said of the SOP as a whole, and the steps that are not drawn.
    fn of_process(&self) -> Notes {
        let mut all = object(&self.sop.file());
        for key in ["format", "name", "steps", "flow", "graph"] {
            all.remove(key);
        }
        if clean(self.sop.name()) != self.sop.name() || self.sop.name().trim().is_empty() {
            all.insert("name".into(), self.sop.name().into());
        }
        if matches!(self.sop.flow(), Flow::Graph(_)) {
            all.insert("body".into(), "graph".into());
        }
        let drawn: HashSet<usize> = self.drawing.nodes.iter().filter_map(|node| if let Kind::Task(step) = node.kind { Some(step) } else { None }).collect();
        let aside: Vec<Value> = (self.sop.steps().iter().enumerate())
            .filter(|(at, _)| !drawn.contains(at))
            .map(|(at, (id, step))| json!({"id": id, "at": at, "step": object(step)}))
            .collect();
        if !aside.is_empty() {
            all.insert("aside".into(), aside.into());
        }
        all
    }

    fn node(&self, w: &mut Xml, index: usize) -> io::Result<()> {
        let (node, id) = (&self.drawing.nodes[index], self.ids.nodes[index].as_str());
        let (element, name, mut said, guidance) = match node.kind {
            Kind::Start => ("bpmn:startEvent", None, Notes::new(), None),
            Kind::End => ("bpmn:endEvent", None, Notes::new(), None),
            Kind::Exclusive | Kind::Parallel => {
                let element = if node.kind == Kind::Parallel { "bpmn:parallelGateway" } else { "bpmn:exclusiveGateway" };
                let (name, mark) = node.mark.map_or((None, Notes::new()), mark);
                (element, name, mark, None)
            }
            Kind::Task(step) => {
                let Some((own, step)) = self.sop.steps().get_index(step) else { return Ok(()) };
                let element = if step.by == Actor::Customer { "bpmn:receiveTask" } else { "bpmn:task" };
                (element, Some(shown(step.title.as_deref(), own)), of_step(own, id, step), step.guidance.as_deref())
            }
        };
        if node.open + node.close > 0 {
            said.insert("list".into(), json!({"open": node.open, "close": node.close}));
        }
        let mut tag = w.create_element(element).with_attribute(("id", id));
        if let Some(name) = &name {
            tag = tag.with_attribute(("name", name.as_str()));
        }
        let (into, out) = &self.ends[index];
        if let Some(&default) = out.iter().find(|&&arrow| self.drawing.arrows[arrow].default) {
            tag = tag.with_attribute(("default", self.ids.arrows[default].as_str()));
        }
        tag.write_inner_content(|w| {
            if let Some(guidance) = guidance.filter(|guidance| !guidance.is_empty()) {
                text(w, "bpmn:documentation", &clean(guidance))?;
            }
            notes(w, &said)?;
            for (element, flows) in [("bpmn:incoming", into), ("bpmn:outgoing", out)] {
                for &flow in flows {
                    text(w, element, &self.ids.arrows[flow])?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    fn arrow(&self, w: &mut Xml, arrow: &Arrow, id: &str) -> io::Result<()> {
        let ends = [("id", id), ("sourceRef", &self.ids.nodes[arrow.from]), ("targetRef", &self.ids.nodes[arrow.to])];
        let tag = w.create_element("bpmn:sequenceFlow").with_attributes(ends);
        let Some(when) = &arrow.when else {
            tag.write_empty()?;
            return Ok(());
        };
        let name = when.to_string();
        tag.with_attribute(("name", clean(&name).as_ref())).write_inner_content(|w| {
            let kind = [("xsi:type", "bpmn:tFormalExpression"), ("language", LANGUAGE)];
            let written = json_text(&serde_json::to_value(when).unwrap_or_default());
            w.create_element("bpmn:conditionExpression").with_attributes(kind).write_text_content(BytesText::new(&written))?;
            Ok(())
        })?;
        Ok(())
    }

    fn diagram(&self, w: &mut Xml) -> io::Result<()> {
        w.create_element("bpmndi:BPMNDiagram").with_attribute(("id", "Diagram")).write_inner_content(|w| {
            let plane = [("id", "Plane"), ("bpmnElement", self.ids.process.as_str())];
            w.create_element("bpmndi:BPMNPlane").with_attributes(plane).write_inner_content(|w| {
                for (node, id) in self.drawing.nodes.iter().zip(&self.ids.nodes) {
                    shape(w, node, id)?;
                }
                for (arrow, id) in self.drawing.arrows.iter().zip(&self.ids.arrows) {
                    let about = [("id", format!("{id}_di")), ("bpmnElement", id.clone())];
                    let about = about.iter().map(|(name, value)| (*name, value.as_str()));
                    w.create_element("bpmndi:BPMNEdge").with_attributes(about).write_inner_content(|w| {
                        for point in &arrow.points {
                            let [x, y] = [point.0, point.1].map(|v| format!("{v:.0}"));
                            w.create_element("di:waypoint").with_attributes([("x", x.as_str()), ("y", &y)]).write_empty()?;
                        }
                        Ok(())
                    })?;
                }
                Ok(())
            })?;
            Ok(())
        })?;
        Ok(())
    }
}

fn shape(w: &mut Xml, node: &Node, id: &str) -> io::Result<()> {
    let about = [("id", format!("{id}_di")), ("bpmnElement", id.to_owned())];
    let mut tag = w.create_element("bpmndi:BPMNShape").with_attributes(about.iter().map(|(name, value)| (*name, value.as_str())));
    if node.kind == Kind::Exclusive {
        tag = tag.with_attribute(("isMarkerVisible", "true"));
    }
    tag.write_inner_content(|w| {
        let corner = [node.at.0 - node.size.0 / 2.0, node.at.1 - node.size.1 / 2.0, node.size.0, node.size.1];
        let [x, y, width, height] = corner.map(|v| format!("{v:.0}"));
        let bounds = [("x", x.as_str()), ("y", &y), ("width", &width), ("height", &height)];
        w.create_element("dc:Bounds").with_attributes(bounds).write_empty()?;
        Ok(())
    })?;
    Ok(())
}

/// What is said of a step beside its name and its guidance.
fn of_step(id: &str, task: &str, step: &Step) -> Notes {
    let mut said = object(step);
    let name = shown(step.title.as_deref(), id);
    if step.title.as_deref() == title_of(&name, id) {
        said.remove("title");
    }
    if step.guidance.as_deref().is_none_or(|text| !text.is_empty() && clean(text) == text) {
        said.remove("guidance");
    }
    if id != task {
        said.insert("id".into(), id.into());
    }
    said
}

/// How a block is noted at its first gateway, and what is shown of it.
fn mark(mark: Mark) -> (Option<String>, Notes) {
    let (name, block) = match mark {
        Mark::AnyOrder => (None, json!({"kind": "any_order"})),
        Mark::OneOf => (None, json!({"kind": "one_of"})),
        Mark::Optional => (None, json!({"kind": "optional"})),
        Mark::When => (None, json!({"kind": "when"})),
        Mark::Repeat(least, most) => {
            let name = match (least, most) {
                (0 | 1, None) => None,
                (_, None) => Some(format!("≥ {least} ×")),
                (_, Some(most)) => Some(format!("{least}–{most} ×")),
            };
            (name, json!({"kind": "repeat", "at_least": least, "at_most": most}))
        }
    };
    (name, Notes::from_iter([("block".to_owned(), block)]))
}

fn object(value: &impl serde::Serialize) -> Notes {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Each note as an element of our own with JSON as its text.
fn notes(w: &mut Xml, said: &Notes) -> io::Result<()> {
    if said.is_empty() {
        return Ok(());
    }
    w.create_element("bpmn:extensionElements").write_inner_content(|w| {
        for (key, value) in said {
            text(w, &format!("goldpath:{key}"), &json_text(value))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// JSON with the two characters escaped that JSON leaves as they are and XML cannot hold.
fn json_text(value: &Value) -> String {
    value.to_string().replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

fn text(w: &mut Xml, element: &str, content: &str) -> io::Result<()> {
    w.create_element(element).write_text_content(BytesText::new(content)).map(|_| ())
}
