//! What one process used: it is started by a small process that starts nothing else, so that the kernel's account of children
//! (`getrusage`) is of it alone, and the peak of its memory is its own.

use crate::machine::{float, start};
use crate::{Fail, table};
use nix::sys::resource::{UsageWho, getrusage};
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

/// Exit codes with which a command did what it was asked to: 4, 6 and 7 say that something is left or differs.
const DID: [i32; 4] = [0, 4, 6, 7];
/// The kernel counts written blocks of this many bytes.
const BLOCK_BYTES: f64 = 512.0;

/// What a process used.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Used {
    /// Seconds on the clock, from its start to its end.
    pub(crate) wall: f64,
    /// Seconds of processor time, all threads together.
    pub(crate) processor: f64,
    /// Most memory that it had at once, in MiB.
    pub(crate) peak: f64,
    /// Bytes that it caused to be written to disk, 0 where the kernel does not count them.
    pub(crate) written: f64,
    code: i32,
}

/// In the small process: runs the command and writes what it used to a file.
pub(crate) fn inside(into: &Path, command: &[OsString]) -> Result<(), Fail> {
    let (program, arguments) = command.split_first().ok_or("there is no command to measure")?;
    let began = start();
    let status = Command::new(program).args(arguments).status()?;
    let wall = began.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |t: nix::sys::time::TimeVal| float(t.tv_sec()) + float(t.tv_usec()) / 1e6;
    let used = Used {
        wall,
        processor: seconds(usage.user_time()) + seconds(usage.system_time()),
        peak: float(usage.max_rss()) / 1024.0,
        written: float(usage.block_writes()) * BLOCK_BYTES,
        code: status.code().unwrap_or(-1),
    };
    Ok(std::fs::write(into, serde_json::to_vec(&used)?)?)
}

/// Runs `tenure` with these arguments in a folder. A command that fails stops the benchmark, with what it said.
pub(crate) fn run(program: &Path, folder: &Path, arguments: &[&str]) -> Result<Used, Fail> {
    table::problem(&format!("$ tenure {}", arguments.join(" ")));
    let into = folder.join("used.json");
    let at = [OsStr::new("-C"), folder.as_os_str()];
    let output = Command::new(std::env::current_exe()?)
        .arg("--measure")
        .arg(&into)
        .arg("--")
        .arg(program)
        .args(at)
        .args(arguments)
        .output()?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if !output.status.success() {
        return Err(
            format!("`tenure {}` was not started: {}", arguments.join(" "), said(&output.stderr)).into()
        );
    }
    let used: Used = serde_json::from_slice(&std::fs::read(&into)?)?;
    if !DID.contains(&used.code) {
        let (out, err) = (said(&output.stdout), said(&output.stderr));
        return Err(format!("`tenure {}` ends with {}:\n{out}{err}", arguments.join(" "), used.code).into());
    }
    Ok(used)
}
