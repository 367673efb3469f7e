//! Adopts an account that existed before Tenure: as it is, with a reason and a review date for what it holds.

use super::whose::AccountSeen;
use crate::Context;
use crate::decide::ACCOUNT_ITSELF;
use crate::settle::{phase, primary_engagement};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    Account, AccountKey, AccountState, AccountTarget, EntitlementName, Grant, Holding, Identity, IdentityId,
    IndividualDecision, JustificationKind, Kind, Observed, Phase,
};
use tenure_policy::System;

/// Time after which adopted access must have been reviewed, or it ends.
const REVIEW_WITHIN: SignedDuration = SignedDuration::from_hours(90 * 24);

/// An account with what it holds.
#[derive(Debug, Clone, Copy)]
pub struct ScannedAccount<'a> {
    /// What identifies its holder.
    pub seen: AccountSeen<'a>,
    /// The external id: the system's own stable id.
    pub external_id: &'a Arc<str>,
    /// Whether it can be used.
    pub enabled: bool,
    /// What it holds directly.
    pub entitlements: &'a BTreeSet<Arc<str>>,
    /// What it inherits from other entitlements, and the path.
    pub through: &'a BTreeMap<EntitlementName, Arc<str>>,
}

/// An adopted account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenIn {
    /// The account, decided to be as it is.
    pub account: Account,
    /// Its managed entitlements.
    pub grants: Vec<Grant>,
    /// Their reasons. A departed identity gets none.
    pub individual: Vec<IndividualDecision>,
}

/// Adopts an account as the `kind` account of an identity; `known` is that account if it was decided before. `owner` gives the owner
/// of an entitlement.
#[must_use]
pub fn take_in(
    context: &Context,
    system: &System,
    identity: &Identity,
    (kind, known): (&Kind, Option<&Account>),
    found: &ScannedAccount<'_>,
    owner: &dyn Fn(&EntitlementName) -> Option<IdentityId>,
    now: Timestamp,
) -> TakenIn {
    let key = AccountKey { system: system.name.clone(), kind: kind.clone() };
    let has_left = phase(context, identity, now) == Phase::Departed;
    // Adopted access belongs to the present engagement and ends with it.
    let engagement = primary_engagement(context, identity, now);
    let itself: Arc<str> = Arc::from(ACCOUNT_ITSELF);
    let (mut grants, mut standing) = (Vec::new(), Vec::new());
    for local in found.entitlements.iter().chain(found.enabled.then_some(&itself)) {
        let Ok(entitlement) = EntitlementName::of(&system.name, local) else { continue };
        // The account itself is managed from now on: adoption removes it from no holder.
        if *local != itself && !context.is_managed(&entitlement) {
            continue;
        }
        if !has_left {
            standing.push(IndividualDecision {
                kind: JustificationKind::Adopted,
                account: key.clone(),
                entitlement: entitlement.clone(),
                engagement,
                from: None,
                until: now.checked_add(REVIEW_WITHIN).ok(),
                reference: Arc::from(format!("adopted from {}", system.name)),
                owner: owner(&entitlement),
                reason: Arc::from("it existed before Tenure managed the system; to be reviewed"),
                requester: None,
                compensating: Arc::from(""),
                reviewed: None,
                work: None,
                converted: None,
                learnt: Vec::new(),
                counted: None,
            });
        }
        grants.push(Grant {
            account: key.clone(),
            entitlement,
            justifications: Vec::new(),
            holding: Holding::Held,
        });
    }
    let account = as_seen(system, identity, key, known, found, now);
    TakenIn { account, grants, individual: standing }
}

/// Records the person who adopts or links as the requester of what is kept, so that a second person must agree to it: of all that a
/// single account or one of their own holds, if a rule asks about it, and always of what is at or above `review_risk`.
pub fn note_adopter(
    context: &Context,
    standing: &mut [IndividualDecision],
    by: IdentityId,
    is_theirs_or_single: bool,
) {
    let limit = context.setup.policy.request.review_risk;
    let is_kept = |s: &&mut IndividualDecision| s.entitlement.local() != ACCOUNT_ITSELF;
    for standing in standing.iter_mut().filter(is_kept) {
        if is_theirs_or_single || context.risk_of(&standing.entitlement) >= limit {
            standing.requester = Some(by);
        }
    }
}

/// Decided and confirmed as it was observed. It keeps its name.
#[must_use]
pub fn as_seen(
    system: &System,
    identity: &Identity,
    key: AccountKey,
    known: Option<&Account>,
    found: &ScannedAccount<'_>,
    at: Timestamp,
) -> Account {
    let generation = known.map_or(0, |a| a.generation) + 1;
    let state = if found.enabled { AccountState::Enabled } else { AccountState::Disabled };
    let written = system.attributes_of(&key.kind);
    let is_written = |name: &tenure_model::AttributeName| written.iter().any(|o| o.name == *name);
    let mut attributes = found.seen.attributes.clone();
    attributes.retain(|name, _| is_written(name));
    let issued = identity.identifiers.get(system.name_of(&key.kind));
    let name = issued.is_none_or(|n| **n != *found.seen.name).then(|| Arc::from(found.seen.name));
    let external_id = found.external_id.clone();
    Account {
        key,
        target: AccountTarget { state, attributes, name },
        generation,
        confirmed: generation,
        external_id: Some(external_id.clone()),
        observed: Observed::Present {
            at,
            external_id,
            enabled: found.enabled,
            name: None,
            through: found.through.clone(),
        },
    }
}
