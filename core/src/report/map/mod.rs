//! The map of an SOP: one strip from left to right, cut into rows, as SVG; and the same as a nested list, which is what a
//! narrow screen shows and a screen reader reads.
//!
//! In: a [`Sop`], and how the cases went through it where that is known. Out: SVG or HTML text, everything escaped.

mod diff;
mod layered;
mod layout;
mod list;

use std::fmt::Write;

use petgraph::graph::NodeIndex;

use self::layout::{GAP, Placed, STEP, Strip};
use crate::check::FlowCounts;
use crate::sop::{Actor, GraphNode, Mark, Playbook, Sop, SopGraph};
use crate::text::{escape_html, plain, short, width};
use crate::words::{Labels, Lang, count, fill, labels, share};

pub(super) use list::list;

/// Width of the drawing; text is 13 units tall.
const WIDTH: f64 = 980.0;
/// Space at both ends of a row, and between rows.
const MARGIN: f64 = 12.0;
const STAGE: f64 = 26.0;
/// Shares below this are not drawn: the list and the table have them.
const SMALLEST: f64 = 0.01;

impl Sop {
    /// The SOP as an SVG drawing that needs nothing beside it, wide enough to read and wrapped into rows.
    ///
    /// ```
    /// let sop = goldpath::Sop::parse("{format: goldpath/1, name: demo, steps: [open, close], flow: [open, close]}")?;
    /// assert!(sop.to_svg(goldpath::Lang::En).starts_with("<svg"));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    pub fn to_svg(&self, lang: Lang) -> String {
        draw(self, None, lang, "goldpath-map", Some(include_str!("../map.css")))
    }
}

impl Playbook {
    /// All its SOPs as one SVG drawing, each under its name and the cases it is for.
    ///
    /// ```
    /// let sop = goldpath::Sop::parse("{format: goldpath/1, name: demo, steps: [open, close], flow: [open, close]}")?;
    /// let playbook = goldpath::Playbook::by("segment", [("smb", sop.clone()), ("enterprise", sop)]);
    /// assert!(playbook.to_svg(goldpath::Lang::En).contains("demo (segment = smb)"));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    pub fn to_svg(&self, lang: Lang) -> String {
        let (mut body, mut y) = (String::new(), 0.0);
        for entry in self.entries() {
            let when = if entry.when.0.is_empty() { String::new() } else { format!(" ({})", entry.when) };
            let name = escape_html(&short(&format!("{}{when}", entry.sop.name()), 120));
            let (drawn, height) = body_of(&entry.sop, None, &[], lang);
            let _ = write!(body, "<text class=\"stage\" x=\"{MARGIN}\" y=\"{:.1}\">{name}</text>", y + STAGE * 0.7);
            let _ = write!(body, "<g transform=\"translate(0 {:.1})\">{drawn}</g>", y + STAGE);
            y += STAGE + height + GAP;
        }
        let names: Vec<String> = self.sops().map(|sop| short(sop.name(), 40)).collect();
        framed(&body, y, &short(&names.join(", "), 120), lang, "goldpath-map", Some(include_str!("../map.css")))
    }
}

/// The drawing inside a page, which has the styles already.
pub(super) fn svg(sop: &Sop, counts: &FlowCounts, lang: Lang, id: &str) -> String {
    draw(sop, Some(counts), lang, id, None)
}

fn draw(sop: &Sop, counts: Option<&FlowCounts>, lang: Lang, id: &str, style: Option<&str>) -> String {
    let (body, height) = body_of(sop, counts, &[], lang);
    framed(&body, height, &short(sop.name(), 120), lang, id, style)
}

/// The rows of one SOP, and how tall they are. Marks are those of the places, or none.
fn body_of(sop: &Sop, counts: Option<&FlowCounts>, marks: &[Mark], lang: Lang) -> (String, f64) {
    let labels = labels(lang);
    let graph = sop.graph();
    let strip = layout::strip(sop, &graph, if counts.is_some() { 25.0 } else { 8.0 }, labels);
    let page = Page { sop, graph: &graph, counts, marks, lang, labels, strip: &strip };
    let (mut body, mut y) = (String::new(), 0.0);
    for (from, to) in rows(&strip) {
        y += page.row(&mut body, from, to, y) + 14.0;
    }
    (body, y)
}

fn framed(body: &str, height: f64, name: &str, lang: Lang, id: &str, style: Option<&str>) -> String {
    let style = style.map_or_else(String::new, |css| format!("<style>{css}</style>"));
    let title = escape_html(&fill(labels(lang).map_title, &[name]));
    format!(
        "<svg class=\"map\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" role=\"img\" aria-labelledby=\"{id}-t\"><title id=\"{id}-t\">{title}</title>{style}{body}</svg>"
    )
}

/// Where the strip is cut: between nodes, as far right as the width allows, rather where fewer lines are cut.
fn rows(strip: &Strip) -> Vec<(f64, f64)> {
    let (room, end) = (WIDTH - 2.0 * MARGIN, strip.nodes.iter().map(|n| n.x + n.w / 2.0).fold(0.0, f64::max) + GAP / 2.0);
    let mut spans: Vec<(f64, f64)> = strip.nodes.iter().map(|n| (n.x - n.w / 2.0, n.x + n.w / 2.0)).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (mut cuts, mut reach) = (Vec::new(), f64::MIN);
    for (left, right) in spans {
        if reach > f64::MIN && left > reach + 4.0 {
            cuts.push(f64::midpoint(reach, left));
        }
        reach = reach.max(right);
    }
    let crossing = |x: f64| strip.lines.iter().filter(|line| line.span.0 < x && x < line.span.1).count();
    let (mut made, mut from) = (Vec::new(), -GAP / 2.0);
    while end - from > room {
        let fits = || cuts.iter().copied().filter(|&x| x > from + STEP.0 && x <= from + room);
        let best = fits().filter(|&x| x > from + room * 0.45).map(|x| (crossing(x), -x)).min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let Some(cut) = best.map(|(_, x)| -x).or_else(|| fits().next_back()) else { break };
        made.push((from, cut));
        from = cut;
    }
    made.push((from, end));
    made
}

struct Page<'a> {
    sop: &'a Sop,
    graph: &'a SopGraph,
    counts: Option<&'a FlowCounts>,
    marks: &'a [Mark],
    lang: Lang,
    labels: &'static Labels,
    strip: &'a Strip,
}

impl Page<'_> {
    /// Draws the part of the strip between two cuts as a row; gives its height.
    fn row(&self, out: &mut String, from: f64, to: f64, y: f64) -> f64 {
        let nodes: Vec<&Placed> = self.strip.nodes.iter().filter(|n| n.x > from && n.x < to).collect();
        let lines: Vec<_> = self.strip.lines.iter().filter(|l| l.span.0 < to && l.span.1 > from).collect();
        let frames: Vec<_> = self.strip.frames.iter().filter(|f| f.x.0 < to && f.x.1 > from).collect();
        let room = if self.counts.is_some() { 25.0 } else { 6.0 };
        let (mut top, mut low) = (f64::MAX, f64::MIN);
        for node in &nodes {
            let half = if node.w > STEP.0 / 2.0 { STEP.1 / 2.0 + room } else { 8.0 };
            (top, low) = (top.min(node.y - half), low.max(node.y + half));
        }
        for (high, deep) in lines.iter().flat_map(|l| l.rows(from, to)).chain(frames.iter().map(|f| f.y)) {
            (top, low) = (top.min(high - 6.0), low.max(deep + 8.0));
        }
        let stages = self.stages(&nodes);
        let head = if stages.is_empty() { 0.0 } else { STAGE };
        let height = low - top + head;
        let _ = write!(
            out,
            "<svg x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" viewBox=\"{from:.1} {:.1} {:.1} {height:.1}\">",
            MARGIN,
            to - from,
            top - head,
            to - from
        );
        for (a, b, stage, even) in stages {
            let (a, b) = (a.max(from + 1.0), b.min(to - 1.0));
            let _ = write!(
                out,
                "<rect class=\"band{}\" x=\"{a:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\"/><text class=\"stage\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                if even { " even" } else { "" },
                top - head,
                b - a,
                a + 8.0,
                top - head + 17.0,
                escape_html(&short(&stage, ((b - a - 16.0) / 6.8).max(4.0) as usize))
            );
        }
        for frame in frames {
            let (a, b) = frame.x;
            let _ = write!(
                out,
                "<rect class=\"frame\" x=\"{a:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"8\"/>",
                frame.y.0,
                b - a,
                frame.y.1 - frame.y.0
            );
            if a > from {
                let _ = write!(
                    out,
                    "<text class=\"note\" x=\"{:.1}\" y=\"{:.1}\">{}<title>{}</title></text>",
                    a + 9.0,
                    frame.y.0 + 14.0,
                    escape_html(&short(&frame.label, ((b - a - 18.0) / 6.1) as usize)),
                    escape_html(&plain(&frame.label))
                );
            }
        }
        for line in lines {
            self.line(out, line);
        }
        for node in nodes {
            self.node(out, node);
        }
        out.push_str("</svg>");
        height
    }

    fn line(&self, out: &mut String, line: &layout::Line) {
        let most = self.counts.map_or(0, |c| c.edges.iter().copied().max().unwrap_or(0));
        let (width, n) = match self.counts {
            Some(c) if most > 0 => (1.0 + 9.0 * c.edges[line.edge] as f64 / most as f64, Some(c.edges[line.edge])),
            _ => (1.6, None),
        };
        let tip = n.map_or_else(String::new, |n| format!("<title>{}</title>", escape_html(&fill(self.labels.took, &[&count(n)]))));
        let none = if n == Some(0) { " none" } else { "" };
        let _ = write!(out, "<path class=\"flow{none}\" stroke-width=\"{width:.2}\" d=\"{}\">{tip}</path>", line.path);
    }

    fn node(&self, out: &mut String, placed: &Placed) {
        let (x, y) = (placed.x, placed.y);
        let (id, place) = match &self.graph.graph[placed.node] {
            GraphNode::Step { id, node } => (id, *node as usize),
            GraphNode::Start => {
                let _ = write!(out, "<circle class=\"start\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\"><title>{}</title></circle>", self.labels.start);
                return;
            }
            GraphNode::End => {
                let _ = write!(out, "<circle class=\"end\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\"><title>{}</title></circle>", self.labels.end);
                return;
            }
            GraphNode::Split(_) | GraphNode::Join(_) => {
                let _ = write!(out, "<circle class=\"gate\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>");
                return;
            }
        };
        let customer = self.sop.steps().get(id).is_some_and(|step| step.by == Actor::Customer);
        let (wide, tall) = STEP;
        let mark = self.marks.get(place).and_then(|&mark| diff::said(mark, self.labels));
        let _ = write!(
            out,
            "<g><title>{}</title><rect class=\"step{}{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{wide}\" height=\"{tall}\" rx=\"{}\"/>",
            escape_html(&self.tip(id, place)),
            if customer { " customer" } else { "" },
            mark.map_or("", |(class, _)| class),
            x - wide / 2.0,
            y - tall / 2.0,
            if customer { 22 } else { 5 }
        );
        let lines = wrap(self.sop.title(id), 15);
        let under = match (self.counts, customer) {
            _ if let Some((_, word)) = mark => Some(word.to_owned()),
            (Some(c), _) => Some(fill(self.labels.n_cases, &[&count(c.done[place])])),
            (None, true) => Some(self.labels.customer.to_owned()),
            (None, false) => None,
        };
        let rows = lines.len() + usize::from(under.is_some());
        let mut baseline = y + 4.5 - (rows as f64 - 1.0) * 8.0;
        for line in lines {
            let _ = write!(out, "<text class=\"name\" x=\"{x:.1}\" y=\"{baseline:.1}\">{}</text>", escape_html(&line));
            baseline += 16.0;
        }
        if let Some(text) = under {
            let _ = write!(out, "<text class=\"small\" x=\"{x:.1}\" y=\"{baseline:.1}\">{}</text>", escape_html(&text));
        }
        out.push_str("</g>");
        if let Some(counts) = self.counts {
            self.leaving(out, counts, place, x, y);
        }
    }

    /// The thin coloured lines where cases leave the path: over the step where it is skipped, down before it where they stop.
    fn leaving(&self, out: &mut String, counts: &FlowCounts, place: usize, x: f64, y: f64) {
        let (wide, tall) = STEP;
        let reached = reached(counts, place);
        let of = |cases: u64| if reached == 0 { 0.0 } else { cases as f64 / reached as f64 };
        let customer = self.sop.nodes().get(place).is_some_and(|at| self.sop.steps()[at.step as usize].by == Actor::Customer);
        let (skipped, stopped) = (of(counts.skipped[place]), of(counts.stopped[place]));
        if skipped >= SMALLEST && !customer {
            let (a, b, top) = (x - wide / 2.0 - 9.0, x + wide / 2.0 + 9.0, y - tall / 2.0 - 8.0);
            let _ = write!(
                out,
                "<path class=\"skip\" d=\"M{a:.1} {y:.1}C{a:.1} {top:.1} {a:.1} {top:.1} {:.1} {top:.1}L{:.1} {top:.1}C{b:.1} {top:.1} {b:.1} {top:.1} {b:.1} {y:.1}\"/><text class=\"out\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
                a + 14.0,
                b - 14.0,
                top - 4.0,
                escape_html(&fill(self.labels.skipped_share, &[&share(skipped, self.lang)]))
            );
        }
        if stopped >= SMALLEST {
            let (a, low) = (x - wide / 2.0 - 9.0, y + tall / 2.0 + 10.0);
            let _ = write!(
                out,
                "<path class=\"stop\" d=\"M{a:.1} {y:.1}L{a:.1} {low:.1}M{:.1} {low:.1}L{:.1} {low:.1}\"/><text class=\"out left\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                a - 5.0,
                a + 5.0,
                a + 9.0,
                low + 4.0,
                escape_html(&fill(self.labels.stopped_share, &[&share(stopped, self.lang)]))
            );
        }
    }

    fn tip(&self, id: &str, place: usize) -> String {
        let mut tip = plain(self.sop.title(id)).into_owned();
        if let Some(guidance) = self.sop.steps().get(id).and_then(|s| s.guidance.as_deref()) {
            tip.push('\n');
            tip.push_str(&short(guidance, 400));
        }
        if let Some(c) = self.counts {
            tip.push('\n');
            tip.push_str(&fill(self.labels.tip, &[&count(c.done[place]), &count(c.moved[place]), &count(c.skipped[place]), &count(c.stopped[place])]));
        }
        tip
    }

    /// Runs of neighbouring steps of one stage: from, to, name, and whether it is every second one.
    fn stages(&self, nodes: &[&Placed]) -> Vec<(f64, f64, String, bool)> {
        let mut steps: Vec<(f64, f64, &str)> = Vec::new();
        for node in nodes {
            if let GraphNode::Step { id, .. } = &self.graph.graph[node.node] {
                let stage = self.sop.steps().get(id).and_then(|s| s.stage.as_deref()).unwrap_or("");
                steps.push((node.x - node.w / 2.0, node.x + node.w / 2.0, stage));
            }
        }
        steps.sort_by(|a, b| a.0.total_cmp(&b.0));
        let all = self.sop.stages();
        let mut runs: Vec<(f64, f64, Vec<&str>)> = Vec::new();
        for (left, right, stage) in steps {
            match runs.last_mut() {
                Some(run) if run.2 == [stage] || left < run.1 => {
                    run.1 = run.1.max(right);
                    if !run.2.contains(&stage) {
                        run.2.push(stage);
                    }
                }
                _ => runs.push((left, right, vec![stage])),
            }
        }
        let numbered = |names: &[&str]| names.first().and_then(|name| all.iter().position(|s| s == name)).unwrap_or(0) % 2 == 1;
        runs.into_iter()
            .map(|(a, b, mut names)| {
                names.retain(|name| !name.is_empty());
                (a - 12.0, b + 12.0, names.join(" · "), numbered(&names))
            })
            .filter(|(.., name, _)| !name.is_empty())
            .collect()
    }
}

/// Cases that came to a place: they did the step there or elsewhere, left it out, or stopped right before it.
pub(super) fn reached(counts: &FlowCounts, place: usize) -> u64 {
    counts.done[place] + counts.moved[place] + counts.skipped[place] + counts.stopped[place]
}

/// A title on at most two lines of so many columns; what is left out shows as an ellipsis.
pub(super) fn wrap(title: &str, columns: usize) -> Vec<String> {
    let title = short(title, 400);
    if width(&title) <= columns {
        return vec![title];
    }
    let mut first = crate::text::cut(&title, columns);
    // A word is not broken where there is a space, or a joint of an id, to break at.
    let next = title[first.len()..].chars().next();
    if next.is_some_and(|c| c != ' ' && c.is_ascii())
        && first.ends_with(|c: char| c.is_ascii() && c != ' ')
        && let Some(space) = first.rfind([' ', '_', '-'])
    {
        first.truncate(space + 1);
    }
    let rest = title[first.len()..].trim_start();
    vec![first.trim_end().to_owned(), short(rest, columns)]
}

/// The places of an SOP, by node of its graph.
pub(super) fn place_of(graph: &SopGraph, node: NodeIndex) -> Option<usize> {
    if let GraphNode::Step { node, .. } = &graph.graph[node] { Some(*node as usize) } else { None }
}
