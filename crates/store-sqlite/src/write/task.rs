//! Writes tasks, and leases them to workers.

use super::turn::Writer;
use super::{run, statement};
use crate::fault::{Fault, Result};
use crate::read::task::{COLUMNS, task};
use crate::read::unreadable::readable;
use crate::word::micros;
use jiff::Timestamp;
use rusqlite::Row;
use std::collections::BTreeMap;
use std::sync::Arc;
use tenure_model::{AccountKey, IdentityId, Name as _, Task, TaskId, TaskKind, TaskState, Urgency};
use tenure_store::TasksOf;

/// A task's state as columns: word, `not_before`, owner, `until`, why.
type Columns<'t> = (&'static str, Option<i64>, Option<&'t str>, Option<i64>, Option<&'t str>);

fn columns(state: &TaskState) -> Columns<'_> {
    match state {
        TaskState::Ready { not_before } => ("ready", Some(micros(*not_before)), None, None, None),
        TaskState::Leased { owner, until } => ("leased", None, Some(owner), Some(micros(*until)), None),
        TaskState::Held { why } => ("held", None, None, None, Some(why)),
        TaskState::NeedsPerson { why } => ("needs_person", None, None, None, Some(why)),
        TaskState::Done => ("done", None, None, None, None),
    }
}

/// Work on an account is done automatically or by hand, never both.
fn other_way(kind: TaskKind) -> Option<TaskKind> {
    match kind {
        TaskKind::Converge => Some(TaskKind::Manual),
        TaskKind::Manual => Some(TaskKind::Converge),
        TaskKind::Confirm => None,
    }
}

/// A task that may be claimed, in the order in which claims are served: urgency, age, id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    urgency: u8,
    not_before: i64,
    id: [u8; 16],
}

impl Writer {
    pub(super) fn join_task(&self, task: &Task) -> Result<()> {
        let sql = "SELECT EXISTS (SELECT 1 FROM task WHERE identity = ?1 AND system = ?2 AND kind = ?3
                   AND work IN ('converge', 'manual') AND state <> 'done' AND brake_passed = 0)";
        let account = (task.identity.as_bytes(), task.account.system.as_str(), task.account.kind.as_str());
        let is_counted: bool = statement(&self.connection, sql)?.query_row(account, |row| row.get(0))?;
        self.put_task(&Task { brake_passed: task.brake_passed && !is_counted, ..task.clone() })
    }

    pub(super) fn put_task(&self, task: &Task) -> Result<()> {
        if let Some(other) = other_way(task.kind) {
            run(
                &self.connection,
                "UPDATE task SET state = 'done', owner = NULL, until = NULL, why = NULL, failed = NULL
                 WHERE identity = ?1 AND system = ?2 AND kind = ?3 AND work = ?4 AND state <> 'done'",
                (
                    task.identity.as_bytes(),
                    task.account.system.as_str(),
                    task.account.kind.as_str(),
                    other.as_str(),
                ),
            )?;
        }
        let (state, not_before, owner, until, why) = columns(&task.state);
        run(
            &self.connection,
            "INSERT INTO task (id, identity, system, kind, work, generation, urgency, attempts, state, not_before, owner,
                               until, why, uncertain_creates, brake_passed, contradictions, failed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, coalesce(?10, ?12, 0), ?11, ?12, ?13, ?14, ?15, ?16, ?17)
             ON CONFLICT (identity, system, kind, work) WHERE state <> 'done' DO UPDATE SET
               generation = excluded.generation, urgency = min(urgency, excluded.urgency), attempts = 0,
               state = excluded.state, not_before = coalesce(?10, not_before), owner = excluded.owner,
               until = excluded.until, why = excluded.why, brake_passed = excluded.brake_passed,
               contradictions = excluded.contradictions, failed = excluded.failed
             ON CONFLICT (id) DO UPDATE SET
               identity = excluded.identity, system = excluded.system, kind = excluded.kind, work = excluded.work,
               generation = excluded.generation, urgency = excluded.urgency, attempts = excluded.attempts,
               state = excluded.state, not_before = coalesce(?10, not_before), owner = excluded.owner,
               until = excluded.until, why = excluded.why, uncertain_creates = excluded.uncertain_creates, brake_passed = excluded.brake_passed,
               contradictions = excluded.contradictions, failed = excluded.failed",
            rusqlite::params![
                task.id.as_bytes(),
                task.identity.as_bytes(),
                task.account.system.as_str(),
                task.account.kind.as_str(),
                task.kind.as_str(),
                task.generation.cast_signed(),
                task.urgency.rank(),
                task.attempts,
                state,
                not_before,
                owner,
                until,
                why,
                task.uncertain_creates,
                task.brake_passed,
                task.contradictions,
                task.failed,
            ],
        )?;
        Ok(())
    }

    pub(super) fn end_tasks(&self, identity: IdentityId, account: &AccountKey) -> Result<()> {
        run(
            &self.connection,
            "UPDATE task SET state = 'done', owner = NULL, until = NULL, why = NULL, failed = NULL
             WHERE identity = ?1 AND system = ?2 AND kind = ?3 AND state <> 'done'",
            (identity.as_bytes(), account.system.as_str(), account.kind.as_str()),
        )?;
        Ok(())
    }

    pub(super) fn end_task(&self, task: &Task) -> Result<()> {
        let (state, not_before, owner, until, why) = columns(&task.state);
        let written = run(
            &self.connection,
            "UPDATE task SET generation = ?2, urgency = ?3, attempts = ?4, state = ?5,
               not_before = coalesce(?6, not_before), owner = ?7, until = ?8, why = ?9, uncertain_creates = ?10, brake_passed = ?11,
               contradictions = ?12, failed = ?13
             WHERE id = ?1",
            (
                task.id.as_bytes(),
                task.generation.cast_signed(),
                task.urgency.rank(),
                task.attempts,
                state,
                not_before,
                owner,
                until,
                why,
                task.uncertain_creates,
                task.brake_passed,
                task.contradictions,
                task.failed.as_deref().filter(|_| task.state != TaskState::Done),
            ),
        )?;
        if written == 0 {
            return Err(Fault::Rule(format!("there is no task {}", task.id)));
        }
        Ok(())
    }

    /// Most urgent first, then oldest, for each system not more than its share: a system that is down cannot block the queue, however
    /// many tasks it has, because each system is queried separately.
    pub(super) fn claimable(
        &self,
        now: Timestamp,
        limit: u32,
        per_system: u32,
        of: Option<&TasksOf>,
    ) -> Result<Vec<Candidate>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let per_system = usize::try_from(per_system).unwrap_or(usize::MAX);
        let mut chosen = Vec::new();
        let mut leased = self.leased(now)?;
        match of {
            Some(TasksOf::Identity(id)) => return self.ready_of(*id, now, limit),
            Some(TasksOf::System(name)) => {
                leased.retain(|system, _| system == name.as_str());
                leased.entry(name.to_string()).or_default();
            }
            None | Some(TasksOf::Elsewhere(_)) => {
                for system in self.systems_with_ready_tasks()? {
                    leased.entry(system).or_default();
                }
            }
        }
        let elsewhere = |system: &str| match of {
            Some(TasksOf::Elsewhere(known)) => !known.iter().any(|k| k.as_str() == system),
            _ => true,
        };
        for (system, share) in leased.into_iter().filter(|(system, _)| elsewhere(system)) {
            let room = per_system.saturating_sub(share.alive).min(limit);
            let mut candidates = share.ended;
            self.ready(&system, now, room, &mut candidates)?;
            candidates.sort_unstable();
            candidates.truncate(room);
            chosen.append(&mut candidates);
        }
        chosen.sort_unstable();
        chosen.truncate(limit);
        Ok(chosen)
    }

    pub(super) fn claim(
        &self,
        owner: &Arc<str>,
        until: Timestamp,
        chosen: &[Candidate],
    ) -> Result<Vec<Task>> {
        let mut taken = Vec::with_capacity(chosen.len());
        for candidate in chosen {
            match self.take_task(&candidate.id, owner, until)? {
                Some(task) => taken.push(task),
                // The work is still due: a pass finds it without a task, and creates another one.
                None => drop(run(
                    &self.connection,
                    "UPDATE task SET state = 'done', owner = NULL, until = NULL, why = NULL WHERE id = ?1",
                    [candidate.id],
                )?),
            }
        }
        Ok(taken)
    }

    fn ready_of(&self, identity: IdentityId, now: Timestamp, limit: usize) -> Result<Vec<Candidate>> {
        let mut query = statement(
            &self.connection,
            "SELECT urgency, not_before, id FROM task INDEXED BY task_open
             WHERE identity = ?1 AND state <> 'done'
               AND (state = 'ready' AND not_before <= ?2 OR state = 'leased' AND until <= ?2)
             ORDER BY urgency, not_before, id LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = query.query((identity.as_bytes(), micros(now), limit))?;
        let mut chosen = Vec::new();
        while let Some(row) = rows.next()? {
            chosen.extend(readable("task", row, |row| candidate(row, 0))?);
        }
        Ok(chosen)
    }

    /// `None`: it cannot be read.
    fn take_task(&self, id: &[u8; 16], owner: &Arc<str>, until: Timestamp) -> Result<Option<Task>> {
        let sql = format!(
            "UPDATE task SET state = 'leased', owner = ?2, until = ?3, attempts = attempts + 1, uncertain_creates = uncertain_creates + 1 WHERE id = ?1
             RETURNING {COLUMNS}"
        );
        let mut update = statement(&self.connection, &sql)?;
        let mut rows = update.query((id, owner, micros(until)))?;
        let row = rows
            .next()?
            .ok_or_else(|| Fault::inconsistent("a task", "it is in an index and not in the table"))?;
        let task = readable("task", row, task)?;
        // Stepping to the end completes the update.
        while rows.next()?.is_some() {}
        Ok(task)
    }

    /// For each system: the number of active leases, and the tasks whose lease ended.
    fn leased(&self, now: Timestamp) -> Result<BTreeMap<String, Share>> {
        let mut query = statement(
            &self.connection,
            "SELECT system, until, urgency, not_before, id FROM task WHERE state = 'leased'",
        )?;
        let mut rows = query.query([])?;
        let mut shares = BTreeMap::<String, Share>::new();
        while let Some(row) = rows.next()? {
            let share = shares.entry(row.get(0)?).or_default();
            if row.get::<_, Option<i64>>(1)?.is_some_and(|until| until > micros(now)) {
                share.alive += 1;
            } else {
                share.ended.extend(readable("task", row, |row| candidate(row, 2))?);
            }
        }
        Ok(shares)
    }

    /// One index step for each system, however many tasks each has.
    fn systems_with_ready_tasks(&self) -> Result<Vec<String>> {
        let mut query = statement(
            &self.connection,
            "SELECT min(system) FROM task INDEXED BY task_ready WHERE state = 'ready' AND system > ?1",
        )?;
        let mut systems = Vec::<String>::new();
        loop {
            let after = systems.last().map_or("", String::as_str);
            match query.query_row([after], |row| row.get(0))? {
                Some(system) => systems.push(system),
                None => return Ok(systems),
            }
        }
    }

    fn ready(&self, system: &str, now: Timestamp, room: usize, into: &mut Vec<Candidate>) -> Result<()> {
        let mut query = statement(
            &self.connection,
            "SELECT urgency, not_before, id FROM task
             WHERE state = 'ready' AND system = ?1 AND urgency = ?2 AND not_before <= ?3
             ORDER BY not_before, id LIMIT ?4",
        )?;
        let mut left = room;
        for urgency in [Urgency::CutOff, Urgency::Removal, Urgency::Normal] {
            let limit = i64::try_from(left).unwrap_or(i64::MAX);
            let mut rows = query.query((system, urgency.rank(), micros(now), limit))?;
            while let Some(row) = rows.next()? {
                into.extend(readable("task", row, |row| candidate(row, 0))?);
                left = left.saturating_sub(1);
            }
        }
        Ok(())
    }

    /// Extends the leases that this owner still has; returns those that it lost.
    pub(super) fn heartbeat(
        &self,
        owner: &Arc<str>,
        tasks: &[TaskId],
        until: Timestamp,
    ) -> Result<Vec<TaskId>> {
        let mut lost = Vec::new();
        for task in tasks {
            let kept = run(
                &self.connection,
                "UPDATE task SET until = ?3 WHERE id = ?1 AND state = 'leased' AND owner = ?2",
                (task.as_bytes(), owner, micros(until)),
            )?;
            if kept == 0 {
                lost.push(*task);
            }
        }
        Ok(lost)
    }
}

/// One system's share of the queue.
#[derive(Debug, Default)]
struct Share {
    alive: usize,
    ended: Vec<Candidate>,
}

fn candidate(row: &Row<'_>, column: usize) -> Result<Candidate> {
    Ok(Candidate { urgency: row.get(column)?, not_before: row.get(column + 1)?, id: row.get(column + 2)? })
}
