//! Resolves references to secrets: the configuration names secrets, it never holds them.

use crate::exit::Failure;
use crate::login::login;
use crate::private;
use nix::unistd::Uid;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use tenure_connect::{Links, read_regular};

/// Longest secret, in bytes.
const SECRET_BYTES_MAX: u64 = 64 << 10;

/// Whether a text is a reference to a secret.
pub(crate) fn is_reference(text: &str) -> bool {
    ["env:", "file:", "credential:"].iter().any(|p| text.starts_with(p))
}

/// The secret that a reference names: `env:NAME`, `file:path` (relative to the configuration folder) or
/// `credential:name` (systemd, `$CREDENTIALS_DIRECTORY`).
pub(crate) fn resolve(folder: &Path, reference: &str) -> Result<String, Failure> {
    let wrong = |why: String| {
        Failure::invalid(
            "C003",
            format!("the secret `{reference}` cannot be read: {why}"),
            "give this process the file, variable or credential that the configuration names; a key that is lost comes only from its copy",
        )
    };
    let secret = if let Some(name) = reference.strip_prefix("env:") {
        env(name).ok_or_else(|| wrong(format!("the environment has no {name}")))?
    } else if let Some(path) = reference.strip_prefix("file:") {
        let path = folder.join(path);
        closed(&path, private::within_reach(&path))?;
        own(folder, &path)?;
        read(&path).map_err(wrong)?
    } else if let Some(name) = reference.strip_prefix("credential:") {
        let directory = env("CREDENTIALS_DIRECTORY").ok_or_else(|| {
            wrong("systemd gives no credentials to this process (LoadCredential=)".to_owned())
        })?;
        read(&Path::new(&directory).join(name)).map_err(wrong)?
    } else {
        return Err(wrong("it begins with none of env:, file: and credential:".to_owned()));
    };
    let secret = secret.trim_end_matches(['\n', '\r']).to_owned();
    if secret.is_empty() {
        return Err(wrong("it is empty".to_owned()));
    }
    Ok(secret)
}

/// Refuses the key that seals everything else as the secret of a connection.
pub(crate) fn no_key(folder: &Path, reference: &str, key: &str) -> Result<(), Failure> {
    let real = |r: &str| file_of(folder, r).map(|path| fs::canonicalize(&path).unwrap_or(path));
    let is_key = reference == key || (real(reference).is_some() && real(reference) == real(key));
    if is_key {
        return Err(Failure::invalid(
            "C003",
            format!("`{reference}` is the key-encryption key, which is sent to no system"),
            "name a secret that was made for this system",
        ));
    }
    Ok(())
}

/// Refuses a secret outside a folder that belongs to the caller, where this process runs as another user, as by `sudo -u`: a caller's
/// folder must not send secrets of the service anywhere.
fn own(folder: &Path, path: &Path) -> Result<(), Failure> {
    let (caller, service) = (Uid::from_raw(login().uid), Uid::effective());
    let owner = fs::metadata(folder.join("tenure.toml")).map(|found| Uid::from_raw(found.uid()));
    let is_trusted = owner.is_ok_and(|owner| owner == service || owner.is_root());
    if caller == service || is_trusted {
        return Ok(());
    }
    let is_within = fs::canonicalize(folder)
        .and_then(|folder| Ok(fs::canonicalize(path)?.starts_with(folder)))
        .unwrap_or(true);
    if is_within {
        return Ok(());
    }
    Err(Failure::invalid(
        "C003",
        format!(
            "{} lies outside {}, which does not belong to the service user",
            path.display(),
            folder.display()
        ),
        "run this as yourself, not by sudo; or, if this is the organisation's folder, give its tenure.toml to the service user",
    ))
}

/// The file that a reference names; `None` for the other kinds.
pub(crate) fn file_of(folder: &Path, reference: &str) -> Option<PathBuf> {
    Some(folder.join(reference.strip_prefix("file:")?))
}

/// The key that seals all others. Its file is refused where other users may read it, also in a folder that they cannot enter.
pub(crate) fn key(folder: &Path, reference: &str) -> Result<String, Failure> {
    if let Some(path) = reference.strip_prefix("file:") {
        closed(&folder.join(path), true)?;
    }
    resolve(folder, reference)
}

/// Refuses a file that other users can read, where `matters`.
fn closed(path: &Path, matters: bool) -> Result<(), Failure> {
    let Some(mode) = private::open_to_others(path).filter(|_| matters) else { return Ok(()) };
    let what = format!("{} has the mode {mode:o}: other users of this machine can read it", path.display());
    Err(Failure::invalid(
        "C003",
        what,
        format!("chmod 600 {}; and replace a secret that others may have read", path.display()),
    ))
}

fn env(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the composition root reads the environment")]
    std::env::var(name).ok()
}

fn read(path: &Path) -> Result<String, String> {
    let file = read_regular(Path::new("."), path, Links::Follow, SECRET_BYTES_MAX)
        .map_err(|e| format!("{}: {e}", path.display()))?;
    String::from_utf8(file.bytes).map_err(|_| format!("{}: it is not UTF-8", path.display()))
}
