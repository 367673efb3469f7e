//! Writes what waits for people: approvals, findings, held changes, correlations, accounts without an identity.

use super::turn::Writer;
use super::{run, statement};
use crate::fault::Result;
use crate::prepare::Write;
use crate::word::micros;
use std::collections::BTreeSet;
use tenure_model::{
    Acknowledgement, ApprovalRequest, ApprovalState, CorrelationId, CutOffOrder, EntitlementName, FindingId,
    IdentityId, Name as _, SystemName,
};
use tenure_store::codec::Stored as _;
use tenure_store::{ContainmentRow, CorrelationRow, FindingRow, HeldChangeRow, Loss, UnlinkedAccount};

impl Writer {
    /// The deadline column is set while the request is pending; the indexes use it.
    pub(super) fn put_approval(&self, request: &ApprovalRequest, write: &Write) -> Result<()> {
        let deadline = match &request.state {
            ApprovalState::Pending { deadline } => Some(micros(*deadline)),
            _ => None,
        };
        run(
            &self.connection,
            "INSERT INTO approval (id, identity, asked_at, deadline, revision, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET identity = excluded.identity, asked_at = excluded.asked_at,
               deadline = excluded.deadline, revision = excluded.revision, body = excluded.body",
            (
                request.id.as_bytes(),
                request.identity.as_bytes(),
                micros(request.asked_at),
                deadline,
                request.revision.cast_signed(),
                &write.body,
            ),
        )?;
        run(&self.connection, "DELETE FROM approval_approver WHERE approval = ?1", [request.id.as_bytes()])?;
        let approvers = if deadline.is_some() { request.put_to() } else { BTreeSet::new() };
        approvers.iter().try_for_each(|approver| {
            run(
                &self.connection,
                "INSERT INTO approval_approver (approver, approval) VALUES (?1, ?2)",
                (approver.as_bytes(), request.id.as_bytes()),
            )
            .map(drop)
        })
    }

    pub(super) fn put_cut_off_order(&self, order: &CutOffOrder, write: &Write) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO cut_off_order (id, ended_at, body) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, body = excluded.body",
            (order.id.as_bytes(), order.ended.as_ref().map(|(at, _)| micros(*at)), &write.body),
        )?;
        Ok(())
    }

    pub(super) fn put_finding(&self, row: &FindingRow) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO finding (id, identity, system, kind, about, detail, since, owner, deadline, due)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (id) DO UPDATE SET identity = excluded.identity, system = excluded.system,
               kind = excluded.kind, about = excluded.about, detail = excluded.detail, owner = excluded.owner,
               deadline = excluded.deadline,
               due = coalesce(excluded.deadline, finding.since + excluded.due - excluded.since)",
            (
                row.id.as_bytes(),
                row.identity.as_ref().map(|id| id.as_bytes()),
                row.system.as_ref().map(|system| system.as_str()),
                row.finding.kind().as_str(),
                &row.finding.about,
                row.finding.detail.encode()?,
                micros(row.since),
                &row.owner,
                row.deadline.map(micros),
                micros(row.due()),
            ),
        )?;
        Ok(())
    }

    pub(super) fn end_finding(&self, id: FindingId) -> Result<()> {
        run(&self.connection, "DELETE FROM finding WHERE id = ?1", [id.as_bytes()])?;
        Ok(())
    }

    pub(super) fn put_acknowledgement(&self, row: &Acknowledgement) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO acknowledgement (id, about, cause, by, at, until, reason, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE SET about = excluded.about, cause = excluded.cause, by = excluded.by,
               at = excluded.at, until = excluded.until, reason = excluded.reason, revision = excluded.revision",
            (
                row.finding.as_bytes(),
                row.about.as_ref().map(|id| id.as_bytes()),
                row.cause,
                row.by.as_bytes(),
                micros(row.at),
                micros(row.until),
                &row.reason,
                row.revision.cast_signed(),
            ),
        )?;
        Ok(())
    }

    pub(super) fn end_correlation(&self, id: CorrelationId) -> Result<()> {
        run(&self.connection, "DELETE FROM correlation WHERE id = ?1", [id.as_bytes()])?;
        Ok(())
    }

    /// Findings that stay keep their `since`, so only those that no longer apply are deleted.
    pub(super) fn replace_findings(&self, identity: IdentityId, rows: &[FindingRow]) -> Result<()> {
        let known: Vec<[u8; 16]> =
            statement(&self.connection, "SELECT id FROM finding WHERE identity = ?1 AND system IS NULL")?
                .query_map([identity.as_bytes()], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
        for id in known.into_iter().map(FindingId::from_bytes) {
            if !rows.iter().any(|row| row.id == id) {
                self.end_finding(id)?;
            }
        }
        rows.iter().try_for_each(|row| self.put_finding(row))
    }

    pub(super) fn put_held_change(&self, row: &HeldChangeRow, write: &Write) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO held_change (id, scope, reason, owner, since, deadline, ended_at, ended_by, people, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (id) DO UPDATE SET scope = excluded.scope, reason = excluded.reason, owner = excluded.owner,
               since = excluded.since, deadline = excluded.deadline, ended_at = excluded.ended_at,
               ended_by = excluded.ended_by, people = excluded.people, revision = excluded.revision",
            (
                row.id.as_bytes(),
                &row.scope,
                &row.reason,
                &row.owner,
                micros(row.since),
                micros(row.deadline),
                row.ended.as_ref().map(|(at, _)| micros(*at)),
                row.ended.as_ref().map(|(_, by)| by),
                &write.body,
                row.revision.cast_signed(),
            ),
        )?;
        Ok(())
    }

    pub(super) fn put_correlation(&self, row: &CorrelationRow, write: &Write) -> Result<()> {
        let answer = row.answer.as_ref();
        run(
            &self.connection,
            "INSERT INTO correlation (id, source, key, reason, candidates, since, answered_at, answered_by, answer, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (id) DO UPDATE SET source = excluded.source, key = excluded.key, reason = excluded.reason,
               candidates = excluded.candidates, since = excluded.since, answered_at = excluded.answered_at,
               answered_by = excluded.answered_by, answer = excluded.answer, revision = excluded.revision",
            (
                row.id.as_bytes(),
                row.source.as_str(),
                row.key.as_str(),
                row.reason.encode()?,
                &write.body,
                micros(row.since),
                answer.map(|(at, ..)| micros(*at)),
                answer.map(|(_, by, _)| by.as_bytes()),
                answer.and_then(|(.., id)| id.as_ref()).map(|id| id.as_bytes()),
                row.revision.cast_signed(),
            ),
        )?;
        Ok(())
    }

    pub(super) fn put_unlinked(&self, row: &UnlinkedAccount, write: &Write) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO unlinked (system, external_id, name, enabled, entitlements, class, owner, kind, candidates, asked,
               said_at, said_by, seen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (system, external_id) DO UPDATE SET name = excluded.name, enabled = excluded.enabled,
               entitlements = excluded.entitlements, class = excluded.class, owner = excluded.owner,
               kind = excluded.kind, candidates = excluded.candidates, asked = excluded.asked,
               said_at = excluded.said_at, said_by = excluded.said_by, seen = excluded.seen",
            (
                row.system.as_str(),
                &row.external_id,
                &row.name,
                row.enabled,
                &write.body,
                row.class.as_str(),
                &row.owner,
                row.kind.as_str(),
                &write.second,
                !row.candidates.is_empty(),
                row.said.map(|(at, _)| micros(at)),
                row.said.as_ref().map(|(_, by)| by.as_bytes()),
                micros(row.seen),
            ),
        )?;
        Ok(())
    }

    pub(super) fn end_unlinked(&self, system: &SystemName, external_id: &str) -> Result<()> {
        run(
            &self.connection,
            "DELETE FROM unlinked WHERE system = ?1 AND external_id = ?2",
            (system.as_str(), external_id),
        )?;
        Ok(())
    }

    pub(super) fn put_containment(&self, row: &ContainmentRow) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO containment (system, outer, inner, since, seen) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (system, outer, inner) DO UPDATE SET seen = excluded.seen",
            (
                row.outer.system_str(),
                row.outer.as_str(),
                row.inner.as_str(),
                micros(row.since),
                micros(row.seen),
            ),
        )?;
        Ok(())
    }

    pub(super) fn end_containment(&self, outer: &EntitlementName, inner: &EntitlementName) -> Result<()> {
        run(
            &self.connection,
            "DELETE FROM containment WHERE system = ?1 AND outer = ?2 AND inner = ?3",
            (outer.system_str(), outer.as_str(), inner.as_str()),
        )?;
        Ok(())
    }

    pub(super) fn put_loss(&self, loss: &Loss) -> Result<()> {
        run(
            &self.connection,
            "INSERT INTO loss (scope, at, identity) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            (&loss.scope, micros(loss.at), loss.identity.as_bytes()),
        )?;
        Ok(())
    }
}
