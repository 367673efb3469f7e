//! Whether anything can be written where Tenure writes: a full or read-only disk is found before a cut-off meets it.

use super::doctor::Check;
use crate::cli::Cli;
use rustix::fs::OFlags;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use tenure_policy::GlobalSettings;

/// What is written and taken away again: room for some cut-offs.
const PROBE_BYTES: usize = 64 * 1024;
/// Its name, with the process id in it, so that two processes do not disturb each other.
const PROBE: &str = "doctor.part";
/// A link is not followed, and a pipe not waited for.
const NO_LINK_NO_WAIT: i32 = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits().cast_signed();

/// One line for each place that cannot be written.
pub(super) fn checks(cli: &Cli, settings: &GlobalSettings) -> Vec<Check> {
    let database = cli.folder.join(&*settings.database);
    let checkpoints = cli.folder.join(&*settings.checkpoints);
    let around = database.parent().unwrap_or(Path::new("."));
    let mut files = vec![database.clone(), checkpoints.join("cut-offs")];
    files.extend(["-wal", "-shm", ".lock"].map(|end| {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        name.into()
    }));
    let folders = [around, &checkpoints].into_iter().map(|folder| (folder, written_to(folder)));
    let files = files.iter().map(|file| (file.as_path(), opened(file)));
    folders.chain(files).filter_map(|(path, result)| Some(wrong(path, &result.err()?))).collect()
}

fn wrong(path: &Path, e: &std::io::Error) -> Check {
    let text = format!(
        "cannot be written: {e}; no decision and no cut-off can be kept there: make room on the disk, or let this user write it"
    );
    (format!("writing to {}", path.display()), Err(text))
}

/// Writes a file of its own into a folder, durably, and takes it away again.
fn written_to(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".{}-{PROBE}", std::process::id()));
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(&path)?;
    let written = file.write_all(&[0; PROBE_BYTES]).and_then(|()| file.sync_all());
    fs::remove_file(&path)?;
    written
}

/// Opens a file as one who writes does, and writes nothing.
fn opened(file: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).custom_flags(NO_LINK_NO_WAIT).open(file) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}
