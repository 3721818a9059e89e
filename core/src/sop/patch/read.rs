//! Reading a patch: every fault with its place and how to mend it.

use super::edit::{Around, At, Edit, Split, StepChange, Where};
use super::{Base, EDITS, Patch, error};
use crate::error::{Error, Fault};
use crate::sop::{Actor, Block, Bounds, Flow, Raw, Reader, Value, join};

/// The faults under the codes of a patch: the file is read as an SOP is.
pub(in crate::sop) fn failed(mut faults: Vec<Fault>) -> Error {
    for fault in &mut faults {
        fault.code = match fault.code {
            "sop.syntax" => "patch.syntax",
            "sop.not_utf8" => "patch.not_utf8",
            "sop.too_deep_or_large" | "sop.too_large" => "patch.too_large",
            "sop.unknown_key" => "patch.unknown_key",
            "sop.wrong_type" => "patch.wrong_type",
            "sop.wrong_value" => "patch.wrong_value",
            "sop.wrong_number" => "patch.wrong_number",
            "sop.missing" => "patch.missing",
            "sop.format" => "patch.format",
            "sop.duplicate_id" => "patch.duplicate",
            other => other,
        };
        fault.help = fault.help.replace("an SOP text", "a patch");
    }
    error(faults)
}

pub(super) fn patch(root: &Raw) -> Result<Patch, Vec<Fault>> {
    let mut reader = Reader::default();
    let read = read(&mut reader, "", root);
    if reader.faults.is_empty() { Ok(read) } else { Err(reader.into_faults()) }
}

/// Reads a patch that stands at a place of a file.
pub(in crate::sop) fn read(reader: &mut Reader, place: &str, root: &Raw) -> Patch {
    let (mut read, mut format, mut there) = (Patch::new(), None, false);
    for (key, raw) in reader.map(place, root, "a map with format and edits") {
        let at = join(place, &key);
        match key.as_str() {
            "format" => format = reader.text(&at, raw),
            "base" => read.base = base(reader, &at, raw),
            "edits" => {
                there = true;
                let items = reader.list(&at, raw, "a list of edits");
                if items.len() > EDITS {
                    reader.fault(&at, "patch.too_large", format!("the patch has {} edits; the limit is {EDITS}", items.len()), "make smaller patches");
                    continue;
                }
                for (i, item) in items.iter().enumerate() {
                    let at = format!("{at}[{i}]");
                    reader.note(&at, item);
                    read.edits.extend(edit(reader, &at, item));
                }
            }
            _ => reader.unknown_key(place, &key, &["format", "base", "edits"]),
        }
    }
    if matches!(root.value, Value::Map(_)) {
        // Inside another file its first line speaks for all of it.
        if place.is_empty() || format.is_some() {
            reader.check_format(format.as_deref());
        }
        if !there {
            reader.fault(place, "sop.missing", "the patch has no `edits`", "write `edits: []` where there are none");
        }
    }
    read
}

fn base(reader: &mut Reader, place: &str, raw: &Raw) -> Option<Base> {
    let (mut name, mut version, mut hash) = (None, None, None);
    for (key, raw) in reader.map(place, raw, "a map with name, version and hash") {
        let at = join(place, &key);
        match key.as_str() {
            "name" => name = reader.text(&at, raw),
            "version" => version = reader.version(&at, raw),
            "hash" => hash = reader.text(&at, raw),
            _ => reader.unknown_key(place, &key, &["name", "version", "hash"]),
        }
    }
    if hash.is_none() && matches!(raw.value, Value::Map(_)) && !reader.blamed(&join(place, "hash")) {
        reader.fault(place, "sop.missing", "the base has no `hash`", "give the hash of the SOP, or leave the base out");
    }
    Some(Base { name: name.unwrap_or_default(), version, hash: hash? })
}

/// The entries of an edit, by key.
struct Entries<'a> {
    place: String,
    entries: Vec<(String, &'a Raw)>,
}

impl<'a> Entries<'a> {
    fn get(&self, key: &str) -> Option<(String, &'a Raw)> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, raw)| (join(&self.place, key), *raw))
    }

    fn need(&self, reader: &mut Reader, key: &str, help: &str) -> Option<(String, &'a Raw)> {
        let found = self.get(key);
        if found.is_none() {
            reader.fault(&self.place, "sop.missing", format!("the edit has no `{key}`"), help);
        }
        found
    }

    fn text(&self, reader: &mut Reader, key: &str) -> Option<String> {
        let (at, raw) = self.need(reader, key, "name it")?;
        reader.text(&at, raw)
    }

    fn at(&self, reader: &mut Reader, key: &str) -> Option<At> {
        let (place, raw) = self.need(reader, key, "a step, or `{place: flow[2]}`")?;
        at(reader, &place, raw)
    }

    fn block(&self, reader: &mut Reader, key: &str) -> Option<Block> {
        let (at, raw) = self.need(reader, key, "a step or a block")?;
        reader.block(&at, raw)
    }

    fn number(&self, reader: &mut Reader, key: &str) -> Option<usize> {
        let (at, raw) = self.get(key)?;
        reader.number(&at, raw, u64::from(u32::MAX)).map(|n| n as usize)
    }

    fn name(&self, reader: &mut Reader, key: &str) -> Option<String> {
        let (at, raw) = self.get(key)?;
        reader.text(&at, raw)
    }

    fn to(&self, reader: &mut Reader) -> Option<Where> {
        let given: Vec<&str> = ["after", "before", "at"].into_iter().filter(|key| self.get(key).is_some()).collect();
        let [key] = given[..] else {
            let message = format!("the edit says {} times where to put it", given.len());
            reader.fault(&self.place, "sop.missing", message, "one of `after: step`, `before: step`, `at: flow[2]`");
            return None;
        };
        if key == "at" {
            return self.text(reader, key).map(Where::At);
        }
        let at = self.at(reader, key)?;
        Some(if key == "after" { Where::After(at) } else { Where::Before(at) })
    }

    fn pair(&self, reader: &mut Reader, key: &str) -> Option<(String, String)> {
        let (at, raw) = self.need(reader, key, "write `[from, to]`")?;
        let names = reader.names(&at, raw);
        let n = names.len();
        let pair = <[String; 2]>::try_from(names).ok().map(|[a, b]| (a, b));
        if pair.is_none() && !reader.blamed(&at) {
            reader.fault(&at, "sop.wrong_edge", format!("an edge is a pair of steps, this one has {n}"), "write `[from, to]`");
        }
        pair
    }
}

fn at(reader: &mut Reader, place: &str, raw: &Raw) -> Option<At> {
    if !matches!(raw.value, Value::Map(_)) {
        return reader.text(place, raw).map(At::Step);
    }
    let (mut named, mut step) = (None, None);
    for (key, raw) in reader.map(place, raw, "a step, or a map with place") {
        let at = join(place, &key);
        match key.as_str() {
            "place" => named = reader.text(&at, raw),
            "step" => step = reader.text(&at, raw),
            _ => reader.unknown_key(place, &key, &["place", "step"]),
        }
    }
    match (named, step) {
        (Some(place), step) => Some(At::Place { place, step }),
        (None, Some(step)) => Some(At::Step(step)),
        (None, None) => {
            reader.fault(place, "sop.missing", "nothing says what is meant", "a step, or `{place: flow[2]}`");
            None
        }
    }
}

fn around(reader: &mut Reader, place: &str, raw: &Raw) -> Option<Around> {
    const KINDS: &str = "one of sequence, any_order, optional, one_of, {repeat: {at_least: 1}}, {when: {segment: smb}}";
    let (name, inner) = match &raw.value {
        Value::Map(_) => {
            let entries = reader.map(place, raw, "a kind of block");
            let [(name, inner)] = &entries[..] else {
                reader.fault(place, "sop.wrong_value", "one kind of block is expected", KINDS);
                return None;
            };
            (name.clone(), Some(*inner))
        }
        _ => (reader.text(place, raw)?, None),
    };
    let at = join(place, &name);
    match (name.as_str(), inner) {
        ("sequence", None) => Some(Around::Sequence),
        ("any_order", None) => Some(Around::AnyOrder),
        ("optional", None) => Some(Around::Optional),
        ("one_of", None) => Some(Around::OneOf),
        ("repeat", None) => Some(Around::Repeat { at_least: 0, at_most: None }),
        ("repeat", Some(raw)) => {
            let (mut at_least, mut at_most) = (0, None);
            for (key, raw) in reader.map(&at, raw, "a map with at_least and at_most") {
                let number = |reader: &mut Reader| reader.number(&join(&at, &key), raw, u64::from(u32::MAX)).map(|n| n as u32);
                match key.as_str() {
                    "at_least" => at_least = number(reader).unwrap_or(0),
                    "at_most" => at_most = if raw.value == Value::Null { None } else { number(reader) },
                    _ => reader.unknown_key(&at, &key, &["at_least", "at_most"]),
                }
            }
            Some(Around::Repeat { at_least, at_most })
        }
        ("when", Some(raw)) => Some(Around::When(reader.condition(&at, raw))),
        _ => {
            reader.note(place, raw);
            reader.fault(place, "sop.wrong_value", format!("`{}` is no kind of block", crate::text::cut(&name, 60)), KINDS);
            None
        }
    }
}

fn flow(reader: &mut Reader, place: &str, raw: &Raw) -> Option<Flow> {
    let entries = reader.map(place, raw, "a map with flow or graph");
    match &entries[..] {
        [(key, raw)] if key == "flow" => Some(Flow::Flow(reader.blocks(&join(place, key), raw))),
        [(key, raw)] if key == "graph" => reader.graph(&join(place, key), raw).map(Flow::Graph),
        _ => {
            if matches!(raw.value, Value::Map(_)) {
                reader.fault(place, "sop.missing", "one of `flow` and `graph` is expected", "say which steps follow each other");
            }
            None
        }
    }
}

fn splits(reader: &mut Reader, place: &str, raw: &Raw) -> Vec<Split> {
    let mut splits = Vec::new();
    for (i, item) in reader.list(place, raw, "a list of parts, each with when and then").iter().enumerate() {
        let at = format!("{place}[{i}]");
        reader.note(&at, item);
        let mut split = Split { when: crate::sop::Condition::default(), then: None };
        for (key, raw) in reader.map(&at, item, "a map with when and then") {
            let at = join(&at, &key);
            match key.as_str() {
                "when" => split.when = reader.condition(&at, raw),
                "then" => split.then = Some(reader.blocks(&at, raw)),
                _ => reader.unknown_key(&format!("{place}[{i}]"), &key, &["when", "then"]),
            }
        }
        if split.when.0.is_empty() && !reader.blamed(&join(&at, "when")) {
            reader.fault(&at, "sop.missing", "the part has no `when`", "say which cases it is for");
        }
        splits.push(split);
    }
    splits
}

/// The keys that may stand beside the kind of an edit.
fn beside(kind: &str) -> &'static [&'static str] {
    match kind {
        "insert" | "move" => &["after", "before", "at"],
        "replace" => &["with"],
        "wrap" => &["through", "in"],
        "reshape" => &["in"],
        "split" => &["by"],
        "prefer" => &["only"],
        "add_edge" | "add_anytime" | "add_accepted" | "drop_accepted" => &["at"],
        "add_step" => &["step", "before"],
        "reorder_step" => &["before"],
        "set_step" => &["title", "stage", "guidance", "by", "cost", "unplanned"],
        "add_standard" => &["standard", "at"],
        "drop_standard" => &["name"],
        "set_standard" => &["name", "standard"],
        "set_bounds" => &["name", "at_least", "at_most"],
        _ => &[],
    }
}

fn edit(reader: &mut Reader, place: &str, raw: &Raw) -> Option<Edit> {
    let entries = reader.map(place, raw, "an edit, such as {insert: roi_story, after: need}");
    if !matches!(raw.value, Value::Map(_)) {
        return None;
    }
    let kinds: Vec<&str> = Edit::KINDS.into_iter().filter(|kind| entries.iter().any(|(key, _)| key == kind)).collect();
    let [kind] = kinds[..] else {
        let message = if kinds.is_empty() { "the edit has no kind".to_owned() } else { format!("the edit has {} kinds: {}", kinds.len(), kinds.join(", ")) };
        reader.fault(place, "patch.edit_kind", message, format!("an edit is one of {}", Edit::KINDS.join(", ")));
        return None;
    };
    let known: Vec<&str> = [kind].into_iter().chain(beside(kind).iter().copied()).collect();
    for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
        reader.unknown_key(place, key, &known);
    }
    let e = Entries { place: place.to_owned(), entries };
    match kind {
        "insert" => {
            let (insert, to) = (e.block(reader, kind), e.to(reader));
            Some(Edit::Insert { insert: insert?, to: to? })
        }
        "drop" => Some(Edit::Drop { drop: e.at(reader, kind)? }),
        "move" => {
            let (from, to) = (e.at(reader, kind), e.to(reader));
            Some(Edit::Move { from: from?, to: to? })
        }
        "replace" => {
            let (replace, with) = (e.at(reader, kind), e.block(reader, "with"));
            Some(Edit::Replace { replace: replace?, with: with? })
        }
        "wrap" | "reshape" => {
            let at = e.at(reader, kind);
            let through = e.get("through").and_then(|(place, raw)| self::at(reader, &place, raw));
            let around = e.need(reader, "in", "the kind of block").and_then(|(place, raw)| around(reader, &place, raw))?;
            Some(if kind == "wrap" { Edit::Wrap { wrap: at?, through, around } } else { Edit::Reshape { reshape: at?, around } })
        }
        "unwrap" => Some(Edit::Unwrap { unwrap: e.at(reader, kind)? }),
        "split" => {
            let at = e.at(reader, kind);
            let (place, raw) = e.need(reader, "by", "`by: [{when: {segment: smb}, then: [call]}]`")?;
            let by = splits(reader, &place, raw);
            Some(Edit::Split { split: at?, by })
        }
        "prefer" => {
            let only = e.get("only").is_some_and(|(at, raw)| truth(reader, &at, raw));
            Some(Edit::Prefer { prefer: e.at(reader, kind)?, only })
        }
        "set_flow" => {
            let (at, raw) = e.get(kind)?;
            Some(Edit::SetFlow { set_flow: flow(reader, &at, raw)? })
        }
        "add_edge" => Some(Edit::AddEdge { at: e.number(reader, "at"), add_edge: e.pair(reader, kind)? }),
        "drop_edge" => Some(Edit::DropEdge { drop_edge: e.pair(reader, kind)? }),
        "set_start" => Some(Edit::SetStart { set_start: e.text(reader, kind)? }),
        "set_end" => Some(Edit::SetEnd { set_end: e.text(reader, kind)? }),
        _ => other(reader, kind, &e),
    }
}

/// Edits of what is not the flow.
fn other(reader: &mut Reader, kind: &str, e: &Entries<'_>) -> Option<Edit> {
    match kind {
        "add_step" => {
            let step = e.get("step").map(|(at, raw)| reader.step(&at, raw)).unwrap_or_default();
            Some(Edit::AddStep { before: e.name(reader, "before"), step, add_step: e.text(reader, kind)? })
        }
        "remove_step" => Some(Edit::RemoveStep { remove_step: e.text(reader, kind)? }),
        "reorder_step" => Some(Edit::ReorderStep { before: e.name(reader, "before"), reorder_step: e.text(reader, kind)? }),
        "set_step" => {
            let mut text = |key: &str| e.get(key).map(|(at, raw)| reader.optional_text(&at, raw));
            let mut change = StepChange { title: text("title"), stage: text("stage"), guidance: text("guidance"), ..StepChange::default() };
            change.by = e.get("by").and_then(|(at, raw)| match raw.scalar().as_deref() {
                Some("agent") => Some(Actor::Agent),
                Some("customer") => Some(Actor::Customer),
                _ => {
                    reader.fault(&at, "sop.wrong_value", "`by` is `agent` or `customer`", "");
                    None
                }
            });
            change.cost = e.get("cost").map(|(at, raw)| reader.cost(&at, raw));
            change.unplanned = e.get("unplanned").map(|(at, raw)| truth(reader, &at, raw));
            Some(Edit::SetStep { set_step: e.text(reader, kind)?, change })
        }
        "add_standard" | "set_standard" => {
            let step = e.text(reader, kind);
            let standard = e.need(reader, "standard", "such as `standard: {questions: {at_least: 3}}`").and_then(|(at, raw)| reader.standard(&at, raw));
            if kind == "add_standard" {
                return Some(Edit::AddStandard { at: e.number(reader, "at"), add_standard: step?, standard: standard? });
            }
            let name = e.text(reader, "name");
            Some(Edit::SetStandard { set_standard: step?, name: name?, standard: standard? })
        }
        "drop_standard" => {
            let (step, name) = (e.text(reader, kind), e.text(reader, "name"));
            Some(Edit::DropStandard { drop_standard: step?, name: name? })
        }
        "set_bounds" => {
            let (step, name) = (e.text(reader, kind), e.text(reader, "name"));
            let mut bound = |key: &str| e.get(key).and_then(|(at, raw)| if raw.value == Value::Null { None } else { amount(reader, &at, raw) });
            let bounds = Bounds { at_least: bound("at_least"), at_most: bound("at_most") };
            if bounds == Bounds::default() && !["at_least", "at_most"].iter().any(|key| reader.blamed(&join(&e.place, key))) {
                reader.fault(&e.place, "sop.missing", "there is no bound", "such as `at_least: 3` or `at_most: 5`");
            }
            Some(Edit::SetBounds { set_bounds: step?, name: name?, bounds })
        }
        "set_name" => Some(Edit::SetName { set_name: e.text(reader, kind)? }),
        "set_version" => {
            let (at, raw) = e.get(kind)?;
            Some(Edit::SetVersion { set_version: reader.version(&at, raw) })
        }
        "add_anytime" => Some(Edit::AddAnytime { at: e.number(reader, "at"), add_anytime: e.text(reader, kind)? }),
        "drop_anytime" => Some(Edit::DropAnytime { drop_anytime: e.text(reader, kind)? }),
        _ => {
            let (at, raw) = e.get(kind)?;
            let (rule, at) = (reader.accepted_rule(&at, raw), e.number(reader, "at"));
            Some(if kind == "add_accepted" { Edit::AddAccepted { add_accepted: rule?, at } } else { Edit::DropAccepted { drop_accepted: rule?, at } })
        }
    }
}

fn truth(reader: &mut Reader, place: &str, raw: &Raw) -> bool {
    if let Value::Bool(yes) = raw.value {
        return yes;
    }
    reader.note(place, raw);
    reader.fault(place, "sop.wrong_type", format!("expected true or false, found {}", raw.kind()), "");
    false
}

fn amount(reader: &mut Reader, place: &str, raw: &Raw) -> Option<f64> {
    let number = if let Value::Number(n) = &raw.value { n.as_f64() } else { None };
    if number.is_none() {
        reader.note(place, raw);
        reader.fault(place, "sop.wrong_number", format!("expected a number, found {}", raw.kind()), "");
    }
    number
}
