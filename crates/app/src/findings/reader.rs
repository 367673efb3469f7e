//! Reads findings in the order of their deadlines, a page at a time: what is stored, what is found in the organisation now, and what is in
//! quarantine.

use super::Findings;
use super::register::{OpenFinding, of_quarantine, opened};
use crate::directory::Directory;
use crate::finding_rows::{KEPT_MAX, OrganisationFinding, is_looked_for};
use crate::quarantine::{REPAIR_WITHIN, UNREADABLE_END_WITHIN};
use crate::{AppError, DecisionContext};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{Acknowledgement, FindingId, FindingKind, IdentityId, Name as _, SourceName, SystemName};
use tenure_store::{FindingFilter, FindingRow, QuarantineKey};

/// Which findings to read; all that are named must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingsFilter {
    /// Only about this identity.
    pub about: Option<IdentityId>,
    /// Only about this system.
    pub system: Option<SystemName>,
    /// Only of these kinds; empty: of all.
    pub kinds: Vec<FindingKind>,
    /// Only those that this identity owns, or is asked about because they were escalated.
    pub of: Option<IdentityId>,
    /// Only those that are acknowledged, or that are not.
    pub acknowledged: Option<bool>,
}

/// A place in the list of findings: findings of one deadline are listed by id, and after them the rows in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingsPlace {
    due: Timestamp,
    row: Row,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    Finding(FindingId),
    Quarantined(SourceName, Arc<str>),
}

impl FindingsPlace {
    fn of(row: &FindingRow) -> Self {
        Self { due: row.due(), row: Row::Finding(row.id) }
    }

    /// Reads a place as it is written.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (due, row) = text.split_once('/')?;
        let row = match FindingId::parse(row) {
            Some(id) => Row::Finding(id),
            None => {
                let (source, key) = row.split_once(':')?;
                Row::Quarantined(SourceName::new(source).ok()?, Arc::from(key))
            }
        };
        Some(Self { due: due.parse().ok()?, row })
    }
}

impl std::fmt::Display for FindingsPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.row {
            Row::Finding(id) => write!(f, "{}/{id}", self.due),
            Row::Quarantined(source, key) => write!(f, "{}/{source}:{key}", self.due),
        }
    }
}

/// Reads on after a place.
pub(crate) struct Reader<'a> {
    findings: Findings<'a>,
    filter: FindingsFilter,
    after: Option<FindingsPlace>,
    moment: &'a DecisionContext,
    directory: Directory,
    /// What is found in the organisation now, in order.
    whole: Vec<FindingRow>,
}

impl<'a> Findings<'a> {
    /// Reads the findings that a filter lets through, after a place.
    pub(crate) async fn reader(
        &self,
        filter: FindingsFilter,
        after: Option<FindingsPlace>,
        moment: &'a DecisionContext,
    ) -> Result<Reader<'a>, AppError> {
        let is_asked = |kind: FindingKind| filter.kinds.is_empty() || filter.kinds.contains(&kind);
        let mut looked_for = FindingKind::ALL.iter().copied().filter(|kind| is_looked_for(*kind));
        let of_whole = filter.about.is_none() && filter.system.is_none() && looked_for.any(is_asked);
        let mut whole = if of_whole { self.of_organisation(moment).await? } else { Vec::new() };
        whole.retain(|row| is_asked(row.finding.kind()));
        whole.sort_by_cached_key(FindingsPlace::of);
        let directory = Directory::load(self.app).await?;
        Ok(Reader { findings: *self, filter, after, moment, directory, whole })
    }

    /// What is found in the organisation now, each finding since it was first stored.
    async fn of_organisation(&self, moment: &DecisionContext) -> Result<Vec<FindingRow>, AppError> {
        let stored = self.app.store.findings_about_the_whole(KEPT_MAX).await?;
        let since: BTreeMap<FindingId, Timestamp> =
            stored.into_iter().map(|row| (row.id, row.since)).collect();
        let looked = self.look_at_organisation(moment).await?.into_iter();
        let row = |looked| {
            let row = OrganisationFinding::row(looked, moment.now);
            FindingRow { since: since.get(&row.id).copied().unwrap_or(row.since), ..row }
        };
        Ok(looked.take(usize::try_from(KEPT_MAX).unwrap_or(usize::MAX)).map(row).collect())
    }
}

/// A finding whose owner is not looked up yet.
enum UnownedFinding {
    Row(FindingRow),
    Quarantined(QuarantineKey),
}

impl Reader<'_> {
    /// The next findings, each with its place, read `limit` at a time; none after the last one.
    pub(crate) async fn next(&mut self, limit: u32) -> Result<Vec<(FindingsPlace, OpenFinding)>, AppError> {
        loop {
            let found = self.read(limit.max(1)).await?;
            let Some((last, _)) = found.last() else { return Ok(Vec::new()) };
            self.after = Some(last.clone());
            let shown = self.shown(found).await?;
            if !shown.is_empty() {
                return Ok(shown);
            }
        }
    }

    /// The next of all that is found, in order.
    async fn read(&self, limit: u32) -> Result<Vec<(FindingsPlace, UnownedFinding)>, AppError> {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let placed = |row: FindingRow| (FindingsPlace::of(&row), UnownedFinding::Row(row));
        let stored = |(due, row): (Timestamp, FindingRow)| {
            (FindingsPlace { due, row: Row::Finding(row.id) }, UnownedFinding::Row(row))
        };
        let is_next =
            |row: &&FindingRow| self.after.as_ref().is_none_or(|after| FindingsPlace::of(row) > *after);
        let mut all: Vec<_> = self.whole.iter().filter(is_next).take(most).cloned().map(placed).collect();
        all.extend(self.stored(limit).await?.into_iter().map(stored));
        all.extend(self.quarantined(limit).await?);
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all.truncate(most);
        Ok(all)
    }

    /// The next ones of those that settling and scans stored.
    async fn stored(&self, limit: u32) -> Result<Vec<(Timestamp, FindingRow)>, AppError> {
        let FindingsFilter { about, system, kinds, .. } = &self.filter;
        let filter = FindingFilter { identity: *about, system: system.clone(), kinds: kinds.clone() };
        let mut after = self.after.as_ref().map(|place| match &place.row {
            Row::Finding(id) => (place.due, *id),
            // Rows in quarantine come after the findings of the same deadline.
            Row::Quarantined(..) => (place.due, FindingId::from_bytes([u8::MAX; 16])),
        });
        let is_whole = |r: &FindingRow| r.identity.is_none() && r.system.is_none();
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut found: Vec<(Timestamp, FindingRow)> = Vec::new();
        while found.len() < most {
            let some = self.findings.app.store.findings_due(&filter, after, limit).await?;
            let Some((due, last)) = some.last() else { break };
            after = Some((*due, last.id));
            // These are as of now.
            found.extend(some.into_iter().filter(|(_, r)| !(is_whole(r) && is_looked_for(r.finding.kind()))));
        }
        Ok(found)
    }

    /// The next rows in quarantine.
    async fn quarantined(&self, limit: u32) -> Result<Vec<(FindingsPlace, UnownedFinding)>, AppError> {
        let FindingsFilter { about, system, kinds, .. } = &self.filter;
        let is_asked = kinds.is_empty() || kinds.contains(&FindingKind::Quarantined);
        if about.is_some() || system.is_some() || !is_asked {
            return Ok(Vec::new());
        }
        let after = self.after.as_ref().map(|place| match &place.row {
            Row::Finding(_) => (place.due, None),
            Row::Quarantined(source, key) => (place.due, Some((source.clone(), key.clone()))),
        });
        let within = (UNREADABLE_END_WITHIN, REPAIR_WITHIN);
        let rows = self.findings.app.store.quarantine_due(within, after, limit).await?;
        let placed = |(due, (source, key)): (Timestamp, QuarantineKey)| {
            let row = Row::Quarantined(source.clone(), key.clone());
            (FindingsPlace { due, row }, UnownedFinding::Quarantined((source, key)))
        };
        Ok(rows.into_iter().map(placed).collect())
    }

    /// Those that the filter lets through, with owners and acknowledgements.
    async fn shown(
        &self,
        found: Vec<(FindingsPlace, UnownedFinding)>,
    ) -> Result<Vec<(FindingsPlace, OpenFinding)>, AppError> {
        let app = self.findings.app;
        let identity = |(_, found): &(FindingsPlace, UnownedFinding)| match found {
            UnownedFinding::Row(row) => row.identity,
            UnownedFinding::Quarantined(_) => None,
        };
        let ids = found.iter().filter_map(identity).collect();
        let owners = Findings { app }.finding_owners(&self.directory, ids).await?;
        let mut shown = Vec::new();
        for (place, one) in found {
            match one {
                UnownedFinding::Row(row) => shown.push((place, opened(row, &owners, self.moment))),
                UnownedFinding::Quarantined(key) => {
                    let faults = app.store.quarantine_of(&[key]).await?.into_iter();
                    let faults = faults.map(|row| app.quarantine().with_owner(row, self.moment));
                    let found = of_quarantine(&faults.collect::<Vec<_>>());
                    shown.extend(found.map(|found| (place, found)));
                }
            }
        }
        let ids: Vec<FindingId> = shown.iter().filter(|(_, f)| !f.is_firm).map(|(_, f)| f.id).collect();
        let said = app.store.acknowledgements_of(&ids).await?.into_iter().map(|a| (a.finding, a));
        let said: BTreeMap<FindingId, Acknowledgement> = said.collect();
        for (_, finding) in &mut shown {
            let said = said.get(&finding.id).filter(|a| a.holds(&finding.cause(), self.moment.now));
            finding.acknowledged = said.cloned();
        }
        let FindingsFilter { of, acknowledged, .. } = &self.filter;
        shown.retain(|(_, f)| {
            let is_of =
                |id| owners.means(&f.owner, id) || f.escalated.as_ref().is_some_and(|g| owners.means(g, id));
            acknowledged.is_none_or(|said| said == f.acknowledged.is_some()) && of.is_none_or(is_of)
        });
        Ok(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_as_it_is_written() {
        let due: Timestamp = "2026-01-06T09:00:00.000001Z".parse().unwrap();
        let finding = FindingsPlace { due, row: Row::Finding(FindingId::from_bytes([3; 16])) };
        let row = Row::Quarantined(SourceName::new("hr").unwrap(), Arc::from("line 7: a/b"));
        let quarantined = FindingsPlace { due, row };
        for place in [&finding, &quarantined] {
            assert_eq!(FindingsPlace::parse(&place.to_string()).as_ref(), Some(place), "{place}");
        }
        assert!(finding < quarantined, "findings of one deadline come first");
        for wrong in ["", "hr:1", "tomorrow/hr:1", "2026-01-06T09:00:00Z/nothing"] {
            assert_eq!(FindingsPlace::parse(wrong), None, "{wrong}");
        }
    }
}
