//! Forms of an identity: engagements, supplements, decisions.

use super::form::{self, derived};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{
    Absence, AccountKey, Answer, ApprovalId, AttributeName, CutOff, CutOffClass, Decisions, Delegation,
    Engagement, EngagementId, EngagementState, EngagementType, EntitlementName, Erased, Happened, Hold,
    HoldClass, Identity, IdentityId, IdentityKind, IndividualDecision, JustificationKind, Learnt, Link,
    LocalEnd, MadeOf, Naming, OffByHand, Override, Reason, RecordKey, Renaming, SourceName, Supplement,
    Suspended, SystemName, Timeline, Value, Waiting, Zone, ZoneSource,
};

derived! {
    IdentityForm: Identity,
    EngagementForm: Engagement,
    EngagementStateForm: EngagementState,
    AbsenceForm: Absence,
    LocalEndForm: LocalEnd,
    ZoneForm: Zone,
    ZoneSourceForm: ZoneSource,
    SupplementForm: Supplement,
    DecisionsForm: Decisions,
    DelegationForm: Delegation,
    OffByHandForm: OffByHand,
    StandingForm: IndividualDecision,
    LearntForm: Learnt,
    OverrideForm: Override,
    CutOffForm: CutOff,
    LinkForm: Link,
    HoldForm: Hold,
    ErasedForm: Erased,
    NamingForm: Naming,
    RenamingForm: Renaming,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Identity")]
struct IdentityForm {
    #[serde(with = "form")]
    id: IdentityId,
    #[serde(rename = "n")]
    version: u64,
    #[serde(rename = "k", with = "form")]
    kind: IdentityKind,
    #[serde(rename = "e", with = "form")]
    engagements: Vec<Engagement>,
    #[serde(rename = "s", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    supplements: Vec<Supplement>,
    #[serde(rename = "i", default, skip_serializing_if = "BTreeMap::is_empty")]
    identifiers: BTreeMap<Arc<str>, Arc<str>>,
    #[serde(rename = "g", with = "form", default, skip_serializing_if = "Naming::is_empty")]
    naming: Naming,
    #[serde(rename = "d", with = "form")]
    decisions: Decisions,
    #[serde(rename = "m", with = "form", default, skip_serializing_if = "Option::is_none")]
    merged_into: Option<IdentityId>,
    #[serde(rename = "x", with = "form", default, skip_serializing_if = "Option::is_none")]
    erased: Option<Erased>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Naming")]
struct NamingForm {
    #[serde(rename = "m", default, skip_serializing_if = "BTreeMap::is_empty")]
    made_of: BTreeMap<Arc<str>, MadeOf>,
    #[serde(rename = "f", default, skip_serializing_if = "BTreeMap::is_empty")]
    former: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    #[serde(rename = "r", with = "form", default, skip_serializing_if = "Option::is_none")]
    renaming: Option<Renaming>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Renaming")]
struct RenamingForm {
    #[serde(rename = "n")]
    names: BTreeMap<Arc<str>, Arc<str>>,
    #[serde(rename = "m")]
    made_of: BTreeMap<Arc<str>, MadeOf>,
    #[serde(rename = "d", with = "form", default, skip_serializing_if = "Option::is_none")]
    denied: Option<(ApprovalId, Timestamp)>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Erased")]
struct ErasedForm {
    #[serde(with = "form")]
    at: Timestamp,
    #[serde(rename = "m", with = "form")]
    marks: Vec<[u8; 32]>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Engagement")]
struct EngagementForm {
    #[serde(with = "form")]
    id: EngagementId,
    #[serde(rename = "s", with = "form")]
    source: SourceName,
    #[serde(rename = "k", with = "form")]
    key: RecordKey,
    #[serde(rename = "t", with = "form")]
    kind: EngagementType,
    #[serde(rename = "f", with = "form", default, skip_serializing_if = "Option::is_none")]
    start: Option<Date>,
    #[serde(rename = "l", with = "form", default, skip_serializing_if = "Option::is_none")]
    last_day: Option<LocalEnd>,
    #[serde(rename = "e", with = "form", default, skip_serializing_if = "Option::is_none")]
    end: Option<LocalEnd>,
    #[serde(rename = "z", with = "form")]
    zone: Zone,
    #[serde(rename = "b", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    absences: Vec<Absence>,
    #[serde(rename = "w", with = "form")]
    state: EngagementState,
    #[serde(rename = "q", default, skip_serializing_if = "BTreeMap::is_empty")]
    keys: BTreeMap<Arc<str>, Arc<str>>,
    #[serde(rename = "a", with = "form")]
    attributes: BTreeMap<AttributeName, Timeline<Value>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "EngagementState")]
enum EngagementStateForm {
    #[serde(rename = "s")]
    Stated,
    #[serde(rename = "m")]
    Missing {
        #[serde(rename = "s", with = "form")]
        since: Timestamp,
        #[serde(rename = "e", with = "form")]
        ends: Option<Timestamp>,
    },
    #[serde(rename = "l")]
    Sourceless {
        #[serde(rename = "s", with = "form")]
        since: Timestamp,
        #[serde(rename = "e", with = "form")]
        ends: Option<Timestamp>,
    },
    #[serde(rename = "w")]
    Withdrawn {
        #[serde(with = "form")]
        at: Timestamp,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Absence")]
struct AbsenceForm {
    #[serde(rename = "f", with = "form")]
    from: Date,
    #[serde(rename = "u", with = "form")]
    until: Option<Date>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "LocalEnd")]
struct LocalEndForm {
    #[serde(rename = "d", with = "form")]
    date: Date,
    #[serde(rename = "t", with = "form", default, skip_serializing_if = "Option::is_none")]
    time: Option<Time>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Zone")]
struct ZoneForm {
    #[serde(rename = "n")]
    name: Arc<str>,
    #[serde(rename = "s", with = "form")]
    source: ZoneSource,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ZoneSource", rename_all = "kebab-case")]
enum ZoneSourceForm {
    Record,
    Location,
    LegalEntity,
    SourceDefault,
    EarliestDeclared,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Supplement")]
struct SupplementForm {
    #[serde(rename = "s", with = "form")]
    source: SourceName,
    #[serde(rename = "k", with = "form")]
    key: RecordKey,
    #[serde(rename = "q", default, skip_serializing_if = "BTreeMap::is_empty")]
    keys: BTreeMap<Arc<str>, Arc<str>>,
    #[serde(rename = "a", with = "form")]
    attributes: BTreeMap<AttributeName, Timeline<Value>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Decisions")]
struct DecisionsForm {
    #[serde(rename = "s", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    individual: Vec<IndividualDecision>,
    #[serde(rename = "o", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<Override>,
    #[serde(rename = "c", with = "form", default, skip_serializing_if = "Option::is_none")]
    cut_off: Option<CutOff>,
    #[serde(rename = "a", with = "form", default, skip_serializing_if = "BTreeMap::is_empty")]
    answers: BTreeMap<[u8; 32], Answer>,
    #[serde(
        rename = "w",
        with = "super::reason::pairs",
        default,
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    reasons: BTreeMap<Reason, Waiting>,
    #[serde(rename = "u", with = "form", default, skip_serializing_if = "Option::is_none")]
    unanswered: Option<Timestamp>,
    #[serde(rename = "p", with = "form", default, skip_serializing_if = "Option::is_none")]
    paused: Option<Timestamp>,
    #[serde(rename = "h", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    holds: Vec<Hold>,
    #[serde(rename = "d", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    delegations: Vec<Delegation>,
    #[serde(rename = "v", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    void: Vec<AccountKey>,
    #[serde(rename = "n", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    inactive: Vec<AccountKey>,
    #[serde(rename = "l", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
    #[serde(
        rename = "b",
        with = "super::reason::pairs",
        default,
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    off_by_hand: BTreeMap<AccountKey, OffByHand>,
    #[serde(rename = "e", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    ended: Vec<AccountKey>,
    #[serde(rename = "f", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    released: Vec<(SystemName, Timestamp)>,
    #[serde(
        rename = "r",
        with = "super::reason::pairs",
        default,
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    suspended: BTreeMap<(AccountKey, EntitlementName), Suspended>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "OffByHand")]
struct OffByHandForm {
    #[serde(rename = "s", with = "form")]
    since: Timestamp,
    #[serde(rename = "k", with = "form", default, skip_serializing_if = "Option::is_none")]
    kept: Option<IdentityId>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Link")]
struct LinkForm {
    #[serde(rename = "a", with = "form")]
    account: AccountKey,
    #[serde(rename = "s", with = "form")]
    salt: [u8; 32],
    #[serde(rename = "h", with = "form")]
    hash: [u8; 32],
    #[serde(rename = "u", with = "form")]
    expires: Timestamp,
    #[serde(rename = "t")]
    tries: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Delegation")]
struct DelegationForm {
    #[serde(rename = "t", with = "form")]
    to: IdentityId,
    #[serde(rename = "u", with = "form")]
    until: Timestamp,
    #[serde(rename = "y")]
    reason: Arc<str>,
    #[serde(rename = "a", with = "form")]
    accepted: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Hold")]
struct HoldForm {
    #[serde(rename = "c", with = "form")]
    class: HoldClass,
    #[serde(rename = "f", with = "form")]
    from: Timestamp,
    #[serde(rename = "u", with = "form")]
    until: Option<Timestamp>,
    #[serde(with = "form")]
    by: IdentityId,
    #[serde(rename = "y")]
    reason: Arc<str>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "IndividualDecision")]
struct StandingForm {
    #[serde(rename = "k", with = "form")]
    kind: JustificationKind,
    #[serde(rename = "a", with = "form")]
    account: AccountKey,
    #[serde(rename = "e", with = "form")]
    entitlement: EntitlementName,
    #[serde(rename = "g", with = "form")]
    engagement: Option<EngagementId>,
    #[serde(rename = "f", with = "form")]
    from: Option<Timestamp>,
    #[serde(rename = "u", with = "form")]
    until: Option<Timestamp>,
    #[serde(rename = "r")]
    reference: Arc<str>,
    #[serde(rename = "o", with = "form")]
    owner: Option<IdentityId>,
    #[serde(rename = "y")]
    reason: Arc<str>,
    #[serde(rename = "q", with = "form", default, skip_serializing_if = "Option::is_none")]
    requester: Option<IdentityId>,
    #[serde(rename = "c", default = "nothing", skip_serializing_if = "is_nothing")]
    compensating: Arc<str>,
    #[serde(rename = "v", with = "form", default, skip_serializing_if = "Option::is_none")]
    reviewed: Option<Timestamp>,
    #[serde(rename = "w", with = "form", default, skip_serializing_if = "Option::is_none")]
    work: Option<EngagementType>,
    #[serde(rename = "t", with = "form", default, skip_serializing_if = "Option::is_none")]
    converted: Option<Timestamp>,
    #[serde(rename = "l", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    learnt: Vec<Learnt>,
    #[serde(rename = "b", with = "form", default, skip_serializing_if = "Option::is_none")]
    counted: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Learnt")]
struct LearntForm {
    #[serde(rename = "w", with = "form")]
    what: Happened,
    #[serde(rename = "f", with = "form")]
    from: Timestamp,
    #[serde(rename = "k", with = "form")]
    known: Timestamp,
}

fn nothing() -> Arc<str> {
    Arc::from("")
}

fn is_nothing(text: &Arc<str>) -> bool {
    text.is_empty()
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Override")]
struct OverrideForm {
    #[serde(rename = "a", with = "form")]
    attribute: AttributeName,
    #[serde(rename = "v", with = "form")]
    value: Value,
    #[serde(rename = "o", with = "form")]
    owner: IdentityId,
    #[serde(rename = "y")]
    reason: Arc<str>,
    #[serde(rename = "u", with = "form")]
    until: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CutOff")]
struct CutOffForm {
    #[serde(with = "form")]
    at: Timestamp,
    #[serde(with = "form")]
    by: IdentityId,
    #[serde(rename = "y")]
    reason: Arc<str>,
    #[serde(rename = "r", with = "form")]
    review: Timestamp,
    #[serde(rename = "c", with = "form", default, skip_serializing_if = "CutOffClass::is_other")]
    class: CutOffClass,
}
