//! The sentences a review opens with.

use super::{Lang, count, percent};
use crate::check::Check;
use crate::evidence::{ChoiceKind, Finding, Verdict};
use crate::review::Review;

/// How the words of a review are to be read where its cases are deals, or its outcome is not a win.
pub(crate) fn reading(check: &Check, lang: Lang) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(parts) = &check.corpus().store().parts {
        let (cases, conversations) = (count(check.len() as u64), count(parts.ids.len() as u64));
        notes.push(match lang {
            Lang::En => format!("A case is a deal here: conversations are joined by deal ({conversations} to {cases}), and “conversation” means such a case."),
            Lang::Zh => format!("以商机为单位：{conversations} 通会话合为 {cases} 个商机（没有商机编号的会话单独计），文中的“会话”“通”均指商机。"),
        });
    }
    if check.gives_outcome() {
        notes.push(match lang {
            Lang::En => "“Won” means here that the case brought its deal to a later stage.".to_owned(),
            Lang::Zh => "此处“赢单”指把商机推进到更靠后的阶段，“赢率”指其占比。".to_owned(),
        });
    }
    notes
}

/// The review in a few sentences.
pub(crate) fn summary(review: &Review, lang: Lang) -> Vec<String> {
    let s = review.summary();
    let checked = s.cases - s.unchecked;
    let share = |part: u64, whole: u64| if whole == 0 { "–".to_owned() } else { percent(part as f64 / whole as f64) };
    let mut sentences = match lang {
        Lang::En => vec![
            format!(
                "{} of {} conversations ({}) keep to the SOP as far as they got.",
                count(s.conforming_so_far),
                count(checked),
                share(s.conforming_so_far, checked)
            ),
            format!(
                "Reached the end of the SOP: {}, of these without a deviation: {} ({}). Stopped before: {}. Still open: {}.",
                count(s.complete),
                count(s.fully_conforming),
                share(s.fully_conforming, s.complete),
                count(s.stopped),
                count(s.open)
            ),
        ],
        Lang::Zh => vec![
            format!("{} 通会话中有 {} 通（{}）到目前为止符合 SOP。", count(checked), count(s.conforming_so_far), share(s.conforming_so_far, checked)),
            format!(
                "{} 通走完了全程，其中 {} 通（{}）没有偏差；{} 通中途停止，{} 通仍在跟进。",
                count(s.complete),
                count(s.fully_conforming),
                share(s.fully_conforming, s.complete),
                count(s.stopped),
                count(s.open)
            ),
        ],
    };
    sentences.splice(0..0, reading(review.check(), lang));
    if s.decided > 0 {
        sentences.push(match lang {
            Lang::En => format!("Decided: {}, of these won: {} ({}).", count(s.decided), count(s.won), share(s.won, s.decided)),
            Lang::Zh => format!("已有结果的 {} 通中，赢单 {} 通，赢率 {}。", count(s.decided), count(s.won), share(s.won, s.decided)),
        });
    }
    if s.unchecked > 0 {
        sentences.push(match lang {
            Lang::En => format!("Taken by no SOP of the playbook, and not counted above: {}.", count(s.unchecked)),
            Lang::Zh => format!("另有 {} 通会话没有对应的 SOP，未计入以上数字。", count(s.unchecked)),
        });
    }
    let several = review.check().playbook().entries().len() > 1;
    for finding in [most_skipped(review.findings()), late_conformity(review.findings())].into_iter().flatten() {
        let sentence = finding.sentence(lang);
        sentences.push(match lang {
            _ if !several => sentence,
            Lang::En => format!("{}: {sentence}", finding.sop),
            Lang::Zh => format!("{}：{sentence}", finding.sop),
        });
    }
    if lang == Lang::Zh {
        for sentence in &mut sentences {
            *sentence = sentence.replace(" %", "%");
        }
    }
    sentences
}

/// The skip that goes with the largest loss, of those that clearly go with worse results.
pub(crate) fn most_skipped(findings: &[Finding]) -> Option<&Finding> {
    heaviest(findings, |f| f.verdict == Verdict::Hurts && f.what.kind == ChoiceKind::Skip)
}

/// The choice outside the plain path that goes with the largest clear gain.
pub(crate) fn most_helping(findings: &[Finding]) -> Option<&Finding> {
    let outside = |kind| !matches!(kind, ChoiceKind::Skip | ChoiceKind::Conforming | ChoiceKind::Standard);
    heaviest(findings, |f| f.verdict == Verdict::Helps && outside(f.what.kind))
}

/// Of some findings the one with the largest weight.
fn heaviest(findings: &[Finding], of: impl Fn(&Finding) -> bool) -> Option<&Finding> {
    let order = |a: &&Finding, b: &&Finding| (weight(a), a.step()).partial_cmp(&(weight(b), b.step())).unwrap_or(std::cmp::Ordering::Equal);
    findings.iter().filter(|f| of(f)).max_by(order)
}

/// Size times how many cases it touches.
fn weight(f: &Finding) -> f64 {
    f.estimate.unwrap_or(0.0).abs() * f.treated.n as f64
}

/// Conforming against not at the step with the most cases in its smaller arm, of those that can be told.
fn late_conformity(findings: &[Finding]) -> Option<&Finding> {
    findings
        .iter()
        .filter(|f| f.what.kind == ChoiceKind::Conforming && f.verdict != Verdict::NotEnoughEvidence)
        .max_by_key(|f| (f.comparable.treated.min(f.comparable.control), f.step()))
}
