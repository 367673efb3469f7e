//! Refusals about identities: what is stated of them, whose a record is, how long data is kept, and first passwords.

use super::area::refusals;
use jiff::Timestamp;
use jiff::civil::Date;
use std::sync::Arc;
use tenure_engine::Kept;
use tenure_model::{HoldClass, IdentityId, IdentityKind, Phase, RecordKey, SourceName, ValueType};

refusals! {
    /// A refusal about an identity. An identity is its name with its key, as lists show it.
    IdentityRefusal {
        // Non-human identities.
        /// People come from sources.
        PeopleFromSources = "people-from-sources" of IsAPerson;
        /// The identity is a person.
        IsAPerson = "identity-is-a-person" of IsAPerson { identity: Arc<str> };
        /// The name is taken. `record`: the record that has it.
        NameTaken = "identity-name-taken" of NameTaken { name: Arc<str>, kind: IdentityKind, record: Arc<str> };
        /// The owner or the purpose is missing.
        OwnerOrPurposeMissing = "owner-or-purpose-not-given" of OwnerOrPurposeMissing;
        /// The purpose is blank.
        PurposeBlank = "purpose-blank" of OwnerOrPurposeMissing;
        /// The expiry is missing.
        ExpiryMissing = "expiry-missing" of EndMissing { latest: Date };
        /// The expiry is outside the calendar. `problem`: as the calendar said it.
        ExpiryInvalid = "expiry-not-valid" of TooFar { expiry: Date, problem: Arc<str> };
        /// The expiry is past, or later than policy allows.
        ExpiryOutside = "expiry-outside" of TooFar { expiry: Date, from: Date, latest: Date };
        /// The deputy is the owner.
        DeputyIsOwner = "deputy-same-as-owner" of DeputyIsOwner;
        /// The attribute does not refer to people. `key`: the kind of key by which the configuration maps actors.
        NoReference = "attribute-is-no-reference" of NotAReference { attribute: Arc<str>, key: Arc<str> };
        /// No source gives the person such a key.
        KeyMissing = "person-without-key" of NotAReference { person: Arc<str>, key: Arc<str>, attribute: Arc<str> };
        /// What is named as owner or deputy is no person.
        AnswererNoPerson = "answerer-no-person" of CannotAnswerForIt { identity: Arc<str>, attribute: Arc<str> };
        /// The owner or deputy is cut off.
        AnswererCutOff = "answerer-cut-off" of CannotAnswerForIt { identity: Arc<str>, attribute: Arc<str> };
        /// The owner or deputy has departed.
        AnswererDeparted = "answerer-departed" of CannotAnswerForIt { identity: Arc<str>, attribute: Arc<str> };
        /// Owner, deputy and purpose are not set as attributes.
        NotSetLikeThis = "not-set-as-attribute" of NotSetLikeThis { attribute: Arc<str> };
        /// The text is no value of the attribute.
        NotAValue = "no-value-of-identity" of NotAValue { attribute: Arc<str>, value: Arc<str>, expected: ValueType };
        /// The time zone is not known. `problem`: as the table of zones said it.
        ZoneUnknown = "zone-not-known" of ZoneUnknown { problem: Arc<str> };
        /// The last day is outside the calendar. `problem`: as the calendar said it.
        LastDayInvalid = "identity-last-day-not-valid" of TooFar { problem: Arc<str> };
        /// The identity ends already. `end`: in its own zone.
        EndsAlready = "identity-ends-already" of AlreadyInForce { identity: Arc<str>, end: Arc<str> };
        /// A source states the identity.
        StatedBySource = "identity-stated-by-source" of StatedBySource { identity: Arc<str>, record: Arc<str> };

        // Records.
        /// The record or its source does not exist any more.
        RecordGone = "record-gone" of Gone;
        /// The two are one identity.
        SameIdentity = "merge-of-same-identity" of SameIdentity;
        /// It is the only record of the identity.
        OnlyRecord = "only-record-of-identity" of OnlyRecord {
            source: SourceName, key: RecordKey, identity: IdentityId,
        };

        // Retention.
        /// No reason for a hold, or one that is too long.
        HoldReasonMissing = "hold-without-reason" of ReasonMissing { longest: u64 };
        /// The end of the hold is past.
        HoldEndPast = "hold-end-past" of DateOver;
        /// The end of the hold is outside the calendar. `problem`: as the calendar said it.
        HoldEndInvalid = "hold-end-not-valid" of TooFar { problem: Arc<str> };
        /// There is such a hold already.
        HeldAlready = "held-already" of AlreadyInForce { identity: Arc<str>, class: HoldClass };
        /// There is no such hold.
        NotHeld = "not-held" of NotInForce { identity: Arc<str>, class: HoldClass };
        /// The identity is erased already.
        ErasedAlready = "erased-already" of Gone { identity: Arc<str> };
        /// The identity has not departed.
        NotDeparted = "not-departed" of HolderIsHere { identity: Arc<str>, phase: Phase };
        /// A hold keeps the data.
        KeptByHold = "kept-by-hold" of OnHold { identity: Arc<str>, class: HoldClass };
        /// Work about the identity is open.
        WorkOpen = "kept-by-open-work" of WorkOpen { identity: Arc<str> };
        /// A full feed still has the record.
        StillReported = "still-reported-by-source" of StillReported { identity: Arc<str>, record: Arc<str> };
        /// The retention period is not over.
        KeptUntil = "kept-until" of KeptByRetention { identity: Arc<str>, until: Timestamp };
        /// Policy has no end of the retention.
        KeptForGood = "kept-without-end" of KeptByRetention { identity: Arc<str> };

        // First passwords.
        /// The new password is empty.
        PasswordEmpty = "password-empty" of PasswordNotAcceptable;
        /// The system did not accept the password. `again`: the same code may be used again. `problem`: as the connector said it.
        PasswordRefused = "password-refused" of SystemFailed { account: Arc<str>, problem: Arc<str>, again: bool };
        /// The activation code is invalid or used already.
        CodeInvalid = "activation-code-invalid" of CodeInvalid;
        /// The activation code has expired.
        CodeExpired = "activation-code-expired" of CodeExpired { expired: Timestamp };
        /// The account is not enabled.
        AccountNotEnabled = "account-not-enabled" of AccountNotUsable { account: Arc<str> };
        /// No account waits for a first password.
        NoFirstPassword = "no-first-password-open" of NotInForce { identity: Arc<str> };
    }
}

impl IdentityRefusal {
    /// Why an identity is not erased.
    #[must_use]
    pub fn kept(identity: &Arc<str>, why: Kept) -> Self {
        let identity = identity.clone();
        match why {
            Kept::Gone => Self::ErasedAlready { identity },
            Kept::Here(phase) => Self::NotDeparted { identity, phase },
            Kept::Held(class) => Self::KeptByHold { identity, class },
            Kept::Open => Self::WorkOpen { identity },
            Kept::Reported(record) => Self::StillReported { identity, record },
            Kept::Early(Some(until)) => Self::KeptUntil { identity, until },
            Kept::Early(None) => Self::KeptForGood { identity },
        }
    }
}
