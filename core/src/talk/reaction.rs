//! How a customer takes what was said: their next turn, by words and by what it does.

use std::sync::LazyLock;

use serde::Serialize;

use crate::text::{Phrases, asks, fold};

/// What the customer's next turn shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[allow(clippy::struct_excessive_bools)] // each is seen by itself
pub struct Reaction {
    /// It holds words of assent or interest.
    pub positive: bool,
    /// It holds words of refusal, doubt or complaint.
    pub negative: bool,
    /// It asks something.
    pub asks: bool,
    /// There is none: the customer says nothing more.
    pub leaves: bool,
}

impl Reaction {
    /// 1 for good, 0 for bad, ½ for neither or both; 0 where the customer leaves.
    pub fn score(self) -> f64 {
        match (self.leaves, self.positive, self.negative) {
            (true, ..) | (false, false, true) => 0.0,
            (false, true, false) => 1.0,
            _ => 0.5,
        }
    }
}

const POSITIVE: [&str; 44] = [
    "好的",
    "好啊",
    "好呀",
    "可以",
    "没问题",
    "行",
    "不错",
    "挺好",
    "很好",
    "太好了",
    "明白",
    "了解了",
    "有道理",
    "感兴趣",
    "同意",
    "谢谢",
    "期待",
    "靠谱",
    "划算",
    "合适",
    "满意",
    "ok",
    "okay",
    "sure",
    "great",
    "good",
    "sounds good",
    "makes sense",
    "perfect",
    "yes",
    "agree",
    "thanks",
    "thank you",
    "interested",
    "interesting",
    "love it",
    "fine",
    "excellent",
    "awesome",
    "helpful",
    "deal",
    "fair enough",
    "let's do it",
    "go ahead",
];
const NEGATIVE: [&str; 42] = [
    "不行",
    "不可以",
    "不要",
    "不需要",
    "不用了",
    "不考虑",
    "不感兴趣",
    "不好",
    "不合适",
    "不满意",
    "不同意",
    "不划算",
    "太贵",
    "贵了",
    "算了",
    "再说吧",
    "没兴趣",
    "没必要",
    "麻烦",
    "别打",
    "投诉",
    "骗",
    "担心",
    "失望",
    "no",
    "not interested",
    "too expensive",
    "don't need",
    "do not need",
    "can't",
    "cannot",
    "won't",
    "never",
    "bad",
    "expensive",
    "disappointed",
    "worried",
    "concerned",
    "complaint",
    "waste",
    "stop calling",
    "no thanks",
];

static WORDS: LazyLock<Option<Phrases>> = LazyLock::new(|| Phrases::new(POSITIVE.iter().chain(&NEGATIVE)).ok());

/// Reads a customer's turn; `None` where the customer says nothing more.
///
/// ```
/// use goldpath::talk::reaction;
/// assert!(reaction(Some("好的，可以试试")).positive);
/// assert!(reaction(Some("不可以，太贵了")).negative && !reaction(Some("不可以，太贵了")).positive);
/// assert!(reaction(Some("那怎么付款？")).asks);
/// assert_eq!(reaction(None).score(), 0.0);
/// ```
pub fn reaction(text: Option<&str>) -> Reaction {
    let Some(text) = text else { return Reaction { leaves: true, ..Reaction::default() } };
    let folded = fold(text);
    let mut found = Reaction { asks: asks(&folded), ..Reaction::default() };
    let Some(words) = &*WORDS else { return found };
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    words.scan_at(&folded, |phrase, at| if (phrase as usize) < POSITIVE.len() { good.push(at) } else { bad.push(at) });
    found.negative = !bad.is_empty();
    // 可以 in 不可以 and "interested" in "not interested" are no assent.
    found.positive = good.iter().any(|at| !bad.iter().any(|b| b.start <= at.start && at.end <= b.end));
    found
}
