//! Finds out whose new records are: candidates from the store and from the same feed, the verdict from the engine.

use crate::{App, AppError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::correlate::{Blocking, CANDIDATES_MAX, CandidateView, Keys, Matcher, Verdict as Likely};
use tenure_model::{Identity, IdentityId, NormalRecord, Phase};
use tenure_policy::Source;
use tenure_store::Keyed;

/// Kind of the keys by which candidates are found.
const BLOCK: &str = "block";
/// Keys that are looked up at once.
const KEYS_AT_ONCE: usize = 4_096;

/// Whose a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// This identity's, which is known.
    Linked(IdentityId),
    /// Somebody new, under this id.
    New(IdentityId),
    /// A person must say: why, and whom it may be with the likeness in percent.
    Ask(Arc<str>, Vec<(IdentityId, u8)>),
}

/// Somebody new, with what finds them as a candidate while the store does not know them yet.
pub(crate) struct Met {
    view: CandidateView,
    keys: BTreeSet<Arc<str>>,
}

/// Candidates for some records: those of the store and those that the same records brought.
struct Candidates {
    by_key: BTreeMap<Arc<str>, BTreeSet<IdentityId>>,
    views: BTreeMap<IdentityId, CandidateView>,
}

impl App {
    /// Whose each of these records is, and who is new. A record may meet somebody whom an earlier one of them brought,
    /// or who is on the way to the store.
    pub(crate) async fn correlate(
        &self,
        source: &Source,
        records: &[NormalRecord],
        on_the_way: impl Iterator<Item = &Met>,
    ) -> Result<(Vec<Verdict>, Vec<Met>), AppError> {
        let matcher = Matcher::new(&source.correlate);
        let mut candidates = self.candidates_for(source, records).await?;
        on_the_way.for_each(|met| candidates.add(met));
        let mut all_met = Vec::new();
        let mut verdicts = Vec::with_capacity(records.len());
        for record in records {
            let views = candidates.of(&self.context.blocking.query_keys(&record.keys));
            verdicts.push(match matcher.verdict(&record.keys, &views) {
                Likely::Linked { id, .. } => Verdict::Linked(id),
                Likely::Ask { candidates, why } => {
                    let alike = candidates.iter().map(|l| (l.id, l.percent)).collect();
                    Verdict::Ask(Arc::from(why.to_string()), alike)
                }
                Likely::New => {
                    let (ms, random) = self.machine.id();
                    let id = IdentityId::new(ms, random);
                    let met = Met {
                        view: CandidateView::new(id, [&record.keys], false),
                        keys: self.context.blocking.index_keys(&record.keys),
                    };
                    candidates.add(&met);
                    all_met.push(met);
                    Verdict::New(id)
                }
            });
        }
        Ok((verdicts, all_met))
    }

    async fn candidates_for(
        &self,
        source: &Source,
        records: &[NormalRecord],
    ) -> Result<Candidates, AppError> {
        let wanted: BTreeSet<Arc<str>> =
            records.iter().flat_map(|r| self.context.blocking.query_keys(&r.keys)).collect();
        let keys: Vec<Keyed> =
            wanted.into_iter().map(|value| Keyed { kind: Arc::from(BLOCK), value }).collect();
        let mut by_key: BTreeMap<Arc<str>, BTreeSet<IdentityId>> = BTreeMap::new();
        for some in keys.chunks(KEYS_AT_ONCE) {
            for (key, id) in self.store.by_keys(some).await? {
                by_key.entry(key.value).or_default().insert(id);
            }
        }
        // Of keys that only suggest somebody, a few more than are looked at are enough to see that there are too many.
        let enough = |key: &str| if Blocking::is_exact(key) { usize::MAX } else { CANDIDATES_MAX + 1 };
        let ids: BTreeSet<IdentityId> =
            by_key.iter().flat_map(|(key, ids)| ids.iter().take(enough(key))).copied().collect();
        let mut views = BTreeMap::new();
        for subject in self.store.subjects(&ids.into_iter().collect::<Vec<_>>()).await? {
            if subject.identity.kind == source.identity_kind {
                views.insert(subject.identity.id, view(&subject.identity, subject.phase));
            }
        }
        Ok(Candidates { by_key, views })
    }

    /// The keys by which an identity is found as a candidate.
    pub(crate) fn block_keys(&self, identity: &Identity) -> Vec<Keyed> {
        let all: BTreeSet<Arc<str>> =
            keys(identity).flat_map(|k| self.context.blocking.index_keys(k)).collect();
        all.into_iter().map(|value| Keyed { kind: Arc::from(BLOCK), value }).collect()
    }
}

impl Candidates {
    /// Exact keys sort first, so that too many alike never hide an equal one.
    fn of(&self, keys: &BTreeSet<Arc<str>>) -> Vec<CandidateView> {
        let mut seen = BTreeSet::new();
        let ids = keys.iter().filter_map(|k| self.by_key.get(k)).flatten().filter(|id| seen.insert(**id));
        ids.filter_map(|id| self.views.get(id)).cloned().collect()
    }
    fn add(&mut self, met: &Met) {
        self.views.insert(met.view.id, met.view.clone());
        for key in &met.keys {
            self.by_key.entry(key.clone()).or_default().insert(met.view.id);
        }
    }
}

fn keys(identity: &Identity) -> impl Iterator<Item = &Keys> {
    identity.engagements.iter().map(|e| &e.keys).chain(identity.supplements.iter().map(|s| &s.keys))
}

/// An identity as matching sees it.
pub(crate) fn view(identity: &Identity, phase: Phase) -> CandidateView {
    let mut view = CandidateView::new(identity.id, keys(identity), phase == Phase::Departed);
    view.tombstone = identity.merged_into.is_some();
    view
}
