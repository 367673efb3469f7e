//! What exactly was found: one code for each sentence, with its typed parameters.

use crate::coded;
use crate::{
    AccountDoubt, AttributeName, CorrelationId, EntitlementName, FindingKind, IdentityId, OrphanClass,
    Overdue, PossibleHolder, RecordKey, RequestEnd, RowFault, RuleName, SeparationPath, SourceName,
    SystemName, Vacancy,
};
use jiff::Timestamp;
use jiff::civil::Date;
use std::sync::Arc;

macro_rules! details {
    ($($(#[$doc:meta])+ $name:ident = $code:literal of $kind:ident $({ $($field:ident: $of:ty),+ $(,)? })?;)+) => {
        coded! {
            /// What exactly was found, with the parameters of its sentence. The code and the parameters are stored and shown to programs.
            FindingDetail {
                $($(#[$doc])+ $name = $code $({ $($field: $of),+ })?;)+
            }
        }

        impl FindingDetail {
            /// The kind to which it belongs.
            #[must_use]
            pub fn kind(&self) -> FindingKind {
                match self {
                    $(Self::$name { .. } => FindingKind::$kind,)+
                }
            }
        }
    };
}

details! {
    // References and owners.
    /// A manager, sponsor, owner or deputy has departed. `between`: or is between two engagements.
    ReferenceLeft = "reference-left" of DepartedReference {
        attribute: AttributeName, name: Arc<str>, between: bool, deputy: Option<Arc<str>>,
    };
    /// A manager, sponsor, owner or deputy is cut off.
    ReferenceCutOff = "reference-cut-off" of DepartedReference {
        attribute: AttributeName, name: Arc<str>, deputy: Option<Arc<str>>,
    };
    /// A reference matches no identity.
    ReferenceUnknown = "reference-unknown" of UnresolvedReference { attribute: AttributeName, name: Arc<str> };
    /// A reference matches several identities.
    ReferenceAmbiguous = "reference-ambiguous" of UnresolvedReference { attribute: AttributeName, name: Arc<str> };
    /// A reference leads back to its holder.
    ReferenceCircular = "reference-circular" of CircularReference { attribute: AttributeName, name: Arc<str> };
    /// The owner of an exception is gone. `owner`: as the configuration names it, where the exception is declared there.
    ExceptionOwnerLeft = "exception-owner-left" of DepartedReference { owner: Option<Arc<str>> };
    /// An exception of the policy names a person who was not here on its first day.
    ExceptionOfEarlierHolder = "exception-of-earlier-holder" of UnresolvedReference { person: Arc<str>, from: Date };
    /// A non-human identity has no owner; it goes on until then.
    OwnerlessUntil = "ownerless-until" of NoOwner { until: Timestamp };
    /// A non-human identity has no owner and is not activated.
    Ownerless = "ownerless" of NoOwner;
    /// The owner of a part of the configuration is gone. `with`: what it also owns.
    OwnerVacant = "owner-vacant" of NoOwner { name: Arc<str>, why: Vacancy, with: Vec<Arc<str>> };
    /// The approver that a rule names is gone.
    ApproverVacant = "approver-vacant" of NoApprover { name: Arc<str>, why: Vacancy };
    /// An open question that no approver may answer.
    QuestionWithoutApprover = "question-without-approver" of NoApprover { group: Arc<str> };
    /// The escalation group has fewer available members than it needs. `gone`: those who left; `owned`: what they owned too.
    EscalationShort = "escalation-short" of LastResort {
        group: Arc<str>, needed: u64, gone: Vec<Arc<str>>, owned: Vec<Arc<str>>,
    };
    /// A number in the configuration that several people have had.
    NumberShared = "number-shared" of RecycledName { key: Arc<str>, number: Arc<str> };

    // Engagements.
    /// A non-human identity that is disabled at that instant, unless it is used.
    UnusedUntil = "unused-until" of Unused { since: Date, until: Timestamp };
    /// A non-human identity that was disabled because it is not used.
    UnusedDisabled = "unused-disabled" of Unused { since: Date };
    /// The zone of an end is not stated; this one is assumed.
    ZoneAssumed = "zone-assumed" of UnknownZone { source: SourceName, key: RecordKey, zone: Arc<str> };
    /// The zone of an end is not one that is known.
    ZoneUnreadable = "zone-unreadable" of UnknownZone { problem: Arc<str> };
    /// The source of an engagement was removed from the configuration. `ends`: when it ends; none if it is kept.
    SourceRemoved = "source-removed" of NoSource { source: SourceName, ends: Option<Timestamp> };
    /// A source states an earlier end than the source with the better rank.
    EarlierEnd = "earlier-end" of EarlierEnd {
        record: Arc<str>, end: Timestamp, better: Arc<str>, better_end: Option<Timestamp>,
    };
    /// Access existed after its true end.
    LateEnd = "late-end" of LateEnd { ended: Timestamp, known: Timestamp, usable: Timestamp };
    /// A `[[watch]]` rule matches.
    WatchMatched = "watch-matched" of Watched { condition: Arc<str>, record: Arc<str>, owner: Arc<str> };
    /// A `[[watch]]` rule cannot be evaluated.
    WatchFailed = "watch-failed" of Watched {
        condition: Arc<str>, problem: Arc<str>, record: Arc<str>, owner: Arc<str>,
    };

    // Access.
    /// Both sides of a separation rule are held since before.
    SeparationHeld = "separation-held" of SeparationConflict {
        rule: RuleName, owner: Arc<str>, paths: Vec<SeparationPath>,
    };
    /// A separation rule keeps entitlements from being granted.
    SeparationBlocks = "separation-blocks" of SeparationConflict {
        rule: RuleName, owner: Arc<str>, entitlements: Vec<EntitlementName>, paths: Vec<SeparationPath>,
    };
    /// A rule gives an entitlement that no system declares with an owner.
    NotManaged = "not-managed" of UnknownEntitlement { rule: Arc<str>, entitlement: EntitlementName };
    /// A request for a bundle that the policy does not declare any more.
    BundleGone = "bundle-gone" of UnknownEntitlement { bundle: Arc<str> };
    /// A grant that cannot be computed. `problem`: the place in the configuration, and what is wrong.
    GrantNotComputed = "grant-not-computed" of UnknownEntitlement { problem: Arc<str> };
    /// No candidate for a name is free.
    NoCandidate = "no-candidate" of NoIdentifier;
    /// A name has letters that mislead, or that are not shown. `value`: in a form that shows them.
    NameMisleading = "name-misleading" of NoIdentifier { value: Arc<str> };
    /// An adoption that no approver answered.
    AdoptionUnanswered = "adoption-unanswered" of Unanswered {
        rule: RuleName, entitlement: EntitlementName, at: Timestamp,
    };
    /// A question that the escalation group did not answer: refused.
    ApprovalUnanswered = "approval-unanswered" of Unanswered {
        rule: RuleName, entitlement: EntitlementName, at: Timestamp,
    };
    /// A request that ends unless its approver keeps it.
    RequestReview = "request-review" of Review { why: RequestEnd, since: Timestamp, until: Timestamp };
    /// An emergency grant that is not reviewed.
    EmergencyReview = "emergency-review" of Review;
    /// An exception that ends soon.
    ExceptionReview = "exception-review" of Review { until: Timestamp };
    /// The review of a cut-off is due.
    CutOffReviewDue = "cut-off-review-due" of CutOffReview { by: Timestamp };
    /// A cut-off that the escalation group must review. `target`: the identity, else a key or an account.
    CutOffUnreviewed = "cut-off-unreviewed" of CutOffReview {
        issuer: Arc<str>, target: Option<Arc<str>>, group: Arc<str>, by: Timestamp,
    };
    /// A cut-off that is not confirmed by its deadline.
    CutOffOverdue = "cut-off-overdue" of OverdueCutOff { identity: IdentityId, what: Overdue };
    /// A cut-off in advance whose review is due.
    OrderReviewDue = "order-review-due" of OverdueCutOff { by: Timestamp };

    // Accounts in systems.
    /// An account that may belong to one of several identities, or to none.
    AccountAmbiguous = "account-ambiguous" of AmbiguousAccount {
        account: Arc<str>, usable: bool, candidates: Vec<PossibleHolder>, why: AccountDoubt,
    };
    /// An account that belongs to an identity and is not adopted.
    AccountNotAdopted = "account-not-adopted" of Orphan {
        account: Arc<str>, usable: bool, holder: Arc<str>, evidence: Arc<str>,
    };
    /// An account that belongs to no identity.
    AccountOrphan = "account-orphan" of Orphan { account: Arc<str>, usable: bool, class: OrphanClass, owner: Arc<str> };
    /// An account that was declared to belong to no identity.
    OrphanDeclared = "orphan-declared" of Orphan { account: Arc<str>, owner: Arc<str> };
    /// An account was removed in its system.
    AccountRemoved = "account-removed" of MissingAccount;
    /// An account was disabled in its system, and is repaired.
    AccountDisabled = "account-disabled" of MissingAccount;
    /// An account was enabled in its system.
    AccountEnabled = "account-enabled" of Reenabled;
    /// An account was disabled by hand, and its system's owner is asked.
    DisabledByHandAsked = "disabled-by-hand-asked" of DisabledByHand {
        since: Timestamp, owner: Arc<str>, system: SystemName,
    };
    /// An account was disabled by hand, and stays so.
    DisabledByHandKept = "disabled-by-hand-kept" of DisabledByHand { since: Timestamp };
    /// An account was moved out of the scanned containers.
    AccountMoved = "account-moved" of MovedAccount { place: Arc<str> };
    /// An account has another name than decided.
    NameDiffers = "name-differs" of AttributeDrift { is: Arc<str>, due: Arc<str> };
    /// An attribute has another value than decided.
    AttributeDiffers = "attribute-differs" of AttributeDrift {
        attribute: AttributeName, is: Option<Arc<str>>, due: Option<Arc<str>>,
    };
    /// The value of an attribute cannot be computed.
    AttributeNotComputed = "attribute-not-computed" of AttributeDrift { problem: Arc<str> };
    /// An entitlement is held without a justification.
    GrantUnjustified = "grant-unjustified" of Unjustified { entitlement: EntitlementName };
    /// An entitlement is inherited without a justification.
    InheritedUnjustified = "inherited-unjustified" of Unjustified { entitlement: EntitlementName, path: Arc<str> };
    /// An entitlement was removed in its system.
    GrantRemoved = "grant-removed" of MissingEntitlement { entitlement: EntitlementName };
    /// A nested entitlement that the configuration does not declare.
    NestingUndeclared = "nesting-undeclared" of UndeclaredContainment {
        outer: EntitlementName, inner: EntitlementName, owner: Arc<str>, system: SystemName,
    };
    /// Entitlements that contain each other.
    NestingCircular = "nesting-circular" of UndeclaredContainment { owner: Arc<str>, system: SystemName };
    /// An entitlement opens a shared identity that does not exist under this name.
    SecretUnknown = "secret-unknown" of UnknownSecret { entitlement: EntitlementName, name: Arc<str>, owner: Arc<str> };

    // Systems.
    /// A system with due accounts was never reconciled.
    NeverReconciled = "never-reconciled" of NeverReconciled {
        system: SystemName, accounts: u64, owner: Option<Arc<str>>,
    };
    /// A scan did not show known accounts.
    ScanHides = "scan-hides" of PartialScan;
    /// A scan showed less than half of the known accounts.
    ScanShowsLessThanHalf = "scan-shows-less-than-half" of PartialScan;
    /// A scan could not read something. `problem`: as the connector said it.
    ScanGap = "scan-gap" of PartialScan { entitlement: Option<Arc<str>>, problem: Arc<str> };
    /// A scan was interrupted. `problem`: as the connector said it.
    ScanInterrupted = "scan-interrupted" of PartialScan { problem: Arc<str> };
    /// Whether an account holds an entitlement could not be read.
    HoldingUnread = "holding-unread" of PartialScan { entitlement: EntitlementName, problem: Arc<str> };
    /// A system refuses Tenure's own access. `problem`: as the connector said it.
    AccessRefused = "access-refused" of RefusedAccess { system: SystemName, problem: Arc<str> };
    /// A system does not let Tenure write. `problem`: as the connector said it.
    WritingRefused = "writing-refused" of RefusedAccess { system: SystemName, problem: Arc<str> };

    // Feeds.
    /// A source has not reported for longer than it declares.
    FeedOverdue = "feed-overdue" of OverdueFeed { source: SourceName, last: Timestamp, owner: Arc<str> };
    /// A feed is older than the last accepted one.
    FeedOutOfOrder = "feed-out-of-order" of OldFeed {
        file: Arc<str>, extracted: Timestamp, last: Timestamp, owner: Arc<str>,
    };
    /// A row that could not be interpreted.
    RowQuarantined = "row-quarantined" of Quarantined { faults: Vec<RowFault> };
    /// A record is missing, while a waiting row may be it. `row`: the key of the row.
    KeyMistyped = "key-mistyped" of MistypedKey { record: RecordKey, row: Arc<str> };
    /// A held change that is past its deadline. `reason`: why it is held.
    HeldChangeOverdue = "held-change-overdue" of OverdueHeldChange {
        reason: Arc<str>, deadline: Timestamp, owner: Arc<str>,
    };
    /// A question whose record this is that was not answered in time.
    RecordUnanswered = "record-unanswered" of UnansweredRecord { deadline: Timestamp, question: CorrelationId };

    // Stored data.
    /// Stored data that cannot be read. `problem`: what it is, and what is wrong.
    DataUnreadable = "data-unreadable" of Damage { problem: Arc<str> };
}

#[cfg(test)]
mod tests {
    use super::FindingDetail;
    use crate::{Finding, FindingKind};
    use std::collections::BTreeSet;

    #[test]
    fn each_detail_has_a_code_of_its_own_and_each_kind_has_a_detail() {
        let codes: BTreeSet<&str> = FindingDetail::CODES.iter().copied().collect();
        assert_eq!(codes.len(), FindingDetail::CODES.len(), "two details share a code");
        let plain = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(codes.iter().all(|c| c.chars().all(plain)));
        let kinds: BTreeSet<FindingKind> =
            FindingDetail::examples().iter().map(FindingDetail::kind).collect();
        assert_eq!(kinds.len(), FindingKind::ALL.len(), "a kind has no detail");
    }

    #[test]
    fn each_detail_is_read_as_it_was_stated() {
        let examples = FindingDetail::examples();
        assert_eq!(examples.len(), FindingDetail::CODES.len(), "an example cannot be read");
        for detail in &examples {
            let read = FindingDetail::read(detail.code(), &detail.parameters());
            assert_eq!(read.as_ref(), Some(detail), "{}", detail.code());
        }
    }

    #[test]
    fn a_parameter_that_is_missing_or_of_another_type_is_not_read() {
        let detail = FindingDetail::NumberShared { key: "employee".into(), number: "7".into() };
        let mut parameters = detail.parameters();
        let number = parameters.remove("number");
        assert_eq!(number, Some(crate::Parameter::Text("7".into())));
        assert_eq!(FindingDetail::read(detail.code(), &parameters), None);
        parameters.insert("number".into(), crate::Parameter::Flag(true));
        assert_eq!(FindingDetail::read(detail.code(), &parameters), None);
        assert_eq!(FindingDetail::read("no-such-code", &parameters), None);
    }

    #[test]
    fn the_cause_is_subject_code_and_parameters() {
        let examples = FindingDetail::examples();
        let causes: BTreeSet<Vec<u8>> =
            examples.iter().map(|d| Finding::new("x", d.clone()).cause()).collect();
        assert_eq!(causes.len(), examples.len(), "two details have one cause");
        let moved = |about: &str, place: &str| {
            Finding::new(about, FindingDetail::AccountMoved { place: place.into() }).cause()
        };
        assert_eq!(moved("a", "ou=x"), moved("a", "ou=x"));
        assert_ne!(moved("a", "ou=x"), moved("a", "ou=y"));
        assert_ne!(moved("a", "ou=x"), moved("b", "ou=x"));
    }

    /// Acknowledgements name the digest of these bytes: another form would open every acknowledged finding again.
    #[test]
    fn the_cause_has_a_fixed_form_without_a_sentence() {
        let found = Finding::new("amori", FindingDetail::AccountMoved { place: "ou=old".into() });
        let parts: [&[u8]; 10] = [
            b"l\0\0\0\0\0\0\0\x03",
            b"t\0\0\0\0\0\0\0\x05",
            b"amori",
            b"t\0\0\0\0\0\0\0\x0d",
            b"account-moved",
            b"r\0\0\0\0\0\0\0\x01",
            b"\0\0\0\0\0\0\0\x05",
            b"place",
            b"t\0\0\0\0\0\0\0\x06",
            b"ou=old",
        ];
        assert_eq!(found.cause(), parts.concat());
    }
}
