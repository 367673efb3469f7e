//! What the host does without us and without a database of ours: reading, hashing, copying, exchanging over a socket.

use crate::Fail;
use crate::machine::start;
use sha2::{Digest as _, Sha256};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::thread;

/// Exchanges that are timed.
const EXCHANGES: u32 = 2_000;
/// Bytes of a request and of its answer: about those of a SCIM user.
const BYTES: usize = 1_024;

/// Seconds for reading a file and hashing it.
pub(crate) fn read_and_hash(path: &Path) -> Result<f64, Fail> {
    let began = start();
    let hash = Sha256::digest(std::fs::read(path)?);
    let took = began.elapsed().as_secs_f64();
    // Used, so that it is computed.
    if hash.iter().all(|byte| *byte == 0) { Err("a hash is zero".into()) } else { Ok(took) }
}

/// Seconds for copying a file.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<f64, Fail> {
    let began = start();
    std::fs::copy(from, to)?;
    let took = began.elapsed().as_secs_f64();
    std::fs::remove_file(to)?;
    Ok(took)
}

/// Seconds for one request and its answer over a connection that is open, without HTTP.
pub(crate) fn exchange() -> Result<f64, Fail> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let other = thread::spawn(move || -> std::io::Result<()> {
        let (mut socket, _) = listener.accept()?;
        socket.set_nodelay(true)?;
        let mut bytes = [0; BYTES];
        for _ in 0..EXCHANGES {
            socket.read_exact(&mut bytes)?;
            socket.write_all(&bytes)?;
        }
        Ok(())
    });
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    let mut bytes = [7; BYTES];
    let began = start();
    for _ in 0..EXCHANGES {
        socket.write_all(&bytes)?;
        socket.read_exact(&mut bytes)?;
    }
    let took = began.elapsed().as_secs_f64() / f64::from(EXCHANGES);
    other.join().map_err(|_| "the other end of the socket stopped")??;
    Ok(took)
}
