//! Which identity is found by which key: references, candidates for records, and what people type.

use super::world::{DecidedIdentity, Key, World};
use crate::see::called;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::correlate::CandidateView;
use tenure_engine::{
    Context, ReferenceText, bearing, circle, is_gone_between, kept_names, meant, owner_names, phase,
    phase_meant, reference_texts, worse,
};
use tenure_model::{
    Identity, IdentityId, Name as _, OwnerName, Owners, Phase, Reference, ReferenceState, Subject,
};

/// The kind of the keys by which candidates are found.
const BLOCK: &str = "block";

/// A value as it is compared.
pub(super) fn fold(text: &str) -> Arc<str> {
    Arc::from(text.trim().to_lowercase())
}

/// The keys that sources give an identity.
pub(super) fn given(identity: &Identity) -> impl Iterator<Item = &BTreeMap<Arc<str>, Arc<str>>> {
    identity.engagements.iter().map(|e| &e.keys).chain(identity.supplements.iter().map(|s| &s.keys))
}

fn strong(identity: &Identity) -> impl Iterator<Item = Key> {
    given(identity).flatten().map(|(kind, value)| (kind.clone(), fold(value)))
}

/// Which identity is found by which key.
#[derive(Default)]
pub(super) struct Index(BTreeMap<Key, BTreeSet<IdentityId>>);

impl Index {
    pub(super) fn of<'i>(context: &Context, all: impl Iterator<Item = &'i Identity>) -> Self {
        let mut index = Self::default();
        for identity in all {
            index.put(context, None, identity);
        }
        index
    }

    /// Stores the keys of an identity instead of its earlier ones; returns the new keys.
    pub(super) fn put(
        &mut self,
        context: &Context,
        before: Option<&Identity>,
        after: &Identity,
    ) -> BTreeSet<Key> {
        let (was, is) = (before.map(|b| keys(context, b)).unwrap_or_default(), keys(context, after));
        for key in was.difference(&is) {
            if let Some(ids) = self.0.get_mut(key) {
                ids.remove(&after.id);
            }
        }
        for key in &is {
            self.0.entry(key.clone()).or_default().insert(after.id);
        }
        is.difference(&was).filter(|(kind, _)| &**kind != BLOCK).cloned().collect()
    }

    pub(super) fn find(&self, kind: &str, value: &str) -> Vec<IdentityId> {
        let key = (Arc::from(kind), fold(value));
        self.0.get(&key).into_iter().flatten().copied().collect()
    }

    /// Identities that share a blocking key, those with exact ones first.
    pub(super) fn alike(&self, keys: &BTreeSet<Arc<str>>) -> Vec<IdentityId> {
        let mut met = Vec::new();
        for key in keys {
            for id in self.0.get(&(Arc::from(BLOCK), key.clone())).into_iter().flatten() {
                if !met.contains(id) {
                    met.push(*id);
                }
            }
        }
        met
    }
}

fn keys(context: &Context, identity: &Identity) -> BTreeSet<Key> {
    let blocks = given(identity).flat_map(|keys| context.blocking.index_keys(keys));
    strong(identity).chain(blocks.map(|key| (Arc::from(BLOCK), key))).collect()
}

impl World {
    /// The references of an identity as they resolve now.
    pub(super) fn references(&self, identity: &Identity) -> Vec<Reference> {
        self.references_at(identity, self.now)
    }

    /// The references that an identity makes at an instant, as they resolve now.
    pub(super) fn references_at(&self, identity: &Identity, at: Timestamp) -> Vec<Reference> {
        let texts = reference_texts(&self.context, identity, at);
        let resolved = texts.into_iter().map(|text| {
            let mut state = self.state(identity.id, &text);
            if let ReferenceState::Resolved { id, phase: is, .. } = &mut state
                && at > self.now
            {
                *is = worse(*is, phase(&self.context, &self.known[id].subject.identity, at));
            }
            Reference { engagement: text.engagement, attribute: text.attribute, text: text.text, state }
        });
        resolved.collect()
    }

    /// The owners of its exceptions, and whether each is here.
    pub(super) fn owners(&self, identity: &Identity) -> Owners {
        let people = |name: &OwnerName| {
            let ids = match name {
                OwnerName::Identity(id) => vec![*id],
                OwnerName::Configured(name) => self.named(name),
            };
            ids.into_iter().map(|id| (id, self.is_here(id))).collect()
        };
        let names = owner_names(&self.context, identity, self.now);
        names.into_iter().map(|name| (name.clone(), people(&name))).collect()
    }

    fn state(&self, whose: IdentityId, text: &ReferenceText) -> ReferenceState {
        let next = |of: IdentityId| {
            let texts = reference_texts(&self.context, &self.known[&of].subject.identity, self.now);
            let same = texts.iter().filter(|t| t.attribute == text.attribute);
            same.flat_map(|t| self.bearers(t)).collect()
        };
        match *self.bearers(text) {
            [] => ReferenceState::Unresolved,
            [id] => match circle(whose, id, &next) {
                Some(among) => ReferenceState::Circular { among },
                None => {
                    let known = &self.known[&id];
                    ReferenceState::Resolved {
                        id,
                        phase: phase_meant(
                            &text.attribute,
                            self.phase_now(id),
                            is_gone_between(&self.context, &known.subject.identity, self.now),
                        ),
                        cut_off: known.subject.identity.is_cut_off(),
                        cut_by: known.subject.identity.cut_by(),
                        identifiers: Arc::new(known.subject.identity.identifiers.clone()),
                        accounts: Arc::new(kept_names(
                            &self.context,
                            &known.subject.identity,
                            &known.subject.accounts,
                        )),
                    }
                }
            },
            _ => ReferenceState::Ambiguous,
        }
    }

    /// The identities that a reference means; several where none is the clear bearer of the key.
    fn bearers(&self, text: &ReferenceText) -> Vec<IdentityId> {
        let found = self.index.find(&text.key, &text.text);
        let is = |value: &str| fold(value) == fold(&text.text);
        let bears = |id: &IdentityId| {
            let identity = &self.known[id].subject.identity;
            (*id, bearing(&self.context, identity, &text.key, &is, self.now))
        };
        let all: Vec<_> = found.iter().map(bears).collect();
        meant(&all).map_or(found, |id| vec![id])
    }

    /// Whether the subject has an unresolved reference by one of these keys.
    pub(super) fn waits_for(&self, subject: &Subject, keys: &BTreeSet<Key>) -> bool {
        let open = |r: &&Reference| !matches!(r.state, ReferenceState::Resolved { .. });
        subject.references.iter().filter(open).any(|r| {
            let declared = self.context.setup.attributes.get(&r.attribute);
            let kind = declared.and_then(|d| d.reference.clone());
            kind.is_some_and(|kind| keys.contains(&(kind, fold(&r.text))))
        })
    }

    /// An identity as matching sees it.
    pub(super) fn view(&self, id: IdentityId) -> CandidateView {
        let known = &self.known[&id];
        let identity = &known.subject.identity;
        let mut view = CandidateView::new(id, given(identity), known.phase == Phase::Departed);
        view.tombstone = identity.merged_into.is_some();
        view
    }

    /// The identity that a text means: a strong key, an issued name, or what the scenario calls it.
    pub(super) fn person(&self, text: &str) -> Result<IdentityId, String> {
        let mut found = self.index.find(&self.context.setup.settings.actor_key, text);
        if found.is_empty() {
            let fits = |k: &DecidedIdentity| {
                let identity = &k.subject.identity;
                self.name(identity.id) == text
                    || identity.engagements.iter().any(|e| e.key.as_str() == text)
                    || identity.all_names().any(|(_, v)| fold(v) == fold(text))
                    || given(identity).any(|keys| keys.get("name").is_some_and(|n| fold(n) == fold(text)))
            };
            found = self.known.iter().filter(|(_, k)| fits(k)).map(|(id, _)| *id).collect();
        }
        match *found {
            [id] => Ok(id),
            [] => Err(format!("no identity is {text}")),
            _ => Err(format!("several people are {text}")),
        }
    }

    /// What the scenario calls an identity.
    pub(super) fn name(&self, id: IdentityId) -> String {
        let Some(known) = self.known.get(&id) else { return id.to_string() };
        let identity = &known.subject.identity;
        // An unlinked account has no record; it is called by its own name.
        let title = identity.supplements.first().map_or_else(|| id.to_string(), |s| s.key.to_string());
        called(identity, &title)
    }
}
