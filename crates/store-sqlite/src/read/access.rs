//! Finds accounts and facts.

use super::identity::{BEFORE_ALL, id};
use super::unreadable::{note, readable};
use super::{ROWS_MAX, list, one, readable_rows, statement};
use crate::fault::Result;
use crate::word::{account_key, blob, count, name, read_obligation, text, word};
use rusqlite::{Connection, Row};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenure_model::{
    AccountKey, AccountTarget, CaseId, Fact, FactState, IdentityId, Name as _, SystemName, Value,
};
use tenure_store::codec::Stored;
use tenure_store::folded;

/// By external id; else by a name issued to an identity that one of its accounts there has.
pub(crate) fn account_owners(
    connection: &Connection,
    system: &SystemName,
    natives: &[Arc<str>],
) -> Result<Vec<Owned>> {
    let sorts = sorts_of_names(connection)?;
    let mut found = Vec::new();
    for external_id in natives {
        let before = found.len();
        by_native(connection, system, external_id, &mut found)?;
        for sort in &sorts {
            if found.len() == before {
                by_name(connection, system, sort, external_id, &mut found)?;
            }
        }
    }
    Ok(found)
}

/// The requested id or name, its identity, and the account.
type Owned = (Arc<str>, IdentityId, AccountKey);

/// Few (`user_name`, `mail`): one index step for each, however many names there are.
fn sorts_of_names(connection: &Connection) -> Result<Vec<String>> {
    let mut query = statement(connection, "SELECT min(name) FROM identifier WHERE name > ?1")?;
    let mut sorts = Vec::<String>::new();
    loop {
        let after = sorts.last().map_or("", String::as_str);
        match query.query_row([after], |row| row.get(0))? {
            Some(sort) => sorts.push(sort),
            None => return Ok(sorts),
        }
    }
}

fn by_native(
    connection: &Connection,
    system: &SystemName,
    external_id: &Arc<str>,
    found: &mut Vec<Owned>,
) -> Result<()> {
    let mut query = statement(
        connection,
        "SELECT identity, kind FROM account WHERE system = ?1 AND external_id = ?2 ORDER BY identity, kind",
    )?;
    let mut rows = query.query((system.as_str(), external_id))?;
    while let Some(row) = rows.next()? {
        let owner = readable("account", row, |row| {
            Ok((external_id.clone(), id(row, 0)?, AccountKey { system: system.clone(), kind: name(row, 1)? }))
        })?;
        found.extend(owner);
    }
    Ok(())
}

/// The issued name identifies the identity; the account itself shows which of its accounts has the name.
fn by_name(
    connection: &Connection,
    system: &SystemName,
    sort: &str,
    sought: &Arc<str>,
    found: &mut Vec<Owned>,
) -> Result<()> {
    let sought_folded = folded(sought);
    let mut query = statement(
        connection,
        "SELECT a.identity, a.kind, a.target FROM identifier i JOIN account a ON a.identity = i.identity
         WHERE i.name = ?2 AND i.folded = ?3 AND a.system = ?1 ORDER BY a.identity, a.kind",
    )?;
    let mut rows = query.query((system.as_str(), sort, &sought_folded))?;
    while let Some(row) = rows.next()? {
        let target = readable("account", row, |row| {
            let identity = id(row, 0)?;
            Ok((identity, AccountTarget::decode(blob(row, 2)?, &identity)?))
        })?;
        let Some((identity, target)) = target else { continue };
        let has_it = |value: &Value| value.as_text().is_some_and(|text| folded(text) == sought_folded);
        if target.attributes.values().any(has_it) {
            let key = AccountKey { system: system.clone(), kind: name(row, 1)? };
            found.push((sought.clone(), identity, key));
        }
    }
    Ok(())
}

/// In id order, each once.
pub(crate) fn account_holders(
    connection: &Connection,
    system: &SystemName,
    after: Option<IdentityId>,
    limit: u32,
) -> Result<Vec<IdentityId>> {
    let after = after.map_or(BEFORE_ALL, |id| *id.as_bytes());
    readable_rows(
        connection,
        "account",
        "SELECT DISTINCT identity FROM account WHERE system = ?1 AND identity > ?2 ORDER BY identity LIMIT ?3",
        (system.as_str(), after, limit),
        |row| id(row, 0),
    )
}

/// In id order, each once.
pub(crate) fn without_task(
    connection: &Connection,
    after: Option<IdentityId>,
    limit: u32,
) -> Result<Vec<IdentityId>> {
    let after = after.map_or(BEFORE_ALL, |id| *id.as_bytes());
    readable_rows(
        connection,
        "account",
        "SELECT DISTINCT identity FROM account a INDEXED BY account_open
         WHERE confirmed <> generation AND identity > ?1 AND NOT EXISTS (
           SELECT 1 FROM task t INDEXED BY task_open
           WHERE t.identity = a.identity AND t.system = a.system AND t.kind = a.kind AND t.state <> 'done')
         ORDER BY identity LIMIT ?2",
        (after, limit),
        |row| id(row, 0),
    )
}

pub(crate) fn account_count(connection: &Connection, system: &SystemName) -> Result<u64> {
    let found = one(
        connection,
        "SELECT count(DISTINCT identity) FROM account WHERE system = ?1 AND state = 'enabled'",
        [system.as_str()],
        |row| count(row, 0),
    )?;
    Ok(found.unwrap_or(0))
}

/// The columns that [`fact`] reads, in its order.
pub(crate) const FACT: &str = "system, kind, obligation, generation, case_id, body, identity";

pub(crate) fn fact(row: &Row<'_>) -> Result<Fact> {
    let identity = IdentityId::from_bytes(row.get(6)?);
    let account = if text(row, 0)?.is_empty() { None } else { Some(account_key(row, 0)?) };
    Ok(Fact {
        identity,
        account,
        obligation: word(row, 2, read_obligation)?,
        generation: count(row, 3)?,
        case: CaseId::from_bytes(row.get(4)?),
        state: state(row, identity)?,
    })
}

/// What cannot be read is not known: it stays open.
fn state(row: &Row<'_>, identity: IdentityId) -> Result<FactState> {
    match Stored::decode(blob(row, 5)?, &identity) {
        Ok(state) => Ok(state),
        Err(e) => {
            note("fact", row, &e.to_string());
            Ok(FactState::Unknown)
        }
    }
}

pub(crate) fn facts(connection: &Connection, ids: &[IdentityId]) -> Result<Vec<Fact>> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let sql = format!("SELECT {FACT} FROM fact WHERE identity = ?1 ORDER BY system, kind, obligation");
    for identity in ids.iter().filter(|id| seen.insert(**id)) {
        found.extend(readable_rows(connection, "fact", &sql, [identity.as_bytes()], fact)?);
    }
    Ok(found)
}

/// By identity, then obligation.
pub(crate) fn owed(connection: &Connection, limit: u32) -> Result<Vec<Fact>> {
    let sql = format!(
        "SELECT {FACT} FROM fact INDEXED BY fact_owed WHERE system = '' AND state IN ('unknown', 'claimed')
         ORDER BY identity, obligation LIMIT ?1"
    );
    readable_rows(connection, "fact", &sql, [limit.min(ROWS_MAX)], fact)
}

/// By identity, account, obligation.
pub(crate) fn accepted(connection: &Connection, limit: u32) -> Result<Vec<Fact>> {
    let sql = format!(
        "SELECT {FACT} FROM fact INDEXED BY fact_accepted WHERE state = 'accepted'
         ORDER BY identity, system, kind, obligation LIMIT ?1"
    );
    readable_rows(connection, "fact", &sql, [limit.min(ROWS_MAX)], fact)
}

pub(crate) fn fact_counts(connection: &Connection) -> Result<Vec<(Arc<str>, u64)>> {
    list(connection, "SELECT state, count(*) FROM fact GROUP BY state ORDER BY state", [], |row| {
        Ok((row.get(0)?, count(row, 1)?))
    })
}
