//! A live database whose clock jumps: ends and cut-offs act, what cannot be undone waits for a person, and the clock can be set back.

use crate::world::World;
use jiff::Timestamp;
use tenure_app::{Born, NewCutOff, Progress, Refusal, RunReport};
use tenure_model::{ApprovalState, SourceName};

struct Silent;

impl Progress for Silent {
    fn feed(&self, _: &SourceName, _: u64, _: u64) {}
    fn queue(&self, _: u64, _: u64) {}
}

fn row(number: u32, last_day: &str) -> [String; 5] {
    [format!("R{number}"), format!("W{number}"), format!("Name{number}"), String::new(), last_day.to_owned()]
}

async fn run(world: &World) -> RunReport {
    world.app.passes().run(&world.moment(None).await, None, &Silent).await.unwrap()
}

/// Four people, one of whom has left and is deleted after 30 days; then a fifth, about whom a rule asks.
async fn begun() -> World {
    let mut world = World::born(Born::Live).await;
    world.change("systems/directory.toml", "mode = \"enforce\"", "mode = \"enforce\"\ndelete = true").await;
    let mut rows: Vec<[String; 5]> = (1..=4).map(|n| row(n, "")).collect();
    rows[2] = row(3, "2026-03-03");
    world.take_with_ends(&rows).await;
    run(&world).await;
    world.at("2026-03-04T08:00:00Z");
    let ask = "[[approval]]\nname = \"ask\"\nwhen = 'change == \"joiner\"'\nby = [\"system_owner\"]\nwithin = \"2 days\"\n\n[[baseline]]";
    world.change("policy/all.toml", "[[baseline]]", ask).await;
    rows.push(row(5, ""));
    rows.push(row(6, "2026-04-01"));
    world.take_with_ends(&rows).await;
    run(&world).await;
    assert_eq!((world.has("name3"), world.usable()), (true, 3));
    world
}

/// The second of an instant.
fn second(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_jump_ends_act_and_what_cannot_be_undone_waits_for_a_person() {
    let world = begun().await;
    assert_eq!(world.moment(None).await.clock_doubt, None);
    world.at("2026-06-01T08:00:00Z");
    let report = run(&world).await;
    // Its clock goes on by microseconds while it works.
    assert_eq!(report.clock_doubt.map(second).as_deref(), Some("2026-03-04T08:00:00Z"));
    // The next pass, after the jump is committed, is equally uncertain.
    let report = run(&world).await;
    assert!(report.clock_doubt.is_some());
    assert_eq!((world.has("name3"), world.usable()), (true, 3), "the account of who left is there, disabled");
    let asked = world.store.approvals(None, 10).await.unwrap();
    assert!(asked.iter().any(|r| matches!(r.state, ApprovalState::Pending { .. })), "{asked:#?}");
    let people = world.everybody().await;
    let gone = people["R3"].identity.id.to_string();
    let refused = world
        .app
        .retention()
        .erase(&gone, Some("a wish"), &world.moment(Some("W1")).await)
        .await
        .unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::ClockUnsure), "{refused}");
    let cut = NewCutOff::of("a theft");
    world.app.cut_off().cut_off("W4", &cut, &world.moment(Some("W1")).await).await.unwrap();
    run(&world).await;
    assert_eq!((world.has("name3"), world.usable()), (true, 2), "a cut-off acts");

    let refused = world.app.clock().confirm_clock(&world.moment(None).await).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::NoActor), "{refused}");
    let sure = world.app.clock().confirm_clock(&world.moment(Some("W1")).await).await.unwrap();
    assert_eq!(sure.clock_doubt, None);
    let report = run(&world).await;
    assert_eq!(
        (report.clock_doubt, world.has("name3"), world.has("name1")),
        (None, false, true),
        "it is deleted"
    );
    let asked = world.store.approvals(None, 10).await.unwrap();
    assert!(asked.iter().all(|r| !matches!(r.state, ApprovalState::Pending { .. })), "{asked:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_clock_is_set_back_with_evidence() {
    let world = begun().await;
    world.at("2099-01-01T00:00:00Z");
    run(&world).await;
    world.at("2026-03-05T08:00:00Z");
    assert_eq!(
        second(world.moment(None).await.now),
        "2099-01-01T00:00:00Z",
        "time does not go back by itself"
    );
    let moment = world.moment(Some("W1")).await;
    let refused = world.app.clock().reopen_clock(None, " ", &moment).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::ReasonMissing), "{refused}");
    let back = world.app.clock().reopen_clock(None, "the battery died", &moment).await.unwrap();
    assert_eq!(second(back.now), "2026-03-05T08:00:00Z");
    world.app.reconfigured().settle_everybody(&back).await.unwrap();
    let moment = world.moment(Some("W1")).await;
    assert_eq!((second(moment.now), moment.clock_doubt), (second(back.now), None));
    run(&world).await;
    assert_eq!((world.has("name3"), world.usable()), (true, 3));
    let refused = world.app.clock().reopen_clock(None, "again", &moment).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::ClockNotAhead), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_database_takes_neither_a_stated_time_nor_a_stated_person() {
    let world = begun().await;
    let day: Timestamp = "2026-03-06T08:00:00Z".parse().unwrap();
    let refused = world.app.clock().moment(Some(day)).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::NowNotAllowed), "{refused}");
    let refused = world.app.people().stand_in("W2", None).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::ActingAsNotAllowed), "{refused}");
    // A plan decides nothing, so it may ask about any later day.
    assert_eq!(world.app.clock().moment_of_plan(Some(day)).await.unwrap().now, day);
}
