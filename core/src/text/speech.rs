//! How much was said, and how many questions were asked, in Chinese and in English.

use super::fold::{in_word, unspaced};

/// What is counted of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Speech {
    /// Characters without white space and invisible ones.
    pub characters: u64,
    /// Words: each character of a script without spaces (Chinese, Japanese, …), and each run of letters and digits of
    /// others, with an apostrophe, hyphen, point or comma inside. What is called 字数 in Chinese.
    pub words: u64,
    /// Questions, by the rule of [`count`].
    pub questions: u64,
}

/// Counts characters, words and questions.
///
/// A text is cut into sentences at `。！？!?;；…`, at a line's end, and at a point before a space or the end. A sentence is a
/// question if
/// - a question mark is among the marks that close it (a question mark alone is one too; one inside a web address is not);
/// - or its last character is `吗` or `呢`, whatever closes it;
/// - or no mark closes it, as in transcripts without punctuation, and it begins as a question does. In English: with an
///   auxiliary and a subject (`do you`, `is there`, `can we`), or with `what who where when why how which` and what goes
///   with them in a question (`how many`, `what is`, `why don't`). In Chinese: with `请问 是否 是不是 有没有 能不能 能否 可否
///   可不可以 要不要 会不会 为什么 为何 多少 几个 几位 哪些 哪个 哪位 哪里 什么时候`, also behind `您`, `你们`, `贵公司` and the like.
///   A few words that lead in (`okay so`, `那`, `好的`, `嗯`) are passed over.
///
/// ```
/// use goldpath::text::count;
/// let said = count("好的。您的预算大概多少？方便说吗");
/// assert_eq!((said.questions, said.words), (2, 14));
/// let said = count("Okay. How many people use it? What's next?! e-mail 3.5");
/// assert_eq!((said.questions, said.words), (2, 10));
/// ```
pub fn count(text: &str) -> Speech {
    count_folded(&super::fold(text))
}

/// As [`count`], of a folded text.
pub(crate) fn count_folded(text: &str) -> Speech {
    let mut speech = Speech::default();
    // Where the sentence began, and where its last character that is no closing mark ends.
    let (mut from, mut body) = (0, 0);
    // The marks that close the sentence at hand: whether there is one, and one that asks.
    let (mut closed, mut asks) = (false, false);
    let (mut word, mut url, mut before) = (false, false, ' ');
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let next = rest.peek().map(|&(_, c)| c);
        if c == ' ' || c == '\n' {
            (word, url) = (false, false);
            if c == '\n' {
                speech.questions += u64::from(is_question(&text[from..body], closed, asks));
                (from, body, closed, asks) = (at + 1, at + 1, false, false);
            }
            before = c;
            continue;
        }
        speech.characters += 1;
        if unspaced(c) {
            speech.words += 1;
            (word, url) = (false, false);
        } else if in_word(c) {
            speech.words += u64::from(!word);
            word = true;
        } else {
            // A mark inside a word, such as in e-mail, don't and 3.5.
            word = word && matches!(c, '\'' | '-' | '.' | ',') && next.is_some_and(in_word);
            url = c.is_ascii() && (url || (c == '/' && before == '/' && text[..at].ends_with(":/")));
        }
        before = c;
        let goes_on = |next: char| next.is_ascii() && next != ' ' && next != '\n';
        let mark = match c {
            '?' => !(url && next.is_some_and(goes_on)),
            '!' | ';' => !url,
            '。' | '…' => true,
            '.' => next.is_none_or(|next| next == ' ' || next == '\n' || next == '.'),
            _ => false,
        };
        if mark {
            closed = true;
            asks |= c == '?';
        } else if closed && !matches!(c, '"' | '\'' | ')' | '”' | '」' | '』' | '》') {
            // The sentence ended before this character.
            speech.questions += u64::from(is_question(&text[from..body], true, asks));
            (from, body, closed, asks) = (at, at + c.len_utf8(), false, false);
        } else if !closed {
            body = at + c.len_utf8();
        }
    }
    speech.questions += u64::from(is_question(&text[from..body], closed, asks));
    speech
}

/// The sentence around a place of a folded text, with the marks that close it; cut as [`count`] does.
pub(crate) fn sentence_at(folded: &str, start: usize, end: usize) -> std::ops::Range<usize> {
    let ends = |at: usize, c: char| {
        matches!(c, '\n' | '?' | '!' | ';' | '。' | '…') || (c == '.' && folded[at + 1..].chars().next().is_none_or(|next| matches!(next, ' ' | '\n' | '.')))
    };
    let from = folded[..start].char_indices().rev().find(|&(at, c)| ends(at, c)).map_or(0, |(at, c)| at + c.len_utf8());
    let mut to = folded.len();
    let mut closed = false;
    for (at, c) in folded[end..].char_indices().map(|(at, c)| (end + at, c)) {
        let mark = ends(at, c);
        if closed && !mark {
            to = at;
            break;
        }
        closed |= mark;
    }
    from..to
}

/// Whether a folded text asks anything.
pub(crate) fn asks(folded: &str) -> bool {
    count_folded(folded).questions > 0
}

fn is_question(sentence: &str, closed: bool, asks: bool) -> bool {
    asks || sentence.trim_end_matches(|c: char| !in_word(c) && !unspaced(c)).ends_with(['吗', '呢']) || (!closed && begins_as_question(sentence))
}

const AUXILIARIES: [&str; 37] = [
    "do",
    "does",
    "did",
    "is",
    "are",
    "was",
    "were",
    "am",
    "can",
    "could",
    "will",
    "would",
    "should",
    "shall",
    "may",
    "might",
    "must",
    "have",
    "has",
    "had",
    "isn't",
    "aren't",
    "wasn't",
    "weren't",
    "don't",
    "doesn't",
    "didn't",
    "won't",
    "wouldn't",
    "can't",
    "couldn't",
    "shouldn't",
    "haven't",
    "hasn't",
    "hadn't",
    "mustn't",
    "ain't",
];
const SUBJECTS: [&str; 19] = [
    "you",
    "we",
    "they",
    "he",
    "she",
    "it",
    "i",
    "there",
    "this",
    "that",
    "your",
    "our",
    "their",
    "anyone",
    "anybody",
    "someone",
    "somebody",
    "everyone",
    "everybody",
];
const ASKING: [&str; 11] = ["what", "who", "whom", "where", "when", "why", "how", "what's", "who's", "where's", "how's"];
const OF_HOW: [&str; 9] = ["many", "much", "long", "often", "big", "large", "far", "soon", "about"];
const LEADS: [&str; 17] = ["okay", "ok", "so", "and", "well", "great", "right", "but", "now", "then", "um", "uh", "yes", "yeah", "sure", "also", "alright"];
const LEADS_ZH: [&str; 13] = ["好的", "那么", "所以", "然后", "另外", "还有", "对了", "嗯", "那", "好", "对", "哦", "啊"];
const SUBJECTS_ZH: [&str; 12] = ["您那边", "你那边", "您这边", "你这边", "咱们这边", "贵公司", "贵司", "咱们", "你们", "您", "你", "咱"];
const BEGINS_ZH: [&str; 21] = [
    "请问",
    "是否",
    "是不是",
    "有没有",
    "能不能",
    "能否",
    "可否",
    "可不可以",
    "要不要",
    "会不会",
    "为什么",
    "为何",
    "多少",
    "几个",
    "几位",
    "哪些",
    "哪个",
    "哪位",
    "哪里",
    "什么时候",
    "怎么样",
];

fn begins_as_question(sentence: &str) -> bool {
    let mark = |c: char| !in_word(c) && !unspaced(c);
    let mut rest = sentence.trim_start_matches(mark);
    while let Some(lead) = LEADS_ZH.iter().find(|lead| rest.starts_with(**lead)) {
        rest = rest[lead.len()..].trim_start_matches(mark);
    }
    let behind = SUBJECTS_ZH.iter().find_map(|subject| rest.strip_prefix(subject)).unwrap_or(rest);
    if [rest, behind].iter().any(|text| BEGINS_ZH.iter().any(|begin| text.starts_with(begin))) {
        return true;
    }
    let mut words = rest.split(|c: char| !in_word(c) && c != '\'').filter(|word| !word.is_empty()).skip_while(|word| LEADS.contains(word));
    let (Some(first), second, third) = (words.next(), words.next().unwrap_or_default(), words.next().unwrap_or_default()) else { return false };
    match first {
        "which" | "whose" => AUXILIARIES.contains(&third),
        "how" if OF_HOW.contains(&second) || second == "come" => true,
        "why" if second == "not" => true,
        "what" | "how" | "where" | "when" | "why" | "who" | "whom" => AUXILIARIES.contains(&second),
        first if ASKING.contains(&first) => !second.is_empty(),
        first => AUXILIARIES.contains(&first) && SUBJECTS.contains(&second),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn questions(text: &str) -> u64 {
        count(text).questions
    }

    #[test]
    fn questions_in_chinese() {
        for (text, n) in [
            ("您的预算是多少？", 1),
            ("您的预算是多少?方便说吗？", 2),
            ("您看可以吗。", 1),
            ("那价格呢", 1),
            ("可以吗，您看", 0),
            ("真的吗？？！", 1),
            ("？", 1),
            ("“您用过吗？”他问。", 1),
            ("请问贵公司有多少人用", 1),
            ("好的，那您那边有没有预算", 1),
            ("嗯嗯，是否需要我们上门", 1),
            ("有没有预算我不清楚。", 0),
            ("我们有演示。价格好谈！", 0),
            ("看这里 https://a.com/x?id=1 很清楚", 0),
            ("看https://a.com/x?id=1好吗？", 1),
            ("几个人用\n多少钱", 2),
        ] {
            assert_eq!(questions(text), n, "{text}");
        }
    }

    #[test]
    fn questions_in_english() {
        for (text, n) in [
            ("How many people use it?", 1),
            ("Okay. What for? And why?!", 2),
            ("okay so how many people use it", 1),
            ("do you have a budget", 1),
            ("What's the budget", 1),
            ("which vendor do you use", 1),
            ("which is why we called", 0),
            ("what we do is simple", 0),
            ("do call me", 0),
            ("when you are ready", 0),
            ("How many people use it.", 0),
            ("Version 3.5 is out. Ask me anything.", 0),
            ("He asked \"is it done?\" and left.", 1),
            ("why don't we meet\nis there a date", 2),
            ("see http://a.b/c?d=e", 0),
            ("did you see http://a.b/c?", 1),
            ("?? ??", 1),
            ("", 0),
        ] {
            assert_eq!(questions(text), n, "{text}");
        }
    }

    #[test]
    fn words_and_characters() {
        for (text, characters, words) in [
            ("我们用CRM系统", 8, 6),
            ("It's e-mail, 3.5 and 1,000!", 23, 5),
            ("预算：20 万", 6, 4),
            ("한국어 단어", 5, 2),
            ("👍 好", 2, 1),
            (" \n\t", 0, 0),
            ("a- -b", 4, 2),
        ] {
            let said = count(text);
            assert_eq!((said.characters, said.words), (characters, words), "{text}");
        }
    }

    proptest! {
        #[test]
        fn counts_are_bounded_and_no_text_does_harm(text in "\\PC{0,60}|[a吗呢？?!。.\n'\" :/-]{0,30}") {
            let said = count(&text);
            prop_assert!(said.words <= said.characters && said.characters <= text.chars().count() as u64);
            prop_assert!(said.questions <= text.chars().count() as u64);
        }

        #[test]
        fn lines_add_up(a in "[do you吗？?.。x ]{0,16}", b in "[do you吗？?.。x ]{0,16}") {
            prop_assert_eq!(questions(&format!("{a}\n{b}")), questions(&a) + questions(&b));
        }
    }
}
