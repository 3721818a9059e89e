//! Which steps of which method pay, where: findings laid on the fragments that an SOP was composed of.

use crate::evidence::{ChoiceKind, Finding, Verdict};
use crate::sop::{Sop, Source};
use crate::table::{Column, Table};

/// A row: a step of a fragment, a finding about doing it, and one segment or all cases.
struct Row<'a> {
    fragment: &'a str,
    of: &'a str,
    finding: &'a Finding,
    segment: Option<(&'a str, &'a str)>,
    effect: Option<(f64, f64, f64)>,
    arms: (u64, u64),
}

/// The fit map: a row for each step of a fragment and each finding about it, over all cases and in each segment.
///
/// In: where the steps of an SOP came from ([`Composed::sources`](crate::sop::Composed)), the SOP (as composed, or a later
/// version of it under the same name), and findings about it. Out: columns `fragment`, `fragment_step`, `step`, `title`,
/// `stage`, `choice` (kind of the finding), `point`, `outcome`, `attribute` and `value` (nothing for all cases), `effect`,
/// `ci_low`, `ci_high`, `n_doing`, `n_other`, `verdict`, `q_value`, `segments_differ_p`.
///
/// `effect` is that of *doing* the step (of meeting its standard): of findings about skipping it or failing the standard the
/// sign is turned. Verdicts and q values are those of the finding over all cases; a segment has none of its own, for nothing
/// there is allowed for the number of segments looked at. `segments_differ_p` (Cochran's Q) says whether they differ at all.
pub fn fit_map(sources: &[Source], sop: &Sop, findings: &[Finding]) -> Table {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for source in sources {
        let about = |finding: &&Finding| finding.sop == sop.name() && finding.step() == source.step && turned(finding).is_some();
        for (of, finding) in source.of.iter().flat_map(|of| findings.iter().filter(about).map(move |finding| (of, finding))) {
            let (fragment, of) = (of.fragment.as_str(), of.step.as_str());
            let turn = |(estimate, low, high): (f64, f64, f64)| if turned(finding) == Some(true) { (-estimate, -high, -low) } else { (estimate, low, high) };
            let whole = finding.interval().map(|i| turn((i.estimate, i.low, i.high)));
            rows.push(Row { fragment, of, finding, segment: None, effect: whole, arms: (finding.treated.n, finding.control.n) });
            rows.extend(finding.segments.iter().map(|s| Row {
                fragment,
                of,
                finding,
                segment: Some((&s.attribute, &s.value)),
                effect: Some(turn((s.estimate, s.ci_low, s.ci_high))),
                arms: (s.treated, s.control),
            }));
        }
    }
    table(&rows, sop)
}

/// Whether a finding is about leaving out what the step asks (`true`) or about doing it; nothing where it is about neither.
fn turned(finding: &Finding) -> Option<bool> {
    match finding.what.kind {
        ChoiceKind::Skip | ChoiceKind::Standard => Some(true),
        ChoiceKind::Add | ChoiceKind::Include | ChoiceKind::Branch | ChoiceKind::CatchUp => Some(false),
        _ => None,
    }
}

fn verdict(finding: &Finding) -> Verdict {
    match finding.verdict {
        Verdict::Helps if turned(finding) == Some(true) => Verdict::Hurts,
        Verdict::Hurts if turned(finding) == Some(true) => Verdict::Helps,
        verdict => verdict,
    }
}

fn table(rows: &[Row<'_>], sop: &Sop) -> Table {
    let text = |value: &dyn Fn(&Row<'_>) -> Option<String>| Column::Text(rows.iter().map(|row| value(row).map(Into::into)).collect());
    let float = |value: &dyn Fn(&Row<'_>) -> Option<f64>| Column::Float(rows.iter().map(value).collect());
    // The side that does the step is the one that did not skip it.
    let side = |row: &Row<'_>, doing: bool| Some(if doing == (turned(row.finding) == Some(true)) { row.arms.1 } else { row.arms.0 } as i64);
    let mut table = Table::new("fit");
    table.push("fragment", text(&|row| Some(row.fragment.to_owned())));
    table.push("fragment_step", text(&|row| Some(row.of.to_owned())));
    table.push("step", text(&|row| Some(row.finding.step().to_owned())));
    table.push("title", text(&|row| Some(sop.title(row.finding.step()).to_owned())));
    table.push("stage", text(&|row| sop.steps().get(row.finding.step()).and_then(|step| step.stage.clone())));
    table.push("choice", text(&|row| Some(row.finding.kind().to_owned())));
    table.push("point", text(&|row| row.finding.point.clone()));
    table.push("outcome", text(&|row| Some(row.finding.outcome.clone())));
    table.push("attribute", text(&|row| row.segment.map(|(attribute, _)| attribute.to_owned())));
    table.push("value", text(&|row| row.segment.map(|(_, value)| value.to_owned())));
    table.push("effect", float(&|row| row.effect.map(|effect| effect.0)));
    table.push("ci_low", float(&|row| row.effect.map(|effect| effect.1)));
    table.push("ci_high", float(&|row| row.effect.map(|effect| effect.2)));
    table.push("n_doing", Column::Int(rows.iter().map(|row| side(row, true)).collect()));
    table.push("n_other", Column::Int(rows.iter().map(|row| side(row, false)).collect()));
    table.push("verdict", text(&|row| row.segment.is_none().then(|| verdict(row.finding).name().to_owned())));
    table.push("q_value", float(&|row| row.finding.q_value.filter(|_| row.segment.is_none())));
    table.push(
        "segments_differ_p",
        float(&|row| {
            let (attribute, _) = row.segment?;
            row.finding.heterogeneity.iter().find(|h| h.attribute == attribute).map(|h| h.p_value)
        }),
    );
    table
}
