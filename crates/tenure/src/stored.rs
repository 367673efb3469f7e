//! The stored configuration: used only when its content is what its hash says; for a cut-off, what can be read of it.

use crate::exit::Failure;
use crate::folder;
use crate::wire::Base;
use tenure_app::Damage;
use tenure_policy::{GlobalSettings, SetUp};
use tenure_store::{Change, SetUpRow, StoreError, Unit};

/// Earlier configurations among which one is looked for that can be read, the newest first.
const OLDER_MAX: u32 = 64;

/// The code of a database in which no configuration is active.
pub(crate) const NONE_ACTIVE: &str = "C007";

/// How much of a stored configuration must be as it was made active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Understood {
    /// All of it.
    Whole,
    /// What can be read: for reading, and for a cut-off.
    WhatCanBe,
}

/// The settings of the active configuration, where there is one and this program reads it.
pub(crate) async fn settings(base: &Base) -> Option<GlobalSettings> {
    // One that cannot be read is told where it is used.
    let active = base.store.active_set_up().await.ok()??;
    tenure_policy::load_settings(active.files.get(folder::SETTINGS_FILE)?).ok()
}

/// The active configuration, as far as it must be understood.
pub(crate) async fn active(mut base: Base, understood: Understood) -> Result<(Base, SetUp), Failure> {
    let Some(active) = active_or_last(&mut base).await? else {
        return Err(Failure::new(
            NONE_ACTIVE,
            "no configuration is active in this database",
            "make this folder's the active one with `tenure apply`",
        ));
    };
    let files: folder::Files = active.files.iter().map(|(p, t)| (p.to_string(), t.to_string())).collect();
    if tenure_policy::hash(&files).is_some_and(|hash| hash == active.hash) {
        let setup = folder::compile(&active.files)?;
        return Ok((base, setup));
    }
    let what = format!("the stored configuration {} is not what was made active", active.hash);
    let bytes: Vec<&str> = active.files.iter().flat_map(|(path, text)| [&**path, &**text]).collect();
    base.damaged.push(Damage::of_configuration(&active.hash.to_string(), bytes.concat()));
    // The folder's own files prove by their hash that they are the same.
    let folder = folder::read(&base.folder).ok();
    if let Some(loaded) = folder.and_then(|files| tenure_policy::load(&files).ok())
        && loaded.setup.hash == active.hash
    {
        return Ok((base, loaded.setup));
    }
    let error = Failure::invalid(
        "C013",
        what,
        "put back the database from a backup, or the folder's files as they were made active; `tenure cutoff` works meanwhile",
    );
    if understood == Understood::Whole {
        return Err(error);
    }
    let older = base.store.set_ups_since(jiff::Timestamp::MIN, None, OLDER_MAX).await?;
    let readable = older.iter().find_map(|row| {
        let files: folder::Files = row.files.iter().map(|(p, t)| (p.to_string(), t.to_string())).collect();
        let setup = tenure_policy::load(&files).ok()?.setup;
        (setup.hash == row.hash).then_some(setup)
    });
    let stored = || tenure_policy::load(&files).ok().map(|loaded| loaded.setup);
    // As the last choice the folder as it is now: whether an identity is cut off does not depend on what rules say.
    let folder = || folder::read(&base.folder).ok().and_then(|f| Some(tenure_policy::load(&f).ok()?.setup));
    let readable = readable.or_else(stored).or_else(folder);
    let setup = readable.ok_or(error)?;
    Ok((base, SetUp { hash: active.hash, ..setup }))
}

/// The active configuration; where the mark of which one is active is lost, the one that was made active last.
async fn active_or_last(base: &mut Base) -> Result<Option<SetUpRow>, Failure> {
    // One that cannot be read counts as none: what is kept of it shows it.
    let active = match base.store.active_set_up().await {
        Err(StoreError::Inconsistent { .. }) => None,
        active => active?,
    };
    if active.is_some() {
        return Ok(active);
    }
    let last = base.store.set_ups_since(jiff::Timestamp::MIN, None, 1).await?.into_iter().next();
    if let Some(last) = &last {
        let what = "which configuration is active cannot be read: the last one is used";
        base.damaged.push(Damage::new(&what, last.hash.to_string()));
        if !base.store.reads_only() {
            // Marked again, as it is: later decisions depend on it.
            let changes = vec![Change::Activate(last.clone())];
            base.store.commit(vec![Unit { expects: Vec::new(), changes }]).await?;
        }
    }
    Ok(last)
}
