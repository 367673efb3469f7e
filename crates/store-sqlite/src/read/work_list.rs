//! Lists of what waits for people: filtered, in a fixed order, a page at a time.

use super::asked::{
    ACKNOWLEDGEMENT, CORRELATION, FINDING, HELD, UNLINKED, acknowledgement_row, finding, held, order,
    question, request, unlinked_row,
};
use super::conditions::Conditions;
use super::record::quarantined;
use super::{list, one, readable_page, readable_rows, task};
use crate::fault::Result;
use crate::word::{count, instant, micros_passed, name};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row, params_from_iter};
use std::sync::Arc;
use tenure_model::{
    Acknowledgement, ApprovalRequest, CorrelationId, CutOffOrder, CutOffOrderId, FindingId, HeldChangeId,
    Name as _, OrphanClass, SourceName, SystemName, Task, TaskId,
};
use tenure_store::{
    ApprovalFilter, ApprovalPlace, CorrelationRow, FindingFilter, FindingPlace, FindingRow, HeldChangeRow,
    QuarantineKey, QuarantineRow, TaskFilter, UnlinkedAccount, UnlinkedFilter, WaitingCounts,
};

pub(crate) fn findings_due(
    connection: &Connection,
    filter: &FindingFilter,
    after: Option<FindingPlace>,
    limit: u32,
) -> Result<Vec<(Timestamp, FindingRow)>> {
    let mut all = Conditions::default();
    if let Some(identity) = filter.identity {
        let identity = all.value(identity.as_bytes().to_vec());
        all.sql.push(format!("identity = {identity}"));
    }
    all.equal("system", filter.system.as_ref().map(|s| s.as_str()));
    if !filter.kinds.is_empty() {
        let kinds: Vec<String> =
            filter.kinds.iter().map(|kind| all.value(kind.as_str().to_owned())).collect();
        all.sql.push(format!("kind IN ({})", kinds.join(", ")));
    }
    if let Some((due, id)) = after {
        let (due, id) = (all.value(micros_passed(due)), all.value(id.as_bytes().to_vec()));
        all.sql.push(format!("(due, id) > ({due}, {id})"));
    }
    let sql = format!("SELECT {FINDING}, due FROM finding WHERE {} ORDER BY due, id", all.joined());
    let placed = |row: &Row<'_>| Ok((instant(row, 9)?, finding(row)?));
    readable_page(connection, "finding", &sql, params_from_iter(all.values), limit, placed)
}

pub(crate) fn acknowledgements_of(
    connection: &Connection,
    ids: &[FindingId],
) -> Result<Vec<Acknowledgement>> {
    let sql = format!("{ACKNOWLEDGEMENT} WHERE id = ?1");
    let mut found = Vec::new();
    for id in ids {
        found.extend(readable_rows(
            connection,
            "acknowledgement",
            &sql,
            [id.as_bytes()],
            acknowledgement_row,
        )?);
    }
    Ok(found)
}

/// Groups the rows of quarantine, which is a narrow table, by their keys.
pub(crate) fn quarantine_due(
    connection: &Connection,
    (urgent, other): (SignedDuration, SignedDuration),
    after: Option<&(Timestamp, Option<QuarantineKey>)>,
    limit: u32,
) -> Result<Vec<(Timestamp, QuarantineKey)>> {
    let length = |of: SignedDuration| i64::try_from(of.as_micros()).unwrap_or(i64::MAX);
    let (at, source, key) = match after {
        None => (i64::MIN, "", ""),
        Some((at, None)) => (micros_passed(*at), "", ""),
        Some((at, Some((source, key)))) => (micros_passed(*at), source.as_str(), &**key),
    };
    readable_page(
        connection,
        "quarantine",
        "SELECT due, source, key FROM
           (SELECT min(since + CASE urgent WHEN 0 THEN ?2 ELSE ?1 END) AS due, source, key FROM quarantine
            GROUP BY source, key)
         WHERE (due, source, key) > (?3, ?4, ?5) ORDER BY due, source, key",
        (length(urgent), length(other), at, source, key),
        limit,
        |row| Ok((instant(row, 0)?, (name(row, 1)?, row.get(2)?))),
    )
}

pub(crate) fn quarantine_of(connection: &Connection, rows: &[QuarantineKey]) -> Result<Vec<QuarantineRow>> {
    let mut found = Vec::new();
    for (source, key) in rows {
        found.extend(readable_rows(
            connection,
            "quarantine",
            "SELECT source, key, nth, code, place, value, reason, since, urgent, run FROM quarantine
             WHERE source = ?1 AND key = ?2 ORDER BY nth",
            (source.as_str(), key),
            quarantined,
        )?);
    }
    Ok(found)
}

pub(crate) fn quarantine_counts(connection: &Connection) -> Result<Vec<(SourceName, u64)>> {
    list(connection, "SELECT source, count(*) FROM quarantine GROUP BY source ORDER BY source", [], |row| {
        Ok((name(row, 0)?, count(row, 1)?))
    })
}

pub(crate) fn waiting_counts(connection: &Connection) -> Result<WaitingCounts> {
    let counts = |sql| one(connection, sql, [], |row| count(row, 0)).map(Option::unwrap_or_default);
    Ok(WaitingCounts {
        approvals: counts("SELECT count(*) FROM approval WHERE deadline IS NOT NULL")?,
        questions: counts("SELECT count(*) FROM correlation WHERE answered_at IS NULL")?,
        held_changes: counts("SELECT count(*) FROM held_change WHERE ended_at IS NULL")?,
    })
}

pub(crate) fn approvals_by_deadline(
    connection: &Connection,
    filter: &ApprovalFilter,
    after: Option<ApprovalPlace>,
    limit: u32,
) -> Result<Vec<ApprovalRequest>> {
    let mut all = Conditions::default();
    all.sql.push("a.deadline IS NOT NULL".to_owned());
    if let Some(about) = filter.about {
        let about = all.value(about.as_bytes().to_vec());
        all.sql.push(format!("a.identity = {about}"));
    }
    if let Some(by) = filter.by {
        let by = all.value(by.as_bytes().to_vec());
        all.sql.push(format!("a.id IN (SELECT approval FROM approval_approver WHERE approver = {by})"));
    }
    if let Some((deadline, asked, id)) = after {
        // The request may have been answered since, and stays where it was.
        let (deadline, asked) = (all.value(micros_passed(deadline)), all.value(micros_passed(asked)));
        let id = all.value(id.as_bytes().to_vec());
        all.sql.push(format!(
            "(a.deadline, a.asked_at, coalesce(i.folded, ''), a.id) > ({deadline}, {asked},
              coalesce((SELECT folded FROM identity WHERE id = (SELECT identity FROM approval WHERE id = {id})), ''), {id})"
        ));
    }
    let sql = format!(
        "SELECT a.id, a.body FROM approval a LEFT JOIN identity i ON i.id = a.identity WHERE {}
         ORDER BY a.deadline, a.asked_at, coalesce(i.folded, ''), a.id",
        all.joined()
    );
    readable_page(connection, "approval", &sql, params_from_iter(all.values), limit, request)
}

/// In the order of ids.
pub(crate) fn tasks_listed(
    connection: &Connection,
    filter: &TaskFilter,
    after: Option<TaskId>,
    limit: u32,
) -> Result<Vec<Task>> {
    let mut all = Conditions::default();
    all.sql.push("state <> 'done'".to_owned());
    if let Some(identity) = filter.identity {
        let identity = all.value(identity.as_bytes().to_vec());
        all.sql.push(format!("identity = {identity}"));
    }
    all.equal("system", filter.system.as_ref().map(|s| s.as_str()));
    all.equal("state", filter.needs_person.then_some("needs_person"));
    if let Some(after) = after {
        let after = all.value(after.as_bytes().to_vec());
        all.sql.push(format!("id > {after}"));
    }
    let sql = format!("SELECT {} FROM task WHERE {} ORDER BY id", task::COLUMNS, all.joined());
    readable_page(connection, "task", &sql, params_from_iter(all.values), limit, task::task)
}

pub(crate) fn unlinked_after(
    connection: &Connection,
    filter: &UnlinkedFilter,
    after: Option<&(SystemName, Arc<str>)>,
    limit: u32,
) -> Result<Vec<UnlinkedAccount>> {
    let mut all = Conditions::default();
    all.equal("system", filter.system.as_ref().map(|s| s.as_str()));
    all.equal("class", filter.class.map(OrphanClass::as_str));
    if let Some(asked) = filter.with_candidates {
        let asked = all.value(i64::from(asked));
        all.sql.push(format!("asked = {asked}"));
    }
    if let Some((system, external_id)) = after {
        let (system, id) = (all.value(system.as_str().to_owned()), all.value(external_id.to_string()));
        all.sql.push(format!("(system, external_id) > ({system}, {id})"));
    }
    let sql = format!("SELECT {UNLINKED} FROM unlinked WHERE {} ORDER BY system, external_id", all.joined());
    readable_page(connection, "unlinked", &sql, params_from_iter(all.values), limit, unlinked_row)
}

/// Oldest first.
pub(crate) fn correlations_after(
    connection: &Connection,
    after: Option<(Timestamp, CorrelationId)>,
    limit: u32,
) -> Result<Vec<CorrelationRow>> {
    let (at, id) = after.map_or((i64::MIN, [0; 16]), |(at, id)| (micros_passed(at), *id.as_bytes()));
    let sql = format!(
        "SELECT {CORRELATION} FROM correlation WHERE answered_at IS NULL AND (since, id) > (?1, ?2) ORDER BY since, id"
    );
    readable_page(connection, "correlation", &sql, (at, id), limit, question)
}

/// Oldest first.
pub(crate) fn held_changes_after(
    connection: &Connection,
    after: Option<(Timestamp, HeldChangeId)>,
    limit: u32,
) -> Result<Vec<HeldChangeRow>> {
    let (at, id) = after.map_or((i64::MIN, [0; 16]), |(at, id)| (micros_passed(at), *id.as_bytes()));
    let sql = format!(
        "SELECT {HELD} FROM held_change WHERE ended_at IS NULL AND (since, id) > (?1, ?2) ORDER BY since, id"
    );
    readable_page(connection, "held_change", &sql, (at, id), limit, held)
}

/// Ids increase with time, so this is oldest first.
pub(crate) fn cut_off_orders_after(
    connection: &Connection,
    after: Option<CutOffOrderId>,
    limit: u32,
) -> Result<Vec<CutOffOrder>> {
    let after = after.map_or([0; 16], |id| *id.as_bytes());
    readable_page(
        connection,
        "cut_off_order",
        "SELECT id, body FROM cut_off_order WHERE ended_at IS NULL AND id > ?1 ORDER BY id",
        [after],
        limit,
        order,
    )
}
