//! A case as two rails: the preset path above, the actual one below, joined where they match.

use std::fmt::Write;

use super::map::wrap;
use crate::check::{Alignment, DeviationKind, MoveKind};
use crate::sop::Sop;
use crate::text::escape_html;
use crate::words::{Labels, count, fill};

/// Moves drawn of a case.
const MOVES: usize = 48;
/// Width of a move, of the names of the rails, height of a row, and where the rails run in it.
const PITCH: f64 = 94.0;
const NAMES: f64 = 46.0;
const ROW: f64 = 138.0;
const ABOVE: f64 = 46.0;
const BELOW: f64 = 92.0;

struct Column {
    kind: MoveKind,
    title: String,
    trailing: bool,
}

/// What is drawn of an alignment.
pub(super) struct Rails {
    columns: Vec<Column>,
    /// Columns of a step done elsewhere and of its place.
    moved: Vec<(usize, usize)>,
    all: usize,
    label: String,
    labels: &'static Labels,
}

impl Rails {
    pub(super) fn of(a: &Alignment, sop: Option<&Sop>, title: &dyn Fn(&str) -> String, labels: &'static Labels) -> Self {
        let n = |kind: MoveKind| count(a.moves.iter().filter(|m| m.kind == kind && !m.trailing).count() as u64);
        let label = fill(labels.rails_label, &[&crate::text::short(&a.case, 60), &n(MoveKind::Matched), &n(MoveKind::Skipped), &n(MoveKind::Extra)]);
        let drawn = &a.moves[..a.moves.len().min(MOVES)];
        let mut moved = Vec::new();
        for d in a.deviations.iter().filter(|d| d.kind == DeviationKind::OutOfOrder) {
            let node = sop.and_then(|sop| sop.nodes().iter().position(|node| Some(&node.place) == d.place.as_ref()));
            let done = drawn.iter().position(|m| m.event.is_some() && m.event == d.event);
            let due = drawn.iter().enumerate().position(|(i, m)| {
                m.kind == MoveKind::Skipped && !m.trailing && m.node.map(|n| n as usize) == node && !moved.iter().any(|&(_, taken)| taken == i)
            });
            moved.extend(done.zip(due));
        }
        let columns = drawn.iter().map(|m| Column { kind: m.kind, title: title(&m.step), trailing: m.trailing }).collect();
        Self { columns, moved, all: a.moves.len(), label, labels }
    }

    /// What was left out, where something was.
    pub(super) fn cut(&self) -> Option<String> {
        (self.all > self.columns.len()).then(|| fill(self.labels.moves_cut, &[&count(self.columns.len() as u64), &count(self.all as u64)]))
    }

    /// The drawing with so many moves in a row.
    pub(super) fn svg(&self, per_row: usize, class: &str) -> String {
        let rows = self.columns.len().div_ceil(per_row).max(1);
        let width = NAMES + PITCH * self.columns.len().clamp(if per_row > 5 { per_row } else { 1 }, per_row.max(1)) as f64;
        let mut out = format!(
            "<svg class=\"rails {class}\" viewBox=\"0 0 {width:.0} {:.0}\" role=\"img\" aria-label=\"{}\">",
            rows as f64 * ROW,
            escape_html(&self.label)
        );
        for row in 0..rows {
            let from = row * per_row;
            let here = from..(from + per_row).min(self.columns.len());
            let y = row as f64 * ROW;
            let end = NAMES + PITCH * here.len() as f64 - 20.0;
            let _ = write!(
                out,
                "<text class=\"rail-name\" x=\"0\" y=\"{:.0}\">{}</text><text class=\"rail-name\" x=\"0\" y=\"{:.0}\">{}</text><path class=\"rail\" d=\"M{NAMES} {:.0}H{end:.0}M{NAMES} {:.0}H{end:.0}\"/>",
                y + ABOVE + 4.0,
                self.labels.sop,
                y + BELOW + 4.0,
                self.labels.actual,
                y + ABOVE,
                y + BELOW
            );
            for &(done, due) in self.moved.iter().filter(|(done, due)| here.contains(done) && here.contains(due)) {
                let (a, b) = (middle(done - from), middle(due - from));
                let half = f64::midpoint(ABOVE, BELOW) + y;
                let _ =
                    write!(out, "<path class=\"tie\" d=\"M{a:.1} {:.1}C{a:.1} {half:.1} {b:.1} {half:.1} {b:.1} {:.1}\"/>", y + BELOW - 9.0, y + ABOVE + 9.0);
            }
            for i in here {
                self.column(&mut out, i, middle(i - from), y);
            }
        }
        out + "</svg>"
    }

    fn column(&self, out: &mut String, i: usize, x: f64, y: f64) {
        let column = &self.columns[i];
        let (above, below) = (y + ABOVE, y + BELOW);
        let _ = write!(out, "<g><title>{}</title>", escape_html(&column.title));
        let lines = wrap(&column.title, 13);
        let text = |out: &mut String, first: f64| {
            for (k, line) in lines.iter().enumerate() {
                let _ = write!(out, "<text x=\"{x:.1}\" y=\"{:.1}\">{}</text>", first + 15.0 * k as f64, escape_html(line));
            }
        };
        // Names above the upper rail end right over it; below the lower one they begin under it.
        let high = above - 16.0 - 15.0 * (lines.len() as f64 - 1.0);
        // A step moved over a row's end cannot be tied by an arc: a number ties it.
        let tie = self.moved.iter().position(|&(done, due)| done == i || due == i).map(|n| n + 1);
        match column.kind {
            MoveKind::Matched => {
                let _ = write!(
                    out,
                    "<path class=\"join\" d=\"M{x:.1} {above:.1}V{below:.1}\"/><circle class=\"hit\" cx=\"{x:.1}\" cy=\"{above:.1}\" r=\"6\"/><circle class=\"hit\" cx=\"{x:.1}\" cy=\"{below:.1}\" r=\"6\"/>"
                );
                text(out, high);
            }
            MoveKind::Skipped => {
                let class = if column.trailing { "ahead" } else { "miss" };
                let _ = write!(out, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{above:.1}\" r=\"6\"/>");
                text(out, high);
            }
            MoveKind::Extra => {
                let _ = write!(out, "<rect class=\"plus\" x=\"{:.1}\" y=\"{:.1}\" width=\"14\" height=\"14\" rx=\"3\"/>", x - 7.0, below - 7.0);
                text(out, below + 24.0);
            }
            MoveKind::Anytime => {
                let _ = write!(out, "<circle class=\"free\" cx=\"{x:.1}\" cy=\"{below:.1}\" r=\"3\"/>");
                text(out, below + 24.0);
            }
        }
        if let Some(n) = tie {
            let at = if column.kind == MoveKind::Extra { below } else { above };
            let _ = write!(out, "<text class=\"tie-n\" x=\"{:.1}\" y=\"{:.1}\">↔{n}</text>", x + 18.0, at + 4.0);
        }
        out.push_str("</g>");
    }
}

fn middle(i: usize) -> f64 {
    NAMES + PITCH * (i as f64 + 0.5) - 8.0
}
