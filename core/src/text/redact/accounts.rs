//! Addresses people write to: e-mail, and accounts named beside the service they are of.

use super::{Found, Letters, Personal};
use crate::text::fold::in_word;

/// Services and words for them, folded. The longest come first.
const SERVICES: [&str; 27] = [
    "微信号",
    "企业微信",
    "微信",
    "薇信",
    "威信号",
    "v信",
    "wechat",
    "weixin",
    "whatsapp",
    "telegram",
    "instagram",
    "linkedin",
    "facebook",
    "messenger",
    "discord",
    "signal",
    "skype",
    "twitter",
    "钉钉",
    "飞书",
    "抖音号",
    "小红书号",
    "微博",
    "kakaotalk",
    "qq",
    "vx",
    "wx",
];
/// Words between a service and its account, folded.
const NAMING: [&str; 15] = ["账号", "帐号", "号码", "号", "account", "username", "user", "handle", "number", "name", "id", "no", "me at", "at", "as"];
/// Words for everybody in a group.
const EVERYBODY: [&str; 7] = ["all", "everyone", "here", "channel", "team", "group", "admin"];

fn local(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-')
}

/// Finds e-mail addresses.
pub(super) fn emails(letters: &Letters, found: &mut Found) {
    for at in (0..letters.len()).filter(|&at| letters.get(at) == '@') {
        let mut from = at;
        while from > 0 && local(letters.get(from - 1)) {
            from -= 1;
        }
        while from < at && matches!(letters.get(from), '.' | '-' | '%' | '+') {
            from += 1;
        }
        let mut to = at + 1;
        while letters.get(to).is_ascii_alphanumeric() || matches!(letters.get(to), '.' | '-') {
            to += 1;
        }
        while matches!(letters.get(to - 1), '.' | '-') {
            to -= 1;
        }
        let host: String = letters.folded[(at + 1).min(to)..to].iter().collect();
        let top = host.rsplit_once('.').map_or("", |(_, top)| top);
        if from < at && top.len() >= 2 && top.chars().all(|c| c.is_ascii_alphabetic()) && host.split('.').all(|part| !part.is_empty()) {
            found.push((from..to, Personal::Email));
        }
    }
}

/// Finds accounts behind the name of a service, and `@handles`.
pub(super) fn accounts(letters: &Letters, found: &mut Found) {
    let mut at = 0;
    while at < letters.len() {
        let Some(service) = SERVICES.iter().find(|service| letters.starts_with(at, service) && apart(letters, at, service)) else {
            at += 1;
            continue;
        };
        let mut to = at + service.chars().count();
        let mut sure = service.ends_with('号');
        // What may stand between: the word for an account, a colon, `is`.
        loop {
            let before = to;
            while matches!(letters.get(to), ' ' | ':' | '=' | '是' | '为' | '叫' | '(' | '"' | '“' | '：') && to < letters.len() {
                sure |= matches!(letters.get(to), ':' | '=' | '：');
                to += 1;
            }
            if let Some(word) = NAMING.iter().find(|word| letters.starts_with(to, word) && whole(letters, to, word)) {
                to += word.chars().count();
                sure = true;
            } else if letters.starts_with(to, "is ") {
                to += 3;
            }
            if to == before {
                break;
            }
        }
        let handle = usize::from(letters.get(to) == '@');
        sure |= handle > 0;
        let mut end = to + handle;
        while letters.get(end).is_ascii_alphanumeric() || matches!(letters.get(end), '_' | '-' | '.') {
            end += 1;
        }
        while end > to + handle && matches!(letters.get(end - 1), '-' | '.') {
            end -= 1;
        }
        let token = &letters.folded[to + handle..end];
        let digits = token.iter().filter(|c| c.is_ascii_digit()).count();
        let telling = digits > 0 || token.contains(&'_');
        let fits = (5..=40).contains(&token.len()) && (sure || telling) && (digits < token.len() || (5..=15).contains(&digits));
        // What is a mobile number is told as one.
        let mobile = digits == token.len() && digits == 11 && token[0] == '1';
        if fits && !mobile {
            found.push((to..end, Personal::Account));
        }
        at = end.max(at + 1);
    }
    handles(letters, found);
}

fn handles(letters: &Letters, found: &mut Found) {
    for at in (0..letters.len()).filter(|&at| letters.get(at) == '@') {
        let before = letters.before(at);
        if before.is_ascii() && (in_word(before) || matches!(before, '.' | '_' | '-' | '/')) {
            continue;
        }
        let to = (at + 1..letters.len()).find(|&to| !(letters.get(to).is_ascii_alphanumeric() || letters.get(to) == '_')).unwrap_or(letters.len());
        let handle: String = letters.folded[at + 1..to].iter().collect();
        let named = handle.chars().any(|c| c.is_ascii_alphabetic());
        if handle.len() >= 3 && named && !EVERYBODY.contains(&handle.as_str()) {
            found.push((at..to, Personal::Account));
        }
    }
}

/// Whether a word of letters stands by itself.
fn apart(letters: &Letters, at: usize, word: &str) -> bool {
    let latin = word.starts_with(|c: char| c.is_ascii());
    let goes_on = word.is_ascii() && word.len() > 2 && letters.get(at + word.len()).is_ascii_alphabetic();
    !latin || !(letters.before(at).is_ascii_alphabetic() || goes_on)
}

fn whole(letters: &Letters, at: usize, word: &str) -> bool {
    !word.is_ascii() || !letters.get(at + word.len()).is_ascii_alphanumeric()
}
