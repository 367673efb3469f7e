//! The mechanisms that scenarios name.

macro_rules! mechanisms {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// A mechanism of the product that can meet another one on one person.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Mechanism {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Mechanism {
            /// Each of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As scenarios name it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

mechanisms! {
    /// A rule asks people before access is given.
    Approval = "approval",
    /// A person asks for access.
    Request = "request",
    /// Access is given at once and reviewed afterwards.
    Emergency = "emergency",
    /// Access outside policy is signed for a time.
    Exception = "exception",
    /// What a mover had is kept for some days (handover).
    Handover = "handover",
    /// An existing account is linked and what it holds adopted.
    Adoption = "adoption",
    /// A person is away.
    Absence = "absence",
    /// The type of an engagement changes.
    Conversion = "conversion",
    /// A person comes back long after having left.
    Rehire = "rehire",
    /// A few days lie between two engagements.
    Gap = "gap",
    /// A limit on mass change holds something.
    Brake = "brake",
    /// All access is suspended at once.
    CutOff = "cut-off",
    /// Deletion and erasure are stopped.
    Hold = "hold",
    /// A delegate answers in another person's place.
    Delegation = "delegation",
    /// Two entitlements must not be held together.
    Separation = "separation",
    /// The names of a person change.
    Rename = "rename",
    /// The configuration changes.
    PolicyChange = "policy change",
    /// A named set of entitlements is asked for or given.
    Bundle = "bundle",
    /// A system is changed by hand.
    ManualSystem = "manual system",
}

impl Mechanism {
    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|m| m.as_str() == name)
    }

    /// All pairs of two different mechanisms, in order.
    #[must_use]
    pub fn pairs() -> Vec<(Self, Self)> {
        let after = |a: Self| Self::ALL.iter().copied().filter(move |b| *b > a).map(move |b| (a, b));
        Self::ALL.iter().copied().flat_map(after).collect()
    }
}
