//! Where a gap in results comes from, in one sentence.

use super::{Lang, count, percent};
use crate::evidence::{Arm, Gap, GapOf, GapPart};

/// What a part of a gap is owed to.
pub(crate) fn gap_part(part: GapPart, lang: Lang) -> &'static str {
    let (en, zh) = match part {
        GapPart::Skipped => ("steps left out", "跳过步骤"),
        GapPart::Order => ("order of steps", "步骤次序"),
        GapPart::Late => ("steps done late", "做晚了"),
        GapPart::BelowStandard => ("steps below standard", "未达标"),
        GapPart::Unplanned => ("unplanned steps", "计划外做法"),
        GapPart::Mix => ("other cases", "客户构成不同"),
        GapPart::Unexplained => ("not explained", "尚未解释"),
    };
    if lang == Lang::En { en } else { zh }
}

/// Shares rounded for display so that they still sum to the rounded gap: what rounding leaves over goes where it is
/// felt least.
pub(crate) fn rounded(gap: f64, shares: &[f64], unit: f64) -> (i64, Vec<i64>) {
    let whole = (gap / unit).round() as i64;
    let mut units: Vec<i64> = shares.iter().map(|share| (share / unit).floor() as i64).collect();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|&a, &b| {
        let rest = |i: usize| shares[i] / unit - (shares[i] / unit).floor();
        rest(b).total_cmp(&rest(a)).then(a.cmp(&b))
    });
    let mut left = whole - units.iter().sum::<i64>();
    let mut turn = order.iter().cycle();
    while left != 0 && !order.is_empty() {
        if let Some(&i) = turn.next() {
            units[i] += left.signum();
            left -= left.signum();
        }
    }
    (whole, units)
}

/// A gap with its parts.
pub(crate) fn gap(g: &Gap, lang: Lang) -> String {
    let zh = lang == Lang::Zh;
    let unit = if g.numeric { 0.01 } else { 0.001 };
    let amount = |units: i64| {
        let text = if g.numeric { format!("{:.2}", units.unsigned_abs() as f64 / 100.0) } else { format!("{:.1}", units.unsigned_abs() as f64 / 10.0) };
        match units {
            0 => text,
            n if n < 0 => format!("−{text}"),
            _ => format!("+{text}"),
        }
    };
    let rate = |arm: &Arm| arm.rate.map_or_else(|| "–".to_owned(), |x| if g.numeric { format!("{x:.2}") } else { percent(x) });
    let (who, top) = match (&g.of, zh) {
        (GapOf::NotConforming, false) => ("cases with deviations".to_owned(), "cases without".to_owned()),
        (GapOf::NotConforming, true) => ("有偏差的会话".to_owned(), "没有偏差的会话".to_owned()),
        (GapOf::Rep(name) | GapOf::Team(name), _) => (
            format!("“{name}”"),
            match (g.against.as_slice(), zh) {
                ([one], _) => format!("“{one}”"),
                (many, false) => format!("the top {}", many.len()),
                (many, true) => format!("前 {} 名", many.len()),
            },
        ),
    };
    let sides = if zh {
        format!("{who}（{} 通，{}）与{top}（{} 通，{}）相比", count(g.own.n), rate(&g.own), count(g.other.n), rate(&g.other))
    } else {
        format!("Between {who} ({}, {} cases) and {top} ({}, {} cases)", rate(&g.own), count(g.own.n), rate(&g.other), count(g.other.n))
    };
    let Some(whole) = g.gap else {
        let text = if zh {
            format!("{sides}，已有结果的会话太少，无从拆分。")
        } else {
            format!("{sides} there are too few decided cases to split a gap.")
        };
        return if zh { text.replace(" %", "%") } else { text };
    };
    let shares: Vec<f64> = g.parts.iter().map(|part| part.share).collect();
    let (total, units) = rounded(whole.estimate, &shares, unit);
    let mut order: Vec<usize> = (0..units.len()).filter(|&i| units[i] != 0).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(units[i].abs()), i));
    let list: Vec<String> = order.iter().map(|&i| format!("{} {}", gap_part(g.parts[i].part, lang), amount(units[i]))).collect();
    let (low, high) = (amount((whole.low / unit).round() as i64), amount((whole.high / unit).round() as i64));
    if zh {
        let (measure, points) = if g.numeric { (format!("“{}”均值", g.outcome), "") } else { ("赢率".to_owned(), " 个百分点") };
        format!("{sides}，{measure}相差 {}{points}（95% 区间 {low} 至 {high}），其中{}。", amount(total), list.join("，")).replace(" %", "%")
    } else {
        let (measure, points) = if g.numeric { (format!(" in mean “{}”", g.outcome), "") } else { (String::new(), " points") };
        format!("{sides} lies a gap{measure} of {}{points} (95 % {low} to {high}): {}.", amount(total), list.join(", "))
    }
}
