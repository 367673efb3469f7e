//! Owner and deadline of a finding, where the finding does not state them itself.

use super::Findings;
use crate::AppError;
use crate::directory::Directory;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{EntitlementName, FindingKind, Identity, IdentityId, JustificationKind, Name as _};
use tenure_policy::SetUp;
use tenure_store::FindingRow;

/// Identities whose sources are read at once.
const CHUNK: usize = 512;

/// Determines the owners of findings.
pub(super) struct Owners<'a> {
    setup: &'a SetUp,
    directory: &'a Directory,
    /// The owner of the first source of each identity.
    of_identity: BTreeMap<IdentityId, Arc<str>>,
    /// For each emergency grant without a review: who gave it to the identity.
    gave: BTreeMap<(IdentityId, Arc<str>), BTreeSet<IdentityId>>,
}

/// The emergency grants of an identity without a review, with the person who gave each.
pub(super) fn gave(identity: &Identity) -> impl Iterator<Item = (&EntitlementName, IdentityId)> {
    let all = identity.decisions.individual.iter();
    all.filter(|s| s.kind == JustificationKind::Emergency && s.reviewed.is_none())
        .filter_map(|s| Some((&s.entitlement, s.requester?)))
}

impl<'a> Findings<'a> {
    /// The data needed to determine the owners of these findings.
    pub(super) async fn finding_owners(
        &self,
        directory: &'a Directory,
        ids: BTreeSet<IdentityId>,
    ) -> Result<Owners<'a>, AppError> {
        let setup = &*self.app.context.setup;
        let ids: Vec<IdentityId> = ids.into_iter().collect();
        let (mut of_identity, mut given) = (BTreeMap::new(), BTreeMap::<_, BTreeSet<_>>::new());
        for some in ids.chunks(CHUNK) {
            for stored in self.app.stored().readable(some).await? {
                let engagements = stored.identity.engagements.iter().map(|e| &e.source);
                let mut sources = engagements.filter_map(|s| setup.sources.get(s));
                of_identity.extend(sources.next().map(|s| (stored.identity.id, s.owner.clone())));
                for (what, by) in gave(&stored.identity) {
                    given.entry((stored.identity.id, Arc::from(what.as_str()))).or_default().insert(by);
                }
            }
        }
        Ok(Owners { setup, directory, of_identity, gave: given })
    }
}

impl Owners<'_> {
    /// The escalation group, as a name of the configuration.
    pub(super) fn escalation(&self) -> Arc<str> {
        Arc::from(format!("group:{}", self.setup.settings.last_resort))
    }

    /// The owner of a finding.
    pub(super) fn of(&self, row: &FindingRow) -> Arc<str> {
        row.owner.clone().or_else(|| self.by_kind(row)).unwrap_or_else(|| self.escalation())
    }

    /// Whether a name means a person who is here.
    pub(super) fn means(&self, name: &str, person: IdentityId) -> bool {
        self.directory.people(&self.setup.settings, name).contains(&person)
    }

    /// Whether any person that a name means is here.
    pub(super) fn is_here(&self, owner: &str) -> bool {
        !self.directory.people(&self.setup.settings, owner).is_empty()
    }

    fn by_kind(&self, row: &FindingRow) -> Option<Arc<str>> {
        use FindingKind as K;
        let about = &*row.finding.about;
        let policy = &self.setup.policy;
        match row.finding.kind() {
            K::LastResort
            | K::CutOffReview
            | K::OverdueCutOff
            | K::Damage
            | K::NoApprover
            | K::RecycledName => None,
            K::NoOwner if row.identity.is_none() => None,
            K::OverdueFeed | K::OldFeed => self.setup.sources.get(about).map(|s| s.owner.clone()),
            K::Watched => policy.watches.iter().find(|w| w.name.as_str() == about).map(|w| w.owner.clone()),
            K::SeparationConflict => {
                policy.separations.iter().find(|s| s.name.as_str() == about).map(|s| s.owner.clone())
            }
            K::Review => self.reviewer(row),
            K::UnknownSecret | K::Unanswered => self.owner_of_access(about),
            K::UnresolvedReference
            | K::DepartedReference
            | K::CircularReference
            | K::NoOwner
            | K::Unused
            | K::UnknownZone
            | K::NoSource
            | K::EarlierEnd
            | K::UnknownEntitlement
            | K::NoIdentifier
            | K::Orphan
            | K::Unjustified
            | K::UndeclaredContainment
            | K::Reenabled
            | K::DisabledByHand
            | K::MissingAccount
            | K::MovedAccount
            | K::MissingEntitlement
            | K::NeverReconciled
            | K::PartialScan
            | K::RefusedAccess
            | K::Quarantined
            | K::MistypedKey
            | K::AttributeDrift
            | K::LateEnd
            | K::AmbiguousAccount
            | K::OverdueHeldChange
            | K::UnansweredRecord => self.by_place(row),
        }
    }

    /// The owner of the system, else of the source that the finding names, else of the source of its identity.
    fn by_place(&self, row: &FindingRow) -> Option<Arc<str>> {
        if let Some(system) = &row.system {
            return self.setup.systems.get(system).map(|s| s.owner.clone());
        }
        let named = row.finding.about.split_once(':').and_then(|(source, _)| self.setup.sources.get(source));
        named.map(|s| s.owner.clone()).or_else(|| self.of_identity.get(&row.identity?).cloned())
    }

    /// The first owner of the access with a person who may review it: neither the holder, nor the person who gave it in an emergency.
    fn reviewer(&self, row: &FindingRow) -> Option<Arc<str>> {
        let about = &row.finding.about;
        let first = self.owner_of_access(about)?;
        let gave = row.identity.and_then(|id| self.gave.get(&(id, about.clone())));
        let system = EntitlementName::new(about).ok().and_then(|n| self.setup.systems.get(n.system_str()));
        let may = |owner: &Arc<str>| {
            let people = self.directory.people(&self.setup.settings, owner);
            let barred =
                |id: &IdentityId| Some(*id) == row.identity || gave.is_some_and(|by| by.contains(id));
            people.is_empty() || people.iter().any(|id| !barred(id))
        };
        [Some(first), system.map(|s| s.owner.clone())].into_iter().flatten().find(may)
    }

    fn owner_of_access(&self, about: &str) -> Option<Arc<str>> {
        let name = EntitlementName::new(about).ok()?;
        let system = self.setup.systems.get(name.system_str());
        let owner = system.and_then(|s| s.entitlement(name.local())?.owner.clone());
        let bundle = || self.setup.policy.bundles.get(name.local()).map(|b| b.owner.clone());
        owner.or_else(|| system.map(|s| s.owner.clone())).or_else(bundle)
    }
}
