//! No more concurrent attempts than configured or stated, over all connections.

use super::common::{ann, layers, ms, open, target};
use futures::future::join_all;
use std::time::Duration;
use tenure_connect::{Capabilities, LayerLimits, Operation};
use tenure_testkit::target::{Fault, Target};
use tokio::time::Instant;

/// Duration of nine reads of a second each.
async fn nine_reads(target: &Target, set: u32) -> u128 {
    target.fault(Operation::Read, Fault::Slow(Duration::from_secs(1)));
    let layers = layers(target, LayerLimits { concurrency_max: set, ..open() });
    let connections = [layers.wrap(target.connector()), layers.wrap(target.connector())];
    let begun = Instant::now();
    let reads = join_all((0..9).map(|n| {
        let connection = &connections[n % 2];
        async move { connection.read(&ann()).await }
    }));
    reads.await.into_iter().for_each(|read| drop(read.unwrap()));
    ms(begun)
}

#[tokio::test(start_paused = true)]
async fn what_is_set_is_the_most() {
    assert_eq!(nine_reads(&target(), 3).await, 3_000);
    assert_eq!(nine_reads(&target(), 9).await, 1_000);
}

#[tokio::test(start_paused = true)]
async fn what_the_system_states_lowers_it() {
    let target = target();
    target.set_capabilities(Capabilities { concurrency_max: 1, ..Target::able() });
    assert_eq!(nine_reads(&target, 3).await, 9_000);
}

#[tokio::test(start_paused = true)]
async fn zero_would_stop_everything_and_counts_as_one() {
    assert_eq!(nine_reads(&target(), 0).await, 9_000);
}
