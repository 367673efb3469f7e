//! Input and output of matching: an identity as matching reads it, and the verdict.

use crate::Context;
use crate::window::Timeline;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{AskReason, EngagementType, Grant, Identity, IdentityId, Phase, SourceName};

/// The keys of one record, by kind, as `normalise` made them.
pub type Keys = BTreeMap<Arc<str>, Arc<str>>;

/// An identity as matching sees it: the keys of all its records, past ones included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateView {
    /// Which identity.
    pub id: IdentityId,
    /// By kind of key (`worker_number`, `email`, `name`, `birth_date`, …): every current and past value.
    pub keys: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// All its engagements are over. Matching ignores this; it is shown to the person who is asked.
    pub departed: bool,
    /// It was erased or merged: a record must not bring it back without a question.
    pub tombstone: bool,
    /// The types of its engagements that are not over.
    pub types: BTreeSet<EngagementType>,
    /// It holds something of high risk, and the record's source never stated anything about it.
    pub guarded: bool,
}

impl CandidateView {
    /// An identity with the keys of these records.
    pub fn new<'a, I: IntoIterator<Item = &'a Keys>>(id: IdentityId, records: I, departed: bool) -> Self {
        let mut keys: BTreeMap<Arc<str>, BTreeSet<Arc<str>>> = BTreeMap::new();
        for (kind, value) in records.into_iter().flatten() {
            keys.entry(kind.clone()).or_default().insert(value.clone());
        }
        Self { id, keys, departed, tombstone: false, types: BTreeSet::new(), guarded: false }
    }
    /// An erased identity that is known to have had one strong key of the record.
    #[must_use]
    pub fn tombstone(id: IdentityId, kind: &Arc<str>, value: &Arc<str>) -> Self {
        let keys = BTreeMap::from([(kind.clone(), BTreeSet::from([value.clone()]))]);
        Self { tombstone: true, keys, ..Self::new(id, [], true) }
    }
    /// The same for a source with a new record: with the types of its engagements, and what it holds.
    #[must_use]
    pub fn met_by(
        mut self,
        context: &Context,
        source: &SourceName,
        (identity, grants): (&Identity, &[Grant]),
        now: Timestamp,
    ) -> Self {
        let timeline = Timeline::of(context, identity, now);
        let lasts = timeline.iter().filter(|(_, w)| w.phase != Phase::Departed);
        self.types = lasts.map(|(e, _)| e.kind.clone()).collect();
        let speaks = identity.engagements.iter().any(|e| e.source == *source)
            || identity.supplements.iter().any(|s| s.source == *source);
        let limit = context.setup.policy.request.review_risk;
        let is_risky = |g: &Grant| g.holding.is_decided() && context.risk_of(&g.entitlement) >= limit;
        self.guarded = !speaks && grants.iter().any(is_risky);
        self
    }
    /// The values of one kind of key.
    pub(super) fn values(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.keys.get(kind).into_iter().flatten().map(|v| &**v)
    }
    pub(super) fn has(&self, kind: &str, value: &str) -> bool {
        self.keys.get(kind).is_some_and(|values| values.contains(value))
    }
}

/// Similarity of a record and one identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Likeness {
    /// The identity.
    pub id: IdentityId,
    /// In percent; 100 for an equal strong key.
    pub percent: u8,
}

/// The identity of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This identity's, by an exact key.
    Linked {
        /// The identity.
        id: IdentityId,
        /// The kind of key that decided.
        key: Arc<str>,
    },
    /// A person must decide. Until then the record grants nothing.
    Ask {
        /// The possible identities, the most similar first, at most [`super::CANDIDATES_MAX`]. Empty if there were too many to
        /// compare.
        candidates: Vec<Likeness>,
        /// Why only a person can decide.
        why: AskReason,
    },
    /// No known identity.
    New,
}
