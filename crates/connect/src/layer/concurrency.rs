//! Limits the number of concurrent attempts to what the system accepts.

use super::around::{Around, Call};
use crate::{ConnectError, ErrorKind};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The layer. All connections to one system share its permits, which are given in the order of requests.
#[derive(Clone)]
pub(crate) struct Concurrency(Arc<Semaphore>);

impl Concurrency {
    /// The smaller of the configured limit and the system's own (0: none); at least one.
    pub(crate) fn new(set: u32, stated: u32) -> Self {
        let most = if stated == 0 { set } else { set.min(stated) };
        Self(Arc::new(Semaphore::new(usize::try_from(most.max(1)).unwrap_or(1))))
    }
}

impl Around for Concurrency {
    async fn around<T, F>(&self, call: Call, run: impl Fn() -> F + Send + Sync) -> Result<T, ConnectError>
    where
        T: Send,
        F: Future<Output = Result<T, ConnectError>> + Send,
    {
        let closed = |_| ConnectError::new(ErrorKind::Unreachable, call.operation.as_str(), "shutting down");
        let _place = self.0.acquire().await.map_err(closed)?;
        run().await
    }
}
