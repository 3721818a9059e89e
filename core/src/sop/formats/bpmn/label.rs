//! What stands on a way: steps and blocks in the shape of an SOP file, put together to larger blocks.

use indexmap::IndexMap;

use super::super::super::limits;
use super::super::super::raw::{Raw, Value};
use super::web::Way;
use crate::error::Fault;

/// A block or step on a way.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) raw: Raw,
    /// Lists of their own that begin before it and end behind it.
    pub(super) open: usize,
    pub(super) close: usize,
    /// Places of steps, and how deep blocks are nested in it.
    pub(super) places: usize,
    pub(super) depth: usize,
    /// A choice, an any-order or an optional that nobody marked as one: may be made one with the same around it.
    plain: Option<&'static str>,
}

impl Item {
    pub(super) fn step(id: &str, line: u64, nest: Nest) -> Self {
        Self { raw: text(id, line), open: nest.open, close: nest.close, places: 1, depth: 0, plain: None }
    }

    /// Whether it is a block of a kind that nobody marked as one.
    pub(super) fn is_plain(&self, kind: &str) -> bool {
        self.plain == Some(kind)
    }
}

/// Brackets around an element: lists that begin and end with it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Nest {
    pub(super) open: usize,
    pub(super) close: usize,
}

/// What was noted of a block at its first gateway.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) kind: String,
    pub(super) bounds: IndexMap<String, Raw>,
}

/// A list of blocks with its size.
pub(super) struct Listed {
    pub(super) raw: Raw,
    places: usize,
    depth: usize,
}

/// A branch: one block, or a list.
pub(super) struct Member {
    raw: Raw,
    places: usize,
    depth: usize,
    pub(super) label: Vec<Item>,
}

fn text(value: &str, line: u64) -> Raw {
    Raw { value: Value::Text(value.to_owned()), line, column: 1 }
}

fn too_deep(line: u64) -> Fault {
    Fault::new("sop.too_deep", format!("blocks are nested more than {} deep", limits::DEPTH)).at_line(line).help("flatten the process")
}

/// Items as a list, bracketed ones as lists of their own; brackets without partner are left out.
pub(super) fn list(items: Vec<Item>, line: u64) -> Result<Listed, Fault> {
    let line = items.first().map_or(line, |item| item.raw.line);
    let mut open: Vec<Vec<Raw>> = vec![Vec::new()];
    let (mut places, mut depth) = (0, 0);
    for item in items {
        for _ in 0..item.open.min(limits::DEPTH) {
            open.push(Vec::new());
        }
        places += item.places;
        depth = depth.max(item.depth + open.len() - 1);
        if depth > limits::DEPTH || open.len() > limits::DEPTH {
            return Err(too_deep(item.raw.line));
        }
        if let Some(last) = open.last_mut() {
            last.push(item.raw);
        }
        for _ in 0..item.close {
            if open.len() > 1
                && let Some(inner) = open.pop()
            {
                let line = inner.first().map_or(line, |raw| raw.line);
                open.last_mut().unwrap_or_else(|| unreachable!("there is one more")).push(Raw { value: Value::List(inner), line, column: 1 });
            }
        }
    }
    Ok(Listed { raw: Raw { value: Value::List(open.into_iter().flatten().collect()), line, column: 1 }, places, depth })
}

pub(super) fn member(label: Vec<Item>, line: u64) -> Result<Member, Fault> {
    let Listed { raw, places, depth } = list(label.clone(), line)?;
    Ok(match raw.value {
        Value::List(mut one) if one.len() == 1 => Member { raw: one.swap_remove(0), places, depth, label },
        value => Member { raw: Raw { value, ..raw }, places, depth: depth + 1, label },
    })
}

pub(super) fn branches(ways: Vec<Way>, line: u64) -> Result<Vec<Member>, Fault> {
    let branch = |way: Way| match way.when {
        None => member(way.label, line),
        Some(when) => {
            let then = list(way.label, line)?;
            let item = guarded(when, then, Nest::default(), line)?;
            Ok(Member { raw: item.raw.clone(), places: item.places, depth: item.depth, label: vec![item] })
        }
    };
    ways.into_iter().map(branch).collect()
}

/// A block of members, one beside the other; `own` if it is known to be a block of its own.
pub(super) fn together(kind: &'static str, members: Vec<Member>, own: bool, nest: Nest, line: u64) -> Result<Item, Fault> {
    let (mut raws, mut places, mut depth) = (Vec::new(), 0, 0);
    for member in members {
        places += member.places;
        depth = depth.max(member.depth);
        match (&member.label[..], member.raw) {
            // A choice among choices that nobody marked is one choice.
            ([Item { plain: Some(inner), .. }], Raw { value: Value::Map(mut entries), .. }) if *inner == kind && !own => {
                if let Some((_, Raw { value: Value::List(inner), .. })) = entries.pop() {
                    raws.extend(inner);
                }
            }
            (_, raw) => raws.push(raw),
        }
    }
    let made = Listed { raw: Raw { value: Value::List(raws), line, column: 1 }, places, depth };
    Ok(Item { plain: (!own).then_some(kind), ..block(kind, made, nest, line)? })
}

fn block(kind: &str, made: Listed, nest: Nest, line: u64) -> Result<Item, Fault> {
    if made.depth >= limits::DEPTH {
        return Err(too_deep(line));
    }
    let raw = Raw { value: Value::Map(vec![(text(kind, line), made.raw)]), line, column: 1 };
    Ok(Item { raw, open: nest.open, close: nest.close, places: made.places, depth: made.depth + 1, plain: None })
}

pub(super) fn optional(made: Listed, own: bool, nest: Nest, line: u64) -> Result<Item, Fault> {
    Ok(Item { plain: (!own).then_some("optional"), ..block("optional", made, nest, line)? })
}

pub(super) fn guarded(when: Raw, then: Listed, nest: Nest, line: u64) -> Result<Item, Fault> {
    let mut item = block("then", then, nest, line)?;
    if let Value::Map(entries) = &mut item.raw.value {
        entries.insert(0, (text("when", line), when));
    }
    Ok(item)
}

/// Rounds of a label; `once` if the first is taken in any case. Bounds are kept where they fit that.
pub(super) fn repeated(label: Vec<Item>, once: bool, mark: Option<&Mark>, nest: Nest, line: u64) -> Result<Item, Fault> {
    let mut item = block("repeat", list(label, line)?, nest, line)?;
    let mark = mark.filter(|mark| mark.kind == "repeat");
    let least = mark.and_then(|mark| mark.bounds.get("at_least")).filter(|raw| matches!(&raw.value, Value::Number(n) if (n.as_u64() != Some(0)) == once));
    let most = mark.filter(|_| least.is_some()).and_then(|mark| mark.bounds.get("at_most")).filter(|raw| raw.value != Value::Null);
    if let Value::Map(entries) = &mut item.raw.value {
        let least = least.cloned().or_else(|| once.then(|| Raw { value: Value::Number(1.into()), line, column: 1 }));
        entries.extend(least.map(|raw| (text("at_least", line), raw)));
        entries.extend(most.map(|raw| (text("at_most", line), raw.clone())));
    }
    Ok(item)
}
