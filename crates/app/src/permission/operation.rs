//! Every operation that Tenure carries out or shows on behalf of an actor. One without a rule does not compile.

/// What an operation is about: what the permit is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The whole installation.
    Installation,
    /// One identity, or both sides of a merge or a split.
    Identity,
    /// An entitlement of one identity.
    Access,
    /// A record of a source.
    Record,
    /// A system, or an account in it.
    System,
    /// A task or a fact of one identity in one system.
    Work,
    /// A question that was put to people.
    Question,
    /// What a brake holds.
    HeldChange,
    /// A cut-off, or an order to cut off.
    CutOff,
    /// The ledger.
    Ledger,
    /// A finding.
    Finding,
}

impl Kind {
    /// The word for it in the matrix.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Installation => "installation",
            Self::Identity => "identity",
            Self::Access => "access",
            Self::Record => "record",
            Self::System => "system",
            Self::Work => "work",
            Self::Question => "question",
            Self::HeldChange => "held change",
            Self::CutOff => "cut-off",
            Self::Ledger => "ledger",
            Self::Finding => "finding",
        }
    }
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident, $word:literal, $kind:ident;)+) => {
        /// An operation, with the kind of target that it is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Operation {
            $($(#[$doc])* $name,)+
        }

        impl Operation {
            /// All of them, reads included.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its name in the matrix and in evidence.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// What it is about.
            #[must_use]
            pub fn target(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)+ }
            }
        }
    };
}

operations! {
    /// One pass: feeds, what is due, the queue.
    Run, "run", Installation;
    /// Show what would change.
    Plan, "plan", Installation;
    /// Connect to the systems that a folder names, with its secrets.
    Connect, "connect to systems", Installation;
    /// Make a configuration the active one.
    Apply, "apply", Installation;
    /// Confirm, as the second person, a configuration that widens control.
    ConfirmConfiguration, "confirm configuration", Installation;
    /// Confirm it alone, after no second person was available for 24 hours.
    ConfirmConfigurationAlone, "confirm configuration alone", Installation;
    /// State, counts and lists that name identities: `doctor`, cases, findings, questions, held changes.
    ReadState, "read state", Installation;
    /// Why an identity has access, with its record.
    ReadIdentity, "read identity", Identity;
    /// An attribute that policy withholds.
    ReadWithheld, "read withheld value", Identity;
    /// The reason of an identity's cut-off.
    ReadReason, "read reason of cut-off", CutOff;
    /// All requests of all identities.
    ReadRequests, "read all requests", Installation;
    /// The opening of an entry of the ledger.
    ReadEntry, "read entry", Ledger;
    /// Recompute and prove the ledger: nothing personal is shown.
    VerifyLedger, "verify ledger", Ledger;
    /// Write the ledger or a population as files.
    Export, "export", Ledger;
    /// Continue the ledger under a new origin.
    Reopen, "reopen ledger", Ledger;
    /// Confirm the clock after a jump.
    ConfirmClock, "confirm clock", Installation;
    /// Set business time back from a wrong clock.
    SetClockBack, "set clock back", Ledger;
    /// Confirm that all damage was dealt with.
    DealWithDamage, "deal with damage", Installation;
    /// Acknowledge a finding for a time.
    AcknowledgeFinding, "acknowledge finding", Finding;
    /// Ask for access.
    Request, "request", Access;
    /// Request a refused rename again.
    RequestRename, "request rename", Identity;
    /// Ask for a later end.
    Extend, "extend", Access;
    /// End access that rests on an individual decision.
    EndAccess, "end access", Access;
    /// Certify that access is still needed.
    Certify, "certify", Access;
    /// Give access at once, for a short time.
    Emergency, "emergency", Access;
    /// Record the review of an emergency grant.
    ReviewEmergency, "review emergency", Access;
    /// Sign an exception.
    Except, "sign exception", Access;
    /// Answer a question of an approval rule.
    Answer, "answer approval", Question;
    /// Set a value that overrides the sources.
    Override, "override", Identity;
    /// Remove an override.
    EndOverride, "end override", Identity;
    /// Appoint a delegate, for oneself.
    Delegate, "delegate", Identity;
    /// Accept a delegation.
    AcceptDelegation, "accept delegation", Identity;
    /// End one's own delegation.
    EndDelegation, "end delegation", Identity;
    /// Answer whose a record is.
    Correlate, "answer correlation", Record;
    /// Merge two identities.
    Merge, "merge", Identity;
    /// Split a record off into a new identity.
    Split, "split", Identity;
    /// State a non-human identity.
    StateIdentity, "state identity", Identity;
    /// Change a stated identity, its owner too.
    ChangeIdentity, "change identity", Identity;
    /// End a stated identity.
    EndIdentity, "end identity", Identity;
    /// Report a manual task as done.
    DoManual, "do manual task", Work;
    /// Attest the work of a manual task.
    Attest, "attest manual task", Work;
    /// Put a task that needs a person back into the queue.
    TryAgain, "try again", Work;
    /// Sign a residual risk.
    AcceptRisk, "accept risk", Work;
    /// Hand a first password over, or send a new link.
    HandOver, "hand over password", Work;
    /// Use an activation code: the holder of the code is permitted.
    Activate, "activate", Work;
    /// Compare a system with what is decided, and repair it.
    Reconcile, "reconcile", System;
    /// Adopt what a system holds.
    Adopt, "adopt", System;
    /// Adopt what the only owner of a system may not adopt, because it is their own.
    AdoptInstead, "adopt instead of the owner", System;
    /// Enable an account again that was disabled by hand.
    EnableAgain, "enable again", Work;
    /// Keep an account disabled that was disabled by hand.
    KeepDisabled, "keep disabled", Work;
    /// Link an account to an identity.
    LinkAccount, "link account", System;
    /// Mark an account as belonging to no identity.
    Disclaim, "disclaim account", System;
    /// Release what a brake holds.
    Release, "release", HeldChange;
    /// Set a hold.
    Hold, "hold", Identity;
    /// Lift a hold.
    LiftHold, "lift hold", Identity;
    /// Erase the data of an identity.
    Erase, "erase", Identity;
    /// Cut off an identity.
    CutOff, "cut off", CutOff;
    /// Order in advance that a key or an account is cut off.
    OrderCutOff, "order cut-off", CutOff;
    /// Confirm the cut-off of the last member of the escalation group.
    ConfirmCutOff, "confirm cut-off", CutOff;
    /// Review a cut-off that continues.
    ReviewCutOff, "review cut-off", CutOff;
    /// Lift a cut-off.
    Lift, "lift cut-off", CutOff;
    /// Lift a cut-off as one of two, after no person of `lift_by` was available for 24 hours.
    LiftTogether, "lift cut-off together", CutOff;
    /// Lift an order.
    LiftOrder, "lift order", CutOff;
}
