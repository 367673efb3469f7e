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

/// What a database remembers of its folder: its path within the folder, so that both may be moved and copied together; the folder itself
/// where the database is outside it.
pub(crate) fn bond(folder: &Path, database: &Path) -> String {
    let (here, database) = (canonical(folder), canonical(database));
    match database.strip_prefix(&here) {
        Ok(within) => format!("{WITHIN}{}", within.display()),
        Err(_) => here.display().to_string(),
    }
}

/// Prefix of the place of a database that lies within its folder.
const WITHIN: &str = "./";

/// The folder that a database remembers.
fn remembered(bond: &str, database: &Path) -> PathBuf {
    let database = canonical(database);
    let within = bond.strip_prefix(WITHIN).filter(|within| database.ends_with(within));
    let folder = within.and_then(|within| database.ancestors().nth(Path::new(within).components().count()));
    folder.map_or_else(|| PathBuf::from(bond), Path::to_owned)
}

/// Refuses a folder to which the database does not belong.
pub(crate) async fn is_here(base: &Base, folder: &Path, database: &Path) -> Result<(), Failure> {
    match tenure_app::home(&*base.store).await?.filter(|home| *home != bond(folder, database)) {
        None => Ok(()),
        Some(home) => Err(elsewhere(&remembered(&home, database), &canonical(folder))),
    }
}

/// Refuses one while the folder to which the database belongs is still there.
pub(crate) async fn is_here_or_moved(base: &Base, folder: &Path, database: &Path) -> Result<(), Failure> {
    let other =
        tenure_app::home_if_readable(&*base.store).await?.filter(|home| *home != bond(folder, database));
    match other.map(|home| remembered(&home, database)).filter(|home| home.join(SETTINGS_FILE).exists()) {
        None => Ok(()),
        Some(home) => Err(elsewhere(&home, &canonical(folder))),
    }
}

fn elsewhere(home: &Path, here: &Path) -> Failure {
    Failure::new(
        ELSEWHERE,
        format!("this database belongs to the folder {}, and this is {}", home.display(), here.display()),
        format!(
            "use the folder to which it belongs: tenure -C {} …; where that was moved here, a member of the escalation group says \
             so with `tenure ledger reopen --moved --reason \"…\"`",
            home.display()
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
