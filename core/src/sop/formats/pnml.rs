//! An SOP as a Petri net in PNML (ISO/IEC 15909-2), as aligners of other tools read it.
//!
//! A block becomes a piece of net between two places. A piece takes its first token from the place before it and lays its
//! last on the place behind it; nothing inside ever gives back to the place before or takes from the place behind. So
//! pieces that share both places, as branches do, cannot mix, and a loop stays inside its own places. `any_order` stays
//! concurrent instead of being unrolled, which keeps the net about as small as the file.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::super::model::{Block, Flow, StepCost};
use super::super::{Actor, EdgeList, Sop};
use crate::error::{Error, Fault, Result};
use crate::xml;

/// The net of the scenario in which exactly the flagged `when` blocks hold.
pub(super) fn pnml(sop: &Sop, scenario: &[bool]) -> Result<String> {
    // Compiling holds the scenario to the limits, which bound the net as well.
    sop.compiled(scenario)?;
    let planned = sop.nodes().iter().filter_map(|node| sop.steps().get_index(node.step as usize)).map(|(id, _)| id);
    if let Some(id) = planned.chain(sop.anytime()).find(|id| xml::clean(id) != id.as_str()) {
        let message = format!("the id of step {id:?} holds a character that XML cannot carry, and in a net the id is the label");
        let help = "give the step an id without control characters";
        return Err(Error::Argument(Box::new(Fault::new("argument.invalid", message).at_place(format!("steps.{id}")).help(help))));
    }
    let mut net = Net { sop, places: Vec::new(), moves: Vec::new() };
    let start = net.place("start");
    let end = match sop.flow() {
        Flow::Flow(blocks) => {
            let mut seen = Resolver { scenario, node: 0, when: 0 };
            let parts = seen.all(blocks);
            let end = net.place("end");
            net.part(&Part::Sequence(parts), start, end);
            end
        }
        Flow::Graph(list) => net.graph(list, start),
    };
    Ok(net.write(start, end).unwrap_or_default())
}

/// A part of the flow in one scenario: no conditions are left, and each step knows its place.
enum Part {
    Node(u32),
    Sequence(Vec<Part>),
    AnyOrder(Vec<Part>),
    OneOf(Vec<Part>),
    Optional(Box<Part>),
    Repeat { body: Box<Part>, at_least: u32, at_most: Option<u32> },
}

impl Part {
    /// Nothing to do and nothing to choose.
    fn is_empty(&self) -> bool {
        matches!(self, Self::Sequence(parts) if parts.is_empty())
    }

    fn may_be_nothing(&self) -> bool {
        match self {
            Self::Node(_) => false,
            Self::Sequence(parts) | Self::AnyOrder(parts) => parts.iter().all(Self::may_be_nothing),
            Self::OneOf(parts) => parts.iter().any(Self::may_be_nothing),
            Self::Optional(_) => true,
            Self::Repeat { body, at_least, .. } => *at_least == 0 || body.may_be_nothing(),
        }
    }
}

/// Counts places and conditions in the order of the file, as validation does.
struct Resolver<'a> {
    scenario: &'a [bool],
    node: u32,
    when: usize,
}

impl Resolver<'_> {
    fn all(&mut self, blocks: &[Block]) -> Vec<Part> {
        blocks.iter().map(|block| self.block(block)).filter(|part| !part.is_empty()).collect()
    }

    fn sequence(&mut self, blocks: &[Block]) -> Part {
        let mut parts = self.all(blocks);
        if parts.len() == 1 { parts.swap_remove(0) } else { Part::Sequence(parts) }
    }

    fn block(&mut self, block: &Block) -> Part {
        let nothing = || Part::Sequence(Vec::new());
        match block {
            Block::Step(_) => {
                self.node += 1;
                Part::Node(self.node - 1)
            }
            Block::Sequence(members) => self.sequence(members),
            Block::AnyOrder { any_order } => {
                let mut parts = self.all(any_order);
                if parts.len() <= 1 { parts.pop().unwrap_or_else(nothing) } else { Part::AnyOrder(parts) }
            }
            Block::OneOf { one_of } => {
                let mut parts = Vec::new();
                for branch in one_of {
                    // A branch that is there for other cases only is no branch here; any other may be empty and stays one.
                    let absent = matches!(branch, Block::When { .. }) && !self.scenario[self.when];
                    let part = self.block(branch);
                    if !absent {
                        parts.push(part);
                    }
                }
                if parts.len() <= 1 { parts.pop().unwrap_or_else(nothing) } else { Part::OneOf(parts) }
            }
            Block::Optional { optional } => match self.sequence(optional) {
                part if part.is_empty() => part,
                part => Part::Optional(Box::new(part)),
            },
            Block::Repeat { repeat, at_least, at_most } => match self.sequence(repeat) {
                part if part.is_empty() => part,
                // Rounds that do nothing count as rounds, so any lower bound is met.
                part => {
                    let at_least = if part.may_be_nothing() { 0 } else { *at_least };
                    Part::Repeat { body: Box::new(part), at_least, at_most: *at_most }
                }
            },
            Block::When { then, .. } => {
                let holds = self.scenario[self.when];
                self.when += 1;
                let part = self.sequence(then);
                if holds { part } else { nothing() }
            }
        }
    }
}

type Place = usize;

/// A transition: the step it performs or `None` if it is silent, the places it takes from and gives to.
struct Move {
    step: Option<u32>,
    from: Vec<Place>,
    to: Vec<Place>,
}

struct Net<'a> {
    sop: &'a Sop,
    places: Vec<String>,
    moves: Vec<Move>,
}

impl Net<'_> {
    fn place(&mut self, name: &str) -> Place {
        self.places.push(name.to_owned());
        self.places.len() - 1
    }

    fn between(&mut self) -> Place {
        self.place(&format!("p{}", self.places.len()))
    }

    fn silent(&mut self, from: Vec<Place>, to: Vec<Place>) {
        self.moves.push(Move { step: None, from, to });
    }

    /// Doing a step; where leaving it out costs nothing, a silent twin beside it.
    fn step(&mut self, step: u32, from: Place, to: Place) {
        self.moves.push(Move { step: Some(step), from: vec![from], to: vec![to] });
        let known = &self.sop.steps()[step as usize];
        if known.by == Actor::Customer || known.cost.skipped == 0 {
            self.silent(vec![from], vec![to]);
        }
    }

    fn part(&mut self, part: &Part, from: Place, to: Place) {
        match part {
            Part::Node(node) => self.step(self.sop.nodes()[*node as usize].step, from, to),
            Part::Sequence(parts) => match parts.split_last() {
                None => self.silent(vec![from], vec![to]),
                Some((last, rest)) => {
                    let mut at = from;
                    for part in rest {
                        let next = self.between();
                        self.part(part, at, next);
                        at = next;
                    }
                    self.part(last, at, to);
                }
            },
            Part::AnyOrder(parts) => {
                let (mut first, mut last) = (Vec::new(), Vec::new());
                for part in parts {
                    let (a, b) = (self.between(), self.between());
                    self.part(part, a, b);
                    first.push(a);
                    last.push(b);
                }
                self.silent(vec![from], first);
                self.silent(last, vec![to]);
            }
            Part::OneOf(parts) => {
                for part in parts {
                    self.part(part, from, to);
                }
            }
            Part::Optional(part) => {
                self.part(part, from, to);
                self.silent(vec![from], vec![to]);
            }
            Part::Repeat { body, at_least, at_most: Some(most) } => self.rounds(body, *at_least, *most, from, to),
            Part::Repeat { body, at_least: 0, at_most: None } => {
                let round = self.between();
                self.silent(vec![from], vec![round]);
                self.part(body, round, round);
                self.silent(vec![round], vec![to]);
            }
            Part::Repeat { body, at_least, at_most: None } => {
                let (begin, end) = (self.between(), self.between());
                let mut at = from;
                for _ in 1..*at_least {
                    let next = self.between();
                    self.part(body, at, next);
                    at = next;
                }
                self.silent(vec![at], vec![begin]);
                self.part(body, begin, end);
                self.silent(vec![end], vec![begin]);
                self.silent(vec![end], vec![to]);
            }
        }
    }

    /// Round after round, each with a way out in front of it once there are enough.
    fn rounds(&mut self, body: &Part, least: u32, most: u32, from: Place, to: Place) {
        let mut at = from;
        for round in 0..most {
            if round >= least {
                self.silent(vec![at], vec![to]);
            }
            let next = if round + 1 == most { to } else { self.between() };
            self.part(body, at, next);
            at = next;
        }
        if most == 0 {
            self.silent(vec![from], vec![to]);
        }
    }

    /// One place behind each step; one before it where several ways lead to it.
    fn graph(&mut self, list: &EdgeList, start: Place) -> Place {
        let index = |id: &str| self.sop.steps().get_index_of(id).unwrap_or_default();
        let mut ways: Vec<Vec<usize>> = vec![Vec::new(); self.sop.steps().len()];
        for (a, b) in &list.edges {
            ways[index(b)].push(index(a));
        }
        let (first, last) = (index(&list.start), index(&list.end));
        let behind: Vec<Option<Place>> =
            (0..self.sop.steps().len()).map(|step| self.sop.nodes().iter().any(|node| node.step as usize == step).then(|| self.between())).collect();
        for (step, place) in behind.iter().enumerate() {
            let Some(place) = *place else { continue };
            let mut from: Vec<Place> = ways[step].iter().filter_map(|&a| behind[a]).collect();
            from.extend((step == first).then_some(start));
            let before = if from.len() == 1 {
                from[0]
            } else {
                let before = self.between();
                for way in from {
                    self.silent(vec![way], vec![before]);
                }
                before
            };
            self.step(step as u32, before, place);
        }
        behind[last].unwrap_or(start)
    }

    fn write(&self, start: Place, end: Place) -> std::io::Result<String> {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let net_type = [("id", "net"), ("type", "http://www.pnml.org/version-2009/grammar/pnmlcoremodel")];
        let anytime = (!self.sop.anytime().is_empty()).then_some("anytime");
        let mut arcs = Vec::new();
        let mut marked: Vec<(String, bool, bool)> = (0..self.places.len()).map(|p| (format!("place{p}"), p == start, p == end)).collect();
        marked.extend(anytime.map(|_| (format!("place{}", self.places.len()), true, true)));
        let names = self.places.iter().map(String::as_str).chain(anytime);
        writer.create_element("pnml").with_attribute(("xmlns", "http://www.pnml.org/version-2009/grammar/pnml")).write_inner_content(|w| {
            w.create_element("net").with_attributes(net_type).write_inner_content(|w| {
                named(w, "name", self.sop.name())?;
                w.create_element("page").with_attribute(("id", "page")).write_inner_content(|w| {
                    for ((id, initial, _), name) in marked.iter().zip(names) {
                        w.create_element("place").with_attribute(("id", id.as_str())).write_inner_content(|w| {
                            named(w, "name", name)?;
                            if *initial { named(w, "initialMarking", "1") } else { Ok(()) }
                        })?;
                    }
                    for (n, step) in self.moves.iter().enumerate() {
                        let id = format!("move{n}");
                        self.transition(w, &id, step.step)?;
                        arcs.extend(step.from.iter().map(|&p| (marked[p].0.clone(), id.clone())));
                        arcs.extend(step.to.iter().map(|&p| (id.clone(), marked[p].0.clone())));
                    }
                    for (n, step) in self.sop.anytime().iter().enumerate() {
                        let (id, place) = (format!("anytime{n}"), marked[self.places.len()].0.clone());
                        self.transition(w, &id, self.sop.steps().get_index_of(step).map(|step| step as u32))?;
                        arcs.extend([(place.clone(), id.clone()), (id, place)]);
                    }
                    for (n, (from, to)) in arcs.iter().enumerate() {
                        let id = format!("arc{n}");
                        let ends = [("id", id.as_str()), ("source", from), ("target", to)];
                        w.create_element("arc").with_attributes(ends).write_empty()?;
                    }
                    Ok(())
                })?;
                w.create_element("finalmarkings").write_inner_content(|w| {
                    w.create_element("marking").write_inner_content(|w| {
                        for (id, _, _) in marked.iter().filter(|(_, _, last)| *last) {
                            let place = w.create_element("place").with_attribute(("idref", id.as_str()));
                            place.write_inner_content(|w| text(w, "1"))?;
                        }
                        Ok(())
                    })?;
                    Ok(())
                })?;
                Ok(())
            })?;
            Ok(())
        })?;
        Ok(String::from_utf8(writer.into_inner()).unwrap_or_default())
    }

    /// The label is the step id, since that is what stands in the paths; what a net cannot say is noted beside it.
    fn transition(&self, w: &mut Writer<Vec<u8>>, id: &str, step: Option<u32>) -> std::io::Result<()> {
        w.create_element("transition").with_attribute(("id", id)).write_inner_content(|w| {
            let Some(step) = step else {
                named(w, "name", "silent")?;
                let silent = [("tool", "ProM"), ("version", "6.4"), ("activity", "$invisible$")];
                w.create_element("toolspecific").with_attributes(silent).write_empty()?;
                return Ok(());
            };
            let Some((label, known)) = self.sop.steps().get_index(step as usize) else { return Ok(()) };
            named(w, "name", label)?;
            let (title, cost) = (known.title.as_deref(), (known.cost != StepCost::default()).then_some(known.cost));
            if title.is_some() || cost.is_some() {
                let mut note = w.create_element("toolspecific").with_attributes([("tool", "goldpath"), ("version", "1")]);
                if let Some(title) = title {
                    note = note.with_attribute(("title", xml::clean(title).as_ref()));
                }
                if let Some(cost) = cost {
                    let (extra, skipped) = (cost.extra.to_string(), cost.skipped.to_string());
                    note = note.with_attributes([("extra", extra.as_str()), ("skipped", skipped.as_str())]);
                }
                note.write_empty()?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

fn text(w: &mut Writer<Vec<u8>>, content: &str) -> std::io::Result<()> {
    w.create_element("text").write_text_content(BytesText::new(&xml::clean(content))).map(|_| ())
}

fn named(w: &mut Writer<Vec<u8>>, element: &str, content: &str) -> std::io::Result<()> {
    w.create_element(element).write_inner_content(|w| text(w, content)).map(|_| ())
}
