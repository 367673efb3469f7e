//! Findings about the organisation as a whole: they stand as long as each pass sees them.

use crate::decide::finding_id;
use crate::{App, AppError, Moment};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tenure_model::{Finding, FindingId, FindingKind};
use tenure_store::{Change, FindingRow, Unit};

/// Findings that are read together.
const PAGE: u32 = 2_048;
/// Findings in one unit.
const CHUNK: usize = 1_000;
/// Most findings about the organisation as a whole that one pass keeps; a later one keeps the rest once some are dealt with.
pub(crate) const KEPT_MAX: u32 = 100_000;

/// The kinds that a pass looks for in everything that is stored: what it does not see any more is over.
pub(super) const LOOKED_FOR: [FindingKind; 11] = [
    FindingKind::NoOwner,
    FindingKind::NoApprover,
    FindingKind::LastResort,
    FindingKind::OverdueFeed,
    FindingKind::RecycledName,
    FindingKind::UnknownSecret,
    FindingKind::OverdueHeldChange,
    FindingKind::UnansweredRecord,
    FindingKind::OverdueCutOff,
    FindingKind::Damage,
    FindingKind::NeverReconciled,
];

/// Something found about the organisation as a whole.
#[derive(Debug, Clone)]
pub(crate) struct Looked {
    pub(crate) finding: Finding,
    /// Who deals with it, where the kind does not say.
    pub(crate) owner: Option<Arc<str>>,
    /// Until when, where the kind does not say.
    pub(crate) deadline: Option<Timestamp>,
}

impl Looked {
    pub(crate) fn new(kind: FindingKind, about: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let finding = Finding { kind, about: about.into(), text: text.into() };
        Self { finding, owner: None, deadline: None }
    }

    pub(crate) fn owned_by(self, owner: &Arc<str>) -> Self {
        Self { owner: Some(owner.clone()), ..self }
    }

    pub(crate) fn due(self, deadline: Timestamp) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    pub(crate) fn row(self, now: Timestamp) -> FindingRow {
        let Self { finding, owner, deadline } = self;
        let id = whole_id(finding.kind, &finding.about);
        FindingRow { id, identity: None, system: None, finding, owner, deadline, since: now }
    }
}

/// The id of a finding about a source, or about a name of the configuration.
pub(crate) fn whole_id(kind: FindingKind, about: &str) -> FindingId {
    finding_id(&[b"whole", about.as_bytes(), kind.as_str().as_bytes()])
}

/// A finding about a source, or about a name of the configuration.
pub(crate) fn about_the_whole(kind: FindingKind, about: &str, text: String, moment: &Moment) -> Change {
    Change::PutFinding(Looked::new(kind, about, text).row(moment.now))
}

impl App {
    /// The stored findings that are wanted, read page by page.
    pub(crate) async fn findings_where(
        &self,
        wanted: impl Fn(&FindingRow) -> bool + Send,
    ) -> Result<Vec<FindingRow>, AppError> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let some = self.store.findings_after(after, PAGE).await?;
            let Some(last) = some.last() else { return Ok(found) };
            after = Some(last.id);
            found.extend(some.into_iter().filter(&wanted));
        }
    }

    /// Looks for everything that a pass finds about the organisation, and keeps it: what was seen before keeps its `since`, what is
    /// not seen any more ends.
    pub(crate) async fn look_for_findings(&self, moment: &Moment) -> Result<(), AppError> {
        let seen = self.look_at_organisation(moment).await?;
        let found: BTreeMap<FindingId, FindingRow> =
            seen.into_iter().map(|looked| looked.row(moment.now)).map(|row| (row.id, row)).collect();
        let before = self.store.findings_about_the_whole(KEPT_MAX).await?;
        let mut same = BTreeSet::new();
        let mut changes = Vec::new();
        for row in before.into_iter().filter(|row| LOOKED_FOR.contains(&row.finding.kind)) {
            match found.get(&row.id) {
                None => changes.push(Change::EndFinding(row.id)),
                Some(now) => {
                    let is_same = FindingRow { since: row.since, ..now.clone() } == row;
                    same.extend(is_same.then_some(row.id));
                }
            }
        }
        let room = usize::try_from(KEPT_MAX).unwrap_or(usize::MAX);
        let new = found.into_values().take(room).filter(|row| !same.contains(&row.id));
        changes.extend(new.map(Change::PutFinding));
        while !changes.is_empty() {
            let rest = changes.split_off(changes.len().min(CHUNK));
            let changes = std::mem::replace(&mut changes, rest);
            self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
        Ok(())
    }
}
