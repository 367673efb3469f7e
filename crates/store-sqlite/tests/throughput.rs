//! Prints how many people a second the store writes, compared with plain SQLite for the same rows. It asserts that they all exist,
//! never the speed: `xtask bench` does that.
#![expect(clippy::unwrap_used, reason = "what a test cannot set up fails the test")]

use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tenure_model::{
    Account, Case, CaseLabel, CaseState, EngagementId, Grant, Task, Timeline, Urgency, Value,
};
use tenure_store::{Change, Commits, Entries, Expect, IdentityRow, Outcome, Subjects, Unit};
use tenure_store_sqlite::{Options, SqliteStore};
use tenure_testkit::store::sample::{
    account, append, bytes, case, grant, id, keyed, name, person, record, task,
};

const PEOPLE: u64 = 20_000;
/// People per commit, as an import would send them.
const BATCH: u64 = 2_000;
const ATTRIBUTES: u64 = 50;
/// Different classes: one for every twenty people.
const CLASSES: u64 = PEOPLE / 20;

#[expect(clippy::disallowed_methods, reason = "a measurement needs the machine's time")]
fn now() -> Instant {
    Instant::now()
}

/// Scatters keys like names and numbers of real people.
fn scattered(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24
}

/// A person with fifty attributes; by tables: identity, body, 5 keys, class, record and body, 2 identifiers, 2 accounts, 3
/// grants, case, 2 tasks, leaf.
fn joiner(n: u64) -> Unit {
    let attributes: BTreeMap<_, _> = (0..ATTRIBUTES)
        .map(|a| {
            (
                name(&format!("attribute_{a}")),
                Timeline::always(Value::text(&format!("value {a} of person {n}"))),
            )
        })
        .collect();
    let mut row: IdentityRow = person(n);
    row.identity.engagements[0].attributes = attributes.clone();
    row.keys = ["worker_number", "e-mail", "name", "birth", "block"]
        .map(|kind| keyed(kind, &format!("{kind}-{:010x}", scattered(n))))
        .to_vec();
    row.reads = vec![id(1 + n % 500)];
    row.classes =
        vec![(EngagementId::from_bytes(bytes(n)), Arc::from((scattered(n) % CLASSES).to_be_bytes()))];
    let mut kept = record("hr", &format!("W{n:08}"), Some(n));
    kept.waiting.iter_mut().for_each(|waiting| waiting.attributes.clone_from(&attributes));
    let issue = |sort: &str| Change::IssueIdentifier {
        identity: id(n),
        name: Arc::from(sort),
        value: Arc::from(format!("{:08x}.{sort}", scattered(n))),
    };
    let of = |account: Account| Account { generation: 1, ..account };
    let held = |what: &str| Grant { holding: tenure_model::Holding::Ordered, ..grant(what) };
    let work = |m, system: &str| {
        Change::PutTask(Task { generation: 1, ..task(n * 2 + m, n, system, Urgency::Normal, 0) })
    };
    let opened: Case = case(n, n, CaseLabel::Joiner, CaseState::Open, 5);
    Unit {
        expects: vec![Expect::Version(id(n), 0)],
        changes: vec![
            Change::PutIdentity(Box::new(row)),
            Change::PutRecord(Box::new(kept)),
            issue("user_name"),
            issue("mail"),
            Change::PutAccount(id(n), of(account("directory", None, "user"))),
            Change::PutAccount(id(n), of(account("git", None, "user"))),
            Change::PutGrant(id(n), held("directory:staff")),
            Change::PutGrant(id(n), held("directory:mail")),
            Change::PutGrant(id(n), held("git:developer")),
            Change::PutTask(task(n * 2, n, "directory", Urgency::Normal, 0)),
            work(1, "git"),
            Change::PutCase(opened),
            append(&format!("entry {n}: {}", "x".repeat(200))),
        ],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_per_second() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("tenure.db");
    let store = SqliteStore::open(&database, &Options::default()).unwrap();
    let mut batches: Vec<Vec<Unit>> = Vec::new();
    for first in (1..=PEOPLE).step_by(usize::try_from(BATCH).unwrap()) {
        batches.push((first..first + BATCH).map(joiner).collect());
    }
    let start = now();
    let mut waiting = Vec::new();
    for batch in batches {
        let store = store.clone();
        // Two batches in progress: one is encoded while the other is written.
        if waiting.len() == 2 {
            all_committed(waiting.remove(0)).await;
        }
        waiting.push(tokio::spawn(async move { store.commit(batch).await.unwrap() }));
    }
    for batch in waiting {
        all_committed(batch).await;
    }
    let through_the_port = start.elapsed();
    assert_eq!(store.identity_count().await.unwrap(), PEOPLE);
    assert_eq!(store.ledger_head().await.unwrap().size, PEOPLE);
    let small = one_after_the_other(&store).await;
    drop(store);

    let (plain, rows) = plain_sqlite(&database, &folder.path().join("plain.db"));
    let rate = |time: Duration| f64::from(u32::try_from(PEOPLE).unwrap()) / time.as_secs_f64();
    println!(
        "{PEOPLE} people of {ATTRIBUTES} attributes, {:.1} rows each: {:.0} people/s through the store, {:.0} people/s plain \
         SQLite with the same rows, ratio {:.2}; one event at a time {:.1} ms",
        f64::from(u32::try_from(rows).unwrap()) / f64::from(u32::try_from(PEOPLE).unwrap()),
        rate(through_the_port),
        rate(plain),
        plain.as_secs_f64() / through_the_port.as_secs_f64(),
        small.as_secs_f64() * 1_000.0,
    );
}

async fn all_committed(batch: tokio::task::JoinHandle<Vec<Outcome>>) {
    assert!(batch.await.unwrap().iter().all(Outcome::is_committed));
}

/// How long one small unit takes from call to acknowledgement.
async fn one_after_the_other(store: &SqliteStore) -> Duration {
    const EVENTS: u32 = 50;
    let start = now();
    for n in 0..EVENTS {
        let changes = vec![append(&n.to_string())];
        store.commit(vec![Unit { expects: Vec::new(), changes }]).await.unwrap();
    }
    start.elapsed() / EVENTS
}

/// Tables in the order in which an import writes their rows.
const TABLES: [(&str, &str); 13] = [
    ("identity_body", "number"),
    ("identity", "id"),
    ("class", "id"),
    ("identity_key", "identity"),
    ("identity_read", "identity"),
    ("identity_class", "identity"),
    ("record_body", "number"),
    ("record", "key"),
    ("identifier", "identity"),
    ("account", "identity"),
    ("\"grant\"", "identity"),
    ("lifecycle_case", "id"),
    ("leaf", "number"),
];

/// Inserts the same rows with prepared statements, with as many people per transaction as the store had per batch, and synced in the
/// same way. Returns the time and the number of rows.
fn plain_sqlite(from: &Path, to: &Path) -> (Duration, usize) {
    let source = Connection::open(from).unwrap();
    let target = Connection::open(to).unwrap();
    target.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0)).unwrap();
    target.pragma_update(None, "synchronous", "FULL").unwrap();
    target.pragma_update(None, "cache_size", -131_072).unwrap();
    target.pragma_update(None, "wal_autocheckpoint", 16_384).unwrap();
    // Classes are inserted in a different order than the engagements that refer to them.
    target.pragma_update(None, "foreign_keys", false).unwrap();
    target.execute_batch(include_str!("../migrations/0001_start.sql")).unwrap();
    let mut tables: Vec<_> = TABLES.to_vec();
    tables.push(("task", "identity"));
    let tables: Vec<(String, Vec<Vec<Cell>>)> =
        tables.iter().map(|(table, order)| rows_of(&source, table, order)).collect();
    let rows = tables.iter().map(|(_, rows)| rows.len()).sum();
    let chunks = usize::try_from(PEOPLE / BATCH).unwrap();
    let start = now();
    for chunk in 0..chunks {
        target.execute_batch("BEGIN IMMEDIATE").unwrap();
        for (insert, rows) in &tables {
            let mut insert = target.prepare_cached(insert).unwrap();
            for row in &rows[rows.len() * chunk / chunks..rows.len() * (chunk + 1) / chunks] {
                insert.execute(rusqlite::params_from_iter(row)).unwrap();
            }
        }
        target.execute_batch("COMMIT").unwrap();
    }
    (start.elapsed(), rows)
}

fn rows_of(source: &Connection, table: &str, order: &str) -> (String, Vec<Vec<Cell>>) {
    let mut query = source.prepare(&format!("SELECT * FROM {table} ORDER BY {order}")).unwrap();
    let columns = query.column_count();
    let rows = query.query_map([], |row| (0..columns).map(|column| row.get(column)).collect()).unwrap();
    let rows = rows.collect::<rusqlite::Result<_>>().unwrap();
    let marks = vec!["?"; columns].join(", ");
    (format!("INSERT INTO {table} VALUES ({marks})"), rows)
}
