//! Writes the signed head of the ledger outside the database.

use crate::cli::Cli;
use crate::exit::Failure;
use crate::wire;

/// Signs the ledger's head and writes it outside the database, where an older one or none is.
pub(crate) async fn publish(cli: &Cli, app: &tenure_app::App) -> Result<(), Failure> {
    let moment = app.clock().moment(cli.now).await?;
    app.damage_reports().note_met(&moment).await?;
    publish_to(&cli.folder, app).await
}

/// The same for a folder.
pub(crate) async fn publish_to(folder: &std::path::Path, app: &tenure_app::App) -> Result<(), Failure> {
    let settings = &app.context.setup.settings;
    let outside = match wire::outside(folder, settings) {
        // What is at its path stays as it is until a member of the escalation group has dealt with it.
        Err(_) if !app.damage_reports().damaged().await?.is_empty() => return Ok(()),
        outside => outside?,
    };
    match outside.as_deref().filter(|text| !tenure_app::is_checkpoint(text)) {
        // What cannot be read stays as it is until a member of the escalation group has dealt with it.
        Some(_) if !app.damage_reports().damaged().await?.is_empty() => return Ok(()),
        Some(_) => {}
        // Never over one that is ahead of this database: another host has written a newer one.
        None => drop(app.proved(outside.as_deref()).await?),
    }
    let text = app.proof().checkpoint().await?;
    if outside.as_deref() == Some(&*text) {
        return Ok(());
    }
    crate::outside::write_checkpoint(&folder.join(&*settings.checkpoints), &text)
}
