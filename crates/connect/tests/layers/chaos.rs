//! Chaos fails as often as configured, reproducibly for a seed, and reports correctly what was done.

use super::common::{ann, ms, open, target};
use jiff::SignedDuration;
use std::time::Duration;
use tenure_connect::{ChaosPlan, ErrorKind, LayerLimits, Operation, Status, chaos};
use tenure_testkit::target::Target;
use tokio::time::Instant;

/// The results of a thousand calls: `.` done, else the kind and status.
async fn fates(target: &Target, plan: ChaosPlan) -> Vec<String> {
    let connector = chaos(target.connector(), plan);
    let mut all = Vec::new();
    for n in 0..1000 {
        let result =
            if n % 2 == 0 { connector.disable(&ann()).await } else { connector.enable(&ann()).await };
        all.push(result.map_or_else(|e| format!("{} {:?}", e.kind.as_str(), e.status), |_| ".".to_owned()));
    }
    all
}

fn plan(seed: u64) -> ChaosPlan {
    ChaosPlan {
        seed,
        fail_before: 100,
        fail_after: 100,
        throttle: 50,
        throttle_for: SignedDuration::from_secs(2),
        ..ChaosPlan::default()
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_fails_the_same_way() {
    let first = fates(&target(), plan(7)).await;
    assert_eq!(first, fates(&target(), plan(7)).await);
    assert_ne!(first, fates(&target(), plan(8)).await);
}

#[tokio::test(start_paused = true)]
async fn it_fails_about_as_often_as_it_says_and_says_what_was_done() {
    let target = target();
    let all = fates(&target, plan(1)).await;
    let count = |text: &str| all.iter().filter(|f| *f == text).count();
    let (before, after) = (count("unreachable Temporary"), count("unreachable UnknownOutcome"));
    let throttled = count("throttled Throttled(2s)");
    assert!((60..140).contains(&before) && (60..140).contains(&after), "{before} {after}");
    assert!((25..80).contains(&throttled), "{throttled}");
    assert_eq!(before + after + throttled + count("."), 1000);
    let reached = target.calls(Operation::Disable) + target.calls(Operation::Enable);
    assert_eq!(
        usize::try_from(reached).unwrap(),
        count(".") + after,
        "failing before does nothing, after does it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_read_that_fails_after_is_temporary() {
    let target = target();
    let connector = chaos(target.connector(), ChaosPlan { fail_after: 1000, ..ChaosPlan::default() });
    let error = connector.read(&ann()).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Unreachable, Status::Temporary));
}

#[tokio::test(start_paused = true)]
async fn delays_stay_below_the_longest() {
    let target = target();
    let slow = ChaosPlan { delay: 1000, delay_max: Duration::from_millis(500), ..ChaosPlan::default() };
    let connector = chaos(target.connector(), slow);
    let mut longest = 0;
    for _ in 0..100 {
        let begun = Instant::now();
        connector.read(&ann()).await.unwrap();
        longest = longest.max(ms(begun));
    }
    assert!((300..=501).contains(&longest), "the longest of 100 delays was {longest} ms");
}

#[tokio::test(start_paused = true)]
async fn retries_carry_idempotent_work_through_it() {
    let target = target();
    let limits = LayerLimits { retries_max: 10, ..open() };
    let layers = super::common::layers(&target, limits);
    let connector = layers.wrap(chaos(target.connector(), plan(3)));
    for round in 0..200 {
        let enable = round % 2 == 0;
        let result = if enable { connector.enable(&ann()).await } else { connector.disable(&ann()).await };
        result.unwrap();
        assert_eq!(target.account("ann").unwrap().enabled, enable, "round {round}");
    }
}
