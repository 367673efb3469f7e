//! The relation of an actor to a target: the roles from the configuration and the records, and who is barred.

use super::Authority;
use super::table::rule;
use super::target::{Target, sources_of};
use super::{Operation, Role};
use crate::directory::Directory;
use crate::permission::{Bar, Stake, Via};
use crate::references::given_keys;
use crate::{Actor, App, AppError, DecisionContext};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{DEPUTY, OWNER, is_available};
use tenure_model::{
    BUNDLE, CutOffClass, EntitlementName, IdentityId, IdentityKind, Name as _, Phase, Reference,
    ReferenceState,
};
use tenure_policy::{GlobalSettings, System};
use tenure_store::StoredSubject;

/// Most merges that are followed to find the present identity.
const MERGES_MAX: usize = 16;

/// Roles and bars of one actor towards one target.
pub(super) struct Standing {
    pub(super) roles: BTreeSet<Role>,
    pub(super) bars: BTreeSet<Bar>,
    /// All barred identities.
    pub(super) barred: BTreeSet<IdentityId>,
    /// Whether a side is in the escalation group.
    pub(super) protected: bool,
}

/// The question: the actor, the target, and the people whom the configuration names.
struct Asked<'a> {
    app: &'a App,
    target: &'a Target<'a>,
    directory: Directory,
    references: Vec<Reference>,
    /// The actor's identity, and those of the same human.
    humans: BTreeSet<IdentityId>,
    actor: IdentityId,
    moment: &'a DecisionContext,
}

impl Authority<'_> {
    pub(super) async fn standing_in(
        &self,
        operation: Operation,
        target: &Target<'_>,
        actor: &Actor,
        known: Option<&StoredSubject>,
        moment: &DecisionContext,
    ) -> Result<Standing, AppError> {
        let mut references = Vec::new();
        for about in &target.about {
            references.extend(self.app.references().subject(about, moment).await?.references);
        }
        let humans = match known {
            Some(known) => self.same_human(known, moment).await?,
            None => BTreeSet::from([actor.id]),
        };
        let directory = Directory::load(self.app).await?;
        let asked = Asked { app: self.app, target, directory, references, humans, actor: actor.id, moment };
        let roles = rule(operation).roles.iter().copied().filter(|r| asked.has(*r)).collect();
        let (bars, barred) = asked.bars(operation).await?;
        let protected = asked.is_protected();
        Ok(Standing { roles, bars, barred, protected })
    }

    /// The identities of the human behind one: those merged into it, others who are here with the same strong key, and the
    /// owner of a non-human identity.
    pub(crate) async fn same_human(
        &self,
        of: &StoredSubject,
        moment: &DecisionContext,
    ) -> Result<BTreeSet<IdentityId>, AppError> {
        let mut all = BTreeSet::from([of.identity.id]);
        if of.identity.kind != IdentityKind::Person {
            let references = self.app.references().subject(of, moment).await?.references;
            all.extend(named(&references, |attribute| attribute == OWNER));
        }
        let strong: Vec<_> = given_keys(&of.identity).filter(|k| self.is_number(&k.kind)).collect();
        if strong.is_empty() {
            return Ok(all);
        }
        let sharing: Vec<IdentityId> =
            self.app.store.by_keys(&strong).await?.into_iter().map(|(_, id)| id).collect();
        let here =
            self.app.stored().readable(&sharing).await?.into_iter().filter(|s| s.phase != Phase::Departed);
        all.extend(here.map(|s| s.identity.id));
        Ok(all)
    }

    /// Whether a kind of key identifies one human: a source links by it exactly. Mail addresses are shared.
    fn is_number(&self, kind: &str) -> bool {
        let mut exact = self.app.context.setup.sources.values().flat_map(|s| &s.correlate);
        kind != "email"
            && exact
                .any(|rule| matches!(rule, tenure_policy::CorrelateRule::Exact { key, .. } if **key == *kind))
    }

    /// The present identity of one that may have been merged.
    pub(crate) async fn who_is_now(&self, id: IdentityId) -> Result<Option<IdentityId>, AppError> {
        let mut at = id;
        for _ in 0..MERGES_MAX {
            let Some(stored) = self.app.stored().readable(&[at]).await?.pop() else { return Ok(None) };
            let Some(into) = stored.identity.merged_into else { break };
            at = into;
        }
        Ok(Some(at))
    }

    /// The available people who may lift cut-offs of a reason class.
    pub(crate) async fn lifters(&self, class: Option<CutOffClass>) -> Result<Vec<IdentityId>, AppError> {
        let settings = &self.app.context.setup.settings;
        let directory = Directory::load(self.app).await?;
        Ok(match lift_by(settings, class) {
            Some(by) => directory.people(settings, by),
            None => directory.people(settings, &format!("group:{}", settings.last_resort)),
        })
    }

    /// The names of the owners of an entitlement or a bundle.
    pub(crate) fn owners_of(&self, what: &EntitlementName) -> Vec<Arc<str>> {
        let setup = &self.app.context.setup;
        if what.system_str() == BUNDLE {
            return setup.policy.bundles.get(what.local()).map(|b| b.owner.clone()).into_iter().collect();
        }
        self.app.context.entitlement(what).and_then(|e| e.owner.clone()).into_iter().collect()
    }
}

/// The people whom certain attributes refer to, and who are here.
fn named(references: &[Reference], which: impl Fn(&str) -> bool) -> Vec<IdentityId> {
    let meant = references.iter().filter(|r| which(r.attribute.as_str()) && is_available(&r.state));
    let meant = meant.filter_map(|r| match &r.state {
        ReferenceState::Resolved { id, .. } => Some(*id),
        _ => None,
    });
    meant.collect()
}

/// The name in `lift_by` for a reason class.
fn lift_by(settings: &GlobalSettings, class: Option<CutOffClass>) -> Option<&Arc<str>> {
    let by = &settings.lift_by;
    class.and_then(|c| by.get(c.as_str())).or_else(|| by.get("*"))
}

impl Asked<'_> {
    fn people(&self, name: &str) -> Vec<IdentityId> {
        self.directory.people(&self.app.context.setup.settings, name)
    }

    fn is_one_of(&self, name: &str) -> bool {
        self.people(name).contains(&self.actor)
    }

    fn escalation(&self) -> Vec<IdentityId> {
        self.people(&format!("group:{}", self.app.context.setup.settings.last_resort))
    }

    fn system(&self) -> Option<&System> {
        let named = self.target.system.map(|s| s.as_str());
        let named = named.or_else(|| self.target.entitlement.map(|e| e.system_str()));
        self.app.context.setup.systems.get(named?)
    }

    /// The owners of the system; where none of them is here, the escalation group.
    fn system_owners(&self) -> Vec<IdentityId> {
        let Some(system) = self.system() else { return Vec::new() };
        let owners = self.people(&system.owner);
        if owners.is_empty() { self.escalation() } else { owners }
    }

    fn deputies(&self, of: &[IdentityId]) -> Vec<IdentityId> {
        of.iter().flat_map(|id| self.directory.delegates(*id, self.moment.now)).collect()
    }

    fn references(&self, which: impl Fn(&str) -> bool) -> bool {
        named(&self.references, which).contains(&self.actor)
    }

    /// Whether the actor has a role towards the target.
    fn has(&self, role: Role) -> bool {
        let (setup, target, me) = (&self.app.context.setup, self.target, self.actor);
        let settings = &setup.settings;
        match role {
            Role::Tenure => false,
            Role::Mapped => true,
            Role::Holder => {
                target.about.iter().any(|s| s.identity.id == me) || target.also_about.contains(&me)
            }
            Role::Requester => target.requesters.contains(&me),
            Role::Issuer => target.issuers.contains(&me),
            Role::Approver => target.asked.contains(&me),
            Role::Manager => self.references(|_| true),
            Role::IdentityOwner => self.references(|a| a == OWNER) || target.custodians.contains(&me),
            Role::IdentityDeputy => self.references(|a| a == DEPUTY),
            Role::SourceOwner => {
                let owns = |s| {
                    setup.sources.get(s).is_some_and(|s: &tenure_policy::Source| self.is_one_of(&s.owner))
                };
                !target.sources.is_empty() && target.sources.iter().all(|side| side.iter().any(owns))
            }
            Role::SystemOwner => self.system_owners().contains(&me) || self.owns_a_system_of_theirs(),
            Role::SystemDeputy => self.deputies(&self.system_owners()).contains(&me),
            Role::Attester => self.attests(),
            Role::Recipient => {
                let activation = self.system().and_then(|s| s.activation.as_ref()?.to.clone());
                activation.is_some_and(|to| self.references(|a| a == to.as_str()))
            }
            Role::EntitlementOwner => {
                let owners =
                    target.entitlement.map(|e| self.app.authority().owners_of(e)).unwrap_or_default();
                owners.iter().any(|owner| self.is_one_of(owner))
            }
            Role::RuleOwner => target.owner.as_deref().is_some_and(|owner| self.is_one_of(owner)),
            Role::Keeper => setup.policy.retention.by.as_deref().is_some_and(|by| self.is_one_of(by)),
            Role::CutOffBy => settings.cut_off_by.iter().any(|by| self.is_one_of(by)),
            Role::LiftBy => self.lifts(),
            Role::CutOffReader => settings.cut_off_readers.as_deref().is_some_and(|by| self.is_one_of(by)),
            Role::Reader => target.readers.as_deref().is_some_and(|by| self.is_one_of(by)),
            Role::Operator => settings.operators.as_deref().is_none_or(|by| self.is_one_of(by)),
            Role::Auditor => settings.auditors.as_deref().is_some_and(|by| self.is_one_of(by)),
            Role::Named => self.directory.everybody().any(|id| id == me),
            Role::Escalation => self.escalation().contains(&me),
        }
    }

    /// Those whom the system's owner names; else its owners, their deputies, the manager, and the escalation group.
    fn attests(&self) -> bool {
        if let Some(by) = self.system().and_then(|s| s.attested_by.as_deref()) {
            return self.is_one_of(by);
        }
        let owners = self.system_owners();
        owners.contains(&self.actor)
            || self.deputies(&owners).contains(&self.actor)
            || self.has(Role::EntitlementOwner)
            || self.references(|_| true)
            || self.escalation().contains(&self.actor)
    }

    /// Those in `lift_by` for the reason class, else the escalation group.
    fn lifts(&self) -> bool {
        match lift_by(&self.app.context.setup.settings, self.target.class) {
            Some(by) => self.is_one_of(by),
            None => self.escalation().contains(&self.actor),
        }
    }

    /// For an operation about an identity as a whole: an owner of a system in which it has an account.
    fn owns_a_system_of_theirs(&self) -> bool {
        if self.target.system.is_some() || self.target.entitlement.is_some() {
            return false;
        }
        let accounts = self.target.about.iter().flat_map(|s| &s.accounts);
        let systems: BTreeSet<&str> = accounts.map(|a| a.key.system.as_str()).collect();
        let owners = systems.into_iter().filter_map(|s| self.app.context.setup.systems.get(s));
        owners.map(|s| &s.owner).any(|owner| self.is_one_of(owner))
    }

    /// Whether a side is in the escalation group.
    fn is_protected(&self) -> bool {
        let group = self.escalation();
        let sides = self.target.about.iter().map(|s| s.identity.id).chain(self.target.also_about.clone());
        sides.into_iter().any(|id| group.contains(&id))
    }

    /// The bars of the actor, and all barred identities.
    async fn bars(&self, operation: Operation) -> Result<(BTreeSet<Bar>, BTreeSet<IdentityId>), AppError> {
        let (mut bars, mut barred) = (BTreeSet::new(), BTreeSet::new());
        let now = self.moment.now;
        for (stake, ids) in self.stakes(operation).await? {
            for id in ids {
                let delegates = self.directory.delegates(id, now);
                // An act or approval by a delegate is also an act of the delegator.
                let acted_for = match stake {
                    Stake::Performer | Stake::Approver => self.directory.delegators(id, now),
                    _ => Vec::new(),
                };
                let via = if id == self.actor {
                    Some(Via::Own)
                } else if self.humans.contains(&id) {
                    Some(Via::SameHuman)
                } else if delegates.iter().chain(&acted_for).any(|d| self.humans.contains(d)) {
                    Some(Via::Delegate)
                } else {
                    None
                };
                bars.extend(via.map(|via| Bar { stake, via }));
                barred.insert(id);
                barred.extend(delegates.into_iter().chain(acted_for));
            }
        }
        Ok((bars, barred))
    }

    /// The stakes that the rule considers, with their holders; each as its present identity.
    async fn stakes(&self, operation: Operation) -> Result<BTreeMap<Stake, BTreeSet<IdentityId>>, AppError> {
        let target = self.target;
        let mut all: BTreeMap<Stake, BTreeSet<IdentityId>> = BTreeMap::new();
        for stake in rule(operation).bars {
            let holders =
                || target.about.iter().map(|s| s.identity.id).chain(target.also_about.iter().copied());
            let ids: Vec<IdentityId> = match stake {
                Stake::Holder => holders().collect(),
                Stake::Custodian => self.owners_of_services(),
                Stake::Requester => target.requesters.clone(),
                Stake::Performer => target.performers.clone(),
                Stake::Approver => target.approvers.clone(),
                Stake::Issuer => target.issuers.clone(),
                Stake::Author => target.authors.clone(),
                Stake::Report if self.reports_to(holders().chain(target.issuers.iter().copied())).await? => {
                    vec![self.actor]
                }
                Stake::Report => Vec::new(),
            };
            for id in ids {
                all.entry(*stake)
                    .or_default()
                    .insert(self.app.authority().who_is_now(id).await?.unwrap_or(id));
            }
        }
        Ok(all)
    }

    /// The owners of the non-human identities that it is about: what these get, their owners get.
    fn owners_of_services(&self) -> Vec<IdentityId> {
        let mut services = self.target.about.iter().filter(|s| s.identity.kind != IdentityKind::Person);
        if services.next().is_none() {
            return Vec::new();
        }
        named(&self.references, |attribute| attribute == OWNER)
    }

    /// Whether an engagement of the actor names one of these as manager or sponsor.
    async fn reports_to(&self, of: impl Iterator<Item = IdentityId>) -> Result<bool, AppError> {
        let of: BTreeSet<IdentityId> = of.collect();
        let Some(me) = self.app.stored().readable(&[self.actor]).await?.pop() else { return Ok(false) };
        let references = self.app.references().subject(&me, self.moment).await?.references;
        let mut leads = references.iter().filter_map(|r| match &r.state {
            ReferenceState::Resolved { id, .. } => Some(*id),
            _ => None,
        });
        Ok(leads.any(|id| of.contains(&id)))
    }
}

impl Target<'_> {
    /// The same, with the sources of each identity that it is about as further sides.
    pub(crate) fn with_sources(mut self) -> Self {
        self.sources = self.about.iter().map(|s| sources_of(s)).collect();
        self
    }
}
