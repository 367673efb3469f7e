//! What is logged about a call, and what never is.

use super::common::{open, target, wrapped};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tenure_connect::{ConnectError, Connector, ErrorKind, NewAccount, Operation};
use tenure_model::{AttributeName, Kind, Name, Value};
use tenure_testkit::target::Fault;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

async fn logged(connector: Arc<dyn Connector>) -> String {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .without_time()
        .with_writer(lines.clone())
        .finish();
    let attributes = [(AttributeName::new("title").unwrap(), Value::text("confidential-title"))].into();
    let new = NewAccount { name: Arc::from("zoe"), kind: Kind::default(), attributes };
    let guard = tracing::subscriber::set_default(subscriber);
    connector.create(&new).await.ok();
    drop(guard);
    String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_call_is_one_event_with_system_operation_duration_and_outcome() {
    let target = target();
    target.fault(Operation::Create, Fault::Slow(Duration::from_millis(1500)));
    let text = logged(wrapped(&target, open())).await;
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in ["system=crm", "operation=\"create\"", "duration_ms=1500", "outcome=\"done\"", "DEBUG"] {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_a_warning_without_the_foreign_text() {
    let target = target();
    let quoting = ConnectError::new(ErrorKind::Invalid, "", "zoe: `confidential-title` is too long");
    target.fault(Operation::Create, Fault::FailBefore(quoting));
    let text = logged(wrapped(&target, open())).await;
    for part in ["WARN", "system=crm", "operation=\"create\"", "outcome=\"invalid\"", "status=Permanent"] {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
    for secret in ["confidential", "zoe", "too long"] {
        assert!(!text.contains(secret), "`{secret}` is in: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn retries_are_seen_within_their_call() {
    let target = target();
    target.fault_next(2, Operation::Create, Fault::FailBefore(super::common::broken()));
    let limits = tenure_connect::LayerLimits { retries_max: 3, ..open() };
    let text = logged(wrapped(&target, limits)).await;
    let retries: Vec<&str> = text.lines().filter(|l| l.contains("trying again")).collect();
    assert_eq!(retries.len(), 2, "{text}");
    assert!(retries[1].contains("attempt=2") && retries[1].contains("pause_ms=200"), "{text}");
    assert!(retries.iter().all(|l| l.contains("operation=\"create\"")), "{text}");
    assert!(text.lines().last().unwrap().contains("duration_ms=300 outcome=\"done\""), "{text}");
}
