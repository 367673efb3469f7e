//! Handover of what a leaver owned: owed from the leave on, checked again until it has another owner.

use super::Custodies;
use super::secrets::Rotations;
use crate::owned::Kept;
use crate::{About, AppError, DecisionContext};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::owner_of;
use tenure_model::{Fact, FactState, IdentityId, Obligation, Observation, Phase};
use tenure_store::{Change, Expect, StoredSubject, Unit};

impl Custodies<'_> {
    /// Checks everything owed that no task settles; what is settled by now is confirmed, and the cases
    /// that waited for nothing else are closed.
    pub(crate) async fn look_at_owed(
        &self,
        moment: &DecisionContext,
    ) -> Result<OrganisationFinding, AppError> {
        let owed = self.app.store.owed(u32::MAX).await?;
        if owed.is_empty() {
            return Ok(OrganisationFinding::default());
        }
        self.app.activation().begin_activations(&owed, moment).await?;
        let rotations = self.rotations(&owed).await?;
        let ordered = self.order_rotations(&owed, &rotations, moment).await?;
        let owing: BTreeSet<IdentityId> = owed.iter().map(|f| f.identity).collect();
        let owing: Vec<IdentityId> = owing.into_iter().collect();
        let machines: Vec<IdentityId> = owed.iter().filter_map(|f| handed_over(&f.obligation)).collect();
        let machines = self.app.owned().in_custody(&machines, moment).await?;
        let owners: Vec<IdentityId> = machines.iter().filter_map(|m| owner_of(&m.subject)).collect();
        let titles: BTreeMap<IdentityId, Arc<str>> = self
            .app
            .stored()
            .readable(&owners)
            .await?
            .into_iter()
            .map(|s| (s.identity.id, s.title))
            .collect();
        let mut units = Vec::new();
        for stored in self.app.stored().readable(&owing).await? {
            let mine: Vec<&Fact> = owed.iter().filter(|f| f.identity == stored.identity.id).collect();
            let changes: Vec<Change> = mine
                .iter()
                .filter_map(|f| looked_at(f, &stored, &machines, &titles, &rotations, moment))
                .collect();
            if !changes.is_empty() {
                units.push(self.settled_debts(&stored, &mine, changes, moment)?);
            }
        }
        // One that changed concurrently is checked in the next pass.
        self.app.store.commit(units).await?;
        Ok(OrganisationFinding { closed: self.app.cases().close_cases(&owing, moment).await?, ordered })
    }

    fn settled_debts(
        &self,
        stored: &StoredSubject,
        mine: &[&Fact],
        mut changes: Vec<Change>,
        moment: &DecisionContext,
    ) -> Result<Unit, AppError> {
        let id = stored.identity.id;
        let key = self.app.stored().key_of(id, stored.person_key.as_deref());
        let about = About {
            identity: key.as_ref().map(|k| (id, k)),
            case: mine.first().map(|f| f.case),
            ..About::default()
        };
        let told: Vec<String> = changes.iter().filter_map(told).collect();
        let payload = json!({ "v": 1, "settled": told });
        changes.push(Change::Append(self.app.recorder(moment).evidence(
            "custody.settled",
            about,
            payload,
        )?));
        changes.push(Change::BusinessTime(moment.now));
        Ok(Unit { expects: vec![Expect::Version(id, stored.identity.version)], changes })
    }
}

/// Result of a check.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OrganisationFinding {
    /// Cases that were closed.
    pub(crate) closed: u64,
    /// Whether it created work.
    pub(crate) ordered: bool,
}

/// The result for one obligation; `None` while it is open.
fn looked_at(
    fact: &Fact,
    stored: &StoredSubject,
    machines: &[Kept],
    titles: &BTreeMap<IdentityId, Arc<str>>,
    rotations: &Rotations,
    moment: &DecisionContext,
) -> Option<Change> {
    if let Obligation::SecretRotated(name) = &fact.obligation {
        let state = rotations.get(name)?.outcome(fact, moment)?;
        return Some(Change::PutFact(Fact { state, ..fact.clone() }));
    }
    let owned = handed_over(&fact.obligation)?;
    if stored.phase != Phase::Departed && !stored.identity.is_cut_off() {
        // The owner is back: there is nothing to hand over.
        return Some(Change::DropFact(fact.identity, None, fact.obligation.clone()));
    }
    let machine = machines.iter().find(|m| m.subject.identity.id == owned);
    let seen = match machine {
        Some(machine) if machine.phase != Phase::Departed => {
            let owner = owner_of(&machine.subject).filter(|o| *o != fact.identity)?;
            format!("{} is its owner", titles.get(&owner)?)
        }
        Some(_) => "it has ended".to_owned(),
        None => "it no longer exists".to_owned(),
    };
    let state =
        FactState::Confirmed(Observation { at: moment.now, by: Arc::from("custody"), seen: seen.into() });
    Some(Change::PutFact(Fact { state, ..fact.clone() }))
}

fn handed_over(obligation: &Obligation) -> Option<IdentityId> {
    match obligation {
        Obligation::HandedOver { identity, .. } => Some(*identity),
        _ => None,
    }
}

/// A settled obligation in words, for the evidence.
fn told(change: &Change) -> Option<String> {
    match change {
        Change::PutFact(Fact {
            obligation,
            state: FactState::Confirmed(o) | FactState::Attested { observation: o, .. },
            ..
        }) => Some(format!("{obligation}: {}", o.seen)),
        Change::DropFact(_, _, obligation) => Some(format!("{obligation}: no longer required")),
        _ => None,
    }
}
