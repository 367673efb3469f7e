//! Applies the ranked rules to the candidates of one record.

use super::likeness::{CANDIDATES_MAX, COMPARED_MAX, Probe};
use super::strong::{self, Births, Names};
use super::view::{CandidateView, Keys, Likeness, Verdict};
use crate::Context;
use crate::normalise::{PREVIOUS_NUMBER, is_email};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{AskReason, EngagementType, IdentityId, IdentityKind};
use tenure_policy::{CorrelateRule, Source};

/// The rules of one source, in their order.
#[derive(Debug, Clone)]
pub struct Matcher {
    exact: Vec<Arc<str>>,
    fuzzy: Vec<(BTreeMap<Arc<str>, u8>, u8)>,
    numbers: BTreeSet<Arc<str>>,
    /// By kind of key: the engagement types to which it links, if the source restricts them.
    types: BTreeMap<Arc<str>, BTreeSet<EngagementType>>,
}

impl Matcher {
    /// From a source's `[[correlate]]` rules.
    #[must_use]
    pub fn new(rules: &[CorrelateRule]) -> Self {
        let mut it =
            Self { exact: Vec::new(), fuzzy: Vec::new(), numbers: BTreeSet::new(), types: BTreeMap::new() };
        for rule in rules {
            match rule {
                CorrelateRule::Exact { key, types } => {
                    it.types.insert(key.clone(), types.clone());
                    it.exact.push(key.clone());
                    if !is_email(key) {
                        it.numbers.insert(key.clone());
                    }
                }
                CorrelateRule::Fuzzy { weights, ask_from } => it.fuzzy.push((weights.clone(), *ask_from)),
            }
        }
        it
    }

    /// The same for a source of a configuration. A rule without types links to the source's own types and to those between which
    /// `[lifecycle] primary` lets people change; if neither is declared, to all types.
    #[must_use]
    pub fn of(context: &Context, source: &Source) -> Self {
        let mut it = Self::new(&source.correlate);
        let primary = &context.setup.policy.lifecycle.primary;
        let is_person = source.identity_kind == IdentityKind::Person;
        if primary.is_empty() || (source.engagement_types.is_empty() && !is_person) {
            return it;
        }
        let mut own: BTreeSet<EngagementType> = source.engagement_types.iter().cloned().collect();
        own.extend(primary.iter().filter(|_| is_person).cloned());
        for types in it.types.values_mut().filter(|types| types.is_empty()) {
            types.clone_from(&own);
        }
        it
    }

    /// The identity of a record with these keys. `candidates` are the identities of the record's kind that
    /// [`super::Blocking::query_keys`] found: all found by an exact key, and the others up to [`COMPARED_MAX`] + 1, which is enough to
    /// detect that there are too many to compare.
    #[must_use]
    pub fn verdict(&self, keys: &Keys, candidates: &[CandidateView]) -> Verdict {
        let probe = Probe::new(keys, &self.numbers);
        self.by_exact_key(&probe, candidates).unwrap_or_else(|| self.by_likeness(&probe, candidates))
    }

    fn by_exact_key(&self, probe: &Probe<'_>, candidates: &[CandidateView]) -> Option<Verdict> {
        let mut found: BTreeMap<IdentityId, (&CandidateView, &Arc<str>)> = BTreeMap::new();
        for kind in &self.exact {
            let Some(value) = probe.keys.get(kind) else { continue };
            for candidate in candidates.iter().filter(|c| c.has(kind, value)) {
                found.entry(candidate.id).or_insert((candidate, kind));
            }
        }
        let (candidate, kind) = *found.values().next()?;
        let why = if found.len() > 1 {
            Some(AskReason::SeveralIdentities)
        } else {
            strong::objection(probe, candidate, kind, &self.exact)
                .or_else(|| self.reserve(probe, candidate, kind))
        };
        Some(match why {
            None => Verdict::Linked { id: candidate.id, key: kind.clone() },
            Some(why) => {
                let all = found.keys().map(|id| Likeness { id: *id, percent: 100 });
                Verdict::Ask { candidates: all.take(CANDIDATES_MAX).collect(), why }
            }
        })
    }

    /// Why a source does not link to this candidate without asking although nothing contradicts it.
    fn reserve(&self, probe: &Probe<'_>, candidate: &CandidateView, key: &Arc<str>) -> Option<AskReason> {
        let equal = |kind: &&Arc<str>| probe.keys.get(*kind).is_some_and(|v| candidate.has(kind, v));
        let links = |kind: &Arc<str>| {
            let types = self.types.get(kind);
            candidate.types.is_empty()
                || types.is_none_or(|t| t.is_empty() || !t.is_disjoint(&candidate.types))
        };
        if !self.exact.iter().filter(equal).any(links) {
            return Some(AskReason::OtherType { key: key.clone() });
        }
        candidate.guarded.then(|| AskReason::HighRisk { key: key.clone() })
    }

    fn by_likeness(&self, probe: &Probe<'_>, candidates: &[CandidateView]) -> Verdict {
        if self.fuzzy.is_empty() || candidates.is_empty() {
            return Verdict::New;
        }
        let too_many = candidates.len() > COMPARED_MAX;
        let mut alike: Vec<Likeness> = candidates
            .iter()
            .take(COMPARED_MAX)
            .filter_map(|c| self.likeness(probe, c).map(|percent| Likeness { id: c.id, percent }))
            .collect();
        alike.sort_by(|a, b| b.percent.cmp(&a.percent).then(a.id.cmp(&b.id)));
        alike.truncate(CANDIDATES_MAX);
        match (alike.is_empty(), too_many) {
            (_, true) => Verdict::Ask { candidates: alike, why: more_than_compared() },
            (false, false) => Verdict::Ask { candidates: alike, why: AskReason::Alike },
            (true, false) => Verdict::New,
        }
    }

    /// In percent, if some rule asks at this value. A number that the record states as its previous one always asks.
    fn likeness(&self, probe: &Probe<'_>, candidate: &CandidateView) -> Option<u8> {
        let mut best: Option<u8> = None;
        for (weights, ask_from) in &self.fuzzy {
            let mut percent = whole(probe.percent(candidate, weights));
            if weights.contains_key(PREVIOUS_NUMBER) && probe.number_carried_over(candidate) == Some(true) {
                percent = percent.max(*ask_from);
            }
            if percent >= *ask_from {
                best = best.max(Some(percent));
            }
        }
        best
    }
}

/// Whether a record known by its key now describes a different person: name and birth date both changed. If the new name shares
/// something with the old one (a marriage), a birth date with a typing error counts as a correction.
#[must_use]
pub fn recycled(keys: &Keys, known: &CandidateView) -> bool {
    let numbers = BTreeSet::new();
    let probe = Probe::new(keys, &numbers);
    matches!(
        (strong::names(&probe, known), strong::births(&probe, known)),
        (Names::Related | Names::Different, Births::Different) | (Names::Different, Births::Near)
    )
}

/// Whether a record known by its key now has a different name.
#[must_use]
pub fn renamed(keys: &Keys, known: &CandidateView) -> bool {
    let numbers = BTreeSet::new();
    matches!(strong::names(&Probe::new(keys, &numbers), known), Names::Related | Names::Different)
}

/// Whether a record known by its key now has the name of `other`, who is known too: the numbers of two people may have been swapped. A
/// birth date decides if it belongs to only one of them.
#[must_use]
pub fn swapped(keys: &Keys, known: &CandidateView, other: &CandidateView) -> bool {
    let numbers = BTreeSet::new();
    let probe = Probe::new(keys, &numbers);
    let named_as_other = matches!(strong::names(&probe, other), Names::Equal | Names::Same);
    known.id != other.id
        && !other.tombstone
        && named_as_other
        && renamed(keys, known)
        && match (strong::births(&probe, known), strong::births(&probe, other)) {
            (_, Births::Different) => false,
            (_, Births::Same) => true,
            (own, _) => own != Births::Same,
        }
}

/// Percent as a whole number, rounded down: 79.9 does not ask from 80.
/// There are more candidates than are compared.
fn more_than_compared() -> AskReason {
    AskReason::TooMany { compared: u64::try_from(COMPARED_MAX).unwrap_or(u64::MAX) }
}

fn whole(percent: f64) -> u8 {
    (0..=100).rev().find(|n| f64::from(*n) <= percent + 1e-9).unwrap_or(0)
}
