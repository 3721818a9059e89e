//! Words as people know them, to name things by.

#[cfg(feature = "zh")]
use std::sync::LazyLock;

use super::fold::{fold, in_word, unspaced};

#[cfg(feature = "zh")]
static CUTTER: LazyLock<jieba_rs::Jieba> = LazyLock::new(jieba_rs::Jieba::new);

/// Calls `each` with the words of a text, folded: those of scripts with spaces, and those of Chinese as a dictionary cuts them
/// (feature `zh`, jieba). Without the feature each pair of neighbouring characters stands for a word, and characters alone are left
/// out; that is enough to find things by ([`terms`](super::terms)), but names made of pairs read badly.
///
/// ```
/// let mut found = Vec::new();
/// goldpath::text::words("我们先看看价格 OK", &mut |word| found.push(word.to_owned()));
/// # #[cfg(feature = "zh")]
/// assert_eq!(found, ["我们", "先", "看看", "价格", "ok"]);
/// ```
pub fn words(text: &str, each: &mut impl FnMut(&str)) {
    let text = fold(text);
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let alike: fn(char) -> bool = if unspaced(c) { unspaced } else { in_word };
        if !alike(c) {
            continue;
        }
        let mut end = at + c.len_utf8();
        while let Some((from, c)) = rest.next_if(|&(_, c)| alike(c)) {
            end = from + c.len_utf8();
        }
        let run = &text[at..end];
        if unspaced(c) { cut(run, each) } else { each(run) }
    }
}

/// Pairs of neighbouring characters.
fn pairs(run: &str, each: &mut impl FnMut(&str)) {
    let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
    starts.windows(3).for_each(|pair| each(&run[pair[0]..pair[2]]));
}

#[cfg(feature = "zh")]
fn cut(run: &str, each: &mut impl FnMut(&str)) {
    // The dictionary knows no Japanese and no Thai.
    let chinese = |c: char| matches!(c as u32, 0x4e00..=0x9fff | 0x3400..=0x4dbf | 0xf900..=0xfaff | 0x20000..=0x3fffd);
    if run.chars().all(chinese) { CUTTER.cut(run, true).into_iter().for_each(|token| each(token.word)) } else { pairs(run, each) }
}

#[cfg(not(feature = "zh"))]
fn cut(run: &str, each: &mut impl FnMut(&str)) {
    pairs(run, each);
}
