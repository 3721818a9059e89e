//! What to do next, in a sentence.

use super::{Lang, points};
use crate::advice::{Action, Recommendation};

/// A recommendation and its reason.
pub(crate) fn recommendation(r: &Recommendation, lang: Lang) -> String {
    let title = &r.title;
    let Some(finding) = &r.finding else {
        return match lang {
            Lang::En => format!("The SOP plans “{title}” next."),
            Lang::Zh => format!("按 SOP，下一步是“{title}”。"),
        };
    };
    let lead = match (r.action, lang) {
        (Action::Do, Lang::En) => format!("Do “{title}” next."),
        (Action::DoWell, Lang::En) => format!("Do “{title}” next, and to its standard."),
        (Action::Add, Lang::En) => format!("Consider “{title}” here."),
        (Action::MayLeaveOut, Lang::En) => format!("“{title}” may be left out here."),
        (Action::Avoid, Lang::En) => format!("Better no “{title}” here."),
        (Action::Do, Lang::Zh) => format!("下一步做“{title}”。"),
        (Action::DoWell, Lang::Zh) => format!("下一步做“{title}”，并且做到标准。"),
        (Action::Add, Lang::Zh) => format!("此处可以加做“{title}”。"),
        (Action::MayLeaveOut, Lang::Zh) => format!("此处可以不做“{title}”。"),
        (Action::Avoid, Lang::Zh) => format!("此处最好不做“{title}”。"),
    };
    let own = r.segment.as_ref().map(|s| {
        let unit = |x: f64| if finding.numeric() { format!("{x:+.3}") } else { points(x) };
        match lang {
            Lang::En => format!(" With {} = {} the difference is {} (95 % {} to {}).", s.attribute, s.value, unit(s.estimate), unit(s.ci_low), unit(s.ci_high)),
            Lang::Zh => format!("{}为 {} 的会话中，差异为 {}（95% 区间 {} 至 {}）。", s.attribute, s.value, unit(s.estimate), unit(s.ci_low), unit(s.ci_high)),
        }
    });
    let space = if lang == Lang::En { " " } else { "" };
    format!("{lead}{space}{}{}", finding.sentence(lang), own.unwrap_or_default())
}
