//! Resolves references (manager, sponsor, owner, deputy) for a batch of identities with two reads.

use crate::{App, AppError, Moment};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::{ReferenceText, bearing, meant};
use tenure_model::{Identity, IdentityId, Phase, Reference, ReferenceState};
use tenure_store::{Keyed, StoredSubject};

/// Kind of key that marks "this identity waits for somebody with that key".
pub(crate) fn wants(kind: &str) -> Arc<str> {
    Arc::from(format!("wants {kind}"))
}

/// The key under which a reference's text is looked up.
fn keyed(reference: &ReferenceText) -> Keyed {
    Keyed { kind: reference.key.clone(), value: fold(&reference.text) }
}

/// A key value as it is kept: trimmed, case-folded.
pub(crate) fn fold(text: &str) -> Arc<str> {
    Arc::from(text.trim().to_lowercase())
}

/// The keys that sources give an identity, by which others may refer to it.
pub(crate) fn given_keys(identity: &Identity) -> impl Iterator<Item = Keyed> {
    let given =
        identity.engagements.iter().map(|e| &e.keys).chain(identity.supplements.iter().map(|s| &s.keys));
    given.flatten().map(|(kind, value)| Keyed { kind: kind.clone(), value: fold(value) })
}

/// What others read of somebody.
struct Person {
    phase: Phase,
    cut_off: bool,
    identifiers: Arc<BTreeMap<Arc<str>, Arc<str>>>,
}

/// The references of several identities, resolved.
pub(crate) struct Resolved {
    by_key: BTreeMap<Keyed, BTreeSet<IdentityId>>,
    people: BTreeMap<IdentityId, Person>,
}

impl Resolved {
    /// Looks up all texts at once.
    pub(crate) async fn load(app: &App, texts: &[ReferenceText], moment: &Moment) -> Result<Self, AppError> {
        let store = &*app.store;
        let keys: BTreeSet<Keyed> = texts.iter().map(keyed).collect();
        let mut by_key: BTreeMap<Keyed, BTreeSet<IdentityId>> = BTreeMap::new();
        if !keys.is_empty() {
            let keys: Vec<Keyed> = keys.into_iter().collect();
            for (key, id) in store.by_keys(&keys).await? {
                by_key.entry(key).or_default().insert(id);
            }
        }
        let ids: Vec<IdentityId> =
            by_key.values().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let subjects = store.subjects(&ids).await?;
        // Numbers are given to others once their holders have left: who bears one now is meant.
        for (key, ids) in by_key.iter_mut().filter(|(_, ids)| ids.len() > 1) {
            let theirs = subjects.iter().filter(|s| ids.contains(&s.identity.id));
            let is = |value: &str| fold(value) == key.value;
            let bears = |s: &StoredSubject| bearing(&app.context, &s.identity, &key.kind, &is, moment.now);
            let bearers: Vec<_> = theirs.map(|s| (s.identity.id, bears(s))).collect();
            if let Some(id) = meant(&bearers) {
                *ids = BTreeSet::from([id]);
            }
        }
        let people = subjects.into_iter().map(person).collect();
        Ok(Self { by_key, people })
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
        if *other == id {
            return ReferenceState::Circular;
        }
        match self.people.get(other) {
            Some(person) => ReferenceState::Resolved {
                id: *other,
                phase: person.phase,
                cut_off: person.cut_off,
                identifiers: person.identifiers.clone(),
            },
            None => ReferenceState::Unresolved,
        }
    }
}

fn person(s: StoredSubject) -> (IdentityId, Person) {
    let cut_off = s.identity.is_cut_off();
    (s.identity.id, Person { phase: s.phase, cut_off, identifiers: Arc::new(s.identity.identifiers) })
}
