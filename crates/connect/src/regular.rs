//! Reads a file delivered by another party: only a regular one, through none of its links, limited in bytes and time.

use jiff::Timestamp;
use rustix::fs::{Mode, OFlags, open, openat};
use rustix::io::Errno;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

/// Time limit for opening and reading a file: one on a hanging file system must not block a pass.
pub const FILE_PATIENCE: Duration = Duration::from_secs(60);

/// Whether links on the way to a file are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Yes: the operator's own files (secrets and configuration, which orchestrators mount through links).
    Follow,
    /// No, below the base: files in folders that other parties write.
    Refuse,
}

/// A file that was read completely.
#[derive(Debug)]
pub struct ReadFile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// When it was last written.
    pub modified: Option<Timestamp>,
    /// Device and inode: identifies the file independently of its name.
    pub id: (u64, u64),
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Larger than permitted.
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// It or a folder on the way is a link.
    #[error("it is a symbolic link, or a folder on the way is one: put the file itself there")]
    Link,
    /// A pipe, a device, a socket or a folder.
    #[error("it is not a regular file")]
    NotRegular,
    /// It was not read in time.
    #[error("it was not read within {} seconds: its file system does not answer", FILE_PATIENCE.as_secs())]
    TooSlow,
    /// The operating system's message.
    #[error("{0}")]
    System(String),
}

/// Reads the file at `path`, which may be relative to `base`.
///
/// # Errors
/// When it is not a regular file, too large, behind a refused link, or not read in time.
pub fn read_regular(base: &Path, path: &Path, links: Links, bytes_max: u64) -> Result<ReadFile, ReadError> {
    let (base, path) = (base.to_owned(), path.to_owned());
    within(FILE_PATIENCE, move || read_now(&base, &path, links, bytes_max))
}

/// Device and inode of the file at a path; `None` if there is none.
#[must_use]
pub fn file_id(path: &Path) -> Option<(u64, u64)> {
    path.metadata().ok().map(|m| (m.dev(), m.ino()))
}

/// A call that may hang runs in a thread of its own; if it hangs, the thread is abandoned.
fn within<T: Send + 'static>(
    patience: Duration,
    call: impl FnOnce() -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    let (send, receive) = mpsc::sync_channel(1);
    let spawned = std::thread::Builder::new().name("file".to_owned()).spawn(move || {
        // The receiver is gone if it waited too long.
        drop(send.send(call()));
    });
    spawned.map_err(|e| ReadError::System(e.to_string()))?;
    receive.recv_timeout(patience).unwrap_or(Err(ReadError::TooSlow))
}

fn read_now(base: &Path, path: &Path, links: Links, bytes_max: u64) -> Result<ReadFile, ReadError> {
    let file = match links {
        Links::Follow => open(base.join(path), FLAGS, Mode::empty()).map(File::from),
        Links::Refuse => without_links(base, path),
    };
    let mut file = file.map_err(not_opened)?;
    let about = file.metadata().map_err(|e| ReadError::System(e.to_string()))?;
    if !about.is_file() {
        return Err(ReadError::NotRegular);
    }
    if about.len() > bytes_max {
        return Err(ReadError::TooLarge(bytes_max));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or_default());
    // The file may grow meanwhile, or report no length.
    let read = (&mut file).take(bytes_max.saturating_add(1)).read_to_end(&mut bytes);
    let read = read.map_err(|e| ReadError::System(e.to_string()))?;
    if u64::try_from(read).is_ok_and(|n| n > bytes_max) {
        return Err(ReadError::TooLarge(bytes_max));
    }
    let modified = about.modified().ok().and_then(|at| Timestamp::try_from(at).ok());
    Ok(ReadFile { bytes, modified, id: (about.dev(), about.ino()) })
}

/// Without `NONBLOCK`, opening a pipe without a writer would wait forever.
const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// Opens step by step, so that no part below the base is a link. In an absolute path only the last part belongs to other parties.
fn without_links(base: &Path, path: &Path) -> Result<File, Errno> {
    let (start, rest): (PathBuf, &Path) = match (path.is_absolute(), path.parent(), path.file_name()) {
        (true, Some(parent), Some(name)) => (parent.to_owned(), Path::new(name)),
        _ => (base.to_owned(), path),
    };
    let folder = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
    let mut at = open(&start, folder, Mode::empty())?;
    let parts: Vec<Component<'_>> = rest.components().filter(|c| *c != Component::CurDir).collect();
    let Some((last, way)) = parts.split_last() else { return Err(Errno::ISDIR) };
    for part in way {
        at = openat(&at, part.as_os_str(), folder.union(OFlags::NOFOLLOW), Mode::empty())
            // A link opened as a folder is "not a directory".
            .map_err(|e| if e == Errno::NOTDIR { Errno::LOOP } else { e })?;
    }
    openat(&at, last.as_os_str(), FLAGS.union(OFlags::NOFOLLOW), Mode::empty()).map(File::from)
}

fn not_opened(error: Errno) -> ReadError {
    match error {
        Errno::LOOP => ReadError::Link,
        // A socket, or a device without a driver.
        Errno::NXIO | Errno::NODEV => ReadError::NotRegular,
        other => ReadError::System(std::io::Error::from(other).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn read(base: &Path, path: &str, links: Links) -> Result<Vec<u8>, ReadError> {
        read_regular(base, Path::new(path), links, 10).map(|f| f.bytes)
    }

    #[test]
    fn only_a_regular_file_behind_no_link_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path();
        std::fs::create_dir_all(base.join("feeds/deep")).unwrap();
        std::fs::create_dir(base.join("keys")).unwrap();
        std::fs::write(base.join("feeds/deep/hr.csv"), "a\n1\n").unwrap();
        std::fs::write(base.join("keys/key"), "secret").unwrap();
        std::fs::write(base.join("feeds/large.csv"), "x".repeat(11)).unwrap();
        symlink("../keys/key", base.join("feeds/link.csv")).unwrap();
        symlink("../keys", base.join("feeds/linked")).unwrap();
        symlink("nothing", base.join("feeds/nowhere")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, base.join("feeds/pipe.csv"), Mode::RWXU).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(base.join("feeds/socket")).unwrap();

        assert_eq!(read(base, "feeds/deep/hr.csv", Links::Refuse), Ok(b"a\n1\n".to_vec()));
        assert_eq!(read(base, "./feeds/../feeds/deep/hr.csv", Links::Refuse), Ok(b"a\n1\n".to_vec()));
        let absolute = base.join("feeds/deep/hr.csv");
        assert_eq!(read(Path::new("/"), absolute.to_str().unwrap(), Links::Refuse), Ok(b"a\n1\n".to_vec()));
        for (path, why) in [
            ("feeds/link.csv", ReadError::Link),
            ("feeds/linked/key", ReadError::Link),
            ("feeds/nowhere", ReadError::Link),
            ("feeds/pipe.csv", ReadError::NotRegular),
            ("feeds/socket", ReadError::NotRegular),
            ("feeds", ReadError::NotRegular),
            ("feeds/large.csv", ReadError::TooLarge(10)),
            ("/dev/zero", ReadError::NotRegular),
        ] {
            assert_eq!(read(base, path, Links::Refuse), Err(why), "{path}");
        }
        let link = base.join("feeds/link.csv");
        assert_eq!(read(base, link.to_str().unwrap(), Links::Refuse), Err(ReadError::Link));
        assert_eq!(read(base, "feeds/link.csv", Links::Follow), Ok(b"secret".to_vec()));
        assert_eq!(read(base, "feeds/pipe.csv", Links::Follow), Err(ReadError::NotRegular));
        assert!(matches!(read(base, "feeds/none", Links::Refuse), Err(ReadError::System(_))));
        drop(socket);
    }

    #[test]
    fn a_call_that_hangs_is_left_behind() {
        let slow = || {
            std::thread::sleep(Duration::from_secs(5));
            Ok(())
        };
        assert_eq!(within(Duration::from_millis(20), slow), Err(ReadError::TooSlow));
    }
}
