//! `tenure ledger export`: the ledger as files that can be verified without Tenure.

use crate::cli::Cli;
use crate::exit::{self, Exit, Failure};
use crate::own::{NewFolder, refuse_own};
use crate::{out, wire};
use serde_json::json;
use std::path::Path;
use tenure_app::App;
use tenure_ledger::Checkpoint;
use tenure_ledger::note::SignedNote;

/// The file with the signed head.
const CHECKPOINT: &str = "checkpoint";

/// What was written.
pub(super) struct Published {
    pub(super) entries: u64,
    pub(super) files: u64,
    pub(super) key: String,
    /// Where the files are.
    pub(super) folder: NewFolder,
    /// Whether the database holds what the checkpoint outside it covers.
    pub(super) is_proved: bool,
}

pub(super) async fn export(cli: &Cli, folder: &Path) -> Result<Exit, Failure> {
    let Published { entries, files, key, is_proved, .. } = publish_to(cli, folder).await?;
    let exit = if is_proved { Exit::Done } else { Exit::Open };
    if cli.json {
        out::json(&json!({ "entries": entries, "files": files, "key": key, "proved": is_proved }));
        return Ok(exit);
    }
    let (entries, files) = (out::count(entries, "entry"), out::count(files, "file"));
    out::line(&format!("{entries} in {files} below {}", folder.display()));
    out::line("an auditor verifies them with the public key and nothing else:");
    out::line(&format!("  tenure ledger check --files {} --key '{key}'", folder.display()));
    Ok(exit)
}

/// Publishes the ledger below a folder, never below one of Tenure's own.
pub(super) async fn publish_to(cli: &Cli, folder: &Path) -> Result<Published, Failure> {
    let app = wire::ledger(cli).await?;
    let moment = crate::command::acting::moment(cli, &app).await?;
    app.permit_for(tenure_app::Operation::Export, &moment).await?;
    refuse_own(&cli.folder, &app.context.setup, folder)?;
    let is_proved = is_proved(cli, &app).await?;
    let new = NewFolder::made(folder)?;
    // Once more for what is there now: a part of the path may be a link.
    refuse_own(&cli.folder, &app.context.setup, new.path())?;
    not_over_a_newer_one(&app, &new).await?;
    let spinner = out::spinner("exporting the ledger");
    let mut files = 0_u64;
    let checkpoint = app
        .proof()
        .publish_ledger(&mut |path, bytes| {
            files += 1;
            new.write(path, bytes)
        })
        .await?;
    spinner.finish_and_clear();
    Ok(Published { entries: checkpoint.size, files, key: app.public_key(), folder: new, is_proved })
}

/// Says where the database is behind the checkpoint outside it: then the files end before it.
async fn is_proved(cli: &Cli, app: &App) -> Result<bool, Failure> {
    let outside = wire::outside(&cli.folder, &app.context.setup.settings)?;
    match app.proved(outside.as_deref()).await {
        Ok(_) => Ok(true),
        Err(e) => {
            exit::tell(&Failure::from(e));
            out::note("the files hold what the database has, and not what the checkpoint outside it covers");
            Ok(false)
        }
    }
}

/// Refuses a folder whose checkpoint is of another ledger, or covers more than this database has.
async fn not_over_a_newer_one(app: &App, new: &NewFolder) -> Result<(), Failure> {
    let Some(bytes) = new.read(CHECKPOINT)? else { return Ok(()) };
    let refuse = |why: String| {
        Failure::invalid(
            "L007",
            format!("{} {why}", new.path().join(CHECKPOINT).display()),
            "name a new folder, or one to which this ledger was exported before",
        )
    };
    let stated = SignedNote::parse(&bytes).ok().and_then(|note| Checkpoint::parse_text(note.text()).ok());
    let Some(stated) = stated else { return Err(refuse("is no checkpoint of this ledger".to_owned())) };
    let key = super::parse_key(&app.public_key_of(&stated.origin)?)?;
    let there = Checkpoint::open(&bytes, &[key])
        .map_err(|e| refuse(format!("was not signed by this ledger: {e}")))?;
    let size = app.ledger_size().await?;
    if app.public_key_of(&there.origin)? == app.public_key() && there.size > size {
        let text = format!("covers {}, and the database has {size}", out::count(there.size, "entry"));
        return Err(refuse(text));
    }
    Ok(())
}
