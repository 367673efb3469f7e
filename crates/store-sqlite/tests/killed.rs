//! Every acknowledged commit is on disk: tested by killing the writer, and by watching its system calls.
#![expect(clippy::unwrap_used, reason = "what a test cannot set up fails the test")]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tenure_store::{Commits, Entries, Outcome, Subjects, Unit};
use tenure_store_sqlite::{Options, SqliteStore};
use tenure_testkit::peer::{PeerError, or_skip};
use tenure_testkit::store::sample::{append, id, note, noted, put_person};

/// Tells the child test which database to write; it then commits until it is killed.
const DATABASE: &str = "TENURE_TEST_DATABASE";
/// The test that runs as the child.
const CHILD: &str = "units_are_acknowledged_as_they_commit";
/// Units that the child commits if it is not killed.
const UNITS: u64 = 24;
/// How often the writer is killed.
const KILLS: u64 = 20;
/// Tasks that commit at once, so that some commits are merged.
const AT_ONCE: u64 = 4;

#[expect(clippy::disallowed_methods, reason = "a child process is told what to do by its environment")]
fn told(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

fn open(database: &Path) -> Arc<SqliteStore> {
    SqliteStore::open(database, &Options::default()).unwrap()
}

/// Commits unit `n`: an identity, a note, a ledger entry. Prints that it was acknowledged.
async fn acknowledge(store: &SqliteStore, n: u64) {
    let changes = vec![put_person(n), note(&n.to_string(), "x"), append(&n.to_string())];
    let outcomes = store.commit(vec![Unit { expects: Vec::new(), changes }]).await.unwrap();
    assert_eq!(outcomes, [Outcome::Committed]);
    say(n);
}

#[expect(
    clippy::print_stdout,
    reason = "the parent reads what was acknowledged from the child's standard output"
)]
fn say(n: u64) {
    println!("acknowledged {n}");
}

fn number_in(opening: &[u8]) -> u64 {
    std::str::from_utf8(opening).unwrap().parse().unwrap()
}

fn acknowledged(line: &str) -> Option<u64> {
    line.strip_prefix("acknowledged ")?.trim().parse().ok()
}

/// Alone, a small test; as a child, the writer that is killed or watched.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_are_acknowledged_as_they_commit() {
    let folder = tempfile::tempdir().unwrap();
    let (database, last) = match told(DATABASE) {
        Some(database) => (database.into(), u64::MAX),
        None => (folder.path().join("tenure.db"), UNITS),
    };
    let store = open(&database);
    let first = store.ledger_head().await.unwrap().size;
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                // Numbers that no earlier or concurrent task used, whatever happened to its last unit.
                let mut n = (first + AT_ONCE) * 1_000 + task;
                for _ in 0..last / AT_ONCE {
                    acknowledge(&store, n).await;
                    n += AT_ONCE;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(store.ledger_head().await.unwrap().size, first + UNITS);
}

fn child(database: &Path) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", CHILD, "--nocapture"])
        .env(DATABASE, database)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    child
}

/// Lets the child acknowledge a few units, kills it, and returns everything that it printed.
fn kill_after(database: &Path, units: u64, pause: Duration) -> BTreeSet<u64> {
    let mut writer = child(database).spawn().unwrap();
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let mut said = BTreeSet::new();
    for line in lines.by_ref() {
        said.extend(acknowledged(&line.unwrap()));
        if u64::try_from(said.len()).unwrap() >= units {
            break;
        }
    }
    std::thread::sleep(pause);
    writer.kill().unwrap();
    writer.wait().unwrap();
    // What is in the pipe was printed before the end; a truncated last line was not.
    said.extend(lines.map_while(Result::ok).filter_map(|line| acknowledged(&line)));
    assert!(!said.is_empty(), "the child committed nothing");
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("tenure.db");
    let mut said = BTreeSet::new();
    for round in 0..KILLS {
        let new = kill_after(&database, 1 + round * 7 % 40, Duration::from_micros(round * 731 % 9_000));
        assert!(said.is_disjoint(&new), "the child used a number twice");
        said.extend(new);

        let store = open(&database);
        let head = store.ledger_head().await.unwrap();
        let leaves = store.leaves(0, u32::MAX).await.unwrap();
        assert!((0..head.size).eq(leaves.iter().map(|leaf| leaf.index)), "the ledger has no gap");
        let committed: BTreeSet<u64> =
            leaves.iter().map(|leaf| number_in(leaf.opening.as_deref().unwrap())).collect();
        let lost: Vec<_> = said.difference(&committed).collect();
        assert!(lost.is_empty(), "acknowledged and gone after kill {round}: {lost:?}");
        // Units that were committed but could not be reported are complete.
        assert_eq!(store.identity_count().await.unwrap(), head.size);
        let ids: Vec<_> = committed.iter().map(|n| id(*n)).collect();
        assert_eq!(store.subjects(&ids).await.unwrap().len(), ids.len());
        for n in committed.iter().rev().take(20) {
            assert!(noted(&*store, &n.to_string()).await.unwrap().is_some(), "unit {n} is not whole");
        }
    }
    println!("killed {KILLS} times: {} units acknowledged, none lost", said.len());
}

/// The state of the log on disk, derived from system calls in the order in which they ended.
#[derive(Default)]
struct Log {
    /// A write is not covered by a sync yet.
    dirty: bool,
    /// Syncs that succeeded since the last acknowledgement.
    syncs: u32,
    /// Threads that are inside a sync of the log.
    syncing: BTreeSet<String>,
    acknowledged: u64,
}

impl Log {
    /// Takes one line of `strace -f -y`: thread, then the call, or the end of a call that another thread interrupted.
    fn take(mut self, line: &str) -> Result<Self, String> {
        let Some((thread, call)) = line.split_once(' ') else { return Ok(self) };
        let call = call.trim_start();
        let of_the_log = call.contains("-wal>");
        let sync = call.starts_with("fsync(") || call.starts_with("fdatasync(");
        if sync && of_the_log {
            if call.ends_with("= 0") {
                self.synced();
            } else if call.contains("unfinished") {
                self.syncing.insert(thread.to_owned());
            }
        } else if call.contains("sync resumed>") && self.syncing.remove(thread) && call.ends_with("= 0") {
            self.synced();
        } else if of_the_log && (call.starts_with("pwrite64(") || call.starts_with("write(")) {
            self.dirty = true;
        } else if call.starts_with("write(1<") && call.contains("\"acknowledged ") {
            if self.dirty || self.syncs == 0 {
                return Err(format!("acknowledged without a sync of its own: {line}"));
            }
            self.syncs = 0;
            self.acknowledged += 1;
        }
        Ok(self)
    }
    fn synced(&mut self) {
        self.dirty = false;
        self.syncs += 1;
    }
}

/// One task commits, so that each acknowledgement needs a sync of its own.
#[test]
fn a_sync_comes_before_each_acknowledgement() {
    let found = match Command::new("strace").arg("-V").stdout(Stdio::null()).status() {
        Ok(_) => Ok(()),
        Err(_) => {
            Err(PeerError::Missing { program: "strace", how_to_get_it: "apt-get install strace".to_owned() })
        }
    };
    if or_skip(found).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let traced = Command::new("strace")
        .args(["-f", "-y", "-s", "40", "-e", "trace=write,pwrite64,fsync,fdatasync", "-o"])
        .arg(&trace)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "one_unit_after_the_other", "--nocapture"])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(traced.success(), "the traced writer ended with {traced}");
    let trace = std::fs::read_to_string(&trace).unwrap();
    let log = trace.lines().try_fold(Log::default(), Log::take).unwrap();
    assert_eq!(log.acknowledged, UNITS, "every acknowledgement was looked at");
    println!("{} acknowledgements, each after a sync of its own", log.acknowledged);
}

/// Alone, a small test; also the writer whose system calls are watched.
#[tokio::test]
async fn one_unit_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("tenure.db"));
    for n in 1..=UNITS {
        acknowledge(&store, n).await;
    }
    assert_eq!(store.ledger_head().await.unwrap().size, UNITS);
}

#[test]
fn a_trace_without_a_sync_is_noticed() {
    let write = "7 pwrite64(5</t/tenure.db-wal>, \"x\", 1, 0) = 1";
    let sync = "7 fdatasync(5</t/tenure.db-wal>) = 0";
    let said = "8 write(1</dev/null>, \"acknowledged 1\\n\", 15) = 15";
    let seen = |lines: &[&str]| {
        lines.iter().copied().try_fold(Log::default(), Log::take).map(|log| log.acknowledged)
    };
    assert_eq!(seen(&[write, sync, said]), Ok(1));
    let halves = ["7 fsync(5</t/tenure.db-wal> <unfinished ...>", "7 <... fsync resumed>) = 0"];
    assert_eq!(seen(&[write, halves[0], halves[1], said]), Ok(1));
    assert!(seen(&[write, said]).is_err());
    assert!(seen(&[write, halves[0], said]).is_err());
    assert!(seen(&[sync, said, said]).is_err());
    assert!(seen(&[write, "7 fsync(5</t/tenure.db-wal>) = -1 EIO", said]).is_err());
}

#[test]
fn a_second_process_is_told_who_has_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("tenure.db");
    let mut writer = child(&database).spawn().unwrap();
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.is_ok_and(|line| acknowledged(&line).is_some())));
    let refused = SqliteStore::open(&database, &Options::default()).map(drop).unwrap_err().to_string();
    writer.kill().unwrap();
    writer.wait().unwrap();
    assert!(
        refused.contains(&format!("process {}", writer.id())) && refused.contains("tenure.db"),
        "{refused}"
    );
    drop(open(&database));
    drop(open(&database));
}
