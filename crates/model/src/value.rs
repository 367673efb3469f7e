//! The kinds of value that an attribute can have.

use crate::text::is_unprintable;
use jiff::civil::Date;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A value of an attribute. Absence is `Option::None` around it, never a variant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Text, compared by code point.
    Text(Arc<str>),
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// A calendar date without a zone.
    Date(Date),
    /// Several texts, sorted and without duplicates: a set (groups, projects).
    Texts(Arc<[Arc<str>]>),
}

/// The declared type of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueType {
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// Yes or no.
    Bool,
    /// A calendar date.
    Date,
    /// A set of texts.
    Texts,
}

impl ValueType {
    /// Typed text as a value of this type; several texts are separated by commas.
    #[must_use]
    pub fn typed(self, text: &str) -> Option<Value> {
        match self {
            Self::Text | Self::Texts if text.chars().any(is_unprintable) => None,
            Self::Text => Some(Value::text(text)),
            Self::Texts => Some(Value::texts(text.split(',').map(str::trim).filter(|t| !t.is_empty()))),
            Self::Int => text.parse().ok().map(Value::Int),
            Self::Bool => text.parse().ok().map(Value::Bool),
            Self::Date => text.parse().ok().map(Value::Date),
        }
    }
    /// The expected input, in words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Text => "a text without control characters",
            Self::Texts => "texts with commas between them, without control characters",
            Self::Int => "a whole number",
            Self::Bool => "true or false",
            Self::Date => "a date as in 2026-12-31",
        }
    }
}

impl Value {
    /// A text value.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(Arc::from(text))
    }
    /// A set of texts: sorted, duplicates removed.
    pub fn texts<I: IntoIterator<Item = S>, S: AsRef<str>>(items: I) -> Self {
        let mut v: Vec<Arc<str>> = items.into_iter().map(|s| Arc::from(s.as_ref())).collect();
        v.sort();
        v.dedup();
        Self::Texts(v.into())
    }
    /// Its type.
    #[must_use]
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Text(_) => ValueType::Text,
            Self::Int(_) => ValueType::Int,
            Self::Bool(_) => ValueType::Bool,
            Self::Date(_) => ValueType::Date,
            Self::Texts(_) => ValueType::Texts,
        }
    }
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(t) => Some(t),
            _ => None,
        }
    }
    /// The single texts: one for a text, each for a set, the printed form for the rest.
    #[must_use]
    pub fn each_text(&self) -> Vec<Arc<str>> {
        match self {
            Self::Text(t) => vec![t.clone()],
            Self::Texts(v) => v.to_vec(),
            other => vec![Arc::from(other.to_string())],
        }
    }
    /// Whether it is an empty text or an empty set: what a blank cell becomes.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text(t) => t.is_empty(),
            Self::Texts(v) => v.is_empty(),
            _ => false,
        }
    }
    /// Compares two values of one type; `None` across types.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        (self.value_type() == other.value_type()).then(|| self.cmp(other))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(t) => f.write_str(t),
            Self::Int(i) => i.fmt(f),
            Self::Bool(b) => b.fmt(f),
            Self::Date(d) => d.fmt(f),
            Self::Texts(v) => f.write_str(&v.join(", ")),
        }
    }
}

impl ValueType {
    /// As written in configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::Texts => "texts",
        }
    }
    /// Reads the word used in configuration.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Text, Self::Int, Self::Bool, Self::Date, Self::Texts].into_iter().find(|t| t.as_str() == text)
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
