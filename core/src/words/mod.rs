//! The sentences of the library, in Chinese and in English.
//!
//! In: what was found, typed. Out: one sentence a person of the trade would say. No sentence says more than what it is
//! made from; association is worded as association.

mod advice;
mod crm;
mod finding;
mod gap;
mod habits;
mod hints;
mod innovations;
pub(crate) mod judges;
mod labels;
mod opening;
mod patch;
pub(crate) mod people;
mod pilot;
mod sample;
mod scores;
mod standards;
mod summary;
mod what_if;

use serde::Serialize;

use crate::check::{Deviation, DeviationKind};

pub(crate) use advice::recommendation;
pub(crate) use crm::crm;
pub(crate) use finding::{asked, caveat, choice_name, finding};
pub(crate) use gap::{gap, gap_part, rounded};
pub(crate) use habits::{habit, work_habit};
pub(crate) use innovations::{backtest, best_path, improve_note, innovation, innovator, proposal};
pub(crate) use labels::{Labels, fill, labels};
pub(crate) use opening::{Opening, deviation_kind};
pub(crate) use pilot::{pilot, plan as pilot_plan};
pub(crate) use sample::sample_bias;
pub(crate) use scores::score_part;
pub(crate) use standards::{requirement, requirement_of, shortfall};
pub(crate) use summary::{most_helping, most_skipped, reading, summary};
pub(crate) use what_if::what_if;

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
