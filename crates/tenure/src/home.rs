//! The folder to which a database belongs. Feeds, keys, checkpoints and the outbox are read by paths relative to it, so that a
//! folder of another user that names the same database supplies none of them.

use crate::exit::Failure;
use crate::folder::SETTINGS_FILE;
use crate::wire::Base;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The code of a database that belongs to another folder.
pub(crate) const ELSEWHERE: &str = "C014";

/// A path without links and `..`, also where its last parts are not there yet.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    let mut there = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut rest: Vec<OsString> = Vec::new();
    loop {
        if let Ok(found) = there.canonicalize() {
            return rest.into_iter().rev().fold(found, |path, part| path.join(part));
        }
        let Some(name) = there.file_name().map(ToOwned::to_owned) else { return path.to_owned() };
        rest.push(name);
        there.pop();
    }
}

/// Refuses a folder to which the database does not belong.
pub(crate) async fn is_here(base: &Base, folder: &Path) -> Result<(), Failure> {
    let (here, home) = (canonical(folder), tenure_app::home(&*base.store).await?);
    match home.filter(|home| Path::new(home) != here) {
        None => Ok(()),
        Some(home) => Err(elsewhere(&home, &here)),
    }
}

/// Refuses one while the folder to which the database belongs is still there.
pub(crate) async fn is_here_or_moved(base: &Base, folder: &Path) -> Result<(), Failure> {
    let (here, home) = (canonical(folder), tenure_app::home(&*base.store).await?);
    let there = |home: &String| Path::new(home) != here && Path::new(home).join(SETTINGS_FILE).exists();
    match home.filter(there) {
        None => Ok(()),
        Some(home) => Err(elsewhere(&home, &here)),
    }
}

fn elsewhere(home: &str, here: &Path) -> Failure {
    Failure::new(
        ELSEWHERE,
        format!("this database belongs to the folder {home}, and this is {}", here.display()),
        format!(
            "use the folder to which it belongs: tenure -C {home} …; where that was moved here, a member of the escalation group says \
             so with `tenure ledger reopen --moved --reason \"…\"`"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_and_parts_that_are_not_there_lead_to_one_path() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap().join("real");
        std::fs::create_dir(&real).unwrap();
        symlink(&real, folder.path().join("link")).unwrap();
        assert_eq!(canonical(&folder.path().join("link")), real);
        assert_eq!(canonical(&folder.path().join("link/new/sub")), real.join("new/sub"));
        assert_eq!(canonical(&real.join("../real")), real);
    }
}
