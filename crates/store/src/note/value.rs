//! Values of notes that no other table has.

use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::IdentityId;

/// A configuration that one person alone confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleConfirmation {
    /// The configuration.
    pub hash: Arc<str>,
    /// Its authors.
    pub by: Arc<str>,
    /// The end of the exception.
    pub until: Timestamp,
}

/// A brake of an earlier configuration that still applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierBrake {
    /// The scope under which losses are counted.
    pub scope: Arc<str>,
    /// Most identities, in percent.
    pub percent: u8,
    /// Most identities.
    pub count: u32,
    /// Until when it applies.
    pub until: Timestamp,
}

/// The last report of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportNote {
    /// When it reported, or since when a report is expected.
    pub at: Timestamp,
    /// Distinguishes the delivery from others; empty: it has never reported.
    pub print: Arc<str>,
    /// When the delivery was extracted.
    pub extracted: Option<Timestamp>,
}

/// The rows of one file that the owner of its source dismissed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DismissedRows {
    /// The digest of the file.
    pub file: [u8; 32],
    /// What distinguishes each of the rows.
    pub rows: BTreeSet<Arc<str>>,
}

/// A cut-off by an issuer that the escalation group must review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnreviewedCutOff {
    /// There is none: the last one was reviewed or lifted.
    Reviewed,
    /// Of an identity.
    Identity(IdentityId),
    /// An order about a key or an account.
    Order,
}

/// One piece of unreadable data, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamageNote {
    /// What it is and what is wrong, in words.
    pub what: Arc<str>,
    /// Distinguishes this damage from other damage of the same piece.
    pub mark: Arc<str>,
    /// Whether a member of the escalation group has dealt with it.
    pub dealt_with: bool,
    /// Whether it blocks only its own subject.
    pub apart: bool,
    /// The stored configuration that it is about.
    pub configuration: Option<Arc<str>>,
}
