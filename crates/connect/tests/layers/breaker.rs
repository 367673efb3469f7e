//! A system that does not answer is not called for a while, by any caller; then one call tests whether it answers again.

use super::common::{ann, layers, ms, open, target, wrapped};
use std::time::Duration;
use tenure_connect::{ErrorKind, LEFT_ALONE, LayerLimits, Operation, Status};
use tenure_testkit::target::Fault;
use tokio::time::{Instant, sleep};

const HOUR: Duration = Duration::from_secs(3600);

fn limits() -> LayerLimits {
    LayerLimits { timeout: Duration::from_secs(30), concurrency_max: 1, ..open() }
}

#[tokio::test(start_paused = true)]
async fn a_system_that_hangs_costs_two_attempts_and_not_one_for_each_call() {
    let target = target();
    target.fault(Operation::Read, Fault::Slow(HOUR));
    let layers = layers(&target, limits());
    let (writer, reader) = (layers.wrap(target.connector()), layers.wrap(target.connector()));
    let begun = Instant::now();
    for _ in 0..2 {
        assert_eq!(writer.read(&ann()).await.unwrap_err().kind, ErrorKind::TimedOut);
    }
    for _ in 0..50 {
        let error = reader.read(&ann()).await.unwrap_err();
        assert!(matches!(error.status, Status::LeftAlone(_)), "{error}");
    }
    assert_eq!(ms(begun), 60_000);
    sleep(LEFT_ALONE).await;
    assert_eq!(writer.read(&ann()).await.unwrap_err().kind, ErrorKind::TimedOut, "one call tries again");
    assert!(matches!(writer.read(&ann()).await.unwrap_err().status, Status::LeftAlone(_)));
}

#[tokio::test(start_paused = true)]
async fn one_that_answers_again_is_asked_again() {
    let target = target();
    target.fault_next(2, Operation::Read, Fault::Slow(HOUR));
    let connection = wrapped(&target, limits());
    for _ in 0..2 {
        connection.read(&ann()).await.unwrap_err();
    }
    connection.read(&ann()).await.unwrap_err();
    sleep(LEFT_ALONE).await;
    for _ in 0..3 {
        assert!(connection.read(&ann()).await.unwrap().is_some());
    }
}
