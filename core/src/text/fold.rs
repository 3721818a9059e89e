//! One form of a text to compare by: what looks or sounds alike is written alike.

/// Appends the form a text is compared by. What is folded:
///
/// - full-width letters, digits and marks (`ＣＲＭ`, `？`) and the small and doubled question marks to their ASCII form;
/// - capital letters to small ones, where that is one letter for one letter;
/// - typographic apostrophes and dashes to `'` and `-`;
/// - white space to one space, or to one line break where there is one in it;
/// - invisible characters (zero-width spaces and joiners, soft hyphens, byte order marks, marks of direction) to nothing.
///
/// What is not: traditional and simplified characters, half-width katakana, accents, ligatures, numerals of other scripts.
///
/// ```
/// assert_eq!(goldpath::text::fold("Ｗｈａｔ’s　the CRM\u{200b}预算？"), "what's the crm预算?");
/// ```
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    folded
}

/// As [`fold`], into memory that is used again; what was in it is lost.
pub(crate) fn fold_into(text: &str, folded: &mut String) {
    folded.clear();
    let mut space = None;
    for c in text.chars() {
        let c = match c {
            'a'..='z' | '\u{4e00}'..='\u{9fff}' => c,
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => {
                space = Some('\n');
                continue;
            }
            c if c.is_whitespace() => {
                space = space.or(Some(' '));
                continue;
            }
            c if invisible(c) => continue,
            c => one(c),
        };
        folded.extend(space.take());
        folded.push(c);
    }
    folded.extend(space);
}

pub(super) fn one(c: char) -> char {
    match c {
        'A'..='Z' => c.to_ascii_lowercase(),
        '\0'..='\x7f' => c,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).map_or(c, |c| c.to_ascii_lowercase()),
        '\u{2018}' | '\u{2019}' | '\u{02bc}' => '\'',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{fe56}' | '\u{2047}'..='\u{2049}' | '\u{061f}' => '?',
        c => {
            let mut small = c.to_lowercase();
            match (small.next(), small.next()) {
                (Some(small), None) => small,
                _ => c,
            }
        }
    }
}

/// Characters that take no place and mean nothing to a reader.
fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// Letters of scripts that put no space between words: Chinese, Japanese, Thai, Lao, Burmese and Khmer.
pub(crate) fn unspaced(c: char) -> bool {
    match c as u32 {
        0x4e00..=0x9fff => true,
        0..=0x0dff => false,
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff => c.is_alphanumeric() || combining(c),
        0x3005..=0x3007 | 0x3040..=0x30ff | 0x3400..=0x4dbf | 0xf900..=0xfaff | 0xff66..=0xff9f | 0x20000..=0x3fffd => true,
        _ => false,
    }
}

/// Whether a character goes on with a word of a script that puts spaces between words.
pub(crate) fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || (!c.is_ascii() && !unspaced(c) && (c.is_alphanumeric() || combining(c)))
}

/// Marks that sit on the letter before them.
fn combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{20d0}'..='\u{20ff}')
}

/// The folded form of a phrase, without space around it.
pub(crate) fn folded_phrase(phrase: &str) -> String {
    let folded = fold(phrase);
    match folded.trim() {
        trimmed if trimmed.len() == folded.len() => folded,
        trimmed => trimmed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_is_alike() {
        assert_eq!(fold("ＡＢｃ１２３？！"), "abc123?!");
        assert_eq!(fold("a \t\u{3000} b"), "a b");
        assert_eq!(fold("a \r\n  b"), "a\nb");
        assert_eq!(fold("don’t – e‑mail"), "don't - e-mail");
        assert_eq!(fold("预\u{200b}算\u{feff}"), "预算");
        assert_eq!(fold("İstanbul ΑΒΓ ß ﬁ"), "İstanbul αβγ ß ﬁ", "what is not one letter for one letter stays");
        assert_eq!(fold("👍🏽 ok❤\u{fe0f}"), "👍🏽 ok❤");
        assert_eq!(fold(""), "");
    }

    #[test]
    fn scripts_with_and_without_spaces() {
        assert!("预々あア豈".chars().all(unspaced));
        assert!("aé9한ж".chars().all(|c| in_word(c) && !unspaced(c)));
        assert!(" ，。?-👍".chars().all(|c| !in_word(c) && !unspaced(c)));
    }
}
