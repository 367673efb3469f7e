//! One event per call: system, operation, duration, result. No accounts, no values, no foreign text.

use super::around::{Around, Call};
use crate::{ConnectError, ErrorKind};
use tenure_model::SystemName;
use tokio::time::Instant;
use tracing::Instrument;

/// The layer. Error messages are left out: they may quote what the system refused.
pub(crate) struct Trace(pub(crate) SystemName);

impl Around for Trace {
    async fn around<T, F>(&self, call: Call, run: impl Fn() -> F + Send + Sync) -> Result<T, ConnectError>
    where
        T: Send,
        F: Future<Output = Result<T, ConnectError>> + Send,
    {
        let span = tracing::debug_span!("call", system = %self.0, operation = call.operation.as_str());
        let begun = Instant::now();
        let answer = run().instrument(span.clone()).await;
        let duration_ms = begun.elapsed().as_millis();
        span.in_scope(|| match &answer {
            Ok(_) => tracing::debug!(duration_ms, outcome = "done", "called"),
            Err(e) if is_an_answer(e.kind) => {
                tracing::debug!(duration_ms, outcome = e.kind.as_str(), "called");
            }
            Err(e) => {
                let (system, operation) = (&self.0, call.operation.as_str());
                tracing::warn!(%system, operation, duration_ms, outcome = e.kind.as_str(), status = ?e.status, "failed");
            }
        });
        answer
    }
}

/// Errors about an account, not about the system.
fn is_an_answer(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::Exists | ErrorKind::Conflict | ErrorKind::Unsupported)
}
