//! JSON in which no member stands twice: of two, one reader would take the first and another the last.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// What was wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// Not JSON, or not of the expected form.
    Malformed,
    /// A member stands twice.
    Twice,
}

const TWICE: &str = "a member stands twice";

/// Reads any JSON.
pub fn value(text: &[u8]) -> Result<Value, JsonError> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = Strict.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|cause| if cause.to_string().starts_with(TWICE) { JsonError::Twice } else { JsonError::Malformed })
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Strict)?;
            if all.insert(name, value).is_some() {
                return Err(A::Error::custom(TWICE));
            }
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows ASVS 1.5.3.
    #[test]
    fn a_member_that_stands_twice_is_seen_at_any_depth() {
        for twice in [r#"{"sub": "a", "sub": "b"}"#, r#"{"sub": "a", "\u0073ub": "b"}"#, r#"{"a": [{"b": 1, "b": 1}]}"#]
        {
            assert_eq!(value(twice.as_bytes()), Err(JsonError::Twice), "{twice}");
        }
        for bad in ["", "{", "{} {}", "<html>", r#"{"a": 1,}"#, &"[".repeat(500)] {
            assert_eq!(value(bad.as_bytes()), Err(JsonError::Malformed), "{bad}");
        }
        let fine = r#"{"a": {"x": 1}, "b": [1, -2, 1.5, null, true, "말"]}"#;
        assert_eq!(value(fine.as_bytes()).unwrap(), serde_json::from_str::<Value>(fine).unwrap());
    }
}
