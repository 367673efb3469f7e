//! Several processes over one store: one at a time does each job, by the database's clock and not by theirs, and one that lost its lease
//! writes nothing more.

use crate::world::{World, table};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tenure_app::{App, Progress, Refusal};
use tenure_connect::{Feeds, Fetched};
use tenure_model::{FeedError, FeedShape, Name as _, SourceName};
use tenure_policy::ClassCache;
use tenure_sim::{InMemory, Settable};

/// How long a test waits for another thread before it fails.
const LONG: Duration = Duration::from_secs(20);
/// The beginning of all clocks.
const NOW: &str = "2026-03-02T08:00:00Z";

struct Silent;

impl Progress for Silent {
    fn feed(&self, _: &SourceName, _: u64, _: u64) {}
    fn queue(&self, _: u64, _: u64) {}
}

/// A feed that stands still until the test lets it go on: a process without a sign of life.
struct StandsStill {
    feed: InMemory,
    begun: Mutex<Sender<()>>,
    goes_on: Mutex<Receiver<()>>,
}

impl Feeds for StandsStill {
    fn fetch(&self, source: &SourceName, place: &Arc<str>, shape: &FeedShape) -> Result<Fetched, FeedError> {
        self.begun.lock().unwrap().send(()).unwrap();
        self.goes_on.lock().unwrap().recv_timeout(LONG).unwrap();
        self.feed.fetch(source, place, shape)
    }
}

fn rows(of: std::ops::Range<usize>) -> Vec<[String; 4]> {
    of.map(|n| [format!("R{n}"), format!("W{n}"), format!("Name{n}"), String::new()]).collect()
}

fn reports(rows: &[[String; 4]]) -> InMemory {
    let feed = InMemory::default();
    feed.report("hr", &table(rows));
    feed
}

fn clock(seconds: i64) -> Settable {
    let now: Timestamp = NOW.parse().unwrap();
    Settable::new(now + SignedDuration::from_secs(seconds))
}

/// A process whose clock is an hour ahead.
fn ahead(world: &World, rows: &[[String; 4]]) -> App {
    world.node("ahead", Arc::new(reports(rows)), Arc::new(clock(3_600)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_pass_that_stands_still_is_taken_over_and_writes_nothing_more() {
    let world = World::new().await;
    let (begun, has_begun) = channel();
    let (go_on, goes_on) = channel();
    let feed =
        StandsStill { feed: reports(&rows(1..4)), begun: Mutex::new(begun), goes_on: Mutex::new(goes_on) };
    let slow = world.node("slow", Arc::new(feed), Arc::new(clock(0)));
    let moment = world.moment(None).await;
    let first = tokio::task::spawn_blocking({
        let (moment, runtime) = (moment.clone(), tokio::runtime::Handle::current());
        move || runtime.block_on(slow.passes().run(&moment, None, &Silent))
    });
    tokio::task::spawn_blocking(move || has_begun.recv_timeout(LONG).unwrap()).await.unwrap();

    // Its clock says that the leases ended long ago: the database's does not.
    let other = ahead(&world, &rows(7..9));
    let source = SourceName::new("hr").unwrap();
    let refused = other.passes().run(&moment, None, &Silent).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::JobUnderWay), "{refused}");
    assert!(refused.to_string().contains("job=pass"), "{refused}");
    let busy = other.feed().take_feed(&source, &moment, &mut ClassCache::default(), &|_, _| ()).await;
    assert_eq!(busy.unwrap_err().refusal(), Some(Refusal::JobUnderWay));

    world.clock.set(NOW.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(10));
    let report = other.passes().run(&moment, None, &Silent).await.unwrap();
    assert_eq!(report.feeds[0].new, 2);
    let before = world.store.ledger_head().await.unwrap().size;

    go_on.send(()).unwrap();
    let late = first.await.unwrap().unwrap_err();
    assert_eq!(late.code(), "S005", "{late}");
    assert_eq!(world.store.ledger_head().await.unwrap().size, before, "not one entry after the take-over");
    let ids = world.store.identities(None, 9).await.unwrap();
    let all = world.store.subjects(&ids).await.unwrap();
    let records: BTreeSet<_> = all.iter().map(|s| s.identity.engagements[0].key.to_string()).collect();
    let other = BTreeSet::from(["R7", "R8"].map(str::to_owned));
    assert_eq!(records, other, "nothing of the feed that stood still");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leases_of_tasks_end_by_the_clock_of_the_database() {
    let world = World::new().await;
    world.take(&rows(1..4)).await;
    let other = ahead(&world, &[]);
    let moment = world.moment(None).await;
    let minute = SignedDuration::from_mins(1);
    assert_eq!(world.store.claim("slow", minute, 2, 9).await.unwrap().len(), 2);
    let report = other.work().work(&moment, None, &|_, _| ()).await.unwrap();
    assert_eq!((report.attempts, world.usable()), (2, 1), "one write and its read; the rest is leased");
    world.clock.set(NOW.parse::<Timestamp>().unwrap() + minute * 10);
    other.work().work(&moment, None, &|_, _| ()).await.unwrap();
    assert_eq!(world.usable(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_person_in_two_sources_at_once_is_one_identity() {
    for round in 0..5 {
        let mut world = World::new().await;
        world.add_sources(&["hr-north"]).await;
        let people = 100..140;
        let of = |prefix: &str| {
            let mut rows = rows(people.clone());
            rows.iter_mut().for_each(|row| row[0] = format!("{prefix}{}", row[0]));
            rows
        };
        let (one, two) = (world.worker("hr", &of("A")), world.worker("hr-north", &of("B")));
        let (one, two) = (tokio::spawn(one), tokio::spawn(two));
        let (one, two) = (one.await.unwrap(), two.await.unwrap());
        let identities = world.store.identities(None, 1_000).await.unwrap();
        assert_eq!(identities.len(), people.len(), "round {round}: {one:?} {two:?}");
        for id in identities {
            assert_eq!(world.store.records_of(id).await.unwrap().len(), 2, "both sources have a record");
        }
    }
}

/// Whatever two processes count at once, no more lose access in a day than the brake allows.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_together_pass_no_more_than_a_brake_allows() {
    let world = World::new().await;
    let with_end = |gone: usize| -> Vec<[String; 5]> {
        let last_day = |n: usize| if n <= gone { "2026-02-27".to_owned() } else { String::new() };
        rows(1..41).into_iter().enumerate().map(|(n, [a, b, c, d])| [a, b, c, d, last_day(n + 1)]).collect()
    };
    world.take_with_ends(&with_end(0)).await;
    world.work().await;
    let moment = world.moment(None).await;
    let workers: Vec<_> = ["one", "two"]
        .into_iter()
        .map(|name| {
            let node = world.node(name, Arc::new(InMemory::default()), Arc::new(clock(0)));
            let moment = moment.clone();
            tokio::spawn(async move {
                for _ in 0..30 {
                    node.work().work(&moment, None, &|_, _| ()).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
        })
        .collect();
    for gone in 1..10 {
        world.take_with_ends(&with_end(gone)).await;
    }
    for worker in workers {
        worker.await.unwrap();
    }
    world.work().await;
    let lost = world
        .store
        .losses("system directory", moment.now - SignedDuration::from_hours(24), None, 1_000)
        .await
        .unwrap();
    assert!(lost.len() <= 5, "the brake of the system allows 5: {}", lost.len());
    assert_eq!(world.usable(), 40 - lost.len());
    assert_eq!(world.store.held_changes_after(None, 10).await.unwrap().len(), 1, "the others are held");
}
