//! Remains of an erased identity: marks of its keys and names, so that none is issued again and a return is recognised.

use crate::AppError;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_engine::correlate::CandidateView;
use tenure_engine::{key_kind, name_kind};
use tenure_model::{Identity, NormalRecord};
use tenure_store::note::{kinds, read_note};
use tenure_store::{Keyed, folded};

crate::app::part! {
    /// Remains of erased identities.
    Tombstones, tombstones
}

/// The keys that recognise the erased data of an identity.
pub(crate) fn mark_keys(identity: &Identity) -> impl Iterator<Item = Keyed> {
    identity.erased.iter().flat_map(|e| &e.marks).map(|mark| marked(*mark))
}

impl Tombstones<'_> {
    /// Whether any identity was erased. A note that is there says so, readable or not.
    async fn is_any_erased(&self) -> Result<bool, AppError> {
        Ok(read_note(&*self.app.store, &kinds::Erased).await?.is_there())
    }

    /// For each of these records, the erased identities that had one of its strong keys.
    pub(crate) async fn tombstones(
        &self,
        records: &[NormalRecord],
    ) -> Result<Vec<Vec<CandidateView>>, AppError> {
        let mut tombstones = vec![Vec::new(); records.len()];
        if !self.is_any_erased().await? {
            return Ok(tombstones);
        }
        for (record, views) in records.iter().zip(&mut tombstones) {
            let strong = self.app.context.blocking.strong(&record.keys);
            let by_mark: BTreeMap<Keyed, (&Arc<str>, &Arc<str>)> =
                strong.map(|(k, v)| (marked(self.app.vault.mark(&key_kind(k), v)), (k, v))).collect();
            let keys: Vec<Keyed> = by_mark.keys().cloned().collect();
            for (key, id) in self.app.store.by_keys(&keys).await? {
                views
                    .extend(by_mark.get(&key).map(|(kind, value)| CandidateView::tombstone(id, kind, value)));
            }
        }
        Ok(tombstones)
    }

    /// Which of these names were issued to an identity that is erased now: the kind of name, and the name folded. Call this after the
    /// lookup of issued names; otherwise an erasure in between would be in neither result.
    pub(crate) async fn erased_names(
        &self,
        names: &[(Arc<str>, Arc<str>)],
    ) -> Result<Vec<(Arc<str>, Arc<str>)>, AppError> {
        if !self.is_any_erased().await? {
            return Ok(Vec::new());
        }
        let marked =
            names.iter().map(|n| (marked(self.app.vault.mark(&name_kind(&n.0), &folded(&n.1))), n.clone()));
        let by_mark: BTreeMap<Keyed, (Arc<str>, Arc<str>)> = marked.collect();
        let keys: Vec<Keyed> = by_mark.keys().cloned().collect();
        let found = self.app.store.by_keys(&keys).await?;
        Ok(found.into_iter().filter_map(|(key, _)| by_mark.get(&key).cloned()).collect())
    }
}

fn marked(mark: [u8; 32]) -> Keyed {
    Keyed { kind: Arc::from(ERASED), value: Arc::from(crate::text::hex(&mark)) }
}

/// Kind of the keys that are marks of erased data.
const ERASED: &str = "erased";
