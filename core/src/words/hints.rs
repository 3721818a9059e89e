//! What a hint says, and what would mend it.

use std::fmt;

use super::{Lang, count};
use crate::sop::{About, Hint, Unmatched, Unused};

impl Hint {
    /// What it says, in one sentence.
    pub fn sentence(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.en().0,
            Lang::Zh => self.zh().0,
        }
    }

    /// What would mend it.
    pub fn help(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.en().1,
            Lang::Zh => self.zh().1,
        }
    }

    fn en(&self) -> (String, String) {
        let step = self.step.as_deref().unwrap_or_default();
        let (says, help): (String, &str) = match &self.about {
            About::Unreachable { condition, steps } => {
                let what = steps.iter().map(|step| format!("“{step}”")).collect::<Vec<_>>().join(", ");
                (format!("No case can come to {what}: “{condition}” cannot hold here."), "mend one of the conditions, or remove the block")
            }
            About::Shadowed => {
                (format!("No case can take “{}”: earlier entries take all of its cases.", self.sop), "put the narrower condition first, or remove the entry")
            }
            About::SameBranch { first } => (format!("This branch says the same as {first}."), "remove one of them"),
            About::ContradictingOrder { other, first } => (
                format!("“{step}” and “{other}” come in one order here and in the other in the part with {first}; every full run goes through both."),
                "order them once, or let either order be: any_order",
            ),
            About::StepTwice { first } => (
                format!("“{step}” stands here and at {first}: a full run does it at both places."),
                "if once is enough, remove one; steps that differ deserve two ids",
            ),
            About::AcceptedOver { until } => (format!("The accepted deviation of “{step}” ended on {until}."), "remove it, or give it a new last day"),
            About::AcceptedNever { why } => {
                let why = match why {
                    Unmatched::NotPlanned => "the flow does not plan it",
                    Unmatched::Anytime => "it is allowed at any time",
                    Unmatched::Free => "it costs nothing, so it is no deviation",
                    Unmatched::Condition => "no case of the condition comes to that step",
                    Unmatched::NoStandard => "the step has no standard that could fail so",
                };
                (format!("This deviation of “{step}” cannot come about: {why}."), "remove the rule, or mend its step or condition")
            }
            About::UnusedCost { why } => {
                let why = match why {
                    Unused::Anytime => "the step is allowed at any time",
                    Unused::Customer => "leaving out what the customer does costs nothing",
                    Unused::Unplanned => "what is not planned cannot be left out",
                };
                (format!("The cost of “{step}” is never paid: {why}."), "remove it")
            }
            About::Misspelt { meant } => (format!("“{step}” is no step of the SOP, but looks like “{meant}”."), "mend the name if they are the same"),
            About::MisspeltLabels { labels, more, events } => {
                let list = labels.iter().map(|label| format!("“{label}”")).collect::<Vec<_>>().join(", ");
                let more = if *more > 0 { format!(" and {more} more") } else { String::new() };
                let (look, count_as) = (if labels.len() > 1 { "look" } else { "looks" }, if *events == 1 { "event counts" } else { "events count" });
                let says = format!("{list}{more} in the conversations {look} like “{step}” ({} {count_as} as unplanned).", count(*events));
                (says, "mend the names if they are the same")
            }
            About::UnknownAttribute { name, meant } => {
                let meant = meant.as_ref().map_or_else(String::new, |meant| format!("; there is “{meant}”"));
                (format!("No case has the attribute “{name}”{meant}: the condition never holds."), "mend the name, or give the conversations the attribute")
            }
            About::UnknownValue { name, value, meant } => {
                let meant = meant.as_ref().map_or_else(String::new, |meant| format!("; there is “{meant}”"));
                (format!("No case has “{value}” as its “{name}”{meant}."), "mend the value if it is misspelt")
            }
            About::NeverSeen => (format!("No case does “{step}”."), "see that it is recognised, or ask whether it is needed"),
            About::NoCase => (format!("No case takes “{}”.", self.sop), "see the condition of the entry, and the attributes of the conversations"),
            About::WhenNoCase { condition } => (format!("“{condition}” holds for no case."), "see the attributes of the conversations"),
            About::AcceptedUnused => (format!("This accepted deviation of “{step}” was not met in any case."), "ask whether it is still needed"),
            About::NeverAttainable { first, second } => (
                format!("Nobody can meet both “{first}” and “{second}” of “{step}”."),
                "change one of the bounds, remove one, or let them hold for different cases",
            ),
            About::Duplicate { other } => (format!("“{step}” looks like the same step as “{other}”."), "say that they are the same, or give one another name"),
            About::NotGiven { need } => (format!("“{step}” needs “{need}”, which no step gives."), "add a fragment that gives it, or say that it is given"),
            About::OrderLost { first, fragment } => {
                (format!("“{fragment}” has “{first}” before “{step}”; here they may come in either order."), "leave it so, or put them in order")
            }
            About::NeverMet { standard, measured } => (
                format!("Nobody ever met the standard “{standard}” of “{step}” (measured {measured} times)."),
                "see whether the bound is meant so, or whether the measure fits these conversations",
            ),
        };
        (says, help.to_owned())
    }

    fn zh(&self) -> (String, String) {
        let step = self.step.as_deref().unwrap_or_default();
        let (says, help): (String, &str) = match &self.about {
            About::Unreachable { condition, steps } => {
                let what = steps.iter().map(|step| format!("“{step}”")).collect::<Vec<_>>().join("、");
                (format!("没有会话能走到{what}：条件“{condition}”在此处不可能成立。"), "修改其中一个条件，或删去这一段")
            }
            About::Shadowed => (format!("没有会话会用到“{}”：它的会话都已被前面的条目取走。", self.sop), "把条件更窄的条目放到前面，或删去此条目"),
            About::SameBranch { first } => (format!("这个分支与 {first} 完全相同。"), "删去其中一个"),
            About::ContradictingOrder { other, first } => (
                format!("“{step}”与“{other}”在此处的先后，与 {first} 所在部分正好相反，而走完全程两处都要经过。"),
                "只规定一次先后；若先后不限，请用 any_order",
            ),
            About::StepTwice { first } => {
                (format!("“{step}”在此处和 {first} 各出现一次：走完全程要做两遍。"), "若做一遍即可，删去一处；若本是两件事，请用两个步骤 id")
            }
            About::AcceptedOver { until } => (format!("“{step}”的这条认可已于 {until} 到期。"), "删去，或改到新的截止日"),
            About::AcceptedNever { why } => {
                let why = match why {
                    Unmatched::NotPlanned => "流程里没有安排这一步",
                    Unmatched::Anytime => "这一步随时可做",
                    Unmatched::Free => "它不计代价，本来就不算偏差",
                    Unmatched::Condition => "符合该条件的会话走不到这一步",
                    Unmatched::NoStandard => "这一步没有相应的标准",
                };
                (format!("“{step}”的这种偏差不会出现：{why}。"), "删去这条认可，或改正步骤、条件")
            }
            About::UnusedCost { why } => {
                let why = match why {
                    Unused::Anytime => "这一步随时可做",
                    Unused::Customer => "客户没有做的事不计代价",
                    Unused::Unplanned => "计划外的步骤谈不上跳过",
                };
                (format!("“{step}”的代价永远用不上：{why}。"), "删去")
            }
            About::Misspelt { meant } => (format!("SOP 里没有“{step}”这一步，但它很像“{meant}”。"), "若是同一步，请改正名称"),
            About::MisspeltLabels { labels, more, events } => {
                let list = labels.iter().map(|label| format!("“{label}”")).collect::<Vec<_>>().join("、");
                let more = if *more > 0 { format!("等（另有 {more} 种写法）") } else { String::new() };
                (format!("会话中的{list}{more}很像“{step}”，现有 {} 次被当作计划外步骤。", count(*events)), "若是同一步，请统一名称")
            }
            About::UnknownAttribute { name, meant } => {
                let meant = meant.as_ref().map_or_else(String::new, |meant| format!("（但有“{meant}”）"));
                (format!("没有会话带属性“{name}”{meant}，该条件从不成立。"), "改正属性名，或为会话补上此属性")
            }
            About::UnknownValue { name, value, meant } => {
                let meant = meant.as_ref().map_or_else(String::new, |meant| format!("（但有“{meant}”）"));
                (format!("没有会话的“{name}”取值为“{value}”{meant}。"), "若是笔误，请改正")
            }
            About::NeverSeen => (format!("没有任何会话做过“{step}”。"), "看看是否没被识别出来，或是否还需要这一步"),
            About::NoCase => (format!("没有会话用到“{}”。", self.sop), "检查该条目的条件与会话的属性"),
            About::WhenNoCase { condition } => (format!("没有会话满足“{condition}”。"), "检查会话的属性"),
            About::AcceptedUnused => (format!("“{step}”的这条认可，一次也没有用到。"), "看看是否还需要"),
            About::NeverAttainable { first, second } => {
                (format!("“{step}”的标准“{first}”与“{second}”不可能同时达到。"), "修改其中一个门槛，或删去一条，或让两者适用于不同的会话")
            }
            About::Duplicate { other } => (format!("“{step}”看起来与“{other}”是同一步。"), "声明两者相同，或给其中一步改名"),
            About::NotGiven { need } => (format!("“{step}”需要先有“{need}”，但没有哪一步会带来它。"), "加入能带来它的片段，或声明它一开始就有"),
            About::OrderLost { first, fragment } => (format!("“{fragment}”要求“{first}”在“{step}”之前，这里则先后不限。"), "可以保留，也可以规定先后"),
            About::NeverMet { standard, measured } => {
                (format!("“{step}”的标准“{standard}”从没有人达到过（共测 {measured} 次）。"), "看看门槛是否定得过高，或这项指标是否适合这些会话")
            }
        };
        (says, help.to_owned())
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{}: {} ({}) [{}]", self.place, self.sentence(Lang::En), self.help(Lang::En), self.code)
    }
}
