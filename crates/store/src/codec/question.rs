//! Forms of questions to people: requests for approval and their votes.

use super::form::{self, derived};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tenure_model::{
    ApprovalId, ApprovalRequest, ApprovalState, ApproverSeat, AskedReason, CaseLabel, EngagementId,
    EntitlementName, IdentityId, Provenance, Renamed, RuleName, Vote,
};

derived! {
    ApprovalRequestForm: ApprovalRequest,
    ApprovalStateForm: ApprovalState,
    VoteForm: Vote,
    RenamedForm: Renamed,
    ApproverSeatForm: ApproverSeat,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ApprovalRequest")]
struct ApprovalRequestForm {
    #[serde(with = "form")]
    id: ApprovalId,
    #[serde(rename = "p", with = "form")]
    identity: IdentityId,
    #[serde(rename = "r", with = "form")]
    rule: RuleName,
    #[serde(rename = "g", with = "form")]
    grants: Vec<EntitlementName>,
    #[serde(rename = "y", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<AskedReason>,
    #[serde(rename = "m", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    renames: Vec<Renamed>,
    #[serde(rename = "b", with = "form")]
    bindings: Vec<[u8; 32]>,
    #[serde(rename = "c", with = "form")]
    change: CaseLabel,
    #[serde(rename = "q", with = "form")]
    requester: Option<IdentityId>,
    #[serde(rename = "h", with = "form", default, skip_serializing_if = "super::reason::is_plain")]
    provenance: Provenance,
    #[serde(rename = "e", default, with = "form")]
    engagement: Option<EngagementId>,
    #[serde(rename = "o", default, with = "form", skip_serializing_if = "Option::is_none")]
    on: Option<Timestamp>,
    #[serde(rename = "i")]
    revision: u64,
    #[serde(rename = "n")]
    stage: u32,
    #[serde(rename = "f")]
    floor: u32,
    #[serde(rename = "w", with = "form")]
    seats: Vec<ApproverSeat>,
    all: bool,
    #[serde(rename = "v", with = "form")]
    votes: Vec<Vote>,
    #[serde(with = "form")]
    asked_at: Timestamp,
    #[serde(rename = "s", with = "form")]
    state: ApprovalState,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ApprovalState", rename_all = "snake_case")]
enum ApprovalStateForm {
    Pending {
        #[serde(with = "form")]
        deadline: Timestamp,
    },
    Approved {
        #[serde(with = "form")]
        at: Timestamp,
    },
    Denied {
        #[serde(with = "form")]
        at: Timestamp,
    },
    Expired {
        #[serde(with = "form")]
        at: Timestamp,
    },
    Moot {
        #[serde(with = "form")]
        at: Timestamp,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ApproverSeat")]
struct ApproverSeatForm {
    #[serde(rename = "n")]
    name: Arc<str>,
    #[serde(rename = "h", with = "form")]
    holders: Vec<IdentityId>,
    #[serde(rename = "d", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    delegates: Vec<IdentityId>,
    #[serde(rename = "m", with = "form", default, skip_serializing_if = "Option::is_none")]
    missing: Option<IdentityId>,
    #[serde(rename = "e")]
    escalated: bool,
    #[serde(rename = "t", with = "form", default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Renamed")]
struct RenamedForm {
    #[serde(rename = "n")]
    name: Arc<str>,
    #[serde(rename = "f")]
    from: Arc<str>,
    #[serde(rename = "t")]
    to: Arc<str>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Vote")]
struct VoteForm {
    #[serde(with = "form")]
    by: IdentityId,
    #[serde(rename = "y")]
    approved: bool,
    #[serde(with = "form")]
    at: Timestamp,
    #[serde(rename = "c")]
    comment: Arc<str>,
    #[serde(rename = "s")]
    seats: Vec<Arc<str>>,
    #[serde(rename = "i", with = "form", default, skip_serializing_if = "Vec::is_empty")]
    instead_of: Vec<IdentityId>,
}
