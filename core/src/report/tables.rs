//! The tables of the page: SOPs, deviations, variants, steps and reps.

use indexmap::IndexMap;
use serde::Serialize;

use super::cases::{Link, Sample};
use super::{NAME, Source};
use crate::check::{DeviationKind, FlowCounts};
use crate::evidence::ChoiceKind;
use crate::review::Summary;
use crate::stats::wilson;
use crate::table::{Cell, Table};
use crate::text::short;
use crate::words::{count, deviation_kind, fill, share};

/// Rows shown of each table.
pub(super) const DEVIATIONS: usize = 30;
const VARIANTS: usize = 12;
const STEPS: usize = 200;
const REPS: usize = 60;
/// Steps shown of a path.
const CHIPS: usize = 30;

/// Rows of strings under column names; the first column names the row.
#[derive(Serialize)]
pub(super) struct Rows {
    head: Vec<&'static str>,
    body: Vec<Vec<String>>,
    more: Option<String>,
    /// By what number the filter knows each row.
    keys: Option<Vec<u16>>,
}

fn int(table: &Table, row: usize, column: &str) -> u64 {
    if let Cell::Int(n) = table.get(row, column) { n as u64 } else { 0 }
}

fn float(table: &Table, row: usize, column: &str) -> Option<f64> {
    if let Cell::Float(x) = table.get(row, column) { Some(x) } else { None }
}

fn text(table: &Table, row: usize, column: &str) -> String {
    if let Cell::Text(t) = table.get(row, column) { short(t, NAME) } else { "–".to_owned() }
}

fn more(source: &Source<'_>, all: usize, shown: usize, name: &str) -> Option<String> {
    (all > shown).then(|| fill(source.labels.more_rows, &[&count((all - shown) as u64), name]))
}

/// Title of the step most cases stopped before.
pub(super) fn most_stopped(source: &Source<'_>, counts: &[FlowCounts]) -> Option<(String, u64)> {
    let mut stops: IndexMap<(usize, u32), u64> = IndexMap::new();
    for (i, (count, sop)) in counts.iter().zip(source.review.check().playbook().sops()).enumerate() {
        for (node, n) in sop.nodes().iter().zip(&count.stopped) {
            *stops.entry((i, node.step)).or_default() += n;
        }
    }
    let (&(sop, step), &n) = stops.iter().max_by_key(|&(&key, &n)| (n, std::cmp::Reverse(key)))?;
    let sop = &source.review.check().playbook().entries()[sop].sop;
    let (id, _) = sop.steps().get_index(step as usize)?;
    (n > 0).then(|| (short(sop.title(id), NAME), n))
}

/// A rate with its interval and its n, or why there is none.
fn rate(source: &Source<'_>, won: u64, decided: u64) -> String {
    match wilson(won, decided, 0.95) {
        Some(i) => format!("{} [{}, {}] (n {})", share(i.estimate, source.lang), share(i.low, source.lang), share(i.high, source.lang), count(decided)),
        None => "–".to_owned(),
    }
}

/// What came of the rows of a table: win rate with interval, or the mean.
fn outcome(source: &Source<'_>, table: &Table, row: usize) -> String {
    match (float(table, row, "win_rate"), float(table, row, "mean_outcome")) {
        (None, Some(mean)) => format!("{mean:.2} (n {})", count(int(table, row, "decided"))),
        _ => rate(source, int(table, row, "won"), int(table, row, "decided")),
    }
}

fn outcome_head(source: &Source<'_>, table: &Table) -> &'static str {
    let numeric = (0..table.len()).any(|row| float(table, row, "mean_outcome").is_some());
    if numeric { source.labels.mean_outcome } else { source.labels.win_rate }
}

/// The SOPs of a playbook of several.
pub(super) fn sops(source: &Source<'_>) -> Option<Rows> {
    let (check, t) = (source.review.check(), source.labels);
    if check.playbook().entries().len() < 2 {
        return None;
    }
    let column = check.outcome_column();
    let mut sums = vec![[0u64; 4]; check.playbook().entries().len()];
    for case in 0..check.len() {
        let Some(path) = check.path_of(case) else { continue };
        let sum = &mut sums[check.sop_of_path(path).0 as usize];
        sum[0] += 1;
        sum[1] += u64::from(check.conforms_so_far(case) == Some(true));
        if let Some(crate::corpus::OutcomeValue::Bool(won)) = column.and_then(|column| column.get(case)) {
            sum[2] += u64::from(won);
            sum[3] += 1;
        }
    }
    let mut order: Vec<usize> = (0..sums.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(sums[i][0]), i));
    let rows = (order.into_iter())
        .map(|i| {
            let [cases, kept, won, decided] = sums[i];
            let name = short(check.playbook().entries()[i].sop.name(), NAME);
            vec![name, count(cases), format!("{} ({})", source.share(kept, cases), count(kept)), rate(source, won, decided)]
        })
        .collect();
    Some(Rows { head: vec![t.sop, t.cases, t.conforms, t.win_rate], body: rows, more: None, keys: None })
}

#[derive(Serialize)]
pub(super) struct DeviationRow {
    anchor: String,
    sentence: String,
    sop: Option<String>,
    kind: &'static str,
    cases: String,
    share: String,
    width: String,
    times: String,
    accepted: String,
    finding: Option<String>,
    examples: Vec<Link>,
}

pub(super) fn deviations(source: &Source<'_>, sample: &Sample, summary: &Summary) -> (Vec<DeviationRow>, Option<String>) {
    let (check, t) = (source.review.check(), source.labels);
    let checked = summary.cases - summary.unchecked;
    let several = check.playbook().entries().len() > 1;
    let shown = super::findings::shown(source.review);
    let rows = (source.deviations.iter().take(DEVIATIONS).enumerate())
        .map(|(i, d)| {
            let sop = check.playbook().entries()[d.sop].sop.name();
            let about = |f: &crate::evidence::Finding| {
                let same = match f.what.kind {
                    ChoiceKind::Skip => d.kind == DeviationKind::Skipped,
                    ChoiceKind::Standard => d.standard.as_ref().is_some_and(|found| f.what.standard.as_ref().is_some_and(|asked| asked.key == found.key)),
                    _ => false,
                };
                same && f.step() == d.step && f.sop == sop
            };
            let open = d.cases - d.accepted;
            DeviationRow {
                anchor: format!("d{i}"),
                sentence: deviation_kind(d, source.lang),
                sop: several.then(|| short(sop, NAME)),
                kind: match d.kind {
                    DeviationKind::Skipped => t.skipped,
                    DeviationKind::Extra => t.extra,
                    DeviationKind::Repeated => t.repeated,
                    DeviationKind::OutOfOrder => t.out_of_order,
                    DeviationKind::BelowStandard => t.below_standard,
                    DeviationKind::Late => t.late,
                },
                cases: count(open),
                share: source.share(open, checked),
                width: format!("{:.1}", 100.0 * open as f64 / checked.max(1) as f64),
                times: count(d.times),
                accepted: count(d.accepted),
                finding: shown.iter().find(|(_, f)| about(f)).map(|(number, _)| format!("#f{number}")),
                examples: sample.links(source, d.examples.iter().copied()),
            }
        })
        .collect();
    (rows, more(source, source.deviations.len(), DEVIATIONS, "deviations"))
}

#[derive(Serialize)]
pub(super) struct Variants {
    note: String,
    head: &'static str,
    rows: Vec<VariantRow>,
}

#[derive(Serialize)]
struct VariantRow {
    steps: Vec<String>,
    rest: Option<String>,
    cases: String,
    share: String,
    deviations: String,
    outcome: String,
    example: Vec<Link>,
}

pub(super) fn variants(source: &Source<'_>, sample: &Sample, table: &Table) -> Variants {
    let (check, t) = (source.review.check(), source.labels);
    let all: u64 = (0..table.len()).map(|row| int(table, row, "cases")).sum();
    let shown = table.len().min(VARIANTS);
    let rows = (0..shown)
        .map(|row| {
            let sop = check.sop_of_path(int(table, row, "variant") as usize).1;
            let steps: &[Box<str>] = if let Cell::TextList(list) = table.get(row, "steps") { list } else { &[] };
            let example = if let Cell::Text(id) = table.get(row, "example") { check.corpus().find(id) } else { None };
            let mut chips: Vec<String> = steps.iter().take(CHIPS).map(|step| short(sop.title(step), 40)).collect();
            if chips.is_empty() {
                chips.push(t.path_empty.to_owned());
            }
            let cases = int(table, row, "cases");
            VariantRow {
                steps: chips,
                rest: (steps.len() > CHIPS).then(|| fill(t.path_more, &[&count((steps.len() - CHIPS) as u64)])),
                cases: count(cases),
                share: source.share(cases, all),
                deviations: float(table, row, "deviations_per_case").map_or_else(|| "–".to_owned(), |x| format!("{x:.1}")),
                outcome: outcome(source, table, row),
                example: sample.links(source, example),
            }
        })
        .collect();
    let values = if source.lang == crate::words::Lang::Zh { [all, table.len() as u64, shown as u64] } else { [table.len() as u64, all, shown as u64] };
    Variants { note: fill(t.variants_note, &values.map(count).each_ref().map(String::as_str)), head: outcome_head(source, table), rows }
}

pub(super) fn steps(source: &Source<'_>, table: &Table) -> Rows {
    let t = source.labels;
    let several = source.review.check().playbook().entries().len() > 1;
    let staged = (0..table.len()).any(|row| table.get(row, "stage") != Cell::Null);
    let mut head = vec![t.step];
    head.extend(several.then_some(t.sop));
    head.extend(staged.then_some(t.stage));
    head.extend([t.reached, t.done, t.skipped, t.stopped_before, t.out_of_order, t.repeated, t.extra]);
    // Planned steps in the order of the file; of the others only those that happened.
    let happened = |row: usize| ["reached", "repeated", "extra", "anytime"].iter().any(|c| int(table, row, c) > 0);
    let kept: Vec<usize> = (0..table.len()).filter(|&row| table.get(row, "planned") == Cell::Bool(true) || happened(row)).collect();
    let rows = (kept.iter().take(STEPS))
        .map(|&row| {
            let reached = int(table, row, "reached");
            let planned = table.get(row, "planned") == Cell::Bool(true);
            let part = |column: &str| {
                let n = int(table, row, column);
                if n == 0 || reached == 0 { count(n) } else { format!("{} ({})", count(n), source.share(n, reached)) }
            };
            let mut cells = vec![text(table, row, "title")];
            cells.extend(several.then(|| text(table, row, "sop")));
            cells.extend(staged.then(|| if planned { text(table, row, "stage") } else { t.unplanned.to_owned() }));
            cells.push(count(reached));
            cells.push(if int(table, row, "anytime") > 0 { count(int(table, row, "anytime")) } else { part("done") });
            cells.extend(["skipped", "stopped_before", "out_of_order"].map(part));
            cells.extend(["repeated", "extra"].map(|column| count(int(table, row, column))));
            cells
        })
        .collect();
    Rows { head, body: rows, more: more(source, kept.len(), STEPS, "steps"), keys: None }
}

pub(super) fn reps(source: &Source<'_>, table: &Table, rep_number: impl Fn(&str) -> u16) -> Rows {
    let t = source.labels;
    let mut order: Vec<usize> = (0..table.len()).collect();
    order.sort_by_key(|&row| (std::cmp::Reverse(int(table, row, "cases")), row));
    let rows = (order.iter().take(REPS))
        .map(|&row| {
            let cases = int(table, row, "cases");
            let mean = |column: &str| float(table, row, column).map_or_else(|| "–".to_owned(), |x| share(x, source.lang));
            vec![
                text(table, row, "rep"),
                count(cases),
                format!("{} ({})", source.share(int(table, row, "conforms_so_far"), cases), count(int(table, row, "conforms_so_far"))),
                format!("{} / {}", count(int(table, row, "fully_conforms")), count(int(table, row, "complete"))),
                mean("adherence"),
                mean("fitness"),
                outcome(source, table, row),
            ]
        })
        .collect();
    let keys = order.iter().take(REPS).map(|&row| rep_number(if let Cell::Text(name) = table.get(row, "rep") { name } else { "" })).collect();
    Rows {
        head: vec![t.rep, t.cases, t.conforms, t.fully, t.adherence, t.fitness, outcome_head(source, table)],
        body: rows,
        more: more(source, table.len(), REPS, "reps"),
        keys: Some(keys),
    }
}
