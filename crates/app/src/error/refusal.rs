//! Why a use case was refused, as a stable code: messages may be reworded, a code never changes its meaning.

use tenure_engine::DecisionRefusal;

macro_rules! refusals {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal,)+) => {
        /// Why a use case was refused. New reasons get a new code; an old code is never given another meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Refusal {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Refusal {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stable code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }

            /// What happened, in one sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+).trim(),)+
                }
            }
        }
    };
}

refusals! {
    // The actor.
    /// No mapped person acts.
    NoActor = "no-actor",
    /// The actor has left or is cut off.
    ActorHasLeft = "actor-has-left",
    /// The actor has none of the roles to which the rule gives the operation.
    NotEntitled = "not-entitled",
    /// The actor has one cut-off in force that is not reviewed yet.
    OneUnreviewed = "one-unreviewed",
    /// It is about the actor's own access, record or account.
    OwnRecord = "own-record",
    /// The actor requested it.
    OwnRequest = "own-request",
    /// The actor ordered the cut-off, or it is about them.
    OwnCutOff = "own-cut-off",
    /// The actor is a delegate of a person who is barred.
    DelegateOfBarred = "delegate-of-barred",
    /// The question is put to other approvers.
    NotAnApprover = "not-an-approver",
    /// The actor approved the access and therefore cannot certify it.
    ApproverMayNotCertify = "approver-may-not-certify",
    /// The actor performed the work and therefore cannot attest it.
    PerformerMayNotAttest = "performer-may-not-attest",
    /// The actor made the configuration active that caused the held change.
    AuthorMayNotRelease = "author-may-not-release",
    /// Acting as another person is not allowed here.
    ActingAsNotAllowed = "acting-as-not-allowed",
    /// The activation code is invalid, or used already.
    CodeInvalid = "code-invalid",
    /// The activation code has expired.
    CodeExpired = "code-expired",

    // The input.
    /// No reason is given, or it is too long.
    ReasonMissing = "reason-missing",
    /// No last day is given.
    EndMissing = "end-missing",
    /// The date or instant is past.
    DateOver = "date-over",
    /// The date or duration is beyond what policy allows.
    TooFar = "too-far",
    /// The new end is not later than the present one.
    NotLater = "not-later",
    /// The period is not over, or is not a period.
    PeriodNotOver = "period-not-over",
    /// `--now` is before the last committed instant.
    TimeGoesBack = "time-goes-back",
    /// A configuration that widens control needs a second person, who neither wrote it nor gains by it.
    SecondPersonNeeded = "second-person-needed",
    /// With the configuration fewer than two members of the escalation group could act.
    LastWhoCanAct = "last-who-can-act",
    /// Another configuration became active since this one was proposed.
    ConfigurationOvertaken = "configuration-overtaken",
    /// `--now` is for replays only.
    NowNotAllowed = "now-not-allowed",
    /// The clock jumped, and no person has confirmed it.
    ClockUnsure = "clock-unsure",
    /// Business time is not ahead of the clock.
    ClockNotAhead = "clock-not-ahead",
    /// The time zone is not known.
    ZoneUnknown = "zone-unknown",
    /// The configuration does not declare it.
    NotDeclared = "not-declared",
    /// The text is no valid value of the attribute.
    NotAValue = "not-a-value",
    /// The attribute does not refer to people, or the person has no such key.
    NotAReference = "not-a-reference",
    /// This command cannot set this property.
    NotSetLikeThis = "not-set-like-this",
    /// The owner or the purpose is missing.
    OwnerOrPurposeMissing = "owner-or-purpose-missing",
    /// The owner and the deputy are the same.
    DeputyIsOwner = "deputy-is-owner",
    /// This person cannot be its owner or deputy.
    CannotAnswerForIt = "cannot-answer-for-it",
    /// No compensating control is given.
    CompensationMissing = "compensation-missing",
    /// It applies to one entitlement, not to a bundle.
    BundleNotAllowed = "bundle-not-allowed",
    /// The password is empty or otherwise not acceptable.
    PasswordNotAcceptable = "password-not-acceptable",
    /// The name is taken.
    NameTaken = "name-taken",

    // The present state.
    /// It is already in force, waiting or done.
    AlreadyInForce = "already-in-force",
    /// It is answered already.
    AlreadyAnswered = "already-answered",
    /// Nothing of this kind is in force or waiting.
    NotInForce = "not-in-force",
    /// The record, source or configuration that it is about does not exist any more.
    Gone = "gone",
    /// The two are one identity already.
    SameIdentity = "same-identity",
    /// It is the identity's only record.
    OnlyRecord = "only-record",
    /// It belongs to a known identity: name the identity instead.
    HasHolder = "has-holder",
    /// The identity has such an account already.
    HasAccount = "has-account",
    /// It is stated by a source, and must be changed there.
    StatedBySource = "stated-by-source",
    /// It is about people, whose start and end come from their sources.
    IsAPerson = "is-a-person",
    /// The holder is cut off.
    HolderCutOff = "holder-cut-off",
    /// The holder has left.
    HolderHasLeft = "holder-has-left",
    /// The holder has not left.
    HolderIsHere = "holder-is-here",
    /// The entitlement or system has no owner.
    NoOwner = "no-owner",
    /// A separation rule excludes it.
    SeparationConflict = "separation-conflict",
    /// Nothing of it can be granted.
    NothingCanBeGiven = "nothing-can-be-given",
    /// The last emergency grant of it has not been reviewed.
    ReviewOpen = "review-open",
    /// The work has not been reported as done.
    NotDoneYet = "not-done-yet",
    /// The task is a manual one.
    ManualTask = "manual-task",
    /// The account is protected.
    ProtectedAccount = "protected-account",
    /// The account is not usable now.
    AccountNotUsable = "account-not-usable",
    /// A hold prevents it.
    OnHold = "on-hold",
    /// The brake of its system holds it.
    HeldByBrake = "held-by-brake",
    /// This finding can never be acknowledged.
    MustBeDealtWith = "must-be-dealt-with",
    /// Nothing is damaged.
    NothingDamaged = "nothing-damaged",
    /// Another process does this job now.
    JobUnderWay = "job-under-way",
    /// Work about it is open.
    WorkOpen = "work-open",
    /// Its source still reports it.
    StillReported = "still-reported",
    /// The retention period is not over.
    KeptByRetention = "kept-by-retention",

    // Systems, feeds, the ledger.
    /// The system is in `enforce`.
    SystemInEnforce = "system-in-enforce",
    /// The system cannot be scanned.
    NotScannable = "not-scannable",
    /// The scan was interrupted.
    ScanBrokeOff = "scan-broke-off",
    /// The system did not answer, or did not accept the call.
    SystemFailed = "system-failed",
    /// The account cannot be read in its system.
    AccountUnreadable = "account-unreadable",
    /// The feed lacks columns that it had before.
    ColumnsLost = "columns-lost",
    /// The ledger has no checkpoint.
    NoCheckpoint = "no-checkpoint",
    /// The pack would have more entries than allowed.
    PackTooLarge = "pack-too-large",
    /// The database is not behind the checkpoint outside it.
    NotBehind = "not-behind",
    /// The database already belongs to that folder.
    FolderNotMoved = "folder-not-moved",
}

impl From<&DecisionRefusal> for Refusal {
    fn from(why: &DecisionRefusal) -> Self {
        use DecisionRefusal as D;
        match why {
            D::ReasonMissing => Self::ReasonMissing,
            D::HolderCutOff => Self::HolderCutOff,
            D::HolderHasLeft => Self::HolderHasLeft,
            D::LastDayMissing | D::ExceptionEndMissing | D::OverrideEndMissing | D::DelegationEndMissing => {
                Self::EndMissing
            }
            D::LastDayPast { .. } => Self::DateOver,
            D::LastDayInvalid { .. }
            | D::LastDayTooFar { .. }
            | D::EmergencyTooLong { .. }
            | D::EmergencyEndInvalid { .. }
            | D::ExceptionsTooLong { .. } => Self::TooFar,
            D::NotLater { .. } | D::KeepingMovesNoEnd => Self::NotLater,
            D::BundleUnknown { .. } | D::EntitlementUnknown { .. } | D::AttributeUnknown { .. } => {
                Self::NotDeclared
            }
            D::NotAValue { .. } => Self::NotAValue,
            D::NoOwner { .. } => Self::NoOwner,
            D::Requested { .. } | D::DelegationAccepted | D::RenameAsked => Self::AlreadyInForce,
            D::NotRequested { .. }
            | D::NothingToKeep { .. }
            | D::NothingToEnd { .. }
            | D::NothingToReview { .. }
            | D::NotOverridden { .. }
            | D::DelegationNotOffered
            | D::NotADelegate
            | D::NoRenameDue => Self::NotInForce,
            D::EmergencyOfBundle | D::ExceptionOfBundle => Self::BundleNotAllowed,
            D::EmergencyUnreviewed { .. } => Self::ReviewOpen,
            D::CompensationMissing => Self::CompensationMissing,
            D::OwnDelegate => Self::OwnRecord,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal;
    use std::collections::BTreeSet;

    #[test]
    fn each_refusal_has_a_code_of_its_own_in_lower_case_and_dashes() {
        let codes: BTreeSet<&str> = Refusal::ALL.iter().map(|r| r.as_str()).collect();
        assert_eq!(codes.len(), Refusal::ALL.len(), "two refusals share a code");
        let plain = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(codes.iter().all(|c| c.chars().all(plain) && c.contains('-') || *c == "gone"));
    }
}
