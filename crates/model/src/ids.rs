//! Identifiers of stored things are distinct types, so that a case id can never be passed for a task id.

use std::fmt;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id: UUID version 7 (RFC 9562 §5.7) of a Unix time in milliseconds and ten random bytes,
            /// both given by the caller.
            #[must_use]
            pub fn new(unix_ms: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid())
            }

            /// An id derived from `parts` only, the same on every run: the first 16 bytes of a digest.
            #[must_use]
            pub fn from_digest(digest: [u8; 16]) -> Self {
                Self(uuid::Builder::from_custom_bytes(digest).into_uuid())
            }

            /// The stored form.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The stored form.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// Reads the printed form (hyphenated UUID).
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )+};
}

ids! {
    /// A person or a non-human identity.
    IdentityId,
    /// One working relationship of an identity.
    EngagementId,
    /// One identity's change, from the first fact to the last confirmation.
    CaseId,
    /// One durable operation on one system.
    TaskId,
    /// One request for approval.
    ApprovalId,
    /// One question "same person?".
    CorrelationId,
    /// One finding for a person to handle.
    FindingId,
    /// One change that a brake holds.
    HeldChangeId,
    /// One order to cut off a target that does not exist yet.
    CutOffOrderId,
    /// One run of one feed.
    FeedRunId,
}
