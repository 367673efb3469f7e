//! Sentences of refusals about access and the answers to requests.

use tenure_app::AccessRefusal;

super::table::sentences! { AccessRefusal:
    ExceptionForOneself => "you cannot own an exception that grants access to you";
    SeparationExcludes { entitlement, holder, rule } => format!(
        "{entitlement} cannot be granted to {holder}: the separation rule `{rule}` excludes it together with other access"
    );
    NothingCanBeGranted { entitlement, holder } => {
        format!("{entitlement} cannot be granted to {holder}: nothing of it can be granted")
    };
    NothingToDecide => "there was nothing to decide";
    AnsweredByActor => "you answered this request already";
    Answered => "this request is answered already";
}
