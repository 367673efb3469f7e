//! Folders in which Tenure keeps what it depends on: no export is written into them, and none through a link.

use crate::exit::Failure;
use crate::home::canonical;
use crate::secrets;
use std::fs::{self, OpenOptions};
use std::io::{Error, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use tenure_policy::SetUp;

/// The largest file that is looked at before it is written over: a checkpoint has a few hundred bytes.
const SEEN_BYTES_MAX: u64 = 64 * 1024;

/// The folders of a configuration folder that hold what Tenure depends on, and what that is.
fn own(folder: &Path, setup: &SetUp) -> Vec<(PathBuf, &'static str)> {
    let settings = &setup.settings;
    let of = |path: PathBuf| path.parent().map_or_else(|| folder.to_owned(), Path::to_owned);
    let mut all = vec![
        (folder.join(&*settings.checkpoints), "the checkpoint and the cut-offs outside the database"),
        (of(folder.join(&*settings.database)), "the database"),
        (folder.join(&*settings.outbox), "the outbox"),
        (folder.to_owned(), "the configuration"),
    ];
    all.extend(["sources", "systems", "policy"].map(|part| (folder.join(part), "the configuration")));
    let values = setup.systems.values().flat_map(|s| s.connection.values());
    let secret = values.chain([&settings.key_encryption_key]).filter_map(|r| secrets::file_of(folder, r));
    all.extend(secret.map(|path| (of(path), "a key or a secret")));
    all.extend(setup.sources.values().map(|s| (of(folder.join(&*s.path)), "a feed")));
    all.into_iter().map(|(path, what)| (canonical(&path), what)).collect()
}

/// Refuses a folder that is one of Tenure's own, or is within one. Within the configuration folder itself there may be others.
pub(crate) fn refuse_own(folder: &Path, setup: &SetUp, target: &Path) -> Result<(), Failure> {
    let (home, target) = (canonical(folder), canonical(target));
    let is_hit = |place: &Path| target == *place || (target.starts_with(place) && !home.starts_with(place));
    let Some((place, what)) = own(folder, setup).into_iter().find(|(place, _)| is_hit(place)) else {
        return Ok(());
    };
    Err(Failure::invalid(
        "L007",
        format!("{} is not exported to: {} holds {what}", target.display(), place.display()),
        "name a folder of its own",
    ))
}

/// A folder to which files are written, none of them through a link.
pub(crate) struct NewFolder(PathBuf);

impl NewFolder {
    /// Makes it where it is not there.
    pub(crate) fn made(folder: &Path) -> Result<Self, Failure> {
        let made = fs::create_dir_all(folder).and_then(|()| folder.canonicalize());
        made.map(Self).map_err(|e| {
            Failure::invalid(
                "L003",
                format!("{} cannot be made: {e}", folder.display()),
                "name a folder that can be written",
            )
        })
    }

    /// Its path, without links.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A small file in it; `None` where there is none.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        let (path, links) = (self.0.join(name), tenure_connect::Links::Refuse);
        if fs::symlink_metadata(&path).is_err_and(|e| e.kind() == ErrorKind::NotFound) {
            return Ok(None);
        }
        match tenure_connect::read_regular(&self.0, Path::new(name), links, SEEN_BYTES_MAX) {
            Ok(file) => Ok(Some(file.bytes.to_vec())),
            Err(e) => Err(Failure::invalid(
                "L007",
                format!("{} cannot be read, and is not written over: {e}", path.display()),
                "name a new folder, or one to which this ledger was exported before",
            )),
        }
    }

    /// Writes a file whole, in the place of the one that is there.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> std::io::Result<()> {
        let path = self.0.join(path);
        let folder = path.parent().unwrap_or(&self.0);
        if canonical(folder) != folder {
            return Err(Error::other("a symbolic link is in the place of its folder"));
        }
        fs::create_dir_all(folder)?;
        if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Err(Error::other("it is not a regular file"));
        }
        let partial = path.with_extension("part");
        match fs::remove_file(&partial) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o666).open(&partial)?;
        file.write_all(bytes)?;
        fs::rename(&partial, &path)
    }
}
