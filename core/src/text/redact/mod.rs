//! Personal data in words, found by what it must look like, and taken out.

mod accounts;
mod digits;
mod numbers;

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::fold::{in_word, unspaced};

/// Times that a text is looked through at most.
const PASSES: usize = 8;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Personal {
    /// A mobile number of China.
    Mobile,
    /// Any other telephone number.
    Phone,
    /// A number of an identity card, or a social security number.
    IdNumber,
    /// A bank or credit card.
    BankCard,
    /// An e-mail address.
    Email,
    /// An account to chat with: WeChat, QQ, WhatsApp, …
    Account,
    /// A name the host gave.
    Name,
}

impl Personal {
    /// What stands in its place.
    fn label(self, zh: bool) -> &'static str {
        match (self, zh) {
            (Self::Mobile, true) => "[手机号]",
            (Self::Mobile, false) => "[mobile number]",
            (Self::Phone, true) => "[电话]",
            (Self::Phone, false) => "[phone number]",
            (Self::IdNumber, true) => "[证件号]",
            (Self::IdNumber, false) => "[ID number]",
            (Self::BankCard, true) => "[银行卡号]",
            (Self::BankCard, false) => "[card number]",
            (Self::Email, true) => "[邮箱]",
            (Self::Email, false) => "[e-mail]",
            (Self::Account, true) => "[社交账号]",
            (Self::Account, false) => "[account]",
            (Self::Name, true) => "[姓名]",
            (Self::Name, false) => "[name]",
        }
    }
}

/// The text without personal data; a label of its kind stands in its place, in Chinese where the text has Chinese in it.
///
/// ```
/// use goldpath::text::redact;
/// assert_eq!(redact("我电话是 138 0013 8000，邮箱 li@example.com", &[]), "我电话是 [手机号]，邮箱 [邮箱]");
/// assert_eq!(redact("Ask Ann Lee on +44 20 7946 0958", &["Ann Lee".into()]), "Ask [name] on [phone number]");
/// assert_eq!(redact("报价 13800000 元，订单 20260301-000123", &[]), "报价 13800000 元，订单 20260301-000123");
/// ```
pub fn redact(text: &str, names: &[String]) -> String {
    let mut found = personal(text, names);
    if found.is_empty() {
        return text.to_owned();
    }
    let zh = text.chars().any(unspaced);
    let mut made = replaced(text, found, zh);
    // A label is shorter than what it stands for and says of what kind that was: it may name a number further on.
    for _ in 1..PASSES {
        found = personal(&made, &[]);
        if found.is_empty() {
            break;
        }
        made = replaced(&made, found, zh);
    }
    made
}

fn replaced(text: &str, found: Vec<(Range<usize>, Personal)>, zh: bool) -> String {
    let mut made = String::with_capacity(text.len());
    let mut from = 0;
    for (range, kind) in found {
        made.push_str(&text[from..range.start]);
        made.push_str(kind.label(zh));
        from = range.end;
    }
    made.push_str(&text[from..]);
    made
}

/// Where personal data stands in a text, in bytes, in order and apart from each other.
///
/// What is looked for: mobile and landline numbers of China, telephone numbers written as in other countries, with or
/// without separators, full-width or spoken as Chinese digits (`幺三八…`); identity cards of China by their date and check
/// digit (GB 11643), social security numbers of the United States; bank cards by Luhn's check (ISO/IEC 7812) and how they
/// begin; e-mail addresses; accounts named beside WeChat, QQ and others; `names`. A number whose check fails is still found
/// where the words before it say what it is. Service hotlines (400, 800, 95…) and numbers of orders, dates and amounts are
/// left.
pub fn personal(text: &str, names: &[String]) -> Vec<(Range<usize>, Personal)> {
    let letters = Letters::of(text);
    let mut found = Vec::new();
    accounts::emails(&letters, &mut found);
    accounts::accounts(&letters, &mut found);
    numbers::numbers(&letters, &mut found);
    given(&letters, names, &mut found);
    // What was found first counts more; of two in one place the later gives way.
    let mut kept: Vec<(Range<usize>, Personal)> = Vec::with_capacity(found.len());
    for (range, kind) in found {
        if kept.iter().all(|(other, _)| range.end <= other.start || other.end <= range.start) {
            kept.push((range, kind));
        }
    }
    kept.sort_by_key(|(range, _)| range.start);
    kept.into_iter().map(|(range, kind)| (letters.bytes(range), kind)).collect()
}

/// What is found: characters from and to, and what they are.
type Found = Vec<(Range<usize>, Personal)>;

/// The characters of a text, each folded by itself, so that places stay what they are.
struct Letters {
    folded: Vec<char>,
    /// Where each begins, and the length of the text.
    at: Vec<usize>,
}

impl Letters {
    fn of(text: &str) -> Self {
        let mut letters = Self { folded: Vec::with_capacity(text.len()), at: Vec::with_capacity(text.len() + 1) };
        for (at, c) in text.char_indices() {
            letters.at.push(at);
            letters.folded.push(if c.is_whitespace() && c != '\n' { ' ' } else { super::fold::one(c) });
        }
        letters.at.push(text.len());
        letters
    }

    fn bytes(&self, range: Range<usize>) -> Range<usize> {
        self.at[range.start]..self.at[range.end]
    }

    /// The character at a place; a space outside of the text.
    fn get(&self, at: usize) -> char {
        self.folded.get(at).copied().unwrap_or(' ')
    }

    fn before(&self, at: usize) -> char {
        at.checked_sub(1).map_or(' ', |at| self.get(at))
    }

    fn len(&self) -> usize {
        self.folded.len()
    }

    /// The last few characters before a place, as text.
    fn words_before(&self, at: usize, most: usize) -> String {
        self.folded[at.saturating_sub(most)..at].iter().collect()
    }

    fn starts_with(&self, at: usize, what: &str) -> bool {
        what.chars().enumerate().all(|(i, c)| self.folded.get(at + i) == Some(&c))
    }
}

/// Names the host gave, wherever they stand as words of their own. A name of one character says too little.
fn given(letters: &Letters, names: &[String], found: &mut Found) {
    let mut names: Vec<Vec<char>> =
        names.iter().map(|name| name.trim().chars().map(super::fold::one).collect()).filter(|name: &Vec<char>| name.len() > 1).collect();
    names.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    for name in names {
        for at in 0..letters.len().saturating_sub(name.len() - 1) {
            let end = at + name.len();
            let apart = |inside: char, outside: char| !(in_word(inside) && in_word(outside));
            if letters.folded[at..end] == name[..] && apart(name[0], letters.before(at)) && apart(name[name.len() - 1], letters.get(end)) {
                found.push((at..end, Personal::Name));
            }
        }
    }
}
