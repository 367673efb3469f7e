//! The envelope of every payload: its version, then the payload.

use super::form::{Form, In, Out};
use crate::note::{
    DamageNote, DismissedRows, EarlierBrake, ReportNote, SingleConfirmation, UnreviewedCutOff,
};
use crate::{FeedResult, StoreError};
use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use tenure_model::{
    AccountTarget, ApprovalRequest, AskReason, ConfigPart, CutOffOrder, EntitlementName, FactState,
    FindingDetail, Identity, IdentityId, Justification, NormalRecord, Observed, SetupHash,
};

/// The version that is written, and the only one so far.
const VERSION: u32 = 1;

/// Initial capacity of a payload in bytes; most are shorter.
const ROOM_BYTES: usize = 256;

/// What a store keeps as one value: an adapter writes and reads these bytes and never interprets them.
pub trait Stored: Sized {
    /// The stored form.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a value that JSON cannot represent, which no type here has.
    fn encode(&self) -> Result<Vec<u8>, StoreError>;

    /// Reads the stored form. `key` identifies the row, for the error.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for an unknown version, a missing field, or an invalid name.
    fn decode(bytes: &[u8], key: &dyn fmt::Display) -> Result<Self, StoreError>;
}

macro_rules! stored {
    ($($type:ty = $what:literal),+ $(,)?) => {$(
        impl Stored for $type {
            fn encode(&self) -> Result<Vec<u8>, StoreError> {
                let mut bytes = Vec::with_capacity(ROOM_BYTES);
                serde_json::to_writer(&mut bytes, &Envelope(self)).map_err(|e| inconsistent($what, &"", &e))?;
                Ok(bytes)
            }
            fn decode(bytes: &[u8], key: &dyn fmt::Display) -> Result<Self, StoreError> {
                let opened: Opened<Self> = serde_json::from_slice(bytes).map_err(|e| inconsistent($what, key, &e))?;
                Ok(opened.0)
            }
        }
    )+};
}

stored! {
    Identity = "identity",
    NormalRecord = "record",
    AccountTarget = "account target",
    Observed = "account observation",
    Vec<Justification> = "justifications",
    FactState = "fact",
    FindingDetail = "finding",
    AskReason = "reason of a question",
    ApprovalRequest = "approval",
    CutOffOrder = "order to cut off",
    Vec<(IdentityId, Arc<str>)> = "people of a held change",
    Vec<(IdentityId, u8)> = "candidates of a correlation",
    (Vec<(Arc<str>, Arc<str>)>, Vec<IdentityId>) = "keys and references of an identity",
    Vec<EntitlementName> = "entitlements",
    FeedResult = "feed result",
    BTreeMap<Arc<str>, Arc<str>> = "files of a configuration",
    bool = "note",
    [u8; 32] = "note",
    Vec<u8> = "note",
    Arc<str> = "note",
    Option<Arc<str>> = "note",
    SetupHash = "note",
    Timestamp = "note",
    Option<Timestamp> = "note",
    Vec<IdentityId> = "note",
    Option<(IdentityId, Timestamp)> = "note",
    BTreeMap<ConfigPart, BTreeSet<IdentityId>> = "note",
    SingleConfirmation = "note",
    Vec<EarlierBrake> = "note",
    ReportNote = "note",
    DismissedRows = "note",
    UnreviewedCutOff = "note",
    Vec<DamageNote> = "note",
}

fn inconsistent(what: &str, key: &dyn fmt::Display, why: &serde_json::Error) -> StoreError {
    StoreError::Inconsistent { what: format!("{what} {key}"), why: why.to_string() }
}

struct Envelope<'a, T>(&'a T);

impl<T: Form> Serialize for Envelope<'_, T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(Some(2))?;
        map.serialize_entry("v", &VERSION)?;
        map.serialize_entry("d", &Out(self.0))?;
        map.end()
    }
}

struct Opened<T>(T);

impl<'de, T: Form> Deserialize<'de> for Opened<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_map(EnvelopeVisitor(PhantomData))
    }
}

struct EnvelopeVisitor<T>(PhantomData<T>);

impl<'de, T: Form> Visitor<'de> for EnvelopeVisitor<T> {
    type Value = Opened<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a payload `{\"v\":…,\"d\":…}`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        if map.next_key::<&str>()? != Some("v") {
            return Err(A::Error::custom("the payload does not begin with its version"));
        }
        match map.next_value::<u32>()? {
            VERSION => {}
            other => {
                return Err(A::Error::custom(format_args!(
                    "the payload has version {other}, this program reads version {VERSION}"
                )));
            }
        }
        if map.next_key::<&str>()? != Some("d") {
            return Err(A::Error::custom("the payload has nothing after its version"));
        }
        Ok(Opened(map.next_value::<In<T>>()?.0))
    }
}
