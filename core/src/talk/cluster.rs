//! Wordings that are nearly the same gathered into one: hashed runs of characters, weighed and compared by cosine.
//!
//! Each distinct text (folded, without marks) is a vector of runs of two and three characters, weighed by how rare they
//! are. The most frequent texts come first and become leaders; each next text joins the leader it is most like, or becomes
//! one itself. Which leaders are looked at is told by MinHash bands, so that the work grows with the texts and not with
//! their square. A second pass lets every text choose again among all leaders. Texts are taken in an order of their own
//! (frequency, then text), so the order of the input changes nothing.
//!
//! Sources: A. Z. Broder, *On the resemblance and containment of documents* (1997); P. Li, A. Owen and C.-H. Zhang, *One
//! permutation hashing* (2012); J. A. Hartigan, *Clustering algorithms* (1975) ch. 3.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::detect::Vectors;
use crate::error::{Error, Fault, Result};
use crate::stats::rng::mix;
use crate::text::{fold_into, in_word, unspaced};

/// Bands of the sketch, and numbers a band: two texts of which half the runs are shared meet in one with probability .99.
const BANDS: usize = 20;
const ROWS: usize = 2;
const SKETCH: usize = BANDS * ROWS;
/// Most leaders of one band that are compared with a text: the first ones, which are the most frequent.
const MOST_CANDIDATES: usize = 64;
/// Characters of a text that are looked at.
const MOST_CHARACTERS: usize = 2048;

/// Texts gathered into clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters {
    /// Cluster of each text, numbered by size from 0, the largest first.
    pub of: Vec<u32>,
    /// A text of each cluster that stands for it, by its place in the input: the most frequent wording nearest to the rest.
    pub representative: Vec<usize>,
    /// Texts in each cluster.
    pub size: Vec<u32>,
}

/// How like two wordings of one cluster are at least, where nothing else is said: cosine of their weighed runs.
pub const SIMILARITY: f64 = 0.5;

struct Distinct {
    /// Place of the first text of it in the input.
    first: usize,
    key: Box<str>,
    index: Vec<u32>,
    value: Vec<f32>,
    bands: [u64; BANDS],
}

/// Gathers texts that are nearly the same wording.
///
/// ```
/// use goldpath::talk::{SIMILARITY, cluster};
/// let texts = ["我们可以分期付款，您看可以吗", "嗯我们可以分期付款，您看可以吗？", "let me send you the contract", "下周给您方案"];
/// let found = cluster(&texts, SIMILARITY)?;
/// assert_eq!(found.of[0], found.of[1]);
/// assert_eq!(found.size, [2, 1, 1]);
/// # Ok::<(), goldpath::Error>(())
/// ```
///
/// # Errors
/// [`Error::Argument`] unless `similarity` is above 0 and at most 1.
pub fn cluster<S: AsRef<str> + Sync>(texts: &[S], similarity: f64) -> Result<Clusters> {
    check(similarity)?;
    let keys: Vec<Box<str>> = texts.par_iter().map_init(String::new, |folded, text| key(text.as_ref(), folded)).collect();
    let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
    let mut first: Vec<(usize, u32)> = Vec::new();
    let of: Vec<u32> = (keys.iter().enumerate())
        .map(|(i, key)| {
            let number = *numbers.entry(key).or_insert_with(|| {
                first.push((i, 0));
                first.len() as u32 - 1
            });
            first[number as usize].1 += 1;
            number
        })
        .collect();
    drop(numbers);
    let mut order: Vec<u32> = (0..first.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| {
        let (a, b) = (first[a as usize], first[b as usize]);
        b.1.cmp(&a.1).then_with(|| keys[a.0].cmp(&keys[b.0]))
    });
    let list: Vec<Distinct> = distinct(&order, &first, &keys);
    let leader = leaders(&list, similarity as f32);
    let mut cluster_of = vec![0; first.len()];
    for (place, &number) in order.iter().enumerate() {
        cluster_of[number as usize] = leader[place];
    }
    Ok(number(&of.iter().map(|&number| cluster_of[number as usize]).collect::<Vec<_>>(), &list))
}

/// Gathers texts by the host's vectors, one a text: what means the same though it shares no words. By cosine, leaders in the
/// order of the vectors' numbers.
///
/// # Errors
/// [`Error::Argument`] unless `similarity` is above 0 and at most 1, [`Error::Detector`] where a vector holds what is no
/// number.
pub fn cluster_vectors(vectors: Vectors<'_>, similarity: f64) -> Result<Clusters> {
    check(similarity)?;
    let mut units = Vec::with_capacity(vectors.len());
    for i in 0..vectors.len() {
        let vector = vectors.of(i);
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        if !length.is_finite() {
            let fault = Fault::new("detector.vector_not_finite", "the vector holds a value that is no number").at_place(format!("vectors[{i}]"));
            return Err(Error::Detector(vec![fault]));
        }
        units.push(vector.iter().map(|x| if length > 0.0 { x / length } else { 0.0 }).collect::<Vec<f32>>());
    }
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by(|&a, &b| units[a].iter().zip(&units[b]).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal));
    let cosine = |a: usize, b: usize| units[a].iter().zip(&units[b]).map(|(x, y)| x * y).sum::<f32>();
    let best = |i: usize, leaders: &[usize]| leaders.iter().map(|&l| (cosine(i, l), l)).fold((f32::NEG_INFINITY, 0), |a, b| if b.0 > a.0 { b } else { a });
    let mut leaders: Vec<usize> = Vec::new();
    for &i in &order {
        if best(i, &leaders).0 < similarity as f32 {
            leaders.push(i);
        }
    }
    let of: Vec<u32> = (0..units.len()).into_par_iter().map(|i| best(i, &leaders).1 as u32).collect();
    let mut size: FxHashMap<u32, u32> = FxHashMap::default();
    of.iter().for_each(|&leader| *size.entry(leader).or_default() += 1);
    let place: FxHashMap<u32, usize> = order.iter().enumerate().map(|(place, &i)| (i as u32, place)).collect();
    let mut ranked: Vec<u32> = size.keys().copied().collect();
    ranked.sort_by_key(|leader| (std::cmp::Reverse(size[leader]), place[leader]));
    let number: FxHashMap<u32, u32> = ranked.iter().enumerate().map(|(number, &leader)| (leader, number as u32)).collect();
    Ok(Clusters {
        of: of.iter().map(|leader| number[leader]).collect(),
        size: ranked.iter().map(|leader| size[leader]).collect(),
        representative: ranked.iter().map(|&leader| leader as usize).collect(),
    })
}

fn check(similarity: f64) -> Result<()> {
    if similarity > 0.0 && similarity <= 1.0 {
        return Ok(());
    }
    Err(Error::argument("similarity", format!("{similarity} is no similarity"), "above 0 and at most 1, such as 0.5"))
}

/// What a text is compared by: its folded letters and digits, a space between words.
fn key(text: &str, folded: &mut String) -> Box<str> {
    fold_into(text, folded);
    let mut key = String::with_capacity(folded.len());
    for c in folded.chars().take(MOST_CHARACTERS) {
        if unspaced(c) || in_word(c) || c == '\'' {
            key.push(c);
        } else if key.chars().next_back().is_some_and(in_word) {
            key.push(' ');
        }
    }
    let length = key.trim_end().len();
    key.truncate(length);
    // A text of marks or pictures alone is compared as it stands.
    if key.is_empty() { folded.trim().into() } else { key.into() }
}

/// Hashes of the runs of two and three characters, the ends marked; a run across a space counts as one.
fn runs(key: &str, characters: &mut Vec<u64>, mut tell: impl FnMut(u32)) {
    characters.clear();
    characters.push(1);
    characters.extend(key.chars().map(|c| u64::from(u32::from(c))));
    characters.push(2);
    for pair in characters.windows(2) {
        tell(mix(pair[0] << 21 | pair[1]) as u32);
    }
    for three in characters.windows(3) {
        tell(mix(three[0] << 42 | three[1] << 21 | three[2]) as u32);
    }
}

fn distinct(order: &[u32], first: &[(usize, u32)], keys: &[Box<str>]) -> Vec<Distinct> {
    let mut list: Vec<Distinct> = order
        .par_iter()
        .map_init(Vec::new, |characters, &number| {
            let (first, _) = first[number as usize];
            let mut index = Vec::with_capacity(2 * keys[first].len());
            runs(&keys[first], characters, |hash| index.push(hash));
            index.sort_unstable();
            let mut value = Vec::with_capacity(index.len());
            let mut kept: Vec<u32> = Vec::with_capacity(index.len());
            for hash in index {
                if kept.last() == Some(&hash) {
                    if let Some(last) = value.last_mut() {
                        *last += 1.0f32;
                    }
                } else {
                    kept.push(hash);
                    value.push(1.0);
                }
            }
            let bands = bands(&kept);
            Distinct { first, key: keys[first].clone(), index: kept, value, bands }
        })
        .collect();
    let mut with: FxHashMap<u32, u32> = FxHashMap::default();
    for text in &list {
        text.index.iter().for_each(|hash| *with.entry(*hash).or_default() += 1);
    }
    let total = list.len() as f32;
    list.par_iter_mut().for_each(|text| {
        let mut squares = 0.0f32;
        for (hash, value) in text.index.iter().zip(&mut text.value) {
            // Counts beyond the first weigh less, and so do runs that stand everywhere.
            *value = (1.0 + value.ln()) * (1.0 + ((1.0 + total) / (1.0 + with[hash] as f32)).ln());
            squares += *value * *value;
        }
        let by = squares.sqrt().recip();
        text.value.iter_mut().for_each(|value| *value *= by);
    });
    list
}

/// The MinHash sketch by one permutation: the least hash of each of so many parts, empty parts filled from the next one that
/// is not; then one number a band.
fn bands(index: &[u32]) -> [u64; BANDS] {
    let mut least = [u64::MAX; SKETCH];
    for &hash in index {
        let spread = mix(u64::from(hash) ^ 0x5bd1_e995);
        let part = (((spread >> 32) * SKETCH as u64) >> 32) as usize;
        least[part] = least[part].min(spread & 0xffff_ffff);
    }
    let filled: [u64; SKETCH] = std::array::from_fn(|at| {
        let step = (0..SKETCH).find(|step| least[(at + step) % SKETCH] != u64::MAX).unwrap_or(0);
        mix(least[(at + step) % SKETCH] ^ (step as u64) << 40)
    });
    std::array::from_fn(|band| filled[band * ROWS..(band + 1) * ROWS].iter().fold(band as u64, |hash, part| mix(hash ^ part)))
}

fn cosine(a: &Distinct, b: &Distinct) -> f32 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while i < a.index.len() && j < b.index.len() {
        match a.index[i].cmp(&b.index[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                sum += a.value[i] * b.value[j];
                i += 1;
                j += 1;
            }
        }
    }
    sum
}

/// The leader of each text, by its place in the list.
fn leaders(list: &[Distinct], similarity: f32) -> Vec<u32> {
    let mut tables: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
    let mut of = vec![0u32; list.len()];
    for (place, text) in list.iter().enumerate() {
        let (score, leader) = nearest(list, text, &tables);
        if score >= similarity {
            of[place] = leader;
        } else {
            of[place] = place as u32;
            for band in text.bands {
                let there = tables.entry(band).or_default();
                if there.len() < MOST_CANDIDATES {
                    there.push(place as u32);
                }
            }
        }
    }
    // Leaders stay; every other text chooses again, now that all leaders are known.
    let again = |place: usize| {
        if of[place] == place as u32 {
            return place as u32;
        }
        let (score, leader) = nearest(list, &list[place], &tables);
        if score >= similarity { leader } else { of[place] }
    };
    (0..list.len()).into_par_iter().map(again).collect()
}

/// The leader most like a text, among those that share a band; the first of equals.
fn nearest(list: &[Distinct], text: &Distinct, tables: &FxHashMap<u64, Vec<u32>>) -> (f32, u32) {
    let mut candidates: Vec<u32> = text.bands.iter().filter_map(|band| tables.get(band)).flatten().copied().collect();
    candidates.sort_unstable();
    candidates.dedup();
    let score = |&leader: &u32| (cosine(text, &list[leader as usize]), leader);
    candidates.iter().map(score).fold((f32::NEG_INFINITY, 0), |best, one| if one.0 > best.0 { one } else { best })
}

/// Clusters numbered by size, with what stands for each. `of` holds for each text the place of its leader.
fn number(of: &[u32], list: &[Distinct]) -> Clusters {
    let mut size: FxHashMap<u32, u32> = FxHashMap::default();
    of.iter().for_each(|leader| *size.entry(*leader).or_default() += 1);
    let mut ranked: Vec<u32> = size.keys().copied().collect();
    ranked.sort_unstable_by(|a, b| size[b].cmp(&size[a]).then_with(|| list[*a as usize].key.cmp(&list[*b as usize].key)));
    let numbers: FxHashMap<u32, u32> = ranked.iter().enumerate().map(|(number, &leader)| (leader, number as u32)).collect();
    Clusters {
        of: of.iter().map(|leader| numbers[leader]).collect(),
        size: ranked.iter().map(|leader| size[leader]).collect(),
        // A leader is the most frequent wording of its cluster, for the most frequent come first.
        representative: ranked.iter().map(|&leader| list[leader as usize].first).collect(),
    }
}
