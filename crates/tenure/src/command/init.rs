//! `tenure init`: a configuration folder with a key, ready to be filled in.

use crate::cli::{Cli, Init};
use crate::exit::{Exit, Failure};
use crate::login::{login, toml_key};
use crate::{machine, out};
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use tenure_ledger::seal::KeyEncryptionKey;

/// Where the key-encryption key is kept unless the configuration says otherwise.
const KEY_FILE: &str = "keys/key-encryption.key";

pub(crate) async fn init(cli: &Cli, args: &Init) -> Result<Exit, Failure> {
    let folder = &cli.folder;
    if folder.join("tenure.toml").exists() {
        if args.replay {
            return replay(folder).await;
        }
        return Err(Failure::new(
            "C010",
            format!("the folder {} has a tenure.toml already", folder.display()),
            "choose another folder: nothing was changed",
        ));
    }
    let key = KeyEncryptionKey::from_bytes(machine::machine().random());
    write(folder, KEY_FILE, &format!("{}\n", *key.to_base64()), 0o600)?;
    ignore(folder)?;
    for (path, text) in crate::command::skeleton::files(&args.organisation, &toml_key(&login())) {
        write(folder, path, &text, 0o644)?;
    }
    out::line(&format!(
        "{} is ready: describe your sources, systems and policy there, then",
        folder.display()
    ));
    let at = if folder == Path::new(".") { String::new() } else { format!(" -C {}", folder.display()) };
    out::line(&format!("  tenure{at} check    reads it and says what is wrong"));
    out::line(&format!("  tenure{at} plan     shows which identities it would change"));
    out::line(&format!("  tenure{at} apply    makes it the active configuration"));
    out::line(&format!("  tenure{at} run      reads the feeds and does what is due"));
    if args.replay {
        replay(folder).await?;
    }
    out::line(&format!(
        "{} seals everything else: keep a copy of it somewhere safe, and never in git",
        folder.join(KEY_FILE).display()
    ));
    Ok(Exit::Done)
}

/// Makes the database for a replay. A folder that is there already only gets that, and only where it has none.
async fn replay(folder: &Path) -> Result<Exit, Failure> {
    let settings = crate::folder::settings(folder)?;
    let database = folder.join(&*settings.database);
    if database.exists() {
        return Err(Failure::new(
            "C010",
            format!("{} exists already, and the purpose of a database never changes", database.display()),
            "choose another folder: nothing was changed",
        ));
    }
    drop(crate::wire::replay(folder, &settings).await?);
    out::line(&format!("{} is made for a replay: --now and --as work in it", database.display()));
    Ok(Exit::Done)
}

/// Keeps keys and state out of git, also where a `.gitignore` exists already.
fn ignore(folder: &Path) -> Result<(), Failure> {
    let path = folder.join(".gitignore");
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let missing = ["keys/", "state/"].into_iter().filter(|line| !before.lines().any(|l| l.trim() == *line));
    let break_before = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    let lines: String = missing.map(|line| format!("{line}\n")).collect();
    std::fs::write(&path, format!("{before}{break_before}{lines}")).map_err(Failure::unwritable(&path))
}

fn write(folder: &Path, path: &str, text: &str, mode: u32) -> Result<(), Failure> {
    let path = folder.join(path);
    let failed = Failure::unwritable(&path);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
