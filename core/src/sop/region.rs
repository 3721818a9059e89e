//! Which cases there can be, as far as conditions tell them apart.

use indexmap::IndexMap;

use super::{Condition, OneOrMany};

/// Which values an attribute may have.
#[derive(Clone)]
enum Values<'a> {
    /// One of these.
    Among(Vec<&'a str>),
    /// Any but these, or none at all.
    Not(Vec<&'a str>),
}

/// Which cases are meant: what each attribute may be. Attributes not named may be anything.
#[derive(Clone, Default)]
pub(crate) struct Region<'a>(IndexMap<&'a str, Values<'a>>);

/// Most regions looked at to see whether one is empty; beyond, it is taken not to be.
const REGIONS: usize = 20_000;

impl<'a> Region<'a> {
    /// Those of the cases that meet a condition.
    pub(crate) fn and(&self, condition: &'a Condition) -> Self {
        let mut made = self.clone();
        for (name, values) in &condition.0 {
            let among = |keep: &dyn Fn(&str) -> bool| Values::Among(values.as_slice().iter().map(String::as_str).filter(|value| keep(value)).collect());
            let now = match made.0.get(name.as_str()) {
                None => among(&|_| true),
                Some(Values::Among(have)) => among(&|value| have.contains(&value)),
                Some(Values::Not(out)) => among(&|value| !out.contains(&value)),
            };
            made.0.insert(name, now);
        }
        made
    }

    /// Whether there can be such a case: each attribute has a value left.
    fn is_empty(&self) -> bool {
        self.0.values().any(|values| matches!(values, Values::Among(list) if list.is_empty()))
    }

    /// Those that do not meet a condition, in parts by the attribute that does not.
    fn but(&self, condition: &'a Condition) -> Vec<Self> {
        let part = |(name, values): (&'a String, &'a OneOrMany)| {
            let mut made = self.clone();
            let out = values.as_slice().iter().map(String::as_str);
            let now = match made.0.get(name.as_str()) {
                None => Values::Not(out.collect()),
                Some(Values::Among(have)) => Values::Among(have.iter().copied().filter(|have| !values.as_slice().iter().any(|value| value == have)).collect()),
                Some(Values::Not(already)) => Values::Not(already.iter().copied().chain(out).collect()),
            };
            made.0.insert(name, now);
            made
        };
        condition.0.iter().map(part).filter(|part| !part.is_empty()).collect()
    }

    /// Whether there can be such a case that meets none of the other conditions.
    pub(crate) fn possible(&self, others: &[&'a Condition]) -> bool {
        let mut open = vec![(self.clone(), 0)];
        let mut looked = 0;
        while let Some((region, next)) = open.pop() {
            looked += 1;
            if region.is_empty() {
                continue;
            }
            let Some(condition) = others.get(next).filter(|_| looked < REGIONS) else { return true };
            if region.and(condition).is_empty() {
                open.push((region, next + 1));
            } else {
                open.extend(region.but(condition).into_iter().map(|part| (part, next + 1)));
            }
        }
        false
    }

    /// Whether a case can be of both.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        (self.0.iter()).all(|(name, values)| match (values, other.0.get(name)) {
            (Values::Among(a), Some(Values::Among(b))) => a.iter().any(|value| b.contains(value)),
            (Values::Among(a), Some(Values::Not(b))) | (Values::Not(b), Some(Values::Among(a))) => a.iter().any(|value| !b.contains(value)),
            _ => true,
        })
    }
}
