//! The sentences of the library, in Chinese and in English.
//!
//! In: what was found, typed. Out: one sentence a person of the trade would say. No sentence says more than what it is
//! made from; association is worded as association.

use serde::Serialize;

use crate::check::{Deviation, DeviationKind};

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
    };
    if d.disputed {
        text.push_str(" (ahead of its place, or stopped)");
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
    };
    if d.disputed {
        text.push_str("（也可能是提前做了这一步，或跟进停在了这里）");
    }
    if d.accepted {
        text.push_str("；此偏差已获认可");
    }
    text + "。"
}
