//! The cases to look at: which they are by a stated rule, and each with its rails, its deviations and its turns.

use minijinja::Value;
use rustc_hash::FxHashSet;
use serde::Serialize;

use super::filter::Columns;
use super::rails::Rails;
use super::{NAME, Source, day, findings};
use crate::check::{Alignment, Check, DeviationCount, Status};
use crate::corpus::{Moment, OutcomeValue, Speaker, Turn};
use crate::error::Result;
use crate::review::Review;
use crate::text::{short, stable_hash};
use crate::words::{count, fill, share};

/// Cases shown at most; deviations and findings that give cases, and how many each.
const CASES: usize = 60;
const SOURCES: usize = 10;
const EACH: usize = 4;
/// Turns shown of a case, of those the first, and those beside one that is marked; columns of a turn.
const TURNS: usize = 40;
const FIRST: usize = 6;
const BESIDE: usize = 2;
const WORDS: usize = 400;
/// Bytes of turns in a language of the page, and deviations listed of a case.
const BYTES: usize = 700_000;
const DEVIATIONS: usize = 20;

/// The cases that are shown, in their order on the page.
pub(super) struct Sample(Vec<usize>);

/// A link to a case of the page.
#[derive(Serialize)]
pub(super) struct Link {
    href: String,
    name: String,
}

impl Sample {
    /// For each of the first deviations and findings some of its examples, the most frequent in turn.
    pub(super) fn draw(review: &Review, deviations: &[DeviationCount]) -> Self {
        let corpus = review.check().corpus();
        let mut lists: Vec<Vec<usize>> = deviations.iter().take(SOURCES).map(|d| d.examples.clone()).collect();
        let shown = findings::shown(review);
        lists.extend(shown.iter().take(SOURCES).map(|(_, f)| f.cases.iter().filter_map(|id| corpus.find(id)).collect()));
        let (mut cases, mut seen) = (Vec::new(), FxHashSet::default());
        for rank in 0..EACH {
            for list in &lists {
                cases.extend(list.get(rank).copied().filter(|&case| seen.insert(case)));
            }
        }
        if cases.is_empty() {
            // Nothing in question: a few cases all the same, so that the page can be followed down to the turns.
            let mut all: Vec<(u64, usize)> = corpus.ids().enumerate().map(|(case, id)| (stable_hash(id), case)).collect();
            all.sort_unstable();
            cases = all.into_iter().map(|(_, case)| case).take(EACH).collect();
        }
        cases.retain(|&case| review.check().path_of(case).is_some());
        cases.truncate(CASES);
        Self(cases)
    }

    /// Links to those of the cases that are on the page.
    pub(super) fn links(&self, source: &Source<'_>, cases: impl IntoIterator<Item = usize>) -> Vec<Link> {
        let corpus = source.review.check().corpus();
        (cases.into_iter())
            .filter_map(|case| self.0.iter().position(|&have| have == case).map(|at| (case, at)))
            .take(EACH)
            .map(|(case, at)| Link { href: format!("#c{}", at + 1), name: short(corpus.store().ids.get(case as u32).unwrap_or_default(), 24) })
            .collect()
    }
}

#[derive(Serialize)]
pub(super) struct Section {
    rule: String,
    cases: Vec<Case>,
}

#[derive(Serialize)]
struct Case {
    anchor: String,
    /// What the filter knows it by.
    keys: String,
    id: String,
    facts: Vec<String>,
    wide: Value,
    narrow: Value,
    cut: Option<String>,
    deviations: Vec<String>,
    more_deviations: Option<String>,
    turns: Vec<Said>,
    turns_note: Option<String>,
}

/// A turn, or how many were left out.
#[derive(Serialize)]
struct Said {
    gap: Option<String>,
    number: usize,
    speaker: &'static str,
    role: &'static str,
    name: String,
    at: String,
    text: String,
    steps: Vec<String>,
    marked: bool,
}

pub(super) fn section(source: &Source<'_>, sample: &Sample, columns: &Columns) -> Result<Section> {
    let (check, t) = (source.review.check(), source.labels);
    let mut bytes = 0;
    let mut cases = Vec::with_capacity(sample.0.len());
    for (i, &case) in sample.0.iter().enumerate() {
        if let Some(alignment) = check.alignment_of(case)? {
            cases.push(Case { keys: columns.keys_of(check, case), ..one(source, check, case, &alignment, i, &mut bytes) });
        }
    }
    let numbers: [String; 4] = [cases.len(), check.len(), SOURCES, EACH].map(|n| count(n as u64));
    Ok(Section { rule: fill(t.case_rule, &numbers.each_ref().map(String::as_str)), cases })
}

fn one(source: &Source<'_>, check: &Check, case: usize, a: &Alignment, number: usize, bytes: &mut usize) -> Case {
    let t = source.labels;
    let sop = check.path_of(case).map(|path| check.sop_of_path(path).1);
    let title = |step: &str| sop.map_or_else(|| short(step, NAME), |sop| short(sop.title(step), NAME));
    let store = check.corpus().store();
    let mut facts: Vec<String> = Vec::new();
    facts.extend(store.reps.get(check.rep_of(case)).map(|rep| short(rep, 40)));
    facts.extend(day(store.started_at[case], source.lang).filter(|_| store.started_at[case] != crate::corpus::NO_TIME));
    if check.playbook().entries().len() > 1 {
        facts.push(short(&a.sop, NAME));
    }
    facts.push(status(source, a.status).to_owned());
    if let Some(name) = check.outcome() {
        facts.push(match check.outcome_column().and_then(|column| column.get(case)) {
            Some(OutcomeValue::Bool(true)) if name == "won" => t.won.to_owned(),
            Some(OutcomeValue::Bool(false)) if name == "won" => t.lost.to_owned(),
            Some(OutcomeValue::Bool(value)) => format!("{}: {}", short(name, 30), if value { "✓" } else { "✗" }),
            Some(OutcomeValue::Number(x)) => format!("{}: {x:.2}", short(name, 30)),
            None => t.undecided.to_owned(),
        });
    }
    facts.push(format!("{} {}", t.fitness, share(a.fitness, source.lang)));
    facts.extend(a.adherence.map(|x| format!("{} {}", t.adherence, share(x, source.lang))));
    let rails = Rails::of(a, sop, &title, t);
    let deviations: Vec<String> = a.deviations.iter().take(DEVIATIONS).map(|d| d.sentence(source.lang)).collect();
    let (turns, turns_note) = turns(source, check, case, a, &title, bytes);
    Case {
        anchor: format!("c{}", number + 1),
        keys: String::new(),
        id: short(&a.case, NAME),
        facts,
        wide: Value::from_safe_string(rails.svg(10, "wide")),
        narrow: Value::from_safe_string(rails.svg(3, "narrow")),
        cut: rails.cut(),
        more_deviations: (a.deviations.len() > DEVIATIONS).then(|| fill(t.more_deviations, &[&count((a.deviations.len() - DEVIATIONS) as u64)])),
        deviations,
        turns,
        turns_note,
    }
}

fn status(source: &Source<'_>, status: Status) -> &'static str {
    match status {
        Status::Complete => source.labels.status_complete,
        Status::Stopped => source.labels.status_stopped,
        Status::Open => source.labels.status_open,
        Status::Unchecked => source.labels.status_unchecked,
    }
}

/// The turns that are shown: all of a short case; else the first, and those around a deviation.
fn turns(source: &Source<'_>, check: &Check, case: usize, a: &Alignment, title: &dyn Fn(&str) -> String, bytes: &mut usize) -> (Vec<Said>, Option<String>) {
    let t = source.labels;
    let total = check.corpus().store().turn_range(case).len();
    if total == 0 {
        return (Vec::new(), Some(t.no_turns.to_owned()));
    }
    if *bytes > BYTES {
        return (Vec::new(), Some(t.turns_budget.to_owned()));
    }
    let mut marked = vec![false; total];
    for (first, last) in a.deviations.iter().filter(|d| !d.accepted).filter_map(|d| d.turns) {
        for mark in marked.iter_mut().take(last as usize + 1).skip(first as usize) {
            *mark = true;
        }
    }
    let near = |turn: usize| turn < FIRST || marked[turn.saturating_sub(BESIDE)..(turn + BESIDE + 1).min(total)].contains(&true);
    let kept: Vec<usize> = (0..total).filter(|&turn| total <= TURNS || near(turn)).take(TURNS).collect();
    let conversation = check.corpus().conversation(case);
    let mut said = Vec::with_capacity(kept.len());
    let (mut next, mut part, mut before) = (0, None, 0);
    for &turn in &kept {
        if turn > next {
            said.push(Said::gap(fill(t.turns_left_out, &[&count((turn - next) as u64)])));
        }
        next = turn + 1;
        // Each conversation of a deal has its own heading and its own clock.
        if let Some(now) = part_of(check, case, turn).filter(|now| Some(*now) != part) {
            let (id, began) = heading(check, now);
            said.push(Said::gap(fill(t.conversation, &[&short(id, 40), &day(began, source.lang).unwrap_or_default()])));
            before = began.saturating_sub(check.corpus().store().started_at[case]);
            part = Some(now);
        }
        let one = Said::of(&conversation.turns[turn], turn, marked[turn], before, title, t);
        *bytes += one.text.len() + 200;
        said.push(one);
    }
    if total > next {
        said.push(Said::gap(fill(t.turns_left_out, &[&count((total - next) as u64)])));
    }
    (said, (total > kept.len()).then(|| fill(t.turns_cut, &[&count(kept.len() as u64), &count(total as u64)])))
}

/// The conversation of a deal in which a turn was said.
fn part_of(check: &Check, case: usize, turn: usize) -> Option<usize> {
    let store = check.corpus().store();
    let parts = store.parts.as_ref().filter(|parts| parts.of(case).len() > 1)?;
    let turn = store.turn_range(case).start + turn;
    parts.of(case).find(|&part| parts.turns(part).contains(&turn))
}

/// Id and start of a conversation of a deal.
fn heading(check: &Check, part: usize) -> (&str, i64) {
    check.corpus().store().parts.as_ref().map_or(("", crate::corpus::NO_TIME), |parts| (&parts.ids[part], parts.started_at[part]))
}

impl Said {
    fn gap(text: String) -> Self {
        Self {
            gap: Some(text),
            number: 0,
            speaker: "",
            role: "",
            name: String::new(),
            at: String::new(),
            text: String::new(),
            steps: Vec::new(),
            marked: false,
        }
    }

    fn of(turn: &Turn, number: usize, marked: bool, before: i64, title: &dyn Fn(&str) -> String, t: &'static crate::words::Labels) -> Self {
        let (speaker, role) = match turn.speaker {
            Speaker::Agent => ("agent", t.agent),
            Speaker::Customer => ("customer", t.customer_speaks),
            Speaker::System => ("system", t.system),
        };
        let start = turn.start.map(|start| if let Moment::Seconds(s) = start { Moment::Seconds(s - before as f64 / 1000.0) } else { start });
        let at = match start {
            Some(Moment::Seconds(s)) if s >= 0.0 => format!("{}:{:02}", (s / 60.0) as u64, s as u64 % 60),
            _ => String::new(),
        };
        Self {
            gap: None,
            number: number + 1,
            speaker,
            role,
            name: turn.name.as_deref().map(|name| short(name, 40)).unwrap_or_default(),
            at,
            text: short(&turn.text, WORDS),
            steps: turn.steps.iter().take(4).map(|event| title(&event.step)).collect(),
            marked,
        }
    }
}
