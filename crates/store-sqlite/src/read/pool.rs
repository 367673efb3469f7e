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
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (path, role) = (self.path.clone(), self.role);
        let (idle, left_out) = (self.idle.clone(), self.left_out.clone());
        let reading = tokio::task::spawn_blocking(move || {
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
        let found = reading.await.map_err(|e| StoreError::Driver(Box::new(e)))?;
        found.map_err(StoreError::from)
    }
}

fn in_transaction<T>(connection: &mut Connection, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let transaction = connection.transaction().map_err(Fault::from)?;
    let found = read(&transaction)?;
    transaction.commit()?;
    Ok(found)
}
