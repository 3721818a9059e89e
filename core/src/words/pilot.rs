//! Pilots in a few sentences: what is planned, and where it stands.

use super::{Lang, count, points, share};
use crate::improve::{Pilot, PilotDesign, PilotPlan, PilotState, StopRule};

fn size(x: f64, numeric: bool) -> String {
    if numeric { format!("{x:+.2}").replace('-', "−") } else { points(x) }
}

fn unit(numeric: bool, lang: Lang) -> &'static str {
    match (numeric, lang) {
        (true, _) => "",
        (false, Lang::En) => " points",
        (false, Lang::Zh) => " 个百分点",
    }
}

/// What is tried, by whom, how long, and when it stops.
pub(crate) fn plan(p: &PilotPlan, lang: Lang) -> String {
    let (a, title) = (&p.asked, &p.choice.title);
    let trying = p.reps.iter().filter(|start| start.from.is_some()).count();
    let (reps, cases, days) = (p.reps.len(), count(p.planned_cases), p.planned_days);
    let most = a.max_days.unwrap_or(days);
    let (alpha, power) = (share(a.alpha, lang), share(a.power, lang));
    if lang == Lang::En {
        let at = p.choice.point_title.as_ref().map_or_else(|| "at the start".to_owned(), |point| format!("after “{point}”"));
        let who = match a.design {
            PilotDesign::ByRep => format!("{trying} of {reps} reps, drawn at random in pairs of like results, try it"),
            PilotDesign::Staggered => {
                format!("{reps} reps try it one wave after the other, {} waves {} days apart, in an order drawn at random", a.waves, a.wave_days)
            }
            PilotDesign::ByCase => "every second case of each rep, drawn at random, tries it".to_owned(),
        };
        format!(
            "Pilot of “{title}” {at} from {}: {who}. About {cases} cases ({days} days) show an effect of {} on `{}` with power {power}; looking at any time, a false alarm has a chance of at most {alpha}. It stops when the interval lies on the side of a gain or of a loss, when it excludes that effect, or after {most} days.",
            a.start, a.smallest_effect, p.outcome
        )
    } else {
        let at = p.choice.point_title.as_ref().map_or_else(|| "在开头".to_owned(), |point| format!("在“{point}”之后"));
        let who = match a.design {
            PilotDesign::ByRep => format!("{reps} 位销售按业绩相近两两成对，随机抽出 {trying} 位试用"),
            PilotDesign::Staggered => format!("{reps} 位销售分 {} 批先后试用，每批相隔 {} 天，先后随机", a.waves, a.wave_days),
            PilotDesign::ByCase => "每位销售的会话随机抽一半试用".to_owned(),
        };
        format!(
            "试点：自 {} 起{at}做“{title}”。{who}。约 {cases} 通（{days} 天）能以 {power} 的把握看出“{}”上 {} 的效果；随时查看，误报的机会都不超过 {alpha}。区间落在变好或变差一侧、区间排除了该效果，或满 {most} 天即停。",
            a.start, p.outcome, a.smallest_effect
        )
    }
}

/// Where it stands, the effect of being drawn, and how many did it.
pub(crate) fn pilot(p: &Pilot, lang: Lang) -> String {
    let [tries, usual] = &p.arms;
    let did = |of: &crate::improve::PilotArm| share(of.did as f64 / of.n.max(1) as f64, lang);
    let (n, m) = (count(tries.n), count(usual.n));
    let numeric = p.numeric();
    let effect = p.effect.map(|i| (size(i.estimate, numeric), size(i.low, numeric), size(i.high, numeric)));
    let level = share(p.level(), lang);
    let (title, unit) = (p.title(), unit(numeric, lang));
    if lang == Lang::En {
        let state = match (p.state, p.stopped) {
            (PilotState::Shown, Some((_, day))) => format!("“{title}” is shown to work (on {day})"),
            (PilotState::Harmful, Some((_, day))) => format!("“{title}” does harm (shown on {day}): stop"),
            (PilotState::StoppedWithoutEffect, Some((StopRule::Futility, day))) => {
                format!("“{title}” does not bring what was hoped for: the effect of interest is excluded (on {day})")
            }
            (PilotState::StoppedWithoutEffect, _) => format!("the pilot of “{title}” is over and shows nothing"),
            (PilotState::Running, _) => format!("the pilot of “{title}” runs on: nothing is shown yet"),
            _ => format!("the pilot of “{title}” has too few cases to say anything"),
        };
        let mut text = state;
        if let Some((e, low, high)) = effect {
            text.push_str(&format!(". Those drawn to try differ by {e}{unit} ({level} {low} to {high}, valid at any look)"));
        }
        text.push_str(&format!("; {n} cases drawn to try against {m}; {} of the former and {} of the latter did it.", did(tries), did(usual)));
        let mut chars = text.chars();
        chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
    } else {
        let state = match (p.state, p.stopped) {
            (PilotState::Shown, Some((_, day))) => format!("“{title}”已证实有效（{day}）"),
            (PilotState::Harmful, Some((_, day))) => format!("“{title}”有害（{day} 得出），应停止"),
            (PilotState::StoppedWithoutEffect, Some((StopRule::Futility, day))) => format!("“{title}”达不到期望的效果：该效果已被排除（{day}）"),
            (PilotState::StoppedWithoutEffect, _) => format!("“{title}”的试点期满，没有看出效果"),
            (PilotState::Running, _) => format!("“{title}”的试点仍在进行，目前什么也没有证实"),
            _ => format!("“{title}”的试点会话太少，还说不出什么"),
        };
        let mut text = state;
        if let Some((e, low, high)) = effect {
            text.push_str(&format!("。抽中试用的相差 {e}{unit}（{level} 区间 {low} 至 {high}，随时查看都成立）"));
        }
        text + &format!("；抽中试用 {n} 通，其余 {m} 通；前者有 {}、后者有 {} 做了。", did(tries), did(usual))
    }
}
