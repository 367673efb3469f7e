//! Who is barred from an operation whatever role they have: by what they have at stake, directly or through another.

/// What an actor has at stake in the target of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stake {
    /// The access or the identity is theirs.
    Holder,
    /// They own the non-human identity whose access it is.
    Custodian,
    /// They asked for it or cause the gain.
    Requester,
    /// They did the work.
    Performer,
    /// They approved what is certified.
    Approver,
    /// They ordered the cut-off.
    Issuer,
    /// They report to the issuer or the holder.
    Report,
    /// They made the configuration active that may have caused it.
    Author,
}

impl Stake {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Holder,
        Self::Custodian,
        Self::Requester,
        Self::Performer,
        Self::Approver,
        Self::Issuer,
        Self::Report,
        Self::Author,
    ];

    /// The word for it in the matrix.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holder => "holder",
            Self::Custodian => "owner of the identity",
            Self::Requester => "requester",
            Self::Performer => "performer",
            Self::Approver => "approver",
            Self::Issuer => "issuer",
            Self::Report => "report",
            Self::Author => "author",
        }
    }
}

/// Through whom an actor has it at stake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// It is the actor.
    Own,
    /// The actor is a delegate of that identity.
    Delegate,
    /// The actor is the same human under another identity, or answers for that non-human identity.
    SameHuman,
}

impl Via {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Own, Self::Delegate, Self::SameHuman];
}

/// One reason why an identity is barred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bar {
    /// What is at stake.
    pub stake: Stake,
    /// Through whom.
    pub via: Via,
}
