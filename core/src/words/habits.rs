//! Work habits in words.

use super::{Lang, count, points, share};
use crate::evidence::Verdict;
use crate::improve::{Habit, WorkHabit};

/// What those who have a habit do.
pub(crate) fn habit(h: &Habit, lang: Lang) -> String {
    match (h, lang) {
        (Habit::Gap { nth, days }, Lang::En) => format!("contact {} within {days} {} of contact {nth}", nth + 1, if *days == 1 { "day" } else { "days" }),
        (Habit::Gap { nth, days }, Lang::Zh) => format!("第 {nth} 次联系后 {days} 天内再联系"),
        (Habit::Channel { nth, channel }, Lang::En) => format!("contact {nth} by {channel}"),
        (Habit::Channel { nth, channel }, Lang::Zh) => format!("第 {nth} 次联系用{channel}"),
        (Habit::OtherChannel, Lang::En) => "second contact through another channel than the first".to_owned(),
        (Habit::OtherChannel, Lang::Zh) => "第二次联系换一个渠道".to_owned(),
        (Habit::SameRep, Lang::En) => "second contact by the same rep as the first".to_owned(),
        (Habit::SameRep, Lang::Zh) => "前两次联系是同一位销售".to_owned(),
        (Habit::Hours { from, to }, Lang::En) => format!("first contact between {from}:00 and {to}:00"),
        (Habit::Hours { from, to }, Lang::Zh) => format!("首次联系在 {from} 点至 {to} 点之间"),
        (Habit::Weekend, Lang::En) => "first contact at the weekend".to_owned(),
        (Habit::Weekend, Lang::Zh) => "首次联系在周末".to_owned(),
        (Habit::Answer { seconds }, Lang::En) => format!("the customer's first words answered within {seconds} seconds"),
        (Habit::Answer { seconds }, Lang::Zh) => format!("客户先说的话 {seconds} 秒内得到回应"),
    }
}

/// The habit, what it goes with, and how often top reps and the others show it.
pub(crate) fn work_habit(w: &WorkHabit, lang: Lang) -> String {
    let f = &w.finding;
    let name = w.habit.title(lang);
    let size = |x: f64| if f.numeric() { format!("{x:+.2}").replace('-', "−") } else { points(x) };
    let by = f.interval().map(|i| [size(i.estimate), size(i.low), size(i.high)]);
    let n = count(f.comparable.treated + f.comparable.control);
    let shares = w.top_share.zip(w.other_share).map(|(top, other)| [share(top, lang), share(other, lang)]);
    match lang {
        Lang::En => {
            let unit = if f.numeric() { "" } else { " points" };
            let verdict = match f.verdict {
                Verdict::Helps => "goes with better results",
                Verdict::Hurts => "goes with worse results",
                Verdict::NoClearEffect => "makes no clear difference",
                Verdict::NotEnoughEvidence => "cannot be judged yet",
            };
            let by = by.map_or_else(String::new, |[e, low, high]| format!(": {e}{unit} (95 % {low} to {high}) among {n} comparable cases"));
            let shares =
                shares.map_or_else(String::new, |[top, other]| format!("; the best quarter of reps do so in {top} of their cases, the others in {other}"));
            let mut chars = name.chars();
            let name = chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str());
            format!("{name} {verdict}{by}{shares}.")
        }
        Lang::Zh => {
            let unit = if f.numeric() { "" } else { " 个百分点" };
            let verdict = match f.verdict {
                Verdict::Helps => "结果更好",
                Verdict::Hurts => "结果更差",
                Verdict::NoClearEffect => "没有明显差别",
                Verdict::NotEnoughEvidence => "还不能下结论",
            };
            let by = by.map_or_else(String::new, |[e, low, high]| format!("：{n} 通可比会话中相差 {e}{unit}（95% 区间 {low} 至 {high}）"));
            let shares = shares.map_or_else(String::new, |[top, other]| format!("；业绩前四分之一的销售有 {top} 如此，其余 {other}"));
            format!("{name}，{verdict}{by}{shares}。")
        }
    }
}
