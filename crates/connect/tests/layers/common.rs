//! Shared by the tests of layers: a system with one account, and limits that have no effect unless set.

use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use tenure_connect::{
    AccountRef, ConnectError, Connector, ErrorKind, Jitter, LayerLimits, Layers, NewAccount, Status,
};
use tenure_model::{Kind, Name, SystemName};
use tenure_testkit::target::{FakeAccount, Target};
use tokio::time::Instant;

pub(crate) fn system() -> SystemName {
    SystemName::new("crm").unwrap()
}

pub(crate) fn target() -> Target {
    let target = Target::new(&["seller"]);
    target.put(FakeAccount::new("ann"));
    target
}

pub(crate) fn ann() -> AccountRef {
    AccountRef { external_id: None, name: Arc::from("ann"), kind: Kind::default() }
}

pub(crate) fn new_account(name: &str) -> NewAccount {
    NewAccount { name: Arc::from(name), kind: Kind::default(), attributes: [].into() }
}

/// No retry, no rate limit, enough permits for all calls.
pub(crate) fn open() -> LayerLimits {
    LayerLimits {
        timeout: Duration::from_secs(3600),
        retries_max: 0,
        concurrency_max: 1000,
        calls_per_second: 0,
    }
}

pub(crate) fn no_jitter() -> Jitter {
    Arc::new(|| 0)
}

pub(crate) fn layers(target: &Target, limits: LayerLimits) -> Layers {
    Layers::new(system(), &target.connector().capabilities(), limits, no_jitter())
}

pub(crate) fn wrapped(target: &Target, limits: LayerLimits) -> Arc<dyn Connector> {
    layers(target, limits).wrap(target.connector())
}

pub(crate) fn broken() -> ConnectError {
    ConnectError::new(ErrorKind::Unreachable, "", "the connection was refused")
}

pub(crate) fn throttled(seconds: i64) -> ConnectError {
    ConnectError::new(ErrorKind::Throttled, "", "slow down")
        .with_status(Status::Throttled(SignedDuration::from_secs(seconds)))
}

/// Milliseconds of machine time since `begun`.
pub(crate) fn ms(begun: Instant) -> u128 {
    begun.elapsed().as_millis()
}
