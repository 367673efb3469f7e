//! Two processes never write one database: a lock file beside it names the one that does.

use rustix::fs::{FlockOperation, OFlags, flock};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use tenure_store::StoreError;

/// Maximum number of bytes read of a lock file: a process id has fewer digits.
const PID_BYTES_MAX: u64 = 16;

const NO_LINK_NO_WAIT: i32 = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits().cast_signed();

/// Held while the store is open; the kernel releases it when the process ends, in whatever way.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "closing the file gives the lock back")] File);

impl Lock {
    /// Takes `<database>.lock`.
    pub(crate) fn take(database: &Path) -> Result<Self, StoreError> {
        let path = beside(database);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            // A link would make the service write another file; a pipe would block until its other end opens.
            .custom_flags(NO_LINK_NO_WAIT)
            .open(&path)
            .and_then(regular)
            .map_err(|e| driver(format!("{} cannot be opened: {e}", path.display())))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                return Err(StoreError::InUse {
                    path: database.display().to_string(),
                    pid: written_pid(&mut file),
                });
            }
            Err(e) => return Err(driver(format!("{} cannot be locked: {e}", path.display()))),
        }
        write_pid(&mut file).map_err(|e| driver(format!("{} cannot be written: {e}", path.display())))?;
        Ok(Self(file))
    }
}

/// The error that another process has the database, with its id.
pub(crate) fn in_use(database: &Path) -> StoreError {
    let pid = File::open(beside(database)).map(|mut file| written_pid(&mut file)).unwrap_or_default();
    StoreError::InUse { path: database.display().to_string(), pid }
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Refuses a file that is not a regular file of its own.
fn regular(file: File) -> std::io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(std::io::Error::other("it is not a regular file")) }
}

fn write_pid(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

/// 0 if the other process has not written it yet.
fn written_pid(file: &mut File) -> u32 {
    let mut text = String::new();
    match file.take(PID_BYTES_MAX).read_to_string(&mut text) {
        Ok(_) => text.trim().parse().unwrap_or_default(),
        Err(_) => 0,
    }
}

fn driver(why: String) -> StoreError {
    StoreError::Driver(why.into())
}
