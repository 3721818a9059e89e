//! The sentences of the library, in Chinese and in English.
//!
//! In: what was found, typed. Out: one sentence a person of the trade would say. No sentence says more than what it is
//! made from; association is worded as association.

mod hints;
mod labels;
mod opening;
mod scores;
mod standards;
mod summary;

use serde::Serialize;

use crate::check::{Deviation, DeviationKind};
use crate::evidence::{Estimand, Finding, What};
use crate::stats::Interval;

pub(crate) use labels::{Labels, fill, labels};
pub(crate) use opening::{Opening, deviation_kind};
pub(crate) use scores::score_part;
pub(crate) use standards::{requirement, shortfall};
pub(crate) use summary::{most_skipped, reading, summary};

/// Language of sentences and reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl std::str::FromStr for Lang {
    type Err = crate::Error;

    fn from_str(name: &str) -> crate::Result<Self> {
        match name {
            "en" => Ok(Self::En),
            "zh" => Ok(Self::Zh),
            other => Err(crate::Error::argument("lang", format!("`{other}` is not a language of the library"), "`zh` or `en`")),
        }
    }
}

/// A deviation in one sentence.
pub(crate) fn deviation(d: &Deviation, lang: Lang) -> String {
    match lang {
        Lang::En => deviation_en(d),
        Lang::Zh => deviation_zh(d),
    }
}

fn deviation_en(d: &Deviation) -> String {
    let step = &d.title;
    let after = |place: &Option<String>| place.as_ref().map_or_else(|| "at the very start".to_owned(), |p| format!("after “{p}”"));
    let mut text = match d.kind {
        DeviationKind::Skipped => format!("“{step}” was skipped; it is due {}", after(&d.after)),
        DeviationKind::Extra => format!("“{step}” came {}, where it is not planned", after(&d.after)),
        DeviationKind::Repeated => format!("“{step}” was done again {}", after(&d.after)),
        DeviationKind::OutOfOrder => {
            let how = if d.event < d.due { "too early" } else { "too late" };
            format!("“{step}” came {how}: {}, not {}", after(&d.after), after(&d.due_after))
        }
        DeviationKind::BelowStandard | DeviationKind::Late => {
            let found = d.standard.as_ref().map(|s| shortfall(s, Lang::En)).unwrap_or_default();
            let titled = d.standard.as_ref().and_then(|s| s.standard.title.as_ref()).map(|title| format!(" (“{title}”)")).unwrap_or_default();
            let how = if d.kind == DeviationKind::Late { "came late" } else { "fell below standard" };
            format!("“{step}” {how}{titled}: {found}")
        }
    };
    if d.disputed {
        text.push_str(" (ahead of its place, or stopped)");
    }
    if d.provisional {
        text.push_str(" (as it stands now)");
    }
    if d.accepted {
        text.push_str("; this is accepted");
    }
    text + "."
}

fn deviation_zh(d: &Deviation) -> String {
    let step = &d.title;
    let after = |place: &Option<String>| place.as_ref().map_or_else(|| "一开始".to_owned(), |p| format!("“{p}”之后"));
    let mut text = match d.kind {
        DeviationKind::Skipped => format!("跳过了“{step}”，这一步应在{}", after(&d.after)),
        DeviationKind::Extra => format!("在{}做了“{step}”，SOP 此处没有这一步", after(&d.after)),
        DeviationKind::Repeated => format!("在{}又做了一遍“{step}”", after(&d.after)),
        DeviationKind::OutOfOrder => {
            let how = if d.event < d.due { "做早了" } else { "做晚了" };
            format!("“{step}”{how}：实际在{}，应在{}", after(&d.after), after(&d.due_after))
        }
        DeviationKind::BelowStandard | DeviationKind::Late => {
            let found = d.standard.as_ref().map(|s| shortfall(s, Lang::Zh)).unwrap_or_default();
            let titled = d.standard.as_ref().and_then(|s| s.standard.title.as_ref()).map(|title| format!("（{title}）")).unwrap_or_default();
            let how = if d.kind == DeviationKind::Late { "做晚了" } else { "未达标" };
            format!("“{step}”{how}{titled}：{found}")
        }
    };
    if d.disputed {
        text.push_str("（也可能是提前做了这一步，或跟进停在了这里）");
    }
    if d.provisional {
        text.push_str("（就目前来看）");
    }
    if d.accepted {
        text.push_str("；此偏差已获认可");
    }
    text + "。"
}

/// A share in percent, with one decimal.
pub(crate) fn percent(x: f64) -> String {
    format!("{:.1} %", x * 100.0)
}

/// A share as the language writes it.
pub(crate) fn share(x: f64, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{:.1}\u{a0}%", x * 100.0),
        Lang::Zh => format!("{:.1}%", x * 100.0),
    }
}

/// Title of the step a finding is about.
fn finding_step(f: &Finding) -> &str {
    match &f.what {
        What::Skip { title, .. } | What::Conforming { title, .. } | What::Standard { title, .. } => title,
    }
}

/// A difference of shares in points, with its sign.
pub(crate) fn points(x: f64) -> String {
    let text = format!("{:.1}", (x * 100.0).abs());
    // What rounds to nothing has no sign.
    if text == "0.0" { text } else { format!("{}{text}", if x < 0.0 { "−" } else { "+" }) }
}

/// A whole number with separators of thousands.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

/// A finding in one sentence.
pub(crate) fn finding(f: &Finding, lang: Lang) -> String {
    let numeric = f.estimand == Estimand::RawMeanDifference;
    let value = |x: f64| if numeric { format!("{x:.2}") } else { percent(x) };
    let change = |x: f64| if numeric { format!("{x:+.2}") } else { points(x) };
    let (t, c) = (f.treated, f.control);
    let rate = |arm: crate::evidence::Arm| arm.rate.map_or_else(|| "–".to_owned(), value);
    let unit = if numeric {
        ""
    } else if lang == Lang::En {
        " points"
    } else {
        " 个百分点"
    };
    let interval = |i: Option<Interval>| match i {
        Some(i) if lang == Lang::En => format!("{}{unit} (95 % {} to {})", change(i.estimate), change(i.low), change(i.high)),
        Some(i) => format!("{}{unit}（95% 区间 {} 至 {}）", change(i.estimate), change(i.low), change(i.high)),
        None if lang == Lang::En => "a difference that cannot be estimated".to_owned(),
        None => "无法估计".to_owned(),
    };
    let whole = f.estimate.zip(f.ci_low.zip(f.ci_high)).map(|(estimate, (low, high))| Interval { estimate, low, high });
    // Without a clock, those who ended early count as not having done it; those who went on are the fairer half.
    let went_on = f.went_on.map_or_else(String::new, |i| match lang {
        Lang::En => format!("; among those who went on to a later step {}", interval(Some(i))),
        Lang::Zh => format!("；只看后来继续往下走的会话，相差 {}", interval(Some(i))),
    });
    let interval = interval(whole);
    match lang {
        Lang::En => {
            let (who, others) = match &f.what {
                What::Skip { title, .. } => {
                    let at = f.point.as_ref().map_or_else(|| "at the start".to_owned(), |p| format!("after “{p}”"));
                    (
                        format!("Of the cases that stood {at}, {} did not do “{title}” and had {}", count(t.n), rate(t)),
                        format!("{} did and had {}", count(c.n), rate(c)),
                    )
                }
                What::Conforming { title, .. } => (
                    format!("Of the cases that reached “{title}”, {} had kept to the SOP so far and had {}", count(t.n), rate(t)),
                    format!("{} had not and had {}", count(c.n), rate(c)),
                ),
                What::Standard { title, standard, .. } => (
                    format!(
                        "Of the cases in which “{title}” was measured ({}), {} failed the standard and had {}",
                        requirement(standard, lang),
                        count(t.n),
                        rate(t)
                    ),
                    format!("{} met it and had {}", count(c.n), rate(c)),
                ),
            };
            let what = if numeric { format!("mean “{}”", f.outcome) } else { "won".to_owned() };
            format!("{who} {what}; {others} {what}: {interval}{went_on}; unadjusted.")
        }
        Lang::Zh => {
            let what = if numeric { format!("“{}”均值", f.outcome) } else { "赢率".to_owned() };
            let (who, others) = match &f.what {
                What::Skip { title, .. } => {
                    let at = f.point.as_ref().map_or_else(|| "起点".to_owned(), |p| format!("“{p}”之后"));
                    (format!("走到{at}的会话中，{} 通没有做“{title}”，{what} {}", count(t.n), rate(t)), format!("{} 通做了，{what} {}", count(c.n), rate(c)))
                }
                What::Conforming { title, .. } => (
                    format!("走到“{title}”的会话中，{} 通到此一直符合 SOP，{what} {}", count(t.n), rate(t)),
                    format!("{} 通此前已有偏差，{what} {}", count(c.n), rate(c)),
                ),
                What::Standard { title, standard, .. } => (
                    format!("在测得“{title}”标准（{}）的会话中，{} 通未达标，{what} {}", requirement(standard, lang), count(t.n), rate(t)),
                    format!("{} 通达标，{what} {}", count(c.n), rate(c)),
                ),
            };
            format!("{who}；{others}：相差 {interval}{went_on}；未作调整。").replace(" %", "%")
        }
    }
}
