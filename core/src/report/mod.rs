//! The review as a page: one self-contained HTML file, in Chinese and in English.
//!
//! In: a [`Review`]. Out: HTML text that loads nothing, runs nothing but its own script (named by its hash; the page can be
//! read without), and can be printed. The same review gives the same bytes. Every text goes through one formatter that
//! takes control characters out and escapes.

mod cases;
mod filter;
mod findings;
mod gaps;
mod innovations;
mod map;
mod people;
mod proposed;
mod rails;
mod rep;
mod tables;
mod talk;
mod team;
#[cfg(test)]
mod tests;
mod watch;

use base64::Engine;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{Environment, Value, context};
use serde::Serialize;
use sha2::Digest;

use self::cases::Sample;
use self::filter::Columns;
use crate::check::{DeviationCount, FlowCounts};
use crate::coaching::{Decline, People, Tier};
use crate::error::{Error, Fault, Result};
use crate::evidence::Gap;
use crate::monitor::{Alert, Execution};
use crate::review::{Review, Summary};
use crate::table::Table;
use crate::talk::TalkTracks;
use crate::text::{plain, short};
use crate::words::{self, Labels, Lang, Opening, count, fill, labels, share};

/// SOPs that are drawn, and of those the ones that stand open.
const MAPS: usize = 30;
const MAPS_OPEN: usize = 3;
/// Reps in the heat map.
const HEAT: usize = 60;
/// Longest name shown, in columns.
const NAME: usize = 90;

/// What a part of the page is made from, in a language.
struct Source<'a> {
    review: &'a Review,
    lang: Lang,
    labels: &'static Labels,
    deviations: &'a [DeviationCount],
}

impl Source<'_> {
    fn share(&self, part: u64, whole: u64) -> String {
        if whole == 0 { "–".to_owned() } else { share(part as f64 / whole as f64, self.lang) }
    }
}

/// What both languages are made from, found once.
struct Facts<'a> {
    review: &'a Review,
    deviations: Vec<DeviationCount>,
    summary: Summary,
    counts: Vec<FlowCounts>,
    gaps: Vec<Gap>,
    variants: Table,
    steps: Table,
    reps: Table,
    sample: Sample,
    columns: Columns,
    staff: Option<Staff<'a>>,
    talk: Option<&'a TalkTracks>,
    next: Vec<proposed::Next>,
}

/// The people of the page.
struct Staff<'a> {
    people: &'a People,
    alerts: Vec<Alert>,
    execution: &'a Execution,
    /// Declines that last, and of which stable people would show less than one.
    declines: Vec<Decline>,
    /// Reps below standard in a competence, and which.
    below: Vec<(String, String)>,
}

impl<'a> Facts<'a> {
    fn of(review: &'a Review) -> Result<Self> {
        let check = review.check();
        let mut found: Vec<(usize, usize)> = Vec::new();
        let (deviations, places) = check.deviations_by_case(|case, number| found.push((case, number)))?;
        let mut rows = vec![0u32; check.len()];
        for (case, number) in found {
            if let Some(place) = places[number].filter(|&place| place < tables::DEVIATIONS) {
                rows[case] |= 1 << place;
            }
        }
        let summary = review.summary();
        let staff = if summary.reps > 0 && summary.cases > summary.unchecked { Some(Staff::of(review.people()?)?) } else { None };
        Ok(Self {
            review,
            summary,
            counts: check.flow_counts()?,
            gaps: gaps::found(review)?,
            variants: check.variants(),
            steps: check.steps()?,
            reps: check.reps(),
            sample: Sample::draw(review, &deviations),
            columns: Columns::of(check, &rows),
            staff,
            talk: talk::found(review)?,
            next: proposed::found(review)?,
            deviations,
        })
    }

    /// Whether the outcome is won or lost, not a number.
    fn yes_no(&self) -> bool {
        self.summary.decided > 0
    }

    fn source(&self, lang: Lang) -> Source<'_> {
        Source { review: self.review, lang, labels: labels(lang), deviations: &self.deviations }
    }
}

impl<'a> Staff<'a> {
    fn of(people: &'a People) -> Result<Self> {
        let competences: Vec<&str> = people.skills().skills().iter().filter(|s| s.chance.is_none()).map(|s| s.key.as_str()).collect();
        let rows = people.skills().rows().into_iter();
        let mut below: Vec<(String, String)> =
            rows.filter(|r| r.tier == Tier::BelowStandard && competences.contains(&r.skill.as_str())).map(|r| (r.rep, r.skill)).collect();
        below.sort_unstable();
        let watched = (competences.len() * people.skills().chances().reps().count()) as f64;
        let declines = people.declines()?.iter().filter(|d| d.until.is_none() && d.chance_alone * watched < 1.0).cloned().collect();
        Ok(Self { people, alerts: people.alerts()?, execution: people.execution()?, declines, below })
    }
}

/// The report of a review: both languages in one page, that of `lang` first.
pub(crate) fn html(review: &Review, lang: Lang) -> Result<String> {
    let facts = Facts::of(review)?;
    let environment = environment()?;
    let other = if lang == Lang::Zh { Lang::En } else { Lang::Zh };
    let sides = [side(&facts, lang, &environment)?, side(&facts, other, &environment)?];
    let script = include_str!("page.js");
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(script.as_bytes()));
    let template = environment.get_template("page.html").map_err(|e| broken(&e))?;
    let source = facts.source(lang);
    let html = template.render(context! {
        lang => code(lang),
        css => Value::from_safe_string(concat!(include_str!("map.css"), include_str!("page.css"), include_str!("people.css")).to_owned()),
        title => names(&source),
        report => source.labels.report,
        sides => Serde(sides),
        head => facts.columns.head(facts.yes_no()),
        rows => Value::from_safe_string(facts.columns.rows().to_owned()),
        script => Value::from_safe_string(script.to_owned()),
        script_hash => Value::from_safe_string(format!("sha256-{hash}")),
    });
    html.map_err(|e| broken(&e))
}

fn code(lang: Lang) -> &'static str {
    if lang == Lang::Zh { "zh-CN" } else { "en" }
}

/// The page in one language.
#[derive(Serialize)]
struct Side {
    code: &'static str,
    lang: &'static str,
    name: &'static str,
    html: Value,
}

fn side(facts: &Facts<'_>, lang: Lang, environment: &Environment<'_>) -> Result<Side> {
    let (review, summary, sample) = (facts.review, &facts.summary, &facts.sample);
    let source = facts.source(lang);
    let labels = source.labels;
    let improved = review.improvements()?;
    let (declines, below) = facts.staff.as_ref().map_or((&[][..], &[][..]), |staff| (&staff.declines[..], &staff.below[..]));
    let opening = Opening {
        summary,
        top: facts.deviations.first().filter(|d| d.cases > d.accepted),
        worst: words::most_skipped(review.findings()),
        outcome: review.check().outcome().is_some(),
        stop: tables::most_stopped(&source, &facts.counts),
        helps: words::most_helping(review.findings()),
        improved,
        declines,
        below,
        lang,
    };
    let (heat, time) = match &facts.staff {
        Some(staff) => (vec![team::heat(staff.people, None, HEAT, lang)?], watch::over_time(staff.people, &staff.alerts, staff.execution, lang)),
        None => (Vec::new(), Vec::new()),
    };
    let template = environment.get_template("side.html").map_err(|e| broken(&e))?;
    let (rows, more_deviations) = tables::deviations(&source, sample, summary);
    let html = template.render(context! {
        t => Serde(labels),
        title => names(&source),
        meta => meta(&source, summary),
        headline => opening.headline(),
        answers => Serde(answers(&source, &opening)),
        parts => Serde(parts(labels, facts.talk.is_some(), !time.is_empty())),
        bar => Serde(facts.columns.bar(&source)),
        yes_no => facts.yes_no(),
        stops => opening.stops(),
        partings => opening.partings(),
        help => opening.help(),
        look => opening.look(),
        sops => Serde(tables::sops(&source)),
        maps => Serde(maps(&source, &facts.counts)),
        more_maps => more(labels.sops_more, review.check().playbook().entries().len(), MAPS),
        findings => Serde(findings::section(&source, sample)),
        gaps => Serde(gaps::pictures(&source, &facts.gaps)),
        improve => Serde(innovations::section(&source, sample, improved)),
        talk => Serde(facts.talk.map(|talk| talk::section(&source, talk)).transpose()?),
        next => Serde(proposed::sections(&source, &facts.next)),
        deviations => Serde(rows),
        more_deviations => more_deviations,
        deviations_note => fill(labels.deviations_note, &[&count(summary.cases - summary.unchecked)]),
        variants => Serde(tables::variants(&source, sample, &facts.variants)),
        steps => Serde(tables::steps(&source, &facts.steps)),
        reps => Serde(tables::reps(&source, &facts.reps, |name| facts.columns.rep(review.check(), name))),
        staff => Serde(heat),
        time => Serde(time),
        cases => Serde(cases::section(&source, sample, &facts.columns)?),
        made_by => fill(labels.made_by, &[env!("CARGO_PKG_VERSION")]),
    });
    let (code, name) = if lang == Lang::Zh { ("zh", "中文") } else { ("en", "English") };
    let html = own_names(&html.map_err(|e| broken(&e))?, code);
    Ok(Side { code, lang: self::code(lang), name, html: Value::from_safe_string(html) })
}

/// Two languages in one page: each names its places for itself. A text never holds a bare quotation mark, so that what is
/// replaced stands in the template or a drawing.
fn own_names(html: &str, code: &str) -> String {
    let mut html = html.to_owned();
    for place in [" id=\"", "href=\"#", "aria-labelledby=\"", " list=\""] {
        html = html.replace(place, &format!("{place}{code}-"));
    }
    html
}

/// The parts of the page, for going there.
fn parts(t: &'static Labels, talk: bool, time: bool) -> Vec<(&'static str, &'static str)> {
    let mut parts = vec![("map", t.map), ("findings", t.findings), ("improve", t.improve)];
    parts.extend(talk.then_some(("talk", t.talk)));
    parts.extend([("deviations", t.deviations), ("variants", t.variants), ("steps", t.steps), ("reps", t.reps)]);
    parts.extend(time.then_some(("time", t.time)));
    parts.push(("cases", t.case_section));
    parts
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
    page.add_template("side.html", include_str!("side.html")).map_err(|e| broken(&e))?;
    page.add_template("part.html", include_str!("part.html")).map_err(|e| broken(&e))?;
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

fn answers(source: &Source<'_>, opening: &Opening<'_>) -> Vec<Answer> {
    let t = source.labels;
    let change = if opening.proposal().is_some() { "#proposals" } else { "#cases" };
    let heads = [(t.q1, "#map"), (t.q2, "#findings"), (t.q3, "#improve"), (t.q4, "#reps"), (t.q5, change)];
    heads.into_iter().zip(opening.answers()).map(|((question, link), text)| Answer { question, text, link }).collect()
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
