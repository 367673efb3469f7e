//! Shared accounts whose secret is known to a person who may no longer know it: only a rotation of the secret settles this.

use super::Custodies;
use crate::finding_rows::OrganisationFinding;
use crate::{AppError, Candidate, DecisionContext};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::Name as _;
use tenure_model::{Fact, FactState, FindingDetail, IdentityId, IdentityKind, Obligation, Observation};
use tenure_store::{Change, StoredSubject};

/// The shared identities whose secret is due for rotation, by name.
pub(super) type Rotations = BTreeMap<Arc<str>, Rotation>;

/// Most owed facts that are searched for a secret.
const OWED_MAX: u32 = 10_000;

/// One of them.
pub(super) struct Rotation {
    shared: StoredSubject,
    facts: Vec<Fact>,
}

impl Rotation {
    /// The result of an ordered rotation; `None` while it is in progress.
    pub(super) fn outcome(&self, fact: &Fact, moment: &DecisionContext) -> Option<FactState> {
        if fact.generation == 0 {
            return None;
        }
        let resets = self.facts.iter().filter(|f| matches!(f.obligation, Obligation::CredentialsReset(_)));
        let states: Vec<&FactState> = resets.map(|f| &f.state).collect();
        if states.iter().any(|s| s.is_open()) {
            return None;
        }
        let reserved = states.iter().find(|s| s.is_reserved());
        let nothing = || {
            let seen = Arc::from("no account of it is usable");
            FactState::Confirmed(Observation { at: moment.now, by: Arc::from("custody"), seen })
        };
        Some(reserved.or(states.last()).map_or_else(nothing, |s| (*s).clone()))
    }
}

impl Custodies<'_> {
    /// The shared identities whose secret rotation is owed.
    pub(super) async fn rotations(&self, owed: &[Fact]) -> Result<Rotations, AppError> {
        let names: BTreeSet<&Arc<str>> = owed.iter().filter_map(secret_of).collect();
        let mut found = Rotations::new();
        for name in names {
            // An identity that is not known yet is looked up again in each pass.
            let Some(shared) = self.shared_called(name).await? else { continue };
            let facts = self.app.store.facts(&[shared.identity.id]).await?;
            found.insert(name.clone(), Rotation { shared, facts });
        }
        Ok(found)
    }

    async fn shared_called(&self, name: &str) -> Result<Option<StoredSubject>, AppError> {
        let mut called = self.called_so(name).await?;
        called.retain(|s| s.identity.kind != IdentityKind::Person && s.identity.merged_into.is_none());
        Ok(called.pop())
    }

    /// Entitlements that open a shared secret whose name no identity has: a finding for each, because a secret known through it would stay
    /// owed. Where its system has no usable account and no secret is owed, no identity knows one.
    pub(crate) async fn unknown_secrets(&self) -> Result<Vec<OrganisationFinding>, AppError> {
        let mut found = Vec::new();
        let mut opening = Vec::new();
        for system in self.app.context.setup.systems.values() {
            let theirs = system.entitlements.iter();
            let theirs: Vec<_> =
                theirs.filter_map(|e| Some((e, e.opens.as_ref()?, e.owner.as_ref()?))).collect();
            if theirs.is_empty() {
                continue;
            }
            if self.app.store.account_count(&system.name).await? > 0 {
                opening.extend(theirs);
            } else {
                let owed = self.app.store.owed(OWED_MAX).await?;
                let owes = |name: &Arc<str>| owed.iter().any(|f| secret_of(f) == Some(name));
                opening.extend(theirs.into_iter().filter(|(_, name, _)| owes(name)));
            }
        }
        for (entitlement, name, owner) in opening {
            if self.shared_called(name).await?.is_none() {
                let (name, owner) = (name.clone(), owner.clone());
                let detail =
                    FindingDetail::SecretUnknown { entitlement: entitlement.name.clone(), name, owner };
                found.push(OrganisationFinding::new(entitlement.name.as_str(), detail));
            }
        }
        Ok(found)
    }

    /// Orders new secrets once the person has lost access to them: earlier, the new secret would be known too.
    pub(super) async fn order_rotations(
        &self,
        owed: &[Fact],
        rotations: &Rotations,
        moment: &DecisionContext,
    ) -> Result<bool, AppError> {
        let mut ordered = false;
        for (name, rotation) in rotations {
            let waiting: Vec<&Fact> =
                owed.iter().filter(|f| secret_of(f) == Some(name) && f.generation == 0).collect();
            let people: Vec<IdentityId> = waiting.iter().map(|f| f.identity).collect();
            let held = self.still_open(name, &people).await?;
            let ready: Vec<&Fact> = waiting.into_iter().filter(|f| !held.contains(&f.identity)).collect();
            if ready.is_empty() {
                continue;
            }
            let version = rotation.shared.identity.version + 1;
            let what = json!({ "secret": "a person who may not know it knows it", "of": &**name });
            let mut candidate = Candidate::again(rotation.shared.clone(), what);
            candidate.cause.exposed = true;
            candidate.cause.refresh = true;
            candidate.extra = ready
                .into_iter()
                .map(|f| Change::PutFact(Fact { generation: version, ..f.clone() }))
                .collect();
            match self.app.settle().commit_together(vec![candidate], moment).await {
                Ok(_) => ordered = true,
                // It changed concurrently: the next pass orders it.
                Err(AppError::ConcurrentChange(_)) => {}
                Err(e) => return Err(e),
            }
        }
        Ok(ordered)
    }

    /// Which of these people are not yet confirmed to have lost access to a secret.
    async fn still_open(&self, name: &str, people: &[IdentityId]) -> Result<BTreeSet<IdentityId>, AppError> {
        let opens = |f: &Fact| match &f.obligation {
            Obligation::EntitlementGone(e) => {
                self.app.context.entitlement(e).and_then(|e| e.opens.as_deref()) == Some(name)
            }
            _ => false,
        };
        let facts = self.app.store.facts(people).await?;
        Ok(facts.into_iter().filter(|f| f.state.is_open() && opens(f)).map(|f| f.identity).collect())
    }
}

fn secret_of(fact: &Fact) -> Option<&Arc<str>> {
    match &fact.obligation {
        Obligation::SecretRotated(name) => Some(name),
        _ => None,
    }
}
