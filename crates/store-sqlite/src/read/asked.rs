//! Reads requests, findings, held changes and questions that wait for people.

use super::identity::{BEFORE_ALL, id};
use super::{ROWS_MAX, one, readable_page, readable_rows};
use crate::fault::{Fault, Result};
use crate::word::{blob, count, instant, instant_or_none, micros, name, word};
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use tenure_model::{
    Acknowledgement, ApprovalId, ApprovalRequest, CorrelationId, CutOffOrder, CutOffOrderId, EntitlementName,
    Finding, FindingId, HeldChangeId, IdentityId, Name as _, OrphanClass, SystemName,
};
use tenure_store::codec::Stored;
use tenure_store::{ContainmentRow, CorrelationRow, FindingRow, HeldChangeRow, UnlinkedAccount};

pub(super) fn request(row: &Row<'_>) -> Result<ApprovalRequest> {
    Ok(Stored::decode(blob(row, 1)?, &ApprovalId::from_bytes(row.get(0)?))?)
}

pub(crate) fn approval(connection: &Connection, id: ApprovalId) -> Result<Option<ApprovalRequest>> {
    one(connection, "SELECT id, body FROM approval WHERE id = ?1", [id.as_bytes()], request)
}

pub(crate) fn approvals(
    connection: &Connection,
    identity: Option<IdentityId>,
    limit: u32,
) -> Result<Vec<ApprovalRequest>> {
    match identity {
        Some(identity) => readable_rows(
            connection,
            "approval",
            "SELECT id, body FROM approval WHERE deadline IS NOT NULL AND identity = ?1
             ORDER BY asked_at, id LIMIT ?2",
            (identity.as_bytes(), limit),
            request,
        ),
        None => readable_rows(
            connection,
            "approval",
            "SELECT id, body FROM approval WHERE deadline IS NOT NULL ORDER BY asked_at, id LIMIT ?1",
            [limit],
            request,
        ),
    }
}

/// In the order of ids.
pub(crate) fn approvals_after(
    connection: &Connection,
    after: Option<ApprovalId>,
    limit: u32,
) -> Result<Vec<ApprovalRequest>> {
    let after = after.map_or([0; 16], |id| *id.as_bytes());
    readable_rows(
        connection,
        "approval",
        "SELECT id, body FROM approval WHERE deadline IS NOT NULL AND id > ?1 ORDER BY id LIMIT ?2",
        (after, limit),
        request,
    )
}

pub(crate) fn approvals_about(connection: &Connection, ids: &[IdentityId]) -> Result<Vec<ApprovalRequest>> {
    let mut found = Vec::new();
    for id in ids {
        found.extend(approvals(connection, Some(*id), ROWS_MAX)?);
    }
    Ok(found)
}

pub(crate) fn approvals_due(
    connection: &Connection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<ApprovalRequest>> {
    readable_rows(
        connection,
        "approval",
        "SELECT id, body FROM approval WHERE deadline <= ?1 ORDER BY deadline, id LIMIT ?2",
        (micros(now), limit),
        request,
    )
}

pub(super) fn order(row: &Row<'_>) -> Result<CutOffOrder> {
    Ok(Stored::decode(blob(row, 1)?, &CutOffOrderId::from_bytes(row.get(0)?))?)
}

/// The columns that [`finding`] reads.
pub(super) const FINDING: &str = "id, identity, system, kind, about, detail, since, owner, deadline";

pub(super) fn finding(row: &Row<'_>) -> Result<FindingRow> {
    let system = match row.get_ref(2)? {
        rusqlite::types::ValueRef::Null => None,
        _ => Some(name(row, 2)?),
    };
    let id = FindingId::from_bytes(row.get(0)?);
    Ok(FindingRow {
        id,
        identity: row.get::<_, Option<[u8; 16]>>(1)?.map(IdentityId::from_bytes),
        system,
        finding: Finding { about: row.get(4)?, detail: Stored::decode(blob(row, 5)?, &id)? },
        since: instant(row, 6)?,
        owner: row.get(7)?,
        deadline: instant_or_none(row, 8)?,
    })
}

/// Oldest first.
pub(crate) fn findings(
    connection: &Connection,
    identity: Option<IdentityId>,
    limit: u32,
) -> Result<Vec<FindingRow>> {
    match identity {
        Some(identity) => readable_rows(
            connection,
            "finding",
            "SELECT id, identity, system, kind, about, detail, since, owner, deadline FROM finding WHERE identity = ?1
             ORDER BY since, id LIMIT ?2",
            (identity.as_bytes(), limit),
            finding,
        ),
        None => readable_rows(
            connection,
            "finding",
            "SELECT id, identity, system, kind, about, detail, since, owner, deadline FROM finding ORDER BY since, id LIMIT ?1",
            [limit],
            finding,
        ),
    }
}

/// In the order of ids.
pub(crate) fn findings_after(
    connection: &Connection,
    after: Option<FindingId>,
    limit: u32,
) -> Result<Vec<FindingRow>> {
    let after = after.map_or([0; 16], |id| *id.as_bytes());
    readable_rows(
        connection,
        "finding",
        "SELECT id, identity, system, kind, about, detail, since, owner, deadline FROM finding WHERE id > ?1
         ORDER BY id LIMIT ?2",
        (after, limit),
        finding,
    )
}

pub(crate) fn finding_count(connection: &Connection) -> Result<u64> {
    Ok(one(connection, "SELECT count(*) FROM finding", [], |row| count(row, 0))?.unwrap_or_default())
}

pub(crate) fn findings_about(connection: &Connection, ids: &[IdentityId]) -> Result<Vec<FindingRow>> {
    let mut found = Vec::new();
    for id in ids {
        found.extend(findings(connection, Some(*id), ROWS_MAX)?);
    }
    Ok(found)
}

/// Oldest first.
pub(crate) fn findings_about_the_whole(connection: &Connection, limit: u32) -> Result<Vec<FindingRow>> {
    readable_rows(
        connection,
        "finding",
        "SELECT id, identity, system, kind, about, detail, since, owner, deadline FROM finding
         WHERE identity IS NULL AND system IS NULL ORDER BY since, id LIMIT ?1",
        [limit],
        finding,
    )
}

pub(super) const ACKNOWLEDGEMENT: &str =
    "SELECT id, about, cause, by, at, until, reason, revision FROM acknowledgement";

pub(super) fn acknowledgement_row(row: &Row<'_>) -> Result<Acknowledgement> {
    Ok(Acknowledgement {
        finding: FindingId::from_bytes(row.get(0)?),
        about: row.get::<_, Option<[u8; 16]>>(1)?.map(IdentityId::from_bytes),
        cause: row.get(2)?,
        by: IdentityId::from_bytes(row.get(3)?),
        at: instant(row, 4)?,
        until: instant(row, 5)?,
        reason: row.get(6)?,
        revision: row.get::<_, i64>(7)?.cast_unsigned(),
    })
}

pub(crate) fn acknowledgement(
    connection: &Connection,
    finding: FindingId,
) -> Result<Option<Acknowledgement>> {
    let sql = format!("{ACKNOWLEDGEMENT} WHERE id = ?1");
    Ok(readable_rows(connection, "acknowledgement", &sql, [finding.as_bytes()], acknowledgement_row)?.pop())
}

pub(crate) fn containment(
    connection: &Connection,
    system: &SystemName,
    after: Option<&(EntitlementName, EntitlementName)>,
    limit: u32,
) -> Result<Vec<ContainmentRow>> {
    let (outer, inner) = after.map_or(("", ""), |(outer, inner)| (outer.as_str(), inner.as_str()));
    readable_page(
        connection,
        "containment",
        "SELECT outer, inner, since, seen FROM containment
         WHERE system = ?1 AND (outer, inner) > (?2, ?3) ORDER BY outer, inner",
        (system.as_str(), outer, inner),
        limit,
        containment_row,
    )
}

pub(super) fn containment_row(row: &Row<'_>) -> Result<ContainmentRow> {
    Ok(ContainmentRow {
        outer: name(row, 0)?,
        inner: name(row, 1)?,
        since: instant(row, 2)?,
        seen: instant(row, 3)?,
    })
}

pub(crate) fn unlinked_account(
    connection: &Connection,
    system: &SystemName,
    external_id: &str,
) -> Result<Option<UnlinkedAccount>> {
    let found = readable_rows(
        connection,
        "unlinked",
        "SELECT system, external_id, name, enabled, entitlements, class, owner, kind, candidates, said_at, said_by, seen
         FROM unlinked WHERE system = ?1 AND external_id = ?2",
        (system.as_str(), external_id),
        unlinked_row,
    )?;
    Ok(found.into_iter().next())
}

/// The columns that [`unlinked_row`] reads.
pub(super) const UNLINKED: &str = "system, external_id, name, enabled, entitlements, class, owner, kind, candidates, said_at, said_by, seen";

pub(super) fn unlinked_row(row: &Row<'_>) -> Result<UnlinkedAccount> {
    let said = match (instant_or_none(row, 9)?, row.get(10)?) {
        (Some(at), Some(by)) => Some((at, IdentityId::from_bytes(by))),
        _ => None,
    };
    Ok(UnlinkedAccount {
        system: name(row, 0)?,
        external_id: row.get(1)?,
        name: row.get(2)?,
        enabled: row.get(3)?,
        entitlements: Stored::decode(blob(row, 4)?, &"of an account")?,
        class: word(row, 5, OrphanClass::parse)?,
        owner: row.get(6)?,
        kind: name(row, 7)?,
        candidates: Stored::decode(blob(row, 8)?, &"of an account")?,
        said,
        seen: instant(row, 11)?,
    })
}

pub(super) const HELD: &str =
    "id, scope, reason, owner, since, deadline, ended_at, ended_by, people, revision";

pub(super) fn held(row: &Row<'_>) -> Result<HeldChangeRow> {
    let id = HeldChangeId::from_bytes(row.get(0)?);
    let ended = match (instant_or_none(row, 6)?, row.get(7)?) {
        (Some(at), Some(by)) => Some((at, by)),
        (None, None) => None,
        _ => return Err(Fault::inconsistent(format!("held change {id}"), "it has ended without an actor")),
    };
    Ok(HeldChangeRow {
        id,
        scope: row.get(1)?,
        reason: row.get(2)?,
        owner: row.get(3)?,
        since: instant(row, 4)?,
        deadline: instant(row, 5)?,
        people: Stored::decode(blob(row, 8)?, &id)?,
        ended,
        revision: row.get::<_, i64>(9)?.cast_unsigned(),
    })
}

pub(crate) fn held_change(connection: &Connection, id: HeldChangeId) -> Result<Option<HeldChangeRow>> {
    one(connection, &format!("SELECT {HELD} FROM held_change WHERE id = ?1"), [id.as_bytes()], held)
}

pub(crate) fn losses(
    connection: &Connection,
    scope: &str,
    since: Timestamp,
    after: Option<IdentityId>,
    limit: u32,
) -> Result<Vec<IdentityId>> {
    let after = after.map_or(BEFORE_ALL, |id| *id.as_bytes());
    readable_page(
        connection,
        "loss",
        "SELECT DISTINCT identity FROM loss WHERE scope = ?1 AND at >= ?2 AND identity > ?3 ORDER BY identity",
        (scope, micros(since), after),
        limit,
        |row| Ok(IdentityId::from_bytes(row.get(0)?)),
    )
}

pub(super) const CORRELATION: &str =
    "id, source, key, reason, candidates, since, answered_at, answered_by, answer, revision";

pub(super) fn question(row: &Row<'_>) -> Result<CorrelationRow> {
    let key = CorrelationId::from_bytes(row.get(0)?);
    let answer = match instant_or_none(row, 6)? {
        Some(at) => {
            let whom = row.get::<_, Option<[u8; 16]>>(8)?.map(IdentityId::from_bytes);
            Some((at, id(row, 7)?, whom))
        }
        None => None,
    };
    Ok(CorrelationRow {
        id: key,
        source: name(row, 1)?,
        key: name(row, 2)?,
        reason: Stored::decode(blob(row, 3)?, &key)?,
        candidates: Stored::decode(blob(row, 4)?, &key)?,
        since: instant(row, 5)?,
        answer,
        revision: row.get::<_, i64>(9)?.cast_unsigned(),
    })
}

pub(crate) fn correlation(connection: &Connection, id: CorrelationId) -> Result<Option<CorrelationRow>> {
    one(
        connection,
        &format!("SELECT {CORRELATION} FROM correlation WHERE id = ?1"),
        [id.as_bytes()],
        question,
    )
}
