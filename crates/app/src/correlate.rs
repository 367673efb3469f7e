//! Correlates new records: candidates come from the store and from the same feed, the verdict from the engine.

use crate::AppError;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_connect::RemoteAccount;
use tenure_engine::AccountSeen;
use tenure_engine::correlate::{Blocking, COMPARED_MAX, CandidateView, Keys, Matcher, Verdict as Likely};
use tenure_engine::normalise::KeyForms;
use tenure_model::{AskReason, Identity, IdentityId, Name as _, NormalRecord, Phase, RecordKey};
use tenure_policy::Source;
use tenure_store::{Expect, Keyed};

crate::app::part! {
    /// Correlation of records with identities.
    Correlator, correlate
}

/// Kind of the keys that find candidates.
const BLOCK: &str = "block";
/// Number of ids that differ within a millisecond: the twelve bits after the time.
const PLACES: usize = 4_096;
/// Keys that are looked up at once.
const KEYS_AT_ONCE: usize = 4_096;

/// Likelihood, as displayed, that a record with a similar key is the known one.
const LIKE_KEY_PERCENT: u8 = 90;

/// The keys of a source's records, with their identities.
pub(crate) type KnownKeys = KeyForms<(RecordKey, IdentityId)>;

/// The identity of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// This known identity.
    Linked(IdentityId),
    /// A new identity, under this id.
    New(IdentityId),
    /// A person must answer: why, and the candidates with their likeness in percent.
    Ask(AskReason, Vec<(IdentityId, u8)>),
}

/// What the creation of each new identity depends on: the holders of its exact keys are those that were compared.
pub(crate) type KeysFree = BTreeMap<IdentityId, Vec<Expect>>;

/// Candidates: from the store, from the same records, and from units not yet committed.
#[derive(Default)]
pub(crate) struct Candidates {
    by_key: BTreeMap<Arc<str>, BTreeSet<IdentityId>>,
    views: BTreeMap<IdentityId, CandidateView>,
}

impl Correlator<'_> {
    /// Correlates each of these records. A record may match a new identity from an earlier one of them, or one that is not yet committed.
    pub(crate) async fn correlate(
        &self,
        source: &Source,
        records: &[NormalRecord],
        (on_the_way, known_keys): (Vec<&Candidates>, &KnownKeys),
        now: Timestamp,
    ) -> Result<(Vec<Verdict>, Candidates, KeysFree), AppError> {
        let matcher = Matcher::of(&self.app.context, source);
        let stored = self.candidates_for(source, records, now).await?;
        let tombstones = self.app.tombstones().tombstones(records).await?;
        let mut met = Candidates::default();
        let mut free = KeysFree::new();
        let mut verdicts = Vec::with_capacity(records.len());
        for (record, erased) in records.iter().zip(tombstones) {
            let known = [&stored, &met].into_iter().chain(on_the_way.iter().copied());
            let mut views = alike(known, &self.app.context.blocking.query_keys(&record.keys));
            // A person who came back after erasure is found by what is known now, like any other.
            let known: BTreeSet<IdentityId> = views.iter().map(|v| v.id).collect();
            views.extend(erased.into_iter().filter(|e| !known.contains(&e.id)));
            verdicts.push(match matcher.verdict(&record.keys, &views) {
                Likely::Linked { id, .. } => Verdict::Linked(id),
                Likely::Ask { candidates, why } => {
                    let alike = candidates.iter().map(|l| (l.id, l.percent)).collect();
                    Verdict::Ask(why, alike)
                }
                Likely::New if !known_keys.like(record.key.as_str()).is_empty() => {
                    let like = known_keys.like(record.key.as_str());
                    let key = like.first().map(|(key, _)| Arc::from(key.as_str())).unwrap_or_default();
                    let why = AskReason::LikeKey { key };
                    Verdict::Ask(why, like.iter().map(|(_, id)| (*id, LIKE_KEY_PERCENT)).collect())
                }
                Likely::New => {
                    let id = self.rising_id(verdicts.len());
                    met.add(id, &record.keys, self.app.context.blocking.index_keys(&record.keys));
                    let known: Vec<&Candidates> =
                        [&stored, &met].into_iter().chain(on_the_way.iter().copied()).collect();
                    free.insert(id, self.keys_free(&record.keys, &known));
                    Verdict::New(id)
                }
            });
        }
        Ok((verdicts, met, free))
    }

    /// Another process may create an identity with the same key meanwhile: then the record is that identity's.
    fn keys_free(&self, keys: &Keys, known: &[&Candidates]) -> Vec<Expect> {
        let exact =
            self.app.context.blocking.query_keys(keys).into_iter().filter(|key| Blocking::is_exact(key));
        let held_only = |value: Arc<str>| {
            let holders: BTreeSet<IdentityId> =
                known.iter().filter_map(|c| c.by_key.get(&value)).flatten().copied().collect();
            Expect::HeldOnlyBy(Keyed { kind: Arc::from(BLOCK), value }, holders.into_iter().collect())
        };
        exact.map(held_only).collect()
    }

    /// An id that rises with the place of its record in the feed: names are issued in the order of ids, so this is the order of the feed,
    /// and a rehearsal with the same feed gives the same names.
    fn rising_id(&self, place: usize) -> IdentityId {
        let (ms, mut random) = self.app.machine.id();
        let [.., high, low] = (place % PLACES).to_be_bytes();
        (random[0], random[1]) = (high, low);
        IdentityId::new(ms, random)
    }

    /// Candidates from the store for these records.
    pub(crate) async fn candidates_for(
        &self,
        source: &Source,
        records: &[NormalRecord],
        now: Timestamp,
    ) -> Result<Candidates, AppError> {
        let wanted: BTreeSet<Arc<str>> =
            records.iter().flat_map(|r| self.app.context.blocking.query_keys(&r.keys)).collect();
        let keys: Vec<Keyed> =
            wanted.into_iter().map(|value| Keyed { kind: Arc::from(BLOCK), value }).collect();
        let mut by_key: BTreeMap<Arc<str>, BTreeSet<IdentityId>> = BTreeMap::new();
        for some in keys.chunks(KEYS_AT_ONCE) {
            for (key, id) in self.app.store.by_keys(some).await? {
                by_key.entry(key.value).or_default().insert(id);
            }
        }
        // For keys that are only weak hints, a few more than the comparison limit are enough to see that there are too many.
        let enough = |key: &str| if Blocking::is_exact(key) { usize::MAX } else { COMPARED_MAX + 1 };
        let ids: BTreeSet<IdentityId> =
            by_key.iter().flat_map(|(key, ids)| ids.iter().take(enough(key))).copied().collect();
        let mut views = BTreeMap::new();
        for some in ids.into_iter().collect::<Vec<_>>().chunks(KEYS_AT_ONCE) {
            for subject in self.app.stored().readable(some).await? {
                if subject.identity.kind == source.identity_kind {
                    let view = view(&subject.identity, subject.phase);
                    let of = (&subject.identity, &subject.grants[..]);
                    views.insert(subject.identity.id, view.met_by(&self.app.context, &source.name, of, now));
                }
            }
        }
        Ok(Candidates { by_key, views })
    }

    /// The keys that find an identity as a candidate.
    pub(crate) fn block_keys(&self, identity: &Identity) -> Vec<Keyed> {
        let all: BTreeSet<Arc<str>> =
            keys(identity).flat_map(|k| self.app.context.blocking.index_keys(k)).collect();
        all.into_iter().map(|value| Keyed { kind: Arc::from(BLOCK), value }).collect()
    }
}

impl Candidates {
    /// Those of them that are found under these keys.
    pub(crate) fn alike(&self, keys: &BTreeSet<Arc<str>>) -> Vec<CandidateView> {
        alike([self].into_iter(), keys)
    }

    fn add(&mut self, id: IdentityId, keys: &Keys, index_keys: BTreeSet<Arc<str>>) {
        self.views.insert(id, CandidateView::new(id, [keys], false));
        for key in index_keys {
            self.by_key.entry(key).or_default().insert(id);
        }
    }
}

/// Candidates found under these keys. Exact keys sort first, so that too many similar ones never hide an equal one.
fn alike<'c>(
    known: impl Iterator<Item = &'c Candidates> + Clone,
    keys: &BTreeSet<Arc<str>>,
) -> Vec<CandidateView> {
    let mut seen = BTreeSet::new();
    let mut views = Vec::new();
    for key in keys {
        for candidates in known.clone() {
            let ids = candidates.by_key.get(key).into_iter().flatten().filter(|id| seen.insert(**id));
            views.extend(ids.filter_map(|id| candidates.views.get(id)).cloned());
        }
    }
    views
}

pub(crate) fn keys(identity: &Identity) -> impl Iterator<Item = &Keys> {
    identity.engagements.iter().map(|e| &e.keys).chain(identity.supplements.iter().map(|s| &s.keys))
}

/// An identity in the form that matching uses.
pub(crate) fn view(identity: &Identity, phase: Phase) -> CandidateView {
    let mut view = CandidateView::new(identity.id, keys(identity), phase == Phase::Departed);
    view.tombstone = identity.merged_into.is_some();
    view
}

/// An account in the form that matching uses.
pub(crate) fn account_seen(remote: &RemoteAccount) -> AccountSeen<'_> {
    AccountSeen { name: &remote.name, kind: &remote.kind, attributes: &remote.attributes }
}
