//! What goes over when two identities are merged, and what goes along when one is split. Every field is named, so that a new one cannot be forgotten.

use crate::{Decisions, Identity};

impl Identity {
    /// Takes over what an identity passes on that is merged into this one. It keeps its names, and everything about its accounts, which
    /// end.
    pub fn take_over(&mut self, other: &mut Self) {
        let Self {
            engagements,
            supplements,
            decisions,
            merged_into,
            id: _,
            version: _,
            kind: _,
            identifiers: _,
            naming: _,
            erased: _,
        } = other;
        self.engagements.append(engagements);
        self.supplements.append(supplements);
        self.decisions.take_over(decisions);
        *merged_into = Some(self.id);
    }
}

impl Decisions {
    fn take_over(&mut self, other: &mut Self) {
        let Self {
            individual,
            overrides,
            delegations,
            cut_off,
            holds,
            released,
            suspended,
            // Answers are about the other identity: what comes over is asked about again.
            answers: _,
            reasons: _,
            unanswered: _,
            paused: _,
            // These are about its accounts.
            void: _,
            inactive: _,
            links: _,
            off_by_hand: _,
            ended: _,
        } = other;
        self.individual.append(individual);
        self.overrides.append(overrides);
        self.delegations.append(delegations);
        self.holds.append(holds);
        self.released.append(released);
        self.suspended.append(suspended);
        // A cut-off survives every merge.
        self.cut_off = self.cut_off.take().or_else(|| cut_off.clone());
    }

    /// The decisions of an identity that is split off this one: a cut-off and holds stay with both.
    #[must_use]
    pub fn of_split(&self) -> Self {
        let Self {
            cut_off,
            holds,
            // The rest is about engagements, accounts and questions of the identity that stays.
            individual: _,
            overrides: _,
            delegations: _,
            answers: _,
            reasons: _,
            unanswered: _,
            paused: _,
            void: _,
            inactive: _,
            links: _,
            off_by_hand: _,
            ended: _,
            released: _,
            suspended: _,
        } = self;
        Self { cut_off: cut_off.clone(), holds: holds.clone(), ..Self::default() }
    }
}
