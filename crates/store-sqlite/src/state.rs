//! The decided state of a subject, as a digest of its rows. The writer puts it into the ledger, and an examination of the database
//! computes it again. Observed state of systems and search keys are not part of it.

use crate::fault::Result;
use crate::read::unreadable::readable;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params};
use std::borrow::Cow;
use tenure_ledger::tree::leaf_hash;
use tenure_ledger::{StateDigest, Subject, SubjectKind};
use tenure_model::{IdentityId, Name as _, SetupHash, SystemName};

/// The rows of an identity: name, and columns in order.
const OF_IDENTITY: [(&str, &str); 7] = [
    (
        "identity",
        "SELECT i.version, i.phase, i.next, i.title, b.body, b.person_key
         FROM identity i JOIN identity_body b ON b.number = i.body WHERE i.id = ?1",
    ),
    (
        "account",
        "SELECT system, kind, generation, confirmed, state, external_id, target FROM account WHERE identity = ?1
         ORDER BY system, kind",
    ),
    (
        "grant",
        "SELECT system, kind, entitlement, holding, justifications FROM \"grant\" WHERE identity = ?1
         ORDER BY system, kind, entitlement",
    ),
    ("approval", "SELECT id, asked_at, deadline, body FROM approval WHERE identity = ?1 ORDER BY id"),
    (
        "fact",
        "SELECT system, kind, obligation, generation, case_id, state, body FROM fact WHERE identity = ?1
         ORDER BY system, kind, obligation",
    ),
    ("record", "SELECT source, key FROM record WHERE identity = ?1 ORDER BY source, key"),
    ("identifier", "SELECT name, folded, value FROM identifier WHERE identity = ?1 ORDER BY name, folded"),
];

/// A subject by the key under which its rows are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// One whose rows are found by its id.
    Id(Subject),
    /// An account that is not linked to an identity.
    Unlinked(SystemName, String),
    /// A configuration.
    Configuration(SetupHash),
}

impl Key {
    pub(crate) fn identity(id: IdentityId) -> Self {
        Self::of(SubjectKind::Identity, id.as_bytes())
    }

    pub(crate) fn of(kind: SubjectKind, id: &[u8; 16]) -> Self {
        Self::Id(Subject { kind, id: *id })
    }

    /// The active configuration: there is one such subject.
    pub(crate) fn active() -> Self {
        Self::of(SubjectKind::Active, &[0; 16])
    }

    pub(crate) fn subject(&self) -> Subject {
        match self {
            Self::Id(subject) => *subject,
            Self::Unlinked(system, external_id) => {
                let name = format!("{}\n{external_id}", system.as_str());
                Subject { kind: SubjectKind::Unlinked, id: short(name.as_bytes()) }
            }
            Self::Configuration(hash) => {
                Subject { kind: SubjectKind::Configuration, id: short(hash.as_str().as_bytes()) }
            }
        }
    }
}

/// 16 bytes that represent a name.
fn short(name: &[u8]) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&leaf_hash(name).0[..16]);
    id
}

/// The digest of a subject's stored rows; `None` if nothing is decided.
pub(crate) fn state(connection: &Connection, key: &Key) -> Result<Option<[u8; 32]>> {
    let mut rows = Rows { connection, digest: StateDigest::default(), found: 0 };
    match key {
        Key::Id(Subject { kind: SubjectKind::Identity, id }) => {
            for (table, sql) in OF_IDENTITY {
                rows.add(table, sql, [id])?;
                if rows.found == 0 {
                    return Ok(None);
                }
            }
        }
        Key::Id(Subject { kind, id }) => rows.add(kind.as_str(), one(*kind), [id])?,
        Key::Unlinked(system, external_id) => rows.add(
            SubjectKind::Unlinked.as_str(),
            "SELECT system, external_id, said_at, said_by FROM unlinked
             WHERE system = ?1 AND external_id = ?2 AND said_at IS NOT NULL",
            (system.as_str(), external_id),
        )?,
        Key::Configuration(hash) => rows.add(
            SubjectKind::Configuration.as_str(),
            "SELECT hash, files, at, by FROM set_up WHERE hash = ?1",
            [hash.as_str()],
        )?,
    }
    Ok((rows.found > 0).then(|| rows.digest.finish()))
}

/// The row of a subject that has one, by its id.
fn one(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Case => {
            "SELECT identity, label, state, effective_at, known_at, decided_at, confirmed_at FROM lifecycle_case WHERE id = ?1"
        }
        SubjectKind::HeldChange => {
            "SELECT scope, reason, owner, since, deadline, ended_at, ended_by, people FROM held_change WHERE id = ?1"
        }
        SubjectKind::CutOffOrder => "SELECT ended_at, body FROM cut_off_order WHERE id = ?1",
        SubjectKind::Correlation => {
            "SELECT source, key, candidates, since, answered_at, answered_by, answer FROM correlation
             WHERE id = ?1 AND answered_at IS NOT NULL"
        }
        SubjectKind::Acknowledgement => {
            "SELECT about, cause, by, at, until, reason FROM acknowledgement WHERE id = ?1"
        }
        // Found by a key of their own, or in several tables.
        SubjectKind::Identity | SubjectKind::Unlinked | SubjectKind::Configuration | SubjectKind::Active => {
            "SELECT hash FROM set_up WHERE active = 1 AND length(?1) = 16"
        }
    }
}

struct Rows<'c> {
    connection: &'c Connection,
    digest: StateDigest,
    found: usize,
}

impl Rows<'_> {
    fn add(&mut self, table: &str, sql: &str, params: impl Params) -> Result<()> {
        let mut query = self.connection.prepare_cached(sql)?;
        let columns = query.column_count();
        let mut rows = query.query(params)?;
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|c| Ok(value(row.get_ref(c)?))).collect::<Result<Vec<_>>>()?;
            let bytes: Vec<&[u8]> = values.iter().flat_map(|(tag, bytes)| [&tag[..], bytes]).collect();
            self.digest.row(table, &bytes);
            self.found += 1;
        }
        Ok(())
    }
}

/// A column as bytes, preceded by its type.
fn value(column: ValueRef<'_>) -> ([u8; 1], Cow<'_, [u8]>) {
    match column {
        ValueRef::Null => ([0], Cow::Borrowed(&[])),
        ValueRef::Integer(number) => ([1], Cow::Owned(number.to_be_bytes().to_vec())),
        ValueRef::Text(text) => ([2], Cow::Borrowed(text)),
        ValueRef::Blob(blob) => ([3], Cow::Borrowed(blob)),
        // No column contains any: the tables are strict.
        ValueRef::Real(number) => ([4], Cow::Owned(number.to_be_bytes().to_vec())),
    }
}

/// Subjects of a kind that have decided state, after an id, in order.
pub(crate) fn states(
    connection: &Connection,
    kind: SubjectKind,
    after: Option<[u8; 16]>,
    limit: u32,
) -> Result<Vec<(Subject, [u8; 32])>> {
    let mut keys = keys(connection, kind, after, limit)?;
    keys.retain(|key| after.is_none_or(|after| key.subject().id > after));
    keys.sort_by_key(Key::subject);
    keys.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        found.extend(state(connection, &key)?.map(|digest| (key.subject(), digest)));
    }
    Ok(found)
}

/// Those by id are paged; there are few others, and their ids are hashes.
fn keys(connection: &Connection, kind: SubjectKind, after: Option<[u8; 16]>, limit: u32) -> Result<Vec<Key>> {
    let sql = match kind {
        SubjectKind::Identity => "SELECT id FROM identity WHERE id > ?1 ORDER BY id LIMIT ?2",
        SubjectKind::Case => "SELECT id FROM lifecycle_case WHERE id > ?1 ORDER BY id LIMIT ?2",
        SubjectKind::HeldChange => "SELECT id FROM held_change WHERE id > ?1 ORDER BY id LIMIT ?2",
        SubjectKind::CutOffOrder => "SELECT id FROM cut_off_order WHERE id > ?1 ORDER BY id LIMIT ?2",
        SubjectKind::Correlation => {
            "SELECT id FROM correlation WHERE id > ?1 AND answered_at IS NOT NULL ORDER BY id LIMIT ?2"
        }
        SubjectKind::Acknowledgement => "SELECT id FROM acknowledgement WHERE id > ?1 ORDER BY id LIMIT ?2",
        SubjectKind::Active => return Ok(vec![Key::active()]),
        SubjectKind::Unlinked => return unlinked(connection),
        SubjectKind::Configuration => return configurations(connection),
    };
    let mut query = connection.prepare_cached(sql)?;
    let after = after.map_or(Vec::new(), |id| id.to_vec());
    let mut rows = query.query((after, limit))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.extend(readable(kind.as_str(), row, |row| Ok(Key::of(kind, &row.get(0)?)))?);
    }
    Ok(found)
}

fn unlinked(connection: &Connection) -> Result<Vec<Key>> {
    let mut query =
        connection.prepare_cached("SELECT system, external_id FROM unlinked WHERE said_at IS NOT NULL")?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let key =
            readable("unlinked", row, |row| Ok(Key::Unlinked(crate::word::name(row, 0)?, row.get(1)?)))?;
        found.extend(key);
    }
    Ok(found)
}

fn configurations(connection: &Connection) -> Result<Vec<Key>> {
    let mut query = connection.prepare_cached("SELECT hash FROM set_up")?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.extend(readable("set_up", row, |row| Ok(Key::Configuration(crate::word::name(row, 0)?)))?);
    }
    Ok(found)
}
