//! What a feed says of one identity, one row at a time.

use super::feed::Record;
use jiff::Timestamp;
use tenure_engine::normalise::Readable;
use tenure_model::{IdentityId, NormalRecord, RecordKey, RecordState};

/// One thing that a feed says of an identity.
#[derive(Clone)]
pub(super) enum Said {
    /// A whole record.
    Record(Box<NormalRecord>),
    /// What another mapping makes of the row that was taken before.
    Reread(Box<NormalRecord>),
    /// The readable part of a quarantined one.
    Readable(Box<Readable>, [u8; 32]),
    /// It is no longer there, since an instant.
    Missing(RecordKey, [u8; 32], Timestamp),
    /// Its row is there, and nothing else of it is taken now.
    Present(RecordKey),
}

impl Said {
    pub(super) fn key(&self) -> &RecordKey {
        match self {
            Self::Record(r) | Self::Reread(r) => &r.key,
            Self::Readable(r, _) => &r.key,
            Self::Missing(key, ..) | Self::Present(key) => key,
        }
    }
    /// That the record is there no more.
    pub(super) fn missing(&self, since: Timestamp) -> Self {
        let digest = match self {
            Self::Record(r) | Self::Reread(r) => r.digest,
            Self::Readable(_, digest) | Self::Missing(_, digest, _) => *digest,
            Self::Present(_) => <[u8; 32]>::default(),
        };
        Self::Missing(self.key().clone(), digest, since)
    }
    /// What of it ends or suspends something, where the rest is held.
    pub(super) fn ends(&self) -> Self {
        match self {
            Self::Record(r) | Self::Reread(r) => {
                Self::Readable(Box::new(Readable::of(r)), <[u8; 32]>::default())
            }
            Self::Readable(..) | Self::Missing(..) | Self::Present(_) => self.clone(),
        }
    }
    /// Its record once it is applied to an identity.
    pub(super) fn record(&self, identity: IdentityId) -> Record {
        let (state, digest) = match self {
            Self::Record(r) | Self::Reread(r) => (RecordState::Taken, r.digest),
            Self::Readable(_, digest) => (RecordState::Quarantined, *digest),
            Self::Missing(_, digest, _) => (RecordState::Missing, *digest),
            Self::Present(_) => (RecordState::Quarantined, <[u8; 32]>::default()),
        };
        Record { identity: Some(identity), state, digest, waits: None }
    }
    /// The same, held by the brake.
    pub(super) fn held(&self, identity: IdentityId) -> Record {
        let record = self.record(identity);
        let state = match self {
            Self::Reread(_) => RecordState::HeldReread,
            _ => RecordState::Held,
        };
        Record { state, waits: Some(self.clone()), ..record }
    }
}
