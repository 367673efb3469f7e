//! What a unit depends on is checked before it is written: there is one writer, so nothing changes in between.

use super::statement;
use super::turn::Writer;
use crate::fault::Result;
use crate::prepare::Prepared;
use rusqlite::OptionalExtension as _;
use std::sync::Arc;
use tenure_model::{
    AccountKey, CaseId, CaseState, IdentityId, Name as _, RecordKey, SetupHash, SourceName, TaskId,
};
use tenure_store::{Change, Expect, Outcome, folded};

/// What the check read and the write needs again: the body of each identity, if there is one.
#[derive(Debug, Default)]
pub(super) struct ReadBodies(Vec<(IdentityId, Option<i64>)>);

impl ReadBodies {
    pub(super) fn now_at(&mut self, id: IdentityId, body: i64) {
        self.0.retain(|(seen, _)| *seen != id);
        self.0.push((id, Some(body)));
    }
    /// `None` if the identity was not read.
    pub(super) fn body(&self, id: IdentityId) -> Option<Option<i64>> {
        self.0.iter().find(|(seen, _)| *seen == id).map(|(_, body)| *body)
    }
}

impl Writer {
    /// Why the unit cannot be committed, if something changed.
    pub(super) fn moved(&mut self, unit: &Prepared, seen: &mut ReadBodies) -> Result<Option<Outcome>> {
        let moved = |why: String| Some(Outcome::Moved(Arc::from(why)));
        for expect in &unit.expects {
            let why = match expect {
                Expect::LossesAtMost { scope, since, most } => {
                    self.expect_losses(scope, *since, *most, unit)?
                }
                Expect::Lease(name, owner) => {
                    if let Some(why) = self.expect_lease(name, owner)? {
                        return Ok(Some(Outcome::LeaseLost(Arc::from(why))));
                    }
                    None
                }
                other => self.expect(other, seen)?,
            };
            if let Some(why) = why {
                return Ok(moved(why));
            }
        }
        for write in &unit.writes {
            if let Change::IssueIdentifier { identity, name, value } = &write.change
                && let Some(why) = self.issued_before(*identity, name, value)?
            {
                return Ok(moved(why));
            }
        }
        Ok(None)
    }

    fn expect(&mut self, expect: &Expect, seen: &mut ReadBodies) -> Result<Option<String>> {
        match expect {
            Expect::Version(id, version) => self.expect_version(*id, *version, seen),
            Expect::Generation(id, key, generation) => self.expect_generation(*id, key, *generation),
            Expect::Approval(id, revision) => {
                self.expect_revision("approval", id.as_bytes(), *revision, &format!("request {}", id.short()))
            }
            Expect::HeldChange(id, revision) => self.expect_revision(
                "held_change",
                id.as_bytes(),
                *revision,
                &format!("held change {}", id.short()),
            ),
            Expect::Correlation(id, revision) => self.expect_revision(
                "correlation",
                id.as_bytes(),
                *revision,
                &format!("question {}", id.short()),
            ),
            Expect::Acknowledgement(id, revision) => self.expect_revision(
                "acknowledgement",
                id.as_bytes(),
                *revision,
                &format!("the acknowledgement of finding {}", id.short()),
            ),
            Expect::OrderInForce(id) => self.expect_order(*id),
            Expect::CaseIs(id, state) => self.expect_case(*id, *state),
            Expect::SetUp(hash) => self.expect_set_up(hash),
            Expect::Record(source, key, digest) => self.expect_record(source, key, digest),
            Expect::TaskLease(task, owner) => self.expect_task_lease(*task, owner),
            Expect::Lease(name, owner) => self.expect_lease(name, owner),
            Expect::Finding(id, since) => self.expect_finding(*id, *since),
            Expect::TaskIs(task) => self.expect_task(task),
            Expect::FactIs(fact) => self.expect_fact(fact),
            Expect::HeldOnlyBy(key, holders) => self.expect_held_only_by(key, holders),
            Expect::Note(key, stored) => self.expect_note(key, stored.as_ref()),
            // It needs the whole unit.
            Expect::LossesAtMost { .. } => Ok(None),
        }
    }

    fn expect_version(&self, id: IdentityId, version: u64, seen: &mut ReadBodies) -> Result<Option<String>> {
        let found: Option<(i64, i64)> =
            statement(&self.connection, "SELECT version, body FROM identity WHERE id = ?1")?
                .query_row([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
        seen.0.push((id, found.map(|(_, body)| body)));
        let found = found.map_or(0, |(version, _)| version.cast_unsigned());
        Ok((found != version).then(|| {
            format!("identity {} has version {found}, the decision rests on version {version}", id.short())
        }))
    }

    fn expect_generation(&self, id: IdentityId, key: &AccountKey, generation: u64) -> Result<Option<String>> {
        let found: Option<i64> = statement(
            &self.connection,
            "SELECT generation FROM account WHERE identity = ?1 AND system = ?2 AND kind = ?3",
        )?
        .query_row((id.as_bytes(), key.system.as_str(), key.kind.as_str()), |row| row.get(0))
        .optional()?;
        let found = found.map_or(0, i64::cast_unsigned);
        Ok((found != generation).then(|| {
            format!(
                "account {key} of {} has generation {found}, the decision rests on generation {generation}",
                id.short()
            )
        }))
    }

    fn expect_revision(
        &self,
        table: &'static str,
        id: &[u8; 16],
        revision: u64,
        what: &str,
    ) -> Result<Option<String>> {
        let sql = match table {
            "approval" => "SELECT revision FROM approval WHERE id = ?1",
            "acknowledgement" => "SELECT revision FROM acknowledgement WHERE id = ?1",
            "held_change" => "SELECT revision FROM held_change WHERE id = ?1",
            _ => "SELECT revision FROM correlation WHERE id = ?1",
        };
        let found: Option<i64> =
            statement(&self.connection, sql)?.query_row([id], |row| row.get(0)).optional()?;
        let found = found.map_or(0, i64::cast_unsigned);
        Ok((found != revision)
            .then(|| format!("{what} has revision {found}, the decision rests on revision {revision}")))
    }

    fn expect_case(&self, id: CaseId, state: CaseState) -> Result<Option<String>> {
        let found: Option<String> =
            statement(&self.connection, "SELECT state FROM lifecycle_case WHERE id = ?1")?
                .query_row([id.as_bytes()], |row| row.get(0))
                .optional()?;
        let (found, state) = (found.as_deref().unwrap_or("not there"), state.as_str());
        Ok((found != state)
            .then(|| format!("case {} is {found}, the decision rests on its being {state}", id.short())))
    }

    fn expect_set_up(&mut self, hash: &SetupHash) -> Result<Option<String>> {
        let active = self.active_set_up()?;
        Ok((active != Some(hash)).then(|| match active {
            Some(active) => format!("the active configuration is {active}, the decision rests on {hash}"),
            None => format!("no configuration is active, the decision rests on {hash}"),
        }))
    }

    fn expect_record(
        &self,
        source: &SourceName,
        key: &RecordKey,
        digest: &[u8; 32],
    ) -> Result<Option<String>> {
        let found: Option<[u8; 32]> =
            statement(&self.connection, "SELECT digest FROM record WHERE source = ?1 AND key = ?2")?
                .query_row([source.as_str(), key.as_str()], |row| row.get(0))
                .optional()?;
        Ok((found.as_ref() != Some(digest))
            .then(|| format!("the record {source}:{key} is not the one that the decision rests on any more")))
    }

    fn expect_task_lease(&self, task: TaskId, owner: &str) -> Result<Option<String>> {
        let holder: Option<Option<String>> =
            statement(&self.connection, "SELECT owner FROM task WHERE id = ?1 AND state = 'leased'")?
                .query_row([task.as_bytes()], |row| row.get(0))
                .optional()?;
        Ok(match holder.flatten() {
            Some(holder) if holder == owner => None,
            Some(holder) => Some(format!("task {task} is leased by {holder}, not by {owner}")),
            None => Some(format!("task {task} is not leased by {owner} any more")),
        })
    }

    fn expect_lease(&self, name: &str, owner: &str) -> Result<Option<String>> {
        let holder: Option<String> = statement(&self.connection, "SELECT owner FROM lease WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        Ok(match holder {
            Some(holder) if holder == owner => None,
            Some(holder) => Some(format!("the lease {name} is held by {holder}, not by {owner}")),
            None => Some(format!("the lease {name} is not held by {owner} any more")),
        })
    }

    /// Checked before writing, because names collide often enough to make undoing a whole turn expensive.
    fn issued_before(&self, identity: IdentityId, name: &str, value: &str) -> Result<Option<String>> {
        let holder: Option<[u8; 16]> =
            statement(&self.connection, "SELECT identity FROM identifier WHERE name = ?1 AND folded = ?2")?
                .query_row((name, folded(value)), |row| row.get(0))
                .optional()?;
        Ok(holder
            .map(IdentityId::from_bytes)
            .filter(|holder| *holder != identity)
            .map(|holder| format!("{name} {value:?} was issued to {holder}")))
    }
}
