//! The bytes of a feed, with a digest of everything that was read.

use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tenure_model::FeedFault;

/// The bytes of one feed.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its name in messages and evidence.
    pub name: Arc<str>,
    bytes: Bytes,
}

#[derive(Debug, Clone)]
enum Bytes {
    Path(PathBuf),
    Held(Arc<[u8]>),
}

impl Input {
    /// A file. `name` is its name in messages: usually the path as the source's configuration writes it.
    pub fn path(name: &str, path: impl Into<PathBuf>) -> Self {
        Self { name: Arc::from(name), bytes: Bytes::Path(path.into()) }
    }
    /// Bytes that are already in memory, for example an upload.
    pub fn bytes(name: &str, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self { name: Arc::from(name), bytes: Bytes::Held(bytes.into()) }
    }
    /// Opens it from the start.
    pub(crate) fn open(&self) -> Result<Hashing, FeedFault> {
        let (inner, len): (Box<dyn Read + Send>, u64) = match &self.bytes {
            Bytes::Path(path) => open_file(path)?,
            Bytes::Held(bytes) => (Box::new(io::Cursor::new(bytes.clone())), bytes.len() as u64),
        };
        Ok(Hashing { inner, len, read: 0, hash: Sha256::new() })
    }
    /// Its present length; `None` if it cannot change.
    pub(crate) fn len_now(&self) -> Option<u64> {
        match &self.bytes {
            Bytes::Path(path) => path.metadata().ok().map(|m| m.len()),
            Bytes::Held(_) => None,
        }
    }
}

fn open_file(path: &Path) -> Result<(Box<dyn Read + Send>, u64), FeedFault> {
    let file = File::open(path).map_err(|e| unreadable(&e))?;
    let meta = file.metadata().map_err(|e| unreadable(&e))?;
    if !meta.is_file() {
        return Err(FeedFault::Unreadable { reason: "it is not a regular file".to_owned() });
    }
    Ok((Box::new(file), meta.len()))
}

/// A failure of the operating system, with its message.
pub(crate) fn unreadable(e: &io::Error) -> FeedFault {
    FeedFault::Unreadable { reason: e.to_string() }
}

/// Passes bytes on and hashes them.
pub(crate) struct Hashing {
    inner: Box<dyn Read + Send>,
    /// Its length when it was opened.
    pub(crate) len: u64,
    /// Bytes read so far.
    pub(crate) read: u64,
    hash: Sha256,
}

impl Hashing {
    /// SHA-256 of the bytes read so far.
    pub(crate) fn digest(&self) -> [u8; 32] {
        self.hash.clone().finalize().into()
    }
}

impl Read for Hashing {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.hash.update(buf.get(..n).unwrap_or_default());
        self.read += n as u64;
        Ok(n)
    }
}
