//! Interned text: each distinct text is kept once and named by a number.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

/// The number that stands for no name.
pub(crate) const NONE: u32 = u32::MAX;

/// Distinct texts in the order they were met, behind each other in one text.
#[derive(Debug, Clone, Default)]
pub struct Names {
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
    /// Numbers by the hash of what they stand for, with a part of the hash, which spares most looks at the text.
    table: HashTable<(u32, u32)>,
}

impl Names {
    /// The number of a text, given now if it is new.
    #[inline]
    pub fn intern(&mut self, text: &str) -> u32 {
        let hash = FxBuildHasher.hash_one(text);
        if let Some(found) = self.look_up(hash, text) {
            return found;
        }
        let number = self.ends.len() as u32;
        self.text.push_str(text);
        self.ends.push(self.text.len());
        // The table grows by the part of the hash that it keeps.
        self.table.insert_unique(spread(hash as u32), (hash as u32, number), |&(part, _)| spread(part));
        number
    }

    #[inline]
    fn look_up(&self, hash: u64, text: &str) -> Option<u32> {
        let same = |&(part, number): &(u32, u32)| part == hash as u32 && self.get(number) == Some(text);
        self.table.find(spread(hash as u32), same).map(|&(_, number)| number)
    }

    /// Forgets the text that was met last.
    pub(crate) fn pop(&mut self) {
        let Some(last) = self.len().checked_sub(1) else { return };
        let hash = FxBuildHasher.hash_one(self.get(last as u32).unwrap_or_default());
        if let Ok(entry) = self.table.find_entry(spread(hash as u32), |&(_, number)| number == last as u32) {
            entry.remove();
        }
        self.ends.pop();
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
    }

    /// The number of a text, if it is known.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.look_up(FxBuildHasher.hash_one(text), text)
    }

    /// The text of a number; `None` for the number of no name.
    #[inline]
    pub fn get(&self, number: u32) -> Option<&str> {
        let end = *self.ends.get(number as usize)?;
        let start = if number == 0 { 0 } else { self.ends[number as usize - 1] };
        Some(&self.text[start..end])
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All texts in the order they were met.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len()).map(|number| self.get(number as u32).unwrap_or_default())
    }
}

/// A hash of which every bit counts, from half of one.
#[inline]
fn spread(part: u32) -> u64 {
    u64::from(part).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The texts met last, by their bytes: most columns repeat a few texts again and again.
#[derive(Debug, Clone, Default)]
struct Recent(Vec<Met>);

#[derive(Debug, Clone, Copy, Default)]
struct Met {
    bytes: (u64, u64),
    /// Length of the text, 0 where nothing was met.
    length: usize,
    number: u32,
}

impl Recent {
    const SLOTS: usize = 256;
    /// Longest text that is looked for here: with its length, its first and last eight bytes are all of it.
    const LONGEST: usize = 16;

    /// Where a short text is kept, and what it is kept as.
    #[inline]
    fn slot(&mut self, text: &str) -> Option<(&mut Met, (u64, u64))> {
        let bytes = text.as_bytes();
        let four = |b: &[u8; 4]| u64::from(u32::from_le_bytes(*b));
        let key = match bytes.len() {
            8..=Self::LONGEST => (u64::from_le_bytes(*bytes.first_chunk()?), u64::from_le_bytes(*bytes.last_chunk()?)),
            4..=7 => (four(bytes.first_chunk()?), four(bytes.last_chunk()?)),
            1..=3 => (u64::from(bytes[0]) << 8 | u64::from(bytes[bytes.len() / 2]), u64::from(bytes[bytes.len() - 1])),
            _ => return None,
        };
        if self.0.is_empty() {
            self.0.resize(Self::SLOTS, Met::default());
        }
        let mixed = (key.0 ^ key.1.rotate_left(29) ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Some((&mut self.0[(mixed >> 56) as usize], key))
    }
}

/// A column of texts as numbers into their distinct values.
///
/// ```
/// let mut column = goldpath::corpus::Coded::default();
/// for text in [Some("ann"), Some("ann"), None, Some("bob")] {
///     column.push(text);
/// }
/// assert_eq!(column.names.len(), 2);
/// assert_eq!(column.get(3), Some("bob"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Coded {
    /// Numbers into `names`; `u32::MAX` where there is no value.
    pub codes: Vec<u32>,
    /// Distinct values.
    pub names: Names,
    recent: Recent,
}

impl Coded {
    /// A column of numbers that stand for these names.
    pub(super) fn of(codes: Vec<u32>, names: Names) -> Self {
        Self { codes, names, recent: Recent::default() }
    }

    /// Adds a row. Texts that were met shortly before cost one comparison.
    #[inline]
    pub fn push(&mut self, text: Option<&str>) {
        let code = text.map_or(NONE, |text| self.code(text));
        self.codes.push(code);
    }

    #[inline]
    fn code(&mut self, text: &str) -> u32 {
        match self.recent.slot(text) {
            Some((met, bytes)) if met.bytes == bytes && met.length == text.len() => met.number,
            Some((met, bytes)) => {
                let number = self.names.intern(text);
                *met = Met { bytes, length: text.len(), number };
                number
            }
            None => match self.codes.last() {
                Some(&last) if self.names.get(last) == Some(text) => last,
                _ => self.names.intern(text),
            },
        }
    }

    /// Adds the rows of another column behind these, so that parts of a long column can be made beside each other.
    pub fn append(&mut self, other: Self) {
        if self.codes.is_empty() && self.names.is_empty() {
            *self = other;
            return;
        }
        let renamed: Vec<u32> = other.names.iter().map(|name| self.names.intern(name)).collect();
        self.codes.extend(other.codes.iter().map(|&code| renamed.get(code as usize).copied().unwrap_or(NONE)));
    }

    /// A column from numbers and the values they stand for; equal values become one, and values of no row are left out.
    ///
    /// # Errors
    /// The row whose number stands for no value (`u32::MAX` is no value, and fine).
    pub fn from_codes<S: AsRef<str>>(mut codes: Vec<u32>, values: impl IntoIterator<Item = Option<S>>) -> Result<Self, usize> {
        /// A value that no row has asked for yet.
        const UNSEEN: u32 = u32::MAX - 1;
        let values: Vec<Option<S>> = values.into_iter().collect();
        let mut numbers = vec![UNSEEN; values.len()];
        let mut names = Names::default();
        for (row, code) in codes.iter_mut().enumerate().filter(|(_, code)| **code != NONE) {
            let number = numbers.get_mut(*code as usize).ok_or(row)?;
            if *number == UNSEEN {
                *number = values[*code as usize].as_ref().map_or(NONE, |value| names.intern(value.as_ref()));
            }
            *code = *number;
        }
        Ok(Self::of(codes, names))
    }

    /// The text of a row.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.names.get(self.codes[row])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of every length around the limits, each many times, whatever stands between them.
    #[test]
    fn a_text_has_one_number() {
        let mut texts: Vec<String> = (0..40).map(|n| "x".repeat(n)).collect();
        texts.extend((0..2_000).map(|n| format!("{}{n}", "客户".repeat(n % 4))));
        let (mut column, mut numbers) = (Coded::default(), std::collections::HashMap::new());
        for round in 0..3 {
            for i in 0..texts.len() {
                let text = &texts[i * (7 + 2 * round) % texts.len()];
                column.push(Some(text));
                let next = numbers.len() as u32;
                assert_eq!(column.codes.last(), Some(&*numbers.entry(text.clone()).or_insert(next)), "{text}");
                assert_eq!((column.names.find(text), column.get(column.codes.len() - 1)), (column.codes.last().copied(), Some(&**text)));
            }
        }
        assert_eq!(column.names.len(), numbers.len());
    }

    #[test]
    fn values_of_no_row_have_no_name() {
        let column = Coded::from_codes(vec![2, NONE, 0, 2], [Some("a"), Some("unused"), Some("c")]).unwrap();
        assert_eq!((column.codes.as_slice(), column.names.iter().collect::<Vec<_>>()), ([0, NONE, 1, 0].as_slice(), vec!["c", "a"]));
        assert_eq!(Coded::from_codes(vec![0, 3], [Some("a")]).unwrap_err(), 1);
    }

    #[test]
    fn parts_of_a_column_are_the_whole() {
        let texts = [Some("b"), None, Some("a"), Some("b"), Some("c"), None];
        let column = |texts: &[Option<&'static str>]| {
            let mut column = Coded::default();
            for text in texts {
                column.push(*text);
            }
            column
        };
        for cut in 0..=texts.len() {
            let mut parts = column(&texts[..cut]);
            parts.append(column(&texts[cut..]));
            assert_eq!(parts.codes, column(&texts).codes, "cut at {cut}");
            assert!(parts.names.iter().eq(["b", "a", "c"]));
        }
    }
}
