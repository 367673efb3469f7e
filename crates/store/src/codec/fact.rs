//! Forms of facts.

use super::form::{self, derived};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tenure_model::{FactState, IdentityId, Observation};

derived! {
    FactStateForm: FactState,
    ObservationForm: Observation,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FactState", rename_all = "snake_case")]
enum FactStateForm {
    Unknown,
    Claimed(#[serde(with = "form")] Observation),
    Confirmed(#[serde(with = "form")] Observation),
    Expiring {
        #[serde(rename = "u", with = "form")]
        until: Timestamp,
        #[serde(rename = "y")]
        why: Arc<str>,
    },
    Attested {
        #[serde(with = "form")]
        by: IdentityId,
        #[serde(rename = "o", with = "form")]
        observation: Observation,
    },
    Accepted {
        #[serde(with = "form")]
        by: IdentityId,
        #[serde(rename = "y")]
        reason: Arc<str>,
        #[serde(rename = "u", with = "form")]
        until: Timestamp,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Observation")]
struct ObservationForm {
    #[serde(with = "form")]
    at: Timestamp,
    by: Arc<str>,
    #[serde(rename = "s")]
    seen: Arc<str>,
}
