//! Why an individual decision cannot be stored: one code for each sentence, with its typed parameters.

use jiff::Timestamp;
use jiff::civil::Date;
use std::sync::Arc;
use tenure_model::{AttributeName, EntitlementName, ValueType};

tenure_model::coded! {
    /// Why an individual decision cannot be stored, with the parameters of its sentence.
    DecisionRefusal {
        /// No reason is given.
        ReasonMissing = "decision-without-reason";
        /// The identity is cut off.
        HolderCutOff = "holder-is-cut-off";
        /// The identity has departed.
        HolderHasLeft = "holder-has-departed";
        /// No last day is given.
        LastDayMissing = "last-day-missing";
        /// The last day is outside the calendar. `problem`: as the calendar said it.
        LastDayInvalid = "last-day-not-valid" { day: Date, problem: Arc<str> };
        /// The last day is over.
        LastDayPast = "last-day-past" { day: Date };
        /// The last day is later than the limit.
        LastDayTooFar = "last-day-too-far" { day: Date, latest: Date };
        /// No such bundle is declared.
        BundleUnknown = "bundle-not-declared" { bundle: Arc<str> };
        /// No system declares the entitlement.
        EntitlementUnknown = "entitlement-not-declared" { entitlement: EntitlementName };
        /// The entitlement has no owner.
        NoOwner = "entitlement-without-owner" { entitlement: EntitlementName };
        /// It is requested already.
        Requested = "requested-already" { entitlement: EntitlementName };
        /// There is no request to extend.
        NotRequested = "not-requested" { entitlement: EntitlementName };
        /// The new end is not later than the present one.
        NotLater = "end-not-later" { entitlement: EntitlementName };
        /// Keeping does not move the end of a request.
        KeepingMovesNoEnd = "keeping-moves-no-end";
        /// There is nothing to keep.
        NothingToKeep = "nothing-to-keep" { entitlement: EntitlementName };
        /// There is nothing to end.
        NothingToEnd = "nothing-to-end" { entitlement: EntitlementName };
        /// An emergency grant of a bundle.
        EmergencyOfBundle = "emergency-of-bundle";
        /// An emergency grant for too long.
        EmergencyTooLong = "emergency-too-long" { minutes: u64 };
        /// The end of an emergency grant is outside the calendar. `problem`: as the calendar said it.
        EmergencyEndInvalid = "emergency-end-not-valid" { until: Timestamp, problem: Arc<str> };
        /// The last emergency grant is not reviewed.
        EmergencyUnreviewed = "emergency-unreviewed" { entitlement: EntitlementName };
        /// No emergency grant waits for a review.
        NothingToReview = "nothing-to-review" { entitlement: EntitlementName };
        /// An exception for a bundle.
        ExceptionOfBundle = "exception-of-bundle";
        /// An exception without a compensating control.
        CompensationMissing = "exception-without-control";
        /// An exception without an end.
        ExceptionEndMissing = "exception-without-end";
        /// All exceptions for the entitlement together last too long.
        ExceptionsTooLong = "exceptions-too-long" { entitlement: EntitlementName, days: u64 };
        /// The attribute is not declared.
        AttributeUnknown = "attribute-not-declared" { attribute: AttributeName };
        /// The text is no value of the attribute.
        NotAValue = "no-value-of-attribute" { attribute: AttributeName, value: Arc<str>, expected: ValueType };
        /// A value set by hand without an end.
        OverrideEndMissing = "override-without-end";
        /// The attribute is not set by hand.
        NotOverridden = "not-set-by-hand" { attribute: AttributeName };
        /// The delegate is the delegator.
        OwnDelegate = "own-delegate";
        /// A delegation without an end.
        DelegationEndMissing = "delegation-without-end";
        /// The delegation is accepted already.
        DelegationAccepted = "delegation-accepted-already";
        /// There is no delegation to accept.
        DelegationNotOffered = "delegation-not-offered";
        /// That identity is no delegate.
        NotADelegate = "not-a-delegate";
        /// No other names are due.
        NoRenameDue = "no-rename-due";
        /// The approvers of the new names are asked already.
        RenameAsked = "rename-asked-already";
    }
}
