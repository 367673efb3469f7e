//! Finds known records that are about another person now, as the application does: keys are reused and swapped.

use super::feed::Feed;
use super::world::World;
use std::collections::BTreeMap;
use tenure_engine::correlate::{CandidateView, recycled, renamed, swapped};
use tenure_engine::normalise::Normalised;
use tenure_model::{IdentityId, NormalRecord, RecordKey, RecordState};
use tenure_policy::Source;

impl World {
    /// Known records that are about another person now, before any row is applied, with the candidates.
    pub(super) fn of_others(
        &self,
        source: &Source,
        rows: &[Normalised],
    ) -> BTreeMap<RecordKey, Vec<IdentityId>> {
        let mut other_name: Vec<(&NormalRecord, CandidateView)> = Vec::new();
        for row in rows {
            let Normalised::Taken(record) = row else { continue };
            let feed = &self.feeds[&source.name];
            let id = feed.records.get(&record.key).and_then(|was| was.identity);
            let Some(id) = id.filter(|_| !feed.is_reread(row)) else { continue };
            let known = self.view(id);
            if renamed(&record.keys, &known) {
                other_name.push((record, known));
            }
        }
        let mut found = BTreeMap::new();
        for (record, known) in &other_name {
            let alike = self.candidates(source, &self.context.blocking.query_keys(&record.keys));
            let mut others = alike.iter().chain(other_name.iter().map(|(_, view)| view));
            let other = others.find(|other| swapped(&record.keys, known, other)).map(|other| other.id);
            if other.is_some() || recycled(&record.keys, known) {
                found.insert(record.key.clone(), [known.id].into_iter().chain(other).collect());
            }
        }
        found
    }
}

impl Feed {
    /// Whether a row is what another mapping makes of the one that was taken before.
    pub(super) fn is_reread(&self, row: &Normalised) -> bool {
        row.key().and_then(|key| self.records.get(key)).is_some_and(|was| {
            was.digest == *row.digest() && matches!(was.state, RecordState::Taken | RecordState::HeldReread)
        })
    }
}
