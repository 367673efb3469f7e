//! The register: each finding with its owner, its deadline and its acknowledgement, counted, and the first ones.

use super::Findings;
use super::owner::Owners;
use super::reader::FindingsFilter;
use crate::finding_rows::organisation_finding_id;
use crate::{AppError, DecisionContext, InQuarantine, Item};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use tenure_model::{
    Acknowledgement, Finding, FindingDetail, FindingId, FindingKind, IdentityId, RowFault, SystemName,
};
use tenure_store::{FindingRow, QuarantineRow};

/// Findings that are read together.
const READ: u32 = 1_000;
/// Findings that the register keeps of those that it counts.
const FIRST: usize = 100;

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

/// How many findings there are, and the first ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Register {
    /// The first open findings, the earliest deadline first.
    pub first: Vec<OpenFinding>,
    /// The first open findings that are about no row in quarantine.
    pub first_found: Vec<OpenFinding>,
    /// Number of findings that are not acknowledged.
    pub open: u64,
    /// Number of acknowledged findings.
    pub acknowledged: u64,
    /// Number of rows in quarantine whose finding is not acknowledged.
    pub quarantined: u64,
}

impl Register {
    /// Counts one more finding.
    fn count(&mut self, found: OpenFinding) {
        if found.acknowledged.is_some() {
            self.acknowledged += 1;
            return;
        }
        self.open += 1;
        if found.finding.kind() == FindingKind::Quarantined {
            self.quarantined += 1;
        } else if self.first_found.len() < FIRST {
            self.first_found.push(found.clone());
        }
        if self.first.len() < FIRST {
            self.first.push(found);
        }
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
    /// Counts all findings: those of settling and of scans as stored, those about the organisation as of now, and the quarantine.
    pub(crate) async fn register(&self, moment: &DecisionContext) -> Result<Register, AppError> {
        let mut register = Register::default();
        let mut reader = self.reader(FindingsFilter::default(), None, moment).await?;
        loop {
            let some = reader.next(READ).await?;
            if some.is_empty() {
                return Ok(register);
            }
            some.into_iter().for_each(|(_, found)| register.count(found));
        }
    }

    /// The findings whose id fits, at most `limit`.
    pub(crate) async fn fitting(
        &self,
        fits: impl Fn(&FindingId) -> bool + Send,
        limit: usize,
        moment: &DecisionContext,
    ) -> Result<Vec<OpenFinding>, AppError> {
        let mut found = Vec::new();
        let mut reader = self.reader(FindingsFilter::default(), None, moment).await?;
        while found.len() < limit {
            let some = reader.next(READ).await?;
            if some.is_empty() {
                break;
            }
            found.extend(some.into_iter().map(|(_, found)| found).filter(|f| fits(&f.id)));
        }
        found.truncate(limit);
        Ok(found)
    }

    /// One finding.
    pub(super) async fn found(
        &self,
        id: FindingId,
        moment: &DecisionContext,
    ) -> Result<OpenFinding, AppError> {
        let unknown = || AppError::unknown(Item::Finding, id.to_string());
        self.fitting(|one| *one == id, 1, moment).await?.pop().ok_or_else(unknown)
    }
}

/// A stored finding with its owner and deadline.
pub(super) fn opened(row: FindingRow, owners: &Owners<'_>, moment: &DecisionContext) -> OpenFinding {
    let owner = owners.of(&row);
    let deadline = row.due();
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

/// The finding of a row in quarantine, for all of its faults.
pub(super) fn of_quarantine(all: &[InQuarantine]) -> Option<OpenFinding> {
    let first = all.first()?;
    let about = format!("{}:{}", first.row.source, first.row.key);
    let faults = all.iter().map(|q| fault(&q.row)).collect();
    let finding = Finding::new(about.as_str(), FindingDetail::RowQuarantined { faults });
    Some(OpenFinding {
        id: organisation_finding_id(FindingKind::Quarantined, &about),
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
}
