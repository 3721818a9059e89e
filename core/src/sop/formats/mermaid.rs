//! The graph of an SOP as Mermaid text.

use std::fmt::Write;

use super::super::{Gateway, GraphNode, Sop};

/// A Mermaid flowchart, left to right; titles are escaped.
pub(super) fn mermaid(sop: &Sop) -> String {
    let drawn = sop.graph();
    let mut text = String::from("flowchart LR\n");
    for index in drawn.graph.node_indices() {
        let n = index.index();
        let _ = match &drawn.graph[index] {
            GraphNode::Start => writeln!(text, "  n{n}((\" \"))"),
            GraphNode::End => writeln!(text, "  n{n}(((\" \")))"),
            GraphNode::Step { id, .. } => writeln!(text, "  n{n}[\"{}\"]", label(sop.title(id))),
            GraphNode::Split(Gateway::Choice) | GraphNode::Join(Gateway::Choice) => writeln!(text, "  n{n}{{\" \"}}"),
            GraphNode::Split(Gateway::Parallel) | GraphNode::Join(Gateway::Parallel) => writeln!(text, "  n{n}{{\"+\"}}"),
        };
    }
    for edge in drawn.graph.edge_indices() {
        if let Some((a, b)) = drawn.graph.edge_endpoints(edge) {
            let guard = drawn.graph[edge].as_ref().map_or_else(String::new, |guard| format!("|\"{}\"|", label(guard)));
            let _ = writeln!(text, "  n{} -->{guard} n{}", a.index(), b.index());
        }
    }
    text
}

/// Mermaid reads entity codes inside quotes; everything that could end the quote or open markup is written as one.
fn label(title: &str) -> String {
    let mut text = String::with_capacity(title.len());
    for c in title.chars() {
        match c {
            '"' | '<' | '>' | '&' | '#' | ';' | '`' | '\\' | '[' | ']' | '{' | '}' | '|' => {
                let _ = write!(text, "#{};", c as u32);
            }
            c if c.is_control() => text.push(' '),
            c => text.push(c),
        }
    }
    text
}
