//! One server process of a test: started so that it cannot outlive the test, ended and waited for on drop.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::error::PeerError;
use super::tool::machine_now;

/// How long a server may take until it answers.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(30);
/// How often a starting server is asked.
const ASK: Duration = Duration::from_millis(20);
/// How much of a log is shown in an error, in bytes from its end.
const LOG_SHOWN: usize = 8 * 1024;

/// A running server and its log.
pub(crate) struct Server {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Server {
    /// Starts `program` with its output going to `log` (appended, so that a restarted server keeps its past).
    pub(crate) fn start(
        name: &'static str,
        program: &Path,
        configure: impl FnOnce(&mut Command),
        log: &Path,
    ) -> Result<Self, PeerError> {
        let out = File::options()
            .create(true)
            .append(true)
            .open(log)
            .map_err(PeerError::machine(format!("open the log {}", log.display())))?;
        let err = out.try_clone().map_err(PeerError::machine("share the log between two streams"))?;
        let mut command = tied_to_this_process(program);
        configure(&mut command);
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        let child = spawn(command).map_err(PeerError::machine(format!("start {}", program.display())))?;
        Ok(Self { name, child, log: log.to_path_buf() })
    }

    /// Asks until `answers` says yes. A server that exits meanwhile is an error at once, with its log.
    pub(crate) fn wait_until(&mut self, mut answers: impl FnMut() -> bool) -> Result<(), PeerError> {
        let end = machine_now() + START_LIMIT;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(self.failed(format!("exited while starting, {status}")));
            }
            if answers() {
                return Ok(());
            }
            if machine_now() > end {
                return Err(self.failed(format!("did not answer within {} s", START_LIMIT.as_secs())));
            }
            thread::sleep(ASK);
        }
    }

    /// The process id of the server itself (the wrapper that ties it to this process has become it).
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Makes the server hang, and returns when all its threads do: a signal only asks for that.
    pub(crate) fn pause(&self) -> Result<(), PeerError> {
        self.signal(Signal::STOP)?;
        let end = machine_now() + START_LIMIT;
        while !stopped(self.child.id()) {
            if machine_now() > end {
                return Err(self.failed(format!("did not hang within {} s", START_LIMIT.as_secs())));
            }
            thread::sleep(ASK);
        }
        Ok(())
    }

    /// Lets a server that hangs go on.
    pub(crate) fn resume(&self) -> Result<(), PeerError> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<(), PeerError> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let sent = pid.map(|pid| kill_process(pid, signal));
        match sent {
            Some(Ok(())) => Ok(()),
            Some(Err(errno)) => Err(PeerError::Machine {
                doing: format!("send {signal:?} to {}", self.name),
                source: errno.into(),
            }),
            None => Err(self.failed("has no process id".to_owned())),
        }
    }

    /// An error about this server, with the end of its log.
    pub(crate) fn failed(&self, what: String) -> PeerError {
        PeerError::Failed { peer: self.name, what, log: log_end(&self.log) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // KILL also ends a server that a test has stopped; these servers hold nothing that must survive. It may
        // have exited already, so neither answer matters.
        drop(self.child.kill());
        drop(self.child.wait());
        if thread::panicking() {
            show_log(self.name, &self.log);
        }
    }
}

/// Whether every thread of a process is stopped by a signal (state T in proc(5)).
fn stopped(pid: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return false };
    threads.flatten().all(|thread| {
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // The name is in parentheses before the state and may contain anything.
        stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('T'))
    })
}

/// The end of a log as text.
pub(crate) fn log_end(log: &Path) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let from = bytes.len().saturating_sub(LOG_SHOWN);
    String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned()
}

#[expect(
    clippy::print_stderr,
    reason = "a failing test shows what its servers said; the folder is about to go"
)]
fn show_log(name: &str, log: &Path) {
    eprintln!("--- end of the log of {name} ---\n{}--- ---", log_end(log));
}

/// A destructor does not run when a test is killed, so the kernel is asked to end the server with us, through
/// util-linux's setpriv (asking ourselves, between fork and exec, would need unsafe code).
fn tied_to_this_process(program: &Path) -> Command {
    let setpriv = Path::new("/usr/bin/setpriv");
    if setpriv.exists() {
        let mut command = Command::new(setpriv);
        command.args(["--pdeathsig", "KILL"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

type Job = (Command, mpsc::Sender<std::io::Result<Child>>);

/// The kernel's "parent has died" means the thread that started the child. Servers are therefore started by a
/// thread that lives as long as the process, whichever short-lived test thread asks.
fn spawn(command: Command) -> std::io::Result<Child> {
    static STARTER: OnceLock<Mutex<mpsc::Sender<Job>>> = OnceLock::new();
    let starter = STARTER.get_or_init(|| {
        let (jobs, inbox) = mpsc::channel::<Job>();
        thread::spawn(move || {
            for (mut command, reply) in inbox {
                // The asker waits for the answer, so it is there to take it.
                drop(reply.send(command.spawn()));
            }
        });
        Mutex::new(jobs)
    });
    let (reply, answer) = mpsc::channel();
    let gone = || std::io::Error::other("the thread that starts servers is gone");
    starter.lock().unwrap_or_else(PoisonError::into_inner).send((command, reply)).map_err(|_| gone())?;
    answer.recv().map_err(|_| gone())?
}
