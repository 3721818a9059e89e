//! Two versions of an SOP under each other, with what became of each step.

use std::fmt::Write;

use super::{GAP, MARGIN, STAGE, body_of, framed};
use crate::sop::{Diff, Mark, Sop};
use crate::text::{escape_html, short};
use crate::words::{Labels, Lang, fill, labels};

/// The class and the word of a mark.
pub(super) fn said(mark: Mark, labels: &'static Labels) -> Option<(&'static str, &'static str)> {
    match mark {
        Mark::Same => None,
        Mark::Added => Some((" added", labels.added)),
        Mark::Dropped => Some((" dropped", labels.dropped)),
        Mark::Moved => Some((" moved", labels.moved)),
        Mark::Changed => Some((" changed", labels.changed)),
    }
}

impl Diff {
    /// Both versions as one SVG drawing that needs nothing beside it: above the one before, with the steps taken out; below
    /// the one after, with those that are new, moved or changed. Each is marked by a word too, not by colour alone.
    ///
    /// ```
    /// let a = goldpath::Sop::parse("{format: goldpath/1, name: demo, steps: [open, close], flow: [open, close]}")?;
    /// let b = goldpath::Sop::parse("{format: goldpath/1, name: demo, steps: [open, need], flow: [open, need]}")?;
    /// let svg = a.diff(&b).to_svg(goldpath::Lang::En);
    /// assert!(svg.contains("taken out") && svg.contains("new"));
    /// # Ok::<(), goldpath::Error>(())
    /// ```
    pub fn to_svg(&self, lang: Lang) -> String {
        let (words, marks) = (labels(lang), self.marks());
        let (mut body, mut y) = (String::new(), 0.0);
        for (sop, marks, heading) in [(self.from(), marks.0, words.diff_before), (self.to(), marks.1, words.diff_after)] {
            let (drawn, height) = body_of(sop, None, marks, lang);
            let _ = write!(body, "<text class=\"stage\" x=\"{MARGIN}\" y=\"{:.1}\">{}</text>", y + STAGE * 0.7, escape_html(&fill(heading, &[&name(sop)])));
            let _ = write!(body, "<g transform=\"translate(0 {:.1})\">{drawn}</g>", y + STAGE);
            y += STAGE + height + GAP;
        }
        let title = format!("{} → {}", name(self.from()), name(self.to()));
        framed(&body, y, &title, lang, "goldpath-diff", Some(include_str!("../map.css")))
    }
}

/// Name and version.
fn name(sop: &Sop) -> String {
    let version = sop.version().map_or_else(String::new, |version| format!(" v{}", short(&version.to_string(), 30)));
    short(sop.name(), 80) + &version
}
