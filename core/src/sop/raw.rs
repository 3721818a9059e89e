//! A YAML or JSON text as a tree that remembers where each value stands, so that every fault can name its line.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, Spanned};

use crate::error::Fault;

/// Largest SOP text that is read, in bytes.
pub(crate) const MAX_TEXT: usize = 16 << 20;
/// Deepest nesting of lists and maps in the text. One block of a flow takes two levels.
pub(crate) const MAX_DEPTH: usize = 160;
/// Most values in the text after aliases are expanded.
pub(crate) const MAX_VALUES: usize = 500_000;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raw {
    pub(crate) value: Value,
    pub(crate) line: u64,
    pub(crate) column: u64,
}

/// A value of YAML or JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
}

impl Raw {
    /// Reads a text; the syntax error names its line.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > MAX_TEXT {
            return Err(Fault::new("sop.too_large", format!("the text has {} bytes; the limit is {MAX_TEXT}", text.len())));
        }
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! { max_depth: MAX_DEPTH, max_nodes: MAX_VALUES, max_events: 2 * MAX_VALUES },
            duplicate_keys: DuplicateKeyPolicy::PassThrough,
            merge_keys: MergeKeyPolicy::Merge,
            leading_zero_numbers_as_strings: true,
        };
        let spanned: Spanned<Value> = serde_saphyr::from_str_with_options(text, options).map_err(|error| syntax(&error))?;
        Ok(spanned.into())
    }

    /// The same tree from a value in memory; it has no lines.
    pub(crate) fn from_json(value: serde_json::Value) -> Self {
        let value = match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(b) => Value::Bool(b),
            serde_json::Value::Number(n) => Value::Number(n),
            serde_json::Value::String(s) => Value::Text(s),
            serde_json::Value::Array(items) => Value::List(items.into_iter().map(Self::from_json).collect()),
            serde_json::Value::Object(map) => {
                Value::Map(map.into_iter().map(|(k, v)| (Self::from_json(serde_json::Value::String(k)), Self::from_json(v))).collect())
            }
        };
        Self { value, line: 0, column: 0 }
    }

    /// The same tree, all of it said to stand on one line.
    pub(crate) fn on_line(mut self, line: u64) -> Self {
        self.line = line;
        self.column = 1;
        self.value = match self.value {
            Value::List(items) => Value::List(items.into_iter().map(|item| item.on_line(line)).collect()),
            Value::Map(entries) => Value::Map(entries.into_iter().map(|(key, value)| (key.on_line(line), value.on_line(line))).collect()),
            scalar => scalar,
        };
        self
    }

    /// The text of a scalar; numbers and booleans as they are written.
    pub(crate) fn scalar(&self) -> Option<String> {
        match &self.value {
            Value::Text(s) => Some(s.clone()),
            Value::Number(n) => Some(n.to_string()),
            Value::Bool(b) => Some(b.to_string()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// What the value is, in words for a message.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true/false",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

fn syntax(error: &serde_saphyr::Error) -> Fault {
    let message = error.without_snippet().to_string();
    let code = match message.to_lowercase() {
        m if m.contains("budget") || m.contains("limit") || m.contains("depth") || m.contains("nesting") => "sop.too_deep_or_large",
        _ => "sop.syntax",
    };
    let mut fault = Fault::new(code, message.split(" at line ").next().unwrap_or("not valid YAML or JSON").to_owned());
    if code == "sop.too_deep_or_large" {
        fault.help = format!("an SOP text may nest {MAX_DEPTH} levels deep and hold {MAX_VALUES} values, aliases expanded");
    }
    if let Some(location) = error.location() {
        fault.line = Some(location.line());
        fault.column = Some(location.column());
    }
    fault
}

impl From<Spanned<Value>> for Raw {
    fn from(spanned: Spanned<Value>) -> Self {
        Self { value: spanned.value, line: spanned.referenced.line(), column: spanned.referenced.column() }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML or JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(serde_json::Number::from_f64(value).map_or_else(|| Value::Text(value.to_string()), Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Spanned<Value>>()? {
            items.push(item.into());
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<Value>, Spanned<Value>>()? {
            entries.push((key.into(), value.into()));
        }
        Ok(Value::Map(entries))
    }
}
