//! Writes the signed head of the ledger outside the database.

use crate::cli::Cli;
use crate::exit::Failure;

/// Signs the ledger's head and writes it outside the database.
pub(crate) async fn publish(cli: &Cli, app: &tenure_app::App) -> Result<(), Failure> {
    publish_to(&cli.folder, app).await
}

/// The same for a folder.
pub(crate) async fn publish_to(folder: &std::path::Path, app: &tenure_app::App) -> Result<(), Failure> {
    let Some(text) = app.checkpoint().await? else { return Ok(()) };
    let folder = folder.join(&*app.context.setup.settings.checkpoints);
    let failed = |e: std::io::Error| {
        Failure::new(
            "L002",
            format!("the checkpoint cannot be written to {}: {e}", folder.display()),
            "check the path in [ledger] of tenure.toml",
        )
    };
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let partial = folder.join("checkpoint.part");
    std::fs::write(&partial, text.as_bytes()).map_err(failed)?;
    std::fs::rename(&partial, folder.join("checkpoint")).map_err(failed)
}
