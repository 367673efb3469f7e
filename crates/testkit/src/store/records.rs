//! What sources delivered is read back.

use super::sample::{at, bytes, id, name, record};
use super::{Done, Fixture, committed};
use std::sync::Arc;
use tenure_model::{FeedRunId, HeldChangeId, RecordState};
use tenure_store::{Change, FeedResult, FeedRunRow, QuarantineRow, RecordIndexRow, RecordRow};

pub async fn records_are_read_back_and_indexed(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let put = |row| Change::PutRecord(Box::new(row));
    let mut asked = record("hr", "2", None);
    asked.state = RecordState::Asked;
    let nothing_waits = |row| RecordRow { waiting: None, ..row };
    let one = nothing_waits(record("hr", "1", Some(1)));
    let other = nothing_waits(record("vms", "1", Some(1)));
    committed(&*store, vec![put(one.clone()), put(asked.clone()), put(other.clone())]).await?;
    let keys = [name("2"), name("404"), name("1")];
    assert_eq!(store.records(&name("hr"), &keys).await?, [asked.clone(), one.clone()]);
    assert_eq!(store.records_of(id(1)).await?, [one.clone(), other]);

    let mut moved = one;
    (moved.state, moved.identity, moved.digest) = (RecordState::Missing, Some(id(2)), [9; 32]);
    moved.waiting = asked.waiting.clone();
    committed(&*store, vec![put(moved.clone())]).await?;
    assert_eq!(store.records(&name("hr"), &keys[2..]).await?, [moved.clone()]);
    assert_eq!(store.records_of(id(2)).await?, [moved.clone()]);
    let index = store.record_index(&name("hr"), None, 9).await?;
    let row = |r: &tenure_store::RecordRow| RecordIndexRow {
        key: r.key.clone(),
        digest: r.digest,
        state: r.state.clone(),
        identity: r.identity,
    };
    assert_eq!(index, [row(&moved), row(&asked)]);
    assert_eq!(store.record_index(&name("hr"), None, 1).await?, [row(&moved)]);
    assert_eq!(store.record_index(&name("hr"), Some(&moved.key), 1).await?, [row(&asked)]);
    assert_eq!(store.record_index(&name("hr"), Some(&asked.key), 1).await?, []);
    Ok(())
}

pub async fn rows_in_quarantine_come_and_go(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let row = |source: &str, key: &str, reason: &str| QuarantineRow {
        source: name(source),
        key: Arc::from(key),
        nth: 0,
        code: Arc::from("R13"),
        place: Arc::from("hr.csv:7 column `end`"),
        value: Arc::from("31.02.2026"),
        reason: Arc::from(reason),
        since: at(5),
        urgent: true,
        run: FeedRunId::from_bytes(bytes(3)),
    };
    let put = |row: &QuarantineRow| Change::Quarantine(row.clone());
    let (a, b, c) =
        (row("hr", "1", "no such day"), row("hr", "line 9", "no key"), row("vms", "1", "no such day"));
    committed(&*store, vec![put(&b), put(&a), put(&c)]).await?;
    assert_eq!(store.quarantine_after(None, None, 9).await?, [a.clone(), b.clone(), c.clone()]);
    assert_eq!(store.quarantine_after(Some(&name("hr")), None, 9).await?, [a, b.clone()]);
    let second = QuarantineRow { nth: 1, urgent: false, ..row("hr", "1", "no such type") };
    committed(&*store, vec![put(&second)]).await?;
    let again = row("hr", "1", "still no such day");
    committed(&*store, vec![put(&again)]).await?;
    assert_eq!(store.quarantine_after(Some(&name("hr")), None, 9).await?, [again, second, b.clone()]);
    committed(&*store, vec![Change::Repaired(name("hr"), Arc::from("1"))]).await?;
    assert_eq!(store.quarantine_after(None, None, 9).await?, [b, c]);
    Ok(())
}

pub async fn feed_runs_are_listed_newest_first(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let run = |n, source: &str, when, result| FeedRunRow {
        id: FeedRunId::from_bytes(bytes(n)),
        source: name(source),
        at: at(when),
        digest: [4; 32],
        extracted: (n > 2).then(|| at(when)),
        rows: 10,
        changed: 2,
        quarantined: 1,
        missing: 3,
        result,
    };
    let held = run(2, "hr", 20, FeedResult::Held(HeldChangeId::from_bytes(bytes(8))));
    let refused = run(1, "hr", 30, FeedResult::Refused(Arc::from("empty")));
    let taken = run(3, "hr", 20, FeedResult::Taken);
    let runs = [&held, &refused, &taken, &run(4, "vms", 99, FeedResult::Taken)];
    committed(&*store, runs.map(|r| Change::PutFeedRun(r.clone())).to_vec()).await?;
    assert_eq!(store.feed_runs(&name("hr"), 9).await?, [refused.clone(), taken, held.clone()]);
    assert_eq!(store.feed_runs(&name("hr"), 1).await?, [refused]);
    let released = FeedRunRow { result: FeedResult::Taken, ..held };
    committed(&*store, vec![Change::PutFeedRun(released.clone())]).await?;
    assert_eq!(store.feed_runs(&name("hr"), 9).await?[2], released);
    Ok(())
}
