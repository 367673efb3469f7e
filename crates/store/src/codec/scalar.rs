//! Forms of scalar values: ids, names, words, dates, instants, digests.

use super::form::Form;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::de::{Deserializer, Visitor};
use serde::ser::Serializer;
use std::fmt;
use std::marker::PhantomData;
use tenure_model::{
    AccountState, ApprovalId, AttributeName, CaseId, CaseLabel, ConfigPart, CorrelationId, CutOffClass,
    CutOffOrderId, EngagementId, EngagementType, EntitlementName, FeedRunId, Happened, HeldChangeId,
    HoldClass, IdentityId, IdentityKind, Instant, JustificationKind, Kind, Name, RecordKey, RuleName,
    SetupHash, SourceName, SystemName,
};

/// Reads a text without copying it, and makes `T` of it.
struct TextVisitor<T, F>(F, PhantomData<T>);

impl<T, E: fmt::Display, F: Fn(&str) -> Result<T, E>> Visitor<'_> for TextVisitor<T, F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<X: serde::de::Error>(self, text: &str) -> Result<T, X> {
        (self.0)(text).map_err(|e| X::custom(format_args!("{text:?}: {e}")))
    }
}

fn from_text<'de, T, E, D, F>(d: D, read: F) -> Result<T, D::Error>
where
    E: fmt::Display,
    D: Deserializer<'de>,
    F: Fn(&str) -> Result<T, E>,
{
    d.deserialize_str(TextVisitor(read, PhantomData))
}

/// Types whose printed form is read back by a function.
macro_rules! texts {
    ($($type:ty: $write:expr, $read:expr);+ $(;)?) => {$(
        impl Form for $type {
            fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                $write(self, s)
            }
            fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                from_text(d, $read)
            }
        }
    )+};
}

fn printed<S: Serializer>(value: &impl fmt::Display, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(value)
}

texts! {
    Date: printed, str::parse::<Date>;
    Time: printed, str::parse::<Time>;
    ConfigPart: printed, |text| ConfigPart::parse(text).ok_or("not a part of a configuration");
}

/// Ids, in their printed form.
macro_rules! ids {
    ($($type:ty),+ $(,)?) => {
        texts! { $($type: printed, |text| <$type>::parse(text).ok_or("not an id");)+ }
    };
}

ids!(IdentityId, EngagementId, ApprovalId, CaseId, CorrelationId, CutOffOrderId, FeedRunId, HeldChangeId);

fn named<T: Name, S: Serializer>(value: &T, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(value.as_str())
}

/// Names, validated again when read.
macro_rules! names {
    ($($type:ty),+ $(,)?) => {
        texts! { $($type: named, <$type>::new;)+ }
    };
}

names!(
    SetupHash,
    SourceName,
    SystemName,
    AttributeName,
    RuleName,
    EngagementType,
    RecordKey,
    Kind,
    EntitlementName
);

/// Enums for which `model` defines a stored word.
macro_rules! words {
    ($($type:ty),+ $(,)?) => {
        texts! { $($type: |v: &$type, s| word(v.as_str(), s), |text| <$type>::parse(text).ok_or("an unknown word");)+ }
    };
}

fn word<S: Serializer>(word: &'static str, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(word)
}

words!(CutOffClass, Happened, HoldClass, IdentityKind, JustificationKind, AccountState, CaseLabel);

/// Microseconds since 1970 (UTC), within the range of instants: what is written is always read back.
impl Form for Timestamp {
    fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_i64(Instant::nearest(*self).micros())
    }
    fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Instant::of_micros(<i64 as serde::Deserialize>::deserialize(d)?).get())
    }
}

/// SHA-256, in lower-case hexadecimal.
impl Form for [u8; 32] {
    fn put<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(64);
        for byte in self {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        s.serialize_str(&text)
    }
    fn get<'de, D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        from_text(d, |text| unhex(text).ok_or("not 64 hexadecimal digits"))
    }
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, digits) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let high = char::from(digits[0]).to_digit(16)?;
        let low = char::from(digits[1]).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(digest)
}
