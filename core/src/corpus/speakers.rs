//! Who of the speakers of a conversation speaks for the company.

use super::model::Speaker;
use super::options::Agents;
use crate::error::Fault;

/// How many speakers a message lists.
const SHOWN: usize = 12;

/// What a speaker is where the name says it, as `agent` or 客户 do.
pub(super) fn by_label(name: &str) -> Option<Speaker> {
    Some(match name.trim().to_lowercase().as_str() {
        "agent" | "rep" | "sales" | "seller" | "客服" | "坐席" | "座席" | "销售" | "顾问" | "业务员" => Speaker::Agent,
        "customer" | "client" | "buyer" | "prospect" | "客户" | "顾客" | "买家" => Speaker::Customer,
        "system" | "系统" => Speaker::System,
        _ => return None,
    })
}

/// Says of each speaker who it is. `known` gives the values that speak for a speaker: names, ids, or a field's value.
///
/// Speakers that are no agents are customers. Where nothing was said of agents, the names have to say it themselves.
pub(super) fn decide(agents: &Agents, speakers: &[&str], known: impl Fn(&str) -> Vec<String>) -> Result<Vec<Speaker>, Fault> {
    let list = || {
        let more = if speakers.len() > SHOWN { ", …" } else { "" };
        speakers.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ") + more
    };
    let wanted = match agents {
        Agents::Unsaid => {
            return speakers.iter().map(|name| by_label(name)).collect::<Option<_>>().ok_or_else(|| {
                let fault = Fault::new("corpus.unknown_speaker", format!("nothing says who speaks for the company; speakers: {}", list()));
                fault.help("name the speakers that are agents: agents=[…]")
            });
        }
        Agents::Named(wanted) | Agents::Where { values: wanted, .. } => wanted,
    };
    let decided: Vec<Speaker> = speakers
        .iter()
        .map(|name| {
            let agent = known(name).iter().any(|value| wanted.contains(value));
            let other = if by_label(name) == Some(Speaker::System) { Speaker::System } else { Speaker::Customer };
            if agent { Speaker::Agent } else { other }
        })
        .collect();
    if !speakers.is_empty() && !decided.contains(&Speaker::Agent) {
        let what = match agents {
            Agents::Where { field, .. } => format!("no speaker has `{field}` {}", wanted.join(" or ")),
            _ => "none of the agents speaks".to_owned(),
        };
        let fault = Fault::new("corpus.unknown_speaker", format!("{what}; speakers: {}", list()));
        return Err(fault.help("names are compared as they are written"));
    }
    Ok(decided)
}

/// Adds words behind others: with a space between, but none between Chinese or Japanese characters.
pub(super) fn add_words(text: &mut String, words: &str) {
    let words = words.trim();
    if words.is_empty() {
        return;
    }
    let close = |c: char| matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}');
    let joined = text.is_empty() || (text.ends_with(close) && words.starts_with(close));
    if !joined {
        text.push(' ');
    }
    text.push_str(words);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_speaks_is_said_or_asked() {
        let own = |name: &str| vec![name.to_owned()];
        assert_eq!(decide(&Agents::Unsaid, &["客服", "客户", "系统"], own), Ok(vec![Speaker::Agent, Speaker::Customer, Speaker::System]));
        assert!(decide(&Agents::Unsaid, &["Ann", "customer"], own).is_err_and(|fault| fault.message.contains("Ann, customer")));
        let ann = Agents::Named(vec!["Ann".into()]);
        assert_eq!(decide(&ann, &["Bob", "Ann"], own), Ok(vec![Speaker::Customer, Speaker::Agent]));
        assert_eq!(decide(&ann, &["Bob"], own).map_err(|fault| fault.code), Err("corpus.unknown_speaker"));
    }

    #[test]
    fn words_are_joined_as_they_are_written() {
        let join = |a: &str, b: &str| {
            let mut text = a.to_owned();
            add_words(&mut text, b);
            text
        };
        assert_eq!((join("a", "b"), join("太贵", "了。"), join("价格是", "100")), ("a b".into(), "太贵了。".into(), "价格是 100".into()));
    }
}
