//! Reads cases.

use super::identity::BEFORE_ALL;
use super::unreadable::readable;
use super::{one, readable_rows};
use crate::fault::Result;
use crate::word::{count, instant, instant_or_none, micros, word};
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use tenure_model::{Case, CaseId, CaseLabel, CaseState, Clocks, IdentityId};
use tenure_store::CaseFilter;

pub(super) const COLUMNS: &str =
    "id, identity, label, state, effective_at, known_at, decided_at, confirmed_at";
/// Maximum number of cases for a filter without a limit.
const CASES_MAX: u32 = 1_000;

pub(super) fn read(row: &Row<'_>) -> Result<Case> {
    Ok(Case {
        id: CaseId::from_bytes(row.get(0)?),
        identity: IdentityId::from_bytes(row.get(1)?),
        label: word(row, 2, CaseLabel::parse)?,
        state: word(row, 3, CaseState::parse)?,
        clocks: Clocks {
            effective_at: instant(row, 4)?,
            known_at: instant(row, 5)?,
            decided_at: instant(row, 6)?,
            confirmed_at: instant_or_none(row, 7)?,
        },
    })
}

pub(crate) fn open_cases(connection: &Connection, ids: &[IdentityId]) -> Result<Vec<Case>> {
    let sql = format!("SELECT {COLUMNS} FROM lifecycle_case WHERE identity = ?1 AND state = 'open'");
    let mut found = Vec::new();
    for id in ids {
        let open = one(connection, &sql, [id.as_bytes()], |row| readable("lifecycle_case", row, read))?;
        found.extend(open.flatten());
    }
    Ok(found)
}

/// In the order of identities.
pub(crate) fn open_cases_after(
    connection: &Connection,
    after: Option<IdentityId>,
    limit: u32,
) -> Result<Vec<Case>> {
    let after = after.map_or(BEFORE_ALL, |id| *id.as_bytes());
    let sql = format!(
        "SELECT {COLUMNS} FROM lifecycle_case INDEXED BY case_open WHERE state = 'open' AND identity > ?1
         ORDER BY identity LIMIT ?2"
    );
    readable_rows(connection, "lifecycle_case", &sql, (after, limit), read)
}

pub(crate) fn case(connection: &Connection, id: CaseId) -> Result<Option<Case>> {
    one(connection, &format!("SELECT {COLUMNS} FROM lifecycle_case WHERE id = ?1"), [id.as_bytes()], read)
}

/// The conditions are built from constants; values are bound.
pub(crate) fn cases(connection: &Connection, filter: &CaseFilter) -> Result<Vec<Case>> {
    let mut conditions = vec!["1"];
    if filter.identity.is_some() {
        conditions.push("identity = :identity");
    }
    if filter.open {
        conditions.push("state = 'open'");
    }
    if filter.label.is_some() {
        conditions.push("label = :label");
    }
    if filter.after.is_some() {
        conditions.push("(decided_at, id) < (:after_at, :after_id)");
    }
    if filter.decided.is_some() {
        conditions.push("decided_at >= :from AND decided_at < :before");
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM lifecycle_case WHERE {} ORDER BY decided_at DESC, id DESC LIMIT :limit",
        conditions.join(" AND ")
    );
    let limit = if filter.limit == 0 { CASES_MAX } else { filter.limit };
    let mut query = super::statement(connection, &sql)?;
    let mut bind = |name: &str, value: &dyn rusqlite::ToSql| -> Result<()> {
        if let Some(index) = query.parameter_index(name)? {
            query.raw_bind_parameter(index, value)?;
        }
        Ok(())
    };
    bind(":identity", &filter.identity.as_ref().map(|id| id.as_bytes()))?;
    bind(":label", &filter.label.map(CaseLabel::as_str))?;
    bind(":from", &filter.decided.map(|(from, _)| micros(from)))?;
    bind(":before", &filter.decided.map(|(_, before)| micros(before)))?;
    bind(":after_at", &filter.after.map(|(at, _)| micros(at)))?;
    bind(":after_id", &filter.after.as_ref().map(|(_, id)| id.as_bytes()))?;
    bind(":limit", &limit)?;
    let mut rows = query.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.extend(readable("lifecycle_case", row, read)?);
    }
    Ok(found)
}

/// In the order of precedence.
pub(crate) fn case_labels(
    connection: &Connection,
    from: Timestamp,
    before: Timestamp,
) -> Result<Vec<(CaseLabel, u64)>> {
    let mut found = readable_rows(
        connection,
        "lifecycle_case",
        "SELECT label, count(*) FROM lifecycle_case WHERE decided_at >= ?1 AND decided_at < ?2 GROUP BY label",
        (micros(from), micros(before)),
        |row| Ok((word(row, 0, CaseLabel::parse)?, count(row, 1)?)),
    )?;
    found.sort_unstable();
    Ok(found)
}
