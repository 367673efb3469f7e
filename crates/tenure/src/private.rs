//! What Tenure keeps is readable by the user that it runs as, and by no other user of the host.

use nix::unistd::{Uid, User};
use rustix::fs::Mode;
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Permission bits of the group and of other users.
const OTHERS: u32 = 0o077;
/// A file that only its owner reads and writes.
const OWN_FILE: u32 = 0o600;
/// What SQLite and the lock keep beside the database.
const BESIDE: [&str; 5] = ["", "-wal", "-shm", "-journal", ".lock"];

/// Files and folders of this process are made for its user alone.
pub(crate) fn by_default() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Takes the rights of other users away from a database that was made with them.
///
/// # Errors
/// When the rights cannot be read or changed: the database belongs to another user.
pub(crate) fn close_database(database: &Path) -> std::io::Result<()> {
    for suffix in BESIDE {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        let path = PathBuf::from(name);
        match fs::metadata(&path) {
            Ok(found) if found.is_file() && found.permissions().mode() & OTHERS != 0 => {
                fs::set_permissions(&path, Permissions::from_mode(OWN_FILE))?;
            }
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// The user to whom a database belongs, if that user is not the one who runs this process: what this process wrote beside the
/// database would lock that user out.
pub(crate) fn belongs_to_another(database: &Path) -> Option<String> {
    let owner = Uid::from_raw(fs::metadata(database).ok()?.uid());
    (owner != Uid::effective()).then(|| match User::from_uid(owner) {
        Ok(Some(user)) => user.name,
        _ => format!("#{owner}"),
    })
}

/// The permissions of a file that allow other users, if there are any.
pub(crate) fn open_to_others(path: &Path) -> Option<u32> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & OTHERS != 0).then_some(mode)
}

/// Whether other users can reach what is in the folder of a file.
pub(crate) fn within_reach(path: &Path) -> bool {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o011 != 0)
}
