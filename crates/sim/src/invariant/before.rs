//! What the last step left, for checks of what happened between two steps.

use super::snapshot::{Member, Snapshot};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_engine::values_on;
use tenure_model::{AttributeName, Engagement, Grant, Identity, IdentityId, Phase, Value};

/// An identity as the last step left it.
pub(super) struct Then {
    pub(super) identity: Identity,
    pub(super) phase: Phase,
    /// What was decided to be held.
    pub(super) grants: Vec<Grant>,
}

/// The last step.
pub(super) struct Before {
    pub(super) now: Timestamp,
    /// The configuration that was active.
    configuration: Arc<str>,
    pub(super) members: BTreeMap<IdentityId, Then>,
}

impl Before {
    /// What a snapshot leaves for the next one.
    pub(super) fn of(snapshot: &Snapshot<'_>) -> Self {
        let then = |m: &Member| Then {
            identity: m.identity.clone(),
            phase: m.phase,
            grants: m.decided().cloned().collect(),
        };
        Self {
            now: snapshot.now,
            configuration: configuration(snapshot),
            members: snapshot.living().map(|m| (m.identity.id, then(m))).collect(),
        }
    }

    /// Whether the configuration is the same one still.
    pub(super) fn is_same_configuration(&self, after: &Snapshot<'_>) -> bool {
        self.configuration == configuration(after)
    }
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
