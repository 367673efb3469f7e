//! A stop on deletion and erasure for legal or HR reasons: it never keeps access.

use crate::IdentityId;
use jiff::Timestamp;
use std::sync::Arc;

/// Class of a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldClass {
    /// A dispute, an investigation, an authority's request.
    Legal,
    /// HR: a pension, a reference, a grievance.
    Hr,
}

impl HoldClass {
    /// All classes.
    pub const ALL: [Self; 2] = [Self::Legal, Self::Hr];
    /// As stored and shown to people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Legal => "legal",
            Self::Hr => "hr",
        }
    }
    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == text)
    }
}

/// A stop on the deletion of an identity's accounts and on the erasure of its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its class; an identity has at most one of each class.
    pub class: HoldClass,
    /// Since when.
    pub from: Timestamp,
    /// First instant after it; `None` until it is lifted.
    pub until: Option<Timestamp>,
    /// Who set it.
    pub by: IdentityId,
    /// Why.
    pub reason: Arc<str>,
}

impl Hold {
    /// Whether it is in force at `now`.
    #[must_use]
    pub fn is_on(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}
