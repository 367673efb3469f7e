//! A system that reports success and shows something else: the pass ends, and a person is told what it shows.

use crate::world::World;
use std::time::Duration;
use tenure_connect::Operation;
use tenure_model::{CONTRADICTIONS_MAX, Task, TaskState};
use tenure_testkit::target::Fault;

/// How long a pass may take here, pauses included; today's took for ever.
const PASS_MAX: Duration = Duration::from_secs(60);

fn one() -> [[String; 4]; 1] {
    [["R1".to_owned(), "W1".to_owned(), "Name1".to_owned(), String::new()]]
}

async fn task(world: &World) -> Task {
    let mut tasks = world.store.tasks(None, 9).await.unwrap();
    assert_eq!(tasks.len(), 1, "{tasks:#?}");
    tasks.remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_keeps_something_else_is_told_to_a_person() {
    let world = World::new().await;
    world.fault_next(u64::from(CONTRADICTIONS_MAX), Operation::Grant, Fault::Lie);
    world.take(&one()).await;
    let work = tokio::time::timeout(PASS_MAX, world.work()).await.unwrap();
    assert_eq!((work.needs_person, work.waiting), (1, 0), "{work:?}");
    let stuck = task(&world).await;
    let TaskState::NeedsPerson { why } = &stuck.state else { panic!("{stuck:#?}") };
    assert!(why.contains("directory:staff is not as decided: not held"), "{why}");

    // A person tries it again: the system works correctly now, and nothing is left to do.
    world.take(&[one(), [["R2".into(), "W2".into(), "Name2".into(), String::new()]]].concat()).await;
    world.app.work().try_again(stuck.id, &world.moment(Some("W2")).await).await.unwrap();
    let work = tokio::time::timeout(PASS_MAX, world.work()).await.unwrap();
    assert_eq!((work.needs_person, work.waiting), (0, 0), "{work:?}");
}
