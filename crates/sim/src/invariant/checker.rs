//! Checks one snapshot after another, and remembers what must not happen between them.

use super::before::Before;
use super::evidence::Past;
use super::kept::Kept;
use super::memory::Memory;
use super::property::{Property, Violation};
use super::snapshot::Snapshot;
use super::{ahead, answers, asked, braked, decided, losses, moves, names, question, work, yes};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{AccountKey, EntitlementName, IdentityId};

/// A grant of an identity.
pub(super) type Held = (IdentityId, AccountKey, EntitlementName);

/// Takes note of what is not as it must be.
pub(super) struct Notes(BTreeSet<Violation>);

impl Notes {
    pub(super) fn add(&mut self, property: Property, about: impl Into<String>) {
        self.0.insert(Violation { property, about: about.into() });
    }
}

/// Checks the snapshots of one run, in order.
#[derive(Default)]
pub(crate) struct Checker {
    /// What was decided to be held after the last step.
    pub(super) given: BTreeSet<Held>,
    /// Which reasons were in force after it.
    memory: Memory,
    /// Which of them rules give, or a held change keeps.
    kept: Kept,
    past: Past,
    before: Option<Before>,
    /// The identity that each name was issued to: kind and folded name.
    pub(super) issued: BTreeMap<(Arc<str>, String), IdentityId>,
}

impl Checker {
    /// What of a snapshot is not as it must be.
    pub(crate) fn check(&mut self, after: &Snapshot<'_>) -> Vec<Violation> {
        let mut notes = Notes(BTreeSet::new());
        let given: BTreeSet<Held> = after
            .living()
            .flat_map(|m| m.decided().map(|g| (m.identity.id, g.account.clone(), g.entitlement.clone())))
            .collect();
        let rested = |(id, account, entitlement): &Held| {
            let then = self.before.as_ref().and_then(|b| b.members.get(id));
            then.is_some_and(|t| t.keeps_back(account, entitlement))
        };
        // What comes back from a suspension is not new.
        let new: BTreeSet<&Held> = given.difference(&self.given).filter(|held| !rested(held)).collect();
        self.kept.follow(after);
        decided::check(after, &new, &self.kept, &mut notes);
        let fresh = self.memory.follow(after);
        answers::check(after, &fresh, &mut notes);
        if let Some(before) = self.before.as_ref().filter(|b| b.is_same_configuration(after)) {
            moves::check(before, after, &fresh, &mut notes);
            losses::check(before, after, &mut notes);
            braked::check(before, after, &mut notes);
            yes::stands(before, after, &mut notes);
        }
        self.before = Some(Before::of(after, self.before.as_ref()));
        ahead::check(after, &mut notes);
        yes::check(after, &mut notes);
        asked::check(after, &mut notes);
        question::check(after, &mut notes);
        names::check(after, &mut self.issued, &mut notes);
        work::check(after, &mut notes);
        self.past.follow(after, &mut notes);
        for what in &after.again.removals_asked {
            notes.add(Property::RemovalNeverWaits, what.as_str());
        }
        for what in &after.again.undecided {
            notes.add(Property::PlanIsEmpty, what.as_str());
        }
        for what in &after.again.unstored {
            notes.add(Property::WaitingIsStored, what.as_str());
        }
        for what in &after.misplanned {
            notes.add(Property::PlanShowsBrakes, what.as_str());
        }
        self.given = given;
        notes.0.into_iter().collect()
    }
}
