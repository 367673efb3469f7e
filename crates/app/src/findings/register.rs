//! The register: every finding with its owner, its deadline and its acknowledgement, in one order.

use super::Findings;
use super::owner::{Owners, within};
use crate::known_findings::{KEPT_MAX, Looked, is_looked_for, whole_id};
use crate::{AppError, DecisionContext, InQuarantine};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::range::moved;
use tenure_model::{
    Acknowledgement, Finding, FindingDetail, FindingId, FindingKind, IdentityId, RowFault, SystemName,
};
use tenure_store::{FindingRow, QuarantineRow};

/// Most findings that are read at once; the number of further ones is reported.
const READ_MAX: u32 = 100_000;

/// A finding that is not dealt with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFinding {
    /// Its id.
    pub id: FindingId,
    /// The identity it is about.
    pub identity: Option<IdentityId>,
    /// The system it is about.
    pub system: Option<SystemName>,
    /// The finding, and what to do.
    pub finding: Finding,
    /// Its owner: a name of the configuration.
    pub owner: Arc<str>,
    /// The group that is asked as well: the deadline passed, or no owner is here.
    pub escalated: Option<Arc<str>>,
    /// When it was first found.
    pub since: Timestamp,
    /// Its deadline.
    pub deadline: Timestamp,
    /// Whether it can never be acknowledged.
    pub is_firm: bool,
    /// Its acknowledgement in force.
    pub acknowledged: Option<Acknowledgement>,
}

/// All findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Register {
    /// Open findings, the earliest deadline first, then acknowledged ones.
    pub findings: Vec<OpenFinding>,
    /// Number of further stored findings that were not read: there are too many to list at once.
    pub left: u64,
}

impl Register {
    /// Findings that are not acknowledged.
    pub fn open(&self) -> impl Iterator<Item = &OpenFinding> {
        self.findings.iter().filter(|f| f.acknowledged.is_none())
    }

    /// Number of acknowledged findings.
    #[must_use]
    pub fn acknowledged(&self) -> usize {
        self.findings.len() - self.open().count()
    }
}

impl OpenFinding {
    /// Distinguishes this cause from another one of the same finding, whatever the sentence says.
    #[must_use]
    pub fn cause(&self) -> [u8; 32] {
        Sha256::digest(self.finding.cause()).into()
    }
}

impl Findings<'_> {
    /// All findings: those of settling and of scans as stored, those about the organisation as of now, and the quarantine.
    pub(crate) async fn register(&self, moment: &DecisionContext) -> Result<Register, AppError> {
        let mut rows = self.app.store.findings(None, READ_MAX).await?;
        let read = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let left = match read < u64::from(READ_MAX) {
            true => 0,
            false => self.app.store.finding_count().await?.saturating_sub(read),
        };
        let is_whole = |r: &FindingRow| r.identity.is_none() && r.system.is_none();
        let since: BTreeMap<FindingId, Timestamp> =
            rows.iter().filter(|r| is_whole(r)).map(|r| (r.id, r.since)).collect();
        rows.retain(|r| !(is_whole(r) && is_looked_for(r.finding.kind())));
        let seen = self.look_at_organisation(moment).await?.into_iter();
        rows.extend(seen.take(usize::try_from(KEPT_MAX).unwrap_or(usize::MAX)).map(|looked| {
            let row = Looked::row(looked, moment.now);
            FindingRow { since: since.get(&row.id).copied().unwrap_or(row.since), ..row }
        }));
        let owners = self.finding_owners(&rows).await?;
        let acknowledged: BTreeMap<FindingId, Acknowledgement> =
            self.app.store.acknowledgements(moment.now).await?.into_iter().map(|a| (a.finding, a)).collect();
        let stored = rows.into_iter().map(|row| opened(row, &owners, moment));
        let quarantine = of_quarantine(self.app.quarantine().in_quarantine(moment).await?);
        let mut findings: Vec<OpenFinding> = stored.chain(quarantine).collect();
        for finding in &mut findings {
            let said = acknowledged.get(&finding.id).filter(|a| a.holds(&finding.cause(), moment.now));
            finding.acknowledged = said.filter(|_| !finding.is_firm).cloned();
        }
        findings.sort_by_key(|f| (f.acknowledged.is_some(), f.deadline, f.id));
        Ok(Register { findings, left })
    }
}

fn opened(row: FindingRow, owners: &Owners<'_>, moment: &DecisionContext) -> OpenFinding {
    let owner = owners.of(&row);
    let deadline = row.deadline.unwrap_or_else(|| moved(row.since, within(row.finding.kind())));
    let is_late = deadline <= moment.now || !owners.is_here(&owner);
    let FindingRow { id, identity, system, finding, since, .. } = row;
    let is_firm = finding.kind().is_firm();
    let escalated = is_late.then(|| owners.escalation()).filter(|group| *group != owner);
    OpenFinding {
        id,
        identity,
        system,
        finding,
        owner,
        escalated,
        since,
        deadline,
        is_firm,
        acknowledged: None,
    }
}

fn fault(row: &QuarantineRow) -> RowFault {
    let QuarantineRow { code, place, value, reason, .. } = row.clone();
    RowFault { code, place, value, reason }
}

/// One finding for each row in quarantine, for all of its faults.
fn of_quarantine(all: Vec<InQuarantine>) -> Vec<OpenFinding> {
    let mut rows: BTreeMap<String, Vec<InQuarantine>> = BTreeMap::new();
    for one in all {
        rows.entry(format!("{}:{}", one.row.source, one.row.key)).or_default().push(one);
    }
    let open = rows.into_iter().filter_map(|(about, all)| {
        let first = all.first()?;
        let faults = all.iter().map(|q| fault(&q.row)).collect();
        let finding = Finding::new(about.as_str(), FindingDetail::RowQuarantined { faults });
        Some(OpenFinding {
            id: whole_id(FindingKind::Quarantined, &about),
            identity: None,
            system: None,
            owner: first.owner.clone(),
            escalated: all.iter().find_map(|q| q.escalated.as_ref()).map(|g| Arc::from(format!("group:{g}"))),
            since: all.iter().map(|q| q.row.since).min()?,
            deadline: all.iter().map(|q| q.deadline).min()?,
            is_firm: all.iter().any(|q| q.row.urgent),
            acknowledged: None,
            finding,
        })
    });
    open.collect()
}
