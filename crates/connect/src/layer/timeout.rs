//! Gives up on an attempt that takes too long.

use super::around::{Around, Call};
use crate::{ConnectError, ErrorKind, Status};
use std::time::Duration;

/// The layer. A write that timed out has an unknown outcome; a read changes nothing.
pub(crate) struct Timeout(pub(crate) Duration);

impl Around for Timeout {
    async fn around<T, F>(&self, call: Call, run: impl Fn() -> F + Send + Sync) -> Result<T, ConnectError>
    where
        T: Send,
        F: Future<Output = Result<T, ConnectError>> + Send,
    {
        match tokio::time::timeout(self.0, run()).await {
            Ok(answer) => answer,
            Err(_) => {
                let message = format!("no answer within {:?}", self.0);
                let status =
                    if call.operation.is_write() { Status::UnknownOutcome } else { Status::Temporary };
                Err(ConnectError::new(ErrorKind::TimedOut, call.operation.as_str(), message)
                    .with_status(status))
            }
        }
    }
}
