//! Runs a tool with a time limit and gives back what it printed.

use std::io::{Read, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::error::PeerError;

/// How long one call of a client tool may take; a hung server must not hang the test run.
pub(crate) const TOOL_LIMIT: Duration = Duration::from_secs(30);
/// How often a running process is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// What a tool did.
pub(crate) struct Output {
    /// The exit code, or -1 when a signal ended the tool.
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// Runs `command` with `input` on its standard input, and ends it after `limit`.
pub(crate) fn run(
    peer: &'static str,
    command: &mut Command,
    input: &[u8],
    limit: Duration,
) -> Result<Output, PeerError> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(PeerError::machine(format!("start {}", command.get_program().display())))?;
    let writer = child.stdin.take().map(|mut pipe| {
        let input = input.to_vec();
        // A tool that ends before it has read everything shows in its exit code, not here.
        thread::spawn(move || drop(pipe.write_all(&input)))
    });
    let stdout = child.stdout.take().map(collect);
    let stderr = child.stderr.take().map(collect);
    let code = wait(peer, &mut child, limit);
    let stdout = stdout.and_then(|reader| reader.join().ok()).unwrap_or_default();
    let stderr = stderr.and_then(|reader| reader.join().ok()).unwrap_or_default();
    if let Some(writer) = writer {
        drop(writer.join());
    }
    Ok(Output { code: code?, stdout, stderr: String::from_utf8_lossy(&stderr).into_owned() })
}

/// Machine time, for limits on tests only.
#[expect(clippy::disallowed_methods, reason = "a test's patience with a real server is machine time")]
pub(crate) fn machine_now() -> Instant {
    Instant::now()
}

fn collect(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is still worth showing.
        drop(pipe.read_to_end(&mut bytes));
        bytes
    })
}

fn wait(peer: &'static str, child: &mut Child, limit: Duration) -> Result<i32, PeerError> {
    let end = machine_now() + limit;
    loop {
        match child.try_wait().map_err(PeerError::machine(format!("wait for {peer}")))? {
            Some(status) => return Ok(status.code().unwrap_or(-1)),
            None if machine_now() < end => thread::sleep(LOOK),
            None => {
                drop(child.kill());
                drop(child.wait());
                return Err(PeerError::Failed {
                    peer,
                    what: format!("gave no answer within {} s and was ended", limit.as_secs()),
                    log: String::new(),
                });
            }
        }
    }
}
