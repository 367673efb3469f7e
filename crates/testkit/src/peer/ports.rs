//! Free ports on the loopback, away from the range from which outgoing connections take theirs.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

use super::error::PeerError;

/// Linux gives outgoing connections ports from 32768 up. Below that, a port that is free now is not taken by
/// some client between our look and the server's bind.
const FIRST: u16 = 20_000;
/// How many ports are tried, from `FIRST`.
const SPAN: u16 = 12_000;

/// A port on 127.0.0.1 that nobody listens on now. Two test processes begin at different places; a collision
/// shows as a server that exits at once, which is tried again with another port.
pub(crate) fn free_port() -> Result<u16, PeerError> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let spread = u32::from(SPAN);
    let start = std::process::id().wrapping_mul(37) % spread;
    for _ in 0..SPAN {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let offset = u16::try_from((start + step) % spread).unwrap_or_default();
        let port = FIRST + offset;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(PeerError::Machine {
        doing: format!("look for a free port on 127.0.0.1 from {FIRST} to {}", FIRST + SPAN - 1),
        source: std::io::Error::from(std::io::ErrorKind::AddrInUse),
    })
}
