//! Takes an account in that was there before Tenure: as it is, with a reason and a date for review for what it holds.

use super::whose::AccountSeen;
use crate::Context;
use crate::decide::ACCOUNT_ITSELF;
use crate::settle::{phase, primary_engagement};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{
    Account, AccountKey, AccountState, AccountTarget, EntitlementName, Grant, Holding, Identity, IdentityId,
    JustificationKind, Kind, Observed, Phase, Standing,
};
use tenure_policy::System;

/// After this long, what was adopted must have been reviewed, or it ends.
const REVIEW_WITHIN: SignedDuration = SignedDuration::from_hours(90 * 24);

/// An account with what it holds.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// What tells whose it is.
    pub seen: AccountSeen<'a>,
    /// The system's own stable id.
    pub native: &'a Arc<str>,
    /// Whether it can be used.
    pub enabled: bool,
    /// What it holds directly.
    pub entitlements: &'a BTreeSet<Arc<str>>,
    /// What it holds through others, and the way.
    pub through: &'a BTreeMap<EntitlementName, Arc<str>>,
}

/// An account as it was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenIn {
    /// The account, decided to be as it is.
    pub account: Account,
    /// What it holds of what Tenure manages.
    pub grants: Vec<Grant>,
    /// Why. Nobody who has left is given a reason.
    pub standing: Vec<Standing>,
}

/// Takes an account in as `kind` of somebody, whose account of that kind is `known` where it was decided before. `owner` says who
/// answers for an entitlement.
#[must_use]
pub fn take_in(
    context: &Context,
    system: &System,
    identity: &Identity,
    (kind, known): (&Kind, Option<&Account>),
    found: &Found<'_>,
    owner: &dyn Fn(&EntitlementName) -> Option<IdentityId>,
    now: Timestamp,
) -> TakenIn {
    let key = AccountKey { system: system.name.clone(), kind: kind.clone() };
    let has_left = phase(context, identity, now) == Phase::Departed;
    // What was there belongs to the work that somebody does now, and ends with it.
    let engagement = primary_engagement(context, identity, now);
    let itself: Arc<str> = Arc::from(ACCOUNT_ITSELF);
    let (mut grants, mut standing) = (Vec::new(), Vec::new());
    for local in found.entitlements.iter().chain(found.enabled.then_some(&itself)) {
        let Ok(entitlement) = EntitlementName::of(&system.name, local) else { continue };
        // The account itself is managed from now on: nobody loses it by being taken in.
        if *local != itself && !context.is_managed(&entitlement) {
            continue;
        }
        if !has_left {
            standing.push(Standing {
                kind: JustificationKind::Adopted,
                account: key.clone(),
                entitlement: entitlement.clone(),
                engagement,
                from: None,
                until: now.checked_add(REVIEW_WITHIN).ok(),
                reference: Arc::from(format!("adopted from {}", system.name)),
                owner: owner(&entitlement),
                reason: Arc::from("it was there when Tenure came; to be reviewed"),
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
    TakenIn { account, grants, standing }
}

/// Names who adopts or links as the one who caused what is kept by it, as far as another person is to agree to it: all that a single
/// account or one of their own holds, where a rule asks about it, and in any case what is at or above `review_risk`.
pub fn note_adopter(context: &Context, standing: &mut [Standing], by: IdentityId, is_theirs_or_single: bool) {
    let limit = context.setup.policy.request.review_risk;
    let is_kept = |s: &&mut Standing| s.entitlement.local() != ACCOUNT_ITSELF;
    for standing in standing.iter_mut().filter(is_kept) {
        if is_theirs_or_single || context.risk_of(&standing.entitlement) >= limit {
            standing.requester = Some(by);
        }
    }
}

/// Decided to be as it was seen, and confirmed. It keeps its name.
#[must_use]
pub fn as_seen(
    system: &System,
    identity: &Identity,
    key: AccountKey,
    known: Option<&Account>,
    found: &Found<'_>,
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
    let native = found.native.clone();
    Account {
        key,
        target: AccountTarget { state, attributes, name },
        generation,
        confirmed: generation,
        native: Some(native.clone()),
        observed: Observed::Present {
            at,
            native,
            enabled: found.enabled,
            name: None,
            through: found.through.clone(),
        },
    }
}
