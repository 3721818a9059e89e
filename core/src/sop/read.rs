//! From a located tree to an [`Sop`]: every fault of form is collected, none stops the reading.

use indexmap::IndexMap;
use indexmap::map::Entry;
use jiff::civil::Date;

use super::model::{Accepted, AcceptedKind, Actor, Block, Condition, EdgeList, Flow, OneOrMany, Step, StepCost, Version};
use super::raw::{Raw, Value};
use crate::error::Fault;

/// The content of an SOP text, before it is checked for sense.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) version: Option<Version>,
    pub(crate) steps: IndexMap<String, Step>,
    pub(crate) body: Option<Flow>,
    pub(crate) anytime: Vec<String>,
    pub(crate) accepted: Vec<Accepted>,
}

/// Collects faults and remembers where each place of the SOP stands in the text.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) faults: Vec<Fault>,
    lines: IndexMap<String, (u64, u64)>,
}

impl Reader {
    /// A fault at a place whose line is known from reading.
    pub(crate) fn fault(&mut self, place: &str, code: &'static str, message: impl Into<String>, help: impl Into<String>) {
        let mut fault = Fault::new(code, message).help(help).at_place(place);
        if let Some(&(line, column)) = self.lines.get(place).filter(|(line, _)| *line > 0) {
            fault.line = Some(line);
            fault.column = Some(column);
        }
        self.faults.push(fault);
    }

    /// Whether something was already said of a place.
    pub(crate) fn blamed(&self, place: &str) -> bool {
        self.faults.iter().any(|fault| fault.place.as_deref() == Some(place))
    }

    /// The faults in the order of the text.
    pub(crate) fn into_faults(mut self) -> Vec<Fault> {
        self.faults.sort_by_key(|fault| (fault.line.unwrap_or(0), fault.column.unwrap_or(0)));
        self.faults
    }

    /// Line and column of a place, where there is a text.
    pub(crate) fn line_of(&self, place: &str) -> Option<(u64, u64)> {
        self.lines.get(place).copied().filter(|(line, _)| *line > 0)
    }

    /// Line and column of each place, where there is a text.
    pub(crate) fn lines(&self) -> IndexMap<String, (u64, u64)> {
        self.lines.iter().filter(|(_, (line, _))| *line > 0).map(|(place, at)| (place.clone(), *at)).collect()
    }

    pub(crate) fn note(&mut self, place: &str, raw: &Raw) {
        self.lines.insert(place.to_owned(), (raw.line, raw.column));
    }

    pub(crate) fn wrong_type(&mut self, place: &str, raw: &Raw, expected: &str) {
        self.note(place, raw);
        self.fault(place, "sop.wrong_type", format!("expected {expected}, found {}", raw.kind()), "");
    }

    /// The entries of a map, duplicates reported and left out.
    pub(crate) fn map<'a>(&mut self, place: &str, raw: &'a Raw, expected: &str) -> Vec<(String, &'a Raw)> {
        let Value::Map(entries) = &raw.value else {
            self.wrong_type(place, raw, expected);
            return Vec::new();
        };
        let mut seen: IndexMap<String, &Raw> = IndexMap::with_capacity(entries.len());
        for (key, value) in entries {
            let Some(name) = key.scalar() else {
                self.wrong_type(place, key, "a key that is a text");
                continue;
            };
            match seen.entry(name) {
                Entry::Occupied(old) => {
                    let at = join(place, old.key());
                    let first = self.lines.get(&at).map_or(0, |(line, _)| *line);
                    let message = format!("`{}` stands twice{}", old.key(), if first > 0 { format!(", first on line {first}") } else { String::new() });
                    let mut fault = Fault::new("sop.duplicate_id", message).help("give each its own id, or remove one").at_place(at);
                    if key.line > 0 {
                        fault.line = Some(key.line);
                        fault.column = Some(key.column);
                    }
                    self.faults.push(fault);
                }
                Entry::Vacant(free) => {
                    self.lines.insert(join(place, free.key()), (key.line, key.column));
                    free.insert(value);
                }
            }
        }
        seen.into_iter().collect()
    }

    pub(crate) fn list<'a>(&mut self, place: &str, raw: &'a Raw, expected: &str) -> &'a [Raw] {
        if let Value::List(items) = &raw.value {
            items
        } else {
            self.wrong_type(place, raw, expected);
            &[]
        }
    }

    pub(crate) fn text(&mut self, place: &str, raw: &Raw) -> Option<String> {
        let text = raw.scalar();
        if text.is_none() {
            self.wrong_type(place, raw, "a text");
        }
        text
    }

    /// A value as attributes are written: 1.0 and 1 are one number.
    fn attribute(&mut self, place: &str, raw: &Raw) -> Option<String> {
        match &raw.value {
            Value::Number(n) => n.as_f64().map(|n| n.to_string()),
            _ => self.text(place, raw),
        }
    }

    pub(crate) fn optional_text(&mut self, place: &str, raw: &Raw) -> Option<String> {
        if raw.value == Value::Null { None } else { self.text(place, raw) }
    }

    pub(crate) fn number(&mut self, place: &str, raw: &Raw, max: u64) -> Option<u64> {
        let number = if let Value::Number(n) = &raw.value { n.as_u64() } else { None };
        match number {
            Some(n) if n <= max => Some(n),
            _ => {
                self.note(place, raw);
                self.fault(place, "sop.wrong_number", format!("expected a whole number from 0 to {max}"), "");
                None
            }
        }
    }

    pub(crate) fn unknown_key(&mut self, place: &str, key: &str, known: &[&str]) {
        let close = known.iter().find(|k| similar(k, key));
        let help = close.map_or_else(|| format!("known here: {}", known.join(", ")), |k| format!("did you mean `{k}`?"));
        self.fault(&join(place, key), "sop.unknown_key", format!("`{key}` means nothing here"), help);
    }

    pub(crate) fn sop(&mut self, root: &Raw) -> Draft {
        const KEYS: [&str; 8] = ["format", "name", "version", "steps", "flow", "graph", "anytime", "accepted"];
        let mut draft = Draft::default();
        let (mut format, mut named, mut flow, mut graph) = (None, false, None, None);
        for (key, raw) in self.map("", root, "a map with format, name, steps and flow") {
            match key.as_str() {
                "format" => format = self.text("format", raw),
                "name" => {
                    named = true;
                    draft.name = self.text("name", raw).unwrap_or_default();
                }
                "version" => draft.version = self.version("version", raw),
                "steps" => draft.steps = self.steps(raw),
                "flow" => flow = Some(self.blocks("flow", raw)),
                "graph" => graph = self.graph("graph", raw),
                "anytime" => draft.anytime = self.names("anytime", raw),
                "accepted" => draft.accepted = self.accepted(raw),
                _ => self.unknown_key("", &key, &KEYS),
            }
        }
        self.check_format(format.as_deref());
        if !named {
            self.fault("name", "sop.missing", "the SOP has no name", "add `name: …`");
        }
        draft.body = match (flow, graph) {
            (Some(_), Some(_)) => {
                self.fault("graph", "sop.flow_and_graph", "both `flow` and `graph` are given", "keep one of them");
                None
            }
            (Some(blocks), None) => Some(Flow::Flow(blocks)),
            (None, Some(edges)) => Some(Flow::Graph(edges)),
            (None, None) => {
                if !self.faults.iter().any(|f| f.place.as_deref().is_some_and(|p| p.starts_with("graph"))) {
                    self.fault("flow", "sop.missing", "there is neither `flow` nor `graph`", "say which steps follow each other");
                }
                None
            }
        };
        draft
    }

    pub(crate) fn check_format(&mut self, format: Option<&str>) {
        match format {
            Some("goldpath/1") => {}
            Some(other) => self.fault("format", "sop.format", format!("format `{other}` is not known"), "this version reads `goldpath/1`"),
            None => self.fault("format", "sop.format", "the line `format: goldpath/1` is missing", "add it as the first line"),
        }
    }

    pub(super) fn version(&mut self, place: &str, raw: &Raw) -> Option<Version> {
        if let Value::Number(n) = &raw.value
            && let Some(n) = n.as_u64()
        {
            return Some(Version::Number(n));
        }
        self.optional_text(place, raw).map(Version::Text)
    }

    fn steps(&mut self, raw: &Raw) -> IndexMap<String, Step> {
        let mut steps = IndexMap::new();
        if let Value::List(items) = &raw.value {
            // A plain list of ids is the short form: steps without title or standards.
            for (i, item) in items.iter().enumerate() {
                let place = format!("steps[{i}]");
                self.note(&place, item);
                if let Some(id) = self.text(&place, item)
                    && steps.insert(id.clone(), Step::default()).is_some()
                {
                    self.fault(&place, "sop.duplicate_id", format!("`{id}` stands twice"), "give each its own id, or remove one");
                }
            }
            return steps;
        }
        for (id, raw) in self.map("steps", raw, "a map from step id to step") {
            let place = join("steps", &id);
            let step = self.step(&place, raw);
            if id.trim().is_empty() {
                self.fault(&place, "sop.empty_id", "a step id is empty", "name the step");
            }
            steps.insert(id, step);
        }
        steps
    }

    pub(super) fn step(&mut self, place: &str, raw: &Raw) -> Step {
        const KEYS: [&str; 7] = ["title", "stage", "guidance", "by", "cost", "standards", "unplanned"];
        let mut step = Step::default();
        if raw.value == Value::Null {
            return step;
        }
        for (key, raw) in self.map(place, raw, "a map with title, stage, guidance, standards") {
            let at = join(place, &key);
            match key.as_str() {
                "title" => step.title = self.optional_text(&at, raw),
                "stage" => step.stage = self.optional_text(&at, raw),
                "guidance" => step.guidance = self.optional_text(&at, raw),
                "by" => match raw.scalar().as_deref() {
                    Some("agent") => step.by = Actor::Agent,
                    Some("customer") => step.by = Actor::Customer,
                    _ => self.fault(&at, "sop.wrong_value", "`by` is `agent` or `customer`", ""),
                },
                "cost" => step.cost = self.cost(&at, raw),
                "standards" => step.standards = self.standards(&at, raw),
                "unplanned" => match raw.value {
                    Value::Bool(b) => step.unplanned = b,
                    _ => self.wrong_type(&at, raw, "true or false"),
                },
                _ => self.unknown_key(place, &key, &KEYS),
            }
        }
        step
    }

    pub(super) fn cost(&mut self, place: &str, raw: &Raw) -> StepCost {
        let mut cost = StepCost::default();
        for (key, raw) in self.map(place, raw, "a map with extra and skipped") {
            let at = join(place, &key);
            let read = |reader: &mut Self| reader.number(&at, raw, 100).map_or(1, |n| n as u8);
            match key.as_str() {
                "extra" => cost.extra = read(self),
                "skipped" => cost.skipped = read(self),
                _ => self.unknown_key(place, &key, &["extra", "skipped"]),
            }
        }
        cost
    }

    pub(super) fn blocks(&mut self, place: &str, raw: &Raw) -> Vec<Block> {
        self.note(place, raw);
        if let Some(step) = raw.scalar() {
            return vec![Block::Step(step)];
        }
        let items = self.list(place, raw, "a list of steps and blocks");
        // A member that cannot be read leaves an empty block, so that the places of those behind it stay true.
        let unread = || Block::Sequence(Vec::new());
        items.iter().enumerate().map(|(i, item)| self.block(&format!("{place}[{i}]"), item).unwrap_or_else(unread)).collect()
    }

    pub(super) fn block(&mut self, place: &str, raw: &Raw) -> Option<Block> {
        const KINDS: [&str; 6] = ["sequence", "any_order", "optional", "one_of", "repeat", "when"];
        self.note(place, raw);
        match &raw.value {
            Value::List(_) => return Some(Block::Sequence(self.blocks(place, raw))),
            Value::Map(_) => {}
            _ => return self.text(place, raw).map(Block::Step),
        }
        let entries = self.map(place, raw, "a block");
        let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| entries.iter().any(|(key, _)| key == kind)).collect();
        let [kind] = kinds[..] else {
            let message =
                if kinds.is_empty() { "the block has no kind".to_owned() } else { format!("the block has {} kinds: {}", kinds.len(), kinds.join(", ")) };
            let typo =
                entries.iter().find_map(|(key, _)| KINDS.iter().find(|kind| similar(kind, key)).map(|kind| format!("did you mean `{kind}` for `{key}`?")));
            self.fault(place, "sop.block_kind", message, typo.unwrap_or_else(|| format!("a block is one of {}", KINDS.join(", "))));
            return None;
        };
        let known: &[&str] = match kind {
            "repeat" => &["repeat", "at_least", "at_most"],
            "when" => &["when", "then"],
            _ => &[kind],
        };
        for (key, _) in &entries {
            if !known.contains(&key.as_str()) {
                self.unknown_key(place, key, known);
            }
        }
        let get = |name: &str| entries.iter().find(|(key, _)| key == name).map(|(_, raw)| *raw);
        let raw = get(kind)?;
        // The model does not tell a named sequence from a bare list: neither do the places.
        let at = if kind == "sequence" { place.to_owned() } else { join(place, kind) };
        Some(match kind {
            "sequence" => Block::Sequence(self.blocks(&at, raw)),
            "any_order" => Block::AnyOrder { any_order: self.blocks(&at, raw) },
            "optional" => Block::Optional { optional: self.blocks(&at, raw) },
            "one_of" => Block::OneOf { one_of: self.blocks(&at, raw) },
            "repeat" => {
                let mut bound = |name: &str| get(name).and_then(|raw| self.number(&join(place, name), raw, u64::from(u32::MAX)));
                let (at_least, at_most) = (bound("at_least").unwrap_or(0) as u32, bound("at_most").map(|n| n as u32));
                Block::Repeat { repeat: self.blocks(&at, raw), at_least, at_most }
            }
            _ => {
                let when = self.condition(&at, raw);
                let then = if let Some(raw) = get("then") {
                    self.blocks(&join(place, "then"), raw)
                } else {
                    self.fault(place, "sop.missing", "`when` has no `then`", "say which part the condition guards");
                    Vec::new()
                };
                Block::When { when, then }
            }
        })
    }

    pub(crate) fn condition(&mut self, place: &str, raw: &Raw) -> Condition {
        let mut condition = Condition::default();
        for (name, raw) in self.map(place, raw, "a map from attribute to value") {
            let at = join(place, &name);
            let values = match &raw.value {
                Value::List(items) => OneOrMany::Many(items.iter().filter_map(|item| self.attribute(&at, item)).collect()),
                _ => OneOrMany::One(self.attribute(&at, raw).unwrap_or_default()),
            };
            if values.as_slice().is_empty() {
                self.fault(&at, "sop.empty_condition", "the list of values is empty", "no case could ever match");
            }
            condition.0.insert(name, values);
        }
        if condition.0.is_empty() && matches!(raw.value, Value::Map(_)) {
            self.note(place, raw);
            self.fault(place, "sop.empty_condition", "the condition names no attribute", "such as `{segment: enterprise}`");
        }
        condition
    }

    pub(super) fn graph(&mut self, place: &str, raw: &Raw) -> Option<EdgeList> {
        let mut list = EdgeList { start: String::new(), end: String::new(), edges: Vec::new() };
        let (mut start, mut end) = (false, false);
        for (key, raw) in self.map(place, raw, "a map with start, end and edges") {
            let at = join(place, &key);
            match key.as_str() {
                "start" => start = self.text(&at, raw).map(|s| list.start = s).is_some(),
                "end" => end = self.text(&at, raw).map(|s| list.end = s).is_some(),
                "edges" => {
                    for (i, item) in self.list(&at, raw, "a list of pairs").iter().enumerate() {
                        let at = format!("{at}[{i}]");
                        self.note(&at, item);
                        let names = self.names(&at, item);
                        match <[String; 2]>::try_from(names) {
                            Ok([a, b]) => list.edges.push((a, b)),
                            Err(names) => {
                                let message = format!("an edge is a pair of steps, this one has {}", names.len());
                                self.fault(&at, "sop.wrong_edge", message, "write `[from, to]`");
                            }
                        }
                    }
                }
                _ => self.unknown_key(place, &key, &["start", "end", "edges"]),
            }
        }
        for (there, name) in [(start, "start"), (end, "end")] {
            if !there {
                self.fault(place, "sop.missing", format!("the graph names no `{name}`"), "name the step");
            }
        }
        (start && end).then_some(list)
    }

    pub(super) fn names(&mut self, place: &str, raw: &Raw) -> Vec<String> {
        let mut names = Vec::new();
        for (i, item) in self.list(place, raw, "a list of steps").iter().enumerate() {
            let at = format!("{place}[{i}]");
            self.note(&at, item);
            names.extend(self.text(&at, item));
        }
        names
    }

    fn accepted(&mut self, raw: &Raw) -> Vec<Accepted> {
        let mut accepted = Vec::new();
        for (i, item) in self.list("accepted", raw, "a list of accepted deviations").iter().enumerate() {
            accepted.extend(self.accepted_rule(&format!("accepted[{i}]"), item));
        }
        accepted
    }

    pub(super) fn accepted_rule(&mut self, place: &str, item: &Raw) -> Option<Accepted> {
        const KINDS: [(&str, AcceptedKind); 6] = [
            ("skip", AcceptedKind::Skip),
            ("extra", AcceptedKind::Extra),
            ("out_of_order", AcceptedKind::OutOfOrder),
            ("repeat", AcceptedKind::Repeat),
            ("below_standard", AcceptedKind::BelowStandard),
            ("late", AcceptedKind::Late),
        ];
        self.note(place, item);
        let mut rule = Accepted { kind: AcceptedKind::Skip, step: String::new(), when: Condition::default(), reason: None, from: None, until: None };
        let mut kinds = 0;
        for (key, raw) in self.map(place, item, "a map such as {skip: step, reason: …}") {
            let at = join(place, &key);
            if let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == key) {
                kinds += 1;
                rule.kind = *kind;
                rule.step = self.text(&at, raw).unwrap_or_default();
                continue;
            }
            match key.as_str() {
                "when" => rule.when = self.condition(&at, raw),
                "reason" => rule.reason = self.optional_text(&at, raw),
                "from" => rule.from = self.date(&at, raw),
                "until" => rule.until = self.date(&at, raw),
                _ => self.unknown_key(place, &key, &["skip", "extra", "out_of_order", "repeat", "below_standard", "late", "when", "reason", "from", "until"]),
            }
        }
        if kinds != 1 {
            self.fault(
                place,
                "sop.accepted_kind",
                format!("{kinds} deviations named where one is expected"),
                "one of skip, extra, out_of_order, repeat, below_standard, late",
            );
        }
        (kinds == 1).then_some(rule)
    }

    pub(super) fn date(&mut self, place: &str, raw: &Raw) -> Option<Date> {
        let date = raw.scalar().and_then(|text| text.parse().ok());
        if date.is_none() {
            self.fault(place, "sop.wrong_date", "not a date", "write it as 2027-01-31");
        }
        date
    }
}

/// `place.key`, or the key alone at the root.
pub(crate) fn join(place: &str, key: &str) -> String {
    if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") }
}

/// Whether two names differ by at most two edits, which is how typing errors look.
fn similar(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 2 || a.len() < 4 || b.len() > 30 {
        return false;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let cost = (diagonal + usize::from(ca != cb)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = cost;
        }
    }
    row[b.len()] <= 2
}
