//! The mapping with which the records of a source were last read: after a change, every row is read again, without news about the people.

use super::FeedRuns;
use crate::AppError;
use crate::text::hex;
use sha2::Digest as _;
use sha2::Sha256;
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{IdentityId, RecordState, SourceName};
use tenure_policy::Source;
use tenure_store::{Change, StoredSubject};

fn digest(source: &Source) -> Arc<[u8]> {
    Arc::from(hex(&Sha256::digest(source.reading())).into_bytes())
}

fn note(source: &SourceName) -> Arc<str> {
    Arc::from(format!("mapping {source}"))
}

/// Notes that the records of a source were read by its mapping.
pub(super) fn noted(source: &Source) -> Change {
    Change::PutNote(note(&source.name), digest(source))
}

impl FeedRuns<'_> {
    /// Whether the records of a source were last read by its present mapping.
    pub(crate) async fn is_mapped_as_before(&self, source: &Source) -> Result<bool, AppError> {
        Ok(self.app.store.note(&note(&source.name)).await?.is_some_and(|before| before == digest(source)))
    }

    /// Sources whose records were read by another mapping, and not by the present one yet: the present rules may use other names for
    /// the data of their people.
    pub(crate) async fn mapped_otherwise(&self) -> Result<BTreeSet<SourceName>, AppError> {
        let mut found = BTreeSet::new();
        for source in self.app.context.setup.sources.values() {
            if self.app.store.note(&note(&source.name)).await?.is_some()
                && !self.is_mapped_as_before(source).await?
            {
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
