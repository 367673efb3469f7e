//! Kinds of items that commands name: what does not exist is named by its kind, and the edge says where to look.

use std::sync::Arc;
use tenure_model::SystemName;

tenure_model::coded! {
    /// The kind of an item that does not exist, or whose name has not the form that it needs.
    Item {
        /// A person.
        Person = "person";
        /// The identity that ordered a cut-off.
        Issuer = "issuer-of-order";
        /// A non-human identity.
        Identity = "identity";
        /// The name of a new non-human identity, which has not the form of one.
        IdentityName = "identity-name";
        /// A change that a brake holds.
        HeldChange = "held-change";
        /// A configuration that waits.
        Configuration = "configuration";
        /// A question whose a record is.
        Question = "question";
        /// A finding.
        Finding = "finding";
        /// An entry of the ledger.
        Entry = "entry";
        /// A request for approval.
        Request = "request";
        /// A fact that is open.
        OpenFact = "open-fact";
        /// A task.
        Task = "task";
        /// A manual task.
        ManualTask = "manual-task";
        /// An order of a cut-off in advance.
        CutOffOrder = "cut-off-order";
        /// An account that was disabled by hand.
        DisabledByHand = "account-disabled-by-hand";
        /// An account that is linked to no identity.
        UnlinkedAccount = "unlinked-account" { system: SystemName };
        /// A source.
        Source = "source";
        /// A system.
        System = "system";
        /// An entitlement.
        Entitlement = "entitlement";
        /// The name of an entitlement, which has not the form of one.
        EntitlementName = "entitlement-name";
        /// The name of a record, which has not the form of one.
        RecordName = "record-name";
        /// A place where a page begins.
        Place = "place-in-list";
        /// A kind of key. `known`: the kinds that sources give, and the names that are issued.
        KindOfKey = "kind-of-key" { known: Vec<Arc<str>> };
        /// The value of a key, which is empty.
        Key = "key";
        /// An attribute. `reference`: the kind of key by which it has to refer to people.
        Attribute = "attribute" { reference: Option<Arc<str>> };
        /// The name of an attribute, which has not the form of one.
        AttributeName = "attribute-name" { problem: Arc<str> };
    }
}
