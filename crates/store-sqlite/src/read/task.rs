//! Reads the queue.

use super::{ROWS_MAX, one, readable_rows};
use crate::fault::{Fault, Result};
use crate::word::{account_key, count, instant, instant_or_none, word};
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use std::sync::Arc;
use tenure_model::{IdentityId, Name as _, SystemName, Task, TaskId, TaskKind, TaskState, Urgency};
use tenure_store::{TaskCounts, TasksOf};

/// The columns that [`task`] reads, in its order.
pub(crate) const COLUMNS: &str = "id, identity, system, kind, work, generation, urgency, attempts, state, not_before, owner, until, why, uncertain_creates, brake_passed, contradictions, failed";

pub(crate) fn task(row: &Row<'_>) -> Result<Task> {
    Ok(Task {
        id: TaskId::from_bytes(row.get(0)?),
        identity: IdentityId::from_bytes(row.get(1)?),
        account: account_key(row, 2)?,
        kind: word(row, 4, TaskKind::parse)?,
        generation: count(row, 5)?,
        urgency: Urgency::from_rank(row.get(6)?),
        attempts: row.get(7)?,
        uncertain_creates: row.get(13)?,
        brake_passed: row.get(14)?,
        contradictions: row.get(15)?,
        failed: row.get(16)?,
        state: state(row)?,
    })
}

fn state(row: &Row<'_>) -> Result<TaskState> {
    let lacking = |what: &str| Fault::inconsistent("a task", format!("it has no {what}"));
    let text = |column, what| -> Result<Arc<str>> {
        row.get::<_, Option<Arc<str>>>(column)?.ok_or_else(|| lacking(what))
    };
    Ok(match row.get_ref(8)?.as_str().unwrap_or_default() {
        "ready" => TaskState::Ready { not_before: instant(row, 9)? },
        "leased" => TaskState::Leased {
            owner: text(10, "owner")?,
            until: instant_or_none(row, 11)?.ok_or_else(|| lacking("end of its lease"))?,
        },
        "held" => TaskState::Held { why: text(12, "reason")? },
        "needs_person" => TaskState::NeedsPerson { why: text(12, "reason")? },
        "done" => TaskState::Done,
        other => {
            return Err(Fault::inconsistent(
                "a task",
                format!("this program does not know the state {other:?}"),
            ));
        }
    })
}

/// Most urgent first, then oldest.
pub(crate) fn tasks(connection: &Connection, identity: Option<IdentityId>, limit: u32) -> Result<Vec<Task>> {
    let order = "ORDER BY urgency, not_before, id LIMIT";
    let limit = limit.min(ROWS_MAX);
    match identity {
        Some(identity) => readable_rows(
            connection,
            "task",
            &format!("SELECT {COLUMNS} FROM task WHERE state <> 'done' AND identity = ?1 {order} ?2"),
            (identity.as_bytes(), limit),
            task,
        ),
        None => readable_rows(
            connection,
            "task",
            &format!("SELECT {COLUMNS} FROM task WHERE state <> 'done' {order} ?1"),
            [limit],
            task,
        ),
    }
}

pub(crate) fn open_task(connection: &Connection, id: TaskId) -> Result<Option<Task>> {
    let sql = format!("SELECT {COLUMNS} FROM task WHERE state <> 'done' AND id = ?1");
    one(connection, &sql, [id.as_bytes()], task)
}

/// In the order of ids.
pub(crate) fn tasks_after(connection: &Connection, after: Option<TaskId>, limit: u32) -> Result<Vec<Task>> {
    let after = after.map_or([0; 16], |id| *id.as_bytes());
    let sql = format!("SELECT {COLUMNS} FROM task WHERE state <> 'done' AND id > ?1 ORDER BY id LIMIT ?2");
    readable_rows(connection, "task", &sql, (after, limit.min(ROWS_MAX)), task)
}

pub(crate) fn next_ready(connection: &Connection, of: &TasksOf) -> Result<Option<Timestamp>> {
    let found = match of {
        TasksOf::System(name) => one(
            connection,
            "SELECT min(not_before) FROM task INDEXED BY task_ready WHERE state = 'ready' AND system = ?1",
            [name.as_str()],
            |row| instant_or_none(row, 0),
        )?,
        // Tasks of unknown systems wait for nothing.
        TasksOf::Elsewhere(_) => None,
        TasksOf::Identity(id) => one(
            connection,
            "SELECT min(not_before) FROM task INDEXED BY task_open
             WHERE state <> 'done' AND state = 'ready' AND identity = ?1",
            [id.as_bytes()],
            |row| instant_or_none(row, 0),
        )?,
    };
    Ok(found.flatten())
}

/// By identity, then id.
pub(crate) fn braked(connection: &Connection, system: &SystemName, limit: u32) -> Result<Vec<Task>> {
    readable_rows(
        connection,
        "task",
        &format!(
            "SELECT {COLUMNS} FROM task INDEXED BY task_braked WHERE brake_passed = 0 AND state <> 'done' AND system = ?1
             ORDER BY identity, id LIMIT ?2"
        ),
        (system.as_str(), limit.min(ROWS_MAX)),
        task,
    )
}

pub(crate) fn task_counts(connection: &Connection) -> Result<TaskCounts> {
    let counts = |sql| one(connection, sql, [], |row| count(row, 0)).map(Option::unwrap_or_default);
    let ready = counts("SELECT count(*) FROM task INDEXED BY task_ready WHERE state = 'ready'")?;
    let leased = counts("SELECT count(*) FROM task INDEXED BY task_leased WHERE state = 'leased'")?;
    let open = counts("SELECT count(*) FROM task INDEXED BY task_open WHERE state <> 'done'")?;
    let next = one(
        connection,
        "SELECT min(not_before) FROM task INDEXED BY task_ready WHERE state = 'ready'",
        [],
        |row| instant_or_none(row, 0),
    )?;
    let held = counts(
        "SELECT count(*) FROM task INDEXED BY task_braked WHERE brake_passed = 0 AND state <> 'done' AND state = 'held'",
    )?;
    let needs_person = open.saturating_sub(ready).saturating_sub(leased).saturating_sub(held);
    Ok(TaskCounts { ready, leased, held, needs_person, next: next.flatten() })
}
