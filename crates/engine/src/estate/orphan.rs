//! An orphan account as an identity of its own, of which nothing else is known.

use super::take_in::{ScannedAccount, as_seen};
use crate::Context;
use jiff::Timestamp;
use std::sync::Arc;
use tenure_model::{
    Account, AccountKey, EntitlementName, Grant, Holding, Identity, IdentityId, IdentityKind, Name,
    RecordKey, SourceName, Supplement,
};
use tenure_policy::{COMMAND_SOURCE, System};

/// What an orphan account becomes when something must be decided about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrphanIdentity {
    /// `system:name`, by which people and evidence know it.
    pub title: Arc<str>,
    /// It has only the account's name.
    pub identity: Identity,
    /// The account, decided to be as it is.
    pub account: Account,
    /// Its managed entitlements, without any reason.
    pub grants: Vec<Grant>,
}

/// Makes an orphan account the account of a new identity.
#[must_use]
pub fn orphan_identity(
    context: &Context,
    system: &System,
    id: IdentityId,
    found: &ScannedAccount<'_>,
    now: Timestamp,
) -> OrphanIdentity {
    let name: Arc<str> = Arc::from(found.seen.name);
    let title: Arc<str> = Arc::from(format!("{}:{name}", system.name));
    let mut identity = Identity::new(id, IdentityKind::Person);
    identity.identifiers.insert(system.account_name.clone(), name);
    if let (Ok(source), Ok(key)) = (SourceName::new(COMMAND_SOURCE), RecordKey::new(&title)) {
        let (keys, attributes) = Default::default();
        identity.supplements.push(Supplement { source, key, keys, attributes });
    }
    let key = AccountKey { system: system.name.clone(), kind: found.seen.kind.clone() };
    let account = as_seen(system, &identity, key.clone(), None, found, now);
    let managed = |local: &Arc<str>| {
        let entitlement = EntitlementName::of(&system.name, local).ok()?;
        context.is_managed(&entitlement).then_some(entitlement)
    };
    let grant = |entitlement| Grant {
        account: key.clone(),
        entitlement,
        justifications: Vec::new(),
        holding: Holding::Held,
    };
    let grants = found.entitlements.iter().filter_map(managed).map(grant).collect();
    OrphanIdentity { title, identity, account, grants }
}
