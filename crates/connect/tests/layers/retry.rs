//! What is retried, how often, after which pause, and what never is.

use super::common::{ann, broken, layers, ms, new_account, open, system, target, throttled, wrapped};
use std::sync::Arc;
use tenure_connect::{
    AccountChange, AccountRef, ConnectError, ErrorKind, LayerLimits, Layers, Operation, Status, WAIT_MAX,
};
use tenure_testkit::target::{Fault, Target};
use tokio::time::Instant;

fn three_retries() -> LayerLimits {
    LayerLimits { retries_max: 3, ..open() }
}

fn named_ann(target_version: Option<&str>, rename: Option<&str>) -> AccountChange {
    AccountChange {
        if_version: target_version.map(Arc::from),
        rename: rename.map(Arc::from),
        ..AccountChange::default()
    }
}

async fn with_native(target: &Target) -> AccountRef {
    let external_id = target.connector().read(&ann()).await.unwrap().map(|a| a.external_id);
    AccountRef { external_id, ..ann() }
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_is_tried_again_after_growing_pauses() {
    let target = target();
    target.fault_next(3, Operation::Disable, Fault::FailBefore(broken()));
    let begun = Instant::now();
    let written = wrapped(&target, three_retries()).disable(&ann()).await.unwrap();
    assert!(written.changed);
    assert_eq!(target.calls(Operation::Disable), 4);
    assert_eq!(ms(begun), 100 + 200 + 400, "halves of 200, 400 and 800 ms, without jitter");
}

#[tokio::test(start_paused = true)]
async fn jitter_spreads_the_other_half_of_the_pause() {
    let target = target();
    target.fault_next(1, Operation::Disable, Fault::FailBefore(broken()));
    let capabilities = target.connector().capabilities();
    let layers = Layers::new(system(), &capabilities, three_retries(), Arc::new(|| 60_000));
    let begun = Instant::now();
    layers.wrap(target.connector()).disable(&ann()).await.unwrap();
    assert_eq!(ms(begun), 160, "100 ms and 60,000 microseconds of jitter");
}

#[tokio::test(start_paused = true)]
async fn it_gives_up_with_the_last_error() {
    let target = target();
    target.fault(Operation::Read, Fault::FailBefore(broken()));
    let error = wrapped(&target, three_retries()).read(&ann()).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Unreachable, Status::Temporary));
    assert_eq!(target.calls(Operation::Read), 4);
}

#[tokio::test(start_paused = true)]
async fn an_idempotent_write_is_repeated_after_an_unknown_outcome() {
    let target = target();
    target.fault_next(1, Operation::Disable, Fault::FailAfter);
    let written = wrapped(&target, three_retries()).disable(&ann()).await.unwrap();
    assert!(!written.changed, "the second attempt found it done");
    assert_eq!(target.calls(Operation::Disable), 2);
    assert!(!target.account("ann").unwrap().enabled);
}

#[tokio::test(start_paused = true)]
async fn a_creation_of_unknown_outcome_goes_back_to_the_caller() {
    let target = target();
    target.fault_next(1, Operation::Create, Fault::FailAfter);
    let connector = wrapped(&target, three_retries());
    let error = connector.create(&new_account("bob")).await.unwrap_err();
    assert_eq!(error.status, Status::UnknownOutcome);
    assert_eq!(target.calls(Operation::Create), 1);
    assert!(target.account("bob").is_some(), "and it was done");
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_did_not_begin_is_tried_again() {
    let target = target();
    target.fault_next(1, Operation::Create, Fault::FailBefore(broken()));
    wrapped(&target, three_retries()).create(&new_account("bob")).await.unwrap();
    assert_eq!(target.calls(Operation::Create), 2);
}

#[tokio::test(start_paused = true)]
async fn an_update_is_repeated_only_where_it_is_not_in_its_own_way() {
    let external_id = with_native(&target()).await;
    for (account, change, attempts) in [
        (external_id.clone(), named_ann(None, Some("anna")), 2),
        (ann(), named_ann(None, Some("anna")), 1),
        (external_id, named_ann(Some("0"), None), 1),
        (ann(), named_ann(None, None), 2),
    ] {
        let target = target();
        target.fault_next(1, Operation::Update, Fault::FailAfter);
        let result = wrapped(&target, three_retries()).update(&account, &change).await;
        assert_eq!(target.calls(Operation::Update), attempts, "{account:?} {change:?}");
        assert_eq!(result.is_ok(), attempts == 2, "{result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_help_is_not_tried_again() {
    for kind in [ErrorKind::Refused, ErrorKind::Invalid, ErrorKind::Conflict, ErrorKind::UnknownEntitlement] {
        let target = target();
        target.fault(Operation::Grant, Fault::FailBefore(ConnectError::new(kind, "", "no")));
        let result = wrapped(&target, three_retries()).grant(&ann(), &Arc::from("seller")).await;
        assert_eq!(result.unwrap_err().kind, kind);
        assert_eq!(target.calls(Operation::Grant), 1, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_pause_is_waited_for_and_a_long_one_goes_back() {
    let target = target();
    target.fault_next(1, Operation::Read, Fault::FailBefore(throttled(7)));
    let layers = layers(&target, three_retries());
    let begun = Instant::now();
    layers.wrap(target.connector()).read(&ann()).await.unwrap();
    assert_eq!(ms(begun), 7_000);

    let long = i64::try_from(WAIT_MAX.as_secs()).unwrap() + 1;
    target.fault_next(1, Operation::Read, Fault::FailBefore(throttled(long)));
    let begun = Instant::now();
    let error = layers.wrap(target.connector()).read(&ann()).await.unwrap_err();
    assert_eq!(error.status, throttled(long).status);
    assert_eq!(ms(begun), 0, "the queue waits, not this call");
}
