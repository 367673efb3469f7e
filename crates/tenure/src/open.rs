//! Opens the database of a folder: the store, the keys, and whether it holds what is kept outside it.

use crate::begin::{begin_ledger, origin};
use crate::exit::Failure;
use crate::{home, machine, private, secrets, stored};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tenure_app::{Born, Damage, Machine, Vault};
use tenure_ledger::seal::KeyEncryptionKey;
use tenure_policy::GlobalSettings;
use tenure_store::Store;
use tenure_store_sqlite::{Options, SqliteStore};

/// An open database with its keys, before any configuration is active.
#[derive(Clone)]
pub(crate) struct Base {
    pub(crate) folder: PathBuf,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) machine: Machine,
    /// What was found damaged while it was opened.
    pub(crate) damaged: Vec<Damage>,
}

/// What a command does with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// It writes: no other process may.
    Write,
    /// It reads, whatever another process does.
    Read,
    /// It reads what is there already, and makes and changes nothing.
    Peek,
}

/// Opens the database of a configuration folder. Its place and keys come from `tenure.toml` as it is on disk.
pub(crate) async fn base(folder: &Path, settings: &GlobalSettings) -> Result<Base, Failure> {
    proved(opened_as(folder, settings, Access::Write, Some(Born::Live)).await?, folder, settings).await
}

/// The same, where the database holds what the checkpoint outside it covers. A file that is no checkpoint proves nothing, and
/// delays no cut-off: it is damage.
pub(crate) async fn proved(
    mut base: Base,
    folder: &Path,
    settings: &GlobalSettings,
) -> Result<Base, Failure> {
    // The active configuration says where the checkpoint is: what the folder says now is only a proposal.
    let active = stored::settings(&base).await;
    let settings = active.as_ref().unwrap_or(settings);
    let outside = match outside(folder, settings) {
        Ok(outside) => outside,
        Err(failure) => {
            base.damaged.push(Damage::new(&failure.what, failure.what.as_bytes()));
            base.damaged.extend(lost_cut_offs(&base, &folder.join(&*settings.checkpoints)).await?);
            return Ok(base);
        }
    };
    match outside.as_deref().filter(|text| !tenure_app::is_checkpoint(text)) {
        Some(text) => {
            let what = "the checkpoint outside the database cannot be read";
            base.damaged.push(Damage::new(&what, text));
        }
        None => drop(tenure_app::proved(&*base.store, &base.vault, outside.as_deref()).await?),
    }
    base.damaged.extend(lost_cut_offs(&base, &folder.join(&*settings.checkpoints)).await?);
    Ok(base)
}

/// The file of cut-offs is there since the ledger began: where it is missing, cut-offs may be lost with it.
pub(crate) async fn lost_cut_offs(base: &Base, checkpoints: &Path) -> Result<Option<Damage>, Failure> {
    if !crate::outside::lacks_cut_offs(checkpoints) {
        return Ok(None);
    }
    let size = base.store.ledger_head().await?.size;
    let what = format!(
        "the cut-offs outside the database are missing: there is no {}",
        checkpoints.join("cut-offs").display()
    );
    // Each time that it is missing is damage of its own.
    Ok((size > 0).then(|| Damage::new(&what, size.to_be_bytes())))
}

/// A database whose folder was moved, to say so or to cut off in it.
pub(crate) async fn from_anywhere(folder: &Path, settings: &GlobalSettings) -> Result<Base, Failure> {
    let base = opened_anywhere(folder, settings, Access::Write).await?;
    home::is_here_or_moved(&base, folder, &folder.join(&*settings.database)).await?;
    proved(base, folder, settings).await
}

/// A copy of a database; no file outside is about it. The copy is where it was made: that the database itself belongs to the
/// folder was checked when it was opened to be copied.
pub(crate) async fn copied(folder: &Path, settings: &GlobalSettings) -> Result<Base, Failure> {
    opened_anywhere(folder, settings, Access::Write).await
}

/// The checkpoint that was last written outside the database.
pub(crate) fn outside(folder: &Path, settings: &GlobalSettings) -> Result<Option<String>, Failure> {
    let path = folder.join(&*settings.checkpoints).join("checkpoint");
    match crate::outside::read_outside(&path) {
        Ok(bytes) => Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())),
        Err(e) => Err(Failure::new(
            "L002",
            format!("the checkpoint outside the database, {}, cannot be read: {e}", path.display()),
            "check the path in [ledger] of tenure.toml, and its permissions",
        )),
    }
}

/// The same, also where the database is behind the checkpoint outside it: for commands that look at what is wrong.
pub(crate) async fn unproved(
    folder: &Path,
    settings: &GlobalSettings,
    access: Access,
) -> Result<Base, Failure> {
    opened_as(folder, settings, access, None).await
}

/// Makes the database of a folder for a replay.
pub(crate) async fn replay(folder: &Path, settings: &GlobalSettings) -> Result<Base, Failure> {
    opened_as(folder, settings, Access::Write, Some(Born::Replay)).await
}

/// The same on a given machine.
pub(crate) async fn replay_on(
    folder: &Path,
    settings: &GlobalSettings,
    machine: Machine,
) -> Result<Base, Failure> {
    let base = opened_on(folder, settings, Access::Write, machine).await?;
    begun(base, folder, settings, Some(Born::Replay)).await
}

/// Opens the database of the folder to which it belongs; a ledger that has no entry yet begins as what is named.
async fn opened_as(
    folder: &Path,
    settings: &GlobalSettings,
    access: Access,
    begin: Option<Born>,
) -> Result<Base, Failure> {
    let base = opened_anywhere(folder, settings, access).await?;
    begun(base, folder, settings, begin).await
}

async fn begun(
    mut base: Base,
    folder: &Path,
    settings: &GlobalSettings,
    begin: Option<Born>,
) -> Result<Base, Failure> {
    home::is_here(&base, folder, &folder.join(&*settings.database)).await?;
    if let (Some(born), Some(vault)) = (begin, Arc::get_mut(&mut base.vault)) {
        begin_ledger(folder, settings, (&*base.store, vault, &base.machine), born).await?;
    }
    Ok(base)
}

/// Opens the database that a folder names, to whichever it belongs.
async fn opened_anywhere(folder: &Path, settings: &GlobalSettings, access: Access) -> Result<Base, Failure> {
    opened_on(folder, settings, access, machine::machine()).await
}

async fn opened_on(
    folder: &Path,
    settings: &GlobalSettings,
    access: Access,
    machine: Machine,
) -> Result<Base, Failure> {
    let (store, kek) = store(folder, settings, access, &machine)?;
    let vault = Vault::open(&*store, kek, &machine, &origin(&settings.organisation)).await?;
    Ok(Base { folder: folder.to_owned(), store, vault: Arc::new(vault), machine, damaged: Vec::new() })
}

/// The store that a folder names, and the key that seals the others.
pub(crate) fn store(
    folder: &Path,
    settings: &GlobalSettings,
    access: Access,
    machine: &Machine,
) -> Result<(Arc<dyn Store>, KeyEncryptionKey), Failure> {
    let path = folder.join(&*settings.database);
    if access == Access::Peek && !path.exists() {
        return Err(none_there(&path));
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|e| {
            Failure::new(
                "C005",
                format!("{} cannot be made: {e}", parent.display()),
                "check the path in [storage] of tenure.toml",
            )
        })?;
    }
    let kek =
        KeyEncryptionKey::parse(&secrets::key(folder, &settings.key_encryption_key)?).map_err(|e| {
            Failure::invalid(
                "C006",
                format!("the key-encryption key is not one: {e}"),
                "it is 32 bytes in base64, as `tenure init` made it; a database needs the key that it was made with",
            )
        })?;
    if let Some(owner) = private::belongs_to_another(&path) {
        let text =
            format!("{} belongs to the user `{owner}`, and this command runs as another one", path.display());
        return Err(Failure::new(
            "C005",
            text,
            format!("run it as that user and stay yourself: sudo -u {owner} tenure …"),
        ));
    }
    let closed = if access == Access::Peek { Ok(()) } else { private::close_database(&path) };
    closed.map_err(|e| {
        Failure::new(
            "C005",
            format!("the permissions of other users cannot be removed from {}: {e}", path.display()),
            "run Tenure as the user to whom the database belongs",
        )
    })?;
    let clock = machine.clock.clone();
    let options = Options::by(move || clock.now());
    let beside = match access {
        Access::Read | Access::Peek => SqliteStore::open_beside(&path, &options)?,
        Access::Write => None,
    };
    let store: Arc<dyn Store> = match beside {
        Some(beside) => beside,
        None if access == Access::Peek => return Err(none_there(&path)),
        None => SqliteStore::open(&path, &options)?,
    };
    Ok((store, kek))
}

fn none_there(path: &Path) -> Failure {
    Failure::new("C005", format!("there is no database {}", path.display()), "make one with `tenure apply`")
}

/// A database in which a cut-off is ordered beside a process that has it, or while a key is missing from it.
pub(crate) async fn to_order(folder: &Path, settings: &GlobalSettings) -> Result<Base, Failure> {
    let machine = machine::machine();
    let (store, kek) = store(folder, settings, Access::Read, &machine)?;
    let vault = Vault::open_to_order(&*store, kek, &machine, &origin(&settings.organisation)).await?;
    let base =
        Base { folder: folder.to_owned(), store, vault: Arc::new(vault), machine, damaged: Vec::new() };
    home::is_here_or_moved(&base, folder, &folder.join(&*settings.database)).await?;
    Ok(base)
}
