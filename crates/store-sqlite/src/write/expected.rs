//! Further things on which units depend: values that are compared as a whole, keys that must be free, losses that a brake limits.

use super::access::account;
use super::statement;
use super::turn::Writer;
use crate::fault::Result;
use crate::prepare::Prepared;
use crate::read::access::{FACT, fact};
use crate::read::organisation::note;
use crate::read::task::{COLUMNS, task};
use crate::read::unreadable::readable;
use crate::word::{micros, obligation};
use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use std::collections::BTreeSet;
use tenure_model::{CutOffOrderId, Fact, FindingId, IdentityId, Task};
use tenure_store::note::{NoteBytes, NoteKey};
use tenure_store::{Change, Keyed};

impl Writer {
    pub(super) fn expect_finding(&self, id: FindingId, since: Option<Timestamp>) -> Result<Option<String>> {
        let found: Option<i64> = statement(&self.connection, "SELECT since FROM finding WHERE id = ?1")?
            .query_row([id.as_bytes()], |row| row.get(0))
            .optional()?;
        Ok((found != since.map(micros)).then(|| match found {
            Some(_) => format!("finding {} was found again since the decision", id.short()),
            None => format!("finding {} is not open any more", id.short()),
        }))
    }

    pub(super) fn expect_order(&self, id: CutOffOrderId) -> Result<Option<String>> {
        let found: Option<Option<i64>> =
            statement(&self.connection, "SELECT ended_at FROM cut_off_order WHERE id = ?1")?
                .query_row([id.as_bytes()], |row| row.get(0))
                .optional()?;
        Ok((found != Some(None)).then(|| format!("the cut-off order {id} is not in force any more")))
    }

    /// A task that cannot be read is not the one that the decision rests on.
    pub(super) fn expect_task(&self, expected: &Task) -> Result<Option<String>> {
        let sql = format!("SELECT {COLUMNS} FROM task WHERE id = ?1");
        let mut query = statement(&self.connection, &sql)?;
        let mut rows = query.query([expected.id.as_bytes()])?;
        let found = match rows.next()? {
            Some(row) => readable("task", row, task)?,
            None => None,
        };
        Ok((found.as_ref() != Some(expected))
            .then(|| format!("task {} is not as the decision read it", expected.id.short())))
    }

    pub(super) fn expect_fact(&self, expected: &Fact) -> Result<Option<String>> {
        let sql = format!(
            "SELECT {FACT} FROM fact WHERE identity = ?1 AND system = ?2 AND kind = ?3 AND obligation = ?4"
        );
        let (system, kind) = account(expected.account.as_ref());
        let mut query = statement(&self.connection, &sql)?;
        let mut rows =
            query.query((expected.identity.as_bytes(), system, kind, obligation(&expected.obligation)))?;
        let found = match rows.next()? {
            Some(row) => readable("fact", row, fact)?,
            None => None,
        };
        Ok((found.as_ref() != Some(expected))
            .then(|| format!("the fact `{expected}` is not as the decision read it")))
    }

    pub(super) fn expect_held_only_by(&self, key: &Keyed, holders: &[IdentityId]) -> Result<Option<String>> {
        let mut query =
            statement(&self.connection, "SELECT identity FROM identity_key WHERE kind = ?1 AND value = ?2")?;
        let mut rows = query.query((&key.kind, &key.value))?;
        while let Some(row) = rows.next()? {
            let holder = IdentityId::from_bytes(row.get(0)?);
            if !holders.contains(&holder) {
                return Ok(Some(format!("a key of kind {} is held by {holder} meanwhile", key.kind)));
            }
        }
        Ok(None)
    }

    pub(super) fn expect_losses(
        &self,
        scope: &str,
        since: Timestamp,
        most: u64,
        unit: &Prepared,
    ) -> Result<Option<String>> {
        let mut losing: BTreeSet<[u8; 16]> = unit
            .writes
            .iter()
            .filter_map(|write| match &write.change {
                Change::PutLoss(loss) if *loss.scope == *scope && loss.at >= since => {
                    Some(*loss.identity.as_bytes())
                }
                _ => None,
            })
            .collect();
        let mut query =
            statement(&self.connection, "SELECT identity FROM loss WHERE scope = ?1 AND at >= ?2")?;
        let mut rows = query.query((scope, micros(since)))?;
        while let Some(row) = rows.next()? {
            losing.insert(row.get(0)?);
        }
        let losing = u64::try_from(losing.len()).unwrap_or(u64::MAX);
        Ok((losing > most).then(|| {
            format!(
                "{losing} identities would have lost access in {scope}, the decision rests on {most} at most"
            )
        }))
    }

    pub(super) fn expect_note(&self, key: &NoteKey, stored: Option<&NoteBytes>) -> Result<Option<String>> {
        let found = note(&self.connection, key)?;
        Ok((found.as_ref() != stored)
            .then(|| format!("the note {key} is not the one that the decision rests on any more")))
    }
}
