//! Arbitrary SOPs of bounded size: every kind of block, graphs, bounds, conditions, costs and awkward texts.

use serde_json::{Map, Value, json};

use super::rng::Rng;
use crate::sop::Sop;

/// Titles that a careless writer of YAML would lose.
const TITLES: [&str; 12] = ["开场", "Need", "yes", "007", "a: b", "'quoted' \"twice\"", "# no comment", "- dash", "null", "两行\n标题", "tab\there", "{x}"];
/// Deepest nesting of blocks.
const DEPTH: usize = 5;
/// Most copies of one part that bounds around it may make.
const COPIES: u32 = 6;

/// A random valid SOP with about `size` places of steps (1 to 200 are sensible), the same for the same seed. One in five
/// is a graph; the others are blocks.
///
/// ```
/// let sop = goldpath::simulate::random_sop(7, 12);
/// assert_eq!(goldpath::Sop::parse(&sop.to_yaml())?, sop);
/// # Ok::<(), goldpath::Error>(())
/// ```
pub fn random_sop(seed: u64, size: usize) -> Sop {
    // The first draft is valid by construction; the tests hold it to that.
    let mut drafts = (seed..=u64::MAX).chain(0..seed).filter_map(|seed| Sop::from_value(draft(seed, size)).ok());
    drafts.next().unwrap_or_else(|| unreachable!("some seed gives a valid SOP"))
}

/// The SOP as a value, not yet checked.
pub(super) fn draft(seed: u64, size: usize) -> Value {
    let mut writer = Writer { rng: Rng::new(seed ^ 0x736f_7073), left: size.max(1), placed: 0 };
    let graph = size >= 2 && writer.rng.chance(0.2);
    let body = if graph { writer.graph(size) } else { writer.flow(size) };
    let mut sop = Map::new();
    sop.insert("format".into(), "goldpath/1".into());
    sop.insert("name".into(), format!("random {seed}").into());
    match writer.rng.below(3) {
        0 => {}
        1 => {
            sop.insert("version".into(), writer.rng.below(9).into());
        }
        _ => {
            sop.insert("version".into(), "2026-spring".into());
        }
    }
    let (steps, anytime) = writer.steps();
    let accepted = writer.accepted();
    sop.insert("steps".into(), steps.into());
    sop.insert(if graph { "graph" } else { "flow" }.into(), body);
    if !anytime.is_empty() {
        sop.insert("anytime".into(), anytime.into());
    }
    if !accepted.is_empty() {
        sop.insert("accepted".into(), accepted.into());
    }
    sop.into()
}

fn id(i: usize) -> String {
    format!("s{i}")
}

struct Writer {
    rng: Rng,
    /// Places of steps still to give.
    left: usize,
    /// Steps placed so far: `s0` to `s{placed - 1}`.
    placed: usize,
}

/// What surrounds a block.
#[derive(Clone, Copy)]
struct Around {
    depth: usize,
    copies: u32,
    any_order: bool,
}

impl Writer {
    fn flow(&mut self, size: usize) -> Value {
        let mut blocks = Vec::new();
        while self.left > 0 {
            let part = 1 + self.rng.below(size.min(12));
            blocks.push(self.block(part, Around { depth: 0, copies: 1, any_order: false }));
        }
        blocks.into()
    }

    fn leaf(&mut self) -> Value {
        self.left = self.left.saturating_sub(1);
        if self.placed > 0 && self.rng.chance(0.15) {
            return id(self.rng.below(self.placed)).into();
        }
        self.placed += 1;
        id(self.placed - 1).into()
    }

    /// A block of at most `places` places of steps, or one.
    fn block(&mut self, places: usize, around: Around) -> Value {
        let places = places.min(self.left);
        if places <= 1 || around.depth >= DEPTH || self.rng.chance(0.15) {
            return self.leaf();
        }
        let inside = Around { depth: around.depth + 1, ..around };
        match self.rng.below(7) {
            // States of interleaving are a product: one level of it, of short members.
            0 | 1 if !around.any_order => {
                let count = 2 + self.rng.below(2);
                let inside = Around { any_order: true, copies: around.copies.max(3), ..inside };
                json!({"any_order": self.members(places.min(9), count, inside)})
            }
            2 => {
                let count = 2 + self.rng.below(3);
                json!({"one_of": self.members(places, count, inside)})
            }
            3 => json!({"optional": self.some(places, inside)}),
            4 => self.repeat(places, inside),
            5 => json!({"when": self.condition(), "then": self.some(places, inside)}),
            6 => json!({"sequence": self.some(places, inside)}),
            _ => self.some(places, inside),
        }
    }

    fn some(&mut self, places: usize, around: Around) -> Value {
        let count = 1 + self.rng.below(3);
        self.members(places, count, around)
    }

    fn members(&mut self, places: usize, count: usize, around: Around) -> Value {
        let each = (places / count).max(1);
        (0..count).map(|_| self.block(each, around)).collect()
    }

    fn repeat(&mut self, places: usize, around: Around) -> Value {
        let room = COPIES / around.copies;
        let at_least = self.rng.below(room.min(3) as usize + 1) as u32;
        let at_most = self.rng.chance(0.5).then(|| at_least.max(1) + u32::from(room > at_least.max(1) && self.rng.chance(0.5)));
        let copies = around.copies * at_most.unwrap_or(at_least).max(1);
        let mut block = Map::new();
        block.insert("repeat".into(), self.some(places, Around { copies, ..around }));
        if at_least > 0 || self.rng.chance(0.2) {
            block.insert("at_least".into(), at_least.into());
        }
        if let Some(most) = at_most {
            block.insert("at_most".into(), most.into());
        }
        block.into()
    }

    fn condition(&mut self) -> Value {
        match self.rng.below(4) {
            0 => json!({"segment": "enterprise"}),
            1 => json!({"segment": ["mid", "enterprise"]}),
            2 => json!({"channel": "call", "segment": "smb"}),
            _ => json!({"renewal": "true"}),
        }
    }

    /// A chain, so that everything is reached and leads to the end, and edges across it in both directions.
    fn graph(&mut self, size: usize) -> Value {
        self.placed = size;
        let mut edges: Vec<(usize, usize)> = (1..size).map(|i| (i - 1, i)).collect();
        for _ in 0..self.rng.below(2 * size) {
            let edge = (self.rng.below(size), self.rng.below(size));
            if !edges.contains(&edge) {
                edges.push(edge);
            }
        }
        let edges: Vec<Value> = edges.into_iter().map(|(a, b)| json!([id(a), id(b)])).collect();
        json!({"start": id(0), "end": id(size - 1), "edges": edges})
    }

    /// All steps, and those that are allowed anywhere.
    fn steps(&mut self) -> (Map<String, Value>, Vec<String>) {
        let mut steps: Vec<(String, Value)> = (0..self.placed).map(|i| (id(i), self.step())).collect();
        let anytime: Vec<String> = (0..self.rng.below(3)).map(|i| format!("any{i}")).collect();
        steps.extend(anytime.iter().map(|name| (name.clone(), json!({}))));
        if self.rng.chance(0.3) {
            steps.push(("known".into(), json!({"unplanned": true, "title": "Known, not planned"})));
        }
        // The order of the file need not be that of the flow.
        for i in (1..steps.len()).rev().filter(|_| self.placed.is_multiple_of(2)) {
            let j = self.rng.below(i + 1);
            steps.swap(i, j);
        }
        (steps.into_iter().collect(), anytime)
    }

    fn step(&mut self) -> Value {
        let mut step = Map::new();
        if self.rng.chance(0.5) {
            step.insert("title".into(), self.rng.pick(&TITLES).copied().into());
            step.insert("stage".into(), format!("stage {}", self.rng.below(4)).into());
        }
        if self.rng.chance(0.15) {
            step.insert("by".into(), "customer".into());
        }
        if self.rng.chance(0.15) {
            let (extra, skipped) = (self.rng.below(6), self.rng.below(6));
            step.insert("cost".into(), json!({"extra": extra, "skipped": skipped}));
        }
        if self.rng.chance(0.1) {
            let more = match self.rng.below(5) {
                0 => json!({"agent_talk_share": {"at_least": 0.1, "at_most": 0.65}, "title": "yes"}),
                1 => json!({"customer_says": {"any": ["007", "好", "a: b"], "at_least": 2}, "when": self.condition()}),
                2 => json!({"after": {"step": id(self.rng.below(self.placed)), "within_hours": 1.5}}),
                3 => json!({"requires": {"segment": ["smb", 3]}}),
                _ => json!({"duration": {"at_most": 2.5, "unit": "minutes"}}),
            };
            step.insert("standards".into(), json!([{"questions": {"at_least": 2}}, {"agent_says": ["预算", "on: off"]}, more]));
        }
        step.into()
    }

    fn accepted(&mut self) -> Vec<Value> {
        let kinds = ["skip", "extra", "out_of_order", "repeat"];
        let count = self.rng.below(3);
        (0..count)
            .map(|_| {
                let (kind, step) = (kinds[self.rng.below(4)], id(self.rng.below(self.placed)));
                let mut rule = Map::new();
                rule.insert(kind.into(), step.into());
                if self.rng.chance(0.5) {
                    rule.insert("when".into(), self.condition());
                }
                if self.rng.chance(0.5) {
                    rule.insert("until".into(), "2027-01-01".into());
                }
                rule.into()
            })
            .collect()
    }
}
