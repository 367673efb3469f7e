//! An adopted account's name becomes its holder's identifier. A namesake who was issued this name before, and has no account under it,
//! is given another name (docs/adr/0093).

use super::Reconciliation;
use super::snapshot::Scope;
use crate::decide::InFlight;
use crate::dependents::Dependents;
use crate::text::fold;
use crate::{AppError, Candidate, DecisionContext, Labels};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::RemoteAccount;
use tenure_engine::{give_up, is_unused, look, named_by};
use tenure_model::{IdentityId, Kind, Name as _};
use tenure_policy::ClassCache;
use tenure_store::{Change, StoredSubject};

/// Names that become identifiers of adopted identities: by holder, the kind of name, and the name.
pub(crate) type Taking = BTreeMap<(IdentityId, Arc<str>), Arc<str>>;

/// Adopted accounts by their holder: the kind of account, and its state in the scan.
pub(crate) type Theirs<'r> = BTreeMap<IdentityId, Vec<(&'r Kind, &'r RemoteAccount)>>;

/// Names that become identifiers, and the changes that issue them.
#[derive(Default)]
pub(crate) struct Naming {
    names: Taking,
    /// Names that become identifiers; the others are only reserved for their holders.
    becoming: BTreeSet<(IdentityId, Arc<str>)>,
    changes: BTreeMap<(IdentityId, Arc<str>), Change>,
    /// The look of these names, where other letters would look the same: the kind of name, the text, and its identity.
    looks: BTreeMap<(Arc<str>, Arc<str>), IdentityId>,
}

impl Naming {
    /// The identifiers that an identity gets from adopted accounts.
    pub(crate) fn identifiers(&self, id: IdentityId) -> impl Iterator<Item = (Arc<str>, Arc<str>)> {
        let mine = self.names.iter().filter(move |(key, _)| key.0 == id && self.becoming.contains(*key));
        mine.map(|(key, value)| (key.1.clone(), value.clone()))
    }

    /// The changes that issue these names to an identity.
    pub(crate) fn changes(&self, id: IdentityId) -> impl Iterator<Item = Change> {
        let mine = self.looks.iter().filter(move |(_, whose)| **whose == id);
        let looks = mine.map(|((name, look), whose)| Change::IssueIdentifier {
            identity: *whose,
            name: name.clone(),
            value: look.clone(),
        });
        self.changes.iter().filter(move |(key, _)| key.0 == id).map(|(_, change)| change.clone()).chain(looks)
    }
}

impl Reconciliation<'_> {
    /// Determines which names of adopted accounts become identifiers, and gives other names to namesakes who had them.
    pub(crate) async fn take_names(
        &self,
        scope: &Scope<'_>,
        subjects: &[StoredSubject],
        theirs: &Theirs<'_>,
        moment: &DecisionContext,
    ) -> Result<Naming, AppError> {
        let mut naming = Naming::default();
        for subject in subjects {
            let id = subject.identity.id;
            for (kind, remote) in theirs.get(&id).into_iter().flatten() {
                let of = (&subject.identity, &*subject.accounts);
                let named = (*kind, &*remote.name);
                let Some((name, becomes)) = named_by(&self.app.context, scope.system, of, named) else {
                    continue;
                };
                // If one identifier names accounts of two kinds, the default kind decides.
                if becomes || !naming.names.contains_key(&(id, name.clone())) {
                    naming.becoming.extend(becomes.then(|| (id, name.clone())));
                    naming.names.insert((id, name), remote.name.clone());
                }
            }
        }
        let mut wanted: Vec<(Arc<str>, Arc<str>)> =
            naming.names.iter().map(|((_, name), value)| (name.clone(), fold(value))).collect();
        let look_of = |((id, name), value): (&(IdentityId, Arc<str>), &Arc<str>)| {
            Some(((name.clone(), look(value)?), *id))
        };
        naming.looks = naming.names.iter().filter_map(look_of).collect();
        wanted.extend(naming.looks.keys().cloned());
        let issued: BTreeMap<(Arc<str>, Arc<str>), IdentityId> = self
            .app
            .store
            .identifiers(&wanted)
            .await?
            .into_iter()
            .map(|(n, v, id)| ((n, fold(&v)), id))
            .collect();
        naming.looks.retain(|look, _| !issued.contains_key(look));
        let holders: BTreeSet<IdentityId> = issued.values().copied().collect();
        let holders = self.app.stored().readable(&holders.into_iter().collect::<Vec<_>>()).await?;
        let unused: BTreeMap<IdentityId, StoredSubject> =
            holders.into_iter().filter(|s| is_unused(&s.accounts)).map(|s| (s.identity.id, s)).collect();
        let mut moving: BTreeMap<IdentityId, Vec<Arc<str>>> = BTreeMap::new();
        for ((id, name), value) in std::mem::take(&mut naming.names) {
            let change = match issued.get(&(name.clone(), fold(&value))) {
                None => {
                    Some(Change::IssueIdentifier { identity: id, name: name.clone(), value: value.clone() })
                }
                Some(holder) if *holder == id => None,
                Some(holder) if unused.contains_key(holder) => {
                    moving.entry(*holder).or_default().push(name.clone());
                    let (from, name, value) = (*holder, name.clone(), value.clone());
                    Some(Change::PassIdentifier { from, to: id, name, value })
                }
                // The namesake uses it: the account keeps its name, and the identifier is another one.
                Some(_) => continue,
            };
            naming.changes.extend(change.map(|change| ((id, name.clone()), change)));
            naming.names.insert((id, name), value);
        }
        let stayed = self.move_on(scope, moving, unused, &wanted, moment).await?;
        naming
            .changes
            .retain(|_, c| !matches!(c, Change::PassIdentifier { from, .. } if stayed.contains(from)));
        let gone = |key: &(IdentityId, Arc<str>), value: &Arc<str>| {
            let holder = issued.get(&(key.1.clone(), fold(value)));
            holder.is_some_and(|h| stayed.contains(h))
        };
        naming.names.retain(|key, value| !gone(key, value));
        Ok(naming)
    }

    /// Settles identities again whose accounts refer to accounts that were adopted under another name than the holder's identifier.
    pub(crate) async fn tell_of_names(
        &self,
        naming: &Naming,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        if naming.names.is_empty() {
            return Ok(());
        }
        let mut dependents = Dependents::default();
        dependents.note_named(naming.names.keys().map(|(id, _)| *id));
        self.app
            .settle()
            .resettle_dependents(dependents, &mut ClassCache::default(), moment, &mut Labels::new())
            .await
    }

    /// Gives other names to namesakes whose name belongs to another identity now. Those who changed concurrently keep theirs.
    async fn move_on(
        &self,
        scope: &Scope<'_>,
        moving: BTreeMap<IdentityId, Vec<Arc<str>>>,
        mut unused: BTreeMap<IdentityId, StoredSubject>,
        taken: &[(Arc<str>, Arc<str>)],
        moment: &DecisionContext,
    ) -> Result<BTreeSet<IdentityId>, AppError> {
        if moving.is_empty() {
            return Ok(BTreeSet::new());
        }
        let what =
            json!({ "name": "it is the name of another identity's account", "system": scope.name.as_str() });
        let mut candidates = Vec::new();
        for (id, names) in moving {
            let Some(subject) = unused.remove(&id) else { continue };
            let mut candidate = Candidate::again(subject, what.clone());
            names.iter().for_each(|name| give_up(&mut candidate.after, name));
            // There is no account with this name to rename.
            if let Some(before) = &mut candidate.before {
                before.identity.identifiers.clone_from(&candidate.after.identifiers);
            }
            candidates.push(candidate);
        }
        let beside = InFlight { taken: taken.iter().cloned().collect(), ..InFlight::default() };
        let mut cache = ClassCache::default();
        let mut decisions = self.app.decide().decide_beside(candidates, beside, &mut cache, moment).await?;
        let units = decisions.iter_mut().map(|d| d.unit.take().unwrap_or_default()).collect();
        let outcomes = self.app.store.commit(units).await?;
        let (mut stayed, mut dependents) = (BTreeSet::new(), Dependents::default());
        for (decision, outcome) in decisions.iter().zip(outcomes) {
            match outcome.is_committed() {
                true => dependents.note(decision),
                false => drop(stayed.insert(decision.id)),
            }
        }
        self.app.settle().resettle_dependents(dependents, &mut cache, moment, &mut Labels::new()).await?;
        Ok(stayed)
    }
}
