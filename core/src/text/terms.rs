//! What texts are found by: words, and pairs of characters of scripts that put no space between words.

use super::fold::{fold, in_word, unspaced};

/// Calls `each` with every term of a text, folded: each word of scripts with spaces, and of scripts without (Chinese,
/// Japanese, Thai) each character and each pair of neighbours, so that any two characters that stand together are found
/// without a dictionary.
///
/// ```
/// let mut found = Vec::new();
/// goldpath::text::terms("价格 is OK", &mut |term| found.push(term.to_owned()));
/// assert_eq!(found, ["价", "价格", "格", "is", "ok"]);
/// ```
pub fn terms(text: &str, each: &mut impl FnMut(&str)) {
    let text = fold(text);
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let next = rest.peek().copied();
        let end = next.map_or(text.len(), |(end, _)| end);
        if unspaced(c) {
            each(&text[at..end]);
            if let Some((_, next)) = next
                && unspaced(next)
            {
                each(&text[at..end + next.len_utf8()]);
            }
        } else if in_word(c) {
            let mut end = end;
            while let Some((from, c)) = rest.next_if(|&(_, c)| in_word(c)) {
                end = from + c.len_utf8();
            }
            each(&text[at..end]);
        }
    }
}
