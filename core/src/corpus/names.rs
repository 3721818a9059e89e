//! Interned text: each distinct text is kept once and named by a number.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

/// The number that stands for no name.
pub(crate) const NONE: u32 = u32::MAX;

/// Distinct texts in the order they were met.
#[derive(Debug, Clone, Default)]
pub struct Names {
    set: IndexSet<Box<str>, FxBuildHasher>,
}

impl Names {
    /// The number of a text, given now if it is new.
    #[inline]
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(found) = self.set.get_index_of(text) {
            return found as u32;
        }
        self.set.insert(text.into());
        self.set.len() as u32 - 1
    }

    /// The number of a text, if it is known.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.set.get_index_of(text).map(|i| i as u32)
    }

    /// The text of a number; `None` for the number of no name.
    pub fn get(&self, number: u32) -> Option<&str> {
        self.set.get_index(number as usize).map(|text| &**text)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.set.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// All texts in the order they were met.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.set.iter().map(|text| &**text)
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
}

impl Coded {
    /// Adds a row. Rows that repeat the one before cost one comparison.
    #[inline]
    pub fn push(&mut self, text: Option<&str>) {
        let code = match (text, self.codes.last()) {
            (None, _) => NONE,
            (Some(text), Some(&last)) if self.names.get(last) == Some(text) => last,
            (Some(text), _) => self.names.intern(text),
        };
        self.codes.push(code);
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

    /// A column from numbers and the values they stand for; equal values become one.
    ///
    /// # Errors
    /// The row whose number stands for no value (`u32::MAX` is no value, and fine).
    pub fn from_codes<S: AsRef<str>>(codes: Vec<u32>, values: impl IntoIterator<Item = Option<S>>) -> Result<Self, usize> {
        let mut names = Names::default();
        let renamed: Vec<u32> = values.into_iter().map(|value| value.map_or(NONE, |value| names.intern(value.as_ref()))).collect();
        let same = renamed.iter().enumerate().all(|(i, &name)| i as u32 == name);
        let mut codes = codes;
        for (row, code) in codes.iter_mut().enumerate() {
            if *code == NONE {
                continue;
            }
            let name = *renamed.get(*code as usize).ok_or(row)?;
            if !same {
                *code = name;
            }
        }
        Ok(Self { codes, names })
    }

    /// The text of a row.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.names.get(self.codes[row])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_column_are_the_whole() {
        let texts = [Some("b"), None, Some("a"), Some("b"), Some("c"), None];
        let column = |texts: &[Option<&'static str>]| {
            let mut column = Coded::default();
            texts.iter().for_each(|text| column.push(*text));
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
