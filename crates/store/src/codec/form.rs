//! What all stored forms have in common, so that their lists, options and maps need no code of their own.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A type of `model` or of this crate that has a stored form.
pub(super) trait Form: Sized {
    fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error>;
    fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error>;
}

/// Lets serde write a [`Form`].
pub(super) struct Out<'a, T>(pub(super) &'a T);

/// Lets serde read a [`Form`].
pub(super) struct In<T>(pub(super) T);

impl<T: Form> Serialize for Out<'_, T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.0.put(s)
    }
}

impl<'de, T: Form> Deserialize<'de> for In<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        T::get(d).map(Self)
    }
}

/// For `#[serde(with = "form")]` on the fields of a derived form.
pub(super) fn serialize<T: Form, S: Serializer>(value: &T, s: S) -> Result<S::Ok, S::Error> {
    value.put(s)
}

/// For `#[serde(with = "form")]` on the fields of a derived form.
pub(super) fn deserialize<'de, T: Form, D: Deserializer<'de>>(d: D) -> Result<T, D::Error> {
    T::get(d)
}

/// Forms that serde derives for a type of another crate: the derived type and the type.
macro_rules! derived {
    ($($form:ident: $type:ty),+ $(,)?) => {$(
        impl $crate::codec::form::Form for $type {
            fn put<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                $form::serialize(self, s)
            }
            fn get<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                $form::deserialize(d)
            }
        }
    )+};
}
pub(super) use derived;

/// Types that serde supports directly.
macro_rules! plain {
    ($($type:ty),+ $(,)?) => {$(
        impl Form for $type {
            fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                self.serialize(s)
            }
            fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                Self::deserialize(d)
            }
        }
    )+};
}

plain!(bool, u8, u32, u64, Arc<str>);

impl<T: Form> Form for Option<T> {
    fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(Out).serialize(s)
    }
    fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Option::<In<T>>::deserialize(d)?.map(|v| v.0))
    }
}

impl<T: Form> Form for Vec<T> {
    fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.iter().map(Out))
    }
    fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Vec::<In<T>>::deserialize(d)?.into_iter().map(|v| v.0).collect())
    }
}

/// As a list, in its order.
impl<T: Form + Ord> Form for BTreeSet<T> {
    fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.iter().map(Out))
    }
    fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Vec::<In<T>>::deserialize(d)?.into_iter().map(|v| v.0).collect())
    }
}

impl<A: Form, B: Form> Form for (A, B) {
    fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        (Out(&self.0), Out(&self.1)).serialize(s)
    }
    fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let (a, b) = <(In<A>, In<B>)>::deserialize(d)?;
        Ok((a.0, b.0))
    }
}

/// As an object: keys must have text forms.
impl<K: Form + Ord, V: Form> Form for BTreeMap<K, V> {
    fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.iter().map(|(k, v)| (Out(k), Out(v))))
    }
    fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<K, V>(PhantomData<(K, V)>);

impl<'de, K: Form + Ord, V: Form> Visitor<'de> for ObjectVisitor<K, V> {
    type Value = BTreeMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        // Written in order, so that collecting once is faster than inserting one by one.
        let mut entries = Vec::new();
        while let Some((key, value)) = object.next_entry::<In<K>, In<V>>()? {
            entries.push((key.0, value.0));
        }
        Ok(entries.into_iter().collect())
    }
}
