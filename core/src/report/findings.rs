//! The forest plots: a row a comparison, in colour where the evidence allows a verdict, grey where it does not; the plain
//! difference as a hollow dot beside it.

use std::fmt::Write;

use minijinja::Value;
use serde::Serialize;

use super::cases::{Link, Sample};
use super::{NAME, Source};
use crate::evidence::{Caveat, ChoiceKind, Finding, Verdict};
use crate::review::Review;
use crate::text::short;
use crate::words::{self, count, fill, points};

/// Rows of each plot.
pub(super) const ROWS: usize = 12;
/// Width and middle of the plot.
const WIDTH: f64 = 300.0;

#[derive(Serialize)]
pub(super) struct Section {
    note: String,
    axis: &'static str,
    skips: Vec<Row>,
    unplanned: Vec<Row>,
    ways: Vec<Row>,
    conforming: Vec<Row>,
    standards: Vec<Row>,
    left_out: Option<String>,
    empty: Option<&'static str>,
}

#[derive(Serialize)]
struct Row {
    anchor: String,
    name: String,
    point: String,
    plot: Value,
    estimate: String,
    sentence: String,
    sides: String,
    guards: Vec<String>,
    caveats: Vec<&'static str>,
    examples: Vec<Link>,
}

/// The plot a choice belongs to.
fn plot_of(kind: ChoiceKind) -> usize {
    match kind {
        ChoiceKind::Skip => 0,
        ChoiceKind::Branch | ChoiceKind::Include => 2,
        ChoiceKind::Conforming => 3,
        ChoiceKind::Standard | ChoiceKind::Wording => 4,
        ChoiceKind::Add | ChoiceKind::Repeat | ChoiceKind::OutOfOrder | ChoiceKind::CatchUp | ChoiceKind::Sequence => 1,
    }
}

/// Whether a comparison has cases enough to be drawn.
fn is_drawn(f: &Finding) -> bool {
    !f.has(Caveat::FewCases) && f.ci_low.is_some()
}

/// The findings that are shown, with their numbers: the clear ones first, those with enough cases only.
pub(super) fn shown(review: &Review) -> Vec<(usize, &Finding)> {
    let mut taken = [0; 5];
    (review.findings().iter().enumerate())
        .filter(|(_, f)| is_drawn(f))
        .filter(|(_, f)| {
            let of_kind = &mut taken[plot_of(f.what.kind)];
            *of_kind += 1;
            *of_kind <= ROWS
        })
        .collect()
}

pub(super) fn section(source: &Source<'_>, sample: &Sample) -> Section {
    let t = source.labels;
    let all = source.review.findings();
    let shown = shown(source.review);
    let few = all.iter().filter(|f| !is_drawn(f)).count();
    let rest = all.len() - few - shown.len();
    let numeric = all.first().is_some_and(Finding::numeric);
    let outcome = source.review.check().outcome();
    let measure = if numeric { outcome.map(|name| short(name, NAME)).unwrap_or_default() } else { t.win_rate.to_owned() };
    let ends = |f: &Finding| [f.ci_low, f.ci_high, f.raw.map(|raw| raw.estimate)];
    let most = shown.iter().flat_map(|(_, f)| ends(f)).flatten().map(f64::abs).fold(0.0, f64::max);
    let scale = if numeric { most.max(f64::MIN_POSITIVE) } else { (most * 10.0).ceil().max(1.0) / 10.0 };
    let rows = |plot: usize| shown.iter().filter(|(_, f)| plot_of(f.what.kind) == plot).map(|&(number, f)| row(source, sample, number, f, scale)).collect();
    Section {
        note: fill(t.findings_note, &[&measure]),
        axis: if numeric { t.less_more } else { t.worse_better },
        skips: rows(0),
        unplanned: rows(1),
        ways: rows(2),
        conforming: rows(3),
        standards: rows(4),
        left_out: (few + rest > 0).then(|| fill(t.few_left, &[&count(few as u64), &count(rest as u64), &ROWS.to_string()])),
        empty: if outcome.is_none() { Some(t.no_outcome) } else { all.is_empty().then_some(t.no_findings) },
    }
}

fn row(source: &Source<'_>, sample: &Sample, number: usize, f: &Finding, scale: f64) -> Row {
    let t = source.labels;
    let change = |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| if f.numeric() { format!("{x:+.2}") } else { points(x) });
    let estimate = format!("{} [{}, {}]", change(f.estimate), change(f.ci_low), change(f.ci_high));
    let title = short(&f.what.title, NAME);
    let mut guards = vec![fill(t.sides, &[&count(f.treated.reps), &count(f.control.reps)])];
    if let Some(share) = f.comparable.share {
        guards.push(fill(t.guard_comparable, &[&words::share(share, source.lang)]));
    }
    if let Some(e) = f.e_value.filter(|_| f.verdict != Verdict::NotEnoughEvidence) {
        guards.push(fill(t.guard_e_value, &[&format!("{:.2}", e.estimate)]));
    }
    if let Some(check) = f.cross_check {
        guards.push(fill(t.guard_cross_check, &[&change(Some(check.estimate))]));
    }
    guards.extend(f.q_value.map(|q| fill(t.guard_q, &[&if q < 0.001 { "< 0.001".to_owned() } else { format!("{q:.3}") }])));
    Row {
        anchor: format!("f{number}"),
        name: match f.what.kind {
            ChoiceKind::Skip => fill(t.skip_name, &[&title]),
            ChoiceKind::Conforming => fill(t.kept_name, &[&title]),
            ChoiceKind::Standard => fill(t.standard_name, &[&title, &words::asked(f, source.lang)]),
            kind => words::choice_name(kind, &title, source.lang),
        },
        point: match (f.what.kind, &f.point) {
            (ChoiceKind::Conforming | ChoiceKind::Standard, _) => String::new(),
            (_, None) => t.at_start.to_owned(),
            (_, Some(point)) => fill(t.after_point, &[&short(point, NAME)]),
        },
        plot: Value::from_safe_string(plot(f, scale, &estimate)),
        estimate,
        sentence: f.sentence(source.lang).replace(" %", "\u{a0}%"),
        sides: guards.remove(0),
        guards,
        caveats: f.caveats.iter().map(|&c| words::caveat(c, source.lang)).collect(),
        examples: sample.links(source, f.cases.iter().filter_map(|id| source.review.check().corpus().find(id))),
    }
}

/// Dot and line on a scale around nothing, the plain difference as a hollow dot. Only numbers go in.
fn plot(f: &Finding, scale: f64, estimate: &str) -> String {
    let half = WIDTH / 2.0;
    let x = |v: f64| half + (v / scale).clamp(-1.0, 1.0) * (half - 8.0);
    let class = match f.verdict {
        Verdict::Helps => "forest helps",
        Verdict::Hurts => "forest hurts",
        Verdict::NoClearEffect => "forest none",
        Verdict::NotEnoughEvidence => "forest",
    };
    let mut svg = format!("<svg class=\"{class}\" viewBox=\"0 0 {WIDTH} 22\" role=\"img\" aria-label=\"{estimate}\"><path class=\"zero\" d=\"M{half} 0V22\"/>");
    if let Some(raw) = f.raw {
        let _ = write!(svg, "<circle class=\"raw\" cx=\"{:.1}\" cy=\"11\" r=\"4\"/>", x(raw.estimate));
    }
    if let Some(i) = f.interval() {
        let _ = write!(
            svg,
            "<path class=\"ci\" d=\"M{:.1} 11H{:.1}M{:.1} 7V15M{:.1} 7V15\"/><circle class=\"dot\" cx=\"{:.1}\" cy=\"11\" r=\"4.5\"/>",
            x(i.low),
            x(i.high),
            x(i.low),
            x(i.high),
            x(i.estimate)
        );
    }
    svg + "</svg>"
}
