//! Python objects as a serde source, so that the core reads them by the same rules as its files.
//!
//! Beside dicts, lists and plain values it takes datetimes (as their ISO text), numpy scalars and arrays, and decimals.
//! Nesting is bounded, for a Python object may contain itself.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};

const DEPTH: usize = 100;

/// A Python object to be read.
#[derive(Clone)]
pub(crate) struct Source<'py> {
    object: Bound<'py, PyAny>,
    depth: usize,
}

/// Reads a Python object.
pub(crate) fn read<T: DeserializeOwned>(object: &Bound<'_, PyAny>) -> Result<T, Error> {
    T::deserialize(Source::new(object))
}

fn wrong(error: PyErr) -> Error {
    Error::custom(error)
}

impl<'py> Source<'py> {
    pub(crate) fn new(object: &Bound<'py, PyAny>) -> Self {
        Self { object: object.clone(), depth: 0 }
    }

    fn inner(&self, object: Bound<'py, PyAny>) -> Self {
        Self { object, depth: self.depth + 1 }
    }

    fn list<'de, V: Visitor<'de>>(&self, items: impl Iterator<Item = Bound<'py, PyAny>>, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(items.map(|item| self.inner(item))))
    }

    fn map<'de, V: Visitor<'de>>(&self, items: impl Iterator<Item = (Bound<'py, PyAny>, Bound<'py, PyAny>)>, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(MapDeserializer::new(items.map(|(key, value)| (Key(key), self.inner(value)))))
    }

    fn other<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let name = self.object.get_type().name().map_err(wrong)?.to_string();
        let call = |method: &str| self.object.call_method0(method).map_err(wrong);
        let has = |method: &str| self.object.hasattr(method).unwrap_or(false);
        if matches!(name.as_str(), "NaTType" | "NAType") {
            visitor.visit_unit()
        } else if has("isoformat") {
            visitor.visit_string(call("isoformat")?.to_string())
        } else if has("tolist") {
            self.inner(call("tolist")?).deserialize_any(visitor)
        } else if let Ok(mapping) = self.object.cast::<PyMapping>() {
            let items = mapping.items().map_err(wrong)?.iter().map(|pair| pair.extract()).collect::<PyResult<Vec<_>>>().map_err(wrong)?;
            self.map(items.into_iter(), visitor)
        } else if has("__float__") {
            visitor.visit_f64(self.object.extract().map_err(wrong)?)
        } else {
            Err(Error::custom(format!("a Python object of type `{name}` cannot be read; give texts, numbers, lists and dicts")))
        }
    }
}

impl<'de> Deserializer<'de> for Source<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.depth > DEPTH {
            return Err(Error::custom(format!("nested deeper than {DEPTH} levels")));
        }
        let object = &self.object;
        if let Ok(text) = object.cast_exact::<PyString>() {
            visitor.visit_str(text.to_str().map_err(wrong)?)
        } else if object.is_none() {
            visitor.visit_unit()
        } else if let Ok(dict) = object.cast::<PyDict>() {
            self.map(dict.iter(), visitor)
        } else if let Ok(list) = object.cast::<PyList>() {
            self.list(list.iter(), visitor)
        } else if let Ok(tuple) = object.cast::<PyTuple>() {
            self.list(tuple.iter(), visitor)
        } else if let Ok(yes) = object.cast::<PyBool>() {
            visitor.visit_bool(yes.is_true())
        } else if object.is_instance_of::<PyInt>() {
            match object.extract::<i64>() {
                Ok(number) => visitor.visit_i64(number),
                Err(_) => visitor.visit_f64(object.extract().map_err(wrong)?),
            }
        } else if let Ok(number) = object.cast::<PyFloat>() {
            visitor.visit_f64(number.value())
        } else if let Ok(text) = object.cast::<PyString>() {
            visitor.visit_str(text.to_str().map_err(wrong)?)
        } else {
            self.other(visitor)
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let missing = self.object.is_none() || matches!(self.object.get_type().name(), Ok(name) if name == "NaTType" || name == "NAType");
        if missing { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &str, _: &[&str], visitor: V) -> Result<V::Value, Error> {
        let text: String = self.object.extract().map_err(|_| Error::custom(format!("expected a text, found {}", self.object)))?;
        visitor.visit_enum(text.into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq tuple tuple_struct
        map struct identifier
    }
}

impl<'de> IntoDeserializer<'de, Error> for Source<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A key of a dict: a text, or a plain value taken as its text.
struct Key<'py>(Bound<'py, PyAny>);

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.cast::<PyString>() {
            Ok(text) => visitor.visit_str(text.to_str().map_err(wrong)?),
            Err(_) => visitor.visit_string(self.0.to_string()),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for Key<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
