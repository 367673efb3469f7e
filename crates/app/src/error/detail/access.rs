//! Refusals about access and the answers to requests.

use super::area::refusals;
use std::sync::Arc;
use tenure_model::EntitlementName;

refusals! {
    /// A refusal about access and its approval.
    AccessRefusal {
        /// The owner of an exception is barred from what it grants.
        ExceptionForOneself = "exception-for-oneself" of OwnRecord;
        /// A separation rule excludes the access.
        SeparationExcludes = "separation-excludes" of SeparationConflict {
            entitlement: EntitlementName, holder: Arc<str>, rule: Arc<str>,
        };
        /// Nothing of the access can be granted.
        NothingCanBeGranted = "nothing-can-be-granted" of NothingCanBeGiven {
            entitlement: EntitlementName, holder: Arc<str>,
        };
        /// There was nothing to decide.
        NothingToDecide = "nothing-to-decide" of NotInForce;
        /// The actor answered the request already.
        AnsweredByActor = "answered-by-actor" of AlreadyAnswered;
        /// The request is answered already.
        Answered = "request-answered" of AlreadyAnswered;
    }
}
