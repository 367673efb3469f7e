//! Records that a whole feed no longer has: missing ones, those that may be a row with a mistyped key, and repaired rows.

use super::FeedRuns;
use super::ingest::{CHUNK_ROWS, Ingest};
use super::pending::{IdentityChanges, Missed, RecordChange};
use crate::AppError;
use crate::correlate::{keys, view};
use crate::finding_rows::{KEPT_MAX, about_organisation};
use crate::quarantine::LINE;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_engine::correlate::{WaitingRow, WaitingRows};
use tenure_model::{Finding, FindingKind, IdentityId, Name as _, RecordKey, RecordState, SourceName};
use tenure_policy::MissingRule;
use tenure_store::{Change, QuarantineRow, RecordIndexRow, RecordRow, Unit};

/// Identities that are read at once.
const IDS_AT_ONCE: usize = 512;

impl Ingest<'_> {
    /// Known records that are not in a whole feed.
    pub(crate) async fn missing(&mut self, present: &BTreeSet<RecordKey>) -> Result<(), AppError> {
        let mut gone: Vec<RecordIndexRow> = self
            .index
            .values()
            .filter(|r| !present.contains(&r.key) && r.state != RecordState::Missing)
            .cloned()
            .collect();
        let maybe = if self.nameless > 0 { BTreeMap::new() } else { self.mistyped(&gone, present).await? };
        gone.retain(|r| !maybe.contains_key(&r.key));
        self.report.missing = u64::try_from(gone.len()).unwrap_or(u64::MAX);
        self.report.nameless = self.nameless;
        if self.nameless > 0 {
            return Ok(());
        }
        self.tell_mistyped(maybe).await?;
        self.end_questions(&gone).await?;
        if self.source.missing == MissingRule::Ignore {
            return Ok(());
        }
        let missed = self.missed(&gone).await?;
        let mut acts: BTreeMap<IdentityId, Vec<RecordChange>> = BTreeMap::new();
        for row in gone {
            if let Some(id) = row.identity {
                let missed = missed.get(&row.key).copied();
                acts.entry(id).or_default().push(RecordChange::Missing(row.key, row.digest, missed));
            }
        }
        let mut pending: Vec<IdentityChanges> =
            acts.into_iter().map(|(id, acts)| IdentityChanges { id, acts }).collect();
        while !pending.is_empty() {
            let rest = pending.split_off(pending.len().min(CHUNK_ROWS));
            self.decide(std::mem::replace(&mut pending, rest)).await?;
        }
        Ok(())
    }

    /// The first run without each record that a brake holds as missing: a hold does not begin its days again.
    async fn missed(&self, gone: &[RecordIndexRow]) -> Result<BTreeMap<RecordKey, Missed>, AppError> {
        let held = gone.iter().filter(|r| r.state == RecordState::Held);
        let keys: Vec<RecordKey> = held.map(|r| r.key.clone()).collect();
        let mut rows = Vec::new();
        for some in keys.chunks(IDS_AT_ONCE) {
            rows.extend(self.app.store.records(&self.source.name, some).await?);
        }
        self.app.feed().missed(&self.source.name, &rows).await
    }

    /// Records that are not in the feed and may be a row that waits for a person: with the finding.
    async fn mistyped(
        &mut self,
        gone: &[RecordIndexRow],
        present: &BTreeSet<RecordKey>,
    ) -> Result<BTreeMap<RecordKey, Finding>, AppError> {
        let mut found = BTreeMap::new();
        let mut rows = std::mem::take(&mut self.waiting);
        if gone.iter().any(|r| r.identity.is_some()) {
            rows.extend(self.in_question(present).await?);
        }
        let blocking = &self.app.context.blocking;
        let waiting = WaitingRows::new(blocking, rows);
        if waiting.is_empty() {
            return Ok(found);
        }
        for some in gone.chunks(IDS_AT_ONCE) {
            let ids: BTreeSet<IdentityId> = some.iter().filter_map(|r| r.identity).collect();
            let subjects = self.app.stored().readable(&ids.into_iter().collect::<Vec<_>>()).await?;
            for row in some {
                let Some(known) = subjects.iter().find(|s| Some(s.identity.id) == row.identity) else {
                    continue;
                };
                let seen = view(&known.identity, known.phase);
                let records = keys(&known.identity);
                if let Some(maybe) = waiting.for_record(blocking, &row.key, &seen, records) {
                    found.insert(row.key.clone(), maybe.may_be(&self.source.name, &row.key));
                }
            }
        }
        Ok(found)
    }

    /// Rows of this feed with an open question about their identity.
    async fn in_question(&self, present: &BTreeSet<RecordKey>) -> Result<Vec<WaitingRow>, AppError> {
        let name = &self.source.name;
        let asked = self.app.stored().questions().await?.into_iter();
        let mut whom: BTreeMap<RecordKey, BTreeSet<IdentityId>> = BTreeMap::new();
        for question in asked.filter(|q| q.source == *name && present.contains(&q.key)) {
            whom.insert(question.key, question.candidates.into_iter().map(|(id, _)| id).collect());
        }
        let keys: Vec<RecordKey> = whom.keys().cloned().collect();
        let mut rows = Vec::new();
        for some in keys.chunks(IDS_AT_ONCE) {
            for record in self.app.store.records(name, some).await? {
                let keys = record.waiting.map(|w| w.keys).unwrap_or_default();
                let whom = whom.remove(&record.key).unwrap_or_default();
                let key = Arc::from(record.key.as_str());
                rows.push(WaitingRow { key, keys, known: record.identity, whom });
            }
        }
        Ok(rows)
    }

    /// Writes the findings about mistyped keys, and ends those that no longer apply.
    async fn tell_mistyped(&self, found: BTreeMap<RecordKey, Finding>) -> Result<(), AppError> {
        let mut new: BTreeMap<Arc<str>, Finding> =
            found.into_values().map(|f| (f.about.clone(), f)).collect();
        let prefix = format!("{}:", self.source.name);
        let mut changes = Vec::new();
        for before in self.app.store.findings_about_the_whole(KEPT_MAX).await? {
            let mine = before.finding.kind() == FindingKind::MistypedKey
                && before.finding.about.starts_with(&prefix);
            if !mine {
                continue;
            }
            match new.get(&before.finding.about) {
                Some(now) if *now == before.finding => drop(new.remove(&before.finding.about)),
                Some(_) => {}
                None => changes.push(Change::EndFinding(before.id)),
            }
        }
        changes.extend(new.into_values().map(|f| about_organisation(f, self.moment)));
        if !changes.is_empty() {
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(())
    }

    /// Ends quarantine rows that a later whole feed no longer has, because they were repaired: a row without a key, identified by its
    /// line, and a record that is gone, where no row without a key may be it.
    pub(crate) async fn end_quarantine(&mut self, present: &BTreeSet<RecordKey>) -> Result<(), AppError> {
        let mut changes = std::mem::take(&mut self.aside.elsewhere);
        if self.source.snapshot {
            changes.extend(self.repaired(present).await?);
        }
        if !changes.is_empty() {
            self.app.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(())
    }

    async fn repaired(&self, present: &BTreeSet<RecordKey>) -> Result<Vec<Change>, AppError> {
        let name = &self.source.name;
        let nameless = self.nameless > 0;
        let is_over = |row: &QuarantineRow| match row.key.starts_with(LINE) {
            true => row.run != self.run,
            false => !nameless && !present.contains(&*row.key),
        };
        let over = self.app.quarantine().of_source(name).await?.into_iter().filter(is_over);
        let keys: BTreeSet<Arc<str>> = over.map(|row| row.key).collect();
        let strangers = self.index.values().filter(|r| keys.contains(r.key.as_str()) && r.identity.is_none());
        let mut changes: Vec<Change> = strangers
            .map(|row| {
                Change::PutRecord(Box::new(RecordRow {
                    source: name.clone(),
                    key: row.key.clone(),
                    identity: None,
                    state: RecordState::Missing,
                    digest: row.digest,
                    waiting: None,
                    run: self.run,
                }))
            })
            .collect();
        changes.extend(keys.into_iter().map(|key| Change::Repaired(name.clone(), key)));
        Ok(changes)
    }
}

/// Most runs that are searched for the first one without a record: one a minute for two months.
const RUNS_MAX: u32 = 100_000;

impl FeedRuns<'_> {
    /// Since when each of these records is missing, for those that a brake holds as missing.
    pub(crate) async fn missed(
        &self,
        source: &SourceName,
        rows: &[RecordRow],
    ) -> Result<BTreeMap<RecordKey, Missed>, AppError> {
        let held = rows.iter().filter(|r| r.state == RecordState::Held && r.waiting.is_none());
        let held: Vec<&RecordRow> = held.collect();
        if held.is_empty() {
            return Ok(BTreeMap::new());
        }
        let runs = self.app.store.feed_runs(source, RUNS_MAX).await?;
        let at: BTreeMap<_, _> = runs.into_iter().map(|run| (run.id, run.at)).collect();
        let missed = held.into_iter().filter_map(|r| {
            let missed = Missed { run: r.run, at: *at.get(&r.run)? };
            Some((r.key.clone(), missed))
        });
        Ok(missed.collect())
    }
}
