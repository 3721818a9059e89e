//! The map as a nested list: the drawing of a narrow screen, and what a screen reader reads.

use std::fmt::Write;

use super::{place_of, reached};
use crate::check::FlowCounts;
use crate::sop::{Actor, Block, Flow, GraphNode, Sop};
use crate::text::{escape_html, plain, short};
use crate::words::{Labels, Lang, count, fill, labels, share};

/// The flow as HTML lists, everything escaped.
pub(crate) fn list(sop: &Sop, counts: &FlowCounts, lang: Lang) -> String {
    let mut made = List { sop, counts, lang, labels: labels(lang), place: 0, html: String::new() };
    match sop.flow() {
        Flow::Flow(blocks) => made.blocks(blocks),
        Flow::Graph(_) => made.graph(),
    }
    made.html
}

struct List<'a> {
    sop: &'a Sop,
    counts: &'a FlowCounts,
    lang: Lang,
    labels: &'static Labels,
    place: usize,
    html: String,
}

impl List<'_> {
    fn blocks(&mut self, blocks: &[Block]) {
        self.html.push_str("<ol class=\"way\">");
        for block in blocks {
            match block {
                Block::Step(id) => {
                    let place = self.place;
                    self.place += 1;
                    self.step(id, place, None);
                }
                Block::Sequence(members) => {
                    self.html.push_str("<li class=\"part\">");
                    self.blocks(members);
                    self.html.push_str("</li>");
                }
                _ => {
                    let label = match block {
                        Block::AnyOrder { .. } => self.labels.any_order.to_owned(),
                        Block::OneOf { .. } => self.labels.one_of.to_owned(),
                        Block::When { when, .. } => fill(self.labels.only_when, &[&short(&when.to_string(), 120)]),
                        Block::Repeat { at_least, at_most, .. } => self.labels.rounds(*at_least, *at_most),
                        _ => self.labels.optional.to_owned(),
                    };
                    let _ = write!(self.html, "<li class=\"part framed\"><span class=\"note\">{}</span>", escape_html(&plain(&label)));
                    self.blocks(block.members());
                    self.html.push_str("</li>");
                }
            }
        }
        self.html.push_str("</ol>");
    }

    fn step(&mut self, id: &str, place: usize, next: Option<String>) {
        let c = self.counts;
        let (done, skipped, stopped) = (c.done[place], c.skipped[place], c.stopped[place]);
        let reached = reached(c, place);
        let of = |n: u64| share(if reached == 0 { 0.0 } else { n as f64 / reached as f64 }, self.lang);
        let customer = self.sop.steps().get(id).is_some_and(|step| step.by == Actor::Customer);
        let width = if c.cases == 0 { 1.5 } else { 1.5 + 8.0 * done as f64 / c.cases as f64 };
        let _ = write!(
            self.html,
            "<li class=\"at{}\" style=\"--w:{width:.1}px\"><b>{}</b> <span class=\"small\">{}{}</span>",
            if customer { " customer" } else { "" },
            escape_html(&short(self.sop.title(id), 160)),
            fill(self.labels.n_cases, &[&count(done)]),
            if customer { format!(" · {}", self.labels.customer) } else { String::new() }
        );
        if skipped > 0 && !customer {
            let _ = write!(
                self.html,
                " <span class=\"out\">{} <span class=\"small\">({})</span></span>",
                fill(self.labels.skipped_share, &[&of(skipped)]),
                count(skipped)
            );
        }
        if stopped > 0 {
            let _ = write!(
                self.html,
                " <span class=\"out\">{} <span class=\"small\">({})</span></span>",
                fill(self.labels.stopped_share, &[&of(stopped)]),
                count(stopped)
            );
        }
        if let Some(next) = next {
            let _ = write!(self.html, "<br><span class=\"small\">{}</span>", escape_html(&next));
        }
        self.html.push_str("</li>");
    }

    /// A flow written as a graph: each step with those that may follow.
    fn graph(&mut self) {
        let drawn = self.sop.graph();
        self.html.push_str("<ol class=\"way\">");
        for index in drawn.graph.node_indices() {
            let (Some(place), GraphNode::Step { id, .. }) = (place_of(&drawn, index), &drawn.graph[index]) else { continue };
            let mut next: Vec<_> = drawn.graph.edge_indices().filter(|&e| drawn.graph.edge_endpoints(e).is_some_and(|(a, _)| a == index)).collect();
            next.sort_unstable();
            let next: Vec<String> = (next.into_iter())
                .filter_map(|edge| {
                    let (_, to) = drawn.graph.edge_endpoints(edge)?;
                    let title = if let GraphNode::Step { id, .. } = &drawn.graph[to] { short(self.sop.title(id), 40) } else { self.labels.end.to_owned() };
                    Some(format!("{title} ({})", count(self.counts.edges[edge.index()])))
                })
                .collect();
            self.step(id, place, Some(fill(self.labels.then, &[&next.join(" · ")])));
        }
        self.html.push_str("</ol>");
    }
}
