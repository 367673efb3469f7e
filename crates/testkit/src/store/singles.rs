//! What there is one of: the active configuration, named leases, notes; and waking up.

use super::sample::{at, id, name, note, noted};
use super::{Done, Fixture, claimed, committed, leased};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tenure_store::{CLOCK_JUMP, Change, Expect, Lease, SetUpRow, StoreError, Unit};

/// How long a waiter that should be woken waits at most.
const LONG: Duration = Duration::from_secs(20);
/// How long a waiter that should not be woken waits.
const SHORT: Duration = Duration::from_millis(50);

pub async fn one_set_up_is_active(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let row = |hash: &str, when, text: &str| SetUpRow {
        hash: name(hash),
        files: BTreeMap::from([(Arc::from("policy/a.toml"), Arc::from(text))]),
        at: at(when),
        by: Arc::from("anna"),
    };
    assert_eq!(store.active_set_up().await?, None);
    let (a, b) = (row("aa", 1, "edition = 1\n"), row("bb", 2, ""));
    committed(&*store, vec![Change::Activate(a.clone())]).await?;
    committed(&*store, vec![Change::Activate(b.clone())]).await?;
    assert_eq!(store.active_set_up().await?, Some(b.clone()));
    assert_eq!(store.set_up(&a.hash).await?, Some(a.clone()));
    let back = SetUpRow { at: at(3), ..a };
    committed(&*store, vec![Change::Activate(back.clone())]).await?;
    assert_eq!(store.active_set_up().await?, Some(back.clone()));
    assert_eq!(store.set_ups_since(at(2), None, 9).await?, [back.clone(), b.clone()]);
    assert_eq!(store.set_ups_since(at(2), None, 1).await?, std::slice::from_ref(&back));
    let after = Some((back.at, back.hash.clone()));
    assert_eq!(store.set_ups_since(at(2), after, 1).await?, std::slice::from_ref(&b));
    let after = Some((b.at, b.hash.clone()));
    assert_eq!(store.set_ups_since(at(2), after, 1).await?, []);
    assert_eq!(store.set_ups_since(at(3), None, 9).await?, [back]);
    assert_eq!(store.set_up(&b.hash).await?, Some(b));
    assert_eq!(store.set_up(&name("cc")).await?, None);
    Ok(())
}

pub async fn a_lease_has_one_holder_at_a_time(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let lease =
        |owner: &str, until| Some(Lease { name: Arc::from("hr"), owner: Arc::from(owner), until: at(until) });
    assert_eq!(leased((f, &*store), "hr", "n1", (0, 10)).await?, lease("n1", 10));
    assert_eq!(store.machine_time(), at(0), "machine time is the database's");
    assert_eq!(leased((f, &*store), "hr", "n2", (9, 20)).await?, None);
    assert_eq!(leased((f, &*store), "hr", "n1", (9, 15)).await?, lease("n1", 15), "kept by its holder");
    assert_eq!(
        leased((f, &*store), "hr", "n2", (15, 25)).await?,
        lease("n2", 25),
        "taken over when it ended"
    );
    store.unlease("hr", "n1").await?;
    assert_eq!(leased((f, &*store), "hr", "n1", (16, 26)).await?, None, "not n1's to give back");
    store.unlease("hr", "n2").await?;
    assert_eq!(leased((f, &*store), "hr", "n1", (16, 26)).await?, lease("n1", 26));
    assert!(leased((f, &*store), "other", "n2", (0, 1)).await?.is_some());
    Ok(())
}

pub async fn notes_and_business_time_are_kept(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    assert_eq!((noted(&*store, "a").await?, store.business_time().await?), (None, None));
    committed(&*store, vec![note("a", "one"), Change::BusinessTime(at(50))]).await?;
    committed(&*store, vec![note("a", "two"), note("b", ""), Change::BusinessTime(at(40))]).await?;
    assert_eq!(noted(&*store, "a").await?.as_deref(), Some("two"));
    assert_eq!(noted(&*store, "b").await?.as_deref(), Some(""));
    assert_eq!(store.business_time().await?, Some(at(50)), "it never goes back");
    Ok(())
}

pub async fn a_jump_of_the_clock_is_kept_until_it_is_confirmed(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let week = CLOCK_JUMP.as_secs();
    committed(&*store, vec![Change::BusinessTime(at(0))]).await?;
    committed(&*store, vec![Change::BusinessTime(at(week))]).await?;
    assert_eq!(store.clock_jump().await?, None, "a week is no jump");
    committed(&*store, vec![Change::BusinessTime(at(2 * week + 1))]).await?;
    assert_eq!(store.clock_jump().await?, Some(at(week)));
    committed(&*store, vec![Change::BusinessTime(at(9 * week))]).await?;
    assert_eq!(store.clock_jump().await?, Some(at(week)), "the first one counts");
    committed(&*store, vec![Change::ConfirmClock]).await?;
    assert_eq!(store.clock_jump().await?, None);
    committed(&*store, vec![Change::BusinessTime(at(90 * week))]).await?;
    committed(&*store, vec![Change::SetClockBack(at(10 * week))]).await?;
    assert_eq!((store.business_time().await?, store.clock_jump().await?), (Some(at(10 * week)), None));
    Ok(())
}

pub async fn a_commit_wakes_each_waiter_once(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    committed(&*store, vec![note("before", "x")]).await?;
    let (mut early, mut busy) = (store.waiter(), store.waiter());
    assert!(!early.woken(SHORT).await, "what was committed before it was made");
    let waiting = tokio::spawn(async move {
        let woken = tokio::time::timeout(LONG, early.woken(LONG * 2)).await;
        (woken.unwrap_or(false), early)
    });
    tokio::time::sleep(SHORT).await;
    assert!(!waiting.is_finished(), "nothing was committed since");
    for n in 0..5 {
        committed(&*store, vec![note("after", &n.to_string())]).await?;
    }
    let (woken, mut early) = waiting.await.map_err(|e| StoreError::Driver(Box::new(e)))?;
    assert!(woken);
    // One that did something else meanwhile is woken too, and once, however many commits there were.
    assert!(busy.woken(LONG).await);
    assert!(!busy.woken(SHORT).await, "woken once for five commits");
    // The other one was woken by the first of them: at most once more for the rest.
    early.woken(SHORT).await;
    assert!(!early.woken(SHORT).await);
    committed(&*store, vec![note("again", "x")]).await?;
    assert!(early.woken(LONG).await && busy.woken(LONG).await, "no waiter takes the wake-up of another");
    Ok(())
}

pub async fn a_commit_that_moved_wakes_nobody(f: &dyn Fixture) -> Done {
    let store = f.open().await;
    let mut waiter = store.waiter();
    let moved = Unit { expects: vec![Expect::Version(id(1), 7)], changes: vec![note("lost", "x")] };
    assert!(!store.commit(vec![moved]).await?[0].is_committed());
    assert_eq!(claimed((f, &*store), "w", (0, 9), 9, 9).await?, []);
    assert!(leased((f, &*store), "hr", "w", (0, 9)).await?.is_some());
    assert!(!waiter.woken(SHORT).await, "woken for nothing");
    Ok(())
}
