//! Reads complete identities: with accounts and grants.

use super::{list, one};
use crate::fault::{Fault, Result};
use crate::word::{account_key, blob, count, instant_or_none, name, word};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use tenure_model::{Account, Grant, Holding, Identity, IdentityId, Phase};
use tenure_store::StoredSubject;
use tenure_store::codec::Stored;

pub(crate) fn subjects(connection: &Connection, ids: &[IdentityId]) -> Result<Vec<StoredSubject>> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(subject) = subject(connection, *id)? {
            found.push(subject);
        }
    }
    Ok(found)
}

pub(super) fn subject(connection: &Connection, id: IdentityId) -> Result<Option<StoredSubject>> {
    let subject = one(
        connection,
        "SELECT b.body, i.title, i.phase, i.next, b.person_key
         FROM identity i LEFT JOIN identity_body b ON b.number = i.body WHERE i.id = ?1",
        [id.as_bytes()],
        |row| {
            if row.get_ref(0)? == ValueRef::Null {
                return Err(Fault::inconsistent(format!("identity {id}"), "what it consists of is lost"));
            }
            Ok(StoredSubject {
                identity: Identity::decode(blob(row, 0)?, &id)?,
                title: row.get(1)?,
                phase: word(row, 2, Phase::parse)?,
                next: instant_or_none(row, 3)?,
                accounts: Vec::new(),
                grants: Vec::new(),
                person_key: row.get(4)?,
            })
        },
    )?;
    let Some(mut subject) = subject else { return Ok(None) };
    subject.accounts = list(
        connection,
        "SELECT system, kind, generation, confirmed, external_id, target, observed FROM account WHERE identity = ?1
         ORDER BY system, kind",
        [id.as_bytes()],
        |row| account(row, id),
    )?;
    subject.grants = list(
        connection,
        "SELECT system, kind, entitlement, holding, justifications FROM \"grant\" WHERE identity = ?1
         ORDER BY system, kind, entitlement",
        [id.as_bytes()],
        |row| grant(row, id),
    )?;
    Ok(Some(subject))
}

fn account(row: &Row<'_>, id: IdentityId) -> Result<Account> {
    Ok(Account {
        key: account_key(row, 0)?,
        generation: count(row, 2)?,
        confirmed: count(row, 3)?,
        external_id: row.get(4)?,
        target: Stored::decode(blob(row, 5)?, &id)?,
        observed: Stored::decode(blob(row, 6)?, &id)?,
    })
}

fn grant(row: &Row<'_>, id: IdentityId) -> Result<Grant> {
    Ok(Grant {
        account: account_key(row, 0)?,
        entitlement: name(row, 2)?,
        holding: word(row, 3, Holding::parse)?,
        justifications: Stored::decode(blob(row, 4)?, &id)?,
    })
}
