//! Many phrases looked for at once: one automaton, one pass over a text however many there are.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::fold::{folded_phrase, in_word};
use crate::error::{Error, Fault, Result};

/// Up to so many bytes of phrases the automaton is laid out in full, which takes some megabytes and reads fastest.
const FULL: usize = 1 << 14;

/// Phrases to look for in texts, by number.
///
/// Texts and phrases are compared in their [folded](super::fold) form. A phrase that begins or ends with a letter or
/// digit of a script that puts spaces between words (Latin, Cyrillic, Korean, …) must begin or end there as a word does:
/// `plan` is not in `airplane` or `plans`. Chinese and Japanese are looked for as they stand, inside whatever surrounds
/// them. A phrase is found within one text, never across two.
///
/// ```
/// use goldpath::text::Phrases;
/// let phrases = Phrases::new(["预算", "plan", "CRM系统"])?;
/// assert_eq!(phrases.found_in("您的预算是多少？Our PLAN: 用ＣＲＭ系统"), [0, 1, 2]);
/// assert!(phrases.found_in("airplane plans, 预 算").is_empty());
/// # Ok::<(), goldpath::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Phrases {
    automaton: AhoCorasick,
    /// Whether the phrase must begin, and end, where a word does.
    whole: Vec<(bool, bool)>,
}

impl Phrases {
    /// Phrases by number, from 0. One that folds to nothing is never found.
    ///
    /// # Errors
    /// [`Error::Limit`] where there are more than an automaton can hold (some billions of letters).
    pub fn new<S: AsRef<str>>(phrases: impl IntoIterator<Item = S>) -> Result<Self> {
        let folded: Vec<String> = phrases.into_iter().map(|phrase| folded_phrase(phrase.as_ref())).collect();
        let whole = folded.iter().map(|phrase| (phrase.chars().next().is_some_and(in_word), phrase.chars().next_back().is_some_and(in_word))).collect();
        let small = folded.iter().map(String::len).sum::<usize>() <= FULL;
        let automaton = AhoCorasick::builder()
            .kind(small.then_some(AhoCorasickKind::DFA))
            .build(&folded)
            .map_err(|error| Error::Limit(Box::new(Fault::new("text.too_many_phrases", error.to_string()))))?;
        Ok(Self { automaton, whole })
    }

    /// How many phrases there are.
    pub fn len(&self) -> usize {
        self.whole.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty()
    }

    /// The numbers of the phrases that stand in a text, in order.
    pub fn found_in(&self, text: &str) -> Vec<u32> {
        let mut found = Vec::new();
        self.scan(&super::fold(text), |phrase| found.push(phrase));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Tells of each place a phrase stands at in a folded text, so the same phrase may be told of several times.
    pub(crate) fn scan(&self, folded: &str, mut tell: impl FnMut(u32)) {
        self.scan_at(folded, |phrase, _| tell(phrase));
    }

    /// As [`Phrases::scan`], with where it stands.
    pub(crate) fn scan_at(&self, folded: &str, mut tell: impl FnMut(u32, std::ops::Range<usize>)) {
        for hit in self.automaton.find_overlapping_iter(folded) {
            let (begins, ends) = self.whole[hit.pattern().as_usize()];
            let inside =
                (begins && folded[..hit.start()].chars().next_back().is_some_and(in_word)) || (ends && folded[hit.end()..].chars().next().is_some_and(in_word));
            if !inside && !hit.is_empty() {
                tell(hit.pattern().as_u32(), hit.start()..hit.end());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(phrases: &[&str], text: &str) -> Vec<u32> {
        Phrases::new(phrases).unwrap().found_in(text)
    }

    #[test]
    fn latin_by_word_and_chinese_by_character() {
        assert_eq!(found(&["plan"], "The PLAN."), [0]);
        assert_eq!(found(&["plan"], "plan's end"), [0]);
        for text in ["airplane", "plans", "plan9", "planété", "plan\u{301}"] {
            assert!(found(&["plan"], text).is_empty(), "{text}");
        }
        assert_eq!(found(&["预算", "报价"], "他说预算和报价单"), [0, 1]);
        assert_eq!(found(&["SaaS"], "我们的saas产品"), [0]);
        assert_eq!(found(&["30"], "价格300元，打30折"), [0]);
        assert!(found(&["30"], "价格300元").is_empty());
        assert_eq!(found(&["бюджет"], "Ваш БЮДЖЕТ?"), [0]);
        assert_eq!(found(&["total  cost"], "the Total\tcost is"), [0]);
        assert!(found(&["total cost"], "total\ncost").is_empty(), "not across a line");
    }

    #[test]
    fn phrases_inside_phrases_are_all_found() {
        assert_eq!(found(&["预算", "预算区间", "区间"], "预算区间"), [0, 1, 2]);
        assert_eq!(found(&["a", "a b", "b"], "a b"), [0, 1, 2]);
        assert_eq!(found(&["no", "no"], "no"), [0, 1], "the same phrase twice has two numbers");
    }

    #[test]
    fn emoji_and_mixed_scripts_do_no_harm() {
        assert_eq!(found(&["👍", "好👍🏽", "ok"], "好👍🏽ok，👨‍👩‍👧"), [0, 1, 2]);
        assert!(found(&["", " ", "\u{200b}"], "anything 任何").is_empty());
        assert!(found(&[], "anything").is_empty());
        assert!(found(&["x"], "").is_empty());
    }

    proptest! {
        #[test]
        fn as_one_phrase_after_the_other(phrases in prop::collection::vec("[ab预算 '？A-]{1,4}", 0..8), text in "[ab预算 '？A👍\u{301}-]{0,24}") {
            let folded = super::super::fold(&text);
            let expected: Vec<u32> = (0..phrases.len() as u32)
                .filter(|&i| {
                    let phrase = folded_phrase(&phrases[i as usize]);
                    let word = |c: Option<char>| c.is_some_and(in_word);
                    !phrase.is_empty() && (0..folded.len()).filter(|&at| folded.is_char_boundary(at) && folded[at..].starts_with(&phrase)).any(|at| {
                        let begins_inside = word(phrase.chars().next()) && word(folded[..at].chars().next_back());
                        let ends_inside = word(phrase.chars().next_back()) && word(folded[at + phrase.len()..].chars().next());
                        !begins_inside && !ends_inside
                    })
                })
                .collect();
            prop_assert_eq!(Phrases::new(&phrases).unwrap().found_in(&text), expected);
        }
    }
}
