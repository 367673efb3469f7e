//! Free ports on the loopback, away from the range from which outgoing connections take theirs.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};

use super::error::PeerError;

/// Linux gives outgoing connections ports from 32768 up. Below that, a port that is free now is not taken by
/// some client between our look and the server's bind.
const FIRST: u16 = 20_000;
/// How many ports are tried, from `FIRST`.
const SPAN: u16 = 12_000;

/// Ports that this process took. Each is a locked file: a server that is stopped for a while finds its port free again.
static TAKEN: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// A port on 127.0.0.1 that is not in use now, and that no other test process is given while this one runs.
pub(crate) fn free_port() -> Result<u16, PeerError> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let locks = std::env::temp_dir().join("tenure-test-ports");
    let failed = |source| PeerError::Machine {
        doing: format!("look for a free port on 127.0.0.1 from {FIRST} to {}", FIRST + SPAN - 1),
        source,
    };
    std::fs::create_dir_all(&locks).map_err(failed)?;
    let spread = u32::from(SPAN);
    let start = std::process::id().wrapping_mul(37) % spread;
    for _ in 0..SPAN {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let offset = u16::try_from((start + step) % spread).unwrap_or_default();
        let port = FIRST + offset;
        if let Some(lock) = locked(&locks, port).map_err(failed)?
            && TcpListener::bind(("127.0.0.1", port)).is_ok()
        {
            TAKEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(lock);
            return Ok(port);
        }
    }
    Err(failed(std::io::Error::from(std::io::ErrorKind::AddrInUse)))
}

/// The lock of a port, unless another process has it; it ends with the process.
fn locked(locks: &Path, port: u16) -> Result<Option<File>, std::io::Error> {
    let file = File::options().create(true).append(true).open(locks.join(port.to_string()))?;
    Ok(file.try_lock().is_ok().then_some(file))
}
