//! Several workers at once on one store: no identity is lost, no name is issued twice, and two changes of one person end as if one came
//! after the other.

use crate::world::World;
use std::collections::BTreeSet;
use tenure_app::NewCutOff;
use tenure_model::HoldClass;
use tokio::task::JoinSet;

const WORKERS: usize = 4;
const PEOPLE: usize = 200;

/// The actor of the decisions in the tests below.
const ACTORS: [[&str; 4]; 2] = [["R1", "W1", "Moen", ""], ["R2", "W2", "Nes", ""]];

fn rows(of: impl Iterator<Item = usize>) -> Vec<[String; 4]> {
    of.map(|n| [format!("R{n}"), format!("W{n}"), "Aas".to_owned(), String::new()]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_of_one_name_are_given_names_by_four_workers_at_once() {
    let mut world = World::new().await;
    world.change("sources/hr.toml", "mode = \"snapshot\"", "mode = \"delta\"").await;
    let mut workers = JoinSet::new();
    // One process at a time reads a source: each worker has one of its own.
    let sources = ["hr", "hr-north", "hr-south", "hr-west"];
    world.add_sources(&sources[1..]).await;
    for (worker, source) in sources.iter().enumerate().take(WORKERS) {
        let worker = world.worker(source, &rows((100..100 + PEOPLE).filter(|n| n % WORKERS == worker)));
        workers.spawn(worker);
    }
    let reports = workers.join_all().await;
    assert_eq!(reports.iter().map(|r| r.new).sum::<u64>(), 200, "each worker brings its own");
    let people = world.everybody().await;
    let names: BTreeSet<_> = people.values().map(|s| s.identity.identifiers["user_name"].clone()).collect();
    let mails: BTreeSet<_> = people.values().map(|s| s.identity.identifiers["mail"].clone()).collect();
    assert_eq!((people.len(), names.len(), mails.len()), (PEOPLE, PEOPLE, PEOPLE));
    assert!(people.values().all(|s| s.accounts.len() == 1), "no account is lost");
    world.work().await;
    assert_eq!(world.usable(), PEOPLE);
    assert!(world.app.proof().verify_ledger(None, &|_, _| ()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_changes_of_one_person_end_as_if_one_came_after_the_other() {
    let world = World::new().await;
    let mut all: Vec<[String; 4]> = ACTORS.iter().map(|row| row.map(str::to_owned)).collect();
    all.extend(rows(100..110));
    world.take(&all).await;
    for n in 100..110 {
        let person = format!("W{n}");
        let before = world.app.people().person(&person).await.unwrap().identity.version;
        let (one, two) = (world.moment(Some("W1")).await, world.moment(Some("W2")).await);
        let (app, order) = (&world.app, NewCutOff::of("a key was found"));
        let (retention, cut_offs) = (app.retention(), app.cut_off());
        let (legal, hr, cut) = tokio::join!(
            retention.set_hold(&person, HoldClass::Legal, "a dispute", None, &one),
            retention.set_hold(&person, HoldClass::Hr, "a pension", None, &two),
            cut_offs.cut_off(&person, &order, &two),
        );
        assert!(legal.is_ok() && hr.is_ok() && cut.is_ok());
        let after = app.people().person(&person).await.unwrap();
        assert_eq!(after.identity.version, before + 3, "each change is a version of its own");
        assert!(after.identity.is_cut_off(), "nothing of one is lost by another");
        assert_eq!(after.identity.decisions.holds.len(), 2);
    }
}
