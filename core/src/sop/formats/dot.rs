//! The graph of an SOP as Graphviz DOT text.

use std::fmt::Write;

use super::super::{Gateway, GraphNode, Sop};

/// A directed graph, left to right; titles are escaped.
pub(super) fn dot(sop: &Sop) -> String {
    let drawn = sop.graph();
    let mut text = format!("digraph {} {{\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n", quoted(sop.name()));
    for index in drawn.graph.node_indices() {
        let n = index.index();
        let _ = match &drawn.graph[index] {
            GraphNode::Start => writeln!(text, "  n{n} [shape=circle, label=\"\", width=0.3];"),
            GraphNode::End => writeln!(text, "  n{n} [shape=doublecircle, label=\"\", width=0.25];"),
            GraphNode::Step { id, .. } => writeln!(text, "  n{n} [shape=box, style=rounded, label={}];", quoted(sop.title(id))),
            GraphNode::Split(kind) | GraphNode::Join(kind) => {
                let mark = if *kind == Gateway::Parallel { "+" } else { "" };
                writeln!(text, "  n{n} [shape=diamond, label=\"{mark}\", width=0.35, height=0.35, fixedsize=true];")
            }
        };
    }
    for edge in drawn.graph.edge_indices() {
        if let Some((a, b)) = drawn.graph.edge_endpoints(edge) {
            let guard = drawn.graph[edge].as_ref().map_or_else(String::new, |guard| format!(" [label={}]", quoted(guard)));
            let _ = writeln!(text, "  n{} -> n{}{guard};", a.index(), b.index());
        }
    }
    text.push_str("}\n");
    text
}

/// A quoted string. Graphviz reads backslash escapes and HTML entities inside, so both are written as what they stand for.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '&' => quoted.push_str("&amp;"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
