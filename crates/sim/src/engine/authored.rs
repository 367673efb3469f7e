//! Who wrote the parts of the configuration that give access, as the application counts them.

use super::world::World;
use std::collections::BTreeSet;
use tenure_app::Configured;
use tenure_engine::OWNER;
use tenure_model::{Authors, ConfigPart, IdentityId, IdentityKind, Name as _, ReferenceState, Subject};
use tenure_policy::{SetUp, given_anew, giving};

impl World {
    /// The author of a configuration: the name by which `[actors]` knows them, else a key.
    pub(super) fn author(&self, by: Option<&str>) -> BTreeSet<IdentityId> {
        let key = by.map(|by| self.context.setup.settings.actors.get(by).map_or(by, |key| key));
        key.and_then(|key| self.person(key).ok()).into_iter().collect()
    }

    /// Parts that a configuration newly gives belong to its authors; the other parts keep their authors.
    pub(super) fn note_authors(&mut self, setup: &SetUp, by: &BTreeSet<IdentityId>) {
        let there = giving(setup);
        let anew = given_anew(&self.context.setup, setup);
        self.authored.retain(|part, _| there.contains(part));
        self.authored.extend(anew.into_iter().map(|part| (part, by.clone())));
        self.authored.retain(|_, by| !by.is_empty());
    }

    /// Gives a subject the authors that count for it, and adds to the cause of the change the author of the mapping by which its rows were
    /// read again, and whether the change is for the person who causes it.
    pub(super) fn add_authors(&self, subject: &mut Subject, actor: Option<IdentityId>) {
        let counted = counted(subject);
        let own = |by: &BTreeSet<IdentityId>| {
            by.iter().any(|author| counted.contains(author) || self.delegate_of(*author, &counted))
        };
        let seen = self.authored.iter().map(|(part, by)| {
            let authors = Authors { by: by.clone(), own: own(by) };
            (part.clone(), authors)
        });
        subject.authored = seen.filter(|(_, a)| a.own || self.configured != Configured::Before).collect();
        let other = actor.filter(|a| *a != subject.identity.id && !subject.changes.is_empty());
        subject.provenance.own |= other.is_some_and(|actor| own(&BTreeSet::from([actor])));
        if let Configured::Mapped(source) = &self.configured {
            let by = self.authored.get(&ConfigPart::Source(source.clone()));
            subject.provenance.by.extend(by.into_iter().flatten());
            subject.provenance.own |= by.is_some_and(own);
        }
    }

    fn delegate_of(&self, author: IdentityId, counted: &BTreeSet<IdentityId>) -> bool {
        self.known.contains_key(&author)
            && self.delegates(author, true).iter().any(|delegate| counted.contains(delegate))
    }
}

/// An identity, and the owner of a non-human one.
fn counted(subject: &Subject) -> BTreeSet<IdentityId> {
    let mut all = BTreeSet::from([subject.identity.id]);
    if subject.identity.kind != IdentityKind::Person {
        let owners = subject.references.iter().filter(|r| r.attribute.as_str() == OWNER);
        all.extend(owners.filter_map(|r| match &r.state {
            ReferenceState::Resolved { id, .. } => Some(*id),
            _ => None,
        }));
    }
    all
}
