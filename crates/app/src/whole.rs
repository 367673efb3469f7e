//! Findings about the set-up and its sources as a whole: they stand as long as each pass sees them.

use crate::decide::finding_id;
use crate::{App, AppError, Moment};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{Finding, FindingId, FindingKind};
use tenure_store::{Change, FindingRow, Unit};

/// The id of a finding about a source, or about a name of the set-up.
pub(crate) fn whole_id(kind: FindingKind, about: &str) -> FindingId {
    finding_id(&[b"whole", about.as_bytes(), kind.as_str().as_bytes()])
}

/// A finding about a source, or about a name of the set-up.
pub(crate) fn about_the_whole(kind: FindingKind, about: &str, text: String, moment: &Moment) -> Change {
    Change::PutFinding(FindingRow {
        id: whole_id(kind, about),
        identity: None,
        system: None,
        finding: Finding { kind, about: Arc::from(about), text: Arc::from(text) },
        since: moment.now,
    })
}

impl App {
    /// Replaces the findings of one sort by what this pass sees: about what, and the text. Where that is what the last pass
    /// saw, nothing is written.
    pub(crate) async fn keep_found(
        &self,
        kind: FindingKind,
        found: BTreeMap<Arc<str>, String>,
        moment: &Moment,
    ) -> Result<(), AppError> {
        let note: Arc<str> = Arc::from(format!("found {}", kind.as_str()));
        let now = found.keys().map(|k| &**k).collect::<Vec<_>>().join("\n");
        let before = self.store.note(&note).await?.unwrap_or_default();
        if *before == *now.as_bytes() {
            return Ok(());
        }
        let gone = std::str::from_utf8(&before).unwrap_or_default().lines();
        let gone = gone.filter(|about| !found.contains_key(*about));
        let mut changes: Vec<Change> = gone.map(|about| Change::EndFinding(whole_id(kind, about))).collect();
        changes.extend(found.into_iter().map(|(about, text)| about_the_whole(kind, &about, text, moment)));
        changes.push(Change::PutNote(note, Arc::from(now.as_bytes())));
        self.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        Ok(())
    }
}
