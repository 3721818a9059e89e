//! Pages about people: one template, and the charts they share.

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::{broken, code, environment};
use crate::error::Result;
use crate::stats::Interval;
use crate::words::{Lang, fill, labels};

/// What a page shows.
#[derive(Serialize, Default)]
pub(super) struct Page {
    pub(super) title: String,
    pub(super) meta: Vec<String>,
    pub(super) lead: Vec<String>,
    pub(super) sections: Vec<Section>,
}

/// A part of it.
#[derive(Serialize, Default)]
pub(super) struct Section {
    pub(super) heading: String,
    pub(super) note: Option<String>,
    pub(super) charts: Vec<Chart>,
    pub(super) lines: Vec<String>,
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) more: Option<String>,
}

/// A drawing with its caption.
#[derive(Serialize)]
pub(super) struct Chart {
    pub(super) caption: String,
    pub(super) svg: Value,
}

/// A cell of a table.
#[derive(Serialize, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) small: Option<String>,
    pub(super) class: Option<&'static str>,
}

impl Cell {
    pub(super) fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

pub(super) fn render(page: &Page, lang: Lang) -> Result<String> {
    let environment = environment()?;
    let template = environment.get_template("people.html").map_err(|e| broken(&e))?;
    template
        .render(context! {
            lang => code(lang),
            css => Value::from_safe_string(concat!(include_str!("page.css"), include_str!("people.css")).to_owned()),
            page => Serde(page),
            made_by => fill(labels(lang).made_by, &[env!("CARGO_PKG_VERSION")]),
        })
        .map_err(|e| broken(&e))
}

/// How a difference is coloured: by whether its interval lies to one side of nothing.
pub(super) fn class_of(difference: Interval) -> &'static str {
    if difference.low > 0.0 {
        "better"
    } else if difference.high < 0.0 {
        "worse"
    } else {
        "unsure"
    }
}

pub(super) fn both(lang: Lang, en: &str, zh: &str) -> String {
    if lang == Lang::Zh { zh.to_owned() } else { en.to_owned() }
}

/// What a curve is drawn of.
pub(super) struct Curve<'a> {
    /// What stands under each point, its place in weeks, and its value with its band.
    pub(super) points: &'a [(String, f64, Interval)],
    /// A level to hold it against.
    pub(super) level: Option<(f64, &'static str)>,
    /// Places to mark.
    pub(super) marks: Vec<f64>,
    /// How a value is written.
    pub(super) write: fn(f64) -> String,
    /// What the drawing says, for those who do not see it.
    pub(super) label: String,
}

/// A line with its band, as SVG; everything in it is a number, a day or escaped.
pub(super) fn curve(curve: &Curve<'_>) -> Value {
    const WIDTH: f64 = 760.0;
    const HEIGHT: f64 = 190.0;
    const LEFT: f64 = 52.0;
    const BOTTOM: f64 = 24.0;
    let points = curve.points;
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Value::from_safe_string(String::new()) };
    let values = || points.iter().flat_map(|p| [p.2.low, p.2.high, p.2.estimate]).chain(curve.level.map(|l| l.0)).filter(|v| v.is_finite());
    let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let (low, high) = if high > low { (low, high) } else { (low - 0.5, high + 0.5) };
    let span = if last.1 > first.1 { last.1 - first.1 } else { 1.0 };
    let x = |at: f64| LEFT + (WIDTH - LEFT - 8.0) * (at - first.1) / span;
    let y = |v: f64| 10.0 + (HEIGHT - BOTTOM - 10.0) * (high - v.clamp(low, high)) / (high - low);
    let at = |at: f64, v: f64| format!("{:.1},{:.1}", x(at), y(v));
    let upper: Vec<String> = points.iter().map(|p| at(p.1, p.2.high)).collect();
    let lower: Vec<String> = points.iter().rev().map(|p| at(p.1, p.2.low)).collect();
    let line: Vec<String> = points.iter().map(|p| at(p.1, p.2.estimate)).collect();
    let mut svg =
        format!("<svg class=\"curve\" viewBox=\"0 0 {WIDTH:.0} {HEIGHT:.0}\" role=\"img\" aria-label=\"{}\">", crate::text::escape_html(&curve.label));
    svg.push_str(&format!(
        "<polygon class=\"band\" points=\"{} {}\"/><polyline class=\"line\" points=\"{}\"/>",
        upper.join(" "),
        lower.join(" "),
        line.join(" ")
    ));
    if let Some((level, class)) = curve.level {
        svg.push_str(&format!("<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{:.1}\" y2=\"{:.1}\"/>", WIDTH - 8.0, y(level), y(level)));
    }
    for mark in curve.marks.iter().filter(|m| (first.1..=last.1).contains(m)) {
        svg.push_str(&format!("<line class=\"mark\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"10\" y2=\"{1:.1}\"/>", x(*mark), HEIGHT - BOTTOM));
    }
    for v in [low, f64::midpoint(low, high), high] {
        svg.push_str(&format!("<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>", LEFT - 6.0, y(v) + 4.0, (curve.write)(v)));
    }
    let text = |at: f64, anchor: &str, text: &str| {
        format!("<text x=\"{:.1}\" y=\"{:.0}\" text-anchor=\"{anchor}\">{}</text>", x(at), HEIGHT - 6.0, crate::text::escape_html(text))
    };
    svg.push_str(&text(first.1, "start", &first.0));
    if last.1 > first.1 {
        svg.push_str(&text(last.1, "end", &last.0));
    }
    svg.push_str("</svg>");
    Value::from_safe_string(svg)
}

/// A share on an axis.
pub(super) fn axis_share(x: f64) -> String {
    format!("{:.0}%", 100.0 * x)
}

/// Place of a day on the axis, in weeks.
pub(super) fn weeks(date: jiff::civil::Date) -> f64 {
    crate::monitor::day(date) as f64 / 7.0
}
