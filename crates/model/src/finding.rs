//! A finding: what a person must handle, as a code with typed parameters. Its sentence is made at the edge.

use crate::{EntitlementName, FindingDetail, Name as _, Parameter};
use jiff::SignedDuration;
use std::cmp::Ordering;
use std::sync::Arc;

/// A finding: something for a person to handle. Two findings are the same when their subject and their detail are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its subject: a reference, a rule, an entitlement, an account, a record.
    pub about: Arc<str>,
    /// What was found, with its parameters.
    pub detail: FindingDetail,
}

impl Finding {
    /// A finding about a subject.
    pub fn new(about: impl Into<Arc<str>>, detail: FindingDetail) -> Self {
        Self { about: about.into(), detail }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> FindingKind {
        self.detail.kind()
    }

    /// Whether it is about an entitlement, or names it.
    #[must_use]
    pub fn names(&self, entitlement: &EntitlementName) -> bool {
        let name = entitlement.as_str();
        &*self.about == name || self.detail.parameters().values().any(|p| p.has_text(name))
    }

    /// What distinguishes its cause from another one of the same subject, as bytes: subject, code and parameters, and no sentence.
    #[must_use]
    pub fn cause(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let code = Parameter::Text(Arc::from(self.detail.code()));
        let all = [Parameter::Text(self.about.clone()), code, Parameter::Record(self.detail.parameters())];
        Parameter::List(all.into()).write(&mut bytes);
        bytes
    }
}

impl Ord for Finding {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.kind(), &self.about, &self.detail).cmp(&(other.kind(), &other.about, &other.detail))
    }
}

impl PartialOrd for Finding {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])+ $name:ident = $word:literal,)+) => {
        /// Kinds of finding. The text form is stored and shown.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FindingKind {
            $($(#[$doc])+ $name,)+
        }

        impl FindingKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As stored and shown to people.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

kinds! {
    /// A manager, sponsor, owner or deputy that matches no identity or several.
    UnresolvedReference = "unresolved-reference",
    /// A manager, sponsor, owner or deputy who has departed or is cut off.
    DepartedReference = "departed-reference",
    /// A reference that leads back to its holder.
    CircularReference = "circular-reference",
    /// A non-human identity without an owner.
    NoOwner = "no-owner",
    /// A non-human identity that was not used for a long time.
    Unused = "unused",
    /// The zone of an end is not stated.
    UnknownZone = "unknown-zone",
    /// An engagement whose source was removed from the configuration.
    NoSource = "no-source",
    /// A source states an earlier end of an engagement than the source with the better rank.
    EarlierEnd = "earlier-end",
    /// Two grants that must not be held together.
    SeparationConflict = "separation-conflict",
    /// A grant without a value for its parameter, or for an entitlement that the system does not have.
    UnknownEntitlement = "unknown-entitlement",
    /// No candidate for a name was free.
    NoIdentifier = "no-identifier",
    /// An orphan account.
    Orphan = "orphan",
    /// An entitlement that is held without justification.
    Unjustified = "unjustified",
    /// A nested entitlement that the configuration does not declare.
    UndeclaredContainment = "undeclared-containment",
    /// An account that is usable and should not be.
    Reenabled = "re-enabled",
    /// An account that was disabled in its system by hand.
    DisabledByHand = "disabled-by-hand",
    /// An account that should exist and does not.
    MissingAccount = "missing-account",
    /// An account that was moved out of the scanned containers.
    MovedAccount = "moved-account",
    /// An entitlement that should be held and is not.
    MissingEntitlement = "missing-entitlement",
    /// A system that was never reconciled: no manual task to create its due accounts is assigned until it is.
    NeverReconciled = "never-reconciled",
    /// A scan that was not complete.
    PartialScan = "partial-scan",
    /// A system that refuses Tenure's own access.
    RefusedAccess = "refused-access",
    /// A source that has not reported for longer than it declares.
    OverdueFeed = "overdue-feed",
    /// A feed that is older than the last accepted one.
    OldFeed = "old-feed",
    /// A number in the configuration that several people have had.
    RecycledName = "recycled-name",
    /// An entitlement opens a shared identity that does not exist under this name.
    UnknownSecret = "unknown-secret",
    /// A row that could not be interpreted.
    Quarantined = "quarantined",
    /// A record that is missing from its feed, while a waiting row may be it: its key was mistyped.
    MistypedKey = "mistyped-key",
    /// An attribute that differs from what was decided.
    AttributeDrift = "attribute-drift",
    /// Access was used, or existed, after its true end.
    LateEnd = "late-end",
    /// A cut-off that was not reviewed when due.
    CutOffReview = "cut-off-review",
    /// A match of a `[[watch]]` rule of the policy.
    Watched = "watched",
    /// A question that was not answered in time.
    Unanswered = "unanswered",
    /// An account that may belong to this person, or not.
    AmbiguousAccount = "ambiguous-account",
    /// Access that must be reviewed, or it ends.
    Review = "review",
    /// A rule asks people of whom none is available.
    NoApprover = "no-approver",
    /// The escalation group has too few available members to decide.
    LastResort = "last-resort",
    /// A held change that is past its deadline.
    OverdueHeldChange = "overdue-held-change",
    /// A cut-off that is not confirmed by its deadline.
    OverdueCutOff = "overdue-cut-off",
    /// A record whose question "whose is it?" was not answered in time.
    UnansweredRecord = "unanswered-record",
    /// Stored data that cannot be read.
    Damage = "damage",
}

impl FindingKind {
    /// Time for its owner to resolve it, where the finding states no deadline; then the escalation group is asked as well.
    #[must_use]
    pub fn resolved_within(self) -> SignedDuration {
        let days = match self {
            Self::LastResort
            | Self::CutOffReview
            | Self::OverdueCutOff
            | Self::Damage
            | Self::Reenabled
            | Self::Unjustified
            | Self::RefusedAccess => 1,
            Self::Review | Self::Unused | Self::LateEnd => 14,
            Self::UnresolvedReference
            | Self::DepartedReference
            | Self::CircularReference
            | Self::NoOwner
            | Self::UnknownZone
            | Self::NoSource
            | Self::EarlierEnd
            | Self::SeparationConflict
            | Self::UnknownEntitlement
            | Self::NoIdentifier
            | Self::Orphan
            | Self::UndeclaredContainment
            | Self::DisabledByHand
            | Self::MissingAccount
            | Self::MovedAccount
            | Self::MissingEntitlement
            | Self::NeverReconciled
            | Self::PartialScan
            | Self::OverdueFeed
            | Self::OldFeed
            | Self::RecycledName
            | Self::UnknownSecret
            | Self::Quarantined
            | Self::MistypedKey
            | Self::AttributeDrift
            | Self::Watched
            | Self::Unanswered
            | Self::AmbiguousAccount
            | Self::NoApprover
            | Self::OverdueHeldChange
            | Self::UnansweredRecord => 3,
        };
        SignedDuration::from_hours(24 * days)
    }

    /// Whether it can never be acknowledged: it endangers the basis of everything else, so it must be fixed.
    #[must_use]
    pub fn is_firm(self) -> bool {
        matches!(self, Self::LastResort | Self::OverdueCutOff | Self::CutOffReview | Self::Damage)
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.as_str() == text)
    }
}
