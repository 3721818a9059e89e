//! Where gaps in results come from: a waterfall each, from the better result down (or up) to the one asked about.

use std::fmt::Write;

use minijinja::Value;
use serde::Serialize;

use super::{NAME, Source};
use crate::error::Result;
use crate::evidence::{Gap, GapOf};
use crate::review::Review;
use crate::text::short;
use crate::words;

/// Width of the picture and of its names, height of a row.
const WIDTH: f64 = 640.0;
const NAMES: f64 = 190.0;
const ROW: f64 = 22.0;

#[derive(Serialize)]
pub(super) struct Picture {
    title: String,
    svg: Value,
    sentence: String,
}

/// The cases with deviations against those without, and the rep with the lowest result against the top.
pub(super) fn found(review: &Review) -> Result<Vec<Gap>> {
    if review.plan().is_none() {
        return Ok(Vec::new());
    }
    let lowest = review.lowest_rep().map(GapOf::Rep);
    let asked: Vec<GapOf> = std::iter::once(GapOf::NotConforming).chain(lowest).collect();
    review.gaps(&asked)
}

pub(super) fn pictures(source: &Source<'_>, gaps: &[Gap]) -> Vec<Picture> {
    gaps.iter().filter(|gap| gap.gap.is_some()).map(|gap| picture(source, gap)).collect()
}

fn picture(source: &Source<'_>, gap: &Gap) -> Picture {
    let t = source.labels;
    let title = match &gap.of {
        GapOf::NotConforming => t.gap_conforming.to_owned(),
        GapOf::Rep(name) | GapOf::Team(name) => words::fill(t.gap_of, &[&short(name, NAME)]),
    };
    Picture { svg: Value::from_safe_string(svg(source, gap, &title)), title, sentence: gap.sentence(source.lang).replace(" %", "\u{a0}%") }
}

/// Only numbers and the library's own words go in; the title is escaped.
fn svg(source: &Source<'_>, gap: &Gap, title: &str) -> String {
    let (unit, show): (f64, fn(i64) -> String) = if gap.numeric {
        (0.01, |units| format!("{:+.2}", units as f64 / 100.0).replace('-', "−"))
    } else {
        (0.001, |units| words::points(units as f64 / 1000.0))
    };
    let shares: Vec<f64> = gap.parts.iter().map(|part| part.share).collect();
    let (total, units) = words::rounded(gap.gap.map_or(0.0, |i| i.estimate), &shares, unit);
    // Where the line stands before and after each part, from nothing.
    let mut at = 0.0;
    let ends: Vec<(f64, f64)> = shares
        .iter()
        .map(|share| {
            let from = at;
            at += share;
            (from, at)
        })
        .collect();
    let low = ends.iter().map(|(a, b)| a.min(*b)).fold(0.0, f64::min);
    let high = ends.iter().map(|(a, b)| a.max(*b)).fold(0.0, f64::max);
    let room = WIDTH - NAMES - 80.0;
    let x = |v: f64| NAMES + (v - low) / (high - low).max(f64::MIN_POSITIVE) * room;
    let height = ROW * (gap.parts.len() + 1) as f64;
    let label = crate::text::escape_html(title);
    let mut svg = format!(
        "<svg class=\"fall\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{label}\"><path class=\"zero\" d=\"M{0:.1} 0V{height}\"/>",
        x(0.0)
    );
    let mut bar = |row: usize, name: &str, from: f64, to: f64, class: &str, amount: String| {
        let (y, left, width) = (row as f64 * ROW, x(from.min(to)), (x(from) - x(to)).abs().max(1.0));
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text><rect class=\"{class}\" x=\"{left:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"14\"/><text x=\"{:.1}\" y=\"{:.1}\">{amount}</text>",
            NAMES - 10.0,
            y + 15.0,
            y + 4.0,
            left + width + 6.0,
            y + 15.0
        );
    };
    for (row, ((part, (from, to)), units)) in gap.parts.iter().zip(&ends).zip(&units).enumerate() {
        let class = if *units < 0 { "less" } else { "more" };
        bar(row, words::gap_part(part.part, source.lang), *from, *to, class, show(*units));
    }
    bar(gap.parts.len(), source.labels.gap_whole, 0.0, at, "whole", show(total));
    svg + "</svg>"
}
