//! Sentences of refusals of decisions by command.

use tenure_engine::DecisionRefusal;

super::table::sentences! { DecisionRefusal:
    ReasonMissing => "a reason is missing";
    HolderCutOff => "the identity is cut off and cannot be granted access: lift the cut-off first";
    HolderHasLeft => "the identity has left and cannot be granted access";
    LastDayMissing => "a last day is missing";
    LastDayInvalid { day, problem } => format!("{day} cannot be the last day: {problem}");
    LastDayPast { day } => format!("{day} is past: give the last day, which is included");
    LastDayTooFar { day, latest } => {
        format!("{day} is too far: it may last until {latest}, and can be extended then")
    };
    BundleUnknown { bundle } => format!("the policy does not declare the bundle `{bundle}`");
    EntitlementUnknown { entitlement } => {
        format!("no system declares {entitlement}: see systems/{}.toml", entitlement.system_str())
    };
    NoOwner { entitlement } => format!(
        "{entitlement} has no owner, and access without an owner is never granted; declare its owner"
    );
    Requested { entitlement } => {
        format!("{entitlement} is requested already: extend the request to move its end")
    };
    NotRequested { entitlement } => format!("{entitlement} was not requested: request it first");
    NotLater { entitlement } => format!(
        "the new end of {entitlement} is not later than its present end: end the request to shorten it"
    );
    KeepingMovesNoEnd => "keeping a request does not move its end: extend it instead";
    NothingToKeep { entitlement } => {
        format!("{entitlement} has no request and was not adopted: nothing can be kept")
    };
    NothingToEnd { entitlement } => {
        format!("{entitlement} has no individual decision: there is nothing to end")
    };
    EmergencyOfBundle => "an emergency grant is for one entitlement, not for a bundle";
    EmergencyTooLong { minutes } => format!("an emergency grant lasts at most {minutes} minutes");
    EmergencyEndInvalid { until, problem } => {
        format!("an emergency grant cannot last until {until}: {problem}")
    };
    EmergencyUnreviewed { entitlement } => format!(
        "the last emergency grant of {entitlement} is not reviewed yet: its owner records the review first"
    );
    NothingToReview { entitlement } => format!("no emergency grant of {entitlement} waits for a review");
    ExceptionOfBundle => "an exception is for one entitlement, not for a bundle";
    CompensationMissing => "an exception needs a compensating control";
    ExceptionEndMissing => "an exception needs an end date";
    ExceptionsTooLong { entitlement, days } => format!(
        "all exceptions for {entitlement} together may last {days} days: grant the access by policy, or remove the \
         need for it"
    );
    AttributeUnknown { attribute } => format!("the policy does not declare the attribute `{attribute}`");
    NotAValue { attribute, value, expected } => {
        format!("`{value}` is not a value of `{attribute}`: a value is {}", expected.in_words())
    };
    OverrideEndMissing => "a value set by hand needs an end date";
    NotOverridden { attribute } => format!("`{attribute}` is not set by hand");
    OwnDelegate => "you cannot be your own delegate";
    DelegationEndMissing => "a delegation needs an end date";
    DelegationAccepted => "this delegation is accepted already: nothing is left to do";
    DelegationNotOffered => "that identity did not name you as its delegate";
    NotADelegate => "that identity is not a delegate";
    NoRenameDue => "the values from which the names are built did not change: no other names are due";
    RenameAsked => "its approvers are asked already";
}
