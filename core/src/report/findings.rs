//! The forest plots: a row a comparison, grey as long as the evidence is not enough.

use std::fmt::Write;

use minijinja::Value;
use serde::Serialize;

use super::cases::{Link, Sample};
use super::{NAME, Source};
use crate::evidence::{Caveat, Estimand, Finding, What};
use crate::text::short;
use crate::words::{count, fill, points, requirement};

/// Rows of each plot.
pub(super) const ROWS: usize = 12;
/// Width and middle of the plot.
const WIDTH: f64 = 300.0;

#[derive(Serialize)]
pub(super) struct Section {
    note: String,
    axis: &'static str,
    skips: Vec<Row>,
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
    caveats: Vec<&'static str>,
    examples: Vec<Link>,
}

/// The findings that are shown, with their numbers: larger differences first, those with enough cases only.
pub(super) fn shown<'a>(source: &Source<'a>) -> Vec<(usize, &'a Finding)> {
    let mut taken = [0; 3];
    (source.review.findings().iter().enumerate())
        .filter(|(_, f)| !f.caveats.contains(&Caveat::FewCases) && f.ci_low.is_some())
        .filter(|(_, f)| {
            let of_kind = &mut taken[part(f)];
            *of_kind += 1;
            *of_kind <= ROWS
        })
        .collect()
}

/// Which of the plots a finding stands in.
fn part(f: &Finding) -> usize {
    match f.what {
        What::Skip { .. } => 0,
        What::Conforming { .. } => 1,
        What::Standard { .. } => 2,
    }
}

pub(super) fn section(source: &Source<'_>, sample: &Sample) -> Section {
    let t = source.labels;
    let all = source.review.findings();
    let shown = shown(source);
    let few = all.iter().filter(|f| f.caveats.contains(&Caveat::FewCases) || f.ci_low.is_none()).count();
    let rest = all.len() - few - shown.len();
    let numeric = all.first().is_some_and(|f| f.estimand == Estimand::RawMeanDifference);
    let outcome = source.review.check().outcome();
    let measure = if numeric { outcome.map(|name| short(name, NAME)).unwrap_or_default() } else { t.win_rate.to_owned() };
    let most = shown.iter().flat_map(|(_, f)| [f.ci_low, f.ci_high]).flatten().map(f64::abs).fold(0.0, f64::max);
    let scale = if numeric { most.max(f64::MIN_POSITIVE) } else { (most * 10.0).ceil().max(1.0) / 10.0 };
    let rows = |of: usize| (shown.iter()).filter(|(_, f)| part(f) == of).map(|&(number, f)| row(source, sample, number, f, scale)).collect::<Vec<_>>();
    Section {
        note: fill(t.findings_note, &[&measure]),
        axis: if numeric { t.less_more } else { t.worse_better },
        skips: rows(0),
        conforming: rows(1),
        standards: rows(2),
        left_out: (few + rest > 0).then(|| fill(t.few_left, &[&count(few as u64), &count(rest as u64), &ROWS.to_string()])),
        empty: if outcome.is_none() { Some(t.no_outcome) } else { all.is_empty().then_some(t.no_findings) },
    }
}

fn row(source: &Source<'_>, sample: &Sample, number: usize, f: &Finding, scale: f64) -> Row {
    let t = source.labels;
    let numeric = f.estimand == Estimand::RawMeanDifference;
    let change = |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| if numeric { format!("{x:+.2}") } else { points(x) });
    let estimate = format!("{} [{}, {}]", change(f.estimate), change(f.ci_low), change(f.ci_high));
    let name = match &f.what {
        What::Skip { title, .. } => fill(t.skip_name, &[&short(title, NAME)]),
        What::Conforming { title, .. } => fill(t.kept_name, &[&short(title, NAME)]),
        What::Standard { title, standard, .. } => fill(t.standard_name, &[&short(title, NAME), &requirement(standard, source.lang)]),
    };
    let caveat = |c: &Caveat| match c {
        Caveat::NoClock => Some(t.caveat_no_clock),
        Caveat::SignChangesAmongThoseWhoWentOn => Some(t.caveat_sign),
        Caveat::FewCases => Some(t.caveat_few),
        Caveat::OneRep => Some(t.caveat_one_rep),
        Caveat::Unadjusted => None,
    };
    Row {
        anchor: format!("f{number}"),
        name,
        point: match (&f.what, &f.point) {
            (What::Conforming { .. } | What::Standard { .. }, _) => String::new(),
            (What::Skip { .. }, None) => t.at_start.to_owned(),
            (What::Skip { .. }, Some(point)) => fill(t.after_point, &[&short(point, NAME)]),
        },
        plot: Value::from_safe_string(plot(f, scale, &estimate)),
        estimate,
        sentence: f.sentence(source.lang).replace(" %", "\u{a0}%"),
        sides: fill(t.sides, &[&count(f.treated.reps), &count(f.control.reps)]),
        caveats: f.caveats.iter().filter_map(caveat).collect(),
        examples: sample.links(source, f.cases.iter().filter_map(|id| source.review.check().corpus().find(id))),
    }
}

/// Dot and line on a scale around nothing. Only numbers go in.
fn plot(f: &Finding, scale: f64, estimate: &str) -> String {
    let half = WIDTH / 2.0;
    let x = |v: f64| half + (v / scale).clamp(-1.0, 1.0) * (half - 8.0);
    let mut svg = format!("<svg class=\"forest\" viewBox=\"0 0 {WIDTH} 22\" role=\"img\" aria-label=\"{estimate}\"><path class=\"zero\" d=\"M{half} 0V22\"/>");
    if let (Some(e), Some(low), Some(high)) = (f.estimate, f.ci_low, f.ci_high) {
        let _ = write!(
            svg,
            "<path class=\"ci\" d=\"M{:.1} 11H{:.1}M{:.1} 7V15M{:.1} 7V15\"/><circle class=\"dot\" cx=\"{:.1}\" cy=\"11\" r=\"4.5\"/>",
            x(low),
            x(high),
            x(low),
            x(high),
            x(e)
        );
    }
    svg + "</svg>"
}
