//! Releases what a brake holds: all of it or some people, by somebody who did not cause it.

use super::aftermath::Aftermath;
use super::brake::{released_by, scope};
use super::flight::Flights;
use super::ingest::Ingest;
use super::pending::{Pending, released};
use super::report::FeedReport;
use crate::{About, App, AppError, Moment};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{FeedRunId, HeldChangeId, IdentityId, RecordState};
use tenure_policy::{ClassCache, Source};
use tenure_store::{Change, HeldChangeRow, Unit};

impl App {
    /// Releases a held change, whole or for `only` some people. What is released is decided as things stand now.
    ///
    /// # Errors
    /// When there is no such held change, or the actor caused it (operated the feed as the source's only owner is no cause;
    /// having edited the active set-up since is).
    pub async fn release(
        &self,
        id: HeldChangeId,
        only: Option<&BTreeSet<IdentityId>>,
        moment: &Moment,
    ) -> Result<FeedReport, AppError> {
        let Some(mut held) = self.store.held_change(id).await?.filter(|h| h.ended.is_none()) else {
            let hint = Arc::from(": `tenure release` lists what is held");
            return Err(AppError::Unknown { what: "held change", name: Arc::from(id.to_string()), hint });
        };
        let Some(source) = self.context.setup.sources.values().find(|s| scope(s) == held.scope) else {
            return Err(AppError::NotNow(Arc::from(format!("{} is not in the set-up any more", held.scope))));
        };
        let (ms, random) = self.machine.id();
        let mut cache = ClassCache::default();
        let mut ingest = Ingest {
            app: self,
            source,
            moment,
            cache: &mut cache,
            run: FeedRunId::new(ms, random),
            index: BTreeMap::new(),
            nameless: 0,
            deferred: Vec::new(),
            flights: Flights::default(),
            aftermath: Aftermath::default(),
            report: FeedReport::of(&source.name),
        };
        let chosen = |id: &IdentityId| only.is_none_or(|o| o.contains(id));
        let people: Vec<IdentityId> = held.people.iter().map(|(id, _)| *id).filter(chosen).collect();
        let pending = self.held_acts(source, &people).await?;
        ingest.lose(pending).await?;
        let Ingest { aftermath, mut report, .. } = ingest;
        held.people.retain(|(id, _)| !chosen(id));
        if held.people.is_empty() {
            held.ended = Some((moment.now, released_by(moment)));
        }
        self.record_release(held, &people, moment).await?;
        self.tell_others(aftermath, &mut cache, moment, &mut report.labels).await?;
        Ok(report)
    }

    async fn held_acts(&self, source: &Source, people: &[IdentityId]) -> Result<Vec<Pending>, AppError> {
        let mut pending = Vec::new();
        for id in people {
            let rows = self.store.records_of(*id).await?;
            let held = rows.into_iter().filter(|r| r.source == source.name && r.state == RecordState::Held);
            let acts: Vec<_> = held.map(released).collect();
            if !acts.is_empty() {
                pending.push(Pending { id: *id, acts });
            }
        }
        Ok(pending)
    }

    async fn record_release(
        &self,
        held: HeldChangeRow,
        people: &[IdentityId],
        moment: &Moment,
    ) -> Result<(), AppError> {
        let payload = json!({
            "v": 1,
            "held": held.id.to_string(),
            "released": people.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "left": held.people.len(),
        });
        let evidence = self.recorder(moment).evidence("brake.released", About::default(), payload)?;
        let changes =
            vec![Change::PutHeldChange(held), Change::BusinessTime(moment.now), Change::Append(evidence)];
        self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(())
    }
}
