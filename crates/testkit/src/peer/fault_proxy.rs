//! A TCP proxy between a connector and a real server that delays, cuts, swallows or refuses on demand.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::error::PeerError;

/// What the proxy does to bytes. A change works on open connections too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Passes everything on.
    None,
    /// Waits this long before each piece in either direction.
    Delay(Duration),
    /// Passes requests on and cuts the connection after this many bytes of the answers that come after the
    /// fault was set. With 0 the server has acted and the client cannot know.
    CutAnswerAfter(usize),
    /// Cuts the connection after this many bytes of the requests that come after the fault was set.
    CutRequestAfter(usize),
    /// Accepts, reads and never passes anything on.
    Swallow,
    /// The proxy's port does not accept connections, and open connections are cut.
    Refuse,
}

/// How long one look for a new connection, more bytes or a changed fault takes.
const LOOK: Duration = Duration::from_millis(2);
/// How many bytes are passed on at a time.
const PIECE: usize = 16 * 1024;

/// A running proxy; its threads end when this is dropped.
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<thread::JoinHandle<()>>,
}

struct Shared {
    target: SocketAddr,
    state: Mutex<State>,
}

struct State {
    fault: Fault,
    /// Bytes left before a cut, for the two cutting faults.
    left: usize,
    /// What the listening thread has seen, so that `set` returns when refusing has really begun or ended.
    seen: Fault,
    connections: usize,
    stopped: bool,
}

impl FaultProxy {
    /// Listens on a free port of 127.0.0.1 and passes everything on to `target`.
    ///
    /// # Errors
    ///
    /// When no port can be had.
    pub fn start(target: SocketAddr) -> Result<Self, PeerError> {
        let listen = |address: SocketAddr| -> std::io::Result<TcpListener> {
            let listener = TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            Ok(listener)
        };
        let first = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let first = first.map_err(PeerError::machine("listen for the fault proxy"))?;
        let address = first.local_addr().map_err(PeerError::machine("read the fault proxy's port"))?;
        let state = State { fault: Fault::None, left: 0, seen: Fault::None, connections: 0, stopped: false };
        let shared = Arc::new(Shared { target, state: Mutex::new(state) });
        let for_thread = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            let mut listener = Some(first);
            while let Some(fault) = for_thread.notice() {
                match (&listener, fault) {
                    (Some(_), Fault::Refuse) => listener = None,
                    (Some(open), _) => accept(open, &for_thread),
                    (None, Fault::Refuse) => {}
                    (None, _) => listener = listen(address).ok(),
                }
                for_thread.lock().seen =
                    if listener.is_some() == (fault != Fault::Refuse) { fault } else { Fault::Refuse };
                thread::sleep(LOOK);
            }
        });
        Ok(Self { address, shared, listener: Some(thread) })
    }

    /// Where the client connects instead of the server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes what happens to bytes, and returns when the change is in force.
    pub fn set(&self, fault: Fault) {
        {
            let mut state = self.shared.lock();
            state.fault = fault;
            state.left = match fault {
                Fault::CutAnswerAfter(bytes) | Fault::CutRequestAfter(bytes) => bytes,
                Fault::None | Fault::Delay(_) | Fault::Swallow | Fault::Refuse => 0,
            };
        }
        while self.shared.lock().seen != fault {
            thread::sleep(LOOK);
        }
    }

    /// How many connections were accepted so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.lock().connections
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        if let Some(thread) = self.listener.take() {
            drop(thread.join());
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault in force, or `None` when the proxy was dropped.
    fn notice(&self) -> Option<Fault> {
        let state = self.lock();
        (!state.stopped).then_some(state.fault)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Request,
    Answer,
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let Ok((client, _)) = listener.accept() else { return };
    shared.lock().connections += 1;
    let Ok(server) = TcpStream::connect(shared.target) else { return };
    let sockets = || -> std::io::Result<_> {
        client.set_nonblocking(false)?;
        for socket in [&client, &server] {
            socket.set_read_timeout(Some(LOOK))?;
            socket.set_nodelay(true)?;
        }
        Ok((client.try_clone()?, server.try_clone()?))
    };
    let Ok((client_again, server_again)) = sockets() else { return };
    for (direction, from, to) in
        [(Direction::Request, client, server), (Direction::Answer, server_again, client_again)]
    {
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            pump(direction, from, &to, &shared);
        });
    }
}

/// Passes bytes on until either side ends, the proxy ends or a fault cuts; then both sides are closed.
fn pump(direction: Direction, mut from: TcpStream, mut to: &TcpStream, shared: &Shared) {
    let mut piece = vec![0; PIECE];
    while let Some(fault) = shared.notice() {
        if fault == Fault::Refuse {
            break;
        }
        let count = match from.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => break,
        };
        // The fault may have changed while we waited for bytes.
        let (pass, then_cut) = shared.ruling(direction, count);
        if to.write_all(piece.get(..pass).unwrap_or_default()).is_err() || then_cut {
            break;
        }
    }
    for socket in [&from, to] {
        // It may be closed already, which is what we want.
        drop(socket.shutdown(Shutdown::Both));
    }
}

impl Shared {
    /// How many of `count` bytes may pass, and whether the connection is cut after them.
    fn ruling(&self, direction: Direction, count: usize) -> (usize, bool) {
        let mut state = self.lock();
        let cuts = match state.fault {
            Fault::None => return (count, false),
            Fault::Swallow => return (0, false),
            Fault::Refuse => return (0, true),
            Fault::Delay(delay) => {
                drop(state);
                thread::sleep(delay);
                return (count, false);
            }
            Fault::CutAnswerAfter(_) => Direction::Answer,
            Fault::CutRequestAfter(_) => Direction::Request,
        };
        if cuts != direction {
            return (count, false);
        }
        let pass = count.min(state.left);
        state.left -= pass;
        (pass, state.left == 0)
    }
}
