//! The token bucket is exact, is shared by all connections to a system, and a pause applies to all calls.

use super::common::{ann, layers, ms, open, target, throttled};
use futures::future::join_all;
use std::time::Duration;
use tenure_connect::{ErrorKind, LayerLimits, Operation};
use tenure_testkit::target::Fault;
use tokio::time::{Instant, sleep};

fn ten_a_second() -> LayerLimits {
    LayerLimits { calls_per_second: 10, ..open() }
}

#[tokio::test(start_paused = true)]
async fn after_a_burst_of_one_second_calls_come_at_the_rate() {
    let target = target();
    let layers = layers(&target, ten_a_second());
    // Half of the calls on one connection, half on another: the system counts them together.
    let connections = [layers.wrap(target.connector()), layers.wrap(target.connector())];
    let begun = Instant::now();
    let calls = (0..25).map(|n| {
        let connection = &connections[n % 2];
        async move {
            connection.read(&ann()).await.unwrap();
            ms(begun)
        }
    });
    let mut at = join_all(calls).await;
    at.sort_unstable();
    assert_eq!(at[..10], [0; 10]);
    assert_eq!(at[10..], (1..=15).map(|n| n * 100).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_quiet_second_earns_one_burst_and_not_more() {
    let target = target();
    let connection = layers(&target, ten_a_second()).wrap(target.connector());
    sleep(Duration::from_secs(100)).await;
    let begun = Instant::now();
    for _ in 0..12 {
        connection.read(&ann()).await.unwrap();
    }
    assert_eq!(ms(begun), 200);
}

#[tokio::test(start_paused = true)]
async fn one_throttled_answer_pauses_the_whole_system() {
    let target = target();
    let layers = layers(&target, ten_a_second());
    let (writer, reader) = (layers.wrap(target.connector()), layers.wrap(target.connector()));
    target.fault_next(1, Operation::Disable, Fault::FailBefore(throttled(5)));
    let begun = Instant::now();
    let error = writer.disable(&ann()).await.unwrap_err();
    assert_eq!(error.status, throttled(5).status);
    let reads = join_all((0..3).map(|_| async {
        reader.read(&ann()).await.unwrap();
        ms(begun)
    }));
    assert_eq!(reads.await, [5_000, 5_100, 5_200], "first when the pause is over, then not all at once");
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_for_those_who_were_already_waiting() {
    let target = target();
    let layers = layers(&target, LayerLimits { calls_per_second: 1, ..open() });
    let connection = layers.wrap(target.connector());
    target.fault_next(1, Operation::Disable, Fault::FailBefore(throttled(10)));
    let begun = Instant::now();
    let ann = ann();
    let throttled = connection.disable(&ann);
    let waiting = async {
        connection.read(&ann).await.unwrap();
        ms(begun)
    };
    let (error, read_at) = futures::join!(throttled, waiting);
    error.unwrap_err();
    assert!(read_at >= 10_000, "read after {read_at} ms, within the pause");
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_too_far_away_is_not_waited_for() {
    let target = target();
    let connection = layers(&target, open()).wrap(target.connector());
    // It requests a longer pause, and is not called for the maximum that a system may request.
    target.fault_next(1, Operation::Read, Fault::FailBefore(throttled(4_294_967_295)));
    connection.read(&ann()).await.unwrap_err();
    let begun = Instant::now();
    let error = connection.read(&ann()).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Throttled, throttled(300).status));
    assert_eq!(error.to_string(), "read failed (throttled): the next turn at this system comes in 300 s");
    assert_eq!((ms(begun), target.calls(Operation::Read)), (0, 1), "the system was left alone");
    sleep(Duration::from_secs(290)).await;
    connection.read(&ann()).await.unwrap();
    assert_eq!(ms(begun), 300_000);
}
