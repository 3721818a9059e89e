//! The review as a page: one self-contained HTML file, in Chinese or English.
//!
//! In: a [`Review`]. Out: HTML text that loads nothing, runs nothing from a transcript, and can be printed. The same
//! review gives the same bytes. Every text goes through one formatter that takes control characters out and escapes.

mod cases;
mod findings;
mod gaps;
mod innovations;
mod map;
mod people;
mod rails;
mod rep;
mod tables;
mod team;
#[cfg(test)]
mod tests;
mod watch;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{Environment, Value, context};
use serde::Serialize;

use self::cases::Sample;
use crate::check::{DeviationCount, FlowCounts};
use crate::error::{Error, Fault, Result};
use crate::review::{Review, Summary};
use crate::text::{plain, short};
use crate::words::{self, Labels, Lang, Opening, count, fill, labels, share};

/// SOPs that are drawn, and of those the ones that stand open.
const MAPS: usize = 30;
const MAPS_OPEN: usize = 3;
/// Longest name shown, in columns.
const NAME: usize = 90;

/// What every part of the page is made from.
struct Source<'a> {
    review: &'a Review,
    lang: Lang,
    labels: &'static Labels,
    deviations: Vec<DeviationCount>,
}

impl Source<'_> {
    fn share(&self, part: u64, whole: u64) -> String {
        if whole == 0 { "–".to_owned() } else { share(part as f64 / whole as f64, self.lang) }
    }
}

/// The report of a review.
pub(crate) fn html(review: &Review, lang: Lang) -> Result<String> {
    let labels = labels(lang);
    let mut deviations = review.check().deviation_counts()?;
    deviations.retain(|d| d.cases > 0);
    let source = Source { review, lang, labels, deviations };
    let summary = review.summary();
    let sample = Sample::draw(&source);
    let counts = review.check().flow_counts()?;
    let worst = words::most_skipped(review.findings());
    let steps = review.check().steps()?;
    let top = source.deviations.first().filter(|d| d.cases > d.accepted);
    let opening = Opening { summary: &summary, top, worst, outcome: review.check().outcome().is_some(), stop: tables::most_stopped(&source, &counts), lang };
    let page = environment()?;
    let template = page.get_template("page.html").map_err(|e| broken(&e))?;
    let (rows, more_deviations) = tables::deviations(&source, &sample, &summary);
    let html = template.render(context! {
        lang => if lang == Lang::Zh { "zh-CN" } else { "en" },
        css => Value::from_safe_string(concat!(include_str!("map.css"), include_str!("page.css")).to_owned()),
        t => Serde(labels),
        title => names(&source),
        meta => meta(&source, &summary),
        headline => opening.headline(),
        answers => Serde(answers(&source, opening.answers())),
        sops => Serde(tables::sops(&source)),
        maps => Serde(maps(&source, &counts)),
        more_maps => more(labels.sops_more, review.check().playbook().entries().len(), MAPS),
        findings => Serde(findings::section(&source, &sample)),
        gaps => Serde(gaps::pictures(&source)?),
        improve => Serde(innovations::section(&source, &sample, review.improvements()?)),
        deviations => Serde(rows),
        more_deviations => more_deviations,
        deviations_note => fill(labels.deviations_note, &[&count(summary.cases - summary.unchecked)]),
        variants => Serde(tables::variants(&source, &sample)),
        steps => Serde(tables::steps(&source, &steps)),
        reps => Serde(tables::reps(&source)),
        cases => Serde(cases::section(&source, &sample)?),
        made_by => fill(labels.made_by, &[env!("CARGO_PKG_VERSION")]),
    });
    html.map_err(|e| broken(&e))
}

/// The template and the formatter that every value passes.
fn environment() -> Result<Environment<'static>> {
    let mut page = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(|e| broken(&e))?;
    page.set_syntax(syntax);
    page.set_formatter(|out, state, value| {
        if value.kind() == ValueKind::String && !value.is_safe() {
            let text = value.as_str().map(plain).unwrap_or_default();
            minijinja::escape_formatter(out, state, &Value::from(text.into_owned()))
        } else {
            minijinja::escape_formatter(out, state, value)
        }
    });
    page.add_template("page.html", include_str!("page.html")).map_err(|e| broken(&e))?;
    page.add_template("people.html", include_str!("people.html")).map_err(|e| broken(&e))?;
    Ok(page)
}

/// The template is part of the library; that it renders is tested.
fn broken(error: &minijinja::Error) -> Error {
    Error::Argument(Box::new(Fault::new("report.template", format!("{error:#}")).help("this is a mistake of goldpath; please report it")))
}

fn more(pattern: &str, all: usize, shown: usize) -> Option<String> {
    (all > shown).then(|| fill(pattern, &[&count((all - shown) as u64)]))
}

/// Names of the SOPs: the first three, and how many more.
fn names(source: &Source<'_>) -> String {
    let sops: Vec<String> = (source.review.check().playbook().sops())
        .map(|sop| match sop.version() {
            Some(version) => format!("{} · {}", short(sop.name(), NAME), short(&fill(source.labels.version, &[&version.to_string()]), 40)),
            None => short(sop.name(), NAME),
        })
        .collect();
    let shown = sops.len().min(3);
    let mut text = sops[..shown].join(if source.lang == Lang::Zh { "、" } else { ", " });
    if sops.len() > shown {
        text.push_str(" + ");
        text.push_str(&(sops.len() - shown).to_string());
    }
    text
}

fn day(ms: i64, lang: Lang) -> Option<String> {
    let date = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::from_millisecond(ms).ok()?).date();
    Some(match lang {
        Lang::En => date.to_string(),
        Lang::Zh => format!("{} 年 {} 月 {} 日", date.year(), date.month(), date.day()),
    })
}

/// What the page is about: how many, of how many reps, when.
fn meta(source: &Source<'_>, summary: &Summary) -> Vec<String> {
    let period = summary.period.and_then(|(from, to)| {
        let (from, to) = (day(from, source.lang)?, day(to, source.lang)?);
        Some(if from == to { from } else { fill(source.labels.period, &[&from, &to]) })
    });
    let mut meta = vec![fill(source.labels.conversations, &[&count(summary.cases)])];
    if summary.reps > 0 {
        meta.push(format!(
            "{} {}",
            count(summary.reps),
            if source.lang == Lang::Zh {
                "位销售"
            } else if summary.reps == 1 {
                "rep"
            } else {
                "reps"
            }
        ));
    }
    meta.push(period.unwrap_or_else(|| source.labels.no_dates.to_owned()));
    if summary.decided > 0 {
        let won = source.share(summary.won, summary.decided);
        meta.push(format!("{} {won} (n {})", source.labels.win_rate, count(summary.decided)));
    }
    meta.extend(words::reading(source.review.check(), source.lang));
    meta
}

#[derive(Serialize)]
struct Answer {
    question: &'static str,
    text: String,
    link: &'static str,
}

fn answers(source: &Source<'_>, texts: [String; 5]) -> Vec<Answer> {
    let t = source.labels;
    let heads = [(t.q1, "#map"), (t.q2, "#deviations"), (t.q3, "#findings"), (t.q4, "#steps"), (t.q5, "#cases")];
    heads.into_iter().zip(texts).map(|((question, link), text)| Answer { question, text, link }).collect()
}

#[derive(Serialize)]
struct Map {
    name: String,
    open: bool,
    svg: Value,
    list: Value,
    anytime: Option<String>,
}

fn maps(source: &Source<'_>, counts: &[FlowCounts]) -> Vec<Map> {
    let check = source.review.check();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(counts[i].cases), i));
    order.truncate(MAPS);
    (order.iter().enumerate())
        .map(|(rank, &i)| {
            let sop = &check.playbook().entries()[i].sop;
            let free: Vec<String> = sop.anytime().iter().map(|id| short(sop.title(id), NAME)).collect();
            Map {
                name: format!("{} ({})", short(sop.name(), NAME), fill(source.labels.n_cases, &[&count(counts[i].cases)])),
                open: rank < MAPS_OPEN,
                svg: Value::from_safe_string(map::svg(sop, &counts[i], source.lang, &format!("map{rank}"))),
                list: Value::from_safe_string(map::list(sop, &counts[i], source.lang)),
                anytime: (!free.is_empty()).then(|| fill(source.labels.anytime, &[&free.join(if source.lang == Lang::Zh { "、" } else { ", " })])),
            }
        })
        .collect()
}
