//! What a hand-reviewed sample would have concluded, in one sentence.

use super::{Lang, count};
use crate::evidence::SampleBias;

/// The sample beside the full volume.
pub(crate) fn sample_bias(s: &SampleBias, lang: Lang) -> String {
    let (k, n, clear) = (count(s.sample), count(s.cases), count(s.clear));
    match lang {
        Lang::En => format!(
            "Reading {k} of the {n} decided conversations by hand would on average have shown {:.1} of the {clear} clear findings, the opposite of {:.1}, and {:.1} where nothing is clear.",
            s.found, s.reversed, s.false_alarms
        ),
        Lang::Zh => format!(
            "在 {n} 通已有结果的会话中人工抽听 {k} 通，{clear} 项明确发现平均只能看出 {:.1} 项，看反 {:.1} 项，另在 {:.1} 项并不明确之处误下结论。",
            s.found, s.reversed, s.false_alarms
        ),
    }
}
