//! The SCIM 2.0 reference server from PyPI, `scim2-server`: not our code, so that it can prove ours wrong.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::error::PeerError;
use super::find::Program;
use super::http::request;
use super::ports::free_port;
use super::server::{Server, log_end};

const SCIM2_SERVER: Program = Program {
    name: "scim2-server",
    variable: "TENURE_TEST_SCIM2_SERVER",
    // Relative to this crate, where `cargo xtask test` puts it.
    usual: &[concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/peers/venv/bin/scim2-server")],
    how_to_get_it: "`cargo xtask test` installs it into target/peers; it needs python3 with its venv module",
};
/// A port may be taken between our look and the server's bind; then it exits at once and is tried again.
const START_TRIES: u32 = 5;
/// How many resources are asked for at a time.
const PAGE: usize = 100;

/// A running scim2-server. What it stores is in its memory and gone when this is dropped.
pub struct Scim2Server {
    /// The base of its resources, `http://127.0.0.1:<port>/v2`.
    pub url: String,
    /// The bearer token that it accepts.
    pub token: String,
    address: SocketAddr,
    program: PathBuf,
    server: Option<Server>,
    // After `server`, so that the folder goes when nothing writes to it any more.
    folder: TempDir,
}

/// Starts scim2-server on a free port of 127.0.0.1 and waits until it answers.
///
/// # Errors
///
/// [`PeerError::Missing`] when it is not installed; any other error is a defect to look at.
pub fn scim2_server() -> Result<Scim2Server, PeerError> {
    let program = SCIM2_SERVER.find()?;
    let folder = TempDir::with_prefix("tenure-scim2-")
        .map_err(PeerError::machine("make a folder for scim2-server"))?;
    let mut peer = Scim2Server {
        url: String::new(),
        token: "a test's bearer token".replace([' ', '\''], "-"),
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        program,
        server: None,
        folder,
    };
    let mut tries = 1;
    loop {
        peer.address.set_port(free_port()?);
        peer.url = format!("http://{}/v2", peer.address);
        match peer.start() {
            Ok(()) => return Ok(peer),
            Err(error) if tries == START_TRIES => return Err(error),
            Err(_) => tries += 1,
        }
    }
}

impl Scim2Server {
    /// Starts a stopped server again on the same port. It begins empty: it keeps everything in memory.
    ///
    /// # Errors
    ///
    /// With the server's log, when it does not answer.
    pub fn start(&mut self) -> Result<(), PeerError> {
        let port = self.address.port().to_string();
        let token = self.token.clone();
        let mut server = Server::start(
            "scim2-server",
            &self.program,
            |command| {
                command.args(["--hostname", "127.0.0.1", "--port", &port, "--bearer-token", &token]);
            },
            &self.log(),
        )?;
        let (address, token) = (self.address, self.token.clone());
        server.wait_until(|| {
            request(address, "GET", "/v2/ServiceProviderConfig", &token, None)
                .is_ok_and(|(status, _)| status == 200)
        })?;
        self.server = Some(server);
        Ok(())
    }

    /// Ends the server; connections to it are refused until [`start`](Self::start).
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Makes the server hang: it keeps accepting connections and answers nothing until
    /// [`resume`](Self::resume).
    ///
    /// # Errors
    ///
    /// When the server is not running.
    pub fn pause(&self) -> Result<(), PeerError> {
        self.running()?.pause()
    }

    /// Lets a server that was paused go on.
    ///
    /// # Errors
    ///
    /// When the server is not running.
    pub fn resume(&self) -> Result<(), PeerError> {
        self.running()?.resume()
    }

    /// The process id, or `None` while the server is stopped.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Server::pid)
    }

    /// Sends one request without any code under test. `path` is below the base, for instance
    /// `/Users?filter=...`, percent-encoded. Gives the status and the JSON body (null when there is none).
    ///
    /// # Errors
    ///
    /// When the server gives no answer or one that is not JSON.
    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(u16, Value), PeerError> {
        let text = body.map(Value::to_string);
        let (status, answer) =
            request(self.address, method, &format!("/v2{path}"), &self.token, text.as_deref())
                .map_err(|error| self.failed(format!("gave no answer to {method} {path}: {error}")))?;
        if answer.trim().is_empty() {
            return Ok((status, Value::Null));
        }
        let json = serde_json::from_str(&answer).map_err(|error| {
            self.failed(format!("answered {method} {path} with what is not JSON: {error}"))
        })?;
        Ok((status, json))
    }

    /// All resources of `endpoint` (`Users`, `Groups`), page by page.
    ///
    /// # Errors
    ///
    /// When the server answers anything but a list.
    pub fn resources(&self, endpoint: &str) -> Result<Vec<Value>, PeerError> {
        let mut all = Vec::new();
        loop {
            let path = format!("/{endpoint}?startIndex={}&count={PAGE}", all.len() + 1);
            let (status, mut list) = self.request("GET", &path, None)?;
            let total = list.get("totalResults").and_then(Value::as_u64);
            let (200, Some(total)) = (status, total) else {
                return Err(self.failed(format!("answered GET {path} with {status} and {list}")));
            };
            let page = match list.get_mut("Resources").map(Value::take) {
                Some(Value::Array(page)) => page,
                _ => Vec::new(),
            };
            let last = page.is_empty();
            all.extend(page);
            if last || u64::try_from(all.len()).is_ok_and(|count| count >= total) {
                return Ok(all);
            }
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("scim2-server.log")
    }

    fn running(&self) -> Result<&Server, PeerError> {
        self.server.as_ref().ok_or_else(|| self.failed("is stopped".to_owned()))
    }

    fn failed(&self, what: String) -> PeerError {
        PeerError::Failed { peer: "scim2-server", what, log: log_end(&self.log()) }
    }

    /// The folder with its log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}
