//! A finding in one sentence: what was compared among whom, by how much, and how sure that is.

use super::{Lang, count, percent, points};
use crate::evidence::{Caveat, ChoiceKind, Finding, Verdict};
use crate::stats::Interval;

/// A finding in one sentence.
pub(crate) fn finding(f: &Finding, lang: Lang) -> String {
    match lang {
        Lang::En => english(f),
        Lang::Zh => chinese(f),
    }
}

/// What a caveat means, in a few words.
pub(crate) fn caveat(caveat: Caveat, lang: Lang) -> &'static str {
    let (en, zh) = match caveat {
        Caveat::Unadjusted => ("nothing could be adjusted for", "没有可用于同类比较的信息"),
        Caveat::NoClock => ("no clock: a case that ended here counts as not having done it", "无时间信息：停在此处的会话计作没有做"),
        Caveat::SignChangesAmongThoseWhoWentOn => ("among cases that went on the difference points the other way", "只看继续往下走的会话，方向相反"),
        Caveat::EndedThere => ("ending there and leaving it out cannot be told apart", "无法区分“没有做”和“会话就停在这里”"),
        Caveat::ClosesTheCase => (
            "hardly any case goes on after it: whether it ends them, or is said because they end, cannot be told apart",
            "做了之后会话几乎都到此为止：是它让会话结束，还是因为要结束才做，无法区分",
        ),
        Caveat::FewCases => ("fewer than 20 comparable cases on one side", "一侧可比的会话不足 20 通"),
        Caveat::OneRep => ("one side is a single rep", "一侧只有一位销售"),
        Caveat::NoReps => ("the cases name no rep, so who did it cannot be allowed for", "会话没有标明销售，无法扣除销售之间的差别"),
        Caveat::FewComparable => ("less than half of those cases have comparable ones beside them", "不到一半的会话能找到可比的对照"),
        Caveat::Coarsened => ("values of an attribute were put together to keep groups large enough", "为保证每组样本量，合并了部分属性取值"),
        Caveat::SegmentsDisagree => ("it points in opposite directions in different segments", "在不同客户群中方向相反"),
        Caveat::RawSignDiffers => ("the plain difference points the other way", "不作调整的差异方向相反，会误导"),
        Caveat::CrossCheckDiffers => ("a second method gives another answer", "换一种方法估计，结果不一致"),
        Caveat::Reweighted => {
            ("not every case has this outcome; those that do stand in for the others like them", "部分会话没有这项结果，由同组中有结果的会话加权代表")
        }
    };
    if lang == Lang::En { en } else { zh }
}

/// What those who made the choice did, such as `left out “need”`.
pub(crate) fn choice(kind: ChoiceKind, title: &str, lang: Lang) -> String {
    let pattern = match (kind, lang) {
        (ChoiceKind::Skip, Lang::En) => "left out “{}”",
        (ChoiceKind::Add, Lang::En) => "added “{}”",
        (ChoiceKind::Repeat, Lang::En) => "did “{}” again",
        (ChoiceKind::OutOfOrder, Lang::En) => "did “{}” ahead of its place",
        (ChoiceKind::CatchUp, Lang::En) => "made up for “{}”",
        (ChoiceKind::Branch, Lang::En) => "took “{}”",
        (ChoiceKind::Include, Lang::En) => "did the optional “{}”",
        (ChoiceKind::Sequence, Lang::En) => "did “{}” right after each other",
        (ChoiceKind::Conforming, Lang::En) => "had kept to the SOP so far",
        (ChoiceKind::Standard, Lang::En) => "failed the standard",
        (ChoiceKind::Standard, Lang::Zh) => "未达标",
        (ChoiceKind::Wording, Lang::En) => "said “{}”",
        (ChoiceKind::Wording, Lang::Zh) => "说“{}”",
        (ChoiceKind::Skip, Lang::Zh) => "跳过“{}”",
        (ChoiceKind::Add, Lang::Zh) => "加做了“{}”",
        (ChoiceKind::Repeat, Lang::Zh) => "又做了一遍“{}”",
        (ChoiceKind::OutOfOrder, Lang::Zh) => "提前做了“{}”",
        (ChoiceKind::CatchUp, Lang::Zh) => "补做了“{}”",
        (ChoiceKind::Branch, Lang::Zh) => "选了“{}”",
        (ChoiceKind::Include, Lang::Zh) => "做了可选的“{}”",
        (ChoiceKind::Sequence, Lang::Zh) => "连着做了“{}”",
        (ChoiceKind::Conforming, Lang::Zh) => "到此一直符合 SOP",
    };
    super::fill(pattern, &[title])
}

/// What the others did.
fn others(kind: ChoiceKind, lang: Lang) -> &'static str {
    let (en, zh) = match kind {
        ChoiceKind::Skip => ("did it", "做了"),
        ChoiceKind::Branch => ("took another branch", "选了别的"),
        ChoiceKind::Conforming => ("had not", "此前已有偏差"),
        ChoiceKind::Standard => ("met it", "达标"),
        ChoiceKind::Wording => ("said it otherwise", "换了别的说法"),
        _ => ("did not", "没有"),
    };
    if lang == Lang::En { en } else { zh }
}

/// What the standard of a finding asks for.
pub(crate) fn asked(f: &Finding, lang: Lang) -> String {
    let standard = f.what.standard.as_ref();
    standard.map(|s| if lang == Lang::En { &s.requirement_en } else { &s.requirement_zh }).cloned().unwrap_or_default()
}

/// A choice as a heading.
pub(crate) fn choice_name(kind: ChoiceKind, title: &str, lang: Lang) -> String {
    let pattern = match (kind, lang) {
        (ChoiceKind::Add, Lang::En) => "Adding “{}”",
        (ChoiceKind::Repeat, Lang::En) => "Doing “{}” again",
        (ChoiceKind::OutOfOrder, Lang::En) => "Doing “{}” ahead of its place",
        (ChoiceKind::CatchUp, Lang::En) => "Making up for “{}”",
        (ChoiceKind::Branch, Lang::En) => "Taking “{}”",
        (ChoiceKind::Include, Lang::En) => "Doing the optional “{}”",
        (ChoiceKind::Sequence, Lang::En) => "Doing “{}” right after each other",
        (ChoiceKind::Wording, Lang::En) => "Saying “{}”",
        _ => return choice(kind, title, lang),
    };
    super::fill(pattern, &[title])
}

/// What is compared, as a noun.
fn measure(f: &Finding, lang: Lang) -> String {
    match (f.time, f.numeric(), lang) {
        (Some(time), _, Lang::En) => format!("mean time to “{}” within {} days (not by then, or lost: all of them)", f.outcome, time.horizon),
        (Some(time), _, Lang::Zh) => format!("{} 天内到“{}”的平均用时（未达成或已丢单按满期计）", time.horizon, f.outcome),
        (None, true, Lang::En) => format!("mean “{}”", f.outcome),
        (None, true, Lang::Zh) => format!("“{}”均值", f.outcome),
        (None, false, Lang::En) if advances(f) => "share that goes on to the next planned step".to_owned(),
        (None, false, Lang::Zh) if advances(f) => "推进到下一步的占比".to_owned(),
        (None, false, Lang::En) => "win rate".to_owned(),
        (None, false, Lang::Zh) => "赢率".to_owned(),
    }
}

/// Whether it is about going on to the next planned step, and not about winning.
fn advances(f: &Finding) -> bool {
    f.what.kind == ChoiceKind::Wording && f.outcome == crate::evidence::ADVANCED
}

fn won(f: &Finding) -> &'static str {
    if advances(f) { "went on" } else { "won" }
}

/// What those who made the choice of a finding did.
fn did(f: &Finding, lang: Lang) -> String {
    choice(f.what.kind, f.what.wording.as_deref().unwrap_or(&f.what.title), lang)
}

/// Unit of a difference.
fn unit(f: &Finding, lang: Lang) -> &'static str {
    match (f.time.is_some(), f.numeric(), lang) {
        (true, _, Lang::En) => " days",
        (true, _, Lang::Zh) => " 天",
        (false, true, _) => "",
        (false, false, Lang::En) => " points",
        (false, false, Lang::Zh) => " 个百分点",
    }
}

fn change(f: &Finding, x: f64) -> String {
    if f.numeric() { format!("{x:+.2}").replace('-', "−") } else { points(x) }
}

fn size(f: &Finding, x: f64) -> String {
    if f.numeric() { format!("{:.2}", x.abs()) } else { format!("{:.1}", x.abs() * 100.0) }
}

/// Ends of the interval in the direction of the estimate: the smaller effect first.
fn sizes(f: &Finding, i: Interval) -> (String, String) {
    if i.estimate < 0.0 { (size(f, i.high), size(f, i.low)) } else { (size(f, i.low), size(f, i.high)) }
}

fn rate(f: &Finding, rate: Option<f64>) -> String {
    rate.map_or_else(|| "–".to_owned(), |x| if f.numeric() { format!("{x:.2}") } else { percent(x) })
}

/// Why there is no verdict: the first caveat that withholds it.
fn reason(f: &Finding) -> Option<Caveat> {
    f.caveats.iter().copied().find(|c| c.withholds() && *c != Caveat::FewCases).or_else(|| f.caveats.iter().copied().find(|c| c.withholds()))
}

fn english(f: &Finding) -> String {
    let title = &f.what.title;
    let visit = match f.visit {
        2 => " for the second time",
        3 => " for a further time",
        _ => "",
    };
    let place = match (&f.what.kind, &f.point) {
        (ChoiceKind::Conforming, _) => format!("that reached “{title}”"),
        (ChoiceKind::Standard, _) => format!("in which “{title}” was measured ({})", asked(f, Lang::En)),
        (ChoiceKind::Wording, _) => format!("with “{title}”"),
        (_, None) => "at the start".to_owned(),
        (_, Some(point)) => format!("that stood after “{point}”{visit}"),
    };
    let place = match f.later_conversation {
        Some(1) => format!("{place} and had another conversation"),
        Some(n @ 2..) => format!("{place} and had {n} more conversations"),
        _ => place,
    };
    let did = did(f, Lang::En);
    let (unit, measure) = (unit(f, Lang::En), measure(f, Lang::En));
    let rest = if f.what.kind == ChoiceKind::Branch { "those who took another branch" } else { "the others" };
    let comparable = count(f.comparable.treated + f.comparable.control);
    let signed = |i: Interval| format!("{}{unit} (95 % {} to {})", change(f, i.estimate), change(f, i.low), change(f, i.high));
    if f.treated.n == 0 || f.control.n == 0 {
        let (n, who) = if f.treated.n == 0 { (f.control.n, "None") } else { (f.treated.n, "All") };
        return format!("{who} of the {} cases {place} {did}: there is nothing to compare.", count(n));
    }
    let mut text = match (f.verdict, f.interval()) {
        (Verdict::Helps | Verdict::Hurts, Some(i)) => {
            let (low, high) = sizes(f, i);
            let more = match (f.numeric(), i.estimate < 0.0) {
                (false, true) => "less",
                (false, false) => "more",
                (true, true) => "lower",
                (true, false) => "higher",
            };
            let what = if f.numeric() {
                format!("had a {measure} {}{unit} {more}", size(f, i.estimate))
            } else {
                format!("{} {}{unit} {more}", won(f), size(f, i.estimate))
            };
            format!("Among {comparable} comparable cases {place}, those who {did} {what} (95 % {low} to {high}) than {rest}")
        }
        (Verdict::NoClearEffect, Some(i)) => {
            format!("Among {comparable} comparable cases {place}, those who {did} show no clear difference in {measure}: {}", signed(i))
        }
        (_, i) => {
            let measure = if f.numeric() { measure } else { if advances(f) { "going on" } else { "won" }.to_owned() };
            let sides = format!(
                "Of the cases {place}, {} {did} and had {} {measure}, {} {} and had {} {measure}",
                count(f.treated.n),
                rate(f, f.treated.rate),
                count(f.control.n),
                others(f.what.kind, Lang::En),
                rate(f, f.control.rate)
            );
            let like = i.map_or_else(String::new, |i| format!("; compared like with like {}", signed(i)));
            let why = reason(f).map_or_else(String::new, |c| format!(": {}", caveat(c, Lang::En)));
            let more = f.more_cases_needed.map_or_else(String::new, |n| format!("; about {} more cases are needed", count(round_up(n))));
            return format!("{sides}{like}. Not enough evidence to say more{why}{more}.");
        }
    };
    if !f.adjusted_for.is_empty() {
        text.push_str(&format!("; compared like with like by {}", list(f, Lang::En)));
    }
    text.push_str(&answered(f, Lang::En));
    if let Some(raw) = f.raw {
        text.push_str(&format!("; as it stands {}{unit}", change(f, raw.estimate)));
    }
    text + "."
}

fn chinese(f: &Finding) -> String {
    let title = &f.what.title;
    let visit = match f.visit {
        2 => "第二次",
        3 => "再次",
        _ => "",
    };
    let place = match (&f.what.kind, &f.point) {
        (ChoiceKind::Conforming, _) => format!("走到“{title}”的"),
        (ChoiceKind::Standard, _) => format!("在测得“{title}”标准（{}）的", asked(f, Lang::Zh)),
        (ChoiceKind::Wording, _) => format!("在有“{title}”的"),
        (_, None) => "在开头的".to_owned(),
        (_, Some(point)) => format!("{visit}走到“{point}”之后的"),
    };
    let place = match f.later_conversation {
        Some(n @ 1..) => format!("{place}、其后又有 {n} 次会话的"),
        _ => place,
    };
    let did = did(f, Lang::Zh);
    let (unit, measure) = (unit(f, Lang::Zh), measure(f, Lang::Zh));
    let comparable = count(f.comparable.treated + f.comparable.control);
    let signed = |i: Interval| format!("{}{unit}（95% 区间 {} 至 {}）", change(f, i.estimate), change(f, i.low), change(f, i.high));
    if f.treated.n == 0 || f.control.n == 0 {
        let (n, who) = if f.treated.n == 0 { (f.control.n, "没有一通") } else { (f.treated.n, "全都") };
        return format!("{place} {} 通会话中，{who}{did}，无从比较。", count(n));
    }
    let mut text = match (f.verdict, f.interval()) {
        (Verdict::Helps | Verdict::Hurts, Some(i)) => {
            let (low, high) = sizes(f, i);
            let more = if i.estimate < 0.0 { "低" } else { "高" };
            format!("{place} {comparable} 通可比会话中，{did}的{measure}比其他会话{more} {}{unit}（95% 区间 {low} 至 {high}）", size(f, i.estimate))
        }
        (Verdict::NoClearEffect, Some(i)) => format!("{place} {comparable} 通可比会话中，{did}的与其他会话相比，{measure}没有明显差别：{}", signed(i)),
        (_, i) => {
            let sides = format!(
                "{place}会话中，{} 通{did}，{measure} {}；{} 通{}，{measure} {}",
                count(f.treated.n),
                rate(f, f.treated.rate),
                count(f.control.n),
                others(f.what.kind, Lang::Zh),
                rate(f, f.control.rate)
            );
            let like = i.map_or_else(String::new, |i| format!("；同类相比，相差 {}", signed(i)));
            let why = reason(f).map_or_else(String::new, |c| format!("：{}", caveat(c, Lang::Zh)));
            let more = f.more_cases_needed.map_or_else(String::new, |n| format!("；大约还需 {} 通会话", count(round_up(n))));
            return format!("{sides}{like}。证据不足，还不能下结论{why}{more}。").replace(" %", "%");
        }
    };
    if !f.adjusted_for.is_empty() {
        text.push_str(&format!("；已按{}同类相比", list(f, Lang::Zh)));
    }
    text.push_str(&answered(f, Lang::Zh));
    if let Some(raw) = f.raw {
        text.push_str(&format!("；不作调整时相差 {}{unit}", change(f, raw.estimate)));
    }
    text.replace(" %", "%") + "。"
}

/// That some cases speak for others, where not all have the outcome.
fn answered(f: &Finding, lang: Lang) -> String {
    let Some([treated, control]) = f.answered else { return String::new() };
    match lang {
        Lang::En => format!("; {} and {} of them have a value, and stand in for the others like them", percent(treated), percent(control)),
        Lang::Zh => format!("；其中分别有 {} 与 {} 有此结果，由其加权代表同组其余会话", percent(treated), percent(control)),
    }
}

/// What was adjusted for: rep and attributes by name, earlier choices by their number.
fn list(f: &Finding, lang: Lang) -> String {
    let named: Vec<&str> = f.adjusted_for.iter().take(f.adjusted_for.len() - f.priors).map(String::as_str).collect();
    let zh = lang == Lang::Zh;
    let mut parts: Vec<String> = named.iter().map(|name| if zh && *name == "rep" { "销售".to_owned() } else { (*name).to_owned() }).collect();
    match (f.priors, zh) {
        (0, _) => {}
        (n, true) => parts.push(format!("此前的 {n} 项选择或情况")),
        (1, false) => parts.push("one earlier choice or circumstance".to_owned()),
        (n, false) => parts.push(format!("{n} earlier choices or circumstances")),
    }
    match (parts.pop(), zh) {
        (None, _) => String::new(),
        (Some(last), _) if parts.is_empty() => last,
        (Some(last), true) => format!("{}和{last}", parts.join("、")),
        (Some(last), false) => format!("{} and {last}", parts.join(", ")),
    }
}

/// To two digits, upwards: nobody knows it better.
fn round_up(n: u64) -> u64 {
    let mut unit = 1;
    while n / unit >= 100 {
        unit *= 10;
    }
    n.div_ceil(unit) * unit
}
