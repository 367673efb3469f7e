//! Forms of reasons: the subject of a question, what waits, and what was answered.

use super::form::{self, derived};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{
    AccountKey, Answer, AnsweredAhead, ApprovalId, AskedReason, AttributeName, CaseLabel, EngagementId,
    EntitlementName, IdentityId, JustificationKind, Provenance, Reason, RuleName, Suspended, Waiting,
};

derived! {
    ReasonForm: Reason,
    WaitingForm: Waiting,
    ProvenanceForm: Provenance,
    SuspendedForm: Suspended,
    AskedReasonForm: AskedReason,
    AnswerForm: Answer,
    AheadForm: AnsweredAhead,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Reason")]
struct ReasonForm {
    #[serde(rename = "a", with = "form")]
    account: AccountKey,
    #[serde(rename = "e", with = "form")]
    entitlement: EntitlementName,
    #[serde(rename = "k", with = "form")]
    kind: JustificationKind,
    #[serde(rename = "r")]
    reference: Arc<str>,
    #[serde(rename = "g", with = "form", default, skip_serializing_if = "Option::is_none")]
    engagement: Option<EngagementId>,
    #[serde(rename = "f", with = "form", default, skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Waiting")]
struct WaitingForm {
    #[serde(rename = "c", with = "form", default, skip_serializing_if = "BTreeSet::is_empty")]
    changes: BTreeSet<CaseLabel>,
    #[serde(rename = "s", with = "form", default, skip_serializing_if = "Option::is_none")]
    suspended: Option<Suspended>,
    #[serde(rename = "o", with = "form", default, skip_serializing_if = "is_plain")]
    provenance: Provenance,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Provenance")]
struct ProvenanceForm {
    #[serde(with = "form", default, skip_serializing_if = "BTreeSet::is_empty")]
    by: BTreeSet<IdentityId>,
    #[serde(rename = "r", with = "form", default, skip_serializing_if = "BTreeSet::is_empty")]
    references: BTreeSet<AttributeName>,
    #[serde(rename = "w", default, skip_serializing_if = "is_no")]
    own: bool,
}

/// Whether the provenance of a gain is empty and need not be stored.
pub(super) fn is_plain(provenance: &Provenance) -> bool {
    *provenance == Provenance::default()
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Suspended")]
struct SuspendedForm {
    #[serde(rename = "u", with = "form", default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "AskedReason")]
struct AskedReasonForm {
    #[serde(rename = "r", with = "form")]
    reason: Reason,
    #[serde(rename = "u", with = "form", default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    #[serde(rename = "n", with = "form")]
    inputs: [u8; 32],
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Answer")]
struct AnswerForm {
    #[serde(rename = "i", with = "form")]
    approval: ApprovalId,
    #[serde(rename = "r", with = "form")]
    rule: RuleName,
    #[serde(rename = "g", with = "form")]
    reason: Reason,
    #[serde(rename = "u", with = "form", default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    #[serde(rename = "n", with = "form")]
    inputs: [u8; 32],
    #[serde(rename = "c", with = "form")]
    change: CaseLabel,
    #[serde(rename = "d", with = "form", default, skip_serializing_if = "Option::is_none")]
    ahead: Option<AnsweredAhead>,
    #[serde(rename = "s", default, skip_serializing_if = "is_no")]
    unanswered: bool,
    #[serde(rename = "y")]
    approved: bool,
    #[serde(with = "form")]
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "AnsweredAhead")]
struct AheadForm {
    #[serde(with = "form")]
    on: Timestamp,
    #[serde(rename = "e", with = "form", default, skip_serializing_if = "Option::is_none")]
    engagement: Option<EngagementId>,
    #[serde(rename = "q", with = "form", default, skip_serializing_if = "Option::is_none")]
    requester: Option<IdentityId>,
    #[serde(rename = "s", with = "form")]
    seats: Vec<(Arc<str>, IdentityId)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
fn is_no(flag: &bool) -> bool {
    !flag
}

/// A map by reason as a list of pairs: a reason is not a text.
pub(super) mod pairs {
    use crate::codec::form::Form;
    use serde::{Deserializer, Serializer};
    use std::collections::BTreeMap;

    pub(in crate::codec) fn serialize<K: Form + Clone + Ord, V: Form + Clone, S: Serializer>(
        map: &BTreeMap<K, V>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        let pairs: Vec<(K, V)> = map.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        pairs.put(s)
    }

    pub(in crate::codec) fn deserialize<'de, K: Form + Ord, V: Form, D: Deserializer<'de>>(
        d: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::get(d)?.into_iter().collect())
    }
}
