//! Resolves references (manager, sponsor, owner, deputy) for a batch of identities with two reads.

use crate::directory::{Directory, phase_now};
use crate::text::fold;
use crate::{App, AppError, Candidate, DecisionContext};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{
    Availability, Context, ReferenceText, bearing, circle, is_gone_between, kept_names, meant, owner_names,
    phase_meant, reference_texts, worse,
};
use tenure_model::{
    Identity, IdentityId, OwnerName, Owners, Phase, Reference, ReferenceState, Subject, SystemName,
};
use tenure_store::{Keyed, StoredSubject};

crate::app::part! {
    /// Managers, sponsors, owners and deputies, resolved.
    References, references
}

/// Kind of key that marks "this identity waits for the holder of that key".
pub(crate) fn wants(kind: &str) -> Arc<str> {
    Arc::from(format!("wants {kind}"))
}

/// The key that finds a reference's text.
fn keyed(reference: &ReferenceText) -> Keyed {
    Keyed { kind: reference.key.clone(), value: fold(&reference.text) }
}

/// The keys from sources by which others may refer to an identity.
pub(crate) fn given_keys(identity: &Identity) -> impl Iterator<Item = Keyed> {
    let given =
        identity.engagements.iter().map(|e| &e.keys).chain(identity.supplements.iter().map(|s| &s.keys));
    given.flatten().map(|(kind, value)| Keyed { kind: kind.clone(), value: fold(value) })
}

/// The resolved references of several identities, with the references of those they lead to.
#[derive(Default)]
pub(crate) struct Resolved {
    by_key: BTreeMap<Keyed, BTreeSet<IdentityId>>,
    people: BTreeMap<IdentityId, StoredSubject>,
    /// The names that their accounts keep in addition to their identifiers.
    kept: BTreeMap<IdentityId, Arc<BTreeMap<SystemName, Arc<str>>>>,
    /// Those of them in a long gap between two engagements.
    between: BTreeSet<IdentityId>,
    /// The references of these identities.
    further: BTreeMap<IdentityId, Vec<ReferenceText>>,
}

/// How far references of references are followed: no chain of managers is longer.
const LEVELS_MAX: u32 = 64;

impl Resolved {
    /// Looks up all texts at once, then those of the identities they refer to, until no new identity is found.
    pub(crate) async fn load(
        app: &App,
        texts: &[ReferenceText],
        moment: &DecisionContext,
    ) -> Result<Self, AppError> {
        let mut resolved = Self::default();
        let mut keys: BTreeSet<Keyed> = texts.iter().map(keyed).collect();
        for _ in 0..LEVELS_MAX {
            let met = resolved.meet(app, keys, moment).await?;
            if met.is_empty() {
                break;
            }
            keys = BTreeSet::new();
            for id in met {
                let Some(subject) = resolved.people.get(&id) else { continue };
                let texts = reference_texts(&app.context, &subject.identity, moment.now);
                keys.extend(texts.iter().map(keyed));
                resolved.further.insert(id, texts);
            }
        }
        Ok(resolved)
    }

    /// Looks up keys, and loads the identities they refer to. Returns the newly found ones.
    async fn meet(
        &mut self,
        app: &App,
        keys: BTreeSet<Keyed>,
        moment: &DecisionContext,
    ) -> Result<Vec<IdentityId>, AppError> {
        let keys: Vec<Keyed> = keys.into_iter().filter(|k| !self.by_key.contains_key(k)).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut found: BTreeMap<Keyed, BTreeSet<IdentityId>> = BTreeMap::new();
        for (key, id) in app.store.by_keys(&keys).await? {
            found.entry(key).or_default().insert(id);
        }
        let ids: BTreeSet<IdentityId> = found.values().flatten().copied().collect();
        let new: Vec<IdentityId> = ids.into_iter().filter(|id| !self.people.contains_key(id)).collect();
        let subjects = app.stored().readable(&new).await?;
        let kept = |s: &StoredSubject| Arc::new(kept_names(&app.context, &s.identity, &s.accounts));
        self.kept.extend(subjects.iter().map(|s| (s.identity.id, kept(s))));
        let between = subjects.iter().filter(|s| is_gone_between(&app.context, &s.identity, moment.now));
        self.between.extend(between.map(|s| s.identity.id));
        let now = |s: StoredSubject| StoredSubject { phase: phase_now(app, &s, moment.now), ..s };
        self.people.extend(subjects.into_iter().map(now).map(|s| (s.identity.id, s)));
        // Numbers are reissued after their holders have left: the present holder is meant.
        for (key, ids) in found.iter_mut().filter(|(_, ids)| ids.len() > 1) {
            let theirs = ids.iter().filter_map(|id| self.people.get(id));
            let is = |value: &str| fold(value) == key.value;
            let bears = |s: &StoredSubject| bearing(&app.context, &s.identity, &key.kind, &is, moment.now);
            let bearers: Vec<_> = theirs.map(|s| (s.identity.id, bears(s))).collect();
            if let Some(id) = meant(&bearers) {
                *ids = BTreeSet::from([id]);
            }
        }
        self.by_key.extend(found);
        Ok(new)
    }

    /// The references of one identity as of a future instant: a referenced identity counts as present only if it is so now and then.
    pub(crate) fn of_on(
        &self,
        context: &Context,
        id: IdentityId,
        texts: &[ReferenceText],
        at: Timestamp,
    ) -> Vec<Reference> {
        let mut all = self.of(id, texts);
        for reference in &mut all {
            if let ReferenceState::Resolved { id, phase, .. } = &mut reference.state
                && let Some(person) = self.people.get(id)
            {
                *phase = worse(*phase, tenure_engine::phase(context, &person.identity, at));
            }
        }
        all
    }

    /// The references of one identity.
    pub(crate) fn of(&self, id: IdentityId, texts: &[ReferenceText]) -> Vec<Reference> {
        texts
            .iter()
            .map(|t| Reference {
                engagement: t.engagement,
                attribute: t.attribute.clone(),
                text: t.text.clone(),
                state: self.state(id, t),
            })
            .collect()
    }

    fn state(&self, id: IdentityId, text: &ReferenceText) -> ReferenceState {
        let Some(found) = self.by_key.get(&keyed(text)) else { return ReferenceState::Unresolved };
        let mut found = found.iter();
        let (Some(other), None) = (found.next(), found.next()) else { return ReferenceState::Ambiguous };
        let next = |of: IdentityId| {
            let same = |t: &&ReferenceText| t.attribute == text.attribute;
            let texts = self.further.get(&of).into_iter().flatten().filter(same);
            texts.filter_map(|t| self.by_key.get(&keyed(t))).flatten().copied().collect()
        };
        if let Some(among) = circle(id, *other, &next) {
            return ReferenceState::Circular { among };
        }
        match self.people.get(other) {
            Some(person) => ReferenceState::Resolved {
                id: *other,
                phase: phase_meant(&text.attribute, person.phase, self.between.contains(other)),
                cut_off: person.identity.is_cut_off(),
                cut_by: person.identity.cut_by(),
                identifiers: Arc::new(person.identity.identifiers.clone()),
                accounts: self.kept.get(other).cloned().unwrap_or_default(),
            },
            None => ReferenceState::Unresolved,
        }
    }
}

impl References<'_> {
    /// The owners of the exceptions of these identities, and whether each is here.
    pub(crate) async fn owners_named(
        &self,
        candidates: &[Candidate],
        directory: &Directory,
        moment: &DecisionContext,
    ) -> Result<Owners, AppError> {
        let mut names = BTreeSet::new();
        for candidate in candidates {
            names.extend(owner_names(&self.app.context, &candidate.after, moment.now));
        }
        let ids: Vec<IdentityId> = names
            .iter()
            .filter_map(|name| match name {
                OwnerName::Identity(id) => Some(*id),
                OwnerName::Configured(_) => None,
            })
            .collect();
        let mut known = BTreeMap::new();
        if !ids.is_empty() {
            let here = |s: &StoredSubject| s.phase != Phase::Departed && !s.identity.is_cut_off();
            known.extend(self.app.stored().readable(&ids).await?.iter().map(|s| (s.identity.id, here(s))));
        }
        let people = |name: &OwnerName| match name {
            OwnerName::Identity(id) => known.get(id).map(|here| (*id, *here)).into_iter().collect(),
            OwnerName::Configured(name) => {
                let all = directory.all(&self.app.context.setup.settings, name).into_iter();
                all.map(|(id, is)| (id, is != Availability::Gone)).collect()
            }
        };
        Ok(names.into_iter().map(|name| (name.clone(), people(&name))).collect())
    }

    /// A subject with its references resolved.
    pub(crate) async fn subject(
        &self,
        stored: &StoredSubject,
        moment: &DecisionContext,
    ) -> Result<Subject, AppError> {
        self.subject_on(stored, None, moment).await
    }

    /// A subject with its references, as of a future instant where one is given.
    pub(crate) async fn subject_on(
        &self,
        stored: &StoredSubject,
        on: Option<Timestamp>,
        moment: &DecisionContext,
    ) -> Result<Subject, AppError> {
        let at = on.map_or(moment.now, |on| on.max(moment.now));
        let texts = reference_texts(&self.app.context, &stored.identity, at);
        let resolved = Resolved::load(self.app, &texts, moment).await?;
        let references = match at > moment.now {
            true => resolved.of_on(&self.app.context, stored.identity.id, &texts, at),
            false => resolved.of(stored.identity.id, &texts),
        };
        Ok(Subject {
            references,
            owners: Owners::new(),
            accounts: stored.accounts.clone(),
            grants: stored.grants.clone(),
            contained: self.app.containment().contained().await?,
            ..Subject::new(stored.identity.clone())
        })
    }
}

/// Whether a reference of an identity leads back to it.
pub(crate) fn is_circular(references: &[Reference]) -> bool {
    references.iter().any(|r| matches!(r.state, ReferenceState::Circular { .. }))
}
