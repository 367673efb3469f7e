//! Refusals about cut-offs, of identities and of accounts, and orders of them in advance.

use super::area::refusals;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::SystemName;

refusals! {
    /// A refusal about a cut-off. A person is the name with the key, as lists show it.
    CutOffRefusal {
        /// No reason is given.
        ReasonMissing = "cut-off-without-reason" of ReasonMissing;
        /// The instant of the review is past.
        ReviewPast = "cut-off-review-past" of DateOver { review: Timestamp };
        /// The instant of the review is outside the calendar. `problem`: as the calendar said it.
        ReviewInvalid = "cut-off-review-not-valid" of TooFar { review: Timestamp, problem: Arc<str> };
        /// The review is later than allowed.
        ReviewTooFar = "cut-off-review-too-far" of TooFar { review: Timestamp, latest: Timestamp };
        /// The identity is cut off already.
        CutOffAlready = "cut-off-already" of AlreadyInForce { holder: Arc<str> };
        /// The identity is not cut off.
        NotCutOff = "not-cut-off" of NotInForce { holder: Arc<str> };
        /// The cut-off waits for a second person already.
        WaitsAlready = "cut-off-waits-already" of AlreadyInForce { holder: Arc<str> };
        /// No cut-off waits for a second person.
        NoneWaits = "no-cut-off-waits" of NotInForce { holder: Arc<str> };
        /// The actor confirmed the lift already.
        ConfirmedByActor = "lift-confirmed-by-actor" of AlreadyInForce;
        /// The actor may not cut off a member of the groups that decide on cut-offs.
        MemberProtected = "cut-off-of-member" of NotEntitled { actor: Arc<str> };
        /// One cut-off of the actor is not reviewed yet.
        OneUnreviewed = "one-cut-off-unreviewed" of OneUnreviewed { actor: Arc<str> };
        /// The account is protected.
        Protected = "cut-off-of-protected-account" of ProtectedAccount { system: SystemName, account: Arc<str> };
        /// The name of the account is that of an identity.
        AccountOfHolder = "account-of-holder" of HasHolder { system: SystemName, account: Arc<str>, holder: Arc<str> };
        /// The key belongs to an identity.
        KeyOfHolder = "key-of-holder" of HasHolder { kind: Arc<str>, value: Arc<str>, holder: Arc<str> };
        /// There is such an order already. `target`: a key, a name or an account.
        OrderedAlready = "cut-off-ordered-already" of AlreadyInForce { target: Arc<str> };
        /// Another person ended the order meanwhile.
        OrderEnded = "cut-off-order-ended-meanwhile" of NotInForce { target: Arc<str> };
        /// The order is stored, and the system did not show the account. `problem`: as the connector or the store said it.
        OrderedUnread = "cut-off-ordered-account-unread" of SystemFailed {
            system: SystemName, account: Arc<str>, problem: Arc<str>,
        };
    }
}
