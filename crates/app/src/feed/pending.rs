//! What a feed says of one identity, kept so that it can be applied again after a concurrent change.

use crate::{App, Candidate, Cause, Configured, DecisionContext};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tenure_engine::normalise::Readable;
use tenure_engine::{apply_missing, apply_present, apply_readable, apply_record, apply_reread};
use tenure_model::Name as _;
use tenure_model::{
    CaseLabel, FeedRunId, Identity, IdentityId, NormalRecord, RecordKey, RecordState, SourceName,
};
use tenure_policy::{MissingRule, Source};
use tenure_store::{Change, RecordRow, StoredSubject};

/// The first run of a source without a record, and when it was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Missed {
    pub(crate) run: FeedRunId,
    pub(crate) at: Timestamp,
}

/// One change from a feed.
#[derive(Debug, Clone)]
pub(crate) enum RecordChange {
    /// A whole record.
    Record(Box<NormalRecord>),
    /// The row that was taken before, read by another mapping.
    Reread(Box<NormalRecord>),
    /// The readable part of a quarantined record.
    Readable(Box<Readable>, [u8; 32]),
    /// The record is no longer in the source: since now, or since an earlier run, if a brake has held that.
    Missing(RecordKey, [u8; 32], Option<Missed>),
    /// The record is present, but its row is not taken now: the note about the record says why.
    Present(RecordKey),
}

impl RecordChange {
    pub(crate) fn key(&self) -> &RecordKey {
        match self {
            Self::Record(r) | Self::Reread(r) => &r.key,
            Self::Readable(r, _) => &r.key,
            Self::Missing(key, ..) | Self::Present(key) => key,
        }
    }
    /// The state of the record after this change; `None` where the code that holds the row back notes it.
    fn noted(&self) -> Option<(RecordState, [u8; 32])> {
        match self {
            Self::Record(r) | Self::Reread(r) => Some((RecordState::Taken, r.digest)),
            Self::Readable(_, digest) => Some((RecordState::Quarantined, *digest)),
            Self::Missing(_, digest, _) => Some((RecordState::Missing, *digest)),
            Self::Present(_) => None,
        }
    }
    fn word(&self) -> &'static str {
        match self {
            Self::Record(_) => "record",
            Self::Reread(_) => "record read by another mapping",
            Self::Readable(..) => "quarantined record",
            Self::Missing(..) => "missing record",
            Self::Present(_) => "record that is there",
        }
    }
}

/// All changes that a feed has for one identity.
#[derive(Debug, Clone)]
pub(crate) struct IdentityChanges {
    pub(crate) id: IdentityId,
    pub(crate) acts: Vec<RecordChange>,
}

/// The source of the changes.
#[derive(Clone, Copy)]
pub(crate) struct FeedRun<'a> {
    pub(crate) source: &'a Source,
    pub(crate) run: FeedRunId,
    /// Whether its rows were read by another mapping in the last run.
    pub(crate) remapped: bool,
}

impl IdentityChanges {
    /// The identity with all changes applied, ready to be decided.
    pub(crate) fn candidate(
        &self,
        app: &App,
        before: Option<StoredSubject>,
        origin: FeedRun<'_>,
        moment: &DecisionContext,
    ) -> Candidate {
        let mut after = match &before {
            Some(b) => b.identity.clone(),
            None => Identity::new(self.id, origin.source.identity_kind),
        };
        let mut extra = Vec::new();
        for act in &self.acts {
            self.apply(app, &mut after, act, origin, moment);
            let Some((state, digest)) = act.noted() else { continue };
            extra.push(Change::PutRecord(Box::new(RecordRow {
                source: origin.source.name.clone(),
                key: act.key().clone(),
                identity: Some(self.id),
                state,
                digest,
                waiting: None,
                run: origin.run,
            })));
        }
        let reread = self.acts.iter().all(|act| matches!(act, RecordChange::Reread(_)));
        let label =
            (reread && before.as_ref().is_some_and(|b| b.identity != after)).then_some(CaseLabel::Policy);
        let what = self.what(&origin.source.name);
        // A person who joins by a row gains nothing from how it is read.
        let configured = match before.is_some() && (reread || origin.remapped) {
            true => Configured::Mapped(origin.source.name.clone()),
            false => Configured::Before,
        };
        let cause = Cause { label, what, reread, configured, counted: true, ..Cause::default() };
        Candidate { before, after, extra, expects: Vec::new(), cause }
    }

    fn apply(
        &self,
        app: &App,
        after: &mut Identity,
        act: &RecordChange,
        origin: FeedRun<'_>,
        moment: &DecisionContext,
    ) {
        let source = &origin.source.name;
        match act {
            RecordChange::Record(record) => apply_record(&app.context, after, record, moment.now),
            RecordChange::Reread(record) => apply_reread(&app.context, after, record, moment.now),
            RecordChange::Readable(readable, _) => {
                apply_readable(after, source, readable, moment.now);
            }
            RecordChange::Missing(key, _, missed) => {
                let since = missed.map_or(moment.now, |m| m.at);
                let ends = match origin.source.missing {
                    MissingRule::Ignore => None,
                    MissingRule::EndAfter(wait) => since.checked_add(wait).ok(),
                };
                apply_missing(after, source, key, since, ends);
            }
            RecordChange::Present(key) => apply_present(after, source, key, moment.now),
        }
    }

    fn what(&self, source: &SourceName) -> Value {
        self.acts.iter().map(|a| json!({ a.word(): format!("{source}:{}", a.key().as_str()) })).collect()
    }

    /// The parts that end or suspend something, where the rest is held. Their rows are not noted as taken: they come again.
    pub(crate) fn ends(&self) -> Self {
        let part = |act: &RecordChange| match act {
            RecordChange::Record(record) | RecordChange::Reread(record) => {
                RecordChange::Readable(Box::new(Readable::of(record)), <[u8; 32]>::default())
            }
            RecordChange::Readable(part, _) => RecordChange::Readable(part.clone(), <[u8; 32]>::default()),
            RecordChange::Missing(..) | RecordChange::Present(_) => act.clone(),
        };
        Self { id: self.id, acts: self.acts.iter().map(part).collect() }
    }

    /// States that those of its rows are present which a brake holds and which were missing before.
    pub(crate) fn present(&self, was_missing: impl Fn(&RecordKey) -> bool) -> Option<Self> {
        let there =
            self.acts.iter().filter(|act| !matches!(act, RecordChange::Missing(..))).map(RecordChange::key);
        let acts: Vec<RecordChange> =
            there.filter(|key| was_missing(key)).cloned().map(RecordChange::Present).collect();
        (!acts.is_empty()).then_some(Self { id: self.id, acts })
    }

    /// The records with the change that a brake holds.
    pub(crate) fn held(&self, origin: FeedRun<'_>) -> Vec<Change> {
        self.acts
            .iter()
            .filter_map(|act| {
                let (_, digest) = act.noted()?;
                Some(Change::PutRecord(Box::new(RecordRow {
                    source: origin.source.name.clone(),
                    key: act.key().clone(),
                    identity: Some(self.id),
                    state: match act {
                        RecordChange::Readable(..) => RecordState::HeldInPart,
                        RecordChange::Reread(_) => RecordState::HeldReread,
                        RecordChange::Record(_) | RecordChange::Missing(..) | RecordChange::Present(_) => {
                            RecordState::Held
                        }
                    },
                    digest,
                    waiting: match act {
                        RecordChange::Record(record) | RecordChange::Reread(record) => {
                            Some((**record).clone())
                        }
                        RecordChange::Readable(readable, digest) => Some(of_part(origin, readable, *digest)),
                        RecordChange::Missing(..) | RecordChange::Present(_) => None,
                    },
                    run: match act {
                        RecordChange::Missing(_, _, Some(missed)) => missed.run,
                        _ => origin.run,
                    },
                })))
            })
            .collect()
    }
}

/// The readable part of a row, as a record without any other content.
fn of_part(origin: FeedRun<'_>, part: &Readable, digest: [u8; 32]) -> NormalRecord {
    NormalRecord {
        source: origin.source.name.clone(),
        key: part.key.clone(),
        engagement: None,
        start: None,
        last_day: part.last_day,
        end: part.end,
        zone: part.zone.clone(),
        absences: part.absences.clone(),
        withdrawn: part.withdrawn,
        keys: BTreeMap::new(),
        attributes: BTreeMap::new(),
        cleared: BTreeMap::new(),
        digest,
    }
}

/// The content of a record that waited, when it is released or its question is answered. `missed` is the first run without it.
pub(crate) fn released(row: RecordRow, missed: Option<Missed>) -> RecordChange {
    match (row.state, row.waiting) {
        (RecordState::HeldInPart, Some(part)) => {
            let NormalRecord { key, zone, last_day, end, absences, withdrawn, digest, .. } = part;
            let part = Readable { key, zone, last_day, end, absences, withdrawn };
            RecordChange::Readable(Box::new(part), digest)
        }
        (RecordState::HeldReread, Some(record)) => RecordChange::Reread(Box::new(record)),
        (_, Some(record)) => RecordChange::Record(Box::new(record)),
        (_, None) => RecordChange::Missing(row.key, row.digest, missed),
    }
}
