//! Whether what is said is denied: words of negation before it, in Chinese and in English.

use crate::text::{fold, in_word, unspaced};

const CHINESE: [char; 7] = ['不', '没', '别', '无', '未', '勿', '莫'];
/// Words that hold a character of negation and deny nothing.
const NOT_CHINESE: [&str; 31] = [
    "不仅",
    "不但",
    "不只",
    "不光",
    "不过",
    "不错",
    "不好意思",
    "不断",
    "不同",
    "不少",
    "不管",
    "不论",
    "对不起",
    "没问题",
    "没错",
    "没关系",
    "无论",
    "无非",
    "别的",
    "别人",
    "别处",
    "别家",
    "特别",
    "分别",
    "区别",
    "级别",
    "个别",
    "类别",
    "未来",
    "差不多",
    "不妨",
];
const ENGLISH: [&str; 11] = ["not", "no", "never", "none", "without", "cannot", "neither", "nor", "nobody", "nothing", "hardly"];
/// What comes after a word of negation where it denies nothing.
const NOT_ENGLISH: [&str; 7] = ["only", "just", "problem", "worries", "doubt", "matter", "wonder"];

/// The words of negation.
#[derive(Debug, Clone, Default)]
pub(super) struct Negations {
    own: Vec<String>,
}

impl Negations {
    /// Those known, and some of the caller's own.
    pub(super) fn new(own: &[String]) -> Self {
        Self { own: own.iter().map(|word| fold(word).trim().to_owned()).filter(|word| !word.is_empty()).collect() }
    }

    /// Whether a word of negation stands among the last so many words (Chinese: characters) of the clause.
    pub(super) fn denied(&self, sentence: &str, window: u32) -> bool {
        let clause = sentence.rfind([',', '，', '、', ':', '：', '(', '（', '"', '“']).map_or(sentence, |at| {
            let mark = sentence[at..].chars().next().map_or(1, char::len_utf8);
            &sentence[at + mark..]
        });
        let window = &clause[begin(clause, window)..];
        self.own.iter().any(|word| window.contains(word.as_str())) || chinese(clause, window) || english(window)
    }
}

/// Where the last so many words begin; words cut by the end count.
fn begin(clause: &str, window: u32) -> usize {
    let (mut left, mut inside, mut at) = (window, false, clause.len());
    for (i, c) in clause.char_indices().rev() {
        let word = in_word(c) || c == '\'';
        if unspaced(c) || (word && !inside) {
            if left == 0 {
                return at;
            }
            left -= 1;
        }
        inside = word && !unspaced(c);
        at = i;
    }
    0
}

fn chinese(clause: &str, window: &str) -> bool {
    let from = clause.len() - window.len();
    window.char_indices().any(|(i, c)| {
        if !CHINESE.contains(&c) {
            return false;
        }
        let at = from + i;
        let (before, after) = (clause[..at].chars().next_back(), clause[at + c.len_utf8()..].chars().next());
        // 是不是, 有没有, 能不能 ask.
        let asks = before.is_some() && before == after;
        let harmless = NOT_CHINESE.iter().any(|word| {
            word.match_indices(c)
                .any(|(offset, _)| at.checked_sub(offset).is_some_and(|start| clause.is_char_boundary(start) && clause[start..].starts_with(word)))
        });
        !asks && !harmless
    })
}

fn english(window: &str) -> bool {
    let mut words = window.split(|c: char| !in_word(c) && c != '\'').filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        let denies = ENGLISH.contains(&word) || word.ends_with("n't");
        if denies && !words.peek().is_some_and(|next| NOT_ENGLISH.contains(next)) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied() {
        let known = Negations::default();
        for (before, window, denied) in [
            ("我们不谈", 4, true),
            ("没有", 4, true),
            ("您有没有", 4, false),
            ("是不是要谈", 6, false),
            ("不仅有", 4, false),
            ("特别关心", 4, false),
            ("不好说，但是", 4, false),
            ("不一二三四", 4, false),
            ("不二三四", 4, true),
            ("we do not have a ", 4, true),
            ("we don't discuss the ", 4, true),
            ("not only the ", 4, false),
            ("nobody in the whole wide company has ", 4, false),
            ("no, the ", 4, false),
            ("", 4, false),
            ("不", 0, false),
        ] {
            assert_eq!(known.denied(before, window), denied, "{before}");
        }
        assert!(Negations::new(&["甭".into()]).denied("甭提", 3));
    }
}
