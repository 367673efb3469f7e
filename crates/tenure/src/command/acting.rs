//! The actor and the time: the login that the kernel states, as the configuration maps it, or `--as` where that is allowed.

use crate::cli::Cli;
use crate::exit::Failure;
use crate::login::login;
use crate::{folder, stored, wire};
use tenure_app::{Actor, App, DecisionContext, Operation};

/// The moment of this command, with its actor where one is known.
pub(crate) async fn moment(cli: &Cli, app: &App) -> Result<DecisionContext, Failure> {
    let mut moment = app.clock().moment(cli.now).await?;
    moment.actor = actor(cli, app).await?;
    Ok(moment)
}

/// Refuses a caller who may not do something to the whole installation, by the active configuration of the folder's database; where no
/// configuration is active there is nothing to protect yet.
pub(crate) async fn permitted(cli: &Cli, operation: Operation) -> Result<(), Failure> {
    let settings = folder::settings(&cli.folder)?;
    if !cli.folder.join(&*settings.database).exists() {
        return Ok(());
    }
    let app = match wire::stored(cli).await {
        Err(failure) if failure.code == stored::NONE_ACTIVE => return Ok(()),
        app => app?,
    };
    let mut moment = app.clock().moment_of_plan(cli.now).await?;
    moment.actor = actor(cli, &app).await?;
    app.permit_for(operation, &moment).await?;
    Ok(())
}

/// The actor, where the configuration maps the login to a known person.
pub(crate) async fn actor(cli: &Cli, app: &App) -> Result<Option<Actor>, Failure> {
    Ok(match &cli.acting {
        Some(person) => Some(app.people().stand_in(person, Some(login())).await?),
        None => app.people().actor_of(&login()).await?,
    })
}
