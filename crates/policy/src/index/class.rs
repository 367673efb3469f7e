//! A class: the values that baseline rules read, for one engagement and independent of time.

use super::Index;
use crate::condition::{Builtin, Inputs, Read as _, Val};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use tenure_model::{AttributeName, Name, Value};

/// One thing that baseline conditions and parametrised grants read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Read {
    /// A declared attribute.
    Attribute(AttributeName),
    /// `engagement.type`, `engagement.source` or `identity.kind`.
    Builtin(Builtin),
}

impl Read {
    fn compare_attribute(&self, other: &str) -> Ordering {
        match self {
            Self::Attribute(name) => name.as_str().cmp(other),
            Self::Builtin(_) => Ordering::Greater,
        }
    }
    fn compare_builtin(&self, other: Builtin) -> Ordering {
        match self {
            Self::Attribute(_) => Ordering::Less,
            Self::Builtin(name) => name.cmp(&other),
        }
    }
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => name.fmt(f),
            Self::Builtin(name) => f.pad(name.as_str()),
        }
    }
}

/// The values of [`Index::reads`], in that order. `None`: no value (a blank text or an empty set is none either).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassKey(Box<[Option<Value>]>);

impl ClassKey {
    /// The class of one engagement on one day.
    pub(crate) fn of(index: &Index, inputs: &Inputs<'_>) -> Self {
        let value = |read: &Read| match read {
            Read::Attribute(name) => inputs.attribute(name).filter(|v| !v.is_blank()).cloned(),
            Read::Builtin(name) => match inputs.builtin(*name) {
                Some(Val::Text(text)) if !text.is_empty() => Some(Value::text(&text)),
                _ => None,
            },
        };
        Self(index.reads().iter().map(value).collect())
    }
    /// The values, in the order of [`Index::reads`].
    #[must_use]
    pub fn values(&self) -> &[Option<Value>] {
        &self.0
    }
    /// A class from stored values: they must be those of this policy's reads, in order.
    #[must_use]
    pub fn from_values(values: Vec<Option<Value>>) -> Self {
        Self(values.into())
    }
    /// A stable id for storing: the first 16 bytes of a SHA-256 over the values, each with its type and length. It does not contain
    /// which reads they belong to: store it together with the configuration's hash.
    #[must_use]
    pub fn id(&self) -> [u8; 16] {
        let mut hash = Sha256::new();
        let mut part = |sort: u8, bytes: &[u8]| {
            hash.update([sort]);
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(bytes);
        };
        for value in &self.0 {
            match value {
                None => part(0, &[]),
                Some(Value::Text(text)) => part(1, text.as_bytes()),
                Some(Value::Int(i)) => part(2, &i.to_be_bytes()),
                Some(Value::Bool(b)) => part(3, &[u8::from(*b)]),
                Some(Value::Date(d)) => part(4, d.to_string().as_bytes()),
                Some(Value::Texts(items)) => {
                    part(5, &u64::try_from(items.len()).unwrap_or(u64::MAX).to_be_bytes());
                    items.iter().for_each(|i| part(1, i.as_bytes()));
                }
            }
        }
        let digest = hash.finalize();
        std::array::from_fn(|i| digest.get(i).copied().unwrap_or_default())
    }
}

/// A class as input of conditions.
pub(crate) struct ClassView<'a> {
    pub(crate) index: &'a Index,
    pub(crate) key: &'a ClassKey,
}

impl ClassView<'_> {
    fn find(&self, order: impl Fn(&Read) -> Ordering) -> Option<&Value> {
        let slot = self.index.reads().binary_search_by(order).ok()?;
        self.key.0.get(slot)?.as_ref()
    }
}

impl crate::condition::Read for ClassView<'_> {
    fn attribute(&self, name: &AttributeName) -> Option<&Value> {
        self.find(|read| read.compare_attribute(name.as_str()))
    }
    fn builtin(&self, name: Builtin) -> Option<Val<'_>> {
        match self.find(|read| read.compare_builtin(name))? {
            Value::Text(text) => Some(Val::Text(Cow::Borrowed(text))),
            _ => None,
        }
    }
    fn identifier(&self, _: &str) -> Option<&str> {
        None
    }
    fn former(&self, _: &str) -> &[std::sync::Arc<str>] {
        &[]
    }
    fn column(&self, _: &str) -> Option<&str> {
        None
    }
}
