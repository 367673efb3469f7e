//! The reading connections. A read borrows one while it runs, on a thread that may block.

use super::unreadable::LeftOut;
use crate::connection::{self, Role};
use crate::fault::{Fault, Result};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tenure_store::StoreError;
use tokio::sync::Semaphore;

/// A bounded pool. A connection whose read panicked is not returned; the next read opens another.
#[derive(Debug)]
pub(crate) struct Readers {
    path: PathBuf,
    role: Role,
    idle: Arc<Mutex<Vec<Connection>>>,
    /// One permit per connection.
    permits: Arc<Semaphore>,
    pub(crate) left_out: LeftOut,
}

impl Readers {
    /// Opens one connection, which proves that the database can be read; the others are opened on demand.
    pub(crate) fn open(path: PathBuf, connections: usize, role: Role) -> Result<Self> {
        let first = connection::open(&path, role)?;
        let permits = Arc::new(Semaphore::new(connections.max(1)));
        let left_out = LeftOut::default();
        Ok(Self { path, role, idle: Arc::new(Mutex::new(vec![first])), permits, left_out })
    }

    /// Runs `read` in a transaction of its own.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, StoreError> {
        let (path, role, permits) = (self.path.clone(), self.role, self.permits.clone());
        let (idle, left_out) = (self.idle.clone(), self.left_out.clone());
        // A separate task waits for the permit. A caller that polls several reads in turn may not poll this one while it waits for another
        // one: a permit given to a read that is not polled would block all others forever.
        let reading = tokio::spawn(async move {
            let permit = permits.acquire_owned().await.map_err(|_| StoreError::Closed)?;
            let found = tokio::task::spawn_blocking(move || {
                let waiting = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let mut connection = match waiting {
                    Some(connection) => connection,
                    None => connection::open(&path, role)?,
                };
                let found = in_transaction(&mut connection, read);
                left_out.collect();
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
                drop(permit);
                found
            });
            found.await.map_err(|e| StoreError::Driver(Box::new(e)))?.map_err(StoreError::from)
        });
        reading.await.map_err(|e| StoreError::Driver(Box::new(e)))?
    }
}

fn in_transaction<T>(connection: &mut Connection, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let transaction = connection.transaction().map_err(Fault::from)?;
    let found = read(&transaction)?;
    transaction.commit()?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use std::time::Duration;

    /// A worker with several tasks in progress polls none of them while it waits for a count.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_read_that_is_not_looked_at_keeps_no_other_one_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(connection::open(&path, Role::Writer).unwrap());
        let readers = Readers::open(path, 1, Role::Reader).unwrap();
        let slow = |_: &Connection| {
            std::thread::sleep(Duration::from_millis(20));
            Ok(1)
        };
        // The first has the only connection, the second waits for it; neither is polled again.
        let (mut first, mut second) = (Box::pin(readers.read(slow)), Box::pin(readers.read(slow)));
        assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
        let third = tokio::time::timeout(Duration::from_secs(10), readers.read(slow)).await;
        assert_eq!(third.expect("it waits for one that no one looks at").unwrap(), 1);
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 1));
    }
}
