//! Looks again at what the brakes of sources hold: what another source reports may be why an identity loses nothing by it any more.

use super::Brakes;
use crate::feed::{FeedReport, IdentityChanges, Ingest};
use crate::limits::source_scope;
use crate::{AppError, DecisionContext};
use std::collections::BTreeSet;
use tenure_model::{FeedRunId, IdentityId};
use tenure_policy::{ClassCache, Source};
use tenure_store::HeldChangeRow;

/// People who are decided together.
const CHUNK_PEOPLE: usize = 512;

impl Brakes<'_> {
    /// Commits what the brakes of sources hold of identities that lose nothing by it any more, and takes them off the lists. The
    /// reports of these feeds say so.
    pub(crate) async fn look_again(
        &self,
        feeds: &mut [FeedReport],
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<(), AppError> {
        let held = self.app.stored().held_changes().await?;
        for source in self.app.context.setup.sources.values() {
            let Some(held) = held.iter().find(|h| h.scope == source_scope(source)) else { continue };
            let Some(again) = self.let_go(source, held.clone(), cache, moment).await? else { continue };
            for feed in feeds.iter_mut().filter(|f| f.source.as_ref() == Some(&source.name)) {
                feed.held = feed.held.take().filter(|_| again.held.is_some());
                for (label, n) in &again.labels {
                    *feed.labels.entry(*label).or_default() += n;
                }
            }
        }
        Ok(())
    }

    /// Commits what a source's brake holds and no longer counts; `None` if it is all as before.
    async fn let_go(
        &self,
        source: &Source,
        mut held: HeldChangeRow,
        cache: &mut ClassCache,
        moment: &DecisionContext,
    ) -> Result<Option<FeedReport>, AppError> {
        let people: Vec<IdentityId> = held.people.iter().map(|(id, _)| *id).collect();
        let pending = self.held_acts(source, &people).await?;
        let mut over: BTreeSet<IdentityId> = pending.iter().map(|p| p.id).collect();
        let (ms, random) = self.app.machine.id();
        let mut ingest = Ingest::new(self.app, source, moment, (&mut *cache, FeedRunId::new(ms, random)));
        let mut pending = pending.into_iter();
        loop {
            let some: Vec<IdentityChanges> = pending.by_ref().take(CHUNK_PEOPLE).collect();
            if some.is_empty() {
                break;
            }
            ingest.decide(some).await?;
        }
        for still in &ingest.deferred {
            over.remove(&still.pending.id);
        }
        if over.is_empty() {
            return Ok(None);
        }
        held.people.retain(|(id, _)| !over.contains(id));
        let left = (!held.people.is_empty()).then(|| (held.id, held.reason.clone()));
        let shortened = self.app.limits().shortened(held, moment)?;
        self.app.store.commit(vec![shortened]).await?;
        let Ingest { dependents, mut report, .. } = ingest;
        self.app.settle().resettle_dependents(dependents, cache, moment, &mut report.labels).await?;
        Ok(Some(FeedReport { held: left, ..report }))
    }
}
