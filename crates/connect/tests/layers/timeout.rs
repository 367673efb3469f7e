//! A read that takes too long is temporary; a write that takes too long is unknown, whether it was done or not.

use super::common::{ann, ms, open, target, wrapped};
use std::time::Duration;
use tenure_connect::{ErrorKind, LayerLimits, Operation, Status};
use tenure_testkit::target::Fault;
use tokio::time::Instant;

const HOUR: Duration = Duration::from_secs(3600);

fn thirty_seconds() -> LayerLimits {
    LayerLimits { timeout: Duration::from_secs(30), ..open() }
}

#[tokio::test(start_paused = true)]
async fn a_slow_read_is_given_up_as_temporary() {
    let target = target();
    target.fault(Operation::Read, Fault::Slow(HOUR));
    let begun = Instant::now();
    let error = wrapped(&target, thirty_seconds()).read(&ann()).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::TimedOut, Status::Temporary));
    assert_eq!(error.to_string(), "read failed (timed-out): no answer within 30s");
    assert_eq!(ms(begun), 30_000);
}

#[tokio::test(start_paused = true)]
async fn a_slow_write_is_unknown_whether_it_was_done_or_not() {
    for (fault, enabled) in [(Fault::Slow(HOUR), true), (Fault::SlowAnswer(HOUR), false)] {
        let target = target();
        target.fault(Operation::Disable, fault);
        let error = wrapped(&target, thirty_seconds()).disable(&ann()).await.unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::TimedOut, Status::UnknownOutcome));
        assert_eq!(target.account("ann").unwrap().enabled, enabled);
    }
}

#[tokio::test(start_paused = true)]
async fn what_answers_in_time_passes() {
    let target = target();
    target.fault(Operation::Read, Fault::Slow(Duration::from_secs(29)));
    let seen = wrapped(&target, thirty_seconds()).read(&ann()).await.unwrap().unwrap();
    assert_eq!(&*seen.name, "ann");
}
