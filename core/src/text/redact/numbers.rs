//! Numbers: groups of digits with separators between them, and what they may be together.

use super::digits::{id_card, issuer, luhn, number, old_id_card};
use super::{Found, Letters, Personal};
use crate::text::fold::in_word;

/// Most groups that are read together.
const GROUPS: usize = 8;
/// How far before a number the words that name it may stand.
const NEAR: usize = 14;

/// Digits that stand together.
struct Group {
    from: usize,
    to: usize,
    digits: Vec<u8>,
    /// The separator before it; `None` for the first.
    separator: Option<char>,
}

/// The digits of a character, as it is written or (in a long row) spoken: `X` closes an identity card.
fn digit(c: char, spoken: bool) -> Option<u8> {
    if spoken {
        return "零〇一幺二两三四五六七八九".chars().position(|d| d == c).map(|at| [0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9][at]);
    }
    c.to_digit(10).map(|digit| digit as u8)
}

/// Finds telephone numbers, identity cards and bank cards.
pub(super) fn numbers(letters: &Letters, found: &mut Found) {
    let mut at = 0;
    while at < letters.len() {
        let spoken = digit(letters.get(at), false).is_none();
        if digit(letters.get(at), spoken).is_none() {
            at += 1;
            continue;
        }
        let groups = groups(letters, at, spoken);
        let end = groups.last().map_or(at + 1, |group| group.to);
        // What hangs on letters is a code of something.
        let before = letters.before(groups[0].from);
        let code = before.is_ascii() && in_word(before) || matches!(before, '_' | '#' | '¥' | '￥' | '$' | '€' | '£');
        if !code {
            among(letters, &groups, spoken, found);
        }
        at = end;
    }
}

/// The groups from a place on.
fn groups(letters: &Letters, from: usize, spoken: bool) -> Vec<Group> {
    let (mut groups, mut at, mut separator) = (Vec::<Group>::new(), from, None);
    loop {
        let start = at;
        let mut digits = Vec::new();
        while let Some(digit) = digit(letters.get(at), spoken) {
            digits.push(digit);
            at += 1;
        }
        let so_far: usize = groups.iter().map(|group| group.digits.len()).sum();
        if !spoken && letters.get(at) == 'x' && digits.len() + so_far >= 17 && !in_word(letters.get(at + 1)) {
            digits.push(10);
            at += 1;
        }
        groups.push(Group { from: start, to: at, digits, separator });
        // One separator, with a space or bracket beside it.
        let mut next = at;
        while next < at + 3
            && matches!(letters.get(next), ' ' | '-' | '.' | '(' | ')' | '·' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
            && next < letters.len()
        {
            next += 1;
        }
        if next == at || digit(letters.get(next), spoken).is_none() {
            return groups;
        }
        separator = letters.folded[at..next].iter().copied().find(|&c| c != ' ').or(Some(' '));
        at = next;
    }
}

/// What the groups are, the longest first.
fn among(letters: &Letters, groups: &[Group], spoken: bool, found: &mut Found) {
    let mut first = 0;
    while first < groups.len() {
        let most = (groups.len() - first).min(GROUPS);
        let taken = (1..=most).rev().find_map(|n| {
            let these = &groups[first..first + n];
            kind(letters, these, spoken).map(|kind| (n, kind))
        });
        let Some((mut n, kind)) = taken else {
            first += 1;
            continue;
        };
        let mut from = groups[first].from;
        // The bracket around an area code, not one around the number.
        if letters.before(from) == '(' && letters.folded[from..groups[first + n - 1].to].contains(&')') {
            from -= 1;
        }
        if letters.before(from) == '+' {
            from -= 1;
        }
        // The extension behind a telephone number.
        let landline = kind == Personal::Phone;
        if landline
            && let Some(next) = groups.get(first + n)
            && next.separator == Some('-')
            && (1..=6).contains(&next.digits.len())
        {
            n += 1;
        }
        let mut to = groups[first + n - 1].to;
        if landline && letters.get(to) == '转' {
            let digits = (1..7).take_while(|i| letters.get(to + i).is_ascii_digit()).count();
            to += if digits > 0 { digits + 1 } else { 0 };
        }
        found.push((from..to, kind));
        first += n;
    }
}

fn kind(letters: &Letters, groups: &[Group], spoken: bool) -> Option<Personal> {
    let (from, to) = (groups[0].from, groups[groups.len() - 1].to);
    let after = letters.get(to);
    let bare = groups.len() == 1;
    // Part of something longer, a fraction or an amount.
    let goes_on = (after.is_ascii() && in_word(after))
        || matches!(after, '%' | '元' | '万' | '亿' | '块' | '_')
        || (after == '.' && letters.get(to + 1).is_ascii_digit() && bare);
    if goes_on && !spoken {
        return None;
    }
    let digits: Vec<u8> = groups.iter().flat_map(|group| group.digits.iter().copied()).collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.digits.len()).collect();
    let n = digits.len();
    if n < 7 || digits[..n - 1].contains(&10) {
        return None;
    }
    let dotted = groups.iter().any(|group| group.separator == Some('.'));
    let near = letters.words_before(from, NEAR);
    // The words that name a number stand after the last mark that ends a sentence.
    let near = near.rsplit(['。', '，', ',', ';', '；', '!', '?', '\n']).next().unwrap_or_default();
    let named = |words: &[&str]| words.iter().any(|word| near.contains(word));
    if !dotted && (id_card(&digits) || (n == 18 && named(&["身份证", "id card", "id number", "identity"])) || (old_id_card(&digits) && !luhn(&digits))) {
        return Some(Personal::IdNumber);
    }
    if n == 15 && named(&["身份证", "id card", "id number", "identity"]) {
        return Some(Personal::IdNumber);
    }
    if digits[n - 1] == 10 {
        return None;
    }
    let plus = letters.before(from) == '+' || (letters.before(from) == '(' && letters.before(from - 1) == '+');
    telephone(&digits, &lengths, groups, plus, spoken)
        .or_else(|| card(&digits, &lengths, named(&["卡号", "银行卡", "信用卡", "储蓄卡", "card"]), dotted))
        .or_else(|| {
            let called = named(&[
                "电话",
                "手机",
                "座机",
                "传真",
                "联系方式",
                "phone",
                "tel",
                "mobile",
                "cell",
                "fax",
                "call me",
                "reach me",
                "text me",
                "ring me",
                "whatsapp",
            ]);
            let whole = matches!(lengths[..], [7..=12] | [3 | 4, 4] | [4 | 5, 3..=6] | [3, 3 | 4, 3 | 4]) && !dotted && n <= 12;
            (called && whole && !hotline(&digits)).then_some(Personal::Phone)
        })
}

fn telephone(digits: &[u8], lengths: &[usize], groups: &[Group], plus: bool, spoken: bool) -> Option<Personal> {
    let n = digits.len();
    let mobile = |digits: &[u8]| digits.len() == 11 && digits[0] == 1 && (3..=9).contains(&digits[1]);
    let dotted = groups.iter().any(|group| group.separator == Some('.'));
    // No group shorter than three, but for the country before them.
    let even = |lengths: &[usize]| lengths.iter().all(|&length| length >= 3);
    if mobile(digits) && even(lengths) {
        return Some(Personal::Mobile);
    }
    for country in [&[8, 6][..], &[0, 0, 8, 6]] {
        if let Some(rest) = digits.strip_prefix(country)
            && mobile(rest)
            && (lengths[0] == n || lengths[0] == country.len() || plus)
        {
            return Some(Personal::Mobile);
        }
    }
    if plus {
        return ((8..=15).contains(&n) && digits[0] != 0).then_some(Personal::Phone);
    }
    if digits.starts_with(&[0, 0]) && digits[2] != 0 && (11..=17).contains(&n) && lengths.len() > 1 {
        return Some(Personal::Phone);
    }
    let seven_or_eight = |length: usize| matches!(length, 7 | 8);
    let area = match digits {
        [0, 1, 0, ..] | [0, 2, ..] => 3,
        [0, 3..=9, ..] => 4,
        _ => 0,
    };
    if area > 0 && !dotted && seven_or_eight(n.saturating_sub(area)) && digits[area] > 1 && (lengths[0] == area || (lengths.len() == 1 && n >= 11)) {
        return Some(Personal::Phone);
    }
    // As in Britain and much of Europe: a zero, then ten or so, in groups.
    if digits[0] == 0
        && digits[1] != 0
        && (10..=11).contains(&n)
        && (2..=5).contains(&lengths.len())
        && lengths[0] >= 2
        && !spoken
        && lengths.iter().all(|&l| l >= 2)
    {
        return Some(Personal::Phone);
    }
    // As in North America.
    let ten = if digits[0] == 1 { &digits[1..] } else { digits };
    let laid_out = matches!(lengths, [3, 3, 4] | [1, 3, 3, 4] | [1, 10]) || (lengths == [3, 7] && groups[1].separator == Some(')'));
    let american = ten.len() == 10 && ten[0] > 1 && ten[3] > 1 && !matches!(number(&ten[..3]), 800 | 833 | 844 | 855 | 866 | 877 | 888 | 400);
    if laid_out && american {
        return Some(Personal::Phone);
    }
    // A social security number.
    if lengths == [3, 2, 4] && groups[1].separator == Some('-') && groups[2].separator == Some('-') {
        let area = number(&digits[..3]);
        return (area != 0 && area != 666 && area < 900).then_some(Personal::IdNumber);
    }
    None
}

/// Numbers of services, which are nobody's own.
fn hotline(digits: &[u8]) -> bool {
    matches!(number(&digits[..3]), 400 | 800) || digits.starts_with(&[9, 5]) && digits.len() < 9
}

fn card(digits: &[u8], lengths: &[usize], named: bool, dotted: bool) -> Option<Personal> {
    let n = digits.len();
    let fours = lengths.split_last().is_some_and(|(last, rest)| rest.iter().all(|&length| length == 4) && *last <= 4);
    let laid_out = lengths.len() == 1 || fours || lengths == [4, 6, 5] || lengths == [6, 13];
    let sure = luhn(digits) && issuer(digits);
    ((13..=19).contains(&n) && laid_out && !dotted && (sure || (named && n >= 15))).then_some(Personal::BankCard)
}
