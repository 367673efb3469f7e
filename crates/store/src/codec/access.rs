//! Forms of accounts and justifications.

use super::form::{self, derived};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{
    AccountKey, AccountState, AccountTarget, AttributeName, EngagementId, EntitlementName, Justification,
    JustificationKind, Kind, Observed, SystemName, Value,
};

derived! {
    AccountKeyForm: AccountKey,
    AccountTargetForm: AccountTarget,
    ObservedForm: Observed,
    JustificationForm: Justification,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "AccountKey")]
struct AccountKeyForm {
    #[serde(rename = "s", with = "form")]
    system: SystemName,
    #[serde(rename = "k", with = "form")]
    kind: Kind,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "AccountTarget")]
struct AccountTargetForm {
    #[serde(rename = "s", with = "form")]
    state: AccountState,
    #[serde(rename = "a", with = "form")]
    attributes: BTreeMap<AttributeName, Value>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    name: Option<Arc<str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Observed", rename_all = "snake_case")]
enum ObservedForm {
    Unknown,
    Absent {
        #[serde(with = "form")]
        at: Timestamp,
    },
    Present {
        #[serde(with = "form")]
        at: Timestamp,
        #[serde(rename = "n")]
        external_id: Arc<str>,
        #[serde(rename = "e")]
        enabled: bool,
        #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
        name: Option<Arc<str>>,
        #[serde(rename = "t", with = "form", default, skip_serializing_if = "BTreeMap::is_empty")]
        through: BTreeMap<EntitlementName, Arc<str>>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Justification")]
struct JustificationForm {
    #[serde(rename = "k", with = "form")]
    kind: JustificationKind,
    #[serde(rename = "r")]
    reference: Arc<str>,
    #[serde(rename = "g", with = "form", default, skip_serializing_if = "Option::is_none")]
    engagement: Option<EngagementId>,
    #[serde(rename = "f", with = "form", default, skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
    #[serde(rename = "u", with = "form", default, skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
}
