//! Opens the database (lock, schema, writer, readers) and closes it again.

use crate::checkpoint::Checkpointer;
use crate::clock::MachineClock;
use crate::connection::{self, Role};
use crate::fault::Result;
use crate::head::{self, SharedHead};
use crate::lock::{self, Lock};
use crate::migrate::{is_current, migrate};
use crate::prepare::Prepared;
use crate::read::Readers;
use crate::write::{Answer, Queue, Request, Work, Writer};
use jiff::Timestamp;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use tenure_store::StoreError;
use tokio::sync::{Semaphore, oneshot, watch};

/// Changes that may wait for the writer; a caller with more waits for room.
const WAITING_WRITES_MAX: u32 = 200_000;
/// Changes of one slice of an import: at most about 5 ms of writing, after which waiting events are checked.
const SLICE_WRITES: usize = 600;
/// Changes up to which a commit counts as an event and has priority over imports.
const SMALL_WRITES_MAX: usize = 200;

/// Options for opening the store.
#[derive(Debug, Clone)]
pub struct Options {
    /// Number of concurrent reading connections.
    pub readers: usize,
    /// The database's clock: the only one by which leases expire.
    pub clock: MachineClock,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 4, clock: MachineClock::default() }
    }
}

impl Options {
    /// The defaults, with another clock.
    #[must_use]
    pub fn by(clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { clock: MachineClock::new(clock), ..Self::default() }
    }
}

/// The store in one SQLite file. Dropping it finishes the writer's accepted requests and releases the lock.
#[derive(Debug)]
pub struct SqliteStore {
    pub(crate) readers: Readers,
    pub(crate) head: Arc<SharedHead>,
    pub(crate) committed: watch::Receiver<u64>,
    pub(crate) clock: MachineClock,
    queue: Arc<Queue>,
    room: Arc<Semaphore>,
    /// `None`: another process may write, this one only reads.
    writer: Option<JoinHandle<()>>,
    path: PathBuf,
    /// Released last, when the writer has ended.
    lock: Option<Lock>,
}

impl SqliteStore {
    /// Opens the database at `path`, and creates it if there is none.
    ///
    /// # Errors
    /// When another process has it open, its schema is newer, it would not sync, or it cannot be read.
    pub fn open(path: &Path, options: &Options) -> std::result::Result<Arc<Self>, StoreError> {
        let lock = Lock::take(path)?;
        Self::open_locked(path, options, lock).map(Arc::new).map_err(StoreError::from)
    }

    /// Opens the database at `path` for reading only, whatever another process does with it. `None` if it does not exist yet, or its
    /// schema is older.
    ///
    /// # Errors
    /// When its schema is newer, or it cannot be read.
    pub fn open_beside(path: &Path, options: &Options) -> std::result::Result<Option<Arc<Self>>, StoreError> {
        if !path.exists() {
            return Ok(None);
        }
        Self::reading(path, options).map(|store| store.map(Arc::new)).map_err(StoreError::from)
    }

    fn reading(path: &Path, options: &Options) -> Result<Option<Self>> {
        let mut role = Role::Reader;
        let connection = match connection::open(path, role) {
            // A cut-off order is accepted outside the database even if the database's disk is full: the stored data is enough for it.
            Err(fault) => {
                role = Role::LastCopy;
                connection::open(path, role).map_err(|_| fault)?
            }
            opened => opened?,
        };
        if !is_current(&connection)? {
            return Ok(None);
        }
        // An inconsistent ledger does not prevent such an order: a reader of the head gets the error.
        let head = head::resume(&connection).unwrap_or_default();
        let queue = Arc::new(Queue::default());
        queue.close();
        let (_, committed) = watch::channel(0);
        Ok(Some(Self {
            readers: Readers::open(PathBuf::from(path), options.readers, role)?,
            head: Arc::new(SharedHead::new(head)),
            committed,
            clock: options.clock.clone(),
            queue,
            room: Arc::new(Semaphore::new(1)),
            writer: None,
            path: path.to_owned(),
            lock: None,
        }))
    }

    /// Whether this process only reads.
    pub(crate) fn is_beside(&self) -> bool {
        self.lock.is_none()
    }

    fn open_locked(path: &Path, options: &Options, lock: Lock) -> Result<Self> {
        let mut connection = connection::open(path, Role::Writer)?;
        migrate(&mut connection, &path.display().to_string())?;
        keep_name(path)?;
        end_leases(&connection)?;
        let head = head::resume(&connection)?;
        let readers = Readers::open(PathBuf::from(path), options.readers, Role::Reader)?;
        let shared = Arc::new(SharedHead::new(head.clone()));
        let queue = Arc::new(Queue::default());
        let (committed, receiver) = watch::channel(0);
        let writer = Writer::new(
            connection,
            head,
            shared.clone(),
            committed,
            Checkpointer::start(path)?,
            readers.left_out.clone(),
            options.clock.clone(),
        );
        let thread = std::thread::Builder::new().name("tenure-writer".to_owned()).spawn({
            let queue = queue.clone();
            move || {
                let closes = CloseOnEnd(&queue);
                writer.work(closes.0);
            }
        });
        Ok(Self {
            readers,
            head: shared,
            committed: receiver,
            clock: options.clock.clone(),
            queue,
            room: Arc::new(Semaphore::new(usize::try_from(WAITING_WRITES_MAX).unwrap_or(usize::MAX))),
            writer: Some(thread.map_err(|e| StoreError::Driver(Box::new(e)))?),
            path: path.to_owned(),
            lock: Some(lock),
        })
    }

    /// Sends units to the writer, in slices; the answers arrive in the order of the slices.
    pub(crate) async fn send_units(
        &self,
        units: Vec<Prepared>,
    ) -> std::result::Result<Vec<oneshot::Receiver<std::result::Result<Answer, StoreError>>>, StoreError>
    {
        let slices = sliced(units);
        let small = matches!(slices.as_slice(), [only] if only.writes() <= SMALL_WRITES_MAX);
        let mut answers = Vec::with_capacity(slices.len());
        for work in slices {
            answers.push(self.send(small, work).await?);
        }
        Ok(answers)
    }

    /// Sends one request to the writer, and waits for the answer.
    pub(crate) async fn ask(&self, work: Work) -> std::result::Result<Answer, StoreError> {
        self.send(true, work).await?.await.map_err(|_| StoreError::Closed)?
    }

    async fn send(
        &self,
        small: bool,
        work: Work,
    ) -> std::result::Result<oneshot::Receiver<std::result::Result<Answer, StoreError>>, StoreError> {
        if self.is_beside() {
            return Err(lock::in_use(&self.path));
        }
        let (reply, answer) = oneshot::channel();
        let queue = self.queue.clone();
        // Small requests need no room: there are at most as many as waiting callers.
        let is_put = if small {
            queue.put(small, Request { work, reply, room: None })
        } else {
            let wanted = u32::try_from(work.writes()).unwrap_or(u32::MAX).clamp(1, WAITING_WRITES_MAX);
            let room = self.room.clone();
            // In a task of its own, like a read that waits for its connection: room given to a caller that is not polled is used anyway.
            let put = tokio::spawn(async move {
                let room = room.acquire_many_owned(wanted).await.ok();
                room.is_some() && queue.put(small, Request { work, reply, room })
            });
            put.await.unwrap_or_default()
        };
        if !is_put {
            return Err(StoreError::Closed);
        }
        Ok(answer)
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take() {
            // A panic of the writer was reported to all waiting callers: their answers never arrived.
            drop(writer.join());
        }
    }
}

/// Refuses new requests when the writer ends, even by a panic.
struct CloseOnEnd<'q>(&'q Queue);

impl Drop for CloseOnEnd<'_> {
    fn drop(&mut self) {
        self.0.close();
        self.0.refuse_waiting();
    }
}

/// Splits a list of units where slices become large enough; a unit is never split.
fn sliced(units: Vec<Prepared>) -> Vec<Work> {
    let mut slices = Vec::new();
    let (mut slice, mut writes) = (Vec::new(), 0);
    for unit in units {
        if writes >= SLICE_WRITES {
            slices.push(Work::Units(std::mem::take(&mut slice)));
            writes = 0;
        }
        writes += unit.writes.len();
        slice.push(unit);
    }
    if !slice.is_empty() {
        slices.push(Work::Units(slice));
    }
    slices
}

/// Ends the leases of a process that died: the holder of the lock file is the only worker here, so they need not expire first. The
/// attempts stay counted.
fn end_leases(connection: &rusqlite::Connection) -> Result<()> {
    connection
        .execute("UPDATE task SET state = 'ready', owner = NULL, until = NULL WHERE state = 'leased'", [])?;
    connection.execute("DELETE FROM lease", [])?;
    Ok(())
}

/// Syncs the folder, so that a new database still exists after a power loss.
fn keep_name(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|e| {
        StoreError::Driver(format!("the folder {} cannot be synced: {e}", folder.display()).into())
    })?;
    Ok(())
}
