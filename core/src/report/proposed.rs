//! The next version of an SOP: both drawn under each other, and since when the data speak for what changes.

use std::fmt::Write;

use minijinja::Value;
use serde::Serialize;

use super::{MAPS_OPEN, Source, day};
use crate::corpus::DAY;
use crate::error::Result;
use crate::improve::{Backtest, BestPath, BestPathOptions, Support};
use crate::review::Review;
use crate::text::escape_html;
use crate::words::labels;

/// Size of the picture of the evidence.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 120.0;
/// Room for the numbers beside it.
const LEFT: f64 = 52.0;
/// Choices drawn.
const LINES: usize = 6;
/// Evidence beyond this power of ten is drawn at the edge: it is enough by far.
const HIGHEST: f64 = 4.0;
/// Evidence of 20 to 1, as powers of ten.
const ENOUGH: f64 = 1.301_029_995_663_981_2;

/// The best path of an SOP where it differs from the present one, held against the past.
pub(super) struct Next {
    best: BestPath,
    entry: usize,
    tested: Backtest,
}

/// What is proposed for each SOP, as far as maps stand open.
pub(super) fn found(review: &Review) -> Result<Vec<Next>> {
    let improved = review.improvements()?;
    let mut entries: Vec<usize> = improved.proposals.iter().map(|p| p.entry as usize).collect();
    entries.sort_unstable();
    entries.dedup();
    let mut found = Vec::new();
    for entry in entries.into_iter().take(MAPS_OPEN) {
        let best = review.best_path(&BestPathOptions { entry, ..BestPathOptions::default() })?;
        if best.changed {
            let tested = review.backtest(&best.sop, entry, None)?;
            found.push(Next { best, entry, tested });
        }
    }
    Ok(found)
}

#[derive(Serialize)]
pub(super) struct Section {
    sentence: String,
    drawn: Value,
    tested: String,
    chart: Option<Value>,
    chart_note: Option<String>,
}

pub(super) fn sections(source: &Source<'_>, next: &[Next]) -> Vec<Section> {
    let entries = source.review.check().playbook().entries();
    let one = |of: &Next| {
        let present = &entries.get(of.entry)?.sop;
        let lines: Vec<&Support> = of.tested.support.iter().filter(|s| s.looks.len() > 1).take(LINES).collect();
        let last = lines.iter().flat_map(|s| &s.looks).map(|look| look.day).max();
        let first = lines.iter().flat_map(|s| &s.looks).map(|look| look.day).min();
        Some(Section {
            sentence: of.best.sentence(present, source.lang),
            drawn: Value::from_safe_string(present.diff(&of.best.sop).to_svg(source.lang)),
            tested: of.tested.sentence(source.lang),
            chart: first.zip(last).filter(|(first, last)| first < last).map(|(first, last)| Value::from_safe_string(chart(source, &lines, first, last))),
            chart_note: (!lines.is_empty()).then(|| source.labels.evidence_note.to_owned()),
        })
    };
    next.iter().filter_map(one).collect()
}

/// The evidence for each choice over time, in powers of ten. Only numbers and escaped titles go in.
fn chart(source: &Source<'_>, lines: &[&Support], first: i32, last: i32) -> String {
    let tens = |log: f64| log / std::f64::consts::LN_10;
    let highest = lines.iter().flat_map(|s| &s.looks).map(|look| tens(look.log_evidence)).fold(ENOUGH * 1.5, f64::max).min(HIGHEST);
    let lowest = lines.iter().flat_map(|s| &s.looks).map(|look| tens(look.log_evidence)).fold(-1.0, f64::min).max(-2.0);
    let x = |day: i32| LEFT + f64::from(day - first) / f64::from(last - first) * (WIDTH - LEFT - 8.0);
    let y = |log: f64| 8.0 + (highest - log.clamp(lowest, highest)) / (highest - lowest) * (HEIGHT - 32.0);
    let mut body = String::new();
    for (log, text) in [(0.0, "1 : 1"), (ENOUGH, "20 : 1")] {
        let _ = write!(body, "<path class=\"base\" d=\"M{LEFT} {0:.1}H{WIDTH}\"/><text x=\"0\" y=\"{1:.1}\">{text}</text>", y(log), y(log) + 4.0);
    }
    for (at, anchor, day_of) in [(LEFT, "start", first), (WIDTH - 2.0, "end", last)] {
        let date = day(i64::from(day_of) * DAY, source.lang).unwrap_or_default();
        let _ = write!(body, "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>", HEIGHT - 6.0, escape_html(&date));
    }
    for support in lines {
        let mut path = String::new();
        for look in &support.looks {
            let _ = write!(path, "{}{:.1} {:.1}", if path.is_empty() { "M" } else { "L" }, x(look.day), y(tens(look.log_evidence)));
        }
        let _ = write!(body, "<path class=\"all\" d=\"{path}\"><title>{}</title></path>", escape_html(&support.choice.title));
    }
    let label = escape_html(labels(source.lang).evidence_note);
    format!("<svg class=\"evidence\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{label}\">{body}</svg>")
}
