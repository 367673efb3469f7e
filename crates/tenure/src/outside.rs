//! What is kept in a folder outside the database: the signed head of the ledger, and a line for each cut-off.

use crate::exit::{self, Failure};
use rustix::fs::OFlags;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tenure_connect::{Links, ReadError, read_regular};

/// The largest file outside that is read: a line is a few hundred bytes, and cut-offs are for single identities.
const OUTSIDE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// How often the lock of the lines is tried, and the pause between: two seconds in all. A line takes milliseconds.
const LOCK_TRIES: u32 = 40;
const LOCK_PAUSE: Duration = Duration::from_millis(50);
/// Opening a pipe does not wait for its other end, and a link in a file's place is not followed: another file would be written.
const NO_LINK_NO_WAIT: i32 = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits().cast_signed();

/// The name of the file of cut-offs.
const CUT_OFFS: &str = "cut-offs";
/// Only the user that runs Tenure reads and writes the lines.
const OWN_FILE: u32 = 0o600;

/// Writes the signed head of the ledger: whole, and kept also when the power fails.
pub(crate) fn write_checkpoint(folder: &Path, text: &str) -> Result<(), Failure> {
    let write = || {
        fs::create_dir_all(folder)?;
        replace(&folder.join("checkpoint"), text.as_bytes())
    };
    write().map_err(|e: std::io::Error| {
        Failure::new(
            "L002",
            format!("the checkpoint cannot be written to {}: {e}", folder.display()),
            "check the path in [ledger] of tenure.toml",
        )
    })
}

/// A new file that only its owner reads and writes, in the place of what was there.
fn begin(path: &Path) -> std::io::Result<File> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(OWN_FILE).open(path)
}

/// Begins the file of cut-offs, empty: if it is missing later, it was taken away.
pub(crate) fn begin_cut_offs(folder: &Path) -> Result<(), Failure> {
    let path = folder.join(CUT_OFFS);
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(OWN_FILE).open(&path).and_then(|file| file.sync_all()) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(Failure::new(
            "L002",
            format!("{} cannot be written: {e}", path.display()),
            "check the path in [ledger] of tenure.toml",
        )),
        _ => Ok(()),
    }
}

/// The same, and notes that it was missing. A folder that cannot be written delays no command: it is reported again.
pub(crate) fn keep_cut_offs(folder: &Path) {
    drop(begin_cut_offs(folder));
}

/// Whether the file of cut-offs is not there.
pub(crate) fn lacks_cut_offs(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(CUT_OFFS)).is_err_and(|e| e.kind() == ErrorKind::NotFound)
}

/// Puts a whole file in the place of another one.
pub(crate) fn replace(path: &Path, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
    let partial = path.with_extension("part");
    let mut file = begin(&partial)?;
    file.write_all(bytes.as_ref())?;
    file.sync_all()?;
    fs::rename(&partial, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// The file of cut-offs.
pub(crate) struct CutOffs(PathBuf);

impl CutOffs {
    /// The one in a folder.
    pub(crate) fn within(folder: &Path) -> Self {
        Self(folder.join(CUT_OFFS))
    }

    /// Two processes never write the file at once: a cut-off beside a running pass adds a line too. The lock is held only while
    /// one line is written.
    fn lock(&self) -> std::io::Result<File> {
        let mut options = OpenOptions::new();
        let path = self.0.with_extension("lock");
        // Opened for both, a pipe in its place does not wait for a reader.
        let options = options.read(true).write(true).create(true).truncate(false).mode(OWN_FILE);
        let file = options.custom_flags(NO_LINK_NO_WAIT).open(path)?;
        let mut waits = LOCK_TRIES;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(e)) => return Err(e),
                Err(TryLockError::WouldBlock) if waits == 0 => {
                    return Err(std::io::Error::new(ErrorKind::TimedOut, "another process keeps its lock"));
                }
                Err(TryLockError::WouldBlock) => {
                    waits -= 1;
                    std::thread::sleep(LOCK_PAUSE);
                }
            }
        }
    }

    fn add(&self, line: &str) -> std::io::Result<()> {
        let folder = self.0.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let _lock = self.lock()?;
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(OWN_FILE)
            .custom_flags(NO_LINK_NO_WAIT)
            .open(&self.0)?;
        if !file.metadata()?.is_file() {
            return Err(std::io::Error::other("it is not a regular file"));
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        // Nothing depends on a line that was cut short: the process ended before its content was committed.
        let whole = u64::try_from(whole(&text).len()).unwrap_or(u64::MAX);
        file.set_len(whole)?;
        file.seek(SeekFrom::Start(whole))?;
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_all()?;
        File::open(folder)?.sync_all()
    }
}

/// A file outside the database, read whole in bounded time; `None` where there is none.
pub(crate) fn read_outside(path: &Path) -> Result<Option<Vec<u8>>, ReadError> {
    if fs::symlink_metadata(path).is_err_and(|e| e.kind() == ErrorKind::NotFound) {
        return Ok(None);
    }
    read_regular(Path::new("."), path, Links::Follow, OUTSIDE_BYTES_MAX).map(|file| Some(file.bytes))
}

/// The lines that end.
fn whole(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    text.get(..end).unwrap_or_default()
}

impl tenure_connect::CutOffJournal for CutOffs {
    fn append(&self, line: &str) -> bool {
        let Err(e) = self.add(line) else { return true };
        exit::tell(&Failure::new(
            "L002",
            format!("the line about the cut-off is not kept in {}: {e}", self.0.display()),
            "what follows says whether it is in force in the database; a restored older database would not know of it: make the \
             folder writable, and make a new backup",
        ));
        false
    }

    fn size(&self) -> u64 {
        fs::metadata(&self.0).map(|m| m.len()).unwrap_or_default()
    }

    fn read(&self) -> Result<String, String> {
        match read_outside(&self.0) {
            // A line that is not UTF-8 cannot be read; the other lines can.
            Ok(Some(bytes)) => Ok(String::from_utf8_lossy(whole(&bytes)).into_owned()),
            Ok(None) => Ok(String::new()),
            Err(e) => Err(format!("{} cannot be read: {e}", self.0.display())),
        }
    }

    fn replace(&self, old: &str, lines: &str) -> Result<(), String> {
        let write = || {
            let _lock = self.lock()?;
            let now = self.read().map_err(std::io::Error::other)?;
            let added = now
                .strip_prefix(old)
                .ok_or_else(|| std::io::Error::other("it was changed meanwhile: try again"))?;
            replace(&self.0, format!("{lines}{added}").as_bytes())
        };
        write().map_err(|e: std::io::Error| format!("{} cannot be written: {e}", self.0.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenure_connect::CutOffJournal as _;

    #[test]
    fn a_line_that_was_cut_short_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let kept = CutOffs::within(&folder.path().join("elsewhere"));
        assert_eq!(kept.read().unwrap(), "");
        assert!(kept.append("one"));
        let mut file = OpenOptions::new().append(true).open(&kept.0).unwrap();
        file.write_all(b"tw").unwrap();
        assert_eq!(kept.read().unwrap(), "one\n");
        assert!(kept.append("three"));
        assert_eq!(kept.read().unwrap(), "one\nthree\n");
        kept.replace("one\nthree\n", "four\n").unwrap();
        assert_eq!(kept.read().unwrap(), "four\n");
        assert_eq!(kept.size(), 5);
    }

    #[test]
    fn what_was_added_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let kept = CutOffs::within(folder.path());
        assert!(kept.append("one"));
        let old = kept.read().unwrap();
        assert!(kept.append("two"));
        kept.replace(&old, "uno\n").unwrap();
        assert_eq!(kept.read().unwrap(), "uno\ntwo\n");
        assert!(kept.replace("other\n", "").is_err());
    }

    #[test]
    fn a_line_that_is_no_text_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let kept = CutOffs::within(folder.path());
        fs::write(&kept.0, b"\xff\xfe\nline\n").unwrap();
        assert!(kept.read().unwrap().ends_with("\nline\n"));
    }
}
