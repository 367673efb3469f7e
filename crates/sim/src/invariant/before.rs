//! What the last step left, for checks of what happened between two steps.

use super::losses::{comes_back, is_suspended};
use super::snapshot::{Member, Snapshot};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::values_on;
use tenure_model::{
    AccountKey, ApprovalId, AttributeName, Engagement, EntitlementName, Grant, Identity, IdentityId, Phase,
    TaskState, Value,
};

/// An identity as the last step left it.
pub(super) struct Then {
    pub(super) identity: Identity,
    pub(super) phase: Phase,
    /// What was decided to be held.
    pub(super) grants: Vec<Grant>,
    /// What a suspension keeps back of what was held.
    pub(super) resting: Vec<Grant>,
}

impl Then {
    /// Whether a suspension keeps something back that was held.
    pub(super) fn keeps_back(&self, account: &AccountKey, entitlement: &EntitlementName) -> bool {
        self.resting.iter().any(|g| g.account == *account && g.entitlement == *entitlement)
    }
}

/// The last step.
pub(super) struct Before {
    pub(super) now: Timestamp,
    /// The configuration that was active.
    configuration: Arc<str>,
    pub(super) members: BTreeMap<IdentityId, Then>,
    /// Questions that waited, by what each of their answers binds to.
    pub(super) asked: BTreeMap<[u8; 32], ApprovalId>,
    /// Accounts on which there was work.
    pub(super) worked: BTreeSet<(IdentityId, AccountKey)>,
}

impl Before {
    /// What a snapshot leaves for the next one.
    pub(super) fn of(snapshot: &Snapshot<'_>, before: Option<&Self>) -> Self {
        let then = |m: &Member| Then {
            identity: m.identity.clone(),
            phase: m.phase,
            grants: m.decided().cloned().collect(),
            resting: resting(snapshot, before.and_then(|b| b.members.get(&m.identity.id)), m),
        };
        let tasks = snapshot.outside.iter().flat_map(|outside| &outside.tasks);
        let open = tasks.filter(|t| !matches!(t.state, TaskState::Done));
        Self {
            now: snapshot.now,
            configuration: configuration(snapshot),
            members: snapshot.living().map(|m| (m.identity.id, then(m))).collect(),
            asked: snapshot.asked.iter().flat_map(|r| r.bindings.iter().map(|b| (*b, r.id))).collect(),
            worked: open.map(|t| (t.identity, t.account.clone())).collect(),
        }
    }

    /// Whether the configuration is the same one still.
    pub(super) fn is_same_configuration(&self, after: &Snapshot<'_>) -> bool {
        self.configuration == configuration(after)
    }
}

/// What was held before, or rested, and is kept back now by a suspension that gives it back.
fn resting(snapshot: &Snapshot<'_>, then: Option<&Then>, member: &Member) -> Vec<Grant> {
    if !is_suspended(member) {
        return Vec::new();
    }
    let is_held =
        |g: &Grant| member.decided().any(|is| is.account == g.account && is.entitlement == g.entitlement);
    let had = then.into_iter().flat_map(|t| t.grants.iter().chain(&t.resting));
    had.filter(|g| !is_held(g) && comes_back(snapshot, &member.identity, g)).cloned().collect()
}

fn configuration(snapshot: &Snapshot<'_>) -> Arc<str> {
    Arc::from(snapshot.setup().hash.to_string())
}

/// The values of an engagement at an instant.
pub(super) fn values(
    after: &Snapshot<'_>,
    identity: &Identity,
    engagement: &Engagement,
    at: Timestamp,
) -> BTreeMap<AttributeName, Value> {
    let day = at.to_zoned(after.zone(&engagement.zone.name)).date();
    values_on(after.context, identity, engagement, day, at)
}
