//! What tells one group of texts from the others.

use rustc_hash::FxHashMap;

use crate::text::words;

/// Words a track is named by, at most.
const KEYWORDS: usize = 4;

/// The words that tell each cluster from the others: how often they stand in it × ln(1 + mean terms of a cluster ÷ how often
/// they stand anywhere). Source: M. Grootendorst, *BERTopic* (2022), arXiv:2203.05794.
pub(super) fn keywords(texts: &[&str], of: &[u32], clusters: usize) -> Vec<Vec<String>> {
    let mut all: FxHashMap<String, f64> = FxHashMap::default();
    let mut own: Vec<FxHashMap<String, f64>> = vec![FxHashMap::default(); clusters];
    let mut total = 0.0;
    for (text, &cluster) in texts.iter().zip(of) {
        words(text, &mut |term: &str| {
            // Single characters say little.
            if term.chars().nth(1).is_some() {
                *all.entry(term.to_owned()).or_default() += 1.0;
                *own[cluster as usize].entry(term.to_owned()).or_default() += 1.0;
                total += 1.0;
            }
        });
    }
    let mean = total / clusters.max(1) as f64;
    own.iter()
        .map(|terms| {
            let mut list: Vec<(f64, &String)> = terms.iter().map(|(term, n)| (n * (1.0 + mean / all[term]).ln(), term)).collect();
            list.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
            let mut kept: Vec<String> = Vec::new();
            for (_, term) in list {
                // Where words are not cut, a pair that overlaps one that is kept says the same.
                let overlaps = |one: &String| one.chars().next_back() == term.chars().next() || one.chars().next() == term.chars().next_back();
                if kept.len() < KEYWORDS && (cfg!(feature = "zh") || term.chars().count() != 2 || !kept.iter().any(overlaps)) {
                    kept.push(term.clone());
                }
            }
            kept
        })
        .collect()
}

#[cfg(all(test, feature = "zh"))]
mod tests {
    use super::*;

    #[test]
    fn chinese_tracks_are_named_by_words() {
        let texts = ["我们先看看价格方案", "价格方案可以分期", "先做产品功能演示", "功能演示很快"];
        let found = keywords(&texts, &[0, 0, 1, 1], 2);
        assert_eq!((&found[0][..2], &found[1][..2]), (&["价格".to_owned(), "方案".to_owned()][..], &["功能".to_owned(), "演示".to_owned()][..]));
    }
}
