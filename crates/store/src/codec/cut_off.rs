//! Forms of cut-off orders.

use super::form::{self, derived};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tenure_model::{CutOff, CutOffOrder, CutOffOrderId, CutOffTarget, IdentityId, SystemName};

derived! {
    CutOffOrderForm: CutOffOrder,
    CutOffTargetForm: CutOffTarget,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CutOffOrder")]
struct CutOffOrderForm {
    #[serde(with = "form")]
    id: CutOffOrderId,
    #[serde(rename = "t", with = "form")]
    target: CutOffTarget,
    #[serde(rename = "c", with = "form")]
    cut: CutOff,
    #[serde(rename = "e", with = "form", default, skip_serializing_if = "Option::is_none")]
    ended: Option<(Timestamp, IdentityId)>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CutOffTarget", rename_all = "snake_case")]
enum CutOffTargetForm {
    Person(#[serde(with = "form")] IdentityId),
    Key {
        #[serde(rename = "k")]
        kind: Arc<str>,
        #[serde(rename = "v")]
        value: Arc<str>,
    },
    Account {
        #[serde(rename = "s", with = "form")]
        system: SystemName,
        #[serde(rename = "n")]
        name: Arc<str>,
    },
}
