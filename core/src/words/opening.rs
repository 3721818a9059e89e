//! The headline of the report and its five answers.

use super::innovations::short_proposal;
use super::{Lang, count, fill, finding, innovation, labels, people, requirement, share};
use crate::check::{DeviationCount, DeviationKind};
use crate::coaching::Decline;
use crate::evidence::Finding;
use crate::improve::{Improvements, InnovationStatus, Proposal};
use crate::review::Summary;
use crate::text::short;

/// Longest title of a step in a sentence, in columns.
const TITLE: usize = 90;

/// What the opening is made from.
pub(crate) struct Opening<'a> {
    pub(crate) summary: &'a Summary,
    /// The most frequent deviation that is not accepted in some case.
    pub(crate) top: Option<&'a DeviationCount>,
    /// The skip that goes with the largest clear loss.
    pub(crate) worst: Option<&'a Finding>,
    /// Whether there is an outcome at all.
    pub(crate) outcome: bool,
    /// Title of the step most cases stopped before, and how many.
    pub(crate) stop: Option<(String, u64)>,
    /// The choice that goes with the largest clear gain.
    pub(crate) helps: Option<&'a Finding>,
    pub(crate) improved: &'a Improvements,
    /// Declines that last.
    pub(crate) declines: &'a [Decline],
    /// Reps below standard in a competence, and which, by rep.
    pub(crate) below: &'a [(String, String)],
    pub(crate) lang: Lang,
}

/// One kind of deviation about one step, in general.
pub(crate) fn deviation_kind(d: &DeviationCount, lang: Lang) -> String {
    let title = short(&d.title, TITLE);
    let asked = d.standard.as_ref().map(|standard| requirement(standard, lang)).unwrap_or_default();
    let pattern = match (d.kind, lang) {
        (DeviationKind::Skipped, Lang::En) => "“{}” is left out",
        (DeviationKind::Extra, Lang::En) => "“{}” is done where it is not planned",
        (DeviationKind::Repeated, Lang::En) => "“{}” is done again",
        (DeviationKind::OutOfOrder, Lang::En) => "“{}” is done out of order",
        (DeviationKind::BelowStandard, Lang::En) => "“{}” falls below standard ({})",
        (DeviationKind::Late, Lang::En) => "“{}” comes late ({})",
        (DeviationKind::Skipped, Lang::Zh) => "跳过“{}”",
        (DeviationKind::Extra, Lang::Zh) => "计划外做了“{}”",
        (DeviationKind::Repeated, Lang::Zh) => "重复做“{}”",
        (DeviationKind::OutOfOrder, Lang::Zh) => "“{}”次序不符",
        (DeviationKind::BelowStandard, Lang::Zh) => "“{}”未达标（要求{}）",
        (DeviationKind::Late, Lang::Zh) => "“{}”做晚了（要求{}）",
    };
    fill(pattern, &[&title, &asked])
}

impl Opening<'_> {
    fn checked(&self) -> u64 {
        self.summary.cases - self.summary.unchecked
    }

    fn of_checked(&self, n: u64) -> String {
        share(if self.checked() == 0 { 0.0 } else { n as f64 / self.checked() as f64 }, self.lang)
    }

    /// The strongest sentence that is true as it stands: how many keep to the SOP, and where they part most often.
    pub(crate) fn headline(&self) -> String {
        let s = self.summary;
        let zh = self.lang == Lang::Zh;
        if self.checked() == 0 {
            return if zh { "没有可检查的会话。" } else { "There is no conversation to check." }.to_owned();
        }
        let kept = self.of_checked(s.conforming_so_far);
        match self.top {
            Some(top) => {
                let (what, part) = (deviation_kind(top, self.lang), self.of_checked(top.cases - top.accepted));
                let pattern = if zh {
                    "{}的会话到目前为止符合 SOP；最常见的偏差是{}，占 {}。"
                } else {
                    "{} keep to the SOP so far. Most often, {}: in {} of cases."
                };
                fill(pattern, &[&kept, &what, &part])
            }
            None => fill(if zh { "{}的会话到目前为止符合 SOP。" } else { "{} of conversations keep to the SOP so far." }, &[&kept]),
        }
    }

    /// The five answers, each in one or two sentences: execution, what hurts, what works, who needs help, what to change.
    pub(crate) fn answers(&self) -> [String; 5] {
        [self.execution(), self.losses(), self.works(), self.help(), self.change()]
    }

    /// A proven innovation before all else; then a choice that goes with wins.
    fn works(&self) -> String {
        let lang = self.lang;
        let proven = self.improved.found.innovations.iter().find(|i| i.status == InnovationStatus::Proven);
        match (proven, self.helps, self.outcome) {
            (Some(proven), ..) => innovation(proven, lang),
            (None, Some(helps), _) => finding(helps, lang),
            (None, None, true) => labels(lang).no_innovations.to_owned(),
            (None, None, false) => labels(lang).no_outcome.to_owned(),
        }
    }

    /// Whoever does worse than before; then whoever is below standard.
    pub(crate) fn help(&self) -> String {
        let (lang, zh) = (self.lang, self.lang == Lang::Zh);
        if self.summary.reps == 0 {
            return labels(lang).no_reps.to_owned();
        }
        let mut text = String::new();
        if let Some(first) = self.declines.first() {
            text = people::decline(first, lang);
            match (self.declines.len() - 1, zh) {
                (0, _) => {}
                (1, false) => text.push_str(" One further decline lasts."),
                (more, false) => text.push_str(&format!(" {more} further declines last.")),
                (more, true) => text.push_str(&format!("另有 {more} 项下滑仍在持续。")),
            }
        }
        let mut reps: Vec<&str> = self.below.iter().map(|(rep, _)| rep.as_str()).collect();
        reps.dedup();
        if !reps.is_empty() {
            let named = reps.iter().take(3).map(|rep| {
                let skills: Vec<String> = self.below.iter().filter(|(of, _)| of == rep).map(|(_, skill)| people::skill_key(skill, lang)).collect();
                let (open, join, close) = if zh { ("（", "、", "）") } else { (" (", ", ", ")") };
                format!("{}{open}{}{close}", short(rep, 40), skills.join(join))
            });
            let mut named = named.collect::<Vec<_>>().join(if zh { "、" } else { ", " });
            if reps.len() > 3 {
                named.push_str(if zh { "等" } else { " and others" });
            }
            if !zh && !text.is_empty() {
                text.push(' ');
            }
            let (n, of) = (count(reps.len() as u64), count(self.summary.reps));
            text.push_str(&if zh {
                format!("{of} 位销售中有 {n} 位低于标准，并非偶然：{named}。")
            } else {
                format!("{n} of {of} reps are below standard by more than chance: {named}.")
            });
        }
        if !text.is_empty() {
            return text;
        }
        if zh {
            "没有人的变化或差距超出偶然，数据分不出高下。"
        } else {
            "Nobody: no rep has changed or stands apart by more than chance."
        }
        .to_owned()
    }

    /// The proposal with the largest gain; where none of them has one, the first that asks for less.
    pub(crate) fn proposal(&self) -> Option<&Proposal> {
        let all = &self.improved.proposals;
        all.iter().find(|p| p.gain.is_some()).or(all.first())
    }

    /// That proposal; else that the SOP stands.
    fn change(&self) -> String {
        match (self.proposal(), self.lang) {
            (Some(first), lang) => short_proposal(first, lang),
            (None, Lang::En) => format!("No change of the SOP is supported by the evidence so far. {}", self.look()),
            (None, Lang::Zh) => format!("目前没有证据支持修改 SOP。{}", self.look()),
        }
    }

    fn execution(&self) -> String {
        let s = self.summary;
        let pattern = match self.lang {
            Lang::En => "{} of {} conversations ({}) keep to the SOP as far as they got. To its end: {}, without a deviation: {}. Still open: {}.",
            Lang::Zh => "{1} 通会话中，{0} 通（{2}）到目前为止符合 SOP；走完全程 {3} 通，其中 {4} 通全程符合；{5} 通仍在跟进。",
        };
        let values = [
            count(s.conforming_so_far),
            count(self.checked()),
            self.of_checked(s.conforming_so_far),
            count(s.complete),
            count(s.fully_conforming),
            count(s.open),
        ];
        let mut text = if self.lang == Lang::En { fill(pattern, &values.each_ref().map(String::as_str)) } else { pattern.to_owned() };
        for (i, value) in values.iter().enumerate() {
            text = text.replace(&format!("{{{i}}}"), value);
        }
        if s.unchecked > 0 {
            let more = if self.lang == Lang::En { " No SOP takes {} further conversations." } else { "另有 {} 通没有对应的 SOP，未计入。" };
            text.push_str(&fill(more, &[&count(s.unchecked)]));
        }
        text
    }

    /// The most frequent deviation.
    pub(crate) fn partings(&self) -> String {
        let Some(top) = self.top else { return labels(self.lang).no_deviations.to_owned() };
        let open = top.cases - top.accepted;
        let pattern = match self.lang {
            Lang::En => "Most often, {}: in {} of {} cases ({}).",
            Lang::Zh => "最常见的是{}：{} 通，共检查 {} 通，占 {}。",
        };
        fill(pattern, &[&deviation_kind(top, self.lang), &count(open), &count(self.checked()), &self.of_checked(open)])
    }

    fn losses(&self) -> String {
        match (self.worst, self.outcome, self.lang) {
            (Some(worst), ..) => finding(worst, self.lang),
            (None, false, lang) => labels(lang).no_outcome.to_owned(),
            (None, true, Lang::En) => "No left-out step goes clearly with worse results, compared like with like.".to_owned(),
            (None, true, Lang::Zh) => "同类相比，没有哪一步的缺失与结果变差明显相关。".to_owned(),
        }
    }

    /// Where cases stop.
    pub(crate) fn stops(&self) -> String {
        let s = self.summary;
        match (&self.stop, self.lang) {
            (None, Lang::En) => "No case stopped before the end of its SOP.".to_owned(),
            (None, Lang::Zh) => "没有会话中途停止。".to_owned(),
            (Some((title, n)), lang) => {
                let part = share(*n as f64 / s.stopped.max(1) as f64, lang);
                let pattern = match lang {
                    Lang::En => "{} cases stopped on the way, most of them before “{}”: {} ({}).",
                    Lang::Zh => "{} 通中途停止，停在“{}”之前的最多：{} 通（{}）。",
                };
                // “Most” would be too much for less than half.
                let pattern =
                    if lang == Lang::En && *n * 2 <= s.stopped { pattern.replace("most of them before", "most often before") } else { pattern.to_owned() };
                fill(&pattern, &[&count(s.stopped), title, &count(*n), &part])
            }
        }
    }

    /// Which cases to read first.
    pub(crate) fn look(&self) -> String {
        match (self.worst.map(|f| f.what.title.as_str()), self.top, self.lang) {
            (Some(title), _, Lang::En) => format!("Read the cases that left out “{title}” first."),
            (Some(title), _, Lang::Zh) => format!("先看没有做“{title}”的会话。"),
            (None, Some(top), lang) => {
                let what = deviation_kind(top, lang);
                fill(if lang == Lang::En { "Read the cases in which {} first." } else { "先看这类会话：{}。" }, &[&what])
            }
            (None, None, Lang::En) => "Nothing stands out; look at any case below.".to_owned(),
            (None, None, Lang::Zh) => "没有突出之处，可任看下面的会话。".to_owned(),
        }
    }
}
