//! Identifiers of stored things are distinct types, so that a case id can never be passed for a task id.

use std::fmt;
use uuid::Uuid;

/// Digits of a short id, and the fewest by which an id is given in part.
pub const SHORT_DIGITS: usize = 8;
/// Hexadecimal digits of an id.
const ID_DIGITS: usize = 32;

/// A part of an id as a person gives it: its first digits or its last ones, at least [`SHORT_DIGITS`] of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdPart(String);

impl IdPart {
    /// Reads a part of an id; `None` for a text that cannot be one. Hyphens and case do not count.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text.trim().chars().filter(|c| *c != '-').collect();
        let is_one = (SHORT_DIGITS..=ID_DIGITS).contains(&digits.len());
        (is_one && digits.chars().all(|c| c.is_ascii_hexdigit())).then(|| Self(digits.to_ascii_lowercase()))
    }

    /// The digits, in lower case.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// Whether an id begins or ends with it.
    #[must_use]
    pub fn fits(&self, id: &[u8; 16]) -> bool {
        let digits = Uuid::from_bytes(*id).simple().to_string();
        digits.starts_with(&self.0) || digits.ends_with(&self.0)
    }
}

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

            /// Its short form: the last [`SHORT_DIGITS`] digits. The first ones are the time, and ids of one run share them.
            #[must_use]
            pub fn short(&self) -> String {
                let digits = self.0.simple().to_string();
                digits.chars().skip(digits.len().saturating_sub(SHORT_DIGITS)).collect()
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

#[cfg(test)]
mod tests {
    use super::{IdPart, TaskId};

    #[test]
    fn a_part_of_an_id_is_its_beginning_or_its_end() {
        let id = TaskId::parse("01a20647-caec-7d60-8625-4a90f900fe91").unwrap();
        assert_eq!(id.short(), "f900fe91");
        let fits = |text: &str| IdPart::parse(text).map(|part| part.fits(id.as_bytes()));
        for text in
            ["01a20647", "01A20647-CAEC", "f900fe91", "4a90f900fe91", "01a20647-caec-7d60-8625-4a90f900fe91"]
        {
            assert_eq!(fits(text), Some(true), "{text}");
        }
        assert_eq!(fits("caec7d60"), Some(false), "its middle");
        for text in ["01a2064", "", "Astrid Berg", "01a20647x", "01a20647-caec-7d60-8625-4a90f900fe9100"] {
            assert_eq!(fits(text), None, "{text}");
        }
    }
}
