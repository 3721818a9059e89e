//! What the CRM claims against what the conversations show, in a few sentences.

use super::{Lang, count, share};
use crate::monitor::{Agreement, CrmTruth};

/// Each field, and the reps that stand out.
pub(crate) fn crm(found: &CrmTruth, lang: Lang) -> Vec<String> {
    let of_all = found.agreement.iter().filter(|a| a.rep.is_none());
    of_all
        .flat_map(|all| {
            std::iter::once(field(all, lang)).chain(found.agreement.iter().filter(|a| a.field == all.field && a.stands_out).map(|a| rep(a, all, lang)))
        })
        .collect()
}

fn field(a: &Agreement, lang: Lang) -> String {
    let [agrees, low, high] = [a.share.estimate, a.share.low, a.share.high].map(|x| share(x, lang));
    let (n, ahead, behind) = (count(a.n), count(a.claimed_ahead), count(a.behind));
    match lang {
        Lang::En => format!(
            "“{}” in the CRM agrees with the conversations in {agrees} of {n} cases (95 % {low} to {high}); {ahead} are claimed ahead of them, {behind} lie behind.",
            a.field
        ),
        Lang::Zh => format!("CRM 中的“{}”与会话一致的占 {agrees}（共 {n} 例，95% 区间 {low} 至 {high}）；{ahead} 例填得比会话超前，{behind} 例落后。", a.field),
    }
}

fn rep(a: &Agreement, all: &Agreement, lang: Lang) -> String {
    let rep = a.rep.as_deref().unwrap_or_default();
    let [ahead, low, high, usual] = [a.ahead.estimate, a.ahead.low, a.ahead.high, all.ahead.estimate].map(|x| share(x, lang));
    let (n, of) = (count(a.n), count(a.claimed_ahead));
    match lang {
        Lang::En => {
            format!("{rep} claims “{}” ahead of the conversations in {of} of {n} cases ({ahead}, 95 % {low} to {high}); in all it is {usual}.", a.field)
        }
        Lang::Zh => format!("{rep} 的“{}”有 {of} 例（共 {n} 例，{ahead}，95% 区间 {low} 至 {high}）填得比会话超前；总体为 {usual}。", a.field),
    }
}
