//! Who is barred from an operation whatever role they have: by a stake, direct or through another identity.

/// What an actor has at stake in the target of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stake {
    /// The access or the identity is the actor's own.
    Holder,
    /// The actor owns the non-human identity that has the access.
    Custodian,
    /// The actor requested it or causes the gain.
    Requester,
    /// The actor performed the work.
    Performer,
    /// The actor approved what is certified.
    Approver,
    /// The actor ordered the cut-off.
    Issuer,
    /// The actor reports to the issuer or the holder.
    Report,
    /// The actor made the configuration active that may have caused it.
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

/// How the actor has the stake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// It is the actor.
    Own,
    /// The actor is a delegate of that identity.
    Delegate,
    /// The actor is the same human under another identity, or the owner of that non-human identity.
    SameHuman,
}

impl Via {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Own, Self::Delegate, Self::SameHuman];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Delegate => "delegate",
            Self::SameHuman => "same-human",
        }
    }
}

/// One reason why an identity is barred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bar {
    /// What is at stake.
    pub stake: Stake,
    /// How the actor has it.
    pub via: Via,
}
