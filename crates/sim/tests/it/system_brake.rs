//! The brake of a system: whatever the cause, no identity loses access there when it is too many in a day.

use crate::world::World;
use std::collections::BTreeSet;
use tenure_app::Refusal;
use tenure_store::HeldChangeRow;

const PEOPLE: usize = 40;

fn rows() -> Vec<[String; 4]> {
    (1..=PEOPLE).map(|n| [format!("R{n}"), format!("W{n}"), format!("Name{n}"), String::new()]).collect()
}

async fn held(world: &World) -> Vec<HeldChangeRow> {
    world.store.held_changes_after(None, 1_000).await.unwrap()
}

/// A configuration whose only baseline no longer matches any identity.
async fn nobody_is_due(world: &mut World) {
    world.change("policy/all.toml", r#"identity.kind == "person""#, r#"identity.kind == "shared""#).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_edit_that_takes_too_much_is_held_with_its_list_and_released_in_part() {
    let mut world = World::new().await;
    world.take(&rows()).await;
    assert_eq!(world.work().await.held, 0);
    assert_eq!(world.usable(), PEOPLE);
    nobody_is_due(&mut world).await;
    let work = world.work().await;
    assert_eq!((work.held, world.usable()), (40, PEOPLE), "no account lost access");
    let change = held(&world).await.remove(0);
    assert_eq!((&*change.scope, change.people.len(), &*change.owner), ("system directory", PEOPLE, "W1"));
    assert!(change.people[0].1.contains("disable directory"), "{}", change.people[0].1);
    assert!(change.reason.starts_with("40 of 40 people"), "{}", change.reason);

    // Only its owner or the escalation group may release it, and not the author who made the configuration active.
    let some: BTreeSet<_> = change.people[..3].iter().map(|(id, _)| *id).collect();
    let refused =
        world.app.brakes().release(change.id, Some(&some), &world.moment(None).await).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::NoActor), "{refused}");
    let other = world
        .app
        .brakes()
        .release(change.id, Some(&some), &world.moment(Some("W9")).await)
        .await
        .unwrap_err();
    assert_eq!(other.refusal(), Some(Refusal::NotEntitled), "{other}");
    let released =
        world.app.brakes().release(change.id, Some(&some), &world.moment(Some("W1")).await).await.unwrap();
    assert_eq!(released.people.len(), 3);
    let work = world.work().await;
    assert_eq!((work.held, world.usable()), (0, PEOPLE - 3));
    assert_eq!(held(&world).await[0].people.len(), PEOPLE - 3);

    // What is withdrawn needs no release.
    world.change("policy/all.toml", r#"identity.kind == "shared""#, r#"identity.kind == "person""#).await;
    world.work().await;
    assert_eq!(world.usable(), PEOPLE);
    assert_eq!(held(&world).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drip_is_counted_over_a_day_and_no_longer() {
    let world = World::new().await;
    let mut rows = rows();
    world.take(&rows).await;
    world.work().await;
    let mut usable = Vec::new();
    for hours in [1, 2, 30, 31] {
        world.at(&format!("2026-03-{:02}T{:02}:00:00Z", 2 + hours / 24, 8 + hours % 24));
        rows.truncate(rows.len() - 4);
        let report = world.take(&rows).await;
        assert_eq!(report.held, None, "the source's brake allows ten");
        world.work().await;
        usable.push(world.usable());
    }
    // Four leave, four more within the day would make eight of forty: held. A day later the first four count no
    // more, but what is held waits for a person, and so does what comes behind it.
    assert_eq!(usable, [36, 36, 36, 36]);
    assert_eq!(held(&world).await[0].people.len(), 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ends_that_were_known_before_do_not_count() {
    let world = World::new().await;
    let ends: Vec<[String; 5]> = rows()
        .into_iter()
        .enumerate()
        .map(|(n, [a, b, c, d])| [a, b, c, d, if n < 20 { "2026-03-10".to_owned() } else { String::new() }])
        .collect();
    world.take_with_ends(&ends).await;
    world.work().await;
    world.at("2026-03-11T08:00:00Z");
    world.settle_due().await;
    let work = world.work().await;
    assert_eq!((work.held, world.usable()), (0, PEOPLE - 20));
    // The same ends, learnt when they are over, are a loss as well.
    let mut late = ends.clone();
    for row in &mut late[20..] {
        row[4] = "2026-03-10".to_owned();
    }
    let report = world.take_with_ends(&late).await;
    assert!(report.held.is_some(), "the source's brake holds it already");
    assert_eq!(world.usable(), PEOPLE - 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_off_passes_a_brake_that_holds_everybody_else() {
    let mut world = World::new().await;
    world.take(&rows()).await;
    world.work().await;
    nobody_is_due(&mut world).await;
    world.work().await;
    world
        .app
        .cut_off()
        .cut_off("W7", &tenure_app::NewCutOff::of("taken over"), &world.moment(Some("W1")).await)
        .await
        .unwrap();
    world.work().await;
    assert_eq!(world.usable(), PEOPLE - 1);
}
