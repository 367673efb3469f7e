//! The mapping with which the records of a source were last read: after a change, every row is read again, without news about the people.

use super::FeedRuns;
use crate::AppError;
use sha2::Digest as _;
use sha2::Sha256;
use std::collections::BTreeSet;
use tenure_model::{IdentityId, RecordState, SourceName};
use tenure_policy::Source;
use tenure_store::note::{NoteOf as _, NoteRead, kinds, read_note};
use tenure_store::{Change, StoredSubject};

fn digest(source: &Source) -> [u8; 32] {
    Sha256::digest(source.reading()).into()
}

/// Notes that the records of a source were read by its mapping.
pub(super) fn noted(source: &Source) -> Change {
    kinds::Mapping(source.name.clone()).is(digest(source))
}

impl FeedRuns<'_> {
    /// Whether the records of a source were last read by its present mapping. Where that cannot be read, they are read again.
    pub(crate) async fn is_mapped_as_before(&self, source: &Source) -> Result<bool, AppError> {
        Ok(self.mapped_by(source).await?.readable() == Some(digest(source)))
    }

    async fn mapped_by(&self, source: &Source) -> Result<NoteRead<[u8; 32]>, AppError> {
        Ok(read_note(&*self.app.store, &kinds::Mapping(source.name.clone())).await?)
    }

    /// Sources whose records were read by another mapping, and not by the present one yet: the present rules may use other names for
    /// the data of their people.
    pub(crate) async fn mapped_otherwise(&self) -> Result<BTreeSet<SourceName>, AppError> {
        let mut found = BTreeSet::new();
        for source in self.app.context.setup.sources.values() {
            let before = self.mapped_by(source).await?;
            if before.is_there() && before.readable() != Some(digest(source)) {
                found.insert(source.name.clone());
            }
        }
        Ok(found)
    }

    /// People of whom a brake holds the row as another mapping reads it: their release decides them under the present rules.
    pub(crate) async fn held_reread(&self) -> Result<BTreeSet<IdentityId>, AppError> {
        let mut found = BTreeSet::new();
        for source in self.app.context.setup.sources.values() {
            let Some(held) = self.held_by(source).await? else { continue };
            for (id, _) in held.people {
                let records = self.app.store.records_of(id).await?;
                if records.iter().any(|r| r.state == RecordState::HeldReread) {
                    found.insert(id);
                }
            }
        }
        Ok(found)
    }
}

/// Whether any of these sources has data about an identity.
pub(crate) fn tells_of(sources: &BTreeSet<SourceName>, subject: &StoredSubject) -> bool {
    let identity = &subject.identity;
    let told = identity.engagements.iter().map(|e| &e.source);
    told.chain(identity.supplements.iter().map(|s| &s.source)).any(|source| sources.contains(source))
}
